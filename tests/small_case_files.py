"""Case files small enough to write down in a test."""

from typing import Any

import pandas as pd

from data_contracts.case_files import CaseFiles

COLUMNS = {
    "delivery": {
        "unit": "str", "extracted_at": "date", "period_start": "date", "period_end": "date", "cohort_basis": "str",
        "contract_version": "str", "counting_unit": "str",
    },
    "cases": {
        "case_id": "str", "unit": "str", "investigating_unit": "str", "kind": "str", "opened_on": "date",
        "closed_on": "date", "status": "str", "exit_kind": "str", "category": "str", "complexity": "str",
        "criminal_track": "boolean",
    },
    "signals": {
        "signal_id": "str", "unit": "str", "received_on": "date", "source": "str", "category": "str",
        "triage_outcome": "str", "triaged_on": "date", "case_id": "str",
    },
    "subjects": {
        "case_id": "str", "subject_id": "str", "rank_band": "str", "function_group": "str", "tenure_band": "str",
        "prior_measures": "Int64",
    },
    "allegations": {
        "allegation_id": "str", "case_id": "str", "subject_id": "str", "category": "str", "conduct_from": "date",
        "conduct_to": "date", "flag_discrimination": "boolean", "flag_drugs": "boolean",
        "flag_drink_driving": "boolean", "flag_expression": "boolean", "finding": "str", "advised_penalty": "str",
        "first_penalty": "str", "final_penalty": "str", "conditional": "boolean", "probation_months": "Int64",
        "decided_on": "date", "objection": "boolean", "objection_result": "str", "deviation_reasons": "boolean",
        "advice_followed": "boolean", "conduct_unchanged": "boolean", "execution_ordered": "boolean",
    },
    "steps": {
        "case_id": "str", "subject_id": "str", "step": "str", "state": "str", "done_on": "date",
        "evidence": "boolean", "actor_role": "str",
    },
    "order_measures": {
        "order_measure_id": "str", "case_id": "str", "subject_id": "str", "kind": "str", "start_on": "date",
        "end_on": "date", "extension_of": "str",
    },
    "suspensions": {"case_id": "str", "start_on": "date", "end_on": "date", "reason": "str"},
}  # fmt: skip
DELIVERED = {"unit": "AMS", "extracted_at": "2025-12-31", "cohort_basis": "alle"}
DECIDED = {
    "unit": "AMS", "kind": "disciplinair", "opened_on": "2021-03-01", "closed_on": "2021-09-01", "status": "afgesloten",
    "exit_kind": "besluit",
}  # fmt: skip


def table(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return a typed table with all columns of its contract; what a row leaves out is missing."""
    frame = pd.DataFrame(rows, columns=list(COLUMNS[name]))
    for column, kind in COLUMNS[name].items():
        if kind == "date":
            frame[column] = pd.to_datetime(frame[column]).astype("datetime64[s]")
        else:
            frame[column] = frame[column].astype(kind)
    return frame


def case_files(*, absent: dict[str, dict[str, str]] | None = None, **rows: list[dict[str, Any]]) -> CaseFiles:
    """Return case files with the given tables; a table that is not given was not delivered.

    Every case is a disciplinary one that was decided, unless its row says otherwise.
    """
    rows.setdefault("delivery", [DELIVERED])
    rows["cases"] = [DECIDED | row for row in rows["cases"]]
    return CaseFiles(**{name: table(name, content) for name, content in rows.items()}, absent=absent or {})
