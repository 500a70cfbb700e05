"""Observed and expected ends within N days: R's log-rank test, brute force, false alarms, traps and refusals."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from data_contracts.errors import WrongUse
from evaluation.survival.kaplan_meier import kaplan_meier, share_within
from evaluation.units.closing_in_time import closing_in_time, closing_in_time_by_unit
from evaluation.units.discrete_hazard import hazard_by_unit


@pytest.fixture(scope="module")
def lung() -> pd.DataFrame:
    cases = pd.read_csv(Path(__file__).parent / "data" / "lung.csv").dropna(subset="ph.ecog")
    cases["died"], cases["unit"] = cases["status"] == 2, np.array(list("abc"))[np.arange(len(cases)) % 3]
    return cases


def test_expected_ends_and_their_variance_are_those_of_the_stratified_log_rank_test(lung: pd.DataFrame) -> None:
    # l <- transform(subset(lung, !is.na(ph.ecog)), t = pmin(time, 365), d = status == 2 & time <= 365)
    # l$u <- c("a", "b", "c")[1 + (seq_len(nrow(l)) - 1) %% 3]
    # s <- survdiff(Surv(t, d) ~ u + strata(ph.ecog), l); rowSums(s$obs); rowSums(s$exp); diag(s$var)
    found = closing_in_time(lung["time"], lung["died"], lung["unit"], day=365, level=0.95, minimum_n=10,
                            stratum=lung["ph.ecog"])  # fmt: skip
    assert found.funnel.observed.tolist() == [41, 42, 37]
    assert found.funnel.expected.tolist() == pytest.approx([38.98759191, 40.94184271, 40.07056538], abs=1e-7)
    assert found.funnel.variance.tolist() == pytest.approx([25.53054385, 26.54986045, 26.00292639], abs=1e-7)
    # s <- survdiff(Surv(t, d) ~ u, l); s$exp; diag(s$var)
    plain = closing_in_time(lung["time"], lung["died"], lung["unit"], day=365, level=0.95, minimum_n=10)
    assert plain.funnel.expected.tolist() == pytest.approx([40.02520625, 40.61071650, 39.36407726], abs=1e-7)
    assert plain.funnel.variance.tolist() == pytest.approx([26.57429413, 26.77407329, 26.34390135], abs=1e-7)
    assert (found.strata, plain.strata, plain.n.tolist()) == (4, 1, [76, 76, 75])


def _random(seed: int, n: int = 150) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    entry = rng.integers(0, 15, n) * rng.integers(0, 2, n)
    return pd.DataFrame(
        {"entry": entry, "duration": entry + rng.integers(1, 25, n), "event_observed": rng.random(n) < 0.7,
         "unit": rng.choice(list("abcd"), n), "kind": rng.choice(["x", "y"], n), "weight": rng.integers(1, 4, n)}
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_a_slow_second_implementation_agrees_with_ties_late_entry_strata_and_weights(seed: int) -> None:
    cases = _random(seed)
    rows = cases.loc[cases.index.repeat(cases["weight"])]
    expected, variance, alone = (dict.fromkeys("abcd", 0.0) for _part in range(3))
    for (_kind, day), _any in rows[rows["event_observed"] & (rows["duration"] <= 18)].groupby(["kind", "duration"]):
        there = rows[(rows["kind"] == _kind) & (rows["entry"] < day) & (rows["duration"] >= day)]
        ends = there[(there["duration"] == day) & there["event_observed"]]
        for unit in "abcd":
            n, own, d = len(there), (there["unit"] == unit).sum(), len(ends)
            expected[unit] += d * own / n
            variance[unit] += stats.hypergeom.var(n, own, d) if n > 1 else 0.0
            alone[unit] += d if own == n else 0
    grouped = closing_in_time_by_unit(cases, like=("kind",), day=18, level=0.95, minimum_n=5)
    apart = closing_in_time_by_unit(rows.drop(columns="weight"), like=("kind",), day=18, level=0.95, minimum_n=5)
    for found in (grouped, apart):
        assert found.funnel.expected.tolist() == pytest.approx(list(expected.values()))
        assert found.funnel.variance.tolist() == pytest.approx(list(variance.values()))
        assert found.alone.tolist() == list(alone.values())
        assert found.funnel.expected.sum() == pytest.approx(found.funnel.observed.sum())
    pd.testing.assert_frame_equal(grouped.table([0.95]), apart.table([0.95]))


def test_the_chances_of_the_count_are_those_of_every_combination_added_up() -> None:
    # a is 1 of 3, then 1 of 2 in view; on day 5 two of four end on one day, two of them of a
    found = closing_in_time([1, 2, 9, 5, 5, 8, 8], [True, True, False, True, True, False, False], list("babaabb"),
                            entry=[0, 0, 0, 4, 4, 4, 4], day=7, level=0.95, minimum_n=1)  # fmt: skip
    first, second = 1 / 3, 1 / 2
    third = stats.hypergeom.pmf([0, 1, 2], 5, 2, 2)  # the open case of b is in view as well
    chances = np.zeros(5)
    for one, two, three in product((0, 1), (0, 1), (0, 1, 2)):
        # case 9 of unit b is in view all along: on day 1 a has one of three, on day 2 one of two
        chances[one + two + three] += (first if one else 1 - first) * (second if two else 1 - second) * third[three]
    assert found.funnel.chances[0] == pytest.approx(chances)
    assert found.funnel.expected[0] == pytest.approx(first + second + 4 / 5)


@pytest.mark.parametrize("seed", range(2))
def test_the_chances_have_the_mean_and_the_variance_of_the_log_rank_test(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 4000
    unit, time = rng.choice(list("abc"), n, p=[0.6, 0.3, 0.1]), rng.geometric(0.004, n)
    cut = rng.integers(1, 900, n)
    found = closing_in_time(np.minimum(time, cut), time <= cut, unit, day=365, level=0.95, minimum_n=10)
    for at, chances in enumerate(found.funnel.chances):
        counts = np.arange(len(chances))
        mean = counts @ chances
        assert chances.sum() == pytest.approx(1)
        assert mean == pytest.approx(found.funnel.expected[at], rel=1e-6)
        # draws with replacement where few of those in view end on one day: never narrower, hardly wider
        spread = (counts - mean) ** 2 @ chances
        assert found.funnel.variance[at] * (1 - 1e-6) <= spread <= found.funnel.variance[at] * 1.02


def test_no_more_false_alarms_than_nominal_when_no_unit_differs() -> None:
    # 17,385 units of 1,500 deliveries of this kind: 4.5 % beyond 95, 0.15 % beyond 99.8.
    alarms, judged = {0.95: 0, 0.998: 0}, 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        n, units = 500, 10
        unit, kind = rng.choice(units, n, p=rng.dirichlet(np.full(units, 2.0))), rng.integers(0, 3, n)
        time = np.ceil(rng.weibull(1.3, n) * np.array([100, 250, 500])[kind])
        entry = np.where(rng.random(n) < 0.3, rng.integers(0, 200, n), 0)
        cut = entry + rng.integers(1, 700, n)
        seen = time > entry
        found = closing_in_time(np.minimum(time, cut)[seen], (time <= cut)[seen], unit[seen], entry=entry[seen],
                                stratum=kind[seen], day=365, level=0.95, minimum_n=10)  # fmt: skip
        judged += int(found.funnel.judged.sum())
        for level in alarms:
            alarms[level] += int(found.funnel.outside(level).sum())
    for level, count in alarms.items():
        assert count <= stats.binom.ppf(0.99, judged, 1 - level)


def test_a_unit_that_closes_at_half_the_pace_is_found_and_its_interval_holds_the_truth() -> None:
    rng = np.random.default_rng(12)
    unit = np.repeat(np.arange(8), 250)
    time = rng.geometric(np.where(unit == 3, 0.002, 0.004))
    cut = rng.integers(30, 1200, 2000)
    found = closing_in_time(np.minimum(time, cut), time <= cut, unit, day=365, level=0.95, minimum_n=10)
    assert found.funnel.outside(0.998).tolist() == [False] * 3 + [True] + [False] * 4
    # The reference holds the slow unit itself: all together close at 15/16 of the pace of the others.
    low, high = found.intervals()[3]
    assert low < 0.5 * 16 / 15 < high
    assert found.as_share(1.0) == pytest.approx(found.overall.estimate)
    true = 1 - 0.998**365
    assert found.as_share(low) < true < found.as_share(high)
    reliability = found.table([0.95])["reliability"]
    assert reliability.between(0.5, 1).all()


def test_the_share_of_all_cases_calls_a_unit_with_young_cases_slow_and_the_funnel_does_not() -> None:
    rng = np.random.default_rng(3)
    unit = np.repeat(np.arange(6), 200)
    time = rng.geometric(0.004, 1200)
    cut = np.where(unit == 2, rng.integers(10, 200, 1200), rng.integers(300, 1500, 1200))  # unit 2 began last year
    closed = time <= cut
    naive = (closed & (time <= 365))[unit == 2].mean() / (closed & (time <= 365)).mean()
    found = closing_in_time(np.minimum(time, cut), closed, unit, day=365, level=0.95, minimum_n=10)
    assert naive < 0.6
    assert not found.funnel.outside(0.95)[2]
    assert found.funnel.ratio[2] == pytest.approx(1, abs=0.2)


def test_a_unit_with_hard_cases_is_slow_against_all_and_not_against_like_cases() -> None:
    rng = np.random.default_rng(9)
    unit = np.repeat(np.arange(6), 200)
    hard = rng.random(1200) < np.where(unit == 0, 0.9, 0.3)
    time = rng.geometric(np.where(hard, 0.002, 0.008))
    cases = pd.DataFrame({"duration": np.minimum(time, 900), "event_observed": time <= 900, "unit": unit, "hard": hard})
    crude = closing_in_time_by_unit(cases, like=(), day=365, level=0.95, minimum_n=10)
    alike = closing_in_time_by_unit(cases, like=("hard",), day=365, level=0.95, minimum_n=10)
    assert crude.funnel.outside(0.998)[0]
    assert not alike.funnel.outside(0.95)[0]


def test_what_happens_after_the_last_day_does_not_count() -> None:
    cases = _random(4)
    cut = cases.assign(event_observed=cases["event_observed"] & (cases["duration"] <= 10))
    cut["duration"] = cut["duration"].clip(upper=10)
    cut = cut[cut["entry"] < 10]
    whole, short = (closing_in_time_by_unit(rows, like=("kind",), day=10, level=0.95, minimum_n=5)
                    for rows in (cases, cut))  # fmt: skip
    pd.testing.assert_frame_equal(whole.table([0.95]), short.table([0.95]))


def test_one_stratum_for_each_unit_says_nothing_and_says_so() -> None:
    found = closing_in_time(
        [2, 3, 4, 5], [True] * 4, list("aabb"), stratum=list("aabb"), day=9, level=0.95, minimum_n=1
    )
    assert found.alone.tolist() == [2, 2]
    assert found.funnel.expected.tolist() == [2.0, 2.0]
    assert found.refusals == ("no_variation", "no_variation")
    assert found.intervals() == (None, None)


def test_the_exact_interval_of_a_ratio_is_that_of_r() -> None:
    # R: poisson.test(2, T = 5 / 6)$conf.int; the counts of the example in the docstring
    found = closing_in_time([1, 2, 3, 4], [True] * 4, list("aabb"), day=3, level=0.95, minimum_n=1)
    assert found.intervals()[0] == pytest.approx((0.2906511, 8.6696254), abs=1e-6)


def test_units_keep_the_order_asked_for_and_small_or_unknown_ones_are_refused() -> None:
    cases = _random(1)
    found = closing_in_time_by_unit(cases, like=(), day=20, level=0.95, minimum_n=10, units=["c", "nergens", "a"])
    table = found.table([0.95, 0.998])
    assert table["unit"].tolist() == ["c", "nergens", "a"]
    assert table["refusal"].tolist() == [None, "too_few", None]
    assert table.loc[1, ["ratio", "low", "funnel_low_0.95", "reliability"]].isna().all()
    assert (table["funnel_low_0.998"].dropna() <= table["funnel_low_0.95"].dropna()).all()


def test_nothing_to_compare_has_defined_answers() -> None:
    def refusal(duration: list, closed: list, unit: list, **options: object) -> str | None:
        given = {"day": 9, "level": 0.95, "minimum_n": 1, **options}
        found = closing_in_time(duration, closed, unit, **given)
        assert all(why is not None for why in found.refusals)
        assert not found.funnel.outside(0.95).any()
        found.table([0.95])
        return found.refusal

    assert refusal([], [], []) == "not_at_risk"
    assert refusal([3, 4], [False, False], ["a", "b"]) == "no_events"
    assert refusal([30, 40], [True, True], ["a", "b"]) == "no_events"
    assert refusal([3, 4], [True, True], ["a", "a"]) == "no_variation"
    assert refusal([3, 4], [True, True], ["a", "b"], minimum_n=5) == "too_few"


def test_with_hardly_anyone_in_view_early_the_ratio_stays_and_the_share_goes() -> None:
    rng = np.random.default_rng(5)
    entry = rng.integers(100, 200, 300)
    found = closing_in_time(entry + rng.integers(1, 200, 300), [True] * 300, np.arange(300) % 3, entry=entry, day=365,
                            level=0.95, minimum_n=10)  # fmt: skip
    assert found.overall.refusal == "not_at_risk"
    assert np.isnan(found.as_share(1.0))
    assert found.refusals == (None, None, None)


def test_the_overall_share_is_that_of_kaplan_meier_and_a_same_day_case_counts() -> None:
    found = closing_in_time([0, 3, 4, 5], [True, True, True, False], list("aabb"), day=4, level=0.95, minimum_n=1)
    curve = kaplan_meier([0, 3, 4, 5], [True, True, True, False])
    assert found.overall == share_within(curve, 4, level=0.95)
    assert found.funnel.observed.tolist() == [2, 1]
    assert found.funnel.expected[0] == pytest.approx(2 / 4 + 1 / 3)


def test_wrong_use_is_told_in_one_sentence() -> None:
    with pytest.raises(WrongUse, match="groter dan nul"):
        closing_in_time([3], [True], ["a"], day=0, level=0.95, minimum_n=1)
    with pytest.raises(WrongUse, match="unit mist 1"):
        closing_in_time([3, 4], [True, True], ["a", None], day=5, level=0.95, minimum_n=1)
    with pytest.raises(WrongUse, match="stratum moet"):
        closing_in_time([3, 4], [True, True], ["a", "b"], day=5, level=0.95, minimum_n=1, stratum=["x"])


def test_a_table_without_the_columns_it_needs_is_refused_by_name() -> None:
    with pytest.raises(WrongUse, match="duration, event_observed"):
        closing_in_time_by_unit(pd.DataFrame({"unit": ["a"]}), like=[], day=9, level=0.95, minimum_n=1)
    with pytest.raises(WrongUse, match="mist de kolommen category"):
        hazard_by_unit(
            pd.DataFrame({"unit": ["a"], "duration": [1], "event_observed": [True]}), covariates=["category"],
            every=30, within=90, level=0.95, minimum_n=1,
        )  # fmt: skip
