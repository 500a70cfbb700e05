"""Rows matched by key: against a slow, obvious second implementation in plain Python."""

from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd
import pytest

from data_contracts.comparison.rows import Match, differences, match

KEY, COLUMNS = ["case_id", "subject_id"], ["code", "day"]


def random_rows(rng: np.random.Generator, number: int) -> pd.DataFrame:
    def some(values: list[Any], missing: float) -> list[Any]:
        return [None if rng.random() < missing else values[rng.integers(len(values))] for _row in range(number)]

    days = [pd.Timestamp(2020, 1, 1), pd.Timestamp(2021, 5, 6), pd.Timestamp(2022, 2, 3)]
    return pd.DataFrame(
        {
            "case_id": pd.Series(some([f"{n:03}" for n in range(25)], 0.05), dtype="str"),
            "subject_id": pd.Series(some(["p", "q"], 0.3), dtype="str"),
            "code": pd.Series(some(["a", "b", "c"], 0.2), dtype="str"),
            "day": pd.Series(pd.to_datetime(some(days, 0.2))).astype("datetime64[s]"),
        }
    )


def cells(frame: pd.DataFrame, columns: list[str]) -> list[tuple]:
    return [tuple(None if pd.isna(v) else v for v in row) for row in frame[columns].itertuples(index=False)]


def slow_unique(earlier: pd.DataFrame, later: pd.DataFrame) -> dict[str, Any]:
    """A dict a side; a key that is missing or stands twice on a side is unclear on both."""
    sides = [cells(side, KEY) for side in (earlier, later)]
    spots: list[dict] = [defaultdict(list), defaultdict(list)]
    for side, keys in enumerate(sides):
        for row, key in enumerate(keys):
            spots[side][key].append(row)
    bad = {key for side in spots for key, rows in side.items() if len(rows) > 1 or key[0] is None}
    good = [{key: rows[0] for key, rows in side.items() if key not in bad} for side in spots]
    return {
        "pairs": {(row, good[1][key]) for key, row in good[0].items() if key in good[1]},
        "removed": {row for key, row in good[0].items() if key not in good[1]},
        "added": {row for key, row in good[1].items() if key not in good[0]},
        "unclear_earlier": {row for row, key in enumerate(sides[0]) if key in bad},
        "unclear_later": {row for row, key in enumerate(sides[1]) if key in bad},
    }


def slow_repeats(earlier: pd.DataFrame, later: pd.DataFrame) -> dict[str, Any]:
    """Cross out rows that are wholly alike, then rows with the same key, from the top."""
    whole = [cells(side, [*KEY, *COLUMNS]) for side in (earlier, later)]
    left = [[row for row, values in enumerate(side) if values[0] is not None] for side in whole]
    pairs = set()
    for length in (4, 2):
        for row in list(left[0]):
            for other in left[1]:
                if whole[0][row][:length] == whole[1][other][:length]:
                    pairs.add((row, other))
                    left[0].remove(row)
                    left[1].remove(other)
                    break
    unclear = [{row for row, values in enumerate(side) if values[0] is None} for side in whole]
    return {"pairs": pairs, "removed": set(left[0]), "added": set(left[1]), "unclear_earlier": unclear[0],
            "unclear_later": unclear[1]}  # fmt: skip


def found(result: Match) -> dict[str, Any]:
    sides = ("removed", "added", "unclear_earlier", "unclear_later")
    pairs = set(zip(result.earlier.tolist(), result.later.tolist(), strict=True))
    return {"pairs": pairs} | {side: set(getattr(result, side).tolist()) for side in sides}


@pytest.mark.parametrize("seed", range(25))
def test_rows_are_matched_as_the_slow_way_does(seed: int) -> None:
    rng = np.random.default_rng(seed)
    earlier, later = random_rows(rng, int(rng.integers(0, 40))), random_rows(rng, int(rng.integers(0, 40)))
    assert found(match(earlier, later, KEY, COLUMNS, repeats=False)) == slow_unique(earlier, later)
    assert found(match(earlier, later, KEY, COLUMNS, repeats=True)) == slow_repeats(earlier, later)


@pytest.mark.parametrize("seed", range(10))
def test_changed_filled_and_emptied_cells_are_counted_as_the_slow_way_does(seed: int) -> None:
    rng = np.random.default_rng(seed)
    earlier, later = random_rows(rng, 60), random_rows(rng, 60)
    pairs = match(earlier, later, KEY, COLUMNS, repeats=True)
    differ = differences(earlier, later, pairs, COLUMNS)
    for at, column in enumerate(COLUMNS):
        before, after = ([row[at] for row in cells(side, COLUMNS)] for side in (earlier, later))
        slow = {"filled": 0, "emptied": 0, "changed": 0}
        for old, new in zip(pairs.earlier, pairs.later, strict=True):
            was, now = before[old], after[new]
            slow["filled"] += was is None and now is not None
            slow["emptied"] += was is not None and now is None
            slow["changed"] += None not in (was, now) and was != now
        assert {kind: int(values.sum()) for kind, values in differ[column].items()} == slow
        assert sum(slow.values()) > 0


def test_a_step_done_twice_is_one_added_row_and_not_two_changed_ones() -> None:
    earlier = pd.DataFrame({"case_id": ["1", "1"], "step": ["HOORG", "RAPP"], "day": ["b", "c"]}, dtype="str")
    later = pd.DataFrame(
        {"case_id": ["1"] * 3, "step": ["HOORG", "HOORG", "RAPP"], "day": ["a", "b", "c"]}, dtype="str"
    )
    result = match(earlier, later, ["case_id", "step"], ["day"], repeats=True)
    assert found(result) == {"pairs": {(0, 1), (1, 2)}, "removed": set(), "added": {0}, "unclear_earlier": set(),
                             "unclear_later": set()}  # fmt: skip
