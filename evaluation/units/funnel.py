"""Funnel limits: how far units may lie apart by chance alone.

Everything is on the scale observed / expected; times the target share it becomes an
adjusted share. The limits are exact (binomial, Poisson, or the distribution of a sum of
unequal chances), the corrections for overdispersion use the normal approximation. A
funnel never ranks units.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.survival.columns import counts as counts_of
from evaluation.survival.pointwise import checked_level
from evaluation.units.cluster_allowance import clustered_variance
from evaluation.units.count_chances import clustered_count_chances, count_chances, count_limits, two_sided_p

WINSORISED_SHARE = 0.1


@dataclass(frozen=True, eq=False)
class Funnel:
    """Units against what chance alone would give, each with its own limits.

    *Estimand*: per unit, the observed count over the count expected if the unit were
    like all units together, and the region in which that ratio falls with probability
    `level` or more when it is.

    Parameters
    ----------
    observed : array of int, shape (units,)
        Counts of the outcome.
    size : array of int, shape (units,)
        Units of count behind each; a unit with fewer than `minimum_n` is not judged.
    expected, variance : array of float, shape (units,)
        Mean and variance of the count when the unit does not differ.
    chances : tuple of array
        Per unit, the probabilities of the counts 0, 1, 2, ... in that case.
    target : float
        What all units together give: a share (or 1 for a ratio).
    minimum_n : int
        Smallest size that is judged.

    References
    ----------
    .. [1] D. J. Spiegelhalter, "Funnel plots for comparing institutional performance",
       Statistics in Medicine 24 (2005) 1185-1202.
    .. [2] D. J. Spiegelhalter et al., "Statistical methods for healthcare regulation:
       rating, screening and surveillance", JRSS A 175 (2012) 1-47.
    .. [3] I. W. M. Verburg et al., "Guidelines on constructing funnel plots for quality
       indicators", Statistical Methods in Medical Research 27 (2018) 3350-3366.
    """

    observed: np.ndarray
    size: np.ndarray
    expected: np.ndarray
    variance: np.ndarray
    chances: tuple[np.ndarray, ...]
    target: float
    minimum_n: int

    @property
    def judged(self) -> np.ndarray:
        """Which units are large enough to be judged, and can vary at all."""
        return (self.size >= self.minimum_n) & (self.expected > 0) & (self.variance > 0)

    @property
    def ratio(self) -> np.ndarray:
        """Observed over expected; NaN for a unit that is not judged."""
        return np.where(self.judged, self.observed / np.where(self.judged, self.expected, 1), np.nan)

    def limits(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the limits of the ratio, two arrays; NaN for a unit that is not judged."""
        low, high = self._count_limits(level).T / np.where(self.judged, self.expected, np.nan)
        return low, high

    def outside(self, level: float) -> np.ndarray:
        """Tell which judged units lie beyond their limits."""
        low, high = self._count_limits(level).T
        return self.judged & ((self.observed < low) | (self.observed > high))

    def _count_limits(self, level: float) -> np.ndarray:
        checked_level(level)
        pairs = [
            count_limits(chances, level=level) if judged else (np.nan, np.nan)
            for chances, judged in zip(self.chances, self.judged, strict=True)
        ]
        return np.array(pairs, dtype=float).reshape(-1, 2)

    def p_values(self) -> np.ndarray:
        """Return the chance of a count at least as far off, twice the smaller tail; NaN where not judged."""
        return np.array(
            [
                two_sided_p(chances, int(count)) if judged else np.nan
                for chances, count, judged in zip(self.chances, self.observed, self.judged, strict=True)
            ]
        )

    @property
    def z(self) -> np.ndarray:
        """Standardised differences of the judged units: (observed - expected) / sd.

        The sd is that of the target, so a count of zero needs no correction.
        """
        seen = self.judged
        return (self.observed[seen] - self.expected[seen]) / np.sqrt(self.variance[seen])

    def dispersion(self, *, winsorised: float = WINSORISED_SHARE) -> "Dispersion":
        """Return how much more the judged units differ than chance allows."""
        seen = self.judged
        return dispersion(self.z, np.sqrt(self.variance[seen]) / self.expected[seen], winsorised=winsorised)

    def dispersed_limits(self, level: float, *, phi: float = 1.0, tau2: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
        """Return normal limits of the ratio, widened by `phi` (times) or `tau2` (plus)."""
        if phi != 1.0 and tau2 != 0.0:
            raise WrongUse(_("Kies één van beide: phi (maal) of tau2 (plus), niet allebei."))
        s2 = self.variance / np.where(self.judged, self.expected, np.nan) ** 2
        reach = stats.norm.isf((1 - checked_level(level)) / 2) * np.sqrt(phi * s2 + tau2)
        return np.maximum(0.0, 1 - reach), 1 + reach

    def reliability(self, tau2: float) -> np.ndarray:
        """Return tau2 / (tau2 + s2) per unit: the share of a difference that is no chance."""
        s2 = self.variance / np.where(self.judged, self.expected, np.nan) ** 2
        return tau2 / (tau2 + s2)


@dataclass(frozen=True)
class Dispersion:
    """Spread between units beyond chance.

    Parameters
    ----------
    phi : float or None
        Multiplicative: mean squared z. Chance alone gives about 1. None without units.
    tau2 : float or None
        Additive: variance between units on the scale of the ratio (DerSimonian-Laird),
        0 when the spread is no larger than chance. None with fewer than two units.
    units : int
        Units judged.
    """

    phi: float | None
    tau2: float | None
    units: int

    @property
    def factor(self) -> float:
        """`phi` where it exceeds 1, otherwise 1: a funnel is never made narrower."""
        return max(1.0, self.phi or 1.0)


def proportion_funnel(
    numerators: Sequence[int] | np.ndarray,
    denominators: Sequence[int] | np.ndarray,
    *,
    minimum_n: int,
    target: float | None = None,
) -> Funnel:
    """Return the funnel of crude shares, with exact binomial limits.

    Parameters
    ----------
    numerators, denominators : array of int, shape (units,)
    minimum_n : int
        Units smaller than this are kept but not judged.
    target : float, optional
        The share to compare with; without it, that of all units together.

    Raises
    ------
    WrongUse
        If these are no counts, or a numerator is larger than its denominator.

    Examples
    --------
    >>> funnel = proportion_funnel([0, 18, 31], [47, 148, 215], minimum_n=10, target=0.0739)
    >>> funnel.outside(0.95).tolist(), funnel.outside(0.998).tolist()
    ([False, True, True], [False, False, True])
    """
    observed, size = _whole(numerators, "numerators"), _whole(denominators, "denominators")
    if len(observed) != len(size) or (observed > size).any():
        raise WrongUse(_("numerators en denominators moeten even lang zijn, en geen teller groter dan zijn noemer."))
    if target is not None and not 0 <= target <= 1:
        raise WrongUse(_("target is een aandeel tussen 0 en 1, niet {target}.", target=target))
    share = float(observed.sum() / max(size.sum(), 1)) if target is None else target
    chances = tuple(stats.binom.pmf(np.arange(n + 1), n, share) for n in size)
    return Funnel(observed, size, size * share, size * share * (1 - share), chances, share, minimum_n)


def adjusted_funnel(
    observed: Sequence[int] | np.ndarray,
    probabilities: Sequence[np.ndarray],
    counts: Sequence[np.ndarray],
    *,
    minimum_n: int,
) -> Funnel:
    """Return the funnel of indirectly standardised (risk-adjusted) rates, with exact limits.

    The count of a unit is a sum of draws with unequal, known chances; its distribution
    is computed, not approximated. (Poisson limits would be far too wide for an outcome
    as common as a finding.)

    Parameters
    ----------
    observed : array of int, shape (units,)
    probabilities, counts : one array a unit
        Model probability of each kind of case in the unit, and how many there are.
    minimum_n : int
        Units smaller than this are kept but not judged.
    """
    count = _whole(observed, "observed")
    if not len(count) == len(probabilities) == len(counts):
        raise WrongUse(_("Geef voor elke eenheid één aantal, één rij kansen en één rij aantallen."))
    if any((np.asarray(p) < 0).any() or (np.asarray(p) > 1).any() for p in probabilities):
        raise WrongUse(_("Een kans ligt tussen 0 en 1."))
    size = np.array([int(np.sum(c)) for c in counts], dtype=int)
    expected = np.array([float(np.dot(p, c)) for p, c in zip(probabilities, counts, strict=True)])
    variance = np.array([float(np.dot(p * (1 - p), c)) for p, c in zip(probabilities, counts, strict=True)])
    chances = tuple(count_chances(p, c) for p, c in zip(probabilities, counts, strict=True))
    return Funnel(count, size, expected, variance, chances, float(count.sum() / max(size.sum(), 1)), minimum_n)


def clustered_funnel(
    observed: Sequence[int] | np.ndarray,
    probabilities: Sequence[np.ndarray],
    clusters: Sequence[np.ndarray],
    *,
    correlation: float,
    minimum_n: int,
) -> Funnel:
    """Return the funnel of risk-adjusted rates when the draws of a cluster go together.

    As `adjusted_funnel`, with the distribution of a count that
    `count_chances.clustered_count_chances` gives; the same when `correlation` is nought.

    Parameters
    ----------
    observed : array of int, shape (units,)
    probabilities, clusters : one array a unit
        Model probability and cluster (case) of each draw of the unit.
    correlation : float
        Within a cluster, from 0 to 1.
    minimum_n : int
    """
    if not 0 <= correlation <= 1:
        raise WrongUse(_("Een samenhang binnen zaken ligt tussen 0 en 1, niet op {value}.", value=correlation))
    plain = adjusted_funnel(observed, probabilities, [np.ones(len(p)) for p in probabilities], minimum_n=minimum_n)
    if correlation == 0:
        return plain
    both = list(zip(probabilities, clusters, strict=True))
    return replace(
        plain,
        variance=np.array([clustered_variance(p, c, correlation=correlation) for p, c in both]),
        chances=tuple(clustered_count_chances(p, c, correlation=correlation) for p, c in both),
    )


def rate_funnel(
    observed: Sequence[int] | np.ndarray, expected: Sequence[float] | np.ndarray, *, minimum_n: int
) -> Funnel:
    """Return the funnel of counts of rare events against their expectation, Poisson limits.

    There is no number of cases here, so the expected count (rounded down) is the size:
    a unit is judged when at least `minimum_n` events were expected.
    """
    count, mean = _whole(observed, "observed"), counts_of(expected, "expected")
    if len(count) != len(mean):
        raise WrongUse(_("observed en expected moeten even lang zijn."))
    reach = stats.poisson.isf(1e-12, mean).astype(int)
    chances = tuple(stats.poisson.pmf(np.arange(top + 1), m) for top, m in zip(reach, mean, strict=True))
    return Funnel(count, mean.astype(int), mean, mean, chances, 1.0, minimum_n)


def _whole(values: Sequence[int] | np.ndarray, name: str) -> np.ndarray:
    found = counts_of(values, name)
    if (found != np.floor(found)).any():
        raise WrongUse(_("{name} moet uit gehele aantallen bestaan.", name=name))
    return found.astype(int)


def winsorise(z: np.ndarray, share: float) -> np.ndarray:
    """Pull the extreme `share` on either side in to the quantile that bounds it."""
    if not 0 <= share < 0.5:
        raise WrongUse(_("winsorised ligt tussen 0 en 0,5, niet op {share}.", share=share))
    return np.clip(z, *np.quantile(z, [share, 1 - share])) if len(z) and share else z


def dispersion(z: np.ndarray, s: np.ndarray, *, winsorised: float) -> Dispersion:
    """Return multiplicative and additive overdispersion of standardised differences.

    Parameters
    ----------
    z : array of float, shape (units,)
        Standardised differences.
    s : array of float, shape (units,)
        Their standard errors under the target, on the scale of the ratio.
    winsorised : float
        Share on either side pulled in, so that a few real outliers do not widen the
        limits until nothing lies outside ([1]_ uses 0.1). 0: none.
    """
    units = len(z)
    if not units:
        return Dispersion(None, None, 0)
    phi = float(np.mean(winsorise(z, winsorised) ** 2))
    if units < 2:
        return Dispersion(phi, None, units)
    weight = s**-2.0
    spread = weight.sum() - (weight**2).sum() / weight.sum()
    return Dispersion(phi, max(0.0, float((units * phi - (units - 1)) / spread)), units)
