"""What the options of the grids ask of a case, and of a delivery."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.duration.clock import CRIMINAL_TRACK, dates, entered_on
from evaluation.duration.total import KIND, only_disciplinary

SMALL_UNIT = 50
"""Units with fewer cases than this are left out in the universes without small units."""


def case_facts(case_files: CaseFiles) -> pd.DataFrame:
    """Return the truth columns by which options keep a case (`Option.keep`), one row a case of any kind.

    Returns
    -------
    DataFrame
        `case_id`, `closed`, `open`, `late` (came into view after its opening),
        `opened_in_period`, `disciplinary` (all, where the kind was not delivered),
        `in_large_unit` (counted in disciplinary cases).
    """
    cases = case_files.cases
    closed = cases["closed_on"].notna().to_numpy()
    late = ~np.isnat(entered_on(cases, case_files.delivery))
    kind = (cases["kind"] == KIND).to_numpy(bool) if only_disciplinary(case_files) else np.full(len(cases), True)
    return pd.DataFrame(
        {
            "case_id": cases["case_id"].to_numpy(),
            "closed": closed,
            "open": ~closed,
            "late": late,
            "opened_in_period": ~late,
            "disciplinary": kind,
            "in_large_unit": (cases[kind].groupby("unit").size().reindex(cases["unit"]) >= SMALL_UNIT).to_numpy(),
        }
    )


def of_any_kind(case_files: CaseFiles) -> CaseFiles:
    """Return the same case files without the kind of a case: no function then leaves out another kind."""
    return replace(case_files, cases=case_files.cases.assign(kind=None))


def has(case_files: CaseFiles, facts: Mapping[str, bool], needed: str) -> bool:
    """Tell whether a delivery can take an option: by a fact about the rows, or a table or column."""
    if needed in facts:
        return bool(facts[needed])
    if needed not in ("suspensions", "other_suspensions"):
        return case_files.has(needed)
    spells = case_files.suspensions if case_files.has("suspensions") else None
    if spells is None:
        return False
    other = spells["reason"].notna() & ~spells["reason"].isin(CRIMINAL_TRACK)
    return len(spells) > 0 if needed == "suspensions" else bool(other.any())


def common_facts(facts: pd.DataFrame) -> dict[str, bool]:
    """Return what the rows of `case_facts` (or those joined to them) say of the options that several grids share."""
    return {
        "late_entry": bool(facts["late"].any()),
        "small_units": not facts["in_large_unit"].all(),
        "other_kinds": not facts["disciplinary"].all(),
    }


def first_done(case_files: CaseFiles, step: str) -> np.ndarray:
    """Return the first day on which a step was done in each case, for anyone in it."""
    log = case_files.steps
    if log is None:
        return np.full(len(case_files.cases), np.datetime64("NaT", "D"))
    first = log[(log["step"] == step) & (log["state"] == "gedaan")].groupby("case_id")["done_on"].min()
    return dates(first.reindex(case_files.cases["case_id"]))
