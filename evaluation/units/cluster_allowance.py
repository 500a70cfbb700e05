"""Allegations of one case hang together: how much, and what they are worth.

A comparison of units that counts every allegation as independent calls chance a
difference: two allegations of one case, mostly with the same outcome, are not two cases.
How alike they are beyond their characteristics and their unit is one number, the
correlation within a case; it is taken as the same in every unit, because that of one
small unit says little. From it follow, unit by unit and by how many allegations its cases
have, the chance variation of its count (`count_chances.clustered_count_chances`), its
design effect, and the weight of an allegation in a model [1]_.

Counting cases instead of allegations would need one finding a case; dividing all counts
by one common design effect [2]_ is too strict for units with one allegation a case and
too lenient for those with many. Both were tried (`tests/test_cluster_allowance.py`).

References
----------
.. [1] A. Donner, N. Klar, Design and Analysis of Cluster Randomization Trials, 2000, ch. 6.
.. [2] J. N. K. Rao, A. J. Scott, "A simple method for the analysis of clustered binary
   data", Biometrics 48 (1992) 577-585.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class CaseCorrelation:
    """How alike the allegations of one case are.

    *Estimand*: the correlation of the outcome between two allegations of one case, over
    what their characteristics and their unit explain.

    Parameters
    ----------
    used : float
        From 0 to 1: `found`, or the nearest end; 0 when no case has two allegations.
    found : float or None
        As estimated. It falls below 0 by chance when allegations are independent.
    design_effect : float
        Of all allegations together: the variance of their count over what it would be if
        they were independent, with the correlation `used`; at least 1.
    n, cases, several : int
        Allegations, cases, and cases with more than one allegation.
    """

    used: float
    found: float | None
    design_effect: float
    n: int
    cases: int
    several: int


def case_correlation(
    outcome: np.ndarray, probability: np.ndarray, units: np.ndarray, cluster: np.ndarray
) -> CaseCorrelation:
    """Estimate the correlation within a case by moments.

    Products of residuals of two allegations of one case, less those of two allegations of
    different cases of the same unit (what the unit itself adds), over the largest that
    their chances, and the variance within the unit, allow.

    Parameters
    ----------
    outcome : array of bool, shape (rows,)
    probability : array of float, shape (rows,)
        Chance of the outcome by the case mix, without the unit.
    units, cluster : array, shape (rows,)
        Unit and case of each allegation.

    Examples
    --------
    Ten cases with two allegations each, always of one fate:

    >>> case, y = np.repeat(np.arange(10), 2), np.repeat([True, False] * 5, 2)
    >>> round(case_correlation(y, np.full(20, 0.5), np.repeat("A", 20), case).used, 2)
    1.0
    """
    p = np.asarray(probability, dtype=float)
    unit, case = _unit_and_case(units, cluster)
    size = np.bincount(case)
    several = int((size > 1).sum())
    spare = _shared_variance(p, case)
    unit_of = np.zeros(len(size), dtype=int)
    unit_of[case] = unit
    found, used = None, 0.0
    if several:
        residual = np.asarray(outcome, dtype=float) - p
        own, total = np.bincount(case, residual), np.bincount(unit, residual)
        squares = np.bincount(unit, residual**2)
        of_cases = np.bincount(unit_of, own**2)
        pairs, pairs_of_cases = np.bincount(unit) ** 2.0, np.bincount(unit_of, size**2.0)
        between, pairs_between = total**2 - of_cases, pairs - pairs_of_cases
        usable = pairs_between > 0
        common = np.divide(between, pairs_between, out=np.zeros(len(pairs)), where=usable)
        excess = of_cases - squares - (pairs_of_cases - np.bincount(unit)) * common
        # Far from a half there is less room: the variance within the unit over that which the case mix expects.
        count = np.bincount(unit)
        within = np.divide(squares - count * common, np.bincount(unit, p * (1 - p)), out=np.zeros(len(count)),
                           where=np.bincount(unit, p * (1 - p)) > 0)  # fmt: skip
        room = np.bincount(unit_of, spare) * np.maximum(within, 0)
        if room[usable].sum() > 0:
            found = float(excess[usable].sum() / room[usable].sum())
            used = min(1.0, max(0.0, found))
    plain = float((p * (1 - p)).sum())
    effect = 1 + used * float(spare.sum()) / plain if plain > 0 else 1.0
    return CaseCorrelation(used, found, effect, len(p), len(size), several)


def case_weights(units: np.ndarray, cluster: np.ndarray, *, correlation: float) -> np.ndarray:
    """Return what each allegation counts for: with m in its case, 1 / (1 + (m - 1) * correlation).

    Examples
    --------
    >>> case_weights(np.array(list("AAA")), np.array([7, 7, 8]), correlation=1.0).tolist()
    [0.5, 0.5, 1.0]
    """
    case = _unit_and_case(units, cluster)[1]
    weights: np.ndarray = 1 / (1 + (np.bincount(case)[case] - 1) * correlation)
    return weights


def clustered_variance(probability: np.ndarray, cluster: np.ndarray, *, correlation: float) -> float:
    """Return the variance of a count whose draws go together as in `clustered_count_chances`."""
    p = np.asarray(probability, dtype=float)
    return float((p * (1 - p)).sum() + correlation * _shared_variance(p, pd.factorize(np.asarray(cluster))[0]).sum())


def _shared_variance(p: np.ndarray, case: np.ndarray) -> np.ndarray:
    """Return per case the covariances of its allegations, both ways, if one throw decided for all."""
    order = np.lexsort((p, case))
    place = np.arange(len(p)) - np.searchsorted(case[order], case[order])
    above = np.bincount(case)[case[order]] - 1 - place  # how many of the case have a larger chance, or come later
    least = 2 * np.bincount(case[order], p[order] * above)
    shared: np.ndarray = least - (np.bincount(case, p) ** 2 - np.bincount(case, p**2))
    return shared


def _unit_and_case(units: np.ndarray, cluster: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers of the unit and the case of each row; a case in two units is a case in each."""
    unit = pd.factorize(np.asarray(units))[0]
    case = pd.factorize(np.asarray(cluster))[0]
    return unit, pd.factorize(case.astype(np.int64) * (unit.max(initial=0) + 1) + unit)[0]


def resampled_cases(units: np.ndarray, cluster: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return row numbers of one bootstrap sample: whole cases drawn with replacement within each unit.

    Examples
    --------
    >>> drawn = resampled_cases(np.array(["A", "A", "A"]), np.array([7, 7, 8]), np.random.default_rng(0))
    >>> set(np.bincount(drawn, minlength=3)[:2].tolist()) == {int((drawn == 0).sum())}
    True
    """
    case = pd.factorize(np.asarray(cluster))[0]
    order = np.argsort(case, kind="stable")
    starts = np.searchsorted(case[order], np.arange(case.max() + 1))
    sizes = np.bincount(case)
    unit_of_case = pd.factorize(np.asarray(units))[0][order[starts]]
    drawn = [
        rng.choice(here, len(here)) for here in (np.flatnonzero(unit_of_case == u) for u in np.unique(unit_of_case))
    ]
    return np.concatenate([order[starts[one] : starts[one] + sizes[one]] for one in np.concatenate(drawn)])
