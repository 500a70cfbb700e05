"""Files as they come: what is read, which row it stood in, and one clear refusal for the rest.

`SECRET` stands in a cell of every refused file: no message may repeat it.
"""

import datetime as dt
import gzip
import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from rules.sound import headers, sound, write_folder, write_workbook

from data_contracts import check
from data_contracts.delivery import read_delivery
from data_contracts.errors import ToetssteenError, UnreadableInput, WrongUse
from data_contracts.mapping.format import load_mapping
from data_contracts.reading import text_files, workbooks
from data_contracts.reading.files import UNREADABLE, column_letter, column_number, read_file
from data_contracts.reading.tables import TOLERANCE_WORDS, Delivery, plain

SECRET = "Geheim-4711"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ROWS = [["zaaknummer", "eenheid"], ["Z-1", "AMS"]]


def text_file(folder: Path, content: bytes, name: str = "onderzoeken.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def workbook(folder: Path, fill: Callable[[Any, Any], None], name: str = "levering.xlsx", **options: Any) -> Path:
    """An .xlsx with one sheet `onderzoeken` that `fill(book, sheet)` fills."""
    path = folder / name
    with xlsxwriter.Workbook(str(path), options) as book:
        fill(book, book.add_worksheet("onderzoeken"))
    return path


def with_sheet_xml(path: Path, change: Callable[[str], str]) -> Path:
    """Rewrite the XML of the first sheet, as another program would have written it."""
    parts = {}
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = change(parts[sheet].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return path


def rows_of(path: Path) -> list[list[Any]]:
    _source, sheets = read_file(path)
    assert len(sheets) == 1
    return sheets[0].rows


def refusal(read: Callable[[], Any], *named: str, error: type[ToetssteenError] = UnreadableInput) -> str:
    """The message of the refusal, which names what it must and never a value."""
    with pytest.raises(error) as raised:
        read()
    message = str(raised.value)
    assert type(raised.value) is error
    for name in named:
        assert name in message
    assert SECRET not in message
    assert raised.value.__cause__ is None
    return message


def refused(path: Path, *named: str) -> str:
    return refusal(lambda: read_file(path), path.name, *named)


def one_delivery(path: Path) -> Delivery:
    (delivery,) = read_delivery(path)
    return delivery


# Text files: delimiters and encodings


@pytest.mark.parametrize("mark", [";", ",", "\t", "|"])
def test_every_usual_delimiter_is_recognised(tmp_path: Path, mark: str):
    content = f"zaaknummer{mark}eenheid\nZ-1{mark}AMS\n"
    assert rows_of(text_file(tmp_path, content.encode())) == ROWS


def test_a_delimiter_within_quotes_does_not_split_a_cell(tmp_path: Path):
    content = 'zaaknummer;eenheid\n"Z;1";"A ""B"" C"\n'
    assert rows_of(text_file(tmp_path, content.encode()))[1] == ["Z;1", 'A "B" C']


def test_commas_in_the_text_of_a_cell_do_not_outvote_the_delimiter_of_the_headers(tmp_path: Path):
    content = "zaaknummer;eenheid;onderwerp\n" + "Z-1;AMS;een, twee, drie, vier, vijf\n" * 5
    assert rows_of(text_file(tmp_path, content.encode()))[0] == ["zaaknummer", "eenheid", "onderwerp"]


def test_a_line_that_declares_the_delimiter_is_obeyed(tmp_path: Path):
    content = "sep=|\nzaaknummer|eenheid\nZ-1;a;b;c|AMS\n"
    assert rows_of(text_file(tmp_path, content.encode())) == [["zaaknummer", "eenheid"], ["Z-1;a;b;c", "AMS"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_every_usual_encoding_gives_the_same_letters(tmp_path: Path, encoding: str):
    content = "zaaknummer;eenheid\nZ-é€;Fryslân\n"
    assert rows_of(text_file(tmp_path, content.encode(encoding))) == [ROWS[0], ["Z-é€", "Fryslân"]]


def test_utf_16_is_read_in_both_byte_orders(tmp_path: Path):
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        content = mark + "zaaknummer;eenheid\nZ-1;AMS\n".encode(encoding)
        assert rows_of(text_file(tmp_path, content)) == ROWS


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_ending_is_read(tmp_path: Path, end: str):
    assert rows_of(text_file(tmp_path, f"zaaknummer;eenheid{end}Z-1;AMS{end}".encode())) == ROWS


@pytest.mark.parametrize("name", ["onderzoeken.csv", "onderzoeken.txt", "onderzoeken.tsv", "onderzoeken.csv.gz"])
def test_the_sheet_is_named_after_the_file(tmp_path: Path, name: str):
    _source, (sheet,) = read_file(text_file(tmp_path, b"a;b\n1;2\n", name))
    assert sheet.name == "onderzoeken"
    assert sheet.file == name
    assert not sheet.excel


@pytest.mark.parametrize("name", ["ONDERZOEKEN.CSV", "Onderzoeken.Csv", "onderzoeken.CSV.GZ"])
def test_the_sheet_is_named_after_the_file_also_when_its_extension_is_in_capitals(tmp_path: Path, name: str):
    _source, (sheet,) = read_file(text_file(tmp_path, b"a;b\n1;2\n", name))
    assert sheet.name.lower() == "onderzoeken"


@pytest.mark.parametrize("name", ["onderzoeken.csv.gz", "onderzoeken.csv"])
def test_a_gzipped_file_is_read_directly(tmp_path: Path, name: str):
    assert rows_of(text_file(tmp_path, gzip.compress(b"zaaknummer;eenheid\nZ-1;AMS\n"), name)) == ROWS


def test_an_empty_cell_is_missing_and_zeros_in_front_stay(tmp_path: Path):
    assert rows_of(text_file(tmp_path, b"a;b;c\n007;;\n")) == [["a", "b", "c"], ["007", None, None]]


def test_the_source_carries_the_bare_name_and_the_hash_of_the_bytes(tmp_path: Path):
    source, _sheets = read_file(text_file(tmp_path, b"a;b\n1;2\n"))
    assert source.name == "onderzoeken.csv"
    # printf 'a;b\n1;2\n' | sha256sum
    assert source.sha256 == "403bea5152c251c5bc7ef420d824d191605723f99392e83a0549ad58c6d46291"


def test_a_line_break_within_quotes_starts_no_new_row(tmp_path: Path):
    # what Excel shows as row 3 is row 3, whatever a text editor counts
    content = 'zaaknummer;onderwerp\n"Z-1";"een\ntwee\r\ndrie"\nZ-2;vier\n'
    assert rows_of(text_file(tmp_path, content.encode()))[2] == ["Z-2", "vier"]


def test_empty_lines_in_a_text_file_count_as_rows(tmp_path: Path):
    assert rows_of(text_file(tmp_path, b"a;b\n\n\n1;2\n"))[3] == ["1", "2"]


def test_a_text_file_of_one_column_is_read(tmp_path: Path):
    assert rows_of(text_file(tmp_path, b"zaaknummer\r\nZ-1\r\nZ-2\r\n")) == [["zaaknummer"], ["Z-1"], ["Z-2"]]


@pytest.mark.parametrize(
    ("content", "done"),
    [
        (b"a;b\n1;2\n", {("encoding", "utf-8"), ("delimiter", ";")}),
        ("a,b\né,2\n".encode("cp1252"), {("encoding", "cp1252"), ("delimiter", ",")}),
        ("a\tb\n1\t2\n".encode("utf-16"), {("encoding", "utf-16"), ("delimiter", "tab")}),
        (b"\xef\xbb\xbfsep=;\r\na;b\r\n1;2\r\n", {("encoding", "utf-8-sig"), ("sep_line", ";")}),
        (b"titel\na;b;c\n1;2\n3;4;5\n\n6\n", {("encoding", "utf-8"), ("delimiter", ";"), ("short_rows", "2")}),
    ],
)
def test_how_a_text_file_was_read_is_logged(tmp_path: Path, content: bytes, done: set[tuple[str, str]]):
    _source, (sheet,) = read_file(text_file(tmp_path, content))
    assert set(sheet.tolerances) == done
    assert {kind for kind, _detail in sheet.tolerances} <= set(TOLERANCE_WORDS)


def test_a_letter_that_the_encoding_lost_is_kept_as_lost(tmp_path: Path):
    # 0x81 is no letter of cp1252; the cell becomes a finding in conversion, not a guess here
    assert rows_of(text_file(tmp_path, b"a;b\nZ\x81;\xe9\n"))[1] == ["Z\ufffd", "é"]


# Text files that cannot be read


def test_a_missing_file_is_refused(tmp_path: Path):
    refused(tmp_path / "weg.csv")
    refusal(lambda: read_delivery(tmp_path / "weg.xlsx"), "weg.xlsx")


@pytest.mark.parametrize("name", ["onderzoeken.csv", "levering.xlsx", "onderzoeken.csv.gz"])
def test_a_file_of_no_bytes_is_refused(tmp_path: Path, name: str):
    refused(text_file(tmp_path, b"", name))


@pytest.mark.parametrize("content", [b"\n\n\n", b";;;\n;;;\n", b"\xef\xbb\xbf", gzip.compress(b"")])
def test_a_text_file_without_any_value_is_refused(tmp_path: Path, content: bytes):
    refused(text_file(tmp_path, content))


@pytest.mark.parametrize("name", ["levering.docx", "levering.pdf", "levering.json", "levering"])
def test_another_kind_of_file_is_refused(tmp_path: Path, name: str):
    refused(text_file(tmp_path, SECRET.encode(), name))


def test_a_binary_file_named_csv_is_refused(tmp_path: Path):
    refused(text_file(tmp_path, b"\x89PNG\x00\x00" + SECRET.encode() + b"\x00"))


def test_a_workbook_named_csv_is_refused_with_the_name_it_should_have(tmp_path: Path):
    path = write_workbook(sound(), tmp_path / "levering.xlsx")
    refused(text_file(tmp_path, path.read_bytes()), ".xlsx")
    refused(text_file(tmp_path, OLE + SECRET.encode()), ".xlsx")


@pytest.mark.parametrize("lost", [1, 8, 20, 60])
def test_a_truncated_gzip_file_is_refused(tmp_path: Path, lost: int):
    packed = gzip.compress(f"zaaknummer;eenheid\n{SECRET};AMS\n".encode() * 50)
    refused(text_file(tmp_path, packed[:-lost], "onderzoeken.csv.gz"))


@pytest.mark.parametrize("place", [3, 10, 14, -12, -6])
def test_a_gzip_file_with_a_damaged_byte_is_refused(tmp_path: Path, place: int):
    packed = bytearray(gzip.compress(b"".join(b"Z-%d;AMS;%s\n" % (n, SECRET.encode()) for n in range(500))))
    packed[place] ^= 0xFF
    refused(text_file(tmp_path, bytes(packed), "onderzoeken.csv.gz"))


def test_a_gzip_file_that_unpacks_beyond_all_measure_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(text_files, "MAX_UNPACKED_BYTES", 1000)
    refused(text_file(tmp_path, gzip.compress(SECRET.encode() * 200), "onderzoeken.csv.gz"))


def test_a_utf_16_file_that_ends_within_a_letter_is_refused(tmp_path: Path):
    refused(text_file(tmp_path, f"zaaknummer;eenheid\n{SECRET};AMS\n".encode("utf-16")[:-1]))


def test_a_quote_that_is_never_closed_is_refused_and_does_not_swallow_the_rows_after_it(tmp_path: Path):
    refused(text_file(tmp_path, f'zaaknummer;eenheid\n"{SECRET};AMS\nZ-2;AMS\nZ-3;AMS\n'.encode()))


def test_a_cell_of_more_than_a_million_letters_is_refused(tmp_path: Path):
    refused(text_file(tmp_path, b"zaaknummer;eenheid\n" + SECRET.encode() * 100_000 + b";AMS\n"))


# Workbooks


def test_a_workbook_gives_its_sheets_with_dates_numbers_and_text(tmp_path: Path):
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["tekst", "getal", "dag", "waar", "leeg"])
        sheet.write_string(1, 0, "007")
        sheet.write_number(1, 1, 7)
        sheet.write_datetime(1, 2, dt.date(2024, 12, 31), book.add_format({"num_format": "dd-mm-yyyy"}))
        sheet.write_boolean(1, 3, True)

    assert rows_of(workbook(tmp_path, fill))[1] == ["007", 7, dt.date(2024, 12, 31), True, None]


def test_rows_and_columns_before_the_first_cell_count(tmp_path: Path):
    rows = rows_of(workbook(tmp_path, lambda book, sheet: sheet.write(3, 2, "x")))
    assert [len(row) for row in rows] == [3] * 4
    assert rows[3] == [None, None, "x"]


def test_a_workbook_in_the_1904_system_says_so_and_gives_the_same_days(tmp_path: Path):
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_datetime(0, 0, dt.date(2024, 12, 31), book.add_format({"num_format": "dd-mm-yyyy"}))

    _source, (old,) = read_file(workbook(tmp_path, fill, "1904.xlsx", date_1904=True))
    _source, (new,) = read_file(workbook(tmp_path, fill, "1900.xlsx"))
    assert old.rows == new.rows == [[dt.date(2024, 12, 31)]]
    assert (old.date_1904, new.date_1904) == (True, False)


def test_a_bare_number_in_a_date_column_is_read_in_the_system_of_its_workbook(tmp_path: Path):
    days = {}
    for system in (False, True):
        rows = sound()
        rows["onderzoeken"][0]["geopend_op"] = 44256 - 1462 * system  # 1 March 2021
        path = tmp_path / f"{system}.xlsx"
        write_workbook(rows, path)
        if system:
            with zipfile.ZipFile(path) as book:
                parts = {name: book.read(name) for name in book.namelist()}
            parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"<workbookPr", b'<workbookPr date1904="1"')
            with zipfile.ZipFile(path, "w") as book:
                for name, content in parts.items():
                    book.writestr(name, content)
        table = one_delivery(path).tables["cases"]
        days[system] = table.frame["opened_on"].iloc[0]
        assert table.conversions["opened_on"] == {"excel_serial_to_date": 1}
    assert days[False] == days[True] == dt.datetime(2021, 3, 1)


def test_a_merged_title_holds_its_value_once(tmp_path: Path):
    def fill(book: Any, sheet: Any) -> None:
        sheet.merge_range(0, 0, 0, 2, "titel")
        sheet.write_row(1, 0, ["a", "b", "c"])

    assert rows_of(workbook(tmp_path, fill)) == [["titel", None, None], ["a", "b", "c"]]


def done_in(path: Path) -> dict[str, str]:
    """What was done to read the first sheet: kind -> detail."""
    return dict(read_file(path)[1][0].tolerances)


def test_a_cell_merged_down_a_column_holds_for_every_row(tmp_path: Path):
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["zaaknummer", "gedraging"])
        sheet.merge_range(1, 0, 3, 0, "Z-1")
        sheet.write_column(1, 1, ["een", "twee", "drie"])

    path = workbook(tmp_path, fill)
    assert rows_of(path)[1:] == [["Z-1", "een"], ["Z-1", "twee"], ["Z-1", "drie"]]
    assert done_in(path) == {"merged_cells": "3"}


def test_a_cell_merged_across_columns_belongs_to_no_other_column(tmp_path: Path):
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["zaaknummer", "eenheid", "onderzoekende_eenheid", "soort"])
        sheet.write_row(1, 0, ["Z-1", None, None, "klacht"])
        sheet.merge_range(1, 1, 1, 2, "AMS")
        sheet.write_row(2, 0, ["Z-2", None, None, "klacht"])
        sheet.write_row(3, 0, ["Z-3", None, None, "klacht"])
        sheet.merge_range(2, 1, 3, 2, "MN")

    path = workbook(tmp_path, fill)
    assert rows_of(path)[1:] == [
        ["Z-1", "AMS", UNREADABLE, "klacht"],
        ["Z-2", "MN", UNREADABLE, "klacht"],
        ["Z-3", UNREADABLE, UNREADABLE, "klacht"],
    ]
    assert done_in(path) == {"merged_cells": "6"}


def test_empty_rows_within_a_merged_cell_stay_empty(tmp_path: Path):
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["zaaknummer", "eenheid"])
        sheet.merge_range(1, 0, 3, 0, "Z-1")
        sheet.write(1, 1, "AMS")
        sheet.write(9, 0, "Z-2")

    assert rows_of(workbook(tmp_path, fill))[1:4] == [["Z-1", "AMS"], [None, None], [None, None]]


@pytest.mark.parametrize(
    ("number_format", "number", "shown"),
    [("00000", 123, "00123"), ("00000", 1234567, "1234567"), ('"Z-"0000', 17, "Z-0017"),
     ("0000\\-000", 20204, "0020-204"), ("00000;[Red]-00000", 9, "00009"), ("[$-413]0000", 9, "0009")],
)  # fmt: skip
def test_zeros_that_a_number_format_shows_survive(tmp_path: Path, number_format: str, number: int, shown: str):
    def fill(book: Any, sheet: Any) -> None:
        sheet.write(0, 0, "zaaknummer")
        sheet.write_number(1, 0, number, book.add_format({"num_format": number_format}))
        sheet.write_number(2, 0, number)

    path = workbook(tmp_path, fill)
    assert rows_of(path) == [["zaaknummer"], [shown], [number]]
    assert done_in(path) == {"leading_zeros": "1"}


@pytest.mark.parametrize("number_format", ["0", "0.00", "#,##0", "dd-mm-yyyy", "hh:mm", "0%", '"€ "0', "000E+00", "@"])
def test_other_number_formats_change_no_value(tmp_path: Path, number_format: str):
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_number(0, 0, 45657, book.add_format({"num_format": number_format}))

    path = workbook(tmp_path, fill)
    assert "leading_zeros" not in done_in(path)
    assert not isinstance(rows_of(path)[0][0], str)


def test_what_a_person_does_not_see_is_read_and_logged(tmp_path: Path):
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_column(0, 0, ["zaaknummer", "Z-1", "Z-2", "Z-3"])
        sheet.write_column(0, 1, ["eenheid", "AMS", "MN", "AMS"])
        sheet.set_column("B:B", None, None, {"hidden": True})
        sheet.autofilter("A1:B4")
        sheet.filter_column("B", "x == AMS")
        sheet.set_row(2, None, None, {"hidden": True})
        book.add_worksheet("blad").write(0, 0, "x")
        book.worksheets()[0].hide()
        book.worksheets()[1].activate()

    path = workbook(tmp_path, fill)
    _source, sheets = read_file(path)
    assert [row[0] for row in sheets[0].rows] == ["zaaknummer", "Z-1", "Z-2", "Z-3"]
    assert done_in(path) == {"hidden_sheet": "", "hidden_rows": "1", "hidden_columns": "", "filter": ""}
    assert sheets[1].tolerances == ()


def test_a_workbook_of_libreoffice_gives_the_same_cells_as_that_of_excel(tmp_path: Path):
    if not shutil.which("soffice"):
        pytest.skip("LibreOffice (soffice) is not on this machine")

    def fill(book: Any, sheet: Any) -> None:
        zeros, day = book.add_format({"num_format": "00000"}), book.add_format({"num_format": "dd-mm-yyyy"})
        sheet.write_row(0, 0, ["zaaknummer", "dag", "fout", "getal", "onderwerp"])
        for row in (1, 2, 3):
            sheet.write_number(row, 0, row, zeros)
            sheet.write_datetime(row, 1, dt.date(2024, 12, row), day)
            sheet.write_number(row, 3, row)
        sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")
        sheet.merge_range(1, 4, 3, 4, "é & <ü>")
        sheet.set_row(2, None, None, {"hidden": True})

    path = workbook(tmp_path, fill)
    expected = [["zaaknummer", "dag", "fout", "getal", "onderwerp"],
                ["00001", dt.date(2024, 12, 1), UNREADABLE, 1, "é & <ü>"],
                ["00002", dt.date(2024, 12, 2), None, 2, "é & <ü>"],
                ["00003", dt.date(2024, 12, 3), None, 3, "é & <ü>"]]  # fmt: skip
    assert rows_of(path) == expected
    for kind in ("ods", "xlsx"):
        line = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profiel", "--headless", "--convert-to", kind,
                "--outdir", str(tmp_path / "om"), str(path)]  # fmt: skip
        subprocess.run(line, check=True, capture_output=True, timeout=120)
        other = tmp_path / "om" / f"levering.{kind}"
        assert rows_of(other) == expected
        assert done_in(other) == {"leading_zeros": "3", "merged_cells": "3", "hidden_rows": "1"}


def test_a_sheet_with_a_chart_only_does_not_stop_the_reading(tmp_path: Path):
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_column(0, 0, ["a", 1, 2])
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=onderzoeken!$A$2:$A$3"})
        book.add_chartsheet("grafiek").set_chart(chart)

    _source, sheets = read_file(workbook(tmp_path, fill))
    assert sheets[0].rows == [["a"], [1], [2]]


# Cells with an error, or a formula that was never calculated


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?"])
def test_a_cell_with_an_error_is_unreadable_and_not_empty(tmp_path: Path, error: str):
    rows = rows_of(workbook(tmp_path, lambda book, sheet: sheet.write_formula(2, 1, "=A1", None, error)))
    assert rows[2][1] is UNREADABLE


def test_a_formula_without_a_calculated_value_is_unreadable_and_not_empty(tmp_path: Path):
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append(["=1+1", "x"])
    book.save(tmp_path / "levering.xlsx")
    assert rows_of(tmp_path / "levering.xlsx") == [["a", "b"], [UNREADABLE, "x"]]


def test_a_row_that_holds_only_formulas_without_a_value_is_still_a_row(tmp_path: Path):
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append(["=1+1", "=1+2"])
    book.save(tmp_path / "levering.xlsx")
    assert rows_of(tmp_path / "levering.xlsx") == [["a", "b"], [UNREADABLE, UNREADABLE]]


@pytest.mark.parametrize(
    "cell",
    ["<f>1+1</f>", "<f>1+1</f><v/>", "<f>1+1</f><v />", "<f>1+1</f><v></v>", '<f t="shared" si="0"/>',
     '<f t="shared" ref="A2:A9" si="0">A1</f><v></v>'],
)  # fmt: skip
def test_a_formula_without_a_value_is_unreadable_in_every_spelling(tmp_path: Path, cell: str):
    path = workbook(tmp_path, lambda book, sheet: sheet.write_row(0, 0, [1, 2, 3]))
    with_sheet_xml(path, lambda xml: re.sub(r'<c r="B1".*?</c>', f'<c r="B1" s="0">{cell}</c>', xml))
    assert rows_of(path) == [[1, UNREADABLE, 3]]


def test_a_calculated_formula_gives_its_value(tmp_path: Path):
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_formula(0, 0, "=1+1", None, 2)
        sheet.write_formula(0, 1, '="x"', None, "x")

    assert rows_of(workbook(tmp_path, fill)) == [[2, "x"]]


def test_a_formula_that_was_calculated_to_nothing_is_empty_and_no_fault(tmp_path: Path):
    # =IF(A1="";"";A1), as Excel stores it: t="str" says that the value was calculated.
    path = workbook(tmp_path, lambda book, sheet: sheet.write_row(0, 0, [1, 2, 3]))
    cell = '<c r="B1" t="str"><f>IF(C1="","",C1)</f><v></v></c>'
    with_sheet_xml(path, lambda xml: re.sub(r'<c r="B1".*?</c>', cell, xml))
    assert rows_of(path) == [[1, None, 3]]


# Workbooks that cannot be read


def test_a_csv_file_named_xlsx_is_refused(tmp_path: Path):
    refused(text_file(tmp_path, f"zaaknummer;eenheid\n{SECRET};AMS\n".encode(), "levering.xlsx"))


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.99])
def test_a_truncated_workbook_is_refused(tmp_path: Path, kept: float):
    data = write_workbook(sound(), tmp_path / "heel.xlsx").read_bytes()
    refused(text_file(tmp_path, data[: int(len(data) * kept)], "levering.xlsx"))


def test_a_workbook_with_a_damaged_sheet_is_refused(tmp_path: Path):
    path = write_workbook(sound(), tmp_path / "levering.xlsx")
    with zipfile.ZipFile(path) as book:
        at = book.getinfo("xl/worksheets/sheet6.xml").header_offset + 80
    data = bytearray(path.read_bytes())
    data[at : at + 40] = b"\xff" * 40
    path.write_bytes(bytes(data))
    refused(path)


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"])
@pytest.mark.parametrize("content", [None, b"<not xml"])
def test_a_workbook_that_lacks_a_part_or_has_a_broken_one_is_refused(tmp_path: Path, part: str, content: bytes | None):
    path = write_workbook(sound(), tmp_path / "levering.xlsx")
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist() if name != part}
    with zipfile.ZipFile(path, "w") as book:
        for name, found in parts.items():
            book.writestr(name, found)
        if content is not None:
            book.writestr(part, content)
    refused(path)


def test_a_zip_file_named_xlsx_is_refused(tmp_path: Path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as book:
        book.writestr("brief.txt", SECRET)
    refused(text_file(tmp_path, packed.getvalue(), "levering.xlsx"))


@pytest.mark.parametrize("name", ["levering.xlsx", "levering.xls"])
def test_an_encrypted_workbook_or_an_old_one_is_refused_with_what_to_do(tmp_path: Path, name: str):
    refused(text_file(tmp_path, OLE + b"\x00" * 504 + SECRET.encode(), name), ".xlsx")


@pytest.mark.parametrize("name", ["levering.xlsm", "levering.xlsx"])
def test_a_workbook_with_macros_is_refused(tmp_path: Path, name: str):
    path = write_workbook(sound(), tmp_path / name)
    with zipfile.ZipFile(path, "a") as book:
        book.writestr("xl/vbaProject.bin", SECRET)
    refused(path, "acro")


def test_a_workbook_with_empty_sheets_only_is_refused(tmp_path: Path):
    def fill(book: Any, sheet: Any) -> None:
        book.add_worksheet("leeg")
        sheet.write_blank(5, 5, None, book.add_format({"bold": True}))

    refused(workbook(tmp_path, fill))


def test_a_cell_in_the_farthest_corner_is_refused_before_the_sheet_is_opened(tmp_path: Path):
    def fill(book: Any, sheet: Any) -> None:
        sheet.write(0, 0, SECRET)
        sheet.write(1_048_575, 16_383, "x")

    refused(workbook(tmp_path, fill), "onderzoeken", "1048576", "XFD")


@pytest.mark.parametrize(
    "cell",
    ['<c r="Z100" s="0"><v>1</v></c>', '<c s="0" r="Z100"><v>1</v></c>', '<c\n r="Z100"><v>1</v></c>',
     "<c r='Z100'><v>1</v></c>"],
)  # fmt: skip
def test_a_far_cell_is_refused_however_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cell: str):
    monkeypatch.setattr(workbooks, "MAX_CELLS", 1000)
    path = workbook(tmp_path, lambda book, sheet: sheet.write(0, 0, SECRET))
    with_sheet_xml(path, lambda xml: xml.replace("</sheetData>", f'<row r="100">{cell}</row></sheetData>'))
    refused(path, "onderzoeken", "100", "Z")


def test_a_far_cell_is_refused_also_when_the_xml_has_a_prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(workbooks, "MAX_CELLS", 1000)
    path = workbook(tmp_path, lambda book, sheet: sheet.write(99, 25, 1))
    with_sheet_xml(path, lambda xml: re.sub(r"<(/?)(\w+)(?=[\s/>])", r"<\1x:\2", xml).replace("xmlns=", "xmlns:x="))
    refused(path, "onderzoeken")


def test_a_workbook_that_unpacks_beyond_all_measure_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(workbooks, "MAX_PARTS_BYTES", 5000)
    refused(write_workbook(sound(), tmp_path / "levering.xlsx"))


# From file to delivery


def test_a_sound_workbook_and_a_sound_folder_give_the_same_tables(tmp_path: Path):
    book = one_delivery(write_workbook(sound(), tmp_path / "levering.xlsx"))
    folder = one_delivery(write_folder(sound(), tmp_path / "levering"))
    assert (book.name, folder.name) == ("levering.xlsx", "levering")
    assert book.tables.keys() == folder.tables.keys()
    for name, table in book.tables.items():
        assert table.frame.equals(folder.tables[name].frame), name
        assert table.missing_columns == ()


def banner(rows: list[list[Any]]) -> list[list[Any]]:
    return [["Uitdraai interne onderzoeken"], [], ["eenheid", "Amsterdam"], *rows]


def sheet_rows(sheet: str) -> list[list[Any]]:
    return [headers(sheet), *([row.get(header) for header in headers(sheet)] for row in sound()[sheet])]


def write_sheets(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    book.save(path)
    return path


def sheets_with(**changed: list[list[Any]] | None) -> dict[str, list[list[Any]]]:
    """The sheets levering and onderzoeken of the sound delivery, some changed or (None) left out."""
    sheets = {name: sheet_rows(name) for name in ("levering", "onderzoeken")} | changed
    return {name: rows for name, rows in sheets.items() if rows is not None}


def test_rows_above_the_headers_are_skipped_and_rows_keep_their_number(tmp_path: Path):
    rows = sheet_rows("onderzoeken")
    rows.insert(3, [])  # an empty row among the data counts, but is no case
    path = write_sheets(tmp_path / "levering.xlsx", sheets_with(onderzoeken=banner(rows)))
    table = one_delivery(path).tables["cases"]
    assert table.places["row"].tolist() == [5, 6, 8, 9, 10, 11]
    assert table.frame["case_id"].tolist() == [f"00000-Z{case}" for case in range(1, 7)]
    assert table.headers["opened_on"] == ("geopend_op", "E")


def test_headers_and_sheet_names_are_known_in_any_case_and_with_blanks(tmp_path: Path):
    rows = sheet_rows("onderzoeken")
    rows[0] = [f" {header.upper().replace('_', ' ')} " for header in rows[0]]
    sheets = {"LEVERING ": sheet_rows("levering"), "Onderzoeken": rows}
    delivery = one_delivery(write_sheets(tmp_path / "levering.xlsx", sheets))
    assert delivery.tables["cases"].missing_columns == ()
    assert len(delivery.tables["cases"].frame) == 6


def test_columns_in_another_order_are_found_by_their_header(tmp_path: Path):
    rows = [list(reversed(row)) for row in sheet_rows("onderzoeken")]
    table = one_delivery(write_sheets(tmp_path / "levering.xlsx", sheets_with(onderzoeken=rows))).tables["cases"]
    assert table.frame["case_id"].iloc[0] == "00000-Z1"
    assert table.headers["case_id"] == ("zaaknummer", "K")


def tolerances(path: Path, sheet: str = "onderzoeken") -> dict[str, str]:
    """What was done to read one sheet of a delivery: kind -> detail."""
    delivery = one_delivery(path)
    assert {tolerance.kind for tolerance in delivery.tolerances} <= set(TOLERANCE_WORDS)
    return {t.kind: t.detail for t in delivery.tolerances if plain(t.sheet) == plain(sheet)}


def test_how_a_sheet_was_found_is_logged(tmp_path: Path):
    rows = sheet_rows("onderzoeken")
    rows[0] = ["Zaak nummer" if header == "zaaknummer" else header for header in rows[0]]
    rows[0] = ["Zaaknummer", *rows[0][1:], "opmerking"]
    rows = [*rows[:2], [], [], *rows[2:], [], []]
    sheets = {"levering": sheet_rows("levering"), "Onderzoeken ": [["Uitdraai"], [], *rows]}
    assert tolerances(write_sheets(tmp_path / "levering.xlsx", sheets)) == {
        "sheet_name_spelling": "Onderzoeken ",
        "rows_above_header": "2",
        "header_spelling": "Zaaknummer",
        "extra_columns": "opmerking",
        "empty_rows": "2",
    }
    assert tolerances(write_workbook(sound(), tmp_path / "gaaf.xlsx")) == {}


def test_a_delivery_keeps_its_files_its_unread_sheets_and_how_each_file_was_read(tmp_path: Path):
    write_folder(sound(), tmp_path / "map")
    (tmp_path / "map" / "toelichting.csv").write_text("vrij;veld\nx;y\n", "utf-8")
    delivery = one_delivery(tmp_path / "map")
    assert [path.name for path in delivery.paths] == [source.name for source in delivery.sources]
    assert delivery.unread_sheets == ("toelichting",)
    assert delivery.unread[0].rows[1] == ["x", "y"]
    assert {t.file for t in delivery.tolerances if t.kind == "encoding"} == {path.name for path in delivery.paths}
    assert {t.sheet for t in delivery.tolerances} == {""}


def test_filled_cells_beside_the_headers_are_logged_and_kept_for_the_privacy_gate(tmp_path: Path):
    rows = [[*row, None, value] for row, value in zip(sheet_rows("onderzoeken"), [None, *[SECRET] * 6], strict=True)]
    path = write_sheets(tmp_path / "levering.xlsx", sheets_with(onderzoeken=rows))
    assert tolerances(path) == {"cells_beyond_header": "6"}
    table = one_delivery(path).tables["cases"]
    assert table.extra_headers == ()
    assert table.extra_letters == ("M",)
    assert table.extra_cells is not None
    assert table.extra_cells.iloc[:, 0].tolist() == [SECRET] * 6
    assert "row:shifted" not in table.flags


def test_a_csv_row_with_more_cells_than_headers_has_shifted(tmp_path: Path):
    write_folder(sound(), tmp_path / "levering")
    path = tmp_path / "levering" / "onderzoeken.csv"
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([*lines[:3], lines[3] + ";rest", lines[4] + ";", *lines[5:]]) + "\n", "utf-8")
    delivery = one_delivery(tmp_path / "levering")
    assert delivery.tables["cases"].flags["row:shifted"].tolist() == ["", "", "shifted", "", "", ""]
    report, _case_files = check([delivery])
    found = report.breaches[report.breaches["rule"] == "cases.row_not_shifted"]
    assert found[["severity", "row"]].values.tolist() == [["error", 4]]


def test_headers_merged_over_two_rows_are_found_in_the_second(tmp_path: Path):
    def fill(book: Any, sheet: Any) -> None:
        columns = headers("onderzoeken")
        sheet.merge_range(0, 4, 0, 5, "data")
        for number, header in enumerate(columns):
            if header in ("geopend_op", "afgesloten_op"):
                sheet.write(1, number, header)
            else:
                sheet.merge_range(0, number, 1, number, header)
        for number, row in enumerate(sound()["onderzoeken"], 2):
            for column, header in enumerate(columns):
                value = row.get(header)
                sheet.write(number, column, value.isoformat() if isinstance(value, dt.date) else value)
        levering = book.add_worksheet("levering")
        for number, row in enumerate(sheet_rows("levering")):
            levering.write_row(number, 0, [v.isoformat() if isinstance(v, dt.date) else v for v in row])

    table = one_delivery(workbook(tmp_path, fill)).tables["cases"]
    assert table.missing_columns == ()
    assert table.places["row"].tolist() == [3, 4, 5, 6, 7, 8]


def test_headers_spread_over_two_rows_are_refused_with_the_rows(tmp_path: Path):
    rows = sheet_rows("onderzoeken")
    first = [header if number % 2 else None for number, header in enumerate(rows[0])]
    second = [None if number % 2 else header for number, header in enumerate(rows[0])]
    path = write_sheets(tmp_path / "levering.xlsx", sheets_with(onderzoeken=[["titel"], first, second, *rows[1:]]))
    refusal(lambda: read_delivery(path), "levering.xlsx", "onderzoeken", "2", "3")


def test_invisible_characters_in_headers_and_sheet_names_do_not_hide_them(tmp_path: Path):
    rows = sheet_rows("onderzoeken")
    rows[0] = ["\ufeffzaaknummer", "een\u00adheid", "onderzoekende\xa0eenheid", *rows[0][3:]]
    path = write_sheets(tmp_path / "l.xlsx", sheets_with(onderzoeken=None, **{"onder\u200bzoeken": rows}))
    assert one_delivery(path).tables["cases"].missing_columns == ()


def test_a_row_with_totals_below_the_data_is_a_finding_and_no_case(tmp_path: Path):
    rows = [*sheet_rows("onderzoeken"), ["Totaal", 6]]
    report, _case_files = check(read_delivery(write_sheets(tmp_path / "l.xlsx", sheets_with(onderzoeken=rows))))
    assert set(report.breaches.loc[report.breaches["severity"] == "error", "row"]) == {8}
    assert report.rows.set_index("table").loc["cases", ["accepted", "rejected"]].tolist() == [6, 1]


def test_places_are_the_same_in_a_workbook_and_in_a_csv_file_with_line_breaks(tmp_path: Path):
    faulty = sound()
    faulty["onderzoeken"][3]["geopend_op"] = "03/04/2020"
    write_workbook(faulty, tmp_path / "levering.xlsx")
    write_folder(faulty, tmp_path / "map")
    path = tmp_path / "map" / "onderzoeken.csv"
    lines = path.read_text("utf-8").splitlines()
    lines = [lines[0] + ";opmerking", *(f'{line};"een\ntwee"' for line in lines[1:])]
    path.write_text("sep=;\n" + "\n".join(lines) + "\n", "utf-8")
    found = []
    for where in (tmp_path / "levering.xlsx", tmp_path / "map"):
        breaches = check(read_delivery(where))[0].breaches
        found.append(breaches.loc[breaches["rule"] == "cases.opened_on_form", ["row", "column"]].values.tolist())
    assert found[0] == found[1] == [[5, "E"]]


def test_an_extra_column_and_an_extra_sheet_are_left_alone_and_the_column_is_named(tmp_path: Path):
    rows = [[*row, value] for row, value in zip(sheet_rows("onderzoeken"), ["naam", *[SECRET] * 6], strict=True)]
    delivery = one_delivery(
        write_sheets(tmp_path / "levering.xlsx", sheets_with(onderzoeken=rows, toelichting=[["vrij"]]))
    )
    assert delivery.tables["cases"].extra_headers == ("naam",)
    assert set(delivery.tables) == {"delivery", "cases"}
    assert "signals" in delivery.absent
    assert SECRET not in delivery.tables["cases"].frame.to_string()


def test_a_sheet_with_headers_and_no_rows_counts_as_not_delivered_with_the_reason(tmp_path: Path):
    # an untouched sheet of the template must not say that there were no suspensions
    path = write_sheets(tmp_path / "levering.xlsx", sheets_with(opschortingen=[headers("opschortingen")]))
    delivery = one_delivery(path)
    assert "suspensions" not in delivery.tables
    assert delivery.absent["suspensions"] == {"nl": "het blad is leeg", "en": "the sheet is empty"}


def test_a_short_row_lacks_values_and_no_column(tmp_path: Path):
    write_folder(sound(), tmp_path / "levering")
    path = tmp_path / "levering" / "onderzoeken.csv"
    path.write_text(path.read_text("utf-8") + "Z-7;AMS\n", "utf-8")
    last = one_delivery(tmp_path / "levering").tables["cases"].frame.iloc[-1]
    assert last[["case_id", "unit"]].tolist() == ["Z-7", "AMS"]
    assert last.drop(["case_id", "unit"]).isna().all()


# Deliveries that cannot be read


def test_a_workbook_without_a_required_sheet_is_refused_with_the_sheets_it_has(tmp_path: Path):
    sheets = {"blad1": [["naam"], [SECRET]], "onderzoeken": sheet_rows("onderzoeken")}
    path = write_sheets(tmp_path / "verkeerd.xlsx", sheets)
    refusal(lambda: read_delivery(path), "verkeerd.xlsx", "levering", "blad1")


def test_a_single_csv_file_is_no_delivery_without_a_mapping(tmp_path: Path):
    write_folder(sound(), tmp_path / "map")
    refusal(lambda: read_delivery(tmp_path / "map" / "onderzoeken.csv"), "onderzoeken.csv", "levering")


def test_a_sheet_without_its_headers_is_refused_and_its_first_row_not_shown(tmp_path: Path):
    rows = [[SECRET, "AMS"], [SECRET, "MN"]]
    path = write_sheets(tmp_path / "levering.xlsx", sheets_with(onderzoeken=rows))
    refusal(lambda: read_delivery(path), "levering.xlsx", "onderzoeken", "afgesloten_op")


def test_a_required_sheet_that_is_wholly_empty_is_refused(tmp_path: Path):
    path = write_sheets(tmp_path / "levering.xlsx", sheets_with(onderzoeken=[]))
    refusal(lambda: read_delivery(path), "levering.xlsx", "onderzoeken")


def test_a_header_that_stands_there_twice_is_refused(tmp_path: Path):
    rows = [[*row, row[0]] for row in sheet_rows("onderzoeken")]
    rows[0][-1] = "Zaaknummer"
    path = write_sheets(tmp_path / "levering.xlsx", sheets_with(onderzoeken=rows))
    refusal(lambda: read_delivery(path), "levering.xlsx", "onderzoeken", "zaaknummer")


def test_an_unknown_header_may_stand_there_twice(tmp_path: Path):
    rows = [[*row, "opmerking", "opmerking"] for row in sheet_rows("onderzoeken")]
    path = write_sheets(tmp_path / "levering.xlsx", sheets_with(onderzoeken=rows))
    assert one_delivery(path).tables["cases"].extra_headers == ("opmerking", "opmerking")


def test_one_table_under_two_names_is_refused(tmp_path: Path):
    path = write_sheets(tmp_path / "levering.xlsx", sheets_with(cases=sheet_rows("onderzoeken")))
    refusal(lambda: read_delivery(path), "levering.xlsx")


OWN_MAPPING = """
mapping: 1
name: eigen
title: {nl: Eigen export, en: Own export}
agency: {nl: wij, en: we}
sources:
  register: {}
tables:
  delivery:
    columns:
      unit: {constant: AMS}
      extracted_at: {constant: 2024-06-30}
      period_start: {constant: 2020-01-01}
      period_end: {constant: 2024-06-30}
      cohort_basis: {constant: alle}
      contract_version: {constant: 1.0.0}
      counting_unit: {constant: onderzoek}
  cases:
    columns:
      case_id: Dossier
      unit: {constant: AMS}
      kind: {constant: klacht}
      opened_on: Ontvangen
"""


def test_an_export_without_the_headers_of_the_mapping_is_refused_and_its_first_row_not_shown(tmp_path: Path):
    (tmp_path / "eigen.yaml").write_text(OWN_MAPPING, encoding="utf-8")
    path = text_file(tmp_path, f"{SECRET};2024-01-01\nZ-2;2024-01-02\n".encode(), "export.csv")
    mapping = load_mapping(tmp_path / "eigen.yaml")
    refusal(lambda: read_delivery(path, mapping), "export.csv", "Dossier", error=WrongUse)


# Folders


def test_each_workbook_each_folder_of_text_files_and_each_folder_below_is_a_delivery(tmp_path: Path):
    write_workbook(sound(1), tmp_path / "b.xlsx")
    write_workbook(sound(2), tmp_path / "a.xlsx")
    write_folder(sound(3), tmp_path / "c")
    (tmp_path / "d").mkdir()
    write_workbook(sound(4), tmp_path / "d" / "e.xlsx")
    (tmp_path / "leesmij.md").write_text(SECRET)
    (tmp_path / "~$a.xlsx").write_bytes(b"lock")
    (tmp_path / ".b.csv").write_bytes(b"hidden")
    assert [delivery.name for delivery in read_delivery(tmp_path)] == ["a.xlsx", "b.xlsx", "c", "e.xlsx"]


def test_folders_are_read_however_deep_they_lie(tmp_path: Path):
    (tmp_path / "2024" / "halfjaar").mkdir(parents=True)
    write_folder(sound(1), tmp_path / "2024" / "halfjaar" / "AMS")
    write_workbook(sound(2), tmp_path / "MN.xlsx")
    assert [delivery.name for delivery in read_delivery(tmp_path)] == ["MN.xlsx", "AMS"]


def test_a_folder_without_deliveries_is_refused(tmp_path: Path):
    folder = tmp_path / "leeg"
    folder.mkdir()
    (folder / "leesmij.md").write_text(SECRET)
    refusal(lambda: read_delivery(folder), "leeg")


def test_a_folder_with_only_the_lock_file_of_an_open_workbook_does_not_stop_the_reading(tmp_path: Path):
    write_workbook(sound(), tmp_path / "a.xlsx")
    (tmp_path / "werk").mkdir()
    (tmp_path / "werk" / "~$b.xlsx").write_bytes(b"lock")
    assert [delivery.name for delivery in read_delivery(tmp_path)] == ["a.xlsx"]


def test_one_unreadable_delivery_among_others_is_named(tmp_path: Path):
    write_workbook(sound(), tmp_path / "a.xlsx")
    text_file(tmp_path, SECRET.encode(), "b.xlsx")
    refusal(lambda: read_delivery(tmp_path), "b.xlsx")


# Column letters


@pytest.mark.parametrize(
    ("letters", "number"), [("A", 1), ("Z", 26), ("AA", 27), ("ZZ", 702), ("AAA", 703), ("XFD", 16384)]
)
def test_column_letters_count_as_in_excel(letters: str, number: int):
    assert column_number(letters) == number
    assert column_letter(number) == letters
