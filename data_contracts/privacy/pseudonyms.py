"""Numbers and names of persons to pseudonyms, with a key that the unit keeps.

A pseudonym is a letter and the first hexadecimals of HMAC-SHA256 [1]_ over the value, with
a key of 256 bits. The same person and key give the same pseudonym in every file, unit and
year, so that deliveries stay linked; without the key nobody can work back, not even by
trying all personnel numbers. A table of values and pseudonyms is never written.

References
----------
.. [1] H. Krawczyk, M. Bellare, R. Canetti, "HMAC: Keyed-Hashing for Message Authentication",
   RFC 2104, 1997.
"""

import hmac
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from data_contracts.errors import Refused, WrongUse
from data_contracts.language import _
from data_contracts.privacy.fresh_copy import copies_of, files_to_copy, write_fresh_csv, write_fresh_workbook
from data_contracts.privacy.gate import cell_text
from data_contracts.privacy.handed_over import leaks, nobody
from data_contracts.privacy.left_behind import left_behind, left_behind_in_names
from data_contracts.privacy.pseudonym_key import read_key
from data_contracts.reading.files import read_file
from data_contracts.reading.raw_sheets import RawSheet
from data_contracts.reading.tables import HEADER_SEARCH_ROWS, plain, refuse_twice
from data_contracts.writing import whole_file, whole_folder

COLUMNS = ("betrokkene_nummer", "lezer")
LETTERS = {"betrokkene_nummer": "B", "lezer": "L"}
HEX_DIGITS = 12  # 48 bits: a million persons share a pseudonym with a chance of 2 in 1000


@dataclass(frozen=True)
class ReplacedColumn:
    """One column in one sheet: how many cells were replaced, and how many different persons stand in it."""

    file: str
    sheet: str
    header: str
    cells: int
    persons: int


@dataclass(frozen=True)
class Pseudonymised:
    """What was written: the files, the columns replaced in each, and how many files of other kinds stayed behind."""

    files: tuple[Path, ...]
    columns: tuple[ReplacedColumn, ...]
    not_copied: int


def normalised(value: str) -> str:
    """Return a value in the form in which it is the same person.

    Outer and double spaces, capitals and the way accents are stored do not count. In a
    number neither do leading zeros (Excel drops them), dots and spaces between its digits,
    and `.0` at its end.

    Examples
    --------
    >>> [normalised(value) for value in (" 00123456", "123.456", "123456.0", "De  VRIES, P.")]
    ['123456', '123456', '123456', 'de vries, p.']
    """
    text = " ".join(unicodedata.normalize("NFC", value).split()).casefold()
    number = re.sub(r"\.0$", "", text)
    if re.fullmatch(r"\d+|\d{1,4}(?:[. ]\d{2,3})+", number):
        return re.sub(r"[. ]", "", number).lstrip("0") or "0"
    return text


def pseudonym(value: str, key: bytes, *, letter: str = "B", hex_digits: int = HEX_DIGITS) -> str:
    """Return the pseudonym of one value: `B-` and hexadecimals.

    Parameters
    ----------
    value : str
        A number or a name.
    key : bytes
        The key of the unit.
    letter : str
        What the number stands for: B for a person concerned, L for a reader. The same
        person has another pseudonym under another letter.
    hex_digits : int
        Length; the same in all files that must stay linked.

    Examples
    --------
    >>> pseudonym("123456", bytes(range(32)), hex_digits=8)
    'B-d2ff635c'
    """
    digest = hmac.digest(key, f"{letter}\x00{normalised(value)}".encode(), "sha256")
    return f"{letter}-{digest.hex()[:hex_digits]}"


def pseudonymise(
    path: Path, *, key_file: Path, out: Path, columns: Sequence[str] = COLUMNS, hex_digits: int = HEX_DIGITS
) -> Pseudonymised:
    """Write a fresh copy of an export in which columns hold pseudonyms instead of numbers or names.

    Empty cells stay empty, and words for not applicable or unknown stay as they are.

    Parameters
    ----------
    path : Path
        A workbook, a csv file or a folder with these.
    key_file : Path
        The key, made by `make_key`, in no folder of the export or of the copy.
    out : Path
        The copy: a workbook (.xlsx), a csv file or a folder. Must not exist yet.
    columns : sequence of str
        Headers. `header=X` gives pseudonyms that start with X; else they start with B, and
        those under `lezer` with L. Columns in different files with the same letter get the
        same pseudonym for the same person.
    hex_digits : int
        Length of a pseudonym; 12 unless two persons got the same one.

    Returns
    -------
    Pseudonymised

    Raises
    ------
    WrongUse
        If a column is not found or the copy cannot be written there.
    Refused
        If the result would still hold personal data, or the key is unfit. Then nothing is
        written; the message names the place, never the value.
    """
    key = read_key(key_file, apart_from=[path if path.is_dir() else path.parent, out if path.is_dir() else out.parent])
    files, not_copied = files_to_copy(path)
    targets = copies_of(path, out, files)
    letters = dict(_letter(column) for column in columns)
    known: dict[str, str] = {}  # pseudonym -> normalised value, to see that no two share one
    originals: set[str] = set()
    copies, replaced = {}, []
    for file in files:
        sheets = []
        for sheet in read_file(file)[1]:
            copy, done = _with_pseudonyms(sheet, letters, key, hex_digits, known, originals)
            sheets.append(copy)
            replaced += done
        copies[file] = sheets
    _refuse_missing(path, columns, letters, replaced)
    with whole_folder(out, marks=()) if path.is_dir() else whole_file(out) as work:
        for file, sheets in copies.items():
            target = work / targets[file].relative_to(out) if path.is_dir() else work
            target.parent.mkdir(parents=True, exist_ok=True)
            if targets[file].suffix == ".csv":
                write_fresh_csv(sheets[0], target)
            else:
                write_fresh_workbook(sheets, target)
        names = [str(target.relative_to(out)) for target in targets.values()] if path.is_dir() else []
        _refuse_personal([sheet for sheets in copies.values() for sheet in sheets], originals, names)
    return Pseudonymised(tuple(targets.values()), tuple(replaced), not_copied)


def _letter(column: str) -> tuple[str, str]:
    header, mark, letter = column.rpartition("=")
    if not mark:
        return plain(column), LETTERS.get(plain(column), "B")
    if not re.fullmatch(r"[A-Z]{1,4}", letter):
        raise WrongUse(
            _("Achter de kolom {column} hoort een hoofdletter te staan, bijvoorbeeld {example}.",
              column=header, example=f"{header}=B")
        )  # fmt: skip
    return plain(header), letter


def _with_pseudonyms(
    sheet: RawSheet, letters: dict[str, str], key: bytes, hex_digits: int, known: dict[str, str], originals: set[str]
) -> tuple[RawSheet, list[ReplacedColumn]]:
    at, positions = _header(sheet, letters)
    rows = [list(row) for row in sheet.rows] if positions else sheet.rows
    done = []
    for j, letter in positions.items():
        header, cells, persons = str(sheet.rows[at][j]), 0, set()
        for row in range(at + 1, len(rows)):
            value = cell_text(rows[row][j]) if j < len(rows[row]) else ""
            if not value or normalised(value) in nobody():
                continue
            _refuse_done_before(sheet, header, value, letter)
            new = pseudonym(value, key, letter=letter, hex_digits=hex_digits)
            if known.setdefault(new, normalised(value)) != normalised(value):
                raise Refused(
                    _(
                        "Twee personen krijgen hetzelfde pseudoniem. Kies langere pseudoniemen met --hex-digits "
                        "{longer}, voor alle bestanden die bij elkaar horen.",
                        longer=hex_digits + 4,
                    )
                )
            rows[row][j] = new
            originals.add(value)
            persons.add(new)
            cells += 1
        done.append(ReplacedColumn(sheet.file, sheet.name, header, cells, len(persons)))
    return replace(sheet, rows=rows), done


def _header(sheet: RawSheet, letters: dict[str, str]) -> tuple[int, dict[int, str]]:
    """The row with most of these headers, and under which number each column stands."""
    counts = [
        sum(plain(cell) in letters for cell in row if cell is not None) for row in sheet.rows[:HEADER_SEARCH_ROWS]
    ]
    if not any(counts):
        return 0, {}
    at = counts.index(max(counts))
    refuse_twice(sheet, [plain(cell) for cell in sheet.rows[at] if cell is not None and plain(cell) in letters])
    return at, {j: letters[plain(c)] for j, c in enumerate(sheet.rows[at]) if c is not None and plain(c) in letters}


def _refuse_done_before(sheet: RawSheet, header: str, value: str, letter: str) -> None:
    if re.fullmatch(rf"{letter}-[0-9a-f]{{8,}}", value):
        raise WrongUse(
            _(
                "{file}, blad {sheet}: in kolom {header} staan al pseudoniemen. Gebruik de oorspronkelijke export.",
                file=sheet.file, sheet=sheet.name, header=header,
            )
        )  # fmt: skip


def _refuse_missing(
    path: Path, columns: Sequence[str], letters: dict[str, str], replaced: Sequence[ReplacedColumn]
) -> None:
    found = {plain(column.header) for column in replaced}
    missing = sorted(set(letters) - found)
    if missing and (not found or tuple(columns) != COLUMNS):  # of the usual two, one is enough
        raise WrongUse(
            _(
                "{file}: geen kolom met de kop {missing} in de eerste {rows} rijen van een blad. Noem met --columns de "
                "koppen zoals ze in de export staan.",
                file=path.name, missing=", ".join(missing), rows=HEADER_SEARCH_ROWS,
            )
        )  # fmt: skip


def _refuse_personal(sheets: Sequence[RawSheet], originals: set[str], names: Sequence[str]) -> None:
    """Refuse a result that would still say who it is about: the replaced values elsewhere, or other personal data."""
    if left_behind_in_names(originals, [*names, *(sheet.name for sheet in sheets)]):
        raise Refused(
            _(
                "Wat in de genoemde kolommen is vervangen, staat ook in de naam van een bestand of blad. Hernoem het. "
                "Er is niets geschreven."
            )
        )
    places = [(r.file, r.sheet, r.row, r.column) for r in left_behind(originals, sheets)]
    if places:
        raise Refused(
            _(
                "Wat in de genoemde kolommen is vervangen, staat ook nog op andere plaatsen: {places}. Noem die "
                "kolommen ook bij --columns, of haal de gegevens daar weg. Er is niets geschreven.",
                places=_said(places),
            )
        )
    places = [(s.file, s.name, leak.row, leak.column) for s in sheets for leak in leaks(s) if not leak.contact]
    if places:
        raise Refused(
            _(
                "Er staan nog andere persoonsgegevens in: {places}. Noem die kolommen ook bij --columns, of verwijder "
                "ze. Er is niets geschreven.",
                places=_said(places),
            )
        )


def _said(places: Sequence[tuple[str, str, int, str]]) -> str:
    said = [_("{file}, blad {sheet}, cel {cell}", file=file, sheet=sheet, cell=f"{column}{row}")
            for file, sheet, row, column in places[:8]]  # fmt: skip
    return "; ".join(said) + ("; …" if len(places) > 8 else "")
