"""The columns and conditions that rules name: the row's own, its flags, and what must be looked up."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from data_contracts.code_lists import CodeList
from data_contracts.contract import Contract, Rule
from data_contracts.reading.tables import Table
from data_contracts.rules.coded import Coded, keys_of
from data_contracts.rules.widening import DELIVERY, is_outside, widen


def rule_columns(
    table: Table,
    rules: Sequence[Rule],
    coded: Coded,
    contracts: Mapping[str, Contract],
    code_lists: Mapping[str, CodeList],
) -> pd.DataFrame:
    """Return the table with every column that its rules name."""
    columns = dict(table.frame.items()) | dict(table.flags.items())
    for wanted in dict.fromkeys(name for rule in rules for name in _named(rule)):
        if wanted in columns:
            continue
        if wanted.endswith(":parent"):
            columns[wanted] = _orphans(contracts[table.name], wanted.removesuffix(":parent"), coded)
        elif is_outside(wanted):
            columns[wanted] = widen(wanted, table.name, coded, contracts, code_lists)
        elif ":" in wanted:  # flag of a column that was not delivered
            columns[wanted] = _flag(np.full(len(table.frame), -1), wanted, table.frame.index)
    return pd.DataFrame(columns, index=table.frame.index, copy=False)


def _named(rule: Rule) -> list[str]:
    named = [rule.kwargs[key] for key in ("column", "column_A", "column_B") if key in rule.kwargs]
    named += [condition["column"] for condition in rule.when]
    return named + [condition["differs_from"] for condition in rule.when if "differs_from" in condition]


def _orphans(contract: Contract, column: str, coded: Coded) -> pd.Series:
    """Rows whose reference finds no row: 'no_parent'; missing where there is nothing to refer to."""
    parent, _dot, key = (contract.column(column).refers_to or "").partition(".")
    rows = coded.frames[contract.name]
    if parent not in coded.frames or coded.frames[parent][key].isna().all():
        return _flag(np.full(len(rows), -1), "no_parent", rows.index)
    keys = [DELIVERY, "case_id", key] if parent == "subjects" else [DELIVERY, key]
    if column == key:
        own, other = coded.key(contract.name, keys), coded.key(parent, keys)
    else:
        own, other = keys_of([rows[[*keys[:-1], column]], coded.frames[parent][keys]])
    known = np.zeros(own.size, dtype=bool)
    known[other.numbers] = True
    return _flag(rows[column].notna().to_numpy() & ~known[own.numbers], "no_parent", rows.index)


def _flag(raised: np.ndarray, word: str, index: pd.Index) -> pd.Series:
    """Return a flag a row: the word where it is raised (1), '' where not (0), missing where it cannot be told (-1)."""
    return pd.Series(pd.Categorical.from_codes(raised.astype(np.int8), ["", word]), index=index)


def conditions(rules: Sequence[Rule], columns: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return, a rule that does not look at all rows, which rows it looks at.

    Parameters
    ----------
    rules : sequence of Rule
        Of one table.
    columns : DataFrame
        All columns that they name.

    Returns
    -------
    dict
        Rule id -> truth a row.
    """
    categories: dict[str, pd.Series] = {}
    when = {
        rule.id: np.logical_and.reduce([_holds(condition, columns, categories) for condition in rule.when])
        for rule in rules
        if rule.when
    }
    return when | {rule.id: truth for rule in rules if (truth := _readable(rule, columns)) is not None}


def _holds(condition: Mapping, columns: pd.DataFrame, categories: dict[str, pd.Series]) -> np.ndarray:
    name = condition["column"]
    values = columns[name]
    if values.dtype == "str" and not {"present", "missing", "differs_from"} & set(condition):
        values = categories[name] = categories[name] if name in categories else values.astype("category")
    if "is" in condition:
        truth = values == condition["is"]
    elif "is_not" in condition:
        truth = values != condition["is_not"]
    elif "in" in condition:
        truth = values.isin(condition["in"])
    elif "present" in condition:
        truth = values.notna()
    elif "missing" in condition:
        truth = values.isna()
    elif "at_least" in condition:
        truth = values >= condition["at_least"]
    elif "at_most" in condition:
        truth = values <= condition["at_most"]
    else:
        other = columns[condition["differs_from"]]
        truth = values.notna() & other.notna() & (values != other)
    return truth.to_numpy(dtype=bool, na_value=False)


def _readable(rule: Rule, columns: pd.DataFrame) -> np.ndarray | None:
    """For a column that must be filled, the readable rows: an unreadable cell is filled, and is its own finding."""
    if rule.expectation != "expect_column_values_to_not_be_null" or rule.when:
        return None
    flags = [columns[name] for name in (f"{rule.column}:form", f"{rule.column}:code") if name in columns]
    faulty = [flag.isin(["unreadable", "unknown_code", "personal"]).to_numpy() for flag in flags]
    readable = ~np.logical_or.reduce([np.zeros(len(columns), dtype=bool), *faulty])
    return None if readable.all() else readable
