"""Every spelling of a looked-up column is parsed, and a wrong one is named with what is wrong."""

import pytest

from data_contracts.contract import TABLES, load_contracts
from data_contracts.rules.lookup import fault, parse

NORMS = {"schorsing_verlenging"}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("delivery.extracted_at", "table"), ("steps[step=RAPP].done_on", "table"), ("steps[step=RAPP].count", "table"),
        ("cases[closed_on=].count", "table"), ("extension_of.start_on", "column"), ("unit.valid_from", "column"),
        ("year.last_day", "column"), ("earlier[case_id,reason].end_on", "earlier"), ("start_on+6m", "later"),
        ("start_on+schorsing_verlenging", "later"), ("steps[step=BEKEND].done_on+schorsing_verlenging", "later"),
    ],
)  # fmt: skip
def test_every_spelling_of_the_table_is_known(name: str, kind: str):
    found = parse(name, TABLES)
    assert found is not None and found.kind == kind


@pytest.mark.parametrize("name", ["steps[].count", "steps[step=RAPP]", "earlier[].end_on", "a.b.c", "+6m", "start_on+"])
def test_what_has_no_known_form_is_not_parsed(name: str):
    assert parse(name, TABLES) is None


@pytest.mark.parametrize(
    ("table", "name", "said"),
    [
        ("cases", "opened_on", ""), ("cases", "opened_onn", "bedoelt u opened_on?"),
        ("cases", "opened_on:form", ""), ("cases", "opened_on:formm", "formm"),
        ("cases", "steps.count", ""), ("cases", "steps[stap=RAPP].count", "steps kent geen kolom stap"),
        ("cases", "steps[step=RAPP].date", "steps kent geen kolom date"),
        ("cases", "unit.valid_from", ""), ("cases", "unit.valid_form", "niet op te zoeken"),
        ("cases", "opened_on.valid_from", "niet op te zoeken"), ("staffing", "year.first_day", ""),
        ("order_measures", "extension_of.kind", ""), ("order_measures", "extension_of.soort", "geen kolom soort"),
        ("order_measures", "earlier[kind].end_on", ""), ("order_measures", "earlier[soort].end_on", "geen kolom soort"),
        ("order_measures", "start_on+schorsing_verlenging", ""),
        ("order_measures", "start_on+schorsing", "norm schorsing"),
        ("order_measures", "begin_on+6m", "geen kolom begin_on"), ("order_measures", "start_on*6", "geen bekende vorm"),
    ],
)  # fmt: skip
def test_a_wrong_name_is_told_with_what_is_wrong(table: str, name: str, said: str):
    found = fault(name, table, load_contracts(), NORMS)
    assert said in found if said else found == ""
