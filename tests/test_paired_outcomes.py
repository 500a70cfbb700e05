"""First against final outcome, advice against decision."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import SquareTable, mcnemar

from data_contracts.case_files import CaseFiles
from data_contracts.errors import WrongUse
from data_contracts.example import example_tables
from evaluation.clustered_share import clustered_share
from evaluation.consistency.paired_outcomes import (
    bowker,
    deviation_rates,
    direction,
    paired_binary,
    paired_outcomes,
    stuart_maxwell,
)
from evaluation.proportion import Proportion

# A. Stuart, Biometrika 42 (1955): unaided vision of 7,477 women, right eye by left eye.
VISION = np.array([[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]], dtype=float)


def pairs(a: int, b: int, c: int, d: int) -> tuple[list[bool], list[bool]]:
    return [True] * (a + b) + [False] * (c + d), [True] * a + [False] * b + [True] * c + [False] * d


def test_symmetry_of_stuarts_vision_data_is_that_of_r():
    # R: mcnemar.test(v)  -> 19.10655, df = 6, p = 0.00398742
    test = bowker(VISION)
    assert (round(test.statistic, 5), test.df, round(test.p_value, 8)) == (19.10655, 6, 0.00398742)
    assert test.n_discordant == 2181


def test_homogeneity_of_stuarts_vision_data_is_the_published_one():
    test = stuart_maxwell(VISION)
    assert (round(test.statistic, 2), test.df, round(test.p_value, 4)) == (11.96, 3, 0.0075)  # Agresti 2002, 10.3


def test_on_random_full_tables_both_are_those_of_statsmodels():
    rng = np.random.default_rng(5)
    for size in (2, 3, 5):
        counts = rng.poisson(6, (size, size)) + 1.0
        square = SquareTable(counts, shift_zeros=False)
        assert bowker(counts).statistic == pytest.approx(square.symmetry().statistic)
        assert bowker(counts).p_value == pytest.approx(square.symmetry().pvalue)
        assert stuart_maxwell(counts).statistic == pytest.approx(square.homogeneity().statistic)
        assert stuart_maxwell(counts).p_value == pytest.approx(square.homogeneity().pvalue)


def test_outcomes_between_which_nothing_moved_take_no_degree_of_freedom():
    apart = np.zeros((5, 5))
    apart[:2, :2], apart[2:4, 2:4], apart[4, 4] = [[9, 4], [1, 9]], [[9, 2], [8, 9]], 30
    assert bowker(apart).df == stuart_maxwell(apart).df == 2
    assert stuart_maxwell(apart).statistic == pytest.approx(9 / 5 + 36 / 10)
    none = np.diag([3.0, 4.0])
    assert bowker(none).refusal == stuart_maxwell(none).refusal == "no_variation"
    assert bowker(none).p_value is None


@pytest.mark.parametrize(
    ("a", "b", "c", "d", "exact", "mid_p"),
    [(1, 1, 7, 12, 0.0703, 0.0391), (59, 6, 16, 80, 0.0525, 0.0347)],
)
def test_mcnemar_is_that_of_fagerland_and_others_2013(a, b, c, d, exact, mid_p):
    # R: binom.test(6, 22)$p.value  -> 0.05247879028
    found = paired_binary(*pairs(a, b, c, d), level=0.95)
    assert (round(found.exact.p_value, 4), round(found.mid_p.p_value, 4)) == (exact, mid_p)
    assert found.exact.p_value == pytest.approx(mcnemar([[a, b], [c, d]], exact=True).pvalue)


def test_the_interval_of_the_difference_is_that_of_fagerland_and_others_2014():
    # Statistics in Medicine 33 (2014) 2850-2875, airway hyper-responsiveness, Newcombe square-and-add
    low, high = paired_binary(*pairs(1, 1, 7, 12), level=0.95).interval
    assert (round(low, 3), round(high, 3)) == (0.026, 0.507)


def test_mid_p_at_a_tie_is_one_minus_the_chance_of_the_tie():
    found = paired_binary(*pairs(5, 4, 4, 5), level=0.95)
    assert found.exact.p_value == 1
    assert found.mid_p.p_value == pytest.approx(1 - stats.binom.pmf(4, 8, 0.5))


def test_too_few_pairs_keep_their_counts():
    found = paired_binary([True, False, None], [True, True, True], level=0.95)
    assert (found.refusal, found.difference, found.interval, found.missing) == ("too_few", None, None, 1)
    assert (found.yes_yes, found.no_yes) == (1, 1)
    nothing = paired_binary([], [], level=0.95)
    assert nothing.exact.refusal == "no_variation"


def test_the_table_keeps_the_order_that_is_asked_for_and_counts_what_is_missing():
    both = paired_outcomes(["j", "a", "geen", None], ["a", "a", "geen", "j"], level=0.95, outcomes=["geen", "a", "x"])
    assert both.table.index.tolist() == both.table.columns.tolist() == ["geen", "a", "j"]
    assert both.table.to_numpy().tolist() == [[1, 0, 0], [0, 1, 0], [0, 1, 0]]
    assert (both.deviation.refusal, both.deviation.changed, both.deviation.n, both.deviation.missing) == (
        "too_few",
        1,
        3,
        1,
    )


def test_rates_by_unit_add_up_and_have_wilsons_interval():
    rng = np.random.default_rng(2)
    first, unit = rng.choice(list("abj"), 300), rng.choice(["NN", "OB", None], 300)
    second = np.where(rng.random(300) < 0.2, "geen", first).astype(object)
    second[:7] = None
    whole, *units = deviation_rates(first, second, unit, level=0.9)
    nameless = pd.isna(unit)
    assert [rate.group for rate in units] == ["NN", "OB"]
    assert whole.missing == 7
    assert sum(rate.n + rate.missing for rate in units) == 300 - nameless.sum()
    assert whole.interval == Proportion(whole.changed, whole.n).interval(0.9)
    assert units[0].changed == sum((first != second) & (unit == "NN") & ~pd.isna(second))


def test_a_direction_is_counted_only_where_both_have_a_place():
    went = direction([5, 5, 5, 2, None, 3], [1, 1, 7, 2, 1, 3], [True, True, True, True, True, False], level=0.95)
    assert (went.milder, went.heavier, went.level_with, went.unranked) == (2, 1, 1, 1)
    assert (went.refusal, went.share_milder) == ("too_few", None)
    assert went.exact.p_value == 1.0


@pytest.mark.parametrize("lengths", [(2, 1), (1, 2)])
def test_columns_of_different_length_are_refused(lengths):
    with pytest.raises(WrongUse, match="even lang"):
        paired_outcomes(["a"] * lengths[0], ["a"] * lengths[1], level=0.95)


def test_the_planted_deviation_from_advice_and_result_of_objection_are_recovered():
    tables, truth = example_tables(seed=3, cases_per_year=600)
    files = CaseFiles(**tables).at(date(2025, 12, 31))
    people = files.allegations.drop_duplicates(["case_id", "subject_id"])
    planted = truth["penalty"]
    rates = deviation_rates(people["advised_penalty"], people["first_penalty"], people["case_id"].str[:0], level=0.998)
    low, high = rates[0].interval
    assert low < planted["deviation_from_advice"] < high
    objected = people[(people["objection"] == True) & people["objection_result"].notna()]  # noqa: E712
    both = paired_outcomes(objected["first_penalty"], objected["final_penalty"], level=0.998)
    changes = ("gewijzigd", "herroepen", "vervangen_rechter")
    low, high = both.deviation.interval
    assert low < sum(planted["objection_result"][result] for result in changes) < high
    place = {step["code"]: at for at, step in enumerate(planted["scale"])} | {"k": 14}
    went = direction(objected["first_penalty"].map(place), objected["final_penalty"].map(place),
                     objected["first_penalty"] != objected["final_penalty"], level=0.95)  # fmt: skip
    assert went.heavier == 0
    assert went.milder > 20
    assert both.homogeneity.p_value < 0.001


def test_with_clusters_the_interval_takes_whole_cases_as_drawn_and_without_it_is_wilsons():
    first, second, unit = ["a"] * 24, ["b"] * 12 + ["a"] * 12, ["X"] * 24
    alone = deviation_rates(first, second, unit, level=0.95)[0]
    assert alone.interval == pytest.approx(tuple(Proportion(12, 24).interval(0.95)))
    case = [str(at // 4) for at in range(24)]
    together = deviation_rates(first, second, unit, level=0.95, cluster=case)
    by_hand = clustered_share([4, 4, 4, 0, 0, 0], [4] * 6, range(6), level=0.95).interval
    for rate in together:
        assert (rate.changed, rate.n, rate.estimate) == (12, 24, 0.5)
        assert rate.interval == pytest.approx(tuple(by_hand))
    with pytest.raises(WrongUse):
        deviation_rates(first, second, unit, level=0.95, cluster=case[:5])
