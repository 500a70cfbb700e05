"""Did durations change at a date: before against after, with equal follow-up, and at other dates for comparison.

The number says how much changed about a date, never why. Many things change in a month;
"because of" cannot be read from it. `placebo_breaks` shows how often a difference of
this size turns up at dates on which nothing is known to have happened.

A case opened shortly before the date lives under both regimes. There are two ways to
deal with it, which answer different questions; give both:

* `change_in_cohorts` compares cases by the day of opening, and leaves out those opened in
  the last `within_days` before the date: they are exposed to both. All days that count
  of the cases before lie before the date, and the same number of days counts after it.
* `change_in_pace` compares days of the calendar, and leaves out nobody: each case counts
  before the date up to the day before, and from the date on enters late at the age that
  it then has. Each curve is what a case would go through at the pace of that time.

Both give two differences, after minus before, in quantities that need no model: the
mean days open within the first `within_days` (restricted mean) and the share closed
within them.

References
----------
.. [1] P. Royston, M. K. B. Parmar, "Restricted mean survival time: an alternative to the
   hazard ratio", BMC Medical Research Methodology 13 (2013) 152.
.. [2] S. H. Preston, P. Heuveline, M. Guillot, *Demography* (2001), chapter 3: period and
   cohort life tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import norm

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.duration.clock import Dates, dates
from evaluation.duration.dated_cases import dated_cases
from evaluation.refusals import MINIMUM_N
from evaluation.survival.kaplan_meier import (
    CurveEstimate,
    SurvivalCurve,
    kaplan_meier,
    restricted_mean,
    share_within,
    thin_start,
)

_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Difference:
    """One number after a date minus the same before it; None when `refusal` says why.

    `before` and `after` are the numbers themselves, each with its own interval and
    counts. `method` names the interval of the difference.
    """

    estimate: float | None
    low: float | None
    high: float | None
    standard_error: float | None
    before: CurveEstimate
    after: CurveEstimate
    level: float
    method: str
    refusal: str | None = None


@dataclass(frozen=True)
class Change:
    """What changed at a date.

    Parameters
    ----------
    mean_days : Difference
        Of the mean days open within the first `within_days`.
    share_within : Difference
        Of the share closed within `within_days`.
    n_before, n_after : int
        Cases on either side; by calendar time a case may be on both.
    n_left_out : int
        Cases opened too shortly before the date (cohorts only).
    break_on : date
    within_days : int
    """

    mean_days: Difference
    share_within: Difference
    n_before: int
    n_after: int
    n_left_out: int
    break_on: date
    within_days: int


def change_in_cohorts(
    opened_on: Dates,
    until: Dates,
    ended: ArrayLike,
    *,
    break_on: date,
    within_days: int,
    level: float,
    window_days: int | None = None,
    entered_on: Dates | None = None,
    weight: ArrayLike | None = None,
) -> Change:
    """Compare cases opened after a date with those that had their days before it.

    *Estimand*: the difference, between cases opened from `break_on` on and cases opened
    at least `within_days` before it, in the mean days open within the first
    `within_days`, and in the share closed within them; censoring independent.

    Parameters
    ----------
    opened_on, until : array_like of dates
        Opening; end, or last day of view. Rows with a missing date are refused.
    ended : array_like of bool
        True: ended on `until`.
    break_on : date
        The first day of the new regime.
    within_days : int
        Days of each case that count.
    level : float
    window_days : int, optional
        Width of the range of opening days on either side. Left out: all cases.
    entered_on : array_like of dates, optional
        Day after which each case was in view; missing: its opening.
    weight : array_like of int, optional
        Number of identical cases a row stands for.

    Examples
    --------
    Ten cases of 4 and 8 days long before, ten of 2 and 4 days after:

    >>> found = change_in_cohorts(["2020-01-01"] * 2 + ["2020-11-12"] * 2,
    ...                           ["2020-01-05", "2020-01-09", "2020-11-14", "2020-11-16"], [True] * 4,
    ...                           break_on=date(2020, 11, 12), within_days=6, level=0.95, weight=[5] * 4)
    >>> found.mean_days.estimate, found.share_within.estimate
    (-2.0, 0.5)
    """
    _checked_days(within_days, window_days)
    cases = _cases(opened_on, until, ended, entered_on, weight)
    moment, exposed = np.datetime64(break_on, "D"), np.timedelta64(within_days, "D")
    opened = dates(cases["start"])
    before, after = opened + exposed < moment, opened >= moment
    left_out = ~before & ~after
    if window_days is not None:
        width = np.timedelta64(window_days, "D")
        before &= opened + exposed + width >= moment
        after &= opened < moment + width
    between = int(cases.loc[left_out, "weight"].sum())
    return _change(_curve(cases[before]), _curve(cases[after]), break_on, within_days, level, left_out=between)


def change_in_pace(
    opened_on: Dates,
    until: Dates,
    ended: ArrayLike,
    *,
    break_on: date,
    within_days: int,
    level: float,
    window_days: int | None = None,
    entered_on: Dates | None = None,
    weight: ArrayLike | None = None,
) -> Change:
    """Compare the pace at which cases closed on the days after a date with that on the days before it.

    *Estimand*: as `change_in_cohorts`, for a case that would live its whole course at the
    chances of closing of one side of the date (period curves [2]_); within a regime the
    chance depends on the age of the case only.

    Parameters
    ----------
    window_days : int, optional
        Number of calendar days that count on either side. Left out: all.
    opened_on, until, ended, break_on, within_days, level, entered_on, weight
        As in `change_in_cohorts`.

    Examples
    --------
    A case opened ten days before the date and closed five days after it is open for nine
    days before, and closes on the fifteenth day of its clock after:

    >>> found = change_in_pace(["2020-11-02"], ["2020-11-17"], [True], break_on=date(2020, 11, 12),
    ...                        within_days=20, level=0.95)
    >>> found.n_before, found.n_after, found.mean_days.before.n_events, found.mean_days.after.n_events
    (1, 1, 0, 1)
    """
    _checked_days(within_days, window_days)
    cases = _cases(opened_on, until, ended, entered_on, weight)
    moment = np.datetime64(break_on, "D")
    width = np.timedelta64(10**5 if window_days is None else window_days, "D")
    before = _curve(_between(cases, moment - width, moment - _DAY))
    after = _curve(_between(cases, moment, moment + width - _DAY))
    return _change(before, after, break_on, within_days, level, left_out=0)


@dataclass(frozen=True, eq=False)
class PlaceboBreaks:
    """The same comparison at dates on which nothing is known to have happened.

    Parameters
    ----------
    table : DataFrame
        One row a date: `break_on`, `n_before`, `n_after`, and of both differences the
        estimate and interval (`mean_days`, `mean_days_low`, `mean_days_high`, `share`,
        `share_low`, `share_high`); missing where a side has too few cases.
    dates, dates_refused : int
        Dates with a difference, and without.
    mean_as_large, share_as_large : int or None
        Dates at which the difference is at least as large, in either direction, as at
        the real date; None when that has none.
    """

    table: pd.DataFrame
    dates: int
    dates_refused: int
    mean_as_large: int | None
    share_as_large: int | None


def placebo_breaks(
    opened_on: Dates,
    until: Dates,
    ended: ArrayLike,
    *,
    break_on: date,
    at: Sequence[date],
    within_days: int,
    window_days: int,
    level: float,
    entered_on: Dates | None = None,
    weight: ArrayLike | None = None,
) -> PlaceboBreaks:
    """Repeat `change_in_cohorts` at other dates, each with days of one regime only.

    *Estimand*: none; a guard. Before `break_on` nothing later is looked at, as if the
    extraction had been the day before; after it only cases opened from then on. So the
    real change cannot leak into the comparison. Windows of nearby dates share cases:
    the counts are no p-value.

    Parameters
    ----------
    at : sequence of date
        The other dates, for example `month_starts`.
    window_days : int
        As in `change_in_cohorts`; the same on both sides and for every date.

    Examples
    --------
    >>> opened = np.datetime64("2018-01-01") + np.arange(0, 2000, 2)
    >>> found = placebo_breaks(opened, opened + 40, [True] * 1000, break_on=date(2020, 11, 12),
    ...                        at=[date(2019, 6, 1), date(2022, 3, 1)], within_days=60, window_days=100, level=0.95)
    >>> found.dates, found.table["mean_days"].tolist()
    (2, [0.0, 0.0])
    """
    cases = _cases(opened_on, until, ended, entered_on, weight)
    moment = np.datetime64(break_on, "D")
    sides = _between(cases, moment - np.timedelta64(10**5, "D"), moment - _DAY), cases[dates(cases["start"]) >= moment]

    def compared(side: pd.DataFrame, day: date) -> Change:
        return change_in_cohorts(
            side["start"], side["until"], side["ended"], break_on=day, within_days=within_days, level=level,
            window_days=window_days, entered_on=side["entered"], weight=side["weight"],
        )  # fmt: skip

    real = compared(cases, break_on)
    rows = []
    for day in at:
        found = compared(sides[day >= break_on], day)
        mean, share = found.mean_days, found.share_within
        rows.append(
            {
                "break_on": day, "n_before": found.n_before, "n_after": found.n_after,
                "mean_days": mean.estimate, "mean_days_low": mean.low, "mean_days_high": mean.high,
                "share": share.estimate, "share_low": share.low, "share_high": share.high,
            }
        )  # fmt: skip
    columns = ["break_on", "n_before", "n_after", *(f"{name}{end}" for name in ("mean_days", "share")
                                                  for end in ("", "_low", "_high"))]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    numbers = columns[3:]
    table[numbers] = table[numbers].astype(float)

    def as_large(column: str, difference: Difference) -> int | None:
        if difference.estimate is None:
            return None
        return int((table[column].abs() >= abs(difference.estimate)).sum())

    given = int(table["mean_days"].notna().sum())
    return PlaceboBreaks(table, given, len(table) - given, as_large("mean_days", real.mean_days),
                         as_large("share", real.share_within))  # fmt: skip


def month_starts(first: date, last: date) -> list[date]:
    """Return the first days of the months from `first` to `last`, both included.

    Examples
    --------
    >>> month_starts(date(2020, 1, 2), date(2020, 3, 1))
    [datetime.date(2020, 2, 1), datetime.date(2020, 3, 1)]
    """
    days = np.arange(np.datetime64(first, "M"), np.datetime64(last, "M") + 1).astype("datetime64[D]").astype(object)
    return [day for day in days if first <= day <= last]


def difference(before: CurveEstimate, after: CurveEstimate, *, level: float) -> Difference:
    """Return `after` minus `before`, two independent numbers, with a normal interval.

    Refused when either is, and `too_few` when a side has fewer than `MINIMUM_N` cases.

    Examples
    --------
    >>> one, two = (CurveEstimate(days, None, None, 0.95, "greenwood", 50, 40, error)
    ...             for days, error in ((300.0, 3.0), (280.0, 4.0)))
    >>> found = difference(one, two, level=0.95)
    >>> found.estimate, found.standard_error, round(found.low, 1)
    (-20.0, 5.0, -29.8)
    """
    if not 0 < level < 1:
        raise WrongUse(_("Het betrouwbaarheidsniveau ligt tussen 0 en 1, niet op {level}.", level=level))
    method = "normal, sum of the Greenwood variances"
    too_few = "too_few" if min(before.n, after.n) < MINIMUM_N else None
    refusal = too_few or before.refusal or after.refusal
    if refusal or before.estimate is None or after.estimate is None:
        return Difference(None, None, None, None, before, after, level, method, refusal)
    found = after.estimate - before.estimate
    error = float(np.hypot(before.standard_error or 0.0, after.standard_error or 0.0))
    reach = float(norm.ppf((1 + level) / 2)) * error
    # Without any variance (everyone on both sides closed on one day) there is no interval, not one of width nought.
    low, high = (found - reach, found + reach) if error else (None, None)
    return Difference(found, low, high, error, before, after, level, method)


def _change(
    before: SurvivalCurve, after: SurvivalCurve, break_on: date, within_days: int, level: float, *, left_out: int
) -> Change:
    means, shares = [], []
    for curve in (before, after):
        mean, share = restricted_mean(curve, within_days, level=level), share_within(curve, within_days, level=level)
        if thin_start(curve, minimum=MINIMUM_N):  # late entry: hardly anyone in view in the first days
            mean, share = (replace(one, estimate=None, low=None, high=None, standard_error=None,
                                   refusal="not_at_risk") for one in (mean, share))  # fmt: skip
        means.append(mean)
        shares.append(share)
    return Change(
        mean_days=difference(means[0], means[1], level=level),
        share_within=difference(shares[0], shares[1], level=level),
        n_before=before.n,
        n_after=after.n,
        n_left_out=left_out,
        break_on=break_on,
        within_days=within_days,
    )


def _checked_days(within_days: int, window_days: int | None) -> None:
    if within_days < 1 or (window_days is not None and window_days < 1):
        raise WrongUse(_("within_days en window_days moeten ten minste 1 dag zijn."))


def _cases(
    opened_on: Dates, until: Dates, ended: ArrayLike, entered_on: Dates | None, weight: ArrayLike | None
) -> pd.DataFrame:
    cases = dated_cases(opened_on, until, ended, entered_on=entered_on, weight=weight)
    if missing := int(cases[["start", "until"]].isna().any(axis=1).sum()):
        raise WrongUse(_("{n} zaken missen een begin of een einde. Laat die zaken eerst weg, en tel ze.", n=missing))
    return cases


def _between(cases: pd.DataFrame, first: np.datetime64, last: np.datetime64) -> pd.DataFrame:
    """Return the cases as they were on the days from `first` to `last`: late entry before, open after."""
    eve = first - _DAY
    seen = cases[(dates(cases["start"]) <= last) & (dates(cases["until"]) > eve) & (dates(cases["entered"]) <= last)]
    # A case opened from the first day on is seen whole, also when it closed on its opening day.
    entered = np.where(dates(seen["start"]) > eve, dates(seen["entered"]), np.maximum(dates(seen["entered"]), eve))
    return seen.assign(
        entered=entered,
        ended=seen["ended"] & (dates(seen["until"]) <= last),
        until=np.minimum(dates(seen["until"]), last),
    )


def _curve(cases: pd.DataFrame) -> SurvivalCurve:
    opened, until, entered = (dates(cases[name]) for name in ("start", "until", "entered"))
    return kaplan_meier(
        (until - opened).astype(float), cases["ended"].to_numpy(bool), entry=(entered - opened).astype(float),
        weight=cases["weight"].to_numpy(),
    )  # fmt: skip
