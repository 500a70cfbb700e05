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
        if not isinstance(key_node, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(None, None, "expected <block end>", key_node.start_mark)
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
        line, words = _yaml_fault(error, path.read_text(encoding="utf-8-sig"))
        raise WrongUse(
            _("{file}, regel {line}: geen geldige YAML: {problem}", file=path.name, line=line, problem=words)
        ) from None


def _yaml_fault(error: yaml.YAMLError, text: str) -> tuple[int, str]:
    """The line to look at (where something was opened, not where the file ended) and what to do there."""
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1 if isinstance(error.position, int) else 1
        return line, _("hier staat een onzichtbaar teken dat niet mag; typ de regel opnieuw.")
    problem, context = str(getattr(error, "problem", "") or ""), str(getattr(error, "context", "") or "")
    mark, opened = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    at = mark.line + 1 if mark else 1
    begun = opened.line + 1 if opened else at
    lines = text.splitlines()
    written = lines[at - 1] if at <= len(lines) else ""
    no_colon = _("na een woord ontbreekt de dubbele punt met een spatie erachter (woord: waarde).")
    indentation = _("deze regel springt anders in dan de regels waar hij bij hoort; zet ze precies onder elkaar.")
    if re.match(r" *\t", written) or "'\\t'" in problem:
        return at, _("hier staat een tab; spring in met spaties, twee per niveau.")
    if problem.startswith("key twice"):
        return at, _("het woord {word} staat twee keer in hetzelfde blok; haal er een weg of voeg ze samen.",
                     word=problem.partition(": ")[2])  # fmt: skip
    if "quoted scalar" in context and "escape" not in problem:
        return begun, _("een aanhalingsteken wordt geopend maar niet gesloten; zet er een achter de tekst.")
    if "escape" in problem:
        return at, _("een \\ tussen dubbele aanhalingstekens; zet een patroon tussen enkele ('\\d').")
    if "flow" in context:
        return begun, _("een accolade of blokhaak is niet gesloten, of er ontbreekt een komma tussen twee delen.")
    if "alias" in problem or "anchor" in problem or "alias" in context or "anchor" in context:
        return at, _("een tekst begint met * of & en staat niet tussen aanhalingstekens; zet die er omheen.")
    if "tag" in problem or "cannot start any token" in problem or "directive" in context:
        return at, _("een tekst begint met een teken dat in YAML iets anders betekent (! % @ ` | >); zet die tussen "
                     "aanhalingstekens.")  # fmt: skip
    if "mapping values are not allowed" in problem:
        before = next((n for n in range(at - 1, 0, -1) if lines[n - 1].split("#")[0].strip()), at)
        if before < at and not re.search(r":(\s|$)", lines[before - 1]):
            return before, no_colon
        if len(re.findall(r":(?:\s|$)", written)) < 2:
            return at, indentation
        return at, _(
            "een dubbele punt te veel; staat er een : in een tekst, zet die tekst dan tussen aanhalingstekens."
        )
    if "could not find expected ':'" in problem:
        return begun, no_colon
    if "expected <block end>" in problem or "block" in context:
        return at, indentation
    return at, _("controleer inspringing, dubbele punten en aanhalingstekens.")


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
