"""What became of a rule in a case, and the counts of it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.clustered_share import ClusteredShare, clustered_share
from evaluation.completeness.declare.following import Answered
from evaluation.completeness.declare.log import Flags, Ints
from evaluation.completeness.declare.rule import Rule
from evaluation.proportion import Interval, Proportion

Codes = NDArray[np.int8]

VACUOUS, SATISFIED, UNKNOWN, UNDETERMINED, PENDING, VIOLATED = range(6)
"""Of several activations in one case, the highest of these is that of the case.

VACUOUS: nothing in the case activates the rule. UNKNOWN: whether the rule applies is not
recorded. UNDETERMINED: what is recorded allows both (the same time, no time, a missing
value). PENDING: the case is open, and what is still to come can decide it.
"""
VERDICTS = ("vacuous", "satisfied", "unknown", "undetermined", "pending", "violated")


def verdicts_of(answered: Answered, sure: Flags, *, denied: bool = False) -> Codes:
    """Return the verdict of each activation.

    Parameters
    ----------
    answered : Answered
    sure : ndarray of bool
        Whether it surely is an activation; otherwise its verdict is UNKNOWN.
    denied : bool
        The rule asks that there is no answer.
    """
    good, bad = (~answered.perhaps, answered.surely) if denied else (answered.surely, ~answered.perhaps)
    found = np.full(len(sure), UNDETERMINED, dtype=np.int8)
    found[bad] = VIOLATED
    found[good] = SATISFIED
    # The future can add an answer and never take one away: only one of the two is final while it is awaited.
    found[answered.awaited & ~(bad if denied else good)] = PENDING
    found[~sure] = UNKNOWN
    return found


@dataclass(frozen=True)
class Verdicts:
    """The verdicts of one rule.

    Parameters
    ----------
    rule : Rule
    case : ndarray of int, shape (activations,)
        Position of the case in `StepLog.case_ids`.
    row : ndarray of int, shape (activations,)
        Row of the event in the given table; -1 where the activation is the case itself.
    verdict : ndarray of int8, shape (activations,)
        Position in `VERDICTS`; never VACUOUS.
    case_verdict : ndarray of int8, shape (cases,)
    count : ndarray of int, shape (cases,)
        How many identical cases each stands for.
    """

    rule: Rule
    case: Ints
    row: Ints
    verdict: Codes
    case_verdict: Codes
    count: Ints

    @property
    def all_single(self) -> bool:
        """True when each case stands for itself alone."""
        return bool((self.count == 1).all())

    def breaches(self) -> Ints:
        """Return the positions of the cases that violate the rule; for readers of dossiers, never published."""
        return np.flatnonzero(self.case_verdict == VIOLATED)

    def counts(self, *, among: Flags | None = None) -> "RuleCounts":
        """Count the verdicts, of all cases or of some (one truth value a case)."""
        plain = among is None and self.all_single
        weight = None if plain else (self.count if among is None else np.where(among, self.count, 0))
        cases = _tally(self.case_verdict, weight)
        activations = _tally(self.verdict, None if weight is None else weight[self.case])
        if cases.activated + cases.unknown == activations.activated + activations.unknown:
            # One activation a case, as in most rules: nothing to add up.
            both = ((0, 1, activations.violated), (1, 1, activations.satisfied))
            return RuleCounts(self.rule, cases, activations, tuple(pair for pair in both if pair[2]))
        length = len(self.count)
        hits = np.bincount(self.case[self.verdict == SATISFIED], minlength=length)
        size = hits + np.bincount(self.case[self.verdict == VIOLATED], minlength=length)
        clusters = _pairs(hits, size, weight)
        return RuleCounts(self.rule, cases, activations, clusters)


@dataclass(frozen=True)
class Tally:
    """How often each verdict was given."""

    vacuous: int
    satisfied: int
    unknown: int
    undetermined: int
    pending: int
    violated: int

    @property
    def activated(self) -> int:
        """Where the rule surely speaks: satisfied, violated, pending or undetermined."""
        return self.satisfied + self.violated + self.pending + self.undetermined


@dataclass(frozen=True)
class RuleCounts:
    """The counts of one rule, per case and per activation.

    Parameters
    ----------
    rule : Rule
    cases, activations : Tally
        Of activations none is vacuous.
    clusters : tuple of (int, int, int)
        Satisfied, and satisfied or violated, activations of a case, and the number of cases with these.
    """

    rule: Rule
    cases: Tally
    activations: Tally
    clusters: tuple[tuple[int, int, int], ...]

    def case_share(self) -> Proportion:
        """Return the share of cases that satisfy the rule, among those that satisfy or violate it.

        *Estimand*: the probability that a case in which the rule came into play, and is
        decided, keeps to it. Its `interval` is Wilson's.
        """
        return Proportion(self.cases.satisfied, self.cases.satisfied + self.cases.violated)

    def case_bounds(self) -> Interval | None:
        """Return the share of cases if all that is undetermined were violated, and if satisfied; None: no cases."""
        of = self.cases.satisfied + self.cases.violated + self.cases.undetermined
        if not of:
            return None
        return Interval(self.cases.satisfied / of, (self.cases.satisfied + self.cases.undetermined) / of)

    def activation_share(self, *, level: float) -> ClusteredShare:
        """Return the share of activations that satisfy the rule, with an interval that knows of their cases.

        *Estimand*: as `case_share`, one activation as large as another; cases, not
        activations, are what was drawn.
        """
        hits, size, times = np.array(self.clusters, dtype=np.int64).reshape(-1, 3).T
        cluster = np.arange(times.sum())
        return clustered_share(np.repeat(hits, times), np.repeat(size, times), cluster, level=level)


def _pairs(hits: Ints, size: Ints, weight: Ints | None) -> tuple[tuple[int, int, int], ...]:
    """Each pair of hits and size that occurs, and how often; nothing of nothing left out."""
    base = int(size.max(initial=0)) + 1
    key = hits * base + size
    # Few different pairs are counted in place; many, as in one case of a million steps, are looked up.
    which, pairs = (key, np.arange(base**2)) if base < 100 else pd.factorize(key, sort=True)
    times = np.bincount(which, weight, minlength=len(pairs))
    some = np.flatnonzero((times > 0) & (pairs % base > 0))
    return tuple((int(pairs[at] // base), int(pairs[at] % base), int(times[at])) for at in some)


def _tally(verdict: Codes, weight: Ints | None) -> Tally:
    return Tally(*(int(n) for n in np.bincount(verdict, weight, minlength=len(VERDICTS))))
