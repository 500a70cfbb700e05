"""From sums over dossiers to a coefficient of agreement with its standard error and interval.

**Standard error.** The spread between dossiers of what each contributes to the coefficient
(linearisation, [1]_ chapters 5 and 6): dossiers are a sample, the readers are not. Where all
dossiers are read twice or more there is one formula, Gwet's. Dossiers read once carry information
on how often each category is given, and none on agreement. The published formula (`"gwet"`, the
default: so published errors come out) lets each of them pull the coefficient towards nought, so
that the error grows with dossiers that say nothing: its intervals are too wide, the more so the
more dossiers are read once. With `single_reads="ratio"` observed agreement is a ratio of two sums
and they do not: coverage is then as it says. Numbers that this project publishes use the latter
(`decisions/0017`).

**Alpha of a table of counts.** The formula published for it ([1]_, `krippen.alpha.dist` of the
R package irrCAC) counts the spread of agreement by chance half, and that of the observed agreement
times 1 - 1/N. For the 15 patients and 6 raters of the Handbook it says 0.08243, where the spread
between dossiers in full, which irrCAC gives for the same ratings by rater, is 0.08119.
`error="count_table"` gives the former.

**Interval.** Student's t, at most 1. Percent agreement: Wilson's, with the number of dossiers
that gives the same standard error. Where no pair of ratings differs there is no spread, and t
would give an interval without width: the lower end then follows from Wilson's lower end of
percent agreement, with agreement by chance as found.

References
----------
.. [1] K. L. Gwet, *Handbook of Inter-Rater Reliability*, 4th ed. (2014).
.. [2] J. L. Fleiss, J. Cohen, B. S. Everitt, "Large sample standard errors of kappa and
   weighted kappa", Psychological Bulletin 72 (1969) 323-327.
"""

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
from scipy.special import stdtrit
from statsmodels.stats.proportion import proportion_confint

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.consistency.agreement_ratings import Ratings
from evaluation.consistency.agreement_sums import Sums
from evaluation.proportion import Interval

SingleReads = Literal["ratio", "gwet"]
ErrorFormula = Literal["linear", "count_table"]
_NO_SPREAD = 1e-9


@dataclass(frozen=True, eq=False)
class Agreement:
    """A coefficient of agreement with the counts behind it.

    Parameters
    ----------
    coefficient : str
    estimate : float or None
        None when `refusal` says why.
    standard_error : float or None
        Over dossiers. None with the estimate, or where nothing varies that it could be read from.
    low, high, level : float or None
        The interval and its confidence level.
    method : str
        Names the interval.
    observed, chance : float or None
        Agreement seen, and that expected by chance; `(observed - chance) / (1 - chance)` is the
        coefficient. `observed` is given also where the coefficient is refused.
    dossiers, dossiers_twice : int
        Dossiers with a rating, and with an item rated twice or more.
    ratings, readers : int
        Ratings used, and readers with a rating (from a table of counts: the most on one dossier).
    categories : tuple
    refusal : str or None
        `absent`: no ratings. `not_estimable`: one reader, or nothing rated twice. `no_variation`:
        all ratings the same, so that agreement beyond chance has no meaning. `too_few`: one
        dossier rated twice.
    sums : Sums
        What each dossier contributes; for `bootstrap` and `mean_over_items`.
    """

    coefficient: str
    estimate: float | None
    standard_error: float | None
    low: float | None
    high: float | None
    level: float
    method: str
    observed: float | None
    chance: float | None
    dossiers: int
    dossiers_twice: int
    ratings: int
    readers: int
    categories: tuple[Any, ...]
    refusal: str | None
    sums: Sums = field(repr=False)

    @property
    def interval(self) -> Interval | None:
        """The two ends, or None."""
        return None if self.low is None or self.high is None else Interval(self.low, self.high)


class Counts(NamedTuple):
    """Of what the estimate is made, as far as the sums do not say it."""

    dossiers: int
    ratings: int
    readers: int
    categories: tuple[Any, ...]

    @classmethod
    def of(cls, ratings: Ratings) -> "Counts":
        """Count the ratings."""
        return cls(int(ratings.weight.sum()), ratings.ratings, ratings.readers, ratings.categories)


def estimated(
    coefficient: str,
    sums: Sums,
    counts: Counts,
    *,
    level: float,
    population: int | None = None,
    single_reads: SingleReads = "ratio",
    large_sample: bool = False,
    error_formula: ErrorFormula = "linear",
) -> Agreement:
    """Return the coefficient with its standard error and interval, or the reason why not.

    Parameters
    ----------
    coefficient : str
        Its name; `percent_agreement` gets Wilson's interval.
    sums : Sums
    counts : Counts
    level : float
        Confidence level, between 0 and 1.
    population : int, optional
        Number of dossiers of which the rated ones are a random sample; the standard error then
        shrinks by the finite-population correction, to nought when all are rated twice.
    single_reads : {"ratio", "gwet"}
        What dossiers read once do to the standard error; see the module. `ratio` also for
        coefficients of which such dossiers are no part.
    large_sample : bool
        Divide by the number of dossiers, as the formulas for a cross table do [2]_, and not by
        one less.
    error_formula : {"linear", "count_table"}
        The latter for alpha only; see the module.

    Raises
    ------
    WrongUse
        If the level is not a share or the population is smaller than the sample.
    """
    if not 0 < level < 1:
        raise WrongUse(_("level moet tussen 0 en 1 liggen."))
    if single_reads not in ("ratio", "gwet"):
        raise WrongUse(_("single_reads moet ratio of gwet zijn."))
    dossiers, twice = counts.dossiers, int(sums.weight @ (sums.twice > 0))
    sampled = twice if single_reads == "ratio" else dossiers
    if error_formula not in ("linear", "count_table"):
        raise WrongUse(_("error moet linear of count_table zijn."))
    if population is not None and population < dossiers:
        raise WrongUse(_("De populatie ({n}) is kleiner dan de steekproef ({m} dossiers).", n=population, m=dossiers))
    found = sums.measure(sums.totals) if twice else None
    value, observed, chance = (None if found is None else _finite(part) for part in (found or (None,) * 3))
    refusal = _refusal(counts, dossiers, twice, value)
    error, ends, method = None, None, ""
    if refusal is None and value is not None and observed is not None and chance is not None:
        left = 1.0 if population is None else 1 - sampled / population
        influence = sums.influence()
        moved = influence.value
        if error_formula == "count_table":
            seen = influence.observed * (1 - 1 / counts.ratings)
            moved = (seen - (1 - value) * influence.chance / 2) / (1 - chance)
        if single_reads == "gwet":
            moved = moved + value * (sums.twice / (sums.weight @ sums.twice) - 1 / sums.weight.sum())
        spread = float(sums.weight @ moved**2) * (1.0 if large_sample else sampled / (sampled - 1))
        error = float(np.sqrt(left * spread))
        ends, method = _interval(coefficient, value, observed, chance, error, sampled, left, level)
        if error < _NO_SPREAD and ends is None:
            error = None
    return Agreement(
        coefficient=coefficient,
        estimate=value if refusal is None else None,
        standard_error=error,
        low=ends.low if ends else None,
        high=ends.high if ends else None,
        level=level,
        method=method,
        observed=observed,
        chance=chance,
        dossiers=dossiers,
        dossiers_twice=twice,
        ratings=counts.ratings,
        readers=counts.readers,
        categories=counts.categories,
        refusal=refusal,
        sums=sums,
    )


def _finite(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def _refusal(counts: Counts, dossiers: int, twice: int, value: float | None) -> str | None:
    if not dossiers:
        return "absent"
    if counts.readers < 2 or not twice:
        return "not_estimable"
    if value is None:
        return "no_variation"
    return "too_few" if twice < 2 else None


def _interval(
    coefficient: str,
    value: float,
    observed: float,
    chance: float,
    error: float,
    sampled: int,
    left: float,
    level: float,
) -> tuple[Interval | None, str]:
    if left <= 0:
        return Interval(value, value), "all dossiers of the population"
    if coefficient == "percent_agreement" or (error < _NO_SPREAD and observed > 1 - _NO_SPREAD):
        share = min(max(observed, 0.0), 1.0)
        varies = error >= _NO_SPREAD and 0 < share < 1
        number = share * (1 - share) / error**2 if varies else sampled / left
        low, high = proportion_confint(share * number, number, alpha=1 - level, method="wilson")
        ends = Interval(0.0 if share == 0 else float(low), 1.0 if share == 1 else float(high))
        if coefficient == "percent_agreement":
            return ends, "Wilson, effective number of dossiers"
        return Interval((ends.low - chance) / (1 - chance), 1.0), "Wilson of percent agreement, chance as found"
    if error < _NO_SPREAD:
        return None, ""
    reach = error * float(stdtrit(sampled - 1, (1 + level) / 2))
    return Interval(value - reach, min(1.0, value + reach)), "t"
