"""Whether a condition holds in each row of a table: yes, no, or unknown where a value is missing."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_contracts.errors import WrongUse
from data_contracts.language import _
from data_contracts.procedure.model import COLUMN_OPS, Condition


class Truth(NamedTuple):
    """`sure`: it holds; `possible`: it holds, or nobody can tell. Arrays of bool, one value a row."""

    sure: NDArray[np.bool_]
    possible: NDArray[np.bool_]


def columns_of(condition: Condition) -> tuple[str, ...]:
    """Return the columns that a condition reads.

    Raises
    ------
    WrongUse
        If it asks something that one row cannot answer.
    """
    if condition.op in ("all", "any"):
        return tuple(dict.fromkeys(name for part in condition.parts for name in columns_of(part)))
    if condition.op == "unrecorded":
        return ()
    if condition.op not in COLUMN_OPS:
        raise WrongUse(_("Een voorwaarde in een regel leest kolommen van één rij; {op} kan dat niet.", op=condition.op))
    return (condition.column,)


def truth(condition: Condition, table: pd.DataFrame) -> Truth:
    """Answer a condition for each row; its own table is not read.

    Unknown combines as in Kleene's logic: *unknown or yes* is yes, *unknown and no* is no.

    Raises
    ------
    WrongUse
        If a column of numbers is compared with text, which would never be equal.

    Examples
    --------
    >>> kind = Condition("in", column="kind", value=("klacht", "intern"))
    >>> answer = truth(kind, pd.DataFrame({"kind": ["klacht", "extern", None]}))
    >>> answer.sure.tolist(), answer.possible.tolist()
    ([True, False, False], [True, False, True])
    """
    columns_of(condition)
    if condition.op in ("all", "any"):
        parts = [truth(part, table) for part in condition.parts]
        together = np.logical_and if condition.op == "all" else np.logical_or
        return Truth(together.reduce([part.sure for part in parts]), together.reduce([part.possible for part in parts]))
    if condition.op == "unrecorded":
        return Truth(np.zeros(len(table), dtype=bool), np.ones(len(table), dtype=bool))
    column = table[condition.column]
    known = column.notna().to_numpy(bool)
    if condition.op == "present":
        return Truth(known, known)
    if condition.op in ("is_true", "is_false"):
        yes = column.isin([condition.op == "is_true"]).to_numpy(bool) & known
        no = column.isin([condition.op != "is_true"]).to_numpy(bool) & known
        if (known & ~yes & ~no).any():
            raise WrongUse(_("Kolom {column} heeft een waarde die geen true of false is.", column=condition.column))
        return Truth(yes, yes | ~known)
    if pd.api.types.is_numeric_dtype(column) and known.any():
        raise WrongUse(
            _(
                "Kolom {column} bevat getallen en de voorwaarde noemt tekst; lees de kolom als tekst.",
                column=condition.column,
            )
        )
    yes = known & (column.isin(condition.value).to_numpy(bool) != (condition.op == "not_in"))
    return Truth(yes, yes | ~known)
