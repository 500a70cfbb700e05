"""The proportional-odds logit, with frequency weights, clusters, and separation found beforehand.

statsmodels' `OrderedModel` fits the same model, but takes no counts, climbs by BFGS with a
numerical Hessian, and runs off in silence where there is no finite answer. So this is our
own Newton iteration on the exact slope and curvature; `OrderedModel` and R's `MASS::polr`
check it in the tests.

References
----------
.. [1] P. McCullagh, "Regression models for ordinal data", JRSS B 42 (1980) 109-142.
.. [2] B. Peterson, F. E. Harrell, "Partial proportional odds models for ordinal response
   variables", Applied Statistics 39 (1990) 205-217.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from scipy.special import expit, logit

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.consistency.effect import TestResult
from evaluation.units.separation import SeparationError, is_separated

MOST_STEPS = 100


@dataclass(frozen=True, eq=False)
class ProportionalOdds:
    """A fitted proportional-odds logit: logit P(Y <= j) = threshold_j - x'b.

    *Estimand*: `coefficients`, log odds ratios of a heavier outcome, the same wherever the
    order is cut.

    Parameters
    ----------
    categories : tuple
        Outcomes seen, from mild to heavy; those never seen carry no information.
    counts : array, shape (categories,)
    thresholds : array, shape (categories - 1,)
    coefficients, standard_errors : array, shape (columns,)
        Inverse observed information.
    covariance : array
        Of thresholds, then coefficients.
    loglik : float
    n : int
    design : array, shape (rows, columns)
    at : array, shape (rows,)
        Which category each row has.
    weights : array, shape (rows,)
    """

    categories: tuple[Any, ...]
    counts: np.ndarray
    thresholds: np.ndarray
    coefficients: np.ndarray
    covariance: np.ndarray
    loglik: float
    n: int
    design: np.ndarray
    at: np.ndarray
    weights: np.ndarray

    @property
    def standard_errors(self) -> np.ndarray:
        """Of the coefficients, by the model."""
        return np.sqrt(np.diag(self.covariance))[len(self.thresholds) :]

    def cumulative(self) -> np.ndarray:
        """Return P(Y <= category) for each row, shape (rows, categories); the last is 1."""
        eta = self.design @ self.coefficients
        return np.column_stack([expit(self.thresholds[None, :] - eta[:, None]), np.ones(len(eta))])

    def scores(self) -> np.ndarray:
        """Return the slope of each row's log-likelihood in thresholds and coefficients, weights in it."""
        return self.weights[:, None] * _rows(_theta(self), self.at, self.design, len(self.thresholds))[1]

    def clustered_covariance(self, cluster: np.ndarray) -> np.ndarray:
        """Return the sandwich covariance with whole clusters as what was drawn, with C / (C - 1)."""
        group = np.unique(np.asarray(cluster), return_inverse=True)[1]
        count = group.max() + 1
        totals = np.zeros((count, len(self.covariance)))
        np.add.at(totals, group, self.scores())
        meat = totals.T @ totals * count / max(1, count - 1)
        return np.asarray(self.covariance @ meat @ self.covariance)


def proportional_odds(rank: ArrayLike, design: np.ndarray, *, weights: ArrayLike | None = None) -> ProportionalOdds:
    """Fit a proportional-odds logit by maximum likelihood.

    Parameters
    ----------
    rank : array_like
        Order of the outcome; only the order is used.
    design : array, shape (rows, columns)
        Without a constant (the thresholds are that); of full rank beside one.
    weights : array_like, optional
        How many such rows there were.

    Raises
    ------
    WrongUse
        If values are missing, lengths differ, fewer than two outcomes are seen, or the
        columns depend on one another.
    SeparationError
        If some coefficient has no finite estimate.

    Examples
    --------
    Two groups of 30, one shifted: the odds of a heavier outcome are over four times as high.

    >>> fit = proportional_odds([1, 2, 3, 1, 2, 3], np.array([[0], [0], [0], [1], [1], [1]]),
    ...                         weights=[15, 10, 5, 6, 9, 15])
    >>> round(float(np.exp(fit.coefficients[0])), 2)
    4.45
    """
    y, x = np.asarray(rank, dtype=float), np.asarray(design, dtype=float)
    count = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=float)
    if y.ndim != 1 or x.shape[:1] != y.shape or x.ndim != 2 or count.shape != y.shape:
        raise WrongUse(_("Deze kolommen moeten even lang zijn: {names}.", names="rank, design, weights"))
    if not (np.isfinite(y).all() and np.isfinite(x).all() and np.isfinite(count).all() and (count >= 0).all()):
        raise WrongUse(_("{names}: er ontbreken waarden of een gewicht is negatief; laat die rijen eerst weg.",
                         names="rank, design, weights"))  # fmt: skip
    y, x, count = y[count > 0], x[count > 0], count[count > 0]
    labels, at = np.unique(y, return_inverse=True)
    if len(labels) < 2:
        raise WrongUse(_("Een geordend model heeft minstens twee verschillende uitkomsten nodig."))
    if np.linalg.matrix_rank(np.column_stack([np.ones(len(x)), x])) <= x.shape[1]:
        raise WrongUse(_("De kolommen van design hangen van elkaar af."))
    cuts = len(labels) - 1
    if x.shape[1] and ordinal_separation(at, x):
        raise SeparationError("some coefficient has no finite estimate")
    totals = np.bincount(at, count)
    start = np.append(logit(totals.cumsum()[:-1] / totals.sum()), np.zeros(x.shape[1]))
    theta, value, hessian = _newton(start, at, x, count, cuts)
    return ProportionalOdds(
        categories=tuple(labels.tolist()),
        counts=totals,
        thresholds=theta[:cuts],
        coefficients=theta[cuts:],
        covariance=np.linalg.inv(-hessian),
        loglik=value,
        n=round(float(count.sum())),
        design=x,
        at=at,
        weights=count,
    )


def ordinal_separation(at: np.ndarray, design: np.ndarray) -> bool:
    """Tell whether some coefficient of a cumulative logit runs off.

    A direction in which, for every row, the threshold above its outcome rises and the one
    below falls, against x'b, makes the likelihood grow for ever. That is separation in a
    binary logit with two rows a case: not above, and not below, its own outcome.
    """
    cuts = int(at.max())
    cut = np.eye(cuts)
    above, below = at < cuts, at > 0
    rows = np.vstack([
        np.column_stack([cut[at[above]], -design[above]]),
        np.column_stack([cut[at[below] - 1], -design[below]]),
    ])  # fmt: skip
    hits = np.append(np.ones(above.sum()), np.zeros(below.sum()))
    return is_separated(rows, hits, np.ones(len(hits)))


def _theta(fit: ProportionalOdds) -> np.ndarray:
    return np.append(fit.thresholds, fit.coefficients)


def _edges(theta: np.ndarray, at: np.ndarray, x: np.ndarray, cuts: int) -> tuple[np.ndarray, ...]:
    """Return F and f = F (1 - F) at the thresholds above and below each row's outcome."""
    ends = np.concatenate([[-np.inf], theta[:cuts], [np.inf]])
    eta = x @ theta[cuts:]
    high, low = expit(ends[at + 1] - eta), expit(ends[at] - eta)
    return high, low, high * (1 - high), low * (1 - low)


def _directions(at: np.ndarray, x: np.ndarray, cuts: int) -> tuple[np.ndarray, np.ndarray]:
    """Return, of each row, how the thresholds above and below its outcome (minus x'b) move with the parameters."""
    high = np.zeros((len(at), cuts + x.shape[1]))
    low = high.copy()
    above, below = np.flatnonzero(at < cuts), np.flatnonzero(at > 0)
    high[above, at[above]] = 1
    low[below, at[below] - 1] = 1
    high[:, cuts:] = -x
    low[:, cuts:] = -x
    return high, low


def _rows(theta: np.ndarray, at: np.ndarray, x: np.ndarray, cuts: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the probability of each row's outcome, and the slope of its logarithm."""
    high, low, f_high, f_low = _edges(theta, at, x, cuts)
    chance = high - low
    up, down = _directions(at, x, cuts)
    return chance, (f_high / chance)[:, None] * up - (f_low / chance)[:, None] * down


def _newton(
    start: np.ndarray, at: np.ndarray, x: np.ndarray, count: np.ndarray, cuts: int
) -> tuple[np.ndarray, float, np.ndarray]:
    up, down = _directions(at, x, cuts)

    def value(theta: np.ndarray) -> float:
        if (np.diff(theta[:cuts]) <= 0).any():
            return -np.inf
        high, low, _f_high, _f_low = _edges(theta, at, x, cuts)
        chance = high - low
        return -np.inf if (chance <= 0).any() else float(count @ np.log(chance))

    theta, best = start, value(start)
    for _step in range(MOST_STEPS):
        high, low, f_high, f_low = _edges(theta, at, x, cuts)
        chance = high - low
        a, b = f_high / chance, f_low / chance
        slope = up.T @ (count * a) - down.T @ (count * b)
        aa, bb = a * (1 - 2 * high) - a**2, -b * (1 - 2 * low) - b**2
        mixed = up.T @ (down * (count * a * b)[:, None])
        hessian = up.T @ (up * (count * aa)[:, None]) + down.T @ (down * (count * bb)[:, None]) + mixed + mixed.T
        move = np.linalg.solve(hessian, -slope)
        if np.abs(move).max() < 1e-10:
            return theta, best, hessian
        shrink = 1.0
        while value(theta + shrink * move) < best and shrink > 1e-8:
            shrink /= 2
        theta = theta + shrink * move
        gained, best = value(theta) - best, value(theta)
        if shrink <= 1e-8 or (np.abs(slope @ move) < 1e-12 and gained <= 0):
            return theta, best, hessian
    raise SeparationError("the climb did not end: some coefficient hardly has a finite estimate")


def proportional_odds_test(fit: ProportionalOdds, *, information: str = "expected") -> TestResult:
    """Test whether one coefficient holds for every cut of the order: a score test [2]_.

    It needs the proportional fit only, so it is there when a logit at a single cut has no
    finite answer. It rejects too easily where cells are sparse: look at the effects by cut
    before giving a model up.

    Parameters
    ----------
    fit : ProportionalOdds
    information : {"expected", "observed"}
        With the expected information the statistic is Pearson's goodness of fit when
        every group has its own coefficients; with the observed one it is that of SAS
        PROC LOGISTIC.

    Returns
    -------
    TestResult
        df = (categories - 2) * columns; refused as `not_estimable` with two categories,
        without columns, or when the data cannot tell the cuts apart.
    """
    cuts, columns = len(fit.thresholds), fit.design.shape[1]
    if cuts < 2 or not columns:
        return TestResult(None, None, None, "not_estimable")
    slope, blocks = _slope_by_cut(fit), (_expected if information == "expected" else _observed)(fit)
    if information == "expected" and np.linalg.cond(blocks) > 1e12:
        return TestResult(None, None, None, "not_estimable")
    statistic = float(slope @ np.linalg.lstsq(blocks, slope, rcond=None)[0])
    df = (cuts - 1) * columns
    return TestResult(statistic, df, float(stats.chi2.sf(statistic, df)))


def clustered_score_test(fit: ProportionalOdds, columns: np.ndarray, cluster: np.ndarray) -> TestResult:
    """Test whether more columns add anything, with whole clusters as what was drawn.

    A score test: it needs the fit without them only. A Wald test by cluster takes the errors
    of many units from few cases each, and with some twenty cases a unit raises two to three
    times too many alarms (`make validate`, "ordered outcome").

    Parameters
    ----------
    fit : ProportionalOdds
        Without the columns.
    columns : array, shape (rows, more)
    cluster : array, shape (rows,)
    """
    cuts, whole = len(fit.thresholds), np.column_stack([fit.design, columns])
    theta = np.append(_theta(fit), np.zeros(columns.shape[1]))
    own = np.arange(len(theta)) >= cuts + fit.design.shape[1]
    slopes = fit.weights[:, None] * _rows(theta, fit.at, whole, cuts)[1]
    curve = _information(theta, fit.at, whole, fit.weights, cuts)
    efficient = slopes[:, own] - slopes[:, ~own] @ np.linalg.solve(curve[np.ix_(~own, ~own)], curve[np.ix_(~own, own)])
    group = np.unique(np.asarray(cluster), return_inverse=True)[1]
    totals = np.zeros((group.max() + 1, efficient.shape[1]))
    np.add.at(totals, group, efficient)
    variance = totals.T @ totals
    df = int(np.linalg.matrix_rank(variance, hermitian=True))
    if not df:
        return TestResult(None, None, None, "not_estimable")
    slope = efficient.sum(axis=0)
    statistic = float(slope @ np.linalg.pinv(variance, hermitian=True) @ slope)
    return TestResult(statistic, df, float(stats.chi2.sf(statistic, df)))


def _information(theta: np.ndarray, at: np.ndarray, x: np.ndarray, count: np.ndarray, cuts: int) -> np.ndarray:
    """Return minus the curvature of the log-likelihood."""
    up, down = _directions(at, x, cuts)
    high, low, f_high, f_low = _edges(theta, at, x, cuts)
    a, b = f_high / (high - low), f_low / (high - low)
    aa, bb = a * (1 - 2 * high) - a**2, -b * (1 - 2 * low) - b**2
    mixed = up.T @ (down * (count * a * b)[:, None])
    own = up.T @ (up * (count * aa)[:, None]) + down.T @ (down * (count * bb)[:, None])
    return np.asarray(-(own + mixed + mixed.T))


def _slope_by_cut(fit: ProportionalOdds) -> np.ndarray:
    """Return the slope in a threshold and coefficients for each cut, at the proportional fit."""
    x, cuts = np.column_stack([np.ones(len(fit.design)), -fit.design]), len(fit.thresholds)
    high, low, f_high, f_low = _edges(_theta(fit), fit.at, fit.design, cuts)
    up, down = fit.weights * f_high / (high - low), fit.weights * f_low / (high - low)
    return np.concatenate(
        [x.T @ (np.where(fit.at == j, up, 0) - np.where(fit.at == j + 1, down, 0)) for j in range(cuts)]
    )


def _expected(fit: ProportionalOdds) -> np.ndarray:
    cumulative = np.column_stack([np.zeros(len(fit.design)), fit.cumulative()])
    chance, density = np.diff(cumulative, axis=1), cumulative[:, 1:-1] * (1 - cumulative[:, 1:-1])
    own = density**2 * (1 / chance[:, :-1] + 1 / chance[:, 1:])
    following = -density[:, :-1] * density[:, 1:] / chance[:, 1:-1]
    return _banded(fit, own, following)


def _observed(fit: ProportionalOdds) -> np.ndarray:
    cuts = len(fit.thresholds)
    high, low, f_high, f_low = _edges(_theta(fit), fit.at, fit.design, cuts)
    a, b = f_high / (high - low), f_low / (high - low)
    above, below = a**2 - a * (1 - 2 * high), b**2 + b * (1 - 2 * low)
    category = np.arange(cuts)[None, :]
    at = fit.at[:, None]
    own = np.where(at == category, above[:, None], 0) + np.where(at == category + 1, below[:, None], 0)
    following = np.where(at == category[:, 1:], -(a * b)[:, None], 0)
    return _banded(fit, own, following)


def _banded(fit: ProportionalOdds, own: np.ndarray, following: np.ndarray) -> np.ndarray:
    """Put together the information of all cuts: only neighbours have something to do with one another."""
    x = np.column_stack([np.ones(len(fit.design)), -fit.design])
    cuts, width = own.shape[1], x.shape[1]
    blocks = np.zeros((cuts, width, cuts, width))
    for j in range(cuts):
        blocks[j, :, j, :] = x.T @ (x * (fit.weights * own[:, j])[:, None])
        if j + 1 < cuts:
            blocks[j, :, j + 1, :] = x.T @ (x * (fit.weights * following[:, j])[:, None])
            blocks[j + 1, :, j, :] = blocks[j, :, j + 1, :].T
    return blocks.reshape(cuts * width, cuts * width)
