"""When a curve, or a quantile of it, is not read: each reason seen."""

import numpy as np
import pytest

from evaluation.duration.curve_refusal import followed_quantile, refusal_of
from evaluation.survival import kaplan_meier, quantile


def test_too_few_nobody_and_no_ends_are_told_apart() -> None:
    assert refusal_of(kaplan_meier([1.0] * 9, [True] * 9)) == "too_few"
    assert refusal_of(kaplan_meier([], [])) == "not_at_risk"
    assert refusal_of(kaplan_meier([1.0] * 10, [False] * 10)) == "no_events"
    assert refusal_of(kaplan_meier([1.0] * 10, [True] * 10)) is None


def test_a_quantile_of_cases_that_were_all_followed_is_the_plain_one_however_few_are_left() -> None:
    curve = kaplan_meier(np.arange(1, 13), [True] * 12)
    for share in (0.25, 0.5, 0.75, 0.9):
        assert followed_quantile(curve, share, level=0.95) == quantile(curve, share, level=0.95)


def test_a_quantile_where_most_cases_went_out_of_view_is_refused() -> None:
    rng = np.random.default_rng(3)
    shown = set()
    for _repetition in range(100):
        days = np.ceil(rng.exponential(150 / np.log(2), 300))
        view = rng.integers(30, 396, 300)  # cases of one year, looked at a month after it
        curve = kaplan_meier(np.minimum(days, view), days <= view)
        if quantile(curve, 0.75, level=0.95).estimate is not None:
            shown.add(followed_quantile(curve, 0.75, level=0.95).refusal)
    # Three quarters take 300 days, and only a quarter of the cases of that year is followed so long.
    assert shown == {"not_at_risk"}
    assert followed_quantile(curve, 0.25, level=0.95).estimate == pytest.approx(62, abs=12)


def test_with_late_entry_the_cases_seen_are_counted_from_when_most_had_come_into_view() -> None:
    days, entry = np.repeat([40, 60, 80, 100], 20), np.repeat([0, 30, 30, 30], 20)
    curve = kaplan_meier(days, [True] * 80, entry=entry)
    assert followed_quantile(curve, 0.5, level=0.95).estimate == 60
