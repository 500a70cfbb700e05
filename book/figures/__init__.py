"""The figures of the book, each drawn from ledger rows only.

Every function takes a `Publication` and a language and returns an `Exhibit`, or None
when nothing behind it is published. Units are shown in the order of their code list,
never by value: no figure is a ranking. Colour never carries meaning alone: lines differ
in dash, points in shape, bars in hatching.
"""

from collections.abc import Callable

from book.exhibit import Exhibit
from book.figures.completeness import completeness_by_unit, composites, steps
from book.figures.duration import duration_by_unit, duration_by_year, duration_curve
from book.figures.outcomes import funnel, outcome_by_year, registration_guard
from book.figures.register import findings, missing, register

__all__ = [
    "FIGURES", "completeness_by_unit", "composites", "duration_by_unit", "duration_by_year", "duration_curve",
    "findings", "funnel", "missing", "outcome_by_year", "register", "registration_guard", "steps",
]  # fmt: skip

FIGURES: tuple[Callable[..., Exhibit | None], ...] = (
    duration_curve, duration_by_year, duration_by_unit, funnel, outcome_by_year, registration_guard,
    steps, composites, completeness_by_unit, register, findings, missing,
)  # fmt: skip
