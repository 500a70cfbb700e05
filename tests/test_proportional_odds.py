"""The proportional-odds logit."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit
from statsmodels.miscmodels.ordinal_model import OrderedModel

from data_contracts.errors import WrongUse
from evaluation.consistency.proportional_odds import (
    ordinal_separation,
    proportional_odds,
    proportional_odds_test,
)
from evaluation.units.separation import SeparationError

# R: MASS::housing, satisfaction (low, medium, high) by influence (3), type (tower, apartment, atrium, terrace) and
# contact (2); Freq in the order of the rows.
HOUSING = [21, 21, 28, 34, 22, 36, 10, 11, 36, 61, 23, 17, 43, 35, 40, 26, 18, 54, 13, 9, 10, 8, 8, 12, 6, 7, 9, 18,
           6, 7, 15, 13, 13, 7, 5, 11, 14, 19, 37, 17, 23, 40, 3, 5, 23, 78, 46, 43, 48, 45, 86, 15, 25, 62, 20, 23,
           20, 10, 22, 24, 7, 10, 21, 57, 23, 13, 31, 21, 13, 5, 6, 13]  # fmt: skip
CHEESE = np.array([[0, 0, 1, 7, 8, 8, 19, 8, 1], [6, 9, 12, 11, 7, 6, 1, 0, 0], [1, 1, 6, 8, 23, 7, 5, 1, 0],
                   [0, 0, 0, 1, 3, 7, 14, 16, 11]])  # fmt: skip


def housing() -> tuple[np.ndarray, np.ndarray]:
    at = np.arange(72)
    influence, kind, contact = at // 3 % 3, at // 9 % 4, at // 36
    columns = [influence == 1, influence == 2, kind == 1, kind == 2, kind == 3, contact == 1]
    return at % 3, np.column_stack(columns).astype(float)


def cheese():
    rating, additive = np.tile(np.arange(9), 4), np.repeat(np.eye(4)[:, :3], 9, axis=0)
    return proportional_odds(rating, additive, weights=CHEESE.ravel())


def test_the_housing_fit_is_that_of_polr():
    # R: polr(Sat ~ Infl + Type + Cont, weights = Freq, data = housing, Hess = TRUE)
    fit = proportional_odds(*housing(), weights=HOUSING)
    wanted = [0.5663937389, 1.2888190638, -0.5723501464, -0.3661865662, -1.0910149077, 0.3602841499]
    errors = [0.10465278622, 0.12715614898, 0.11923801418, 0.15517333884, 0.15148602563, 0.09553579932]
    assert fit.coefficients == pytest.approx(wanted, abs=2e-5)  # polr climbs by BFGS
    assert fit.standard_errors == pytest.approx(errors, abs=1e-5)
    assert fit.thresholds == pytest.approx([-0.4961353438, 0.6907082904], abs=2e-5)
    assert fit.loglik == pytest.approx(-1739.57465, abs=1e-5)
    assert fit.n == 1681


def test_the_cheese_fit_is_that_of_sas():
    # SAS/STAT, PROC LOGISTIC, example "Ordinal Logistic Regression" (McCullagh and Nelder 1989)
    fit = cheese()
    assert [round(-b, 4) for b in fit.coefficients] == [1.6128, 4.9646, 3.3227]
    assert [round(a, 4) for a in fit.thresholds] == [
        -7.0802,
        -6.0250,
        -4.9254,
        -3.8568,
        -2.5206,
        -1.5685,
        -0.0669,
        1.4930,
    ]


def test_the_score_test_with_observed_information_is_that_of_sas():
    # same example: "Score Test for the Proportional Odds Assumption" 17.2866, 21 DF, 0.6936
    test = proportional_odds_test(cheese(), information="observed")
    assert test.statistic == pytest.approx(17.2866, abs=5e-4)
    assert (test.df, round(test.p_value, 3)) == (21, 0.694)


def test_the_score_test_of_a_saturated_model_is_pearsons_goodness_of_fit():
    fit = cheese()
    groups = [np.flatnonzero((fit.design == row).all(axis=1))[0] for row in np.eye(4)[:, :3]]
    expected = 52 * np.diff(np.column_stack([np.zeros(4), fit.cumulative()[groups]]), axis=1)
    test = proportional_odds_test(fit)
    assert test.statistic == pytest.approx(((CHEESE - expected) ** 2 / expected).sum(), rel=1e-9)


def test_on_random_data_it_is_statsmodels_and_the_sandwich_too():
    rng = np.random.default_rng(4)
    for _turn in range(3):
        x = rng.normal(size=(300, 2))
        y = np.searchsorted([-1, 0.3, 1.5], x @ [0.8, -0.5] + rng.logistic(size=300))
        case = rng.integers(0, 120, 300)
        fit = proportional_odds(y, x)
        model = OrderedModel(y, x, distr="logit")
        oracle = model.fit(method="newton", disp=0)
        assert fit.coefficients == pytest.approx(oracle.params[:2], abs=1e-6)
        assert fit.loglik == pytest.approx(oracle.llf, abs=1e-8)
        assert fit.standard_errors == pytest.approx(oracle.bse[:2], rel=1e-4)
        robust = model.fit(
            method="newton", disp=0, cov_type="cluster", cov_kwds={"groups": case, "use_correction": False}
        )
        count = len(set(case))
        sandwich = np.sqrt(np.diag(fit.clustered_covariance(case))[-2:] * (count - 1) / count)
        assert sandwich == pytest.approx(robust.bse[:2], rel=1e-4)


def test_two_outcomes_are_a_plain_logit():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(80, 1))
    y = rng.random(80) < expit(x[:, 0])
    fit = proportional_odds(y.astype(float), x)
    assert fit.coefficients[0] == pytest.approx(sm.Logit(y, sm.add_constant(x)).fit(disp=0).params[1], abs=1e-8)
    assert proportional_odds_test(fit).refusal == "not_estimable"


def test_counts_are_rows_and_only_the_order_counts():
    y, x = housing()
    one = proportional_odds(np.repeat(y, HOUSING), np.repeat(x, HOUSING, axis=0))
    other = proportional_odds(np.array([1, 10, 11])[y], x, weights=HOUSING)
    assert one.coefficients == pytest.approx(other.coefficients)
    assert one.covariance == pytest.approx(other.covariance)


def test_the_score_test_keeps_its_level_and_sees_odds_that_differ():
    rng = np.random.default_rng(6)
    kept, seen = 0, 0
    for _turn in range(200):
        x = (rng.random(200) < 0.5).astype(float)
        y = np.searchsorted([-1, 0, 1], 0.7 * x + rng.logistic(size=200))
        kept += proportional_odds_test(proportional_odds(y, x[:, None])).p_value < 0.05
        wide = np.searchsorted([-1, 0, 1], rng.logistic(size=200) * np.where(x, 2.5, 1))
        seen += proportional_odds_test(proportional_odds(wide, x[:, None])).p_value < 0.05
    assert kept <= 20
    assert seen >= 120


@pytest.mark.parametrize(
    ("y", "x", "separated"),
    [
        ([0, 0, 1, 1, 2, 2], [0, 0, 1, 1, 2, 2], True),
        ([0, 1, 2, 0, 1, 2], [0, 0, 0, 1, 1, 1], False),
        ([0, 1, 2, 2, 2, 2], [0, 0, 0, 1, 1, 1], True),
        ([0, 1, 2, 1, 1, 1], [0, 0, 0, 1, 1, 1], False),
        ([0, 0, 1, 1, 2, 2], [0, 0, 0, 1, 1, 1], True),
    ],
)
def test_separation_is_found_before_it_runs_off(y, x, separated):
    design = np.array(x, dtype=float)[:, None]
    assert ordinal_separation(np.array(y), design) == separated
    if separated:
        with pytest.raises(SeparationError):
            proportional_odds(y, design)
    else:
        assert np.isfinite(proportional_odds(y, design).standard_errors).all()


@pytest.mark.parametrize(
    ("y", "x"),
    [([1, 1], [[0.0], [1.0]]), ([1, 2], [[1.0], [1.0]]), ([1, np.nan], [[0.0], [1.0]]), ([1, 2, 3], [[0.0], [1.0]])],
)
def test_wrong_use_is_told(y, x):
    with pytest.raises(WrongUse):
        proportional_odds(y, np.array(x))
