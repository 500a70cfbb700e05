"""Reads the steps file and the norms file; a wrong file gives one clear error."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from data_contracts.errors import WrongUse
from data_contracts.language import _
from data_contracts.procedure.model import (
    COLUMN_OPS,
    COUNTINGS,
    LEVELS,
    MARKS,
    NO_ROWS,
    STATUSES,
    TABLES,
    Condition,
    Deadline,
    Norm,
    OrderRule,
    Step,
    order_rules,
)
from data_contracts.yaml_file import line_of, load_yaml


def read_steps(path: Path, *, norms: Sequence[Norm]) -> tuple[Step, ...]:
    """Read a steps file.

    Raises
    ------
    UnreadableInput
        If the file does not exist or is not text.
    WrongUse
        If the file is wrong; the message names the step and the fault.
    """
    read = tuple(_each(path, "steps", _step))
    known = {step.code for step in read}
    terms = {norm.code for norm in norms}
    for step in read:
        for rule in step.rules:
            if unknown := {rule.first, rule.then} - known:
                raise _fault(path, step.code, _("de volgorderegel noemt een onbekende stap: {code}", code=min(unknown)))
        if step.deadline and step.deadline.norm not in terms:
            raise _fault(path, step.code, _("de termijn noemt een onbekende norm: {norm}", norm=step.deadline.norm))
        if step.deadline and step.deadline.since not in known:
            raise _fault(
                path, step.code, _("de termijn loopt vanaf een onbekende stap: {code}", code=step.deadline.since)
            )
    _refuse_overlap(path, read)
    _refuse_contradiction(path, read)
    return read


def read_norms(path: Path) -> tuple[Norm, ...]:
    """Read a norms file.

    Raises
    ------
    UnreadableInput
        If the file does not exist or is not text.
    WrongUse
        If the file is wrong; the message names the norm and the fault.
    """
    read = tuple(_each(path, "norms", _norm))
    _refuse_overlap(path, read)
    return read


class _FieldError(Exception):
    """A fault in one entry, before it is known in which."""


def _fault(path: Path, code: str, fault: str) -> WrongUse:
    return WrongUse(
        _(
            "{file}, regel {line}, onderdeel {code}: {fault}.",
            file=path.name,
            line=_line(path, code),
            code=code,
            fault=fault,
        )
    )


def _line(path: Path, code: str) -> int:
    """The line at which the entry with a code, or the entry of that number, begins."""
    content = load_yaml(path)
    for key in ("steps", "norms"):
        entries = content.get(key) if isinstance(content, dict) else None
        for number, entry in enumerate(entries if isinstance(entries, list) else []):
            if code in (str(number + 1), entry.get("code") if isinstance(entry, dict) else None):
                return line_of(path, [key, number])
    return 1


def _each(path: Path, key: str, read: Callable[[Mapping[str, Any]], Any]) -> Iterator[Any]:
    content = load_yaml(path)
    entries = content.get(key) if isinstance(content, dict) else None
    if not isinstance(entries, list) or not entries:
        raise _fault(path, "-", _("er staat geen lijst {key} in", key=key))
    for number, entry in enumerate(entries, start=1):
        code = entry.get("code") if isinstance(entry, dict) else None
        if not isinstance(code, str):
            raise _fault(path, str(number), _("veld {field} ontbreekt of is geen tekst", field="code"))
        try:
            yield read(entry)
        except _FieldError as fault:
            raise _fault(path, code, str(fault)) from None


_STEP_FIELDS = (
    {"code", "title", "status", "level", "valid_from", "valid_to", "applies_if", "evidence", "deadline", "after"}
    | {"before", "weight", "critical", "waivable", "expected_within_days", "source", "mark"}
)  # fmt: skip
_NORM_FIELDS = {"code", "title", "days", "months", "counting", "valid_from", "valid_to", "source", "mark"}


def _step(entry: Mapping[str, Any]) -> Step:
    _refuse_unknown(entry, _STEP_FIELDS)
    valid_from, valid_to = _period(entry)
    code = entry["code"]
    weight = entry.get("weight")
    if isinstance(weight, bool) or not isinstance(weight, int | float) or weight <= 0:
        raise _FieldError(_("veld {field} is geen getal groter dan nul", field="weight"))
    applies_if = entry.get("applies_if")
    status = _one_of(entry, "status", STATUSES)
    if status == "C" and applies_if is None:
        raise _FieldError(
            _("een voorwaardelijke stap (status C) heeft een voorwaarde nodig in {field}", field="applies_if")
        )
    return Step(
        code=code,
        title=_texts(entry, "title"),
        status=status,
        level=_one_of(entry, "level", LEVELS),
        valid_from=valid_from,
        valid_to=valid_to,
        applies_if=None if applies_if is None else _condition(applies_if),
        evidence=_texts(entry, "evidence"),
        deadline=_deadline(entry.get("deadline")),
        rules=_rules(entry, "after", code, valid_from, valid_to) + _rules(entry, "before", code, valid_from, valid_to),
        weight=float(weight),
        critical=_truth(entry, "critical", default=None),
        waivable=_truth(entry, "waivable", default=False),
        expected_within_days=_whole(entry, "expected_within_days") or 0,
        source=_texts(entry, "source"),
        mark=_one_of(entry, "mark", MARKS),
    )


def _norm(entry: Mapping[str, Any]) -> Norm:
    _refuse_unknown(entry, _NORM_FIELDS)
    valid_from, valid_to = _period(entry)
    days, months = _whole(entry, "days"), _whole(entry, "months")
    if days is not None and months is not None:
        raise _FieldError(_("een norm staat in dagen of in maanden, niet in beide"))
    in_force = days is not None or months is not None
    if not in_force and entry.get("counting") is not None:
        raise _FieldError(_("veld {field} hoort leeg te zijn als er geen norm gold", field="counting"))
    return Norm(
        code=entry["code"],
        title=_texts(entry, "title"),
        days=days,
        months=months,
        counting=_one_of(entry, "counting", COUNTINGS) if in_force else None,
        valid_from=valid_from,
        valid_to=valid_to,
        source=_texts(entry, "source"),
        mark=_one_of(entry, "mark", MARKS),
    )


def _condition(node: Any, table: str = "") -> Condition:
    """Read a condition; `table` is given inside `some_row`, where every part reads that table."""
    if not isinstance(node, dict):
        raise _FieldError(_("een voorwaarde is geen paar van naam en waarde"))
    for combined in ("all", "any"):
        if combined in node:
            _refuse_unknown(node, {combined})
            if not isinstance(node[combined], list) or not node[combined]:
                raise _FieldError(_("{field} heeft een lijst voorwaarden nodig", field=combined))
            return Condition(combined, parts=tuple(_condition(part, table) for part in node[combined]))
    if node.get("op") == "unrecorded":
        _refuse_unknown(node, {"op"})
        return Condition("unrecorded")
    no_rows = str(node.get("no_rows", "unknown")).lower()
    if no_rows not in NO_ROWS:
        raise _FieldError(_("veld {field} is niet een van {known}", field="no_rows", known=", ".join(NO_ROWS)))
    if table and {"table", "some_row", "no_rows"} & set(node):
        raise _FieldError(_("binnen some_row staan alleen kolommen van dezelfde tabel"))
    read = table or _one_of(node, "table", TABLES)
    if "some_row" in node:
        _refuse_unknown(node, {"table", "some_row", "no_rows"})
        return Condition("some_row", read, parts=(_condition(node["some_row"], read),), no_rows=no_rows)
    if node.get("op") == "has_rows" and not table:
        _refuse_unknown(node, {"table", "op", "no_rows"})
        return Condition("has_rows", read, no_rows=no_rows)
    _refuse_unknown(node, {"table", "column", "op", "value", "no_rows"})
    op = _one_of(node, "op", COLUMN_OPS)
    if not isinstance(node.get("column"), str):
        raise _FieldError(_("veld {field} ontbreekt of is geen tekst", field="column"))
    return Condition(op, read, node["column"], _values(node, op), no_rows=no_rows)


def _values(node: Mapping[str, Any], op: str) -> tuple[str, ...]:
    given = node.get("value")
    if op in ("present", "is_true", "is_false"):
        if given is not None:
            raise _FieldError(_("bij {op} hoort geen waarde", op=op))
        return ()
    values = [given] if op == "equals" else given
    if not isinstance(values, list) or not values or not all(isinstance(value, str) for value in values):
        raise _FieldError(
            _("bij {op} hoort een waarde als tekst, of een lijst daarvan; zet getallen tussen aanhalingstekens", op=op)
        )
    return tuple(values)


def _rules(
    entry: Mapping[str, Any], side: str, code: str, valid_from: date | None, valid_to: date | None
) -> tuple[OrderRule, ...]:
    rules = []
    for rule in entry.get(side) or []:
        if not isinstance(rule, dict) or set(rule) != {"step", "strict"} or not isinstance(rule["strict"], bool):
            raise _FieldError(_("een regel in {field} heeft een stap (step) en ja of nee bij strict nodig", field=side))
        first, then = (rule["step"], code) if side == "after" else (code, rule["step"])
        if first == then:
            raise _FieldError(_("een stap kan niet voor zichzelf komen"))
        rules.append(OrderRule(str(first), str(then), rule["strict"], valid_from, valid_to))
    return tuple(rules)


def _deadline(entry: Any) -> Deadline | None:
    if entry is None:
        return None
    if not isinstance(entry, dict) or set(entry) != {"norm", "since"}:
        raise _FieldError(_("een termijn heeft precies de velden norm en since nodig"))
    return Deadline(str(entry["norm"]), str(entry["since"]))


def _period(entry: Mapping[str, Any]) -> tuple[date | None, date | None]:
    first, last = _day(entry, "valid_from"), _day(entry, "valid_to")
    if first and last and first > last:
        raise _FieldError(_("valid_from ligt na valid_to"))
    return first, last


def _day(entry: Mapping[str, Any], field: str) -> date | None:
    written = entry.get(field)
    if written is None:
        return None
    try:
        return datetime.strptime(str(written), "%Y-%m-%d").date()
    except ValueError:
        raise _FieldError(_("veld {field} is geen datum als 2020-11-12", field=field)) from None


def _refuse_unknown(entry: Mapping[str, Any], known: set[str]) -> None:
    if unknown := sorted(str(field) for field in entry if field not in known):
        raise _FieldError(
            _("onbekend veld {field}; bekend zijn {known}", field=unknown[0], known=", ".join(sorted(known)))
        )


def _one_of(entry: Mapping[str, Any], field: str, known: tuple[str, ...]) -> str:
    if entry.get(field) not in known:
        raise _FieldError(_("veld {field} is niet een van {known}", field=field, known=", ".join(known)))
    return str(entry[field])


def _texts(entry: Mapping[str, Any], field: str) -> dict[str, str]:
    texts = entry.get(field)
    if not isinstance(texts, dict) or set(texts) != {"nl", "en"} or not all(isinstance(t, str) for t in texts.values()):
        raise _FieldError(_("veld {field} heeft een tekst in nl en in en nodig", field=field))
    return dict(texts)


def _truth(entry: Mapping[str, Any], field: str, default: bool | None) -> bool:
    truth = entry.get(field, default)
    if not isinstance(truth, bool):
        raise _FieldError(_("veld {field} is geen true of false", field=field))
    return truth


def _whole(entry: Mapping[str, Any], field: str) -> int | None:
    number = entry.get(field)
    if number is not None and (isinstance(number, bool) or not isinstance(number, int) or number < 1):
        raise _FieldError(_("veld {field} is geen geheel getal groter dan nul", field=field))
    return number


def _refuse_overlap(path: Path, entries: Sequence[Step] | Sequence[Norm]) -> None:
    periods: dict[str, list[tuple[date, date]]] = {}
    for entry in entries:
        period = entry.valid_from or date.min, entry.valid_to or date.max
        for earlier in periods.setdefault(entry.code, []):
            if period[0] <= earlier[1] and earlier[0] <= period[1]:
                raise _fault(path, entry.code, _("twee perioden van geldigheid overlappen elkaar"))
        periods[entry.code].append(period)


def _refuse_contradiction(path: Path, steps: Sequence[Step]) -> None:
    """Refuse two declarations of one pair that differ, a circle of rules, and periods that disagree."""
    strict: dict[tuple[str, str], bool] = {}
    followers: dict[str, set[str]] = {}
    for rule in order_rules(steps):
        if strict.setdefault((rule.first, rule.then), rule.strict) != rule.strict:
            raise _fault(path, rule.then, _("de volgorde met {code} staat er twee keer en verschilt", code=rule.first))
        followers.setdefault(rule.first, set()).add(rule.then)
    for step in steps:
        if step.code in _reachable(step.code, followers):
            raise _fault(path, step.code, _("de volgorderegels lopen in een kring"))
    # Two periods of one step share a column in the counts, so these three must agree.
    first: dict[str, Step] = {}
    for step in steps:
        earlier = first.setdefault(step.code, step)
        for field in ("level", "weight", "critical"):
            if getattr(earlier, field) != getattr(step, field):
                raise _fault(path, step.code, _("veld {field} verschilt tussen twee perioden", field=field))


def _reachable(code: str, followers: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = set(followers.get(code, ()))
    while waiting:
        found |= waiting
        waiting = {later for earlier in waiting for later in followers.get(earlier, ())} - found
    return found
