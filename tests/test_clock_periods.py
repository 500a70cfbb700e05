"""Characteristics by period of the clock: as many ends in each, and nothing where few ended."""

import numpy as np
import pandas as pd

from evaluation.units.clock_periods import PERIODS, clock_periods


def _cells(ends: dict[str, list[int]]) -> pd.DataFrame:
    return pd.DataFrame([{"band": band, "kind": kind, "ended": ended}
                         for kind, of_band in ends.items() for band, ended in enumerate(of_band)])  # fmt: skip


def test_periods_have_about_as_many_ends_each_and_follow_the_clock() -> None:
    cells = _cells({"a": [30] * 24, "b": [20] * 24})
    found = clock_periods(cells, ["kind"], bands=24, band="band", minimum_n=10)(cells)
    of_a = found[found["kind"] == "a"]["kind by period"].tolist()
    assert of_a == [""] * 4 + [f"a, {period}" for period in range(2, PERIODS + 1) for _ in range(4)]


def test_a_level_of_which_few_ended_in_a_period_has_nothing_of_its_own_there() -> None:
    cells = _cells({"a": [30] * 6, "b": [20, 20, 9, 10, 0, 20]})
    found = clock_periods(cells, ["kind"], bands=6, band="band", minimum_n=10)(cells)
    assert [bool(one) for one in found[found["kind"] == "b"]["kind by period"]] == [
        False,
        True,
        False,
        True,
        False,
        True,
    ]


def test_a_table_without_ends_gets_the_same_columns_as_the_one_the_periods_were_made_of() -> None:
    cells = _cells({"a": [30] * 6, "b": [20] * 6})
    kinds = pd.DataFrame({"kind": ["a", "b"], "band": 5}, index=[7, 9])
    found = clock_periods(cells, ["kind"], bands=6, band="band", minimum_n=10)(kinds)
    assert found["kind by period"].to_dict() == {7: "a, 6", 9: "b, 6"}


def test_nothing_that_varies_and_nothing_that_ended_leave_the_table_as_it_is() -> None:
    cells = _cells({"a": [0] * 3})
    assert clock_periods(cells, [], bands=3, band="band", minimum_n=1)(cells).equals(cells)
    found = clock_periods(cells, ["kind"], bands=3, band="band", minimum_n=1)(cells)
    assert np.array_equal(found["kind by period"], ["", "", ""])
