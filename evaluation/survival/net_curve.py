"""Time to an end on a clock that stands still now and then: the net curve.

The days that a case has run net of its suspensions are not censored independently of
their length: at the end of view a case that stood still has run fewer net days, and it
has stood still for longer than others perhaps because it is a slow one. Kaplan-Meier of
net days then closes too fast, as it does for quality-adjusted lifetimes [1]_. Here the
share that ends within x net days is looked for on the gross clock, where censoring is
independent [2]_: `evaluation.survival.net_shares`.

Near the end of view some cases are neither known to end within x net days nor to pass
them: they stood still, and nobody stood still as long and was watched longer. Their share
is `unresolved`; it is shared out at the pace of all cases on the net clock from there, it
widens the interval as if any part of it might end in time, each as likely, and the curve
stops where it exceeds `LARGEST_UNRESOLVED`.

References
----------
.. [1] P. P. Glasziou, R. J. Simes, R. D. Gelber, "Quality adjusted survival analysis",
   Statistics in Medicine 9 (1990) 1259-1276; R. D. Gelber, R. S. Gelman, A. Goldhirsch,
   "A quality-of-life-oriented endpoint for comparing therapies", Biometrics 45 (1989)
   781-795.
.. [2] H. Zhao, A. A. Tsiatis, "A consistent estimator for the distribution of quality
   adjusted survival time", Biometrika 84 (1997) 339-348.
.. [3] B. Efron, *The Jackknife, the Bootstrap and Other Resampling Plans* (1982):
   the infinitesimal jackknife.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import norm

from evaluation.survival.columns import Floats
from evaluation.survival.kaplan_meier import CurveEstimate, SurvivalCurve, kaplan_meier, share_within
from evaluation.survival.net_clock import NetClocks, net_clocks, net_time
from evaluation.survival.net_shares import Moments, NetShares, members_at, moments_of, net_shares, ratio, unknown_part

LARGEST_UNRESOLVED = 0.15
"""Where the share that is unresolved exceeds this, nothing is said."""

_ROUNDING = 1e-12
_JACKKNIFE = "infinitesimal jackknife"
_BLOCK = 512  # net days at once, so that the tables of moments by days stay small


@dataclass(frozen=True, eq=False)
class NetCurve:
    """A curve on the net clock, and what it was made from.

    Parameters
    ----------
    curve : SurvivalCurve
        On the net clock, for `quantile`, `share_within`, `survival_on` and `at_risk_on`;
        for the mean there is `net_restricted_mean`. `days` are those on which a case
        ended or the share changes, `at_risk` and `watched` count the cases of which the
        net clock is known to have reached a day, `last_day` is the last day of which no
        more than `LARGEST_UNRESOLVED` is unresolved.
    unresolved : ndarray
        Share of cases, on each of `curve.days`, not known to have ended by then, nor to
        have passed it, with nobody in view to tell.
    clocks : NetClocks
    """

    curve: SurvivalCurve
    unresolved: Floats
    clocks: NetClocks


def net_curve(
    duration: ArrayLike, event_observed: ArrayLike, spells: pd.DataFrame, *, entry: ArrayLike | None = None
) -> NetCurve:
    """Return the curve of the time to an end on the net clock.

    *Estimand*: the share of cases still open after each net day, had every case been
    followed to its end; censoring and late entry independent of the time to the end and
    of the suspensions, on the gross clock.

    Without spells it is Kaplan-Meier. The variance is that of Aalen-Johansen (by the
    delta method), as in `evaluation.survival.cumulative_incidence`. Estimated for each
    net day by itself the share still open may rise a little; it is then levelled.

    Parameters
    ----------
    duration, event_observed, entry : array_like
        As in `evaluation.survival.kaplan_meier.kaplan_meier`, on the gross clock, in whole days.
    spells : DataFrame
        Columns `row` (place of the case in `duration`, from 0), `start`, `end` (gross days
        of its clock; infinite: not ended). They may overlap, and begin before day 0.

    Raises
    ------
    WrongUse
        As `kaplan_meier`; or when days are not whole, or a spell misses a number or is of no case.

    Examples
    --------
    The first case stood still from day 10 to day 30 and ends on day 50, after 30 net days;
    the second ends on day 40:

    >>> spells = pd.DataFrame({"row": [0], "start": [10.0], "end": [30.0]})
    >>> found = net_curve([50, 40], [True, True], spells).curve
    >>> found.days.tolist(), found.survival.tolist()
    ([30.0, 40.0], [0.5, 0.0])
    """
    clocks = net_clocks(duration, event_observed, spells, entry=entry)
    gross, net = _on_both_clocks(clocks)
    grid = _grid(clocks)
    parts = [
        net_shares(clocks, moments_of(clocks, grid[place : place + _BLOCK]), gross, net)
        for place in range(0, len(grid), _BLOCK)
    ]
    still_open, unresolved, log_variance = (
        np.concatenate([getattr(part, name) for part in parts] or [np.empty(0)])
        for name in ("still_open", "unresolved", "log_variance")
    )
    held = _levelled(still_open)
    # Where a share of nought was levelled up, the variance is that of the day before.
    known = np.maximum.accumulate(np.where(np.isfinite(log_variance), log_variance, 0.0))
    log_variance = np.where(held == 0, np.inf, np.where(np.isfinite(log_variance), log_variance, known))
    told = np.flatnonzero(unresolved > LARGEST_UNRESOLVED + _ROUNDING)[:1]
    last_day = net.last_day if not len(told) else float(grid[told[0] - 1]) if told[0] else 0.0
    ends = _ends_on(clocks, grid)
    shown = ((ends > 0) | (np.diff(held, prepend=1.0) < -_ROUNDING)) & (grid <= last_day)
    days = grid[shown]
    curve = replace(
        net,
        days=days,
        survival=held[shown],
        log_variance=log_variance[shown],
        at_risk=np.append(net.watched, 0.0)[np.searchsorted(net.watched_days, days)],
        events=ends[shown],
        last_day=last_day,
    )
    return NetCurve(curve, unresolved[shown], clocks)


def net_restricted_mean(found: NetCurve, until_day: float, *, level: float) -> CurveEstimate:
    """Return the mean number of net days open within the first `until_day` net days.

    *Estimand*: the mean of the smaller of the net duration and `until_day`. Variance by
    the infinitesimal jackknife [3]_: the sum of squares of what each case adds to the
    mean, and what is unresolved. Without suspensions and late entry that is Greenwood's.
    Normal interval, cut at 0 and `until_day`; refused as in `evaluation.survival.kaplan_meier.restricted_mean`.
    """
    refused = share_within(found.curve, until_day, level=level)
    if refused.refusal:
        return replace(refused, method=_JACKKNIFE)
    inside = found.curve.days < until_day
    days, survival = found.curve.days[inside], found.curve.survival[inside]
    widths = np.diff(np.concatenate(([0.0], days, [until_day])))
    mean = float(widths @ np.concatenate(([1.0], survival)))
    error = _error_of_mean(found.clocks, until_day)
    reach = float(norm.ppf((1 + level) / 2)) * error
    return CurveEstimate(
        estimate=mean,
        low=max(0.0, mean - reach),
        high=min(float(until_day), mean + reach),
        level=level,
        method=_JACKKNIFE,
        n=found.curve.n,
        n_events=found.curve.n_events,
        standard_error=error,
    )


def _on_both_clocks(clocks: NetClocks) -> tuple[SurvivalCurve, SurvivalCurve]:
    start, time = net_time(clocks)
    gross = kaplan_meier(clocks.time, clocks.ended, entry=clocks.start)
    return gross, kaplan_meier(time, clocks.ended, entry=start)


def _grid(clocks: NetClocks) -> Floats:
    """Return the net days on which the share may change: every whole day, and the days of ends."""
    _start, time = net_time(clocks)
    return np.union1d(np.arange(1.0, np.floor(time.max(initial=0.0)) + 1), time[clocks.ended])


def _levelled(still_open: Floats) -> Floats:
    """Return shares that never rise: the mean of the lowest so far and the highest to come.

    The lowest so far alone would lean to one side.
    """
    so_far = np.minimum.accumulate(still_open)
    to_come = np.maximum.accumulate(still_open[::-1])[::-1]
    return so_far / 2 + to_come / 2


def _ends_on(clocks: NetClocks, grid: Floats) -> Floats:
    _start, time = net_time(clocks)
    return np.bincount(np.searchsorted(grid, time[clocks.ended]), minlength=len(grid)).astype(float)


def _error_of_mean(clocks: NetClocks, until_day: float) -> float:
    gross, net = _on_both_clocks(clocks)
    grid = _grid(clocks)
    moments = moments_of(clocks, grid[grid < until_day])
    shares = net_shares(clocks, moments, gross, net)
    width = np.diff(moments.grid, append=until_day)
    influence = _influence(clocks, moments, shares, gross, width)
    # The unresolved share of one net day is that of the next: together up or together down.
    return float(np.sqrt(np.sum(influence**2) + unknown_part(np.array(width @ shares.unresolved))))


def _influence(clocks: NetClocks, moments: Moments, shares: NetShares, gross: SurvivalCurve, width: Floats) -> Floats:
    """Return what each case adds to the mean time that is *not* open: its derivative to the weight of the case.

    Up to gross day x the share for x is that of Kaplan-Meier, with the influence of every
    end on it; beyond, what a stopped case does at each moment at which it is at risk.
    """
    grid = moments.grid
    # An end on gross day t moves the shares for all x from t on, and all who were at risk then bear their part.
    area = np.append(_from_each(width * shares.still_open), 0.0)
    beyond = area[np.searchsorted(grid, gross.days)]
    left = gross.at_risk - gross.events
    added = np.zeros(len(clocks.time))
    ends = np.flatnonzero(clocks.ended)
    added[ends] = (beyond * ratio(1.0, left))[np.searchsorted(gross.days, clocks.time[ends])]
    borne = np.append(0.0, np.cumsum(beyond * ratio(gross.events, gross.at_risk * left)))
    passing = np.append(0.0, np.cumsum(width * shares.later * ratio(1.0, shares.at_risk)))
    added -= np.diff([borne[np.searchsorted(gross.days, end, side="right")] for end in (clocks.begin, clocks.until)],
                     axis=0)[0]  # fmt: skip
    added -= np.diff([passing[np.searchsorted(grid, end)] for end in (clocks.begin, clocks.until)], axis=0)[0]
    added[clocks.stopped] += _influence_later(clocks, moments, shares, width)
    return added


def _influence_later(clocks: NetClocks, moments: Moments, shares: NetShares, width: Floats) -> Floats:
    """Return, for the stopped cases, what they add after gross day x."""
    before, ends = moments.before.astype(float), moments.ends.astype(float)
    ended = (shares.share - shares.due) * ratio(1.0, before - ends)
    at_risk = (shares.due_before - ended * ends) * ratio(1.0, before)
    in_view = -shares.due * ratio(1.0, moments.after.astype(float))
    none = np.zeros((len(moments.at), 1))
    tables = [np.hstack((_from_each(width * table), none)) for table in (at_risk, ended, in_view)]
    found = np.zeros(len(clocks.stopped))
    for number, (place, *members) in enumerate(members_at(clocks, moments)):
        for table, (cases, chosen) in zip(tables, members, strict=True):
            found[cases] += table[number][place[chosen]]
    return found


def _from_each(values: Floats) -> Floats:
    """Return the sum from each place to the last, along the last axis."""
    return np.cumsum(values[..., ::-1], axis=-1)[..., ::-1]
