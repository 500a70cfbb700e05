"""The key of pseudonyms: made once, kept apart from the data by the unit.

Who has the key and a list of personnel numbers can undo every pseudonym. So a key that
lies beside the data, that others can read or that anyone could guess is refused.
"""

import os
import re
import secrets
import stat
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from data_contracts.errors import Refused, UnreadableInput, WrongUse
from data_contracts.language import _

KEY_BYTES = 32
FEWEST_DIFFERENT_BYTES = 16  # of 32 random bytes some 30 differ; fewer than 16 does not happen by chance


def make_key(key_file: Path) -> None:
    """Write a new random key of 256 bits that only its owner can read.

    Raises
    ------
    WrongUse
        If the file exists already (an earlier key is never overwritten: with it every link
        to earlier deliveries would be lost), or its folder does not.
    """
    try:
        handle = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise WrongUse(
            _(
                "{file} bestaat al. Een sleutel wordt nooit overschreven: zonder de oude sleutel sluiten nieuwe "
                "leveringen niet meer aan op eerdere. Kies een andere naam.",
                file=key_file.name,
            )
        ) from None
    except OSError as fault:
        raise WrongUse(
            _(
                "{file} kan niet worden gemaakt ({reason}). Kies een map die bestaat en waarin u mag schrijven.",
                file=key_file,
                reason=type(fault).__name__,
            )
        ) from None
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(KEY_BYTES) + "\n")


def read_key(key_file: Path, *, apart_from: Sequence[Path]) -> bytes:
    """Return the key of a file, if it is fit to use.

    Parameters
    ----------
    key_file : Path
        As `make_key` writes it: at least 64 hexadecimal characters.
    apart_from : sequence of Path
        Folders in which, at any depth, the key may not lie.

    Raises
    ------
    UnreadableInput
        If the file is missing or holds no key.
    Refused
        If it lies with the data, others can read it (where files have owners), or it can
        be guessed.
    """
    where = key_file.resolve()  # a link beside the data to a key elsewhere is fine, the other way round is not
    try:
        text, mode = where.read_text(encoding="ascii").strip(), where.stat().st_mode
    except UnicodeDecodeError:
        text, mode = "", 0
    except OSError:
        raise UnreadableInput(
            _(
                "Sleutelbestand {file} is niet gevonden of niet te lezen. Controleer de naam, of maak een nieuwe "
                "sleutel.",
                file=key_file,
            )
        ) from None
    if any(where.is_relative_to(folder.resolve()) for folder in apart_from):
        raise Refused(
            _(
                "Sleutelbestand {file} ligt bij de gegevens. Bewaar de sleutel ergens anders: buiten de map van de "
                "export en buiten de map van de uitkomst.",
                file=key_file.name,
            )
        )
    if not re.fullmatch(r"(?:[0-9a-f]{2})+", text):
        raise UnreadableInput(
            _(
                "{file} is geen sleutelbestand. Maak een sleutel met toetssteen pseudonymise --new-key.",
                file=key_file.name,
            )
        )
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Refused(
            _(
                "Anderen kunnen sleutelbestand {file} lezen. Maak het bestand alleen voor uzelf leesbaar (chmod 600).",
                file=key_file.name,
            )
        )
    key = bytes.fromhex(text)
    steps = {(after - before) % 256 for before, after in pairwise(key)}
    if len(key) < KEY_BYTES or len(set(key)) < FEWEST_DIFFERENT_BYTES or len(steps) < FEWEST_DIFFERENT_BYTES // 2:
        raise Refused(
            _(
                "De sleutel in {file} is te kort of te raden. Maak een sleutel met toetssteen pseudonymise --new-key.",
                file=key_file.name,
            )
        )
    return key
