"""When a survival curve says nothing about its cases: too few, none ended, or hardly anyone in view at the start."""

from evaluation.refusals import MINIMUM_N
from evaluation.survival.kaplan_meier import SurvivalCurve, thin_start


def refusal_of(curve: SurvivalCurve) -> str | None:
    """Return the key of `evaluation.refusals.REASONS` that goes for every number read from a curve, or None.

    Examples
    --------
    >>> from evaluation.survival.kaplan_meier import kaplan_meier
    >>> refusal_of(kaplan_meier([2, 3, 4], [True, False, True])), refusal_of(kaplan_meier([5] * 12, [False] * 12))
    ('too_few', 'no_events')
    """
    if curve.n < MINIMUM_N:
        return "too_few" if curve.n else "not_at_risk"
    if not curve.n_events:
        return "no_events"
    return "not_at_risk" if thin_start(curve, minimum=MINIMUM_N) else None
