"""Units compared by groups of outcomes without an order."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from data_contracts.case_files import CaseFiles
from data_contracts.example import example_tables
from evaluation.consistency.penalty_ranking import load_groups
from evaluation.consistency.unordered_outcome import unordered_by_unit
from evaluation.refusals import REASONS
from tests.test_proportional_odds import HOUSING, housing


def planted(seed: int, *, effect: float = 0.0, case_sd: float = 0.0, cases: int = 300) -> tuple:
    rng = np.random.default_rng(seed)
    unit_of_case = rng.integers(0, 4, cases)
    heavy = rng.random(cases) < 0.4
    case = np.repeat(np.arange(cases), rng.integers(1, 4, cases))
    lean = (effect * (unit_of_case == 0) + heavy + rng.normal(0, case_sd, cases))[case]
    eta = np.column_stack([np.zeros(len(case)), 0.2 + lean, -0.3 + lean / 2]) + rng.gumbel(size=(len(case), 3))
    group = np.array(["berisping", "ontslag", "overig"])[eta.argmax(axis=1)]
    return group, np.array(list("ABCD"))[unit_of_case[case]], pd.DataFrame({"zwaar": heavy[case].astype(str)}), case


def test_the_housing_test_is_that_of_r_and_the_score_test_is_close():
    # R: 2 * (logLik(multinom(Sat ~ Infl + Type + Cont)) - logLik(multinom(Sat ~ Infl + Cont)))  -> 62.226922, df 6
    y, _x = housing()
    at = np.arange(72)
    mix = pd.DataFrame({"influence": (at // 3 % 3).astype(str), "contact": (at // 36).astype(str)})
    rows = np.repeat(at, HOUSING)
    found = unordered_by_unit(y[rows], (at // 9 % 4)[rows], mix.iloc[rows], level=0.95)
    assert found.likelihood_ratio.statistic == pytest.approx(2 * (1766.155394 - 1735.041933), abs=1e-5)
    assert (found.likelihood_ratio.df, found.score.df) == (6, 6)
    assert found.score.statistic == pytest.approx(found.likelihood_ratio.statistic, rel=0.05)


def test_without_case_mix_the_score_test_is_pearsons_chi_square():
    group, unit, _mix, _case = planted(1)
    found = unordered_by_unit(group, unit, level=0.95)
    pearson = stats.chi2_contingency(pd.crosstab(unit, group))
    assert found.score.statistic == pytest.approx(pearson.statistic)
    assert found.table["expected"].astype(float).to_numpy().reshape(4, 3) == pytest.approx(pearson.expected_freq)


def test_observed_and_expected_add_up_over_units_and_follow_the_model():
    group, unit, mix, case = planted(2, effect=2.0)
    found = unordered_by_unit(group, unit, mix, level=0.95, cluster=case)
    sums = found.table.groupby("group")[["observed", "expected"]].sum().astype(float)
    assert sums["observed"].to_numpy() == pytest.approx(sums["expected"].to_numpy())
    design = sm.add_constant((mix["zwaar"] == "True").astype(float).to_numpy())
    codes = pd.Categorical(group).codes
    oracle = pd.DataFrame(sm.MNLogit(codes, design).fit(disp=0).predict()).groupby(unit).sum()
    assert found.table["expected"].astype(float).to_numpy() == pytest.approx(oracle.to_numpy().ravel(), abs=1e-5)
    assert found.score.p_value < 0.001
    assert found.clustered_score.p_value < 0.001


def test_false_alarms_are_nominal_with_clusters_and_too_many_without():
    alarms = np.zeros(2)
    for seed in range(150):
        group, unit, mix, case = planted(seed + 50, case_sd=3.0, cases=150)
        found = unordered_by_unit(group, unit, mix, level=0.95, cluster=case)
        alarms += [found.clustered_score.p_value < 0.05, found.score.p_value < 0.05]
    assert alarms[0] <= 15
    assert alarms[1] >= 15


def test_a_unit_that_never_gave_a_penalty_has_no_likelihood_and_still_a_test():
    group, unit, mix, case = planted(3)
    group = np.where((unit == "B") & (group == "overig"), "ontslag", group)
    found = unordered_by_unit(group, unit, mix, level=0.95, cluster=case)
    assert found.likelihood_ratio.refusal == "separation"
    assert found.score.statistic > 0
    row = found.table[(found.table["unit"] == "B") & (found.table["group"] == "overig")].iloc[0]
    assert (row["observed"], row["share"], row["low"]) == (0, 0, 0)
    assert row["expected"] > 1


def test_a_small_unit_keeps_its_counts_and_loses_its_shares():
    group, unit, mix, _case = planted(4)
    unit = unit.copy()
    unit[np.flatnonzero(unit == "D")[4:]] = "A"
    table = unordered_by_unit(group, unit, mix, level=0.95).table
    small = table[table["unit"] == "D"]
    assert small["refusal"].tolist() == ["too_few"] * 3
    assert small["share"].isna().all()
    assert small["observed"].sum() == 4


@pytest.mark.parametrize(
    ("group", "unit", "reason"),
    [
        (["a", "b"] * 3, ["A", "B"] * 3, "too_few"),
        (["a"] * 40, ["A", "B"] * 20, "no_variation"),
        (["a", "b"] * 20, ["A"] * 40, "not_estimable"),
        ([None] * 20, ["A"] * 20, "too_few"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_a_reason(group, unit, reason):
    found = unordered_by_unit(group, unit, level=0.95)
    assert found.refusal == found.score.refusal == reason
    assert reason in REASONS
    assert found.table["expected"].isna().all()


def test_the_groups_of_the_example_are_expected_as_planted():
    tables, _truth = example_tables(seed=5, cases_per_year=400)
    files = CaseFiles(**tables).at(date(2025, 12, 31))
    cases = files.cases.set_index("case_id")
    rows = files.allegations[files.allegations["final_penalty"].notna()]
    groups = load_groups().groups(rows["final_penalty"], rows["conditional"])
    mix = pd.DataFrame({"complexity": rows["case_id"].map(cases["complexity"])})
    found = unordered_by_unit(groups, rows["case_id"].map(cases["unit"]), mix, level=0.95, cluster=rows["case_id"])
    assert found.refusal is None
    assert set(found.table["group"]) == set(load_groups().titles)
    assert found.clusters < found.n
