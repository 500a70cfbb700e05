"""The chance of an outcome by a model that did not see its case."""

import numpy as np
import pytest
from scipy.special import softmax

from evaluation.consistency.left_out_chance import left_out_chance
from evaluation.consistency.multinomial import multinomial


def drawn(seed: int, outcomes: int, n: int = 240):
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), rng.normal(size=n), rng.random(n) < 0.3])
    weights = rng.normal(0, 0.8, size=(3, outcomes))
    chance = softmax(x @ weights, axis=1)
    outcome = (chance.cumsum(axis=1) < rng.random(n)[:, None]).sum(axis=1)
    case = np.sort(rng.integers(0, int(n / 1.5), n))
    return x, outcome, case


@pytest.mark.parametrize("outcomes", [2, 4])
def test_one_step_is_nearly_the_fit_without_the_case(outcomes):
    x, outcome, case = drawn(outcomes, outcomes)
    seen = multinomial(outcome, outcomes, x).chances(x)
    found = left_out_chance(x, seen, outcome, case)
    rows = np.arange(len(x))
    slow = np.array(
        [
            multinomial(outcome[case != case[at]], outcomes, x[case != case[at]]).chances(x[[at]])[0, outcome[at]]
            for at in rows
        ]
    )
    assert np.abs(found - slow).max() < 0.005
    # it takes away most of what the model had learned from the case itself
    assert np.abs(found - slow).mean() < 0.05 * np.abs(seen[rows, outcome] - slow).mean()
    assert np.bincount(case).max() > 2


def test_an_outcome_is_never_less_surprising_when_its_own_allegation_is_left_out():
    x, outcome, _case = drawn(5, 3)
    seen = multinomial(outcome, 3, x).chances(x)
    found = left_out_chance(x, seen, outcome, np.arange(len(x)))
    assert (found < seen[np.arange(len(x)), outcome] + 1e-12).all()


def test_a_constant_alone_leaves_out_the_case_from_the_share():
    outcome = np.repeat([0, 1], [30, 10])
    found = left_out_chance(np.ones((40, 1)), np.tile([0.75, 0.25], (40, 1)), outcome, np.arange(40))
    assert found[[0, -1]] == pytest.approx([29 / 39, 9 / 39], abs=1e-3)


def test_a_case_that_alone_says_something_about_its_characteristics_has_no_chance():
    # rows 0 to 3 are one case, and the only ones with the second characteristic
    x = np.column_stack([np.ones(44), np.arange(44) < 4])
    outcome = np.concatenate([[0, 1, 0, 1], np.tile([0, 1], 20)])
    case = np.concatenate([np.zeros(4), np.arange(1, 41)])
    seen = multinomial(outcome, 2, x).chances(x)
    found = left_out_chance(x, seen, outcome, case)
    assert np.isnan(found[:4]).all()
    assert np.isfinite(found[4:]).all()
