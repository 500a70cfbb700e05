"""Levels that cannot stand alone."""

import numpy as np
import pandas as pd
import pytest

from data_contracts.errors import WrongUse
from evaluation.complete_rows import complete_rows, level_columns
from evaluation.consistency.sparse_levels import pooled_levels


def test_levels_without_variation_or_with_few_rows_are_put_together_and_named():
    hit = np.array([1, 0] * 10 + [1] * 12 + [0] * 3)
    levels = pd.DataFrame({"kind": ["a"] * 20 + ["b"] * 12 + ["c"] * 3})
    after, lost = pooled_levels(levels, lambda rows: len(set(hit[rows])) == 2, minimum_n=10)
    assert sorted(after["kind"].unique()) == ["(samen)", "a"]
    assert lost == {"kind": ("b", "c")}


def test_what_is_together_and_still_too_sparse_joins_the_largest_level():
    levels = pd.DataFrame({"kind": ["a"] * 20 + ["b"] * 30 + ["c"] * 3})
    after, _lost = pooled_levels(levels, lambda rows: True, minimum_n=10)
    assert after["kind"].value_counts().to_dict() == {"b": 33, "a": 20}


def test_all_levels_too_sparse_are_one():
    after, _lost = pooled_levels(pd.DataFrame({"kind": list("abc")}), lambda rows: True, minimum_n=10)
    assert set(after["kind"]) == {"(samen)"}


def test_missing_characteristics_are_a_level_and_lengths_must_agree():
    known = level_columns(pd.DataFrame({"a": [1, None]}, index=[5, 6]), 2)
    assert known["a"].tolist() == ["1.0", "(onbekend)"]
    assert level_columns(None, 3).shape == (3, 0)
    with pytest.raises(WrongUse, match="even lang"):
        level_columns(pd.DataFrame({"a": [1]}), 2)
    with pytest.raises(WrongUse, match="even lang zijn: x, y"):
        complete_rows({"x": [1], "y": [1, 2]})
