"""The steward's way through the commands: template, check, repair, hand over; mapping and pseudonyms."""

import csv
import json
import re
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest

from book.command import run_command


def _run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    code = run_command([str(word) for word in words])
    said = capsys.readouterr()
    return code, said.out + said.err


@pytest.fixture
def unit(example_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(example_folder / "levering_AMS.xlsx", tmp_path / "levering.xlsx"))


def test_a_blank_template_is_made_once_and_says_that_it_is_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blank = tmp_path / "sjabloon.xlsx"
    assert _run(capsys, "template", blank) == (0, f"Lege werkmap: {blank}\n")
    code, said = _run(capsys, "check", blank, "--out", tmp_path / "c")
    assert (code, "is nog leeg" in said, (tmp_path / "c").exists()) == (3, True, False)
    assert _run(capsys, "template", blank)[0] == 2


def test_a_check_gives_back_a_report_a_record_and_the_marked_workbook(
    unit: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = _run(capsys, "check", unit, "--by", "gegevensbeheerder", "--out", tmp_path / "c")
    marked = tmp_path / "c" / "marked" / "levering-gemarkeerd.xlsx"
    assert (code, str(marked) in said) == (0, True)
    record = json.loads((tmp_path / "c" / "acceptance.json").read_text("utf-8"))
    assert (record["by"], record["units"]) == ("gegevensbeheerder", ["AMS"])
    assert openpyxl.load_workbook(marked).sheetnames[0] == "bevindingen"
    page = (tmp_path / "c" / "report.html").read_text("utf-8")
    assert "marked/levering-gemarkeerd.xlsx" in page and "gegevensbeheerder" in page


def test_files_changed_after_the_check_are_not_those_of_the_record(
    unit: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _run(capsys, "check", unit, "--out", tmp_path / "c")
    record = tmp_path / "c" / "acceptance.json"
    assert _run(capsys, "verify", record, unit)[0] == 0
    book = openpyxl.load_workbook(unit)
    book["onderzoeken"]["A2"] = "veranderd"
    book.save(unit)
    code, said = _run(capsys, "verify", record, unit)
    assert (code, "levering.xlsx: veranderd na de controle" in said) == (1, True)


def test_against_says_what_changed_since_the_earlier_delivery(
    unit: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    later = Path(shutil.copy(unit, tmp_path / "later.xlsx"))
    book = openpyxl.load_workbook(later)
    gone = [str(book["onderzoeken"].cell(row, 1).value) for row in range(2, 32)]
    book["onderzoeken"].delete_rows(2, 30)
    book.save(later)
    _code, said = _run(capsys, "check", later, "--against", unit, "--out", tmp_path / "c")
    assert "Vergeleken met de eerdere levering (levering.xlsx)" in said
    assert "30" in said
    with (tmp_path / "c" / "changes.csv").open(encoding="utf-8-sig", newline="") as file:
        removed = [row for row in csv.DictReader(file, delimiter=";")
                   if row["table"] == "cases" and row["change"] == "removed"]  # fmt: skip
    assert [int(float(row["earlier_row"])) for row in removed] == list(range(2, 32))
    written = said + (tmp_path / "c" / "report.html").read_text("utf-8")
    assert not [number for number in gone if number in written]


def test_a_drafted_mapping_says_what_to_fill_in_and_never_overwrites(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export = tmp_path / "export.csv"
    rows = [f"Z{n:03};AMS;{1 + n % 28:02}-03-2020;{1 + n % 28:02}-09-2020;disciplinair" for n in range(60)]
    export.write_text("\n".join(["Zaaknummer;Eenheid;Begindatum;Einddatum;Soort", *rows]), "utf-8")
    draft = tmp_path / "mijn.yaml"
    code, said = _run(capsys, "mapping", "init", export, "--out", draft)
    assert (code, f"--mapping {draft}" in said, "VUL_IN" in draft.read_text("utf-8")) == (0, True, True)
    code, said = _run(capsys, "check", export, "--mapping", draft, "--out", tmp_path / "c")
    assert (code, "regel" in said, "VUL_IN" in said) == (2, True, True)
    assert _run(capsys, "mapping", "init", export, "--out", draft)[0] == 2


def test_pseudonyms_replace_numbers_by_a_key_that_is_kept_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, vault = tmp_path / "data", tmp_path / "kluis"
    data.mkdir()
    vault.mkdir()
    export = data / "export.csv"
    export.write_text("zaaknummer;betrokkene_nummer\nZ1;31415926\nZ2;27182818\nZ3;31415926\n", "utf-8")
    assert _run(capsys, "pseudonymise", "--new-key", vault / "sleutel.txt")[0] == 0
    code, said = _run(capsys, "pseudonymise", export, "--key", vault / "sleutel.txt", "--out", data / "uit.csv")
    assert (code, "3 cellen, 2 personen" in said) == (0, True)
    copy = (data / "uit.csv").read_text("utf-8-sig")
    assert "31415926" not in copy and copy.count("B-") == 3
    code, said = _run(capsys, "pseudonymise", export)
    assert (code, "--key" in said) == (2, True)
    shutil.copy(vault / "sleutel.txt", data / "sleutel.txt")
    assert _run(capsys, "pseudonymise", export, "--key", data / "sleutel.txt", "--out", data / "nog.csv")[0] == 4


def test_planted_defects_are_labelled_and_reject_the_example(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(capsys, "example", tmp_path / "ex", "--cases", 60, "--defects", "alle")[0] == 0
    labels = json.loads((tmp_path / "ex" / "gebreken.json").read_text("utf-8"))
    code, said = _run(capsys, "check", tmp_path / "ex", "--out", tmp_path / "c")
    assert (code, "AFGEKEURD" in said) == (1, True)
    with (tmp_path / "c" / "breaches.csv").open(encoding="utf-8-sig", newline="") as file:
        found = {row["rule"] for row in csv.DictReader(file, delimiter=";")}
    assert {label["rule"] for label in labels if label["rule"]} <= found
    code, said = _run(capsys, "example", tmp_path / "ex2", "--defects", "onzin")
    assert (code, "onzin" in said) == (2, True)


def test_two_mappings_that_fit_one_delivery_are_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = _run(capsys, "check", tmp_path, "--mapping", "canonical", "--mapping", "canonical")
    assert (code, "Mapping" in said) == (2, True)


def test_an_extraction_moment_after_today_rejects_the_delivery_and_its_record_is_no_approval(
    unit: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = openpyxl.load_workbook(unit)
    book["levering"]["B2"] = "2062-01-01"
    book.save(unit)
    code, said = _run(capsys, "check", unit, "--out", tmp_path / "c")
    assert (code, "Het uittrekmoment ligt niet na vandaag" in said, "cel B2" in said) == (1, True, True)
    code, said = _run(capsys, "verify", tmp_path / "c" / "acceptance.json", unit)
    assert (code, "er is niets veranderd" in said, "afgekeurd" in said) == (1, True, True)


def test_a_workbook_without_styles_comes_back_as_a_plain_marked_copy(
    unit: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = tmp_path / "kaal.xlsx"
    with zipfile.ZipFile(unit) as whole, zipfile.ZipFile(bare, "w") as copy:
        for entry in whole.infolist():
            data = whole.read(entry)
            if entry.filename == "xl/_rels/workbook.xml.rels":
                data = re.sub(rb'<Relationship [^>]*styles.xml"[^>]*/>', b"", data)
            if entry.filename != "xl/styles.xml":
                copy.writestr(entry.filename, data)
    code, said = _run(capsys, "check", bare, "--out", tmp_path / "c")
    assert (code in (0, 1), "liep vast" in said) == (True, False)
    assert (tmp_path / "c" / "marked" / "kaal-gemarkeerd.xlsx").exists()


def test_rows_of_blanks_are_empty_rows(unit: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = openpyxl.load_workbook(unit)
    for _row in range(40):
        book["onderzoeken"].append([" ", "\N{NO-BREAK SPACE}", None, "  "])
    book.save(unit)
    assert _run(capsys, "check", unit, "--out", tmp_path / "c")[0] == 0
