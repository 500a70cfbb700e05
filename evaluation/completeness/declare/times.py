"""Reads the times of a step log: what gives the order, and what gives the day."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_contracts.errors import WrongUse
from data_contracts.language import _


@dataclass(frozen=True)
class Times:
    """When events were, in two forms.

    Parameters
    ----------
    moment : ndarray
        For the order; numbers of days, or of microseconds.
    day : ndarray of datetime64[D] or float
        For counting days.
    undated : ndarray of bool
        No time is known.
    """

    moment: NDArray
    day: NDArray
    undated: NDArray[np.bool_]

    def __getitem__(self, order: NDArray) -> "Times":
        return Times(self.moment[order], self.day[order], self.undated[order])


def read_times(values: pd.Series, *, by_day: bool) -> Times:
    """Read dates, moments, ISO 8601 texts (with or without a time zone) or numbers of days.

    Raises
    ------
    WrongUse
        If a value is none of these, or some texts have a time zone and others have none.

    Examples
    --------
    The same moment, on two days:

    >>> two = read_times(pd.Series(["2024-01-01T23:30:00+00:00", "2024-01-02T00:30:00+01:00"]), by_day=False)
    >>> bool(two.moment[0] == two.moment[1]), two.day.astype(str).tolist()
    (True, ['2024-01-01', '2024-01-02'])
    """
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        numbers = values.to_numpy(np.float64, na_value=np.nan)
        if np.isinf(numbers).any():
            raise _unreadable()
        moment = np.floor(numbers) if by_day else numbers
        return Times(np.nan_to_num(moment, nan=0.0), moment, np.isnan(numbers))
    found, day = _dates(values)
    undated = np.isnat(day)
    moment = day.astype(np.int64) if by_day else found.astype(np.int64)
    return Times(np.where(undated, 0, moment), day, undated)


def _dates(values: pd.Series) -> tuple[NDArray, NDArray]:
    """Return moments (of one zone) and local days."""
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        local = values.dt.tz_localize(None)
        return values.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy("datetime64[us]"), local.to_numpy(
            "datetime64[D]"
        )
    if values.dtype.kind == "M":
        return values.to_numpy("datetime64[us]"), values.to_numpy("datetime64[D]")
    # Dates of whatever kind as text: ISO 8601 puts the local day in the first ten characters.
    text = values if pd.api.types.is_string_dtype(values) else values.map(_written, na_action="ignore").astype("str")
    known = text[text.notna()]
    if not known.str.match(r"\d{4}-\d{2}-\d{2}(?:$|[T ])").all():
        raise _unreadable()
    zoned = known.str.contains(r"(?:Z|[+-]\d{2}:?\d{2})$") & (known.str.len() > 10)
    if zoned.any() and not zoned.all():
        raise WrongUse(_("Sommige tijden hebben een tijdzone en andere niet; de volgorde is dan niet te geven."))
    try:
        moment = pd.to_datetime(text, format="ISO8601", utc=True).dt.tz_localize(None).to_numpy("datetime64[us]")
        day = pd.to_datetime(text.str[:10], format="%Y-%m-%d").to_numpy("datetime64[D]")
    except (ValueError, OverflowError):
        raise _unreadable() from None
    return moment, day


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _unreadable() -> WrongUse:
    return WrongUse(_("De kolom met tijden is niet te lezen. Geef datums, tijden, teksten als 2020-11-12 of getallen."))
