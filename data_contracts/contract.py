"""Contracts as data: ODCS v3.1 files, one a table, read into frozen Python values.

Every column and every rule is written once, in `contracts/*.odcs.yaml`. What a column
declares (its type, required, primary key, foreign key, code list) yields a rule of its
own, so that each thing that can go wrong is one rule with an id, a title, a severity
and a remedy, and compiles to exactly one Great Expectations expectation.

Column names in a rule may point outside the row; `data_contracts.rules.lookup` lists how.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from data_contracts.code_lists import CODES, load_code_lists
from data_contracts.contract_file import SEVERITIES as SEVERITIES
from data_contracts.contract_file import custom, read_contract_file, refuse_columns, refuse_rules

CONTRACTS = Path(__file__).parent / "contracts"
TABLES = (
    "delivery", "signals", "cases", "subjects", "allegations",
    "steps", "suspensions", "order_measures", "reviews", "staffing",
)  # fmt: skip
REQUIRED_TABLES = ("delivery", "cases")
CONTRACT_VERSIONS = ("1.0.0", "1.1.0")

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
def load_contracts(folder: Path = CONTRACTS, *, codes: Path = CODES) -> dict[str, Contract]:
    """Return the contracts of all tables, in delivery order, checked against ODCS v3.1.

    Parameters
    ----------
    folder : Path
        The folder with a contract file for every table.
    codes : Path
        The folder with the code lists that the contracts name.

    Raises
    ------
    WrongUse
        If a file is not valid ODCS, or holds something that could not run: the message
        names file, line, element and fault. Nothing is dropped in silence.
    """
    paths = {name: folder / f"{name}.odcs.yaml" for name in TABLES}
    documents = {name: read_contract_file(path) for name, path in paths.items()}
    sheets = {name: document["schema"][0]["physicalName"] for name, document in documents.items()}
    contracts = {name: _contract(document, sheets) for name, document in documents.items()}
    code_lists = load_code_lists(codes)
    for name, contract in contracts.items():
        refuse_columns(paths[name], documents[name], contracts, code_lists)
        refuse_rules(paths[name], documents[name], contract.rules, contracts)
    return contracts


def _contract(document: Mapping[str, Any], sheets: Mapping[str, str]) -> Contract:
    schema = document["schema"][0]
    columns = tuple(_column(prop) for prop in schema["properties"])
    keyed = [p for p in schema["properties"] if p.get("primaryKey")]
    key = tuple(p["name"] for p in sorted(keyed, key=lambda p: p["primaryKeyPosition"]))
    rules = [rule for column in columns for rule in _column_rules(schema["name"], column, sheets)]
    if key:
        rules.append(_key_rule(schema["name"], [column for name in key for column in columns if column.name == name]))
    rules += [_declared_rule(schema["name"], quality) for quality in schema.get("quality", [])]
    purpose = document["description"]
    return Contract(
        name=schema["name"],
        sheet=schema["physicalName"],
        version=document["version"],
        description={"nl": purpose["purpose"], "en": custom(purpose)["purposeEn"]},
        one_row_is=schema["dataGranularityDescription"],
        columns=columns,
        primary_key=key,
        rules=tuple(rules),
    )


def _column(prop: Mapping[str, Any]) -> Column:
    lists = [q["arguments"]["codeList"] for q in prop.get("quality", [])]
    references = [_reference(relation["to"]) for relation in prop.get("relationships", [])]
    return Column(
        name=prop["name"],
        header=prop["physicalName"],
        logical_type=prop["logicalType"],
        description={"nl": prop["description"], "en": custom(prop)["descriptionEn"]},
        required=prop.get("required", False),
        personal=prop["classification"] == "personal",
        code_list=lists[0] if lists else None,
        refers_to=references[0] if references else None,
    )


def _reference(to: str) -> str:
    """`cases.case_id` for `cases.odcs.yaml#/schema/cases/properties/case_id`, the standard's way between files."""
    match = re.fullmatch(r"(?:[\w.]+#/)?schema/(\w+)/properties/(\w+)", to)
    return f"{match[1]}.{match[2]}" if match else to


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


def _column_rules(table: str, column: Column, sheets: Mapping[str, str]) -> list[Rule]:
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
    nl, en, remedy = _privacy_words(column)
    gate = rule("privacy", nl, en, remedy, "conformity", "expect_column_values_to_not_be_in_set",
                value_set=["personal"], scope="delivery")  # fmt: skip
    gate.kwargs["column"] = f"{column.name}:form"
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
        sheet = sheets.get(column.refers_to.partition(".")[0], "")
        remedy = {
            "nl": f"Voeg de regel toe in het blad {sheet}, of herstel het nummer.",
            "en": f"Add the row in the sheet {sheet}, or correct the number.",
        }
        found = rule("refers", f"staat in het blad {sheet}", f"stands in the sheet {sheet}", remedy, "consistency",
                     "expect_column_values_to_not_be_in_set", value_set=["no_parent"])  # fmt: skip
        found.kwargs["column"] = f"{column.name}:parent"
        rules.append(found)
    return rules


def _privacy_words(column: Column) -> tuple[str, str, Text]:
    """What the privacy gate asks of a column: title in Dutch and English, and the remedy."""
    from data_contracts.privacy.gate import kind_of  # slow to import, and only needed here

    kind = kind_of(column)
    if kind == "pseudonym":
        return (
            "is een pseudoniem, geen naam, BSN of personeelsnummer",
            "is a pseudonym, no name, citizen number or personnel number",
            {"nl": "Vervang elke waarde door een pseudoniem (zoals B-7f3a91c2). Met toetssteen pseudonymise gaat dat "
                   "voor een hele kolom tegelijk; lever daarna opnieuw.",
             "en": "Replace every value by a pseudonym (such as B-7f3a91c2). With toetssteen pseudonymise a whole "
                   "column is done at once; then deliver again."},
        )  # fmt: skip
    if kind == "identifier":
        return (
            "bevat geen naam, BSN, geboortedatum, adres, e-mailadres, telefoonnummer, kenteken of rekeningnummer",
            "holds no name, citizen number, date of birth, address, e-mail address, phone number, licence plate or "
            "bank account",
            {"nl": "Gebruik een nummer dat niemand aanwijst, of haal het gegeven weg, en lever opnieuw.",
             "en": "Use a number that points to nobody, or remove it, and deliver again."},
        )  # fmt: skip
    return (
        "bevat geen persoonsgegeven en geen vrije tekst",
        "holds no personal data and no free text",
        {"nl": "Hier staat een naam, een nummer van een persoon of een verhaal. Haal het weg: vul hier alleen in wat "
               "het contract vraagt, en lever opnieuw.",
         "en": "A name, a number of a person or a story stands here. Remove it: fill in only what the contract asks, "
               "and deliver again."},
    )  # fmt: skip


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


def _declared_rule(table: str, quality: Mapping[str, Any]) -> Rule:
    own = custom(quality)
    when = tuple(own.get("when", ()))
    kwargs = dict(quality["implementation"]["kwargs"])
    named = [kwargs.get("column"), kwargs.get("column_A"), kwargs.get("column_B"), *kwargs.get("column_list", ())]
    named += [condition["column"] for condition in when]
    plain = [name for name in named if name and re.fullmatch(r"\w+", name)]  # not a looked-up one: mark this sheet
    return Rule(
        id=f"{table}.{quality['id']}", table=table, column=plain[0] if plain else "",
        title={"nl": quality["name"], "en": own["nameEn"]},
        remedy={"nl": quality["description"], "en": own["descriptionEn"]},
        dimension=quality["dimension"], severity=quality["severity"], scope=own.get("scope", "row"),
        expectation=quality["implementation"]["type"], kwargs=kwargs, when=when, source=own.get("source", ""),
    )  # fmt: skip
