"""What followed misconduct: advice, first and final penalty of the allegations in which it was found."""

import pandas as pd

from data_contracts.case_files import CaseFiles

OUTCOME = (
    "advised_penalty", "first_penalty", "final_penalty", "conditional", "decided_on", "objection", "objection_result",
    "advice_followed",
)  # fmt: skip
_KEYS = ["case_id", "subject_id", "allegation_id"]


def misconduct_outcomes(case_files: CaseFiles, judged: pd.DataFrame) -> pd.DataFrame:
    """Return the judged allegations with misconduct found, with what followed.

    Parameters
    ----------
    case_files : CaseFiles
        With allegations.
    judged : DataFrame
        As `judged_allegations` returns.

    Returns
    -------
    DataFrame
        The rows of `judged` with misconduct found and the columns of `OUTCOME`. A column
        that was not delivered is wholly missing.

    Raises
    ------
    ValueError
        Without allegations.
    """
    if case_files.allegations is None:
        raise ValueError("no allegations")
    outcomes = case_files.allegations.reindex(columns=[*_KEYS, *OUTCOME]).drop_duplicates(_KEYS)
    return judged[judged["found"]].merge(outcomes, on=_KEYS, how="left", validate="many_to_one")
