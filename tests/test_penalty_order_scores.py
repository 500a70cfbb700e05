"""The penalty as an ordered outcome under each published ranking, from case files to scores."""

import numpy as np
import pandas as pd
import pytest
from outcome_files import ABOUT, AS_OF, POOR, by_id, changed, checked, example, judged_and_units

from data_contracts.case_files import CaseFiles
from data_contracts.example import example_tables
from evaluation.consistency.misconduct_outcomes import misconduct_outcomes
from evaluation.consistency.ordered_outcome import ordered_by_unit
from evaluation.consistency.penalty_order_scores import penalty_order_scores
from evaluation.consistency.penalty_ranking import load_rankings
from evaluation.scores import Part

LIKE = ["category", "year", "complexity", "rank_band", "prior_measures"]


def _scored(files: CaseFiles) -> Part:
    return checked(penalty_order_scores(files, *judged_and_units(files), **ABOUT))


@pytest.mark.parametrize("name", [name for name in POOR if name != "cases only"])
def test_any_case_files_get_numbers_or_reasons_and_never_an_exception_or_nan(name: str) -> None:
    _scored(POOR[name](example()))


def test_there_is_a_measure_for_each_ranking_in_the_data_file_and_a_row_for_each_unit() -> None:
    found, units = by_id(_scored(example())), judged_and_units(example())[1]
    for ranking in load_rankings():
        mine = {name.removeprefix(f"penalty_order_{ranking}.") for name in found if ranking in name}
        assert mine == {"unranked.all", "units_p.all", "proportional_odds_p.all"} | {
            f"{statistic}.unit={unit.lower()}" for statistic in ("win", "odds_ratio") for unit in units
        }


def test_the_numbers_are_those_of_the_comparison_with_cases_as_clusters() -> None:
    files = example()
    judged, _units = judged_and_units(files)
    rows = misconduct_outcomes(files, judged)
    rows = rows[rows["penalty"].notna()]
    found = by_id(_scored(files))
    for key, ranking in load_rankings().items():
        ranks = ranking.ranks(rows["penalty"], rows["conditional"])
        direct = ordered_by_unit(ranks, rows["unit"], rows[LIKE], level=0.95, cluster=rows["case_id"])
        assert direct.refusal is None and direct.clusters < direct.n
        assert found[f"penalty_order_{key}.units_p.all"].estimate == pytest.approx(direct.clustered_score.p_value)
        assert found[f"penalty_order_{key}.unranked.all"].estimate == direct.missing
        for unit in direct.units:
            for statistic, effect in (("win", unit.win), ("odds_ratio", unit.odds_ratio)):
                mine = found[f"penalty_order_{key}.{statistic}.unit={unit.unit.lower()}"]
                assert (mine.estimate, mine.low, mine.high) == pytest.approx((effect.estimate, effect.low, effect.high))
                assert (mine.refusal, mine.n) == (effect.refusal, unit.n)


def test_an_outcome_without_a_place_is_counted_and_takes_no_part() -> None:
    files = example()
    judged, _units = judged_and_units(files)
    penalty = misconduct_outcomes(files, judged)["penalty"].dropna()
    none_of_the_law = penalty.isin(["waarschuwing", "leertraject", "overplaatsing", "ontslag_andere_grond"])
    found = by_id(_scored(files))
    assert found["penalty_order_barp_77.unranked.all"].estimate == none_of_the_law.sum() > 0
    assert found["penalty_order_barp_77.units_p.all"].n == (~none_of_the_law).sum()
    assert found["penalty_order_alle_uitkomsten.unranked.all"].estimate == 0
    unsure = by_id(_scored(POOR["no condition"](files)))
    assert unsure["penalty_order_barp_77.units_p.all"].n == (penalty == "geen").sum()


def test_a_decision_outside_the_days_of_the_ranking_has_no_place() -> None:
    found = by_id(_scored(changed(example(), "allegations", decided_on=pd.Timestamp("1990-01-01"))))
    assert {score.refusal for score in found.values() if score.unit != "count"} == {"too_few"}
    undated = by_id(_scored(POOR["no day of decision"](example())))
    assert (
        undated["penalty_order_barp_77.units_p.all"].n
        == by_id(_scored(example()))["penalty_order_barp_77.units_p.all"].n
    )


def test_without_penalties_the_family_is_refused_and_with_one_unit_the_rows_say_why() -> None:
    part = _scored(POOR["no penalties"](example()))
    assert not part.scores and [refusal.measure for refusal in part.refusals] == ["consistency.penalty_order"]
    alone = by_id(_scored(POOR["one unit"](example())))
    assert alone["penalty_order_barp_77.win.unit=ams"].refusal == "not_estimable"
    same = by_id(_scored(POOR["one penalty"](example())))
    assert same["penalty_order_barp_77.units_p.all"].refusal == "no_variation"
    few = by_id(_scored(POOR["twelve cases"](example())))
    assert {few[name].refusal for name in few if "unit=" in name} == {"too_few"}


def test_the_card_names_every_ranking_with_how_sure_it_is_and_what_was_not_delivered() -> None:
    card = _scored(example()).cards[0]
    assert "barp_77 (achtergrond, nog te bevestigen)" in card.estimator["nl"]
    assert "alle_uitkomsten (our own choice)" in card.estimator["en"]
    assert "Niet geleverd" in _scored(POOR["no subjects"](example())).cards[0].estimator["nl"]


def test_the_planted_severity_of_units_is_seen_under_the_order_of_all_outcomes() -> None:
    tables, truth = example_tables(seed=5, cases_per_year=1000)
    found = by_id(_scored(CaseFiles(**tables).at(AS_OF)))
    planted = {unit.lower(): effect for unit, effect in truth["penalty"]["unit_effect"].items()}
    wins = {
        name.split("=")[1]: score.estimate
        for name, score in found.items()
        if name.startswith("penalty_order_alle_uitkomsten.win.") and score.estimate and score.n >= 150
    }
    assert len(wins) > 8
    assert np.corrcoef([planted[unit] for unit in wins], list(wins.values()))[0, 1] > 0.7
    assert (found["penalty_order_alle_uitkomsten.units_p.all"].estimate or 1) < 0.01
