"""The same number with and without small units: whether a finding hangs on a handful of cases."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

Result = TypeVar("Result")


@dataclass(frozen=True)
class WithAndWithout(Generic[Result]):
    """A number over all units, and over the large ones.

    Parameters
    ----------
    every, large : result of the estimator
    n, n_large : int
        Rows behind each.
    left_out : tuple of str
        The small units.
    """

    every: Result
    large: Result
    n: int
    n_large: int
    left_out: tuple[str, ...]


def in_large_unit(unit: ArrayLike, *, minimum_n: int) -> np.ndarray:
    """Return whether each row belongs to a unit with at least `minimum_n` rows; without a unit it does not.

    Examples
    --------
    >>> in_large_unit(["A", "A", "B", None], minimum_n=2).tolist()
    [True, True, False, False]
    """
    names = pd.Series(np.asarray(unit, dtype=object))
    return (names.map(names.value_counts()).fillna(0) >= minimum_n).to_numpy(bool)


def with_and_without_small_units(
    table: pd.DataFrame, unit: str, estimator: Callable[[pd.DataFrame], Result], *, minimum_n: int
) -> WithAndWithout[Result]:
    """Run an estimator on all rows and on those of large units.

    *Estimand*: that of the estimator.

    Parameters
    ----------
    table : DataFrame
    unit : str
        Column with the unit.
    estimator : callable
        From rows to a result; it must refuse, not fail, on what it cannot say.
    minimum_n : int
        Units with fewer rows are small.

    Examples
    --------
    >>> table = pd.DataFrame({"unit": list("AAAB"), "found": [1, 0, 0, 1]})
    >>> found = with_and_without_small_units(table, "unit", lambda rows: float(rows["found"].mean()), minimum_n=2)
    >>> found.every, round(found.large, 3), found.left_out
    (0.5, 0.333, ('B',))
    """
    large = table[in_large_unit(table[unit].to_numpy(dtype=object), minimum_n=minimum_n)]
    left_out = tuple(sorted(set(table[unit].dropna().map(str)) - set(large[unit].map(str))))
    return WithAndWithout(estimator(table), estimator(large), len(table), len(large), left_out)
