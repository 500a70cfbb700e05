"""Whatever bytes a file holds: sheets, or `UnreadableInput`; never another exception, never a value in a message.

And what real programs write is read back as the same cells in the same places.
"""

import csv
import datetime as dt
import gzip
import io
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hostile_files import ods_parts, wide, xlsb_parts, zipped
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_contracts.errors import UnreadableInput
from data_contracts.reading.files import TEXTS, UNREADABLE, WORKBOOKS, RawSheet, read_file

SECRET = "Geheim4711"
bounded = settings(
    max_examples=60, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


def outcome(data: bytes, name: str) -> list[RawSheet] | str:
    """The sheets, or the message of the refusal."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        try:
            _source, sheets = read_file(path)
        except UnreadableInput as refusal:
            message = str(refusal)
            assert SECRET not in message
            assert message.startswith(name)
            return message
    assert all(len({len(row) for row in sheet.rows}) <= 1 for sheet in sheets)
    return sheets


def written(write: Any, name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write(path)
        return path.read_bytes()


def real_workbook(path: Path) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("onderzoeken")
        for row in range(12):
            sheet.write_row(row, 0, [f"{SECRET}-{row}", row, True, None, f"<&>{row}"])
            sheet.write_datetime(row, 6, dt.datetime(2024, 1, 1 + row), book.add_format({"num_format": "dd-mm-yyyy"}))
        sheet.write_formula(3, 7, "=1/0", None, "#DIV/0!")
        sheet.merge_range("I2:I5", SECRET)
        sheet.write_number(2, 9, 7, book.add_format({"num_format": "00000"}))


CELL = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
ODS_ROWS = f"<table:table-row>{CELL.format(SECRET) * 3}</table:table-row>" * 9
XLSB_CELLS = [(row, column, 6, wide(SECRET)) for row in range(9) for column in range(3)]
TEXT = f'zaaknummer;naam;dag\n"{SECRET};1";André;2024-01-01\n' * 9
FILES = {
    "echt.xlsx": written(real_workbook, "echt.xlsx"),
    "echt.ods": written(lambda path: zipped(path, ods_parts(ODS_ROWS)), "echt.ods"),
    "echt.xlsb": written(lambda path: zipped(path, xlsb_parts(XLSB_CELLS)), "echt.xlsb"),
    "echt.csv": TEXT.encode(),
    "echt.txt": TEXT.encode("utf-16"),
    "echt.csv.gz": gzip.compress(TEXT.encode(), mtime=0),
}

edits = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 4), st.binary(min_size=1, max_size=4)),
    min_size=1, max_size=6,
)  # fmt: skip


def changed(data: bytes, edit: tuple[float, int, bytes]) -> bytes:
    """The bytes with a piece overwritten, put in, left out, cut off or repeated."""
    where, how, piece = edit
    at = int(where * len(data))
    return {
        0: data[:at] + piece + data[at + len(piece) :],
        1: data[:at] + piece + data[at:],
        2: data[:at] + data[at + 8 * len(piece) :],
        3: data[: max(at, 1)],
        4: data[:at] + data[at : at + 50] * 3 + data[at + 50 :],
    }[how]


@bounded
@given(st.binary(max_size=300), st.sampled_from(TEXTS + WORKBOOKS))
def test_any_bytes_are_read_or_refused(data: bytes, extension: str):
    outcome(data, "los" + extension)


@bounded
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200), st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]))
def test_any_text_is_read_or_refused(text: str, encoding: str):
    outcome(text.encode(encoding, "ignore"), "los.csv")


@pytest.mark.parametrize("name", FILES)
def test_a_real_file_with_damage_is_read_or_refused(name: str):
    assert isinstance(outcome(FILES[name], name), list)

    @bounded
    @given(edits)
    def damaged(found: list[tuple[float, int, bytes]]) -> None:
        data = FILES[name]
        for edit in found:
            data = changed(data, edit)
        outcome(data, name)

    damaged()


@pytest.mark.parametrize("name", ["echt.xlsx", "echt.ods", "echt.xlsb"])
def test_a_workbook_with_damage_within_its_parts_is_read_or_refused(name: str):
    with zipfile.ZipFile(io.BytesIO(FILES[name])) as book:
        parts = {entry: book.read(entry) for entry in book.namelist()}

    @bounded
    @given(st.sampled_from(sorted(parts)), edits)
    def damaged(part: str, found: list[tuple[float, int, bytes]]) -> None:
        data = parts[part]
        for edit in found:
            data = changed(data, edit)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as book:
            for entry, content in parts.items():
                book.writestr(entry, data if entry == part else content)
        outcome(packed.getvalue(), name)

    damaged()


# What is written is read back, in the same places

letters = st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_characters="\x7f",
                        exclude_categories=("Cs", "Cc", "Cn"))  # fmt: skip
words = st.text(letters, min_size=1, max_size=12)
texts = words.filter(lambda text: text.strip() == text and not text.startswith(("=", "_x", "+", "-", "@", "{")))
days = st.dates(dt.date(1950, 1, 1), dt.date(2100, 1, 1))
cells = st.one_of(st.none(), texts, st.integers(-(10**9), 10**9), st.booleans(), days)
tables = st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=8).filter(
    lambda rows: any(cell is not None for row in rows for cell in row)
)


def by_place(rows: list[list[Any]]) -> dict[tuple[int, int], Any]:
    """Filled cells by row and column; a date in a workbook may come as a moment."""
    return {(r, c): cell for r, row in enumerate(rows) for c, cell in enumerate(row) if cell is not None}


@bounded
@given(tables, st.integers(0, 3), st.integers(0, 3))
def test_what_xlsxwriter_writes_is_read_back_in_the_same_places(rows: list[list[Any]], down: int, right: int):
    def write(path: Path) -> None:
        with xlsxwriter.Workbook(str(path), {"strings_to_urls": False, "default_date_format": "dd-mm-yyyy"}) as book:
            sheet = book.add_worksheet("blad")
            for (row, column), cell in by_place(rows).items():
                sheet.write(row + down, column + right, cell)

    found = outcome(written(write, "w.xlsx"), "w.xlsx")
    assert isinstance(found, list)
    assert by_place(found[0].rows) == {(r + down, c + right): cell for (r, c), cell in by_place(rows).items()}


@bounded
@given(tables)
def test_what_openpyxl_writes_is_read_back_in_the_same_places(rows: list[list[Any]]):
    def write(path: Path) -> None:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)

    found = outcome(written(write, "o.xlsx"), "o.xlsx")
    assert isinstance(found, list)
    assert by_place(found[0].rows) == by_place(rows)


@bounded
@given(st.lists(st.lists(st.one_of(st.none(), words), min_size=2, max_size=4), min_size=1, max_size=8))
def test_what_a_csv_writer_writes_is_read_back_in_the_same_places(rows: list[list[str | None]]):
    header = ["kop_1", "kop_2", "kop_3", "kop_4"]
    text = io.StringIO()
    csv.writer(text, delimiter=";", quoting=csv.QUOTE_NONNUMERIC).writerows([header] * 3 + rows)
    found = outcome(text.getvalue().encode(), "c.csv")
    assert isinstance(found, list)
    assert by_place(found[0].rows) == by_place([header] * 3 + rows)


@bounded
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=6, unique=True))
def test_cells_without_a_value_are_unreadable_exactly_where_they_stand(places: list[tuple[int, int]]):
    def write(path: Path) -> None:
        book = openpyxl.Workbook()
        book.active["K11"] = "hoek"
        for row, column in places:
            book.active.cell(row + 1, column + 1, "=1+1")
        book.save(path)

    found = outcome(written(write, "f.xlsx"), "f.xlsx")
    assert isinstance(found, list)
    assert {at for at, cell in by_place(found[0].rows).items() if cell is UNREADABLE} == set(places)
