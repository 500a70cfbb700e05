"""What disagreement does to a share: planted accuracy is recovered, and the range holds the truth."""

import numpy as np
import pytest

from data_contracts.errors import WrongUse
from data_contracts.example import example_tables
from data_contracts.example.plan import READER_ACCURACY, REVIEW_ITEMS
from evaluation.consistency.agreement_ratings import cross_table, ratings_long, ratings_table
from evaluation.consistency.reader_error import accuracy_from_agreement, corrected_share, true_share, true_share_range


def _seen(true: float, sensitivity: float, specificity: float) -> tuple[float, float]:
    """The share and the agreement of two independent readers, in the long run."""
    share = true * sensitivity + (1 - true) * (1 - specificity)
    agreement = true * (sensitivity**2 + (1 - sensitivity) ** 2)
    return share, agreement + (1 - true) * (specificity**2 + (1 - specificity) ** 2)


@pytest.mark.parametrize("true", [0.1, 0.5, 0.8])
@pytest.mark.parametrize(("sensitivity", "specificity"), [(0.88, 0.88), (1.0, 0.7), (0.6, 1.0), (0.95, 0.6)])
def test_the_range_holds_the_true_share_and_no_more_than_what_can_be(
    true: float, sensitivity: float, specificity: float
) -> None:
    found = true_share_range(*_seen(true, sensitivity, specificity))
    assert found.low is not None and found.high is not None
    assert found.low - 1e-9 <= true <= found.high + 1e-9
    if sensitivity == 1:  # the end where readers never reject wrongly
        assert found.low == pytest.approx(true)
    if specificity == 1:
        assert found.high == pytest.approx(true)
    if sensitivity == specificity:
        assert (found.equal_accuracy, found.accuracy) == (pytest.approx(true), pytest.approx(sensitivity))


def test_a_search_over_all_readers_finds_the_same_range() -> None:
    share, agreement = _seen(0.6, 0.9, 0.75)
    grid = np.linspace(0, 1, 401)
    sensitivity, specificity = np.meshgrid(grid, grid)
    better = np.where(sensitivity + specificity > 1.05, sensitivity + specificity - 1, np.nan)
    true = (share + specificity - 1) / better
    seen = _seen(true, sensitivity, specificity)[1]
    for least in (0.0, 0.7):
        fits = (np.abs(seen - agreement) < 0.002) & (true >= 0) & (true <= 1)
        fits &= (sensitivity >= least) & (specificity >= least)
        found = true_share_range(share, agreement, least_accuracy=least)
        assert found.low == pytest.approx(true[fits].min(), abs=0.01)
        assert found.high == pytest.approx(true[fits].max(), abs=0.01)


def test_readers_who_always_agree_leave_no_range() -> None:
    found = true_share_range(0.7, 1.0)
    assert (found.low, found.high, found.equal_accuracy) == (pytest.approx(0.7),) * 3


def test_what_cannot_be_said_is_refused() -> None:
    assert true_share_range(0.5, 0.4).refusal == "not_estimable"  # less agreement than chance
    assert true_share_range(0.7, 0.8, least_accuracy=0.99).refusal == "not_estimable"
    assert accuracy_from_agreement(0.4) is None
    assert corrected_share(0.4, sensitivity=0.5, specificity=0.5) is None
    assert corrected_share(0.05, sensitivity=0.9, specificity=0.9) == 0.0
    rng = np.random.default_rng(1)
    once = true_share(ratings_table([["a", None], [None, "b"]]), "a", level=0.95, rng=rng)
    assert (once.refusal, once.low, once.dossiers, once.dossiers_twice) == ("not_estimable", None, 2, 0)
    none = true_share(ratings_table([[None, None]], categories=["a", "b"]), "a", level=0.95, rng=rng)
    assert none.refusal == "absent"
    with pytest.raises(WrongUse, match="Bekend zijn: a, b"):
        true_share(ratings_table([["a", "b"]]), "c", level=0.95, rng=rng)
    with pytest.raises(WrongUse, match="agreement moet tussen 0 en 1"):
        true_share_range(0.5, 1.2)


def test_the_planted_accuracy_of_the_example_is_found_back() -> None:
    reviews = example_tables(seed=11, cases_per_year=200)[0]["reviews"]
    rng, within = np.random.default_rng(1), 0
    for item, planted in REVIEW_ITEMS.items():
        read = ratings_long(reviews, item=item, categories=["onvoldoende", "voldoende"])
        found = true_share(read, "voldoende", level=0.95, rng=rng)
        assert found.interval is not None and found.low is not None and found.high is not None
        assert found.interval.low <= found.low <= found.high <= found.interval.high
        within += found.interval.low <= planted <= found.interval.high
    assert within >= len(REVIEW_ITEMS) - 1
    pooled = true_share(ratings_long(reviews), "voldoende", level=0.95, rng=rng)
    assert pooled.agreement is not None
    assert accuracy_from_agreement(pooled.agreement) == pytest.approx(READER_ACCURACY, abs=0.03)


@pytest.mark.parametrize(("sensitivity", "specificity"), [(0.88, 0.88), (1.0, 0.8)])
def test_intervals_hold_the_true_share_at_least_as_often_as_they_say(sensitivity: float, specificity: float) -> None:
    rng, held, own = np.random.default_rng(6), 0, 0
    for _run in range(200):
        true = rng.random((120, 1)) < 0.7
        table = np.where(true, rng.random((120, 2)) < sensitivity, rng.random((120, 2)) >= specificity)
        found = true_share(ratings_table(table.astype(int), categories=[0, 1]), 1, level=0.95, rng=rng, replicates=400)
        assert found.interval is not None
        held += found.interval.low <= 0.7 <= found.interval.high
        # what the truth is here: the point where both are equal, or the end where readers never reject wrongly
        exact = found.equal_interval if sensitivity == specificity else found.low_interval
        own += exact is not None and exact.low <= 0.7 <= exact.high
    assert held / 200 >= 0.92
    assert 0.9 <= own / 200 <= 0.99


def test_the_interval_of_the_range_runs_from_that_of_its_low_end_to_that_of_its_high_end() -> None:
    read = cross_table([[60, 10], [10, 20]], categories=["a", "b"])
    found = true_share(read, "a", level=0.95, rng=np.random.default_rng(1))
    low, high, equal = found.low_interval, found.high_interval, found.equal_interval
    assert low is not None and high is not None and equal is not None and found.interval is not None
    assert (found.interval.low, found.interval.high) == (low.low, high.high)
    for ends, value in ((low, found.low), (high, found.high), (equal, found.equal_accuracy)):
        assert value is not None and ends.low < value < ends.high
    assert equal.high - equal.low < found.interval.high - found.interval.low


def test_rows_and_a_grouped_table_say_the_same() -> None:
    crossed = cross_table([[30, 5], [7, 18]], categories=["a", "b"])
    rows = ratings_table([["a", "a"]] * 30 + [["a", "b"]] * 5 + [["b", "a"]] * 7 + [["b", "b"]] * 18)
    one, other = (true_share(read, "a", level=0.95, rng=np.random.default_rng(3)) for read in (crossed, rows))
    assert one.interval == pytest.approx(other.interval)
    assert (one.low, one.high) == (pytest.approx(other.low), pytest.approx(other.high))
