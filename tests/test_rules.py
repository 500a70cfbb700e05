"""Every rule of every contract is broken once, in a real file, and objects at the right cell.

The faulty deliveries are written and read one by one and checked together: each has its
own identifiers, so that the rules about keys and references keep them apart.
"""

from pathlib import Path

import pandas as pd
import pytest
from rules.faults import DECLARED, Fault, derived
from rules.sound import headers, sound, write_folder, write_workbook

from data_contracts.checking import Report, check
from data_contracts.contract import CONTRACTS, TABLES, Rule, load_contracts
from data_contracts.delivery import Delivery, read_delivery
from data_contracts.expectations import compile_rule, run_rules
from data_contracts.reading import column_letter
from data_contracts.yaml_file import load_yaml

RULES: dict[str, Rule] = {rule.id: rule for contract in load_contracts().values() for rule in contract.rules}
FAULTS: dict[str, Fault] = derived() | DECLARED


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
    report, _case_files = check(deliveries)
    return report


@pytest.fixture(scope="module")
def breaches(faulty: Report) -> dict[str, pd.DataFrame]:
    """The breaches of each faulty delivery, by the rule that it is named for."""
    return {name.removesuffix(".xlsx"): found for name, found in faulty.breaches.groupby("delivery")}


@pytest.fixture(scope="module", params=["workbook", "folder"])
def sound_report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("sound")
    write = {"workbook": write_workbook, "folder": write_folder}[request.param]
    report, case_files = check(read_delivery(write(sound(), folder / "levering.xlsx")))
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


def test_no_breach_of_a_faulty_delivery_lies_outside_the_deliveries(faulty: Report):
    assert set(faulty.breaches["delivery"]) == {delivery.name for delivery in faulty.deliveries}
    assert len(faulty.deliveries) == len(RULES)


def test_every_rule_ran_on_the_faulty_deliveries_and_failed(faulty: Report):
    assert {count.rule.id: count.outcome for count in faulty.rules} == dict.fromkeys(RULES, "failed")


def test_the_sound_delivery_breaches_nothing_and_is_accepted(sound_report: Report):
    assert sound_report.breaches.empty
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


def test_a_lacking_required_column_rejects_the_delivery_by_name(tmp_path: Path):
    write_folder(sound(), tmp_path / "levering")
    path = tmp_path / "levering" / "onderzoeken.csv"
    path.write_text(path.read_text("utf-8").replace("geopend_op", "begindatum", 1), "utf-8")
    report, case_files = check(read_delivery(tmp_path / "levering"))
    assert case_files is None
    assert not report.accepted
    lacking = report.breaches[report.breaches["rule"] == "cases.missing_column"]
    assert lacking[["file", "sheet", "header", "scope"]].values.tolist() == [
        ["onderzoeken.csv", "onderzoeken", "geopend_op", "delivery"]
    ]
    assert report.deliveries[0].tables["cases"].extra_headers == ("begindatum",)


def test_an_error_rejects_the_case_with_all_its_rows_and_a_warning_rejects_nothing(tmp_path: Path):
    rows = sound()
    rows["onderzoeken"][0]["soort"] = None  # an error in case 1
    rows["onderzoeken"][3]["categorie"] = None  # a warning in case 4
    report, case_files = check(read_delivery(write_workbook(rows, tmp_path / "levering.xlsx")))
    assert report.accepted
    assert case_files is not None
    rejected = report.rows.set_index("table")["rejected"]
    assert rejected[rejected > 0].to_dict() == {
        "cases": 1, "subjects": 1, "allegations": 1, "steps": 27, "suspensions": 1, "order_measures": 2, "reviews": 2,
    }  # fmt: skip
    assert case_files.cases["case_id"].tolist() == [f"00000-Z{case}" for case in (2, 3, 4, 5, 6)]
    assert set(case_files.steps["case_id"]) == {"00000-Z2", "00000-Z3"}


def test_of_a_row_delivered_twice_one_stays_and_of_two_that_differ_neither(tmp_path: Path):
    rows = sound()
    rows["onderzoeken"].append(dict(rows["onderzoeken"][3]))
    rows["betrokkenen"].append(dict(rows["betrokkenen"][3], rangband="hoger"))
    _report, case_files = check(read_delivery(write_workbook(rows, tmp_path / "levering.xlsx")))
    assert case_files is not None
    assert case_files.cases["case_id"].tolist().count("00000-Z4") == 1
    assert "00000-Z6" not in set(case_files.subjects["case_id"])


def test_two_deliveries_may_not_share_a_case_number(tmp_path: Path):
    other = sound(1)
    other["onderzoeken"][3]["zaaknummer"] = "00000-Z4"
    other["meldingen"][3]["zaaknummer"] = None
    write_workbook(sound(0), tmp_path / "a.xlsx")
    write_workbook(other, tmp_path / "b.xlsx")
    report, _case_files = check(read_delivery(tmp_path))
    assert report.breaches[["delivery", "rule", "row"]].values.tolist() == [
        ["a.xlsx", "cases.key_unique", 5], ["b.xlsx", "cases.key_unique", 5],
    ]  # fmt: skip
