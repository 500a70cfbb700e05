"""Like with like without a model: outcomes compared within strata of cases alike, and put together.

A stratum is a combination of characteristics. Cases of a unit in a stratum where no other
unit has any, or where all outcomes are equal, say nothing about the unit; they are counted.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import optimize, special, stats

from evaluation.complete_rows import check_level, complete_rows, level_columns
from evaluation.consistency.effect import Effect, TestResult, refused
from evaluation.proportion import Interval
from evaluation.refusals import MINIMUM_N

LARGEST_LOG = 30.0
"""Beyond any finite ratio of these tables."""


@dataclass(frozen=True)
class MatchedUnit:
    """A unit against all others, within strata of like cases.

    Parameters
    ----------
    unit : str
    n, n_others : int
        Cases that are compared: in strata with both, and with both outcomes.
    hits, hits_others : int
        Of those, with the outcome.
    strata : int
        Strata that say something.
    not_compared : int
        Cases of the unit in other strata.
    odds_ratio : Effect
        Mantel and Haenszel's, with the interval of Robins, Breslow and Greenland, or
        with the clusters. `separation`: it is nought or infinite.
    conditional : float or None
        The same ratio by conditional maximum likelihood, the conditional logit with the
        unit as its one column; None where `odds_ratio` is refused.
    test : TestResult
        Cochran, Mantel and Haenszel, without continuity correction.
    homogeneity : TestResult
        Breslow and Day, with Tarone's correction: one odds ratio for all strata.
    """

    unit: str
    n: int
    n_others: int
    hits: int
    hits_others: int
    strata: int
    not_compared: int
    odds_ratio: Effect
    conditional: float | None
    test: TestResult
    homogeneity: TestResult


def strata(levels: pd.DataFrame) -> pd.Series:
    """Return the stratum of like cases to which each row belongs; a missing value is like a missing value.

    Without characteristics all are alike.

    Examples
    --------
    >>> strata(pd.DataFrame({"category": ["x", "x", None], "year": [2020, 2021, 2020]})).tolist()
    ['x | 2020', 'x | 2021', '(onbekend) | 2020']
    """
    known = level_columns(levels, len(levels))
    return pd.Series([" | ".join(row) for row in known.to_numpy(dtype=object)], index=levels.index, dtype="str")


def mantel_haenszel(
    outcome: ArrayLike,
    unit: ArrayLike,
    stratum: ArrayLike,
    *,
    level: float,
    cluster: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    minimum_n: int = MINIMUM_N,
) -> tuple[MatchedUnit, ...]:
    """Compare each unit with all others within strata of like cases.

    *Estimand*: the odds ratio of the outcome between a case of the unit and a like case
    of the others, taken as one for all strata.

    Parameters
    ----------
    outcome : array_like of bool
        Rows with a missing value are left out.
    unit, stratum : array_like
    level : float
    cluster : array_like, optional
        Case of each row. The interval then takes whole cases as drawn (the first-order
        effect of each row on the logarithm of the ratio, summed by case).
    weights : array_like of int, optional
        How many such rows there were; not together with `cluster`.
    minimum_n : int
        Fewer compared cases of the unit, or of the others, give no ratio (`too_few`).

    References
    ----------
    .. [1] N. Mantel, W. Haenszel, "Statistical aspects of the analysis of data from
       retrospective studies of disease", JNCI 22 (1959) 719-748.
    .. [2] J. Robins, N. Breslow, S. Greenland, "Estimators of the Mantel-Haenszel variance
       consistent in both sparse data and large-strata limiting models", Biometrics 42
       (1986) 311-323.
    .. [3] R. E. Tarone, "On heterogeneity tests based on efficient scores", Biometrika 72
       (1985) 91-95.

    Examples
    --------
    >>> found = mantel_haenszel([1, 0, 1, 0], list("AABB"), [1] * 4, weights=[20, 10, 10, 20], level=0.95)
    >>> round(found[0].odds_ratio.estimate, 3), [round(end, 2) for end in found[0].odds_ratio.interval]
    (4.0, [1.37, 11.7])
    """
    check_level(level)
    count = len(np.asarray(outcome))
    rows, _missing = complete_rows({
        "outcome": outcome,
        "unit": unit,
        "stratum": stratum,
        "cluster": np.arange(count) if cluster is None else cluster,
        "weight": np.ones(count) if weights is None else weights,
    })  # fmt: skip
    table = pd.DataFrame({
        "hit": rows["outcome"].to_numpy(bool),
        "unit": rows["unit"].map(str).to_numpy(),
        "s": pd.factorize(rows["stratum"])[0],
        "c": pd.factorize(rows["cluster"])[0],
        "w": rows["weight"].to_numpy(dtype=float),
    })  # fmt: skip
    return tuple(
        _unit(name, table, level, minimum_n, clustered=cluster is not None) for name in sorted(table["unit"].unique())
    )


def _unit(name: str, table: pd.DataFrame, level: float, minimum_n: int, *, clustered: bool) -> MatchedUnit:
    own, hit = (table["unit"] == name).to_numpy(), table["hit"].to_numpy()
    s, w = table["s"].to_numpy(), table["w"].to_numpy()
    size = s.max() + 1
    a, b, c, d = (np.bincount(s, w * part, size) for part in (own & hit, own & ~hit, ~own & hit, ~own & ~hit))
    told = (a + b > 0) & (c + d > 0) & (a + c > 0) & (b + d > 0)
    all_own = float((a + b).sum())
    a, b, c, d = (np.where(told, part, 0) for part in (a, b, c, d))
    n, others = int((a + b).sum()), int((c + d).sum())

    def said(ratio: Effect, test: TestResult, same: TestResult) -> MatchedUnit:
        cells = (part[told] for part in (a, b, c, d))
        return MatchedUnit(
            name, n, others, int(a.sum()), int(c.sum()), int(told.sum()), int(all_own) - n, ratio,
            None if ratio.refusal else conditional_odds_ratio(*cells), test, same,
        )  # fmt: skip

    if n < max(1, minimum_n) or others < max(1, minimum_n):
        none = TestResult(None, None, None, "too_few")
        return said(refused("too_few", n), none, none)
    total = np.where(told, a + b + c + d, 1)
    r, q = a * d / total, b * c / total
    test = _cochran(a[told], b[told], c[told], d[told])
    if r.sum() == 0 or q.sum() == 0:
        return said(refused("separation", n), test, TestResult(None, None, None, "separation"))
    estimate = float(r.sum() / q.sum())
    if clustered:
        # What one more case in a cell does to the logarithm of the ratio.
        shared_r, shared_q = r / total, q / total
        pull = np.column_stack([
            (d / total - shared_r) / r.sum() + shared_q / q.sum(),
            -shared_r / r.sum() - (c / total - shared_q) / q.sum(),
            -shared_r / r.sum() - (b / total - shared_q) / q.sum(),
            (a / total - shared_r) / r.sum() + shared_q / q.sum(),
        ])  # fmt: skip
        cell = np.where(own, np.where(hit, 0, 1), np.where(hit, 2, 3))
        totals = np.bincount(table["c"].to_numpy(), np.where(told[s], pull[s, cell], 0.0))
        variance = float((totals**2).sum())
    else:
        p, o = (a + d) / total, (b + c) / total
        variance = float((p * r).sum() / (2 * r.sum() ** 2) + (p * q + o * r).sum() / (2 * r.sum() * q.sum())
                         + (o * q).sum() / (2 * q.sum() ** 2))  # fmt: skip
    reach = stats.norm.isf((1 - level) / 2) * np.sqrt(variance)
    interval = Interval(float(estimate * np.exp(-reach)), float(estimate * np.exp(reach)))
    return said(Effect(estimate, interval, n), test, _tarone(a[told], b[told], c[told], d[told], estimate))


def conditional_odds_ratio(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> float:
    """Return the common odds ratio of two-by-two tables by conditional maximum likelihood.

    Given the margins of every table its first cell is a draw from Fisher's noncentral
    hypergeometric distribution; the ratio is that under which the first cells are
    expected to add up to what they do. The conditional logit with one column says the
    same, at a cost that grows with the square of a table.

    Parameters
    ----------
    a, b, c, d : array of int, shape (tables,)
        Hits and others of the unit, hits and others of the rest; not all of the products
        `a * d`, nor of `b * c`, nought.

    Examples
    --------
    Ten pairs; in eight the unit's case is the hit:

    >>> one, nought = np.array([1] * 8 + [0] * 2), np.array([0] * 8 + [1] * 2)
    >>> round(conditional_odds_ratio(one, nought, nought, one), 6)
    4.0
    """
    own, others, hits = a + b, c + d, a + c
    count = np.arange(int(own.max()) + 1)
    possible = (count >= (hits - others)[:, None]) & (count <= np.minimum(own, hits)[:, None])
    k = np.where(possible, count, np.maximum(hits - others, 0)[:, None])
    ways = -(
        special.gammaln(k + 1) + special.gammaln(own[:, None] - k + 1) + special.gammaln(hits[:, None] - k + 1)
        + special.gammaln(others[:, None] - hits[:, None] + k + 1)
    )  # fmt: skip
    ways = np.where(possible, ways, -np.inf)

    def surplus(log_ratio: float) -> float:
        return float((special.softmax(ways + log_ratio * k, axis=1) * k).sum() - a.sum())

    return float(np.exp(optimize.brentq(surplus, -LARGEST_LOG, LARGEST_LOG, xtol=1e-10)))


def _cochran(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> TestResult:
    total = a + b + c + d
    several = total > 1
    expected = (a + b) * (a + c) / total
    variance = ((a + b) * (c + d) * (a + c) * (b + d) / (total**2 * np.maximum(total - 1, 1)))[several].sum()
    if variance <= 0:
        return TestResult(None, None, None, "not_estimable")
    statistic = float((a - expected).sum() ** 2 / variance)
    return TestResult(statistic, 1, float(stats.chi2.sf(statistic, 1)))


def _tarone(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray, ratio: float) -> TestResult:
    if len(a) < 2:
        return TestResult(None, None, None, "not_estimable")
    own, hits, total = a + b, a + c, a + b + c + d
    if abs(ratio - 1) < 1e-9:
        expected = own * hits / total
    else:
        # The root between the bounds of the cell: with the others it gives the common ratio in this stratum.
        one, two = 1 - ratio, ratio * (own + hits) + total - own - hits
        expected = (-two + np.sqrt(two**2 + 4 * one * ratio * own * hits)) / (2 * one)
    variance = 1 / (1 / expected + 1 / (own - expected) + 1 / (hits - expected) + 1 / (total - own - hits + expected))
    statistic = float(((a - expected) ** 2 / variance).sum() - (a - expected).sum() ** 2 / variance.sum())
    df = len(a) - 1
    return TestResult(statistic, df, float(stats.chi2.sf(statistic, df)))
