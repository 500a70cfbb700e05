"""A delivery by a mapping: rows of sources become canonical tables."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from data_contracts.case_files import Source
from data_contracts.contract import TABLES, Contract, load_contracts
from data_contracts.language import _
from data_contracts.mapping.date_formats import fitting
from data_contracts.mapping.format import Block, Mapping
from data_contracts.mapping.mapped_columns import Made, is_filled, raw_column
from data_contracts.mapping.mapped_sources import Rows, joined, raw_text, source_rows
from data_contracts.reading.convert import Context, convert_column, merged
from data_contracts.reading.files import RawSheet
from data_contracts.reading.tables import Delivery, Table, Tolerance, typed


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
    notes: list[Tolerance] = []
    for table in TABLES:
        made = [
            _block_table(block, contracts[table], read[block.source], mapping)
            for block in mapping.blocks
            if block.table == table
        ]
        if made:
            parts = [part for part, _notes in made]
            notes += [note for _part, found in made for note in found]
            tables[table] = parts[0] if len(parts) == 1 else _stacked(parts)
    absent = {
        table: {"nl": "niet in de mapping", "en": "not in the mapping"} for table in TABLES if table not in tables
    }
    for table, found in tables.items():
        reason = {"nl": "niet in de mapping", "en": "not in the mapping"}
        absent |= {f"{table}.{column}": reason for column in found.missing_columns}
    known = {key: why for key, why in mapping.absent.items() if key in absent or key.partition(".")[0] in absent}
    return Delivery(
        name,
        tables,
        sources,
        absent | known,
        mapping.code_lists,
        mapping.title,
        mapping.agency,
        tolerances=tuple(dict.fromkeys(notes)),
    )


def _block_table(block: Block, contract: Contract, rows: Rows, mapping: Mapping) -> tuple[Table, list[Tolerance]]:
    keep = pd.Series(True, index=rows.cells.index)
    for condition in block.where:
        text = rows.cells[condition["column"]].map(raw_text)
        if "in" in condition:
            keep &= text.isin({str(value) for value in condition["in"]})
        if "not_in" in condition:
            keep &= ~text.isin({str(value) for value in condition["not_in"]})
        if "filled" in condition:
            keep &= text.map(lambda value: is_filled(value, mapping)) == condition["filled"]
    cells, places, shifted = rows.cells[keep], rows.places[keep], rows.shifted[keep]
    left_out = {"rows_by_where": len(rows.cells) - len(cells)}
    raw: dict[str, pd.Series] = {}
    made: dict[str, Made] = {}
    for name, entry in block.columns.items():
        raw[name], made[name] = raw_column(entry, cells, places, mapping, (*block.keys, "columns", name))
    stay = pd.Series(True, index=cells.index)
    for name in block.skip_if_empty:
        stay &= raw[name].map(lambda cell: is_filled(raw_text(cell), mapping)).astype(bool)
    left_out["rows_skipped_empty"] = int((~stay).sum())
    contexts = _contexts(block, rows, mapping)
    if block.one_row_per or block.table == "delivery":
        stay, folded = _one_row_per(block, contract, raw, contexts, shifted, stay)
        left_out |= folded
    raw = {column: values[stay].reset_index(drop=True) for column, values in raw.items()}
    headers = {
        name: (
            entry.sources[0] if entry.sources else "",
            rows.letters.get(entry.sources[0], "") if entry.sources else "",
        )
        for name, entry in block.columns.items()
    }
    has_expectation = bool(mapping.sources[block.source].expect)
    table = typed(
        contract,
        raw,
        contexts,
        places[stay].reset_index(drop=True),
        headers,
        mapping.code_lists,
        shifted=shifted[stay].reset_index(drop=True) if has_expectation else None,
    )
    notes = _unread_dates(block, contract, table, raw, mapping)
    for name, entry in block.columns.items():
        if unfit := int(made[name].get("mapped_extract_unfit", stay)[stay].sum()) if entry.extract else 0:
            notes.append(_note(block, name, "extract_unfit", f"{unfit} × {entry.extract}", mapping))
    kinds = {name: {kind: int(at[stay].sum()) for kind, at in found.items()} for name, found in made.items()}
    return _counted(table, block, kinds, left_out), notes


def _contexts(block: Block, rows: Rows, mapping: Mapping) -> dict[str, Context]:
    return {
        name: Context(
            date_formats=entry.dates or (mapping.dates if entry.sources else ()),
            missing=mapping.missing,
            excel=rows.excel,
            date_1904=rows.date_1904,
        )
        for name, entry in block.columns.items()
    }


def _one_row_per(
    block: Block,
    contract: Contract,
    raw: dict[str, pd.Series],
    contexts: dict[str, Context],
    shifted: pd.Series,
    stay: pd.Series,
) -> tuple[pd.Series, dict[str, int]]:
    """Which rows stay when equal rows are one and, with `keep`, one of the rows with the same key."""
    texts = pd.DataFrame({name: values.map(raw_text) for name, values in raw.items()})[stay]
    sound_first = texts.loc[(shifted[stay] != "").sort_values(kind="stable").index]
    single = ~sound_first.duplicated().reindex(texts.index)
    counts = {"rows_folded_equal": int((~single).sum())}
    kept = single.reindex(stay.index, fill_value=False)
    if not block.keep:  # rows that differ stay, for the key rule to report
        return kept, counts
    key = texts[list(block.one_row_per)][single]
    known = (key != "").all(axis=1)  # without its key a row is nobody's double
    order = pd.DataFrame({"shifted": shifted[key.index] != "", "at": range(len(key))}, index=key.index)
    direction = 1 if block.keep == "first" else -1
    order["by"] = 0
    order["empty"] = False
    if block.order_by:
        values = convert_column(
            raw[block.order_by][key.index], contract.column(block.order_by), None, contexts[block.order_by]
        ).values
        order["empty"] = values.isna().astype(bool)  # a row without the value never wins from one with it
        order["by"] = values.rank(method="dense").fillna(0).astype("int64")
    ranked = order.assign(by=order["by"] * direction, at=order["at"] * direction)
    best = ranked.sort_values(["shifted", "empty", "by", "at"]).index
    chosen = ~key.loc[best].duplicated()
    lost = key.index[~(chosen.reindex(key.index) | ~known)]
    kept[lost] = False
    return kept, {**counts, f"rows_kept_{block.keep}": len(lost)}


def _note(block: Block, column: str, kind: str, detail: str, mapping: Mapping) -> Tolerance:
    """What a steward may want to change in the mapping: at its line, about a header, never with a value."""
    line = mapping.line((*block.keys, "columns", column))
    header = ", ".join(block.columns[column].sources)
    return Tolerance(mapping.path.name, "", kind, f"{header} ({mapping.path.name}:{line}): {detail}")


def _unread_dates(
    block: Block, contract: Contract, table: Table, raw: dict[str, pd.Series], mapping: Mapping
) -> list[Tolerance]:
    """Which notation would fit the dates that could not be read.

    Where not one date of a column can be read, though a notation fits them all, it is the
    mapping that is wrong, not the export.
    """
    notes = []
    for name, entry in block.columns.items():
        if contract.column(name).logical_type != "date" or not entry.sources:
            continue
        unread = table.flags[f"{name}:form"] == "unreadable"
        texts = [cell for cell in raw[name][unread] if isinstance(cell, str)]
        forms = fitting(" ".join(text.split()) for text in texts)
        if len(texts) < int(unread.sum()) or not forms:
            continue
        if table.frame[name].isna().all():
            declared = entry.dates or mapping.dates
            raise mapping.fault(
                (*block.keys, "columns", name),
                _(
                    "geen van de {n} datums in kolom {column} is te lezen{declared}. Bij alle cellen past {forms}. "
                    "Zet de notatie die uw systeem gebruikt bij dates",
                    n=len(texts),
                    column=", ".join(entry.sources),
                    declared=_(" als {formats}", formats=", ".join(declared)) if declared else "",
                    forms=_(" of ").join(forms),
                ),
            )
        notes.append(_note(block, name, "unread_dates", f"{len(texts)} × {_(' of ').join(forms)}", mapping))
    return notes


def _counted(table: Table, block: Block, made: dict[str, dict[str, int]], left_out: dict[str, int]) -> Table:
    """The table with what the mapping did added to the counts of conversions; rows count at the key column."""
    conversions = {name: dict(kinds) for name, kinds in table.conversions.items()}
    key = next((name for name in (*block.one_row_per, "case_id") if name in block.columns), next(iter(block.columns)))
    for name, kinds in [*made.items(), (key, left_out if block.table != "delivery" else {})]:
        more = merged([conversions.get(name, {}), {kind: count for kind, count in kinds.items() if count}])
        if more:
            conversions[name] = more
    return replace(table, conversions=conversions)


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
