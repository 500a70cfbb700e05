"""Plain columns brought together: the rows in which all is known, and how many are not."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from data_contracts.errors import WrongUse
from data_contracts.language import _

UNKNOWN = "(onbekend)"


def complete_rows(columns: Mapping[str, ArrayLike]) -> tuple[pd.DataFrame, int]:
    """Return the columns as one frame, without the rows in which a value is missing, and the number of those.

    Raises
    ------
    WrongUse
        If the columns differ in length.

    Examples
    --------
    >>> rows, missing = complete_rows({"found": [True, None, False], "unit": ["A", "A", "B"]})
    >>> rows.index.tolist(), missing
    ([0, 2], 1)
    """
    plain = {name: pd.Series(np.asarray(values)) for name, values in columns.items()}
    if len({len(values) for values in plain.values()}) > 1:
        raise WrongUse(_("Deze kolommen moeten even lang zijn: {names}.", names=", ".join(plain)))
    frame = pd.DataFrame(plain)
    known = frame.notna().all(axis=1)
    return frame[known], int((~known).sum())


def level_columns(levels: pd.DataFrame | None, length: int) -> pd.DataFrame:
    """Return case characteristics as text, a missing one as a level of its own; no columns when there are none.

    Raises
    ------
    WrongUse
        If the table has another number of rows.
    """
    if levels is None:
        return pd.DataFrame(index=range(length))
    if len(levels) != length:
        raise WrongUse(_("Deze kolommen moeten even lang zijn: {names}.", names=", ".join(map(str, levels.columns))))
    known = {str(name): levels[name].astype(object).where(levels[name].notna(), UNKNOWN) for name in levels}
    # The index keeps the rows when there are no columns.
    return pd.DataFrame({name: values.map(str) for name, values in known.items()}, index=levels.index).reset_index(
        drop=True
    )


def check_level(level: float) -> None:
    """Refuse a confidence level that is no share.

    Raises
    ------
    WrongUse
        If it does not lie between 0 and 1.
    """
    if not 0 < level < 1:
        raise WrongUse(_("Het betrouwbaarheidsniveau ligt tussen 0 en 1, niet op {level}.", level=level))
