"""Outcomes compared by their order only."""

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import brunnermunzel

from data_contracts.errors import WrongUse
from evaluation.consistency.win_probability import win_probability

# Brunner and Munzel 2000: pain scores of 14 and 11 patients
Y = [1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1]
N = [3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4]


def test_the_pain_scores_give_the_published_probability_and_variance():
    # The help of R's lawstat::brunner.munzel.test prints: statistic 3.1375, df 17.683, estimate 0.788961
    assert brunnermunzel(Y, N).statistic == pytest.approx(3.1375, abs=5e-5)
    of_n, of_y = win_probability(Y + N, ["Y"] * 14 + ["N"] * 11, level=0.95)
    assert (round(of_n.win.estimate, 6), round(of_y.win.estimate, 6)) == (0.788961, 0.211039)
    assert of_n.win.interval.low == pytest.approx(1 - of_y.win.interval.high)
    se = (0.788961038961 - 0.5) / brunnermunzel(Y, N).statistic
    # the interval stands on the logit scale, with the same error and 17.683 degrees of freedom
    centre, share = np.log(0.788961038961 / 0.211038961039), 0.788961038961 * 0.211038961039
    assert of_n.win.interval.high == pytest.approx(expit(centre + 2.103586 * se / share), abs=1e-5)


def slow(rank, unit, stratum, name):
    wins = total = 0.0
    for s in set(stratum):
        mine = [r for r, u, t in zip(rank, unit, stratum, strict=True) if u == name and t == s]
        theirs = [r for r, u, t in zip(rank, unit, stratum, strict=True) if u != name and t == s]
        if mine and theirs:
            pairs = [(a > b) + (a == b) / 2 for a in mine for b in theirs]
            weight = len(pairs) / (len(mine) + len(theirs))
            wins, total = wins + weight * np.mean(pairs), total + weight
    return wins / total


@pytest.mark.parametrize("seed", range(3))
def test_counting_every_pair_gives_the_same(seed):
    rng = np.random.default_rng(seed)
    rank, unit, stratum = rng.integers(1, 5, 120), rng.choice(list("ABC"), 120), rng.integers(0, 8, 120)
    for found in win_probability(rank, unit, stratum=stratum, level=0.95):
        assert found.win.estimate == pytest.approx(slow(rank, unit, stratum, found.unit))
    for found in win_probability(rank, unit, level=0.95):
        assert found.win.estimate == pytest.approx(slow(rank, unit, np.zeros(120), found.unit))


def test_cases_of_strata_without_others_are_counted_apart():
    rank, unit = [1, 2, 3, 1, 2, 3, 9], list("AABBABA")
    found = win_probability(rank, unit, stratum=[0] * 6 + [1], level=0.95, minimum_n=2)[0]
    assert (found.n, found.n_others, found.not_compared, found.strata) == (3, 3, 1, 1)


def test_what_cannot_be_said_is_said():
    few, many = win_probability([1] * 3 + [2] * 20, ["A"] * 3 + ["B"] * 20, level=0.95)
    assert (few.win.refusal, many.win.refusal, few.win.estimate) == ("too_few", "too_few", None)
    same = win_probability([1] * 40, ["A", "B"] * 20, level=0.95)
    assert {one.win.refusal for one in same} == {"no_variation"}
    apart = win_probability([1] * 20 + [2] * 20, ["A"] * 20 + ["B"] * 20, level=0.95)
    assert {one.win.refusal for one in apart} == {"separation"}
    one_case = win_probability([1, 2] * 20, ["A"] * 20 + ["B"] * 20, cluster=[0] * 20 + list(range(20)), level=0.95)
    assert {one.win.refusal for one in one_case} == {"not_estimable"}
    assert win_probability([None, 1], ["A", None], level=0.95) == ()
    with pytest.raises(WrongUse):
        win_probability([1, 2], ["A"], level=0.95)


def test_the_interval_holds_the_truth_with_cases_of_several_allegations():
    rng = np.random.default_rng(9)
    held = np.zeros(2)
    for _turn in range(300):
        case = np.repeat(np.arange(120), rng.integers(1, 4, 120))
        unit = np.where(case < 30, "A", "B")
        # no effect of the unit: one half is the truth; allegations of one case are much alike
        y = np.round(rng.normal(0, 1.5, 120)[case] + rng.normal(0, 0.5, len(case)))
        for at, cluster in enumerate((case, None)):
            low, high = win_probability(y, unit, cluster=cluster, level=0.95)[0].win.interval
            held[at] += low <= 0.5 <= high
    assert 0.92 <= held[0] / 300 <= 0.98
    assert held[1] / 300 < 0.90
