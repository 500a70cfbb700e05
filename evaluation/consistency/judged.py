"""The allegations that are compared: with a finding on the substance, and the facts of their case."""

import pandas as pd

from data_contracts.case_files import CaseFiles

FOUND = ("plichtsverzuim_vastgesteld", "strafbaar_feit")
NOT_FOUND = ("geen_plichtsverzuim", "niet_vastgesteld")
COVARIATES = {
    "category": "allegations.category",
    "year": "cases.opened_on",
    "complexity": "cases.complexity",
    "rank_band": "subjects.rank_band",
    "prior_measures": "subjects.prior_measures",
}


def judged_allegations(case_files: CaseFiles) -> pd.DataFrame:
    """Return the allegations with a finding on the substance, with their case's facts.

    Columns: `allegation_id, case_id, subject_id, unit, finding, found, penalty` and the
    covariates of `COVARIATES` as text (missing where not delivered).
    """
    allegations = case_files.allegations
    if allegations is None:
        raise ValueError("no allegations")
    rows = allegations[allegations["finding"].isin(FOUND + NOT_FOUND)]
    rows = rows.drop(columns="category").assign(category=_category(case_files, rows))
    facts = disciplinary_cases(case_files)[["case_id", "unit", "opened_on", "complexity"]].drop_duplicates("case_id")
    frame = rows.merge(facts, on="case_id", how="inner", validate="many_to_one")
    frame = frame.merge(_subject_facts(case_files), on=["case_id", "subject_id"], how="left", validate="many_to_one")
    frame["found"] = frame["finding"].isin(FOUND)
    frame["year"] = frame["opened_on"].dt.year.astype("Int64").astype("string")
    final, first = (frame.get(name, pd.Series(pd.NA, index=frame.index)) for name in ("final_penalty", "first_penalty"))
    frame["penalty"] = final.where(final.notna(), first)
    kept = ["allegation_id", "case_id", "subject_id", "unit", "finding", "found", "penalty", *COVARIATES]
    return frame[kept].sort_values(["case_id", "allegation_id"], ignore_index=True)


def _category(case_files: CaseFiles, rows: pd.DataFrame) -> pd.Series:
    """Return the category of the allegation; where it has none, that of its case."""
    of_case = case_files.cases.drop_duplicates("case_id").set_index("case_id")["category"]
    return rows["category"].where(rows["category"].notna(), rows["case_id"].map(of_case))


def _subject_facts(case_files: CaseFiles) -> pd.DataFrame:
    subjects = case_files.subjects
    if subjects is None:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in
                             ("case_id", "subject_id", "rank_band", "prior_measures")})  # fmt: skip
    facts = subjects[["case_id", "subject_id", "rank_band"]].copy()
    prior = subjects["prior_measures"].astype("Int64")
    facts["prior_measures"] = prior.clip(upper=2).astype("string").replace("2", "2+")
    return facts.dropna(subset=["case_id", "subject_id"]).drop_duplicates(["case_id", "subject_id"])


def only_disciplinary(case_files: CaseFiles) -> bool:
    """Return whether disciplinary cases can be told from others, so that only they count."""
    return bool((case_files.cases["kind"] == "disciplinair").any()) and case_files.has("cases.kind")


def disciplinary_cases(case_files: CaseFiles) -> pd.DataFrame:
    """Return the investigations that count: disciplinary ones, where the kind was delivered."""
    cases = case_files.cases
    return cases[cases["kind"] == "disciplinair"] if only_disciplinary(case_files) else cases
