"""Were the steps taken that a case required: states, composites, order of steps."""

from evaluation.completeness.shares import evaluate, evaluate_steps, step_counts, step_table

__all__ = ["evaluate", "evaluate_steps", "step_counts", "step_table"]
