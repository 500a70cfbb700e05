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

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.survival.kaplan_meier import Floats, in_view

_SINGULAR = 1e-10


@dataclass(frozen=True)
class LogRank:
    """The outcome of a test of equal curves.

    Parameters
    ----------
    statistic, p_value : float or None
        Chi-square and its p-value; None when `refusal` says why (`no_variation`: one
        group; `no_events`: nothing ended while two groups were in view).
    degrees_of_freedom : int
    groups : DataFrame
        One row a group: `group`, `n`, `observed`, `expected` (weighted when `rho` is
        not 0, as R's `survdiff` prints them).
    method : str
    refusal : str or None
    """

    statistic: float | None
    p_value: float | None
    degrees_of_freedom: int
    groups: pd.DataFrame
    method: str
    refusal: str | None = None


def log_rank(
    duration: ArrayLike,
    event_observed: ArrayLike,
    group: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    stratum: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    rho: float = 0.0,
) -> LogRank:
    """Test whether the time to an end has one and the same distribution in all groups.

    *Estimand*: none; a test of equal hazards in all groups, within every stratum.

    Parameters
    ----------
    duration, event_observed, entry, weight : array_like
        As in `evaluation.survival.kaplan_meier.kaplan_meier`.
    group : array_like
        Label of the group of each case; at least two different ones.
    stratum : array_like, optional
        Cases are compared within their stratum only.
    rho : float
        Fleming-Harrington [2]_: the weight of a day is the share still open just before
        it, to the power `rho`. 0 is the log-rank test, 1 Peto and Peto's; larger values
        let early differences count more.

    Raises
    ------
    WrongUse
        As `kaplan_meier`; or when a group or stratum is missing.

    Examples
    --------
    Group A ends on days 1 and 2, group B on days 3 and 4:

    >>> found = log_rank([1, 2, 3, 4], [True] * 4, ["A", "A", "B", "B"])
    >>> round(found.statistic, 4), found.groups["expected"].round(4).tolist()
    (2.8824, [0.8333, 3.1667])
    """
    view = in_view(duration, event_observed, entry=entry, weight=weight)
    labels, member = coded(group, len(view.kept), "group")
    _strata, layer = coded(stratum, len(view.kept), "stratum") if stratum is not None else (None, None)
    member = member[view.kept]
    count = len(labels)
    observed, expected, variance = np.zeros(count), np.zeros(count), np.zeros((count, count))
    layers = np.zeros(len(member), dtype=np.intp) if layer is None else layer[view.kept]
    order = np.argsort(layers, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(layers[order])) + 1) if len(order) else ():
        part = _layer(view.time[rows], view.ended[rows], view.start[rows], view.count[rows], member[rows], count, rho)
        observed, expected, variance = observed + part[0], expected + part[1], variance + part[2]
    table = pd.DataFrame(
        {
            "group": labels,
            "n": np.bincount(member, weights=view.count, minlength=count).astype(int),
            "observed": observed,
            "expected": expected,
        }
    )
    return _tested(table, observed - expected, variance, rho, stratified=stratum is not None)


def coded(labels: ArrayLike, length: int, name: str) -> tuple[list, NDArray[np.intp]]:
    """Return the different labels, sorted, and the number of each row's label among them; refuses missing ones."""
    codes, found = pd.factorize(pd.Series(np.asarray(labels)), sort=True)
    if len(codes) != length:
        raise WrongUse(_("{name} moet één rij zijn, even lang als duration.", name=name))
    if missing := int((codes < 0).sum()):
        raise WrongUse(_("{name} mist {n} waarden. Laat die zaken eerst weg, en tel ze.", name=name, n=missing))
    return list(found), codes


def _layer(
    time: Floats, ended: NDArray[np.bool_], start: Floats, count: Floats, member: NDArray, groups: int, rho: float
) -> tuple[Floats, Floats, Floats]:
    """Observed, expected and variance of one stratum: one pass over the days on which a case ends."""
    days = np.unique(time[ended])
    size = (len(days) + 1) * groups
    entered = np.searchsorted(days, start, side="right") * groups + member
    left = np.searchsorted(days, time, side="right") * groups + member
    flow = np.bincount(entered, count, size) - np.bincount(left, count, size)
    at_risk = flow.reshape(-1, groups).cumsum(axis=0)[:-1]
    ends = np.searchsorted(days, time[ended]) * groups + member[ended]
    events = np.bincount(ends, count[ended], size).reshape(-1, groups)[:-1]
    risk, total = at_risk.sum(axis=1), events.sum(axis=1)
    days_weight = np.concatenate(([1.0], np.cumprod(1 - total / risk)[:-1])) ** rho if len(days) else np.empty(0)
    share = at_risk / risk[:, None]
    spread = days_weight**2 * total * np.divide(risk - total, risk - 1, out=np.zeros(len(days)), where=risk > 1)
    variance = np.diag(spread @ share) - share.T @ (share * spread[:, None])
    return days_weight @ events, (days_weight * total) @ share, variance


def _tested(table: pd.DataFrame, difference: Floats, variance: Floats, rho: float, *, stratified: bool) -> LogRank:
    method = ("stratified " if stratified else "") + ("log-rank" if rho == 0 else f"Fleming-Harrington rho={rho:g}")
    compared = np.flatnonzero(np.diag(variance) > _SINGULAR)  # a group that is never beside another says nothing
    if len(table) < 2:
        return LogRank(None, None, 0, table, method, "no_variation")
    if len(compared) < 2:
        return LogRank(None, None, 0, table, method, "no_events")
    own = variance[np.ix_(compared, compared)]
    degrees = int(np.linalg.matrix_rank(own, hermitian=True))
    statistic = float(difference[compared] @ np.linalg.pinv(own, hermitian=True) @ difference[compared])
    return LogRank(statistic, float(chi2.sf(statistic, degrees)), degrees, table, method)
