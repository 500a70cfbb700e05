"""The sources of a draft: which sheets and files belong together, and by what pattern they are found again."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from data_contracts.mapping.export_profile import Sheet, sheet_profile
from data_contracts.reading.files import RawSheet
from data_contracts.reading.tables import plain


@dataclass(frozen=True)
class DraftSource:
    """One source of the mapping: its name, how it is found, and what stands in it."""

    name: str
    spec: dict[str, object]
    profile: Sheet
    sheets: tuple[str, ...]
    files: tuple[str, ...]


def draft_sources(raw: Sequence[RawSheet]) -> list[DraftSource]:
    """Return the sources of an export; sheets with the same headers are one, below each other.

    A sheet without a row that is recognised as a header row is left out.
    """
    groups: dict[tuple[str, ...], list[tuple[RawSheet, Sheet]]] = {}
    for sheet in raw:
        found = sheet_profile(sheet)
        if found is not None and found.fields:
            groups.setdefault(tuple(plain(field.header) for field in found.fields), []).append((sheet, found))
    sources: list[DraftSource] = []
    for group in groups.values():
        first, profile = group[0]
        files = tuple(dict.fromkeys(sheet.file for sheet, _p in group))
        spec: dict[str, object] = {"file": _pattern(files)}
        names = tuple(dict.fromkeys(sheet.name for sheet, _p in group))
        if first.excel and (len(raw) > 1):
            spec["sheet"] = names[0] if len(names) == 1 else _pattern(names)
        if profile.header_row > 1 and len(group) == 1:
            spec["header_row"] = profile.header_row
        if len(group) > 1:
            editions = len(files) == len(group) and all(re.search(r"\d{4}-?\d{2}-?\d{2}", file) for file in files)
            spec["take"] = "last" if editions else "all"
            profile = (group[-1][1]) if editions else _together(group)
        named = names[0] if first.excel else re.sub(r"(?i)\.(csv|txt|tsv|gz)", "", files[0])
        sources.append(DraftSource(_name(named, sources), spec, profile, names, files))
    return sources


def _together(group: Sequence[tuple[RawSheet, Sheet]]) -> Sheet:
    """The profile of sheets below each other."""
    first, profile = group[0]
    rows = list(first.rows)
    for sheet, found in group[1:]:
        rows += sheet.rows[found.header_row :]
    together = sheet_profile(replace(first, rows=rows))
    return together or profile


def _pattern(names: Sequence[str]) -> str:
    """One pattern for names: digits become `*`; names that differ in more have only their beginning and end."""
    starred = {re.sub(r"\d[\d._-]*\d|\d", "*", name) for name in names}
    if len(starred) == 1:
        return starred.pop()
    ordered = sorted(names)
    low, high = ordered[0], ordered[-1]
    start = next((i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))
    return low[:start] + "*"


def _name(text: str, sources: Sequence[DraftSource]) -> str:
    words = re.findall(r"[a-z]+", plain(text).encode("ascii", "ignore").decode())
    name = "_".join(words)[:30].strip("_") or "bron"
    taken = {source.name for source in sources}
    return name if name not in taken else f"{name}_{len(taken) + 1}"
