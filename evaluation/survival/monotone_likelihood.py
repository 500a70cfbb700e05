"""Separation in Cox's regression: a partial likelihood that rises for ever.

When some combination of covariates has, on every day, those who end at the top of all at
risk (none of whose cases ever ends, for one), its coefficient has no finite estimate. An
optimiser only shows a large coefficient with a larger standard error; here it is proven,
or ruled out, by linear programming as for a logit [1]_. The pairs of one who ends and one
at risk then are too many to write down: only those are, that some trial direction breaks.

References
----------
.. [1] K. Konis, "Linear programming algorithms for detecting separated data in binary
   logistic regression models", thesis, Oxford 2007.
.. [2] M. C. Bryson, M. E. Johnson, "The incidence of monotone likelihood in the Cox
   model", Technometrics 23 (1981) 381-383.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from evaluation.survival.columns import Floats
from evaluation.survival.day_grid import DayGrid, Places

_NOUGHT = 1e-7
_MOST_ROUNDS = 500


def endless_direction(X: Floats, ended: NDArray[np.bool_], grid: DayGrid, slope: Floats) -> Floats | None:
    """Return a direction in which the likelihood rises for ever, or None: there is none.

    Parameters
    ----------
    X : ndarray, shape (covariates, cases)
        None without variation, none that follows from others.
    ended : ndarray of bool
    grid : DayGrid
    slope : ndarray
        Of the likelihood at no effect: a sum of all differences between those who end
        and those at risk, each with some weight.

    Returns
    -------
    ndarray or None
        Every covariate that has such a direction by itself, with its sign; if none has,
        a combination none of whose members can be missed.

    Examples
    --------
    The case with x = 1 is at risk for two days and does not end:

    >>> from evaluation.survival.day_grid import day_grid
    >>> ended = np.array([True, True, False])
    >>> grid = day_grid(np.array([1.0, 2.0, 3.0]), ended, np.zeros(3))
    >>> endless_direction(np.array([[0.0, 0.0, 1.0]]), ended, grid, np.array([-0.8]))
    array([-1.])
    """
    alone = np.zeros(len(X))
    for column, sign in enumerate(np.sign(slope)):
        trial = np.zeros(len(X))
        trial[column] = sign
        if sign and _broken(X, ended, grid, trial) is None:
            alone[column] = sign
    if alone.any():
        return alone
    pairs = np.empty((0, len(X)))
    free = np.ones(len(X))
    found, pairs = _search(X, ended, grid, slope, pairs, free)
    for column in range(len(X)) if found is not None else ():
        free[column] = 0.0
        without, pairs = _search(X, ended, grid, slope, pairs, free)
        if without is None:
            free[column] = 1.0
        else:
            found = without
    return found


def _search(
    X: Floats, ended: NDArray[np.bool_], grid: DayGrid, slope: Floats, pairs: Floats, free: Floats
) -> tuple[Floats | None, Floats]:
    """Direction within the free columns, and the pairs written down so far."""
    bounds = np.column_stack((-free, free))
    for _round in range(_MOST_ROUNDS):
        solved = linprog(-slope, A_ub=-pairs, b_ub=np.zeros(len(pairs)), bounds=bounds, method="highs")
        if -solved.fun <= _NOUGHT * np.abs(slope).sum():
            return None, pairs
        trial = np.where(np.abs(solved.x) > _NOUGHT, solved.x, 0.0)
        broken = _broken(X, ended, grid, trial)
        if broken is None:
            return trial, pairs
        pairs = np.vstack((pairs, broken))
    return None, pairs


def _broken(X: Floats, ended: NDArray[np.bool_], grid: DayGrid, trial: Floats) -> Floats | None:
    """Return the differences, one who ends minus the highest at risk, that the trial makes negative; or None."""
    value = trial @ X
    highest = highest_at_risk(grid, value)
    rows = np.flatnonzero(ended)
    above = highest[grid.until[rows] - 1]
    short = value[above] - value[rows]
    worst = short > 10 * _NOUGHT * max(np.ptp(value), 1.0)  # the solver keeps its own promises to 1e-7
    if not worst.any():
        return None
    differences = X[:, rows[worst]].T - X[:, above[worst]].T
    order = np.argsort(-short[worst], kind="stable")
    first = np.unique(grid.until[rows[worst]][order], return_index=True)[1]  # the worst of each day
    return np.asarray(np.unique(differences[order[first]], axis=0))


def highest_at_risk(grid: DayGrid, value: Floats) -> Places:
    """Return for each day the case with the largest value among those at risk.

    A stay of m days is the union of two stays of the largest power of two within m; these
    are handed down from long to short.

    Examples
    --------
    >>> from evaluation.survival.day_grid import day_grid
    >>> grid = day_grid(np.array([2.0, 4, 3]), np.array([True, True, False]), np.array([0.0, 2, 0]))
    >>> highest_at_risk(grid, np.array([5.0, 9.0, 7.0])).tolist()
    [2, 1]
    """
    order = np.argsort(value, kind="stable")
    rank = np.empty(len(order), dtype=np.intp)
    rank[order] = np.arange(len(order))
    largest = np.full(len(grid.days), -1, dtype=np.intp)
    level = np.frexp((grid.until - grid.since).astype(float))[1] - 1
    for power in range(int(level.max(initial=0)), -1, -1):
        own, length = np.flatnonzero(level == power), 1 << power
        np.maximum.at(largest, grid.since[own], rank[own])
        np.maximum.at(largest, grid.until[own] - length, rank[own])
        if half := length // 2:
            largest[half:] = np.maximum(largest[half:], largest[:-half])
    return order[largest]
