"""Rows of scores: a number, its interval and its counts, or the reason why there is none."""

from datetime import date

from evaluation.score_rows import ScoreRows
from evaluation.survival import CurveEstimate

ROWS = ScoreRows("duration.total_gross", "year=2019", "duration.total_gross", "2019-01-01/2019-12-31",
                 date(2020, 12, 31), 0.9)  # fmt: skip


def test_a_number_carries_its_interval_level_and_counts() -> None:
    said = CurveEstimate(10.0, 8.0, None, 0.9, "log-log", 40, 30)
    score = ROWS.number("median", "days", said, n=40, events=30)
    assert (score.id, score.estimate, score.low, score.high, score.level, score.n, score.events) == (
        "duration.total_gross.median.year=2019", 10.0, 8.0, None, 0.9, 40, 30)  # fmt: skip


def test_a_refusal_of_the_number_or_of_its_group_leaves_no_number_and_no_interval() -> None:
    said = CurveEstimate(10.0, 8.0, 12.0, 0.9, "log-log", 4, 3)
    for score in (
        ROWS.number("median", "days", said, n=4, refusal="too_few"),
        ROWS.number("median", "days", CurveEstimate(None, 8.0, 12.0, 0.9, "", 4, 3, refusal="too_few"), n=4),
    ):
        assert (score.estimate, score.low, score.high, score.level, score.refusal) == (
            None,
            None,
            None,
            None,
            "too_few",
        )
    assert ROWS.plain("ratio", "ratio", None, n=3).refusal == "not_estimable"


def test_a_share_has_wilsons_interval_and_a_counted_share_has_none() -> None:
    share, counted = ROWS.share("left_out", 15, 148), ROWS.counted_share("left_out", 15, 148)
    assert (round(ROWS.share("x", 81, 263).estimate, 4), counted.low, counted.level) == (0.308, None, None)
    assert share.low < counted.estimate < share.high
    assert (counted.n, counted.numerator, counted.denominator) == (148, 15, 148)
    for score in (ROWS.share("left_out", 0, 0), ROWS.counted_share("left_out", 0, 0)):
        assert (score.estimate, score.low, score.refusal) == (None, None, "too_few")


def test_a_count_stands_for_itself_unless_it_is_part_of_a_whole() -> None:
    assert ROWS.count("cases", 12).n == 12
    assert ROWS.count("open", 2, n=12, events=10).n == 12
