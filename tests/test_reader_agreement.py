"""The published coefficient of an item: which interval it has, and when it has none."""

from dataclasses import replace

import numpy as np
import pytest

from evaluation.consistency.agreement import cohen_kappa, conger_kappa, gwet_ac, krippendorff_alpha, percent_agreement
from evaluation.consistency.agreement_bootstrap import bootstrap
from evaluation.consistency.agreement_ratings import Ratings, ratings_table
from evaluation.consistency.reader_agreement import COEFFICIENTS, REPLICATES, item_coefficients, published
from evaluation.consistency.reader_items import RatingScale

SCALE = RatingScale("twee", {"nl": "nee of ja", "en": "no or yes"}, "nominal", ("nee", "ja"), "ja")
FIVE = RatingScale("vijf", {"nl": "1 tot 3", "en": "1 to 3"}, "ordinal", ("laag", "midden", "hoog"), "hoog")


def _rng() -> np.random.Generator:
    return np.random.default_rng(1)


def _read(n: int, *, accuracy: float = 0.88, share: float = 0.7, once: float = 0.0, seed: int = 3) -> Ratings:
    rng = np.random.default_rng(seed)
    table = np.where((rng.random((n, 1)) < share) == (rng.random((n, 3)) < accuracy), "ja", "nee").astype(object)
    table[:, 2] = None
    table[rng.random(n) < once, 1] = None
    return ratings_table(table, categories=SCALE.ratings)


def test_every_coefficient_is_given_once_and_errors_are_those_of_the_ratio() -> None:
    read = _read(80, once=0.5)
    found = item_coefficients(read, SCALE, level=0.95, two_readers=False)
    assert tuple(found) == COEFFICIENTS
    assert found["percent"].standard_error == percent_agreement(read, level=0.95, single_reads="ratio").standard_error
    assert found["percent"].standard_error < percent_agreement(read, level=0.95).standard_error
    assert found["kappa_conger"].estimate == conger_kappa(read, level=0.95).estimate


def test_with_two_readers_kappa_is_that_of_cohen() -> None:
    read = _read(80, once=0.2)
    found = item_coefficients(read, SCALE, level=0.95, two_readers=True)["kappa_conger"]
    assert found.estimate == cohen_kappa(read, level=0.95).estimate != conger_kappa(read, level=0.95).estimate


def test_ratings_in_order_add_coefficients_in_which_distance_counts() -> None:
    table = [["laag", "laag"], ["laag", "midden"], ["midden", "midden"], ["hoog", "hoog"], ["hoog", "midden"]] * 4
    read = ratings_table(table, categories=FIVE.ratings)
    for kind, weights in (("ordinal", "linear"), ("interval", "quadratic")):
        found = item_coefficients(read, replace(FIVE, kind=kind), level=0.95, two_readers=False)
        assert found["ac2"].estimate == gwet_ac(read, level=0.95, weights=weights).estimate > found["ac1"].estimate
        assert found["alpha_ordered"].estimate == krippendorff_alpha(read, level=0.95, scale=kind).estimate
    # ratings that are not those of the scale have no known order
    strange = ratings_table([["a", "b"], ["b", "b"]] * 10)
    assert tuple(item_coefficients(strange, FIVE, level=0.95, two_readers=False)) == COEFFICIENTS


def test_the_interval_is_that_of_resampled_dossiers_but_for_the_percentage() -> None:
    found = item_coefficients(_read(80), SCALE, level=0.95, two_readers=False)
    for statistic, one in found.items():
        said = published(one, level=0.95, rng=_rng())
        if statistic == "percent":
            assert (said.low, said.high) == (one.low, one.high)
        else:
            drawn = bootstrap(one, level=0.95, rng=_rng(), replicates=REPLICATES)
            assert (said.low, said.high) == (drawn.low, drawn.high) != (one.low, one.high)
        assert (said.estimate, said.dossiers, said.refusal) == (one.estimate, 80, None)


def test_readers_who_never_differ_get_an_interval_with_width() -> None:
    read = ratings_table([["ja", "ja"]] * 20 + [["nee", "nee"]] * 20, categories=SCALE.ratings)
    for statistic, one in item_coefficients(read, SCALE, level=0.95, two_readers=False).items():
        said = published(one, level=0.95, rng=_rng())
        assert said.estimate == 1.0 == said.high and said.low < 0.95, statistic


def test_a_kappa_that_hangs_on_a_handful_of_dossiers_is_refused() -> None:
    read = ratings_table([["ja", "ja"]] * 29 + [["nee", "ja"]], categories=SCALE.ratings)
    found = item_coefficients(read, SCALE, level=0.95, two_readers=False)
    said = {statistic: published(one, level=0.95, rng=_rng()) for statistic, one in found.items()}
    assert found["alpha"].estimate is not None
    for statistic in ("alpha", "kappa_fleiss"):
        assert (said[statistic].refusal, said[statistic].estimate, said[statistic].low) == ("too_few", None, None)
    assert said["percent"].refusal is None and said["ac1"].estimate == found["ac1"].estimate


@pytest.mark.parametrize(
    ("table", "refusal"),
    [
        ([["ja", "nee"]] * 9, "too_few"),
        ([["ja", None]] * 20 + [[None, "nee"]], "not_estimable"),
        ([["ja"], ["nee"]] * 10, "not_estimable"),
        ([[None, None]], "absent"),
    ],
)
def test_what_cannot_be_said_has_a_reason(table: list[list[str | None]], refusal: str) -> None:
    read = ratings_table(np.array(table, dtype=object), categories=SCALE.ratings)
    for one in item_coefficients(read, SCALE, level=0.95, two_readers=len(table[0]) == 2).values():
        said = published(one, level=0.95, rng=_rng())
        assert (said.refusal, said.estimate, said.low, said.high) == (refusal, None, None, None)
