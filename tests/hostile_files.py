"""Workbooks as an attacker or a broken program writes them: made part by part, not through a library."""

import struct
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
Content = bytes | Iterable[bytes]


def zipped(path: Path, parts: dict[str, Content]) -> Path:
    """Write a zip file; a part may come in pieces, so that a huge one needs no memory here."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name, content in parts.items():
            with book.open(name, "w", force_zip64=True) as part:
                for piece in [content] if isinstance(content, bytes) else content:
                    part.write(piece)
    return path


def xlsx_parts(sheet: Content, strings: Content | None = None) -> dict[str, Content]:
    """The parts of an .xlsx with one sheet `onderzoeken`."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts: dict[str, Content] = {
        "[Content_Types].xml": (
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>'
        ).encode(),
        "_rels/.rels": relations("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": (
            f'<workbook {MAIN} xmlns:r="{RELATION}"><sheets>'
            '<sheet name="onderzoeken" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ).encode(),
        "xl/_rels/workbook.xml.rels": relations("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": sheet,
    }
    if strings is not None:
        parts["xl/sharedStrings.xml"] = strings
        parts["xl/_rels/workbook.xml.rels"] = relations(
            "worksheet", "worksheets/sheet1.xml", "sharedStrings", "sharedStrings.xml"
        )
    return parts


def relations(*kinds_and_targets: str) -> bytes:
    """A part with relations rId1, rId2, … ."""
    pairs = zip(kinds_and_targets[::2], kinds_and_targets[1::2], strict=True)
    rows = [
        f'<Relationship Id="rId{n}" Type="{RELATION}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(pairs, 1)
    ]
    head = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    return (head + "".join(rows) + "</Relationships>").encode()


def sheet_xml(rows: Content) -> Iterable[bytes]:
    """The XML of a sheet around its rows."""
    yield f"<worksheet {MAIN}><sheetData>".encode()
    yield from [rows] if isinstance(rows, bytes) else rows
    yield b"</sheetData></worksheet>"


HEADER_ROWS = (
    b'<row r="1"><c r="A1" t="inlineStr"><is><t>zaaknummer</t></is></c>'
    b'<c r="B1" t="inlineStr"><is><t>eenheid</t></is></c></row>'
    b'<row r="2"><c r="A2" t="inlineStr"><is><t>Z-1</t></is></c><c r="B2" t="inlineStr"><is><t>AMS</t></is></c></row>'
)


def formatted_rows(first: int, last: int, columns: str) -> Iterable[bytes]:
    """Empty rows of which every cell has a format, as a coloured sheet has."""
    for start in range(first, last + 1, 10_000):
        yield "".join(
            f'<row r="{n}">' + "".join(f'<c r="{letter}{n}" s="0"/>' for letter in columns) + "</row>"
            for n in range(start, min(start + 10_000, last + 1))
        ).encode()


def zeros_in_zip(path: Path, name: str, megabytes: int) -> Path:
    """A zip file with one part of so many real megabytes of spaces, made in no time and of few bytes."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = squeeze.compress(b" " * 1_000_000) + squeeze.flush(zlib.Z_FULL_FLUSH)
    data = block * megabytes + squeeze.flush()
    size = megabytes * 1_000_000
    crc = 0
    for _time in range(megabytes):
        crc = zlib.crc32(b" " * 1_000_000, crc)
    common = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, crc, len(data), size, len(name), 0)
    local = b"PK\x03\x04" + common + name.encode()
    central = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name.encode()
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local) + len(data), 0)
    path.write_bytes(local + data + central + end)
    return path


def ods_parts(rows: str) -> dict[str, Content]:
    """The parts of an .ods with one sheet `onderzoeken`."""
    names = "urn:oasis:names:tc:opendocument:xmlns"
    return {
        "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{names}:manifest:1.0"/>'.encode(),
        "content.xml": (
            f'<office:document-content xmlns:office="{names}:office:1.0" xmlns:table="{names}:table:1.0" '
            f'xmlns:text="{names}:text:1.0"><office:body><office:spreadsheet>'
            f'<table:table table:name="onderzoeken">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>"
        ).encode(),
    }


def record(kind: int, body: bytes = b"") -> bytes:
    """A record of an .xlsb part ([MS-XLSB] 2.1.4)."""
    start = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = b"", len(body)
    while True:
        size += bytes([length & 0x7F | (0x80 if length > 127 else 0)])
        length >>= 7
        if not length:
            return start + size + body


def wide(text: str) -> bytes:
    """A text with its length before it."""
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb_parts(cells: Iterable[tuple[int, int, int, bytes]]) -> dict[str, Content]:
    """The parts of an .xlsb with one sheet; a cell is (row, column, kind of record, value)."""
    sheet, last = record(129) + record(148, bytes(16)) + record(145), -1
    for row, column, kind, value in cells:
        if row != last:
            sheet += record(0, struct.pack("<IIHBBBI", row, 0, 300, 0, 0, 0, 0))
            last = row
        sheet += record(kind, struct.pack("<II", column, 0) + value)
    book = record(131) + record(143)
    book += record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("onderzoeken")) + record(144) + record(132)
    return {
        "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": relations("officeDocument", "xl/workbook.bin"),
        "xl/workbook.bin": book,
        "xl/_rels/workbook.bin.rels": relations("worksheet", "worksheets/sheet1.bin"),
        "xl/worksheets/sheet1.bin": sheet + record(146) + record(130),
    }
