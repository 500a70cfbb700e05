"""What disagreement between readers does to a share: the range in which the true share can lie.

A share of dossiers that readers find satisfactory is not the share that is. Two readers of the
same dossiers show how far they can be off, under these assumptions:

1. every dossier is, for this item, either satisfactory or not;
2. a reader finds a satisfactory dossier so with one chance (sensitivity), and one that is not
   unsatisfactory with another (specificity); the same for all readers and dossiers;
3. readers err independently of one another, given what the dossier is;
4. dossiers read twice are a random part of the dossiers read;
5. readers are right more often than wrong: sensitivity and specificity add up to more than 1.

Share and agreement are two facts about three unknowns (true share, sensitivity, specificity), so
a range is left: at one end readers never reject wrongly, at the other they never approve wrongly.
With equal sensitivity and specificity there is one answer, that of Rogan and Gladen. If readers
stumble over the same dossiers (assumption 3 fails), they agree more than they are right, and the
true share can lie outside the range.

References
----------
.. [1] W. J. Rogan, B. Gladen, "Estimating prevalence from the results of a screening test",
   American Journal of Epidemiology 107 (1978) 71-76.
.. [2] S. L. Hui, S. D. Walter, "Estimating the error rates of diagnostic tests", Biometrics 36
   (1980) 167-171.
"""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.consistency.agreement_bootstrap import resampled_totals
from evaluation.consistency.agreement_ratings import Floats, Ratings
from evaluation.consistency.agreement_sums import Measured, by_dossier, pair_agreement
from evaluation.proportion import Interval


@dataclass(frozen=True)
class TrueShare:
    """The range in which a true share can lie, given what readers found.

    Parameters
    ----------
    share, agreement : float or None
        The share of ratings with the property (of `true_share`: each dossier counts once), and
        the agreement of two readers on it.
    low, high : float or None
        Ends of the range under the five assumptions; None when `refusal` says why.
    equal_accuracy : float or None
        The true share if sensitivity and specificity are equal; None where that cannot be.
    accuracy : float or None
        What they both are then.
    interval : Interval or None
        The range with the uncertainty of the sample: from the lower end of an interval around
        `low` to the upper end of one around `high`. It holds the true share, wherever in the
        range that lies, in at least `level` of samples. Of `true_share` only.
    low_interval, high_interval, equal_interval : Interval or None
        Intervals around the two ends and around `equal_accuracy`, each for itself. Of
        `true_share` only.
    level : float or None
    dossiers, dossiers_twice : int or None
        Dossiers rated on this item, and those rated twice or more. Of `true_share` only.
    refusal : str or None
        `absent`: no ratings. `not_estimable`: nothing rated twice, readers agree no more than
        by chance, or less than readers of the least accuracy would.
    """

    share: float | None
    agreement: float | None
    low: float | None
    high: float | None
    equal_accuracy: float | None
    accuracy: float | None
    interval: Interval | None = None
    low_interval: Interval | None = None
    high_interval: Interval | None = None
    equal_interval: Interval | None = None
    level: float | None = None
    dossiers: int | None = None
    dossiers_twice: int | None = None
    refusal: str | None = None


def corrected_share(share: float, *, sensitivity: float, specificity: float) -> float | None:
    """Return the true share, given how often readers are right (Rogan and Gladen).

    *Estimand*: the share of dossiers that have the property. Cut off at 0 and 1; None where
    readers are no better than chance (`sensitivity + specificity <= 1`).

    Examples
    --------
    >>> round(corrected_share(0.7, sensitivity=0.9, specificity=0.8), 4)
    0.7143
    """
    _check(share=share, sensitivity=sensitivity, specificity=specificity)
    better = sensitivity + specificity - 1
    return min(1.0, max(0.0, (share + specificity - 1) / better)) if better > 1e-12 else None


def accuracy_from_agreement(agreement: float) -> float | None:
    """Return how often readers are right who agree so often, if satisfactory or not makes no difference to it.

    From `agreement = accuracy² + (1 - accuracy)²`. None below one half, which no accuracy gives.

    Examples
    --------
    >>> round(accuracy_from_agreement(0.88**2 + 0.12**2), 4)
    0.88
    """
    _check(agreement=agreement)
    return float((1 + np.sqrt(2 * agreement - 1)) / 2) if agreement >= 0.5 else None


def true_share_range(share: float, agreement: float, *, least_accuracy: float = 0.0) -> TrueShare:
    """Return the range of the true share from a share and the agreement of two readers.

    *Estimand*: the set of true shares that give this share and this agreement with some
    sensitivity and specificity, under the assumptions of the module. With k Fleiss' kappa of the
    two readers and s the share, it runs from `k s / (k s + 1 - s)` to `s / (s + k (1 - s))`.

    Parameters
    ----------
    share : float
        Share of ratings with the property.
    agreement : float
        Share of pairs of ratings of one dossier that are the same.
    least_accuracy : float, optional
        Sensitivity and specificity are held to be at least this; narrows the range.

    Examples
    --------
    >>> found = true_share_range(0.7, 0.8)
    >>> round(found.low, 3), round(found.equal_accuracy, 3), round(found.high, 3)
    (0.55, 0.758, 0.817)
    """
    _check(share=share, agreement=agreement, least_accuracy=least_accuracy)
    low, high = (float(end) for end in _ends(np.array(share), np.array(agreement), least_accuracy))
    accuracy = accuracy_from_agreement(agreement)
    known = np.isfinite(low) and low <= high + 1e-12
    single = corrected_share(share, sensitivity=accuracy, specificity=accuracy) if accuracy and accuracy > 0.5 else None
    if single is not None and not (known and low - 1e-9 <= single <= high + 1e-9):
        single = accuracy = None
    return TrueShare(
        share=share,
        agreement=agreement,
        low=low if known else None,
        high=max(low, high) if known else None,
        equal_accuracy=single,
        accuracy=accuracy if single is not None else None,
        refusal=None if known else "not_estimable",
    )


def true_share(
    ratings: Ratings,
    category: Any,
    *,
    level: float,
    rng: np.random.Generator,
    replicates: int = 2000,
    least_accuracy: float = 0.0,
) -> TrueShare:
    """Return the range of the true share of a category, with the uncertainty of the sample.

    *Estimand*: as `true_share_range`, over a process of which the dossiers read are a draw.

    Parameters
    ----------
    ratings : Ratings
        Of one item. Ratings other than `category` count as not having the property.
    category : object
        The rating whose share it is, one of `ratings.categories`.
    level : float
    rng : Generator
    replicates : int
        Resamples of the dossiers. One that tells nothing (readers agree no more than by chance)
        counts as the range from 0 to 1.
    least_accuracy : float, optional
        As in `true_share_range`.

    Examples
    --------
    >>> from evaluation.consistency.agreement_ratings import cross_table
    >>> read = cross_table([[60, 10], [10, 20]], categories=["voldoende", "onvoldoende"])
    >>> found = true_share(read, "voldoende", level=0.95, rng=np.random.default_rng(1))
    >>> round(found.low, 3), round(found.high, 3), found.dossiers_twice
    (0.55, 0.817, 100)
    """
    if category not in ratings.categories:
        known = ", ".join(map(str, ratings.categories))
        raise WrongUse(_("Onbekend oordeel: {category}. Bekend zijn: {known}.", category=category, known=known))
    place = ratings.categories.index(category)
    number = ratings.counts.sum(axis=1)
    binary = np.column_stack([ratings.counts[:, place], number - ratings.counts[:, place]])
    agreement, twice = pair_agreement(binary, np.eye(2))
    parts = np.column_stack([agreement, twice, binary[:, 0] / np.maximum(number, 1), np.ones(len(number))])
    sums = by_dossier(ratings, parts, twice, _nothing)
    dossiers, double = int(sums.weight.sum()), int(sums.weight @ (sums.twice > 0))
    if not dossiers or not double:
        reason = "not_estimable" if dossiers else "absent"
        return TrueShare(
            None, None, None, None, None, None, level=level, dossiers=dossiers, dossiers_twice=double, refusal=reason
        )
    totals = sums.totals
    found = true_share_range(float(totals[2] / totals[3]), float(totals[0] / totals[1]), least_accuracy=least_accuracy)
    found = replace(found, level=level, dossiers=dossiers, dossiers_twice=double)
    if found.refusal is not None:
        return found
    drawn = resampled_totals(sums, rng, replicates)
    seen = np.divide(drawn[:, 0], drawn[:, 1], out=np.full(replicates, np.nan), where=drawn[:, 1] > 0)
    share = drawn[:, 2] / drawn[:, 3]
    ends = _ends(share, seen, least_accuracy)
    told = np.isfinite(ends.low) & (ends.low <= ends.high)
    low, high = (_middle(end, told, level) for end in ends)
    equal = _equally_accurate(share, seen)
    return replace(
        found,
        interval=Interval(low.low, high.high),
        low_interval=low,
        high_interval=high,
        equal_interval=None if found.equal_accuracy is None else _middle(equal, np.isfinite(equal), level),
    )


class _Ends(NamedTuple):
    low: Floats
    high: Floats


def _ends(share: Floats, agreement: Floats, least: float) -> _Ends:
    """Ends of the range; NaN where readers agree no more than by chance.

    Ratings of one dossier are independent given the truth, so their covariance is that of a
    variable with two values, sensitivity and 1 - specificity, and mean `share`. Each true share
    gives one such pair; the ends are where it leaves what is allowed.
    """
    shared = share * (1 - share) - (1 - agreement) / 2
    shared = np.where(shared > 1e-12, shared, np.nan)
    low, high = shared / (shared + (1 - share) ** 2), share**2 / (share**2 + shared)
    rejects, approves = np.maximum(share - 1 + least, 0), np.maximum(least - share, 0)
    return _Ends(np.maximum(low, rejects**2 / (shared + rejects**2)), np.minimum(high, shared / (shared + approves**2)))


def _equally_accurate(share: Floats, agreement: Floats) -> Floats:
    """Return the true share if satisfactory or not makes no difference to accuracy; NaN where that cannot be."""
    better = np.sqrt(np.where(agreement > 0.5, 2 * agreement - 1, np.nan))
    return np.clip((share - (1 - better) / 2) / better, 0.0, 1.0)


def _middle(drawn: Floats, told: NDArray[np.bool_], level: float) -> Interval:
    """Return the middle `level` of the resamples; one that tells nothing stands for all from 0 to 1."""
    low = np.quantile(np.where(told, drawn, 0.0), (1 - level) / 2)
    return Interval(float(low), float(np.quantile(np.where(told, drawn, 1.0), (1 + level) / 2)))


def _nothing(totals: NDArray[Any]) -> Measured:
    return Measured(totals[..., 0], totals[..., 0], totals[..., 0])


def _check(**shares: float) -> None:
    for name, value in shares.items():
        if not 0 <= value <= 1:
            raise WrongUse(_("{name} moet tussen 0 en 1 liggen.", name=name))
