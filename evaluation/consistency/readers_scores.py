"""Do readers of dossiers agree, by item and over all items; and what their disagreement does to a share."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from zlib import crc32

import numpy as np
import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.clustered_share import clustered_share
from evaluation.consistency.agreement import mean_over_items
from evaluation.consistency.agreement_estimate import Agreement
from evaluation.consistency.agreement_ratings import UNRATED, Ratings, ratings_long
from evaluation.consistency.reader_agreement import COEFFICIENTS, item_coefficients, published
from evaluation.consistency.reader_error import TrueShare, accuracy_from_agreement, true_share
from evaluation.consistency.reader_items import RatingScale, ReaderItems, item_keys, load_reader_items
from evaluation.consistency.readers_card import (
    NO_COLUMN,
    NOT_DELIVERED,
    NOTHING_TWICE,
    READ_NOTHING,
    error_card,
    readers_card,
)
from evaluation.refusals import MINIMUM_N
from evaluation.score_rows import ScoreRows
from evaluation.scores import Part, Refusal, Score

MEASURE = "consistency.readers"
ERROR_CARD = "consistency.reader_error"
SEED = 20261124


@dataclass(frozen=True)
class Item:
    """The readings of one item.

    Parameters
    ----------
    key : str
        As in the ids of scores.
    scale : RatingScale
    readings : int
        Rows, also those without a rating.
    ratings : Ratings
    coefficients : dict
        Statistic -> `Agreement`.
    """

    key: str
    scale: RatingScale
    readings: int
    ratings: Ratings
    coefficients: dict[str, Agreement]

    @property
    def on_scale(self) -> bool:
        """Whether the rating that says that the item is in order is known."""
        return self.scale.satisfied in self.ratings.categories


def readers_scores(
    case_files: CaseFiles, *, as_of: date, level: float, span: str, items: ReaderItems | None = None
) -> Part:
    """Return the agreement of readers by item and over items, and the range of the true share of each item.

    *Estimand*: on the cards `consistency.readers` and `consistency.reader_error`.

    Parameters
    ----------
    case_files : CaseFiles
        Already cut: `case_files.at(as_of)`.
    as_of : date
    level : float
        Confidence level of the intervals.
    span : str
        Period of the scores.
    items : ReaderItems, optional
        What readers rate and on which scale; left out: `reader_items.yaml`.

    Returns
    -------
    Part
        Scores of `consistency.readers` and of `consistency.readers_<item>` with their cards, or
        the reason why there are none: no readings, or no dossier of which two readers rated
        the same item.
    """
    if case_files.reviews is None or "reviews" in case_files.absent:
        return _refused("reviews", NOT_DELIVERED)
    reviews = readings(case_files.reviews)
    if case_files.reviews.empty or (reviews.empty and all(case_files.has(column) for column in NO_COLUMN)):
        return _refused("reviews", READ_NOTHING)
    for column, reason in NO_COLUMN.items():
        if not case_files.has(column):
            return _refused(column, reason)
    read = read_items(reviews, items or load_reader_items(), as_of=as_of, level=level)
    if not any(item.coefficients["percent"].dossiers_twice for item in read):
        return _refused("reviews", NOTHING_TWICE)
    rows = partial(ScoreRows, group="all", period=span, as_of=as_of, level=level)
    scores = list(_pooled(read, reviews, rows(MEASURE, estimand=MEASURE)))
    scores.append(_accuracy(read, rows(MEASURE, estimand=ERROR_CARD)))
    for item in read:
        measure = f"{MEASURE}_{item.key}"
        scores += _of_item(item, rows(measure, estimand=MEASURE))
        scores += (_found_share(item, rows(measure, estimand=ERROR_CARD)),)
        scores += _true_share(item, rows(measure, estimand=ERROR_CARD))
    scales = {item.scale.key: item.scale for item in read}
    return Part(tuple(scores), (readers_card(scales.values(), level=level), error_card(level=level)))


def readings(reviews: pd.DataFrame) -> pd.DataFrame:
    """Return the readings that name a dossier, a reader and an item, each once; the item by its key.

    Where a reader rated an item of a dossier more than once with different ratings, nobody knows
    which one stands: the rating is then missing.
    """
    keys = ["case_id", "item", "reviewer_id"]
    known = reviews.dropna(subset=keys)
    given = known["rating"].astype(object).mask(known["rating"].isin(list(UNRATED)), None)
    known = known.assign(rating=given, item=known["item"].map(item_keys(known["item"])).astype(object))
    differ = known.groupby(keys)["rating"].transform("nunique") > 1
    known.loc[differ, "rating"] = None
    # a rating before none: one that was left open first and given later stands
    known = known.sort_values([*keys, "rating"], key=lambda column: column.astype("string"), na_position="last")
    return known.drop_duplicates(keys).reset_index(drop=True)


def read_items(reviews: pd.DataFrame, declared: ReaderItems, *, as_of: date, level: float) -> list[Item]:
    """Return the items that were read, those that are declared first, in their order."""
    order = {key: place for place, key in enumerate(declared.titles())}
    two_readers = reviews.loc[reviews["rating"].notna(), "reviewer_id"].nunique() == 2
    found = []
    for key in sorted(reviews["item"].unique(), key=lambda one: (order.get(one, len(order)), one)):
        own = reviews[reviews["item"] == key]
        scale = declared.scale_on(key, as_of)
        known = set(own["rating"].dropna()) <= set(scale.ratings)
        ratings = ratings_long(own, categories=scale.ratings if known else None)
        coefficients = item_coefficients(ratings, scale, level=level, two_readers=two_readers)
        found.append(Item(key, scale, len(own), ratings, coefficients))
    return found


def _refused(needed: str, reason: dict[str, str]) -> Part:
    return Part(refusals=(Refusal(MEASURE, (needed,), reason),))


def _pooled(read: list[Item], reviews: pd.DataFrame, rows: ScoreRows) -> Iterator[Score]:
    rated = reviews[reviews["rating"].notna()]
    by_item = rated.groupby(["case_id", "item"]).size()
    twice = by_item[by_item > 1].index.get_level_values("case_id").nunique()
    dossiers = rated["case_id"].nunique()
    used = _used(read)
    for statistic in COEFFICIENTS:
        own = {item.key: item.coefficients[statistic] for item in used}
        said = {key: one for key, one in own.items() if one.refusal is None}
        if not said:
            refusal = next((one.refusal for one in own.values() if one.refusal), "too_few")
            yield rows.refused(statistic, _UNITS.get(statistic, "ratio"), refusal, n=twice)
            continue
        yield _number(mean_over_items(said, level=rows.level), statistic, rows)
    yield from _counts(dossiers, twice, len(reviews), len(rated), rows)
    alike = sum(item.coefficients["kappa_fleiss"].refusal == "no_variation" for item in used)
    yield rows.count("items", len(read))
    yield rows.count("items_used", len(used), n=len(read))
    yield rows.count("items_one_rating", alike, n=len(read))
    readers = rated["reviewer_id"].nunique()
    if readers < MINIMUM_N:  # few people: that there are fewer than ten is all that is said
        yield rows.refused("readers", "count", "too_few", n=dossiers)
    else:
        yield rows.count("readers", readers, n=dossiers)


def _of_item(item: Item, rows: ScoreRows) -> Iterator[Score]:
    for statistic, found in item.coefficients.items():
        yield _number(found, statistic, rows)
    counts = item.coefficients["percent"]
    yield from _counts(counts.dossiers, counts.dossiers_twice, item.readings, counts.ratings, rows)


def _number(found: Agreement, statistic: str, rows: ScoreRows) -> Score:
    said = published(found, level=rows.level, rng=_rng(rows.measure, statistic))
    return rows.number(statistic, _UNITS.get(statistic, "ratio"), said, n=said.dossiers_twice)


def _counts(dossiers: int, twice: int, readings_: int, ratings: int, rows: ScoreRows) -> Iterator[Score]:
    yield rows.count("dossiers", dossiers)
    yield rows.count("double_read", twice, n=dossiers)
    yield rows.counted_share("missing", readings_ - ratings, readings_)


def _accuracy(read: list[Item], rows: ScoreRows) -> Score:
    """Return how often readers are right, if they are as often right of what is in order as of what is not."""
    used = _used(read)
    if not used:
        return rows.refused("accuracy", "share", "too_few", n=0)
    percent = mean_over_items({item.key: item.coefficients["percent"] for item in used}, level=rows.level)
    ends = (percent.estimate, percent.low, percent.high)
    right, low, high = (None if one is None else accuracy_from_agreement(one) for one in ends)
    two = all(len(item.ratings.categories) == 2 for item in used)  # of more ratings it is not the same formula
    return rows.plain("accuracy", "share", right if two else None, n=percent.dossiers_twice, low=low, high=high)


def _used(read: list[Item]) -> list[Item]:
    """Return the items of which enough dossiers were read twice."""
    return [item for item in read if item.coefficients["percent"].dossiers_twice >= MINIMUM_N]


def _found_share(item: Item, rows: ScoreRows) -> Score:
    """Return the share of ratings that say that the item is in order."""
    n = item.coefficients["percent"].dossiers
    if not item.on_scale or n < MINIMUM_N:
        return rows.refused("found_share", "share", "too_few" if item.on_scale else "not_estimable", n=n)
    counts, place = item.ratings.counts, item.ratings.categories.index(item.scale.satisfied)
    share = clustered_share(counts[:, place], counts.sum(axis=1), item.ratings.dossier, level=rows.level)
    return rows.plain("found_share", "share", share.estimate, n=n, low=share.interval.low, high=share.interval.high,
                      numerator=share.numerator, denominator=share.denominator)  # fmt: skip


def _true_share(item: Item, rows: ScoreRows) -> Iterator[Score]:
    known = true_share(item.ratings, item.scale.satisfied, level=rows.level, rng=_rng(rows.measure, "true_share")) \
        if item.on_scale else None  # fmt: skip
    few = known is not None and 0 < (known.dossiers_twice or 0) < MINIMUM_N
    for statistic, (estimate, ends) in _ends(known).items():
        n = item.coefficients["percent"].dossiers
        refusal = "too_few" if few else "not_estimable" if known is None else known.refusal
        low, high = (None, None) if ends is None else ends
        yield rows.plain(statistic, "share", None if refusal else estimate, n=n, low=low, high=high, refusal=refusal)


def _ends(found: TrueShare | None) -> Mapping[str, tuple[float | None, tuple[float, float] | None]]:
    if found is None:
        return dict.fromkeys(("true_share_low", "true_share_high", "true_share_equal"), (None, None))
    return {
        "true_share_low": (found.low, found.low_interval),
        "true_share_high": (found.high, found.high_interval),
        "true_share_equal": (found.equal_accuracy, found.equal_interval),
    }


def _rng(measure: str, statistic: str) -> np.random.Generator:
    """Return draws of its own for each number, so that one item more does not move the others."""
    return np.random.default_rng([SEED, crc32(f"{measure}.{statistic}".encode())])


_UNITS = {"percent": "share"}
