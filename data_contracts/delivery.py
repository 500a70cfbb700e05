"""Files to deliveries: typed tables with the place of every row and column kept."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pandas as pd

from data_contracts.case_files import Source
from data_contracts.code_lists import CodeList, load_code_lists
from data_contracts.contract import REQUIRED_TABLES, TABLES, Contract, load_contracts
from data_contracts.convert import DTYPES, NOT_APPLICABLE, Context, convert_column, merged
from data_contracts.errors import UnreadableInput, WrongUse
from data_contracts.language import _
from data_contracts.mapping import Block, ColumnMap, Mapping, SourceSpec, matches
from data_contracts.reading import TEXTS, UNREADABLE, WORKBOOKS, RawSheet, column_letter, read_file

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
        files = _taken(files, mapping)
    read = [read_file(file) for file in files]
    sources = tuple(source for source, _sheets in read)
    sheets = [sheet for _source, found in read for sheet in found]
    name = files[0].name if len(files) == 1 else files[0].parent.name
    if mapping:
        return _mapped(name, sheets, sources, mapping)
    return _canonical(name, sheets, sources)


def _canonical(name: str, sheets: list[RawSheet], sources: tuple[Source, ...]) -> Delivery:
    contracts, code_lists = load_contracts(), load_code_lists()
    wanted = {_plain(word): table for table, c in contracts.items() for word in (c.sheet, table)}
    tables: dict[str, Table] = {}
    for sheet in sheets:
        table = wanted.get(_plain(sheet.name))
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


def _plain(text: Any) -> str:
    return re.sub(r"[\s_]+", "_", str(text).strip()).casefold()


def _canonical_table(contract: Contract, sheet: RawSheet, code_lists: dict[str, CodeList]) -> Table:
    known = {_plain(column.header): column.name for column in contract.columns}
    at, cells = _header(sheet, set(known), contract.sheet)
    positions = {known[_plain(cell)]: i for i, cell in enumerate(cells) if cell is not None and _plain(cell) in known}
    extra = tuple(str(cell) for cell in cells if cell is not None and _plain(cell) not in known)
    rows = [(n + 1, row) for n, row in enumerate(sheet.rows) if n > at and any(cell is not None for cell in row)]
    raw = {
        column: pd.Series([row[i] if i < len(row) else None for _n, row in rows], dtype=object)
        for column, i in positions.items()
    }
    places = pd.DataFrame({"file": sheet.file, "sheet": sheet.name, "row": [n for n, _row in rows]})
    headers = {column: (str(cells[i]), column_letter(i + 1)) for column, i in positions.items()}
    contexts = {column: Context(excel=sheet.excel, date_1904=sheet.date_1904) for column in raw}
    return _typed(contract, raw, contexts, places, headers, code_lists, extra_headers=extra)


def _header(sheet: RawSheet, known: set[str], wanted: str) -> tuple[int, list[Any]]:
    """The header row: the one among the first rows with most known headers, at least two."""
    counts = [
        len({_plain(cell) for cell in row if cell is not None} & known) for row in sheet.rows[:HEADER_SEARCH_ROWS]
    ]
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
    plain = [_plain(cell) for cell in sheet.rows[at] if cell is not None and _plain(cell) in known]
    _refuse_twice(sheet, plain)
    return at, sheet.rows[at]


def _refuse_twice(sheet: RawSheet, headers: list[str]) -> None:
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


def _typed(
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


# ---- with a mapping


@dataclass(frozen=True)
class _Rows:
    """Rows of one source: raw cells by header, places, and which rows have shifted."""

    cells: pd.DataFrame
    places: pd.DataFrame
    letters: dict[str, str]
    shifted: pd.Series
    excel: bool
    date_1904: bool


def _taken(files: list[Path], mapping: Mapping) -> list[Path]:
    """The files that the mapping names; of several editions, the last by name."""
    if not any(spec.file for spec in mapping.sources.values()) or (len(files) == 1 and len(mapping.sources) == 1):
        return files
    taken: list[Path] = []
    for spec in mapping.sources.values():
        fitting = [file for file in files if matches(spec.file or "*", file.name)]
        if not fitting:
            raise UnreadableInput(
                _(
                    "Geen bestand past bij {pattern} (bron {source} van mapping {mapping}).",
                    pattern=spec.file,
                    source=spec.name,
                    mapping=mapping.name,
                )
            )
        if len(fitting) > 1 and not spec.take:
            raise WrongUse(
                _(
                    "Bij {pattern} (bron {source}) passen {n} bestanden. Geef er een op, of zet in de mapping "
                    "take: last (het nieuwste) of take: all (allemaal, onder elkaar).",
                    pattern=spec.file,
                    source=spec.name,
                    n=len(fitting),
                )
            )
        taken += fitting if spec.take == "all" else fitting[-1:]
    return list(dict.fromkeys(taken))


def _mapped(name: str, sheets: list[RawSheet], sources: tuple[Source, ...], mapping: Mapping) -> Delivery:
    contracts = load_contracts()
    read: dict[str, _Rows] = {}
    for spec in sorted(mapping.sources.values(), key=lambda spec: bool(spec.join_source)):
        read[spec.name] = _source_rows(spec, sheets, mapping, alone=len(mapping.sources) == 1)
    for spec in mapping.sources.values():
        if spec.join_source:
            read[spec.name] = _joined(read[spec.name], read[spec.join_source], spec, mapping)
    tables = {}
    for table in TABLES:
        blocks = [block for block in mapping.blocks if block.table == table]
        if blocks:
            parts = [_block_table(block, contracts[table], read[block.source], mapping) for block in blocks]
            tables[table] = parts[0] if len(parts) == 1 else _stacked(parts)
    absent = {
        table: {"nl": "niet in de mapping", "en": "not in the mapping"} for table in TABLES if table not in tables
    }
    for table, found in tables.items():
        reason = {"nl": "niet in de mapping", "en": "not in the mapping"}
        absent |= {f"{table}.{column}": reason for column in found.missing_columns}
    known = {key: why for key, why in mapping.absent.items() if key in absent or key.partition(".")[0] in absent}
    return Delivery(name, tables, sources, absent | known, mapping.code_lists, mapping.title, mapping.agency)


def _source_rows(spec: SourceSpec, sheets: list[RawSheet], mapping: Mapping, *, alone: bool) -> _Rows:
    fitting = [sheet for sheet in sheets if not spec.file or alone or matches(spec.file, sheet.file)]
    if spec.sheet:  # a csv file may stand for the sheet, under whatever name, if it is the only one
        named = [sheet for sheet in fitting if _plain(sheet.name) == _plain(spec.sheet)]
        fitting = named or [sheet for sheet in fitting if not sheet.excel]
    if spec.sheet and not fitting:
        raise UnreadableInput(
            _(
                "Blad {sheet} (bron {source} van mapping {mapping}) niet gevonden. Bladen: {found}.",
                sheet=spec.sheet,
                source=spec.name,
                mapping=mapping.name,
                found=", ".join(sheet.name for sheet in sheets[:15]),
            )
        )
    if not spec.sheet and any(sheet.excel for sheet in fitting):
        fitting = [sheet for sheet in fitting if any(any(c is not None for c in row) for row in sheet.rows)]
    if not fitting:
        raise UnreadableInput(
            _("Bron {source} van mapping {mapping}: geen bestand met gegevens.", source=spec.name, mapping=mapping.name)
        )
    if len(fitting) > 1 and spec.take != "all":
        raise WrongUse(
            _(
                "Bron {source} van mapping {mapping} kan elk van deze bladen zijn: {found}. Zet in de mapping file of "
                "sheet bij de bron, of take: all om ze onder elkaar te lezen.",
                source=spec.name,
                mapping=mapping.name,
                found=", ".join(f"{sheet.file} › {sheet.name}" for sheet in fitting[:15]),
            )
        )
    needed = mapping.source_columns(spec.name)
    parts = [_sheet_rows(spec, sheet, needed, mapping) for sheet in fitting]
    if len(parts) == 1:
        return parts[0]
    return _Rows(
        cells=pd.concat([part.cells for part in parts], ignore_index=True),
        places=pd.concat([part.places for part in parts], ignore_index=True),
        letters=parts[0].letters,
        shifted=pd.concat([part.shifted for part in parts], ignore_index=True),
        excel=parts[0].excel,
        date_1904=parts[0].date_1904,
    )


def _sheet_rows(spec: SourceSpec, sheet: RawSheet, needed: set[str], mapping: Mapping) -> _Rows:
    plain = {_plain(header): header for header in needed}
    if spec.header_row:
        at = spec.header_row - 1
    else:
        hits = [
            len({_plain(cell) for cell in row if cell is not None} & set(plain))
            for row in sheet.rows[:HEADER_SEARCH_ROWS]
        ]
        at = hits.index(max(hits)) if hits else 0
    header = sheet.rows[at] if at < len(sheet.rows) else []
    found = [_plain(cell) for cell in header if cell is not None]
    lacking = sorted(plain[key] for key in set(plain) - set(found))
    if lacking:
        raise WrongUse(
            _(
                "{file}, blad {sheet}: kolom {lacking} uit mapping {mapping} staat niet in rij {row}. "
                "Kolommen daar: {found}.",
                file=sheet.file,
                sheet=sheet.name,
                lacking=", ".join(lacking),
                mapping=mapping.name,
                row=at + 1,
                # without one known header this may be a row of data: name nothing
                found=", ".join(str(cell) for cell in header[:40] if cell is not None)
                if set(found) & set(plain)
                else "?",
            )
        )
    _refuse_twice(sheet, [key for key in found if key in plain])
    rows = [(n + 1, row) for n, row in enumerate(sheet.rows) if n > at and any(cell is not None for cell in row)]
    at_column = {plain[_plain(cell)]: i for i, cell in enumerate(header) if cell is not None and _plain(cell) in plain}
    cells = pd.DataFrame(
        {
            h: pd.Series([row[i] if i < len(row) else None for _n, row in rows], dtype=object)
            for h, i in at_column.items()
        },
        index=range(len(rows)),
    )
    shifted = pd.Series("", index=cells.index, dtype="str")
    for column, allowed in (spec.expect or {}).items():
        words = {str(value) for value in allowed}
        shifted[~cells[column].map(lambda cell, words=words: _raw_text(cell) in words)] = "shifted"
    return _Rows(
        cells=cells,
        places=pd.DataFrame({"file": sheet.file, "sheet": sheet.name, "row": [n for n, _row in rows]}),
        letters={h: column_letter(i + 1) for h, i in at_column.items()},
        shifted=shifted,
        excel=sheet.excel,
        date_1904=sheet.date_1904,
    )


def _raw_text(cell: Any) -> str:
    """The text of a raw cell as a code in a mapping spells it; empty for no value."""
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time.min:
        return cell.date().isoformat()
    return " ".join(str(cell).split())


def _joined(left: _Rows, right: _Rows, spec: SourceSpec, mapping: Mapping) -> _Rows:
    """Left rows with the columns of the one matching right row."""
    keys = pd.MultiIndex.from_frame(pd.DataFrame({r: right.cells[r].map(_raw_text) for _l, r in spec.join_on}))
    if keys.duplicated().any():
        place = right.places[keys.duplicated()].iloc[0]
        raise WrongUse(
            _(
                "Mapping {mapping}: bron {source} heeft meer regels met dezelfde sleutel ({columns}), bijvoorbeeld "
                "{file} rij {row}. Koppel alleen aan een bron met één regel per sleutel.",
                mapping=mapping.name,
                source=spec.join_source,
                columns=", ".join(r for _l, r in spec.join_on),
                file=place["file"],
                row=place["row"],
            )
        )
    wanted = pd.MultiIndex.from_frame(pd.DataFrame({le: left.cells[le].map(_raw_text) for le, _r in spec.join_on}))
    position = keys.get_indexer(wanted.set_names(keys.names))
    added = {}
    for header in right.cells.columns:
        if header not in left.cells.columns:
            values = right.cells[header].to_numpy(dtype=object)
            picked = [values[p] if p >= 0 else None for p in position]
            added[header] = pd.Series(picked, index=left.cells.index, dtype=object)
    return _Rows(
        cells=left.cells.assign(**added),
        places=left.places,
        letters={**dict.fromkeys(added, ""), **left.letters},
        shifted=left.shifted,
        excel=left.excel,
        date_1904=left.date_1904,
    )


def _block_table(block: Block, contract: Contract, rows: _Rows, mapping: Mapping) -> Table:
    keep = pd.Series(True, index=rows.cells.index)
    for condition in block.where:
        text = rows.cells[condition["column"]].map(_raw_text)
        if "in" in condition:
            keep &= text.isin({str(value) for value in condition["in"]})
        if "not_in" in condition:
            keep &= ~text.isin({str(value) for value in condition["not_in"]})
        if "filled" in condition:
            keep &= text.map(lambda value: _filled(value, mapping)) == condition["filled"]
    cells, places, shifted = rows.cells[keep], rows.places[keep], rows.shifted[keep]
    raw = {name: _raw_column(entry, cells, places, mapping) for name, entry in block.columns.items()}
    for name in block.skip_if_empty:
        filled = raw[name].map(lambda cell: _filled(_raw_text(cell), mapping)).astype(bool)
        raw = {column: values[filled] for column, values in raw.items()}
        places, shifted = places[filled], shifted[filled]
    if block.one_row_per or block.table == "delivery":
        # identical rows are one; rows that differ stay, for the key rule to report
        texts = pd.DataFrame({n: v.map(_raw_text) for n, v in raw.items()})
        sound_first = texts.loc[(shifted != "").sort_values(kind="stable").index]
        first = ~sound_first.duplicated().reindex(texts.index)
        raw = {column: values[first] for column, values in raw.items()}
        places, shifted = places[first], shifted[first]
    raw = {column: values.reset_index(drop=True) for column, values in raw.items()}
    contexts = {
        name: Context(
            date_formats=entry.dates or (mapping.dates if entry.sources else ()),
            missing=mapping.missing,
            excel=rows.excel,
            date_1904=rows.date_1904,
        )
        for name, entry in block.columns.items()
    }
    headers = {
        name: (
            entry.sources[0] if entry.sources else "",
            rows.letters.get(entry.sources[0], "") if entry.sources else "",
        )
        for name, entry in block.columns.items()
    }
    has_expectation = bool(mapping.sources[block.source].expect)
    return _typed(
        contract,
        raw,
        contexts,
        places.reset_index(drop=True),
        headers,
        mapping.code_lists,
        shifted=shifted.reset_index(drop=True) if has_expectation else None,
    )


def _raw_column(entry: ColumnMap, cells: pd.DataFrame, places: pd.DataFrame, mapping: Mapping) -> pd.Series:
    if entry.constant is not None:
        return pd.Series([entry.constant] * len(cells), index=cells.index, dtype=object)
    if entry.from_file_name:
        return places["file"].map(lambda file: _from_name(entry.from_file_name, file, mapping)).astype(object)
    if entry.row_number:
        sheets = places.groupby(["file", "sheet"], sort=False).ngroup() + 1
        several = sheets.gt(1).any()
        return (sheets.map("{}-".format) if several else "") + places["row"].astype(str).astype(object)
    if len(entry.sources) == 1:
        values = cells[entry.sources[0]]
    elif entry.first_filled:
        values = cells[list(entry.sources)].apply(
            lambda row: next((cell for cell in row if _filled(_raw_text(cell), mapping)), None),
            axis=1,
            result_type="reduce",
        )
    else:
        texts = [cells[source].map(_raw_text) for source in entry.sources]
        values = pd.Series(
            [entry.join_with.join(parts) if all(parts) else None for parts in zip(*texts, strict=True)],
            index=cells.index,
            dtype=object,
        )
    if entry.extract:
        pattern = re.compile(entry.extract)
        values = _each(values, lambda cell: _extracted(cell, pattern))
    if entry.codes is None and entry.empty is None and entry.other is None:
        return values.astype(object)
    return _each(values, lambda cell: _recode(cell, entry, mapping))


def _each(values: pd.Series, change: Callable[[Any], Any]) -> pd.Series:
    """The changed values; each distinct one is worked out once."""
    keys = [(type(cell), cell) for cell in values]
    changed = {key: change(key[1]) for key in dict.fromkeys(keys)}
    return pd.Series([changed[key] for key in keys], index=values.index, dtype=object)


def _extracted(cell: Any, pattern: re.Pattern[str]) -> Any:
    """The group of the pattern; a value that does not fit is unreadable, an empty one stays empty."""
    text = _raw_text(cell)
    match = pattern.search(text)
    if not text:
        return None
    return (match.group(1) or None) if match else UNREADABLE


def _filled(text: str, mapping: Mapping) -> bool:
    return text != "" and text not in mapping.missing and text.lower() not in NOT_APPLICABLE


def _recode(cell: Any, entry: ColumnMap, mapping: Mapping) -> Any:
    text = _raw_text(cell)
    if entry.codes is not None and text in entry.codes:
        return entry.codes[text] if entry.codes[text] != "" else None
    if entry.codes is not None:
        folded = {key.casefold(): value for key, value in entry.codes.items()}
        if text.casefold() in folded:
            return folded[text.casefold()] if folded[text.casefold()] != "" else None
    if not _filled(text, mapping):
        return entry.empty
    return cell if entry.other is None else (entry.other or None)


def _from_name(pattern: str, file: str, mapping: Mapping) -> str:
    match = re.search(pattern, file)
    if not match:
        raise WrongUse(
            _(
                "Mapping {mapping}: bestandsnaam {file} past niet bij het patroon {pattern}.",
                mapping=mapping.name,
                file=file,
                pattern=pattern,
            )
        )
    return match.group(1)


def _stacked(parts: Sequence[Table]) -> Table:
    return Table(
        name=parts[0].name,
        frame=pd.concat([part.frame for part in parts], ignore_index=True),
        flags=pd.concat([part.flags for part in parts], ignore_index=True).fillna(""),
        places=pd.concat([part.places for part in parts], ignore_index=True),
        headers={column: place for part in reversed(parts) for column, place in part.headers.items()},
        conversions={c: merged([p.conversions.get(c, {}) for p in parts]) for p in parts for c in p.conversions},
        missing_columns=tuple(c for c in parts[0].missing_columns if all(c in p.missing_columns for p in parts)),
    )
