"""The procedure as dated data: which steps an investigation has, and which terms were in force.

`steps.yaml` and `norms.yaml` beside this file are the only place where a step, its
condition, its order and its term are written; a steward corrects them there.
"""

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

from data_contracts.procedure.model import Condition, Deadline, Norm, OrderRule, Step, order_rules, valid_on
from data_contracts.procedure.reading import read_norms, read_steps

__all__ = [
    "Condition",
    "Deadline",
    "Norm",
    "OrderRule",
    "Step",
    "norm_on",
    "norms",
    "order_rules",
    "read_norms",
    "read_steps",
    "steps",
    "valid_on",
]

_HERE = Path(__file__).parent


@cache
def steps() -> tuple[Step, ...]:
    """Return the steps that come with the program, in their normal order."""
    return read_steps(_HERE / "steps.yaml", norms=norms())


@cache
def norms() -> tuple[Norm, ...]:
    """Return the norms that come with the program."""
    return read_norms(_HERE / "norms.yaml")


def norm_on(norms: Sequence[Norm], code: str, day: date) -> Norm | None:
    """Return the norm that was in force on `day`; None when the file does not say.

    A norm with `in_force` False is something else: then it is known that there was none.

    Examples
    --------
    >>> norm_on(norms(), "disciplinair_totaal", date(2020, 11, 5)).in_force
    False
    >>> norm_on(norms(), "klacht_besluit", date(2020, 11, 5)).days
    70
    """
    return next((norm for norm in norms if norm.code == code and valid_on(norm, day)), None)
