"""Deliveries against the contracts: what is wrong, where, how bad, and what is left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from data_contracts.case_files import CaseFiles, Source
from data_contracts.contract import REQUIRED_TABLES, Contract, Rule, Text, load_contracts
from data_contracts.privacy.handed_over import HANDED_OVER, handed_over
from data_contracts.reading.tables import Delivery, Table
from data_contracts.rules.across import ACROSS, across
from data_contracts.rules.coded import Coded
from data_contracts.rules.left_out import STAND_ALONE, own_errors
from data_contracts.rules.one_table import together
from data_contracts.rules.rule_columns import conditions, rule_columns
from data_contracts.rules.widening import DELIVERY

UNDECLARED: dict[str, dict[str, Text]] = {
    "row_not_shifted": {
        "title": {"nl": "Kolommen van de regel zijn niet verschoven", "en": "Columns of the row have not shifted"},
        "remedy": {
            "nl": "Hier staan waarden in de verkeerde kolom. Herstel de regel in de bron en exporteer opnieuw.",
            "en": "In this row values stand in the wrong column. Correct the row at the source and export again.",
        },
    },
    "missing_column": {
        "title": {
            "nl": "Verplichte kolom {header} staat in het blad",
            "en": "Required column {header} stands in the sheet",
        },
        "remedy": {
            "nl": "Voeg de kolom toe met precies deze kop.",
            "en": "Add the column with exactly this header.",
        },
    },
    "extracted_in_future": {
        "title": {
            "nl": "Het uittrekmoment ligt niet na vandaag",
            "en": "The extraction moment is not after today",
        },
        "remedy": {
            "nl": "Vul de dag in waarop de gegevens uit het systeem kwamen. Met een latere dag duurt elke lopende zaak "
            "te lang.",
            "en": "Fill in the day on which the data left the system. With a later day every open case lasts too long.",
        },
    },
    "too_few_left": {
        "title": {
            "nl": "Ten minste driekwart van de regels in het blad is bruikbaar",
            "en": "At least three quarters of the rows in the sheet can be used",
        },
        "remedy": {
            "nl": "Zo veel fouten hebben meestal één oorzaak: een verkeerde datumnotatie, een vergeten code, een "
            "verschoven kolom. Kijk welke fout in dit blad het vaakst voorkomt. Een blad dat niet te herstellen is, "
            "kan wegblijven.",
            "en": "So many errors mostly have one cause: a wrong date format, a forgotten code, a shifted column. See "
            "which error in this sheet comes most often. A sheet that cannot be repaired may be left out.",
        },
    },
    **ACROSS,
    **HANDED_OVER,
}
"""Title and remedy of rules that no contract file declares, by the part of the rule id after the table.

A title may hold `{header}`: the header of the column that the breach names.
"""

SHIFTED = Rule(
    id="row_not_shifted", table="", column="", title=UNDECLARED["row_not_shifted"]["title"],
    remedy=UNDECLARED["row_not_shifted"]["remedy"], dimension="accuracy", severity="error", scope="row",
    expectation="expect_column_values_to_not_be_in_set",
    kwargs={"column": "row:shifted", "value_set": ["shifted"]},
)  # fmt: skip
MINIMUM_ACCEPTED_SHARE, FROM_ROWS = 0.75, 20


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


def check(deliveries: Sequence[Delivery], *, today: date | None = None) -> tuple[Report, CaseFiles | None]:
    """Check deliveries against their contracts.

    Parameters
    ----------
    deliveries : sequence of Delivery
        One evaluation; keys must be unique over all of them.
    today : date, optional
        The day of the check; an extraction moment after it is an error.

    Returns
    -------
    report : Report
    case_files : CaseFiles or None
        The accepted rows; None when a delivery is rejected.
    """
    contracts = load_contracts()
    tables = together(deliveries)
    coded = Coded({name: table.frame for name, table in tables.items()})
    counts, breaches = _run(tables, coded, deliveries, contracts)
    of_deliveries = [_missing_columns(deliveries, contracts), across(deliveries, tables), _unread(deliveries)]
    of_deliveries.append(_in_the_future(tables["delivery"], deliveries, today))
    found = _stacked([*of_deliveries, *breaches])
    lost = {name: own_errors(name, table.frame, found, contracts[name]) for name, table in tables.items()}
    found = _stacked([found, _too_few_left(tables, lost, deliveries)])
    kept = _kept(tables, lost, coded)
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


def _run(
    tables: Mapping[str, Table], coded: Coded, deliveries: Sequence[Delivery], contracts: Mapping[str, Contract]
) -> tuple[list[RuleCount], list[pd.DataFrame]]:
    """Run the rules of every table: how each fared, and the places of what breaks it."""
    from data_contracts.rules.expectations import run_rules  # slow to import: where it is used

    counts: list[RuleCount] = []
    breaches: list[pd.DataFrame] = []
    for name, table in tables.items():
        declared = _declared_rules(contracts[name], table)
        rules = [rule for rule in declared if not _asks_for(rule, table.missing_columns)]
        counts += [RuleCount(rule, "not_applicable", 0, 0) for rule in declared if rule not in rules]
        columns = rule_columns(table, rules, coded, contracts, deliveries[0].code_lists)
        for result in run_rules(columns, rules, conditions(rules, columns)):
            counts.append(RuleCount(result.rule, result.outcome, result.checked, len(result.breached)))
            if len(result.breached):
                breaches.append(_places(result.rule, result.breached, table, deliveries, contracts[name]))
    return counts, breaches


def _stacked(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Breaches under one another."""
    together = pd.concat([part for part in parts if len(part)] or list(parts[:1]), ignore_index=True)
    return together.astype({"row": "int64", "label": "int64"})


def _declared_rules(contract: Contract, table: Table) -> list[Rule]:
    """All declared rules, and under a mapping that says what to expect, that no row has shifted."""
    if "row:shifted" not in table.flags:
        return list(contract.rules)
    return [replace(SHIFTED, id=f"{contract.name}.row_not_shifted", table=contract.name), *contract.rules]


def _asks_for(rule: Rule, absent: Sequence[str]) -> bool:
    """Tell whether a rule only asks to fill a column that was not delivered: that is said once, not a row."""
    return rule.expectation == "expect_column_values_to_not_be_null" and rule.kwargs["column"] in absent


BREACH_COLUMNS = [
    "rule", "severity", "scope", "table", "delivery", "file", "sheet", "row", "column", "header", "label",
]  # fmt: skip


def _places(
    rule: Rule, breached: np.ndarray, table: Table, deliveries: Sequence[Delivery], contract: Contract
) -> pd.DataFrame:
    default = contract.column(rule.column).header if rule.column else ""
    headers = [
        d.tables[table.name].headers.get(rule.column, (default, "")) if table.name in d.tables else ("", "")
        for d in deliveries
    ]
    numbers = table.frame[DELIVERY].to_numpy()[breached]
    places = table.places.iloc[breached]
    return pd.DataFrame(
        {
            "rule": rule.id,
            "severity": rule.severity,
            "scope": rule.scope,
            "table": table.name,
            "delivery": _each([delivery.name for delivery in deliveries], numbers),
            "file": places["file"].to_numpy(),
            "sheet": places["sheet"].to_numpy(),
            "row": places["row"].to_numpy(),
            "column": _each([letter for _header, letter in headers], numbers),
            "header": _each([header or default for header, _letter in headers], numbers),
            "label": breached,
        },
        columns=BREACH_COLUMNS,
    )


def _each(words: Sequence[str], numbers: np.ndarray) -> np.ndarray:
    """The word of each number."""
    return np.array(words, dtype=object)[numbers]


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


def _unread(deliveries: Sequence[Delivery]) -> pd.DataFrame:
    """Personal data in columns and sheets that are handed over but not read."""
    return pd.DataFrame(handed_over(deliveries), columns=BREACH_COLUMNS)


def _in_the_future(records: Table, deliveries: Sequence[Delivery], today: date | None) -> pd.DataFrame:
    """Extraction moments after the day of the check: every open case would last too long."""
    later = records.frame["extracted_at"] > pd.Timestamp(today) if today else pd.Series(False, records.frame.index)
    rows = []
    for label in records.frame.index[later.fillna(False).astype(bool)]:
        delivery, place = deliveries[int(records.frame.at[label, DELIVERY])], records.places.loc[label]
        header, letter = delivery.tables["delivery"].headers.get("extracted_at", ("", ""))
        rows.append(["delivery.extracted_in_future", "error", "delivery", "delivery", delivery.name, place["file"],
                     place["sheet"], place["row"], letter, header, label])  # fmt: skip
    return pd.DataFrame(rows, columns=BREACH_COLUMNS)


def _too_few_left(
    tables: Mapping[str, Table], lost: Mapping[str, pd.Series], deliveries: Sequence[Delivery]
) -> pd.DataFrame:
    """Sheets of which errors take away more than a quarter: what is left would stand for something else."""
    rows = []
    for name, table in tables.items():
        numbers = table.frame[DELIVERY].to_numpy()
        delivered = np.bincount(numbers, minlength=len(deliveries))
        left = np.bincount(numbers[~lost[name].to_numpy()], minlength=len(deliveries))
        for number in np.flatnonzero((delivered >= FROM_ROWS) & (left < MINIMUM_ACCEPTED_SHARE * delivered)):
            place = table.places.iloc[int(np.argmax(numbers == number))]
            rows.append([f"{name}.too_few_left", "error", "delivery", name, deliveries[int(number)].name,
                         place["file"], place["sheet"], place["row"], "", "", -1])  # fmt: skip
    return pd.DataFrame(rows, columns=BREACH_COLUMNS)


def _kept(tables: Mapping[str, Table], lost: Mapping[str, pd.Series], coded: Coded) -> dict[str, pd.DataFrame]:
    """Rows without an error, of cases without one."""
    cases = coded.key("cases", [DELIVERY, "case_id"])
    known = np.zeros(cases.size, dtype=bool)
    known[cases.numbers[~lost["cases"].to_numpy()]] = True
    kept = {}
    for name, table in tables.items():
        stays = ~lost[name].to_numpy()
        if name not in STAND_ALONE:
            stays &= known[coded.key(name, [DELIVERY, "case_id"]).numbers]
        kept[name] = table.frame if stays.all() else table.frame[stays]
    return kept


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
