"""Intervals of a share on four scales, against R."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from data_contracts.errors import WrongUse
from evaluation.survival.kaplan_meier import kaplan_meier, share_within
from evaluation.survival.pointwise import Transform, pointwise


@pytest.mark.parametrize(
    ("transform", "expected"),
    [
        # R: summary(survfit(Surv(time, status) ~ 1, lung, conf.type = "plain"), times = c(100, 310, 883))
        ("plain", [(0.0915197986, 0.1805422661), (0.4359207931, 0.5740306205), (0.9048730789, 0.9944357849)]),
        # R: the same with conf.type = "arcsin"
        ("arcsine", [(0.0947083205, 0.1834808769), (0.4360927514, 0.5737638954), (0.8957882846, 0.9847262025)]),
    ],
)
def test_the_share_closed_has_the_interval_of_r(transform: Transform, expected: list[tuple[float, float]]) -> None:
    lung = pd.read_csv(Path(__file__).parent / "data" / "lung.csv")
    curve = kaplan_meier(lung["time"], lung["status"] == 2)
    errors = (0.0227102304342, 0.0352327462467, 0.0228480489161)
    for day, (low, high), error in zip((100, 310, 883), expected, errors, strict=True):
        found = share_within(curve, day, level=0.95, transform=transform)
        assert (found.low, found.high) == (pytest.approx(low, abs=1e-9), pytest.approx(high, abs=1e-9))
        assert found.standard_error == pytest.approx(error, rel=1e-9)


@pytest.mark.parametrize("transform", ["log-log", "log", "plain", "arcsine"])
def test_an_interval_holds_its_share_and_stays_between_nought_and_one(transform: Transform) -> None:
    share = np.linspace(0.001, 0.999, 50)
    for error in (1e-6, 0.3, 5.0, 1e5):
        low, high = pointwise(share, error, level=0.9, transform=transform)
        assert ((low >= 0) & (low <= share) & (share <= high) & (high <= 1)).all()


@pytest.mark.parametrize(("level", "transform"), [(95, "log"), (np.nan, "log"), ("0.95", "log"), (0.95, "logit")])
def test_a_level_or_scale_that_does_not_exist_is_refused(level: Any, transform: Any) -> None:
    with pytest.raises(WrongUse):
        pointwise(0.5, 0.1, level=level, transform=transform)
