"""The top of Cox's partial likelihood: Newton's way to it, what cannot be estimated, and when there is none."""

from dataclasses import dataclass

import numpy as np

from evaluation.survival.columns import Floats
from evaluation.survival.cox_fit import Moments, Rows, along, expected_a_day, information, moments
from evaluation.survival.monotone_likelihood import endless_direction

_CONVERGED = 1e-16  # of the slope's square in units of the curvature: a hundred-millionth of a standard error
_MOST_STEPS = 60
_DEPENDENT = 1e-10
_LITTLE = 0.1  # likelihood gained by a step, about twice
_STILL_MOVING = 0.25  # change of a log hazard ratio
_SUSPECT, _ABSURD = 20.0, 300.0  # log hazard ratio between two cases; exp(2 x 300) can still be told from infinity


@dataclass(frozen=True, eq=False)
class Fit:
    """The top of the likelihood, or why there is none.

    `refusal` is None, `separation` (then `direction` is the combination of covariates
    along which the likelihood rises for ever) or `not_estimable` (no top was reached).
    """

    beta: Floats
    here: Moments
    information: Floats
    null_loglik: float
    score_statistic: float
    steps: int
    refusal: str | None = None
    direction: Floats | None = None


def newton(rows: Rows, here: Moments, curvature: Floats) -> Fit:
    """Climb to the maximum of the partial likelihood from no effect at all, where `here` and `curvature` are."""
    beta, at_null = np.zeros(len(rows.X)), rows.total - expected_a_day(here).sum(axis=1)
    null_loglik, score_statistic, direction, proven = here.loglik, 0.0, None, False
    refusal: str | None = "not_estimable"
    for number in range(_MOST_STEPS):
        slope = rows.total - expected_a_day(here).sum(axis=1)
        curvature = information(rows, here) if number else curvature
        step = np.linalg.pinv(curvature, hermitian=True) @ slope
        gain = float(slope @ step)
        score_statistic = gain if number == 0 else score_statistic
        # A coefficient that still moves while the likelihood hardly gains may be on its way to infinity.
        stuck = gain < _LITTLE and _apart(rows, step, more_than=_STILL_MOVING)
        if not proven and (stuck or _apart(rows, beta, more_than=_SUSPECT)):
            direction, proven = endless_direction(rows.X, rows.ended, rows.grid, at_null), True
            if direction is not None:
                refusal = "separation"
                break
        if gain < _CONVERGED:
            beta, refusal = beta + step, None
            break
        beta, here = _uphill(rows, beta, step, here)
    return Fit(beta, here, curvature, null_loglik, score_statistic, number + 1, refusal, direction)


def _uphill(rows: Rows, beta: Floats, step: Floats, here: Moments) -> tuple[Floats, Moments]:
    for _halving in range(30):
        if _apart(rows, beta + step, more_than=_ABSURD):
            step = step / 2
            continue
        there = moments(rows, beta + step)
        if np.isfinite(there.loglik) and there.loglik >= here.loglik - 1e-10 * abs(here.loglik):
            return beta + step, there
        step = step / 2
    return beta, here


def _apart(rows: Rows, direction: Floats, *, more_than: float) -> bool:
    """Tell whether two cases lie so far apart in this direction; the spans settle it at once as a rule."""
    return bool(np.abs(direction) @ rows.span > more_than and np.ptp(along(rows.X, direction)) > more_than)


def independent(curvature: Floats) -> tuple[list[int], list[int], list[int]]:
    """Return the columns that can be estimated, those without variation, and those that follow from earlier ones.

    Judged by the curvature at no effect: variation that counts is variation among those
    at risk on one day in one stratum.
    """
    kept: list[int] = []
    flat: list[int] = []
    dependent: list[int] = []
    size = max(float(np.trace(curvature)), 1.0)
    for column in range(len(curvature)):
        own = curvature[column, column]
        if own <= _DEPENDENT * size:
            flat.append(column)
            continue
        across = curvature[np.ix_(kept, [column])][:, 0]
        left = own - across @ np.linalg.solve(curvature[np.ix_(kept, kept)], across)
        (kept if left > _DEPENDENT * own else dependent).append(column)
    return kept, flat, dependent
