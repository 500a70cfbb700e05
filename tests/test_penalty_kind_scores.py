"""The penalty in groups without an order, from case files to scores."""

from dataclasses import replace

import pytest
from outcome_files import ABOUT, POOR, by_id, checked, example, judged_and_units

from data_contracts.case_files import CaseFiles
from evaluation.clustered_share import clustered_share
from evaluation.consistency.misconduct_outcomes import misconduct_outcomes
from evaluation.consistency.penalty_kind_scores import penalty_kind_scores
from evaluation.consistency.penalty_ranking import load_groups
from evaluation.consistency.unordered_outcome import unordered_by_unit
from evaluation.scores import Part

GROUPS = tuple(load_groups().titles)


def _scored(files: CaseFiles) -> Part:
    return checked(penalty_kind_scores(files, *judged_and_units(files), **ABOUT))


@pytest.mark.parametrize("name", [name for name in POOR if name != "cases only"])
def test_any_case_files_get_numbers_or_reasons_and_never_an_exception_or_nan(name: str) -> None:
    _scored(POOR[name](example()))


def test_the_shares_of_all_groups_are_one_and_so_are_the_expected_ones() -> None:
    part = by_id(_scored(example()))
    units = [f"unit={unit.lower()}" for unit in judged_and_units(example())[1]]
    for group in ("all", *(f"year={year}" for year in range(2016, 2025)), *units):
        shares = [part[f"penalty_kind.share_{kind}.{group}"] for kind in GROUPS]
        refusals = {share.refusal for share in shares}
        assert len(refusals) == 1
        if refusals == {None}:
            assert sum(share.numerator or 0 for share in shares) == shares[0].denominator
    told = [unit for unit in units if part[f"penalty_kind.expected_berisping.{unit}"].estimate is not None]
    assert len(told) > 8
    for unit in told:
        assert sum(part[f"penalty_kind.expected_{kind}.{unit}"].estimate or 0 for kind in GROUPS) == pytest.approx(1)
        assert part[f"penalty_kind.expected_berisping.{unit}"].low is None


def test_the_numbers_are_those_of_the_comparison_and_of_counting_by_hand() -> None:
    files = example(150)
    judged, _units = judged_and_units(files)
    rows = misconduct_outcomes(files, judged)
    rows = rows[rows["penalty"].notna()]
    group = load_groups().groups(rows["penalty"], rows["conditional"])
    like = rows[["category", "year", "complexity", "rank_band", "prior_measures"]]
    direct = unordered_by_unit(group, rows["unit"], like, level=0.95, cluster=rows["case_id"])
    assert direct.refusal is None
    found = by_id(_scored(files))
    assert found["penalty_kind.units_p.all"].estimate == pytest.approx(direct.clustered_score.p_value)
    for row in direct.table.dropna(subset=["share"]).to_dict("records"):
        where = f"{row['group']}.unit={row['unit'].lower()}"
        share = found[f"penalty_kind.share_{where}"]
        assert (share.numerator, share.denominator) == (row["observed"], row["n"])
        assert found[f"penalty_kind.expected_{where}"].estimate == pytest.approx(row["expected_share"])
    reprimands = clustered_share((group == "berisping").astype(int), [1] * len(group), rows["case_id"], level=0.95)
    whole = found["penalty_kind.share_berisping.all"]
    assert (whole.low, whole.high) == pytest.approx(tuple(reprimands.interval))


def test_a_dismissal_of_unknown_condition_is_in_no_group_and_is_counted() -> None:
    files = POOR["no condition"](example())
    penalty = misconduct_outcomes(files, judged_and_units(files)[0])["penalty"].dropna()
    found = by_id(_scored(files))
    assert found["penalty_kind.unknown.all"].estimate == penalty.isin(["j", "k"]).sum() > 0
    assert found["penalty_kind.share_voorwaardelijk_ontslag.all"].numerator == 0
    assert found["penalty_kind.expected_voorwaardelijk_ontslag.unit=ams"].estimate == 0


def test_what_cannot_be_compared_keeps_its_shares_and_says_why() -> None:
    part = _scored(POOR["no penalties"](example()))
    assert not part.scores and [refusal.measure for refusal in part.refusals] == ["consistency.penalty_kind"]
    alone = by_id(_scored(POOR["one unit"](example())))
    assert alone["penalty_kind.share_berisping.unit=ams"].estimate is not None
    assert alone["penalty_kind.expected_berisping.unit=ams"].refusal == "not_estimable"
    same = by_id(_scored(POOR["one penalty"](example())))
    assert same["penalty_kind.units_p.all"].refusal == "no_variation"
    assert same["penalty_kind.share_berisping.all"].estimate == 1
    few = by_id(_scored(POOR["twelve cases"](example())))
    assert {score.refusal for name, score in few.items() if "unit=" in name} == {"too_few"}


def test_where_a_group_is_missing_from_a_combination_the_year_is_given_up_first_and_the_card_says_so() -> None:
    few, many = _scored(example()), _scored(example(150))
    assert by_id(few)["penalty_kind.units_p.all"].estimate is not None
    assert "anders geen eindig antwoord heeft: jaar van opening." in few.cards[0].estimator["nl"]
    assert "no finite answer otherwise: year of opening." in few.cards[0].estimator["en"]
    assert "eindig" not in many.cards[0].estimator["nl"]


def test_a_model_without_a_finite_answer_whatever_is_given_up_says_separation(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def never(group, unit, levels, **options):  # type: ignore[no-untyped-def]
        tried.append(tuple(levels))
        return replace(unordered_by_unit(group, unit, None, **options), refusal="separation")

    monkeypatch.setattr("evaluation.consistency.penalty_kind_scores.unordered_by_unit", never)
    found = by_id(_scored(example()))
    assert found["penalty_kind.units_p.all"].refusal == found["penalty_kind.expected_berisping.unit=ams"].refusal
    assert found["penalty_kind.units_p.all"].refusal == "separation"
    assert [len(levels) for levels in tried] == [5, 4, 3, 2, 1, 0]


def test_the_card_names_every_group() -> None:
    card = _scored(example()).cards[0]
    assert all(kind in card.estimator["nl"] and kind in card.estimator["en"] for kind in GROUPS)
