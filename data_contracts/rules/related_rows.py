"""Values for a rule from related rows and from dated norms; spellings in `data_contracts.rules.lookup`."""

from collections.abc import Sequence

import pandas as pd

from data_contracts.procedure import Norm, norms


def after_term(days: pd.Series, code: str) -> pd.Series:
    """Return each day plus the term of the norm that was in force on it; missing where none was.

    Examples
    --------
    >>> after_term(pd.Series(pd.to_datetime(["2024-01-31", "2025-01-31"])), "schorsing_verlenging").dt.date.tolist()
    [datetime.date(2024, 4, 30), datetime.date(2025, 7, 31)]
    """
    ends = pd.Series(pd.NaT, index=days.index, dtype="datetime64[s]")
    for norm in norms():
        if norm.code == code and norm.in_force:
            valid = days.between(_day(norm.valid_from, pd.Timestamp.min), _day(norm.valid_to, pd.Timestamp.max))
            ends = ends.mask(valid, (days + _term(norm)).astype("datetime64[s]"))
    return ends


def _term(norm: Norm) -> pd.DateOffset:
    return pd.DateOffset(days=norm.days) if norm.days else pd.DateOffset(months=norm.months)


def _day(day: object, otherwise: pd.Timestamp) -> pd.Timestamp:
    return otherwise if day is None else pd.Timestamp(day)


def earlier_row(rows: pd.DataFrame, keys: Sequence[str], column: str, *, started: str = "start_on") -> pd.Series:
    """Return `column` of the row with the same keys that started last before each row."""
    in_order = rows.sort_values(started, kind="stable")
    return in_order.groupby(list(keys), sort=False)[column].shift().reindex(rows.index)


def referred_row(
    rows: pd.DataFrame, reference: str, parents: pd.DataFrame, key: str, column: str, *, within: str
) -> pd.Series:
    """Return `column` of the row of `parents` whose `key` each row names in `reference`, in the same delivery."""
    known = parents.dropna(subset=[key]).drop_duplicates([within, key]).set_index([within, key])[column]
    found = known.reindex(pd.MultiIndex.from_frame(rows[[within, reference]]))
    return found.set_axis(rows.index)


def day_of_year(years: pd.Series, *, last: bool) -> pd.Series:
    """Return the first or the last day of each year; missing for what is no year."""
    month_and_day = "-12-31" if last else "-01-01"
    return pd.to_datetime(years.astype("str") + month_and_day, format="%Y-%m-%d", errors="coerce").astype(
        "datetime64[s]"
    )
