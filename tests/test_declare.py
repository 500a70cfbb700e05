"""Rules over a step log: hand-worked cases for each template, conditions, days, counts, and what is refused."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from data_contracts.case_files import CaseFiles
from data_contracts.errors import WrongUse
from data_contracts.example import example_tables
from data_contracts.language import use_language
from data_contracts.procedure import Condition, order_rules, steps
from evaluation.clustered_share import clustered_share
from evaluation.completeness.declare import (
    TEMPLATES,
    VERDICTS,
    Rule,
    check_rule,
    check_rules,
    rule_table,
    step_log,
    step_order,
)
from evaluation.duration.working_days import COUNTINGS
from evaluation.proportion import Proportion
from evaluation.step_states import decided_cases, opportunities, order_checks

ONE = ("existence", "absence", "exactly", "init", "end")


@pytest.fixture(autouse=True)
def dutch_messages():
    use_language("nl")
    yield
    use_language(None)


def rule(template, **given):
    return Rule(template, template, ("A",), () if template in ONE else ("B",), **given)


def log_of(*traces, as_of=None, is_open=None, **given):
    """A letter is a step, on day 0, 1, ..; letters in brackets share a day; a letter after ? has no date."""
    rows = []
    for case, trace in enumerate(traces):
        day, inside, undated = 0, False, False
        for letter in trace:
            if letter in "()?":
                inside, undated, day = letter == "(", letter == "?", day + (letter == ")")
                continue
            rows.append((case, letter, np.nan if undated else day))
            day, undated = day + (not inside and not undated), False
    table = pd.DataFrame(rows, columns=["case", "step", "time"]).astype({"time": float})
    cases = pd.DataFrame({"case": range(len(traces)), "open": [bool(is_open)] * len(traces)})
    return step_log(table, as_of=as_of, cases=cases, open="open", **given)


def said(log, given):
    return [VERDICTS[code] for code in check_rule(log, given).case_verdict]


# S satisfied, V violated, - vacuous, ? undetermined: one letter a trace.
LETTERS = {"S": "satisfied", "V": "violated", "-": "vacuous", "?": "undetermined", "P": "pending"}
TRACES = ("AB", "BA", "AAB", "ABB", "ABAB", "ACB", "A", "B", "C", "(AB)", "A?B", "")
BY_HAND = {
    "existence":            "SSSSSSSVVSSV",
    "absence":              "VVVVVVVSSVVS",
    "exactly":              "SSVSVSSVVSSV",
    "init":                 "SVSSSSSVV??V",
    "end":                  "VSVVVVSVV??V",
    "choice":               "SSSSSSSSVSSV",
    "exclusive_choice":     "VVVVVVSSVVVV",
    "responded_existence":  "SSSSSSV--SS-",
    "co_existence":         "SSSSSSVV-SS-",
    "not_co_existence":     "VVVVVVSS-VV-",
    "response":             "SVSSSSV--??-",
    "precedence":           "SVSSSS-V-??-",
    "succession":           "SVSSSSVV-??-",
    "alternate_response":   "SVVSSSV--??-",
    "alternate_precedence": "SVSVSS-V-??-",
    "alternate_succession": "SVVVSSVV-??-",
    "chain_response":       "SVVSSVV--??-",
    "chain_precedence":     "SVSVSV-V-??-",
    "chain_succession":     "SVVVSVVV-??-",
    "not_succession":       "VSVVVVS--??-",
    "not_chain_succession": "VSVVVSS--??-",
    "ordered":              "SVSSSS---??-",
}  # fmt: skip


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_is_as_worked_out_by_hand(template):
    assert said(log_of(*TRACES), rule(template)) == [LETTERS[letter] for letter in BY_HAND[template]]


# The same letters for cases that are open.
OPEN_TRACES = ("AB", "BA", "A", "C", "")
OPEN_BY_HAND = {
    "existence":            "SSSPP",
    "absence":              "VVVPP",
    "exactly":              "PPPPP",
    "init":                 "SVSVP",
    "end":                  "PPPPP",
    "choice":               "SSSPP",
    "exclusive_choice":     "VVPPP",
    "responded_existence":  "SSP--",
    "co_existence":         "SSP--",
    "not_co_existence":     "VVP--",
    "response":             "SPP--",
    "precedence":           "SV---",
    "succession":           "SVP--",
    "alternate_response":   "SPP--",
    "alternate_precedence": "SV---",
    "alternate_succession": "SVP--",
    "chain_response":       "SPP--",
    "chain_precedence":     "SV---",
    "chain_succession":     "SVP--",
    "not_succession":       "VPP--",
    "not_chain_succession": "VPP--",
    "ordered":              "SV---",
}  # fmt: skip


@pytest.mark.parametrize("template", TEMPLATES)
def test_what_may_still_come_in_an_open_case_is_pending_and_not_violated(template):
    log = log_of(*OPEN_TRACES, as_of=1.0, is_open=True)
    assert said(log, rule(template)) == [LETTERS[letter] for letter in OPEN_BY_HAND[template]]


# pm4py 2.7.23.11, day i for the i-th letter, one rule of each template over A and B (A for one step):
# pm4py.conformance_declare(log, {name: {("A", "B"): {}} ..}) -> the deviations of each trace
PM4PY = {
    "AB": "absence noncoexistence",
    "BA": "absence altprecedence altresponse altsuccession chainprecedence chainresponse chainsuccession init "
    "noncoexistence precedence response succession",
    "AAB": "absence altresponse altsuccession chainresponse chainsuccession exactly_one noncoexistence",
    "ABB": "absence altprecedence altsuccession chainprecedence chainsuccession noncoexistence",
    "ABAB": "absence exactly_one noncoexistence",
    "ACB": "absence chainprecedence chainresponse chainsuccession noncoexistence",
    "A": "absence altresponse altsuccession chainresponse chainsuccession coexistence responded_existence response "
    "succession",
    "B": "altprecedence altsuccession chainprecedence chainsuccession coexistence exactly_one existence init "
    "precedence succession",
    "C": "exactly_one existence init",
    "ABA": "absence altresponse altsuccession chainresponse chainsuccession exactly_one noncoexistence response "
    "succession",
    "BAB": "absence altprecedence altsuccession chainprecedence chainsuccession init noncoexistence "
    "precedence succession",
    "AABB": "absence altprecedence altresponse altsuccession chainprecedence chainresponse chainsuccession exactly_one "
    "noncoexistence",
    "CAB": "absence init noncoexistence",
    "ABC": "absence noncoexistence",
}
THEIR_NAMES = {
    "existence": "existence", "absence": "absence", "exactly": "exactly_one", "init": "init",
    "responded_existence": "responded_existence", "co_existence": "coexistence", "not_co_existence": "noncoexistence",
    "response": "response", "precedence": "precedence", "succession": "succession",
    "alternate_response": "altresponse", "alternate_precedence": "altprecedence",
    "alternate_succession": "altsuccession", "chain_response": "chainresponse",
    "chain_precedence": "chainprecedence", "chain_succession": "chainsuccession",
}  # fmt: skip


@pytest.mark.parametrize("template", THEIR_NAMES)
def test_another_program_finds_the_same_cases_in_violation(template):
    found = check_rule(log_of(*PM4PY), rule(template)).breaches().tolist()
    theirs = [place for place, words in enumerate(PM4PY.values()) if THEIR_NAMES[template] in words.split()]
    assert found == theirs


def test_not_succession_is_that_no_b_follows_and_not_the_denial_of_succession():
    # pm4py's nonsuccession is violated where succession is satisfied: it passes A A B A, in which a B follows an A.
    assert said(log_of("AABA", "BA"), rule("not_succession")) == ["violated", "satisfied"]


@pytest.mark.parametrize(
    ("template", "tie", "favour", "against"),
    [("response", "(AB)", "satisfied", "violated"), ("precedence", "(AB)", "satisfied", "violated"),
     ("chain_response", "(AB)C", "satisfied", "violated"), ("alternate_response", "(AB)A", "violated", "violated"),
     ("not_succession", "(AB)", "satisfied", "violated"), ("init", "(AC)", "satisfied", "violated"),
     ("end", "C(AC)", "satisfied", "violated"), ("ordered", "(AB)", "satisfied", "violated")],
)  # fmt: skip
def test_the_same_time_can_be_read_in_favour_of_a_rule_and_against_it(template, tie, favour, against):
    log = log_of(tie)
    assert said(log, rule(template, same_time="satisfies")) == [favour]
    assert said(log, rule(template, same_time="violates")) == [against]


def test_a_stated_order_breaks_a_tie():
    table = pd.DataFrame({"case": [1, 1], "step": ["B", "A"], "time": ["2024-01-01"] * 2, "n": [2, 1]})
    assert said(step_log(table, as_of=None), rule("response")) == ["undetermined"]
    assert said(step_log(table, as_of=None, order="n"), rule("response")) == ["satisfied"]


def test_an_undated_step_counts_as_taken_and_leaves_the_order_open():
    log = log_of("?A?B", "?AC", "A?C")
    assert said(log, rule("co_existence")) == ["satisfied", "violated", "violated"]
    assert said(log, rule("response")) == ["undetermined", "violated", "violated"]


def test_every_activation_is_counted_and_a_case_takes_the_gravest():
    counts = check_rule(log_of("ABA", "AABB", "ACB", "C", "A(AB)"), rule("chain_response")).counts()
    # ABA: yes, no; AABB: no, yes; ACB: no; C: none; A(AB): the second A or the B is right after the first A.
    assert (counts.activations.satisfied, counts.activations.violated, counts.activations.undetermined) == (2, 3, 2)
    assert (counts.cases.vacuous, counts.cases.violated, counts.cases.undetermined) == (1, 3, 1)
    assert counts.cases.activated == 4 and counts.activations.activated == 7


def test_succession_speaks_of_both_steps():
    found = check_rule(log_of("AB", "A", "BB"), rule("succession"))
    assert found.row.tolist() == [0, 2, 1, 3, 4]
    assert [VERDICTS[code] for code in found.verdict] == ["satisfied", "violated", "satisfied", "violated", "violated"]


def test_vacuous_cases_are_neither_numerator_nor_denominator():
    counts = check_rule(log_of("AB", "A", "C", "CC", "B"), rule("response")).counts()
    assert counts.case_share() == Proportion(1, 2)
    assert counts.case_bounds() == (0.5, 0.5)
    nothing = check_rule(log_of("C", "B"), rule("response")).counts()
    assert (nothing.case_share().estimate, nothing.case_bounds()) == (None, None)
    assert nothing.activation_share(level=0.95).estimate is None


def test_the_bounds_are_the_share_with_all_undetermined_cases_one_way_and_the_other():
    counts = check_rule(log_of("AB", "A", "(AB)", "?AB"), rule("response")).counts()
    assert counts.case_bounds() == (0.25, 0.75)


def test_the_share_of_activations_is_clustered_by_case():
    traces = ["ABAB", "AA", "AB", "A", "ABA", "C", "AAA"]
    found = check_rule(log_of(*traces), rule("chain_response")).counts().activation_share(level=0.9)
    # Satisfied and all of each case, counted by eye.
    assert found == clustered_share([2, 0, 1, 0, 1, 0], [2, 2, 1, 1, 2, 3], range(6), level=0.9)
    assert found.design_effect > 1


def test_a_case_that_stands_for_more_gives_the_answer_of_its_rows():
    traces = ["AB", "A", "AAB", "C", "(AB)"]
    times = [3, 1, 2, 4, 2]
    many = log_of(*[trace for trace, n in zip(traces, times, strict=True) for _turn in range(n)])
    grouped = pd.DataFrame({"case": range(5), "n": times})
    table = log_of(*traces)
    few = step_log(table.events, as_of=None, cases=grouped, count="n")
    for template in TEMPLATES:
        ours, theirs = (check_rule(log, rule(template)).counts() for log in (few, many))
        assert (ours.cases, ours.activations) == (theirs.cases, theirs.activations)
        assert ours.activation_share(level=0.95) == theirs.activation_share(level=0.95)


def test_the_counts_of_some_cases_and_of_the_others_are_those_of_all():
    found = check_rule(log_of("AB", "A", "AA", "C"), rule("response"))
    first = np.array([True, False, True, False])
    some, others, every = found.counts(among=first), found.counts(among=~first), found.counts()
    assert (some.cases.satisfied, some.cases.violated, some.cases.vacuous) == (1, 1, 0)
    assert some.activations.violated + others.activations.violated == every.activations.violated == 3


def test_the_order_of_the_rows_does_not_matter():
    rng = np.random.default_rng(5)
    table = pd.DataFrame(
        {"case": rng.integers(0, 40, 300), "step": rng.choice(list("ABC"), 300), "time": rng.integers(0, 9, 300)}
    )
    shuffled = table.sample(frac=1, random_state=1)
    for template in TEMPLATES:
        one, other = (check_rule(step_log(rows, as_of=None), rule(template)).counts() for rows in (table, shuffled))
        assert (one.cases, one.activations) == (other.cases, other.activations)


# --- days


def test_days_run_from_the_activation_and_the_last_day_counts():
    log = log_of("AB", "ACB", "ACCB", "A")
    assert said(log, rule("response", within_days=2)) == ["satisfied", "satisfied", "violated", "violated"]
    assert said(log, rule("response", not_before_days=2)) == ["violated", "satisfied", "satisfied", "violated"]
    assert said(log, rule("precedence", within_days=2)) == ["satisfied", "satisfied", "violated", "vacuous"]
    assert said(log, rule("responded_existence", within_days=1)) == ["satisfied", "violated", "violated", "violated"]


def test_a_later_answer_counts_where_the_first_came_too_early():
    assert said(log_of("ABCB", "ABAB"), rule("response", not_before_days=3)) == ["satisfied", "violated"]
    assert said(log_of("ABCB", "ABAB"), rule("alternate_response", not_before_days=3)) == ["satisfied", "violated"]


def test_an_open_case_is_pending_until_the_last_day_has_passed():
    for as_of, verdict in ((4.0, "pending"), (5.0, "violated"), (9.0, "violated")):
        # On the last day of view itself everything has been seen, so nothing soon enough can come any more.
        assert said(log_of("A", as_of=as_of, is_open=True), rule("response", within_days=5)) == [verdict]
        assert said(log_of("A", as_of=as_of, is_open=True), rule("response", not_before_days=5)) == ["pending"]
    not_soon = rule("not_succession", within_days=5)
    assert said(log_of("A", as_of=4.0, is_open=True), not_soon) == ["pending"]
    assert said(log_of("A", as_of=5.0, is_open=True), not_soon) == ["satisfied"]


def dated(*rows, **given):
    table = pd.DataFrame(rows, columns=["case", "step", "time"])
    return step_log(table, countings=COUNTINGS, **({"as_of": None} | given))


def test_working_days_are_those_of_the_calendar_of_the_other_modules():
    # Thursday 9 April 2020 to Tuesday 14 April: Good Friday, the weekend and Easter Monday do not count.
    log = dated((1, "A", "2020-04-09"), (1, "B", "2020-04-14"))
    assert said(log, rule("response", within_days=1, counting="working")) == ["satisfied"]
    assert said(log, rule("response", within_days=4)) == ["violated"]
    assert said(log, rule("response", within_days=5)) == ["satisfied"]


def test_an_open_case_on_a_friday_can_still_have_its_answer_in_the_weekend():
    # One working day after Thursday 2 January 2020 is Friday the 3rd, and so are Saturday and Sunday.
    table = pd.DataFrame({"case": [1], "step": ["A"], "time": ["2020-01-02"], "open": [True]})
    one_day = rule("response", within_days=1, counting="working")
    for as_of, verdict in ((date(2020, 1, 4), "pending"), (date(2020, 1, 5), "violated")):
        log = step_log(table, as_of=as_of, open="open", countings=COUNTINGS)
        assert said(log, one_day) == [verdict]


def test_moments_of_one_day_have_an_order_unless_days_are_asked_for():
    table = pd.DataFrame({"case": [1, 1], "step": ["A", "B"], "time": ["2024-03-01T09:00:00", "2024-03-01T17:00:00"]})
    for by_day, verdict in ((False, "satisfied"), (True, "undetermined")):
        log = step_log(table, as_of=None, by_day=by_day)
        assert said(log, rule("response", within_days=0)) == [verdict]


def test_the_moment_gives_the_order_and_the_clock_of_the_zone_the_day():
    # 23:30 in summer time lies before 23:00 in winter time: 21:30 and 22:00 in UTC; the days are those on the wall.
    table = pd.DataFrame(
        {"case": [1, 1], "step": ["A", "B"], "time": ["2024-03-30T23:30:00+02:00", "2024-03-31T00:15:00+01:00"]}
    )
    log = step_log(table, as_of=None)
    assert said(log, rule("response", within_days=1)) == ["satisfied"]
    assert said(log, rule("response", within_days=0)) == ["violated"]
    stamps = table.assign(time=pd.to_datetime(table["time"], utc=True).dt.tz_convert("Europe/Amsterdam"))
    assert said(step_log(stamps, as_of=None), rule("response", within_days=0)) == ["violated"]
    as_objects = table.assign(time=pd.Series([pd.Timestamp(text) for text in table["time"]], dtype=object))
    assert said(step_log(as_objects, as_of=None), rule("response", within_days=0)) == ["violated"]


def test_a_step_can_have_its_own_last_day_in_each_case():
    events = pd.DataFrame({"case": [1, 1, 2, 3], "step": ["A", "A", "A", "C"], "time": [1.0, 5.0, 5.0, 0.0]})
    cases = pd.DataFrame({"case": [1, 2, 3, 4, 5], "last": [3, 3, 3, 9, None], "open": [False] * 3 + [True] * 2})
    log = step_log(events, as_of=5.0, cases=cases, open="open")
    assert said(log, rule("existence", by="last")) == ["satisfied", "violated", "violated", "pending", "unknown"]
    assert said(log, rule("existence", by="last", times=2))[0] == "violated"


# --- conditions

MORE = pd.DataFrame(
    {"case": [1, 1, 2, 2, 3, 3, 4, 4], "step": list("ABABABAC"), "time": list(range(8)),
     "who": ["x", "y", "x", "x", "x", None, "x", "x"], "kind": ["p", "p", "p", "p", None, None, "q", "q"],
     "ready": ["yes", "yes", "no", "yes", "yes", "no", None, "yes"]}
)  # fmt: skip


def test_two_steps_can_be_asked_to_differ_in_a_column():
    log = step_log(MORE, as_of=None)
    four_eyes = rule("response", different="who")
    assert said(log, four_eyes) == ["satisfied", "violated", "undetermined", "violated"]
    assert said(log, rule("response", same="who")) == ["violated", "satisfied", "undetermined", "violated"]
    assert said(log, rule("not_co_existence", same="who")) == ["satisfied", "violated", "undetermined", "satisfied"]


def test_a_rule_can_speak_of_some_cases_only():
    log = step_log(MORE, as_of=None)
    only_p = rule("response", if_case=Condition("equals", column="kind", value=("p",)))
    assert said(log, only_p) == ["satisfied", "satisfied", "unknown", "vacuous"]
    counts = check_rule(log, only_p).counts()
    assert (counts.cases.activated, counts.cases.unknown, counts.cases.vacuous) == (2, 1, 1)
    assert counts.case_share() == Proportion(2, 2)


def test_a_rule_can_speak_of_some_steps_only():
    log = step_log(MORE, as_of=None)
    ready = Condition("equals", column="ready", value=("yes",))
    assert said(log, rule("response", if_a=ready)) == ["satisfied", "vacuous", "satisfied", "unknown"]
    assert said(log, rule("response", if_b=ready)) == ["satisfied", "satisfied", "violated", "violated"]
    either = Condition("any", parts=(ready, Condition("is_true", column="flag")))
    flagged = step_log(MORE.assign(flag=[True, False] * 4), as_of=None)
    assert said(flagged, rule("response", if_a=either)) == ["satisfied", "satisfied", "satisfied", "violated"]


def test_a_rule_counts_only_for_cases_that_opened_while_it_was_valid():
    rows = [(case, step, f"202{case}-01-0{day}") for case in (0, 1, 2) for day, step in enumerate("A", start=1)]
    table = pd.DataFrame([*rows, (3, "A", None)], columns=["case", "step", "time"])
    valid = rule("response", valid_from=date(2021, 1, 1), valid_to=date(2021, 12, 31))
    assert said(step_log(table, as_of=None), valid) == ["vacuous", "violated", "vacuous", "unknown"]
    opened = pd.DataFrame({"case": range(4), "opened": ["2021-05-01", None, "2019-01-01", "2021-12-31"]})
    log = step_log(table, as_of=None, cases=opened, opened_on="opened")
    assert said(log, valid) == ["violated", "unknown", "vacuous", "violated"]


def test_several_steps_mean_any_of_them():
    log = log_of("AC", "AB", "AD", "DC")
    assert said(log, Rule("r", "response", ("A", "D"), ("B", "C"))) == [
        "satisfied",
        "satisfied",
        "violated",
        "satisfied",
    ]
    assert said(log, Rule("r", "existence", ("B", "C", "Z"))) == ["satisfied", "satisfied", "violated", "satisfied"]


# --- with the order rules of the procedure


def test_the_order_rules_of_the_steps_give_the_counts_they_gave():
    files = CaseFiles(**example_tables(seed=3, cases_per_year=60)[0])
    as_of = date(2026, 1, 1)
    cases = decided_cases(files.cases)
    of_case = [step for step in steps() if step.level == "case"]
    rules = order_rules(of_case)
    checks = order_checks(opportunities(files, cases, of_case, as_of=as_of), cases, rules)
    rows = files.steps[(files.steps["state"] == "gedaan") & files.steps["case_id"].isin(cases["case_id"])]
    # order_checks looks at dates alone: an undated repetition says nothing there.
    rows = rows[rows["done_on"].notna()]
    log = step_log(rows, as_of=None, case="case_id", step="step", time="done_on", by_day=True,
                   cases=cases[["case_id", "opened_on"]], opened_on="opened_on")  # fmt: skip
    old = checks.groupby("rule")["violated"].agg(["size", "sum"])
    new = {found.rule.id: found.cases for found in check_rules(log, step_order(of_case))}
    assert set(old.index) <= set(new) and len(old) > 10
    for name, (size, violated) in old.iterrows():
        assert (new[name].satisfied + new[name].violated, new[name].violated) == (size, violated), name


# --- little, nothing, and what is refused


def test_a_log_without_events_and_a_step_that_never_occurs_are_no_errors():
    empty = step_log(pd.DataFrame({"case": [], "step": [], "time": []}), as_of=None)
    some = log_of("C", "?C")
    for template in TEMPLATES:
        assert check_rule(empty, rule(template)).counts().cases.activated == 0
        assert set(said(some, rule(template))) <= {"vacuous", "satisfied", "violated"}
    cases = pd.DataFrame({"case": [1], "open": [True]})
    waiting = step_log(pd.DataFrame({"case": [], "step": [], "time": []}), as_of=3.0, cases=cases, open="open")
    assert said(waiting, rule("existence")) == ["pending"]


def test_a_row_without_a_case_or_a_step_is_left_out_and_counted():
    table = pd.DataFrame({"case": [1, None, 1], "step": ["A", "B", None], "time": [0, 1, 2]})
    log = step_log(table, as_of=None)
    assert (log.left_out, len(log.case)) == (2, 1)


TABLE = pd.DataFrame({"case": [1, 1], "step": ["A", "B"], "time": ["2020-01-01", "2020-01-02"], "x": [1, 2]})
ONE_CASE = pd.DataFrame({"case": [1], "open": [False], "n": [1]})


@pytest.mark.parametrize(
    ("change", "given", "words"),
    [
        ({}, {"case": "zaak"}, "geen kolom zaak"),
        ({}, {"open": "dicht"}, "geen kolom dicht"),
        ({"time": ["1/2/2020", "2020-01-02"]}, {}, "niet te lezen"),
        ({"time": ["2020-13-01", "2020-01-02"]}, {}, "niet te lezen"),
        ({"time": [True, False]}, {}, "niet te lezen"),
        ({"time": [0.0, np.inf]}, {}, "niet te lezen"),
        ({"time": ["2020-01-01T10:00:00Z", "2020-01-01T11:00:00"]}, {}, "tijdzone"),
        ({"x": [2, 2]}, {"open": "x"}, "ja of nee"),
        ({"x": [True, True]}, {"open": "x"}, "geef de dag"),
        ({}, {"count": "x"}, "verschilt binnen een zaak"),
        ({"x": [0, 0]}, {"count": "x"}, "geheel getal groter dan nul"),
        ({"x": ["1", "q"]}, {"order": "x"}, "geen getal"),
        ({}, {"as_of": date(2020, 1, 1)}, "1 stappen liggen na de peildatum"),
        ({}, {"as_of": 5.0}, "as_of is een datum"),
        ({"time": [1, 2]}, {"as_of": date(2020, 1, 1)}, "as_of is een datum"),
        ({}, {"cases": pd.DataFrame({"case": [1, 1]})}, "twee keer"),
        ({}, {"cases": pd.DataFrame({"case": [2]})}, "2 regels van het logboek"),
        ({}, {"cases": pd.DataFrame({"id": [2]})}, "geen kolom case"),
    ],
)  # fmt: skip
def test_a_log_that_cannot_be_read_is_refused_with_a_reason(change, given, words):
    with pytest.raises(WrongUse, match=words):
        step_log(TABLE.assign(**change), **({"as_of": None} | given))


@pytest.mark.parametrize(
    ("template", "given", "words"),
    [
        ("respons", {}, "sjabloon respons is niet een van"),
        ("response", {"b": ()}, "stap b ontbreekt"),
        ("response", {"a": ()}, "stap a ontbreekt"),
        ("existence", {}, "hoort geen stap b"),
        ("response", {"b": ("A",)}, "stap A staat in a en in b"),
        ("existence", {"b": (), "times": 0}, "times is geen geheel getal"),
        ("response", {"times": 2}, "times heeft bij response geen betekenis"),
        ("response", {"by": "x"}, "by heeft bij response geen betekenis"),
        ("init", {"b": (), "if_b": Condition("present", column="x")}, "if_b heeft bij init geen betekenis"),
        ("choice", {"same": "x"}, "same heeft bij choice geen betekenis"),
        ("response", {"same": "x", "different": "x"}, "gaan niet samen"),
        ("response", {"within_days": -1}, "kleiner dan nul"),
        ("response", {"within_days": 1, "not_before_days": 2}, "meer dan within_days"),
        ("choice", {"within_days": 1}, "horen geen dagen"),
        ("co_existence", {"not_before_days": 1}, "hoort geen not_before_days"),
        ("response", {"same_time": "soms"}, "same_time is niet een van"),
        ("response", {"counting": "lunar"}, "counting is niet een van"),
        ("response", {"valid_from": date(2021, 1, 1), "valid_to": date(2020, 1, 1)}, "ligt na valid_to"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_mean_anything_is_refused_when_it_is_made(template, given, words):
    with pytest.raises(WrongUse, match=words):
        Rule(**({"id": "r", "template": template, "a": ("A",), "b": ("B",)} | given))


def test_a_rule_that_the_log_cannot_answer_is_refused():
    log = step_log(TABLE, as_of=None)
    numbers = step_log(TABLE.assign(time=[1, 2]), as_of=None)
    for which, given, words in [
        (log, {"same": "who"}, "geen kolom who"),
        (log, {"if_a": Condition("present", column="who")}, "geen kolom who"),
        (log, {"if_case": Condition("present", column="x")}, "verschilt binnen een zaak"),
        (log, {"if_a": Condition("equals", column="x", value=("1",))}, "bevat getallen"),
        (log, {"if_a": Condition("is_true", column="step")}, "geen true of false"),
        (log, {"if_a": Condition("has_rows")}, "has_rows kan dat niet"),
        (log, {"within_days": 3, "counting": "working"}, "zonder telling working"),
        (numbers, {"within_days": 3, "counting": "working"}, "kent geen werkdagen"),
        (numbers, {"valid_from": date(2020, 1, 1)}, "heeft geen datums"),
    ]:
        with pytest.raises(WrongUse, match=words):
            check_rule(which, rule("response", **given))


def test_two_rules_of_one_name_are_refused():
    with pytest.raises(WrongUse, match="Twee regels heten response"):
        check_rules(log_of("AB"), [rule("response"), rule("response")])


def test_an_unrecorded_condition_leaves_every_case_unknown():
    log = step_log(MORE, as_of=None)
    assert set(said(log, rule("response", if_case=Condition("unrecorded")))) == {"unknown"}
    both = Condition("all", parts=(Condition("unrecorded"), Condition("present", column="kind")))
    assert said(log, rule("response", if_case=both)) == ["unknown", "unknown", "vacuous", "unknown"]


def test_the_table_has_a_row_a_rule_with_both_shares_and_their_intervals():
    log = log_of("ABAB", "AA", "AB", "(AB)", "C")
    rules = [rule("response"), rule("not_co_existence"), Rule("never", "response", ("Y",), ("Z",))]
    table = rule_table(check_rules(log, rules), level=0.95).set_index("rule")
    response = table.loc["response"]
    assert (response["cases_share"], response["bounds_low"], response["bounds_high"]) == (2 / 3, 0.5, 0.75)
    assert (response["cases_low"], response["cases_high"]) == Proportion(2, 3).interval(0.95)
    assert (response["activations_satisfied"], response["activations_share"]) == (3, 0.6)
    assert response["activations_low"] < 0.6 < response["activations_high"]
    assert table.loc["never", ["cases_share", "cases_low", "activations_share", "bounds_high"]].isna().all()
    assert table.loc["never", "cases_vacuous"] == 5


def test_a_case_with_very_many_activations_is_counted_as_any_other():
    found = check_rule(log_of("AB" * 150 + "A", "AB"), rule("chain_response")).counts()
    assert found.clusters == ((1, 1, 1), (150, 151, 1))
    assert (found.cases.satisfied, found.cases.violated) == (1, 1)
