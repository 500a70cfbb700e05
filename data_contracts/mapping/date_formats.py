"""Which date notations fit the texts of a column: to declare one in a mapping, never to guess one."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

DAYS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%m.%d.%Y",
    "%Y%m%d", "%d%m%Y", "%d-%m-%y", "%m-%d-%y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y",
    "%d %B %Y", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d/%b/%Y", "%B %d, %Y", "%b %d, %Y", "%B %d %Y",
)  # fmt: skip
UNDECLARED = ("%Y-%m-%d", "%Y/%m/%d", "%d-%m-%Y")  # what is read when a mapping declares nothing
FIRST = 200
_TIME = re.compile(r"([T ])(\d{1,2}:\d{2})(:\d{2})?(\.\d{1,6})?( ?[AaPp][Mm])?( ?(?:Z|[+-]\d{2}:?\d{2}))?$")


@dataclass(frozen=True)
class Notation:
    """How the dates of a column are written.

    Parameters
    ----------
    formats : tuple of str
        The notations that together read `read` texts; each is the only one for its texts.
    choices : tuple of str
        Notations between which the texts do not decide: the steward must choose.
    read, other : int
        How many different texts are a date, and how many are not.
    """

    formats: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    read: int = 0
    other: int = 0


def notation(texts: Iterable[str]) -> Notation:
    """Return how the dates among different texts are written.

    Texts of one shape (digits, marks, letters) have one notation: the one that reads
    most of them, if it reads four in five. Two that read equally many are a choice.

    Examples
    --------
    >>> notation(["31/01/2020", "03/04/2020"]).formats
    ('%d/%m/%Y',)
    >>> notation(["03/04/2020"]).choices
    ('%d/%m/%Y', '%m/%d/%Y')
    """
    shapes: dict[str, list[str]] = defaultdict(list)
    for text in dict.fromkeys(texts):
        shapes[re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", text))].append(text)
    found: list[tuple[list[str], int]] = []
    other = 0
    for group in shapes.values():
        first = group[:FIRST]  # a column of case numbers is no column of dates: do not try them all
        able = [f for f in _candidates(first[0]) if sum(_reads(text, f) for text in first) * 2 >= len(first)]
        counts = {form: sum(_reads(text, form) for text in group) for form in able}
        most = max(counts.values(), default=0)
        if not most or most < 0.8 * len(group):
            other += len(group)
            continue
        other += len(group) - most
        found.append(([form for form in counts if counts[form] == most], most))
    read = sum(most for _best, most in found)
    formats: list[str] = []
    choices: list[str] = []
    for best, most in found:
        if len(best) > 1 and most * 10 < read:  # a few texts that do not decide: not read, so told, never guessed
            read, other = read - most, other + most
        else:
            (formats if len(best) == 1 else choices).extend(best)
    return Notation(tuple(dict.fromkeys(formats)), tuple(dict.fromkeys(choices)), read, other)


def fitting(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the notations that read every one of these texts (none, one, or several)."""
    distinct = list(dict.fromkeys(texts))
    if not distinct:
        return ()
    return tuple(form for form in _candidates(distinct[0]) if all(_reads(text, form) for text in distinct))


def _candidates(text: str) -> list[str]:
    """The notations that read this text's time of day, and any day."""
    if not re.search(r"\d", text) or len(text) > 40:
        return []
    match = _TIME.search(text)
    if not match:
        return list(DAYS)
    mark, _clock, seconds, part, half, zone = match.groups()
    clock = ("%I:%M" if half else "%H:%M") + (":%S" if seconds else "") + (".%f" if part else "")
    tail = (" %p" if half and half.startswith(" ") else "%p" if half else "") + (
        (" %z" if zone.startswith(" ") else "%z") if zone else ""
    )
    return [f"{day}{mark}{clock}{tail}" for day in DAYS]


def _reads(text: str, form: str) -> bool:
    """Tell whether a text is a day in this notation; without marks only eight digits are, in a likely year."""
    if form[:6] in ("%Y%m%d", "%d%m%Y") and not re.match(r"\d{8}(?!\d)", text):
        return False
    try:
        return 1900 <= datetime.strptime(text, form).year <= 2100
    except ValueError:
        return False


def read_without_declaring(form: str) -> bool:
    """Tell whether dates in this notation are read when a mapping declares none."""
    day, mark, _time = re.split(r"([T ]|$)", form, maxsplit=1)
    return day in UNDECLARED and (not mark or day != "%d-%m-%Y")
