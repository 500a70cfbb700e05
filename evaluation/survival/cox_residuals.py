"""Residuals of a fitted Cox regression, in the form of the ties that was used.

statsmodels' `PHReg` gives Schoenfeld and score residuals in Breslow's form whatever the
ties; with many ends on one day that is wrong for a fit by Efron.

References
----------
.. [1] T. M. Therneau, P. M. Grambsch, *Modeling Survival Data: Extending the Cox Model*
   (2000), chapters 4, 6 and 7; section 7.2.2 for Efron's form.
.. [2] P. M. Grambsch, T. M. Therneau, "Proportional hazards tests and diagnostics based
   on weighted residuals", Biometrika 81 (1994) 515-526.
"""

import numpy as np
import pandas as pd

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.survival.columns import Floats
from evaluation.survival.cox_fit import Moments, Rows, expected_a_day, lived_through
from evaluation.survival.cox_result import Cox, CoxRows


def score_rows(rows: Rows, here: Moments) -> Floats:
    """Return what each row adds to the slope of the likelihood, a row a covariate, not weighted.

    A row that ends is at risk for a share `1 - f` only in each of the terms of its day.
    """
    mean_a_day = expected_a_day(here) / rows.ends
    means = here.b0 * here.first - here.b1 * here.tied  # sum over the terms of (mean at risk) / (at risk)
    means_left_out = here.b1 * here.first - here.b2 * here.tied
    hazard = lived_through(rows.grid, here.a0)
    cell = rows.cell[rows.ended]
    hazard[rows.ended] -= here.a1[cell]
    found = np.empty_like(rows.X)
    for number, x in enumerate(rows.X):
        drift = lived_through(rows.grid, means[number])
        drift[rows.ended] -= means_left_out[number][cell]
        found[number] = here.risk * (drift - x * hazard)
        found[number][rows.ended] += x[rows.ended] - mean_a_day[number][cell]
    return found


def martingale_residuals(found: Cox) -> Floats:
    """Return, for each row given to `cox`, its ends (0 or 1) minus the ends expected of it.

    Sum the rows of one case for the residual of the case. NaN for a row with weight 0.

    Examples
    --------
    >>> from evaluation.survival.cox import cox
    >>> found = cox({"x": [1, 1, 0, 0]}, [1, 3, 2, 4], [True] * 4, level=0.95)
    >>> martingale_residuals(found).round(4).tolist()  # hazard ratio 2.5616: 1 - 2.5616 * 0.1404, ...
    [0.6404, -0.6404, 0.6404, -0.6404]
    """
    model = model_of(found)
    rows, here = model.rows, model.here
    hazard = lived_through(rows.grid, here.a0)
    hazard[rows.ended] -= here.a1[rows.cell[rows.ended]]
    inside = np.zeros(len(model.view.time))
    inside[model.used] = rows.ended - here.risk * hazard
    return _as_given(model, inside)


def deviance_residuals(found: Cox) -> Floats:
    """Return the martingale residuals made about symmetric around nought ([1]_, section 4.3).

    For a row that ended: the sign of the martingale residual m, times the root of
    -2 (m + log(1 - m)); for a row still open: minus the root of -2 m.

    Examples
    --------
    >>> from evaluation.survival.cox import cox
    >>> found = cox({"x": [1, 1, 0, 0]}, [1, 3, 2, 4], [True] * 4, level=0.95)
    >>> deviance_residuals(found).round(4).tolist()  # (-2 (0.6404 + log 0.3596)) ** 0.5, ...
    [0.8745, -0.5394, 0.8745, -0.5394]
    """
    model = model_of(found)
    residual = martingale_residuals(found)
    ended = _as_given(model, model.view.ended.astype(float))
    # An ended row whose expected ends are nought has no residual of its own: the logarithm is guarded, not reached.
    log = np.log(np.maximum(ended - residual, np.finfo(float).tiny))
    return np.sign(residual) * np.sqrt(np.maximum(-2 * (residual + ended * log), 0.0))


def score_residuals(found: Cox) -> pd.DataFrame:
    """Return, for each row given to `cox`, its part in the slope of the likelihood, a column a covariate."""
    model = model_of(found)
    parts = score_rows(model.rows, model.here) * model.scale[:, None]
    return _by_row(model, parts)


def dfbeta(found: Cox) -> pd.DataFrame:
    """Return, for each row given to `cox`, how far each coefficient would move without it, about.

    For a row that stands for several cases: without one of them.
    """
    model = model_of(found)
    parts = model.naive @ score_rows(model.rows, model.here) / model.scale[:, None]
    return _by_row(model, parts)


def schoenfeld_residuals(found: Cox, *, scaled: bool) -> pd.DataFrame:
    """Return, for each row that ended, its covariates minus their mean among those at risk then.

    Parameters
    ----------
    found : Cox
    scaled : bool
        True: times the covariance and the number of ends, plus the coefficient [2]_: the
        local coefficient, to be plotted against the day. False: as they are.

    Returns
    -------
    DataFrame
        `row` (place in the arguments of `cox`), `stratum` (number), `day`, `weight` and
        a column a covariate; by stratum, day and row.
    """
    model = model_of(found)
    rows = model.rows
    cell = rows.cell[rows.ended]
    residual = rows.X[:, rows.ended] - (expected_a_day(model.here) / rows.ends)[:, cell]
    if scaled:
        residual = (found.n_events * model.naive @ residual + model.beta[:, None]) / model.scale[:, None]
    else:
        residual = residual * model.scale[:, None]
    table = pd.DataFrame(
        {
            "row": np.flatnonzero(model.view.kept)[model.used][rows.ended],
            "stratum": rows.grid.block[cell],
            "day": rows.grid.days[cell],
            "weight": rows.count[rows.ended].astype(int),
            **dict(zip(model.covariates, residual, strict=True)),
        }
    )
    return table.iloc[np.argsort(cell, kind="stable")].reset_index(drop=True)


def model_of(found: Cox) -> CoxRows:
    """Return what a fit keeps for these functions; refuse one that was refused."""
    if found.fitted is None:
        raise WrongUse(_("Dit model is geweigerd ({refusal}); er valt niets uit af te lezen.", refusal=found.refusal))
    return found.fitted


def _as_given(model: CoxRows, inside: Floats) -> Floats:
    whole = np.full(len(model.view.kept), np.nan)
    whole[model.view.kept] = inside
    return whole


def _by_row(model: CoxRows, parts: Floats) -> pd.DataFrame:
    table = {}
    for name, part in zip(model.covariates, parts, strict=True):
        inside = np.zeros(len(model.view.time))
        inside[model.used] = part
        table[name] = _as_given(model, inside)
    return pd.DataFrame(table)
