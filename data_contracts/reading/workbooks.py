"""Workbooks to raw sheets: guarded first, read in a process of their own when they may cost much."""

import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from data_contracts.errors import UnreadableInput
from data_contracts.language import _
from data_contracts.reading import workbook_cells
from data_contracts.reading.raw_sheets import MAX_CELLS, UNREADABLE, RawSheet, column_letter
from data_contracts.reading.scan_ods import scan_ods
from data_contracts.reading.scan_xlsb import scan_xlsb
from data_contracts.reading.scan_xlsx import scan_xlsx
from data_contracts.reading.workbook_scan import (
    MAX_FAULTS,
    MAX_TEXT_BYTES,
    BookScan,
    DamagedWorkbookError,
    SheetScan,
    TooManyFaultsError,
)

MAX_PARTS = 10_000
MAX_PARTS_BYTES = 2_000_000_000  # empty cells with a format may take most of it
MAX_HERE_BYTES = 1_000_000_000  # what may be read without a process apart
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DAMAGE = (
    DamagedWorkbookError, workbook_cells.DamagedWorkbookError, zipfile.BadZipFile, ElementTree.ParseError, KeyError,
    IndexError, EOFError, NotImplementedError, RuntimeError, OSError, ValueError, struct.error, zlib.error,
)  # fmt: skip


def read_workbook(path: Path, data: bytes) -> list[RawSheet]:
    """Read every sheet of a workbook.

    Raises
    ------
    UnreadableInput
        If it is no workbook, damaged, locked, empty, with macros or beyond all measure.
    """
    if data[:8] == _OLE:
        raise UnreadableInput(
            _(
                "{file} is met een wachtwoord beveiligd of in een oude Excel-vorm (.xls). "
                "Haal het wachtwoord weg en sla op als .xlsx.",
                file=path.name,
            )
        )
    if data[:200].lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<":
        raise UnreadableInput(
            _(
                "{file} is een webpagina of xml-bestand met de naam van een werkmap. Open het in Excel en sla het op "
                "als werkmap (.xlsx).",
                file=path.name,
            )
        )
    try:
        scan = _guarded(path, data)
        here = scan.trusted and scan.cost <= MAX_HERE_BYTES
        read = workbook_cells.read_cells if here else workbook_cells.read_cells_apart
        sheets = [_raw_sheet(path, scan, *found) for found in read(data)]
    except workbook_cells.LockedWorkbookError:
        raise UnreadableInput(
            _("{file} is met een wachtwoord beveiligd. Haal het wachtwoord weg en sla op als .xlsx.", file=path.name)
        ) from None
    except TooManyFaultsError:
        raise UnreadableInput(
            _(
                "{file} heeft meer dan {n} cellen met een fout of met een formule zonder uitkomst. Open het in Excel, "
                "laat het opnieuw berekenen en sla het op.",
                file=path.name,
                n=MAX_FAULTS,
            )
        ) from None
    except _DAMAGE:
        raise _damaged(path) from None
    except MemoryError:
        raise _too_large(path) from None
    if not any(any(cell is not None for cell in row) for sheet in sheets for row in sheet.rows):
        raise UnreadableInput(_("{file} heeft alleen lege bladen.", file=path.name))
    return sheets


def _damaged(path: Path) -> UnreadableInput:
    return UnreadableInput(
        _("{file} is geen Excel-werkmap of is beschadigd. Open het in Excel en sla het opnieuw op.", file=path.name)
    )


def _too_large(path: Path) -> UnreadableInput:
    return UnreadableInput(
        _("{file} heeft te veel of te lange tekst om te lezen. Splits het bestand of lever csv.", file=path.name)
    )


def _guarded(path: Path, data: bytes) -> BookScan:
    """What the workbook holds, unless opening it could exhaust the machine."""
    with zipfile.ZipFile(BytesIO(data)) as book:
        entries = book.infolist()
        names = [entry.filename.replace("\\", "/").lower() for entry in entries]
        if sum(entry.file_size for entry in entries) > MAX_PARTS_BYTES:
            raise UnreadableInput(_("{file} is uitgepakt te groot (meer dan 2 GB).", file=path.name))
        if any(entry.flag_bits & 1 for entry in entries):
            raise workbook_cells.LockedWorkbookError
        if any(name.endswith("vbaproject.bin") for name in names):
            raise UnreadableInput(_("{file} bevat macro's. Sla het op als gewone werkmap (.xlsx).", file=path.name))
        if len(entries) > MAX_PARTS or len(set(names)) < len(names):  # of two parts with one name, which is read?
            raise DamagedWorkbookError
        parts = {name: entry.filename for name, entry in zip(names, entries, strict=True)}
        scan = _scanned(book, parts, precise=False)
        if any(_extent(sheet) > MAX_CELLS for sheet in scan.sheets.values()):
            scan = _scanned(book, parts, precise=True)
    for name, sheet in scan.sheets.items():
        if _extent(sheet) > MAX_CELLS:
            raise UnreadableInput(
                _(
                    "{file}, blad {sheet}: er staan cellen tot rij {row} en kolom {column}. "
                    "Verwijder de lege rijen en kolommen achter de gegevens en sla opnieuw op.",
                    file=path.name, sheet=name, row=sheet.rows, column=column_letter(sheet.columns),
                )
            )  # fmt: skip
        if sheet.text_bytes > MAX_TEXT_BYTES:
            raise _too_large(path)
    return scan


def _extent(sheet: SheetScan) -> int:
    return sheet.rows * sheet.columns


def _scanned(book: zipfile.ZipFile, parts: dict[str, str], *, precise: bool) -> BookScan:
    if "xl/workbook.xml" in parts:
        return scan_xlsx(book, parts, precise=precise)
    if "xl/workbook.bin" in parts:
        return scan_xlsb(book, parts)
    if "content.xml" in parts:
        return scan_ods(book, parts["content.xml"])
    raise DamagedWorkbookError


def _raw_sheet(path: Path, book: BookScan, name: str, hidden: bool, rows: list[list[Any]]) -> RawSheet:
    scan = book.sheets.get(name)
    if scan is None or len(rows) > max(scan.rows, 1):
        if any(cell is not None for row in rows for cell in row):
            raise DamagedWorkbookError  # the reader saw what the guard did not
        scan = SheetScan()
    width = max((len(row) for row in rows), default=0)
    _put(rows, width, dict.fromkeys(scan.faults, UNREADABLE))
    numbers = {at: text for at, text in scan.shown.items() if _holds(rows, at, int | float)}
    _put(rows, width, numbers)
    filled = _fill_merged(rows, scan)
    found: list[tuple[str, str] | None] = [
        ("hidden_sheet", "") if hidden else None,
        ("date_1904", "") if book.date_1904 else None,
        ("leading_zeros", str(len(numbers))) if numbers else None,
        ("merged_cells", str(filled)) if filled else None,
        ("hidden_rows", str(scan.hidden_rows)) if scan.hidden_rows else None,
        ("hidden_columns", "") if scan.hidden_columns else None,
        ("filter", "") if scan.filtered and scan.hidden_rows else None,
    ]
    tolerances = tuple(item for item in found if item)
    return RawSheet(path.name, name, rows, excel=True, date_1904=book.date_1904, tolerances=tolerances)


def _holds(rows: list[list[Any]], at: tuple[int, int], kind: Any) -> bool:
    row, column = at
    return row < len(rows) and column < len(rows[row]) and isinstance(rows[row][column], kind)


def _put(rows: list[list[Any]], width: int, cells: dict[tuple[int, int], Any]) -> None:
    """Set cells, also beyond the last row and column that the reader saw."""
    if not cells:
        return
    wide = max(width, *(column + 1 for _row, column in cells))
    rows += [[] for _missing in range(max(row for row, _column in cells) + 1 - len(rows))]
    for row in rows:
        row += [None] * (wide - len(row))
    for (down, right), value in cells.items():
        rows[down][right] = value


def _fill_merged(rows: list[list[Any]], scan: SheetScan) -> int:
    """Give merged cells their meaning, in place; return how many cells.

    Excel keeps one value for a merged area and shows it for all of it. Down a column it
    is the value of every row. Across columns it cannot be known for which columns the
    value is meant: every cell but the first is unreadable. A row that holds nothing else
    stays as it is: it is a title or an empty row, and no record.
    """
    filled = 0
    width = max((len(row) for row in rows), default=0)
    for top, left, bottom, right in scan.merged:
        if top >= len(rows) or left >= width or (value := rows[top][left]) is None:
            continue
        for number, row in enumerate(rows[top : bottom + 1]):
            if width - row.count(None) == (row[left] is not None):
                continue
            size = min(right, width - 1) + 1 - left
            filled += size
            row[left : left + size] = [value if right == left else UNREADABLE] * size
            if number == 0:
                row[left] = value
        if filled > MAX_CELLS:
            raise DamagedWorkbookError
    return filled
