"""Time to an end that not everyone has reached: Kaplan-Meier and what is read from it.

`statsmodels.duration.survfunc.SurvfuncRight` makes the curve. Around it stand the guards
it lacks (one NaN duration corrupts its curve in silence) and what it has no function
for: the share closed within N days with an interval, the number at risk on any day, the
restricted mean. The variance is Greenwood's throughout; with frequency weights
`SurvfuncRight` would change to Tsiatis', so that a grouped table and its rows would
disagree.

Durations are in days. A case is at risk on day t when `entry < t <= duration`.

**Same-day rule.** A case whose duration equals its entry (opened and closed on one day,
or closed on the day the period starts) would never be at risk. It counts as having been
in view for half a day: its duration becomes `entry + 0.5`. Whole-day durations of other
cases keep their order, and "within N days" keeps its meaning for every whole N.

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
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm
from statsmodels.duration.survfunc import SurvfuncRight

from data_contracts.errors import WrongUse
from data_contracts.language import _

Transform = Literal["log-log", "log"]
Floats = NDArray[np.float64]

HALF_DAY = 0.5
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


@dataclass(frozen=True)
class CurveEstimate:
    """A number read from a curve.

    `low` or `high` is None when that end of the interval lies beyond the curve.
    `estimate` is None when the number cannot be said; `refusal` is then the key of the
    reason (`no_events`, `not_reached`, `not_at_risk`). `method` names the interval.
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
        Days from the start of the clock to the end, or to the last day of view.
    event_observed : array_like of bool
        True: ended on that day. False: still open then (right-censored).
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
    view = in_view(duration, event_observed, entry=entry, weight=weight, from_day=from_day)
    return _curve(view.time, view.ended, view.start, view.count, from_day)


@dataclass(frozen=True, eq=False)
class InView:
    """Cases as an estimator sees them: checked, same-day rule applied, those never at risk left out.

    Parameters
    ----------
    time, start, count : ndarray of float
        Last day of view, day of coming into view, number of identical cases.
    ended : ndarray of bool
    kept : ndarray of bool
        As long as the arguments: which of them are in the four arrays above.
    """

    time: Floats
    ended: NDArray[np.bool_]
    start: Floats
    count: Floats
    kept: NDArray[np.bool_]


def in_view(
    duration: ArrayLike,
    event_observed: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    from_day: float = 0.0,
) -> InView:
    """Return the cases that are ever at risk; arguments and errors as in `kaplan_meier`.

    Examples
    --------
    A case opened and closed on one day counts as half a day in view:

    >>> in_view([0, 3], [True, False]).time.tolist()
    [0.5, 3.0]
    """
    time = _checked(duration, "duration")
    ended = _truth(event_observed, len(time))
    start = np.zeros(len(time)) if entry is None else _checked(entry, "entry", len(time))
    count = np.ones(len(time)) if weight is None else _checked(weight, "weight", len(time))
    if (count != np.floor(count)).any():
        raise WrongUse(_("weight moet uit gehele aantallen bestaan."))
    if (start > time).any():
        raise WrongUse(
            _(
                "{n} zaken komen pas in beeld na hun einde (entry groter dan duration). Laat die zaken weg.",
                n=int((start > time).sum()),
            )
        )
    start, time = np.maximum(start, from_day), np.where(time == start, time + HALF_DAY, time)
    kept = (count > 0) & (time > start)
    return InView(time[kept], ended[kept], start[kept], count[kept], kept)


def _checked(values: ArrayLike, name: str, length: int | None = None) -> Floats:
    array = np.asarray(values, dtype=float)
    if array.ndim != 1 or (length is not None and len(array) != length):
        raise WrongUse(_("{name} moet één rij getallen zijn, even lang als duration.", name=name))
    if bad := int((~np.isfinite(array)).sum()):
        raise WrongUse(
            _(
                "{name} mist {n} waarden. Eén ontbrekende waarde bederft de hele curve: "
                "laat die zaken eerst weg, en tel ze.",
                name=name,
                n=bad,
            )
        )
    if (array < 0).any():
        raise WrongUse(_("{name} bevat {n} negatieve waarden.", name=name, n=int((array < 0).sum())))
    return array


def _truth(values: ArrayLike, length: int) -> NDArray[np.bool_]:
    array = _checked(values, "event_observed", length)
    if not np.isin(array, (0.0, 1.0)).all():
        raise WrongUse(_("event_observed mag alleen waar (1) of onwaar (0) zijn."))
    return array.astype(bool)


def _curve(time: Floats, ended: NDArray[np.bool_], start: Floats, count: Floats, from_day: float) -> SurvivalCurve:
    watched_days = np.unique(np.concatenate((time, start[start > from_day])))
    watched = _weight_below(start, count, watched_days) - _weight_below(time, count, watched_days)
    days = survival = at_risk = events = np.empty(0)
    if ended.any():
        found = SurvfuncRight(time, ended.astype(float), entry=start, freq_weights=count)
        days, survival = found.surv_times, found.surv_prob
        at_risk, events = found.n_risk.astype(float), found.n_events.astype(float)
    left = at_risk - events
    with np.errstate(divide="ignore"):
        log_variance = np.cumsum(np.where(left > 0, events / (at_risk * left), np.inf))
    return SurvivalCurve(
        days=days,
        survival=survival,
        log_variance=log_variance,
        at_risk=at_risk,
        events=events,
        watched_days=watched_days,
        watched=watched,
        n=int(count.sum()),
        n_events=int(count[ended].sum()),
        from_day=from_day,
        last_day=float(time.max()) if len(time) else from_day,
    )


def _weight_below(values: Floats, count: Floats, days: Floats) -> Floats:
    order = np.argsort(values, kind="stable")
    total = np.concatenate(([0.0], np.cumsum(count[order])))
    return total[np.searchsorted(values[order], days, side="left")]


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

    The interval is the pointwise one of the curve, by default on the log-log scale. It
    is None when the share is nought or one: the curve has no variance there. The share
    is refused (`not_at_risk`) beyond the last day of view while cases are still open.

    Examples
    --------
    >>> share_within(kaplan_meier([2, 3, 4], [True, False, True]), 3, level=0.95).estimate.__round__(4)
    0.3333
    """
    low_open, high_open = _band(curve, level=level, transform=transform)
    refusal = _nothing_to_read(curve)
    still_open = float(survival_on(curve, day))
    if refusal is None and np.isnan(still_open):
        refusal = "not_at_risk"
    if refusal:
        return _said(curve, level, transform, refusal=refusal)
    position = int(np.searchsorted(curve.days, day, side="right")) - 1
    if position < 0:
        return _said(curve, level, transform, estimate=0.0)
    return _said(
        curve, level, transform, estimate=1 - still_open,
        low=1 - float(high_open[position]), high=1 - float(low_open[position]),
    )  # fmt: skip


def quantile(curve: SurvivalCurve, share: float, *, level: float, transform: Transform = "log-log") -> CurveEstimate:
    """Return the first day by which at least `share` of the cases have closed.

    *Estimand*: the quantile of the time to the end; 0.5 is the median. The interval
    holds the days whose pointwise interval contains `share` (Brookmeyer-Crowley [2]_).

    `transform` is named in the result, because programs differ: R's `survfit` takes
    "log" unless told otherwise, SAS and statsmodels "log-log", the default here. Where
    the curve is exactly flat at `1 - share`, R reports the middle of the flat part and
    statsmodels its end; here it is the beginning, the day on which the share is reached.

    Examples
    --------
    >>> quantile(kaplan_meier([2, 3, 4, 9], [True] * 4), 0.5, level=0.95).estimate
    3.0
    """
    if not 0 < share < 1:
        raise WrongUse(_("Een kwantiel ligt tussen 0 en 1, niet op {share}.", share=share))
    refusal = _nothing_to_read(curve)
    day = _first_day(curve, curve.survival, share)
    if refusal is None and day is None:
        refusal = "not_reached"
    if refusal:
        return _said(curve, level, transform, refusal=refusal)
    low_open, high_open = _band(curve, level=level, transform=transform)
    # Once everyone has closed the band is undefined: its lower edge is certainly nought,
    # its upper edge is unknown, so the interval stays open at that end (as in R).
    low_open = np.where(curve.survival == 0.0, 0.0, low_open)
    return _said(
        curve, level, transform, estimate=day,
        low=_first_day(curve, low_open, share), high=_first_day(curve, high_open, share),
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


def _band(curve: SurvivalCurve, *, level: float, transform: str) -> tuple[Floats, Floats]:
    if not 0 < level < 1:
        raise WrongUse(_("Het betrouwbaarheidsniveau ligt tussen 0 en 1, niet op {level}.", level=level))
    if transform not in ("log-log", "log"):
        raise WrongUse(_("Onbekende transformatie {transform}. Kies log-log of log.", transform=transform))
    z = float(norm.ppf((1 + level) / 2))
    low, high = np.full_like(curve.survival, np.nan), np.full_like(curve.survival, np.nan)
    defined = (curve.survival > 0) & (curve.survival < 1)
    share, error = curve.survival[defined], np.sqrt(curve.log_variance[defined])
    if transform == "log":
        low[defined], high[defined] = share * np.exp(-z * error), np.minimum(1.0, share * np.exp(z * error))
    else:
        reach = z * error / -np.log(share)
        low[defined], high[defined] = share ** np.exp(reach), share ** np.exp(-reach)
    return low, high


def _first_day(curve: SurvivalCurve, edge: Floats, share: float) -> float | None:
    reached = np.flatnonzero(edge <= 1 - share + _ROUNDING)
    return float(curve.days[reached[0]]) if len(reached) else None


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
