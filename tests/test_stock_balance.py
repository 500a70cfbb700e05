"""Clearance and Little's law: by hand, by simulation, and against independent counts."""

from datetime import date

import numpy as np
import pytest

from data_contracts.errors import WrongUse
from evaluation.duration.stock_balance import clearance, littles_law, period_curve
from evaluation.survival.kaplan_meier import kaplan_meier, survival_on

FIRST, LAST = date(2020, 1, 1), date(2020, 12, 31)


def _steady(seed: int, *, a_day: float = 1.0, days: float = 100.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    opened = np.repeat(np.datetime64("2017-01-01") + np.arange(1500), rng.poisson(a_day, 1500))
    return opened, opened + np.ceil(rng.exponential(days, len(opened))).astype(int)


def test_clearance_by_hand() -> None:
    opened = ["2020-01-05"] * 50 + ["2019-06-01"] * 40
    closed = ["2020-03-01"] * 30 + [None] * 20 + ["2020-02-01"] * 10 + ["2021-02-01"] * 30
    found = clearance(opened, closed, first=FIRST, last=LAST, level=0.95)
    assert (found.inflow, found.outflow, found.both) == (50, 40, 30)
    assert found.estimate == 0.8
    # exp(1.96 sqrt(1/40 + 1/50 - 2 * 30 / 2000)) = exp(1.96 sqrt(0.015)) = 1.2713
    assert (found.low, found.high) == (pytest.approx(0.8 / 1.2713, rel=1e-4), pytest.approx(0.8 * 1.2713, rel=1e-4))


def test_the_interval_of_clearance_holds_the_truth_in_95_percent_of_years_and_is_not_needlessly_wide() -> None:
    kept, width, independent = 0, [], []
    for seed in range(300):
        found = clearance(*_steady(seed), first=FIRST, last=LAST, level=0.95)
        assert found.low is not None and found.high is not None
        kept += found.low <= 1.0 <= found.high  # in a steady state as many go out as come in
        width.append(np.log(found.high / found.low))
        independent.append(2 * 1.96 * np.sqrt(1 / found.inflow + 1 / found.outflow))
    assert 274 <= kept <= 297
    assert np.mean(width) < 0.6 * np.mean(independent)


def test_nothing_in_or_nothing_out_has_no_ratio() -> None:
    found = clearance(["2020-02-01"], [None], first=FIRST, last=LAST, level=0.95)
    assert (found.refusal, found.inflow, found.outflow, found.estimate) == ("no_events", 1, 0, None)
    with pytest.raises(WrongUse, match="niveau"):
        clearance(["2020-02-01"], ["2020-03-01"], first=FIRST, last=LAST, level=95)


def test_in_a_steady_state_the_stock_is_inflow_times_duration() -> None:
    found = [littles_law(*_steady(seed), first=FIRST, last=LAST, within_days=450, level=0.95) for seed in range(60)]
    # One case in ninety is open for longer than 450 days: the mean leaves out that much.
    assert np.mean([one.ratio for one in found]) == pytest.approx(1 / (1 - np.exp(-4.5)), abs=0.02)
    assert np.mean([one.mean_stock for one in found]) == pytest.approx(100.0, abs=3.0)
    assert np.mean([one.mean_days for one in found]) == pytest.approx(100.0, abs=3.0)


def test_a_stock_that_grows_has_a_ratio_under_one() -> None:
    opened, closed = _steady(1)
    twice = np.concatenate([opened, opened[opened >= np.datetime64("2020-01-01")]])
    ends = np.concatenate([closed, closed[opened >= np.datetime64("2020-01-01")]])
    found = littles_law(twice, ends, first=FIRST, last=LAST, within_days=450, level=0.95)
    assert found.ratio is not None and found.ratio < 0.9


def test_the_mean_stock_is_the_mean_of_the_days() -> None:
    opened, closed = _steady(2)
    found = littles_law(opened, closed, first=FIRST, last=LAST, within_days=450, level=0.95)
    days = np.datetime64("2020-01-01") + np.arange(366)
    slow = np.mean([((opened <= day) & (closed > day)).sum() for day in days])
    assert found.mean_stock == pytest.approx(slow)


def test_a_mean_that_leaves_out_a_long_tail_is_refused() -> None:
    found = littles_law(*_steady(3), first=FIRST, last=LAST, within_days=120, level=0.95)
    assert found.refusal == "not_reached" and found.ratio is None and found.mean_stock > 50
    nobody = littles_law([], [], first=FIRST, last=LAST, within_days=120, level=0.95)
    assert (nobody.refusal, nobody.mean_stock, nobody.n) == ("not_at_risk", 0.0, 0)
    few = littles_law(["2020-02-01"] * 3, ["2020-03-01"] * 3, first=FIRST, last=LAST, within_days=20, level=0.95)
    assert few.refusal == "too_few"


def test_the_curve_of_a_period_counts_each_case_on_the_days_of_that_period_only() -> None:
    opened, closed = _steady(4)
    found = period_curve(opened, closed, first=FIRST, last=LAST)
    rows = [
        (o, c) for o, c in zip(opened.astype(object), closed.astype(object), strict=True) if o <= LAST and c >= FIRST
    ]
    entry = [max((FIRST - o).days - 1, 0) for o, _c in rows]
    time = [(min(c, LAST) - o).days for o, c in rows]
    plain = kaplan_meier(time, [c <= LAST for _o, c in rows], entry=entry)
    assert found.n == len(rows)
    np.testing.assert_allclose(survival_on(found, [30, 100, 300]), survival_on(plain, [30, 100, 300]))


def test_counts_give_the_same_answer_as_rows() -> None:
    opened, closed = (part[:400] for part in _steady(5))
    opened, closed = opened + 900, closed + 900
    weight = np.random.default_rng(5).integers(1, 4, 400)
    rows = np.repeat(np.arange(400), weight)
    span = {"first": FIRST, "last": LAST, "level": 0.95}
    assert clearance(opened, closed, weight=weight, **span) == clearance(opened[rows], closed[rows], **span)  # type: ignore[arg-type]
    grouped = littles_law(opened, closed, within_days=400, weight=weight, **span)  # type: ignore[arg-type]
    apart = littles_law(opened[rows], closed[rows], within_days=400, **span)  # type: ignore[arg-type]
    assert grouped.mean_stock == pytest.approx(apart.mean_stock) and grouped.mean_days == pytest.approx(apart.mean_days)


def test_a_window_that_ends_before_it_begins_and_a_level_in_percent_are_refused() -> None:
    for read in (clearance, littles_law):
        days = {"within_days": 30} if read is littles_law else {}
        with pytest.raises(WrongUse, match="ligt na de laatste"):
            read([], [], first=date(2020, 2, 1), last=date(2020, 1, 1), level=0.95, **days)
        with pytest.raises(WrongUse, match="95"):
            read([], [], first=date(2020, 1, 1), last=date(2020, 2, 1), level=95, **days)
