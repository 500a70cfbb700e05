"""YAML as a person would write it: short entries on one line, long ones below each other, comments in place."""

import json
import re
from collections.abc import Mapping, Sequence

WIDTH = 118
_PLAIN = re.compile(r"[^\W_][\w .()/+-]*(?<! )")
_NO_TEXT = re.compile(r"true|false|null|-?\d+|-?\d+\.\d+|~", re.IGNORECASE)


def quoted(text: str) -> str:
    """Return a text as a YAML scalar that is read as that very text.

    Examples
    --------
    >>> quoted("Dossier"), quoted("CONTROL #"), quoted("12"), quoted("a: b")
    ('Dossier', '"CONTROL #"', '"12"', '"a: b"')
    """
    if _PLAIN.fullmatch(text) and not _NO_TEXT.fullmatch(text):
        return text
    if "\\" in text and "'" not in text:  # patterns: between single marks a backslash is a backslash
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False)


def flow(value: object) -> str:
    """Return a value on one line.

    Examples
    --------
    >>> flow({"column": "Wijk", "codes": {"1": "D1"}, "dates": ["%d/%m/%Y"]})
    '{column: Wijk, codes: {"1": D1}, dates: ["%d/%m/%Y"]}'
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{quoted(str(key))}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Sequence):
        return "[" + ", ".join(flow(inner) for inner in value) + "]"
    return str(value)


def comment(text: str) -> str:
    """Return a text that cannot leave the comment it is put in."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def lines(
    name: str,
    value: object,
    *,
    indent: int,
    note: str = "",
    above: Sequence[str] = (),
    beside: Mapping[str, str] | None = None,
) -> list[str]:
    """Return the lines of one entry; `above`: comment lines; `beside`: comments of the keys of `codes`."""  # fmt: skip
    pad, tail = " " * indent, f" # {comment(note)}" if note else ""
    found = [f"{pad}# {comment(line) if not line.startswith('  ') else line.rstrip()}" for line in above]
    one = f"{pad}{quoted(name)}: {flow(value)}"
    if not isinstance(value, Mapping) or (len(one) <= WIDTH and not beside):
        return [*found, one + tail]
    found.append(f"{pad}{quoted(name)}:{tail}")
    for key, inner in value.items():
        one = f"{pad}  {quoted(str(key))}: {flow(inner)}"
        if isinstance(inner, Mapping) and (beside or len(one) > WIDTH):
            found.append(f"{pad}  {quoted(str(key))}:")
            for code, target in inner.items():
                said = f" # {comment(beside[code])}" if beside and code in beside else ""
                found.append(f"{pad}    {quoted(str(code))}: {flow(target)}{said}")
        else:
            found.append(one)
    return found
