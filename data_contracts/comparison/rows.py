"""Rows of an earlier and a later delivery laid side by side by their key.

Linear in the number of rows: keys become whole numbers once, and everything after that
is arithmetic on whole columns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from data_contracts.contract import Contract
from data_contracts.reading.tables import Delivery
from data_contracts.rules.across import files_of
from data_contracts.rules.one_table import together
from data_contracts.rules.widening import DELIVERY

BY, UNIT, OPENED = "_by", "_unit", "_opened"  # who delivers, unit of the case, day on which it was opened
KEYS_WITHOUT_PRIMARY_KEY = {"steps": ("case_id", "subject_id", "step"), "suspensions": ("case_id", "start_on")}
MAY_BE_MISSING = {"subject_id"}  # in a key: a step may be about the whole case
RECORD = ("extracted_at", "period_start", "period_end", "cohort_basis", "contract_version", "counting_unit")


@dataclass(frozen=True)
class Side:
    """All deliveries of one moment, each table in one piece.

    Parameters
    ----------
    files : frozenset
        For each delivery the SHA-256 of the files with its cases and its record.
    frames : dict of DataFrame
        Table -> typed rows with `_by` (delivering unit), `_unit` and `_opened` (of the case; of the
        signal itself in `signals`; missing in `staffing`).
    flags, places : dict of DataFrame
        Table -> as in `Table`, same index.
    delivered : dict of set
        Table -> columns that at least one delivery has.
    records : DataFrame
        Index unit; columns `RECORD`. A cohort basis, version or counting unit that differs
        within the unit is ''.
    """

    names: tuple[str, ...]
    files: frozenset[frozenset[str]]
    frames: dict[str, pd.DataFrame]
    flags: dict[str, pd.DataFrame]
    places: dict[str, pd.DataFrame]
    delivered: dict[str, set[str]]
    records: pd.DataFrame


@dataclass(frozen=True)
class Match:
    """Positions of rows: `earlier[i]` and `later[i]` are the same row; the rest stands on one side only."""

    earlier: np.ndarray
    later: np.ndarray
    added: np.ndarray
    removed: np.ndarray
    unclear_earlier: np.ndarray
    unclear_later: np.ndarray


def side(deliveries: Sequence[Delivery]) -> Side:
    """Put the deliveries of one moment together."""
    tables = together(deliveries)
    frames = {name: table.frame for name, table in tables.items()}
    units = pd.Series([_delivering_unit(delivery) for delivery in deliveries], dtype="str")
    cases = frames["cases"].drop_duplicates("case_id").dropna(subset="case_id").set_index("case_id")
    for name, frame in frames.items():
        frame[UNIT] = frame["unit"] if "unit" in frame else frame["case_id"].map(cases["unit"])
        frame[BY] = frame[DELIVERY].map(units).fillna(frame[UNIT])
        frame[OPENED] = _opened(name, frame, cases)
    return Side(
        names=tuple(d.name for d in deliveries),
        files=frozenset(frozenset(files_of(d, "cases") | files_of(d, "delivery")) for d in deliveries) - {frozenset()},
        frames=frames,
        flags={name: table.flags for name, table in tables.items()},
        places={name: table.places for name, table in tables.items()},
        delivered={name: set(table.frame) - set(table.missing_columns) for name, table in tables.items()},
        records=_records(frames["delivery"]),
    )  # fmt: skip


def _delivering_unit(delivery: Delivery) -> str | float:
    """The unit of the one delivery record; missing when one file holds the records of several units."""
    units = delivery.tables["delivery"].frame["unit"].dropna().unique() if "delivery" in delivery.tables else []
    return str(units[0]) if len(units) == 1 else np.nan


def _opened(name: str, frame: pd.DataFrame, cases: pd.DataFrame) -> pd.Series:
    if name == "signals":
        return frame["received_on"]
    if name == "cases":
        return frame["opened_on"]
    if "case_id" not in frame:
        return pd.Series(pd.NaT, index=frame.index, dtype="datetime64[s]")
    return frame["case_id"].map(cases["opened_on"]).astype("datetime64[s]")


def _records(frame: pd.DataFrame) -> pd.DataFrame:
    grouped = frame.dropna(subset="unit").groupby("unit")
    days = {"extracted_at": grouped["extracted_at"].max(), "period_start": grouped["period_start"].min(),
            "period_end": grouped["period_end"].max()}  # fmt: skip
    words = {name: grouped[name].agg(lambda v: v.iloc[0] if v.nunique() == 1 else "") for name in RECORD[3:]}
    return pd.DataFrame(days | words, columns=list(RECORD))


def of_unit(rows: pd.DataFrame, values: pd.DataFrame | pd.Series) -> Any:
    """Return for each row what holds for its delivering unit; missing for a unit that is not in `values`."""
    return values.reindex(rows[BY]).set_axis(rows.index)


def key_of(contract: Contract) -> tuple[str, ...]:
    """Return the columns by which a row is known again."""
    return contract.primary_key or KEYS_WITHOUT_PRIMARY_KEY[contract.name]


def match(
    earlier: pd.DataFrame, later: pd.DataFrame, key: Sequence[str], columns: Sequence[str], *, repeats: bool
) -> Match:
    """Find each row of one side on the other.

    Parameters
    ----------
    earlier, later : DataFrame
        Rows of one table.
    key : sequence of str
        What a row is known by. A row that lacks part of it is unclear.
    columns : sequence of str
        What else the row says.
    repeats : bool
        False: a key that stands twice on a side is unclear on both. True (a table without
        a primary key): rows that are wholly alike belong together first, then the first
        with the first of the same key, the second with the second.
    """
    size = len(earlier)
    both = pd.concat([earlier[[*key, *columns]], later[[*key, *columns]]], ignore_index=True)
    lacking = both[[c for c in key if c not in MAY_BE_MISSING]].isna().any(axis=1).to_numpy()
    number = _numbers(both, key)
    unclear = lacking.copy()
    pairs = []
    if repeats:
        free = ~lacking
        for of in (_numbers(both, [*key, *columns]), number):
            left, right = _pairs(_nth(of, free, size), free, size)
            pairs.append((left, right))
            free[left], free[right] = False, False
    else:
        for part in (slice(None, size), slice(size, None)):
            twice = pd.Series(number[part]).duplicated(keep=False).to_numpy() & ~lacking[part]
            unclear |= np.isin(number, number[part][twice]) & ~lacking
        pairs.append(_pairs(number, ~unclear, size))
    left, right = (np.concatenate([pair[n] for pair in pairs]) for n in (0, 1))
    alone = ~unclear
    alone[left], alone[right] = False, False
    order = np.argsort(right, kind="stable")
    at = np.flatnonzero
    return Match(
        left[order], right[order] - size, added=at(alone[size:]), removed=at(alone[:size]),
        unclear_earlier=at(unclear[:size]), unclear_later=at(unclear[size:]),
    )  # fmt: skip


def _numbers(rows: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """A whole number a row, the same for rows that agree in these columns (missing agrees with missing)."""
    return rows.groupby(list(columns), sort=False, dropna=False).ngroup().to_numpy()


def _nth(of: np.ndarray, free: np.ndarray, size: int) -> np.ndarray:
    """Number rows anew so that the first of a group on one side shares its number with the first on the other."""
    which = np.where(np.arange(len(of)) < size, 0, 1)
    nth = pd.Series(1, index=range(len(of))).where(free, 0).groupby([of, which]).cumsum().to_numpy()
    return _numbers(pd.DataFrame({"of": of, "nth": nth}), ["of", "nth"])


def _pairs(number: np.ndarray, free: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    at = np.flatnonzero(free)
    left, right = at[at < size], at[at >= size]
    _same, i, j = np.intersect1d(number[left], number[right], assume_unique=True, return_indices=True)
    return left[i], right[j]


def differences(
    earlier: pd.DataFrame, later: pd.DataFrame, found: Match, columns: Sequence[str]
) -> dict[str, dict[str, np.ndarray]]:
    """Return per column which matched rows were `filled`, `emptied` or `changed` (a truth value a pair)."""
    outcome = {}
    for column in columns:
        before = earlier[column].array.take(found.earlier)
        after = later[column].array.take(found.later)
        was, now = ~np.asarray(pd.isna(before)), ~np.asarray(pd.isna(after))
        differs = np.asarray(pd.array(before != after, dtype="boolean").to_numpy(bool, na_value=False))
        outcome[column] = {"filled": ~was & now, "emptied": was & ~now, "changed": was & now & differs}
    return outcome
