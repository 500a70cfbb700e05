"""The XML of an .xlsx workbook as a stream, before anything opens it.

Cells as most programs write them (`<c r="B7" …>`) are counted with whole arrays at a
time; XML in any other spelling is read cell by cell, slower and with the same outcome.
"""

import re
import zipfile
from collections.abc import Iterator
from typing import IO
from xml.etree import ElementTree

from data_contracts.reading.raw_sheets import column_letter, column_number
from data_contracts.reading.workbook_scan import (
    LOOSE_TEXT_BYTES,
    MAX_FAULTS,
    MAX_TAG_BYTES,
    BookScan,
    DamagedWorkbookError,
    SheetScan,
    TooManyFaultsError,
)

CHUNK = 4_000_000
MAX_SMALL_PART = 50_000_000
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

ZeroFormats = dict[bytes, str]  # style of a cell -> its number format, e.g. 00000


def scan_xlsx(book: zipfile.ZipFile, parts: dict[str, str], *, precise: bool = False) -> BookScan:
    """Scan every sheet.

    Parameters
    ----------
    parts : dict
        Name in lower case -> name in the archive.
    precise : bool
        Leave cells without content out of the extents; slower.
    """
    zeros = _zero_formats(_small(book, parts.get("xl/styles.xml")))
    longest = max(_string_lengths(book, parts.get("xl/sharedstrings.xml")))
    date_1904, names = _sheet_parts(book, parts)
    scan = BookScan(date_1904, trusted=True)
    for name, part in names.items():
        if part not in parts:
            raise DamagedWorkbookError
        with book.open(parts[part]) as stream:
            sheet = scan_sheet(stream, zeros, precise=precise)
        sheet.text_bytes = book.getinfo(parts[part]).file_size + sheet.cells * longest
        if sheet.text_bytes > LOOSE_TEXT_BYTES:
            sheet.text_bytes = book.getinfo(parts[part]).file_size + _shared_text_bytes(book, parts, part)
        scan.sheets[name] = sheet
    return scan


def _small(book: zipfile.ZipFile, name: str | None) -> bytes:
    if name is None:
        return b""
    if book.getinfo(name).file_size > MAX_SMALL_PART:
        raise DamagedWorkbookError
    part = book.read(name)
    refuse_entities(part)
    return part


def _sheet_parts(book: zipfile.ZipFile, parts: dict[str, str]) -> tuple[bool, dict[str, str]]:
    """Whether dates count from 1904, and the name of each sheet with its part in lower case."""
    relations = ElementTree.fromstring(_small(book, parts.get("xl/_rels/workbook.xml.rels")))
    targets = {item.get("Id"): item.get("Target", "") for item in relations}
    root = ElementTree.fromstring(_small(book, parts["xl/workbook.xml"]))
    properties = root.find("{*}workbookPr")
    names = {}
    for sheet in root.iterfind("{*}sheets/{*}sheet"):
        target = targets.get(sheet.get(_RELATION), "").lstrip("/").lower()
        names[sheet.get("name", "")] = target if target.startswith("xl/") else f"xl/{target}"
    return properties is not None and properties.get("date1904") in ("1", "true"), names


def _zero_formats(styles: bytes) -> ZeroFormats:
    """Styles of cells whose number format shows zeros in front, such as 00000 or "Z-"0000."""
    if b"numFmts" not in styles:
        return {}
    root = ElementTree.fromstring(styles)
    codes = {item.get("numFmtId"): item.get("formatCode", "") for item in root.iterfind("{*}numFmts/{*}numFmt")}
    forms = [zero_form(codes.get(item.get("numFmtId"), "")) for item in root.iterfind("{*}cellXfs/{*}xf")]
    return {b"%d" % number: form for number, form in enumerate(forms) if form}


def zero_form(code: str) -> str:
    r"""Return a number format of zeros and fixed text alone, its digits as `0` and its text after a backslash.

    Examples
    --------
    >>> print(zero_form("00000"), zero_form('"Z-"0000'), zero_form("0.00"))
    00000 \Z\-0000
    """
    form = ""
    code = code.partition(";")[0]
    for quoted, escaped, plain, _colour in re.findall(r'"([^"]*)"|\\(.)|([-0 ()+:])|(\[[^\]]*\])|.', code):
        if not (quoted or escaped or plain or _colour):
            return ""
        form += "0" if plain == "0" else "".join("\\" + letter for letter in quoted or escaped or plain)
    return form if len(re.findall(r"(?<!\\)0", form)) >= 2 else ""


def shown_text(form: str, number: int) -> str:
    """Return a number as the form of `zero_form` shows it: 123 in 00000 is 00123."""
    slots = re.findall(r"\\(.)|(0)", form)
    wanted = sum(bool(zero) for _letter, zero in slots)
    digits = str(number).zfill(wanted)
    surplus, rest = digits[: len(digits) - wanted], iter(digits[len(digits) - wanted :])
    text = ""
    for letter, _zero in slots:
        if letter:
            text += letter
        else:
            text += surplus + next(rest)
            surplus = ""
    return text


def _string_lengths(book: zipfile.ZipFile, name: str | None) -> list[int]:
    """How many bytes of XML each shared text takes; nothing is kept of the text."""
    lengths, since, rest = [], 0, b""
    if name is None:
        return [0]
    with book.open(name) as stream:
        while chunk := stream.read(CHUNK):
            refuse_entities(chunk[:4096])
            text = rest + chunk
            cut = text.rfind(b"<")
            text, rest = text[:cut], text[cut:]
            if len(rest) > MAX_TAG_BYTES:
                raise DamagedWorkbookError
            pieces = text.replace(b"si/>", b"si>si>").split(b"si>")  # <si> and </si>, whatever the prefix
            sizes = list(map(len, pieces))
            sizes[0] += since
            since = sizes.pop()
            lengths += sizes
    return lengths[1::2] or [since]


def _shared_text_bytes(book: zipfile.ZipFile, parts: dict[str, str], part: str) -> int:
    """How many bytes the shared texts take that the cells of one sheet refer to, each as often as it is used."""
    import numpy as np

    lengths = np.array(_string_lengths(book, parts.get("xl/sharedstrings.xml")))
    total, rest = 0, b""
    with book.open(parts[part]) as stream:
        while chunk := stream.read(CHUNK):
            text = rest + chunk
            cut = max(text.rfind(b"<c"), text.rfind(b":c "), 0)
            found = np.array(_SHARED.findall(text[:cut]), dtype="S10").astype(np.int64)
            total += int(lengths[found[found < len(lengths)]].sum())
            rest = text[cut:]
    return total + len(rest)


_SHARED = re.compile(rb"""t=["']s["'][^>]*>\s*<(?:\w+:)?v>(\d{1,10})<""")


# Cells with a fault: any prefix, any order of attributes, either quote.
_REFERENCE = re.compile(rb"""\sr=["']([A-Z]{1,3})(\d{1,7})["']""")
_FAULT = re.compile(
    rb"""(<(?:\w+:)?c\s[^>]*\bt=["']e["'][^>]*>)"""  # an error
    rb"""|(<(?:\w+:)?c\s(?![^>]*\bt=["']str["'])[^>]*>)"""  # t="str": calculated, to an empty text
    rb"""\s*<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"""
    rb"""(?:<(?:\w+:)?v\s*(?:/>|></(?:\w+:)?v>)\s*)?</(?:\w+:)?c>"""
)
_MERGE = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*?ref=["']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})["']""")
_HIDDEN_ROW = re.compile(rb"""<(?:\w+:)?row\s[^>]*hidden=["'](?:1|true)["']""")
_HIDDEN_COLUMN = re.compile(rb"""<(?:\w+:)?col\s[^>]*hidden=["'](?:1|true)["']""")
_NUMBER = (
    rb"""<(?:\w+:)?c\s[^>]*\bs=["'](%s)["'][^>]*>\s*(?:<(?:\w+:)?f[^>]*>[^<]*</(?:\w+:)?f>\s*)?"""
    rb"""<(?:\w+:)?v>(\d{1,15})(?:\.0*)?<"""
)
_TYPED = re.compile(rb"""\st=["'](?!n["'])""")


def scan_sheet(stream: IO[bytes], zeros: ZeroFormats, *, precise: bool) -> SheetScan:
    """Scan the XML of one sheet."""
    scan = SheetScan()
    numbers = re.compile(_NUMBER % b"|".join(zeros)) if zeros else None
    head = stream.read(4096)
    root = re.search(rb"<(\w+:)?worksheet[\s>]", head)
    if not root:  # a sheet with a chart only
        return scan
    refuse_entities(head[: root.end()])
    prefix = root[1] or b""
    try:
        for text in _pieces(head, stream, b"<" + prefix + b"c "):
            _check_spelling(text, prefix, precise=precise)
            _extent(scan, text, prefix, precise=precise)
            _specials(scan, text, prefix, numbers, zeros)
        return scan
    except _OddSpellingError:
        stream.seek(0)
    scan = SheetScan()
    try:
        for text in _rewritten(stream):
            _extent(scan, text, b"", precise=True)
            _specials(scan, text, None, numbers, zeros)
    except _OddSpellingError:
        raise DamagedWorkbookError from None
    return scan


def _check_spelling(text: bytes, prefix: bytes, *, precise: bool) -> None:
    if precise and (b'/>"' in text or b"/>'" in text):  # an end of tag that is none
        raise _OddSpellingError
    if not prefix and len(text) < CHUNK and b":c " in text:  # of a large file, a process apart bears what comes
        raise _OddSpellingError


class _OddSpellingError(Exception):
    """Cells are written in a way that arrays would not see."""


def refuse_entities(head: bytes) -> None:
    """Refuse XML that declares entities: no workbook has them, and a few can become a billion words."""
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head or b"\x00" in head:
        raise DamagedWorkbookError


def _pieces(head: bytes, stream: IO[bytes], mark: bytes) -> Iterator[bytes]:
    """Pieces of the XML that end before a cell, so that no cell is cut in two."""
    rest = head
    while chunk := stream.read(CHUNK):
        text = rest + chunk
        cut = text.rfind(mark)
        if cut <= 0:
            cut = max(text.rfind(b"<"), 0)
        if len(text) - cut > MAX_TAG_BYTES:
            raise DamagedWorkbookError
        yield text[:cut]
        rest = text[cut:]
    yield rest


def _extent(scan: SheetScan, text: bytes, prefix: bytes, *, precise: bool) -> None:
    """Count the cells of a piece and note how far they reach."""
    import numpy as np

    codes = np.frombuffer(text + bytes(16), dtype=np.uint8)
    after = len(prefix) + 2  # where `<c` is followed by a space
    tags = np.flatnonzero((codes[:-16] == 60) & (codes[after - 1 : after - 17] == 99))
    for place, letter in enumerate(prefix, 1):
        tags = tags[codes[tags + place] == letter]
    following = codes[tags + after]
    starts = tags[following == 32]
    named = (codes[starts + after + 1] == 114) & (codes[starts + after + 2] == 61) & (codes[starts + after + 3] == 34)
    if not named.all() or np.isin(following, _ENDS_OF_NAME).any():
        raise _OddSpellingError
    scan.cells += len(starts)
    if precise:
        starts = starts[_filled(codes, starts)]
    if starts.size == 0:
        return
    at = starts + after + 4
    first, second, third = (codes[at + place] for place in range(3))
    two, three = second >= 65, (second >= 65) & (third >= 65)
    column = first.astype(np.int32) - 64
    column[two] = column[two] * 26 + second[two] - 64
    column[three] = column[three] * 26 + third[three] - 64
    digits = at + 1 + two + three
    row, going = np.zeros(len(at), dtype=np.int64), np.ones(len(at), dtype=bool)
    for place in range(7):
        digit = codes[digits + place] - np.uint8(48)
        going &= digit < 10
        if not going.any():
            break
        row = np.where(going, row * 10 + digit, row)
    scan.reaches(int(row.max()) - 1, int(column.max()) - 1)


_ENDS_OF_NAME = (9, 10, 13, 47, 62)  # tab, line ends, / and >


def _filled(codes, starts):  # type: ignore[no-untyped-def]
    """Which cells hold something: not <c …/> nor <c …></c>."""
    import numpy as np

    closing = np.flatnonzero(codes == 62)
    ends = closing[np.minimum(np.searchsorted(closing, starts), len(closing) - 1)]
    return (codes[ends - 1] != 47) & ~((codes[ends + 1] == 60) & (codes[ends + 2] == 47))


def _specials(
    scan: SheetScan, text: bytes, prefix: bytes | None, numbers: re.Pattern[bytes] | None, zeros: ZeroFormats
) -> None:
    """Faults, shown zeros, merges and what is hidden; with a known prefix, a quick search tells if there are any."""
    if prefix is None or b't="e"' in text or b"<" + prefix + b"f" in text:
        for error, formula in _FAULT.findall(text):
            if place := _REFERENCE.search(error or formula):
                scan.faults.add((int(place[2]) - 1, column_number(place[1].decode()) - 1))
    if numbers:
        for match in numbers.finditer(text):
            tag = match[0][: match[0].index(b">")]
            if (place := _REFERENCE.search(tag)) and not _TYPED.search(tag):
                at = int(place[2]) - 1, column_number(place[1].decode()) - 1
                scan.shown[at] = shown_text(zeros[match[1]], int(match[2]))
    if len(scan.faults) > MAX_FAULTS or len(scan.shown) > MAX_FAULTS:
        raise TooManyFaultsError
    if b'hidden="' in text:
        scan.hidden_rows += len(_HIDDEN_ROW.findall(text))
        scan.hidden_columns = scan.hidden_columns or bool(_HIDDEN_COLUMN.search(text))
    scan.ended = scan.ended or prefix is None or b"</" + prefix + b"sheetData>" in text
    if scan.ended:
        scan.filtered = scan.filtered or b"autoFilter" in text
        for left, top, right, bottom in _MERGE.findall(text):
            scan.merged.append((int(top) - 1, column_number(left.decode()) - 1,
                                int(bottom) - 1, column_number(right.decode()) - 1))  # fmt: skip


# XML in another spelling: written anew, cell by cell, as most programs write it

_TAG = re.compile(rb"""<(?:\w+:)?(row|c)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(/?)>""")
_ATTRIBUTE = re.compile(rb"""\s([rst])\s*=\s*["']([\w$]*)["']""")


def _rewritten(stream: IO[bytes]) -> Iterator[bytes]:
    row = column = -1

    def usual(tag: re.Match[bytes]) -> bytes:
        nonlocal row, column
        attributes = dict(_ATTRIBUTE.findall(tag[2]))
        place = attributes.get(b"r", b"").replace(b"$", b"").upper()
        if tag[1] == b"row":
            row, column = (int(place) - 1 if place.isdigit() else row + 1), -1
            return b"<row" + tag[2] + b">"
        if match := re.fullmatch(rb"([A-Z]{1,3})(\d{1,7})", place):
            row, column = int(match[2]) - 1, column_number(match[1].decode()) - 1
        else:
            column += 1
        rest = b"".join(b' %s="%s"' % (key, attributes[key]) for key in (b"s", b"t") if key in attributes)
        return b'<c r="%s%d"%s%s>' % (column_letter(column + 1).encode(), row + 1, rest, tag[3])

    rest = b""
    while chunk := stream.read(CHUNK):
        text = rest + chunk
        cut = text.rfind(b"<")
        ended = text.rfind(b"c>", 0, cut)  # after a whole cell, so that its value is seen with it
        cut = ended + 2 if ended > 0 else max(cut, 0)
        if len(text) - cut > MAX_TAG_BYTES:
            raise DamagedWorkbookError
        yield _TAG.sub(usual, text[:cut])
        rest = text[cut:]
    yield _TAG.sub(usual, rest)
