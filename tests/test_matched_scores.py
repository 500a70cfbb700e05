"""Matched comparison as scores."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from judged_case_files import AS_OF, NO_CHARACTERISTICS, case_files, national
from scipy.special import expit

from evaluation.consistency.judged import judged_allegations
from evaluation.consistency.matched import mantel_haenszel
from evaluation.consistency.matched_scores import matched_scores

UNITS = list("ABCDEFGH")


def scored(files, units=UNITS):
    cut = files.at(AS_OF)
    part = matched_scores(cut, judged_allegations(cut), units, as_of=AS_OF, level=0.95, span="2018-01-01/2022-12-31")
    return {score.id.removeprefix("consistency.matched."): score for score in part.scores}, part


def test_each_unit_has_both_ratios_and_they_agree():
    scores, part = scored(national(spread=0.8))
    for unit in "abcdefgh":
        one, other = scores[f"odds_ratio.unit={unit}"], scores[f"conditional_odds_ratio.unit={unit}"]
        assert one.low < one.estimate < one.high
        assert other.low is None
        assert np.log(other.estimate) == pytest.approx(np.log(one.estimate), abs=0.1)
    assert scores["odds_ratio.unit=a"].high < 1 < scores["odds_ratio.unit=h"].low
    assert [card.id for card in part.cards] == ["consistency.matched"]


def test_the_ratio_is_that_of_strata_of_category_year_and_complexity():
    files = national(spread=0.5).at(AS_OF)
    judged = judged_allegations(files)
    scores, _part = scored(files)
    stratum = judged["category"] + judged["year"] + judged["complexity"]
    direct = mantel_haenszel(judged["found"], judged["unit"], stratum, cluster=judged["case_id"], level=0.95)[2]
    assert direct.unit == "C"
    assert scores["odds_ratio.unit=c"].estimate == direct.odds_ratio.estimate
    assert scores["odds_ratio.unit=c"].n == direct.n
    told = judged.groupby(stratum)[["unit", "found"]].nunique().min(axis=1) > 1
    assert scores["strata.all"].estimate == told.sum()
    assert scores["not_compared.all"].estimate == (~stratum.map(told)).sum()


def test_what_is_only_case_mix_is_no_difference_between_like_cases():
    rng = np.random.default_rng(5)
    unit = rng.choice(list("ABCDEF"), 3000)
    heavy = rng.random(3000) < np.where(unit == "A", 0.9, 0.2)
    found = rng.random(3000) < expit(np.where(heavy, 1.4, -1.4))
    scores, _part = scored(case_files(found, unit, complexity=np.where(heavy, "zwaar", "licht")), list("ABCDEF"))
    assert scores["odds_ratio.unit=a"].low < 1 < scores["odds_ratio.unit=a"].high


def test_without_characteristics_all_are_alike_and_the_card_says_so():
    scores, part = scored(replace(national(), absent=NO_CHARACTERISTICS))
    assert (scores["strata.all"].estimate, scores["not_compared.all"].estimate) == (1, 0)
    assert "Er zijn geen kenmerken geleverd" in part.cards[0].estimator["nl"]


def test_small_units_units_without_a_finding_and_units_that_are_all_or_nothing_have_a_reason():
    rng = np.random.default_rng(2)
    unit = np.repeat(["A", "B", "C", "D"], [300, 300, 40, 5])
    found = np.where(unit == "C", True, rng.random(645) < 0.5)
    scores, _part = scored(case_files(found, unit, category="x", complexity="licht"), list("ABCDE"))
    reasons = {unit: scores[f"odds_ratio.unit={unit}"].refusal for unit in "abcde"}
    assert reasons == {"a": None, "b": None, "c": "separation", "d": "too_few", "e": "too_few"}
    assert {scores[f"conditional_odds_ratio.unit={unit}"].refusal for unit in "cde"} == {"separation", "too_few"}


@pytest.mark.parametrize("unit", ["A", None])
def test_one_unit_or_none_is_one_refusal(unit):
    _scores, part = scored(case_files(np.tile([True, False], 50), np.full(100, unit, dtype=object)), ["A"])
    assert part.scores == ()
    assert [refusal.needs for refusal in part.refusals] == [("cases.unit",)]


def test_allegations_of_one_case_widen_the_interval():
    rng = np.random.default_rng(7)
    unit, found = np.repeat(UNITS, 60), rng.random(480) < 0.5
    twice = {"case_id": np.tile([f"Z{k}" for k in range(480)], 2), "category": "x", "complexity": "licht"}
    day = pd.Timestamp("2020-03-01")
    both = case_files(np.tile(found, 2), np.tile(unit, 2), opened_on=day, **twice)
    alone = case_files(np.tile(found, 2), np.tile(unit, 2), opened_on=day, category="x", complexity="licht")
    (wide, _part), (narrow, _other) = scored(both), scored(alone)
    one, other = wide["odds_ratio.unit=a"], narrow["odds_ratio.unit=a"]
    assert one.estimate == pytest.approx(other.estimate)
    assert np.log(one.high / one.low) == pytest.approx(np.sqrt(2) * np.log(other.high / other.low), rel=0.02)
