"""Pseudonyms link the same person everywhere, cannot be undone, and leave nothing of the original behind."""

import csv
import hashlib
import hmac
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from rules.sound import sound, write_workbook

from data_contracts import check, read_delivery
from data_contracts.errors import Refused, UnreadableInput, WrongUse
from data_contracts.privacy.gate import is_pseudonym
from data_contracts.privacy.pseudonym_key import make_key
from data_contracts.privacy.pseudonyms import HEX_DIGITS, normalised, pseudonym, pseudonymise
from data_contracts.reading.files import read_file

KEY = bytes(range(7, 39))
NUMBERS = [4_711_003 + 9_137 * n for n in range(12)]


@pytest.fixture
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key far from the data."""
    path = tmp_path_factory.mktemp("kluis") / "sleutel.txt"
    make_key(path)
    return path


def export(
    path: Path, *, numbers: list[Any] | None = None, header: str = "Personeelsnummer", **others: list[Any]
) -> Path:
    """A workbook with a banner, and one row a person."""
    values = NUMBERS if numbers is None else numbers
    path.parent.mkdir(exist_ok=True)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Export"
    sheet.append(["Overzicht 2024"])
    sheet.append(["zaak", header, "datum", *others])
    for n, value in enumerate(values):
        sheet.append([f"Z-{n:04}", value, date(2024, 1, 1 + n), *(column[n] for column in others.values())])
    book.save(path)
    return path


def column(path: Path, header: str) -> list[Any]:
    rows = read_file(path)[1][0].rows
    at = next(n for n, row in enumerate(rows) if header in row)
    return [row[rows[at].index(header)] for row in rows[at + 1 :]]


# The pseudonym of one value


def test_a_pseudonym_is_the_start_of_an_hmac_of_letter_and_value():
    by_hand = hmac.new(KEY, b"B\x00123456", hashlib.sha256).hexdigest()
    assert pseudonym("123456", KEY) == f"B-{by_hand[:12]}"
    assert pseudonym("123456", KEY, hex_digits=20) == f"B-{by_hand[:20]}"


def test_the_hmac_is_that_of_rfc_4231():
    # RFC 4231, test case 2: key "Jefe", data "what do ya want for nothing?"
    assert hmac.digest(b"Jefe", b"what do ya want for nothing?", "sha256").hex().startswith("5bdcc146bf60754e6a042426")


@pytest.mark.parametrize(
    "spelling", ["123456", " 123456 ", "00123456", "123.456", "123 456", "123456.0", "0123456.0", "123\u00a0456"]
)
def test_one_number_in_any_spelling_is_one_person(spelling: str):
    assert pseudonym(spelling, KEY) == pseudonym("123456", KEY)


@pytest.mark.parametrize("spelling", ["Çelik, A.B.", "çelik,  a.b.", "ÇELIK, A.B. ", "C\u0327elik, A.B."])
def test_one_name_in_any_spelling_is_one_person(spelling: str):
    assert normalised(spelling) == "çelik, a.b."


def test_different_values_letters_and_keys_give_different_pseudonyms():
    made = {pseudonym(value, key, letter=letter) for value in ("123456", "123457", "1234560", "P123456", "12345.6")
            for key in (KEY, KEY[::-1]) for letter in "BL"}  # fmt: skip
    assert len(made) == 20


def test_a_pseudonym_of_any_length_passes_the_gate():
    for digits in (8, 12, 16, 64):
        assert all(is_pseudonym(pseudonym(str(number), KEY, hex_digits=digits)) for number in range(5_000))


# A workbook


def test_a_column_is_replaced_and_nothing_else_changes(tmp_path: Path, key: Path):
    source = export(tmp_path / "in" / "export.xlsx", aantal=list(range(12)), gedrag=["n.v.t."] * 12)
    before = source.read_bytes()
    done = pseudonymise(source, columns=["personeelsnummer"], key_file=key, out=tmp_path / "uit.xlsx")
    assert [(c.sheet, c.header, c.cells, c.persons) for c in done.columns] == [("Export", "Personeelsnummer", 12, 12)]
    old, new = (read_file(path)[1][0].rows for path in (source, tmp_path / "uit.xlsx"))
    made = bytes.fromhex(key.read_text())
    assert [row[1] for row in new[2:]] == [pseudonym(str(number), made) for number in NUMBERS]
    assert [[*row[:1], *row[2:]] for row in new] == [[*row[:1], *row[2:]] for row in old]
    assert source.read_bytes() == before


def test_links_survive_over_files_forms_and_years_and_roles_stay_apart(tmp_path: Path, key: Path):
    export(tmp_path / "in" / "2023.xlsx")
    with (tmp_path / "in" / "2024.csv").open("w", encoding="utf-8") as file:
        file.write("dienstnr;lezer\n" + "".join(f"0{number};{number}\n" for number in NUMBERS))
    pseudonymise(tmp_path / "in", columns=["Personeelsnummer", "dienstnr", "lezer"], key_file=key, out=tmp_path / "uit")
    workbook, text = tmp_path / "uit" / "2023.xlsx", tmp_path / "uit" / "2024.csv"
    assert column(workbook, "Personeelsnummer") == column(text, "dienstnr")
    assert not {value[2:] for value in column(text, "dienstnr")} & {value[2:] for value in column(text, "lezer")}
    assert {value[0] for value in column(text, "lezer")} == {"L"}
    later = export(tmp_path / "later" / "2025.xlsx", numbers=NUMBERS[::-1])
    pseudonymise(later, columns=["Personeelsnummer"], key_file=key, out=tmp_path / "2025.xlsx")
    assert column(tmp_path / "2025.xlsx", "Personeelsnummer") == column(workbook, "Personeelsnummer")[::-1]


def test_another_key_gives_other_pseudonyms(tmp_path: Path, key: Path):
    make_key(key.with_name("tweede.txt"))
    source = export(tmp_path / "in" / "export.xlsx")
    for name, file in (("a", key), ("b", key.with_name("tweede.txt"))):
        pseudonymise(source, columns=["Personeelsnummer"], key_file=file, out=tmp_path / f"{name}.xlsx")
    first, second = (set(column(tmp_path / f"{name}.xlsx", "Personeelsnummer")) for name in "ab")
    assert not first & second


def test_a_letter_can_be_chosen(tmp_path: Path, key: Path):
    source = export(tmp_path / "in" / "export.xlsx")
    pseudonymise(source, columns=["Personeelsnummer=OF"], key_file=key, out=tmp_path / "uit.xlsx")
    assert all(value.startswith("OF-") for value in column(tmp_path / "uit.xlsx", "Personeelsnummer"))
    with pytest.raises(WrongUse, match="hoofdletter"):
        pseudonymise(source, columns=["Personeelsnummer=1"], key_file=key, out=tmp_path / "uit2.xlsx")


def test_empty_stays_empty_and_words_for_nobody_stay(tmp_path: Path, key: Path):
    values = [None, "n.v.t.", "N.V.T.", "-", "onbekend", "P00123", "  "]
    source = export(tmp_path / "in" / "export.xlsx", numbers=values)
    pseudonymise(source, columns=["Personeelsnummer"], key_file=key, out=tmp_path / "uit.xlsx")
    after = column(tmp_path / "uit.xlsx", "Personeelsnummer")
    assert [after[n] for n in (0, 1, 2, 3, 4)] == [None, "n.v.t.", "N.V.T.", "-", "onbekend"]
    assert is_pseudonym(after[5])


# Nothing left behind


def _hidden_places(book: openpyxl.Workbook) -> None:
    """Put the numbers in every corner of a workbook that openpyxl can write."""
    sheet, first, second = book.active, str(NUMBERS[0]), str(NUMBERS[1])
    sheet["B3"].comment = Comment(f"dit is {first}", f"auteur {second}")
    rule = DataValidation(type="list", formula1=f'"{first},{second}"')
    sheet.add_data_validation(rule)
    rule.add("D3")
    sheet["F3"] = f"=B3&{first}"
    sheet["B3"].hyperlink = f"https://voorbeeld.nl/{first}"
    sheet.oddHeader.center.text = f"kop {first}"
    sheet.print_title_rows = "1:2"
    sheet.conditional_formatting.add("B3:B9", openpyxl.formatting.rule.CellIsRule(operator="equal", formula=[first]))
    sheet.column_dimensions["C"].hidden = True
    sheet.row_dimensions[5].hidden = True
    book.defined_names["wie"] = DefinedName("wie", attr_text=f'"{first}"')
    properties = book.properties
    properties.creator, properties.title, properties.keywords = f"maker {first}", second, first
    properties.lastModifiedBy, properties.description, properties.category = second, first, second


def _everything(path: Path) -> str:
    with zipfile.ZipFile(path) as book:
        return "\n".join(f"{name} {book.read(name).decode('utf-8', 'replace')}" for name in book.namelist())


def test_no_original_is_left_anywhere_in_the_unpacked_copy(tmp_path: Path, key: Path):
    source = export(tmp_path / "in" / "export.xlsx")
    book = openpyxl.load_workbook(source)
    _hidden_places(book)
    hidden = book.create_sheet("oud")
    hidden.sheet_state = "veryHidden"
    hidden.append(["zaak", "personeelsnummer"])
    for number in NUMBERS:
        hidden.append(["Z", f"0{number}"])
    book.save(source)
    corners = _everything(source)
    assert corners.count(str(NUMBERS[0])) > 10  # they are really there
    done = pseudonymise(source, columns=["personeelsnummer"], key_file=key, out=tmp_path / "uit.xlsx")
    assert [(c.sheet, c.cells) for c in done.columns] == [("Export", 12), ("oud", 12)]
    unpacked = _everything(tmp_path / "uit.xlsx").replace("<f>NA()</f>", "")  # a formula that had no value
    for number in NUMBERS:
        assert str(number) not in unpacked
    for part in (
        "comment",
        "dataValidation",
        "definedName",
        "hyperlink",
        "<f>",
        "conditionalFormatting",
        "pivot",
        "hidden",
    ):
        assert part not in unpacked, part
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".")]


@pytest.mark.parametrize(
    "change",
    [
        lambda sheet: sheet.cell(6, 5, f"gesproken met {NUMBERS[4]}"),
        lambda sheet: sheet.cell(1, 1, f"lijst van {NUMBERS[4]}"),
        lambda sheet: [sheet.cell(3 + n, 5, number) for n, number in enumerate(NUMBERS)],
        lambda sheet: setattr(sheet, "title", f"over {NUMBERS[4]}"),
    ],
)
def test_a_number_that_stands_elsewhere_too_is_refused_and_nothing_is_written(
    tmp_path: Path, key: Path, change: Callable[[Any], Any]
):
    source = export(tmp_path / "in" / "export.xlsx")
    book = openpyxl.load_workbook(source)
    change(book.active)
    book.save(source)
    with pytest.raises(Refused, match="is vervangen, staat ook") as raised:
        pseudonymise(source, columns=["Personeelsnummer"], key_file=key, out=tmp_path / "uit.xlsx")
    assert not any(str(number) in str(raised.value) for number in NUMBERS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


def test_other_personal_data_in_the_result_is_refused_with_its_place(tmp_path: Path, key: Path):
    source = export(tmp_path / "in" / "export.xlsx", naam=["Voornaam Achternaam"] * 12)
    with pytest.raises(Refused, match=r"export.xlsx, blad Export, cel D3") as raised:
        pseudonymise(source, columns=["Personeelsnummer"], key_file=key, out=tmp_path / "uit.xlsx")
    assert "Achternaam" not in str(raised.value)
    assert not (tmp_path / "uit.xlsx").exists()
    pseudonymise(source, columns=["Personeelsnummer", "naam=N"], key_file=key, out=tmp_path / "uit.xlsx")
    assert "chternaam" not in _everything(tmp_path / "uit.xlsx")


# csv files and folders


def test_a_csv_export_is_copied_with_its_other_cells_as_they_were(tmp_path: Path, key: Path):
    (tmp_path / "in").mkdir()
    source = tmp_path / "in" / "export.csv"
    lines = [f'{n:03};{number};"regel; met puntkomma";1,50' for n, number in enumerate(NUMBERS)]
    source.write_bytes("\r\n".join(["zaak;Stamnummer;tekst;bedrag", *lines, ""]).encode("cp1252"))
    pseudonymise(source, columns=["stamnummer"], key_file=key, out=tmp_path / "uit.csv")
    with (tmp_path / "uit.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    assert [row[:1] + row[2:] for row in rows[1:]] == [[f"{n:03}", "regel; met puntkomma", "1,50"] for n in range(12)]
    assert all(is_pseudonym(row[1]) for row in rows[1:])
    assert not any(str(number) in (tmp_path / "uit.csv").read_text(encoding="utf-8-sig") for number in NUMBERS)


def test_of_a_folder_every_table_is_copied_and_other_files_are_counted(tmp_path: Path, key: Path):
    export(tmp_path / "in" / "a.xlsx")
    (tmp_path / "in" / "deel").mkdir()
    export(tmp_path / "in" / "deel" / "b.xlsx", header="lezer")
    (tmp_path / "in" / "leesmij.docx").write_bytes(b"geen tabel")
    done = pseudonymise(tmp_path / "in", columns=["Personeelsnummer", "lezer"], key_file=key, out=tmp_path / "uit")
    assert sorted(str(path.relative_to(tmp_path / "uit")) for path in (tmp_path / "uit").rglob("*.*")) == [
        "a.xlsx", str(Path("deel/b.xlsx")),
    ]  # fmt: skip
    assert done.not_copied == 1


def test_one_bad_file_in_a_folder_leaves_no_copy_at_all(tmp_path: Path, key: Path):
    export(tmp_path / "in" / "a.xlsx")
    (tmp_path / "in" / "b.xlsx").write_bytes(b"geen werkmap")
    with pytest.raises(UnreadableInput):
        pseudonymise(tmp_path / "in", columns=["Personeelsnummer"], key_file=key, out=tmp_path / "uit")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


# A canonical delivery: the usual columns, and then it passes the contract


def test_a_delivery_with_personnel_numbers_is_rejected_and_its_copy_accepted(tmp_path: Path, key: Path):
    rows = sound(1)
    people: dict[str, int] = {}
    for table in rows.values():
        for row in table:
            for header in {"betrokkene_nummer", "lezer"} & set(row):
                if row[header]:
                    row[header] = people.setdefault(row[header], 4_711_003 + 9_137 * len(people))
    (tmp_path / "in").mkdir()
    source = write_workbook(rows, tmp_path / "in" / "levering.xlsx")
    rejected, _files = check(read_delivery(source))
    assert not rejected.accepted
    assert {"subjects.subject_id_privacy", "reviews.reviewer_id_privacy"} <= set(rejected.breaches["rule"])
    pseudonymise(source, key_file=key, out=tmp_path / "uit.xlsx")
    accepted, files = check(read_delivery(tmp_path / "uit.xlsx"))
    assert files is not None
    assert not (accepted.breaches["severity"] == "error").any()
    assert files.subjects["subject_id"].str.fullmatch(rf"B-[0-9a-f]{{{HEX_DIGITS}}}").all()
    assert files.reviews["reviewer_id"].str.startswith("L-").all()


# What is refused


def test_two_persons_with_one_pseudonym_are_refused(tmp_path: Path, key: Path):
    source = export(tmp_path / "in" / "export.xlsx")
    with pytest.raises(Refused, match=r"hetzelfde pseudoniem.*--hex-digits 5"):
        pseudonymise(source, columns=["Personeelsnummer"], key_file=key, out=tmp_path / "uit.xlsx", hex_digits=1)


def test_a_copy_over_anything_that_exists_is_refused(tmp_path: Path, key: Path):
    source = export(tmp_path / "in" / "export.xlsx")
    before = source.read_bytes()
    other = tmp_path / "ander.xlsx"
    other.write_bytes(b"van iemand")
    for out in (source, other):
        with pytest.raises(WrongUse, match="bestaat al"):
            pseudonymise(source, columns=["Personeelsnummer"], key_file=key, out=out)
    with pytest.raises(WrongUse, match="daarbuiten"):
        pseudonymise(tmp_path / "in", columns=["Personeelsnummer"], key_file=key, out=tmp_path / "in" / "uit")
    assert (source.read_bytes(), other.read_bytes()) == (before, b"van iemand")


@pytest.mark.parametrize("place", ["in", "in/dieper", "uit"])
def test_a_key_with_the_export_or_with_the_copy_is_refused(tmp_path: Path, place: str):
    source = export(tmp_path / "in" / "export.xlsx")
    (tmp_path / "uit").mkdir()
    (tmp_path / place).mkdir(exist_ok=True)
    make_key(tmp_path / place / "sleutel.txt")
    with pytest.raises(Refused, match="ligt bij de gegevens"):
        pseudonymise(source, columns=["Personeelsnummer"], key_file=tmp_path / place / "sleutel.txt",
                     out=tmp_path / "uit" / "uit.xlsx")  # fmt: skip


def test_a_column_that_is_not_there_is_said_without_any_cell(tmp_path: Path, key: Path):
    source = export(tmp_path / "in" / "export.xlsx")
    with pytest.raises(WrongUse, match="geen kolom met de kop badge") as raised:
        pseudonymise(source, columns=["Personeelsnummer", "badge"], key_file=key, out=tmp_path / "uit.xlsx")
    assert str(NUMBERS[0]) not in str(raised.value)
    with pytest.raises(WrongUse, match="betrokkene_nummer, lezer"):
        pseudonymise(source, key_file=key, out=tmp_path / "uit.xlsx")


def test_a_copy_is_not_pseudonymised_again(tmp_path: Path, key: Path):
    source = export(tmp_path / "in" / "export.xlsx")
    (tmp_path / "tussen").mkdir()
    pseudonymise(source, columns=["Personeelsnummer"], key_file=key, out=tmp_path / "tussen" / "uit.xlsx")
    with pytest.raises(WrongUse, match="staan al pseudoniemen"):
        pseudonymise(
            tmp_path / "tussen" / "uit.xlsx", columns=["Personeelsnummer"], key_file=key, out=tmp_path / "x.xlsx"
        )


def test_a_wrong_ending_of_the_copy_and_two_copies_of_one_name_are_said(tmp_path: Path, key: Path):
    source = export(tmp_path / "in" / "export.xlsx")
    with pytest.raises(WrongUse, match=r"bestand \.xlsx"):
        pseudonymise(source, columns=["Personeelsnummer"], key_file=key, out=tmp_path / "uit.csv")
    for name in ("a.csv", "a.txt"):
        (tmp_path / "in" / name).write_text("Personeelsnummer;x\n4711003;1\n")
    with pytest.raises(WrongUse, match=r"samen a\.csv"):
        pseudonymise(tmp_path / "in", columns=["Personeelsnummer"], key_file=key, out=tmp_path / "uit")


def test_the_table_of_values_and_pseudonyms_is_written_nowhere(
    tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch
):
    source = export(tmp_path / "in" / "export.xlsx")
    temporary = tmp_path / "tijdelijk"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    pseudonymise(source, columns=["Personeelsnummer"], key_file=key, out=tmp_path / "uit.xlsx")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(path.name for path in files) == ["export.xlsx", "uit.xlsx"]
