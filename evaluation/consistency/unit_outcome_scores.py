"""A yes/no outcome of allegations as scores: shares, units beside their own case mix, and the spread that is left.

One family for every such outcome: misconduct found, a penalty once it is found. Units
stand in the order of their codes and are never ranked.
"""

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial

import numpy as np
import pandas as pd
from scipy import stats

from evaluation.consistency.case_shares import case_share
from evaluation.consistency.like_for_like import Compared, effect_errors, unit_funnel, unit_spread
from evaluation.proportion import Interval
from evaluation.refusals import MINIMUM_N
from evaluation.score_rows import ScoreRows
from evaluation.scores import Score
from evaluation.units.funnel import Funnel
from evaluation.units.random_intercept import RandomIntercept

FUNNEL_LEVELS = {"95": 0.95, "998": 0.998}
MODEL_BY_UNIT = {
    "observed_expected": "ratio",
    "adjusted_share": "share",
    "expected_share": "share",
    "funnel_low_95": "share",
    "funnel_high_95": "share",
    "funnel_low_998": "share",
    "funnel_high_998": "share",
    "reliability": "ratio",
}
OVERALL = {
    "outside_95": "count",
    "outside_998": "count",
    "overdispersion": "ratio",
    "overdispersion_tau2": "ratio",
    "case_correlation": "ratio",
    "design_effect": "ratio",
}
SPREAD = {"sigma": "logit", "icc": "ratio", "median_odds_ratio": "odds_ratio"}
EFFECT = "shrunken_odds_ratio"

_Rows = Callable[[str], ScoreRows]


def unit_outcome_scores(
    rows: pd.DataFrame, found: Compared, units: list[str], *, measure: str, as_of: date, level: float, span: str
) -> tuple[Score, ...]:
    """Return the shares with the outcome, crude and for like allegations, and the spread between units.

    *Estimand*: on the card of `measure`.

    Parameters
    ----------
    rows : DataFrame
        A row an allegation of which the outcome is known: `hit` (bool), `case_id`,
        `unit`, `year`; without a unit or year it counts in the whole only.
    found : Compared
        As `compared(rows, ...)` returns.
    units : list of str
        Units that get rows.
    measure : str
        Of the scores and of their card.
    """
    make = partial(ScoreRows, measure, estimand=measure, period=span, as_of=as_of, level=level)
    return (*_crude(rows, units, make), *_beside_like(rows, units, found, make), *_spread(rows, units, found, make))


def _crude(rows: pd.DataFrame, units: list[str], make: _Rows) -> Iterator[Score]:
    yield _share(make("all"), rows)
    for unit in units:
        yield _share(make(f"unit={unit.lower()}"), rows[rows["unit"] == unit])
    for year in sorted(rows["year"].dropna().unique()):
        yield _share(make(f"year={year}"), rows[rows["year"] == year])


def _share(make: ScoreRows, part: pd.DataFrame) -> Score:
    return case_share(make, "share", part["hit"].to_numpy(bool), part["case_id"].to_numpy(str))


def _beside_like(rows: pd.DataFrame, units: list[str], found: Compared, make: _Rows) -> Iterator[Score]:
    parts = {unit: rows[rows["unit"] == unit] for unit in units}
    if found.mix is None:
        why_not = str(found.refusal)
        for unit, part in parts.items():
            reason = "too_few" if len(part) < MINIMUM_N else why_not
            for statistic, kind in MODEL_BY_UNIT.items():
                yield make(f"unit={unit.lower()}").refused(statistic, kind, reason, n=len(part))
        for statistic, kind in OVERALL.items():
            yield make("all").refused(statistic, kind, why_not, n=len(rows))
        return

    funnel = unit_funnel(found, units)
    limits = {key: funnel.limits(level) for key, level in FUNNEL_LEVELS.items()}
    tau2 = funnel.dispersion().tau2
    for at, (unit, part) in enumerate(parts.items()):
        of_unit = partial(make(f"unit={unit.lower()}").plain, n=len(part))
        if not funnel.judged[at]:
            refusal = "too_few" if len(part) < MINIMUM_N else "no_variation"
            for statistic, kind in MODEL_BY_UNIT.items():
                yield of_unit(statistic, kind, None, refusal=refusal)
            continue
        per_share = len(part) / float(funnel.expected[at])
        crude, ratio = _share(make("all"), part), float(funnel.ratio[at])
        low, high = ((end or 0.0) * per_share for end in (crude.low, crude.high))
        yield of_unit("observed_expected", "ratio", ratio, low=low, high=high)
        yield of_unit("adjusted_share", "share", _as_share(ratio, funnel), low=_as_share(low, funnel),
                      high=_as_share(high, funnel))  # fmt: skip
        yield of_unit("expected_share", "share", 1 / per_share)
        yield of_unit("reliability", "ratio", None if tau2 is None else float(funnel.reliability(tau2)[at]))
        for key, (lowest, highest) in limits.items():
            yield of_unit(f"funnel_low_{key}", "share", _as_share(lowest[at], funnel))
            yield of_unit(f"funnel_high_{key}", "share", _as_share(highest[at], funnel))
    yield from _overall(funnel, found, make("all"))


def _as_share(ratio: float, funnel: Funnel) -> float:
    """Turn observed / expected into an adjusted share; an indirect rate can pass 1, a share cannot."""
    return min(1.0, float(ratio) * funnel.target)


def _overall(funnel: Funnel, found: Compared, make: ScoreRows) -> Iterator[Score]:
    several = funnel.judged.sum() >= 2
    said = partial(make.plain, n=int(funnel.size[funnel.judged].sum()), refusal="too_few")
    for key, level in FUNNEL_LEVELS.items():
        yield said(f"outside_{key}", "count", int(funnel.outside(level).sum()) if several else None)
    spread = funnel.dispersion()
    yield said("overdispersion", "ratio", spread.phi if several else None)
    yield said("overdispersion_tau2", "ratio", spread.tau2 if several else None)
    if found.within is not None:
        yield make.plain("case_correlation", "ratio", found.within.used, n=found.within.n)
        yield make.plain("design_effect", "ratio", found.within.design_effect, n=found.within.n)


def _spread(rows: pd.DataFrame, units: list[str], found: Compared, make: _Rows) -> Iterator[Score]:
    sizes = {unit: int((rows["unit"] == unit).sum()) for unit in units}
    fit = unit_spread(found, level=make("all").level)
    if isinstance(fit, str):
        for statistic, kind in SPREAD.items():
            yield make("all").refused(statistic, kind, fit, n=len(rows))
        for unit in units:
            reason = "too_few" if sizes[unit] < MINIMUM_N else fit
            yield make(f"unit={unit.lower()}").refused(EFFECT, "odds_ratio", reason, n=sizes[unit])
        return

    values = {
        "sigma": (fit.sigma, fit.sigma_interval),
        "icc": (fit.icc, fit.icc_interval),
        "median_odds_ratio": (fit.median_odds_ratio, fit.median_odds_ratio_interval),
    }
    for statistic, (value, (low, high)) in values.items():
        yield make("all").plain(statistic, SPREAD[statistic], value, n=fit.n, low=low, high=high)
    ratios = _odds_ratios(fit, effect_errors(found, fit))
    for unit in units:
        of_unit = make(f"unit={unit.lower()}")
        if sizes[unit] < MINIMUM_N:
            yield of_unit.refused(EFFECT, "odds_ratio", "too_few", n=sizes[unit])
        else:
            ratio, interval = ratios[unit]
            ends = interval or (None, None)
            yield of_unit.plain(EFFECT, "odds_ratio", ratio, n=sizes[unit], low=ends[0], high=ends[1])


def _odds_ratios(fit: RandomIntercept, errors: np.ndarray) -> dict[str, tuple[float, Interval | None]]:
    if fit.sigma == 0:
        return dict.fromkeys(fit.units, (1.0, None))
    # The spread is estimated from so many units: hence the t-distribution.
    reach = stats.t.isf((1 - fit.level) / 2, len(fit.units) - 1) * errors
    ends = np.exp([fit.effects, fit.effects - reach, fit.effects + reach])
    rows = zip(fit.units, *ends, strict=True)
    return {unit: (float(effect), Interval(float(low), float(high))) for unit, effect, low, high in rows}
