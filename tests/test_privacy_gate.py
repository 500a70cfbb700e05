"""The privacy gate from file to report: every column is guarded, and what it finds comes out nowhere."""

from datetime import date
from pathlib import Path

import pytest
from rules.sound import Rows, headers, sound, write_folder, write_workbook

from book.command import run_command
from data_contracts import check, read_delivery
from data_contracts.checking import Report
from data_contracts.contract import load_contracts

COLUMNS = [(contract, column) for contract in load_contracts().values() for column in contract.columns]
MARK = "Xqzjwv"  # in no word, so that it is found wherever it comes out


def token(number: int) -> str:
    """A name of its own for each column: P. van Xqzjwvab."""
    return f"P. van {MARK}{chr(97 + number // 26)}{chr(97 + number % 26)}"


def planted(value: str | None = None) -> Rows:
    """A sound delivery in which the first row of every sheet holds a name in every column, or this value."""
    rows = sound(1)
    for number, (contract, column) in enumerate(COLUMNS):
        rows[contract.sheet][0][column.header] = value or token(number)
    return rows


@pytest.fixture(scope="module", params=["xlsx", "csv"])
def delivery(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planted")
    if request.param == "xlsx":
        return write_workbook(planted(), folder / "levering.xlsx")
    return write_folder(planted(), folder / "levering")


def found(report: Report) -> set[str]:
    return {rule for rule in report.breaches["rule"] if rule.endswith("_privacy")}


def test_a_name_in_any_column_rejects_the_delivery_and_says_the_place(delivery: Path):
    report, files = check(read_delivery(delivery))
    assert files is None
    assert found(report) == {f"{contract.name}.{column.name}_privacy" for contract, column in COLUMNS}
    breaches = report.breaches[report.breaches["rule"].str.endswith("_privacy")]
    assert (breaches["row"] == 2).all()
    assert set(breaches["header"]) == {column.header for _contract, column in COLUMNS}


def test_a_name_in_any_column_comes_out_nowhere(delivery: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    out = tmp_path / "uit"
    code = run_command(["check", str(delivery), "--out", str(out)])
    said = capsys.readouterr()
    assert code == 1
    assert "Traceback" not in said.err
    written = {
        path.name: path.read_text(encoding="utf-8")
        for path in out.rglob("*")
        if path.is_file() and path.suffix != ".xlsx"
    }  # the steward's own workbook, marked, keeps its values
    assert {"report.html", "breaches.csv"} <= set(written)
    for name, text in {**written, "stdout": said.out, "stderr": said.err}.items():
        assert MARK.casefold() not in text.casefold(), name


def test_what_the_gate_finds_is_not_read(delivery: Path):
    for table in read_delivery(delivery)[0].tables.values():
        assert table.frame.iloc[0].isna().all()
        assert not table.frame.astype("str").map(lambda text: MARK in str(text)).any(axis=None)


@pytest.mark.parametrize(
    "value", ["111222333", "steekproef@voorbeeld.nl", "06-12345678", "NL91ABNA0417164300", "dienstnummer 12345"]
)
def test_a_number_or_address_of_a_person_in_any_column_is_found(value: str, tmp_path: Path):
    report, _files = check(read_delivery(write_folder(planted(value), tmp_path / "levering")))
    expected = {f"{contract.name}.{column.name}_privacy" for contract, column in COLUMNS}
    assert found(report) == expected


def test_a_citizen_number_as_a_number_cell_is_found_in_every_column(tmp_path: Path):
    rows = sound(1)
    for contract, column in COLUMNS:
        rows[contract.sheet][0][column.header] = 111222333
    report, _files = check(read_delivery(write_workbook(rows, tmp_path / "levering.xlsx")))
    assert found(report) == {f"{contract.name}.{column.name}_privacy" for contract, column in COLUMNS}


def test_an_unknown_code_and_an_unreadable_date_are_no_personal_data(tmp_path: Path):
    rows = sound(1)
    for contract, column in COLUMNS:
        if not column.personal:
            rows[contract.sheet][0][column.header] = "Houding en gedrag (oud)"
    report, _files = check(read_delivery(write_workbook(rows, tmp_path / "levering.xlsx")))
    assert not found(report)
    assert {"cases.category_known_code", "cases.opened_on_form"} <= set(report.breaches["rule"])


def test_a_sound_delivery_and_the_example_trip_no_privacy_rule(example_folder: Path, tmp_path: Path):
    reports = [check(read_delivery(write_workbook(sound(1), tmp_path / "levering.xlsx")))[0]]
    reports.append(check(read_delivery(example_folder))[0])
    for report in reports:
        assert not report.breaches["rule"].str.contains("privacy|contact").any()


def test_a_blank_template_trips_no_privacy_rule(tmp_path: Path):
    template = pytest.importorskip("data_contracts.template")
    from data_contracts.privacy.handed_over import leaks
    from data_contracts.reading.files import read_file

    template.write_template(tmp_path / "leeg.xlsx")
    sheets = read_file(tmp_path / "leeg.xlsx")[1]
    assert len(sheets) > len(load_contracts())
    known = {contract.sheet for contract in load_contracts().values()}
    assert [(sheet.name, leak) for sheet in sheets if sheet.name not in known for leak in leaks(sheet)] == []


def test_every_column_of_the_contracts_has_one_privacy_rule_that_rejects_the_delivery():
    for contract, column in COLUMNS:
        rules = [rule for rule in contract.rules if rule.id == f"{contract.name}.{column.name}_privacy"]
        assert [(rule.severity, rule.scope) for rule in rules] == [("error", "delivery")]


def test_a_date_of_birth_as_a_date_cell_is_found_in_an_identifier_and_is_a_date_elsewhere(tmp_path: Path):
    rows = sound(1)
    rows["onderzoeken"][3]["zaaknummer"] = date(1975, 3, 12)  # a case that nothing refers to but its signal
    rows["betrokkenen"][-1]["betrokkene_nummer"] = date(1975, 3, 12)
    report, _files = check(read_delivery(write_workbook(rows, tmp_path / "levering.xlsx")))
    assert found(report) == {"cases.case_id_privacy", "subjects.subject_id_privacy"}


def test_headers_of_the_contract_are_all_in_the_planted_delivery():
    assert all(set(planted()[contract.sheet][0]) == set(headers(contract.sheet)) for contract, _column in COLUMNS)
