"""Case files with made-up findings, for the tests of outcome consistency."""

from datetime import date

import numpy as np
import pandas as pd
from scipy.special import expit

from data_contracts.case_files import CaseFiles
from evaluation.consistency import evaluate
from evaluation.consistency.judged import COVARIATES
from evaluation.scores import ModuleResult

AS_OF = date(2022, 12, 31)
UNITS = tuple("ABCDEFGH")
NO_CHARACTERISTICS = dict.fromkeys(COVARIATES.values(), "")
TEXT = ("investigating_unit", "status", "exit_kind", "criminal_track")
EMPTY = ("advised_penalty", "conditional", "probation_months", "objection", "objection_result", "deviation_reasons")


def case_files(
    found: np.ndarray, unit: np.ndarray, *, seed: int = 0, category: np.ndarray | str | None = None, **columns: object
) -> CaseFiles:
    """One allegation a case, on made-up facts; `columns` overrule those of the joined table.

    With a `case_id` in which values return, a case has the facts of its first allegation.
    """
    rng = np.random.default_rng(seed)
    n = len(found)
    year = rng.integers(2018, 2022, n)
    if category is None:
        category = np.where(year < 2020, rng.choice(["vik_a", "vik_b"], n), rng.choice(["rm_a", "rm_b"], n))
    facts = pd.DataFrame(
        {
            "case_id": [f"Z{k:05d}" for k in range(n)],
            "subject_id": [f"B-{k:08x}" for k in range(n)],
            "allegation_id": [f"G{k:05d}" for k in range(n)],
            "unit": pd.array(unit, dtype="str"),
            "kind": "disciplinair",
            "opened_on": pd.to_datetime([f"{y}-03-01" for y in year]).astype("datetime64[s]"),
            "category": pd.Series(category, index=range(n), dtype="str"),
            "complexity": rng.choice(["licht", "middel", "zwaar"], n),
            "rank_band": rng.choice(["agent_hoofdagent", "brigadier"], n),
            "prior_measures": pd.array(rng.integers(0, 4, n), dtype="Int64"),
            "finding": np.where(found, "plichtsverzuim_vastgesteld", "niet_vastgesteld"),
            "final_penalty": np.where(found, rng.choice(["a", "j", "geen"], n), None),
            "first_penalty": None,
        }
        | columns
    )
    facts["closed_on"] = facts["opened_on"] + pd.Timedelta(days=100)
    absent = {name: pd.Series(np.nan, index=facts.index, dtype="str") for name in (*TEXT, *EMPTY)}
    facts = facts.assign(**absent, decided_on=facts["closed_on"])
    case_columns = ["case_id", "unit", "kind", "opened_on", "closed_on", "category", "complexity", *TEXT]
    allegation_columns = ["allegation_id", "case_id", "subject_id", "category", "finding", "final_penalty",
                          "first_penalty", "decided_on", *EMPTY]  # fmt: skip
    delivery = pd.DataFrame(
        {
            "unit": ["A"],
            "extracted_at": pd.to_datetime(["2022-12-31"]),
            "period_start": pd.to_datetime(["2018-01-01"]),
            "period_end": pd.to_datetime(["2022-12-31"]),
            "cohort_basis": ["alle"],
        }
    )
    return CaseFiles(
        delivery=delivery,
        cases=facts[case_columns].drop_duplicates("case_id").reset_index(drop=True),
        subjects=facts[["case_id", "subject_id", "rank_band", "prior_measures"]].drop_duplicates(ignore_index=True),
        allegations=facts[allegation_columns].copy(),
    )


def national(seed: int = 1, n: int = 1600, spread: float = 0.0) -> CaseFiles:
    rng = np.random.default_rng(seed)
    at = rng.integers(0, len(UNITS), n)
    effect = spread * np.linspace(-1.5, 1.5, len(UNITS))
    return case_files(rng.random(n) < expit(-0.2 + effect[at]), np.array(UNITS)[at], seed=seed + 1000)


def run(files: CaseFiles) -> ModuleResult:
    return evaluate(files.at(AS_OF), as_of=AS_OF, level=0.95)


def by_id(result: ModuleResult) -> dict:
    return {score.id.removeprefix("consistency."): score for score in result.scores}
