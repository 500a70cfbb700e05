"""Files to deliveries: a workbook, a csv file or a folder, by the contract or by a mapping."""

from pathlib import Path
from typing import Any

import pandas as pd

from data_contracts.case_files import Source
from data_contracts.code_lists import CodeList, load_code_lists
from data_contracts.contract import REQUIRED_TABLES, TABLES, Contract, load_contracts
from data_contracts.convert import Context
from data_contracts.errors import UnreadableInput
from data_contracts.language import _
from data_contracts.mapped import read_mapped
from data_contracts.mapped_sources import taken
from data_contracts.mapping import Mapping, matches
from data_contracts.reading import TEXTS, WORKBOOKS, RawSheet, column_letter, read_file
from data_contracts.tables import HEADER_SEARCH_ROWS, Delivery, Table, plain, refuse_twice, typed


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
    if not path.exists():
        raise UnreadableInput(_("Bestand niet gevonden: {file}. Controleer de naam en de map.", file=path))
    if path.is_file():
        return [[path]]
    files = sorted(entry for entry in path.iterdir() if _is_input(entry))
    if mapping and any(spec.file for spec in mapping.sources.values()):
        return [[file for file in files if any(matches(s.file, file.name) for s in mapping.sources.values() if s.file)]]
    books = [[file] for file in files if file.name.lower().endswith(WORKBOOKS)]
    texts = [file for file in files if file.name.lower().endswith(TEXTS)]
    below = [
        found
        for folder in sorted(path.iterdir())
        if folder.is_dir()
        for found in (_delivery_files(folder, mapping) if _has_files(folder) else [])
    ]
    if not (books or texts or below):
        raise UnreadableInput(_("Map {folder} bevat geen werkmappen of csv-bestanden.", folder=path.name))
    return books + ([texts] if texts else []) + below


def _is_input(entry: Path) -> bool:
    known = entry.name.lower().endswith(TEXTS + WORKBOOKS) and not entry.name.startswith(("~$", "."))
    return known and entry.is_file()


def _has_files(folder: Path) -> bool:
    return any(_is_input(entry) for entry in folder.rglob("*"))


def _one_delivery(files: list[Path], mapping: Mapping | None) -> Delivery:
    if mapping:
        files = taken(files, mapping)
    read = [read_file(file) for file in files]
    sources = tuple(source for source, _sheets in read)
    sheets = [sheet for _source, found in read for sheet in found]
    name = files[0].name if len(files) == 1 else files[0].parent.name
    if mapping:
        return read_mapped(name, sheets, sources, mapping)
    return _canonical(name, sheets, sources)


def _canonical(name: str, sheets: list[RawSheet], sources: tuple[Source, ...]) -> Delivery:
    contracts, code_lists = load_contracts(), load_code_lists()
    wanted = {plain(word): table for table, c in contracts.items() for word in (c.sheet, table)}
    tables: dict[str, Table] = {}
    for sheet in sheets:
        table = wanted.get(plain(sheet.name))
        if table is None:
            continue
        if table in tables:
            raise UnreadableInput(_("{file}: blad {sheet} staat er twee keer in.", file=name, sheet=sheet.name))
        tables[table] = _canonical_table(contracts[table], sheet, code_lists)
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
    absent = {table: {"nl": "niet geleverd", "en": "not delivered"} for table in TABLES if table not in tables}
    return Delivery(name, tables, sources, absent, code_lists)


def _canonical_table(contract: Contract, sheet: RawSheet, code_lists: dict[str, CodeList]) -> Table:
    known = {plain(column.header): column.name for column in contract.columns}
    at, cells = _header(sheet, set(known), contract.sheet)
    positions = {known[plain(cell)]: i for i, cell in enumerate(cells) if cell is not None and plain(cell) in known}
    extra = tuple(str(cell) for cell in cells if cell is not None and plain(cell) not in known)
    rows = [(n + 1, row) for n, row in enumerate(sheet.rows) if n > at and any(cell is not None for cell in row)]
    raw = {
        column: pd.Series([row[i] if i < len(row) else None for _n, row in rows], dtype=object)
        for column, i in positions.items()
    }
    places = pd.DataFrame({"file": sheet.file, "sheet": sheet.name, "row": [n for n, _row in rows]})
    headers = {column: (str(cells[i]), column_letter(i + 1)) for column, i in positions.items()}
    contexts = {column: Context(excel=sheet.excel, date_1904=sheet.date_1904) for column in raw}
    return typed(contract, raw, contexts, places, headers, code_lists, extra_headers=extra)


def _header(sheet: RawSheet, known: set[str], wanted: str) -> tuple[int, list[Any]]:
    """The header row: the one among the first rows with most known headers, at least two."""
    counts = [len({plain(cell) for cell in row if cell is not None} & known) for row in sheet.rows[:HEADER_SEARCH_ROWS]]
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
    known_headers = [plain(cell) for cell in sheet.rows[at] if cell is not None and plain(cell) in known]
    refuse_twice(sheet, known_headers)
    return at, sheet.rows[at]
