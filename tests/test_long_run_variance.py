"""The error of a coefficient in a series: right on average, wider where months are alike, and holes in the series."""

from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import t as student
from statsmodels.stats.sandwich_covariance import cov_hac

from data_contracts.errors import WrongUse
from evaluation.duration.long_run_variance import LongRunError, long_run_error

YEARS = np.arange(96) / 12
LINES = np.column_stack([np.ones(96), YEARS, YEARS > 4, YEARS * (YEARS > 4)])
FITTED = np.linalg.pinv(LINES)
LEVEL = FITTED[2]


def _error(series: np.ndarray, *, max_lag: int) -> LongRunError:
    left = series - LINES @ (FITTED @ series)
    return long_run_error(LEVEL, left, LINES, at=range(96), max_lag=max_lag)


def test_before_it_is_corrected_it_is_the_variance_of_newey_and_west() -> None:
    series = np.random.default_rng(1).normal(0, 1, 96)
    hac = cov_hac(sm.OLS(series, LINES).fit(), nlags=6, use_correction=False)[2, 2]
    # The correction depends on the months alone: it is the same for any series.
    other = np.random.default_rng(2).normal(0, 3, 96)
    again = cov_hac(sm.OLS(other, LINES).fit(), nlags=6, use_correction=False)[2, 2]
    ratios = [_error(one, max_lag=6).standard_error ** 2 / raw for one, raw in ((series, hac), (other, again))]
    assert ratios[0] == pytest.approx(ratios[1], rel=1e-10) and ratios[0] > 1.1


def test_on_average_it_is_the_variance_of_independent_months_whatever_the_lag() -> None:
    rng = np.random.default_rng(3)
    draws = rng.normal(0, 1, (1500, 96))
    for lag in (0, 3, 12):
        squares = [_error(one, max_lag=lag).standard_error ** 2 for one in draws]
        error = np.std(squares) / np.sqrt(len(squares))
        assert np.mean(squares) == pytest.approx(LEVEL @ LEVEL, abs=4 * error)
        # The degrees of freedom are those of a chi-square with this spread.
        seen = 2 * np.mean(squares) ** 2 / np.var(squares)
        assert _error(draws[0], max_lag=lag).degrees_of_freedom == pytest.approx(seen, rel=0.15)


def test_its_t_interval_holds_a_level_that_did_not_change_also_where_months_are_alike() -> None:
    rng = np.random.default_rng(4)
    steps = rng.normal(0, 1, (600, 96))
    alike = steps.copy()
    for month in range(1, 96):
        alike[:, month] = 0.5 * alike[:, month - 1] + np.sqrt(0.75) * steps[:, month]

    def held(series: np.ndarray) -> float:
        found = [_error(one, max_lag=12) for one in series]
        return float(np.mean([abs(LEVEL @ one) <= student.ppf(0.975, f.degrees_of_freedom) * f.standard_error
                              for one, f in zip(series, found, strict=True)]))  # fmt: skip

    # Of 600 intervals of 93 to 97 %, 545 to 592 hold the truth in 99 % of runs.
    assert 0.91 <= held(alike) <= 0.985 and 0.91 <= held(steps) <= 0.985
    naive = [abs(LEVEL @ one) <= 1.96 * np.sqrt(LEVEL @ LEVEL) for one in alike]
    assert np.mean(naive) < 0.85


def test_with_nothing_explained_and_no_lag_it_is_the_plain_sum_of_squares() -> None:
    influence, left = np.array([0.5, 0.2, 0.3]), np.array([1.0, -2.0, 1.0])
    found = long_run_error(influence, left, np.zeros((3, 0)), at=[0, 1, 2], max_lag=0)
    assert found.standard_error == pytest.approx(np.sqrt(0.25 + 0.16 + 0.09))


def test_months_on_either_side_of_a_hole_are_not_neighbours() -> None:
    influence, left, ones = np.full(4, 0.25), np.array([1.0, 1.0, -1.0, -1.0]), np.ones((4, 1))
    near = long_run_error(influence, left, ones, at=[0, 1, 2, 3], max_lag=1)
    apart = long_run_error(influence, left, ones, at=[0, 1, 9, 10], max_lag=1)
    assert apart.standard_error > near.standard_error  # 1 and -1 on either side no longer cancel


@pytest.mark.parametrize(("changed", "says"), [({"max_lag": -1}, "max_lag"), ({"design": np.eye(3)}, "niets over")])
def test_what_cannot_be_measured_is_refused(changed: dict[str, Any], says: str) -> None:
    asked = {"design": np.ones((3, 1)), "at": [0, 1, 2], "max_lag": 1, **changed}
    with pytest.raises(WrongUse, match=says):
        long_run_error([1.0, 1.0, 1.0], [1.0, 0.0, -1.0], **asked)
