"""Cases as dates: what is checked before any estimator sees them."""

import numpy as np
import pandas as pd
import pytest

from data_contracts.errors import WrongUse
from evaluation.duration.dated_cases import dated_cases, whole_counts


def test_a_case_enters_on_its_start_unless_it_came_into_view_later() -> None:
    found = dated_cases(
        ["2020-01-05"] * 3, ["2020-02-01"] * 3, [True] * 3, entered_on=[None, "2020-01-01", "2020-01-09"]
    )
    assert found["entered"].dt.day.tolist() == [5, 5, 9]
    assert found["weight"].tolist() == [1, 1, 1]


def test_missing_dates_stay_missing() -> None:
    found = dated_cases(["2020-01-05", None], [None, "2020-02-01"], [False, True])
    assert found["until"].isna().tolist() == [True, False] and found["start"].isna().tolist() == [False, True]


@pytest.mark.parametrize("ended", [[None], [np.nan], [2], ["ja"], [pd.NA]])
def test_an_end_that_is_neither_true_nor_false_is_refused_not_taken_for_true(ended: list) -> None:
    with pytest.raises(WrongUse, match="ended"):
        dated_cases(["2020-01-01"], ["2020-02-01"], ended)


def test_truth_may_come_as_numbers_or_as_a_nullable_column() -> None:
    for ended in ([1, 0], pd.Series([True, False], dtype="boolean"), np.array([1.0, 0.0])):
        assert dated_cases(["2020-01-01"] * 2, ["2020-02-01"] * 2, ended)["ended"].tolist() == [True, False]


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(WrongUse, match="even lang"):
        dated_cases(["2020-01-01"] * 2, ["2020-02-01"], [True])


@pytest.mark.parametrize("weight", [[1.5], [-1], [np.nan], [1, 2], [np.inf]])
def test_a_weight_that_is_no_count_is_refused(weight: list) -> None:
    with pytest.raises(WrongUse, match="weight"):
        whole_counts(weight, 1)


def test_no_weight_is_one_each() -> None:
    assert whole_counts(None, 3).tolist() == [1, 1, 1]
    assert whole_counts([0, 2], 2).tolist() == [0, 2]
