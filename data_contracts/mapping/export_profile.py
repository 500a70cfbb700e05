"""What stands in an export: sheets, header rows and columns, described without values of persons.

This is what a draft of a mapping is made from. A value of a cell leaves this module only
through `shown`, which holds back what may say who somebody is.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from data_contracts.code_lists import load_code_lists
from data_contracts.mapping.date_formats import Notation, notation
from data_contracts.mapping.mapped_sources import raw_text
from data_contracts.privacy.gate import EMAIL, PHONE, PLATE, personal
from data_contracts.privacy.names import holds_name
from data_contracts.reading.convert import FALSE, NOT_APPLICABLE, TRUE
from data_contracts.reading.files import RawSheet, column_letter
from data_contracts.reading.tables import HEADER_SEARCH_ROWS, plain
from data_contracts.yaml_file import load_yaml

WORDS = Path(__file__).parents[1] / "mappings" / "words"
SHOWN_AT_MOST = 100
ENOUGH_ROWS = 50  # in so many rows a value that stands there once is no code
LONGEST_SHOWN, MOST_WORDS_SHOWN = 60, 9
_SMALL = {"van", "de", "der", "den", "het", "een", "op", "in", "te", "aan", "of", "met", "voor",
          "the", "by", "on", "to", "for", "at"}  # fmt: skip
_NUMBER = {"nummer", "nr", "no", "num", "number", "id", "identifier"}
_DATE = {"datum", "date", "dt"}


@dataclass(frozen=True)
class Field:
    """One column of an export.

    Parameters
    ----------
    texts : tuple of str
        Its cells as text, in order of the rows; "" is empty (also a word for empty). Confidential.
    kind : {'date', 'number', 'truth', 'text', 'empty'}
    notation : Notation
        Of the dates that are text; dates of Excel need none.
    missing : tuple of str
        Words for empty that stand in it.
    state_words : tuple of str
        Words in it that say whether a step was done (nee, nvt): a date column of a step may hold them.
    years : tuple of int
        Of its dates.
    """

    header: str
    letter: str
    texts: tuple[str, ...]
    kind: str
    notation: Notation
    missing: tuple[str, ...]
    state_words: tuple[str, ...] = ()
    years: tuple[int, ...] = ()

    @cached_property
    def counts(self) -> Counter[str]:
        """Return how often each text stands there, empty left out."""
        return Counter(text for text in self.texts if text)

    @property
    def filled(self) -> float:
        """Return the share of cells that is filled."""
        return sum(self.counts.values()) / max(len(self.texts), 1)

    @property
    def unique(self) -> bool:
        """Tell whether every row has a value of its own."""
        return len(self.texts) > 0 and len(self.counts) == len(self.texts)


@dataclass(frozen=True)
class Sheet:
    """One sheet or csv file with its header row (from 1) and columns; `twice`: headers that stand there twice."""

    file: str
    name: str
    excel: bool
    header_row: int
    above: tuple[str, ...]
    fields: tuple[Field, ...]
    twice: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str]:
        """Return the file and the sheet, which name it."""
        return self.file, self.name

    @property
    def rows(self) -> int:
        """Return the number of rows of data."""
        return len(self.fields[0].texts) if self.fields else 0


@cache
def words() -> dict[str, Any]:
    """Return the words by which headers are known (`mappings/words/headers.yaml`)."""
    return load_yaml(WORDS / "headers.yaml")


@cache
def tokens(text: str) -> frozenset[str]:
    """Return the words of a header in the form in which they are compared.

    Examples
    --------
    >>> sorted(tokens("Datum van ontvangst")), sorted(tokens("Zaaknr.")), sorted(tokens("CONTROL #"))
    (['datum', 'ontvangst'], ['nummer', 'zaak'], ['control', 'nummer'])
    """
    bare = unicodedata.normalize("NFKD", re.sub(r"([a-z])([A-Z])", r"\1 \2", text)).encode("ascii", "ignore").decode()
    found = []
    for word in re.findall(r"[a-z]+|\d+|#", bare.casefold()):
        end = next(
            (e for e in ("nummer", "nr", "datum", "date", "code") if word.endswith(e) and len(word) > len(e) + 2), ""
        )
        found += [word[: len(word) - len(end)], end] if end else [word]
    same = {**dict.fromkeys(_NUMBER | {"#"}, "nummer"), **dict.fromkeys(_DATE, "datum")}
    return frozenset(same.get(word, word) for word in found if word not in _SMALL)


def sheet_profile(sheet: RawSheet) -> Sheet | None:
    """Return what stands in a sheet; None where no row is recognised as its header row.

    A row is a header row if all its cells are text, none looks like data or a person, and
    one of its words is known. Without one, the first row may be a person: nothing is said.
    """
    at = _header_row(sheet.rows[:HEADER_SEARCH_ROWS])
    if at is None:
        return None
    header = sheet.rows[at]
    rows = [row for row in sheet.rows[at + 1 :] if any(cell is not None for cell in row)]
    names = [plain(cell) for cell in header if cell is not None]
    twice = tuple(sorted({name for name in names if names.count(name) > 1}))
    return Sheet(
        file=sheet.file,
        name=sheet.name,
        excel=sheet.excel,
        header_row=at + 1,
        above=tuple(raw_text(cell) for row in sheet.rows[:at] for cell in row if cell is not None),
        fields=tuple(
            _field(" ".join(str(cell).split()), i, [row[i] if i < len(row) else None for row in rows])
            for i, cell in enumerate(header)
            if cell is not None and plain(cell) not in twice
        ),
        twice=twice,
    )


def _header_row(rows: list[list[Any]]) -> int | None:
    known = _known_words()
    best, most = None, 0
    for number, row in enumerate(rows):
        cells = [cell for cell in row if cell is not None]
        if not cells or not all(_may_be_header(cell) for cell in cells):
            continue
        hits = sum(bool(tokens(cell) & known) for cell in cells)
        if hits > most and (len(cells) > 1 or max(len(r) for r in rows) == 1):
            best, most = number, hits
    return best


@cache
def _known_words() -> frozenset[str]:
    lists = words()
    phrases = [phrase for group in ("columns", "steps") for named in lists[group].values() for phrase in named]
    return frozenset().union(*(tokens(phrase) for phrase in [*phrases, *lists["personal"]]))


def _may_be_header(cell: Any) -> bool:
    return (
        isinstance(cell, str)
        and len(cell) <= 100
        and re.search(r"[^\W\d_]", cell) is not None
        and not _identifying(cell)
        and not notation([raw_text(cell)]).read
    )


def _field(header: str, position: int, cells: Sequence[Any]) -> Field:
    for_empty = {word.casefold() for word in words()["missing"]}
    found = [raw_text(cell) for cell in cells]
    missing = tuple(dict.fromkeys(text for text in found if text.casefold() in for_empty))
    texts = tuple("" if text.casefold() in for_empty or text.casefold() in NOT_APPLICABLE else text for text in found)
    filled = [cell for cell, text in zip(cells, texts, strict=True) if text]
    dates = [cell for cell in filled if isinstance(cell, date)]
    states = tuple(dict.fromkeys(text for text in found if text.casefold() in _state_words()))
    written = notation([text for cell in filled if isinstance(cell, str) and (text := raw_text(cell)) not in states])
    distinct = {text.casefold() for text in texts if text}
    if not filled:
        kind = "empty"
    elif len(dates) + _read(filled, written) > 0.5 * len(filled):
        kind = "date"
    elif distinct <= TRUE | FALSE and len(distinct) <= 4 and distinct - {"0", "1"}:
        kind = "truth"
    elif all(re.fullmatch(r"-?\d+([.,]\d+)?", text) for text in texts if text):
        kind = "number"
    else:
        kind = "text"
    return Field(
        header, column_letter(position + 1), texts, kind, written, missing, states, tuple(_years(filled, written))
    )


def _read(cells: list[Any], written: Notation) -> float:
    """How many cells are a date as text, judged by the share of different texts that are."""
    texts = [cell for cell in cells if isinstance(cell, str)]
    return len(texts) * written.read / max(written.read + written.other, 1)


def _years(cells: list[Any], written: Notation) -> list[int]:
    found = []
    for cell in cells:
        if isinstance(cell, date):
            found.append(cell.year)
            continue
        for form in (*written.formats, *written.choices):
            try:
                found.append(datetime.strptime(raw_text(cell), form).year)
                break
            except ValueError:
                continue
    return found


def personal_header(header: str) -> bool:
    """Tell whether a header says that the column holds a person or free text."""
    return any(tokens(phrase) <= tokens(header) for phrase in words()["personal"])


def shown(field: Field) -> dict[str, int] | None:
    """Return the different values that may be printed, with their counts; None: none may.

    Only a column with few, short and repeated values whose header names no person; of
    those, not a value that looks like a person, a number or an address.
    """
    counts = field.counts
    most = min(SHOWN_AT_MOST, max(3, len(field.texts) // 2))
    if personal_header(field.header) or not counts or len(counts) > most:
        return None
    if any(len(text) > LONGEST_SHOWN or len(text.split()) > MOST_WORDS_SHOWN for text in counts):
        return None
    known = _known_values()
    texts = list(counts)
    persons = {
        text
        for text, found in zip(texts, personal(texts, "code"), strict=True)
        if text.casefold() not in known and (found or _identifying(text) or name_like(text))
    }
    if len(persons) * 3 > len(counts):
        return None
    fewest = 2 if len(field.texts) >= ENOUGH_ROWS else 1
    return {
        text: count
        for text, count in counts.most_common()
        if text not in persons and (count >= fewest or text.casefold() in known)
    }


@cache
def _state_words() -> frozenset[str]:
    spelled = load_yaml(WORDS / "codes.yaml")["step_state"].values()
    return frozenset(str(word).casefold() for named in spelled for word in named)


@cache
def _known_values() -> frozenset[str]:
    """Words that name a code: two of them with capitals are no person."""
    spelled = [
        str(word) for codes in load_yaml(WORDS / "codes.yaml").values() for named in codes.values() for word in named
    ]
    labels = [
        text for codes in load_code_lists().values() for code in codes.codes.values() for text in code.label.values()
    ]
    return frozenset(word.casefold() for word in [*spelled, *labels])


def _identifying(text: str) -> bool:
    digits = re.search(r"\d{6,}", re.sub(r"[\s.]", "", text))
    return bool(digits or EMAIL.search(text) or PHONE.search(text) or PLATE.search(text.upper()))


def name_like(text: str) -> bool:
    """Tell whether a text may be the name of a person: initials, or words with capitals that name no organisation.

    Examples
    --------
    >>> name_like("J. Jansen"), name_like("Piet de Vries"), name_like("Crime Lab"), name_like("Not Sustained")
    (True, True, False, False)
    """
    if holds_name(text) or re.search(r"\b[A-Z]\.(?!\w{2})|,\s*[A-Z]\b", text):
        return True
    parts = text.split()
    outer = [parts[0], parts[-1]] if parts else []
    known = set(words()["organisation"])
    return (
        re.fullmatch(r"[^\W\d_]+(?:[ '’.,-]+[^\W\d_]+)+", text) is not None
        and len(parts) <= 5
        and all(word[:1].isupper() and not word.isupper() for word in outer)
        and not any(word.strip(".,").casefold() in known for word in re.split(r"[\s/-]+", text))
    )
