"""Share within the norm as scores: none in force, complaints by hand, by year, and planted."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from stage_files import by_id, files, lasting

from data_contracts.case_files import CaseFiles
from data_contracts.example import example_tables
from data_contracts.example.history import draw_history
from data_contracts.example.plan import draw_plan
from data_contracts.procedure import Norm, norm_on, norms
from evaluation.duration.norm_scores import norm_scores
from evaluation.duration.norms_in_force import limits
from evaluation.duration.stages import stage_durations
from evaluation.scores import Part

AS_OF = date(2023, 12, 31)
SPAN = "2021-01-01/2023-12-31"


def _scored(case_files: CaseFiles, *, as_of: date = AS_OF, level: float = 0.95, **more: tuple[Norm, ...]) -> Part:
    rows = stage_durations(case_files, as_of=as_of)
    return norm_scores(case_files, rows, as_of=as_of, level=level, span=SPAN, **more)


def test_no_norm_in_force_is_said_with_the_number_of_cases() -> None:
    found = by_id(_scored(files(lasting([10] * 12 + [None]))))
    within = found["duration.total_norm.within_norm.all"]
    assert (within.estimate, within.refusal, within.n, within.unit) == (None, "no_norm", 0, "share")
    counts = {name: found[f"duration.total_norm.{name}.all"].estimate for name in ("cases", "no_norm", "norm_unknown")}
    assert counts == {"cases": 0, "no_norm": 13, "norm_unknown": 0}


def test_complaints_are_held_to_ten_weeks_that_run_on_over_a_weekend() -> None:
    # Monday 1 March 2021 and ten weeks: Monday 10 May. Saturday 6 March: Saturday 15 May, so by the Act the Monday.
    complaints = lasting([69, 70, 71, 200] * 3, kind="klacht") + lasting(
        [70, 72, 73] * 4, opened_on="2021-03-06", kind="klacht"
    )
    found = by_id(_scored(files([*complaints, *lasting([10])])))
    within = found["duration.complaint_norm.within_norm.all"]
    assert within.estimate == pytest.approx((6 + 8) / 24)
    assert (within.n, within.events, within.level) == (24, 24, 0.95)
    assert within.low is not None and within.low < 14 / 24 < (within.high or 0)
    assert found["duration.complaint_norm.cases.all"].estimate == 24


def test_each_year_has_its_share_or_its_reason() -> None:
    kind = {"kind": "klacht"}
    complaints = (
        lasting([50] * 8 + [90] * 4, **kind)
        + lasting([50] * 9, opened_on="2022-03-01", **kind)
        + lasting([None] * 12, opened_on="2023-11-01", **kind)
        + lasting([50] * 12, opened_on="2011-03-01", **kind)
    )
    part = _scored(files(complaints))
    found = by_id(part)
    shares = {year: found[f"duration.complaint_norm.within_norm.year={year}"] for year in (2011, 2021, 2022, 2023)}
    assert shares[2021].estimate == pytest.approx(8 / 12) and shares[2021].period == "2021-01-01/2021-12-31"
    assert [shares[year].refusal for year in (2022, 2023)] == ["too_few", "no_events"]
    # Before 2013 the norms file does not say: not the same as that there was no norm.
    assert shares[2011].refusal == "not_estimable"
    assert found["duration.complaint_norm.norm_unknown.year=2011"].estimate == 12
    assert found["duration.complaint_norm.norm_unknown.all"].estimate == 12
    assert found["duration.complaint_norm.cases.all"].estimate == 33
    assert [refusal.measure for refusal in part.refusals] == ["duration.total_norm"]


def test_a_thin_start_of_late_entries_is_refused() -> None:
    late = lasting([100] * 12, opened_on="2020-12-01", kind="klacht") + lasting([20] * 3, kind="klacht")
    found = by_id(_scored(files(late, basis="alle", start="2021-01-04")))
    assert found["duration.complaint_norm.within_norm.all"].refusal == "not_at_risk"


def test_a_norm_for_disciplinary_cases_would_be_used_from_its_first_day() -> None:
    none = norm_on(norms(), "disciplinair_totaal", date(2020, 1, 1))
    assert none is not None
    given = (replace(none, valid_to=date(2021, 12, 31)),
             replace(none, days=60, counting="calendar", valid_from=date(2022, 1, 1)),
             *(norm for norm in norms() if norm.code != none.code))  # fmt: skip
    cases = lasting([50] * 12) + lasting([50] * 9 + [90] * 3, opened_on="2022-03-01")
    part = _scored(files(cases), in_force=given)
    found = by_id(part)
    assert found["duration.total_norm.within_norm.all"].estimate == pytest.approx(0.75)
    assert found["duration.total_norm.cases.all"].estimate == found["duration.total_norm.no_norm.all"].estimate == 12
    assert "60 dagen vanaf 2022-01-01" in part.cards[0].clock["nl"]


def test_the_card_says_what_the_delivery_cannot_show() -> None:
    card = _scored(files(lasting([10] * 12, kind="klacht"))).cards[0]
    wanted = {
        "nl": ("commissie", "Algemene termijnenwet", "70 dagen", "Verdaging"),
        "en": ("committee", "Extension of Time Limits Act", "70 days", "Adjournment"),
    }
    for language, words in wanted.items():
        assert all(word in card.clock[language] for word in words)


def test_kinds_that_were_not_delivered_are_refused() -> None:
    only = _scored(files(lasting([10] * 12)))
    assert [(refusal.measure, refusal.needs) for refusal in only.refusals] == [
        ("duration.complaint_norm", ("cases.kind",))
    ]
    unknown = _scored(files(lasting([10] * 12, kind=None)))
    assert [refusal.measure for refusal in unknown.refusals] == ["duration.complaint_norm"]
    assert by_id(unknown)["duration.total_norm.no_norm.all"].estimate == 12  # without their kind, all are disciplinary
    neither = _scored(files(lasting([10] * 12, kind="orienterend")))
    assert (neither.scores, neither.cards, len(neither.refusals)) == ((), (), 2)


def test_the_planted_share_of_complaints_in_time_comes_back_while_the_last_are_open() -> None:
    tables, _truth = example_tables(seed=11, cases_per_year=60)
    rng = np.random.default_rng(11)
    history = draw_history(draw_plan(60, rng), rng)
    history = history[history["kind"] == "klacht"]
    opened = np.datetime64("1970-01-01") + history["opened"].to_numpy()
    ten_weeks = norm_on(norms(), "klacht_besluit", date(2020, 1, 1))
    assert ten_weeks is not None
    planted = opened + history["leaves"].to_numpy() <= limits(ten_weeks, opened, extension="termijnenwet")
    as_of = date(2025, 12, 31)
    found = by_id(_scored(CaseFiles(**tables).at(as_of), as_of=as_of))
    for group, those in (("all", np.full(len(planted), True)), ("year=2025", pd.Series(opened).dt.year == 2025)):
        score = found[f"duration.complaint_norm.within_norm.{group}"]
        assert score.n == those.sum()
        assert score.low < planted[those].mean() < score.high  # type: ignore[operator]
    assert found["duration.complaint_norm.within_norm.all"].estimate == pytest.approx(planted.mean(), abs=0.01)
