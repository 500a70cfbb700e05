"""Days on which something could end, counted: the table behind a discrete-time hazard.

A case is at risk on each whole day d with `entry < d <= duration`; on each of them it
ends or it does not [1]_. Days of cases that are alike, within a band of days, are
counted together: the table grows with the kinds of cases, never with the cases.

Because the grain is a day, no convention is needed for censoring or late entry within a
band: a case open on day t was watched through day t and did not end on it, exactly as in
`evaluation.survival.kaplan_meier.kaplan_meier`. A case that ended on the day it came into view
(half a day in view) ended on its first day; open on that day, it has no day at risk.

References
----------
.. [1] P. D. Allison, "Discrete-time methods for the analysis of event histories",
   Sociological Methodology 13 (1982) 61-98.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.survival.columns import Floats
from evaluation.survival.in_view import InView, in_view


def person_days(
    duration: ArrayLike,
    event_observed: ArrayLike,
    *,
    edges: Sequence[float],
    entry: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    levels: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the days at risk and the ends of like cases in each band of days.

    *Estimand*: none; `ended / days_at_risk` of a row is the chance of ending on a day.

    Parameters
    ----------
    duration, event_observed, entry, weight : array_like
        As in `evaluation.survival.kaplan_meier.kaplan_meier`.
    edges : sequence of float
        Whole days 0 < ... ascending: band k is `edges[k] < day <= edges[k + 1]`. What
        happens after the last is left out of view (censored there).
    levels : DataFrame, optional
        A row a case; rows with equal values are counted together.

    Returns
    -------
    DataFrame
        The columns of `levels`, `band` (0, 1, ...), `days_at_risk`, `ended`; only rows
        with days at risk.

    Examples
    --------
    Closed on day 2, open on day 3; bands of two days:

    >>> person_days([2, 3], [True, False], edges=(0, 2, 4))[["band", "days_at_risk", "ended"]].to_numpy().tolist()
    [[0.0, 4.0, 1.0], [1.0, 1.0, 0.0]]
    """
    view = in_view(duration, event_observed, entry=entry, weight=weight)
    return days_at_risk(view, checked_edges(edges), rows_in_view(levels, view))


def band_edges(
    duration: ArrayLike,
    event_observed: ArrayLike,
    *,
    every: int,
    minimum_ends: int,
    entry: ArrayLike | None = None,
    weight: ArrayLike | None = None,
) -> tuple[float, ...]:
    """Return bands of `every` days, joined to the next until each holds `minimum_ends` ends.

    A baseline needs ends in every band. What is left over at the end joins the last
    full band; the last edge is the last day on which anyone is in view.

    Examples
    --------
    >>> band_edges([10, 20, 40, 95, 100], [True] * 4 + [False], every=30, minimum_ends=2)
    (0.0, 30.0, 100.0)
    """
    view = in_view(duration, event_observed, entry=entry, weight=weight)
    until = float(np.ceil(view.time.max())) if len(view.time) else 1.0
    candidates = np.append(np.arange(0.0, until, every), until)
    ends = np.histogram(np.ceil(view.time[view.ended]) - 0.5, candidates, weights=view.count[view.ended])[0]
    edges, seen = [0.0], 0.0
    for edge, count in zip(candidates[1:], ends, strict=True):
        seen += count
        if seen >= minimum_ends:
            edges.append(float(edge))
            seen = 0.0
    return (*edges[:-1], until) if len(edges) > 1 else (0.0, until)


def rows_in_view(levels: pd.DataFrame | None, view: InView) -> pd.DataFrame:
    """Return the rows of `levels` (a table without columns when there is none) that are ever in view."""
    given = pd.DataFrame(index=range(len(view.kept))) if levels is None else levels
    if len(given) != len(view.kept):
        raise WrongUse(_("{name} moet één rij zijn, even lang als duration.", name="levels"))
    return given[view.kept].reset_index(drop=True)


def checked_edges(edges: Sequence[float]) -> Floats:
    """Return the edges as an array; refuses what is not whole, ascending and from 0."""
    found = np.asarray(edges, dtype=float)
    if len(found) < 2 or found[0] != 0 or (np.diff(found) <= 0).any() or (found != np.floor(found)).any():
        raise WrongUse(_("edges moet oplopen, met 0 beginnen en uit hele dagen bestaan."))
    return found


def days_at_risk(view: InView, edges: Floats, levels: pd.DataFrame) -> pd.DataFrame:
    """Return the table of `person_days` for cases and edges that were checked before."""
    first, last = np.floor(view.start), np.where(view.ended, np.ceil(view.time), np.floor(view.time))
    if len(levels.columns):
        grouped = levels.groupby(list(levels.columns), sort=True, dropna=False)
        cell, alike = grouped.ngroup().to_numpy(), grouped.size().reset_index()[list(levels.columns)]
    else:
        cell, alike = np.zeros(len(levels), dtype=int), pd.DataFrame(index=range(1))
    parts = []
    for band, (low, high) in enumerate(pairwise(edges)):
        days = np.maximum(np.minimum(last, high) - np.maximum(first, low), 0.0)
        inside = view.ended & (last > low) & (last <= high)
        counts = [np.bincount(cell, view.count * part, len(alike)) for part in (days, inside)]
        parts.append(alike.assign(band=band, days_at_risk=counts[0], ended=counts[1]))
    table = pd.concat(parts, ignore_index=True)
    return table[table["days_at_risk"] > 0].reset_index(drop=True)
