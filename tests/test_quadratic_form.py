"""Chi-square statistics with a singular covariance."""

import numpy as np
import pytest
from statsmodels.duration.survfunc import survdiff

from evaluation.survival.log_rank import log_rank
from evaluation.survival.quadratic_form import quadratic_form


@pytest.mark.parametrize("seed", range(25))
def test_rounding_is_never_divided_by_rounding(seed: int) -> None:
    # With NumPy's own bounds two of these have three degrees of freedom, and one another statistic.
    rng = np.random.default_rng(seed)
    days, ended, group = rng.exponential(9, 1500).round(3), rng.random(1500) < 0.6, rng.integers(0, 3, 1500)
    found = log_rank(days, ended, group)
    statistic, p_value = survdiff(days, ended, group)
    assert found.statistic == pytest.approx(statistic, rel=1e-7)
    assert (found.degrees_of_freedom, found.p_value) == (2, pytest.approx(p_value, rel=1e-6))


def test_a_small_group_is_no_rounding_and_a_difference_without_variance_is_left_out() -> None:
    covariance = np.diag([1e6, 1e-8, 0.0])
    statistic, degrees = quadratic_form(np.array([1e3, 1e-4, 0.0]), covariance)
    assert (statistic, degrees) == (pytest.approx(2.0), 2)
    assert quadratic_form(np.zeros(2), np.zeros((2, 2))) == (0.0, 0)


def test_the_rank_is_the_number_of_free_differences() -> None:
    # two pairs, each adding up to nought
    block = np.array([[1.0, -1.0], [-1.0, 1.0]])
    covariance = np.block([[3 * block, np.zeros((2, 2))], [np.zeros((2, 2)), block]])
    assert quadratic_form(np.array([3.0, -3.0, 2.0, -2.0]), covariance) == (pytest.approx(7.0), 2)
