"""Rankings of penalties as data: an outcome is ordered only under one of these, named and published."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from data_contracts.code_lists import MARKS, load_code_lists
from data_contracts.errors import WrongUse
from data_contracts.language import _
from data_contracts.schema_words import fault_in_file
from data_contracts.yaml_file import load_yaml
from evaluation.complete_rows import complete_rows

RANKINGS = Path(__file__).parent / "penalty_ranking.yaml"
PENALTIES = tuple("abcdefghijk")
CONDITIONAL = "voorwaardelijk"


@dataclass(frozen=True)
class PenaltyRanking:
    """An order of outcomes, from mild to heavy.

    Parameters
    ----------
    key : str
    title : dict
        In `nl` and `en`; what a reader is told beside every number that uses the order.
    source : str
    mark : str
        R read in the source, B background to be confirmed, I inferred.
    valid_from, valid_to : date or None
        Decisions taken on these days may be ranked by it.
    places : dict
        Outcome as written in the file (`j`, `j voorwaardelijk`, `geen`) -> rank from 1.
    unranked : dict
        Outcome without a place -> reason in `nl` and `en`.
    """

    key: str
    title: dict[str, str]
    source: str
    mark: str
    valid_from: date | None
    valid_to: date | None
    places: dict[str, int]
    unranked: dict[str, dict[str, str]]

    def ranks(self, penalty: ArrayLike, conditional: ArrayLike) -> np.ndarray:
        """Return the rank of each outcome; missing (None) where it has none.

        It has none when the outcome is missing or unranked, and when it is not known
        whether a penalty is conditional and that matters for its rank.

        Examples
        --------
        >>> load_rankings()["barp_77"].ranks(["geen", "j", "j", "k", "waarschuwing"], [None, True, False, False, None])
        array([1, 20, 21, 21, None], dtype=object)
        """
        return _look_up(self.places, penalty, conditional)

    def bounds(self, penalty: ArrayLike, conditional: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Return the lowest and the highest rank that each outcome may have; missing (None) where it has no place.

        They differ only where it is not known whether a penalty is conditional and that
        matters. Two outcomes whose bounds lie apart are in order whatever is not known.

        Examples
        --------
        >>> low, high = load_rankings()["barp_77"].bounds(["a", "a", "j"], [None, True, None])
        >>> low.tolist(), high.tolist()
        ([2, 2, 20], [3, 2, 21])
        """
        known = np.asarray(conditional, dtype=object)
        either = [self.ranks(penalty, np.where(pd.isna(known), guess, known)) for guess in (True, False)]
        pairs = [(None, None) if None in pair else (min(pair), max(pair)) for pair in zip(*either, strict=True)]
        low, high = np.array(pairs, dtype=object).reshape(-1, 2).T
        return low, high

    def in_force(self, decided_on: ArrayLike) -> np.ndarray:
        """Return whether a decision of each day may be ranked by it; one without a day may where it has no end.

        Examples
        --------
        >>> load_rankings()["barp_77"].in_force(["1990-01-01", "2020-01-01", None]).tolist()
        [False, True, True]
        """
        return _in_force(self.valid_from, self.valid_to, decided_on)


@dataclass(frozen=True)
class PenaltyGroups:
    """Groups of outcomes without an order; every outcome is in one of them.

    Parameters
    ----------
    title, source, mark, valid_from, valid_to
        As `PenaltyRanking`.
    titles : dict
        Group -> title in `nl` and `en`.
    group_of : dict
        Outcome as written in the file -> group.
    """

    title: dict[str, str]
    source: str
    mark: str
    valid_from: date | None
    valid_to: date | None
    titles: dict[str, dict[str, str]]
    group_of: dict[str, str]

    def groups(self, penalty: ArrayLike, conditional: ArrayLike) -> np.ndarray:
        """Return the group of each outcome; missing (None) where it is not known.

        Examples
        --------
        >>> load_groups().groups(["a", "j", "j", "geen"], [None, True, None, None]).tolist()
        ['berisping', 'voorwaardelijk_ontslag', None, 'geen_straf']
        """
        return _look_up(self.group_of, penalty, conditional)

    def in_force(self, decided_on: ArrayLike) -> np.ndarray:
        """Return whether an outcome of each day may be grouped so; one without a day may where they have no end."""
        return _in_force(self.valid_from, self.valid_to, decided_on)


def _in_force(first: date | None, last: date | None, days: ArrayLike) -> np.ndarray:
    day = pd.to_datetime(pd.Series(np.asarray(days)))
    unknown = day.isna() & (last is None)
    since = True if first is None else day >= pd.Timestamp(first)
    until = True if last is None else day <= pd.Timestamp(last)
    return (unknown | (day.notna() & since & until)).to_numpy(bool)


def _look_up(of: dict[str, Any], penalty: ArrayLike, conditional: ArrayLike) -> np.ndarray:
    codes, condition = (pd.Series(np.asarray(values, dtype=object)) for values in (penalty, conditional))
    complete_rows({"penalty": codes, "conditional": condition})  # refuses unequal lengths
    unknown = sorted({str(code) for code in codes.dropna()} - set(load_code_lists()["penalty"].codes))
    if unknown:
        raise WrongUse(_("Deze straf staat niet op de codelijst: {codes}.", codes=", ".join(unknown)))
    always, never = (
        codes.map(lambda code, suffix=suffix: of.get(f"{code}{suffix}")) for suffix in (f" {CONDITIONAL}", "")
    )
    letter = codes.isin(PENALTIES)
    is_conditional, is_not = letter & condition.isin([True]), ~letter | condition.isin([False])
    same = letter & (always == never)
    found = never.where(is_not | same, always.where(is_conditional)).astype(object)
    return np.array(
        [None if pd.isna(one) else int(one) if isinstance(one, float) else one for one in found], dtype=object
    )


@cache
def load_rankings(path: Path = RANKINGS) -> dict[str, PenaltyRanking]:
    """Return the rankings by key.

    Raises
    ------
    WrongUse
        If the file is wrong; the message names file, line and fault.
    """
    document = _document(path)
    return {key: _ranking(path, key, entry) for key, entry in document["rankings"].items()}


@cache
def load_groups(path: Path = RANKINGS) -> PenaltyGroups:
    """Return the groups.

    Raises
    ------
    WrongUse
        If the file is wrong; the message names file, line and fault.
    """
    entry = _document(path)["groups"]
    keys: list[str | int] = ["groups"]
    head = _head(path, keys, entry, ("groups",))
    group_of: dict[str, str] = {}
    for name, group in entry["groups"].items():
        here = ["groups", "groups", name]
        _known_words(path, here, group, ("title", "outcomes"))
        _add(path, [*here, "outcomes"], group_of, group["outcomes"], name)
    _all_there(path, keys, group_of)
    titles = {name: group["title"] for name, group in entry["groups"].items()}
    return PenaltyGroups(**head, titles=titles, group_of=group_of)


def _ranking(path: Path, key: str, entry: Any) -> PenaltyRanking:
    keys: list[str | int] = ["rankings", key]
    head = _head(path, keys, entry, ("ranks", "unranked"))
    places: dict[str, int] = {}
    for rank, outcomes in enumerate(entry["ranks"], start=1):
        _add(path, [*keys, "ranks", rank - 1], places, outcomes, rank)
    unranked = dict(entry["unranked"])
    both = sorted(set(unranked) & set(places))
    if both:
        raise fault_in_file(path, [*keys, "unranked", both[0]], _("{outcome} heeft ook een plaats", outcome=both[0]))
    for outcome, reason in unranked.items():
        _known_words(path, [*keys, "unranked", outcome], reason, ("nl", "en"))
    _all_there(path, keys, {**places, **unranked})
    return PenaltyRanking(key=key, **head, places=places, unranked=unranked)


def _document(path: Path) -> dict[str, Any]:
    document = load_yaml(path)
    _known_words(path, [], document, ("rankings", "groups"))
    return dict(document)


def _head(path: Path, keys: list[str | int], entry: Any, more: tuple[str, ...]) -> dict[str, Any]:
    _known_words(
        path, keys, entry, ("title", "source", "mark", "valid_from", "valid_to", *more), optional=("valid_to",)
    )
    _known_words(path, [*keys, "title"], entry["title"], ("nl", "en"))
    if entry["mark"] not in MARKS:
        words = _("{value} kan hier niet; kies {known}", value=entry["mark"], known=", ".join(MARKS))
        raise fault_in_file(path, [*keys, "mark"], words)
    days = {word: _day(path, [*keys, word], entry.get(word)) for word in ("valid_from", "valid_to")}
    return {"title": entry["title"], "source": entry["source"], "mark": entry["mark"], **days}


def _day(path: Path, keys: list[str | int], written: Any) -> date | None:
    if written is None:
        return None
    try:
        return date.fromisoformat(str(written))
    except ValueError:
        raise fault_in_file(path, keys, _("{day} is geen dag (jjjj-mm-dd)", day=str(written))) from None


def _known_words(
    path: Path, keys: list[str | int], entry: Any, words: tuple[str, ...], *, optional: tuple[str, ...] = ()
) -> None:
    if not isinstance(entry, dict):
        raise fault_in_file(path, keys, _("hier hoort een blok met {words}", words=", ".join(words)))
    extra = [word for word in entry if word not in words]
    if extra:
        raise fault_in_file(path, [*keys, extra[0]], _("onbekend woord {extra}", extra=extra[0]))
    absent = [word for word in words if word not in entry and word not in optional]
    if absent:
        raise fault_in_file(path, keys, _("ontbreekt: {missing}", missing=", ".join(absent)))


def _add(path: Path, keys: list[str | int], of: dict[str, Any], outcomes: Iterable[str], place: Any) -> None:
    if not isinstance(outcomes, list):
        raise fault_in_file(path, keys, _("hier hoort een lijst [ ]"))
    for outcome in outcomes:
        if outcome not in _outcomes():
            raise fault_in_file(path, keys, _("{outcome} is geen uitkomst van de codelijst straffen", outcome=outcome))
        if outcome in of:
            raise fault_in_file(path, keys, _("{outcome} heeft al een plaats", outcome=outcome))
        of[outcome] = place


def _all_there(path: Path, keys: list[str | int], of: Iterable[str]) -> None:
    absent = [outcome for outcome in _outcomes() if outcome not in set(of)]
    if absent:
        raise fault_in_file(path, keys, _("deze uitkomsten hebben geen plaats: {absent}", absent=", ".join(absent)))


def _outcomes() -> tuple[str, ...]:
    """Return every outcome that can be written: codes of the list, and penalties with their condition."""
    codes = load_code_lists()["penalty"].codes
    return (*codes, *(f"{code} {CONDITIONAL}" for code in PENALTIES))
