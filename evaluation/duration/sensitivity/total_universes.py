"""The total duration in every universe: from any start, gross or net, in days of either kind."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache, partial

import numpy as np
import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.duration.clock import CRIMINAL_TRACK, dates, end_of_view, entered_on, gross_days, suspended_days
from evaluation.duration.curve_refusal import followed_quantile
from evaluation.duration.net_durations import net_duration_curve
from evaluation.duration.sensitivity.case_facts import case_facts, common_facts, first_done, has
from evaluation.duration.sensitivity.headlines import TOTAL_GROSS, TOTAL_NET, WITHIN, WITHIN_DAYS
from evaluation.duration.sensitivity.range_rows import Range
from evaluation.duration.sensitivity.universe_curves import said, treated
from evaluation.duration.total import refuse_net
from evaluation.duration.working_days import COUNTINGS
from evaluation.multiverse import multiverse
from evaluation.multiverse_grid import Grid, Universe, kept
from evaluation.survival import CurveEstimate, SurvivalCurve, kaplan_meier, share_within

STARTS = {"meld_besl": None, "opdr_besl": "OPDR", "kenn_besl": "KENN"}
"""Option of `stage` -> the step that starts the clock; None: the opening of the case."""


def total_ranges(case_files: CaseFiles, *, as_of: date, level: float, span: str) -> Iterator[Range]:
    """Yield the median, gross and net, and the share within a year, in every universe.

    *Estimand*: those of `duration.total_gross` and `duration.total_net`, under each universe.
    """
    cases = universe_cases(case_files, as_of=as_of)
    grid, within = TOTAL_GROSS.read_grid(), WITHIN.read_grid()
    curve = _curves(case_files, cases, grid)
    same_day = bool((cases["meld_besl_calendar"] == cases["meld_besl_calendar_entry"]).any())
    given = partial(has, case_files, {**common_facts(cases), "same_day": same_day})

    def median(universe: Universe) -> CurveEstimate:
        found = curve(universe)
        return said(found, followed_quantile(found, 0.5, level=level))

    def share(universe: Universe) -> CurveEstimate:
        found = curve({**universe, "days": "calendar"})
        return said(found, share_within(found, WITHIN_DAYS, level=level))

    yield Range(TOTAL_GROSS, grid, multiverse(grid, median, has=given), span)
    if refuse_net(case_files) is None:
        chosen = {choice.key: choice.options[0].key for choice in grid.choices} | {"suspension": "net"}
        yield Range(TOTAL_NET, grid, multiverse(grid, median, has=given, headline=chosen), span)
    yield Range(WITHIN, within, multiverse(within, share, has=given), span)


def universe_cases(case_files: CaseFiles, *, as_of: date) -> pd.DataFrame:
    """Return the cases with the clock from every start, in days of either kind.

    Returns
    -------
    DataFrame
        One row a case of any kind: the columns of `case_facts`; for each start
        `<start>_start_on`, `<start>_<days>` (gross; missing: no such duration) and
        `<start>_<days>_entry`; and for each clock that stands still (`net`, `net_all`)
        `<start>_<clock>_known`: whether its days are.
    """
    cases = case_files.cases
    until, _closed = end_of_view(cases["closed_on"], as_of=as_of)
    entered = entered_on(cases, case_files.delivery)
    undated = (cases["status"] == "afgesloten").to_numpy() & cases["closed_on"].isna().to_numpy()
    table = case_facts(case_files)
    for start_key, step in STARTS.items():
        start = dates(cases["opened_on"]) if step is None else first_done(case_files, step)
        since = np.where(entered > start, entered, start)  # NaT compares false: in view from the start
        known = (until >= start) & ~undated & ~(until <= entered)
        table[f"{start_key}_start_on"] = start
        for days, counting in COUNTINGS.items():
            for moment, suffix in ((until, ""), (since, "_entry")):
                gross = gross_days(start, moment, counting=counting)
                table[f"{start_key}_{days}{suffix}"] = np.where(known, gross, np.nan)
        for clock, spells in spells_of(case_files).items():
            stopped = suspended_days(cases["case_id"], start, until, spells, reasons=CRIMINAL_TRACK)
            table[f"{start_key}_{clock}_known"] = ~np.isnan(stopped)
    return table


def spells_of(case_files: CaseFiles) -> Mapping[str, pd.DataFrame]:
    """Return the spells that stop each net clock, all under the reason that stops one."""
    spells = case_files.suspensions
    if spells is None:
        return {}
    return {"net": spells, "net_all": spells.assign(reason=spells["reason"].where(spells["reason"].isna(),
                                                                                  CRIMINAL_TRACK[0]))}  # fmt: skip


def _curves(case_files: CaseFiles, cases: pd.DataFrame, grid: Grid) -> Callable[[Universe], SurvivalCurve]:
    """Return a function that makes the curve of each universe once."""
    spells = spells_of(case_files)

    @cache
    def made(universe: tuple[tuple[str, str], ...]) -> SurvivalCurve:
        chosen = dict(universe)
        clock, stops = f"{chosen['stage']}_{chosen['days']}", chosen["suspension"]
        rows = kept(cases, grid, chosen)
        rows = treated(rows[rows[clock].notna()], chosen, clock=clock)
        if stops == "gross":
            return kaplan_meier(rows[clock], rows["closed"], entry=rows[f"{clock}_entry"])
        rows = rows[rows[f"{chosen['stage']}_{stops}_known"]]
        return net_duration_curve(
            rows["case_id"], rows[f"{chosen['stage']}_start_on"], rows[clock], rows["closed"],
            entry=rows[f"{clock}_entry"], suspensions=spells[stops], counting=COUNTINGS[chosen["days"]],
        ).curve  # fmt: skip

    return lambda universe: made(tuple(sorted(universe.items())))
