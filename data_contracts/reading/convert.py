"""Raw cells to typed columns: tolerant in form, strict in meaning.

Every conversion is counted by kind; what cannot be read without guessing is left
missing and flagged `unreadable` (form) or `unknown_code`, for the contract to report.
Work is done once per distinct value, so cost follows the variety, not the rows.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from data_contracts.code_lists import CodeList
from data_contracts.contract import Column
from data_contracts.privacy.gate import cell_text, kind_of, personal
from data_contracts.reading.files import Unreadable

DTYPES = {"date": "datetime64[s]", "string": "str", "boolean": "boolean", "integer": "Int64"}
NOT_APPLICABLE = {"n.v.t.", "nvt", "n.v.t", "n/a", "-"}
TRUE = {"ja", "j", "waar", "true", "yes", "y", "1"}
FALSE = {"nee", "n", "onwaar", "false", "no", "0"}
EARLIEST_SERIAL, LATEST_SERIAL = 20_000, 80_000  # 1954 to 2119, in Excel days


@dataclass(frozen=True)
class Context:
    """How to read cells of one sheet: declared date formats, words for missing, Excel's epoch."""

    date_formats: tuple[str, ...] = ()
    missing: frozenset[str] = frozenset()
    excel: bool = False
    date_1904: bool = False


@dataclass(frozen=True)
class TypedColumn:
    """One column: values, per-row flag ('' or what is wrong), and counts of conversions by kind."""

    values: pd.Series
    form: pd.Series
    code: pd.Series | None
    conversions: dict[str, int]


class _CannotReadError(ValueError):
    pass


Converted = tuple[Any, str]  # value, kind of conversion ('' for none)


def convert_column(cells: pd.Series, column: Column, codes: CodeList | None, context: Context) -> TypedColumn:
    """Convert one raw column to its logical type.

    Parameters
    ----------
    cells : Series of object
        Raw cells; None or NaN is empty.
    column : Column
        What the contract says.
    codes : CodeList or None
        The code list of the column, if it has one.
    context : Context
        How to read the sheet.

    Returns
    -------
    TypedColumn
        Series with the index of `cells`.
    """
    reader = _READERS[column.logical_type]
    known = _known(codes) if codes else None
    variety, at = _variety(cells.tolist())
    outcomes = [_convert(cell, reader, known, context) for cell in variety]
    closed = known is not None or column.logical_type != "string"
    outcomes = _without_personal(outcomes, variety, kind_of(column), closed=closed)
    counts: Counter[str] = Counter()
    for (*_rest, kind), times in zip(outcomes, np.bincount(at, minlength=len(variety)).tolist(), strict=True):
        if kind:
            counts[kind] += times

    def part(number: int, dtype: str) -> pd.Series:
        distinct = pd.Series([outcome[number] for outcome in outcomes], dtype="object").astype(dtype)
        return pd.Series(distinct.array.take(at), index=cells.index)

    return TypedColumn(
        values=part(0, DTYPES[column.logical_type]),
        form=part(1, "str"),
        code=part(2, "str") if codes else None,
        conversions=dict(counts),
    )


def _variety(cells: list[Any]) -> tuple[list[Any], np.ndarray]:
    """The distinct cells in order of first sight, and for each cell which of them it is."""
    keys: list[Any] = cells
    several = len(set(map(type, cells)) & {bool, int, float}) > 1  # True, 1 and 1.0 are one key to a dict
    if several:
        keys = list(zip(map(type, cells), cells, strict=True))
    position = dict.fromkeys(keys)
    for number, key in enumerate(position):
        position[key] = number
    at = np.fromiter(map(position.__getitem__, keys), dtype=np.intp, count=len(keys))
    return [cell for _kind, cell in position] if several else list(position), at


def _convert(
    cell: Any, reader: Callable[[Any, Context], Converted], known: dict[str, str] | None, context: Context
) -> tuple[Any, str, str, str]:
    hidden = False
    if isinstance(cell, Unreadable):
        return None, "unreadable", "", ""
    if cell is None or (isinstance(cell, float) and cell != cell):
        return None, "", "", ""
    if isinstance(cell, str):
        seen = visible(cell)
        text = " ".join(seen.split())
        if not text:
            return None, "", "", "blank_to_missing"
        if text in context.missing:
            return None, "", "", "declared_missing"
        if text.lower() in NOT_APPLICABLE and not (known and text.lower() in known):
            return None, "", "", "not_applicable_to_missing"
        if _ERROR.fullmatch(text):
            return None, "unreadable", "", ""
        hidden, cell = seen != cell, seen.strip()
    try:
        value, kind = reader(cell, context)
    except _CannotReadError:
        return None, "unreadable", "", ""
    kind = kind or ("invisible_characters" if hidden else "")
    if known is None and kind == _DATE:
        return None, "unreadable", "", ""
    if known is None:
        return value, "", "", kind
    code = known.get(value.casefold())
    if code is None:
        return None, "", "unknown_code", ""
    return code, "", "", kind if code == value else "spelling_of_code"


Outcome = tuple[Any, str, str, str]  # value, form, code, kind of conversion


def _without_personal(outcomes: list[Outcome], cells: list[Any], kind: str, *, closed: bool) -> list[Outcome]:
    """Outcomes in which personal data is flagged and not read; a closed column is asked only what it could not read."""
    bad = [n for n, (_value, form, code, _kind) in enumerate(outcomes) if form or code]
    read = [n for n, (value, *_rest) in enumerate(outcomes)
            if value is not None and (not closed or _is_long_number(value))]  # fmt: skip
    found = set(_personal_of(read, [cell_text(outcomes[n][0]) for n in read], kind))
    days = [n for n in bad if not closed and isinstance(cells[n], date)]  # a date of birth where a number belongs
    found |= set(_personal_of(days, [cell_text(cells[n]) for n in days], "identifier"))
    found |= set(_personal_of(bad, [visible(cell_text(cells[n])) for n in bad], "code"))
    return [(None, "personal", "", "") if n in found else outcome for n, outcome in enumerate(outcomes)]


def _personal_of(numbers: list[int], texts: list[str], kind: str) -> list[int]:
    return [n for n, is_personal in zip(numbers, personal(texts, kind), strict=True) if is_personal]


def _is_long_number(value: Any) -> bool:
    return isinstance(value, int) and abs(value) >= 10**7


def _known(codes: CodeList) -> dict[str, str]:
    """Spellings that name a code without doubt: the code itself and its labels, in any case."""
    spellings = {label.casefold(): code for code, entry in codes.codes.items() for label in entry.label.values()}
    return spellings | {code.casefold(): code for code in codes.codes}


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd]")  # U+FFFD: a letter lost in decoding
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_OTHER_BLANK = re.compile(r"[^\S \t\n\r\x0b\x0c\x1c-\x1f\x85]")  # such as a non-breaking space
_ERROR = re.compile(r"#(?:[\w/]+[!?]|N/A|N/B|GETTING_DATA|GEGEVENS_OPHALEN|#+)", re.IGNORECASE)  # #REF!, #N/B, ####
_SCIENTIFIC = re.compile(r"\d[.,]\d+E\+\d+", re.IGNORECASE)
_DATE = "date"  # 2020-1 became January 2020 in Excel: what stood there is lost
MAX_EXACT_NUMBER = 10**15  # a workbook keeps 15 digits


def visible(text: str) -> str:
    """Return text as it looks: without characters of no width, every blank a space, each letter one character."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _OTHER_BLANK.sub(" ", _INVISIBLE.sub("", text)))


def _string(cell: Any, context: Context) -> Converted:
    if isinstance(cell, str):
        if _CONTROL.search(cell) or _SCIENTIFIC.fullmatch(cell):  # 1,23457E+15: Excel left out digits
            raise _CannotReadError
        return cell, ""
    if isinstance(cell, bool):
        return ("ja" if cell else "nee"), "truth_value_to_text"
    if isinstance(cell, int | float):
        if not abs(cell) < MAX_EXACT_NUMBER:
            raise _CannotReadError
        if cell != int(cell):
            return str(cell), "number_to_text"
        return str(int(cell)), "number_to_text"
    return str(cell), _DATE


_ISO = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?) ?(Z|[+-]\d{2}(?::?\d{2})?)?)?"
)
_DUTCH_OFFSETS = ("", "+01", "+0100", "+01:00", "+02", "+0200", "+02:00")
_DUTCH = re.compile(r"(\d{1,2})-(\d{1,2})-(\d{4})(?: 0{1,2}:00(?::00)?)?")


def _date(cell: Any, context: Context) -> Converted:
    if isinstance(cell, datetime):
        return cell.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None), (
            "time_dropped" if cell.time().isoformat() != "00:00:00" else ""
        )
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day), ""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if context.excel and EARLIEST_SERIAL <= cell <= LATEST_SERIAL:
            epoch = datetime(1904, 1, 1) if context.date_1904 else datetime(1899, 12, 30)
            return epoch + timedelta(days=int(cell)), "excel_serial_to_date"
        raise _CannotReadError
    if not isinstance(cell, str):
        raise _CannotReadError
    for declared in context.date_formats:
        try:
            return datetime.strptime(cell, declared).replace(hour=0, minute=0, second=0, microsecond=0), "declared_date"
        except ValueError:
            continue
    if context.date_formats:  # a declared notation is the only notation
        raise _CannotReadError
    if match := _ISO.fullmatch(cell):
        year, month, day, time, offset = match.groups(default="")
        if re.search("[1-9]", time):
            if offset not in _DUTCH_OFFSETS:  # half past eleven at night in London is the next day here
                raise _CannotReadError
            return _day(year, month, day), "time_dropped"
        return _day(year, month, day), "slashed_date" if "/" in cell else ""
    if match := _DUTCH.fullmatch(cell):
        return _day(*reversed(match.groups())), "dutch_date"
    raise _CannotReadError  # two-digit years, 03/04/2020: never guessed


def _day(year: str, month: str, day: str) -> datetime:
    try:
        return datetime(int(year), int(month), int(day))
    except ValueError:
        raise _CannotReadError from None


def _boolean(cell: Any, context: Context) -> Converted:
    if isinstance(cell, bool):
        return cell, ""
    text = str(int(cell) if isinstance(cell, float) and cell in (0.0, 1.0) else cell).casefold()
    if text in TRUE:
        return True, "" if text == "ja" else "spelling_of_yes"
    if text in FALSE:
        return False, "" if text == "nee" else "spelling_of_no"
    raise _CannotReadError


def _integer(cell: Any, context: Context) -> Converted:
    if isinstance(cell, bool):
        raise _CannotReadError
    if isinstance(cell, int | float):
        if not abs(cell) < 10**18 or cell != int(cell):
            raise _CannotReadError
        return int(cell), ""
    if isinstance(cell, str) and re.fullmatch(r"-?\d{1,18}([.,]0{1,2})?", cell):  # 4.000 may be four thousand
        return int(re.split(r"[.,]", cell)[0]), "text_to_number"
    raise _CannotReadError


_READERS: dict[str, Callable[[Any, Context], Converted]] = {
    "string": _string,
    "date": _date,
    "boolean": _boolean,
    "integer": _integer,
}


def merged(counts: Sequence[dict[str, int]]) -> dict[str, int]:
    """Return the sum of conversion counts."""
    return dict(sum((Counter(count) for count in counts), Counter()))
