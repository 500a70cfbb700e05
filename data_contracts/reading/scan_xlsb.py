"""The records of an .xlsb workbook ([MS-XLSB] 2.4) as a stream: extents and cells with an error."""

import struct
import zipfile
from collections.abc import Iterator
from typing import IO

from data_contracts.reading.workbook_scan import (
    MAX_FAULTS,
    BookScan,
    DamagedWorkbookError,
    SheetScan,
    TooManyFaultsError,
)

ROW, BLANK, ERROR, FORMULA_ERROR, CELLS = 0, 1, 3, 11, range(1, 12)
MERGE, SHEET, WORKBOOK_PROPERTIES = 176, 156, 153
MAX_RECORD = 10_000_000
MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384


def scan_xlsb(book: zipfile.ZipFile, parts: dict[str, str]) -> BookScan:
    """Scan every sheet; names and parts of sheets are in `workbook.bin` and its relations."""
    from xml.etree import ElementTree

    relations = ElementTree.fromstring(book.read(parts["xl/_rels/workbook.bin.rels"]))
    targets = {item.get("Id"): item.get("Target", "") for item in relations}
    scan = BookScan()
    longest = 0
    if "xl/sharedstrings.bin" in parts:
        with book.open(parts["xl/sharedstrings.bin"]) as stream:
            longest = max((len(body) for _kind, body in _records(stream)), default=0)
    with book.open(parts["xl/workbook.bin"]) as stream:
        records = list(_records(stream))
    for kind, body in records:
        if kind == WORKBOOK_PROPERTIES:
            scan.date_1904 = bool(body[0] & 1)
        if kind == SHEET:
            relation, after = _wide(body, 8)
            name, _after = _wide(body, after)
            target = targets.get(relation, "").lstrip("/").lower()
            part = target if target.startswith("xl/") else f"xl/{target}"
            with book.open(parts[part]) as stream:
                sheet = _scan_sheet(stream)
            sheet.text_bytes = book.getinfo(parts[part]).file_size + sheet.cells * longest
            scan.sheets[name] = sheet
    return scan


def _scan_sheet(stream: IO[bytes]) -> SheetScan:
    scan = SheetScan()
    row = 0
    for kind, body in _records(stream):
        if kind == ROW:
            (row,) = struct.unpack_from("<I", body)
            scan.hidden_rows += len(body) > 11 and bool(body[11] & 0x10)
        elif kind in CELLS and kind != BLANK:
            (column,) = struct.unpack_from("<I", body)
            if row >= MAX_ROWS or column >= MAX_COLUMNS:
                raise DamagedWorkbookError
            scan.cells += 1
            scan.reaches(row, column)
            if kind in (ERROR, FORMULA_ERROR):
                scan.faults.add((row, column))
                if len(scan.faults) > MAX_FAULTS:
                    raise TooManyFaultsError
        elif kind == MERGE:
            top, bottom, left, right = struct.unpack_from("<4I", body)
            scan.merged.append((top, left, bottom, right))
    return scan


def _records(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Kind and content of each record."""
    while start := stream.read(1):
        kind = start[0]
        if kind & 0x80:
            kind = (kind & 0x7F) | (stream.read(1)[0] & 0x7F) << 7
        size = 0
        for place in range(4):
            byte = stream.read(1)[0]
            size |= (byte & 0x7F) << 7 * place
            if not byte & 0x80:
                break
        if size > MAX_RECORD:
            raise DamagedWorkbookError
        body = stream.read(size)
        if len(body) < size:
            raise DamagedWorkbookError
        yield kind, body


def _wide(body: bytes, at: int) -> tuple[str, int]:
    """A text with its length before it, and where it ends."""
    (length,) = struct.unpack_from("<I", body, at)
    end = at + 4 + 2 * length
    return body[at + 4 : end].decode("utf-16-le"), end
