"""What a fault in a YAML file is called, in the language of messages: file, line, element, fault."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from data_contracts.errors import WrongUse
from data_contracts.language import _, language
from data_contracts.yaml_file import line_of

SHAPES = {
    "string": {"nl": "tekst", "en": "text"},
    "object": {"nl": "een blok met woorden", "en": "a block of words"},
    "array": {"nl": "een lijst [ ]", "en": "a list [ ]"},
    "integer": {"nl": "een heel getal", "en": "a whole number"},
    "number": {"nl": "een getal", "en": "a number"},
    "boolean": {"nl": "true of false", "en": "true or false"},
}


def schema_words(fault: Any) -> tuple[list[Any], str]:
    """Return where a `jsonschema` validation error stands (keys from the top) and what it is, in words."""
    keys, wanted = list(fault.absolute_path), fault.validator_value
    if fault.validator == "additionalProperties":
        allowed = fault.schema.get("properties", {})
        extra = [str(word) for word in fault.instance if word not in allowed]
        words = _("onbekend woord {extra}; hier kan staan: {allowed}", extra=extra[0], allowed=", ".join(allowed))
        return [*keys, extra[0]], words
    if fault.validator == "unevaluatedProperties":  # the schema allows more than it lists here: name the word only
        extra = re.findall(r"'([^']+)'", fault.message)[:1]
        return [*keys, *extra], _("onbekend woord {extra}", extra=", ".join(extra))
    if fault.validator == "required":
        return keys, _("ontbreekt: {missing}", missing=", ".join(name for name in wanted if name not in fault.instance))
    if fault.validator == "type":
        shapes = [SHAPES[shape][language()] for shape in ([wanted] if isinstance(wanted, str) else wanted)]
        return keys, _("hier hoort {shape}", shape=" / ".join(shapes))
    if fault.validator in ("enum", "const"):
        known = ", ".join(map(str, wanted if fault.validator == "enum" else [wanted]))
        return keys, _("{value} kan hier niet; kies {known}", value=str(fault.instance)[:40], known=known)
    if fault.validator == "pattern":
        return keys, _("{value} past niet bij {pattern}", value=str(fault.instance)[:40], pattern=wanted)
    return keys, _("hier ontbreekt iets, of staat te weinig")


def did_you_mean(word: str, known: Any) -> str:
    """Return the known words, nearest first, for a message about an unknown one."""
    near = get_close_matches(word, list(known), n=1)
    return ", ".join(dict.fromkeys([*near, *known]))


def fault_in_file(path: Path, keys: Sequence[str | int], words: str, *, place: str | None = None) -> WrongUse:
    """Return the error for a fault at `keys` of a YAML file; `place` says those keys in words."""
    return WrongUse(
        _(
            "{file}, regel {line} ({place}): {fault}.",
            file=path.name,
            line=line_of(path, list(keys)),
            place=(" › ".join(map(str, keys)) if place is None else place) or _("hele bestand"),
            fault=words,
        )
    )
