"""The template: what the contracts declare is in it, and what is filled in passes the check."""

import csv
import hashlib
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.dimensions import ColumnDimension
from openpyxl.worksheet.worksheet import Worksheet
from rules.sound import Rows, sound, write_folder

from data_contracts.checking import Report, check
from data_contracts.code_lists import CODES, load_code_lists
from data_contracts.contract import CONTRACTS, Column, Contract, load_contracts
from data_contracts.delivery import read_delivery
from data_contracts.errors import UnreadableInput, WrongUse
from data_contracts.language import use_language
from data_contracts.template import write_template
from data_contracts.template.cells import MESSAGE_LIMIT, OWN_SHEETS, TITLE_LIMIT, example
from data_contracts.template.sheets import LAST_ROW
from data_contracts.yaml_file import load_yaml

COLUMNS = [(contract, column) for contract in load_contracts().values() for column in contract.columns]
IDS = [f"{contract.name}.{column.name}" for contract, column in COLUMNS]
MADE_ON = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _dutch() -> Iterator[None]:
    use_language("nl")
    yield
    use_language(None)


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "levering.xlsx"
    use_language("nl")
    write_template(path, made_on=MADE_ON)
    return path


@pytest.fixture(scope="module")
def book(blank: Path) -> Workbook:
    return openpyxl.load_workbook(blank)


def validation_of(sheet: Worksheet, header: str) -> DataValidation:
    """The one validation of the cells under a header."""
    letter = letter_of(sheet, header)
    found = [v for v in sheet.data_validations.dataValidation if str(v.sqref) == f"{letter}2:{letter}{LAST_ROW + 1}"]
    assert len(found) == 1
    return found[0]


def letter_of(sheet: Worksheet, header: str) -> str:
    return next(cell.column_letter for cell in sheet[1] if cell.value == header)


def named_codes(book: Workbook, name: str) -> list[str]:
    """The cells to which a name of the workbook leads."""
    ((sheet, cells),) = book.defined_names[name].destinations
    return [cell.value for (cell,) in book[sheet][cells.replace("$", "")]]


def filled(blank: Path, rows: Rows, path: Path) -> Path:
    """Type rows into a copy of the template with openpyxl."""
    book = openpyxl.load_workbook(blank)
    for name, table in rows.items():
        for number, row in enumerate(table, start=2):
            for place, cell in enumerate(book[name][1], start=1):
                if row.get(cell.value) is not None:
                    book[name].cell(number, place).value = row[cell.value]
    book.save(path)
    return path


def pasted(blank: Path, rows: Rows, path: Path) -> Path:
    """Paste text from csv files into a copy of the template, as an export has it."""
    book = openpyxl.load_workbook(blank)
    for file in write_folder(rows, path.with_suffix("")).iterdir():
        with file.open(encoding="utf-8-sig", newline="") as lines:
            for number, row in enumerate(list(csv.reader(lines, delimiter=";"))[1:], start=2):
                for place, text in enumerate(row, start=1):
                    book[file.stem].cell(number, place).value = text or None
    book.save(path)
    return path


def shown_example(book: Workbook) -> Rows:
    """The example as the template shows it, as rows to fill in."""
    rows: Rows = {contract.sheet: [{}] for contract in load_contracts().values()}
    for sheet, header, value, *_rest in book["voorbeeld"].iter_rows(min_row=2, values_only=True):
        rows[sheet][0][header] = value
    return rows


@pytest.fixture(scope="module")
def reports(blank: Path, book: Workbook, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:
    """The reports on templates filled in several ways, each checked without a mapping."""
    folder = tmp_path_factory.mktemp("gevuld")
    filled(blank, sound(0), folder / "getypt.xlsx")
    pasted(blank, sound(1), folder / "geplakt.xlsx")
    shutil.rmtree(folder / "geplakt")
    filled(blank, shown_example(book), folder / "voorbeeld.xlsx")
    label, wrong = sound(2), sound(3)
    label["onderzoeken"][0]["eenheid"] = "Amsterdam"
    wrong["onderzoeken"][3]["zwaarte"] = "bestaat_niet"
    filled(blank, label, folder / "omschrijving.xlsx")
    filled(blank, wrong, folder / "fout.xlsx")
    found = {delivery.name.removesuffix(".xlsx"): check([delivery])[0] for delivery in read_delivery(folder)}
    assert len(found) == 5
    return found


def frame(report: Report, table: str) -> pd.DataFrame:
    return report.deliveries[0].tables[table].frame


def assert_sound(report: Report, rows: Rows) -> None:
    """Every row was read as one row, and no rule objects to any."""
    tables = report.deliveries[0].tables
    assert {load_contracts()[table].sheet: len(found.frame) for table, found in tables.items()} == {
        sheet: len(table) for sheet, table in rows.items()
    }
    assert report.breaches[["rule", "row"]].values.tolist() == []
    assert report.accepted


# ---- what is in it


def test_the_sheets_are_those_of_the_contracts_between_instructions_example_and_codes(book: Workbook):
    tables = [contract.sheet for contract in load_contracts().values()]
    assert book.sheetnames == ["uitleg", *tables, "voorbeeld", "codelijsten"]
    assert book.active.title == "uitleg"


def test_the_first_row_of_every_sheet_holds_the_headers_of_the_contract_and_nothing_else(book: Workbook):
    for contract in load_contracts().values():
        assert [cell.value for cell in book[contract.sheet][1]] == [column.header for column in contract.columns]


def test_nothing_is_filled_in_but_the_contract_version(book: Workbook):
    typed = {
        (contract.sheet, cell.coordinate): cell.value
        for contract in load_contracts().values()
        for row in book[contract.sheet].iter_rows(min_row=2)
        for cell in row
        if cell.value is not None
    }
    letter = letter_of(book["levering"], "contractversie")
    assert typed == {("levering", f"{letter}2"): load_contracts()["delivery"].version}


@pytest.mark.parametrize(("contract", "column"), COLUMNS, ids=IDS)
def test_every_header_has_a_note_with_what_the_contract_says(book: Workbook, contract: Contract, column: Column):
    sheet = book[contract.sheet]
    note = sheet[f"{letter_of(sheet, column.header)}1"].comment
    assert note.text.startswith("VERPLICHT\n" if column.required else "Mag leeg blijven\n")
    assert column.description["nl"] in note.text
    assert (f"uit de lijst {column.code_list}." in note.text) == bool(column.code_list)
    assert ("Voorbeeld: " in note.text) == bool(example(contract, column))


def test_no_other_cell_of_a_data_sheet_has_a_note(book: Workbook):
    for contract in load_contracts().values():
        noted = [cell for row in book[contract.sheet].iter_rows() for cell in row if cell.comment]
        assert [(cell.row, cell.value) for cell in noted] == [(1, column.header) for column in contract.columns]


@pytest.mark.parametrize(("contract", "column"), COLUMNS, ids=IDS)
def test_every_column_allows_what_its_contract_allows(book: Workbook, contract: Contract, column: Column):
    found = validation_of(book[contract.sheet], column.header)
    if column.code_list:
        assert found.type == "list"
        assert named_codes(book, found.formula1) == list(load_code_lists()[column.code_list].codes)
    elif column.logical_type == "boolean":
        assert (found.type, found.formula1) == ("list", '"ja,nee"')
    elif column.name == "contract_version":
        assert found.type == "list"
        assert contract.version in found.formula1.strip('"').split(",")
    else:
        assert found.type == {"date": "date", "integer": "whole", "string": "textLength"}[column.logical_type]
    assert found.errorStyle in (None, "stop")
    assert found.allow_blank
    assert found.errorTitle == column.header[:TITLE_LIMIT]
    assert 0 < len(found.error) <= MESSAGE_LIMIT


def test_there_are_as_many_drop_downs_and_checks_as_columns(book: Workbook):
    for contract in load_contracts().values():
        assert len(book[contract.sheet].data_validations.dataValidation) == len(contract.columns)


def test_bounds_are_those_of_the_error_rules_of_the_contract(book: Workbook):
    year = validation_of(book["formatie"], "jaar")
    assert (year.operator, year.formula1, year.formula2) == (None, "2000", "2100")  # None: between
    opened = validation_of(book["onderzoeken"], "geopend_op")
    assert opened.formula1 == str((date(1990, 1, 1) - date(1899, 12, 30)).days)
    assert "De dag ligt na 31-12-1989." in opened.error
    term = validation_of(book["gedragingen"], "proeftijd_maanden")  # its rule is a warning: a point to check
    assert (term.operator, term.formula1, term.formula2) == ("greaterThanOrEqual", "0", None)


def test_every_name_of_the_workbook_is_a_code_list_that_a_column_uses(book: Workbook):
    assert set(book.defined_names) == {f"codes_{column.code_list}" for _contract, column in COLUMNS if column.code_list}


def test_the_sheet_of_code_lists_says_what_every_code_means_and_when_it_holds(book: Workbook):
    rows = [[cell.value or "" for cell in row] for row in book["codelijsten"].iter_rows(min_row=2)]
    used = {column.code_list for _contract, column in COLUMNS if column.code_list}
    expected = [
        [name, codes.title["nl"], code.code, code.label["nl"], code.label["en"],
         *(f"{day:%d-%m-%Y}" if day else "" for day in (code.valid_from, code.valid_to))]
        for name, codes in load_code_lists().items() if name in used for code in codes.codes.values()
    ]  # fmt: skip
    assert [row[:7] for row in rows] == expected
    assert {row[7] for row in rows} - {""} == {load_code_lists()[name].source for name in used}


def test_the_message_beside_a_cell_with_codes_says_what_they_mean_or_where_that_stands(book: Workbook):
    weight = validation_of(book["onderzoeken"], "zwaarte")
    assert weight.showInputMessage
    assert weight.prompt == "licht = licht; middel = middel; zwaar = zwaar"
    penalty = validation_of(book["gedragingen"], "eerste_straf")
    assert penalty.prompt == "Kies een code. De betekenis staat in het blad codelijsten, lijst penalty."


def test_a_required_header_differs_from_another_in_more_than_colour(book: Workbook):
    for contract, column in COLUMNS:
        font = book[contract.sheet][f"{letter_of(book[contract.sheet], column.header)}1"].font
        assert (font.bold, font.italic) == (column.required, not column.required), column.header


def test_headers_are_protected_and_frozen_and_the_rest_is_free(book: Workbook):
    for contract in load_contracts().values():
        sheet = book[contract.sheet]
        assert sheet.protection.sheet
        assert sheet.protection.password is None
        for allowed in ("insertRows", "deleteRows", "formatColumns", "sort", "autoFilter"):
            assert getattr(sheet.protection, allowed) is False, allowed  # False: not forbidden
        assert all(cell.protection.locked for cell in sheet[1])
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref.startswith("A1:")
        assert sheet.column_dimensions["A"].protection.locked is False
        last = list(sheet.column_dimensions.values())[-1]
        assert (last.max, last.protection.locked) == (16384, False)  # a row with one locked cell cannot be deleted


def test_columns_have_the_format_of_their_type_and_room_for_their_header(book: Workbook):
    formats = {"string": "@", "boolean": "@", "date": "dd-mm-yyyy", "integer": "0"}
    for contract, column in COLUMNS:
        dimension = column_of(book[contract.sheet], column.header)
        assert dimension.number_format == formats[column.logical_type]
        assert dimension.width > len(column.header) + 3


def column_of(sheet: Worksheet, header: str) -> ColumnDimension:
    return dimension_of(sheet, next(cell.column for cell in sheet[1] if cell.value == header))


def dimension_of(sheet: Worksheet, number: int) -> ColumnDimension:
    """The format of a column; a file holds one for a group of like columns."""
    return next(found for found in sheet.column_dimensions.values() if found.min <= number <= found.max)


def width_of(sheet: Worksheet, number: int) -> float:
    return dimension_of(sheet, number).width


def test_every_sheet_prints_landscape_and_legible_with_its_headers_repeated(book: Workbook):
    for sheet in book:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.fitToHeight == 0
        pages = sheet.page_setup.fitToWidth or 1  # absent: one
        assert sum(width_of(sheet, cell.column) for cell in sheet[1]) <= pages * 250
        assert sheet.print_title_rows == (None if sheet.title == "uitleg" else "$1:$1")


def test_the_workbook_names_nobody_and_merges_no_cells(blank: Path, book: Workbook):
    assert (book.properties.creator, book.properties.lastModifiedBy) in ((None, None), ("", ""))
    assert book.properties.title
    assert not any(sheet.merged_cells.ranges for sheet in book)
    with zipfile.ZipFile(blank) as parts:
        assert not [name for name in parts.namelist() if "external" in name.lower() or name.endswith(".bin")]
        written = b"".join(
            parts.read(name) for name in parts.namelist() if name.startswith(("xl/comments", "docProps"))
        )
    assert set(re.findall(rb"<(?:author|dc:creator|cp:lastModifiedBy)>(.*?)</", written)) == {b""}


def test_the_same_template_has_the_same_bytes_and_is_small(blank: Path, tmp_path: Path):
    again = tmp_path / "opnieuw.xlsx"
    write_template(again, made_on=MADE_ON)
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(blank.read_bytes()).digest()
    assert blank.stat().st_size < 150_000


# ---- words


def instructions(book: Workbook) -> str:
    return "\n".join(str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row if cell.value)


def test_the_instructions_say_the_version_the_day_the_required_sheets_and_what_never(book: Workbook):
    text = instructions(book)
    assert f"Versie {load_contracts()['delivery'].version}. Sjabloon gemaakt op 23-11-2026." in text
    assert re.search("levering .* onderzoeken .* bladen zijn verplicht", text)
    for word in ("BSN", "Geen namen", "toetssteen check", "Plakken > Waarden", "zonder wachtwoord"):
        assert word in text


def test_every_sheet_is_named_in_the_instructions_and_a_click_leads_there(book: Workbook):
    links = {
        cell.value: cell.hyperlink.location for row in book["uitleg"].iter_rows() for cell in row if cell.hyperlink
    }
    assert links == {name: f"'{name}'!A1" for name in book.sheetnames[1:]}


def test_in_english_the_words_are_english_and_the_contract_stays_dutch(tmp_path: Path, book: Workbook):
    use_language("en")
    write_template(tmp_path / "delivery.xlsx", made_on=MADE_ON)
    english = openpyxl.load_workbook(tmp_path / "delivery.xlsx")
    assert english.sheetnames == [OWN_SHEETS["instructions"]["en"], *book.sheetnames[1:-2],
                                  OWN_SHEETS["example"]["en"], OWN_SHEETS["codes"]["en"]]  # fmt: skip
    for contract, column in COLUMNS:
        letter = letter_of(english[contract.sheet], column.header)
        assert column.description["en"] in english[contract.sheet][f"{letter}1"].comment.text
    for word in (" de ", " het ", "Verplicht", "VERPLICHT"):
        assert word not in instructions(english)
    assert named_codes(english, "codes_unit") == named_codes(book, "codes_unit")


# ---- the example


def test_the_example_names_only_columns_that_exist():
    declared = load_yaml(Path(write_template.__code__.co_filename).parent / "example.yaml")
    assert {f"{table}.{column}" for table, row in declared.items() for column in row} <= set(IDS)
    assert set(declared) == set(load_contracts())


def test_the_example_sheet_shows_every_column_and_its_example_is_a_sound_delivery(
    book: Workbook, reports: dict[str, Report]
):
    shown = list(book["voorbeeld"].iter_rows(min_row=2, max_col=2, values_only=True))
    assert shown == [(contract.sheet, column.header) for contract, column in COLUMNS]
    assert_sound(reports["voorbeeld"], shown_example(book))


def test_the_example_is_never_counted_as_a_case(reports: dict[str, Report]):
    numbers = frame(reports["getypt"], "cases")["case_id"]
    assert len(numbers) == len(sound(0)["onderzoeken"])
    assert example(load_contracts()["cases"], load_contracts()["cases"].column("case_id")) not in set(numbers)


# ---- filling it


def test_a_typed_template_passes_the_check_without_a_mapping_and_without_a_finding(reports: dict[str, Report]):
    assert_sound(reports["getypt"], sound(0))


def test_pasting_text_from_a_csv_export_passes_the_check(reports: dict[str, Report]):
    assert_sound(reports["geplakt"], sound(1))
    conversions = reports["geplakt"].deliveries[0].tables["cases"].conversions
    assert conversions["opened_on"] == {"dutch_date": len(sound(1)["onderzoeken"])}


def test_a_label_instead_of_a_code_is_understood(reports: dict[str, Report]):
    assert_sound(reports["omschrijving"], sound(2))
    assert frame(reports["omschrijving"], "cases")["unit"].tolist()[0] == "AMS"


def test_a_wrong_code_that_was_pasted_is_found_in_its_cell(reports: dict[str, Report]):
    found = reports["fout"].breaches[["rule", "sheet", "row", "column", "header"]].values.tolist()
    assert found == [["cases.complexity_known_code", "onderzoeken", 5, "J", "zwaarte"]]


def test_a_filled_template_keeps_its_drop_downs_and_notes_in_openpyxl(blank: Path, tmp_path: Path):
    again = openpyxl.load_workbook(filled(blank, sound(0), tmp_path / "gevuld.xlsx"))
    assert validation_of(again["onderzoeken"], "soort").formula1 == "codes_kind"
    assert again["onderzoeken"]["A1"].comment.text.startswith("VERPLICHT")


def test_a_template_saved_by_libreoffice_as_ods_and_then_as_xlsx_holds_the_same(blank: Path, tmp_path: Path):
    if shutil.which("soffice") is None:
        pytest.skip("soffice is not on this machine: no LibreOffice round trip")
    path = filled(blank, sound(0), tmp_path / "gevuld.xlsx")
    (before,) = read_delivery(path)
    for form in ("ods", "xlsx"):
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        command = ["soffice", profile, "--headless", "--convert-to", form, "--outdir", str(tmp_path / form), str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        path = tmp_path / form / f"gevuld.{form}"
        (after,) = read_delivery(path)
        for table, found in before.tables.items():
            pd.testing.assert_frame_equal(after.tables[table].frame, found.frame)
            pd.testing.assert_frame_equal(after.tables[table].flags, found.flags)
    sheet = openpyxl.load_workbook(path)["onderzoeken"]
    kind = [v for v in sheet.data_validations.dataValidation if v.formula1 == "codes_kind"]
    assert [str(v.sqref).split(":")[0] for v in kind] == ["D2"]  # to which row, LibreOffice decides itself
    assert sheet.protection.sheet
    assert sheet["A1"].comment.text.startswith("VERPLICHT")


# ---- refusals


def test_a_template_in_which_nothing_is_filled_in_is_refused_in_one_sentence(blank: Path):
    with pytest.raises(UnreadableInput) as refusal:
        read_delivery(blank)
    assert str(refusal.value) == (
        "levering.xlsx is nog leeg: er staan geen gegevens in. Vul ten minste de bladen levering en onderzoeken in."
    )


def test_a_template_is_never_written_over_something_that_is_there(blank: Path):
    before = blank.read_bytes()
    with pytest.raises(WrongUse, match=r"levering\.xlsx bestaat al"):
        write_template(blank)
    assert blank.read_bytes() == before


def test_a_template_is_an_excel_workbook_and_says_so(tmp_path: Path):
    with pytest.raises(WrongUse, match=r"levering\.csv: een sjabloon is een Excel-werkmap"):
        write_template(tmp_path / "levering.csv")
    assert list(tmp_path.iterdir()) == []


# ---- declared, then derived


def test_a_new_code_and_a_new_column_are_in_the_template_without_code(tmp_path: Path):
    shutil.copytree(CONTRACTS, tmp_path / "contracts")
    shutil.copytree(CODES, tmp_path / "codes")
    contract, codes = tmp_path / "contracts" / "cases.odcs.yaml", tmp_path / "codes" / "complexity.yaml"
    codes.write_text(codes.read_text("utf-8") + "  kolossaal: {nl: kolossaal, en: colossal}\n", "utf-8")
    added = (
        "  - id: stopped\n    name: stopped\n    physicalName: klok_stil\n    logicalType: boolean\n"
        "    classification: non-personal\n    description: Staat de klok stil?\n"
        "    customProperties:\n    - {property: descriptionEn, value: 'Does the clock stand still?'}\n"
    )
    columns, rules = contract.read_text("utf-8").split("\n  quality:\n")
    contract.write_text(f"{columns}\n{added}  quality:\n{rules}", "utf-8")
    write_template(
        tmp_path / "nieuw.xlsx",
        contracts=load_contracts(tmp_path / "contracts"),
        code_lists=load_code_lists(tmp_path / "codes"),
    )
    book = openpyxl.load_workbook(tmp_path / "nieuw.xlsx")
    sheet = book["onderzoeken"]
    assert named_codes(book, "codes_complexity")[-1] == "kolossaal"
    assert validation_of(sheet, "klok_stil").formula1 == '"ja,nee"'
    assert "Staat de klok stil?" in sheet[f"{letter_of(sheet, 'klok_stil')}1"].comment.text
    assert ["onderzoeken", "klok_stil"] in [[c.value for c in row[:2]] for row in book["voorbeeld"].iter_rows()]
