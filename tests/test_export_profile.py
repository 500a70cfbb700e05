"""What is said about an export: its form, and never who is in it."""

import pytest

from data_contracts.mapping.export_profile import name_like, personal_header, sheet_profile, shown, tokens, words
from data_contracts.reading.files import RawSheet

PERSONS = [
    "Jan de Vries",
    "J. Jansen",
    "Jansen, P.",
    "Fatima el Amrani",
    "P.J. Bakker",
    "Anna Smit",
    "Karel Bergsma",
    "Ottokar Mulisch",
    "Xanthe Wybenga",
    "jan@example.org",
    "06-12345678",
    "111222333",
    "12-AB-34",
]
CODES = [
    "Gegrond",
    "Ongegrond",
    "Not Sustained",
    "8th District",
    "Crime Lab",
    "Oost-Nederland",
    "Team Zuid",
    "in behandeling",
    "RULE 4: PERF OF DUTY",
    "A",
    "01",
]


def profile(header: str, values: list, *, above: list | None = None):
    rows = [*(above or []), ["Zaaknummer", header], *([f"z{i}", value] for i, value in enumerate(values))]
    return sheet_profile(RawSheet("x.csv", "x", rows))


@pytest.mark.parametrize("person", PERSONS)
def test_a_person_among_codes_is_held_back(person):
    field = profile("Eenheid", [*CODES * 10, person, person]).fields[1]
    assert person not in shown(field)
    assert set(CODES) == set(shown(field))


def test_a_column_of_persons_shows_nothing_whatever_its_header():
    assert shown(profile("Eenheid", PERSONS * 10).fields[1]) is None


@pytest.mark.parametrize(
    "header", ["Naam", "Behandelaar", "E-mail", "Toelichting", "Geboortedatum", "BSN", "Officer gender"]
)
def test_a_header_that_names_a_person_shows_nothing_whatever_its_values(header):
    assert personal_header(header)
    assert shown(profile(header, CODES * 10).fields[1]) is None


def test_many_long_or_single_values_are_not_shown():
    assert shown(profile("Eenheid", [f"t{i}" for i in range(300)] * 2).fields[1]) is None
    assert shown(profile("Eenheid", ["woord " * 12] * 30).fields[1]) is None
    assert shown(profile("Eenheid", ["D1"] * 60 + ["eenmalig"]).fields[1]) == {"D1": 60}


def test_a_code_is_not_taken_for_a_name():
    assert [text for text in CODES if name_like(text)] == []


@pytest.mark.parametrize(
    "row", [["Jan Jansen", "Amsterdam"], ["z1", "2020-01-02"], [7, "Zaaknummer"], ["jan@example.org", "zaaknummer"]]
)
def test_a_row_of_data_is_no_header_row(row):
    assert sheet_profile(RawSheet("x.csv", "x", [row, row])) is None


def test_the_header_row_is_found_below_a_banner_and_its_letters_are_kept():
    found = profile("Eenheid", ["A", "B"], above=[["Uitdraai onderzoeken"], [], ["stand 30-06-2024", None]])
    assert (found.header_row, found.rows) == (4, 2)
    assert [(f.header, f.letter) for f in found.fields] == [("Zaaknummer", "A"), ("Eenheid", "B")]
    assert "stand 30-06-2024" in found.above


def test_a_header_that_stands_twice_is_named_and_not_used():
    rows = [["Zaaknummer", "Datum", "datum"], ["1", "2020-01-02", "2020-01-03"]]
    found = sheet_profile(RawSheet("x.csv", "x", rows))
    assert found.twice == ("datum",) and [f.header for f in found.fields] == ["Zaaknummer"]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["ja", "nee", None], "truth"),
        (["1", "12,5"], "number"),
        (["2020-01-02", "nvt"], "date"),
        (["x", "2020-01-02", "y"], "text"),
        ([None, "n.v.t.", "onbekend"], "empty"),
    ],
)
def test_the_kind_of_a_column_follows_from_its_cells(values, kind):
    assert profile("Iets", values).fields[1].kind == kind


def test_every_word_of_the_word_lists_is_comparable():
    lists = words()
    phrases = [p for group in ("columns", "steps") for named in lists[group].values() for p in named]
    assert [phrase for phrase in (*phrases, *lists["personal"]) if not tokens(phrase)] == []
