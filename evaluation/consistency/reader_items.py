"""What readers of dossiers rate, and on which scale, as dated data (`reader_items.yaml`)."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

from data_contracts.code_lists import MARKS
from data_contracts.language import _
from data_contracts.procedure import steps
from data_contracts.schema_words import fault_in_file
from data_contracts.yaml_file import load_yaml

READER_ITEMS = Path(__file__).parent / "reader_items.yaml"
KINDS = ("nominal", "ordinal", "interval")
_LONGEST = 40


@dataclass(frozen=True)
class RatingScale:
    """The ratings that an item can get.

    Parameters
    ----------
    key : str
    title : dict
        In `nl` and `en`.
    kind : {"nominal", "ordinal", "interval"}
    ratings : tuple of str
        From low to high.
    satisfied : str
        The rating that says that the item is in order.
    """

    key: str
    title: dict[str, str]
    kind: Literal["nominal", "ordinal", "interval"]
    ratings: tuple[str, ...]
    satisfied: str

    @property
    def ordered(self) -> bool:
        """Whether the order of the ratings says more than that they differ."""
        return self.kind != "nominal" and len(self.ratings) > 2


@dataclass(frozen=True)
class ReaderItem:
    """One item in one period of validity; `mark` R (read in the source), I (inferred) or B (to confirm)."""

    code: str
    title: dict[str, str]
    scale: RatingScale
    valid_from: date | None
    valid_to: date | None
    source: str
    mark: str


@dataclass(frozen=True)
class ReaderItems:
    """The items that are declared, and the scale of those that are not."""

    items: tuple[ReaderItem, ...]
    usual: RatingScale

    def scale_on(self, code: str, day: date) -> RatingScale:
        """Return the scale of an item on a reference date; the usual one when nothing is declared."""
        return next((one.scale for one in self.items if _same(one.code, code) and _valid(one, day)), self.usual)

    def titles(self) -> dict[str, dict[str, str]]:
        """Return `item_key` -> title; of an item with several periods the last."""
        return {item_key(one.code): one.title for one in self.items}


def item_key(code: str) -> str:
    """Return an item as it is written in the id of a score: small letters, digits and `_`.

    Examples
    --------
    >>> item_key("OPDR"), item_key("Hoor en wederhoor (één keer)")
    ('opdr', 'hoor_en_wederhoor_een_keer')
    """
    return _plain(code)[:_LONGEST].strip("_") or "item"


def item_keys(codes: Iterable[str]) -> dict[str, str]:
    """Return code -> key, for all items together.

    Codes that differ in capitals, accents or signs only are one item. Different items that would be
    written alike (longer than an id allows, or without a letter or digit) are numbered.

    Examples
    --------
    >>> item_keys(["OPDR", "opdr", "?", "!"])
    {'!': 'item', '?': 'item_2', 'OPDR': 'opdr', 'opdr': 'opdr'}
    """
    keys: dict[str, str] = {}
    of_plain: dict[str, str] = {}
    for code in sorted({str(code) for code in codes}):
        plain, number = _plain(code) or code, 1
        key = item_key(code)
        while plain not in of_plain and key in of_plain.values():
            number += 1
            key = f"{item_key(code)}_{number}"
        keys[code] = of_plain.setdefault(plain, key)
    return keys


def _plain(code: str) -> str:
    plain = unicodedata.normalize("NFKD", str(code)).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


@cache
def load_reader_items(path: Path = READER_ITEMS) -> ReaderItems:
    """Return the declared items and scales.

    Raises
    ------
    UnreadableInput
        If the file does not exist or is not text.
    WrongUse
        If it is wrong; the message names file, line and fault.

    Examples
    --------
    >>> load_reader_items().scale_on("OPDR", date(2026, 1, 1)).ratings
    ('onvoldoende', 'voldoende')
    """
    document = load_yaml(path)
    _known_words(path, [], document, ("version", "scales", "items"))
    if not isinstance(document["scales"], dict) or not document["scales"]:
        raise fault_in_file(path, ["scales"], _("hier hoort een blok met schalen"))
    scales = {str(key): _scale(path, str(key), entry) for key, entry in document["scales"].items()}
    if not isinstance(document["items"], list):
        raise fault_in_file(path, ["items"], _("hier hoort een lijst [ ]"))
    items: list[ReaderItem] = []
    for place, entry in enumerate(document["items"]):
        item = _item(path, place, entry, scales)
        if any(item_key(item.code) == item_key(one.code) and _overlap(item, one) for one in items):
            raise fault_in_file(
                path, ["items", place], _("het item {code} staat er twee keer voor dezelfde dag", code=item.code)
            )
        items.append(item)
    return ReaderItems(tuple(items), next(iter(scales.values())))


def _scale(path: Path, key: str, entry: Any) -> RatingScale:
    keys: list[str | int] = ["scales", key]
    _known_words(path, keys, entry, ("title", "kind", "ratings", "satisfied"))
    _known_words(path, [*keys, "title"], entry["title"], ("nl", "en"))
    if entry["kind"] not in KINDS:
        fault = _("{value} kan hier niet; kies {known}", value=str(entry["kind"]), known=", ".join(KINDS))
        raise fault_in_file(path, [*keys, "kind"], fault)
    ratings = entry["ratings"]
    if not isinstance(ratings, list) or len(ratings) < 2 or len(set(map(str, ratings))) != len(ratings):
        raise fault_in_file(path, [*keys, "ratings"], _("hier horen twee of meer verschillende oordelen"))
    ratings = tuple(str(one) for one in ratings)
    if entry["satisfied"] not in ratings:
        fault = _("{value} kan hier niet; kies {known}", value=str(entry["satisfied"]), known=", ".join(ratings))
        raise fault_in_file(path, [*keys, "satisfied"], fault)
    return RatingScale(key, entry["title"], entry["kind"], ratings, str(entry["satisfied"]))


def _item(path: Path, place: int, entry: Any, scales: Mapping[str, RatingScale]) -> ReaderItem:
    keys: list[str | int] = ["items", place]
    words = ("code", "title", "scale", "valid_from", "valid_to", "source", "mark")
    _known_words(path, keys, entry, words, optional=("title", "valid_from", "valid_to"))
    code = str(entry["code"])
    titles = {step.code.upper(): step.title for step in steps()}
    title = entry.get("title") or titles.get(code.upper())
    if title is None:
        raise fault_in_file(path, keys, _("ontbreekt: {missing}", missing="title"))
    _known_words(path, [*keys, "title"], title, ("nl", "en"))
    for word, known in (("scale", tuple(scales)), ("mark", MARKS)):
        if entry[word] not in known:
            fault = _("{value} kan hier niet; kies {known}", value=str(entry[word]), known=", ".join(known))
            raise fault_in_file(path, [*keys, word], fault)
    first, last = (_day(path, [*keys, word], entry.get(word)) for word in ("valid_from", "valid_to"))
    return ReaderItem(code, title, scales[entry["scale"]], first, last, str(entry["source"]), entry["mark"])


def _known_words(
    path: Path, keys: list[str | int], entry: Any, words: tuple[str, ...], *, optional: tuple[str, ...] = ()
) -> None:
    if not isinstance(entry, dict):
        raise fault_in_file(path, keys, _("hier hoort een blok met {words}", words=", ".join(words)))
    if extra := [str(word) for word in entry if word not in words]:
        raise fault_in_file(path, [*keys, extra[0]], _("onbekend woord {extra}", extra=extra[0]))
    if absent := [word for word in words if word not in optional and entry.get(word) in (None, "")]:
        raise fault_in_file(path, keys, _("ontbreekt: {missing}", missing=", ".join(absent)))


def _day(path: Path, keys: list[str | int], written: Any) -> date | None:
    if written is None:
        return None
    try:
        return date.fromisoformat(str(written))
    except ValueError:
        raise fault_in_file(path, keys, _("{day} is geen dag (jjjj-mm-dd)", day=str(written))) from None


def _same(one: str, other: str) -> bool:
    return item_key(one) == item_key(other)


def _valid(item: ReaderItem, day: date) -> bool:
    return (item.valid_from or date.min) <= day <= (item.valid_to or date.max)


def _overlap(one: ReaderItem, other: ReaderItem) -> bool:
    later = max(one.valid_from or date.min, other.valid_from or date.min)
    return later <= min(one.valid_to or date.max, other.valid_to or date.max)
