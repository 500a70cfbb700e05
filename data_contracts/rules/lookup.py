"""How a rule spells a column that does not stand in its own row.

| spelling                                        | means                                                      |
|-------------------------------------------------|------------------------------------------------------------|
| `delivery.extracted_at`                         | that column of the delivery record                         |
| `cases.opened_on`                               | that column of the row of `cases` with the same case number |
| `steps[step=RAPP].done_on`                      | the earliest such date in rows of the same case; for a row about one person, in that person's rows or else those of the whole case |
| `steps[step=RAPP].count`                        | how many such rows the case, the person or the delivery has |
| `extension_of.start_on`                         | that column of the row that the column `extension_of` refers to |
| `earlier[case_id,reason].end_on`                | that column of the row of this table that has the same values there and started last before this one |
| `unit.valid_from`, `unit.valid_to`              | validity of the code in column `unit`                      |
| `year.first_day`, `year.last_day`               | first and last day of the year in column `year`            |
| `start_on+6m`                                   | that date, so many months later                            |
| `start_on+schorsing_verlenging`                 | that date plus the term of the norm in force on that date (`procedure/norms.yaml`); missing where none was |

`data_contracts.rules.widening` computes what is spelled here.
"""  # noqa: E501  (a table row cannot be broken)

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from data_contracts.language import _

if TYPE_CHECKING:
    from data_contracts.contract import Column, Contract

FLAGS = ("form", "privacy", "code", "parent")
VALIDITY = ("valid_from", "valid_to")
YEAR_DAYS = ("first_day", "last_day")
_LATER = re.compile(r"(?P<base>.+)\+(?:(?P<months>\d+)m|(?P<norm>[a-z_]+))")
_EARLIER = re.compile(r"earlier\[(?P<keys>\w+(?:,\w+)*)\]\.(?P<column>\w+)")
_DOTTED = re.compile(r"(?P<base>\w+)(?:\[(?P<filter>\w+)=(?P<value>\w*)\])?\.(?P<column>\w+)")


@dataclass(frozen=True)
class Lookup:
    """A parsed spelling: `kind` is `later`, `earlier`, `table` or `column`; the other fields as that kind needs."""

    kind: str
    base: str
    column: str = ""
    filter: str = ""
    value: str = ""
    keys: tuple[str, ...] = ()
    months: int = 0
    norm: str = ""


def parse(name: str, tables: Collection[str]) -> Lookup | None:
    """Return what a spelling means, None if it is none of those above.

    Examples
    --------
    >>> parse("steps[step=RAPP].count", ["steps"])
    Lookup(kind='table', base='steps', column='count', filter='step', value='RAPP', keys=(), months=0, norm='')
    """
    if match := _LATER.fullmatch(name):
        return Lookup("later", match["base"], months=int(match["months"] or 0), norm=match["norm"] or "")
    if match := _EARLIER.fullmatch(name):
        return Lookup("earlier", "earlier", match["column"], keys=tuple(match["keys"].split(",")))
    if match := _DOTTED.fullmatch(name):
        kind = "table" if match["base"] in tables else "column"
        return Lookup(kind, match["base"], match["column"], match["filter"] or "", match["value"] or "")
    return None


def fault(name: str, table: str, contracts: Mapping[str, "Contract"], norms: Collection[str]) -> str:
    """Return what is wrong with a column name in a rule of `table`; empty if nothing is."""
    own = {column.name: column for column in contracts[table].columns}
    if re.fullmatch(r"\w+", name):
        return "" if name in own else _unknown(name, table, own)
    if ":" in name:
        column, _colon, flag = name.partition(":")
        if flag not in FLAGS:
            return _("een kolom kent wel {known}, maar niet {name}", known=", ".join(FLAGS), name=flag)
        return "" if column in own else _unknown(column, table, own)
    found = parse(name, contracts)
    if found is None:
        return _("de opzoeking {name} heeft geen bekende vorm", name=name)
    if found.kind == "later":
        if found.norm and found.norm not in norms:
            return _("de norm {norm} staat niet in norms.yaml", norm=found.norm)
        return fault(found.base, table, contracts, norms)
    if found.kind == "earlier":
        return next((_unknown(key, table, own) for key in (*found.keys, found.column) if key not in own), "")
    if found.kind == "table":
        known = {column.name: column for column in contracts[found.base].columns}
        if found.filter and found.filter not in known:
            return _unknown(found.filter, found.base, known)
        return "" if found.column == "count" or found.column in known else _unknown(found.column, found.base, known)
    if found.base not in own:
        return _unknown(found.base, table, [*own, *contracts])
    return _column_fault(found, own[found.base], contracts)


def _column_fault(found: Lookup, column: "Column", contracts: Mapping[str, "Contract"]) -> str:
    if column.code_list and found.column in VALIDITY:
        return ""
    if column.logical_type == "integer" and found.column in YEAR_DAYS:
        return ""
    if column.refers_to:
        parent = column.refers_to.partition(".")[0]
        known = [other.name for other in contracts[parent].columns]
        return "" if found.column in known else _unknown(found.column, parent, known)
    return _("bij kolom {column} valt {name} niet op te zoeken", column=column.name, name=found.column)


def _unknown(name: str, table: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, n=1)
    if near:
        return _("{table} kent geen kolom {name}; bedoelt u {near}?", table=table, name=name, near=near[0])
    return _("{table} kent geen kolom {name}", table=table, name=name)
