"""From history to delivery: the canonical tables as they stand at the extraction moment."""

import numpy as np
import pandas as pd

from data_contracts.contract import Contract, load_contracts
from data_contracts.example.history import draw_history
from data_contracts.example.people import close_cases, draw_allegations, draw_penalties, draw_subjects, findings
from data_contracts.example.plan import (
    APPLIES,
    CRIMINAL_TRACK_UNRECORDED,
    EXTRACTION_DAY,
    INVESTIGATED_ELSEWHERE,
    NEVER,
    PENALTY_LETTERS,
    UNITS,
    Plan,
)
from data_contracts.example.registers import (
    delivery_records,
    draw_order_measures,
    draw_reviews,
    draw_signals,
    draw_staffing,
    suspension_spells,
)
from data_contracts.example.steps import draw_steps


def draw_tables(plan: Plan, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Draw the whole history and return what a delivery at the extraction moment shows of it."""
    cases = draw_history(plan, rng)
    cases["inquiry"] = (cases["kind"] == "disciplinair") & (rng.random(len(cases)) < APPLIES["OO"])
    subjects = draw_subjects(cases, rng)
    acts = draw_allegations(cases, subjects, plan, rng)
    subjects = draw_penalties(cases, subjects, acts, plan, rng)
    cases = close_cases(cases, subjects, acts, rng)
    acts = findings(cases, acts, plan, rng)
    orders = draw_order_measures(cases, subjects, rng)
    person = subjects.rename(columns={"intended": "intended_person"})
    raw = {
        "delivery": delivery_records(),
        "signals": _signals(draw_signals(cases, plan, rng)),
        "cases": _cases(cases, rng),
        "subjects": subjects,
        "allegations": _allegations(cases, subjects, acts),
        "steps": draw_steps(cases, person, acts, orders, plan, rng).rename(columns={"done": "done_on"}),
        "suspensions": _spells(suspension_spells(cases)),
        "order_measures": _spells(orders),
        "reviews": draw_reviews(cases, rng).rename(columns={"read": "read_on"}),
        "staffing": draw_staffing(rng),
    }
    return {name: conform(raw[name], contract) for name, contract in load_contracts().items()}


def conform(frame: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """Return the columns of the contract, in its order and with its types."""
    typed = {}
    for column in contract.columns:
        values = frame[column.name].reset_index(drop=True)
        if column.logical_type == "date":
            typed[column.name] = _dates(values)
        elif column.logical_type == "boolean":
            typed[column.name] = values.astype("boolean")
        elif column.logical_type == "integer":
            typed[column.name] = values.astype("Int64")
        else:
            typed[column.name] = values.astype("str").where(values.notna())
    return pd.DataFrame(typed)


def _dates(values: pd.Series) -> pd.Series:
    if not pd.api.types.is_integer_dtype(values):
        return pd.to_datetime(values).astype("datetime64[s]")
    days = values.to_numpy()
    moments = days.astype("datetime64[D]").astype("datetime64[s]")
    return pd.Series(np.where(days >= NEVER, np.datetime64("NaT", "s"), moments))


def _signals(signals: pd.DataFrame) -> pd.DataFrame:
    return signals.rename(columns={"opened": "received_on", "triaged": "triaged_on"})


def _cases(cases: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    closed = cases["closed"]
    out = cases.rename(columns={"opened": "opened_on"})
    out["closed_on"] = cases["ends"].where(closed, NEVER)
    out["status"] = np.where(closed, "afgesloten", "lopend")
    out["exit_kind"] = cases["exit_kind"].where(closed, None)
    out["investigating_unit"] = _investigating_units(cases, rng)
    out["criminal_track"] = cases["criminal"].astype("boolean").mask(rng.random(len(cases)) < CRIMINAL_TRACK_UNRECORDED)
    return out


def _investigating_units(cases: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Return the investigating unit: mostly the unit itself, else one that existed throughout."""
    lasting = np.array(
        [u.code for u in UNITS if u.first_year == UNITS[0].first_year and u.last_year == UNITS[0].last_year],
        dtype=object,
    )
    elsewhere = rng.random(len(cases)) < INVESTIGATED_ELSEWHERE
    return np.where(elsewhere, rng.choice(lasting, size=len(cases)), cases["unit"])


def _allegations(cases: pd.DataFrame, subjects: pd.DataFrame, acts: pd.DataFrame) -> pd.DataFrame:
    """Return the acts with the outcome for the person repeated on each act that counts against them."""
    case = cases.iloc[acts["case"]].reset_index(drop=True)
    person = subjects.iloc[acts["subject"]].reset_index(drop=True)
    out = acts.copy()
    decided = (case["closed"] & (case["exit_kind"] == "besluit")).to_numpy()
    out["decided_on"] = case["ends"].where(decided, NEVER)
    outcome = (
        decided & acts["misconduct"].to_numpy() & (case["route"] == "full").to_numpy() & ~acts["unrecorded"].to_numpy()
    )
    filed = outcome & (person["objects"] & (case["ends"] + person["objected_after"] <= EXTRACTION_DAY)).to_numpy()
    settled_on = case["ends"] + person["objected_after"] + person["answered_after"] + person["court_after"]
    settled = filed & (settled_on <= EXTRACTION_DAY).to_numpy()
    pending = filed & ~settled
    for penalty in ("advised_penalty", "first_penalty"):
        out[penalty] = person[penalty].where(outcome, None)
    final = person["final_penalty"].where(settled, person["first_penalty"])
    out["final_penalty"] = final.where(outcome & ~pending, None)
    # Conditional or not is said of the final penalty, of the first one while an objection is pending.
    letter = out["final_penalty"].where(~pending, out["first_penalty"]).isin(PENALTY_LETTERS).to_numpy()
    conditional = person["conditional"].where(~settled, person["final_conditional"])
    out["conditional"] = conditional.astype("boolean").where(letter)
    out["probation_months"] = person["probation_months"].astype("Int64").where(letter & conditional.to_numpy())
    out["objection"] = pd.Series(filed, dtype="boolean").where(outcome & person["intended"].to_numpy())
    out["objection_result"] = person["objection_result"].where(settled, None)
    differs = outcome & (person["advised_penalty"] != person["first_penalty"]).to_numpy()
    out["deviation_reasons"] = person["motivated"].astype("boolean").where(differs)
    for column in ("advice_followed", "conduct_unchanged", "execution_ordered"):  # new in contract 1.1.0
        out[column] = pd.array(
            [pd.NA] * len(out), dtype="boolean"
        )  # the units deliver what their systems hold: nothing yet
    return out


def _spells(spells: pd.DataFrame) -> pd.DataFrame:
    out = spells.rename(columns={"start": "start_on"})
    out["end_on"] = spells["end"].where(spells["end"] <= EXTRACTION_DAY, NEVER)
    return out
