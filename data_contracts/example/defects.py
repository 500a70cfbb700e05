"""Labelled defects for the example: what goes wrong in real deliveries, planted at drawn places.

Every kind is planted once, in the delivery of a drawn unit, on a row that carries no other
defect and that no other rule depends on, so that the contract objects to it and to nothing
else. `gebreken.json`, beside the workbooks, says where each stands and which rules must find
it. A kind without a rule (rows with a format and no value) must not be found.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from data_contracts.contract import load_contracts
from data_contracts.errors import WrongUse
from data_contracts.example.workbooks import EMPTY_WITH_FORMAT, ERROR_CELL, Changes, workbook_name
from data_contracts.language import _
from data_contracts.reading.files import column_letter

DEFECTS = "gebreken.json"
DEFECTS_STREAM = 1  # draws places apart from the example, which stays as it was
LABELS = ["defect", "file", "sheet", "row", "column", "header", "rule", "what_nl", "what_en"]
EMPTY_ROWS = 200
FAR_AHEAD, FILLER, DAY = pd.Timestamp("2030-01-01"), pd.Timestamp("1900-01-01"), pd.Timedelta(days=1)

Cells = Callable[[pd.Series, pd.DataFrame], dict[str, Any]]
Rows = Callable[[pd.DataFrame], "pd.Series[bool]"]


@dataclass(frozen=True)
class Defect:
    """One kind of defect.

    Parameters
    ----------
    table : str
        Where it stands.
    nl, en : str
        What is wrong.
    rules : tuple of str
        The rules of the table that must find it, and no others.
    cells : callable
        Drawn row, table -> column -> what goes into the cell.
    rows : callable
        Table -> which rows can carry it without breaking another rule.
    added : int
        How many rows it adds at the end, as copies of the drawn one; 0: it changes that row.
    original_too : bool
        Whether the rules also object to the drawn row that was copied.
    """

    table: str
    nl: str
    en: str
    rules: tuple[str, ...]
    cells: Cells
    rows: Rows = lambda table: pd.Series(True, index=table.index)
    added: int = 0
    original_too: bool = False


def _put(**cells: Any) -> Cells:
    return lambda row, table: cells


def _simple_cases(cases: pd.DataFrame) -> "pd.Series[bool]":
    """Cases that ended without a decision and were not disciplinary: few rules look at their end."""
    return cases["kind"].isin(["klacht", "orienterend"]) & cases["exit_kind"].isin(["geen_vervolg", "ingetrokken"])


KINDS: Mapping[str, Defect] = {
    "dubbel_zaaknummer": Defect(
        "cases", "een onderzoek staat er twee keer in", "an investigation stands there twice",
        ("key_unique",), _put(), _simple_cases, added=1, original_too=True,
    ),
    "onbekende_code": Defect(
        "cases", "een code die niet in de lijst staat", "a code that is not in the list",
        ("complexity_known_code",), _put(complexity="heel zwaar"), _simple_cases,
    ),
    "formule_als_tekst": Defect(
        "cases", "tekst die in een rekenblad een formule zou worden", "text that a spreadsheet takes for a formula",
        ("category_known_code",), _put(category='=HYPERLINK("https://voorbeeld.invalid";"klik hier")'), _simple_cases,
    ),
    "gesloten_voor_geopend": Defect(
        "cases", "het einde ligt voor het begin", "the end lies before the start",
        ("closed_after_opened",), lambda row, table: {"closed_on": row["opened_on"] - DAY}, _simple_cases,
    ),
    "einde_in_de_toekomst": Defect(
        "cases", "het einde ligt na het uittrekmoment", "the end lies after the extraction moment",
        ("closed_on_not_after_extraction",), _put(closed_on=FAR_AHEAD), _simple_cases,
    ),
    "lopend_met_einddatum": Defect(
        "cases", "een lopend onderzoek met een einddatum", "an open investigation with an end date",
        ("open_case_has_no_end",), _put(status="lopend"), _simple_cases,
    ),
    "verplicht_leeg": Defect(
        "signals", "een verplichte cel is leeg", "a required cell is empty", ("unit_required",), _put(unit=None),
    ),
    "jaar_in_twee_cijfers": Defect(
        "signals", "een jaar in twee cijfers", "a year in two digits",
        ("triaged_on_form",), _put(triaged_on="03-04-24"), lambda table: table["triaged_on"].notna(),
    ),
    "opvuldatum": Defect(
        "signals", "1 januari 1900 in plaats van een onbekende dag", "1 January 1900 for a day that is not known",
        ("received_on_not_sentinel", "unit_valid_from", "category_valid_from"), _put(received_on=FILLER),
        lambda table: table["case_id"].isna() & table["category"].str.startswith("rm_").fillna(False),
    ),
    "tekst_in_datumkolom": Defect(
        "allegations", "tekst in een kolom met datums", "text in a column of dates",
        ("conduct_to_form",), _put(conduct_to="in het voorjaar"),
    ),
    "foutcel": Defect(
        "subjects", "een cel met een fout van Excel", "a cell that holds an Excel error",
        ("prior_measures_form",), _put(prior_measures=ERROR_CELL),
    ),
    "naam_als_pseudoniem": Defect(
        "subjects", "een naam waar een pseudoniem hoort", "a name where a pseudonym belongs",
        ("subject_id_privacy",), _put(subject_id="Voornaam van Achternaam"), added=1,
    ),
    "mailadres_van_lezer": Defect(
        "reviews", "een e-mailadres waar een pseudoniem hoort", "an e-mail address where a pseudonym belongs",
        ("reviewer_id_privacy",), _put(reviewer_id="lezer1@voorbeeld.invalid"),
    ),
    "stap_zonder_zaak": Defect(
        "steps", "een stap van een onderzoek dat er niet in staat", "a step of an investigation that is not there",
        ("case_id_refers",), _put(case_id="9999-X-0001", subject_id=None), added=1,
    ),
    "verschoven_kolommen": Defect(
        "staffing", "de waarden staan een kolom te ver naar rechts", "the values stand one column too far to the right",
        ("unit_required", "year_form"),
        lambda row, table: {"unit": None, "year": row["unit"], "headcount": int(row["year"])},
    ),
    "totaalregel": Defect(
        "staffing", "een regel met het totaal onder de gegevens", "a row with the total below the data",
        ("unit_known_code", "year_required"),
        lambda row, table: {"unit": "Totaal", "year": None, "headcount": int(table["headcount"].sum())}, added=1,
    ),
    "lege_opgemaakte_rijen": Defect(
        "cases", "lege rijen met opmaak onder de gegevens; die tellen niet mee",
        "empty rows with a format below the data; these do not count",
        (), lambda row, table: dict.fromkeys(table.columns, EMPTY_WITH_FORMAT), added=EMPTY_ROWS,
    ),
}  # fmt: skip


def plant_defects(
    parts: Mapping[str, Mapping[str, pd.DataFrame]], kinds: Sequence[str], rng: np.random.Generator
) -> tuple[dict[str, Changes], pd.DataFrame]:
    """Draw a place for each kind of defect.

    Parameters
    ----------
    parts : mapping
        Unit -> table -> rows, as `delivered_parts` gives them.
    kinds : sequence of str
        Keys of `KINDS`.
    rng : Generator
        Draws the units and the rows.

    Returns
    -------
    changes : dict
        Unit -> what `write_workbook` is to write otherwise.
    labels : DataFrame
        One row a place and rule, with the columns `LABELS`.

    Raises
    ------
    WrongUse
        If a kind does not exist, or no row of the example can carry it.
    """
    changes: dict[str, Changes] = {unit: {} for unit in parts}
    labels: list[list[Any]] = []
    for kind in dict.fromkeys(kinds):
        if kind not in KINDS:
            raise WrongUse(_("Gebrek {kind} bestaat niet. Kies uit: {known}.", kind=kind, known=", ".join(KINDS)))
        defect = KINDS[kind]
        unit, drawn = _place(kind, parts, changes, rng)
        table = parts[unit][defect.table]
        planted = changes[unit].setdefault(defect.table, {})
        end = max([len(table), *(row + 1 for row, _column in planted)])
        rows = range(end, end + defect.added) if defect.added else [drawn]
        source = table.iloc[drawn]
        cells = (source.to_dict() if defect.added else {}) | defect.cells(source, table)
        planted |= {(row, column): value for row in rows for column, value in cells.items()}
        if defect.original_too:
            planted |= {(drawn, column): value for column, value in source.items()}  # taken, and as it was
        found_in = [*([drawn] if defect.original_too else []), *rows][: 1 + defect.original_too]
        labels += [_label(kind, unit, row, rule) for row in found_in for rule in defect.rules or ("",)]
    return changes, pd.DataFrame(labels, columns=LABELS)


def _place(
    kind: str,
    parts: Mapping[str, Mapping[str, pd.DataFrame]],
    changes: Mapping[str, Changes],
    rng: np.random.Generator,
) -> tuple[str, int]:
    """A drawn unit and a position in its table that can carry the defect and carries no other."""
    defect = KINDS[kind]
    free: dict[str, np.ndarray] = {}
    for unit, tables in parts.items():
        table = tables[defect.table]
        taken = {row for row, _column in changes[unit].get(defect.table, {})}
        fitting = np.flatnonzero(defect.rows(table).to_numpy(dtype=bool))
        free[unit] = fitting[~np.isin(fitting, list(taken))]
    units = [unit for unit, rows in free.items() if len(rows)]
    if not units:
        raise WrongUse(_("Het voorbeeld is te klein voor het gebrek {kind}. Maak het groter met --cases.", kind=kind))
    unit = units[rng.integers(len(units))]
    return unit, int(free[unit][rng.integers(len(free[unit]))])


def _label(kind: str, unit: str, row: int, rule: str) -> list[Any]:
    defect = KINDS[kind]
    contract = load_contracts()[defect.table]
    header, letter = "", ""
    if rule:
        marked = next(found.column for found in contract.rules if found.id == f"{contract.name}.{rule}")
        header = contract.column(marked).header
        letter = column_letter(contract.columns.index(contract.column(marked)) + 1)
    return [kind, workbook_name(unit), contract.sheet, row + 2, letter, header,
            f"{contract.name}.{rule}" if rule else "", defect.nl, defect.en]  # fmt: skip
