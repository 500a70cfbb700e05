"""Disclosure control of outcomes: counts of the chain, the penalties and the changes hang together."""

from dataclasses import replace

import pytest

from evaluation.publication.policy import read_policy
from evaluation.scores import Score
from tests.scores_for_disclosure import score, share, shares
from tests.test_disclosure import LARGE, decide

POLICY = read_policy()
KINDS = {"geen_straf": 60, "berisping": 50, "tijd_of_geld": 45, "voorwaardelijk_ontslag": 2, "ontslag": 43}


def of_all(measure: str, statistic: str, numerator: int, denominator: int) -> Score:
    return share(f"{measure}.{statistic}.all", numerator, denominator)


def kinds() -> dict[str, str]:
    scores = [of_all("consistency.penalty_kind", f"share_{kind}", count, 200) for kind, count in KINDS.items()]
    decisions, _decided = decide([*scores, *shares("completeness.opportunity", LARGE)])
    return {kind: decisions[f"consistency.penalty_kind.share_{kind}.all"] for kind in KINDS}


def test_a_rare_kind_of_penalty_is_not_the_rest_of_the_others():
    assert kinds()["voorwaardelijk_ontslag"] == "suppressed_primary"
    assert "suppressed_secondary" in kinds().values()


@pytest.mark.parametrize("measure", ["first_final", "advice_decision"])
def test_a_rare_direction_is_not_the_rest_of_the_changes(measure: str):
    base = f"consistency.{measure}"
    scores = [of_all(base, "changed_share", 100, 1500), *shares("completeness.opportunity", LARGE)]
    for statistic, count in (("milder", 70), ("heavier", 3), ("level_with", 0), ("unranked", 27)):
        scores.append(score(f"{base}_barp_77.{statistic}.all", count, "count", count))
    decisions, _decided = decide(scores)
    hidden = [name for name, said in decisions.items() if said != "published"]
    assert f"{base}_barp_77.heavier.all" in hidden and len(hidden) >= 2
    decisions, _decided = decide(scores, replace(POLICY, margins=()))
    assert [name for name, said in decisions.items() if said != "published"] == [f"{base}_barp_77.heavier.all"]


def test_few_that_are_still_running_do_not_follow_from_what_came_that_far():
    base = "consistency.chain_judged"
    scores = [of_all(base, "share", 400, 500), *shares("completeness.opportunity", LARGE)]
    for statistic, count in (("reached", 522), ("running", 2), ("missing", 20)):
        scores.append(score(f"{base}.{statistic}.all", count, "count", count))
    decisions, _decided = decide(scores)
    assert decisions[f"{base}.running.all"] == "suppressed_primary"
    assert "suppressed_secondary" in decisions.values()
    assert decisions[f"{base}.missing.all"] == "published" or decisions[f"{base}.reached.all"] == "published"


def test_a_few_dismissed_on_another_ground_do_not_follow_from_two_links_of_the_chain():
    units = {"unit=a": (40, 90), "unit=b": (50, 110), "unit=c": (60, 120), "unit=d": (70, 150)}
    wider = {unit: (dismissed + (3 if unit == "unit=a" else 20), n) for unit, (dismissed, n) in units.items()}
    scores = [*shares("consistency.chain_dismissed", units), *shares("consistency.chain_left_service", wider)]
    decisions, _decided = decide(scores)
    pair = {decisions[f"consistency.chain_{link}.share.unit=a"] for link in ("dismissed", "left_service")}
    assert pair != {"published"}
    decisions, _decided = decide(scores, replace(POLICY, nested=()))
    assert set(decisions.values()) == {"published"}


@pytest.mark.parametrize(("n", "shown"), [(430, False), (420, True)])
def test_a_share_without_the_small_units_does_not_tell_their_sum(n: int, shown: bool):
    units = {"unit=a": (14, 25), "unit=b": (17, 25), "unit=c": (150, 200), "unit=d": (160, 230)}
    range_ = "consistency.misconduct_found_range.share_small_units_left_out.all"
    scores = [*shares("consistency.misconduct_found", units), score(range_, 0.72, "share", n)]
    assert (decide(scores)[0][range_] == "published") is shown


def test_two_small_parts_of_a_small_whole_ask_no_wider_range_than_they_leave():
    left = {"unit=a": (7, 14), "unit=b": (30, 70), "unit=c": (60, 130), "unit=d": (70, 150)}
    found = {"unit=a": (14, 25), "unit=b": (70, 110), "unit=c": (130, 190), "unit=d": (150, 230)}
    decisions, _decided = decide(
        [*shares("consistency.chain_left_service", left), *shares("consistency.chain_found", found)]
    )
    assert decisions["consistency.chain_left_service.share.unit=a"] == "suppressed_primary"
    assert all(decisions[f"consistency.chain_found.share.{unit}"] == "published" for unit in found)
