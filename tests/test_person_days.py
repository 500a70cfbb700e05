"""Days at risk counted by band: by hand, a case-by-case second implementation, and Kaplan-Meier."""

import numpy as np
import pandas as pd
import pytest

from data_contracts.errors import WrongUse
from evaluation.survival.kaplan_meier import kaplan_meier
from evaluation.units.person_days import band_edges, person_days


def _random(seed: int, n: int = 200) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    entry = rng.integers(0, 12, n) * rng.integers(0, 2, n)
    return pd.DataFrame(
        {"entry": entry, "duration": entry + rng.integers(0, 25, n), "closed": rng.random(n) < 0.6,
         "kind": rng.choice(list("xyz"), n), "weight": rng.integers(1, 4, n)}
    )  # fmt: skip


def test_two_cases_by_hand() -> None:
    # Closed on day 5: days 1-3 in the first band, 4 and 5 in the second. In view from day 2 on, open on day 4.
    table = person_days([5, 4], [True, False], entry=[0, 2], edges=(0, 3, 6, 9))
    assert table.to_dict("list") == {"band": [0, 1], "days_at_risk": [4.0, 3.0], "ended": [0.0, 1.0]}


@pytest.mark.parametrize("seed", range(3))
def test_a_slow_second_implementation_counts_day_by_day(seed: int) -> None:
    cases, edges = _random(seed), (0, 4, 9, 20)
    slow: dict[tuple, list[float]] = {}
    for row in cases.itertuples():
        days = list(range(row.entry + 1, row.duration + 1))
        if row.closed and not days:
            days = [row.entry + 1]  # the same-day rule
        for day in days:
            band = sum(day > edge for edge in edges[1:])
            if band == len(edges) - 1:
                continue
            cell = slow.setdefault((row.kind, band), [0.0, 0.0])
            cell[0] += row.weight
            cell[1] += row.weight * (row.closed and day == days[-1])
    found = person_days(cases["duration"], cases["closed"], entry=cases["entry"], weight=cases["weight"],
                        levels=cases[["kind"]], edges=edges)  # fmt: skip
    assert {(r.kind, r.band): [r.days_at_risk, r.ended] for r in found.itertuples()} == slow


def test_a_grouped_table_with_counts_gives_the_table_of_its_rows() -> None:
    cases = _random(5)
    rows = cases.loc[cases.index.repeat(cases["weight"])]
    grouped = person_days(cases["duration"], cases["closed"], entry=cases["entry"], weight=cases["weight"],
                          levels=cases[["kind"]], edges=(0, 10, 40))  # fmt: skip
    apart = person_days(rows["duration"], rows["closed"], entry=rows["entry"], levels=rows[["kind"]], edges=(0, 10, 40))
    pd.testing.assert_frame_equal(grouped, apart)


def test_with_a_band_a_day_the_chances_of_ending_are_those_of_kaplan_meier() -> None:
    cases = _random(8)
    cases = cases[cases["duration"] > cases["entry"]]
    curve = kaplan_meier(cases["duration"], cases["closed"], entry=cases["entry"])
    table = person_days(cases["duration"], cases["closed"], entry=cases["entry"], edges=range(40))
    ended = table[table["ended"] > 0]
    assert (ended["band"] + 1).tolist() == curve.days.tolist()
    assert ended["days_at_risk"].tolist() == curve.at_risk.tolist()
    assert np.cumprod(1 - ended["ended"] / ended["days_at_risk"]).tolist() == pytest.approx(curve.survival.tolist())


def test_bands_are_joined_until_each_has_ends_and_reach_the_last_day_of_view() -> None:
    days, seen = [3, 40, 41, 45, 200, 290, 300], [True] * 6 + [False]
    assert band_edges(days, seen, every=30, minimum_ends=2) == (0.0, 60.0, 300.0)
    assert band_edges(days, seen, every=30, minimum_ends=3) == (0.0, 300.0)  # two ends too few for a band of their own
    assert band_edges([3, 40], [False, False], every=30, minimum_ends=2) == (0.0, 40.0)
    assert band_edges([], [], every=30, minimum_ends=2) == (0.0, 1.0)
    # An end on an edge belongs to the band before it; a same-day case to the first.
    assert band_edges([0, 30, 60, 60], [True] * 4, every=30, minimum_ends=2) == (0.0, 30.0, 60.0)


def test_edges_that_do_not_ascend_from_nought_are_refused() -> None:
    for edges in ((0,), (1, 5), (0, 5, 5), (0, 2.5)):
        with pytest.raises(WrongUse, match="edges moet oplopen"):
            person_days([3], [True], edges=edges)
    with pytest.raises(WrongUse, match="levels moet"):
        person_days([3, 4], [True, True], edges=(0, 5), levels=pd.DataFrame({"a": ["x"]}))
