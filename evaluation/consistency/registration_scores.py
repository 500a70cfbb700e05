"""The registration guard: what a unit writes down at all, beside every comparison of units."""

from datetime import date
from functools import partial

import pandas as pd
from statsmodels.stats.rates import confint_poisson

from data_contracts.case_files import CaseFiles
from evaluation.consistency import cards
from evaluation.consistency.judged import disciplinary_cases
from evaluation.refusals import MINIMUM_N
from evaluation.score_rows import ScoreRows
from evaluation.scores import Part, Refusal, Score

MEASURE = "consistency.registration"
UNKNOWN_FINDING = "onbekend"


def registration_scores(case_files: CaseFiles, *, as_of: date, level: float, span: str) -> Part:
    """Return investigations and signals per 1,000 staff-years, and the share of allegations without a finding, by unit.

    *Estimand*: on the card of `consistency.registration`.
    """
    cases = disciplinary_cases(case_files)
    units = sorted(cases["unit"].dropna().unique())
    rows = partial(ScoreRows, MEASURE, estimand=MEASURE, period=span, as_of=as_of, level=level)
    by_unit = [(unit, rows(f"unit={unit.lower()}")) for unit in units]
    scores = []
    staffing, signals = case_files.staffing, case_files.signals
    if staffing is not None and case_files.has("staffing.headcount"):
        if case_files.has("cases.opened_on"):
            scores += _per_1000("investigations_per_1000", cases, "opened_on", staffing, by_unit)
        if signals is not None and case_files.has("signals.received_on"):
            scores += _per_1000("signals_per_1000", signals, "received_on", staffing, by_unit)
    missing = tuple(t for t in ("staffing", "signals") if not case_files.has(t))
    refusals = (Refusal(MEASURE, missing, cards.REGISTRATION_ABSENT[missing]),) if missing else ()
    if case_files.allegations is not None and case_files.has("allegations.finding"):
        closed = cases[cases["closed_on"].notna()] if case_files.has("cases.closed_on") else cases
        scores += _missing_finding(case_files.allegations, closed, by_unit)
    return Part(tuple(scores), (cards.registration(),) if scores else (), refusals)


def _per_1000(
    statistic: str, events: pd.DataFrame, day: str, staffing: pd.DataFrame, by_unit: list[tuple[str, ScoreRows]]
) -> list[Score]:
    """Return events per 1,000 staff-years, over the whole calendar years of the period with a headcount."""
    if not by_unit:
        return []
    about = by_unit[0][1]
    first, last = (date.fromisoformat(end) for end in about.period.split("/"))
    whole = [y for y in staffing["year"].dropna().unique() if date(y, 1, 1) >= first and date(y, 12, 31) <= last]
    staffed = staffing[staffing["year"].isin(whole) & (staffing["headcount"] > 0)]
    heads = staffed.groupby(["unit", "year"])["headcount"].sum()
    counted = events.assign(year=events[day].dt.year).groupby(["unit", "year"]).size()
    counted = counted[counted.index.isin(heads.index)].groupby("unit").sum()
    heads = heads.groupby("unit").sum()
    scores = []
    for unit, rows in by_unit:
        count, exposure = int(counted.get(unit, 0)), int(heads.get(unit, 0))
        if not exposure or count < MINIMUM_N:
            scores.append(rows.refused(statistic, "ratio", "too_few" if exposure else "absent", n=count))
            continue
        low, high = confint_poisson(count, exposure, method="score", alpha=1 - about.level)
        scores.append(rows.plain(statistic, "ratio", 1000 * count / exposure, n=count, low=1000 * float(low),
                                 high=1000 * float(high), numerator=count, denominator=exposure))  # fmt: skip
    return scores


def _missing_finding(
    allegations: pd.DataFrame, closed: pd.DataFrame, by_unit: list[tuple[str, ScoreRows]]
) -> list[Score]:
    """Return the share of allegations of closed investigations without a finding: missing, or registered as unknown."""
    rows = allegations.merge(closed[["case_id", "unit"]].drop_duplicates("case_id"), on="case_id")
    missing = rows["finding"].isna() | (rows["finding"] == UNKNOWN_FINDING)
    counts = missing.groupby(rows["unit"]).agg(["sum", "size"])
    return [
        of_unit.large_share("missing_finding", *(map(int, counts.loc[unit]) if unit in counts.index else (0, 0)))
        for unit, of_unit in by_unit
    ]
