"""How cases end: shares of competing exits by hand, against the estimator, adding up to one, and planted."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from stage_files import by_id, files, lasting

from data_contracts.case_files import CaseFiles
from data_contracts.example import example_tables
from data_contracts.example.history import draw_history, gross
from data_contracts.example.plan import NEVER, draw_plan
from evaluation.duration.exit_scores import EXIT_DAYS, exit_scores
from evaluation.duration.stages import stage_durations
from evaluation.duration.total import case_durations, total_curve
from evaluation.scores import Part
from evaluation.survival.cumulative_incidence import cumulative_incidence, incidence_within
from evaluation.survival.kaplan_meier import at_risk_on, share_within

AS_OF = date(2023, 12, 31)
SPAN = "2021-01-01/2023-12-31"


def _scored(case_files: CaseFiles, *, as_of: date = AS_OF, level: float = 0.95) -> Part:
    rows = stage_durations(case_files, as_of=as_of)
    return exit_scores(case_files, rows, as_of=as_of, level=level, span=SPAN)


def test_twelve_cases_that_end_in_four_ways_by_hand() -> None:
    ways = [(50, "besluit"), (90, "eigen_ontslag"), (91, "besluit"), (200, None)] * 3
    cases = [
        case | {"exit_kind": way} for case, (_day, way) in zip(lasting([day for day, _ in ways]), ways, strict=True)
    ]
    found = by_id(_scored(files(cases)))
    assert {score_id.split(".")[1] for score_id in found} == {"exit_besluit", "exit_eigen_ontslag", "exit_onbekend"}
    decided = found["duration.exit_besluit.within_90_days.all"]
    assert (decided.estimate, decided.n, decided.events, decided.unit) == (pytest.approx(0.25), 12, 6, "share")
    assert decided.low is not None and decided.low < 0.25 < (decided.high or 0)
    assert found["duration.exit_eigen_ontslag.within_90_days.all"].estimate == pytest.approx(0.25)
    assert found["duration.exit_onbekend.within_180_days.all"].estimate == 0
    assert found["duration.exit_onbekend.within_270_days.all"].estimate == pytest.approx(0.25)
    assert found["duration.exit_besluit.within_180_days.all"].estimate == pytest.approx(0.5)
    assert found["duration.exit_besluit.at_risk_90_days.all"].estimate == 9
    assert found["duration.exit_besluit.at_risk_180_days.all"].estimate == 3
    assert len(found) == 3 * 2 * len(EXIT_DAYS)


def test_a_case_that_ended_in_another_way_is_not_one_that_is_still_open() -> None:
    # Half resign on day 10, the others are decided on day 80: one minus Kaplan-Meier would say that all are decided.
    cases = lasting([10] * 6, exit_kind="eigen_ontslag") + lasting([80] * 6, opened_on="2021-03-02")
    found = by_id(_scored(files(cases)))
    assert found["duration.exit_besluit.within_90_days.all"].estimate == pytest.approx(0.5)


@pytest.fixture(scope="module")
def example() -> tuple[CaseFiles, pd.DataFrame]:
    tables, _truth = example_tables(seed=11, cases_per_year=60)
    rng = np.random.default_rng(11)
    return CaseFiles(**tables), draw_history(draw_plan(60, rng), rng)


@pytest.mark.parametrize("late", [False, True])
def test_all_ways_to_end_and_the_share_still_open_are_one_and_the_numbers_at_risk_are_those_of_the_total(
    example: tuple[CaseFiles, pd.DataFrame], late: bool
) -> None:
    case_files, as_of = example[0], date(2024, 6, 30)
    if late:
        delivery = case_files.delivery.assign(cohort_basis="alle", period_start=np.datetime64("2019-01-01", "s"))
        case_files = CaseFiles(**{**vars(case_files), "delivery": delivery})
    case_files = case_files.at(as_of)
    found = by_id(_scored(case_files, as_of=as_of))
    total = total_curve(case_durations(case_files, as_of=as_of), "total_gross")
    ways = sorted({score_id.split(".")[1] for score_id in found})
    assert ways == ["exit_besluit", "exit_eigen_ontslag", "exit_geen_vervolg", "exit_ingetrokken", "exit_overgedragen"]
    for day in EXIT_DAYS:
        ended = [found[f"duration.{way}.within_{day}_days.all"].estimate or 0.0 for way in ways]
        still_open = 1 - (share_within(total, day, level=0.95).estimate or 0.0)
        assert sum(ended) + still_open == pytest.approx(1)
        for way in ways:
            assert found[f"duration.{way}.at_risk_{day}_days.all"].estimate == at_risk_on(total, day)
            assert found[f"duration.{way}.at_risk_{day}_days.all"].n == total.n


def test_the_numbers_are_those_of_the_estimator_interval_and_all(example: tuple[CaseFiles, pd.DataFrame]) -> None:
    as_of = date(2024, 6, 30)
    case_files = example[0].at(as_of)
    cases = case_files.cases[case_files.cases["kind"] == "disciplinair"]
    last = cases["closed_on"].fillna(pd.Timestamp(as_of))
    direct = cumulative_incidence(
        (last - cases["opened_on"]).dt.days, cases["exit_kind"].where(cases["closed_on"].notna())
    )
    found = by_id(_scored(case_files, as_of=as_of))
    for way in direct.causes:
        said = incidence_within(direct, way, 270, level=0.95)
        mine = found[f"duration.exit_{way}.within_270_days.all"]
        assert (mine.estimate, mine.low, mine.high) == pytest.approx((said.estimate, said.low, said.high))
        assert (mine.n, mine.events) == (said.n, said.n_events)


def test_the_planted_exits_come_back_though_the_last_cases_are_still_open(
    example: tuple[CaseFiles, pd.DataFrame],
) -> None:
    case_files, history = example
    history = history[history["kind"] == "disciplinair"].reset_index(drop=True)
    leaves = np.minimum(history["leaves"].to_numpy(), history["besl"].to_numpy())
    history["days"] = gross(history, leaves) - history["opened"]
    as_of = date(2025, 12, 31)
    found = by_id(_scored(case_files.at(as_of), as_of=as_of, level=0.999))
    for way in ("eigen_ontslag", "overgedragen", "ingetrokken"):
        planted = (history["route"] == way) & (history["leaves"] < NEVER)
        for day in (180, 365):
            share = float((planted & (history["days"] <= day)).mean())
            score = found[f"duration.exit_{way}.within_{day}_days.all"]
            assert (score.low or 0) <= share <= (score.high or 0)
            assert score.estimate == pytest.approx(share, abs=0.005)


def test_too_few_cases_and_a_thin_start_keep_their_rows_with_a_reason() -> None:
    few = by_id(_scored(files(lasting([10] * 9))))
    assert few["duration.exit_besluit.within_90_days.all"].refusal == "too_few"
    assert few["duration.exit_besluit.at_risk_90_days.all"].estimate == 0
    late = files(lasting([100] * 12, opened_on="2020-12-01") + lasting([20] * 3), basis="alle", start="2021-01-04")
    assert by_id(_scored(late))["duration.exit_besluit.within_90_days.all"].refusal == "not_at_risk"
    short = by_id(_scored(files(lasting([10] * 11 + [None], opened_on="2023-07-01"))))
    assert short["duration.exit_besluit.within_365_days.all"].refusal == "not_at_risk"


@pytest.mark.parametrize(
    "cases",
    [
        lasting([10] * 12, exit_kind=None),
        lasting([None] * 12),
        lasting([10] * 12, exit_kind=None) + lasting([10] * 3, kind="klacht"),
        lasting([10] * 12, kind="klacht"),
    ],
)
def test_without_a_way_to_end_or_a_disciplinary_case_the_family_is_refused(cases: list[dict[str, object]]) -> None:
    part = _scored(files(cases))
    assert part.scores == () and part.cards == ()
    assert [refusal.measure for refusal in part.refusals] == ["duration.exits"]
    assert part.refusals[0].needs in {("cases.exit_kind",), ("cases.kind",)}
