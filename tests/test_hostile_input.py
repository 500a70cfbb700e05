"""Files that mean harm, or look as if they do: one clear message, exit code 3, bounded memory.

Memory is that of a real process that reads the file, and of the process that it starts.
"""

import gzip
import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hostile_files import (
    HEADER_ROWS,
    MAIN,
    formatted_rows,
    ods_parts,
    record,
    sheet_xml,
    wide,
    xlsb_parts,
    xlsx_parts,
    zeros_in_zip,
    zipped,
)
from rules.sound import sound, write_folder, write_workbook

from data_contracts.delivery import MAX_FILES, read_delivery
from data_contracts.errors import UnreadableInput
from data_contracts.reading import workbook_cells, workbooks
from data_contracts.reading.files import UNREADABLE, read_file

SECRET = "Geheim-4711"
BOUND_MB = 700
ROWS = [["zaaknummer", "eenheid"], ["Z-1", "AMS"]]

READ = """
import json, resource, sys
from pathlib import Path
from data_contracts.errors import UnreadableInput
from data_contracts.reading.files import read_file
try:
    _source, sheets = read_file(Path(sys.argv[1]))
    outcome = {"rows": [len(sheet.rows) for sheet in sheets], "head": repr(sheets[0].rows[:2])}
except UnreadableInput as refusal:
    outcome = {"refused": str(refusal)}
used = [resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps({**outcome, "megabytes": used}))
"""


def read_apart(path: Path) -> dict[str, Any]:
    """What a process of its own makes of the file; it may not end otherwise, nor use more than `BOUND_MB`."""
    if sys.platform == "win32":
        pytest.skip("the memory of a process is measured on POSIX only")
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True, timeout=100
    )
    outcome = json.loads(done.stdout)
    assert max(outcome["megabytes"]) < BOUND_MB, outcome
    assert done.stderr == ""
    return outcome


def refused(path: Path, *words: str) -> None:
    with pytest.raises(UnreadableInput) as refusal:
        read_file(path)
    message = str(refusal.value)
    assert refusal.value.exit_code == 3
    assert "\n" not in message
    for word in (path.name, *words):
        assert word in message
    assert SECRET not in message
    assert refusal.value.__cause__ is None


# Sheets that are larger than they look


@pytest.mark.parametrize(("rows", "columns"), [(1_000_000, "ABC"), (2_000_000, "A")])
def test_empty_formatted_rows_behind_the_data_are_read_as_nothing(tmp_path: Path, rows: int, columns: str):
    content = sheet_xml(piece for part in ([HEADER_ROWS], formatted_rows(3, rows, columns)) for piece in part)
    outcome = read_apart(zipped(tmp_path / "opmaak.xlsx", xlsx_parts(content)))
    assert outcome["rows"] == [2]
    assert outcome["head"] == repr(ROWS)


def test_empty_formatted_cells_are_no_extent_also_where_they_would_be_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(workbooks, "MAX_CELLS", 100)
    content = sheet_xml([HEADER_ROWS, *formatted_rows(3, 500, "ABCDEFGH")])
    _source, (sheet,) = read_file(zipped(tmp_path / "opmaak.xlsx", xlsx_parts(content)))
    assert sheet.rows == ROWS


@pytest.mark.parametrize("cell", ['<c r="XFD1048576"><v>1</v></c>', '<c r="XFD1048576" x="/>"><v>1</v></c>'])
def test_one_cell_in_the_farthest_corner_is_refused(tmp_path: Path, cell: str):
    rows = HEADER_ROWS + f'<row r="1048576">{cell}</row>'.encode()
    outcome = read_apart(zipped(tmp_path / "hoek.xlsx", xlsx_parts(sheet_xml(rows))))
    assert "XFD" in outcome["refused"]
    assert "1048576" in outcome["refused"]


@pytest.mark.parametrize("path", ["xl/worksheets/sheet1.xml", "/xl/worksheets/sheet1.xml", "worksheets/Sheet1.XML"])
def test_a_far_cell_is_seen_however_the_sheet_is_named_in_the_relations(tmp_path: Path, path: str):
    rows = HEADER_ROWS + b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    parts = xlsx_parts(sheet_xml(rows))
    name = "xl/_rels/workbook.xml.rels"
    parts[name] = bytes(parts[name]).replace(b"worksheets/sheet1.xml", path.encode())
    refused(zipped(tmp_path / "hoek.xlsx", parts))


def test_one_long_text_in_a_million_cells_is_refused(tmp_path: Path):
    # 30 kB, shared by a million cells: 30 GB once each cell has its own copy
    def rows() -> Iterable[bytes]:
        for start in range(1, 1_000_001, 10_000):
            numbers = range(start, start + 10_000)
            yield "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in numbers).encode()

    strings = f"<sst {MAIN}><si><t>{'x' * 30_000}</t></si></sst>".encode()
    outcome = read_apart(zipped(tmp_path / "tekst.xlsx", xlsx_parts(sheet_xml(rows()), strings)))
    assert "tekst.xlsx" in outcome["refused"]


def test_a_text_of_two_hundred_megabytes_in_a_cell_does_not_exhaust_the_process(tmp_path: Path):
    def rows() -> Iterable[bytes]:
        yield b'<row r="1"><c r="A1" t="inlineStr"><is><t>'
        for _time in range(200):
            yield b"x" * 1_000_000
        yield b"</t></is></c></row>"

    assert "refused" in read_apart(zipped(tmp_path / "lang.xlsx", xlsx_parts(sheet_xml(rows()))))


def test_a_shared_text_of_nested_runs_counts_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(workbooks, "MAX_TEXT_BYTES", 200_000)
    runs = "<r><t>x</t></r>" * 5_000
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 100)).encode()
    strings = f"<sst {MAIN}><si>{runs}</si></sst>".encode()
    refused(zipped(tmp_path / "tekst.xlsx", xlsx_parts(sheet_xml(rows), strings)))


def test_a_zip_bomb_is_refused_before_it_unpacks(tmp_path: Path):
    path = zeros_in_zip(tmp_path / "bom.xlsx", "xl/workbook.xml", 3_000)
    assert path.stat().st_size < 5_000_000
    start = time.monotonic()
    outcome = read_apart(path)
    assert "2 GB" in outcome["refused"]
    assert time.monotonic() - start < 20


def test_a_zip_bomb_that_lies_about_its_size_is_refused(tmp_path: Path):
    path = zeros_in_zip(tmp_path / "bom.xlsx", "xl/workbook.xml", 300)
    path.write_bytes(path.read_bytes().replace((300_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little")))
    assert "refused" in read_apart(path)


def test_a_gzip_bomb_is_refused(tmp_path: Path):
    path = tmp_path / "onderzoeken.csv.gz"
    path.write_bytes(gzip.compress(b"zaaknummer;eenheid\n" * 2_600_000) * 25)  # members one after another: 1.2 GB
    assert "1 GB" in read_apart(path)["refused"]


@pytest.mark.parametrize("packed", [True, False])
def test_a_line_without_end_is_refused(tmp_path: Path, packed: bool):
    path = tmp_path / ("onderzoeken.csv.gz" if packed else "onderzoeken.csv")
    block = gzip.compress(b"x" * 50_000_000) if packed else b"x" * 50_000_000
    with path.open("wb") as file:
        for _time in range(20 if packed else 1):
            file.write(block)
    assert "10 MB" in read_apart(path)["refused"]


@pytest.mark.parametrize("row", [b";" * 20_000, b'"' + b"x\n" * 100_000 + b'";y'])
def test_a_csv_row_beyond_all_measure_is_refused(tmp_path: Path, row: bytes):
    (tmp_path / "onderzoeken.csv").write_bytes(b"zaaknummer;eenheid\n" + row + b"\n")
    refused(tmp_path / "onderzoeken.csv", "2")


def test_one_wide_row_among_many_short_ones_is_refused(tmp_path: Path):
    (tmp_path / "onderzoeken.csv").write_bytes(b"a;b\n" * 100_000 + b";x" * 10_000 + b"\n")
    assert "100001" in read_apart(tmp_path / "onderzoeken.csv")["refused"]


def test_an_ods_cell_that_repeats_beyond_all_measure_is_refused(tmp_path: Path):
    cell = '<table:table-cell office:value-type="string" {}><text:p>x</text:p></table:table-cell>'
    blank = '<table:table-cell table:number-columns-repeated="16383"/>'
    wide_row = cell.format('table:number-columns-repeated="16384"')
    for rows in (
        f'<table:table-row table:number-rows-repeated="1048576">{wide_row}</table:table-row>',
        '<table:table-row table:number-rows-repeated="1048575"><table:table-cell/></table:table-row>'
        f"<table:table-row>{blank}{cell.format('')}</table:table-row>",
    ):
        assert "1048576" in read_apart(zipped(tmp_path / "herhaald.ods", ods_parts(rows)))["refused"]


def test_an_ods_text_that_repeats_beyond_all_measure_is_refused(tmp_path: Path):
    cell = f'<table:table-cell office:value-type="string"><text:p>{"x" * 30_000}</text:p></table:table-cell>'
    rows = f'<table:table-row table:number-rows-repeated="1000000">{cell}</table:table-row>'
    assert "refused" in read_apart(zipped(tmp_path / "herhaald.ods", ods_parts(rows)))


def test_an_error_that_repeats_beyond_all_measure_is_refused(tmp_path: Path):
    rows = '<table:table-row table:number-rows-repeated="1000000"><table:table-cell table:formula="of:=1/0" '
    rows += 'table:number-columns-repeated="9"/></table:table-row>'
    assert "formule" in read_apart(zipped(tmp_path / "fouten.ods", ods_parts(rows)))["refused"]


def test_an_ods_sheet_with_empty_rows_to_the_end_is_read(tmp_path: Path):
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = "".join(f"<table:table-row>{''.join(map(cell.format, row))}</table:table-row>" for row in ROWS)
    empty = '<table:table-cell table:number-columns-repeated="16384"/>'
    rows += f'<table:table-row table:number-rows-repeated="1048574">{empty}</table:table-row>'
    outcome = read_apart(zipped(tmp_path / "levering.ods", ods_parts(rows)))
    assert outcome["head"] == repr(ROWS)


def test_an_xlsb_cell_in_the_farthest_corner_is_refused(tmp_path: Path):
    cells = [(0, 0, 6, wide("zaaknummer")), (1_048_575, 16_383, 6, wide(SECRET))]
    assert "XFD" in read_apart(zipped(tmp_path / "hoek.xlsb", xlsb_parts(cells)))["refused"]


def test_an_error_in_an_xlsb_cell_is_unreadable_and_not_empty(tmp_path: Path):
    cells = [(0, 0, 6, wide("zaaknummer")), (0, 1, 6, wide("eenheid")), (1, 0, 6, wide("Z-1")), (1, 1, 3, b"\x2a")]
    _source, (sheet,) = read_file(zipped(tmp_path / "levering.xlsb", xlsb_parts(cells)))
    assert sheet.rows == [ROWS[0], ["Z-1", UNREADABLE]]


def test_an_xlsb_record_that_claims_more_than_there_is_is_refused(tmp_path: Path):
    parts = xlsb_parts([(0, 0, 6, wide(SECRET))])
    parts["xl/worksheets/sheet1.bin"] = record(129) + b"\x06\xff\xff\xff\x7f"
    refused(zipped(tmp_path / "kapot.xlsb", parts))


def test_a_workbook_that_needs_more_memory_than_its_reader_may_have_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # what the guard does not foresee must end in the process apart, with a message here
    if sys.platform != "linux":
        pytest.skip("only Linux keeps a process to its limit of address space")
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 300_000)).encode()
    path = zipped(tmp_path / "levering.xlsx", xlsx_parts(b"".join(sheet_xml(rows))))
    monkeypatch.setattr(workbooks, "MAX_HERE_BYTES", 0)
    assert len(read_file(path)[1][0].rows) == 299_999
    monkeypatch.setattr(workbook_cells, "MAX_MEMORY_BYTES", 40_000_000)
    refused(path)


def test_a_workbook_reads_the_same_here_and_in_a_process_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = write_workbook(sound(), tmp_path / "levering.xlsx")
    here = read_file(path)
    monkeypatch.setattr(workbooks, "MAX_HERE_BYTES", 0)
    assert read_file(path) == here


# XML and zip files that are not what they seem


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"])
def test_a_billion_laughs_are_refused_unread(tmp_path: Path, part: str):
    lines = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 20))
    parts = xlsx_parts(b"".join(sheet_xml(HEADER_ROWS)))
    parts[part] = f"<!DOCTYPE x [{lines}]>".encode() + bytes(parts[part])
    assert "refused" in read_apart(zipped(tmp_path / "lach.xlsx", parts))


def test_names_in_a_zip_file_that_point_elsewhere_write_nothing(tmp_path: Path):
    folder = tmp_path / "map"
    folder.mkdir()
    parts = xlsx_parts(b"".join(sheet_xml(HEADER_ROWS)))
    path = zipped(folder / "pad.xlsx", {**parts, "../../kwaad.txt": b"x", "/tmp/kwaad-toetssteen.txt": b"x"})
    assert read_file(path)[1][0].rows == ROWS
    assert [entry.name for entry in tmp_path.rglob("*")] == ["map", "pad.xlsx"]
    assert not Path("/tmp/kwaad-toetssteen.txt").exists()


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "XL/Worksheets/Sheet1.xml", "xl\\worksheets\\sheet1.xml"])
def test_two_parts_with_one_name_are_refused(tmp_path: Path, name: str):
    path = zipped(tmp_path / "dubbel.xlsx", xlsx_parts(b"".join(sheet_xml(HEADER_ROWS))))
    with zipfile.ZipFile(path, "a") as book:
        book.writestr(name, b"".join(sheet_xml(HEADER_ROWS)))
    refused(path)


def test_a_sheet_that_the_guard_did_not_see_is_refused(tmp_path: Path):
    comment = b"<!--" + b" " * 5000 + b"-->"  # what comes before the root is longer than any program writes
    refused(zipped(tmp_path / "lang.xlsx", xlsx_parts(comment + b"".join(sheet_xml(HEADER_ROWS)))))


def test_a_sheet_in_another_encoding_than_utf_8_is_refused(tmp_path: Path):
    xml = b"".join(sheet_xml(HEADER_ROWS)).decode()
    parts = xlsx_parts(f'<?xml version="1.0" encoding="utf-16"?>{xml}'.encode("utf-16"))
    refused(zipped(tmp_path / "utf16.xlsx", parts))


def test_a_zip_file_with_a_password_is_refused(tmp_path: Path):
    path = zipped(tmp_path / "slot.xlsx", xlsx_parts(b"".join(sheet_xml(HEADER_ROWS))))
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(data))
    refused(path)


@pytest.mark.parametrize("name", ["uitdraai.xls", "uitdraai.xlsx", "uitdraai.ods"])
def test_a_web_page_with_the_name_of_a_workbook_is_refused_with_what_to_do(tmp_path: Path, name: str):
    (tmp_path / name).write_text(f"\ufeff<html><table><tr><td>{SECRET}</td></tr></table></html>", "utf-8")
    refused(tmp_path / name, "webpagina", ".xlsx")


# Text that is no text


@pytest.mark.parametrize(
    "content",
    [b"zaaknummer;eenheid\nZ-1;A\x00B\n", "zaaknummer;eenheid\nZ-1;AMS\n".encode("utf-16-le"),
     "zaaknummer;eenheid\nZ-1;AMS\n".encode("utf-32"), b"\xff\xfe\x00\xd8a\x00",
     "zaaknummer;naam\nZ-1;André\n".encode() + "Z-2;René\n".encode("cp1252"),
     b"\xef\xbb\xbfzaaknummer;naam\nZ-1;Ren\xe9\n", "zaaknummer;naam\nZ-1;Andr\xe9\nZ-2;Ren\xe9".encode()[:-1]],
)  # fmt: skip
def test_bytes_that_are_no_text_in_one_encoding_are_refused(tmp_path: Path, content: bytes):
    (tmp_path / "onderzoeken.csv").write_bytes(content)
    refused(tmp_path / "onderzoeken.csv")


def test_a_text_that_ends_within_a_letter_is_cut_off_and_one_with_a_last_letter_of_windows_is_not(tmp_path: Path):
    path = tmp_path / "onderzoeken.csv"
    path.write_bytes("zaaknummer;naam\nZ-1;André\nZ-2;René".encode()[:-1])
    refused(path, "afgebroken")
    path.write_bytes("zaaknummer;naam\nZ-2;René".encode("cp1252"))
    assert read_file(path)[1][0].rows[1] == ["Z-2", "René"]


# Files that are no files


def test_a_folder_with_the_name_of_a_workbook_is_no_file(tmp_path: Path):
    (tmp_path / "levering.xlsx").mkdir()
    refused(tmp_path / "levering.xlsx", "gewoon bestand")


def test_a_named_pipe_is_refused_and_not_waited_for(tmp_path: Path):
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    os.mkfifo(tmp_path / "levering.xlsx")
    refused(tmp_path / "levering.xlsx", "gewoon bestand")
    with pytest.raises(UnreadableInput):
        read_delivery(tmp_path / "levering.xlsx")


def test_a_link_to_itself_is_refused(tmp_path: Path):
    (tmp_path / "levering.xlsx").symlink_to(tmp_path / "levering.xlsx")
    refused(tmp_path / "levering.xlsx")


def test_a_file_without_permission_is_refused(tmp_path: Path):
    path = write_workbook(sound(), tmp_path / "levering.xlsx")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    refused(path, "PermissionError")


def test_a_name_longer_than_the_system_allows_is_refused(tmp_path: Path):
    with pytest.raises(UnreadableInput):
        read_file(tmp_path / ("x" * 300 + ".xlsx"))
    with pytest.raises(UnreadableInput):
        read_delivery(tmp_path / ("x" * 300 + ".xlsx"))


def test_a_link_to_the_folder_above_is_not_followed(tmp_path: Path):
    write_workbook(sound(), tmp_path / "a.xlsx")
    (tmp_path / "map").mkdir()
    (tmp_path / "map" / "terug").symlink_to(tmp_path)
    assert [delivery.name for delivery in read_delivery(tmp_path)] == ["a.xlsx"]


def test_a_folder_of_ten_thousand_files_is_refused_at_once(tmp_path: Path):
    for number in range(10_000):
        (tmp_path / f"{number}.csv").touch()
    start = time.monotonic()
    with pytest.raises(UnreadableInput, match="10000"):
        read_delivery(tmp_path)
    assert time.monotonic() - start < 5
    assert MAX_FILES < 10_000


def test_other_files_in_the_folder_of_a_delivery_do_not_count(tmp_path: Path):
    write_folder(sound(), tmp_path / "levering")
    for number in range(2_000):
        (tmp_path / "levering" / f"{number}.log").touch()
    assert [delivery.name for delivery in read_delivery(tmp_path / "levering")] == ["levering"]
