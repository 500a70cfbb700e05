"""What the columns of an export probably are: guesses by the words of headers and by known values.

A guess says how sure it is and never more than the data show; `mapping_draft` writes it
down for the steward to confirm. The words stand in `mappings/words/`, not here.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from data_contracts.code_lists import load_code_lists
from data_contracts.contract import TABLES, Column, load_contracts
from data_contracts.mapping.export_profile import WORDS, Field, Sheet, personal_header, shown, tokens, words
from data_contracts.yaml_file import load_yaml

SURE, LIKELY, UNSURE = "sure", "likely", "unsure"
# what a sheet must hold to be a table; of several sheets that do, the one that fits best
NEEDED = {
    "signals": ("signal_id", "received_on"),
    "subjects": ("case_id", "subject_id"),
    "steps": ("case_id", "step"),
    "suspensions": ("case_id", "start_on"),
    "order_measures": ("case_id", "kind", "start_on"),
    "staffing": ("unit", "year", "headcount"),
}
OUTCOMES = ("allegation_id", "finding", "final_penalty")
_QUALIFIED = re.compile(r"\s+[-–]\s+|\s*[(:]\s*")  # Gegrond - berisping: one outcome, said in two parts
_LISTED = re.compile(r"\s*[,;|/+&]\s*")  # ONGEGROND, GEGROND: several outcomes


@dataclass(frozen=True)
class Guess:
    """That a column of an export is a canonical column; `how` sure: sure, likely or unsure."""

    field: Field
    how: str
    by: str  # "header", "values" or "unique"
    score: float = 1.0


@dataclass(frozen=True)
class TableGuess:
    """That a sheet holds the rows of a table; `joined`: columns that stand in another sheet with the same cases."""

    table: str
    sheet: Sheet
    columns: dict[str, Guess]
    other: Sheet | None = None
    joined: tuple[str, ...] = ()


def header_score(header: str, phrases: Sequence[str]) -> tuple[float, int]:
    """Return how well a header fits the best of some phrases (1 is wholly), and which it is."""
    optional = {"datum", "nummer"}
    found = tokens(header)
    best = (0.0, 0)
    for number, phrase in enumerate(phrases):
        bare = tokens(phrase) - optional or tokens(phrase)
        if bare <= found:
            best = max(best, (len(bare) / max(len(found - optional), 1), -number))
    return best[0], -best[1]


def columns_in(sheet: Sheet, table: str) -> dict[str, Guess]:
    """Return which columns of a table a sheet seems to hold, each column of the sheet once."""
    contract = load_contracts()[table]
    scored = []
    for column in contract.columns:
        phrases = _phrases(table, column.name)
        for field in sheet.fields:
            score, order = header_score(field.header, phrases)
            if score and score >= _best(field.header) - 0.01 and _fits(field, column) and score >= 0.2:
                scored.append((-score, order, column.name, field))
    guesses: dict[str, Guess] = {}
    for negative, _order, name, field in sorted(scored, key=lambda entry: (*entry[:3], entry[3].letter)):
        if name not in guesses and all(guess.field is not field for guess in guesses.values()):
            how = SURE if negative <= -0.99 else LIKELY if negative <= -0.5 else UNSURE
            guesses[name] = Guess(field, how, "header", -negative)
    for column in contract.columns:  # a header that says nothing, but values that do
        if column.name in ("status", "finding", "final_penalty") and column.name not in guesses:
            taken = {guess.field.letter for guess in guesses.values()}
            for field in (f for f in sheet.fields if f.letter not in taken and not _best(f.header)):
                known, unknown = codes_in(field, column.code_list or "")
                if len(known) >= 2 and len(known) > len(unknown):
                    guesses[column.name] = Guess(field, UNSURE, "values", 0.3)
                    break
    if table == "allegations" and "finding" in guesses and "final_penalty" not in guesses:  # both in one column
        outcome = guesses["finding"].field
        if len({code for code in codes_in(outcome, "penalty")[0].values() if code}) >= 2:
            guesses["final_penalty"] = Guess(outcome, UNSURE, "values", 0.3)
    return guesses


def _phrases(table: str, column: str) -> Sequence[str]:
    """The words for a column; a case, person, unit or category has the same ones in every table."""
    home = {"case_id": "cases", "unit": "cases", "category": "cases", "subject_id": "subjects"}
    return words()["columns"].get(f"{table}.{column}") or words()["columns"].get(f"{home.get(column)}.{column}", ())


@cache
def _best(header: str) -> float:
    """The best score of a header over all columns of all tables: it is then not taken for something weaker."""
    return max(header_score(header, phrases)[0] for phrases in words()["columns"].values())


def _fits(field: Field, column: Column) -> bool:
    if personal_header(field.header) or field.kind == "empty":
        return False
    if column.logical_type == "date":
        return field.kind == "date"
    if column.logical_type == "boolean":
        return field.kind == "truth" or len(field.counts) <= 2
    if column.logical_type == "integer":
        return field.kind == "number"
    if column.name in ("case_id", "subject_id"):  # many values
        return field.kind in ("text", "number") and len(field.counts) > 0.1 * sum(field.counts.values())
    return field.kind in ("text", "number", "truth")


@cache
def _spellings(name: str) -> dict[str, str]:
    """Every known spelling of the codes of a list, folded: codes, labels, and the words of `codes.yaml`."""
    codes = load_code_lists()[name].codes
    found = {_folded(label): code for code, entry in codes.items() for label in entry.label.values()}
    lists = load_yaml(WORDS / "codes.yaml")
    for code, spelled in (lists["not_yet"] if name in ("finding", "penalty", "exit_kind") else {}).items():
        found |= {_folded(word): code for word in spelled}
    for code, spelled in lists.get(name, {}).items():
        found |= {_folded(str(word)): code for word in spelled}
    return found | {_folded(code): code for code in codes}


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold().split())


def guess_code(value: str, name: str) -> str | None:
    """Return the code of a list that a value of an export names, or None.

    Examples
    --------
    >>> guess_code("Sustained", "finding"), guess_code("Gegrond - berisping", "penalty"), guess_code("x", "finding")
    ('plichtsverzuim_vastgesteld', 'a', None)
    """
    known = _spellings(name)
    if _folded(value) in known:
        return known[_folded(value)]
    listed = [known.get(_folded(part)) for part in _LISTED.split(value)]
    if len(listed) > 1:
        return listed[0] if len(set(listed)) == 1 else None
    qualified = {known[_folded(part)] for part in _QUALIFIED.split(value.rstrip(")")) if _folded(part) in known}
    return qualified.pop() if len(qualified) == 1 else None


def codes_in(field: Field, name: str) -> tuple[dict[str, str], list[str]]:
    """Return the values of a column that name a code of a list, and those that may be shown but do not."""
    values = shown(field) or {}
    known = {value: code for value in values if (code := guess_code(value, name)) is not None}
    return known, [value for value in values if value not in known]


def tables_in(sheets: Sequence[Sheet]) -> list[TableGuess]:
    """Return which tables the sheets of an export seem to hold, in delivery order; `cases` is always one."""
    found = {}
    for table in TABLES[1:]:
        guesses = [(sheet, columns_in(sheet, table)) for sheet in sheets]
        fit = [(sheet, columns) for sheet, columns in guesses if _holds(table, columns)]
        if fit:
            sheet, columns = max(fit, key=lambda entry: _fitness(table, *entry))
            found[table] = TableGuess(table, sheet, columns)
    if "cases" not in found:
        found["cases"] = _cases_without_number(sheets)
    for table in ("cases", "allegations"):
        if table in found:
            found[table] = _with_other_sheet(found[table], sheets, [guess for guess in found.values() if guess.other])
    return [found[table] for table in TABLES if table in found]


def _holds(table: str, columns: dict[str, Guess]) -> bool:
    if table == "cases":
        return "case_id" in columns and len(columns) > 1
    if table == "allegations":
        return "case_id" in columns and any(name in columns for name in OUTCOMES)
    if table == "signals" and ("signal_id" not in columns or columns["signal_id"].how != SURE):
        return False
    return table in NEEDED and all(name in columns for name in NEEDED[table])


def _fitness(table: str, sheet: Sheet, columns: dict[str, Guess]) -> tuple[float, int]:
    named = tokens(sheet.name) & (tokens(load_contracts()[table].sheet) | tokens(table))
    one_a_case = table == "cases" and columns["case_id"].field.unique
    return sum(guess.score for guess in columns.values()) + 3 * bool(named) + 3 * one_a_case, sheet.rows


def _cases_without_number(sheets: Sequence[Sheet]) -> TableGuess:
    """No header names a case: a column with a value of its own in every row, or else the row number."""
    sheet = max(sheets, key=lambda sheet: (len(columns_in(sheet, "cases")), sheet.rows))
    columns = {name: guess for name, guess in columns_in(sheet, "cases").items() if name != "case_id"}
    taken = {guess.field.letter for guess in columns.values()}
    free = [
        field
        for field in sheet.fields
        if field.unique
        and field.kind in ("text", "number")
        and field.letter not in taken
        and not personal_header(field.header)
        if all(re.search(r"\d", text) and len(text) <= 40 for text in field.texts)
    ]
    if free:
        columns = {"case_id": Guess(free[0], UNSURE, "unique"), **columns}
    return TableGuess("cases", sheet, columns)


def _with_other_sheet(guess: TableGuess, sheets: Sequence[Sheet], joined: list[TableGuess]) -> TableGuess:
    """Add columns of another sheet that has one row per case, where this sheet lacks them."""
    if "case_id" not in guess.columns or any(other.other is guess.sheet for other in joined):
        return guess
    here = {field.header.casefold() for field in guess.sheet.fields}
    best, most = guess, 0
    for sheet in sheets:
        there = columns_in(sheet, guess.table)
        if sheet is guess.sheet or "case_id" not in there or not there["case_id"].field.unique:
            continue
        if any(other.sheet is sheet for other in joined):  # a joined source cannot be joined to
            continue
        added = {
            name: replace(found, how=LIKELY)
            for name, found in there.items()
            if name not in guess.columns and name != "subject_id" and found.field.header.casefold() not in here
        }
        if len(added) > most:
            columns = {**guess.columns, **added}
            best, most = replace(guess, columns=columns, other=sheet, joined=tuple(added)), len(added)
    return best


def step_columns(sheet: Sheet) -> dict[str, Guess]:
    """Return the date columns of a wide sheet that are steps of the procedure, by code; none if there are not two."""
    found: dict[str, Guess] = {}
    for field in sheet.fields:
        if field.kind != "date" or personal_header(field.header):
            continue
        scores = {step: header_score(field.header, phrases)[0] for step, phrases in words()["steps"].items()}
        step = max(scores, key=lambda code: scores[code])
        if scores[step] >= 0.5 and scores[step] > (found[step].score if step in found else 0):
            found[step] = Guess(field, SURE if scores[step] > 0.99 else LIKELY, "header", scores[step])
    own = [step for step in found if step not in ("MELD", "REG", "BESL", "SLUIT")]  # those may be the dates of the case
    return found if len(own) >= 2 else {}
