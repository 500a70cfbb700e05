"""Case characteristics made fit for a model: levels that cannot stand alone are put together, and named."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from evaluation.units.case_mix import TOGETHER


def pooled_levels(
    levels: pd.DataFrame, stands_alone: Callable[[np.ndarray], bool], *, minimum_n: int
) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    """Put levels together that have fewer than `minimum_n` rows or cannot stand alone.

    What is together and still cannot stand joins the largest level that remains.

    Parameters
    ----------
    levels : DataFrame of str
        A column a characteristic.
    stands_alone : callable
        From the rows of a level (truth values) to whether the outcomes in it allow a
        coefficient of its own.
    minimum_n : int

    Returns
    -------
    DataFrame, dict
        The levels after pooling, and of each characteristic those that lost their name.

    Examples
    --------
    >>> levels = pd.DataFrame({"rank": list("aaaabbc")})
    >>> pooled_levels(levels, lambda rows: True, minimum_n=3)[0]["rank"].tolist()
    ['a', 'a', 'a', 'a', '(samen)', '(samen)', '(samen)']
    """
    together, lost = {}, {}
    for name in levels:
        column = levels[name]

        def poor(values: pd.Series, level: str) -> bool:
            rows = (values == level).to_numpy()
            return rows.sum() < minimum_n or not stands_alone(rows)

        weak = [level for level in column.unique() if poor(column, level)]
        pooled = column.where(~column.isin(weak), TOGETHER)
        rest = pooled[pooled != TOGETHER]
        if weak and poor(pooled, TOGETHER) and len(rest):
            pooled = pooled.replace(TOGETHER, str(rest.value_counts().idxmax()))
        together[name] = pooled
        lost[str(name)] = tuple(sorted(set(column) - set(pooled)))
    return pd.DataFrame(together, index=levels.index), lost
