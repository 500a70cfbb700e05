"""Penalties of the units compared as groups without an order, with like cases.

What a ranking assumes is not assumed here: of each group of penalties, how often it was
given in a unit, and how often like cases lead one to expect it. One test over all groups
asks whether units add anything to the case mix.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from evaluation.complete_rows import check_level, complete_rows, level_columns
from evaluation.consistency.effect import TestResult
from evaluation.consistency.multinomial import Multinomial, information, multinomial
from evaluation.consistency.sparse_levels import pooled_levels
from evaluation.proportion import Proportion
from evaluation.refusals import MINIMUM_N
from evaluation.units.case_mix import TOGETHER, dummies
from evaluation.units.separation import SeparationError


@dataclass(frozen=True, eq=False)
class UnorderedComparison:
    """Groups of outcomes by unit.

    Parameters
    ----------
    table : DataFrame
        A row a unit and group: `unit`, `group`, `n` (of the unit), `observed`,
        `expected` (by the case mix), `share`, `low`, `high` (Wilson, of the observed
        share), `expected_share`, `refusal` (`too_few`: shares are left out).
    n, missing, clusters : int
    score : TestResult
        Units add nothing to the case mix. It needs the case mix only, so it is there when
        some unit never gave some penalty.
    clustered_score : TestResult
        The same, with whole cases as what was drawn.
    likelihood_ratio : TestResult
        The same by likelihood; refused (`separation`) when some unit never gave a penalty.
    pooled : dict
        Characteristic -> levels that were too sparse to stand alone.
    refusal : str or None
        Why there is no case mix: `too_few`, `no_variation`, `not_estimable` (one unit),
        `separation`. Observed counts stay.
    """

    table: pd.DataFrame
    n: int
    missing: int
    clusters: int
    score: TestResult
    clustered_score: TestResult
    likelihood_ratio: TestResult
    pooled: dict[str, tuple[str, ...]]
    refusal: str | None = None


def unordered_by_unit(
    group: ArrayLike,
    unit: ArrayLike,
    levels: pd.DataFrame | None = None,
    *,
    level: float,
    cluster: ArrayLike | None = None,
    minimum_n: int = MINIMUM_N,
) -> UnorderedComparison:
    """Compare how often each group of outcomes is given, unit by unit, with like cases.

    *Estimand*: by unit and group, the share observed and the share expected if all units
    together had handled its cases (multinomial logit on the case characteristics).

    Parameters
    ----------
    group : array_like
        Group of the outcome (`PenaltyGroups.groups`); missing: not known.
    unit : array_like
    levels : DataFrame, optional
        A column a case characteristic; a missing value is a level of its own. A level in
        which some group never occurs is put together with others.
    level : float
    cluster : array_like, optional
        Case of each row; left out, every row is a case.
    minimum_n : int

    Examples
    --------
    >>> found = unordered_by_unit(list("abab") * 10 + list("aaab") * 10, ["X"] * 40 + ["Y"] * 40, level=0.95)
    >>> found.table[["unit", "group", "observed", "expected"]].round(6).values.tolist()[:2]
    [['X', 'a', 20, 25.0], ['X', 'b', 20, 15.0]]
    >>> round(found.score.statistic, 3), found.score.df
    (5.333, 1)
    """
    check_level(level)
    count = len(np.asarray(group))
    rows, missing = complete_rows(
        {"group": group, "unit": unit, "cluster": np.arange(count) if cluster is None else cluster}
    )
    outcomes = sorted(rows["group"].map(str).unique())
    at = rows["group"].map(str).map({name: place for place, name in enumerate(outcomes)}).to_numpy(dtype=int)
    unit_of = rows["unit"].map(str).to_numpy(str)
    case = pd.factorize(rows["cluster"])[0]
    mix = level_columns(levels, count).iloc[rows.index].reset_index(drop=True)
    reason = _why_not(at, unit_of, minimum_n)
    pooled: dict[str, tuple[str, ...]] = {}
    fit, design = None, np.ones((len(at), 1))
    if reason is None:
        mix, pooled = pooled_levels(mix, lambda here: len(np.unique(at[here])) == len(outcomes), minimum_n=minimum_n)
        design = dummies(mix) if mix.shape[1] else design
        try:
            fit = multinomial(at, len(outcomes), design)
        except SeparationError:
            reason = "separation"
    table = _table(at, outcomes, unit_of, None if fit is None else fit.chances(design), level, minimum_n)
    none = TestResult(None, None, None, reason)
    tests = (none, none, none) if fit is None else _tests(fit, at, unit_of, design, case, minimum_n)
    return UnorderedComparison(table, len(at), missing, len(set(case)), *tests, pooled, reason)


def _why_not(at: np.ndarray, unit: np.ndarray, minimum_n: int) -> str | None:
    if len(at) < max(2, minimum_n):
        return "too_few"
    if len(np.unique(at)) < 2:
        return "no_variation"
    return "not_estimable" if len(np.unique(unit)) < 2 else None


def _table(
    at: np.ndarray, outcomes: list[str], unit: np.ndarray, chance: np.ndarray | None, level: float, minimum_n: int
) -> pd.DataFrame:
    rows = []
    for name in np.unique(unit).tolist():
        here = unit == name
        n = int(here.sum())
        for place, outcome in enumerate(outcomes):
            observed = int((at[here] == place).sum())
            expected = None if chance is None else float(chance[here, place].sum())
            said = n >= max(1, minimum_n)
            low, high = Proportion(observed, n).interval(level) if said else (None, None)
            rows.append(
                (name, outcome, n, observed, expected, observed / n if said else None, low, high,
                 expected / n if said and expected is not None else None, None if said else "too_few")
            )  # fmt: skip
    numbers = dict.fromkeys(("expected", "share", "low", "high", "expected_share"), "Float64")
    names = ["unit", "group", "n", "observed", "expected", "share", "low", "high", "expected_share", "refusal"]
    return pd.DataFrame(rows, columns=names).astype({**numbers, "refusal": "string"})


def _tests(
    fit: Multinomial, at: np.ndarray, unit: np.ndarray, design: np.ndarray, case: np.ndarray, minimum_n: int
) -> tuple[TestResult, TestResult, TestResult]:
    names, size = np.unique(unit, return_counts=True)
    label = np.where(np.isin(unit, names[size >= minimum_n]), unit.astype(object), TOGETHER)
    modelled = sorted(set(label))
    if len(modelled) < 2:
        none = TestResult(None, None, None, "not_estimable")
        return none, none, none
    columns = np.column_stack([label == name for name in modelled[1:]]).astype(float)
    whole = np.column_stack([design, columns])
    others = fit.coefficients.shape[1] - 1
    chance = fit.chances(design)
    left = (np.eye(others + 1)[at] - chance)[:, 1:]
    slopes = (left[:, :, None] * whole[:, None, :]).reshape(len(at), -1)
    full = information(whole, chance, np.ones(len(at)))
    of_unit = np.tile(np.arange(whole.shape[1]) >= design.shape[1], others)
    carry = np.linalg.solve(full[np.ix_(~of_unit, ~of_unit)], full[np.ix_(~of_unit, of_unit)])
    variance = full[np.ix_(of_unit, of_unit)] - full[np.ix_(of_unit, ~of_unit)] @ carry
    efficient = slopes[:, of_unit] - slopes[:, ~of_unit] @ carry
    totals = np.zeros((case.max() + 1, efficient.shape[1]))
    np.add.at(totals, case, efficient)
    return (
        _quadratic(efficient.sum(axis=0), variance),
        _quadratic(efficient.sum(axis=0), totals.T @ totals),
        _likelihood_ratio(fit, at, label, whole, design.shape[1]),
    )


def _quadratic(slope: np.ndarray, variance: np.ndarray) -> TestResult:
    """Return the score test; units that the case mix names already take no degree of freedom."""
    values, vectors = np.linalg.eigh(variance)
    kept = values > 1e-9 * max(values.max(), 1e-300)
    df = int(kept.sum())
    if not df or values.max() <= 0:
        return TestResult(None, None, None, "not_estimable")
    along = vectors[:, kept].T @ slope
    statistic = float((along**2 / values[kept]).sum())
    return TestResult(statistic, df, float(stats.chi2.sf(statistic, df)))


def _likelihood_ratio(fit: Multinomial, at: np.ndarray, label: np.ndarray, whole: np.ndarray, base: int) -> TestResult:
    if (pd.crosstab(label, at) == 0).to_numpy().any():  # a unit that never gave some penalty: known without a climb
        return TestResult(None, None, None, "separation")
    if np.linalg.matrix_rank(whole) < whole.shape[1]:
        return TestResult(None, None, None, "not_estimable")
    others = fit.coefficients.shape[1] - 1
    try:
        more = multinomial(at, others + 1, whole)
    except SeparationError:
        return TestResult(None, None, None, "separation")
    gain, df = max(0.0, 2 * (more.loglik - fit.loglik)), (whole.shape[1] - base) * others
    return TestResult(gain, df, float(stats.chi2.sf(gain, df)))
