"""Stages of a case: one case by hand, every reason to leave a row out, late entry, and the planted truth."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from small_case_files import case_files

from data_contracts.case_files import CaseFiles
from evaluation.duration.stage_table import STAGES
from evaluation.duration.stages import CLOCKS, counted, left_out_counts, stage_durations
from evaluation.survival.cumulative_incidence import cumulative_incidence, incidence_within
from evaluation.survival.kaplan_meier import kaplan_meier, survival_on

AS_OF = date(2021, 12, 31)
CHAIN = {"OPDR": "2021-03-15", "RAPP": "2021-05-10", "VOORN": "2021-07-01"}
DECIDED = {"case_id": "A", "opened_on": "2021-03-01", "closed_on": "2021-09-01"}
PENALTY = {"allegation_id": "G1", "case_id": "A", "subject_id": "P", "finding": "plichtsverzuim_vastgesteld",
           "first_penalty": "a"}  # fmt: skip
NO_PENALTY = PENALTY | {"finding": "geen_plichtsverzuim", "first_penalty": "geen"}


def _step(code: str, day: str | None, state: str | None = "gedaan", person: str | None = None) -> dict[str, object]:
    return {"case_id": "A", "step": code, "state": state, "done_on": day, "subject_id": person}


def _files(case: dict[str, object], log: list[dict[str, object]], **other: list[dict[str, object]]) -> CaseFiles:
    other.setdefault("subjects", [{"case_id": "A", "subject_id": "P"}])
    other.setdefault("suspensions", [])
    return case_files(cases=[DECIDED | case], steps=log, **other)


def _one(files: CaseFiles, stage: str) -> pd.Series:
    rows = stage_durations(files, as_of=AS_OF)
    return rows[rows["stage"] == stage].iloc[0]


def _chain(**changed: str | None) -> list[dict[str, object]]:
    return [_step(code, day) for code, day in (CHAIN | changed).items() if day is not None]


OPEN = {"closed_on": None, "status": "lopend", "exit_kind": None}


def test_one_case_by_hand_on_all_four_clocks() -> None:
    spells = [{"case_id": "A", "start_on": "2021-03-29", "end_on": "2021-04-12", "reason": "strafrechtelijk"}]
    rows = stage_durations(_files({}, _chain(), suspensions=spells), as_of=AS_OF).set_index("stage")
    # 15 March to 10 May 2021: 56 days, of which 14 suspended. Weekdays after 15 March: 40; not worked are Good Friday,
    # Easter Monday, Koningsdag and 5 May. In the spell 30 March to 12 April: ten weekdays, two of them at Easter.
    found = rows.loc["fact_finding", list(CLOCKS)].tolist()
    assert found == [56, 42, 36, 28]
    assert rows.loc["intake", list(CLOCKS)].tolist() == [14, 14, 10, 10]
    assert rows.loc[["intake", "fact_finding", "assessment", "decision", "total"], "gross"].tolist() == [
        14, 56, 52, 62, 184,
    ]  # fmt: skip
    assert rows.loc["total", "cause"] == "BESL" and rows.loc["assessment", "cause"] == "VOORN"
    assert rows.loc["total", ["gross", "net"]].tolist() == [184, 170]


def test_the_stages_add_up_to_the_total_gross_and_net_in_days_and_working_days() -> None:
    spells = [{"case_id": "A", "start_on": "2021-04-20", "end_on": "2021-07-20", "reason": "strafrechtelijk"}]
    rows = stage_durations(_files({}, _chain(), suspensions=spells), as_of=AS_OF).set_index("stage")
    parts = rows.loc[["intake", "fact_finding", "assessment", "decision"]]
    for clock in CLOCKS:
        assert parts[clock].sum() == rows.loc["total", clock]


def test_an_open_case_is_censored_in_the_stage_where_it_is_and_has_none_of_the_later_ones() -> None:
    rows = stage_durations(_files(OPEN, _chain(RAPP=None, VOORN=None)), as_of=AS_OF).set_index("stage")
    assert rows.loc["fact_finding", ["event", "gross", "left_out"]].tolist() == [False, 291, ""]
    assert pd.isna(rows.loc["fact_finding", "cause"])
    assert rows.loc[["assessment", "decision"], "left_out"].tolist() == ["not_started", "not_started"]
    assert rows.loc["total", ["event", "gross"]].tolist() == [False, 305]


@pytest.mark.parametrize("exit_kind", ["eigen_ontslag", "overgedragen", "ingetrokken", "geen_vervolg"])
def test_another_exit_competes_in_the_stage_where_the_case_then_was(exit_kind: str) -> None:
    rows = stage_durations(_files({"exit_kind": exit_kind}, _chain(VOORN=None)), as_of=AS_OF).set_index("stage")
    assert rows.loc[["intake", "fact_finding"], "cause"].tolist() == ["OPDR", "RAPP"]
    assert rows.loc["assessment", ["cause", "event", "gross"]].tolist() == [exit_kind, True, 114]
    assert rows.loc["decision", "left_out"] == "not_started"
    assert rows.loc["total", "cause"] == exit_kind


def test_closing_without_an_investigation_ends_the_intake() -> None:
    row = _one(_files({"exit_kind": "geen_vervolg"}, []), "intake")
    assert (row["cause"], row["gross"], row["left_out"]) == ("geen_vervolg", 184, "")


def test_a_decision_without_penalty_ends_the_assessment_without_an_intended_decision() -> None:
    files = _files({}, _chain(VOORN=None), allegations=[NO_PENALTY])
    assert _one(files, "assessment")[["cause", "gross", "left_out"]].tolist() == ["besluit", 114, ""]
    assert _one(files, "decision")["left_out"] == "not_started"
    said = _files({}, [*_chain(VOORN=None), _step("VOORN", None, "niet_van_toepassing", "P")])
    assert _one(said, "assessment")["cause"] == "besluit"


@pytest.mark.parametrize(
    ("stage", "case", "log", "reason"),
    [
        ("assessment", {}, _chain(VOORN=None), "end_not_recorded"),  # a penalty, so there was an intended decision
        ("decision", {}, _chain(VOORN=None), "start_not_recorded"),
        ("fact_finding", {}, _chain(RAPP=None), "end_not_recorded"),
        ("fact_finding", {}, _chain(OPDR=None), "start_not_recorded"),
        ("fact_finding", OPEN, [*_chain(RAPP=None, VOORN=None), _step("ADV", "2021-06-01")], "end_not_recorded"),
        ("intake", OPEN, [_step("HOORB", "2021-06-01", person="P")], "end_not_recorded"),
        ("fact_finding", OPEN, [_step("HOORB", "2021-06-01", person="P")], "start_not_recorded"),
        ("fact_finding", {}, [_step("OPDR", None), _step("RAPP", "2021-05-01")], "start_undated"),
        ("fact_finding", {}, [_step("OPDR", "2021-04-01"), _step("RAPP", None)], "end_undated"),
        ("fact_finding", {"exit_kind": None}, [_step("OPDR", "2021-04-01")], "exit_not_recorded"),
        ("total", {"closed_on": None, "exit_kind": None}, [], "no_closing"),
        ("total", {"opened_on": None}, _chain(), "no_opening"),
        ("fact_finding", {}, _chain(RAPP="2021-03-01"), "negative"),
        ("uncertainty", {}, [], "start_not_recorded"),
        ("uncertainty", OPEN, [], "not_started"),
    ],
)
def test_every_reason_to_leave_a_row_out_is_told(
    stage: str, case: dict[str, object], log: list[dict[str, object]], reason: str
) -> None:
    files = _files(case, log, allegations=[PENALTY])
    row = _one(files, stage)
    assert row["left_out"] == reason
    assert row[[*CLOCKS]].isna().all() and not row["event"] and pd.isna(row["cause"])
    told = left_out_counts(stage_durations(files, as_of=AS_OF))
    assert told.loc[(told["stage"] == stage) & (told["left_out"] == reason), "n"].tolist() == [1]


def test_closing_and_aftercare_prove_nothing_about_the_steps_before() -> None:
    log = [_step("OPDR", "2021-03-15"), _step("SLUIT", "2021-09-20"), _step("NAZ", "2021-09-15")]
    assert _one(_files({"exit_kind": "eigen_ontslag"}, log), "fact_finding")["cause"] == "eigen_ontslag"


def test_a_total_whose_exit_nobody_wrote_down_ended_all_the_same() -> None:
    row = _one(_files({"exit_kind": None}, []), "total")
    assert (row["cause"], row["event"], row["gross"], row["left_out"]) == ("onbekend", True, 184, "")


def test_a_step_taken_twice_counts_from_its_first_day() -> None:
    assert _one(_files({}, [*_chain(), _step("RAPP", "2021-06-20")]), "fact_finding")["gross"] == 56


def test_uncertainty_runs_for_each_person_from_the_notification_or_an_earlier_order_measure() -> None:
    log = [_step("KENN", "2021-04-01", person="P"), _step("KENN", "2021-04-11", person="Q"),
           _step("KENN", "2021-05-01", person="R"), _step("ORDE", "2021-04-21", person="R"),
           _step("BESL", "2021-08-22", person="Q")]  # fmt: skip
    people = [{"case_id": "A", "subject_id": name} for name in "PQR"]
    measures = [{"order_measure_id": "M1", "case_id": "A", "subject_id": "P", "kind": "schorsing",
                 "start_on": "2021-03-22"}]  # fmt: skip
    rows = stage_durations(_files({}, log, subjects=people, order_measures=measures), as_of=AS_OF)
    found = rows[rows["stage"] == "uncertainty"].set_index("subject_id")
    # P: order measure of 22 March; Q: own decision on 22 August; R: the order measure in the log comes first.
    assert found["gross"].to_dict() == {"P": 163, "Q": 133, "R": 133}


def test_a_notification_that_is_not_recorded_is_not_replaced_by_a_later_measure() -> None:
    row = _one(_files({}, [_step("ORDE", "2021-04-21", person="P")]), "uncertainty")
    assert row["left_out"] == "start_not_recorded"


def test_a_notification_that_did_not_take_place_leaves_the_start_to_the_order_measure() -> None:
    steps = [_step("KENN", None, state="niet_gedaan", person="P"), _step("ORDE", "2021-04-21", person="P")]
    row = _one(_files({}, steps), "uncertainty")
    assert (row["left_out"], str(row["start_on"].date())) == ("", "2021-04-21")


def test_a_row_of_the_log_without_a_person_is_about_everyone_and_one_of_another_person_is_not() -> None:
    files = _files({}, [_step("KENN", "2021-04-01"), _step("ORDE", "2021-03-15", person="Q")])
    assert _one(files, "uncertainty")["gross"] == 153


def test_late_entry_is_carried_to_the_clock_of_each_stage() -> None:
    delivered = [{"unit": "AMS", "extracted_at": "2021-12-31", "period_start": "2021-06-01", "cohort_basis": "alle"}]
    spells = [{"case_id": "A", "start_on": "2021-05-20", "end_on": "2021-05-30", "reason": "strafrechtelijk"}]
    rows = stage_durations(_files({}, _chain(), delivery=delivered, suspensions=spells), as_of=AS_OF)
    found = rows.set_index("stage")
    assert found.loc[["intake", "fact_finding"], "left_out"].tolist() == ["before_period", "before_period"]
    assert found.loc["assessment", ["gross_entry", "net_entry", "gross"]].tolist() == [21, 11, 52]
    assert found.loc["decision", "gross_entry"] == 0  # it began after the case had come into view
    assert found.loc["total", ["gross_entry", "net_entry"]].tolist() == [91, 81]
    assert found.loc["assessment", "working_gross_entry"] == 13  # 11 to 31 May, two holidays off


def test_complaints_have_one_stage_and_disciplinary_cases_none_of_it() -> None:
    files = case_files(cases=[DECIDED | {"kind": "klacht"}, DECIDED | {"case_id": "B"}], suspensions=[])
    rows = stage_durations(files, as_of=AS_OF)
    assert rows.loc[rows["case_id"] == "A", "stage"].tolist() == ["complaint"]
    assert "complaint" not in rows.loc[rows["case_id"] == "B", "stage"].tolist()


def test_without_a_step_log_only_what_the_cases_tell_is_known() -> None:
    rows = stage_durations(case_files(cases=[DECIDED]), as_of=AS_OF).set_index("stage")
    assert rows.loc["total", "gross"] == 184 and np.isnan(rows.loc["total", "net"])  # no suspensions delivered either
    assert rows.loc["intake", "left_out"] == "end_not_recorded"


def test_no_cases_of_a_kind_and_no_people_give_no_rows() -> None:
    files = case_files(cases=[DECIDED | {"kind": "orienterend"}], subjects=[], suspensions=[])
    assert stage_durations(files, as_of=AS_OF).empty
    assert left_out_counts(stage_durations(files, as_of=AS_OF)).empty


def test_an_objection_has_one_date_so_its_duration_is_refused_with_the_reason() -> None:
    (objection,) = [stage for stage in STAGES if stage.code == "objection"]
    assert objection.why_not is not None and "één datum" in objection.why_not["nl"]
    assert "objection" not in stage_durations(_files({}, _chain()), as_of=AS_OF)["stage"].tolist()


@pytest.fixture(scope="module")
def example() -> tuple[CaseFiles, pd.DataFrame]:
    from data_contracts.example import example_tables
    from data_contracts.example.history import draw_history
    from data_contracts.example.plan import draw_plan

    tables, _truth = example_tables(seed=11, cases_per_year=60)
    rng = np.random.default_rng(11)
    return CaseFiles(**tables), draw_history(draw_plan(60, rng), rng)


def test_the_planted_stages_of_the_example_come_back_to_the_day(example: tuple[CaseFiles, pd.DataFrame]) -> None:
    files, history = example
    as_of = date(2026, 1, 31)
    rows = stage_durations(files.at(as_of), as_of=as_of)
    # Net takes off the criminal track only, the planted days every suspension.
    other = files.suspensions.loc[files.suspensions["reason"] != "strafrechtelijk", "case_id"]  # type: ignore[union-attr]
    rows = rows[~rows["case_id"].isin(other)].merge(history, on="case_id", suffixes=("", "_planted"))
    zero = pd.Series(0, index=rows.index)
    ends = {"intake": ("OPDR", rows["opdr"] - zero), "fact_finding": ("RAPP", rows["rapp"] - rows["opdr"]),
            "assessment": ("VOORN", rows["voorn"] - rows["rapp"]), "decision": ("BESL", rows["besl"] - rows["voorn"]),
            "total": ("BESL", None)}  # fmt: skip
    for stage, (cause, planted) in ends.items():
        mine = (rows["stage"] == stage) & (rows["left_out"] == "") & (rows["cause"] == cause)
        assert mine.sum() > 150
        if planted is not None:
            assert (rows.loc[mine, "net"] == planted[mine]).all(), stage
        still = (rows["stage"] == stage) & (rows["left_out"] == "") & ~rows["event"]
        if planted is not None and still.any():
            assert (rows.loc[still, "net"] <= planted[still]).mean() > 0.7  # the rest: an end nobody wrote down
    assert set(rows["left_out"]) <= {"", "not_started", "start_not_recorded", "start_undated", "end_not_recorded",
                                     "end_undated"}  # fmt: skip


def test_rows_go_straight_into_the_estimators(example: tuple[CaseFiles, pd.DataFrame]) -> None:
    files, _history = example
    as_of = date(2024, 6, 30)
    rows = stage_durations(files.at(as_of), as_of=as_of)
    one = counted(rows, "assessment", "working_net")
    curve = kaplan_meier(one["working_net"], one["event"], entry=one["working_net_entry"])
    ways = cumulative_incidence(one["working_net"], one["cause"], entry=one["working_net_entry"])
    shares = [incidence_within(ways, cause, 40, level=0.95).estimate or 0.0 for cause in ways.causes]
    assert sum(shares) == pytest.approx(1 - float(survival_on(curve, 40)))
    assert {"VOORN", "besluit"} <= set(ways.causes)


def test_counts_of_rows_add_up(example: tuple[CaseFiles, pd.DataFrame]) -> None:
    files, _history = example
    as_of = date(2026, 1, 31)
    rows = stage_durations(files.at(as_of), as_of=as_of)
    told = left_out_counts(rows)
    for stage, of_stage in rows.groupby("stage"):
        lost = told[told["stage"] == stage]
        assert lost["n"].sum() + (of_stage["left_out"] == "").sum() == len(of_stage)
        began = len(of_stage) - lost.loc[lost["left_out"] == "not_started", "n"].sum()
        assert (lost["of"] == began).all()
