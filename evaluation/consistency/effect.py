"""One number with its interval, or the reason why there is none."""

from dataclasses import dataclass

from evaluation.proportion import Interval


@dataclass(frozen=True)
class Effect:
    """A number about a unit or about all.

    Parameters
    ----------
    estimate : float or None
        None when refused.
    interval : Interval or None
        None when refused, or when the estimate has none.
    n : int
        Units of count behind it.
    refusal : str or None
        Key in `evaluation.refusals.REASONS`.
    """

    estimate: float | None
    interval: Interval | None
    n: int
    refusal: str | None = None

    @property
    def low(self) -> float | None:
        """Lower end of the interval."""
        return self.interval.low if self.interval else None

    @property
    def high(self) -> float | None:
        """Upper end of the interval."""
        return self.interval.high if self.interval else None


def refused(reason: str, n: int) -> Effect:
    """Return an effect that cannot be said."""
    return Effect(None, None, n, reason)


@dataclass(frozen=True)
class TestResult:
    """A test, or the reason why there is none.

    Parameters
    ----------
    statistic : float or None
        Chi-square.
    df : int or None
    p_value : float or None
    refusal : str or None
    """

    __test__ = False  # its name makes pytest think it is a class of tests

    statistic: float | None
    df: int | None
    p_value: float | None
    refusal: str | None = None
