"""The headline durations under every defensible choice: the multiverse of METHODS section 5.

The grid is data (`evaluation/multiverse.yaml`, `duration`). Two ranges are given: of all
universes that ask the same question (same start and stop, gross, calendar days,
disciplinary cases) and only treat the cases otherwise, and of all universes in calendar
days, whatever they ask. Beside them stands each choice on its own: the number when that
choice is made otherwise and all others as in the headline.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cache, partial

import numpy as np
import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.duration.clock import CRIMINAL_TRACK, Counting, dates, entered_on, gross_days, suspended_days
from evaluation.duration.total import KIND, only_disciplinary
from evaluation.duration.working_days import COUNTINGS
from evaluation.multiverse import Grid, Multiverse, Universe, multiverse, read_grid, universe_rows
from evaluation.refusals import MINIMUM_N
from evaluation.score_rows import ScoreRows
from evaluation.scores import EstimandCard, Part, Score
from evaluation.survival import CurveEstimate, SurvivalCurve, kaplan_meier, quantile, share_within
from evaluation.survival.kaplan_meier import thin_start

WITHIN_DAYS = 365
SMALL_UNIT = 50
"""Units with fewer cases than this are left out in the universes without small units."""

CLOCK = ("stage", "suspension", "days")
QUESTION = (*CLOCK, "kind")
"""Choices that make another question of it: the others only treat the cases otherwise."""

_ESTIMAND = "duration.sensitivity"
_STARTS = {"meld_besl": None, "opdr_besl": "OPDR", "kenn_besl": "KENN"}


def sensitivity_scores(case_files: CaseFiles, *, as_of: date, level: float, span: str) -> Part:
    """Return the range of the median and of the share within a year over all universes.

    *Estimand*: those of `duration.total_gross`, under each universe; no probability
    attaches to the range, which holds choices and no chance.

    Parameters
    ----------
    case_files : CaseFiles
        Already cut: `case_files.at(as_of)`.
    as_of : date
    level : float
    span : str
        Period over which the cases were opened.

    Returns
    -------
    Part
        Scores of `duration.total_gross_range` and `duration.within_365_range`, one card.
    """
    cases = universe_cases(case_files, as_of=as_of)
    grid = read_grid("duration")
    curve = _curves(cases, grid)
    has = partial(_has, case_files, cases)
    in_calendar = Grid(tuple(choice for choice in grid.choices if choice.key != "days"), grid.misleading)

    def median(universe: Universe) -> CurveEstimate:
        return _said(curve(universe), lambda found: quantile(found, 0.5, level=level))

    def within(universe: Universe) -> CurveEstimate:
        return _said(
            curve({**universe, "days": "calendar"}), lambda found: share_within(found, WITHIN_DAYS, level=level)
        )

    rows = partial(ScoreRows, group="all", estimand=_ESTIMAND, period=span, as_of=as_of, level=level)
    return Part(
        scores=(
            *_scores(rows("duration.total_gross_range"), "median", "days", multiverse(grid, median, has=has)),
            *_scores(rows(f"duration.within_{WITHIN_DAYS}_range"), "share", "share",
                     multiverse(in_calendar, within, has=has)),
        ),
        cards=(_card(grid),),
    )  # fmt: skip


def universe_cases(case_files: CaseFiles, *, as_of: date) -> pd.DataFrame:
    """Return the cases with every clock and truth column of the grid, for `multiverse.universe_rows`.

    Returns
    -------
    DataFrame
        One row a case of any kind: `closed`, `open`, `opened_in_period`,
        `in_large_unit`, `disciplinary`, `late`, and a column
        `<stage>_<suspension>_<days>` (missing: no such duration) with its `_entry`.
    """
    cases = case_files.cases
    closed_on = dates(cases["closed_on"])
    closed = ~np.isnat(closed_on)
    until = np.where(closed, closed_on, np.datetime64(as_of, "D"))
    entered = entered_on(cases, case_files.delivery)
    undated = (cases["status"] == "afgesloten").to_numpy() & ~closed
    kind = (cases["kind"] == KIND).to_numpy(bool) if only_disciplinary(case_files) else np.full(len(cases), True)
    table = pd.DataFrame(
        {
            "closed": closed,
            "open": ~closed,
            "late": ~np.isnat(entered),
            "opened_in_period": np.isnat(entered),
            "in_large_unit": (cases[kind].groupby("unit").size().reindex(cases["unit"]) >= SMALL_UNIT).to_numpy(),
            "disciplinary": kind,
        }
    )
    for stage, step in _STARTS.items():
        start = dates(cases["opened_on"]) if step is None else _first_done(case_files, step)
        since = np.where(entered > start, entered, start)  # NaT compares false: in view from the start
        for counting, count in COUNTINGS.items():
            for moment, suffix in ((until, ""), (since, "_entry")):
                gross = gross_days(start, moment, counting=count)
                known = (until >= start) & ~undated & ~(until <= entered)  # NaT compares false
                table[f"{stage}_gross_{counting}{suffix}"] = np.where(known, gross, np.nan)
                stopped = _stopped(case_files, start, moment, counting=count)
                table[f"{stage}_net_{counting}{suffix}"] = np.where(known, gross - stopped, np.nan)
    return table


def _first_done(case_files: CaseFiles, step: str) -> np.ndarray:
    """Return the first day on which a step was done in each case, for anyone in it."""
    log = case_files.steps
    if log is None:
        return np.full(len(case_files.cases), np.datetime64("NaT", "D"))
    first = log[(log["step"] == step) & (log["state"] == "gedaan")].groupby("case_id")["done_on"].min()
    return dates(first.reindex(case_files.cases["case_id"]))


def _stopped(case_files: CaseFiles, start: np.ndarray, moment: np.ndarray, *, counting: Counting) -> np.ndarray:
    spells = case_files.suspensions
    if spells is None:
        return np.full(len(start), np.nan)
    return suspended_days(case_files.cases["case_id"], start, moment, spells, reasons=CRIMINAL_TRACK, counting=counting)


def _has(case_files: CaseFiles, cases: pd.DataFrame, needed: str) -> bool:
    facts = {
        "late_entry": cases["late"].any(),
        "same_day": (cases["meld_besl_gross_calendar"] == cases["meld_besl_gross_calendar_entry"]).any(),
        "small_units": not cases["in_large_unit"].all(),
    }
    if needed == "suspensions":
        return case_files.has(needed) and case_files.suspensions is not None and len(case_files.suspensions) > 0
    return bool(facts[needed]) if needed in facts else case_files.has(needed)


def _curves(cases: pd.DataFrame, grid: Grid) -> Callable[[Universe], SurvivalCurve]:
    """Return a function that makes the curve of each universe once."""

    @cache
    def made(universe: tuple[tuple[str, str], ...]) -> SurvivalCurve:
        rows = universe_rows(cases, grid, dict(universe), clock=CLOCK)
        return kaplan_meier(rows["duration"], rows["event_observed"], entry=rows["entry"])

    return lambda universe: made(tuple(sorted(universe.items())))


def _said(curve: SurvivalCurve, read: Callable[[SurvivalCurve], CurveEstimate]) -> CurveEstimate:
    found = read(curve)
    few = "too_few" if curve.n < MINIMUM_N else "not_at_risk" if thin_start(curve, minimum=MINIMUM_N) else None
    return replace(found, estimate=None, low=None, high=None, refusal=few) if few and not found.refusal else found


def _scores(rows: ScoreRows, statistic: str, unit: str, found: Multiverse) -> Iterator[Score]:
    table = found.table
    headline = table[table["headline"].astype(bool)].iloc[0]
    choices = table.columns[: table.columns.get_loc("estimate")].to_list()
    n = int(headline["n"])
    question = [name for name in QUESTION if name in choices]
    same = table[question].eq(headline[question]).all(axis=1)
    # Working days are another measure: their numbers stand apart, not at the end of a range of calendar days.
    calendar = table[table["days"] == "calendar"] if "days" in choices else table
    for name, universes in ((statistic, table[same]), (f"{statistic}_any", calendar)):
        said = universes["estimate"].dropna()
        for end, value in (("low", said.min()), ("high", said.max())):
            yield rows.plain(f"{name}_{end}", unit, None if np.isnan(value) else value, n=n)
    # Universes that hold the same cases on the same clock count once.
    yield rows.count(f"{statistic}_universes", _different(table[same]), n=n)
    yield rows.count("universes", _different(table), n=n)
    yield rows.count("refused_universes", found.refused, n=n)
    for row in table.to_dict("records"):
        other = [name for name in choices if row[name] != headline[name]]
        if len(other) == 1:
            own = "working_days" if row.get("days") == "working" else unit
            yield _alone(rows, f"{statistic}_{other[0]}_{row[other[0]]}", own, row)


def _different(universes: pd.DataFrame) -> int:
    """Return how many universes with a number differ in what they hold."""
    said = universes[universes["refusal"].isna()]
    return len(said[["estimate", "low", "high", "n"]].drop_duplicates())


def _alone(rows: ScoreRows, statistic: str, unit: str, row: Mapping[str, object]) -> Score:
    numbers = {name: None if pd.isna(row[name]) else float(str(row[name])) for name in ("estimate", "low", "high")}
    return rows.plain(statistic, unit, numbers["estimate"], n=int(str(row["n"])), low=numbers["low"],
                      high=numbers["high"], refusal=str(row["refusal"]))  # fmt: skip


def _card(grid: Grid) -> EstimandCard:
    choices = {
        language: "; ".join(
            f"{choice.title[language]} ({', '.join(option.title[language] for option in choice.options)})"
            for choice in grid.choices
        )
        for language in ("nl", "en")
    }
    return EstimandCard(
        id=_ESTIMAND,
        title={
            "nl": "Wat andere keuzes aan de duur veranderen",
            "en": "What other choices change about the duration",
        },
        population={
            "nl": "Per combinatie van keuzes de zaken die daarbij horen; het hoofdgetal: zie de kaart van de totale "
            f"duur. Kleine eenheden: minder dan {SMALL_UNIT} zaken.",
            "en": "For each combination of choices the cases that belong to it; for the headline see the card of the "
            f"total duration. Small units: fewer than {SMALL_UNIT} cases.",
        },
        unit_of_count={"nl": "Onderzoek (zaak).", "en": "Investigation (case)."},
        cohort_basis={
            "nl": "De keuzes, de eerste telkens die van het hoofdgetal: " + choices["nl"] + ". Wat de levering niet "
            "kan geven, doet niet mee.",
            "en": "The choices, the first each time that of the headline: " + choices["en"] + ". What the delivery "
            "cannot give takes no part.",
        },
        clock={
            "nl": "Vanaf de opdracht of de kennisgeving: de eerste dag waarop die stap in de zaak is gezet. Het einde "
            "is steeds het einde van de zaak.",
            "en": "From the assignment or the notification: the first day on which that step was done in the case. The "
            "end is always the end of the case.",
        },
        missing_and_exits={
            "nl": "Zaken zonder die eerste dag tellen in die combinatie niet mee. Combinaties die misleiden (alleen "
            "afgesloten of alleen lopende zaken; late intrede genegeerd) krijgen geen getal.",
            "en": "Cases without that first day are left out of that combination. Combinations that mislead (closed "
            "cases only, open cases only, late entry ignored) get no number.",
        },
        estimator={
            "nl": "In elke combinatie dezelfde schatter als het hoofdgetal (Kaplan-Meier). Gegeven zijn het kleinste "
            "en het grootste getal van de combinaties met dezelfde vraag (zelfde begin en einde, bruto, "
            "kalenderdagen, alleen disciplinaire zaken), van alle combinaties in kalenderdagen, en het getal als één "
            "keuze anders is en de rest niet. Erbij staat uit hoeveel verschillende combinaties elk bereik bestaat; "
            "bij weinig combinaties zegt een smal bereik weinig.",
            "en": "In each combination the estimator of the headline (Kaplan-Meier). Given are the smallest and the "
            "largest number of the combinations that ask the same question (same start and end, gross, calendar days, "
            "disciplinary cases only), of all combinations in calendar days, and the number when one choice is "
            "different and the rest is not. Beside each range stands how many different combinations it holds; of "
            "few a narrow range says little.",
        },
        interval={
            "nl": "Een spreiding over keuzes is geen interval: er zit geen toeval in. Bij één andere keuze: het "
            "interval van de schatter.",
            "en": "A range over choices is no interval: there is no chance in it. With one other choice: the interval "
            "of the estimator.",
        },
    )  # fmt: skip
