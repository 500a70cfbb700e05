"""The multinomial logit, with frequency weights and a bounded answer where that is asked for.

statsmodels' `MNLogit` fits the same model, but takes no counts, and where there is no
finite answer it warns or fails on a singular matrix. This Newton iteration says so; it
can also draw coefficients gently towards nought (`ridge`), which imputation needs.
`MNLogit` and R's `nnet::multinom` check it in the tests.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp, softmax

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.units.separation import SeparationError

MOST_STEPS = 40


@dataclass(frozen=True, eq=False)
class Multinomial:
    """A fitted multinomial logit.

    *Estimand*: `coefficients`, log odds of each outcome against the first.

    Parameters
    ----------
    coefficients : array, shape (columns, outcomes)
        The first column is nought.
    information : array, shape (columns * (outcomes - 1), same)
        Observed information; columns of the design run within an outcome.
    loglik : float
    n : int
    """

    coefficients: np.ndarray
    information: np.ndarray
    loglik: float
    n: int

    def chances(self, design: np.ndarray) -> np.ndarray:
        """Return the probability of every outcome, a row a row of `design`."""
        return np.asarray(softmax(design @ self.coefficients, axis=1))


def multinomial(
    outcome: np.ndarray, outcomes: int, design: np.ndarray, *, weights: np.ndarray | None = None, ridge: float = 0.0
) -> Multinomial:
    """Fit a multinomial logit by maximum likelihood.

    Parameters
    ----------
    outcome : array of int, shape (rows,)
        0 to `outcomes` - 1; every outcome must be seen, unless `ridge` is positive.
    outcomes : int
    design : array, shape (rows, columns)
        With a constant in its first column; of full rank, unless `ridge` is positive.
    weights : array, optional
        How many such rows there were.
    ridge : float
        Half the penalty on a squared coefficient, the constant's too but a thousand
        times smaller; nought for maximum likelihood.

    Raises
    ------
    WrongUse
        If the columns depend on one another, or an outcome is never seen.
    SeparationError
        If some coefficient has no finite estimate: where there is a finite one the
        climb, on a concave surface, ends there.

    Examples
    --------
    >>> fit = multinomial(np.array([0, 1, 2]), 3, np.ones((3, 1)), weights=np.array([20, 40, 10]))
    >>> fit.chances(np.ones((1, 1))).round(4).tolist()
    [[0.2857, 0.5714, 0.1429]]
    """
    x = np.asarray(design, dtype=float)
    count = np.ones(len(x)) if weights is None else np.asarray(weights, dtype=float)
    columns, others = x.shape[1], outcomes - 1
    if not ridge and np.linalg.matrix_rank(x[count > 0]) < columns:
        raise WrongUse(_("De kolommen van design hangen van elkaar af."))
    hits = np.eye(outcomes)[outcome]
    if not ridge and (count @ hits == 0).any():
        raise WrongUse(_("Een uitkomst komt niet voor; laat die uit de lijst weg."))
    penalty = np.tile(np.append(ridge / 1000, np.full(columns - 1, ridge)), others)

    def surface(flat: np.ndarray) -> tuple[float, np.ndarray]:
        eta = np.column_stack([np.zeros(len(x)), x @ flat.reshape(others, columns).T])
        chance = softmax(eta, axis=1)
        value = count @ ((eta * hits).sum(axis=1) - logsumexp(eta, axis=1))
        return float(value - penalty @ flat**2), chance

    flat = np.zeros(others * columns)
    best, chance = surface(flat)
    for _step in range(MOST_STEPS):
        slope = (x.T @ (count[:, None] * (hits - chance))[:, 1:]).T.ravel() - 2 * penalty * flat
        curve = information(x, chance, count) + 2 * np.diag(penalty)
        if np.linalg.cond(curve) > 1e14:
            break
        move = np.linalg.solve(curve, slope)
        shrink = 1.0
        while surface(flat + shrink * move)[0] < best - 1e-12 * abs(best) and shrink > 1e-6:
            shrink /= 2
        flat = flat + shrink * move
        best, chance = surface(flat)
        if np.abs(move).max() < 1e-8:
            coefficients = np.column_stack([np.zeros(columns), flat.reshape(others, columns).T])
            return Multinomial(coefficients, information(x, chance, count), best, round(float(count.sum())))
    raise SeparationError("some coefficient has no finite estimate")


def information(design: np.ndarray, chance: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the information of all coefficients but those of the first outcome."""
    columns, others = design.shape[1], chance.shape[1] - 1
    blocks = np.empty((others, columns, others, columns))
    for k in range(others):
        for j in range(k, others):
            spread = chance[:, k + 1] * ((k == j) - chance[:, j + 1]) * weights
            blocks[k, :, j, :] = design.T @ (design * spread[:, None])
            blocks[j, :, k, :] = blocks[k, :, j, :].T
    return blocks.reshape(others * columns, others * columns)
