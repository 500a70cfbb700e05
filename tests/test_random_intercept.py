"""The random-intercept logit against R's lme4, a slow second implementation and planted truths."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats
from scipy.special import expit

from evaluation.units import random_intercept as module
from evaluation.units.random_intercept import intraclass_correlation, median_odds_ratio, random_intercept
from evaluation.units.separation import SeparationError

# R: write.csv(lme4::cbpp, "cbpp.csv", row.names = FALSE, quote = FALSE)
CBPP = pd.read_csv(Path(__file__).parent / "data" / "cbpp.csv")
PERIODS = np.column_stack([np.ones(len(CBPP)), *[(CBPP["period"] == p).astype(float) for p in (2, 3, 4)]])


def cbpp(nodes, level=0.95):
    return random_intercept(
        CBPP["incidence"].to_numpy(), CBPP["size"].to_numpy(), PERIODS, CBPP["herd"].to_numpy(),
        nodes=nodes, level=level,
    )  # fmt: skip


def test_one_node_gives_the_laplace_fit_of_glmer():
    # R: glmer(cbind(incidence, size - incidence) ~ period + (1 | herd), cbpp, binomial,
    #          control = glmerControl(tolPwrss = 1e-13, optimizer = "bobyqa",
    #                                 optCtrl = list(rhobeg = 2e-4, rhoend = 1e-10)))
    fit = cbpp(1)
    assert fit.fixed == pytest.approx([-1.398532139, -0.9923326547, -1.128672052, -1.580313860], abs=1e-5)
    assert fit.sigma == pytest.approx(0.6422614082, abs=1e-5)
    assert fit.loglik == pytest.approx(-92.02628187, abs=1e-6)


def test_the_laplace_fit_lies_within_the_looseness_of_glmers_default_settings():
    # R: glmer(cbind(incidence, size - incidence) ~ period + (1 | herd), cbpp, binomial)
    # stops early: its log-likelihood, -92.02656639, is lower than ours.
    fit = cbpp(1)
    assert fit.fixed == pytest.approx([-1.39834, -0.99193, -1.12822, -1.57975], abs=1e-3)
    assert fit.sigma == pytest.approx(0.64207, abs=1e-3)
    assert fit.loglik > -92.02656639
    assert round(fit.median_odds_ratio, 3) == 1.845
    assert round(fit.icc, 4) == 0.1114


def test_nine_nodes_give_the_quadrature_fit_of_glmer():
    # R: g <- glmer(cbind(incidence, size - incidence) ~ period + (1 | herd), cbpp, binomial, nAGQ = 9)
    #    fixef(g); VarCorr(g); sqrt(diag(vcov(g)))
    fit = cbpp(9)
    assert fit.fixed == pytest.approx([-1.3992194, -0.9914087, -1.1278128, -1.5794878], abs=3e-5)
    assert fit.sigma == pytest.approx(0.6475179, abs=1e-5)
    assert fit.fixed_se == pytest.approx([0.2335107, 0.3067679, 0.3267672, 0.4275960], abs=1e-4)


def test_the_unit_effects_and_their_spread_are_those_of_glmer():
    # R: r <- ranef(g, condVar = TRUE)$herd; r[1:5, 1]; sqrt(attr(r, "postVar")[1, 1, 1:5])
    fit = cbpp(9)
    assert fit.units == tuple(range(1, 16))
    assert fit.effects[:5] == pytest.approx([0.593018, -0.300266, 0.407857, 0.039682, -0.190800], abs=2e-5)
    assert fit.effects_sd[:5] == pytest.approx([0.348893, 0.366666, 0.297722, 0.417779, 0.351324], abs=2e-5)


@pytest.mark.parametrize(("nodes", "low", "high"), [(1, 0.3460732, 1.0999746), (9, 0.3488016, 1.1112921)])
def test_the_profile_interval_of_sigma_is_that_of_lme4(nodes, low, high):
    # R: confint(g, parm = "theta_")
    fit = cbpp(nodes)
    assert fit.sigma_interval == pytest.approx((low, high), abs=1e-4)
    assert fit.icc_interval == pytest.approx((intraclass_correlation(low), intraclass_correlation(high)), abs=1e-4)
    assert fit.median_odds_ratio_interval == pytest.approx((median_odds_ratio(low), median_odds_ratio(high)), abs=5e-4)


def small(seed, units=4):
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units), 5)
    design = np.column_stack([np.ones(len(unit)), rng.normal(size=len(unit))])
    trials = rng.integers(1, 6, len(unit))
    return rng.binomial(trials, 0.4), trials, design, unit


@pytest.mark.parametrize("seed", range(4))
def test_the_likelihood_is_the_integral_done_by_brute_force(seed):
    hits, trials, design, unit = small(seed)
    theta = np.array([-0.3, 0.5, 0.9])

    def given(u, k):
        mine = unit == k
        chance = expit(design[mine] @ theta[:2] + theta[2] * u)
        return stats.binom.pmf(hits[mine], trials[mine], chance).prod() * stats.norm.pdf(u)

    slow = sum(np.log(integrate.quad(given, -9, 9, args=(k,), epsabs=1e-14)[0]) for k in range(4))
    data = module._data(hits, trials, design, unit, 25, None)
    assert module._loglik(data, theta)[0] + data.constant == pytest.approx(slow, abs=1e-7)


@pytest.mark.parametrize("nodes", [1, 3, 9])
def test_the_slope_of_the_likelihood_is_its_finite_difference(nodes):
    data = module._data(*small(9), nodes, None)
    theta = np.array([-0.4, 0.3, 0.8])
    steps = np.eye(3) * 1e-6
    numeric = [(module._loglik(data, theta + s)[0] - module._loglik(data, theta - s)[0]) / 2e-6 for s in steps]
    assert module._loglik(data, theta)[1] == pytest.approx(numeric, abs=1e-6)


def test_rows_groups_and_frequency_weights_give_the_same_answer():
    rng = np.random.default_rng(3)
    unit = rng.integers(0, 8, 600)
    group = rng.integers(0, 2, 600)
    found = rng.random(600) < expit(-0.3 + 0.5 * group + np.linspace(-1, 1, 8)[unit])
    rows = pd.DataFrame({"unit": unit, "group": group, "found": found.astype(int)})
    counted = rows.groupby(list(rows), as_index=False).size()
    binomial = rows.groupby(["unit", "group"], as_index=False)["found"].agg(["sum", "size"])

    def fit(frame, hits, trials, weights=None):
        design = np.column_stack([np.ones(len(frame)), frame["group"]])
        return random_intercept(hits, trials, design, frame["unit"].to_numpy(), nodes=9, level=0.95, weights=weights)

    by_row = fit(rows, rows["found"], np.ones(600))
    by_count = fit(counted, counted["found"], np.ones(len(counted)), counted["size"])
    by_group = fit(binomial, binomial["sum"], binomial["size"])
    for other in (by_count, by_group):
        assert other.n == by_row.n == 600
        assert other.sigma == pytest.approx(by_row.sigma, abs=1e-6)
        assert other.fixed == pytest.approx(by_row.fixed, abs=1e-6)
        assert other.sigma_interval == pytest.approx(by_row.sigma_interval, abs=1e-5)
        assert other.effects == pytest.approx(by_row.effects, abs=1e-6)
    assert by_count.loglik == pytest.approx(by_row.loglik, abs=1e-6)


def test_the_order_of_the_rows_does_not_matter():
    hits, trials, design, unit = small(5)
    order = np.random.default_rng(1).permutation(len(unit))
    one = random_intercept(hits, trials, design, unit, nodes=5, level=0.95)
    other = random_intercept(hits[order], trials[order], design[order], unit[order], nodes=5, level=0.95)
    assert other.sigma == pytest.approx(one.sigma, abs=1e-9)
    assert other.effects == pytest.approx(one.effects, abs=1e-9)


def test_products_over_the_kinds_of_rows_are_those_over_the_rows():
    rng = np.random.default_rng(2)
    unit, group = rng.integers(0, 9, 400), rng.integers(0, 3, 400)
    design = np.column_stack([np.ones(400), group == 1, group == 2]).astype(float)
    trials = rng.integers(1, 6, 400)
    data = module._data(rng.binomial(trials, 0.4), trials, design, unit, 9, None)
    beta = np.array([-0.4, 0.3, 0.8])
    rows = design[np.argsort(unit, kind="stable")]
    chance = expit(rows @ beta)
    weight = (data.trials * chance * (1 - chance))[:, None]
    assert len(data.kinds) == 3
    assert np.array_equal(data.kinds[data.kind], rows)
    assert data.offset(beta) == pytest.approx(rows @ beta, rel=1e-14)
    assert data.kinds.T @ data.by_kind(data.trials) == pytest.approx(rows.T @ data.trials, rel=1e-14)
    np.testing.assert_allclose(module._information(data, beta), rows.T @ (rows * weight), rtol=1e-13)


def test_the_logistic_and_its_integral_hold_far_out():
    eta = np.array([-800.0, -40.0, -1.0, 0.0, 1.0, 40.0, 800.0])
    p, softplus = module._logistic(eta)
    assert p == pytest.approx(expit(eta), rel=1e-14)
    assert softplus == pytest.approx(np.logaddexp(0, eta), rel=1e-14)


def test_units_that_differ_less_than_chance_have_a_spread_of_nought():
    unit = np.arange(10)
    fit = random_intercept(np.full(10, 20), np.full(10, 50), np.ones((10, 1)), unit, nodes=9, level=0.95)
    assert fit.sigma == 0
    assert fit.icc == 0
    assert fit.median_odds_ratio == 1
    assert not fit.effects.any()
    assert fit.loglik == fit.loglik_without
    assert fit.sigma_interval.low == 0
    assert 0 < fit.sigma_interval.high < 0.5
    assert fit.fixed[0] == pytest.approx(np.log(20 / 30))
    assert fit.fixed_se[0] == pytest.approx((500 * 0.4 * 0.6) ** -0.5)


def test_a_planted_spread_is_recovered_and_lies_in_its_interval():
    rng = np.random.default_rng(1868)
    estimates, covered = [], 0
    for _round in range(25):
        unit = np.repeat(np.arange(30), 2)
        design = np.column_stack([np.ones(60), np.tile([0.0, 1.0], 30)])
        effect = rng.normal(0, 0.6, 30)
        hits = rng.binomial(40, expit(design @ [-0.4, 0.7] + effect[unit]))
        fit = random_intercept(hits, np.full(60, 40), design, unit, nodes=9, level=0.95)
        estimates.append(fit.sigma)
        covered += fit.sigma_interval.low <= 0.6 <= fit.sigma_interval.high
    assert np.mean(estimates) == pytest.approx(0.6, abs=0.05)
    assert covered >= stats.binom.ppf(0.01, 25, 0.95)


def test_unit_effects_are_shrunk_and_small_units_most():
    hits, trials = np.array([9, 90, 45, 55, 50, 48]), np.array([10, 100, 100, 100, 100, 100])
    fit = random_intercept(hits, trials, np.ones((6, 1)), np.arange(6), nodes=9, level=0.95)
    crude = np.log(hits / (trials - hits)) - fit.fixed[0]
    assert abs(fit.effects[0]) < abs(fit.effects[1]) < abs(crude[1])
    low, high = fit.effects_interval
    assert ((low < fit.effects) & (fit.effects < high)).all()


def test_a_design_that_separates_the_outcome_is_reported():
    design = np.column_stack([np.ones(8), np.repeat([0.0, 1.0], 4)])
    with pytest.raises(SeparationError):
        random_intercept(np.array([2, 3, 1, 2, 5, 5, 5, 5]), np.full(8, 5), design, np.arange(8), nodes=9, level=0.95)


def test_units_that_are_all_or_nothing_are_reported_as_separated():
    with pytest.raises(SeparationError):
        random_intercept(np.array([0, 20, 0, 20]), np.full(4, 20), np.ones((4, 1)), np.arange(4), nodes=9, level=0.95)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hits": np.array([1.0, np.nan, 2])}, "missing values"),
        ({"hits": np.array([1, 9, 2])}, "between 0 and trials"),
        ({"units": np.array(["a", "a", "a"])}, "at least two units"),
        ({"design": np.ones((3, 2))}, "depend on one another"),
    ],
)
def test_input_that_cannot_be_fitted_is_refused(change, message):
    given = {"hits": np.array([1, 3, 2]), "design": np.ones((3, 1)), "units": np.array(["a", "b", "c"])} | change
    with pytest.raises(ValueError, match=message):
        random_intercept(given["hits"], np.full(3, 5), given["design"], given["units"], nodes=9, level=0.95)


def test_an_infinite_spread_has_an_icc_of_one():
    assert intraclass_correlation(np.inf) == 1
    assert median_odds_ratio(np.inf) == np.inf
