"""For each event that a rule speaks of: is there an event that answers it.

Every question has two readings. *Not generous*: is there surely one, whatever is unknown.
*Generous*: may there be one. Unknown are the time of an undated event, whether a
condition holds where a value is missing, and whether two values agree where one is
missing. What `ties` means is said at each function: whether the order of events with
the same time may be chosen so that the answer is yes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from evaluation.completeness.declare.log import Flags, Floats, Ints, StepLog
from evaluation.completeness.declare.occurrences import Occurrences, nearest, runs
from evaluation.completeness.declare.rule import Rule


@dataclass(frozen=True)
class Pairing:
    """Activations, the events that may answer them, and the conditions on the two together.

    Parameters
    ----------
    log : StepLog
    rule : Rule
        For its days and the column in which the two must agree or differ.
    asked, answers : Occurrences
    """

    log: StepLog
    rule: Rule
    asked: Occurrences
    answers: Occurrences

    @cached_property
    def case(self) -> Ints:
        """The case of each activation."""
        return self.asked.case

    @cached_property
    def group(self) -> Ints:
        """The group of each activation; -1 where undated."""
        return self.asked.group

    @cached_property
    def certain(self) -> bool:
        """True when the two readings of every question are the same, and ties do not occur."""
        known = self.column is None or bool((self._values[0] >= 0).all() and (self._values[1] >= 0).all())
        return self.log.certain and known and self.answers.all_sure and self.asked.all_sure

    @cached_property
    def clock(self) -> Floats:
        """The day number of each activation."""
        return self._clock[self.asked.rows]

    @cached_property
    def column(self) -> str | None:
        """The column in which the two must agree or differ."""
        return self.rule.same or self.rule.different or None

    @cached_property
    def at_least(self) -> float:
        """The fewest days between the two."""
        return self.rule.not_before_days or 0.0

    @cached_property
    def at_once(self) -> bool:
        """True when no days need lie between the two."""
        return self.at_least <= 0

    @cached_property
    def _clock(self) -> Floats:
        return self.log.clock(self.rule.counting)

    @cached_property
    def _values(self) -> tuple[Ints, Ints]:
        """The value in `column` of each activation and answer, as a code; -1 where missing."""
        assert self.column is not None
        rows = np.concatenate([self.asked.rows, self.answers.rows])
        code = pd.factorize(self.log.event_column(self.column, rows))[0].astype(np.int64, copy=False)
        return code[: len(self.asked.rows)], code[len(self.asked.rows) :]

    @cached_property
    def still_possible(self) -> Flags:
        """Whether the case is open, and an answer that comes after the last day of view would be soon enough."""
        open_ = self.log.open[self.case]
        if self.rule.within_days is None or not open_.any():
            return open_
        soon = self.log.next_in_view(self.rule.counting) - self.clock <= self.rule.within_days
        return open_ & (soon | ~self.asked.dated)

    def exists(self, *, forward: bool, generous: bool, ties: bool) -> Flags:
        """Tell whether an answer comes after the activation (`forward`) or before it."""
        found = self.hits(forward=forward, generous=generous, ties=ties)
        if generous:
            found |= self.undated_answers(generous=True) > 0
            found |= ~self.asked.dated & (self.in_case(generous=True) > 0)
        return found

    def together(self, *, generous: bool) -> Flags:
        """Tell whether an answer stands in the same case, within the days of the rule either way."""
        if self.rule.within_days is None:
            return self.in_case(generous=generous) > 0
        later = self.exists(forward=True, generous=generous, ties=True)
        return later | self.exists(forward=False, generous=generous, ties=True)

    def hits(self, *, forward: bool, generous: bool, ties: bool, limit: Ints | None = None) -> Flags:
        """Tell whether a dated answer comes after (before) a dated activation, and not past the group `limit`.

        `ties`: an answer with the same time as the activation, or as the limit, counts.
        """
        found = np.zeros(len(self.asked.rows), dtype=bool)
        for pool in self._pools(generous):
            if not pool.size:
                continue
            position = self._nearest(pool, forward, ties)
            at = np.clip(position, 0, pool.size - 1)
            hit = (at == position) & (self.answers.case[pool.answers][at] == self.case) & pool.asked
            if pool.unit is not None:
                hit &= pool.unit[1][pool.answers][at] == pool.unit[0]
            if self.rule.within_days is not None:
                days = self._clock[self.answers.rows][pool.answers][at] - self.clock
                hit &= (days if forward else -days) <= self.rule.within_days
            if limit is not None:
                group = self.answers.group[pool.answers][at]
                gap = limit - group if forward else group - limit
                hit &= (gap >= 0) if ties else (gap > 0)
            found |= hit
        return found

    def days_to(self, group: Ints) -> Floats:
        """Return the days between each activation and a group, whichever comes first."""
        if not self.log.groups:
            return np.full(len(group), np.nan)
        return np.abs(self._clock[self.log.group_first[group]] - self.clock)

    def in_case(self, *, generous: bool) -> Ints:
        """Count the answers in the case of each activation."""
        return self.matching(np.ones(len(self.answers.rows), dtype=bool), self.answers.case, self.case, generous)

    def undated_answers(self, *, generous: bool) -> Ints:
        """Count the undated answers in the case of each activation."""
        return self.matching(~self.answers.dated, self.answers.case, self.case, generous)

    def in_group(self, group: Ints, *, generous: bool) -> Ints:
        """Count the answers in a group, one group an activation (-1: none)."""
        return self.matching(self.answers.dated, self.answers.group, group, generous)

    def matching(self, chosen: Flags, bucket: Ints, wanted: Ints, generous: bool) -> Ints:
        """Count for each activation the chosen answers in the bucket it wants, that agree or differ as they must."""
        chosen = chosen & (self.answers.sure | generous)
        if not chosen.any():
            return np.zeros(len(wanted), dtype=np.int64)
        size = int(max(bucket[chosen].max(), wanted.max(initial=0))) + 1

        def counted(some: Flags) -> Ints:
            return np.where(wanted < 0, 0, np.bincount(bucket[some], minlength=size)[wanted])

        if self.column is None:
            return counted(chosen)
        mine, theirs = self._values
        known = chosen & (theirs >= 0)
        codes = int(max(mine.max(initial=0), theirs.max(initial=0))) + 1
        keys = np.sort(bucket[known] * codes + theirs[known])
        sought = np.where((wanted < 0) | (mine < 0), -1, wanted * codes + mine)
        equal = np.searchsorted(keys, sought, "right") - np.searchsorted(keys, sought, "left")
        agreed = equal if self.rule.same else counted(known) - equal
        if not generous:
            return np.where(mine < 0, 0, agreed)
        return np.where(mine < 0, counted(chosen), agreed + counted(chosen & (theirs < 0)))

    def _pools(self, generous: bool) -> Iterator["_Pool"]:
        """The searches whose answers together make the answer to one question."""
        chosen = self.answers.dated & (self.answers.sure | generous)
        dated = self.asked.dated
        if self.column is None:
            # A slice of all is a view: the usual log, in which all is known, is not copied.
            answers = slice(None) if chosen.all() else np.flatnonzero(chosen)
            yield _Pool(answers, int(chosen.sum()), dated, None, None)
            return
        mine, theirs = self._values
        if self.rule.different:
            known = chosen if generous else chosen & (theirs >= 0)
            # A missing value differs from every other, a missing one too: hence -2 beside -1.
            differing = np.flatnonzero(known)
            values = np.where(mine < 0, -2, mine)
            yield _Pool(differing, len(differing), dated & (generous | (mine >= 0)), None, values)
            return
        codes = int(max(mine.max(initial=0), theirs.max(initial=0))) + 2
        unit = np.unique(np.concatenate([self.case * codes + mine + 1, self.answers.case * codes + theirs + 1]),
                         return_inverse=True)[1]  # fmt: skip
        units = unit[: len(mine)], unit[len(mine) :]
        agreeing = np.flatnonzero(chosen & (theirs >= 0))
        by_unit = agreeing[np.argsort(units[1][agreeing], kind="stable")]
        yield _Pool(by_unit, len(by_unit), dated & (mine >= 0), units, None)
        if generous:
            unsaid, every = np.flatnonzero(chosen & (theirs < 0)), np.flatnonzero(chosen)
            yield _Pool(unsaid, len(unsaid), dated, None, None)
            yield _Pool(every, len(every), dated & (mine < 0), None, None)

    def _nearest(self, pool: "_Pool", forward: bool, ties: bool) -> Ints:
        """The position in the pool of the nearest answer that is far enough away."""
        wanted, groups = self.group, self.answers.group[pool.answers]
        mine, theirs = pool.unit if pool.unit is not None else (self.case, self.answers.case)
        if pool.unit is not None:
            wanted = mine * (self.log.groups + 1) + wanted
            groups = theirs[pool.answers] * (self.log.groups + 1) + groups
        position = nearest(groups, wanted, forward=forward, or_same=ties)
        if not self.at_once:
            # Days as ranks among all days of the log: the comparison stays exact in whole numbers.
            days = self._distinct_days
            bound = self.clock + self.at_least if forward else self.clock - self.at_least
            rank = nearest(days, bound, forward=forward, or_same=True)
            their_rank = np.searchsorted(days, self._clock[self.answers.rows[pool.answers]])
            keys = theirs[pool.answers] * (len(days) + 2) + their_rank + 1
            far = nearest(keys, mine * (len(days) + 2) + rank + 1, forward=forward, or_same=True)
            position = np.maximum(position, far) if forward else np.minimum(position, far)
        if pool.values is not None:
            value = self._values[1][pool.answers]
            at = np.clip(position, 0, len(value) - 1)
            alike = (position == at) & (value[at] == pool.values)
            position = np.where(alike, runs(value, forward=forward)[at], position)
        return position

    @cached_property
    def _distinct_days(self) -> Floats:
        return np.unique(self._clock[self.log.group >= 0])


@dataclass(frozen=True)
class _Pool:
    """One search.

    Parameters
    ----------
    answers : ndarray of int or slice
        Among which answers, in order of unit and time.
    size : int
        How many.
    asked : ndarray of bool
        For which activations.
    unit : tuple of ndarray, or None
        The unit (case and value) of each activation and answer; None: the case.
    values : ndarray of int, or None
        For each activation the value from which its answer must differ.
    """

    answers: Ints | slice
    size: int
    asked: Flags
    unit: tuple[Ints, Ints] | None
    values: Ints | None
