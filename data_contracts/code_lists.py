"""Code lists: dated data beside the contracts, one file a list; crosswalks say what became of a code."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from data_contracts.language import _
from data_contracts.schema_words import did_you_mean, fault_in_file
from data_contracts.yaml_file import load_yaml

CODES = Path(__file__).parent / "codes"
CROSSWALK = "crosswalk_"
NOT_MAPPABLE = "not_mappable"
MARKS = ("R", "I", "B")


@dataclass(frozen=True)
class Code:
    """One code: its labels, the days on which it is in force (None: no bound), and its mark.

    `mark` is R (read in the source), I (inferred) or B (background, to be confirmed).
    """

    code: str
    label: dict[str, str]
    valid_from: date | None = None
    valid_to: date | None = None
    mark: str = ""


@dataclass(frozen=True)
class CodeList:
    """A named list of codes with its source."""

    name: str
    title: dict[str, str]
    source: str
    codes: dict[str, Code]


@dataclass(frozen=True)
class Crosswalk:
    """What became of codes that lost their validity.

    `to` gives for each old code the new ones: one (it can be recoded), several (it was
    split, so a row must be looked up) or none (not mappable).
    """

    code_list: str
    source: str
    mark: str
    to: dict[str, tuple[str, ...]]
    reason: dict[str, dict[str, str]]

    def recoded(self, code: str) -> str | None:
        """Return the one new code of an old one; None where it was split or is not mappable.

        Examples
        --------
        >>> walks = load_crosswalks()
        >>> walks["category"].recoded("vik_positie"), walks["unit"].recoded("LE")
        ('rm_positie_belangen', None)
        """
        new = self.to.get(code, ())
        return new[0] if len(new) == 1 else None


@cache
def load_code_lists(folder: Path = CODES) -> dict[str, CodeList]:
    """Return all code lists by name; the list `step` follows from the procedure file.

    Raises
    ------
    WrongUse
        If a file is wrong; the message names file, line, code and fault.
    """
    from data_contracts.procedure import steps

    lists = {path.stem: _code_list(path) for path in sorted(folder.glob("*.yaml")) if not _is_crosswalk(path)}
    lists["step"] = CodeList(
        name="step",
        title={"nl": "Stappen van de procedure", "en": "Steps of the procedure"},
        source="DOMAIN §3",
        codes={step.code: Code(step.code, dict(step.title), mark=step.mark) for step in steps()},
    )
    return lists


@cache
def load_crosswalks(folder: Path = CODES) -> dict[str, Crosswalk]:
    """Return the crosswalks by the name of their code list.

    Raises
    ------
    WrongUse
        If a file is wrong; the message names file, line, code and fault.
    """
    lists = load_code_lists(folder)
    walks = [_crosswalk(path, lists) for path in sorted(folder.glob("*.yaml")) if _is_crosswalk(path)]
    return {walk.code_list: walk for walk in walks}


def _is_crosswalk(path: Path) -> bool:
    return path.stem.startswith(CROSSWALK)


def _code_list(path: Path) -> CodeList:
    document = _document(path, ("name", "title", "source", "mark", "codes"))
    _text(path, ["title"], document["title"])
    if not isinstance(document["codes"], dict) or not document["codes"]:
        raise fault_in_file(path, ["codes"], _("hier hoort een lijst codes"))
    codes = {str(code): _code(path, code, entry, document["mark"]) for code, entry in document["codes"].items()}
    return CodeList(document["name"], document["title"], document["source"], codes)


def _code(path: Path, code: str, entry: Any, mark: str) -> Code:
    keys = ["codes", code]
    _known(path, keys, entry, ("nl", "en", "valid_from", "valid_to", "mark"))
    _text(path, keys, {word: entry.get(word) for word in ("nl", "en")})
    first, last = (_day(path, [*keys, word], entry.get(word)) for word in ("valid_from", "valid_to"))
    if first and last and first > last:
        raise fault_in_file(path, [*keys, "valid_to"], _("valid_from ligt na valid_to"))
    own = entry.get("mark", mark)
    _one_of(path, [*keys, "mark"], own, MARKS)
    return Code(str(code), {"nl": entry["nl"], "en": entry["en"]}, first, last, own)


def _crosswalk(path: Path, lists: Mapping[str, CodeList]) -> Crosswalk:
    document = _document(path, ("name", "list", "source", "mark", "mapping"))
    _one_of(path, ["list"], document["list"], lists)
    codes = lists[document["list"]].codes
    if not isinstance(document["mapping"], dict):
        raise fault_in_file(path, ["mapping"], _("hier hoort een lijst codes"))
    for old, entry in document["mapping"].items():
        keys = ["mapping", old]
        _one_of(path, keys, str(old), codes)
        _known(path, keys, entry, ("to", "reason"))
        _text(path, [*keys, "reason"], entry.get("reason"))
        if entry.get("to") == NOT_MAPPABLE:
            continue
        if not isinstance(entry.get("to"), list) or not entry["to"]:
            raise fault_in_file(path, keys, _("to is een lijst codes, of {word}", word=NOT_MAPPABLE))
        for new in entry["to"]:
            _one_of(path, [*keys, "to"], new, codes)
    mapping = document["mapping"]
    return Crosswalk(
        code_list=document["list"],
        source=document["source"],
        mark=document["mark"],
        to={str(old): () if entry["to"] == NOT_MAPPABLE else tuple(entry["to"]) for old, entry in mapping.items()},
        reason={str(old): dict(entry["reason"]) for old, entry in mapping.items()},
    )


def _document(path: Path, words: Sequence[str]) -> dict[str, Any]:
    """A file with exactly these words, named as the file is."""
    document = load_yaml(path)
    _known(path, [], document, words)
    for word in words:
        if document.get(word) in (None, ""):
            raise fault_in_file(path, [], _("ontbreekt: {missing}", missing=word))
    if document["name"] != path.stem:
        raise fault_in_file(path, ["name"], _("de naam is niet die van het bestand"))
    _one_of(path, ["mark"], document["mark"], MARKS)
    return document


def _known(path: Path, keys: Sequence[str], entry: Any, words: Sequence[str]) -> None:
    if not isinstance(entry, dict):
        raise fault_in_file(path, keys, _("hier hoort een blok met {words}", words=", ".join(words)))
    for word in entry:
        if word not in words:
            allowed = did_you_mean(str(word), words)
            fault = _("onbekend woord {extra}; hier kan staan: {allowed}", extra=word, allowed=allowed)
            raise fault_in_file(path, [*keys, str(word)], fault)


def _one_of(path: Path, keys: Sequence[str], value: Any, known: Collection[str]) -> None:
    if value not in known:
        fault = _("{value} kan hier niet; kies {known}", value=value, known=did_you_mean(str(value), known))
        raise fault_in_file(path, keys, fault)


def _text(path: Path, keys: Sequence[str], text: Any) -> None:
    if not isinstance(text, dict) or set(text) != {"nl", "en"} or not all(isinstance(t, str) for t in text.values()):
        raise fault_in_file(
            path, keys, _("hier hoort een tekst in nl en in en; zet true, false en getallen tussen aanhalingstekens")
        )


def _day(path: Path, keys: Sequence[str], text: Any) -> date | None:
    try:
        return date.fromisoformat(text) if text is not None else None
    except (TypeError, ValueError):
        raise fault_in_file(path, keys, _("{value} is geen datum als 2020-11-12", value=text)) from None
