"""A contract is data: what it declares runs, and what could not run is refused with file, line, element and fault."""

import shutil
from pathlib import Path

import pytest

from data_contracts import checking, delivery
from data_contracts.code_lists import CODES, load_code_lists
from data_contracts.contract import CONTRACT_VERSIONS, CONTRACTS, TABLES, Contract, Rule, load_contracts
from data_contracts.contract_file import EXPECTATIONS, OPTIONAL
from data_contracts.errors import UnreadableInput, WrongUse
from data_contracts.language import use_language
from data_contracts.rules.expectations import compile_rule
from data_contracts.yaml_file import load_yaml


def declared(name: str) -> int:
    """How many rules the contract file of a table spells out or implies, counted from the file alone."""
    schema = load_yaml(CONTRACTS / f"{name}.odcs.yaml")["schema"][0]
    of_columns = sum(
        2 + column.get("required", False) + len(column.get("quality", [])) + len(column.get("relationships", []))
        for column in schema["properties"]
    )
    return of_columns + any("primaryKey" in column for column in schema["properties"]) + len(schema.get("quality", []))


@pytest.mark.parametrize("name", TABLES)
def test_as_many_expectations_as_the_file_declares_rules_each_with_its_own_id(name: str) -> None:
    """For every column its form and privacy, then required, codes and reference; the key; the rules spelled out."""
    rules = load_contracts()[name].rules
    compiled = [compile_rule(rule) for rule in rules]
    assert len({expectation.meta["id"] for expectation in compiled}) == len(compiled) == declared(name)
    assert [expectation.meta["id"] for expectation in compiled] == [rule.id for rule in rules]


def test_every_rule_says_in_both_languages_what_holds_and_what_to_do() -> None:
    for contract in load_contracts().values():
        for rule in contract.rules:
            assert all(rule.title[tongue] and rule.remedy[tongue] for tongue in ("nl", "en")), rule.id


def test_every_identifier_of_a_case_or_person_is_classified_as_personal() -> None:
    for contract in load_contracts().values():
        for column in contract.columns:
            if column.name.endswith("_id"):
                assert column.personal, f"{contract.name}.{column.name}"


def test_every_expectation_that_a_rule_may_use_compiles_with_all_its_arguments() -> None:
    flags = dict.fromkeys(("strict_min", "strict_max", "or_equal"), True)
    columns = {"column": "a", "column_A": "a", "column_B": "b", "column_list": ["a", "b"]}
    example = flags | columns | {"value_set": ["x"], "regex": "^x", "min_value": 1, "max_value": 2}
    for name, arguments in EXPECTATIONS.items():
        kwargs = {argument: example[argument] for argument in arguments}
        assert compile_rule(Rule("x.y", "x", "", {}, {}, "", "error", "row", name, kwargs)).meta["id"] == "x.y"
    assert all(argument in example for argument in OPTIONAL)


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


def test_the_versions_that_are_accepted_are_those_that_this_program_knows() -> None:
    contracts = load_contracts()
    (rule,) = [rule for rule in contracts["delivery"].rules if rule.id == "delivery.contract_version_known"]
    assert tuple(rule.kwargs["value_set"]) == CONTRACT_VERSIONS
    assert {contract.version for contract in contracts.values()} == {CONTRACT_VERSIONS[-1]}
    assert all(CONTRACT_VERSIONS[-1] in text for text in rule.remedy.values())


def test_a_column_that_is_newer_than_the_oldest_accepted_version_is_optional() -> None:
    for name in TABLES:
        for column in load_yaml(CONTRACTS / f"{name}.odcs.yaml")["schema"][0]["properties"]:
            since = [p["value"] for p in column["customProperties"] if p["property"] == "sinceVersion"]
            assert not since or (since[0] in CONTRACT_VERSIONS[1:] and not column.get("required")), column["name"]


# One fault each: the text to replace in cases.odcs.yaml, and what the message says about it.
RULE = "  - id: closed_after_opened\n"
FAULTS = {
    "a misspelt word": ("    logicalType: date\n    description: Dag waarop de melding",
                        "    logicalTyp: date\n    description: Dag waarop de melding", "onbekend woord logicalTyp"),
    "another type": ("logicalType: boolean", "logicalType: number", "number kan hier niet; kies"),
    "an unknown severity": ("    severity: error\n    description: Herstel geopend_op",
                            "    severity: fatal\n    description: Herstel geopend_op",
                             "fatal kan hier niet; kies error"),
    "an unknown dimension": ("    dimension: coverage\n", "    dimension: coverige\n", "coverige kan hier niet; kies"),
    "another engine": ("    engine: greatExpectations\n", "    engine: soda\n", "engine greatExpectations"),
    "a rule of another type": ("  - id: category_present\n    name: Categorie is ingevuld\n    type: custom\n",
                               "  - id: category_present\n    name: Categorie is ingevuld\n    type: text\n",
                               "onbekend woord engine"),
    "the same rule twice": ("  - id: category_present\n", RULE, "closed_after_opened staat er twee keer"),
    "a rule named as a derived one": ("  - id: category_present\n", "  - id: unit_required\n", "unit_required"),
    "an unknown expectation": ("expect_column_values_to_not_be_in_set", "expect_column_values_to_not_be_in_list",
                               "onbekende verwachting expect_column_values_to_not_be_in_list; bekend zijn "
                               "expect_column_values_to_not_be_in_set"),
    "a misspelt argument": ("{column: category}", "{colum: category}", "onbekend woord colum; hier kan staan: column"),
    "an argument left out": ("kwargs: {column: unit, value_set: [RR]}", "kwargs: {column: unit}",
                             "ontbreekt: value_set"),
    "an unknown column": ("kwargs: {column: category}", "kwargs: {column: categorie}",
                          "cases kent geen kolom categorie; bedoelt u category?"),
    "an unknown column of another table": ("column_A: delivery.period_end", "column_A: delivery.periode_end",
                                           "delivery kent geen kolom periode_end; bedoelt u period_end?"),
    "an unknown table": ("column: subjects.count", "column: subject.count", "cases kent geen kolom subject"),
    "a lookup without a form": ("column: subjects.count", "column: 'subjects[].count'", "heeft geen bekende vorm"),
    "an unknown filter": ("suspensions[reason=", "suspensions[reden=", "suspensions kent geen kolom reden"),
    "an unknown condition": ("{column: status, is: lopend}", "{column: status, equals: lopend}", "equals"),
    "a condition on an unknown column": ("{column: status, is: lopend}", "{column: stand, is: lopend}",
                                         "cases kent geen kolom stand"),
    "a list for one value": ("{column: status, is: lopend}", "{column: status, in: lopend}",
                             "de waarde past niet bij in"),
    "a date that does not exist": ("min_value: '1990-01-01'", "min_value: '1990-13-01'", "1990-13-01 is geen datum"),
    "an unknown code list": ("codeList: exit_kind", "codeList: exit_kinds",
                             "codelijst exit_kinds bestaat niet; bekend zijn exit_kind"),
    "a title without English": ("    - {property: nameEn, value: Category is filled in}\n", "", "ontbreekt: nameEn"),
    "an unknown own word": ("{property: when, value: [{column: status, is: lopend}]}",
                            "{property: wen, value: [{column: status, is: lopend}]}",
                             "onbekend woord wen; hier kan staan: when"),
    "an unknown scope": ("- {property: when, value: [{column: status, is: lopend}]}",
                         "- {property: scope, value: file}", "file kan hier niet; kies row, delivery"),
    "a check on a column that nobody runs": ("      metric: invalidValues\n", "      metric: nullValues\n",
                             "nullValues kan hier niet"),
    "two columns with one header": ("physicalName: zwaarte", "physicalName: categorie", "categorie staat er twee keer"),
    "an unknown class": ("classification: personal", "classification: geheim", "geheim kan hier niet"),
    "another version of the standard": ("apiVersion: v3.1.0", "apiVersion: v3.0.2",
                             "v3.0.2 kan hier niet; kies v3.1.0"),
    "no YAML": ("schema:\n", "schema:\n\t", "geen geldige YAML"),
}  # fmt: skip


def copied(folder: Path, table: str = "cases", *changes: tuple[str, str]) -> Path:
    """Return a copy of the contracts, with changes in the file of one table."""
    shutil.copytree(CONTRACTS, folder / "contracts")
    path = folder / "contracts" / f"{table}.odcs.yaml"
    text = path.read_text("utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path.write_text(text, "utf-8")
    return folder / "contracts"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_contract_with_a_fault_is_refused_with_file_line_element_and_fault(tmp_path: Path, fault: str) -> None:
    old, new, said = FAULTS[fault]
    folder = copied(tmp_path, "cases", (old, new))
    with pytest.raises(WrongUse) as refused:
        load_contracts(folder)
    message = str(refused.value)
    assert message.startswith("cases.odcs.yaml, regel ") and said in message
    assert "\n" not in message and len(message) < 900
    line = int(message.removeprefix("cases.odcs.yaml, regel ").split()[0].rstrip(":"))
    before = (CONTRACTS / "cases.odcs.yaml").read_text("utf-8").partition(old)[0].count("\n") + 1
    assert abs(line - before) < 25, (line, before)  # at the word, or at the rule or column that holds it


def test_the_refusal_is_english_when_messages_are(tmp_path: Path) -> None:
    folder = copied(tmp_path, "cases", ("    severity: error\n", "    severity: fatal\n"))
    use_language("en")
    try:
        with pytest.raises(WrongUse, match=r"^cases\.odcs\.yaml, .*fatal is not possible here"):
            load_contracts(folder)
    finally:
        use_language(None)


def test_a_reference_to_a_table_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    folder = copied(tmp_path, "steps", ("schema/cases/properties/case_id", "schema/case/properties/case_id"))
    with pytest.raises(WrongUse, match=r"steps\.odcs\.yaml, regel \d+ .*case\.case_id leidt nergens heen"):
        load_contracts(folder)


def test_a_norm_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    folder = copied(tmp_path, "order_measures", ("start_on+schorsing_verlenging", "start_on+schorsing_verlengen"))
    with pytest.raises(WrongUse, match=r"de norm schorsing_verlengen staat niet in norms\.yaml"):
        load_contracts(folder)


def test_a_contract_that_is_missing_is_said_by_name(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "reviews.odcs.yaml").unlink()
    with pytest.raises(UnreadableInput, match=r"reviews\.odcs\.yaml"):
        load_contracts(folder)


NEW_RULE = """  - id: heavy_case_has_category
    name: Zware zaak heeft een categorie
    type: custom
    engine: greatExpectations
    dimension: completeness
    severity: error
    description: Vul de categorie in.
    implementation:
      type: expect_column_values_to_not_be_null
      kwargs: {column: category}
    customProperties:
    - {property: nameEn, value: Heavy case has a category}
    - {property: descriptionEn, value: Fill in the category.}
    - {property: when, value: [{column: complexity, is: zeer_zwaar}]}
  - id: complexity_valid_from
    name: Zwaarte gold al toen de zaak begon
    type: custom
    engine: greatExpectations
    dimension: conformity
    severity: error
    description: Kies een zwaarte die toen gold.
    implementation:
      type: expect_column_pair_values_a_to_be_greater_than_b
      kwargs: {column_A: opened_on, column_B: complexity.valid_from, or_equal: true}
    customProperties:
    - {property: nameEn, value: Weight was in force when the case began}
    - {property: descriptionEn, value: Choose a weight that was in force.}
"""
NEW_COLUMN = """  - name: priority
    physicalName: prioriteit
    logicalType: integer
    description: Prioriteit van 1 tot 3.
    required: true
    classification: non-personal
    customProperties:
    - {property: descriptionEn, value: Priority from 1 to 3.}
"""


@pytest.fixture
def extended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Contract]:
    """Contracts and code lists of a steward who added a rule, a column and a code, and changed no line of code."""
    folder = copied(
        tmp_path,
        "cases",
        ("  quality:\n" + RULE, NEW_COLUMN + "  quality:\n" + RULE),
        ("  - id: category_present\n", NEW_RULE + "  - id: category_present\n"),
    )
    shutil.copytree(CODES, tmp_path / "codes")
    with (tmp_path / "codes" / "complexity.yaml").open("a", encoding="utf-8") as file:
        file.write("  zeer_zwaar: {nl: zeer zwaar, en: very heavy, valid_from: '2021-01-01', mark: B}\n")
    contracts, lists = load_contracts(folder, codes=tmp_path / "codes"), load_code_lists(tmp_path / "codes")
    for module in (checking, delivery):
        monkeypatch.setattr(module, "load_contracts", lambda: contracts)
    monkeypatch.setattr(delivery, "load_code_lists", lambda: lists)
    return contracts


def test_a_rule_a_column_and_a_code_are_added_in_yaml_alone_and_run(tmp_path: Path, extended) -> None:
    folder = tmp_path / "levering"
    folder.mkdir()
    (folder / "levering.csv").write_text(
        "eenheid;uittrekmoment;periode_van;periode_tot;cohortbasis;contractversie;teleenheid\n"
        "AMS;31-12-2021;01-01-2021;31-12-2021;alle;1.1.0;onderzoek\n",
        "utf-8",
    )
    (folder / "onderzoeken.csv").write_text(
        "zaaknummer;eenheid;soort;geopend_op;zwaarte;categorie;prioriteit\n"
        "1;AMS;klacht;01-02-2021;zeer_zwaar;rm_prive;2\n"
        "2;AMS;klacht;01-02-2021;zeer_zwaar;;1\n"
        "3;AMS;klacht;01-02-2021;heel_zwaar;rm_prive;\n"
        "4;AMS;klacht;01-02-2021;licht;rm_prive;hoog\n"
        "5;AMS;klacht;31-12-2020;zeer_zwaar;rm_prive;1\n",
        "utf-8",
    )
    report, _files = checking.check(delivery.read_delivery(folder))
    errors = report.breaches[report.breaches["severity"] == "error"]
    assert sorted(zip(errors["rule"], errors["row"], strict=True)) == [
        ("cases.complexity_known_code", 4),
        ("cases.complexity_valid_from", 6),
        ("cases.heavy_case_has_category", 3),
        ("cases.priority_form", 5),
        ("cases.priority_required", 4),
    ]
    assert extended["cases"].column("priority").header == "prioriteit"
