"""The figures of the book, each drawn from ledger rows only.

Every function takes a `Publication` and a language and returns an `Exhibit`, or None
when nothing behind it is published. Units are shown in the order of their code list,
never by value: no figure is a ranking. Colour never carries meaning alone: lines differ
in dash, points in shape, bars in hatching.
"""

from collections.abc import Callable

from book.exhibit import Exhibit
from book.figures.agreement import reader_agreement, reader_true_share
from book.figures.completeness import completeness_by_unit, composites, steps
from book.figures.duration import duration_by_unit, duration_by_year, duration_curve
from book.figures.duration_change import duration_change
from book.figures.duration_exits import duration_exits
from book.figures.duration_ranges import duration_ranges
from book.figures.duration_sensitivity import duration_case_mix, duration_sensitivity
from book.figures.duration_stages import duration_complaints, duration_stages, duration_stages_working
from book.figures.duration_stock import duration_projection, duration_stock, duration_stock_age
from book.figures.duration_units import duration_funnel, duration_shrunken
from book.figures.outcome_chain import outcome_chain, outcome_chain_by_unit, outcome_chain_by_year
from book.figures.outcome_penalties import decisions_held, penalty_kinds, penalty_order
from book.figures.outcomes import (
    funnel,
    outcome_by_year,
    outcome_sensitivity,
    outcome_shrunken,
    penalty_funnel,
    registration_guard,
)
from book.figures.register import findings, missing, register

__all__ = [
    "FIGURES", "completeness_by_unit", "composites", "decisions_held", "duration_by_unit", "duration_by_year",
    "duration_case_mix", "duration_change", "duration_complaints", "duration_curve", "duration_exits",
    "duration_funnel", "duration_projection", "duration_ranges", "duration_sensitivity", "duration_shrunken",
    "duration_stages", "duration_stages_working", "duration_stock", "duration_stock_age", "findings", "funnel",
    "missing", "outcome_by_year", "outcome_chain", "outcome_chain_by_unit", "outcome_chain_by_year",
    "outcome_sensitivity", "outcome_shrunken", "penalty_funnel", "penalty_kinds", "penalty_order", "reader_agreement",
    "reader_true_share", "register", "registration_guard", "steps",
]  # fmt: skip

FIGURES: tuple[Callable[..., Exhibit | None], ...] = (
    duration_curve, duration_exits, duration_stages, duration_stages_working, duration_complaints, duration_by_year,
    duration_change, duration_stock, duration_stock_age, duration_projection, duration_funnel, duration_shrunken,
    duration_by_unit, duration_case_mix, duration_sensitivity, duration_ranges, outcome_chain, outcome_chain_by_year,
    registration_guard, outcome_chain_by_unit, funnel, outcome_shrunken, penalty_kinds, penalty_funnel, penalty_order,
    decisions_held, reader_agreement, reader_true_share, outcome_by_year, outcome_sensitivity, steps, composites,
    completeness_by_unit, register, findings, missing,
)  # fmt: skip
