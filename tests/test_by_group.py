"""Curves by group: R, and the table and figure of them."""

import numpy as np
import pandas as pd
import pytest

from data_contracts.errors import WrongUse
from evaluation.survival.by_group import kaplan_meier_by_group
from evaluation.survival.kaplan_meier import kaplan_meier

# R: survival::aml
DAYS = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161, 5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45]
ENDED = [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1]
GROUP = ["Maintained"] * 11 + ["Nonmaintained"] * 12


def test_the_medians_of_aml_are_those_of_r() -> None:
    found = kaplan_meier_by_group(DAYS, ENDED, GROUP)
    # R: survfit(Surv(time, status) ~ x, aml)
    table = found.table(level=0.95, transform="log")
    assert table["group"].tolist() == ["Maintained", "Nonmaintained"]
    assert table[["n", "n_events", "estimate", "low"]].values.tolist() == [[11, 7, 31, 18], [12, 11, 23, 8]]
    assert table["high"].isna().all()
    # R: survfit(Surv(time, status) ~ x, aml, conf.type = "log-log")
    assert found.table(level=0.95)[["low", "high"]].fillna(-1).values.tolist() == [[13, -1], [5, 33]]


def test_every_curve_is_that_of_its_own_cases_with_late_entry_weights_and_a_day_to_condition_on() -> None:
    rng = np.random.default_rng(5)
    cases = pd.DataFrame(
        {"entry": rng.integers(0, 20, 90), "group": rng.integers(0, 3, 90), "n": rng.integers(0, 3, 90)}
    )
    cases["days"], cases["ended"] = cases["entry"] + rng.integers(0, 40, 90), rng.random(90) < 0.6
    found = kaplan_meier_by_group(
        cases["days"], cases["ended"], cases["group"], entry=cases["entry"], weight=cases["n"], from_day=5
    )
    for group, own in cases.groupby("group"):
        alone = kaplan_meier(own["days"], own["ended"], entry=own["entry"], weight=own["n"], from_day=5)
        assert found.curves[group].survival.tolist() == alone.survival.tolist()
        assert (found.curves[group].n, found.curves[group].n_events) == (alone.n, alone.n_events)


def test_it_shows_itself_and_a_missing_group_is_refused() -> None:
    found = kaplan_meier_by_group(DAYS, ENDED, GROUP)
    assert "Nonmaintained" in found._repr_html_() and "nan" not in found._repr_html_().lower()
    axes = found.plot()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["Maintained", "Nonmaintained"]
    with pytest.raises(WrongUse, match="group mist 1 waarden"):
        kaplan_meier_by_group(DAYS, ENDED, [None, *GROUP[1:]])
    assert kaplan_meier_by_group([], [], []).table(level=0.95).empty
