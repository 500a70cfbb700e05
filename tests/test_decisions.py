"""Which decisions on persons there are, and which of them stand."""

from datetime import date
from typing import Any

import pandas as pd
import pytest
from small_case_files import case_files

from data_contracts.case_files import CaseFiles
from evaluation.consistency.decisions import condition_of_first, decisions, with_final
from evaluation.consistency.judged import judged_allegations
from evaluation.consistency.misconduct_outcomes import OUTCOME, misconduct_outcomes

EXTRACTED = date(2025, 12, 31)
FOUND: dict[str, Any] = {
    "case_id": "1", "subject_id": "p", "finding": "plichtsverzuim_vastgesteld", "first_penalty": "j",
    "conditional": False, "decided_on": "2021-09-01",
}  # fmt: skip


def files(*allegations: dict[str, Any]) -> CaseFiles:
    rows = [FOUND | {"allegation_id": str(at)} | row for at, row in enumerate(allegations)]
    return case_files(cases=[{"case_id": "1"}, {"case_id": "2"}], allegations=rows)


def decided(*allegations: dict[str, Any]) -> pd.DataFrame:
    found = files(*allegations)
    return decisions(misconduct_outcomes(found, judged_allegations(found)))


def test_only_allegations_with_misconduct_found_have_an_outcome() -> None:
    found = files({}, {"finding": "niet_vastgesteld", "first_penalty": "geen"}, {"finding": "onbekend"})
    assert misconduct_outcomes(found, judged_allegations(found))["allegation_id"].tolist() == ["0"]
    with pytest.raises(ValueError, match="no allegations"):
        misconduct_outcomes(case_files(cases=[{"case_id": "1"}]), pd.DataFrame())


def test_an_allegation_that_stands_twice_in_the_table_and_a_column_that_is_not_there_are_no_fault() -> None:
    found = files({}, {})
    judged = judged_allegations(found)
    twice = pd.concat([found.allegations, found.allegations])
    found = CaseFiles(
        delivery=found.delivery, cases=found.cases, allegations=twice.drop(columns=["objection", "advice_followed"])
    )
    outcomes = misconduct_outcomes(found, judged)
    assert len(outcomes) == 2 and outcomes["objection"].isna().all()
    assert set(OUTCOME) <= set(outcomes)


def test_the_same_outcome_of_one_person_in_one_case_is_one_decision() -> None:
    one_person = [{}, {}, {"final_penalty": "a", "objection": True, "objection_result": "gewijzigd"}]
    others = [{"subject_id": "q"}, {"case_id": "2"}, {"subject_id": None}, {"subject_id": None}]
    assert decided(*one_person, *others)["allegation_id"].tolist() == ["0", "2", "3", "5", "6", "4"]


OBJECTION = {
    # objection, result, final as written -> objected, pending, final, within_letter
    "no objection, final filled in": (False, None, "j", False, False, "j", False),
    "no objection, final left blank": (False, None, None, False, False, "j", False),
    "no objection and yet another final": (False, None, "a", False, False, "a", False),
    "objection not recorded, final filled in": (None, None, "j", False, False, "j", False),
    "objection not recorded, final blank": (None, None, None, False, False, None, False),
    "pending, final filled in": (True, None, "j", True, True, None, False),
    "pending, final blank": (True, None, None, True, True, None, False),
    "upheld": (True, "gehandhaafd", "j", True, False, "j", False),
    "upheld, final blank": (True, "gehandhaafd", None, True, False, "j", False),
    "withdrawn, final blank": (True, "ingetrokken", None, True, False, "j", False),
    "changed": (True, "gewijzigd", "a", True, False, "a", False),
    "changed, final blank": (True, "gewijzigd", None, True, False, None, False),
    "changed within the letter": (True, "gewijzigd", "j", True, False, "j", True),
    "annulled": (True, "herroepen", "geen", True, False, "geen", False),
    "annulled, final blank": (True, "herroepen", None, True, False, None, False),
    "a result and no mark of an objection": (None, "gehandhaafd", None, True, False, "j", False),
}


@pytest.mark.parametrize("name", OBJECTION)
def test_a_final_outcome_stands_or_is_pending_or_is_not_known(name: str) -> None:
    objection, result, written, *expected = OBJECTION[name]
    row = decided({"objection": objection, "objection_result": result, "final_penalty": written})
    found = with_final(row, extracted_on=EXTRACTED).iloc[0]
    final = None if pd.isna(found["final"]) else found["final"]
    assert [bool(found["objected"]), bool(found["pending"]), final, bool(found["within_letter"])] == expected


@pytest.mark.parametrize(
    ("decided_on", "pending"),
    [("2025-11-20", True), ("2025-11-19", True), ("2025-11-18", False), ("2025-12-30", True), (None, False)],
)
def test_a_decision_to_which_an_objection_may_still_come_is_pending(decided_on: str | None, pending: bool) -> None:
    # The term begins the day after (Awb 6:8): of 19 November it ends with 31 December, the day of the extraction.
    row = decided({"objection": False, "final_penalty": "j", "decided_on": decided_on})
    found = with_final(row, extracted_on=EXTRACTED).iloc[0]
    assert bool(found["pending"]) == pending == pd.isna(found["final"])
    settled = decided({"objection": True, "objection_result": "gehandhaafd", "decided_on": decided_on})
    assert with_final(settled, extracted_on=EXTRACTED).iloc[0]["final"] == "j"


@pytest.mark.parametrize(
    ("row", "known"),
    [
        ({"objection": False, "final_penalty": "j"}, True),
        ({"objection": True}, True),
        ({"objection": True, "objection_result": "gewijzigd", "final_penalty": "a"}, False),
        ({"objection": True, "objection_result": "gewijzigd", "final_penalty": "j"}, False),
    ],
)
def test_whether_the_first_penalty_is_conditional_is_known_only_where_no_other_came_after_it(
    row: dict[str, Any], known: bool
) -> None:
    rows = decided(row)
    condition = condition_of_first(rows, with_final(rows, extracted_on=EXTRACTED)["final"]).iloc[0]
    assert (condition is not None and not pd.isna(condition)) == known
