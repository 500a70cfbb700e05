"""Writing whole or not at all, and never a formula."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """Give a temporary folder that replaces `out` when the block ends without a fault.

    A fault, or a kill in the middle, leaves the earlier `out` as it was.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        yield work
        if out.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{out.name}-old-", dir=out.parent))
            out.rename(old / out.name)
            work.rename(out)
            shutil.rmtree(old)
        else:
            work.rename(out)
        out.chmod(0o755)
    finally:
        shutil.rmtree(work, ignore_errors=True)


@contextmanager
def whole_file(out: Path) -> Iterator[Path]:
    """Give a temporary file name that replaces `out` when the block ends without a fault."""
    out.parent.mkdir(parents=True, exist_ok=True)
    work = out.with_name(f".{out.name}.tmp")
    try:
        yield work
        work.replace(out)
    finally:
        work.unlink(missing_ok=True)


def neutral(value: object) -> object:
    """Return text that a spreadsheet would run as a formula with an apostrophe before it.

    Examples
    --------
    >>> neutral("=1+1"), neutral("-"), neutral(-3)
    ("'=1+1", "'-", -3)
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as csv: UTF-8, comma, ISO dates, formulas neutralised."""
    table = table.copy()
    for column in table.select_dtypes(include=["object", "str"]):
        table[column] = table[column].map(neutral)
    table.to_csv(path, index=False, lineterminator="\n")
