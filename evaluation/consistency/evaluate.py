"""Outcome consistency: whether like cases are judged alike, whichever unit they come from.

The first outcome is the finding: misconduct found or not, among allegations with a finding
on the substance. Units are compared with what their own mix of cases leads one to expect,
inside a funnel of chance; they are never ranked.
"""

from datetime import date
from typing import TypedDict

from data_contracts.case_files import CaseFiles
from evaluation.consistency import cards
from evaluation.consistency.chain_scores import chain_scores
from evaluation.consistency.deviation_scores import deviation_scores
from evaluation.consistency.discovery_scores import discovery_scores
from evaluation.consistency.finding_scores import MEASURE, compared_findings, finding_scores
from evaluation.consistency.judged import COVARIATES, disciplinary_cases, judged_allegations, only_disciplinary
from evaluation.consistency.like_allegations import case_scores
from evaluation.consistency.matched_scores import matched_scores
from evaluation.consistency.penalty_kind_scores import penalty_kind_scores
from evaluation.consistency.penalty_order_scores import penalty_order_scores
from evaluation.consistency.penalty_scores import compared_penalties, penalty_scores
from evaluation.consistency.readers_scores import readers_scores
from evaluation.consistency.registration_scores import registration_scores
from evaluation.consistency.sensitivity_scores import sensitivity_scores
from evaluation.period import period
from evaluation.score_rows import ScoreRows
from evaluation.scores import ModuleResult, Part, Refusal


class _About(TypedDict):
    """What every family is told."""

    as_of: date
    level: float
    span: str


def evaluate(case_files: CaseFiles, *, as_of: date, level: float) -> ModuleResult:
    """Score how far the outcome of an investigation depends on the unit.

    *Estimand*: among allegations with a finding on the substance, the share with
    misconduct found; per unit that share against the one expected from category, year,
    complexity, rank band and prior measures (those that were delivered); over all units
    the spread that remains.

    Parameters
    ----------
    case_files : CaseFiles
        Cut at `as_of` (`case_files.at(as_of)`).
    as_of : date
        Reference date.
    level : float
        Confidence level of the intervals; the funnel is always 95 and 99.8 %.
    """
    span = period(case_files, as_of)
    about = _About(as_of=as_of, level=level, span=span)
    units = sorted(disciplinary_cases(case_files)["unit"].dropna().unique())
    around = (
        chain_scores(case_files, units, **about),
        registration_scores(case_files, **about),
        readers_scores(case_files, **about),
    )
    for needed in ("allegations", "allegations.finding"):
        if not case_files.has(needed):
            absent = ScoreRows(MEASURE, "all", MEASURE, span, as_of, level).refused("share", "share", "absent", n=0)
            card = cards.misconduct_found((), tuple(COVARIATES), only_disciplinary(case_files))
            finding = Part((absent,), (card,), (Refusal(MEASURE, (needed,), cards.ABSENT[needed]),))
            return ModuleResult.of("consistency", (finding, *around), None)

    judged = judged_allegations(case_files)
    found = compared_findings(case_files, judged)
    penalised = compared_penalties(case_files, judged)
    findings = finding_scores(case_files, judged, units, found, **about)
    headline = {score.id: score for score in findings.scores}
    indicators = {"found": found, "penalised": penalised}
    parts = (
        findings,
        *around,
        matched_scores(case_files, judged, units, **about),
        penalty_scores(case_files, judged, units, penalised, **about),
        penalty_kind_scores(case_files, judged, units, **about),
        penalty_order_scores(case_files, judged, units, **about),
        deviation_scores(case_files, judged, units, **about),
        discovery_scores(case_files, judged, units, indicators, **about),
        sensitivity_scores(case_files, judged, headline, **about),
    )
    return ModuleResult.of("consistency", parts, case_scores(case_files, judged, found))
