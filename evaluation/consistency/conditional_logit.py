"""The conditional logit: effects within matched sets, whatever the level of each set.

statsmodels' `ConditionalLogit` adds up all ways to choose the hits of a set by recursion,
which ends in an error for sets of many hundreds, and runs off in silence where there is
no finite answer. Here the sums are built up one case at a time, with exact slope and
curvature; `ConditionalLogit` and R's `survival::clogit` check it in the tests.

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

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.complete_rows import complete_rows
from evaluation.units.separation import SeparationError

MOST_STEPS = 40


@dataclass(frozen=True, eq=False)
class ConditionalLogit:
    """A fitted conditional logit.

    *Estimand*: `coefficients`, log odds ratios of the outcome between cases of one
    matched set.

    Parameters
    ----------
    coefficients, standard_errors : array, shape (columns,)
    covariance : array
    loglik, loglik_without : float
        At the estimate, and with all coefficients nought.
    n, sets : int
        Cases and sets that say something: those with both outcomes.
    not_compared, missing : int
        Cases in other sets; rows with a missing value.
    """

    coefficients: np.ndarray
    standard_errors: np.ndarray
    covariance: np.ndarray
    loglik: float
    loglik_without: float
    n: int
    sets: int
    not_compared: int
    missing: int


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
        If lengths differ, no set has both outcomes, or a column does not vary within
        sets or follows from others there.
    SeparationError
        If some coefficient has no finite estimate.

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
    if not told.any():
        raise WrongUse(_("Geen enkele groep gelijke zaken heeft beide uitkomsten."))
    x = x[rows["row"].to_numpy(dtype=int)]
    sets = [(x[group == one] - x[group == one].mean(axis=0), hit[group == one]) for one in np.flatnonzero(told)]
    within = np.vstack([values for values, _hit in sets])
    if np.linalg.matrix_rank(within) < x.shape[1]:
        raise WrongUse(_("Een kolom van design verschilt niet binnen de groepen, of volgt daar uit andere."))
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
            return ConditionalLogit(beta, np.sqrt(np.diag(covariance)), covariance, value, without, len(within),
                                    len(sets), len(rows) - len(within), missing)  # fmt: skip
    raise SeparationError("some coefficient has no finite estimate within the matched sets")


def _surface(sets: list[tuple[np.ndarray, np.ndarray]], beta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the log-likelihood, its slope and minus its curvature."""
    value, slope, curve = 0.0, np.zeros(len(beta)), np.zeros((len(beta), len(beta)))
    for x, hit in sets:
        log_sum, mean, spread = _choices(x, beta, int(hit.sum()))
        total = x[hit].sum(axis=0)
        value += float(total @ beta) - log_sum
        slope += total - mean
        curve += spread
    return value, slope, curve


def _choices(x: np.ndarray, beta: np.ndarray, hits: int) -> tuple[float, np.ndarray, np.ndarray]:
    """Sum exp(x'b) over all ways to choose the hits: its logarithm, and mean and covariance of the sum of x chosen."""
    if hits > len(x) / 2:  # choose the others instead: fewer sums, and none that is too small to hold
        whole = x.sum(axis=0)
        log_sum, mean, spread = _choices(-x, beta, len(x) - hits)
        return log_sum + float(whole @ beta), whole + mean, spread
    columns = len(beta)
    weight = x @ beta
    shift = weight.max()
    chance = np.exp(weight - shift)
    zero = np.zeros(hits + 1)
    zero[0] = 1.0
    first, second, logs = np.zeros((hits + 1, columns)), np.zeros((hits + 1, columns, columns)), 0.0
    for row, one in zip(x, chance, strict=True):
        cross = first[:-1, :, None] * row[None, None, :]
        second[1:] += one * (
            second[:-1] + cross + cross.transpose(0, 2, 1) + zero[:-1, None, None] * np.outer(row, row)
        )
        first[1:] += one * (first[:-1] + zero[:-1, None] * row)
        zero[1:] += one * zero[:-1]
        top = zero.max()
        zero, first, second, logs = zero / top, first / top, second / top, logs + np.log(top)
    mean = first[hits] / zero[hits]
    return float(np.log(zero[hits]) + logs + hits * shift), mean, second[hits] / zero[hits] - np.outer(mean, mean)
