"""How alike allegations of one case are, and what that does to the comparison of units."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.special import expit

from evaluation.units.cluster_allowance import (
    case_correlation,
    case_weights,
    clustered_variance,
    resampled_cases,
)
from evaluation.units.count_chances import count_chances, count_limits
from evaluation.units.funnel import clustered_funnel
from evaluation.units.random_intercept import random_intercept

UNITS = 13


def drawn(seed: int, *, correlation: float, unit_sd: float = 0.0, cases: int = 40) -> tuple:
    """Units of even number have one allegation a case, the others one to five."""
    rng = np.random.default_rng(seed)
    unit_of_case = np.repeat(np.arange(UNITS), cases)
    size = np.where(unit_of_case % 2 == 0, 1, rng.integers(1, 6, len(unit_of_case)))
    case = np.repeat(np.arange(len(size)), size)
    unit = unit_of_case[case]
    chance = expit(0.2 + rng.normal(0, unit_sd, UNITS)[unit])
    together = rng.random(len(size)) < correlation
    throw = rng.random(len(size))
    return np.where(together[case], throw[case] < chance, rng.random(len(case)) < chance), unit, case


@pytest.mark.parametrize("planted", [0.0, 0.3, 0.8])
@pytest.mark.parametrize("unit_sd", [0.0, 0.8])
def test_a_planted_correlation_is_found_and_what_units_add_is_not_taken_for_it(planted, unit_sd):
    found = []
    for seed in range(40):
        y, unit, case = drawn(seed, correlation=planted, unit_sd=unit_sd)
        found.append(case_correlation(y, np.full(len(y), y.mean()), unit, case).found)
    assert np.mean(found) == pytest.approx(planted, abs=0.03)


def test_the_moments_are_those_of_all_pairs_one_by_one():
    rng = np.random.default_rng(1)
    y, unit, case = drawn(1, correlation=0.5, cases=4)
    p = np.clip(y.mean() + rng.normal(0, 0.1, len(y)), 0.05, 0.95)
    residual = y - p
    top = room = 0.0
    for one in range(UNITS):
        same, other, pairs = [], [], 0.0
        rows = np.flatnonzero(unit == one)
        for i in rows:
            for j in rows[rows != i]:
                (same if case[i] == case[j] else other).append(residual[i] * residual[j])
                pairs += (min(p[i], p[j]) - p[i] * p[j]) if case[i] == case[j] else 0.0
        top += sum(same) - len(same) * np.mean(other)
        expected = np.mean(p[rows] * (1 - p[rows]))
        room += pairs * (np.mean(residual[rows] ** 2) - np.mean(other)) / expected
    found = case_correlation(y, p, unit, case)
    assert found.found == pytest.approx(top / room)
    whole = clustered_variance(p, case, correlation=found.used) / (p * (1 - p)).sum()
    assert found.design_effect == pytest.approx(whole)


def test_one_allegation_a_case_has_no_correlation_and_no_effect():
    y = np.arange(40) % 3 == 0
    found = case_correlation(y, np.full(40, 1 / 3), np.repeat(["A", "B"], 20), np.arange(40))
    assert (found.used, found.found, found.design_effect, found.several) == (0.0, None, 1.0, 0)
    assert (found.n, found.cases) == (40, 40)


def test_opposite_fates_within_cases_make_no_limit_narrower():
    y, case = np.tile([True, False], 30), np.repeat(np.arange(30), 2)
    found = case_correlation(y, np.full(60, 0.5), np.repeat(["A", "B"], 30), case)
    assert found.found < 0
    assert (found.used, found.design_effect) == (0.0, 1.0)


def test_a_unit_that_is_one_case_says_nothing_about_the_correlation():
    y, unit = np.repeat([True, False], 5), np.repeat(["A", "B"], 5)
    found = case_correlation(y, np.full(10, 0.5), unit, np.repeat([1, 2], 5))
    assert (found.used, found.found) == (0.0, None)


def test_a_case_with_people_of_two_units_is_a_case_in_each():
    case, unit = np.array([7, 7, 7, 8]), np.array(list("AABB"))
    assert case_weights(unit, case, correlation=1.0).tolist() == [0.5, 0.5, 1.0, 1.0]
    assert case_correlation(case > 7, np.full(4, 0.5), unit, case).cases == 3


def test_a_weight_says_what_an_allegation_adds():
    case = np.repeat(np.arange(3), [1, 2, 4])
    weights = case_weights(np.zeros(7), case, correlation=0.5)
    assert np.bincount(case, weights) == pytest.approx([1, 2 / 1.5, 4 / 2.5])


def false_alarms(rounds: int) -> pd.DataFrame:
    """Alarms at 95 % by way of counting, in units with one allegation a case and in the others; no unit differs."""
    alarms = pd.DataFrame(0.0, index=["one", "several"], columns=["independent", "divided", "correlated"])
    for seed in range(rounds):
        y, unit, case = drawn(seed, correlation=0.7)
        p = np.full(len(y), y.mean())
        within = case_correlation(y, p, unit, case)
        here = [unit == one for one in range(UNITS)]
        hits = np.array([y[rows].sum() for rows in here])
        outside = clustered_funnel(hits, [p[rows] for rows in here], [case[rows] for rows in here],
                                   correlation=within.used, minimum_n=10).outside(0.95)  # fmt: skip
        for one, rows in enumerate(here):
            mean = p[rows].sum()
            low, high = count_limits(count_chances(p[rows], np.ones(rows.sum())), level=0.95)
            wider = np.sqrt(within.design_effect)
            of = "one" if one % 2 == 0 else "several"
            alarms.loc[of, "independent"] += not low <= hits[one] <= high
            alarms.loc[of, "divided"] += not mean - (mean - low) * wider <= hits[one] <= mean + (high - mean) * wider
            alarms.loc[of, "correlated"] += outside[one]
    return alarms.div(pd.Series({"one": 7 * rounds, "several": 6 * rounds}), axis=0)


def test_only_the_correlation_keeps_false_alarms_at_the_promise_in_every_kind_of_unit():
    rounds = 60
    alarms = false_alarms(rounds)
    room = stats.binom.ppf(0.99, 6 * rounds, 0.05) / (6 * rounds)
    assert (alarms["correlated"] <= room).all()
    assert (alarms["correlated"] >= 0.01).all()
    assert alarms.loc["several", "independent"] > 0.15
    # one design effect for all: hardly an alarm where each case has one allegation
    assert alarms.loc["one", "divided"] < 0.01


def test_weighted_allegations_keep_the_spread_from_being_seen_where_there_is_none():
    alarms = np.zeros(2)
    for seed in range(30):
        y, unit, case = drawn(seed, correlation=0.7)
        within = case_correlation(y, np.full(len(y), y.mean()), unit, case)
        weights = case_weights(unit, case, correlation=within.used)
        for at, counts in enumerate((None, weights)):
            fit = random_intercept(y.astype(float), np.ones(len(y)), np.ones((len(y), 1)), unit, nodes=9, level=0.95,
                                   weights=counts)  # fmt: skip
            alarms[at] += fit.sigma_interval.low > 0
    assert alarms[0] >= 8  # nominal: fewer than two of thirty
    assert alarms[1] <= 3


def test_a_bootstrap_draws_whole_cases_within_their_unit():
    rng = np.random.default_rng(1)
    case = np.array([5, 5, 9, 7, 7, 7, 2])
    unit = np.array(list("AAABBBB"))
    for _turn in range(20):
        drawn_rows = resampled_cases(unit, case, rng)
        times = np.bincount(drawn_rows, minlength=7)
        assert times[0] == times[1]
        assert times[3] == times[4] == times[5]
        assert (times[0] + times[2], times[3] + times[6]) == (2, 2)
