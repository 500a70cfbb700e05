"""The command `toetssteen`: reading, checking, scoring, publishing, in one line each.

Heavy imports happen inside the commands, so that `--help` answers at once.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from book.command.app import make_app
from data_contracts.errors import ToetssteenError, WrongUse
from data_contracts.language import LANGUAGES, _, use_language

UNEXPECTED = 70


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and end with its exit code (see `data_contracts.errors`)."""
    # Small fits, many of them: more threads wait for each other instead of helping.
    for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(library, "1")
    sys.exit(run_command(list(sys.argv[1:] if arguments is None else arguments)))


def run_command(arguments: list[str]) -> int:
    """Run the command and return its exit code; messages go to standard error."""
    try:
        arguments = _take_language(arguments)
        return make_app()(arguments, prog_name="toetssteen", standalone_mode=False) or 0
    except ToetssteenError as error:
        return _say_fault(str(error), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return _say_fault(_("Afgebroken; er is niets half geschreven."), 130)
    except typer.Exit as stop:
        return int(stop.exit_code)
    except Exception as error:
        if getattr(error, "exit_code", None) == WrongUse.exit_code and hasattr(error, "format_message"):
            return _say_fault(_usage_words(error), WrongUse.exit_code)
        if os.environ.get("TOETSSTEEN_DEBUG"):
            raise
        return _say_fault(_unexpected_words(error), UNEXPECTED)


def _take_language(arguments: list[str]) -> list[str]:
    """Take `--lang` out of the arguments, wherever it stands, and use it."""
    use_language(None)
    left: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--lang" or word.startswith("--lang="):
            chosen = next(words, "") if word == "--lang" else word.partition("=")[2]
            if chosen not in LANGUAGES:
                raise WrongUse(_("--lang kent nl en en."))
            use_language(chosen)
        else:
            left.append(word)
    return left


def _say_fault(words: str, exit_code: int) -> int:
    print(_("Fout") + f": {words}", file=sys.stderr)
    return exit_code


def _usage_words(error: Any) -> str:
    kind, hint = type(error).__name__, _("Zie toetssteen --help.")
    parameter = getattr(error, "param", None)
    name = parameter.opts[0] if parameter is not None and parameter.opts else getattr(error, "option_name", "")
    if parameter is not None and not name.startswith("-"):
        name = (parameter.metavar or name).rstrip(".").upper()
    if kind == "MissingParameter":
        return _("{name} ontbreekt. {hint}", name=name, hint=hint)
    if kind == "NoSuchOption":
        return _("optie {name} bestaat niet. {hint}", name=name, hint=hint)
    if kind == "BadParameter":
        return _("de waarde van {name} is niet goed. {hint}", name=name, hint=hint)
    return _("dit commando is niet goed. {hint}", hint=hint)


def _unexpected_words(error: Exception) -> str:
    """Where a fault of the software arose; never its text, which may hold a value."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}" if frame else "?"
    return _(
        "de software liep vast ({kind} in {place}); dit ligt niet aan u. Er is niets half geschreven. "
        "Meld dit met deze regel. Met TOETSSTEEN_DEBUG=1 ziet u meer.",
        kind=type(error).__name__,
        place=place,
    )
