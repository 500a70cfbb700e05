"""Repeating a study, on one processor or more: the same seeds give the same table, however the work is divided."""

import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from validate.performance import Effort, Found, Row, Study, measured
from validate.reasons import reason_for
from validate.studies import BY_NAME

SEED = 20261123
BATCH = 10

Repetition = dict[str, list[Found]]


def repetitions_of(study: Study, asked: int) -> int:
    """Return how often a study is repeated when so many repetitions are asked for."""
    return max(2, round(asked * study.share))


def once(study: Study, number: int) -> Repetition:
    """Return what one repetition found, by quantity."""
    rng = np.random.default_rng([SEED, zlib.crc32(study.name.encode()), number])
    found: Repetition = defaultdict(list)
    for quantity, one in study.once(rng):
        found[quantity].append(one)
    return found


def batch(task: tuple[str, int, int]) -> list[Repetition]:
    """Return some repetitions of a study: what one process is given to do."""
    name, first, after = task
    return [dict(once(BY_NAME[name], number)) for number in range(first, after)]


def tasks(studies: Iterable[Study], asked: int) -> Iterator[tuple[str, int, int]]:
    """Divide the repetitions into batches."""
    for study in studies:
        total = repetitions_of(study, asked)
        yield from ((study.name, first, min(first + BATCH, total)) for first in range(0, total, BATCH))


def table(
    studies: Sequence[Study], *, repetitions: int, effort: Effort, mapper: Callable[..., Iterable] = map
) -> list[Row]:
    """Return a row for every quantity of the studies."""
    work = list(tasks(studies, repetitions))
    done: dict[str, list[Repetition]] = defaultdict(list)
    for (name, _first, _after), found in zip(work, mapper(batch, work), strict=True):
        done[name] += found
    return [row for study in studies for row in _rows(study, done[study.name], effort)]


def _rows(study: Study, done: Sequence[Repetition], effort: Effort) -> Iterator[Row]:
    quantities = list(study.quantities(effort))
    named, given = {quantity.name for quantity in quantities}, {name for found in done for name in found}
    if named != given:
        raise ValueError(f"{study.name}: no truth, or no estimate, for {sorted(named ^ given)}")
    for quantity in quantities:
        items = [found.get(quantity.name, []) for found in done]
        yield measured(study.name, quantity, items, reason=reason_for(study.name, quantity.name))
