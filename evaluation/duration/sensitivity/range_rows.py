"""From a multiverse to the scores of a range: its ends, its size, and every choice by itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.duration.sensitivity.headlines import Headline
from evaluation.multiverse import Multiverse, same_question, single_choices
from evaluation.multiverse_grid import Grid
from evaluation.score_rows import ScoreRows
from evaluation.scores import Score


@dataclass(frozen=True, eq=False)
class Range:
    """A headline number in every universe of its grid, and the ISO interval that it is about."""

    headline: Headline
    grid: Grid
    found: Multiverse
    period: str


def range_scores(one: Range, rows: ScoreRows) -> Iterator[Score]:
    """Return the range of the universes that ask the same question, of all, and each choice by itself.

    Universes with a number in another unit (working days) are in neither range: they
    would stand at the end of one of calendar days without being shorter or longer.
    """
    headline, table = one.headline, one.found.table
    chosen = table[table["headline"].astype(bool)].iloc[0]
    n = int(chosen["n"])
    unit_of = _units(one, table)
    own = unit_of == headline.unit
    same = same_question(one.grid, table) & own
    for name, universes in ((headline.statistic, table[same]), (f"{headline.statistic}_any", table[own])):
        said = universes["estimate"].dropna()
        # A rounded number may lie half a step off: the range holds all that it can stand for.
        for end, value, reach in (("low", said.min(), -headline.whole / 2), ("high", said.max(), headline.whole / 2)):
            known = None if np.isnan(value) else _whole(value, headline) + reach
            yield rows.plain(f"{name}_{end}", headline.unit, known, n=n)
    # Universes that hold the same cases on the same clock count once.
    yield rows.count(f"{headline.statistic}_universes", _different(table[same]), n=n)
    yield rows.count("universes", _different(table), n=n)
    yield rows.count("refused_universes", one.found.refused, n=n)
    for key, row in single_choices(one.grid, table.assign(unit=unit_of)):
        yield _alone(rows, headline, f"{headline.statistic}_{key}", row["unit"], row)


def _units(one: Range, table: pd.DataFrame) -> pd.Series:
    """Return the unit of the number of each universe."""
    unit = pd.Series(one.headline.unit, index=table.index)
    for choice in one.grid.choices:
        for option in choice.options:
            if option.unit is not None:
                unit = unit.mask(table[choice.key] == option.key, option.unit)
    return unit


def _different(universes: pd.DataFrame) -> int:
    """Return how many universes with a number differ in what they hold."""
    said = universes[universes["refusal"].isna()]
    return len(said[["estimate", "low", "high", "n"]].drop_duplicates())


def _whole(value: float, headline: Headline) -> float:
    return float(headline.whole * round(value / headline.whole)) if headline.whole else float(value)


def _alone(rows: ScoreRows, headline: Headline, statistic: str, unit: str, row: Mapping[str, object]) -> Score:
    numbers = {
        name: None if pd.isna(row[name]) else float(str(row[name])) for name in ("estimate", "low", "high", "events")
    }
    estimate, events = numbers["estimate"], numbers["events"]
    return rows.plain(
        statistic, unit, None if estimate is None else _whole(estimate, headline), n=int(str(row["n"])),
        events=None if events is None else int(events), low=numbers["low"], high=numbers["high"],
        refusal=str(row["refusal"]),
    )  # fmt: skip
