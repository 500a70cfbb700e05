"""The distribution of the count of a unit, with draws that go together."""

import itertools

import numpy as np
import pytest
from scipy import stats

from evaluation.units.cluster_allowance import clustered_variance
from evaluation.units.count_chances import clustered_count_chances, count_chances, count_limits, two_sided_p


def brute_force(chance: np.ndarray, case: np.ndarray, correlation: float) -> np.ndarray:
    """Add up every combination of draws; within a case they are thrown for once or one by one."""
    total = np.ones(1)
    for one in np.unique(case):
        p = chance[case == one]
        apart, together = np.zeros(len(p) + 1), np.zeros(len(p) + 1)
        for fates in itertools.product((0, 1), repeat=len(p)):
            apart[sum(fates)] += np.prod(np.where(fates, p, 1 - p))
        edges = np.unique(np.concatenate([[0.0], p, [1.0]]))
        for low, high in itertools.pairwise(edges):
            together[(p > (low + high) / 2).sum()] += high - low
        total = np.convolve(total, correlation * together + (1 - correlation) * apart)
    return total


@pytest.mark.parametrize("correlation", [0.0, 0.3, 1.0])
def test_the_chances_are_those_of_every_combination_added_up(correlation):
    rng = np.random.default_rng(8)
    chance, case = rng.random(9), np.array([0, 0, 0, 1, 2, 2, 3, 4, 4])
    found = clustered_count_chances(chance, case, correlation=correlation)
    assert found == pytest.approx(brute_force(chance, case, correlation), abs=1e-12)


def test_without_correlation_or_with_one_draw_a_cluster_nothing_changes():
    rng = np.random.default_rng(3)
    chance = rng.choice([0.2, 0.5, 0.7], 300)
    plain = count_chances(chance, np.ones(300))
    assert (clustered_count_chances(chance, rng.integers(0, 100, 300), correlation=0.0) == plain).all()
    assert (clustered_count_chances(chance, np.arange(300), correlation=0.9) == plain).all()


def test_the_mean_stays_and_the_variance_grows_as_said():
    rng = np.random.default_rng(5)
    chance, case = rng.random(400), rng.integers(0, 150, 400)
    values = np.arange(401)
    for correlation in (0.0, 0.4, 1.0):
        found = clustered_count_chances(chance, case, correlation=correlation)
        assert found.sum() == pytest.approx(1)
        mean = found @ values
        assert mean == pytest.approx(chance.sum())
        variance = clustered_variance(chance, case, correlation=correlation)
        assert found @ (values - mean) ** 2 == pytest.approx(variance)


def test_draws_that_always_go_together_are_worth_one():
    found = clustered_count_chances(np.full(6, 0.5), np.zeros(6), correlation=1.0)
    assert found.tolist() == [0.5, 0, 0, 0, 0, 0, 0.5]
    low, high = count_limits(found, level=0.95)
    assert low == 0 and high > 6  # six of six is no alarm when it is one case


def test_nobody_has_a_count_of_nought():
    assert clustered_count_chances(np.empty(0), np.empty(0), correlation=0.5).tolist() == [1.0]


@pytest.mark.parametrize(("n", "p", "observed"), [(20, 0.3, 1), (20, 0.3, 12), (50, 0.5, 25)])
def test_the_two_sided_chance_is_twice_the_smaller_tail(n, p, observed):
    tails = stats.binom.cdf(observed, n, p), stats.binom.sf(observed - 1, n, p)
    found = two_sided_p(count_chances(np.full(n, p), np.ones(n)), observed)
    assert found == pytest.approx(min(1.0, 2 * min(tails)))
