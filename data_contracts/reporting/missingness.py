"""Empty cells: by column, and by column and unit, with the counts behind every share."""

from dataclasses import dataclass

import pandas as pd

from data_contracts.checking import Report
from data_contracts.contract import load_contracts
from data_contracts.language import _
from data_contracts.reading.tables import Delivery

SMALL = 20  # of fewer rows a share says too little: the count is shown
APART = 0.10  # columns whose share differs by so much between units are shown by unit


def missingness(report: Report) -> pd.DataFrame:
    """Return per table and delivered column how many cells are empty.

    Returns
    -------
    DataFrame
        `table, sheet, column, header, rows, missing`; only columns that were delivered.
    """
    counts = missingness_by_unit(report)
    keys = ["table", "sheet", "column", "header"]
    return counts.groupby(keys, sort=False, as_index=False)[["rows", "missing"]].sum()


def missingness_by_unit(report: Report) -> pd.DataFrame:
    """Return per table, delivered column and unit how many cells are empty.

    The unit of a row is its own unit; of a row without one, the unit of its case, and
    else of its delivery. '' is a row whose unit is not known.

    Returns
    -------
    DataFrame
        `table, sheet, column, header, unit, rows, missing`.
    """
    parts = []
    for name, contract in load_contracts().items():
        for delivery in report.deliveries:
            if name not in delivery.tables:
                continue
            table = delivery.tables[name]
            units = _units(delivery, name)
            for column in contract.columns:
                if column.name in table.missing_columns:
                    continue
                empty = table.frame[column.name].isna().groupby(units, sort=False).agg(["size", "sum"])
                parts.append(
                    pd.DataFrame(
                        {"table": name, "sheet": contract.sheet, "column": column.name, "header": column.header,
                         "unit": empty.index, "rows": empty["size"].to_numpy(), "missing": empty["sum"].to_numpy()}
                    )
                )  # fmt: skip
    keys = ["table", "sheet", "column", "header", "unit"]
    if not parts:
        return pd.DataFrame(columns=[*keys, "rows", "missing"])
    return pd.concat(parts, ignore_index=True).groupby(keys, sort=False, as_index=False).sum().astype({"rows": "int64"})


def _units(delivery: Delivery, name: str) -> pd.Series:
    frame = delivery.tables[name].frame
    if "unit" in frame:
        units = frame["unit"]
    else:
        cases = delivery.tables["cases"].frame[["case_id", "unit"]].dropna().drop_duplicates("case_id")
        units = frame["case_id"].map(cases.set_index("case_id")["unit"])
    whole = delivery.tables["delivery"].frame["unit"].dropna().unique() if "delivery" in delivery.tables else []
    return units.fillna(whole[0] if len(whole) == 1 else "").astype("str")


@dataclass(frozen=True)
class UnitTable:
    """The columns of one sheet whose emptiness differs between units: one line a unit.

    `lines` holds per unit its rows and per header the empty cells (None: not delivered).
    """

    sheet: str
    headers: tuple[str, ...]
    lines: tuple[tuple[str, int, tuple[int | None, ...]], ...]
    alike: int


def unit_tables(report: Report) -> list[UnitTable]:
    """Return, for a report of several units, the sheets in which the share of empty cells differs by unit."""
    counts = missingness_by_unit(report)
    found = []
    for (_table, sheet), rows in counts.groupby(["table", "sheet"], sort=False):
        missing = rows.pivot_table(index="unit", columns="header", values="missing", sort=False)
        sizes = rows.groupby("unit", sort=False)["rows"].max()
        shares = missing.div(sizes, axis=0)[sizes >= SMALL]
        spread = shares.max() - shares.min()
        absent_somewhere = missing.isna().any() & missing.notna().any()
        apart = [header for header in missing if spread.get(header, 0) >= APART or absent_somewhere[header]]
        if len(sizes) < 2 or not apart:
            continue
        some = (missing.fillna(0) > 0).any()
        lines = [
            (unit or _("onbekend"), int(sizes[unit]),
             tuple(None if pd.isna(value) else int(value) for value in missing.loc[unit, apart]))
            for unit in sorted(sizes.index)
        ]  # fmt: skip
        found.append(UnitTable(sheet, tuple(apart), tuple(lines), int(some.sum()) - int(some[apart].sum())))
    return found
