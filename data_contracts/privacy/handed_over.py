"""What is handed over but not read: extra columns, other sheets, notes and the name of the author.

The contract does not ask for them, yet they are in the file that leaves the unit. A column
called `naam` or `BSN`, or one in which such values stand, is a leak and rejects the
delivery; a harmless extra column passes. A name or an address on a cover sheet is mentioned.
"""

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data_contracts.privacy.gate import EMAIL, PHONE, cell_text, is_pseudonym, personal
from data_contracts.privacy.names import WORDS, holds_name
from data_contracts.reading.raw_sheets import RawSheet, column_letter
from data_contracts.yaml_file import load_yaml

if TYPE_CHECKING:
    from data_contracts.contract import Text
    from data_contracts.reading.tables import Delivery

HEADER_SEARCH_ROWS = 30
A_LIST = 3  # so many different people or addresses on a sheet are a list, fewer a contact

HANDED_OVER: dict[str, dict[str, "Text"]] = {
    "extra_column_privacy": {
        "title": {
            "nl": "Kolommen die het contract niet kent, bevatten geen persoonsgegevens",
            "en": "Columns that the contract does not know hold no personal data",
        },
        "remedy": {
            "nl": "Deze kolom wordt niet gelezen, maar gaat wel mee in het bestand. Verwijder de hele kolom en lever "
            "opnieuw.",
            "en": "This column is not read, but it does go along in the file. Remove the whole column and deliver "
            "again.",
        },
    },
    "unread_sheet_privacy": {
        "title": {
            "nl": "Bladen die het contract niet kent, bevatten geen persoonsgegevens",
            "en": "Sheets that the contract does not know hold no personal data",
        },
        "remedy": {
            "nl": "Dit blad wordt niet gelezen, maar gaat wel mee in het bestand. Verwijder het blad en lever opnieuw.",
            "en": "This sheet is not read, but it does go along in the file. Remove the sheet and deliver again.",
        },
    },
    "unread_sheet_contact": {
        "title": {
            "nl": "Bladen die het contract niet kent, noemen geen personen",
            "en": "Sheets that the contract does not know name no persons",
        },
        "remedy": {
            "nl": "Hier staat een naam, e-mailadres of telefoonnummer. Is het de contactpersoon van de levering, dan "
            "is dat goed. Anders: haal het weg.",
            "en": "A name, e-mail address or phone number stands here. That is fine if it is the contact for this "
            "delivery. If not: remove it.",
        },
    },
}
"""Title and remedy of these rules, by the part of the rule id after the table."""


@dataclass(frozen=True)
class Leak:
    """One column with personal data: the first cell where it stands, and whether it is only a contact."""

    row: int
    column: str
    header: str
    contact: bool = False


def handed_over(deliveries: Sequence["Delivery"]) -> list[list[Any]]:
    """Return breaches by what deliveries hold beside what is read.

    Parameters
    ----------
    deliveries : sequence of Delivery

    Returns
    -------
    list of list
        One breach a column: rule, severity, scope, table, delivery, file, sheet, row,
        column, header, label (-1). Never a value.
    """
    found = []
    for delivery in deliveries:
        for name, table in delivery.tables.items():
            cells = table.extra_cells
            for number, letter in enumerate(table.extra_letters if cells is not None else ()):
                header = str(cells.columns[number])  # type: ignore[union-attr]
                at = _first_personal(header, list(cells.iloc[:, number]))  # type: ignore[union-attr]
                if at is not None or (said(header) != header and len(table.places)):
                    place = table.places.iloc[at or 0]
                    found.append([f"{name}.extra_column_privacy", "error", "delivery", name, delivery.name,
                                  place["file"], place["sheet"], int(place["row"]), letter, said(header),
                                  -1])  # fmt: skip
        for sheet in delivery.unread:
            for leak in leaks(sheet):
                rule, severity = ("contact", "warning") if leak.contact else ("privacy", "error")
                found.append([f"delivery.unread_sheet_{rule}", severity, "delivery", "", delivery.name, sheet.file,
                              sheet.name, leak.row, leak.column, leak.header, -1])  # fmt: skip
    return found


def leaks(sheet: RawSheet) -> list[Leak]:
    """Return the columns of a sheet that hold personal data, by their header or by their values."""
    width = max((len(row) for row in sheet.rows), default=0)
    columns = [[row[j] if j < len(row) else None for row in sheet.rows] for j in range(width)]
    found, people = [], set()
    for j, cells in enumerate(columns):
        at, header = _personal_header(cells, sheet.rows)
        first = _first_personal(header, cells[at + 1 :]) if header else None
        if first is not None:
            found.append(Leak(at + 2 + first, column_letter(j + 1), header))
            continue
        for row, text in _personal_values(cells):
            contact = bool(EMAIL.search(text) or PHONE.search(text) or holds_name(text))
            people |= {text} if contact else set()
            found.append(Leak(row + 1, column_letter(j + 1), "", contact))
    if len(people) >= A_LIST:
        found = [Leak(leak.row, leak.column, leak.header) for leak in found]
    return list({(leak.column, leak.contact): leak for leak in reversed(found)}.values())[::-1]


def said(header: str) -> str:
    """Return a header as a message may give it: one that is itself the name or number of a person is left out.

    Examples
    --------
    >>> said("regio"), said("P. de Vries")
    ('regio', '(…)')
    """
    return "(…)" if personal([header], "extra").any() else header


def is_personal_header(header: str) -> bool:
    """Tell whether a column under this header holds personal data, whatever stands in it.

    Examples
    --------
    >>> [is_personal_header(header) for header in ("Naam betrokkene", "e-mail", "naam_eenheid", "geboortedatum")]
    [True, True, False, True]
    """
    headers, whose = _header_words()
    words = re.findall(r"[^\W_]+", header.casefold())
    kept = [word for word in words if word not in whose]
    return " ".join(words) in headers or (bool(kept) and " ".join(kept) in headers)


@cache
def _header_words() -> tuple[frozenset[str], frozenset[str]]:
    words = load_yaml(WORDS)
    return frozenset(words["headers"]), frozenset(words["whose"])


@cache
def nobody() -> frozenset[str]:
    """Return the words that stand where a person could stand, and name nobody."""
    return frozenset(load_yaml(WORDS)["nobody"])


def _personal_header(cells: list[Any], rows: list[list[Any]]) -> tuple[int, str]:
    """Row number and text of a header that names personal data; a lone word on a row is no header."""
    for at, cell in enumerate(cells[:HEADER_SEARCH_ROWS]):
        if isinstance(cell, str) and is_personal_header(cell) and sum(c is not None for c in rows[at]) > 1:
            return at, cell
    return -1, ""


def _first_personal(header: str, cells: list[Any]) -> int | None:
    """Number of the first cell that is personal data, under this header; None when there is none."""
    if is_personal_header(header):
        texts = (cell_text(cell) for cell in cells)
        harmless = nobody() | {""}
        return next((n for n, t in enumerate(texts) if t.casefold() not in harmless and not is_pseudonym(t)), None)
    return next((n for n, _text in _personal_values(cells)), None)


def _personal_values(cells: list[Any]) -> list[tuple[int, str]]:
    """The places and texts of values that are personal whatever stands above them."""
    first = {text: n for n, cell in reversed(list(enumerate(cells))) if (text := cell_text(cell))}
    texts = sorted(first, key=first.__getitem__)
    return [(first[text], text) for text, bad in zip(texts, personal(texts, "extra"), strict=True) if bad]


def traces(path: Path) -> list[tuple[str, str]]:
    """Return what a workbook tells beside its cells: kind and detail for a `Tolerance`, never a value.

    `author` when the file names its author or last editor, `notes` with the number of
    parts with notes on cells.
    """
    if not zipfile.is_zipfile(path):
        return []
    with zipfile.ZipFile(path) as book:
        names = book.namelist()
        core = book.read("docProps/core.xml") if "docProps/core.xml" in names else b""
    people = re.findall(rb"<(?:dc:creator|cp:lastModifiedBy)[^>]*>([^<]+)<", core)
    notes = sum(bool(re.match(r"xl/(?:comments|threadedComments)", name)) for name in names)
    found = [("author", "")] if any(person.strip().lower() not in PROGRAMS for person in people) else []
    return [*found, *([("notes", str(notes))] if notes else [])]


PROGRAMS = {b"openpyxl", b"xlsxwriter", b"toetssteen", b"microsoft office user", b"gebruiker", b"user", b"author", b""}
"""What stands for the author in a file that a program made."""
