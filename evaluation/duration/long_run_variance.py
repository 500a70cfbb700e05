"""The variance of a regression coefficient when neighbours in time resemble each other, with few of them.

The Newey-West estimate [1]_ sums the products of residuals that are up to `max_lag`
apart, with weights that fall off in a straight line. With some tens of months it has two
faults. It is too small, because a fitted line takes away part of what months have in
common; and it is itself uncertain, the more so the larger the lag, which a normal
interval does not know. Here it is made right on average, and given a t distribution, for
the case in which months do not resemble each other at all [2]_ [3]_. The lag can then be
taken long enough for months that do, at the price of a wider interval [4]_ [5]_.

References
----------
.. [1] W. K. Newey, K. D. West, "A simple, positive semi-definite, heteroskedasticity and
   autocorrelation consistent covariance matrix", Econometrica 55 (1987) 703-708.
.. [2] R. M. Bell, D. F. McCaffrey, "Bias reduction in standard errors for linear
   regression with multi-stage samples", Survey Methodology 28 (2002) 169-181.
.. [3] G. W. Imbens, M. Kolesár, "Robust standard errors in small samples: some practical
   advice", Review of Economics and Statistics 98 (2016) 701-712.
.. [4] N. M. Kiefer, T. J. Vogelsang, "A new asymptotic theory for heteroskedasticity-
   autocorrelation robust tests", Econometric Theory 21 (2005) 1130-1164.
.. [5] E. Lazarus, D. J. Lewis, J. H. Stock, M. W. Watson, "HAR inference: recommendations
   for practice", Journal of Business & Economic Statistics 36 (2018) 541-559.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.survival.columns import Floats


class LongRunError(NamedTuple):
    """A standard error, and the degrees of freedom of the t distribution that goes with it."""

    standard_error: float
    degrees_of_freedom: float


def long_run_error(
    influence: ArrayLike, residual: ArrayLike, design: ArrayLike, *, at: ArrayLike, max_lag: int
) -> LongRunError:
    """Return the standard error of a number that is a weighted sum of what the fit did not explain.

    *Estimand*: the standard deviation of sum(influence * error), where `residual` is what
    is left of the errors after a regression on `design`.

    Parameters
    ----------
    influence : array_like, shape (n,)
        By how much the number moves with each error.
    residual : array_like, shape (n,)
        Scaled so that all errors have the same variance (of a binomial fit: Pearson's).
    design : array_like, shape (n, k)
        On the scale of `residual`; of full rank, with k < n.
    at : array_like of int, shape (n,)
        Moment of each row. Rows may be absent: those on either side of a hole are as far
        apart as they are.
    max_lag : int
        Rows further apart do not count as alike. Nought: rows are independent.

    Examples
    --------
    The mean of independent numbers: its usual standard error, and n - 1 degrees of freedom.

    >>> x = np.array([3.0, 5.0, 4.0, 8.0])
    >>> found = long_run_error(np.full(4, 1 / 4), x - x.mean(), np.ones((4, 1)), at=range(4), max_lag=0)
    >>> round(found.standard_error, 4), round(float(x.std(ddof=1)) / 2, 4), round(found.degrees_of_freedom, 9)
    (1.0801, 1.0801, 3.0)
    """
    weight, left, columns, moment = (np.asarray(part, dtype=np.float64) for part in (influence, residual, design, at))
    if max_lag < 0:
        raise WrongUse(_("max_lag moet nul of meer zijn."))
    alike = np.clip(1 - np.abs(np.subtract.outer(moment, moment)) / (max_lag + 1), 0.0, None)
    quadratic = weight[:, None] * alike * weight
    # What a fit leaves of independent errors with variance one is normal with this variance.
    basis = np.linalg.qr(columns)[0]
    kept = np.eye(len(weight)) - basis @ basis.T
    seen: Floats = kept @ quadratic @ kept
    expected = float(np.trace(seen))
    if expected <= 0:
        raise WrongUse(_("Na aanpassing van de lijn blijft er niets over om de spreiding aan te meten."))
    variance = float(left @ quadratic @ left) * float(weight @ weight) / expected
    return LongRunError(float(np.sqrt(max(variance, 0.0))), expected**2 / float((seen**2).sum()))
