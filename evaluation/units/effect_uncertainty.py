"""How sure the effect of a unit is, with the uncertainty of the case mix in it.

The conditional standard deviation of a unit effect (`random_intercept`, lme4's `condVar`)
takes the coefficients as known. They are not: with few units the average unit itself is
uncertain. Henderson's mixed-model equations [1]_ give the variance of the error of any
sum of coefficients and one unit effect. That sigma is itself estimated stays out of it.

References
----------
.. [1] C. R. Henderson, "Best linear unbiased estimation and prediction under a selection
   model", Biometrics 31 (1975) 423-447.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from evaluation.units.random_intercept import RandomIntercept


@dataclass(frozen=True, eq=False)
class EffectUncertainty:
    """Variances of the errors of coefficients and unit effects of one fit.

    Parameters
    ----------
    covariance : array, shape (columns, columns)
        Of the coefficients.
    pull : array, shape (units, columns)
        By how much each unit effect falls when a coefficient rises by one.
    conditional : array, shape (units,)
        Variance of each unit effect with the coefficients known.
    """

    covariance: np.ndarray
    pull: np.ndarray
    conditional: np.ndarray

    def of_effect(self, at: int) -> float:
        """Return the standard error of the effect of unit number `at`."""
        return self.of_sum(np.zeros(len(self.covariance)), at)

    def of_sum(self, row: np.ndarray, at: int | None) -> float:
        """Return the standard error of `row @ coefficients`, plus the effect of unit `at` (None: of the average)."""
        if at is None:
            return float(np.sqrt(row @ self.covariance @ row))
        apart = row - self.pull[at]
        return float(np.sqrt(self.conditional[at] + apart @ self.covariance @ apart))


def effect_uncertainty(
    fit: RandomIntercept, trials: np.ndarray, design: np.ndarray, units: np.ndarray
) -> EffectUncertainty:
    """Return the uncertainty of a fit; the arrays are those it was fitted to.

    Examples
    --------
    Without a spread between units an effect of nought is certain, within that model:

    >>> from evaluation.units.random_intercept import random_intercept
    >>> trials, one = np.full(10, 50), np.ones((10, 1))
    >>> fit = random_intercept(np.full(10, 20), trials, one, np.arange(10), nodes=9, level=0.95)
    >>> found = effect_uncertainty(fit, trials, one, np.arange(10))
    >>> found.of_effect(0), round(found.of_sum(np.ones(1), None), 4)
    (0.0, 0.0913)
    """
    place = {label: at for at, label in enumerate(fit.units)}
    unit = np.array([place[label] for label in np.asarray(units).tolist()])
    chance = expit(design @ fit.fixed + fit.effects[unit])
    weight = np.asarray(trials, dtype=float) * chance * (1 - chance)
    total = np.column_stack([np.bincount(unit, weight * column, len(place)) for column in design.T])
    conditional = fit.effects_sd**2
    pull = total * conditional[:, None]
    information = design.T @ (design * weight[:, None]) - total.T @ pull
    return EffectUncertainty(np.linalg.inv(information), pull, conditional)
