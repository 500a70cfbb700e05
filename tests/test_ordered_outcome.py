"""Units compared by an ordered outcome, for like cases."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from data_contracts.case_files import CaseFiles
from data_contracts.example import example_tables
from evaluation.consistency.ordered_outcome import ordered_by_unit
from evaluation.refusals import REASONS
from evaluation.units.cluster_allowance import resampled_cases

CUTS = [-1.0, 0.0, 1.2]


def planted(
    seed: int, *, effect: float = 0.0, confounded: bool = False, case_sd: float = 0.0, cases: int = 400
) -> tuple:
    rng = np.random.default_rng(seed)
    unit_of_case = rng.integers(0, 5, cases)
    heavy = rng.random(cases) < (np.where(unit_of_case == 0, 0.8, 0.3) if confounded else 0.4)
    size = rng.integers(1, 3, cases)
    case = np.repeat(np.arange(cases), size)
    shift = (effect * (unit_of_case == 0) + 1.5 * heavy + rng.normal(0, case_sd, cases))[case]
    rank = np.searchsorted(CUTS, shift + rng.logistic(size=len(case)))
    levels = pd.DataFrame({"complexity": np.where(heavy[case], "zwaar", "licht")})
    return rank, np.array(list("ABCDE"))[unit_of_case[case]], levels, case


def test_a_planted_effect_of_a_unit_lies_in_its_interval():
    rank, unit, levels, case = planted(1, effect=0.8, cases=1500)
    found = ordered_by_unit(rank, unit, levels, level=0.95, cluster=case)
    first = found.units[0]
    share = (unit == "A").mean()
    low, high = np.log(first.odds_ratio.interval)
    assert low < 0.8 * (1 - share) < high  # against the average of the units, itself included
    assert first.win.interval.low > 0.5
    assert found.likelihood_ratio.p_value < 1e-4
    assert found.clustered_score.p_value < 1e-4
    assert found.proportional_odds.p_value > 0.001
    assert (found.n, found.clusters, found.missing, found.categories) == (len(rank), 1500, 0, (0.0, 1.0, 2.0, 3.0))


def test_a_difference_that_is_only_case_mix_disappears():
    rank, unit, levels, case = planted(2, confounded=True, cases=1500)
    crude = ordered_by_unit(rank, unit, level=0.95, cluster=case).units[0]
    adjusted = ordered_by_unit(rank, unit, levels, level=0.95, cluster=case).units[0]
    assert crude.win.interval.low > 0.53
    assert adjusted.win.interval.low < 0.5 < adjusted.win.interval.high
    assert adjusted.odds_ratio.interval.low < 1 < adjusted.odds_ratio.interval.high


def test_without_case_mix_the_win_probability_is_the_one_against_everybody_by_pairs():
    rank, unit, _levels, _case = planted(3, effect=0.5)
    found = ordered_by_unit(rank, unit, level=0.95)
    for one in found.units:
        mine = rank[unit == one.unit][:, None]
        assert one.win.estimate == pytest.approx(((mine > rank) + (mine == rank) / 2).mean(), abs=1e-6)


def test_wins_of_all_units_average_to_one_half():
    rank, unit, levels, case = planted(4, effect=1.0)
    found = ordered_by_unit(rank, unit, levels, level=0.95, cluster=case)
    assert sum(one.n * one.win.estimate for one in found.units) / found.n == pytest.approx(0.5, abs=0.01)


def test_the_sandwich_is_as_wide_as_a_bootstrap_of_cases():
    rank, unit, levels, case = planted(5, effect=0.5, case_sd=1.0)
    found = ordered_by_unit(rank, unit, levels, level=0.95, cluster=case)
    rng = np.random.default_rng(0)
    wins, ratios = [], []
    for _turn in range(100):
        rows = resampled_cases(unit, case, rng)
        again = ordered_by_unit(rank[rows], unit[rows], levels.iloc[rows], level=0.95)
        wins.append(again.units[0].win.estimate)
        ratios.append(np.log(again.units[0].odds_ratio.estimate))
    win, ratio = found.units[0].win, found.units[0].odds_ratio
    df = found.units[0].clusters - 1
    error = np.diff(np.log(np.array(win.interval) / (1 - np.array(win.interval))))[0] / 2 / stats.t.isf(0.025, df)
    assert np.std(wins) == pytest.approx(error * win.estimate * (1 - win.estimate), rel=0.25)
    assert np.std(ratios) == pytest.approx(np.diff(np.log(ratio.interval))[0] / 2 / 1.96, rel=0.25)


def test_false_alarms_are_nominal_with_clusters_and_too_many_without():
    alarms = np.zeros(3)
    for seed in range(120):
        rank, unit, levels, case = planted(seed + 100, case_sd=2.0, cases=200)
        found = ordered_by_unit(rank, unit, levels, level=0.95, cluster=case)
        interval = found.units[1].win.interval
        alarms += [
            not interval.low <= 0.5 <= interval.high,
            found.clustered_score.p_value < 0.05,
            found.likelihood_ratio.p_value < 0.05,
        ]
    assert alarms[0] <= 13
    assert alarms[1] <= 15
    assert alarms[2] > alarms[1]


def test_a_unit_below_the_minimum_and_a_unit_of_one_extreme_are_refused_and_the_others_are_not():
    rank, unit, levels, case = planted(6)
    unit = unit.copy().astype(object)
    unit[np.flatnonzero(unit == "B")[5:]] = "A"
    rank = np.where(unit == "C", 3, rank)
    found = {one.unit: one for one in ordered_by_unit(rank, unit, levels, level=0.95, cluster=case).units}
    assert (found["B"].win.refusal, found["B"].odds_ratio.refusal, found["B"].n) == ("too_few", "too_few", 5)
    assert found["C"].odds_ratio.refusal == "separation"
    assert found["C"].win.interval.low > 0.5
    assert found["A"].odds_ratio.refusal is found["D"].odds_ratio.refusal is None


@pytest.mark.parametrize(
    ("rank", "unit", "levels", "reason"),
    [
        ([1, 2] * 3, ["A", "B"] * 3, None, "too_few"),
        ([1] * 40, ["A", "B"] * 20, None, "no_variation"),
        ([1, 2] * 20, ["A"] * 40, None, "not_estimable"),
        ([None] * 40, ["A"] * 40, None, "too_few"),
        ([1] * 15 + [2] * 15 + [2] * 15 + [3] * 15, ["A", "B"] * 30, ["x"] * 30 + ["y"] * 30, "separation"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_a_reason(rank, unit, levels, reason):
    mix = None if levels is None else pd.DataFrame({"kind": levels})
    found = ordered_by_unit(rank, unit, mix, level=0.95)
    assert found.refusal == reason
    assert reason in REASONS
    assert all(one.win.refusal and one.win.estimate is None for one in found.units)
    assert found.clustered_score.refusal == reason


def test_a_unit_that_the_case_mix_names_already_has_no_odds_ratio_and_still_a_win():
    rank, unit, _levels, case = planted(7)
    found = ordered_by_unit(rank, unit, pd.DataFrame({"place": unit}), level=0.95, cluster=case)
    assert {one.odds_ratio.refusal for one in found.units} == {"not_estimable"}
    assert all(one.win.estimate == pytest.approx(0.5, abs=0.03) for one in found.units)


def test_missing_characteristics_are_a_level_and_sparse_ones_are_put_together():
    rank, unit, levels, case = planted(8)
    levels = levels.assign(rank_band=np.where(np.arange(len(rank)) % 3 == 0, None, "agent"))
    levels.loc[:4, "complexity"] = "zeldzaam"
    found = ordered_by_unit(rank, unit, levels, level=0.95, cluster=case)
    assert found.pooled["complexity"] == ("zeldzaam",)
    assert found.pooled["rank_band"] == ()


def test_the_planted_severity_of_units_is_recovered_from_the_example():
    tables, truth = example_tables(seed=5, cases_per_year=1000)
    files = CaseFiles(**tables).at(date(2025, 12, 31))
    cases = files.cases.set_index("case_id")
    rows = files.allegations[files.allegations["advised_penalty"].notna()].drop_duplicates(["case_id", "subject_id"])
    scale = {step["code"]: at for at, step in enumerate(truth["penalty"]["scale"])} | {"k": 14}
    rank = rows["advised_penalty"].map(scale)  # advised, so the planted model itself; j stands for both conditions
    facts = rows.merge(
        files.subjects[["case_id", "subject_id", "prior_measures"]], on=["case_id", "subject_id"], how="left"
    )
    mix = pd.DataFrame(
        {
            "complexity": facts["case_id"].map(cases["complexity"]),
            "prior": facts["prior_measures"].clip(upper=2).astype("string"),
        }
    )
    units = facts["case_id"].map(cases["unit"])
    found = ordered_by_unit(rank.to_numpy(), units.to_numpy(), mix, level=0.95, cluster=facts["case_id"].to_numpy())
    kept = [one for one in found.units if one.odds_ratio.estimate and one.n >= 100]
    effect = np.array([truth["penalty"]["unit_effect"][one.unit] for one in kept])
    estimate = np.log([one.odds_ratio.estimate for one in kept])
    assert np.corrcoef(effect, estimate)[0, 1] > 0.7
    assert np.mean(np.abs(estimate - (effect - np.average(effect, weights=[one.n for one in kept])))) < 0.1
