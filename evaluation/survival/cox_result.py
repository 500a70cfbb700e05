"""What Cox's regression returns: coefficients, tests, counts, and the model that other functions read from."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm

from evaluation.survival.columns import Floats
from evaluation.survival.concordance import Concordance, concordance_of
from evaluation.survival.cox_fit import Moments, Rows
from evaluation.survival.in_view import InView
from evaluation.survival.shown import shown


@dataclass(frozen=True)
class ChiSquare:
    """A test statistic with its degrees of freedom and p-value."""

    statistic: float
    degrees_of_freedom: int
    p_value: float


@dataclass(frozen=True, eq=False)
class CoxRows:
    """The fitted model as other functions of this package read it; not for print.

    `view` are the cases as checked, `layer` the stratum number of each, `used` which of
    them are in `rows` (at risk on some day with an end), `covariates` the names of the
    columns estimated, `centre` and `scale` what was taken off them and divided by.
    `here` are the moments at the estimate; `naive` its covariance on the scale of `rows`.
    """

    view: InView
    layer: np.ndarray
    strata: tuple[Any, ...]
    used: np.ndarray
    rows: Rows
    here: Moments
    beta: Floats
    naive: Floats
    covariates: tuple[str, ...]
    centre: Floats
    scale: Floats


@dataclass(frozen=True, eq=False)
class Cox:
    """A fitted proportional-hazards regression.

    Parameters
    ----------
    coefficients : DataFrame
        One row a covariate: `covariate`, `coefficient` (log hazard ratio),
        `standard_error` (from the likelihood), `robust_error` (by cluster; None without),
        `hazard_ratio` with `low` and `high`, `p_value` (Wald; both by cluster when
        clusters were given), `refusal`. A covariate that is refused (`no_variation`
        among those at risk; `not_estimable`: it follows from earlier ones) is left out
        of the model; None stands in its row.
    covariance : ndarray
        Of the coefficients estimated, in order; by cluster when clusters were given.
    log_likelihood, log_likelihood_null : float or None
    likelihood_ratio, score, wald : ChiSquare or None
        Tests of no effect at all. `wald` is by cluster when clusters were given; the
        other two assume independent rows.
    n, n_events : int
        Rows and ends, counted with weights.
    n_clusters : int or None
    level : float
    method : str
        Handling of ties, and kind of standard error.
    steps : int
        Newton steps taken.
    converged : bool
    refusal : str or None
        `no_events`; `no_variation` (no covariate varies among those at risk);
        `separation`; `too_few` (fewer than two clusters, or clusters whose influence adds
        up to nought); `not_estimable`.
    separating : tuple of (str, float)
        With `separation`: the covariates, and the sign of each (+1: the hazard ratio
        runs off to infinity; -1: to nought), along which the likelihood rises for ever:
        on every day the cases that end are at the top of all at risk. All that do so by
        themselves; if none does, the members of a combination that does. Leave them
        out, or pool categories.
    """

    coefficients: pd.DataFrame
    covariance: Floats
    log_likelihood: float | None
    log_likelihood_null: float | None
    likelihood_ratio: ChiSquare | None
    score: ChiSquare | None
    wald: ChiSquare | None
    n: int
    n_events: int
    n_clusters: int | None
    level: float
    method: str
    steps: int
    converged: bool
    refusal: str | None = None
    separating: tuple[tuple[str, float], ...] = ()
    fitted: CoxRows | None = field(default=None, repr=False)

    @property
    def concordance(self) -> Concordance | None:
        """How often, of two comparable cases, the one with the higher predicted hazard ends first."""
        return None if self.fitted is None else _concordance(self.fitted)

    def table(self) -> pd.DataFrame:
        """Return `coefficients`: a row a covariate."""
        return self.coefficients

    def _repr_html_(self) -> str:
        tests = (("likelihood ratio", self.likelihood_ratio), ("score", self.score), ("Wald", self.wald))
        said = [f"{name} = {test.statistic:.6g}, df = {test.degrees_of_freedom}, p = {test.p_value:.4g}"
                for name, test in tests if test is not None]  # fmt: skip
        heading = f"Cox ({self.method}): n = {self.n}, events = {self.n_events}; {self.level:.4g} intervals"
        return shown(self.coefficients, "; ".join([heading, *said, *([self.refusal] if self.refusal else [])]))


def coefficient_table(names: list[str], refusals: list[str | None], filled: dict[str, list]) -> pd.DataFrame:
    """Return one row a covariate; None where nothing was filled in."""
    columns: dict[str, list] = {"covariate": names}
    for name in ("coefficient", "standard_error", "robust_error", "hazard_ratio", "low", "high", "p_value"):
        columns[name] = filled.get(name, [None] * len(names))
    # dtype said outright: pandas would make None among texts a NaN
    return pd.DataFrame(
        {name: pd.Series(values, dtype=float if name != "covariate" and None not in values else object)
         for name, values in columns.items()}
    ).assign(refusal=pd.Series(refusals, dtype=object))  # fmt: skip


def with_estimates(
    table: pd.DataFrame, kept: list[int], model: CoxRows, covariance: Floats, *, clustered: bool, level: float
) -> pd.DataFrame:
    """Return the table with the estimates of the covariates kept, on their own scale."""
    estimate, error = model.beta / model.scale, np.sqrt(np.diag(covariance)) / model.scale
    reach = float(norm.ppf((1 + level) / 2)) * error
    with np.errstate(over="ignore"):
        ratio, low, high = np.exp(estimate), np.exp(estimate - reach), np.exp(estimate + reach)
    columns = {
        "coefficient": estimate,
        "standard_error": np.sqrt(np.diag(model.naive)) / model.scale,
        "hazard_ratio": ratio,
        "low": low,
        "high": high,
        "p_value": 2 * norm.sf(np.abs(estimate / error)),
    } | ({"robust_error": error} if clustered else {})
    filled: dict[str, list] = {name: [None] * len(table) for name in columns}
    for name, values in columns.items():
        for row, value in zip(kept, values.tolist(), strict=True):
            filled[name][row] = value
    return coefficient_table(table["covariate"].tolist(), table["refusal"].tolist(), filled)


def chi_square(statistic: float, degrees: int) -> ChiSquare:
    """Return the statistic with its p-value; rounding may not make it negative."""
    statistic = max(statistic, 0.0)
    return ChiSquare(statistic, degrees, float(chi2.sf(statistic, degrees)))


def _concordance(model: CoxRows) -> Concordance:
    score = np.zeros(len(model.view.time))
    for beta, x in zip(model.beta, model.rows.X, strict=True):  # column by column: equal rows get equal scores
        score[model.used] += beta * x
    return concordance_of(score, model.view, model.layer)
