"""Rows that do not take part, each with the reason: an error of its own, or its case that was left out."""

from typing import TYPE_CHECKING

import pandas as pd

from data_contracts.contract import Contract, load_contracts
from data_contracts.rules.widening import DELIVERY

if TYPE_CHECKING:
    from data_contracts.checking import Report

STAND_ALONE = ("cases", "delivery", "staffing", "signals")  # what hangs on no case
COLUMNS = ["table", "delivery", "file", "sheet", "row", "why"]


def own_errors(name: str, frame: pd.DataFrame, breaches: pd.DataFrame, contract: Contract) -> pd.Series:
    """Tell per row whether an error in it rejects it. Of wholly identical rows with one key the first stays.

    Parameters
    ----------
    name : str
        The table.
    frame : DataFrame
        Its rows in all deliveries, with the number of the delivery in `_delivery`.
    breaches : DataFrame
        As in `Report`; `label` is a label of `frame`.
    contract : Contract
        Of the table.
    """
    own = breaches[(breaches["table"] == name) & (breaches["severity"] == "error") & (breaches["scope"] == "row")]
    is_key = own["rule"] == f"{name}.key_unique"
    rejected = pd.Series(frame.index.isin(own.loc[~is_key, "label"]), index=frame.index)
    same = frame.loc[own.loc[is_key, "label"]]
    if not same.empty:
        of_key = same.groupby(list(contract.primary_key), sort=False)[DELIVERY].transform("size")
        alike = same.groupby(list(same.columns), dropna=False, sort=False)[DELIVERY].transform("size")
        spare = same.duplicated(keep="first") | (of_key != alike)
        rejected.loc[spare.index[spare]] = True
    return rejected


def left_out(report: "Report") -> pd.DataFrame:
    """Return the rows that do not take part.

    Returns
    -------
    DataFrame
        One row a row left out: `table`, `delivery` (its number in `report.deliveries`),
        `file`, `sheet`, `row`, and `why`: `own` (an error in the row) or `case` (the row
        is sound, its case was left out).
    """
    losing = report.rows.set_index("table")["rejected"]
    parts = [pd.DataFrame(columns=COLUMNS)]
    kept_cases: pd.MultiIndex | None = None
    for name in sorted(losing.index[losing > 0], key=lambda table: table != "cases"):
        tables = [(number, d.tables[name]) for number, d in enumerate(report.deliveries) if name in d.tables]
        frame = pd.concat([table.frame.assign(**{DELIVERY: number}) for number, table in tables], ignore_index=True)
        places = pd.concat([table.places for _number, table in tables], ignore_index=True)
        own = own_errors(name, frame, report.breaches, load_contracts()[name])
        via = pd.Series(False, index=frame.index)
        if name == "cases":
            kept_cases = pd.MultiIndex.from_frame(frame.loc[~own, [DELIVERY, "case_id"]])
        elif name not in STAND_ALONE and kept_cases is not None:
            via = ~own & ~pd.MultiIndex.from_frame(frame[[DELIVERY, "case_id"]]).isin(kept_cases)
        gone = places[own | via].assign(table=name, delivery=frame[DELIVERY], why=own.map({True: "own", False: "case"}))
        parts.append(gone[COLUMNS])
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def shares_left_out(report: "Report") -> dict[str, dict[str, int]]:
    """Return per table how many rows were left out for an error of their own, and how many with their case."""
    counts = left_out(report).groupby(["table", "why"]).size()
    return {table: {why: int(counts.get((table, why), 0)) for why in ("own", "case")} for table in report.rows["table"]}
