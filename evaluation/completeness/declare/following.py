"""Whether an activation is answered by a step after it, before it or right beside it: surely, or perhaps."""

from dataclasses import dataclass

import numpy as np

from evaluation.completeness.declare.log import Flags, Ints
from evaluation.completeness.declare.occurrences import Occurrences, nearest
from evaluation.completeness.declare.pairing import Pairing


@dataclass(frozen=True)
class Answered:
    """One answer an activation, in two readings, and whether the future can still change it.

    Parameters
    ----------
    surely : ndarray of bool
        In every order that the times allow, and whatever is unknown.
    perhaps : ndarray of bool
        In some order, for something that is unknown.
    awaited : ndarray of bool
        The case is open, and what is still to come can decide it.
    """

    surely: Flags
    perhaps: Flags
    awaited: Flags


def after(pairing: Pairing, *, forward: bool, in_favour: bool, against: bool) -> Answered:
    """Tell whether an answer comes after each activation, or before it.

    Parameters
    ----------
    forward : bool
        After; otherwise before.
    in_favour, against : bool
        How the same time is read, where it is read at all.
    """
    surely = pairing.exists(forward=forward, generous=False, ties=in_favour)
    certain = pairing.certain
    perhaps = surely if certain else pairing.exists(forward=forward, generous=True, ties=not against)
    return Answered(surely, perhaps, pairing.still_possible if forward else _never(pairing))


def together(pairing: Pairing) -> Answered:
    """Tell whether an answer stands in the case of each activation."""
    surely = pairing.together(generous=False)
    perhaps = surely if pairing.certain else pairing.together(generous=True)
    return Answered(surely, perhaps, pairing.still_possible)


def alternating(pairing: Pairing, *, forward: bool, in_favour: bool, against: bool) -> Answered:
    """Tell whether an answer comes after each activation and before the next one (or before it and after the last)."""
    surely = _alternates(pairing, forward, generous=False, ties=in_favour)
    perhaps = surely if pairing.certain else _alternates(pairing, forward, generous=True, ties=not against)
    if not forward or not pairing.log.open.any():
        return Answered(surely, perhaps, _never(pairing))
    # The future decides only where there may be no answer yet and no next activation either.
    found = pairing.exists(forward=True, generous=False, ties=in_favour)
    beyond, tied = _next_asked(pairing, pairing.asked.where(pairing.asked.sure), forward=True)
    last = ~pairing.asked.dated | ((beyond < 0) & ((tied == 0) | (not against)))
    return Answered(surely, perhaps, pairing.still_possible & ~found & last)


def beside(pairing: Pairing, *, forward: bool, in_favour: bool, against: bool) -> Answered:
    """Tell whether the step right after each activation (or right before it) is an answer."""
    surely = _beside(pairing, forward, generous=False, ties=in_favour)
    perhaps = surely if pairing.certain else _beside(pairing, forward, generous=True, ties=not against)
    if not forward or not pairing.log.open.any():
        return Answered(surely, perhaps, _never(pairing))
    tied, _next, there = _neighbours(pairing, forward=True)
    all_answer = pairing.in_group(pairing.group, generous=True) == tied
    last = ~pairing.asked.dated | (~there & (all_answer | (not against)))
    return Answered(surely, perhaps, pairing.still_possible & last)


def _never(pairing: Pairing) -> Flags:
    return np.zeros(len(pairing.asked.rows), dtype=bool)


def _alternates(pairing: Pairing, forward: bool, *, generous: bool, ties: bool) -> Flags:
    asked = pairing.asked.where(pairing.asked.sure) if generous else pairing.asked
    beyond, tied = _next_asked(pairing, asked, forward=forward)
    edge = pairing.log.groups if forward else -1
    limit = np.where(beyond < 0, edge, beyond)
    found = pairing.hits(forward=forward, generous=generous, ties=ties, limit=limit)
    if not ties:
        found &= tied == 0
    if generous:
        # Without a time, an answer can stand wherever there is room for it.
        room = _room(pairing, beyond, ties=ties) & (ties | (tied == 0))
        found |= room & (pairing.undated_answers(generous=True) > 0)
        return found | (~pairing.asked.dated & (pairing.in_case(generous=True) > 0))
    others = pairing.log.undated[pairing.case] if (~asked.dated).any() else np.zeros(len(found), dtype=np.int64)
    if others.any():
        undated_asked = np.bincount(asked.case[~asked.dated], minlength=len(pairing.log.case_ids))
        alone = undated_asked[pairing.case] - ~pairing.asked.dated == 0
        at_same_time = (pairing.in_group(pairing.group, generous=False) > 0) & pairing.at_once
        found &= alone | (at_same_time & ties)
    return found


def _room(pairing: Pairing, beyond: Ints, *, ties: bool) -> Flags:
    """Whether the days that the rule asks for fit between an activation and the next."""
    room = pairing.asked.dated.copy()
    if not pairing.at_once:
        days = pairing.days_to(np.maximum(beyond, 0))
        room &= (beyond < 0) | ((days >= pairing.at_least) if ties else (days > pairing.at_least))
    return room


def _next_asked(pairing: Pairing, asked: Occurrences, *, forward: bool) -> tuple[Ints, Ints]:
    """Return the group of the next activation in the case (-1: none), and how many others have the same time."""
    if pairing.log.certain and asked is pairing.asked:
        # In order, each alone at its time: the next activation is the next in line.
        beyond = np.full(len(pairing.group), -1)
        this, next_one = (slice(None, -1), slice(1, None)) if forward else (slice(1, None), slice(None, -1))
        beyond[this] = np.where(pairing.case[1:] == pairing.case[:-1], pairing.group[next_one], -1)
        return beyond, np.zeros(len(beyond), dtype=np.int64)
    group = asked.where(asked.dated).group
    low, high = np.searchsorted(group, pairing.group, "left"), np.searchsorted(group, pairing.group, "right")
    tied = np.maximum(high - low - 1, 0)
    if not len(group):
        return np.full(len(pairing.group), -1), tied
    position = nearest(group, pairing.group, forward=forward, or_same=False)
    beyond = group[np.clip(position, 0, len(group) - 1)]
    there = (position >= 0) & (position < len(group)) & pairing.asked.dated
    there &= pairing.log.group_case[beyond] == pairing.case
    return np.where(there, beyond, -1), np.where(pairing.asked.dated, tied, 0)


def _beside(pairing: Pairing, forward: bool, *, generous: bool, ties: bool) -> Flags:
    tied, beside, there = _neighbours(pairing, forward=forward)
    answers_tied = pairing.in_group(pairing.group, generous=generous) * pairing.at_once
    answers_next = pairing.in_group(np.where(there, beside, -1), generous=generous)
    if pairing.rule.timed:
        days = pairing.days_to(np.where(there, beside, 0))
        most = np.inf if pairing.rule.within_days is None else pairing.rule.within_days
        answers_next = np.where((days >= pairing.at_least) & (days <= most), answers_next, 0)
    size = np.where(there, pairing.log.group_size[beside], 0) if pairing.log.groups else np.zeros(len(tied), dtype=int)
    next_answers = (answers_next > 0) if ties else there & (answers_next == size)
    undated_others = pairing.log.undated[pairing.case] - ~pairing.asked.dated
    undated_answers = pairing.undated_answers(generous=generous)
    if generous:
        # A step without a time may be the one right beside; one with the same time may come in between.
        room = (
            ~there | (pairing.days_to(np.where(there, beside, 0)) >= pairing.at_least) if pairing.rule.timed else True
        )
        next_answers |= (undated_answers > 0) & room
    else:
        next_answers &= (undated_others == 0) | ((undated_answers == undated_others) & pairing.at_once)
    found = ((answers_tied > 0) | next_answers) if ties else (answers_tied == tied) & next_answers
    unplaced = (pairing.in_case(generous=True) > 0) if generous else np.zeros(len(found), dtype=bool)
    return np.where(pairing.asked.dated, found, unplaced)


def _neighbours(pairing: Pairing, *, forward: bool) -> tuple[Ints, Ints, Flags]:
    """Return how many others have the same time, the group right beside, and whether that is of the same case."""
    dated = pairing.asked.dated
    if not pairing.log.groups:
        nothing = np.zeros(len(dated), dtype=np.int64)
        return nothing, nothing, np.zeros(len(dated), dtype=bool)
    tied = np.where(dated, pairing.log.group_size[np.maximum(pairing.group, 0)] - 1, 0)
    beside = pairing.group + (1 if forward else -1)
    inside = dated & (beside >= 0) & (beside < pairing.log.groups)
    beside = np.where(inside, beside, 0)
    return tied, beside, inside & (pairing.log.group_case[beside] == pairing.case)
