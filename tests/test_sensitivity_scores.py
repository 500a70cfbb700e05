"""The headline durations under every choice: ranges that hold the headline, and universes that can be counted."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from data_contracts.case_files import CaseFiles
from data_contracts.example import example_tables
from evaluation.duration import case_durations
from evaluation.duration.clock import net_days
from evaluation.duration.sensitivity_scores import sensitivity_scores, universe_cases
from evaluation.duration.working_days import working_days
from evaluation.multiverse import read_grid
from evaluation.scores import Score
from evaluation.survival import kaplan_meier, quantile

AS_OF = date(2026, 1, 31)


@pytest.fixture(scope="module")
def files() -> CaseFiles:
    tables, _truth = example_tables(seed=4, cases_per_year=60)
    return CaseFiles(**tables).at(AS_OF)


def _scored(files: CaseFiles) -> dict[str, Score]:
    part = sensitivity_scores(files, as_of=AS_OF, level=0.95, span="2016-01-01/2025-12-31")
    assert {score.estimand for score in part.scores} == {card.id for card in part.cards}
    return {score.id.removeprefix("duration."): score for score in part.scores}


def _median(days: np.ndarray, closed: np.ndarray) -> float | None:
    return quantile(kaplan_meier(days, closed), 0.5, level=0.95).estimate


def test_each_choice_alone_gives_the_number_that_a_direct_calculation_gives(files: CaseFiles) -> None:
    by_id = _scored(files)
    cases = files.cases[files.cases["kind"] == "disciplinair"]
    until = cases["closed_on"].fillna(pd.Timestamp(AS_OF))
    closed = cases["closed_on"].notna()
    net = net_days(cases["case_id"], cases["opened_on"], until, files.suspensions)
    assert by_id["total_gross_range.median_suspension_net.all"].estimate == _median(net, closed)
    work = working_days(cases["opened_on"], until)
    assert by_id["total_gross_range.median_days_working.all"].estimate == _median(work, closed)
    log = files.steps[(files.steps["step"] == "KENN") & (files.steps["state"] == "gedaan")]
    start = cases["case_id"].map(log.groupby("case_id")["done_on"].min())
    days = (until - start).dt.days
    known = days.notna() & (days >= 0)
    kenn = by_id["total_gross_range.median_stage_kenn_besl.all"]
    assert (kenn.estimate, kenn.n) == (_median(days[known], closed[known]), known.sum())


def test_the_range_of_the_same_question_holds_the_headline_and_lies_within_that_of_all_questions(
    files: CaseFiles,
) -> None:
    by_id = _scored(files)
    cases = case_durations(files, as_of=AS_OF)
    headline = _median(cases["gross"], cases["closed"])
    low, high, any_low, any_high = (
        by_id[f"total_gross_range.median_{end}.all"].estimate for end in ("low", "high", "any_low", "any_high")
    )
    assert any_low <= low <= headline <= high <= any_high
    # Complaints and exploratory investigations are shorter, and ask another question.
    assert by_id["total_gross_range.median_kind_all.all"].estimate < low


def test_universes_that_mislead_keep_their_row_without_a_number(files: CaseFiles) -> None:
    by_id = _scored(files)
    closed_only = by_id["total_gross_range.median_basis_afgesloten.all"]
    assert (closed_only.estimate, closed_only.refusal) == (None, "misleading")
    every, refused = (by_id[f"total_gross_range.{name}.all"].estimate for name in ("universes", "refused_universes"))
    assert refused > 0 and every > 0
    # With small units in or out, and nothing else to choose, two universes ask the question of the headline.
    assert by_id["total_gross_range.median_universes.all"].estimate == 2


def test_choices_that_change_nothing_here_are_no_universes(files: CaseFiles) -> None:
    by_id = _scored(files)
    # Only cases opened in the period were delivered, none on one day: no late entry, no same-day rule to choose.
    assert not [name for name in by_id if "late_entry" in name or "same_day" in name]
    same_day = files.cases.copy()
    same_day.loc[same_day.index[0], "closed_on"] = same_day.loc[same_day.index[0], "opened_on"]
    assert "total_gross_range.median_same_day_left_out.all" in _scored(replace(files, cases=same_day))
    delivery = files.delivery.assign(cohort_basis="alle", period_start=pd.Timestamp("2018-01-01"))
    earlier = _scored(replace(files, delivery=delivery))
    assert earlier["total_gross_range.median_late_entry_ignored.all"].refusal == "misleading"
    assert earlier["total_gross_range.median_basis_geopend.all"].estimate is not None


def test_without_steps_or_suspensions_those_choices_are_left_out(files: CaseFiles) -> None:
    by_id = _scored(replace(files, steps=None, suspensions=None))
    assert not [name for name in by_id if "opdr_besl" in name or "_net" in name]
    assert by_id["total_gross_range.median_low.all"].estimate is not None


def test_the_share_within_a_year_is_not_asked_of_working_days(files: CaseFiles) -> None:
    by_id = _scored(files)
    assert not [name for name in by_id if name.startswith("within_365_range") and "working" in name]
    assert by_id["within_365_range.universes.all"].estimate < by_id["total_gross_range.universes.all"].estimate


def test_every_clock_of_the_grid_is_there_and_the_first_is_that_of_the_headline(files: CaseFiles) -> None:
    table = universe_cases(files, as_of=AS_OF)
    options = {choice.key: [option.key for option in choice.options] for choice in read_grid("duration").choices}
    for stage in options["stage"]:
        for suspension in options["suspension"]:
            for days in options["days"]:
                assert {f"{stage}_{suspension}_{days}", f"{stage}_{suspension}_{days}_entry"} <= set(table)
    mine = table.loc[table["disciplinary"], "meld_besl_gross_calendar"].to_numpy()
    assert (mine == case_durations(files, as_of=AS_OF)["gross"].to_numpy()).all()


def test_hardly_any_case_gives_rows_with_a_reason(files: CaseFiles) -> None:
    few = files.cases[files.cases["kind"] == "disciplinair"].iloc[:4]
    by_id = _scored(replace(files, cases=few.reset_index(drop=True)))
    assert by_id["total_gross_range.median_suspension_net.all"].refusal == "too_few"
    assert by_id["total_gross_range.median_low.all"].refusal == "not_estimable"
