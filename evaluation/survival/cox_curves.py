"""Curves read from a fitted Cox regression: baseline hazard and predicted survival.

statsmodels' `baseline_cumulative_hazard` lags one day with an end behind (its first value
is 0); these do not: the value of a day includes the ends of that day, as in R's `basehaz`.

References
----------
.. [1] T. M. Therneau, P. M. Grambsch, *Modeling Survival Data: Extending the Cox Model*
   (2000), section 10.2.
"""

import numpy as np
import pandas as pd
from scipy.stats import norm

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.survival.cox import Covariates, numbers
from evaluation.survival.cox_residuals import model_of
from evaluation.survival.cox_result import Cox, CoxRows
from evaluation.survival.kaplan_meier import Floats, Transform


def baseline_hazard(found: Cox) -> pd.DataFrame:
    """Return the cumulative hazard of a case whose covariates are all nought, in each stratum.

    *Estimand*: the hazard summed up to and including each day on which a case ended.

    Returns
    -------
    DataFrame
        `stratum` (None without strata), `day`, `cumulative_hazard`.

    Examples
    --------
    >>> from evaluation.survival.cox import cox
    >>> found = cox({"x": [1, 1, 0, 0]}, [1, 3, 2, 4], [True] * 4, level=0.95)
    >>> baseline_hazard(found)["cumulative_hazard"].round(4).tolist()  # 1/(2h+2), + 1/(h+2), + 1/(h+1), + 1
    [0.1404, 0.3596, 0.6404, 1.6404]
    """
    model = model_of(found)
    at_zero = float(np.exp(-(model.beta @ (model.centre / model.scale)) - model.here.shift))
    hazard = model.rows.grid.up(model.here.a0) * at_zero
    return pd.DataFrame({"stratum": _strata(model), "day": model.rows.grid.days, "cumulative_hazard": hazard})


def predicted_survival(
    found: Cox, covariates: Covariates, *, level: float, transform: Transform = "log-log"
) -> pd.DataFrame:
    """Return the share still open after each day, for cases with the covariates given.

    *Estimand*: for a case with these covariates, the same on all days, in each stratum:
    the share still open after each day on which a case of that stratum ended.

    Parameters
    ----------
    found : Cox
    covariates : DataFrame, Series or array_like, shape (profiles, covariates)
        The columns that `cox` was given, in that order (a DataFrame: by name).
    level : float
        Of the pointwise intervals, from the likelihood; clusters are not allowed for.
    transform : {"log-log", "log"}
        Scale of the interval; R's default is "log".

    Returns
    -------
    DataFrame
        `profile` (row number in `covariates`), `stratum`, `day`, `survival`, `low`, `high`.

    Raises
    ------
    WrongUse
        If a covariate of the model is missing.
    """
    if not 0 < level < 1:
        raise WrongUse(_("Het betrouwbaarheidsniveau ligt tussen 0 en 1, niet op {level}.", level=level))
    model = model_of(found)
    profiles = (_profiles(found, model, covariates) - model.centre) / model.scale
    grid, here = model.rows.grid, model.here
    hazard, spread = grid.up(here.a0), grid.up(here.b0)
    means = grid.up(here.b0 * here.first - here.b1 * here.tied)
    z = float(norm.ppf((1 + level) / 2))
    parts = []
    for number, x in enumerate(profiles):
        risk = float(np.exp(model.beta @ x - here.shift))
        own = risk * hazard
        drift = risk * (np.outer(x, hazard) - means)
        # The drift is on the scale of risk without its shift; the spread is of one over its square.
        error = np.sqrt(risk**2 * spread + np.einsum("ik,ij,jk->k", drift, model.naive, drift))
        low, high = _band(own, error, z, transform)
        part = {"profile": number, "stratum": _strata(model), "day": grid.days}
        parts.append(pd.DataFrame({**part, "survival": np.exp(-own), "low": low, "high": high}))
    return pd.concat(parts, ignore_index=True)


def _band(hazard: Floats, error: Floats, z: float, transform: Transform) -> tuple[Floats, Floats]:
    if transform not in ("log-log", "log"):
        raise WrongUse(_("Onbekende transformatie {transform}. Kies log-log of log.", transform=transform))
    if transform == "log":
        return np.exp(-hazard - z * error), np.minimum(np.exp(-hazard + z * error), 1.0)
    reach = z * error / hazard
    return np.exp(-hazard * np.exp(reach)), np.exp(-hazard * np.exp(-reach))


def _profiles(found: Cox, model: CoxRows, covariates: Covariates) -> Floats:
    given = covariates
    if isinstance(given, pd.DataFrame):
        absent = [name for name in model.covariates if name not in given.columns]
        if absent:
            raise WrongUse(_("Voor een voorspelling ontbreekt het kenmerk {name}.", name=absent[0]))
        given = given[list(model.covariates)]
    names, columns = numbers(given, len(pd.DataFrame(given)))
    if isinstance(covariates, pd.DataFrame):
        return np.column_stack(columns)
    every = found.coefficients["covariate"].tolist()
    if len(names) != len(every):
        raise WrongUse(_("Een voorspelling vraagt {n} kenmerken.", n=len(every)))
    return np.column_stack([columns[every.index(name)] for name in model.covariates])


def _strata(model: CoxRows) -> list | None:
    return [model.strata[block] for block in model.rows.grid.block] if model.strata else None
