"""Shares on the net clock: one Aalen-Johansen for each net day, and R."""

import numpy as np
import pandas as pd
import pytest
from net_cases import draw_cases, slowly

from evaluation.survival.kaplan_meier import kaplan_meier, survival_on
from evaluation.survival.net_clock import NetClocks, net_clocks, net_time
from evaluation.survival.net_shares import NetShares, moments_of, net_shares

# Fourteen cases: gross days, ended, entry, and the suspension of most of them.
GROSS = [12, 20, 25, 30, 8, 40, 45, 18, 33, 50, 22, 60, 15, 38]
ENDED = [1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 0]
SPELLS = pd.DataFrame(
    [(1, 5, 12), (3, 10, 22), (5, 12, 20), (6, 20, 60), (8, 6, 20),
     (9, 15, 25), (10, 10, 18), (11, 5, 35), (13, 30, 34)],
    columns=["row", "start", "end"],
)  # fmt: skip


def _shares(clocks: NetClocks, days: list[float]) -> NetShares:
    start, time = net_time(clocks)
    gross = kaplan_meier(clocks.time, clocks.ended, entry=clocks.start)
    net = kaplan_meier(time, clocks.ended, entry=start)
    return net_shares(clocks, moments_of(clocks, np.array(days, dtype=float)), gross, net)


def _error(found: NetShares) -> np.ndarray:
    error = np.full_like(found.still_open, np.nan)
    known = found.still_open > 0
    error[known] = found.still_open[known] * np.sqrt(found.log_variance[known])
    return error


def test_share_and_error_are_those_of_the_multistate_curve_of_r() -> None:
    # R, with s and e the suspension (NA: none), for each x:
    # tau <- ifelse(!is.na(s) & x >= s, x + e - s, x)
    # time <- ifelse(ended & gross <= tau, gross, ifelse(tau <= gross, tau + .1, gross + .2))
    # how <- factor(ifelse(ended & gross <= tau, 1, ifelse(tau <= gross, 2, 0)), 0:2, c("censor", "end", "pass"))
    # summary(survfit(Surv(time, how) ~ 1), times = 100, extend = TRUE)[c("pstate", "std.err")]
    found = _shares(net_clocks(GROSS, ENDED, SPELLS), [8, 15, 20, 25])
    assert 1 - found.still_open == pytest.approx([0.0714285714286, 0.2857142857143, 0.5238095238095, 0.5178571428571])
    assert _error(found) == pytest.approx([0.068830293690, 0.120736322104, 0.138345226851, 0.137515735914])
    # R: the same with Surv(begin, time, how), begin <- ifelse(entry > 0, entry + .2, 0)
    late = [0, 0, 0, 0, 0, 0, 0, 5, 0, 10, 0, 0, 3, 0]
    found = _shares(net_clocks(GROSS, ENDED, SPELLS, entry=late), [8, 15, 20, 25])
    assert 1 - found.still_open == pytest.approx([0.0769230769231, 0.2899408284024, 0.5266272189349, 0.5207100591716])


@pytest.mark.parametrize("seed", range(24))
def test_all_net_days_at_once_give_what_one_aalen_johansen_for_each_gives(seed: int) -> None:
    rng = np.random.default_rng(seed)
    gross, ended, entry, spells = draw_cases(rng, int(rng.integers(5, 40)), late=seed % 2 == 1)
    days = [0.5, *range(1, 30, 4), *range(30, 80, 9)]
    found = _shares(net_clocks(gross, ended, spells, entry=entry), days)
    error = _error(found)
    for place, x in enumerate(days):
        share, its_error, passed = slowly(x, gross, ended, entry, spells)
        if x > gross.max():
            continue  # beyond the last day nobody passes
        assert found.unresolved[place] == pytest.approx(1 - share - passed, abs=1e-9)
        within = 1 - found.still_open[place]
        if found.unresolved[place] > 0:
            assert -1e-9 <= within - share <= found.unresolved[place] + 1e-9
            continue
        assert within == pytest.approx(share, abs=1e-9)
        if 0 < within < 1:
            assert error[place] == pytest.approx(its_error, abs=1e-9)


def test_what_is_unresolved_ends_at_the_pace_of_the_net_clock_from_where_it_was_last_seen() -> None:
    # The last of five goes out of view on day 100, suspended since net day 10; of those still open
    # after net day 10 (three ends on 20, 30 and 40, all in view) a third has ended by day 20.
    gross, ended = [5, 20, 30, 40, 100], [True, True, True, True, False]
    spells = pd.DataFrame({"row": [4], "start": [10.0], "end": [np.inf]})
    found = _shares(net_clocks(gross, ended, spells), [9, 10, 20, 30, 40])
    assert found.unresolved == pytest.approx([0, 0.2, 0.2, 0.2, 0.2])
    km = kaplan_meier([5, 20, 30, 40, 10], ended)
    part = 1 - survival_on(km, [10, 20, 30, 40]) / survival_on(km, [10])
    assert part == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert 1 - found.still_open == pytest.approx([0.2, *(np.array([0.2, 0.4, 0.6, 0.8]) + 0.2 * part)])
