"""Intervals of agreement by resampling dossiers.

A dossier is drawn with all its ratings on all its items. Dossiers that contribute the same are
drawn together, as one count: the distribution is that of drawing them one by one, a table
grouped beforehand gives the same numbers as its rows from the same generator, and it is fast.

References
----------
.. [1] B. Efron, "Better bootstrap confidence intervals", JASA 82 (1987) 171-185.
.. [2] B. Efron, R. J. Tibshirani, *An Introduction to the Bootstrap* (1993), chapters 13, 14.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtr, ndtri

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.consistency.agreement_estimate import Agreement
from evaluation.consistency.agreement_ratings import Floats
from evaluation.consistency.agreement_sums import Sums

Method = Literal["percentile", "bca"]
_MOST_UNDEFINED = 0.05
_BLOCK = 4_000_000


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """The interval of a coefficient over resampled dossiers.

    Parameters
    ----------
    low, high : float or None
        None when `refusal` says why.
    level : float
    method : str
    standard_error : float or None
        Standard deviation over resamples.
    replicates, undefined : int
        Resamples drawn, and those without a value (all ratings in it the same), left out.
    values : ndarray
        The coefficient of each resample that has one.
    refusal : str or None
        The refusal of the coefficient itself; `no_variation` where all resamples say the same;
        `not_estimable` where more than one in twenty has no value.
    """

    low: float | None
    high: float | None
    level: float
    method: str
    standard_error: float | None
    replicates: int
    undefined: int
    values: Floats
    refusal: str | None = None


def bootstrap(
    agreement: Agreement,
    *,
    level: float,
    rng: np.random.Generator,
    replicates: int = 2000,
    method: Method = "bca",
) -> Bootstrap:
    """Return an interval of a coefficient of agreement by resampling dossiers.

    *Estimand*: that of the coefficient; the dossiers are a sample, the readers are not.

    Parameters
    ----------
    agreement : Agreement
        What one of the coefficients returned, or their mean over items.
    level : float
    rng : Generator
        The same state gives the same interval.
    replicates : int
        Resamples; at least 100.
    method : {"bca", "percentile"}
        Percentile: the middle `level` of the resamples. BCa: corrected for their bias and for a
        spread that changes with the value.

    Raises
    ------
    WrongUse
        If the level is not a share, the method is unknown, or there are under 100 resamples.

    Examples
    --------
    >>> from evaluation.consistency.agreement import gwet_ac
    >>> from evaluation.consistency.agreement_ratings import cross_table
    >>> found = gwet_ac(cross_table([[13, 0, 0], [0, 20, 7], [0, 4, 56]]), level=0.95)
    >>> interval = bootstrap(found, level=0.95, rng=np.random.default_rng(1))
    >>> round(interval.low, 2), round(interval.high, 2)
    (0.75, 0.92)
    """
    if not 0 < level < 1:
        raise WrongUse(_("level moet tussen 0 en 1 liggen."))
    if method not in ("percentile", "bca"):
        raise WrongUse(_("method moet percentile of bca zijn."))
    if replicates < 100:
        raise WrongUse(_("Minder dan 100 trekkingen geven geen interval."))
    if agreement.refusal is not None or agreement.estimate is None:
        return Bootstrap(None, None, level, method, None, 0, 0, np.empty(0), agreement.refusal)
    drawn = resampled(agreement.sums, rng, replicates)
    values = np.sort(drawn[np.isfinite(drawn)])
    undefined = replicates - len(values)
    if undefined > _MOST_UNDEFINED * replicates:
        return Bootstrap(None, None, level, method, None, replicates, undefined, values, "not_estimable")
    if values[-1] - values[0] < 1e-9:
        return Bootstrap(None, None, level, method, None, replicates, undefined, values, "no_variation")
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    if method == "bca":
        tails = _corrected(tails, values, agreement.estimate, agreement.sums)
    low, high = np.quantile(values, tails)
    return Bootstrap(float(low), float(high), level, method, float(values.std(ddof=1)), replicates, undefined, values)


def resampled(sums: Sums, rng: np.random.Generator, replicates: int) -> Floats:
    """Return the coefficient of each resample; NaN where it has none."""
    totals = resampled_totals(sums, rng, replicates)
    value: Floats = sums.measure(totals).value
    return value


def resampled_totals(sums: Sums, rng: np.random.Generator, replicates: int) -> Floats:
    """Return the totals of each resample of the dossiers, shape (replicates, totals)."""
    parts, number = _grouped(sums)
    size = int(number.sum())
    block = max(1, _BLOCK // max(len(parts), 1))
    done = [
        rng.multinomial(size, number / size, size=min(block, replicates - start)).astype(float) @ parts
        for start in range(0, replicates, block)
    ]
    return np.concatenate(done)


def _grouped(sums: Sums) -> tuple[Floats, Floats]:
    order = np.lexsort(sums.parts.T)
    parts = sums.parts[order]
    first = np.flatnonzero(np.concatenate(([True], (parts[1:] != parts[:-1]).any(axis=1))))
    return parts[first], np.add.reduceat(sums.weight[order], first)


def _corrected(tails: Floats, values: Floats, estimate: float, sums: Sums) -> Floats:
    """Shift the quantiles for bias and acceleration; ties count half, so that a coarse coefficient is not shifted."""
    below = np.searchsorted(values, estimate - 1e-12) + np.searchsorted(values, estimate + 1e-12, side="right")
    bias = ndtri(np.clip(below / 2, 0.5, len(values) - 0.5) / len(values))
    influence = sums.influence().value
    skew, spread = sums.weight @ influence**3, sums.weight @ influence**2
    acceleration = skew / (6 * spread**1.5) if spread > 0 else 0.0
    reach = bias + ndtri(tails)
    shifted: Floats = ndtr(bias + reach / (1 - acceleration * reach))
    return shifted
