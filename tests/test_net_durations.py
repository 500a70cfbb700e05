"""From suspensions to a net curve: calendar and working days, and what is refused."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from data_contracts.case_files import CaseFiles
from data_contracts.errors import WrongUse
from data_contracts.example import example_tables
from evaluation.duration.clock import Counting, day_numbers, net_days
from evaluation.duration.curve_refusal import followed_quantile
from evaluation.duration.net_durations import net_duration_curve
from evaluation.duration.stage_curves import stage_curve
from evaluation.duration.stages import counted, stage_durations
from evaluation.duration.working_days import working_day_numbers
from evaluation.survival.net_clock import net_time

SPELLS = pd.DataFrame(
    [("A", "2020-03-02", "2020-03-16", "strafrechtelijk"), ("A", "2020-03-09", "2020-03-23", "strafrechtelijk"),
     ("B", "2020-03-02", "2020-03-16", "ziekte"), ("C", "2020-03-02", None, "strafrechtelijk")],
    columns=["case_id", "start_on", "end_on", "reason"],
)  # fmt: skip


@pytest.mark.parametrize("counting", [day_numbers, working_day_numbers])
def test_the_net_time_of_a_curve_is_the_net_days_of_the_clock(counting: Counting) -> None:
    opened, until = ["2020-02-03"] * 3, ["2020-04-06", "2020-04-06", "2020-05-04"]
    gross = counting(until) - counting(opened)
    found = net_duration_curve(["A", "B", "C"], opened, gross, [True, True, False], entry=[0, 0, 0],
                               suspensions=SPELLS, counting=counting)  # fmt: skip
    expected = net_days(["A", "B", "C"], opened, until, SPELLS, counting=counting)
    assert net_time(found.clocks)[1].tolist() == expected.tolist()
    assert found.curve.n_events == 2


@pytest.mark.parametrize("clock", ["net", "working_net"])
def test_the_net_curve_of_a_stage_is_made_of_the_net_days_of_its_rows(clock: str) -> None:
    tables, _truth = example_tables(seed=4, cases_per_year=60)
    as_of = date(2024, 6, 30)
    case_files = CaseFiles(**tables).at(as_of)
    rows = stage_durations(case_files, as_of=as_of)
    for stage in ("total", "fact_finding", "uncertainty"):
        one = counted(rows, stage, clock)
        assert (one[clock] < one[clock.replace("net", "gross")]).any()
        found = net_duration_curve(
            one["case_id"], one["start_on"], one[clock.replace("net", "gross")], one["event"],
            entry=one[f"{clock.replace('net', 'gross')}_entry"], suspensions=case_files.suspensions,
            counting=working_day_numbers if clock == "working_net" else day_numbers,
        )  # fmt: skip
        shown = net_time(found.clocks)[1]
        assert shown.tolist() == np.maximum(one[clock], 0.5).tolist()
        curve = stage_curve(rows, stage, clock, suspensions=case_files.suspensions)
        assert curve.survival.tolist() == found.curve.survival.tolist()
        with pytest.raises(WrongUse):
            stage_curve(rows, stage, clock)


def test_a_case_whose_suspension_is_not_understood_is_refused_not_counted_as_running() -> None:
    unknown = SPELLS.assign(reason=[None, *SPELLS["reason"][1:]])
    with pytest.raises(WrongUse):
        net_duration_curve(["A"], ["2020-02-03"], [30], [True], entry=[0], suspensions=unknown, counting=day_numbers)


def test_a_quantile_beyond_the_day_on_which_a_net_curve_stops_is_not_called_not_yet_reached() -> None:
    # Of twenty cases six stood still from their tenth day on: too many to say anything from there.
    cases = [f"Z{number}" for number in range(20)]
    spells = pd.DataFrame(
        {"case_id": cases[14:], "start_on": "2020-01-11", "end_on": None, "reason": "strafrechtelijk"}
    )
    found = net_duration_curve(cases, ["2020-01-01"] * 20, [*range(1, 15), *[90] * 6], [True] * 14 + [False] * 6,
                               entry=[0] * 20, suspensions=spells, counting=day_numbers)  # fmt: skip
    assert found.curve.last_day == 9
    assert followed_quantile(found.curve, 0.25, level=0.95).estimate == 5
    assert followed_quantile(found.curve, 0.75, level=0.95).refusal == "not_at_risk"
