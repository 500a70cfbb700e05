"""The share and Wilson's interval."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.proportion import Proportion


@pytest.mark.parametrize(
    ("numerator", "denominator", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_the_one_newcombe_printed_in_1998(numerator, denominator, low, high):
    interval = Proportion(numerator, denominator).interval(0.95)
    assert round(interval.low, 4) == low
    assert round(interval.high, 4) == high


def test_the_interval_is_the_one_r_gives():
    # R: prop.test(7, 41, correct = FALSE, conf.level = 0.998)$conf.int
    low, high = Proportion(7, 41).interval(0.998)
    assert low == pytest.approx(0.05796028439, abs=1e-10)
    assert high == pytest.approx(0.40791018063, abs=1e-10)


def test_nothing_counted_gives_no_share_and_an_interval_that_excludes_nothing():
    assert Proportion(0, 0).estimate is None
    assert Proportion(0, 0).interval(0.95) == (0.0, 1.0)


@pytest.mark.parametrize(("numerator", "denominator"), [(3, 2), (-1, 2), (0, -1)])
def test_counts_that_are_no_share_are_refused(numerator, denominator):
    with pytest.raises(ValueError, match="not a share"):
        Proportion(numerator, denominator)


@given(st.integers(0, 500), st.integers(1, 500), st.floats(0.5, 0.999))
def test_the_interval_holds_the_share_and_stays_between_zero_and_one(numerator, rest, level):
    share = Proportion(numerator, numerator + rest)
    low, high = share.interval(level)
    assert 0 <= low <= share.estimate <= high <= 1


@given(st.integers(0, 200), st.integers(1, 200))
def test_the_interval_of_the_rest_mirrors_that_of_the_share(numerator, rest):
    total = numerator + rest
    low, high = Proportion(numerator, total).interval(0.95)
    assert Proportion(rest, total).interval(0.95) == pytest.approx((1 - high, 1 - low), abs=1e-9)
