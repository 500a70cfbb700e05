"""The five composites, on tables small enough to count by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from evaluation.completeness.composites import (
    COMPOSITES,
    StepCounts,
    all_or_none,
    case_average,
    case_shares,
    critical,
    item_average,
    opportunity,
)
from evaluation.proportion import Proportion


def counts(required, done, not_recorded=None, *, weight=None, is_critical=None):
    required, done = np.array(required), np.array(done)
    steps = required.shape[1]
    return StepCounts(
        required,
        done,
        np.zeros_like(done) if not_recorded is None else np.array(not_recorded),
        np.ones(steps) if weight is None else np.array(weight, dtype=float),
        np.full(steps, True) if is_critical is None else np.array(is_critical),
    )


# Four cases, three steps. The second case has two persons for the last step; the third never needed
# the last step; of the fourth nothing was required.
REQUIRED = [[1, 1, 1], [1, 1, 2], [1, 1, 0], [0, 0, 0]]
DONE = [[1, 1, 1], [1, 0, 1], [1, 0, 0], [0, 0, 0]]
NOT_RECORDED = [[0, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 0]]
HAND = counts(REQUIRED, DONE, NOT_RECORDED, is_critical=[True, False, True])


def test_opportunity_pools_all_required_steps():
    found = opportunity(HAND)
    assert (found.numerator, found.denominator) == (6, 9)
    assert found.estimate == pytest.approx(6 / 9)
    assert found.cases == 3


def test_item_average_weighs_every_step_alike():
    assert item_average(HAND).estimate == pytest.approx((3 / 3 + 1 / 3 + 2 / 3) / 3)


def test_case_average_weighs_every_case_alike():
    assert case_shares(HAND)[:3].tolist() == pytest.approx([1, 2 / 4, 1 / 2])
    assert case_average(HAND).estimate == pytest.approx((1 + 2 / 4 + 1 / 2) / 3)


def test_all_or_none_counts_whole_cases():
    found = all_or_none(HAND)
    assert (found.numerator, found.denominator) == (1, 3)


def test_critical_looks_only_at_the_steps_that_no_case_may_lack():
    found = critical(HAND)
    assert (found.numerator, found.denominator) == (2, 3)


def test_the_high_bound_takes_what_is_not_recorded_as_done():
    upper = HAND.not_recorded_as_done()
    assert opportunity(upper).estimate == pytest.approx(8 / 9)
    assert item_average(upper).estimate == pytest.approx((1 + 1 + 2 / 3) / 3)
    assert case_average(upper).estimate == pytest.approx((1 + 3 / 4 + 1) / 3)
    assert all_or_none(upper).estimate == pytest.approx(2 / 3)
    assert critical(upper).estimate == pytest.approx(2 / 3)


def test_a_case_of_which_nothing_was_required_is_not_complete_but_absent():
    assert np.isnan(case_shares(HAND)[3])
    assert all(composite(HAND).cases == 3 for _name, composite in COMPOSITES)


@pytest.mark.parametrize(("name", "composite"), COMPOSITES)
def test_nothing_required_gives_no_share_and_an_interval_that_excludes_nothing(name, composite):
    for empty in (counts(np.zeros((3, 2), int), np.zeros((3, 2), int)), HAND.among(np.full(4, False))):
        assert composite(empty).estimate is None
        assert composite(empty).interval(0.95) == (0.0, 1.0)


def test_weights_count_in_the_pooled_and_in_both_averages():
    weighted = counts([[1, 1], [1, 1]], [[1, 0], [1, 1]], weight=[3, 1])
    assert opportunity(weighted).estimate == pytest.approx(7 / 8)
    assert opportunity(weighted).numerator is None
    assert item_average(weighted).estimate == pytest.approx((3 * 1 + 1 * 0.5) / 4)
    assert case_average(weighted).estimate == pytest.approx((3 / 4 + 1) / 2)


def test_the_variance_is_that_of_the_ratio_of_two_sums_by_hand():
    # Two of four, one of two, two of two: share 5/8; residuals -1/2, -1/4, 3/4; variance 3/2 x (7/8) / 8^2.
    found = opportunity(counts([[4], [2], [2]], [[2], [1], [2]]))
    assert found.estimate == 5 / 8
    assert found.effective_cases == pytest.approx((5 / 8) * (3 / 8) / (3 / 2 * (7 / 8) / 64))


def test_the_variance_of_the_pooled_share_is_the_cluster_robust_one_of_a_regression():
    # statsmodels: OLS on a constant, one row an opportunity, cov_type="cluster" by case. Its correction
    # m/(m-1) x (N-1)/(N-k) is m/(m-1) here, because k = 1.
    from statsmodels.api import OLS

    rng = np.random.default_rng(11)
    required = rng.integers(1, 6, size=(40, 1))
    done = rng.binomial(required, rng.beta(3, 1, size=(40, 1)))
    rows = np.concatenate([np.repeat([1, 0], [d, r - d]) for r, d in zip(required[:, 0], done[:, 0], strict=True)])
    fit = OLS(rows, np.ones(len(rows))).fit(
        cov_type="cluster", cov_kwds={"groups": np.repeat(np.arange(40), required[:, 0])}
    )
    found = opportunity(counts(required, done))
    assert found.estimate == pytest.approx(fit.params[0])
    assert found.estimate * (1 - found.estimate) / found.effective_cases == pytest.approx(fit.bse[0] ** 2)


def test_the_variances_of_both_averages_are_those_of_the_jackknife():
    rng = np.random.default_rng(12)
    required = rng.integers(0, 3, size=(400, 4))
    some = counts(required, rng.binomial(required, 0.8))
    for composite in (opportunity, item_average, case_average):
        found = composite(some)
        without = [composite(some.among(np.arange(400) != case)).estimate for case in range(400)]
        jackknife = 399 / 400 * np.sum((np.array(without) - np.mean(without)) ** 2)
        assert found.estimate * (1 - found.estimate) / found.effective_cases == pytest.approx(jackknife, rel=0.01)


def test_the_interval_of_whole_cases_is_the_ordinary_wilson_interval():
    whole = counts([[1]] * 148, [[1]] * 15 + [[0]] * 133)
    assert all_or_none(whole).interval(0.95) == pytest.approx(Proportion(15, 148).interval(0.95))
    # Newcombe 1998: 15/148 gives 0.0624 to 0.1605.
    assert [round(end, 4) for end in all_or_none(whole).interval(0.95)] == [0.0624, 0.1605]


def test_all_done_or_nothing_done_gives_an_interval_by_the_number_of_cases():
    everything = opportunity(counts([[5]] * 20, [[5]] * 20))
    assert everything.interval(0.95) == pytest.approx((1 - 0.1611, 1), abs=1e-4)  # Newcombe 1998: 0/20
    nothing = opportunity(counts([[5]] * 20, [[0]] * 20))
    assert nothing.interval(0.95) == pytest.approx((0, 0.1611), abs=1e-4)


def test_steps_that_are_alike_within_a_case_widen_the_interval_to_that_of_the_cases():
    alike = opportunity(counts([[10]] * 50, [[10]] * 30 + [[0]] * 20))
    low, high = alike.interval(0.95)
    assert alike.effective_cases == pytest.approx(49)
    assert (low, high) == pytest.approx(Proportion(30, 50).interval(0.95), abs=0.002)


def test_the_interval_covers_the_planted_share_as_often_as_it_says():
    # Cases differ (beta distributed), so steps of one case are alike; 60 cases, some steps rarely required.
    rng = np.random.default_rng(20201105)
    rounds, cases = 1500, 60
    covered = dict.fromkeys(("opportunity", "item_average", "case_average"), 0)
    needed = rng.binomial(1, [0.98, 0.9, 0.6, 0.3], size=(rounds, cases, 4))
    chance = rng.beta(8, 2, size=(rounds, cases, 1))
    done = rng.binomial(needed, chance)
    for required, shown in zip(needed, done, strict=True):
        some = counts(required, shown)
        for name, composite in COMPOSITES[:3]:
            low, high = composite(some).interval(0.95)
            covered[name] += low <= 0.8 <= high
    assert all(0.93 <= times / rounds <= 0.97 for times in covered.values()), covered


@given(data=st.data())
def test_every_composite_keeps_its_interval_and_its_bounds_in_order(data):
    shape = data.draw(st.tuples(st.integers(1, 12), st.integers(1, 4)))
    required = data.draw(arrays(int, shape, elements=st.integers(0, 3)))
    done = np.minimum(required, data.draw(arrays(int, shape, elements=st.integers(0, 3))))
    missing = np.minimum(required - done, data.draw(arrays(int, shape, elements=st.integers(0, 3))))
    some = counts(required, done, missing)
    for _name, composite in COMPOSITES:
        found, upper = composite(some), composite(some.not_recorded_as_done())
        if found.estimate is None:
            assert not required.any()
            continue
        low, high = found.interval(0.95)
        assert 0 <= low <= found.estimate + 1e-9 and found.estimate - 1e-9 <= high <= 1
        assert found.estimate <= upper.estimate + 1e-12
    if required.any():
        assert all_or_none(some).estimate <= case_average(some).estimate + 1e-12
