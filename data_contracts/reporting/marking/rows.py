"""The XML of one sheet, streamed: rows that hold a mark are changed, all others pass byte for byte."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, NamedTuple

from data_contracts.reading.files import column_letter, column_number
from data_contracts.reporting.marking.styles import UnmarkableError

CHUNK = 4_000_000


@dataclass(frozen=True)
class SheetMarks:
    """What to mark on one sheet.

    Parameters
    ----------
    looks : mapping
        Row -> column -> look of the cell (a key of `styles.LOOKS`).
    notes : mapping
        (row, column) -> text of the note.
    left_out : mapping
        Row -> first and last column to shade; the text of the first is struck.
    """

    looks: Mapping[int, Mapping[int, str]] = field(default_factory=dict)
    notes: Mapping[tuple[int, int], str] = field(default_factory=dict)
    left_out: Mapping[int, tuple[int, int]] = field(default_factory=dict)


StyleNumber = Callable[[int, str, bool], int]


def marked_sheet(stream: IO[bytes], marks: SheetMarks, style: StyleNumber) -> Iterator[bytes]:
    """Yield the XML of a sheet with its marks, up to its rows' end; what follows is yielded last, whole.

    The first item is all before the rows, the last all from the rows' closing tag on.

    Raises
    ------
    UnmarkableError
        If the sheet has no rows as the standard writes them.
    """
    head, rest, prefix = _head(stream)
    yield head
    inner = _patterns(prefix)
    widths = _column_styles(head)
    tail, number = rest, 0
    while True:
        position = 0
        for match in inner.row.finditer(tail):
            number = _number(match[1], number + 1)
            yield tail[position : match.start()]
            touched = number in marks.looks or number in marks.left_out
            yield _row(match, number, marks, style, widths, inner) if touched else match[0]
            position = match.end()
        tail = tail[position:]
        if inner.end.search(tail):
            break
        chunk = stream.read(CHUNK)
        if not chunk:
            raise UnmarkableError("sheetData")
        tail += chunk
    yield tail + stream.read()


class _Patterns(NamedTuple):
    prefix: bytes
    row: re.Pattern[bytes]
    cell: re.Pattern[bytes]
    end: re.Pattern[bytes]


def _patterns(prefix: bytes) -> _Patterns:
    return _Patterns(
        prefix,
        re.compile(rb"<%srow\b([^>]*?)(?:/>|>(.*?)</%srow>)" % (prefix, prefix), re.DOTALL),
        re.compile(rb"<%sc\b([^>]*?)(/>|>.*?</%sc>)" % (prefix, prefix), re.DOTALL),
        re.compile(rb"</%ssheetData\s*>" % prefix),
    )


_OPENING = re.compile(rb"<((?:[\w.-]+:)?)sheetData\b[^>]*?(/?)>")


def _head(stream: IO[bytes]) -> tuple[bytes, bytes, bytes]:
    """All before the first row, what was read after it, and the prefix of the sheet's elements."""
    text = b""
    while True:
        chunk = stream.read(CHUNK)
        text += chunk
        if opening := _OPENING.search(text):
            break
        if not chunk:
            raise UnmarkableError("sheetData")
    if opening[2]:
        raise UnmarkableError("no rows")
    return text[: opening.end()], text[opening.end() :], opening[1]


def _number(attributes: bytes, otherwise: int) -> int:
    found = re.search(rb"""\br=["'](\d+)["']""", attributes)
    return int(found[1]) if found else otherwise


def _column_styles(head: bytes) -> list[tuple[int, int, int]]:
    """First and last column and style of columns that have one of their own."""
    found = []
    for column in re.findall(rb"<(?:[\w.-]+:)?col\s[^>]*>", head):
        values = {key: int(value) for key, value in re.findall(rb"""\b(min|max|style)=["'](\d+)["']""", column)}
        if b"style" in values:
            found.append((values[b"min"], values[b"max"], values[b"style"]))
    return found


def _row(
    match: re.Match[bytes],
    number: int,
    marks: SheetMarks,
    style: StyleNumber,
    columns: list[tuple[int, int, int]],
    pattern: _Patterns,
) -> bytes:
    attributes, content = match[1], match[2] or b""
    looks, (struck, end) = marks.looks.get(number, {}), marks.left_out.get(number, (0, -1))
    of_row = re.search(rb"""\bs=["'](\d+)["']""", attributes)

    def look_of(column: int) -> str:
        return looks.get(column, "left_out" if struck else "")

    def empty(column: int) -> bytes:
        base = next((number for low, high, number in columns if low <= column <= high), 0)
        base = int(of_row[1]) if of_row else base
        reference = column_letter(column).encode() + b"%d" % number
        return b'<%sc r="%s" s="%d"/>' % (
            pattern.prefix, reference, style(base, look_of(column), column == struck)
        )  # fmt: skip

    wanted = sorted({*looks, *range(struck, end + 1)})
    cells, last = [], 0
    for cell in pattern.cell.finditer(content):
        place = re.search(rb"""\br=["']([A-Z]{1,3})\d+["']""", cell[1])
        column = column_number(place[1].decode()) if place else last + 1
        cells += [empty(missing) for missing in wanted if last < missing < column]
        last = column
        look = look_of(column)
        cells.append(_restyled(cell, pattern, style, look, column == struck) if look else cell[0])
    new = [empty(missing) for missing in wanted if missing > last]
    attributes = re.sub(rb"""\sspans=["'][^"']*["']""", b"", attributes)  # a hint that new cells may make untrue
    return b"<%srow%s>%s</%srow>" % (pattern.prefix, attributes.rstrip(), b"".join(cells + new), pattern.prefix)


_STYLE = re.compile(rb"""\ss=["'](\d+)["']""")


def _restyled(cell: re.Match[bytes], pattern: _Patterns, style: StyleNumber, look: str, struck: bool) -> bytes:
    had = _STYLE.search(cell[1])
    number = style(int(had[1]) if had else 0, look, struck)
    attributes = _STYLE.sub(b"", cell[1]) + b' s="%d"' % number
    return b"<%sc%s%s" % (pattern.prefix, attributes, cell[2])


def with_legacy_drawing(head: bytes, tail: bytes, relation: str) -> tuple[bytes, str]:
    """Return the tail of a sheet that refers to a drawing of notes, and the relation it refers to.

    A sheet that refers to one already keeps it.
    """
    from lxml import etree

    opening = re.search(rb"<(?:[\w.-]+:)?worksheet\b[^>]*>", head)
    closing = re.match(rb"\s*</[^>]*>", tail)
    if not opening or not closing:
        raise UnmarkableError("worksheet")
    root: Any = etree.fromstring(opening[0] + tail[closing.end() :], etree.XMLParser(resolve_entities=False))
    main = etree.QName(root).namespace
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    found = root.find(f"{{{main}}}legacyDrawing")
    if found is not None:
        return tail, str(found.get(f"{{{relations}}}id"))
    later = {f"{{{main}}}{tag}" for tag in ("legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls",
             "webPublishItems", "tableParts", "extLst")}  # fmt: skip
    later.add("{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent")
    place = next((n for n, child in enumerate(root) if child.tag in later), len(root))
    root.insert(place, root.makeelement(f"{{{main}}}legacyDrawing", {f"{{{relations}}}id": relation}))
    text = etree.tostring(root)
    return tail[: closing.end()] + text[text.index(b">") + 1 :], relation
