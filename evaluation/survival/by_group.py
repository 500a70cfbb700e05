"""A Kaplan-Meier curve for every group, side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
from numpy.typing import ArrayLike

from evaluation.survival.columns import coded
from evaluation.survival.in_view import in_view
from evaluation.survival.kaplan_meier import Flat, SurvivalCurve, kaplan_meier, quantile
from evaluation.survival.pointwise import Transform
from evaluation.survival.shown import shown, steps

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False)
class CurvesByGroup:
    """Kaplan-Meier curves, one a group.

    Parameters
    ----------
    curves : mapping
        Label of the group -> its curve, in the order of `coded`: sorted, or that of the
        categories of a pandas Categorical.
    """

    curves: Mapping[object, SurvivalCurve]

    def table(
        self, *, level: float, share: float = 0.5, transform: Transform = "log-log", flat: Flat = "first"
    ) -> pd.DataFrame:
        """Return a row a group: cases, ends, and the day by which `share` of its cases have closed, with its interval.

        Columns `group`, `n`, `n_events`, `estimate`, `low`, `high`, `refusal`; the
        arguments are those of `quantile`. The median by default.
        """
        rows = []
        for group, curve in self.curves.items():
            found = quantile(curve, share, level=level, transform=transform, flat=flat)
            rows.append((group, found.n, found.n_events, found.estimate, found.low, found.high, found.refusal))
        columns = ["group", "n", "n_events", "estimate", "low", "high", "refusal"]
        table = pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(("estimate", "low", "high"), float))
        return table.assign(refusal=pd.Series([row[-1] for row in rows], dtype=object))

    def plot(self, axes: "Axes | None" = None) -> "Axes":
        """Draw the share still open in each group over the days."""
        lines = {str(group): (curve.days, curve.survival) for group, curve in self.curves.items()}
        until = max((curve.last_day for curve in self.curves.values()), default=0.0)
        return steps(lines, first=1.0, until=until, axes=axes)

    def _repr_html_(self) -> str:
        return shown(self.table(level=0.95), "Kaplan-Meier by group: median; 95 %, log-log")


def kaplan_meier_by_group(
    duration: ArrayLike,
    event_observed: ArrayLike,
    group: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    from_day: float = 0.0,
) -> CurvesByGroup:
    """Return the Kaplan-Meier curve of every group.

    *Estimand*: that of `evaluation.survival.kaplan_meier.kaplan_meier`, for the cases of
    each group.

    Parameters
    ----------
    duration, event_observed, entry, weight, from_day
        As in `evaluation.survival.kaplan_meier.kaplan_meier`.
    group : array_like
        Label of the group of each case.

    Raises
    ------
    WrongUse
        As `kaplan_meier`; or when a group is missing.

    Examples
    --------
    >>> found = kaplan_meier_by_group([1, 2, 3, 4, 5, 6], [True] * 6, list("aaabbb"))
    >>> found.table(level=0.95)[["group", "n", "estimate"]].values.tolist()
    [['a', 3, 2.0], ['b', 3, 5.0]]
    """
    view = in_view(duration, event_observed, entry=entry, weight=weight, from_day=from_day)
    labels, member = coded(group, len(view.kept), "group")
    member = member[view.kept]
    curves = {}
    for number, label in enumerate(labels):
        own = member == number
        curves[label] = kaplan_meier(
            view.time[own], view.ended[own], entry=view.start[own], weight=view.count[own], from_day=from_day
        )
    return CurvesByGroup(curves)
