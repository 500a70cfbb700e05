"""Allowance for clusters in the comparison of units."""

import numpy as np
import pytest
from scipy.special import expit

from evaluation.units.cluster_allowance import cluster_allowance, resampled_cases
from evaluation.units.random_intercept import random_intercept


def clustered(seed: int, *, case_sd: float, unit_sd: float = 0.0, cases: int = 40, units: int = 13) -> tuple:
    rng = np.random.default_rng(seed)
    unit_of_case = np.repeat(np.arange(units), cases)
    size = rng.integers(1, 5, len(unit_of_case))
    effect = rng.normal(0, unit_sd, units)[unit_of_case] + rng.normal(0, case_sd, len(unit_of_case))
    case = np.repeat(np.arange(len(size)), size)
    unit = unit_of_case[case]
    return (rng.random(len(case)) < expit(0.2 + effect[case])).astype(float), unit, case


def allowance(seed: int, **planted):
    y, unit, case = clustered(seed, **planted)
    return cluster_allowance(y, np.ones(len(y)), np.ones((len(y), 1)), unit, case, nodes=9, level=0.95)


def test_independent_allegations_have_a_design_effect_of_about_one():
    effects = [allowance(seed, case_sd=0).design_effect for seed in range(12)]
    assert np.mean(effects) == pytest.approx(1.0, abs=0.05)


def test_alike_allegations_are_seen_and_allowed_for():
    found = allowance(4, case_sd=2.0, unit_sd=0.5)
    assert found.design_effect > 1.4
    assert found.allowed.n == found.plain.n == found.n == found.by_unit["n"].sum()
    assert found.clusters == 13 * 40 == found.by_unit["clusters"].sum()
    assert found.allowed.sigma_interval.high - found.allowed.sigma_interval.low > 0
    assert (found.by_unit["allowed_effect"].abs() <= found.by_unit["effect"].abs() + 0.02).all()


def test_dividing_the_counts_is_what_it_says():
    y, unit, case = clustered(4, case_sd=2.0, unit_sd=0.5)
    found = cluster_allowance(y, np.ones(len(y)), np.ones((len(y), 1)), unit, case, nodes=9, level=0.95)
    residual = y - expit(found.plain.fixed[0] + found.plain.effects[unit])
    slow = sum(residual[case == one].sum() ** 2 for one in np.unique(case))
    chance = y - residual
    assert found.design_effect == pytest.approx(slow / (chance * (1 - chance)).sum())
    again = random_intercept(y, np.ones(len(y)), np.ones((len(y), 1)), unit, nodes=9, level=0.95,
                             weights=np.full(len(y), 1 / found.design_effect))  # fmt: skip
    assert found.allowed.sigma == again.sigma


def test_without_it_units_that_do_not_differ_seem_to():
    alarms = np.zeros(2)
    for seed in range(16):
        found = allowance(seed, case_sd=2.0)
        alarms += [fit.sigma_interval.low > 0 for fit in (found.plain, found.allowed)]
    assert alarms[0] >= 3  # nominal: fewer than one of sixteen
    assert alarms[1] <= 2


def test_a_bootstrap_draws_whole_cases_within_their_unit():
    rng = np.random.default_rng(1)
    case = np.array([5, 5, 9, 7, 7, 7, 2])
    unit = np.array(list("AAABBBB"))
    for _turn in range(20):
        drawn = resampled_cases(unit, case, rng)
        times = np.bincount(drawn, minlength=7)
        assert times[0] == times[1]
        assert times[3] == times[4] == times[5]
        assert (times[0] + times[2], times[3] + times[6]) == (2, 2)
