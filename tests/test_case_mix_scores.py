"""What kind of case takes longer: by hand, against the regression, refusals, and nothing acquired on the way."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from stage_files import by_id, files, lasting

from data_contracts.case_files import CaseFiles
from data_contracts.example import example_tables
from evaluation.duration.case_mix_scores import case_mix_scores, in_order
from evaluation.duration.total import case_durations
from evaluation.scores import Part
from evaluation.survival.cox import cox
from evaluation.survival.proportional_hazards import proportional_hazards

AS_OF = date(2023, 12, 31)
MIDDLE, HEAVY = (f"duration.case_mix.hazard_ratio_complexity_{name}.all" for name in ("middel", "zwaar"))
PH, CONCORDANCE = "duration.case_mix.ph_p.all", "duration.case_mix.concordance.all"


def _scored(case_files: CaseFiles, *, as_of: date = AS_OF) -> Part:
    cases = case_durations(case_files, as_of=as_of)
    return case_mix_scores(case_files, cases, as_of=as_of, level=0.95, span="2021-01-01/2023-12-31")


def _kind(complexity: str | None, days: list[int | None], **more: Any) -> list[dict[str, Any]]:
    name = "-".join(str(part) for part in (complexity, *more.values()))
    facts = {"complexity": complexity, "category": "rm_prive"} | more
    return [case | facts | {"case_id": f"{name}-{number}"} for number, case in enumerate(lasting(days))]


def test_two_kinds_by_hand() -> None:
    # Light and heavy end in turn, light first, ten of each. With h the ratio of heavy to light, the likelihood is the
    # product over k = 10 ... 1 left of each of 1 / (k + k h) and h / (k - 1 + k h): flat where
    # 10 / h = sum of 1 / (1 + h) + k / (k - 1 + k h).
    cases = _kind("licht", list(range(10, 30, 2))) + _kind("zwaar", list(range(11, 31, 2)))
    found = by_id(_scored(files(cases)))
    ratio = found[HEAVY].estimate
    slope = 10 / ratio - sum(1 / (1 + ratio) + k / (k - 1 + k * ratio) for k in range(1, 11))
    assert slope == pytest.approx(0, abs=1e-6)
    assert ratio < 1
    assert found[HEAVY].low < ratio < found[HEAVY].high
    assert (found[HEAVY].n, found[HEAVY].events, found[HEAVY].unit) == (20, 20, "ratio")
    # 100 pairs of a light and a heavy one: the k-th light case ends before 11 - k heavy ones, 55 in all; the 90 pairs
    # of one complexity count for a half.
    assert found[CONCORDANCE].estimate == pytest.approx((55 + 45) / 190)
    assert set(found) == {HEAVY, PH, CONCORDANCE}


@pytest.fixture(scope="module")
def example() -> tuple[CaseFiles, date]:
    as_of = date(2025, 6, 30)
    tables, _truth = example_tables(seed=5, cases_per_year=120)
    tables["delivery"] = tables["delivery"].assign(cohort_basis="alle", period_start=np.datetime64("2017-01-01", "s"))
    tables["cases"].loc[::17, "category"] = pd.NA
    tables["cases"].loc[::13, "complexity"] = pd.NA
    return CaseFiles(**tables).at(as_of), as_of


def test_the_numbers_are_those_of_the_regression_with_late_entry_strata_and_clusters(
    example: tuple[CaseFiles, date],
) -> None:
    case_files, as_of = example
    found = by_id(_scored(case_files, as_of=as_of))
    cases = case_durations(case_files, as_of=as_of)
    cases = cases[(cases["left_out"] == "") & cases["complexity"].notna()]
    columns = pd.DataFrame({name: cases["complexity"] == name for name in ("middel", "zwaar")})
    direct = cox(columns, cases["gross"], cases["closed"], entry=cases["gross_entry"],
                 stratum=cases["category"].fillna("?"), cluster=cases["unit"], level=0.95)  # fmt: skip
    for row, score_id in zip(direct.coefficients.itertuples(), (MIDDLE, HEAVY), strict=True):
        said = found[score_id]
        assert (said.estimate, said.low, said.high) == pytest.approx((row.hazard_ratio, row.low, row.high))
        assert (said.n, said.events) == (direct.n, direct.n_events)
    tests = proportional_hazards(direct, transform="km").tests.set_index("term")
    assert found[PH].estimate == pytest.approx(tests.loc["GLOBAL", "p_value"])
    assert found[CONCORDANCE].estimate == pytest.approx(direct.concordance.estimate)


def test_heavier_cases_that_were_planted_slower_are_found_slower_and_the_ratio_changes_with_the_days() -> None:
    tables, truth = example_tables(seed=3, cases_per_year=300)
    as_of = date(2026, 1, 31)
    found = by_id(_scored(CaseFiles(**tables).at(as_of), as_of=as_of))
    factor = truth["duration"]["complexity_factor"]
    assert factor["licht"] < factor["middel"] < factor["zwaar"]
    assert found[HEAVY].high < found[MIDDLE].low < found[MIDDLE].high < 1
    # Planted are longer days (a factor), not a ratio that is the same every day.
    assert found[PH].estimate < 0.01
    assert 0.6 < found[CONCORDANCE].estimate < 0.7


def test_a_suspension_or_criminal_track_takes_no_part(example: tuple[CaseFiles, date]) -> None:
    case_files, as_of = example
    without = CaseFiles(
        **{**vars(case_files), "suspensions": None, "cases": case_files.cases.assign(criminal_track=pd.NA)}
    )
    estimates = [[s.estimate for s in _scored(one, as_of=as_of).scores] for one in (case_files, without)]
    assert estimates[0] == estimates[1]
    card = _scored(case_files, as_of=as_of).cards[0]
    assert "ten onrechte als traag" in card.missing_and_exits["nl"]
    assert "would wrongly count as slow" in card.missing_and_exits["en"]


def test_ever_suspended_would_look_slow_though_suspension_does_nothing() -> None:
    # A constant pace, and a suspension on a day of its own for cases still open then: why it takes no part.
    rng = np.random.default_rng(1)
    days, starts = rng.geometric(0.01, 3000), rng.geometric(0.01, 3000)
    ever = starts < days
    naive = cox({"ever": ever}, days, np.full(3000, True), level=0.95).coefficients.iloc[0]
    assert naive["high"] < 0.6
    rows = pd.DataFrame(
        {
            "entry": np.concatenate([np.zeros(3000), starts[ever]]),
            "until": np.concatenate([np.where(ever, starts, days), days[ever]]),
            "ended": np.concatenate([~ever, np.full(ever.sum(), True)]),
            "suspended": np.concatenate([np.full(3000, False), np.full(ever.sum(), True)]),
        }
    )
    right = cox(rows[["suspended"]], rows["until"], rows["ended"], entry=rows["entry"], level=0.95).coefficients.iloc[0]
    assert right["low"] < 1 < right["high"]


def test_complexity_that_was_not_delivered_is_refused() -> None:
    part = _scored(files(_kind(None, list(range(10, 40)))))
    assert by_id(part) == {}
    assert [(refusal.measure, refusal.needs) for refusal in part.refusals] == [
        ("duration.case_mix", ("cases.complexity",))
    ]
    assert "niet geleverd" in part.refusals[0].reason["nl"]


def test_one_complexity_is_refused() -> None:
    part = _scored(files(_kind("zwaar", list(range(10, 40)))))
    assert by_id(part) == {}
    assert "dezelfde zwaarte" in part.refusals[0].reason["nl"]


def test_a_complexity_with_too_few_ends_keeps_its_row_and_the_next_lightest_is_the_reference() -> None:
    cases = _kind("licht", [*range(10, 19), None, None]) + _kind("middel", list(range(20, 50, 2)))
    cases += _kind("zwaar", list(range(31, 61, 2)))
    part = _scored(files(cases))
    found = by_id(part)
    assert set(found) == {f"duration.case_mix.hazard_ratio_complexity_{n}.all" for n in ("licht", "zwaar")} | {
        PH,
        CONCORDANCE,
    }
    assert found["duration.case_mix.hazard_ratio_complexity_licht.all"].refusal == "too_few"
    assert found[HEAVY].estimate < 1
    assert found[HEAVY].n == 30
    assert "zwaarte 'middel'" in part.cards[0].estimator["nl"]


def test_too_few_ends_in_all_but_one_complexity_give_no_model() -> None:
    found = by_id(_scored(files(_kind("licht", list(range(10, 40))) + _kind("zwaar", [50, 60, None]))))
    assert {score.refusal for score in found.values()} == {"too_few"}


def test_complexities_that_end_one_after_the_other_are_separation_said_and_no_wild_number() -> None:
    found = by_id(_scored(files(_kind("licht", list(range(10, 25))) + _kind("zwaar", list(range(40, 55))))))
    assert found[HEAVY].refusal == "separation"
    assert found[PH].refusal == found[CONCORDANCE].refusal == "separation"


def test_complexities_never_beside_one_another_in_a_category_cannot_be_compared() -> None:
    light, heavy = list(range(10, 30)), list(range(15, 35))
    found = by_id(_scored(files(_kind("licht", light) + _kind("zwaar", heavy, category="rm_overig"))))
    assert found[HEAVY].refusal == "no_variation"


def test_the_card_says_what_is_not_adjusted_for_and_how_sure_it_is() -> None:
    days = list(range(10, 30))
    one_unit = _kind("licht", days, category=None) + _kind("zwaar", [day + 3 for day in days], category=None)
    card = _scored(files(one_unit)).cards[0]
    assert "de categorie is niet geleverd" in card.estimator["nl"]
    assert "zonder ruimte voor gelijkenis" in card.interval["nl"]
    two_units = _kind("licht", days) + _kind("zwaar", [day + 3 for day in days])
    two_units = [case | {"unit": ("AMS", "DH")[number % 2]} for number, case in enumerate(two_units)]
    card = _scored(files(two_units)).cards[0]
    assert "binnen dezelfde categorie" in card.estimator["nl"]
    assert "met weinig eenheden" in card.interval["nl"]


def test_codes_of_another_list_follow_those_of_ours_and_fit_in_an_id() -> None:
    assert in_order(pd.Series(["zwaar", "b", "licht", "a", None])) == ["licht", "zwaar", "a", "b"]
    days = list(range(10, 30))
    found = by_id(_scored(files(_kind("Level-1", days) + _kind("Level 2", [day + 3 for day in days]))))
    assert found["duration.case_mix.hazard_ratio_complexity_level_2.all"].estimate < 1
