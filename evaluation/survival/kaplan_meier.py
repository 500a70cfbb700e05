"""Time to an end that not everyone has reached: Kaplan-Meier and what is read from it.

The curve comes from counts on a grid of half days (`evaluation.survival.day_grid`), in
time linear in the cases. R's `survfit` and statsmodels' `SurvfuncRight` are the
references in the tests. The variance is Greenwood's throughout, with frequency weights
too, so that a grouped table and its rows agree (`SurvfuncRight` changes to Tsiatis' then;
and one NaN duration corrupts its curve in silence).

Durations are in days. A case is at risk on day t when `entry < t <= duration`; for a case
that ends on the day it came into view see `evaluation.survival.in_view`.

References
----------
.. [1] E. L. Kaplan, P. Meier, "Nonparametric estimation from incomplete observations",
   JASA 53 (1958) 457-481.
.. [2] R. Brookmeyer, J. Crowley, "A confidence interval for the median survival time",
   Biometrics 38 (1982) 29-41.
.. [3] J. P. Klein, M. L. Moeschberger, *Survival Analysis*, 2nd ed. (2003), sections
   4.3-4.6.
"""

from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import norm

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.survival.columns import Floats
from evaluation.survival.day_grid import day_cells
from evaluation.survival.in_view import InView, in_view
from evaluation.survival.pointwise import Transform, checked_level, checked_transform, pointwise
from evaluation.survival.shown import shown, steps

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Flat = Literal["first", "middle"]

_ROUNDING = 1e-9  # a product of fractions that should be 0.5 may come out as 0.5000000000000001


@dataclass(frozen=True, eq=False)
class SurvivalCurve:
    """A Kaplan-Meier curve with the counts behind it.

    Parameters
    ----------
    days : ndarray
        The days on which at least one case ended, ascending.
    survival : ndarray
        Share still open after each of `days`.
    log_variance : ndarray
        Greenwood's variance of the logarithm of `survival`; infinite once it is zero.
    at_risk, events : ndarray
        Cases at risk just before, and ends on, each of `days`.
    watched_days, watched : ndarray
        Every day on which someone enters or leaves, and the number at risk just before.
    n, n_events : int
        Cases in the curve and ends seen.
    from_day : float
        The curve is about cases still open on this day; 0: about all cases.
    last_day : float
        The last day on which anyone is at risk; beyond it nothing is known.
    """

    days: Floats
    survival: Floats
    log_variance: Floats
    at_risk: Floats
    events: Floats
    watched_days: Floats
    watched: Floats
    n: int
    n_events: int
    from_day: float
    last_day: float

    @property
    def standard_error(self) -> Floats:
        """Greenwood's standard error of `survival`; NaN once it is zero."""
        error = np.full_like(self.survival, np.nan)
        known = self.survival > 0
        error[known] = self.survival[known] * np.sqrt(self.log_variance[known])
        return error

    def table(self, *, level: float, transform: Transform = "log-log") -> pd.DataFrame:
        """Return a row a day on which a case ended: counts, share still open, its error and pointwise interval.

        Columns `day`, `at_risk`, `events`, `survival`, `standard_error`, `low`, `high`;
        the last three are missing once nobody is left.

        Examples
        --------
        >>> kaplan_meier([2, 3, 4], [True, False, True]).table(level=0.95).round(3).iloc[0].tolist()
        [2.0, 3.0, 1.0, 0.667, 0.272, 0.054, 0.945]
        """
        low, high = _band(self, level=level, transform=transform)
        return pd.DataFrame(
            {"day": self.days, "at_risk": self.at_risk.astype(int), "events": self.events.astype(int),
             "survival": self.survival, "standard_error": self.standard_error, "low": low, "high": high}
        )  # fmt: skip

    def plot(self, axes: "Axes | None" = None) -> "Axes":
        """Draw the share still open over the days."""
        return steps({"": (self.days, self.survival)}, first=1.0, until=self.last_day, axes=axes)

    def _repr_html_(self) -> str:
        return shown(self.table(level=0.95), f"Kaplan-Meier: n = {self.n}, events = {self.n_events}; 95 %, log-log")


@dataclass(frozen=True)
class CurveEstimate:
    """A number read from a curve.

    `low` or `high` is None when that end of the interval lies beyond the curve.
    `estimate` is None when the number cannot be said; `refusal` is then the key of the
    reason (`no_events`, `not_reached`, `not_at_risk`). `method` names the interval.
    `standard_error` is on the scale of the estimate; a quantile has none.
    """

    estimate: float | None
    low: float | None
    high: float | None
    level: float
    method: str
    n: int
    n_events: int
    standard_error: float | None = None
    refusal: str | None = None


def kaplan_meier(
    duration: ArrayLike,
    event_observed: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    from_day: float = 0.0,
) -> SurvivalCurve:
    """Return the Kaplan-Meier curve of the time to an end.

    *Estimand*: the share of cases still open after each day, had every case been
    followed to its end; censoring and late entry independent of the time to the end.

    Parameters
    ----------
    duration : array_like of float
        Days from the start of the clock to the end, or to the last day of view. Numbers
        of nought or more, or timedeltas; another unit than days is as good.
    event_observed : array_like of bool
        True (or 1): ended on that day. False (or 0): still open then (right-censored).
    entry : array_like of float, optional
        Day on the clock of each case on which it came into view (left truncation).
        Left out: every case is in view from day 0.
    weight : array_like of int, optional
        Number of identical cases a row stands for. Left out: one a row. A grouped table
        with counts gives the same answer as its rows.
    from_day : float, optional
        Condition on being open on this day: cases that ended by then are left out. For
        late entry with hardly anyone at risk in the first days, where a single end
        would drive the whole curve to nought.

    Raises
    ------
    WrongUse
        If lengths differ, a value is missing, a duration or entry is negative or
        infinite, an event is not true or false, a weight is not a whole number, or an
        entry lies after its duration.

    Examples
    --------
    Three cases, closed on day 2, open on day 3, closed on day 4:

    >>> curve = kaplan_meier([2, 3, 4], [True, False, True])
    >>> curve.days.tolist(), curve.at_risk.tolist(), curve.survival.round(4).tolist()
    ([2.0, 4.0], [3.0, 1.0], [0.6667, 0.0])
    """
    return _curve(in_view(duration, event_observed, entry=entry, weight=weight, from_day=from_day), from_day)


def _curve(view: InView, from_day: float) -> SurvivalCurve:
    stop, begin, values = day_cells(view.time, view.start)
    size = len(values)
    leave = np.bincount(stop, view.count, size)
    ends = np.bincount(stop[view.ended], view.count[view.ended], size).astype(float)
    watched = leave > 0
    if begin is None:
        at_risk = view.count.sum() - np.cumsum(leave) + leave
    else:
        enter = np.bincount(begin, view.count, size)
        at_risk = np.cumsum(enter - leave) - enter + leave
        watched |= (enter > 0) & (values > from_day)
    seen = ends > 0
    days, risk, events = values[seen], at_risk[seen], ends[seen]
    left = risk - events
    with np.errstate(divide="ignore"):
        log_variance = np.cumsum(np.where(left > 0, events / (risk * left), np.inf))
    return SurvivalCurve(
        days=days,
        survival=np.cumprod(left / risk),
        log_variance=log_variance,
        at_risk=risk,
        events=events,
        watched_days=values[watched],
        watched=at_risk[watched],
        n=int(view.count.sum()),
        n_events=int(events.sum()),
        from_day=from_day,
        last_day=float(view.time.max()) if len(view.time) else from_day,
    )


def at_risk_on(curve: SurvivalCurve, day: float) -> int:
    """Return how many cases are in view and still open just before `day`."""
    position = int(np.searchsorted(curve.watched_days, day, side="left"))
    inside = day > curve.from_day and position < len(curve.watched)
    return int(curve.watched[position]) if inside else 0


def survival_on(curve: SurvivalCurve, days: ArrayLike) -> Floats:
    """Return the share still open after each of `days`; NaN where nothing is known."""
    wanted = np.asarray(days, dtype=float)
    steps = np.concatenate(([1.0], curve.survival))
    share = steps[np.searchsorted(curve.days, wanted, side="right")]
    known = (wanted >= curve.from_day) & ((wanted <= curve.last_day) | (share == 0.0)) & (curve.n > 0)
    return np.where(known, share, np.nan)


def share_within(curve: SurvivalCurve, day: float, *, level: float, transform: Transform = "log-log") -> CurveEstimate:
    """Return the share of cases closed within `day` days, `1 - S(day)`.

    *Estimand*: the share of cases that end on or before this day of their clock.

    The interval is the pointwise one of the curve, by default on the log-log scale
    (`evaluation.survival.pointwise` has the others). Interval and standard error are
    None when the share is nought or one: the curve has no variance there. The share is
    refused (`not_at_risk`) beyond the last day of view while cases are still open.

    Examples
    --------
    >>> share_within(kaplan_meier([2, 3, 4], [True, False, True]), 3, level=0.95).estimate.__round__(4)
    0.3333
    """
    checked_level(level)
    checked_transform(transform)
    refusal = _nothing_to_read(curve)
    still_open = float(survival_on(curve, day))
    if refusal is None and np.isnan(still_open):
        refusal = "not_at_risk"
    if refusal:
        return _said(curve, level, transform, refusal=refusal)
    position = int(np.searchsorted(curve.days, day, side="right")) - 1
    if position < 0 or still_open in (0.0, 1.0):
        return _said(curve, level, transform, estimate=1 - still_open)
    log_error = float(np.sqrt(curve.log_variance[position]))
    low_open, high_open = pointwise(still_open, log_error, level=level, transform=transform)
    return _said(
        curve, level, transform, estimate=1 - still_open, error=still_open * log_error,
        low=1 - float(high_open), high=1 - float(low_open),
    )  # fmt: skip


def quantile(
    curve: SurvivalCurve, share: float, *, level: float, transform: Transform = "log-log", flat: Flat = "first"
) -> CurveEstimate:
    """Return the first day by which at least `share` of the cases have closed.

    *Estimand*: the quantile of the time to the end; 0.5 is the median. The interval
    holds the days whose pointwise interval contains `share` (Brookmeyer-Crowley [2]_).
    When the share is not reached (`not_reached`), `low` still says how many days it
    takes at least, if the curve tells.

    Parameters
    ----------
    curve : SurvivalCurve
    share : float
        Between 0 and 1.
    level : float
    transform : {"log-log", "log", "plain", "arcsine"}
        Named in the result, because programs differ: R's `survfit` takes "log" unless
        told otherwise, SAS and statsmodels "log-log", the default here.
    flat : {"first", "middle"}
        Where the curve (or an edge of its interval) is exactly flat at `1 - share`:
        "first" gives the day on which the share is reached, as the textbooks do [3]_;
        "middle" the middle of the flat part, as R does. statsmodels gives its end.

    Examples
    --------
    >>> curve = kaplan_meier([2, 3, 4, 9], [True] * 4)
    >>> quantile(curve, 0.5, level=0.95).estimate, quantile(curve, 0.5, level=0.95, flat="middle").estimate
    (3.0, 3.5)
    """
    if not isinstance(share, Real) or not 0 < share < 1:
        raise WrongUse(_("Een kwantiel ligt tussen 0 en 1, niet op {share}.", share=share))
    if flat not in ("first", "middle"):
        raise WrongUse(_("flat is first of middle, niet {flat}.", flat=flat))
    low_open, high_open = _band(curve, level=level, transform=transform)
    # Once everyone has closed the band is undefined: its lower edge is certainly nought,
    # its upper edge is unknown, so the interval stays open at that end (as in R).
    low_open = np.where(curve.survival == 0.0, 0.0, low_open)
    day = _day_of(curve, curve.survival, share, flat)
    refusal = _nothing_to_read(curve) or ("not_reached" if day is None else None)
    return _said(
        curve, level, transform, estimate=day, refusal=refusal,
        low=_day_of(curve, low_open, share, flat), high=_day_of(curve, high_open, share, flat),
    )  # fmt: skip


def restricted_mean(curve: SurvivalCurve, until_day: float, *, level: float) -> CurveEstimate:
    """Return the mean number of days open within the first `until_day` days.

    *Estimand*: the mean of the smaller of the duration and `until_day`: the area under
    the curve up to there. Greenwood's variance [3]_, normal interval, cut at 0 and
    `until_day`. Refused (`not_at_risk`) when the curve ends earlier with cases open.

    Examples
    --------
    >>> restricted_mean(kaplan_meier([2, 3, 4, 9], [True] * 4), 5, level=0.95).estimate
    3.5
    """
    checked_level(level)
    refusal = _nothing_to_read(curve)
    if refusal is None and (curve.from_day > 0 or np.isnan(survival_on(curve, until_day))):
        refusal = "not_at_risk"
    if refusal:
        return _said(curve, level, "greenwood", refusal=refusal)
    inside = curve.days < until_day
    days, survival = curve.days[inside], curve.survival[inside]
    widths = np.diff(np.concatenate(([0.0], days, [until_day])))
    pieces = widths * np.concatenate(([1.0], survival))
    mean = float(pieces.sum())
    after = np.cumsum(pieces[::-1])[::-1][1:]
    risk, events = curve.at_risk[inside], curve.events[inside]
    alive = survival > 0
    variance = float(np.sum(after[alive] ** 2 * events[alive] / (risk[alive] * (risk[alive] - events[alive]))))
    error = variance**0.5
    reach = float(norm.ppf((1 + level) / 2)) * error
    return _said(
        curve, level, "greenwood", estimate=mean, error=error,
        low=max(0.0, mean - reach), high=min(float(until_day), mean + reach),
    )  # fmt: skip


def thin_start(curve: SurvivalCurve, *, minimum: int) -> bool:
    """Tell whether late entry leaves fewer than `minimum` at risk early on the clock.

    With late entry the number at risk first grows. While it is small, one end drives
    the curve far down, for good; while it is nought, the curve stays at one because
    nobody was looking. In both cases the numbers read from it are not about all cases.
    Without late entry the number at risk is largest at the start: never thin.
    """
    return bool(len(curve.watched)) and bool((curve.watched[: int(curve.watched.argmax())] < minimum).any())


def _nothing_to_read(curve: SurvivalCurve) -> str | None:
    if curve.n == 0:
        return "not_at_risk"
    return None if curve.n_events else "no_events"


def _band(curve: SurvivalCurve, *, level: float, transform: Transform) -> tuple[Floats, Floats]:
    """Return the pointwise interval on each day; NaN where the curve is nought or one."""
    checked_level(level)
    checked_transform(transform)
    low, high = np.full_like(curve.survival, np.nan), np.full_like(curve.survival, np.nan)
    known = (curve.survival > 0) & (curve.survival < 1)
    low[known], high[known] = pointwise(
        curve.survival[known], np.sqrt(curve.log_variance[known]), level=level, transform=transform
    )
    return low, high


def _day_of(curve: SurvivalCurve, edge: Floats, share: float, flat: Flat) -> float | None:
    reached = np.flatnonzero(edge <= 1 - share + _ROUNDING)
    if not len(reached):
        return None
    first = int(reached[0])
    if flat == "first" or edge[first] < 1 - share - _ROUNDING:
        return float(curve.days[first])
    beyond = np.flatnonzero(edge[first:] < 1 - share - _ROUNDING)
    end = curve.days[first + beyond[0]] if len(beyond) else curve.last_day
    return float((curve.days[first] + end) / 2)


def _said(
    curve: SurvivalCurve,
    level: float,
    method: str,
    *,
    estimate: float | None = None,
    low: float | None = None,
    high: float | None = None,
    error: float | None = None,
    refusal: str | None = None,
) -> CurveEstimate:
    return CurveEstimate(
        estimate=estimate,
        low=None if low is None or np.isnan(low) else low,
        high=None if high is None or np.isnan(high) else high,
        level=level,
        method=method,
        n=curve.n,
        n_events=curve.n_events,
        standard_error=error,
        refusal=refusal,
    )
