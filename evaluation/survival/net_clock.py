"""Two clocks on every case: the gross clock, on which cases go out of view, and the net one, which suspensions stop.

Moments are in days of the gross clock. Within a day the order is: cases end; net clocks
run on; cases go out of view or come into it. The last of these is written as a quarter of
a day after the whole day, an end on the day itself, so that the order of moments is the
order of what happens.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.survival.columns import Floats, counts, length_of
from evaluation.survival.day_grid import Places
from evaluation.survival.in_view import HALF_DAY, in_view

AFTER_ENDS = 0.25
"""What of a day goes by before cases go out of view or come into it."""


@dataclass(frozen=True, eq=False)
class NetClocks:
    """Cases, their time in view on the gross clock, and the spells in which the net clock stood still.

    A case is at risk on gross day t when `begin < t <= until`.

    Parameters
    ----------
    time, start : ndarray
        Last day of view and day of coming into view, same-day rule applied (`in_view`).
    ended : ndarray of bool
    begin, until : ndarray
        The same as moments in the order of a day: see the head of this module.
    stopped : ndarray of int
        The cases whose net clock stood still while they were in view, or earlier.
    stopped_from, stopped_until : ndarray, (stopped cases, most spells)
        Their spells, apart from one another and in order; infinite where there are fewer.
    """

    time: Floats
    start: Floats
    ended: NDArray[np.bool_]
    begin: Floats
    until: Floats
    stopped: Places
    stopped_from: Floats
    stopped_until: Floats


def net_clocks(
    duration: ArrayLike, event_observed: ArrayLike, spells: pd.DataFrame, *, entry: ArrayLike | None = None
) -> NetClocks:
    """Return the two clocks of each case.

    Parameters
    ----------
    duration, event_observed, entry : array_like
        As in `evaluation.survival.kaplan_meier.kaplan_meier`, on the gross clock, in whole days.
    spells : DataFrame
        Columns `row` (place of the case in `duration`, from 0), `start`, `end` (gross days
        of its clock; infinite: not ended). They may overlap, and begin before day 0.

    Raises
    ------
    WrongUse
        As `kaplan_meier`; or when days are not whole, or a spell misses a number or is of no case.
    """
    view = in_view(duration, event_observed, entry=entry)
    # Only the same-day rule makes half days, and it leaves the entries alone.
    whole = np.concatenate((counts(duration, "duration"), view.start))
    begun, ended, row = _spells(spells, length_of(duration, "duration"))
    if not _are_whole(np.concatenate((whole, begun, ended[np.isfinite(ended)]))):
        raise WrongUse(_("De nettoklok telt in hele dagen; er staan gedeelten van dagen in."))
    until = view.time + np.where(view.ended, 0.0, AFTER_ENDS)
    begun, ended, row = _apart(np.maximum(begun, 0.0), ended, row)
    felt = begun < until[row]
    stopped, place = np.unique(row[felt], return_inverse=True)
    number = pd.Series(place).groupby(place).cumcount().to_numpy()
    shape = (len(stopped), int(number.max(initial=-1)) + 1)
    stopped_from, stopped_until = np.full(shape, np.inf), np.full(shape, np.inf)
    stopped_from[place, number], stopped_until[place, number] = begun[felt], ended[felt]
    return NetClocks(view.time, view.start, view.ended, view.start + AFTER_ENDS, until,
                     stopped, stopped_from, stopped_until)  # fmt: skip


def net_on(clocks: NetClocks, moment: ArrayLike, chosen: Places | slice = slice(None)) -> Floats:
    """Return what the net clocks of the stopped cases (or of those chosen of them) show at a moment of the gross one.

    Examples
    --------
    Suspended from day 10 to day 30:

    >>> spells = pd.DataFrame({"row": [0], "start": [10.0], "end": [30.0]})
    >>> clocks = net_clocks([50], [True], spells)
    >>> [float(net_on(clocks, day)[0]) for day in (5, 20, 50)]
    [5.0, 10.0, 30.0]
    """
    now = np.asarray(moment, dtype=float)
    net = now * np.ones(len(clocks.stopped[chosen]))
    for begun, ended in zip(clocks.stopped_from[chosen].T, clocks.stopped_until[chosen].T, strict=True):
        stood = np.minimum(now, ended) - np.minimum(now, begun)
        net -= stood
    return net


def net_time(clocks: NetClocks) -> tuple[Floats, Floats]:
    """Return what the net clock of every case shows at its entry and at its last day of view.

    A case that never ran a net day has run for half a day, as in `in_view`.
    """
    start, time = clocks.start.copy(), clocks.time.copy()
    start[clocks.stopped] = net_on(clocks, clocks.start[clocks.stopped])
    time[clocks.stopped] = net_on(clocks, clocks.time[clocks.stopped])
    return start, np.maximum(time, HALF_DAY)


def _spells(spells: pd.DataFrame, length: int) -> tuple[Floats, Floats, Places]:
    row = counts(spells["row"], "row")
    begun, ended = (np.asarray(spells[name], dtype=float) for name in ("start", "end"))
    if not np.isfinite(begun).all() or np.isnan(ended).any():
        raise WrongUse(_("Van een opschorting ontbreekt het begin of het einde. Laat die zaken eerst weg, en tel ze."))
    if (row >= length).any() or not _are_whole(row):
        raise WrongUse(_("Een opschorting hoort bij geen van de zaken: row is de plaats in duration, vanaf nul."))
    return begun, ended, row.astype(np.intp)


def _are_whole(days: Floats) -> bool:
    return bool((days == np.floor(days)).all())


def _apart(begun: Floats, ended: Floats, row: Places) -> tuple[Floats, Floats, Places]:
    """Return spells that do not overlap: what an earlier one has taken is not taken again."""
    order = np.lexsort((begun, row))
    table = pd.DataFrame({"row": row[order], "begun": begun[order], "ended": ended[order]})
    taken = table.groupby("row")["ended"].cummax().groupby(table["row"]).shift().fillna(0.0)
    table["begun"] = np.maximum(table["begun"], taken)
    table = table[table["ended"] > table["begun"]]
    return table["begun"].to_numpy(), table["ended"].to_numpy(), table["row"].to_numpy(np.intp)
