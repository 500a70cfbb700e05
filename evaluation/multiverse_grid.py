"""The grid of a multiverse: choices, the options of each, and the universes that mislead, as data.

A grid is written in a YAML file of its module (`evaluation/duration/multiverse.yaml` is
one), so that a choice can be added, or corrected, without touching the code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from data_contracts.errors import WrongUse
from data_contracts.language import _
from data_contracts.yaml_file import load_yaml

Universe = Mapping[str, str]
"""One option of every choice."""

Texts = Mapping[str, str]


@dataclass(frozen=True)
class Option:
    """One way to choose.

    Parameters
    ----------
    key : str
    title : mapping
        In `nl` and `en`.
    needs : tuple of str
        Tables, columns or facts without which this option cannot be taken.
    keep : str or None
        Column of truth values: only its true rows take part (`kept`).
    question : bool
        Who takes this option asks another question than the headline, unless that takes it too.
    unit : str or None
        Unit of the number, where it differs from that of the other options (working days).
    """

    key: str
    title: Texts
    needs: tuple[str, ...] = ()
    keep: str | None = None
    question: bool = False
    unit: str | None = None


@dataclass(frozen=True)
class Choice:
    """A choice that has to be made, with its options; the first is that of the headline."""

    key: str
    title: Texts
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Misleading:
    """Universes that give a number that misleads: those with an option of `when` in each of its choices."""

    when: Mapping[str, tuple[str, ...]]
    reason: Texts


@dataclass(frozen=True)
class Grid:
    """Choices in their order, and the universes among them that mislead.

    With `together`, only universes that differ from the headline in at most so many
    choices are run: for an estimator that takes its time.
    """

    choices: tuple[Choice, ...]
    misleading: tuple[Misleading, ...] = ()
    together: int | None = None


def kept(cases: pd.DataFrame, grid: Grid, universe: Universe) -> pd.DataFrame:
    """Return the rows that every option of a universe keeps (`Option.keep`).

    Examples
    --------
    >>> word = {"nl": "", "en": ""}
    >>> units = Choice("units", word, (Option("all", word), Option("large", word, keep="is_large")))
    >>> cases = pd.DataFrame({"is_large": [True, False]})
    >>> [len(kept(cases, Grid((units,)), {"units": option})) for option in ("all", "large")]
    [2, 1]
    """
    columns = [
        option.keep
        for choice in grid.choices
        for option in choice.options
        if option.key == universe[choice.key] and option.keep is not None
    ]
    return cases[cases[columns].astype(bool).all(axis=1)]


def read_grid(name: str, path: Path) -> Grid:
    """Read one declared grid of a module, such as `total`.

    A choice that is a question as a whole (`question: true`) makes all its options so.
    """
    declared = load_yaml(path)
    if name not in declared:
        raise WrongUse(_("Er is geen rooster {name}. Wel: {names}.", name=name, names=", ".join(sorted(declared))))
    choices = tuple(
        Choice(
            key,
            choice["title"],
            tuple(
                Option(
                    option, said["title"], tuple(said.get("needs", ())), said.get("keep"),
                    said.get("question", choice.get("question", False)), said.get("unit"),
                )
                for option, said in choice["options"].items()
            ),
        )
        for key, choice in declared[name]["choices"].items()
    )  # fmt: skip
    misleading = tuple(
        Misleading({key: tuple(values) for key, values in rule["when"].items()}, rule["reason"])
        for rule in declared[name].get("misleading", ())
    )
    return Grid(choices, misleading, declared[name].get("together"))
