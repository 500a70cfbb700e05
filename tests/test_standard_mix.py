"""The standard case mix: by hand, day by day, and the direction in which its share moves."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from evaluation.units.standard_mix import StandardMix, standard_mix


def _mix(within: int = 9) -> StandardMix:
    kinds = pd.DataFrame({"kind": ["x", "y", "x", "x"]})
    return standard_mix(
        kinds, np.array([1.0, 2.0, 1.0, 4.0]), np.array([0.0, 4.0, 10.0, 30.0]), within,
        lambda rows, band: np.column_stack([np.ones(len(rows)), np.full(len(rows), band == 1), rows["kind"] == "y"]),
    )  # fmt: skip


def test_one_kind_with_an_even_chance_a_day_by_hand() -> None:
    # Half stays open each day: closed within 2 days 3/4, open days 1 + 1/2.
    mix = standard_mix(
        pd.DataFrame(index=range(3)), np.ones(3), np.array([0.0, 5.0]), 2, lambda rows, band: np.ones((1, 1))
    )
    assert mix.outcome(np.zeros(1), 0.0) == pytest.approx((0.75, 1.5))


def test_a_slow_second_implementation_goes_day_by_day() -> None:
    mix, coefficients = _mix(), np.array([-2.0, 0.7, -0.4])
    share = days = 0.0
    for kind, weight in (("x", 6 / 8), ("y", 2 / 8)):
        still_open = 1.0
        for day in range(1, 10):
            days += weight * still_open
            still_open *= 1 - expit(-2.0 + 0.7 * (day > 4) - 0.4 * (kind == "y") + 0.3)
        share += weight * (1 - still_open)
    assert mix.outcome(coefficients, 0.3) == pytest.approx((share, days))


def test_the_direction_is_the_slope_of_the_share_by_finite_differences() -> None:
    mix, coefficients = _mix(), np.array([-2.0, 0.7, -0.4])
    step = 1e-6
    by_effect = (mix.outcome(coefficients, 0.3 + step)[0] - mix.outcome(coefficients, 0.3 - step)[0]) / (2 * step)
    by_each = [
        (mix.outcome(coefficients + shift, 0.3)[0] - mix.outcome(coefficients - shift, 0.3)[0]) / (2 * step)
        for shift in np.eye(3) * step
    ]
    assert mix.direction(coefficients, 0.3) == pytest.approx(np.array(by_each) / by_effect, abs=1e-6)


def test_chances_close_to_nought_and_one_stay_finite() -> None:
    mix = _mix()
    assert mix.outcome(np.array([-40.0, 0.0, 0.0]), 0.0) == pytest.approx((0.0, 9.0))
    assert mix.outcome(np.array([40.0, 0.0, 0.0]), 0.0) == pytest.approx((1.0, 1.0))
