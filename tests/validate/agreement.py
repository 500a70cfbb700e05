"""Readers with a planted accuracy: agreement by item and over items, and the true share behind what they found."""

from collections.abc import Sequence

import numpy as np

from evaluation.consistency.agreement import fleiss_kappa, mean_over_items
from evaluation.consistency.agreement_ratings import Ratings, rating_counts, ratings_table
from evaluation.consistency.reader_agreement import COEFFICIENTS, item_coefficients, published
from evaluation.consistency.reader_error import true_share
from evaluation.consistency.reader_items import load_reader_items
from validate.performance import LEVEL, REACH, Effort, Found, Items, Quantity, Study, said

READERS = 6
MISSING = 0.08  # of the ratings
ONCE = 0.2  # of the dossiers have one reader
ACCURACY, SHARE = 0.88, 0.7
LOPSIDED = (0.95, 0.9)
"""Accuracy and share of dossiers that nearly all deserve one rating."""
SHARES = (0.85, 0.7, 0.55)
"""Of three items, for the mean over items."""
SENSITIVITY, SPECIFICITY = 1.0, 0.75
"""Readers who never reject wrongly: the low end of the range is then the true share."""
SCALE = load_reader_items().usual
LARGE, SMALL = 500, 60
EQUAL = "true share, readers equally accurate"
LOW_END = "true share, low end where readers never reject wrongly"
TAKEN_FOR_TRUE = "share that readers found, taken for the true share"
ONE_CHANCE = "kappa_fleiss of all items in one table, taken for the mean over items"


def draw_readings(
    n: int,
    rng: np.random.Generator,
    *,
    share: float = SHARE,
    sensitivity: float = ACCURACY,
    specificity: float = ACCURACY,
    once: float = ONCE,
    missing: float = MISSING,
) -> Ratings:
    """Draw dossiers read by two of six readers, some by one, some ratings missing."""
    good = rng.random((n, 1)) < share
    right = rng.random((n, READERS)) < np.where(good, sensitivity, specificity)
    table = (good == right).astype(int)
    turn = rng.random((n, READERS)).argsort(axis=1)
    read = turn < np.where(rng.random((n, 1)) < once, 1, 2)
    read &= rng.random((n, READERS)) >= missing
    words = np.array(SCALE.ratings, dtype=object)[table]
    words[~read] = None
    return ratings_table(words, categories=SCALE.ratings)


def true_agreement(accuracy: float, share: float) -> dict[str, float]:
    """Return what each coefficient is with unlimited dossiers."""
    same = accuracy**2 + (1 - accuracy) ** 2
    yes = share * accuracy + (1 - share) * (1 - accuracy)
    one_share = yes**2 + (1 - yes) ** 2
    chance = dict.fromkeys(("alpha", "kappa_fleiss", "kappa_conger"), one_share)
    chance |= {"percent": 0.0, "ac1": 2 * yes * (1 - yes), "brennan_prediger": 0.5}
    return {name: (same - chance[name]) / (1 - chance[name]) for name in COEFFICIENTS}


def mean_over(shares: Sequence[float]) -> dict[str, float]:
    """Return the mean over items with these shares."""
    each = [true_agreement(ACCURACY, share) for share in shares]
    return {name: float(np.mean([one[name] for one in each])) for name in COEFFICIENTS}


def _item(n: int, rng: np.random.Generator, *, accuracy: float = ACCURACY, share: float = SHARE) -> Items:
    read = draw_readings(n, rng, share=share, sensitivity=accuracy, specificity=accuracy)
    for statistic, found in item_coefficients(read, SCALE, level=LEVEL, two_readers=False).items():
        yield statistic, said(published(found, level=LEVEL, rng=rng))


def _several(n: int, rng: np.random.Generator) -> Items:
    yield from _item(n, rng)
    items = [draw_readings(n, rng, share=share) for share in SHARES]
    each = [item_coefficients(read, SCALE, level=LEVEL, two_readers=False) for read in items]
    for statistic in COEFFICIENTS:
        mean = mean_over_items({str(place): one[statistic] for place, one in enumerate(each)}, level=LEVEL)
        yield f"{statistic}, mean over items", said(published(mean, level=LEVEL, rng=rng))
    found = true_share(draw_readings(n, rng), SCALE.satisfied, level=LEVEL, rng=rng)
    yield EQUAL, _with(found.equal_accuracy, found.equal_interval)
    read = draw_readings(n, rng, sensitivity=SENSITIVITY, specificity=SPECIFICITY)
    found = true_share(read, SCALE.satisfied, level=LEVEL, rng=rng)
    yield LOW_END, _with(found.low, found.low_interval)


def _large_once(rng: np.random.Generator) -> Items:
    yield from _several(LARGE, rng)
    read = draw_readings(LARGE, rng)
    seen = true_share(read, SCALE.satisfied, level=LEVEL, rng=rng, replicates=200).share
    reach = None if seen is None else REACH * np.sqrt(seen * (1 - seen) / len(read.labels))
    yield TAKEN_FOR_TRUE, Found(None) if seen is None or reach is None else Found(seen, seen - reach, seen + reach)
    together = rating_counts(np.concatenate([draw_readings(LARGE, rng, share=share).counts for share in SHARES]))
    yield ONE_CHANCE, said(fleiss_kappa(together, level=LEVEL))


def _large(effort: Effort) -> list[Quantity]:
    wrong = "Wrong on purpose: readers of dossiers"
    return [
        *_quantities(LARGE),
        Quantity(wrong, TAKEN_FOR_TRUE, SHARE, wrong=True),
        Quantity(wrong, ONE_CHANCE, mean_over(SHARES)["kappa_fleiss"], wrong=True),
    ]


def _quantities(n: int) -> list[Quantity]:
    section = f"Readers of {n} dossiers, one in five read once, one rating in twelve missing"
    return [
        *(Quantity(section, name, value) for name, value in true_agreement(ACCURACY, SHARE).items()),
        *(Quantity(section, f"{name}, mean over items", value) for name, value in mean_over(SHARES).items()),
        Quantity(section, EQUAL, SHARE),
        Quantity(section, LOW_END, SHARE),
    ]


def _lopsided(n: int) -> list[Quantity]:
    section = f"Readers of {n} dossiers that nearly all deserve one rating ({LOPSIDED[1]:.0%}), accuracy {LOPSIDED[0]}"
    return [Quantity(section, statistic, value) for statistic, value in true_agreement(*LOPSIDED).items()]


def _with(estimate: float | None, ends: tuple[float, float] | None) -> Found:
    return Found(None) if estimate is None or ends is None else Found(estimate, *ends)


STUDIES = (
    Study(f"readers, {LARGE} dossiers", _large, _large_once),
    Study(f"readers, {SMALL} dossiers", lambda effort: _quantities(SMALL), lambda rng: _several(SMALL, rng)),
    *(
        Study(
            f"readers, nearly all alike, {n} dossiers",
            lambda effort, n=n: _lopsided(n),  # type: ignore[misc]
            lambda rng, n=n: _item(n, rng, accuracy=LOPSIDED[0], share=LOPSIDED[1]),  # type: ignore[misc]
        )
        for n in (LARGE, SMALL)
    ),
)
