"""Sentences about duration: each one is chosen by the numbers, in both languages, and names no unit."""

import re
from pathlib import Path
from typing import Any

import pytest
from small_publication import (
    UNITS,
    change_rows,
    closing_rows,
    duration_rows,
    exit_rows,
    foreign,
    norm_rows,
    range_rows,
    score,
    stage_rows,
    stock_rows,
    total_rows,
    write_publication,
)

from book.ledger import Publication, read_publication
from book.words import WORDS

NAMES = tuple(name for name in WORDS if name.startswith("duration_"))
CHANGES = tuple(
    f"duration.{name}.all"
    for name in ("change_cohorts.share_change", "change_pace.share_change", "change_series.level_change")
)
CHANGES_IN_DAYS = tuple(f"duration.change_{way}.mean_days_change.all" for way in ("cohorts", "pace"))


@pytest.fixture
def written(tmp_path: Path):
    """Say what `name` says about `rows`, in Dutch or another language."""
    made = iter(range(1000))

    def say(name: str, rows: list[dict[str, Any]], *, language: str = "nl", **options: Any) -> str:
        read = read_publication(write_publication(tmp_path / str(next(made)), rows, **options))
        return WORDS[name](read, language=language)

    return say


def put(rows: list[dict[str, Any]], score_id: str, **columns: Any) -> list[dict[str, Any]]:
    """The same rows with columns of one row changed."""
    assert any(row["id"] == score_id for row in rows), score_id
    return [{**row, **columns} if row["id"] == score_id else row for row in rows]


def withheld(rows: list[dict[str, Any]], *ids: str) -> list[dict[str, Any]]:
    for score_id in ids:
        rows = put(rows, score_id, decision="suppressed_primary", estimate=None, low=None, high=None)
    return rows


def test_the_answer_gives_median_year_net_stage_change_and_stock_and_little_more(written):
    text = written("duration_answer", duration_rows())
    asked = ("total_gross.median", "total_gross.within_365_days", "total_net.median", "fact_finding_gross.median",
             "backlog.stock_now")  # fmt: skip
    for name in asked:
        assert f"{{num}}`duration.{name}.all`" in text
    assert len(re.findall(r"\{num\}", text)) <= 7


def test_the_answer_says_that_the_median_is_not_known_yet(written):
    rows = put(
        total_rows(), "duration.total_gross.median.all", decision="refused", refusal="not_reached", estimate=None
    )
    text = written("duration_answer", rows)
    assert "nog niet bekend" in text and "total_gross.median" not in text


def test_the_answer_leaves_out_what_is_not_there(written):
    text = written("duration_answer", total_rows(clocks=("gross",)))
    for name in ("total_net", "fact_finding", "change_", "backlog"):
        assert name not in text
    assert written("duration_answer", [score("register.cases.rows.all", 410, "count")]) == ""


def test_the_longest_stage_is_named_only_when_every_stage_is_known(written):
    assert "*feitenonderzoek* (van opdracht tot rapport)" in written("duration_stages", stage_rows())
    slow = put(stage_rows(), "duration.decision_gross.median.all", estimate=300.0)
    assert "*besluitvorming*" in written("duration_stages", slow)
    unknown = withheld(stage_rows(), "duration.intake_gross.median.all")
    assert "Welke fase het langst duurt, is niet te zeggen" in written("duration_stages", unknown)
    even = put(stage_rows(), "duration.assessment_gross.median.all", estimate=71.0)
    assert "Welke fase het langst duurt, is niet te zeggen" in written("duration_stages", even)


def test_the_stage_sentences_say_what_is_left_out_and_how_long_a_person_waits(written):
    text = written("duration_stages", stage_rows())
    assert "duration.fact_finding_gross.left_out.all" in text and "duration.uncertainty_gross.median.all" in text
    fewer = withheld(stage_rows(), "duration.fact_finding_gross.left_out.all", "duration.uncertainty_gross.median.all")
    text = written("duration_stages", fewer)
    assert "left_out" not in text and "uncertainty" not in text


SOONER, LATER, CHANCE = (0.08, 0.02, 0.14), (-0.08, -0.14, -0.02), (0.03, -0.03, 0.09)


@pytest.mark.parametrize(
    ("share", "days", "verdict"),
    [
        (CHANCE, CHANCE, "geen verandering in de duur te zien die groter is dan toeval"),
        (SOONER, LATER, "zijn zaken eerder klaar dan daarvoor, hoe het ook wordt vergeleken"),  # fewer days: sooner
        (LATER, SOONER, "zijn zaken later klaar dan daarvoor, hoe het ook wordt vergeleken"),
        (SOONER, CHANCE, "de manieren van vergelijken zijn het niet eens"),
        (SOONER, SOONER, "de manieren van vergelijken zijn het niet eens"),
    ],
)
def test_the_answer_names_a_change_only_when_every_way_of_comparing_finds_it_and_never_a_cause(
    written, share, days, verdict
):
    rows = duration_rows()
    planted = {**dict.fromkeys(CHANGES, share), **dict.fromkeys(CHANGES_IN_DAYS, days)}
    for score_id, (estimate, low, high) in planted.items():
        rows = put(rows, score_id, estimate=estimate, low=low, high=high)
    text = written("duration_answer", rows)
    assert verdict in text and "12 november 2020" in text and "change_" not in text
    for cause in ("doordat", "vanwege", "dankzij", "heeft geleid tot"):
        assert cause not in text


def test_another_agency_has_no_dutch_day_of_change(tmp_path: Path):
    read = read_publication(foreign(tmp_path / "foreign"))
    assert "2020" not in WORDS["duration_answer"](read, language="nl")


def test_units_are_compared_on_like_cases_and_none_is_named(written):
    said = {
        "none": written("duration_units", [*total_rows(), *closing_rows(outside=0)]),
        "some": written("duration_units", [*total_rows(), *closing_rows(outside=2)]),
        "even": written("duration_units", [*total_rows(), *closing_rows(p=0.4)]),
        "apart": written("duration_units", [*total_rows(), *closing_rows(p=0.003)]),
    }
    spread = {low: written("duration_spread", [*total_rows(), *closing_rows(low=low)]) for low in (1.0, 1.05)}
    assert "geen enkele eenheid buiten de ruime grenzen" in said["none"]
    assert "duration.closing.outside_998.all" in said["some"] and "geen oordeel over een eenheid" in said["some"]
    assert "niet groter dan toeval kan geven" in said["even"]
    assert "groter dan toeval gewoonlijk geeft" in said["apart"]
    rare = written("duration_units", [*total_rows(), *closing_rows(p=0.0)])
    assert "vrijwel nooit" in rare and "log_rank_p" not in rare  # nought per cent would say too much
    assert "begint bij één" in spread[1.0] and "begint bij één" not in spread[1.05]
    for text in said.values():
        assert "duration.pace.log_rank_p.all" in text and "odds_ratio" not in text
    for text in (*said.values(), *spread.values()):
        assert not any(f"unit={unit}" in text or unit.upper() in text for unit in UNITS)
        assert "total_gross.median" not in text


def test_units_without_a_spread_or_a_test_are_still_judged_by_the_funnel(written):
    rows = withheld(
        [*total_rows(), *closing_rows()], "duration.pace.log_rank_p.all", "duration.pace.median_odds_ratio.all"
    )
    text = written("duration_units", rows)
    assert "geen enkele eenheid" in text and "kansverhouding" not in text
    without = put([*total_rows(), *closing_rows()], "duration.pace.median_odds_ratio.all", low=None, high=None)
    assert "{interval}" in written("duration_spread", [*total_rows(), *closing_rows()])
    assert "{interval}" not in written("duration_spread", without)


def test_units_that_cannot_be_compared_say_so(written):
    assert "niet te zeggen" in written("duration_units", total_rows())
    assert "over één eenheid" in written("duration_units", total_rows(("nn",)))


def test_exits_are_said_with_the_number_of_cases(written):
    text = written("duration_exits", exit_rows())
    assert "{n}`duration.exit_besluit.within_365_days.all`" in text and "geen vervolg {num}" in text
    hidden = withheld(exit_rows(), "duration.exit_besluit.within_365_days.all")
    assert "{n}`duration.exit_geen_vervolg.within_365_days.all`" in written("duration_exits", hidden)
    later = [row for row in exit_rows() if "365" not in row["id"]]
    assert written("duration_exits", later) == ""
    assert "niet openbaar" not in text and "niet openbaar" in written("duration_exits", hidden)
    unknown = [score("duration.exit_onbekend.within_365_days.all", 0.2, "share")]
    assert "wijze van einde onbekend {num}" in written("duration_exits", unknown)


def test_a_norm_that_was_in_force_one_that_was_not_and_one_that_is_not_known(written):
    none = written("duration_norms", norm_rows())
    assert "gold geen norm" in none and "duration.complaint_norm.within_norm.all" in none
    assert "niet bekend of er een norm gold" not in none
    one = put(norm_rows(), "duration.total_norm.within_norm.all", decision="published", refusal="", estimate=0.4)
    text = written("duration_norms", one)
    assert "{num}`duration.total_norm.within_norm.all`" in text and "gold geen norm" not in text
    unknown = put(norm_rows(), "duration.complaint_norm.norm_unknown.all", estimate=12)
    assert "{num}`duration.complaint_norm.norm_unknown.all` klachten" in written("duration_norms", unknown)
    few = put(norm_rows(), "duration.total_norm.within_norm.all", refusal="too_few")
    assert "gold geen norm" not in written("duration_norms", few)


@pytest.mark.parametrize(
    ("ends", "verdict"),
    [
        ([(0.03, -0.03, 0.09)] * 3, "alle intervallen bevatten nul"),
        ([(0.08, 0.02, 0.14)] * 3, "dezelfde kant op, groter dan toeval"),
        ([(-0.08, -0.14, -0.02)] * 3, "dezelfde kant op, groter dan toeval"),
        ([(0.08, 0.02, 0.14), (0.03, -0.03, 0.09), (0.08, 0.02, 0.14)], "niet eens"),
        ([(0.08, 0.02, 0.14), (-0.08, -0.14, -0.02), (0.08, 0.02, 0.14)], "niet eens"),
        ([(0.08, None, None)] * 3, "Hoe zeker dat is"),
    ],
)
def test_the_ways_of_comparing_before_and_after_are_said_to_agree_only_when_they_do(written, ends, verdict):
    rows = duration_rows()
    for score_id, (estimate, low, high) in zip(CHANGES, ends, strict=True):
        rows = put(rows, score_id, estimate=estimate, low=low, high=high)
    text = written("duration_change", rows)
    assert verdict in text and "placebo_share_as_large" in text and "slope_change" not in text


@pytest.mark.parametrize(("slope", "way"), [(0.21, "meer omhoog"), (-0.21, "minder omhoog")])
def test_a_line_of_months_that_bends_is_said_even_when_no_share_jumps(written, slope, way):
    rows = put(duration_rows(), "duration.change_series.slope_change.all", estimate=slope, low=slope - 0.1,
               high=slope + 0.1)  # fmt: skip
    text = written("duration_change", rows)
    assert way in text and "alle intervallen bevatten nul" in text


def test_a_change_without_comparison_dates_says_nothing_of_them(written):
    rows = withheld(duration_rows(), "duration.change_cohorts.placebo_dates.all")
    assert "placebo" not in written("duration_change", rows)
    only = [*total_rows(), *(row for row in change_rows() if "change_series" in row["id"])]
    text = written("duration_change", only)
    assert "in de reeks van maanden" in text and "naar kalenderdag" not in text


@pytest.mark.parametrize(
    ("clearance", "verdict"),
    [(0.9, "meer zaken binnen"), (1.1, "meer zaken klaar"), (1.0, "in evenwicht")],
)
def test_the_flow_is_said_by_its_interval(written, clearance, verdict):
    assert verdict in written("duration_stock", stock_rows(clearance=clearance))


@pytest.mark.parametrize(
    ("stock", "low", "high", "verdict"),
    [
        (174, 140, 206, "evenveel zijn als nu"),
        (220, 190, 250, "meer dan nu"),
        (120, 100, 150, "minder dan nu"),
    ],
)
def test_the_extrapolated_stock_is_compared_with_that_of_now(written, stock, low, high, verdict):
    rows = put(stock_rows(), "duration.backlog.projected_stock_12_months.all", estimate=stock, low=low, high=high)
    assert verdict in written("duration_stock", rows)


def test_a_stock_without_flow_age_or_future_is_only_counted(written):
    text = written("duration_stock", [score("duration.backlog.stock_now.all", 165, "count")])
    assert text == "Op 31 december 2021 liepen er nog {num}`duration.backlog.stock_now.all` onderzoeken."
    old = withheld(stock_rows(), "duration.backlog.stock_older_than_365.year=2021")
    assert "ouder dan een jaar" not in written("duration_stock", old)


def test_the_range_over_choices_is_called_small_or_large_by_its_ends(written):
    rows = [*total_rows(), *range_rows()]
    small = written("duration_sensitivity", rows)
    assert "veranderen de uitkomst weinig" in small and "*dagen: werkdagen*" in small
    assert "median_any_low" in small and "refused_universes" in small
    large = written("duration_sensitivity", [*total_rows(), *range_rows(low=120.0, high=180.0)])
    assert "een groot verschil" in large
    same = written("duration_sensitivity", [*total_rows(), *range_rows(low=166.1, high=166.4)])
    assert "blijft de mediaan {num}" in same and "median_high" not in same
    none = put(rows, "duration.total_gross_range.refused_universes.all", estimate=0)
    assert "refused_universes" not in written("duration_sensitivity", none)
    bare = [row for row in rows if "any_" not in row["id"] and "median_" not in row["id"]]
    bare += [row for row in rows if row["id"].endswith((".median_low.all", ".median_high.all"))]
    text = written("duration_sensitivity", bare)
    assert "any_low" not in text and "scheelt deze het meest" not in text


def test_every_other_headline_number_has_one_sentence_with_its_range(written):
    rows = duration_rows()
    text = written("duration_ranges", rows)
    lines = text.split("\n")
    assert len(lines) == 10 and all(line.startswith("- *") and line.endswith(".") for line in lines)
    assert "mediane duur, bruto" not in text.lower()
    stock = next(line for line in lines if "stock_now" in line)
    assert "({num}`duration.stock_range.stock_universes.all` combinaties)" in stock
    age = next(line for line in lines if "stock_age_median" in line)
    assert "{num}`duration.backlog.stock_age_median.year=2021`" in age
    assert "blijft dit {num}`duration.stock_age_range.age_median_low.all`" in age
    assert "ook een andere vraag stelt" in age and "age_median_any_high" in age


def test_a_range_of_one_combination_is_no_range_and_one_no_wider_is_said_once(written):
    rows = put(duration_rows(), "duration.total_net_range.median_universes.all", estimate=1)
    text = written("duration_ranges", rows)
    assert "`duration.total_net.median.all`; bij dezelfde vraag viel in deze levering niets anders te kiezen" in text
    for end, value in (("low", 97.0), ("high", 170.0)):
        rows = put(rows, f"duration.total_net_range.median_{end}.all", estimate=value)
    assert "total_net_range.median_any" not in written("duration_ranges", rows)
    hidden = withheld(rows, "duration.total_net_range.median_low.all")
    assert "total_net.median.all`; tussen welke waarden dit bij dezelfde vraag ligt, is niet openbaar" in written(
        "duration_ranges", hidden
    )
    gone = withheld(rows, "duration.total_net.median.all")
    assert "total_net" not in written("duration_ranges", gone)
    assert written("duration_ranges", [row for row in rows if "_range." not in row["id"]]) == ""


def test_a_question_without_numbers_points_to_the_reasons_at_the_end(written):
    refusal = {"measure": "duration.stages", "needs": ["steps"], "misleading": False,
               "reason": {"nl": "Er zijn geen stappen.", "en": "There are no steps."}}  # fmt: skip
    other = {**refusal, "measure": "duration.stages_net"}
    elsewhere = {**refusal, "measure": "completeness"}
    for name in ("exits", "stages", "norms", "change", "stock", "sensitivity"):
        assert "onderaan dit hoofdstuk" in written(f"duration_{name}", total_rows()), name
    text = written("duration_refusals", total_rows(), refusals=(elsewhere, refusal, other))
    assert text == "- {reason}`1`"
    assert written("duration_refusals", total_rows(), refusals=(elsewhere,)) == ""


@pytest.fixture(scope="module")
def publication(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    return read_publication(write_publication(tmp_path_factory.mktemp("words") / "publication", duration_rows()))


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_say_the_same_numbers(name: str, publication: Publication):
    dutch, english = (WORDS[name](publication, language=language) for language in ("nl", "en"))
    roles = r"\{\w+\}`[^`]+`"
    assert sorted(re.findall(roles, dutch)) == sorted(re.findall(roles, english))


@pytest.mark.parametrize("name", ["duration_answer", "duration_units"])
def test_sentences_of_summary_and_letter_hold_no_digit_of_their_own_but_a_date(name: str, publication: Publication):
    for language in ("nl", "en"):
        text = re.sub(r"\{\w+\}`[^`]+`|95% ?-?interval", "", WORDS[name](publication, language=language))
        assert re.findall(r"\d+ \w+ \d{4}|\d+", text) in (
            [], ["12 november 2020", "31 december 2021"], ["12 November 2020", "31 December 2021"]
        )  # fmt: skip
