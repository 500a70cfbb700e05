"""Values from related rows and dated norms, on tables small enough to read."""

import pandas as pd

from data_contracts.rules.related_rows import after_term, day_of_year, earlier_row, referred_row


def days(*texts: str | None) -> pd.Series:
    return pd.Series(pd.to_datetime(list(texts))).astype("datetime64[s]")


def written(found: pd.Series) -> list[str | None]:
    return [None if pd.isna(day) else day.date().isoformat() for day in found]


def test_a_term_is_that_of_the_norm_in_force_on_the_day_and_months_end_where_the_month_ends():
    starts = days("2024-12-31", "2025-01-01", "2024-11-30", None)
    assert written(after_term(starts, "schorsing_verlenging")) == ["2025-03-31", "2025-07-01", "2025-02-28", None]


def test_a_term_in_days_counts_days():
    assert written(after_term(days("2024-01-01"), "bezwaar_indienen")) == ["2024-02-12"]


def test_before_a_norm_and_where_none_was_in_force_there_is_no_term():
    assert written(after_term(days("2023-02-17", "2023-02-18"), "melder_ontvangst")) == [None, "2023-02-25"]
    assert written(after_term(days("2020-11-05"), "disciplinair_totaal")) == [None]


def test_the_earlier_row_is_the_one_that_started_last_before_within_the_same_keys():
    rows = pd.DataFrame(
        {
            "case_id": ["1", "1", "2", "1"],
            "reason": ["a", "a", "a", "b"],
            "start_on": days("2024-03-01", "2024-01-01", "2024-02-01", "2024-02-15"),
            "end_on": days("2024-04-01", "2024-02-01", "2024-03-01", None),
        }
    ).set_axis([7, 3, 5, 9])
    found = earlier_row(rows, ["case_id", "reason"], "end_on")
    assert list(found.index) == [7, 3, 5, 9]
    assert written(found) == ["2024-02-01", None, None, None]


def test_the_row_referred_to_is_sought_in_the_same_delivery_only():
    parents = pd.DataFrame({"_delivery": [0, 1], "id": ["M1", "M1"], "kind": ["schorsing", "toegangsontzegging"]})
    rows = pd.DataFrame({"_delivery": [1, 0, 0, 0], "extension_of": ["M1", "M1", "M9", None]})
    found = referred_row(rows, "extension_of", parents, "id", "kind", within="_delivery")
    assert found.tolist()[:2] == ["toegangsontzegging", "schorsing"]
    assert found.isna().tolist() == [False, False, True, True]


def test_the_days_of_what_is_no_year_are_missing():
    years = pd.Series([2024, None, 99999], dtype="Int64")
    assert written(day_of_year(years, last=False)) == ["2024-01-01", None, None]
    assert written(day_of_year(years, last=True)) == ["2024-12-31", None, None]
