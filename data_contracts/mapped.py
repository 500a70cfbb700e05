"""A delivery by a mapping: rows of sources become canonical tables."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from data_contracts.case_files import Source
from data_contracts.contract import TABLES, Contract, load_contracts
from data_contracts.convert import NOT_APPLICABLE, Context, merged
from data_contracts.errors import WrongUse
from data_contracts.language import _
from data_contracts.mapped_sources import Rows, joined, raw_text, source_rows
from data_contracts.mapping import Block, ColumnMap, Mapping
from data_contracts.reading import UNREADABLE, RawSheet
from data_contracts.tables import Delivery, Table, typed


def read_mapped(name: str, sheets: list[RawSheet], sources: tuple[Source, ...], mapping: Mapping) -> Delivery:
    """Return the delivery that a mapping makes of sheets, with what it cannot give and why."""
    contracts = load_contracts()
    read: dict[str, Rows] = {}
    for spec in sorted(mapping.sources.values(), key=lambda spec: bool(spec.join_source)):
        read[spec.name] = source_rows(spec, sheets, mapping, alone=len(mapping.sources) == 1)
    for spec in mapping.sources.values():
        if spec.join_source:
            read[spec.name] = joined(read[spec.name], read[spec.join_source], spec, mapping)
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


def _block_table(block: Block, contract: Contract, rows: Rows, mapping: Mapping) -> Table:
    keep = pd.Series(True, index=rows.cells.index)
    for condition in block.where:
        text = rows.cells[condition["column"]].map(raw_text)
        if "in" in condition:
            keep &= text.isin({str(value) for value in condition["in"]})
        if "not_in" in condition:
            keep &= ~text.isin({str(value) for value in condition["not_in"]})
        if "filled" in condition:
            keep &= text.map(lambda value: _filled(value, mapping)) == condition["filled"]
    cells, places, shifted = rows.cells[keep], rows.places[keep], rows.shifted[keep]
    raw = {name: _raw_column(entry, cells, places, mapping) for name, entry in block.columns.items()}
    for name in block.skip_if_empty:
        filled = raw[name].map(lambda cell: _filled(raw_text(cell), mapping)).astype(bool)
        raw = {column: values[filled] for column, values in raw.items()}
        places, shifted = places[filled], shifted[filled]
    if block.one_row_per or block.table == "delivery":
        # identical rows are one; rows that differ stay, for the key rule to report
        texts = pd.DataFrame({n: v.map(raw_text) for n, v in raw.items()})
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
    return typed(
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
            lambda row: next((cell for cell in row if _filled(raw_text(cell), mapping)), None),
            axis=1,
            result_type="reduce",
        )
    else:
        texts = [cells[source].map(raw_text) for source in entry.sources]
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
    text = raw_text(cell)
    match = pattern.search(text)
    if not text:
        return None
    return (match.group(1) or None) if match else UNREADABLE


def _filled(text: str, mapping: Mapping) -> bool:
    return text != "" and text not in mapping.missing and text.lower() not in NOT_APPLICABLE


def _recode(cell: Any, entry: ColumnMap, mapping: Mapping) -> Any:
    text = raw_text(cell)
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
