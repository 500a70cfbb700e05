"""What a program of somebody else sees in the contracts: valid ODCS, known codes, keys and references.

The codes of a column stand in its code list; the contract repeats them for other
programs. Run this file to write them anew: `PYTHONPATH=. python tests/test_odcs.py`.
"""

import re
import shutil
import subprocess

import pytest
import yaml

from data_contracts.code_lists import load_code_lists
from data_contracts.contract import CONTRACT_VERSIONS, CONTRACTS, TABLES, load_contracts
from data_contracts.contract_file import odcs_schema

CODES = re.compile(r"^( +)codeList: (\w+)\n(?:\1validValues: \[[^]]*\]\n)?", flags=re.MULTILINE)


def with_codes(text: str) -> str:
    """Return a contract file in which every column with a code list names its codes."""
    lists = load_code_lists()

    def named(match: re.Match[str]) -> str:
        arguments = {"codeList": match[2], "validValues": list(lists[match[2]].codes)}
        lines = yaml.safe_dump(arguments, default_flow_style=None, allow_unicode=True, sort_keys=False, width=100)
        # as a block: safe_dump writes `{codeList: .., validValues: [..]}`
        return "".join(f"{match[1]}{line}\n" for line in lines.splitlines())

    return CODES.sub(named, text)


def document(name: str) -> dict:
    """Return a contract as a program reads it that knows only plain YAML."""
    return yaml.safe_load((CONTRACTS / f"{name}.odcs.yaml").read_text("utf-8"))


def columns() -> list[tuple[str, dict]]:
    return [(name, column) for name in TABLES for column in document(name)["schema"][0]["properties"]]


def test_the_contracts_repeat_the_codes_of_their_lists():
    for name in TABLES:
        text = (CONTRACTS / f"{name}.odcs.yaml").read_text("utf-8")
        assert text == with_codes(text), f"{name}: stale, run PYTHONPATH=. python tests/test_odcs.py"


def test_a_code_that_plain_yaml_takes_for_a_truth_value_arrives_as_text():
    units = document("cases")["schema"][0]["properties"][1]["quality"][0]["arguments"]["validValues"]
    assert "ON" in units and True not in units
    for name, column in columns():
        for rule in column.get("quality", []):
            assert all(isinstance(code, str) for code in rule["arguments"]["validValues"]), (name, column["name"])


def test_every_contract_is_valid_by_the_standards_schema_and_its_own_model():
    import jsonschema
    from open_data_contract_standard.model import OpenDataContractStandard

    for name in TABLES:
        read = document(name)
        assert [fault.message for fault in jsonschema.Draft201909Validator(odcs_schema()).iter_errors(read)] == []
        model = OpenDataContractStandard.from_file(str(CONTRACTS / f"{name}.odcs.yaml"))
        assert (model.apiVersion, model.version, model.id) == ("v3.1.0", CONTRACT_VERSIONS[-1], read["id"])
        assert model.description.purpose and model.description.usage and model.description.limitations
        seen = model.schema_[0]
        ours = load_contracts()[name]
        assert [p.name for p in seen.properties] == [c.name for c in ours.columns]
        assert [bool(p.required) for p in seen.properties] == [c.required for c in ours.columns]
        assert [p.name for p in seen.properties if p.primaryKey] == list(ours.primary_key)
        declared = [
            rule for rule in ours.rules if rule.id in {f"{name}.{quality.id}" for quality in seen.quality or []}
        ]
        assert [(q.name, q.severity, q.dimension) for q in seen.quality or []] == [
            (rule.title["nl"], rule.severity, rule.dimension) for rule in declared
        ]


def test_only_what_version_3_1_of_the_standard_knows_is_used():
    """The schema that comes with the model also allows words of 3.2; a program for 3.1 does not."""
    newer = {"enum", "deprecated", "synonyms", "context", "semanticType", "vendor", "locale"}

    def words(node: object) -> set[str]:
        if isinstance(node, dict):
            return {str(key) for key in node} | {word for value in node.values() for word in words(value)}
        return {word for value in node for word in words(value)} if isinstance(node, list) else set()

    for name in TABLES:
        assert words(document(name)) & newer == set()


def test_every_reference_leads_to_the_key_column_of_a_contract_beside_it():
    found = 0
    for name, column in columns():
        for relation in column.get("relationships", []):
            file, _hash, path = relation["to"].rpartition("#/")
            _schema, table, _properties, target = path.split("/")
            other = yaml.safe_load((CONTRACTS / (file or f"{name}.odcs.yaml")).read_text("utf-8"))["schema"][0]
            assert other["id"] == table
            assert {"id": target, "primaryKey": True}.items() <= next(
                p for p in other["properties"] if p["id"] == target
            ).items()
            found += 1
    assert found == sum(bool(column.refers_to) for c in load_contracts().values() for column in c.columns)
    assert found > 10


def test_every_source_of_codes_that_a_contract_points_to_exists():
    for name, column in columns():
        for rule in column.get("quality", []):
            (source,) = rule["authoritativeDefinitions"]
            assert (CONTRACTS / source["url"]).is_file(), (name, column["name"])
            assert source["url"].rpartition("/")[2] in (f"{rule['arguments']['codeList']}.yaml", "steps.yaml")


def test_a_single_key_column_is_unique_and_personal_data_are_tagged():
    for name in TABLES:
        read = document(name)
        keys = [p for p in read["schema"][0]["properties"] if p.get("primaryKey")]
        assert all(p.get("unique", False) is (len(keys) == 1) for p in keys)
        personal = any(p["classification"] == "personal" for p in read["schema"][0]["properties"])
        assert ("pseudoniemen" in read["tags"]) is personal


def test_an_independent_linter_finds_nothing_to_remark():
    linter = shutil.which("datacontract")
    if linter is None:
        pytest.skip("datacontract-cli is not on this machine")
    for name in TABLES:
        path = CONTRACTS / f"{name}.odcs.yaml"
        said = subprocess.run([linter, "lint", path.name], cwd=CONTRACTS, capture_output=True, text=True, check=False)
        assert said.returncode == 0 and "warning" not in said.stdout, said.stdout


if __name__ == "__main__":
    for path in sorted(CONTRACTS.glob("*.odcs.yaml")):
        path.write_text(with_codes(path.read_text("utf-8")), "utf-8")
