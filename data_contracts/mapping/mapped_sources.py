"""Rows of the sources that a mapping names: which files, which sheet, which header row, joined."""

import re
from dataclasses import dataclass
from datetime import datetime, time
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd

from data_contracts.errors import UnreadableInput, WrongUse
from data_contracts.language import _
from data_contracts.mapping.format import Mapping, SourceSpec, matches
from data_contracts.reading.files import RawSheet, column_letter
from data_contracts.reading.tables import HEADER_SEARCH_ROWS, plain, refuse_twice


@dataclass(frozen=True)
class Rows:
    """Rows of one source: raw cells by header, places, and which rows have shifted."""

    cells: pd.DataFrame
    places: pd.DataFrame
    letters: dict[str, str]
    shifted: pd.Series
    excel: bool
    date_1904: bool


def taken(files: list[Path], mapping: Mapping) -> list[Path]:
    """The files that the mapping names; of several editions, the last by name."""
    if not any(spec.file for spec in mapping.sources.values()) or (len(files) == 1 and len(mapping.sources) == 1):
        return files
    taken: list[Path] = []
    for spec in mapping.sources.values():
        fitting = [file for file in files if matches(spec.file or "*", file.name)]
        if not fitting:
            raise UnreadableInput(
                _(
                    "Geen bestand past bij {pattern} (mapping {mapping}, regel {line}, bron {source}). "
                    "Bestanden: {found}.",
                    pattern=spec.file,
                    mapping=mapping.path.name,
                    line=mapping.line(["sources", spec.name, "file"]),
                    source=spec.name,
                    found=", ".join(file.name for file in files[:15]),
                )
            )
        if len(fitting) > 1 and not spec.take:
            raise mapping.fault(
                ["sources", spec.name],
                _(
                    "bij {pattern} passen {n} bestanden; geef er een op, of zet hier take: last (het nieuwste) of "
                    "take: all (allemaal, onder elkaar)",
                    pattern=spec.file,
                    n=len(fitting),
                ),
            )
        taken += fitting if spec.take == "all" else fitting[-1:]
    return list(dict.fromkeys(taken))


def source_rows(spec: SourceSpec, sheets: list[RawSheet], mapping: Mapping, *, alone: bool) -> Rows:
    """Return the rows of one source; `alone`: the mapping has no other source, so any file will do."""
    fitting = [sheet for sheet in sheets if not spec.file or alone or matches(spec.file, sheet.file)]
    if spec.sheet:  # a csv file may stand for the sheet, under whatever name, if it is the only one
        named = [sheet for sheet in fitting if matches(plain(spec.sheet), plain(sheet.name))]
        fitting = named or [sheet for sheet in fitting if not sheet.excel]
    if spec.sheet and not fitting:
        raise UnreadableInput(
            _(
                "Blad {sheet} (mapping {mapping}, regel {line}, bron {source}) niet gevonden. Bladen: {found}.",
                sheet=spec.sheet,
                mapping=mapping.path.name,
                line=mapping.line(["sources", spec.name, "sheet"]),
                source=spec.name,
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
        raise mapping.fault(
            ["sources", spec.name],
            _(
                "deze bron kan elk van deze bladen zijn: {found}; zet er file of sheet bij, of take: all om ze onder "
                "elkaar te lezen",
                found=", ".join(f"{sheet.file} › {sheet.name}" for sheet in fitting[:15]),
            ),
        )
    needed = mapping.source_columns(spec.name)
    parts = [_sheet_rows(spec, sheet, needed, mapping) for sheet in fitting]
    if len(parts) == 1:
        return parts[0]
    return Rows(
        cells=pd.concat([part.cells for part in parts], ignore_index=True),
        places=pd.concat([part.places for part in parts], ignore_index=True),
        letters=parts[0].letters,
        shifted=pd.concat([part.shifted for part in parts], ignore_index=True),
        excel=parts[0].excel,
        date_1904=parts[0].date_1904,
    )


def _sheet_rows(spec: SourceSpec, sheet: RawSheet, needed: set[str], mapping: Mapping) -> Rows:
    wanted = {plain(header): header for header in needed}
    if spec.header_row:
        at = spec.header_row - 1
    else:
        hits = [
            len({plain(cell) for cell in row if cell is not None} & set(wanted))
            for row in sheet.rows[:HEADER_SEARCH_ROWS]
        ]
        at = hits.index(max(hits)) if hits else 0
    header = sheet.rows[at] if at < len(sheet.rows) else []
    found = [plain(cell) for cell in header if cell is not None]
    lacking = sorted(wanted[key] for key in set(wanted) - set(found))
    if lacking:
        raise _no_column(sheet, at, lacking[0], mapping, known=bool(set(found) & set(wanted)))
    refuse_twice(sheet, [key for key in found if key in wanted])
    rows = [(n + 1, row) for n, row in enumerate(sheet.rows) if n > at and any(cell is not None for cell in row)]
    at_column = {wanted[plain(cell)]: i for i, cell in enumerate(header) if cell is not None and plain(cell) in wanted}
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
        shifted[~cells[column].map(lambda cell, words=words: raw_text(cell) in words)] = "shifted"
    return Rows(
        cells=cells,
        places=pd.DataFrame({"file": sheet.file, "sheet": sheet.name, "row": [n for n, _row in rows]}),
        letters={h: column_letter(i + 1) for h, i in at_column.items()},
        shifted=shifted,
        excel=sheet.excel,
        date_1904=sheet.date_1904,
    )


def _no_column(sheet: RawSheet, at: int, header: str, mapping: Mapping, *, known: bool) -> WrongUse:
    """The fault of a header that is not there: where the mapping names it, and which header comes nearest."""
    headers = (
        [" ".join(str(cell).split()) for cell in sheet.rows[at] if cell is not None] if at < len(sheet.rows) else []
    )
    near = get_close_matches(plain(header), [plain(name) for name in headers], n=1) if known else []
    meant = next((name for name in headers if near and plain(name) == near[0]), "")
    cut = next((name for name in headers if known and re.match(rf"{re.escape(plain(header))}_?[#:]", plain(name))), "")
    advice = ""
    if cut:
        advice = _(
            "Bedoelt u {near}? Zet een kop met # of : tussen aanhalingstekens, anders leest YAML maar een deel: "
            "{quoted}.",
            near=cut,
            quoted=f'"{cut}"',
        )
    elif meant:
        advice = _("Bedoelt u {near}?", near=meant)
    return mapping.fault(
        mapping.keys_of_header(header),
        _(
            "{file}, blad {sheet}: kolom {lacking} staat niet in rij {row}. {advice} Kolommen daar: {found}",
            file=sheet.file,
            sheet=sheet.name,
            lacking=header,
            row=at + 1,
            advice=advice,
            # without one known header this may be a row of data: name nothing
            found=", ".join(headers[:40]) if known else _("geen enkele die de mapping noemt; klopt header_row?"),
        ),
    )


def raw_text(cell: Any) -> str:
    """The text of a raw cell as a code in a mapping spells it; empty for no value."""
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time.min:
        return cell.date().isoformat()
    return " ".join(str(cell).split())


def joined(left: Rows, right: Rows, spec: SourceSpec, mapping: Mapping) -> Rows:
    """Left rows with the columns of the one matching right row."""
    keys = pd.MultiIndex.from_frame(pd.DataFrame({r: right.cells[r].map(raw_text) for _l, r in spec.join_on}))
    if keys.duplicated().any():
        place = right.places[keys.duplicated()].iloc[0]
        raise mapping.fault(
            ["sources", spec.name, "join"],
            _(
                "bron {source} heeft meer regels met dezelfde sleutel ({columns}), bijvoorbeeld {file} rij {row}; "
                "koppel alleen aan een bron met één regel per sleutel",
                source=spec.join_source,
                columns=", ".join(r for _l, r in spec.join_on),
                file=place["file"],
                row=place["row"],
            ),
        )
    wanted = pd.MultiIndex.from_frame(pd.DataFrame({le: left.cells[le].map(raw_text) for le, _r in spec.join_on}))
    position = keys.get_indexer(wanted.set_names(keys.names))
    added = {}
    for header in right.cells.columns:
        if header not in left.cells.columns:
            values = right.cells[header].to_numpy(dtype=object)
            picked = [values[p] if p >= 0 else None for p in position]
            added[header] = pd.Series(picked, index=left.cells.index, dtype=object)
    return Rows(
        cells=left.cells.assign(**added),
        places=left.places,
        letters={**dict.fromkeys(added, ""), **left.letters},
        shifted=left.shifted,
        excel=left.excel,
        date_1904=left.date_1904,
    )
