"""Gray's test: numbers of R, of the log-rank test where nothing competes, and false alarms."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data_contracts.errors import WrongUse
from evaluation.survival.gray import gray_test
from evaluation.survival.log_rank import log_rank


@pytest.fixture(scope="module")
def mgus2() -> pd.DataFrame:
    cases = pd.read_csv(Path(__file__).parent / "data" / "mgus2.csv")
    return cases.assign(
        cause=cases["event"].where(cases["event"] != "censor", None),
        age_band=pd.cut(cases["age"], [0, 60, 70, 80, 200], labels=list("abcd")).astype("str"),
    )


@pytest.mark.parametrize(
    ("cause", "by", "statistic", "degrees"),
    [
        # R, package cmprsk: cuminc(time, event, sex)$Tests; cuminc(time, event, cut(age, c(0, 60, 70, 80, 200)))$Tests
        ("pcm", "sex", 1.194507825, 1),
        ("death", "sex", 11.651259012, 1),
        ("pcm", "age_band", 8.037928346, 3),
        ("death", "age_band", 303.657991425, 3),
    ],
)
def test_the_statistic_is_that_of_r(mgus2: pd.DataFrame, cause: str, by: str, statistic: float, degrees: int) -> None:
    found = gray_test(mgus2["time"], mgus2["cause"], mgus2[by], of_cause=cause)
    assert found.statistic == pytest.approx(statistic, rel=1e-8)
    assert found.degrees_of_freedom == degrees
    assert found.groups["observed"].sum() == pytest.approx(found.groups["expected"].sum())


def test_where_nothing_competes_the_expected_ends_are_those_of_the_log_rank_test(mgus2: pd.DataFrame) -> None:
    died = mgus2["cause"].where(mgus2["cause"] == "death", None)
    gray = gray_test(mgus2["time"], died, mgus2["sex"], of_cause="death")
    plain = log_rank(mgus2["time"], died.notna(), mgus2["sex"])
    np.testing.assert_allclose(gray.groups["expected"], plain.groups["expected"], rtol=1e-9)


def test_a_grouped_table_with_counts_gives_the_answer_of_its_rows(mgus2: pd.DataFrame) -> None:
    counted = mgus2.assign(cause=mgus2["cause"].fillna("open")).groupby(["time", "cause", "sex"]).size().reset_index()
    grouped = gray_test(counted["time"], counted["cause"].where(counted["cause"] != "open", None), counted["sex"],
                        of_cause="pcm", weight=counted[0])  # fmt: skip
    assert grouped.statistic == pytest.approx(1.194507825, rel=1e-8)


def test_one_group_or_no_end_of_this_cause_has_a_defined_answer() -> None:
    assert gray_test([1, 2], ["a", "b"], ["x", "x"], of_cause="a").refusal == "no_variation"
    nothing = gray_test([1, 2], ["b", None], ["x", "y"], of_cause="a")
    assert (nothing.refusal, nothing.groups["n"].tolist()) == ("no_events", [1, 1])
    with pytest.raises(WrongUse, match="group mist 1"):
        gray_test([1, 2], ["a", "b"], ["x", None], of_cause="a")


def test_when_no_group_differs_one_in_twenty_tests_gives_a_false_alarm() -> None:
    rng, alarms, rounds = np.random.default_rng(5), 0, 800
    group = np.repeat(["x", "y", "z"], 40)
    for _round in range(rounds):
        time = np.ceil(rng.exponential(60, 120))
        until = rng.integers(20, 200, 120)
        cause = np.where(time <= until, np.where(rng.random(120) < 0.5, "a", "b"), None)
        alarms += gray_test(np.minimum(time, until), cause, group, of_cause="a").p_value < 0.05
    assert 0.03 <= alarms / rounds <= 0.07


@pytest.mark.parametrize(
    ("cause", "rho", "stratified", "statistic"),
    [
        # R, package cmprsk: cuminc(time, status, sex, cencode = 2, rho = 0)$Tests; with rho = 1; with strata = ulcer
        ("melanoma", 0, False, 5.814020855548), ("other", 0, False, 0.854365595107),
        ("melanoma", 1, False, 6.423045147733), ("other", 1, False, 0.858695267158),
        ("melanoma", 0, True, 3.139360534408), ("other", 0, True, 0.656735584353),
        ("melanoma", 1, True, 4.119330256857), ("other", 1, True, 0.670150256103),
    ],
)  # fmt: skip
def test_strata_and_a_weight_are_those_of_r(cause: str, rho: float, stratified: bool, statistic: float) -> None:
    cases = pd.read_csv(Path(__file__).parent / "data" / "melanoma.csv")
    ways = cases["status"].map({1: "melanoma", 2: None, 3: "other"})
    stratum = cases["ulcer"] if stratified else None
    found = gray_test(cases["time"], ways, cases["sex"], of_cause=cause, stratum=stratum, rho=rho)
    assert (found.statistic, found.degrees_of_freedom) == (pytest.approx(statistic, rel=1e-10), 1)


def test_when_only_one_group_is_left_and_all_have_ended_there_is_no_division_by_nought() -> None:
    # R, package cmprsk: cuminc(1:8, rep(1, 8), strsplit("aabbaabb", "")[[1]])$Tests
    found = gray_test(range(1, 9), ["x"] * 8, list("aabbaabb"), of_cause="x")
    assert found.statistic == pytest.approx(1.566902, abs=1e-6)


def test_nobody_strata_without_company_and_a_negative_weight_have_defined_answers() -> None:
    assert gray_test([], [], [], of_cause="x").refusal == "no_events"
    alone = gray_test([1, 2, 3, 4], list("xxyx"), list("aabb"), of_cause="x", stratum=list("aabb"))
    assert (alone.refusal, alone.statistic) == ("no_events", None)
    assert "Gray: no_events" in gray_test([1], [None], ["a"], of_cause="x")._repr_html_()
    with pytest.raises(WrongUse, match="rho"):
        gray_test([1, 2], ["x", "x"], ["a", "b"], of_cause="x", rho=-1)
