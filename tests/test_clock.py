"""The clock of a case: gross days, and days net of suspension."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from data_contracts.errors import WrongUse
from evaluation.duration.clock import (
    CRIMINAL_TRACK,
    dates,
    day_numbers,
    end_of_view,
    entered_on,
    gross_days,
    net_days,
    suspended_days,
    suspension_spells,
)


def _spells(*rows: tuple[str, str | None, str | None, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["case_id", "start_on", "end_on", "reason"], dtype="object")
    for column in ("start_on", "end_on"):
        frame[column] = pd.to_datetime(frame[column]).astype("datetime64[s]")
    return frame


def _stopped(spells: pd.DataFrame, *, opened: str = "2020-01-01", until: str = "2020-12-31") -> float:
    return float(suspended_days(["A"], [opened], [until], spells, reasons=CRIMINAL_TRACK)[0])


def test_an_open_case_is_in_view_until_the_as_of_date() -> None:
    until, closed = end_of_view(pd.to_datetime(pd.Series(["2020-03-01", None])), as_of=date(2020, 6, 30))
    assert until.astype(str).tolist() == ["2020-03-01", "2020-06-30"]
    assert closed.tolist() == [True, False]


def test_a_closing_after_the_as_of_date_is_not_yet_known_and_one_on_it_is() -> None:
    until, closed = end_of_view(["2020-07-01", "2020-06-30"], as_of=date(2020, 6, 30))
    assert until.astype(str).tolist() == ["2020-06-30", "2020-06-30"]
    assert closed.tolist() == [False, True]


def test_gross_days_are_differences_of_dates_over_leap_days_and_a_missing_date_stays_missing() -> None:
    days = gross_days(
        ["2020-02-28", "2021-02-28", "2020-05-05", None], ["2020-03-01", "2021-03-01", "2020-05-05", "2020-01-01"]
    )
    assert days[:3].tolist() == [2, 1, 0]
    assert np.isnan(days[3])


def test_the_time_of_day_does_not_count() -> None:
    assert gross_days(["2020-01-01 23:59"], ["2020-01-02 00:01"]).tolist() == [1]


def test_a_suspension_takes_off_the_days_from_its_start_to_the_day_work_went_on() -> None:
    assert _stopped(_spells(("A", "2020-03-01", "2020-03-11", "strafrechtelijk"))) == 10


def test_overlapping_nested_and_touching_suspensions_count_once() -> None:
    overlapping = _spells(
        ("A", "2020-03-01", "2020-03-11", "strafrechtelijk"),
        ("A", "2020-03-06", "2020-03-21", "strafrechtelijk"),
        ("A", "2020-03-08", "2020-03-09", "strafrechtelijk"),
        ("A", "2020-03-21", "2020-03-26", "strafrechtelijk"),
        ("A", "2020-05-01", "2020-05-02", "strafrechtelijk"),
    )
    assert _stopped(overlapping) == 25 + 1
    assert _stopped(overlapping.iloc[::-1]) == 26


def test_a_spell_inside_a_longer_one_does_not_hide_the_tail_of_the_longer() -> None:
    assert _stopped(_spells(
        ("A", "2020-03-01", "2020-04-30", "strafrechtelijk"),
        ("A", "2020-03-05", "2020-03-06", "strafrechtelijk"),
        ("A", "2020-04-10", "2020-05-10", "strafrechtelijk"),
    )) == 70  # fmt: skip


def test_an_open_suspension_runs_to_the_end_of_view() -> None:
    assert _stopped(_spells(("A", "2020-12-01", None, "strafrechtelijk"))) == 30


def test_what_lies_before_the_opening_or_after_the_end_does_not_count() -> None:
    assert _stopped(_spells(("A", "2019-12-01", "2020-01-11", "strafrechtelijk"))) == 10
    assert _stopped(_spells(("A", "2020-12-21", "2021-06-01", "strafrechtelijk"))) == 10
    assert _stopped(_spells(("A", "2021-02-01", "2021-06-01", "strafrechtelijk"))) == 0
    assert _stopped(_spells(("A", "2019-02-01", "2019-06-01", "strafrechtelijk"))) == 0


@pytest.mark.parametrize("reason", ["ziekte", "rechtsgang", "anders"])
def test_only_the_criminal_track_stops_the_net_clock(reason: str) -> None:
    spells = _spells(("A", "2020-03-01", "2020-03-11", reason), ("A", "2020-03-06", "2020-03-16", "strafrechtelijk"))
    assert _stopped(spells) == 10


def test_a_suspension_without_start_or_reason_makes_the_net_clock_unknown_for_that_case_only() -> None:
    spells = _spells(
        ("A", None, "2020-03-11", "strafrechtelijk"),
        ("B", "2020-03-01", "2020-03-11", None),
        ("C", "2020-03-01", "2020-03-11", "strafrechtelijk"),
        ("D", None, None, "ziekte"),
    )
    stopped = suspended_days(list("ABCDE"), ["2020-01-01"] * 5, ["2020-12-31"] * 5, spells, reasons=CRIMINAL_TRACK)
    assert np.isnan(stopped[:2]).all()
    assert stopped[2:].tolist() == [10, 0, 0]


def test_net_is_gross_less_the_suspension_and_unknown_dates_stay_unknown() -> None:
    spells = _spells(("A", "2020-03-01", "2020-03-11", "strafrechtelijk"), ("X", "2020-03-01", None, "strafrechtelijk"))
    net = net_days(["A", "B", "C"], ["2020-02-20", "2020-02-20", None], ["2020-03-21"] * 3, spells)
    assert net[:2].tolist() == [20, 30]
    assert np.isnan(net[2])


def test_no_suspensions_at_all_and_no_cases_at_all_have_answers() -> None:
    assert net_days(["A"], ["2020-01-01"], ["2020-01-31"], _spells()).tolist() == [30]
    assert net_days([], [], [], _spells(("A", "2020-03-01", None, "strafrechtelijk"))).tolist() == []


def test_the_merged_days_are_those_of_a_calendar_ticked_off_day_by_day() -> None:
    rng = np.random.default_rng(3)
    opened, until = np.datetime64("2020-02-01"), np.datetime64("2020-09-01")
    for _case in range(60):
        starts = np.datetime64("2020-01-01") + rng.integers(0, 270, 6)
        ends = starts + rng.integers(0, 60, 6)
        open_ended = rng.random(6) < 0.1
        spells = _spells(*(
            ("A", str(start), None if still else str(end), "strafrechtelijk")
            for start, end, still in zip(starts, ends, open_ended, strict=True)
        ))  # fmt: skip
        ticked = sum(
            any(
                start <= day and (still or day < end)
                for start, end, still in zip(starts, ends, open_ended, strict=True)
            )
            for day in np.arange(opened, until)
        )
        assert _stopped(spells, opened=str(opened), until=str(until)) == ticked


def test_days_come_from_text_from_stamps_and_from_days_alike() -> None:
    text = ["2020-02-29", None]
    stamps = pd.to_datetime(pd.Series(text))
    for given in (text, stamps, stamps.to_numpy().astype("datetime64[D]")):
        assert dates(given).astype(str).tolist() == ["2020-02-29", "NaT"]
        assert day_numbers(given)[0] == 18321 and np.isnan(day_numbers(given)[1])


def _delivery(*rows: tuple[str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["unit", "period_start", "cohort_basis"])
    return frame.assign(period_start=pd.to_datetime(frame["period_start"]).astype("datetime64[s]"))


def _opened(*rows: tuple[str, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["unit", "opened_on"])
    return frame.assign(opened_on=pd.to_datetime(frame["opened_on"]).astype("datetime64[s]"))


def test_only_a_case_from_before_a_whole_delivery_enters_late() -> None:
    delivery = _delivery(("AMS", "2020-01-01", "alle"), ("DH", "2020-01-01", "geopend"))
    cases = _opened(("AMS", "2019-06-01"), ("AMS", "2020-01-01"), ("DH", "2019-06-01"), ("AMS", None))
    assert entered_on(cases, delivery).astype(str).tolist() == ["2019-12-31", "NaT", "NaT", "NaT"]


def test_a_unit_that_delivers_nothing_itself_enters_by_the_latest_of_the_deliveries() -> None:
    delivery = _delivery(("LX", "2020-01-01", "alle"), ("DH", "2021-01-01", "alle"))
    assert entered_on(_opened(("LE", "2019-06-01")), delivery).astype(str).tolist() == ["2020-12-31"]


@pytest.mark.parametrize(
    "given",
    [["05-01-2020"], ["2020-13-40"], ["gisteren"], [20200105], [1.5], [True], ["2020-01-05", 3], "2020-01-05",
     date(2020, 1, 5), [["2020-01-05"]], None, pd.DataFrame({"a": ["2020-01-05"]})],
)  # fmt: skip
def test_the_month_is_never_guessed_and_a_number_is_no_date(given: Any) -> None:
    with pytest.raises(WrongUse, match="kolom met datums"):
        dates(given)


def test_a_day_with_a_time_zone_is_that_of_its_own_clock() -> None:
    evening = pd.Series(pd.to_datetime(["2020-01-05 23:30"])).dt.tz_localize("America/New_York")
    assert dates(evening).astype(str).tolist() == dates(list(evening)).astype(str).tolist() == ["2020-01-05"]
    assert dates(pd.DatetimeIndex(evening)).astype(str).tolist() == ["2020-01-05"]


def test_a_column_of_gaps_has_no_dates() -> None:
    for gaps in ([None, None], [np.nan, np.nan], [pd.NA, pd.NaT], []):
        assert np.isnat(dates(gaps)).all()


def test_suspension_spells_are_days_of_each_case_from_its_own_opening() -> None:
    spells = _spells(
        ("A", "2020-02-20", "2020-03-11", "strafrechtelijk"),
        ("A", "2020-04-01", None, "strafrechtelijk"),
        ("B", "2020-03-11", "2020-03-12", "ziekte"),
        ("X", "2020-03-11", "2020-03-12", "strafrechtelijk"),
    )
    found = suspension_spells(["B", "A", "A"], ["2020-01-01", "2020-03-01", "2020-02-01"], spells,
                              reasons=CRIMINAL_TRACK)  # fmt: skip
    assert found.values.tolist() == [[1, 0, 10], [1, 31, np.inf], [2, 19, 39], [2, 60, np.inf]]
    stopped = suspended_days(["A"], ["2020-03-01"], ["2020-04-11"], spells, reasons=CRIMINAL_TRACK)
    assert stopped.tolist() == [10 + 10]


def test_suspension_spells_of_a_case_whose_net_days_are_unknown_are_refused() -> None:
    for spell in (("A", None, "2020-03-11", "strafrechtelijk"), ("A", "2020-03-01", "2020-03-11", None)):
        with pytest.raises(WrongUse):
            suspension_spells(["A"], ["2020-01-01"], _spells(spell), reasons=CRIMINAL_TRACK)
        assert not len(suspension_spells(["B"], ["2020-01-01"], _spells(spell), reasons=CRIMINAL_TRACK))
    with pytest.raises(WrongUse):
        suspension_spells(["A"], [None], _spells(("A", "2020-03-01", None, "strafrechtelijk")), reasons=CRIMINAL_TRACK)
