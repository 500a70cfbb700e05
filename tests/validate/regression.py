"""Cox's regression on processes with proportional hazards, and tests where there is nothing to find."""

import numpy as np
import pandas as pd
from scipy.stats import t as student

from evaluation.survival.cox import cox
from evaluation.survival.cox_result import Cox
from evaluation.survival.gray import gray_test
from evaluation.survival.log_rank import log_rank
from evaluation.survival.proportional_hazards import proportional_hazards
from validate.performance import LEVEL, Effort, Found, Items, Quantity, Study

EFFECTS = {"complex": -0.5, "priors": 0.3}
SHAPE, SCALE = 1.3, 250.0  # of the Weibull baseline, days
FOLLOWED = 900
MONTH = 30
FRAILTY = 0.7  # index of the positive stable frailty; 1: none
NOMINAL = {"5 %": 0.05, "1 %": 0.01}
FEW_CLUSTERS = 30
MANY = 12_800  # cases of units that do not differ, in the twin


def draw_cases(size: int, rng: np.random.Generator, *, grain: int = 1) -> pd.DataFrame:
    """Draw cases of which the hazards are proportional, in two strata with baselines of their own."""
    cases = pd.DataFrame({"complex": rng.random(size) < 0.5, "priors": rng.normal(0, 1, size)})
    cases["stratum"] = rng.integers(0, 2, size)
    linear = cases[list(EFFECTS)].to_numpy(float) @ np.array(list(EFFECTS.values()))
    scale = np.where(cases["stratum"] == 1, 1.5 * SCALE, SCALE)
    length = np.ceil(scale * (rng.exponential(size=size) / np.exp(linear)) ** (1 / SHAPE) / grain) * grain
    seen = rng.integers(1, FOLLOWED // grain + 1, size) * grain
    return cases.assign(duration=np.minimum(length, seen), ended=length <= seen)


def _numbers(found: Cox) -> Items:
    for one in found.coefficients.itertuples():
        yield f"log hazard ratio, {one.covariate}", Found(one.coefficient, np.log(one.low), np.log(one.high))


def _truths(section: str) -> list[Quantity]:
    return [Quantity(section, f"log hazard ratio, {name}", effect) for name, effect in EFFECTS.items()]


def _days_once(rng: np.random.Generator) -> Items:
    cases = draw_cases(400, rng)
    found = cox(cases[list(EFFECTS)], cases["duration"], cases["ended"], stratum=cases["stratum"], level=LEVEL)
    yield from _numbers(found)
    tests = proportional_hazards(found, transform="km").tests.set_index("term")["p_value"]
    for name, rate in NOMINAL.items():
        yield f"test of proportional hazards, {name}", Found(float(tests["GLOBAL"] < rate))


def _days(effort: Effort) -> list[Quantity]:
    section = "Cox, 400 cases, two strata, whole days"
    return [
        *_truths(section),
        *(Quantity(_SIZES, f"test of proportional hazards, {name}", rate, "alarm") for name, rate in NOMINAL.items()),
    ]


def _months_once(rng: np.random.Generator) -> Items:
    cases = draw_cases(400, rng, grain=MONTH)
    yield from _numbers(
        cox(cases[list(EFFECTS)], cases["duration"], cases["ended"], stratum=cases["stratum"], level=LEVEL)
    )


def _many_once(rng: np.random.Generator) -> Items:
    cases = draw_cases(1600, rng)
    yield from _numbers(
        cox(cases[list(EFFECTS)], cases["duration"], cases["ended"], stratum=cases["stratum"], level=LEVEL)
    )


def _late_once(rng: np.random.Generator) -> Items:
    cases = draw_cases(800, rng)
    entry = np.where(rng.random(800) < 0.5, rng.integers(1, 400, 800), 0)
    cases = cases.assign(entry=entry)[cases["duration"] > entry]
    yield from _numbers(
        cox(cases[list(EFFECTS)], cases["duration"], cases["ended"], entry=cases["entry"], stratum=cases["stratum"],
            level=LEVEL)
    )  # fmt: skip


def draw_clusters(clusters: int, size: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw cases that resemble each other within a cluster, with proportional hazards over all clusters.

    A positive stable frailty [1]_ leaves hazards proportional in the mixture, with the
    coefficient of a cluster times its index; `complex` is a matter of the whole cluster.

    References
    ----------
    .. [1] P. Hougaard, "A class of multivariate failure time distributions", Biometrika
       73 (1986) 671-678.
    """
    angle, wait = rng.uniform(0, np.pi, clusters), rng.exponential(size=clusters)
    frailty = np.sin(FRAILTY * angle) / np.sin(angle) ** (1 / FRAILTY)
    frailty *= (np.sin((1 - FRAILTY) * angle) / wait) ** ((1 - FRAILTY) / FRAILTY)
    cluster = np.repeat(np.arange(clusters), size)
    whole = rng.permutation(clusters) < clusters / 2
    pace = frailty[cluster] * np.exp(whole[cluster] * EFFECTS["complex"] / FRAILTY)
    length = np.ceil(SCALE * (rng.exponential(size=len(cluster)) / pace) ** (1 / SHAPE))
    seen = rng.integers(1, FOLLOWED + 1, len(cluster))
    return pd.DataFrame({"cluster": cluster, "complex": whole[cluster], "duration": np.minimum(length, seen),
                         "ended": length <= seen})  # fmt: skip


def _clusters_once(rng: np.random.Generator) -> Items:
    for clusters, size in ((80, 10), (13, 60)):
        cases = draw_clusters(clusters, size, rng)
        for kind, cluster in (("by cluster", cases["cluster"]), ("errors of the model", None)):
            if kind == "by cluster" or clusters == 80:
                found = cox(cases[["complex"]], cases["duration"], cases["ended"], cluster=cluster, level=LEVEL)
                for name, value in _numbers(found):
                    yield f"{name}, {clusters} clusters, {kind}", value
                if clusters < FEW_CLUSTERS:
                    yield _BY_T, _by_t(found)


def _by_t(found: Cox) -> Found:
    """Return the interval for few clusters: a t distribution, and the error times the root of G / (G - 1)."""
    one, clusters = next(found.coefficients.itertuples()), found.n_clusters or 0
    reach = float(student.ppf((1 + LEVEL) / 2, clusters - 1) * np.sqrt(clusters / (clusters - 1)) * one.robust_error)
    return Found(one.coefficient, one.coefficient - reach, one.coefficient + reach)


def _clusters(effort: Effort) -> list[Quantity]:
    section = "Cox, cases alike within a cluster"
    wrong = "Wrong on purpose: the study has to see these fail"
    truth = EFFECTS["complex"]
    return [
        Quantity(section, "log hazard ratio, complex, 80 clusters, by cluster", truth),
        Quantity(section, "log hazard ratio, complex, 13 clusters, by cluster", truth),
        Quantity(section, _BY_T, truth),
        Quantity(wrong, "log hazard ratio, complex, 80 clusters, errors of the model", truth, wrong=True),
    ]


def draw_equal(size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Draw days, end seen, unit and stratum of thirteen units that do not differ, in three strata that do."""
    stratum, unit = rng.integers(0, 3, size), rng.choice(13, size, p=_UNIT_SHARES)
    length = np.ceil(np.array([120.0, 180.0, 260.0])[stratum] * rng.weibull(SHAPE, size))
    seen = rng.integers(1, FOLLOWED + 1, size)
    return np.minimum(length, seen), length <= seen, unit, stratum


def _nothing_once(rng: np.random.Generator) -> Items:
    days, ended, unit, stratum = draw_equal(800, rng)
    yield from _log_rank_alarms(log_rank(days, ended, unit, stratum=stratum).p_value)
    cause = np.where(ended, np.where(rng.random(800) < 0.7, "decision", "withdrawn"), None)
    gray = gray_test(days, cause, unit % 3, of_cause="decision").p_value
    for name, rate in NOMINAL.items():
        yield f"Gray's test, 3 groups, {name}", Found(float((gray or 0) < rate))


def _nothing_many_once(rng: np.random.Generator) -> Items:
    days, ended, unit, stratum = draw_equal(MANY, rng)
    yield from _log_rank_alarms(log_rank(days, ended, unit, stratum=stratum).p_value)


def _log_rank_alarms(p_value: float | None) -> Items:
    for name, rate in NOMINAL.items():
        yield f"{_LOG_RANK}, {name}", Found(float((p_value or 0) < rate))


def _nothing(effort: Effort) -> list[Quantity]:
    return [Quantity(_SIZES, f"{test}, {name}", rate, "alarm")
            for test in (_LOG_RANK, "Gray's test, 3 groups") for name, rate in NOMINAL.items()]  # fmt: skip


def _nothing_many(effort: Effort) -> list[Quantity]:
    section = f"Twin: log-rank test where nothing differs, {MANY:,} cases"
    return [Quantity(section, f"{_LOG_RANK}, {name}", rate, "alarm") for name, rate in NOMINAL.items()]


_BY_T = "log hazard ratio, complex, 13 clusters, by cluster, t with 12 degrees of freedom"
_LOG_RANK = "log-rank test, 13 units, by stratum"
_SIZES = "Tests where nothing differs: share of false alarms"
_UNIT_SHARES = np.array([4, 8, 5, 4, 9, 7, 9, 4, 3, 3, 5, 2, 1]) / 64

STUDIES = (
    Study("cox, days", _days, _days_once, share=3),
    Study("cox, 1,600 cases", lambda effort: _truths("Cox, twin: 1,600 cases, two strata, whole days"), _many_once,
          share=3),
    Study("cox, months", lambda effort: _truths("Cox, 400 cases, two strata, counted in months (ties, Efron)"),
          _months_once, share=2),
    Study("cox, late entry", lambda effort: _truths("Cox, late entry (some 550 cases in view)"), _late_once, share=2),
    Study("cox, clusters", _clusters, _clusters_once, share=2),
    Study("nothing differs", _nothing, _nothing_once, share=5),
    Study("nothing differs, many cases", _nothing_many, _nothing_many_once, share=5),
)  # fmt: skip
