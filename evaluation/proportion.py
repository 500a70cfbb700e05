"""A share: two counts, their ratio, and Wilson's interval."""

from dataclasses import dataclass
from typing import NamedTuple

from statsmodels.stats.proportion import proportion_confint


class Interval(NamedTuple):
    """The two ends of an interval; unpacks as `low, high`."""

    low: float
    high: float


@dataclass(frozen=True)
class Proportion:
    """The share `numerator / denominator` of a group that has a property.

    *Estimand*: the probability that one unit of count from the same process has the
    property; the counted group is seen as a draw from that process.

    Parameters
    ----------
    numerator : int
        Units of count with the property. A table grouped beforehand gives the same
        answer as its rows: pass the sums of its count column.
    denominator : int
        Units of count for which it is known whether they have the property. Missing
        is not false: leave those out of both counts.

    Raises
    ------
    ValueError
        If a count is negative or the numerator is larger than the denominator.

    References
    ----------
    .. [1] E. B. Wilson, "Probable inference, the law of succession, and statistical
       inference", JASA 22 (1927) 209-212.
    .. [2] R. G. Newcombe, "Two-sided confidence intervals for the single proportion:
       comparison of seven methods", Statistics in Medicine 17 (1998) 857-872.

    Examples
    --------
    >>> share = Proportion(15, 148)
    >>> round(share.estimate, 4), [round(end, 4) for end in share.interval(0.95)]
    (0.1014, [0.0624, 0.1605])
    """

    numerator: int
    denominator: int

    def __post_init__(self) -> None:
        if not 0 <= self.numerator <= self.denominator:
            raise ValueError(f"not a share: {self.numerator} of {self.denominator}")

    @property
    def estimate(self) -> float | None:
        """The share, between 0 and 1; None when the denominator is zero."""
        return self.numerator / self.denominator if self.denominator else None

    def interval(self, level: float) -> Interval:
        """Wilson's score interval; 0 to 1 when the denominator is zero."""
        if not self.denominator:
            return Interval(0.0, 1.0)
        low, high = proportion_confint(self.numerator, self.denominator, alpha=1 - level, method="wilson")
        # exact at the ends, where the formula leaves a rounding error
        return Interval(
            float(low) if self.numerator else 0.0, float(high) if self.numerator < self.denominator else 1.0
        )
