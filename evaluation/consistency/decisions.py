"""Decisions on persons: which outcomes of one person in one case are one decision, and which of them stand.

A penalty is given to a person, and deliveries repeat it at each allegation. Counted by
allegation, one decision that was changed would count as many times as there are
allegations. So equal outcomes of one person in one case are one decision.

A decision stands when its objection was settled, or when there was none and the term to
object is over. Before that it may still change: it is pending, and not 'unchanged'.
"""

from datetime import date

import pandas as pd

from data_contracts.rules.related_rows import after_term
from evaluation.consistency.misconduct_outcomes import OUTCOME

OBJECTION_TERM = "bezwaar_indienen"
"""The norm with the days in which an objection can be lodged."""

CHANGED_RESULTS = ("gewijzigd", "herroepen", "vervangen_rechter")
UPHELD_RESULTS = ("gehandhaafd", "ingetrokken")


def decisions(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each decision on a person.

    Parameters
    ----------
    outcomes : DataFrame
        As `misconduct_outcomes` returns.

    Returns
    -------
    DataFrame
        The first of the rows of one person in one case with the same outcome, advice,
        objection and day; rows without a person are kept, each as a decision.
    """
    same = outcomes.duplicated(["case_id", "subject_id", *OUTCOME]) & outcomes["subject_id"].notna()
    return outcomes[~same].reset_index(drop=True)


def with_final(decided: pd.DataFrame, *, extracted_on: date) -> pd.DataFrame:
    """Return, of each decision, the final outcome, and whether it may still change.

    Parameters
    ----------
    decided : DataFrame
        As `decisions` returns.
    extracted_on : date
        The day of which the state of objections is known.

    Returns
    -------
    DataFrame
        `objected` (an objection or a result of one), `pending` (objected without a
        result, or still within the term), `final` (code; missing when pending or not
        known) and `within_letter` (the result says changed, the code is the same).

    Notes
    -----
    Where no final outcome was written, it is the first when the objection was upheld or
    withdrawn, or when there was none and its term is over. Units that fill it in and
    units that leave it blank then give the same number.
    """
    first, written, result = decided["first_penalty"], decided["final_penalty"], decided["objection_result"]
    objected = decided["objection"].isin([True]) | result.notna()
    decided_on = pd.to_datetime(decided["decided_on"]).astype("datetime64[s]")
    in_term = after_term(decided_on, OBJECTION_TERM) >= pd.Timestamp(extracted_on)
    pending = (objected & result.isna()) | (~objected & in_term)
    stands = result.isin(UPHELD_RESULTS) | (~objected & decided["objection"].isin([False]))
    final = written.where(written.notna() | ~stands, first).where(~pending)
    return pd.DataFrame(
        {
            "objected": objected,
            "pending": pending,
            "final": final,
            "within_letter": result.isin(CHANGED_RESULTS) & (final == first).fillna(False),
        }
    )


def condition_of_first(decided: pd.DataFrame, final: pd.Series) -> pd.Series:
    """Return whether the first penalty is conditional; missing where only that of a later one is known.

    `conditional` is said of the final penalty, and of the first while there is no other.
    """
    same = (decided["first_penalty"] == final).fillna(False) | final.isna()
    changed = decided["objection_result"].isin(CHANGED_RESULTS)
    return decided["conditional"].astype(object).where(same & ~changed)
