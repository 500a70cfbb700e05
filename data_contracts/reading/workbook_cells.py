"""Cells of a workbook through python-calamine; as a program, under a limit of memory.

A workbook that may cost much is read by a process of its own (`python -m
data_contracts.reading.workbook_cells`): the reading library ends its whole process when memory
runs out, and that must not be the steward's. Equal cells of a column cross once.
"""

import gc
import io
import pickle
import sys
from array import array
from collections.abc import Iterable
from itertools import islice
from operator import itemgetter
from typing import Any

MAX_MEMORY_BYTES = 6_000_000_000
DAMAGED, LOCKED = 3, 4
_ROWS_AT_A_TIME = 5_000
_TRUE, _FALSE = object(), object()  # a dict takes True and 1.0 for one key

Cells = list[list[Any]]


class DamagedWorkbookError(Exception):
    """The reading library cannot read it."""


class LockedWorkbookError(Exception):
    """The workbook asks for a password."""


def read_cells(data: bytes) -> list[tuple[str, bool, Cells]]:
    """Return name, whether it is hidden, and rows of every sheet, from cell A1."""
    return [
        (name, hidden, [[None if cell == "" else cell for cell in row] for row in rows])
        for name, hidden, rows in _sheets(data)
    ]


def _sheets(data: bytes) -> Iterable[tuple[str, bool, Iterable[list[Any]]]]:
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        for about in book.sheets_metadata:
            hidden = "Hidden" in str(about.visible)
            yield about.name, hidden, book.get_sheet_by_name(about.name).to_python(skip_empty_area=False)
    except python_calamine.PasswordError:
        raise LockedWorkbookError from None
    except (python_calamine.CalamineError, OSError, ValueError, OverflowError):
        raise DamagedWorkbookError from None
    except BaseException as panic:  # the library's own panic is no Exception
        if type(panic).__name__ != "PanicException":
            raise
        raise DamagedWorkbookError from None


class _Codes(dict):
    """Cell -> its number, in order of first sight."""

    def __missing__(self, cell: Any) -> int:
        self[cell] = number = len(self)
        return number


def packed(rows: Iterable[list[Any]]) -> tuple[int, list[tuple[bytes, list[Any]]]]:
    """Return the number of rows, and for each column the distinct cells and where each stands."""
    codes: list[_Codes] = []
    places: list[array] = []
    count = 0
    rows = iter(rows)
    while part := list(islice(rows, _ROWS_AT_A_TIME)):
        count += len(part)
        for number, column in enumerate(zip(*part, strict=True)):
            if number == len(codes):
                codes.append(_Codes())
                places.append(array("I"))
            kinds = set(map(type, column))
            if bool in kinds:
                column = tuple(_TRUE if cell is True else _FALSE if cell is False else cell for cell in column)
            places[number].extend(map(codes[number].__getitem__, column))
    plain = {_TRUE: True, _FALSE: False, "": None}
    return count, [
        (at.tobytes(), [plain.get(cell, cell) for cell in known]) for at, known in zip(places, codes, strict=True)
    ]


def unpacked(count: int, columns: list[tuple[bytes, list[Any]]]) -> Cells:
    """Return the rows that were packed."""
    if count < 2:  # itemgetter of one place gives no tuple
        return [[known[array("I", at)[0]] for at, known in columns]] if count else []
    taken = [itemgetter(*array("I", at))(known) for at, known in columns]
    return list(map(list, zip(*taken, strict=True)))


def read_cells_apart(data: bytes) -> list[tuple[str, bool, Cells]]:
    """Return the same as `read_cells`, read by a process of its own.

    Raises
    ------
    MemoryError
        If the cells need more memory than `MAX_MEMORY_BYTES`.
    """
    import os
    import subprocess

    here = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-m", "data_contracts.reading.workbook_cells", str(MAX_MEMORY_BYTES)],
        input=data, capture_output=True, env=here, check=False,
    )  # fmt: skip
    if done.returncode == DAMAGED:
        raise DamagedWorkbookError
    if done.returncode == LOCKED:
        raise LockedWorkbookError
    if done.returncode != 0:
        raise MemoryError
    sheets = pickle.loads(done.stdout)
    return [(name, hidden, unpacked(count, columns)) for name, hidden, count, columns in sheets]


def main() -> None:
    """Read a workbook from standard input; write its packed cells to standard output."""
    gc.disable()  # nothing here is circular, and millions of cells make looking for circles slow
    try:
        import resource

        limit = int(sys.argv[1])
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    except (ImportError, ValueError, OSError):  # Windows has no such limit: there the guard alone protects
        pass
    try:
        sheets = [(name, hidden, *packed(rows)) for name, hidden, rows in _sheets(sys.stdin.buffer.read())]
    except DamagedWorkbookError:
        raise SystemExit(DAMAGED) from None
    except LockedWorkbookError:
        raise SystemExit(LOCKED) from None
    pickle.dump(sheets, sys.stdout.buffer, protocol=5)


if __name__ == "__main__":
    main()
