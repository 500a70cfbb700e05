"""A change of pace planted at a date, with cases on both sides of it."""

from datetime import date

import numpy as np
import pandas as pd
from scipy.special import expit

from evaluation.duration.change_at_date import change_in_cohorts, change_in_pace
from evaluation.duration.change_scores import MAX_LAG_MONTHS
from evaluation.duration.interrupted_series import interrupted_series, monthly_shares
from validate.performance import LEVEL, Effort, Items, Quantity, Study, said

FIRST, BREAK, LAST = date(2017, 1, 1), date(2020, 11, 12), date(2025, 12, 31)
CASES = 2500
WITHIN, SERIES_WITHIN = 365, 180
PACE, AGE = (1 / 260, 1 / 160), 120  # chance to close on a day: until, and after, day 120 of the clock
FASTER = 1.35  # times, from the date on
SERIES = {"108 months": (46, 62), "60 months": (30, 30)}  # before the date, and from it on
ALIKE, WOBBLE = 0.5, 0.35  # months that resemble their neighbours


def chances(days: int, *, after: bool) -> np.ndarray:
    """Return the chance to close on each day of the clock in one regime."""
    base = np.where(np.arange(1, days + 1) <= AGE, *PACE)
    return np.asarray(base * (FASTER if after else 1.0))


def true_change(within: int) -> tuple[float, float]:
    """Return the change of mean days and of the share closed, from one regime to the other."""
    outcomes = []
    for after in (False, True):
        still_open = np.cumprod(1 - chances(within, after=after))
        outcomes.append((1 + still_open[:-1].sum(), 1 - still_open[-1]))
    (mean_before, share_before), (mean_after, share_after) = outcomes
    return float(mean_after - mean_before), float(share_after - share_before)


def draw_cases(rng: np.random.Generator) -> pd.DataFrame:
    """Draw cases opened evenly over the years; from the date on every open case closes at the new pace."""
    span = (LAST - FIRST).days
    opened = rng.integers(0, span + 1, CASES)
    size = span + 1
    old, new = (np.concatenate([[0.0], np.cumsum(-np.log1p(-chances(size, after=after)))]) for after in (False, True))
    wait = rng.exponential(size=CASES)
    until_break = np.clip((BREAK - FIRST).days - 1 - opened, 0, size)  # days of the clock under the old regime
    early = np.searchsorted(old, wait, side="left")
    later = np.searchsorted(new, wait - old[until_break] + new[until_break], side="left")
    length = np.where(early <= until_break, early, later)
    ended = opened + length <= span
    start = np.datetime64(FIRST, "D")
    return pd.DataFrame({"opened": start + opened, "until": start + np.where(ended, opened + length, span),
                         "ended": ended})  # fmt: skip


def _once(rng: np.random.Generator) -> Items:
    cases = draw_cases(rng)
    given = cases["opened"], cases["until"], cases["ended"]
    for name, change in (("cohorts", change_in_cohorts), ("pace", change_in_pace)):
        found = change(*given, break_on=BREAK, within_days=WITHIN, level=LEVEL)
        yield f"{name}: change of mean days within {WITHIN}", said(found.mean_days)
        yield f"{name}: change of share within {WITHIN} days", said(found.share_within)
    months = monthly_shares(*given, within_days=SERIES_WITHIN, first=FIRST, last=LAST)
    series = interrupted_series(months, break_on=BREAK, within_days=SERIES_WITHIN, level=LEVEL, max_lag=MAX_LAG_MONTHS)
    yield f"series: change of level of share within {SERIES_WITHIN} days", said(series.level_change)
    yield "series: change of slope (logit a year)", said(series.slope_change)


def _quantities(effort: Effort) -> list[Quantity]:
    section = "A change planted at a date, 2,500 cases"
    mean, share = true_change(WITHIN)
    return [
        *(quantity for name in ("cohorts", "pace") for quantity in (
            Quantity(section, f"{name}: change of mean days within {WITHIN}", mean),
            Quantity(section, f"{name}: change of share within {WITHIN} days", share))),
        Quantity(section, f"series: change of level of share within {SERIES_WITHIN} days",
                 true_change(SERIES_WITHIN)[1]),
        Quantity(section, "series: change of slope (logit a year)", 0.0),
    ]  # fmt: skip


def _alike_once(rng: np.random.Generator) -> Items:
    for name, months in SERIES.items():
        for correlation in (ALIKE, 0.0):
            found = interrupted_series(draw_months(months, correlation, rng), break_on=BREAK,
                                       within_days=SERIES_WITHIN, level=LEVEL, max_lag=MAX_LAG_MONTHS)  # fmt: skip
            which = f"{name}, correlation {correlation:g}"
            yield f"{which}: change of level of share", said(found.level_change)
            yield f"{which}: change of slope (logit a year)", said(found.slope_change)


def draw_months(months: tuple[int, int], correlation: float, rng: np.random.Generator) -> pd.DataFrame:
    """Draw a series without a break, of so many months before and after, in which each resembles the one before."""
    size = sum(months)
    step = rng.normal(0, WOBBLE, size)
    wobble = np.empty(size)
    wobble[0] = step[0]
    for month in range(1, size):
        wobble[month] = correlation * wobble[month - 1] + np.sqrt(1 - correlation**2) * step[month]
    start = pd.date_range(pd.Timestamp(BREAK).replace(day=1) - pd.DateOffset(months=months[0]), periods=size, freq="MS")
    n = rng.poisson(40, size)
    return pd.DataFrame({"month": start, "n": n, "closed": rng.binomial(n, expit(0.4 + wobble))})


def _alike(effort: Effort) -> list[Quantity]:
    section = "No change; months that resemble their neighbours, and months that do not"
    return [Quantity(section, f"{name}, correlation {correlation:g}: {what}", 0.0)
            for name in SERIES for correlation in (ALIKE, 0.0)
            for what in ("change of level of share", "change of slope (logit a year)")]  # fmt: skip


STUDIES = (
    Study("change", _quantities, _once, share=2),
    Study("change, months alike", _alike, _alike_once, share=2),
)
