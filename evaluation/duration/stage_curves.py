"""From the rows of a stage to its curve, and from a curve to scores."""

from collections.abc import Iterator, Sequence

import pandas as pd

from evaluation.duration.curve_refusal import followed_quantile, refusal_of
from evaluation.duration.net_durations import net_duration_curve
from evaluation.duration.stages import counted
from evaluation.duration.total import QUANTILES
from evaluation.duration.working_days import COUNTINGS
from evaluation.score_rows import ScoreRows
from evaluation.scores import Score
from evaluation.survival.kaplan_meier import SurvivalCurve, at_risk_on, kaplan_meier, share_within


def stage_curve(
    rows: pd.DataFrame, stage: str, clock: str, *, suspensions: pd.DataFrame | None = None
) -> SurvivalCurve:
    """Return the curve of a stage on one of `stages.CLOCKS`; any end is an end.

    Kaplan-Meier on the gross clocks; on the net clocks see `net_durations`.

    Parameters
    ----------
    rows : DataFrame
        As `stages.stage_durations` returns them: all, or those of one unit or year.
    stage, clock : str
    suspensions : DataFrame, optional
        As for `clock.suspended_days`; the net clocks need them.

    Raises
    ------
    WrongUse
        When the net days are known and the suspensions are not given.
    """
    one = counted(rows, stage, clock)
    gross = clock.replace("net", "gross")
    if clock == gross or not len(one):
        return kaplan_meier(one[clock], one["event"], entry=one[f"{clock}_entry"])
    return net_duration_curve(
        one["case_id"], one["start_on"], one[gross], one["event"], entry=one[f"{gross}_entry"],
        suspensions=suspensions, counting=COUNTINGS["working" if clock.startswith("working") else "calendar"],
    ).curve  # fmt: skip


def quantile_scores(
    rows: ScoreRows, curve: SurvivalCurve, *, unit: str = "days", refusal: str | None = None
) -> Iterator[Score]:
    """Return the number of cases and the quantiles of a curve, in days of its clock.

    `refusal` is said of every quantile when the curve itself has none.
    """
    why = refusal_of(curve) or refusal
    yield rows.count("cases", curve.n, events=curve.n_events)
    for name, share in QUANTILES.items():
        said = followed_quantile(curve, share, level=rows.level)
        yield rows.number(name, unit, said, n=curve.n, events=curve.n_events, refusal=why)


def point_scores(
    rows: ScoreRows, curve: SurvivalCurve, days: Sequence[int], *, refusal: str | None = None
) -> Iterator[Score]:
    """Return the share ended within each of `days`, and the number at risk on it."""
    why = refusal_of(curve) or refusal
    for day in days:
        said = share_within(curve, day, level=rows.level)
        yield rows.number(f"within_{day}_days", "share", said, n=curve.n, events=curve.n_events, refusal=why)
        yield rows.count(f"at_risk_{day}_days", at_risk_on(curve, day), n=curve.n, events=curve.n_events)
