"""The XML of an .ods workbook as a stream: a short file may say that a cell repeats a billion times."""

import html
import re
import zipfile
from collections.abc import Iterator

from data_contracts.reading.workbook_scan import (
    MAX_FAULTS,
    MAX_TAG_BYTES,
    BookScan,
    DamagedWorkbookError,
    SheetScan,
    TooManyFaultsError,
)

CHUNK = 4_000_000
_TAG = re.compile(
    rb"<(?:table:(table|table-row|table-cell|covered-table-cell)|(text:p))(?=[\s/>])"
    rb"""((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*/?>"""
)
_ATTRIBUTE = re.compile(rb"""\s([\w:-]+)\s*=\s*["']([^"']*)["']""")
_ZEROS = re.compile(rb"0\d+")


def scan_ods(book: zipfile.ZipFile, part: str) -> BookScan:
    """Scan `content.xml`."""
    scan, sheet = BookScan(), SheetScan()
    row = column = height = width = times = 0  # times: so often does the cell stand there
    attributes: dict[bytes, bytes] = {}
    for text in _pieces(book, part):
        since = 0
        for tag in _TAG.finditer(text):
            name, paragraph = tag[1], tag[2]
            if not paragraph:
                sheet.text_bytes += (tag.start() - since) * times
                since, times = tag.start(), 0
                attributes = dict(_ATTRIBUTE.findall(tag[3]))
            if paragraph:
                shown = text[tag.end() : text.find(b"<", tag.end())]
                times = height * width
                sheet.reaches(row + height - 1, column - 1)
                if attributes.get(b"office:value-type") == b"float" and _ZEROS.fullmatch(shown):
                    _each(sheet, row, height, column - width, width, shown.decode())
            elif name == b"table":
                sheet = scan.sheets.setdefault(html.unescape(attributes.get(b"table:name", b"").decode()), SheetScan())
                row = height = 0
            elif name == b"table-row":
                row, column = row + height, 0
                height = int(attributes.get(b"table:number-rows-repeated", b"1"))
                sheet.hidden_rows += height * (attributes.get(b"table:visibility", b"visible") != b"visible")
            else:
                width = int(attributes.get(b"table:number-columns-repeated", b"1"))
                if b"office:value-type" in attributes or b"table:formula" in attributes:
                    times = height * width
                    sheet.cells += times
                    sheet.reaches(row + height - 1, column + width - 1)
                    if _is_fault(attributes):
                        _each(sheet, row, height, column, width, "")
                down = int(attributes.get(b"table:number-rows-spanned", b"1"))
                right = int(attributes.get(b"table:number-columns-spanned", b"1"))
                if down > 1 or right > 1:
                    sheet.merged.append((row, column, row + down - 1, column + right - 1))
                column += width
        sheet.text_bytes += (len(text) - since) * times
    return scan


def _is_fault(attributes: dict[bytes, bytes]) -> bool:
    """An error, or a formula without a value."""
    return attributes.get(b"calcext:value-type") == b"error" or b"office:value-type" not in attributes


def _each(sheet: SheetScan, row: int, height: int, column: int, width: int, shown: str) -> None:
    if height * width + len(sheet.faults) + len(sheet.shown) > MAX_FAULTS:
        raise TooManyFaultsError
    for at in ((row + down, column + right) for down in range(height) for right in range(width)):
        if shown:
            sheet.shown[at] = shown
        else:
            sheet.faults.add(at)


def _pieces(book: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """Pieces of the XML that end before a tag of a cell."""
    rest = b""
    with book.open(part) as stream:
        while chunk := stream.read(CHUNK):
            text = rest + chunk
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text or b"\x00" in text:
                raise DamagedWorkbookError
            cut = text.rfind(b"<table:")
            cut = cut if cut > 0 else max(text.rfind(b"<"), 0)
            if len(text) - cut > MAX_TAG_BYTES:
                raise DamagedWorkbookError
            yield text[:cut]
            rest = text[cut:]
    yield rest
