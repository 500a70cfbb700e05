"""Files to deliveries: a workbook, a csv file or a folder, by the contract or by a mapping."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from data_contracts.case_files import Source
from data_contracts.code_lists import CodeList, load_code_lists
from data_contracts.contract import REQUIRED_TABLES, TABLES, Contract, load_contracts
from data_contracts.errors import UnreadableInput
from data_contracts.language import _
from data_contracts.mapping.format import Mapping, matches
from data_contracts.mapping.mapped import read_mapped
from data_contracts.mapping.mapped_sources import taken
from data_contracts.privacy.handed_over import said, traces
from data_contracts.reading.convert import Context, visible
from data_contracts.reading.files import TEXTS, WORKBOOKS, RawSheet, cannot_open, column_letter, read_file
from data_contracts.reading.tables import HEADER_SEARCH_ROWS, Delivery, Table, Tolerance, plain, refuse_twice, typed

MAX_FILES = 1000  # in one folder


def read_delivery(path: Path, mapping: Mapping | None = None) -> list[Delivery]:
    """Read one file or folder as one or more deliveries.

    A workbook or csv file is one delivery. In a folder each workbook is a delivery, the
    csv files together are one, and each subfolder is read in the same way. With a
    mapping that names files, the folder is one delivery.

    Parameters
    ----------
    path : Path
        File or folder.
    mapping : Mapping, optional
        How the export becomes canonical tables; without it sheets and headers are as
        in the contracts.

    Returns
    -------
    list of Delivery
        In order of name.

    Raises
    ------
    UnreadableInput
        If something cannot be read as a delivery.
    WrongUse
        If the mapping names a column, sheet or file that is not there.
    """
    return [_one_delivery(files, mapping) for files in _delivery_files(path, mapping)]


def _delivery_files(path: Path, mapping: Mapping | None) -> list[list[Path]]:
    if not os.path.exists(path):  # unlike Path.exists, false for a name that is too long
        raise UnreadableInput(_("Bestand niet gevonden: {file}. Controleer de naam en de map.", file=path))
    if not path.is_dir():
        return [[path]]
    try:
        found = _inputs(path, ())
    except OSError as fault:
        raise cannot_open(path, fault) from None
    if mapping and any(spec.file for spec in mapping.sources.values()):
        files = found.get(path, [])
        return [[file for file in files if any(matches(s.file, file.name) for s in mapping.sources.values() if s.file)]]
    if not found:
        raise UnreadableInput(_("Map {folder} bevat geen werkmappen of csv-bestanden.", folder=path.name))
    deliveries = []
    for files in found.values():
        texts = [file for file in files if file.name.lower().endswith(TEXTS)]
        deliveries += [[file] for file in files if file not in texts] + ([texts] if texts else [])
    return deliveries


def _inputs(folder: Path, above: tuple[Path, ...]) -> dict[Path, list[Path]]:
    """The files to read by folder, this one first; a link to a folder above is not followed."""
    entries = sorted(folder.iterdir())
    files = [entry for entry in entries if is_input(entry)]
    if len(files) > MAX_FILES:
        raise UnreadableInput(
            _(
                "Map {folder} bevat {n} werkmappen en csv-bestanden; dat is te veel voor een levering. Geef de map "
                "waarin alleen de levering staat.",
                folder=folder.name,
                n=len(files),
            )
        )
    found = {folder: files} if files else {}
    here = (*above, folder.resolve())
    for entry in entries:
        if entry.is_dir() and entry.resolve() not in here:
            found |= _inputs(entry, here)
    return found


def is_input(entry: Path) -> bool:
    """Tell whether a file in a folder is one to read: by its name, and not a temporary file of Excel."""
    known = entry.name.lower().endswith(TEXTS + WORKBOOKS) and not entry.name.startswith(("~$", "."))
    return known and entry.is_file()


def _one_delivery(files: list[Path], mapping: Mapping | None) -> Delivery:
    if mapping:
        files = taken(files, mapping)
    read = [read_file(file) for file in files]
    sources = tuple(source for source, _sheets in read)
    sheets = [sheet for _source, found in read for sheet in found]
    name = files[0].name if len(files) == 1 else files[0].parent.name
    delivery = read_mapped(name, sheets, sources, mapping) if mapping else _canonical(name, sheets, sources)
    as_read = [_tolerance(sheet, kind, detail) for sheet in sheets for kind, detail in sheet.tolerances]
    beside = [Tolerance(file.name, "", kind, detail) for file in files for kind, detail in traces(file)]
    if mapping:
        beside.append(Tolerance(name, "", "privacy_of_read_columns", ""))
    return replace(delivery, paths=tuple(files), tolerances=(*as_read, *delivery.tolerances, *beside))


def _tolerance(sheet: RawSheet, kind: str, detail: str) -> Tolerance:
    return Tolerance(sheet.file, sheet.name if sheet.excel else "", kind, detail)


def _canonical(name: str, sheets: list[RawSheet], sources: tuple[Source, ...]) -> Delivery:
    contracts, code_lists = load_contracts(), load_code_lists()
    wanted = {plain(word): table for table, c in contracts.items() for word in (c.sheet, table)}
    tables: dict[str, Table] = {}
    unread, tolerances = [], []
    for sheet in sheets:
        table = wanted.get(plain(sheet.name))
        if table is None:
            unread.append(sheet)
            continue
        if table in tables:
            raise UnreadableInput(_("{file}: blad {sheet} staat er twee keer in.", file=name, sheet=sheet.name))
        tables[table], found = _canonical_table(contracts[table], sheet, code_lists)
        if sheet.name not in (contracts[table].sheet, table):
            tolerances.append(_tolerance(sheet, "sheet_name_spelling", sheet.name))
        tolerances += [_tolerance(sheet, kind, detail) for kind, detail in found]
    lacking = [contracts[table].sheet for table in REQUIRED_TABLES if table not in tables]
    if lacking:
        raise UnreadableInput(
            _(
                "{file}: wat ontbreekt is blad {lacking}. Bladen in dit bestand: {found}. Geef de bladen de namen van "
                "het contract, of gebruik een mapping (--mapping) als dit een eigen export is.",
                file=name,
                lacking=_(" en blad ").join(lacking),
                found=", ".join(sheet.name for sheet in sheets[:15]),
            )
        )
    if _is_blank(tables):
        raise UnreadableInput(
            _(
                "{file} is nog leeg: er staan geen gegevens in. Vul ten minste de bladen {needed} in.",
                file=name,
                needed=_(" en ").join(contracts[table].sheet for table in REQUIRED_TABLES),
            )
        )
    # an untouched sheet of the template says nothing: empty is not "there were none"
    empty = [name for name, table in tables.items() if name not in REQUIRED_TABLES and table.frame.empty]
    absent = {table: {"nl": "niet geleverd", "en": "not delivered"} for table in TABLES if table not in tables}
    absent |= {table: {"nl": "het blad is leeg", "en": "the sheet is empty"} for table in empty}
    return Delivery(
        name, {table: read for table, read in tables.items() if table not in empty}, sources, absent, code_lists,
        tolerances=tuple(tolerances),
        unread_sheets=tuple(sheet.name for sheet in unread),
        unread=tuple(unread),
    )  # fmt: skip


def _is_blank(tables: dict[str, Table]) -> bool:
    """Tell whether nothing is filled in but the contract version, as in a template that nobody has touched."""
    record = tables["delivery"].frame.drop(columns="contract_version")
    return bool(record.isna().all(axis=None)) and not any(
        len(table.frame) for name, table in tables.items() if name != "delivery"
    )


def _canonical_table(
    contract: Contract, sheet: RawSheet, code_lists: dict[str, CodeList]
) -> tuple[Table, list[tuple[str, str]]]:
    """The typed table, and what was done to find it in the sheet: kinds of tolerance with their detail."""
    known = {plain(column.header): column.name for column in contract.columns}
    at, cells = _header(sheet, set(known), contract.sheet)
    names = {i: known.get(plain(cell), "") for i, cell in enumerate(cells) if isinstance(cell, str)}
    body = sheet.rows[at + 1 :]
    numbers = [n for n, row in enumerate(body, at + 2) if row.count(None) < len(row) and not _only_blanks(row)]
    if len(numbers) < len(body):
        body = [sheet.rows[n - 1] for n in numbers]
    columns = list(zip(*body, strict=True)) if body else [()] * len(cells)
    positions = {name: i for i, name in names.items() if name}
    raw = {name: pd.Series(columns[i], dtype=object) for name, i in positions.items()}
    places = pd.DataFrame({"file": sheet.file, "sheet": sheet.name, "row": numbers})
    headers = {name: (str(cells[i]), column_letter(i + 1)) for name, i in positions.items()}
    contexts = {name: Context(excel=sheet.excel, date_1904=sheet.date_1904) for name in raw}
    bare = {i: len(column) - column.count(None) for i, column in enumerate(columns) if i not in names}
    beyond = [columns[i] for i, filled in bare.items() if filled and i > max(names)]
    shifted = None
    if beyond and not sheet.excel:  # a csv row with more cells than headers: a delimiter stood in one of its texts
        shifted = pd.Series(["shifted" if any(c is not None for c in row) else "" for row in zip(*beyond, strict=True)],
                            dtype="str")  # fmt: skip
    extra = [i for i, name in names.items() if not name] + [i for i, filled in bare.items() if filled]
    table = replace(
        typed(contract, raw, contexts, places, headers, code_lists, shifted=shifted),
        extra_headers=tuple(said(str(cells[i])) for i in extra if i in names),
        extra_cells=pd.DataFrame(dict(enumerate(pd.Series(columns[i], dtype=object) for i in extra)), places.index)
        .set_axis([str(cells[i]) if i in names else "" for i in extra], axis=1),
        extra_letters=tuple(column_letter(i + 1) for i in extra),
    )  # fmt: skip
    spelled = [str(cells[i]) for name, i in positions.items() if cells[i] != contract.column(name).header]
    found = [
        ("rows_above_header", at),
        ("header_spelling", ", ".join(spelled)),
        ("extra_columns", ", ".join(table.extra_headers)),
        ("cells_beyond_header", sum(bare.values())),
        ("empty_rows", numbers[-1] - at - 1 - len(numbers) if numbers else 0),
    ]
    return table, [(kind, str(detail)) for kind, detail in found if detail]


def _only_blanks(row: list[Any]) -> bool:
    """Tell whether a row holds nothing but blanks, as systems pad their exports."""
    return all(cell is None or (isinstance(cell, str) and not visible(cell).strip()) for cell in row)


def _header(sheet: RawSheet, known: set[str], wanted: str) -> tuple[int, list[Any]]:
    """The header row: the one among the first rows with most known headers, at least two."""
    found = [{plain(cell) for cell in row if isinstance(cell, str)} & known for row in sheet.rows[:HEADER_SEARCH_ROWS]]
    counts = list(map(len, found))
    if not counts or max(counts) < min(2, len(known)):
        raise UnreadableInput(
            _(
                "{file}, blad {sheet}: geen rij met de kolomkoppen van {wanted}. Verwacht onder meer: {known}.",
                file=sheet.file,
                sheet=sheet.name,
                wanted=wanted,
                known=", ".join(sorted(known)[:8]),
            )
        )
    at = counts.index(max(counts))
    while at + 1 < len(found) and found[at + 1] == found[at]:  # headers merged over two rows
        at += 1
    for other in (at - 1, at + 1):
        if 0 <= other < len(found) and len(found[other] - found[at]) >= 2:
            raise UnreadableInput(
                _(
                    "{file}, blad {sheet}: de kolomkoppen staan verdeeld over rij {first} en {second}. Zet ze in één "
                    "rij.",
                    file=sheet.file,
                    sheet=sheet.name,
                    first=min(at, other) + 1,
                    second=max(at, other) + 1,
                )
            )
    refuse_twice(sheet, [plain(cell) for cell in sheet.rows[at] if isinstance(cell, str) and plain(cell) in known])
    return at, sheet.rows[at]
