"""The penalty after misconduct as an ordered outcome, by unit among like cases: once for each published ranking."""

from collections.abc import Iterator
from datetime import date
from functools import partial

import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.consistency.effect import TestResult, refused
from evaluation.consistency.judged import COVARIATES, only_disciplinary
from evaluation.consistency.like_for_like import used_covariates
from evaluation.consistency.misconduct_outcomes import misconduct_outcomes
from evaluation.consistency.ordered_outcome import OrderedComparison, ordered_by_unit
from evaluation.consistency.penalty_order_card import penalty_order_card
from evaluation.consistency.penalty_ranking import PenaltyRanking, load_rankings
from evaluation.consistency.penalty_texts import refuse_without_penalty
from evaluation.refusals import MINIMUM_N
from evaluation.score_rows import ScoreRows
from evaluation.scores import Part, Score

ESTIMAND = "consistency.penalty_order"


def penalty_order_scores(
    case_files: CaseFiles, judged: pd.DataFrame, units: list[str], *, as_of: date, level: float, span: str
) -> Part:
    """Return, under each published ranking, how heavy the penalties of each unit are among like cases.

    *Estimand*: on the card of `consistency.penalty_order`.

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
        `consistency.penalty_order_<ranking>`: `win` and `odds_ratio` by unit, and of all
        `unranked` (outcomes without a place), `units_p` and `proportional_odds_p`. Without
        penalties the family is refused.
    """
    if refusal := refuse_without_penalty(case_files, ESTIMAND):
        return Part(refusals=(refusal,))
    rows = misconduct_outcomes(case_files, judged)
    rows = rows[rows["penalty"].notna()].reset_index(drop=True)
    used = used_covariates(case_files, judged)
    about = partial(ScoreRows, estimand=ESTIMAND, period=span, as_of=as_of, level=level)
    scores = tuple(
        score
        for key, ranking in load_rankings().items()
        for score in _of_ranking(rows, ranking, units, used, partial(about, f"{ESTIMAND}_{key}"))
    )
    left_out = tuple(name for name in COVARIATES if name not in used)
    return Part(scores, (penalty_order_card(used, left_out, only_disciplinary(case_files), level=level),))


def _of_ranking(
    rows: pd.DataFrame, ranking: PenaltyRanking, units: list[str], used: tuple[str, ...], about: partial[ScoreRows]
) -> Iterator[Score]:
    whole = about("all")
    ranks = ranking.ranks(rows["penalty"], rows["conditional"])
    ranks[~ranking.in_force(rows["decided_on"])] = None
    placed = ~pd.isna(ranks)
    yield whole.count("unranked", int((~placed).sum()))
    taken = rows[placed].reset_index(drop=True)
    found = ordered_by_unit(
        ranks[placed], taken["unit"], taken[list(used)], level=whole.level, cluster=taken["case_id"]
    )
    yield _p_value(whole, "units_p", found.clustered_score, found)
    yield _p_value(whole, "proportional_odds_p", found.proportional_odds, found)
    sizes = taken["unit"].value_counts()
    of_unit = {one.unit: one for one in found.units}
    for unit in units:
        one, n = of_unit.get(unit), int(sizes.get(unit, 0))
        nothing = refused("too_few" if n < MINIMUM_N else str(found.refusal), n)
        here = about(f"unit={unit.lower()}")
        yield here.number("win", "share", nothing if one is None else one.win, n=n)
        yield here.number("odds_ratio", "odds_ratio", nothing if one is None else one.odds_ratio, n=n)


def _p_value(rows: ScoreRows, statistic: str, test: TestResult, found: OrderedComparison) -> Score:
    why = found.refusal or test.refusal
    return rows.plain(statistic, "p_value", None if why else test.p_value, n=found.n, refusal=why)
