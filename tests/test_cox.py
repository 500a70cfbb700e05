"""Cox's regression: R, statsmodels and its traps, a slow second implementation, and what it refuses."""

from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog
from statsmodels.duration.hazard_regression import PHReg

from data_contracts.errors import WrongUse
from evaluation.survival.cox import cox
from evaluation.survival.cox_curves import baseline_hazard, predicted_survival
from evaluation.survival.cox_fit import _many_terms
from evaluation.survival.cox_residuals import (
    deviance_residuals,
    dfbeta,
    martingale_residuals,
    schoenfeld_residuals,
    score_residuals,
)
from evaluation.survival.cox_result import Cox

DATA = Path(__file__).parent / "data"
AGE_SEX_ECOG = ["age", "sex", "ph.ecog"]


@pytest.fixture(scope="module")
def lung() -> pd.DataFrame:
    # lung.csv: see test_survival.py
    # R: l <- lung[!is.na(lung$ph.ecog), ]; l$month <- ceiling(l$time / 30.5)
    cases = pd.read_csv(DATA / "lung.csv").dropna(subset="ph.ecog").reset_index(drop=True)
    return cases.assign(died=cases["status"] == 2, month=np.ceil(cases["time"] / 30.5))


@pytest.fixture(scope="module")
def heart() -> pd.DataFrame:
    # R: write.csv(survival::heart, "heart.csv", row.names = FALSE)
    return pd.read_csv(DATA / "heart.csv")


@pytest.fixture(scope="module")
def veteran() -> pd.DataFrame:
    # R: veteran$celltype <- as.character(veteran$celltype); write.csv(veteran, "veteran.csv", row.names = FALSE)
    return pd.read_csv(DATA / "veteran.csv")


def _lung(lung: pd.DataFrame, **given: Any) -> Cox:
    return cox(lung[AGE_SEX_ECOG], lung["time"], lung["died"], **{"level": 0.95, **given})


def _heart(heart: pd.DataFrame, **given: Any) -> Cox:
    columns = heart[["age", "surgery", "transplant"]]
    return cox(columns, heart["stop"], heart["event"], entry=heart["start"], **{"level": 0.95, **given})


def _months(lung: pd.DataFrame, **given: Any) -> Cox:
    return cox(lung[AGE_SEX_ECOG], lung["month"], lung["died"], **{"level": 0.95, **given})


def column(found: Cox, name: str) -> list[float]:
    return found.coefficients[name].tolist()


# --- against R -----------------------------------------------------------------------


def test_lung_is_what_r_says(lung: pd.DataFrame) -> None:
    # R: f <- coxph(Surv(time, status) ~ age + sex + ph.ecog, l); summary(f); f$loglik; f$concordance
    found = _lung(lung)
    assert column(found, "coefficient") == pytest.approx([0.011066765, -0.552612396, 0.463728475], abs=1e-8)
    assert column(found, "standard_error") == pytest.approx([0.009267411, 0.167739054, 0.113577266], abs=1e-8)
    assert column(found, "hazard_ratio") == pytest.approx([1.011128228, 0.575444556, 1.589991190], abs=1e-8)
    assert column(found, "low") == pytest.approx([0.9929281, 0.4142130, 1.2726752], abs=1e-6)
    assert column(found, "high") == pytest.approx([1.0296620, 0.7994351, 1.9864236], abs=1e-6)
    assert column(found, "p_value") == pytest.approx([0.23241568, 0.00098605, 4.4471e-05], rel=1e-4)
    assert (found.log_likelihood_null, found.log_likelihood) == pytest.approx((-744.4804558, -729.2301214), abs=1e-6)
    assert (found.n, found.n_events, found.converged, found.refusal) == (227, 164, True, None)
    assert found.method == "efron, model-based"
    # R: summary(f)$logtest, $sctest, $waldtest
    tests = (found.likelihood_ratio, found.score, found.wald)
    assert [test and round(test.statistic, 2) for test in tests] == [30.5, 30.5, 29.93]
    assert [test and test.degrees_of_freedom for test in tests] == [3, 3, 3]
    pairs = found.concordance
    assert pairs is not None
    assert (pairs.concordant, pairs.discordant, pairs.tied) == (12544, 7117, 126)
    assert pairs.estimate == pytest.approx(0.6371354930, abs=1e-9)


def test_many_ties_are_what_r_says_in_efrons_form_throughout(lung: pd.DataFrame) -> None:
    # R: f <- coxph(Surv(month, status) ~ age + sex + ph.ecog, l, cluster = seq_len(nrow(l))); summary(f); f$loglik
    found = _months(lung, cluster=np.arange(len(lung)))
    assert column(found, "coefficient") == pytest.approx([0.01113157314, -0.55976306986, 0.47071529762], abs=1e-9)
    assert column(found, "standard_error") == pytest.approx([0.009246099168, 0.167720763325, 0.113943555410], abs=1e-8)
    assert column(found, "robust_error") == pytest.approx([0.00992617224, 0.16491453580, 0.12454117176], abs=1e-8)
    assert found.log_likelihood == pytest.approx(-731.1519103, abs=1e-6)
    assert found.method == "efron, cluster-robust"
    assert found.concordance is not None
    assert found.concordance.estimate == pytest.approx(0.6428866512, abs=1e-9)
    # R: basehaz(f, centered = FALSE)[c(1, 5, 12), ]
    hazard = baseline_hazard(found)
    assert hazard["day"].iloc[[0, 4, 11]].tolist() == [1, 5, 12]
    assert hazard["cumulative_hazard"].iloc[[0, 4, 11]].tolist() == pytest.approx(
        [0.02837681052, 0.14710855739, 0.60475675444], abs=1e-8
    )
    # R: head(resid(f), 4); head(resid(f, "schoenfeld"), 1); head(resid(f, "score"), 2)
    assert martingale_residuals(found)[:4] == pytest.approx(
        [0.02356517632, 0.10390196556, -2.18188077145, 0.55455529676], abs=1e-9
    )
    first = schoenfeld_residuals(found, scaled=False).loc[0]
    assert first[AGE_SEX_ECOG].tolist() == pytest.approx([10.090680439, -0.2748205517, 0.7988067666], abs=1e-8)
    assert score_residuals(found).loc[:1].to_numpy().ravel() == pytest.approx(
        [0.2774783383, -0.06594585906, 0.06772475647, 0.7640617946, -0.05635502563, -0.09492198590], abs=1e-8
    )


def test_predicted_survival_is_what_r_says(lung: pd.DataFrame) -> None:
    # R: f <- coxph(Surv(month, status) ~ age + sex + ph.ecog, l)
    # R: summary(survfit(f, newdata = data.frame(age = 60, sex = 2, ph.ecog = 1)), times = c(1, 5, 12))
    someone = pd.DataFrame({"sex": [2], "age": [60], "ph.ecog": [1]})
    curve = predicted_survival(_months(lung), someone, level=0.95, transform="log").set_index("day").loc[[1, 5, 12]]
    assert curve["survival"].tolist() == pytest.approx([0.971491, 0.860757, 0.539880], abs=1e-6)
    assert curve["low"].tolist() == pytest.approx([0.952866, 0.813166, 0.448345], abs=1e-6)
    assert curve["high"].tolist() == pytest.approx([0.990480, 0.911134, 0.650103], abs=1e-6)
    # R: l$entry <- (seq_len(nrow(l)) * 37) %% 150; l <- l[l$entry < l$time, ]
    # R: f <- coxph(Surv(entry, time, status) ~ age + sex, l)
    # R: summary(survfit(f, newdata = data.frame(age = 60, sex = 2), conf.type = "log-log"), times = 520)
    late = lung.assign(entry=np.arange(1, len(lung) + 1) * 37 % 150).query("entry < time")
    found = cox(late[["age", "sex"]], late["time"], late["died"], entry=late["entry"], level=0.95)
    by_order = predicted_survival(found, [[60, 2]], level=0.95).set_index("day").loc[:520].groupby("profile").tail(1)
    assert by_order[["survival", "low", "high"]].to_numpy().ravel() == pytest.approx(
        [0.388210, 0.278286, 0.49661], abs=1e-5
    )


def test_late_entry_and_strata_are_what_r_says(lung: pd.DataFrame) -> None:
    # R: f <- coxph(Surv(entry, time, status) ~ age + sex + strata(ph.ecog), l)      # l$entry as above
    late = lung.assign(entry=np.arange(1, len(lung) + 1) * 37 % 150).query("entry < time")

    def fit(ties: Any) -> Cox:
        return cox(late[["age", "sex"]], late["time"], late["died"], entry=late["entry"], stratum=late["ph.ecog"],
                   ties=ties, level=0.95)  # fmt: skip

    found = fit("efron")
    assert column(found, "coefficient") == pytest.approx([0.002350663015, -0.460383727471], abs=1e-9)
    assert column(found, "standard_error") == pytest.approx([0.009736735725, 0.179409140766], abs=1e-9)
    assert (found.log_likelihood_null, found.log_likelihood) == pytest.approx((-471.3630197, -467.9265454), abs=1e-6)
    assert found.concordance is not None
    assert (found.concordance.concordant, found.concordance.discordant, found.concordance.tied) == (2812, 2256, 88)
    # R: b <- basehaz(f, centered = FALSE); b[b$time %in% c(210, 520), ]
    hazard = baseline_hazard(found).set_index(["stratum", "day"])["cumulative_hazard"]
    assert [hazard[1.0, 210], hazard[1.0, 520]] == pytest.approx([0.6415679215, 2.1327956622], abs=1e-8)
    # R: the same with ties = "breslow"
    assert column(fit("breslow"), "coefficient") == pytest.approx([0.002348790153, -0.459553988193], abs=1e-9)


def test_strata_and_clusters_are_what_r_says(veteran: pd.DataFrame) -> None:
    # R: f <- coxph(Surv(time, status) ~ trt + karno + age + strata(celltype), veteran, cluster = diagtime); summary(f)
    found = cox(veteran[["trt", "karno", "age"]], veteran["time"], veteran["status"], stratum=veteran["celltype"],
                cluster=veteran["diagtime"], level=0.95)  # fmt: skip
    assert column(found, "coefficient") == pytest.approx([0.29143861256, -0.03749769389, -0.01183195255], abs=1e-9)
    assert column(found, "standard_error") == pytest.approx([0.207374168502, 0.005742942895, 0.009744827969], abs=1e-9)
    assert column(found, "robust_error") == pytest.approx([0.176332085442, 0.005658456489, 0.009125331444], abs=1e-9)
    assert column(found, "p_value")[0] == pytest.approx(9.837510510e-02, rel=1e-6)
    assert found.n_clusters == veteran["diagtime"].nunique()
    assert found.concordance is not None
    assert (found.concordance.concordant, found.concordance.discordant, found.concordance.tied) == (1600, 689, 4)
    # R: b <- basehaz(f, centered = FALSE); tapply(b$hazard, b$strata, max)
    last = baseline_hazard(found).groupby("stratum")["cumulative_hazard"].max()
    assert last.to_dict() == pytest.approx(
        {"adeno": 92.25628222, "large": 71.19283859, "smallcell": 42.63906555, "squamous": 77.56270711}, abs=1e-6
    )
    # R: resid(f)[1:3]; resid(f, "score")[1, ]; a residual of influence sums to nought
    assert martingale_residuals(found)[:3] == pytest.approx([0.6926532996, -0.2576089615, -0.1244062307], abs=1e-7)
    assert score_residuals(found).loc[0].tolist() == pytest.approx(
        [-0.32099186696, -0.7447402824, 7.557176275], abs=1e-8
    )
    assert dfbeta(found).sum().tolist() == pytest.approx([0, 0, 0], abs=1e-10)


def test_stanford_rows_by_time_are_what_r_says(heart: pd.DataFrame) -> None:
    # R: f <- coxph(Surv(start, stop, event) ~ age + surgery + transplant, heart, cluster = id); summary(f)
    found = _heart(heart, cluster=heart["id"])
    assert column(found, "coefficient") == pytest.approx([0.03053631491, -0.77332764530, 0.01609560530], abs=1e-9)
    assert column(found, "standard_error") == pytest.approx([0.01389278663, 0.35966798811, 0.30858580423], abs=1e-9)
    assert column(found, "robust_error") == pytest.approx([0.0143280673, 0.3332410723, 0.3093096926], abs=1e-9)
    # R: f$wald.test; f$score; f$concordance
    assert found.wald is not None and found.score is not None and found.concordance is not None
    assert found.wald.statistic == pytest.approx(10.80353421, abs=1e-7)
    assert found.score.statistic == pytest.approx(10.00228214, abs=1e-7)
    assert (found.concordance.concordant, found.concordance.discordant, found.concordance.tied) == (2710, 1808, 1)
    # R: b <- basehaz(f, centered = FALSE); b[b$time %in% c(5, 30, 1800), ]
    hazard = baseline_hazard(found).set_index("day")["cumulative_hazard"]
    assert [hazard[5], hazard[30], hazard.iloc[-1]] == pytest.approx(
        [0.1036775515, 0.2897045203, 2.3483450872], abs=1e-8
    )


# --- the traps -----------------------------------------------------------------------


def test_ever_transplanted_gives_immortal_time_bias_and_rows_by_time_do_not(heart: pd.DataFrame) -> None:
    ever = heart.groupby("id").agg(
        transplant=("transplant", "max"), age=("age", "last"), surgery=("surgery", "last"), stop=("stop", "max"),
        event=("event", "max"),
    )  # fmt: skip
    # R: coxph(Surv(futime, fustat) ~ age + surgery + transplant, jasa)   # 0.17958387
    naive = cox(ever[["age", "surgery", "transplant"]], ever["stop"], ever["event"], level=0.95)
    assert column(naive, "hazard_ratio")[2] == pytest.approx(0.1796, abs=5e-5)
    assert column(_heart(heart), "hazard_ratio")[2] == pytest.approx(1.016, abs=5e-4)


def test_statsmodels_counts_who_enters_on_a_day_as_at_risk_that_day_and_we_do_not(heart: pd.DataFrame) -> None:
    columns = heart[["age", "surgery", "transplant"]]
    wrong = PHReg(heart["stop"], columns, status=heart["event"], entry=heart["start"], ties="efron").fit()
    assert wrong.params[2] == pytest.approx(-0.0289, abs=5e-5)
    shifted = PHReg(heart["stop"], columns, status=heart["event"], entry=heart["start"] + 0.25, ties="efron").fit()
    ours = _heart(heart)
    assert column(ours, "coefficient") == pytest.approx(shifted.params.tolist(), abs=1e-6)
    assert column(ours, "coefficient")[2] == pytest.approx(0.0161, abs=5e-5)


def test_statsmodels_takes_breslow_unless_told_and_we_take_efron(lung: pd.DataFrame) -> None:
    default = PHReg(lung["month"], lung[AGE_SEX_ECOG], status=lung["died"]).fit().params.tolist()
    assert column(_months(lung, ties="breslow"), "coefficient") == pytest.approx(default, abs=1e-7)
    assert column(_months(lung), "coefficient") != pytest.approx(default, rel=1e-3)


def test_statsmodels_baseline_lags_a_day_and_ours_does_not(lung: pd.DataFrame) -> None:
    fit = PHReg(lung["time"], lung[AGE_SEX_ECOG], status=lung["died"], ties="breslow").fit()
    days, hazard, _survival = fit.baseline_cumulative_hazard[0]
    ours = baseline_hazard(_lung(lung, ties="breslow"))
    assert hazard[0] == 0.0 and ours["cumulative_hazard"].iloc[0] > 0
    ended = np.isin(days, ours["day"])
    lagging = pd.Series(hazard[ended], index=days[ended]).groupby(level=0).first()
    assert lagging.to_numpy()[1:] == pytest.approx(ours["cumulative_hazard"].to_numpy()[:-1], rel=1e-6)


def test_statsmodels_cluster_errors_are_in_breslows_form_and_ours_follow_the_ties(lung: pd.DataFrame) -> None:
    rows = np.arange(len(lung))
    theirs = PHReg(lung["month"], lung[AGE_SEX_ECOG], status=lung["died"], ties="efron").fit(groups=rows)
    # R (above): 0.00992617224 0.16491453580 0.12454117176
    assert column(_months(lung, cluster=rows), "robust_error") != pytest.approx(theirs.bse.tolist(), rel=1e-3)
    breslow = PHReg(lung["month"], lung[AGE_SEX_ECOG], status=lung["died"], ties="breslow").fit(groups=rows)
    ours = _months(lung, cluster=rows, ties="breslow")
    assert column(ours, "robust_error") == pytest.approx(breslow.bse.tolist(), rel=1e-6)


# --- a slow second implementation ----------------------------------------------------


def _random(seed: int, n: int = 70) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    entry = rng.integers(0, 8, n) * rng.integers(0, 2, n)
    return pd.DataFrame(
        {"entry": entry, "time": entry + rng.integers(0, 12, n), "ended": rng.random(n) < 0.7,
         "a": rng.normal(size=n), "b": rng.integers(0, 2, n), "stratum": rng.choice(list("xyz"), n),
         "cluster": rng.integers(0, 12, n), "weight": rng.integers(0, 4, n)}
    )  # fmt: skip


def _of(cases: pd.DataFrame, **given: Any) -> Cox:
    return cox(cases[["a", "b"]], cases["time"], cases["ended"], entry=cases["entry"], stratum=cases["stratum"],
               level=0.95, **given)  # fmt: skip


def _slow(rows: pd.DataFrame, beta: np.ndarray, ties: str) -> tuple[float, np.ndarray, np.ndarray]:
    """Log partial likelihood, slope and information, term by term."""
    value, slope, curvature = 0.0, np.zeros(2), np.zeros((2, 2))
    rows = rows.assign(time=rows["time"].where(rows["time"] > rows["entry"], rows["time"] + 0.5))  # same-day rule
    for _stratum, part in rows.groupby("stratum"):
        for day in part.loc[part["ended"], "time"].unique():
            x = part.loc[(part["entry"] < day) & (part["time"] >= day), ["a", "b"]].to_numpy()
            died = part.loc[part["ended"] & (part["time"] == day), ["a", "b"]].to_numpy()
            risk, tied = np.exp(x @ beta), np.exp(died @ beta)
            for number in range(len(died)):
                left_out = number / len(died) if ties == "efron" else 0.0
                s0 = risk.sum() - left_out * tied.sum()
                s1 = risk @ x - left_out * (tied @ died)
                s2 = (x.T * risk) @ x - left_out * (died.T * tied) @ died
                value += died[number] @ beta - np.log(s0)
                slope += died[number] - s1 / s0
                curvature += s2 / s0 - np.outer(s1, s1) / s0**2
    return value, slope, curvature


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("seed", range(6))
def test_a_slow_second_implementation_agrees_with_ties_late_entry_strata_and_weights(seed: int, ties: Any) -> None:
    cases = _random(seed)
    found = _of(cases, weight=cases["weight"], ties=ties)
    rows = cases.loc[cases.index.repeat(cases["weight"])]
    beta = np.array(column(found, "coefficient"))
    value, slope, curvature = _slow(rows, beta, ties)
    assert found.log_likelihood == pytest.approx(value, rel=1e-10)
    assert slope == pytest.approx([0, 0], abs=1e-7)
    assert found.covariance == pytest.approx(np.linalg.inv(curvature), rel=1e-6)
    null, at_null, flat = _slow(rows, np.zeros(2), ties)
    assert found.log_likelihood_null == pytest.approx(null, rel=1e-10)
    assert found.score is not None
    assert found.score.statistic == pytest.approx(at_null @ np.linalg.solve(flat, at_null), rel=1e-8)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_a_grouped_table_gives_the_answer_of_its_rows_in_everything(ties: Any) -> None:
    cases = _random(11)
    rows = cases.loc[cases.index.repeat(cases["weight"])]
    grouped = _of(cases, weight=cases["weight"], cluster=cases["cluster"], ties=ties)
    apart = _of(rows, cluster=rows["cluster"], ties=ties)
    pd.testing.assert_frame_equal(grouped.coefficients.iloc[:, 1:-1].astype(float),
                                  apart.coefficients.iloc[:, 1:-1].astype(float), rtol=1e-8)  # fmt: skip
    assert (grouped.n, grouped.n_events, grouped.n_clusters) == (apart.n, apart.n_events, apart.n_clusters)
    assert grouped.concordance == apart.concordance
    pd.testing.assert_frame_equal(baseline_hazard(grouped), baseline_hazard(apart), rtol=1e-8)
    per_case = pd.Series(martingale_residuals(grouped)).loc[cases.index.repeat(cases["weight"])].to_numpy()
    assert per_case == pytest.approx(martingale_residuals(apart), abs=1e-8)
    assert np.isnan(martingale_residuals(grouped)[cases["weight"] == 0]).all()


@pytest.mark.parametrize("times", [40, 4000])
def test_very_many_ends_on_one_day_are_as_exact_as_term_by_term(lung: pd.DataFrame, times: int) -> None:
    rng = np.random.default_rng(3)
    ends = rng.integers(33, 33 + times, 50).astype(float)
    d0 = rng.uniform(0.1, 5, 50)
    s0 = d0 * rng.choice([1.0, 1.5, 50.0, 3000.0], 50)
    logs, (a0, a1, b0, b1, b2) = _many_terms(s0, d0, ends)
    by_hand = np.zeros((6, 50))
    for day in range(50):
        share = np.arange(ends[day]) / ends[day]
        at_risk = s0[day] - share * d0[day]
        once, twice = 1 / at_risk, 1 / at_risk**2
        terms = (np.log(at_risk), once, share * once, twice, share * twice, share**2 * twice)
        by_hand[:, day] = [term.sum() for term in terms]
    assert logs == pytest.approx(by_hand[0].sum(), rel=1e-11)
    # Each counts in the likelihood's slope and curvature as often as those who end count beside those at risk.
    for found, wanted, power in zip((a0, a1, b0, b1, b2), by_hand[1:], (0, 1, 0, 1, 2), strict=True):
        scale = by_hand[1] if found is a0 or found is a1 else by_hand[3]
        assert (np.abs(found - wanted) * (d0 / s0) ** power <= 1e-10 * scale).all()
    weighed = _months(lung, weight=np.full(len(lung), 7))
    rows = lung.loc[lung.index.repeat(7)]
    assert column(weighed, "coefficient") == pytest.approx(column(_months(rows), "coefficient"), abs=1e-10)


@pytest.mark.parametrize("seed", range(4))
def test_statsmodels_agrees_on_random_rows_once_entries_are_shifted(seed: int) -> None:
    cases = _random(seed, 120)
    cases["time"] = np.where(cases["time"] == cases["entry"], cases["time"] + 0.5, cases["time"])
    theirs = PHReg(cases["time"], cases[["a", "b"]], status=cases["ended"], entry=cases["entry"] + 0.25,
                   strata=cases["stratum"], ties="efron").fit()  # fmt: skip
    found = _of(cases)
    assert column(found, "coefficient") == pytest.approx(theirs.params.tolist(), abs=1e-6)
    assert column(found, "standard_error") == pytest.approx(theirs.bse.tolist(), rel=1e-5)


def test_cutting_a_case_in_rows_changes_nothing_when_its_covariates_do_not(lung: pd.DataFrame) -> None:
    first = lung.assign(entry=0, time=np.minimum(lung["time"], 100), died=lung["died"] & (lung["time"] <= 100))
    second = lung[lung["time"] > 100].assign(entry=100)
    rows = pd.concat([first, second])
    found = _lung(rows, entry=rows["entry"], cluster=rows.index)
    whole = _lung(lung, cluster=lung.index)
    for name in ("coefficient", "standard_error", "robust_error"):
        assert column(found, name) == pytest.approx(column(whole, name), rel=1e-9)
    summed = pd.Series(martingale_residuals(found), index=rows.index).groupby(level=0).sum()
    assert summed.to_numpy() == pytest.approx(martingale_residuals(whole), abs=1e-10)


def test_times_finer_than_half_days_and_far_apart_are_ranked_first(lung: pd.DataFrame) -> None:
    entry = np.where(lung["time"] > 99, 99, 0)
    finer = cox(lung[AGE_SEX_ECOG], lung["time"] / 7, lung["died"], entry=entry / 7, level=0.95)
    whole = _lung(lung, entry=entry)
    far = cox(lung[AGE_SEX_ECOG], lung["time"] * 1e6, lung["died"], entry=entry * 1e6, level=0.95)
    assert column(finer, "coefficient") == pytest.approx(column(whole, "coefficient"), abs=1e-12)
    assert column(far, "coefficient") == pytest.approx(column(whole, "coefficient"), abs=1e-12)
    assert baseline_hazard(far)["day"].tolist() == [day * 1e6 for day in baseline_hazard(whole)["day"]]


def test_many_strata_give_the_conditional_logit_of_pairs() -> None:
    # One pair a stratum, one end a pair: the estimate is log(pairs with the exposed first / the other way round).
    pairs = np.repeat(np.arange(900), 2)
    exposed = np.tile([1, 0], 900)
    time = np.where((pairs < 600) == (exposed == 1), 1, 2)
    found = cox(pd.Series(exposed, name="exposed"), time, time == 1, stratum=pairs, level=0.95)
    assert column(found, "hazard_ratio") == pytest.approx([2.0])
    assert column(found, "standard_error") == pytest.approx([np.sqrt(1 / 600 + 1 / 300)])


# --- what is refused -----------------------------------------------------------------


def test_a_covariate_whose_cases_never_end_is_named_as_separating() -> None:
    rng = np.random.default_rng(5)
    cases = pd.DataFrame({"a": rng.normal(size=60), "b": np.arange(60) < 20, "time": rng.integers(1, 30, 60)})
    found = cox(cases[["a", "b"]], cases["time"], ~cases["b"], level=0.95)
    assert (found.refusal, found.separating) == ("separation", (("b", -1.0),))
    assert found.coefficients["refusal"].tolist() == [None, "separation"]
    assert found.coefficients.drop(columns=["covariate", "refusal"]).isna().all(axis=None)
    assert (found.wald, found.concordance, found.converged) == (None, None, False)
    # statsmodels says coefficient -20 with a standard error of thousands, and a warning
    with pytest.warns(Warning):
        naive = PHReg(cases["time"], cases[["a", "b"]].astype(float), status=~cases["b"], ties="efron").fit()
        assert naive.bse[1] > 1000


def test_two_covariates_that_separate_together_are_both_named() -> None:
    rng = np.random.default_rng(6)
    a, b = rng.normal(size=(2, 80))
    order = np.argsort(np.argsort(-(a - b)))  # who ends first has the largest a - b
    found = cox({"a": a, "b": b, "c": rng.normal(size=80)}, order + 1, np.full(80, True), level=0.95)
    assert (found.refusal, found.separating) == ("separation", (("a", 1.0), ("b", -1.0)))


def test_two_covariates_that_each_separate_are_both_named_and_not_their_company() -> None:
    rng = np.random.default_rng(7)
    kind, time = np.arange(90) // 30, rng.integers(1, 30, 90)
    first = kind == 1  # all of these end on day 1, none of kind 2 ever ends
    cases = pd.DataFrame({"a": rng.normal(size=90), "first": first, "never": kind == 2})
    found = cox(cases, np.where(first, 1, time + 1), kind < 2, level=0.95)
    assert (found.refusal, found.separating) == ("separation", (("first", 1.0), ("never", -1.0)))


def _separable(cases: pd.DataFrame) -> bool:
    """By linear programming over all pairs of one who ends and one at risk then."""
    pairs = []
    for _stratum, part in cases.groupby("stratum"):
        x = part[["a", "b"]].to_numpy(dtype=float)
        for number in np.flatnonzero(part["ended"]):
            day = part["time"].iloc[number]
            pairs.append(x[number] - x[(part["entry"] < day) & (part["time"] >= day)])
    differences = np.concatenate(pairs)
    found = linprog(-differences.sum(axis=0), A_ub=-differences, b_ub=np.zeros(len(differences)), bounds=(-1, 1))
    return bool(-found.fun > 1e-9)


def test_separation_is_found_when_and_only_when_it_is_there() -> None:
    seen = []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        n = 14
        entry = rng.integers(0, 4, n)
        cases = pd.DataFrame(
            {"entry": entry, "time": entry + rng.integers(1, 9, n), "ended": rng.random(n) < 0.35,
             "a": rng.integers(0, 4, n), "b": rng.random(n) < 0.3, "stratum": rng.choice(list("xy"), n)}
        )  # fmt: skip
        found = _of(cases)
        if found.refusal in ("no_events", "no_variation") or found.coefficients["refusal"].eq("not_estimable").any():
            continue
        kept = cases.copy()
        kept[found.coefficients.loc[found.coefficients["refusal"] == "no_variation", "covariate"]] = 0
        assert (found.refusal == "separation") == _separable(kept), seed
        assert found.refusal in (None, "separation")
        seen.append(found.refusal)
    assert min(seen.count(None), seen.count("separation")) > 25


def test_no_events_no_variation_and_dependent_columns_have_defined_answers(lung: pd.DataFrame) -> None:
    assert cox({"a": [1, 2]}, [1, 2], [False, False], level=0.95).refusal == "no_events"
    assert cox({"a": []}, [], [], level=0.95).refusal == "no_events"
    alone = cox({"a": [1, 2]}, [1, 2], [True, True], stratum=["x", "y"], level=0.95)
    assert (alone.refusal, alone.coefficients["refusal"].tolist()) == ("no_variation", ["no_variation"])
    columns = lung[AGE_SEX_ECOG].assign(one=1, twice=2 * lung["age"] + lung["sex"])
    found = cox(columns, lung["time"], lung["died"], level=0.95)
    assert found.coefficients["refusal"].tolist() == [None, None, None, "no_variation", "not_estimable"]
    assert column(found, "coefficient")[:3] == pytest.approx([0.011066765, -0.552612396, 0.463728475], abs=1e-8)
    assert column(found, "coefficient")[3:] == [None, None]
    assert found.wald is not None and found.wald.degrees_of_freedom == 3
    # Varies, but only between strata, or only among those never at risk together:
    assert cox(lung["sex"], lung["time"], lung["died"], stratum=lung["sex"], level=0.95).refusal == "no_variation"


def test_one_cluster_says_too_few(lung: pd.DataFrame) -> None:
    assert _lung(lung, cluster=np.zeros(len(lung))).refusal == "too_few"
    two = _lung(lung, cluster=lung["sex"])  # fewer clusters than coefficients: errors, but no joint test
    assert (two.n_clusters, two.wald, two.refusal) == (2, None, None)


def test_years_and_shares_weigh_alike_in_the_arithmetic(lung: pd.DataFrame) -> None:
    plain = cox(lung[["age"]], lung["time"], lung["died"], level=0.95)
    odd = cox(lung[["age"]] / 1e9 + 2020, lung["time"], lung["died"], level=0.95)
    assert column(odd, "coefficient")[0] / 1e9 == pytest.approx(column(plain, "coefficient")[0], rel=1e-3)
    assert odd.wald is not None and plain.wald is not None
    assert odd.wald.statistic == pytest.approx(plain.wald.statistic, rel=1e-3)


def test_wrong_use_is_refused(lung: pd.DataFrame) -> None:
    time, died = lung["time"], lung["died"]
    for covariates, given in (
        (lung[["age"]].assign(age=np.nan), {}),
        (lung[["age"]].astype(str), {}),
        (lung[["age"]].iloc[1:], {}),
        (lung[[]], {}),
        (lung[["age"]], {"stratum": [None] * len(lung)}),
        (lung[["age"]], {"cluster": [1, 2]}),
        (lung[["age"]], {"entry": time + 1}),
        (lung[["age"]], {"weight": np.full(len(lung), 0.5)}),
        (lung[["age"]], {"ties": "exact"}),
        (lung[["age"]], {"level": 95}),
    ):
        with pytest.raises(WrongUse):
            cox(covariates, time, died, **{"level": 0.95, **given})  # type: ignore[arg-type]
    found = cox(lung[["age"]], time, died, level=0.95)
    with pytest.raises(WrongUse):
        predicted_survival(found, lung[["sex"]], level=0.95)
    with pytest.raises(WrongUse):
        baseline_hazard(cox({"a": [1, 2]}, [1, 2], [False, False], level=0.95))
    with pytest.raises(FrozenInstanceError):
        found.n = 3  # type: ignore[misc]


def test_an_array_a_series_and_a_frame_give_the_same(lung: pd.DataFrame) -> None:
    by_frame, by_array = _lung(lung), cox(lung[AGE_SEX_ECOG].to_numpy(), lung["time"], lung["died"], level=0.95)
    assert column(by_frame, "coefficient") == column(by_array, "coefficient")
    assert column(by_array, "covariate") == ["x1", "x2", "x3"]
    assert column(cox(lung["sex"] == 2, lung["time"], lung["died"], level=0.95), "covariate") == ["sex"]


def test_deviance_residuals_are_what_r_says() -> None:
    cases = pd.read_csv(DATA / "melanoma.csv").assign(log_thickness=lambda rows: np.log(rows["thickness"]))
    found = cox(cases[["sex", "log_thickness", "ulcer"]], cases["time"], cases["status"] == 1, level=0.95)
    # R: f <- coxph(Surv(time, status == 1) ~ sex + log(thickness) + ulcer, melanoma); residuals(f, "deviance")
    residuals = deviance_residuals(found)
    assert (residuals**2).sum() == pytest.approx(203.217035504, rel=1e-9)
    assert residuals[[4, 5, 204]] == pytest.approx([2.418321310955, 2.345680407656, -0.713207314238], rel=1e-7)


def test_a_prediction_takes_a_dictionary_by_name_and_has_the_interval_of_r() -> None:
    cases = pd.read_csv(DATA / "lung.csv")
    found = cox(cases[["age", "sex"]], cases["time"], cases["status"] == 2, level=0.95)
    # R: f <- coxph(Surv(time, status) ~ age + sex, lung)
    # R: survfit(f, newdata = data.frame(age = 60, sex = 2), conf.type = "plain")
    curve = predicted_survival(found, {"sex": [2], "age": [60]}, level=0.95, transform="plain").set_index("day")
    for day, row in {100: (0.905209862363, 0.866840293501, 0.943579431224),
                     400: (0.508562413943, 0.406558493074, 0.610566334812)}.items():  # fmt: skip
        last = curve[curve.index <= day].iloc[-1]
        assert last[["survival", "low", "high"]].tolist() == pytest.approx(row, rel=1e-6)


def test_a_category_and_a_double_name_are_refused_with_a_way_out(lung: pd.DataFrame) -> None:
    time, died = lung["time"], lung["died"]
    with pytest.raises(WrongUse, match=r"sex bestaat niet uit getallen.*get_dummies"):
        cox(pd.DataFrame({"sex": pd.Categorical(lung["sex"])}), time, died, level=0.95)
    with pytest.raises(WrongUse, match="age komt meer dan eens voor"):
        cox(lung[["age", "age"]], time, died, level=0.95)
    for shape in (np.ones((len(lung), 2, 2)), 3, {"a": [1], "b": [1, 2]}):
        with pytest.raises(WrongUse, match="tabel"):
            cox(shape, time, died, level=0.95)


def test_a_fit_shows_itself_with_its_tests(lung: pd.DataFrame) -> None:
    found = _lung(lung)
    assert found.table().equals(found.coefficients)
    assert "likelihood ratio = 30.5" in found._repr_html_() and "df = 3" in found._repr_html_()
    assert "no_events" in cox({"a": [1, 2]}, [1, 2], [False, False], level=0.95)._repr_html_()


def test_clusters_whose_influence_adds_up_to_nought_give_no_error_of_nought() -> None:
    # two mirror images: x ends first in one, last in the other; every cluster holds one of each
    found = cox({"x": [1, 0, 0, 1]}, [1, 2, 1, 2], [True] * 4, stratum=[1, 1, 2, 2], cluster=[1, 1, 1, 2], level=0.95)
    assert found.refusal is None or found.refusal == "too_few"
    nothing = cox({"x": [1, 0, 0, 1] * 2}, [1, 2, 1, 2] * 2, [True] * 8, stratum=[1, 1, 2, 2, 3, 3, 4, 4],
                  cluster=[1] * 4 + [2] * 4, level=0.95)  # fmt: skip
    assert nothing.refusal == "too_few"
