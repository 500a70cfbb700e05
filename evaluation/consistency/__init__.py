"""Are like cases given like outcomes: findings by unit, adjusted, with the registration guard."""

from evaluation.consistency.evaluate import evaluate
from evaluation.consistency.judged import judged_allegations
from evaluation.consistency.like_allegations import case_scores, most_alike
from evaluation.consistency.like_for_like import unit_funnel

__all__ = ["case_scores", "evaluate", "judged_allegations", "most_alike", "unit_funnel"]
