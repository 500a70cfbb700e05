"""Files to raw sheets: rows of cells with their true row numbers, or one clear refusal.

A workbook is guarded before it is opened: a small legal file can claim a billion cells.
Cells whose value is an error (`#N/A`) or a formula that was never calculated are read
as `Unreadable`, because the reading library would return them as empty.
"""

import csv
import gzip
import hashlib
import io
import re
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from data_contracts.case_files import Source
from data_contracts.errors import UnreadableInput
from data_contracts.language import _

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
TEXTS = (".csv", ".csv.gz", ".txt", ".tsv")
MAX_UNZIPPED_BYTES = 1_000_000_000
MAX_CELLS = 40_000_000
DELIMITERS = ";,\t|"


class Unreadable:
    """A cell that holds an error or a formula without a value."""

    def __repr__(self) -> str:
        return "#"


UNREADABLE = Unreadable()


@dataclass(frozen=True)
class RawSheet:
    """One sheet or csv file: `rows[i]` is row i + 1 of the file as a person sees it."""

    file: str
    name: str
    rows: list[list[Any]]
    excel: bool = False
    date_1904: bool = False


def read_file(path: Path) -> tuple[Source, list[RawSheet]]:
    """Read one workbook or csv file (also gzipped).

    Raises
    ------
    UnreadableInput
        If the file is missing, damaged, encrypted, empty or not what its name says.
    """
    if not path.exists():
        raise UnreadableInput(_("Bestand niet gevonden: {file}. Controleer de naam en de map.", file=path))
    data = path.read_bytes()
    source = Source(path.name, hashlib.sha256(data).hexdigest())
    if not data:
        raise UnreadableInput(_("{file} is leeg (0 bytes). Exporteer het bestand opnieuw.", file=path.name))
    if path.name.lower().endswith(TEXTS):
        return source, [_read_text(path, data)]
    if path.name.lower().endswith(WORKBOOKS):
        return source, _read_workbook(path, data)
    raise UnreadableInput(
        _("{file} is geen werkmap (.xlsx) of csv-bestand. Lever een van deze vormen.", file=path.name)
    )


def _read_text(path: Path, data: bytes) -> RawSheet:
    if data[:2] == b"\x1f\x8b":
        try:
            with gzip.open(io.BytesIO(data)) as packed:
                data = packed.read(MAX_UNZIPPED_BYTES + 1)
        except (OSError, EOFError, zlib.error):
            raise UnreadableInput(
                _("{file} is afgebroken of beschadigd. Kopieer het bestand opnieuw.", file=path.name)
            ) from None
        if len(data) > MAX_UNZIPPED_BYTES:
            raise UnreadableInput(_("{file} is uitgepakt te groot (meer dan 1 GB).", file=path.name))
    if data[:4] == b"PK\x03\x04" or data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise UnreadableInput(
            _("{file} heet csv maar is een werkmap. Geef het de naam .xlsx of sla het op als csv.", file=path.name)
        )
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            text = data.decode("utf-16")
        except UnicodeDecodeError:
            raise UnreadableInput(
                _("{file} is afgebroken of beschadigd. Kopieer het bestand opnieuw.", file=path.name)
            ) from None
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise UnreadableInput(_("{file} is geen tekstbestand. Exporteer het als csv.", file=path.name))
    csv.field_size_limit(1_000_000)
    try:
        rows: list[list[Any]] = [
            [cell if cell != "" else None for cell in row]
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
        ]
    except csv.Error:
        raise UnreadableInput(
            _("{file} is geen geldig csv-bestand; mogelijk ontbreekt een aanhalingsteken.", file=path.name)
        ) from None
    if not any(any(row) for row in rows):
        raise UnreadableInput(_("{file} bevat geen regels.", file=path.name))
    return RawSheet(path.name, re.sub(r"(?i)(\.csv)?(\.gz|\.txt|\.tsv)?$", "", path.name), rows)


def _delimiter(text: str) -> str:
    """The delimiter that splits most of the first lines into one and the same number of columns."""
    head = [line for line in text[:20_000].splitlines()[:20] if line]
    if head and head[0].lower().startswith("sep=") and len(head[0]) == 5:
        return head[0][4]

    def regularity(mark: str) -> tuple[int, int]:
        widths = Counter(len(row) for row in csv.reader(head, delimiter=mark))
        return max(((lines, width) for width, lines in widths.items() if width > 1), default=(0, 0))

    return max(DELIMITERS, key=regularity)


def _read_workbook(path: Path, data: bytes) -> list[RawSheet]:
    import python_calamine

    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise UnreadableInput(
            _(
                "{file} is met een wachtwoord beveiligd of in een oude Excel-vorm (.xls). "
                "Haal het wachtwoord weg en sla op als .xlsx.",
                file=path.name,
            )
        )
    date_1904, faults = _guard(path, data)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = []
        for name in book.sheet_names:
            rows: list[list[Any]] = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for row, column in faults.get(name, ()):
                rows += [[] for _missing in range(row + 1 - len(rows))]
                rows[row] += [None] * (column + 1 - len(rows[row]))
                rows[row][column] = UNREADABLE
            rows = [[None if cell == "" else cell for cell in row] for row in rows]
            sheets.append(RawSheet(path.name, name, rows, excel=True, date_1904=date_1904))
    except (python_calamine.CalamineError, OSError, ValueError):
        raise _damaged(path) from None
    if not any(any(cell is not None for cell in row) for sheet in sheets for row in sheet.rows):
        raise UnreadableInput(_("{file} heeft alleen lege bladen.", file=path.name))
    return sheets


def _damaged(path: Path) -> UnreadableInput:
    return UnreadableInput(
        _("{file} is geen Excel-werkmap of is beschadigd. Open het in Excel en sla het opnieuw op.", file=path.name)
    )


def _guard(path: Path, data: bytes) -> tuple[bool, dict[str, list[tuple[int, int]]]]:
    """Refuse workbooks that would exhaust memory; find error cells and uncalculated formulas."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            names = set(book.namelist())
            if sum(entry.file_size for entry in book.infolist()) > MAX_UNZIPPED_BYTES:
                raise UnreadableInput(_("{file} is uitgepakt te groot (meer dan 1 GB).", file=path.name))
            if any(name.endswith("vbaProject.bin") for name in names):
                raise UnreadableInput(_("{file} bevat macro's. Sla het op als gewone werkmap (.xlsx).", file=path.name))
            if "xl/workbook.xml" not in names:
                return False, {}  # .ods or .xlsb: the reader decides
            date_1904, parts = _sheet_parts(book)
            return date_1904, {sheet: _scan(path, sheet, book, part) for sheet, part in parts.items() if part in names}
    except (
        zipfile.BadZipFile,
        ElementTree.ParseError,
        KeyError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        zlib.error,
    ):
        raise _damaged(path) from None


def _sheet_parts(book: zipfile.ZipFile) -> tuple[bool, dict[str, str]]:
    relation = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
    targets = {
        item.get("Id"): item.get("Target", "")
        for item in ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))
    }
    root = ElementTree.fromstring(book.read("xl/workbook.xml"))
    properties = root.find("{*}workbookPr")
    parts = {}
    for sheet in root.iterfind("{*}sheets/{*}sheet"):
        target = targets.get(sheet.get(relation), "")
        parts[sheet.get("name", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return properties is not None and properties.get("date1904") in ("1", "true"), parts


# A cell in the XML of a sheet: any prefix, any order of attributes, either quote.
_REFERENCE = re.compile(rb"""<(?:\w+:)?c\s(?:[^>]*?\s)??r=["']([A-Z]{1,3})(\d{1,7})["']""")
_MAY_HOLD_FAULT = re.compile(rb"""\st=["']e["']|<(?:\w+:)?f[\s/>]""")  # quick: most sheets hold neither
_FAULT = re.compile(
    rb"""(<(?:\w+:)?c\s[^>]*\bt=["']e["'][^>]*>)"""  # an error
    rb"""|(<(?:\w+:)?c\s(?![^>]*\bt=["']str["'])[^>]*>)"""  # t="str": calculated, to an empty text
    rb"""\s*<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"""
    rb"""(?:<(?:\w+:)?v\s*(?:/>|></(?:\w+:)?v>)\s*)?</(?:\w+:)?c>"""
)


def _scan(path: Path, sheet: str, book: zipfile.ZipFile, part: str) -> list[tuple[int, int]]:
    faults: list[tuple[int, int]] = []
    last_row, columns, tail = 0, set(), b""
    with book.open(part) as stream:
        while chunk := stream.read(4_000_000):
            text = tail + chunk
            cells = _REFERENCE.findall(text)
            if cells:
                columns.update({letters for letters, _row in cells})
                last_row = max(last_row, *(int(row) for row in {row for _letters, row in cells}))
            for error, formula in _FAULT.findall(text) if _MAY_HOLD_FAULT.search(text) else ():
                if place := _REFERENCE.match(error or formula):
                    faults.append((int(place[2]) - 1, column_number(place[1].decode()) - 1))
            tail = text[-5000:]  # a cell may straddle two chunks; what is found twice counts once
    widest = max((column_number(letters.decode()) for letters in columns), default=0)
    if last_row * widest > MAX_CELLS:
        raise UnreadableInput(
            _(
                "{file}, blad {sheet}: er staan cellen tot rij {row} en kolom {column}. "
                "Verwijder de lege rijen en kolommen achter de gegevens en sla opnieuw op.",
                file=path.name, sheet=sheet, row=last_row, column=column_letter(widest),
            )
        )  # fmt: skip
    return sorted(set(faults))


def column_number(letters: str) -> int:
    """Return 1 for A, 27 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letter(number: int) -> str:
    """Return A for 1, AA for 27."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
