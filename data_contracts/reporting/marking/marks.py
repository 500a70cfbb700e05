"""What to mark in each delivered file, and the words of the notes: places and rules, never a value."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data_contracts.checking import Report
from data_contracts.contract import SEVERITIES, load_contracts
from data_contracts.language import _, language
from data_contracts.reading.files import column_number
from data_contracts.reporting.findings import rule_words, severity_words, sheet_of
from data_contracts.reporting.marking.rows import SheetMarks
from data_contracts.rules.left_out import left_out

MAX_NOTES = 3_000  # a workbook with many more notes opens slowly; the list and the colours go on
MAX_NOTE_RULES = 6


@dataclass(frozen=True)
class DeliveryMarks:
    """The breaches of one delivery in words, worst first, and its rows that do not take part.

    Parameters
    ----------
    breaches : DataFrame
        As in `Report`, with `title`, `remedy` and `in_cell`: it is about one cell or row.
    left_out : DataFrame
        `file, sheet, row, whole, words`; `whole`: all that the row says is left out.
    columns : mapping
        (file, sheet) -> numbers of the first and last column that were read.
    """

    breaches: pd.DataFrame
    left_out: pd.DataFrame
    columns: Mapping[tuple[str, str], tuple[int, int]]


def marks_by_delivery(report: Report) -> list[DeliveryMarks]:
    """Return what to mark, one a delivery."""
    found = report.breaches.assign(number=_delivery_numbers(report))
    words, tongue = rule_words(report), language()
    said = [words(rule, header) for rule, header in zip(found["rule"], found["header"], strict=True)]
    found["title"] = [title[tongue] for title, _remedy in said]
    found["remedy"] = [remedy[tongue] for _title, remedy in said]
    found["in_cell"] = (found["label"] >= 0) | ((found["column"] != "") & (found["row"] > 0))
    found["rank"] = found["severity"].map(SEVERITIES.index)
    found["part"] = found["scope"] != "delivery"
    found["often"] = -found.groupby("rule")["rule"].transform("size")
    found = found.sort_values(["rank", "part", "often", "rule", "file", "sheet", "row"], kind="stable")
    gone, marks = left_out(report), []
    for number, delivery in enumerate(report.deliveries):
        nameless = (found["number"] == -1) & (found["delivery"] == delivery.name)
        columns: dict[tuple[str, str], tuple[int, int]] = {}
        for table in delivery.tables.values():
            read = [column_number(letter) for _header, letter in table.headers.values() if letter] or [1]
            for file, sheet in table.places[["file", "sheet"]].drop_duplicates().itertuples(index=False):
                known = columns.get((file, sheet), (read[0], read[0]))
                columns[file, sheet] = min(*read, known[0]), max(*read, known[1])
        own = found[(found["number"] == number) | nameless]
        marks.append(DeliveryMarks(own, _left_out_rows(report, number, gone), columns))
    return marks


def _delivery_numbers(report: Report) -> np.ndarray:
    """The number of the delivery of each breach; -1 where only its name is known."""
    numbers = np.full(len(report.breaches), -1)
    tables, labels = report.breaches["table"].to_numpy(), report.breaches["label"].to_numpy()
    for name in report.rows["table"]:
        ends = np.cumsum([len(d.tables[name].frame) if name in d.tables else 0 for d in report.deliveries])
        here = (tables == name) & (labels >= 0)
        numbers[here] = np.searchsorted(ends, labels[here].astype(np.int64), side="right")
    return numbers


def _left_out_rows(report: Report, number: int, gone: pd.DataFrame) -> pd.DataFrame:
    """Rows as they stand in the file: one may carry rows of several tables, of which some take part."""
    gone = gone[gone["delivery"] == number]
    keys = ["file", "sheet", "row"]
    if gone.empty:
        return pd.DataFrame(columns=[*keys, "whole", "words"])
    tables = report.deliveries[number].tables.values()
    carried = pd.concat([table.places for table in tables]).groupby(keys).size()
    rows = gone.groupby(keys, sort=False).agg(lost=("why", "size"), why=("why", set), tables=("table", list))
    rows["whole"] = rows["lost"] >= carried.reindex(rows.index)
    rows["words"] = [
        _why(why, tables, whole)
        for why, tables, whole in zip(rows["why"], rows["tables"], rows["whole"], strict=True)
    ]  # fmt: skip
    return rows.reset_index()[[*keys, "whole", "words"]]


def _why(why: set[str], tables: list[str], whole: bool) -> str:
    reason = _("er staat een fout in.") if "own" in why else _("het onderzoek waar hij bij hoort doet niet mee.")
    if whole:
        return _("DEZE REGEL DOET NIET MEE:") + " " + reason
    contracts = load_contracts()
    sheets = ", ".join(dict.fromkeys(contracts[table].sheet for table in tables))
    return _("DEZE REGEL DOET NIET MEE VOOR {sheets}:", sheets=sheets) + " " + reason


def sheet_marks(marks: DeliveryMarks, file: str, *, notes_left: int = MAX_NOTES) -> tuple[dict[str, SheetMarks], int]:
    """Return the marks of one file by sheet, and how many cells got no note because there are too many."""
    breaches = marks.breaches[(marks.breaches["file"] == file) & marks.breaches["in_cell"]]
    looks: dict[str, dict[int, dict[int, str]]] = {}
    said: dict[tuple[str, int, int], list[str]] = {}
    words = severity_words()
    columns = ["severity", "sheet", "row", "column", "title", "remedy"]
    for severity, sheet, row, letter, title, remedy in breaches[columns].itertuples(index=False):
        column = column_number(letter) if letter else marks.columns.get((file, sheet), (1, 1))[0]
        looks.setdefault(sheet, {}).setdefault(row, {}).setdefault(column, severity)  # the worst comes first
        said.setdefault((sheet, row, column), []).append(f"{words[severity].upper()}: {title}. {remedy}")
    gone = marks.left_out[marks.left_out["file"] == file]
    struck: dict[str, dict[int, tuple[int, int]]] = {}
    for sheet, row, whole, why in gone[["sheet", "row", "whole", "words"]].itertuples(index=False):
        first, last = marks.columns.get((file, sheet), (1, 1))
        said.setdefault((sheet, row, first), []).insert(0, why)
        if whole:
            struck.setdefault(sheet, {})[row] = first, last
    notes: dict[str, dict[tuple[int, int], str]] = {}
    for sheet, row, column in list(said)[:notes_left]:
        lines = said[sheet, row, column]
        more = len(lines) - MAX_NOTE_RULES
        lines = lines[:MAX_NOTE_RULES] + ([_("En nog {n}; zie het blad vooraan.", n=more)] if more > 0 else [])
        notes.setdefault(sheet, {})[row, column] = "\n\n".join(lines)
    sheets = dict.fromkeys([*looks, *struck, *notes])
    made = {s: SheetMarks(looks.get(s, {}), notes.get(s, {}), struck.get(s, {})) for s in sheets}
    return made, max(len(said) - notes_left, 0)


def contract_sheet(table: str, sheet: str) -> str:
    """Return the sheet a finding is about: as delivered, or as the contract calls one that was not."""
    return sheet or sheet_of(table, sheet)
