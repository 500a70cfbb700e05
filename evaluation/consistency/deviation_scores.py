"""First against final penalty and advice against decision, as scores: how often they differ, and which way."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np
import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.consistency.case_shares import case_share
from evaluation.consistency.decisions import condition_of_first, decisions, with_final
from evaluation.consistency.deviation_card import ABSENT, advice_decision_card, first_final_card
from evaluation.consistency.judged import only_disciplinary
from evaluation.consistency.misconduct_outcomes import misconduct_outcomes
from evaluation.consistency.paired_outcomes import (
    DeviationRate,
    PairedTest,
    deviation_rates,
    direction,
    paired_outcomes,
)
from evaluation.consistency.penalty_ranking import PenaltyRanking, load_rankings
from evaluation.refusals import MINIMUM_N
from evaluation.score_rows import ScoreRows
from evaluation.scores import Part, Refusal, Score

FIRST_FINAL = "consistency.first_final"
ADVICE_DECISION = "consistency.advice_decision"
NEEDS = {
    FIRST_FINAL: ("allegations.first_penalty", "allegations.final_penalty"),
    ADVICE_DECISION: ("allegations.advised_penalty", "allegations.first_penalty"),
}


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Two outcomes of the same decisions, with what is known of their conditions.

    Parameters
    ----------
    rows : DataFrame
        `first`, `second` (codes; missing: not known), `first_condition`,
        `second_condition`, `case_id`, `unit`, `decided_on`.
    missing : int
        Decisions of which one of the two is not known, for another reason than that the
        second is still pending.
    """

    rows: pd.DataFrame
    missing: int

    @property
    def known(self) -> pd.DataFrame:
        return self.rows.dropna(subset=["first", "second"])


def deviation_scores(
    case_files: CaseFiles, judged: pd.DataFrame, units: list[str], *, as_of: date, level: float, span: str
) -> Part:
    """Return how often the final penalty differs from the first, and the decision from the advice.

    *Estimand*: on the cards of `consistency.first_final` and `consistency.advice_decision`.

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
        Of each measure `changed_share` (all and by unit), `missing`, `symmetry_p` and
        `homogeneity_p`; under each published ranking `<measure>_<ranking>`: `milder`,
        `heavier`, `level_with`, `unranked`, `milder_share`, `sign_p`. A measure of which
        a column was not delivered is refused.
    """
    absent = {measure: [need for need in needs if not _delivered(case_files, need)] for measure, needs in NEEDS.items()}
    refusals = tuple(Refusal(measure, tuple(gone), ABSENT[measure]) for measure, gone in absent.items() if gone)
    if all(absent.values()):
        return Part(refusals=refusals)
    decided = decisions(misconduct_outcomes(case_files, judged))
    rows = partial(ScoreRows, period=span, as_of=as_of, level=level)
    disciplinary, finals = only_disciplinary(case_files), with_final(decided, extracted_on=case_files.extracted_on)
    scores: list[Score] = []
    cards = []
    if not absent[FIRST_FINAL]:
        about = partial(rows, estimand=FIRST_FINAL)
        scores += _deviation(FIRST_FINAL, _first_final(decided, finals), units, about)
        scores += _objections(decided, finals, about(FIRST_FINAL, "all"))
        cards.append(first_final_card(disciplinary, objections=_delivered(case_files, "allegations.objection"),
                                      level=level))  # fmt: skip
    if not absent[ADVICE_DECISION]:
        about = partial(rows, estimand=ADVICE_DECISION)
        scores += _deviation(ADVICE_DECISION, _advice_decision(decided, finals["final"]), units, about)
        followed = _delivered(case_files, "allegations.advice_followed")
        scores += _followed(decided, units if followed else None, about)
        cards.append(advice_decision_card(disciplinary, level=level))
    return Part(tuple(scores), tuple(cards), refusals)


def _delivered(case_files: CaseFiles, column: str) -> bool:
    allegations = case_files.allegations
    return allegations is not None and column.partition(".")[2] in allegations and case_files.has(column)


def _first_final(decided: pd.DataFrame, finals: pd.DataFrame) -> _Pairs:
    taken = decided["first_penalty"].notna()
    rows = pd.DataFrame(
        {
            "first": decided["first_penalty"],
            "second": finals["final"],
            "first_condition": condition_of_first(decided, finals["final"]),
            "second_condition": decided["conditional"].astype(object),
            **{name: decided[name] for name in ("case_id", "unit", "decided_on")},
        }
    )
    return _Pairs(rows[taken], int((finals["final"].isna() & ~finals["pending"])[taken].sum()))


def _advice_decision(decided: pd.DataFrame, final: pd.Series) -> _Pairs:
    rows = pd.DataFrame(
        {
            "first": decided["advised_penalty"],
            "second": decided["first_penalty"],
            "first_condition": None,  # of the advice it is never recorded
            "second_condition": condition_of_first(decided, final),
            **{name: decided[name] for name in ("case_id", "unit", "decided_on")},
        }
    )
    rows = rows[rows["second"].notna()]
    return _Pairs(rows, int(rows["first"].isna().sum()))


def _deviation(measure: str, pairs: _Pairs, units: list[str], about: partial[ScoreRows]) -> Iterator[Score]:
    known, whole = pairs.known, about(measure, "all")
    found = deviation_rates(known["first"], known["second"], known["unit"], level=whole.level, cluster=known["case_id"])
    of_unit = {rate.group: rate for rate in found[1:]}
    yield _share(whole, found[0])
    for unit in units:
        yield _share(about(measure, f"unit={unit.lower()}"), of_unit.get(unit))
    yield whole.count("missing", pairs.missing)
    both = paired_outcomes(known["first"], known["second"], level=whole.level)
    yield _p_value(whole, "symmetry_p", both.symmetry, len(known))
    yield _p_value(whole, "homogeneity_p", both.homogeneity, len(known))
    for key, ranking in load_rankings().items():
        yield from _direction(known, ranking, about(f"{measure}_{key}", "all"))


def _share(rows: ScoreRows, rate: DeviationRate | None) -> Score:
    if rate is None or rate.interval is None:
        return rows.refused("changed_share", "share", "too_few", n=0 if rate is None else rate.n)
    low, high = rate.interval
    return rows.plain("changed_share", "share", rate.estimate, n=rate.n, low=low, high=high, numerator=rate.changed,
                      denominator=rate.n)  # fmt: skip


def _p_value(rows: ScoreRows, statistic: str, test: PairedTest, n: int) -> Score:
    """Return the p-value of a test; it rests on the pairs that differ only, so those may not be too few."""
    if test.n_discordant < MINIMUM_N or test.p_value is None:
        return rows.refused(statistic, "p_value", "too_few", n=n)
    return rows.plain(statistic, "p_value", test.p_value, n=n)


def _direction(known: pd.DataFrame, ranking: PenaltyRanking, rows: ScoreRows) -> Iterator[Score]:
    changed = (known["first"] != known["second"]).to_numpy(bool)
    way = _ways(known, ranking)
    way[~ranking.in_force(known["decided_on"])] = None
    unchanged = np.where(pd.isna(way), np.nan, 0.0)
    went = direction(unchanged, way, changed, level=rows.level)
    for statistic in ("milder", "heavier", "level_with", "unranked"):
        yield rows.count(statistic, getattr(went, statistic))
    yield rows.large_share("milder_share", went.milder, went.milder + went.heavier)
    yield _p_value(rows, "sign_p", went.mid_p, len(known))


def _ways(known: pd.DataFrame, ranking: PenaltyRanking) -> np.ndarray:
    """Return -1 (milder), 1 (heavier) or 0 (level); None where that hangs on what is not known.

    The condition of an earlier outcome is not recorded. Letters whose ranks lie apart,
    conditional or not, are in order all the same.
    """
    first_low, first_high = ranking.bounds(known["first"], known["first_condition"])
    low, high = ranking.bounds(known["second"], known["second_condition"])
    way = np.full(len(known), None, dtype=object)
    for at, ranks in enumerate(zip(first_low, first_high, low, high, strict=True)):
        if None in ranks:
            continue
        if ranks[3] < ranks[0]:
            way[at] = -1
        elif ranks[2] > ranks[1]:
            way[at] = 1
        elif len(set(ranks)) == 1:
            way[at] = 0
    return way


def _objections(decided: pd.DataFrame, finals: pd.DataFrame, rows: ScoreRows) -> Iterator[Score]:
    """Return what is still pending, and of settled objections the share that changed the penalty."""
    taken = decided["first_penalty"].notna()
    yield rows.count("pending", int((finals["pending"] & taken).sum()))
    yield rows.count("within_letter", int((finals["within_letter"] & taken).sum()))
    settled = taken & finals["objected"] & finals["final"].notna()
    changed = decided.loc[settled, "first_penalty"] != finals.loc[settled, "final"]
    yield case_share(rows, "changed_after_objection_share", changed, decided.loc[settled, "case_id"])


def _followed(decided: pd.DataFrame, units: list[str] | None, about: partial[ScoreRows]) -> Iterator[Score]:
    """Return the share of decisions that the unit itself recorded as following all advice; no `units`: absent."""
    if units is None:
        yield about(ADVICE_DECISION, "all").refused("followed_share", "share", "absent", n=0)
        return
    told = decided[decided["advice_followed"].notna() & decided["first_penalty"].notna()]
    groups = [("all", told), *((f"unit={unit.lower()}", told[told["unit"] == unit]) for unit in units)]
    for group, part in groups:
        followed = part["advice_followed"].isin([True])
        yield case_share(about(ADVICE_DECISION, group), "followed_share", followed, part["case_id"])
