"""Every rule of every contract is broken once, in a real file, and objects at the right cell.

The faulty deliveries are written and read one by one and checked together: each has its
own identifiers, so that the rules about keys and references keep them apart.
"""

import pandas as pd
import pytest
from rules.faults import DECLARED, IN_ONE_DAY, ON_THE_EDGE, PERSONAL, TEST_BSN, Fault, derived
from rules.sound import headers, sound, write_folder, write_workbook

from data_contracts.case_files import CaseFiles
from data_contracts.checking import Report, check
from data_contracts.contract import CONTRACTS, TABLES, Rule, load_contracts
from data_contracts.delivery import Delivery, read_delivery
from data_contracts.expectations import compile_rule, run_rules
from data_contracts.reading import column_letter
from data_contracts.yaml_file import load_yaml

RULES: dict[str, Rule] = {rule.id: rule for contract in load_contracts().values() for rule in contract.rules}
FAULTS: dict[str, Fault] = derived() | DECLARED


LACKING = "kolom_ontbreekt"


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report on all faulty deliveries: half of them workbooks, half folders of csv files."""
    folder = tmp_path_factory.mktemp("faults")
    deliveries: list[Delivery] = []
    for number, (rule, fault) in enumerate(sorted(FAULTS.items()), start=1):
        rows = sound(number)
        for change in fault.changes:
            change(rows, number)
        written = write_workbook(rows, folder / f"{rule}.xlsx") if number % 2 else write_folder(rows, folder / rule)
        deliveries += read_delivery(written)
    write_folder(sound(len(FAULTS) + 1), folder / LACKING)
    cases = folder / LACKING / "onderzoeken.csv"
    cases.write_text(cases.read_text("utf-8").replace("geopend_op", "begindatum", 1), "utf-8")
    deliveries += read_delivery(folder / LACKING)
    report, _case_files = check(deliveries)
    return report


@pytest.fixture(scope="module")
def breaches(faulty: Report) -> dict[str, pd.DataFrame]:
    """The breaches of each faulty delivery, by the rule that it is named for."""
    return {name.removesuffix(".xlsx"): found for name, found in faulty.breaches.groupby("delivery")}


@pytest.fixture(scope="module")
def sound_report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report on sound deliveries: a workbook, a folder of csv files, and two that are just sound."""
    folder = tmp_path_factory.mktemp("sound")
    write_workbook(sound(0), folder / "werkmap.xlsx")
    write_folder(sound(1), folder / "map")
    for number, (name, changes) in enumerate({"grens": ON_THE_EDGE, "dag": IN_ONE_DAY}.items(), start=2):
        rows = sound(number)
        for change in changes:
            change(rows, number)
        write_workbook(rows, folder / f"{name}.xlsx")
    report, case_files = check(read_delivery(folder))
    assert case_files is not None
    return report


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, CaseFiles]:
    """Deliveries that are accepted without some of their rows."""
    rows = [sound(number) for number in range(6)]
    rows[1]["onderzoeken"][0]["soort"] = None  # an error in case 1
    rows[1]["onderzoeken"][3]["categorie"] = None  # a warning in case 4
    rows[2]["onderzoeken"].append(dict(rows[2]["onderzoeken"][3]))
    rows[2]["betrokkenen"].append(dict(rows[2]["betrokkenen"][3], rangband="hoger"))
    rows[4]["onderzoeken"][3]["zaaknummer"] = "00003-Z4"  # a case number of delivery 3
    rows[4]["meldingen"][3]["zaaknummer"] = None
    rows[5]["stappen"] += [dict(rows[5]["stappen"][28], zaaknummer=None) for _time in range(2)]
    folder = tmp_path_factory.mktemp("mixed")
    for number, delivery in enumerate(rows):
        write_workbook(delivery, folder / f"{number}.xlsx")
    report, case_files = check(read_delivery(folder))
    assert report.accepted
    assert case_files is not None
    return report, case_files


def breached(report: Report, delivery: str) -> list[tuple[str, int]]:
    found = report.breaches[report.breaches["delivery"] == delivery]
    return list(zip(found["rule"], found["row"], strict=True))


def ids(frame: pd.DataFrame | None, number: int) -> list[str]:
    assert frame is not None
    return [case.removeprefix(f"{number:05d}-") for case in frame["case_id"] if case.startswith(f"{number:05d}-")]


def test_every_rule_has_a_fault_and_every_fault_a_rule():
    assert sorted(RULES) == sorted(FAULTS)


def test_every_rule_that_a_contract_spells_out_has_a_fault_of_its_own_hand():
    spelled_out = {
        f"{table}.{quality['id']}"
        for table in TABLES
        for quality in load_yaml(CONTRACTS / f"{table}.odcs.yaml")["schema"][0].get("quality", [])
    }
    assert spelled_out == set(DECLARED)


def test_a_second_rule_that_a_fault_cannot_but_break_exists_and_has_a_reason():
    for rule, fault in FAULTS.items():
        assert rule not in fault.also
        assert set(fault.also) <= set(RULES)
        assert all(fault.also.values())


@pytest.mark.parametrize("rule_id", sorted(FAULTS))
def test_the_fault_trips_its_rule_at_its_cell_and_no_other_rule(breaches: dict[str, pd.DataFrame], rule_id: str):
    rule, fault = RULES[rule_id], FAULTS[rule_id]
    found = breaches.get(rule_id, pd.DataFrame(columns=["rule"]))
    assert set(found["rule"]) == {rule_id, *fault.also}
    own = found[found["rule"] == rule_id].sort_values("row")
    sheet = load_contracts()[rule.table].sheet
    assert own["row"].tolist() == [row + 2 for row in sorted(fault.rows)]  # row 1 holds the headers
    assert set(own["sheet"]) == {sheet}
    assert set(own["file"]) <= {f"{rule_id}.xlsx", f"{sheet}.csv"}
    header = load_contracts()[rule.table].column(rule.column).header if rule.column else ""
    assert set(own["header"]) == {header}
    assert set(own["column"]) == {column_letter(headers(sheet).index(header) + 1) if header else ""}
    assert set(own["severity"]) == {rule.severity}
    assert set(own["scope"]) == {rule.scope}


def test_every_faulty_delivery_is_read_and_has_a_breach(faulty: Report):
    assert set(faulty.breaches["delivery"]) == {delivery.name for delivery in faulty.deliveries}
    assert len(faulty.deliveries) == len(RULES) + 1


def test_every_rule_ran_on_the_faulty_deliveries_and_failed(faulty: Report):
    assert {count.rule.id: count.outcome for count in faulty.rules} == dict.fromkeys(RULES, "failed")


def test_a_sound_delivery_breaches_nothing_and_is_accepted_also_on_the_edge_of_the_rules(sound_report: Report):
    assert len(sound_report.deliveries) == 4
    assert sound_report.breaches[["delivery", "rule", "row"]].values.tolist() == []
    assert sound_report.accepted
    assert sound_report.rows["rejected"].tolist() == [0] * len(TABLES)


def test_as_many_expectations_run_as_rules_are_declared(sound_report: Report):
    assert [count.rule for count in sound_report.rules] == list(RULES.values())


def test_every_rule_compiles_to_one_expectation_that_carries_its_id():
    compiled = [compile_rule(rule) for rule in RULES.values()]
    assert [expectation.meta["id"] for expectation in compiled] == list(RULES)


def test_a_rule_without_such_an_expectation_cannot_be_compiled():
    rule = Rule(**{**RULES["cases.unit_required"].__dict__, "expectation": "expect_the_best"})
    with pytest.raises(ValueError, match=r"cases\.unit_required: unknown expectation"):
        compile_rule(rule)


def test_a_rule_that_cannot_run_stops_the_check_and_does_not_pass_in_silence():
    rule = Rule(**{**RULES["cases.unit_required"].__dict__, "kwargs": {"column": "no_such_column"}})
    with pytest.raises((RuntimeError, KeyError), match=r"cases\.unit_required|no_such_column"):
        run_rules(pd.DataFrame({"unit": ["AMS"]}), [rule], {})


def test_every_rule_says_what_to_do_in_both_languages():
    for rule in RULES.values():
        for text in (rule.title, rule.remedy):
            assert text["nl"].strip()
            assert text["en"].strip()
            assert set(text) == {"nl", "en"}


def test_a_lacking_required_column_rejects_the_delivery_by_name(faulty: Report):
    lacking = faulty.breaches[faulty.breaches["rule"] == "cases.missing_column"]
    assert lacking[["delivery", "file", "sheet", "header", "severity", "scope"]].values.tolist() == [
        [LACKING, "onderzoeken.csv", "onderzoeken", "geopend_op", "error", "delivery"]
    ]
    assert faulty.deliveries[-1].tables["cases"].extra_headers == ("begindatum",)
    assert not faulty.accepted


def test_an_error_rejects_the_case_with_all_its_rows_and_a_warning_rejects_nothing(mixed: tuple[Report, CaseFiles]):
    report, case_files = mixed
    assert breached(report, "1.xlsx") == [("cases.kind_required", 2), ("cases.category_present", 5)]
    assert ids(case_files.cases, 1) == ["Z2", "Z3", "Z4", "Z5", "Z6"]
    assert ids(case_files.steps, 1) == ["Z2", "Z2", "Z2", "Z3"]
    assert ids(case_files.subjects, 1) == ["Z2", "Z5", "Z6"]
    assert ids(case_files.allegations, 1) == ["Z2"]
    assert ids(case_files.suspensions, 1) == ["Z2"]
    assert ids(case_files.order_measures, 1) == ["Z2"]
    assert ids(case_files.reviews, 1) == []
    assert ids(case_files.cases, 0) == ["Z1", "Z2", "Z3", "Z4", "Z5", "Z6"]


def test_of_a_row_delivered_twice_one_stays_and_of_two_that_differ_neither(mixed: tuple[Report, CaseFiles]):
    report, case_files = mixed
    assert breached(report, "2.xlsx") == [
        ("cases.key_unique", 5), ("cases.key_unique", 8), ("subjects.key_unique", 5), ("subjects.key_unique", 6),
    ]  # fmt: skip
    assert ids(case_files.cases, 2) == ["Z1", "Z2", "Z3", "Z4", "Z5", "Z6"]
    assert ids(case_files.subjects, 2) == ["Z1", "Z2", "Z5"]


def test_two_deliveries_may_not_share_a_case_number(mixed: tuple[Report, CaseFiles]):
    report, case_files = mixed
    assert breached(report, "3.xlsx") == [("cases.key_unique", 5)]
    assert breached(report, "4.xlsx") == [("cases.key_unique", 5)]
    assert "00003-Z4" not in set(case_files.cases["case_id"])


def test_two_steps_without_a_case_number_are_not_called_the_same_step(mixed: tuple[Report, CaseFiles]):
    report, _case_files = mixed
    assert breached(report, "5.xlsx") == [("steps.case_id_required", 33), ("steps.case_id_required", 34)]


def test_no_breach_of_the_report_holds_a_value_of_a_cell(faulty: Report):
    told = set(faulty.breaches.drop(columns=["row", "label"]).astype(str).to_numpy().ravel())
    assert told.isdisjoint({*PERSONAL, TEST_BSN, "bestaat_niet", "ergens in mei", "misschien", "twee"})
