import shutil
from pathlib import Path

import pytest
import yaml

from data_contracts.contract import CONTRACTS, TABLES, Rule, load_contracts
from data_contracts.errors import WrongUse
from data_contracts.expectations import compile_rule


def test_every_table_has_a_contract_that_the_standards_own_model_accepts() -> None:
    from open_data_contract_standard.model import OpenDataContractStandard

    for name in TABLES:
        contract = OpenDataContractStandard.from_file(str(CONTRACTS / f"{name}.odcs.yaml"))
        assert contract.apiVersion == "v3.1.0"
        assert contract.schema_[0].name == name


def test_every_declared_rule_compiles_to_one_expectation_with_its_own_id() -> None:
    for contract in load_contracts().values():
        compiled = [compile_rule(rule) for rule in contract.rules]
        assert [expectation.meta["id"] for expectation in compiled] == [rule.id for rule in contract.rules]


def test_every_rule_says_in_both_languages_what_holds_and_what_to_do() -> None:
    for contract in load_contracts().values():
        for rule in contract.rules:
            assert all(rule.title[tongue] and rule.remedy[tongue] for tongue in ("nl", "en")), rule.id


def test_every_identifier_of_a_case_or_person_is_classified_as_personal() -> None:
    for contract in load_contracts().values():
        for column in contract.columns:
            if column.name.endswith("_id"):
                assert column.personal, f"{contract.name}.{column.name}"


def test_an_unknown_expectation_raises_instead_of_being_dropped() -> None:
    rule = Rule("x.y", "x", "", {}, {}, "", "error", "row", "expect_column_values_to_be_nice", {"column": "a"})
    with pytest.raises(ValueError, match="unknown expectation"):
        compile_rule(rule)


def test_a_misspelt_argument_of_an_expectation_raises_instead_of_being_ignored() -> None:
    rule = Rule(
        "x.y", "x", "", {}, {}, "", "error", "row", "expect_column_values_to_be_between", {"column": "a", "mn": 1}
    )
    with pytest.raises(ValueError, match="mn"):
        compile_rule(rule)


def _spoilt(tmp_path: Path, spoil) -> Path:
    folder = tmp_path / "contracts"
    shutil.copytree(CONTRACTS, folder)
    file = folder / "cases.odcs.yaml"
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    spoil(document)
    file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda d: d["schema"][0]["properties"][0].update(requird=True), "requird"),
        (lambda d: d["schema"][0]["quality"][0].update(severity="fatal"), "severity"),
        (lambda d: d["schema"][0]["quality"][0].update(engine="soda"), "engine"),
        (lambda d: d["schema"][0]["quality"].append(d["schema"][0]["quality"][0]), "rule id twice"),
        (
            lambda d: d["schema"][0]["quality"][0]["customProperties"].append(
                {"property": "when", "value": [{"column": "status", "equals": "lopend"}]}
            ),
            "condition",
        ),
    ],
    ids=["a misspelt key", "an unknown severity", "another engine", "the same rule twice", "an unknown condition"],
)
def test_a_contract_with_a_fault_is_refused_with_the_file_and_the_fault(tmp_path: Path, spoil, words: str) -> None:
    with pytest.raises(WrongUse, match=words) as fault:
        load_contracts(_spoilt(tmp_path, spoil))
    assert "cases.odcs.yaml" in str(fault.value)
