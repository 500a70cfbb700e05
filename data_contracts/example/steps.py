"""The step log: which steps a case takes, when, and what of it is written down."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from data_contracts.example.history import gross
from data_contracts.example.plan import (
    APPLIES,
    EMPTY_STATE,
    EVIDENCE,
    EXTRACTION_DAY,
    NEVER,
    NOT_APPLICABLE_WRITTEN,
    NOT_RECORDED_FROM_2021,
    ORDER_FAULTS,
    PENALTY_LETTERS,
    STEPS,
    WHISTLE_BLOWER_DAY,
    ZIENS_WAIVED,
    Plan,
    day,
    expit,
    logit,
)

TRIAGE_DAY = day("2020-11-12")
TRIAGE_BEFORE = 0.5  # share of cases with a triage before it became policy; the rest has no row
AFTER_DECISION = ("BEKEND", "TUL", "BEZW", "BEROEP", "NAZ", "SLUIT")
ROLES = {
    "MELD": "meldpunt", "ONTV": "meldpunt", "REG": "administratie", "TRI": "casemanager", "OO": "onderzoeker",
    "STRAF": "openbaar_ministerie", "OPDR": "opdrachtgever", "KENN": "leidinggevende", "ORDE": "bevoegd_gezag",
    "MIDD": "onderzoeker", "HOORG": "onderzoeker", "HOORB": "onderzoeker", "WEDER": "betrokkene", "RAPP": "onderzoeker",
    "ADV": "jurist", "VBSL": "bevoegd_gezag", "SMO": "commissie", "VOORN": "bevoegd_gezag", "ZIENS": "betrokkene",
    "AGFA": "commissie", "BESL": "bevoegd_gezag", "BEKEND": "administratie", "TUL": "leidinggevende",
    "BEZW": "commissie", "BEROEP": "jurist", "NAZ": "leidinggevende", "SLUIT": "administratie",
}  # fmt: skip


@dataclass(frozen=True)
class Planned:
    """One step for many cases or subjects: whether it applies, and the day it falls due."""

    step: str
    rows: pd.DataFrame
    applies: np.ndarray
    due: np.ndarray


def draw_steps(
    cases: pd.DataFrame,
    subjects: pd.DataFrame,
    acts: pd.DataFrame,
    orders: pd.DataFrame,
    plan: Plan,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return the step log as it stands at the extraction moment, sorted by case, person and step."""
    planned = plan_steps(cases, subjects, acts, orders, rng)
    log = pd.concat([_recorded(step, plan, rng) for step in planned], ignore_index=True)
    order = {step: place for place, step in enumerate(STEPS)}
    log["place"] = log["step"].map(order)
    return log.sort_values(["case", "place", "subject"], kind="stable", ignore_index=True)


def plan_steps(
    cases: pd.DataFrame, subjects: pd.DataFrame, acts: pd.DataFrame, orders: pd.DataFrame, rng: np.random.Generator
) -> list[Planned]:
    """Return every step with the day it falls due, order faults included."""
    whole = cases.assign(case=np.arange(len(cases)), subject=-1, subject_id=None)
    person = subjects.join(cases.drop(columns="case_id"), on="case")
    person["subject"] = np.arange(len(subjects))
    return [
        *_before_assignment(whole, rng),
        *_fact_finding_of_case(whole, rng),
        *_fact_finding_of_person(person, orders, rng),
        *_assessment(whole, rng),
        *_decision(person, acts, rng),
        *_after_decision(whole, person, rng),
    ]


def _between(low: np.ndarray, high: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw whole net days from `low` up to and including `high`."""
    return low + np.floor(rng.random(len(low)) * (np.maximum(high - low, 0) + 1)).astype(np.int64)


def _faulty(fault: str, size: int, rng: np.random.Generator) -> np.ndarray:
    return rng.random(size) < ORDER_FAULTS[fault]


def _before_assignment(c: pd.DataFrame, rng: np.random.Generator) -> list[Planned]:
    n, zero = len(c), np.zeros(len(c), dtype=np.int64)
    opened, tri, opdr = c["opened"].to_numpy(), c["tri"].to_numpy(), c["opdr"].to_numpy()
    kind, everyone = c["kind"].to_numpy(), np.ones(len(c), dtype=bool)
    disciplinary = kind == "disciplinair"
    informant = (c["source"] == "klokkenluider").to_numpy() & (opened >= WHISTLE_BLOWER_DAY)
    acknowledged = 1 + np.floor(np.exp(rng.normal(1.2, 0.6, n))).astype(np.int64)
    triage = everyone & ((opened >= TRIAGE_DAY) | (rng.random(n) < TRIAGE_BEFORE))
    triaged = gross(c, tri)
    late = disciplinary & _faulty("TRI_before_OPDR", n, rng)
    triaged = np.where(late, gross(c, opdr) + 1 + np.floor(rng.random(n) * 3).astype(np.int64), triaged)
    # A preliminary inquiry after triage and before the assignment; in an exploratory case it is the case itself.
    inquiry = np.where(kind == "orienterend", gross(c, c["ends_net"].to_numpy()), gross(c, tri + (opdr - tri) // 2))
    inquired = (kind == "orienterend") | c["inquiry"].to_numpy()
    straf_due = np.where(c["suspended_days"] > 0, opened + c["suspended_at"] + c["suspended_days"], gross(c, opdr + 2))
    return [
        Planned("MELD", c, everyone, gross(c, zero)),
        Planned("ONTV", c, (kind == "klacht") | informant, opened + acknowledged),
        Planned("REG", c, everyone, gross(c, _between(zero, np.minimum(tri, 3), rng))),
        Planned("TRI", c[triage], everyone[triage], triaged[triage]),
        Planned("OO", c, inquired, inquiry),
        Planned("STRAF", c[disciplinary], c["criminal"].to_numpy()[disciplinary], straf_due[disciplinary]),
        Planned("OPDR", c[disciplinary], everyone[disciplinary], gross(c, opdr)[disciplinary]),
    ]


def _fact_finding_of_case(c: pd.DataFrame, rng: np.random.Generator) -> list[Planned]:
    n, kind = len(c), c["kind"].to_numpy()
    opdr, rapp = c["opdr"].to_numpy(), c["rapp"].to_numpy()
    disciplinary = kind == "disciplinair"
    means, witnesses = rng.random(n) < APPLIES["MIDD"], rng.random(n) < APPLIES["HOORG"]
    heard = kind != "orienterend"
    return [
        Planned("MIDD", c[disciplinary], means[disciplinary], gross(c, _between(opdr, rapp, rng))[disciplinary]),
        Planned("HOORG", c[heard], witnesses[heard], gross(c, _between(opdr, rapp - 1, rng))[heard]),
        Planned("RAPP", c[disciplinary], disciplinary[disciplinary], gross(c, rapp)[disciplinary]),
    ]


def _fact_finding_of_person(p: pd.DataFrame, orders: pd.DataFrame, rng: np.random.Generator) -> list[Planned]:
    n, kind = len(p), p["kind"].to_numpy()
    opdr, rapp = p["opdr"].to_numpy(), p["rapp"].to_numpy()
    disciplinary, heard, everyone = kind == "disciplinair", kind != "orienterend", np.ones(n, dtype=bool)
    hearing = _between(opdr + 1, rapp - 3, rng)
    notice = _between(opdr, hearing, rng)
    late = disciplinary & _faulty("KENN_before_HOORB", n, rng)
    notice = np.where(late, _between(hearing + 1, rapp - 1, rng), notice)
    reply = _between(hearing + 1, rapp, rng)
    measured = np.full(n, NEVER)
    first = orders.groupby("subject")["start"].min()
    measured[first.index.to_numpy(dtype=np.int64)] = first.to_numpy()
    d = disciplinary
    return [
        Planned("KENN", p[d], everyone[d], gross(p, notice)[d]),
        Planned("ORDE", p[d], (measured < NEVER)[d], np.where(measured < NEVER, measured, gross(p, opdr))[d]),
        Planned("HOORB", p[heard], everyone[heard], gross(p, hearing)[heard]),
        Planned("WEDER", p[d], everyone[d], gross(p, reply)[d]),
    ]


def _assessment(c: pd.DataFrame, rng: np.random.Generator) -> list[Planned]:
    rows = c[c["kind"] == "disciplinair"]
    n, everyone = len(rows), np.ones(len(rows), dtype=bool)
    rapp, voorn = rows["rapp"].to_numpy(), rows["voorn"].to_numpy()
    half = rapp + 1 + (voorn - rapp - 4) // 2
    advice = _between(rapp + 1, half, rng)
    provisional = _between(advice, voorn - 2, rng)
    early = _faulty("RAPP_before_ADV", n, rng)
    advice = np.where(early, rapp - 1, advice)
    return [
        Planned("ADV", rows, everyone, gross(rows, advice)),
        Planned("VBSL", rows, everyone, gross(rows, provisional)),
    ]


def _decision(p: pd.DataFrame, acts: pd.DataFrame, rng: np.random.Generator) -> list[Planned]:
    rows = p[p["kind"] == "disciplinair"]
    n = len(rows)
    voorn, besl = rows["voorn"].to_numpy(), rows["besl"].to_numpy()
    intended, case_intended = rows["intended_person"].to_numpy(), rows["intended"].to_numpy()
    # The case has one provisional decision, at the latest two days before the intended decision.
    board = voorn - 1
    late = _faulty("SMO_before_VOORN", n, rng)
    board = np.where(late, voorn + 1 + np.floor(rng.random(n) * 5).astype(np.int64), board)
    views = _between(voorn + np.minimum(10, besl - voorn - 2), np.minimum(voorn + 35, besl - 1), rng)
    advice = np.where(case_intended, _between(voorn + 1, besl - 1, rng), voorn - 1)
    charged = np.zeros(len(p), dtype=bool)
    charged[acts.loc[acts["expression"], "subject"].to_numpy()] = True
    decided = p[p["exit_kind"] == "besluit"]
    return [
        Planned("SMO", rows, intended, gross(rows, board)),
        Planned("VOORN", rows, intended, gross(rows, voorn)),
        Planned("ZIENS", rows, intended, gross(rows, views)),
        Planned("AGFA", rows, charged[rows["subject"].to_numpy()], gross(rows, advice)),
        Planned("BESL", decided, np.ones(len(decided), dtype=bool), decided["ends"].to_numpy()),
    ]


def _after_decision(c: pd.DataFrame, p: pd.DataFrame, rng: np.random.Generator) -> list[Planned]:
    d = p[p["exit_kind"] == "besluit"]
    n, ends = len(d), d["ends"].to_numpy()
    disciplinary = (d["kind"] == "disciplinair").to_numpy()
    told = ends + np.floor(rng.random(n) * 8).astype(np.int64)
    contested = (d["objects"] & (d["objection_result"] != "ingetrokken")).to_numpy()
    answered = np.where(contested, ends + d["objected_after"] + d["answered_after"], NEVER)
    in_court = contested & (d["court_after"] > 0).to_numpy()
    court = np.where(in_court, answered + d["court_after"], NEVER)
    # Irrevocable six weeks after notice, or when the objection is answered or withdrawn; a reprimand is carried out
    # at once.
    withdrawn = (d["objects"] & (d["objection_result"] == "ingetrokken")).to_numpy()
    final = np.where(in_court, court, np.where(contested, answered, told + 43))
    final = np.where(withdrawn, np.maximum(final, ends + d["objected_after"] + d["answered_after"]), final)
    at_once = ((d["first_penalty"] == "a") & ~d["objects"]).to_numpy()
    carried_out = np.where(at_once, told, final) + np.floor(rng.random(n) * 15).astype(np.int64)
    executed = (d["penalised"] & ~d["final_conditional"] & np.isin(d["final_penalty"], PENALTY_LETTERS)).to_numpy()
    last = np.maximum.reduce(
        [told, np.where(contested, answered, 0), np.where(in_court, court, 0), np.where(executed, carried_out, 0)]
    )
    ends_of_case = c["ends"].to_numpy()
    follow = c["exit_kind"].isin(["besluit", "geen_vervolg"]).to_numpy() & (c["kind"] == "disciplinair").to_numpy()
    follow &= c["opened"].to_numpy() >= TRIAGE_DAY
    aftercare = ends_of_case + 10 + np.floor(rng.random(len(c)) * 50).astype(np.int64)
    latest = np.maximum(ends_of_case, np.where(follow, aftercare, 0))
    np.maximum.at(latest, d["case"].to_numpy(), last)
    shut = latest + np.floor(rng.random(len(c)) * 20).astype(np.int64)
    legal = d[disciplinary]
    return [
        Planned("BEKEND", d, np.ones(n, dtype=bool), told),
        Planned("TUL", legal, executed[disciplinary], carried_out[disciplinary]),
        Planned("BEZW", legal, contested[disciplinary], np.where(contested, answered, last)[disciplinary]),
        Planned("BEROEP", legal, in_court[disciplinary], np.where(in_court, court, last)[disciplinary]),
        Planned("NAZ", c[follow], np.ones(int(follow.sum()), dtype=bool), aftercare[follow]),
        Planned("SLUIT", c, np.ones(len(c), dtype=bool), shut),
    ]


def not_recorded_chance(step: str, unit_index: np.ndarray, year: np.ndarray, plan: Plan) -> np.ndarray:
    """Return the chance that a step leaves no trace in the register, by unit and year of opening."""
    return expit(logit(STEPS[step][0]) + plan.not_recorded[unit_index] + NOT_RECORDED_FROM_2021 * (year >= 2021))


def _recorded(planned: Planned, plan: Plan, rng: np.random.Generator) -> pd.DataFrame:
    """Return the rows of one step in the register, at the extraction moment."""
    rows, n = planned.rows, len(planned.rows)
    unit, step = rows["unit_index"].to_numpy(), planned.step
    closed, ends = rows["closed"].to_numpy(), rows["ends"].to_numpy()
    reached = planned.due <= np.minimum(EXTRACTION_DAY, ends if step not in AFTER_DECISION else NEVER)
    if step in AFTER_DECISION:
        reached &= closed
    lost = rng.random(n) < not_recorded_chance(step, unit, rows["year"].to_numpy(), plan)
    waived = (rng.random(n) < ZIENS_WAIVED) if step == "ZIENS" else np.zeros(n, dtype=bool)
    not_done = rng.random(n) < STEPS[step][1]
    undated = rng.random(n) < plan.undated[unit]
    written = rng.random(n) < NOT_APPLICABLE_WRITTEN
    trace, evidence = rng.random(n) < EMPTY_STATE, rng.random(n)
    applicable = planned.applies & ~waived
    if step == "MELD":
        undated[:] = False
    state = np.where(applicable, np.where(not_done, "niet_gedaan", "gedaan"), "niet_van_toepassing").astype(object)
    state[lost] = None
    kept = reached & np.where(lost, planned.applies & trace, planned.applies | written)
    done = state == "gedaan"
    dated = done & ~undated
    proof = evidence < np.where(dated, EVIDENCE["dated"], EVIDENCE["undated"])
    log = pd.DataFrame(
        {
            "case": rows["case"].to_numpy(),
            "subject": rows["subject"].to_numpy(),
            "case_id": rows["case_id"].to_numpy(),
            "subject_id": rows["subject_id"].to_numpy(),
            "step": step,
            "state": state,
            "done": np.where(dated, planned.due, NEVER),
            "evidence": pd.array(np.where(done, proof, False), dtype="boolean"),
            "actor_role": pd.Series(ROLES[step], index=range(n), dtype="str").where(done),
        }
    )
    log.loc[(log["state"] != "gedaan") & (log["state"] != "niet_gedaan"), "evidence"] = pd.NA
    return log[kept]
