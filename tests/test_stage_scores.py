"""Stages as scores: by hand, what was left out beside them, refusals, and the planted stages."""

import re
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from stage_files import by_id, files, lasting

from data_contracts.case_files import CaseFiles
from data_contracts.example import example_tables
from data_contracts.example.history import draw_history, gross
from data_contracts.example.plan import draw_plan
from evaluation.duration import stages
from evaluation.duration.stage_card import LEFT_OUT
from evaluation.duration.stage_curves import stage_curve
from evaluation.duration.stage_scores import STAGE_DAYS, stage_scores
from evaluation.duration.stages import CLOCKS, counted, left_out_counts, stage_durations
from evaluation.scores import Part
from evaluation.survival.kaplan_meier import at_risk_on, kaplan_meier, quantile, share_within

AS_OF = date(2021, 12, 31)
SPAN = "2021-01-01/2021-12-31"
STAGES = ("intake", "fact_finding", "assessment", "decision", "uncertainty", "complaint")
QUANTILES = {"p25": 0.25, "median": 0.5, "p75": 0.75, "p90": 0.9}
CHAIN = {"OPDR": 10, "KENN": 20, "RAPP": 40, "VOORN": 70}


def _log(cases: list[dict[str, Any]], days: dict[str, int | None]) -> list[dict[str, Any]]:
    """Return the steps of every case, done so many days after its opening (None: without a date)."""
    return [
        {"case_id": case["case_id"], "step": code, "state": "gedaan",
         "done_on": None if day is None else case["opened_on"] + pd.Timedelta(days=day)}
        for case in cases
        for code, day in days.items()
    ]  # fmt: skip


def _scored(case_files: CaseFiles, *, as_of: date = AS_OF, level: float = 0.95) -> Part:
    rows = stage_durations(case_files, as_of=as_of)
    return stage_scores(case_files, rows, as_of=as_of, level=level, span=SPAN)


def _refused(part: Part) -> dict[str, tuple[str, ...]]:
    return {refusal.measure: refusal.needs for refusal in part.refusals}


def test_twelve_cases_with_all_steps_counted_by_hand_on_all_four_clocks() -> None:
    cases = lasting([98 + 7 * n for n in range(12)])  # from Monday 1 March: fourteen weeks is Monday 7 June
    spell = {"start_on": "2021-03-15", "end_on": "2021-03-25", "reason": "strafrechtelijk"}
    spells = [spell | {"case_id": case["case_id"]} for case in cases]
    found = by_id(_scored(files(cases, steps=_log(cases, CHAIN), suspensions=spells)))
    assert found["duration.intake_gross.median.all"].estimate == 10
    assert found["duration.fact_finding_gross.median.all"].estimate == 30
    assert found["duration.fact_finding_net.median.all"].estimate == 20  # ten days suspended
    # Thursday 11 March to Saturday 10 April 2021: 21 weekdays after the first day, of which Good Friday and Easter
    # Monday are free and eight (16 to 25 March) suspended.
    assert found["duration.fact_finding_working_gross.median.all"].estimate == 19
    assert found["duration.fact_finding_working_net.median.all"].estimate == 11
    assert found["duration.assessment_gross.median.all"].estimate == 30
    assert found["duration.decision_gross.median.all"].estimate == 28 + 5 * 7
    assert found["duration.decision_gross.within_60_days.all"].estimate == pytest.approx(5 / 12)
    assert found["duration.decision_gross.at_risk_60_days.all"].estimate == 7
    assert found["duration.decision_gross.open.all"].estimate == 0
    assert found["duration.decision_gross.left_out.all"].estimate == 0


def test_the_ids_are_those_the_book_asks_for() -> None:
    cases = lasting([98] * 12)
    more = lasting([50] * 12, kind="klacht")
    part = _scored(files(cases + more, steps=_log(cases, CHAIN), suspensions=[{"case_id": "x", "reason": "ziekte"}]))
    wanted = {f"duration.{stage}_{clock}.{statistic}.all" for stage in STAGES for clock in CLOCKS
              for statistic in ("cases", "open", *QUANTILES)}  # fmt: skip
    wanted |= {f"duration.{stage}_gross.{statistic}_{day}_days.all" for stage in STAGES for day in STAGE_DAYS
               for statistic in ("within", "at_risk")}  # fmt: skip
    wanted |= {f"duration.{stage}_gross.left_out.all" for stage in STAGES}
    assert set(by_id(part)) == wanted
    assert [card.id for card in part.cards] == [f"duration.{stage}" for stage in STAGES]
    assert {score.estimand for score in part.scores} == {f"duration.{stage}" for stage in STAGES}
    assert _refused(part) == {"duration.objection": ("objection_dates",)}


def test_what_is_left_out_for_lack_of_registration_stands_beside_the_stage() -> None:
    cases = lasting([200] * 16 + [None] * 4)
    log = _log(cases[:12], CHAIN) + _log(cases[12:14], CHAIN | {"RAPP": None}) + _log(cases[14:], {"OPDR": 10})
    part = _scored(files(cases, steps=log))
    found = by_id(part)
    lost = found["duration.fact_finding_gross.left_out.all"]
    assert (lost.numerator, lost.denominator, lost.estimate, lost.low) == (4, 20, pytest.approx(0.2), None)
    assert found["duration.fact_finding_gross.left_out_end_undated.all"].numerator == 2
    assert found["duration.fact_finding_gross.left_out_end_not_recorded.all"].numerator == 2
    assert found["duration.fact_finding_gross.cases.all"].estimate == 16
    assert found["duration.fact_finding_gross.open.all"].estimate == 4
    assert found["duration.intake_gross.left_out.all"].numerator == 0
    card = next(card for card in part.cards if card.id == "duration.fact_finding")
    assert LEFT_OUT["end_undated"]["nl"] in card.missing_and_exits["nl"]
    assert "suspension" not in card.clock["en"].split("Gross")[0] and "Net:" not in card.clock["en"]


def test_what_ended_before_the_period_is_out_of_view_and_no_lack_of_registration() -> None:
    old = lasting([400] * 4, opened_on="2020-09-01")  # intake over before the period, case still open then
    cases = old + lasting([90] * 12)
    found = by_id(_scored(files(cases, steps=_log(cases, CHAIN), basis="alle", start="2021-01-01")))
    assert found["duration.intake_gross.left_out_before_period.all"].numerator == 4
    assert found["duration.intake_gross.left_out_before_period.all"].denominator == 16
    assert found["duration.intake_gross.left_out.all"].numerator == 0
    assert found["duration.intake_gross.cases.all"].estimate == 12


def test_a_stage_that_lost_more_than_half_for_lack_of_registration_gives_no_durations() -> None:
    cases = lasting([200] * 25)
    half = by_id(_scored(files(cases[:24], steps=_log(cases[:12], CHAIN) + _log(cases[12:24], {"OPDR": 10}))))
    assert half["duration.fact_finding_gross.median.all"].estimate == 30
    found = by_id(_scored(files(cases, steps=_log(cases[:12], CHAIN) + _log(cases[12:], {"OPDR": 10}))))
    for statistic in ("median", "within_90_days"):
        assert found[f"duration.fact_finding_gross.{statistic}.all"].refusal == "misleading"
    assert found["duration.fact_finding_working_gross.median.all"].refusal == "misleading"
    assert found["duration.fact_finding_gross.cases.all"].estimate == 12
    assert found["duration.intake_gross.median.all"].estimate == 10


def test_small_stages_stages_without_an_end_and_thin_starts_keep_their_rows_with_a_reason() -> None:
    cases = lasting([200] * 9)
    few = by_id(_scored(files(cases, steps=_log(cases, CHAIN))))
    assert few["duration.intake_gross.median.all"].refusal == "too_few"
    assert few["duration.intake_gross.cases.all"].estimate == 9
    waiting = lasting([None] * 12)
    other = lasting([200], kind="orienterend")
    none = by_id(_scored(files(waiting + other, steps=_log(other, CHAIN))))
    assert none["duration.intake_gross.median.all"].refusal == "no_events"
    assert none["duration.decision_gross.median.all"].refusal == "not_at_risk"  # nobody came that far
    late = lasting([200] * 12, opened_on="2020-12-01") + lasting([90] * 3)
    thin = by_id(_scored(files(late, steps=_log(late, CHAIN | {"OPDR": 45}), basis="alle", start="2021-01-04")))
    assert thin["duration.intake_gross.median.all"].refusal == "not_at_risk"


def test_without_steps_only_complaints_have_a_stage_and_the_family_is_refused_once() -> None:
    cases = lasting([200] * 12) + lasting([50] * 12, kind="klacht")
    for steps in ({}, {"steps": []}, {"steps": _log(cases, dict.fromkeys(CHAIN))}):
        part = _scored(files(cases, **steps))
        found = by_id(part)
        assert {score.estimand for score in found.values()} == {"duration.complaint"}
        assert found["duration.complaint_gross.median.all"].estimate == 50
        assert set(_refused(part)) == {"duration.stages", "duration.stages_net"}
        assert _refused(part)["duration.stages"][0].startswith("steps")


def test_without_suspensions_there_is_no_net_clock_and_without_a_kind_no_complaints() -> None:
    cases = lasting([98] * 12, kind=None)
    part = _scored(files(cases, steps=_log(cases, CHAIN)))
    assert not any(score.id.split(".")[1].endswith("net") for score in part.scores)
    assert _refused(part) == {"duration.complaint": ("cases.kind",), "duration.objection": ("objection_dates",),
                              "duration.stages_net": ("suspensions",)}  # fmt: skip
    assert by_id(part)["duration.intake_gross.median.all"].n == 12
    assert "soort" in part.cards[0].population["nl"]


def test_a_step_that_stands_nowhere_in_the_log_refuses_the_stages_that_it_bounds() -> None:
    cases = lasting([98] * 12)
    part = _scored(files(cases, steps=_log(cases, {"OPDR": 10, "KENN": 20, "RAPP": 40, "VOORN": None})))
    assert {"duration.assessment", "duration.decision"} <= set(_refused(part))
    reason = next(refusal.reason for refusal in part.refusals if refusal.measure == "duration.decision")
    assert "VOORN" in reason["nl"] and "VOORN" in reason["en"]
    assert {card.id for card in part.cards} == {"duration.intake", "duration.fact_finding", "duration.uncertainty"}


def test_a_delivery_without_disciplinary_cases_has_the_stage_of_complaints_only() -> None:
    part = _scored(files(lasting([50] * 12, kind="klacht")))
    assert [card.id for card in part.cards] == ["duration.complaint"]
    assert _refused(part)["duration.stages"] == ("cases.kind",)


def test_persons_are_counted_where_they_were_delivered_and_the_card_says_that_they_are_not_independent() -> None:
    cases = lasting([98] * 12)
    persons = [{"case_id": case["case_id"], "subject_id": f"P{n}"} for case in cases for n in range(2)]
    with_persons = _scored(files(cases, steps=_log(cases, CHAIN), subjects=persons))
    assert by_id(with_persons)["duration.uncertainty_gross.median.all"].n == 24
    without = _scored(files(cases, steps=_log(cases, CHAIN)))
    assert by_id(without)["duration.uncertainty_gross.median.all"].n == 12
    units = [card.unit_of_count["en"] for part in (with_persons, without) for card in part.cards
             if card.id == "duration.uncertainty"]  # fmt: skip
    assert units == ["Person concerned in an investigation.", "Investigation (case)."]
    assert (
        "independent" in with_persons.cards[-1].interval["en"] and "independent" not in without.cards[-1].interval["en"]
    )


@pytest.fixture(scope="module")
def example() -> tuple[CaseFiles, pd.DataFrame]:
    tables, _truth = example_tables(seed=11, cases_per_year=60)
    rng = np.random.default_rng(11)
    return CaseFiles(**tables), draw_history(draw_plan(60, rng), rng)


@pytest.mark.parametrize("basis", ["geopend", "alle"])
def test_the_numbers_are_those_of_the_estimators_and_the_losses_those_of_the_counts(
    example: tuple[CaseFiles, pd.DataFrame], basis: str
) -> None:
    as_of = date(2024, 6, 30)
    case_files = example[0]
    delivery = case_files.delivery.assign(cohort_basis=basis)
    if basis == "alle":
        delivery["period_start"] = np.datetime64("2019-01-01", "s")
    case_files = CaseFiles(**{**vars(case_files), "delivery": delivery}).at(as_of)
    rows = stage_durations(case_files, as_of=as_of)
    found = by_id(stage_scores(case_files, rows, as_of=as_of, level=0.9, span=SPAN))
    counts = left_out_counts(rows)
    said = 0
    for stage in STAGES:
        for clock in CLOCKS:
            one = counted(rows, stage, clock)
            if clock.endswith("net"):
                curve = stage_curve(rows, stage, clock, suspensions=case_files.suspensions)
            else:
                curve = kaplan_meier(one[clock], one["event"], entry=one[f"{clock}_entry"])
            for name, share in QUANTILES.items():
                mine, direct = found[f"duration.{stage}_{clock}.{name}.all"], quantile(curve, share, level=0.9)
                assert (mine.n, mine.events) == (curve.n, curve.n_events) == (len(one), one["event"].sum())
                if mine.refusal is None:
                    said += 1
                    assert (mine.estimate, mine.low, mine.high) == (direct.estimate, direct.low, direct.high)
        one = counted(rows, stage, "gross")
        curve = kaplan_meier(one["gross"], one["event"], entry=one["gross_entry"])
        mine = found[f"duration.{stage}_gross.within_60_days.all"]
        if mine.refusal is None:
            assert mine.estimate == share_within(curve, 60, level=0.9).estimate
        assert found[f"duration.{stage}_gross.at_risk_60_days.all"].estimate == at_risk_on(curve, 60)
        lost = counts[(counts["stage"] == stage) & (counts["left_out"] != "not_started")]
        for row in lost.itertuples():
            share = found[f"duration.{stage}_gross.left_out_{row.left_out}.all"]
            assert (share.numerator, share.denominator) == (row.n, row.of)
        for_registration = lost.loc[lost["left_out"] != "before_period", "n"].sum()
        assert found[f"duration.{stage}_gross.left_out.all"].numerator == for_registration
    assert said > 70


def test_the_planted_stages_come_back_within_their_interval(example: tuple[CaseFiles, pd.DataFrame]) -> None:
    case_files, history = example
    as_of = date(2025, 12, 31)
    found = by_id(_scored(case_files.at(as_of), as_of=as_of, level=0.999))
    history = history[history["kind"] == "disciplinair"]
    day = {name: gross(history, np.minimum(history[name], history["leaves"]).to_numpy()) for name in
           ("opdr", "rapp", "voorn")}  # fmt: skip
    begun = {name: (history["leaves"] >= history[name]).to_numpy() for name in ("opdr", "rapp")}
    planted = {
        "intake": day["opdr"] - history["opened"].to_numpy(),
        "fact_finding": (day["rapp"] - day["opdr"])[begun["opdr"]],
        "assessment": (day["voorn"] - day["rapp"])[begun["rapp"]],
    }
    for stage, days in planted.items():
        for name, share in QUANTILES.items():
            score = found[f"duration.{stage}_gross.{name}.all"]
            assert score.low <= np.quantile(days, share) <= score.high, (stage, name)  # type: ignore[operator]


def test_every_reason_to_leave_a_row_out_has_its_words() -> None:
    documented = set(re.findall(r"^\| `(\w+)` ", str(stages.__doc__), flags=re.MULTILINE))
    assert set(LEFT_OUT) == documented - {stages.NOT_A_LOSS}
    assert all(set(text) == {"nl", "en"} and all(text.values()) for text in LEFT_OUT.values())
