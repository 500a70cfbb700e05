"""How likely each count of a unit is by chance alone, and the limits and tails that follow.

A count is a sum of draws with unequal, known chances. Its distribution is computed, not
approximated; also where the draws of one case go together.
"""

from collections.abc import Sequence
from functools import reduce

import numpy as np
from scipy import signal, stats

from evaluation.proportion import Interval


def count_chances(probabilities: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the probabilities of 0, 1, 2, ... successes in independent draws with unequal chances.

    Examples
    --------
    >>> count_chances(np.array([0.5, 0.2]), np.array([1, 1])).round(3).tolist()
    [0.4, 0.5, 0.1]
    """
    distinct, position = np.unique(np.round(probabilities, 12), return_inverse=True)
    totals = np.bincount(position, weights=counts, minlength=len(distinct)).astype(int)
    return _together(
        [
            np.array([1 - p, p]) if n == 1 else stats.binom.pmf(np.arange(n + 1), n, p)
            for p, n in zip(distinct, totals, strict=True)
        ]
    )


def clustered_count_chances(probabilities: np.ndarray, cluster: np.ndarray, *, correlation: float) -> np.ndarray:
    """Return the probabilities of 0, 1, 2, ... successes when the draws of a cluster go together.

    With probability `correlation` one throw decides for all draws of a cluster (each
    succeeds when the throw stays below its own chance), otherwise each is thrown for.
    Every draw keeps its chance; two draws of a cluster with equal chances have this
    correlation. Without correlation, or with one draw a cluster, these are `count_chances`.

    Parameters
    ----------
    probabilities : array of float, shape (draws,)
    cluster : array, shape (draws,)
    correlation : float
        From 0 to 1.

    Examples
    --------
    >>> clustered_count_chances(np.array([0.5, 0.5]), np.array([1, 1]), correlation=0.5).round(6).tolist()
    [0.375, 0.25, 0.375]
    """
    chance = np.asarray(probabilities, dtype=float)
    label = np.unique(np.asarray(cluster), return_inverse=True)[1]
    alone = (np.bincount(label)[label] == 1) | (correlation == 0)
    parts = [count_chances(chance[alone], np.ones(int(alone.sum())))]
    order = np.lexsort((-chance, label))
    order = order[~alone[order]]
    starts = np.flatnonzero(np.diff(label[order], prepend=-1))
    for case in np.split(chance[order], starts[1:]):
        if len(case):
            together = -np.diff(case, prepend=1.0, append=0.0)  # sorted: at least k succeed when the k-th does
            parts.append(correlation * together + (1 - correlation) * count_chances(case, np.ones(len(case))))
    return _together(parts)


def _together(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Return the distribution of the sum, by pairs, so that the long convolutions are few."""
    left = sorted(parts, key=len)
    while len(left) > 2:
        halves = zip(left[::2], left[1::2], strict=False)
        left = [_convolve(a, b) for a, b in halves] + ([left[-1]] if len(left) % 2 else [])
    return np.clip(reduce(_convolve, left, np.ones(1)), 0.0, 1.0)


def _convolve(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.convolve(a, b) if min(len(a), len(b)) < 64 else np.asarray(signal.convolve(a, b))


def count_limits(chances: np.ndarray, *, level: float) -> Interval:
    """Return the interpolated limits of a count with these chances.

    For a tail p, `r` is the smallest count with P(R <= r) > p and the limit is
    r - (P(R <= r) - p) / P(R = r), as in [1]_, appendix A.1. That rule counts the
    observed value itself in the lower tail but not in the upper, so with few cases, or
    a share near 1, chance alone can cross the limits far more often than 1 - level
    (n = 10, share 0.9: 36 % beyond the "95 %" limits). Where that happens the upper
    limit is the lower limit of the complement, mirrored, which never exceeds it.

    References
    ----------
    .. [1] D. J. Spiegelhalter, "Funnel plots for comparing institutional performance",
       Statistics in Medicine 24 (2005) 1185-1202.
    """
    tail = (1 - level) / 2
    below = np.cumsum(chances)
    low, high = _quantile(chances, below, tail), _quantile(chances, below, 1 - tail)
    values = np.arange(len(chances))
    if chances[(values < low) | (values > high)].sum() > 2 * tail * (1 + 1e-9):
        complement = chances[::-1]
        high = len(chances) - 1 - _quantile(complement, np.cumsum(complement), tail)
    return Interval(max(0.0, low), high)


def _quantile(chances: np.ndarray, below: np.ndarray, p: float) -> float:
    r = min(int(np.searchsorted(below, p, side="right")), len(chances) - 1)
    return float(r - (below[r] - p) / chances[r]) if chances[r] > 0 else float(r)


def two_sided_p(chances: np.ndarray, observed: int) -> float:
    """Return twice the smaller tail, the observed count in both; never more than 1.

    Examples
    --------
    >>> round(two_sided_p(count_chances(np.array([0.5]), np.array([10])), 1), 4)
    0.0215
    """
    return float(min(1.0, 2 * min(chances[: observed + 1].sum(), chances[observed:].sum())))
