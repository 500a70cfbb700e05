"""Procedural completeness: counts, shares, bounds, order rules, refusals."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from small_case_files import case_files

from data_contracts import procedure
from data_contracts.procedure import Condition, OrderRule, Step
from evaluation.completeness.composites import COMPOSITES
from evaluation.completeness.shares import evaluate, evaluate_steps, step_counts, step_table
from evaluation.proportion import Proportion
from evaluation.scores import scores_table
from evaluation.step_states import opportunities

AS_OF = date(2025, 12, 31)
FOUND = Condition("in", "allegations", "finding", ("plichtsverzuim_vastgesteld",))


def step(code, *, applies_if=None, rules=(), critical=False, level="case", weight=1.0):
    text = {"nl": code, "en": code}
    return Step(
        code, text, "M", level, None, None, applies_if, text, None, rules, weight, critical, False, 0, text, "R"
    )


STEPS = (
    step("OPDR", critical=True),
    step("HOORB", applies_if=FOUND, level="subject"),
    step("RAPP", critical=True, rules=(OrderRule("OPDR", "RAPP", True),)),
)


def done(case_id, code, day=None, state="gedaan"):
    return {"case_id": case_id, "step": code, "state": state, "done_on": day}


def files_of(letters, **more):
    """One case a letter: what its file says of three steps, in two units and two years."""
    kinds = {
        "c": [("OPDR", "2021-04-01"), ("HOORB", "2021-05-01"), ("RAPP", "2021-06-01")],  # complete
        "u": [("OPDR", "2021-04-01"), ("HOORB", None), ("RAPP", None)],  # complete, two without a date
        "r": [("OPDR", "2021-06-01"), ("HOORB", "2021-05-01"), ("RAPP", "2021-06-01")],  # report too early
        "m": [("OPDR", "2021-04-01"), ("HOORB", "2021-05-01")],  # report not recorded
        "n": [("OPDR", "2021-04-01"), ("HOORB", "2021-05-01")],  # report not made
        "x": [("OPDR", "2021-04-01"), ("RAPP", "2021-06-01")],  # no misconduct: hearing not required
        "q": [("OPDR", "2021-04-01"), ("RAPP", "2021-06-01")],  # finding missing: hearing unknown
    }
    findings = {"x": "niet_vastgesteld", "q": None}
    cases, log, allegations = [], [], []
    for number, letter in enumerate(letters):
        case_id = f"{number:04d}"
        unit, year = (("AMS", 2021), ("NN", 2022))[number % 2]
        cases.append({"case_id": case_id, "unit": unit, "opened_on": f"{year}-01-15", "closed_on": "2023-01-01"})
        log += [done(case_id, code, day) for code, day in kinds[letter]]
        if letter == "n":
            log.append(done(case_id, "RAPP", state="niet_gedaan"))
        finding = findings.get(letter, "plichtsverzuim_vastgesteld")
        allegations.append({"case_id": case_id, "subject_id": "B-1", "finding": finding})
    subjects = [{"case_id": case["case_id"], "subject_id": "B-1"} for case in cases]
    return case_files(cases=cases, steps=log, allegations=allegations, subjects=subjects, **more)


def scored(files, steps=STEPS):
    return evaluate_steps(files, steps, as_of=AS_OF, level=0.95)


@pytest.fixture(scope="module")
def twenty():
    """Eight complete, two undated, two out of order, two m, two n, two x, two q."""
    result = scored(files_of("cccccccc" + "uu" + "rr" + "mm" + "nn" + "xx" + "qq"))
    return result, {score.id.removeprefix("completeness."): score for score in result.scores}


@pytest.mark.parametrize(
    ("score_id", "numerator", "denominator"),
    [
        ("step_opdr.share.all", 20, 20),
        ("step_rapp.share.all", 16, 20),
        ("step_rapp.not_done.all", 2, 20),
        ("step_rapp.not_recorded.all", 2, 20),
        ("step_rapp.done_undated.all", 2, 20),
        ("step_hoorb.share.all", 16, 16),
        ("step_hoorb.not_applicable.all", 2, 20),
        ("step_hoorb.unknown_applicability.all", 2, 20),
        ("step_rapp.share.unit=ams", 8, 10),
        ("opportunity.share.all", 52, 56),
        ("opportunity.share_low_bound.all", 52, 56),
        ("opportunity.share_high_bound.all", 54, 56),
        ("all_or_none.share.all", 16, 20),
        ("all_or_none.share_high_bound.all", 18, 20),
        ("critical.share.all", 16, 20),
        ("opportunity.share.unit=nn", 26, 28),
        ("opportunity.share.year=2021", 26, 28),
        ("order_opdr_rapp.violated.all", 2, 14),
    ],
)
def test_the_counts_of_twenty_cases_are_those_counted_by_hand(twenty, score_id, numerator, denominator):
    score = twenty[1][score_id]
    assert (score.numerator, score.denominator) == (numerator, denominator)
    assert score.estimate == pytest.approx(numerator / denominator)


def test_the_averages_of_twenty_cases_are_those_worked_out_by_hand(twenty):
    assert twenty[1]["item_average.share.all"].estimate == pytest.approx((1 + 1 + 16 / 20) / 3)
    assert twenty[1]["case_average.share.all"].estimate == pytest.approx((16 * 1 + 4 * 2 / 3) / 20)


def test_required_is_a_count(twenty):
    score = twenty[1]["step_hoorb.required.all"]
    assert (score.estimate, score.unit) == (16.0, "count")


def test_a_step_has_wilsons_interval(twenty):
    score = twenty[1]["step_rapp.share.all"]
    assert (score.low, score.high) == Proportion(16, 20).interval(0.95)
    assert score.level == 0.95


def test_an_order_rule_that_never_came_into_play_is_not_counted_as_followed(twenty):
    # Of the 20 cases, m and n have no report and u has no date for it: 14 pairs of dates.
    assert twenty[1]["order_opdr_rapp.violated.all"].n == 14


def test_every_measure_has_one_card_with_all_its_texts_in_two_languages(twenty):
    result, _scores = twenty
    assert [card.id for card in result.cards] == list(dict.fromkeys(score.estimand for score in result.scores))
    for card in result.cards:
        texts = [value for value in vars(card).values() if isinstance(value, dict)]
        assert len(texts) == 8
        assert all(set(text) == {"nl", "en"} and all(text.values()) for text in texts)
        assert not any("{" in part for text in texts for part in text.values())


def test_the_scores_make_one_table_without_a_repeated_id(twenty):
    table = scores_table(twenty[0].scores)
    assert table["id"].str.startswith("completeness.").all()
    assert (table["id"] == table["id"].str.lower()).all()
    assert table["period"].ne("").all()


def test_each_case_has_its_required_steps_its_done_steps_its_score_and_its_breaches(twenty):
    rows = twenty[0].case_scores.set_index(["case_id", "measure"])
    assert rows.loc[("0012", "required"), "value"] == 3
    assert rows.loc[("0012", "done"), "value"] == 2
    assert rows.loc[("0012", "score"), "value"] == pytest.approx(2 / 3)
    assert rows.loc[("0012", "score"), "note"] == "RAPP=not_recorded"
    assert rows.loc[("0014", "score"), "note"] == "RAPP=not_done"
    assert rows.loc[("0010", "order_breaches"), "value"] == 1
    assert rows.loc[("0010", "order_breaches"), "note"] == "OPDR>RAPP"
    assert rows.loc[("0000", "score"), "note"] == ""
    assert rows.loc[("0000", "score"), "reference"] == pytest.approx(52 / 56)
    assert len(rows) == 4 * 20


def test_a_step_the_log_calls_not_applicable_stays_in_the_denominator_of_both_bounds():
    files = files_of("c" * 12)
    changed = files.steps.copy()
    changed.loc[(changed["step"] == "RAPP") & (changed["case_id"] == "0000"), ["state", "done_on"]] = [
        "niet_van_toepassing",
        pd.NaT,
    ]
    found = {score.id: score for score in scored(replace(files, steps=changed)).scores}
    assert found["completeness.step_rapp.share.all"].numerator == 11
    assert found["completeness.step_rapp.not_recorded.all"].numerator == 0
    assert found["completeness.opportunity.share_high_bound.all"].numerator == 35


def test_an_open_case_is_not_counted_as_lacking_what_it_has_not_reached():
    files = files_of("c" * 12)
    cases = files.cases.copy()
    cases.loc[cases["case_id"] == "0000", ["closed_on", "exit_kind"]] = [pd.NaT, None]
    steps = files.steps[~((files.steps["case_id"] == "0000") & (files.steps["step"] == "RAPP"))]
    found = {score.id: score for score in scored(replace(files, cases=cases, steps=steps)).scores}
    assert found["completeness.step_rapp.share.all"].denominator == 11
    assert found["completeness.step_rapp.share.all"].estimate == 1.0


# Refusals: every one is seen.


def test_without_a_step_log_the_module_refuses_with_the_reason_and_scores_nothing():
    reason = {"nl": "dit systeem houdt geen stappen bij", "en": "this system keeps no steps"}
    result = scored(case_files(cases=[{"case_id": "1"}], absent={"steps": reason}))
    (refusal,) = result.refusals
    assert (result.scores, result.cards, result.case_scores) == ((), (), None)
    assert refusal.measure == "completeness" and refusal.needs == ("steps",)
    assert refusal.reason["nl"].endswith("Opgegeven reden: dit systeem houdt geen stappen bij.")
    assert refusal.reason["en"].startswith("This delivery has no step log.")
    assert refusal.reason["en"].endswith("Reason given: this system keeps no steps.")
    assert not refusal.misleading


def test_an_empty_step_log_is_no_step_log():
    (refusal,) = scored(case_files(cases=[{"case_id": "1"}], steps=[])).refusals
    assert refusal.needs == ("steps",)


def test_a_step_log_that_never_says_whether_a_step_was_done_is_refused():
    log = [{"case_id": "1", "step": "RAPP", "done_on": "2021-05-01"}]
    (refusal,) = scored(case_files(cases=[{"case_id": "1"}], steps=log)).refusals
    assert refusal.needs == ("steps.state",)


@pytest.mark.parametrize("column", ["kind", "exit_kind"])
def test_without_knowing_which_cases_were_decided_the_module_refuses(column):
    files = files_of("c" * 12)
    (refusal,) = scored(replace(files, cases=files.cases.assign(**{column: None}))).refusals
    assert refusal.needs == (f"cases.{column}",)


def test_all_cases_open_gives_scores_that_say_too_few_and_one_reason():
    files = files_of("c" * 12)
    cases = files.cases.assign(
        closed_on=pd.Series(pd.NaT, index=files.cases.index, dtype="datetime64[s]"), exit_kind=None
    )
    result = scored(replace(files, cases=cases))
    assert {score.refusal for score in result.scores if score.unit == "share"} == {"too_few"}
    assert all(score.estimate is None for score in result.scores if score.unit == "share")
    assert [refusal.needs for refusal in result.refusals] == [("decided_cases",)]
    assert result.case_scores.empty


def test_nothing_required_gives_scores_that_say_too_few_and_one_reason():
    files = files_of("q" * 12)
    result = scored(files, (step("HOORB", applies_if=FOUND),))
    found = {score.id: score for score in result.scores}
    assert found["completeness.opportunity.share.all"].refusal == "too_few"
    assert found["completeness.step_hoorb.unknown_applicability.all"].estimate == 1.0
    assert [refusal.needs for refusal in result.refusals] == [("required_steps",)]
    assert result.case_scores.loc[result.case_scores["measure"] == "score", "value"].isna().all()


def test_fewer_than_ten_gives_no_number_and_ten_does():
    nine = {score.id: score for score in scored(files_of("c" * 19)).scores}["completeness.step_rapp.share.unit=nn"]
    ten = {score.id: score for score in scored(files_of("c" * 20)).scores}["completeness.step_rapp.share.unit=nn"]
    assert (nine.n, nine.estimate, nine.low, nine.numerator, nine.refusal) == (9, None, None, None, "too_few")
    assert (ten.n, ten.estimate, ten.refusal) == (10, 1.0, None)


def test_a_unit_without_a_decided_case_is_there_and_says_too_few():
    files = files_of("c" * 12)
    extra = files.cases.head(1).assign(case_id="9999", unit="PA", kind="klacht")
    cases = pd.concat([files.cases, extra], ignore_index=True)
    found = {score.id: score for score in scored(replace(files, cases=cases)).scores}
    assert found["completeness.opportunity.share.unit=pa"].refusal == "too_few"


def test_one_unit_one_year_and_one_case_have_defined_answers():
    result = scored(files_of("c"))
    assert {score.refusal for score in result.scores if score.unit == "share"} == {"too_few"}
    assert len(result.case_scores) == 4


def test_a_delivery_of_cases_only_in_many_units_is_refused_and_does_not_crash():
    cases = [{"case_id": str(number), "unit": f"Division {number}"} for number in range(76)]
    assert evaluate(case_files(cases=cases), as_of=AS_OF, level=0.95).refusals[0].needs == ("steps",)


# The real procedure: a slow count and a planted truth.


def planted(rng, cases, chance):
    """Cases that follow the real procedure; every step not done with its own chance."""
    ids = [f"{number:05d}" for number in range(cases)]
    unit = rng.choice(["AMS", "NN", "OB"], cases)
    opened = pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.integers(0, 900, cases), "D")
    found = rng.random(cases) < 0.6
    rows = [
        {"case_id": i, "unit": u, "opened_on": o, "closed_on": o + pd.Timedelta(days=300), "criminal_track": False}
        for i, u, o in zip(ids, unit, opened, strict=True)
    ]
    people = [{"case_id": i, "subject_id": "B-1"} for i in ids]
    allegations = [
        person | {"finding": "plichtsverzuim_vastgesteld" if bad else "niet_vastgesteld",
                  "advised_penalty": "a" if bad else "geen", "first_penalty": "a" if bad else "geen",
                  "final_penalty": "a" if bad else "geen", "conditional": False, "flag_expression": False,
                  "objection": False}
        for person, bad in zip(people, found, strict=True)
    ]  # fmt: skip
    log = []
    for code, (lost, not_done) in chance.items():
        draw = rng.random(cases)
        state = np.where(draw < lost, None, np.where(draw < lost + (1 - lost) * not_done, "niet_gedaan", "gedaan"))
        log += [{"case_id": i, "step": code, "state": s} for i, s in zip(ids, state, strict=True) if s is not None]
    return case_files(cases=rows, subjects=people, allegations=allegations, steps=log, signals=[], order_measures=[])


CHANCE = {"MELD": (0.01, 0.0), "REG": (0.02, 0.0), "TRI": (0.08, 0.05), "OPDR": (0.04, 0.02), "HOORB": (0.05, 0.04),
          "RAPP": (0.03, 0.01), "ADV": (0.06, 0.04), "VOORN": (0.04, 0.01), "BESL": (0.01, 0.0)}  # fmt: skip


def test_planted_step_probabilities_come_back():
    files = planted(np.random.default_rng(2020), 3000, CHANCE)
    found = {score.id: score for score in evaluate(files, as_of=AS_OF, level=0.998).scores}
    for code, (lost, not_done) in CHANCE.items():
        share = found[f"completeness.step_{code.lower()}.share.all"]
        missing = found[f"completeness.step_{code.lower()}.not_recorded.all"]
        assert share.low <= (1 - lost) * (1 - not_done) <= share.high, code
        assert missing.low <= lost <= missing.high, code
    assert found["completeness.step_hoorb.required.all"].estimate == pytest.approx(0.6 * 3000, rel=0.05)


def test_a_step_that_stands_nowhere_in_the_log_is_named_and_counts_nowhere():
    files = planted(np.random.default_rng(2020), 60, CHANCE)
    result = evaluate(files, as_of=AS_OF, level=0.95)
    assert not [score.id for score in result.scores if "_kenn" in score.id]
    (unrecorded,) = [refusal for refusal in result.refusals if refusal.measure == "completeness.unrecorded_steps"]
    assert "KENN" in unrecorded.needs and "RAPP" not in unrecorded.needs
    assert "recht op bijstand" in unrecorded.reason["nl"]
    logged = tuple(step for step in procedure.steps() if step.code in set(files.steps["step"]))
    same = {score.id: score.estimate for score in evaluate_steps(files, logged, as_of=AS_OF, level=0.95).scores}
    assert {score.id: score.estimate for score in result.scores} == same


@pytest.mark.parametrize("seed", [1, 2])
def test_a_slow_and_obvious_count_of_the_composites_says_the_same(seed):
    files = planted(np.random.default_rng(seed), 60, CHANCE)
    steps = procedure.steps()
    rows = opportunities(files, files.cases, steps, as_of=AS_OF).to_dict("records")
    critical = {step.code for step in steps if step.critical}
    required = [row for row in rows if row["applicability"] == "required"]
    shown = [row for row in required if row["state"].startswith("done")]
    by_step = [
        sum(row["step"] == code for row in shown) / sum(row["step"] == code for row in required)
        for code in {row["step"] for row in required}
    ]
    by_case, whole, safe = [], [], []
    for case_id in files.cases["case_id"]:
        needed = [row["step"] for row in required if row["case_id"] == case_id]
        taken = [row["step"] for row in shown if row["case_id"] == case_id]
        by_case.append(len(taken) / len(needed))
        whole.append(len(taken) == len(needed))
        safe.append(sum(code in critical for code in taken) == sum(code in critical for code in needed))
    expected = {
        "opportunity": len(shown) / len(required),
        "item_average": np.mean(by_step),
        "case_average": np.mean(by_case),
        "all_or_none": np.mean(whole),
        "critical": np.mean(safe),
    }
    found = {score.id: score.estimate for score in evaluate_steps(files, steps, as_of=AS_OF, level=0.95).scores}
    assert {name for name, _composite in COMPOSITES} == set(expected)
    for name, value in expected.items():
        assert found[f"completeness.{name}.share.all"] == pytest.approx(value), name


def test_the_states_of_the_required_opportunities_add_up():
    files = planted(np.random.default_rng(5), 200, CHANCE)
    found = opportunities(files, files.cases, procedure.steps(), as_of=AS_OF)
    table = step_table(found, ["step"])
    parts = table["done"] + table["not_done"] + table["not_recorded"] + table["called_not_applicable"]
    assert (parts == table["required"]).all()
    counted = step_counts(found, files.cases, procedure.steps())
    assert counted.required.sum() == table["required"].sum()
    assert counted.done.sum() == table["done"].sum()


def test_the_order_of_the_rows_does_not_matter():
    files = planted(np.random.default_rng(6), 80, CHANCE)
    mixed = replace(
        files,
        cases=files.cases.sample(frac=1, random_state=1, ignore_index=True),
        steps=files.steps.sample(frac=1, random_state=2, ignore_index=True),
        allegations=files.allegations.sample(frac=1, random_state=3, ignore_index=True),
    )
    first, second = (scores_table(evaluate(some, as_of=AS_OF, level=0.95).scores) for some in (files, mixed))
    pd.testing.assert_frame_equal(first, second)
