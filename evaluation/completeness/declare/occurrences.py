"""The steps that a rule speaks of, and the search for the nearest one before or after another."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_contracts.procedure.model import Condition
from evaluation.completeness.declare.conditions import columns_of, truth
from evaluation.completeness.declare.log import Flags, Ints, StepLog


@dataclass(frozen=True)
class Occurrences:
    """Events of some steps that meet a condition, or may meet it; those that do not are left out.

    Parameters
    ----------
    rows : ndarray of int
        Positions in the sorted log, in rising order.
    case, group : ndarray of int
        As in `StepLog`; the group of an undated one is -1.
    sure : ndarray of bool
        False where nobody can tell whether the condition holds.
    """

    rows: Ints
    case: Ints
    group: Ints
    sure: Flags

    @cached_property
    def dated(self) -> Flags:
        """Whether each has a time."""
        return self.group >= 0

    def where(self, chosen: Flags) -> "Occurrences":
        """Return some of them."""
        if chosen.all():
            return self
        return Occurrences(self.rows[chosen], self.case[chosen], self.group[chosen], self.sure[chosen])

    @cached_property
    def all_sure(self) -> bool:
        """True when nothing about them is unknown but perhaps their time."""
        return bool(self.sure.all())


def occurrences(log: StepLog, steps: tuple[str, ...], condition: Condition | None) -> Occurrences:
    """Select the events of any of these steps that meet a condition or may meet it.

    A step that does not occur in the log has no events; that is no error.
    """
    codes = [code for code in log.steps.get_indexer(pd.Index(steps)) if code >= 0]
    found = [log.rows_by_step[code] for code in codes]
    rows = found[0] if len(found) == 1 else np.sort(np.concatenate([np.zeros(0, dtype=np.int64), *found]))
    sure = np.ones(len(rows), dtype=bool)
    if condition is not None:
        table = pd.DataFrame(
            {name: log.event_column(name, rows) for name in columns_of(condition)}, index=range(len(rows))
        )
        answer = truth(condition, table)
        rows, sure = rows[answer.possible], answer.sure[answer.possible]
    return Occurrences(rows, log.case[rows], log.group[rows], sure)


def nearest(key: NDArray, wanted: NDArray, *, forward: bool, or_same: bool) -> Ints:
    """Return the position in sorted `key` of the first value after each wanted one, or of the last before it.

    Out of range (the length of `key`, or -1) where there is none. `or_same`: an equal value counts.

    Examples
    --------
    >>> nearest(np.array([1, 3, 3]), np.array([1, 3]), forward=True, or_same=False).tolist()
    [1, 3]
    """
    if forward:
        return np.searchsorted(key, wanted, side="left" if or_same else "right")
    return np.searchsorted(key, wanted, side="right" if or_same else "left") - 1


def runs(value: Ints, *, forward: bool) -> Ints:
    """Return for each position the nearest later (or earlier) one with another value, out of range where there is none.

    Examples
    --------
    >>> runs(np.array([7, 7, 8]), forward=True).tolist()
    [2, 2, 3]
    """
    if not len(value):
        return np.zeros(0, dtype=np.int64)
    change = np.flatnonzero(value[1:] != value[:-1]) + 1
    positions = np.arange(len(value))
    bounds = np.concatenate([[0], change, [len(value)]])
    run = np.searchsorted(change, positions, side="right")
    return bounds[run + 1] if forward else bounds[run] - 1
