"""Counts of what stands in the delivery, checked against the tables themselves."""

from datetime import date
from pathlib import Path

import pytest

from data_contracts import check, read_delivery
from data_contracts.case_files import CaseFiles
from data_contracts.checking import Report
from evaluation import register
from evaluation.scores import Score

AS_OF = date(2026, 1, 31)


@pytest.fixture(scope="module")
def scores(checked_example: tuple[Report, CaseFiles]) -> dict[str, Score]:
    result = register.evaluate(checked_example[1], checked_example[0], as_of=AS_OF)
    return {score.id: score for score in result.scores}


def test_rows_are_counted_table_by_table(scores: dict[str, Score], checked_example: tuple[Report, CaseFiles]) -> None:
    files = checked_example[1]
    for table in ("cases", "steps", "signals"):
        assert scores[f"register.{table}.rows.all"].estimate == len(getattr(files, table))
        assert scores[f"register.{table}.rejected.all"].estimate == 0


def test_empty_cells_are_a_share_of_all_rows(
    scores: dict[str, Score], checked_example: tuple[Report, CaseFiles]
) -> None:
    empty = scores["register.cases.missing_exit_kind.all"]
    cases = checked_example[1].cases
    assert (empty.numerator, empty.denominator) == (int(cases["exit_kind"].isna().sum()), len(cases))


def test_a_broken_rule_counts_against_the_rows_to_which_it_applies(
    scores: dict[str, Score], checked_example: tuple[Report, CaseFiles]
) -> None:
    steps = checked_example[1].steps
    done = steps[steps["state"] == "gedaan"]
    undated = scores["register.rule_steps_done_step_has_date.breached.all"]
    assert (undated.numerator, undated.denominator) == (int(done["done_on"].isna().sum()), len(done))


def test_every_number_has_a_card(checked_example: tuple[Report, CaseFiles]) -> None:
    result = register.evaluate(checked_example[1], checked_example[0], as_of=AS_OF)
    assert {score.estimand for score in result.scores} == {card.id for card in result.cards}


def test_a_sheet_that_was_not_delivered_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "levering.csv").write_text(
        "eenheid;uittrekmoment;periode_van;periode_tot;cohortbasis;contractversie;teleenheid\n"
        "AMS;31-12-2021;01-01-2019;31-12-2021;alle;1.0.0;onderzoek\n",
        encoding="utf-8",
    )
    (tmp_path / "onderzoeken.csv").write_text(
        "zaaknummer;eenheid;soort;geopend_op\n1;AMS;klacht;01-02-2020\n", encoding="utf-8"
    )
    report, files = check(read_delivery(tmp_path))
    assert files is not None
    reasons = {r.measure: r.reason for r in register.evaluate(files, report, as_of=date(2021, 12, 31)).refusals}
    assert reasons["register.steps"]["nl"] == "Het blad stappen is er niet: niet geleverd."
