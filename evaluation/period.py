"""The period over which cases were opened, as every score prints it."""

from datetime import date

import pandas as pd

from data_contracts.case_files import CaseFiles


def period(case_files: CaseFiles, as_of: date) -> str:
    """Return the period that the deliveries cover, cut at `as_of`, as an ISO interval.

    Where a delivery leaves its period open it starts with the calendar year of the first
    case: the first opening day itself would be about one case.
    """
    start, end = case_files.delivery["period_start"].min(), case_files.delivery["period_end"].max()
    last = as_of if pd.isna(end) else min(end.date(), as_of)
    opened = case_files.cases["opened_on"].min()
    if pd.isna(start):
        start = pd.Timestamp(last) if pd.isna(opened) else pd.Timestamp(opened.year, 1, 1)
    return f"{min(start.date(), last).isoformat()}/{last.isoformat()}"


def year_period(year: int, as_of: date) -> str:
    """Return a calendar year, cut at `as_of`, as an ISO interval.

    Examples
    --------
    >>> year_period(2021, date(2021, 6, 30))
    '2021-01-01/2021-06-30'
    """
    return f"{year}-01-01/{min(f'{year}-12-31', as_of.isoformat())}"
