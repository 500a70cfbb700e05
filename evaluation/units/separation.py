"""Separation: a logit that has no finite answer, found before it is fitted."""

import numpy as np
from scipy.optimize import linprog

TOLERANCE = 1e-7


class SeparationError(ValueError):
    """The data are (quasi-)separated: some coefficient has no finite estimate."""


def is_separated(design: np.ndarray, successes: np.ndarray, trials: np.ndarray) -> bool:
    """Tell whether some combination of the columns parts the successes from the failures.

    A direction b separates when no success has x'b < 0, no failure has x'b > 0 and not
    all are zero [1]_. Found by linear programming [2]_: exact, where an optimiser only
    shows a large coefficient with a larger standard error.

    Parameters
    ----------
    design : array, shape (rows, columns)
        Of full column rank.
    successes, trials : array, shape (rows,)
        A row may stand for many cases.

    References
    ----------
    .. [1] A. Albert, J. A. Anderson, "On the existence of maximum likelihood estimates
       in logistic regression models", Biometrika 71 (1984) 1-10.
    .. [2] K. Konis, "Linear programming algorithms for detecting separated data in
       binary logistic regression models", thesis, Oxford 2007.

    Examples
    --------
    >>> x = np.array([[1.0, 0.0], [1.0, 1.0]])
    >>> is_separated(x, np.array([3, 5]), np.array([9, 5]))
    True
    """
    return bool((np.abs(design @ _direction(design, successes, trials)) > TOLERANCE).any())


def decided_rows(design: np.ndarray, successes: np.ndarray, trials: np.ndarray) -> np.ndarray:
    """Tell which rows the columns decide completely: their chance runs off to nought or one.

    Without them the others have finite coefficients: what remains of the likelihood at its
    supremum [1]_.

    Parameters
    ----------
    design : array, shape (rows, columns)
    successes, trials : array, shape (rows,)

    References
    ----------
    .. [1] C. J. Geyer, "Likelihood inference in exponential families and directions of
       recession", Electronic Journal of Statistics 3 (2009) 259-289.

    Examples
    --------
    >>> x = np.array([[1.0, 0.0], [1.0, 1.0]])
    >>> decided_rows(x, np.array([3, 5]), np.array([9, 5])).tolist()
    [False, True]
    """
    decided = np.zeros(len(design), dtype=bool)
    while not decided.all():
        left = ~decided
        along = design[left] @ _direction(design[left], successes[left], trials[left])
        if not (np.abs(along) > TOLERANCE).any():
            break
        decided[np.flatnonzero(left)[np.abs(along) > TOLERANCE]] = True
    return decided


def _direction(design: np.ndarray, successes: np.ndarray, trials: np.ndarray) -> np.ndarray:
    """Return the direction along which successes lie on one side and failures on the other; nought without one."""
    signed = np.vstack([design[successes > 0], -design[successes < trials]])
    signed = np.unique(signed, axis=0)
    found = linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)), bounds=(-1, 1), method="highs")
    return np.asarray(found.x) if -found.fun > TOLERANCE else np.zeros(design.shape[1])
