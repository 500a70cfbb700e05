"""Percentiles and surprise of single cases: by hand, calibration on planted data, back-off, traps and refusals."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from data_contracts.errors import WrongUse
from evaluation.duration.like_cases import like_cases, like_cases_of, most_extreme
from evaluation.survival.kaplan_meier import kaplan_meier, survival_on


def test_closed_and_open_cases_by_hand() -> None:
    # Closed on 2, 4, 4, 8; open on 5. S is 4/5 after day 2, 2/5 after day 4, 0 after day 8.
    found = like_cases([2, 4, 4, 8, 5], [True] * 4 + [False], minimum_n=4).scores
    # Day 4: 1/5 closed sooner, plus half of the 2/5 that closed on the same day.
    assert found["percentile"].tolist() == pytest.approx([0.1, 0.4, 0.4, 0.8, 0.6])
    # Lasted at least as long: all, 4/5, 4/5, 2/5; longer than five days: 2/5.
    assert found["surprise"].tolist() == pytest.approx(-np.log2([1, 0.8, 0.8, 0.4, 0.4]))
    assert found["at_risk"].tolist() == [5, 4, 4, 1, 2]
    assert found["compared_with"].tolist() == ["all"] * 5
    assert found["n_events"].tolist() == [4] * 5


def test_a_case_in_view_late_is_surprising_only_from_there_on() -> None:
    # The case open on day 9 came into view on day 5: of the cases open then half last longer than nine days.
    found = like_cases([2, 3, 8, 20, 9], [True, True, True, True, False], entry=[0, 0, 0, 0, 5], minimum_n=3).scores
    curve = kaplan_meier([2, 3, 8, 20, 9], [True, True, True, True, False], entry=[0, 0, 0, 0, 5])
    at_entry, now = survival_on(curve, [5, 9])
    assert (at_entry, now) == pytest.approx((0.5, 0.5 * 2 / 3))
    assert found.loc[4, "percentile"] == pytest.approx(1 - now)
    assert found.loc[4, "surprise"] == pytest.approx(-np.log2(2 / 3))


def _planted(seed: int, n: int = 1200, *, late: bool = False) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    category, kind = rng.choice(list("abc"), n), rng.choice(["k1", "k2"], n)
    scale = pd.Series({"a": 80.0, "b": 250.0, "c": 500.0})[category].to_numpy() * np.where(kind == "k1", 1.0, 2.0)
    time = np.ceil(scale * rng.weibull(1.4, n))
    entry = np.where(rng.random(n) < 0.3, rng.integers(1, 60, n), 0) if late else np.zeros(n, dtype=int)
    cut = entry + rng.integers(1, 900, n)
    cases = pd.DataFrame({"duration": np.minimum(time, cut), "event_observed": time <= cut, "entry": entry,
                          "category": category, "kind": kind, "unit": rng.choice(list("uvw"), n)})  # fmt: skip
    return cases[time > entry].reset_index(drop=True)


BACK_OFF = (("category", "kind"), ("category",))


def test_without_open_cases_the_percentiles_of_planted_data_are_uniform() -> None:
    cases = _planted(1)
    rng = np.random.default_rng(2)
    cases["duration"] = np.ceil(
        cases["category"].map({"a": 80.0, "b": 250.0, "c": 500.0}) * rng.weibull(1.4, len(cases))
    )
    found = like_cases_of(cases.assign(event_observed=True), back_off=BACK_OFF, minimum_n=20).scores
    assert stats.kstest(found["percentile"], "uniform").pvalue > 0.2
    for _unit, rows in found.groupby(cases["unit"]):  # a division that made no difference
        assert stats.kstest(rows["percentile"], "uniform").pvalue > 0.01


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("late", [False, True])
def test_with_open_and_late_cases_the_surprise_is_a_sample_from_the_exponential(seed: int, late: bool) -> None:
    cases = _planted(seed, late=late)
    found = like_cases_of(cases, back_off=BACK_OFF, minimum_n=20).scores
    assert (found["compared_with"] != "all").all()
    residual = found["surprise"] * np.log(2)  # censored where the case is open
    # The share that lasts longer than each residual is exp(-residual), by its own Kaplan-Meier curve.
    curve = kaplan_meier(residual, cases["event_observed"])
    inside = curve.at_risk > 60
    assert np.abs(curve.survival - np.exp(-curve.days))[inside].max() < 0.06
    # Ends seen are as many as the residuals add up to, in each unit too (units do not differ).
    for unit, rows in found.groupby(cases["unit"]):
        ends, mean = rows["closed"].sum(), residual[rows.index].sum()
        assert abs(ends - mean) < 3.5 * np.sqrt(mean), unit


def test_the_percentile_among_closed_cases_only_is_far_too_high() -> None:
    cases = _planted(3)
    found = like_cases_of(cases, back_off=(), minimum_n=20).scores
    closed = np.sort(cases.loc[cases["event_observed"], "duration"])
    naive = np.searchsorted(closed, cases["duration"]) / len(closed)
    still_open = ~cases["event_observed"]
    assert (naive[still_open] - found.loc[still_open, "percentile"]).mean() > 0.1


@pytest.mark.parametrize("seed", range(3))
def test_a_slow_second_implementation_reads_every_case_from_its_own_curve(seed: int) -> None:
    cases = _planted(seed, n=250, late=True).assign(weight=1)
    cases.loc[::7, "weight"] = 3
    found = like_cases_of(cases, back_off=BACK_OFF, minimum_n=20).scores
    for row in cases.sample(40, random_state=seed).itertuples():
        alike = cases[(cases["category"] == row.category) & (cases["kind"] == row.kind)]
        if (alike["weight"] * alike["event_observed"]).sum() < 20 or found.loc[row.Index, "compared_with"] == "all":
            continue
        said = found.loc[row.Index]
        if said["compared_with"] != f"category={row.category}; kind={row.kind}":
            alike = cases[cases["category"] == row.category]
        share, shares = 1.0, {}
        for day in sorted(alike.loc[alike["event_observed"], "duration"].unique()):
            there = alike[(alike["entry"] < day) & (alike["duration"] >= day)]
            ends = there[(there["duration"] == day) & there["event_observed"]]
            share *= 1 - ends["weight"].sum() / there["weight"].sum()
            shares[day] = share
        after = min((s for d, s in shares.items() if d <= row.duration), default=1.0)
        before = min((s for d, s in shares.items() if d < row.duration), default=1.0)
        entered = min((s for d, s in shares.items() if d <= row.entry), default=1.0)
        assert said["percentile"] == pytest.approx(1 - ((before + after) / 2 if row.event_observed else after))
        assert said["surprise"] == pytest.approx(
            -np.log2((before if row.event_observed else after) / entered), abs=1e-9
        )
        assert said["n"] == alike["weight"].sum()


def test_cases_are_compared_with_the_most_alike_that_are_enough() -> None:
    cases = pd.DataFrame(
        {"duration": np.arange(1, 61), "event_observed": True,
         "category": ["a"] * 30 + ["b"] * 25 + ["c"] * 5, "kind": ["x"] * 22 + ["y"] * 38}
    )  # fmt: skip
    found = like_cases_of(cases, back_off=BACK_OFF, minimum_n=20).scores
    assert found.loc[0, "compared_with"] == "category=a; kind=x"
    assert found.loc[25, "compared_with"] == "category=a"  # eight of a and y
    assert found.loc[40, "compared_with"] == "category=b; kind=y"
    assert found.loc[59, ["compared_with", "n"]].tolist() == ["all", 60]
    assert found.loc[25, ["n", "n_events"]].tolist() == [30, 30]


def test_a_missing_characteristic_is_a_value_of_its_own() -> None:
    cases = pd.DataFrame({"duration": np.arange(1, 61), "event_observed": True, "category": ["a"] * 30 + [None] * 30})
    found = like_cases_of(cases, back_off=(("category",),), minimum_n=20).scores
    assert found.loc[45, "compared_with"] == "category=(onbekend)"


def test_the_most_extreme_dossiers_are_long_ones_open_or_closed_and_short_ones_closed() -> None:
    cases = pd.DataFrame({"duration": [*range(1, 41), 200, 1, 39], "event_observed": [True] * 40 + [False] * 3})
    cases.index = [f"Z{k}" for k in range(43)]
    found = most_extreme(like_cases_of(cases, back_off=(), minimum_n=20), count=2)
    assert found.index.tolist() == ["Z40", "Z39", "Z0", "Z1"]  # day 200 open, day 40; days 1 and 2 closed
    assert found["side"].tolist() == ["long", "long", "short", "short"]
    everyone = most_extreme(like_cases_of(cases, back_off=(), minimum_n=20), count=99)
    assert not everyone.index.duplicated().any()
    assert "Z41" not in everyone.index  # open since a day: says nothing yet


def test_too_few_to_compare_with_is_refused_and_the_case_keeps_its_row() -> None:
    assert like_cases([1, 2, 3], [True] * 3, minimum_n=4).scores["refusal"].tolist() == ["too_few"] * 3
    assert like_cases([1, 2], [False] * 2, minimum_n=1).scores["refusal"].tolist() == ["no_events"] * 2
    assert like_cases([], [], minimum_n=1).scores.empty
    found = like_cases([3, 4, 5, 9], [True] * 4, weight=[1, 1, 1, 0], minimum_n=3).scores
    assert found["refusal"].tolist() == [None, None, None, "not_at_risk"]
    assert np.isnan(found.loc[3, "percentile"])
    assert found.loc[3, ["n", "at_risk"]].tolist() == [0, 0]
    assert most_extreme(like_cases([1, 2, 3], [True] * 3, minimum_n=4), count=5).empty


def test_like_cases_with_hardly_anyone_in_view_early_are_passed_over() -> None:
    cases = pd.DataFrame({"duration": [*range(101, 131), *range(1, 41)], "event_observed": True,
                          "entry": [100] * 30 + [0] * 40, "category": ["late"] * 30 + ["gewoon"] * 40})  # fmt: skip
    cases.loc[0, "entry"] = 0
    found = like_cases_of(cases, back_off=(("category",),), minimum_n=20).scores
    assert found.loc[40, "compared_with"] == "category=gewoon"
    assert found.loc[5, "compared_with"] == "all"  # of its own category one case was in view before day 100
    alone = like_cases_of(cases[:30], back_off=(("category",),), minimum_n=20).scores
    assert alone["refusal"].tolist() == ["not_at_risk"] * 30


def test_a_case_that_came_into_view_when_all_like_cases_had_ended_is_refused() -> None:
    found = like_cases([1, 2, 3, 20], [True] * 4, entry=[0, 0, 0, 10], minimum_n=1).scores
    assert found["refusal"].tolist() == [None, None, None, "not_at_risk"]


def test_a_same_day_case_is_the_quickest_and_keeps_its_duration() -> None:
    found = like_cases([0, 1, 2, 3], [True] * 4, minimum_n=4).scores
    assert found["percentile"].tolist() == pytest.approx([0.125, 0.375, 0.625, 0.875])
    assert found["duration"].tolist() == [0, 1, 2, 3]


def test_wrong_use_is_told_in_one_sentence() -> None:
    facts = pd.DataFrame({"category": ["a", "b"]})
    with pytest.raises(WrongUse, match="back_off noemt onbekende kolommen: kind"):
        like_cases([1, 2], [True, True], minimum_n=1, characteristics=facts, back_off=(("category", "kind"),))
    with pytest.raises(WrongUse, match="characteristics moet"):
        like_cases([1, 2, 3], [True] * 3, minimum_n=1, characteristics=facts)
    with pytest.raises(WrongUse, match="duration mist 1"):
        like_cases([1, np.nan], [True, True], minimum_n=1)
