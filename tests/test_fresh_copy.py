"""A fresh copy holds the same values in the same cells, and nothing else of the old file."""

import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest

from data_contracts.errors import WrongUse
from data_contracts.privacy.fresh_copy import write_fresh_csv, write_fresh_workbook
from data_contracts.reading.files import read_file
from data_contracts.reading.raw_sheets import UNREADABLE, RawSheet

VALUES = ["tekst", " spatie ", "regel\neen", 12, -3, 4.25, True, False, date(2024, 3, 1), datetime(2024, 3, 1, 12, 30),
          UNREADABLE, "00123", "-", "-5", "+3,2", "n.v.t.", "ÇĞİ €"]  # fmt: skip


def test_every_value_comes_back_of_the_same_type_in_the_same_cell(tmp_path: Path):
    rows = [[None, None], *([None, value] for value in VALUES)]
    write_fresh_workbook([RawSheet("f", "Blad één", rows), RawSheet("f", "leeg", [])], tmp_path / "uit.xlsx")
    sheets = read_file(tmp_path / "uit.xlsx")[1]
    assert [sheet.name for sheet in sheets] == ["Blad één", "leeg"]
    back = [row[1] for row in sheets[0].rows[1:]]
    assert back == VALUES
    assert [type(b) for b in back if isinstance(b, bool | date)] == [bool, bool, date, datetime]


def test_dates_of_a_1904_book_stay_the_same_days(tmp_path: Path):
    sheet = RawSheet("f", "s", [[date(2024, 3, 1), 43_890]], date_1904=True)
    write_fresh_workbook([sheet], tmp_path / "uit.xlsx")
    back = read_file(tmp_path / "uit.xlsx")[1][0]
    assert (back.rows, back.date_1904) == ([[date(2024, 3, 1), 43_890]], True)


def test_times_are_written_and_the_book_opens(tmp_path: Path):
    write_fresh_workbook([RawSheet("f", "s", [[time(12, 30), timedelta(hours=30)]])], tmp_path / "uit.xlsx")
    cells = next(openpyxl.load_workbook(tmp_path / "uit.xlsx").active.iter_rows(values_only=True))
    assert [str(cell) for cell in cells] == ["12:30:00", "1 day, 6:00:00"]


@pytest.mark.parametrize("text", ["=1+1", "+31612345678 x", "@sum", "-x", "\t=1", "=cmd|' /C calc'!A0"])
def test_text_never_becomes_a_formula(tmp_path: Path, text: str):
    write_fresh_workbook([RawSheet("f", "s", [[text]])], tmp_path / "uit.xlsx")
    with zipfile.ZipFile(tmp_path / "uit.xlsx") as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
    assert read_file(tmp_path / "uit.xlsx")[1][0].rows[0][0].startswith("'")
    write_fresh_csv(RawSheet("f", "s", [[text]]), tmp_path / "uit.csv")
    assert (tmp_path / "uit.csv").read_text(encoding="utf-8-sig").lstrip('"').startswith("'")


def test_the_copy_names_no_author_and_no_moment(tmp_path: Path):
    write_fresh_workbook([RawSheet("f", "s", [["a"]])], tmp_path / "uit.xlsx")
    properties = openpyxl.load_workbook(tmp_path / "uit.xlsx").properties
    assert (properties.creator or "", properties.lastModifiedBy or "") == ("", "")
    assert properties.created == datetime(2000, 1, 1)


def test_csv_keeps_its_cells_and_its_delimiter(tmp_path: Path):
    source = tmp_path / "in.csv"
    source.write_bytes('a\tb\r\n001\t"x\ty"\r\n\tn.v.t.\r\n'.encode("cp1252"))
    sheet = read_file(source)[1][0]
    write_fresh_csv(sheet, tmp_path / "uit.csv")
    assert (tmp_path / "uit.csv").read_bytes() == b"\xef\xbb\xbf" + b'a\tb\r\n001\t"x\ty"\r\n\tn.v.t.\r\n'
    assert read_file(tmp_path / "uit.csv")[1][0].rows == sheet.rows


def test_a_sheet_name_that_excel_refuses_is_said(tmp_path: Path):
    with pytest.raises(WrongUse, match="Hernoem het blad"):
        write_fresh_workbook([RawSheet("f.ods", "a" * 40, [["a"]])], tmp_path / "uit.xlsx")
