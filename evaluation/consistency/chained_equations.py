"""Missing case characteristics filled in many times over: an alternative to "missing is a level".

The headline takes a missing rank or complexity as a level of its own. That is careful when
missing means something, and wasteful or biased when it does not. Here each missing value
is drawn from what like cases have (chained equations [1]_), the whole several times over,
and the answers are pooled by Rubin's rules [2]_. It assumes that, given everything else
that was recorded, missing values are like those not missing. Never the headline.

statsmodels' `MICEData` fills in numbers by matching on predicted means; characteristics
here are codes without an order, so each is drawn from a multinomial logit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.complete_rows import check_level
from evaluation.consistency.multinomial import multinomial
from evaluation.proportion import Interval
from evaluation.refusals import MINIMUM_N
from evaluation.units.case_mix import dummies

RIDGE = 0.02
"""A normal prior of standard deviation 5 on every coefficient: finite where a level has one outcome only."""


@dataclass(frozen=True)
class Pooled:
    """One number from several imputed tables.

    *Estimand*: that of the estimator, if no characteristic were missing.

    Parameters
    ----------
    estimate : float or None
    standard_error : float or None
    interval : Interval or None
        With Barnard and Rubin's degrees of freedom [3]_.
    df : float or None
        Infinite when the tables agree.
    fraction_missing : float or None
        Share of the variance that is due to what is missing.
    imputations : int
    missing : dict
        Characteristic -> cells that were filled in.
    refusal : str or None
        `absent`: a characteristic is nowhere recorded; `too_few` rows; or that of the
        estimator, when it refuses in any table.
    """

    estimate: float | None
    standard_error: float | None
    interval: Interval | None
    df: float | None
    fraction_missing: float | None
    imputations: int
    missing: dict[str, int]
    refusal: str | None = None


def pooled_over_imputations(
    levels: pd.DataFrame,
    complete: pd.DataFrame,
    estimator: Callable[[pd.DataFrame], tuple[float, float] | str],
    *,
    imputations: int,
    cycles: int,
    level: float,
    rng: np.random.Generator,
    minimum_n: int = MINIMUM_N,
) -> Pooled:
    """Run an estimator on tables in which missing characteristics are filled in, and pool.

    Parameters
    ----------
    levels : DataFrame
        Case characteristics, as codes; missing where not recorded.
    complete : DataFrame
        What else says something about them, with nothing missing: the outcome (it must
        be among them, or its relation with the characteristics is lost) and the unit.
    estimator : callable
        From characteristics without missing values, in the order of the rows, to an
        estimate and its variance on a scale on which it is about normal (a log odds
        ratio), or to the key of a refusal.
    imputations, cycles : int
        Tables, at least two; rounds of the chain for each.
    level : float
    rng : Generator
    minimum_n : int
        Fewer rows are refused.

    References
    ----------
    .. [1] S. van Buuren, K. Groothuis-Oudshoorn, "mice: multivariate imputation by chained
       equations in R", Journal of Statistical Software 45(3) (2011).
    .. [2] D. B. Rubin, Multiple Imputation for Nonresponse in Surveys, 1987.
    .. [3] J. Barnard, D. B. Rubin, "Small-sample degrees of freedom with multiple
       imputation", Biometrika 86 (1999) 948-955.
    """
    check_level(level)
    missing = {str(name): int(levels[name].isna().sum()) for name in levels}
    reason = "too_few" if len(levels) < minimum_n else "absent" if levels.isna().all().any() else None
    found: list[tuple[float, float]] = []
    for _turn in range(0 if reason else imputations):
        answer = estimator(imputed(levels, complete, cycles=cycles, rng=rng))
        if isinstance(answer, str):
            reason = answer
            break
        found.append(answer)
    if reason:
        return Pooled(None, None, None, None, None, imputations, missing, reason)
    estimates, variances = zip(*found, strict=True)
    return pooled(estimates, variances, level=level, missing=missing)


def imputed(levels: pd.DataFrame, complete: pd.DataFrame, *, cycles: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return the characteristics with every missing value drawn once.

    Each in turn, the least often missing first, is drawn from a multinomial logit on all
    the others, fitted to a bootstrap sample of the rows that have it (so that the
    uncertainty of the fit is in the draw).

    Raises
    ------
    WrongUse
        If `complete` has missing values or another length, or a characteristic is
        nowhere recorded.
    """
    if len(complete) != len(levels) or complete.isna().to_numpy().any():
        raise WrongUse(_("complete moet even lang zijn als levels en mag nergens een waarde missen."))
    if levels.isna().all().any():
        raise WrongUse(_("Een kenmerk dat nergens is vastgelegd, kan niet worden aangevuld."))
    helpers = complete.reset_index(drop=True).astype(str).add_prefix("complete ")
    known = levels.reset_index(drop=True).astype(object)
    gaps = {name: known[name].isna().to_numpy() for name in known}
    order = sorted((name for name in known if gaps[name].any()), key=lambda name: gaps[name].sum())
    filled = known.copy()
    for name in order:
        seen = known.loc[~gaps[name], name].to_numpy()
        filled.loc[gaps[name], name] = rng.choice(seen, gaps[name].sum())
    for _cycle in range(cycles if order else 0):
        for name in order:
            design = dummies(pd.concat([filled.drop(columns=name).astype(str), helpers], axis=1))
            filled.loc[gaps[name], name] = _drawn(known[name], gaps[name], design, rng)
    return filled.set_axis(levels.index)


def _drawn(column: pd.Series, gap: np.ndarray, design: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    seen = np.flatnonzero(~gap)
    at, labels = pd.factorize(column[seen], sort=True)
    if len(labels) == 1:
        return np.repeat(np.asarray(labels, dtype=object), gap.sum())
    times = rng.multinomial(len(seen), np.full(len(seen), 1 / len(seen)))
    fit = multinomial(at, len(labels), design[seen], weights=times.astype(float), ridge=RIDGE)
    cumulative = fit.chances(design[gap]).cumsum(axis=1)
    place = (cumulative < rng.random(int(gap.sum()))[:, None]).sum(axis=1)
    return np.asarray(labels, dtype=object)[np.minimum(place, len(labels) - 1)]


def pooled(
    estimates: Sequence[float],
    variances: Sequence[float],
    *,
    level: float,
    complete_df: float = np.inf,
    missing: dict[str, int] | None = None,
) -> Pooled:
    """Pool estimates of imputed tables by Rubin's rules.

    Parameters
    ----------
    estimates, variances : sequence of float
        At least two.
    level : float
    complete_df : float
        Degrees of freedom if nothing were missing.
    missing : dict, optional
        Passed on.

    Examples
    --------
    Mean 2, mean variance 1, variance between 1: total 1 + (1 + 1/3).

    >>> answer = pooled([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], level=0.95)
    >>> answer.estimate, round(answer.standard_error, 4), round(answer.df, 3)
    (2.0, 1.5275, 6.125)
    """
    values, within = np.asarray(estimates, dtype=float), float(np.mean(variances))
    m = len(values)
    if m < 2:
        raise WrongUse(_("Samenvoegen vraagt minstens twee aangevulde tabellen."))
    between = float(values.var(ddof=1))
    total = within + (1 + 1 / m) * between
    share = (1 + 1 / m) * between / total if total > 0 else 0.0
    df = np.inf if share == 0 else (m - 1) / share**2
    if np.isfinite(complete_df):
        observed = (complete_df + 1) / (complete_df + 3) * complete_df * (1 - share)
        df = observed if np.isinf(df) else df * observed / (df + observed)
    reach = stats.t.isf((1 - level) / 2, df) * np.sqrt(total)
    estimate = float(values.mean())
    interval = Interval(float(estimate - reach), float(estimate + reach))
    return Pooled(estimate, float(np.sqrt(total)), interval, float(df), float(share), m, missing or {})
