"""Stock and flow: a year by hand, a slow second count, and what a delivery cannot show."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from small_case_files import case_files

from data_contracts.errors import WrongUse
from evaluation.duration.backlog import (
    WHY_NO_STOCK,
    age_of_stock,
    backlog,
    days_until_rare,
    stock_and_flow,
    stock_view,
    whole_months,
)
from evaluation.survival.kaplan_meier import kaplan_meier


def _register(seed: int, size: int = 200) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    opened = np.datetime64("2019-06-01") + rng.integers(0, 700, size)
    closed = opened + rng.integers(0, 300, size)
    closed[rng.random(size) < 0.2] = np.datetime64("NaT")
    return opened, closed


def test_four_cases_by_hand() -> None:
    opened = ["2019-11-20", "2020-01-10", "2020-01-31", "2020-02-29"]
    closed = ["2020-02-01", "2020-01-10", None, None]
    found = stock_and_flow(opened, closed, first=date(2020, 1, 1), last=date(2020, 3, 30)).set_index("month")
    january, february = found.loc["2020-01-01"], found.loc["2020-02-01"]
    assert len(found) == 2  # March is not whole
    assert january[["stock_start", "inflow", "outflow", "stock"]].tolist() == [1, 2, 1, 2]
    assert february[["stock_start", "inflow", "outflow", "stock"]].tolist() == [2, 1, 1, 2]
    # On 31 January the first case is 72 days old and the third, opened that day, 0.
    assert january[["age_p25", "age_median", "age_p75"]].tolist() == [0, 0, 72]
    assert february[["age_median", "age_p75", "older_than_90"]].tolist() == [0, 29, 0]


@pytest.mark.parametrize("seed", range(4))
def test_a_slow_second_count_agrees(seed: int) -> None:
    opened, closed = _register(seed)
    found = stock_and_flow(opened, closed, first=date(2019, 9, 1), last=date(2021, 5, 31))
    cases = list(zip(opened.astype(object), closed.astype(object), strict=True))
    for row in found.itertuples():
        first = row.month.date()
        last = (row.month + pd.offsets.MonthEnd(0)).date()
        there = [o for o, c in cases if o <= last and (c is None or c > last)]
        ages = sorted((last - o).days for o in there)
        assert row.stock == len(there)
        assert row.stock_start == sum(o < first and (c is None or c >= first) for o, c in cases)
        assert row.inflow == sum(first <= o <= last for o, _c in cases)
        assert row.outflow == sum(c is not None and first <= c <= last for _o, c in cases)
        assert row.older_than_90 == sum(age > 90 for age in ages)
        for share, quantile in ((0.25, row.age_p25), (0.5, row.age_median), (0.75, row.age_p75)):
            assert quantile == ages[int(np.ceil(share * len(ages))) - 1]


def test_stock_at_the_end_is_stock_at_the_start_with_inflow_and_without_outflow() -> None:
    found = stock_and_flow(*_register(9, 2000), first=date(2019, 6, 1), last=date(2021, 12, 31))
    assert (found["stock_start"] + found["inflow"] - found["outflow"] == found["stock"]).all()
    assert (found["stock"].to_numpy()[:-1] == found["stock_start"].to_numpy()[1:]).all()


def test_counts_give_the_same_answer_as_rows_and_an_empty_stock_has_no_age() -> None:
    opened, closed = _register(2)
    weight = np.random.default_rng(2).integers(1, 4, len(opened))
    rows = np.repeat(np.arange(len(opened)), weight)
    span = {"first": date(2019, 5, 1), "last": date(2021, 6, 30)}
    grouped = stock_and_flow(opened, closed, weight=weight, **span)
    pd.testing.assert_frame_equal(grouped, stock_and_flow(opened[rows], closed[rows], **span))
    assert grouped.loc[0, "stock"] == 0 and np.isnan(grouped.loc[0, "age_median"])
    assert stock_and_flow([], [], **span)["stock"].tolist() == [0] * 26
    assert stock_and_flow(opened, closed, first=date(2020, 1, 2), last=date(2020, 1, 31)).empty


def test_the_age_of_a_stock_is_not_the_time_a_case_takes() -> None:
    # Two cases come in each day: one closes after 10 days, one after 190. Half of all cases take ten days.
    opened = np.repeat(np.datetime64("2018-01-01") + np.arange(1000), 2)
    closed = opened + np.tile([10, 190], 1000)
    stock = age_of_stock(opened, closed, on=date(2020, 6, 1))
    assert stock["stock"] == 200
    assert stock["age_median"] == 89  # 95 % of the stock is of the slow kind
    assert (closed - opened).astype(int).tolist().count(10) == 1000


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(WrongUse, match="1 zaken eindigen"):
        stock_and_flow(["2020-02-01"], ["2020-01-01"], first=date(2020, 1, 1), last=date(2020, 3, 31))
    with pytest.raises(WrongUse, match="even lang"):
        age_of_stock(["2020-02-01"], [], on=date(2020, 1, 1))


def _delivery(*rows: tuple[str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["cohort_basis", "period_start"])
    return frame.assign(period_start=pd.to_datetime(frame["period_start"]), period_end=pd.Timestamp("2025-12-31"))


@pytest.mark.parametrize(
    ("rows", "refusal"),
    [
        ([("afgesloten", "2016-01-01")], "closed_only"),
        ([("alle", "2016-01-01"), ("afgesloten", "2016-01-01")], "closed_only"),
        ([("openstaand", "2016-01-01")], "open_only"),
        ([("alle", "2016-01-01"), ("geopend", "2016-01-01")], "opened_in_period"),
        ([("alle", "2025-12-15")], "no_whole_month"),
        ([], "closed_only"),
    ],
)
def test_what_a_delivery_cannot_show_is_refused_with_a_reason(rows: list[tuple[str, str]], refusal: str) -> None:
    view = stock_view(_delivery(*rows), as_of=date(2026, 1, 31))
    assert (view.refusal, view.first, view.last) == (refusal, None, None)
    assert all(WHY_NO_STOCK[refusal][language] for language in ("nl", "en"))


def test_the_stock_is_known_where_all_deliveries_are_whole() -> None:
    view = stock_view(_delivery(("alle", "2016-01-01"), ("alle", "2018-03-01")), as_of=date(2024, 6, 30))
    assert (view.first, view.last) == (date(2018, 3, 1), date(2024, 6, 30))


def test_a_delivery_of_opened_cases_shows_the_stock_once_hardly_any_older_case_is_open() -> None:
    view = stock_view(_delivery(("geopend", "2016-01-01")), as_of=date(2026, 1, 31), days_until_rare=600.2)
    assert view.first == date(2016, 1, 1) + timedelta(days=601)
    curve = kaplan_meier([10, 20, 30, 40], [True, True, True, False])
    assert (days_until_rare(curve, share=0.5), days_until_rare(curve, share=0.1)) == (20.0, None)


def test_from_then_on_the_stock_of_opened_cases_is_nearly_that_of_all() -> None:
    rng = np.random.default_rng(4)
    opened = np.datetime64("2012-01-01") + rng.integers(0, 3650, 8000)
    closed = opened + np.ceil(120 * np.exp(rng.normal(0, 0.6, 8000))).astype(int)
    inside = opened >= np.datetime64("2016-01-01")
    rare = days_until_rare(kaplan_meier((closed - opened)[inside].astype(float), np.ones(inside.sum())), share=0.01)
    view = stock_view(_delivery(("geopend", "2016-01-01")), as_of=date(2020, 12, 31), days_until_rare=rare)
    assert view.first is not None and view.last is not None
    whole = stock_and_flow(opened, closed, first=view.first, last=view.last)
    only = stock_and_flow(opened[inside], closed[inside], first=view.first, last=view.last)
    assert (only["stock"] <= whole["stock"]).all()
    assert (only["stock"] / whole["stock"]).min() > 0.98
    early = {"first": date(2016, 1, 1), "last": date(2016, 1, 31)}
    assert (stock_and_flow(opened[inside], closed[inside], **early)["stock"]
            < 0.5 * stock_and_flow(opened, closed, **early)["stock"]).all()  # fmt: skip


def test_case_files_give_the_stock_of_all_and_by_unit_each_by_its_own_delivery() -> None:
    delivered = [
        {"unit": unit, "extracted_at": "2021-12-31", "period_start": "2021-01-01", "period_end": "2021-06-30",
         "cohort_basis": basis}
        for unit, basis in (("AMS", "alle"), ("DH", "geopend"))
    ]  # fmt: skip
    cases = [
        {"case_id": "A", "unit": "AMS", "opened_on": "2020-12-01", "closed_on": "2021-02-10"},
        {"case_id": "B", "unit": "DH", "opened_on": "2021-01-05", "closed_on": None, "status": "lopend"},
        {"case_id": "C", "unit": "AMS", "opened_on": "2021-02-05", "closed_on": None, "status": "afgesloten"},
        {"case_id": "D", "unit": "AMS", "opened_on": None, "closed_on": None, "status": "lopend"},
        {"case_id": "K", "unit": "AMS", "opened_on": "2021-01-02", "closed_on": "2021-05-05", "kind": "klacht"},
    ]
    months, views = backlog(case_files(cases=cases, delivery=delivered), as_of=date(2021, 12, 31), kind="disciplinair")
    told = views.set_index("group")
    assert told["refusal"].fillna("").to_dict() == {
        "all": "opened_in_period",
        "unit=ams": "",
        "unit=dh": "opened_in_period",
    }
    assert told.loc["unit=ams", ["n", "no_opening", "no_closing"]].tolist() == [3, 1, 1]
    assert months["group"].unique().tolist() == ["unit=ams"]
    assert months["stock"].tolist() == [1, 0, 0, 0, 0, 0]


def test_nothing_known_gives_an_empty_table_not_an_error() -> None:
    delivered = [{"unit": "AMS", "extracted_at": "2021-12-31", "cohort_basis": "afgesloten"}]
    months, views = backlog(case_files(cases=[{"case_id": "A"}], delivery=delivered), as_of=date(2021, 12, 31))
    assert months.empty and views["refusal"].tolist() == ["closed_only", "closed_only"]
    assert whole_months(date(2020, 1, 15), date(2020, 1, 20)).tolist() == []
