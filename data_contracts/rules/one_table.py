"""The same table of several deliveries as one, for rules that look over all of them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from data_contracts.contract import TABLES
from data_contracts.reading.tables import Delivery, Table
from data_contracts.rules.widening import DELIVERY


def together(deliveries: Sequence[Delivery]) -> dict[str, Table]:
    """Return each delivered table once, with the rows of all deliveries under one another.

    Returns
    -------
    dict of str to Table
        In contract order. `frame` has the number of the delivery in `_delivery`; `flags`
        are categoricals; rows are labelled 0, 1, 2, ...
    """
    tables = {}
    for name in TABLES:
        parts = [(number, d.tables[name]) for number, d in enumerate(deliveries) if name in d.tables]
        if parts:
            absent = [set(table.missing_columns) for _number, table in parts]
            tables[name] = Table(
                name=name,
                frame=_under([table.frame.assign(**{DELIVERY: number}) for number, table in parts]),
                flags=_under([table.flags for _number, table in parts]).apply(_as_categories),
                places=_under([table.places for _number, table in parts]),
                headers={},
                conversions={},
                missing_columns=tuple(c for c in parts[0][1].missing_columns if all(c in some for some in absent)),
            )
    return tables


def _under(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0].reset_index(drop=True)


def _as_categories(flags: pd.Series) -> pd.Series:
    """Flags as a categorical: all but a few are '', so only the few are looked at one by one."""
    if flags.dtype != "str":
        return flags
    words = flags.to_numpy(dtype=object)
    raised = np.flatnonzero(words != "")
    codes, distinct = pd.factorize(flags.iloc[raised])  # -1: no flag, because one delivery lacks the column
    of_row = np.zeros(len(flags), dtype=np.int8)
    of_row[raised] = codes + 1
    return pd.Series(pd.Categorical.from_codes(of_row, ["", *distinct]), index=flags.index)
