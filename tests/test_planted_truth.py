"""What was planted in the national example comes out of the scores, with its uncertainty."""

from datetime import date

import numpy as np
import pytest

from data_contracts.case_files import CaseFiles
from data_contracts.example import example_tables
from evaluation import completeness, consistency, duration
from evaluation.scores import Score

AS_OF = date(2026, 1, 31)
LARGE = 150  # cases of a unit from which its own number is steady enough to compare


@pytest.fixture(scope="module")
def national() -> tuple[dict[str, Score], dict]:
    tables, truth = example_tables(seed=1, cases_per_year=500)
    files = CaseFiles(**tables).at(AS_OF)
    modules = (duration, consistency, completeness)
    results = [module.evaluate(files, as_of=AS_OF, level=0.95) for module in modules]
    assert [refusal.measure for result in results for refusal in result.refusals] == ["duration.objection"]
    return {score.id: score for result in results for score in result.scores}, truth


def test_units_planted_slower_have_a_longer_net_duration(national: tuple[dict[str, Score], dict]) -> None:
    scores, truth = national
    planted, found = [], []
    for unit, factor in truth["duration"]["unit_factor"].items():
        median = scores[f"duration.total_net.median.unit={unit.lower()}"]
        if median.n >= LARGE:
            planted.append(factor)
            found.append(median.estimate)
    assert len(planted) >= 10
    assert np.corrcoef(planted, found)[0, 1] > 0.8


def test_the_spread_between_units_covers_the_spread_that_was_planted(national: tuple[dict[str, Score], dict]) -> None:
    scores, truth = national
    effects = np.array(list(truth["outcome"]["unit_effect"].values()))
    sigma = scores["consistency.misconduct_found.sigma.all"]
    assert sigma.low < np.sqrt(np.mean(effects**2)) < sigma.high


def test_shrunken_unit_effects_follow_the_planted_ones(national: tuple[dict[str, Score], dict]) -> None:
    scores, truth = national
    planted, found = [], []
    for unit, effect in truth["outcome"]["unit_effect"].items():
        score = scores[f"consistency.misconduct_found.shrunken_odds_ratio.unit={unit.lower()}"]
        if score.n >= LARGE:
            planted.append(effect)
            found.append(np.log(score.estimate))
    assert len(planted) >= 10
    assert np.corrcoef(planted, found)[0, 1] > 0.85


@pytest.mark.parametrize("first_then", ["TRI_before_OPDR", "RAPP_before_ADV", "SMO_before_VOORN"])
def test_order_faults_are_found_at_the_planted_rate(national: tuple[dict[str, Score], dict], first_then: str) -> None:
    scores, truth = national
    first, then = first_then.lower().split("_before_")
    violated = scores[f"completeness.order_{first}_{then}.violated.all"]
    assert violated.low <= truth["steps"]["order_faults"][first_then] <= violated.high


@pytest.mark.parametrize("step", ["opdr", "rapp", "adv", "voorn"])
def test_the_share_of_a_step_that_is_done_is_as_planted(national: tuple[dict[str, Score], dict], step: str) -> None:
    scores, truth = national
    planted = truth["steps"]["probability"][step.upper()]
    shown = scores[f"completeness.step_{step}.share.all"]
    done = 1 - planted["not_recorded"] - planted["not_done"] * (1 - planted["not_recorded"])
    # unit and year shifts of what is not recorded move the mean a little from the planted base rate
    assert shown.estimate == pytest.approx(done, abs=0.03)
