"""Does this text name a person? By its form, with a few hundred words as data.

Two questions, because a wrong answer costs different things. In an identifier column no
words are expected, so every text that could be a name counts (`could_be_name`). In a
column for a code an unknown label of an older list is an honest mistake, so only what is
surely a name counts (`holds_name`): initials, a form of address, a prefix between two
capitals or a common name, and never a word of the work.

Each word becomes one letter for its kind, and names are patterns over these letters.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from data_contracts.yaml_file import load_yaml

WORDS = Path(__file__).parent / "words.yaml"

_PIECE = re.compile(
    r"v\.?d\.?(?!\w)|v/d|(?P<initial>(?<![^\W_])(?:[^\W\d_]|Ch|Th|Chr|IJ)\.)|[^\W\d_]+(?:[.'’/-][^\W\d_]+)*\.?|'t|,|\S"
)
_HUMP = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])")

# I initial, T form of address, R rank with a point, p prefix, g given and f family name (G and F in small letters),
# a ordinary word that is a name after a prefix, n other capitalised word, u other word in capitals, w any other word.
_INSIDE = re.compile(
    r"II+p*[gfan]"  # A.B. Çelik
    r"|Ip+[gfanu]|Ip*[fF]"  # P. de Vries, p. jansen
    r"|p*[gfan],I"  # Jansen, P.
    r"|[TR]I*p*[gfanu]|[TR]I*p*F"  # dhr. Jansen, insp. Bakker
    r"|gp*f|gp+[fanu]|ga|GF|Gp+F"  # Piet Jansen, jan van den berg
    r"|p+f"  # gesproken met de Vries
)
_WHOLE = re.compile(
    r"p*[fF]|p+a|I+p*[gfan]|II+p*u|[gfan]I+|[gn]p+[gfanu]|u?p+f|g+[nu]|g[gn]+|[gnu]+[fa]|[fanu],p*[gG]|[fan],[gn]"
)


@dataclass(frozen=True)
class NameWords:
    """The words of `words.yaml`, ready to compare."""

    given: frozenset[str]
    family: frozenset[str]
    after_prefix: frozenset[str]
    prefixes: frozenset[str]
    civil: frozenset[str]
    ranks: frozenset[str]
    endings: tuple[str, ...]
    ordinary: frozenset[str]


@cache
def name_words() -> NameWords:
    """Return the words that the gate knows; those of all code lists are words of the work."""
    from data_contracts.code_lists import load_code_lists

    words = load_yaml(WORDS)
    known = {key: frozenset(word.casefold() for word in words[key])
             for key in ("given", "family", "after_prefix", "prefixes", "civil", "ranks")}  # fmt: skip
    labels = [text for codes in load_code_lists().values() for code in codes.codes.values()
              for text in code.label.values()]  # fmt: skip
    ordinary = {word.casefold() for text in labels for word in _HUMP.findall(text)}
    ordinary |= {word.casefold() for word in words["ordinary"]}
    return NameWords(**known, endings=tuple(words["family_endings"]), ordinary=frozenset(ordinary - known["prefixes"]))


def holds_name(text: str) -> bool:
    """Tell whether a text is or holds what is surely a name.

    Examples
    --------
    >>> [holds_name(text) for text in ("P. de Vries", "Misbruik van Positie", "Den Haag")]
    [True, False, False]
    """
    kinds = "".join(_kind(match[0], bool(match["initial"])) for match in _PIECE.finditer(text))
    return bool(_INSIDE.search(kinds) or _WHOLE.fullmatch(kinds))


def _kind(piece: str, initial: bool) -> str:
    words = name_words()
    if initial:
        return "I" if piece[0].isupper() or piece[0].islower() else "w"
    if not piece[0].isalpha() and piece != "'t":
        return "," if piece == "," else "|"
    bare = piece.rstrip(".").casefold()
    if bare in words.prefixes or bare == "v.d":
        return "p"
    if bare in words.civil:
        return "T"
    if bare in words.ranks and piece.endswith("."):
        return "R"
    parts = re.split(r"[-/.]", bare)
    big = piece[0].isupper()
    if big and bare in words.after_prefix:
        return "a"
    if len(bare) < 2 or any(part in words.ordinary for part in parts):
        return "w"
    if any(part in words.family for part in parts) or (big and bare.endswith(words.endings)):
        return "f" if big else "F"
    if any(part in words.given for part in parts):
        return "g" if big else "G"
    return ("u" if piece.isupper() else "n") if big else "w"


def could_be_name(text: str) -> bool:
    """Tell whether a text where a number or code is expected could be a name.

    So is any text of two words or more without a digit, one capitalised word, and a
    common name between other characters.

    Examples
    --------
    >>> [could_be_name(text) for text in ("Zoë Achternaam", "2024-JANSEN-3", "VIK-2024-3", "Onderzoek A")]
    [True, True, False, False]
    """
    words = name_words()
    pieces = _HUMP.findall(text)
    if not pieces:
        return False
    if not re.search(r"[\d_/]", text) and not all(len(p) == 1 or p.casefold() in words.ordinary for p in pieces):
        if len(pieces) > 1 and (" " in text or "." in text):
            return True
        if len(pieces) == 1 and len(text) > 2 and text[0].isupper() and text[1:].islower():
            return True
    smaller = {part.casefold() for piece in pieces for part in (piece, *_CAMEL.split(piece))}
    if any(len(part) > 3 and part in words.given | words.family for part in smaller - words.ordinary):
        return True
    return holds_name(text)
