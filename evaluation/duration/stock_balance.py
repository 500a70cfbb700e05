"""Is the stock of open cases in balance: cases closed for every case opened, and Little's law.

References
----------
.. [1] J. D. C. Little, "A proof for the queuing formula: L = λW", Operations Research 9
   (1961) 383-387.
.. [2] S. H. Preston, P. Heuveline, M. Guillot, *Demography* (2001), chapter 3: the period
   life table.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.duration.backlog import checked_cases
from evaluation.duration.clock import Dates
from evaluation.refusals import MINIMUM_N
from evaluation.survival.kaplan_meier import SurvivalCurve, kaplan_meier, restricted_mean, survival_on
from evaluation.survival.pointwise import checked_level


@dataclass(frozen=True)
class Clearance:
    """Cases closed for every case opened, over some months.

    `estimate` over one: the stock shrank. None when `refusal` says why.
    """

    estimate: float | None
    low: float | None
    high: float | None
    level: float
    method: str
    inflow: int
    outflow: int
    both: int
    refusal: str | None = None


def clearance(
    opened_on: Dates, closed_on: Dates, *, first: date, last: date, level: float, weight: ArrayLike | None = None
) -> Clearance:
    """Return outflow / inflow over `first` to `last`, both included, with an interval.

    *Estimand*: the ratio of the expected outflow to the expected inflow of the process
    behind these days. Cases that were opened as well as closed within them are in both
    counts, so the counts are not independent: cases only opened, only closed, and both
    are three independent Poisson counts, and the variance of the logarithm of the ratio
    is 1/out + 1/in - 2 both / (out in).

    Examples
    --------
    >>> opened = ["2020-01-05"] * 6 + ["2019-06-01"] * 3
    >>> closed = ["2020-03-01"] * 3 + [None] * 3 + ["2020-02-01"] * 3
    >>> clearance(opened, closed, first=date(2020, 1, 1), last=date(2020, 12, 31), level=0.95).estimate
    1.0
    """
    opened, closed, count = checked_cases(opened_on, closed_on, weight)
    begin, end = _window(first, last)
    z = float(norm.ppf((1 + checked_level(level)) / 2))
    came, went = (opened >= begin) & (opened <= end), (closed >= begin) & (closed <= end)
    inflow, outflow, both = (int(count[chosen].sum()) for chosen in (came, went, came & went))
    method = "log ratio of Poisson counts with the cases in both"
    if not inflow or not outflow:
        return Clearance(None, None, None, level, method, inflow, outflow, both, "no_events")
    error = np.sqrt(max(1 / inflow + 1 / outflow - 2 * both / (inflow * outflow), 0.0))
    reach = np.exp(z * error)
    ratio = outflow / inflow
    return Clearance(ratio, float(ratio / reach), float(ratio * reach), level, method, inflow, outflow, both)


@dataclass(frozen=True)
class LittlesLaw:
    """The stock beside what comes in and how long it stays.

    Parameters
    ----------
    mean_stock : float
        Mean over the days of the window.
    inflow_per_day : float
    mean_days : float or None
        Mean duration, restricted to `within_days`, at the pace of these days.
    expected_stock : float or None
        `inflow_per_day * mean_days`: the stock to which this pace leads.
    ratio : float or None
        `mean_stock / expected_stock`; over one: more waits than this pace would keep
        waiting, so the stock is being worked off; under one: it is growing.
    still_open : float or None
        Share of cases still open after `within_days`, which the mean leaves out.
    refusal : str or None
        `not_reached` when more than one in twenty is still open then; `no_events`,
        `not_at_risk`, `too_few`.
    """

    mean_stock: float
    inflow_per_day: float
    mean_days: float | None
    expected_stock: float | None
    ratio: float | None
    still_open: float | None
    within_days: float
    n: int
    refusal: str | None = None


_LARGEST_TAIL = 0.05


def littles_law(
    opened_on: Dates,
    closed_on: Dates,
    *,
    first: date,
    last: date,
    within_days: float,
    level: float,
    weight: ArrayLike | None = None,
) -> LittlesLaw:
    """Compare the mean stock of some days with inflow times mean duration (Little [1]_).

    *Estimand*: the ratio of the mean stock to the stock that the inflow and the chances
    of closing of these same days would sustain. One in a steady state; any other value
    is no fault in the figures but says that the stock is not in balance.

    The mean duration is that of the *period*: a case opened before `first` enters late,
    on that day, and what is open on `last` is right-censored there.

    Examples
    --------
    A case opened every tenth day that takes 30 days keeps three cases waiting:

    >>> opened = np.datetime64("2019-10-01") + np.arange(0, 640, 10)
    >>> found = littles_law(opened, opened + 30, first=date(2020, 1, 1), last=date(2020, 12, 30),
    ...                     within_days=60, level=0.95)
    >>> round(found.mean_stock, 2), round(found.inflow_per_day, 2), found.mean_days, round(found.ratio, 1)
    (3.0, 0.1, 30.0, 1.0)
    """
    opened, closed, count = checked_cases(opened_on, closed_on, weight)
    begin, end = _window(first, last)
    width = float((end - begin).astype(int)) + 1
    inside_from, inside_to = np.maximum(opened, begin), np.where(closed <= end, closed, end + np.timedelta64(1, "D"))
    waited = np.maximum((inside_to - inside_from).astype(float), 0.0)
    mean_stock = float(waited @ count) / width
    per_day = float(count[(opened >= begin) & (opened <= end)].sum()) / width
    curve = period_curve(opened, closed, first=first, last=last, weight=count)
    mean = restricted_mean(curve, within_days, level=level)
    tail = float(survival_on(curve, within_days))
    refusal = mean.refusal or ("too_few" if curve.n < MINIMUM_N else None)
    refusal = refusal or ("not_reached" if tail > _LARGEST_TAIL else None)
    if refusal or mean.estimate is None:
        return LittlesLaw(mean_stock, per_day, None, None, None, None, within_days, curve.n, refusal)
    expected = per_day * mean.estimate
    ratio = mean_stock / expected if expected else None
    return LittlesLaw(mean_stock, per_day, mean.estimate, expected, ratio, tail, within_days, curve.n,
                      None if expected else "no_events")  # fmt: skip


def period_curve(
    opened_on: Dates, closed_on: Dates, *, first: date, last: date, weight: ArrayLike | None = None
) -> SurvivalCurve:
    """Return the Kaplan-Meier curve at the pace of the days `first` to `last`.

    *Estimand*: the share still open after each day, of a case that went through its
    whole course at the chances of closing that held in these days (a period life table
    [2]_). Cases open at the start of `first` enter late; cases open on `last` are
    censored there.
    """
    opened, closed, count = checked_cases(opened_on, closed_on, weight)
    begin, end = _window(first, last)
    begin = begin - np.timedelta64(1, "D")
    in_sight = (opened <= end) & ~(closed <= begin)
    opened, closed, count = opened[in_sight], closed[in_sight], count[in_sight]
    until = np.where(closed <= end, closed, end)
    duration = (until - opened).astype(float)
    entry = np.maximum((begin - opened).astype(float), 0.0)
    return kaplan_meier(duration, closed <= end, entry=entry, weight=count)


def _window(first: date, last: date) -> tuple[np.datetime64, np.datetime64]:
    if first > last:
        raise WrongUse(_("De eerste dag ({first}) ligt na de laatste ({last}).", first=first, last=last))
    return np.datetime64(first, "D"), np.datetime64(last, "D")
