"""The expected outcome, given the mix of cases."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from evaluation.units.case_mix import TOGETHER, UNKNOWN, case_mix, dummies, pool_sparse
from evaluation.units.separation import SeparationError


def cases(seed, n=800):
    rng = np.random.default_rng(seed)
    levels = pd.DataFrame({"category": rng.choice(list("abc"), n), "weight": rng.choice(["light", "heavy"], n)})
    chance = expit(-0.5 + 0.8 * (levels["category"] == "b") + 0.6 * (levels["weight"] == "heavy"))
    return pd.Series(rng.random(n) < chance), pd.Series(rng.choice(["u1", "u2", "u3"], n)), levels


def test_without_characteristics_everybody_has_the_overall_chance():
    found, units, levels = cases(1)
    mix = case_mix(found, units, levels[[]], minimum_n=10)
    assert np.allclose(mix.probability, found.mean())


def test_expected_equals_observed_in_every_level_of_every_characteristic():
    # the score equations of a logit with dummies
    found, units, levels = cases(2)
    probability = pd.Series(case_mix(found, units, levels, minimum_n=10).probability)
    for name in levels:
        assert np.allclose(probability.groupby(levels[name]).sum(), found.groupby(levels[name]).sum())


def test_the_expected_chances_are_those_of_r():
    # R: d <- data.frame(y = c(3, 9, 4, 12, 5, 2), n = c(20, 20, 15, 20, 10, 12),
    #      a = c("p", "p", "q", "q", "r", "r"), b = c("x", "z", "x", "z", "x", "z"))
    #    print(fitted(glm(cbind(y, n - y) ~ a + b, binomial, d)), digits = 10)
    hits, size = [3, 9, 4, 12, 5, 2], [20, 20, 15, 20, 10, 12]
    found = pd.Series(np.concatenate([np.arange(n) < y for y, n in zip(hits, size, strict=True)]))
    levels = pd.DataFrame({"a": np.repeat(list("ppqqrr"), size), "b": np.repeat(list("xzxzxz"), size)})
    mix = case_mix(found, pd.Series("u", index=found.index), levels, minimum_n=10)
    assert mix.cells["probability"].to_numpy() == pytest.approx(
        [0.2214138721, 0.3785861279, 0.3510026795, 0.5367479904, 0.2306682366, 0.3911098028], abs=1e-7
    )


def test_a_table_grouped_beforehand_gives_the_same_answer_as_its_rows():
    found, units, levels = cases(3)
    rows = levels.assign(found=found, unit=units)
    grouped = rows.groupby(list(rows), as_index=False).size()
    whole = case_mix(found, units, levels, minimum_n=10)
    short = case_mix(grouped["found"], grouped["unit"], grouped[list(levels)], minimum_n=10, counts=grouped["size"])
    pd.testing.assert_frame_equal(whole.cells, short.cells)


def test_a_level_that_is_small_or_has_one_outcome_is_pooled_and_named():
    levels = pd.Series(["a"] * 20 + ["b"] * 20 + ["c"] * 4 + ["d"] * 12)
    found = pd.Series([True, False] * 22 + [True] * 12)
    pooled = pool_sparse(levels, found, pd.Series(1, index=levels.index), minimum_n=10)
    assert set(pooled) == {"a", "b", TOGETHER}
    mix = case_mix(found, pd.Series("u", index=found.index), levels.to_frame("kind"), minimum_n=10)
    assert mix.pooled == {"kind": ("c", "d")}


def test_what_is_pooled_and_still_too_small_joins_the_largest_level():
    levels = pd.Series(["a"] * 30 + ["b"] * 20 + ["c"] * 4)
    found = pd.Series([True, False] * 27)
    pooled = pool_sparse(levels, found, pd.Series(1, index=levels.index), minimum_n=10)
    assert pooled.value_counts().to_dict() == {"a": 34, "b": 20}


def test_as_many_characteristics_as_cells_is_no_obstacle():
    levels = pd.DataFrame({"kind": ["a"] * 20 + ["b"] * 20})
    found = pd.Series([True] * 5 + [False] * 15 + [True] * 8 + [False] * 12)
    mix = case_mix(found, levels["kind"], levels, minimum_n=10)
    assert mix.cells["probability"].to_numpy() == pytest.approx([0.25, 0.4])


def test_a_missing_level_is_a_level_of_its_own():
    found, units, levels = cases(4)
    levels.loc[:99, "weight"] = None
    probability = pd.Series(case_mix(found, units, levels, minimum_n=10).probability)
    missing = levels["weight"].isna()
    assert probability[missing].sum() == pytest.approx(found[missing].sum())
    assert UNKNOWN not in case_mix(found, units, levels, minimum_n=10).pooled["weight"]


def test_two_code_lists_that_succeed_each_other_leave_a_design_of_full_rank():
    levels = pd.DataFrame(
        {
            "category": ["old1", "old2", "old1", "old2", "new1", "new2", "new1", "new2"],
            "year": ["2018", "2018", "2019", "2019", "2020", "2020", "2021", "2021"],
        }
    )
    design = dummies(levels)
    assert np.linalg.matrix_rank(design) == design.shape[1] == 6


def test_characteristics_that_separate_together_are_reported():
    levels = pd.DataFrame({"a": ["n"] * 20 + ["n"] * 20 + ["y"] * 20 + ["y"] * 20,
                           "b": ["n"] * 20 + ["y"] * 20 + ["n"] * 20 + ["y"] * 20})  # fmt: skip
    found = pd.Series([False] * 20 + [True, False] * 20 + [True] * 20)
    with pytest.raises(SeparationError):
        case_mix(found, pd.Series("u", index=found.index), levels, minimum_n=10)


def odd_one_out() -> tuple[pd.Series, pd.DataFrame]:
    """Two lists of categories that follow each other in time, and one case with a new category in an old year."""
    rng = np.random.default_rng(11)
    year = np.repeat(["2018", "2019", "2020", "2021"], 50)
    old = year < "2020"
    category = np.where(old, rng.choice(["old a", "old b"], 200), rng.choice(["new a", "new b"], 200))
    category[0] = "new a"
    return pd.Series(rng.random(200) < 0.5), pd.DataFrame({"category": category, "year": year})


def test_a_single_odd_case_does_not_take_the_whole_comparison_with_it():
    found, levels = odd_one_out()
    unit = pd.Series(np.tile(["A", "B"], 100))
    mix = case_mix(found, unit, levels, minimum_n=10)
    assert mix.decided[mix.cell].tolist() == [True] + [False] * 199
    assert mix.probability[0] == float(found[0])
    assert mix.probability.sum() == pytest.approx(found.sum())
    without = case_mix(found[1:], unit[1:], levels[1:], minimum_n=10)
    assert mix.probability[1:] == pytest.approx(without.probability, abs=1e-6)
    told = mix.design[~mix.decided]
    assert np.linalg.matrix_rank(told) == told.shape[1] == mix.design.shape[1]


def test_as_many_odd_cases_as_make_a_level_are_a_reason_to_refuse():
    found, levels = odd_one_out()
    levels.loc[:9, "category"], found[:10] = "new a", True
    with pytest.raises(SeparationError):
        case_mix(found, pd.Series("u", index=found.index), levels, minimum_n=10)
