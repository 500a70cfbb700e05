"""Misconduct found under every choice that could have been made otherwise."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from judged_case_files import AS_OF, NO_CHARACTERISTICS, case_files, national

from data_contracts.case_files import CaseFiles
from data_contracts.example import example_tables
from evaluation.consistency.finding_scores import compared_findings, finding_scores
from evaluation.consistency.finding_universes import (
    GRIDS,
    HEAVIEST_FIRST,
    allegation_facts,
    finding_universes,
    universe_rows,
)
from evaluation.consistency.judged import FOUND, NOT_FOUND, judged_allegations
from evaluation.consistency.like_for_like import compared, unit_spread
from evaluation.consistency.sensitivity_scores import SMALL_UNIT, sensitivity_scores
from evaluation.multiverse_grid import read_grid
from evaluation.scores import Part, Score

LAST = date(2026, 1, 31)
SPAN = "2016-01-01/2025-12-31"


def headline_of(files: CaseFiles, judged: pd.DataFrame, as_of: date) -> dict[str, Score]:
    units = sorted(judged["unit"].dropna().unique())
    found = compared_findings(files, judged)
    part = finding_scores(files, judged, units, found, as_of=as_of, level=0.95, span=SPAN)
    return {score.id: score for score in part.scores}


def scored(files: CaseFiles, as_of: date) -> tuple[dict[str, Score], dict[str, Score], Part]:
    cut = files.at(as_of)
    judged = judged_allegations(cut)
    headline = headline_of(cut, judged, as_of)
    part = sensitivity_scores(cut, judged, headline, as_of=as_of, level=0.95, span=SPAN)
    return {score.id.removeprefix("consistency."): score for score in part.scores}, headline, part


@pytest.fixture(scope="module")
def files() -> CaseFiles:
    tables, _truth = example_tables(seed=4, cases_per_year=120)
    return CaseFiles(**tables).at(LAST)


@pytest.fixture(scope="module")
def example(files: CaseFiles) -> tuple[dict[str, Score], dict[str, Score], Part]:
    return scored(files, LAST)


def test_the_headline_universe_is_the_published_number_exactly(files, example):
    _scores, headline, _part = example
    judged = judged_allegations(files)
    for statistic, (_grid, found) in finding_universes(files, judged, level=0.95).items():
        published = headline[f"consistency.misconduct_found.{statistic}.all"]
        assert found.headline == published.estimate
    row = found.table[found.table["headline"].astype(bool)].iloc[0]
    assert row["n"] == published.n


def test_the_interval_of_the_headline_share_is_the_published_one(files, example):
    _scores, headline, _part = example
    table = finding_universes(files, judged_allegations(files), level=0.95)["share"][1].table
    row = table[table["headline"].astype(bool)].iloc[0]
    published = headline["consistency.misconduct_found.share.all"]
    assert (row["low"], row["high"]) == (published.low, published.high)


def test_each_range_holds_its_headline_and_its_choices(example):
    scores, headline, _part = example
    for statistic in ("share", "median_odds_ratio", "outside_95"):
        low, high, any_low, any_high = (
            scores[f"misconduct_found_range.{statistic}_{end}.all"].estimate
            for end in ("low", "high", "any_low", "any_high")
        )
        published = headline[f"consistency.misconduct_found.{statistic}.all"].estimate
        assert any_low <= low <= published <= high <= any_high
        alone = [
            score.estimate
            for name, score in scores.items()
            if name.startswith(f"misconduct_found_range.{statistic}_")
            and score.estimate is not None
            and not name.removesuffix(".all").endswith(("low", "high", "universes"))
        ]
        assert len(alone) >= 6
        assert any_low <= min(alone) and max(alone) <= any_high


def test_each_choice_alone_is_what_a_direct_count_gives(files, example):
    scores, _headline, _part = example
    judged = judged_allegations(files)

    def shown(choice: str) -> tuple[float, int, int]:
        score = scores[f"misconduct_found_range.share_{choice}.all"]
        return score.numerator, score.denominator, score.n

    def counted(rows: pd.DataFrame) -> tuple[int, int, int]:
        return int(rows["found"].sum()), len(rows), len(rows)

    assert shown("offence_left_out") == counted(judged[judged["finding"] != "strafbaar_feit"])
    assert shown("not_established_left_out") == counted(judged[judged["finding"] != "niet_vastgesteld"])
    assert shown("years_since_break") == counted(judged[judged["year"] >= "2020"])
    size = judged["unit"].map(judged["unit"].value_counts())
    assert shown("small_units_left_out") == counted(judged[size >= SMALL_UNIT])
    assert shown("per_case_first") == counted(judged.drop_duplicates("case_id"))
    heaviest = judged.groupby("case_id")["found"].max()
    assert shown("per_case_heaviest") == (int(heaviest.sum()), len(heaviest), len(heaviest))


def test_the_spread_without_characteristics_is_that_of_a_model_without_them(files, example):
    scores, _headline, _part = example
    judged = judged_allegations(files)
    direct = unit_spread(compared(judged.assign(hit=judged["found"]), ()), level=0.95)
    shown = scores["misconduct_found_range.median_odds_ratio_mix_none.all"]
    assert shown.estimate == pytest.approx(direct.median_odds_ratio)


def test_the_heaviest_finding_of_a_case_is_the_one_that_is_kept():
    assert set(HEAVIEST_FIRST) == {*FOUND, *NOT_FOUND}
    finding = ["geen_plichtsverzuim", "strafbaar_feit", "niet_vastgesteld", "geen_plichtsverzuim"]
    rows = case_files(np.zeros(4, dtype=bool), np.repeat("A", 4), finding=finding, case_id=["Z1", "Z1", "Z2", "Z2"])
    facts = allegation_facts(judged_allegations(rows.at(AS_OF)))
    grid = read_grid("share", GRIDS)
    chosen = {choice.key: choice.options[0].key for choice in grid.choices}
    kept = {
        per_case: universe_rows(facts, grid, chosen | {"per_case": per_case})["finding"].tolist()
        for per_case in ("all", "first", "heaviest")
    }
    assert kept == {
        "all": finding,
        "first": ["geen_plichtsverzuim", "niet_vastgesteld"],
        "heaviest": ["strafbaar_feit", "niet_vastgesteld"],
    }


def test_a_case_whose_first_allegation_is_left_out_is_told_by_its_next():
    finding = ["strafbaar_feit", "geen_plichtsverzuim"]
    rows = case_files(np.zeros(2, dtype=bool), np.repeat("A", 2), finding=finding, case_id=["Z1", "Z1"])
    facts = allegation_facts(judged_allegations(rows.at(AS_OF)))
    grid = read_grid("share", GRIDS)
    chosen = {choice.key: choice.options[0].key for choice in grid.choices}
    universe = chosen | {"per_case": "first", "offence": "left_out"}
    assert universe_rows(facts, grid, universe)["finding"].tolist() == ["geen_plichtsverzuim"]


def test_choices_that_change_nothing_here_are_no_universes():
    # one allegation a case, no criminal offence, large units, categories of no list
    scores, _headline, part = scored(national(), AS_OF)
    assert not [name for name in scores if "per_case" in name or "offence" in name or "crosswalk" in name]
    assert not [name for name in scores if "small_units_left_out" in name or "since_break" in name]
    assert "misconduct_found_range.median_odds_ratio_mix_none.all" in scores
    assert [card.id for card in part.cards] == ["consistency.sensitivity"]


def test_without_characteristics_there_is_no_choice_of_them():
    files = case_files(np.tile([True, False], 300), np.repeat(list("ABCDEF"), 100))
    scores, _headline, _part = scored(replace(files, absent=NO_CHARACTERISTICS), AS_OF)
    assert not [name for name in scores if "_mix_" in name]


def test_the_e_value_is_that_of_the_square_root_of_the_median_odds_ratio(example):
    scores, headline, _part = example
    ratio = headline["consistency.misconduct_found.median_odds_ratio.all"]
    for name, value in (("e_value", ratio.estimate), ("e_value_interval_end", ratio.low)):
        root = np.sqrt(value)  # the finding is common
        assert scores[f"sensitivity.{name}.all"].estimate == pytest.approx(root + np.sqrt(root * (root - 1)))


def test_the_e_value_of_a_rare_finding_takes_the_ratio_as_it_is():
    rng = np.random.default_rng(9)
    unit = np.repeat(list("ABCDEFGH"), 400)
    chance = np.repeat([0.01, 0.02, 0.03, 0.05, 0.05, 0.08, 0.12, 0.16], 400)
    scores, headline, _part = scored(case_files(rng.random(3200) < chance, unit), AS_OF)
    ratio = headline["consistency.misconduct_found.median_odds_ratio.all"].estimate
    assert scores["sensitivity.e_value.all"].estimate == pytest.approx(ratio + np.sqrt(ratio * (ratio - 1)))


def test_a_spread_that_may_be_nought_needs_nothing_unmeasured():
    scores, headline, _part = scored(national(seed=3), AS_OF)
    assert headline["consistency.misconduct_found.sigma.all"].low == 0
    assert scores["sensitivity.e_value_interval_end.all"].estimate == 1.0


def test_the_spread_without_small_units_is_the_universe_without_them(example):
    scores, _headline, _part = example
    alone = scores["sensitivity.mor_without_small_units.all"]
    universe = scores["misconduct_found_range.median_odds_ratio_small_units_left_out.all"]
    assert (alone.estimate, alone.n) == (universe.estimate, universe.n)
    assert alone.low < alone.estimate < alone.high


def test_filled_in_characteristics_give_the_headline_when_nothing_is_missing_and_nearly_so_when_a_little_is():
    files = national(spread=0.8)
    scores, headline, _part = scored(files, AS_OF)
    published = headline["consistency.misconduct_found.median_odds_ratio.all"].estimate
    assert scores["sensitivity.mor_imputed.all"].estimate == pytest.approx(published, rel=1e-12)
    files.subjects.loc[::4, "rank_band"] = pd.NA
    again, _headline, _part = scored(files, AS_OF)
    imputed = again["sensitivity.mor_imputed.all"].estimate
    assert imputed == pytest.approx(published, rel=0.05)
    assert imputed != published
    assert scored(files, AS_OF)[0]["sensitivity.mor_imputed.all"].estimate == imputed  # seeded


@pytest.mark.parametrize(
    ("found", "unit", "reason"),
    [(np.ones(200, dtype=bool), np.tile(list("ABCDE"), 40), "no_variation"),
     (np.tile([True, False], 100), np.repeat("A", 200), "not_estimable"),
     (np.tile([True, False], 6), np.tile(list("ABCD"), 3), "too_few"),
     (np.arange(200) < 4, np.tile(list("ABCDE"), 40), "too_few")],
)  # fmt: skip
def test_poor_deliveries_keep_every_row_with_a_number_or_its_reason(found, unit, reason):
    scores, _headline, _part = scored(case_files(found, unit), AS_OF)
    for score in scores.values():
        numbers = [value for value in (score.estimate, score.low, score.high) if value is not None]
        assert np.isfinite(numbers).all()
        assert (score.estimate is None) == (score.refusal is not None)
    for name in ("misconduct_found_range.median_odds_ratio_low", "sensitivity.e_value", "sensitivity.mor_imputed"):
        assert scores[f"{name}.all"].refusal == reason
    assert scores["misconduct_found_range.refused_universes.all"].estimate > 0


def test_every_choice_and_option_is_named_on_the_card_in_both_languages(example):
    _scores, _headline, part = example
    (card,) = part.cards
    for name in ("share", "spread"):
        for choice in read_grid(name, GRIDS).choices:
            for language in ("nl", "en"):
                texts = [choice.title[language], *(option.title[language] for option in choice.options)]
                assert all(text in card.cohort_basis[language] for text in texts)
