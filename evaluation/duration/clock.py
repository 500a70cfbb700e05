"""The clock of a case: how many days it ran, gross and net of suspension.

Days are differences of dates: opened and closed on one day is 0 days. A suspension runs
from its first day to the day on which the investigation went on, so 1 to 11 March takes
10 days off the clock.

*Gross* is the real wait of the person concerned. *Net* takes off the suspensions for the
criminal track, and only those: illness and litigation are not the prosecutor's time.
Neither is the true one; they are always shown together.

Days are counted by a *counting*: a function that gives every date its number on an
ever-growing scale, so that the days between two dates are a difference of two numbers.
`day_numbers` counts every day; `evaluation.duration.working_days.working_day_numbers` counts
working days only. Gross, net and suspended days are cut from the same dates with
either, so that net never exceeds gross and working days never exceed days.
"""

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from data_contracts.errors import WrongUse
from data_contracts.language import _

CRIMINAL_TRACK = ("strafrechtelijk",)

_NUMBERS = ("integer", "floating", "boolean", "mixed-integer", "mixed-integer-float", "decimal", "complex")

Dates = ArrayLike | Sequence[str | None]
Days = NDArray[np.float64]
Counting = Callable[[Dates], Days]


def day_numbers(values: Dates) -> Days:
    """Return the number of each date, counted in calendar days from 1970-01-01; NaN where it is missing.

    Examples
    --------
    >>> day_numbers(["1970-01-03", None]).tolist()
    [2.0, nan]
    """
    return (dates(values) - np.datetime64(0, "D")) / np.timedelta64(1, "D")


def dates(values: Dates) -> NDArray[np.datetime64]:
    """Return whole days: the time of day is dropped, a missing value becomes NaT.

    Texts are dates in the order year, month, day (ISO 8601) and nothing else: which of
    03-04-2020 is the month is never guessed. With a time zone, the day is that of the
    zone's own clock.

    Raises
    ------
    WrongUse
        If it is not one column of dates.

    Examples
    --------
    >>> dates(["2020-01-01 23:59", None]).astype(str).tolist()
    ['2020-01-01', 'NaT']
    """
    if isinstance(values, pd.Series | pd.Index) and isinstance(values.dtype, pd.DatetimeTZDtype):
        values = np.asarray(pd.DatetimeIndex(values).tz_localize(None))
    try:
        given = np.asarray(values)
        if given.dtype.kind != "M" and given.ndim == 1:
            kind = pd.api.types.infer_dtype(given, skipna=True)
            if kind in _NUMBERS and not pd.isna(given).all():
                raise WrongUse(_("Een kolom met datums bevat getallen. Maak er eerst datums van."))
            given = _parsed(given)
    except (ValueError, TypeError, OverflowError) as error:
        raise WrongUse(
            _("Een kolom met datums is niet te lezen. Geef datums, of teksten in de vorm jjjj-mm-dd.")
        ) from error
    if given.ndim != 1:
        raise WrongUse(_("Een kolom met datums moet één rij zijn."))
    return given.astype("datetime64[D]")


def _parsed(given: NDArray) -> NDArray[np.datetime64]:
    found = pd.to_datetime(pd.Series(given, dtype=object), format="ISO8601")
    if isinstance(found.dtype, pd.DatetimeTZDtype):
        found = found.dt.tz_localize(None)
    return found.to_numpy().astype("datetime64[D]")


def end_of_view(closed_on: Dates, *, as_of: date) -> tuple[NDArray[np.datetime64], NDArray[np.bool_]]:
    """Return the last day of view of each case and whether it closed on it.

    A case without a closing date, or with one after `as_of`, is open: its last day of
    view is `as_of`.

    Examples
    --------
    >>> days, closed = end_of_view(["2020-03-01", None], as_of=date(2020, 6, 30))
    >>> days.astype(str).tolist(), closed.tolist()
    (['2020-03-01', '2020-06-30'], [True, False])
    """
    closed = dates(closed_on)
    moment = np.datetime64(as_of, "D")
    known = closed <= moment  # NaT compares false
    return np.where(known, closed, moment), known


def gross_days(opened_on: Dates, until: Dates, *, counting: Counting = day_numbers) -> Days:
    """Return the days from opening to `until`, calendar days by default; NaN where a date is missing.

    Negative when `until` lies before the opening: the caller decides what that means.

    Examples
    --------
    >>> gross_days(["2020-02-28"], ["2020-03-01"]).tolist()
    [2.0]
    """
    return counting(until) - counting(opened_on)


def suspended_days(
    case_id: ArrayLike,
    opened_on: Dates,
    until: Dates,
    suspensions: pd.DataFrame,
    *,
    reasons: tuple[str, ...],
    counting: Counting = day_numbers,
) -> Days:
    """Return the days of each case's clock that fell in a suspension.

    Parameters
    ----------
    case_id, opened_on, until : array_like
        One a case: its number, the start of its clock, and the last day to count.
    suspensions : DataFrame
        Columns `case_id`, `start_on`, `end_on` (missing: still suspended), `reason`.
        Spells that overlap count once; what lies outside [opened_on, until] does not
        count. Spells of other cases are left aside.
    reasons : tuple of str
        The reasons that stop this clock.
    counting : callable
        Calendar days by default; `working_day_numbers` for working days.

    Returns
    -------
    ndarray of float
        0 for a case without such a spell. NaN for a case with a missing date, or with a
        spell whose start or reason is missing: what it took off the clock is unknown.

    Examples
    --------
    Two overlapping spells, 1-11 and 6-21 March, stop the clock for 20 days:

    >>> spells = pd.DataFrame({"case_id": ["A", "A"], "start_on": ["2020-03-01", "2020-03-06"],
    ...                        "end_on": ["2020-03-11", "2020-03-21"], "reason": ["strafrechtelijk"] * 2})
    >>> suspended_days(["A"], ["2020-01-01"], ["2020-06-30"], spells, reasons=CRIMINAL_TRACK).tolist()
    [20.0]
    """
    opened, last = counting(opened_on), counting(until)
    spells = _spells_of(case_id, opened, suspensions, reasons=reasons, counting=counting)
    row = spells["row"].to_numpy()
    spells["end"] = spells["end"].fillna(pd.Series(last[row], index=spells.index)).clip(upper=last[row])
    # What an earlier spell has already taken off is not taken off again.
    taken = spells.groupby("row")["end"].cummax().groupby(spells["row"]).shift()
    spells["days"] = (spells["end"] - spells["start"].where(~(taken > spells["start"]), taken)).clip(lower=0)
    spells.loc[spells["unknown"], "days"] = np.nan
    total = spells.groupby("row")["days"].sum(skipna=False).reindex(range(len(opened)), fill_value=0.0)
    known = ~(np.isnan(opened) | np.isnan(last))
    return total.where(known).to_numpy(dtype=float)


def suspension_spells(
    case_id: ArrayLike,
    opened_on: Dates,
    suspensions: pd.DataFrame,
    *,
    reasons: tuple[str, ...],
    counting: Counting = day_numbers,
) -> pd.DataFrame:
    """Return the suspensions of each case as days of its gross clock, for `evaluation.survival.net_curve`.

    Parameters
    ----------
    case_id, opened_on, suspensions, reasons, counting
        As for `suspended_days`.

    Returns
    -------
    DataFrame
        `row` (place of the case in `case_id`), `start` (0: at the opening or earlier), `end`
        (infinite: still suspended).

    Raises
    ------
    WrongUse
        When a spell of one of the cases misses its start or reason, or the case its
        opening: the net days of those cases are unknown (NaN) and they are left out first.

    Examples
    --------
    >>> spells = pd.DataFrame({"case_id": ["A"], "start_on": ["2020-03-01"], "end_on": [None],
    ...                        "reason": ["strafrechtelijk"]})
    >>> suspension_spells(["B", "A"], ["2020-01-01", "2020-02-20"], spells, reasons=CRIMINAL_TRACK).values.tolist()
    [[1.0, 10.0, inf]]
    """
    opened = counting(opened_on)
    spells = _spells_of(case_id, opened, suspensions, reasons=reasons, counting=counting)
    zero = opened[spells["row"]]
    if unknown := int((spells["unknown"] | np.isnan(zero)).sum()):
        raise WrongUse(
            _(
                "Van {n} opschortingen ontbreekt het begin of de reden, of de opening van de zaak: de nettoduur van "
                "die zaken is onbekend. Laat die zaken eerst weg, en tel ze.",
                n=unknown,
            )
        )
    days = spells[["start", "end"]].sub(zero, axis=0).fillna({"end": np.inf})
    return pd.concat([spells["row"], days], axis=1).reset_index(drop=True)


def _spells_of(
    case_id: ArrayLike, opened: Days, suspensions: pd.DataFrame, *, reasons: tuple[str, ...], counting: Counting
) -> pd.DataFrame:
    """Return the spells of these cases by start, with the number of the day: not before the opening."""
    cases = pd.DataFrame({"case_id": np.asarray(case_id, dtype=object), "row": np.arange(len(opened))})
    counts = suspensions["reason"].isin(reasons) | suspensions["reason"].isna()
    spells = pd.DataFrame(
        {
            "case_id": suspensions["case_id"].to_numpy(dtype=object),
            "start": counting(suspensions["start_on"]),
            "end": counting(suspensions["end_on"]),
            "unknown": (suspensions["reason"].isna() | suspensions["start_on"].isna()).to_numpy(),
        }
    )[counts.to_numpy()]
    spells = spells.merge(cases, on="case_id")
    spells["start"] = np.fmax(spells["start"], opened[spells["row"]])
    return spells.sort_values(["row", "start"], kind="stable")


def net_days(
    case_id: ArrayLike,
    opened_on: Dates,
    until: Dates,
    suspensions: pd.DataFrame,
    *,
    counting: Counting = day_numbers,
) -> Days:
    """Return the days from opening to `until` net of suspension for the criminal track.

    See `suspended_days` for the arguments and for what is unknown (NaN).
    """
    stopped = suspended_days(case_id, opened_on, until, suspensions, reasons=CRIMINAL_TRACK, counting=counting)
    return gross_days(opened_on, until, counting=counting) - stopped


def entered_on(cases: pd.DataFrame, delivery: pd.DataFrame) -> NDArray[np.datetime64]:
    """Return the last day before each case came into view; NaT: in view from its opening.

    In a delivery of all cases of a period (basis `alle`), a case opened before the period
    is there only because it was still open on its first day: it enters late, and may end
    from that day on. The day returned is the one before, as an estimator of the kind
    (entry, time] wants it: a case that ended on the first day was at risk on it.

    A case belongs to the deliveries of its own unit. Where its unit delivers nothing
    itself (one body delivers for many divisions), the coverage of that one body counts,
    or of several the latest: entering too late loses a little, too early is wrong.

    Parameters
    ----------
    cases : DataFrame
        Columns `unit`, `opened_on`.
    delivery : DataFrame
        Columns `unit`, `period_start`, `cohort_basis`; one row a delivery.

    Examples
    --------
    >>> cases = pd.DataFrame({"unit": ["AMS", "AMS"], "opened_on": pd.to_datetime(["2019-12-01", "2020-02-01"])})
    >>> delivered = pd.DataFrame({"unit": ["AMS"], "period_start": pd.to_datetime(["2020-01-01"]),
    ...                           "cohort_basis": ["alle"]})
    >>> entered_on(cases, delivered).astype(str).tolist()
    ['2019-12-31', 'NaT']
    """
    by_unit = pd.DataFrame([{"unit": unit, **_coverage(rows)} for unit, rows in delivery.groupby("unit", dropna=False)])
    latest = by_unit[["first", "whole"]].max()
    coverage = cases[["unit"]].merge(by_unit.dropna(subset="unit"), on="unit", how="left", indicator=True)
    elsewhere = (coverage["_merge"] == "left_only").to_numpy()
    first = coverage["first"].mask(elsewhere, latest["first"]).to_numpy()
    whole = coverage["whole"].mask(elsewhere, latest["whole"]).to_numpy()
    late = cases["opened_on"].to_numpy() < first
    return dates(np.where(late, whole, np.datetime64("NaT", "s"))) - np.timedelta64(1, "D")


def _coverage(delivery: pd.DataFrame) -> dict[str, pd.Timestamp]:
    """Return the first day covered, and the first day covered with all cases (or NaT)."""
    whole = delivery.loc[delivery["cohort_basis"] == "alle", "period_start"]
    return {"first": delivery["period_start"].min(), "whole": whole.min()}
