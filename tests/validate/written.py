"""The table of the study, as csv and as Markdown."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby

import pandas as pd

from validate.performance import BIAS_ERRORS, COVERAGE_BAND, MOST_REFUSED, NEGLIGIBLE, Row

SHOWN, NOT_EXPLAINED, NOT_RUN = "shown", "not explained", "twin not run"

HEAD = ("quantity", "truth", "mean", "bias", "± MC", "bias / se", "model / emp. se", "coverage %", "± MC", "refused %",
        "n", "verdict")  # fmt: skip


def as_frame(rows: Sequence[Row]) -> pd.DataFrame:
    """Return the rows as a table, unrounded."""
    return pd.DataFrame([asdict(row) for row in rows])


def standing(row: Row, rows: Sequence[Row]) -> str:
    """Say how a row that does not hold stands: its reason is shown when its twin, without the cause, holds."""
    twin = next((other for other in rows if other.name == row.twin), None)
    if row.twin is None or (twin is not None and twin.verdict != "holds"):
        return NOT_EXPLAINED
    return SHOWN if twin else NOT_RUN


def unexpected(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that fail and are not explained, and the wrong methods that do not fail."""
    return [row for row in rows
            if (row.verdict == "holds" if row.wrong
                else row.verdict != "holds" and standing(row, rows) == NOT_EXPLAINED)]  # fmt: skip


def as_markdown(rows: Sequence[Row], *, repetitions: int, chunks: int) -> str:
    """Return the table in sections, with the reasons below it."""
    return "\n".join(_lines(rows, repetitions, chunks)) + "\n"


def _lines(rows: Sequence[Row], repetitions: int, chunks: int) -> Iterator[str]:
    wrong = [row for row in rows if row.wrong]
    right = [row for row in rows if not row.wrong]
    short = [row for row in right if row.verdict != "holds"]
    shown = [row for row in short if standing(row, rows) == SHOWN]
    yield "# Results of the simulation study"
    yield ""
    yield (f"Written by `make validate` ({repetitions} repetitions, {chunks} chunks of truth); the protocol and the "
           "meaning of the columns stand in README.md. Same code and seeds, same table.")  # fmt: skip
    yield ""
    yield (f"**{len(right) - len(short)} of {len(right)} rows hold.** {len(short)} do not; of {len(shown)} of them the "
           "reason is shown by a twin row, which is the same with the cause taken away, and holds. "
           f"{len(short) - len(shown)} are not explained. Of {len(wrong)} methods that are wrong on purpose, "
           f"{sum(1 for row in wrong if row.verdict != 'holds')} are seen to fail.")  # fmt: skip
    yield ""
    yield (f"Rule: coverage, with the interval of its Monte Carlo error, touches {100 * COVERAGE_BAND[0]:g} to "
           f"{100 * COVERAGE_BAND[1]:g} % for intervals of 95 %; bias is within {BIAS_ERRORS:g} Monte Carlo errors, or "
           f"under {NEGLIGIBLE:g} of a standard error, and for quantiles half a unit of time more; false alarms are "
           f"not above nominal; at most {100 * MOST_REFUSED:g} % refused.")  # fmt: skip
    reasons = list(dict.fromkeys(row.reason for row in rows if row.reason and row.verdict != "holds"))
    ordered = sorted(rows, key=lambda row: _order(rows, row.section))
    for section, members in groupby(ordered, key=lambda row: row.section):
        yield ""
        yield f"## {section}"
        yield ""
        yield "| " + " | ".join(HEAD) + " |"
        yield "|---|" + "--:|" * (len(HEAD) - 2) + "---|"
        for row in members:
            yield "| " + " | ".join(_cells(row, reasons)) + " |"
    yield ""
    yield "## Reasons"
    yield ""
    yield from (f"{number}. {reason}" for number, reason in enumerate(reasons, start=1))
    if short:
        yield ""
        yield "## What shows the reason"
        yield ""
        yield "A reason counts as shown when the twin of the row holds: the same, with the cause taken away."
        yield ""
        yield "| row | verdict | twin | bias / se | coverage % | verdict | reason |"
        yield "|---|---|---|--:|--:|---|---|"
        yield from ("| " + " | ".join(_twin_cells(row, rows)) + " |" for row in short)
    if found := unexpected(rows):
        yield ""
        yield "## Not explained"
        yield ""
        yield from (f"- {row.section}: {row.quantity}: {row.verdict}" for row in found)


def _twin_cells(row: Row, rows: Sequence[Row]) -> list[str]:
    mine = [f"{row.section}: {row.quantity}", row.verdict]
    twin = next((other for other in rows if other.name == row.twin), None)
    if twin is None:
        return [*mine, "" if row.twin is None else ": ".join(row.twin), "", "", "", standing(row, rows)]
    return [*mine, f"{twin.section}: {twin.quantity}", _relative(twin), _coverage(twin), twin.verdict,
            standing(row, rows)]  # fmt: skip


def _order(rows: Sequence[Row], section: str) -> int:
    last = len(rows) if section.startswith("Wrong") else 0
    return last + next(place for place, row in enumerate(rows) if row.section == section)


def _cells(row: Row, reasons: list[str]) -> list[str]:
    errors = row.model_error / row.empirical_error if row.model_error and row.empirical_error else None
    verdict = f"{row.verdict} ({reasons.index(row.reason) + 1})" if row.reason in reasons else row.verdict
    verdict = row.verdict if row.verdict == "holds" else f"**{verdict}**"
    return [
        row.quantity, _number(row.truth), _number(row.mean), _number(row.bias, signed=True), _number(row.bias_error, 2),
        _relative(row), "" if errors is None else f"{errors:.2f}", _coverage(row),
        "" if row.coverage_error is None else f"{100 * row.coverage_error:.1f}",
        f"{100 * row.refused:.1f}" if row.refused else "", str(row.repetitions), verdict,
    ]  # fmt: skip


def _relative(row: Row) -> str:
    # Of a rate that is the same in every repetition only rounding is left.
    spread = row.empirical_error or 0.0
    return f"{row.bias / spread:+.2f}" if row.bias is not None and spread > 1e-12 else ""


def _coverage(row: Row) -> str:
    return "" if row.coverage is None else f"{100 * row.coverage:.1f}"


def _number(value: float | None, digits: int = 3, *, signed: bool = False) -> str:
    if value is None:
        return ""
    places = 1 if abs(value) >= 100 else 2 if abs(value) >= 10 else 4
    if digits == 2 or signed:
        return f"{value:{'+' if signed else ''}.2g}"
    return f"{value:.{places}f}"
