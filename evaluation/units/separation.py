"""Separation: a logit that has no finite answer, found before it is fitted."""

import numpy as np
from scipy.optimize import linprog


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
    signed = np.vstack([design[successes > 0], -design[successes < trials]])
    signed = np.unique(signed, axis=0)
    found = linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)), bounds=(-1, 1), method="highs")
    return bool(-found.fun > 1e-7)
