"""Complementary suppression over one system of published counts, and its audit.

A *cell* is one count (the numerator of one share in one unit, say), printed or not. A *block* is what is
shown or withheld as a whole: a group of ledger rows. A cell is known when at least one
block that prints it is shown. Known cells and the linear relations between cells (units
add up to the total, numerator and complement to the denominator) are all an attacker
has; what remains possible for a withheld cell is its feasible range.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, linprog, milp
from scipy.sparse.csgraph import connected_components

# An attacker's cell may move this many protection intervals away from its value. Less room
# for the attacker makes the range narrower, so the bound errs on the side of hiding.
ROOM = 20
TOLERANCE = 1e-6
# Fewer open cells than this get a program each.
FEW = 4


@dataclass(frozen=True)
class Knowledge:
    """What one kind of attacker knows beforehand about each cell.

    Parameters
    ----------
    low, high : ndarray
        Bounds of each cell, were it withheld.
    width : ndarray
        How wide the feasible range of each withheld cell has to be.
    """

    low: np.ndarray
    high: np.ndarray
    width: np.ndarray


@dataclass(frozen=True)
class System:
    """Cells, what prints them, and how they hang together.

    Parameters
    ----------
    value : ndarray of shape (cells,)
        The true counts.
    relations : csr_array of shape (relations, cells)
        Each row is a sum of cells that is nought, or constant, in a way everybody knows.
    printed : tuple of tuple of int
        For each cell, the blocks that print it.
    cost : ndarray of shape (blocks,)
        What withholding a block costs the reader.
    dear : float
        Blocks that cost more are withheld only when cheaper ones are not enough.
    implies : tuple of (int, int)
        Pairs of blocks: withholding the first withholds the second.
    attackers : tuple of Knowledge
        All attackers that have to be kept out.
    """

    value: np.ndarray
    relations: sparse.csr_array
    printed: tuple[tuple[int, ...], ...]
    cost: np.ndarray
    dear: float
    implies: tuple[tuple[int, int], ...]
    attackers: tuple[Knowledge, ...]


def withheld_cells(system: System, hidden: frozenset[int]) -> np.ndarray:
    """Tell for each cell whether no shown block prints it."""
    return np.array([all(block in hidden for block in blocks) for blocks in system.printed], dtype=bool)


def protect(system: System, primary: Iterable[int], *, seconds: float) -> frozenset[int]:
    """Return the blocks to withhold: the primary ones and the cheapest further ones.

    Weak cells are taken one by one; for each a mixed-integer program finds the cheapest
    further blocks under which its feasible range is wide enough. Withholding more never
    narrows a range, so a cell that is safe stays safe. The result is therefore safe; it
    is the cheapest for each step, not always for the whole.

    Parameters
    ----------
    system : System
    primary : iterable of int
        Blocks that are withheld for their own sake.
    seconds : float
        Time limit of each mixed-integer program. Without a solution in that time every
        block that touches the component of the weak cell is withheld.
    """
    hidden = _closed(system, frozenset(primary))
    reached = _nothing_reached(system)
    beyond_help: set[int] = set()
    while True:
        weak = next((one for one in _weak(system, hidden, reached) if one[0] not in beyond_help), None)
        if weak is None:
            return hidden
        further = _cheapest(system, hidden, *weak, seconds=seconds) or _whole_component(system, weak[0])
        if further <= hidden:
            beyond_help.add(weak[0])  # nothing left to withhold; the audit decides
        hidden = _closed(system, hidden | further)


def too_narrow(system: System, hidden: frozenset[int]) -> list[int]:
    """Return the withheld cells that an attacker can pin down too closely (the audit).

    For each withheld cell and each attacker two linear programs find the largest and the
    smallest value that agrees with everything shown.
    """
    return sorted({cell for cell, _attacker in _weak(system, hidden, _nothing_reached(system))})


def feasible_range(system: System, hidden: frozenset[int], cell: int, attacker: Knowledge) -> tuple[float, float]:
    """Return the smallest and the largest value of a cell that agree with what is shown.

    Values further than `ROOM` protection intervals away are not looked for.
    """
    together = _together(system, withheld_cells(system, hidden))
    if together[cell] < 0:
        return float(system.value[cell]), float(system.value[cell])
    unknown = np.flatnonzero(together == together[cell])
    low, high = _room(system, unknown, attacker)
    place = int(np.flatnonzero(unknown == cell)[0])
    aim = np.where(unknown == cell, 1.0, 0.0)
    least, most = (_extreme(system, unknown, sign * aim, low, high)[place] for sign in (-1, 1))
    return float(system.value[cell] + least), float(system.value[cell] + most)


def _together(system: System, free: np.ndarray) -> np.ndarray:
    """Number the components of the free cells; -1 for a cell that is not free.

    Free cells that share a relation may move together; others say nothing of each other.
    """
    pattern = abs(system.relations[:, np.flatnonzero(free)])
    together = np.full(len(free), -1)
    if free.any():
        together[free] = connected_components(pattern.T @ pattern, directed=False)[1]
    return together


def _closed(system: System, hidden: frozenset[int]) -> frozenset[int]:
    return hidden | {second for first, second in system.implies if first in hidden}


def _nothing_reached(system: System) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(np.zeros(len(system.value)), np.zeros(len(system.value))) for _attacker in system.attackers]


def _weak(
    system: System, hidden: frozenset[int], reached: list[tuple[np.ndarray, np.ndarray]]
) -> Iterator[tuple[int, Knowledge]]:
    """Yield (cell, attacker) for which the range is too narrow; remember what was reached.

    A solution that moves one cell moves others too: those need no program of their own.
    """
    together = _together(system, withheld_cells(system, hidden))
    for attacker, (down, up) in zip(system.attackers, reached, strict=True):
        for component in range(together.max(initial=-1) + 1):
            unknown = np.flatnonzero(together == component)
            _move_many(system, unknown, attacker, down, up)
            for cell in unknown:
                for sign in (1, -1):
                    if up[cell] - down[cell] >= attacker.width[cell] - TOLERANCE:
                        break
                    low, high = _room(system, unknown, attacker)
                    shift = _extreme(system, unknown, np.where(unknown == cell, float(sign), 0.0), low, high)
                    _remember(unknown, shift, down, up)
                if up[cell] - down[cell] < attacker.width[cell] - TOLERANCE:
                    yield int(cell), attacker


def _move_many(system: System, unknown: np.ndarray, attacker: Knowledge, down: np.ndarray, up: np.ndarray) -> None:
    """Show by a few programs that many cells of a component have room enough.

    Cells move against each other by the digits of their numbers, so that each pair is
    opposed at least once. Only a short cut: whatever it leaves is looked at one by one.
    """
    low, high = _room(system, unknown, attacker)
    width = attacker.width[unknown]
    low, high = np.maximum(low, -width), np.minimum(high, width)
    idle, turn = 0, 0
    while True:
        open_ = np.flatnonzero(up[unknown] - down[unknown] < width - TOLERANCE)
        digits = max(1, int(len(open_) - 1).bit_length())
        if len(open_) < FEW or idle > digits:
            return
        aim = np.zeros(len(unknown))
        aim[open_] = 1.0 - 2.0 * ((np.arange(len(open_)) >> (turn // 2 % digits)) & 1)
        _remember(unknown, _extreme(system, unknown, aim if turn % 2 else -aim, low, high), down, up)
        left = int((up[unknown] - down[unknown] < width - TOLERANCE).sum())
        idle = 0 if left < len(open_) else idle + 1
        turn += 1


def _remember(unknown: np.ndarray, shift: np.ndarray, down: np.ndarray, up: np.ndarray) -> None:
    up[unknown] = np.maximum(up[unknown], shift)
    down[unknown] = np.minimum(down[unknown], shift)


def _room(system: System, cells: np.ndarray, attacker: Knowledge) -> tuple[np.ndarray, np.ndarray]:
    room = ROOM * max(1.0, float(attacker.width.max(initial=1)))
    value = system.value[cells]
    return np.maximum(attacker.low[cells] - value, -room), np.minimum(attacker.high[cells] - value, room)


def _extreme(system: System, unknown: np.ndarray, aim: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return the shift of the unknown cells that goes furthest in the direction `aim`."""
    relations = system.relations[:, unknown]
    relations = relations[np.diff(relations.indptr) > 0]
    if relations.shape[0] == 0:
        return np.where(aim > 0, high, np.where(aim < 0, low, 0.0))
    found = linprog(
        -aim, A_eq=relations, b_eq=np.zeros(relations.shape[0]), bounds=np.column_stack([low, high]), method="highs"
    )
    # Standing still is always possible, so a program without an answer proves no room.
    return found.x if found.x is not None else np.zeros(len(unknown))


def _whole_component(system: System, cell: int) -> frozenset[int]:
    together = _together(system, np.ones(len(system.value), dtype=bool))
    same = np.flatnonzero(together == together[cell])
    return frozenset(block for member in same for block in system.printed[member])


def _cheapest(
    system: System, hidden: frozenset[int], cell: int, attacker: Knowledge, *, seconds: float
) -> frozenset[int]:
    """Return the cheapest blocks to withhold further so that one cell's range is wide enough.

    Looked for near the weak cell first (one relation away), then everywhere but in the
    totals, then everywhere: small programs are quick, and totals are what readers need.
    """
    blocks = np.arange(len(system.cost))
    parts = frozenset(blocks[system.cost <= system.dear].tolist())
    about = system.relations[np.flatnonzero(system.relations[:, [cell]].toarray()), :]
    beside = frozenset(block for member in set(about.indices) for block in system.printed[member])
    for candidates in (parts & beside, parts, frozenset(blocks.tolist())):
        if further := _program(system, hidden, candidates | hidden, cell, attacker, seconds=seconds):
            return further
    return frozenset()


def _program(
    system: System,
    hidden: frozenset[int],
    candidates: frozenset[int],
    cell: int,
    attacker: Knowledge,
    *,
    seconds: float,
) -> frozenset[int]:
    """Solve for one weak cell: which of the candidate blocks to withhold.

    Two shifts of all cells, one up and one down, both agree with the relations; a cell
    moves only when every block that prints it is withheld; the moves of the weak cell
    together span the width.
    """
    together = _together(system, withheld_cells(system, candidates))
    cells = np.flatnonzero(together == together[cell])
    blocks = np.array(sorted({block for member in cells for block in system.printed[member]}), dtype=int)
    if not len(blocks):  # a cell that is printed nowhere, amid cells that none of the candidates frees
        return frozenset()
    place = {int(block): number for number, block in enumerate(blocks)}
    relations = system.relations[:, cells]
    relations = relations[np.diff(relations.indptr) > 0]
    m, b, k = len(cells), len(blocks), relations.shape[0]
    width = attacker.width[cell]
    low, high = _room(system, cells, attacker)
    # No cell has to move further than the weak one needs, and a little for sums of several.
    low, high = np.maximum(low, -2 * width), np.minimum(high, 2 * width)
    pairs = np.array([(at, place[block]) for at, member in enumerate(cells) for block in system.printed[member]])
    lines, ones = np.arange(len(pairs)), np.ones(len(pairs))
    by_cell = sparse.csr_array((ones, (lines, pairs[:, 0])), shape=(len(pairs), m))
    by_block = sparse.csr_array((ones, (lines, pairs[:, 1])), shape=(len(pairs), b))
    target = sparse.csr_array((cells == cell).astype(float).reshape(1, m))
    eye = sparse.eye_array(m, format="csr")
    implied = [(place[one], place[two]) for one, two in system.implies if one in place and two in place]
    order = sparse.lil_array((len(implied), b))
    for number, (one, two) in enumerate(implied):
        order[number, one], order[number, two] = 1, -1
    # Columns: shift up (m), shift down (m), cell withheld (m, continuous), block withheld (b, binary).
    rows = [
        ([relations, None, None, None], k, 0.0, 0.0),
        ([None, relations, None, None], k, 0.0, 0.0),
        ([eye, None, -sparse.diags_array(high), None], m, -np.inf, 0.0),
        ([None, eye, -sparse.diags_array(high), None], m, -np.inf, 0.0),
        ([eye, None, -sparse.diags_array(low), None], m, 0.0, np.inf),
        ([None, eye, -sparse.diags_array(low), None], m, 0.0, np.inf),
        ([None, None, by_cell, -by_block], len(pairs), -np.inf, 0.0),
        ([target, -target, None, None], 1, width, np.inf),
        ([None, None, None, order.tocsr()], len(implied), -np.inf, 0.0),
    ]
    widths = (m, m, m, b)
    filled = [
        [sparse.csr_array((count, size)) if part is None else part for part, size in zip(row, widths, strict=True)]
        for row, count, _low, _high in rows
    ]
    matrix = sparse.vstack([sparse.hstack(row) for row in filled], format="csr")
    limits = [np.concatenate([np.full(row[1], row[side]) for row in rows]) for side in (2, 3)]
    already = np.array([block in hidden for block in blocks], dtype=float)
    allowed = np.array([block in candidates for block in blocks], dtype=float)
    found = _solved(
        np.concatenate([np.zeros(3 * m), np.where(already > 0, 0.0, system.cost[blocks])]),
        integrality=np.concatenate([np.zeros(3 * m), np.ones(b)]),
        bounds=Bounds(
            np.concatenate([low, low, np.zeros(m), already]), np.concatenate([high, high, np.ones(m), allowed])
        ),
        constraints=LinearConstraint(matrix, *limits),
        options={"time_limit": seconds, "mip_rel_gap": 0.05},
    )
    if found.x is None:
        return frozenset()
    return frozenset(blocks[found.x[3 * m :] > 0.5].tolist()) - hidden


def _solved(*program: Any, **options: Any) -> OptimizeResult:
    """Solve a mixed-integer program in silence: HiGHS now and then prints a line of its own, past Python."""
    sys.stdout.flush()
    kept = os.dup(1)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        try:
            return milp(*program, **options)
        finally:
            os.dup2(kept, 1)
            os.close(kept)
