"""A fresh copy of sheets: their values and nothing else.

Notes, hidden sheets and columns, lists behind cells, defined names, formulas, pivot caches,
properties with the name of the author: whatever else a workbook carries can hold what was
replaced in its cells. So nothing of the old file goes along but the values.
"""

import csv
import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from data_contracts.delivery import is_input
from data_contracts.errors import UnreadableInput, WrongUse
from data_contracts.language import _
from data_contracts.reading.files import TEXTS
from data_contracts.reading.raw_sheets import RawSheet, Unreadable
from data_contracts.writing import neutral

_HARMLESS = re.compile(r"[-+]?[\d.,]+|-+|\+")  # starts like a formula and is none


def files_to_copy(path: Path) -> tuple[list[Path], int]:
    """Return the files of an export, and how many files in its folder are none."""
    if not path.exists():
        raise UnreadableInput(_("Bestand niet gevonden: {file}. Controleer de naam en de map.", file=path))
    if path.is_file():
        return [path], 0
    every = sorted(entry for entry in path.rglob("*") if entry.is_file())
    files = [entry for entry in every if is_input(entry)]
    if not files:
        raise UnreadableInput(_("Map {folder} bevat geen werkmappen of csv-bestanden.", folder=path.name))
    return files, len(every) - len(files)


def copies_of(path: Path, out: Path, files: Sequence[Path]) -> dict[Path, Path]:
    """Return where the copy of each file goes: never over anything that exists, and never among the originals."""
    if out.exists():
        raise WrongUse(
            _("{name} bestaat al en wordt niet overschreven. Kies een andere naam met --out.", name=out.name)
        )
    if path.is_file():
        suffix = ".csv" if path.name.lower().endswith(TEXTS) else ".xlsx"
        if out.suffix.lower() != suffix:
            raise WrongUse(
                _("De kopie van {file} wordt een bestand {suffix}. Geef --out een naam die daarop eindigt.",
                  file=path.name, suffix=suffix)
            )  # fmt: skip
        return {path: out}
    if out.resolve().is_relative_to(path.resolve()):
        raise WrongUse(
            _("De kopie kan niet in de map {folder} zelf. Kies met --out een map daarbuiten.", folder=path.name)
        )
    targets = {}
    for file in files:
        text = file.name.lower().endswith(TEXTS)
        stem = re.sub(r"(?i)\.(csv|txt|tsv|gz|xls.?|ods)$", "", re.sub(r"(?i)\.gz$", "", file.name))
        targets[file] = out / file.relative_to(path).with_name(stem + (".csv" if text else ".xlsx"))
    twice = [target.name for target in targets.values() if list(targets.values()).count(target) > 1]
    if twice:
        raise WrongUse(_("Twee bestanden zouden samen {file} worden. Hernoem er een.", file=twice[0]))
    return targets


def write_fresh_workbook(sheets: Sequence[RawSheet], path: Path) -> None:
    """Write sheets as a new workbook: every cell in its place, all sheets and rows visible.

    Text stays text also when it looks like a formula. A cell that held an error or a
    formula without a value becomes the error #N/A.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import XlsxWriterException

    options = {"constant_memory": True, "date_1904": any(sheet.date_1904 for sheet in sheets)}
    book = xlsxwriter.Workbook(str(path), options)
    book.set_properties({"author": "", "created": datetime(2000, 1, 1), "comments": ""})
    forms = {kind: book.add_format({"num_format": form}) for kind, form in _FORMS.items()}
    try:
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            for r, row in enumerate(sheet.rows):
                for c, cell in enumerate(row):
                    if cell is not None:
                        _write(page, r, c, cell, forms)
        book.close()
    except XlsxWriterException:
        raise WrongUse(
            _("{file}: een blad heeft een naam die Excel niet toestaat. Hernoem het blad.", file=sheets[0].file)
        ) from None


_FORMS = {"day": "yyyy-mm-dd", "moment": "yyyy-mm-dd hh:mm:ss", "time": "[hh]:mm:ss"}


def _write(page: Any, row: int, column: int, cell: Any, forms: dict[str, Any]) -> None:
    if isinstance(cell, bool):
        page.write_boolean(row, column, cell)
    elif isinstance(cell, int | float):
        page.write_number(row, column, cell)
    elif isinstance(cell, datetime):
        midnight = cell.time() == time(0)
        page.write_datetime(row, column, cell.replace(tzinfo=None), forms["day" if midnight else "moment"])
    elif isinstance(cell, date):
        page.write_datetime(row, column, cell, forms["day"])
    elif isinstance(cell, time | timedelta):
        page.write_datetime(row, column, cell, forms["time"])
    elif isinstance(cell, Unreadable):
        page.write_formula(row, column, "=NA()", None, "#N/A")  # a cell with an error has no other form
    else:
        page.write_string(row, column, _safe(str(cell)))


def write_fresh_csv(sheet: RawSheet, path: Path) -> None:
    """Write a sheet as csv: UTF-8 with a mark that Excel knows, with the delimiter that it had."""
    delimiter = {"tab": "\t"}.get(found := dict(sheet.tolerances).get("delimiter", ";"), found)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter if len(delimiter) == 1 else ";", lineterminator="\r\n")
        writer.writerows(["" if cell is None else _safe(str(cell)) for cell in row] for row in sheet.rows)


def _safe(text: str) -> str:
    """Text that no program takes for a formula; a number or a dash stays as it is, and so do line breaks within."""
    if _HARMLESS.fullmatch(text.strip()) or (neutral(text[:1]) == text[:1] and not text[:1].isspace()):
        return text
    return f"'{text}" if neutral(text) != text and neutral(text).startswith("'") else text
