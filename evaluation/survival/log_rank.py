"""Do groups differ in the time to an end: the log-rank test and its weighted and stratified forms.

On every day on which a case ends, the ends of each group are set against what they would
have been, had the end come equally fast in every group. The sum of the differences,
divided by its variance, is chi-square distributed when no group differs.

The test says that curves differ somewhere, not by how much, nor why. Where groups hold
other kinds of cases it compares the kinds: give these as `stratum`.

References
----------
.. [1] N. Mantel, "Evaluation of survival data and two new rank order statistics arising
   in its consideration", Cancer Chemotherapy Reports 50 (1966) 163-170.
.. [2] D. P. Harrington, T. R. Fleming, "A class of rank test procedures for censored
   survival data", Biometrika 69 (1982) 553-566.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.survival.columns import Floats, coded
from evaluation.survival.day_grid import DayGrid, Places, day_grid
from evaluation.survival.equality_test import EqualityTest
from evaluation.survival.in_view import InView, in_view


def log_rank(
    duration: ArrayLike,
    event_observed: ArrayLike,
    group: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    stratum: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    rho: float = 0.0,
) -> EqualityTest:
    """Test whether the time to an end has one and the same distribution in all groups.

    *Estimand*: none; a test of equal hazards in all groups, within every stratum.

    Parameters
    ----------
    duration, event_observed, entry, weight : array_like
        As in `evaluation.survival.kaplan_meier.kaplan_meier`.
    group : array_like
        Label of the group of each case; at least two different ones. Sorted in the
        result; those of a pandas Categorical stand in the order of its categories.
    stratum : array_like, optional
        Cases are compared within their stratum only.
    rho : float
        Fleming-Harrington [2]_: the weight of a day is the share still open just before
        it, to the power `rho`. 0 is the log-rank test, 1 Peto and Peto's; larger values
        let early differences count more.

    Raises
    ------
    WrongUse
        As `kaplan_meier`; or when a group or stratum is missing, or `rho` is negative.

    Examples
    --------
    Group A ends on days 1 and 2, group B on days 3 and 4:

    >>> found = log_rank([1, 2, 3, 4], [True] * 4, ["A", "A", "B", "B"])
    >>> round(found.statistic, 4), found.groups["expected"].round(4).tolist()
    (2.8824, [0.8333, 3.1667])
    """
    if not 0 <= rho < np.inf:
        raise WrongUse(_("rho moet een getal van nul of meer zijn, niet {rho}.", rho=rho))
    view = in_view(duration, event_observed, entry=entry, weight=weight)
    labels, member = coded(group, len(view.kept), "group")
    layer = coded(stratum, len(view.kept), "stratum")[1][view.kept] if stratum is not None else None
    member = member[view.kept]
    grid = day_grid(view.time, view.ended, view.start, layer)
    at_risk, ends = counts_a_day(view, grid, member, len(labels))
    risk, total = at_risk.sum(axis=1), ends.sum(axis=1)
    with np.errstate(divide="ignore"):
        still_open = np.exp(grid.up(np.log1p(-total / risk)))
    days_weight = _before(still_open, grid) ** rho
    share = at_risk / risk[:, None]
    expected = (days_weight * total) @ share
    observed = days_weight @ ends
    spread = days_weight**2 * total * np.divide(risk - total, risk - 1, out=np.zeros(len(risk)), where=risk > 1)
    variance = -share.T @ (share * spread[:, None])
    # Written out, so that a group that is never beside another has a variance of exactly nought.
    np.fill_diagonal(variance, spread @ (share * (1 - share)))
    table = pd.DataFrame(
        {
            "group": labels,
            "n": np.bincount(member, weights=view.count, minlength=len(labels)).astype(int),
            "observed": observed,
            "expected": expected,
        }
    )
    test = "log-rank" if rho == 0 else f"Fleming-Harrington rho={rho:g}"
    return EqualityTest.of(table, variance, test if stratum is None else f"stratified {test}")


def counts_a_day(view: InView, grid: DayGrid, member: Places, groups: int) -> tuple[Floats, Floats]:
    """Return cases at risk and ends on each day of the grid, a row a day, a column a group."""
    shape = (len(grid.days) + 1, groups)
    size = shape[0] * shape[1]
    enter, leave = grid.since * groups + member, grid.until * groups + member
    flow = np.bincount(enter, view.count, size) - np.bincount(leave, view.count, size)
    ends = np.bincount(leave[view.ended] - groups, view.count[view.ended], size)
    return flow.reshape(shape).cumsum(axis=0)[:-1], ends.astype(float).reshape(shape)[:-1]


def _before(values: Floats, grid: DayGrid) -> Floats:
    """Return the value of the day before; 1 on the first day of a stratum."""
    found = np.ones(len(values))
    same = grid.block[1:] == grid.block[:-1]
    found[1:][same] = values[:-1][same]
    return found
