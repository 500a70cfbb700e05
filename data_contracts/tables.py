"""Tables of one delivery: typed rows that keep the place of every row and column."""

import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from data_contracts.case_files import Source
from data_contracts.code_lists import CodeList
from data_contracts.contract import Contract
from data_contracts.convert import DTYPES, Context, convert_column
from data_contracts.errors import UnreadableInput
from data_contracts.language import _
from data_contracts.reading import RawSheet

HEADER_SEARCH_ROWS = 30


@dataclass(frozen=True)
class Table:
    """One typed table of one delivery.

    Parameters
    ----------
    frame : DataFrame
        All canonical columns of the contract, typed; one row a delivered row.
    flags : DataFrame
        Same index: `<column>:form`, `:code` and, under a mapping that says what to
        expect, `row:shifted`; '' or the fault.
    places : DataFrame
        Same index: `file`, `sheet`, `row` as a person sees them.
    headers : dict
        Canonical column -> (header in the file, column letter).
    conversions : dict
        Column -> kind of conversion -> count.
    missing_columns : tuple of str
        Canonical columns that the file does not have.
    extra_headers : tuple of str
        Headers in the file that the contract does not know (ignored).
    """

    name: str
    frame: pd.DataFrame
    flags: pd.DataFrame
    places: pd.DataFrame
    headers: dict[str, tuple[str, str]]
    conversions: dict[str, dict[str, int]]
    missing_columns: tuple[str, ...] = ()
    extra_headers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Delivery:
    """One delivery: a workbook, a csv file or a folder of csv files, read and typed."""

    name: str
    tables: dict[str, Table]
    sources: tuple[Source, ...]
    absent: dict[str, dict[str, str]]
    code_lists: dict[str, CodeList]
    title: dict[str, str] | None = None
    agency: dict[str, str] | None = None


def plain(text: Any) -> str:
    """Return a header or sheet name in the form in which spellings are compared."""
    return re.sub(r"[\s_]+", "_", str(text).strip()).casefold()


def refuse_twice(sheet: RawSheet, headers: list[str]) -> None:
    """Refuse a sheet in which one of these headers stands twice."""
    twice = sorted({header for header in headers if headers.count(header) > 1})
    if twice:
        raise UnreadableInput(
            _(
                "{file}, blad {sheet}: kolomkop {header} staat er twee keer. Verwijder of hernoem er een.",
                file=sheet.file,
                sheet=sheet.name,
                header=twice[0],
            )
        )


def typed(
    contract: Contract,
    raw: dict[str, pd.Series],
    contexts: dict[str, Context],
    places: pd.DataFrame,
    headers: dict[str, tuple[str, str]],
    code_lists: dict[str, CodeList],
    *,
    shifted: pd.Series | None = None,
    extra_headers: tuple[str, ...] = (),
) -> Table:
    """Return raw columns converted to the types of the contract; a column that is not there is wholly missing."""
    frame, flags, conversions = {}, {}, {}
    for column in contract.columns:
        if column.name not in raw:
            frame[column.name] = pd.Series(pd.NA, index=places.index, dtype=DTYPES[column.logical_type])
            continue
        codes = code_lists[column.code_list] if column.code_list else None
        typed = convert_column(raw[column.name], column, codes, contexts[column.name])
        frame[column.name] = typed.values
        flags[f"{column.name}:form"] = typed.form
        if typed.code is not None:
            flags[f"{column.name}:code"] = typed.code
        if typed.conversions:
            conversions[column.name] = typed.conversions
    if shifted is not None:
        flags["row:shifted"] = shifted
    return Table(
        name=contract.name,
        frame=pd.DataFrame(frame, index=places.index),
        flags=pd.DataFrame(flags, index=places.index),
        places=places,
        headers=headers,
        conversions=conversions,
        missing_columns=tuple(column.name for column in contract.columns if column.name not in raw),
        extra_headers=extra_headers,
    )
