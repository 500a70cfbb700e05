"""Are like cases given like outcomes: findings by unit, adjusted, with the registration guard."""

from evaluation.consistency.evaluate import evaluate
from evaluation.consistency.finding_scores import unit_funnel
from evaluation.consistency.judged import judged_allegations
from evaluation.consistency.like_allegations import case_scores, most_alike

__all__ = ["case_scores", "evaluate", "judged_allegations", "most_alike", "unit_funnel"]
