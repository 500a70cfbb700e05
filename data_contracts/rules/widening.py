"""Columns that a rule looks up outside the row: other tables, the delivery, a code list.

The spellings are listed in `data_contracts.rules.lookup`. What cannot be looked up (the
other table was not delivered) is missing, so the rule finds nothing to check there.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from data_contracts.code_lists import CodeList
from data_contracts.contract import TABLES, Contract
from data_contracts.rules.coded import Coded, Key
from data_contracts.rules.lookup import VALIDITY, YEAR_DAYS, Lookup, parse
from data_contracts.rules.related_rows import after_term, day_of_year, earlier_row, referred_row

DELIVERY = "_delivery"


def is_outside(name: str) -> bool:
    """Tell whether a column name in a rule points outside the row."""
    return "." in name or "+" in name


def widen(
    name: str,
    table: str,
    coded: Coded,
    contracts: Mapping[str, Contract],
    code_lists: Mapping[str, CodeList],
) -> pd.Series:
    """Return the looked-up column for the rows of a table.

    Parameters
    ----------
    name : str
        A spelling listed in `data_contracts.rules.lookup`.
    table : str
        Table whose rows need it.
    coded : Coded
        Typed rows of all tables with a column `_delivery` (number of the delivery).
    contracts, code_lists : mapping
        By name.

    Returns
    -------
    Series
        With the index of the rows; missing where there is nothing to find.
    """
    rows = coded.frames[table]
    found = parse(name, TABLES)
    if found is None:
        raise ValueError(f"{table}: cannot look up {name}")
    if found.kind == "later":
        days = widen(found.base, table, coded, contracts, code_lists) if is_outside(found.base) else rows[found.base]
        return after_term(days, found.norm) if found.norm else days + pd.DateOffset(months=found.months)
    if found.kind == "earlier":
        return earlier_row(rows, [DELIVERY, *found.keys], found.column)
    if found.kind == "column":
        return _of_column(found, table, coded, contracts, code_lists)
    return _of_table(found, table, coded, contracts)


def _of_table(found: Lookup, table: str, coded: Coded, contracts: Mapping[str, Contract]) -> pd.Series:
    rows = coded.frames[table]
    if found.base not in coded.frames:
        return _nothing(found, rows.index, contracts)
    others = coded.frames[found.base]
    among = _filtered(found, coded)
    keys = [DELIVERY] if "delivery" in (table, found.base) else [DELIVERY, "case_id"]
    of_case = among, coded.key(found.base, keys), coded.key(table, keys)
    of_person = None
    if found.filter and "subject_id" in rows and "subject_id" in others:
        keys = [DELIVERY, "case_id", "subject_id"]
        of_person = among, coded.key(found.base, keys), coded.key(table, keys)
    if found.column == "count":
        counts = _count(*of_case)
        if of_person:  # a row about a person: that person's rows and those of the whole case; else all of the case
            shared = _count(among & others["subject_id"].isna().to_numpy(), *of_case[1:])
            counts = np.where(rows["subject_id"].notna(), _count(*of_person) + shared, counts)
        return pd.Series(counts, index=rows.index, dtype="Int64")
    values = others[found.column]
    picked = _pick(values, *of_case, smallest=bool(found.filter))
    if of_person:
        own = _pick(values, *of_person, smallest=True)
        shared = _pick(values, among & others["subject_id"].isna().to_numpy(), *of_case[1:], smallest=True)
        picked = np.where(rows["subject_id"].notna(), np.where(own >= 0, own, shared), picked)
    return pd.Series(values.array.take(picked, allow_fill=True), index=rows.index)


def _of_column(
    found: Lookup, table: str, coded: Coded, contracts: Mapping[str, Contract], code_lists: Mapping[str, CodeList]
) -> pd.Series:
    """What belongs to a value of the row itself: the validity of a code, the days of a year, the row referred to."""
    rows, column = coded.frames[table], contracts[table].column(found.base)
    if column.code_list and found.column in VALIDITY:
        return _validity(coded.category(table, column.name), code_lists[column.code_list], found.column)
    if found.column in YEAR_DAYS:
        return day_of_year(rows[column.name], last=found.column == "last_day")
    parent, _dot, key = (column.refers_to or "").partition(".")
    if parent not in coded.frames:
        return _nothing(Lookup("table", parent, found.column), rows.index, contracts)
    return referred_row(rows, column.name, coded.frames[parent], key, found.column, within=DELIVERY)


def _filtered(found: Lookup, coded: Coded) -> np.ndarray:
    """Tell which rows of the other table are meant."""
    if not found.filter:
        return np.ones(len(coded.frames[found.base]), dtype=bool)
    values = coded.category(found.base, found.filter)
    if found.value in ("", "present"):
        return (values.notna() == (found.value == "present")).to_numpy()
    return (values == found.value).to_numpy()


def _count(among: np.ndarray, other: Key, own: Key) -> np.ndarray:
    """Count, a row, the other rows with its key."""
    return np.bincount(other.numbers[among & ~other.missing], minlength=own.size)[own.numbers]


def _pick(values: pd.Series, among: np.ndarray, other: Key, own: Key, *, smallest: bool) -> np.ndarray:
    """Return, a row, the position of the first or the smallest value of the other rows with its key; -1 if none."""
    positions = np.flatnonzero(among & ~other.missing & values.notna().to_numpy())
    if smallest:
        positions = positions[values.iloc[positions].argsort(kind="stable").to_numpy()]
    best = np.full(own.size, -1)
    best[other.numbers[positions[::-1]]] = positions[::-1]  # of equal keys the last one assigned stays: the best
    return best[own.numbers]


def _nothing(found: Lookup, index: pd.Index, contracts: Mapping[str, Contract]) -> pd.Series:
    if found.column == "count":
        return pd.Series(pd.NA, index=index, dtype="Int64")
    kind = contracts[found.base].column(found.column).logical_type
    return pd.Series(pd.NA, index=index, dtype="datetime64[s]" if kind == "date" else "str")


def _validity(codes: pd.Series, code_list: CodeList, bound: str) -> pd.Series:
    entries = [code_list.codes.get(code) for code in codes.cat.categories]
    days = pd.to_datetime([entry and getattr(entry, bound) for entry in entries]).astype("datetime64[s]")
    return pd.Series(days.array.take(codes.cat.codes, allow_fill=True), index=codes.index)
