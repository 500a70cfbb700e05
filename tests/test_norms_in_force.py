"""Share within the norm: each case by its own version, terms by the calendar, and what has no norm."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from small_case_files import case_files

from data_contracts.errors import WrongUse
from data_contracts.procedure import Norm, norms
from evaluation.duration.norms_in_force import NO_NORM, NormShare, limits, norm_share, stage_norm_shares, version_on
from evaluation.duration.stages import stage_durations
from evaluation.survival.kaplan_meier import kaplan_meier, share_within

TEXT = {"nl": "-", "en": "-"}
TEN_WEEKS = Norm("k", TEXT, 70, None, "calendar", date(2013, 1, 1), date(2020, 12, 31), TEXT, "R")
SIX_WEEKS = replace(TEN_WEEKS, days=42, valid_from=date(2021, 1, 1), valid_to=None)
NONE = replace(TEN_WEEKS, days=None, counting=None, valid_from=date(2011, 1, 1), valid_to=date(2012, 12, 31))
QUARTER = replace(TEN_WEEKS, days=None, months=3, valid_to=None)
TEN_WORKING = replace(TEN_WEEKS, days=10, counting="working", valid_to=None)


def _share(
    start: Sequence, days: Sequence[int], ended: Sequence[bool], given: Sequence[Norm], **more: object
) -> NormShare:
    begin = np.asarray(start, dtype="datetime64[D]")
    until = begin + np.asarray(days)
    return norm_share(begin, until, ended, norms=given, code="k", **({"level": 0.95, "extension": "none"} | more))  # type: ignore[arg-type]


def test_one_version_in_days_is_kaplan_meier_on_that_day_interval_and_all() -> None:
    rng = np.random.default_rng(1)
    days, ended, weight = rng.integers(0, 150, 200), rng.random(200) < 0.7, rng.integers(1, 4, 200)
    start = np.datetime64("2015-01-01") + rng.integers(0, 300, 200)
    found = _share(start, days, ended, [TEN_WEEKS], weight=weight)
    plain = share_within(kaplan_meier(days, ended, weight=weight), 70, level=0.95)
    assert found.share.estimate == pytest.approx(plain.estimate)
    assert (found.share.low, found.share.high) == (pytest.approx(plain.low), pytest.approx(plain.high))
    assert found.n_in_force == weight.sum()


def test_each_case_is_held_to_the_version_of_its_own_date() -> None:
    start = ["2020-12-31"] * 10 + ["2021-01-01"] * 10
    # Seventy days: within ten weeks, not within six. Six of the older ones and none of the newer are in time.
    found = _share(start, [70] * 6 + [71] * 4 + [70] * 10, [True] * 20, [TEN_WEEKS, SIX_WEEKS])
    assert found.versions["n"].tolist() == [10, 10]
    assert found.versions["estimate"].tolist() == pytest.approx([0.6, 0.0])
    assert found.share.estimate == pytest.approx(0.3)


def test_a_version_weighs_as_many_cases_as_it_has() -> None:
    start = ["2020-06-01"] * 6 + ["2021-06-01"] * 2
    found = _share(start, [60, 60, 60, 80, 80, 80, 30, 50], [True] * 8, [TEN_WEEKS, SIX_WEEKS], weight=[1] * 7 + [3])
    assert found.share.estimate == pytest.approx((6 * 0.5 + 4 * 0.25) / 10)


def test_versions_are_averaged_with_the_sum_of_their_variances() -> None:
    # R: summary(survfit(Surv(c(40,60,80,90,50), c(1,1,1,1,0)) ~ 1), times=70)[c("surv", "std.err")]
    # 0.53333333 0.24825316; and of Surv(c(30,35,50,60,20), c(1,1,1,1,0)) at 42: 0.5 0.25
    start = ["2020-06-01"] * 5 + ["2021-06-01"] * 5
    found = _share(start, [40, 60, 80, 90, 50, 30, 35, 50, 60, 20], [True] * 4 + [False] + [True] * 4 + [False],
                   [TEN_WEEKS, SIX_WEEKS])  # fmt: skip
    assert found.versions["estimate"].tolist() == pytest.approx([1 - 0.53333333, 0.5])
    assert found.share.estimate == pytest.approx(1 - (0.53333333 + 0.5) / 2)
    assert found.share.standard_error == pytest.approx(np.hypot(0.24825316, 0.25) / 2, rel=1e-6)


def test_one_curve_over_all_versions_would_lean_to_the_version_followed_longest() -> None:
    # By the older version half are in time, by the newer all would be; the newer ones are mostly still open.
    rng = np.random.default_rng(5)
    right, pooled = [], []
    for _turn in range(40):
        days = np.concatenate([rng.choice([60, 80], 200), rng.integers(20, 42, 200)])
        view = np.concatenate([np.full(200, 999), rng.integers(1, 60, 200)])
        start, limit = ["2020-06-01"] * 200 + ["2021-06-01"] * 200, np.repeat([70, 42], 200)
        seen, ended = np.minimum(days, view), days <= view
        one = _share(start, seen, ended, [TEN_WEEKS, SIX_WEEKS])
        right.append(one.share.estimate)
        pooled.append(share_within(kaplan_meier(1000 * seen / limit, ended), 1000, level=0.95).estimate)
    assert np.mean(right) == pytest.approx(0.75, abs=0.01)
    assert np.mean(pooled) < 0.72


def test_no_norm_in_force_is_an_answer_and_so_is_that_nobody_knows() -> None:
    found = _share(["2010-06-01", "2011-06-01", "2012-06-01"], [10, 10, 10], [True] * 3, [NONE, TEN_WEEKS])
    assert (found.n_in_force, found.n_no_norm, found.n_unknown) == (0, 2, 1)
    assert found.share.refusal == NO_NORM and found.share.estimate is None
    some = _share(["2011-06-01", "2015-06-01", "NaT"], [10, 10, 10], [True] * 3, [NONE, TEN_WEEKS])
    assert (some.n_in_force, some.n_no_norm, some.n_unknown, some.share.estimate) == (1, 1, 1, 1.0)


def test_the_date_of_the_case_may_be_another_than_the_start_of_the_clock() -> None:
    found = _share(["2021-01-05"] * 4, [50] * 4, [True] * 4, [TEN_WEEKS, SIX_WEEKS], case_on=["2020-12-01"] * 4)
    assert found.versions["n"].tolist() == [4, 0] and found.share.estimate == 1.0


@pytest.mark.parametrize(
    ("norm", "start", "last"),
    [
        (QUARTER, "2023-11-30", "2024-02-29"),  # a month without that day ends on its last
        (QUARTER, "2023-02-28", "2023-05-28"),
        (TEN_WEEKS, "2020-01-01", "2020-03-11"),
        (TEN_WORKING, "2020-04-02", "2020-04-20"),  # Good Friday and Easter Monday in between
        (TEN_WORKING, "2021-03-06", "2021-03-19"),  # from a Saturday
    ],
)
def test_limits_worked_by_hand(norm: Norm, start: str, last: str) -> None:
    assert limits(norm, [start], extension="none").astype(str).tolist() == [last]


def test_a_statutory_term_that_ends_on_a_free_day_runs_on_unless_it_is_longer_than_the_act_allows() -> None:
    saturday = ["2020-01-04"]  # ten weeks later is Saturday 14 March
    assert limits(TEN_WEEKS, saturday, extension="none").astype(str).tolist() == ["2020-03-14"]
    assert limits(TEN_WEEKS, saturday, extension="termijnenwet").astype(str).tolist() == ["2020-03-16"]
    fourteen = replace(TEN_WEEKS, days=98)
    assert limits(fourteen, saturday, extension="termijnenwet").astype(str).tolist() == ["2020-04-11"]
    late = _share(saturday * 10, [72] * 10, [True] * 10, [TEN_WEEKS], extension="termijnenwet")
    assert late.share.estimate == 1.0
    assert _share(saturday * 10, [72] * 10, [True] * 10, [TEN_WEEKS]).share.estimate == 0.0
    with pytest.raises(WrongUse, match="verlenging"):
        limits(TEN_WEEKS, saturday, extension="ja")  # type: ignore[arg-type]


def test_working_days_decide_by_the_date_a_saturday_after_the_last_day_is_late() -> None:
    friday, saturday = [14] * 5, [15] * 5  # ten working days from Friday 5 March 2021 end on Friday 19 March
    found = _share(["2021-03-05"] * 10, friday + saturday, [True] * 10, [TEN_WORKING])
    assert found.share.estimate == 0.5


def test_rounding_never_carries_a_case_over_its_limit() -> None:
    start = np.datetime64("2015-01-01") + np.arange(2000)
    last = limits(QUARTER, start, extension="none")
    on_time = norm_share(start, last, [True] * 2000, norms=[QUARTER], code="k", level=0.95, extension="none")
    too_late = norm_share(start, last + 1, [True] * 2000, norms=[QUARTER], code="k", level=0.95, extension="none")
    assert (on_time.share.estimate, too_late.share.estimate) == (1.0, 0.0)


def test_open_cases_are_censored_and_late_entry_counts_from_then_on() -> None:
    rng = np.random.default_rng(6)
    start = np.datetime64("2015-01-01") + rng.integers(0, 300, 300)
    entry, more = rng.integers(0, 30, 300) * (np.arange(300) > 150), rng.integers(1, 120, 300)
    ended = rng.random(300) < 0.6
    found = _share(start, entry + more, ended, [TEN_WEEKS], entered_on=start + entry)
    plain = share_within(kaplan_meier(entry + more, ended, entry=entry), 70, level=0.95)
    assert found.share.estimate == pytest.approx(plain.estimate)
    early = _share(start, more, ended, [TEN_WEEKS], entered_on=start + more + 1)
    assert early.n_left_out == 300 and early.share.refusal == "not_at_risk"


def test_a_version_that_cannot_be_said_stops_the_average() -> None:
    found = _share(["2020-06-01"] * 5 + ["2021-06-01"] * 5, [60] * 5 + [10] * 5, [True] * 5 + [False] * 5,
                   [TEN_WEEKS, SIX_WEEKS])  # fmt: skip
    assert found.versions["refusal"].fillna("").tolist() == ["", "no_events"]
    assert found.share.estimate is None and found.share.refusal == "no_events"


def test_a_norm_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(WrongUse, match="klacht_besluit"):
        norm_share(["2020-01-01"], ["2020-02-01"], [True], norms=norms(), code="klacht", level=0.95, extension="none")


def test_versions_change_on_the_day_itself() -> None:
    assert version_on([TEN_WEEKS, SIX_WEEKS], ["2012-12-31", "2020-12-31", "2021-01-01"]).tolist() == [-1, 0, 1]
    assert version_on([TEN_WEEKS], []).tolist() == []


def test_stages_are_held_to_the_norm_that_their_table_names() -> None:
    complaints = [
        {"case_id": f"K{n}", "kind": "klacht", "opened_on": "2021-03-01",
         "closed_on": pd.Timestamp("2021-03-01") + pd.Timedelta(days=60 + n)}
        for n in range(20)
    ]  # fmt: skip
    files = case_files(cases=[*complaints, {"case_id": "D"}], suspensions=[])
    rows = stage_durations(files, as_of=date(2021, 12, 31))
    found = stage_norm_shares(rows, norms=norms(), level=0.95, extension="none")
    assert set(found) == {"total", "complaint"}
    assert found["complaint"].share.estimate == pytest.approx(11 / 20)
    assert found["total"].share.refusal == NO_NORM and found["total"].n_no_norm == 1
