"""Curves read from a fitted Cox regression: baseline hazard and predicted survival.

statsmodels' `baseline_cumulative_hazard` lags one day with an end behind (its first value
is 0); these do not: the value of a day includes the ends of that day, as in R's `basehaz`.

References
----------
.. [1] T. M. Therneau, P. M. Grambsch, *Modeling Survival Data: Extending the Cox Model*
   (2000), section 10.2.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.survival.columns import Floats
from evaluation.survival.cox import Covariates, covariate_columns
from evaluation.survival.cox_residuals import model_of
from evaluation.survival.cox_result import Cox, CoxRows
from evaluation.survival.pointwise import Transform, checked_level, checked_transform, pointwise


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
        The columns that `cox` was given, in that order (a DataFrame or dictionary: by name).
    level : float
        Of the pointwise intervals, from the likelihood; clusters are not allowed for.
    transform : {"log-log", "log", "plain", "arcsine"}
        Scale of the interval; R's default is "log".

    Returns
    -------
    DataFrame
        `profile` (row number in `covariates`), `stratum` (None without strata), `day`,
        `survival`, `low`, `high`.

    Raises
    ------
    WrongUse
        If a covariate of the model is missing.

    Examples
    --------
    >>> from evaluation.survival.cox import cox
    >>> found = cox({"x": [1, 1, 0, 0]}, [1, 3, 2, 4], [True] * 4, level=0.95)
    >>> predicted_survival(found, {"x": [0]}, level=0.95)["survival"].round(4).tolist()  # exp(-0.1404), ...
    [0.869, 0.6979, 0.5271, 0.1939]
    """
    checked_level(level)
    checked_transform(transform)
    model = model_of(found)
    profiles = (_profiles(found, model, covariates) - model.centre) / model.scale
    grid, here = model.rows.grid, model.here
    hazard, spread = grid.up(here.a0), grid.up(here.b0)
    means = grid.up(here.b0 * here.first - here.b1 * here.tied)
    parts = []
    for number, x in enumerate(profiles):
        risk = float(np.exp(model.beta @ x - here.shift))
        own = risk * hazard
        drift = risk * (np.outer(x, hazard) - means)
        # The drift is on the scale of risk without its shift; the spread is of one over its square.
        error = np.sqrt(risk**2 * spread + np.einsum("ik,ij,jk->k", drift, model.naive, drift))
        # A hazard beyond what a share can tell from nought or one stays just inside.
        inside = np.clip(np.exp(-own), np.finfo(float).tiny, 1 - np.finfo(float).eps)
        low, high = pointwise(inside, error, level=level, transform=transform)
        part = {"profile": number, "stratum": _strata(model), "day": grid.days}
        parts.append(pd.DataFrame({**part, "survival": np.exp(-own), "low": low, "high": high}))
    return pd.concat(parts, ignore_index=True)


def _profiles(found: Cox, model: CoxRows, covariates: Covariates) -> Floats:
    if isinstance(covariates, pd.DataFrame | Mapping):
        named = pd.DataFrame(covariates)
        absent = [name for name in model.covariates if name not in named.columns]
        if absent:
            raise WrongUse(_("Voor een voorspelling ontbreekt het kenmerk {name}.", name=absent[0]))
        return np.column_stack(covariate_columns(named[list(model.covariates)])[1])
    names, columns = covariate_columns(covariates)
    every = found.coefficients["covariate"].tolist()
    if len(names) != len(every):
        raise WrongUse(_("Een voorspelling vraagt {n} kenmerken.", n=len(every)))
    return np.column_stack([columns[every.index(name)] for name in model.covariates])


def _strata(model: CoxRows) -> list | None:
    return [model.strata[block] for block in model.rows.grid.block] if model.strata else None
