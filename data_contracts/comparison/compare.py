"""An earlier delivery against a later one: what changed, and what of that needs an explanation.

Rows are known again by the primary key of their table (`comparison_rows`). What became of
the cases is in `comparison_cases`, whether codes and numbers moved in
`comparison_movement`, and the sentences in `comparison_findings`. Nothing here holds a
value of a personal column: only places, counts, codes and years.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from data_contracts.comparison.cases import CaseChanges, case_changes, comparable, outcome_changes
from data_contracts.comparison.findings import VANISHED_CASES, VANISHED_SHARE, Finding, findings
from data_contracts.comparison.movement import (
    DISTANCE,
    HALVED_FROM,
    MEDIAN_FROM,
    P_VALUE,
    ROWS,
    movement,
    recoded,
    row_numbers,
)
from data_contracts.comparison.rows import Match, Side, differences, key_of, match, side
from data_contracts.contract import TABLES, Contract, load_contracts
from data_contracts.language import _
from data_contracts.reading.tables import Delivery
from data_contracts.reporting.findings import severity_words
from data_contracts.writing import write_csv

CHANGES = "changes.csv"
KNOWN_FROM = 5  # keys on both sides from which "none recurs" says something
RENEWED_BELOW = 0.01  # share of keys that recur
ROW_COLUMNS = [
    "table", "sheet", "change", "columns", "codes", "earlier_file", "earlier_sheet", "earlier_row", "later_file",
    "later_sheet", "later_row",
]  # fmt: skip


@dataclass(frozen=True)
class Changes:
    """Everything that differs between an earlier and a later delivery.

    Parameters
    ----------
    earlier, later : tuple of str
        Names of the deliveries.
    same_files : int
        How many deliveries are on both sides, cases and record the same byte for byte.
    records : DataFrame
        One row a unit: `unit` and, with `earlier_` and `later_` in front, extraction moment,
        period, cohort basis, contract version, counting unit. Missing: did not deliver.
    tables : DataFrame
        One row a table on either side: `table, sheet, earlier, later` (rows), `unchanged,
        changed, added, removed, lost` (of the removed: rows of a case that is still there),
        `unclear_earlier, unclear_later` (key missing or twice) and `status` (`compared`,
        `came`, `went`, or `renewed`: no number recurs, so rows cannot be compared).
    columns : DataFrame
        One row a column of a compared table: `status` (`compared`, `came`, `went`, `key`),
        `matched` rows and of those `changed`, `filled`, `emptied`.
    recoded : DataFrame
        `table, sheet, column, header, was, now, rows, compared` of non-personal code columns.
    rows : DataFrame
        One row an added, removed or changed row: places on both sides, no values but codes.
    codes, values, moves, numbers : DataFrame
        As `comparison_movement` gives them.
    cases : CaseChanges
    pseudonyms_renewed, cases_renewed, respelled : bool
        No pseudonym recurs although the cases do; hardly a case number recurs; and
        they do when capitals, punctuation and leading zeros are left out.
    findings : tuple of Finding
        Worst first.
    """

    earlier: tuple[str, ...]
    later: tuple[str, ...]
    same_files: int
    records: pd.DataFrame
    tables: pd.DataFrame
    columns: pd.DataFrame
    recoded: pd.DataFrame
    rows: pd.DataFrame
    codes: pd.DataFrame
    values: pd.DataFrame
    moves: pd.DataFrame
    numbers: pd.DataFrame
    cases: CaseChanges
    pseudonyms_renewed: bool
    cases_renewed: bool
    respelled: bool
    findings: tuple[Finding, ...] = ()

    @property
    def columns_that_changed(self) -> list[dict[str, Any]]:
        """The rows of `columns` in which a cell differs."""
        return self.columns[self.columns[["changed", "filled", "emptied"]].any(axis=1)].to_dict("records")

    @property
    def code_columns_that_moved(self) -> list[dict[str, Any]]:
        """Code columns with a code that came or went, was put otherwise or moved: `codes` and how many are filled."""
        told = {"code_gone", "code_came", "recoded", "codes_moved"}
        which = {(f.table, f.words["header"]) for f in self.findings if f.id in told}
        groups = self.codes.groupby(["table", "sheet", "header"], sort=False)
        return [
            {"sheet": sheet, "header": header, "codes": codes.to_dict("records")}
            | codes[["earlier", "later", "reference", "new"]].sum().to_dict()
            for (table, sheet, header), codes in groups
            if (table, header) in which
        ]

    @property
    def thresholds(self) -> dict[str, int]:
        """From where something is told, as the report prints it."""
        return {
            "points": round(100 * DISTANCE), "rows": ROWS, "per_thousand": round(1000 * P_VALUE),
            "median_from": MEDIAN_FROM, "halved_from": HALVED_FROM,
            "vanished_cases": VANISHED_CASES, "vanished_share": round(100 * VANISHED_SHARE),
        }  # fmt: skip


@dataclass(frozen=True)
class _Compared:
    """One table that both sides have: how its rows match, and in what they differ."""

    name: str
    contract: Contract
    before: pd.DataFrame
    after: pd.DataFrame
    match: Match
    differ: dict[str, dict[str, np.ndarray]]
    key: tuple[str, ...]
    renewed: bool


def compare(earlier: Sequence[Delivery], later: Sequence[Delivery]) -> Changes:
    """Compare a later delivery with an earlier one.

    Parameters
    ----------
    earlier, later : sequence of Delivery
        One or more units' deliveries, read by the same mapping. They need not be accepted.

    Returns
    -------
    Changes
    """
    contracts = load_contracts()
    one, two = side(earlier), side(later)
    old_ids, new_ids = (s.frames["cases"]["case_id"].dropna().drop_duplicates() for s in (one, two))
    cases_renewed = _renewed(old_ids, new_ids)
    pseudonyms = not cases_renewed and _pseudonyms_renewed(one, two)
    compared = {
        name: _compared(contracts[name], one, two, without={"subject_id"} if pseudonyms else set())
        for name in TABLES if name != "delivery" and name in one.frames and name in two.frames
    }  # fmt: skip
    cases = case_changes(one, two, compared["cases"].match, compared["cases"].differ)
    if "allegations" in compared:
        acts = compared["allegations"]
        matched = acts.before.iloc[acts.match.earlier], acts.after.iloc[acts.match.later]
        cases.counts.update(outcome_changes(*matched, acts.differ))
    alike = comparable(one, two)
    codes, values, moves = movement(*alike, contracts, later[0].code_lists)
    changes = Changes(
        earlier=one.names,
        later=two.names,
        same_files=len(one.files & two.files),
        records=one.records.add_prefix("earlier_").join(two.records.add_prefix("later_"), how="outer")
        .rename_axis("unit").reset_index(),
        tables=_tables(one, two, compared, contracts, set(new_ids)),
        columns=_columns(one, two, compared),
        recoded=_recoded(compared),
        rows=_rows(one, two, compared),
        codes=codes, values=values, moves=moves,
        numbers=row_numbers(*alike, contracts),
        cases=cases,
        pseudonyms_renewed=pseudonyms,
        cases_renewed=cases_renewed,
        respelled=cases_renewed and not _renewed(_plain_ids(old_ids), _plain_ids(new_ids)),
    )  # fmt: skip
    return replace(changes, findings=findings(changes))


def _renewed(old: pd.Series, new: pd.Series) -> bool:
    """Tell whether hardly a key recurs, while there are enough to expect so."""
    return min(len(old), len(new)) >= KNOWN_FROM and old.isin(new).sum() < max(1, RENEWED_BELOW * len(old))


def _plain_ids(ids: pd.Series) -> pd.Series:
    """Case numbers without what a spreadsheet or another export may do to their spelling."""
    bare = ids.str.casefold().str.replace(r"[^0-9a-z]", "", regex=True)
    return bare.str.replace(r"(?<![0-9])0+(?=[0-9])", "", regex=True).drop_duplicates()


def _pseudonyms_renewed(one: Side, two: Side) -> bool:
    if "subjects" not in one.frames or "subjects" not in two.frames:
        return False
    old, new = one.frames["subjects"], two.frames["subjects"]
    both = set(old["case_id"].dropna()) & set(new["case_id"].dropna())
    old, new = (s.loc[s["case_id"].isin(both), "subject_id"].dropna().drop_duplicates() for s in (old, new))
    return _renewed(old, new)


def _compared(contract: Contract, one: Side, two: Side, *, without: set[str]) -> _Compared:
    name = contract.name
    before, after = one.frames[name], two.frames[name]
    key = tuple(column for column in key_of(contract) if column not in without)
    delivered = one.delivered[name] & two.delivered[name]
    columns = [c.name for c in contract.columns if c.name in delivered and c.name not in key and c.name not in without]
    repeats = not contract.primary_key or len(key) < len(contract.primary_key)
    found = match(before, after, key, columns, repeats=repeats)
    renewed = len(key) == 1 and _renewed(before[key[0]].dropna(), after[key[0]].dropna())
    return _Compared(name, contract, before, after, found, differences(before, after, found, columns), key, renewed)


def _changed(table: _Compared) -> np.ndarray:
    """Which matched rows differ in some column."""
    kinds = [kind for of_column in table.differ.values() for kind in of_column.values()]
    return np.logical_or.reduce(kinds) if kinds else np.zeros(len(table.match.earlier), bool)


def _tables(
    one: Side, two: Side, compared: Mapping[str, _Compared], contracts: Mapping[str, Contract], still: set[str]
) -> pd.DataFrame:
    rows = []
    for name in TABLES:
        sizes = [len(s.frames[name]) if name in s.frames else 0 for s in (one, two)]
        if name == "delivery" or not (name in one.frames or name in two.frames):
            continue
        at = [name, contracts[name].sheet, *sizes]
        if name not in compared:
            rows.append([*at, 0, 0, 0, 0, 0, 0, 0, "came" if name in two.frames else "went"])
            continue
        table = compared[name]
        found, changed = table.match, int(_changed(table).sum())
        gone = table.before.iloc[found.removed]
        lost = int(gone["case_id"].isin(still).sum()) if "case_id" in gone and name not in ("cases", "signals") else 0
        counts = [len(found.earlier) - changed, changed, len(found.added), len(found.removed), lost,
                  len(found.unclear_earlier), len(found.unclear_later)]  # fmt: skip
        rows.append([*at, *counts, "renewed" if table.renewed else "compared"])
    return pd.DataFrame(rows, columns=[
        "table", "sheet", "earlier", "later", "unchanged", "changed", "added", "removed", "lost", "unclear_earlier",
        "unclear_later", "status",
    ])  # fmt: skip


def _columns(one: Side, two: Side, compared: Mapping[str, _Compared]) -> pd.DataFrame:
    rows = []
    for name, table in compared.items():
        for column in table.contract.columns:
            had, has = (column.name in s.delivered[name] for s in (one, two))
            if not (had or has):
                continue
            kinds = table.differ.get(column.name)
            status = "compared" if kinds is not None else "key" if had and has else "came" if has else "went"
            counts = [int(kinds[kind].sum()) for kind in ("changed", "filled", "emptied")] if kinds else [0, 0, 0]
            at = [name, table.contract.sheet, column.name, column.header]
            rows.append([*at, status, len(table.match.earlier), *counts])
    return pd.DataFrame(rows, columns=["table", "sheet", "column", "header", "status", "matched", "changed", "filled",
                                       "emptied"])  # fmt: skip


def _code_columns(table: _Compared) -> list[str]:
    return [c.name for c in table.contract.columns
            if c.name in table.differ and not c.personal and (c.code_list or c.logical_type == "boolean")]  # fmt: skip


def _recoded(compared: Mapping[str, _Compared]) -> pd.DataFrame:
    parts = []
    for name, table in compared.items():
        old, new = table.before.iloc[table.match.earlier], table.after.iloc[table.match.later]
        changed = {column: table.differ[column]["changed"] for column in _code_columns(table)}
        pairs = recoded(old, new, changed)
        headers = {column.name: column.header for column in table.contract.columns}
        parts.append(pairs.assign(table=name, sheet=table.contract.sheet, header=pairs["column"].map(headers)))
    columns = ["table", "sheet", "column", "header", "was", "now", "rows", "compared"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _rows(one: Side, two: Side, compared: Mapping[str, _Compared]) -> pd.DataFrame:
    """Every added, removed and changed row with its places; a table with renewed numbers has none."""
    parts = []
    for name, table in compared.items():
        if table.renewed:
            continue
        changed = np.flatnonzero(_changed(table))
        found = table.match
        sides = [("added", None, found.added), ("removed", found.removed, None),
                 ("changed", found.earlier[changed], found.later[changed])]  # fmt: skip
        for kind, left, right in sides:
            size = len(left if left is not None else right if right is not None else ())
            part: dict[str, Any] = {"table": [name] * size, "sheet": table.contract.sheet, "change": kind}
            part |= {"columns": "", "codes": ""}
            for which, at, places in (("earlier", left, one.places[name]), ("later", right, two.places[name])):
                for of in ("file", "sheet", "row"):
                    part[f"{which}_{of}"] = places[of].to_numpy()[at] if at is not None else None
            rows = pd.DataFrame(part, columns=ROW_COLUMNS, index=range(size))
            if kind == "changed" and size:
                rows["columns"], rows["codes"] = _differing(table, changed)
            parts.append(rows.astype({"earlier_row": "Int64", "later_row": "Int64"}))
    return pd.concat([p for p in parts if len(p)] or parts[:1], ignore_index=True)


def _differing(table: _Compared, changed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Headers of the columns that differ, and for code columns from which code to which."""
    headers = {column.name: column.header for column in table.contract.columns}
    differs = np.column_stack([np.logical_or.reduce(list(kinds.values()))[changed] for kinds in table.differ.values()])
    names = np.array([headers[column] for column in table.differ], dtype=object)
    patterns, which = np.unique(differs, axis=0, return_inverse=True)
    said = np.array([", ".join(names[pattern]) for pattern in patterns], dtype=object)[which.ravel()]
    codes = np.full(len(changed), "", dtype=object)
    old, new = table.before.iloc[table.match.earlier[changed]], table.after.iloc[table.match.later[changed]]
    for column in _code_columns(table):
        at = differs[:, list(table.differ).index(column)]
        if at.any():
            pair = [part[column].astype("str").fillna(_("leeg")).to_numpy(dtype=object)[at] for part in (old, new)]
            joined = f"{headers[column]}: " + pair[0] + " > " + pair[1]
            codes[at] = np.where(codes[at] == "", joined, codes[at] + "; " + joined)
    return said, codes


def said(changes: Changes) -> list[str]:
    """Return what to say on a screen: what needs an explanation worst first, then what was to be expected."""
    words = severity_words()
    explain = [f for f in changes.findings if not f.expected]
    lines = [_("Vergeleken met de eerdere levering ({names}):", names=", ".join(changes.earlier[:3]))]
    lines += [f"{words[finding.severity]}: {finding.text}" for finding in explain]
    if not explain:
        lines.append(_("Niets dat uitleg vraagt."))
    expected = [finding.text for finding in changes.findings if finding.expected]
    return lines + ([_("Te verwachten:") + " " + " ".join(expected)] if expected else [])


def write_changes(changes: Changes, folder: Path) -> None:
    """Write `changes.csv` into a folder, as `report.write_report` writes `breaches.csv`.

    One row an added, removed or changed row: its place in the earlier and in the later
    file, which columns differ, and for code columns that are not personal from which code
    to which. No other value of a cell.
    """
    write_csv(changes.rows, folder / CHANGES, delimiter=";", encoding="utf-8-sig")
