"""Characteristics of a case that count for more on some days of the clock than on others.

The clock is cut into at most six periods with about as many ends in each. A characteristic that
varies gets, beside its own column, one that holds its level and the period: a model with
both gives each level an odds ratio of its own in each period.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

PERIODS = 6
BY_PERIOD = "{} by period"
"""Name of the column that goes with a characteristic."""


def clock_periods(
    cells: pd.DataFrame, varying: Sequence[str], *, bands: int, band: str, minimum_n: int
) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Return a function that gives any table with bands its columns of levels by period.

    Parameters
    ----------
    cells : DataFrame
        Columns `band`, `ended` and those in `varying` (str): what the periods are made of.
    varying : sequence of str
    bands : int
        Number of bands of the clock, counted from nought.
    band : str
        Name of the column with the band.
    minimum_n : int
        A level of which fewer ended in a period has nothing of its own there.

    Returns
    -------
    callable
        From a table to the same with a column more for each of `varying`: "level, period",
        or empty in the first period, with which the others are compared.

    Examples
    --------
    >>> cells = pd.DataFrame({"band": [0, 1, 0, 1], "kind": ["a", "a", "b", "b"], "ended": [50, 40, 50, 2]})
    >>> clock_periods(cells, ["kind"], bands=2, band="band", minimum_n=10)(cells)["kind by period"].tolist()
    ['', 'a, 2', '', '']
    """
    seen = cells.groupby(band)["ended"].sum().reindex(range(bands), fill_value=0).to_numpy(float)
    middle = (np.cumsum(seen) - seen / 2) / max(float(seen.sum()), 1.0)
    period = np.unique((PERIODS * middle).astype(int), return_inverse=True)[1]  # wide bands may leave periods out

    def labels(table: pd.DataFrame, name: str) -> pd.Series:
        of_row = pd.Series(period[table[band].to_numpy(dtype=int)], index=table.index)
        return (table[name] + ", " + (of_row + 1).astype(str)).where(of_row > 0, "")

    ends = {name: cells["ended"].groupby(labels(cells, name)).sum() for name in varying}
    enough = {name: set(of.index[of >= minimum_n]) for name, of in ends.items()}

    def with_periods(table: pd.DataFrame) -> pd.DataFrame:
        found = {name: labels(table, name) for name in varying}
        return table.assign(
            **{BY_PERIOD.format(name): of.where(of.isin(enough[name]), "") for name, of in found.items()}
        )

    return with_periods
