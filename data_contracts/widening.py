"""Columns that a rule looks up outside the row: other tables, the delivery, a code list.

The spellings are listed in `data_contracts.contract`. What cannot be looked up (the
other table was not delivered) is missing, so the rule finds nothing to check there.
"""

import re
from collections.abc import Mapping

import pandas as pd

from data_contracts.code_lists import CodeList
from data_contracts.contract import TABLES, Contract

DELIVERY = "_delivery"
_LATER = re.compile(r"(?P<column>\w+)\+(?P<months>\d+)m")
_LOOKUP = re.compile(r"(?P<table>\w+)(?:\[(?P<filter>\w+)=(?P<value>\w*)\])?\.(?P<column>\w+)")


def is_outside(name: str) -> bool:
    """Tell whether a column name in a rule points outside the row."""
    return "." in name or "+" in name


def widen(
    name: str,
    table: str,
    frames: Mapping[str, pd.DataFrame],
    contracts: Mapping[str, Contract],
    code_lists: Mapping[str, CodeList],
) -> pd.Series:
    """Return the looked-up column for the rows of a table.

    Parameters
    ----------
    name : str
        A spelling listed in `data_contracts.contract`.
    table : str
        Table whose rows need it.
    frames : mapping
        Table -> typed rows with a column `_delivery` (number of the delivery).
    contracts, code_lists : mapping
        By name.

    Returns
    -------
    Series
        With the index of `frames[table]`; missing where there is nothing to find.
    """
    rows = frames[table]
    if match := _LATER.fullmatch(name):
        return rows[match["column"]] + pd.DateOffset(months=int(match["months"]))
    match = _LOOKUP.fullmatch(name)
    if match is None:
        raise ValueError(f"{table}: cannot look up {name}")
    if match["table"] not in TABLES:
        return _validity(rows[match["table"]], contracts[table], match, code_lists)
    if match["table"] not in frames:
        return _nothing(match, rows.index, contracts)
    found = _filtered(frames[match["table"]], match)
    keys = [DELIVERY] if "delivery" in (table, match["table"]) else [DELIVERY, "case_id"]
    if match["filter"] and "subject_id" in rows and "subject_id" in found:
        return _of_same_person(found, rows, match["column"])
    return _summary(found, rows, keys, match["column"], first=not match["filter"])


def _of_same_person(found: pd.DataFrame, rows: pd.DataFrame, column: str) -> pd.Series:
    """For a row about a person: that person's rows and those of the whole case; else all of the case."""
    case = [DELIVERY, "case_id"]
    own = _summary(found[found["subject_id"].notna()], rows, [*case, "subject_id"], column)
    shared = _summary(found[found["subject_id"].isna()], rows, case, column)
    person = own + shared if column == "count" else own.fillna(shared)
    return person.where(rows["subject_id"].notna(), _summary(found, rows, case, column))


def _summary(
    found: pd.DataFrame, rows: pd.DataFrame, keys: list[str], column: str, *, first: bool = False
) -> pd.Series:
    """Count, or the first or the smallest value, of the found rows that share the keys of each row."""
    grouped = found.groupby(keys, sort=False)
    if column == "count":
        return _aligned(grouped.size(), rows, keys).fillna(0).astype("Int64")
    values = grouped[column].first() if first else grouped[column].min()
    return _aligned(values, rows, keys).astype(found[column].dtype)


def _filtered(found: pd.DataFrame, match: re.Match[str]) -> pd.DataFrame:
    if not match["filter"]:
        return found
    if match["value"] in ("", "present"):
        return found[found[match["filter"]].notna() == (match["value"] == "present")]
    return found[found[match["filter"]] == match["value"]]


def _aligned(values: pd.Series, rows: pd.DataFrame, keys: list[str]) -> pd.Series:
    wanted = pd.MultiIndex.from_frame(rows[keys]) if len(keys) > 1 else pd.Index(rows[keys[0]])
    picked = values.reindex(wanted)
    picked.index = rows.index
    return picked


def _nothing(match: re.Match[str], index: pd.Index, contracts: Mapping[str, Contract]) -> pd.Series:
    if match["column"] == "count":
        return pd.Series(pd.NA, index=index, dtype="Int64")
    kind = contracts[match["table"]].column(match["column"]).logical_type
    return pd.Series(pd.NA, index=index, dtype="datetime64[s]" if kind == "date" else "str")


def _validity(
    codes: pd.Series, contract: Contract, match: re.Match[str], code_lists: Mapping[str, CodeList]
) -> pd.Series:
    entries = code_lists[contract.column(match["table"]).code_list or ""].codes
    days = {code: getattr(entry, match["column"]) for code, entry in entries.items()}
    return pd.to_datetime(codes.map(days)).astype("datetime64[s]")
