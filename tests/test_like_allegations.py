"""How surprising an outcome was among like allegations."""

import numpy as np
import pandas as pd
import pytest
from judged_case_files import AS_OF, case_files, national

from evaluation.consistency.finding_scores import compared_findings
from evaluation.consistency.judged import judged_allegations
from evaluation.consistency.like_allegations import case_scores, finding_surprise, most_alike, penalty_surprise
from evaluation.consistency.like_for_like import compared

COLUMNS = ["module", "measure", "case_id", "subject_id", "allegation_id", "value", "reference", "note"]


def scored(files) -> pd.DataFrame | None:
    cut = files.at(AS_OF)
    judged = judged_allegations(cut)
    return case_scores(cut, judged, compared_findings(cut, judged))


def test_every_finding_and_every_penalty_has_its_chance_and_its_like_ones():
    files = national(spread=1.0)
    scores = scored(files)
    assert list(scores.columns) == COLUMNS
    assert scores["measure"].value_counts().to_dict() == {
        "misconduct_found": 1600,
        # unconditional or not is not known in these case files, so dismissal is in no group
        "penalty_kind": int(files.allegations["final_penalty"].isin(["a", "geen"]).sum()),
    }
    assert scores["value"].between(0, 1).all()
    assert scores["reference"].isin([0, 0.2, 0.4, 0.6, 0.8, 1]).all()
    first = scores.iloc[0]
    assert len(first["note"].split()) == 5
    assert first["allegation_id"] not in first["note"]


def test_a_planted_surprise_is_surprising():
    rng = np.random.default_rng(3)
    heavy = rng.random(1500) < 0.5
    found = rng.random(1500) < np.where(heavy, 0.95, 0.05)
    files = case_files(found, rng.choice(list("ABCDEF"), 1500), complexity=np.where(heavy, "zwaar", "licht"))
    scores = scored(files).query("measure == 'misconduct_found'").set_index("allegation_id")["value"]
    strange = found != heavy
    assert scores[strange].max() < 0.2 < 0.8 < scores[~strange].min()


def test_the_chance_is_that_of_a_model_without_the_case():
    files = national(n=200).at(AS_OF)
    judged = judged_allegations(files)
    found = compared(judged.assign(hit=judged["found"]), ())
    value = finding_surprise(found)["value"].to_numpy()
    hits, n = judged["found"].sum(), len(judged)
    own = judged["found"].to_numpy()
    expected = np.where(own, (hits - 1) / (n - 1), (n - hits - 1) / (n - 1))
    assert value == pytest.approx(expected, abs=1e-4)


def test_like_penalties_are_nearest_in_the_chance_of_this_penalty():
    rng = np.random.default_rng(5)
    heavy = rng.random(1200) < 0.5
    final = np.where(rng.random(1200) < np.where(heavy, 0.9, 0.1), "f", "a")
    conditional = np.zeros(1200, dtype=bool)
    files = case_files(np.ones(1200, dtype=bool), rng.choice(list("ABC"), 1200), final_penalty=final,
                       complexity=np.where(heavy, "zwaar", "licht"), category="x").at(AS_OF)  # fmt: skip
    files.allegations["conditional"] = conditional
    scores = penalty_surprise(files, judged_allegations(files)).set_index("allegation_id")
    assert set(scores["measure"]) == {"penalty_kind"}
    usual = (final == "f") == heavy
    assert scores.loc[usual, "value"].min() > 0.7
    assert scores.loc[~usual, "value"].max() < 0.3
    assert scores.loc[usual, "reference"].mean() == pytest.approx(0.9, abs=0.05)
    assert scores["note"].str.contains(":tijd_of_geld").any()


def test_an_allegation_without_like_ones_has_no_reference():
    files = national(n=400)
    allegations = files.allegations.copy()
    allegations.loc[0, "category"] = "alone"
    files = files.at(AS_OF)
    files.allegations.loc[:, "category"] = allegations["category"]
    scores = scored(files).query("measure == 'misconduct_found'").set_index("allegation_id")
    row = scores.loc["G00000"]
    assert np.isnan(row["reference"])
    assert row["note"] == ""


@pytest.mark.parametrize(("final", "found"), [("a", "tile"), (None, "tile"), ("a", "few")])
def test_penalties_of_one_group_or_too_few_have_no_surprise(final, found):
    hits = np.tile([True, False], 100) if found == "tile" else np.arange(200) < 9
    files = case_files(hits, np.repeat(["A", "B"], 100), final_penalty=final).at(AS_OF)
    assert penalty_surprise(files, judged_allegations(files)) is None


def test_characteristics_that_decide_the_penalty_leave_nothing_to_say():
    category = np.repeat(["x", "x", "y", "y"], 50)
    weight = np.repeat(["licht", "zwaar", "licht", "zwaar"], 50)
    final = np.array(["a"] * 50 + ["a", "geen"] * 50 + ["geen"] * 50)
    files = case_files(np.ones(200, dtype=bool), np.tile(["A", "B"], 100), final_penalty=final, category=category,
                       complexity=weight, rank_band="brigadier", prior_measures=0,
                       opened_on=pd.Timestamp("2020-03-01")).at(AS_OF)  # fmt: skip
    assert penalty_surprise(files, judged_allegations(files)) is None


def test_without_a_case_mix_and_without_penalties_there_are_no_case_scores():
    assert scored(case_files(np.zeros(200, dtype=bool), np.repeat(["A", "B"], 100), final_penalty=None)) is None


def test_the_most_alike_are_those_that_a_search_of_all_pairs_finds():
    rng = np.random.default_rng(4)
    kind, chance = pd.Series(rng.choice(list("xy"), 120)), rng.random(120)
    case = pd.Series([f"Z{k // 2}" for k in range(120)])
    found = most_alike(kind, chance, case)
    for at in range(120):
        others = np.flatnonzero((kind == kind[at]) & (case != case[at]))
        nearest = others[np.argsort(np.abs(chance[others] - chance[at]))[:5]]
        assert set(found[at]) == set(nearest)
