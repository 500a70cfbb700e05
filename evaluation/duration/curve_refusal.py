"""When a curve says nothing about its cases: too few, none ended, hardly anyone in view where it starts or is read."""

from dataclasses import replace

from evaluation.refusals import MINIMUM_N
from evaluation.survival.kaplan_meier import CurveEstimate, SurvivalCurve, at_risk_on, quantile, survival_on, thin_start

_EVE = 0.5  # just before a day; days are whole, or half for a case that ended on its first
LEAST_FOLLOWED = 0.5
"""Of the cases that would be open on the day of a quantile, at least this share has to be in view still."""


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


def followed_quantile(curve: SurvivalCurve, share: float, *, level: float) -> CurveEstimate:
    """Return a quantile, refused (`not_at_risk`) where most of the cases that it is about are no longer followed.

    Near the end of view a quantile rests on the few cases that were opened first, and is
    given only in those deliveries in which these happen to reach it.

    Examples
    --------
    Two of ten cases end on day 9, the others go out of view after a day, save one:

    >>> from evaluation.survival.kaplan_meier import kaplan_meier
    >>> curve = kaplan_meier([9, 9, *[1] * 7, 10], [True, True, *[False] * 8])
    >>> followed_quantile(curve, 0.5, level=0.95).refusal
    'not_at_risk'
    """
    said = quantile(curve, share, level=level)
    if said.refusal == "not_reached" and curve.last_day < curve.watched_days[-1]:
        return replace(said, refusal="not_at_risk")  # a net curve stops where too few can be followed
    if said.estimate is None:
        return said
    most = int(curve.watched.argmax())  # at the start; with late entry, when most have come into view
    before = survival_on(curve, [max(day - _EVE, 0.0) for day in (curve.watched_days[most], said.estimate)])
    if said.estimate <= curve.watched_days[most] or before[0] == 0:
        return said
    due = float(curve.watched[most] * before[1] / before[0])
    if at_risk_on(curve, said.estimate) >= LEAST_FOLLOWED * due:
        return said
    return replace(said, estimate=None, low=None, high=None, refusal="not_at_risk")
