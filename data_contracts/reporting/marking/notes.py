"""Notes on cells: the comments of a sheet and the boxes that show them, added to what a workbook has."""

import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from data_contracts.reading.files import column_letter
from data_contracts.reporting.marking.styles import MAIN

AUTHOR = "Toetssteen"
EMPTY_COMMENTS = f'<comments xmlns="{MAIN}"><authors/><commentList/></comments>'.encode()
EMPTY_BOXES = (
    b'<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    b'xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit">'
    b'<o:idmap v:ext="edit" data="1"/></o:shapelayout></xml>'
)
_BOX_TYPE = (
    b'<v:shapetype id="toetssteen_note" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    b'<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
FIRST_BOX = 500_001  # above what a workbook numbers itself
CHARACTERS_A_LINE = 42
LAST_COLUMN = 16_383

Notes = Mapping[tuple[int, int], str]


def with_comments(xml: bytes, notes: Notes) -> tuple[bytes, list[tuple[int, int]]]:
    """Return the comments with these notes, and the cells that had none: they need a box.

    A note on a cell that has a comment goes below it.
    """
    from lxml import etree

    root: Any = etree.fromstring(xml, etree.XMLParser(resolve_entities=False))
    main = f"{{{etree.QName(root).namespace}}}"
    authors, comments = root.find(f"{main}authors"), root.find(f"{main}commentList")
    author = root.makeelement(f"{main}author")
    author.text = AUTHOR
    authors.append(author)
    had = {comment.get("ref"): comment for comment in comments}
    new = []
    for (row, column), note in sorted(notes.items()):
        reference = f"{column_letter(column)}{row}"
        comment = had.get(reference)
        if comment is None:
            new.append((row, column))
            comment = root.makeelement(f"{main}comment", {"ref": reference, "authorId": str(len(authors) - 1)})
            comment.append(root.makeelement(f"{main}text"))
            comments.append(comment)
        _add_text(comment.find(f"{main}text"), note, main)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True), new


def _add_text(text: Any, note: str, main: str) -> None:
    plain = text.find(f"{main}t")
    if plain is not None:  # plain text and runs do not mix
        text.remove(plain)
        run = text.makeelement(f"{main}r")
        run.append(plain)
        text.insert(0, run)
    run, words = text.makeelement(f"{main}r"), text.makeelement(f"{main}t")
    words.text = ("\n\n" if len(text) else "") + note
    words.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    run.append(words)
    runs = text.findall(f"{main}r")
    text.insert(text.index(runs[-1]) + 1 if runs else 0, run)


def with_boxes(vml: bytes, cells: list[tuple[int, int]], notes: Notes) -> bytes:
    """Return the drawing with a hidden box for each of these cells."""
    boxes = b"".join(_box(number, cell, notes[cell]) for number, cell in enumerate(cells))
    blocks = range(FIRST_BOX // 1024, (FIRST_BOX + len(cells)) // 1024 + 1)  # which numbers the drawing uses
    used = b"".join(b",%d" % block for block in blocks)
    vml = re.sub(rb"""(<o:idmap\b[^>]*\bdata=["'][^"']*)""", lambda found: found[1] + used, vml, count=1)
    end = vml.rindex(b"</xml")
    return vml[:end] + _BOX_TYPE + boxes + vml[end:]


def _box(number: int, cell: tuple[int, int], note: str) -> bytes:
    row, column = cell
    lines = sum(1 + len(line) // CHARACTERS_A_LINE for line in note.split("\n"))
    top, bottom = max(row - 2, 0), max(row - 2, 0) + max(3, lines + 1)
    left = min(column, LAST_COLUMN - 4)
    anchor = f"{left}, 15, {top}, 4, {left + 4}, 15, {bottom}, 4"
    return (
        f'<v:shape id="_x0000_s{FIRST_BOX + number}" type="#toetssteen_note" fillcolor="#ffffe1" o:insetmode="auto" '
        f'style="position:absolute;margin-left:60pt;margin-top:2pt;width:230pt;height:{13 * max(4, lines + 1)}pt;'
        f'z-index:{number + 1};visibility:hidden"><v:fill color2="#ffffe1"/><v:shadow on="t" color="black" '
        'obscured="t"/><v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto">'
        '<div style="text-align:left"></div></v:textbox><x:ClientData ObjectType="Note"><x:MoveWithCells/>'
        f"<x:SizeWithCells/><x:Anchor>{escape(anchor)}</x:Anchor><x:AutoFill>False</x:AutoFill>"
        f"<x:Row>{row - 1}</x:Row><x:Column>{column - 1}</x:Column></x:ClientData></v:shape>"
    ).encode()


def without_selection(head: bytes) -> bytes:
    """Return the head of a sheet that is not selected: two selected sheets would be edited together."""
    return re.sub(rb"""\stabSelected=["'](?:1|true)["']""", b"", head)
