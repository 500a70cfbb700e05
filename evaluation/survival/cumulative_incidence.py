"""How cases end when they can end in more than one way: Aalen-Johansen.

A case may end in a decision, but also by own resignation, by being handed over or
withdrawn. These exits compete: a case that ended in one way can no longer end in
another. One minus Kaplan-Meier, with the other exits called censored, then answers a
question about a world in which the other exits do not exist, and is too high. The
cumulative incidence answers the question about this world: what share has ended in this
way by that day? The incidences of all causes and the share still open add up to one.

References
----------
.. [1] O. O. Aalen, S. Johansen, "An empirical transition matrix for non-homogeneous
   Markov chains based on censored observations", Scand. J. Statistics 5 (1978) 141-150.
.. [2] E. Marubini, M. G. Valsecchi, *Analysing Survival Data from Clinical Trials and
   Observational Studies* (1995), section 10.3: the variance by the delta method.
.. [3] P. Choudhury, "Non-parametric confidence interval estimation for competing risks
   analysis", Statistics in Medicine 21 (2002) 1129-1144: the log-log interval.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from evaluation.survival.columns import Floats, labels_of, length_of
from evaluation.survival.in_view import in_view
from evaluation.survival.kaplan_meier import CurveEstimate
from evaluation.survival.pointwise import Transform, checked_level, checked_transform, pointwise
from evaluation.survival.shown import shown, steps

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False)
class CumulativeIncidence:
    """Cumulative incidence of every cause, with the counts behind it.

    Parameters
    ----------
    causes : tuple
        Ways to end that were seen, sorted (a pandas Categorical: in the order of its categories).
    days : ndarray
        Days on which at least one case ended, ascending.
    at_risk : ndarray
        Cases at risk just before each of `days`.
    still_open : ndarray
        Share still open after each of `days` (Kaplan-Meier of any end).
    events, incidence, standard_error : mapping
        Cause -> ends on, share ended in this way by, and standard error on each of `days`.
    n : int
        Cases.
    last_day : float
        Last day on which anyone is at risk; beyond it nothing is known.
    """

    causes: tuple
    days: Floats
    at_risk: Floats
    still_open: Floats
    events: Mapping[object, Floats]
    incidence: Mapping[object, Floats]
    standard_error: Mapping[object, Floats]
    n: int
    last_day: float

    def table(self, *, level: float, transform: Transform = "log-log") -> pd.DataFrame:
        """Return a row a cause and day: counts, share ended in this way, its error and pointwise interval.

        Columns `cause`, `day`, `at_risk`, `events`, `incidence`, `standard_error`, `low`,
        `high`; the interval is missing where the share is nought or one.

        Examples
        --------
        >>> cumulative_incidence([1, 2], ["a", "b"]).table(level=0.95)[["cause", "day", "incidence"]].values.tolist()
        [['a', 1.0, 0.5], ['a', 2.0, 0.5], ['b', 1.0, 0.0], ['b', 2.0, 0.5]]
        """
        checked_level(level)
        checked_transform(transform)
        parts = []
        for cause in self.causes:
            share, error = self.incidence[cause], self.standard_error[cause]
            low, high = np.full_like(share, np.nan), np.full_like(share, np.nan)
            known = (share > 0) & (share < 1)
            low[known], high[known] = pointwise(
                share[known], error[known] / share[known], level=level, transform=transform
            )
            parts.append(
                {"cause": [cause] * len(share), "day": self.days, "at_risk": self.at_risk.astype(int),
                 "events": self.events[cause].astype(int), "incidence": share, "standard_error": error,
                 "low": low, "high": high}
            )  # fmt: skip
        columns = ["cause", "day", "at_risk", "events", "incidence", "standard_error", "low", "high"]
        return pd.concat([pd.DataFrame(part) for part in parts]) if parts else pd.DataFrame(columns=columns)

    def plot(self, axes: "Axes | None" = None) -> "Axes":
        """Draw the share ended in each way over the days."""
        lines = {str(cause): (self.days, self.incidence[cause]) for cause in self.causes}
        return steps(lines, first=0.0, until=self.last_day, axes=axes)

    def _repr_html_(self) -> str:
        return shown(self.table(level=0.95), f"Aalen-Johansen: n = {self.n}; 95 %, log-log")


def cumulative_incidence(
    duration: ArrayLike, cause: ArrayLike, *, entry: ArrayLike | None = None, weight: ArrayLike | None = None
) -> CumulativeIncidence:
    """Return the Aalen-Johansen estimate [1]_ for every way to end.

    *Estimand*: for each cause, the share of cases that have ended in that way by each
    day, had every case been followed to its end; censoring and late entry independent
    of time and way of ending.

    Parameters
    ----------
    duration, entry, weight : array_like
        As in `evaluation.survival.kaplan_meier.kaplan_meier`.
    cause : array_like
        The way each case ended; missing (None, NaN) for a case still open. A code for
        "still open" (0 in R's `cmprsk`) has to be made missing first:
        `cause.where(cause != 0)`.

    Raises
    ------
    WrongUse
        As `kaplan_meier`; or when `cause` has another length.

    Examples
    --------
    >>> found = cumulative_incidence([1, 2, 3, 4], ["decision", "withdrawn", "decision", None])
    >>> found.incidence["decision"].round(2).tolist(), found.still_open.round(2).tolist()
    ([0.25, 0.25, 0.5], [0.75, 0.5, 0.25])
    """
    causes, codes = labels_of(cause, length_of(duration, "duration"), "cause")
    view = in_view(duration, codes >= 0, entry=entry, weight=weight)
    codes = codes[view.kept]
    days = np.unique(view.time[view.ended])
    size = len(days) + 1
    entered = np.bincount(np.searchsorted(days, view.start, side="right"), view.count, size)
    left = np.bincount(np.searchsorted(days, view.time, side="right"), view.count, size)
    at_risk = np.cumsum(entered - left)[:-1]
    place = np.searchsorted(days, view.time[view.ended])
    cell = place * len(causes) + codes[view.ended]
    events = np.bincount(cell, view.count[view.ended], size * len(causes)).astype(float)
    events = events.reshape(size, len(causes))[:-1]
    still_open = np.cumprod(1 - events.sum(axis=1) / at_risk)
    before = np.concatenate(([1.0], still_open[:-1])) if len(days) else still_open
    incidence = np.cumsum(before[:, None] * events / at_risk[:, None], axis=0)
    error = _standard_error(at_risk, events, before, incidence)
    return CumulativeIncidence(
        causes=tuple(causes),
        days=days,
        at_risk=at_risk,
        still_open=still_open,
        events={name: events[:, k] for k, name in enumerate(causes)},
        incidence={name: incidence[:, k] for k, name in enumerate(causes)},
        standard_error={name: error[:, k] for k, name in enumerate(causes)},
        n=int(view.count.sum()),
        last_day=float(view.time.max()) if len(view.time) else 0.0,
    )


def _standard_error(at_risk: Floats, events: Floats, before: Floats, incidence: Floats) -> Floats:
    """Delta method [2]_; the squares are written out, so that running sums do the work."""
    total = events.sum(axis=1)
    stays = at_risk - total
    # After the last end of the last case nothing further is added: its own term is multiplied by nought.
    spread = np.divide(total, at_risk * stays, out=np.zeros_like(total), where=stays > 0)[:, None]
    risk, before = at_risk[:, None], before[:, None]
    own = before**2 * events * (risk - events) / risk**3
    cross = before * events / risk**2
    one, two, three = (np.cumsum(part, axis=0) for part in (spread, incidence * spread, incidence**2 * spread))
    variance = incidence**2 * one - 2 * incidence * two + three + np.cumsum(own, axis=0)
    variance -= 2 * (incidence * np.cumsum(cross, axis=0) - np.cumsum(incidence * cross, axis=0))
    return np.sqrt(np.maximum(variance, 0.0))


def incidence_within(
    found: CumulativeIncidence, cause: object, day: float, *, level: float, transform: Transform = "log-log"
) -> CurveEstimate:
    """Return the share of cases that ended by this cause within `day` days.

    *Estimand*: the share that ends in this way on or before this day of the clock. The
    interval is by default on the log-log scale [3]_, which keeps it between nought and
    one; R's `survfit` takes "log". Refused `no_events` when nobody ended in this way,
    `not_at_risk` beyond the last day of view.

    Examples
    --------
    >>> found = cumulative_incidence([1, 2, 3, 4], ["decision", "withdrawn", "decision", None])
    >>> incidence_within(found, "decision", 2, level=0.95).estimate
    0.25
    """
    checked_level(level)
    checked_transform(transform)
    ended = int(found.events[cause].sum()) if cause in found.incidence else 0
    place = int(np.searchsorted(found.days, day, side="right")) - 1
    everyone = bool(len(found.days)) and found.still_open[-1] == 0.0
    known = found.n > 0 and day >= 0 and (day <= found.last_day or everyone)
    if not known or not ended:
        why = "no_events" if known else "not_at_risk"
        return CurveEstimate(None, None, None, level, transform, found.n, ended, refusal=why)
    share = float(found.incidence[cause][place]) if place >= 0 else 0.0
    error = float(found.standard_error[cause][place]) if place >= 0 else 0.0
    low = high = None
    if 0 < share < 1:
        low, high = (float(end) for end in pointwise(share, error / share, level=level, transform=transform))
    return CurveEstimate(share, low, high, level, transform, found.n, ended, standard_error=error)
