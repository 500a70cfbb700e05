"""How well a score puts cases in order: Harrell's concordance.

References
----------
.. [1] F. E. Harrell, R. M. Califf, D. B. Pryor, K. L. Lee, R. A. Rosati, "Evaluating the
   yield of medical tests", JAMA 247 (1982) 2543-2546.
.. [2] F. Claude, G. Navarro, A. Ordonez, "The wavelet matrix: an efficient wavelet tree
   for large alphabets", Information Systems 47 (2015) 15-32.
.. [3] T. M. Therneau, D. A. Watson, "The concordance statistic and the Cox model",
   Mayo Clinic technical report 85 (2015).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from evaluation.proportion import Interval
from evaluation.survival.columns import Floats, coded, numbers
from evaluation.survival.day_grid import Places, day_grid
from evaluation.survival.in_view import InView, in_view
from evaluation.survival.pointwise import checked_level
from evaluation.survival.shown import shown

_LARGEST_KEY = 2**62


@dataclass(frozen=True)
class Concordance:
    """Pairs of cases, and how many of them a score puts in the order in which they ended.

    Parameters
    ----------
    estimate : float or None
        (concordant + half of tied) / all comparable; None when `refusal` says why
        (`no_events`: no two cases can be compared).
    concordant, discordant, tied : int
        Comparable pairs: one case ended on a day, the other was at risk then and was
        still open after it. Tied: the same score.
    n, n_events : int
    standard_error : float or None
        From the influence of each row on the estimate (infinitesimal jackknife [3]_),
        rows independent.
    refusal : str or None
    """

    estimate: float | None
    concordant: int
    discordant: int
    tied: int
    n: int
    n_events: int
    standard_error: float | None = None
    refusal: str | None = None

    def interval(self, level: float) -> Interval | None:
        """Return the normal interval of the estimate, cut at nought and one; None when it is refused."""
        reach = float(norm.ppf((1 + checked_level(level)) / 2))
        if self.estimate is None or self.standard_error is None:
            return None
        reach *= self.standard_error
        return Interval(max(0.0, self.estimate - reach), min(1.0, self.estimate + reach))

    def table(self) -> pd.DataFrame:
        """Return one row: estimate, standard error and the pairs behind them."""
        names = ("estimate", "standard_error", "concordant", "discordant", "tied", "n", "n_events", "refusal")
        return pd.DataFrame([{name: getattr(self, name) for name in names}])

    def _repr_html_(self) -> str:
        return shown(self.table(), "Concordance (Harrell)")


def concordance(
    score: ArrayLike,
    duration: ArrayLike,
    event_observed: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    stratum: ArrayLike | None = None,
    weight: ArrayLike | None = None,
) -> Concordance:
    """Return Harrell's concordance [1]_ of a score that is higher for cases expected to end sooner.

    *Estimand*: of two cases of one stratum that can be compared, the chance that the
    one with the higher score ends first; equal scores count for a half.

    Parameters
    ----------
    score : array_like of float
        For a case with several rows (entry, duration]: its score in that row.
    duration, event_observed, entry, weight : array_like
        As in `evaluation.survival.kaplan_meier.kaplan_meier`.
    stratum : array_like, optional
        Pairs are made within a stratum only.

    Examples
    --------
    The first ends before all others and has the highest score; the second is censored;
    the third ends before the fourth, with the lower score:

    >>> found = concordance([9, 5, 1, 2], [1, 2, 3, 4], [True, False, True, True])
    >>> found.concordant, found.discordant, found.estimate
    (3, 1, 0.75)
    """
    view = in_view(duration, event_observed, entry=entry, weight=weight)
    values = numbers(score, "score", len(view.kept))
    layer = coded(stratum, len(values), "stratum")[1] if stratum is not None else np.zeros(len(values), dtype=np.intp)
    return concordance_of(values[view.kept], view, layer[view.kept])


def concordance_of(score: Floats, view: InView, layer: Places) -> Concordance:
    """Return the concordance of a score for cases already checked."""
    n, n_events = int(view.count.sum()), int(view.count[view.ended].sum())
    if not n_events:
        return Concordance(None, 0, 0, 0, n, n_events, refusal="no_events")
    grid = day_grid(view.time, view.ended, view.start, layer if layer.any() else None)
    seen = grid.until > grid.since
    late = np.zeros(len(seen), dtype=bool)
    if grid.late is not None:
        late[grid.late] = True
    rows = _Rows(
        rank=np.unique(score[seen], return_inverse=True)[1],
        last=2 * grid.until[seen] + ~view.ended[seen],  # open on a day comes after ended on it
        first=2 * grid.since[seen] + 1,  # in view after the ends of the day before
        late=late[seen],
        ended=view.ended[seen],
        weight=view.count[seen],
        layer=layer[seen],
    )
    ends, waits = _pairs_of_ended(rows), _pairs_of_others(rows)
    concordant, same, comparable = (round(part) for part in (ends @ rows.weight).tolist())
    if not comparable:
        return Concordance(None, 0, 0, 0, n, n_events, refusal="no_events")
    estimate = (concordant + same / 2) / comparable
    higher, equal, all_pairs = ends + waits
    influence = (higher + equal / 2 - estimate * all_pairs) / comparable
    error = float(np.sqrt(rows.weight @ influence**2))
    return Concordance(estimate, concordant, comparable - concordant - same, same, n, n_events, error)


class _Rows(NamedTuple):
    """Cases that are at risk on some day with an end: order of score, places of first and last day, and the rest."""

    rank: Places
    last: Places
    first: Places
    late: NDArray[np.bool_]
    ended: NDArray[np.bool_]
    weight: Floats
    layer: Places


def _pairs_of_ended(rows: _Rows) -> Floats:
    """Return, for each row that ended, its pairs with those still open after it: concordant, tied, all."""
    found = np.stack(_later(rows.rank, rows.last, rows.weight, rows.layer)) * rows.ended
    if rows.late.any():
        # Not yet in view on the day: they counted as later.
        both = np.concatenate((np.flatnonzero(rows.ended), np.flatnonzero(rows.late)))
        asked = int(rows.ended.sum())
        place = np.concatenate((rows.last[rows.ended], rows.first[rows.late]))
        mass = np.concatenate((np.zeros(asked), rows.weight[rows.late]))
        absent = np.stack(_later(rows.rank[both], place, mass, rows.layer[both]))
        found[:, rows.ended] -= absent[:, :asked]
    return found


def _pairs_of_others(rows: _Rows) -> Floats:
    """Return, for each row, its pairs with those that ended while it was in view: the same, seen in a mirror."""
    top = max(int(rows.last.max(initial=0)), int(rows.first.max(initial=0)))
    rank, layer = rows.rank.max(initial=0) - rows.rank, rows.layer.max(initial=0) - rows.layer
    found = np.stack(_later(rank, top - rows.last, rows.weight * rows.ended, layer))
    if rows.late.any():
        both = np.concatenate((np.flatnonzero(rows.late), np.flatnonzero(rows.ended)))
        asked = int(rows.late.sum())
        place = top - np.concatenate((rows.first[rows.late], rows.last[rows.ended]))
        mass = np.concatenate((np.zeros(asked), rows.weight[rows.ended]))
        absent = np.stack(_later(rank[both], place, mass, layer[both]))
        found[:, rows.late] -= absent[:, :asked]
    return found


def _later(rank: Places, place: Places, mass: Floats, layer: Places) -> tuple[Floats, Floats, Floats]:
    """Return for each element the mass, in its stratum, of later places: with lower rank, with equal rank, in all.

    Places of a later stratum are larger than those of all strata before it.
    """
    if not len(place):
        return np.zeros(0), np.zeros(0), np.zeros(0)
    by_place = np.cumsum(np.bincount(place, mass))
    in_stratum = np.cumsum(np.bincount(layer, mass))
    later = np.asarray(in_stratum[layer] - by_place[place], dtype=float)
    order = _sorted(layer, rank, place)
    place, mass, rank, layer = place[order], mass[order], rank[order], layer[order]
    lower, tied = np.empty(len(order)), np.empty(len(order))
    lower[order] = _larger_before(place, mass)
    tied[order] = _after_in_group(place, mass, rank, layer)
    return lower, tied, later


def _sorted(layer: Places, rank: Places, place: Places) -> Places:
    ranks, places = int(rank.max()) + 1, int(place.max()) + 1
    if (int(layer.max()) + 1) * ranks * places < _LARGEST_KEY:
        return np.argsort((layer * ranks + rank) * places + place)
    return np.lexsort((place, rank, layer))


def _after_in_group(place: Places, mass: Floats, rank: Places, layer: Places) -> Floats:
    """Of sorted elements: the mass of larger places among those of equal rank in one stratum."""
    total = np.concatenate(([0.0], np.cumsum(mass)))
    new_group, new_place = np.zeros(len(place), dtype=bool), np.zeros(len(place), dtype=bool)
    new_group[1:] = (rank[1:] != rank[:-1]) | (layer[1:] != layer[:-1])
    new_place[1:] = new_group[1:] | (place[1:] != place[:-1])
    return total[_end_of_run(new_group)] - total[_end_of_run(new_place)]


def _end_of_run(new: np.ndarray) -> Places:
    return np.append(np.flatnonzero(new), len(new))[np.cumsum(new)]


def _larger_before(place: Places, mass: Floats) -> Floats:
    """Return for each element the mass of the elements before it with a larger place.

    Bit by bit from the highest (a wavelet matrix [2]_): of two elements that agree in all
    higher bits, the larger is the one with the bit set. Elements that agree so far stand
    together, in their first order; each pass parts them by the next bit.
    """
    found = np.zeros(len(place))
    now, value, weight = np.arange(len(place)), place, mass
    for bit in range(int(place.max(initial=0)).bit_length() - 1, -1, -1):
        prefix = value >> bit
        high = (prefix & 1).astype(bool)
        total = np.cumsum(weight * high)
        prefix >>= 1
        begin = np.flatnonzero(prefix[1:] != prefix[:-1]) + 1
        base = np.repeat(np.append(0.0, total[begin - 1]), np.diff(begin, prepend=0, append=len(value)))
        low, high = np.flatnonzero(~high), np.flatnonzero(high)
        found[now[low]] += total[low] - base[low]
        turn = np.concatenate((low, high))
        now, value, weight = now[turn], value[turn], weight[turn]
    return found
