"""The stock as scores: the counts of hand-made cases, what is refused, and a planted balance."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from data_contracts.case_files import CaseFiles
from data_contracts.example import example_tables
from evaluation.duration import case_durations
from evaluation.duration.backlog_scores import backlog_scores
from evaluation.scores import Part, Score

AS_OF = date(2022, 12, 31)


def _files(opened: np.ndarray, closed: np.ndarray, *, basis: str = "alle", start: str = "2020-01-01") -> CaseFiles:
    cases = pd.DataFrame({"case_id": [f"Z{at:04d}" for at in range(len(opened))]})
    cases["opened_on"] = opened.astype("datetime64[s]")
    cases["closed_on"] = np.where(closed > np.datetime64(AS_OF), np.datetime64("NaT"), closed).astype("datetime64[s]")
    for column, value in {"unit": "AMS", "kind": "disciplinair", "category": "a", "complexity": "b"}.items():
        cases[column] = pd.Series([value] * len(cases), dtype="str")
    cases["status"] = pd.Series(np.where(cases["closed_on"].isna(), "lopend", "afgesloten"), dtype="str")
    delivery = pd.DataFrame({"unit": ["AMS"], "cohort_basis": [basis], "extracted_at": pd.Timestamp(AS_OF),
                             "period_start": pd.Timestamp(start), "period_end": pd.Timestamp(AS_OF)})  # fmt: skip
    return CaseFiles(delivery=delivery, cases=cases)


def _scored(files: CaseFiles) -> tuple[Part, dict[str, Score]]:
    cases = case_durations(files, as_of=AS_OF)
    part = backlog_scores(files, cases, as_of=AS_OF, level=0.95, rng=np.random.default_rng(1))
    return part, {score.id.removeprefix("duration.backlog."): score for score in part.scores}


def _steady(*, every: int = 5, days: int = 100) -> tuple[np.ndarray, np.ndarray]:
    """A case every fifth day that takes 100 days: twenty are open on any day, one in, one out."""
    opened = np.arange("2019-01-01", "2023-01-01", every, dtype="datetime64[D]")
    opened = opened[opened + days > np.datetime64("2019-12-31")]
    return opened, opened + days


def test_the_stock_of_a_steady_process_is_inflow_times_duration_and_keeps_its_balance() -> None:
    _part, by_id = _scored(_files(*_steady()))
    for year in (2020, 2021, 2022):
        assert by_id[f"stock.year={year}"].estimate == by_id[f"stock_q2.year={year}"].estimate == 20
        assert by_id[f"inflow.year={year}"].estimate in (73, 74)
        clearance = by_id[f"clearance.year={year}"]
        assert clearance.low < 1 < clearance.high
    for year in (2021, 2022):
        moved = by_id[f"inflow.year={year}"].estimate - by_id[f"outflow.year={year}"].estimate
        assert by_id[f"stock.year={year}"].estimate == by_id[f"stock.year={year - 1}"].estimate + moved
    assert by_id["littles_law.all"].estimate == pytest.approx(1, abs=0.03)
    assert by_id["stock_now.all"].estimate == 20
    projected = by_id["projected_stock_12_months.all"]
    assert projected.low < 20 < projected.high and projected.level == 0.95


def test_the_age_of_the_stock_is_counted_and_has_no_interval() -> None:
    _part, by_id = _scored(_files(*_steady(every=10, days=400)))
    older = by_id["stock_older_than_180.year=2022"]
    opened, _closed = _steady(every=10, days=400)
    age = (np.datetime64("2022-12-31") - opened).astype(int)
    open_now = age < 400
    assert (older.numerator, older.denominator) == (int((age[open_now] > 180).sum()), int(open_now.sum()))
    assert older.low is None and older.level is None
    assert by_id["stock_age_median.all"].estimate == np.sort(age[open_now])[int(np.ceil(open_now.sum() / 2)) - 1]


def test_a_delivery_of_cases_opened_in_its_period_shows_the_stock_only_once_earlier_cases_no_longer_matter() -> None:
    opened, closed = _steady()
    seen = opened >= np.datetime64("2020-01-01")
    part, by_id = _scored(_files(opened[seen], closed[seen], basis="geopend"))
    # All cases take 100 days, in whole quarters 180: known from 29 June 2020, so July is the first whole month.
    assert "stock_q1.year=2020" not in by_id and by_id["stock_q3.year=2020"].estimate == 20
    assert "inflow.year=2020" not in by_id and "inflow.year=2021" in by_id
    assert by_id["left_out.all"].period == "2020-07-01/2022-12-31"
    assert by_id["stock_now.all"].period == "2022-12-31/2022-12-31"
    assert by_id["clearance.all"].period == "2022-01-01/2022-12-31"
    assert "1 op de 100" in part.cards[0].cohort_basis["nl"]


def test_a_stock_that_cannot_be_seen_is_refused_with_the_reason() -> None:
    opened, closed = _steady()
    for basis in ("afgesloten", "openstaand"):
        part, by_id = _scored(_files(opened, closed, basis=basis))
        assert by_id == {} and part.cards == ()
        assert part.refusals[0].measure == "duration.backlog" and set(part.refusals[0].reason) == {"nl", "en"}
    everyone_open = _files(opened[-20:], closed[-20:] + 4000, basis="geopend", start="2022-01-01")
    assert _scored(everyone_open)[0].refusals[0].reason["en"].startswith("The delivery holds only cases opened")


def test_with_less_than_a_year_there_is_a_stock_but_no_clearance_and_no_projection() -> None:
    opened, closed = _steady()
    recent = closed > np.datetime64("2022-06-30")
    _part, by_id = _scored(_files(opened[recent], closed[recent], start="2022-07-01"))
    assert by_id["stock_now.all"].estimate == 20
    for statistic in ("clearance", "littles_law", "projected_stock_3_months"):
        assert (by_id[f"{statistic}.all"].estimate, by_id[f"{statistic}.all"].refusal) == (None, "absent")


def test_cases_without_their_dates_are_left_out_and_their_share_is_given() -> None:
    opened, closed = _steady()
    files = _files(opened, closed)
    files.cases.loc[:2, "opened_on"] = pd.NaT
    files.cases.loc[3:4, "closed_on"] = pd.NaT
    share = _scored(files)[1]["left_out.all"]
    assert (share.numerator, share.denominator) == (5, len(opened))


def test_the_same_case_files_give_the_same_projection_and_the_example_is_near_its_balance() -> None:
    tables, _truth = example_tables(seed=2, cases_per_year=200)
    day = date(2026, 1, 31)
    files = CaseFiles(**tables).at(day)
    cases = case_durations(files, as_of=day)
    one, two = (
        backlog_scores(files, cases, as_of=day, level=0.95, rng=np.random.default_rng(7)).scores for _time in range(2)
    )
    assert one == two
    by_id = {score.id: score.estimate for score in one}
    assert by_id["duration.backlog.littles_law.all"] == pytest.approx(1, abs=0.25)
    assert not any("unit=" in score.id for score in one)
