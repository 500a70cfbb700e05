"""Checks rules against a step log: what became of each rule in each case.

Three things are kept apart from *satisfied* and *violated*: the rule never came into play
(vacuous), the record allows both (undetermined), and the future decides (pending).

An activation is *satisfied* only if it is so in every order that the recorded times
allow, for every value that a missing one may have, and whatever an open case still
brings; *violated* likewise. Nothing else is ever called so. Undetermined is exact too
(some orders satisfy it, others violate it), but for these, where trying all orders might
still decide: one missing value that has to agree or differ with several others; an
undated activation of an alternate or chain form with `not_before_days`, or beside steps
with the same time that are read against the rule; days between the first of two steps of
which one is undated; and what an undated step of an open case owes to its lying before
the last day of view.

A case takes the gravest verdict of its activations. So a case can be undetermined where
no one order would satisfy all of its activations; it is never the other way round.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

from data_contracts.errors import WrongUse
from data_contracts.language import _
from data_contracts.procedure.model import Condition
from evaluation.completeness.declare import following, presence
from evaluation.completeness.declare.conditions import Truth, columns_of, truth
from evaluation.completeness.declare.following import Answered
from evaluation.completeness.declare.log import Ints, StepLog
from evaluation.completeness.declare.occurrences import Occurrences, occurrences
from evaluation.completeness.declare.pairing import Pairing
from evaluation.completeness.declare.rule import CHOSEN, COUNTED, PLACED, TOGETHER, Rule
from evaluation.completeness.declare.verdicts import (
    SATISFIED,
    UNKNOWN,
    VACUOUS,
    VERDICTS,
    Codes,
    RuleCounts,
    Verdicts,
    verdicts_of,
)

_Seen = dict[tuple[tuple[str, ...], Condition | None], Occurrences]


def check_rule(log: StepLog, rule: Rule) -> Verdicts:
    """Return what became of one rule in each case.

    Parameters
    ----------
    log : StepLog
        As `step_log` makes it.
    rule : Rule

    Raises
    ------
    WrongUse
        If the rule reads a column that the log does not have, counts in a way that the log
        was not made for, or has a period of validity where no day is known.

    Examples
    --------
    >>> from evaluation.completeness.declare.log_table import step_log
    >>> table = pd.DataFrame({"case": [1, 1, 2], "step": ["A", "B", "A"], "time": [0, 3, 0]})
    >>> found = check_rule(step_log(table, as_of=None), Rule("a_b", "response", ("A",), ("B",)))
    >>> [VERDICTS[code] for code in found.case_verdict]
    ['satisfied', 'violated']
    """
    return _check(log, rule, _selected(log, rule, {}))


def check_rules(log: StepLog, rules: Sequence[Rule]) -> tuple[RuleCounts, ...]:
    """Return the counts of each rule; what became of a rule in each case is not kept.

    Raises
    ------
    WrongUse
        As `check_rule`, or if two rules have one name.
    """
    if twice := [name for name, times in Counter(rule.id for rule in rules).items() if times > 1]:
        raise WrongUse(_("Twee regels heten {id}.", id=twice[0]))
    seen: _Seen = {}
    return tuple(_check(log, rule, _selected(log, rule, seen)).counts() for rule in rules)


def _selected(log: StepLog, rule: Rule, seen: _Seen) -> tuple[Occurrences, Occurrences]:
    """The steps a and b of a rule; many rules speak of the same steps, so each selection is made once."""
    wanted = ((rule.a, rule.if_a), (rule.b, rule.if_b))
    for steps, condition in wanted:
        if (steps, condition) not in seen:
            seen[steps, condition] = occurrences(log, steps, condition)
    return seen[wanted[0]], seen[wanted[1]]


def _check(log: StepLog, rule: Rule, selected: tuple[Occurrences, Occurrences]) -> Verdicts:
    a, b = selected
    applies = _applies(log, rule)
    if rule.template in (*COUNTED, *PLACED, *CHOSEN, "ordered"):
        return _of_cases(log, rule, a, b, applies)
    parts = _parts(log, rule, a, b)
    rows = _joined([pairing.asked.rows for pairing, _answered in parts])
    denied = rule.template.startswith("not_")
    verdict = _joined([verdicts_of(found, pairing.asked.sure, denied=denied) for pairing, found in parts])
    case = _joined([pairing.case for pairing, _answered in parts])
    if applies is not None:
        verdict = np.where(applies.sure[case], verdict, UNKNOWN).astype(np.int8)
        kept = applies.possible[case]
        rows, verdict, case = rows[kept], verdict[kept], case[kept]
    return Verdicts(rule, case, log.row[rows], verdict, _worst(case, verdict, len(log.case_ids)), log.count)


def _parts(log: StepLog, rule: Rule, a: Occurrences, b: Occurrences) -> list[tuple[Pairing, Answered]]:
    """The one or two questions that a template asks."""
    forth, back = Pairing(log, rule, a, b), Pairing(log, rule, b, a)
    if rule.template in TOGETHER:
        both = [forth] if rule.template == "responded_existence" else [forth, back]
        return [(pairing, following.together(pairing)) for pairing in both]
    kind, _underscore, side = rule.template.rpartition("_")
    ask = {"alternate": following.alternating, "chain": following.beside, "not_chain": following.beside}.get(
        kind, following.after
    )
    # Read in favour of a rule that forbids an answer is against there being one.
    readings = ("violates", "satisfies") if kind.startswith("not") else ("satisfies", "violates")
    in_favour, against = (rule.same_time == reading for reading in readings)
    directions = {"precedence": (False,), "succession": (True,) if kind.startswith("not") else (True, False)}
    return [
        (pairing, ask(pairing, forward=forward, in_favour=in_favour, against=against))
        for forward in directions.get(side, (True,))
        for pairing in [forth if forward else back]
    ]


def _of_cases(log: StepLog, rule: Rule, a: Occurrences, b: Occurrences, applies: Truth | None) -> Verdicts:
    """The templates whose activation is the case itself."""
    every = np.ones(len(log.case_ids), dtype=bool)
    sure, possible = every, every
    if rule.template in COUNTED:
        verdict = presence.counted(log, rule, a)
    elif rule.template in PLACED:
        verdict = presence.placed(log, rule, a)
    elif rule.template in CHOSEN:
        verdict = presence.chosen(log, rule, a, b)
    else:
        verdict, sure, possible = presence.ordered(log, rule, a, b)
    if applies is not None:
        sure, possible = sure & applies.sure, possible & applies.possible
    verdict = np.select([sure, possible], [verdict, UNKNOWN], default=VACUOUS).astype(np.int8)
    case = np.flatnonzero(verdict != VACUOUS)
    return Verdicts(rule, case, np.full(len(case), -1), verdict[case], verdict, log.count)


def _applies(log: StepLog, rule: Rule) -> Truth | None:
    """In which cases the rule counts; None: in all."""
    found = []
    if rule.if_case is not None:
        columns = {name: log.case_column(name).to_numpy() for name in columns_of(rule.if_case)}
        found.append(truth(rule.if_case, pd.DataFrame(columns, index=range(len(log.case_ids)))))
    if rule.valid_from or rule.valid_to:
        if log.opened_on is None:
            raise WrongUse(_("Regel {id} geldt vanaf of tot een dag, maar dit logboek heeft geen datums.", id=rule.id))
        known = ~np.isnat(log.opened_on)
        inside = known.copy()
        if rule.valid_from:
            inside &= log.opened_on >= np.datetime64(rule.valid_from)
        if rule.valid_to:
            inside &= log.opened_on <= np.datetime64(rule.valid_to)
        found.append(Truth(inside, inside | ~known))
    if not found:
        return None
    sure, possible = (np.logical_and.reduce(answers) for answers in zip(*found, strict=True))
    return Truth(sure, possible)


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _worst(case: Ints, verdict: Codes, cases: int) -> Codes:
    """The gravest verdict of each case."""
    found = np.full(cases, VACUOUS, dtype=np.int8)
    found[case] = SATISFIED
    # From light to grave: of several assignments to one case the last one stays.
    for code in range(SATISFIED + 1, len(VERDICTS)):
        found[case[verdict == code]] = code
    return found
