"""Total duration: scores, refusals, late entry, the net clock, and a planted truth."""

import math
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from data_contracts.case_files import CaseFiles
from data_contracts.errors import WrongUse
from evaluation.duration import case_durations, evaluate
from evaluation.duration.case_scores import case_scores
from evaluation.duration.total import CURVE_DAYS, total_curve, total_net_curve, total_scores
from evaluation.period import period
from evaluation.scores import ModuleResult, Part, Score, scores_table
from evaluation.survival.kaplan_meier import kaplan_meier, quantile, share_within
from evaluation.survival.net_curve import net_restricted_mean

AS_OF = date(2021, 12, 31)


def _delivery(*, basis: str = "geopend", unit: str = "AMS", start: str = "2020-01-01") -> pd.DataFrame:
    row = {"unit": unit, "extracted_at": "2021-12-31", "period_start": start, "period_end": "2021-12-31",
           "cohort_basis": basis, "contract_version": "1.0.0", "counting_unit": "onderzoek"}  # fmt: skip
    frame = pd.DataFrame([row])
    for column in ("extracted_at", "period_start", "period_end"):
        frame[column] = pd.to_datetime(frame[column]).astype("datetime64[s]")
    return frame


def _cases(opened: Sequence[str | None], days: Sequence[int | None], **columns: object) -> pd.DataFrame:
    """Return cases that closed after so many days; None: still open."""
    opened_on = pd.to_datetime(pd.Series(opened, dtype="object")).astype("datetime64[s]")
    closed_on = opened_on + pd.to_timedelta(pd.Series(days, dtype="float64"), unit="D").astype("timedelta64[s]")
    frame = pd.DataFrame({"case_id": [f"Z{i:04d}" for i in range(len(opened))], "opened_on": opened_on,
                          "closed_on": closed_on})  # fmt: skip
    given = {
        "unit": "AMS",
        "kind": "disciplinair",
        "category": "rm_prive",
        "complexity": "middel",
        "exit_kind": "besluit",
    } | columns
    for column, value in given.items():
        frame[column] = pd.Series(value if isinstance(value, list) else [value] * len(frame), dtype="str")
    frame["status"] = pd.Series(np.where(frame["closed_on"].isna(), "lopend", "afgesloten"), dtype="str")
    return frame


def _suspensions(*rows: tuple[str, str, str | None, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["case_id", "start_on", "end_on", "reason"], dtype="object")
    for column in ("start_on", "end_on"):
        frame[column] = pd.to_datetime(frame[column]).astype("datetime64[s]")
    return frame


def _files(cases: pd.DataFrame, delivery: pd.DataFrame | None = None, **more: Any) -> CaseFiles:
    return CaseFiles(delivery=_delivery() if delivery is None else delivery, cases=cases, **more)


def _scored(files: CaseFiles, *, as_of: date = AS_OF, level: float = 0.95) -> tuple[Part, dict[str, Score]]:
    seen = files.at(as_of)
    part = total_scores(seen, case_durations(seen, as_of=as_of), as_of=as_of, level=level, span=period(seen, as_of))
    scores_table(part.scores)
    return part, {score.id: score for score in part.scores}


def _refused(files: CaseFiles) -> ModuleResult:
    result = evaluate(files.at(AS_OF), as_of=AS_OF, level=0.95)
    assert result.scores == result.cards == () and result.case_scores is None
    return result


def _by_case(files: CaseFiles, measure: str = "total_gross", clock: str = "gross") -> pd.DataFrame:
    return case_scores(case_durations(files.at(AS_OF), as_of=AS_OF), measure, clock=clock)


TWELVE = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, None, None]


def test_twelve_cases_give_the_numbers_that_can_be_counted_by_hand() -> None:
    _result, by_id = _scored(_files(_cases(["2020-02-01"] * 12, TWELVE)))
    median = by_id["duration.total_gross.median.all"]
    assert (median.estimate, median.n, median.events, median.unit, median.level) == (60, 12, 10, "days", 0.95)
    assert by_id["duration.total_gross.p25.all"].estimate == 30
    assert by_id["duration.total_gross.within_90_days.all"].estimate == pytest.approx(9 / 12)
    assert by_id["duration.total_gross.at_risk_90_days.all"].estimate == 4
    assert by_id["duration.total_gross.cases.all"].estimate == 12
    assert by_id["duration.total_gross.open.all"].estimate == 2
    assert by_id["duration.total_gross.p90.all"].refusal == "not_reached"
    assert by_id["duration.total_gross.rmst.all"].estimate == pytest.approx((550 + 2 * 365) / 12)


def test_the_ids_are_those_the_book_asks_for() -> None:
    files = _files(_cases(["2020-02-01"] * 12, TWELVE),
                   suspensions=_suspensions(("Z0000", "2020-02-02", "2020-02-04", "strafrechtelijk")))  # fmt: skip
    _result, by_id = _scored(files)
    for measure in ("total_gross", "total_net"):
        for group in ("all", "unit=ams", "year=2020"):
            for statistic in ("median", "p25", "p75", "p90", "rmst", "cases", "open", "within_90_days",
                              "within_180_days", "within_365_days"):  # fmt: skip
                assert f"duration.{measure}.{statistic}.{group}" in by_id
        for day in (*range(30, 1081, 30), 365):
            assert f"duration.{measure}.within_{day}_days.all" in by_id
            assert f"duration.{measure}.at_risk_{day}_days.all" in by_id
    assert len(CURVE_DAYS) == 37
    assert all(score.id == score.id.lower() for score in by_id.values())


def test_every_score_has_its_card_and_either_a_number_or_a_reason() -> None:
    files = _files(_cases(["2020-02-01"] * 12 + ["2021-06-01"] * 3, [*TWELVE, 5, None, 8]),
                   suspensions=_suspensions(("Z0000", "2020-02-02", "2020-02-04", "strafrechtelijk")))  # fmt: skip
    result, by_id = _scored(files)
    cards = {card.id for card in result.cards}
    for score in by_id.values():
        assert score.estimand in cards
        assert (score.estimate is None) == (score.refusal is not None)
        assert score.estimate is None or math.isfinite(score.estimate)
    for card in result.cards:
        texts = [getattr(card, name) for name in card.__dataclass_fields__ if name != "id"]
        assert all(set(text) == {"nl", "en"} and all(text.values()) for text in texts)


def test_an_open_case_is_longer_than_so_far_and_not_left_out() -> None:
    closed_only = _scored(_files(_cases(["2020-02-01"] * 10, [10, 20, 30, 40, 50, 60, 70, 80, 90, 100])))[1]
    with_open = _scored(_files(_cases(["2020-02-01"] * 14, [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, *[None] * 4])))[1]
    assert closed_only["duration.total_gross.median.all"].estimate == 50
    assert with_open["duration.total_gross.median.all"].estimate == 70


def test_an_earlier_as_of_date_does_not_know_later_closings() -> None:
    files = _files(_cases(["2020-02-01"] * 12, TWELVE))
    early = _scored(files, as_of=date(2020, 3, 17))[1]  # day 45: four have closed
    assert early["duration.total_gross.open.all"].estimate == 8
    assert early["duration.total_gross.median.all"].refusal == "not_reached"
    uncut = case_durations(files, as_of=date(2020, 3, 17))
    assert int(uncut["closed"].sum()) == 4 and uncut["gross"].max() == 45


# --- refusals ------------------------------------------------------------------------


@pytest.mark.parametrize("basis", ["afgesloten", "openstaand"])
def test_closed_cases_only_or_open_cases_only_are_refused_as_misleading_with_no_number_at_all(basis: str) -> None:
    days: list[int | None] = [10 if basis == "afgesloten" else None] * 12
    delivery = pd.concat([_delivery(), _delivery(basis=basis, unit="NN")], ignore_index=True)
    result = _refused(_files(_cases(["2020-02-01"] * 12, days), delivery))
    assert [(refusal.measure, refusal.needs, refusal.misleading) for refusal in result.refusals] == [
        ("duration", ("cohort_basis",), True)]  # fmt: skip


@pytest.mark.parametrize("column", ["opened_on", "closed_on"])
def test_without_first_or_last_days_there_is_no_duration_and_the_reason_names_the_column(column: str) -> None:
    cases = _cases(["2020-02-01"] * 12, [10] * 12)
    cases[column] = pd.Series([pd.NaT] * 12, dtype="datetime64[s]")
    (refusal,) = _refused(_files(cases, absent={f"cases.{column}": ""})).refusals
    assert (refusal.measure, refusal.needs, refusal.misleading) == ("duration", (f"cases.{column}",), False)


def test_closed_cases_of_which_no_closing_day_is_known_are_not_taken_for_open_ones() -> None:
    cases = _cases(["2020-02-01"] * 12, [None] * 12)
    cases["status"] = "afgesloten"
    assert _refused(_files(cases)).refusals[0].needs == ("cases.closed_on",)


def test_all_cases_open_is_an_answer_not_an_absence() -> None:
    result, by_id = _scored(_files(_cases(["2020-02-01"] * 12, [None] * 12)))
    assert by_id["duration.total_gross.median.all"].refusal == "no_events"
    assert by_id["duration.total_gross.within_180_days.all"].refusal == "no_events"
    assert by_id["duration.total_gross.open.all"].estimate == 12
    assert [refusal.measure for refusal in result.refusals] == ["duration.total_net"]


def test_under_ten_cases_the_group_keeps_its_rows_but_says_too_few() -> None:
    cases = _cases(["2020-02-01"] * 15, [*TWELVE, 5, 6, 7], unit=["AMS"] * 12 + ["NN"] * 3)
    _result, by_id = _scored(_files(cases))
    assert by_id["duration.total_gross.median.unit=ams"].refusal is None
    small = by_id["duration.total_gross.median.unit=nn"]
    assert (small.estimate, small.low, small.level, small.n, small.refusal) == (None, None, None, 3, "too_few")
    assert by_id["duration.total_gross.cases.unit=nn"].estimate == 3


def test_net_is_refused_with_a_reason_when_no_suspension_was_delivered() -> None:
    cases = _cases(["2020-02-01"] * 12, TWELVE)
    for suspensions in (None, _suspensions()):
        result, by_id = _scored(_files(cases, suspensions=suspensions))
        assert not any(".total_net." in score_id for score_id in by_id)
        assert [(r.measure, r.needs, r.misleading) for r in result.refusals] == [
            ("duration.total_net", ("suspensions",), False)]  # fmt: skip
        assert [card.id for card in result.cards] == ["duration.total_gross"]


def test_a_case_without_a_unit_category_or_kind_counts_among_all() -> None:
    cases = _cases(["2020-02-01"] * 12, TWELVE)
    for column in ("unit", "category", "kind"):
        cases[column] = pd.Series([None] * 12, dtype="str")
    _result, by_id = _scored(_files(cases))
    assert by_id["duration.total_gross.median.all"].estimate == 60
    assert not any("unit=" in score_id for score_id in by_id)
    assert _by_case(_files(cases))["note"].str.contains("category=(onbekend)", regex=False).all()


def test_cases_with_impossible_or_missing_days_are_left_out_and_say_why() -> None:
    cases = _cases(["2020-02-01"] * 12 + [None, "2020-02-01", "2020-02-01"], [*TWELVE, None, -5, None])
    cases.loc[14, "status"] = "afgesloten"
    _result, by_id = _scored(_files(cases))
    assert by_id["duration.total_gross.cases.all"].estimate == 12
    assert by_id["duration.total_gross.median.all"].estimate == 60
    rows = _by_case(_files(cases))
    assert rows["note"].tolist()[12:] == ["no_opening", "negative", "no_closing"]
    assert rows[["value", "reference"]].iloc[12:].isna().all(axis=None)


def test_nobody_in_view_has_a_defined_answer() -> None:
    cases = _cases(["2019-02-01"] * 12, [10] * 12)
    _result, by_id = _scored(_files(cases, _delivery(basis="alle")))
    assert by_id["duration.total_gross.cases.all"].estimate == 0
    assert by_id["duration.total_gross.median.all"].refusal == "not_at_risk"


# --- population ----------------------------------------------------------------------


def test_only_disciplinary_cases_count_where_the_kind_is_known_and_the_card_says_which() -> None:
    cases = _cases(["2020-02-01"] * 24, TWELVE + [500] * 12, kind=["disciplinair"] * 12 + ["klacht"] * 12)
    result, by_id = _scored(_files(cases))
    assert by_id["duration.total_gross.median.all"].estimate == 60
    assert result.cards[0].population["en"].startswith("All disciplinary investigations")
    result, by_id = _scored(_files(cases.assign(kind=pd.Series(["klacht"] * 24, dtype="str"))))
    assert by_id["duration.total_gross.cases.all"].estimate == 24
    assert result.cards[0].population["en"].startswith("All cases")


def test_same_day_cases_are_kept_and_closed_within_any_number_of_days() -> None:
    _result, by_id = _scored(_files(_cases(["2020-02-01"] * 12, [0, 0, 0, *TWELVE[3:]])))
    assert by_id["duration.total_gross.cases.all"].estimate == 12
    assert by_id["duration.total_gross.within_30_days.all"].estimate == pytest.approx(3 / 12)


# --- net clock -----------------------------------------------------------------------


def test_net_takes_off_overlapping_criminal_suspensions_once_and_no_other_suspension() -> None:
    suspensions = _suspensions(
        ("Z0011", "2020-02-11", "2020-03-12", "strafrechtelijk"),
        ("Z0011", "2020-02-21", "2020-03-22", "strafrechtelijk"),
        ("Z0010", "2020-02-11", "2020-03-12", "ziekte"),
    )
    files = _files(_cases(["2020-02-01"] * 12, [*TWELVE[:10], 200, 200]), suspensions=suspensions)
    clocks = case_durations(files, as_of=AS_OF).set_index("case_id")
    assert clocks.loc[["Z0009", "Z0010", "Z0011"], "net"].tolist() == [100, 200, 160]
    _result, by_id = _scored(files)
    assert by_id["duration.total_net.within_180_days.all"].estimate == pytest.approx(11 / 12)
    assert by_id["duration.total_gross.within_180_days.all"].estimate == pytest.approx(10 / 12)


def test_the_net_duration_is_that_of_the_estimator_on_both_clocks_and_not_kaplan_meier_of_net_days() -> None:
    files = _national(8)
    clocks = case_durations(files, as_of=AS_OF)
    found = total_net_curve(clocks, files.suspensions)
    _result, by_id = _scored(files)
    for day in (90, 180, 365):
        said = share_within(found.curve, day, level=0.95)
        score = by_id[f"duration.total_net.within_{day}_days.all"]
        assert (score.estimate, score.low, score.high) == (said.estimate, said.low, said.high)
    mean = net_restricted_mean(found, 365, level=0.95)
    score = by_id["duration.total_net.rmst.all"]
    assert (score.estimate, score.low, score.high) == (mean.estimate, mean.low, mean.high)
    plain = kaplan_meier(clocks["net"], clocks["closed"])
    closed = share_within(plain, 180, level=0.95).estimate
    assert closed is not None and closed != by_id["duration.total_net.within_180_days.all"].estimate
    known = clocks.query("net >= 180")
    assert by_id["duration.total_net.at_risk_180_days.all"].estimate == len(known)


def test_without_suspensions_given_there_is_no_net_curve_of_days_that_were_suspended() -> None:
    suspensions = _suspensions(("Z0011", "2020-03-02", None, "strafrechtelijk"))
    clocks = case_durations(_files(_cases(["2020-02-01"] * 12, TWELVE), suspensions=suspensions), as_of=AS_OF)
    with pytest.raises(WrongUse):
        total_curve(clocks, "total_net")
    assert total_curve(clocks, "total_net", suspensions=suspensions).n == 12


def test_an_open_suspension_stops_the_net_clock_of_an_open_case_until_the_as_of_date() -> None:
    suspensions = _suspensions(("Z0011", "2020-03-02", None, "strafrechtelijk"))
    files = _files(_cases(["2020-02-01"] * 12, TWELVE), suspensions=suspensions)
    for as_of in (AS_OF, date(2020, 6, 1)):
        clock = case_durations(files.at(as_of), as_of=as_of).set_index("case_id").loc["Z0011"]
        assert (clock["net"], clock["closed"]) == (30, False)
        assert clock["gross"] == (as_of - date(2020, 2, 1)).days


def test_a_case_whose_suspension_is_not_understood_has_no_net_clock_but_keeps_its_gross_one() -> None:
    suspensions = _suspensions(("Z0000", "2020-02-02", "2020-02-04", "strafrechtelijk"))
    suspensions["reason"] = pd.Series([None], dtype="str")
    files = _files(_cases(["2020-02-01"] * 12, TWELVE), suspensions=suspensions)
    _result, by_id = _scored(files)
    assert by_id["duration.total_gross.cases.all"].estimate == 12
    assert by_id["duration.total_net.cases.all"].estimate == 11
    unknown = _by_case(files, "total_net", "net").set_index("case_id").loc["Z0000"]
    assert pd.isna(unknown["value"]) and unknown["note"] == "suspension_unknown"


# --- late entry ----------------------------------------------------------------------


def test_a_case_from_before_the_period_enters_late_when_the_delivery_holds_all_cases() -> None:
    cases = _cases(["2019-11-02", "2019-11-02", "2020-02-01"], [100, 20, 50])
    clocks = case_durations(_files(cases, _delivery(basis="alle")), as_of=AS_OF)
    assert clocks["gross_entry"].tolist() == [59, 59, 0]
    assert clocks["left_out"].tolist() == ["", "before_period", ""]
    opened = case_durations(_files(cases, _delivery(basis="geopend")), as_of=AS_OF)
    assert opened["gross_entry"].tolist() == [0, 0, 0]


def test_a_case_that_ends_on_the_first_day_of_the_period_was_at_risk_then_with_all_others() -> None:
    # Thirty cases sixty days old on the first day: ten end on it, ten the day after, ten the day before.
    days = [60] * 10 + [61] * 10 + [59] * 10
    clocks = case_durations(_files(_cases(["2019-11-02"] * 30, days), _delivery(basis="alle")), as_of=AS_OF)
    assert clocks["left_out"].tolist() == [""] * 20 + ["before_period"] * 10
    curve = total_curve(clocks, "total_gross")
    assert (curve.days.tolist(), curve.at_risk.tolist(), curve.survival.tolist()) == ([60, 61], [20, 10], [0.5, 0])


def test_the_net_clock_enters_late_net_of_what_was_suspended_before() -> None:
    cases = _cases(["2019-11-02", "2020-02-01"], [100, 50])
    suspensions = _suspensions(("Z0000", "2019-12-02", "2020-01-11", "strafrechtelijk"))
    clocks = case_durations(_files(cases, _delivery(basis="alle"), suspensions=suspensions), as_of=AS_OF)
    assert clocks["net_entry"].tolist() == [30, 0]
    assert clocks["net"].tolist() == [60, 50]


def test_each_unit_enters_on_the_start_of_its_own_delivery_and_an_unknown_unit_on_the_latest() -> None:
    delivery = pd.concat([_delivery(basis="alle", unit="AMS", start="2020-01-01"),
                          _delivery(basis="alle", unit="NN", start="2020-03-01")], ignore_index=True)  # fmt: skip
    cases = _cases(["2019-12-02"] * 3, [None] * 3, unit=["AMS", "NN", "MN"])
    assert case_durations(_files(cases, delivery), as_of=AS_OF)["gross_entry"].tolist() == [29, 89, 89]


def test_divisions_of_one_delivering_body_enter_with_that_body_even_in_yearly_deliveries() -> None:
    delivery = pd.concat([_delivery(basis="alle", unit="POLICE", start="2020-01-01"),
                          _delivery(basis="alle", unit="POLICE", start="2021-01-01")], ignore_index=True)  # fmt: skip
    cases = _cases(["2019-12-02", "2020-12-02"], [None] * 2, unit=["1st", "2nd"])
    assert case_durations(_files(cases, delivery), as_of=AS_OF)["gross_entry"].tolist() == [29, 0]


def test_a_year_that_began_before_the_period_is_not_given_a_median_of_survivors() -> None:
    opened = ["2019-06-01"] * 15 + ["2020-02-01"] * 15
    files = _files(_cases(opened, [300 + i for i in range(15)] + [20 + i for i in range(15)]), _delivery(basis="alle"))
    _result, by_id = _scored(files)
    assert by_id["duration.total_gross.median.year=2019"].refusal == "not_at_risk"
    assert by_id["duration.total_gross.median.year=2020"].estimate == 27
    assert by_id["duration.total_gross.cases.year=2019"].estimate == 15


# --- per case ------------------------------------------------------------------------


def test_each_case_has_its_days_and_the_share_of_like_cases_closed_by_then() -> None:
    slow = [day * 6 if day else None for day in TWELVE]
    cases = _cases(["2020-02-01"] * 27, [*TWELVE, *slow, 60, 60, 60],
                   category=["rm_prive"] * 12 + ["rm_overig"] * 12 + ["rm_rest"] * 3)  # fmt: skip
    by_case = _by_case(_files(cases))
    assert by_case.columns.tolist() == [
        "module", "measure", "case_id", "subject_id", "allegation_id", "value", "reference", "note"]  # fmt: skip
    rows = by_case.set_index("case_id")
    # Five of twelve like cases ended sooner and one, itself, on the same day: 5/12 and half of 1/12.
    assert rows.loc["Z0005", "value"] == 60 and rows.loc["Z0005", "reference"] == pytest.approx(5.5 / 12)
    assert rows.loc["Z0017", "value"] == 360 and rows.loc["Z0017", "reference"] == pytest.approx(5.5 / 12)
    assert rows.loc["Z0011", "value"] == 699 and rows.loc["Z0011", "reference"] == pytest.approx(10 / 12)
    # One in six of the like cases runs on after day 100: log2(6) bits.
    assert rows.loc["Z0011", "note"] == "open; category=rm_prive; complexity=middel; n=12; 2.6 bits"
    assert rows.loc["Z0024", "note"].startswith("closed; all; n=27; ")


# --- a planted truth -----------------------------------------------------------------


def _national(seed: int) -> CaseFiles:
    rng = np.random.default_rng(seed)
    size, units = 2400, ("AMS", "NN")
    opened = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 730, size), unit="D")
    unit = rng.choice(units, size)
    net = np.ceil(rng.exponential(1, size) * np.where(unit == "AMS", 120, 200) / math.log(2)).astype(int)
    held = np.where(rng.random(size) < 0.2, 90, 0)
    closed = opened + pd.to_timedelta(net + held, unit="D")
    cases = _cases([str(day.date()) for day in opened], [int(days) for days in net + held], unit=list(unit))
    cases.loc[np.asarray(closed > pd.Timestamp(AS_OF)), ["closed_on"]] = pd.NaT
    cases["status"] = np.where(cases["closed_on"].isna(), "lopend", "afgesloten")
    stopped = [(case_id, str(day.date()), str((day + timedelta(days=90)).date()), "strafrechtelijk")
               for case_id, day, days in zip(cases["case_id"], opened, held, strict=True)
               if days and day.date() <= AS_OF]  # fmt: skip
    delivery = pd.concat([_delivery(unit=name) for name in units], ignore_index=True)
    return _files(cases, delivery, suspensions=_suspensions(*stopped))


def test_planted_medians_of_two_units_are_recovered_net_and_not_gross_and_not_from_closed_cases() -> None:
    files = _national(8)
    _result, by_id = _scored(files)
    for unit, truth in (("ams", 120), ("nn", 200)):
        net = by_id[f"duration.total_net.median.unit={unit}"]
        assert net.low is not None and net.high is not None
        assert net.low <= truth <= net.high
        gross = by_id[f"duration.total_gross.median.unit={unit}"].estimate
        assert gross is not None and gross > truth
        closed = case_durations(files, as_of=AS_OF).query("closed and unit == @unit.upper()")
        assert closed["net"].median() < 0.85 * truth


def test_late_entry_recovers_the_planted_median_that_survivors_alone_would_stretch() -> None:
    # True median 150 days; the register starts on 2020-01-01 and holds what was open then.
    rng = np.random.default_rng(5)
    size = 4000
    opened = pd.Timestamp("2018-01-01") + pd.to_timedelta(rng.integers(0, 1300, size), unit="D")
    days = np.ceil(rng.exponential(150 / math.log(2), size)).astype(int)
    held = np.asarray(opened + pd.to_timedelta(days, unit="D") >= pd.Timestamp("2020-01-01"))
    cases = _cases([str(day.date()) for day in opened[held]], [int(n) for n in days[held]])
    cases.loc[cases["closed_on"] > pd.Timestamp(AS_OF), "closed_on"] = pd.NaT
    cases["status"] = np.where(cases["closed_on"].isna(), "lopend", "afgesloten")
    _result, by_id = _scored(_files(cases, _delivery(basis="alle")))
    median = by_id["duration.total_gross.median.all"]
    assert median.low is not None and median.high is not None and median.estimate is not None
    assert median.low <= 150 <= median.high
    clocks = case_durations(_files(cases), as_of=AS_OF)
    naive = quantile(kaplan_meier(clocks["gross"], clocks["closed"]), 0.5, level=0.95)
    assert naive.low is not None and naive.low > 150
