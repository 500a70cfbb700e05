"""A yes/no outcome of allegations: shares, the funnel and the spread between units, with one or several a case."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import expit

from evaluation.consistency.like_for_like import compared, unit_funnel, unit_spread
from evaluation.consistency.outcome_chain import ALL, conditional_chain
from evaluation.consistency.unit_outcome_scores import unit_outcome_scores
from evaluation.proportion import Proportion
from evaluation.scores import Score
from evaluation.units.funnel import Funnel
from evaluation.units.random_intercept import intraclass_correlation, median_odds_ratio
from validate.performance import LEVEL, Effort, Found, Items, Quantity, Study, said

SIZES = (400, 350, 310, 270, 240, 210, 180, 160, 130, 110, 90, 70, 55, 40)
CATEGORIES = {"positie": 0.2, "geweld": -0.6, "gedrag": 0.3, "overig": 0.0}
COMPLEXITY = {"licht": -0.35, "middel": 0.0, "zwaar": 0.40}
COVARIATES = ("category", "complexity")
INTERCEPT = 0.45
SEVERAL = (0.5, 0.25, 0.15, 0.10)
"""Share of the cases with one, two, three, four allegations."""
ALIKE = 0.5
"""Correlation, on a normal scale, of what decides the allegations of one case."""
MANY = 10
WRONG = "Wrong on purpose: the study has to see these fail"
INDEPENDENT = "counted as independent: "
SPREAD = {"sigma": "spread between units (sigma)", "median_odds_ratio": "median odds ratio",
          "icc": "intraclass correlation"}  # fmt: skip
EFFECT = "units: log odds ratio"
ABOVE = "sigma above nought by its interval"
NOT_CUT = "variance between equal units by moments, not cut at nought"
AS_OF = date(2020, 12, 31)
LIMITS = {"95 %": 0.95, "99.8 %": 0.998}
SPREADS = (0.3, 0.6)

LINKS = {"judged": 0.9, "found": 0.6, "penalised": 0.5, "dismissed": 0.3}
WRONG_LINKS = ("found",)
CHAIN_UNITS, CHAIN_CASES = 4, 60


def cases_of(rows: int, rng: np.random.Generator, *, several: bool) -> np.ndarray:
    """Return the case of each of so many allegations, in order: each its own, or cases of one to four."""
    if not several:
        return np.arange(rows)
    return np.repeat(np.arange(rows), rng.choice(len(SEVERAL), rows, p=SEVERAL) + 1)[:rows]


def throws(case: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a uniform number for each allegation; those of one case go together.

    By a shared normal part. What the evaluation assumes of allegations of one case (one throw for
    all, or none) is something else: the study is not its own mirror image.
    """
    shared = rng.normal(size=case.max() + 1)[case]
    return np.asarray(stats.norm.cdf(np.sqrt(ALIKE) * shared + np.sqrt(1 - ALIKE) * rng.normal(size=len(case))))


def draw_allegations(
    spread: float, rng: np.random.Generator, *, sizes: Sequence[int] = SIZES, several: bool = False
) -> tuple[pd.DataFrame, np.ndarray]:
    """Draw allegations of units whose effects are normal with this spread; each keeps its own chance."""
    effects = rng.normal(0, spread, len(sizes)) if spread else np.zeros(len(sizes))
    unit = np.repeat(np.arange(len(sizes)), sizes)
    parts = [cases_of(size, rng, several=several) for size in sizes]
    case = np.concatenate([part + sum(sizes[:at]) for at, part in enumerate(parts)])
    category = rng.choice(list(CATEGORIES), len(unit))
    complexity = rng.choice(list(COMPLEXITY), len(unit), p=[0.35, 0.45, 0.20])[np.searchsorted(case, case)]
    shift = pd.Series(category).map(CATEGORIES) + pd.Series(complexity).map(COMPLEXITY)
    chance = expit(INTERCEPT + effects[unit] + shift.to_numpy())
    rows = pd.DataFrame(
        {
            "hit": throws(case, rng) < chance if several else rng.random(len(unit)) < chance,
            "unit": [f"{one:03d}" for one in unit],
            "case_id": case.astype(str),
            "category": category,
            "complexity": complexity,
        }
    )
    return rows, effects


def _scores(rows: pd.DataFrame) -> dict[str, Score]:
    """Return the scores of the rows, by what follows the measure in their id."""
    units = sorted(set(rows["unit"]))
    scores = unit_outcome_scores(
        rows.assign(year="2020"), compared(rows, COVARIATES), units, measure="consistency.outcome", as_of=AS_OF,
        level=LEVEL, span="2020-01-01/2020-12-31",
    )  # fmt: skip
    return {score.id.removeprefix("consistency.outcome."): score for score in scores}


def _spread_once(rng: np.random.Generator, *, spread: float, times: int, several: bool) -> Items:
    rows, effects = draw_allegations(spread, rng, sizes=SIZES * times, several=several)
    scores = _scores(rows)
    for statistic, name in SPREAD.items():
        yield name, said(scores[f"{statistic}.all"])
    for unit, truth in enumerate(effects):
        yield EFFECT, log_effect(scores[f"shrunken_odds_ratio.unit={unit:03d}"])._replace(truth=float(truth))


def log_effect(score: Score) -> Found:
    """Return the logarithm of a shrunken odds ratio; without an interval (sigma nought) it counts as refused."""
    if score.estimate is None or score.low is None or score.high is None:
        return Found(None)
    return Found(*(float(np.log(value)) for value in (score.estimate, score.low, score.high)))


def _spread(effort: Effort, *, spread: float, times: int, several: bool) -> list[Quantity]:
    section = f"{len(SIZES) * times} units with a planted spread of {spread}: random intercept" + (
        ", several allegations a case" if several else ""
    )
    return [
        Quantity(section, SPREAD["sigma"], spread),
        Quantity(section, SPREAD["median_odds_ratio"], median_odds_ratio(spread)),
        Quantity(section, SPREAD["icc"], intraclass_correlation(spread)),
        Quantity(section, EFFECT),
    ]


def _equal_once(rng: np.random.Generator, *, several: bool) -> Items:
    rows, _effects = draw_allegations(0.0, rng, several=several)
    yield from _alarms(rows, "")
    if several:
        yield from _alarms(rows.assign(case_id=np.arange(len(rows)).astype(str)), INDEPENDENT)
        return
    found = compared(rows, COVARIATES)
    fit = unit_spread(found, level=LEVEL)
    assert not isinstance(fit, str)
    yield f"{SPREAD['sigma']}, equal units", Found(fit.sigma)
    yield f"{SPREAD['median_odds_ratio']}, equal units", Found(fit.median_odds_ratio)
    yield NOT_CUT, Found(_moments(unit_funnel(found, sorted(set(rows["unit"])))))


def _moments(funnel: Funnel) -> float:
    """Return the variance between units by DerSimonian and Laird, not cut at nought."""
    weight = (funnel.expected / np.sqrt(funnel.variance)) ** 2
    return float(((funnel.z**2).sum() - (len(weight) - 1)) / (weight.sum() - (weight**2).sum() / weight.sum()))


def _alarms(rows: pd.DataFrame, how: str) -> Items:
    found = compared(rows, COVARIATES)
    funnel = unit_funnel(found, sorted(set(rows["unit"])))
    for name, level in LIMITS.items():
        for outside in funnel.outside(level)[funnel.judged]:
            yield f"{how}units beyond the {name} limits", Found(float(outside))
    fit = unit_spread(found, level=LEVEL)
    assert not isinstance(fit, str)
    yield f"{how}{ABOVE}", Found(float(fit.sigma_interval.low > 0))


def _equal(effort: Effort, *, several: bool) -> list[Quantity]:
    section = "14 units that do not differ: findings" + (", several allegations a case" if several else "")
    right = _alarm_quantities(section, "")
    if several:
        return [*right, *(replace(one, wrong=True) for one in _alarm_quantities(WRONG, INDEPENDENT))]
    return [
        *right,
        Quantity(section, f"{SPREAD['sigma']}, equal units", 0.0, "estimate"),
        Quantity(section, f"{SPREAD['median_odds_ratio']}, equal units", 1.0, "estimate"),
        Quantity(section, NOT_CUT, 0.0, "estimate"),
    ]


def _alarm_quantities(section: str, how: str) -> list[Quantity]:
    return [
        *(Quantity(section, f"{how}units beyond the {name} limits", 1 - level, "alarm")
          for name, level in LIMITS.items()),
        Quantity(section, f"{how}{ABOVE}", 0.05, "alarm"),
    ]  # fmt: skip


def _shares_once(rng: np.random.Generator) -> Items:
    for name, (least, most, fewest, largest) in WILSON.items():
        for _turn in range(20):
            chance, n = rng.uniform(least, most), int(rng.integers(fewest, largest + 1))
            share = Proportion(int(rng.binomial(n, chance)), n)
            yield name, Found(share.estimate, *share.interval(LEVEL), truth=chance)
    unit = np.repeat(np.arange(CHAIN_UNITS), CHAIN_CASES)
    size = rng.choice(len(SEVERAL), len(unit), p=SEVERAL) + 1
    case = np.repeat(np.arange(len(unit)), size)
    states = pd.DataFrame({"unit": unit[case].astype(str), "year": 2020, "running": False, "case_id": case.astype(str)})
    for link, chance in LINKS.items():
        states[link] = pd.array(throws(case, rng) < chance, dtype="boolean")
    yield from _chain(states, "case_id", "")
    yield from _chain(states, None, INDEPENDENT)


def _chain(states: pd.DataFrame, cluster: str | None, how: str) -> Items:
    table = conditional_chain(states, list(LINKS), counts="allegation", level=LEVEL, cluster=cluster)
    for row in table[table["year"] == ALL].itertuples():
        place = "all units" if row.unit == ALL else "a unit"
        if how and (place != "all units" or row.link not in WRONG_LINKS):
            continue
        found = Found(None) if pd.isna(row.share) else Found(float(row.share), float(row.low), float(row.high))
        yield f"{how}{row.link}, {place}", found


WILSON = {
    "share, chances 0.02 to 0.98, n 20 to 400": (0.02, 0.98, 20, 400),
    "share, chances 0.02 to 0.05, n 30 to 60": (0.02, 0.05, 30, 60),
}


def _shares(effort: Effort) -> list[Quantity]:
    section = f"Chain of outcomes, {CHAIN_UNITS} units of {CHAIN_CASES} cases, one to four allegations a case"
    return [
        *(Quantity("Shares (Wilson)", name) for name in WILSON),
        *(Quantity(section, f"{link}, {place}", truth) for place in ("all units", "a unit")
          for link, truth in LINKS.items()),
        *(Quantity(WRONG, f"{INDEPENDENT}{link}, all units", LINKS[link], wrong=True) for link in WRONG_LINKS),
    ]  # fmt: skip


def study(
    name: str, quantities: Callable[..., list[Quantity]], once: Callable[..., Items], share: float, **how: Any
) -> Study:
    """Return a study of one process in one of its forms."""
    return Study(name, partial(quantities, **how), partial(once, **how), share=share)


STUDIES = (
    *(study(f"outcome, spread {spread}", _spread, _spread_once, 0.6, spread=spread, times=1, several=False)
      for spread in SPREADS),
    study("outcome, spread, several a case", _spread, _spread_once, 0.6, spread=0.3, times=1, several=True),
    study("outcome, spread, several a case, many units", _spread, _spread_once, 0.15, spread=0.3, times=MANY,
          several=True),
    *(study(f"outcome, spread {spread}, many units", _spread, _spread_once, 0.15, spread=spread, times=MANY,
            several=False) for spread in SPREADS),
    study("outcome, equal", _equal, _equal_once, 1.0, several=False),
    study("outcome, equal, several a case", _equal, _equal_once, 1.0, several=True),
    Study("outcome, shares", _shares, _shares_once, share=1.5),
)  # fmt: skip
