"""The conditional logit."""

from itertools import combinations

import numpy as np
import pytest
from statsmodels.discrete.conditional_models import ConditionalLogit

from data_contracts.errors import WrongUse
from evaluation.consistency.conditional_logit import _choices, conditional_logit

X1 = [-0.6, 0, -1.5, -1.4, 1.2, -0.9, 1.3, 0.6, 0, -1, -0.8, -0.3, -1.5, -0.3, -1.1, 0, -0.2, 0.9, -0.6, -0.7, -0.7,
      0, -0.4, 0.4, 0.1, 0, -0.2, -0.8, -0.2, -1, -1.1, -0.9, 0.7, -1.6, -0.9, 0.5, -0.2, 1.5, -0.6, -0.3, -1.6, 0,
      0.9, -0.9, 0.9, -0.3, -2.2, 0.9, 0.7, 0.2, 0.8, -0.2, -0.8, 0.5, 0.2, 0.5, -0.2, 0.4, 1.5, 0.1]  # fmt: skip
X2 = [0, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 1, 0,
      0, 1, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 1, 1, 1, 0, 1, 0, 0]  # fmt: skip
HIT = [1, 0, 0, 0, 0, 0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 1, 0, 0, 0, 0,
       1, 1, 1, 1, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1, 0]  # fmt: skip


def test_twelve_sets_of_five_are_fitted_as_clogit_does():
    # R: clogit(y ~ x1 + x2 + strata(s), data = d, method = "exact")
    fit = conditional_logit(HIT, np.column_stack([X1, X2]), np.repeat(range(12), 5))
    assert fit.coefficients == pytest.approx([0.6635946976, 0.3960220318], abs=1e-8)
    assert fit.standard_errors == pytest.approx([0.3813114481, 0.5489268984], abs=1e-6)
    assert (fit.loglik_without, fit.loglik) == pytest.approx((-24.85843239, -22.89309541), abs=1e-7)
    assert (fit.n, fit.sets, fit.not_compared, fit.missing) == (60, 12, 0, 0)


@pytest.mark.parametrize("seed", range(3))
def test_on_random_data_it_is_statsmodels(seed):
    rng = np.random.default_rng(seed)
    x, hit, stratum = rng.normal(size=(150, 3)), rng.random(150) < 0.4, rng.integers(0, 8, 150)
    oracle = ConditionalLogit(hit.astype(float), x, groups=stratum).fit(disp=0)
    fit = conditional_logit(hit, x, stratum)
    assert fit.coefficients == pytest.approx(oracle.params, abs=1e-4)
    assert fit.loglik == pytest.approx(oracle.llf, abs=1e-6)


@pytest.mark.parametrize("hits", [1, 3, 5, 6])
def test_the_sum_over_choices_is_the_sum_of_all_choices(hits):
    rng = np.random.default_rng(hits)
    x, beta = rng.normal(size=(7, 2)), np.array([0.5, -1.0])
    sums = np.array([x[list(one)].sum(axis=0) for one in combinations(range(7), hits)])
    weight = np.exp(sums @ beta)
    (log_sum,), (mean,), (spread,) = _choices(x[None], beta, hits)
    assert log_sum == pytest.approx(np.log(weight.sum()))
    assert mean == pytest.approx(weight @ sums / weight.sum())
    assert spread == pytest.approx(np.cov(sums.T, aweights=weight, ddof=0))


def test_large_sets_with_many_hits_are_fitted_where_a_recursion_ends_in_an_error():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(1500, 1))
    hit = rng.random(1500) < 1 / (1 + np.exp(-3 - 0.8 * x[:, 0]))
    fit = conditional_logit(hit, x, np.zeros(1500))
    assert fit.coefficients[0] == pytest.approx(0.8, abs=3 * fit.standard_errors[0])
    assert np.isfinite(fit.loglik)


def test_sets_with_one_outcome_and_rows_with_a_missing_value_are_counted():
    hit = [1, 0] * 10 + [1, 1, None, 0]
    x = np.array([1.0, 0] * 6 + [0, 1.0] * 4 + [1.0, 0, 1.0, np.nan])[:, None]
    fit = conditional_logit(hit, x, [*np.repeat(range(10), 2), 10, 10, 11, 11])
    assert (fit.n, fit.sets, fit.not_compared, fit.missing) == (20, 10, 2, 2)
    assert np.exp(fit.coefficients[0]) == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("hit", "x", "stratum", "reason"),
    [([1, 0] * 10, [1.0, 0.0] * 10, np.repeat(range(10), 2), "separation"),
     ([1, 1, 0, 0], [1.0, 0, 1, 0], [0, 0, 1, 1], "no_variation"),
     ([1, 0, 1, 0], [1.0, 1, 2, 2], [0, 0, 1, 1], "not_estimable"),
     ([None, None], [1.0, 2.0], [0, 0], "no_variation")],
)  # fmt: skip
def test_what_cannot_be_fitted_is_refused_with_its_reason_and_its_counts(hit, x, stratum, reason):
    fit = conditional_logit(hit, np.array(x)[:, None], stratum)
    assert (fit.refusal, fit.coefficients, fit.covariance, fit.loglik) == (reason, None, None, None)
    assert fit.n + fit.not_compared + fit.missing == len(hit)


def test_columns_of_unequal_length_are_refused_by_name():
    with pytest.raises(WrongUse, match="even lang"):
        conditional_logit([1, 0, 1], np.array([1.0, 1, 2, 2])[:, None], [0, 0, 1, 1])
