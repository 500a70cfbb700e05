"""Penalties of the units compared as an ordered outcome, with like cases: only under an explicit ranking.

Two answers side by side. The proportional-odds logit gives an odds ratio of a heavier
outcome, if one ratio holds wherever the order is cut (there is a test of that). The
adjusted win probability needs the order and what the case mix leads one to expect, no
common ratio: how often the outcome of a case of the unit is heavier than the one a like
case would get in all units together.

Allegations of one case are not independent: intervals take whole cases as drawn.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from evaluation.complete_rows import check_level, complete_rows, level_columns
from evaluation.consistency.effect import Effect, TestResult, refused
from evaluation.consistency.proportional_odds import (
    ProportionalOdds,
    clustered_score_test,
    proportional_odds,
    proportional_odds_test,
)
from evaluation.consistency.sparse_levels import pooled_levels
from evaluation.consistency.win_probability import logit_interval
from evaluation.proportion import Interval
from evaluation.refusals import MINIMUM_N
from evaluation.units.case_mix import TOGETHER, dummies
from evaluation.units.separation import SeparationError


@dataclass(frozen=True)
class OrderedUnit:
    """A unit beside what its cases lead one to expect.

    Parameters
    ----------
    unit : str
    n, clusters : int
        Outcomes and cases.
    win : Effect
        Chance that the outcome is heavier than that of a like case in all units together
        (this one included), ties for half; one half when the unit does as expected.
    odds_ratio : Effect
        Odds of a heavier outcome against the average of the units, weighted by cases.
    """

    unit: str
    n: int
    clusters: int
    win: Effect
    odds_ratio: Effect


@dataclass(frozen=True, eq=False)
class OrderedComparison:
    """An ordered outcome by unit.

    Parameters
    ----------
    units : tuple of OrderedUnit
        In the order of their names.
    categories : tuple
        Ranks seen, from mild to heavy.
    n, missing, clusters : int
        Outcomes that take part; those left out because rank, unit or case is missing; cases.
    likelihood_ratio : TestResult
        Units add nothing to the case mix; every outcome as independent.
    clustered_score : TestResult
        The same, with whole cases as what was drawn.
    proportional_odds : TestResult
        One odds ratio for every cut of the order (units and case mix).
    pooled : dict
        Characteristic -> levels that were too sparse to stand alone.
    refusal : str or None
        Why there is no comparison: `too_few`, `no_variation`, `not_estimable` (one unit),
        `separation`.
    """

    units: tuple[OrderedUnit, ...]
    categories: tuple[float, ...]
    n: int
    missing: int
    clusters: int
    likelihood_ratio: TestResult
    clustered_score: TestResult
    proportional_odds: TestResult
    pooled: dict[str, tuple[str, ...]]
    refusal: str | None = None


def ordered_by_unit(
    rank: ArrayLike,
    unit: ArrayLike,
    levels: pd.DataFrame | None = None,
    *,
    level: float,
    cluster: ArrayLike | None = None,
    minimum_n: int = MINIMUM_N,
) -> OrderedComparison:
    """Compare an ordered outcome between units, for like cases.

    *Estimand*: see `OrderedUnit`; among outcomes with a place in the ranking.

    Parameters
    ----------
    rank : array_like
        Places in one published ranking (`PenaltyRanking.ranks`); missing: no place.
    unit : array_like
    levels : DataFrame, optional
        A column a case characteristic; a missing value is a level of its own.
    level : float
    cluster : array_like, optional
        Case of each row; left out, every row is a case.
    minimum_n : int
        A unit with fewer outcomes gets no number (`too_few`); such units together are one
        unit of the model. Levels with fewer outcomes are put together.

    References
    ----------
    .. [1] C. Li, B. E. Shepherd, "A new residual for ordinal outcomes", Biometrika 99
       (2012) 473-480: twice the win probability of a row, minus one.

    Examples
    --------
    >>> rank, unit = [1, 2, 3, 2] * 10 + [2, 3, 3, 1] * 10, ["A"] * 40 + ["B"] * 40
    >>> both = ordered_by_unit(rank, unit, level=0.95)
    >>> [round(one.win.estimate, 3) for one in both.units]
    [0.453, 0.547]
    """
    check_level(level)
    count = len(np.asarray(rank))
    rows, missing = complete_rows(
        {"rank": rank, "unit": unit, "cluster": np.arange(count) if cluster is None else cluster}
    )
    y, unit_of = rows["rank"].to_numpy(dtype=float), rows["unit"].map(str).to_numpy(str)
    case = pd.factorize(rows["cluster"])[0]
    mix = level_columns(levels, count).iloc[rows.index].reset_index(drop=True)
    categories = tuple(np.unique(y).tolist())
    reason = _why_not(y, unit_of, minimum_n)

    def nothing(why: str, pooled: dict[str, tuple[str, ...]]) -> OrderedComparison:
        sizes = {name: int((unit_of == name).sum()) for name in np.unique(unit_of).tolist()}
        none = []
        for name, n in sizes.items():
            no_number = refused("too_few" if n < minimum_n else why, n)
            none.append(OrderedUnit(name, n, len(set(case[unit_of == name])), no_number, no_number))
        no_test = TestResult(None, None, None, why)
        return OrderedComparison(
            tuple(none), categories, len(y), missing, len(set(case)), no_test, no_test, no_test, pooled, why
        )

    if reason:
        return nothing(reason, {})
    lowest, highest = y == y.min(), y == y.max()
    mix, pooled = pooled_levels(mix, lambda here: not (lowest[here].all() or highest[here].all()), minimum_n=minimum_n)
    design = _without_constant(mix)
    try:
        expected = proportional_odds(y, design)
    except SeparationError:
        return nothing("separation", pooled)
    ratios, tests = _odds_ratios(y, unit_of, design, case, expected, level, minimum_n)
    wins = _wins(expected, unit_of, case, level)
    units = tuple(
        OrderedUnit(
            unit=name,
            n=wins[name].n,
            clusters=len(set(case[unit_of == name])),
            win=refused("too_few", wins[name].n) if wins[name].n < minimum_n else wins[name],
            odds_ratio=ratios[name],
        )
        for name in np.unique(unit_of).tolist()
    )
    return OrderedComparison(units, categories, len(y), missing, len(set(case)), *tests, pooled)


def _why_not(y: np.ndarray, unit: np.ndarray, minimum_n: int) -> str | None:
    if len(y) < max(2, minimum_n):
        return "too_few"
    if len(np.unique(y)) < 2:
        return "no_variation"
    return "not_estimable" if len(np.unique(unit)) < 2 else None


def _without_constant(levels: pd.DataFrame) -> np.ndarray:
    return dummies(levels)[:, 1:] if levels.shape[1] else np.empty((len(levels), 0))


def _wins(fit: ProportionalOdds, unit: np.ndarray, case: np.ndarray, level: float) -> dict[str, Effect]:
    """Return the adjusted win probability of each unit, with the uncertainty of the case mix in its interval."""
    cumulative = np.column_stack([np.zeros(len(unit)), fit.cumulative()])
    row = np.arange(len(unit))
    high, low = cumulative[row, fit.at + 1], cumulative[row, fit.at]
    win = (high + low) / 2
    cuts = len(fit.thresholds)
    moves = np.zeros((len(unit), len(fit.covariance)))
    for edge, value in ((fit.at, high), (fit.at - 1, low)):
        inner = np.flatnonzero((edge >= 0) & (edge < cuts))
        slope = value[inner] * (1 - value[inner]) / 2
        moves[inner, edge[inner]] += slope
        moves[inner, cuts:] -= slope[:, None] * fit.design[inner]
    through = fit.scores() @ fit.covariance  # what each row does to the parameters
    effects = {}
    for name in np.unique(unit):
        own = unit == name
        estimate = float(win[own].mean())
        pull = np.where(own, (win - estimate) / own.sum(), 0.0) + through @ moves[own].mean(axis=0)
        totals = np.bincount(case, pull)
        clusters = len(set(case[own]))
        if clusters < 2 or not 0 < estimate < 1:
            effects[str(name)] = refused("not_estimable", int(own.sum()))
            continue
        error = float(np.sqrt(clusters / (clusters - 1) * (totals**2).sum()))
        interval = logit_interval(estimate, error, level, df=clusters - 1)
        effects[str(name)] = Effect(estimate, interval, int(own.sum()))
    return effects


def _odds_ratios(
    y: np.ndarray, unit: np.ndarray, design: np.ndarray, case: np.ndarray, expected: ProportionalOdds, level: float,
    minimum_n: int,
) -> tuple[dict[str, Effect], tuple[TestResult, TestResult, TestResult]]:  # fmt: skip
    """Return odds ratios, and tests of units (twice) and of proportional odds."""
    names = [str(name) for name in np.unique(unit)]
    size = {name: int((unit == name).sum()) for name in names}
    large = {name for name in names if size[name] >= minimum_n}
    label = np.where(np.isin(unit, list(large)), unit.astype(object), TOGETHER)
    # All of a unit in the mildest or the heaviest outcome: its odds ratio is nought or infinite.
    extreme = {name for name in np.unique(label) if len(set(y[label == name]) & {y.min()}) == len(set(y[label == name]))
               or set(y[label == name]) == {y.max()}}  # fmt: skip
    kept = ~np.isin(label, list(extreme))
    modelled = sorted(set(label[kept]))
    ratios = {name: refused("too_few" if name not in large else "separation" if name in extreme else "not_estimable",
                            size[name]) for name in names}  # fmt: skip

    def without(why: str) -> tuple[dict[str, Effect], tuple[TestResult, TestResult, TestResult]]:
        again = {name: refused(why, size[name]) if ratio.refusal == "not_estimable" else ratio
                 for name, ratio in ratios.items()}  # fmt: skip
        no_test = TestResult(None, None, None, why)
        return again, (no_test, no_test, no_test)

    if len(modelled) < 2 or len(np.unique(y[kept])) < 2:
        return without("not_estimable")
    columns = np.column_stack([label[kept] == name for name in modelled[1:]]).astype(float)
    whole = np.column_stack([design[kept], columns])
    if np.linalg.matrix_rank(np.column_stack([np.ones(len(whole)), whole])) <= whole.shape[1]:
        return without("not_estimable")
    try:
        fit = proportional_odds(y[kept], whole)
        base = expected if kept.all() else proportional_odds(y[kept], design[kept])
    except SeparationError:
        return without("separation")
    first = len(fit.thresholds) + design.shape[1]
    effects = np.append(0.0, fit.coefficients[design.shape[1] :])
    shares = np.array([(label[kept] == name).mean() for name in modelled])
    contrast = np.eye(len(modelled))[:, 1:] - shares[1:]
    covariance = fit.clustered_covariance(case[kept])[first:, first:]
    spread = np.sqrt(np.diag(contrast @ covariance @ contrast.T))
    reach = stats.norm.isf((1 - level) / 2)
    for name, centre, error in zip(modelled, effects - shares @ effects, spread, strict=True):
        if name in large:
            ends = np.exp([centre - reach * error, centre + reach * error])
            ratios[name] = Effect(float(np.exp(centre)), Interval(*map(float, ends)), size[name])
    df = len(modelled) - 1
    gain = max(0.0, 2 * (fit.loglik - base.loglik))
    tests = (
        TestResult(gain, df, float(stats.chi2.sf(gain, df))),
        clustered_score_test(base, columns, case[kept]),
        proportional_odds_test(fit),
    )
    return ratios, tests
