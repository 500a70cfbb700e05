"""The scores of one measure and group: what they have in common is said once."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from evaluation.proportion import Proportion
from evaluation.refusals import MINIMUM_N
from evaluation.scores import Score


class Said(Protocol):
    """A number read from an estimator: `survival.CurveEstimate` is one."""

    @property
    def estimate(self) -> float | None:
        """The number; None when it is refused."""

    @property
    def low(self) -> float | None:
        """Lower end of the interval."""

    @property
    def high(self) -> float | None:
        """Upper end of the interval."""

    @property
    def refusal(self) -> str | None:
        """Key in `evaluation.refusals.REASONS`, or None."""


@dataclass(frozen=True)
class ScoreRows:
    """Makes the scores of one measure and group.

    Parameters
    ----------
    measure : str
        `duration.total_gross`.
    group : str
        `all`, `unit=ams` or `year=2019`.
    estimand : str
        Id of the card.
    period : str
        ISO interval over which the cases were opened.
    as_of : date
    level : float
        Confidence level of the intervals.

    Examples
    --------
    >>> rows = ScoreRows("duration.total_gross", "all", "duration.total_gross", "2020-01-01/2020-12-31",
    ...                  date(2020, 12, 31), 0.95)
    >>> rows.count("cases", 12).id, rows.share("left_out", 3, 12).estimate
    ('duration.total_gross.cases.all', 0.25)
    """

    measure: str
    group: str
    estimand: str
    period: str
    as_of: date
    level: float

    def number(
        self, statistic: str, unit: str, said: Said, *, n: int, events: int | None = None, refusal: str | None = None
    ) -> Score:
        """Return a number with its interval; without either when it, or its whole group (`refusal`), is refused."""
        why = refusal or said.refusal
        return self.plain(
            statistic, unit, None if why else said.estimate, n=n, events=events, low=said.low, high=said.high,
            refusal=why,
        )  # fmt: skip

    def plain(
        self,
        statistic: str,
        unit: str,
        estimate: float | None,
        *,
        n: int,
        events: int | None = None,
        low: float | None = None,
        high: float | None = None,
        refusal: str | None = None,
        numerator: int | None = None,
        denominator: int | None = None,
    ) -> Score:
        """Return a number, refused when `estimate` is None (`not_estimable` unless `refusal` says more)."""
        known = estimate is not None
        interval = known and (low is not None or high is not None)
        return Score(
            id=f"{self.measure}.{statistic}.{self.group}",
            estimate=None if estimate is None else float(estimate),
            low=low if known else None,
            high=high if known else None,
            level=self.level if interval else None,
            unit=unit,
            n=n,
            events=events,
            estimand=self.estimand,
            period=self.period,
            as_of=self.as_of,
            refusal=None if known else refusal or "not_estimable",
            numerator=numerator,
            denominator=denominator,
        )

    def refused(self, statistic: str, unit: str, refusal: str, *, n: int) -> Score:
        """Return the row of a number that cannot be said."""
        return self.plain(statistic, unit, None, n=n, refusal=refusal)

    def count(self, statistic: str, value: int, *, n: int | None = None, events: int | None = None) -> Score:
        """Return a count; `n` is the count itself unless it is part of a larger whole."""
        return self.plain(statistic, "count", value, n=value if n is None else n, events=events)

    def share(self, statistic: str, numerator: int, denominator: int) -> Score:
        """Return the share that two counts estimate, with its Wilson interval; `too_few` without a denominator."""
        found = self.counted_share(statistic, numerator, denominator)
        if not denominator:
            return found
        low, high = Proportion(numerator, denominator).interval(self.level)
        return replace(found, low=low, high=high, level=self.level)

    def large_share(self, statistic: str, numerator: int, denominator: int) -> Score:
        """Return a share, refused as `too_few` under `MINIMUM_N`, without its counts."""
        if denominator < MINIMUM_N:
            return self.refused(statistic, "share", "too_few", n=denominator)
        return self.share(statistic, numerator, denominator)

    def counted_share(self, statistic: str, numerator: int, denominator: int) -> Score:
        """Return a share of rows that were all counted: a description, without interval."""
        found = self.plain(
            statistic, "share", Proportion(numerator, denominator).estimate, n=denominator, refusal="too_few"
        )
        return replace(found, numerator=numerator, denominator=denominator)
