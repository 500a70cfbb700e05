"""Tables of one delivery: typed rows that keep the place of every row and column."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from data_contracts.case_files import Source
from data_contracts.code_lists import CodeList
from data_contracts.contract import Contract
from data_contracts.errors import UnreadableInput
from data_contracts.language import _
from data_contracts.reading.convert import DTYPES, Context, convert_column, visible
from data_contracts.reading.files import RawSheet

HEADER_SEARCH_ROWS = 30

TOLERANCE_WORDS = {
    "encoding": {"nl": "tekencodering {detail}", "en": "character encoding {detail}"},
    "delimiter": {"nl": "scheidingsteken {detail}", "en": "delimiter {detail}"},
    "sep_line": {"nl": "regel sep= bovenaan overgeslagen", "en": "line sep= at the top skipped"},
    "rows_above_header": {"nl": "{detail} rijen boven de kolomkoppen overgeslagen",
                          "en": "{detail} rows above the column headers skipped"},
    "sheet_name_spelling": {"nl": "blad heet {detail}", "en": "sheet is called {detail}"},
    "header_spelling": {"nl": "kolomkoppen anders gespeld: {detail}",
                        "en": "column headers spelled otherwise: {detail}"},
    "extra_columns": {"nl": "kolommen die het contract niet kent: {detail}",
                      "en": "columns that the contract does not know: {detail}"},
    "empty_rows": {"nl": "{detail} lege rijen tussen de gegevens overgeslagen",
                   "en": "{detail} empty rows between the data skipped"},
    "short_rows": {"nl": "{detail} rijen met minder cellen dan de andere: wat ontbreekt is leeg",
                   "en": "{detail} rows with fewer cells than the others: what lacks is empty"},
    "cells_beyond_header": {"nl": "{detail} gevulde cellen zonder kolomkop erboven niet gelezen",
                            "en": "{detail} filled cells without a column header not read"},
    "merged_cells": {"nl": "{detail} samengevoegde cellen: onder elkaar telt de waarde voor elke rij, naast elkaar is "
                           "niet te weten voor welke kolom",
                     "en": "{detail} merged cells: down a column the value counts for every row, across columns "
                           "nobody can tell for which column"},
    "leading_zeros": {"nl": "{detail} getallen gelezen met de voorloopnullen die Excel toont",
                      "en": "{detail} numbers read with the leading zeros that Excel shows"},
    "hidden_sheet": {"nl": "verborgen blad meegelezen", "en": "hidden sheet read too"},
    "hidden_rows": {"nl": "{detail} verborgen rijen meegelezen", "en": "{detail} hidden rows read too"},
    "hidden_columns": {"nl": "verborgen kolommen meegelezen", "en": "hidden columns read too"},
    "filter": {"nl": "er staat een filter aan; ook de weggefilterde rijen zijn gelezen",
               "en": "a filter is on; rows that it hides were read too"},
    "unread_dates": {"nl": "{detail}: niet gelezen datums; bij alle past deze notatie. Gebruikt uw systeem die, zet "
                           "haar dan bij dates",
                     "en": "{detail}: dates not read; this notation fits all of them. If it is your system's, put it "
                           "under dates"},
    "extract_unfit": {"nl": "{detail}: waarden die niet bij dit patroon passen",
                      "en": "{detail}: values that do not fit this pattern"},
    "date_1904": {"nl": "datums volgens het 1904-systeem van Excel", "en": "dates in Excel's 1904 system"},
    "author": {"nl": "de eigenschappen van het bestand noemen een maker; haal die weg als het een naam is (Bestand, "
                     "Info, Documenten controleren)",
               "en": "the properties of the file name an author; remove it if it is a name (File, Info, Inspect "
                     "document)"},
    "notes": {"nl": "er staan notities bij cellen; die zijn niet gecontroleerd op namen",
              "en": "there are notes on cells; these were not searched for names"},
    "privacy_of_read_columns": {"nl": "alleen de kolommen die de mapping leest, zijn gecontroleerd op "
                                      "persoonsgegevens",
                                "en": "only the columns that the mapping reads were searched for personal data"},
}  # fmt: skip


@dataclass(frozen=True)
class Tolerance:
    """One thing done in reading a whole file or sheet, other than converting cells.

    Parameters
    ----------
    file, sheet : str
        Where; the sheet of a csv file is "".
    kind : str
        Key of `TOLERANCE_WORDS`.
    detail : str
        How many, or which mark, encoding or header: never the value of a cell.
    """

    file: str
    sheet: str
    kind: str
    detail: str


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
    extra_cells : DataFrame or None
        Same index: the raw cells under `extra_headers` and, under "", of columns that have
        no header, for the privacy gate only; None under a mapping.
    extra_letters : tuple of str
        The column letters of `extra_cells`.
    """

    name: str
    frame: pd.DataFrame
    flags: pd.DataFrame
    places: pd.DataFrame
    headers: dict[str, tuple[str, str]]
    conversions: dict[str, dict[str, int]]
    missing_columns: tuple[str, ...] = ()
    extra_headers: tuple[str, ...] = ()
    extra_cells: pd.DataFrame | None = None
    extra_letters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Delivery:
    """One delivery: a workbook, a csv file or a folder of csv files, read and typed.

    Parameters
    ----------
    tolerances : tuple of Tolerance
        What was done to read the files and sheets as they came.
    unread_sheets : tuple of str
        Names of sheets that no contract or mapping reads.
    unread : tuple of RawSheet
        Those sheets, for the privacy gate only.
    paths : tuple of Path
        The files, in order of `sources`.
    """

    name: str
    tables: dict[str, Table]
    sources: tuple[Source, ...]
    absent: dict[str, dict[str, str]]
    code_lists: dict[str, CodeList]
    title: dict[str, str] | None = None
    agency: dict[str, str] | None = None
    tolerances: tuple[Tolerance, ...] = ()
    unread_sheets: tuple[str, ...] = ()
    unread: tuple[RawSheet, ...] = ()
    paths: tuple[Path, ...] = ()


def plain(text: Any) -> str:
    """Return a header or sheet name in the form in which spellings are compared."""
    return re.sub(r"[\s_]+", "_", visible(str(text)).strip()).casefold()


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
    )
