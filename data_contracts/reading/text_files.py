"""Text files to raw sheets: encoding and delimiter are found, read as a stream, and logged.

A row is a record, as Excel counts them: a line break within quotes starts no new row.
"""

import codecs
import csv
import gzip
import io
import re
import zlib
from collections import Counter
from pathlib import Path
from typing import IO, Any

from data_contracts.errors import UnreadableInput
from data_contracts.language import _
from data_contracts.reading.raw_sheets import MAX_CELLS, MAX_UNPACKED_BYTES, RawSheet

DELIMITERS = ";,\t|"
MAX_LINE_BYTES = 10_000_000
MAX_CELL_LETTERS = 131_072  # four times what a cell of Excel holds
MAX_COLUMNS = 16_384  # Excel's
MAX_REMEMBERED = 1_000_000
_MARK_WORDS = {"\t": "tab"}
_UTF8_LETTER = re.compile(rb"\xc3[\x80-\xbf]")  # an accented letter in UTF-8; in cp1252 it would read Ã©


class _Remembered(dict):
    """Equal texts become one object, an empty text None: memory follows the variety."""

    def __missing__(self, text: str) -> str:
        self[text] = text
        return text


def read_text_file(path: Path) -> RawSheet:
    """Read one csv file (also gzipped).

    Raises
    ------
    UnreadableInput
        If it is no text, damaged, empty, in mixed encodings or beyond all measure.
    """
    with path.open("rb") as file:
        start = file.read(8)
    packed = start[:2] == b"\x1f\x8b"
    if start[:4] == b"PK\x03\x04" or start == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise UnreadableInput(
            _("{file} heet csv maar is een werkmap. Geef het de naam .xlsx of sla het op als csv.", file=path.name)
        )
    try:
        with _opened(path, packed=packed) as stream:
            encoding = _encoding(path, stream)
        with _opened(path, packed=packed) as stream, io.TextIOWrapper(stream, encoding, "replace", newline="") as text:
            mark, declared = _delimiter(text.read(20_000))
        with _opened(path, packed=packed) as stream, io.TextIOWrapper(stream, encoding, "replace", newline="") as text:
            if declared:
                text.readline()
            rows = _rows(path, text, mark)
    except (EOFError, zlib.error, gzip.BadGzipFile, UnicodeDecodeError):
        raise _damaged(path) from None
    if not any(map(any, rows)):
        raise UnreadableInput(_("{file} bevat geen regels.", file=path.name))
    short = _made_rectangular(path, rows)
    tolerances = [("encoding", encoding), ("sep_line" if declared else "delimiter", _MARK_WORDS.get(mark, mark))]
    if short:
        tolerances.append(("short_rows", str(short)))
    name = re.sub(r"(?i)(\.csv)?(\.gz|\.txt|\.tsv)?$", "", path.name)
    return RawSheet(path.name, name, rows, tolerances=tuple(tolerances))


def _damaged(path: Path) -> UnreadableInput:
    return UnreadableInput(_("{file} is afgebroken of beschadigd. Kopieer het bestand opnieuw.", file=path.name))


def _opened(path: Path, *, packed: bool) -> IO[bytes]:
    return gzip.open(path) if packed else path.open("rb")  # type: ignore[return-value]


def _encoding(path: Path, stream: IO[bytes]) -> str:
    """The encoding of the whole text, which is read once through; nothing of it is kept."""
    chunk = stream.read(1_000_000)
    encoding = "utf-8"
    if chunk[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    elif chunk[:3] == b"\xef\xbb\xbf":
        encoding = "utf-8-sig"
    decoder = codecs.getincrementaldecoder(encoding)()
    size = line = 0
    sound, utf8_letters = True, False
    while chunk:
        size += len(chunk)
        end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        line = line + len(chunk) if end < 0 else len(chunk) - end
        if size > MAX_UNPACKED_BYTES:
            raise UnreadableInput(_("{file} is uitgepakt te groot (meer dan 1 GB).", file=path.name))
        if line > MAX_LINE_BYTES:
            raise UnreadableInput(
                _("{file} heeft een regel van meer dan 10 MB. Exporteer het bestand opnieuw.", file=path.name)
            )
        utf8_letters = utf8_letters or bool(_UTF8_LETTER.search(chunk))
        try:
            text = decoder.decode(chunk) if sound else ""
        except UnicodeDecodeError:
            if encoding == "utf-16":
                raise
            sound, text = False, ""
        if "\x00" in text or (not text and b"\x00" in chunk):
            raise UnreadableInput(_("{file} is geen tekstbestand. Exporteer het als csv.", file=path.name))
        chunk = stream.read(1_000_000)
    if sound:
        try:
            decoder.decode(b"", final=True)
            return encoding
        except UnicodeDecodeError:  # the file ends within a letter, unless it is one letter of cp1252
            if utf8_letters or encoding != "utf-8":
                raise
    if utf8_letters or encoding == "utf-8-sig":
        raise UnreadableInput(
            _(
                "{file} mengt twee tekencoderingen (UTF-8 en een andere), zodat letters met accenten niet te lezen "
                "zijn. Exporteer het bestand opnieuw, als UTF-8.",
                file=path.name,
            )
        )
    return "cp1252"


def _delimiter(head: str) -> tuple[str, bool]:
    """The delimiter, and whether a first line `sep=;` declares it.

    Not declared, it is the one that splits most of the first lines into one and the same number of columns.
    """
    lines = [line for line in head.splitlines()[:20] if line]
    first = lines[0] if lines else ""
    if re.fullmatch(r"(?i)sep=[^\w\"]", first):
        return first[4], True

    def regularity(mark: str) -> tuple[int, int]:
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=mark))
        except csv.Error:
            return 0, 0
        return max(((n, width) for width, n in widths.items() if width > 1), default=(0, 0))

    return max(DELIMITERS, key=regularity), False


def _rows(path: Path, text: IO[str], mark: str) -> list[list[Any]]:
    remembered = _Remembered({"": None})
    rows: list[list[Any]] = []
    cells = 0
    csv.field_size_limit(MAX_CELL_LETTERS)  # one for the whole process: another library may have changed it
    try:
        for row in csv.reader(text, delimiter=mark, strict=True):
            cells += len(row)
            if len(row) > MAX_COLUMNS or cells > MAX_CELLS:
                raise _too_wide(path, len(rows) + 1, len(row))
            if len(remembered) > MAX_REMEMBERED:
                remembered.clear()
                remembered[""] = None
            rows.append(list(map(remembered.__getitem__, row)))
    except csv.Error:
        raise UnreadableInput(
            _(
                "{file} is geen geldig csv-bestand: rij {row} is niet te lezen. Mogelijk ontbreekt daar een "
                "aanhalingsteken.",
                file=path.name,
                row=len(rows) + 1,
            )
        ) from None
    return rows


def _too_wide(path: Path, row: int, width: int) -> UnreadableInput:
    return UnreadableInput(
        _(
            "{file} is te groot: rij {row} heeft {width} cellen, of het bestand heeft er meer dan {cells}. "
            "Splits het bestand.",
            file=path.name, row=row, width=width, cells=MAX_CELLS,
        )
    )  # fmt: skip


def _made_rectangular(path: Path, rows: list[list[Any]]) -> int:
    """Make all rows equally long, in place; return how many rows lack cells that most rows have."""
    widths = Counter(map(len, rows))
    widest, usual = max(widths), max(widths, key=lambda width: (widths[width], width))
    if len(widths) == 1:
        return 0
    if widest * len(rows) > MAX_CELLS:
        raise _too_wide(path, next(n for n, row in enumerate(rows, 1) if len(row) == widest), widest)
    first = next(n for n, row in enumerate(rows) if len(row) == usual)
    short = sum(len(row) < usual and any(row) for row in rows[first:])
    for row in rows:
        if len(row) < widest:
            row += [None] * (widest - len(row))
    return short
