"""Funnel limits: published values, exactness, and how often chance alone crosses them."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from data_contracts.errors import WrongUse
from evaluation.consistency import unit_funnel
from evaluation.consistency.like_for_like import compared
from evaluation.units.count_chances import count_chances, count_limits
from evaluation.units.funnel import (
    adjusted_funnel,
    clustered_funnel,
    dispersion,
    proportion_funnel,
    rate_funnel,
    winsorise,
)

# BUGS examples volume I, "surgical": cardiac surgery on babies in 12 hospitals, A to L.
OPERATIONS = np.array([47, 148, 119, 810, 211, 196, 148, 215, 207, 97, 256, 360])
DEATHS = np.array([0, 18, 8, 46, 8, 13, 9, 31, 14, 8, 29, 24])
HOSPITALS = np.array(list("ABCDEFGHIJKL"))


def surgical():
    return proportion_funnel(DEATHS, OPERATIONS, minimum_n=10)


def test_the_surgical_funnel_has_the_published_target_and_outsiders():
    funnel = surgical()
    assert round(funnel.target, 5) == 0.07392
    assert "".join(HOSPITALS[funnel.outside(0.95)]) == "BEHK"
    assert "".join(HOSPITALS[funnel.outside(0.998)]) == "H"


def test_the_adjusted_funnel_with_equal_chances_is_the_funnel_of_proportions():
    plain = surgical()
    adjusted = adjusted_funnel(
        DEATHS, [np.full(2, plain.target)] * 12, [np.array([n - 5, 5]) for n in OPERATIONS], minimum_n=10
    )
    for level in (0.95, 0.998):
        assert np.allclose(adjusted.limits(level), plain.limits(level))
        assert (adjusted.outside(level) == plain.outside(level)).all()
    assert np.allclose(adjusted.ratio, plain.ratio)


def test_the_limit_interpolates_between_two_counts_as_spiegelhalter_does():
    # R: n <- 148; p <- 208 / 2814; r <- qbinom(0.975, n, p)
    #    (r - (pbinom(r, n, p) - 0.975) / dbinom(r, n, p)) / n
    at = HOSPITALS.tolist().index("B")
    low, high = (ends[at] * surgical().target for ends in surgical().limits(0.95))
    assert high == pytest.approx(0.115219566554, abs=1e-9)
    assert low == pytest.approx(0.0308995911695, abs=1e-9)


@pytest.mark.parametrize("level", [0.95, 0.998])
def test_chance_alone_crosses_the_limits_no_more_often_than_promised(level):
    for n, share in itertools.product((10, 11, 20, 40, 97, 150, 400), (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98)):
        chances = stats.binom.pmf(np.arange(n + 1), n, share)
        low, high = count_limits(chances, level=level)
        counts = np.arange(n + 1)
        assert chances[(counts < low) | (counts > high)].sum() <= (1 - level) * (1 + 1e-9)


def test_the_published_rule_alone_would_cross_them_far_too_often_near_one():
    chances = stats.binom.pmf(np.arange(11), 10, 0.9)
    assert chances[np.cumsum(chances) > 0.975].sum() > 0.3


def test_no_more_false_alarms_than_nominal_when_no_unit_differs():
    rng = np.random.default_rng(2005)
    sizes = rng.integers(10, 300, 13)
    units = np.repeat([f"u{k:02d}" for k in range(13)], sizes)
    alarms = {0.95: 0, 0.998: 0}
    rounds = 60
    for _round in range(rounds):
        category = rng.integers(0, 4, len(units))
        found = rng.random(len(units)) < np.array([0.2, 0.45, 0.6, 0.8])[category]
        table = pd.DataFrame(
            {"hit": found, "unit": units, "category": category.astype(str), "case_id": np.arange(len(units))}
        )
        funnel = unit_funnel(compared(table, ("category",)), sorted(set(units)))
        for level in alarms:
            alarms[level] += int(funnel.outside(level).sum())
    for level, count in alarms.items():
        # at most nominal, with the room a binomial count of that mean needs
        assert count <= stats.binom.ppf(0.99, rounds * 13, 1 - level)


def test_the_chances_of_a_count_are_those_of_every_combination_added_up():
    rng = np.random.default_rng(7)
    chance = rng.random(9)
    brute = np.zeros(10)
    for outcome in itertools.product((0, 1), repeat=9):
        brute[sum(outcome)] += np.prod(np.where(outcome, chance, 1 - chance))
    assert np.allclose(count_chances(chance, np.ones(9)), brute, atol=1e-12)


def test_the_chances_of_a_count_hold_for_thousands_of_unequal_cases():
    rng = np.random.default_rng(8)
    chance, count = rng.random(500), rng.integers(1, 30, 500)
    chances = count_chances(chance, count)
    values = np.arange(len(chances))
    mean = (values * chances).sum()
    assert chances.sum() == pytest.approx(1, abs=1e-9)
    assert mean == pytest.approx(chance @ count, rel=1e-9)
    assert ((values - mean) ** 2 * chances).sum() == pytest.approx((chance * (1 - chance)) @ count, rel=1e-7)


def test_poisson_limits_lie_between_the_counts_around_the_quantiles():
    funnel = rate_funnel([3, 40, 10], [12.0, 20.0, 10.0], minimum_n=10)
    low, high = funnel.limits(0.95)
    for at, mean in enumerate((12.0, 20.0, 10.0)):
        assert stats.poisson.ppf(0.025, mean) - 1 <= low[at] * mean <= stats.poisson.ppf(0.025, mean)
        assert stats.poisson.ppf(0.975, mean) - 1 <= high[at] * mean <= stats.poisson.ppf(0.975, mean) + 1
    assert funnel.outside(0.95).tolist() == [True, True, False]


def test_a_count_of_zero_is_judged_like_any_other():
    funnel = proportion_funnel([0, 0, 60], [12, 120, 120], minimum_n=10)
    assert funnel.ratio[:2].tolist() == [0.0, 0.0]
    assert funnel.outside(0.998).tolist() == [False, True, True]
    assert np.isfinite(funnel.z).all()


def test_a_unit_below_the_minimum_is_not_judged():
    funnel = proportion_funnel([9, 5, 50], [9, 10, 100], minimum_n=10)
    assert funnel.judged.tolist() == [False, True, True]
    assert np.isnan(funnel.ratio[0])
    assert np.isnan(funnel.limits(0.95)[0][0])
    assert not funnel.outside(0.95)[0]
    assert funnel.dispersion().units == 2


@pytest.mark.parametrize("hits", [[0, 0], [20, 30]])
def test_without_variation_no_unit_is_judged(hits):
    funnel = proportion_funnel(hits, [20, 30], minimum_n=10)
    assert not funnel.judged.any()
    assert not funnel.outside(0.95).any()
    assert funnel.dispersion().phi is None


def test_overdispersion_follows_the_sum_done_by_hand():
    # five units, s = 0.1: phi = (9 + 1 + 0 + 1 + 9) / 5 = 4; w = 100 each,
    # tau2 = (20 - 4) / (500 - 5 * 100^2 / 500) = 16 / 400
    found = dispersion(np.array([-3.0, -1, 0, 1, 3]), np.full(5, 0.1), winsorised=0)
    assert found.phi == pytest.approx(4)
    assert found.tau2 == pytest.approx(0.04)
    assert found.factor == pytest.approx(4)


def test_less_spread_than_chance_gives_no_overdispersion():
    found = dispersion(np.array([-0.2, 0.1, 0.3, -0.1]), np.full(4, 0.1), winsorised=0)
    assert found.tau2 == 0
    assert found.factor == 1


def test_one_unit_has_no_additive_overdispersion():
    assert dispersion(np.array([1.5]), np.array([0.1]), winsorised=0.1).tau2 is None


def test_winsorising_pulls_an_outlier_in_and_leaves_the_rest():
    z = np.array([-1.0, -0.5, 0, 0.2, 0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 25.0])
    pulled = winsorise(z, 0.1)
    assert pulled.max() == pytest.approx(1.1)
    assert pulled[1:-1].tolist() == z[1:-1].tolist()
    with pytest.raises(WrongUse, match="winsorised ligt"):
        winsorise(z, 0.5)


def test_dispersed_limits_without_dispersion_are_normal_limits_and_grow_with_it():
    funnel = surgical()
    low, high = funnel.dispersed_limits(0.95)
    half = stats.norm.isf(0.025) * np.sqrt((1 - funnel.target) / (funnel.target * OPERATIONS))
    assert np.allclose(high, 1 + half)
    assert np.allclose(low, np.maximum(0, 1 - half))
    assert np.allclose(funnel.dispersed_limits(0.95, phi=4)[1] - 1, 2 * half)
    assert (funnel.dispersed_limits(0.95, tau2=0.1)[1] > high).all()
    with pytest.raises(WrongUse, match="niet allebei"):
        funnel.dispersed_limits(0.95, phi=2, tau2=0.1)


def test_reliability_grows_with_the_unit_and_is_nought_without_spread():
    funnel = surgical()
    reliability = funnel.reliability(0.1)
    assert (np.diff(reliability[np.argsort(OPERATIONS)]) >= 0).all()
    s2 = (1 - funnel.target) / (funnel.target * 47)
    assert reliability[0] == pytest.approx(0.1 / (0.1 + s2))
    assert not funnel.reliability(0.0).any()


@pytest.mark.parametrize(
    "given",
    [
        ([5, 4], [3, 4]),
        ([-1, 4], [3, 4]),
        ([1], [3, 4]),
        ([1, np.nan], [3, 4]),
        ([1.5, 2], [3, 4]),
        (["1", "2"], [3, 4]),
    ],
)
def test_what_are_no_counts_are_refused_and_not_cut_off_or_stretched(given: tuple[list, list]) -> None:
    with pytest.raises(WrongUse):
        proportion_funnel(*given, minimum_n=1)


def test_without_correlation_the_clustered_funnel_is_the_adjusted_one() -> None:
    rng = np.random.default_rng(12)
    chances, cases = [rng.random(size) for size in (40, 70)], [rng.integers(0, 20, size) for size in (40, 70)]
    plain = adjusted_funnel([12, 28], chances, [np.ones(40), np.ones(70)], minimum_n=10)
    same = clustered_funnel([12, 28], chances, cases, correlation=0.0, minimum_n=10)
    wide = clustered_funnel([12, 28], chances, cases, correlation=0.6, minimum_n=10)
    for level in (0.95, 0.998):
        assert np.array_equal(same.limits(level), plain.limits(level))
        assert (wide.limits(level)[0] < plain.limits(level)[0]).all()
        assert (wide.limits(level)[1] > plain.limits(level)[1]).all()
    assert (np.abs(wide.z) < np.abs(plain.z)).all()
    assert (wide.p_values() > plain.p_values()).all()
    assert np.array_equal(wide.expected, plain.expected)


def test_a_unit_that_is_not_judged_has_no_p_value() -> None:
    assert np.isnan(proportion_funnel([3, 30], [9, 60], minimum_n=10).p_values()).tolist() == [True, False]


def test_a_level_in_percent_a_target_above_one_and_a_chance_above_one_are_refused() -> None:
    with pytest.raises(WrongUse, match="95"):
        proportion_funnel([1, 2], [3, 4], minimum_n=1).limits(95)
    with pytest.raises(WrongUse, match="95"):
        proportion_funnel([1, 2], [3, 4], minimum_n=1).dispersed_limits(95)
    with pytest.raises(WrongUse, match="target"):
        proportion_funnel([1, 2], [3, 4], minimum_n=1, target=7.4)
    with pytest.raises(WrongUse, match="kans"):
        adjusted_funnel([1], [np.array([1.2])], [np.array([3])], minimum_n=1)
    with pytest.raises(WrongUse, match="elke eenheid"):
        adjusted_funnel([1, 2], [np.array([0.2])], [np.array([3])], minimum_n=1)
    with pytest.raises(WrongUse, match="expected"):
        rate_funnel([1, 2], [-1.0, 2.0], minimum_n=1)
    with pytest.raises(WrongUse, match="even lang"):
        rate_funnel([1, 2], [2.0], minimum_n=1)
    with pytest.raises(WrongUse, match="samenhang"):
        clustered_funnel([1], [np.array([0.2])], [np.array([3])], correlation=1.2, minimum_n=1)
