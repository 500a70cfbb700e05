"""A score: one number, with everything that is needed to trust, print and trace it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Self

import pandas as pd

UNITS = ("days", "working_days", "share", "points", "count", "ratio", "odds_ratio", "logit", "score", "p_value")


@dataclass(frozen=True)
class Score:
    """One number about a group of cases.

    Parameters
    ----------
    id : str
        `module.measure.statistic.group`, all lower case; group is `all`, `unit=ams`
        or `year=2019`.
    estimate : float or None
        The number. None when it is refused or cannot be said; `refusal` says why.
    low, high, level : float or None
        Interval around the estimate and its confidence level.
    unit : str
        One of `UNITS`. Shares are fractions of one, `points` a difference of two shares,
        `p_value` the chance of a test,
        durations whole or broken days,
        of the calendar or (`working_days`) without weekends and public holidays.
    n : int
        Units of count behind the number.
    events : int or None
        Observed events (durations only).
    numerator, denominator : int or None
        The two counts of a share.
    estimand : str
        Id of the estimand card, `module.measure`.
    period : str
        ISO interval `2016-01-01/2025-12-31` over which the cases were opened.
    as_of : date
        Reference date.
    refusal : str or None
        Key in `evaluation.refusals.REASONS`.
    """

    id: str
    estimate: float | None
    unit: str
    n: int
    estimand: str
    period: str
    as_of: date
    low: float | None = None
    high: float | None = None
    level: float | None = None
    events: int | None = None
    numerator: int | None = None
    denominator: int | None = None
    refusal: str | None = None

    @property
    def module(self) -> str:
        """First part of the id."""
        return self.id.split(".")[0]

    @property
    def group(self) -> str:
        """Last part of the id."""
        return self.id.split(".", 3)[3]


@dataclass(frozen=True)
class EstimandCard:
    """What a family of numbers estimates, in Dutch and English (METHODS section 1).

    Every text field is a pair `{"nl": ..., "en": ...}`.
    """

    id: str
    title: dict[str, str]
    population: dict[str, str]
    unit_of_count: dict[str, str]
    cohort_basis: dict[str, str]
    clock: dict[str, str]
    missing_and_exits: dict[str, str]
    estimator: dict[str, str]
    interval: dict[str, str]


@dataclass(frozen=True)
class Refusal:
    """A measure that this delivery cannot give, and why.

    Parameters
    ----------
    measure : str
        `module` or `module.measure`.
    needs : tuple of str
        Tables (`steps`) or columns (`cases.opened_on`) that are absent, or a fact
        (`cohort_basis`).
    reason : dict
        The reason in `nl` and `en`, a whole sentence each.
    misleading : bool
        True when the data are there but the number would mislead (closed cases only):
        the command then ends with exit code 4. False when data are simply absent.
    """

    measure: str
    needs: tuple[str, ...]
    reason: dict[str, str]
    misleading: bool = False


@dataclass(frozen=True)
class Part:
    """What one family of measures contributes to a module: scores, cards, refusals."""

    scores: tuple[Score, ...] = ()
    cards: tuple[EstimandCard, ...] = ()
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True)
class ModuleResult:
    """What one module has to say about one set of case files.

    `case_scores` is confidential: one row a case (or allegation) and measure, columns
    `module, measure, case_id, subject_id, allegation_id, value, reference, note`.
    """

    module: str
    scores: tuple[Score, ...]
    cards: tuple[EstimandCard, ...]
    refusals: tuple[Refusal, ...]
    case_scores: pd.DataFrame | None

    @classmethod
    def of(cls, module: str, parts: Iterable[Part], case_scores: pd.DataFrame | None) -> Self:
        """Return what the families of a module say together, in their order."""
        parts = tuple(parts)
        return cls(
            module,
            tuple(score for part in parts for score in part.scores),
            tuple(card for part in parts for card in part.cards),
            tuple(refusal for part in parts for refusal in part.refusals),
            case_scores,
        )

    def table(self) -> pd.DataFrame:
        """Return the scores of this module as one long table, a row a score."""
        return scores_table(self.scores)

    def _repr_html_(self) -> str:
        """Show the scores about all cases together, and what was refused, in a notebook."""
        shown = self.table()
        shown = shown.loc[shown["id"].str.endswith(".all"), ["id", "estimate", "low", "high", "n", "refusal"]]
        refused = "".join(f"<li>{refusal.measure}: {refusal.reason['en']}</li>" for refusal in self.refusals)
        return f"{shown.to_html(index=False, na_rep='')}<ul>{refused}</ul>"


def scores_table(scores: tuple[Score, ...]) -> pd.DataFrame:
    """Return the scores as one long table, a row a score, sorted by id."""
    columns = [field.name for field in fields(Score)]
    table = pd.DataFrame([asdict(score) for score in scores], columns=columns)
    if table["id"].duplicated().any():
        raise ValueError(f"score ids twice: {sorted(table['id'][table['id'].duplicated()])[:5]}")
    return table.sort_values("id", ignore_index=True)
