"""The ways in for ratings, what they refuse, and the scales."""

import numpy as np
import pandas as pd
import pytest

from data_contracts.errors import WrongUse
from data_contracts.example import example_tables
from evaluation.consistency.agreement import cohen_kappa, conger_kappa, fleiss_kappa, krippendorff_alpha
from evaluation.consistency.agreement_ratings import cross_table, rating_counts, ratings_long, ratings_table
from evaluation.consistency.agreement_weights import agreement_weights, from_disagreement

REVIEWS = pd.DataFrame(
    {
        "case_id": ["Z2", "Z2", "Z1", "Z1", "Z1", "Z2"],
        "reviewer_id": ["L1", "L2", "L1", "L3", "L2", "L2"],
        "item": ["KENN", "KENN", "KENN", "KENN", "BESL", "BESL"],
        "rating": ["voldoende", "onvoldoende", "voldoende", "voldoende", "niet_te_beoordelen", None],
    }
)


def test_all_ways_in_say_the_same_of_the_same_ratings() -> None:
    table = pd.DataFrame({"L1": ["a", "b", "b", "a"], "L2": ["a", "b", "a", None], "L3": [" ", "b", "a", "a"]})
    long = table.rename_axis("case_id").reset_index().melt("case_id", var_name="reviewer_id", value_name="rating")
    counts = pd.DataFrame({"a": [2, 0, 2, 2], "b": [0, 3, 1, 0]})
    found = [fleiss_kappa(given, level=0.95) for given in (table, ratings_long(long), rating_counts(counts))]
    for one in found:
        assert one.estimate == pytest.approx(found[0].estimate, abs=1e-12)
        assert (one.dossiers, one.ratings, one.categories) == (4, 10, ("a", "b"))
    assert cohen_kappa(cross_table([[1, 0], [1, 1]]), level=0.95).estimate == pytest.approx(
        cohen_kappa(table[["L1", "L2"]], level=0.95).estimate
    )


def test_the_long_form_leaves_out_what_could_not_be_rated() -> None:
    read = ratings_long(REVIEWS)
    assert read.counts.tolist() == [[0.0, 2.0], [1.0, 1.0]]
    assert (read.labels.tolist(), read.readers, read.categories) == (["Z1", "Z2"], 3, ("onvoldoende", "voldoende"))
    assert ratings_long(REVIEWS, item="BESL").ratings == 0
    assert ratings_long(REVIEWS, unrated=(), item="BESL").ratings == 1


def test_a_weight_stands_for_so_many_dossiers() -> None:
    weighted = ratings_long(REVIEWS.assign(number=[3, 3, 2, 2, 2, 3]), weight="number")
    assert (weighted.weight.tolist(), weighted.ratings) == ([2.0, 3.0], 10)
    assert ratings_table([["a", "a"], ["b", "b"]], weight=[0, 4]).ratings == 8


def test_the_reviews_of_the_example_are_read_as_they_are() -> None:
    reviews = example_tables(seed=3, cases_per_year=60)[0]["reviews"]
    read = ratings_long(reviews, categories=["onvoldoende", "voldoende"])
    assert read.readers == reviews["reviewer_id"].nunique()
    assert read.ratings == int((reviews["rating"] != "niet_te_beoordelen").sum())
    assert len(read.labels) == reviews["case_id"].nunique()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: ratings_table([1, 2, 3]), "een rij per dossier"),
        (lambda: ratings_table([["a", "x"]], categories=["a", "b"]), "Bekend zijn: a, b"),
        (lambda: ratings_table([["a", "a"]], categories=["a", "a"]), "twee keer"),
        (lambda: ratings_table([["a", "a"]], weight=[1.5]), "gehele aantallen"),
        (lambda: ratings_table([["a", "a"]], weight=[1, 2]), "één rij aantallen"),
        (lambda: rating_counts([1, 2]), "een kolom per oordeel"),
        (lambda: rating_counts([[1, -2]]), "gehele aantallen"),
        (lambda: rating_counts([[1, 2]], categories=["a"]), "1 categorieën genoemd voor 2 kolommen"),
        (lambda: cross_table([[1, 2]]), "evenveel rijen als kolommen"),
        (lambda: cross_table([[1, 2], [3, 4]], categories=["a"]), "1 categorieën"),
        (lambda: ratings_long(REVIEWS.drop(columns="rating")), "ontbreekt de kolom rating"),
        (lambda: ratings_long(REVIEWS.drop(columns="item"), item="KENN"), "ontbreekt de kolom item"),
        (lambda: ratings_long(pd.concat([REVIEWS, REVIEWS])), "6 beoordelingen staan er dubbel"),
        (lambda: ratings_long(REVIEWS.assign(reviewer_id=None)), "noemen geen dossier"),
        (lambda: ratings_long(REVIEWS.assign(n=range(6)), weight="n"), "hetzelfde zijn"),
        (lambda: conger_kappa(rating_counts([[1, 1]]), level=0.95), "wie wat oordeelde"),
        (lambda: cohen_kappa([["a", "b", "a"]], level=0.95), "Gebruik conger_kappa"),
        (lambda: fleiss_kappa([["a", "a"]], level=95), "tussen 0 en 1"),
        (lambda: fleiss_kappa([["a", "b"]], level=0.95, weights="cubic"), "Onbekende schaal: cubic"),
        (lambda: fleiss_kappa([["a", "b"]], level=0.95, weights="linear"), "volgorde nodig"),
        (lambda: fleiss_kappa([["a", "b"]], level=0.95, weights=[[1]]), "2 bij 2"),
        (lambda: fleiss_kappa([["a", "b"]], level=0.95, weights=[[0, 1], [1, 0]]), "1 op de diagonaal"),
        (lambda: fleiss_kappa([["a", "b"]], level=0.95, single_reads="maybe"), "ratio of gwet"),
        (lambda: krippendorff_alpha([["a", "b"]], level=0.95, error="other"), "linear of count_table"),
        (lambda: krippendorff_alpha([["a", "b"]], level=0.95, scale="ratio"), "Onbekende schaal: ratio"),
        (lambda: krippendorff_alpha([["a", "b"]], level=0.95, scale="ordinal"), "volgorde nodig"),
        (lambda: from_disagreement([[0, 0], [0, 0]]), "geen enkel verschil"),
    ],
)
def test_a_wrong_argument_is_refused_and_says_what_is_wrong(wrong, says: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(WrongUse, match=says):
        wrong()


def test_distances_between_numbers_are_their_differences() -> None:
    read = ratings_table(np.array([[1, 2], [5, 5]]))
    assert agreement_weights(read, "linear").tolist() == [[1, 0.75, 0], [0.75, 1, 0.25], [0, 0.25, 1]]
    named = ratings_table([["low", "mid"], ["high", "high"]], categories=["low", "mid", "high"])
    assert agreement_weights(named, "quadratic").tolist() == [[1, 0.75, 0], [0.75, 1, 0.75], [0, 0.75, 1]]
