"""Who is at risk and when: the same-day rule, times that differ by rounding, and what is refused."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data_contracts.errors import WrongUse
from evaluation.survival.in_view import in_view
from evaluation.survival.kaplan_meier import kaplan_meier, quantile, thin_start


@pytest.fixture(scope="module")
def men() -> pd.DataFrame:
    # R: ch <- subset(boot::channing, exit > entry)
    # R: write.csv(ch[, c("sex", "entry", "exit", "cens")], "channing.csv", row.names = FALSE, quote = FALSE)
    channing = pd.read_csv(Path(__file__).parent / "data" / "channing.csv")
    return channing[channing["sex"] == "Male"]


def test_an_early_empty_risk_set_drives_the_curve_to_nought_for_good_as_in_r(men: pd.DataFrame) -> None:
    curve = kaplan_meier(men["exit"], men["cens"], entry=men["entry"])
    # R: survfit(Surv(entry, exit, cens) ~ 1, subset(ch, sex == "Male"))
    assert curve.days[:3].tolist() == [777, 781, 869]
    assert curve.at_risk[:3].tolist() == [2, 1, 24]
    assert curve.survival[:3].tolist() == [0.5, 0.0, 0.0]
    assert curve.survival[-1] == 0.0  # exactly: statsmodels has 1e-16, which looks like a share
    assert thin_start(curve, minimum=10)
    assert quantile(curve, 0.75, level=0.95).high is None


def test_conditioning_on_a_day_gives_the_curve_of_r(men: pd.DataFrame) -> None:
    curve = kaplan_meier(men["exit"], men["cens"], entry=men["entry"], from_day=816)
    table = curve.table(level=0.95, transform="log").set_index("day")
    # R: s <- survfit(Surv(entry, exit, cens) ~ 1, subset(ch, sex == "Male"), start.time = 816); summary(s, times = ...)
    for day, row in {
        900: (0.804531129477, 0.0721702157368, 0.6748171044669, 0.959178915312),
        1000: (0.500820398970, 0.0730992237110, 0.3762196883549, 0.666687788514),
        1100: (0.150327436605, 0.0520055257247, 0.0763073723928, 0.296148818753),
    }.items():
        last = table[table.index <= day].iloc[-1]
        assert last[["survival", "standard_error", "low", "high"]].tolist() == pytest.approx(row, rel=1e-9)
    # R: quantile(s, c(.25, .5))
    for share, row in {0.25: (911, 893, 983), 0.5: (1009, 966, 1043)}.items():
        found = quantile(curve, share, level=0.95, transform="log")
        assert (found.estimate, found.low, found.high) == row


def test_times_that_differ_by_rounding_are_one_time() -> None:
    # R: survfit(Surv(c(0.1 + 0.2, 0.3, 0.4, 0.7), c(1, 1, 0, 1)) ~ 1)
    assert 0.1 + 0.2 != 0.3
    curve = kaplan_meier([0.1 + 0.2, 0.3, 0.4, 0.7], [1, 1, 0, 1])
    assert (curve.at_risk.tolist(), curve.events.tolist()) == ([4, 1], [2, 1])
    # an entry that rounding puts after its duration: an age, and the age plus nothing
    assert in_view([0.3, 0.7], [True, True], entry=[0.1 + 0.2, 0.0]).time.tolist() == pytest.approx([0.45, 0.7])


def test_the_half_day_of_a_same_day_case_keeps_the_order_of_finer_times() -> None:
    # R: survfit(Surv(c(0, 0.1, 0.2, 0.4), c(1, 1, 1, 0)) ~ 1)  # at risk 4, 3, 2
    curve = kaplan_meier([0, 0.1, 0.2, 0.4], [1, 1, 1, 0])
    assert curve.days.tolist() == pytest.approx([0.05, 0.1, 0.2])
    assert (curve.at_risk.tolist(), curve.survival.tolist()) == ([4, 3, 2], pytest.approx([0.75, 0.5, 0.25]))
    assert in_view([0, 1], [True, True]).time.tolist() == [0.5, 1.0]
    assert in_view([0.3, 0.3], [True, True], entry=[0.3, 0.3]).time.tolist() == [0.8, 0.8]


def test_fine_times_scale_as_whole_days_do() -> None:
    rng = np.random.default_rng(4)
    days, ended = rng.integers(0, 400, 300), rng.random(300) < 0.7
    entry = rng.integers(0, 3, 300) * (days > 5)
    whole = kaplan_meier(days, ended, entry=entry)
    years = kaplan_meier(days / 365.25, ended, entry=entry / 365.25)
    assert years.survival.tolist() == pytest.approx(whole.survival.tolist(), rel=1e-12)
    assert years.at_risk.tolist() == whole.at_risk.tolist()


@pytest.mark.parametrize("day", [-1.0, np.nan, np.inf])
def test_a_day_to_condition_on_must_be_a_number_of_days(day: float) -> None:
    with pytest.raises(WrongUse, match="from_day"):
        kaplan_meier([1], [True], from_day=day)
