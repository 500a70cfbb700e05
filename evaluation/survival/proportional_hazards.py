"""Does a hazard ratio stay the same over the days: the test of Grambsch and Therneau.

To each covariate is added its product with a function g of the day; the score test of
that product is the test. R's `cox.zph` computes it so since survival 3.0: from the true
information of each day, where older versions (and most textbooks) take the same
information for every day, which misleads when the mix of cases changes over the days.
statsmodels has no such test.

References
----------
.. [1] P. M. Grambsch, T. M. Therneau, "Proportional hazards tests and diagnostics based
   on weighted residuals", Biometrika 81 (1994) 515-526.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy.stats import chi2

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.survival.columns import Floats
from evaluation.survival.cox_fit import ended_a_day, expected_a_day, information
from evaluation.survival.cox_residuals import model_of
from evaluation.survival.cox_result import Cox, CoxRows
from evaluation.survival.kaplan_meier import kaplan_meier
from evaluation.survival.shown import shown

TimeTransform = Literal["km", "identity", "rank", "log"]

GLOBAL = "GLOBAL"


@dataclass(frozen=True, eq=False)
class ProportionalHazards:
    """The outcome of the test.

    Parameters
    ----------
    tests : DataFrame
        One row a term, and a last one (`GLOBAL`) for all together: `term`, `statistic`
        (chi-square), `degrees_of_freedom`, `p_value`. None stands where the ends do not
        tell the term's change over the days (all on one day, for one).
    transform : str
    n, n_events : int
    refusal : str or None
        That of the regression, or `not_estimable`.
    """

    tests: pd.DataFrame
    transform: TimeTransform
    n: int
    n_events: int
    refusal: str | None = None

    def table(self) -> pd.DataFrame:
        """Return `tests`: a row a term, and one for all together."""
        return self.tests

    def _repr_html_(self) -> str:
        return shown(self.tests, f"Proportional hazards, g(day) = {self.transform}: {self.refusal or 'score tests'}")


def proportional_hazards(
    found: Cox, *, transform: TimeTransform, terms: Mapping[str, Sequence[str]] | None = None
) -> ProportionalHazards:
    """Test whether each hazard ratio of a Cox regression is the same on every day [1]_.

    *Estimand*: none; a score test, within strata, of no change with g(day).

    Parameters
    ----------
    found : Cox
    transform : {"km", "identity", "rank", "log"}
        The function g of the day. "km": the share ended before that day, all strata
        together; R's default, little moved by a few long cases. "rank": the rank of the
        day among the last days of all rows.
    terms : mapping of str to sequence of str, optional
        Covariates that belong together (the columns of one category), tested at once;
        covariates not named are tested each by itself.

    Examples
    --------
    >>> from evaluation.survival.cox import cox
    >>> found = cox({"x": [1, 1, 0, 0, 1, 0]}, [1, 2, 3, 4, 5, 6], [True] * 6, level=0.95)
    >>> proportional_hazards(found, transform="identity").tests["statistic"].round(4).tolist()
    [0.401, 0.401]
    """
    if transform not in get_args(TimeTransform):
        raise WrongUse(_("transform is km, identity, rank of log, niet {transform}.", transform=transform))
    if found.fitted is None:
        return ProportionalHazards(_table([]), transform, found.n, found.n_events, found.refusal)
    model = model_of(found)
    columns = _columns(model, terms)
    slope, cross, own = _products(model, _of_day(model, transform))
    tests = [(term, *_score_test(slope, own, cross, model, place)) for term, place in columns.items()]
    tests.append((GLOBAL, *_score_test(slope, own, cross, model, list(range(len(slope))))))
    refusal = "not_estimable" if tests[-1][1] is None else None
    return ProportionalHazards(_table(tests), transform, found.n, found.n_events, refusal)


def _columns(model: CoxRows, terms: Mapping[str, Sequence[str]] | None) -> dict[str, list[int]]:
    given = {term: list(names) for term, names in (terms or {}).items()}
    named = [name for names in given.values() for name in names]
    unknown = [name for name in named if name not in model.covariates]
    if unknown or len(set(named)) < len(named) or not all(given.values()):
        raise WrongUse(_("terms noemt elk kenmerk van het model hoogstens één keer; dit klopt niet: {name}.",
                         name=", ".join(unknown or named)))  # fmt: skip
    first = {names[0]: term for term, names in given.items()}
    columns = {}
    for name in model.covariates:
        if name in first:
            columns[first[name]] = [model.covariates.index(one) for one in given[first[name]]]
        elif name not in named:
            columns[name] = [model.covariates.index(name)]
    return columns


def _of_day(model: CoxRows, transform: TimeTransform) -> Floats:
    """Return g of every day of the grid, centred on the ends."""
    days, view = model.rows.grid.days, model.view
    if transform == "identity":
        values = days
    elif transform == "log":
        values = np.log(days)
    elif transform == "rank":
        last, place = np.unique(view.time, return_inverse=True)
        mass = np.bincount(place, view.count)
        values = (np.cumsum(mass) - (mass - 1) / 2)[np.searchsorted(last, days)]
    else:
        curve = kaplan_meier(view.time, view.ended, entry=view.start, weight=view.count)
        values = 1 - np.concatenate(([1.0], curve.survival))[np.searchsorted(curve.days, days, side="left")]
    ends = model.rows.ends
    return np.asarray(values - ends @ values / ends.sum())


def _products(model: CoxRows, g: Floats) -> tuple[Floats, Floats, Floats]:
    """Slope for the products at nought, and their information: with the covariates, with each other."""
    rows, here = model.rows, model.here
    slope = (ended_a_day(rows) - expected_a_day(here)) @ g
    return slope, information(rows, here, times=g), information(rows, here, times=g**2)


def _score_test(slope: Floats, own: Floats, cross: Floats, model: CoxRows, place: list[int]) -> tuple:
    # The slope for the covariates themselves is nought at the estimate: only the block of the
    # products is left, freed from what the covariates explain.
    left = own[np.ix_(place, place)] - cross[place] @ model.naive @ cross[:, place]
    size = np.sqrt(np.maximum(np.diag(own), 0.0))[place]
    if (size <= 0).any() or np.linalg.matrix_rank(left / np.outer(size, size), tol=1e-9, hermitian=True) < len(place):
        return None, len(place), None
    statistic = float(slope[place] @ np.linalg.solve(left, slope[place]))
    return statistic, len(place), float(chi2.sf(statistic, len(place)))


def _table(tests: list[tuple]) -> pd.DataFrame:
    table = pd.DataFrame(tests, columns=["term", "statistic", "degrees_of_freedom", "p_value"], dtype=object)
    return table.astype({name: float for name in ("statistic", "p_value") if table[name].notna().all()})
