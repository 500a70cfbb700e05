"""Chi-square statistics: differences against their covariance, which may be singular."""

import numpy as np

from evaluation.survival.columns import Floats

_ROUNDING = 1e-9


def quadratic_form(difference: Floats, covariance: Floats) -> tuple[float, int]:
    """Return d' V^- d and the rank of V: the statistic and its degrees of freedom.

    Differences that add up to nought (observed minus expected of all groups) have a
    singular covariance, whose nought comes out of the arithmetic as 1e-16 of the largest
    eigenvalue, now above, now below the bound that `numpy.linalg.pinv` takes by itself:
    then rounding divided by rounding is added to the statistic. Here the bound is far
    above rounding, and each difference is first put on the scale of its own error, so
    that a small group is not taken for rounding. Differences without variance are left out.

    Examples
    --------
    >>> statistic, degrees = quadratic_form(np.array([2.0, -2.0]), np.array([[4.0, -4.0], [-4.0, 4.0]]))
    >>> round(statistic, 12), degrees
    (1.0, 1)
    """
    size = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    varies = size > _ROUNDING * size.max(initial=0.0)
    if not varies.any():
        return 0.0, 0
    size = size[varies]
    eigenvalue, vector = np.linalg.eigh(covariance[np.ix_(varies, varies)] / np.outer(size, size))
    kept = eigenvalue > _ROUNDING
    along = (difference[varies] / size) @ vector[:, kept]
    return float(np.sum(along**2 / eigenvalue[kept])), int(kept.sum())
