"""Are like cases given like outcomes: findings by unit, adjusted, with the registration guard."""

from evaluation.consistency.findings import case_scores, evaluate, judged_allegations, most_alike, unit_funnel

__all__ = ["case_scores", "evaluate", "judged_allegations", "most_alike", "unit_funnel"]
