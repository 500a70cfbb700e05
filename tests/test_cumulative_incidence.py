"""Aalen-Johansen: R, statsmodels, a slow second way, and the trap of one minus Kaplan-Meier."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import CumIncidenceRight

from data_contracts.errors import WrongUse
from evaluation.survival.cumulative_incidence import CumulativeIncidence, cumulative_incidence, incidence_within
from evaluation.survival.kaplan_meier import kaplan_meier, survival_on


@pytest.fixture(scope="module")
def mgus2() -> pd.DataFrame:
    # R: with(survival::mgus2, data.frame(time = ifelse(pstat == 0, futime, ptime),
    #      event = factor(ifelse(pstat == 0, 2 * death, 1), 0:2, c("censor", "pcm", "death")), sex, age))
    cases = pd.read_csv(Path(__file__).parent / "data" / "mgus2.csv")
    return cases.assign(cause=cases["event"].where(cases["event"] != "censor", None))


# R: summary(survfit(Surv(time, event) ~ 1, m), times = c(12, 60, 120, 240))[c("pstate", "std.err")]
R_VALUES = [
    ("pcm", 12, 0.009401259345, 0.002595155763), ("pcm", 60, 0.034103712974, 0.004889257908),
    ("pcm", 120, 0.063722168013, 0.006796848424), ("pcm", 240, 0.099813715935, 0.009784846793),
    ("death", 12, 0.1221854028, 0.008806084371), ("death", 60, 0.3203670103, 0.012567371548),
    ("death", 120, 0.5318177041, 0.014059645162), ("death", 240, 0.7240279761, 0.015606345068),
]  # fmt: skip


@pytest.mark.parametrize(("cause", "month", "share", "error"), R_VALUES)
def test_incidence_and_standard_error_are_those_of_r(
    mgus2: pd.DataFrame, cause: str, month: int, share: float, error: float
) -> None:
    said = incidence_within(cumulative_incidence(mgus2["time"], mgus2["cause"]), cause, month, level=0.95)
    assert said.estimate == pytest.approx(share, abs=1e-9)
    assert said.standard_error == pytest.approx(error, abs=1e-9)
    assert said.low is not None and said.high is not None and 0 < said.low < share < said.high < 1


def test_statsmodels_agrees_over_the_whole_curve(mgus2: pd.DataFrame) -> None:
    cases = mgus2[(mgus2["time"] > 0) & (mgus2["time"] < 300)]  # its variance divides by nought at the last end
    found = cumulative_incidence(cases["time"], cases["cause"])
    other = CumIncidenceRight(cases["time"], cases["cause"].map({"pcm": 1, "death": 2}).fillna(0))
    shown = np.searchsorted(other.times, found.days)
    for number, cause in enumerate(("pcm", "death")):
        np.testing.assert_allclose(found.incidence[cause], other.cinc[number][shown], rtol=1e-9)
        np.testing.assert_allclose(found.standard_error[cause], other.cinc_se[number][shown], rtol=1e-6)


def _slow(cases: pd.DataFrame, cause: str, until: int) -> float:
    still_open, share = 1.0, 0.0
    for day in range(1, until + 1):
        there = cases[(cases["entry"] < day) & (cases["time"] >= day)]
        ends = there[there["time"] == day].dropna(subset="cause")
        if len(ends):
            n = there["weight"].sum()
            share += still_open * ends.loc[ends["cause"] == cause, "weight"].sum() / n
            still_open *= 1 - ends["weight"].sum() / n
    return share


@pytest.mark.parametrize("seed", range(5))
def test_a_slow_second_implementation_agrees_with_ties_late_entry_and_weights(seed: int) -> None:
    rng = np.random.default_rng(seed)
    entry = rng.integers(0, 4, 90)
    cases = pd.DataFrame(
        {"entry": entry, "time": entry + rng.integers(1, 12, 90), "weight": rng.integers(1, 4, 90),
         "cause": rng.choice(np.array(["a", "b", None], dtype=object), 90)}
    )  # fmt: skip
    cases.loc[0, ["entry", "time", "cause", "weight"]] = [0, 30, None, 200]  # someone is always in view
    found = cumulative_incidence(cases["time"], cases["cause"], entry=cases["entry"], weight=cases["weight"])
    rows = cases.loc[cases.index.repeat(cases["weight"])]
    apart = cumulative_incidence(rows["time"], rows["cause"], entry=rows["entry"])
    for cause in ("a", "b"):
        for day in (3, 7, 14):
            share = incidence_within(found, cause, day, level=0.9).estimate
            assert share == pytest.approx(_slow(cases, cause, day), rel=1e-9)
        np.testing.assert_allclose(found.standard_error[cause], apart.standard_error[cause], rtol=1e-9)


def _closed(found: CumulativeIncidence) -> np.ndarray:
    return sum((found.incidence[cause] for cause in found.causes), np.zeros(len(found.days)))


def test_causes_and_what_is_open_add_up_to_one_and_one_cause_is_kaplan_meier(mgus2: pd.DataFrame) -> None:
    found = cumulative_incidence(mgus2["time"], mgus2["cause"])
    np.testing.assert_allclose(_closed(found) + found.still_open, 1.0)
    any_end = kaplan_meier(mgus2["time"], mgus2["cause"].notna())
    np.testing.assert_allclose(found.still_open, survival_on(any_end, found.days))
    single = cumulative_incidence(mgus2["time"], mgus2["cause"].where(mgus2["cause"].isna(), "end"))
    np.testing.assert_allclose(single.incidence["end"], 1 - any_end.survival)


def test_one_minus_kaplan_meier_is_too_high_when_exits_compete(mgus2: pd.DataFrame) -> None:
    naive = 1 - float(survival_on(kaplan_meier(mgus2["time"], mgus2["cause"] == "pcm"), 240))
    right = incidence_within(cumulative_incidence(mgus2["time"], mgus2["cause"]), "pcm", 240, level=0.95).estimate
    assert right == pytest.approx(0.0998, abs=1e-4)
    assert naive > 1.5 * right


def test_what_cannot_be_said_is_refused_with_a_reason() -> None:
    found = cumulative_incidence([2, 5, 9], ["a", None, None])
    assert incidence_within(found, "b", 4, level=0.95).refusal == "no_events"
    assert incidence_within(found, "a", 10, level=0.95).refusal == "not_at_risk"
    assert incidence_within(found, "a", 1, level=0.95).estimate == 0.0
    nobody = cumulative_incidence([3.0], [None])
    assert incidence_within(nobody, "a", 2, level=0.95).refusal == "no_events"
    done = cumulative_incidence([2, 3], ["a", "b"])
    assert incidence_within(done, "a", 99, level=0.95).estimate == 0.5  # all have ended: known for good


def test_causes_of_another_length_are_refused() -> None:
    with pytest.raises(WrongUse, match="cause moet"):
        cumulative_incidence([1, 2], ["a"])
    with pytest.raises(WrongUse, match="niveau"):
        incidence_within(cumulative_incidence([1, 2], ["a", None]), "a", 1, level=95)


@pytest.mark.parametrize("day", [30, 90])
def test_the_interval_covers_the_true_share_as_often_as_it_says(day: int) -> None:
    rng, covered, rounds = np.random.default_rng(11), 0, 600
    truth = 0.6 * (1 - np.exp(-day / 60))  # 60 % end in a, at one pace
    for _round in range(rounds):
        time = np.ceil(rng.exponential(60, 80))
        open_after = rng.integers(20, 200, 80)
        cause = np.where(time <= open_after, np.where(rng.random(80) < 0.6, "a", "b"), None)
        said = incidence_within(cumulative_incidence(np.minimum(time, open_after), cause), "a", day, level=0.95)
        covered += said.low is not None and said.low <= truth <= said.high
    assert 0.93 <= covered / rounds <= 0.975


def test_the_interval_on_the_log_scale_is_that_of_r() -> None:
    cases = pd.read_csv(Path(__file__).parent / "data" / "melanoma.csv")
    found = cumulative_incidence(cases["time"], cases["status"].map({1: "melanoma", 2: None, 3: "other"}))
    # R: summary(survfit(Surv(time, factor(status, c(2, 1, 3))) ~ 1, melanoma), times = c(1000, 3000))
    for cause, day, row in (
        ("melanoma", 1000, (0.127457135957, 0.0233490560366, 0.0890084668617, 0.182514339133)),
        ("other", 1000, (0.0342670852451, 0.0127281501221, 0.0165465425983, 0.0709654675121)),
        ("melanoma", 3000, (0.309620165658, 0.0369524364583, 0.2450418949287, 0.391217375338)),
    ):
        said = incidence_within(found, cause, day, level=0.95, transform="log")
        assert (said.estimate, said.standard_error, said.low, said.high) == pytest.approx(row, rel=1e-9)
        assert said.method == "log"


def test_the_table_holds_every_cause_and_day_and_shows_itself(mgus2: pd.DataFrame) -> None:
    found = cumulative_incidence(mgus2["time"], pd.Categorical(mgus2["cause"], categories=["pcm", "death", "never"]))
    assert found.causes == ("pcm", "death")
    table = found.table(level=0.95)
    assert table["events"].sum() == mgus2["cause"].notna().sum()
    row = table[(table["cause"] == "death") & (table["day"] <= 60)].iloc[-1]
    said = incidence_within(found, "death", 60, level=0.95)
    assert (row["incidence"], row["low"], row["high"]) == (said.estimate, said.low, said.high)
    assert "Aalen-Johansen: n = 1384" in found._repr_html_()
    assert cumulative_incidence([1], [None]).table(level=0.95).empty
