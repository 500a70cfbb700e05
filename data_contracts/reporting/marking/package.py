"""An .xlsx with cells marked and noted and one sheet in front; all else stays byte for byte as it was.

The package is changed part by part, not loaded and saved: what a spreadsheet library does
not know (pictures, charts, pivot tables, form controls, links) would be lost that way.
"""

import io
import posixpath
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from data_contracts.reporting.marking.findings_sheet import Listing, sheet_xml
from data_contracts.reporting.marking.notes import (
    EMPTY_BOXES,
    EMPTY_COMMENTS,
    with_boxes,
    with_comments,
    without_selection,
)
from data_contracts.reporting.marking.rows import SheetMarks, marked_sheet, with_legacy_drawing
from data_contracts.reporting.marking.styles import MAIN, Styles, UnmarkableError

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
SHEETML = "application/vnd.openxmlformats-officedocument.spreadsheetml"
BOOK = "xl/workbook.xml"
FIXED_TIME = (1980, 1, 1, 0, 0, 0)  # of parts that are new: the same input gives the same bytes


def mark_workbook(data: bytes, out: Path, marks: Mapping[str, SheetMarks], listing: Listing) -> None:
    """Write a marked copy of a workbook.

    Parameters
    ----------
    data : bytes
        The workbook (.xlsx).
    out : Path
        The copy.
    marks : mapping
        Sheet -> what to mark on it.
    listing : Listing
        The sheet to put in front.

    Raises
    ------
    UnmarkableError
        If the workbook has no place to put styles, or is in the strict form of the standard.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as book, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy:
        _Package(book, copy).mark(marks, listing)


class _Package:
    """The parts of a workbook: read once, changed, and written with all other parts as they were."""

    def __init__(self, book: zipfile.ZipFile, copy: zipfile.ZipFile) -> None:
        self.book, self.copy = book, copy
        self.names = set(book.namelist())
        self.trees: dict[str, Any] = {}
        self.texts: dict[str, bytes] = {}

    def mark(self, marks: Mapping[str, SheetMarks], listing: Listing) -> None:
        workbook = self.tree(BOOK)
        if workbook.tag != f"{{{MAIN}}}workbook":
            raise UnmarkableError("strict")
        links = {link.get("Id"): link for link in self.relations(BOOK)}
        styles_part = [link for link in links.values() if link.get("Type") == f"{OFFICE}/styles"]
        if not styles_part:
            raise UnmarkableError("styles")
        styles = Styles(self.tree(_target(BOOK, styles_part[0])))
        sheets = workbook.find(f"{{{MAIN}}}sheets")
        parts = {_target(BOOK, links[s.get(f"{{{OFFICE}}}id")]): s.get("name") for s in sheets}

        def number(base: int, look: str, struck: bool) -> int:
            return styles.number(base, look, struck=struck)

        for part, name in parts.items():
            if part in self.names:
                self.write(part, self.sheet(part, marks.get(name, SheetMarks()), number))
        new = self.free("xl/worksheets/toetssteen.xml")
        self.write(new, iter([sheet_xml(listing, number)]))
        self.in_front(new, listing.name, workbook, sheets)
        self.plain_type()
        written = {*parts, new}
        for name, tree in self.trees.items():
            self.texts[name] = _xml(tree)
        for info in self.book.infolist():
            if info.filename not in written and not info.is_dir():
                text = self.texts.pop(info.filename, None)
                self.write(info.filename, iter([text]) if text is not None else _chunks(self.book, info.filename))
        for name, text in self.texts.items():
            if name not in written:
                self.write(name, iter([text]))

    def sheet(self, part: str, marks: SheetMarks, number: Any) -> Iterator[bytes]:
        """The XML of a sheet; its notes are put in their own parts on the way."""
        with self.book.open(part) as stream:
            if not (marks.looks or marks.left_out or marks.notes):
                yield without_selection(stream.read(65_536))
                while chunk := stream.read(4_000_000):
                    yield chunk
                return
            pieces = marked_sheet(stream, marks, number)
            head = next(pieces)
            yield without_selection(head)
            last = next(pieces)
            for piece in pieces:
                yield last
                last = piece
            if marks.notes:
                last = self.noted(part, marks.notes, head, last)
            yield last

    def noted(self, part: str, notes: Mapping[tuple[int, int], str], head: bytes, tail: bytes) -> bytes:
        """Put the notes of a sheet in its comments and its drawing; return the tail that refers to them."""
        relations = self.relations(part)
        boxes = self.free("xl/drawings/toetssteen.vml")
        identity = "toetssteenBoxes"
        tail, relation = with_legacy_drawing(head, tail, identity)
        if relation == identity:
            _link(relations, identity, f"{OFFICE}/vmlDrawing", "/" + boxes)
        else:
            boxes = _target(part, next(link for link in relations if link.get("Id") == relation))
        known = [link for link in relations if link.get("Type") == f"{OFFICE}/comments"]
        comments = _target(part, known[0]) if known else self.free("xl/toetssteen_comments.xml")
        if not known:
            _link(relations, "toetssteenComments", f"{OFFICE}/comments", "/" + comments)
            self.override(comments, f"{SHEETML}.comments+xml")
        self.texts[comments], new = with_comments(self.part(comments, EMPTY_COMMENTS), notes)
        self.texts[boxes] = with_boxes(self.part(boxes, EMPTY_BOXES), new, notes)
        self.names |= {comments, boxes}
        types = self.tree("[Content_Types].xml")
        if not [t for t in types if t.get("Extension", "").lower() == "vml"]:
            default = {"Extension": "vml", "ContentType": "application/vnd.openxmlformats-officedocument.vmlDrawing"}
            types.insert(0, types.makeelement(f"{{{TYPES}}}Default", default))
        return tail

    def in_front(self, part: str, name: str, workbook: Any, sheets: Any) -> None:
        """Make a sheet the first, and the one that is open."""
        _link(self.relations(BOOK), "toetssteenSheet", f"{OFFICE}/worksheet", "/" + part)
        self.override(part, f"{SHEETML}.worksheet+xml")
        free = 1 + max(int(sheet.get("sheetId")) for sheet in sheets)
        entry = sheets.makeelement(f"{{{MAIN}}}sheet", {"name": name, "sheetId": str(free)})
        entry.set(f"{{{OFFICE}}}id", "toetssteenSheet")
        sheets.insert(0, entry)
        for defined in workbook.iterfind(f"{{{MAIN}}}definedNames/{{{MAIN}}}definedName"):
            if defined.get("localSheetId"):
                defined.set("localSheetId", str(int(defined.get("localSheetId")) + 1))
        for view in workbook.iterfind(f"{{{MAIN}}}bookViews/{{{MAIN}}}workbookView"):
            view.attrib.pop("activeTab", None)
            view.attrib.pop("firstSheet", None)

    def plain_type(self) -> None:
        """A workbook that could hold macros and holds none is a plain one, as its new name says."""
        for entry in self.tree("[Content_Types].xml"):
            if entry.get("PartName") == "/" + BOOK:
                entry.set("ContentType", f"{SHEETML}.sheet.main+xml")

    def tree(self, name: str) -> Any:
        from lxml import etree

        if name not in self.trees:
            if name not in self.names:
                raise UnmarkableError(name)
            parser = etree.XMLParser(resolve_entities=False, no_network=True)
            self.trees[name] = etree.fromstring(self.book.read(name), parser)
        return self.trees[name]

    def relations(self, part: str) -> Any:
        folder, name = posixpath.split(part)
        return self._relations(f"{folder}/_rels/{name}.rels")

    def _relations(self, name: str) -> Any:
        from lxml import etree

        if name not in self.names:
            self.names.add(name)
            self.trees[name] = etree.Element(f"{{{PACKAGE}}}Relationships", nsmap={None: PACKAGE})
        return self.tree(name)

    def part(self, name: str, otherwise: bytes) -> bytes:
        return self.book.read(name) if name in self.names else otherwise

    def free(self, name: str) -> str:
        stem, ending = posixpath.splitext(name)
        number = 1
        while f"{stem}{number}{ending}" in self.names:
            number += 1
        return f"{stem}{number}{ending}"

    def override(self, part: str, kind: str) -> None:
        types = self.tree("[Content_Types].xml")
        types.append(types.makeelement(f"{{{TYPES}}}Override", {"PartName": "/" + part, "ContentType": kind}))

    def write(self, name: str, pieces: Iterator[bytes]) -> None:
        info = self.book.getinfo(name) if name in self.book.namelist() else None
        new = zipfile.ZipInfo(name, info.date_time if info else FIXED_TIME)
        new.compress_type = zipfile.ZIP_DEFLATED
        with self.copy.open(new, "w", force_zip64=True) as out:
            for piece in pieces:
                out.write(piece)


def _target(part: str, link: Any) -> str:
    """The name of the part that a relation of `part` leads to."""
    target = link.get("Target")
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(part), target))


def _link(relations: Any, identity: str, kind: str, target: str) -> None:
    entry = {"Id": identity, "Type": kind, "Target": target}
    relations.append(relations.makeelement(f"{{{PACKAGE}}}Relationship", entry))


def _xml(tree: Any) -> bytes:
    from lxml import etree

    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)


def _chunks(book: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with book.open(name) as stream:
        while chunk := stream.read(4_000_000):
            yield chunk
