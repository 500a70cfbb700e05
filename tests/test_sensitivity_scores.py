"""Every headline number under every choice: the headline universe is the number itself, the others what they say."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from data_contracts.case_files import CaseFiles
from data_contracts.example import example_tables
from evaluation import duration
from evaluation.duration import case_durations
from evaluation.duration.change_at_date import change_in_cohorts
from evaluation.duration.change_scores import dated_rows
from evaluation.duration.clock import CRIMINAL_TRACK
from evaluation.duration.net_durations import net_duration_curve
from evaluation.duration.sensitivity.change_universes import change_ranges
from evaluation.duration.sensitivity.headlines import HEADLINES, STAGE_HEADLINES
from evaluation.duration.sensitivity.range_rows import Range
from evaluation.duration.sensitivity.stage_universes import longest_stage, stage_ranges
from evaluation.duration.sensitivity.stock_universes import stock_ranges
from evaluation.duration.sensitivity.total_universes import total_ranges, universe_cases
from evaluation.duration.sensitivity.unit_universes import unit_ranges
from evaluation.duration.sensitivity_scores import sensitivity_scores
from evaluation.duration.unit_scores import compared_cases
from evaluation.duration.working_days import COUNTINGS, working_days
from evaluation.refusals import MINIMUM_N
from evaluation.scores import Score
from evaluation.survival import kaplan_meier, quantile
from evaluation.units.closing_in_time import closing_in_time_by_unit
from evaluation.units.discrete_hazard import hazard_by_unit

AS_OF = date(2026, 1, 31)
SPAN = "2016-01-01/2025-12-31"


@pytest.fixture(scope="module")
def files() -> CaseFiles:
    tables, _truth = example_tables(seed=4, cases_per_year=60)
    return CaseFiles(**tables).at(AS_OF)


@pytest.fixture(scope="module")
def late(files: CaseFiles) -> CaseFiles:
    """The same cases, delivered as all cases from February 2019 on: earlier ones enter late."""
    return replace(files, delivery=files.delivery.assign(cohort_basis="alle", period_start=pd.Timestamp("2018-05-01")))


def _evaluated(files: CaseFiles) -> dict[str, Score]:
    return {score.id: score for score in duration.evaluate(files, as_of=AS_OF, level=0.95).scores}


@pytest.fixture(scope="module")
def scores(files: CaseFiles) -> dict[str, Score]:
    return _evaluated(files)


def _ranges(files: CaseFiles, scores: dict[str, Score]) -> Iterator[Range]:
    yield from total_ranges(files, as_of=AS_OF, level=0.95, span=SPAN)
    yield from stock_ranges(files, scores, as_of=AS_OF)
    for family in (stage_ranges, change_ranges, unit_ranges):
        yield from family(files, scores, as_of=AS_OF, level=0.95, span=SPAN)


def _totals(files: CaseFiles) -> dict[str, Score]:
    """Return the ranges of the total duration only: what the other families say is not needed for them."""
    part = sensitivity_scores(files, (), as_of=AS_OF, level=0.95, span=SPAN)
    assert [card.id for card in part.cards] == list(dict.fromkeys(score.estimand for score in part.scores))
    return {score.id.removeprefix("duration."): score for score in part.scores}


def _stocks(files: CaseFiles, scores: dict[str, Score]) -> dict[str, Range]:
    return {one.headline.measure: one for one in stock_ranges(files, scores, as_of=AS_OF)}


def _in(one: Range, **changed: str) -> pd.Series:
    """Return the row of a multiverse with these choices made otherwise and the others as in the headline."""
    table = one.found.table
    chosen = table[table["headline"].astype(bool)].iloc[0]
    wanted = {choice.key: changed.get(choice.key, chosen[choice.key]) for choice in one.grid.choices}
    (row,) = [row for _at, row in table.iterrows() if all(row[key] == option for key, option in wanted.items())]
    return row


def _median(days: np.ndarray, closed: np.ndarray) -> float | None:
    return quantile(kaplan_meier(days, closed), 0.5, level=0.95).estimate


def test_every_headline_universe_gives_the_published_number_to_the_last_digit(
    files: CaseFiles, late: CaseFiles, scores: dict[str, Score]
) -> None:
    told = set()
    for delivered, said in ((files, scores), (late, _evaluated(late))):
        for one in _ranges(delivered, said):
            of = said[one.headline.of.format(year=one.period[:4])]
            assert of.estimate is not None, of.id
            assert one.found.headline == of.estimate, of.id
            row = one.found.table[one.found.table["headline"].astype(bool)].iloc[0]
            for end, value in (("low", of.low), ("high", of.high)):
                assert (value is None and pd.isna(row[end])) or row[end] == value, (of.id, end)
            told.add(one.headline)
    shortest = {STAGE_HEADLINES[code] for code in ("intake", "assessment", "decision")}
    assert told == set(HEADLINES) - shortest


def test_every_range_holds_its_headline_and_lies_within_that_of_all_questions(
    files: CaseFiles, scores: dict[str, Score]
) -> None:
    for one in _ranges(files, scores):
        low, high, any_low, any_high = (
            scores[one.headline.score_id(end)].estimate for end in ("low", "high", "any_low", "any_high")
        )
        assert any_low <= low <= one.found.headline <= high <= any_high, one.headline.measure


def test_each_choice_alone_gives_the_number_that_a_direct_calculation_gives(
    files: CaseFiles, scores: dict[str, Score]
) -> None:
    cases = files.cases[files.cases["kind"] == "disciplinair"]
    until = cases["closed_on"].fillna(pd.Timestamp(AS_OF))
    closed = cases["closed_on"].notna()
    work = working_days(cases["opened_on"], until)
    gross = "duration.total_gross_range.median"
    assert scores[f"{gross}_days_working.all"].estimate == _median(work, closed)
    assert scores[f"{gross}_days_working.all"].unit == "working_days"
    log = files.steps[(files.steps["step"] == "KENN") & (files.steps["state"] == "gedaan")]
    start = cases["case_id"].map(log.groupby("case_id")["done_on"].min())
    days = (until - start).dt.days
    known = days.notna() & (days >= 0)
    kenn = scores[f"{gross}_stage_kenn_besl.all"]
    assert (kenn.estimate, kenn.n) == (_median(days[known], closed[known]), known.sum())
    assert scores[f"{gross}_suspension_net.all"].estimate == scores["duration.total_net.median.all"].estimate
    net = "duration.total_net_range.median"
    assert scores[f"{net}_suspension_gross.all"].estimate == scores["duration.total_gross.median.all"].estimate
    assert scores[f"{net}_days_working.all"].estimate == scores["duration.total_working_net.median.all"].estimate


def test_net_of_every_suspension_the_clock_stands_still_for_illness_too(files: CaseFiles) -> None:
    cases = case_durations(files, as_of=AS_OF)
    spells = files.suspensions.assign(reason=CRIMINAL_TRACK[0])
    curve = net_duration_curve(
        cases["case_id"], cases["opened_on"], cases["gross"], cases["closed"], entry=cases["gross_entry"],
        suspensions=spells, counting=COUNTINGS["calendar"],
    ).curve  # fmt: skip
    by_id = _totals(files)
    assert by_id["total_net_range.median_suspension_net_all.all"].estimate == quantile(curve, 0.5, level=0.95).estimate
    only = files.suspensions[files.suspensions["reason"].isin(CRIMINAL_TRACK)]
    assert "total_net_range.median_suspension_net_all.all" not in _totals(replace(files, suspensions=only))


def test_universes_that_mislead_keep_their_row_without_a_number(scores: dict[str, Score]) -> None:
    for measure in ("total_gross_range.median", "total_net_range.median", "fact_finding_range.median",
                    "spread_range.median_odds_ratio", "outside_95_range.units"):  # fmt: skip
        closed_only = scores[f"duration.{measure}_basis_afgesloten.all"]
        assert (closed_only.estimate, closed_only.refusal) == (None, "misleading")
    # Who treats a withdrawn case as one that will still get its report makes the stage too long.
    assert scores["duration.fact_finding_range.median_exits_censored.all"].refusal == "misleading"
    # The example delivers up to the end of the year before: cases that came in after it are missing.
    assert scores["duration.stock_range.stock_moment_after_period.all"].refusal == "misleading"
    every, refused = (scores[f"duration.total_gross_range.{name}.all"] for name in ("universes", "refused_universes"))
    assert refused.estimate > 0 and every.estimate > 0
    # With small units in or out, and nothing else to choose, two universes ask the question of the headline.
    assert scores["duration.total_gross_range.median_universes.all"].estimate == 2


def test_choices_that_change_nothing_here_are_no_universes(files: CaseFiles, late: CaseFiles) -> None:
    by_id = _totals(files)
    # Only cases opened in the period were delivered, none on one day: no late entry, no same-day rule to choose.
    assert not [name for name in by_id if "late_entry" in name or "same_day" in name]
    same_day = files.cases.copy()
    same_day.loc[same_day.index[0], "closed_on"] = same_day.loc[same_day.index[0], "opened_on"]
    assert "total_gross_range.median_same_day_left_out.all" in _totals(replace(files, cases=same_day))
    earlier = _totals(late)
    assert earlier["total_gross_range.median_late_entry_ignored.all"].refusal == "misleading"
    assert earlier["total_gross_range.median_basis_geopend.all"].estimate is not None


def test_a_universe_that_is_refused_for_late_entry_would_have_said_too_long(late: CaseFiles) -> None:
    cases = universe_cases(late, as_of=AS_OF)
    mine = cases[cases["disciplinary"] & cases["meld_besl_calendar"].notna()]
    ignored = _median(mine["meld_besl_calendar"], mine["closed"])
    by_id = _totals(late)
    opened = by_id["total_gross_range.median_basis_geopend.all"].estimate
    assert ignored > by_id["total_gross_range.median_high.all"].estimate >= opened


def test_without_steps_or_suspensions_those_choices_are_left_out(files: CaseFiles) -> None:
    by_id = _totals(replace(files, steps=None, suspensions=None))
    assert not [name for name in by_id if "opdr_besl" in name or "_net" in name]
    assert by_id["total_gross_range.median_low.all"].estimate is not None


def test_the_share_within_a_year_is_not_asked_of_working_days(files: CaseFiles) -> None:
    assert not [name for name in _totals(files) if name.startswith("within_365_range") and "working" in name]


def test_hardly_any_case_gives_rows_with_a_reason(files: CaseFiles) -> None:
    few = files.cases[files.cases["kind"] == "disciplinair"].iloc[:4]
    by_id = _totals(replace(files, cases=few.reset_index(drop=True)))
    assert by_id["total_gross_range.median_suspension_net.all"].refusal == "too_few"
    assert by_id["total_gross_range.median_low.all"].refusal == "not_estimable"


def test_a_range_is_told_only_of_a_number_that_is_there(files: CaseFiles, scores: dict[str, Score]) -> None:
    measures = {name.split(".")[0] for name in _totals(files)}
    assert measures == {"total_gross_range", "total_net_range", "within_365_range"}
    assert not list(stock_ranges(files, {}, as_of=AS_OF))
    without = {name: score for name, score in scores.items() if "stock_age_median" not in name}
    assert list(_stocks(files, without)) == ["duration.stock_range"]


def test_the_longest_stage_is_that_of_the_largest_median_and_none_when_two_tie_or_one_is_unknown(
    scores: dict[str, Score],
) -> None:
    medians = {code: scores[STAGE_HEADLINES[code].of].estimate for code in ("intake", "fact_finding", "assessment",
                                                                            "decision")}  # fmt: skip
    longest = max(medians, key=lambda code: medians[code])
    assert longest_stage(scores) == longest == "fact_finding"
    tied = {**scores, STAGE_HEADLINES["decision"].of: scores[STAGE_HEADLINES[longest].of]}
    assert longest_stage(tied) is None
    unknown = {**scores, "duration.intake_gross.median.all": replace(scores[STAGE_HEADLINES["intake"].of],
                                                                     estimate=None)}  # fmt: skip
    assert longest_stage(unknown) is None
    other = {**scores, "duration.intake_gross.median.all": replace(scores[STAGE_HEADLINES["intake"].of],
                                                                   estimate=999.0)}  # fmt: skip
    assert longest_stage(other) == "intake"


def test_a_stage_without_its_end_lasts_until_the_case_ended_where_that_is_the_choice(
    files: CaseFiles, scores: dict[str, Score]
) -> None:
    one = next(one for one in stage_ranges(files, scores, as_of=AS_OF, level=0.95, span=SPAN)
               if one.headline.measure == "duration.fact_finding_range")  # fmt: skip
    found = _in(one, unrecorded="until_closing")
    steps = files.steps[files.steps["state"] == "gedaan"]
    first = {code: steps[steps["step"] == code].groupby("case_id")["done_on"].min() for code in ("OPDR", "RAPP")}
    cases = files.cases[files.cases["kind"] == "disciplinair"].set_index("case_id")
    start, report = (first[code].reindex(cases.index) for code in ("OPDR", "RAPP"))
    until = report.fillna(cases["closed_on"]).fillna(pd.Timestamp(AS_OF))
    days = (until - start).dt.days
    known = days.notna() & (days >= 0)
    ended = report.notna() | cases["closed_on"].notna()
    assert (found["estimate"], found["n"]) == (_median(days[known], ended[known]), known.sum())
    assert found["n"] > _in(one)["n"]


def test_a_stage_of_which_registration_lost_most_is_refused_unless_the_lost_ones_are_counted(files: CaseFiles) -> None:
    rng = np.random.default_rng(3)
    log = files.steps.copy()
    report = (log["step"] == "RAPP") & (rng.random(len(log)) < 0.8)
    log.loc[report, "done_on"] = pd.NaT
    undated = replace(files, steps=log)
    scores = _evaluated(undated)
    assert scores["duration.fact_finding_gross.median.all"].refusal == "misleading"
    for place, code in enumerate(("intake", "assessment", "decision", "fact_finding")):
        of = STAGE_HEADLINES[code].of
        scores[of] = replace(scores[of], estimate=900.0 + place)
    one = next(stage_ranges(undated, scores, as_of=AS_OF, level=0.95, span=SPAN))
    assert one.headline == STAGE_HEADLINES["fact_finding"]
    assert _in(one)["refusal"] == "misleading"
    assert _in(one, unrecorded="until_closing")["estimate"] > 0


def test_the_wait_counted_by_case_or_from_the_notification_only_is_that_of_the_stage_declared_so(
    files: CaseFiles, scores: dict[str, Score]
) -> None:
    one = next(one for one in stage_ranges(files, scores, as_of=AS_OF, level=0.95, span=SPAN)
               if one.headline.measure == "duration.uncertainty_range")  # fmt: skip
    by_case, later = _in(one, counted="case"), _in(one, start="kenn")
    assert by_case["n"] < _in(one)["n"]
    assert later["estimate"] <= _in(one)["estimate"]


def test_a_stock_is_told_in_tens_so_that_no_difference_of_a_few_cases_can_be_worked_out(
    files: CaseFiles, scores: dict[str, Score]
) -> None:
    one = _stocks(files, scores)["duration.stock_range"]
    exact = one.found.table.dropna(subset=["estimate"])["estimate"]
    assert (exact % 10 != 0).any()
    rows = {i: score for i, score in scores.items() if i.startswith("duration.stock_range.stock_")}
    ends = [name for name in rows if name.endswith(("low.all", "high.all"))]
    alone = [s for i, s in rows.items() if i not in ends and "universes" not in i and s.estimate is not None]
    assert len(alone) >= 3
    assert all(score.estimate % 10 == 0 for score in alone)
    assert all(rows[name].estimate % 10 == 5 for name in ends)
    assert rows["duration.stock_range.stock_any_low.all"].estimate <= exact.min()
    assert rows["duration.stock_range.stock_any_high.all"].estimate >= exact.max()


def test_a_stock_counts_persons_undated_cases_and_contradictions_as_its_universe_has_them(
    files: CaseFiles, scores: dict[str, Score]
) -> None:
    cases = files.cases.copy()
    closed = cases.index[(cases["kind"] == "disciplinair") & cases["closed_on"].notna()]
    cases.loc[closed[:3], "closed_on"] = pd.NaT  # closed, nobody wrote down when
    cases.loc[closed[3:8], "status"] = "lopend"  # open, with a closing date
    one = _stocks(replace(files, cases=cases), scores)["duration.stock_range"]
    now = _in(one)["estimate"]
    assert _in(one, undated="open")["estimate"] == now + 3
    assert _in(one, status="status")["estimate"] == now + 5
    assert _in(one, undated="open", status="status")["estimate"] == now + 8
    day = pd.Timestamp(one.period.split("/")[0])
    waiting = cases[(cases["kind"] == "disciplinair") & (cases["opened_on"] <= day) & ~(cases["closed_on"] <= day)]
    waiting = waiting.drop(closed[:3], errors="ignore")
    persons = files.subjects[files.subjects["case_id"].isin(waiting["case_id"])]
    assert _in(one, counted="persons")["estimate"] == len(persons)
    few = files.cases[files.cases["kind"] == "disciplinair"].tail(4).reset_index(drop=True)
    aged = _stocks(replace(files, cases=few), scores)["duration.stock_age_range"]
    assert (_in(aged)["refusal"], MINIMUM_N) == ("too_few", 10)


def test_the_stock_is_counted_on_the_reference_date_where_the_delivery_reaches_it(
    files: CaseFiles, scores: dict[str, Score]
) -> None:
    whole = replace(files, delivery=files.delivery.assign(period_end=pd.NaT)).at(date(2025, 12, 20))
    said = {i: score for i, score in scores.items() if i.endswith("year=2024") or "stock_now" in i}
    said["duration.backlog.stock_now.all"] = replace(
        scores["duration.backlog.stock_now.all"], period="2025-11-30/2025-11-30"
    )
    found = {one.headline.measure: one for one in stock_ranges(whole, said, as_of=date(2025, 12, 20))}
    one, age = found["duration.stock_range"], found["duration.stock_age_range"]
    mine = whole.cases[whole.cases["kind"] == "disciplinair"]
    assert _in(one, moment="as_of")["estimate"] == mine["closed_on"].isna().sum()
    assert age.period == "2024-12-31/2024-12-31"
    assert _in(age, moment="month_end")["estimate"] > 0
    assert "after_period" not in set(one.found.table["moment"])


def test_fewer_characteristics_give_the_spread_and_the_funnel_of_those(
    files: CaseFiles, scores: dict[str, Score]
) -> None:
    known = compared_cases(case_durations(files, as_of=AS_OF))
    units = sorted(known["unit"].unique())
    plain = hazard_by_unit(known, covariates=["year"], every=30, within=365, level=0.95, minimum_n=10, units=units)
    year = scores["duration.spread_range.median_odds_ratio_like_year.all"]
    assert (year.estimate, year.n) == (plain.median_odds_ratio, plain.n)
    wide = closing_in_time_by_unit(known, like=["category", "complexity", "year"], day=365, level=0.95, minimum_n=10,
                                   units=units)  # fmt: skip
    assert scores["duration.outside_95_range.units_day_d365.all"].estimate == wide.funnel.outside(0.95).sum()
    assert scores["duration.outside_998_range.units_day_d365.all"].estimate == wide.funnel.outside(0.998).sum()
    # Of the models, which take their time, one choice at a time is made differently.
    one = next(unit_ranges(files, scores, as_of=AS_OF, level=0.95, span=SPAN))
    told = [choice.key for choice in one.grid.choices]
    chosen = one.found.table[one.found.table["headline"].astype(bool)].iloc[0]
    assert one.found.table[told].ne(chosen[told]).sum(axis=1).max() == 1


def test_without_category_and_complexity_there_is_nothing_to_leave_out_of_like_cases(files: CaseFiles) -> None:
    bare = replace(files, cases=files.cases.assign(category=None, complexity=None))
    scores = _evaluated(bare)
    assert not [name for name in scores if "_like_" in name]
    assert scores["duration.outside_95_range.units_low.all"].estimate is not None


def test_a_narrower_window_gives_the_change_of_that_window(files: CaseFiles, scores: dict[str, Score]) -> None:
    dated = dated_rows(files, case_durations(files, as_of=AS_OF))
    direct = change_in_cohorts(
        dated["opened_on"], dated["until"], dated["closed"], break_on=date(2020, 11, 12), within_days=365,
        window_days=365, level=0.95, entered_on=dated["entered_on"],
    ).share_within  # fmt: skip
    found = scores["duration.change_range.share_change_window_one_year.all"]
    assert (found.estimate, found.low, found.unit) == (direct.estimate, direct.low, "points")


def test_the_declared_grids_are_sound_and_speak_both_languages() -> None:
    for headline in HEADLINES:
        grid = headline.read_grid()
        for part in (*grid.choices, *(option for declared in grid.choices for option in declared.options)):
            assert set(part.title) == {"nl", "en"}, part.key
        options = {choice.key: {option.key for option in choice.options} for choice in grid.choices}
        for rule in grid.misleading:
            assert set(rule.reason) == {"nl", "en"}
            assert all(set(keys) <= options[choice] for choice, keys in rule.when.items())
        assert set(headline.title) == {"nl", "en"}
