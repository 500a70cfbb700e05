"""Cases as dates, checked: what the estimators that look at the calendar begin with."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.duration.clock import Dates, dates
from evaluation.survival.columns import Floats, length_of, numbers, truths


def dated_cases(
    start_on: Dates,
    until: Dates,
    ended: ArrayLike,
    *,
    entered_on: Dates | None = None,
    weight: ArrayLike | None = None,
) -> pd.DataFrame:
    """Return one row a case: `start`, `until`, `ended`, `entered` and `weight`.

    A case without a day of entry, or with one before its start, entered on its start.
    Missing dates stay missing (NaT): what they mean differs between estimators.

    Raises
    ------
    WrongUse
        If lengths differ, `ended` is not true or false everywhere, or a weight is no
        whole number of nought or more.

    Examples
    --------
    >>> dated_cases(["2020-01-05"], ["2020-02-01"], [True], entered_on=["2020-01-01"])["entered"].dt.day.tolist()
    [5]
    """
    start, end = dates(start_on), dates(until)
    entered = start if entered_on is None else dates(entered_on)
    if len({len(start), len(end), len(entered), length_of(ended, "ended")}) > 1:
        raise WrongUse(_("Begin, einde, ended en entered_on moeten even lang zijn."))
    truth = truths(ended, "ended", len(start))
    return pd.DataFrame(
        {
            "start": start,
            "until": end,
            "ended": truth,
            "entered": np.where(entered > start, entered, start),
            "weight": whole_counts(weight, len(start)),
        }
    )


def whole_counts(weight: ArrayLike | None, length: int) -> Floats:
    """Return the number of identical cases that each row stands for; one each when `weight` is None.

    Examples
    --------
    >>> whole_counts(None, 2).tolist()
    [1.0, 1.0]
    """
    if weight is None:
        return np.ones(length)
    count = numbers(weight, "weight")
    if len(count) != length or (count < 0).any() or (count != np.floor(count)).any():
        raise WrongUse(_("weight moet voor elke zaak een geheel aantal van nul of meer zijn."))
    return count
