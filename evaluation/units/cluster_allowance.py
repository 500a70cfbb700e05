"""By how much the comparison of units overstates its certainty when cases bring several allegations.

The funnel and the random intercept count every allegation as independent. Allegations of
one case are not: their residuals go together. The design effect shows how much wider the
chance variation of a unit really is; dividing all counts by it [1]_ gives the spread that
is left once that is allowed for.

References
----------
.. [1] J. N. K. Rao, A. J. Scott, "A simple method for the analysis of clustered binary
   data", Biometrics 48 (1992) 577-585.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import expit

from evaluation.units.random_intercept import RandomIntercept, random_intercept


@dataclass(frozen=True, eq=False)
class ClusterAllowance:
    """One random-intercept model, without and with allowance for clusters.

    *Estimand*: that of `RandomIntercept`. `design_effect`: the variance of the residuals
    summed by cluster, over what it would be if the members of a cluster were independent.

    Parameters
    ----------
    plain : RandomIntercept
        Every allegation counted as independent.
    allowed : RandomIntercept
        All counts divided by the design effect, never by less than 1; `n` is the number
        of allegations all the same.
    design_effect : float
        Of all units together; the one that is used.
    by_unit : DataFrame
        A row a unit: `unit`, `n`, `clusters`, `design_effect` (missing where the model
        leaves no variance), `effect`, `effect_sd`, `allowed_effect`, `allowed_effect_sd`
        on the logit scale. The design effect of one small unit says little.
    n, clusters : int
    """

    plain: RandomIntercept
    allowed: RandomIntercept
    design_effect: float
    by_unit: pd.DataFrame
    n: int
    clusters: int


def cluster_allowance(
    successes: np.ndarray,
    trials: np.ndarray,
    design: np.ndarray,
    units: np.ndarray,
    cluster: np.ndarray,
    *,
    nodes: int,
    level: float,
) -> ClusterAllowance:
    """Fit the random intercept as if all were independent, and again with allowance for clusters.

    Parameters
    ----------
    successes, trials, design, units, nodes, level
        As `random_intercept`; rows must not be grouped beyond their cluster.
    cluster : array, shape (rows,)
        Case of each row.

    Raises
    ------
    SeparationError, ValueError
        As `random_intercept`.
    """
    hits, size = np.asarray(successes, dtype=float), np.asarray(trials, dtype=float)
    plain = random_intercept(hits, size, design, units, nodes=nodes, level=level)
    at = pd.Index(plain.units).get_indexer(pd.Index(np.asarray(units)))
    chance = expit(np.asarray(design, dtype=float) @ plain.fixed + plain.effects[at])
    case = pd.factorize(np.asarray(cluster))[0]
    # A case belongs to one unit; one that does not is a cluster in each.
    case = pd.factorize(case * np.int64(len(plain.units)) + at)[0]
    squared = np.bincount(case, hits - size * chance) ** 2
    unit_of_case = np.zeros(len(squared), dtype=int)
    unit_of_case[case] = at
    between = np.bincount(unit_of_case, squared, len(plain.units))
    within = np.bincount(at, size * chance * (1 - chance), len(plain.units))
    effect = float(between.sum() / within.sum())
    allowed = plain if effect <= 1 else random_intercept(
        hits, size, design, units, nodes=nodes, level=level, weights=np.full(len(hits), 1 / effect)
    )  # fmt: skip
    by_unit = pd.DataFrame(
        {
            "unit": plain.units,
            "n": np.bincount(at, size, len(plain.units)).astype(int),
            "clusters": np.bincount(unit_of_case, minlength=len(plain.units)),
            "design_effect": pd.array(
                np.where(within > 0, between / np.where(within > 0, within, 1), np.nan), "Float64"
            ),
            "effect": plain.effects,
            "effect_sd": plain.effects_sd,
            "allowed_effect": allowed.effects,
            "allowed_effect_sd": allowed.effects_sd,
        }
    )
    n = int(size.sum())
    return ClusterAllowance(plain, replace(allowed, n=n), effect, by_unit, n, len(squared))


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
