"""A share of units of count that come in clusters: allegations of one case are not independent.

One investigation with four allegations is not four investigations: what was found of the
one says something about the others. An interval that counts them as four is too narrow.
The design effect says by how much the variance grows.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.complete_rows import check_level, complete_rows
from evaluation.proportion import Interval


@dataclass(frozen=True)
class ClusteredShare:
    """The share `numerator / denominator`, with an interval that knows of clusters.

    *Estimand*: as `Proportion`, one unit of count (an allegation) as large as another;
    the clusters (cases), not the units of count, are a draw from the process.

    Parameters
    ----------
    numerator, denominator : int
    clusters : int
        Clusters with at least one unit of count.
    estimate : float or None
        None when the denominator is zero.
    design_effect : float or None
        Variance between clusters over that of as many independent units of count. Exactly
        1 when no cluster has more than one; None when it cannot be seen: fewer than two
        clusters, or a share of nought or one.
    effective_n : float
        The number of independent units of count that would say as much.
    interval : Interval
    level : float
    missing : int
        Rows left out because something in them is missing.
    """

    numerator: int
    denominator: int
    clusters: int
    estimate: float | None
    design_effect: float | None
    effective_n: float
    interval: Interval
    level: float
    missing: int


def clustered_share(found: ArrayLike, of: ArrayLike, cluster: ArrayLike, *, level: float) -> ClusteredShare:
    """Return a share and its interval, with whole clusters as what was drawn.

    The variance is that of a ratio of cluster totals [1]_, with C / (C - 1). The interval
    is Wilson's with the effective number in place of the number, made smaller for few
    clusters by the ratio of the normal and the t quantile [2]_, [3]_. It is never narrower
    than Wilson's: a design effect below 1 is taken as 1. A share of nought or one shows no
    design effect; then a cluster counts as one unit of count, the most careful guess.

    Parameters
    ----------
    found, of : array_like of int
        Units of count with the property, and all, in each row; `of` 1 where a row is one
        allegation. Rows with a missing value are left out and counted.
    cluster : array_like
        Which cluster (case) the row belongs to.
    level : float

    Raises
    ------
    WrongUse
        If lengths differ, a count is no whole number of nought or more, or `found` is
        larger than `of`.

    References
    ----------
    .. [1] W. G. Cochran, Sampling Techniques, 3rd ed., 1977, section 3.12.
    .. [2] E. L. Korn, B. I. Graubard, "Confidence intervals for proportions with small
       expected number of positive counts estimated from survey data", Survey Methodology
       24 (1998) 193-201.
    .. [3] C. Franco and others, "Comparative study of confidence intervals for proportions
       in complex sample surveys", J. Survey Statistics and Methodology 7 (2019) 334-364.

    Examples
    --------
    Two allegations a case, always with the same finding, are worth one:

    >>> share = clustered_share([2, 0, 2, 0, 2, 0, 0, 0], [2] * 8, range(8), level=0.95)
    >>> share.estimate, round(share.design_effect, 2), round(share.effective_n, 1)
    (0.375, 2.29, 7.0)
    """
    check_level(level)
    rows, missing = complete_rows({"found": found, "of": of, "cluster": cluster})
    hits, size = (rows[name].to_numpy(dtype=float) for name in ("found", "of"))
    if ((hits < 0) | (hits > size) | (hits != np.floor(hits)) | (size != np.floor(size))).any():
        raise WrongUse(_("found en of zijn gehele aantallen van nul of meer, en found is nooit groter dan of."))
    group, labels = pd.factorize(rows["cluster"])
    hits, size = np.bincount(group, hits, len(labels)), np.bincount(group, size, len(labels))
    hits, size = hits[size > 0], size[size > 0]
    numerator, denominator, clusters = int(hits.sum()), int(size.sum()), len(size)
    if not denominator:
        return ClusteredShare(0, 0, 0, None, None, 0.0, Interval(0.0, 1.0), level, missing)
    share = numerator / denominator
    effect, effective = _design_effect(hits, size, share)
    interval = _interval(share, effective, clusters, level, alone=denominator == clusters)
    return ClusteredShare(numerator, denominator, clusters, share, effect, effective, interval, level, missing)


def _design_effect(hits: np.ndarray, size: np.ndarray, share: float) -> tuple[float | None, float]:
    n, clusters = size.sum(), len(size)
    if clusters == n:
        return 1.0, float(n)
    if clusters < 2 or share in (0.0, 1.0):
        return None, float(clusters)
    variance = clusters / (clusters - 1) * ((hits - share * size) ** 2).sum() / n**2
    effect = float(variance / (share * (1 - share) / n))
    return effect, float(n / max(1.0, effect))


def _interval(share: float, effective: float, clusters: int, level: float, *, alone: bool) -> Interval:
    if alone:
        allowed = effective
    elif clusters < 2:
        return Interval(0.0, 1.0)
    else:
        tail = (1 - level) / 2
        allowed = effective * (stats.norm.isf(tail) / stats.t.isf(tail, clusters - 1)) ** 2
    low, high = proportion_confint(share * allowed, allowed, alpha=1 - level, method="wilson")
    return Interval(float(low) if share > 0 else 0.0, float(high) if share < 1 else 1.0)
