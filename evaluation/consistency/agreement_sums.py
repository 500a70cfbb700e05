"""Coefficients of agreement as functions of sums over dossiers.

Every coefficient is a smooth function of a few totals, each the sum over dossiers of
something that is read from one dossier only. That one form gives the estimate, its standard
error (the derivative to the totals, applied to each dossier), the bootstrap (totals of
resampled dossiers, all at once), rows that stand for many dossiers, and several items of one
dossier, without writing any of these out for each coefficient.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.consistency.agreement_ratings import Floats, Ratings

_REPEATED = 1e9
_STEP = 1e-20


class Measured(NamedTuple):
    """A coefficient, and the observed agreement and that by chance it compares; arrays of one shape."""

    value: NDArray[Any]
    observed: NDArray[Any]
    chance: NDArray[Any]


Measure = Callable[[NDArray[Any]], Measured]


@dataclass(frozen=True, eq=False)
class Sums:
    """What each dossier adds to the totals, and the coefficient as a function of these.

    Parameters
    ----------
    labels : Index
        The dossiers.
    weight : ndarray, shape (dossiers,)
        Number of identical dossiers.
    parts : ndarray, shape (dossiers, totals)
    twice : ndarray, shape (dossiers,)
        Rows of the dossier (items) with two or more ratings.
    measure : callable
        From totals, shape (..., totals), to `Measured`. NaN where it is undefined.
    """

    labels: pd.Index
    weight: Floats
    parts: Floats
    twice: Floats
    measure: Measure

    @property
    def totals(self) -> Floats:
        """The totals over all dossiers."""
        return self.weight @ self.parts

    def influence(self) -> Measured:
        """Return how much one dossier moves the coefficient and its two parts, in the limit of many dossiers.

        The derivative is that of a table repeated a billion times over, so that corrections
        for small samples (alpha's N - 1) vanish, as in the sources. It is taken along the
        imaginary axis, where there is no rounding error of a difference.
        """
        size = self.parts.shape[1]
        stepped = (self.totals * _REPEATED).astype(complex) + 1j * _STEP * _REPEATED * np.eye(size)
        return Measured(*(self.parts @ (part.imag / _STEP) for part in self.measure(stepped)))


def by_dossier(ratings: Ratings, rows: Floats, twice: Floats, measure: Measure) -> Sums:
    """Add up what the rows of each dossier bring."""
    if len(ratings.labels) != len(rows):
        first = np.flatnonzero(np.diff(ratings.dossier, prepend=-1))  # rows stand in the order of their dossiers
        rows, twice = np.add.reduceat(rows, first, axis=0), np.add.reduceat(twice, first)
    return Sums(ratings.labels, ratings.weight, rows, twice, measure)


def pair_agreement(counts: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return the mean agreement over the pairs of ratings of each row, and whether it has a pair."""
    number = counts.sum(axis=1)
    twice = number >= 2
    same = ((counts @ weights) * counts).sum(axis=1) - number
    return np.divide(same, number * (number - 1), out=np.zeros(len(counts)), where=twice), twice.astype(float)


def observed_sums(ratings: Ratings, weights: Floats) -> Sums:
    """Percent agreement: the mean over rows of the agreement of their pairs."""
    agreement, twice = pair_agreement(ratings.counts, weights)

    def measure(totals: NDArray[Any]) -> Measured:
        observed = _ratio(totals[..., 0], totals[..., 1])
        return Measured(observed, observed, np.zeros_like(observed))

    return by_dossier(ratings, np.stack([agreement, twice], axis=1), twice, measure)


def prevalence_sums(ratings: Ratings, weights: Floats, chance: Callable[[NDArray[Any]], NDArray[Any]]) -> Sums:
    """Coefficients whose agreement by chance depends on the mean share of each category only."""
    agreement, twice = pair_agreement(ratings.counts, weights)
    share = ratings.counts / ratings.counts.sum(axis=1, keepdims=True)

    def measure(totals: NDArray[Any]) -> Measured:
        prevalence = _ratio(totals[..., 2:], totals[..., 2:].sum(axis=-1, keepdims=True))
        return corrected(_ratio(totals[..., 0], totals[..., 1]), chance(prevalence))

    return by_dossier(ratings, np.column_stack([agreement, twice, share]), twice, measure)


def reader_sums(ratings: Ratings, weights: Floats, codes: NDArray[np.intp]) -> Sums:
    """Conger's kappa: chance agreement from the shares of each reader, over all pairs of readers."""
    agreement, twice = pair_agreement(ratings.counts, weights)
    readers, size = codes.shape[1], len(ratings.categories)
    gave = (codes[:, :, None] == np.arange(size)).reshape(len(codes), readers * size).astype(float)

    def measure(totals: NDArray[Any]) -> Measured:
        given = totals[..., 2:].reshape(*totals.shape[:-1], readers, size)
        number = given.sum(axis=-1, keepdims=True)
        there = (number.real > 0).sum(axis=(-2, -1))  # a reader may be absent from a resample
        share = np.divide(given, number, out=np.zeros_like(given), where=number.real > 0)
        all_pairs = quadratic_form(share.sum(axis=-2), weights) - quadratic_form(share, weights).sum(axis=-1)
        return corrected(_ratio(totals[..., 0], totals[..., 1]), _ratio(all_pairs, there * (there - 1.0)))

    return by_dossier(ratings, np.column_stack([agreement, twice, gave]), twice, measure)


def coincidence_sums(ratings: Ratings, weights: Floats) -> Sums:
    """Krippendorff's alpha with agreement between categories that is given beforehand."""
    agreement, twice = pair_agreement(ratings.counts, weights)
    counts = ratings.counts * twice[:, None]

    def measure(totals: NDArray[Any]) -> Measured:
        values = totals[..., 1:]
        number = values.sum(axis=-1)
        observed = 1 - _ratio(number - totals[..., 0], number) * _ratio(number - 1, number)
        return corrected(observed, _ratio(quadratic_form(values, weights), number**2))

    return by_dossier(ratings, np.column_stack([agreement * counts.sum(axis=1), counts]), twice, measure)


def ordinal_sums(ratings: Ratings) -> Sums:
    """Krippendorff's alpha with his ordinal distance: the difference in mean rank among all paired ratings."""
    number = ratings.counts.sum(axis=1)
    twice = (number >= 2).astype(float)
    counts = ratings.counts * twice[:, None]
    size = len(ratings.categories)
    low, high = np.triu_indices(size, k=1)
    pairs = 2 * counts[:, low] * counts[:, high] / np.maximum(number - 1, 1)[:, None]

    def measure(totals: NDArray[Any]) -> Measured:
        seen, values = totals[..., : len(low)], totals[..., len(low) :]
        number = values.sum(axis=-1)
        rank = values.cumsum(axis=-1) - values / 2
        # over the largest distance there can be, so that agreement lies between 0 and 1
        distance = _ratio((rank[..., high] - rank[..., low]) ** 2, (number**2)[..., None])
        found = _ratio((seen * distance).sum(axis=-1), number) * _ratio(number - 1, number)
        by_chance = _ratio(2 * (values[..., low] * values[..., high] * distance).sum(axis=-1), number**2)
        return corrected(1 - found, 1 - by_chance)

    return by_dossier(ratings, np.column_stack([pairs, counts]), twice, measure)


def mean_sums(items: list[Sums]) -> Sums:
    """Return the plain mean of the coefficients of several items, over the dossiers of all of them."""
    labels = items[0].labels
    for item in items[1:]:
        labels = labels.union(item.labels, sort=False)
    places = [labels.get_indexer(item.labels) for item in items]
    ends = np.cumsum([item.parts.shape[1] for item in items])
    parts, twice, weight = np.zeros((len(labels), ends[-1])), np.zeros(len(labels)), np.zeros(len(labels))
    for item, place, end in zip(items, places, ends, strict=True):
        parts[place, end - item.parts.shape[1] : end] = item.parts
        twice[place] += item.twice
        weight[place] = item.weight

    def measure(totals: NDArray[Any]) -> Measured:
        blocks = np.split(totals, ends[:-1], axis=-1)
        found = [item.measure(block) for item, block in zip(items, blocks, strict=True)]
        return Measured(*(np.mean(np.stack(column), axis=0) for column in zip(*found, strict=True)))

    return Sums(labels, weight, parts, twice, measure)


def corrected(observed: NDArray[Any], chance: NDArray[Any]) -> Measured:
    """Return agreement beyond chance as a share of what there could be; NaN where there can be none."""
    return Measured(_ratio(observed - chance, 1 - chance), observed, chance)


def quadratic_form(values: NDArray[Any], weights: Floats) -> NDArray[Any]:
    """Return the sum over all pairs of categories of their values times their weight."""
    return ((values @ weights) * values).sum(axis=-1)


def _ratio(top: NDArray[Any], bottom: NDArray[Any]) -> NDArray[Any]:
    top, bottom = np.broadcast_arrays(top, bottom)
    out = np.full(top.shape, np.nan, dtype=np.result_type(top, bottom, float))
    return np.divide(top, bottom, out=out, where=np.abs(bottom.real) > 1e-12)
