"""The moments at which durations are compared, as dated data (`moments.yaml`)."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from data_contracts.code_lists import MARKS
from data_contracts.language import _
from data_contracts.schema_words import did_you_mean, fault_in_file
from data_contracts.yaml_file import load_yaml

MOMENTS = Path(__file__).parent / "moments.yaml"
_WORDS = ("code", "on", "title", "source", "mark")


@dataclass(frozen=True)
class Moment:
    """A dated moment: `on` is its first day after; `mark` R (read in the source), I (inferred) or B (to confirm)."""

    code: str
    on: date
    title: dict[str, str]
    source: str
    mark: str


@cache
def load_moments(path: Path = MOMENTS) -> dict[str, Moment]:
    """Return the moments by code, in the order of the file.

    Raises
    ------
    UnreadableInput
        If the file does not exist or is not text.
    WrongUse
        If it is wrong; the message names file, line, entry and fault.

    Examples
    --------
    >>> load_moments()["contouren_stelsel"].on.isoformat()
    '2020-11-12'
    """
    document = load_yaml(path)
    if not isinstance(document, dict) or not isinstance(document.get("moments"), list) or not document["moments"]:
        raise fault_in_file(path, [], _("hier hoort moments: met een lijst momenten"))
    moments: dict[str, Moment] = {}
    for place, entry in enumerate(document["moments"]):
        moment = _moment(path, place, entry)
        if moment.code in moments:
            raise fault_in_file(path, ["moments", place], _("de code {code} staat er twee keer", code=moment.code))
        moments[moment.code] = moment
    return moments


def _moment(path: Path, place: int, entry: Any) -> Moment:
    keys: list[str | int] = ["moments", place]
    if not isinstance(entry, dict):
        raise fault_in_file(path, keys, _("hier hoort een blok met {words}", words=", ".join(_WORDS)))
    for word in entry:
        if word not in _WORDS:
            allowed = did_you_mean(str(word), _WORDS)
            fault = _("onbekend woord {extra}; hier kan staan: {allowed}", extra=word, allowed=allowed)
            raise fault_in_file(path, [*keys, str(word)], fault)
    if missing := [word for word in _WORDS if entry.get(word) in (None, "")]:
        raise fault_in_file(path, keys, _("ontbreekt: {missing}", missing=", ".join(missing)))
    title = entry["title"]
    if not isinstance(title, dict) or set(title) != {"nl", "en"} or not all(isinstance(t, str) for t in title.values()):
        raise fault_in_file(
            path,
            [*keys, "title"],
            _("hier hoort een tekst in nl en in en; zet true, false en getallen tussen aanhalingstekens"),
        )
    if entry["mark"] not in MARKS:
        fault = _("{value} kan hier niet; kies {known}", value=entry["mark"], known=", ".join(MARKS))
        raise fault_in_file(path, [*keys, "mark"], fault)
    return Moment(
        str(entry["code"]), _day(path, [*keys, "on"], entry["on"]), title, str(entry["source"]), entry["mark"]
    )


def _day(path: Path, keys: list[str | int], text: Any) -> date:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise fault_in_file(path, keys, _("{value} is geen datum als 2020-11-12", value=text)) from None
