"""Many comparisons at once."""

import numpy as np
import pytest

from data_contracts.errors import WrongUse
from evaluation.consistency.false_discovery import false_discovery

# Benjamini and Hochberg 1995, section 4.1
MYOCARDIAL = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
              0.7590, 1.0]  # fmt: skip


def test_the_published_fifteen_give_four_and_three_and_three():
    found = false_discovery(dict(enumerate(MYOCARDIAL)), rate=0.05)
    assert found.stand_out["benjamini_hochberg"] == 4
    assert (found.stand_out["holm"], found.stand_out["bonferroni"]) == (3, 3)
    assert (found.alone, found.comparisons, found.expected_by_chance) == (9, 15, 0.75)
    # R: p.adjust(p, "BH")
    adjusted = [0.0015, 0.003, 0.0095, 0.035625, 0.0603, 0.06385714286, 0.06385714286, 0.0645]
    assert found.table["benjamini_hochberg"][:8].tolist() == pytest.approx(adjusted)


def test_the_rule_written_out_gives_the_same_on_random_values():
    rng = np.random.default_rng(1)
    for _turn in range(8):
        values = rng.random(30) ** 2
        ordered = np.sort(values)
        below = np.flatnonzero(ordered <= 0.1 * np.arange(1, 31) / 30)
        slow = 0 if not len(below) else below[-1] + 1
        assert false_discovery(dict(enumerate(values)), rate=0.1).stand_out["benjamini_hochberg"] == slow


def test_a_refused_comparison_is_not_a_comparison_made():
    values = {("NN", "found"): 0.01, ("ON", "found"): None, ("MN", "found"): float("nan"), ("NH", "found"): 0.04}
    found = false_discovery(values, rate=0.05)
    assert (found.comparisons, found.refused) == (2, 2)
    assert found.table["comparison"].tolist() == [("NN", "found"), ("NH", "found")]
    assert found.stand_out["benjamini_hochberg"] == 2


def test_nothing_compared_is_an_empty_table():
    found = false_discovery({"a": None}, rate=0.05)
    assert (found.comparisons, found.refused, found.stand_out["holm"], len(found.table)) == (0, 1, 0, 0)


@pytest.mark.parametrize(("values", "rate"), [({"a": 1.2}, 0.05), ({"a": -0.1}, 0.05), ({"a": 0.1}, 5)])
def test_wrong_use_is_told(values, rate):
    with pytest.raises(WrongUse):
        false_discovery(values, rate=rate)
