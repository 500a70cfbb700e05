"""A penalty among allegations with misconduct found: the share, units beside their own case mix, and the spread."""

from datetime import date

import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.consistency import cards
from evaluation.consistency.judged import COVARIATES, only_disciplinary
from evaluation.consistency.like_for_like import Compared, compared, used_covariates
from evaluation.consistency.unit_outcome_scores import unit_outcome_scores
from evaluation.scores import Part, Refusal

MEASURE = "consistency.penalty_given_finding"
PENALTIES = tuple("abcdefghijk")


def penalty_scores(
    case_files: CaseFiles, judged: pd.DataFrame, units: list[str], found: Compared,
    *, as_of: date, level: float, span: str,
) -> Part:  # fmt: skip
    """Return the share with a penalty, crude and for like cases, and the spread between units.

    *Estimand*: on the card of `consistency.penalty_given_finding`.

    Parameters
    ----------
    judged : DataFrame
        As `judged_allegations` returns.
    units : list of str
        Units that get rows.
    found : Compared
        As `compared_penalties` returns.
    """
    if not has_penalties(case_files):
        needs = ("allegations.final_penalty", "allegations.first_penalty")
        return Part((), (), (Refusal("consistency.penalty", needs, cards.PENALTY_ABSENT),))
    used = used_covariates(case_files, judged)
    left_out = tuple(name for name in COVARIATES if name not in used)
    return Part(
        unit_outcome_scores(penalty_rows(judged), found, units, measure=MEASURE, as_of=as_of, level=level, span=span),
        (cards.penalty_given_finding(used, left_out, only_disciplinary(case_files)),),
    )


def has_penalties(case_files: CaseFiles) -> bool:
    """Return whether a first or a final penalty was delivered."""
    return case_files.has("allegations.final_penalty") or case_files.has("allegations.first_penalty")


def penalty_rows(judged: pd.DataFrame) -> pd.DataFrame:
    """Return the allegations with misconduct found and a known outcome, with `hit`: a penalty.

    The final penalty where there is one, else the first.
    """
    known = judged[judged["found"] & judged["penalty"].notna()]
    return known.assign(hit=known["penalty"].isin(PENALTIES))


def compared_penalties(case_files: CaseFiles, judged: pd.DataFrame) -> Compared:
    """Return the chance of a penalty that all units together would give each allegation with misconduct found."""
    return compared(penalty_rows(judged), used_covariates(case_files, judged))
