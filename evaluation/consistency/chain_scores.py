"""The chain from signal to dismissal as scores: at each link the share that went on, never pooled over links."""

from collections.abc import Iterator
from datetime import date

import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.consistency.chain_card import ABSENT, chain_card
from evaluation.consistency.judged import only_disciplinary
from evaluation.consistency.outcome_chain import (
    ALL,
    ALLEGATION_LINKS,
    LEFT_SERVICE,
    SIGNAL_LINKS,
    outcome_chain,
)
from evaluation.consistency.outcome_states import allegation_states, signal_states
from evaluation.refusals import MINIMUM_N
from evaluation.score_rows import ScoreRows
from evaluation.scores import Part, Refusal, Score

ESTIMAND = "consistency.chain"
LINKS = (*SIGNAL_LINKS, *ALLEGATION_LINKS, LEFT_SERVICE)
COUNTS = ("reached", "running", "missing")
_PENALTIES = ("allegations.final_penalty", "allegations.first_penalty")


def chain_scores(case_files: CaseFiles, units: list[str], *, as_of: date, level: float, span: str) -> Part:
    """Return, link by link, the share that went on: of all, by unit and by year.

    *Estimand*: on the card of `consistency.chain`.

    Parameters
    ----------
    case_files : CaseFiles
        Already cut: `case_files.at(as_of)`.
    units : list of str
        Units that get rows; the first link adds units that have signals only.
    as_of : date
    level : float
    span : str
        Period over which the cases were opened.

    Returns
    -------
    Part
        `consistency.chain_<link>`: `share` of `all`, each unit and each year, and the
        counts `reached`, `running` and `missing` of `all`. What was not delivered is
        refused: signals, or allegations with a finding.
    """
    refusals = tuple(
        Refusal(ESTIMAND, (needed,), ABSENT[needed])
        for needed, table in (("signals", "signals"), ("allegations.finding", "allegations"))
        if getattr(case_files, table) is None or not case_files.has(needed)
    )
    refused = {need for refusal in refusals for need in refusal.needs}
    signals = None if "signals" in refused else signal_states(case_files.signals, case_files.cases)
    findings = "allegations.finding" not in refused
    allegations = allegation_states(case_files.allegations, case_files.cases) if findings else None
    if signals is None and allegations is None:
        return Part(refusals=refusals)
    table = outcome_chain(signals, allegations, level=level, crossed=False).table
    scores = tuple(
        score
        for link in LINKS
        if (link in SIGNAL_LINKS and signals is not None) or (link not in SIGNAL_LINKS and allegations is not None)
        for score in _of_link(
            case_files, link, table[table["link"] == link], units, as_of=as_of, level=level, span=span
        )
    )
    return Part(scores, (chain_card(only_disciplinary(case_files), level=level),), refusals)


def _of_link(
    case_files: CaseFiles, link: str, table: pd.DataFrame, units: list[str], *, as_of: date, level: float, span: str
) -> Iterator[Score]:
    def rows(group: str) -> ScoreRows:
        return ScoreRows(f"{ESTIMAND}_{link}", group, ESTIMAND, span, as_of, level)

    by_group = {(row["unit"], row["year"]): row for row in table.to_dict("records")}
    of_units = sorted({*units, *(unit for unit, _year in by_group if unit != ALL)})
    groups = [(ALL, (ALL, ALL)), *((f"unit={unit.lower()}", (unit, ALL)) for unit in of_units)]
    groups += [(f"year={year}", (ALL, year)) for _unit, year in by_group if year != ALL]
    absent = _is_absent(case_files, link)
    for group, key in groups:
        row = by_group.get(key)
        n = 0 if row is None else row["denominator"]
        if absent or row is None or n < MINIMUM_N:
            yield rows(group).refused("share", "share", "absent" if absent else "too_few", n=0 if absent else n)
            continue
        yield rows(group).plain(
            "share", "share", row["share"], n=n, low=row["low"], high=row["high"], numerator=row["numerator"],
            denominator=n,
        )  # fmt: skip
    if (whole := by_group.get((ALL, ALL))) is not None and not absent:
        for statistic in COUNTS:
            yield rows(ALL).count(statistic, whole[statistic])


def _is_absent(case_files: CaseFiles, link: str) -> bool:
    """Return whether the outcome at a link was not delivered at all; some rows missing is another thing."""
    if link in SIGNAL_LINKS:
        linked = case_files.has("signals.case_id") and case_files.has("cases.kind")
        return not (linked or case_files.has("signals.triage_outcome"))
    if link in ("judged", "found"):
        return False
    penalty = any(case_files.has(column) for column in _PENALTIES)
    return not penalty or (link != "penalised" and not case_files.has("allegations.conditional"))
