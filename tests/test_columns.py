"""Columns in every form in which they are handed over, and what is refused."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from data_contracts.errors import WrongUse
from evaluation.survival import concordance, cox, cumulative_incidence, gray_test, kaplan_meier, log_rank
from evaluation.survival.columns import coded, counts, labels_of, numbers, truths

DAYS, ENDED, GROUP = [3, 1, 2, 5], [True, False, True, True], ["b", "a", "b", "a"]


@pytest.mark.parametrize(
    "days",
    [
        tuple(DAYS), np.array(DAYS, dtype="int8"), np.array(DAYS, dtype=object), pd.Index(DAYS),
        pd.Series(DAYS, index=[7, 7, 1, 0]), pd.Series(DAYS, dtype="Int64"), pd.Series(DAYS, dtype="Float64"),
        pd.array(DAYS, dtype="Int64"), pd.Series(DAYS).astype("category"), pd.to_timedelta(pd.Series(DAYS), unit="D"),
    ],
)  # fmt: skip
def test_days_may_come_in_any_form_and_are_taken_by_place(days: Any) -> None:
    assert numbers(days, "duration").tolist() == DAYS


@pytest.mark.parametrize("ended", [[1, 0, 1, 1], [1.0, 0.0, 1.0, 1.0], pd.Series(ENDED, dtype="boolean"),
                                   pd.Series([1, 0, 1, 1], dtype="Int64"), np.array(ENDED, dtype=object)])  # fmt: skip
def test_an_end_may_be_true_or_one(ended: Any) -> None:
    assert truths(ended, "event_observed", 4).tolist() == ENDED


@pytest.mark.parametrize(
    ("days", "says"),
    [
        ([None, 1, 2, 3], "mist 1 waarden"), ([np.nan, 1, 2, np.inf], "mist 2 waarden"),
        (pd.Series([pd.NA, 1, 2, 3], dtype="Int64"), "mist 1 waarden"),
        (pd.Series([pd.NaT, pd.Timedelta(days=1)]), "mist 1 waarden"),
        (["een", 1, 2, 3], "maar uit tekst"), (["1", "2", "3", "4"], "maar uit tekst"),
        (pd.date_range("2020-01-01", periods=4), "maar uit datums"), ([object(), 1, 2, 3], "maar uit object"),
        ([[1], [1, 2]], "één rij getallen"), (np.ones((4, 2)), "één rij getallen"), (3, "één rij getallen"),
        (None, "één rij getallen"), ("abcd", "één rij getallen"), ([-1, 1, 2, 3], "negatieve"),
    ],
)  # fmt: skip
def test_what_is_no_column_of_days_is_refused_in_one_sentence_without_a_value(days: Any, says: str) -> None:
    with pytest.raises(WrongUse, match=says) as refusal:
        counts(days, "duration")
    assert "een'" not in str(refusal.value)


@pytest.mark.parametrize("ended", [[1, 2, 1, 1], ["True"] * 4, [None, True, True, True], [True] * 3])
def test_an_end_that_is_not_true_or_false_is_refused(ended: Any) -> None:
    with pytest.raises(WrongUse, match="event_observed"):
        kaplan_meier(DAYS, ended)


def test_labels_are_sorted_and_those_of_a_categorical_keep_the_order_of_its_categories() -> None:
    assert coded(GROUP, 4, "group")[0] == ["a", "b"]
    ordered = pd.Categorical(GROUP, categories=["z", "b", "a"])
    assert coded(ordered, 4, "group")[0] == coded(pd.Series(ordered), 4, "group")[0] == ["b", "a"]
    assert coded([("x", 1), ("x", 2), ("x", 1), ("x", 2)], 4, "group")[1].tolist() == [0, 1, 0, 1]
    # R: survdiff(Surv(time, status) ~ celltype, veteran) prints the groups in the order of the factor
    assert log_rank(DAYS, ENDED, ordered).groups["group"].tolist() == ["b", "a"]


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT])
def test_a_missing_label_is_refused_where_it_must_be_there_and_open_where_it_is_a_cause(missing: Any) -> None:
    labels = [missing, "a", "b", "a"]
    with pytest.raises(WrongUse, match="group mist 1 waarden"):
        log_rank(DAYS, ENDED, labels)
    assert labels_of(labels, 4, "cause")[1].tolist() == [-1, 0, 1, 0]
    assert cumulative_incidence(DAYS, labels).causes == ("a", "b")


@pytest.mark.parametrize("labels", [["a"], "abba", "a", None, pd.DataFrame({"group": GROUP}), np.ones((4, 2))])
def test_labels_of_another_length_or_shape_are_refused(labels: Any) -> None:
    with pytest.raises(WrongUse, match="group moet één rij zijn"):
        log_rank(DAYS, ENDED, labels)
    with pytest.raises(WrongUse, match="cause moet één rij zijn"):
        gray_test(DAYS, labels, GROUP, of_cause="a")


def test_later_changes_to_a_column_do_not_change_a_result() -> None:
    days, x = np.array([1.0, 2, 3, 4]), np.array([1.0, 0, 0, 1])
    found = cox({"x": x}, days, [True] * 4, level=0.95)
    before = found.concordance
    days[:] = 9
    assert found.concordance == before


def test_a_score_of_text_or_with_a_gap_is_refused() -> None:
    for score in (["a", "b", "c", "d"], [np.nan, 1, 2, 3], [1, 2]):
        with pytest.raises(WrongUse, match="score"):
            concordance(score, DAYS, ENDED)
