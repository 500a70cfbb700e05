"""The procedure file: another procedure is another file, and a wrong one says where it is wrong."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import yaml

from data_contracts import procedure
from data_contracts.errors import UnreadableInput, WrongUse
from data_contracts.language import use_language
from data_contracts.procedure import Condition
from evaluation.completeness.declare import check_rules
from evaluation.completeness.declare.procedure_file import read_procedure

FILES = Path(procedure.__file__).parent


@pytest.fixture(autouse=True)
def dutch_messages():
    use_language("nl")
    yield
    use_language(None)


TEXT = {"nl": "tekst", "en": "text"}
STEP = {"status": "M", "level": "case", "title": TEXT, "evidence": TEXT, "source": TEXT, "weight": 1, "critical": False,
        "mark": "I"}  # fmt: skip
STEPS = [STEP | {"code": "IN"}, STEP | {"code": "UIT"}, STEP | {"code": "ANTW"}]
RULE = {"id": "antwoord", "template": "response", "a": "IN", "b": "UIT", "title": TEXT, "source": TEXT, "mark": "I"}
LOG = {"case": "zaak", "step": "stap", "time": "dag"}


def written(folder, **parts):
    path = folder / "klacht.yaml"
    path.write_text(yaml.safe_dump({"steps": STEPS, "rules": [RULE], "log": LOG} | parts, sort_keys=False))
    return path


def test_a_procedure_of_three_steps_is_checked_without_a_line_of_code(tmp_path):
    full = RULE | {
        "b": ["UIT", "ANTW"], "within_days": 7, "not_before_days": 1, "counting": "calendar", "critical": True,
        "if_case": {"column": "soort", "op": "equals", "value": "klacht"}, "if_a": {"column": "soort", "op": "present"},
        "different": "wie", "same_time": "satisfies", "valid_from": "2020-01-01", "valid_to": "2020-12-31",
    }  # fmt: skip
    log = LOG | {"labels": {"IN": ["binnen", "ontvangen"], "UIT": "weg", "ANTW": "antwoord"}, "open_without": "dicht"}
    steps = [STEPS[0] | {"before": [{"step": "UIT", "strict": True}]}, *STEPS[1:]]
    given = read_procedure(written(tmp_path, steps=steps, rules=[full], log=log))
    rule, declared = given.rules
    assert rule.b == ("UIT", "ANTW") and (rule.within_days, rule.not_before_days) == (7, 1)
    assert rule.if_case.op == "equals" and rule.valid_to == date(2020, 12, 31) and rule.critical
    assert (declared.id, declared.template, declared.same_time) == ("in_uit", "ordered", "violates")
    table = pd.DataFrame(
        [("1", "binnen", "2020-03-02", "klacht", "p", "2020-03-09"),
         ("1", "weg", "2020-03-05", "klacht", "q", "2020-03-09"),
         ("2", "ontvangen", "2020-03-02", "klacht", "p", None),
         ("3", "binnen", "2019-03-02", "klacht", "p", "2020-01-01")],
        columns=["zaak", "stap", "dag", "soort", "wie", "dicht"],
    )  # fmt: skip
    found = check_rules(given.read_log(table, as_of=date(2020, 3, 6)), given.rules)[0]
    assert (found.cases.satisfied, found.cases.pending, found.cases.vacuous) == (1, 1, 1)


def test_the_columns_of_a_log_default_to_the_codes_and_to_closed_cases(tmp_path):
    given = read_procedure(written(tmp_path))
    table = pd.DataFrame({"zaak": [1, 1], "stap": ["IN", "UIT"], "dag": ["2020-01-01", "2020-01-02"]})
    assert check_rules(given.read_log(table, as_of=None), given.rules)[0].cases.satisfied == 1


def test_the_file_of_the_program_itself_is_a_procedure_file():
    given = read_procedure(FILES / "steps.yaml")
    assert {rule.template for rule in given.rules} == {"ordered"}
    assert len(given.rules) == len(procedure.order_rules(procedure.steps()))
    triage = next(rule for rule in given.rules if rule.id == "tri_opdr")
    assert (triage.valid_from, triage.same_time) == (date(2020, 11, 12), "violates")


@pytest.mark.parametrize("name", ["receipt", "traffic_fines"])
def test_the_files_of_the_real_logs_have_both_languages_a_source_and_a_name_for_every_step(name):
    given = read_procedure(FILES / f"{name}.yaml")
    for part in (*given.steps, *given.rules):
        assert all(part.title[language] and part.source[language] for language in ("nl", "en"))
        assert part.mark in ("R", "I", "B")
    assert sorted(set(given.log.labels.values())) == sorted(step.code for step in given.steps)
    assert len({rule.id for rule in given.rules}) == len(given.rules) > 10


# One broken file for each fault: what is changed in a sound rule, and what the message says about it.
BROKEN = {
    "unknown_field": ({"dagen": 7}, "onbekend veld dagen"),
    "no_template": ({"template": None}, "veld template ontbreekt"),
    "unknown_template": ({"template": "gevolgd"}, "Regel antwoord: sjabloon gevolgd is niet een van"),
    "unknown_step": ({"b": "WEG"}, "veld b noemt een onbekende stap: WEG"),
    "step_a_number": ({"a": 7}, "veld a is geen stap of lijst van stappen"),
    "no_steps": ({"b": []}, "veld b is geen stap of lijst van stappen"),
    "step_missing": ({"b": None}, "Regel antwoord: stap b ontbreekt"),
    "days_negative": ({"within_days": -1}, "veld within_days is geen geheel getal van nul of meer"),
    "days_a_truth": ({"within_days": True}, "veld within_days is geen geheel getal van nul of meer"),
    "days_crossed": ({"within_days": 1, "not_before_days": 2}, "Regel antwoord: not_before_days is meer dan"),
    "counting": ({"within_days": 1, "counting": "weken"}, "Regel antwoord: veld counting is niet een van"),
    "times_zero": ({"times": 0}, "veld times is geen geheel getal groter dan nul"),
    "column_a_number": ({"same": 3}, "veld same ontbreekt of is geen tekst"),
    "condition_with_a_table": (
        {"if_a": {"table": "cases", "column": "x", "op": "present"}},
        "kolommen van dezelfde tabel",
    ),
    "condition_without_column": ({"if_case": {"op": "present"}}, "veld column ontbreekt"),
    "condition_number": ({"if_a": {"column": "x", "op": "equals", "value": 1}}, "zet getallen tussen aanhalingstekens"),
    "same_time": ({"same_time": "ja"}, "Regel antwoord: veld same_time is niet een van"),
    "date": ({"valid_from": "1-1-2020"}, "veld valid_from is geen datum"),
    "period": ({"valid_from": "2021-01-01", "valid_to": "2020-01-01"}, "valid_from ligt na valid_to"),
    "critical_as_text": ({"critical": "ja"}, "veld critical is geen true of false"),
    "title_in_one_language": ({"title": {"nl": "x"}}, "veld title heeft een tekst in nl en in en nodig"),
    "no_source": ({"source": None}, "veld source heeft een tekst"),
    "mark": ({"mark": "Z"}, "veld mark is niet een van R, I, B"),
}  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_rule_gives_one_error_that_names_the_file_the_line_and_the_fault(tmp_path, fault):
    change, said = BROKEN[fault]
    path = written(tmp_path, rules=[RULE | {"id": "goed"}, RULE | change])
    with pytest.raises(WrongUse) as error:
        read_procedure(path)
    line = next(n for n, text in enumerate(path.read_text().splitlines(), start=1) if text == "- id: antwoord")
    assert str(error.value).startswith(f"klacht.yaml, regel {line}")
    assert said in str(error.value) and "antwoord" in str(error.value)
    assert str(tmp_path) not in str(error.value)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"rules": {"id": "x"}}, "geen lijst rules"),
        ({"rules": [7]}, "onderdeel 1: veld id ontbreekt"),
        ({"rules": [RULE, RULE]}, "onderdeel antwoord: deze naam staat er twee keer"),
        ({"rule": [RULE]}, "onderdeel rule: onbekend veld; is rules bedoeld"),
        ({"log": ["zaak"]}, "onderdeel log: hier staan geen kolommen"),
        ({"log": {"case": "zaak", "step": "stap"}}, "onderdeel log: veld time ontbreekt"),
        ({"log": LOG | {"column": "x"}}, "onderdeel log: onbekend veld column"),
        ({"log": LOG | {"labels": ["IN"]}}, "onder labels staan geen paren"),
        ({"log": LOG | {"labels": {"WEG": "weg"}}}, "labels noemt een onbekende stap: WEG"),
        ({"log": LOG | {"labels": {"IN": 3}}}, "veld labels.IN ontbreekt of is geen tekst"),
        ({"log": LOG | {"labels": {"IN": "x", "UIT": "x"}}}, "de naam x hoort bij twee stappen"),
        ({"steps": [STEPS[0] | {"status": "X"}]}, "onderdeel IN: veld status is niet een van"),
        ({"norms": []}, "geen lijst norms"),
    ],
)  # fmt: skip
def test_a_broken_file_gives_one_error_that_names_the_place(tmp_path, parts, said):
    with pytest.raises(WrongUse, match=said) as error:
        read_procedure(written(tmp_path, **parts))
    assert str(error.value).startswith("klacht.yaml, regel ")


def test_a_missing_file_gives_one_error(tmp_path):
    with pytest.raises(UnreadableInput, match="Bestand niet gevonden"):
        read_procedure(tmp_path / "klacht.yaml")


@pytest.mark.parametrize(
    ("parts", "change", "said"),
    [
        ({"log": None}, {}, "zegt niet hoe het logboek wordt gelezen"),
        ({}, {"stap": ["IN", "Jansen"]}, "1 regels hebben een stap .* niet in het procedurebestand .* regel 2"),
        ({"log": LOG | {"open_without": "dicht"}}, {}, "geen kolom dicht"),
        ({"log": LOG | {"step": "soort"}}, {}, "geen kolom soort"),
        ({"log": LOG | {"time": "uur"}}, {}, "geen kolom uur"),
    ],
)  # fmt: skip
def test_a_log_that_does_not_fit_its_file_is_refused(tmp_path, parts, change, said):
    table = pd.DataFrame({"zaak": [1, 1], "stap": ["IN", "UIT"], "dag": ["2020-01-01", "2020-01-02"]} | change)
    with pytest.raises(WrongUse, match=said) as error:
        read_procedure(written(tmp_path, **parts)).read_log(table, as_of=None)
    assert "Jansen" not in str(error.value)


def test_own_norms_are_read_and_a_deadline_may_name_them(tmp_path):
    norm = {"code": "klachttermijn", "title": TEXT, "days": 70, "counting": "calendar", "source": TEXT, "mark": "R"}
    steps = [STEPS[0], STEPS[1] | {"deadline": {"norm": "klachttermijn", "since": "IN"}}, STEPS[2]]
    assert read_procedure(written(tmp_path, norms=[norm], steps=steps)).steps[1].deadline.norm == "klachttermijn"
    with pytest.raises(WrongUse, match="onbekende norm: klachttermijn"):
        read_procedure(written(tmp_path, steps=steps))


def test_an_equals_condition_is_read_as_in_the_steps(tmp_path):
    path = written(tmp_path, rules=[RULE | {"if_case": {"all": [{"column": "k", "op": "in", "value": ["a", "b"]}]}}])
    (part,) = read_procedure(path).rules[0].if_case.parts
    assert (part.op, part.column, part.value) == ("in", "k", ("a", "b"))
    assert isinstance(part, Condition)
