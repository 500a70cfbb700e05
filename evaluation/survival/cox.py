"""What makes cases end sooner or later, all else equal: Cox's proportional-hazards regression.

A hazard ratio of 2 says: of like cases still open on a day, twice as many end on it. The
shape of the hazard over the days is left free, in every stratum its own.

Ours, because statsmodels' `PHReg` takes Breslow's ties unless told otherwise, counts a
case as at risk on the day on which it comes into view, has cluster errors in Breslow's
form only, and takes time in proportion to the number of different days. It and R's
`coxph` are the references in the tests. What is read from a fit stands in
`evaluation.survival.cox_curves` (baseline, predicted curves), `evaluation.survival.cox_residuals` and
`evaluation.survival.proportional_hazards` (the test of the assumption).

**An attribute acquired during the case** (a suspension, a referral, a criminal track)
must not be given as "ever": only a case that lasts can acquire it. Cut the case in rows
(entry, duration], each with the attribute as it was then, the end in the last row only,
all other rows as not ended. A row is at risk after its entry, up to and including its
duration.

References
----------
.. [1] D. R. Cox, "Regression models and life-tables", JRSS B 34 (1972) 187-220.
.. [2] B. Efron, "The efficiency of Cox's likelihood function for censored data", JASA 72
   (1977) 557-565.
.. [3] D. Y. Lin, L. J. Wei, "The robust inference for the Cox proportional hazards
   model", JASA 84 (1989) 1074-1078.
.. [4] T. M. Therneau, P. M. Grambsch, *Modeling Survival Data: Extending the Cox Model*
   (2000).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.survival.columns import Floats, coded
from evaluation.survival.cox_fit import Ties, information, moments, rows_of
from evaluation.survival.cox_newton import Fit, independent, newton
from evaluation.survival.cox_residuals import score_rows
from evaluation.survival.cox_result import Cox, CoxRows, chi_square, coefficient_table, with_estimates
from evaluation.survival.day_grid import day_grid
from evaluation.survival.in_view import InView, in_view
from evaluation.survival.pointwise import checked_level
from evaluation.survival.quadratic_form import quadratic_form

_NO_SPREAD = 1e-16

Covariates: TypeAlias = pd.DataFrame | pd.Series | Mapping[str, ArrayLike] | ArrayLike


def cox(
    covariates: Covariates,
    duration: ArrayLike,
    event_observed: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    stratum: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    ties: Ties = "efron",
    level: float,
) -> Cox:
    """Fit Cox's regression [1]_ by maximum partial likelihood.

    *Estimand*: for each covariate, the ratio of the rates at which open cases end, per
    unit of the covariate, the others equal and within the same stratum, taken as the
    same on every day; censoring and late entry independent given the covariates.

    Parameters
    ----------
    covariates : DataFrame, Series or array_like, shape (rows, covariates)
        Numbers or true/false; a category as columns of noughts and ones, less one
        (`pd.get_dummies(..., drop_first=True)`). Columns of an array are named x1, x2,
        ...; a dictionary of columns is as good as a DataFrame.
    duration, event_observed, entry, weight : array_like
        As in `evaluation.survival.kaplan_meier.kaplan_meier`; a case may have several rows (entry,
        duration] with other values of the covariates.
    stratum : array_like, optional
        Cases are compared within their stratum only; each has a baseline of its own.
    cluster : array_like, optional
        Rows that belong together (a unit; the rows of one case): standard errors,
        intervals and Wald test then allow for any dependence within clusters [3]_. With
        few clusters (below some 30) such errors come out too small.
    ties : {"efron", "breslow"}
        Efron's form [2]_ is the better approximation when many cases end on one day,
        which is why it is the default, as in R; it is named in the result.
    level : float
        Confidence level of the intervals.

    Raises
    ------
    WrongUse
        As `kaplan_meier`; or when a covariate is not a number or is missing, or a
        stratum or cluster is missing.

    Examples
    --------
    Two cases with x = 1 end on days 1 and 3, two with x = 0 on days 2 and 4. The
    likelihood h/(2h+2) * 1/(h+2) * h/(h+1) is highest where its logarithm is flat:
    2/h = 2/(h+1) + 1/(h+2), at h = (1 + 17**0.5) / 2:

    >>> found = cox({"x": [1, 1, 0, 0]}, [1, 3, 2, 4], [True] * 4, level=0.95)
    >>> found.coefficients["hazard_ratio"].round(4).tolist()
    [2.5616]
    """
    checked_level(level)
    if ties not in ("efron", "breslow"):
        raise WrongUse(_("ties is efron of breslow, niet {ties}.", ties=ties))
    view = in_view(duration, event_observed, entry=entry, weight=weight)
    names, columns = covariate_columns(covariates, len(view.kept))
    strata, layer = coded(stratum, len(view.kept), "stratum") if stratum is not None else ([], None)
    groups, member = coded(cluster, len(view.kept), "cluster") if cluster is not None else ([], None)
    layer = np.zeros(int(view.kept.sum()), dtype=np.intp) if layer is None else layer[view.kept]
    found = _empty(names, view, level, f"{ties}, {'cluster-robust' if cluster is not None else 'model-based'}")
    if member is not None:
        member = member[view.kept]
        found = replace(found, n_clusters=int(np.count_nonzero(np.bincount(member, minlength=len(groups)))))
    if not view.ended.any():
        return replace(found, refusal="no_events")
    grid = day_grid(view.time, view.ended, view.start, layer if len(strata) > 1 else None)
    used = grid.until > grid.since
    X, centre, scale = _scaled(columns, view.kept, used)
    grid = grid if used.all() else grid.only(used)
    rows = rows_of(X, view.count[used], view.ended[used], grid, ties=ties)
    here = moments(rows, np.zeros(len(X)))
    curvature = information(rows, here)
    kept, flat, dependent = independent(curvature)
    refusals: list[str | None] = [None] * len(names)
    for column in (*flat, *dependent):
        refusals[column] = "no_variation" if column in flat else "not_estimable"
    found = replace(found, coefficients=coefficient_table(names, refusals, {}))
    if not kept:
        return replace(found, refusal="no_variation")
    if len(kept) < len(X):
        rows = replace(rows, X=X[kept], span=rows.span[kept], total=rows.total[kept])
        here, curvature = moments(rows, np.zeros(len(kept))), curvature[np.ix_(kept, kept)]
    fit = newton(rows, here, curvature)
    model = CoxRows(
        view=view, layer=layer, strata=tuple(strata), used=used, rows=rows, here=fit.here, beta=fit.beta,
        naive=np.asarray(np.linalg.pinv(fit.information, hermitian=True)),
        covariates=tuple(names[column] for column in kept),
        centre=centre[kept], scale=scale[kept],
    )  # fmt: skip
    return _finished(found, fit, model, kept, None if member is None else member[used])


def covariate_columns(covariates: Covariates, length: int | None = None) -> tuple[list[str], list[Floats]]:
    """Return names and columns of the covariates as numbers, or refuse them."""
    table = _as_table(covariates)
    if not table.shape[1] or (length is not None and len(table) != length):
        raise WrongUse(_("covariates moet minstens één kolom hebben en even lang zijn als duration."))
    names = [str(name) for name in table.columns]
    if double := sorted({name for name in names if names.count(name) > 1}):
        raise WrongUse(_("Kenmerk {name} komt meer dan eens voor.", name=double[0]))
    columns = []
    for number, name in enumerate(names):
        column = table.iloc[:, number]
        if not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)):
            raise WrongUse(
                _(
                    "Kenmerk {name} bestaat niet uit getallen. Maak van een soort kolommen met 0 en 1, één minder dan "
                    "er soorten zijn: pd.get_dummies(kenmerken, drop_first=True).",
                    name=name,
                )
            )
        values = column.to_numpy(dtype=float, na_value=np.nan)
        if missing := int((~np.isfinite(values)).sum()):
            raise WrongUse(_("{name} mist {n} waarden. Laat die zaken eerst weg, en tel ze.", name=name, n=missing))
        columns.append(values)
    return names, columns


def _as_table(covariates: Covariates) -> pd.DataFrame:
    if isinstance(covariates, pd.DataFrame):
        return covariates
    if isinstance(covariates, pd.Series):
        return covariates.to_frame("x1" if covariates.name is None else covariates.name)
    try:
        table = pd.DataFrame(covariates)
    except ValueError as error:
        raise WrongUse(_("covariates moet een tabel zijn, één rij per zaak.")) from error
    return table.rename(columns=lambda name: f"x{name + 1}" if isinstance(name, int) else name)


def _scaled(columns: list[Floats], kept: np.ndarray, used: np.ndarray) -> tuple[Floats, Floats, Floats]:
    """Centre and scale, so that years and shares weigh alike in the arithmetic."""
    chosen = np.flatnonzero(kept)[used]
    everyone = len(chosen) == len(kept)
    X = np.empty((len(columns), len(chosen)))
    centre, scale = np.zeros(len(columns)), np.ones(len(columns))
    for number, column in enumerate(columns):
        X[number] = column if everyone else column[chosen]
        centre[number] = X[number].mean()
        X[number] -= centre[number]
        spread = float(X[number].std())
        if spread > 1e-12 * max(abs(centre[number]), 1e-300):
            scale[number] = spread
            X[number] /= spread
        else:
            X[number] = 0.0
    return X, centre, scale


def _empty(names: list[str], view: InView, level: float, method: str) -> Cox:
    return Cox(
        coefficients=coefficient_table(names, [None] * len(names), {}), covariance=np.empty((0, 0)),
        log_likelihood=None, log_likelihood_null=None,
        likelihood_ratio=None, score=None, wald=None, n=int(view.count.sum()),
        n_events=int(view.count[view.ended].sum()), n_clusters=None, level=level, method=method, steps=0,
        converged=False,
    )  # fmt: skip


def _finished(found: Cox, fit: Fit, model: CoxRows, kept: list[int], member: np.ndarray | None) -> Cox:
    found = replace(found, steps=fit.steps, log_likelihood_null=fit.null_loglik)
    if fit.refusal:
        named = () if fit.direction is None else tuple(
            (name, float(np.sign(part))) for name, part in zip(model.covariates, fit.direction, strict=True) if part
        )  # fmt: skip
        names, refusals = found.coefficients["covariate"].tolist(), found.coefficients["refusal"].tolist()
        for number, name in enumerate(names):
            refusals[number] = "separation" if name in dict(named) else refusals[number]
        return replace(
            found, coefficients=coefficient_table(names, refusals, {}), refusal=fit.refusal, separating=named
        )
    if found.n_clusters is not None and found.n_clusters < 2:
        return replace(found, refusal="too_few", converged=True)
    if (np.diag(model.naive) <= 0).any():
        return replace(found, refusal="not_estimable")  # so flat at its top that rounding decides
    robust = None if member is None else _robust(model, member)
    covariance = model.naive if robust is None else robust
    if (np.diag(covariance) <= _NO_SPREAD * np.diag(model.naive)).any():
        # The influence of each cluster adds up to nought: an error of nought is no answer.
        return replace(found, refusal="too_few", converged=True)
    unscale = np.outer(model.scale, model.scale)
    table = with_estimates(found.coefficients, kept, model, covariance, clustered=robust is not None, level=found.level)
    degrees = len(kept)
    wald, rank = quadratic_form(fit.beta, covariance)
    return replace(
        found,
        coefficients=table,
        covariance=covariance / unscale,
        log_likelihood=fit.here.loglik,
        likelihood_ratio=chi_square(2 * (fit.here.loglik - fit.null_loglik), degrees),
        score=chi_square(fit.score_statistic, degrees),
        wald=chi_square(wald, degrees) if rank == degrees else None,
        converged=True,
        fitted=model,
    )


def _robust(model: CoxRows, member: np.ndarray) -> Floats:
    """Sum over clusters of the squared influence of the cluster [3]_, in the form of the ties used."""
    score = score_rows(model.rows, model.here)
    sums = np.stack([np.bincount(member, model.rows.count * part) for part in score])
    influence = model.naive @ sums
    return np.asarray(influence @ influence.T)
