"""What a template says and allows in the cells of one column: its note and its validation."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from data_contracts.code_lists import CodeList
from data_contracts.contract import FORM_WORDS, Column, Contract
from data_contracts.language import _, language
from data_contracts.reading.convert import EARLIEST_SERIAL, LATEST_SERIAL
from data_contracts.writing import neutral
from data_contracts.yaml_file import load_yaml

OWN_SHEETS = {
    "instructions": {"nl": "uitleg", "en": "instructions"},
    "example": {"nl": "voorbeeld", "en": "example"},
    "codes": {"nl": "codelijsten", "en": "codelists"},
}
CONTRACT_VERSION = "contract_version"  # the one column that is filled in already
YES_NO = ["ja", "nee"]
LONGEST_IDENTIFIER = 64
LONGEST_LIST_IN_NOTE = 8
MESSAGE_LIMIT, TITLE_LIMIT = 255, 32  # Excel's own
EXCEL_DAY_ZERO = date(1899, 12, 30)


def own_sheet(which: str) -> str:
    """Return the name of a sheet that is not a table, in the language of messages."""
    return OWN_SHEETS[which][language()]


def range_name(codes: CodeList) -> str:
    """Return the name under which the codes of a list stand in the workbook."""
    return f"codes_{codes.name}"


@cache
def _examples() -> Mapping[str, Mapping[str, Any]]:
    return load_yaml(Path(__file__).parent / "example.yaml")


def example(contract: Contract, column: Column) -> str:
    """Return the example of a column as a cell shows it; empty if there is none."""
    if column.name == CONTRACT_VERSION:
        return contract.version
    value = _examples().get(contract.name, {}).get(column.name)
    if value is None:
        return ""
    return f"{date.fromisoformat(value):%d-%m-%Y}" if column.logical_type == "date" else str(value)


def form(column: Column) -> str:
    """Return in words what a cell holds: a date, yes or no, a code from a list."""
    if column.code_list:
        return _("een code uit de lijst {name}", name=column.code_list)
    if column.logical_type == "string":
        return _("een nummer of pseudoniem") if column.personal else _("een korte tekst")
    return FORM_WORDS[column.logical_type][0][language()]


def note(contract: Contract, column: Column, codes: CodeList | None, contracts: Mapping[str, Contract]) -> str:
    """Return the note of a header: required or not, meaning, form, codes, reference, example."""
    parts = [
        _("VERPLICHT") if column.required else _("Mag leeg blijven"),
        column.description[language()],
        _("In de cel: {form}.", form=form(column)),
    ]
    if codes and len(codes.codes) <= LONGEST_LIST_IN_NOTE:
        parts += _meanings(codes)
    elif codes:
        parts.append(_("De codes staan in het blad {sheet}.", sheet=own_sheet("codes")))
    if column.refers_to:
        parent, _dot, name = column.refers_to.partition(".")
        parts.append(
            _(
                "Hetzelfde nummer als in blad {sheet}, kolom {header}.",
                sheet=contracts[parent].sheet,
                header=contracts[parent].column(name).header,
            )
        )
    if shown := example(contract, column):
        parts.append(_("Voorbeeld: {value}", value=shown))
    return "\n".join(neutral(part) for part in parts)


def _meanings(codes: CodeList) -> list[str]:
    return [f"{code.code} = {code.label[language()]}" for code in codes.codes.values()]


def validation(contract: Contract, column: Column, codes: CodeList | None) -> dict[str, Any]:
    """Return what may be typed in a column, as XlsxWriter's `data_validation` wants it.

    Bounds and allowed values are those of the error rules of the contract; what a rule
    says under a condition, or against another cell, is for the check.
    """
    allowed = _error_rule(contract, column, "expect_column_values_to_be_in_set").get("value_set")
    bounds = _error_rule(contract, column, "expect_column_values_to_be_between")
    if codes:
        rule, remedy = _code_validation(column, codes)
    elif allowed or column.logical_type == "boolean":
        words = [str(value) for value in allowed or YES_NO]
        rule = {"validate": "list", "source": words}
        remedy = _("Vul een van deze in: {words}.", words=", ".join(words))
    elif column.logical_type == "date":
        rule, remedy = _date_validation(bounds)
    elif column.logical_type == "integer":
        rule, remedy = _integer_validation(bounds)
    else:
        rule = {"validate": "length", "criteria": "<=", "value": LONGEST_IDENTIFIER}
        remedy = _(
            "Hier hoort {form} van ten hoogste {longest} tekens, geen naam en geen toelichting.",
            form=form(column),
            longest=LONGEST_IDENTIFIER,
        )
    return rule | {"error_title": column.header[:TITLE_LIMIT], "error_message": remedy[:MESSAGE_LIMIT]}


def _error_rule(contract: Contract, column: Column, expectation: str) -> dict[str, Any]:
    """The arguments of the error rule of this kind that holds for every value of the column."""
    for rule in contract.rules:
        always = rule.severity == "error" and not rule.when
        if always and rule.expectation == expectation and rule.kwargs.get("column") == column.name:
            return rule.kwargs
    return {}


Validation = tuple[dict[str, Any], str]  # the rule, and the remedy to show when it is broken


def _code_validation(column: Column, codes: CodeList) -> Validation:
    message = neutral("; ".join(_meanings(codes)))
    if len(message) > MESSAGE_LIMIT:
        message = _(
            "Kies een code. De betekenis staat in het blad {sheet}, lijst {name}.",
            sheet=own_sheet("codes"),
            name=codes.name,
        )
    rule = {
        "validate": "list",
        "source": f"={range_name(codes)}",
        "input_title": column.header[:TITLE_LIMIT],
        "input_message": message,
    }
    return rule, _(
        "Kies een code met het pijltje naast de cel. Wat de codes betekenen staat in het blad {sheet}, lijst {name}.",
        sheet=own_sheet("codes"),
        name=codes.name,
    )


def _date_validation(bounds: dict[str, Any]) -> Validation:
    low, high = bounds.get("min_value"), bounds.get("max_value")
    first = date.fromisoformat(low) if low else EXCEL_DAY_ZERO + timedelta(days=EARLIEST_SERIAL)
    last = date.fromisoformat(high) if high else EXCEL_DAY_ZERO + timedelta(days=LATEST_SERIAL)
    rule = {"validate": "date", "criteria": "between", "minimum": first, "maximum": last}
    return rule, _(
        "Typ dag, maand en jaar in vier cijfers, bijvoorbeeld 31-12-2024. De dag ligt na {first}. Is de dag niet "
        "bekend, vul dan geen andere dag in.",
        first=f"{first - timedelta(days=1):%d-%m-%Y}",
    )


def _integer_validation(bounds: dict[str, Any]) -> Validation:
    low, high = bounds.get("min_value", 0), bounds.get("max_value")
    if high is None:
        rule = {"validate": "integer", "criteria": ">=", "value": low}
        return rule, _("Vul een heel getal in, {low} of meer, zonder eenheid of tekst.", low=low)
    rule = {"validate": "integer", "criteria": "between", "minimum": low, "maximum": high}
    return rule, _("Vul een heel getal in van {low} tot en met {high}, zonder eenheid of tekst.", low=low, high=high)
