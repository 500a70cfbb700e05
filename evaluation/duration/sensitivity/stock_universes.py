"""The stock of open cases and its age in every universe."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial

import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.duration.backlog import age_of_stock
from evaluation.duration.sensitivity.case_facts import case_facts, common_facts, has
from evaluation.duration.sensitivity.headlines import STOCK, STOCK_AGE, Headline
from evaluation.duration.sensitivity.range_rows import Range
from evaluation.duration.sensitivity.told import Told
from evaluation.multiverse import multiverse
from evaluation.multiverse_grid import Universe, kept
from evaluation.refusals import MINIMUM_N
from evaluation.scores import Score


def stock_ranges(case_files: CaseFiles, published: Mapping[str, Score], *, as_of: date) -> Iterator[Range]:
    """Yield the number of open cases, and their median age at the end of a year, in every universe.

    *Estimand*: none; counts of the cases delivered, under each universe.

    Parameters
    ----------
    published : mapping
        Id -> score of the other families of duration: they say on which days the stock is known.
    """
    now = published.get(STOCK.of)
    if now is None:
        return
    cases = universe_cases(case_files)
    month_end = _last_day(now)
    yield _range(case_files, cases, STOCK, {"month_end": month_end}, as_of=as_of)
    years = [year for year in range(month_end.year, month_end.year - 2, -1)
             if STOCK_AGE.of.format(year=year) in published]  # fmt: skip
    if years:
        days = {"year_end": date(years[0], 12, 31), "month_end": month_end}
        yield _range(case_files, cases, STOCK_AGE, days, as_of=as_of)


def universe_cases(case_files: CaseFiles) -> pd.DataFrame:
    """Return the cases with an opening day, as every option of the grid wants them.

    Returns
    -------
    DataFrame
        One row a case of any kind: the columns of `case_facts`, `opened_on`,
        `closed_on`, `persons` (concerned in the case; 0 where none was delivered),
        `undated` (closed without a date) and `contradicted` (open, with a closing date).
    """
    cases = case_files.cases
    subjects = case_files.subjects
    persons = pd.Series(0, index=cases.index) if subjects is None else (
        cases["case_id"].map(subjects.drop_duplicates(["case_id", "subject_id"])["case_id"].value_counts()).fillna(0)
    )  # fmt: skip
    closed = cases["closed_on"].notna()
    table = case_facts(case_files).assign(
        opened_on=cases["opened_on"].to_numpy(),
        closed_on=cases["closed_on"].to_numpy(),
        persons=persons.to_numpy(int),
        undated=((cases["status"] == "afgesloten") & ~closed).to_numpy(),
        contradicted=((cases["status"] == "lopend") & closed).to_numpy(),
    )
    return table[table["opened_on"].notna()]


def _last_day(score: Score) -> date:
    return date.fromisoformat(score.period.split("/")[-1])


def _range(
    case_files: CaseFiles, cases: pd.DataFrame, headline: Headline, days: Mapping[str, date], *, as_of: date
) -> Range:
    grid = headline.read_grid()
    first, month_end = next(iter(days.values())), days["month_end"]
    shown_until = case_files.delivery["period_end"].min()
    beyond = not pd.isna(shown_until) and shown_until.date() < as_of
    facts = {
        **common_facts(cases),
        "later_month_end": month_end > first,
        "shown_to_as_of": not beyond and as_of > month_end,
        "as_of_after_period": beyond,
        "undated_closing": bool(cases["undated"].any()),
        "open_with_date": bool(cases["contradicted"].any()),
    }

    def number(universe: Universe) -> Told:
        mine = kept(cases, grid, universe)
        if universe["undated"] == "left_out":
            mine = mine[~mine["undated"]]
        by_status = mine["contradicted"] & (universe["status"] == "status")
        found = age_of_stock(
            mine["opened_on"], mine["closed_on"].mask(by_status), on={**days, "as_of": as_of}[universe["moment"]],
            weight=mine["persons"] if universe["counted"] == "persons" else None,
        )  # fmt: skip
        stock = int(found["stock"])
        if headline is STOCK:
            return Told(float(stock), stock)
        if stock < MINIMUM_N:
            return Told(None, stock, refusal="too_few")
        return Told(float(found["age_median"]), stock)

    period = f"{first.isoformat()}/{first.isoformat()}"
    return Range(headline, grid, multiverse(grid, number, has=partial(has, case_files, facts)), period)
