"""The stages of a case, each on its own clock: when it began, how long it ran, how it ended.

*Estimand*: none by itself; one row a case (or person) and stage, ready for
`survival.kaplan_meier` (any end) or `cumulative_incidence` (by `cause`), by stage.

`stage_table.STAGES` is the table of stages; correct it there. MELD is the opening of the case and
BESL its closing by a decision, as the contract defines `opened_on` and `closed_on`; all
other moments are the first day on which the step log has the step as done.

How a stage ends (`cause`):

* its own end step, on that day: the code of the step (`OPDR`);
* another exit, in the stage in which the case then was: the kind of ending
  (`eigen_ontslag`, `overgedragen`, `ingetrokken`, `geen_vervolg`), on the closing day.
  `besluit`: the case was decided without the end step, because it did not apply or was
  not done (no intended decision where no penalty was meant);
* `onbekend`: the case closed and nobody wrote down how;
* missing: still in the stage on `as_of` (right-censored).

**Missing registration is not "not done".** A stage gives days only when both its ends
are known. `left_out` says why a row gives none:

| left_out             | what is the matter                                                          |
|----------------------|-----------------------------------------------------------------------------|
| `no_opening`         | the day of the signal is missing                                            |
| `start_not_recorded` | later steps, or the decision, show that it began; the log does not say when |
| `start_undated`      | the first step is done, without a date                                      |
| `end_not_recorded`   | later steps, or the decision, show that it ended; the log does not say when |
| `end_undated`        | the last step is done, without a date                                       |
| `exit_not_recorded`  | the case closed, nobody wrote down how, and the end step has no date        |
| `no_closing`         | the case is called closed, without a date                                   |
| `negative`           | the end lies before the start                                               |
| `before_period`      | it ended before the case came into view (late entry)                        |
| `not_started`        | no trace of the stage: the case never came that far, or has yet to          |

A case in `not_started` is not in the stage at all; the other reasons are losses, to be
told beside every number (`left_out_counts`). An open case whose start or end was done
but never written down cannot be told from one that has yet to do it: it counts as not
started, or as still in the stage, until a later step betrays it.

**Late entry.** A case that came into view on the first day of the delivered period (see
`clock.entered_on`) enters each stage on the day that its own clock showed then: a stage
that had ended is out of view (`before_period`), a stage begun later is entered at 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_contracts.case_files import CaseFiles
from data_contracts.procedure import order_rules, steps
from evaluation.duration.clock import CRIMINAL_TRACK, dates, entered_on, gross_days, suspended_days
from evaluation.duration.stage_table import STAGES, Stage
from evaluation.duration.working_days import COUNTINGS
from evaluation.step_states import NOT_APPLICABLE, opportunities

Dates = NDArray[np.datetime64]
Truths = NDArray[np.bool_]


CLOCKS = ("gross", "net", "working_gross", "working_net")
"""Columns with the days of a stage; each has its `<clock>_entry` beside it."""

NOT_A_LOSS = "not_started"

_NEVER = np.datetime64("NaT", "D")
_DECIDED, _UNKNOWN = "besluit", "onbekend"


def stage_durations(case_files: CaseFiles, *, as_of: date, stages: Sequence[Stage] = STAGES) -> pd.DataFrame:
    """Return the clock of every stage of every case (or person) that could have it.

    Parameters
    ----------
    case_files : CaseFiles
        Already cut: `case_files.at(as_of)`.
    as_of : date
        What still runs is right-censored on this day.
    stages : sequence of Stage
        Stages with `why_not` give no rows.

    Returns
    -------
    DataFrame
        One row a case, or a case and person, and stage: `case_id`, `subject_id`
        (missing for a stage of the whole case), `unit`, `category`, `complexity`,
        `year` (of opening), `stage`, `start_on`, `end_on` (the last day of view where
        `event` is false), `event` (the stage ended by `as_of`), `cause`, the days
        `gross`, `net`, `working_gross` and `working_net` with `<clock>_entry` (day of
        this clock after which the case was in view), and `left_out` (empty: the row
        counts). `net` takes off the suspensions for the criminal track; it is missing
        where suspensions were not delivered or a spell lacks its start or reason. Days
        are missing where `left_out` says why (`before_period`: they are there).
    """
    wanted = [stage for stage in stages if stage.why_not is None]
    views = {key: _View.of(case_files, *key) for key in dict.fromkeys((stage.kind, stage.level) for stage in wanted)}
    parts = [_stage(views[stage.kind, stage.level], stage, as_of=as_of) for stage in wanted]
    return pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)


def left_out_counts(rows: pd.DataFrame) -> pd.DataFrame:
    """Return, for each stage and reason, how many rows give no days.

    Parameters
    ----------
    rows : DataFrame
        As `stage_durations` returns them.

    Returns
    -------
    DataFrame
        `stage`, `left_out`, `n`, `of` (rows of the stage that began as far as is
        known: all but `not_started`). A reason that never occurs has no row.
    """
    began = rows[rows["left_out"] != NOT_A_LOSS].groupby("stage").size()
    lost = rows[rows["left_out"] != ""].groupby(["stage", "left_out"]).size().rename("n").reset_index()
    return lost.assign(of=lost["stage"].map(began).fillna(0).astype(int))


def counted(rows: pd.DataFrame, stage: str, clock: str) -> pd.DataFrame:
    """Return the rows of a stage that a curve of this clock is made of.

    Examples
    --------
    `kaplan_meier(one[clock], one["event"], entry=one[f"{clock}_entry"])` for the days to
    any end; `cumulative_incidence(one[clock], one["cause"], entry=...)` for each way.
    """
    known = rows[clock].notna() & rows[f"{clock}_entry"].notna()
    return rows[(rows["stage"] == stage) & (rows["left_out"] == "") & known]


@dataclass(frozen=True)
class _View:
    """The cases, or the persons in them, that could have a stage, and what the step log says about each."""

    case_files: CaseFiles
    units: pd.DataFrame
    entered: Dates
    first: Mapping[str, Dates]
    done: Mapping[str, Truths]
    denied: Mapping[str, Truths]

    @classmethod
    def of(cls, case_files: CaseFiles, kind: str, level: str) -> "_View":
        units = _units(case_files, kind, level)
        entered = entered_on(units, case_files.delivery)
        first, done, denied = {}, {}, {}
        if case_files.steps is not None:
            log = case_files.steps[["case_id", "subject_id", "step", "state", "done_on"]].dropna(subset="state")
            numbered = units[["case_id", "subject_id"]].assign(row=np.arange(len(units)))
            log = log.merge(numbered, on="case_id", suffixes=("", "_unit"))
            # A row without a person is about everyone in the case, a case as a whole about all its rows.
            whole = log["subject_id"].isna() | log["subject_id_unit"].isna()
            log = log[whole | (log["subject_id"] == log["subject_id_unit"])]
            for code, of_step in log.groupby("step"):
                taken = of_step["state"] == "gedaan"
                done[code] = _marked(of_step.loc[taken, "row"], len(units))
                denied[code] = _marked(of_step.loc[~taken, "row"], len(units)) & ~done[code]
                day = of_step[taken].groupby("row")["done_on"].min()
                first[code] = dates(day.reindex(range(len(units))))
        return cls(case_files, units, entered, first, done, denied)

    def first_day(self, code: str) -> Dates:
        """Return the first day on which a step was done."""
        if code == "MELD":
            return dates(self.units["opened_on"])
        return self.first.get(code, np.full(len(self.units), _NEVER))

    def was_done(self, *codes: str) -> Truths:
        """Tell whether any of the steps is done, dated or not."""
        nothing = np.zeros(len(self.units), dtype=bool)
        return np.logical_or.reduce([nothing, *(self.done[code] for code in codes if code in self.done)])

    def was_denied(self, code: str) -> Truths:
        """Tell whether the log says outright that a step was not done or did not apply, and nowhere that it was."""
        return self.denied.get(code, np.zeros(len(self.units), dtype=bool))


def _marked(rows: pd.Series, length: int) -> Truths:
    found = np.zeros(length, dtype=bool)
    found[rows.to_numpy(dtype=np.int64)] = True
    return found


def _units(case_files: CaseFiles, kind: str, level: str) -> pd.DataFrame:
    cases = case_files.cases
    if case_files.has("cases.kind"):
        cases = cases[cases["kind"] == kind]
    elif kind != "disciplinair":
        cases = cases.iloc[:0]  # without their kind, all cases count as disciplinary and none as a complaint
    units = cases.assign(year=cases["opened_on"].dt.year.astype("Int64"), subject_id=None)
    if level == "subject" and case_files.subjects is not None:
        persons = case_files.subjects[["case_id", "subject_id"]].drop_duplicates()
        units = units.drop(columns="subject_id").merge(persons, on="case_id", how="inner")
    return units.reset_index(drop=True)


def _stage(view: _View, stage: Stage, *, as_of: date) -> pd.DataFrame:
    units = view.units
    closed_on = dates(units["closed_on"])
    closed = ~np.isnat(closed_on)
    decided = closed & (units["exit_kind"] == _DECIDED).to_numpy(bool)

    start_on, end_on = view.first_day(stage.start), view.first_day(stage.end)
    if stage.start_or_earlier:
        other = np.fmin(view.first_day(stage.start_or_earlier), _first_measure(view))
        # A notification that did not take place cannot start the clock; one that was not written down might have.
        unknown = np.isnat(start_on) & ~view.was_denied(stage.start)
        start_on = np.where(unknown, start_on, np.fmin(start_on, other))
    if stage.end == "BESL":
        # The person's own decision where the log has it, otherwise the closing of the case by a decision.
        own = end_on if stage.level == "subject" else np.full(len(units), _NEVER)
        end_on = np.where(decided & np.isnat(own), closed_on, own)
    began, reached = ~np.isnat(start_on), ~np.isnat(end_on)
    left_out = _left_out(view, stage, began=began, reached=reached, closed=closed, decided=decided, as_of=as_of)

    until = np.where(reached, end_on, np.where(closed, closed_on, np.datetime64(as_of, "D")))
    exits = units["exit_kind"].astype(object).where(units["exit_kind"].notna(), _UNKNOWN).to_numpy()
    rows = units[["case_id", "subject_id", "unit", "category", "complexity", "year"]].assign(
        stage=stage.code,
        start_on=start_on,
        end_on=until,
        event=reached | closed,
        cause=np.where(reached, stage.end, np.where(closed, exits, None)),
    )
    rows = _with_days(rows, view)
    left_out[(left_out == "") & (rows["gross"] < 0).to_numpy()] = "negative"
    left_out[(left_out == "") & (until <= view.entered)] = "before_period"  # NaT compares false: always in view
    unknown = ~np.isin(left_out, ["", "before_period"])
    rows.loc[unknown, [*CLOCKS, *(f"{clock}_entry" for clock in CLOCKS)]] = np.nan
    rows.loc[unknown, "end_on"] = pd.NaT
    rows.loc[unknown, "event"] = False
    rows.loc[unknown, "cause"] = None
    return rows.assign(cause=rows["cause"].astype("str"), left_out=left_out)


def _left_out(
    view: _View, stage: Stage, *, began: Truths, reached: Truths, closed: Truths, decided: Truths, as_of: date
) -> NDArray[np.object_]:
    """Return why a row gives no days; of several reasons the first in this order."""
    passed = view.was_done(*_only_after(stage.end))
    begun = view.was_done(*_only_after(stage.start)) | (reached & (stage.end != "BESL"))
    never_began = view.was_denied(stage.start) | _skipped(view, stage.start, decided, as_of)
    skipped = _skipped(view, stage.end, decided, as_of)
    unexplained = closed & view.units["exit_kind"].isna().to_numpy() & (stage.end != "BESL")
    undated_closing = (view.units["status"] == "afgesloten").to_numpy(bool) & ~closed
    by_step = stage.end != "BESL"
    reasons = {
        "no_opening": ~began & (stage.start == "MELD"),
        "start_undated": ~began & view.was_done(stage.start),
        "start_not_recorded": ~began & (begun | (decided & ~never_began)),
        NOT_A_LOSS: ~began,
        "end_undated": ~reached & by_step & view.was_done(stage.end),
        "exit_not_recorded": ~reached & unexplained & ~passed,
        "end_not_recorded": ~reached & by_step & (passed | (decided & ~skipped)),
        "no_closing": ~reached & undated_closing,
    }
    return np.select(list(reasons.values()), list(reasons), default="").astype(object)


@cache
def _only_after(code: str) -> tuple[str, ...]:
    """Return the steps before the decision that, by the order rules, come only after a step."""
    if code in ("MELD", "BESL"):
        return ()
    followers: dict[str, set[str]] = {}
    for rule in order_rules(steps()):
        followers.setdefault(rule.first, set()).add(rule.then)

    def reachable(start: str) -> set[str]:
        found: set[str] = set()
        waiting = set(followers.get(start, ()))
        while waiting:
            found |= waiting
            waiting = {later for earlier in waiting for later in followers.get(earlier, ())} - found
        return found

    # What follows the decision (closing, aftercare) also follows any other exit: it proves nothing.
    return tuple(sorted(reachable(code) - reachable("BESL") - {"BESL"}))


def _skipped(view: _View, code: str, decided: Truths, as_of: date) -> Truths:
    """Tell in which decided cases a step is known not to have taken place.

    Either the log says so, or by the procedure it did not apply (no penalty, so no
    intended decision); for a whole case, when that goes for everyone in it.
    """
    said = decided & view.was_denied(code)
    conditional = [step for step in steps() if step.code == code and step.applies_if is not None]
    if not conditional or not decided.any():
        return said
    units, cases = view.units, view.case_files.cases
    cases = cases[cases["case_id"].isin(units.loc[decided, "case_id"])]
    asked = opportunities(view.case_files, cases, conditional, as_of=as_of)
    keys = ["case_id", "subject_id"] if units["subject_id"].notna().any() else ["case_id"]
    applies_not = (asked["applicability"] == NOT_APPLICABLE).groupby([asked[key] for key in keys]).all()
    wanted = pd.MultiIndex.from_frame(units[keys]) if len(keys) > 1 else pd.Index(units["case_id"])
    return said | (decided & applies_not.reindex(wanted, fill_value=False).to_numpy(bool))


def _first_measure(view: _View) -> Dates:
    """Return the first day of a person's order measures, which is the step ORDE even where the log lacks it."""
    measures, units = view.case_files.order_measures, view.units
    if measures is None or not len(measures):
        return np.full(len(units), _NEVER)
    first = measures.groupby(["case_id", "subject_id"])["start_on"].min()
    return dates(first.reindex(pd.MultiIndex.from_frame(units[["case_id", "subject_id"]])))


def _with_days(rows: pd.DataFrame, view: _View) -> pd.DataFrame:
    """Add the four clocks, and on each the day on which the case came into view."""
    start, until = dates(rows["start_on"]), dates(rows["end_on"])
    late = view.entered > start  # NaT compares false: in view from the start
    entered = np.where(late, view.entered, start)
    spells = view.case_files.suspensions
    stopped_once = rows["case_id"].isin(spells["case_id"]).to_numpy() if spells is not None else None
    days: dict[str, NDArray[np.float64]] = {}
    for counting, prefix in (("calendar", ""), ("working", "working_")):
        count = COUNTINGS[counting]
        for moment, suffix in ((until, ""), (entered, "_entry")):
            gross = gross_days(start, moment, counting=count)
            net = np.full(len(rows), np.nan)
            if spells is not None and stopped_once is not None:
                net = gross.copy()
                some = stopped_once & late if suffix else stopped_once
                if some.any():
                    net[some] -= suspended_days(rows.loc[some, "case_id"], start[some], moment[some], spells,
                                                reasons=CRIMINAL_TRACK, counting=count)  # fmt: skip
            days[f"{prefix}gross{suffix}"], days[f"{prefix}net{suffix}"] = gross, net
    return rows.assign(**{name: days[name] for clock in CLOCKS for name in (clock, f"{clock}_entry")})
