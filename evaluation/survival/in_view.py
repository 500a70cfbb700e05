"""Cases as an estimator of time sees them: checked, and only as long as they are in view.

Durations are in days, or in any other unit. A case is at risk at t when
`entry < t <= duration`.

**Same-day rule.** A case whose duration equals its entry (opened and closed on one day,
or closed on the day the period starts) would never be at risk. It counts as having been
in view for half a day: its duration becomes `entry + 0.5`. Whole-day durations of other
cases keep their order, and "within N days" keeps its meaning for every whole N. Where
times are finer than half days (years, say), it is half the smallest step between two
times, if that is less.

**Times that differ by rounding only** (an age plus a duration in years) are one time: two
that lie within `ROUNDING` of each other, relative to the mean, as in R's `timefix`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.survival.columns import Floats, counts, truths

HALF_DAY = 0.5
ROUNDING = 1.5e-8


@dataclass(frozen=True, eq=False)
class InView:
    """Cases as an estimator sees them: checked, same-day rule applied, those never at risk left out.

    Parameters
    ----------
    time, start, count : ndarray of float
        Last day of view, day of coming into view, number of identical cases.
    ended : ndarray of bool
    kept : ndarray of bool
        As long as the arguments: which of them are in the four arrays above.
    """

    time: Floats
    ended: NDArray[np.bool_]
    start: Floats
    count: Floats
    kept: NDArray[np.bool_]


def in_view(
    duration: ArrayLike,
    event_observed: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    from_day: float = 0.0,
) -> InView:
    """Return the cases that are ever at risk; arguments and errors as in `kaplan_meier`.

    Examples
    --------
    A case opened and closed on one day counts as half a day in view:

    >>> in_view([0, 3], [True, False]).time.tolist()
    [0.5, 3.0]
    """
    if not 0 <= from_day < np.inf:
        raise WrongUse(_("from_day moet een aantal dagen van nul of meer zijn, niet {day}.", day=from_day))
    time = counts(duration, "duration")
    ended = truths(event_observed, "event_observed", len(time))
    start = np.zeros(len(time)) if entry is None else counts(entry, "entry", len(time))
    count = np.ones(len(time)) if weight is None else counts(weight, "weight", len(time))
    if weight is not None and (count != np.floor(count)).any():
        raise WrongUse(_("weight moet uit gehele aantallen bestaan."))
    step = HALF_DAY
    if not (_half_days(time) and (entry is None or _half_days(start))):
        time, start, step = _together(time, start)
    if entry is not None and (start > time).any():
        raise WrongUse(
            _(
                "{n} zaken komen pas in beeld na hun einde (entry groter dan duration). Laat die zaken weg.",
                n=int((start > time).sum()),
            )
        )
    # Copies throughout: what a caller later writes into a column must not change a result.
    start, time = np.maximum(start, from_day), np.where(time == start, time + step, time)
    kept = (count > 0) & (time > start)
    return InView(time[kept], ended[kept], start[kept], count[kept], kept)


def _half_days(values: Floats) -> bool:
    twice = values + values
    return bool((twice == np.floor(twice)).all())


def _together(time: Floats, start: Floats) -> tuple[Floats, Floats, float]:
    """Return times and entries with those that differ by rounding made equal, and the step of the same-day rule."""
    values, place = np.unique(np.concatenate((time, start)), return_inverse=True)
    gap = np.diff(values)
    apart = gap > ROUNDING * max(1.0, float(values.mean()))
    first = values[np.concatenate(([True], apart))]
    place = np.concatenate(([0], np.cumsum(apart)))[place]
    step = min(HALF_DAY, float(gap[apart].min()) / 2) if apart.any() else HALF_DAY
    return first[place[: len(time)]], first[place[len(time) :]], step
