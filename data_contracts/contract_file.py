"""Reads a contract file and refuses what could not run: file, line, element and fault in one sentence.

A contract must be valid ODCS v3.1, and hold only what this program acts on: a word or a
rule that would be passed over in silence is a fault.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data_contracts.errors import WrongUse
from data_contracts.language import _
from data_contracts.rules.lookup import fault as lookup_fault
from data_contracts.schema_words import did_you_mean, fault_in_file, schema_words
from data_contracts.yaml_file import load_yaml

if TYPE_CHECKING:
    from data_contracts.contract import Contract, Rule

Keys = Sequence[str | int]
SEVERITIES = ("error", "warning", "info")
SCOPES = ("row", "delivery")
CLASSES = ("personal", "non-personal")
TYPES = ("string", "date", "boolean", "integer")
CONDITIONS = ("is", "is_not", "in", "present", "missing", "at_least", "at_most", "differs_from")

# The expectations that a rule may use, with their arguments. A test compiles each of them.
EXPECTATIONS: dict[str, tuple[str, ...]] = {
    "expect_column_values_to_be_between": ("column", "min_value", "max_value", "strict_min", "strict_max"),
    "expect_column_values_to_be_in_set": ("column", "value_set"),
    "expect_column_values_to_not_be_in_set": ("column", "value_set"),
    "expect_column_values_to_be_null": ("column",),
    "expect_column_values_to_not_be_null": ("column",),
    "expect_column_values_to_be_unique": ("column",),
    "expect_column_values_to_match_regex": ("column", "regex"),
    "expect_column_values_to_not_match_regex": ("column", "regex"),
    "expect_column_value_lengths_to_be_between": ("column", "min_value", "max_value"),
    "expect_column_pair_values_to_be_equal": ("column_A", "column_B"),
    "expect_column_pair_values_a_to_be_greater_than_b": ("column_A", "column_B", "or_equal"),
    "expect_compound_columns_to_be_unique": ("column_list",),
}
COLUMNS = ("column", "column_A", "column_B", "column_list")
OPTIONAL = ("min_value", "max_value", "strict_min", "strict_max", "or_equal")
_DATE_LIKE = re.compile(r"\d+-\d+-\d+")


@cache
def odcs_schema() -> dict[str, Any]:
    """Return the JSON schema of the Open Data Contract Standard."""
    return json.loads(resources.files("open_data_contract_standard").joinpath("schema.json").read_text("utf-8"))


def custom(element: Mapping[str, Any]) -> dict[str, Any]:
    """Return the custom properties of an element by name."""
    return {entry["property"]: entry["value"] for entry in element.get("customProperties", [])}


def read_contract_file(path: Path) -> dict[str, Any]:
    """Return the content of a contract file that holds only what this program acts on.

    Raises
    ------
    UnreadableInput
        If the file does not exist or is not text.
    WrongUse
        If something in it is wrong; the message names file, line, element and fault.
    """
    import jsonschema

    document = load_yaml(path)
    faults = list(jsonschema.Draft201909Validator(odcs_schema()).iter_errors(document))
    if faults:
        keys, words = schema_words(_nearest(faults))
        raise _fault(path, keys, document, words)
    for where, words in _profile_faults(path, document):
        raise _fault(path, where, document, words)
    return document


def refuse_rules(
    path: Path, document: Mapping[str, Any], rules: Sequence["Rule"], contracts: Mapping[str, "Contract"]
) -> None:
    """Refuse rules of one contract that look at a column, norm or other thing that does not exist.

    Raises
    ------
    WrongUse
        The message names file, line, rule and fault.
    """
    from data_contracts.procedure import norms

    terms = {norm.code for norm in norms()}
    table = document["schema"][0]["name"]
    numbers = {f"{table}.{q['id']}": i for i, q in enumerate(document["schema"][0].get("quality", []))}
    ids = [rule.id for rule in rules]
    for known, number in numbers.items():
        if ids.count(known) > 1:  # once declared, once derived from a column
            words = _("{name} staat er twee keer", name=known)
            raise _fault(path, ["schema", 0, "quality", number, "id"], document, words)
    for rule in rules:
        for name in _columns(rule) if rule.id in numbers else ():
            if words := lookup_fault(name, table, contracts, terms):
                raise _fault(path, ["schema", 0, "quality", numbers[rule.id]], document, words)


def refuse_columns(
    path: Path, document: Mapping[str, Any], contracts: Mapping[str, "Contract"], code_lists: Collection[str]
) -> None:
    """Refuse columns of one contract with an unknown code list or a reference that leads nowhere.

    Raises
    ------
    WrongUse
        The message names file, line, column and fault.
    """
    for number, column in enumerate(contracts[document["schema"][0]["name"]].columns):
        keys: Keys = ["schema", 0, "properties", number]
        if column.code_list and column.code_list not in code_lists:
            words = _("codelijst {name} bestaat niet; bekend zijn {known}",
                      name=column.code_list, known=did_you_mean(column.code_list, code_lists))  # fmt: skip
            raise _fault(path, [*keys, "quality"], document, words)
        if column.refers_to:
            parent, _dot, key = column.refers_to.partition(".")
            if parent not in contracts or key not in {other.name for other in contracts[parent].columns}:
                words = _("de verwijzing naar {name} leidt nergens heen", name=column.refers_to)
                raise _fault(path, [*keys, "relationships"], document, words)


def _columns(rule: "Rule") -> list[str]:
    """Every column that a rule names."""
    named = [rule.kwargs[key] for key in COLUMNS[:3] if key in rule.kwargs]
    named += list(rule.kwargs.get("column_list", ()))
    named += [condition["column"] for condition in rule.when]
    return named + [condition["differs_from"] for condition in rule.when if "differs_from" in condition]


def _nearest(faults: list[Any]) -> Any:
    """The fault that says most: deepest, and no follow-up of another.

    A word that is missing or wrong makes the schema's conditions (`if`, `then`) go astray,
    and a condition that fails makes every word beside it unknown.
    """

    def says(fault: Any) -> tuple[float, int]:
        follow_up = 1.0 if "then" in fault.absolute_schema_path else 0.0
        if fault.validator == "unevaluatedProperties":
            follow_up = 0.5 if fault.message.count("'") <= 4 else 2
        return (-follow_up, len(fault.absolute_path))

    return max(faults, key=says)


def _fault(path: Path, keys: Keys, document: Any, words: str) -> WrongUse:
    return fault_in_file(path, keys, words, place=_place(keys, document))


def _place(keys: Keys, document: Any) -> str:
    """The path to an element, with the name of a column or the id of a rule for its number."""
    words: list[str] = []
    node: Any = document
    for key in keys:
        node = node[key] if _has(node, key) else None
        named = node.get("id") or node.get("name") or node.get("property") if isinstance(node, dict) else None
        if isinstance(key, str):
            words.append(key)
        elif named is not None:
            words.append(str(named))
        else:
            words.append(str(key + 1))
    return " › ".join(words)


def _has(node: Any, key: str | int) -> bool:
    if isinstance(node, dict):
        return key in node
    return isinstance(node, list) and isinstance(key, int) and key < len(node)


def _profile_faults(path: Path, document: Mapping[str, Any]) -> Iterator[tuple[Keys, str]]:
    """What ODCS allows and this program would pass over, one (keys, words) a fault."""
    if document["apiVersion"] != "v3.1.0":
        yield ["apiVersion"], _("{value} kan hier niet; kies {known}", value=document["apiVersion"], known="v3.1.0")
    yield from _needed(["description"], document.get("description", {}), ("purpose",))
    yield from _custom_faults(
        ["description"], document.get("description", {}), ("purposeEn",), ("usageEn", "limitationsEn")
    )
    if len(document.get("schema", [])) != 1:
        yield ["schema"], _("hier hoort precies één tabel")
        return
    schema = document["schema"][0]
    if f"{schema['name']}.odcs.yaml" != path.name:
        yield ["schema", 0, "name"], _("de naam is niet die van het bestand")
    for word in ("physicalName", "dataGranularityDescription", "properties"):
        if not schema.get(word):
            yield ["schema", 0], _("ontbreekt: {missing}", missing=word)
            return
    for word in ("name", "physicalName"):
        given = [column.get(word) for column in schema["properties"]]
        for number, name in enumerate(given):
            if name in given[:number]:
                yield ["schema", 0, "properties", number, word], _("{name} staat er twee keer", name=name)
    for number, column in enumerate(schema["properties"]):
        yield from _column_faults(["schema", 0, "properties", number], column)
    given = [quality.get("id") for quality in schema.get("quality", [])]
    for number, quality in enumerate(schema.get("quality", [])):
        keys: Keys = ["schema", 0, "quality", number]
        if quality.get("id") is not None and quality["id"] in given[:number]:
            yield [*keys, "id"], _("{name} staat er twee keer", name=quality["id"])
        yield from _rule_faults(keys, quality)


def _column_faults(keys: Keys, column: Mapping[str, Any]) -> Iterator[tuple[Keys, str]]:
    yield from _needed(keys, column, ("physicalName", "logicalType", "description", "classification"))
    yield from _one_of(keys, column, "logicalType", TYPES)
    yield from _one_of(keys, column, "classification", CLASSES)
    yield from _custom_faults(keys, column, ("descriptionEn",), ("sinceVersion",))
    if column.get("primaryKey") and column.get("primaryKeyPosition") is None:
        yield keys, _("ontbreekt: {missing}", missing="primaryKeyPosition")
    if len(column.get("relationships", [])) > 1 or len(column.get("quality", [])) > 1:
        yield keys, _("hier hoort hooguit één codelijst en één verwijzing")
    for number, quality in enumerate(column.get("quality", [])):
        wanted = {"type": "library", "metric": "invalidValues", "mustBe": 0, "severity": "error"}
        for word, value in wanted.items():
            if quality.get(word) != value:
                given = quality.get(word, "")
                yield (
                    [*keys, "quality", number, word],
                    _("{value} kan hier niet; kies {known}", value=given, known=value),
                )
        if not isinstance(quality.get("arguments", {}).get("codeList"), str):
            yield [*keys, "quality", number], _("ontbreekt: {missing}", missing="arguments › codeList")


def _rule_faults(keys: Keys, quality: Mapping[str, Any]) -> Iterator[tuple[Keys, str]]:
    """What is wrong with a rule, its expectation or its conditions."""
    if quality.get("type") != "custom" or quality.get("engine") != "greatExpectations":
        yield keys, _("een regel heeft type custom en engine greatExpectations")
        return
    yield from _needed(keys, quality, ("id", "name", "description", "dimension", "severity"))
    yield from _one_of(keys, quality, "severity", SEVERITIES)
    yield from _custom_faults(keys, quality, ("nameEn", "descriptionEn"), ("scope", "when", "source"))
    own = custom(quality)
    if own.get("scope", "row") not in SCOPES:
        yield keys, _("{value} kan hier niet; kies {known}", value=own["scope"], known=", ".join(SCOPES))
    implementation = quality["implementation"]
    if not isinstance(implementation, dict) or set(implementation) != {"type", "kwargs"}:
        yield [*keys, "implementation"], _("hier horen precies type en kwargs")
        return
    name, kwargs = implementation["type"], implementation["kwargs"]
    if name not in EXPECTATIONS:
        yield (
            [*keys, "implementation", "type"],
            _(
                "onbekende verwachting {name}; bekend zijn {known}",
                name=name,
                known=did_you_mean(str(name), EXPECTATIONS),
            ),
        )
        return
    allowed = EXPECTATIONS[name]
    for word in kwargs:
        if word not in allowed:
            known = did_you_mean(str(word), allowed)
            yield (
                [*keys, "implementation", "kwargs", word],
                _("onbekend woord {extra}; hier kan staan: {allowed}", extra=word, allowed=known),
            )
    yield from _needed([*keys, "implementation", "kwargs"], kwargs, [a for a in allowed if a not in OPTIONAL])
    for word in ("min_value", "max_value"):
        yield from _day_faults([*keys, "implementation", "kwargs", word], kwargs.get(word))
    conditions = own.get("when", [])
    if not isinstance(conditions, list):
        yield keys, _("hier hoort {shape}", shape="when: [{column: …, is: …}]")
        return
    for condition in conditions:
        yield from _condition_faults(keys, condition)


def _condition_faults(keys: Keys, condition: Any) -> Iterator[tuple[Keys, str]]:
    words = list(condition) if isinstance(condition, dict) else []
    if len(words) != 2 or "column" not in words or not set(words) <= {"column", *CONDITIONS}:
        yield (
            keys,
            _(
                "voorwaarde {condition} moet een kolom noemen en een van {known}",
                condition=str(condition)[:60],
                known=", ".join(CONDITIONS),
            ),
        )
        return
    operator = next(word for word in words if word != "column")
    value = condition[operator]
    if (operator == "in") != isinstance(value, list) or (operator in ("present", "missing") and value is not True):
        yield (
            keys,
            _("voorwaarde {condition}: de waarde past niet bij {word}", condition=str(condition)[:60], word=operator),
        )
    if operator in ("at_least", "at_most"):
        yield from _day_faults(keys, value)


def _day_faults(keys: Keys, value: Any) -> Iterator[tuple[Keys, str]]:
    if isinstance(value, str) and _DATE_LIKE.fullmatch(value):
        try:
            date.fromisoformat(value)
        except ValueError:
            yield keys, _("{value} is geen datum als 2020-11-12", value=value)
    elif value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        yield keys, _("{value} is geen getal en geen datum als 2020-11-12", value=value)


def _custom_faults(
    keys: Keys, element: Mapping[str, Any], needed: Sequence[str], allowed: Sequence[str]
) -> Iterator[tuple[Keys, str]]:
    given = custom(element)
    yield from _needed([*keys, "customProperties"] if given else keys, given, needed)
    for word in given:
        if word not in (*needed, *allowed):
            known = did_you_mean(word, (*needed, *allowed))
            yield (
                [*keys, "customProperties"],
                _("onbekend woord {extra}; hier kan staan: {allowed}", extra=word, allowed=known),
            )


def _needed(keys: Keys, element: Mapping[str, Any], words: Sequence[str]) -> Iterator[tuple[Keys, str]]:
    missing = [word for word in words if element.get(word) in (None, "")]
    if missing:
        yield keys, _("ontbreekt: {missing}", missing=", ".join(missing))


def _one_of(keys: Keys, element: Mapping[str, Any], word: str, known: Sequence[str]) -> Iterator[tuple[Keys, str]]:
    if element.get(word) is not None and element[word] not in known:
        yield (
            [*keys, word],
            _(
                "{value} kan hier niet; kies {known}",
                value=element[word],
                known=did_you_mean(str(element[word]), known),
            ),
        )
