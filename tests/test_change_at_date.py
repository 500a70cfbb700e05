"""Before against after a date: R, both ways to deal with cases under two regimes, planted truths, and the traps."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from data_contracts.errors import WrongUse
from evaluation.duration.change_at_date import (
    Change,
    change_in_cohorts,
    change_in_pace,
    difference,
    month_starts,
    placebo_breaks,
)
from evaluation.survival.kaplan_meier import kaplan_meier, restricted_mean

BREAK = date(2020, 11, 12)
MOMENT = np.datetime64(BREAK, "D")
AS_OF = np.datetime64("2025-12-31")


def _r_cases() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    # R: i <- 0:399; opened <- as.Date("2019-01-01") + (i*7) %% 1300; dur <- 21 + (i*37) %% 400; ended <- i %% 5 != 0
    i = np.arange(400)
    opened = np.datetime64("2019-01-01") + (i * 7) % 1300
    return opened, opened + 21 + (i * 37) % 400, i % 5 != 0


def test_the_pace_before_and_after_is_that_of_r() -> None:
    opened, until, ended = _r_cases()
    found = change_in_pace(opened, until, ended, break_on=BREAK, within_days=180, level=0.95)
    # R: b <- as.Date("2020-11-12"); end <- opened + dur; ub <- pmin(end, b-1); en <- pmax(as.numeric(b-1-opened), 0)
    # R: s1 <- survfit(Surv(as.numeric(ub-opened), ended & end < b) ~ 1, subset = opened < b & ub > opened)
    # R: s2 <- survfit(Surv(en, dur, ended) ~ 1, subset = end >= b & dur > en)
    # R: summary(s, rmean=180)$table[c("rmean", "se(rmean)")]; summary(s, times=180)[c("surv", "std.err")]
    before, after = found.mean_days.before, found.mean_days.after
    assert before.estimate == pytest.approx(155.5229005) and before.standard_error == pytest.approx(3.0865177)
    assert after.estimate == pytest.approx(152.0406363) and after.standard_error == pytest.approx(3.4498790)
    assert found.mean_days.standard_error == pytest.approx(np.hypot(3.0865177, 3.4498790))
    assert found.share_within.estimate == pytest.approx(0.3460087 - 0.3269059, abs=1e-7)
    assert found.share_within.standard_error == pytest.approx(np.hypot(0.0351044, 0.0338162), rel=1e-5)


def test_cohorts_before_and_after_are_those_of_r() -> None:
    opened, until, ended = _r_cases()
    found = change_in_cohorts(opened, until, ended, break_on=BREAK, within_days=180, level=0.95)
    # R: c1 <- survfit(Surv(dur, ended) ~ 1, subset = opened + 180 < b); c2 <- ... subset = opened >= b
    assert (found.n_before, found.n_after, found.n_left_out) == (172, 177, 51)
    assert found.mean_days.estimate == pytest.approx(151.8265155 - 156.0444601)
    assert found.mean_days.standard_error == pytest.approx(np.hypot(3.3148596, 3.6286303))
    assert found.share_within.estimate == pytest.approx(0.3568591 - 0.3255927, abs=1e-7)
    low, high = found.mean_days.low, found.mean_days.high
    assert low is not None and high is not None
    assert high - low == pytest.approx(2 * 1.959964 * np.hypot(3.3148596, 3.6286303))


def test_the_difference_of_two_restricted_means_is_that_of_the_lung_cases(lung: pd.DataFrame) -> None:
    # R: print(survfit(Surv(time, status) ~ sex, lung), rmean=965)  324.0484 (22.29794), 455.9041 (32.91742)
    means = [
        restricted_mean(kaplan_meier(one["time"], one["status"] == 2), 965, level=0.95)
        for one in (lung[lung["sex"] == sex] for sex in (1, 2))
    ]
    found = difference(*means, level=0.95)
    assert found.estimate == pytest.approx(131.8557, abs=1e-4)
    assert found.standard_error == pytest.approx(np.hypot(22.29794, 32.91742), abs=1e-4)


@pytest.fixture(scope="module")
def lung() -> pd.DataFrame:
    from pathlib import Path

    return pd.read_csv(Path(__file__).parent / "data" / "lung.csv")


def _slow(opened: list[date], until: list[date], ended: list[bool], window: int, within: int) -> tuple[float, float]:
    """Mean days by calendar pace, day by day of the clock, from the very words of the definition."""
    means = []
    for first, last in ((-window, -1), (0, window - 1)):
        still_open, mean = 1.0, 0.0
        for age in range(1, within + 1):
            mean += still_open
            risk = ends = 0
            for o, u, e in zip(opened, until, ended, strict=True):
                offset = (o - BREAK).days + age  # the calendar day, from the break, on which the case has this age
                if first <= offset <= last and o.toordinal() + age <= u.toordinal():
                    risk += 1
                    ends += e and o.toordinal() + age == u.toordinal()
            still_open *= 1 - ends / risk if risk else 1
        means.append(mean)
    return means[0], means[1]


@pytest.mark.parametrize("seed", range(3))
def test_a_slow_second_way_to_the_pace_agrees(seed: int) -> None:
    rng = np.random.default_rng(seed)
    opened = MOMENT + rng.integers(-200, 120, 150)
    until, ended = opened + rng.integers(1, 60, 150), rng.random(150) < 0.8
    found = change_in_pace(opened, until, ended, break_on=BREAK, within_days=40, window_days=90, level=0.9)
    before, after = _slow(opened.astype(object), until.astype(object), ended.tolist(), 90, 40)
    assert found.mean_days.before.estimate == pytest.approx(before)
    assert found.mean_days.after.estimate == pytest.approx(after)


def test_grouped_rows_with_counts_give_the_same_answer() -> None:
    rng = np.random.default_rng(8)
    opened, days = MOMENT + rng.integers(-300, 200, 60), rng.integers(0, 90, 60)
    ended, weight = rng.random(60) < 0.8, rng.integers(1, 5, 60)
    for compare in (change_in_cohorts, change_in_pace):
        grouped = compare(opened, opened + days, ended, break_on=BREAK, within_days=60, level=0.95, weight=weight)
        rows = np.repeat(np.arange(60), weight)
        apart = compare(opened[rows], (opened + days)[rows], ended[rows], break_on=BREAK, within_days=60, level=0.95)
        assert grouped.mean_days.estimate == pytest.approx(apart.mean_days.estimate)
        assert grouped.share_within.standard_error == pytest.approx(apart.share_within.standard_error)
        assert (grouped.n_before, grouped.n_after) == (apart.n_before, apart.n_after)


def _register(seed: int, *, pace_after: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cases whose chance to close on any day of the calendar is `pace_after` times as large from the break on."""
    rng = np.random.default_rng(seed)
    opened = np.datetime64("2016-01-01") + rng.integers(0, 3600, 1500)
    # Days of work, of which one a day is done before the break and `pace_after` a day from then on.
    work = np.ceil(120 * np.exp(rng.normal(0, 0.6, 1500)))
    ahead = np.maximum((MOMENT - np.timedelta64(1, "D") - opened).astype(float), 0)
    days = np.where(work <= ahead, work, ahead + np.ceil((work - ahead) / pace_after))
    end = opened + days.astype("timedelta64[D]")
    seen = opened <= AS_OF
    return opened[seen], np.minimum(end, AS_OF)[seen], (end <= AS_OF)[seen]


def _covered(found: Change, truth: tuple[float, float]) -> list[bool]:
    mean, share = found.mean_days, found.share_within
    assert mean.low is not None and mean.high is not None and share.low is not None and share.high is not None
    return [mean.low <= truth[0] <= mean.high, share.low <= truth[1] <= share.high]


@pytest.mark.parametrize("compare", [change_in_cohorts, change_in_pace])
def test_where_nothing_changed_the_interval_holds_nought_in_95_percent_of_registers(compare) -> None:  # type: ignore[no-untyped-def]
    kept = np.array([
        _covered(compare(*_register(seed), break_on=BREAK, within_days=180, level=0.95), (0.0, 0.0))
        for seed in range(200)
    ])  # fmt: skip
    # Of 200 intervals, 181 to 197 hold the truth in 99.7 % of runs when each does so with 95 %.
    assert ((kept.sum(axis=0) >= 181) & (kept.sum(axis=0) <= 198)).all(), kept.mean(axis=0)


@pytest.mark.parametrize("compare", [change_in_cohorts, change_in_pace])
def test_a_planted_change_is_recovered(compare) -> None:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(99)
    work = np.ceil(120 * np.exp(rng.normal(0, 0.6, 1_000_000)))
    slow, fast = work, np.ceil(work / 1.3)
    truth = (
        float(np.minimum(fast, 180).mean() - np.minimum(slow, 180).mean()),
        float((fast <= 180).mean() - (slow <= 180).mean()),
    )
    found = [
        compare(*_register(seed, pace_after=1.3), break_on=BREAK, within_days=180, level=0.95) for seed in range(100)
    ]
    if compare is change_in_cohorts:
        kept = np.array([_covered(one, truth) for one in found])
        assert (kept.sum(axis=0) >= 88).all(), kept.mean(axis=0)
    # By pace the clock of work shifts the ages of the cases under way a little: recovered within two days.
    mean = np.mean([one.mean_days.estimate for one in found])
    assert mean == pytest.approx(truth[0], abs=0.8 if compare is change_in_cohorts else 2.0)


def test_the_naive_mean_of_closed_cases_sees_a_fall_where_nothing_changed() -> None:
    naive, right = [], []
    for seed in range(10):
        opened, until, ended = _register(seed)
        recent = opened >= np.datetime64("2025-01-01")
        days = (until - opened).astype(float)
        naive.append(days[ended & recent].mean() - days[ended & ~recent].mean())
        one = change_in_cohorts(opened, until, ended, break_on=date(2025, 1, 1), within_days=180, level=0.95)
        right.append(one.mean_days.estimate)
    assert np.mean(naive) < -15
    assert abs(np.mean(right)) < 5


def test_cases_under_both_regimes_would_hide_part_of_a_change() -> None:
    wrong, right = [], []
    for seed in range(20):
        opened, until, ended = _register(seed, pace_after=1.5)
        near = np.abs((opened - MOMENT).astype(int)) <= 365  # a year on either side, those under both included
        days = np.minimum((until - opened).astype(float), 180)
        wrong.append(days[near & (opened >= MOMENT)].mean() - days[near & (opened < MOMENT)].mean())
        one = change_in_cohorts(opened, until, ended, break_on=BREAK, within_days=180, window_days=365, level=0.95)
        right.append(one.mean_days.estimate)
    assert np.mean(right) < np.mean(wrong) - 4


def test_placebos_look_at_one_regime_only_and_count_differences_as_large() -> None:
    opened, until, ended = _register(3, pace_after=1.5)
    at = month_starts(date(2017, 6, 1), date(2024, 12, 1))
    found = placebo_breaks(opened, until, ended, break_on=BREAK, at=at, within_days=180, window_days=365, level=0.95)
    assert found.dates + found.dates_refused == len(at) == len(found.table)
    assert found.mean_as_large == 0 and found.dates > 40
    # The months around the break have no room on one side of it, so they are refused, not filled with the other regime.
    around = found.table[found.table["break_on"].between(date(2020, 10, 1), date(2020, 12, 31))]
    assert around["mean_days"].isna().all()
    none = placebo_breaks(*_register(3), break_on=BREAK, at=at, within_days=180, window_days=365, level=0.95)
    assert none.mean_as_large is not None and none.mean_as_large > 0


def test_an_entry_after_the_opening_counts_from_then_on() -> None:
    opened = np.repeat(np.array(["2020-01-01", "2021-01-01"], dtype="datetime64[D]"), 20)
    until = opened + np.tile(np.arange(10, 30), 2)
    entered = np.where(np.arange(40) % 2 == 0, opened, opened + 5)
    plain = change_in_cohorts(opened, until, [True] * 40, break_on=BREAK, within_days=25, level=0.95)
    late = change_in_cohorts(opened, until, [True] * 40, break_on=BREAK, within_days=25, level=0.95, entered_on=entered)
    assert late.mean_days.estimate == plain.mean_days.estimate == 0.0  # nobody ends before day 10


def test_what_cannot_be_said_is_refused_with_a_reason() -> None:
    opened, until = np.repeat(np.datetime64("2020-01-01"), 30), np.repeat(np.datetime64("2020-03-01"), 30)
    only_before = change_in_cohorts(opened, until, [True] * 30, break_on=BREAK, within_days=30, level=0.95)
    assert (only_before.mean_days.refusal, only_before.n_before, only_before.n_after) == ("too_few", 30, 0)
    both = np.concatenate([opened, opened + 366])
    nothing = change_in_cohorts(both, both + 60, [False] * 60, break_on=BREAK, within_days=30, level=0.95)
    assert nothing.mean_days.refusal == nothing.share_within.refusal == "no_events"
    short = change_in_cohorts(both, both + 10, np.arange(60) % 2 == 0, break_on=BREAK, within_days=30, level=0.95)
    assert short.mean_days.refusal == "not_at_risk"
    sure = change_in_cohorts(both, both + 10, [True] * 60, break_on=BREAK, within_days=30, level=0.95)
    assert (sure.mean_days.estimate, sure.mean_days.low, sure.mean_days.high) == (0.0, None, None)
    # Ten days of view before the break, of cases then a hundred days old: nobody was seen young.
    thin = change_in_pace(both, both + 400, [True] * 60, break_on=BREAK, within_days=30, window_days=10, level=0.95)
    assert thin.mean_days.estimate is None and thin.mean_days.refusal


def test_missing_dates_are_refused_first() -> None:
    with pytest.raises(WrongUse, match="missen een begin"):
        change_in_cohorts([None], ["2020-01-01"], [True], break_on=BREAK, within_days=30, level=0.95)
    with pytest.raises(WrongUse, match="niveau"):
        change_in_pace(["2020-01-01"], ["2020-02-01"], [True], break_on=BREAK, within_days=30, level=95)


@pytest.mark.parametrize("given", [{"within_days": 0}, {"window_days": -5}])
def test_no_days_at_all_are_refused(given: dict[str, int]) -> None:
    asked: dict[str, Any] = {"break_on": date(2020, 3, 1), "within_days": 60, "level": 0.95, **given}
    for compare in (change_in_cohorts, change_in_pace):
        with pytest.raises(WrongUse, match="ten minste 1 dag"):
            compare(["2020-01-01"], ["2020-02-01"], [True], **asked)
