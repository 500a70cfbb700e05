"""A step log in the form in which rules are checked: whole numbers, sorted by case and time.

What is one trace of Declare is here less certain, and stays so:

* two steps of a case with the same time are *tied*: nobody can tell which came first;
* a step without a time was taken, but nobody can tell when (*undated*);
* a case that is *open* may have more steps, later than the day the log was seen.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_contracts.errors import WrongUse
from data_contracts.language import _

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Counting = Callable[[NDArray[np.datetime64]], Floats]


def calendar_days(days: NDArray[np.datetime64]) -> Floats:
    """Return the number of each day, counted in calendar days from 1970-01-01; NaN where it is missing.

    Examples
    --------
    >>> calendar_days(np.array(["1970-01-03", "NaT"], dtype="datetime64[D]")).tolist()
    [2.0, nan]
    """
    return np.where(np.isnat(days), np.nan, days.astype("datetime64[D]").astype(np.int64))


CALENDAR: Mapping[str, Counting] = {"calendar": calendar_days}


@dataclass(frozen=True)
class StepLog:
    """Events in order of case and time, undated events last in their case; `log_table.step_log` makes it.

    Parameters
    ----------
    case_ids : Index
        One a case; every other array with one value a case is in this order.
    steps : Index
        The steps that occur.
    case, step : ndarray of int, shape (events,)
        Position in `case_ids` and in `steps`.
    group : ndarray of int, shape (events,)
        Events of one case with the same time share a number; a later time has a higher
        one, and so has a later case. -1: undated.
    day : ndarray of datetime64[D] or float, shape (events,)
        For counting days; missing where undated.
    row : ndarray of int, shape (events,)
        Position in the table that was given.
    open : ndarray of bool, shape (cases,)
    count : ndarray of int, shape (cases,)
        How many identical cases it stands for.
    opened_on : ndarray of datetime64[D], or None, shape (cases,)
        None: the log counts in days, so no rule with a period of validity can be checked.
    as_of : date, float or None
        The last day of view; later steps of open cases are not in the log.
    left_out : int
        Rows without a case or a step.
    """

    case_ids: pd.Index
    steps: pd.Index
    case: Ints
    step: Ints
    group: Ints
    day: NDArray
    row: Ints
    events: pd.DataFrame
    cases: pd.DataFrame
    open: Flags
    count: Ints
    opened_on: NDArray[np.datetime64] | None
    as_of: date | float | None
    countings: Mapping[str, Counting]
    left_out: int

    @cached_property
    def groups(self) -> int:
        """The number of different pairs of case and time."""
        return int(self.group.max(initial=-1)) + 1

    @cached_property
    def group_first(self) -> Ints:
        """The first event of each group, in the order of the log."""
        dated = np.flatnonzero(self.group >= 0)[::-1]
        found = np.zeros(self.groups, dtype=np.int64)
        found[self.group[dated]] = dated
        return found

    @cached_property
    def group_case(self) -> Ints:
        """The case of each group."""
        return self.case[self.group_first]

    @cached_property
    def group_size(self) -> Ints:
        """The number of events in each group."""
        return np.bincount(self.group[self.group >= 0], minlength=self.groups)

    @cached_property
    def undated(self) -> Ints:
        """The number of undated events of each case."""
        return np.bincount(self.case[self.group < 0], minlength=len(self.case_ids))

    @cached_property
    def certain(self) -> bool:
        """True when every two events of a case have an order."""
        return self.groups == len(self.group)

    @cached_property
    def rows_by_step(self) -> tuple[Ints, ...]:
        """The events of each step, in the order of the log."""
        small = self.step.astype(np.int16) if len(self.steps) < 2**15 else self.step
        order = np.argsort(small, kind="stable")
        return tuple(np.split(order, np.cumsum(np.bincount(self.step, minlength=len(self.steps)))[:-1]))

    def clock(self, counting: str) -> Floats:
        """Return the number of the day of each event; NaN where undated.

        Raises
        ------
        WrongUse
            If the log counts in days and `counting` asks for a calendar, or the log was made without it.
        """
        return self.clock_of(self.day, counting)

    def clock_of(self, days: NDArray, counting: str) -> Floats:
        """Return the numbers of days of the kind that `day` has."""
        if days.dtype.kind == "f":
            if counting != "calendar":
                raise WrongUse(_("Een logboek met getallen in plaats van datums kent geen werkdagen."))
            return days
        if counting not in self.countings:
            raise WrongUse(
                _("Dit logboek is gemaakt zonder telling {counting}; geef countings mee.", counting=counting)
            )
        return self.countings[counting](days)

    def next_in_view(self, counting: str) -> float:
        """Return the number of the first day on which a step can still come; it exceeds `as_of`."""
        if self.as_of is None:
            return np.nan
        if isinstance(self.as_of, date):
            return float(self.clock_of(np.array([self.as_of], dtype="datetime64[D]") + 1, counting)[0])
        return float(np.nextafter(self.as_of, np.inf))

    def event_column(self, name: str, rows: Ints) -> pd.Series:
        """Return a column of the given table for some events, by their positions in the sorted log."""
        if name not in self.events:
            raise WrongUse(_("Het logboek heeft geen kolom {column}.", column=name))
        return self.events[name].iloc[self.row[rows]].reset_index(drop=True)

    def case_column(self, name: str) -> pd.Series:
        """Return a column with one value a case: of the table of cases, or of the log where it is the same all along.

        Raises
        ------
        WrongUse
            If there is no such column, or it varies within a case.
        """
        return case_column(name, self.events, self.cases, self.row, self.case)


def case_column(name: str, events: pd.DataFrame, cases: pd.DataFrame, row: Ints, case: Ints) -> pd.Series:
    """Return one value a case: of `cases` where the column stands there, else of `events`."""
    if name in cases:
        return cases[name]
    if name not in events:
        raise WrongUse(_("Het logboek heeft geen kolom {column}.", column=name))
    values = events[name].iloc[row].reset_index(drop=True)
    first = np.full(len(cases), -1, dtype=np.int64)
    first[case[::-1]] = np.arange(len(case))[::-1]
    known = first >= 0
    code = pd.factorize(values)[0]
    if (code != code[first[case]]).any():
        raise WrongUse(_("Kolom {column} verschilt binnen een zaak; maak er een kolom per zaak van.", column=name))
    return values.take(np.where(known, first, 0)).where(known).reset_index(drop=True) if len(values) else values
