"""Like with like: what a unit may be expected to find, given its mix of cases."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from evaluation.units.logit import logit_coefficients
from evaluation.units.separation import SeparationError, decided_rows

UNKNOWN = "(onbekend)"
TOGETHER = "(samen)"


@dataclass(frozen=True, eq=False)
class CaseMix:
    """A logit of the outcome on case characteristics, without units.

    *Estimand*: the probability of the outcome for a case with these characteristics, if
    all units together had handled it.

    Parameters
    ----------
    cells : DataFrame
        One row per unit and distinct combination of levels: `unit`, `successes`,
        `trials`, `probability`.
    design : array, shape (cells, columns)
        Constant and one column a level, of full rank over the cells that are not decided.
    cell : array, shape (cases,)
        The row of `cells` to which each case belongs.
    decided : array of bool, shape (cells,)
        Cells whose outcome the levels decide completely: a handful of cases at the edge
        of two characteristics that nearly follow from one another. Their probability is
        what was observed, so that they say nothing about a unit.
    pooled : dict
        Covariate -> levels that were too sparse to stand alone.
    """

    cells: pd.DataFrame
    design: np.ndarray
    cell: np.ndarray
    decided: np.ndarray
    pooled: dict[str, tuple[str, ...]]

    @property
    def probability(self) -> np.ndarray:
        """Model probability of the outcome for each case."""
        return self.cells["probability"].to_numpy()[self.cell]


def case_mix(
    outcome: pd.Series, units: pd.Series, levels: pd.DataFrame, *, minimum_n: int, counts: pd.Series | None = None
) -> CaseMix:
    """Fit the case-mix logit on cells of like cases.

    Parameters
    ----------
    outcome : Series of bool
        Missing values left out beforehand.
    units : Series of str
    levels : DataFrame of str
        One column a covariate; a missing level is a level of its own (unknown is not
        the same as any known level). No columns: everybody has the overall chance.
    minimum_n : int
        Levels with fewer cases, or with one outcome only, are pooled.
    counts : Series of int, optional
        How many cases a row stands for (frequency weights).

    Raises
    ------
    SeparationError
        If the levels, after pooling, still decide the outcome of `minimum_n` cases or more.
    """
    weight = pd.Series(1, index=outcome.index) if counts is None else counts
    known = levels.fillna(UNKNOWN).astype(str)
    together = {name: pool_sparse(known[name], outcome, weight, minimum_n=minimum_n) for name in known}
    table = pd.DataFrame({"unit": units, **together}, index=outcome.index)
    grouped = table.assign(successes=outcome.astype(int) * weight, trials=weight).groupby(
        list(table.columns), sort=True, dropna=False
    )
    cells = grouped[["successes", "trials"]].sum().reset_index()
    design = dummies(cells[list(known.columns)])
    # Cells of different units with equal levels are one row to a model without units.
    kinds, kind = np.unique(design, axis=0, return_inverse=True)
    successes, trials = (np.bincount(kind, cells[name]).astype(int) for name in ("successes", "trials"))
    decided = decided_rows(kinds, successes, trials)
    if decided.all() or trials[decided].sum() >= minimum_n:
        raise SeparationError("some level has no finite coefficient")
    kept = _independent(kinds[~decided])
    fit = logit_coefficients(kinds[~decided][:, kept], successes[~decided], trials[~decided])
    probability = np.where(decided, successes / trials, expit(kinds[:, kept] @ fit))
    cells["probability"] = probability[kind]
    pooled = {str(name): tuple(sorted(set(known[name]) - set(together[name]))) for name in known}
    return CaseMix(cells, design[:, kept], grouped.ngroup().to_numpy(), decided[kind], pooled)


def pool_sparse(levels: pd.Series, outcome: pd.Series, weight: pd.Series, *, minimum_n: int) -> pd.Series:
    """Put levels with fewer than `minimum_n` cases, or with one outcome only, together.

    What is together and still too sparse joins the largest level that remains.

    Examples
    --------
    >>> levels = pd.Series(list("aaaabb")); outcome = pd.Series([True, False] * 3)
    >>> pool_sparse(levels, outcome, pd.Series(1, index=levels.index), minimum_n=3).unique().tolist()
    ['a']
    """
    pooled = levels.where(~levels.isin(_sparse(levels, outcome, weight, minimum_n)), TOGETHER)
    if TOGETHER in _sparse(pooled, outcome, weight, minimum_n):
        rest = weight[pooled != TOGETHER].groupby(pooled[pooled != TOGETHER]).sum()
        pooled = pooled.replace(TOGETHER, rest.idxmax()) if len(rest) else pooled
    return pooled


def _sparse(levels: pd.Series, outcome: pd.Series, weight: pd.Series, minimum_n: int) -> set[str]:
    cases = weight.groupby(levels).sum()
    hits = (weight * outcome.astype(int)).groupby(levels).sum()
    return set(cases.index[(cases < minimum_n) | (hits == 0) | (hits == cases)])


def dummies(levels: pd.DataFrame) -> np.ndarray:
    """Return a constant and a column per level, without columns that follow from others.

    Two code lists that succeed each other (a new list of categories in 2020) make year
    and category overlap: the old categories together are the old years. One column then
    says nothing new and is dropped; what the model expects does not depend on which.
    """
    columns = [np.ones(len(levels))]
    columns += [(levels[name] == level).to_numpy(float) for name in levels for level in sorted(set(levels[name]))[1:]]
    design = np.column_stack(columns)
    return design[:, _independent(design)]


def _independent(design: np.ndarray) -> list[int]:
    """Return the columns that do not follow from those before them."""
    kept, basis = [], np.empty((len(design), 0))
    for at, column in enumerate(design.T):
        rest = column - basis @ (basis.T @ column)
        rest = rest - basis @ (basis.T @ rest)
        if np.linalg.norm(rest) > 1e-8 * np.linalg.norm(column):
            kept.append(at)
            basis = np.column_stack([basis, rest / np.linalg.norm(rest)])
    return kept
