"""Deliveries against the contracts: what is wrong, where, how bad, and what is left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from data_contracts.case_files import CaseFiles, Source
from data_contracts.contract import REQUIRED_TABLES, TABLES, Contract, Rule, load_contracts
from data_contracts.privacy import personal
from data_contracts.tables import Delivery, Table
from data_contracts.widening import DELIVERY, is_outside, widen

SHIFTED = Rule(
    id="shifted", table="", column="",
    title={"nl": "Kolommen van de regel zijn niet verschoven", "en": "Columns of the row have not shifted"},
    remedy={"nl": "Hier staan waarden in de verkeerde kolom. Herstel de regel in de bron en exporteer opnieuw.",
            "en": "In this row values stand in the wrong column. Correct the row at the source and export again."},
    dimension="accuracy", severity="error", scope="row",
    expectation="expect_column_values_to_not_be_in_set", kwargs={"column": "row:shifted", "value_set": ["shifted"]},
)  # fmt: skip
TOO_FEW_LEFT = {
    "title": {
        "nl": "Ten minste driekwart van de regels in het blad is bruikbaar",
        "en": "At least three quarters of the rows in the sheet can be used",
    },
    "remedy": {
        "nl": "Zo veel fouten hebben meestal één oorzaak: een verkeerde datumnotatie, een vergeten code, een "
        "verschoven kolom. Kijk welke fout in dit blad het vaakst voorkomt. Een blad dat niet te herstellen is, kan "
        "wegblijven.",
        "en": "So many errors mostly have one cause: a wrong date format, a forgotten code, a shifted column. See "
        "which error in this sheet comes most often. A sheet that cannot be repaired may be left out.",
    },
}
MINIMUM_ACCEPTED_SHARE, FROM_ROWS = 0.75, 20
MISSING_COLUMN = {
    "nl": "Verplichte kolom {header} staat in het blad",
    "en": "Required column {header} stands in the sheet",
}


@dataclass(frozen=True)
class RuleCount:
    """How one rule fared: `outcome` is passed, failed or not_applicable."""

    rule: Rule
    outcome: str
    checked: int
    breached: int


@dataclass(frozen=True)
class Report:
    """The outcome of a check.

    Parameters
    ----------
    deliveries : tuple of Delivery
        What was read.
    rules : tuple of RuleCount
        One a declared rule of every delivered table.
    breaches : DataFrame
        One row a breach: `rule, severity, scope, table, delivery, file, sheet, row,
        column, header, label`; `label` is the row's label in its table. No values.
    rows : DataFrame
        Per table: `table, sheet, rows, accepted, rejected`.
    accepted : bool
        False when an error rejects a delivery.
    """

    deliveries: tuple[Delivery, ...]
    rules: tuple[RuleCount, ...]
    breaches: pd.DataFrame
    rows: pd.DataFrame
    accepted: bool


def check(deliveries: Sequence[Delivery]) -> tuple[Report, CaseFiles | None]:
    """Check deliveries against their contracts.

    Parameters
    ----------
    deliveries : sequence of Delivery
        One evaluation; keys must be unique over all of them.

    Returns
    -------
    report : Report
    case_files : CaseFiles or None
        The accepted rows; None when a delivery is rejected.
    """
    contracts = load_contracts()
    code_lists = deliveries[0].code_lists
    tables = {
        name: _together([(i, d.tables[name]) for i, d in enumerate(deliveries) if name in d.tables])
        for name in TABLES
        if any(name in d.tables for d in deliveries)
    }
    frames = {name: table.frame for name, table in tables.items()}
    counts: list[RuleCount] = []
    breaches: list[pd.DataFrame] = [_missing_columns(deliveries, contracts)]
    for name, table in tables.items():
        declared = _declared_rules(contracts[name], table)
        rules = [rule for rule in declared if not _asks_for(rule, table.missing_columns)]
        counts += [RuleCount(rule, "not_applicable", 0, 0) for rule in declared if rule not in rules]
        columns = _columns(name, table, rules, frames, contracts, code_lists)
        when = {rule.id: _truth(rule, columns) for rule in rules if rule.when}
        when |= {rule.id: readable for rule in rules if (readable := _readable(rule, columns)) is not None}
        from data_contracts.expectations import run_rules  # slow to import: where it is used

        for result in run_rules(columns, rules, when):
            counts.append(RuleCount(result.rule, result.outcome, result.checked, len(result.breached)))
            if result.breached:
                breaches.append(_places(result.rule, result.breached, table, deliveries, contracts[name]))
    found = pd.concat([b for b in breaches if len(b)], ignore_index=True) if any(map(len, breaches)) else breaches[0]
    kept = {name: table.frame[~_rejected(name, table, found, contracts[name])] for name, table in tables.items()}
    found = pd.concat([found, _too_few_left(tables, kept, deliveries)], ignore_index=True)
    _drop_orphans(kept)
    rows = pd.DataFrame(
        [
            {"table": name, "sheet": contracts[name].sheet, "rows": len(table.frame), "accepted": len(kept[name]),
             "rejected": len(table.frame) - len(kept[name])}
            for name, table in tables.items()
        ]
    )  # fmt: skip
    accepted = not ((found["severity"] == "error") & (found["scope"] == "delivery")).any()
    accepted = accepted and all(len(kept[name]) for name in REQUIRED_TABLES)
    report = Report(tuple(deliveries), tuple(counts), found, rows, bool(accepted))
    return report, _case_files(deliveries, kept) if accepted else None


def _together(parts: list[tuple[int, Table]]) -> Table:
    """One table of all deliveries, with the number of the delivery in `_delivery`."""
    return Table(
        name=parts[0][1].name,
        frame=pd.concat([part.frame.assign(**{DELIVERY: number}) for number, part in parts], ignore_index=True),
        flags=pd.concat([part.flags for _n, part in parts], ignore_index=True).fillna(""),
        places=pd.concat([part.places for _n, part in parts], ignore_index=True),
        headers={},
        conversions={},
        missing_columns=tuple(c for c in parts[0][1].missing_columns if all(c in p.missing_columns for _n, p in parts)),
    )


def _declared_rules(contract: Contract, table: Table) -> list[Rule]:
    """All declared rules, and under a mapping that says what to expect, that no row has shifted."""
    if "row:shifted" not in table.flags:
        return list(contract.rules)
    return [replace(SHIFTED, id=f"{contract.name}.row_not_shifted", table=contract.name), *contract.rules]


def _asks_for(rule: Rule, absent: Sequence[str]) -> bool:
    """Tell whether a rule only asks to fill a column that was not delivered: that is said once, not a row."""
    return rule.expectation == "expect_column_values_to_not_be_null" and rule.kwargs["column"] in absent


def _columns(
    name: str,
    table: Table,
    rules: Sequence[Rule],
    frames: Mapping[str, pd.DataFrame],
    contracts: Mapping[str, Contract],
    code_lists: Mapping,
) -> pd.DataFrame:
    """The table with every column that its rules name."""
    columns = table.frame.join(table.flags)
    contract = contracts[name]
    for rule in rules:
        named = [v for key, v in rule.kwargs.items() if key in ("column", "column_A", "column_B")]
        named += [c["column"] for c in rule.when] + [c["differs_from"] for c in rule.when if "differs_from" in c]
        for wanted in named:
            if wanted in columns:
                continue
            if wanted.endswith(":parent"):
                columns[wanted] = _orphans(contract, wanted.removesuffix(":parent"), frames)
            elif wanted.endswith(":privacy"):
                column = wanted.removesuffix(":privacy")
                columns[wanted] = personal(columns[column], column)
            elif is_outside(wanted):
                columns[wanted] = widen(wanted, name, frames, contracts, code_lists)
            elif ":" in wanted:  # flag of a column that was not delivered
                columns[wanted] = pd.Series(pd.NA, index=columns.index, dtype="str")
    return columns


def _orphans(contract: Contract, column: str, frames: Mapping[str, pd.DataFrame]) -> pd.Series:
    """Rows whose reference finds no row: 'no_parent'; missing where there is nothing to refer to."""
    parent, _dot, key = (contract.column(column).refers_to or "").partition(".")
    rows = frames[contract.name]
    if parent not in frames or frames[parent][key].isna().all():
        return pd.Series(pd.NA, index=rows.index, dtype="str")
    keys = [DELIVERY, "case_id", key] if parent == "subjects" else [DELIVERY, key]
    own = [DELIVERY, "case_id", column] if parent == "subjects" else [DELIVERY, column]
    known = pd.MultiIndex.from_frame(frames[parent][keys])
    lost = rows[column].notna() & ~pd.MultiIndex.from_frame(rows[own]).isin(known)
    return lost.map({True: "no_parent", False: ""}).astype("str")


def _truth(rule: Rule, columns: pd.DataFrame) -> pd.Series:
    truth = pd.Series(True, index=columns.index)
    for condition in rule.when:
        values = columns[condition["column"]]
        if "is" in condition:
            truth &= (values == condition["is"]).fillna(False).astype(bool)
        elif "is_not" in condition:
            truth &= (values != condition["is_not"]).fillna(False).astype(bool)
        elif "in" in condition:
            truth &= values.isin(condition["in"])
        elif "present" in condition:
            truth &= values.notna()
        elif "missing" in condition:
            truth &= values.isna()
        elif "at_least" in condition:
            truth &= (values >= condition["at_least"]).fillna(False).astype(bool)
        else:
            other = columns[condition["differs_from"]]
            truth &= values.notna() & other.notna() & (values != other).fillna(False).astype(bool)
    return truth


def _readable(rule: Rule, columns: pd.DataFrame) -> pd.Series | None:
    """For a column that must be filled, the readable rows: an unreadable cell is filled, and is its own finding."""
    if rule.expectation != "expect_column_values_to_not_be_null" or rule.when:
        return None
    flags = columns[columns.columns.intersection([f"{rule.column}:form", f"{rule.column}:code"])]
    readable = ~flags.isin(["unreadable", "unknown_code"]).any(axis=1)
    return None if readable.all() else readable


BREACH_COLUMNS = [
    "rule", "severity", "scope", "table", "delivery", "file", "sheet", "row", "column", "header", "label",
]  # fmt: skip


def _places(
    rule: Rule, breached: Sequence[int], table: Table, deliveries: Sequence[Delivery], contract: Contract
) -> pd.DataFrame:
    labels = pd.Index(breached)
    numbers = table.frame.loc[labels, DELIVERY]
    default = contract.column(rule.column).header if rule.column else ""
    headers = {i: d.tables[table.name].headers.get(rule.column, (default, "")) for i, d in enumerate(deliveries)
               if table.name in d.tables}  # fmt: skip
    places = table.places.loc[labels]
    return pd.DataFrame(
        {
            "rule": rule.id,
            "severity": rule.severity,
            "scope": rule.scope,
            "table": table.name,
            "delivery": numbers.map(lambda number: deliveries[number].name).to_numpy(),
            "file": places["file"].to_numpy(),
            "sheet": places["sheet"].to_numpy(),
            "row": places["row"].to_numpy(),
            "column": [headers[number][1] for number in numbers],
            "header": [headers[number][0] or default for number in numbers],
            "label": labels,
        },
        columns=BREACH_COLUMNS,
    )


def _missing_columns(deliveries: Sequence[Delivery], contracts: Mapping[str, Contract]) -> pd.DataFrame:
    """Required columns that a sheet lacks and no mapping declares as impossible."""
    rows = []
    for delivery in deliveries:
        for name, table in delivery.tables.items():
            for column in contracts[name].columns:
                if column.required and column.name in table.missing_columns:
                    if f"{name}.{column.name}" in delivery.absent:
                        continue
                    place = table.places.iloc[0] if len(table.places) else {"file": delivery.name, "sheet": ""}
                    rows.append([f"{name}.missing_column", "error", "delivery", name, delivery.name, place["file"],
                                 place["sheet"], 1, "", column.header, -1])  # fmt: skip
    return pd.DataFrame(rows, columns=BREACH_COLUMNS)


def _rejected(name: str, table: Table, breaches: pd.DataFrame, contract: Contract) -> pd.Series:
    """Rows that an error rejects. Of wholly identical rows with one key the first stays."""
    own = breaches[(breaches["table"] == name) & (breaches["severity"] == "error") & (breaches["scope"] == "row")]
    is_key = own["rule"] == f"{name}.key_unique"
    rejected = pd.Series(table.frame.index.isin(own.loc[~is_key, "label"]), index=table.frame.index)
    same = table.frame.loc[own.loc[is_key, "label"]]
    if not same.empty:
        of_key = same.groupby(list(contract.primary_key), sort=False)[DELIVERY].transform("size")
        alike = same.groupby(list(same.columns), dropna=False, sort=False)[DELIVERY].transform("size")
        spare = same.duplicated(keep="first") | (of_key != alike)
        rejected.loc[spare.index[spare]] = True
    return rejected


def _too_few_left(
    tables: Mapping[str, Table], kept: Mapping[str, pd.DataFrame], deliveries: Sequence[Delivery]
) -> pd.DataFrame:
    """Sheets of which errors take away more than a quarter: what is left would stand for something else."""
    rows = []
    for name, table in tables.items():
        for number, delivered in table.frame.groupby(DELIVERY):
            left = int((kept[name][DELIVERY] == number).sum())
            if len(delivered) >= FROM_ROWS and left < MINIMUM_ACCEPTED_SHARE * len(delivered):
                place = table.places.loc[delivered.index[0]]
                rows.append([f"{name}.too_few_left", "error", "delivery", name, deliveries[int(number)].name,
                             place["file"], place["sheet"], place["row"], "", "", -1])  # fmt: skip
    return pd.DataFrame(rows, columns=BREACH_COLUMNS)


def _drop_orphans(kept: dict[str, pd.DataFrame]) -> None:
    """Leave out rows of rejected cases."""
    cases = pd.MultiIndex.from_frame(kept["cases"][[DELIVERY, "case_id"]])
    for name, frame in kept.items():
        if name not in ("cases", "delivery", "staffing", "signals"):
            kept[name] = frame[pd.MultiIndex.from_frame(frame[[DELIVERY, "case_id"]]).isin(cases)]


def _case_files(deliveries: Sequence[Delivery], kept: Mapping[str, pd.DataFrame]) -> CaseFiles:
    absent: dict[str, dict[str, str]] = {}
    for key in {key for delivery in deliveries for key in delivery.absent}:
        if all(key in delivery.absent for delivery in deliveries):
            absent[key] = deliveries[0].absent[key]
    labels = {
        name: {code: dict(entry.label) for code, entry in codes.codes.items()}
        for name, codes in deliveries[0].code_lists.items()
    }
    sources: tuple[Source, ...] = tuple(source for delivery in deliveries for source in delivery.sources)
    tables = {name: frame.drop(columns=DELIVERY).reset_index(drop=True) for name, frame in kept.items()}
    return CaseFiles(**tables, labels=labels, absent=absent, sources=sources)
