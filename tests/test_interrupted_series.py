"""Interrupted time series: R's glm with sandwich, planted shifts, and series that cannot be broken."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from data_contracts.errors import WrongUse
from evaluation.duration.interrupted_series import InterruptedSeries, interrupted_series, monthly_shares

BREAK = date(2021, 1, 1)


def _months(closed: np.ndarray, n: np.ndarray | int = 40) -> pd.DataFrame:
    return pd.DataFrame(
        {"month": pd.date_range("2019-01-01", periods=len(closed), freq="MS"), "n": n, "closed": closed}
    )


def _fit(months: pd.DataFrame, **changed: object) -> InterruptedSeries:
    return interrupted_series(
        months, **({"break_on": BREAK, "within_days": 90, "level": 0.95, "max_lag": 12} | changed)
    )  # type: ignore[arg-type]


def test_the_line_and_its_error_are_those_of_r() -> None:
    m = np.arange(48)
    found = _fit(_months(12 + (m // 6 % 2) * 9 + 2 * (m >= 24), 30 + (m * 7) % 11))
    # R: m <- 0:47; n <- 30 + (m*7) %% 11; y <- 12 + (m %/% 6 %% 2) * 9 + 2*(m>=24); yr: middle of month
    # R: a <- month >= as.Date("2021-01-01"); u <- a | m < 21
    # R: f <- glm(cbind(y, n-y) ~ yr + a + yr:a, binomial, subset = u)
    assert found.coefficients == pytest.approx([0.1075956782, 0.2657602986, -0.3883433689, 0.1251576673], abs=1e-8)
    assert found.level_change.estimate == pytest.approx(-0.096602520, abs=1e-8)
    # R: X <- model.matrix(f); w <- weights(f, "working"); e <- residuals(f, "pearson")
    # R: K <- pmax(1 - abs(outer(m[u], m[u], "-"))/13, 0)
    # R: M <- diag(nrow(X)) - (sqrt(w)*X) %*% vcov(f) %*% t(sqrt(w)*X); d <- sqrt(w) * drop(X %*% vcov(f) %*% g)
    # R: A <- M %*% (d*t(d*K)) %*% M; t <- sum(diag(A)); c(sqrt(sum((d*e) * (K %*% (d*e))) * sum(d^2)/t), t^2/sum(A*A))
    # R: with g <- c(hi*(1-hi) - lo*(1-lo), 0, hi*(1-hi), 0), where lo <- plogis(b1) and hi <- plogis(b1+b3)
    level = found.level_change.standard_error, found.level_change.degrees_of_freedom
    assert level == pytest.approx((0.140228477325, 4.844781154093), rel=1e-5)
    # R: with g <- c(0, 0, 0, 1)
    slope = found.slope_change.standard_error, found.slope_change.degrees_of_freedom
    assert slope == pytest.approx((0.434686928185, 5.737355784028), rel=1e-5)
    # R: -0.096602520 + c(-1, 1) * qt(0.975, 4.844781154093) * 0.140228477325
    assert (found.level_change.low, found.level_change.high) == pytest.approx((-0.46057277421, 0.26736773421), abs=1e-6)
    assert (found.months_before, found.months_after) == (21, 24)


def test_an_interval_is_never_narrower_than_chance_in_the_counts_makes_it() -> None:
    found = _fit(_months(np.full(48, 20)))  # months that are all the same: nothing left to see a spread by
    # R: f <- glm(cbind(y, n-y) ~ yr + a + yr:a, binomial) with y <- 20, n <- 40
    # R: qnorm(0.975) * 0.25 * sqrt(vcov(f)[3,3])
    assert found.level_change.standard_error == pytest.approx(0.0, abs=1e-9)
    assert found.level_change.high == pytest.approx(0.104128110368, abs=1e-7)


def test_months_under_both_regimes_are_left_out_and_the_earlier_line_is_continued() -> None:
    found = _fit(_months(np.full(48, 20)), within_days=180)
    parts = found.months.set_index("month")["part"]
    # A case opened on 30 June 2020 has its 180th day on 27 December; one of 31 July in January.
    assert parts[pd.Timestamp("2020-06-01")] == "before" and parts[pd.Timestamp("2020-07-01")] == "left_out"
    assert parts[pd.Timestamp("2020-12-01")] == "left_out" and parts[pd.Timestamp("2021-01-01")] == "after"
    assert found.months["fitted"].isna().sum() == 6
    assert found.months["continued"].notna().sum() == 24
    middle = _fit(_months(np.full(48, 20)), break_on=date(2020, 11, 12), within_days=0).months.set_index("month")
    assert middle.loc[pd.Timestamp("2020-11-01"), "part"] == "left_out"


def test_a_steady_rise_is_no_break_though_the_means_before_and_after_differ() -> None:
    share = 1 / (1 + np.exp(-np.linspace(-1.5, 1.5, 48)))
    months = _months(np.rint(1000 * share).astype(int), 1000)
    found = _fit(months, within_days=0)
    naive = months["closed"][24:].sum() / 24000 - months["closed"][:24].sum() / 24000
    assert naive > 0.3
    assert found.level_change.estimate == pytest.approx(0.0, abs=0.005)


def _planted(seed: int, *, level: float, slope: float) -> InterruptedSeries:
    rng = np.random.default_rng(seed)
    month = pd.date_range("2016-01-01", periods=116, freq="MS")
    middle = month + (month + pd.offsets.MonthBegin(1) - pd.Timedelta(days=1) - month) / 2
    years = np.asarray((middle - pd.Timestamp("2020-11-12")) / pd.Timedelta(days=365.25))
    n = rng.poisson(40, 116)
    after = years > 0
    share = 1 / (1 + np.exp(-(0.2 + 0.1 * years + (level + slope * years) * after)))
    months = pd.DataFrame({"month": month, "n": n, "closed": rng.binomial(n, share)})
    return interrupted_series(months, break_on=date(2020, 11, 12), within_days=180, level=0.95, max_lag=12)


@pytest.mark.parametrize(("level", "slope"), [(0.0, 0.0), (0.5, -0.15)])
def test_intervals_hold_the_planted_shift_in_95_percent_of_series(level: float, slope: float) -> None:
    truth = float(1 / (1 + np.exp(-(0.2 + level))) - 1 / (1 + np.exp(-0.2)))
    kept, found = [], []
    for seed in range(150):
        one = _planted(seed, level=level, slope=slope)
        assert one.level_change.low is not None and one.level_change.high is not None
        assert one.slope_change.low is not None and one.slope_change.high is not None
        kept.append([one.level_change.low <= truth <= one.level_change.high,
                     one.slope_change.low <= slope <= one.slope_change.high])  # fmt: skip
        found.append((one.level_change.estimate, one.slope_change.estimate))
    assert (np.array(kept).sum(axis=0) >= 135).all(), np.mean(kept, axis=0)
    assert np.mean(found, axis=0) == pytest.approx([truth, slope], abs=0.02)


def test_only_months_that_could_be_followed_in_full_are_counted() -> None:
    opened = ["2019-12-31", "2020-01-01", "2020-01-31", "2020-02-10", "2020-02-11", "2020-03-01"]
    until = ["2020-01-05", "2020-01-31", "2020-03-02", "2020-02-20", "2020-03-30", "2020-03-30"]
    ended = [True, True, True, False, False, False]
    found = monthly_shares(opened, until, ended, within_days=30, first=date(2020, 1, 1), last=date(2020, 3, 30))
    # The last opening day that can be followed is 29 February, so March is not told. 31 January to 2 March is 31 days.
    assert found["month"].tolist() == [pd.Timestamp("2020-01-01"), pd.Timestamp("2020-02-01")]
    assert found[["n", "closed", "unfollowed"]].values.tolist() == [[2, 1, 0], [1, 0, 1]]


def test_grouped_cases_give_the_same_months() -> None:
    rng = np.random.default_rng(2)
    opened, weight = np.datetime64("2020-01-01") + rng.integers(0, 300, 50), rng.integers(1, 4, 50)
    until, ended, rows = opened + rng.integers(0, 90, 50), rng.random(50) < 0.7, np.repeat(np.arange(50), weight)
    span = {"within_days": 40, "first": date(2020, 1, 1), "last": date(2020, 12, 31)}
    grouped = monthly_shares(opened, until, ended, weight=weight, **span)  # type: ignore[arg-type]
    apart = monthly_shares(opened[rows], until[rows], ended[rows], **span)  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(grouped, apart)


@pytest.mark.parametrize(
    ("closed", "refusal"),
    [
        (np.zeros(48, dtype=int), "no_variation"),
        (np.full(48, 40), "no_variation"),
        (np.repeat([0, 20], 24), "separation"),
        (np.repeat([20, 40], 24), "separation"),
        (np.concatenate([np.repeat([0, 40], 12), np.full(24, 20)]), "separation"),
        (np.full(28, 20), "too_few"),
    ],
)
def test_series_that_cannot_be_broken_are_refused_with_a_reason(closed: np.ndarray, refusal: str) -> None:
    found = _fit(_months(closed), within_days=0)
    assert found.refusal == refusal
    assert found.level_change.estimate is None and found.months["fitted"].isna().all()


def test_months_without_cases_do_not_count() -> None:
    n = np.where(np.arange(48) % 3 == 0, 0, 40)
    found = _fit(_months(n // 2, n), within_days=0)
    assert (found.months_before, found.months_after, found.n) == (16, 16, 32 * 40)
    assert found.level_change.estimate == pytest.approx(0.0, abs=1e-9)


def test_a_level_beyond_one_is_refused() -> None:
    with pytest.raises(WrongUse, match="niveau"):
        _fit(_months(np.full(48, 20)), level=95)


def test_months_that_are_no_counts_or_out_of_order_are_refused() -> None:
    good = pd.DataFrame({"month": pd.date_range("2018-01-01", periods=30, freq="MS"), "n": 30, "closed": 10})
    asked: dict[str, Any] = {"break_on": date(2019, 6, 1), "within_days": 0, "level": 0.95}
    for bad, lag, says in (
        (good.drop(columns="closed"), 3, "kolom closed"), (good.assign(closed=40), 3, "nooit groter"),
        (good.assign(n=30.5), 3, "aantallen"), (good.assign(n=np.nan), 3, "mist 30"),
        (good[::-1], 3, "oplopen"), (good, -1, "max_lag"),
    ):  # fmt: skip
        with pytest.raises(WrongUse, match=says):
            interrupted_series(bad, max_lag=lag, **asked)
