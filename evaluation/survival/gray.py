"""Do groups differ in how many of their cases end in one particular way: Gray's test.

The log-rank test of one exit, with the other exits called censored, compares cause-specific
hazards. Gray's test compares the cumulative incidences themselves: the share of cases
that has ended in this way by each day, in the world in which the other exits exist.

References
----------
.. [1] R. J. Gray, "A class of K-sample tests for comparing the cumulative incidence of a
   competing risk", Annals of Statistics 16 (1988) 1141-1154.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2

from evaluation.survival.kaplan_meier import Floats, in_view
from evaluation.survival.log_rank import coded


@dataclass(frozen=True)
class GrayTest:
    """The outcome of Gray's test for one cause.

    `statistic` and `p_value` are None when `refusal` says why (`no_variation`: one
    group; `no_events`: nobody ended in this way). `groups` has one row a group:
    `group`, `n`, `observed`, `expected`.
    """

    statistic: float | None
    p_value: float | None
    degrees_of_freedom: int
    groups: pd.DataFrame
    refusal: str | None = None


def gray_test(
    duration: ArrayLike,
    cause: ArrayLike,
    group: ArrayLike,
    *,
    of_cause: object,
    weight: ArrayLike | None = None,
) -> GrayTest:
    """Test whether the cumulative incidence of one cause is the same in all groups [1]_.

    *Estimand*: none; a test of equal subdistribution hazards of `of_cause`.

    Parameters
    ----------
    duration, weight : array_like
        As in `evaluation.survival.kaplan_meier.kaplan_meier`. Late entry is not part of this test.
    cause : array_like
        The way each case ended; missing for a case still open.
    group : array_like
        Label of the group of each case.
    of_cause : object
        The cause to compare.

    Raises
    ------
    WrongUse
        As `kaplan_meier`; or when a group is missing.

    Examples
    --------
    >>> found = gray_test([1, 2, 3, 4], ["a", "b", "a", None], list("xxyy"), of_cause="a")
    >>> found.groups["observed"].tolist()
    [1.0, 1.0]
    """
    given = pd.Series(np.asarray(cause, dtype=object))
    view = in_view(duration, given.notna().to_numpy(), weight=weight)
    labels, member = coded(group, len(view.kept), "group")
    member, own = member[view.kept], (given == of_cause).to_numpy()[view.kept]
    groups = len(labels)
    days = np.unique(view.time[view.ended])
    size = (len(days) + 1) * groups

    def per_group(rows: NDArray[np.bool_], place: NDArray[np.intp]) -> Floats:
        counted = np.bincount(place[rows] * groups + member[rows], view.count[rows], size)
        return counted.astype(float).reshape(-1, groups)

    left = per_group(np.full(len(member), True), np.searchsorted(days, view.time, side="right"))
    at_risk = (left.sum(axis=0) - left.cumsum(axis=0))[:-1]
    ended_on = np.searchsorted(days, view.time)
    first, other = (per_group(view.ended & kind, ended_on)[:-1] for kind in (own, ~own))
    table = pd.DataFrame({"group": labels, "n": np.bincount(member, view.count, groups).astype(int)})
    if not first.sum():
        table["observed"] = table["expected"] = 0.0
        return GrayTest(None, None, 0, table, "no_events")
    expected, variance = _moments(at_risk, first, other)
    table["observed"], table["expected"] = first.sum(axis=0), expected
    if groups < 2:
        return GrayTest(None, None, 0, table, "no_variation")
    difference = (table["observed"] - expected).to_numpy()[:-1]
    degrees = int(np.linalg.matrix_rank(variance[:-1, :-1], hermitian=True))
    statistic = float(difference @ np.linalg.pinv(variance[:-1, :-1], hermitian=True) @ difference)
    return GrayTest(statistic, float(chi2.sf(statistic, degrees)), degrees, table)


def _moments(at_risk: Floats, first: Floats, other: Floats) -> tuple[Floats, Floats]:
    """Expected ends of the cause a group, and the covariance of observed minus expected.

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
    expected = np.divide(ends, sub.sum(axis=1), out=np.zeros(len(ends)), where=ends > 0) @ sub

    pooled = np.cumsum(ends / all_whole)  # incidence in all groups together, under equality
    pooled_before = np.concatenate(([0.0], pooled[:-1]))
    share = whole / all_whole[:, None]
    left = np.divide((1 - pooled)[:, None], still_open, out=np.zeros_like(still_open), where=still_open > 0)
    weighed = all_whole[:, None] * before - 1
    ties = 1 - np.divide(ends[:, None] - 1, weighed, out=np.zeros_like(risk), where=(ends[:, None] > 1) & (weighed > 0))
    first_spread = np.where(there, ties * before * ends[:, None] / (all_whole[:, None] * risk), 0.0)
    ties = 1 - np.divide(other - 1, risk - 1, out=np.zeros_like(risk), where=other > 1)
    other_spread = np.where(there & (still_open > 0), ties * before**2 * other / risk**2, 0.0)
    groups = at_risk.shape[1]
    variance = np.zeros((groups, groups))
    for k in range(groups):  # the martingales of one group
        direct = whole[:, [k]] * (np.eye(groups)[k] - share)
        later = np.cumsum(direct * (ends / (all_whole * (1 - pooled_before)))[:, None], axis=0)
        later = later[-1] - later
        on_first = direct + (1 - left[:, [k]]) * later
        on_other = left[:, [k]] * later
        variance += (on_first * first_spread[:, [k]]).T @ on_first + (on_other * other_spread[:, [k]]).T @ on_other
    return expected, variance


def _shifted(values: NDArray, start: float) -> Floats:
    return np.vstack((np.full((1, values.shape[1]), start), values[:-1]))
