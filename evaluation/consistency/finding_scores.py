"""Misconduct found or not: the share, units beside their own case mix, and the spread that is left."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np
import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.consistency import cards
from evaluation.consistency.judged import COVARIATES, only_disciplinary
from evaluation.proportion import Interval, Proportion
from evaluation.refusals import MINIMUM_N
from evaluation.score_rows import ScoreRows
from evaluation.scores import Part, Score
from evaluation.units.case_mix import CaseMix, case_mix
from evaluation.units.funnel import Funnel, adjusted_funnel
from evaluation.units.random_intercept import RandomIntercept, random_intercept
from evaluation.units.separation import SeparationError

MEASURE = "consistency.misconduct_found"
FUNNEL_LEVELS = {"95": 0.95, "998": 0.998}
MINIMUM_UNITS = 5
NODES = 9
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
SPREAD = {"sigma": "logit", "icc": "ratio", "median_odds_ratio": "odds_ratio"}

_Rows = Callable[[str], ScoreRows]


@dataclass(frozen=True)
class Expected:
    """The case-mix model, or the key of the reason why there is none."""

    mix: CaseMix | None
    refusal: str | None = None


def finding_scores(
    case_files: CaseFiles, judged: pd.DataFrame, units: list[str], expected: Expected,
    *, as_of: date, level: float, span: str,
) -> Part:  # fmt: skip
    """Return the share with misconduct found, crude and for like cases, and the spread between units.

    *Estimand*: on the card of `consistency.misconduct_found`.

    Parameters
    ----------
    judged : DataFrame
        As `judged_allegations` returns.
    units : list of str
        Units that get rows.
    expected : Expected
        As `expected_findings` returns.
    """
    rows = partial(ScoreRows, MEASURE, estimand=MEASURE, period=span, as_of=as_of, level=level)
    used = used_covariates(case_files, judged)
    left_out = tuple(name for name in COVARIATES if name not in used)
    return Part(
        (*_crude(judged, units, rows), *_by_unit(judged, units, expected, rows),
         *_spread(judged, units, expected, rows)),
        (cards.misconduct_found(used, left_out, only_disciplinary(case_files)),),
    )  # fmt: skip


def used_covariates(case_files: CaseFiles, judged: pd.DataFrame) -> tuple[str, ...]:
    """Return the characteristics that were delivered."""
    return tuple(name for name, column in COVARIATES.items() if case_files.has(column) and name in judged)


def expected_findings(case_files: CaseFiles, judged: pd.DataFrame) -> Expected:
    """Return the chance of misconduct found that all units together would give each allegation."""
    rows = judged[judged["unit"].notna()]
    if len(rows) < MINIMUM_N:
        return Expected(None, "too_few")
    if rows["found"].nunique() < 2:
        return Expected(None, "no_variation")
    if rows["unit"].nunique() < 2:
        return Expected(None, "not_estimable")
    levels = rows[list(used_covariates(case_files, judged))]
    try:
        return Expected(case_mix(rows["found"], rows["unit"], levels, minimum_n=MINIMUM_N))
    except SeparationError:
        return Expected(None, "separation")


def _crude(judged: pd.DataFrame, units: list[str], rows: _Rows) -> list[Score]:
    groups = [("all", judged)]
    groups += [(f"unit={unit.lower()}", judged[judged["unit"] == unit]) for unit in units]
    groups += [(f"year={year}", judged[judged["year"] == year]) for year in sorted(judged["year"].dropna().unique())]
    return [rows(group).large_share("share", int(part["found"].sum()), len(part)) for group, part in groups]


def unit_funnel(mix: CaseMix, units: list[str]) -> Funnel:
    """Return the funnel of the observed against the expected counts of `units`."""
    parts = [mix.cells[mix.cells["unit"] == unit] for unit in units]
    return adjusted_funnel(
        [int(part["successes"].sum()) for part in parts],
        [part["probability"].to_numpy() for part in parts],
        [part["trials"].to_numpy() for part in parts],
        minimum_n=MINIMUM_N,
    )


def _by_unit(judged: pd.DataFrame, units: list[str], expected: Expected, rows: _Rows) -> list[Score]:
    sizes = {unit: int((judged["unit"] == unit).sum()) for unit in units}
    mix = expected.mix
    if mix is None:
        why_not = str(expected.refusal)
        refused = [
            rows(f"unit={unit.lower()}").refused(
                statistic, kind, "too_few" if sizes[unit] < MINIMUM_N else why_not, n=sizes[unit]
            )
            for unit in units
            for statistic, kind in MODEL_BY_UNIT.items()
        ]
        return refused + [
            rows("all").refused(f"outside_{key}", "count", why_not, n=len(judged)) for key in FUNNEL_LEVELS
        ]

    funnel = unit_funnel(mix, units)
    limits = {key: funnel.limits(level) for key, level in FUNNEL_LEVELS.items()}
    tau2 = funnel.dispersion().tau2
    scores = []
    for at, unit in enumerate(units):
        of_unit, n = rows(f"unit={unit.lower()}"), sizes[unit]
        if not funnel.judged[at]:
            why_not = "too_few" if n < MINIMUM_N else "no_variation"
            scores += [of_unit.refused(s, kind, why_not, n=n) for s, kind in MODEL_BY_UNIT.items()]
            continue
        share = Proportion(int(funnel.observed[at]), n)
        per_share = n / float(funnel.expected[at])
        low, high = (end * per_share for end in share.interval(of_unit.level))
        ratio = float(funnel.ratio[at])
        scores += [
            of_unit.plain("observed_expected", "ratio", ratio, n=n, low=low, high=high),
            of_unit.plain("adjusted_share", "share", _as_share(ratio, funnel), n=n, low=_as_share(low, funnel),
                          high=_as_share(high, funnel)),
            of_unit.plain("expected_share", "share", float(funnel.expected[at]) / n, n=n),
            of_unit.plain("reliability", "ratio", None if tau2 is None else float(funnel.reliability(tau2)[at]), n=n),
        ]  # fmt: skip
        for key, (lowest, highest) in limits.items():
            scores.append(of_unit.plain(f"funnel_low_{key}", "share", _as_share(lowest[at], funnel), n=n))
            scores.append(of_unit.plain(f"funnel_high_{key}", "share", _as_share(highest[at], funnel), n=n))
    n = int(funnel.size[funnel.judged].sum())
    for key, level in FUNNEL_LEVELS.items():
        outside = int(funnel.outside(level).sum()) if funnel.judged.sum() >= 2 else None
        scores.append(rows("all").plain(f"outside_{key}", "count", outside, n=n, refusal="too_few"))
    return scores


def _as_share(ratio: float, funnel: Funnel) -> float:
    """Turn observed / expected into an adjusted share; an indirect rate can pass 1, a share cannot."""
    return min(1.0, float(ratio) * funnel.target)


def unit_spread(mix: CaseMix, *, level: float) -> RandomIntercept:
    """Return the spread between units that is left after the case mix."""
    cells = mix.cells
    return random_intercept(
        cells["successes"].to_numpy(), cells["trials"].to_numpy(), mix.design, cells["unit"].to_numpy(str),
        nodes=NODES, level=level,
    )  # fmt: skip


def _spread(judged: pd.DataFrame, units: list[str], expected: Expected, rows: _Rows) -> list[Score]:
    sizes = {unit: int((judged["unit"] == unit).sum()) for unit in units}
    all_units = rows("all")
    fit, refusal = None, expected.refusal
    if expected.mix is not None:
        refusal = "not_estimable"
        try:
            if expected.mix.cells["unit"].nunique() >= MINIMUM_UNITS:
                fit = unit_spread(expected.mix, level=all_units.level)
        except SeparationError:
            refusal = "separation"
    effects = "shrunken_odds_ratio"
    if fit is None or not np.isfinite(fit.sigma_interval.high):
        why_not = str(refusal)
        return [all_units.refused(s, kind, why_not, n=len(judged)) for s, kind in SPREAD.items()] + [
            rows(f"unit={unit.lower()}").refused(
                effects, "odds_ratio", "too_few" if sizes[unit] < MINIMUM_N else why_not, n=sizes[unit]
            )
            for unit in units
        ]

    values = {
        "sigma": (fit.sigma, fit.sigma_interval),
        "icc": (fit.icc, fit.icc_interval),
        "median_odds_ratio": (fit.median_odds_ratio, fit.median_odds_ratio_interval),
    }
    scores = [
        all_units.plain(s, SPREAD[s], value, n=fit.n, low=low, high=high) for s, (value, (low, high)) in values.items()
    ]
    odds_ratios = _odds_ratios(fit)
    for unit in units:
        of_unit, size = rows(f"unit={unit.lower()}"), sizes[unit]
        if size < MINIMUM_N:
            scores.append(of_unit.refused(effects, "odds_ratio", "too_few", n=size))
        else:
            ratio, interval = odds_ratios[unit]
            low, high = interval or (None, None)
            scores.append(of_unit.plain(effects, "odds_ratio", ratio, n=size, low=low, high=high))
    return scores


def _odds_ratios(fit: RandomIntercept) -> dict[str, tuple[float, Interval | None]]:
    lows, highs = fit.effects_interval
    if fit.sigma == 0:
        return dict.fromkeys(fit.units, (1.0, None))
    rows = zip(fit.units, np.exp(fit.effects), np.exp(lows), np.exp(highs), strict=True)
    return {unit: (float(effect), Interval(float(low), float(high))) for unit, effect, low, high in rows}
