"""The stock of open cases: what came in, what went out, what is waiting, and how long already.

A case is in the stock at the end of a day when it was opened on or before that day and
not closed on or before it. So over any month, stock at the end = stock at the start +
inflow - outflow; every table here keeps to that.

The *age of the stock* is a description of the cases that wait at one moment. It is not
a duration: it says nothing of how long a case takes, since long cases are over-represented
in a stock and no case in it has ended. It is counted, not estimated, and has no interval.

**What a delivery can show** (`stock_view`). All cases of a period (basis `alle`): the
stock from the first to the last day of the period. Cases opened in the period only
(`geopend`): the stock at first lacks the cases opened earlier; it is refused, unless
the caller gives a number of days after which hardly any case is still open
(`days_until_rare`), from when on it is told. Closed cases only: no stock at all. Open
cases only: the stock of the extraction moment and nothing else, so no months.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from data_contracts.case_files import CaseFiles
from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.duration.clock import Dates, dates
from evaluation.duration.dated_cases import whole_counts
from evaluation.survival.columns import Floats
from evaluation.survival.kaplan_meier import SurvivalCurve

OLDER_THAN_DAYS = (90, 180, 365)
AGE_SHARES = {"age_p25": 0.25, "age_median": 0.5, "age_p75": 0.75}

Months = NDArray[np.datetime64]


def stock_and_flow(
    opened_on: Dates, closed_on: Dates, *, first: date, last: date, weight: ArrayLike | None = None
) -> pd.DataFrame:
    """Return inflow, outflow, stock and the age of the stock, one row a whole month.

    *Estimand*: none; counts of the cases given, at the end of each month.

    Parameters
    ----------
    opened_on, closed_on : array_like of dates
        One a case; a missing closing: still open on `last`. Cases without an opening
        day are left out: count them.
    first, last : date
        The first and last day on which the stock is known. Only whole months within
        are told.
    weight : array_like of int, optional
        Number of identical cases a row stands for.

    Returns
    -------
    DataFrame
        `month` (its first day), `stock_start`, `inflow`, `outflow`, `stock`, and of the
        stock at the end of the month `age_p25`, `age_median`, `age_p75` (the smallest
        age in days that at least that share of the stock has not passed; missing when
        the stock is empty) and `older_than_90`, `_180`, `_365` (numbers of cases).

    Examples
    --------
    One case opened before January and closed in it, one opened in January and still open:

    >>> found = stock_and_flow(["2019-12-01", "2020-01-11"], ["2020-01-20", None],
    ...                        first=date(2020, 1, 1), last=date(2020, 2, 29))
    >>> found[["stock_start", "inflow", "outflow", "stock", "age_median"]].values.tolist()
    [[1.0, 1.0, 1.0, 1.0, 20.0], [1.0, 0.0, 0.0, 1.0, 49.0]]
    """
    opened, closed, count = checked_cases(opened_on, closed_on, weight)
    months = whole_months(first, last)
    if not len(months):
        return pd.DataFrame(columns=["month", "stock_start", "inflow", "outflow", "stock", *AGE_SHARES,
                                     *(f"older_than_{age}" for age in OLDER_THAN_DAYS)])  # fmt: skip
    edges = np.concatenate((_days(months), [_days(months[-1:] + 1)[0]]))  # first days of the months, and of the next
    came, went = _below(opened, count, edges), _below(closed, count, edges)
    stock = came - went
    ages = [_ages(opened, closed, count, end - np.timedelta64(1, "D")) for end in edges[1:]]
    return pd.DataFrame(
        {
            "month": edges[:-1].astype("datetime64[s]"),
            "stock_start": stock[:-1].astype(int),
            "inflow": np.diff(came).astype(int),
            "outflow": np.diff(went).astype(int),
            "stock": stock[1:].astype(int),
        }
    ).join(pd.DataFrame(ages))


def age_of_stock(
    opened_on: Dates, closed_on: Dates, *, on: date, weight: ArrayLike | None = None
) -> dict[str, float | int]:
    """Return the number and the age of the cases open at the end of one day.

    Keys: `stock` and those of the ages in `stock_and_flow`.

    Examples
    --------
    >>> age_of_stock(["2020-01-01", "2020-01-31"], [None, None], on=date(2020, 4, 30))["older_than_90"]
    1
    """
    opened, closed, count = checked_cases(opened_on, closed_on, weight)
    day = np.datetime64(on, "D")
    there = (opened <= day) & ~(closed <= day)
    return {"stock": int(count[there].sum())} | _ages(opened, closed, count, day)


@dataclass(frozen=True)
class StockView:
    """The days on which the stock of some cases is known.

    `first` and `last` are None when `refusal` says why: `closed_only`, `open_only`,
    `opened_in_period` or `no_whole_month` (keys of `WHY_NO_STOCK`).
    """

    first: date | None
    last: date | None
    refusal: str | None = None


WHY_NO_STOCK = {
    "closed_only": {
        "nl": "De levering bevat alleen afgesloten zaken. Hoeveel zaken er openstonden is dan niet te zien.",
        "en": "The delivery holds closed cases only. How many cases were open cannot be seen.",
    },
    "open_only": {
        "nl": "De levering bevat alleen zaken die op het uittrekmoment openstonden. De voorraad is alleen voor dat "
        "moment bekend; instroom en uitstroom zijn niet te zien.",
        "en": "The delivery holds only cases open at the extraction moment. The stock is known for that moment alone; "
        "inflow and outflow cannot be seen.",
    },
    "opened_in_period": {
        "nl": "De levering bevat alleen zaken die in de periode zijn geopend. Zaken van daarvoor die nog openstonden "
        "ontbreken: de voorraad en de uitstroom zouden te klein zijn.",
        "en": "The delivery holds only cases opened in the period. Earlier cases that were still open are missing: "
        "stock and outflow would be too small.",
    },
    "no_whole_month": {
        "nl": "De levering dekt geen enkele hele kalendermaand waarvan de voorraad bekend is.",
        "en": "The delivery does not cover a single whole calendar month of which the stock is known.",
    },
}


def stock_view(delivery: pd.DataFrame, *, as_of: date, days_until_rare: float | None = None) -> StockView:
    """Return the days on which the deliveries together show the whole stock.

    Parameters
    ----------
    delivery : DataFrame
        Rows of the deliveries concerned: `cohort_basis`, `period_start`, `period_end`.
    as_of : date
    days_until_rare : float, optional
        For deliveries of cases opened in the period: the days after which so few cases
        are still open that those from before the period no longer matter (see
        `days_until_rare`). Left out: such a delivery shows no stock.

    Examples
    --------
    >>> delivered = pd.DataFrame({"cohort_basis": ["alle"], "period_start": pd.to_datetime(["2016-01-01"]),
    ...                           "period_end": pd.to_datetime(["2025-12-31"])})
    >>> stock_view(delivered, as_of=date(2026, 1, 31))
    StockView(first=datetime.date(2016, 1, 1), last=datetime.date(2025, 12, 31), refusal=None)
    """
    bases = set(delivery["cohort_basis"].dropna())
    if not bases or "afgesloten" in bases:
        return StockView(None, None, "closed_only")
    if "openstaand" in bases:
        return StockView(None, None, "open_only")
    if "geopend" in bases and days_until_rare is None:
        return StockView(None, None, "opened_in_period")
    wait = pd.Timedelta(days=float(np.ceil(days_until_rare or 0.0)))
    opened_only = (delivery["cohort_basis"] == "geopend").to_numpy()
    known_from = delivery["period_start"].where(~opened_only, delivery["period_start"] + wait).max()
    known_to = delivery["period_end"].min()
    last = as_of if pd.isna(known_to) else min(known_to.date(), as_of)
    if pd.isna(known_from) or not len(whole_months(known_from.date(), last)):
        return StockView(None, None, "no_whole_month")
    return StockView(known_from.date(), last)


def days_until_rare(curve: SurvivalCurve, *, share: float) -> float | None:
    """Return the first day after which at most `share` of the cases is still open; None: not reached.

    Examples
    --------
    >>> from evaluation.survival.kaplan_meier import kaplan_meier
    >>> days_until_rare(kaplan_meier([2, 3, 4, 9], [True] * 4), share=0.25)
    4.0
    """
    reached = np.flatnonzero(curve.survival <= share + 1e-12)
    return float(curve.days[reached[0]]) if len(reached) else None


def backlog(
    case_files: CaseFiles, *, as_of: date, kind: str | None = None, days_until_rare: float | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return stock and flow by month, for all cases and by unit, and what was refused.

    Parameters
    ----------
    case_files : CaseFiles
        Already cut: `case_files.at(as_of)`.
    kind : str, optional
        Cases of this kind only, where the kind was delivered.

    Returns
    -------
    months : DataFrame
        `group` (`all`, `unit=ams`) and the columns of `stock_and_flow`.
    views : DataFrame
        One row a group: `group`, `first`, `last`, `refusal` (key of `WHY_NO_STOCK`),
        `n`, `no_opening` and `no_closing` (cases left out for lack of a date).
    """
    cases = case_files.cases
    if kind is not None and case_files.has("cases.kind"):
        cases = cases[cases["kind"] == kind]
    delivering = set(case_files.delivery["unit"].dropna())
    months, views = [], []
    groups = [("all", cases), *((f"unit={u.lower()}", rows) for u, rows in cases.groupby(cases["unit"].astype(str)))]
    for group, members in groups:
        own = case_files.delivery["unit"].isin(set(members["unit"]) & delivering)
        # A unit that delivers nothing itself stands in the delivery of another: then all deliveries have to show it.
        delivery = case_files.delivery[own] if group != "all" and own.any() else case_files.delivery
        view = stock_view(delivery, as_of=as_of, days_until_rare=days_until_rare)
        undated = (members["status"] == "afgesloten") & members["closed_on"].isna()
        unopened = members["opened_on"].isna()
        views.append({"group": group, "first": view.first, "last": view.last, "refusal": view.refusal,
                      "n": len(members), "no_opening": int(unopened.sum()),
                      "no_closing": int((undated & ~unopened).sum())})  # fmt: skip
        if view.first is not None and view.last is not None:
            known = members[~undated & ~unopened]
            told = stock_and_flow(known["opened_on"], known["closed_on"], first=view.first, last=view.last)
            months.append(told.assign(group=group))
    shown = pd.concat(months, ignore_index=True) if months else pd.DataFrame(columns=["group", "month", "stock"])
    return shown, pd.DataFrame(views)


def whole_months(first: date, last: date) -> Months:
    """Return the calendar months that lie wholly within two days, both included.

    Examples
    --------
    >>> whole_months(date(2020, 1, 2), date(2020, 3, 31)).astype(str).tolist()
    ['2020-02', '2020-03']
    """
    begin = np.datetime64(first, "D").astype("datetime64[M]")
    if begin.astype("datetime64[D]") < np.datetime64(first, "D"):
        begin = begin + 1
    end = (np.datetime64(last, "D") + np.timedelta64(1, "D")).astype("datetime64[M]")
    return np.arange(begin, max(begin, end))


def checked_cases(opened_on: Dates, closed_on: Dates, weight: ArrayLike | None) -> tuple[Months, Months, Floats]:
    """Return opening, closing and number of the cases with an opening day; refuses an end before its start."""
    opened, closed = dates(opened_on), dates(closed_on)
    if len(opened) != len(closed):
        raise WrongUse(_("opened_on en closed_on moeten even lang zijn."))
    count = whole_counts(weight, len(opened))
    if (closed < opened).any():
        raise WrongUse(
            _(
                "{n} zaken eindigen voor zij beginnen. Laat die zaken eerst weg, en tel ze.",
                n=int((closed < opened).sum()),
            )
        )
    known = ~np.isnat(opened)
    return opened[known], closed[known], count[known]


def _below(moments: Months, count: Floats, edges: Months) -> Floats:
    """Weight of the moments before each edge."""
    known = ~np.isnat(moments)
    order = np.argsort(moments[known], kind="stable")
    total = np.concatenate(([0.0], np.cumsum(count[known][order])))
    return total[np.searchsorted(moments[known][order], edges, side="left")]


def _ages(opened: Months, closed: Months, count: Floats, day: np.datetime64) -> dict[str, float | int]:
    there = (opened <= day) & ~(closed <= day)
    by_age = np.bincount((day - opened[there]).astype(int), count[there]) if there.any() else np.zeros(1)
    total, running = by_age.sum(), np.cumsum(by_age)
    found: dict[str, float | int] = {
        name: float(np.searchsorted(running, share * total - 1e-9)) if total else np.nan
        for name, share in AGE_SHARES.items()
    }
    return found | {f"older_than_{age}": int(by_age[age + 1 :].sum()) for age in OLDER_THAN_DAYS}


def _days(months: Months) -> Months:
    return np.asarray(months).astype("datetime64[M]").astype("datetime64[D]")
