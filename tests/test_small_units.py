"""With and without small units."""

import numpy as np
import pandas as pd

from evaluation.consistency.matched import mantel_haenszel
from evaluation.consistency.small_units import in_large_unit, with_and_without_small_units


def test_a_unit_of_exactly_the_minimum_is_large_and_a_row_without_a_unit_is_not():
    assert in_large_unit(["A"] * 10 + ["B"] * 9 + [None], minimum_n=10).tolist() == [True] * 10 + [False] * 10


def test_an_estimator_runs_on_both_and_the_small_units_are_named():
    table = pd.DataFrame({"unit": ["A"] * 20 + ["B"] * 20 + ["C"] * 3, "found": [0, 1] * 20 + [1] * 3})

    def ratio(rows: pd.DataFrame) -> tuple:
        return mantel_haenszel(rows["found"], rows["unit"], np.zeros(len(rows)), level=0.95)

    both = with_and_without_small_units(table, "unit", ratio, minimum_n=10)
    assert (both.n, both.n_large, both.left_out) == (43, 40, ("C",))
    assert [one.unit for one in both.every] == ["A", "B", "C"]
    assert [one.odds_ratio.estimate for one in both.large] == [1.0, 1.0]


def test_without_small_units_both_are_the_same():
    table = pd.DataFrame({"unit": ["A"] * 20})
    both = with_and_without_small_units(table, "unit", len, minimum_n=10)
    assert (both.every, both.large, both.left_out) == (20, 20, ())
