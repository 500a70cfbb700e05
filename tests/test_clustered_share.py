"""A share whose units of count come in clusters."""

import numpy as np
import pytest
import statsmodels.api as sm

from data_contracts.errors import WrongUse
from evaluation.clustered_share import clustered_share
from evaluation.proportion import Proportion

CASE = np.repeat(range(9), [1, 2, 3, 1, 4, 2, 1, 3, 3])
FOUND = np.array([1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0, 1, 0, 1, 1, 1])


def test_the_variance_is_the_clustered_sandwich_of_r():
    # R: library(sandwich); vcovCL(lm(z ~ 1), cluster = g, type = "HC0")  -> 0.0223171875
    share = clustered_share(FOUND, np.ones(20), CASE, level=0.95)
    assert share.estimate == 0.55
    assert share.design_effect * 0.55 * 0.45 / 20 == pytest.approx(0.0223171875, abs=1e-12)


def test_on_random_data_it_is_the_clustered_sandwich_of_statsmodels():
    rng = np.random.default_rng(3)
    for _turn in range(10):
        case = rng.integers(0, 30, 90)
        hit = rng.random(90) < 0.3
        oracle = sm.OLS(hit.astype(float), np.ones(90)).fit(cov_type="cluster", cov_kwds={"groups": case})
        share = clustered_share(hit.astype(int), np.ones(90), case, level=0.95)
        variance = share.design_effect * share.estimate * (1 - share.estimate) / 90
        assert variance == pytest.approx(oracle.cov_params()[0, 0], rel=1e-9)  # both with C / (C - 1)


def test_one_allegation_a_case_is_wilsons_interval():
    share = clustered_share([1] * 15 + [0] * 133, [1] * 148, range(148), level=0.95)
    assert (share.design_effect, share.effective_n, share.clusters) == (1.0, 148.0, 148)
    assert share.interval == pytest.approx(Proportion(15, 148).interval(0.95))


def test_rows_and_rows_counted_beforehand_give_the_same_answer():
    cases = np.unique(CASE)
    totals = clustered_share([FOUND[one == CASE].sum() for one in cases], np.bincount(CASE), cases, level=0.9)
    assert totals == clustered_share(FOUND, np.ones(20), CASE, level=0.9)


def test_clusters_that_differ_less_than_chance_do_not_narrow_the_interval():
    share = clustered_share([1] * 20, [2] * 20, range(20), level=0.95)
    assert share.design_effect == 0
    low, high = Proportion(20, 40).interval(0.95)
    assert share.interval.low < low < high < share.interval.high


@pytest.mark.parametrize(("hit", "end"), [(0, 0), (1, 1)])
def test_a_share_of_nought_or_one_counts_a_case_as_one(hit, end):
    share = clustered_share([hit] * 30, [1] * 30, np.repeat(range(10), 3), level=0.95)
    assert share.design_effect is None
    assert share.effective_n == 10
    assert end in share.interval
    assert share.interval.high - share.interval.low > 0.27  # Wilson of 0 of 10: 0 to 0.2775


def test_what_cannot_be_said_is_said():
    nothing = clustered_share([], [], [], level=0.95)
    assert (nothing.estimate, nothing.interval, nothing.clusters) == (None, (0.0, 1.0), 0)
    one = clustered_share([2], [4], ["Z1"], level=0.95)
    assert (one.estimate, one.design_effect, one.interval) == (0.5, None, (0.0, 1.0))
    assert clustered_share([1, None, 0], [1, 1, 1], [1, 2, 3], level=0.95).missing == 1


@pytest.mark.parametrize(
    ("found", "of", "cluster", "level"),
    [
        ([2], [1], [1], 0.95),
        ([0.5], [1], [1], 0.95),
        ([-1], [1], [1], 0.95),
        ([1], [1, 1], [1], 0.95),
        ([1], [1], [1], 95),
    ],
)
def test_wrong_use_is_told(found, of, cluster, level):
    with pytest.raises(WrongUse):
        clustered_share(found, of, cluster, level=level)


def test_the_interval_holds_the_truth_where_the_independent_one_does_not():
    rng = np.random.default_rng(8)
    held = np.zeros(2)
    for _turn in range(400):
        size = rng.integers(1, 6, 60)
        chance = rng.beta(0.6, 1.4, 60)  # mean 0.3, strongly alike within a case
        hits = rng.binomial(size, chance)
        low, high = clustered_share(hits, size, range(60), level=0.95).interval
        plain = Proportion(int(hits.sum()), int(size.sum())).interval(0.95)
        held += [low <= 0.3 <= high, plain.low <= 0.3 <= plain.high]
    assert 0.925 <= held[0] / 400 <= 0.975
    assert held[1] / 400 < 0.88
