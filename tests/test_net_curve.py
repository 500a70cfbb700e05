"""The net curve: Kaplan-Meier without suspensions, planted truth with them, and where it stops."""

from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from net_cases import NO_SPELLS, draw_cases

from evaluation.survival.kaplan_meier import at_risk_on, kaplan_meier, quantile, restricted_mean, share_within
from evaluation.survival.net_clock import net_time
from evaluation.survival.net_curve import LARGEST_UNRESOLVED, net_curve, net_restricted_mean


@pytest.mark.parametrize("seed", range(12))
def test_without_suspensions_it_is_kaplan_meier_to_the_last_digit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    late = seed % 2 == 1
    gross, ended, entry, _spells = draw_cases(rng, int(rng.integers(5, 80)), late=late)
    found = net_curve(gross, ended, NO_SPELLS, entry=entry)
    plain = kaplan_meier(gross, ended, entry=entry)
    for name, value in vars(plain).items():
        np.testing.assert_array_equal(getattr(found.curve, name), value, err_msg=name)
    assert not found.unresolved.any()
    mine, theirs = net_restricted_mean(found, 30, level=0.95), restricted_mean(plain, 30, level=0.95)
    assert mine.refusal == theirs.refusal
    assert mine.estimate == pytest.approx(theirs.estimate)
    if not late:  # with late entry the jackknife and Greenwood differ a little
        assert (mine.standard_error, mine.low, mine.high) == pytest.approx(
            (theirs.standard_error, theirs.low, theirs.high)
        )


def test_with_every_case_followed_to_its_end_it_is_the_share_of_net_days() -> None:
    gross, _ended, entry, spells = draw_cases(np.random.default_rng(3), 60, late=False)
    found = net_curve(gross, np.ones(60), spells.replace(np.inf, 90), entry=entry)
    net = np.sort(net_time(found.clocks)[1])
    assert found.curve.days.tolist() == np.unique(net).tolist()
    assert found.curve.survival == pytest.approx([(net > day).mean() for day in found.curve.days])
    mean = net_restricted_mean(found, 40, level=0.95)
    shorter = np.minimum(net, 40)
    assert mean.estimate == pytest.approx(shorter.mean())
    assert mean.standard_error == pytest.approx(shorter.std() / np.sqrt(60))


def test_the_error_of_the_mean_is_that_of_leaving_out_one_case_after_another() -> None:
    gross, ended, entry, spells = draw_cases(np.random.default_rng(5), 90, late=True)
    mean = net_restricted_mean(net_curve(gross, ended, spells, entry=entry), 40, level=0.95)
    left_out = []
    for row in range(90):
        others = np.arange(90) != row
        kept = spells[spells["row"] != row]
        kept = kept.assign(row=kept["row"] - (kept["row"] > row))
        one = net_restricted_mean(net_curve(gross[others], ended[others], kept, entry=entry[others]), 40, level=0.95)
        left_out.append(one.estimate)
    jackknife = np.sqrt(89 * np.var(np.array(left_out, dtype=float)))
    assert mean.standard_error == pytest.approx(jackknife, rel=0.03)


def test_blocks_of_net_days_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    gross, ended, entry, spells = draw_cases(np.random.default_rng(8), 90, late=True)
    whole = net_curve(gross, ended, spells, entry=entry)
    monkeypatch.setattr(import_module("evaluation.survival.net_curve"), "_BLOCK", 7)
    parts = net_curve(gross, ended, spells, entry=entry)
    for name, value in vars(whole.curve).items():
        np.testing.assert_array_equal(getattr(parts.curve, name), value, err_msg=name)


def test_numbers_at_risk_are_the_cases_whose_net_clock_is_known_to_have_reached_a_day() -> None:
    gross, ended, entry, spells = draw_cases(np.random.default_rng(2), 80, late=True)
    found = net_curve(gross, ended, spells, entry=entry)
    start, time = net_time(found.clocks)
    for day in range(1, 60):
        assert at_risk_on(found.curve, day) == ((start < day) & (time >= day)).sum()
    assert (np.diff(found.curve.survival) <= 0).all()


@pytest.mark.parametrize("seed", [3, 97, 237, 251, 277])
def test_the_curve_never_rises_and_has_an_error_until_it_is_nought(seed: int) -> None:
    # In the last four draws the share for one net day is nought, and for a later day it is not.
    rng = np.random.default_rng(seed)
    gross, ended, entry, spells = draw_cases(rng, int(rng.integers(5, 12)), late=seed % 2 == 1)
    curve = net_curve(gross, ended, spells, entry=entry).curve
    assert len(curve.days)
    assert (np.diff(curve.survival) <= 0).all()
    assert (np.isfinite(curve.log_variance) == (curve.survival > 0)).all()


def _planted(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """Return net days, gross days, and suspensions, which only slow cases have."""
    slow = rng.random(n) < 0.4
    net = np.ceil(rng.exponential(np.where(slow, 70, 20)))
    start = np.floor(rng.random(n) * 20)
    length = np.where(slow & (rng.random(n) < 0.9) & (start < net), np.ceil(rng.gamma(3, 20, n)), 0)
    row = np.flatnonzero(length)
    return net, net + length, pd.DataFrame({"row": row, "start": start[row], "end": (start + length)[row]})


def test_planted_truth_is_found_where_suspended_cases_are_slow_and_kaplan_meier_closes_too_fast() -> None:
    lengths = _planted(np.random.default_rng(0), 1_000_000)[0]
    truth = {"share": (lengths <= 30).mean(), "mean": np.minimum(lengths, 60).mean(), "median": np.median(lengths)}
    runs = 100
    mine: dict[str, list] = {name: [] for name in truth}
    plain: dict[str, list] = {name: [] for name in truth}
    still_open = []
    for run in range(runs):
        rng = np.random.default_rng([11, run])
        _net, gross, spells = _planted(rng, 300)
        watched = np.floor(rng.random(300) * 280)
        ended = gross <= watched
        still_open.append(1 - ended.mean())
        found = net_curve(np.minimum(gross, watched), ended, spells)
        kaplan = kaplan_meier(net_time(found.clocks)[1], ended)
        for said, curve, mean in (
            (mine, found.curve, net_restricted_mean(found, 60, level=0.95)),
            (plain, kaplan, restricted_mean(kaplan, 60, level=0.95)),
        ):
            said["share"].append(share_within(curve, 30, level=0.95))
            said["median"].append(quantile(curve, 0.5, level=0.95))
            said["mean"].append(mean)
    assert np.mean(still_open) == pytest.approx(0.2, abs=0.02)
    for name in ("share", "mean"):
        found_bias, plain_bias = (
            np.array([one.estimate - truth[name] for one in said[name]], dtype=float) for said in (mine, plain)
        )
        assert abs(found_bias.mean()) < 3 * found_bias.std() / np.sqrt(runs)
        assert abs(plain_bias.mean()) > 5 * plain_bias.std() / np.sqrt(runs)
        error = np.mean([one.standard_error for one in mine[name]])
        assert 0.85 < error / found_bias.std() < 1.15
    for name, value in truth.items():
        held = [one.low <= value <= one.high for one in mine[name]]
        assert 0.89 <= np.mean(held) <= 0.995


def test_the_curve_stops_where_too_much_is_unresolved() -> None:
    # Of twenty cases three stood still from net day 10 to the end of view: of them nothing is known after it;
    # with a fourth one it is too much.
    gross, ended = np.array([*range(1, 17), 100, 100, 100, 100]), np.array([True] * 16 + [False] * 4)
    for suspended, last in ((3, 100), (4, 9)):
        rows = list(range(20 - suspended, 20))
        found = net_curve(gross, ended, pd.DataFrame({"row": rows, "start": 10.0, "end": np.inf}))
        assert found.unresolved.max(initial=0) <= LARGEST_UNRESOLVED + 1e-12
        assert found.curve.last_day == last
    assert share_within(found.curve, 9, level=0.95).estimate == pytest.approx(9 / 20)
    assert share_within(found.curve, 10, level=0.95).refusal == "not_at_risk"
    assert quantile(found.curve, 0.9, level=0.95).refusal == "not_reached"
    assert net_restricted_mean(found, 30, level=0.95).refusal == "not_at_risk"
    assert at_risk_on(found.curve, 10) == 11


def test_no_cases_none_ended_and_one_case_have_answers() -> None:
    assert share_within(net_curve([], [], NO_SPELLS).curve, 3, level=0.95).refusal == "not_at_risk"
    assert net_restricted_mean(net_curve([], [], NO_SPELLS), 3, level=0.95).refusal == "not_at_risk"
    spells = pd.DataFrame({"row": [0], "start": [2.0], "end": [np.inf]})
    nothing = net_curve([9], [False], spells)
    assert share_within(nothing.curve, 1, level=0.95).refusal == "no_events"
    one = net_curve([9], [True], spells).curve
    assert (one.days.tolist(), one.survival.tolist()) == ([2.0], [0.0])
