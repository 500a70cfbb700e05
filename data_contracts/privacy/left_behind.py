"""Values that were replaced in one column but still stand elsewhere: in a remark, another column, a sheet name."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from data_contracts.privacy.gate import cell_text
from data_contracts.privacy.names import name_words
from data_contracts.reading.raw_sheets import RawSheet, column_letter

FEWEST_DIGITS = 5  # a shorter number stands everywhere by chance: years, counts, parts of dates
_TOKEN = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Remnant:
    """A place where a replaced value still stands."""

    file: str
    sheet: str
    row: int
    column: str


def left_behind(originals: Iterable[str], sheets: Sequence[RawSheet]) -> list[Remnant]:
    """Return the places where original values still stand, the first of each column.

    Words (names, numbers with letters) count wherever they stand, also each word of a name
    of four letters or more. A number counts within a text, also stuck to letters or signs
    (`P300137`, `2024/300137`), and as a whole cell where a column holds other things than
    numbers or mostly such numbers: two series of numbers, also numbers of one shape such as
    case numbers, share some by chance. Numbers shorter than `FEWEST_DIGITS` digits cannot be told from
    other numbers and are not looked for.
    """
    words, numbers = _wanted(originals)
    longest = max(map(len, words), default=1)
    found = []
    for sheet in sheets:
        for j in range(max((len(row) for row in sheet.rows), default=0)):
            row = _first_row([cell_text(row[j]) if j < len(row) else "" for row in sheet.rows], words, numbers, longest)
            if row is not None:
                found.append(Remnant(sheet.file, sheet.name, row + 1, column_letter(j + 1)))
    return found


def left_behind_in_names(originals: Iterable[str], names: Iterable[str]) -> bool:
    """Tell whether an original value stands in the name of a file or sheet."""
    words, numbers = _wanted(originals)
    longest = max(map(len, words), default=1)
    return any(_has(f"{name} .", words, numbers, longest) for name in names)


def _wanted(originals: Iterable[str]) -> tuple[set[tuple[str, ...]], set[str]]:
    words, numbers = set(), set()
    common = name_words().ordinary | name_words().prefixes
    for original in originals:
        tokens = tuple(_tokens(original))
        if len("".join(tokens)) < 3:
            continue
        if "".join(tokens).isdecimal():
            number = "".join(_TOKEN.findall(original)).lstrip("0")
            numbers |= {number} if len(number) >= FEWEST_DIGITS else set()
            continue
        words.add(tokens)
        if not any(character.isdigit() for character in original):
            words |= {(token,) for token in tokens if len(token) > 3 and token not in common}
    return words, numbers


def _tokens(text: str) -> Iterator[str]:
    for token in _TOKEN.findall(text.casefold()):
        yield token.lstrip("0") or "0" if token.isdecimal() else token


def _has(text: str, words: set[tuple[str, ...]], numbers: set[str], longest: int) -> bool:
    tokens = list(_tokens(text))
    if any(tuple(tokens[n : n + size]) in words for size in range(1, longest + 1) for n in range(len(tokens))):
        return True
    return any(character.isspace() for character in text.strip()) and not numbers.isdisjoint(tokens)


def _first_row(texts: list[str], words: set[tuple[str, ...]], numbers: set[str], longest: int) -> int | None:
    distinct = set(texts) - {""}
    bare = {text for text in distinct if re.fullmatch(r"[\d. ]+", text)}
    alone = {text for text in bare if re.sub(r"\D", "", text).lstrip("0") in numbers}
    if len(bare) * 2 > len(distinct) and len(alone) * 2 <= len(bare):
        alone = set()
    numbered = {text for text in distinct - bare if re.search(r"\d", text)}
    stuck = {text for text in numbered if not numbers.isdisjoint(run.lstrip("0") for run in re.findall(r"\d+", text))}
    one_shape = len({re.sub(r"\d+", "0", text) for text in numbered}) == 1
    if one_shape and len(stuck) * 2 <= len(numbered):
        stuck = set()
    remnants = alone | stuck | {text for text in distinct - bare if _has(text, words, numbers, longest)}
    return next((n for n, text in enumerate(texts) if text in remnants), None)
