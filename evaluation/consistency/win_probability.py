"""How often a case of one unit ended heavier than a case of the others: all that an order alone can say.

Letters of penalties are not equidistant: a mean of their numbers means nothing. The
chance that one outcome is heavier than another needs the order only. One half is what two
units alike would give; ties count half.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats
from scipy.special import expit, logit

from evaluation.complete_rows import check_level, complete_rows
from evaluation.consistency.effect import Effect, refused
from evaluation.proportion import Interval
from evaluation.refusals import MINIMUM_N


@dataclass(frozen=True)
class UnitWin:
    """A unit against all others.

    Parameters
    ----------
    unit : str
    n, n_others : int
        Outcomes that were compared; in strata with both only.
    clusters : int
        Cases of the unit behind them.
    not_compared : int
        Outcomes of the unit in strata where the others have none.
    strata : int
        Strata with outcomes of both.
    win : Effect
        Chance that an outcome of the unit is the heavier, ties for half.
    """

    unit: str
    n: int
    n_others: int
    clusters: int
    not_compared: int
    strata: int
    win: Effect


def win_probability(
    rank: ArrayLike,
    unit: ArrayLike,
    *,
    level: float,
    stratum: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    minimum_n: int = MINIMUM_N,
) -> tuple[UnitWin, ...]:
    """Compare the outcomes of each unit with those of all others, by their order.

    *Estimand*: the probability that the outcome of a case of the unit is heavier than
    that of a case of the other units, plus half the probability that they are equal [1]_;
    with strata, between cases of one stratum, strata weighted by n m / (n + m).

    Parameters
    ----------
    rank : array_like
        Places in an order; only the order is used. Rows with a missing value are left out.
    unit : array_like
    level : float
    stratum : array_like, optional
        Like with like: outcomes are compared within it.
    cluster : array_like, optional
        Case of each row. The variance is that of placements summed by case [1]_, [2]_; a
        case in two units is a cluster in each. Left out: every row a case.
    minimum_n : int
        Fewer outcomes of the unit, or of the others, give no number (`too_few`).

    Returns
    -------
    tuple of UnitWin
        In the order of the names of the units. `no_variation`: all outcomes compared are
        equal. `separation`: all of one side are heavier than all of the other; there is
        no interval, so no number is given.

    References
    ----------
    .. [1] E. Brunner, U. Munzel, "The nonparametric Behrens-Fisher problem: asymptotic
       theory and a small-sample approximation", Biometrical Journal 42 (2000) 17-25.
    .. [2] N. A. Obuchowski, "Nonparametric analysis of clustered ROC curve data",
       Biometrics 53 (1997) 567-578.

    Examples
    --------
    >>> one, other = win_probability([1, 2, 3, 2, 2, 1], list("AAABBB"), level=0.95, minimum_n=3)
    >>> round(one.win.estimate, 4), round(other.win.estimate, 4)
    (0.6111, 0.3889)
    """
    check_level(level)
    count = len(np.asarray(rank))
    rows, _missing = complete_rows({
        "rank": rank,
        "unit": unit,
        "stratum": np.zeros(count) if stratum is None else stratum,
        "cluster": np.arange(count) if cluster is None else cluster,
    })  # fmt: skip
    table = pd.DataFrame({
        "y": np.unique(rows["rank"].to_numpy(dtype=float), return_inverse=True)[1],
        "s": pd.factorize(rows["stratum"])[0],
        "c": pd.factorize(rows["cluster"])[0],
        "unit": rows["unit"].map(str).to_numpy(),
    })  # fmt: skip
    return tuple(_unit(name, table, level, minimum_n) for name in sorted(table["unit"].unique()))


def _unit(name: str, table: pd.DataFrame, level: float, minimum_n: int) -> UnitWin:
    own = (table["unit"] == name).to_numpy()
    y, s = table["y"].to_numpy(), table["s"].to_numpy()
    shape = (s.max() + 1, y.max() + 1)
    mine, theirs = (np.zeros(shape) for _side in range(2))
    np.add.at(mine, (s[own], y[own]), 1)
    np.add.at(theirs, (s[~own], y[~own]), 1)
    n, m = mine.sum(axis=1), theirs.sum(axis=1)
    both = (n > 0) & (m > 0)
    size, others = int(n[both].sum()), int(m[both].sum())
    used = both[s]
    cases = table["c"].to_numpy()
    clusters = len(np.unique(cases[own & used]))
    left = int(own.sum()) - size

    def said(effect: Effect) -> UnitWin:
        return UnitWin(name, size, others, clusters, left, int(both.sum()), effect)

    if size < max(1, minimum_n) or others < max(1, minimum_n):
        return said(refused("too_few", size))
    weight = np.where(both, n * m / np.maximum(n + m, 1), 0)
    weight = weight / weight.sum()
    safe_n, safe_m = np.maximum(n, 1)[:, None], np.maximum(m, 1)[:, None]
    # Placements: the share of the other side below, ties for half.
    of_mine = (theirs.cumsum(axis=1) - theirs / 2) / safe_m
    of_theirs = 1 - (mine.cumsum(axis=1) - mine / 2) / safe_n
    by_stratum = (mine * of_mine / safe_n).sum(axis=1)
    win = float(weight @ by_stratum)
    if ((mine + theirs)[both] > 0).sum(axis=1).max() == 1:
        return said(refused("no_variation", size))
    if win in (0.0, 1.0):
        return said(refused("separation", size))
    placement = np.where(own, of_mine[s, y], of_theirs[s, y]) - by_stratum[s]
    pull = np.where(used, placement * weight[s] / np.where(own, np.maximum(n, 1)[s], np.maximum(m, 1)[s]), 0.0)
    parts = [_clustered(pull[side & used], cases[side & used]) for side in (own, ~own)]
    variance = sum(part for part, _count in parts)
    if min(count for _part, count in parts) < 2 or variance <= 0:
        return said(refused("not_estimable", size))
    df = variance**2 / sum(part**2 / (count - 1) for part, count in parts)
    return said(Effect(win, logit_interval(win, float(np.sqrt(variance)), level, df=df), size))


def _clustered(pull: np.ndarray, cases: np.ndarray) -> tuple[float, int]:
    totals = np.bincount(np.unique(cases, return_inverse=True)[1], pull)
    count = len(totals)
    return (0.0 if count < 2 else float(count / (count - 1) * (totals**2).sum())), count


def logit_interval(share: float, standard_error: float, level: float, *, df: float = np.inf) -> Interval:
    """Return an interval for a probability, symmetric on the logit scale, so that it stays between 0 and 1."""
    reach = stats.t.isf((1 - level) / 2, df) * standard_error / (share * (1 - share))
    return Interval(float(expit(logit(share) - reach)), float(expit(logit(share) + reach)))
