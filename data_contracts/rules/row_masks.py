"""Which rows break a rule: all rules of a table over the same columns, in one pass.

Great Expectations' own metrics walk through a table some eight times a rule. Here a
test is one comparison of whole columns, the missing cells of a column are looked for
once, and places are made only of rows that break a rule. What a test finds is what the
stock expectation of that name finds (tested, rule by rule).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

Mask = np.ndarray
"""Truth a row."""


@dataclass(frozen=True)
class Rows:
    """The rows of one table with every column and condition that its rules name."""

    frame: pd.DataFrame
    found_missing: dict[str, Mask] = field(default_factory=dict, repr=False, compare=False)

    def missing(self, column: str) -> Mask:
        """Return where a column is empty; looked for once a column."""
        if column not in self.found_missing:
            self.found_missing[column] = self.frame[column].isna().to_numpy()
        return self.found_missing[column]


@dataclass(frozen=True)
class Judged:
    """What a test found among the rows to which a rule applies.

    Parameters
    ----------
    selected : int
        Rows to which the rule applies.
    filled : int
        Of these, the rows with the cells that the test looks at.
    breached : ndarray
        Index labels of the rows that break the rule, in order of the table.
    """

    selected: int
    filled: int
    breached: np.ndarray


Test = Callable[..., tuple[Mask, Mask]]
"""Rows, the selected ones and arguments -> which rows it can look at, which of them break the rule."""


def judge(rows: Rows, test: Test, arguments: dict[str, Any], applies: str | None = None) -> Judged:
    """Return what a test finds among the rows for which the column `applies` is true (all when None)."""
    selected = np.ones(len(rows.frame), dtype=bool) if applies is None else rows.frame[applies].to_numpy(dtype=bool)
    filled, breaking = test(rows, selected, **arguments)
    filled = filled & selected
    places = np.flatnonzero(breaking & filled)
    labels = rows.frame.index.to_numpy()[places]
    return Judged(int(np.count_nonzero(selected)), int(np.count_nonzero(filled)), labels)


def _null(rows: Rows, selected: Mask, *, column: str) -> tuple[Mask, Mask]:
    return selected, ~rows.missing(column)


def _not_null(rows: Rows, selected: Mask, *, column: str) -> tuple[Mask, Mask]:
    return selected, rows.missing(column)


def _in_set(rows: Rows, selected: Mask, *, column: str, value_set: Sequence[Any]) -> tuple[Mask, Mask]:
    return ~rows.missing(column), ~_bools(rows.frame[column].isin(value_set))


def _not_in_set(rows: Rows, selected: Mask, *, column: str, value_set: Sequence[Any]) -> tuple[Mask, Mask]:
    values = rows.frame[column]
    if values.dtype.kind == "M":
        value_set = [pd.Timestamp(value) for value in value_set]
    return ~rows.missing(column), _bools(values == value_set[0] if len(value_set) == 1 else values.isin(value_set))


def _between(
    rows: Rows, selected: Mask, *, column: str, min_value: Any, max_value: Any, strict_min: bool, strict_max: bool
) -> tuple[Mask, Mask]:
    if min_value is None and max_value is None:
        raise ValueError("min_value and max_value cannot both be None")
    if min_value is not None and max_value is not None and min_value > max_value:
        raise ValueError("min_value cannot be greater than max_value")
    values = _quick(rows.frame[column])
    outside = np.zeros(len(values), dtype=bool)
    if min_value is not None:
        outside |= _bools(values <= _bound(min_value) if strict_min else values < _bound(min_value))
    if max_value is not None:
        outside |= _bools(values >= _bound(max_value) if strict_max else values > _bound(max_value))
    return ~rows.missing(column), outside


def _a_after_b(rows: Rows, selected: Mask, *, column_A: str, column_B: str, or_equal: bool | None) -> tuple[Mask, Mask]:
    a, b = _quick(rows.frame[column_A]), _quick(rows.frame[column_B])
    return ~(rows.missing(column_A) | rows.missing(column_B)), _bools(a < b if or_equal else a <= b)


def _a_equals_b(rows: Rows, selected: Mask, *, column_A: str, column_B: str) -> tuple[Mask, Mask]:
    different = _bools(_quick(rows.frame[column_A]) != _quick(rows.frame[column_B]))
    return ~(rows.missing(column_A) | rows.missing(column_B)), different


def _unique(rows: Rows, selected: Mask, *, column: str) -> tuple[Mask, Mask]:
    filled = ~rows.missing(column)
    return filled, _twice(rows.frame[column], selected & filled)


def _unique_together(
    rows: Rows, selected: Mask, *, column_list: Sequence[str], ignore_row_if: str
) -> tuple[Mask, Mask]:
    missing = [rows.missing(column) for column in column_list]
    ignored = {
        "never": np.zeros(len(rows.frame), dtype=bool),
        "any_value_is_missing": np.logical_or.reduce(missing),
        "all_values_are_missing": np.logical_and.reduce(missing),
    }[ignore_row_if]
    return ~ignored, _twice(rows.frame[list(column_list)], selected & ~ignored)


def _twice(values: pd.Series | pd.DataFrame, among: Mask) -> Mask:
    """Rows of which the values come more than once among some rows."""
    twice = np.zeros(len(values), dtype=bool)
    twice[among] = (values if among.all() else values[among]).duplicated(keep=False)
    return twice


def _quick(values: pd.Series) -> Any:
    """Dates as a numpy array: compared twice as fast, and a missing one is never before or after another."""
    return values.to_numpy() if values.dtype.kind == "M" else values


def _bound(value: Any) -> Any:
    return np.datetime64(value) if hasattr(value, "isoformat") else value


def _bools(truth: Any) -> Mask:
    """Truth a row as a numpy array; where the answer is missing it is false."""
    if isinstance(truth, np.ndarray):
        return truth
    return truth.to_numpy(dtype=bool, na_value=False) if truth.dtype != bool else truth.to_numpy()


TESTS: dict[str, tuple[Test, tuple[str, ...]]] = {
    "expect_column_values_to_be_null": (_null, ("column",)),
    "expect_column_values_to_not_be_null": (_not_null, ("column",)),
    "expect_column_values_to_be_in_set": (_in_set, ("column", "value_set")),
    "expect_column_values_to_not_be_in_set": (_not_in_set, ("column", "value_set")),
    "expect_column_values_to_be_between": (
        _between, ("column", "min_value", "max_value", "strict_min", "strict_max")),
    "expect_column_pair_values_a_to_be_greater_than_b": (_a_after_b, ("column_A", "column_B", "or_equal")),
    "expect_column_pair_values_to_be_equal": (_a_equals_b, ("column_A", "column_B")),
    "expect_column_values_to_be_unique": (_unique, ("column",)),
    "expect_compound_columns_to_be_unique": (_unique_together, ("column_list", "ignore_row_if")),
}  # fmt: skip
"""Expectation -> its test and the arguments that the test knows; with any other argument the stock metrics run."""
