"""How much the units differ, in every universe: other cases, and other ideas of which cases are alike."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache, partial

import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.duration.sensitivity.case_facts import case_facts, common_facts, has, of_any_kind
from evaluation.duration.sensitivity.headlines import OUTSIDE, SPREAD
from evaluation.duration.sensitivity.range_rows import Range
from evaluation.duration.sensitivity.told import Told
from evaluation.duration.total import case_durations
from evaluation.duration.unit_scores import (
    CASE_MIX,
    CLOSING_DAYS,
    FUNNEL_LEVELS,
    LIKE,
    compared_cases,
    pace_by_unit,
)
from evaluation.multiverse import multiverse
from evaluation.multiverse_grid import Grid, Universe, kept
from evaluation.refusals import MINIMUM_N
from evaluation.scores import Score
from evaluation.units.closing_in_time import ClosingInTime, closing_in_time_by_unit

ALIKE: Mapping[str, tuple[str, ...]] = {"all": LIKE, "no_complexity": ("category", "year"), "year": ("year",)}
"""Option of `like` -> the columns of which like cases have the same value."""

DAYS = {"d180": CLOSING_DAYS, "d365": 365}
"""Option of `day` -> the days within which a case has to close."""


def unit_ranges(
    case_files: CaseFiles, published: Mapping[str, Score], *, as_of: date, level: float, span: str
) -> Iterator[Range]:
    """Yield the median odds ratio of the units, and the number of units outside the funnel, in every universe.

    *Estimand*: those of `duration.pace` and `duration.closing`, under each universe.

    Parameters
    ----------
    published : mapping
        Id -> score of the other families of duration.
    """
    if SPREAD.of not in published:
        return
    cases = universe_cases(case_files, as_of=as_of)
    mix = [case_files.has(f"cases.{name}") for name in CASE_MIX]
    given = partial(has, case_files, {**common_facts(cases), "case_mix": any(mix)})
    spread, outside = SPREAD.read_grid(), OUTSIDE["95"].read_grid()
    yield Range(SPREAD, spread, multiverse(spread, _spread(case_files, cases, spread, level=level), has=given), span)
    closing = _closing(case_files, cases, outside, level=level)
    for name, headline in OUTSIDE.items():
        counted = partial(_outside, closing, FUNNEL_LEVELS[name])
        yield Range(headline, outside, multiverse(outside, counted, has=given), span)


def universe_cases(case_files: CaseFiles, *, as_of: date) -> pd.DataFrame:
    """Return the cases of any kind that are in a curve and have a unit, as `unit_scores` compares them.

    Returns
    -------
    DataFrame
        The columns of `unit_scores.compared_cases` and of `case_facts`.
    """
    known = compared_cases(case_durations(of_any_kind(case_files), as_of=as_of))
    return known.merge(case_facts(case_files), on="case_id", how="left")


def _like(case_files: CaseFiles, universe: Universe) -> list[str]:
    """Return what makes cases alike, in the order and as far as delivered, as `unit_scores` has it."""
    return [
        name
        for name in LIKE
        if name in ALIKE[universe["like"]] and (name not in CASE_MIX or case_files.has(f"cases.{name}"))
    ]


def _chosen(cases: pd.DataFrame, grid: Grid, universe: Universe) -> pd.DataFrame:
    mine = kept(cases, grid, universe)
    return mine.assign(entry=0.0) if universe["late_entry"] == "ignored" else mine


def _spread(case_files: CaseFiles, cases: pd.DataFrame, grid: Grid, *, level: float) -> Callable[[Universe], Told]:
    def estimated(universe: Universe) -> Told:
        mine = _chosen(cases, grid, universe)
        found = pace_by_unit(mine, _like(case_files, universe), level=level, units=sorted(mine["unit"].unique()))
        return Told(found.median_odds_ratio, found.n, found.n_events, found.median_odds_ratio_low,
                    found.median_odds_ratio_high, found.refusal)  # fmt: skip

    return estimated


def _closing(
    case_files: CaseFiles, cases: pd.DataFrame, grid: Grid, *, level: float
) -> Callable[[Universe], ClosingInTime]:
    """Return a function that compares the units of each universe once."""

    @cache
    def made(universe: tuple[tuple[str, str], ...]) -> ClosingInTime:
        chosen = dict(universe)
        mine = _chosen(cases, grid, chosen)
        return closing_in_time_by_unit(
            mine, like=_like(case_files, chosen), day=DAYS[chosen["day"]], level=level, minimum_n=MINIMUM_N,
            units=sorted(mine["unit"].unique()),
        )  # fmt: skip

    return lambda universe: made(tuple(sorted(universe.items())))


def _outside(closing: Callable[[Universe], ClosingInTime], limits: float, universe: Universe) -> Told:
    found = closing(universe)
    outside = None if found.refusal else float(found.funnel.outside(limits).sum())
    return Told(outside, int(found.n.sum()), int(found.funnel.observed.sum()), refusal=found.refusal)
