"""The conditional logit: effects within matched sets, whatever the level of each set.

statsmodels' `ConditionalLogit` adds up all ways to choose the hits of a set by recursion,
which ends in an error for sets of many hundreds, and runs off in silence where there is
no finite answer. Here the sums are built up one case at a time, for all sets of one size
at once, with exact slope and curvature; `ConditionalLogit` and R's `survival::clogit`
check it in the tests.

References
----------
.. [1] N. E. Breslow, N. E. Day, Statistical Methods in Cancer Research I, 1980, ch. 7.
.. [2] M. H. Gail, J. H. Lubin, L. V. Rubinstein, "Likelihood calculations for matched
   case-control studies and survival studies with tied death times", Biometrika 68 (1981)
   703-707.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from evaluation.complete_rows import complete_rows

MOST_STEPS = 40


@dataclass(frozen=True, eq=False)
class ConditionalLogit:
    """A fitted conditional logit, or the reason why there is none.

    *Estimand*: `coefficients`, log odds ratios of the outcome between cases of one
    matched set.

    Parameters
    ----------
    coefficients, standard_errors : array, shape (columns,), or None
    covariance : array or None
    loglik, loglik_without : float or None
        At the estimate, and with all coefficients nought.
    n, sets : int
        Cases and sets that say something: those with both outcomes.
    not_compared, missing : int
        Cases in other sets; rows with a missing value.
    refusal : str or None
        Key in `evaluation.refusals.REASONS`: `no_variation`, no set has both outcomes;
        `not_estimable`, a column does not vary within sets or follows from others there;
        `separation`, some coefficient has no finite estimate.
    """

    coefficients: np.ndarray | None
    standard_errors: np.ndarray | None
    covariance: np.ndarray | None
    loglik: float | None
    loglik_without: float | None
    n: int
    sets: int
    not_compared: int
    missing: int
    refusal: str | None = None


def conditional_logit(outcome: ArrayLike, design: np.ndarray, stratum: ArrayLike) -> ConditionalLogit:
    """Fit a conditional logit by maximum likelihood, exact for any number of hits in a set.

    Parameters
    ----------
    outcome : array_like of bool
    design : array, shape (rows, columns)
        Without a constant. Units as columns of nought and one compare units.
    stratum : array_like
        Matched set of each row (`matched.strata`).

    Raises
    ------
    WrongUse
        If lengths differ.

    Examples
    --------
    Ten pairs; in eight the exposed one is the hit: an odds ratio of 8 / 2.

    >>> fit = conditional_logit([1, 0] * 10, np.array([[1], [0]] * 8 + [[0], [1]] * 2), np.repeat(range(10), 2))
    >>> round(float(np.exp(fit.coefficients[0])), 6)
    4.0
    """
    x = np.asarray(design, dtype=float)
    rows, missing = complete_rows({"outcome": outcome, "stratum": stratum, "row": np.arange(len(x))})
    rows = rows[np.isfinite(x[rows["row"].to_numpy(dtype=int)]).all(axis=1)]
    missing = len(x) - len(rows)
    hit = rows["outcome"].to_numpy(bool)
    group = pd.factorize(rows["stratum"])[0]
    size, hits = np.bincount(group), np.bincount(group, hit)
    told = (hits > 0) & (hits < size)
    x = x[rows["row"].to_numpy(dtype=int)]
    n = int(size[told].sum())
    counts = (n, int(told.sum()), len(rows) - n, missing)
    if not told.any():
        return _refused("no_variation", counts)
    sets = _sets(x, hit, group, told)
    within = np.vstack([part.x.reshape(-1, x.shape[1]) for part in sets])
    if np.linalg.matrix_rank(within) < x.shape[1]:
        return _refused("not_estimable", counts)
    beta = np.zeros(x.shape[1])
    value, slope, curve = _surface(sets, beta)
    without = value
    for _step in range(MOST_STEPS):
        if np.linalg.cond(curve) > 1e13:
            break
        move = np.linalg.solve(curve, slope)
        shrink = 1.0
        while (found := _surface(sets, beta + shrink * move))[0] < value - 1e-12 * abs(value) and shrink > 1e-6:
            shrink /= 2
        beta = beta + shrink * move
        value, slope, curve = found
        if np.abs(move).max() < 1e-8:
            covariance = np.linalg.inv(curve)
            return ConditionalLogit(beta, np.sqrt(np.diag(covariance)), covariance, value, without, *counts)
    return _refused("separation", counts)


def _refused(reason: str, counts: tuple[int, int, int, int]) -> ConditionalLogit:
    return ConditionalLogit(None, None, None, None, None, *counts, refusal=reason)


@dataclass(frozen=True, eq=False)
class _Sets:
    """Sets of one size and one number of hits: `x` (sets, size, columns), centred; `chosen`, the sums of the hits."""

    x: np.ndarray
    hits: int
    chosen: np.ndarray


def _sets(x: np.ndarray, hit: np.ndarray, group: np.ndarray, told: np.ndarray) -> list[_Sets]:
    order = np.flatnonzero(told[group])
    order = order[np.argsort(group[order], kind="stable")]
    size = np.unique(group[order], return_counts=True)[1]
    of_set = np.split(order, np.cumsum(size)[:-1])
    hits = np.array([int(hit[rows].sum()) for rows in of_set])
    found = []
    for many, chosen in sorted(set(zip(size.tolist(), hits.tolist(), strict=True))):
        same = np.flatnonzero((size == many) & (hits == chosen))
        rows = np.array([of_set[one] for one in same])
        values = x[rows] - x[rows].mean(axis=1, keepdims=True)
        found.append(_Sets(values, chosen, (values * hit[rows][:, :, None]).sum(axis=1)))
    return found


def _surface(sets: list[_Sets], beta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the log-likelihood, its slope and minus its curvature."""
    value, slope, curve = 0.0, np.zeros(len(beta)), np.zeros((len(beta), len(beta)))
    for part in sets:
        log_sum, mean, spread = _choices(part.x, beta, part.hits)
        value += float((part.chosen @ beta - log_sum).sum())
        slope += (part.chosen - mean).sum(axis=0)
        curve += spread.sum(axis=0)
    return value, slope, curve


def _choices(x: np.ndarray, beta: np.ndarray, hits: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sum exp(x'b) over all ways to choose the hits of each set.

    Returns its logarithm, and mean and covariance of the sum of x chosen, a row a set.
    """
    if hits > x.shape[1] / 2:  # choose the others instead: fewer sums, and none that is too small to hold
        whole = x.sum(axis=1)
        log_sum, mean, spread = _choices(-x, beta, x.shape[1] - hits)
        return log_sum + whole @ beta, whole + mean, spread
    count, _size, columns = x.shape
    weight = x @ beta
    shift = weight.max(axis=1)
    chance = np.exp(weight - shift[:, None])
    zero = np.zeros((count, hits + 1))
    zero[:, 0] = 1.0
    first, second = np.zeros((count, hits + 1, columns)), np.zeros((count, hits + 1, columns, columns))
    logs = np.zeros(count)
    for at in range(x.shape[1]):
        row, one = x[:, at], chance[:, at, None]
        cross = first[:, :-1, :, None] * row[:, None, None, :]
        outer = (row[:, :, None] * row[:, None, :])[:, None]
        second[:, 1:] += one[..., None, None] * (
            second[:, :-1] + cross + cross.swapaxes(2, 3) + zero[:, :-1, None, None] * outer
        )
        first[:, 1:] += one[..., None] * (first[:, :-1] + zero[:, :-1, None] * row[:, None])
        zero[:, 1:] += one * zero[:, :-1]
        top = zero.max(axis=1)
        zero, first, second = zero / top[:, None], first / top[:, None, None], second / top[:, None, None, None]
        logs += np.log(top)
    mean = first[:, hits] / zero[:, hits, None]
    spread = second[:, hits] / zero[:, hits, None, None] - mean[:, :, None] * mean[:, None, :]
    return np.log(zero[:, hits]) + logs + hits * shift, mean, spread
