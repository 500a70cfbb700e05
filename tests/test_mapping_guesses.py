"""Guesses about columns and codes: by words that are data, and never beyond what the words say."""

import re

import pytest

from data_contracts.code_lists import load_code_lists
from data_contracts.contract import load_contracts
from data_contracts.mapping.export_profile import WORDS, sheet_profile, words
from data_contracts.mapping.guesses import LIKELY, SURE, UNSURE, columns_in, guess_code, header_score, tables_in
from data_contracts.procedure import steps
from data_contracts.reading.files import RawSheet
from data_contracts.yaml_file import load_yaml


def sheet(*headers: str, name: str = "x", **columns: list):
    n = 20
    fill = {
        "datum": [f"2023-01-{i + 1:02d}" for i in range(n)],
        "nr": [f"z{i}" for i in range(n)],
        "code": ["a", "b"] * 10,
    }
    rows = [[columns.get(h, fill["nr"])[i] for h in headers] for i in range(n)]
    return sheet_profile(RawSheet(f"{name}.csv", name, [list(headers), *rows]))


DAYS = [f"2023-01-{i + 1:02d}" for i in range(20)]
AB = ["a", "b"] * 10


def test_the_word_lists_name_only_columns_steps_and_codes_that_exist():
    contracts, lists = load_contracts(), load_code_lists()
    for key in words()["columns"]:
        table, column = key.split(".")
        assert contracts[table].column(column), key
    assert set(words()["steps"]) <= {step.code for step in steps()}
    for name, codes in load_yaml(WORDS / "codes.yaml").items():
        assert name == "not_yet" or set(codes) <= set(lists[name].codes), name


def test_no_spelling_names_two_codes_of_one_list():
    for name, codes in load_yaml(WORDS / "codes.yaml").items():
        spelled = [str(word).casefold() for named in codes.values() for word in named]
        assert len(spelled) == len(set(spelled)), name


@pytest.mark.parametrize(
    ("header", "column", "how"),
    [
        ("Zaaknr.", "case_id", SURE),
        ("Datum van ontvangst", "opened_on", SURE),
        ("Datum afsluiting dossier", "closed_on", LIKELY),
        ("Date Complaint Received by NOPD (PIB)", "opened_on", UNSURE),
        ("EENHEID", "unit", SURE),
        ("Rubriek", "category", SURE),
    ],
)
def test_a_header_is_known_by_its_words(header, column, how):
    cells = DAYS if column.endswith("_on") else AB if column in ("unit", "category") else [f"z{i}" for i in range(20)]
    found = columns_in(sheet("Iets", header, **{header: cells}), "cases")
    assert found[column].field.header == header and found[column].how == how


def test_the_nearer_meaning_wins_over_a_vaguer_one():
    found = sheet("Datum incident", "Datum", **{"Datum incident": DAYS, "Datum": DAYS}, name="klachten")
    assert "opened_on" not in columns_in(found, "cases"), "the day of the conduct is not the day the case began"
    assert columns_in(found, "allegations")["conduct_from"].field.header == "Datum incident"


def test_a_column_of_another_type_is_not_taken():
    assert "opened_on" not in columns_in(sheet("Zaaknr", "Ontvangen", Ontvangen=AB), "cases")


def test_values_tell_a_column_whose_header_does_not():
    found = columns_in(sheet("Zaaknr", "Kolom7", Kolom7=["Sustained", "Unfounded"] * 10), "allegations")
    assert (found["finding"].field.header, found["finding"].by) == ("Kolom7", "values")


@pytest.mark.parametrize(
    ("value", "name", "code"),
    [
        ("GEGROND", "finding", "plichtsverzuim_vastgesteld"),
        ("Gegrond - berisping", "penalty", "a"),
        ("Gegrond - berisping", "finding", "plichtsverzuim_vastgesteld"),
        ("ONGEGROND, GEGROND", "finding", None),
        ("SUSPENDED, NOT SUSTAINED", "finding", None),
        ("EXONERATED, EXONERATED", "finding", "geen_plichtsverzuim"),
        ("Loopt nog", "finding", ""),
        ("Oriënterend", "kind", "orienterend"),
        ("Den Haag", "unit", "DH"),
        ("iets", "kind", None),
    ],
)
def test_a_value_names_a_code_by_its_words_or_not_at_all(value, name, code):
    assert guess_code(value, name) == code


def test_two_outcomes_in_one_cell_are_never_one_of_them():
    for both in ("gegrond / ongegrond", "ongegrond; gegrond", "gegrond & ongegrond"):
        assert guess_code(both, "finding") is None


def test_the_cases_stand_where_each_case_stands_once():
    zaken = sheet("Zaaknummer", "Eenheid", "Ontvangen", name="a", Ontvangen=DAYS, Eenheid=AB)
    feiten = sheet(
        "Zaaknummer",
        "Oordeel",
        "Ontvangen",
        name="b",
        Zaaknummer=[f"z{i // 2}" for i in range(20)],
        Oordeel=AB,
        Ontvangen=DAYS,
    )
    found = {guess.table: guess for guess in tables_in([feiten, zaken])}
    assert found["cases"].sheet.name == "a" and found["allegations"].sheet.name == "b"


def test_a_sheet_without_a_case_number_uses_a_column_that_differs_in_every_row():
    (guess,) = tables_in([sheet("fjc_ID", "Ontvangen", Ontvangen=DAYS)])
    assert guess.columns["case_id"].field.header == "fjc_ID" and guess.columns["case_id"].by == "unique"


def test_a_header_scores_by_the_share_of_its_words():
    assert header_score("Datum ontvangst", ["ontvangst"]) == (1.0, 0)
    assert header_score("Unit of Complainant", ["x", "unit"]) == (0.5, 1)
    assert header_score("Iets anders", ["ontvangst"])[0] == 0
    assert re.search("ontvangst", " ".join(words()["columns"]["cases.opened_on"]))
