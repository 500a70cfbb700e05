"""Total duration in working days: the total duration on another clock, by hand and in the example."""

from datetime import date

import numpy as np
import pytest
from stage_files import by_id, files, lasting

from data_contracts.case_files import CaseFiles
from data_contracts.example import example_tables
from evaluation.duration.stage_curves import stage_curve
from evaluation.duration.stages import stage_durations
from evaluation.duration.total import case_durations, total_scores
from evaluation.duration.working_total_scores import working_total_scores
from evaluation.scores import Part
from evaluation.survival.kaplan_meier import kaplan_meier, quantile

AS_OF = date(2021, 12, 31)
SPAN = "2021-01-01/2021-12-31"


def _scored(case_files: CaseFiles, *, as_of: date = AS_OF) -> Part:
    rows = stage_durations(case_files, as_of=as_of)
    return working_total_scores(case_files, rows, as_of=as_of, level=0.95, span=SPAN)


def test_twelve_cases_counted_by_hand_in_working_days() -> None:
    # From Monday 1 March 2021: 1, 2, ... 12 weeks later. Not worked are Good Friday and Easter Monday (2 and 5 April,
    # week 5), Koningsdag (week 9), 5 May (week 10), Ascension Day (13 May, week 11) and Whit Monday (24 May, week 12).
    days = [7 * week for week in range(1, 13)]
    worked = [5, 10, 15, 20, 23, 28, 33, 38, 42, 46, 50, 54]
    found = by_id(_scored(files(lasting(days), suspensions=[])))
    assert set(found) == {f"duration.total_working_gross.{statistic}.{group}" for group in ("all", "year=2021")
                          for statistic in ("cases", "p25", "median", "p75", "p90")}  # fmt: skip
    median = found["duration.total_working_gross.median.all"]
    assert (median.estimate, median.n, median.events, median.unit) == (worked[5], 12, 12, "working_days")
    direct = quantile(kaplan_meier(worked, [True] * 12), 0.5, level=0.95)
    assert (median.low, median.high) == (direct.low, direct.high)
    quarters = [found[f"duration.total_working_gross.{name}.year=2021"].estimate for name in ("p25", "p75", "p90")]
    assert quarters == [worked[2], worked[8], worked[10]]
    assert found["duration.total_working_gross.cases.all"].estimate == 12
    assert found["duration.total_working_gross.median.year=2021"].period == "2021-01-01/2021-12-31"


def test_net_takes_the_suspended_working_days_off_and_needs_suspensions() -> None:
    cases = lasting([28] * 12)
    spell = {"start_on": "2021-03-08", "end_on": "2021-03-22", "reason": "strafrechtelijk"}
    spells = [spell | {"case_id": case["case_id"]} for case in cases]
    part = _scored(files(cases, suspensions=spells))
    found = by_id(part)
    assert found["duration.total_working_gross.median.all"].estimate == 20
    assert found["duration.total_working_net.median.all"].estimate == 10
    assert part.refusals == ()
    for given in ({}, {"suspensions": []}):
        without = _scored(files(cases, **given))
        assert [(refusal.measure, refusal.needs) for refusal in without.refusals] == [
            ("duration.total_working_net", ("suspensions",))
        ]
        assert not any("net" in score.id for score in without.scores)


def test_small_groups_groups_without_an_end_and_thin_starts_keep_their_rows_with_a_reason() -> None:
    few = by_id(_scored(files(lasting([10] * 9))))
    assert few["duration.total_working_gross.median.all"].refusal == "too_few"
    assert few["duration.total_working_gross.cases.all"].estimate == 9
    none = by_id(_scored(files(lasting([None] * 12))))
    assert none["duration.total_working_gross.median.all"].refusal == "no_events"
    early = by_id(_scored(files(lasting([20, 30, None] * 4) + lasting([100] * 12, opened_on="2020-12-01"))))
    assert early["duration.total_working_gross.median.year=2020"].estimate is not None
    late = lasting([100] * 12, opened_on="2020-12-01") + lasting([20] * 3)
    thin = by_id(_scored(files(late, basis="alle", start="2021-01-04")))
    assert thin["duration.total_working_gross.median.all"].refusal == "not_at_risk"


def test_without_a_disciplinary_case_the_family_is_refused() -> None:
    part = _scored(files(lasting([10] * 12, kind="klacht")))
    assert part.scores == () and [refusal.measure for refusal in part.refusals] == ["duration.total_working"]


def test_a_year_under_way_ends_on_the_as_of_date() -> None:
    case_files = files(lasting([10] * 12))
    rows = stage_durations(case_files, as_of=date(2021, 6, 30))
    part = working_total_scores(case_files, rows, as_of=date(2021, 6, 30), level=0.95, span=SPAN)
    assert by_id(part)["duration.total_working_gross.median.year=2021"].period == "2021-01-01/2021-06-30"


@pytest.mark.parametrize("basis", ["geopend", "alle"])
def test_the_stage_total_is_the_total_duration(basis: str) -> None:
    tables, _truth = example_tables(seed=3, cases_per_year=80)
    tables["delivery"] = tables["delivery"].assign(cohort_basis=basis)
    if basis == "alle":  # an export that starts in the middle: earlier cases come in late, or not at all
        tables["delivery"]["period_start"] = np.datetime64("2019-01-01", "s")
    tables["cases"].loc[5, "opened_on"] = np.datetime64("NaT")
    as_of = date(2024, 6, 30)
    case_files = CaseFiles(**tables).at(as_of)
    rows, cases = stage_durations(case_files, as_of=as_of), case_durations(case_files, as_of=as_of)
    scores = total_scores(case_files, cases, as_of=as_of, level=0.95, span=SPAN).scores
    total = {score.id: score for score in scores}
    for clock in ("gross", "net"):
        curve = stage_curve(rows, "total", clock, suspensions=case_files.suspensions)
        mine = quantile(curve, 0.5, level=0.95)
        theirs = total[f"duration.total_{clock}.median.all"]
        assert (mine.estimate, mine.low, mine.high) == (theirs.estimate, theirs.low, theirs.high)
        assert (curve.n, curve.n_events) == (theirs.n, theirs.events)
    stage = rows[rows["stage"] == "total"]
    assert stage["left_out"].value_counts().to_dict() == cases["left_out"].value_counts().to_dict()
    working = by_id(working_total_scores(case_files, rows, as_of=as_of, level=0.95, span=SPAN))
    for clock in ("gross", "net"):
        there, here = total[f"duration.total_{clock}.median.all"], working[f"duration.total_working_{clock}.median.all"]
        assert here.n == there.n and here.events == there.events
        assert 5 / 7 * 0.93 < here.estimate / there.estimate < 5 / 7 * 1.02  # type: ignore[operator]
