"""Is this export made in another way than the one before? Codes, empty cells and numbers of rows.

Two questions that a natural change of the work does not answer with yes:

1. *The same rows, then and now.* A code that stands otherwise in a row that stood there
   before was coded anew.
2. *The newest rows, then and now.* New rows are of cases opened (for closed cohorts:
   closed) between the two extraction moments, at most the last two years. They are laid
   beside the rows that were just as new in the earlier delivery: of cases from a stretch
   of the same length before the earlier extraction. Both are equally old at their
   extraction, and no row is in both, so a test may take them as two samples. What is
   compared is the distribution over the codes of filled cells, and apart from that the
   share of empty cells.

A movement is reported when the total variation distance (half the summed absolute
differences between the shares) is at least `DISTANCE`, a chi-square test gives a p-value
below `P_VALUE`, and both groups hold at least `ROWS` rows. Rows of one case resemble one
another, so the p-value alone would say too much: the distance has to be there as well.
Codes that came into force or ended in between are left out: they had to move.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from data_contracts.code_lists import CodeList
from data_contracts.comparison.rows import OPENED, UNIT, Side, of_unit
from data_contracts.contract import Column, Contract, Text

DISTANCE, P_VALUE, ROWS = 0.15, 0.001, 30
RECODED_SHARE, RECODED_ROWS = 0.05, 10  # rows that stood in both
CODE_ROWS = 10  # a code that comes or goes counts from here
HALVED_FROM = 20  # rows that a unit or a year held
MEDIAN_FROM = 10
LONGEST_STRETCH = pd.Timedelta(days=730)
YES_NO = {"True": "ja", "False": "nee"}

CODE_COLUMNS = ["table", "sheet", "column", "header", "code", "label", "earlier", "later", "reference", "new"]
VALUE_COLUMNS = [
    "table", "sheet", "column", "header", "earlier", "earlier_missing", "earlier_unreadable", "earlier_median",
    "later", "later_missing", "later_unreadable", "later_median", "reference", "reference_missing", "new",
    "new_missing",
]  # fmt: skip
MOVE_COLUMNS = ["table", "sheet", "column", "header", "what", "reference", "new", "distance", "p_value", "moved"]


def movement(
    earlier: Side, later: Side, contracts: Mapping[str, Contract], code_lists: Mapping[str, CodeList]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Lay codes, empty cells and medians of two deliveries side by side.

    Parameters
    ----------
    earlier, later : Side
        What can be compared of them (`comparison_cases.comparable`).

    Returns
    -------
    codes : DataFrame
        One row a code of a code or yes/no column, with its label in both languages: how many
        rows have it on each side, in the `reference` (newest rows then) and among the `new` rows.
    values : DataFrame
        One row a column: rows, empty and unreadable cells, and the median (of a date: its
        year) when it rests on at least `MEDIAN_FROM` values.
    moves : DataFrame
        One row a comparison of newest rows then and now (`what`: `codes` or `missing`), with
        its distance, its p-value and whether it is reported (`moved`).
    """
    codes: list[list] = []
    values: list[list] = []
    moves: list[list] = []
    for name, contract in contracts.items():
        if name == "delivery" or name not in earlier.frames or name not in later.frames:
            continue
        before, after = earlier.frames[name], later.frames[name]
        newest_then, newest_now = _newest(name, earlier, later)
        old, new = before[newest_then], after[newest_now]
        for column in contract.columns:
            if column.name not in earlier.delivered[name] or column.name not in later.delivered[name]:
                continue
            at = [name, contract.sheet, column.name, column.header]
            missing = [int(part[column.name].isna().sum()) for part in (before, after, old, new)]
            values.append(
                [*at, len(before), missing[0], _unreadable(earlier, name, column.name), _median(before, column),
                 len(after), missing[1], _unreadable(later, name, column.name), _median(after, column),
                 len(old), missing[2], len(new), missing[3]]
            )  # fmt: skip
            filled = pd.DataFrame({"reference": [missing[2], len(old) - missing[2]],
                                   "new": [missing[3], len(new) - missing[3]]})  # fmt: skip
            moves.append([*at, "missing", len(old), len(new), *moved(filled)])
            if not column.personal and (column.code_list or column.logical_type == "boolean"):
                counts = pd.DataFrame(
                    {side: part[column.name].value_counts().rename(index=str)
                     for side, part in (("earlier", before), ("later", after), ("reference", old), ("new", new))}
                ).fillna(0).astype(int)  # fmt: skip
                counts = counts.sort_values("earlier", ascending=False, kind="stable")
                codes += [[*at, YES_NO.get(code, code), _label(column, code, code_lists), *row] for code, row
                          in zip(counts.index, counts.to_numpy().tolist(), strict=True)]  # fmt: skip
                lasting = [_in_force(column, code, code_lists, old, new) for code in counts.index]
                both = counts.loc[lasting, ["reference", "new"]]
                moves.append([*at, "codes", int(both["reference"].sum()), int(both["new"].sum()), *moved(both)])
    return (
        pd.DataFrame(codes, columns=CODE_COLUMNS),
        pd.DataFrame(values, columns=VALUE_COLUMNS),
        pd.DataFrame(moves, columns=MOVE_COLUMNS).astype({"moved": bool}),
    )


def _newest(name: str, earlier: Side, later: Side) -> tuple[pd.Series, pd.Series]:
    """Which rows are of cases from the last stretch before the extraction, on each side."""
    closed = all((side.records["cohort_basis"] == "afgesloten").all() for side in (earlier, later))
    then, now = earlier.records["extracted_at"].align(later.records["extracted_at"], join="inner")
    covered = then - earlier.records["period_start"].reindex(
        then.index
    )  # a stretch that begins before the period holds younger cases
    stretch = (now - then).clip(upper=LONGEST_STRETCH)
    stretch = stretch.where(~(covered < stretch), covered)
    return _within(earlier, name, then, stretch, closed), _within(later, name, now, stretch, closed)


def _within(side: Side, name: str, extracted: pd.Series, stretch: pd.Series, closed: bool) -> pd.Series:
    rows, moment = side.frames[name], _moment(side, name, closed)
    end = of_unit(rows, extracted)
    return (moment <= end) & (moment > end - of_unit(rows, stretch))


def _moment(side: Side, name: str, closed: bool) -> pd.Series:
    frame = side.frames[name]
    if not closed or "case_id" not in frame:
        return frame[OPENED]
    of_case = side.frames["cases"].drop_duplicates("case_id").dropna(subset="case_id").set_index("case_id")["closed_on"]
    return frame["case_id"].map(of_case).astype("datetime64[s]")


def moved(counts: pd.DataFrame) -> tuple[float, float, bool]:
    """Return distance and p-value of two columns of counts, and whether that is reported.

    Categories that hold too few rows for a chi-square test (fewer than five expected) are
    taken together for the test, not for the distance.

    Examples
    --------
    >>> distance, p, tell = moved(pd.DataFrame({"reference": [80, 20], "new": [20, 80]}))
    >>> round(distance, 2), tell
    (0.6, True)
    """
    from scipy.special import chdtrc  # slow to import: where it is used

    table = counts.to_numpy(dtype=float)
    size = table.sum(axis=0)
    if (size == 0).any():
        return np.nan, np.nan, False
    distance = float(np.abs(table / size @ [1, -1]).sum() / 2)
    expected = np.outer(table.sum(axis=1), size) / size.sum()
    rare = expected.min(axis=1) < 5
    table = np.vstack([table[~rare], table[rare].sum(axis=0)]) if rare.any() else table
    table = table[table.sum(axis=1) > 0]
    expected = np.outer(table.sum(axis=1), size) / size.sum()
    statistic = ((table - expected) ** 2 / expected).sum()
    p = float(chdtrc(len(table) - 1, statistic)) if len(table) > 1 else 1.0
    return distance, p, bool(distance >= DISTANCE and p < P_VALUE and size.min() >= ROWS)


def _unreadable(side: Side, name: str, column: str) -> int:
    flags = side.flags[name]
    own = [
        flags[flag].isin(["unreadable", "unknown_code"])
        for flag in (f"{column}:form", f"{column}:code")
        if flag in flags
    ]
    return int(np.logical_or.reduce(own).sum()) if own else 0


def _median(frame: pd.DataFrame, column: Column) -> float:
    if column.logical_type not in ("date", "integer") or column.personal:
        return np.nan
    values = frame[column.name].dropna()
    if len(values) < MEDIAN_FROM:
        return np.nan
    return float(np.floor((values.dt.year if column.logical_type == "date" else values).astype(float).median() * 2) / 2)


def _label(column: Column, code: str, code_lists: Mapping[str, CodeList]) -> Text:
    entry = code_lists[column.code_list].codes.get(code) if column.code_list else None
    return entry.label if entry else {"nl": "", "en": ""}


def _in_force(
    column: Column, code: str, code_lists: Mapping[str, CodeList], old: pd.DataFrame, new: pd.DataFrame
) -> bool:
    """Tell whether a code held for all newest rows, then and now: a list that changed moves the codes by itself."""
    entry = code_lists[column.code_list].codes.get(code) if column.code_list else None
    if entry is None or old.empty or new.empty:
        return True
    first, last = old[OPENED].min().date(), new[OPENED].max().date()
    return not (entry.valid_from and entry.valid_from > first) and not (entry.valid_to and entry.valid_to < last)


def row_numbers(earlier: Side, later: Side, contracts: Mapping[str, Contract]) -> pd.DataFrame:
    """Count rows of every table by unit and by year of opening.

    Returns
    -------
    DataFrame
        `table, sheet, by, group, earlier, later, halved`.
    """
    rows = []
    for name, before in earlier.frames.items():
        if name in ("delivery", "staffing") or name not in later.frames:
            continue
        for by, groups in (("unit", _units), ("year", _years)):
            counts = pd.DataFrame(
                {"earlier": groups(before).value_counts(), "later": groups(later.frames[name]).value_counts()}
            ).fillna(0).astype(int).sort_index()  # fmt: skip
            halved = (counts["earlier"] >= HALVED_FROM) & (counts["later"] * 2 < counts["earlier"])
            rows += [[name, contracts[name].sheet, by, str(group), *count, bool(half)] for group, count, half
                     in zip(counts.index, counts.to_numpy().tolist(), halved, strict=True)]  # fmt: skip
    return pd.DataFrame(rows, columns=["table", "sheet", "by", "group", "earlier", "later", "halved"]).astype(
        {"halved": bool}
    )


def _units(frame: pd.DataFrame) -> pd.Series:
    return frame[UNIT].dropna()


def _years(frame: pd.DataFrame) -> pd.Series:
    return frame[OPENED].dropna().dt.year


def recoded(before: pd.DataFrame, after: pd.DataFrame, changed: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return per column and pair of codes how many matched rows went from one code to the other.

    Parameters
    ----------
    before, after : DataFrame
        Matched rows, in the same order.
    changed : mapping
        Column -> truth value a row.
    """
    parts = [pd.DataFrame(columns=["was", "now", "rows", "column", "compared"])]
    for column, at in changed.items():
        if at.any():
            pair = pd.DataFrame({"was": before[column].to_numpy()[at], "now": after[column].to_numpy()[at]}).astype(str)
            counts = pair.replace(YES_NO).value_counts().rename("rows").reset_index()
            compared = int((before[column].notna().to_numpy() & after[column].notna().to_numpy()).sum())
            parts.append(counts.assign(column=column, compared=compared))
    return pd.concat(parts[1:] or parts, ignore_index=True)
