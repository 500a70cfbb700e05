"""Rankings and groups of penalties as data."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from data_contracts.code_lists import MARKS, load_code_lists
from data_contracts.errors import WrongUse
from evaluation.consistency.penalty_ranking import RANKINGS, load_groups, load_rankings

LETTERS = "abcdefghij"


def test_the_ranking_of_the_law_rises_with_the_letter_and_conditional_stands_just_below():
    places = load_rankings()["barp_77"].places
    for letter in LETTERS:
        assert places[f"{letter} voorwaardelijk"] + 1 == places[letter]
    assert [places[letter] for letter in LETTERS] == sorted(places[letter] for letter in LETTERS)
    assert places["k"] == places["j"]
    assert places["geen"] == 1


@pytest.mark.parametrize("ranking", load_rankings().values(), ids=lambda ranking: ranking.key)
def test_every_outcome_has_a_place_or_a_reason_and_every_ranking_a_source(ranking):
    codes = set(load_code_lists()["penalty"].codes)
    assert codes <= set(ranking.places) | set(ranking.unranked)
    assert ranking.mark in MARKS
    assert ranking.source
    assert set(ranking.title) == {"nl", "en"}
    assert ranking.valid_from is not None


def test_an_outcome_without_a_place_or_of_unknown_condition_has_no_rank():
    ranks = load_rankings()["barp_77"].ranks(
        ["waarschuwing", None, "j", "j", "j", "geen"], [None, None, None, True, False, np.nan]
    )
    assert ranks.tolist() == [None, None, None, 20, 21, 1]


def test_where_the_condition_does_not_matter_it_may_be_missing():
    assert load_rankings()["alle_uitkomsten"].ranks(["a", "j"], [None, None]).tolist() == [3, None]


def test_every_outcome_is_in_one_group():
    groups = load_groups()
    assert set(groups.group_of.values()) == set(groups.titles)
    given = groups.groups(["j", "j", "ontslag_andere_grond", "b", None], [True, False, None, None, True])
    assert given.tolist() == ["voorwaardelijk_ontslag", "ontslag", "ontslag", "tijd_of_geld", None]


def test_a_code_that_is_not_on_the_list_is_refused():
    with pytest.raises(WrongUse, match="zz"):
        load_rankings()["barp_77"].ranks(["a", "zz"], [False, False])
    with pytest.raises(WrongUse, match="even lang"):
        load_groups().groups(["a"], [True, False])


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("    - [a]\n", "", "geen plaats: a"),
        ("    - [a]\n", "    - [a, b]\n", "b heeft al een plaats"),
        ("    - [a]\n", "    - [a, zz]\n", "zz is geen uitkomst"),
        ("    - [a]\n", "    - a\n", "lijst"),
        ("    mark: B", "    mark: X", "X kan hier niet"),
        ("    mark: B\n", "", "ontbreekt: mark"),
        ("    mark: B\n", "    mark: B\n    weight: 2\n", "onbekend woord weight"),
        ("valid_from: '1994-04-01'", "valid_from: '1 april 1994'", "geen dag"),
        ("    unranked:\n", "    unranked:\n      geen: {nl: x, en: x}\n", "geen heeft ook een plaats"),
        ("rankings:\n", "rankings:\n  leeg: []\n", "blok"),
    ],
)
def test_a_fault_in_the_file_is_told_with_its_line(tmp_path, old, new, fault):
    text = RANKINGS.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "penalty_ranking.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(WrongUse, match=f"regel [0-9]+.*{fault}"):
        load_rankings(path)


def test_a_fault_in_the_groups_is_told(tmp_path):
    path = tmp_path / "penalty_ranking.yaml"
    path.write_text(
        RANKINGS.read_text(encoding="utf-8").replace("[j, k, ontslag_andere_grond]", "[j, k]"), encoding="utf-8"
    )
    with pytest.raises(WrongUse, match="ontslag_andere_grond"):
        load_groups(path)


def test_the_bounds_of_an_outcome_hold_both_its_ranks_and_are_one_where_its_condition_is_known():
    for ranking in load_rankings().values():
        for penalty in (*"aij", "geen", "overplaatsing"):
            low, high = ranking.bounds([penalty] * 3, [None, True, False])
            known = ranking.ranks([penalty] * 2, [True, False]).tolist()
            assert low[1:].tolist() == high[1:].tolist() == known
            expected = [None, None] if None in known else [min(known), max(known)]
            assert [low[0], high[0]] == expected
    assert [len(ends) for ends in load_rankings()["barp_77"].bounds([], [])] == [0, 0]


def test_a_ranking_that_ended_ranks_no_later_decision_and_none_without_a_day():
    days = ["1994-03-31", "1994-04-01", "2020-12-31", "2021-01-01", None]
    ranking, groups = load_rankings()["barp_77"], load_groups()
    assert ranking.in_force(days).tolist() == groups.in_force(days).tolist() == [False, True, True, True, True]
    ended = replace(ranking, valid_to=date(2020, 12, 31))
    assert ended.in_force(days).tolist() == [False, True, True, False, False]
    assert replace(ranking, valid_from=None).in_force(days).all()
