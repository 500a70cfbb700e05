"""A number of one universe that is not read from a curve."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Told:
    """A number with its interval, where it has one, and the cases and ends behind it.

    `estimate` is None where `refusal` (key of `evaluation.refusals.REASONS`) says why.
    """

    estimate: float | None
    n: int
    n_events: int | None = None
    low: float | None = None
    high: float | None = None
    refusal: str | None = None
