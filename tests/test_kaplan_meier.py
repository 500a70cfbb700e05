"""Kaplan-Meier and what is read from it: numbers of R, of hand, and of a slow second way."""

from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from data_contracts.errors import WrongUse
from evaluation.survival.kaplan_meier import (
    SurvivalCurve,
    Transform,
    at_risk_on,
    kaplan_meier,
    quantile,
    restricted_mean,
    share_within,
    survival_on,
    thin_start,
)


@pytest.fixture(scope="module")
def lung() -> pd.DataFrame:
    # R: write.csv(survival::lung[, c("time", "status", "sex", "age", "ph.ecog")], "lung.csv", row.names = F, na = "")
    return pd.read_csv(Path(__file__).parent / "data" / "lung.csv")


def _of(lung: pd.DataFrame) -> SurvivalCurve:
    return kaplan_meier(lung["time"], lung["status"] == 2)


# --- against R -----------------------------------------------------------------------


@pytest.mark.parametrize(("transform", "low", "high"), [("log-log", 284, 361), ("log", 285, 363)])
def test_the_median_of_lung_is_that_of_r_under_both_transforms(
    lung: pd.DataFrame, transform: Transform, low: float, high: float
) -> None:
    # R: survfit(Surv(time, status) ~ 1, lung, conf.type = "log-log")   # and "log", R's default
    median = quantile(_of(lung), 0.5, level=0.95, transform=transform)
    assert (median.estimate, median.low, median.high) == (310, low, high)
    assert (median.n, median.n_events, median.method) == (228, 165, transform)


@pytest.mark.parametrize(
    ("sex", "transform", "expected"),
    [
        (1, "log", (270, 212, 310)),
        (1, "log-log", (270, 210, 306)),
        (2, "log", (426, 348, 550)),
        (2, "log-log", (426, 345, 524)),
    ],
)
def test_the_median_of_men_and_women_in_lung_is_that_of_r(
    lung: pd.DataFrame, sex: int, transform: Transform, expected: tuple[float, float, float]
) -> None:
    # R: survfit(Surv(time, status) ~ sex, lung)                        # log
    # R: survfit(Surv(time, status) ~ sex, lung, conf.type = "log-log")
    median = quantile(_of(lung[lung["sex"] == sex]), 0.5, level=0.95, transform=transform)
    assert (median.estimate, median.low, median.high) == expected


def test_the_quantiles_of_lung_are_those_of_r_and_an_open_end_stays_open(lung: pd.DataFrame) -> None:
    # R: quantile(survfit(Surv(time, status) ~ 1, lung, conf.type = "log-log"), c(.25, .75, .9))
    found = [quantile(_of(lung), share, level=0.95) for share in (0.25, 0.75, 0.9)]
    assert [(q.estimate, q.low, q.high) for q in found] == [(170, 144, 194), (550, 457, 643), (735, 687, None)]


@pytest.mark.parametrize(
    ("day", "still_open", "low", "high", "at_risk"),
    [
        (100, 0.86396897, 0.81222232, 0.90231018, 196),
        (365, 0.40924162, 0.33871427, 0.47838077, 65),
        (500, 0.29326919, 0.22650368, 0.36302860, 41),
    ],
)
def test_the_share_within_n_days_of_lung_is_one_minus_that_of_r(
    lung: pd.DataFrame, day: int, still_open: float, low: float, high: float, at_risk: int
) -> None:
    # R: summary(survfit(Surv(time, status) ~ 1, lung, conf.type = "log-log"), times = c(100, 365, 500))
    share = share_within(_of(lung), day, level=0.95)
    assert [share.estimate, share.low, share.high] == pytest.approx([1 - still_open, 1 - high, 1 - low], abs=1e-7)
    assert at_risk_on(_of(lung), day) == at_risk


@pytest.mark.parametrize(("sex", "mean", "error"), [(1, 324.048419, 22.2979392), (2, 455.904088, 32.9174157)])
def test_the_restricted_mean_of_lung_to_965_days_is_that_of_r(
    lung: pd.DataFrame, sex: int, mean: float, error: float
) -> None:
    # R: print(summary(survfit(Surv(time, status) ~ sex, lung), rmean = 965)$table, digits = 9)
    found = restricted_mean(_of(lung[lung["sex"] == sex]), 965, level=0.95)
    assert found.estimate == pytest.approx(mean, abs=1e-5)
    assert found.standard_error == pytest.approx(error, abs=1e-6)


def test_late_entry_gives_the_curve_of_r(lung: pd.DataFrame) -> None:
    # R: d <- lung; d$entry <- (seq_len(nrow(d)) * 37) %% 150; d <- d[d$entry < d$time, ]
    # R: s <- survfit(Surv(entry, time, status) ~ 1, d, conf.type = "log-log")
    # R: summary(s, times = c(30, 100, 200, 365, 700)); quantile(s, c(.25, .5, .75, .9))
    late = lung.assign(entry=np.arange(1, len(lung) + 1) * 37 % 150)
    late = late[late["entry"] < late["time"]]
    curve = kaplan_meier(late["time"], late["status"] == 2, entry=late["entry"])
    days = [30, 100, 200, 365, 700]
    expected = [0.87843137, 0.81450698, 0.64365718, 0.38721420, 0.13472728]
    assert survival_on(curve, days) == pytest.approx(expected, abs=1e-8)
    # R: sapply(c(30, 100, 200, 365, 700), function(t) sum(d$entry < t & d$time >= t))
    # (summary.survfit repeats the number at risk of the next listed day, before later entries)
    assert [at_risk_on(curve, day) for day in days] == [42, 130, 144, 65, 16]
    found = [quantile(curve, share, level=0.95) for share in (0.25, 0.5, 0.75, 0.9)]
    assert [(q.estimate, q.low, q.high) for q in found] == [
        (153, 11, 201), (301, 199, 363), (524, 429, 643), (735, 655, None)]  # fmt: skip


def test_weights_give_the_interval_of_r_on_repeated_rows(lung: pd.DataFrame) -> None:
    # R: w <- 1 + (seq_len(nrow(lung)) %% 3)
    # R: s <- survfit(Surv(rep(time, w), rep(status, w)) ~ 1, lung, conf.type = "log-log")
    # R: quantile(s, c(.25, .5, .75)); summary(s, times = 365)
    weight = 1 + np.arange(1, len(lung) + 1) % 3
    curve = kaplan_meier(lung["time"], lung["status"] == 2, weight=weight)
    found = [quantile(curve, share, level=0.95) for share in (0.25, 0.5, 0.75)]
    assert [(q.estimate, q.low, q.high) for q in found] == [(166, 145, 182), (306, 286, 351), (567, 519, 643)]
    share = share_within(curve, 365, level=0.95)
    assert [share.low, share.high] == pytest.approx([1 - 0.46287686, 1 - 0.36393282], abs=1e-7)
    assert at_risk_on(curve, 365) == 131


# --- by hand -------------------------------------------------------------------------


def test_the_worked_example_of_freireich_comes_out_as_printed() -> None:
    # 6-MP arm, Klein and Moeschberger (2003), table 4.1B: S and its standard error by Greenwood.
    time = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    event = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    curve = kaplan_meier(time, event)
    assert curve.days.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert curve.survival == pytest.approx([0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], abs=5e-4)
    error = curve.survival * np.sqrt(curve.log_variance)
    assert error == pytest.approx([0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346], abs=5e-5)


def test_five_cases_can_be_checked_on_paper() -> None:
    # Closed on 10, 20, 20; open since 15 and 30 days. S: 4/5; then 4/5 x 1/3 at day 20 (3 at risk).
    curve = kaplan_meier([10, 15, 20, 20, 30], [1, 0, 1, 1, 0])
    assert survival_on(curve, [9, 10, 19, 20, 30]) == pytest.approx([1, 0.8, 0.8, 4 / 15, 4 / 15])
    assert [at_risk_on(curve, day) for day in (1, 10, 11, 15, 16, 20, 21, 30, 31)] == [5, 5, 4, 4, 3, 3, 1, 1, 0]
    assert quantile(curve, 0.5, level=0.95).estimate == 20
    assert restricted_mean(curve, 25, level=0.95).estimate == pytest.approx(10 + 10 * 0.8 + 5 * 4 / 15)


def test_a_quantile_is_the_first_day_on_which_the_share_is_reached_even_when_the_curve_is_flat_there() -> None:
    curve = kaplan_meier(range(1, 11), [1] * 10)
    assert [quantile(curve, share, level=0.95).estimate for share in (0.1, 0.3, 0.5, 0.7, 0.9)] == [1, 3, 5, 7, 9]
    assert share_within(curve, 5, level=0.95).estimate == pytest.approx(0.5)


# --- against a slow second way -------------------------------------------------------


def _slow(rows: list[tuple[int, bool, int, int]]) -> tuple[dict[float, float], dict[float, float], dict[float, int]]:
    """Kaplan-Meier straight from the definition, one repeated person at a time."""
    people = [
        (time + 0.5 if time == entry else time, ended, entry) for time, ended, entry, weight in rows
        for _copy in range(weight)
    ]  # fmt: skip
    share, variance = 1.0, 0.0
    survival, spread, risk = {}, {}, {}
    for day in sorted({time for time, ended, _entry in people if ended}):
        at_risk = [person for person in people if person[2] < day <= person[0]]
        ended = sum(1 for person in at_risk if person[0] == day and person[1])
        share *= (len(at_risk) - ended) / len(at_risk)
        variance += np.inf if len(at_risk) == ended else ended / (len(at_risk) * (len(at_risk) - ended))
        survival[day], spread[day], risk[day] = share, variance, len(at_risk)
    return survival, spread, risk


_rows = st.lists(
    st.tuples(st.integers(0, 30), st.booleans(), st.integers(0, 30), st.integers(0, 4)).map(
        lambda row: (max(row[0], row[2]), row[1], min(row[0], row[2]), row[3])
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(_rows)
def test_a_slow_second_way_agrees_with_ties_late_entry_same_days_and_weights(
    rows: list[tuple[int, bool, int, int]],
) -> None:
    time, ended, entry, weight = (list(column) for column in zip(*rows, strict=True))
    curve = kaplan_meier(time, ended, entry=entry, weight=weight)
    survival, spread, risk = _slow(rows)
    assert curve.days.tolist() == sorted(survival)
    assert curve.survival == pytest.approx([survival[day] for day in curve.days], abs=1e-9)
    assert curve.at_risk.tolist() == [risk[day] for day in curve.days]
    positive = curve.survival > 0
    assert curve.log_variance[positive] == pytest.approx([spread[day] for day in curve.days[positive]])
    for day in range(1, 31):
        in_view = sum(w for t, e, s, w in rows if s < day <= (t + 0.5 if t == s else t))
        assert at_risk_on(curve, day) == in_view


@settings(max_examples=50, deadline=None)
@given(_rows)
def test_weights_say_the_same_as_rows_repeated(rows: list[tuple[int, bool, int, int]]) -> None:
    time, ended, entry, weight = (np.array(column) for column in zip(*rows, strict=True))
    grouped = kaplan_meier(time, ended, entry=entry, weight=weight)
    repeated = kaplan_meier(*(np.repeat(a, weight) for a in (time, ended)), entry=np.repeat(entry, weight))
    for read in (
        lambda c: quantile(c, 0.5, level=0.9),
        lambda c: share_within(c, 12, level=0.9),
        lambda c: restricted_mean(c, 12, level=0.9),
    ):
        assert read(grouped) == read(repeated)


def test_intervals_agree_with_statsmodels_where_it_has_them() -> None:
    rng = np.random.default_rng(11)
    time, event = rng.integers(1, 400, 300), rng.random(300) < 0.7
    other = SurvfuncRight(time, event.astype(int))
    curve = kaplan_meier(time, event)
    left = curve.survival > 0
    error = curve.survival[left] * np.sqrt(curve.log_variance[left])
    assert error == pytest.approx(other.surv_prob_se[left])
    for share in (0.25, 0.5, 0.75):
        found = quantile(curve, share, level=0.95)
        assert found.estimate == other.quantile(share)


# --- traps ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("time", "event", "extra"),
    [
        ([1, np.nan, 3], [1, 1, 1], {}),
        ([1, 2, np.inf], [1, 1, 1], {}),
        ([1, -2, 3], [1, 1, 1], {}),
        ([1, 2, 3], [1, np.nan, 1], {}),
        ([1, 2, 3], [1, 2, 1], {}),
        ([1, 2, 3], [1, 1], {}),
        ([1, 2, 3], [1, 1, 1], {"entry": [0, 3, 0]}),
        ([1, 2, 3], [1, 1, 1], {"entry": [0, np.nan, 0]}),
        ([1, 2, 3], [1, 1, 1], {"weight": [1, 0.5, 1]}),
        ([1, 2, 3], [1, 1, 1], {"weight": [1, -1, 1]}),
    ],
)
def test_a_missing_negative_or_impossible_value_is_refused(
    time: list[float], event: list[float], extra: dict[str, Any]
) -> None:
    with pytest.raises(WrongUse):
        kaplan_meier(time, event, **extra)


def test_statsmodels_itself_lets_one_missing_duration_corrupt_the_curve() -> None:
    # The reason for the guard: if this ever fails, the guard may be looked at again.
    corrupted = SurvfuncRight(np.array([1.0, 2.0, np.nan, 4.0]), np.array([1, 1, 1, 1]))
    assert not np.allclose(corrupted.surv_prob[:2], [2 / 3, 1 / 3])


def test_a_case_of_one_day_counts_half_a_day_and_is_within_one_day() -> None:
    curve = kaplan_meier([0, 0, 4, 6], [1, 0, 1, 1])
    assert curve.days.tolist() == [0.5, 4, 6]
    assert curve.at_risk.tolist() == [4, 2, 1]
    assert share_within(curve, 1, level=0.95).estimate == pytest.approx(0.25)
    assert share_within(curve, 0, level=0.95).estimate == 0


def test_a_case_that_ends_on_the_day_it_comes_into_view_was_in_view_for_half_a_day() -> None:
    curve = kaplan_meier([5, 5, 8], [1, 1, 1], entry=[5, 0, 0])
    assert curve.days.tolist() == [5, 5.5, 8]
    assert curve.at_risk.tolist() == [2, 2, 1]


def test_nobody_no_end_and_an_unreached_quantile_have_defined_answers() -> None:
    nobody, all_open = kaplan_meier([], []), kaplan_meier([5, 8], [0, 0])
    half_open = kaplan_meier([5, 8, 9], [1, 0, 0])
    for read in (lambda c: quantile(c, 0.5, level=0.95), lambda c: share_within(c, 3, level=0.95),
                 lambda c: restricted_mean(c, 3, level=0.95)):  # fmt: skip
        assert (read(nobody).estimate, read(nobody).refusal) == (None, "not_at_risk")
        assert (read(all_open).estimate, read(all_open).refusal) == (None, "no_events")
    assert at_risk_on(nobody, 3) == 0
    assert quantile(half_open, 0.5, level=0.95).refusal == "not_reached"


def test_beyond_the_last_day_of_view_nothing_is_said_unless_all_have_closed() -> None:
    open_end, closed_end = kaplan_meier([2, 3, 9], [1, 1, 0]), kaplan_meier([2, 3, 9], [1, 1, 1])
    assert share_within(open_end, 10, level=0.95).refusal == "not_at_risk"
    assert restricted_mean(open_end, 10, level=0.95).refusal == "not_at_risk"
    assert share_within(closed_end, 10, level=0.95).estimate == 1
    assert restricted_mean(closed_end, 10, level=0.95).estimate == pytest.approx(14 / 3)


def test_a_share_of_nought_or_one_has_no_interval() -> None:
    curve = kaplan_meier([2, 3, 9], [1, 1, 1])
    for day in (1, 9):
        share = share_within(curve, day, level=0.95)
        assert (share.low, share.high) == (None, None)


def test_conditioning_on_a_day_leaves_out_who_ended_before_and_says_so() -> None:
    time, event = np.array([1, 4, 6, 8, 9]), np.array([1, 1, 1, 0, 1])
    curve = kaplan_meier(time, event, from_day=4)
    assert curve.n == 3 and curve.from_day == 4
    assert curve.survival == pytest.approx(kaplan_meier(time[2:] - 4, event[2:]).survival)
    assert share_within(curve, 3, level=0.95).refusal == "not_at_risk"
    assert restricted_mean(curve, 8, level=0.95).refusal == "not_at_risk"


def test_a_thin_start_by_late_entry_is_noticed_and_an_ordinary_cohort_never_is() -> None:
    entry = [0, 100, 100, 100, 100]
    thin = kaplan_meier([3, 150, 160, 170, 180], [1, 1, 1, 1, 0], entry=entry)
    assert survival_on(thin, 3) == 0  # one early end drives the curve to nought for good
    assert thin_start(thin, minimum=2)
    unseen = kaplan_meier([150, 160, 170], [1, 1, 1], entry=[100, 100, 100])
    assert thin_start(unseen, minimum=1)
    assert not thin_start(kaplan_meier([1, 2, 3], [1, 0, 1]), minimum=10)
    assert not thin_start(kaplan_meier([], []), minimum=10)


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_outside_nought_and_one_is_refused(level: float) -> None:
    with pytest.raises(WrongUse):
        share_within(kaplan_meier([1, 2], [1, 1]), 1, level=level)


def test_an_unknown_transform_and_a_quantile_of_nought_are_refused() -> None:
    curve = kaplan_meier([1, 2], [1, 1])
    with pytest.raises(WrongUse):
        quantile(curve, 0.5, level=0.95, transform="logit")  # type: ignore[arg-type]
    with pytest.raises(WrongUse):
        quantile(curve, 0, level=0.95)


def test_a_curve_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        kaplan_meier([1], [1]).n = 2  # type: ignore[misc]


# --- properties ----------------------------------------------------------------------


@settings(max_examples=50, deadline=None)
@given(_rows, st.integers(1, 10))
def test_durations_in_another_unit_scale_every_quantile(rows: list[tuple[int, bool, int, int]], factor: int) -> None:
    time, ended = [row[0] + 1 for row in rows], [row[1] for row in rows]
    one, other = kaplan_meier(time, ended), kaplan_meier(np.array(time) * factor, ended)
    first, second = (quantile(curve, 0.5, level=0.95) for curve in (one, other))
    assert first.refusal == second.refusal
    if first.estimate is not None:
        assert second.estimate == first.estimate * factor


@settings(max_examples=80, deadline=None)
@given(_rows, st.floats(0.05, 0.95))
def test_an_interval_holds_its_estimate(rows: list[tuple[int, bool, int, int]], share: float) -> None:
    curve = kaplan_meier([row[0] for row in rows], [row[1] for row in rows])
    for said in (quantile(curve, share, level=0.9), share_within(curve, 12, level=0.9)):
        if said.estimate is not None:
            assert said.low is None or said.low <= said.estimate + 1e-12
            assert said.high is None or said.high >= said.estimate - 1e-12


def test_the_interval_of_the_median_covers_the_planted_median_about_as_often_as_it_says() -> None:
    # Exponential, true median 166 days, about a third still open; 400 delivered sets of 150 cases.
    rng = np.random.default_rng(20)
    covered = 0
    for _delivery in range(400):
        true_time = np.ceil(rng.exponential(166 / np.log(2), 150))
        view = rng.integers(1, 730, 150)
        median = quantile(kaplan_meier(np.minimum(true_time, view), true_time <= view), 0.5, level=0.95)
        assert median.low is not None and median.high is not None
        covered += median.low <= 166 <= median.high
    assert 0.92 <= covered / 400 <= 0.98


@pytest.mark.parametrize(("transform", "low"), [("log", 1387), ("log-log", 1032)])
def test_a_quantile_that_is_not_reached_still_says_how_long_it_takes_at_least(transform: Transform, low: float) -> None:
    heart = pd.read_csv(Path(__file__).parent / "data" / "heart.csv")
    curve = kaplan_meier(heart["stop"], heart["event"], entry=heart["start"])
    # R: quantile(survfit(Surv(start, stop, event) ~ 1, heart), 0.9)  # and conf.type = "log-log"
    found = quantile(curve, 0.9, level=0.95, transform=transform)
    assert (found.estimate, found.refusal, found.low, found.high) == (None, "not_reached", low, None)


def test_the_middle_of_a_flat_part_is_what_r_says() -> None:
    # R: quantile(survfit(Surv(c(2, 3, 4, 9), rep(1, 4)) ~ 1), .5)
    # R: quantile(survfit(Surv(c(2, 3, 5, 9), c(1, 1, 0, 0)) ~ 1), .5)
    assert quantile(kaplan_meier([2, 3, 4, 9], [1] * 4), 0.5, level=0.95, flat="middle").estimate == 3.5
    to_the_end = kaplan_meier([2, 3, 5, 9], [1, 1, 0, 0])
    assert quantile(to_the_end, 0.5, level=0.95, flat="middle").estimate == 6
    assert quantile(to_the_end, 0.4, level=0.95, flat="middle").estimate == 3
    with pytest.raises(WrongUse, match="flat"):
        quantile(to_the_end, 0.5, level=0.95, flat="last")  # type: ignore[arg-type]


def test_the_whole_curve_is_that_of_statsmodels(lung: pd.DataFrame) -> None:
    rng = np.random.default_rng(3)
    for finer in (1.0, 0.37):
        time, entry = rng.integers(1, 200, 500) * finer, rng.integers(0, 40, 500) * finer
        seen = time > entry
        time, entry, ended = time[seen], entry[seen], rng.random(seen.sum()) < 0.6
        other, curve = SurvfuncRight(time, ended, entry=entry), kaplan_meier(time, ended, entry=entry)
        assert curve.days == pytest.approx(other.surv_times)
        assert (curve.at_risk == other.n_risk).all() and (curve.events == other.n_events).all()
        assert curve.survival == pytest.approx(other.surv_prob)


def test_a_curve_shows_itself_as_a_table_and_a_figure(lung: pd.DataFrame) -> None:
    curve = _of(lung)
    table = curve.table(level=0.95)
    assert table.columns.tolist() == ["day", "at_risk", "events", "survival", "standard_error", "low", "high"]
    said = share_within(curve, 310, level=0.95)
    row = table[table["day"] <= 310].iloc[-1]
    assert said.low is not None and said.standard_error == row["standard_error"]
    assert 1 - row["high"] == pytest.approx(said.low)
    assert "n = 228, events = 165" in curve._repr_html_()
    assert "nan" not in kaplan_meier([1, 2], [True, True])._repr_html_().lower()
    assert curve.plot().get_lines()[0].get_ydata()[:2].tolist() == [1.0, curve.survival[0]]
    assert kaplan_meier([], []).table(level=0.95).empty
