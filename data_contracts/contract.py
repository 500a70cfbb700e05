"""Contracts as data: ODCS v3.1 files, one a table, read into frozen Python values.

Every column and every rule is written once, in `contracts/*.odcs.yaml`. What a column
declares (its type, required, primary key, foreign key, code list) yields a rule of its
own, so that each thing that can go wrong is one rule with an id, a title, a severity
and a remedy, and compiles to exactly one Great Expectations expectation.

Column names in a rule may point outside the row (`data_contracts.widening` computes them):

- `delivery.extracted_at`: that column of the delivery record;
- `cases.opened_on`: that column of the row of `cases` with the same case number;
- `steps[step=RAPP].done_on`: the earliest such date in rows of the same case; for a row
  about one person, in that person's rows or else those of the whole case;
- `steps[step=RAPP].count`: how many such rows the case, the person or the delivery has;
- `unit.valid_from`: validity of the code in column `unit`;
- `start_on+6m`: a date, so many months later.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from data_contracts.errors import WrongUse
from data_contracts.yaml_file import load_yaml

CONTRACTS = Path(__file__).parent / "contracts"
TABLES = (
    "delivery", "signals", "cases", "subjects", "allegations",
    "steps", "suspensions", "order_measures", "reviews", "staffing",
)  # fmt: skip
REQUIRED_TABLES = ("delivery", "cases")
CONTRACT_VERSIONS = ("1.0.0",)
SEVERITIES = ("error", "warning", "info")
SCOPES = ("row", "delivery")

Text = dict[str, str]


@dataclass(frozen=True)
class Column:
    """One column: `name` in code, `header` (Dutch) in the sheet."""

    name: str
    header: str
    logical_type: str
    description: Text
    required: bool
    personal: bool
    code_list: str | None
    refers_to: str | None


@dataclass(frozen=True)
class Rule:
    """One thing that must hold, and what to do when it does not.

    Parameters
    ----------
    id : str
        `table.rule`, unique over all contracts.
    column : str
        The column to mark in the sheet (may be empty for a rule about a whole row).
    severity : {'error', 'warning', 'info'}
        An error rejects what `scope` says; a warning travels with the scores.
    scope : {'row', 'delivery'}
    expectation : str
        Great Expectations type in snake case.
    kwargs : dict
        Its arguments.
    when : tuple of dict
        Conditions that must all hold for the rule to apply to a row; empty: always.
    """

    id: str
    table: str
    column: str
    title: Text
    remedy: Text
    dimension: str
    severity: str
    scope: str
    expectation: str
    kwargs: dict[str, Any]
    when: tuple[dict[str, Any], ...] = ()
    source: str = ""


@dataclass(frozen=True)
class Contract:
    """The contract of one table."""

    name: str
    sheet: str
    version: str
    description: Text
    one_row_is: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    rules: tuple[Rule, ...]

    def column(self, name: str) -> Column:
        """Return the column called `name`."""
        return next(column for column in self.columns if column.name == name)


@cache
def load_contracts(folder: Path = CONTRACTS) -> dict[str, Contract]:
    """Return the contracts of all tables, in delivery order, checked against ODCS v3.1.

    Raises
    ------
    WrongUse
        If a file is not valid ODCS, or holds a rule that could not run: the message
        names file, element and fault. Nothing is dropped in silence.
    """
    return {name: _contract(folder / f"{name}.odcs.yaml") for name in TABLES}


@cache
def odcs_schema() -> dict[str, Any]:
    """Return the JSON schema of the Open Data Contract Standard."""
    return json.loads(resources.files("open_data_contract_standard").joinpath("schema.json").read_text("utf-8"))


def _contract(path: Path) -> Contract:
    import jsonschema

    document = load_yaml(path)
    for fault in jsonschema.Draft201909Validator(odcs_schema()).iter_errors(document):
        raise WrongUse(f"{path.name}: {'/'.join(map(str, fault.absolute_path))}: {fault.message[:300]}")
    schema = document["schema"][0]
    columns = tuple(_column(prop) for prop in schema["properties"])
    keyed = [p for p in schema["properties"] if p.get("primaryKey")]
    key = tuple(p["name"] for p in sorted(keyed, key=lambda p: p["primaryKeyPosition"]))
    rules = [rule for column in columns for rule in _column_rules(schema["name"], column)]
    if key:
        rules.append(_key_rule(schema["name"], [column for name in key for column in columns if column.name == name]))
    rules += [_declared_rule(path, schema["name"], quality) for quality in schema.get("quality", [])]
    ids = [rule.id for rule in rules]
    if len(set(ids)) != len(ids):
        raise WrongUse(f"{path.name}: rule id twice: {sorted(i for i in ids if ids.count(i) > 1)[0]}")
    purpose = document["description"]
    return Contract(
        name=schema["name"],
        sheet=schema["physicalName"],
        version=document["version"],
        description={"nl": purpose["purpose"], "en": _custom(purpose)["purposeEn"]},
        one_row_is=schema["dataGranularityDescription"],
        columns=columns,
        primary_key=key,
        rules=tuple(rules),
    )


def _custom(element: dict[str, Any]) -> dict[str, Any]:
    return {entry["property"]: entry["value"] for entry in element.get("customProperties", [])}


def _column(prop: dict[str, Any]) -> Column:
    lists = [q["arguments"]["codeList"] for q in prop.get("quality", [])]
    references = [relation["to"] for relation in prop.get("relationships", [])]
    return Column(
        name=prop["name"],
        header=prop["physicalName"],
        logical_type=prop["logicalType"],
        description={"nl": prop["description"], "en": _custom(prop)["descriptionEn"]},
        required=prop.get("required", False),
        personal=prop["classification"] == "personal",
        code_list=lists[0] if lists else None,
        refers_to=references[0] if references else None,
    )


FORM_WORDS = {
    "date": ({"nl": "een datum", "en": "a date"},
             {"nl": "Schrijf dag, maand en jaar in vier cijfers (31-12-2024), of declareer de notatie in de mapping.",
              "en": "Write day, month and year in four digits (31-12-2024), or declare the format in the mapping."}),
    "boolean": ({"nl": "ja of nee", "en": "yes or no"},
                {"nl": "Vul ja of nee in, of laat de cel leeg.", "en": "Fill in ja or nee, or leave the cell empty."}),
    "integer": ({"nl": "een heel getal", "en": "a whole number"},
                {"nl": "Vul een heel getal in, zonder eenheid of tekst.",
                 "en": "Fill in a whole number, without unit or text."}),
    "string": ({"nl": "leesbare tekst", "en": "readable text"},
               {"nl": "Typ de waarde opnieuw; de cel bevat een fout of een onleesbaar teken.",
                "en": "Type the value again; the cell holds an error or an unreadable character."}),
}  # fmt: skip


def _column_rules(table: str, column: Column) -> list[Rule]:
    """Rules that follow from what a column declares: form, privacy, required, codes, reference."""

    def rule(name: str, nl: str, en: str, remedy: Text, dimension: str, expectation: str, **more: Any) -> Rule:
        return Rule(
            id=f"{table}.{column.name}_{name}", table=table, column=column.name,
            title={"nl": f"{column.header} {nl}", "en": f"{column.header} {en}"}, remedy=remedy,
            dimension=dimension, severity="error", scope=more.pop("scope", "row"), expectation=expectation,
            kwargs={"column": column.name, **more},
        )  # fmt: skip

    word, remedy = FORM_WORDS[column.logical_type]
    rules = [rule("form", f"is {word['nl']}", f"is {word['en']}", remedy, "conformity",
                  "expect_column_values_to_not_be_in_set", value_set=["unreadable"])]  # fmt: skip
    rules[0].kwargs["column"] = f"{column.name}:form"
    if column.logical_type == "string" and not column.code_list:
        remedy = {
            "nl": "Vervang het gegeven door een pseudoniem of haal het weg en lever opnieuw.",
            "en": "Replace it by a pseudonym or remove it, and deliver again.",
        }
        gate = rule("privacy", "bevat geen naam, BSN, e-mailadres, telefoonnummer of kenteken",
                    "holds no name, citizen number, e-mail address, phone number or licence plate", remedy,
                    "conformity", "expect_column_values_to_not_be_in_set", value_set=["personal"],
                    scope="delivery")  # fmt: skip
        gate.kwargs["column"] = f"{column.name}:privacy"
        rules.append(gate)
    if column.required:
        remedy = {"nl": f"Vul {column.header} in.", "en": f"Fill in {column.header}."}
        rules.append(rule("required", "is ingevuld", "is filled in", remedy, "completeness",
                          "expect_column_values_to_not_be_null"))  # fmt: skip
    if column.code_list:
        remedy = {
            "nl": f"Gebruik een code uit de lijst {column.code_list}.",
            "en": f"Use a code from the list {column.code_list}.",
        }
        found = rule("known_code", "is een bekende code", "is a known code", remedy, "conformity",
                     "expect_column_values_to_not_be_in_set", value_set=["unknown_code"])  # fmt: skip
        found.kwargs["column"] = f"{column.name}:code"
        rules.append(found)
    if column.refers_to:
        parent = column.refers_to.partition(".")[0]
        sheet = {"cases": "onderzoeken", "subjects": "betrokkenen", "order_measures": "ordemaatregelen"}[parent]
        remedy = {
            "nl": f"Voeg de regel toe in het blad {sheet}, of herstel het nummer.",
            "en": f"Add the row in the sheet {sheet}, or correct the number.",
        }
        found = rule("refers", f"staat in het blad {sheet}", f"stands in the sheet {sheet}", remedy, "consistency",
                     "expect_column_values_to_not_be_in_set", value_set=["no_parent"])  # fmt: skip
        found.kwargs["column"] = f"{column.name}:parent"
        rules.append(found)
    return rules


def _key_rule(table: str, columns: list[Column]) -> Rule:
    key = [column.name for column in columns]
    headers = " + ".join(column.header for column in columns)
    return Rule(
        id=f"{table}.key_unique", table=table, column=key[0],
        title={"nl": f"Elke regel heeft een eigen {headers}", "en": f"Every row has its own {headers}"},
        remedy={"nl": "Verwijder de dubbele regel, of herstel het nummer als het twee verschillende dingen zijn.",
                "en": "Remove the duplicate row, or correct the number when they are two different things."},
        dimension="uniqueness", severity="error", scope="row",
        expectation="expect_compound_columns_to_be_unique" if len(key) > 1 else "expect_column_values_to_be_unique",
        kwargs={"column_list": key} if len(key) > 1 else {"column": key[0]},
    )  # fmt: skip


CONDITIONS = {"is", "is_not", "in", "present", "missing", "at_least", "differs_from"}


def _declared_rule(path: Path, table: str, quality: dict[str, Any]) -> Rule:
    custom = _custom(quality)
    where = f"{path.name}, {quality.get('id', quality.get('name'))}"
    if quality.get("type") != "custom" or quality.get("engine") != "greatExpectations":
        raise WrongUse(f"{where}: a table rule must be type custom, engine greatExpectations")
    if quality.get("severity") not in SEVERITIES or custom.get("scope", "row") not in SCOPES:
        raise WrongUse(f"{where}: severity must be one of {SEVERITIES}, scope one of {SCOPES}")
    when = tuple(custom.get("when", ()))
    for condition in when:
        if set(condition) - {"column"} - CONDITIONS or len(condition) != 2:
            raise WrongUse(f"{where}: condition {condition} must be a column and one of {sorted(CONDITIONS)}")
    kwargs = dict(quality["implementation"]["kwargs"])
    named = [kwargs.get("column"), kwargs.get("column_A"), kwargs.get("column_B"), *kwargs.get("column_list", ())]
    named += [condition["column"] for condition in when]
    own = [name for name in named if name and re.fullmatch(r"\w+", name)]  # not a looked-up one: mark this sheet
    return Rule(
        id=f"{table}.{quality['id']}", table=table, column=own[0] if own else "",
        title={"nl": quality["name"], "en": custom["nameEn"]},
        remedy={"nl": quality["description"], "en": custom["descriptionEn"]},
        dimension=quality["dimension"], severity=quality["severity"], scope=custom.get("scope", "row"),
        expectation=quality["implementation"]["type"], kwargs=kwargs, when=when, source=custom.get("source", ""),
    )  # fmt: skip
