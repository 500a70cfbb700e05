"""One canonical column out of the cells of a source, as the mapping says, and a count of what was done."""

import re
from collections.abc import Callable
from typing import Any

import pandas as pd

from data_contracts.language import _
from data_contracts.mapping.format import ColumnMap, Mapping
from data_contracts.mapping.mapped_sources import raw_text
from data_contracts.reading.convert import NOT_APPLICABLE
from data_contracts.reading.files import UNREADABLE

Made = dict[str, pd.Series]  # kind of conversion -> which rows


def raw_column(
    entry: ColumnMap, cells: pd.DataFrame, places: pd.DataFrame, mapping: Mapping, keys: tuple[str | int, ...]
) -> tuple[pd.Series, Made]:
    """Return the values of a column before their type is read, and which rows were converted and how.

    Parameters
    ----------
    entry : ColumnMap
        What the mapping says.
    cells, places : DataFrame
        Rows of the source, with the same index.
    mapping : Mapping
        For its words for missing.
    keys : tuple
        Where the entry stands in the mapping file.
    """
    every = pd.Series(True, index=cells.index)
    if entry.constant is not None:
        return pd.Series([entry.constant] * len(cells), index=cells.index, dtype=object), {"mapped_constant": every}
    if entry.from_file_name:
        pattern = re.compile(entry.from_file_name)
        for file in places["file"].unique():
            if not pattern.search(file):
                raise mapping.fault(
                    keys,
                    _("bestandsnaam {file} past niet bij het patroon {pattern}", file=file, pattern=pattern.pattern),
                )
        values = places["file"].map(lambda file: pattern.search(file).group(1)).astype(object)  # type: ignore[union-attr]
        return values, {"mapped_file_name": every}
    if entry.row_number:
        sheets = places.groupby(["file", "sheet"], sort=False).ngroup() + 1
        several = sheets.gt(1).any()
        numbers = (sheets.map("{}-".format) if several else "") + places["row"].astype(str).astype(object)
        return numbers, {"mapped_row_number": every}
    values, made = _from_sources(entry, cells, mapping)
    if entry.extract:
        values, found = _extracted(values, entry, mapping, keys)
        made |= found
    if entry.codes is not None or entry.empty is not None or entry.other is not None:
        values, kinds = _each_with_kind(values, lambda cell: _recode(cell, entry, mapping))
        made |= {kind: kinds == kind for kind in kinds.unique() if kind}
    return values.astype(object), made


def _from_sources(entry: ColumnMap, cells: pd.DataFrame, mapping: Mapping) -> tuple[pd.Series, Made]:
    if len(entry.sources) == 1:
        return cells[entry.sources[0]], {}
    if entry.first_filled:
        found = pd.Series([None] * len(cells), index=cells.index, dtype=object)
        later = pd.Series(False, index=cells.index)
        for number, source in enumerate(entry.sources):
            filled = cells[source].map(lambda cell: is_filled(raw_text(cell), mapping)).astype(bool)
            take = found.isna() & filled
            found[take] = cells.loc[take, source]
            later |= take if number else False
        return found, {"mapped_first_filled": later}
    texts = [cells[source].map(raw_text) for source in entry.sources]
    joined = [entry.join_with.join(parts) if all(parts) else None for parts in zip(*texts, strict=True)]
    values = pd.Series(joined, index=cells.index, dtype=object)
    return values, {"mapped_columns": values.notna()}


def _extracted(
    values: pd.Series, entry: ColumnMap, mapping: Mapping, keys: tuple[str | int, ...]
) -> tuple[pd.Series, Made]:
    """The group of the pattern; a value that does not fit is unreadable, an empty one stays empty."""
    pattern = re.compile(entry.extract)

    def part(cell: Any) -> Any:
        text = raw_text(cell)
        match = pattern.search(text)
        if not text:
            return None
        return (match.group(1) or None) if match else UNREADABLE

    taken = _each(values, part)
    unfit = taken.map(lambda cell: cell is UNREADABLE).astype(bool)
    words_for_empty = values.map(lambda cell: not is_filled(raw_text(cell), mapping)).astype(bool)
    asked = ~words_for_empty
    if asked.any() and unfit[asked].all() and entry.other is None:
        raise mapping.fault(
            (*keys, "extract"),
            _(
                "geen van de {n} gevulde cellen van kolom {column} past bij het patroon {pattern}; vergelijk het "
                "met de cellen in de export",
                n=int(asked.sum()),
                column=", ".join(entry.sources),
                pattern=entry.extract,
            ),
        )
    changed = taken.notna() & ~unfit & (taken.map(raw_text) != values.map(raw_text))
    return taken, {"mapped_extract": changed, "mapped_extract_unfit": unfit & asked}


def is_filled(text: str, mapping: Mapping) -> bool:
    """Tell whether a text is a value: not empty, no word for missing, not n/a."""
    return text != "" and text not in mapping.missing and text.lower() not in NOT_APPLICABLE


def _recode(cell: Any, entry: ColumnMap, mapping: Mapping) -> tuple[Any, str]:
    text = raw_text(cell)
    if entry.codes is not None:
        folded = {key.casefold(): value for key, value in entry.codes.items()}
        for known, word in ((entry.codes, text), (folded, text.casefold())):
            if word in known:
                code = known[word]
                return (None, "mapped_code_to_empty") if code == "" else (code, "mapped_code" if code != text else "")
    if not is_filled(text, mapping):
        return entry.empty, "mapped_empty" if entry.empty else ""
    if entry.other is None:
        return cell, ""
    return entry.other or None, "mapped_other"


def _each(values: pd.Series, change: Callable[[Any], Any]) -> pd.Series:
    """The changed values; each distinct one is worked out once."""
    keys = [(type(cell), cell) for cell in values]
    changed = {key: change(key[1]) for key in dict.fromkeys(keys)}
    return pd.Series([changed[key] for key in keys], index=values.index, dtype=object)


def _each_with_kind(values: pd.Series, change: Callable[[Any], tuple[Any, str]]) -> tuple[pd.Series, pd.Series]:
    pairs = _each(values, change)
    return (
        pd.Series([value for value, _kind in pairs], index=values.index, dtype=object),
        pd.Series([kind for _value, kind in pairs], index=values.index, dtype=object),
    )
