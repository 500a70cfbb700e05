"""Distance, test and thresholds of a movement, by hand and by another program."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency

from data_contracts.comparison.movement import DISTANCE, P_VALUE, ROWS, moved


def counts(reference: list[int], new: list[int]) -> pd.DataFrame:
    return pd.DataFrame({"reference": reference, "new": new})


def test_distance_is_half_the_summed_differences_of_the_shares() -> None:
    # shares .5 .3 .2 against .3 .3 .4: |.2| + 0 + |.2|, halved
    assert moved(counts([50, 30, 20], [30, 30, 40]))[0] == pytest.approx(0.2)


def test_p_value_is_that_of_the_chi_square_test() -> None:
    # R: chisq.test(matrix(c(50, 30, 20, 30, 30, 40), ncol = 2))$p.value
    table = counts([50, 30, 20], [30, 30, 40])
    assert moved(table)[1] == pytest.approx(0.0029283, rel=1e-4)
    assert moved(table)[1] == pytest.approx(chi2_contingency(table, correction=False).pvalue)


def test_rare_codes_are_taken_together_for_the_test_but_count_for_the_distance() -> None:
    distance, p, _tell = moved(counts([90, 4, 3, 3], [60, 20, 10, 10]))
    assert distance == pytest.approx(0.3)
    pooled = counts([90, 4, 3, 3], [60, 20, 10, 10])  # expected 12, 6.5, 6.5: none is rare
    assert p == pytest.approx(chi2_contingency(pooled, correction=False).pvalue)
    p = moved(counts([90, 6, 2, 2], [70, 26, 2, 2]))[1]  # expected 2 and 2: rare
    assert p == pytest.approx(chi2_contingency([[90, 70], [6, 26], [4, 4]], correction=False).pvalue)


@pytest.mark.parametrize(
    ("reference", "new", "tell"),
    [
        ([80, 20], [20, 80], True),
        ([24, 6], [6, 24], True),  # 30 rows on both sides
        ([24, 5], [6, 24], False),  # 29 rows
        ([5000, 5000], [5700, 4300], False),  # certain, but small: distance .07
        ([20, 20], [13, 27], False),  # large, but chance may do it
        ([0, 0], [50, 50], False),
        ([100], [100], False),
    ],
)
def test_only_a_movement_that_is_large_and_no_chance_is_told(reference: list[int], new: list[int], tell: bool) -> None:
    assert moved(counts(reference, new))[2] is tell


def test_the_same_practice_is_called_moved_less_often_than_the_threshold_says() -> None:
    rng = np.random.default_rng(1)
    shares = [0.5, 0.2, 0.1, 0.1, 0.05, 0.05]
    told = [moved(counts(*(rng.multinomial(60, shares).tolist() for _side in range(2))))[2] for _time in range(2000)]
    assert sum(told) <= 2000 * P_VALUE
    assert (DISTANCE, ROWS) == (0.15, 30)
