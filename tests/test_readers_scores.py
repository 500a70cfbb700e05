"""Agreement of readers as scores: planted accuracy comes back, and a poor delivery gives a number or a reason."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from data_contracts.case_files import CaseFiles
from data_contracts.example import example_tables
from evaluation.consistency.agreement import fleiss_kappa
from evaluation.consistency.agreement_ratings import ratings_long
from evaluation.consistency.reader_agreement import COEFFICIENTS
from evaluation.consistency.readers_scores import readers_scores, readings
from evaluation.publication.ledger import parts
from evaluation.refusals import REASONS
from evaluation.scores import UNITS, Part, Score

DAY = date(2026, 3, 31)
SPAN = "2016-01-01/2025-12-31"
CASES = pd.DataFrame({"case_id": ["Z1"], "opened_on": [pd.Timestamp("2020-01-01")]})
DELIVERY = pd.DataFrame({"extracted_at": [pd.Timestamp("2026-03-31")]})


def _files(reviews: pd.DataFrame | None) -> CaseFiles:
    return CaseFiles(DELIVERY, CASES, reviews=reviews)


def _score(reviews: pd.DataFrame | None) -> Part:
    return readers_scores(_files(reviews), as_of=DAY, level=0.95, span=SPAN)


def _by_id(part: Part) -> dict[str, Score]:
    return {score.id: score for score in part.scores}


def _reviews(rows: list[tuple[str, str, str, str | None]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["case_id", "reviewer_id", "item", "rating"])
    return table.assign(read_on=pd.Timestamp("2026-02-01"))


def _pairs(pairs: list[tuple[str | None, str | None]], item: str = "OPDR") -> list[tuple[str, str, str, str | None]]:
    return [
        (f"Z{case:03}", reader, item, rating)
        for case, pair in enumerate(pairs)
        for reader, rating in zip(("L-01", "L-02"), pair, strict=True)
    ]


YES, NO = "voldoende", "onvoldoende"
MIXED: list[tuple[str | None, str | None]] = [(YES, YES)] * 15 + [(NO, NO)] * 6 + [(YES, NO)] * 3


@pytest.fixture(scope="module")
def example() -> tuple[dict[str, Score], dict[str, pd.DataFrame], dict]:  # type: ignore[type-arg]
    tables, truth = example_tables(seed=11, cases_per_year=200)
    files = CaseFiles(**tables)
    day = files.extracted_on
    part = readers_scores(files.at(day), as_of=day, level=0.95, span=SPAN)
    assert not part.refusals
    return _by_id(part), tables, truth["reviews"]


def test_the_planted_accuracy_agreement_and_shares_of_the_example_come_back(example) -> None:  # type: ignore[no-untyped-def]
    scores, _tables, truth = example
    for statistic, planted in (
        ("accuracy", truth["reader_accuracy"]), ("percent", truth["agreement_when_both_rated"]),
    ):  # fmt: skip
        found = scores[f"consistency.readers.{statistic}.all"]
        assert found.low <= planted <= found.high and found.n == truth["dossiers"]
    assert scores["consistency.readers.missing.all"].estimate == pytest.approx(truth["not_rated"], abs=0.01)
    assert scores["consistency.readers.dossiers.all"].estimate == truth["dossiers"]
    within = equal = 0
    for item, share in truth["share_truly_sufficient"].items():
        low, high, one = (scores[f"consistency.readers_{item.lower()}.true_share_{s}.all"]
                          for s in ("low", "high", "equal"))  # fmt: skip
        assert low.low <= low.estimate <= one.estimate <= high.estimate <= high.high
        within += low.low <= share <= high.high
        equal += one.low <= share <= one.high
        found = scores[f"consistency.readers_{item.lower()}.found_share.all"]
        assert found.estimate == found.numerator / found.denominator
    assert within == 8 and equal >= 7


def test_ids_units_and_refusals_are_those_that_exist(example) -> None:  # type: ignore[no-untyped-def]
    scores, tables, _truth = example
    for name, score in scores.items():
        module, measure, _statistic, group = parts(name)
        assert (module, group) == ("consistency", "all") and measure.startswith("readers")
        assert score.unit in UNITS and (score.refusal is None or score.refusal in REASONS)
        assert score.estimand in ("consistency.readers", "consistency.reader_error")
        assert (score.estimate is None) == (score.refusal is not None)
    assert len({name.split(".")[1] for name in scores}) == 1 + tables["reviews"]["item"].nunique()


def test_the_number_of_an_item_is_that_of_the_function(example) -> None:  # type: ignore[no-untyped-def]
    scores, tables, _truth = example
    kappa = fleiss_kappa(ratings_long(tables["reviews"], item="WEDER"), level=0.95)
    score = scores["consistency.readers_weder.kappa_fleiss.all"]
    assert (score.estimate, score.n) == (pytest.approx(kappa.estimate), kappa.dossiers_twice)


def test_the_mean_over_items_is_the_plain_mean_and_knows_the_dossier(example) -> None:  # type: ignore[no-untyped-def]
    scores, tables, _truth = example
    items = tables["reviews"]["item"].str.lower().unique()
    for statistic in COEFFICIENTS:
        each = [scores[f"consistency.readers_{item}.{statistic}.all"].estimate for item in items]
        assert scores[f"consistency.readers.{statistic}.all"].estimate == pytest.approx(np.mean(each))
    # the same readings again under other names: nothing new is known, so intervals keep their width
    reviews = tables["reviews"]
    copied = pd.concat([reviews, reviews.assign(item=reviews["item"] + "2")])
    again = _by_id(_score(copied))
    for statistic in COEFFICIENTS:
        one, two = (found[f"consistency.readers.{statistic}.all"] for found in (scores, again))
        assert two.high - two.low == pytest.approx(one.high - one.low, rel=0.1)


def test_fewer_than_ten_readers_are_not_counted_in_print_and_ten_are() -> None:
    readers = [f"L-{number:02}" for number in range(10)]
    rows = [(f"Z{case:03}", readers[(case + turn) % 10], "OPDR", YES if case % 3 else NO)
            for case in range(30) for turn in (0, 1)]  # fmt: skip
    many = _by_id(_score(_reviews(rows)))["consistency.readers.readers.all"]
    few = _by_id(_score(_reviews(_pairs(MIXED))))["consistency.readers.readers.all"]
    assert (many.estimate, many.n) == (10, 30)
    assert (few.estimate, few.refusal, few.n) == (None, "too_few", len(MIXED))  # n does not tell how many there were


@pytest.mark.parametrize(
    ("reviews", "needs", "says"),
    [
        (None, "reviews", "geen dossierbeoordelingen"),
        (_reviews(_pairs([(None, None)])), "reviews.rating", "staat een oordeel"),
        (_reviews(_pairs(MIXED)).assign(reviewer_id=None), "reviews.reviewer_id", "welke lezer"),
        (_reviews(_pairs(MIXED)).assign(item=None), "reviews.item", "wat beoordeeld is"),
        (_reviews([]), "reviews", "nog geen dossier gelezen"),
        (_reviews([("Z1", "L-01", "OPDR", YES), ("Z2", "L-02", "OPDR", NO)]), "reviews", "geen enkel dossier"),
        (_reviews([("Z1", "L-01", "OPDR", YES), ("Z1", "L-02", "KENN", NO)]), "reviews", "geen enkel dossier"),
        (_reviews([("Z1", "L-01", "OPDR", YES), ("Z2", None, "OPDR", NO)]), "reviews", "geen enkel dossier"),
        (_reviews([("Z1", None, "OPDR", YES), (None, "L-01", "OPDR", NO)]), "reviews", "nog geen dossier gelezen"),
        (_reviews(_pairs([("niet_te_beoordelen", YES)] * 20)), "reviews", "geen enkel dossier"),
    ],
)  # fmt: skip
def test_without_dossiers_read_twice_the_family_is_refused_with_a_reason(reviews, needs: str, says: str) -> None:  # type: ignore[no-untyped-def]
    part = _score(reviews)
    assert (part.scores, part.cards) == ((), ())
    assert [refusal.needs for refusal in part.refusals] == [(needs,)]
    assert says in part.refusals[0].reason["nl"] and part.refusals[0].reason["en"]


def test_readings_after_the_reference_date_are_unknown() -> None:
    tables, _truth = example_tables(seed=5, cases_per_year=60)
    files = CaseFiles(**tables).at(date(2026, 1, 1))  # everything was read later
    part = readers_scores(files, as_of=date(2026, 1, 1), level=0.95, span=SPAN)
    assert [refusal.needs for refusal in part.refusals] == [("reviews",)] and not part.scores
    assert "Op de peildatum" in part.refusals[0].reason["nl"]


def test_too_few_dossiers_keep_their_rows_with_a_refusal() -> None:
    scores = _by_id(_score(_reviews(_pairs(MIXED[12:21]))))
    for measure in ("readers", "readers_opdr"):
        for statistic in COEFFICIENTS:
            score = scores[f"consistency.{measure}.{statistic}.all"]
            assert (score.estimate, score.low, score.refusal, score.n) == (None, None, "too_few", 9)
    for statistic in ("found_share", "true_share_low", "true_share_high", "true_share_equal"):
        assert scores[f"consistency.readers_opdr.{statistic}.all"].refusal == "too_few"
    assert scores["consistency.readers.accuracy.all"].refusal == "too_few"
    assert scores["consistency.readers_opdr.double_read.all"].estimate == 9


def test_one_rating_only_says_the_percentage_and_refuses_kappa() -> None:
    scores = _by_id(_score(_reviews([*_pairs([(YES, YES)] * 30), *_pairs(MIXED, "KENN")])))
    assert scores["consistency.readers_opdr.percent.all"].estimate == 1.0
    assert scores["consistency.readers_opdr.ac1.all"].estimate == 1.0
    for statistic in ("alpha", "kappa_fleiss", "kappa_conger"):
        assert scores[f"consistency.readers_opdr.{statistic}.all"].refusal == "no_variation"
        # the mean is then that of the other item, and says over how many items it goes
        pooled, other = (scores[f"consistency.{m}.{statistic}.all"] for m in ("readers", "readers_kenn"))
        assert pooled.estimate == pytest.approx(other.estimate)
    counts = [
        scores[f"consistency.readers.{name}.all"].estimate for name in ("items", "items_used", "items_one_rating")
    ]
    assert counts == [2, 2, 1]
    alone = _by_id(_score(_reviews(_pairs([(YES, YES)] * 30))))
    assert alone["consistency.readers.alpha.all"].refusal == "no_variation"
    assert alone["consistency.readers_opdr.true_share_low.all"].refusal in REASONS


def test_readers_who_agree_no_more_than_by_chance_leave_the_true_share_open() -> None:
    chance = [(YES, YES)] * 10 + [(NO, NO)] * 10 + [(YES, NO)] * 15 + [(NO, YES)] * 15
    scores = _by_id(_score(_reviews(_pairs(chance))))
    assert scores["consistency.readers_opdr.percent.all"].estimate == 0.4
    for statistic in ("true_share_low", "true_share_high", "true_share_equal"):
        assert scores[f"consistency.readers_opdr.{statistic}.all"].refusal == "not_estimable"
    assert scores["consistency.readers.accuracy.all"].refusal == "not_estimable"


def test_ratings_that_no_scale_knows_are_compared_without_order_and_have_no_true_share() -> None:
    letters = [("A", "A")] * 10 + [("B", "B")] * 6 + [("A", "C")] * 4
    scores = _by_id(_score(_reviews(_pairs(letters))))
    assert scores["consistency.readers_opdr.percent.all"].estimate == pytest.approx(0.8)
    for statistic in ("found_share", "true_share_low", "true_share_equal"):
        assert scores[f"consistency.readers_opdr.{statistic}.all"].refusal == "not_estimable"
    assert scores["consistency.readers.accuracy.all"].refusal == "not_estimable"


def test_a_reader_who_contradicts_himself_is_missing_and_one_who_repeats_himself_counts_once() -> None:
    rows = [
        *_pairs(MIXED),
        ("Z000", "L-01", "opdr", NO),
        ("Z001", "L-01", "OPDR ", YES),
        ("Z002", "L-02", "OPDR", None),
    ]
    kept = readings(_reviews(rows))
    assert len(kept) == 2 * len(MIXED) and set(kept["item"]) == {"opdr"}
    rating = kept.set_index(["case_id", "reviewer_id"])["rating"]
    assert pd.isna(rating["Z000", "L-01"]) and rating["Z001", "L-01"] == YES and rating["Z002", "L-02"] == YES
    assert _by_id(_score(_reviews(rows)))["consistency.readers_opdr.missing.all"].numerator == 1


def test_one_item_more_does_not_move_the_numbers_of_another() -> None:
    alone = _by_id(_score(_reviews(_pairs(MIXED))))
    more = _by_id(_score(_reviews([*_pairs(MIXED), *_pairs(MIXED[::-1], "RAPP")])))
    for name, score in alone.items():
        if name.startswith("consistency.readers_opdr."):
            assert more[name] == score


def test_the_cards_say_what_is_assumed_in_both_languages() -> None:
    cards = {card.id: card for card in _score(_reviews(_pairs(MIXED))).cards}
    assert set(cards) == {"consistency.readers", "consistency.reader_error"}
    assert "onvoldoende of voldoende" in cards["consistency.readers"].estimator["nl"]
    assert "insufficient or sufficient" in cards["consistency.readers"].estimator["en"]
    for words in ("los van elkaar", "even vaak", "willekeurig deel"):
        assert words in cards["consistency.reader_error"].estimator["nl"]
    for words in ("independently", "as often", "random part"):
        assert words in cards["consistency.reader_error"].estimator["en"]
