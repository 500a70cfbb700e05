"""One number under every defensible choice: the multiverse of METHODS section 5.

A *grid* declares the choices and the options of each; a *universe* takes one option of
every choice. An estimator, any function from a universe to an estimate with its
interval, is run in each of them. What results is one table and the range of the number,
with the place of the headline in it: a finding that holds in one universe only is no
finding.

An option that the delivery cannot give (no suspensions, no steps) is left out of the
grid, and named. A universe that misleads (closed cases only) stays in the table, refused,
with the reason: a reader who wonders about it finds out why there is no number.

An option may ask another *question* than the headline (another clock, other cases). The
universes of one question only treat its cases otherwise: `same_question` tells them apart.

The order is that of the declaration; nothing is drawn, nothing is ranked.

References
----------
.. [1] S. Steegen, F. Tuerlinckx, A. Gelman, W. Vanpaemel, "Increasing transparency through
   a multiverse analysis", Perspectives on Psychological Science 11 (2016) 702-712.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, Protocol

import numpy as np
import pandas as pd

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.multiverse_grid import Grid, Option, Texts, Universe
from evaluation.refusals import REASONS
from evaluation.score_rows import Said


class Estimate(Said, Protocol):
    """What an estimator returns, of whatever class: `evaluation.survival.CurveEstimate` is one."""

    @property
    def n(self) -> int:
        """Units of count behind it."""


@dataclass(frozen=True, eq=False)
class Multiverse:
    """The number in every universe.

    *Estimand*: that of the estimator, under each universe; no probability attaches to
    the range, which holds choices and no chance.

    Parameters
    ----------
    table : DataFrame
        A row a universe: a column a choice (key of the option), `estimate`, `low`,
        `high`, `n`, `events` (missing where the estimator counts none), `refusal` (key),
        `misleading`, `reason_nl`, `reason_en`, `headline`.
        Refused universes have no estimate.
    left_out : DataFrame
        Options that the delivery cannot give: `choice`, `option`, `needs`.
    low, high : float or None
        Smallest and largest estimate; the range of the number.
    outer_low, outer_high : float or None
        Smallest lower and largest upper end of all intervals.
    headline : float or None
        The estimate of the headline universe.
    below, equal, above : int or None
        Universes with an estimate under, at and over the headline; None without one.
    said, refused : int
        Universes with and without an estimate.
    """

    table: pd.DataFrame
    left_out: pd.DataFrame
    low: float | None
    high: float | None
    outer_low: float | None
    outer_high: float | None
    headline: float | None
    below: int | None
    equal: int | None
    above: int | None
    said: int
    refused: int


def multiverse(
    grid: Grid,
    estimator: Callable[[Universe], Estimate],
    *,
    has: Callable[[str], bool],
    headline: Universe | None = None,
) -> Multiverse:
    """Run an estimator in every universe of a grid that the delivery allows.

    An option with a unit of its own is run by itself only: its number takes no part in a
    range of the other unit.

    Parameters
    ----------
    grid : Grid
    estimator : callable
        From `{choice: option}` to an estimate. Not called where the number misleads.
    has : callable
        Whether the delivery has a table or column (`CaseFiles.has`).
    headline : mapping, optional
        The universe of the published number; without it, the first option everywhere.

    Raises
    ------
    WrongUse
        If the headline is not a universe of the grid, or the estimator refuses with a
        key that is not in `evaluation.refusals.REASONS`.

    Examples
    --------
    The mean of 2, 4 and 12, with and without the largest, and rounded down or not:

    >>> from evaluation.multiverse_grid import Choice, Option
    >>> word = lambda text: {"nl": text, "en": text}
    >>> grid = Grid((
    ...     Choice("largest", word("largest"), (Option("in", word("in")), Option("out", word("out")))),
    ...     Choice("digits", word("digits"), (Option("all", word("all")), Option("none", word("none")))),
    ... ))
    >>> from evaluation.survival.kaplan_meier import CurveEstimate
    >>> def mean(chosen):
    ...     values = [2, 4, 12] if chosen["largest"] == "in" else [2, 4]
    ...     said = sum(values) / len(values)
    ...     return CurveEstimate(said if chosen["digits"] == "all" else said // 1, None, None, 0.95, "", len(values), 0)
    >>> found = multiverse(grid, mean, has=lambda name: True)
    >>> found.low, found.high, found.headline, (found.below, found.equal, found.above)
    (3.0, 6.0, 6.0, (2, 2, 0))
    """
    published = {choice.key: choice.options[0].key for choice in grid.choices} if headline is None else dict(headline)
    _check_grid(grid, published)
    allowed = [[option for option in choice.options if all(map(has, option.needs))] for choice in grid.choices]
    rows = []
    for combination in product(*allowed):
        taken = {choice.key: option for choice, option in zip(grid.choices, combination, strict=True)}
        others = [option for key, option in taken.items() if option.key != published[key]]
        if len(others) > _most(grid, others):
            continue
        universe = {key: option.key for key, option in taken.items()}
        rows.append({**universe, **_run(grid, universe, estimator), "headline": universe == published})
    table = pd.DataFrame(rows, columns=[choice.key for choice in grid.choices] + _RESULT)
    missing = [
        (choice.key, option.key, ", ".join(name for name in option.needs if not has(name)))
        for choice, options in zip(grid.choices, allowed, strict=True)
        for option in choice.options
        if option not in options
    ]
    return _summed(table, pd.DataFrame(missing, columns=["choice", "option", "needs"]))


_RESULT = ["estimate", "low", "high", "n", "events", "refusal", "misleading", "reason_nl", "reason_en", "headline"]


def _check_grid(grid: Grid, headline: Universe) -> None:
    keys = [choice.key for choice in grid.choices]
    options = {choice.key: [option.key for option in choice.options] for choice in grid.choices}
    if twice := sorted({key for key in keys if keys.count(key) > 1 or len(set(options[key])) < len(options[key])}):
        raise WrongUse(_("Het rooster noemt een keuze of optie twee keer: {names}.", names=", ".join(twice)))
    if taken := sorted(set(keys) & set(_RESULT)):
        raise WrongUse(_("Een keuze mag niet zo heten: {names}.", names=", ".join(taken)))
    named = {(key, value) for key, value in headline.items()}
    named |= {(key, value) for rule in grid.misleading for key, values in rule.when.items() for value in values}
    if strange := sorted(f"{key}={value}" for key, value in named if value not in options.get(key, [])):
        raise WrongUse(_("Deze opties staan niet in het rooster: {names}.", names=", ".join(strange)))
    if lacking := sorted(set(keys) - set(headline)):
        raise WrongUse(_("Het hoofdgetal maakt geen keuze voor: {names}.", names=", ".join(lacking)))


def _most(grid: Grid, others: list[Option]) -> int:
    """Return in how many choices a universe with these other options may differ from the headline."""
    if any(option.unit is not None for option in others):
        return 1
    return len(grid.choices) if grid.together is None else grid.together


def _run(grid: Grid, universe: Universe, estimator: Callable[[Universe], Estimate]) -> dict[str, Any]:
    for rule in grid.misleading:
        if all(universe[key] in values for key, values in rule.when.items()):
            return _row(None, None, None, 0, None, "misleading", rule.reason, misleading=True)
    said = estimator(universe)
    refusal = said.refusal
    if refusal is None and (said.estimate is None or not np.isfinite(said.estimate)):
        refusal = "not_estimable"
    if refusal is not None and refusal not in REASONS:
        raise WrongUse(_("Onbekende reden om geen getal te geven: {key}.", key=refusal))
    events = getattr(said, "n_events", None)
    if refusal:
        return _row(None, None, None, said.n, events, refusal, REASONS[refusal], misleading=False)
    return _row(said.estimate, said.low, said.high, said.n, events, None, {}, misleading=False)


def _row(
    estimate: float | None, low: float | None, high: float | None, n: int, events: int | None, refusal: str | None,
    reason: Texts, *, misleading: bool,
) -> dict[str, Any]:  # fmt: skip
    return {
        "estimate": np.nan if estimate is None else float(estimate),
        "low": np.nan if low is None else float(low),
        "high": np.nan if high is None else float(high),
        "n": int(n),
        "events": np.nan if events is None else float(events),
        "refusal": refusal,
        "misleading": misleading,
        "reason_nl": reason.get("nl"),
        "reason_en": reason.get("en"),
    }


def _summed(table: pd.DataFrame, left_out: pd.DataFrame) -> Multiverse:
    said = table[table["refusal"].isna()]
    mine = said.loc[said["headline"].astype(bool), "estimate"]
    headline = float(mine.iloc[0]) if len(mine) else None
    numbers = said["estimate"]
    return Multiverse(
        table=table,
        left_out=left_out,
        low=_number(numbers.min()),
        high=_number(numbers.max()),
        outer_low=_number(said["low"].min()),
        outer_high=_number(said["high"].max()),
        headline=headline,
        below=None if headline is None else int((numbers < headline).sum()),
        equal=None if headline is None else int((numbers == headline).sum()),
        above=None if headline is None else int((numbers > headline).sum()),
        said=len(said),
        refused=len(table) - len(said),
    )


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def same_question(grid: Grid, table: pd.DataFrame) -> pd.Series:
    """Tell which rows of a multiverse's table ask the question of its headline.

    None does when the headline itself could not be run.
    """
    chosen = table[table["headline"].astype(bool)]
    same = pd.Series(len(chosen) > 0, index=table.index)
    for choice in grid.choices if len(chosen) else ():
        others = {option.key for option in choice.options if option.question} - {chosen[choice.key].iloc[0]}
        same &= ~table[choice.key].isin(others)
    return same


def single_choices(grid: Grid, table: pd.DataFrame) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield `<choice>_<option>` and the row of each universe that makes one choice otherwise than the headline."""
    choices = [choice.key for choice in grid.choices]
    headline = table[table["headline"].astype(bool)].iloc[0]
    for row in table.to_dict("records"):
        other = [name for name in choices if row[name] != headline[name]]
        if len(other) == 1:
            yield f"{other[0]}_{row[other[0]]}", {str(name): value for name, value in row.items()}
