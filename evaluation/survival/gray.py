"""Do groups differ in how many of their cases end in one particular way: Gray's test.

The log-rank test of one exit, with the other exits called censored, compares cause-specific
hazards. Gray's test compares the cumulative incidences themselves: the share of cases
that has ended in this way by each day, in the world in which the other exits exist.

References
----------
.. [1] R. J. Gray, "A class of K-sample tests for comparing the cumulative incidence of a
   competing risk", Annals of Statistics 16 (1988) 1141-1154.
"""

from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.survival.columns import Floats, coded, labels_of, length_of
from evaluation.survival.day_grid import day_grid
from evaluation.survival.equality_test import EqualityTest
from evaluation.survival.in_view import in_view
from evaluation.survival.log_rank import counts_a_day

_ROUNDING = 1e-12


def gray_test(
    duration: ArrayLike,
    cause: ArrayLike,
    group: ArrayLike,
    *,
    of_cause: object,
    stratum: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    rho: float = 0.0,
) -> EqualityTest:
    """Test whether the cumulative incidence of one cause is the same in all groups [1]_.

    *Estimand*: none; a test of equal subdistribution hazards of `of_cause`, within every
    stratum.

    Parameters
    ----------
    duration, weight : array_like
        As in `evaluation.survival.kaplan_meier.kaplan_meier`. Late entry is not part of this test.
    cause : array_like
        The way each case ended; missing for a case still open. A code for "still open"
        (0 in R's `cmprsk`) has to be made missing first: `cause.where(cause != 0)`.
    group : array_like
        Label of the group of each case.
    of_cause : object
        The cause to compare.
    stratum : array_like, optional
        Cases are compared within their stratum only.
    rho : float
        The weight of a day is one minus the incidence in all groups together just
        before it, to the power `rho`; larger values let early differences count more.

    Raises
    ------
    WrongUse
        As `kaplan_meier`; or when a group or stratum is missing, or `rho` is negative.

    Examples
    --------
    >>> found = gray_test([1, 2, 3, 4], ["a", "b", "a", None], list("xxyy"), of_cause="a")
    >>> found.groups["observed"].tolist()
    [1.0, 1.0]
    """
    if not 0 <= rho < np.inf:
        raise WrongUse(_("rho moet een getal van nul of meer zijn, niet {rho}.", rho=rho))
    causes, ways = labels_of(cause, length_of(duration, "duration"), "cause")
    view = in_view(duration, ways >= 0, weight=weight)
    labels, member = coded(group, len(view.kept), "group")
    layer = coded(stratum, len(view.kept), "stratum")[1][view.kept] if stratum is not None else None
    member = member[view.kept]
    own = ways[view.kept] == (causes.index(of_cause) if of_cause in causes else len(causes))
    grid = day_grid(view.time, view.ended, view.start, layer)
    at_risk, ends = counts_a_day(view, grid, member, len(labels))
    cell = (grid.until - 1) * len(labels) + member
    first = np.bincount(cell[own], view.count[own], at_risk.size).astype(float).reshape(at_risk.shape)
    observed, expected = np.zeros(len(labels)), np.zeros(len(labels))
    variance = np.zeros((len(labels), len(labels)))
    for begin, end in pairwise(np.searchsorted(grid.block, np.arange(grid.blocks + 1)).tolist()):
        if begin == end:
            continue  # nothing ended in this stratum
        days = slice(begin, end)
        part = _moments(at_risk[days], first[days], ends[days] - first[days], rho)
        observed, expected, variance = observed + part[0], expected + part[1], variance + part[2]
    sizes = np.bincount(member, view.count, len(labels)).astype(int)
    table = pd.DataFrame({"group": labels, "n": sizes, "observed": observed, "expected": expected})
    method = ("stratified " if stratum is not None else "") + "Gray" + (f", rho={rho:g}" if rho else "")
    if not own.any():
        return EqualityTest(None, None, 0, table, method, "no_events")
    return EqualityTest.of(table, variance, method)


def _moments(at_risk: Floats, first: Floats, other: Floats, rho: float) -> tuple[Floats, Floats, Floats]:
    """Observed and expected ends of the cause a group, and the covariance of their difference.

    Rows are days, columns groups. A group that has left takes no further part. Each
    group's `at_risk` is first undone of its competing ends: divided by its own share
    still open, it is the number that would be at risk of ending at all; times one minus
    its incidence, at risk in the sense of the subdistribution.
    """
    there = at_risk > 0
    risk = np.where(there, at_risk, 1.0)
    still_open = np.cumprod(np.where(there, 1 - (first + other) / risk, 1.0), axis=0)
    before = _shifted(still_open, 1.0)
    incidence = np.cumsum(np.where(there, before * first / risk, 0.0), axis=0)
    whole = np.divide(at_risk, before, out=np.zeros_like(risk), where=there)
    sub = whole * (1 - _shifted(incidence, 0.0))
    ends, all_whole = first.sum(axis=1), whole.sum(axis=1)
    pooled = np.cumsum(ends / all_whole)  # incidence in all groups together, under equality
    pooled_before = np.concatenate(([0.0], pooled[:-1]))
    days_weight = np.maximum(1 - pooled_before, 0.0) ** rho
    expected = np.divide(days_weight * ends, sub.sum(axis=1), out=np.zeros(len(ends)), where=ends > 0) @ sub

    share = whole / all_whole[:, None]
    left = np.divide((1 - pooled)[:, None], still_open, out=np.zeros_like(still_open), where=still_open > 0)
    weighed = all_whole[:, None] * before - 1
    ties = 1 - np.divide(ends[:, None] - 1, weighed, out=np.zeros_like(risk), where=(ends[:, None] > 1) & (weighed > 0))
    first_spread = np.where(there, ties * before * ends[:, None] / (all_whole[:, None] * risk), 0.0)
    ties = 1 - np.divide(other - 1, risk - 1, out=np.zeros_like(risk), where=other > 1)
    other_spread = np.where(there & (still_open > 0), ties * before**2 * other / risk**2, 0.0)
    # Nought only when one group is left, whose `direct` is nought then.
    still = all_whole * (1 - pooled_before)
    pace = np.divide(ends, still, out=np.zeros(len(ends)), where=np.abs(still) > _ROUNDING)[:, None]
    groups = at_risk.shape[1]
    variance = np.zeros((groups, groups))
    for k in range(groups):  # the martingales of one group
        direct = days_weight[:, None] * whole[:, [k]] * (np.eye(groups)[k] - share)
        later = np.cumsum(direct * pace, axis=0)
        later = later[-1] - later
        on_first = direct + (1 - left[:, [k]]) * later
        on_other = left[:, [k]] * later
        variance += (on_first * first_spread[:, [k]]).T @ on_first + (on_other * other_spread[:, [k]]).T @ on_other
    return days_weight @ first, expected, variance


def _shifted(values: NDArray, start: float) -> Floats:
    return np.vstack((np.full((1, values.shape[1]), start), values[:-1]))
