"""The uncertainty of unit effects: Henderson's equations solved whole, and the two limits."""

import numpy as np
import pytest
from scipy.special import expit

from evaluation.units.effect_uncertainty import effect_uncertainty
from evaluation.units.random_intercept import random_intercept


def _fitted(seed: int, spread: float):
    rng = np.random.default_rng(seed)
    units = np.repeat([f"u{k}" for k in range(8)], 6)
    design = np.column_stack([np.ones(48), rng.normal(size=48)])
    effect = np.repeat(rng.normal(0, spread, 8), 6)
    trials = rng.integers(5, 60, 48)
    hits = rng.binomial(trials, expit(design @ [-0.5, 0.4] + effect))
    return random_intercept(hits, trials, design, units, nodes=9, level=0.95), trials, design, units


@pytest.mark.parametrize("seed", range(3))
def test_it_is_the_inverse_of_the_whole_system_of_equations(seed: int) -> None:
    fit, trials, design, units = _fitted(seed, 0.8)
    own = (units[:, None] == np.array(fit.units)).astype(float)
    chance = expit(design @ fit.fixed + own @ fit.effects)
    weight = (trials * chance * (1 - chance))[:, None]
    both = np.hstack([design, own])
    penalty = np.diag([0.0, 0.0] + [fit.sigma**-2] * 8)
    whole = np.linalg.inv(both.T @ (both * weight) + penalty)
    found = effect_uncertainty(fit, trials, design, units)
    assert found.covariance == pytest.approx(whole[:2, :2])
    for at in range(8):
        assert found.of_effect(at) == pytest.approx(np.sqrt(whole[2 + at, 2 + at]))
        both_ways = np.zeros(10)
        both_ways[[0, 1, 2 + at]] = 1.0, 0.3, 1.0
        assert found.of_sum(np.array([1.0, 0.3]), at) == pytest.approx(np.sqrt(both_ways @ whole @ both_ways))


def test_it_is_never_under_the_conditional_spread_and_close_to_the_standard_errors_of_the_fit() -> None:
    fit, trials, design, units = _fitted(7, 0.8)
    found = effect_uncertainty(fit, trials, design, units)
    assert all(found.of_effect(at) > fit.effects_sd[at] for at in range(8))
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(fit.fixed_se, rel=0.05)


def test_without_a_spread_the_effects_are_certain_and_the_coefficients_those_of_a_plain_logit() -> None:
    trials, one, units = np.full(10, 50), np.ones((10, 1)), np.arange(10)
    fit = random_intercept(np.full(10, 20), trials, one, units, nodes=9, level=0.95)
    found = effect_uncertainty(fit, trials, one, units)
    assert found.of_effect(3) == 0
    assert found.of_sum(np.ones(1), 3) == found.of_sum(np.ones(1), None) == pytest.approx((500 * 0.24) ** -0.5)
