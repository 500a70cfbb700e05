"""Separation is found before the fit."""

import numpy as np
import pytest

from evaluation.units.separation import decided_rows, is_separated

CONSTANT_AND_GROUP = np.array([[1.0, 0.0], [1.0, 1.0]])


@pytest.mark.parametrize(
    ("successes", "trials", "separated"),
    [([3, 5], [9, 9], False), ([3, 9], [9, 9], True), ([0, 5], [9, 9], True), ([0, 9], [9, 9], True),
     ([0, 0], [9, 9], True), ([9, 9], [9, 9], True), ([1, 8], [9, 9], False)],
)  # fmt: skip
def test_two_groups_are_separated_when_one_has_a_single_outcome(successes, trials, separated):
    assert is_separated(CONSTANT_AND_GROUP, np.array(successes), np.array(trials)) is separated


def test_a_number_that_parts_the_outcomes_separates_and_overlap_undoes_it():
    x = np.column_stack([np.ones(6), np.arange(6.0)])
    assert is_separated(x, np.array([0, 0, 0, 1, 1, 1]), np.ones(6))
    assert not is_separated(x, np.array([0, 0, 1, 0, 1, 1]), np.ones(6))


def test_two_characteristics_can_separate_together_where_each_alone_does_not():
    # no-no: never, yes-yes: always, the two between: mixed
    x = np.array([[1.0, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1]])
    assert is_separated(x, np.array([0, 5, 5, 10]), np.full(4, 10))
    assert not is_separated(x, np.array([1, 5, 5, 10]), np.full(4, 10))


def test_the_rows_that_are_decided_are_all_of_them_and_no_other():
    # two rows of their own level with one outcome, by different columns, and a level with both
    x = np.array([[1.0, 0, 0], [1, 1, 0], [1, 0, 1]])
    assert decided_rows(x, np.array([5, 0, 9]), np.array([9, 9, 9])).tolist() == [False, True, True]
    assert not decided_rows(x, np.array([5, 1, 8]), np.array([9, 9, 9])).any()
    assert decided_rows(x, np.array([9, 9, 9]), np.array([9, 9, 9])).all()
