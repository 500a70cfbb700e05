"""Two clocks on a case: what the net one shows, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from net_cases import NO_SPELLS

from data_contracts.errors import WrongUse
from evaluation.survival.net_clock import net_clocks, net_on, net_time


def _spells(*rows: tuple[float, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["row", "start", "end"])


def test_spells_that_overlap_touch_or_begin_before_the_opening_stop_the_clock_once() -> None:
    spells = _spells((0, -4, 3), (0, 10, 20), (0, 12, 15), (0, 18, 25), (0, 25, 26), (0, 40, 40))
    clocks = net_clocks([60], [True], spells)
    shown = [float(net_on(clocks, day)[0]) for day in (0, 3, 10, 12, 26, 30, 60)]
    assert shown == [0, 0, 7, 7, 7, 11, 41]
    assert net_time(clocks)[1].tolist() == [41]


def test_a_spell_that_did_not_end_stops_the_clock_for_good_and_one_after_the_end_is_nothing() -> None:
    clocks = net_clocks([60, 30], [False, True], _spells((0, 20, np.inf), (1, 30, 50)))
    assert clocks.stopped.tolist() == [0]
    assert net_time(clocks)[1].tolist() == [20, 30]


def test_a_case_that_never_ran_a_net_day_ran_half_a_day() -> None:
    clocks = net_clocks([10, 0], [True, True], _spells((0, 0, 99)))
    assert net_time(clocks)[1].tolist() == [0.5, 0.5]


def test_a_spell_that_starts_on_the_last_day_of_view_keeps_the_clock_from_passing_that_day() -> None:
    clocks = net_clocks([20, 20], [False, False], _spells((0, 20, 30)))
    assert clocks.stopped.tolist() == [0]
    assert net_on(clocks, clocks.until[0]).tolist() == [20]


def test_entry_on_the_net_clock_is_net_of_what_was_suspended_before() -> None:
    clocks = net_clocks([60, 60], [True, True], _spells((0, 10, 30), (1, 50, 55)), entry=[40, 40])
    start, time = net_time(clocks)
    assert (start.tolist(), time.tolist()) == ([20, 40], [40, 55])


@pytest.mark.parametrize(
    ("duration", "spells"),
    [
        ([20.5, 3.0], NO_SPELLS),
        ([20, 3], _spells((0, 1.5, 4))),
        ([20, 3], _spells((2, 1, 4))),
        ([20, 3], _spells((0.5, 1, 4))),
        ([20, 3], _spells((0, np.nan, 4))),
        ([20, 3], _spells((0, 1, np.nan))),
        ([20, 3], _spells((0, -np.inf, 4))),
    ],
    ids=["half a duration", "half a start", "no such case", "half a case", "no start", "no end", "endless start"],
)
def test_what_is_not_a_whole_day_or_of_no_case_is_refused(duration: list[float], spells: pd.DataFrame) -> None:
    with pytest.raises(WrongUse):
        net_clocks(duration, [True, True], spells)
