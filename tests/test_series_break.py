"""The break in the categories of 2019/2020, and the crosswalk over it."""

from datetime import date

import pandas as pd
import pytest
from outcome_files import example, judged_and_units

from data_contracts.code_lists import NOT_MAPPABLE, load_code_lists, load_crosswalks
from evaluation.consistency import cards
from evaluation.consistency.chain_card import chain_card
from evaluation.consistency.deviation_card import advice_decision_card, first_final_card
from evaluation.consistency.penalty_kind_card import penalty_kind_card
from evaluation.consistency.penalty_order_card import penalty_order_card
from evaluation.consistency.series_break import (
    AFTER,
    BEFORE,
    NO_CATEGORY,
    OWN_LIST,
    SPANNING,
    SeriesBreak,
    break_sentence,
    break_within,
    crosswalk_fate,
    crosswalked_category,
    handled,
    series_break,
    series_breaks,
)


def test_the_break_is_the_day_on_which_the_old_codes_end_and_the_new_ones_begin() -> None:
    found, codes = series_break(), load_code_lists()["category"].codes
    assert (found.last_day, found.first_day) == (date(2019, 12, 31), date(2020, 1, 1))
    assert set(found.old) | set(found.new) == set(codes) and not set(found.old) & set(found.new)
    assert {codes[code].valid_to for code in found.old} == {found.last_day}
    assert series_breaks("unit")[0].old == ("LE",) and series_breaks("unit")[0].new == ("LX", "LO")
    assert series_breaks("finding") == ()


def test_a_list_without_a_break_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evaluation.consistency.series_break.series_breaks", lambda: ())
    with pytest.raises(LookupError, match="category"):
        series_break()


def test_every_year_stands_on_one_side_and_one_with_the_break_inside_stands_across() -> None:
    assert series_break().sides(range(2018, 2022)) == {"2018": BEFORE, "2019": BEFORE, "2020": AFTER, "2021": AFTER}
    summer = SeriesBreak("category", date(2020, 7, 1), ("a",), ("b",))
    assert [summer.side(year) for year in (2019, 2020, 2021)] == ["before", "across", "after"]


def test_cases_cross_the_break_only_when_codes_of_both_lists_occur() -> None:
    assert break_within(pd.Series(["vik_overig", "rm_prive", None])) == series_break()
    for one_side in (["rm_prive", None], ["vik_overig"], ["robbery"], [None]):
        assert break_within(pd.Series(one_side, dtype="str")) is None


def test_every_old_code_has_a_fate_and_a_new_one_is_in_force() -> None:
    found = series_break()
    fate = dict(zip(found.old, crosswalk_fate(pd.Series(found.old)), strict=True))
    assert fate == {
        "vik_positie": "recoded", "vik_geweld_bejegening": "split", "vik_houding_gedrag": NOT_MAPPABLE,
        "vik_rechtspositie": NOT_MAPPABLE, "vik_overig": NOT_MAPPABLE,
    }  # fmt: skip
    assert set(crosswalk_fate(pd.Series(found.new))) == {"in_force"}
    assert crosswalk_fate(pd.Series([None, "vik_overig"], dtype="str")).isna().tolist() == [True, False]


def test_the_crosswalk_recodes_what_can_be_recoded_and_guesses_nothing_else() -> None:
    judged = pd.DataFrame({"category": [*series_break().old, *series_break().new, None]}, index=range(5, 19))
    apart, together = (crosswalked_category(judged, split=split) for split in ("apart", "together"))
    moved = judged["category"].notna() & (apart != judged["category"])
    assert judged.loc[moved, "category"].tolist() == ["vik_positie"]
    joined = together == "rm_bevoegdheden + rm_omgangsvormen"
    assert judged.loc[joined, "category"].tolist() == ["vik_geweld_bejegening", "rm_bevoegdheden", "rm_omgangsvormen"]
    assert (apart[~joined & apart.notna()] == together[~joined & apart.notna()]).all()
    for found in (apart, together):
        assert found.index.equals(judged.index) and found.isna().sum() == 1
        kept = judged["category"].isin(["vik_houding_gedrag", "vik_rechtspositie", "vik_overig"])
        assert found[kept].tolist() == judged.loc[kept, "category"].tolist()
    with pytest.raises(ValueError, match="apart or together"):
        crosswalked_category(judged, split="both")  # type: ignore[arg-type]


def test_successors_that_two_split_codes_share_make_one_level(monkeypatch: pytest.MonkeyPatch) -> None:
    walk = load_crosswalks()["category"]
    to = {"x": ("a", "b"), "y": ("b", "c"), "z": ("c",), "w": ()}
    monkeypatch.setattr(
        "evaluation.consistency.series_break.load_crosswalks",
        lambda: {"category": type(walk)("category", "", "I", to, {})},
    )
    judged = pd.DataFrame({"category": list("xyzwabcd")})
    assert crosswalked_category(judged, split="together").tolist() == ["a + b + c"] * 3 + ["w"] + ["a + b + c"] * 3 + [
        "d"
    ]
    assert crosswalked_category(judged, split="apart").tolist() == ["x", "y", "c", "w", "a", "b", "c", "d"]


def test_the_example_spans_the_break_and_its_years_stand_on_the_side_of_their_categories() -> None:
    judged, _units = judged_and_units(example())
    found = break_within(judged["category"])
    assert found is not None
    before = judged["year"].map(found.side) == BEFORE
    assert (judged.loc[before, "category"].isin(found.old)).all()
    assert (judged.loc[~before, "category"].isin(found.new)).all()


def test_a_measure_that_spans_the_break_says_how_and_another_says_nothing() -> None:
    assert handled("consistency.penalty_order_barp_77.win.unit=ams") == OWN_LIST
    assert handled("consistency.chain_found") == NO_CATEGORY
    assert handled("consistency.misconduct_found.share.all") == OWN_LIST
    assert handled("consistency.readers") is None
    assert break_sentence("consistency.readers") == {"nl": "", "en": ""}
    for pattern in SPANNING:
        said = break_sentence(pattern)
        assert said["nl"].startswith("Op 1-1-2020") and said["en"].startswith("On 2020-01-01"), pattern


@pytest.mark.parametrize(
    "card",
    [
        chain_card(True, level=0.95),
        first_final_card(True, objections=True, level=0.95),
        advice_decision_card(True, level=0.95),
        penalty_order_card((), (), True, level=0.95),
        penalty_kind_card((), (), (), True, level=0.95),
        cards.misconduct_found((), (), True),
        cards.penalty_given_finding((), (), True),
    ],
    ids=lambda card: card.id,
)
def test_the_card_of_every_family_that_spans_the_break_says_so(card: cards.EstimandCard) -> None:
    assert handled(card.id) is not None
    said = {language: card.missing_and_exits[language] + card.estimator[language] for language in ("nl", "en")}
    assert "1-1-2020" in said["nl"] and "2020-01-01" in said["en"]
