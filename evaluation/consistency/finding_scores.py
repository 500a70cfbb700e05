"""Misconduct found or not: the share, units beside their own case mix, and the spread that is left."""

from datetime import date

import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.consistency import cards
from evaluation.consistency.judged import COVARIATES, only_disciplinary
from evaluation.consistency.like_for_like import Compared, compared, used_covariates
from evaluation.consistency.unit_outcome_scores import unit_outcome_scores
from evaluation.scores import Part

MEASURE = "consistency.misconduct_found"


def finding_scores(
    case_files: CaseFiles, judged: pd.DataFrame, units: list[str], found: Compared,
    *, as_of: date, level: float, span: str,
) -> Part:  # fmt: skip
    """Return the share with misconduct found, crude and for like cases, and the spread between units.

    *Estimand*: on the card of `consistency.misconduct_found`.

    Parameters
    ----------
    judged : DataFrame
        As `judged_allegations` returns.
    units : list of str
        Units that get rows.
    found : Compared
        As `compared_findings` returns.
    """
    used = used_covariates(case_files, judged)
    left_out = tuple(name for name in COVARIATES if name not in used)
    return Part(
        unit_outcome_scores(finding_rows(judged), found, units, measure=MEASURE, as_of=as_of, level=level, span=span),
        (cards.misconduct_found(used, left_out, only_disciplinary(case_files)),),
    )


def finding_rows(judged: pd.DataFrame) -> pd.DataFrame:
    """Return the allegations with `hit`: misconduct found."""
    return judged.assign(hit=judged["found"])


def compared_findings(case_files: CaseFiles, judged: pd.DataFrame) -> Compared:
    """Return the chance of misconduct found that all units together would give each allegation."""
    return compared(finding_rows(judged), used_covariates(case_files, judged))
