"""Rules that speak of a case as a whole: how often a step occurs, what comes first and last, which of two was taken."""

import numpy as np

from evaluation.completeness.declare.log import Flags, Ints, StepLog
from evaluation.completeness.declare.occurrences import Occurrences
from evaluation.completeness.declare.rule import Rule
from evaluation.completeness.declare.times import read_times
from evaluation.completeness.declare.verdicts import PENDING, SATISFIED, UNDETERMINED, UNKNOWN, VIOLATED, Codes


def counted(log: StepLog, rule: Rule, a: Occurrences) -> Codes:
    """Return the verdict of each case on how often a step occurs."""
    fewest, most = _times(log, a.where(a.sure)), _times(log, a)
    if rule.template == "existence":
        if rule.by:
            return _in_time(log, rule, a)
        return _select((fewest >= rule.times, SATISFIED), (log.open, PENDING), (most < rule.times, VIOLATED))
    if rule.template == "absence":
        return _select((fewest >= rule.times, VIOLATED), (log.open, PENDING), (most < rule.times, SATISFIED))
    exact = (fewest == rule.times) & (most == rule.times)
    never = (fewest > rule.times) | (most < rule.times)
    return _select((fewest > rule.times, VIOLATED), (log.open, PENDING), (exact, SATISFIED), (never, VIOLATED))


def placed(log: StepLog, rule: Rule, a: Occurrences) -> Codes:
    """Return the verdict of each case on its first or last step.

    A case without any step has no first step: that violates the rule, unless the case is open.
    """
    first = rule.template == "init"
    edge = np.full(len(log.case_ids), -1)
    groups = np.arange(log.groups)
    # Of several assignments to one place the last one stays.
    order = groups[::-1] if first else groups
    edge[log.group_case[order]] = order
    size = np.where(edge >= 0, log.group_size[edge], 0) if log.groups else np.zeros(len(edge), dtype=np.int64)

    def at_edge(some: Occurrences) -> Ints:
        found = np.bincount(some.group[some.dated], minlength=log.groups)
        return np.where(edge >= 0, found[edge], 0) if log.groups else np.zeros(len(edge), dtype=np.int64)

    sure = a.where(a.sure)
    undated_sure, undated = _times(log, sure.where(~sure.dated)), _times(log, a.where(~a.dated))
    some_step = (size > 0) | (log.undated > 0)
    every = (at_edge(sure) == size) & (undated_sure == log.undated) & some_step
    # Read in favour, one of those with the same time will do; read against, all of them must.
    one = (at_edge(sure) > 0) & (undated_sure == log.undated)
    surely = one | every if rule.same_time == "satisfies" else every
    perhaps = (at_edge(a) > 0) | (undated > 0)
    if rule.same_time == "violates":
        perhaps = some_step & ((at_edge(a) == size) & (size > 0) | (undated > 0))
    awaited = log.open & (~some_step if first else np.ones(len(edge), dtype=bool))
    return _select((awaited, PENDING), (surely, SATISFIED), (~perhaps, VIOLATED))


def chosen(log: StepLog, rule: Rule, a: Occurrences, b: Occurrences) -> Codes:
    """Return the verdict of each case on which of two steps was taken."""
    has_a, has_b = _times(log, a.where(a.sure)) > 0, _times(log, b.where(b.sure)) > 0
    may_a, may_b = _times(log, a) > 0, _times(log, b) > 0
    if rule.template == "choice":
        return _select((has_a | has_b, SATISFIED), (log.open, PENDING), (~may_a & ~may_b, VIOLATED))
    both, neither = has_a & has_b, ~may_a & ~may_b
    one = (has_a & ~may_b) | (has_b & ~may_a)
    return _select((both, VIOLATED), (log.open, PENDING), (one, SATISFIED), (neither, VIOLATED))


def ordered(log: StepLog, rule: Rule, a: Occurrences, b: Occurrences) -> tuple[Codes, Flags, Flags]:
    """Return the verdict on the order of the first a and b, and where both surely, and perhaps, occur."""
    both = (_times(log, a.where(a.sure)) > 0) & (_times(log, b.where(b.sure)) > 0)
    perhaps_both = (_times(log, a) > 0) & (_times(log, b) > 0)
    first_a, first_b = _first(log, a), _first(log, b)
    dated_a, dated_b = first_a < log.groups, first_b < log.groups
    before = (first_a < first_b) | ((first_a == first_b) & (rule.same_time == "satisfies"))
    after = (first_a > first_b) | ((first_a == first_b) & (rule.same_time == "violates"))
    loose_a, loose_b = _times(log, a.where(~a.dated)) > 0, _times(log, b.where(~b.dated)) > 0
    vague = _times(log, a.where(~a.sure)) + _times(log, b.where(~b.sure)) > 0
    surely = dated_a & before & ~loose_b
    surely_not = dated_b & after & ~loose_a
    if rule.timed:
        within, days = _within(log, rule, first_a, first_b)
        pair = dated_a & dated_b & ~loose_a & ~loose_b
        surely, surely_not = surely & pair & within, surely_not | (pair & ~within & ~np.isnan(days))
    verdict = _select((vague, UNDETERMINED), (surely, SATISFIED), (surely_not, VIOLATED))
    return verdict, both, perhaps_both


def _within(log: StepLog, rule: Rule, first_a: Ints, first_b: Ints) -> tuple[Flags, np.ndarray]:
    clock = np.append(log.clock(rule.counting)[log.group_first], np.nan)
    days = clock[np.minimum(first_b, log.groups)] - clock[np.minimum(first_a, log.groups)]
    most = np.inf if rule.within_days is None else rule.within_days
    return (days <= most) & (days >= (rule.not_before_days or 0)), days


def _in_time(log: StepLog, rule: Rule, a: Occurrences) -> Codes:
    """Existence on or before a day of the case itself."""
    limit = read_times(log.case_column(rule.by), by_day=True)
    last = log.clock_of(limit.day, rule.counting)
    clock = log.clock(rule.counting)[a.rows]
    in_time = a.dated & (clock <= last[a.case])
    fewest = _times(log, a.where(in_time & a.sure))
    most = _times(log, a.where(in_time | ~a.dated))
    awaited = log.open & (log.next_in_view(rule.counting) <= last)
    return _select(
        (limit.undated, UNKNOWN), (fewest >= rule.times, SATISFIED), (awaited, PENDING), (most < rule.times, VIOLATED)
    )


def _first(log: StepLog, some: Occurrences) -> Ints:
    """The first group of each case in which a step occurs; the number of groups where it has no date."""
    first = np.full(len(log.case_ids), log.groups)
    dated = np.flatnonzero(some.dated)[::-1]
    first[some.case[dated]] = some.group[dated]
    return first


def _times(log: StepLog, some: Occurrences) -> Ints:
    return np.bincount(some.case, minlength=len(log.case_ids))


def _select(*choices: tuple[Flags, int]) -> Codes:
    """The first code whose condition holds; UNDETERMINED where none does."""
    found = np.select([holds for holds, _code in choices], [code for _holds, code in choices], default=UNDETERMINED)
    return found.astype(np.int8)
