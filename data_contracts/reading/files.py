"""Files to raw sheets: rows of cells with their true row numbers, or one clear refusal.

A workbook is guarded before it is opened: a small legal file can claim a billion cells.
"""

import gc
import hashlib
from pathlib import Path

from data_contracts.case_files import Source
from data_contracts.errors import UnreadableInput
from data_contracts.language import _
from data_contracts.reading.raw_sheets import (
    MAX_UNPACKED_BYTES,
    UNREADABLE,
    RawSheet,
    Unreadable,
    column_letter,
    column_number,
)
from data_contracts.reading.text_files import read_text_file
from data_contracts.reading.workbooks import read_workbook

__all__ = [
    "TEXTS", "UNREADABLE", "WORKBOOKS", "RawSheet", "Unreadable", "column_letter", "column_number", "read_file",
]  # fmt: skip

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
TEXTS = (".csv", ".csv.gz", ".txt", ".tsv")


def read_file(path: Path) -> tuple[Source, list[RawSheet]]:
    """Read one workbook or csv file (also gzipped).

    Raises
    ------
    UnreadableInput
        If the file is missing, damaged, encrypted, empty, too large or not what its name says.
    """
    collecting = gc.isenabled()
    gc.disable()  # nothing read is circular, and looking for circles among millions of cells doubles the time
    try:
        return _read(path)
    except OSError as fault:
        raise cannot_open(path, fault) from None
    except MemoryError:
        raise UnreadableInput(
            _("{file} past niet in het geheugen van deze computer. Splits het bestand.", file=path.name)
        ) from None
    finally:
        if collecting:
            gc.enable()


def cannot_open(path: Path, fault: OSError) -> UnreadableInput:
    """Return the refusal for a file or folder that the system does not give."""
    return UnreadableInput(
        _(
            "{file} kan niet worden geopend ({reason}). Controleer de naam, de map en uw rechten.",
            file=path.name,
            reason=type(fault).__name__,
        )
    )


def _read(path: Path) -> tuple[Source, list[RawSheet]]:
    if not path.exists():
        raise UnreadableInput(_("Bestand niet gevonden: {file}. Controleer de naam en de map.", file=path))
    if not path.is_file():
        raise UnreadableInput(_("{file} is geen gewoon bestand. Geef een werkmap of csv-bestand.", file=path.name))
    name, size = path.name.lower(), path.stat().st_size
    if not name.endswith(TEXTS + WORKBOOKS):
        raise UnreadableInput(
            _("{file} is geen werkmap (.xlsx) of csv-bestand. Lever een van deze vormen.", file=path.name)
        )
    if size == 0:
        raise UnreadableInput(_("{file} is leeg (0 bytes). Exporteer het bestand opnieuw.", file=path.name))
    if size > MAX_UNPACKED_BYTES:
        raise UnreadableInput(_("{file} is te groot (meer dan 1 GB). Splits het bestand.", file=path.name))
    if name.endswith(TEXTS):
        with path.open("rb") as file:
            source = Source(path.name, hashlib.file_digest(file, "sha256").hexdigest())
        return source, [read_text_file(path)]
    data = path.read_bytes()
    return Source(path.name, hashlib.sha256(data).hexdigest()), read_workbook(path, data)
