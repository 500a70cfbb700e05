"""How complete the procedure was: the steps that were required, and those shown as done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from data_contracts import procedure
from data_contracts.case_files import CaseFiles
from data_contracts.procedure import OrderRule, Step, order_rules
from evaluation.completeness.composites import COMPOSITES, StepCounts, case_shares
from evaluation.completeness.texts import absent, card, nothing_to_count, unrecorded_steps
from evaluation.period import period
from evaluation.proportion import Proportion
from evaluation.refusals import MINIMUM_N
from evaluation.scores import ModuleResult, Refusal, Score
from evaluation.step_states import (
    DONE,
    DONE_UNDATED,
    NOT_APPLICABLE,
    NOT_DONE,
    NOT_RECORDED,
    REQUIRED,
    UNKNOWN,
    decided_cases,
    opportunities,
    order_checks,
)


def evaluate(case_files: CaseFiles, *, as_of: date, level: float) -> ModuleResult:
    """Score procedural completeness by the steps that come with the program.

    *Estimand*: of the steps that the procedure required in disciplinary investigations
    that ended with a decision, the share that the step log shows as done, with or
    without a date. "Not recorded" is not shown as done; the bounds say what the share
    would be if everything that is not recorded had been left undone, or had been done.

    Parameters
    ----------
    case_files : CaseFiles
        Already cut at `as_of`.
    as_of : date
        Reference date.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    ModuleResult
        For each step, composite and order rule the scores; `case_scores` has for each
        case what was required and done, its score and its breaches.
    """
    steps, unrecorded = steps_in_the_log(case_files, procedure.steps())
    result = evaluate_steps(case_files, steps, as_of=as_of, level=level)
    if not result.scores:
        return result
    return replace(result, refusals=(*unrecorded, *result.refusals))


def evaluate_steps(case_files: CaseFiles, steps: Sequence[Step], *, as_of: date, level: float) -> ModuleResult:
    """Score procedural completeness by the given steps, each of them in every case that required it; see `evaluate`."""
    if refusal := absent(case_files):
        return ModuleResult("completeness", (), (), (refusal,), None)
    cases = decided_cases(case_files.cases)
    found = opportunities(case_files, cases, steps, as_of=as_of)
    rules = order_rules(steps)
    checks = order_checks(found, cases, rules)
    counts = step_counts(found, cases, steps)
    frame = _Frame(period(case_files, as_of), as_of, level)
    scores = (
        *_composite_scores(counts, cases, case_files.cases, frame),
        *_step_scores(found, cases, case_files.cases, steps, frame),
        *_order_scores(checks, rules, frame),
    )
    by_code, by_id = {step.code: step for step in steps}, {rule.id: rule for rule in rules}
    cards = tuple(card(estimand, by_code, by_id) for estimand in dict.fromkeys(score.estimand for score in scores))
    refusals = nothing_to_count(len(cases), int(counts.required.sum()))
    return ModuleResult("completeness", scores, cards, refusals, _case_scores(found, checks, cases, counts))


def steps_in_the_log(case_files: CaseFiles, steps: Sequence[Step]) -> tuple[list[Step], tuple[Refusal, ...]]:
    """Keep the steps that stand in the log at least once; say which do not.

    A step without one row in the whole delivery is not a step that was skipped in every
    case, but one that this register does not know.
    """
    logged = set(case_files.steps["step"].dropna()) if case_files.steps is not None else set()
    unknown = [step for step in steps if step.code not in logged]
    return [step for step in steps if step.code in logged], unrecorded_steps(unknown)


def step_counts(opportunities: pd.DataFrame, cases: pd.DataFrame, steps: Sequence[Step]) -> StepCounts:
    """Count the required opportunities of each case and step, in the order of `cases` and of the steps' codes."""
    columns = {step.code: step for step in steps}
    required = opportunities[opportunities["applicability"] == REQUIRED]
    row = pd.Index(cases["case_id"]).get_indexer(pd.Index(required["case_id"]))
    column = pd.Index(list(columns)).get_indexer(pd.Index(required["step"]))

    def counted(which: pd.Series | None = None) -> np.ndarray:
        times = np.zeros((len(cases), len(columns)), dtype=np.int64)
        chosen = slice(None) if which is None else which.to_numpy(bool)
        np.add.at(times, (row[chosen], column[chosen]), 1)
        return times

    return StepCounts(
        required=counted(),
        done=counted(required["state"].isin(DONE)),
        not_recorded=counted(required["state"] == NOT_RECORDED),
        weight=np.array([step.weight for step in columns.values()]),
        critical=np.array([step.critical for step in columns.values()]),
    )


def step_table(opportunities: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Count opportunities by state.

    Parameters
    ----------
    opportunities : DataFrame
        As `evaluation.step_states.opportunities` returns them.
    by : sequence of str
        Columns to count by, for instance `["step"]`.

    Returns
    -------
    DataFrame
        Indexed by `by`: `opportunities` (all), `not_applicable`, `unknown_applicability`,
        `required`; and of the required `done`, `done_undated`, `not_done`,
        `not_recorded`, `called_not_applicable` (the log says "not applicable" although
        the rule requires the step). `required` is the sum of `done`, `not_done`,
        `not_recorded` and `called_not_applicable`.
    """
    applicability, state = opportunities["applicability"], opportunities["state"]
    required = applicability == REQUIRED
    flags = {
        "opportunities": required | True,
        "not_applicable": applicability == NOT_APPLICABLE,
        "unknown_applicability": applicability == UNKNOWN,
        "required": required,
        "done": required & state.isin(DONE),
        "done_undated": required & (state == DONE_UNDATED),
        "not_done": required & (state == NOT_DONE),
        "not_recorded": required & (state == NOT_RECORDED),
        "called_not_applicable": required & (state == NOT_APPLICABLE),
    }
    return pd.DataFrame(flags)[list(_COUNTS)].groupby([opportunities[column] for column in by]).sum()


_COUNTS = (
    "opportunities", "not_applicable", "unknown_applicability",
    "required", "done", "done_undated", "not_done", "not_recorded", "called_not_applicable",
)  # fmt: skip
_NO_COUNTS = dict.fromkeys(_COUNTS, 0)


@dataclass(frozen=True)
class _Frame:
    """What all scores of one evaluation share."""

    period: str
    as_of: date
    level: float


def _composite_scores(
    counts: StepCounts, cases: pd.DataFrame, all_cases: pd.DataFrame, frame: _Frame
) -> Iterator[Score]:
    """Write each composite with its bounds, for all cases, by unit and by year."""
    for group, members in _groups(cases, all_cases):
        chosen = counts.among(members)
        upper = chosen.not_recorded_as_done()
        for measure, composite in COMPOSITES:
            for statistic, of in (("share", chosen), ("share_low_bound", chosen), ("share_high_bound", upper)):
                found = composite(of)
                score_id = f"completeness.{measure}.{statistic}.{group}"
                interval = found.interval(frame.level)
                yield _score(score_id, found.cases, found.estimate, interval, found.numerator, found.denominator, frame)


def _step_scores(
    found: pd.DataFrame, cases: pd.DataFrame, all_cases: pd.DataFrame, steps: Sequence[Step], frame: _Frame
) -> Iterator[Score]:
    """Write the states of each step, and by unit the share done."""
    table = step_table(found, ["step"]).to_dict("index")
    unit_of = found["case_id"].map(cases.set_index("case_id")["unit"])
    by_unit = step_table(found.assign(unit=unit_of), ["step", "unit"]).to_dict("index")
    units = _values(all_cases["unit"])
    for code in dict.fromkeys(step.code for step in steps):
        estimand = f"completeness.step_{code.lower()}"
        row = table.get(code, _NO_COUNTS)
        yield _required(estimand, row["required"], frame)
        yield _share(f"{estimand}.share.all", row["done"], row["required"], frame)
        for statistic in ("done_undated", "not_done", "not_recorded"):
            yield _share(f"{estimand}.{statistic}.all", row[statistic], row["required"], frame)
        for statistic in ("not_applicable", "unknown_applicability"):
            yield _share(f"{estimand}.{statistic}.all", row[statistic], row["opportunities"], frame)
        for unit in units:
            of_unit = by_unit.get((code, unit), _NO_COUNTS)
            yield _share(f"{estimand}.share.unit={unit.lower()}", of_unit["done"], of_unit["required"], frame)


def _order_scores(checks: pd.DataFrame, rules: Sequence[OrderRule], frame: _Frame) -> Iterator[Score]:
    """Write for each order rule how often it was broken where it came into play."""
    counted = checks.groupby("rule")["violated"].agg(["sum", "size"]).to_dict("index")
    for rule in dict.fromkeys(rule.id for rule in rules):
        times = counted.get(rule, {"sum": 0, "size": 0})
        yield _share(f"completeness.order_{rule}.violated.all", int(times["sum"]), int(times["size"]), frame)


def _required(estimand: str, required: int, frame: _Frame) -> Score:
    return Score(
        id=f"{estimand}.required.all",
        estimate=float(required),
        unit="count",
        n=required,
        estimand=estimand,
        period=frame.period,
        as_of=frame.as_of,
    )


def _share(score_id: str, numerator: int, denominator: int, frame: _Frame) -> Score:
    share = Proportion(numerator, denominator)
    interval = share.interval(frame.level)
    return _score(score_id, denominator, share.estimate, interval, numerator, denominator, frame)


def _score(
    score_id: str,
    n: int,
    estimate: float | None,
    interval: tuple[float, float],
    numerator: int | None,
    denominator: int | None,
    frame: _Frame,
) -> Score:
    said = estimate is not None and n >= MINIMUM_N
    year = score_id.rpartition(".year=")[2] if ".year=" in score_id else ""
    return Score(
        id=score_id,
        estimate=estimate if said else None,
        unit="share",
        n=n,
        estimand=".".join(score_id.split(".")[:2]),
        period=f"{year}-01-01/{min(f'{year}-12-31', frame.as_of.isoformat())}" if year else frame.period,
        as_of=frame.as_of,
        low=interval[0] if said else None,
        high=interval[1] if said else None,
        level=frame.level if said else None,
        numerator=numerator if said else None,
        denominator=denominator if said else None,
        refusal=None if said else "too_few",
    )


def _groups(cases: pd.DataFrame, all_cases: pd.DataFrame) -> Iterator[tuple[str, np.ndarray]]:
    """Return all cases, each unit and each year; one without a decided case is there too, and is refused."""
    yield "all", np.full(len(cases), True)
    for unit in _values(all_cases["unit"]):
        yield f"unit={unit.lower()}", (cases["unit"] == unit).to_numpy(bool)
    for year in _values(all_cases["opened_on"].dt.year):
        yield f"year={int(year)}", (cases["opened_on"].dt.year == year).to_numpy(bool)


def _values(column: pd.Series) -> list[Any]:
    return sorted(column.dropna().unique())


def _case_scores(found: pd.DataFrame, checks: pd.DataFrame, cases: pd.DataFrame, counts: StepCounts) -> pd.DataFrame:
    """Return four rows a case: steps required, done, the score, and the order rules it breaks.

    `note` names the steps that are missing (`ADV=not_done`) or out of order (`VOORN>ZIENS`).
    """
    missing = found[(found["applicability"] == REQUIRED) & ~found["state"].isin(DONE)]
    broken = checks[checks["violated"]]
    faults = _notes(missing["case_id"], missing["step"].astype(str) + "=" + missing["state"].astype(str))
    orders = _notes(broken["case_id"], broken["rule"].astype(str).str.upper().str.replace("_", ">"))
    breaches = broken.groupby("case_id").size()
    shares = case_shares(counts)
    total = counts.required.sum()
    none = pd.Series(np.nan, index=cases.index)
    rows: tuple[tuple[str, Any, pd.Series, dict[str, str]], ...] = (
        ("required", counts.required.sum(axis=1), none, {}),
        ("done", counts.done.sum(axis=1), none, {}),
        ("score", shares, none if not total else none.fillna(counts.done.sum() / total), faults),
        ("order_breaches", cases["case_id"].map(breaches).fillna(0).to_numpy(), none, orders),
    )
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "module": "completeness",
                    "measure": measure,
                    "case_id": cases["case_id"],
                    "subject_id": None,
                    "allegation_id": None,
                    "value": np.asarray(value, dtype=float),
                    "reference": reference,
                    "note": [notes.get(case_id, "") for case_id in cases["case_id"]],
                }
            )
            for measure, value, reference, notes in rows
        ],
        ignore_index=True,
    )


def _notes(case_id: pd.Series, text: pd.Series) -> dict[str, str]:
    once = pd.DataFrame({"case_id": case_id, "text": text}).drop_duplicates()
    return {str(case): "; ".join(texts) for case, texts in once.groupby("case_id")["text"]}
