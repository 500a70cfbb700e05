"""Two honest consecutive deliveries of the synthetic example, as tables to spoil and as files to read."""

import functools
from datetime import date
from pathlib import Path

import pandas as pd

from data_contracts.case_files import CaseFiles
from data_contracts.contract import load_contracts
from data_contracts.example import example_tables
from data_contracts.example.workbooks import delivered_parts, write_workbook

Tables = dict[str, pd.DataFrame]
THEN, NOW = date(2024, 12, 31), date(2025, 12, 31)


@functools.cache
def _national(seed: int, cases_per_year: int) -> Tables:
    return example_tables(seed=seed, cases_per_year=cases_per_year)[0]


def national(day: date, *, seed: int = 7, cases_per_year: int = 120) -> Tables:
    """Return the example as the registers knew it at the end of a day."""
    tables = _national(seed, cases_per_year)
    cut = CaseFiles(**tables).at(day)
    known = {name: getattr(cut, name).copy() for name in tables}
    signals = known["signals"]
    signals.loc[signals["triaged_on"] > pd.Timestamp(day), ["triage_outcome", "triaged_on"]] = pd.NA
    moment = pd.Timestamp(day).as_unit("s")
    known["delivery"] = known["delivery"].assign(extracted_at=moment, period_end=moment)
    return known


def write_workbooks(folder: Path, tables: Tables) -> Path:
    """Write one workbook a unit, as a steward would deliver it."""
    folder.mkdir(parents=True)
    for unit, part in delivered_parts(tables).items():
        write_workbook(folder / f"levering_{unit}.xlsx", part)
    return folder


def write_csv_folder(folder: Path, tables: Tables) -> Path:
    """Write a csv file a table, with Dutch headers and dates as dd-mm-jjjj; a column that is not there is left out."""
    folder.mkdir(parents=True)
    for name, frame in tables.items():
        contract = load_contracts()[name]
        text = frame.astype(object).where(frame.notna(), None)
        for column in frame.columns[frame.dtypes == "datetime64[s]"]:
            text[column] = frame[column].dt.strftime("%d-%m-%Y").astype(object)
        text = text.replace({True: "ja", False: "nee"}).rename(columns={c.name: c.header for c in contract.columns})
        text.to_csv(folder / f"{contract.sheet}.csv", sep=";", index=False, encoding="utf-8-sig")
    return folder
