"""Matched comparison of units."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from statsmodels.stats.contingency_tables import StratifiedTable

from data_contracts.errors import WrongUse
from evaluation.consistency.conditional_logit import conditional_logit
from evaluation.consistency.matched import conditional_odds_ratio, mantel_haenszel, strata
from evaluation.units.cluster_allowance import resampled_cases

# R: UCBAdmissions, by department: admitted and rejected men, admitted and rejected women
BERKELEY = [(512, 313, 89, 19), (353, 207, 17, 8), (120, 205, 202, 391), (138, 279, 131, 244), (53, 138, 94, 299),
            (22, 351, 24, 317)]  # fmt: skip
# Agresti, Categorical Data Analysis, 2nd ed., table 6.6: smoking and lung cancer in eight Chinese cities
CHINA = [(126, 100, 35, 61), (908, 688, 497, 807), (913, 747, 336, 598), (235, 172, 58, 121), (402, 308, 121, 215),
         (182, 156, 72, 98), (60, 99, 11, 43), (104, 89, 21, 36)]  # fmt: skip


def grouped(tables: list[tuple[int, int, int, int]]):
    outcome, unit = [1, 0, 1, 0] * len(tables), ["own", "own", "rest", "rest"] * len(tables)
    return mantel_haenszel(outcome, unit, np.repeat(range(len(tables)), 4), weights=np.ravel(tables), level=0.95)[0]


def test_berkeley_is_that_of_r():
    # R: mantelhaen.test(UCBAdmissions, correct = FALSE)
    found = grouped(BERKELEY)
    assert found.odds_ratio.estimate == pytest.approx(0.904696828259, abs=1e-11)
    assert found.odds_ratio.interval == pytest.approx((0.771907361759, 1.060329764437), abs=1e-11)
    assert (found.n, found.n_others, found.strata) == (2691, 1835, 6)


def test_smoking_in_china_is_as_published():
    # Agresti 2002, 6.3: CMH 280.1, odds ratio 2.17 (1.98-2.38); Breslow-Day 5.2 on 7 degrees of freedom
    found = grouped(CHINA)
    assert round(found.test.statistic, 1) == 280.1
    assert [round(x, 2) for x in (found.odds_ratio.estimate, *found.odds_ratio.interval)] == [2.17, 1.98, 2.38]
    assert (round(found.homogeneity.statistic, 1), found.homogeneity.df) == (5.2, 7)


@pytest.mark.parametrize("tables", [BERKELEY, CHINA], ids=["berkeley", "china"])
def test_everything_is_that_of_statsmodels(tables):
    oracle = StratifiedTable([np.array([[a, b], [c, d]]) for a, b, c, d in tables])
    found = grouped(tables)
    assert found.odds_ratio.estimate == pytest.approx(oracle.oddsratio_pooled)
    assert found.odds_ratio.interval == pytest.approx(oracle.oddsratio_pooled_confint())
    assert found.test.statistic == pytest.approx(oracle.test_null_odds().statistic)
    assert found.homogeneity.statistic == pytest.approx(oracle.test_equal_odds(adjust=True).statistic)
    assert found.homogeneity.p_value == pytest.approx(oracle.test_equal_odds(adjust=True).pvalue)


def test_the_conditional_ratio_of_berkeley_is_that_of_r():
    # R: format(mantelhaen.test(UCBAdmissions, exact = TRUE)$estimate, digits = 10)
    # which looks for its root to 1e-4 only (the default of uniroot)
    assert grouped(BERKELEY).conditional == pytest.approx(0.9050761936, abs=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_the_conditional_ratio_is_that_of_the_conditional_logit(seed):
    rng = np.random.default_rng(seed)
    stratum, unit = rng.integers(0, 25, 180), rng.random(180) < 0.3
    hit = rng.random(180) < expit(0.7 * unit + 0.1 * (stratum - 12))
    fit = conditional_logit(hit, unit[:, None].astype(float), stratum)
    found = mantel_haenszel(hit, unit, stratum, level=0.95)[1]
    assert found.unit == "True"
    assert found.conditional == pytest.approx(np.exp(fit.coefficients[0]), rel=1e-6)


def test_tables_that_say_nothing_do_not_change_the_conditional_ratio():
    tables = np.array([(4, 6, 3, 9), (2, 3, 5, 1)])
    more = np.vstack([tables, [(0, 5, 0, 7), (3, 0, 8, 0), (0, 0, 4, 4)]])
    one, other = (conditional_odds_ratio(*part.T) for part in (tables, more))
    assert one == pytest.approx(other)


def planted(seed: int, *, effect: float = 0.0, case_sd: float = 0.0, cases: int = 400) -> tuple:
    rng = np.random.default_rng(seed)
    unit_of_case, kind = rng.integers(0, 4, cases), rng.integers(0, 12, cases)
    case = np.repeat(np.arange(cases), rng.integers(1, 4, cases))
    eta = (effect * (unit_of_case == 0) + 0.2 * (kind - 6) + rng.normal(0, case_sd, cases))[case]
    return rng.random(len(case)) < expit(eta), np.array(list("ABCD"))[unit_of_case[case]], kind[case], case


def test_counting_stratum_by_stratum_gives_the_same():
    hit, unit, kind, _case = planted(1)
    for found in mantel_haenszel(hit, unit, kind, level=0.95):
        above = below = 0.0
        for k in range(12):
            here, own = kind == k, unit == found.unit
            n = here.sum()
            above += (here & own & hit).sum() * (here & ~own & ~hit).sum() / n
            below += (here & own & ~hit).sum() * (here & ~own & hit).sum() / n
        assert found.odds_ratio.estimate == pytest.approx(above / below)


def test_rows_and_counts_give_the_same_answer():
    hit, unit, kind, _case = planted(2)
    cells = pd.DataFrame({"hit": hit, "unit": unit, "kind": kind}).value_counts().reset_index()
    counted = mantel_haenszel(cells["hit"], cells["unit"], cells["kind"], weights=cells["count"], level=0.95)
    for one, other in zip(mantel_haenszel(hit, unit, kind, level=0.95), counted, strict=True):
        assert one.odds_ratio.estimate == pytest.approx(other.odds_ratio.estimate)
        assert one.odds_ratio.interval == pytest.approx(other.odds_ratio.interval)
        assert (one.n, one.hits, one.strata) == (other.n, other.hits, other.strata)


def test_the_clustered_interval_is_as_wide_as_a_bootstrap_of_cases():
    hit, unit, kind, case = planted(3, effect=0.5, case_sd=1.5)
    found = mantel_haenszel(hit, unit, kind, cluster=case, level=0.95)[0]
    rng = np.random.default_rng(0)
    logs = []
    for _turn in range(200):
        rows = resampled_cases(unit, case, rng)
        logs.append(np.log(mantel_haenszel(hit[rows], unit[rows], kind[rows], level=0.95)[0].odds_ratio.estimate))
    assert np.diff(np.log(found.odds_ratio.interval))[0] / 2 / 1.96 == pytest.approx(np.std(logs), rel=0.2)


def test_the_interval_holds_the_truth_with_clusters_and_not_without():
    held = np.zeros(2)
    for seed in range(200):
        hit, unit, kind, case = planted(seed + 10, case_sd=3.0)
        for at, cluster in enumerate((case, None)):
            low, high = mantel_haenszel(hit, unit, kind, cluster=cluster, level=0.95)[0].odds_ratio.interval
            held[at] += low <= 1 <= high
    assert 0.92 <= held[0] / 200 <= 0.98
    assert held[1] / 200 < 0.90


def test_strata_that_say_nothing_are_counted_and_left_out():
    hit = [1, 0, 1, 0] * 10 + [1, 1, 1] + [0, 1]
    unit = ["A", "A", "B", "B"] * 10 + ["A", "B", "B"] + ["A", "A"]
    stratum = [0] * 40 + [1] * 3 + [2] * 2
    found = mantel_haenszel(hit, unit, stratum, level=0.95)[0]
    assert (found.n, found.n_others, found.strata, found.not_compared) == (20, 20, 1, 3)
    assert found.odds_ratio.estimate == 1
    assert found.homogeneity.refusal == "not_estimable"


def test_a_common_ratio_of_one_is_tested_for_sameness_too():
    found = grouped([(10, 10, 10, 10), (6, 3, 6, 3)])
    assert found.odds_ratio.estimate == 1
    assert found.homogeneity.statistic == pytest.approx(0)


def test_what_cannot_be_said_is_said():
    few = mantel_haenszel([1, 0, 1, 0], list("AABB"), [0] * 4, level=0.95)
    assert {one.odds_ratio.refusal for one in few} == {"too_few"}
    never = mantel_haenszel([0] * 20 + [1, 0] * 10, ["A"] * 20 + ["B"] * 20, [0] * 40, level=0.95)
    assert {one.odds_ratio.refusal for one in never} == {"separation"}
    assert {one.conditional for one in (*few, *never)} == {None}
    assert never[0].test.statistic > 0
    one_unit = mantel_haenszel([1, 0] * 20, ["A"] * 40, [0] * 40, level=0.95)
    assert one_unit[0].odds_ratio.refusal == "too_few"
    assert mantel_haenszel([None], ["A"], [0], level=0.95) == ()
    with pytest.raises(WrongUse):
        mantel_haenszel([1, 0], ["A"], [0, 0], level=0.95)


def test_a_stratum_names_its_characteristics():
    levels = pd.DataFrame({"a": ["x", None], "b": [1, 2]}, index=[7, 9])
    assert strata(levels).to_dict() == {7: "x | 1", 9: "(onbekend) | 2"}


def test_without_characteristics_all_are_alike():
    assert strata(pd.DataFrame(index=[3, 4])).to_dict() == {3: "", 4: ""}
