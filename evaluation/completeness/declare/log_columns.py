"""How the log of a procedure is read: its columns, and what it calls the steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from data_contracts.errors import WrongUse
from data_contracts.language import _
from data_contracts.procedure.reading import _FieldError, _refuse_unknown
from evaluation.completeness.declare.log import CALENDAR, Counting, StepLog
from evaluation.completeness.declare.log_table import step_log

_OPTIONAL = ("order", "opened_on", "open_without")
_OPEN = "\topen"


@dataclass(frozen=True)
class LogColumns:
    """How a log is read.

    Parameters
    ----------
    case, step, time : str
        Columns.
    order, opened_on, open_without : str or None
        Columns; a case in which `open_without` is empty is open.
    labels : mapping of str to str
        The code of each label in the log; empty: the log has the codes.
    """

    case: str
    step: str
    time: str
    order: str | None
    opened_on: str | None
    open_without: str | None
    labels: Mapping[str, str]


def read_log(
    events: pd.DataFrame,
    columns: LogColumns,
    codes: Sequence[str],
    *,
    as_of: date | float | None,
    countings: Mapping[str, Counting] = CALENDAR,
) -> StepLog:
    """Read the log of a procedure, by the columns and labels that its file names.

    Parameters
    ----------
    events : DataFrame
        One row an event; leave every column text (`read_csv(..., dtype=str)`).
    columns : LogColumns
    codes : sequence of str
        The steps of the procedure; what the log calls them where the file gives no labels.
    as_of, countings
        As in `step_log`.

    Raises
    ------
    WrongUse
        If a column is absent, or the log has a step that the file does not name; and as `step_log`.
    """
    for name in (columns.step, columns.open_without):
        if name is not None and name not in events:
            raise WrongUse(_("Het logboek heeft geen kolom {column}.", column=name))
    labels = columns.labels or {code: code for code in codes}
    coded = events[columns.step].map(labels)
    if (unknown := coded.isna() & events[columns.step].notna()).any():
        row = int(unknown.to_numpy().argmax()) + 1
        raise WrongUse(
            _(
                "{n} regels hebben een stap die niet in het procedurebestand staat, de eerste in regel {row}.",
                n=int(unknown.sum()),
                row=row,
            )
        )
    added = {columns.step: coded}
    if columns.open_without is not None:
        # A name that no log has: the table itself is not touched.
        added[_OPEN] = events[columns.open_without].isna()
    return step_log(
        events.assign(**added),
        as_of=as_of,
        case=columns.case,
        step=columns.step,
        time=columns.time,
        order=columns.order,
        open=None if columns.open_without is None else _OPEN,
        opened_on=columns.opened_on,
        countings=countings,
    )


def log_columns(entry: Any, codes: tuple[str, ...]) -> LogColumns:
    """Read the part `log` of a procedure file; a fault does not yet name the file."""
    if not isinstance(entry, dict):
        raise _FieldError(_("hier staan geen kolommen (naam: kolom)"))
    _refuse_unknown(entry, {"case", "step", "time", *_OPTIONAL, "labels"})
    return LogColumns(
        text(entry, "case"),
        text(entry, "step"),
        text(entry, "time"),
        **{name: text(entry, name) if entry.get(name) is not None else None for name in _OPTIONAL},
        labels=_labels(entry.get("labels"), codes),
    )


def _labels(entry: Any, codes: tuple[str, ...]) -> dict[str, str]:
    if entry is None:
        return {}
    if not isinstance(entry, dict):
        raise _FieldError(_("onder {field} staan geen paren (stap: naam in het logboek)", field="labels"))
    labels: dict[str, str] = {}
    for code, written in entry.items():
        if code not in codes:
            raise _FieldError(_("veld {field} noemt een onbekende stap: {code}", field="labels", code=code))
        for label in written if isinstance(written, list) else [written]:
            if not isinstance(label, str):
                raise _FieldError(_("veld {field} ontbreekt of is geen tekst", field=f"labels.{code}"))
            if label in labels:
                raise _FieldError(_("de naam {label} hoort bij twee stappen", label=label))
            labels[label] = code
    return labels


def text(entry: Mapping[str, Any], field: str) -> str:
    """Return a field that is text."""
    if not isinstance(entry.get(field), str):
        raise _FieldError(_("veld {field} ontbreekt of is geen tekst", field=field))
    return str(entry[field])
