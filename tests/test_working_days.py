"""Working days: weeks worked by hand, the Act's holidays, and a slow second count."""

from datetime import date, timedelta

import holidays
import numpy as np
import pandas as pd
import pytest

from data_contracts.errors import WrongUse
from evaluation.duration.clock import CRIMINAL_TRACK, gross_days, net_days, suspended_days
from evaluation.duration.working_days import (
    CALENDAR,
    COUNTINGS,
    after_working_days,
    is_working_day,
    next_working_day,
    public_holidays,
    working_day_numbers,
    working_days,
)


@pytest.mark.parametrize(
    ("start", "end", "days", "why"),
    [
        ("2021-03-01", "2021-03-05", 4, "Monday to Friday of one week: the first day does not count"),
        ("2021-03-05", "2021-03-08", 1, "Friday to Monday"),
        ("2021-03-05", "2021-03-06", 0, "Friday to Saturday"),
        ("2021-03-06", "2021-03-08", 1, "Saturday to Monday"),
        ("2021-03-06", "2021-03-07", 0, "Saturday to Sunday"),
        ("2021-03-03", "2021-03-03", 0, "one day"),
        ("2020-04-09", "2020-04-14", 1, "Maundy Thursday to Easter Tuesday: Good Friday and Easter Monday are off"),
        ("2020-12-23", "2021-01-04", 6, "24, 28, 29, 30, 31 December and 4 January"),
        ("2016-12-23", "2016-12-27", 1, "Christmas on Sunday is not made up for; Boxing Day is a Monday"),
        ("2025-04-24", "2025-04-28", 2, "27 April 2025 is a Sunday: Koningsdag was Saturday 26 April"),
        ("2014-04-24", "2014-04-28", 2, "the same in the first year of the King"),
        ("2013-04-29", "2013-05-01", 1, "until 2013 the day was 30 April"),
        ("2021-04-26", "2021-04-28", 1, "27 April 2021 is a Tuesday"),
        ("2021-05-04", "2021-05-06", 1, "5 May is a holiday in a year that is no multiple of five"),
        ("2020-05-04", "2020-05-06", 1, "and in one that is"),
        ("2016-05-04", "2016-05-06", 1, "Ascension Day on 5 May counts once"),
        ("2021-05-12", "2021-05-17", 2, "the Friday after Ascension Day is a working day here"),
        ("2020-02-28", "2020-03-02", 1, "29 February 2020 is a Saturday"),
        ("2024-02-28", "2024-03-01", 2, "29 February 2024 is a Thursday"),
        ("2021-12-31", "2022-01-03", 1, "New Year's Day on a Saturday"),
        ("2019-12-31", "2021-01-01", 254, "262 weekdays in 2020, without 1 January, 10, 13 and 27 April, 5 and 21 May, "
                                          "1 June and 25 December"),
    ],
)  # fmt: skip
def test_weeks_worked_by_hand(start: str, end: str, days: int, why: str) -> None:
    assert working_days([start], [end]).tolist() == [days], why


def test_the_holidays_are_those_that_the_act_names_and_no_other() -> None:
    named = {
        "Nieuwjaarsdag", "Goede vrijdag", "Eerste paasdag", "Tweede paasdag", "Koninginnedag", "Koningsdag",
        "Bevrijdingsdag", "Hemelvaartsdag", "Eerste pinksterdag", "Tweede pinksterdag", "Eerste kerstdag",
        "Tweede kerstdag",
    }  # fmt: skip
    years = range(1983, 2101)
    found = holidays.country_holidays("NL", years=years, categories=("public", "optional"), language="nl")
    assert {name for names in found.values() for name in names.split("; ")} == named
    assert sorted(found) == public_holidays(1983, 2100).astype(object).tolist()
    assert all(not is_working_day(date(year, 5, 5)) for year in range(2010, 2030))


def test_good_friday_and_easter_follow_from_the_computus() -> None:
    for year in range(1990, 2060):  # Meeus, Astronomical Algorithms (1991), chapter 8
        a, b, c = year % 19, year // 100, year % 100
        h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
        ell = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
        month, day = divmod(h + ell - 7 * ((a + 11 * h + 22 * ell) // 451) + 114, 31)
        easter = date(year, month, day + 1)
        off = [easter + timedelta(days=days) for days in (-2, 1, 39, 50)]
        assert not any(is_working_day(day) for day in off)


def test_a_slow_second_count_agrees_and_so_does_numpy() -> None:
    rng = np.random.default_rng(3)
    start = np.datetime64("2012-01-01") + rng.integers(0, 5000, 300)
    end = start + rng.integers(0, 400, 300)
    closed = set(public_holidays(2012, 2027).astype(object))

    def slow(first: date, last: date) -> int:
        days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
        return sum(day.weekday() < 5 and day not in closed for day in days)

    found = working_days(start, end)
    assert found.tolist() == [slow(a, b) for a, b in zip(start.astype(object), end.astype(object), strict=True)]
    assert found.tolist() == np.busday_count(start + 1, end + 1, holidays=public_holidays(2012, 2027)).tolist()


def test_working_days_of_adjoining_stages_add_up_and_an_end_before_the_start_is_negative() -> None:
    rng = np.random.default_rng(4)
    a, b, c = (np.datetime64("2018-01-01") + rng.integers(0, 3000, 500) for _turn in range(3))
    np.testing.assert_array_equal(working_days(a, b) + working_days(b, c), working_days(a, c))
    np.testing.assert_array_equal(working_days(a, b), -working_days(b, a))


def test_a_missing_date_stays_missing_and_a_filler_date_is_refused() -> None:
    assert np.isnan(working_days([None, "2020-01-06"], ["2020-01-06", None])).all()
    assert np.isnan(working_day_numbers([None])).all()
    for filler in ("1900-01-01", "2199-12-31"):
        with pytest.raises(WrongUse, match="opvuldatum"):
            working_days(["2020-01-01"], [filler])


def test_the_next_working_day_is_the_day_itself_unless_it_is_off() -> None:
    given = ["2020-04-10", "2020-04-14", "2025-04-26", "2020-12-31", "2021-01-01", None]
    there = ["2020-04-14", "2020-04-14", "2025-04-28", "2020-12-31", "2021-01-04", "NaT"]
    assert next_working_day(given).astype(str).tolist() == there


def test_so_many_working_days_later_is_the_last_of_them_also_from_a_free_day() -> None:
    given = ["2020-04-09", "2020-04-11", "2021-03-06", None]
    assert after_working_days(given, 1).astype(str).tolist() == ["2020-04-14", "2020-04-14", "2021-03-08", "NaT"]
    start = np.datetime64("2015-01-01") + np.arange(3000)
    for days in (1, 10, 260):
        last = after_working_days(start, days)
        assert (working_days(start, last) == days).all() and (next_working_day(last) == last).all()


def _spells(*rows: tuple[str, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["start_on", "end_on"])
    return frame.apply(pd.to_datetime).assign(case_id="A", reason="strafrechtelijk")


def test_suspended_working_days_count_overlaps_once() -> None:
    # Monday 1 to Monday 15 March 2021, and Wednesday 10 to Monday 22 March: 15 working days in all.
    spells = _spells(("2021-03-01", "2021-03-15"), ("2021-03-10", "2021-03-22"))
    count = COUNTINGS["working"]
    stopped = suspended_days(["A"], ["2021-01-04"], ["2021-06-30"], spells, reasons=CRIMINAL_TRACK, counting=count)
    assert stopped.tolist() == [15.0]
    net = net_days(["A"], ["2021-02-26"], ["2021-03-23"], spells, counting=count)
    assert net.tolist() == [2.0]  # 1 March, the first day of the first spell, and 23 March


def test_net_never_exceeds_gross_and_working_days_never_exceed_days() -> None:
    rng = np.random.default_rng(5)
    opened = np.datetime64("2019-01-01") + rng.integers(0, 900, 400)
    until = opened + rng.integers(0, 500, 400)
    start = opened + rng.integers(-30, 400, 400)
    spells = pd.DataFrame({"case_id": np.arange(400), "start_on": start, "end_on": start + rng.integers(0, 200, 400),
                           "reason": "strafrechtelijk"})  # fmt: skip
    spells = pd.concat([spells, spells.assign(start_on=spells["start_on"] + pd.Timedelta(days=9))])
    found = {}
    for name, counting in COUNTINGS.items():
        found[name] = (
            gross_days(opened, until, counting=counting),
            net_days(np.arange(400), opened, until, spells, counting=counting),
        )
    for gross, net in found.values():
        assert (net >= 0).all() and (net <= gross).all()
    for calendar, working in zip(found["calendar"], found["working"], strict=True):
        assert (working <= calendar).all()


def test_the_calendar_names_the_law_in_both_languages() -> None:
    assert "Algemene termijnenwet" in CALENDAR["nl"] and "5 May" in CALENDAR["en"]


def test_beyond_the_calendar_and_backwards_nothing_is_counted() -> None:
    with pytest.raises(WrongUse, match="2101"):
        after_working_days(["2099-12-01"], 500)
    with pytest.raises(WrongUse, match="negatief"):
        after_working_days(["2020-01-06"], -1)
