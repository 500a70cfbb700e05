"""Two outcomes of the same allegation: first against final decision, advice against decision.

How often they differ, and, only where a ranking is given, in which direction. The tests
ask whether the changes of one kind outnumber those of the opposite kind; they say nothing
about how many changes there are. Where hardly anything changes hardly anything can be
tested: the counts come first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from evaluation.clustered_share import clustered_share
from evaluation.complete_rows import check_level, complete_rows
from evaluation.proportion import Interval, Proportion
from evaluation.refusals import MINIMUM_N


@dataclass(frozen=True)
class DeviationRate:
    """The share of pairs that differ.

    Parameters
    ----------
    group : str
        `all`, or the unit.
    changed, n : int
        Pairs that differ, and pairs of which both are known.
    missing : int
        Pairs of which one or both are not known.
    estimate : float or None
    interval : Interval or None
        Wilson's; with clusters that of `clustered_share`.
    refusal : str or None
        `too_few` pairs.
    """

    group: str
    changed: int
    n: int
    missing: int
    estimate: float | None
    interval: Interval | None
    refusal: str | None = None


@dataclass(frozen=True)
class PairedTest:
    """One test on pairs.

    Parameters
    ----------
    name : str
    statistic : float or None
        Chi-square; None for an exact test.
    df : int or None
    p_value : float or None
        None when refused.
    n_discordant : int
        Pairs that differ: all that the test rests on.
    refusal : str or None
        `no_variation`: no pair differs.
    """

    name: str
    statistic: float | None
    df: int | None
    p_value: float | None
    n_discordant: int
    refusal: str | None = None


@dataclass(frozen=True)
class PairedBinary:
    """A yes-or-no outcome twice: McNemar.

    *Estimand*: the difference in the share of yes between the second and the first.

    Parameters
    ----------
    yes_yes, yes_no, no_yes, no_no : int
        Pairs by first and second.
    missing : int
    difference : float or None
        Share of yes in the second minus that in the first.
    interval : Interval or None
        Of the difference; Newcombe's score interval for paired proportions (his method 10).
    exact, mid_p : PairedTest
        The exact test keeps its promise and is timid; the mid-p test is the usual choice.
    refusal : str or None
        `too_few` pairs for the difference; the counts and tests stay.
    """

    yes_yes: int
    yes_no: int
    no_yes: int
    no_no: int
    missing: int
    difference: float | None
    interval: Interval | None
    exact: PairedTest
    mid_p: PairedTest
    refusal: str | None = None


@dataclass(frozen=True)
class Direction:
    """Which way the changes went, under one ranking.

    Parameters
    ----------
    milder, heavier : int
        Pairs whose second outcome stands lower, higher.
    level_with : int
        Pairs that differ but stand in one rank.
    unranked : int
        Pairs that differ and of which one has no place in the ranking.
    share_milder : float or None
        Of milder and heavier together.
    interval : Interval or None
        Wilson's.
    exact, mid_p : PairedTest
        Sign tests of milder against heavier.
    refusal : str or None
        `too_few` changes with a direction.
    """

    milder: int
    heavier: int
    level_with: int
    unranked: int
    share_milder: float | None
    interval: Interval | None
    exact: PairedTest
    mid_p: PairedTest
    refusal: str | None = None


@dataclass(frozen=True, eq=False)
class PairedOutcomes:
    """Two outcomes beside one another.

    Parameters
    ----------
    table : DataFrame
        Counts: a row a first outcome, a column a second, the same outcomes on both sides.
    deviation : DeviationRate
    symmetry : PairedTest
        Bowker [1]_: changes from i to j as frequent as from j to i, for all i and j.
    homogeneity : PairedTest
        Stuart and Maxwell [2]_: every outcome as frequent the second time as the first.
    """

    table: pd.DataFrame
    deviation: DeviationRate
    symmetry: PairedTest
    homogeneity: PairedTest


def paired_outcomes(
    first: ArrayLike, second: ArrayLike, *, level: float, minimum_n: int = MINIMUM_N, outcomes: Sequence[str] = ()
) -> PairedOutcomes:
    """Set two outcomes of the same allegations side by side.

    *Estimand*: the chance that the second outcome differs from the first, among
    allegations of which both are known.

    Parameters
    ----------
    first, second : array_like
        Codes; missing: not known.
    level : float
    minimum_n : int
        Fewer pairs give no rate (`too_few`).
    outcomes : sequence, optional
        Order of the rows of the table; what is seen and not listed follows, sorted.

    References
    ----------
    .. [1] A. H. Bowker, "A test for symmetry in contingency tables", JASA 43 (1948) 572-574.
    .. [2] A. Stuart, "A test for homogeneity of the marginal distributions in a two-way
       classification", Biometrika 42 (1955) 412-416; A. E. Maxwell, "Comparing the
       classification of subjects by two independent judges", British Journal of
       Psychiatry 116 (1970) 651-655.

    Examples
    --------
    >>> both = paired_outcomes(["j", "j", "a", "a"], ["j", "geen", "a", None], level=0.95, minimum_n=1)
    >>> both.deviation.changed, both.deviation.n, both.deviation.missing
    (1, 3, 1)
    """
    check_level(level)
    rows, missing = complete_rows({"first": first, "second": second})
    seen = set(rows["first"]) | set(rows["second"])
    order = [one for one in outcomes if one in seen] + sorted(seen - set(outcomes), key=str)
    table = pd.crosstab(rows["first"], rows["second"]).reindex(index=order, columns=order, fill_value=0)
    counts = table.to_numpy(dtype=float)
    return PairedOutcomes(
        table=table,
        deviation=_rate("all", rows, missing, level, minimum_n),
        symmetry=bowker(counts),
        homogeneity=stuart_maxwell(counts),
    )


def deviation_rates(
    first: ArrayLike,
    second: ArrayLike,
    group: ArrayLike,
    *,
    level: float,
    minimum_n: int = MINIMUM_N,
    cluster: ArrayLike | None = None,
) -> tuple[DeviationRate, ...]:
    """Return the deviation rate of all pairs, and of each group in the order of its name.

    Parameters
    ----------
    first, second
        As `paired_outcomes`.
    group : array_like
        Unit or year; a pair without one counts in `all` only.
    cluster : array_like, optional
        Case of each pair; intervals then take whole cases as drawn. Left out, every pair
        is independent.
    """
    check_level(level)
    codes = pd.Series(np.asarray(group), dtype=object)
    case = pd.Series(np.arange(len(codes)) if cluster is None else pd.factorize(np.asarray(cluster, dtype=object))[0])
    complete_rows({"first": first, "second": second, "group": codes, "cluster": case})  # refuses unequal lengths
    rows, missing = complete_rows({"first": first, "second": second})
    rows = rows.assign(cluster=case[rows.index])
    of_pair = codes[rows.index]
    rates = [_rate("all", rows, missing, level, minimum_n)]
    for one in sorted(codes.dropna().unique(), key=str):
        here = rows[(of_pair == one).to_numpy()]
        rates.append(_rate(str(one), here, int((codes == one).sum()) - len(here), level, minimum_n))
    return tuple(rates)


def _rate(group: str, rows: pd.DataFrame, missing: int, level: float, minimum_n: int) -> DeviationRate:
    changed, n = int((rows["first"] != rows["second"]).sum()), len(rows)
    if n < max(1, minimum_n):
        return DeviationRate(group, changed, n, missing, None, None, "too_few")
    share = Proportion(changed, n)
    interval = share.interval(level)
    if "cluster" in rows:
        differs = (rows["first"] != rows["second"]).astype(int)
        interval = clustered_share(differs, np.ones(n, dtype=int), rows["cluster"], level=level).interval
    return DeviationRate(group, changed, n, missing, share.estimate, interval)


def direction(
    first_rank: ArrayLike, second_rank: ArrayLike, changed: ArrayLike, *, level: float, minimum_n: int = MINIMUM_N
) -> Direction:
    """Count which way the changes went, by ranks that an explicit ranking gave.

    *Estimand*: among pairs that differ and of which both have a place in the ranking,
    the chance that the second is the milder.

    Parameters
    ----------
    first_rank, second_rank : array_like
        Places in one published ranking (`PenaltyRanking.ranks`); missing: no place.
    changed : array_like of bool
        Whether the outcomes differ; pairs that do not, or of which this is missing, are
        not counted.
    level : float
    minimum_n : int

    Examples
    --------
    >>> went = direction([3, 3, 1, None], [1, 1, 2, 2], [True] * 4, level=0.95, minimum_n=1)
    >>> went.milder, went.heavier, went.unranked, round(went.mid_p.p_value, 3)
    (2, 1, 1, 0.625)
    """
    check_level(level)
    complete_rows({"first_rank": first_rank, "second_rank": second_rank, "changed": changed})
    ranks = pd.DataFrame({"first": pd.array(np.asarray(first_rank, dtype=object), dtype="Float64"),
                          "second": pd.array(np.asarray(second_rank, dtype=object), dtype="Float64")})  # fmt: skip
    differs = pd.Series(np.asarray(changed, dtype=object)).isin([True]).to_numpy(bool)
    ranked = ranks[differs].dropna()
    milder, heavier = int((ranked["second"] < ranked["first"]).sum()), int((ranked["second"] > ranked["first"]).sum())
    share = Proportion(milder, milder + heavier)
    too_few = milder + heavier < max(1, minimum_n)
    return Direction(
        milder=milder,
        heavier=heavier,
        level_with=len(ranked) - milder - heavier,
        unranked=int(differs.sum()) - len(ranked),
        share_milder=None if too_few else share.estimate,
        interval=None if too_few else share.interval(level),
        exact=_sign_test("exact", milder, heavier),
        mid_p=_sign_test("mid_p", milder, heavier),
        refusal="too_few" if too_few else None,
    )


def paired_binary(first: ArrayLike, second: ArrayLike, *, level: float, minimum_n: int = MINIMUM_N) -> PairedBinary:
    """Compare a yes-or-no outcome with the same one later, in pairs.

    Parameters
    ----------
    first, second : array_like of bool
        Missing: not known; those pairs are left out and counted.
    level : float
    minimum_n : int

    References
    ----------
    .. [1] M. W. Fagerland, S. Lydersen, P. Laake, "The McNemar test for binary
       matched-pairs data: mid-p and asymptotic are better than exact conditional", BMC
       Medical Research Methodology 13 (2013) 91.
    .. [2] R. G. Newcombe, "Improved confidence intervals for the difference between
       binomial proportions based on paired data", Statistics in Medicine 17 (1998)
       2635-2650.

    Examples
    --------
    Of 21 pairs, one changed from yes to no and seven from no to yes [1]_:

    >>> first = [True] * 1 + [True] * 1 + [False] * 7 + [False] * 12
    >>> second = [True] * 1 + [False] * 1 + [True] * 7 + [False] * 12
    >>> found = paired_binary(first, second, level=0.95)
    >>> round(found.exact.p_value, 4), round(found.mid_p.p_value, 4)
    (0.0703, 0.0391)
    """
    check_level(level)
    rows, missing = complete_rows({"first": first, "second": second})
    one, two = rows["first"].to_numpy(bool), rows["second"].to_numpy(bool)
    a, b, c, d = (int(part.sum()) for part in (one & two, one & ~two, ~one & two, ~one & ~two))
    n = a + b + c + d
    too_few = n < max(1, minimum_n)
    return PairedBinary(
        yes_yes=a,
        yes_no=b,
        no_yes=c,
        no_no=d,
        missing=missing,
        difference=None if too_few else (c - b) / n,
        interval=None if too_few else _newcombe(a, b, c, d, level),
        exact=_sign_test("exact", b, c),
        mid_p=_sign_test("mid_p", b, c),
        refusal="too_few" if too_few else None,
    )


def _sign_test(name: str, one: int, other: int) -> PairedTest:
    n = one + other
    if n == 0:
        return PairedTest(name, None, None, None, 0, "no_variation")
    least = min(one, other)
    p_value = min(1.0, 2 * float(stats.binom.cdf(least, n, 0.5)))
    if name == "mid_p":
        # At a tie the two tails share the middle: the exact p of 1 loses its probability once.
        p_value -= float(stats.binom.pmf(least, n, 0.5))
    return PairedTest(name, None, None, p_value, n)


def _newcombe(a: int, b: int, c: int, d: int, level: float) -> Interval:
    n = a + b + c + d
    p1, p2 = (a + b) / n, (a + c) / n
    (low1, high1), (low2, high2) = Proportion(a + b, n).interval(level), Proportion(a + c, n).interval(level)
    product = (a + b) * (c + d) * (a + c) * (b + d)
    cross = a * d - b * c
    # Method 10: the correlation is corrected for continuity where it is positive.
    lean = max(cross - n / 2, 0) if cross > 0 else cross
    phi = 0.0 if product == 0 else lean / np.sqrt(product)
    below = np.sqrt((p2 - low2) ** 2 - 2 * phi * (p2 - low2) * (high1 - p1) + (high1 - p1) ** 2)
    above = np.sqrt((high2 - p2) ** 2 - 2 * phi * (high2 - p2) * (p1 - low1) + (p1 - low1) ** 2)
    return Interval(float(p2 - p1 - below), float(p2 - p1 + above))


def bowker(counts: np.ndarray) -> PairedTest:
    """Test whether changes from i to j are as frequent as from j to i.

    Pairs of outcomes between which nothing changed have nothing to test and give no
    degree of freedom; R's `mcnemar.test` and statsmodels divide nought by nought there.

    Examples
    --------
    >>> test = bowker(np.array([[10.0, 4, 0], [1, 10, 0], [0, 0, 5]]))
    >>> round(test.statistic, 2), test.df, test.n_discordant
    (1.8, 1, 5)
    """
    upper = np.triu_indices(len(counts), 1)
    one, other = counts[upper], counts.T[upper]
    tested = one + other > 0
    discordant = int((one + other).sum())
    if not tested.any():
        return PairedTest("bowker", None, None, None, discordant, "no_variation")
    statistic = float(((one - other)[tested] ** 2 / (one + other)[tested]).sum())
    df = int(tested.sum())
    return PairedTest("bowker", statistic, df, float(stats.chi2.sf(statistic, df)), discordant)


def stuart_maxwell(counts: np.ndarray) -> PairedTest:
    """Test whether every outcome is as frequent the second time as the first.

    Outcomes that nothing changed from or to, and groups of outcomes between which nothing
    moved, take their degrees of freedom with them.

    Examples
    --------
    >>> test = stuart_maxwell(np.array([[10.0, 4], [1, 10]]))
    >>> round(test.statistic, 2), test.df
    (1.8, 1)
    """
    difference = counts.sum(axis=1) - counts.sum(axis=0)
    moved = counts + counts.T
    np.fill_diagonal(moved, 0)
    discordant = int(moved.sum() / 2)
    covariance = np.diag(moved.sum(axis=1)) - moved
    df = int(np.linalg.matrix_rank(covariance)) if len(counts) else 0
    if not df:
        return PairedTest("stuart_maxwell", None, None, None, discordant, "no_variation")
    statistic = float(difference @ np.linalg.pinv(covariance, hermitian=True) @ difference)
    return PairedTest("stuart_maxwell", statistic, df, float(stats.chi2.sf(statistic, df)), discordant)
