"""Outcome consistency, from case files to scores."""

from dataclasses import replace
from datetime import date
from time import process_time

import numpy as np
import pandas as pd
import pytest
from judged_case_files import AS_OF, NO_CHARACTERISTICS, UNITS, by_id, case_files, national, run
from scipy.special import expit

from data_contracts.case_files import CaseFiles
from evaluation.consistency import evaluate, judged_allegations
from evaluation.consistency.like_for_like import MINIMUM_UNITS
from evaluation.refusals import REASONS
from evaluation.scores import ModuleResult, scores_table


@pytest.fixture(scope="module")
def spread_out() -> ModuleResult:
    return run(national(spread=1.0))


def test_every_score_has_one_id_and_a_card_and_either_a_number_or_a_reason(spread_out):
    assert scores_table(spread_out.scores)["id"].is_unique
    cards = [card.id for card in spread_out.cards]
    assert sorted(cards) == sorted(set(cards)) == sorted({score.estimand for score in spread_out.scores})
    for score in spread_out.scores:
        assert (score.estimate is None) == (score.refusal is not None)
        assert score.refusal is None or score.refusal in REASONS
        assert score.id == score.id.lower()
        assert score.period == "2018-01-01/2022-12-31"


def test_the_scores_the_book_asks_for_are_there(spread_out):
    scores = by_id(spread_out)
    wanted = ["share", "observed_expected", "adjusted_share", "funnel_low_95", "funnel_high_95", "funnel_low_998",
              "funnel_high_998", "expected_share", "shrunken_odds_ratio", "reliability"]  # fmt: skip
    for unit in "abcdefgh":
        for statistic in wanted:
            assert scores[f"misconduct_found.{statistic}.unit={unit}"].estimate is not None
    for statistic in ("share", "sigma", "icc", "median_odds_ratio", "outside_95", "outside_998"):
        assert scores[f"misconduct_found.{statistic}.all"].estimate is not None
    for year in (2018, 2019, 2020, 2021):
        assert scores[f"misconduct_found.share.year={year}"].denominator > 0


def test_the_units_stand_in_order_of_their_code_and_never_of_their_number(spread_out):
    units = [score.group for score in spread_out.scores if ".misconduct_found.share.unit=" in score.id]
    assert units == sorted(units)


def test_crude_shares_of_units_add_up_to_the_whole(spread_out):
    scores = by_id(spread_out)
    units = [scores[f"misconduct_found.share.unit={u}"] for u in "abcdefgh"]
    whole = scores["misconduct_found.share.all"]
    assert sum(s.numerator for s in units) == whole.numerator
    assert sum(s.denominator for s in units) == whole.denominator == 1600


def test_the_expected_counts_of_all_units_add_up_to_the_observed_count(spread_out):
    scores = by_id(spread_out)
    expected = sum(s.estimate * s.n for u in "abcdefgh" if (s := scores[f"misconduct_found.expected_share.unit={u}"]))
    assert expected == pytest.approx(scores["misconduct_found.share.all"].numerator)


def test_the_adjusted_share_is_the_ratio_times_the_overall_share_and_outside_counts_agree(spread_out):
    scores = by_id(spread_out)
    outside = {"95": 0, "998": 0}
    for unit in "abcdefgh":
        value = {k: scores[f"misconduct_found.{k}.unit={unit}"].estimate for k in
                 ("observed_expected", "adjusted_share", "share", "expected_share")}  # fmt: skip
        assert value["observed_expected"] == pytest.approx(value["share"] / value["expected_share"])
        overall = scores["misconduct_found.share.all"].estimate
        assert value["adjusted_share"] == pytest.approx(value["observed_expected"] * overall)
        for level in outside:
            low, high = (scores[f"misconduct_found.funnel_{e}_{level}.unit={unit}"].estimate for e in ("low", "high"))
            outside[level] += not low <= value["adjusted_share"] <= high
    assert scores["misconduct_found.outside_95.all"].estimate == outside["95"] > 2
    assert scores["misconduct_found.outside_998.all"].estimate == outside["998"]


def test_a_planted_spread_between_units_is_found(spread_out):
    scores = by_id(spread_out)
    planted = np.linspace(-1.5, 1.5, 8).std()
    sigma = scores["misconduct_found.sigma.all"]
    assert sigma.low < planted < sigma.high
    assert sigma.estimate == pytest.approx(planted, abs=0.15)
    low, high = (scores[f"misconduct_found.shrunken_odds_ratio.unit={unit}"] for unit in "ah")
    assert low.high < 1 < high.low
    assert scores["misconduct_found.reliability.unit=a"].estimate > 0.8


def test_without_a_planted_spread_the_units_are_alike():
    scores = by_id(run(national(seed=3)))
    assert scores["misconduct_found.sigma.all"].low == 0
    assert scores["misconduct_found.outside_998.all"].estimate == 0


def test_a_spread_of_nought_gives_odds_ratios_of_one_without_an_interval():
    found, unit = np.tile([True, False], 400), np.repeat(UNITS, 100)
    scores = by_id(run(case_files(found, unit)))
    assert scores["misconduct_found.sigma.all"].estimate == 0
    ratio = scores["misconduct_found.shrunken_odds_ratio.unit=a"]
    assert (ratio.estimate, ratio.low, ratio.high) == (1, None, None)


def test_the_surgical_funnel_comes_out_of_whole_case_files():
    # BUGS "surgical", each operation a case, no characteristics delivered
    n = [47, 148, 119, 810, 211, 196, 148, 215, 207, 97, 256, 360]
    r = [0, 18, 8, 46, 8, 13, 9, 31, 14, 8, 29, 24]
    found = np.concatenate([np.arange(size) < hits for size, hits in zip(n, r, strict=True)])
    files = case_files(found, np.repeat(list("ABCDEFGHIJKL"), n))
    scores = by_id(run(replace(files, absent=NO_CHARACTERISTICS)))
    assert scores["misconduct_found.outside_95.all"].estimate == 4
    assert scores["misconduct_found.outside_998.all"].estimate == 1
    assert scores["misconduct_found.expected_share.unit=a"].estimate == pytest.approx(208 / 2814)
    low, high = (scores[f"misconduct_found.funnel_{e}_998.unit=h"].estimate for e in ("low", "high"))
    assert not low <= scores["misconduct_found.adjusted_share.unit=h"].estimate <= high


def test_a_difference_that_is_only_case_mix_disappears_in_the_adjusted_share():
    rng = np.random.default_rng(5)
    n = 3000
    unit = rng.choice(list("ABCDEF"), n)
    heavy = rng.random(n) < np.where(unit == "A", 0.9, 0.2)
    found = rng.random(n) < np.where(heavy, 0.8, 0.2)
    scores = by_id(run(case_files(found, unit, complexity=np.where(heavy, "zwaar", "licht"))))
    crude, adjusted = (scores[f"misconduct_found.{s}.unit=a"] for s in ("share", "adjusted_share"))
    overall = scores["misconduct_found.share.all"].estimate
    assert crude.low > overall + 0.2
    assert adjusted.low < overall < adjusted.high


def test_only_disciplinary_cases_count_where_the_kind_is_delivered():
    files = national()
    cases = files.cases.copy()
    cases.loc[:99, "kind"] = "klacht"
    assert by_id(run(replace(files, cases=cases)))["misconduct_found.share.all"].n == 1500
    cases["kind"] = pd.Series(np.nan, index=cases.index, dtype="str")
    result = run(replace(files, cases=cases))
    assert by_id(result)["misconduct_found.share.all"].n == 1600
    assert "de soort is niet geleverd" in result.cards[0].population["nl"]


def test_only_findings_on_the_substance_count():
    files = national()
    allegations = files.allegations.copy()
    others = ["geen_onderzoek", "overgedragen", "beeindigd_eigen_ontslag", "onbekend", None]
    for at, finding in enumerate(others):
        allegations.loc[at, "finding"] = finding
    allegations.loc[5, "finding"] = "strafbaar_feit"
    allegations.loc[6, "finding"] = "geen_plichtsverzuim"
    judged = judged_allegations(replace(files, allegations=allegations).at(AS_OF))
    assert len(judged) == 1595
    found = judged.set_index("allegation_id")["found"]
    assert found["G00005"]
    assert not found["G00006"]


def test_characteristics_that_were_not_delivered_are_named_on_the_card():
    files = national()
    result = run(replace(files, subjects=None, absent={"subjects": ""}))
    assert "Niet geleverd en dus niet meegenomen: rangband, eerdere maatregelen." in result.cards[0].estimator["nl"]
    assert "Not delivered, so left out: rank band, prior measures." in result.cards[0].estimator["en"]
    assert by_id(result)["misconduct_found.observed_expected.unit=a"].estimate is not None


def test_an_export_without_subjects_complexity_kind_or_penalty_is_scored():
    files = national(spread=0.8)
    cases, allegations = files.cases.copy(), files.allegations.copy()
    for name in ("kind", "complexity", "category"):
        cases[name] = pd.Series(np.nan, index=cases.index, dtype="str")
    for name in ("subject_id", "final_penalty", "first_penalty"):
        allegations[name] = pd.Series(np.nan, index=allegations.index, dtype="str")
    result = run(replace(files, cases=cases, allegations=allegations, subjects=None))
    assert by_id(result)["misconduct_found.sigma.all"].estimate > 0.5
    assert {"consistency.registration", "consistency.penalty"} <= {refusal.measure for refusal in result.refusals}


def test_a_small_unit_is_refused_and_the_others_are_not():
    files = national()
    cases = files.cases.copy()
    cases.loc[:8, "unit"] = "TINY"
    scores = by_id(run(replace(files, cases=cases)))
    tiny = [score for key, score in scores.items() if key.endswith("unit=tiny") and "misconduct_found" in key]
    assert len(tiny) == 10
    assert {(s.estimate, s.low, s.numerator, s.refusal, s.n) for s in tiny} == {(None, None, None, "too_few", 9)}
    assert scores["misconduct_found.share.unit=a"].estimate is not None


def test_a_unit_without_any_finding_is_refused_too():
    files = national()
    allegations = files.allegations.copy()
    in_a = files.cases["unit"] == "A"
    allegations.loc[in_a, "finding"] = "onbekend"
    scores = by_id(run(replace(files, allegations=allegations)))
    assert scores["misconduct_found.share.unit=a"].refusal == "too_few"
    assert scores["misconduct_found.adjusted_share.unit=a"].n == 0


def refusals_of_the_model(files: CaseFiles) -> set:
    scores = by_id(run(files))
    names = ["observed_expected.unit=a", "shrunken_odds_ratio.unit=a", "sigma.all", "median_odds_ratio.all",
             "outside_95.all"]  # fmt: skip
    return {scores[f"misconduct_found.{name}"].refusal for name in names}


def test_no_misconduct_found_at_all_is_a_share_of_nought_and_no_comparison():
    files = case_files(np.zeros(200, dtype=bool), np.repeat(["A", "B"], 100))
    assert by_id(run(files))["misconduct_found.share.all"].estimate == 0
    assert refusals_of_the_model(files) == {"no_variation"}


def test_misconduct_always_found_leaves_nothing_to_compare():
    files = case_files(np.ones(200, dtype=bool), np.repeat(["A", "B"], 100))
    assert by_id(run(files))["misconduct_found.share.all"].estimate == 1
    assert refusals_of_the_model(files) == {"no_variation"}


def test_one_unit_has_a_share_and_no_comparison():
    files = case_files(np.tile([True, False], 100), np.repeat("A", 200))
    assert by_id(run(files))["misconduct_found.share.unit=a"].estimate == 0.5
    assert refusals_of_the_model(files) == {"not_estimable"}


def test_too_few_allegations_in_all_refuse_everything():
    files = case_files(np.tile([True, False], 4), np.repeat(["A", "B"], 4))
    assert by_id(run(files))["misconduct_found.share.all"].refusal == "too_few"
    assert refusals_of_the_model(files) == {"too_few"}
    assert run(files).case_scores is None


def test_separation_is_reported_and_the_crude_shares_remain():
    # kind and complexity together decide the outcome at both ends, neither does alone
    category, weight = np.repeat(["x", "x", "y", "y"], 50), np.repeat(["licht", "zwaar", "licht", "zwaar"], 50)
    found = np.concatenate([np.zeros(50), np.tile([1, 0], 50), np.ones(50)]).astype(bool)
    files = case_files(found, np.tile(["A", "B"], 100), category=category, complexity=weight)
    only = dict.fromkeys(("cases.opened_on", "subjects.rank_band", "subjects.prior_measures"), "")
    files = replace(files, absent=only)
    assert refusals_of_the_model(files) == {"separation"}
    assert by_id(run(files))["misconduct_found.share.unit=a"].estimate == 0.75


def test_units_that_are_all_or_nothing_separate_the_spread():
    unit = np.repeat(list("ABCDEF"), 30)
    files = case_files(np.isin(unit, ["A", "C", "E"]), unit)
    assert by_id(run(files))["misconduct_found.sigma.all"].refusal == "separation"


def test_a_spread_over_fewer_units_than_the_minimum_is_refused_and_the_funnel_is_not():
    unit = np.repeat(list("ABCDEFGH")[: MINIMUM_UNITS - 1], 50)
    scores = by_id(run(case_files(np.tile([True, False], len(unit) // 2), unit)))
    assert scores["misconduct_found.sigma.all"].refusal == "not_estimable"
    assert scores["misconduct_found.shrunken_odds_ratio.unit=a"].refusal == "not_estimable"
    assert scores["misconduct_found.adjusted_share.unit=a"].estimate is not None


def test_a_spread_that_the_data_do_not_bound_is_refused():
    # six units, four of them all or nothing, the others but for one case
    unit = np.repeat(list("ABCDEF"), 20)
    found = np.isin(unit, ["B", "D", "F"])
    found[[80, 100]] = [True, False]
    scores = by_id(run(replace(case_files(found, unit), absent=NO_CHARACTERISTICS)))
    assert scores["misconduct_found.sigma.all"].refusal == "not_estimable"
    assert scores["misconduct_found.shrunken_odds_ratio.unit=e"].refusal == "not_estimable"
    assert scores["misconduct_found.outside_998.all"].estimate == 6


@pytest.mark.parametrize("absent", ["allegations", "allegations.finding"])
def test_without_allegations_or_findings_the_module_says_what_is_missing(absent):
    files = national()
    if absent == "allegations":
        files = replace(files, allegations=None)
    else:
        nothing = pd.Series(np.nan, index=files.allegations.index, dtype="str")
        files = replace(files, allegations=files.allegations.assign(finding=nothing))
    result = run(files)
    assert by_id(result)["misconduct_found.share.all"].refusal == "absent"
    (refusal,) = [r for r in result.refusals if r.measure == "consistency.misconduct_found"]
    assert refusal.needs == (absent,)
    assert refusal.reason["nl"].endswith(".")
    assert not refusal.misleading
    assert result.case_scores is None


def test_without_penalties_the_reason_is_given():
    files = national()
    nothing = pd.Series(np.nan, index=files.allegations.index, dtype="str")
    result = run(replace(files, allegations=files.allegations.assign(final_penalty=nothing)))
    (refusal,) = [r for r in result.refusals if r.measure == "consistency.penalty"]
    assert refusal.reason["nl"].startswith("De levering bevat geen straffen.")
    assert not any("penalty" in score.id for score in result.scores)


def test_the_share_with_a_penalty_counts_known_outcomes_of_found_misconduct():
    found = np.repeat([True, False], [40, 60])
    final = np.array(["a"] * 15 + ["geen"] * 10 + ["waarschuwing"] * 5 + [None] * 10 + ["a"] * 60, dtype=object)
    first = np.array([None] * 30 + ["j"] * 4 + [None] * 66, dtype=object)
    scores = by_id(run(case_files(found, np.tile(["A", "B"], 50), final_penalty=final, first_penalty=first)))
    share = scores["penalty_given_finding.share.all"]
    assert (share.numerator, share.denominator) == (19, 34)  # 15 final, 4 only first; 6 unknown
    assert scores["penalty_given_finding.share.unit=a"].denominator == 17


def staffed(files: CaseFiles) -> CaseFiles:
    years = range(2018, 2023)
    staffing = pd.DataFrame([(u, y, 500) for u in UNITS[:-1] for y in years], columns=["unit", "year", "headcount"])
    signals = pd.DataFrame(
        {
            "signal_id": [f"M{k}" for k in range(60)],
            "unit": ["A"] * 55 + ["B"] * 5,
            "case_id": pd.Series(pd.NA, index=range(60), dtype="str"),
            "triage_outcome": pd.Series("terzijde", index=range(60), dtype="str"),
            "received_on": pd.to_datetime(["2019-06-01"] * 60).astype("datetime64[s]"),
        }
    )
    return replace(files, staffing=staffing.astype({"year": "Int64", "headcount": "Int64"}), signals=signals)


def test_the_registration_guard_counts_per_thousand_staff_years():
    files = staffed(national())
    scores = by_id(run(files))
    opened = int((files.cases["unit"] == "A").sum())
    rate = scores["registration.investigations_per_1000.unit=a"]
    assert (rate.numerator, rate.denominator) == (opened, 2500)
    assert rate.estimate == pytest.approx(1000 * opened / 2500)
    assert rate.low < rate.estimate < rate.high
    assert scores["registration.signals_per_1000.unit=a"].estimate == pytest.approx(22)
    assert scores["registration.signals_per_1000.unit=b"].refusal == "too_few"
    assert scores["registration.investigations_per_1000.unit=h"].refusal == "absent"


def test_the_registration_guard_uses_whole_years_only():
    files = staffed(national())
    middle = date(2021, 6, 30)
    delivery = files.delivery.assign(extracted_at=pd.to_datetime(["2021-06-30"]))
    scores = by_id(evaluate(replace(files, delivery=delivery).at(middle), as_of=middle, level=0.95))
    rate = scores["registration.investigations_per_1000.unit=a"]
    in_a = files.cases[files.cases["unit"] == "A"]
    assert rate.denominator == 1500
    assert rate.numerator == int((in_a["opened_on"].dt.year <= 2020).sum())


def test_missing_and_unknown_findings_of_closed_cases_are_counted():
    files = national()
    allegations, cases = files.allegations.copy(), files.cases.copy()
    in_a = np.flatnonzero(files.cases["unit"] == "A")
    allegations.loc[in_a[:3], "finding"] = None
    allegations.loc[in_a[3:5], "finding"] = "onbekend"
    cases.loc[in_a[5:9], "closed_on"] = pd.NaT
    score = by_id(run(replace(files, allegations=allegations, cases=cases)))["registration.missing_finding.unit=a"]
    assert (score.numerator, score.denominator) == (5, len(in_a) - 4)


@pytest.mark.parametrize("gone", [("staffing",), ("signals",), ("staffing", "signals")])
def test_an_absent_denominator_is_named_in_the_guard(gone):
    result = run(replace(staffed(national()), **dict.fromkeys(gone)))
    (refusal,) = [r for r in result.refusals if r.measure == "consistency.registration"]
    assert refusal.needs == gone


@pytest.mark.parametrize("units", [13, 80])
def test_six_thousand_allegations_are_scored_in_seconds(units):
    rng = np.random.default_rng(6)
    at = rng.integers(0, units, 6000)
    names = np.array([f"U{k:02d}" for k in range(units)])
    files = case_files(rng.random(6000) < expit(rng.normal(0, 0.4, units)[at]), names[at])
    start = process_time()
    result = run(files)
    assert process_time() - start < 15  # seconds of CPU; two on an idle machine
    assert by_id(result)["misconduct_found.sigma.all"].estimate > 0.2
