"""Ratings of dossiers by readers, in one form for all coefficients of agreement.

Four ways in: a plain table of dossiers by readers, the long form of the `reviews` table, a
table of counts of dossiers by categories (who rated what is then lost), and the cross table
of two readers. A rating that is missing is left out and never counts as a category.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from data_contracts.errors import WrongUse
from data_contracts.language import _

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

UNRATED = ("niet_te_beoordelen",)
MISSING = -1


@dataclass(frozen=True, eq=False)
class Ratings:
    """The ratings of each row: a dossier, or one item of a dossier.

    Parameters
    ----------
    categories : tuple
        In their order; also those nobody used.
    ordered : bool
        Whether that order means something: declared, or numbers.
    counts : ndarray, shape (rows, categories)
        How many readers gave the row that rating; rows without any are left out.
    codes : ndarray of int, shape (rows, readers), or None
        Position in `categories` of each reader's rating, -1 where there is none; None when
        only the counts are known.
    dossier : ndarray of int, shape (rows,)
        Position in `labels` of the dossier a row belongs to, ascending.
    labels : Index
        The dossiers.
    weight : ndarray, shape (dossiers,)
        Number of identical dossiers each stands for.
    crossed : bool
        Read from a cross table of two readers: standard errors are then those of the
        formulas for such tables, which divide by the number of dossiers and not by one less.
    """

    categories: tuple[Any, ...]
    ordered: bool
    counts: Floats
    codes: Codes | None
    dossier: Codes
    labels: pd.Index
    weight: Floats
    crossed: bool = False

    @property
    def readers(self) -> int:
        """Readers with a rating; from a table of counts the most ratings one row has."""
        if self.codes is None:
            return int(self.counts.sum(axis=1).max(initial=0))
        return int((self.codes != MISSING).any(axis=0).sum())

    @property
    def ratings(self) -> int:
        """All ratings together."""
        return int(self.counts.sum(axis=1) @ self.weight[self.dossier])


def ratings_table(
    table: ArrayLike | pd.DataFrame, *, categories: Sequence[Any] | None = None, weight: ArrayLike | None = None
) -> Ratings:
    """Read a table with a row a dossier and a column a reader.

    Parameters
    ----------
    table : array_like or DataFrame, shape (dossiers, readers)
        Ratings of any kind. None, NaN and blank text are missing.
    categories : sequence, optional
        All ratings there can be, in order. Left out: those seen, sorted.
    weight : array_like of int, optional
        Number of identical dossiers a row stands for; left out: one.

    Raises
    ------
    WrongUse
        If the table is not one of rows and columns, a rating is none of the categories, or
        a weight is not a whole number.

    Examples
    --------
    >>> found = ratings_table([["yes", "yes"], ["no", None]], categories=["no", "yes"])
    >>> found.counts.tolist(), found.readers, found.ratings
    ([[0.0, 2.0], [1.0, 0.0]], 2, 3)
    """
    labels = table.index if isinstance(table, pd.DataFrame) else None
    values = np.asarray(table)
    if values.ndim != 2:
        raise WrongUse(_("De beoordelingen moeten een tabel zijn: een rij per dossier, een kolom per lezer."))
    known, ordered, codes = coded(values.ravel(), categories)
    index = pd.RangeIndex(len(values)) if labels is None or not labels.is_unique else labels
    return _rated(known, ordered, codes.reshape(values.shape), np.arange(len(values)), index, weight)


def ratings_long(
    reviews: pd.DataFrame,
    *,
    categories: Sequence[Any] | None = None,
    unrated: Sequence[Any] = UNRATED,
    item: str | None = None,
    weight: str | None = None,
) -> Ratings:
    """Read the long form: one row a dossier, reader and item.

    Parameters
    ----------
    reviews : DataFrame
        With `case_id`, `reviewer_id`, `rating` and `item`; the `reviews` table of a
        delivery has them. Without `item`, all ratings are of one item.
    categories : sequence, optional
        All ratings there can be, in order. Left out: those seen, sorted.
    unrated : sequence
        Ratings that say that no rating could be given; they are missing.
    item : str, optional
        Only this item. Left out: all items, each item of a dossier a row, with the dossier
        as the unit of sampling: its items are not independent.
    weight : str, optional
        Column with the number of identical dossiers; the same on all rows of a dossier.

    Raises
    ------
    WrongUse
        If a column is missing, a row names no dossier, reader or item, or a reader rated an
        item of a dossier twice; and as `ratings_table`.

    Examples
    --------
    >>> reviews = pd.DataFrame(
    ...     {"case_id": ["Z1", "Z1"], "reviewer_id": ["L1", "L2"], "item": ["KENN", "KENN"], "rating": ["a", "b"]}
    ... )
    >>> ratings_long(reviews).counts.tolist()
    [[1.0, 1.0]]
    """
    wanted = [
        "case_id",
        "reviewer_id",
        "rating",
        *(["item"] if item is not None else []),
        *([weight] if weight else []),
    ]
    for column in wanted:
        if column not in reviews:
            raise WrongUse(_("In de beoordelingen ontbreekt de kolom {column}.", column=column))
    if item is not None:
        reviews = reviews[reviews["item"] == item]
    cases, labels = pd.factorize(reviews["case_id"], sort=True)
    who, names = pd.factorize(reviews["reviewer_id"], sort=True)
    what, items = pd.factorize(reviews["item"], sort=True) if "item" in reviews else (np.zeros(len(reviews), int), [""])
    if (unnamed := (cases < 0) | (who < 0) | (what < 0)).any():
        raise WrongUse(_("{n} beoordelingen noemen geen dossier, lezer of item.", n=int(unnamed.sum())))
    rows, place = np.unique(cases.astype(np.intp) * len(items) + what, return_inverse=True)
    cells = place * len(names) + who
    if twice := len(cells) - len(np.unique(cells)):
        raise WrongUse(_("{n} beoordelingen staan er dubbel: dezelfde lezer, hetzelfde item.", n=twice))
    rating = reviews["rating"].astype(object)
    known, ordered, given = coded(rating.mask(rating.isin(list(unrated))).to_numpy(), categories)
    codes = np.full((len(rows), len(names)), MISSING, dtype=np.intp)
    codes[place, who] = given
    number = None if weight is None else _weight_of(reviews[weight].to_numpy(), cases, len(labels))
    return _rated(known, ordered, codes, rows // max(len(items), 1), pd.Index(labels), number)


def rating_counts(
    counts: ArrayLike | pd.DataFrame, *, categories: Sequence[Any] | None = None, weight: ArrayLike | None = None
) -> Ratings:
    """Read a table of counts: how many readers gave each dossier each rating.

    Parameters
    ----------
    counts : array_like or DataFrame of int, shape (dossiers, categories)
    categories : sequence, optional
        Names of the columns, in order. Left out: those of the DataFrame, or 1, 2, ...
    weight : array_like of int, optional
        Number of identical dossiers a row stands for.

    Examples
    --------
    >>> rating_counts([[6, 0], [4, 2]]).readers
    6
    """
    table = _whole(np.asarray(counts, dtype=float), "counts")
    if table.ndim != 2:
        raise WrongUse(_("De aantallen moeten een tabel zijn: een rij per dossier, een kolom per oordeel."))
    own = list(counts.columns) if isinstance(counts, pd.DataFrame) else list(range(1, table.shape[1] + 1))
    named = tuple(own if categories is None else categories)
    if len(named) != table.shape[1]:
        raise WrongUse(_("Er zijn {n} categorieën genoemd voor {m} kolommen.", n=len(named), m=table.shape[1]))
    number = _weight(weight, len(table))
    kept = (table.sum(axis=1) > 0) & (number > 0)
    rows = np.arange(int(kept.sum()))
    return Ratings(named, True, table[kept], None, rows, pd.Index(np.flatnonzero(kept)), number[kept])


def cross_table(table: ArrayLike | pd.DataFrame, *, categories: Sequence[Any] | None = None) -> Ratings:
    """Read the cross table of two readers: the first reader's ratings in the rows, the second's in the columns.

    Parameters
    ----------
    table : array_like or DataFrame of int, shape (categories, categories)
        Numbers of dossiers.
    categories : sequence, optional
        Names of rows and columns, in order. Left out: those of the DataFrame, or 1, 2, ...

    Examples
    --------
    >>> found = cross_table([[13, 0, 0], [0, 20, 7], [0, 4, 56]])
    >>> found.readers, found.ratings
    (2, 200)
    """
    cells = _whole(np.asarray(table, dtype=float), "table")
    if cells.ndim != 2 or cells.shape[0] != cells.shape[1]:
        raise WrongUse(_("Een kruistabel van twee lezers heeft evenveel rijen als kolommen."))
    size = len(cells)
    own = list(table.index) if isinstance(table, pd.DataFrame) else list(range(1, size + 1))
    named = tuple(own if categories is None else categories)
    if len(named) != size:
        raise WrongUse(_("Er zijn {n} categorieën genoemd voor {m} kolommen.", n=len(named), m=size))
    codes = np.stack(np.divmod(np.arange(size * size), max(size, 1)), axis=1)
    return _rated(named, True, codes, np.arange(size * size), pd.RangeIndex(size * size), cells.ravel(), crossed=True)


def as_ratings(ratings: Ratings | ArrayLike | pd.DataFrame) -> Ratings:
    """Return the ratings; a plain table is read as dossiers by readers."""
    return ratings if isinstance(ratings, Ratings) else ratings_table(ratings)


def coded(values: NDArray[Any], categories: Sequence[Any] | None) -> tuple[tuple[Any, ...], bool, Codes]:
    """Return the categories, whether their order means something, and the position of each value among them.

    Examples
    --------
    >>> coded(np.array(["b", None, "a"], dtype=object), None)[2].tolist()
    [1, -1, 0]
    """
    given = pd.Series(values)
    if given.dtype.kind not in "iufb":
        given = given.mask(given.map(lambda value: isinstance(value, str) and not value.strip()).astype(bool))
    codes, seen = pd.factorize(given)
    if categories is None:
        known = sorted(seen, key=lambda value: (isinstance(value, str), value))
    else:
        known = list(categories)
        if len(set(known)) != len(known):
            raise WrongUse(_("Een categorie staat er twee keer: {known}.", known=", ".join(map(str, known))))
        if strange := [value for value in seen if value not in known]:
            raise WrongUse(
                _(
                    "{n} oordelen staan niet in de lijst. Bekend zijn: {known}.",
                    n=int(np.isin(codes, [list(seen).index(value) for value in strange]).sum()),
                    known=", ".join(map(str, known)),
                )
            )
    place = np.array([known.index(value) for value in seen] + [MISSING], dtype=np.intp)
    return tuple(known), categories is not None or numeric(known), place[codes]


def numeric(categories: Sequence[Any]) -> bool:
    """Whether all categories are numbers, so that distances between them mean something."""
    return all(isinstance(value, (int, float, np.number)) and not isinstance(value, bool) for value in categories)


def _rated(
    categories: tuple[Any, ...],
    ordered: bool,
    codes: Codes,
    dossier: Codes,
    labels: pd.Index,
    weight: ArrayLike | None,
    *,
    crossed: bool = False,
) -> Ratings:
    number = _weight(weight, len(labels))
    counts = np.stack([(codes == k).sum(axis=1) for k in range(len(categories))], axis=1, dtype=float) \
        if categories else np.zeros((len(codes), 0))  # fmt: skip
    kept = (counts.sum(axis=1) > 0) & (number[dossier] > 0)
    left, place = np.unique(dossier[kept], return_inverse=True)
    return Ratings(categories, ordered, counts[kept], codes[kept], place, labels[left], number[left], crossed)


def _weight(weight: ArrayLike | None, length: int) -> Floats:
    if weight is None:
        return np.ones(length)
    number = _whole(np.asarray(weight, dtype=float), "weight")
    if number.shape != (length,):
        raise WrongUse(_("weight moet één rij aantallen zijn, één per dossier."))
    return number


def _weight_of(weight: NDArray[Any], cases: Codes, dossiers: int) -> Floats:
    number = _whole(weight.astype(float), "weight")
    own = np.zeros(dossiers)
    own[cases] = number
    if (own[cases] != number).any():
        raise WrongUse(_("weight moet bij alle regels van een dossier hetzelfde zijn."))
    return own


def _whole(values: Floats, name: str) -> Floats:
    if not (np.isfinite(values).all() and (values >= 0).all() and (values == np.floor(values)).all()):
        raise WrongUse(_("{name} moet uit gehele aantallen bestaan, nul of meer.", name=name))
    return values
