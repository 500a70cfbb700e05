"""The share that ends within x net days, for every x at once: Aalen-Johansen on the gross clock.

For one x two events compete on the gross clock: the case ends with at most x net days, or
its net clock passes x while it runs. Up to gross day x nothing can pass and every end is
one of at most x net days, so the estimate is that of Kaplan-Meier. On day x every case
that never stood still passes. After it only cases that did stand still are left, few, and
only for them the days on which one of them ends, or goes out of view or comes into it,
need be looked at: passes in between can be taken together. So the work is a table of
those moments by the net days x.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.survival.columns import Floats
from evaluation.survival.kaplan_meier import SurvivalCurve
from evaluation.survival.net_clock import NetClocks, net_on

_NOTHING = 1e-12


@dataclass(frozen=True, eq=False)
class Moments:
    """The stopped cases at the moments at which one of them ends, or goes out of view or comes into it.

    Parameters
    ----------
    at : ndarray
        The moments, ascending.
    grid : ndarray
        The net days x, ascending.
    first : int
        Stopped cases in view from the start.
    before, ends, after : ndarray of int, (moments, net days)
        Stopped cases whose net clock has not passed x: at risk at the moment, ended on
        it, at risk after it.
    """

    at: Floats
    grid: Floats
    first: int
    before: NDArray[np.int32]
    ends: NDArray[np.int32]
    after: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class NetShares:
    """What is known for each net day x; `moments` by x where it says so.

    Parameters
    ----------
    still_open : ndarray
        Share that takes more than x net days.
    unresolved : ndarray
        Share of which nobody is left in view while it has neither ended nor passed x.
    log_variance : ndarray
        Of `still_open`; infinite where that is nought.
    at_risk : ndarray
        Cases at risk after gross day x.
    later : ndarray
        Share that ends with at most x net days after gross day x.
    share, due, due_before : ndarray, (moments, net days)
        After each moment: the share that has neither ended nor passed x, and the part of
        it that will end with at most x net days; and that part before the moment. Up to
        gross day x all are nought.
    """

    still_open: Floats
    unresolved: Floats
    log_variance: Floats
    at_risk: Floats
    later: Floats
    share: Floats
    due: Floats
    due_before: Floats


def moments_of(clocks: NetClocks, grid: Floats) -> Moments:
    """Return who is at risk at each moment, for each net day of the grid."""
    begin, until = clocks.begin[clocks.stopped], clocks.until[clocks.stopped]
    at = np.unique(np.concatenate((until, begin[clocks.start[clocks.stopped] > 0])))
    shape = (len(at), len(grid))
    empty = Moments(at, grid, int((clocks.start[clocks.stopped] == 0).sum()),
                    *(np.zeros(shape, dtype=np.int32) for _table in range(3)))  # fmt: skip
    for number, (place, *members) in enumerate(members_at(clocks, empty)):
        for table, (_cases, chosen) in zip((empty.before, empty.ends, empty.after), members, strict=True):
            table[number] = np.cumsum(np.bincount(place[chosen], minlength=len(grid) + 1)[:-1])
    return empty


def members_at(clocks: NetClocks, moments: Moments) -> Iterator[tuple]:
    """Give for each moment the stopped cases at risk at it, ended on it, and at risk after it.

    First the place in the grid of the net clock of all of them, then of each group its
    cases (among the stopped) and their places in the first.
    """
    begin, until = clocks.begin[clocks.stopped], clocks.until[clocks.stopped]
    ended = clocks.ended[clocks.stopped]
    for now in moments.at:
        here = np.flatnonzero((begin <= now) & (now <= until))
        place = np.searchsorted(moments.grid, net_on(clocks, now, here))
        old, stays = begin[here] < now, until[here] > now
        yield place, *((here[group], group) for group in (old, old & ~stays & ended[here], stays))


def net_shares(clocks: NetClocks, moments: Moments, gross: SurvivalCurve, net: SurvivalCurve) -> NetShares:
    """Return the shares for every net day of the grid.

    Parameters
    ----------
    clocks : NetClocks
    moments : Moments
    gross : SurvivalCurve
        Kaplan-Meier on the gross clock.
    net : SurvivalCurve
        Kaplan-Meier on the net clock: what is unresolved is shared out by it.
    """
    grid = moments.grid
    before, ends, after = (table.astype(float) for table in (moments.before, moments.ends, moments.after))
    earlier = _shifted(after, moments.first)
    left = before - ends
    live = moments.at[:, None] > grid
    # On gross day x those who never stood still pass; the share of the others stays.
    share_then = _on(gross.days, gross.survival, grid, 1.0)
    at_risk = _between(clocks.begin, clocks.until, grid)
    stopped = _between(clocks.begin[clocks.stopped], clocks.until[clocks.stopped], grid)
    first = share_then * ratio(stopped, at_risk)
    share = first * np.cumprod(np.where(live & (earlier > 0), ratio(left, earlier), 1.0), axis=0)
    ended = np.cumsum(np.where(live, _shifted(share, first) * ratio(ends, earlier), 0.0), axis=0)
    last = _shifted(share, first, whole=True)[-1]
    unresolved = np.where(last > _NOTHING, last, 0.0)
    later = _shifted(ended, 0.0, whole=True)[-1]
    later += unresolved * _ending(clocks, moments, unresolved > 0, net)
    share, due = np.where(live, share, 0.0), np.where(live, later - ended, 0.0)
    due_before = np.where(live, later - _shifted(ended, 0.0), 0.0)

    still_open = share_then - later
    known = still_open > _NOTHING
    added = later**2 * np.where(stopped > 0, ratio(1.0, stopped) - ratio(1.0, at_risk), 0.0)
    added += np.where(before > 0, due_before**2 * (ratio(1.0, before) - ratio(1.0, earlier)), 0.0).sum(axis=0)
    added += np.where(left > 0, (share - due) ** 2 * (ratio(1.0, left) - ratio(1.0, before)), 0.0).sum(axis=0)
    added += unknown_part(unresolved)
    log_variance = np.full(len(grid), np.inf)
    log_variance[known] = _on(gross.days, gross.log_variance, grid, 0.0)[known] + added[known] / still_open[known] ** 2
    return NetShares(
        still_open=np.where(known, still_open, 0.0),
        unresolved=unresolved,
        log_variance=log_variance,
        at_risk=at_risk,
        later=later,
        share=share,
        due=due,
        due_before=due_before,
    )


def _ending(clocks: NetClocks, moments: Moments, unresolved: NDArray[np.bool_], net: SurvivalCurve) -> Floats:
    """Return the part of what is unresolved that ends in time, at the pace of all cases on the net clock from there."""
    grid, part = moments.grid, np.zeros(len(moments.grid))
    if not unresolved.any():
        return part
    at_risk = moments.before > moments.ends
    out_of_view = len(moments.at) - 1 - np.argmax(at_risk[::-1], axis=0)
    for number in np.unique(out_of_view[unresolved]):
        gone = np.flatnonzero((clocks.until[clocks.stopped] == moments.at[number]) & ~clocks.ended[clocks.stopped])
        days = np.flatnonzero(unresolved & (out_of_view == number))
        shown = net_on(clocks, moments.at[number], gone)[:, None]
        then = _on(net.days, net.survival, shown, 1.0)
        stays = np.where(then > 0, ratio(_on(net.days, net.survival, grid[days], 1.0), then), 0.0)
        counted = shown <= grid[days]
        part[days] = 1 - (stays * counted).sum(axis=0) / counted.sum(axis=0)
    return part


def _on(days: Floats, values: Floats, wanted: Floats, first: float) -> Floats:
    return np.concatenate(([first], values))[np.searchsorted(days, wanted, side="right")]


def _between(begin: Floats, until: Floats, days: Floats) -> Floats:
    came = np.searchsorted(np.sort(begin), days, side="left")
    return (came - np.searchsorted(np.sort(until), days, side="right")).astype(float)


def _shifted(table: Floats, first: Floats | float, *, whole: bool = False) -> Floats:
    """Return what stood there a moment earlier; at the first moment `first`. Whole: with the last moment too."""
    earlier = np.concatenate((np.broadcast_to(first, (1, table.shape[1])), table))
    return earlier if whole else earlier[:-1]


def unknown_part(share: Floats) -> Floats:
    """Return the variance of a share of which any part may count, each part as likely: uniform.

    Examples
    --------
    >>> float(unknown_part(np.array(0.6)).round(4))
    0.03
    """
    return share**2 / 12


def ratio(above: Floats | float, below: Floats) -> Floats:
    """Return a quotient, nought where there is nothing to divide by."""
    above = np.broadcast_to(np.asarray(above, dtype=float), np.broadcast_shapes(np.shape(above), below.shape))
    return np.divide(above, below, out=np.zeros(above.shape), where=np.broadcast_to(below > 0, above.shape))
