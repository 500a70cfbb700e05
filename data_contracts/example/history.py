"""The whole history of every case: what happens, and when, also after the extraction moment.

Days are whole numbers from 1970-01-01; `NEVER` stands for an event that does not happen.
Stage boundaries are counted on the net clock, which stands still while a case is
suspended; `gross` turns a day on the net clock into a calendar day.
"""

import numpy as np
import pandas as pd

from data_contracts.example.plan import (
    CATEGORIES_BEFORE,
    CATEGORIES_FROM,
    CATEGORY_BREAK,
    COMPLEXITY,
    COMPLEXITY_FACTOR,
    CRIMINAL_TRACK,
    KINDS,
    LAST_YEAR,
    NEVER,
    OTHER_EXITS,
    OTHER_KINDS,
    OTHER_REASONS,
    OVERLAPPING,
    ROUTES,
    SOURCES,
    STAGES,
    SUSPENDED_OTHERWISE,
    SUSPENDED_WHEN_CRIMINAL,
    SUSPENSION,
    UNITS,
    YEAR_FACTOR,
    YEAR_WEIGHT,
    YEARS,
    Plan,
    choose,
    choose_by_row,
    look_up,
)

UNIT_CODES = np.array([unit.code for unit in UNITS], dtype=object)


def draw_history(plan: Plan, rng: np.random.Generator) -> pd.DataFrame:
    """Draw the cases with their stages, suspensions and route; a row a case, sorted by number.

    Columns `opdr`, `rapp`, `voorn` and `besl` are net days since the opening at which the
    assignment, the report, the intended decision and the decision fall due; `leaves` is
    the net day on which a case ends before its decision (`NEVER`: it does not).
    """
    cases = _numbered(_openings(plan, rng))
    cases = _case_mix(cases, plan, rng)
    cases = _stages(cases, plan, rng)
    cases = _suspended(cases, rng)
    return _routes(cases, rng)


def gross(cases: pd.DataFrame, net: np.ndarray) -> np.ndarray:
    """Return the calendar day of a net day: suspensions that began earlier push it back."""
    pushed = np.where(net > cases["suspended_at"].to_numpy(), cases["suspended_days"].to_numpy(), 0)
    return np.where(net >= NEVER, NEVER, cases["opened"].to_numpy() + net + pushed)


def whole_days(draws: np.ndarray, least: int) -> np.ndarray:
    """Round to whole days, at least `least`, so that the steps of a stage fit in it."""
    return np.maximum(np.rint(draws), least).astype(np.int64)


def _openings(plan: Plan, rng: np.random.Generator) -> pd.DataFrame:
    parts = []
    for year in YEARS:
        share = np.array([u.headcount * u.case_rate * (u.first_year <= year <= u.last_year) for u in UNITS])
        for kind, per_case in KINDS.items():
            total = round(plan.cases_per_year * YEAR_WEIGHT[year] * per_case)
            counts = rng.multinomial(total, share / share.sum())
            if year == LAST_YEAR and kind == "disciplinair":
                counts = np.maximum(counts, share > 0)  # however small the example, nobody delivers nothing
            parts.append(
                pd.DataFrame({"unit_index": np.repeat(np.arange(len(UNITS)), counts), "kind": kind, "year": year})
            )
    cases = pd.concat(parts, ignore_index=True)
    new_year = (cases["year"] - 1970).to_numpy().astype("datetime64[Y]")
    first = new_year.astype("datetime64[D]").astype(np.int64)
    length = (new_year + np.timedelta64(1, "Y")).astype("datetime64[D]").astype(np.int64) - first
    cases["opened"] = first + np.floor(rng.random(len(cases)) * length).astype(np.int64)
    return cases


def _numbered(cases: pd.DataFrame) -> pd.DataFrame:
    cases = cases.sort_values(["unit_index", "opened", "kind"], kind="stable", ignore_index=True)
    number = cases.groupby(["unit_index", "year"]).cumcount() + 1
    cases["unit"] = UNIT_CODES[cases["unit_index"].to_numpy()]
    cases["case_id"] = cases["year"].astype(str) + "-" + cases["unit"] + "-" + number.astype(str).str.zfill(4)
    return cases


def _case_mix(cases: pd.DataFrame, plan: Plan, rng: np.random.Generator) -> pd.DataFrame:
    unit = cases["unit_index"].to_numpy()
    cases["category"] = draw_categories(cases, plan, rng)
    cases["complexity"] = choose_by_row(tuple(COMPLEXITY), plan.complexity[unit], rng)
    disciplinary = (cases["kind"] == "disciplinair").to_numpy()
    criminal = rng.random(len(cases)) < look_up(CRIMINAL_TRACK, cases["complexity"].to_numpy())
    cases["criminal"] = criminal & disciplinary
    source = choose(SOURCES, len(cases), rng)
    complaint = (cases["kind"] == "klacht").to_numpy() & (rng.random(len(cases)) < 0.97)
    cases["source"] = np.where(complaint, "burger", source)
    return cases


def draw_categories(rows: pd.DataFrame, plan: Plan, rng: np.random.Generator) -> np.ndarray:
    """Draw a category for each row, by its unit and on its side of the break in the series."""
    unit = rows["unit_index"].to_numpy()
    before = choose_by_row(tuple(CATEGORIES_BEFORE), plan.categories_before[unit], rng)
    since = choose_by_row(tuple(CATEGORIES_FROM), plan.categories_from[unit], rng)
    return np.where(rows["year"].to_numpy() < CATEGORY_BREAK, before, since)


def _stages(cases: pd.DataFrame, plan: Plan, rng: np.random.Generator) -> pd.DataFrame:
    n, kind = len(cases), cases["kind"].to_numpy()
    factor = (
        plan.duration[cases["unit_index"].to_numpy()]
        * cases["year"].map(YEAR_FACTOR).to_numpy()
        * look_up(COMPLEXITY_FACTOR, cases["complexity"].to_numpy())
    )

    def draw(median: float, sigma: float, least: int) -> np.ndarray:
        return whole_days(factor * median * np.exp(rng.normal(0, sigma, n)), least)

    stages = {stage: draw(*parameters) for stage, parameters in STAGES.items()}
    for other, of_kind in OTHER_KINDS.items():
        here = kind == other
        stages["intake"] = np.where(here, draw(*of_kind["intake"]), stages["intake"])
        stages["fact_finding"] = np.where(here, draw(*of_kind["handling"]), stages["fact_finding"])
    cases["opdr"] = stages["intake"]
    cases["rapp"] = cases["opdr"] + stages["fact_finding"]
    cases["voorn"] = cases["rapp"] + stages["assessment"]
    cases["besl"] = cases["voorn"] + stages["decision"]
    # Triage within thirty days: every signal of the period is then triaged at the extraction moment.
    triage = 1 + np.floor(rng.random(n) * np.minimum(cases["opdr"] - 1, 29)).astype(np.int64)
    cases["tri"] = triage
    return cases


def _suspended(cases: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    n = len(cases)
    criminal, disciplinary = cases["criminal"].to_numpy(), (cases["kind"] == "disciplinair").to_numpy()
    chance = np.where(criminal, SUSPENDED_WHEN_CRIMINAL, SUSPENDED_OTHERWISE)
    suspended = disciplinary & (rng.random(n) < chance)
    opdr, rapp, tri = cases["opdr"].to_numpy(), cases["rapp"].to_numpy(), cases["tri"].to_numpy()
    early = rng.random(n) < 0.5
    low, high = np.where(early, tri, opdr), np.where(early, opdr - 1, rapp - 3)
    start = low + np.floor(rng.random(n) * (high - low + 1)).astype(np.int64)
    median, sigma = SUSPENSION
    first = whole_days(median * np.exp(rng.normal(0, sigma, n)), 5)
    offset = 1 + np.floor(rng.random(n) * (first - 2)).astype(np.int64)
    second = whole_days(0.6 * median * np.exp(rng.normal(0, sigma, n)), 5)
    overlap = suspended & criminal & (rng.random(n) < OVERLAPPING)
    cases["suspended_at"] = np.where(suspended, start, NEVER)
    cases["first_spell"] = np.where(suspended, first, 0)
    cases["second_offset"] = np.where(overlap, offset, NEVER)
    cases["second_spell"] = np.where(overlap, second, 0)
    union = np.where(overlap, np.maximum(first, offset + second), first)
    cases["suspended_days"] = np.where(suspended, union, 0)
    cases["suspension_reason"] = np.where(criminal, "strafrechtelijk", choose(OTHER_REASONS, n, rng))
    return cases


def _routes(cases: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    n, kind = len(cases), cases["kind"].to_numpy()
    route = choose(ROUTES, n, rng)
    for other, exits in OTHER_EXITS.items():
        route = np.where(kind == other, choose(exits, n, rng), route)
    opdr, rapp, besl = (cases[column].to_numpy() for column in ("opdr", "rapp", "besl"))
    part = rng.random(n)
    on_the_way = np.maximum(1, np.floor(part * rapp)).astype(np.int64)
    resigned = opdr + 1 + np.floor(part * 0.9 * (besl - opdr - 1)).astype(np.int64)
    leaves = np.full(n, NEVER)
    leaves = np.where(np.isin(route, ("overgedragen", "ingetrokken")), on_the_way, leaves)
    leaves = np.where(route == "eigen_ontslag", resigned, leaves)
    # Closed in the intake, on the day before it would have been assigned.
    leaves = np.where(route == "early", opdr - 1, leaves)
    leaves = np.where((kind != "disciplinair") & np.isin(route, ("besluit", "geen_vervolg")), rapp, leaves)
    cases["route"], cases["leaves"] = route, leaves
    return cases
