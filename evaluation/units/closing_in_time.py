"""Ends within N days of each unit against those expected from like cases: a funnel that stands censoring.

*What is expected.* On every day on which a like case ended, each like case then in view,
whatever its unit, was equally likely to be the one. So each end adds to a unit's expected
count the share of the cases in view that were the unit's own, among cases of the same
stratum and equally long open [1]_, [2]_. A case that is still open, or that came into view
late, counts for the days it was in view and for no other: this is exact where a share
"closed within N days" of the cases old enough is not, and a share of all cases is wrong.

*Limits.* If units do not differ, the count of a unit is a sum of draws with these known
chances (several ends of a stratum on one day: draws without replacement). Its distribution
is computed, not approximated; the unit's own cases are in the reference, and the limits
know that. Overdispersion and reliability are those of `evaluation.units.funnel`.

*What a ratio means.* 1.2: in the first N days its cases ended at 1.2 times the daily pace
of like cases in all units together. `as_share` turns that into a share closed within N
days for the cases of all units. Slower is not worse, and units are never ranked.

References
----------
.. [1] N. Breslow, "Analysis of survival data under the proportional hazards model", Int.
   Statistical Review 43 (1975) 45-57: observed and expected in the log-rank test.
.. [2] P. K. Andersen, Ø. Borgan, R. D. Gill, N. Keiding, *Statistical Models Based on
   Counting Processes* (1993), section V.2: observed minus expected is a martingale.
.. [3] F. Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28 (1936)
   437-442: the interval of the ratio.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import signal, stats

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.proportion import Interval
from evaluation.survival.columns import Floats, coded, needed_columns
from evaluation.survival.in_view import InView, in_view
from evaluation.survival.kaplan_meier import CurveEstimate, kaplan_meier, share_within, thin_start
from evaluation.units.case_mix import UNKNOWN
from evaluation.units.count_chances import count_chances
from evaluation.units.funnel import Funnel

FINENESS = 1000
"""Chances that agree to a thousandth are taken together, at their mean."""

_LOOSE = 0.02  # share of those in view that ended on one day, up to which draws with replacement will do


@dataclass(frozen=True, eq=False)
class ClosingInTime:
    """Observed and expected ends within `day` days, a unit a place, in the order asked for.

    *Estimand*: per unit, its ends within `day` days of their clock over the number
    expected had its cases ended, on each day of their clock, at the pace of like cases
    of all units together. Censoring and late entry independent of the time to the end
    among like cases.

    Parameters
    ----------
    units : tuple
    n : array of int
        Cases of each unit that were in view within `day` days.
    funnel : evaluation.units.funnel.Funnel
        `observed`, `expected`, `ratio`, `limits`, `outside`, `dispersion`, `reliability`;
        units with fewer than `minimum_n` cases are not judged.
    overall : CurveEstimate
        Share closed within `day` days, all units together (Kaplan-Meier).
    strata : int
        Groups of like cases.
    alone : array of int
        Ends of each unit with no like case of another unit in view: they say nothing.
    day, level : float
    refusal : str or None
        Why no unit is compared: `not_at_risk`, `no_events`, `no_variation` (one unit),
        `too_few`.
    """

    units: tuple[object, ...]
    n: np.ndarray
    funnel: Funnel
    overall: CurveEstimate
    strata: int
    alone: np.ndarray
    day: float
    level: float
    refusal: str | None = None

    @property
    def refusals(self) -> tuple[str | None, ...]:
        """Why a unit is not compared, or None."""
        few = self.n < self.funnel.minimum_n
        return tuple(
            "too_few" if small else self.refusal or (None if judged else "no_variation")
            for small, judged in zip(few, self.funnel.judged, strict=True)
        )

    def intervals(self) -> tuple[Interval | None, ...]:
        """Return the exact Poisson interval [3]_ of each ratio; None for a unit that is not compared."""
        tail = (1 - self.level) / 2
        count = self.funnel.observed
        low = np.where(count > 0, stats.gamma.ppf(tail, np.maximum(count, 1)), 0.0)
        high = stats.gamma.isf(tail, count + 1)
        return tuple(
            Interval(float(a / mean), float(b / mean)) if why is None else None
            for a, b, mean, why in zip(low, high, self.funnel.expected, self.refusals, strict=True)
        )

    def as_share(self, ratio: ArrayLike) -> np.ndarray:
        """Return the share closed within `day` days of all cases, at `ratio` times their daily pace.

        NaN when the share for all units together is not known. At ratio 1 it is that
        share: limits of the ratio become limits around it.
        """
        known = np.nan if self.overall.estimate is None else self.overall.estimate
        return np.asarray(1 - (1 - known) ** np.asarray(ratio, dtype=float))

    def table(self, levels: Sequence[float]) -> pd.DataFrame:
        """Return a row a unit: counts, ratio and interval, limits at each of `levels`, reliability, refusal."""
        tau2 = self.funnel.dispersion().tau2
        ends = [interval or (np.nan, np.nan) for interval in self.intervals()]
        said = np.array([why is None for why in self.refusals])
        table = pd.DataFrame(
            {
                "unit": self.units,
                "n": self.n,
                "observed": self.funnel.observed,
                "expected": self.funnel.expected,
                "ratio": np.where(said, self.funnel.ratio, np.nan),
                "low": [end[0] for end in ends],
                "high": [end[1] for end in ends],
            }
        )
        for level in levels:
            low, high = self.funnel.limits(level)
            table[f"funnel_low_{level:g}"], table[f"funnel_high_{level:g}"] = low, high
        table["reliability"] = np.nan if tau2 is None else self.funnel.reliability(tau2)
        return table.assign(refusal=pd.Series(self.refusals, dtype=object))


def closing_in_time(
    duration: ArrayLike,
    event_observed: ArrayLike,
    unit: ArrayLike,
    *,
    day: float,
    level: float,
    minimum_n: int,
    entry: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    stratum: ArrayLike | None = None,
    units: Sequence[object] | None = None,
) -> ClosingInTime:
    """Compare the ends within `day` days of each unit with those expected from like cases.

    *Estimand*: see `ClosingInTime`.

    Parameters
    ----------
    duration, event_observed, entry, weight : array_like
        As in `evaluation.survival.kaplan_meier.kaplan_meier`.
    unit : array_like
        Label of the unit of each case.
    day : float
        Only the first `day` days of each clock count.
    level : float
        Confidence level of the intervals of the ratios.
    minimum_n : int
        Units with fewer cases in view are kept, and not judged.
    stratum : array_like, optional
        Label of the like cases to compare with; without it all cases are like cases.
    units : sequence, optional
        Units to report, in this order; without it all, sorted.

    Raises
    ------
    WrongUse
        As `kaplan_meier`; or when a unit or stratum is missing.

    Examples
    --------
    Unit a ends on days 1 and 2, unit b on days 3 and 4, in view together on days 1 to 4:
    a expects 2/4 of the first end, 1/3 of the second and nothing after that.

    >>> found = closing_in_time([1, 2, 3, 4], [True] * 4, list("aabb"), day=3, level=0.95, minimum_n=1)
    >>> found.funnel.observed.tolist(), found.funnel.expected.round(4).tolist()
    ([2, 1], [0.8333, 2.1667])
    """
    if not day > 0:
        raise WrongUse(_("Het aantal dagen moet groter dan nul zijn, niet {day}.", day=day))
    view = in_view(duration, event_observed, entry=entry, weight=weight)
    labels, member = coded(unit, len(view.kept), "unit")
    layer = np.zeros(len(view.kept), dtype=int) if stratum is None else coded(stratum, len(view.kept), "stratum")[1]
    member, layer = member[view.kept], layer[view.kept]
    everyone = _all_ends(view, layer, day)
    asked = list(labels) if units is None else list(units)
    codes = [labels.index(label) if label in labels else -1 for label in asked]
    parts = [_part(everyone, view, layer, member == code, day) for code in codes]
    size = np.array([part.n for part in parts], dtype=int)
    funnel = Funnel(
        observed=np.array([part.observed for part in parts], dtype=int),
        size=size,
        expected=np.array([part.expected for part in parts]),
        variance=np.array([part.variance for part in parts]),
        chances=tuple(part.chances for part in parts),
        target=1.0,
        minimum_n=minimum_n,
    )
    return ClosingInTime(
        units=tuple(asked),
        n=size,
        funnel=funnel,
        overall=_overall(view, day, level=level, minimum_n=minimum_n),
        strata=len(np.unique(layer)),
        alone=np.array([part.alone for part in parts], dtype=int),
        day=day,
        level=level,
        refusal=_nothing_to_compare(len(layer), everyone.ends.sum(), size, minimum_n, units=len(np.unique(member))),
    )


def closing_in_time_by_unit(
    cases: pd.DataFrame,
    *,
    like: Sequence[str],
    day: float,
    level: float,
    minimum_n: int,
    units: Sequence[object] | None = None,
) -> ClosingInTime:
    """Return `closing_in_time` of a table of cases.

    Parameters
    ----------
    cases : DataFrame
        Columns `duration`, `event_observed`, `unit`, those of `like`, and where needed
        `entry` and `weight`.
    like : sequence of str
        Columns of which all values together make a stratum; a missing value is a value
        of its own. Fewer, larger strata lose fewer ends (`alone`) than many small ones.
    """
    needed_columns(cases, ("duration", "event_observed", "unit", *like))
    known = cases[list(like)].astype("object").fillna(UNKNOWN).astype(str)
    stratum = known.groupby(list(like), sort=True).ngroup() if len(like) else None
    optional = {name: cases[name] for name in ("entry", "weight") if name in cases}
    return closing_in_time(
        cases["duration"], cases["event_observed"], cases["unit"], day=day, level=level, minimum_n=minimum_n,
        stratum=stratum, units=units, **optional,
    )  # fmt: skip


class _Ends(NamedTuple):
    """The (stratum, day) pairs within the horizon on which a case ended: place, cases in view, ends."""

    place: Floats
    at_risk: Floats
    ends: Floats


def _places(values: Floats, layer: np.ndarray, view: InView) -> Floats:
    """Put the clocks of the strata one after another on one line."""
    return layer * (float(view.time.max(initial=0.0)) + 1.0) + values


def _counts(view: InView, layer: np.ndarray, rows: np.ndarray, day: float, at: Floats) -> tuple[Floats, Floats]:
    """Return the cases in view, and the ends, of these rows at each place."""
    start, time = (_places(values, layer, view) for values in (view.start, view.time))
    count, ended = view.count, rows & view.ended & (view.time <= day)
    at_risk = _weight_below(start[rows], count[rows], at) - _weight_below(time[rows], count[rows], at)
    ends = np.bincount(np.searchsorted(at, time[ended]), count[ended], len(at)).astype(float)
    return at_risk, ends


def _weight_below(values: Floats, count: Floats, at: Floats) -> Floats:
    order = np.argsort(values, kind="stable")
    total = np.concatenate(([0.0], np.cumsum(count[order])))
    return np.asarray(total[np.searchsorted(values[order], at, side="left")])


def _all_ends(view: InView, layer: np.ndarray, day: float) -> _Ends:
    place = np.unique(_places(view.time, layer, view)[view.ended & (view.time <= day)])
    return _Ends(place, *_counts(view, layer, np.full(len(layer), True), day, place))


class _Part(NamedTuple):
    """What one unit contributes: cases, ends, moments and distribution of the ends expected, ends without company."""

    n: int
    observed: int
    expected: float
    variance: float
    chances: Floats
    alone: int


def _part(everyone: _Ends, view: InView, layer: np.ndarray, own: np.ndarray, day: float) -> _Part:
    at_risk, ends = _counts(view, layer, own, day, everyone.place)
    seen = at_risk > 0
    risk, drawn, mine = everyone.at_risk[seen], everyone.ends[seen], at_risk[seen]
    share = mine / risk
    finite = np.divide(risk - drawn, risk - 1, out=np.zeros_like(risk), where=risk > 1)
    return _Part(
        n=int(view.count[own & (view.start < day)].sum()),
        observed=int(ends.sum()),
        expected=float(drawn @ share),
        variance=float((drawn * finite) @ (share * (1 - share))),
        chances=_chances(risk, drawn, mine),
        alone=int(ends[at_risk == everyone.at_risk].sum()),
    )


def _chances(risk: Floats, drawn: Floats, mine: Floats) -> Floats:
    """Return the chances of 0, 1, 2, ... ends: draws from those in view, without replacement on one day."""
    tied = drawn - 1 > _LOOSE * np.maximum(risk - 1, 1)
    share = (mine / risk)[~tied]
    group = np.minimum(share * FINENESS, FINENESS).astype(int)
    counts = np.bincount(group, drawn[~tied], FINENESS + 1)
    mean = np.bincount(group, drawn[~tied] * share, FINENESS + 1) / np.maximum(counts, 1)
    parts = [count_chances(mean[counts > 0], counts[counts > 0])]
    parts += [row for ends in np.unique(drawn[tied]) for row in _without_replacement(risk, mine, tied, drawn, ends)]
    while len(parts) > 2:  # by pairs, so that the long convolutions are few
        halves = [signal.convolve(a, b) for a, b in zip(parts[::2], parts[1::2], strict=False)]
        parts = parts[len(halves) * 2 :] + halves
    return np.clip(reduce(signal.convolve, parts), 0.0, 1.0)


def _without_replacement(risk: Floats, mine: Floats, tied: np.ndarray, drawn: Floats, ends: float) -> Floats:
    """Return the hypergeometric chances of 0 ... `ends` on each day with that many ends."""
    rows = tied & (drawn == ends)
    hits, total, own = np.arange(ends + 1), risk[rows, None], mine[rows, None]
    return np.asarray(stats.hypergeom.pmf(hits, total, own, ends))


def _overall(view: InView, day: float, *, level: float, minimum_n: int) -> CurveEstimate:
    curve = kaplan_meier(view.time, view.ended, entry=view.start, weight=view.count)
    found = share_within(curve, day, level=level)
    if found.refusal is None and thin_start(curve, minimum=minimum_n):
        return replace(found, estimate=None, low=None, high=None, refusal="not_at_risk")
    return found


def _nothing_to_compare(n: int, ends: float, size: np.ndarray, minimum_n: int, *, units: int) -> str | None:
    if not n or not ends:
        return "no_events" if n else "not_at_risk"
    if units < 2:
        return "no_variation"
    return "too_few" if (size < minimum_n).all() else None
