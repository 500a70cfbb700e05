"""How far each signal and each allegation went, as the chain counts it: true, false, or not known."""

import pandas as pd

from evaluation.consistency.judged import FOUND, NOT_FOUND
from evaluation.consistency.outcome_chain import LEFT_SERVICE
from evaluation.consistency.penalty_ranking import PENALTIES

UNKNOWN_FINDING = "onbekend"
DISMISSAL = ("j", "k")
DISMISSED_OTHERWISE = "ontslag_andere_grond"


def signal_states(signals: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """Return, of each signal, whether it led to a disciplinary investigation.

    The kind of the case it refers to decides; without a case, the outcome of triage. An
    exploratory investigation may still lead to a disciplinary one while it is open, or
    when it is not known which case it was: then it is not known.

    Parameters
    ----------
    signals, cases : DataFrame
        Tables of the contract (`CaseFiles.signals`, `CaseFiles.cases`).

    Returns
    -------
    DataFrame
        `unit`, `year` (of receipt), `investigated`, `running`.
    """
    of_case = cases.drop_duplicates("case_id").set_index("case_id")
    kind = signals["case_id"].map(of_case["kind"])
    closed = signals["case_id"].map(of_case["closed_on"]).notna()
    linked = signals["case_id"].isin(of_case.index)
    triage = signals["triage_outcome"]
    yes = (kind == "disciplinair") | (kind.isna() & (triage == "onderzoek"))
    open_still = linked & (kind == "orienterend") & ~closed
    no = (kind.notna() & (kind != "disciplinair") & ~open_still) | (
        kind.isna() & triage.notna() & ~triage.isin(["onderzoek", "orienterend"])
    )
    return pd.DataFrame(
        {
            "unit": signals["unit"].astype("string"),
            "year": pd.to_datetime(signals["received_on"]).dt.year.astype("Int64"),
            "investigated": _truth(yes, no),
            "running": open_still,
        }
    ).reset_index(drop=True)


def allegation_states(allegations: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """Return, of each allegation of a disciplinary investigation, how far it went.

    `judged`: a finding on the substance (not: left, handed over, talked over). `found`:
    misconduct. `penalised`: a penalty of Barp 77(1), after objection and appeal where
    that is recorded. `dismissed`: by such a penalty, unconditionally. `left_service`:
    dismissed so, or on another ground.

    Parameters
    ----------
    allegations, cases : DataFrame
        Tables of the contract. Where no kind of case was delivered, all cases count.

    Returns
    -------
    DataFrame
        `case_id`, `unit`, `year` (of opening), the links, `running` (case still open).
    """
    kinds = cases.drop_duplicates("case_id")
    pool = kinds[kinds["kind"] == "disciplinair"] if (kinds["kind"] == "disciplinair").any() else kinds
    rows = allegations.merge(
        pool[["case_id", "unit", "opened_on", "closed_on"]], on="case_id", how="inner", validate="many_to_one"
    )
    finding = rows["finding"].where(rows["finding"] != UNKNOWN_FINDING)
    judged = finding.isin(FOUND + NOT_FOUND)
    penalty = rows["final_penalty"].where(rows["final_penalty"].notna(), rows["first_penalty"])
    letter = penalty.isin(PENALTIES)
    condition = rows["conditional"].astype("boolean")
    # A penalty of which it is not known whether it is conditional is left out whatever its letter: only
    # dismissals would drop out otherwise, and the share would fall.
    sure = letter & condition.notna()
    out = penalty.isin(DISMISSAL) & sure & ~condition.fillna(True)
    otherwise = penalty == DISMISSED_OTHERWISE
    return pd.DataFrame(
        {
            "case_id": rows["case_id"],
            "unit": rows["unit"].astype("string"),
            "year": pd.to_datetime(rows["opened_on"]).dt.year.astype("Int64"),
            "judged": _truth(judged, finding.notna() & ~judged),
            "found": _truth(finding.isin(FOUND), finding.isin(NOT_FOUND)),
            "penalised": _truth(letter, penalty.notna() & ~letter),
            "dismissed": _truth(out, sure & ~out),
            LEFT_SERVICE: _truth(out | otherwise, (sure & ~out) | (penalty.notna() & ~letter & ~otherwise)),
            "running": rows["closed_on"].isna(),
        }
    )


def _truth(yes: pd.Series, no: pd.Series) -> pd.Series:
    """Return true, false or missing: neither yes nor no is not known."""
    sure, refuted = yes.fillna(False).to_numpy(bool), no.fillna(False).to_numpy(bool)
    return pd.Series(pd.array(sure, dtype="boolean"), index=yes.index).mask(~sure & ~refuted)
