"""The grid of days: who is at risk on which, by table and by ranks, against the definition."""

import numpy as np
import pytest

from evaluation.survival import day_grid as module
from evaluation.survival.day_grid import day_grid
from evaluation.survival.monotone_likelihood import highest_at_risk


def _random(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    start = rng.integers(0, 10, 80) * rng.integers(0, 2, 80).astype(float)
    return start + rng.integers(1, 30, 80) / 2, rng.random(80) < 0.5, start, rng.integers(0, 4, 80)


@pytest.mark.parametrize("scale", [1.0, 1 / 7, 1e7])
@pytest.mark.parametrize("seed", range(4))
def test_a_case_is_at_risk_after_its_entry_up_to_its_last_day_in_its_stratum(seed: int, scale: float) -> None:
    time, ended, start, stratum = _random(seed)
    time, start = time * scale, start * scale
    grid = day_grid(time, ended, start, stratum)
    for case in range(len(time)):
        own = (grid.block == stratum[case]) & (grid.days > start[case]) & (grid.days <= time[case])
        assert np.flatnonzero(own).tolist() == list(range(grid.since[case], grid.until[case]))
    assert sorted(set(zip(stratum[ended], time[ended], strict=True))) == list(zip(grid.block, grid.days, strict=True))


def test_a_table_that_would_be_too_large_is_ranked_with_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    given = _random(9)
    table = day_grid(*given)
    monkeypatch.setattr(module, "_SPARE_CELLS", 0)
    monkeypatch.setattr(module, "_CELLS_A_CASE", 1)
    ranked = day_grid(*given)
    for name in ("days", "block", "since", "until", "late"):
        assert np.array_equal(getattr(table, name), getattr(ranked, name))


@pytest.mark.parametrize("few", [0, 100])
def test_running_sums_start_anew_in_every_stratum(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FEW_BLOCKS", few)
    grid = day_grid(*_random(2))
    values = np.random.default_rng(1).random((3, len(grid.days)))
    for number in range(4):
        own = grid.block == number
        assert grid.up(values)[:, own] == pytest.approx(np.cumsum(values[:, own], axis=1))
        assert grid.down(values)[:, own] == pytest.approx(np.cumsum(values[:, own][:, ::-1], axis=1)[:, ::-1])
        assert grid.up(values[0])[own] == pytest.approx(np.cumsum(values[0, own]))


@pytest.mark.parametrize("seed", range(4))
def test_the_highest_at_risk_is_found(seed: int) -> None:
    time, ended, start, stratum = _random(seed)
    whole = day_grid(time, ended, start, stratum)
    used = whole.until > whole.since
    grid = whole.only(used)
    value = np.random.default_rng(seed).random(int(used.sum()))
    for day, highest in enumerate(highest_at_risk(grid, value)):
        there = (grid.since <= day) & (grid.until > day)
        assert value[highest] == value[there].max()
