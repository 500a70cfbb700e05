"""Resampling dossiers: a slow second implementation, grouped tables, coverage, and what it refuses."""

import numpy as np
import pytest
from test_agreement import ABSTRACTORS, FOUR_RATERS, PATIENTS

from data_contracts.errors import WrongUse
from evaluation.consistency.agreement import conger_kappa, fleiss_kappa, gwet_ac, krippendorff_alpha, percent_agreement
from evaluation.consistency.agreement_bootstrap import bootstrap
from evaluation.consistency.agreement_ratings import cross_table, rating_counts, ratings_table


def test_the_interval_is_that_of_drawing_dossiers_one_by_one() -> None:
    rng = np.random.default_rng(1)
    rows = np.array(PATIENTS * 3)
    found = bootstrap(krippendorff_alpha(rating_counts(rows), level=0.95), level=0.9, rng=rng, replicates=4000,
                      method="percentile")  # fmt: skip
    drawn = [
        krippendorff_alpha(rating_counts(rows[rng.integers(0, len(rows), len(rows))]), level=0.95).estimate
        for _ in range(1500)
    ]
    assert [found.low, found.high] == pytest.approx(np.quantile(drawn, [0.05, 0.95]), abs=0.01)
    assert found.standard_error == pytest.approx(np.std(drawn), rel=0.06)
    assert (found.replicates, found.undefined, found.refusal) == (4000, 0, None)


@pytest.mark.parametrize("coefficient", [percent_agreement, krippendorff_alpha, gwet_ac, conger_kappa])
def test_a_grouped_table_gives_the_same_interval_from_the_same_generator(coefficient) -> None:  # type: ignore[no-untyped-def]
    number = np.arange(1, 13)
    grouped = coefficient(ratings_table(FOUR_RATERS, weight=number), level=0.95)
    rows = coefficient(np.repeat(FOUR_RATERS, number, axis=0), level=0.95)
    one, other = (bootstrap(found, level=0.95, rng=np.random.default_rng(5)) for found in (grouped, rows))
    assert (one.low, one.high) == (pytest.approx(other.low), pytest.approx(other.high))


def test_the_bootstrap_spreads_as_the_standard_error_says() -> None:
    found = fleiss_kappa(cross_table(np.array(ABSTRACTORS) * 4), level=0.95)
    drawn = bootstrap(found, level=0.95, rng=np.random.default_rng(2), replicates=5000)
    assert drawn.standard_error == pytest.approx(found.standard_error, rel=0.04)


def test_what_gives_no_interval_says_why() -> None:
    rng = np.random.default_rng(1)
    same = bootstrap(fleiss_kappa([["a", "a"], ["b", "b"]] * 20, level=0.95), level=0.95, rng=rng)
    assert (same.refusal, same.low, same.high) == ("no_variation", None, None)
    refused = bootstrap(fleiss_kappa([["a", None]], level=0.95), level=0.95, rng=rng)
    assert (refused.refusal, refused.replicates) == ("not_estimable", 0)
    rare = bootstrap(fleiss_kappa([["a", "a"]] * 20 + [["a", "b"]], level=0.95), level=0.95, rng=rng)
    assert (rare.refusal, rare.low) == ("not_estimable", None)
    assert rare.undefined > 500  # resamples without the one "b"


def test_a_wrong_argument_is_refused() -> None:
    found, rng = fleiss_kappa([["a", "a"], ["a", "b"], ["b", "b"]], level=0.95), np.random.default_rng(1)
    for wrong, says in (({"level": 95}, "level"), ({"method": "basic"}, "percentile"), ({"replicates": 9}, "100")):
        with pytest.raises(WrongUse, match=says):
            bootstrap(found, **{"level": 0.95, "rng": rng, **wrong})  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_intervals_hold_the_truth_about_as_often_as_they_say(method: str) -> None:
    rng, runs, held = np.random.default_rng(8), 300, 0
    yes = 0.7 * 0.88 + 0.3 * 0.12
    truth = (0.88**2 + 0.12**2 - 1 + 2 * yes * (1 - yes)) / (2 * yes * (1 - yes))
    for _run in range(runs):
        table = ((rng.random((120, 1)) < 0.7) == (rng.random((120, 2)) < 0.88)).astype(float)
        found = bootstrap(krippendorff_alpha(table, level=0.95), level=0.95, rng=rng, replicates=500, method=method)
        assert found.low is not None and found.high is not None
        held += found.low <= truth <= found.high
    assert 0.91 <= held / runs <= 0.98
