"""A published share of allegations or decisions whose interval knows that those of one case go together."""

import numpy as np
from numpy.typing import ArrayLike

from evaluation.clustered_share import clustered_share
from evaluation.refusals import MINIMUM_N
from evaluation.score_rows import ScoreRows
from evaluation.scores import Score


def case_share(rows: ScoreRows, statistic: str, found: ArrayLike, case: ArrayLike) -> Score:
    """Return the share with a property, its counts, and an interval that takes whole cases as drawn.

    Parameters
    ----------
    rows : ScoreRows
    statistic : str
    found : array_like of bool
        A truth value a row, none missing.
    case : array_like
        Case of each row.

    Returns
    -------
    Score
        `too_few` under `MINIMUM_N` rows, without its counts.

    Examples
    --------
    >>> from datetime import date
    >>> about = ScoreRows("consistency.x", "all", "consistency.x", "2020-01-01/2020-12-31", date(2020, 12, 31), 0.95)
    >>> share = case_share(about, "share", [True, True, False, False] * 5, range(20))
    >>> share.estimate, share.numerator, share.denominator, round(share.low, 4)
    (0.5, 10, 20, 0.2993)
    """
    hits = np.asarray(found, dtype=bool)
    if len(hits) < MINIMUM_N:
        return rows.refused(statistic, "share", "too_few", n=len(hits))
    said = clustered_share(hits.astype(int), np.ones(len(hits), dtype=int), case, level=rows.level)
    low, high = said.interval
    return rows.plain(
        statistic, "share", said.estimate, n=len(hits), low=low, high=high, numerator=said.numerator,
        denominator=said.denominator,
    )  # fmt: skip
