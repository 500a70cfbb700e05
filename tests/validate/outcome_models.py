"""Like with like, ordered and unordered outcomes, pairs, many comparisons at once, and missing characteristics."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import expit, logit
from statsmodels.api import GLM, families

from evaluation.consistency.chained_equations import pooled_over_imputations
from evaluation.consistency.conditional_logit import conditional_logit
from evaluation.consistency.effect import Effect
from evaluation.consistency.false_discovery import METHODS, false_discovery
from evaluation.consistency.matched import mantel_haenszel
from evaluation.consistency.ordered_outcome import ordered_by_unit
from evaluation.consistency.paired_outcomes import paired_binary, paired_outcomes
from evaluation.consistency.proportional_odds import proportional_odds
from evaluation.consistency.unordered_outcome import unordered_by_unit
from evaluation.units.case_mix import dummies
from evaluation.units.funnel import proportion_funnel
from validate.outcomes import INDEPENDENT, WRONG, cases_of, study, throws
from validate.performance import LEVEL, REACH, Effort, Found, Items, Quantity, Study

RATIO = 0.5  # log odds ratio of the one unit that differs
STRATA, OWN, OTHERS = 10, 120, 480
SETS, PER_SET, SLOPES = 60, 5, (0.5, -0.3)
CUTS = np.array([-1.5, -0.3, 0.4, 1.6])
UNITS, PER_UNIT = 13, 40
PAIRS, STAY, MOVES = 300, 0.85, 4
INDICATORS, DIFFER, DEVIATION, CHANCE = 8, 0.2, 0.25, 0.4
MISSING = 500
ALARM = 0.05


def logs(effect: Effect) -> Found:
    """Return the logarithm of a ratio with its interval."""
    if effect.estimate is None or effect.low is None or effect.high is None:
        return Found(None)
    return Found(*(float(np.log(value)) for value in (effect.estimate, effect.low, effect.high)))


def _normal(name: str, estimates: np.ndarray, errors: np.ndarray) -> Items:
    for at, (one, error) in enumerate(zip(estimates, errors, strict=True)):
        yield f"{name}, {at + 1}", Found(float(one), float(one - REACH * error), float(one + REACH * error))


def _alarm(p_value: float | None) -> Found:
    return Found(None if p_value is None else float(p_value < ALARM))


def _matched_once(rng: np.random.Generator) -> Items:
    stratum, own = rng.integers(0, STRATA, OWN + OTHERS), np.arange(OWN + OTHERS) < OWN
    unit, level = np.where(own, "own", "others"), rng.normal(0, 0.7, STRATA)[stratum]
    for name, shift in (("", RATIO), ("equal units: ", 0.0)):
        hit = rng.random(len(own)) < expit(level + shift * own)
        found = mantel_haenszel(hit, unit, stratum, level=LEVEL)[1]
        yield f"{name}log odds ratio", logs(found.odds_ratio)
        yield (
            f"{name}log odds ratio, conditional",
            Found(None if found.conditional is None else np.log(found.conditional)),
        )
        yield f"{name}one ratio in all strata, p under 5 %", _alarm(found.homogeneity.p_value)
    yield "equal units: p under 5 %", _alarm(found.test.p_value)
    case = cases_of(len(own), rng, several=True)
    stratum = rng.integers(0, STRATA, case.max() + 1)[case]  # a case lies in one stratum and in one unit
    unit = np.where(case < case[OWN], "own", "others")
    hit = throws(case, rng) < expit(rng.normal(0, 0.7, STRATA)[stratum])
    found = mantel_haenszel(hit, unit, stratum, level=LEVEL, cluster=case)[1]
    yield "cases: log odds ratio of equal units", logs(found.odds_ratio)
    sets = np.repeat(np.arange(SETS), PER_SET)
    x = np.column_stack([rng.random(len(sets)) < 0.4, rng.normal(size=len(sets))]).astype(float)
    fit = conditional_logit(rng.random(len(sets)) < expit(rng.normal(0, 1, SETS)[sets] + x @ SLOPES), x, sets)
    assert fit.coefficients is not None and fit.standard_errors is not None
    yield from _normal("conditional logit, slope", fit.coefficients, fit.standard_errors)


def _matched(effort: Effort) -> list[Quantity]:
    section = f"Matched comparison, {OWN} cases of a unit against {OTHERS} in {STRATA} strata"
    sets = f"Conditional logit, {SETS} sets of {PER_SET}"
    return [
        *(quantity for name, truth in (("", RATIO), ("equal units: ", 0.0)) for quantity in (
            Quantity(section, f"{name}log odds ratio", truth),
            Quantity(section, f"{name}log odds ratio, conditional", truth, "estimate"),
            Quantity(section, f"{name}one ratio in all strata, p under 5 %", ALARM, "alarm"))),
        Quantity(section, "equal units: p under 5 %", ALARM, "alarm"),
        Quantity(f"{section}, several allegations a case", "cases: log odds ratio of equal units", 0.0),
        *(Quantity(sets, f"conditional logit, slope, {at + 1}", slope) for at, slope in enumerate(SLOPES)),
    ]  # fmt: skip


def _ordered_once(rng: np.random.Generator, *, times: int) -> Items:
    x = np.column_stack([rng.random(300 * times) < 0.4, rng.normal(size=300 * times)]).astype(float)
    fit = proportional_odds(_ranks(rng.random(300 * times), x @ SLOPES), x)
    yield from _normal("log odds ratio", fit.coefficients, fit.standard_errors)
    rows = UNITS * PER_UNIT * times
    unit, heavy = np.repeat(np.arange(UNITS), PER_UNIT * times), rng.random(rows) < 0.4
    mix = pd.DataFrame({"complexity": np.where(heavy, "zwaar", "licht")})
    effects = rng.normal(0, 0.4, UNITS)
    found = ordered_by_unit(_ranks(rng.random(rows), effects[unit] + 0.6 * heavy), unit.astype(str), mix, level=LEVEL)
    centred = dict(zip(np.arange(UNITS).astype(str), effects - effects.mean(), strict=True))
    for one in found.units:
        yield "units that differ: log odds ratio", logs(one.odds_ratio)._replace(truth=float(centred[one.unit]))
    for name, several in (("", False), ("cases: ", True)):
        case = cases_of(rows, rng, several=several)
        # A case lies in one unit: cases are laid out in order, and units take whole ones.
        own = np.minimum(case // (case.max() // UNITS + 1), UNITS - 1)
        rank = _ranks(throws(case, rng) if several else rng.random(rows), 0.6 * heavy)
        equal = ordered_by_unit(rank, own.astype(str), mix, level=LEVEL, cluster=case)
        yield f"{name}units add something, clustered score, p under 5 %", _alarm(equal.clustered_score.p_value)
        yield (f"{INDEPENDENT if several else ''}units add something, likelihood, p under 5 %",
               _alarm(equal.likelihood_ratio.p_value))  # fmt: skip
        for one in equal.units:
            yield f"{name}equal units: win probability", Found(one.win.estimate, one.win.low, one.win.high)
        if not several:
            yield "one odds ratio for every cut, p under 5 %", _alarm(equal.proportional_odds.p_value)


def _ranks(throw: np.ndarray, shift: np.ndarray) -> np.ndarray:
    return np.searchsorted(CUTS, logit(throw) + shift).astype(float)


def _ordered(effort: Effort, *, times: int) -> list[Quantity]:
    section = f"Ordered outcome, {UNITS} units of {PER_UNIT * times}"
    several = f"{section}, several allegations a case"
    return [
        *(Quantity(f"Proportional odds, {300 * times} cases, five outcomes", f"log odds ratio, {at + 1}", slope)
          for at, slope in enumerate(SLOPES)),
        Quantity(section, "units that differ: log odds ratio"),
        Quantity(section, "units add something, clustered score, p under 5 %", ALARM, "alarm"),
        Quantity(section, "units add something, likelihood, p under 5 %", ALARM, "alarm"),
        Quantity(section, "equal units: win probability", 0.5),
        Quantity(section, "one odds ratio for every cut, p under 5 %", ALARM, "alarm"),
        Quantity(several, "cases: units add something, clustered score, p under 5 %", ALARM, "alarm"),
        Quantity(several, "cases: equal units: win probability", 0.5),
        Quantity(WRONG, f"{INDEPENDENT}units add something, likelihood, p under 5 %", ALARM, "alarm", wrong=True),
    ]  # fmt: skip


def _unordered_once(rng: np.random.Generator, *, times: int) -> Items:
    rows = UNITS * PER_UNIT * times
    heavy = rng.random(rows) < 0.4
    mix = pd.DataFrame({"complexity": np.where(heavy, "zwaar", "licht")})
    for several in (False, True):
        case = cases_of(rows, rng, several=several)
        own = np.minimum(case // (case.max() // UNITS + 1), UNITS - 1)
        throw = throws(case, rng) if several else rng.random(rows)
        group = np.where(throw < np.where(heavy, 0.2, 0.4), "a", np.where(throw < np.where(heavy, 0.5, 0.7), "b", "c"))
        found = unordered_by_unit(group, own.astype(str), mix, level=LEVEL, cluster=case)
        yield f"{INDEPENDENT if several else ''}score test, p under 5 %", _alarm(found.score.p_value)
        yield (f"{'cases: ' if several else ''}clustered score test, p under 5 %",
               _alarm(found.clustered_score.p_value))  # fmt: skip
        if not several:
            yield "likelihood ratio, p under 5 %", _alarm(found.likelihood_ratio.p_value)


def _unordered(effort: Effort, *, times: int) -> list[Quantity]:
    section = f"Three groups without an order, {UNITS} equal units of {PER_UNIT * times}"
    return [
        Quantity(section, "score test, p under 5 %", ALARM, "alarm"),
        Quantity(section, "clustered score test, p under 5 %", ALARM, "alarm"),
        Quantity(section, "likelihood ratio, p under 5 %", ALARM, "alarm"),
        Quantity(f"{section}, several allegations a case", "cases: clustered score test, p under 5 %", ALARM, "alarm"),
        Quantity(WRONG, f"{INDEPENDENT}score test, p under 5 %", ALARM, "alarm", wrong=True),
    ]


def _paired_once(rng: np.random.Generator) -> Items:
    for name, pairs in (("", PAIRS), ("few: ", 40)):
        first = rng.integers(0, MOVES, pairs)
        # What moves lands on any outcome with the same chance: as often from i to j as back.
        second = np.where(rng.random(pairs) < STAY, first, rng.integers(0, MOVES, pairs))
        both = paired_outcomes(first.astype(str), second.astype(str), level=LEVEL)
        yield f"{name}share that differs", Found(both.deviation.estimate, *(both.deviation.interval or (None, None)))
        for test in (both.symmetry, both.homogeneity):
            yield f"{name}{test.name}, p under 5 %", _alarm(1.0 if test.refusal else test.p_value)
        found = paired_binary(first > 1, second > 1, level=LEVEL)
        for test in (found.exact, found.mid_p):
            yield f"{name}McNemar, {test.name}, p under 5 %", _alarm(1.0 if test.refusal else test.p_value)
        lower = np.where((first > 1) & (rng.random(pairs) < 0.2), 0, first)
        moved = paired_binary(first > 1, lower > 1, level=LEVEL)
        yield f"{name}difference in share of yes", Found(moved.difference, *(moved.interval or (None, None)))


def _paired(effort: Effort) -> list[Quantity]:
    found = []
    for name, pairs in (("", PAIRS), ("few: ", 40)):
        section = f"{pairs} pairs of outcomes, as many changes one way as back"
        found += [Quantity(section, f"{name}share that differs", (1 - STAY) * (1 - 1 / MOVES))]
        found += [Quantity(section, f"{name}{test}, p under 5 %", ALARM, "alarm")
                  for test in ("bowker", "stuart_maxwell", "McNemar, exact", "McNemar, mid_p")]  # fmt: skip
        found += [Quantity(section, f"{name}difference in share of yes", -0.1)]
    return found


def _discovery_once(rng: np.random.Generator) -> Items:
    for name, alike in (("", 0.0), ("indicators that go together: ", 0.5)):
        differs = rng.random((UNITS, INDICATORS)) < DIFFER
        shift = np.where(differs, rng.choice([-DEVIATION, DEVIATION], differs.shape), 0.0)
        n = rng.integers(40, 400, UNITS)
        shared = np.sqrt(alike) * rng.normal(size=(UNITS, 1)) + np.sqrt(1 - alike) * rng.normal(size=differs.shape)
        p_values, true = {}, {}
        for indicator in range(INDICATORS):
            hits = stats.binom.ppf(stats.norm.cdf(shared[:, indicator]), n, CHANCE + shift[:, indicator]).astype(int)
            for unit, p in enumerate(proportion_funnel(hits, n, minimum_n=10, target=CHANCE).p_values()):
                p_values[unit, indicator], true[unit, indicator] = float(p), bool(differs[unit, indicator])
        found = false_discovery(p_values, rate=ALARM)
        false = np.array([not true[one] for one in found.table["comparison"]])
        for method in METHODS:
            named = found.table[f"{method}_stands_out"].to_numpy(bool)
            each = method in ("holm", "bonferroni")
            value = float((named & false).any()) if each else (named & false).sum() / max(1, named.sum())
            yield f"{name}{method}, {'any false alarm' if each else 'false among those named'}", Found(float(value))
        alone = found.table["p_value"].to_numpy() <= ALARM
        yield f"{name}one by one: false among those named", Found(float((alone & false).sum() / max(1, alone.sum())))


def _discovery(effort: Effort) -> list[Quantity]:
    section = f"{UNITS} units x {INDICATORS} indicators, one comparison in five really differs"
    named = {method: "any false alarm" if method in ("holm", "bonferroni") else "false among those named"
             for method in METHODS}  # fmt: skip
    return [
        quantity
        for name in ("", "indicators that go together: ")
        for quantity in (
            *(Quantity(section, f"{name}{method}, {what}", ALARM, "alarm") for method, what in named.items()),
            Quantity(WRONG, f"{name}one by one: false among those named", ALARM, "alarm", wrong=True),
        )
    ]


def _missing_once(rng: np.random.Generator) -> Items:
    heavy, own = rng.random(MISSING) < 0.45, rng.random(MISSING) < 0.35
    own = np.where(heavy, own, rng.random(MISSING) < 0.15)
    hit = rng.random(MISSING) < expit(-0.4 + 1.0 * heavy + RATIO * own)
    # Complexity is left open by the unit where nothing was found: missing at random, given outcome and unit.
    gone = rng.random(MISSING) < np.where(own & ~hit, 0.6, 0.1)
    levels = pd.DataFrame({"complexity": np.where(heavy, "zwaar", "licht")}).astype("object")
    complete = pd.DataFrame({"hit": hit.astype(str), "unit": own.astype(str)})
    yield "nothing missing: log odds ratio of a unit", _logit(levels, hit, own, np.full(MISSING, True))
    levels.loc[gone, "complexity"] = None

    def estimator(filled: pd.DataFrame) -> tuple[float, float]:
        return _unit_effect(filled, hit, own)

    said = pooled_over_imputations(levels, complete, estimator, imputations=10, cycles=3, level=LEVEL, rng=rng)
    yield "filled in (MICE): log odds ratio of a unit", Found(said.estimate, *(said.interval or (None, None)))
    yield "complete rows only: log odds ratio of a unit", _logit(levels, hit, own, ~gone)


def _unit_effect(levels: pd.DataFrame, hit: np.ndarray, own: np.ndarray) -> tuple[float, float]:
    design = np.column_stack([dummies(levels), own])
    fit = GLM(hit.astype(float), design, family=families.Binomial()).fit()
    return float(fit.params[-1]), float(fit.bse[-1] ** 2)


def _logit(levels: pd.DataFrame, hit: np.ndarray, own: np.ndarray, rows: Sequence[bool] | np.ndarray) -> Found:
    estimate, variance = _unit_effect(levels[rows], hit[rows], own[rows])
    reach = REACH * np.sqrt(variance)
    return Found(estimate, float(estimate - reach), float(estimate + reach))


def _missing(effort: Effort) -> list[Quantity]:
    section = f"{MISSING} cases, complexity missing at random given outcome and unit"
    what = "log odds ratio of a unit"
    return [
        Quantity(section, f"nothing missing: {what}", RATIO),
        Quantity(section, f"filled in (MICE): {what}", RATIO),
        Quantity(WRONG, f"complete rows only: {what}", RATIO, wrong=True),
    ]


STUDIES = (
    Study("matched", _matched, _matched_once, share=1.5),
    study("ordered outcome", _ordered, _ordered_once, 1.0, times=1),
    study("ordered outcome, many cases", _ordered, _ordered_once, 0.5, times=5),
    study("unordered outcome", _unordered, _unordered_once, 2.0, times=1),
    study("unordered outcome, many cases", _unordered, _unordered_once, 1.0, times=5),
    Study("pairs", _paired, _paired_once, share=3.0),
    Study("discovery", _discovery, _discovery_once, share=1.5),
    Study("missing characteristics", _missing, _missing_once, share=1.0),
)
