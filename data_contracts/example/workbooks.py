"""The example as a steward would deliver it: one workbook a unit, Dutch sheets and headers."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter

from data_contracts.contract import Column, Contract, load_contracts
from data_contracts.example.plan import DELIVERING_UNITS, EXTRACTED_AT, UNIT_BY_CODE

TRUTH = "waarheid.json"
EXCEL_DAY_ZERO = np.datetime64("1899-12-30", "s")
EXCEL_DATE = "dd-mm-yyyy"  # shown as dd-mm-jjjj in a Dutch Excel
WIDTH = 17
ERROR_CELL, EMPTY_WITH_FORMAT = object(), object()  # a cell that holds #N/B; a cell with a format and no value

Changes = dict[str, dict[tuple[int, str], Any]]  # table -> (position of the row, column) -> what to write there


def workbook_name(unit: str) -> str:
    """Return the file name of the delivery of a unit."""
    return f"levering_{unit}.xlsx"


def delivered_parts(tables: dict[str, pd.DataFrame]) -> dict[str, dict[str, pd.DataFrame]]:
    """Return, for each delivering unit, its share of every table."""
    delivers = pd.Series({code: unit.delivery for code, unit in UNIT_BY_CODE.items()})
    of_case = tables["cases"].set_index("case_id")["unit"].map(delivers)
    parts: dict[str, dict[str, pd.DataFrame]] = {unit: {} for unit in DELIVERING_UNITS}
    for name, frame in tables.items():
        owner = frame["unit"].map(delivers) if "unit" in frame else frame["case_id"].map(of_case)
        for unit, rows in frame.groupby(owner, sort=False):
            parts[str(unit)][name] = rows
        for unit in DELIVERING_UNITS:
            parts[unit].setdefault(name, frame.iloc[:0])
    return parts


def write_workbook(path: Path, tables: dict[str, pd.DataFrame], changes: Changes | None = None) -> None:
    """Write one delivery, with `changes` to single cells; the same tables give the same bytes.

    Text is always written as text, so identifiers keep their zeros and nothing in a cell
    can become a formula; dates are real Excel dates; truth values are ja and nee.
    """
    workbook = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    workbook.set_properties(
        {"title": "Levering interne onderzoeken (synthetisch)", "created": datetime.fromisoformat(EXTRACTED_AT)}
    )
    bold = workbook.add_format({"bold": True})
    date_format = workbook.add_format({"num_format": EXCEL_DATE})
    text_format = workbook.add_format({"num_format": "@"})
    for name, contract in load_contracts().items():
        changed = (changes or {}).get(name, {})
        sheet = workbook.add_worksheet(contract.sheet)
        _write_sheet(sheet, tables[name], contract, bold, date_format, text_format, changed)
    workbook.close()


def _write_sheet(
    sheet: Any,
    frame: pd.DataFrame,
    contract: Contract,
    bold: Any,
    date_format: Any,
    text_format: Any,
    changed: Mapping[tuple[int, str], Any],
) -> None:
    sheet.freeze_panes(1, 0)
    formats = {"date": date_format, "string": text_format}
    for place, column in enumerate(contract.columns):
        sheet.set_column(place, place, WIDTH, formats.get(column.logical_type))
        sheet.write_string(0, place, column.header, bold)
    cells = [_cells(frame[column.name], column) for column in contract.columns]
    dated = [column.logical_type == "date" for column in contract.columns]
    numeric = [column.logical_type == "integer" for column in contract.columns]
    extra = max((row + 1 - len(frame) for row, _column in changed), default=0)
    changed_rows = {row + 1 for row, _column in changed}
    for row, values in enumerate([*zip(*cells, strict=True), *[[None] * len(cells)] * extra], start=1):
        for place, value in enumerate(values):
            if row in changed_rows and (key := (row - 1, contract.columns[place].name)) in changed:
                _write_changed(sheet, row, place, changed[key], date_format, text_format)
            elif value is None:
                continue
            elif dated[place]:
                sheet.write_number(row, place, value, date_format)
            elif numeric[place]:
                sheet.write_number(row, place, value)
            else:
                sheet.write_string(row, place, value, text_format)


def _write_changed(sheet: Any, row: int, place: int, value: Any, date_format: Any, text_format: Any) -> None:
    if value is ERROR_CELL:
        sheet.write_formula(row, place, "=NA()", None, "#N/A")
    elif value is EMPTY_WITH_FORMAT:
        sheet.write_blank(row, place, None, text_format)
    elif isinstance(value, bool):
        sheet.write_string(row, place, "ja" if value else "nee", text_format)
    elif isinstance(value, pd.Timestamp):
        sheet.write_datetime(row, place, value.date(), date_format)  # of a moment, XlsxWriter makes 1-1-1900 day 0
    elif isinstance(value, str):
        sheet.write_string(row, place, value, text_format)
    elif value is not None and not pd.isna(value):
        sheet.write_number(row, place, value)


def _cells(values: pd.Series, column: Column) -> list:
    """Return what goes into the cells: a number, a text, or None for an empty cell."""
    if column.logical_type == "date":
        serial = (values.to_numpy().astype("datetime64[s]") - EXCEL_DAY_ZERO) / np.timedelta64(1, "D")
        return [None if np.isnan(number) else int(number) for number in serial.tolist()]
    if column.logical_type == "boolean":
        words = {True: "ja", False: "nee"}
        return [words.get(value) if value is not pd.NA else None for value in values.tolist()]
    return [None if missing else value for value, missing in zip(values.tolist(), values.isna(), strict=True)]


def write_truth(path: Path, truth: dict) -> None:
    """Write the planted truth as JSON."""
    path.write_text(json.dumps(truth, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
