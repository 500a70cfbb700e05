"""Raw sheets: rows of cells as they stand in a file, with the place that a person sees."""

from dataclasses import dataclass
from typing import Any

MAX_CELLS = 40_000_000
MAX_UNPACKED_BYTES = 1_000_000_000


class Unreadable:
    """A cell that holds something that cannot be taken for a value: an error, a formula without a value."""

    def __repr__(self) -> str:
        return "#"


UNREADABLE = Unreadable()


@dataclass(frozen=True)
class RawSheet:
    """One sheet or csv file.

    Parameters
    ----------
    rows : list of list
        `rows[i]` is row i + 1 as a person sees it in Excel; all rows are equally long.
        An empty cell is None, one that cannot be read `UNREADABLE`.
    excel : bool
        Whether cells have types of their own, as in a workbook.
    tolerances : tuple of (kind, detail)
        What was done to read it (see `tables.TOLERANCE_WORDS`).
    """

    file: str
    name: str
    rows: list[list[Any]]
    excel: bool = False
    date_1904: bool = False
    tolerances: tuple[tuple[str, str], ...] = ()


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
