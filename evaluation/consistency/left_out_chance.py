"""How likely an outcome was by a model that did not see it: each case left out, in one step.

A model that learned from an allegation finds its outcome less surprising than it is.
Fitting again without each case would take as many fits as cases; one Newton step from the
fit of all [1]_ needs one, and is exact up to the curvature of the likelihood.

References
----------
.. [1] D. Pregibon, "Logistic regression diagnostics", Annals of Statistics 9 (1981) 705-724.
"""

import numpy as np
import pandas as pd
from scipy.special import softmax

from evaluation.consistency.multinomial import information

LEAST = 1e-6
"""Less of what is known than this left, and the case is the only one that says it."""


def left_out_chance(design: np.ndarray, chances: np.ndarray, outcome: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Return the chance of the outcome that was given, with the whole case left out of the model.

    Parameters
    ----------
    design : array, shape (rows, columns)
    chances : array, shape (rows, outcomes)
        By a (multinomial) logit fitted to all rows by maximum likelihood.
    outcome : array of int, shape (rows,)
        Column of `chances` that was given.
    cluster : array, shape (rows,)
        Case of each row.

    Returns
    -------
    array of float, shape (rows,)
        NaN where the case is the only one that says something about its characteristics,
        or its outcome was certain.
    """
    columns, others = design.shape[1], chances.shape[1] - 1
    p = chances[:, 1:]
    variance = p[:, :, None] * np.eye(others) - p[:, :, None] * p[:, None, :]
    seen = information(design, chances, np.ones(len(design)))
    inverse = np.linalg.pinv(seen).reshape(others, columns, others, columns)
    left = (np.eye(others + 1)[outcome] - chances)[:, 1:]
    case = pd.factorize(np.asarray(cluster))[0]
    order = np.argsort(case, kind="stable")
    size = np.bincount(case)
    shift = np.zeros_like(left)
    for members in np.unique(size):
        rows = order[np.isin(case[order], np.flatnonzero(size == members))].reshape(-1, members)
        reach = _reach(design[rows], inverse)
        spread = np.zeros((len(rows), members, others, members, others))
        at = np.arange(members)
        spread[:, at, :, at, :] = variance[rows].swapaxes(0, 1)
        wide = members * others
        reach, spread = reach.reshape(-1, wide, wide), spread.reshape(-1, wide, wide)
        kept = np.eye(wide) - spread @ reach
        alone = np.linalg.svd(kept, compute_uv=False)[:, -1] < LEAST
        step = reach @ np.linalg.solve(
            np.where(alone[:, None, None], np.eye(wide), kept), left[rows].reshape(-1, wide, 1)
        )
        shift[rows] = np.where(alone[:, None, None], np.nan, step.reshape(len(rows), members, others))
    with np.errstate(divide="ignore"):
        eta = np.log(chances)
    moved = softmax(np.column_stack([eta[:, 0], eta[:, 1:] - shift]), axis=1)[np.arange(len(outcome)), outcome]
    return np.where(chances.max(axis=1) == 1, np.nan, moved)


def _reach(x: np.ndarray, inverse: np.ndarray) -> np.ndarray:
    """Return by how much each residual of a case moves each log odds of it: (cases, row, outcome, row, outcome)."""
    half = np.einsum("smk,akbl->smabl", x, inverse, optimize=True)
    reach: np.ndarray = np.einsum("smabl,snl->smanb", half, x, optimize=True)
    return reach
