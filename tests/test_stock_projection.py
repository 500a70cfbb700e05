"""The projected stock: by hand, against the real future of registers that do not change, and its refusals."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from data_contracts.errors import WrongUse
from evaluation.duration.stock_projection import ASSUMPTION, Projection, projection

FIRST, LAST = date(2017, 1, 1), date(2019, 12, 31)


def _project(opened: np.ndarray, closed: np.ndarray, *, seed: int = 1, **changed: object) -> Projection:
    options = {"first": FIRST, "last": LAST, "months_ahead": 6, "level": 0.95, "simulations": 600} | changed
    return projection(opened, closed, rng=np.random.default_rng(seed), **options)  # type: ignore[arg-type]


def _register(seed: int, *, a_day: float = 1.0, days: float = 120.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    opened = np.repeat(np.datetime64("2014-01-01") + np.arange(2600), rng.poisson(a_day, 2600))
    return opened, opened + np.ceil(days * np.exp(rng.normal(0, 0.6, len(opened)))).astype(int)


def _known(closed: np.ndarray) -> np.ndarray:
    return np.where(closed <= np.datetime64(LAST), closed, np.datetime64("NaT"))


def test_chances_are_those_of_the_last_twelve_months() -> None:
    # A hundred cases open on the first of each month. Sixty close within it, the others in the month after.
    months = np.arange(np.datetime64("2018-06"), np.datetime64("2020-01"))
    opened = np.repeat(months.astype("datetime64[D]"), 100)
    closed = opened + np.tile([20] * 60 + [40] * 40, len(months))
    found = _project(opened, _known(closed), months_ahead=2, simulations=4000)
    assert found.chances["from_months"].tolist() == [0, 1]
    assert found.chances["at_risk"].tolist() == [1200, 480] and found.chances["closed"].tolist() == [720, 480]
    assert found.inflow_per_month == 100
    # At the end of any month forty wait: the chance is 0.4 for the hundred that come in, nought for those there.
    assert found.months["stock"].tolist() == pytest.approx([40, 40])
    assert found.months["inflow"].tolist() == found.months["outflow"].tolist() == pytest.approx([100, 100])
    assert found.months["month"].dt.strftime("%Y-%m").tolist() == ["2020-01", "2020-02"]
    # Poisson with mean 40 has a standard deviation of 6.3; the uncertain rates add a little.
    low, high = found.months.loc[0, ["low", "high"]]
    assert 26 <= low <= 29 and 52 <= high <= 56


def test_the_stock_is_the_expected_one_and_ages_at_which_nothing_ended_keep_all_their_cases() -> None:
    # Ten a month of which half end at once and the others never; sixty old cases that never end either.
    months = np.arange(np.datetime64("2018-01"), np.datetime64("2020-01"))
    opened = np.concatenate([np.repeat(months.astype("datetime64[D]"), 10), np.repeat(np.datetime64("2014-05-01"), 60)])
    closed = np.where(np.arange(len(opened)) % 2 < (opened > np.datetime64("2017")), opened + 5, np.datetime64("NaT"))
    found = _project(opened, closed, months_ahead=3)
    now = int(np.isnat(closed).sum())
    assert now == 60 + 24 * 5
    assert found.months["stock"].tolist() == pytest.approx([now + 5, now + 10, now + 15])
    assert (found.months["low"] <= found.months["stock"]).all() and (
        found.months["stock"] <= found.months["high"]
    ).all()


def test_the_interval_holds_the_stock_that_came_true_in_95_percent_of_unchanging_registers() -> None:
    kept, misses = np.zeros(6), []
    ends = (np.arange(np.datetime64("2020-02"), np.datetime64("2020-08"))).astype("datetime64[D]") - 1
    for seed in range(100):
        opened, closed = _register(seed)
        seen = opened <= np.datetime64(LAST)
        found = _project(opened[seen], _known(closed)[seen], seed=seed)
        true = np.array([((opened <= day) & (closed > day)).sum() for day in ends])
        kept += (found.months["low"] <= true) & (true <= found.months["high"])
        misses.append(found.months["stock"] - true)
    # Of 100 intervals of 95 %, 87 to 100 hold the truth in 99.9 % of runs.
    assert (kept >= 87).all(), kept / 100
    assert np.abs(np.mean(misses, axis=0)).max() < 6  # of about 145 cases: no bias beyond chance


def test_a_stock_out_of_balance_moves_to_the_one_that_the_pace_sustains() -> None:
    opened, closed = _register(7, a_day=10.0)
    recent = opened >= np.datetime64("2019-01-01")
    twice, ends = np.concatenate([opened, opened[recent]]), np.concatenate([closed, closed[recent]])
    seen = twice <= np.datetime64(LAST)
    found = _project(twice[seen], _known(ends)[seen], months_ahead=36)
    days = (closed - opened).astype(float).mean()
    assert found.months["stock"].iloc[-1] == pytest.approx(20.0 * days, rel=0.04)  # Little: inflow times duration


def test_counts_give_the_same_answer_as_rows_and_a_seed_the_same_numbers() -> None:
    opened, closed = (part[:700] for part in _register(3))
    opened, closed = opened + 1300, closed + 1300
    weight = np.random.default_rng(3).integers(1, 4, 700)
    rows = np.repeat(np.arange(700), weight)
    grouped = _project(opened, _known(closed), weight=weight)
    apart = _project(opened[rows], _known(closed)[rows])
    assert grouped.chances.equals(apart.chances) and grouped.months.equals(apart.months)
    assert not grouped.months.equals(_project(opened, _known(closed), weight=weight, seed=2).months)


def test_old_ages_are_taken_together_until_there_is_something_to_go_by() -> None:
    opened, closed = _register(4, a_day=0.4)
    seen = opened <= np.datetime64(LAST)
    found = _project(opened[seen], _known(closed)[seen])
    assert (found.chances["at_risk"] >= 50).all()
    assert found.chances["at_risk"].sum() == found.n


def test_too_little_to_go_by_is_refused_with_a_reason() -> None:
    opened, closed = _register(5)
    assert _project(opened, _known(closed), first=date(2019, 2, 1)).refusal == "absent"
    few = _project(opened[:0], closed[:0])
    assert (few.refusal, few.months.empty) == ("too_few", True)
    none = _project(np.repeat(np.datetime64("2019-05-01"), 20), np.repeat(np.datetime64("NaT"), 20))
    assert none.refusal == "no_events"


def test_the_assumption_goes_with_the_numbers_in_both_languages() -> None:
    assert _project(*_register(6)).assumption is ASSUMPTION
    assert "geen voorspelling" in ASSUMPTION["nl"] and "not a forecast" in ASSUMPTION["en"]


@pytest.mark.parametrize("given", [{"level": 95}, {"months_ahead": 0}, {"simulations": 0}])
def test_a_projection_of_nothing_is_refused(given: dict[str, Any]) -> None:
    asked = {"months_ahead": 2, "level": 0.95, "rng": np.random.default_rng(1), **given}
    with pytest.raises(WrongUse):
        projection(["2020-01-01"], [None], first=date(2019, 1, 1), last=date(2020, 12, 31), **asked)
