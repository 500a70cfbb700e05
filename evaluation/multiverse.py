"""One number under every defensible choice: the multiverse of METHODS section 5.

A *grid* declares the choices and the options of each; a *universe* takes one option of
every choice. An estimator, any function from a universe to an estimate with its
interval, is run in each of them. What results is one table and the range of the number,
with the place of the headline in it: a finding that holds in one universe only is no
finding.

An option that the delivery cannot give (no suspensions, no steps) is left out of the
grid, and named. A universe that misleads (closed cases only) stays in the table, refused,
with the reason: a reader who wonders about it finds out why there is no number.

The order is that of the declaration; nothing is drawn, nothing is ranked.

References
----------
.. [1] S. Steegen, F. Tuerlinckx, A. Gelman, W. Vanpaemel, "Increasing transparency through
   a multiverse analysis", Perspectives on Psychological Science 11 (2016) 702-712.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from data_contracts.errors import WrongUse
from data_contracts.language import _
from data_contracts.yaml_file import load_yaml
from evaluation.refusals import REASONS
from evaluation.score_rows import Said

GRIDS = Path(__file__).parent / "multiverse.yaml"
"""The grids of the modules."""

Universe = Mapping[str, str]
Texts = Mapping[str, str]


class Estimate(Said, Protocol):
    """What an estimator returns, of whatever class: `evaluation.survival.CurveEstimate` is one."""

    @property
    def n(self) -> int:
        """Units of count behind it."""


@dataclass(frozen=True)
class Option:
    """One way to choose.

    Parameters
    ----------
    key : str
    title : mapping
        In `nl` and `en`.
    needs : tuple of str
        Tables or columns without which this option cannot be taken.
    keep : str or None
        Column of truth values: only its true rows take part (`universe_rows`).
    """

    key: str
    title: Texts
    needs: tuple[str, ...] = ()
    keep: str | None = None


@dataclass(frozen=True)
class Choice:
    """A choice that has to be made, with its options; the first is that of the headline."""

    key: str
    title: Texts
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Misleading:
    """Universes that give a number that misleads: those with an option of `when` in each of its choices."""

    when: Mapping[str, tuple[str, ...]]
    reason: Texts


@dataclass(frozen=True)
class Grid:
    """Choices in their order, and the universes among them that mislead."""

    choices: tuple[Choice, ...]
    misleading: tuple[Misleading, ...] = ()


@dataclass(frozen=True, eq=False)
class Multiverse:
    """The number in every universe.

    *Estimand*: that of the estimator, under each universe; no probability attaches to
    the range, which holds choices and no chance.

    Parameters
    ----------
    table : DataFrame
        A row a universe: a column a choice (key of the option), `estimate`, `low`,
        `high`, `n`, `refusal` (key), `misleading`, `reason_nl`, `reason_en`, `headline`.
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
        universe = {choice.key: option.key for choice, option in zip(grid.choices, combination, strict=True)}
        rows.append({**universe, **_run(grid, universe, estimator), "headline": universe == published})
    table = pd.DataFrame(rows, columns=[choice.key for choice in grid.choices] + _RESULT)
    missing = [
        (choice.key, option.key, ", ".join(name for name in option.needs if not has(name)))
        for choice, options in zip(grid.choices, allowed, strict=True)
        for option in choice.options
        if option not in options
    ]
    return _summed(table, pd.DataFrame(missing, columns=["choice", "option", "needs"]))


_RESULT = ["estimate", "low", "high", "n", "refusal", "misleading", "reason_nl", "reason_en", "headline"]


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


def _run(grid: Grid, universe: Universe, estimator: Callable[[Universe], Estimate]) -> dict[str, Any]:
    for rule in grid.misleading:
        if all(universe[key] in values for key, values in rule.when.items()):
            return _row(None, None, None, 0, "misleading", rule.reason, misleading=True)
    said = estimator(universe)
    refusal = said.refusal
    if refusal is None and (said.estimate is None or not np.isfinite(said.estimate)):
        refusal = "not_estimable"
    if refusal is not None and refusal not in REASONS:
        raise WrongUse(_("Onbekende reden om geen getal te geven: {key}.", key=refusal))
    if refusal:
        return _row(None, None, None, said.n, refusal, REASONS[refusal], misleading=False)
    return _row(said.estimate, said.low, said.high, said.n, None, {}, misleading=False)


def _row(
    estimate: float | None, low: float | None, high: float | None, n: int, refusal: str | None, reason: Texts,
    *, misleading: bool,
) -> dict[str, Any]:  # fmt: skip
    return {
        "estimate": np.nan if estimate is None else float(estimate),
        "low": np.nan if low is None else float(low),
        "high": np.nan if high is None else float(high),
        "n": int(n),
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


def read_grid(name: str, path: Path = GRIDS) -> Grid:
    """Read the declared grid of a module, such as `duration`."""
    declared = load_yaml(path)
    if name not in declared:
        raise WrongUse(_("Er is geen rooster {name}. Wel: {names}.", name=name, names=", ".join(sorted(declared))))
    choices = tuple(
        Choice(
            key,
            choice["title"],
            tuple(
                Option(option, said["title"], tuple(said.get("needs", ())), said.get("keep"))
                for option, said in choice["options"].items()
            ),
        )
        for key, choice in declared[name]["choices"].items()
    )
    misleading = tuple(
        Misleading({key: tuple(values) for key, values in rule["when"].items()}, rule["reason"])
        for rule in declared[name].get("misleading", ())
    )
    return Grid(choices, misleading)


def universe_rows(cases: pd.DataFrame, grid: Grid, universe: Universe, *, clock: Sequence[str]) -> pd.DataFrame:
    """Return `duration`, `event_observed`, `entry` of the cases of one universe of the `duration` grid.

    Parameters
    ----------
    cases : DataFrame
        A row a case. For every combination of the options of `clock` a column with the
        days (`meld_besl_gross_calendar`) and one with the day on that clock on which the
        case came into view (`..._entry`; absent: from the first); `closed`; and the truth
        columns that the options of the grid name (`keep`).
    universe : mapping
        One option of every choice. Two choices have a meaning of their own. `late_entry`:
        `used`, or `ignored` (in view from the first day). `same_day` (opened and closed
        on one day): `half_day`, `whole_day`, or `left_out`.
    clock : sequence of str
        The choices that together name the clock, in the order of the column's name.

    Notes
    -----
    A case without this duration is left out, and so is one that ended before it came
    into view. Two universes may hold the same cases (late entry, with none that is late).
    """
    options = {choice.key: {option.key: option for option in choice.options} for choice in grid.choices}
    name = "_".join(universe[key] for key in clock)
    kept = cases[name].notna()
    for key, value in universe.items():
        if column := options[key][value].keep:
            kept &= cases[column].astype(bool)
    entry = cases[f"{name}_entry"] if f"{name}_entry" in cases else pd.Series(0.0, index=cases.index)
    rows = pd.DataFrame({"duration": cases[name], "event_observed": cases["closed"], "entry": entry})[kept]
    rows = rows[rows["entry"].notna() & (rows["duration"] >= rows["entry"])]
    if universe.get("late_entry") == "ignored":
        rows["entry"] = 0.0
    same_day = rows["duration"] == rows["entry"]
    if universe.get("same_day") == "left_out":
        rows = rows[~same_day]
    elif universe.get("same_day") == "whole_day":
        rows["duration"] = rows["duration"].where(~same_day, rows["entry"] + 1)
    return rows
