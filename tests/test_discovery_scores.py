"""How many comparisons stand out, of all units and indicators."""

import numpy as np
import pytest
from judged_case_files import AS_OF, UNITS, case_files, national
from scipy import stats

from evaluation.consistency.discovery_scores import discovery_scores, dismissal_rows, unit_p_values
from evaluation.consistency.finding_scores import compared_findings
from evaluation.consistency.judged import judged_allegations
from evaluation.consistency.like_for_like import compared
from evaluation.consistency.penalty_scores import compared_penalties


def scored(files) -> dict:
    cut = files.at(AS_OF)
    judged = judged_allegations(cut)
    indicators = {"found": compared_findings(cut, judged), "penalised": compared_penalties(cut, judged)}
    part = discovery_scores(cut, judged, list(UNITS), indicators, as_of=AS_OF, level=0.95, span="x/y")
    assert all(score.id.endswith(".all") for score in part.scores)
    return {score.id.split(".")[2]: score for score in part.scores}


def test_planted_differences_are_discovered_and_counted_without_a_name():
    scores = scored(national(spread=1.0))
    assert scores["tested"].estimate == 16
    assert scores["expected_false"].estimate == 1  # 0.05 of 16, rounded
    assert 4 <= scores["discovered"].estimate <= scores["alone"].estimate


def test_when_no_unit_differs_hardly_anything_is_discovered():
    found = [scored(national(seed=seed, n=800)) for seed in range(12)]
    assert sum(one["discovered"].estimate > 0 for one in found) <= stats.binom.ppf(0.99, 12, 0.05)
    alone, comparisons = (sum(one[name].estimate for one in found) for name in ("alone", "tested"))
    assert alone <= stats.binom.ppf(0.99, comparisons, 0.05)


def test_the_chances_are_those_behind_the_funnel():
    files = national(spread=0.6).at(AS_OF)
    judged = judged_allegations(files).assign(hit=lambda rows: rows["found"])
    found = unit_p_values({"found": compared(judged, ())}, list(UNITS)).table.set_index("comparison")["p_value"]
    counts = judged.groupby("unit")["hit"].agg(["sum", "size"])
    share = judged["hit"].mean()
    for unit, (hits, size) in counts.iterrows():
        tails = stats.binom.cdf(hits, size, share), stats.binom.sf(hits - 1, size, share)
        assert found[(unit, "found")] == pytest.approx(min(1, 2 * min(tails)))


def test_dismissal_is_compared_where_it_is_known_whether_it_is_conditional():
    rng = np.random.default_rng(1)
    conditional = rng.choice(np.array([True, False, None], dtype=object), 900)
    files = case_files(rng.random(900) < 0.6, rng.choice(list(UNITS), 900)).at(AS_OF)
    files.allegations["conditional"] = conditional
    judged = judged_allegations(files)
    rows = dismissal_rows(files, judged)
    assert rows["penalty"].isin(["a", "j"]).all()
    assert rows["conditional"].notna().all()
    assert rows["hit"].sum() == ((rows["penalty"] == "j") & (rows["conditional"] == False)).sum()  # noqa: E712
    assert scored(files)["tested"].estimate == 24


def test_nothing_to_compare_is_too_few():
    scores = scored(case_files(np.ones(200, dtype=bool), np.repeat("A", 200), final_penalty=None))
    assert {score.refusal for score in scores.values()} == {"too_few"}
