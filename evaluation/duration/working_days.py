"""Working days in the Netherlands: Monday to Friday, without the days that the law calls public holidays.

Which days those are is a choice. Here the law decides, not any labour agreement: the
*Algemene termijnenwet* (General Extension of Time Limits Act), article 3 [1]_. Its first
paragraph names New Year's Day, Easter Monday, Whit Monday, Ascension Day, both
Christmas days, the day on which the King's birthday is celebrated, and the fifth of
May; its second paragraph puts Good Friday on a par with them. So:

* 5 May is a holiday every year, not only in the years in which many are given the day off;
* Good Friday is one, though many work;
* Koningsdag is 27 April, or 26 April where the 27th is a Sunday (30 April until 2013);
* days that a royal decree puts on a par for some years (article 3, third paragraph, such
  as the Friday after Ascension Day) are not: they stand in no calendar that a program can
  rely on;
* 24 and 31 December and the school holidays are working days.

The dates come from the package `holidays` (country NL, categories public and optional:
its "optional" is 5 May in the years between). `CALENDAR` names the choice in results.

**First and last day.** The day on which something begins does not count, the day on
which it ends does, as in `clock.gross_days`: from Friday to the Monday after is one
working day, within one day is none, from Friday to Saturday is none. Working days over
adjoining stages add up.

References
----------
.. [1] Algemene termijnenwet, BWBR0002448, article 3.
"""

from datetime import date
from functools import cache
from typing import Literal

import holidays
import numpy as np
from numpy.typing import NDArray

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.duration.clock import Counting, Dates, Days, dates, day_numbers

CALENDAR = {
    "nl": "werkdagen: maandag tot en met vrijdag, zonder de dagen van artikel 3, eerste en tweede lid, van de Algemene "
    "termijnenwet (5 mei elk jaar, Goede Vrijdag ook)",
    "en": "working days: Monday to Friday, without the days of article 3, first and second paragraph, of the General "
    "Extension of Time Limits Act (5 May every year, Good Friday too)",
}
FIRST_YEAR, LAST_YEAR = 1983, 2100
"""The first whole year in which the fifth of May stood in the Act, and the last year of the calendar."""

_CATEGORIES = ("public", "optional")
_WEEKDAYS = "1111100"


def public_holidays(first_year: int, last_year: int) -> NDArray[np.datetime64]:
    """Return the holidays of the Act in these years, both included, weekends and Easter and Whit Sunday among them.

    Examples
    --------
    >>> public_holidays(2025, 2025).astype(str).tolist()[1:6]
    ['2025-04-18', '2025-04-20', '2025-04-21', '2025-04-26', '2025-05-05']
    """
    if not FIRST_YEAR <= first_year <= last_year <= LAST_YEAR:
        raise WrongUse(
            _(
                "Werkdagen zijn alleen te tellen van {first} tot en met {last}, niet voor {from_year} tot en met "
                "{to_year}. Kijk of een datum een opvuldatum is.",
                first=FIRST_YEAR,
                last=LAST_YEAR,
                from_year=first_year,
                to_year=last_year,
            )
        )
    return _of_years(first_year, last_year).copy()


@cache
def _of_years(first_year: int, last_year: int) -> NDArray[np.datetime64]:
    found = holidays.country_holidays("NL", years=range(first_year, last_year + 1), categories=_CATEGORIES)
    return np.array(sorted(found), dtype="datetime64[D]")


def working_day_numbers(values: Dates) -> Days:
    """Return the number of each date, counted in working days; NaN where it is missing.

    A Saturday, Sunday or holiday has the number of the last working day before it. The
    difference of two numbers is the working days after the first date, up to and
    including the second. Pass it as `counting` to the functions of `evaluation.duration.clock`.

    Raises
    ------
    WrongUse
        If a date lies outside `FIRST_YEAR` to `LAST_YEAR`.
    """
    days = dates(values)
    known = ~np.isnat(days)
    numbers = np.full(days.shape, np.nan)
    if not known.any():
        return numbers
    first, last = _years(days[known])
    closed = public_holidays(min(first, FIRST_YEAR), max(last, FIRST_YEAR))
    # A grid over all days of the span: one look-up a date, however many dates there are.
    origin = np.datetime64(f"{FIRST_YEAR}-01-01", "D")
    span = np.arange(origin, days[known].max() + 1)
    grid = np.cumsum(np.is_busday(span, weekmask=_WEEKDAYS, holidays=closed))
    numbers[known] = grid[(days[known] - origin).astype(np.int64)]
    return numbers


def working_days(start_on: Dates, end_on: Dates) -> Days:
    """Return the working days after `start_on` up to and including `end_on`; NaN where a date is missing.

    *Estimand*: none; a count, by the calendar `CALENDAR`. Negative when the end lies
    before the start.

    Parameters
    ----------
    start_on, end_on : array_like of dates
        One pair a row.

    Examples
    --------
    Thursday 9 April 2020 to Tuesday 14 April: Good Friday, the weekend and Easter Monday
    do not count, so only Tuesday does:

    >>> working_days(["2020-04-09", "2020-04-11"], ["2020-04-14", "2020-04-12"]).tolist()
    [1.0, 0.0]
    """
    return working_day_numbers(end_on) - working_day_numbers(start_on)


def next_working_day(values: Dates) -> NDArray[np.datetime64]:
    """Return each date itself when it is a working day, otherwise the first working day after it.

    Examples
    --------
    Good Friday 2020 gives the Tuesday after Easter:

    >>> next_working_day(["2020-04-10", "2020-04-14"]).astype(str).tolist()
    ['2020-04-14', '2020-04-14']
    """
    return _moved(dates(values), 0, roll="forward")


def after_working_days(values: Dates, days: int) -> NDArray[np.datetime64]:
    """Return the date on which so many working days have passed since each date, which itself does not count.

    Raises
    ------
    WrongUse
        If `days` is negative, or a date found lies after `LAST_YEAR`.

    Examples
    --------
    >>> after_working_days(["2020-04-09", "2020-04-11"], 1).astype(str).tolist()
    ['2020-04-14', '2020-04-14']
    """
    if days < 0:
        raise WrongUse(_("Het aantal werkdagen kan niet negatief zijn: {days}.", days=days))
    return _moved(dates(values), days, roll="backward")


def is_working_day(day: date) -> bool:
    """Tell whether a date is a working day.

    Examples
    --------
    >>> is_working_day(date(2025, 4, 26)), is_working_day(date(2021, 5, 5)), is_working_day(date(2021, 12, 24))
    (False, False, True)
    """
    return bool(next_working_day([day.isoformat()])[0] == np.datetime64(day, "D"))


def _moved(days: NDArray[np.datetime64], by: int, *, roll: Literal["forward", "backward"]) -> NDArray[np.datetime64]:
    moved, known = days.copy(), ~np.isnat(days)
    if known.any():
        first, last = _years(days[known])
        closed = public_holidays(first, min(last + 1 + by // 200, LAST_YEAR))
        moved[known] = np.busday_offset(days[known], by, roll=roll, weekmask=_WEEKDAYS, holidays=closed)
        public_holidays(first, max(last, _years(moved[known])[1]))  # beyond the calendar no holiday was skipped: refuse
    return moved


def _years(days: NDArray[np.datetime64]) -> tuple[int, int]:
    return int(str(days.min())[:4]), int(str(days.max())[:4])


COUNTINGS: dict[str, Counting] = {"calendar": day_numbers, "working": working_day_numbers}
"""How days are counted, by the name that a norm gives it."""
