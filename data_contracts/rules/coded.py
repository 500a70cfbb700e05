"""Columns of all tables as whole numbers, worked out once a check: numbers compare quickly, text does not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Key:
    """A number a row of one table: equal where the key columns are equal, also between tables.

    Parameters
    ----------
    numbers : ndarray of int
        Below `size`.
    missing : ndarray of bool
        Part of the key is missing.
    size : int
        How many different keys there are in all tables together.
    """

    numbers: np.ndarray
    missing: np.ndarray
    size: int


@dataclass(frozen=True)
class Coded:
    """The typed rows of all tables; what is worked out about them is kept."""

    frames: Mapping[str, pd.DataFrame]
    keys: dict[tuple[str, ...], dict[str, Key]] = field(default_factory=dict, repr=False, compare=False)
    categories: dict[tuple[str, str], pd.Series] = field(default_factory=dict, repr=False, compare=False)

    def key(self, table: str, columns: Sequence[str]) -> Key:
        """Return the key of each row of a table, numbered together with all tables that have these columns."""
        wanted = tuple(columns)
        if wanted not in self.keys:
            having = {name: frame[list(wanted)] for name, frame in self.frames.items() if set(wanted) <= set(frame)}
            self.keys[wanted] = dict(zip(having, keys_of(list(having.values())), strict=True))
        return self.keys[wanted][table]

    def category(self, table: str, column: str) -> pd.Series:
        """Return a column of few different values as a categorical."""
        if (table, column) not in self.categories:
            self.categories[table, column] = self.frames[table][column].astype("category")
        return self.categories[table, column]


def keys_of(frames: Sequence[pd.DataFrame]) -> list[Key]:
    """Return a key a row of each data frame: equal where all columns are equal, by position.

    Examples
    --------
    >>> one, other = keys_of([pd.DataFrame({"a": ["x", "y"]}), pd.DataFrame({"b": ["y", None]})])
    >>> one.numbers.tolist(), other.numbers.tolist(), other.missing.tolist()
    ([0, 1], [1, 2], [False, True])
    """
    numbers, size = np.zeros(sum(map(len, frames)), dtype=np.int64), 1
    for position in range(frames[0].shape[1]):
        values = pd.concat([frame.iloc[:, position] for frame in frames], ignore_index=True)
        codes, distinct = pd.factorize(values, use_na_sentinel=False)
        if size > 1 and len(distinct) > 1:
            codes, distinct = pd.factorize(numbers * len(distinct) + codes)
        elif len(distinct) <= 1:
            codes, distinct = numbers, range(size)
        numbers, size = codes, len(distinct)
    ends = np.cumsum([len(frame) for frame in frames])[:-1]
    missing = [np.logical_or.reduce([frame[c].isna().to_numpy() for c in frame.columns]) for frame in frames]
    return [Key(part, gone, size) for part, gone in zip(np.split(numbers, ends), missing, strict=True)]
