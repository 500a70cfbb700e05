"""The example delivery: planted unit effects and shares, through the public evaluation of outcome consistency.

The plan is drawn anew in every repetition, so that units are a draw, as the model has them. What
is true of a plan is computed from its numbers, by adding up over every kind of case; no
delivery and no estimator takes part. The chain is that of allegations with a finding on the
substance: it does not depend on the way a case ends whether it has one, but for cases
still open.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from unittest.mock import patch

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import expit

from data_contracts.case_files import CaseFiles
from data_contracts.example import people
from data_contracts.example.plan import (
    CATEGORIES_BEFORE,
    CATEGORIES_FROM,
    CATEGORY_BREAK,
    CATEGORY_EFFECT,
    COMPLEXITY,
    COMPLEXITY_EFFECT,
    EXTRACTED_AT,
    INTERCEPT,
    PRIOR_EFFECT,
    PRIOR_MEAN,
    RANK_EFFECT,
    RANKS,
    UNIT_OUTCOME_SIGMA,
    UNITS,
    YEAR_WEIGHT,
    YEARS,
    Plan,
    day,
    draw_plan,
)
from data_contracts.example.tables import draw_tables
from evaluation.consistency.finding_scores import compared_findings, finding_scores
from evaluation.consistency.judged import disciplinary_cases, judged_allegations
from evaluation.period import period
from evaluation.refusals import MINIMUM_N
from evaluation.scores import Score
from evaluation.units.random_intercept import intraclass_correlation, median_odds_ratio
from validate.outcomes import EFFECT, LIMITS, SPREAD, log_effect, study
from validate.performance import LEVEL, Effort, Found, Items, Quantity, Study, said

CASES_PER_YEAR = 250
MEASURE = "consistency.misconduct_found"
EXTRACTED_ON = date.fromisoformat(EXTRACTED_AT)
FOLLOWED_TO = date(2032, 1, 1)
LAST_SETTLED = 2023
"""Of later years cases are still open, and those with misconduct take longer."""
SETTLED, OPEN = "share found, one year, until 2023", "share found, one year, 2024 and 2025"


def true_shares(plan: Plan) -> tuple[dict[str, float], dict[int, float], float]:
    """Return the chance of misconduct found by unit, by year and of all, over the mix of cases of the plan."""
    chance = {(at, year): _chance(plan, at, after=year >= CATEGORY_BREAK) for at in range(len(UNITS)) for year in YEARS}
    cases = {}
    for year in YEARS:
        share = np.array([u.headcount * u.case_rate * (u.first_year <= year <= u.last_year) for u in UNITS])
        for at, part in enumerate(share / share.sum() * YEAR_WEIGHT[year] * (1 - plan.finding_unrecorded)):
            cases[at, year] = float(part)

    def mean(pairs: list[tuple[int, int]]) -> float:
        return float(np.average([chance[one] for one in pairs], weights=[cases[one] for one in pairs]))

    by_unit = {unit.code: mean([(at, year) for year in YEARS]) for at, unit in enumerate(UNITS)}
    by_year = {year: mean([(at, year) for at in range(len(UNITS))]) for year in YEARS}
    return by_unit, by_year, mean(list(cases))


def _chance(plan: Plan, at: int, *, after: bool) -> float:
    """Return the mean chance over category, complexity, rank and earlier measures, which are drawn independently."""
    codes = tuple(CATEGORIES_FROM if after else CATEGORIES_BEFORE)
    category = (plan.categories_from if after else plan.categories_before)[at]
    priors = np.arange(12)
    effects = (
        (category, [CATEGORY_EFFECT[code] for code in codes]),
        (plan.complexity[at], [COMPLEXITY_EFFECT[code] for code in COMPLEXITY]),
        (np.array(list(RANKS.values())), [RANK_EFFECT[code] for code in RANKS]),
        (stats.poisson.pmf(priors, PRIOR_MEAN), PRIOR_EFFECT * priors),
    )
    weight, shift = np.ones(1), np.array([INTERCEPT + plan.outcome[at]])
    for shares, values in effects:
        weight = np.outer(weight, np.asarray(shares) / np.sum(shares)).ravel()
        shift = np.add.outer(shift, np.asarray(values)).ravel()
    return float(weight @ expit(shift))


def _once(rng: np.random.Generator, *, as_of: date) -> Items:
    plan = draw_plan(CASES_PER_YEAR, rng)
    scores = _scores(plan, rng, as_of)
    for statistic, name in SPREAD.items():
        yield name, said(scores[f"{statistic}.all"])
    by_unit, by_year, everyone = true_shares(plan)
    yield "share found, all", said(scores["share.all"])._replace(truth=everyone)
    for at, unit in enumerate(UNITS):
        effect, share = (scores[f"{name}.unit={unit.code.lower()}"] for name in ("shrunken_odds_ratio", "share"))
        if share.n >= MINIMUM_N:
            yield EFFECT, log_effect(effect)._replace(truth=float(plan.outcome[at]))
            yield "share found, one unit", said(share)._replace(truth=by_unit[unit.code])
    for year, truth in by_year.items():
        name = SETTLED if year <= LAST_SETTLED else OPEN
        yield name, said(scores[f"share.year={year}"])._replace(truth=truth)


def _equal_once(rng: np.random.Generator) -> Items:
    plan = draw_plan(CASES_PER_YEAR, rng)
    scores = _scores(replace(plan, outcome=np.zeros_like(plan.outcome)), rng, EXTRACTED_ON)
    judged = sum(1 for name, score in scores.items() if name.startswith("observed_expected.") and score.estimate)
    for (name, _level), key in zip(LIMITS.items(), ("95", "998"), strict=True):
        outside = scores[f"outside_{key}.all"].estimate
        yield f"units beyond the {name} limits", Found(None if outside is None else outside / judged)
    low = scores["sigma.all"].low
    yield "sigma above nought by its interval", Found(None if low is None else float(low > 0))


def _scores(plan: Plan, rng: np.random.Generator, as_of: date) -> Mapping[str, Score]:
    """Return the scores of misconduct found, as `evaluate` puts them together (a test says so), of one delivery."""
    with patch.object(people, "EXTRACTION_DAY", day(as_of.isoformat())):
        tables = draw_tables(plan, rng)
    tables["delivery"] = tables["delivery"].assign(extracted_at=pd.Timestamp(as_of))
    files = CaseFiles(**tables).at(as_of)
    judged = judged_allegations(files)
    part = finding_scores(
        files, judged, sorted(disciplinary_cases(files)["unit"].dropna().unique()), compared_findings(files, judged),
        as_of=as_of, level=LEVEL, span=period(files, as_of),
    )  # fmt: skip
    return {score.id.removeprefix(f"{MEASURE}."): score for score in part.scores}


def _quantities(effort: Effort, *, as_of: date) -> list[Quantity]:
    section = "Example, misconduct found, units drawn anew" + (", every case closed" if as_of > EXTRACTED_ON else "")
    return [
        Quantity(section, SPREAD["sigma"], UNIT_OUTCOME_SIGMA),
        Quantity(section, SPREAD["median_odds_ratio"], median_odds_ratio(UNIT_OUTCOME_SIGMA)),
        Quantity(section, SPREAD["icc"], intraclass_correlation(UNIT_OUTCOME_SIGMA)),
        *(Quantity(section, name) for name in (EFFECT, "share found, all", "share found, one unit", SETTLED, OPEN)),
    ]


def _equal(effort: Effort) -> list[Quantity]:
    section = "Example, misconduct found, units that do not differ"
    return [
        *(Quantity(section, f"units beyond the {name} limits", 1 - level, "alarm") for name, level in LIMITS.items()),
        Quantity(section, "sigma above nought by its interval", 0.05, "alarm"),
    ]


STUDIES = (
    study("example: outcomes", _quantities, _once, 0.4, as_of=EXTRACTED_ON),
    study("example: outcomes, every case closed", _quantities, _once, 0.4, as_of=FOLLOWED_TO),
    Study("example: outcomes, equal units", _equal, _equal_once, share=0.5),
)
