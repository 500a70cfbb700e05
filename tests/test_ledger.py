"""The ledger: ids, how numbers are written, and what a withheld row still says."""

from pathlib import Path

import pandas as pd
import pytest

from data_contracts.errors import WrongUse
from evaluation.publication.ledger import COLUMNS, ledger, parts, read_ledger, written
from evaluation.publication.opendata import write_csv
from evaluation.publication.policy import read_policy
from tests.scores_for_disclosure import score, share, table

DECIMALS = read_policy().decimals


def make(scores: list, decisions: dict[str, str] | None = None, **blank: tuple[str, ...]) -> pd.DataFrame:
    frame = table(scores)
    decided = pd.Series([(decisions or {}).get(name, "published") for name in frame["id"]])
    return ledger(frame, decided, blank=blank, decimals=DECIMALS, sources="abab", code_version="0.1.0")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("duration.total_gross.median.all", ("duration", "total_gross", "median", "all")),
        ("duration.total_gross.within_180_days.year=2019", ("duration", "total_gross", "within_180_days", "year=2019")),
        ("consistency.a.b.unit=1st district", ("consistency", "a", "b", "unit=1st district")),
        ("consistency.a.b.unit=st. roch", ("consistency", "a", "b", "unit=st. roch")),
    ],
)
def test_an_id_falls_apart_in_module_measure_statistic_and_group(name: str, expected: tuple[str, ...]) -> None:
    assert parts(name) == expected


@pytest.mark.parametrize(
    "name",
    ["duration.median.all", "Duration.total.median.all", "duration.total.median.unit=AMS", "duration.total.median.",
     "duration.total.median.unit=", "duration.total.median.unit==1+1", "duration.total.median.year=19",
     "duration.total.median.all\n", "duration.total.median.unit=a,b", "=a.b.c.all", "duration..median.all",
     'duration.total.median.unit=a"b', "duration.total.median.unit=<b>"],
)  # fmt: skip
def test_any_other_id_is_refused(name: str) -> None:
    with pytest.raises(WrongUse):
        parts(name)


@pytest.mark.parametrize(
    ("value", "unit", "count", "dutch", "english"),
    [
        (1509, "count", 1509, "1.509", "1,509"),
        (0, "count", 0, "0", "0"),
        (1234567, "count", None, "1.234.567", "1,234,567"),
        (166, "days", 40, "166 dagen", "166 days"),
        (1, "days", 40, "1 dag", "1 day"),
        (166.5, "days", 40, "167 dagen", "167 days"),
        (1204.2, "days", 40, "1.204 dagen", "1,204 days"),
        (0.125, "share", 1000, "12,5\xa0%", "12.5%"),
        (0.125, "share", 999, "13\xa0%", "13%"),
        (0.125, "share", None, "13\xa0%", "13%"),
        (0.0, "share", 2000, "0,0\xa0%", "0.0%"),
        (1.0, "share", 40, "100\xa0%", "100%"),
        (0.004, "share", 500, "minder dan 1\xa0%", "less than 1%"),
        (0.996, "share", 500, "meer dan 99\xa0%", "more than 99%"),
        (0.0004, "share", 5000, "minder dan 0,1\xa0%", "less than 0.1%"),
        (0.9996, "share", 5000, "meer dan 99,9\xa0%", "more than 99.9%"),
        (1.345, "ratio", 40, "1,35", "1.35"),
        (12.34, "ratio", 40, "12,3", "12.3"),
        (1.845, "odds_ratio", 40, "1,85", "1.85"),
        (-0.4, "logit", 40, "−0,40", "−0.40"),
        (-0.001, "logit", 40, "0,00", "0.00"),
        (0.805, "score", 40, "0,81", "0.81"),
        (None, "days", 40, "", ""),
        (float("nan"), "share", 40, "", ""),
    ],
)  # fmt: skip
def test_numbers_are_written_the_dutch_and_the_english_way(
    value: float | None, unit: str, count: float | None, dutch: str, english: str
) -> None:
    assert written(value, unit=unit, count=count, language="nl") == dutch
    assert written(value, unit=unit, count=count, language="en") == english


@pytest.mark.parametrize(
    ("value", "unit", "statistic", "dutch", "english"),
    [
        (-0.032, "points", "share_change", "−3,2 procentpunt", "−3.2 percentage points"),
        (0.014, "points", "share_change", "+1,4 procentpunt", "+1.4 percentage points"),
        (0.0145, "points", "level_change", "+1,5 procentpunt", "+1.5 percentage points"),
        (-0.0004, "points", "share_change", "0,0 procentpunt", "0.0 percentage points"),
        (1.0, "points", "share_change", "+100,0 procentpunt", "+100.0 percentage points"),
        (12.4, "days", "mean_days_change", "+12 dagen", "+12 days"),
        (-12.5, "days", "mean_days_change", "−13 dagen", "−13 days"),
        (-1.2, "days", "mean_days_change", "−1 dag", "−1 day"),
        (0.0, "p_value", "log_rank_p", "minder dan 0,1\xa0%", "less than 0.1%"),
        (0.0042, "p_value", "log_rank_p", "0,4\xa0%", "0.4%"),
        (129, "working_days", "median", "129 werkdagen", "129 working days"),
        (1, "working_days", "median", "1 werkdag", "1 working day"),
        (0.3, "days", "mean_days_change", "0 dagen", "0 days"),
        (12.4, "days", "mean_days_after", "12 dagen", "12 days"),
        (0.014, "share", "share_change", "1\xa0%", "1%"),
    ],
)
def test_a_difference_shows_its_sign_and_nought_has_none(
    value: float, unit: str, statistic: str, dutch: str, english: str
) -> None:
    assert written(value, unit=unit, count=400, language="nl", statistic=statistic) == dutch
    assert written(value, unit=unit, count=400, language="en", statistic=statistic) == english


def test_what_was_written_as_if_it_might_be_a_formula_is_read_back_as_it_was(tmp_path: Path) -> None:
    rows = make([score("duration.change_cohorts.share_change.all", 0.031549, "points", 400)])
    write_csv(rows, tmp_path / "ledger.csv")
    assert "'+3,2 procentpunt" in (tmp_path / "ledger.csv").read_text("utf-8")
    assert read_ledger(tmp_path).loc[0, "text_nl"] == "+3,2 procentpunt"


def test_published_points_keep_four_decimals() -> None:
    rows = make([score("duration.change_cohorts.share_change.all", -0.031549, "points", 400)])
    assert rows.loc[0, "estimate"] == -0.0315
    assert rows.loc[0, "text_nl"] == "−3,2 procentpunt"


def test_a_rate_per_thousand_has_one_decimal() -> None:
    assert written(8.26, unit="ratio", count=9, language="nl", statistic="investigations_per_1000") == "8,3"


def test_the_ledger_has_the_columns_of_the_product_and_is_sorted() -> None:
    rows = make([share("completeness.critical.share.unit=b", 20, 60), share("completeness.critical.share.all", 20, 60)])
    assert list(rows.columns) == list(COLUMNS)
    assert list(rows["id"]) == ["completeness.critical.share.all", "completeness.critical.share.unit=b"]
    first = rows.iloc[0]
    assert (first["module"], first["measure"], first["statistic"], first["group"]) == (
        "completeness", "critical", "share", "all")  # fmt: skip
    assert (first["text_nl"], first["as_of"], first["sources"]) == ("33\xa0%", "2025-12-31", "abab")


def test_published_numbers_keep_few_decimals_and_their_text_follows_from_them() -> None:
    rows = make([share("completeness.critical.share.all", 1, 3000)])
    assert rows.loc[0, "estimate"] == 0.0003
    assert rows.loc[0, "text_nl"] == "minder dan 0,1\xa0%"


def test_a_withheld_row_keeps_its_name_and_loses_every_number_and_reason() -> None:
    name = "duration.total_gross.median.unit=z"
    rows = make([score(name, None, "days", 7, events=0, refusal="no_events")], {name: "suppressed_primary"})
    row = rows.iloc[0]
    assert row[["estimate", "low", "high", "n", "events", "numerator", "denominator", "refusal"]].isna().all()
    assert (row["text_nl"], row["text_en"], row["estimand"]) == ("afgeschermd", "withheld", "duration.total_gross")


def test_a_refused_row_says_why_and_a_blanked_column_is_empty() -> None:
    refused = "duration.total_gross.p90.all"
    rows = make(
        [score(refused, None, "days", 70, events=30, refusal="not_reached")], {refused: "refused"},
        **{refused: ("events",)},
    )  # fmt: skip
    row = rows.iloc[0]
    assert (row["refusal"], row["n"], row["text_nl"], row["text_en"]) == (
        "not_reached", 70, "niet te zeggen", "cannot be said")  # fmt: skip
    assert pd.isna(row["events"])


def test_a_ledger_reads_back_as_it_was_written(tmp_path: Path) -> None:
    rows = make([share("completeness.critical.share.all", 20, 60), score("duration.a.median.all", 9.0, "days", 70)])
    write_csv(rows, tmp_path / "ledger.csv")
    again = read_ledger(tmp_path)
    pd.testing.assert_frame_equal(again, rows, check_dtype=False)
    assert str(again["n"].dtype) == "Int64"
