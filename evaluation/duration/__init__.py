"""How long investigations take: clocks, stages, norms, stock, change, and the scores of all these."""

from evaluation.duration.evaluate import evaluate
from evaluation.duration.total import case_durations

__all__ = ["case_durations", "evaluate"]
