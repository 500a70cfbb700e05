"""A penalty among allegations with misconduct found."""

from datetime import date
from functools import partial

import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.consistency import cards
from evaluation.consistency.judged import only_disciplinary
from evaluation.score_rows import ScoreRows
from evaluation.scores import Part, Refusal

MEASURE = "consistency.penalty_given_finding"
PENALTIES = tuple("abcdefghijk")


def penalty_scores(
    case_files: CaseFiles, judged: pd.DataFrame, units: list[str], *, as_of: date, level: float, span: str
) -> Part:
    """Return the share with a penalty, of all and by unit; the final penalty where there is one, else the first.

    *Estimand*: on the card of `consistency.penalty_given_finding`.

    Parameters
    ----------
    judged : DataFrame
        As `judged_allegations` returns.
    units : list of str
        Units that get a row.
    """
    if not (case_files.has("allegations.final_penalty") or case_files.has("allegations.first_penalty")):
        needs = ("allegations.final_penalty", "allegations.first_penalty")
        return Part((), (), (Refusal("consistency.penalty", needs, cards.PENALTY_ABSENT),))
    known = judged[judged["found"] & judged["penalty"].notna()]
    rows = partial(ScoreRows, MEASURE, estimand=MEASURE, period=span, as_of=as_of, level=level)
    groups = [("all", known), *((f"unit={unit.lower()}", known[known["unit"] == unit]) for unit in units)]
    return Part(
        tuple(
            rows(group).large_share("share", int(part["penalty"].isin(PENALTIES).sum()), len(part))
            for group, part in groups
        ),
        (cards.penalty_given_finding(only_disciplinary(case_files)),),
        (),
    )
