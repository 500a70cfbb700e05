"""The log-rank test: R, statsmodels, a slow second implementation, and what it refuses."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2
from statsmodels.duration.survfunc import survdiff

from data_contracts.errors import WrongUse
from evaluation.survival.log_rank import log_rank


@pytest.fixture(scope="module")
def cases() -> pd.DataFrame:
    return pd.read_csv(Path(__file__).parent / "data" / "lung.csv").assign(died=lambda lung: lung["status"] == 2)


def test_lung_by_sex_is_what_r_says(cases: pd.DataFrame) -> None:
    found = log_rank(cases["time"], cases["died"], cases["sex"])
    # survdiff(Surv(time, status) ~ sex, lung)
    assert found.statistic == pytest.approx(10.32674195, abs=1e-8)
    assert found.groups["observed"].tolist() == [112, 53]
    assert found.groups["expected"].tolist() == pytest.approx([91.58174, 73.41826], abs=1e-5)
    # survdiff(Surv(time, status) ~ sex, lung, rho = 1)
    assert log_rank(cases["time"], cases["died"], cases["sex"], rho=1).statistic == pytest.approx(12.7141514, abs=1e-7)


def test_strata_and_more_groups_are_what_r_says(cases: pd.DataFrame) -> None:
    cases = cases.dropna(subset="ph.ecog")
    time, died = cases["time"], cases["died"]
    # survdiff(Surv(time, status) ~ sex + strata(ph.ecog), lung); survdiff(Surv(time, status) ~ ph.ecog, lung)
    within = log_rank(time, died, cases["sex"], stratum=cases["ph.ecog"])
    assert (within.statistic, within.method) == (pytest.approx(10.79505963, abs=1e-8), "stratified log-rank")
    four = log_rank(time, died, cases["ph.ecog"])
    assert (four.statistic, four.degrees_of_freedom) == (pytest.approx(21.96213168, abs=1e-8), 3)
    assert four.p_value == chi2.sf(four.statistic, 3)


def _slow(cases: pd.DataFrame, rho: float) -> float:
    """Day by day, group by group, from the textbook."""
    groups = sorted(cases["group"].unique())
    difference, variance = np.zeros(len(groups)), np.zeros((len(groups), len(groups)))
    for _stratum, rows in cases.groupby("stratum"):
        share_open = 1.0
        for day in sorted(rows.loc[rows["ended"], "time"].unique()):
            there = rows[(rows["entry"] < day) & (rows["time"] >= day)]
            ends = there[(there["time"] == day) & there["ended"]]
            n, d = there["weight"].sum(), ends["weight"].sum()
            per = np.array([there.loc[there["group"] == g, "weight"].sum() for g in groups]) / n
            seen = np.array([ends.loc[ends["group"] == g, "weight"].sum() for g in groups])
            w = share_open**rho
            difference += w * (seen - d * per)
            if n > 1:
                variance += w**2 * d * (n - d) / (n - 1) * (np.diag(per) - np.outer(per, per))
            share_open *= 1 - d / n
    return float(difference[1:] @ np.linalg.solve(variance[1:, 1:], difference[1:]))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("rho", [0.0, 1.0])
def test_a_slow_second_implementation_agrees_with_ties_late_entry_strata_and_weights(seed: int, rho: float) -> None:
    rng = np.random.default_rng(seed)
    n = 160
    entry = rng.integers(0, 15, n) * rng.integers(0, 2, n)
    cases = pd.DataFrame(
        {"entry": entry, "time": entry + rng.integers(1, 25, n), "ended": rng.random(n) < 0.7,
         "group": rng.choice(list("abc"), n), "stratum": rng.choice(["x", "y"], n), "weight": rng.integers(1, 4, n)}
    )  # fmt: skip
    found = log_rank(cases["time"], cases["ended"], cases["group"], entry=cases["entry"], stratum=cases["stratum"],
                     weight=cases["weight"], rho=rho)  # fmt: skip
    assert found.statistic == pytest.approx(_slow(cases, rho), rel=1e-9)
    rows = cases.loc[cases.index.repeat(cases["weight"])]
    apart = log_rank(rows["time"], rows["ended"], rows["group"], entry=rows["entry"], stratum=rows["stratum"], rho=rho)
    assert apart.statistic == pytest.approx(found.statistic, rel=1e-9)


def test_statsmodels_agrees_with_late_entry_and_with_strata(cases: pd.DataFrame) -> None:
    time, died, sex = (cases[name].to_numpy() for name in ("time", "died", "sex"))
    entry, stratum = time // 3, (cases["age"] > 65).to_numpy()
    late = survdiff(time, died, sex, entry=entry)[0]
    assert log_rank(time, died, sex, entry=entry).statistic == pytest.approx(late, rel=1e-9)
    within = survdiff(time, died, sex, strata=stratum)[0]
    assert log_rank(time, died, sex, stratum=stratum).statistic == pytest.approx(within, rel=1e-9)


def test_one_group_no_end_and_groups_never_seen_together_have_defined_answers() -> None:
    assert log_rank([1, 2], [True, True], ["a", "a"]).refusal == "no_variation"
    assert log_rank([1, 2], [False, False], ["a", "b"]).refusal == "no_events"
    assert log_rank([1, 5], [True, True], ["a", "b"], entry=[0, 3]).refusal == "no_events"
    assert log_rank([], [], []).refusal == "no_variation"


def test_a_case_that_opens_and_closes_on_one_day_is_compared() -> None:
    same_day = log_rank([0, 0, 4, 5], [True] * 4, ["a", "a", "b", "b"])
    half_day = log_rank([0.5, 0.5, 4, 5], [True] * 4, ["a", "a", "b", "b"])
    assert same_day.statistic == half_day.statistic > 0


def test_a_missing_group_is_refused_and_counted() -> None:
    with pytest.raises(WrongUse, match="group mist 1"):
        log_rank([1, 2, 3], [True] * 3, ["a", None, "b"])
    with pytest.raises(WrongUse, match="stratum moet"):
        log_rank([1, 2, 3], [True] * 3, ["a", "b", "b"], stratum=["x"])


def test_strata_with_a_weight_are_what_r_says() -> None:
    # R: m <- boot::melanoma[, c("time", "status", "sex", "thickness", "ulcer")]
    # R: write.csv(m, "melanoma.csv", row.names = FALSE)
    melanoma = pd.read_csv(Path(__file__).parent / "data" / "melanoma.csv")
    died = melanoma["status"] == 1
    # R: survdiff(Surv(time, status == 1) ~ sex + strata(ulcer), melanoma, rho = 1)
    found = log_rank(melanoma["time"], died, melanoma["sex"], stratum=melanoma["ulcer"], rho=1)
    assert found.statistic == pytest.approx(4.42155398271, rel=1e-10)


def test_many_strata_cost_no_more_than_one_and_the_test_shows_itself() -> None:
    pairs = pd.DataFrame({"pair": np.repeat(np.arange(500), 2), "day": np.tile([1, 2], 500)})
    # of every pair the first ends first: the sign test, (500 - 250)^2 / (500 / 4)
    found = log_rank(pairs["day"], [True] * 1000, pairs["day"] == 1, stratum=pairs["pair"])
    assert found.statistic == pytest.approx(500.0)
    assert found.table().equals(found.groups)
    assert "stratified log-rank: chi-square = 500" in found._repr_html_()


@pytest.mark.parametrize("rho", [-1.0, np.nan, np.inf])
def test_a_weight_below_nought_is_refused(rho: float) -> None:
    with pytest.raises(WrongUse, match="rho"):
        log_rank([1, 2], [True, True], ["a", "b"], rho=rho)
