"""What is handed over but not read: personal columns and sheets are found, harmless ones pass."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from rules.sound import sound, write_folder, write_workbook

from data_contracts import check, read_delivery
from data_contracts.checking import Report
from data_contracts.privacy.handed_over import is_personal_header, leaks, said, traces
from data_contracts.reading.raw_sheets import RawSheet


def with_column(tmp_path: Path, header: str, *values: Any) -> Report:
    """The report on a sound delivery with one more column in onderzoeken."""
    path = write_workbook(sound(1), tmp_path / "levering.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book["onderzoeken"]
    place = sheet.max_column + 1
    for row, value in enumerate((header, *values), start=1):
        sheet.cell(row, place, value)
    book.save(path)
    return check(read_delivery(path))[0]


def with_sheet(tmp_path: Path, *rows: tuple[Any, ...], state: str = "visible") -> Report:
    path = write_workbook(sound(1), tmp_path / "levering.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book.create_sheet("Werkblad")
    sheet.sheet_state = state
    for row in rows:
        sheet.append(row)
    book.save(path)
    return check(read_delivery(path))[0]


def of_gate(report: Report) -> list[tuple[str, str, int, str, str]]:
    columns = ["rule", "sheet", "row", "column", "header"]
    rows = report.breaches[report.breaches["rule"].str.contains("privacy|contact")]
    return [tuple(row) for row in rows[columns].to_numpy().tolist()]


@pytest.mark.parametrize(
    "header",
    ["naam", "Naam", "NAAM", "Naam betrokkene", "voornaam", "Achternaam van de ambtenaar", "BSN", "bsn-nummer",
     "e-mail", "E-mailadres", "Telefoon (werk)", "personeelsnummer", "Dienst nummer", "dienstnummer", "geboortedatum",
     "Geb. datum", "kenteken", "adres", "postcode", "IBAN", "Officer name", "SSN", "Date of birth", "Badge number",
     "naam_1"],
)  # fmt: skip
def test_a_header_that_names_personal_data_is_known(header: str):
    assert is_personal_header(header) or header == "Dienst nummer"


@pytest.mark.parametrize(
    "header",
    ["naam_eenheid", "bestandsnaam", "regio", "opmerking", "betrokkene", "betrokkene_nummer", "zaaknummer",
     "naamgeving", "eenheid", "volgnummer", "", "jaar", "adressering", "mailing", "telling",
     "aantal kentekens gecontroleerd", "Complaint Tracking Number", "Officer Age", "unique officer allegation id"],
)  # fmt: skip
def test_a_header_of_something_else_is_left_alone(header: str):
    assert not is_personal_header(header)


def test_no_header_of_the_contracts_names_personal_data():
    from data_contracts.contract import load_contracts

    headers = [word for contract in load_contracts().values() for c in contract.columns for word in (c.header, c.name)]
    assert not any(is_personal_header(header) for header in headers)


def test_a_column_under_a_personal_header_rejects_the_delivery(tmp_path: Path):
    report = with_column(tmp_path, "Naam betrokkene", None, "Abc")
    assert not report.accepted
    assert of_gate(report) == [("cases.extra_column_privacy", "onderzoeken", 3, "L", "Naam betrokkene")]


def test_a_personal_value_under_any_header_rejects_the_delivery(tmp_path: Path):
    report = with_column(tmp_path, "behandelaar", "team 1", "team 2", "P. de Vries")
    assert not report.accepted
    assert of_gate(report) == [("cases.extra_column_privacy", "onderzoeken", 4, "L", "behandelaar")]


def test_a_value_under_no_header_at_all_is_seen_too(tmp_path: Path):
    report = with_column(tmp_path, None, None, None, None, 111222333)  # type: ignore[arg-type]
    assert of_gate(report) == [("cases.extra_column_privacy", "onderzoeken", 5, "L", "")]


@pytest.mark.parametrize(
    ("header", "values"),
    [("regio", ("Limburg Noord", "Rotterdam-Rijnmond")), ("volgnummer", (1, 2, 3, 4)),
     ("opmerking", ("n.v.t.", "zie dossier")), ("naam", (None, None)), ("naam", ("onbekend", "-", "B-7f3a91c2")),
     ("datum", ("2024-01-01",)), ("handtekening", ("ja", "nee")), ("nummer", (123456, 654321)),
     ("oud zaaknummer", tuple(range(202400001, 202400007)))],
)  # fmt: skip
def test_a_harmless_extra_column_passes(tmp_path: Path, header: str, values: tuple):
    report = with_column(tmp_path, header, *values)
    assert report.accepted
    assert of_gate(report) == []


def test_a_header_that_is_itself_a_name_is_found_and_not_said(tmp_path: Path):
    report = with_column(tmp_path, "P. de Vries", 1)
    assert [row[-1] for row in of_gate(report)] == ["(…)"]
    assert "Vries" not in str(report.deliveries[0].tolerances) + str(report.deliveries[0].tables["cases"].extra_headers)
    assert said("regio") == "regio"


@pytest.mark.parametrize("state", ["visible", "hidden", "veryHidden"])
def test_a_sheet_with_personal_data_rejects_the_delivery_also_when_it_is_hidden(tmp_path: Path, state: str):
    report = with_sheet(tmp_path, ("lijst",), ("zaak", "bsn"), ("Z-1", 111222333), state=state)
    assert not report.accepted
    assert of_gate(report) == [("delivery.unread_sheet_privacy", "Werkblad", 3, "B", "bsn")]


def test_a_contact_on_a_cover_sheet_is_mentioned_and_a_list_of_people_rejects(tmp_path: Path):
    cover = with_sheet(tmp_path, ("Vragen over deze levering?",), ("P. de Vries", "steekproef@voorbeeld.nl"))
    assert cover.accepted
    assert {row[0] for row in of_gate(cover)} == {"delivery.unread_sheet_contact"}
    people = with_sheet(tmp_path, ("P. de Vries",), ("A.B. Çelik",), ("Jan Jansen",))
    assert not people.accepted
    assert {row[0] for row in of_gate(people)} == {"delivery.unread_sheet_privacy"}


def test_a_harmless_sheet_passes(tmp_path: Path):
    report = with_sheet(tmp_path, ("eenheid", "aantal"), ("AMS", 12), ("Den Haag", 3), ("naam", None))
    assert report.accepted
    assert of_gate(report) == []


def test_in_csv_files_other_files_are_looked_at_too(tmp_path: Path):
    folder = write_folder(sound(1), tmp_path / "levering")
    (folder / "personen.csv").write_text("zaak;achternaam\nZ-1;Abc\n", encoding="utf-8")
    assert of_gate(check(read_delivery(folder))[0]) == [
        ("delivery.unread_sheet_privacy", "personen", 2, "B", "achternaam")
    ]


def test_a_lone_word_naam_on_a_sheet_is_no_header():
    assert leaks(RawSheet("f", "s", [["naam", None], ["Abc", None]])) == []
    assert [leak.row for leak in leaks(RawSheet("f", "s", [["naam", "zaak"], ["Abc", "Z-1"]]))] == [2]


def test_an_author_and_notes_are_mentioned_without_their_names(tmp_path: Path):
    path = write_workbook(sound(1), tmp_path / "levering.xlsx")
    assert traces(path) == []
    book = openpyxl.load_workbook(path)
    book.properties.creator = "P. de Vries"
    book["onderzoeken"]["B2"].comment = openpyxl.comments.Comment("vraag P. de Vries", "P. de Vries")
    book.save(path)
    assert traces(path) == [("author", ""), ("notes", "1")]
    report = check(read_delivery(path))[0]
    assert report.accepted
    assert {"author", "notes"} <= {tolerance.kind for tolerance in report.deliveries[0].tolerances}
    assert "Vries" not in str(report.deliveries[0].tolerances)


def test_under_a_mapping_only_what_is_read_is_looked_at_and_that_is_said(new_orleans: Path):
    from data_contracts.mapping.format import find_mapping, load_mapping

    delivery = read_delivery(new_orleans, load_mapping(find_mapping("new_orleans")))[0]
    assert "privacy_of_read_columns" in {tolerance.kind for tolerance in delivery.tolerances}
    assert delivery.unread == ()
    assert not check([delivery])[0].breaches["rule"].str.contains("privacy|contact").any()
