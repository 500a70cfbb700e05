"""The steps and norms as data, and what happens when their file is wrong."""

from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from small_case_files import COLUMNS

from data_contracts import procedure
from data_contracts.contract import load_contracts
from data_contracts.errors import UnreadableInput, WrongUse
from data_contracts.language import use_language
from data_contracts.procedure import Condition, norm_on, norms, order_rules, read_norms, read_steps, steps, valid_on

ALL_27 = (
    "MELD ONTV REG TRI OO STRAF OPDR KENN ORDE MIDD HOORG HOORB WEDER RAPP ADV VBSL SMO VOORN ZIENS AGFA BESL BEKEND "
    "TUL BEZW BEROEP NAZ SLUIT"
)


@pytest.fixture(autouse=True)
def dutch_messages():
    use_language("nl")
    yield
    use_language(None)


def test_the_file_holds_the_27_steps_in_their_normal_order():
    assert " ".join(dict.fromkeys(step.code for step in steps())) == ALL_27


def test_every_order_rule_follows_the_normal_order_of_the_steps():
    order = ALL_27.split()
    out_of_line = {rule.id for rule in order_rules(steps()) if order.index(rule.first) > order.index(rule.then)}
    assert out_of_line == set()


@pytest.mark.parametrize(
    ("rule", "strict"),
    [("meld_tri", False), ("tri_opdr", True), ("kenn_hoorb", False), ("hoorb_rapp", True), ("hoorb_weder", True),
     ("weder_rapp", False), ("opdr_rapp", True), ("rapp_adv", True), ("adv_vbsl", False), ("vbsl_smo", False),
     ("smo_voorn", True), ("voorn_ziens", True), ("ziens_besl", True), ("agfa_besl", True), ("besl_bekend", False),
     ("bezw_beroep", False), ("besl_naz", False)],
)  # fmt: skip
def test_the_chain_of_the_procedure_is_there_with_its_strictness(rule, strict):
    assert {found.id: found.strict for found in order_rules(steps())}[rule] is strict


def test_triage_is_recommended_from_the_day_of_the_letter_and_not_before():
    triage = next(step for step in steps() if step.code == "TRI")
    assert triage.status == "R"
    assert not valid_on(triage, date(2020, 11, 11))
    assert valid_on(triage, date(2020, 11, 12))


def test_the_reporter_hears_back_for_complaints_and_from_2023_also_as_a_whistle_blower():
    before, after = (step for step in steps() if step.code == "ONTV")
    assert before.valid_to == date(2023, 2, 17) and after.valid_from == date(2023, 2, 18)
    assert before.applies_if == Condition("equals", "cases", "kind", ("klacht",))
    assert {part.table for part in after.applies_if.parts} == {"cases", "signals"}
    assert after.deadline.norm == "melder_ontvangst"


def test_a_penalty_asks_for_the_steps_that_no_case_may_lack():
    assert {step.code for step in steps() if step.critical} == {"OPDR", "RAPP", "ADV", "VOORN", "ZIENS", "BESL"}


def leaves(condition):
    return [leaf for part in condition.parts for leaf in leaves(part)] if condition.parts else [condition]


def test_every_condition_reads_a_column_that_exists():
    for step in steps():
        for leaf in leaves(step.applies_if) if step.applies_if else []:
            if leaf.column:
                assert leaf.column in COLUMNS[leaf.table], (step.code, leaf.column)


def test_the_small_tables_of_these_tests_have_the_columns_of_the_contracts():
    for name, columns in COLUMNS.items():
        path = Path(procedure.__file__).parents[1] / "contracts" / f"{name}.odcs.yaml"
        contract = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert [column["name"] for column in contract["schema"][0]["properties"]] == list(columns)


def test_no_norm_for_the_disciplinary_track_is_an_answer_and_not_a_gap():
    norm = norm_on(norms(), "disciplinair_totaal", date(2020, 11, 5))
    assert norm is not None and not norm.in_force
    assert norm.counting is None


@pytest.mark.parametrize(
    ("code", "days"),
    [("klacht_besluit", 70), ("klacht_besluit_commissie", 98), ("bezwaar_indienen", 42), ("bezwaar_beslissing", 42),
     ("bezwaar_beslissing_commissie", 84), ("bezwaar_verdaging", 42), ("melder_ontvangst", 7)],
)  # fmt: skip
def test_the_terms_are_those_of_the_law_in_calendar_days(code, days):
    norm = norm_on(norms(), code, date(2024, 6, 1))
    assert (norm.days, norm.counting) == (days, "calendar")


def test_a_norm_is_unknown_before_its_first_day():
    assert norm_on(norms(), "melder_ontvangst", date(2023, 2, 17)) is None
    assert norm_on(norms(), "melder_ontvangst", date(2023, 2, 18)).days == 7


def test_the_extension_of_a_suspension_goes_from_three_months_to_six_without_a_gap():
    old, new = (norm for norm in norms() if norm.code == "schorsing_verlenging")
    assert (old.months, new.months) == (3, 6)
    assert new.valid_from - old.valid_to == timedelta(days=1)


def test_every_text_is_there_in_dutch_and_in_english():
    for dated in (*steps(), *norms()):
        assert all(dated.title[language] and dated.source[language] for language in ("nl", "en"))


# One broken file for each fault: what is changed in a sound step, and what the message says about it.
SOUND = {
    "code": "RAPP", "title": {"nl": "Rapport", "en": "Report"}, "status": "M", "level": "case",
    "evidence": {"nl": "rapport", "en": "report"}, "weight": 1, "critical": True,
    "source": {"nl": "bron", "en": "source"}, "mark": "R",
}  # fmt: skip
BESIDE = SOUND | {"code": "ADV"}
COLUMN = {"table": "cases", "column": "kind", "op": "equals", "value": "klacht"}
BROKEN_STEPS = {
    "unknown_field": ({"deadlines": 7}, "onbekend veld deadlines"),
    "missing_title": ({"title": None}, "veld title heeft een tekst in nl en in en nodig"),
    "title_without_english": ({"title": {"nl": "Rapport"}}, "veld title"),
    "unknown_status": ({"status": "X"}, "veld status is niet een van M, C, R, U"),
    "unknown_level": ({"level": "unit"}, "veld level is niet een van case, subject"),
    "unknown_mark": ({"mark": "Z"}, "veld mark is niet een van R, I, B"),
    "weight_zero": ({"weight": 0}, "veld weight is geen getal groter dan nul"),
    "weight_yes": ({"weight": True}, "veld weight is geen getal groter dan nul"),
    "critical_as_text": ({"critical": "ja"}, "veld critical is geen true of false"),
    "critical_missing": ({"critical": None}, "veld critical is geen true of false"),
    "waiting_time_negative": ({"expected_within_days": -1}, "veld expected_within_days is geen geheel getal"),
    "date_as_text": ({"valid_from": "12-11-2020"}, "veld valid_from is geen datum als 2020-11-12"),
    "period_backwards": ({"valid_from": date(2021, 1, 1), "valid_to": date(2020, 1, 1)}, "ligt na valid_to"),
    "conditional_without_condition": ({"status": "C"}, "heeft een voorwaarde nodig in applies_if"),
    "condition_no_mapping": ({"applies_if": "altijd"}, "een voorwaarde is geen paar van naam en waarde"),
    "condition_empty_list": ({"applies_if": {"all": []}}, "all heeft een lijst voorwaarden nodig"),
    "condition_unknown_table": ({"applies_if": COLUMN | {"table": "reviews"}}, "veld table is niet een van"),
    "condition_unknown_op": ({"applies_if": COLUMN | {"op": "like"}}, "veld op is niet een van"),
    "condition_without_column": ({"applies_if": {"table": "cases", "op": "present"}}, "veld column ontbreekt"),
    "condition_value_is_truth": ({"applies_if": COLUMN | {"value": True}}, "een waarde als tekst"),
    "condition_value_too_many": ({"applies_if": COLUMN | {"op": "is_true"}}, "bij is_true hoort geen waarde"),
    "condition_in_without_list": ({"applies_if": COLUMN | {"op": "in"}}, "of een lijst daarvan"),
    "condition_no_rows": ({"applies_if": COLUMN | {"no_rows": "true"}}, "veld no_rows is niet een van unknown, false"),
    "condition_other_table_in_row": (
        {"applies_if": {"table": "allegations", "some_row": COLUMN}},
        "binnen some_row staan alleen kolommen van dezelfde tabel",
    ),
    "rule_without_strictness": ({"before": [{"step": "ADV"}]}, "een regel in before heeft"),
    "rule_with_itself": ({"after": [{"step": "RAPP", "strict": True}]}, "kan niet voor zichzelf komen"),
    "rule_with_unknown_step": ({"after": [{"step": "XYZ", "strict": True}]}, "noemt een onbekende stap: XYZ"),
    "deadline_incomplete": ({"deadline": {"days": 7}}, "precies de velden norm en since"),
    "deadline_unknown_norm": ({"deadline": {"norm": "xyz", "since": "ADV"}}, "onbekende norm: xyz"),
    "deadline_unknown_step": ({"deadline": {"norm": "bezwaar_indienen", "since": "XYZ"}}, "onbekende stap: XYZ"),
}  # fmt: skip


def written(folder: Path, key: str, entries: object) -> Path:
    path = folder / f"{key}.yaml"
    path.write_text(yaml.safe_dump({key: entries}, allow_unicode=True), encoding="utf-8")
    return path


def test_a_sound_file_is_read(tmp_path):
    read = read_steps(written(tmp_path, "steps", [SOUND, BESIDE]), norms=norms())
    assert [step.code for step in read] == ["RAPP", "ADV"]
    assert read[0].applies_if is None and read[0].weight == 1.0


@pytest.mark.parametrize("fault", BROKEN_STEPS)
def test_a_broken_step_gives_one_error_that_names_the_step_and_the_fault(tmp_path, fault):
    change, said = BROKEN_STEPS[fault]
    path = written(tmp_path, "steps", [SOUND | change, BESIDE])
    with pytest.raises(WrongUse) as error:
        read_steps(path, norms=norms())
    assert str(error.value).startswith("steps.yaml, regel 2, onderdeel RAPP: ")
    assert said in str(error.value)
    assert str(tmp_path) not in str(error.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([{"valid_to": date(2020, 6, 1)}, {"valid_from": date(2020, 6, 1)}], "overlappen elkaar"),
        ([{"valid_to": date(2020, 6, 1)}, {"valid_from": date(2020, 6, 2), "weight": 2}], "veld weight verschilt"),
        (
            [{"valid_to": date(2020, 6, 1)}, {"valid_from": date(2020, 6, 2), "level": "subject"}],
            "veld level verschilt",
        ),
    ],
)
def test_two_periods_of_one_step_neither_overlap_nor_contradict_one_another(tmp_path, changes, said):
    path = written(tmp_path, "steps", [SOUND | change for change in changes])
    with pytest.raises(WrongUse, match=f"onderdeel RAPP: .*{said}"):
        read_steps(path, norms=norms())


def test_order_rules_that_go_round_in_a_circle_are_refused(tmp_path):
    there = SOUND | {"before": [{"step": "ADV", "strict": True}]}
    and_back = BESIDE | {"before": [{"step": "RAPP", "strict": True}]}
    with pytest.raises(WrongUse, match="onderdeel RAPP: de volgorderegels lopen in een kring"):
        read_steps(written(tmp_path, "steps", [there, and_back]), norms=norms())


def test_one_pair_declared_twice_with_another_strictness_is_refused(tmp_path):
    once = SOUND | {"before": [{"step": "ADV", "strict": True}]}
    again = BESIDE | {"after": [{"step": "RAPP", "strict": False}]}
    with pytest.raises(WrongUse, match="onderdeel ADV: de volgorde met RAPP staat er twee keer en verschilt"):
        read_steps(written(tmp_path, "steps", [once, again]), norms=norms())


@pytest.mark.parametrize(
    ("content", "said"),
    [("steps: [", "regel 1: geen geldige YAML"), ("steps: 1\nsteps: 2", "regel 2: geen geldige YAML"),
     ("stappen: []", "geen lijst steps"), ("steps: []", "geen lijst steps"),
     ("- 1", "geen lijst steps"), ("steps: [7]", "onderdeel 1: veld code ontbreekt"),
     ("steps: [{code: 7}]", "onderdeel 1: veld code ontbreekt of is geen tekst")],
)  # fmt: skip
def test_a_file_without_steps_gives_one_error(tmp_path, content, said):
    path = tmp_path / "steps.yaml"
    path.write_text(content)
    with pytest.raises(WrongUse, match=said):
        read_steps(path, norms=())


def test_a_missing_file_gives_one_error(tmp_path):
    with pytest.raises(UnreadableInput, match="Bestand niet gevonden"):
        read_norms(tmp_path / "norms.yaml")


def test_a_code_that_looks_like_a_truth_value_stays_a_code(tmp_path):
    path = tmp_path / "steps.yaml"
    path.write_text(written(tmp_path, "sound", [SOUND]).read_text().replace("sound:", "steps:").replace("RAPP", "ON"))
    assert read_steps(path, norms=())[0].code == "ON"


@pytest.mark.parametrize(
    ("change", "said"),
    [({"months": 3}, "in dagen of in maanden, niet in beide"), ({"days": 0}, "veld days is geen geheel getal"),
     ({"days": None}, "veld counting hoort leeg te zijn als er geen norm gold"), ({"counting": None}, "veld counting"),
     ({"status": "M"}, "onbekend veld status")],
)  # fmt: skip
def test_a_broken_norm_gives_one_error_that_names_the_norm_and_the_fault(tmp_path, change, said):
    sound = {"code": "klacht", "title": SOUND["title"], "days": 70, "months": None, "counting": "calendar",
             "source": SOUND["source"], "mark": "R"}  # fmt: skip
    assert read_norms(written(tmp_path, "norms", [sound]))[0].days == 70
    with pytest.raises(WrongUse, match=f"onderdeel klacht: .*{said}"):
        read_norms(written(tmp_path, "norms", [sound | change]))


def test_the_files_are_read_once():
    assert procedure.steps() is procedure.steps()


def test_the_order_rules_of_the_contract_follow_from_those_of_the_procedure():
    """Both say them: the contract where a steward's sheet goes wrong, the procedure where cases are scored.

    The contract also names pairs that follow from two or more rules of the procedure, for
    files in which the step in between has no date; it keeps their strictness.
    """
    order = procedure.order_rules(procedure.steps())
    follows = {(rule.first, rule.then): rule.strict for rule in order}
    while longer := {
        (first, last): follows[first, step] or follows[step, last]
        for first, step in follows
        for other, last in follows
        if other == step and (first, last) not in follows
    }:
        follows |= longer
    contract = {
        (rule.kwargs["column_B"][len("steps[step=") :].partition("]")[0], rule.when[0]["is"]): not rule.kwargs[
            "or_equal"
        ]
        for rule in load_contracts()["steps"].rules
        if rule.kwargs.get("column_B", "").startswith("steps[step=")
    }
    assert {(rule.first, rule.then) for rule in order} <= set(contract)
    assert contract.pop(("BESL", "TUL")) is False  # no order of the procedure: Barp 82 has a term of its own
    for pair, strict in contract.items():
        assert follows[pair] is strict, pair
