"""The days on which something ends, as one grid, and the place of every case on it.

Estimators of the time to an end need, for each day on which a case ends, sums over the
cases at risk on that day. Days are whole: a table of half days gives every case its place
by looking it up, and a sum over those at risk is a running sum over the days. Strata lie
behind one another as blocks of one grid. Time and memory are linear in cases plus days;
no loop over days. Times that are not whole or half days are ranked first.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.survival.columns import Floats

Places = NDArray[np.intp]

_CELLS_A_CASE = 8  # a larger table of half days than this is not worth its memory: rank instead
_SPARE_CELLS = 1 << 16
_FEW_BLOCKS = 100  # up to here a loop over the strata is faster than pandas' way of grouping


@dataclass(frozen=True, eq=False)
class DayGrid:
    """Days with an end, ascending within their stratum, and who is at risk on them.

    A case is at risk on the cells from `since` up to, not including, `until`: those of
    its own stratum with `entry < day <= duration`.

    Parameters
    ----------
    days : ndarray
        The day of each cell.
    block : ndarray of int
        The stratum of each cell.
    since, until : ndarray of int
        A case's first cell at risk, and one beyond its last. A case that ends itself
        does so on cell `until - 1`.
    late : ndarray of int, or None
        Cases that were not yet in view on the first cell of their stratum; None: nobody.
    blocks : int
        Number of strata.
    """

    days: Floats
    block: Places
    since: Places
    until: Places
    late: Places | None
    blocks: int

    def only(self, chosen: NDArray[np.bool_]) -> "DayGrid":
        """Return the same days with the chosen cases only."""
        late = None if self.late is None else np.flatnonzero(np.isin(np.flatnonzero(chosen), self.late))
        return replace(self, since=self.since[chosen], until=self.until[chosen], late=late)

    def up(self, values: Floats) -> Floats:
        """Return running sums over the days, last axis, starting anew in every stratum."""
        if self.blocks > _FEW_BLOCKS:
            return pd.DataFrame(values.T).groupby(self.block, sort=False).cumsum().to_numpy().T.reshape(values.shape)
        found = np.empty(values.shape)
        edges = np.searchsorted(self.block, np.arange(self.blocks + 1))
        for begin, end in pairwise(edges):
            np.cumsum(values[..., begin:end], axis=-1, out=found[..., begin:end])
        return found

    def down(self, values: Floats) -> Floats:
        """Return running sums from the last day to the first, starting anew in every stratum."""
        last_first = replace(self, block=self.blocks - 1 - self.block[::-1])
        return last_first.up(values[..., ::-1])[..., ::-1]


def day_grid(time: Floats, ended: NDArray[np.bool_], start: Floats, stratum: Places | None = None) -> DayGrid:
    """Return the grid of the days with an end.

    Parameters
    ----------
    time, ended, start : ndarray
        As `evaluation.survival.in_view.in_view` gives them.
    stratum : ndarray of int, optional
        Number of the stratum of each case, from 0.

    Examples
    --------
    Ends on days 2 and 4; the second case comes into view after day 2, the third is open on day 3:

    >>> grid = day_grid(np.array([2.0, 4, 3]), np.array([True, True, False]), np.array([0.0, 2, 0]))
    >>> grid.days.tolist(), grid.since.tolist(), grid.until.tolist(), grid.late.tolist()
    ([2.0, 4.0], [0, 1, 0], [1, 2, 1], [1])
    """
    blocks = 1 if stratum is None or not len(stratum) else int(stratum.max()) + 1
    stop, begin, values = day_cells(time, start)
    span = len(values)
    if stratum is not None:
        stop = stop + stratum * span
        begin = begin + stratum * span if begin is not None else None
    size = span * blocks
    if size > _CELLS_A_CASE * len(time) + _SPARE_CELLS:
        stop, begin, ranks = _ranked(stop, begin)
        size = len(ranks)
    flag = np.zeros(size, dtype=bool)
    flag[stop[ended]] = True
    passed = np.cumsum(flag)
    until = passed[stop]
    days, block = np.empty(int(passed[-1]) if size else 0), np.zeros(int(passed[-1]) if size else 0, dtype=np.intp)
    days[until[ended] - 1] = time[ended]
    if stratum is not None:
        block[until[ended] - 1] = stratum[ended]
    first = np.searchsorted(block, np.arange(blocks))
    opening = np.zeros(len(time), dtype=np.intp) if stratum is None else first[stratum]
    since = opening if begin is None else np.maximum(passed[begin], opening)
    late = None if begin is None else np.flatnonzero(since > opening)
    return DayGrid(days, block, since, until, late if late is not None and len(late) else None, blocks)


def day_cells(time: Floats, start: Floats) -> tuple[Places, Places | None, Floats]:
    """Return the place of each time and entry in an ascending table of days, and that table; no entries: None.

    The table has all half days up to the last time; where times are finer or very far
    apart, the times and entries themselves.

    Examples
    --------
    >>> stop, begin, days = day_cells(np.array([1.0, 2.0]), np.zeros(2))
    >>> stop.tolist(), days.tolist()
    ([2, 4], [0.0, 0.5, 1.0, 1.5, 2.0])
    """
    late = bool(start.any())
    if not len(time):
        return np.zeros(0, dtype=np.intp), None, np.empty(0)
    size = _CELLS_A_CASE * len(time) + _SPARE_CELLS
    if 2 * time.max() < size:
        stop, begin = (2 * time).astype(np.intp), (2 * start).astype(np.intp) if late else None
        if (stop == 2 * time).all() and (begin is None or (begin == 2 * start).all()):
            return stop, begin, np.arange(int(stop.max()) + 1) / 2
    return _ranked(time, start if late else None)


def _ranked(stop: NDArray, begin: NDArray | None) -> tuple[Places, Places | None, NDArray]:
    if begin is None:
        values, rank = np.unique(stop, return_inverse=True)
        return rank, None, values
    values, rank = np.unique(np.concatenate((stop, begin)), return_inverse=True)
    return rank[: len(stop)], rank[len(stop) :], values
