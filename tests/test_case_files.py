from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from data_contracts.case_files import CaseFiles
from data_contracts.checking import Report
from data_contracts.errors import Refused, WrongUse


def test_a_reference_date_after_the_extraction_is_refused(checked_example: tuple[Report, CaseFiles]) -> None:
    with pytest.raises(Refused, match="2026-02-01"):
        checked_example[1].at(date(2026, 2, 1))


def test_a_reference_date_before_the_first_case_is_refused(checked_example: tuple[Report, CaseFiles]) -> None:
    with pytest.raises(WrongUse, match="1999-01-01"):
        checked_example[1].at(date(1999, 1, 1))


def test_nothing_that_happened_after_the_reference_date_is_known(checked_example: tuple[Report, CaseFiles]) -> None:
    moment = pd.Timestamp("2019-06-30")
    files = checked_example[1].at(moment.date())
    assert len(files.cases) > 0
    for table, columns in {
        "cases": ["opened_on", "closed_on"],
        "steps": ["done_on"],
        "suspensions": ["start_on", "end_on"],
        "order_measures": ["start_on", "end_on"],
        "allegations": ["decided_on"],
        "signals": ["received_on"],
    }.items():
        for column in columns:
            assert not (getattr(files, table)[column] > moment).any(), (table, column)
    still_open = set(files.cases.loc[files.cases["closed_on"].isna(), "case_id"])
    of_open = files.allegations[files.allegations["case_id"].isin(still_open)]
    assert len(of_open) > 0
    assert of_open["finding"].isna().all()


def test_a_case_that_closed_later_is_open_on_the_reference_date(checked_example: tuple[Report, CaseFiles]) -> None:
    full = checked_example[1].cases.set_index("case_id")
    moment = pd.Timestamp("2019-06-30")
    crossing = full[(full["opened_on"] <= moment) & (full["closed_on"] > moment)].index
    then = checked_example[1].at(moment.date()).cases.set_index("case_id").loc[crossing]
    assert len(crossing) > 0
    assert (then["status"] == "lopend").all()
    assert then[["closed_on", "exit_kind"]].isna().all(axis=None)


def test_an_undated_finding_in_an_open_case_is_known_on_the_extraction_day_only(
    checked_example: tuple[Report, CaseFiles],
) -> None:
    files = checked_example[1]
    of_open = files.allegations["case_id"].isin(files.cases.loc[files.cases["closed_on"].isna(), "case_id"])
    assert of_open.any()
    allegations = files.allegations.assign(finding=files.allegations["finding"].mask(of_open, "onbekend"))
    files = replace(files, allegations=allegations)
    on_the_day = files.at(files.extracted_on).allegations
    assert (on_the_day["finding"] == "onbekend").sum() == (allegations["finding"] == "onbekend").sum()
    before = files.at(date(2026, 1, 30)).allegations.set_index("allegation_id")["finding"]
    assert before[allegations.loc[of_open, "allegation_id"]].isna().all()
