"""What the choices do to the rows behind a curve, and what is read from it."""

from dataclasses import replace

import pandas as pd

from evaluation.duration.curve_refusal import refusal_of
from evaluation.multiverse_grid import Universe
from evaluation.survival import CurveEstimate, SurvivalCurve


def treated(rows: pd.DataFrame, universe: Universe, *, clock: str) -> pd.DataFrame:
    """Return rows with late entry and cases of one day treated as a universe has it.

    Parameters
    ----------
    rows : DataFrame
        Columns `<clock>` (days) and `<clock>_entry` (day on that clock after which the
        case was in view).
    universe : mapping
        `late_entry`: `used`, or `ignored` (in view from the first day). `same_day` (came
        into view and ended on one day): `half_day` (what the estimator makes of it),
        `whole_day`, or `left_out`. A choice that is not there is that of the headline.

    Examples
    --------
    >>> rows = pd.DataFrame({"gross": [0.0, 9.0], "gross_entry": [0.0, 4.0]})
    >>> treated(rows, {"same_day": "left_out", "late_entry": "ignored"}, clock="gross").to_numpy().tolist()
    [[9.0, 0.0]]
    """
    entry = f"{clock}_entry"
    if universe.get("late_entry") == "ignored":
        rows = rows.assign(**{entry: 0.0})
    same_day = rows[clock] == rows[entry]
    if universe.get("same_day") == "left_out":
        return rows[~same_day]
    if universe.get("same_day") == "whole_day":
        return rows.assign(**{clock: rows[clock].where(~same_day, rows[entry] + 1)})
    return rows


def said(curve: SurvivalCurve, found: CurveEstimate, *, refusal: str | None = None) -> CurveEstimate:
    """Return a number read from a curve, refused where the curve, or else `refusal`, refuses every number."""
    why = refusal_of(curve) or refusal
    return found if why is None else replace(found, estimate=None, low=None, high=None, refusal=why)
