"""Every rule of every contract is broken once, in a real file, and objects at the right cell.

The faulty deliveries are written and read one by one and checked together: each has its
own identifiers, so that the rules about keys and references keep them apart.
"""

import pandas as pd
import pytest
from rules.faults import DECLARED, IN_ONE_DAY, ON_THE_EDGE, ONLY_OPEN_CASES, PERSONAL, TEST_BSN, TRI_2, Fault, derived
from rules.sound import headers, sound, write_folder, write_workbook

from data_contracts.checking import Report, check
from data_contracts.contract import CONTRACTS, TABLES, Rule, load_contracts
from data_contracts.delivery import read_delivery
from data_contracts.reading.files import column_letter
from data_contracts.reading.tables import Delivery
from data_contracts.rules.across import ACROSS
from data_contracts.rules.expectations import run_rules
from data_contracts.yaml_file import load_yaml

RULES: dict[str, Rule] = {rule.id: rule for contract in load_contracts().values() for rule in contract.rules}
FAULTS: dict[str, Fault] = derived() | DECLARED


NO_CASE_NUMBER = "twee_stappen_zonder_zaaknummer"


def of_contracts(report: Report) -> pd.DataFrame:
    """The breaches, but for the rules that look at deliveries together: these hundreds are all of one unit."""
    return report.breaches[~report.breaches["rule"].str.partition(".")[2].isin(ACROSS)]


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report on all faulty deliveries: half of them workbooks, half folders of csv files."""
    folder = tmp_path_factory.mktemp("faults")
    deliveries: list[Delivery] = []
    for number, (rule, fault) in enumerate(sorted(FAULTS.items()), start=1):
        rows = sound(number, staffing=rule.startswith("staffing."))
        for change in fault.changes:
            change(rows, number)
        written = write_workbook(rows, folder / f"{rule}.xlsx") if number % 2 else write_folder(rows, folder / rule)
        deliveries += read_delivery(written)
    rows = sound(len(FAULTS) + 1, staffing=False)
    rows["stappen"] += [dict(rows["stappen"][TRI_2], zaaknummer=None) for _time in range(2)]
    deliveries += read_delivery(write_workbook(rows, folder / f"{NO_CASE_NUMBER}.xlsx"))
    report, _case_files = check(deliveries)
    return report


@pytest.fixture(scope="module")
def breaches(faulty: Report) -> dict[str, pd.DataFrame]:
    """The breaches of each faulty delivery, by the rule that it is named for."""
    return {name.removesuffix(".xlsx"): found for name, found in of_contracts(faulty).groupby("delivery")}


@pytest.fixture(scope="module")
def sound_report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report on sound deliveries: a workbook, a folder of csv files, and three that are just sound."""
    folder = tmp_path_factory.mktemp("sound")
    write_workbook(sound(0), folder / "werkmap.xlsx")
    write_folder(sound(1), folder / "map")
    just_sound = {"grens": ON_THE_EDGE, "dag": IN_ONE_DAY, "open": ONLY_OPEN_CASES}
    for number, (name, changes) in enumerate(just_sound.items(), start=2):
        rows = sound(number)
        for change in changes:
            change(rows, number)
        write_workbook(rows, folder / f"{name}.xlsx")
    report, case_files = check(read_delivery(folder))
    assert case_files is not None
    return report


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
    assert set(of_contracts(faulty)["delivery"]) == {delivery.name for delivery in faulty.deliveries}
    assert len(faulty.deliveries) == len(RULES) + 1


def test_every_rule_ran_on_the_faulty_deliveries_and_failed(faulty: Report):
    assert {count.rule.id: count.outcome for count in faulty.rules} == dict.fromkeys(RULES, "failed")


def test_a_sound_delivery_breaches_nothing_and_is_accepted_also_on_the_edge_of_the_rules(sound_report: Report):
    assert len(sound_report.deliveries) == 5
    assert of_contracts(sound_report)[["delivery", "rule", "row"]].values.tolist() == []
    assert sound_report.accepted
    assert sound_report.rows["rejected"].tolist() == [0] * len(TABLES)


def test_as_many_expectations_run_as_rules_are_declared(sound_report: Report):
    assert [count.rule for count in sound_report.rules] == list(RULES.values())


def test_a_rule_that_cannot_run_stops_the_check_and_does_not_pass_in_silence():
    rule = Rule(**{**RULES["cases.unit_required"].__dict__, "kwargs": {"column": "no_such_column"}})
    with pytest.raises((RuntimeError, KeyError), match=r"cases\.unit_required|no_such_column"):
        run_rules(pd.DataFrame({"unit": ["AMS"]}), [rule], {})


def test_two_steps_without_a_case_number_are_not_called_the_same_step(breaches: dict[str, pd.DataFrame]):
    found = breaches[NO_CASE_NUMBER]
    assert set(found["rule"]) == {"steps.case_id_required"}
    assert len(found) == 2


def test_no_breach_of_the_report_holds_a_value_of_a_cell(faulty: Report):
    told = set(faulty.breaches.drop(columns=["row", "label"]).astype(str).to_numpy().ravel())
    assert told.isdisjoint({*PERSONAL, TEST_BSN, "bestaat_niet", "ergens in mei", "misschien", "twee"})
