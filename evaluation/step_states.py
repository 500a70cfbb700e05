"""Which steps a case had to take, and what its file says about each of them.

Two questions are kept apart. *Applicability* comes from the rule: was the step required
in this case, by the version valid on the day the case opened? *State* comes from the
step log: done with a date, done without a date, not done, not applicable, not recorded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from data_contracts.case_files import CaseFiles
from data_contracts.procedure import Condition, OrderRule, Step

REQUIRED, NOT_APPLICABLE, UNKNOWN = "required", "not_applicable", "unknown"
DONE_DATED, DONE_UNDATED, NOT_DONE, NOT_RECORDED = "done_dated", "done_undated", "not_done", "not_recorded"
STATES = (DONE_DATED, DONE_UNDATED, NOT_DONE, NOT_APPLICABLE, NOT_RECORDED)
DONE = (DONE_DATED, DONE_UNDATED)

# Three-valued logic as numbers: "or" is the maximum, "and" the minimum (Kleene 1952, section 64).
_YES, _MAYBE, _NO = 1.0, 0.5, 0.0
_NO_ROW = -1.0
_LATER = np.iinfo(np.int64).max


def decided_cases(cases: pd.DataFrame) -> pd.DataFrame:
    """Return the disciplinary investigations that ended with a decision.

    Only these went through the whole procedure: an open case has not yet reached its
    later steps, and a case that ended by resignation or withdrawal never will.
    """
    decided = (cases["kind"] == "disciplinair") & (cases["exit_kind"] == "besluit") & cases["closed_on"].notna()
    return cases[decided].reset_index(drop=True)


def opportunities(case_files: CaseFiles, cases: pd.DataFrame, steps: Sequence[Step], *, as_of: date) -> pd.DataFrame:
    """Return every opportunity to take a step, with its applicability and its state.

    Parameters
    ----------
    case_files : CaseFiles
        Its step log and the tables that the conditions read. A table or column that is
        absent makes the applicability of the steps that need it unknown.
    cases : DataFrame
        The cases to look at, as `decided_cases` gives them.
    steps : sequence of Step
        The procedure. A step is looked at only in cases that opened while it was valid;
        without an opening day, the applicability of a dated step is unknown.
    as_of : date
        Reference date. A step that may wait some days after the decision is
        `not_applicable` until those days have passed.

    Returns
    -------
    DataFrame
        One row a case and step (`level` case; `subject_id` missing) or a case, person
        and step (`level` subject; one row without a person where none is known):
        `case_id, subject_id, step, applicability, state, done_on`. `done_on` is the
        first day on which the step was done (NaT: no date).

    Notes
    -----
    The rule decides on applicability, with two exceptions where the log knows more: a
    step whose condition is unknown, or that the person may waive, is `not_applicable`
    when the log says so. A required step that the log calls "not applicable" stays
    required, and is not shown as done: otherwise a unit could exempt itself.

    Rows of the log for a step of the whole case count for the case, whoever they name.
    For a step of a person, rows without a person count for every person in the case.
    Of several rows the most complete one counts, in the order of `STATES`.
    """
    frames = []
    for level in ("case", "subject"):
        of_level = [step for step in steps if step.level == level]
        units = _units(case_files, cases, level)
        codes = list(dict.fromkeys(step.code for step in of_level))
        state, done_on = _recorded(case_files.steps, units, codes)
        truths = _Truths(case_files, units)
        for step in of_level:
            column = codes.index(step.code)
            frame = units[["case_id", "subject_id"]].copy()
            frame["step"] = step.code
            frame["state"] = np.array(STATES)[state[:, column]]
            frame["done_on"] = done_on[:, column]
            truth = truths.of(step.applies_if) if step.applies_if else np.full(len(units), _YES)
            frame["applicability"] = _applicability(step, units, truth, frame["state"].to_numpy(), as_of)
            frames.append(frame[_valid(step, units) != _NO])
    found = pd.concat(frames, ignore_index=True)
    return found[["case_id", "subject_id", "step", "applicability", "state", "done_on"]]


def order_checks(opportunities: pd.DataFrame, cases: pd.DataFrame, rules: Sequence[OrderRule]) -> pd.DataFrame:
    """Return every pair of dated steps that an order rule speaks of.

    Parameters
    ----------
    opportunities : DataFrame
        As `opportunities` returns them. The first day of each step counts.
    cases : DataFrame
        `case_id`, `opened_on`: a rule counts for a case that opened while it was valid.
    rules : sequence of OrderRule
        The rules.

    Returns
    -------
    DataFrame
        `rule, case_id, subject_id, violated`: one row for each case (or person, when
        one of the steps is a person's) where both steps have a date. A pair with a
        date missing is not a row: a rule that never came into play is not satisfied.
    """
    dated = opportunities.loc[opportunities["state"] == DONE_DATED, ["case_id", "subject_id", "step", "done_on"]]
    by_step = dict(iter(dated.drop(columns="step").groupby(dated["step"], sort=False)))
    opened = cases.set_index("case_id")["opened_on"]
    checks = [pd.DataFrame({"rule": [], "case_id": [], "subject_id": [], "violated": np.array([], dtype=bool)})]
    for rule in rules:
        if rule.first not in by_step or rule.then not in by_step:
            continue
        pairs = _paired(by_step[rule.first], by_step[rule.then])
        day = pairs["case_id"].map(opened)
        valid = _between(day, rule.valid_from, rule.valid_to) == _YES
        early, late = pairs["done_on_first"], pairs["done_on_then"]
        pairs = pairs.assign(rule=rule.id, violated=(late <= early) if rule.strict else (late < early))
        checks.append(pairs.loc[valid, ["rule", "case_id", "subject_id", "violated"]])
    return pd.concat([check for check in checks if len(check)] or checks, ignore_index=True)


def _paired(first: pd.DataFrame, then: pd.DataFrame) -> pd.DataFrame:
    """Join two steps by case, and by person where both are a person's."""
    personal = first["subject_id"].notna().any() and then["subject_id"].notna().any()
    suffixes = ("_first", "_then")
    if personal:
        return first.merge(then, on=["case_id", "subject_id"], suffixes=suffixes)
    pairs = first.merge(then, on="case_id", suffixes=suffixes)
    return pairs.assign(subject_id=pairs["subject_id_first"].fillna(pairs["subject_id_then"]))


def _units(case_files: CaseFiles, cases: pd.DataFrame, level: str) -> pd.DataFrame:
    """Return who can take a step: the cases, or the persons in them."""
    units = cases[["case_id", "opened_on", "closed_on"]]
    if level == "case":
        return units.assign(subject_id=pd.Series(np.nan, index=units.index, dtype="str"))
    named = [
        table[["case_id", "subject_id"]]
        for table in (case_files.subjects, case_files.allegations, case_files.steps)
        if table is not None and "subject_id" in table and table["subject_id"].notna().any()
    ]
    if not named:
        return _units(case_files, cases, "case")
    # The persons are those of `subjects`; without that table, those that any other table names.
    persons = named[0] if case_files.subjects is not None else pd.concat(named)
    persons = persons[persons["subject_id"].notna()].drop_duplicates()
    return units.merge(persons, on="case_id", how="left").reset_index(drop=True)


def _recorded(log: pd.DataFrame | None, units: pd.DataFrame, codes: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the index in `STATES` and the first day done, each of shape (units, codes)."""
    state = np.full((len(units), len(codes)), STATES.index(NOT_RECORDED))
    day = np.full((len(units), len(codes)), _LATER)
    if log is not None and len(log) and codes:
        log = log[log["step"].isin(codes)].reset_index(drop=True)
        row, unit = _links(log, units)
        step = pd.Index(codes).get_indexer(pd.Index(log["step"]))[row]
        np.minimum.at(state, (unit, step), _state_of(log)[row])
        done_on = log["done_on"].where(log["state"] == "gedaan").to_numpy("datetime64[s]").astype(np.int64)
        np.minimum.at(day, (unit, step), np.where(done_on == np.iinfo(np.int64).min, _LATER, done_on)[row])
    missing = np.where(day == _LATER, np.iinfo(np.int64).min, day)
    return state, missing.astype("datetime64[s]")


def _state_of(log: pd.DataFrame) -> np.ndarray:
    """Return the index in `STATES` of each row of the log; without a state it says nothing, dated or not."""
    state, dated = log["state"], log["done_on"].notna().to_numpy()
    rows = [
        (state == "gedaan").to_numpy(bool) & dated,
        (state == "gedaan").to_numpy(bool),
        (state == "niet_gedaan").to_numpy(bool),
        (state == "niet_van_toepassing").to_numpy(bool),
    ]
    return np.select(rows, range(4), default=STATES.index(NOT_RECORDED))


def _applicability(step: Step, units: pd.DataFrame, truth: np.ndarray, state: np.ndarray, as_of: date) -> np.ndarray:
    holds = np.minimum(truth, _valid(step, units))
    says_not = state == NOT_APPLICABLE
    holds = np.where(says_not & ((holds == _MAYBE) | step.waivable), _NO, holds)
    if step.expected_within_days:
        awaited = units["closed_on"] + pd.Timedelta(days=step.expected_within_days) > pd.Timestamp(as_of)
        holds = np.where(awaited, _NO, holds)
    return np.select([holds == _YES, holds == _NO], [REQUIRED, NOT_APPLICABLE], default=UNKNOWN)


def _valid(step: Step, units: pd.DataFrame) -> np.ndarray:
    return _between(units["opened_on"], step.valid_from, step.valid_to)


def _between(day: pd.Series, first: date | None, last: date | None) -> np.ndarray:
    after = np.full(len(day), True) if first is None else (day >= pd.Timestamp(first)).to_numpy()
    before = np.full(len(day), True) if last is None else (day <= pd.Timestamp(last)).to_numpy()
    bounded = first is not None or last is not None
    return np.where(day.isna().to_numpy() & bounded, _MAYBE, np.where(after & before, _YES, _NO))


def _links(table: pd.DataFrame, units: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows of a table concern which unit, as two arrays of positions.

    A row concerns the cases it names, and in them the person it names; a row or a unit
    without a person concerns all of them.
    """
    named = "subject_id" in table and table["subject_id"].notna().any() and units["subject_id"].notna().any()
    left = pd.DataFrame({"case_id": table["case_id"].to_numpy(), "row": np.arange(len(table))})
    right = pd.DataFrame({"case_id": units["case_id"].to_numpy(), "unit": np.arange(len(units))})
    if named:
        left["who"], right["who"] = table["subject_id"].to_numpy(), units["subject_id"].to_numpy()
    pairs = left[left["case_id"].notna()].merge(right, on="case_id", suffixes=("_row", "_unit"))
    if named:
        row_who, unit_who = pairs["who_row"], pairs["who_unit"]
        pairs = pairs[(row_who == unit_who) | row_who.isna() | unit_who.isna()]
    return pairs["row"].to_numpy(), pairs["unit"].to_numpy()


@dataclass(frozen=True)
class _Truths:
    """Answers conditions for the units: yes, no, or unknown where a value is missing."""

    case_files: CaseFiles
    units: pd.DataFrame

    def of(self, condition: Condition) -> np.ndarray:
        if condition.op == "unrecorded":
            return np.full(len(self.units), _MAYBE)
        if condition.op in ("all", "any"):
            parts = [self.of(part) for part in condition.parts]
            return np.min(parts, axis=0) if condition.op == "all" else np.max(parts, axis=0)
        table = getattr(self.case_files, condition.table)
        if table is None:
            return np.full(len(self.units), _MAYBE)
        row, unit = _links(table, self.units)
        found = np.full(len(self.units), _NO_ROW)
        # "not in" asks about all rows, every other operation about any row.
        if condition.op == "not_in":
            found[unit] = _YES
            np.minimum.at(found, unit, _row_truth(condition, table)[row])
        else:
            np.maximum.at(found, unit, _row_truth(condition, table)[row])
        return np.where(found == _NO_ROW, _NO if condition.no_rows == "false" else _MAYBE, found)


def _row_truth(condition: Condition, table: pd.DataFrame) -> np.ndarray:
    """Answer a condition for each row of one table."""
    op = condition.op
    if op in ("some_row", "all", "any"):
        parts = [_row_truth(part, table) for part in condition.parts]
        return np.max(parts, axis=0) if op == "any" else np.min(parts, axis=0)
    if op == "has_rows":
        return np.full(len(table), _YES)
    # A column that is wholly missing was not delivered: then "present" is no answer either.
    if op == "unrecorded" or condition.column not in table or table[condition.column].isna().all():
        return np.full(len(table), _MAYBE)
    column = table[condition.column]
    known = column.notna().to_numpy(bool)
    if op == "present":
        return np.where(known, _YES, _NO)
    if op in ("is_true", "is_false"):
        answer = column.eq(op == "is_true").fillna(False).to_numpy(bool)
    else:
        answer = column.isin(condition.value).to_numpy(bool) != (op == "not_in")
    return np.where(known, np.where(answer, _YES, _NO), _MAYBE)
