"""The E-value."""

import numpy as np
import pytest

from data_contracts.errors import WrongUse
from evaluation.consistency.e_value import e_value


@pytest.mark.parametrize(
    ("ratio", "low", "high", "point", "end"),
    [(3.9, 1.8, 8.7, 7.26, 3.0), (0.80, 0.71, 0.91, 1.81, 1.43)],
)
def test_the_published_examples_of_vanderweele_and_ding_2017(ratio, low, high, point, end):
    found = e_value(ratio, low, high, measure="risk_ratio")
    assert (round(found.estimate, 2), round(found.interval_end, 2)) == (point, end)


def test_a_ratio_and_its_inverse_have_one_e_value():
    assert e_value(2.5, 1.2, 5, measure="risk_ratio") == e_value(2.5, 1.2, None, measure="risk_ratio")
    one, other = e_value(2.5, 1.25, 5, measure="odds_ratio"), e_value(0.4, 0.2, 0.8, measure="odds_ratio")
    assert (one.estimate, one.interval_end) == pytest.approx((other.estimate, other.interval_end))


def test_an_odds_ratio_of_a_common_outcome_counts_as_its_root():
    assert e_value(4, measure="odds_ratio").estimate == e_value(2, measure="risk_ratio").estimate
    assert e_value(4, measure="odds_ratio", common=False).estimate == e_value(4, measure="risk_ratio").estimate


def test_a_hazard_ratio_of_a_common_outcome_lies_between_its_root_and_itself():
    found = e_value(2, measure="hazard_ratio")
    assert found.risk_ratio == pytest.approx((1 - 0.5**2**0.5) / (1 - 0.5**0.5**0.5))
    assert 2**0.5 < found.risk_ratio < 2


@pytest.mark.parametrize(("low", "high", "end"), [(0.9, 2, 1.0), (None, None, None), (1.0, 2, 1.0)])
def test_an_interval_with_no_difference_in_it_needs_nothing_unmeasured(low, high, end):
    assert e_value(1.3, low, high, measure="risk_ratio").interval_end == end


def test_no_difference_needs_nothing():
    assert e_value(1, 0.8, 1.2, measure="odds_ratio").estimate == 1


def test_bias_of_that_strength_can_just_explain_the_ratio_away():
    # the bounding factor of Ding and VanderWeele 2016 with both strengths at the E-value
    strength = e_value(3.9, measure="risk_ratio").estimate
    assert strength * strength / (2 * strength - 1) == pytest.approx(3.9)


@pytest.mark.parametrize(
    ("ratio", "low", "high", "measure"),
    [(0, None, None, "risk_ratio"), (np.nan, None, None, "risk_ratio"), (2, 3, 4, "risk_ratio"),
     (2, 1, 1.5, "risk_ratio"), (2, np.nan, 3, "risk_ratio"),
     (2, 1, 3, "difference"), (np.inf, None, None, "odds_ratio")],
)  # fmt: skip
def test_wrong_use_is_told(ratio, low, high, measure):
    with pytest.raises(WrongUse):
        e_value(ratio, low, high, measure=measure)
