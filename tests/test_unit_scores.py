"""Units among like cases as scores: by hand, against the estimators, refusals, the planted units, no ranking."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from stage_files import by_id, files, lasting

from data_contracts.case_files import CaseFiles
from data_contracts.example import example_tables
from evaluation.duration.total import case_durations
from evaluation.duration.unit_scores import BAND_DAYS, LIKE, compared_cases, log_rank_of, unit_scores
from evaluation.refusals import MINIMUM_N
from evaluation.scores import Part, Score
from evaluation.survival.kaplan_meier import kaplan_meier, share_within
from evaluation.survival.log_rank import log_rank
from evaluation.units.closing_in_time import closing_in_time
from evaluation.units.discrete_hazard import unit_hazard
from evaluation.units.person_days import band_edges

AS_OF = date(2023, 12, 31)
SPAN = "2021-01-01/2023-12-31"


def _scored(case_files: CaseFiles, *, as_of: date = AS_OF, level: float = 0.95) -> Part:
    return unit_scores(
        case_files, case_durations(case_files, as_of=as_of), as_of=as_of, level=level, span=SPAN
    )  # fmt: skip


def _of(unit: str | None, days: list[int | None], **more: Any) -> list[dict[str, Any]]:
    facts = {"category": "rm_prive", "complexity": "middel"} | more
    name = "-".join(str(part) for part in (unit, *more.values()))
    return [
        case | facts | {"unit": unit, "case_id": f"{name}-{number}"} for number, case in enumerate(lasting(days))
    ]  # fmt: skip


def _ams_and_dh() -> list[dict[str, Any]]:
    return _of("AMS", [10] * 10) + _of("DH", [20] * 10 + [None] * 10)


def test_two_units_by_hand() -> None:
    # Day 10: ten ends among thirty in view, of which ten of ams; day 20: ten among twenty, all of dh.
    found = by_id(_scored(files(_ams_and_dh())))
    ams, dh = ({name.split(".")[2]: s for name, s in found.items() if "closing" in name and s.group == f"unit={unit}"}
               for unit in ("ams", "dh"))  # fmt: skip
    assert ams["ratio"].estimate == pytest.approx(10 / (10 / 3))
    assert dh["ratio"].estimate == pytest.approx(10 / (20 / 3 + 10))
    assert (ams["ratio"].n, ams["ratio"].events, dh["ratio"].n, dh["ratio"].events) == (10, 10, 20, 10)
    whole = found["duration.closing.share.all"]
    assert (whole.estimate, whole.n, whole.events) == (pytest.approx(2 / 3), 30, 20)
    assert ams["adjusted_share"].estimate == pytest.approx(1 - (1 / 3) ** 3)
    assert dh["adjusted_share"].estimate == pytest.approx(1 - (1 / 3) ** 0.6)
    for unit in (ams, dh):
        for inner, outer in (("funnel_low_95", "funnel_low_998"), ("funnel_high_95", "funnel_high_998")):
            assert abs(unit[outer].estimate - 2 / 3) >= abs(unit[inner].estimate - 2 / 3)
        assert unit["ratio"].low < unit["ratio"].estimate < unit["ratio"].high
        assert unit["adjusted_share"].low < unit["adjusted_share"].estimate < unit["adjusted_share"].high
    # Ten ends of ams, where draws without replacement give 3.33 with a variance of 10 * 20/29 * 1/3 * 2/3.
    assert (10 - 10 / 3) / np.sqrt(10 * 20 / 29 * 2 / 9) > 5
    assert found["duration.closing.outside_95.all"].estimate == found["duration.closing.outside_998.all"].estimate == 2


@pytest.fixture(scope="module")
def example() -> tuple[CaseFiles, date, Part]:
    as_of = date(2025, 6, 30)
    tables, _truth = example_tables(seed=5, cases_per_year=100)
    tables["delivery"] = tables["delivery"].assign(cohort_basis="alle", period_start=np.datetime64("2017-01-01", "s"))
    tables["cases"].loc[::17, "category"] = pd.NA
    case_files = CaseFiles(**tables).at(as_of)
    return case_files, as_of, _scored(case_files, as_of=as_of)


def test_the_numbers_are_those_of_the_estimators_with_late_entry_and_unknown_categories(
    example: tuple[CaseFiles, date, Part],
) -> None:
    case_files, as_of, part = example
    found = by_id(part)
    cases = case_durations(case_files, as_of=as_of)
    cases = cases[cases["left_out"] == ""].reset_index(drop=True)
    assert (cases["gross_entry"] > 0).any()
    like = cases[["category", "complexity", "year"]].astype("object").fillna("?").astype(str)
    stratum = like.agg("|".join, axis=1)
    clock = cases["gross"], cases["closed"], cases["unit"].str.lower()
    closing = closing_in_time(*clock, day=180, level=0.95, minimum_n=MINIMUM_N, entry=cases["gross_entry"],
                              stratum=stratum).table([0.95, 0.998])  # fmt: skip
    edges = band_edges(*clock[:2], every=BAND_DAYS, minimum_ends=MINIMUM_N, entry=cases["gross_entry"])
    hazard = unit_hazard(*clock, edges=edges, within=365, level=0.95, minimum_n=MINIMUM_N, entry=cases["gross_entry"],
                         levels=like.replace("?", np.nan), varying=["complexity"])  # fmt: skip
    for row in closing.itertuples():
        said = found[f"duration.closing.ratio.unit={row.unit}"]
        assert (said.n, said.refusal) == (row.n, row.refusal)
        if said.refusal is None:
            assert (said.estimate, said.low, said.high) == pytest.approx((row.ratio, row.low, row.high))
            reliable = found[f"duration.closing.reliability.unit={row.unit}"].estimate
            assert reliable == pytest.approx(row.reliability)
    for effect in hazard.units:
        said = found[f"duration.pace.shrunken_odds_ratio.unit={effect.unit}"]
        assert (said.n, said.events, said.refusal) == (effect.n, effect.n_events, effect.refusal)
        if said.refusal is None:
            assert (said.estimate, said.low, said.high) == pytest.approx((effect.odds_ratio, effect.low, effect.high))
            share = found[f"duration.pace.standard_share.unit={effect.unit}"]
            assert (share.estimate, share.low, share.high) == pytest.approx(
                (effect.share, effect.share_low, effect.share_high)
            )
    sigma = found["duration.pace.sigma.all"]
    assert (sigma.estimate, sigma.low, sigma.high) == pytest.approx((hazard.sigma, hazard.sigma_low, hazard.sigma_high))
    test = log_rank(*clock, entry=cases["gross_entry"], stratum=stratum)
    assert found["duration.pace.log_rank_p.all"].estimate == pytest.approx(test.p_value)
    curve = kaplan_meier(*clock[:2], entry=cases["gross_entry"])
    in_time = share_within(curve, 180, level=0.95)
    whole = found["duration.closing.share.all"]
    assert (whole.estimate, whole.low, whole.high) == pytest.approx((in_time.estimate, in_time.low, in_time.high))


def test_no_days_are_read_from_a_model_in_which_a_unit_has_one_odds_ratio_for_all_days(
    example: tuple[CaseFiles, date, Part],
) -> None:
    assert {score.unit for score in example[2].scores if score.id.startswith("duration.pace.")} == {
        "logit", "odds_ratio", "share", "p_value", "ratio",
    }  # fmt: skip


def test_units_stand_in_the_order_of_their_codes_and_nothing_is_called_better(
    example: tuple[CaseFiles, date, Part],
) -> None:
    part = example[2]
    for measure in ("duration.closing.ratio.", "duration.pace.shrunken_odds_ratio."):
        units = [score.group for score in part.scores if score.id.startswith(measure)]
        assert units == sorted(units) and len(units) == 14
    for card in part.cards:
        assert "niet beter" in card.estimator["nl"] and "not better" in card.estimator["en"]
        assert not any(word in card.estimator["en"].lower() for word in ("rank of", "ranking", "league"))


def _heavy_and_light(**facts: Any) -> list[dict[str, Any]]:
    """Unit ams has mostly heavy cases, dh mostly light ones; heavy ones take long in both."""
    many, few = 40, 10
    cases = []
    for unit, heavy, light in (("AMS", many, few), ("DH", few, many)):
        cases += _of(unit, [150, 200, 250, 300, 350] * (heavy // 5), **({"complexity": "zwaar"} | facts))
        cases += _of(unit, [30, 40, 50, 60, 70] * (light // 5), **({"complexity": "licht"} | facts))
    return [case | {"case_id": str(number)} for number, case in enumerate(cases)]


def test_a_unit_with_heavier_cases_is_not_slower() -> None:
    found = by_id(_scored(files(_heavy_and_light())))
    assert found["duration.closing.ratio.unit=ams"].estimate == pytest.approx(1)
    assert found["duration.closing.outside_95.all"].estimate == 0


def test_without_category_and_complexity_the_comparison_is_unadjusted_and_the_cards_say_so() -> None:
    part = _scored(files(_heavy_and_light(category=None, complexity=None)))
    assert by_id(part)["duration.closing.ratio.unit=ams"].estimate < 0.8
    for card in part.cards:
        assert card.estimator["nl"].startswith("Categorie en zwaarte zijn niet geleverd.")
        assert "not adjusted for the kind of case" in card.estimator["en"]


def test_one_of_the_two_that_is_absent_is_named() -> None:
    part = _scored(files(_heavy_and_light(category=None)))
    assert "The category was not delivered and not adjusted for." in part.cards[0].estimator["en"]
    assert "De categorie is niet geleverd" in part.cards[1].estimator["nl"]
    assert by_id(part)["duration.closing.ratio.unit=ams"].estimate == pytest.approx(1)


def test_a_unit_of_later_years_is_compared_with_those_years() -> None:
    # In 2023 everything goes twice as fast; lx has cases in 2023 only, and is as fast as the others then.
    cases = _of("AMS", [160, 180, 200, 220] * 5) + _of("DH", [160, 180, 200, 220] * 5)
    cases += [
        case | {"case_id": f"{unit}-late-{number}", "unit": unit, "category": "rm_prive", "complexity": "middel"}
        for unit in ("AMS", "DH", "LX")
        for number, case in enumerate(lasting([80, 90, 100, 110] * 5, opened_on="2023-02-01"))
    ]
    found = by_id(_scored(files(cases)))
    assert found["duration.closing.ratio.unit=lx"].estimate == pytest.approx(1)
    assert "jaar van opening" in _scored(files(cases)).cards[0].estimator["nl"]


@pytest.mark.parametrize("unit", ["AMS", None])
def test_one_unit_or_none_known_is_refused(unit: str | None) -> None:
    part = _scored(files(_of(unit, list(range(50, 90)))))
    assert part.scores == part.cards == ()
    assert [refusal.measure for refusal in part.refusals] == ["duration.closing", "duration.pace"]
    assert by_id(part) == {}


def _refusals(cases: list[dict[str, Any]], *, as_of: date = AS_OF) -> dict[str, str | None]:
    return {score_id: score.refusal for score_id, score in by_id(_scored(files(cases), as_of=as_of)).items()}


def test_a_unit_with_too_few_cases_keeps_its_rows_with_the_reason() -> None:
    found = _refusals(_ams_and_dh() + _of("LB", [30] * 9))
    small = {score_id: why for score_id, why in found.items() if score_id.endswith("unit=lb")}
    assert set(small.values()) == {"too_few"} and len(small) == 10
    assert found["duration.closing.ratio.unit=ams"] is None


def test_too_few_units_give_counts_but_no_model_of_a_spread() -> None:
    found = _refusals(_ams_and_dh())
    assert found["duration.pace.sigma.all"] == "not_estimable"
    assert found["duration.pace.shrunken_odds_ratio.unit=ams"] == "not_estimable"
    assert found["duration.closing.ratio.unit=ams"] is None
    assert found["duration.pace.log_rank_p.all"] is None


def test_too_few_cases_in_all_units_give_nothing() -> None:
    found = _refusals(_of("AMS", [10, 20]) + _of("DH", [30, None]))
    assert set(found.values()) == {"too_few"}


def test_where_nothing_ended_yet_nothing_is_compared() -> None:
    found = _refusals(_of("AMS", [None] * 20) + _of("DH", [None] * 20))
    whole = {score_id: why for score_id, why in found.items() if score_id.endswith(".all")}
    assert whole["duration.closing.outside_95.all"] == whole["duration.pace.sigma.all"] == "no_events"
    assert whole["duration.pace.log_rank_p.all"] == "no_events"


def test_units_never_in_view_together_give_a_refusal_not_a_ratio_of_one() -> None:
    found = _refusals(_of("AMS", [20] * 10 + [40] * 10) + _of("DH", [20] * 10 + [40] * 10, complexity="zwaar"))
    assert found["duration.closing.ratio.unit=ams"] == "no_variation"
    assert found["duration.pace.log_rank_p.all"] == "no_events"


def test_cases_followed_for_less_than_a_year_give_ratios_but_no_share_within_a_year() -> None:
    cases = [case for unit in ("AMS", "DH", "LB", "MN", "NN") for case in _of(unit, [*range(10, 40), None, None])]
    found = by_id(_scored(files(cases), as_of=date(2021, 6, 1)))
    assert found["duration.closing.share.all"].refusal == "not_at_risk"
    assert found["duration.closing.ratio.unit=ams"].estimate == pytest.approx(1)
    assert found["duration.closing.adjusted_share.unit=ams"].refusal == "not_at_risk"
    assert found["duration.closing.funnel_low_95.unit=ams"].refusal == "not_at_risk"
    assert found["duration.pace.shrunken_odds_ratio.unit=ams"].estimate == 1  # the units are equal
    assert found["duration.pace.standard_share.unit=ams"].refusal == "not_at_risk"


def test_codes_that_differ_in_capitals_are_one_unit() -> None:
    found = by_id(_scored(files(_of("AMS", [10] * 6) + _of("ams", [10] * 6) + _of("DH", [20] * 12))))
    assert found["duration.closing.ratio.unit=ams"].n == 12


@pytest.fixture(scope="module")
def national() -> tuple[dict[str, Score], dict[str, float], CaseFiles]:
    tables, truth = example_tables(seed=2, cases_per_year=300)
    case_files = CaseFiles(**tables).at(date(2026, 1, 31))
    return by_id(_scored(case_files, as_of=date(2026, 1, 31))), truth["duration"]["unit_factor"], case_files


def test_the_planted_units_come_back_in_the_counts_and_in_the_model(
    national: tuple[dict[str, Score], dict[str, float], CaseFiles],
) -> None:
    scores, factor, _case_files = national
    large = [unit for unit in factor if scores[f"duration.closing.ratio.unit={unit.lower()}"].n >= 100]
    assert len(large) >= 10
    planted = -np.log([factor[unit] for unit in large])
    for statistic in ("closing.ratio", "pace.shrunken_odds_ratio"):
        found = np.log([scores[f"duration.{statistic}.unit={unit.lower()}"].estimate for unit in large])
        assert np.corrcoef(planted, found)[0, 1] > 0.9
    shares = [scores[f"duration.pace.standard_share.unit={unit.lower()}"].estimate for unit in large]
    assert np.corrcoef(planted, shares)[0, 1] > 0.9
    assert scores["duration.pace.log_rank_p.all"].estimate < 0.001
    assert scores["duration.pace.sigma.all"].low > 0.1
    assert scores["duration.closing.overdispersion.all"].estimate > 2


def test_the_odds_ratios_of_small_units_are_drawn_further_to_one_than_those_of_large_ones(
    national: tuple[dict[str, Score], dict[str, float], CaseFiles],
) -> None:
    scores, _factor, _case_files = national
    reliability = {unit: scores[f"duration.pace.reliability.unit={unit}"] for unit in ("lx", "lo", "ams", "rtd")}
    assert max(reliability[unit].n for unit in ("lx", "lo")) < 60
    assert max(reliability[unit].estimate for unit in ("lx", "lo")) < 0.7
    assert min(reliability[unit].estimate for unit in ("ams", "rtd")) > 0.8


def test_the_stratum_of_the_log_rank_test_keeps_apart_what_is_not_alike(
    national: tuple[dict[str, Score], dict[str, float], CaseFiles],
) -> None:
    case_files = national[2]
    known = compared_cases(case_durations(case_files, as_of=date(2026, 1, 31)))
    assert log_rank_of(known, list(LIKE)).method == "stratified log-rank"
    shuffled = known.assign(unit=np.random.default_rng(1).permutation(known["unit"]))
    assert log_rank_of(shuffled, list(LIKE)).p_value > 0.01
