"""The penalty after misconduct in groups without an order: how often each was given, and was to be expected."""

from collections.abc import Iterator
from datetime import date
from functools import partial

import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.consistency.case_shares import case_share
from evaluation.consistency.judged import COVARIATES, only_disciplinary
from evaluation.consistency.like_for_like import used_covariates
from evaluation.consistency.misconduct_outcomes import misconduct_outcomes
from evaluation.consistency.penalty_kind_card import penalty_kind_card
from evaluation.consistency.penalty_ranking import load_groups
from evaluation.consistency.penalty_texts import refuse_without_penalty
from evaluation.consistency.unordered_outcome import UnorderedComparison, unordered_by_unit
from evaluation.refusals import MINIMUM_N
from evaluation.score_rows import ScoreRows
from evaluation.scores import Part, Score

MEASURE = "consistency.penalty_kind"
GIVEN_UP = ("year", "rank_band", "prior_measures", "category", "complexity")
"""Characteristics in the order in which they are given up when the model with all of them has no finite answer.

With five groups and some hundreds of penalties, one group may be missing from a combination
of year and category. The year goes first: the two lists of categories tell the time as well.
"""


def penalty_kind_scores(
    case_files: CaseFiles, judged: pd.DataFrame, units: list[str], *, as_of: date, level: float, span: str
) -> Part:
    """Return how often each group of penalties was given, of all, by year and by unit, beside the expected share.

    *Estimand*: on the card of `consistency.penalty_kind`.

    Parameters
    ----------
    case_files : CaseFiles
        Already cut: `case_files.at(as_of)`.
    judged : DataFrame
        As `judged_allegations` returns.
    units : list of str
        Units that get rows.
    as_of : date
    level : float
    span : str
        Period over which the cases were opened.

    Returns
    -------
    Part
        `share_<group>` of all, each year and each unit, `expected_<group>` by unit, and of
        all `unknown` (outcomes whose group is not known) and `units_p`. Without penalties
        the family is refused.
    """
    if refusal := refuse_without_penalty(case_files, MEASURE):
        return Part(refusals=(refusal,))
    rows = misconduct_outcomes(case_files, judged)
    rows = rows[rows["penalty"].notna()].reset_index(drop=True)
    known = load_groups()
    group = known.groups(rows["penalty"], rows["conditional"])
    group[~known.in_force(rows["decided_on"])] = None
    taken = rows.assign(group=group)[~pd.isna(group)].reset_index(drop=True)
    delivered = used_covariates(case_files, judged)
    found, used = _compared(taken, delivered, level)
    about = partial(ScoreRows, MEASURE, estimand=MEASURE, period=span, as_of=as_of, level=level)
    whole = about("all")
    why = found.refusal or found.clustered_score.refusal
    scores = (
        whole.count("unknown", int(pd.isna(group).sum())),
        whole.plain("units_p", "p_value", None if why else found.clustered_score.p_value, n=found.n, refusal=why),
        *_observed(taken, units, about),
        *_expected(found, taken, units, about),
    )
    left_out = tuple(name for name in COVARIATES if name not in delivered)
    given_up = tuple(name for name in delivered if name not in used)
    card = penalty_kind_card(used, left_out, given_up, only_disciplinary(case_files), level=level)
    return Part(scores, (card,))


def _compared(
    taken: pd.DataFrame, delivered: tuple[str, ...], level: float
) -> tuple[UnorderedComparison, tuple[str, ...]]:
    """Return the comparison on as many characteristics as give a finite answer, and those."""
    used = delivered
    order = iter([name for name in GIVEN_UP if name in delivered])
    while True:
        found = unordered_by_unit(
            taken["group"], taken["unit"], taken[list(used)], level=level, cluster=taken["case_id"]
        )
        if found.refusal != "separation" or not used:
            return found, used
        given_up = next(order)
        used = tuple(name for name in used if name != given_up)


def _observed(taken: pd.DataFrame, units: list[str], about: partial[ScoreRows]) -> Iterator[Score]:
    groups = [("all", taken)]
    groups += [(f"unit={unit.lower()}", taken[taken["unit"] == unit]) for unit in units]
    groups += [(f"year={year}", taken[taken["year"] == year]) for year in sorted(taken["year"].dropna().unique())]
    for name, part in groups:
        for kind in load_groups().titles:
            yield case_share(about(name), f"share_{kind}", part["group"] == kind, part["case_id"])


def _expected(
    found: UnorderedComparison, taken: pd.DataFrame, units: list[str], about: partial[ScoreRows]
) -> Iterator[Score]:
    shares = {(row["unit"], row["group"]): row["expected_share"] for row in found.table.to_dict("records")}
    for unit in units:
        rows, n = about(f"unit={unit.lower()}"), int((taken["unit"] == unit).sum())
        why = "too_few" if n < MINIMUM_N else found.refusal
        for kind in load_groups().titles:
            # A group that nobody was given anywhere is expected nowhere.
            share = None if why else shares.get((unit, kind), 0.0)
            yield rows.plain(f"expected_{kind}", "share", share, n=n, refusal=why)
