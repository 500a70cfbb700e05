"""What a case had to do, and the five things its file can say about it."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from small_case_files import case_files

from data_contracts.procedure import Condition, OrderRule, Step, steps
from evaluation.step_states import decided_cases, opportunities, order_checks

AS_OF = date(2025, 12, 31)
PENALTY = Condition("in", "allegations", "first_penalty", ("a", "j"))


def step(code, *, level="case", applies_if=None, valid_from=None, valid_to=None, waivable=False, wait=0, rules=()):
    text = {"nl": code, "en": code}
    return Step(code, text, "M", level, valid_from, valid_to, applies_if, text, None, rules, 1.0, False, waivable, wait,
                text, "R")  # fmt: skip


def looked_at(files, *procedure, as_of=AS_OF):
    found = opportunities(files, files.cases, procedure, as_of=as_of)
    return found.sort_values(["case_id", "subject_id", "step"], ignore_index=True)


def only(files, *procedure, as_of=AS_OF):
    found = looked_at(files, *procedure, as_of=as_of)
    assert len(found) == 1
    return found.loc[0, "applicability"], found.loc[0, "state"]


def test_the_five_states_are_five_different_things():
    log = [
        {"case_id": "1", "step": "RAPP", "state": "gedaan", "done_on": "2021-05-01"},
        {"case_id": "2", "step": "RAPP", "state": "gedaan"},
        {"case_id": "3", "step": "RAPP", "state": "niet_gedaan"},
        {"case_id": "4", "step": "RAPP", "state": "niet_van_toepassing"},
        {"case_id": "5", "step": "RAPP"},
    ]
    files = case_files(cases=[{"case_id": str(number)} for number in range(1, 7)], steps=log)
    found = looked_at(files, step("RAPP"))
    assert found["state"].tolist() == [
        "done_dated", "done_undated", "not_done", "not_applicable", "not_recorded", "not_recorded",
    ]  # fmt: skip
    assert set(found["applicability"]) == {"required"}
    assert found["done_on"].tolist()[0] == pd.Timestamp("2021-05-01")
    assert found["done_on"].isna().tolist() == [False, True, True, True, True, True]


def test_a_date_without_a_state_is_not_taken_for_done():
    files = case_files(cases=[{"case_id": "1"}], steps=[{"case_id": "1", "step": "RAPP", "done_on": "2021-05-01"}])
    found = looked_at(files, step("RAPP"))
    assert found.loc[0, "state"] == "not_recorded"
    assert pd.isna(found.loc[0, "done_on"])


def test_of_several_rows_the_most_complete_counts_with_its_first_day():
    log = [
        {"case_id": "1", "step": "HOORG", "state": "niet_gedaan"},
        {"case_id": "1", "step": "HOORG", "state": "gedaan", "done_on": "2021-06-01"},
        {"case_id": "1", "step": "HOORG", "state": "gedaan", "done_on": "2021-05-01"},
        {"case_id": "1", "step": "HOORG", "state": "gedaan"},
    ]
    found = looked_at(case_files(cases=[{"case_id": "1"}], steps=log), step("HOORG"))
    assert found.loc[0, "state"] == "done_dated"
    assert found.loc[0, "done_on"] == pd.Timestamp("2021-05-01")


@pytest.mark.parametrize(
    ("penalty", "applicability"), [("a", "required"), ("geen", "not_applicable"), (None, "unknown")]
)
def test_a_conditional_step_is_required_only_where_its_condition_is_known_to_hold(penalty, applicability):
    files = case_files(cases=[{"case_id": "1"}], allegations=[{"case_id": "1", "first_penalty": penalty}], steps=[])
    assert only(files, step("VOORN", applies_if=PENALTY)) == (applicability, "not_recorded")


def test_without_the_table_of_its_condition_the_applicability_is_unknown():
    assert only(case_files(cases=[{"case_id": "1"}]), step("VOORN", applies_if=PENALTY))[0] == "unknown"


def test_without_a_row_the_applicability_is_unknown_unless_the_step_says_that_means_no():
    files = case_files(cases=[{"case_id": "1"}], allegations=[], order_measures=[])
    assert only(files, step("VOORN", applies_if=PENALTY))[0] == "unknown"
    spell = Condition("has_rows", "order_measures", no_rows="false")
    assert only(files, step("ORDE", applies_if=spell))[0] == "not_applicable"


def test_one_allegation_with_a_penalty_is_enough_even_when_another_is_unknown():
    rows = [{"case_id": "1", "first_penalty": None}, {"case_id": "1", "first_penalty": "j"}]
    files = case_files(cases=[{"case_id": "1"}], allegations=rows)
    assert only(files, step("VOORN", applies_if=PENALTY))[0] == "required"


def test_no_penalty_and_an_unknown_one_leave_it_unknown():
    rows = [{"case_id": "1", "first_penalty": None}, {"case_id": "1", "first_penalty": "geen"}]
    files = case_files(cases=[{"case_id": "1"}], allegations=rows)
    assert only(files, step("VOORN", applies_if=PENALTY))[0] == "unknown"


YES, NO, UNSAID = {"flag_drugs": True}, {"flag_drugs": False}, {}


@pytest.mark.parametrize(
    ("op", "rows", "applicability"),
    [
        ("is_true", [NO, YES], "required"),
        ("is_true", [NO, NO], "not_applicable"),
        ("is_true", [NO, UNSAID], "unknown"),
        ("is_false", [YES, NO], "required"),
        ("is_false", [YES, YES], "not_applicable"),
        ("present", [UNSAID, NO], "required"),
        ("present", [UNSAID, UNSAID], "unknown"),
    ],
)
def test_a_truth_value_is_read_in_three_ways(op, rows, applicability):
    rows = [{"case_id": "1"} | row for row in rows]
    files = case_files(cases=[{"case_id": "1"}], allegations=rows)
    condition = Condition(op, "allegations", "flag_drugs")
    assert only(files, step("AGFA", applies_if=condition))[0] == applicability


@pytest.mark.parametrize(
    ("penalties", "applicability"),
    [(["geen", "waarschuwing"], "required"), (["geen", "a"], "not_applicable"), (["geen", None], "unknown")],
)
def test_not_in_asks_about_every_row(penalties, applicability):
    rows = [{"case_id": "1", "first_penalty": penalty} for penalty in penalties]
    condition = Condition("not_in", "allegations", "first_penalty", ("a", "j"))
    files = case_files(cases=[{"case_id": "1"}], allegations=rows)
    assert only(files, step("X", applies_if=condition))[0] == applicability


# Kleene 1952, section 64: t, u, f for "and" and "or".
@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [("t", "t", "t", "t"), ("t", "u", "u", "t"), ("t", "f", "f", "t"), ("u", "u", "u", "u"), ("u", "f", "f", "u"),
     ("f", "f", "f", "f")],
)  # fmt: skip
def test_all_and_any_follow_three_valued_logic(left, right, both, either):
    said = {"t": True, "u": None, "f": False}
    names = {"t": "required", "u": "unknown", "f": "not_applicable"}
    row = {"case_id": "1", "flag_drugs": said[left], "flag_expression": said[right]}
    files = case_files(cases=[{"case_id": "1"}], allegations=[row])
    parts = (Condition("is_true", "allegations", "flag_drugs"), Condition("is_true", "allegations", "flag_expression"))
    assert only(files, step("X", applies_if=Condition("all", parts=parts)))[0] == names[both]
    assert only(files, step("X", applies_if=Condition("any", parts=parts)))[0] == names[either]


def test_some_row_asks_for_both_answers_in_one_row():
    parts = (
        Condition("in", "allegations", "final_penalty", ("a", "j")),
        Condition("is_false", "allegations", "conditional"),
    )
    in_one_row = Condition("some_row", "allegations", parts=(Condition("all", parts=parts),))
    rows = [
        {"case_id": "1", "final_penalty": "j", "conditional": True},
        {"case_id": "1", "final_penalty": "geen", "conditional": False},
    ]
    files = case_files(cases=[{"case_id": "1"}], allegations=rows)
    assert only(files, step("TUL", applies_if=in_one_row))[0] == "not_applicable"
    assert only(files, step("TUL", applies_if=Condition("all", parts=parts)))[0] == "required"


UNRECORDED = Condition("unrecorded")


def test_a_condition_that_no_column_tells_is_unknown_until_the_log_says_it_did_not_apply():
    def said(state):
        log = [{"case_id": "1", "step": "MIDD", "state": state}]
        return only(case_files(cases=[{"case_id": "1"}], steps=log), step("MIDD", applies_if=UNRECORDED))

    assert said(None) == ("unknown", "not_recorded")
    assert said("gedaan") == ("unknown", "done_undated")
    assert said("niet_gedaan") == ("unknown", "not_done")
    assert said("niet_van_toepassing") == ("not_applicable", "not_applicable")


def test_a_log_cannot_exempt_a_case_from_a_required_step_unless_the_person_may_waive_it():
    log = [{"case_id": "1", "step": "ZIENS", "state": "niet_van_toepassing"}]
    files = case_files(cases=[{"case_id": "1"}], steps=log)
    assert only(files, step("ZIENS")) == ("required", "not_applicable")
    assert only(files, step("ZIENS", waivable=True)) == ("not_applicable", "not_applicable")


def test_a_step_is_looked_at_only_in_cases_that_opened_while_it_was_valid():
    cases = [
        {"case_id": "before", "opened_on": "2020-11-11"},
        {"case_id": "first", "opened_on": "2020-11-12"},
        {"case_id": "last", "opened_on": "2023-01-31"},
        {"case_id": "after", "opened_on": "2023-02-01"},
        {"case_id": "unsaid", "opened_on": None},
    ]
    dated = step("TRI", valid_from=date(2020, 11, 12), valid_to=date(2023, 1, 31))
    found = looked_at(case_files(cases=cases), dated)
    assert dict(zip(found["case_id"], found["applicability"], strict=True)) == {
        "first": "required", "last": "required", "unsaid": "unknown",
    }  # fmt: skip


def test_a_step_after_the_decision_does_not_count_before_its_waiting_time_has_passed():
    files = case_files(cases=[{"case_id": "1", "closed_on": "2021-09-01"}])
    closing = step("SLUIT", wait=90)
    assert only(files, closing, as_of=date(2021, 11, 29))[0] == "not_applicable"
    assert only(files, closing, as_of=date(2021, 11, 30))[0] == "required"


TWO = [{"case_id": "1", "subject_id": "B-1"}, {"case_id": "1", "subject_id": "B-2"}]


def test_a_step_of_a_person_is_asked_for_every_person_with_that_persons_own_condition():
    files = case_files(
        cases=[{"case_id": "1"}],
        subjects=TWO,
        allegations=[TWO[0] | {"first_penalty": "a"}, TWO[1] | {"first_penalty": "geen"}],
        steps=[TWO[1] | {"step": "VOORN", "state": "gedaan"}],
    )
    found = looked_at(files, step("VOORN", level="subject", applies_if=PENALTY))
    assert found[["subject_id", "applicability", "state"]].to_numpy().tolist() == [
        ["B-1", "required", "not_recorded"],
        ["B-2", "not_applicable", "done_undated"],
    ]


def test_a_row_without_a_person_counts_for_all_of_them_and_a_persons_row_for_the_whole_case():
    log = [
        {"case_id": "1", "step": "BESL", "state": "gedaan"},
        {"case_id": "1", "subject_id": "B-2", "step": "RAPP", "state": "gedaan"},
    ]
    files = case_files(cases=[{"case_id": "1"}], subjects=TWO, steps=log)
    found = looked_at(files, step("BESL", level="subject"), step("RAPP"))
    assert found["step"].tolist() == ["BESL", "BESL", "RAPP"]
    assert set(found["state"]) == {"done_undated"}


def test_an_allegation_without_a_person_counts_for_all_persons_of_its_case():
    files = case_files(
        cases=[{"case_id": "1"}], subjects=TWO, allegations=[{"case_id": "1", "first_penalty": "a"}], steps=[]
    )
    found = looked_at(files, step("VOORN", level="subject", applies_if=PENALTY))
    assert found["applicability"].tolist() == ["required", "required"]


def test_the_same_pseudonym_in_two_cases_is_kept_apart():
    files = case_files(
        cases=[{"case_id": "1"}, {"case_id": "2"}],
        subjects=[{"case_id": "1", "subject_id": "B-1"}, {"case_id": "2", "subject_id": "B-1"}],
        steps=[{"case_id": "2", "subject_id": "B-1", "step": "BESL", "state": "gedaan"}],
    )
    found = looked_at(files, step("BESL", level="subject"))
    assert found["state"].tolist() == ["not_recorded", "done_undated"]


def test_without_a_table_of_persons_those_that_the_other_tables_name_are_asked():
    files = case_files(
        cases=[{"case_id": "1"}, {"case_id": "2"}],
        steps=[{"case_id": "1", "subject_id": "B-1", "step": "BESL", "state": "gedaan"}],
    )
    found = looked_at(files, step("BESL", level="subject"))
    assert found["case_id"].tolist() == ["1", "2"]
    assert found["subject_id"].fillna("nobody").tolist() == ["B-1", "nobody"]
    assert found["state"].tolist() == ["done_undated", "not_recorded"]


def test_without_any_person_a_step_of_a_person_is_asked_once_a_case():
    files = case_files(cases=[{"case_id": "1"}], steps=[{"case_id": "1", "step": "BESL", "state": "gedaan"}])
    assert only(files, step("BESL", level="subject")) == ("required", "done_undated")


def test_only_disciplinary_cases_that_ended_with_a_decision_are_decided():
    cases = [
        {"case_id": "decided"},
        {"case_id": "open", "closed_on": None, "exit_kind": None, "status": "lopend"},
        {"case_id": "resigned", "exit_kind": "eigen_ontslag"},
        {"case_id": "complaint", "kind": "klacht"},
        {"case_id": "unsaid", "kind": None},
    ]
    assert decided_cases(case_files(cases=cases).cases)["case_id"].tolist() == ["decided"]


def order(log, *rules, subjects=(), levels=None, opened="2021-03-01"):
    files = case_files(cases=[{"case_id": "1", "opened_on": opened}], subjects=list(subjects), steps=log)
    codes = dict.fromkeys(code for rule in rules for code in (rule.first, rule.then))
    found = looked_at(files, *(step(code, level=(levels or {}).get(code, "case")) for code in codes))
    return order_checks(found, files.cases, rules)


@pytest.mark.parametrize(
    ("then", "strict", "violated"),
    [
        ("2021-05-01", True, True),
        ("2021-05-02", True, False),
        ("2021-05-01", False, False),
        ("2021-04-30", False, True),
    ],
)
def test_an_order_rule_allows_the_same_day_only_when_it_is_not_strict(then, strict, violated):
    log = [
        {"case_id": "1", "step": "VOORN", "state": "gedaan", "done_on": "2021-05-01"},
        {"case_id": "1", "step": "ZIENS", "state": "gedaan", "done_on": then},
    ]
    checks = order(log, OrderRule("VOORN", "ZIENS", strict))
    assert checks[["rule", "violated"]].to_numpy().tolist() == [["voorn_ziens", violated]]


def test_an_order_rule_with_a_date_missing_never_came_into_play():
    log = [
        {"case_id": "1", "step": "VOORN", "state": "gedaan", "done_on": "2021-05-01"},
        {"case_id": "1", "step": "ZIENS", "state": "gedaan"},
    ]
    assert order(log, OrderRule("VOORN", "ZIENS", True)).empty
    assert order([], OrderRule("VOORN", "ZIENS", True)).empty


def test_the_first_day_of_a_step_taken_twice_counts_in_an_order_rule():
    log = [
        {"case_id": "1", "step": "OPDR", "state": "gedaan", "done_on": "2021-05-02"},
        {"case_id": "1", "step": "HOORG", "state": "gedaan", "done_on": "2021-06-01"},
        {"case_id": "1", "step": "HOORG", "state": "gedaan", "done_on": "2021-05-01"},
    ]
    assert order(log, OrderRule("OPDR", "HOORG", False))["violated"].tolist() == [True]


def test_a_rule_between_a_case_and_its_persons_is_checked_for_each_person():
    log = [
        TWO[0] | {"step": "HOORB", "state": "gedaan", "done_on": "2021-05-01"},
        TWO[1] | {"step": "HOORB", "state": "gedaan", "done_on": "2021-07-01"},
        {"case_id": "1", "step": "RAPP", "state": "gedaan", "done_on": "2021-06-01"},
    ]
    checks = order(log, OrderRule("HOORB", "RAPP", True), subjects=TWO, levels={"HOORB": "subject"})
    assert checks[["subject_id", "violated"]].to_numpy().tolist() == [["B-1", False], ["B-2", True]]


def test_one_persons_step_is_not_compared_with_another_persons():
    log = [
        TWO[0] | {"step": "VOORN", "state": "gedaan", "done_on": "2021-05-01"},
        TWO[1] | {"step": "ZIENS", "state": "gedaan", "done_on": "2021-04-01"},
    ]
    levels = {"VOORN": "subject", "ZIENS": "subject"}
    assert order(log, OrderRule("VOORN", "ZIENS", True), subjects=TWO, levels=levels).empty


def test_an_order_rule_counts_only_for_cases_that_opened_while_it_was_valid():
    log = [
        {"case_id": "1", "step": "TRI", "state": "gedaan", "done_on": "2021-05-01"},
        {"case_id": "1", "step": "OPDR", "state": "gedaan", "done_on": "2021-05-01"},
    ]
    rule = OrderRule("TRI", "OPDR", True, valid_from=date(2020, 11, 12))
    assert len(order(log, rule, opened="2020-11-12")) == 1
    assert order(log, rule, opened="2020-11-11").empty


# A slow, obvious second implementation: one case, one person, one step at a time.


def slow_truth(condition, files, case_id, subject_id):
    if condition.op in ("all", "any"):
        answers = [slow_truth(part, files, case_id, subject_id) for part in condition.parts]
        stop = condition.op == "any"
        return stop if stop in answers else None if None in answers else not stop
    if condition.op == "unrecorded":
        return None
    table = getattr(files, condition.table)
    if table is None:
        return None
    answers = []
    for row in table.to_dict("records"):
        who = row.get("subject_id", np.nan)
        if row["case_id"] == case_id and (pd.isna(who) or pd.isna(subject_id) or who == subject_id):
            answers.append(slow_row(condition, row, table))
    if not answers:
        return False if condition.no_rows == "false" else None
    return True if True in answers else None if None in answers else False


def slow_row(condition, row, table):
    if condition.op in ("some_row", "all", "any"):
        answers = [slow_row(part, row, table) for part in condition.parts]
        stop = condition.op == "any"
        return stop if stop in answers else None if None in answers else not stop
    if condition.op == "has_rows":
        return True
    if condition.op == "unrecorded" or table[condition.column].isna().all():
        return None
    if condition.op == "present":
        return not pd.isna(row[condition.column])
    if pd.isna(row[condition.column]):
        return None
    value = row[condition.column]
    return {"is_true": value is True, "is_false": value is False}.get(condition.op, value in condition.value)


def slow_opportunities(files, procedure, as_of):
    rows = []
    for case in files.cases.to_dict("records"):
        persons = files.subjects.loc[files.subjects["case_id"] == case["case_id"], "subject_id"].tolist() or [np.nan]
        for one in procedure:
            opened = case["opened_on"].date()
            if (one.valid_from and opened < one.valid_from) or (one.valid_to and opened > one.valid_to):
                continue
            for subject_id in persons if one.level == "subject" else [np.nan]:
                states = {"not_recorded"}
                for row in files.steps.to_dict("records"):
                    same = pd.isna(row["subject_id"]) or pd.isna(subject_id) or row["subject_id"] == subject_id
                    if row["case_id"] == case["case_id"] and row["step"] == one.code and same:
                        dated = "done_undated" if pd.isna(row["done_on"]) else "done_dated"
                        names = {"gedaan": dated, "niet_gedaan": "not_done", "niet_van_toepassing": "not_applicable"}
                        states.add(names.get(row["state"], "not_recorded"))
                ranked = ["done_dated", "done_undated", "not_done", "not_applicable", "not_recorded"]
                state = min(states, key=ranked.index)
                holds = slow_truth(one.applies_if, files, case["case_id"], subject_id) if one.applies_if else True
                if state == "not_applicable" and (holds is None or one.waivable):
                    holds = False
                if one.expected_within_days and (as_of - case["closed_on"].date()).days < one.expected_within_days:
                    holds = False
                applicability = {True: "required", False: "not_applicable", None: "unknown"}[holds]
                rows.append((case["case_id"], subject_id, one.code, applicability, state))
    columns = ["case_id", "subject_id", "step", "applicability", "state"]
    return pd.DataFrame(rows, columns=columns).sort_values(columns[:3], ignore_index=True)


def random_case_files(rng, cases=12):
    def some(values, size):
        return [None if value == "-" else value for value in rng.choice([*values, "-"], size=size)]

    ids = [str(number) for number in range(cases)]
    days = pd.Timestamp("2018-01-01") + pd.to_timedelta(rng.integers(0, 2500, cases), "D")
    cases_rows = [
        {"case_id": i, "opened_on": day, "closed_on": day + pd.Timedelta(days=int(rng.integers(30, 400))),
         "criminal_track": rng.choice([True, False, None])}
        for i, day in zip(ids, days, strict=True)
    ]  # fmt: skip
    subjects = [{"case_id": i, "subject_id": f"B-{n}"} for i in ids for n in range(rng.integers(0, 3))]
    people = subjects + [{"case_id": i, "subject_id": None} for i in ids]
    picked = [people[i] for i in rng.integers(0, len(people), 3 * cases)]
    letters = some(["a", "j", "geen", "waarschuwing"], 3 * cases)
    allegations = [
        row | {"first_penalty": letter, "final_penalty": letter, "conditional": rng.choice([True, False, None]),
               "objection": rng.choice([True, False, None]), "flag_expression": rng.choice([True, False, None]),
               "advised_penalty": some(["a", "geen"], 1)[0],
               "finding": some(["plichtsverzuim_vastgesteld", "niet_vastgesteld"], 1)[0]}
        for row, letter in zip(picked, letters, strict=True)
    ]  # fmt: skip
    for row in allegations:
        row["objection_result"] = some(["gehandhaafd", "ingetrokken", "vervangen_rechter"], 1)[0]
    codes = [one.code for one in steps()]
    picked = [people[i] for i in rng.integers(0, len(people), 20 * cases)]
    states = some(["gedaan", "gedaan", "niet_gedaan", "niet_van_toepassing"], 20 * cases)
    log = [
        row | {"step": rng.choice(codes), "state": state, "done_on": rng.choice(["2021-05-01", None])}
        for row, state in zip(picked, states, strict=True)
    ]
    measures = [people[i] for i in rng.integers(0, len(people), cases // 2)]
    return case_files(cases=cases_rows, subjects=subjects, allegations=allegations, steps=log, order_measures=measures)


@pytest.mark.parametrize("seed", range(3))
def test_a_slow_and_obvious_count_of_the_real_procedure_says_the_same(seed):
    files = random_case_files(np.random.default_rng(seed))
    as_of = date(2024, 6, 30)
    found = looked_at(files, *steps(), as_of=as_of)
    expected = slow_opportunities(files, steps(), as_of)
    columns = ["case_id", "subject_id", "step", "applicability", "state"]
    assert set(found["applicability"]) == {"required", "not_applicable", "unknown"}
    pd.testing.assert_frame_equal(found[columns], expected[columns], check_dtype=False)


@pytest.mark.parametrize(
    ("penalty", "finding", "applicability"),
    [
        ("j", "plichtsverzuim_vastgesteld", "required"),
        ("j", None, "required"),
        ("geen", "plichtsverzuim_vastgesteld", "not_applicable"),
        (None, "niet_vastgesteld", "not_applicable"),
        (None, "plichtsverzuim_vastgesteld", "unknown"),
        (None, None, "unknown"),
    ],
)
def test_a_missing_penalty_is_no_penalty_only_when_the_finding_rules_one_out(penalty, finding, applicability):
    rows = [
        {"case_id": "1", "first_penalty": penalty, "finding": finding},
        {"case_id": "2", "first_penalty": "a", "finding": "strafbaar_feit"},
    ]
    files = case_files(cases=[{"case_id": "1"}, {"case_id": "2"}], allegations=rows)
    intended = [one for one in steps() if one.code == "VOORN"]
    assert looked_at(files, *intended)["applicability"].tolist() == [applicability, "required"]
