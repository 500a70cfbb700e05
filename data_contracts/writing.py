"""Writing whole or not at all, and never a formula."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from data_contracts.errors import WrongUse
from data_contracts.language import _

_INJECTION = re.compile(r"^[\s]*[=+\-@\t\r\n]")


@contextmanager
def whole_folder(out: Path, *, marks: tuple[str, ...]) -> Iterator[Path]:
    """Give a temporary folder that replaces `out` when the block ends without a fault.

    A fault, or a kill in the middle, leaves the earlier `out` as it was.

    Parameters
    ----------
    out : Path
        The folder to write.
    marks : tuple of str
        Files by which an earlier result of this kind is known. A folder that holds
        other things is somebody's own and is never replaced.

    Raises
    ------
    WrongUse
        If `out` is a file, or a folder with other things in it.
    """
    out = out.resolve()
    _bring_back(out)
    if out.exists() and not _replaceable(out, marks):
        raise WrongUse(
            _(
                "{name} bestaat al en bevat iets anders. Kies een andere map met --out, of maak deze leeg.",
                name=out.name,
            )
        )
    work = out.with_name(f".{out.name}.partial")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        yield work
        _put_in_place(work, out)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _replaceable(out: Path, marks: tuple[str, ...]) -> bool:
    if not out.is_dir():
        return False
    inside = {path.name for path in out.iterdir()}
    return not inside or set(marks) <= inside


def _earlier(out: Path) -> Path:
    return out.with_name(f".{out.name}.earlier")


def _bring_back(out: Path) -> None:
    """Put back what a kill between the two renames of `_put_in_place` left aside."""
    if not out.exists() and _earlier(out).is_dir():
        _earlier(out).rename(out)


def _put_in_place(work: Path, out: Path) -> None:
    if not out.exists():
        work.rename(out)
        return
    earlier = _earlier(out)
    shutil.rmtree(earlier, ignore_errors=True)
    out.rename(earlier)
    try:
        work.rename(out)
    except OSError:
        earlier.rename(out)
        raise
    shutil.rmtree(earlier)


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


def neutral(text: str) -> str:
    """Return text that no spreadsheet program takes for a formula.

    Text that starts with `=`, `+`, `-`, `@`, a tab or a line end gets an apostrophe in
    front; control characters become spaces.

    Examples
    --------
    >>> neutral("=1+1")
    "'=1+1"
    >>> neutral("Amsterdam")
    'Amsterdam'
    """
    kept = (character if character.isprintable() or character == "\N{NO-BREAK SPACE}" else " " for character in text)
    clean = "".join(kept)
    return f"'{clean}" if _INJECTION.match(text) else clean


def write_json(content: object, path: Path) -> None:
    """Write JSON as UTF-8 text, keys in the order they have: a code list keeps its own."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def write_csv(table: pd.DataFrame, path: Path, *, delimiter: str = ",", encoding: str = "utf-8") -> None:
    """Write a table as csv with neutralised text; missing is empty."""
    safe = table.copy()
    for column in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[column]):
            safe[column] = [None if pd.isna(value) else neutral(str(value)) for value in safe[column]]
    safe.to_csv(path, index=False, sep=delimiter, lineterminator="\n", encoding=encoding)
