"""YAML as stewards write it: `ON`, `no` and `2020-01-01` stay text, and errors name the line.

YAML 1.1 reads the unit code `ON` as true, a date as an object, the district `0211` as the
octal number 137 and `12:30` as 750; all would change a code list or a mapping in silence.
Only `true` and `false` are truth values here, and a number is one only if writing it
back gives the same text.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from data_contracts.errors import UnreadableInput, WrongUse
from data_contracts.language import _


class _Loader(yaml.SafeLoader):
    pass


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag.rpartition(":")[2] not in ("bool", "timestamp", "int", "float")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), list("tf"))
_DIGITS = list("-0123456789")
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(0|[1-9]\d*)$"), _DIGITS)
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^-?(0|[1-9]\d*)\.(0|\d*[1-9])$"), _DIGITS)


def _no_duplicate_keys(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen = set()
    for key_node, _value in node.value:
        if key_node.value in seen:
            raise yaml.constructor.ConstructorError(None, None, f"key twice: {key_node.value}", key_node.start_mark)
        seen.add(key_node.value)
    return yaml.SafeLoader.construct_mapping(loader, node, deep=True)


_Loader.add_constructor("tag:yaml.org,2002:map", _no_duplicate_keys)


def load_yaml(path: Path) -> Any:
    """Return the content of a YAML file.

    Raises
    ------
    UnreadableInput
        If the file does not exist or is not text.
    WrongUse
        If it is not YAML; the message names the line.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_Loader)
    except FileNotFoundError:
        raise UnreadableInput(_("Bestand niet gevonden: {file}. Controleer de naam en de map.", file=path)) from None
    except (UnicodeDecodeError, IsADirectoryError):
        raise UnreadableInput(_("{file} is geen tekstbestand (UTF-8).", file=path.name)) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise WrongUse(
            _(
                "{file}, regel {line}: geen geldige YAML ({problem}). "
                "Controleer inspringing, dubbele punten en aanhalingstekens.",
                file=path.name,
                line=mark.line + 1 if mark else "?",
                problem=getattr(error, "problem", None) or "?",
            )
        ) from None


def line_of(path: Path, keys: list[str | int]) -> int:
    """Return the line (from 1) at which the element under `keys` stands in a YAML file."""
    node = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=_Loader)
    line = 1
    for key in keys:
        if isinstance(node, yaml.MappingNode):
            found = [pair for pair in node.value if pair[0].value == str(key)]
            if not found:
                break
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
            line = node.start_mark.line + 1
        else:
            break
    return line
