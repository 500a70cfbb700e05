"""The tables around the cases: signals, suspensions, order measures, reviews, staffing, deliveries."""

import numpy as np
import pandas as pd

from data_contracts.example.history import UNIT_CODES, draw_categories
from data_contracts.example.plan import (
    CONTRACT_VERSION,
    DELIVERING_UNITS,
    EXTRACTED_AT,
    EXTRACTION_DAY,
    KINDS,
    NOT_RATED,
    ORDER_DAYS,
    ORDER_KINDS,
    ORDER_MEASURE,
    ORDER_OVERLONG,
    OTHER_TRIAGE,
    PERIOD_END,
    PERIOD_START,
    READER_ACCURACY,
    REVIEW_DOSSIERS,
    REVIEW_ITEMS,
    REVIEWERS,
    SECOND_SIGNAL,
    SIGNALS_PER_CASE,
    SOURCES,
    UNITS,
    YEAR_WEIGHT,
    YEARS,
    Plan,
    choose,
    day,
    look_up,
)


def delivery_records() -> pd.DataFrame:
    """Return the delivery records, a row a delivering unit."""
    return pd.DataFrame(
        {
            "unit": DELIVERING_UNITS,
            "extracted_at": EXTRACTED_AT,
            "period_start": PERIOD_START,
            "period_end": PERIOD_END,
            "cohort_basis": "geopend",
            "contract_version": CONTRACT_VERSION,
            "counting_unit": "onderzoek",
        }
    )


def draw_staffing(rng: np.random.Generator) -> pd.DataFrame:
    """Draw the head count of each unit in each year that it existed."""
    rows = [(u.code, year, u.headcount) for u in UNITS for year in YEARS if u.first_year <= year <= u.last_year]
    staffing = pd.DataFrame(rows, columns=["unit", "year", "headcount"])
    growth = 1 + 0.003 * (staffing["year"] - 2020) + rng.normal(0, 0.01, len(staffing))
    staffing["headcount"] = np.rint(staffing["headcount"] * growth).astype(np.int64)
    return staffing


def draw_signals(cases: pd.DataFrame, plan: Plan, rng: np.random.Generator) -> pd.DataFrame:
    """Draw the signals: one for each case, a second reporter now and then, and those that became no case."""
    triage = {"disciplinair": "onderzoek", "orienterend": "orienterend", "klacht": "klacht"}
    linked = cases[["unit_index", "year", "case_id", "category", "source", "opened", "tri"]].copy()
    linked["triage_outcome"] = np.where(cases["inquiry"], "orienterend", cases["kind"].map(triage))
    again = linked[rng.random(len(linked)) < SECOND_SIGNAL].copy()
    again["source"] = choose(SOURCES, len(again), rng)
    signals = pd.concat([linked, again, _unlinked_signals(plan, rng)], ignore_index=True)
    blank = signals["category"].isna().to_numpy()
    signals["category"] = np.where(blank, draw_categories(signals, plan, rng), signals["category"])
    signals["triaged"] = signals["opened"] + signals["tri"]
    signals = signals.sort_values(["unit_index", "opened"], kind="stable", ignore_index=True)
    number = np.array([unit.number for unit in UNITS])[signals["unit_index"].to_numpy()]
    counter = (signals.groupby("unit_index").cumcount() + 1).astype(str).str.zfill(5)
    signals["signal_id"] = pd.Series(number).astype(str).str.zfill(2) + counter
    signals["unit"] = UNIT_CODES[signals["unit_index"].to_numpy()]
    return signals


def _unlinked_signals(plan: Plan, rng: np.random.Generator) -> pd.DataFrame:
    parts = []
    per_case = SIGNALS_PER_CASE - sum(KINDS.values()) * (1 + SECOND_SIGNAL)
    for year in YEARS:
        share = np.array([u.headcount * u.signal_registration * (u.first_year <= year <= u.last_year) for u in UNITS])
        total = round(plan.cases_per_year * YEAR_WEIGHT[year] * per_case)
        counts = rng.multinomial(total, share / share.sum())
        first, last = day(f"{year}-01-01"), day(f"{year}-12-31")
        opened = rng.integers(first, last, size=total, endpoint=True)
        parts.append(
            pd.DataFrame({"unit_index": np.repeat(np.arange(len(UNITS)), counts), "year": year, "opened": opened})
        )
    signals = pd.concat(parts, ignore_index=True)
    n = len(signals)
    signals["case_id"], signals["category"] = None, None
    signals["source"] = choose(SOURCES, n, rng)
    signals["tri"] = 1 + np.floor(rng.random(n) * 20).astype(np.int64)
    signals["triage_outcome"] = choose(OTHER_TRIAGE, n, rng)
    return signals


def suspension_spells(cases: pd.DataFrame) -> pd.DataFrame:
    """Return the stops of the clock that began before the case ended and before the extraction moment."""
    start = cases["opened"] + cases["suspended_at"]
    begun = (cases["suspended_days"] > 0) & (start < cases["ends"])
    first = pd.DataFrame({"case_id": cases["case_id"], "start": start, "end": start + cases["first_spell"]})
    second = pd.DataFrame({"case_id": cases["case_id"], "start": start + cases["second_offset"]})
    second["end"] = second["start"] + cases["second_spell"]
    overlapping = begun & (cases["second_spell"] > 0)
    spells = pd.concat([first.assign(reason=cases["suspension_reason"])[begun],
                        second.assign(reason=cases["suspension_reason"])[overlapping]])  # fmt: skip
    spells = spells[spells["start"] <= EXTRACTION_DAY]
    return spells.sort_values(["start"], kind="stable").sort_index(kind="stable").reset_index(drop=True)


def draw_order_measures(cases: pd.DataFrame, subjects: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Draw the order measures: one decision and, while the case lasts, up to two extensions."""
    of_case = cases.iloc[subjects["case"]].reset_index(drop=True)
    n = len(subjects)
    chance = look_up(ORDER_MEASURE, of_case["complexity"].to_numpy())
    begin = of_case["opened"].to_numpy() + 1 + np.floor(rng.random(n) * 30).astype(np.int64)
    ends = of_case["ends"].to_numpy()
    measured = (of_case["kind"] == "disciplinair").to_numpy() & (rng.random(n) < chance) & (begin < ends)
    kind, overlong = choose(ORDER_KINDS, n, rng), rng.random(n) < ORDER_OVERLONG
    prolonged, shorter = rng.random(n) < 0.6, 14 + np.floor(rng.random(n) * (ORDER_DAYS - 13)).astype(np.int64)
    length = np.where(overlong, ORDER_DAYS + 40, np.where(prolonged, ORDER_DAYS, shorter))
    spells = []
    for turn in range(3):
        end = np.minimum(begin + length, ends)
        rows = measured & (begin <= EXTRACTION_DAY)
        spells.append(
            pd.DataFrame({"subject": np.arange(n), "turn": turn, "start": begin, "end": end, "kind": kind})[rows]
        )
        measured = rows & prolonged & ~overlong & (end + 1 < ends)
        begin, length = end + 1, np.full(n, ORDER_DAYS)
    orders = pd.concat(spells).sort_values(["subject", "turn"], kind="stable", ignore_index=True)
    orders["case_id"] = subjects["case_id"].to_numpy()[orders["subject"]]
    orders["subject_id"] = subjects["subject_id"].to_numpy()[orders["subject"]]
    counter = (orders.groupby("case_id").cumcount() + 1).astype(str)
    orders["order_measure_id"] = orders["case_id"] + "-O" + counter
    orders["extension_of"] = orders["order_measure_id"].shift().where(orders["turn"] > 0, None)
    return orders


def draw_reviews(cases: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Draw dossiers that ended with a decision, each read twice by different readers."""
    ready = ((cases["kind"] == "disciplinair") & (cases["exit_kind"] == "besluit")
             & (cases["ends"] < day("2026-01-05")))  # fmt: skip
    pool = cases.loc[ready, "case_id"].to_numpy()
    dossiers = np.sort(rng.choice(pool, size=min(REVIEW_DOSSIERS, len(pool)), replace=False))
    n, items = len(dossiers), len(REVIEW_ITEMS)
    quality = np.array(list(REVIEW_ITEMS.values()))
    truth = rng.random((n, items)) < quality
    first = rng.integers(len(REVIEWERS), size=n)
    second = (first + 1 + rng.integers(len(REVIEWERS) - 1, size=n)) % len(REVIEWERS)
    parts = []
    for reader in (first, second):
        right = rng.random((n, items)) < READER_ACCURACY
        rating = np.where(truth == right, "voldoende", "onvoldoende")
        rating = np.where(rng.random((n, items)) < NOT_RATED, "niet_te_beoordelen", rating)
        read_on = np.repeat(rng.integers(day("2026-01-05"), EXTRACTION_DAY, size=n, endpoint=True), items)
        parts.append(
            pd.DataFrame(
                {
                    "case_id": np.repeat(dossiers, items),
                    "reviewer_id": np.repeat(np.array(REVIEWERS, dtype=object)[reader], items),
                    "item": np.tile(np.array(list(REVIEW_ITEMS), dtype=object), n),
                    "rating": rating.ravel(),
                    "read": read_on,
                }
            )
        )
    return pd.concat(parts).sort_values(["case_id", "reviewer_id"], kind="stable", ignore_index=True)
