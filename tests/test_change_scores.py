"""Before and after 12 November 2020: by hand, against the estimators, refusals, the planted change, placebo dates."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from small_case_files import DELIVERED, case_files
from stage_files import by_id

from data_contracts.case_files import CaseFiles
from data_contracts.example import example_tables
from data_contracts.example.history import draw_history, gross
from data_contracts.example.plan import Plan, draw_plan
from evaluation.duration.change_at_date import change_in_cohorts, change_in_pace, placebo_breaks
from evaluation.duration.change_scores import (
    MAX_LAG_MONTHS,
    SERIES_DAYS,
    WINDOW_DAYS,
    WITHIN_DAYS,
    change_scores,
    covered_from,
    covered_until,
    dated_rows,
    placebo_dates,
)
from evaluation.duration.interrupted_series import interrupted_series, monthly_shares
from evaluation.duration.total import case_durations
from evaluation.period import period
from evaluation.scores import Part, Score

AS_OF = date(2024, 12, 31)
BREAK = date(2020, 11, 12)


def _scored(files: CaseFiles, *, as_of: date = AS_OF) -> Part:
    cases = case_durations(files, as_of=as_of)
    return change_scores(files, cases, as_of=as_of, level=0.95, span=period(files, as_of))


def _files(opened: list[str], days: list[int | None], **more: Any) -> CaseFiles:
    start = more.pop("start", None)
    cases = []
    for number, (day, lasts) in enumerate(zip(opened, days, strict=True)):
        first = pd.Timestamp(day)
        closed = {"closed_on": None, "status": "lopend", "exit_kind": None}
        if lasts is not None:
            closed = {"closed_on": first + pd.Timedelta(days=lasts)}
        cases.append({"case_id": f"Z{number:05d}", "opened_on": first} | closed | more)
    delivery = DELIVERED | {"cohort_basis": "geopend", "period_start": start, "period_end": "2024-12-31"}
    return case_files(cases=cases, delivery=[delivery])


def _monthly(first: str, last: str, *, days: int, many: int = 12) -> tuple[list[str], list[int | None]]:
    """Return `many` cases opened in every month: half last so many days, half 300 more."""
    months = pd.date_range(first, last, freq="MS")
    opened = [f"{month:%Y-%m}-{day:02d}" for month in months for day in range(1, many + 1)]
    return opened, [days, days + 300] * (len(opened) // 2)


def test_twelve_cases_a_month_by_hand() -> None:
    # Half of the cases last 100 days and half 400 before, 200 and 500 after. Within a year: mean days (100 + 365) / 2
    # and (200 + 365) / 2. Half closed within a year on both sides; within 180 days half before, none after.
    before, after = (
        _monthly("2017-01-01", "2019-11-01", days=100), _monthly("2020-11-01", "2022-11-01", days=200)
    )  # fmt: skip
    part = _scored(_files(before[0] + after[0], before[1] + after[1], start="2017-01-01"))
    found = by_id(part)
    for side, days in (("before", 232.5), ("after", 282.5)):
        assert found[f"duration.change_cohorts.mean_days_{side}.all"].estimate == pytest.approx(days, abs=0.6)
        assert found[f"duration.change_cohorts.share_{side}.all"].estimate == pytest.approx(0.5, abs=0.01)
    change = found["duration.change_cohorts.mean_days_change.all"]
    assert change.estimate == pytest.approx(50, abs=1)
    assert change.low < 50 < change.high
    assert change.unit == "days"
    # Opened from 13 November 2017 to 12 November 2019, and from 12 November 2020 to 11 November 2022.
    sides = [found[f"duration.change_cohorts.mean_days_{side}.all"] for side in ("before", "after")]
    assert [side.n for side in sides] == [24 * 12, 1 + 23 * 12 + 11]
    assert change.n == sum(side.n for side in sides)
    assert change.period == "2017-11-13/2022-11-11"
    share = found["duration.change_cohorts.share_change.all"]
    assert (share.unit, share.estimate) == ("points", pytest.approx(0, abs=0.01))
    assert found["duration.change_series.level_change.all"].refusal == "separation"  # none closed in time after
    assert set(found) == {
        f"duration.change_{way}.{name}_{side}.all"
        for way in ("cohorts", "pace") for name in ("mean_days", "share") for side in ("before", "after", "change")
    } | {f"duration.change_cohorts.placebo_{name}.all" for name in ("dates", "as_large", "share_as_large")} | {
        f"duration.change_series.{name}_change.all" for name in ("level", "slope")
    }  # fmt: skip


def test_cases_opened_in_the_year_before_the_date_count_in_the_pace_and_not_in_the_cohorts() -> None:
    sides = _monthly("2018-01-01", "2019-11-01", days=100), _monthly("2020-12-01", "2022-11-01", days=100)
    exposed = _monthly("2020-01-01", "2020-10-01", days=100)
    opened, days = (sides[0][at] + sides[1][at] for at in (0, 1))
    without = by_id(_scored(_files(opened, days, start="2018-01-01")))
    found = by_id(_scored(_files(opened + exposed[0], days + exposed[1], start="2018-01-01")))
    for side in ("before", "after"):
        cohorts, pace = (f"duration.change_{way}.mean_days_{side}.all" for way in ("cohorts", "pace"))
        assert found[cohorts] == without[cohorts]
        assert found[pace].n > without[pace].n


@pytest.fixture(scope="module")
def example() -> tuple[CaseFiles, Part]:
    tables, _truth = example_tables(seed=5, cases_per_year=150)
    tables["delivery"] = tables["delivery"].assign(cohort_basis="alle", period_start=np.datetime64("2016-07-01", "s"))
    files = CaseFiles(**tables).at(AS_OF)
    return files, _scored(files)


def test_the_numbers_are_those_of_the_estimators_with_late_entry(example: tuple[CaseFiles, Part]) -> None:
    files, part = example
    found = by_id(part)
    cases = files.cases[(files.cases["kind"] == "disciplinair")]
    closed = cases["closed_on"].notna()
    until = cases["closed_on"].fillna(pd.Timestamp(AS_OF))
    seen = ~(until < "2016-07-01")
    cases, closed, until = cases[seen], closed[seen], until[seen]
    entered = cases["opened_on"].clip(lower=pd.Timestamp("2016-07-01"))
    assert (entered > cases["opened_on"]).any()
    columns = cases["opened_on"], until, closed
    for way, compare in (("cohorts", change_in_cohorts), ("pace", change_in_pace)):
        direct = compare(*columns, break_on=BREAK, within_days=365, window_days=730, level=0.95, entered_on=entered)
        for name, difference in (("mean_days", direct.mean_days), ("share", direct.share_within)):
            said = found[f"duration.change_{way}.{name}_change.all"]
            assert (said.estimate, said.low, said.high) == pytest.approx(
                (difference.estimate, difference.low, difference.high)
            )
            for side in ("before", "after"):
                one = found[f"duration.change_{way}.{name}_{side}.all"]
                assert one.estimate == pytest.approx(getattr(difference, side).estimate)
                assert (one.n, one.events) == (getattr(difference, side).n, getattr(difference, side).n_events)
    months = monthly_shares(*columns, within_days=SERIES_DAYS, first=date(2016, 7, 1), last=AS_OF)
    series = interrupted_series(months, break_on=BREAK, within_days=SERIES_DAYS, level=0.95, max_lag=MAX_LAG_MONTHS)
    for name, unit, shift in (
        ("level_change", "points", series.level_change), ("slope_change", "logit", series.slope_change),
    ):  # fmt: skip
        said = found[f"duration.change_series.{name}.all"]
        assert (said.estimate, said.low, said.high) == pytest.approx((shift.estimate, shift.low, shift.high))
        assert (said.unit, said.n, said.period) == (unit, series.n, "2016-07-01/2024-06-30")
    at = placebo_dates(BREAK, first=date(2016, 7, 1), last=AS_OF)
    placebos = placebo_breaks(*columns, break_on=BREAK, at=at, within_days=WITHIN_DAYS, window_days=WINDOW_DAYS,
                              level=0.95, entered_on=entered)  # fmt: skip
    dates, as_large = (found[f"duration.change_cohorts.placebo_{name}.all"] for name in ("dates", "as_large"))
    assert (dates.estimate, as_large.estimate) == (placebos.dates, placebos.mean_as_large)
    assert len(at) == placebos.dates > 5


def test_the_card_says_how_much_and_never_why(example: tuple[CaseFiles, Part]) -> None:
    (card,) = example[1].cards
    assert card.id == "duration.change"
    assert card.estimator["nl"].startswith("Dit zegt hoeveel er rond de datum veranderde, nooit waardoor.")
    assert "never why" in card.estimator["en"]
    assert "beide tijden" in card.missing_and_exits["nl"]
    assert "contouren" in card.title["nl"] and "outlines" in card.title["en"]


@pytest.fixture(scope="module")
def planted() -> tuple[dict[str, Score], float, float]:
    """Scores of a large example, and the true change in mean days and share of the same plan, followed to the end."""
    seed, many = 4, 900
    tables, _truth = example_tables(seed=seed, cases_per_year=many)
    rng = np.random.default_rng(seed)
    plan = draw_plan(many, rng)
    larger = Plan(**{**vars(plan), "cases_per_year": 12000})
    history = draw_history(larger, np.random.default_rng(99))
    history = history[history["kind"] == "disciplinair"].reset_index(drop=True)
    days = gross(history, np.minimum(history["leaves"], history["besl"]).to_numpy()) - history["opened"].to_numpy()
    opened = history["opened"].to_numpy() - np.datetime64(BREAK, "D").astype(int)
    before = (opened >= -(WITHIN_DAYS + WINDOW_DAYS)) & (opened < -WITHIN_DAYS)
    after = (opened >= 0) & (opened < WINDOW_DAYS)
    mean = np.minimum(days, WITHIN_DAYS)
    as_of = date(2026, 1, 31)
    return (
        by_id(_scored(CaseFiles(**tables).at(as_of), as_of=as_of)),
        float(mean[after].mean() - mean[before].mean()),
        float((days[after] <= WITHIN_DAYS).mean() - (days[before] <= WITHIN_DAYS).mean()),
    )


def test_the_planted_change_lies_in_the_intervals_of_the_cohorts(
    planted: tuple[dict[str, Score], float, float],
) -> None:
    scores, days, share = planted
    assert days > 5  # years about 2021 were planted slower than 2018 and 2019
    for name, truth in (("mean_days", days), ("share", share)):
        said = scores[f"duration.change_cohorts.{name}_change.all"]
        assert said.low < truth < said.high
    assert scores["duration.change_cohorts.mean_days_change.all"].low > 0
    pace = scores["duration.change_pace.mean_days_change.all"]
    assert 0 < pace.estimate < 2 * days


def test_placebo_dates_show_that_the_years_drift_anyway(planted: tuple[dict[str, Score], float, float]) -> None:
    # Every year was planted with a factor of its own: differences of this size turn up at other dates too.
    scores = planted[0]
    dates, as_large = (scores[f"duration.change_cohorts.placebo_{name}.all"] for name in ("dates", "as_large"))
    assert dates.estimate > 20
    assert 0 < as_large.estimate <= dates.estimate
    assert (dates.unit, as_large.unit, as_large.n) == ("count", "count", dates.estimate)


def test_placebo_dates_have_a_year_of_openings_on_both_sides_of_one_regime() -> None:
    dates = placebo_dates(BREAK, first=date(2016, 1, 1), last=date(2026, 1, 31))
    early, late = [day for day in dates if day < BREAK], [day for day in dates if day > BREAK]
    assert (early[0], early[-1]) == (date(2018, 1, 1), date(2018, 11, 1))
    assert (late[0], late[-1]) == (date(2022, 12, 1), date(2024, 2, 1))
    assert min(early) - timedelta(WITHIN_DAYS + 365) >= date(2016, 1, 1)
    assert max(early) + timedelta(WITHIN_DAYS + 365) <= BREAK
    assert placebo_dates(BREAK, first=date(2020, 1, 1), last=date(2021, 12, 31)) == []


def test_without_room_for_placebo_dates_there_are_none_and_nothing_is_as_large() -> None:
    before, after = (
        _monthly("2019-01-01", "2019-11-01", days=100), _monthly("2020-12-01", "2021-12-01", days=100)
    )  # fmt: skip
    found = by_id(_scored(_files(before[0] + after[0], before[1] + after[1], start="2019-01-01"),
                          as_of=date(2022, 10, 31)))  # fmt: skip
    assert found["duration.change_cohorts.mean_days_change.all"].refusal is None
    assert found["duration.change_cohorts.placebo_dates.all"].estimate == 0
    assert found["duration.change_cohorts.placebo_as_large.all"].refusal == "not_estimable"


@pytest.mark.parametrize("unit", ["District 4", None])
def test_other_units_than_the_dutch_ones_are_refused(unit: str | None) -> None:
    opened, days = _monthly("2017-01-01", "2022-11-01", days=100)
    part = _scored(_files(opened, days, unit=unit))
    assert by_id(part) == {}
    assert [(refusal.measure, refusal.needs) for refusal in part.refusals] == [("duration.change", ("cases.unit",))]
    assert "Nederlandse politie" in part.refusals[0].reason["nl"]


@pytest.mark.parametrize(("first", "last"), [("2017-01-01", "2019-06-01"), ("2021-01-01", "2023-01-01")])
def test_nothing_before_or_nothing_after_is_refused(first: str, last: str) -> None:
    part = _scored(_files(*_monthly(first, last, days=100)))
    assert by_id(part) == {}
    assert "2020-11-12" in part.refusals[0].reason["nl"] and "2020-11-12" in part.refusals[0].reason["en"]


def test_where_only_the_cohorts_lack_a_side_the_pace_is_given_and_the_others_say_why() -> None:
    # Four cases a month from November 2019 on: hardly a cohort before, but a year of days of the calendar.
    opened, days = _monthly("2019-11-01", "2022-11-01", days=100, many=4)
    found = by_id(_scored(_files(opened, days, start="2019-11-01")))
    assert found["duration.change_pace.mean_days_change.all"].refusal is None
    assert found["duration.change_cohorts.mean_days_before.all"].refusal == "too_few"
    assert found["duration.change_cohorts.mean_days_change.all"].refusal == "too_few"
    assert found["duration.change_cohorts.mean_days_after.all"].refusal is None
    assert found["duration.change_series.level_change.all"].refusal == "too_few"
    assert found["duration.change_cohorts.placebo_as_large.all"].refusal == "not_estimable"


def test_the_series_begins_where_every_unit_delivers_but_a_unit_that_is_new_hides_nothing() -> None:
    delivery = [
        DELIVERED | {"unit": unit, "period_start": start, "period_end": "2023-06-30"}
        for unit, start in (("AMS", "2016-01-01"), ("DH", "2018-03-01"), ("LX", "2024-01-01"), ("OB", None))
    ]
    files = case_files(cases=[{"case_id": "1"}], delivery=delivery)
    assert covered_from(files, "2016-01-01/2023-06-30") == date(2018, 3, 1)
    assert covered_until(files, date(2024, 12, 31), within_days=180) == date(2023, 12, 27)
    assert covered_until(files, date(2023, 9, 1), within_days=180) == date(2023, 9, 1)


def test_a_case_as_days_of_the_calendar() -> None:
    files = _files(["2020-03-01", "2024-12-01"], [30, None])
    rows = dated_rows(files, case_durations(files, as_of=AS_OF))
    assert rows["until"].tolist() == [pd.Timestamp("2020-03-31"), pd.Timestamp(AS_OF)]
    assert rows["closed"].tolist() == [True, False]
    assert rows["entered_on"].tolist() == rows["opened_on"].tolist()
