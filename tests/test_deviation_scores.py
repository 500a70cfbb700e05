"""First against final penalty and advice against decision, from case files to scores."""

from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest
from outcome_files import ABOUT, AS_OF, POOR, by_id, checked, example, judged_and_units
from small_case_files import case_files

from data_contracts.case_files import CaseFiles
from data_contracts.example import example_tables
from evaluation.clustered_share import clustered_share
from evaluation.consistency.deviation_scores import deviation_scores
from evaluation.consistency.penalty_ranking import load_rankings
from evaluation.scores import Part, Score

KINDS = ("first_final", "advice_decision")
DIRECTION = ("milder", "heavier", "level_with", "unranked", "milder_share", "sign_p")


def _scored(files: CaseFiles, **about: Any) -> Part:
    return checked(deviation_scores(files, *judged_and_units(files), **(ABOUT | about)))


@pytest.mark.parametrize("name", POOR)
def test_any_case_files_get_numbers_or_reasons_and_never_an_exception_or_nan(name: str) -> None:
    _scored(POOR[name](example()))


def test_every_unit_has_a_share_and_every_ranking_a_direction() -> None:
    found, units = by_id(_scored(example())), judged_and_units(example())[1]
    for kind in KINDS:
        for group in ("all", *(f"unit={unit.lower()}" for unit in units)):
            assert f"{kind}.changed_share.{group}" in found
        for statistic in ("missing", "symmetry_p", "homogeneity_p"):
            assert f"{kind}.{statistic}.all" in found
        for ranking in load_rankings():
            assert {name.split(".")[1] for name in found if name.startswith(f"{kind}_{ranking}.")} == set(DIRECTION)


def test_every_change_has_a_direction_or_none_under_each_ranking_and_none_is_lost() -> None:
    found = by_id(_scored(example()))
    for kind in KINDS:
        for ranking in load_rankings():
            ways = [found[f"{kind}_{ranking}.{way}.all"].estimate for way in DIRECTION[:4]]
            assert sum(way or 0 for way in ways) == found[f"{kind}.changed_share.all"].numerator


def _decisions(*rows: dict[str, Any], unit: str = "AMS") -> CaseFiles:
    common = {
        "subject_id": "p", "finding": "plichtsverzuim_vastgesteld", "advised_penalty": "a", "first_penalty": "a",
        "conditional": False, "decided_on": "2021-09-01", "objection": False,
    }  # fmt: skip
    allegations = [common | {"allegation_id": str(at), "case_id": str(at)} | row for at, row in enumerate(rows)]
    delivered = {"unit": unit, "extracted_at": "2026-01-31", "cohort_basis": "alle"}
    cases = [{"case_id": str(at), "unit": unit} for at in range(len(rows))]
    return case_files(delivery=[delivered], cases=cases, allegations=allegations)


def _share(files: CaseFiles, measure: str = "first_final") -> Score:
    return by_id(_scored(files))[f"{measure}.changed_share.all"]


MILDER = {"first_penalty": "j", "final_penalty": "a", "objection": True, "objection_result": "gewijzigd"}
UPHELD = {"first_penalty": "j", "final_penalty": "j", "objection": True, "objection_result": "gehandhaafd"}
PENDING = {"first_penalty": "j", "objection": True}


def test_what_is_pending_is_left_out_and_counted_and_is_not_unchanged() -> None:
    files = _decisions(*[MILDER] * 6, *[UPHELD] * 6, *[PENDING] * 8, *[PENDING | {"final_penalty": "j"}] * 8)
    found = by_id(_scored(files))
    share = found["first_final.changed_share.all"]
    assert (share.numerator, share.denominator) == (6, 12)
    assert found["first_final.pending.all"].estimate == 16
    assert found["first_final.missing.all"].estimate == 0
    after = found["first_final.changed_after_objection_share.all"]
    assert (after.numerator, after.denominator) == (6, 12)


def test_units_that_fill_in_the_final_penalty_and_units_that_leave_it_blank_give_the_same_number() -> None:
    filled = _decisions(*[MILDER] * 5, *[{"final_penalty": "a"}] * 15)
    blank = _decisions(*[MILDER] * 5, *[{"final_penalty": None}] * 15)
    for files in (filled, blank):
        share = _share(files)
        assert (share.numerator, share.denominator) == (5, 20)
    unknown = by_id(_scored(_decisions(*[MILDER] * 10, *[{"objection": None}] * 15)))
    assert unknown["first_final.changed_share.all"].denominator == 10
    assert unknown["first_final.missing.all"].estimate == 15


def test_a_decision_within_the_term_to_object_may_still_change() -> None:
    files = _decisions(*[MILDER] * 10, *[{"final_penalty": "a", "decided_on": "2026-01-02"}] * 7)
    found = by_id(_scored(files))
    assert found["first_final.changed_share.all"].denominator == 10
    assert found["first_final.pending.all"].estimate == 7
    assert found["advice_decision.changed_share.all"].denominator == 17


def test_a_decision_repeated_at_each_allegation_counts_once() -> None:
    once = _decisions(*[MILDER] * 6, *[UPHELD] * 6)
    twice = _decisions(*[MILDER] * 6, *[UPHELD] * 6)
    again = twice.allegations.assign(allegation_id=twice.allegations["allegation_id"] + "b")
    twice = replace(twice, allegations=pd.concat([twice.allegations, again]))
    assert _share(once) == _share(twice)


def test_decisions_on_several_persons_of_one_case_widen_the_interval() -> None:
    apart = _decisions(*[MILDER] * 10, *[UPHELD] * 10)
    people = {"case_id": [str(at // 5) for at in range(20)], "subject_id": [str(at) for at in range(20)]}
    together = replace(apart, allegations=apart.allegations.assign(**people))
    one, other = _share(apart), _share(together)
    assert one.estimate == other.estimate == 0.5
    assert (other.high or 0) - (other.low or 0) > 1.5 * ((one.high or 0) - (one.low or 0))
    by_hand = clustered_share([5, 5, 0, 0], [5] * 4, range(4), level=0.95).interval
    assert (other.low, other.high) == pytest.approx(tuple(by_hand))


def test_the_direction_is_told_only_where_it_holds_conditional_or_not() -> None:
    # From dismissal to a reprimand is milder whatever the condition. From dismissal to removal of a trainee hangs on
    # whether the dismissal was conditional. From dismissal to a transfer has no place in the order of the law.
    to_trainee, to_transfer = MILDER | {"final_penalty": "k"}, MILDER | {"final_penalty": "overplaatsing"}
    found = by_id(_scored(_decisions(*[MILDER] * 10, *[to_trainee] * 3, *[to_transfer] * 2)))
    law, coarse = (
        {way: found[f"first_final_{ranking}.{way}.all"].estimate for way in DIRECTION[:4]}
        for ranking in ("barp_77", "alle_uitkomsten")
    )
    assert law == {"milder": 10, "heavier": 0, "level_with": 0, "unranked": 5}
    assert coarse == {"milder": 12, "heavier": 0, "level_with": 0, "unranked": 3}
    assert found["first_final_barp_77.milder_share.all"].estimate == 1
    assert found["first_final_barp_77.sign_p.all"].estimate == pytest.approx(2**-10)  # mid-p: half of 2 * 2^-10
    assert found["first_final_alle_uitkomsten.sign_p.all"].estimate == pytest.approx(2**-12)


def test_a_decision_from_before_a_ranking_was_in_force_has_no_place_in_it() -> None:
    old = MILDER | {"decided_on": "1993-01-01"}
    found = by_id(_scored(_decisions(*[MILDER] * 10, *[old] * 4)))
    assert found["first_final_barp_77.milder.all"].estimate == 10
    assert found["first_final_barp_77.unranked.all"].estimate == 4


def test_a_change_within_one_letter_is_not_seen_and_is_counted_apart() -> None:
    found = by_id(_scored(_decisions(*[UPHELD] * 8, *[UPHELD | {"objection_result": "gewijzigd"}] * 4)))
    assert found["first_final.changed_share.all"].estimate == 0
    assert found["first_final.within_letter.all"].estimate == 4


def test_few_changes_are_not_tested() -> None:
    few = by_id(_scored(_decisions(*[MILDER] * 9, *[UPHELD] * 20)))
    enough = by_id(_scored(_decisions(*[MILDER] * 10, *[UPHELD] * 20)))
    for test in ("symmetry_p", "homogeneity_p"):
        assert few[f"first_final.{test}.all"].refusal == "too_few"
        assert enough[f"first_final.{test}.all"].estimate == pytest.approx(0.0016, abs=0.0001)  # chi-square 10, df 1
    assert (
        few["first_final_barp_77.sign_p.all"].refusal
        == few["first_final_barp_77.milder_share.all"].refusal
        == "too_few"
    )


def test_the_unit_own_word_that_advice_was_followed_is_another_number_than_the_codes() -> None:
    rows = [{"advised_penalty": "j", "advice_followed": True}] * 12 + [{"advice_followed": None}] * 4
    found = by_id(_scored(_decisions(*rows)))
    assert found["advice_decision.followed_share.all"].estimate == 1
    assert found["advice_decision.followed_share.all"].denominator == 12
    assert found["advice_decision.changed_share.all"].numerator == 12
    assert found["advice_decision.followed_share.unit=ams"].denominator == 12
    assert by_id(_scored(example()))["advice_decision.followed_share.all"].refusal == "absent"


def test_a_decision_without_recorded_advice_is_missing_and_not_followed() -> None:
    found = by_id(_scored(_decisions(*[{}] * 11, *[{"advised_penalty": None}] * 5)))
    assert found["advice_decision.changed_share.all"].denominator == 11
    assert found["advice_decision.missing.all"].estimate == 5


def test_what_was_not_delivered_is_refused_by_name() -> None:
    part = _scored(POOR["first penalty only"](example()))
    assert {refusal.measure: refusal.needs for refusal in part.refusals} == {
        "consistency.first_final": ("allegations.final_penalty",),
        "consistency.advice_decision": ("allegations.advised_penalty",),
    }
    assert not part.scores and not part.cards
    assert "niet te herkennen" in _scored(POOR["no objection"](example())).cards[0].missing_and_exits["nl"]
    assert "niet te herkennen" not in _scored(example()).cards[0].missing_and_exits["nl"]


def test_the_card_names_every_ranking_and_the_term_to_object() -> None:
    for card in _scored(example()).cards:
        assert all(key in card.estimator["nl"] and key in card.estimator["en"] for key in load_rankings())
    assert "42 dagen" in _scored(example()).cards[0].population["nl"]


def test_the_planted_deviation_from_advice_and_results_of_objections_are_recovered() -> None:
    tables, truth = example_tables(seed=3, cases_per_year=300)
    found = by_id(_scored(CaseFiles(**tables).at(AS_OF), level=0.998))
    planted = truth["penalty"]
    advice = found["advice_decision.changed_share.all"]
    assert (advice.low or 0) < planted["deviation_from_advice"] < (advice.high or 0)
    changed = sum(planted["objection_result"][result] for result in ("gewijzigd", "herroepen", "vervangen_rechter"))
    after = found["first_final.changed_after_objection_share.all"]
    assert (after.low or 0) < changed < (after.high or 0)
    # Every planted change after an objection is a step down, under whatever ranking.
    for ranking in load_rankings():
        assert found[f"first_final_{ranking}.heavier.all"].estimate == 0
        assert (found[f"first_final_{ranking}.milder.all"].estimate or 0) > 10
    assert date.fromisoformat(truth["extracted_at"]) == AS_OF
