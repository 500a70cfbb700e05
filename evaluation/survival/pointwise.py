"""Pointwise intervals of a share that is estimated with the error of its logarithm.

References
----------
.. [1] J. D. Kalbfleisch, R. L. Prentice, *The Statistical Analysis of Failure Time Data*,
   2nd ed. (2002), section 1.4: log-log.
.. [2] Ø. Borgan, K. Liestøl, "A note on confidence intervals and bands for the survival
   function based on transformations", Scand. J. Statistics 17 (1990) 35-41: arcsine.
"""

from numbers import Real
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.survival.columns import Floats

Transform = Literal["log-log", "log", "plain", "arcsine"]


def pointwise(share: ArrayLike, log_error: ArrayLike, *, level: float, transform: Transform) -> tuple[Floats, Floats]:
    """Return the ends of the interval of shares between, not at, nought and one.

    Parameters
    ----------
    share, log_error : array_like
        The shares, and the standard errors of their logarithms.
    level : float
    transform : {"log-log", "log", "plain", "arcsine"}
        The scale on which the interval is symmetric. "log-log" [1]_ and "arcsine" [2]_
        stay between nought and one by themselves; the others are cut there. R's `survfit`
        takes "log" unless told otherwise, SAS "log-log"; R calls the last "arcsin".

    Examples
    --------
    >>> [round(float(end), 4) for end in pointwise(0.5, 0.2, level=0.95, transform="plain")]
    [0.304, 0.696]
    """
    checked_transform(transform)
    reach = float(norm.ppf((1 + checked_level(level)) / 2)) * np.asarray(log_error, dtype=float)
    found = np.asarray(share, dtype=float)
    if transform == "log-log":
        with np.errstate(over="ignore"):  # an error without end: from nought to one
            apart = reach / -np.log(found)
            return found ** np.exp(apart), found ** np.exp(-apart)
    if transform == "log":
        with np.errstate(over="ignore"):
            return found * np.exp(-reach), np.minimum(found * np.exp(reach), 1.0)
    if transform == "plain":
        return np.maximum(found - found * reach, 0.0), np.minimum(found + found * reach, 1.0)
    middle, apart = np.arcsin(np.sqrt(found)), reach / 2 * np.sqrt(found / (1 - found))
    return np.sin(np.maximum(middle - apart, 0.0)) ** 2, np.sin(np.minimum(middle + apart, np.pi / 2)) ** 2


def checked_level(level: float) -> float:
    """Return the confidence level; refuse what lies not between nought and one."""
    if not isinstance(level, Real) or not 0 < level < 1:
        raise WrongUse(_("Het betrouwbaarheidsniveau ligt tussen 0 en 1, niet op {level}.", level=level))
    return level


def checked_transform(transform: str) -> None:
    """Refuse an unknown transform."""
    if transform not in get_args(Transform):
        raise WrongUse(
            _("Onbekende transformatie {transform}. Kies log-log, log, plain of arcsine.", transform=transform)
        )
