"""The units of the example delivery: drawn anew in every repetition where they are shrunken, fixed where counted.

An interval about a shrunken effect is about units drawn at random: for three given units
that stay the same it is off by design, for the next three in the other direction. So the
plan is drawn anew, with units that differ in pace and case mix alone. What a unit of some
pace would need for the cases of all units is read from cases drawn at fourteen paces.
"""

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
from numpy.polynomial import Polynomial
from scipy.special import expit, logit

from data_contracts.case_files import CaseFiles
from data_contracts.example.plan import COMPLEXITY, EXTRACTED_AT, YEAR_FACTOR, Plan, draw_plan
from data_contracts.example.tables import draw_tables
from evaluation.duration.total import case_durations
from evaluation.duration.unit_scores import pace_by_unit
from evaluation.refusals import MINIMUM_N
from evaluation.units.closing_in_time import closing_in_time_by_unit
from validate.example_truth import (
    CASES_PER_YEAR,
    PACES,
    UNIT_CODES,
    WITHIN,
    Counts,
    closing_limits,
    example_counts,
    fixed_plan,
    mean_error,
    pace_alone,
    share_error,
    true_mean,
    true_share,
    without_outcomes,
)
from validate.performance import LEVEL, Effort, Found, Handled, Items, Quantity, Study

EXTRACTED_ON = date.fromisoformat(EXTRACTED_AT)
CASE_MIX = ["complexity", "year"]
DEGREE = 5  # of the curve through the outcomes at fourteen paces
SIZES = {
    "3 small units": ("LX", "LO", "PDC"),
    "11 larger units": tuple(code for code in UNIT_CODES if code not in ("LX", "LO", "PDC")),
}
ANEW = "Example, units drawn anew: discrete-time hazard, standard case mix"
COUNTED = "Example, units: observed against expected ends (against its own limit)"
WRONG = "Wrong on purpose: the study has to see these fail"
SLOWED = f"mean days within {WITHIN}, unit that slows the whole clock"

Outcome = Callable[[Handled], float]


def _known_cases(plan: Plan, rng: np.random.Generator) -> pd.DataFrame:
    files = CaseFiles(**draw_tables(plan, rng)).at(EXTRACTED_ON)
    clocks = case_durations(files, as_of=EXTRACTED_ON)
    return clocks[clocks["left_out"] == ""].rename(columns={"gross": "duration", "closed": "event_observed"})


def _anew_once(rng: np.random.Generator) -> Items:
    plan = without_outcomes(draw_plan(CASES_PER_YEAR, rng))
    with pace_alone():
        cases = _known_cases(plan, rng)
    found = pace_by_unit(cases, CASE_MIX, level=LEVEL, units=UNIT_CODES)
    mix = cases[CASE_MIX].value_counts(normalize=True)

    def handled(pace: float) -> Handled:
        return tuple((str(kind), pace * YEAR_FACTOR[int(year)], float(share)) for (kind, year), share in mix.items())

    for unit, pace in zip(found.units, plan.duration, strict=True):
        at, size = handled(float(pace)), _size(unit.unit)
        yield f"share within {WITHIN} days, {size}", Found(unit.share, unit.share_low, unit.share_high, at=at)
        if size == "11 larger units":
            yield SLOWED, Found(unit.mean_days, unit.mean_days_low, unit.mean_days_high, at=at)
    of_share = found.standard_share, found.standard_share_low, found.standard_share_high
    yield f"share within {WITHIN} days, average unit", Found(*of_share, at=handled(1.0))


def _anew(effort: Effort) -> list[Quantity]:
    counts = example_counts(effort)
    # The error of the curve is that of a mean of the cases: all paces and complexities count in each of its points.
    everyone = sum(counts[_of(pace, kind)] for pace in PACES for kind in COMPLEXITY)
    errors = {name: error(everyone, WITHIN) * np.sqrt(DEGREE + 1)
              for name, error in (("share", share_error), ("days", mean_error))}  # fmt: skip
    share, days = _outcome(counts, true_share, logit, expit), _outcome(counts, true_mean, np.log, np.exp)
    units = (*SIZES, "average unit")
    return [
        *(Quantity(ANEW, f"share within {WITHIN} days, {who}", share, truth_error=errors["share"]) for who in units),
        Quantity(WRONG, SLOWED, days, truth_error=errors["days"], wrong=True),
    ]


def _outcome(
    counts: Counts, read: Callable[[np.ndarray, int], float], there: Callable[..., np.ndarray],
    back: Callable[..., np.ndarray],
) -> Outcome:  # fmt: skip
    """Return the outcome of any mix of cases and paces, by a smooth curve through those of the paces drawn."""
    paces = np.log(PACES)
    curves = {
        kind: Polynomial.fit(paces, there([read(counts[_of(pace, kind)], WITHIN) for pace in PACES]), DEGREE)
        for kind in COMPLEXITY
    }

    def outcome(handled: Handled) -> float:
        return float(sum(share * back(curves[kind](np.log(pace))) for kind, pace, share in handled))

    return outcome


def _of(pace: float, kind: str) -> str:
    return f"pace {pace:.4f}, {kind}"


def _counted_once(rng: np.random.Generator) -> Items:
    closing = closing_in_time_by_unit(_known_cases(fixed_plan(), rng), like=["category", "complexity"], day=WITHIN,
                                      level=LEVEL, minimum_n=MINIMUM_N, units=UNIT_CODES)  # fmt: skip
    for code, ratio, ends in zip(UNIT_CODES, closing.funnel.ratio, closing.intervals(), strict=True):
        found = Found(None) if ends is None else Found(float(ratio), ends.low, ends.high)
        yield f"closing ratio, {_size(code)}", found._replace(of=code)


def _counted(effort: Effort) -> list[Quantity]:
    seen = example_counts(effort)["seen at the extraction"]
    ratios = closing_limits(seen, WITHIN)
    ends = dict(zip(UNIT_CODES, seen[0][:, :, : WITHIN + 1].sum(axis=(0, 2)).tolist(), strict=True))
    return [
        Quantity(COUNTED, f"closing ratio, {size}", {code: ratios[code] for code in codes},
                 truth_error=float(np.sqrt(sum(ratios[code] ** 2 / ends[code] for code in codes)) / len(codes)))
        for size, codes in SIZES.items()
    ]  # fmt: skip


def _size(code: object) -> str:
    return next(size for size, codes in SIZES.items() if code in codes)


STUDIES = (
    Study("example: units drawn anew", _anew, _anew_once, share=0.3),
    Study("example: units counted", _counted, _counted_once, share=0.3),
)
