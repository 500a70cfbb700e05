"""A plain workbook of raw sheets: every cell at its own row and column, text as text and never a formula."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data_contracts.reading.files import RawSheet
from data_contracts.writing import neutral

MAX_ROWS, MAX_TEXT, MAX_NAME = 1_048_576, 32_767, 31
MAX_CELLS = 1_500_000  # above this only rows with something to say are copied
FIRST_EXCEL_YEAR = 1901


@dataclass(frozen=True)
class CopiedSheet:
    """Where a raw sheet went: `rows` maps its rows to those of the copy, None when they are the same."""

    name: str
    rows: dict[int, int] | None


def too_large(sheets: Sequence[RawSheet]) -> bool:
    """Tell whether sheets are too large to copy whole."""
    cells = sum(len(row) for sheet in sheets for row in sheet.rows)
    return cells > MAX_CELLS or any(len(sheet.rows) > MAX_ROWS for sheet in sheets)


def write_plain_copy(sheets: Sequence[RawSheet], out: Path, *, only: Sequence[set[int]] | None = None,
                     row_word: str = "") -> list[CopiedSheet]:  # fmt: skip
    """Write raw sheets into one workbook.

    Parameters
    ----------
    sheets : sequence of RawSheet
    out : Path
    only : sequence of set of int, optional
        Per sheet the rows to copy; they are put below one another, with their own row
        number in a first column that is called `row_word`.
    row_word : str

    Returns
    -------
    list of CopiedSheet
        In the order of `sheets`.
    """
    import xlsxwriter

    copied: list[CopiedSheet] = []
    with xlsxwriter.Workbook(str(out), {"constant_memory": True, "strings_to_numbers": False}) as book:
        day, moment = (book.add_format({"num_format": form}) for form in ("dd-mm-yyyy", "dd-mm-yyyy hh:mm:ss"))
        # the mark of Excel itself that a text is a text, so that it stays one when it is edited
        quoted = book.add_format({"quote_prefix": True})
        formats = {"day": day, "moment": moment, "quoted": quoted}
        for number, sheet in enumerate(sheets):
            name = sheet_name(sheet.name, [one.name for one in copied])
            page = book.add_worksheet(name)
            wanted = None if only is None else {row: n for n, row in enumerate(sorted(only[number]), 2)}
            if wanted is not None:
                page.write_string(0, 0, row_word)
            for at, row in enumerate(sheet.rows, 1):
                if wanted is not None and at not in wanted:
                    continue
                place = at if wanted is None else wanted[at]
                if wanted is not None:
                    page.write_number(place - 1, 0, at)
                for column, cell in enumerate(row, 0 if wanted is None else 1):
                    if cell is not None:
                        _write(page, place - 1, column, cell, formats)
            copied.append(CopiedSheet(name, wanted))
    return copied


def _write(page: Any, row: int, column: int, cell: Any, formats: dict[str, Any]) -> None:
    if isinstance(cell, bool):
        page.write_boolean(row, column, cell)
    elif isinstance(cell, int | float) and cell == cell and abs(cell) != float("inf"):
        page.write_number(row, column, cell)
    elif isinstance(cell, dt.datetime) and cell.year >= FIRST_EXCEL_YEAR:
        page.write_datetime(row, column, cell.replace(tzinfo=None), formats["moment"])
    elif isinstance(cell, dt.date) and not isinstance(cell, dt.datetime) and cell.year >= FIRST_EXCEL_YEAR:
        page.write_datetime(row, column, cell, formats["day"])
    else:
        text = str(cell)[:MAX_TEXT]
        risky = neutral(text[:2]).startswith("'") and not text.startswith("'")
        page.write_string(row, column, text, formats["quoted"] if risky else None)


def sheet_name(wanted: str, taken: Sequence[str]) -> str:
    """Return a name that Excel takes and that no other sheet has."""
    clean = re.sub(r"[\[\]:*?/\\\x00-\x1f]", "_", wanted).strip("'")[:MAX_NAME] or "blad"
    used, name, number = {one.casefold() for one in taken}, clean, 2
    while name.casefold() in used:
        ending = f" {number}"
        name, number = clean[: MAX_NAME - len(ending)] + ending, number + 1
    return name
