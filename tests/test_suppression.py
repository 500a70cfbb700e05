"""Complementary suppression against a slow, obvious second implementation."""

import os
from itertools import product

import numpy as np
import pytest
from scipy import sparse

from evaluation.publication import suppression
from evaluation.publication.suppression import Knowledge, System, feasible_range, protect, too_narrow, withheld_cells


def grid(counts: np.ndarray, *, width: float, cost: np.ndarray | None = None) -> System:
    """A table with its margins; each cell is a block, margins are dear."""
    full = np.vstack([np.column_stack([counts, counts.sum(1)]), np.append(counts.sum(0), counts.sum())])
    place = np.arange(full.size).reshape(full.shape)
    lines = []
    for line in (*place, *place.T):
        relation = np.zeros(full.size)
        relation[line[:-1]], relation[line[-1]] = 1, -1
        lines.append(relation)
    price = np.full(full.shape, 1.0) if cost is None else np.pad(cost, ((0, 1), (0, 1)))
    price[-1, :] = price[:, -1] = 1000.0
    knows = Knowledge(np.zeros(full.size), np.full(full.size, np.inf), np.full(full.size, width))
    return System(
        value=full.ravel().astype(float), relations=sparse.csr_array(np.array(lines)),
        printed=tuple((cell,) for cell in range(full.size)), cost=price.ravel(), dear=999.0, implies=(),
        attackers=(knows,),
    )  # fmt: skip


def test_one_hidden_cell_of_a_row_is_known_exactly_and_two_are_not() -> None:
    system = grid(np.array([[3, 20, 30]]), width=3)  # cells 0 1 2 | 3, and the same below
    attacker = system.attackers[0]
    assert feasible_range(system, frozenset({0}), 0, attacker) == (3, 3)
    assert too_narrow(system, frozenset({0})) == [0]
    # The row sum is 53 and 30 is shown: what is left, 23, may lie anywhere in the two hidden cells,
    # once their column sums are hidden as well.
    assert feasible_range(system, frozenset({0, 1, 4, 5}), 0, attacker) == pytest.approx((0, 23))
    assert feasible_range(system, frozenset({0, 1, 4, 5}), 2, attacker) == (30, 30)


def test_a_table_of_two_by_two_needs_all_four_cells() -> None:
    system = grid(np.array([[3, 20], [30, 40]]), width=3)
    assert protect(system, [0], seconds=5.0) == {0, 1, 3, 4}


def test_the_cheaper_rectangle_is_chosen() -> None:
    cost = np.array([[1.0, 1.0, 9.0], [1.0, 9.0, 1.0], [1.0, 1.0, 9.0]])
    system = grid(np.full((3, 3), 20), width=5, cost=cost)
    assert protect(system, [0], seconds=5.0) == {0, 1, 8, 9}


def test_withholding_gives_up_a_total_only_when_parts_are_not_enough() -> None:
    system = grid(np.array([[3]]), width=2)
    hidden = protect(system, [0], seconds=5.0)
    assert not too_narrow(system, hidden)
    assert len(hidden) > 1


def test_nothing_to_protect_hides_nothing_and_no_relations_are_no_problem() -> None:
    assert protect(grid(np.array([[30, 20], [30, 40]]), width=3), [], seconds=5.0) == frozenset()
    knows = Knowledge(np.zeros(1), np.full(1, np.inf), np.full(1, 3.0))
    alone = System(np.array([2.0]), sparse.csr_array((0, 1)), ((0,),), np.ones(1), 9.0, (), (knows,))
    assert protect(alone, [0], seconds=5.0) == {0}
    assert too_narrow(alone, frozenset({0})) == []


def test_a_cell_is_known_while_one_of_its_blocks_is_shown() -> None:
    system = grid(np.array([[3, 20]]), width=3)
    system = System(system.value, system.relations, ((0, 1), *system.printed[1:]), system.cost, 999.0, (), ())
    assert not withheld_cells(system, frozenset({0}))[0]
    assert withheld_cells(system, frozenset({0, 1}))[0]


def test_a_cell_that_is_printed_nowhere_is_protected_by_withholding_what_it_follows_from() -> None:
    # Total 12, part 10; they differ by 2, which nobody prints.
    knows = Knowledge(np.zeros(3), np.full(3, np.inf), np.array([0.0, 0.0, 5.0]))
    system = System(
        np.array([12.0, 10.0, 2.0]), sparse.csr_array(np.array([[-1.0, 1.0, 1.0]])), ((0,), (1,), ()),
        np.array([2.0, 1.0]), 9.0, (), (knows,),
    )  # fmt: skip
    assert too_narrow(system, frozenset()) == [2]
    assert protect(system, [], seconds=5.0) == {1}


def test_a_block_that_implies_another_takes_it_along() -> None:
    system = grid(np.array([[3, 20], [30, 40]]), width=3)
    tied = System(system.value, system.relations, system.printed, system.cost, 999.0, ((0, 2),), system.attackers)
    assert 2 in protect(tied, [0], seconds=5.0)


@pytest.mark.parametrize("seed", range(4))
def test_the_result_is_safe_and_hardly_dearer_than_the_best_rectangle(seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts, cost = rng.integers(5, 40, (4, 5)), rng.uniform(1, 5, (4, 5))
    system = grid(counts, width=4, cost=cost)
    row, column = np.unravel_index(counts.argmin(), counts.shape)
    hidden = protect(system, [int(row) * 6 + int(column)], seconds=5.0)
    assert row * 6 + column in hidden
    assert too_narrow(system, hidden) == []
    # A rectangle with counts of at least five in its corners always gives a range of four and more.
    best = min(
        cost[[row, row, other, other], [column, beside, column, beside]].sum()
        for other, beside in product(range(4), range(5))
        if other != row and beside != column
    )
    assert system.cost[list(hidden)].sum() <= 1.06 * best


def test_what_the_solver_prints_past_python_does_not_reach_the_user(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(suppression, "milp", lambda *program, **options: os.write(1, b"HighsMipSolverData"))
    assert suppression._solved([0.0]) == len("HighsMipSolverData")
    print("said afterwards")
    assert capfd.readouterr().out == "said afterwards\n"
