"""Agreement of readers: do they say the same of a dossier, beyond what chance would give.

Every coefficient but percent agreement is `(observed - chance) / (1 - chance)`: they differ in
what they call chance, and none is right for every purpose. Kappa and alpha fall when nearly
all dossiers get the same rating, however rarely readers differ; AC1 and Brennan-Prediger do
not. Show several, with percent agreement and the counts.

| function | chance agreement |
|---|---|
| `percent_agreement` | none taken off |
| `cohen_kappa` | two readers, each with their own shares of the categories |
| `conger_kappa` | the same over all pairs of two or more readers |
| `fleiss_kappa` | one share of each category for all readers |
| `krippendorff_alpha` | the same, among paired ratings, without replacement |
| `gwet_ac` | AC1, AC2: ratings by chance only on dossiers that are hard to rate |
| `brennan_prediger` | every category as likely |

All take the ratings as `Ratings` (`ratings_table`, `ratings_long`, `rating_counts`,
`cross_table`) or as a plain table of dossiers by readers, and return an `Agreement`. Standard
errors are the published ones unless asked otherwise; how they and the intervals are made stands in
`evaluation.consistency.agreement_estimate`. With several items per dossier, rows are items and
dossiers are what is sampled.
"""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.consistency.agreement_estimate import Agreement, Counts, ErrorFormula, SingleReads, estimated
from evaluation.consistency.agreement_ratings import MISSING, Ratings, as_ratings
from evaluation.consistency.agreement_sums import (
    coincidence_sums,
    mean_sums,
    observed_sums,
    ordinal_sums,
    prevalence_sums,
    quadratic_form,
    reader_sums,
)
from evaluation.consistency.agreement_weights import Scale, agreement_weights, scale_values

AlphaScale = Literal["nominal", "ordinal", "interval"]
Readings: TypeAlias = Ratings | ArrayLike | pd.DataFrame


def percent_agreement(
    ratings: Readings,
    *,
    level: float,
    weights: Scale | ArrayLike = "nominal",
    population: int | None = None,
    single_reads: SingleReads = "gwet",
) -> Agreement:
    """Return the share of pairs of ratings of one dossier that are the same.

    *Estimand*: the chance that two readers, drawn from those of a dossier, give a dossier from
    the same process the same rating (with `weights`: their mean agreement). Each dossier rated
    twice or more counts once, however often it was rated. Nothing is taken off for chance.

    Parameters
    ----------
    ratings : Ratings, DataFrame or array_like
        A plain table has a row a dossier and a column a reader; None, NaN and blanks are missing.
    level : float
        Confidence level of the interval.
    weights : {"nominal", "linear", "quadratic"} or array_like
        How much different ratings agree; see `agreement_weights`.
    population : int, optional
        Dossiers of which the rated ones are a random sample: finite-population correction.
    single_reads : {"gwet", "ratio"}
        What dossiers read once do to the standard error: the published formula, or one in which
        they add nothing; see `evaluation.consistency.agreement_estimate`. The same where every
        dossier is read twice or more.

    Raises
    ------
    WrongUse
        If the ratings, the weights, the level or the population are none.

    References
    ----------
    .. [1] K. L. Gwet, *Handbook of Inter-Rater Reliability*, 4th ed. (2014), chapter 2.

    Examples
    --------
    >>> found = percent_agreement([["a", "a"], ["b", "b"], ["a", "b"], ["b", None]], level=0.95)
    >>> round(found.estimate, 4), found.dossiers, found.dossiers_twice
    (0.6667, 4, 3)
    """
    given = as_ratings(ratings)
    sums = observed_sums(given, agreement_weights(given, weights))
    return estimated("percent_agreement", sums, Counts.of(given), level=level, population=population,
                     single_reads=single_reads, large_sample=given.crossed)  # fmt: skip


def cohen_kappa(
    ratings: Readings,
    *,
    level: float,
    weights: Scale | ArrayLike = "nominal",
    population: int | None = None,
) -> Agreement:
    """Return Cohen's kappa, also weighted, of two readers.

    *Estimand*: agreement of these two readers beyond what two readers would reach who each give
    the categories in their own shares, without looking; over the dossiers both rated. The
    standard error is that of Fleiss, Cohen and Everitt [3]_, which divides by the number of
    dossiers.

    Parameters
    ----------
    ratings, level, weights, population
        As in `percent_agreement`; exactly two readers, not a table of counts.

    Raises
    ------
    WrongUse
        As `percent_agreement`; or if there are more than two readers (use `conger_kappa`).

    References
    ----------
    .. [1] J. Cohen, "A coefficient of agreement for nominal scales", Educational and
       Psychological Measurement 20 (1960) 37-46.
    .. [2] J. Cohen, "Weighted kappa", Psychological Bulletin 70 (1968) 213-220.
    .. [3] J. L. Fleiss, J. Cohen, B. S. Everitt, Psychological Bulletin 72 (1969) 323-327.

    Examples
    --------
    >>> from evaluation.consistency.agreement_ratings import cross_table
    >>> found = cohen_kappa(cross_table([[13, 0, 0], [0, 20, 7], [0, 4, 56]]), level=0.95)
    >>> round(found.estimate, 5), round(found.standard_error, 5)
    (0.79641, 0.05891)
    """
    given = as_ratings(ratings)
    codes = _by_reader(given)
    if codes.shape[1] > 2:
        raise WrongUse(_("Cohens kappa is voor twee lezers; hier zijn er {n}. Gebruik conger_kappa.", n=codes.shape[1]))
    both = (codes != MISSING).sum(axis=1) == 2
    pairs = _rows(given, both)
    sums = reader_sums(pairs, agreement_weights(given, weights), codes[both])
    own = len(pairs.labels) == len(pairs.counts)  # several items a dossier: no formula for a cross table
    return estimated("cohen_kappa", sums, _counts(given, pairs), level=level, population=population, large_sample=own)


def conger_kappa(
    ratings: Readings,
    *,
    level: float,
    weights: Scale | ArrayLike = "nominal",
    population: int | None = None,
    single_reads: SingleReads = "gwet",
) -> Agreement:
    """Return Conger's kappa: Cohen's for two or more readers.

    *Estimand*: agreement of these readers beyond what they would reach if each gave the
    categories in their own shares, without looking. Chance agreement is the mean over all pairs
    of readers, also of pairs that share no dossier.

    Parameters
    ----------
    ratings, level, weights, population, single_reads
        As in `percent_agreement`; not a table of counts, which does not say who rated what.

    References
    ----------
    .. [1] A. J. Conger, "Integration and generalization of kappas for multiple raters",
       Psychological Bulletin 88 (1980) 322-328.
    .. [2] K. L. Gwet, *Handbook of Inter-Rater Reliability*, 4th ed. (2014), chapters 2 and 5.

    Examples
    --------
    >>> found = conger_kappa([["a", "a", "a"], ["b", "b", "a"], ["b", "b", "b"], ["a", "a", None]], level=0.95)
    >>> round(found.estimate, 4), found.readers
    (0.6667, 3)
    """
    given = as_ratings(ratings)
    sums = reader_sums(given, agreement_weights(given, weights), _by_reader(given))
    return estimated("conger_kappa", sums, Counts.of(given), level=level, population=population,
                     single_reads=single_reads, large_sample=given.crossed)  # fmt: skip


def fleiss_kappa(
    ratings: Readings,
    *,
    level: float,
    weights: Scale | ArrayLike = "nominal",
    population: int | None = None,
    single_reads: SingleReads = "gwet",
) -> Agreement:
    """Return Fleiss' kappa; of two readers it is Scott's pi.

    *Estimand*: agreement beyond what readers would reach who all give the categories in the
    same shares, those of all readers together, without looking. Readers may differ by dossier.
    The standard error is for an interval; `fleiss_null_error` has the one for a test that there
    is no agreement at all.

    Parameters
    ----------
    ratings, level, weights, population, single_reads
        As in `percent_agreement`.

    References
    ----------
    .. [1] J. L. Fleiss, "Measuring nominal scale agreement among many raters", Psychological
       Bulletin 76 (1971) 378-382.
    .. [2] K. L. Gwet, *Handbook of Inter-Rater Reliability*, 4th ed. (2014), chapters 2 and 5.

    Examples
    --------
    >>> round(fleiss_kappa([["a", "a"], ["b", "b"], ["a", "b"]], level=0.95).estimate, 4)
    0.3333
    """
    given = as_ratings(ratings)
    matrix = agreement_weights(given, weights)
    sums = prevalence_sums(given, matrix, lambda share: quadratic_form(share, matrix))
    return estimated("fleiss_kappa", sums, Counts.of(given), level=level, population=population,
                     single_reads=single_reads, large_sample=given.crossed)  # fmt: skip


def fleiss_null_error(ratings: Readings) -> float | None:
    """Return the standard error of Fleiss' kappa if there were no agreement beyond chance.

    For the test `estimate / error`, not for an interval. None where dossiers differ in their
    number of ratings (the formula knows one number), or all ratings are the same.

    References
    ----------
    .. [1] J. L. Fleiss, J. C. M. Nee, J. R. Landis, "Large sample variance of kappa in the case
       of different sets of raters", Psychological Bulletin 86 (1979) 974-977.

    Examples
    --------
    >>> round(fleiss_null_error([["a", "a"], ["b", "b"], ["a", "b"]]), 4)
    0.5774
    """
    given = as_ratings(ratings)
    number = np.unique(given.counts.sum(axis=1))
    if len(number) != 1 or number[0] < 2:
        return None
    weight = given.weight[given.dossier]
    share = weight @ given.counts / (weight.sum() * number[0])
    spread = float(share @ (1 - share))
    if spread <= 0:
        return None
    skew = float((share * (1 - share)) @ (1 - 2 * share))
    return float(np.sqrt(2 * (spread**2 - skew) / (weight.sum() * number[0] * (number[0] - 1))) / spread)


def krippendorff_alpha(
    ratings: Readings,
    *,
    level: float,
    scale: AlphaScale | ArrayLike = "nominal",
    population: int | None = None,
    error: ErrorFormula | None = None,
) -> Agreement:
    """Return Krippendorff's alpha.

    *Estimand*: one less the disagreement seen within dossiers over that between ratings drawn
    from all dossiers rated twice or more, whoever gave them. A dossier counts by its number of
    ratings; one rated once does not count.

    Parameters
    ----------
    ratings, level, population
        As in `percent_agreement`.
    scale : {"nominal", "ordinal", "interval"} or array_like
        Distance between categories. Nominal: same or not. Ordinal: by how many of the ratings
        lie between two categories, so it depends on the ratings. Interval: the square of the
        difference, of numbers themselves and otherwise of the places in `categories`. Or a
        matrix of agreement, as in `agreement_weights`.
    error : {"linear", "count_table"}, optional
        Formula of the standard error; see `evaluation.consistency.agreement_estimate`. Left out:
        the one published for the kind of table, `count_table` for a table of counts and `linear`
        for others. Ordinal alpha has `linear` only.

    References
    ----------
    .. [1] K. Krippendorff, *Content Analysis*, 2nd ed. (2004), chapter 11.
    .. [2] K. Krippendorff, "Computing Krippendorff's alpha-reliability" (2011).
    .. [3] K. L. Gwet, *Handbook of Inter-Rater Reliability*, 4th ed. (2014), chapters 2 and 5.

    Examples
    --------
    >>> found = krippendorff_alpha([[1, 1], [2, 2], [1, 2], [2, None]], level=0.95)
    >>> round(found.estimate, 4), found.dossiers_twice, found.ratings
    (0.4444, 3, 6)
    """
    given = as_ratings(ratings)
    paired = _rows(given, given.counts.sum(axis=1) >= 2)
    if isinstance(scale, str) and scale == "ordinal":
        scale_values(given)  # refuses categories without an order
        sums = ordinal_sums(paired)
    elif isinstance(scale, str) and scale not in ("nominal", "interval"):
        raise WrongUse(_("Onbekende schaal: {scale}. Bekend zijn: {known}.",
                         scale=scale, known="nominal, ordinal, interval"))  # fmt: skip
    else:
        same = {"nominal": "nominal", "interval": "quadratic"}
        sums = coincidence_sums(paired, agreement_weights(given, same[scale] if isinstance(scale, str) else scale))
    formula: ErrorFormula = error or ("linear" if given.codes is not None else "count_table")
    if isinstance(scale, str) and scale == "ordinal":
        formula = "linear"  # its distances move with the ratings: there is no other formula
    return estimated("krippendorff_alpha", sums, _counts(given, paired), level=level, population=population,
                     large_sample=given.crossed, error_formula=formula)  # fmt: skip


def gwet_ac(
    ratings: Readings,
    *,
    level: float,
    weights: Scale | ArrayLike = "nominal",
    population: int | None = None,
    single_reads: SingleReads = "gwet",
) -> Agreement:
    """Return Gwet's AC1, or with weights AC2.

    *Estimand*: agreement beyond chance, where ratings fall by chance only on dossiers that are
    hard to rate; the more evenly the categories are used, the more of these there are held to
    be. Categories that nobody used count: declare them.

    Parameters
    ----------
    ratings, level, weights, population, single_reads
        As in `percent_agreement`.

    References
    ----------
    .. [1] K. L. Gwet, "Computing inter-rater reliability and its variance in the presence of
       high agreement", British Journal of Mathematical and Statistical Psychology 61 (2008)
       29-48.
    .. [2] K. L. Gwet, *Handbook of Inter-Rater Reliability*, 4th ed. (2014), chapters 2 to 5.

    Examples
    --------
    >>> round(gwet_ac([["a", "a"], ["b", "b"], ["a", "b"]], level=0.95).estimate, 4)
    0.3333
    """
    given = as_ratings(ratings)
    matrix, size = agreement_weights(given, weights), len(given.categories)
    spread = matrix.sum() / (size * (size - 1)) if size > 1 else np.inf

    def chance(share: NDArray[Any]) -> NDArray[Any]:
        if size < 2:
            return np.ones_like(share[..., 0])
        found: NDArray[Any] = spread * (share * (1 - share)).sum(axis=-1)
        return found

    sums = prevalence_sums(given, matrix, chance)
    return estimated("gwet_ac", sums, Counts.of(given), level=level, population=population,
                     single_reads=single_reads, large_sample=given.crossed)  # fmt: skip


def brennan_prediger(
    ratings: Readings,
    *,
    level: float,
    weights: Scale | ArrayLike = "nominal",
    population: int | None = None,
    single_reads: SingleReads = "gwet",
) -> Agreement:
    """Return the coefficient of Brennan and Prediger.

    *Estimand*: agreement beyond what readers would reach who give each category equally often.
    Categories that nobody used count: declare them.

    Parameters
    ----------
    ratings, level, weights, population, single_reads
        As in `percent_agreement`.

    References
    ----------
    .. [1] R. L. Brennan, D. J. Prediger, "Coefficient kappa: some uses, misuses, and
       alternatives", Educational and Psychological Measurement 41 (1981) 687-699.
    .. [2] K. L. Gwet, *Handbook of Inter-Rater Reliability*, 4th ed. (2014), chapters 2 and 5.

    Examples
    --------
    >>> round(brennan_prediger([["a", "a"], ["b", "b"], ["a", "b"]], level=0.95).estimate, 4)
    0.3333
    """
    given = as_ratings(ratings)
    matrix = agreement_weights(given, weights)
    even = float(matrix.mean()) if matrix.size else 1.0
    sums = prevalence_sums(given, matrix, lambda share: np.full_like(share[..., 0], even))
    return estimated("brennan_prediger", sums, Counts.of(given), level=level, population=population,
                     single_reads=single_reads, large_sample=given.crossed)  # fmt: skip


def mean_over_items(items: Mapping[str, Agreement], *, level: float, population: int | None = None) -> Agreement:
    """Return the plain mean of one coefficient over items, with the dossier as the unit of sampling.

    *Estimand*: agreement beyond chance on the average item, chance judged per item. (All items
    in one table, as `ratings_long` without `item` gives them, has one chance agreement for all;
    items that differ in how often they are satisfied then count as agreement beyond chance.)

    Parameters
    ----------
    items : mapping of str to Agreement
        The same coefficient of each item.
    level, population
        As in `percent_agreement`.

    Returns
    -------
    Agreement
        Where an item is refused, that refusal: leave such items out, and say so. Dossiers read
        once add nothing to the standard error, whatever the items were asked (`single_reads`):
        no formula for a mean is published.

    Examples
    --------
    >>> found = {item: gwet_ac(table, level=0.95) for item, table in {
    ...     "KENN": [["a", "a"], ["b", "b"], ["a", "b"]], "BESL": [["a", "a"], ["b", "b"], ["b", "b"]]}.items()}
    >>> round(mean_over_items(found, level=0.95).estimate, 4)
    0.6667
    """
    found = list(items.values())
    if not found or len({one.coefficient for one in found}) != 1:
        raise WrongUse(_("Geef van één of meer items dezelfde coëfficiënt."))
    if refused := next((one for one in found if one.refusal), None):
        return refused
    sums = mean_sums([one.sums for one in found])
    readers, ratings = max(one.readers for one in found), sum(one.ratings for one in found)
    counts = Counts(int(sums.weight.sum()), ratings, readers, found[0].categories)
    return estimated(found[0].coefficient, sums, counts, level=level, population=population)


def _by_reader(ratings: Ratings) -> NDArray[np.intp]:
    if ratings.codes is None:
        raise WrongUse(_("Deze kappa moet weten wie wat oordeelde; een tabel met aantallen zegt dat niet."))
    return ratings.codes[:, (ratings.codes != MISSING).any(axis=0)]


def _rows(ratings: Ratings, kept: NDArray[np.bool_]) -> Ratings:
    """Return some of the rows, and the dossiers that are left."""
    if kept.all():
        return ratings
    left, place = np.unique(ratings.dossier[kept], return_inverse=True)
    codes = None if ratings.codes is None else ratings.codes[kept]
    return Ratings(ratings.categories, ratings.ordered, ratings.counts[kept], codes, place, ratings.labels[left],
                   ratings.weight[left], ratings.crossed)  # fmt: skip


def _counts(given: Ratings, used: Ratings) -> Counts:
    return Counts(int(given.weight.sum()), used.ratings, given.readers, given.categories)
