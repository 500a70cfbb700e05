"""Estimators of outcome consistency against slow, obvious second implementations, where their own tests have none.

Where the second implementation of each estimator stands:

- agreement: `test_agreement` (pair by pair), `test_agreement_bootstrap` (dossier by dossier)
- reader error: `test_reader_error` (a search over all readers)
- shares: `test_clustered_share` (statsmodels' sandwich), `test_proportion` (R); chain: `test_outcome_chain` (by hand)
- matched: `test_matched` (stratum by stratum, statsmodels); conditional logit: `test_conditional_logit` (every
  choice); both: here
- proportional odds and multinomial: statsmodels, in their own tests; ordered and unordered outcomes by unit: here
- win probability: `test_win_probability` (pair by pair); pairs of outcomes: here
- false discovery: `test_false_discovery` (the rule written out); E-value: `test_e_value` (the bias it bounds)
- characteristics filled in: here; chances with a case left out: `test_left_out_chance` (fitted again)
- case mix and logit: `test_case_mix` (R), `test_logit` (statsmodels); separation: here
- counts by chance: `test_count_chances` (every combination); case correlation: `test_cluster_allowance` (every pair)
- random intercept: `test_random_intercept` (one integral a unit); its top, its errors and its interval: here
- uncertainty of unit effects: `test_effect_uncertainty` (the whole system of equations)
"""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import optimize, special, stats
from scipy.sparse.csgraph import connected_components
from scipy.special import expit
from statsmodels.miscmodels.ordinal_model import OrderedModel

from evaluation.consistency.chained_equations import imputed
from evaluation.consistency.conditional_logit import conditional_logit
from evaluation.consistency.matched import mantel_haenszel
from evaluation.consistency.ordered_outcome import ordered_by_unit
from evaluation.consistency.paired_outcomes import bowker, stuart_maxwell
from evaluation.consistency.unordered_outcome import unordered_by_unit
from evaluation.units.random_intercept import random_intercept
from evaluation.units.separation import is_separated

NODES, MASS = special.roots_hermitenorm(121)  # around nought, not around the mode of each unit: many, for that
MASS = MASS / MASS.sum()


def by_integral(theta: np.ndarray, hits: np.ndarray, cases: np.ndarray, x: np.ndarray, unit: np.ndarray) -> float:
    """Return the log-likelihood, with every unit integrated on one fixed lattice."""
    eta = (x @ theta[:-1])[:, None] + theta[-1] * NODES
    rows = stats.binom.logpmf(hits[:, None], cases[:, None], expit(eta))
    units = np.array([rows[unit == one].sum(axis=0) for one in np.unique(unit)])
    return float(special.logsumexp(units + np.log(np.maximum(MASS, 1e-300)), axis=1).sum())


def drawn(seed: int, spread: float, *, times: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    unit, kind = (part.ravel() for part in np.indices((12, 2)))
    cases = times * rng.integers(20, 120, len(unit))
    chance = expit(0.4 + 0.5 * kind + rng.normal(0, spread, 12)[unit])
    return rng.binomial(cases, chance), cases, np.column_stack([np.ones(len(unit)), kind]), unit


# The last three: the climb once ended at a spread of 0.002, in every fourth delivery of equal units.
@pytest.mark.parametrize(
    ("seed", "spread", "times"),
    [(1, 0.6, 1), (2, 0.3, 1), (3, 0.1, 1), (4, 0.0, 1), (1, 0.0, 3), (3, 0.0, 3), (65, 0.0, 3)],
)
def test_the_random_intercept_is_the_top_of_the_integral_also_where_the_spread_is_almost_nought(
    seed: int, spread: float, times: int
) -> None:
    given = drawn(seed, spread, times=times)
    fit = random_intercept(*given, nodes=9, level=0.95)
    tops = [
        optimize.minimize(lambda theta: -by_integral(theta, *given), [0.4, 0.5, start], method="Nelder-Mead",
                          options={"xatol": 1e-7, "fatol": 1e-11, "maxiter": 4000})
        for start in (0.02, 0.3)
    ]  # fmt: skip
    top = min(tops, key=lambda one: one.fun)
    assert fit.loglik == pytest.approx(-top.fun, abs=2e-6)
    assert fit.fixed == pytest.approx(top.x[:-1], abs=2e-4)
    assert fit.sigma == pytest.approx(abs(top.x[-1]), abs=2e-3)
    assert np.isfinite(fit.fixed_se).all()


def test_the_errors_and_the_interval_of_the_random_intercept_are_those_of_the_integral() -> None:
    given = drawn(1, 0.6)
    fit = random_intercept(*given, nodes=9, level=0.95)
    theta = np.append(fit.fixed, fit.sigma)
    step = np.eye(3) * 1e-3
    curve = np.array([
        [sum(sign * other * by_integral(theta + sign * one + other * two, *given)
             for sign in (1, -1) for other in (1, -1)) / 4e-6 for two in step]
        for one in step
    ])  # fmt: skip
    assert fit.fixed_se == pytest.approx(np.sqrt(np.diag(np.linalg.inv(-curve)))[:-1], rel=1e-3)

    def profile(sigma: float) -> float:
        found = optimize.minimize(lambda beta: -by_integral(np.append(beta, sigma), *given), fit.fixed, method="BFGS")
        return -float(found.fun)

    cut = fit.loglik - stats.chi2.ppf(0.95, 1) / 2
    for end in fit.sigma_interval:
        assert profile(end) == pytest.approx(cut, abs=1e-4)


def ordered_data(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    case = np.repeat(np.arange(110), rng.integers(1, 4, 110))
    unit, heavy = rng.integers(0, 4, 110)[case], rng.random(len(case)) < 0.4
    latent = 0.3 * unit + 0.7 * heavy + rng.normal(0, 0.8, 110)[case] + rng.logistic(size=len(case))
    mix = pd.DataFrame({"complexity": np.where(heavy, "zwaar", "licht")})
    return np.digitize(latent, [-0.5, 0.6, 1.9]), unit, case, mix


def slopes_by_row(loglik: object, theta: np.ndarray) -> np.ndarray:
    """Return the slope of the log-likelihood of each row, by differences."""
    step = np.eye(len(theta)) * 1e-5
    return np.column_stack([(loglik(theta + one) - loglik(theta - one)) / 2e-5 for one in step])  # type: ignore[operator]


def test_win_probabilities_are_counted_against_the_prediction_for_each_row() -> None:
    rank, unit, case, mix = ordered_data(1)
    found = ordered_by_unit(rank, unit.astype(str), mix, level=0.95, cluster=case)
    heavy = (mix["complexity"] == "zwaar").to_numpy(float)[:, None]
    chance = OrderedModel(rank, heavy, distr="logit").fit(method="bfgs", disp=False, gtol=1e-9).predict()
    wins = [chance[row, : rank[row]].sum() + chance[row, rank[row]] / 2 for row in range(len(rank))]
    for one in found.units:
        assert one.win.estimate == pytest.approx(np.mean([wins[row] for row in np.flatnonzero(unit == int(one.unit))]))


def test_ordered_odds_ratios_are_contrasts_of_statsmodels_with_a_sandwich_by_differences() -> None:
    rank, unit, case, mix = ordered_data(2)
    found = ordered_by_unit(rank, unit.astype(str), mix, level=0.95, cluster=case)
    heavy = (mix["complexity"] == "zwaar").to_numpy(float)
    x = np.column_stack([heavy, *(unit == one for one in (1, 2, 3))]).astype(float)
    fit = OrderedModel(rank, x, distr="logit").fit(method="bfgs", disp=False, gtol=1e-9)
    cuts = np.cumsum(np.append(fit.params[4], np.exp(fit.params[5:])))
    theta = np.concatenate([fit.params[:4], cuts])

    def loglik(theta: np.ndarray) -> np.ndarray:
        ends = np.concatenate([[-np.inf], theta[4:], [np.inf]])
        eta = x @ theta[:4]
        return np.log(expit(ends[rank + 1] - eta) - expit(ends[rank] - eta))

    rows = slopes_by_row(loglik, theta)
    curve = slopes_by_row(lambda at: slopes_by_row(loglik, at).sum(axis=0), theta)
    totals = np.array([rows[case == one].sum(axis=0) for one in np.unique(case)])
    bread, clusters = np.linalg.inv(-curve), len(totals)
    covariance = bread @ (totals.T @ totals) @ bread * clusters / (clusters - 1)
    effects, shares = np.append(0.0, theta[1:4]), np.bincount(unit) / len(unit)
    for at, one in enumerate(found.units):
        contrast = (np.arange(4) == at) - shares
        error = np.sqrt(contrast[1:] @ covariance[1:4, 1:4] @ contrast[1:])
        ends = np.exp(contrast @ effects + np.array([-1, 1]) * stats.norm.ppf(0.975) * error)
        assert one.odds_ratio.estimate == pytest.approx(np.exp(contrast @ effects), rel=1e-4)
        assert one.odds_ratio.interval == pytest.approx(tuple(ends), rel=2e-3)


def test_the_score_tests_of_groups_are_those_of_slopes_and_curvature_by_differences() -> None:
    rank, unit, case, mix = ordered_data(3)
    group = np.minimum(rank, 2)
    found = unordered_by_unit(group.astype(str), unit.astype(str), mix, level=0.95, cluster=case)
    heavy = (mix["complexity"] == "zwaar").to_numpy(float)
    x = np.column_stack([np.ones(len(unit)), heavy, *(unit == one for one in (1, 2, 3))]).astype(float)
    base = sm.MNLogit(group, x[:, :2]).fit(disp=False, tol=1e-12, maxiter=200).params
    theta = np.vstack([np.asarray(base), np.zeros((3, 2))]).ravel()  # a row a column of the design

    def loglik(theta: np.ndarray) -> np.ndarray:
        eta = np.column_stack([np.zeros(len(x)), x @ theta.reshape(5, 2)])
        return eta[np.arange(len(x)), group] - special.logsumexp(eta, axis=1)

    rows = slopes_by_row(loglik, theta)
    curve = -slopes_by_row(lambda at: slopes_by_row(loglik, at).sum(axis=0), theta)
    slope = rows.sum(axis=0)
    assert found.score.statistic == pytest.approx(slope @ np.linalg.inv(curve) @ slope, rel=1e-4)
    units = np.repeat(np.arange(5) >= 2, 2)
    own = rows[:, units] - rows[:, ~units] @ np.linalg.inv(curve[np.ix_(~units, ~units)]) @ curve[np.ix_(~units, units)]
    totals = np.array([own[case == one].sum(axis=0) for one in np.unique(case)])
    clustered = own.sum(axis=0) @ np.linalg.inv(totals.T @ totals) @ own.sum(axis=0)
    assert found.clustered_score.statistic == pytest.approx(clustered, rel=1e-4)
    assert (found.score.df, found.clustered_score.df) == (6, 6)


@pytest.mark.parametrize("seed", range(8))
def test_tests_of_pairs_on_sparse_tables_are_sums_over_what_moved(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = rng.poisson(rng.choice([0.0, 0.4, 2.0], (6, 6))).astype(float)
    pairs = [(i, j) for i, j in combinations(range(6), 2) if table[i, j] + table[j, i] > 0]
    found = bowker(table)
    assert found.df == (len(pairs) or None)
    if pairs:
        assert found.statistic == pytest.approx(
            sum((table[p] - table[p[::-1]]) ** 2 / (table[p] + table[p[::-1]]) for p in pairs)
        )
    # Outcomes between which something moved make a group; the first of a group says nothing new.
    group = connected_components(np.triu(table + table.T, 1), directed=False)[1]
    kept = [i for i in range(6) if i not in np.unique(group, return_index=True)[1]]
    margins = stuart_maxwell(table)
    assert margins.df == (len(kept) or None)
    if kept:
        away = np.array([table[i].sum() - table[:, i].sum() for i in kept])
        moved = table + table.T
        spread = np.array([[moved[i].sum() - moved[i, i] if i == j else -moved[i, j] for j in kept] for i in kept])
        assert margins.statistic == pytest.approx(away @ np.linalg.inv(spread) @ away)


@pytest.mark.parametrize("seed", range(6))
def test_separation_is_found_where_a_search_along_all_edges_finds_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    answers = set()
    for _turn in range(60):
        n = int(rng.integers(5, 12))
        x = np.column_stack([np.ones(n), rng.integers(0, 2, n), rng.integers(-2, 3, n)]).astype(float)
        if np.linalg.matrix_rank(x) < 3:
            continue
        hit = rng.random(n) < expit(-1 + 2 * x[:, 1])
        signed = np.where(hit[:, None], x, -x)
        # Every edge of the cone of separating directions lies on two of its sides.
        edges = [np.cross(signed[i], signed[j]) for i, j in combinations(range(n), 2)]
        slow = any((signed @ (sign * edge) >= 0).all() for edge in edges if np.abs(edge).max() > 0 for sign in (1, -1))
        assert is_separated(x, hit.astype(int), np.ones(n, dtype=int)) == slow
        answers.add(slow)
    assert answers == {True, False}


def test_filled_in_tables_hold_on_average_what_expectation_maximisation_says() -> None:
    rng = np.random.default_rng(5)
    n = 3000
    found = rng.random(n) < 0.5
    heavy = rng.random(n) < expit(-0.5 + 1.2 * found)
    senior = rng.random(n) < expit(-0.8 + 0.9 * heavy + 0.4 * found)
    truth = np.column_stack([heavy, senior]).astype(int)
    gone = np.column_stack([rng.random(n) < np.where(found, 0.7, 0.1), rng.random(n) < np.where(found, 0.2, 0.35)])
    values = np.where(gone, -1, truth)

    expected = np.full((2, 2, 2), 1 / 8)  # found, heavy, senior
    for _round in range(200):
        counts = np.zeros_like(expected)
        for one in (0, 1):
            for a in (-1, 0, 1):
                for b in (-1, 0, 1):
                    rows = ((found == one) & (values[:, 0] == a) & (values[:, 1] == b)).sum()
                    cell = np.zeros((2, 2))
                    kept = np.ix_([0, 1] if a < 0 else [a], [0, 1] if b < 0 else [b])
                    cell[kept] = expected[one][kept] / expected[one][kept].sum()
                    counts[one] += rows * cell
        expected = counts / n

    levels = pd.DataFrame(
        np.where(gone, None, np.array(["nee", "ja"], dtype=object)[truth]), columns=["heavy", "senior"]
    )
    complete = pd.DataFrame({"found": found.astype(str)})
    drawn_tables = [imputed(levels, complete, cycles=4, rng=rng) for _table in range(10)]
    shares = np.mean(
        [[[[((found == one) & (t["heavy"] == a) & (t["senior"] == b)).mean() for b in ("nee", "ja")]
           for a in ("nee", "ja")] for one in (False, True)] for t in drawn_tables], axis=0,
    )  # fmt: skip
    assert shares == pytest.approx(expected, abs=0.012)
    seen = ~gone.any(axis=1)
    left_out = np.mean(heavy[seen])
    assert abs(left_out - expected[:, 1].sum()) > 0.02  # leaving rows out would be seen


@pytest.mark.parametrize("seed", range(4))
def test_the_conditional_ratio_of_tables_is_the_conditional_logit_of_their_rows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    stratum, own = rng.integers(0, 6, 160), rng.random(160) < 0.4
    hit = rng.random(160) < expit(rng.normal(0, 0.8, 6)[stratum] + 0.6 * own)
    ratio = mantel_haenszel(hit, np.where(own, "a", "b"), stratum, level=0.95)[0].conditional
    fit = conditional_logit(hit, own[:, None].astype(float), stratum)
    assert ratio == pytest.approx(float(np.exp(fit.coefficients[0])), rel=1e-6)
