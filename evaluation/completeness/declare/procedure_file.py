"""Reads a procedure file: steps, rules, and how the log is read. Another procedure is another file, no code.

The steps are in the form of `data_contracts/procedure/steps.yaml`, read by the same
reader, so `before` and `after` of a step are rules here too. Besides `steps` a file may
have (and anything else, to be repeated below as `&name` and `*name`)

* `norms`, in the form of `norms.yaml`; without it the norms that come with the program count;
* `rules`: a list of the fields of `evaluation.completeness.declare.rule.Rule`, in which
  `a` and `b` are codes of steps, or lists of codes, and a condition has no table:
  `{column: kanaal, op: equals, value: Internet}`, combined with `all` and `any`;
* `log`: the columns `case`, `step` and `time`, and where there are such `order`,
  `opened_on` and `open_without` (a case in which this column is empty is open); under
  `labels` for each step what the log calls it. Without `labels` the log has the codes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd

from data_contracts import procedure
from data_contracts.errors import WrongUse
from data_contracts.language import _

# The form of a step, a text, a period and a condition is that of steps.yaml: one reader, not two.
from data_contracts.procedure.reading import (
    _condition,
    _FieldError,
    _one_of,
    _period,
    _refuse_unknown,
    _texts,
    _truth,
    _whole,
)
from data_contracts.yaml_file import line_of, load_yaml
from evaluation.completeness.declare.log import CALENDAR, Counting, StepLog
from evaluation.completeness.declare.log_columns import LogColumns, log_columns, read_log, text
from evaluation.completeness.declare.rule import Rule

_PARTS = ("version", "steps", "norms", "rules", "log")
_NAMES = ("counting", "by", "same", "different", "same_time")
_DAYS = ("within_days", "not_before_days")
_CONDITIONS = ("if_case", "if_a", "if_b")
_RULE_FIELDS = (
    {"id", "template", "a", "b", "times", "valid_from", "valid_to", "critical", "title", "source", "mark"}
    | {*_NAMES, *_DAYS, *_CONDITIONS}
)  # fmt: skip


@dataclass(frozen=True)
class Procedure:
    """What a procedure file says.

    Parameters
    ----------
    steps : tuple of Step
    rules : tuple of Rule
        Those of `rules`, then those that steps declare with `before` and `after`.
    log : LogColumns or None
    """

    steps: tuple[procedure.Step, ...]
    rules: tuple[Rule, ...]
    log: LogColumns | None

    def read_log(
        self, events: pd.DataFrame, *, as_of: date | float | None, countings: Mapping[str, Counting] = CALENDAR
    ) -> StepLog:
        """Read the log of this procedure; see `log_columns.read_log`.

        Raises
        ------
        WrongUse
            If the file does not say how the log is read; and as `read_log`.
        """
        if self.log is None:
            raise WrongUse(_("Dit procedurebestand zegt niet hoe het logboek wordt gelezen (log)."))
        return read_log(events, self.log, [step.code for step in self.steps], as_of=as_of, countings=countings)


def read_procedure(path: Path) -> Procedure:
    """Read a procedure file.

    Raises
    ------
    UnreadableInput
        If the file does not exist or is not text.
    WrongUse
        If the file is wrong; the message names file, line, part and fault.
    """
    content = load_yaml(path)
    norms = procedure.read_norms(path) if isinstance(content, dict) and "norms" in content else procedure.norms()
    steps = procedure.read_steps(path, norms=norms)
    for key in content:
        # Other keys may stand there, to be repeated below (&name, *name); a slip of the pen may not.
        if key not in _PARTS and (meant := get_close_matches(str(key), _PARTS)):
            raise _fault(path, (str(key),), str(key), _("onbekend veld; is {meant} bedoeld?", meant=meant[0]))
    codes = tuple(dict.fromkeys(step.code for step in steps))
    rules = _rules(path, content.get("rules"), codes)
    declared = step_order(steps)
    seen: set[str] = set()
    for number, rule in enumerate((*rules, *declared)):
        if rule.id in seen:
            raise _fault(path, ("rules", min(number, len(rules) - 1)), rule.id, _("deze naam staat er twee keer"))
        seen.add(rule.id)
    log = None
    if content.get("log") is not None:
        log = _check(path, ("log",), "log", lambda: log_columns(content["log"], codes))
    return Procedure(steps, (*rules, *declared), log)


def step_order(steps: Sequence[procedure.Step]) -> tuple[Rule, ...]:
    """Return the order rules that steps declare: the first of the one step comes before the first of the other.

    Not strict means that the same time satisfies it; strict, that it violates it. A rule
    counts for cases that opened while it and both steps were valid; of a step with
    several periods, from the first to the last.

    Examples
    --------
    >>> {rule.id: rule.same_time for rule in step_order(procedure.steps())}["voorn_ziens"]
    'violates'
    """
    rules = []
    for declared in procedure.order_rules(steps):
        dated = [[step for step in steps if step.code == code] for code in (declared.first, declared.then)]
        spans = [(declared.valid_from or date.min, declared.valid_to or date.max)]
        spans += [
            (min(step.valid_from or date.min for step in some), max(step.valid_to or date.max for step in some))
            for some in dated
        ]
        first, last = max(start for start, _end in spans), min(end for _start, end in spans)
        if first > last:
            continue  # the two steps were never valid together
        rules.append(
            Rule(
                declared.id,
                "ordered",
                (declared.first,),
                (declared.then,),
                same_time="violates" if declared.strict else "satisfies",
                valid_from=None if first == date.min else first,
                valid_to=None if last == date.max else last,
                title={
                    language: f"{some[0].title[language]} {word} {other[0].title[language]}"
                    for language, word in (("nl", "vóór"), ("en", "before"))
                    for some, other in [dated]
                },
                source=dated[1][0].source,
                mark=dated[1][0].mark,
            )
        )
    return tuple(rules)


def _fault(path: Path, keys: tuple[str | int, ...], part: str, fault: str) -> WrongUse:
    line = line_of(path, list(keys)) if keys else 1
    return WrongUse(
        _("{file}, regel {line}, onderdeel {code}: {fault}.", file=path.name, line=line, code=part, fault=fault)
    )


def _check(path: Path, keys: tuple[str | int, ...], part: str, read: Any) -> Any:
    """Read one part; a fault in it names the place."""
    try:
        return read()
    except _FieldError as fault:
        raise _fault(path, keys, part, str(fault)) from None


def _rules(path: Path, entries: Any, codes: tuple[str, ...]) -> tuple[Rule, ...]:
    if entries is None:
        return ()
    if not isinstance(entries, list):
        raise _fault(path, ("rules",), "rules", _("er staat geen lijst {key} in", key="rules"))
    rules = []
    for number, entry in enumerate(entries):
        name = entry.get("id") if isinstance(entry, dict) else None
        if not isinstance(name, str):
            fault = _("veld {field} ontbreekt of is geen tekst", field="id")
            raise _fault(path, ("rules", number), str(number + 1), fault)
        given = _check(path, ("rules", number), name, lambda entry=entry: _rule_fields(entry, codes))
        try:
            rules.append(Rule(**given))
        except WrongUse as wrong:
            line = line_of(path, ["rules", number])
            raise WrongUse(_("{file}, regel {line}. {problem}", file=path.name, line=line, problem=wrong)) from None
    return tuple(rules)


def _rule_fields(entry: Mapping[str, Any], codes: tuple[str, ...]) -> dict[str, Any]:
    _refuse_unknown(entry, _RULE_FIELDS)
    valid_from, valid_to = _period(entry)
    if not isinstance(entry.get("template"), str):
        raise _FieldError(_("veld {field} ontbreekt of is geen tekst", field="template"))
    given: dict[str, Any] = {
        "id": entry["id"],
        "template": entry["template"],
        "a": _steps(entry, "a", codes),
        "b": _steps(entry, "b", codes),
        "times": _whole(entry, "times") or 1,
        "valid_from": valid_from,
        "valid_to": valid_to,
        "critical": _truth(entry, "critical", default=False),
        "title": _texts(entry, "title"),
        "source": _texts(entry, "source"),
        "mark": _one_of(entry, "mark", procedure.model.MARKS),
    }
    for name in _NAMES:
        if entry.get(name) is not None:
            given[name] = text(entry, name)
    for name in _DAYS:
        given[name] = _days(entry, name)
    for name in _CONDITIONS:
        if entry.get(name) is not None:
            given[name] = _condition(entry[name], "steps")
    return given


def _steps(entry: Mapping[str, Any], field: str, codes: tuple[str, ...]) -> tuple[str, ...]:
    named = entry.get(field)
    if named is None:
        return ()
    steps = tuple(named) if isinstance(named, list) else (named,)
    if not steps or not all(isinstance(step, str) for step in steps):
        raise _FieldError(_("veld {field} is geen stap of lijst van stappen", field=field))
    if unknown := next((step for step in steps if step not in codes), None):
        raise _FieldError(_("veld {field} noemt een onbekende stap: {code}", field=field, code=unknown))
    return steps


def _days(entry: Mapping[str, Any], field: str) -> int | None:
    days = entry.get(field)
    if days is not None and (isinstance(days, bool) or not isinstance(days, int) or days < 0):
        raise _FieldError(_("veld {field} is geen geheel getal van nul of meer", field=field))
    return days
