"""The plain logit on counts."""

import numpy as np
import pytest
from statsmodels.api import GLM, families

from evaluation.units.logit import logit_coefficients
from evaluation.units.separation import SeparationError


@pytest.mark.parametrize("seed", range(3))
def test_the_coefficients_are_those_of_statsmodels(seed):
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(80), rng.normal(size=(80, 3))])
    trials = rng.integers(1, 9, 80)
    hits = rng.binomial(trials, 1 / (1 + np.exp(-x @ [-1.0, 0.5, 2.0, 0.0])))
    oracle = GLM(np.column_stack([hits, trials - hits]), x, family=families.Binomial()).fit()
    assert logit_coefficients(x, hits, trials) == pytest.approx(oracle.params, abs=1e-7)


def test_as_many_columns_as_rows_is_no_obstacle():
    found = logit_coefficients(np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([1, 3]), np.array([4, 4]))
    assert np.exp(found) == pytest.approx([1 / 3, 9])


def test_separation_ends_in_an_error_and_not_in_a_large_number():
    with pytest.raises(SeparationError):
        logit_coefficients(np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([0, 4]), np.array([4, 4]))
