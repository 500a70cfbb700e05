"""The chain from signal to dismissal, link by link."""

from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from data_contracts.case_files import CaseFiles
from data_contracts.errors import WrongUse
from data_contracts.example import example_tables
from evaluation.consistency.outcome_chain import (
    ALLEGATION_LINKS,
    LEFT_SERVICE,
    OutcomeChain,
    conditional_chain,
    outcome_chain,
)
from evaluation.consistency.outcome_states import allegation_states, signal_states
from evaluation.proportion import Proportion


@pytest.fixture(scope="module")
def national() -> tuple[CaseFiles, OutcomeChain, dict]:
    tables, truth = example_tables(seed=11, cases_per_year=300)
    files = CaseFiles(**tables).at(date(2025, 12, 31))
    states = signal_states(files.signals, files.cases), allegation_states(files.allegations, files.cases)
    return files, outcome_chain(*states, level=0.95), truth


def test_what_reached_a_link_is_what_went_on_at_the_former(national):
    _files, chain, _truth = national
    for unit in chain.table["unit"].unique():
        for former, link in pairwise(ALLEGATION_LINKS):
            assert chain.at(link, unit=unit)["reached"] == chain.at(former, unit=unit)["numerator"]


def test_the_counts_of_every_row_add_up_and_a_refusal_has_no_share(national):
    table = national[1].table
    assert (table["reached"] == table["running"] + table["missing"] + table["denominator"]).all()
    assert (table["share"].isna() == table["refusal"].notna()).all()
    assert (table["refusal"].notna() == (table["denominator"] < 10)).all()
    known = table.dropna(subset=["share"])
    assert np.allclose(known["share"].astype(float), known["numerator"] / known["denominator"])
    assert ((known["low"] <= known["share"]) & (known["share"] <= known["high"])).all()


def test_units_and_years_add_up_to_the_whole(national):
    table = national[1].table
    counts = ["reached", "running", "missing", "denominator", "numerator"]
    for link, rows in table.groupby("link"):
        whole = rows[(rows["unit"] == "all") & (rows["year"] == "all")][counts].iloc[0]
        parts = rows[(rows["unit"] != "all") & (rows["year"] != "all")][counts].sum()
        assert parts.tolist() == whole.tolist(), link


def test_the_chain_is_what_counting_by_hand_gives(national):
    files, chain, _truth = national
    cases = files.cases.set_index("case_id")
    pool = files.allegations[files.allegations["case_id"].map(cases["kind"]) == "disciplinair"]
    substance = pool["finding"].isin(
        ["plichtsverzuim_vastgesteld", "strafbaar_feit", "geen_plichtsverzuim", "niet_vastgesteld"]
    )
    found = pool["finding"].isin(["plichtsverzuim_vastgesteld", "strafbaar_feit"])
    assert chain.at("judged")["numerator"] == substance.sum()
    assert chain.at("judged")["missing"] == ((pool["finding"] == "onbekend") | (
        pool["finding"].isna() & pool["case_id"].map(cases["closed_on"]).notna())).sum()  # fmt: skip
    assert chain.at("found")["numerator"] == found.sum()
    final = pool["final_penalty"].where(pool["final_penalty"].notna(), pool["first_penalty"])
    assert chain.at("penalised")["numerator"] == (found & final.isin(list("abcdefghijk"))).sum()
    out = found & final.isin(["j", "k"]) & (pool["conditional"] == False)  # noqa: E712
    assert chain.at("dismissed")["numerator"] == out.sum()
    assert chain.at(LEFT_SERVICE)["numerator"] == (out | (found & (final == "ontslag_andere_grond"))).sum()


def test_the_planted_propensity_to_register_and_to_go_on_is_seen(national):
    _files, chain, truth = national
    full = truth["exits"]["disciplinair"]["full"] * (
        1 - np.mean(list(truth["registration"]["finding_unrecorded"].values()))
    )
    early = [chain.at("judged", year=year) for year in range(2016, 2023)]  # hardly any still running
    share = sum(row["numerator"] for row in early) / sum(row["denominator"] for row in early)
    assert share == pytest.approx(full / (full + 1 - truth["exits"]["disciplinair"]["full"]), abs=0.02)
    # Rotterdam writes down most signals for its cases, Amsterdam least.
    rates = {unit: chain.at("investigated", unit=unit)["share"] for unit in ("AMS", "RTD")}
    assert rates["AMS"] > rates["RTD"]


def states(**links: list) -> pd.DataFrame:
    n = len(next(iter(links.values())))
    table = pd.DataFrame({name: pd.array(values, dtype="boolean") for name, values in links.items()})
    return table.assign(unit="A", year=2020, running=False, case_id=range(n))


def test_without_clusters_the_interval_is_wilsons():
    rows = conditional_chain(states(found=[True] * 15 + [False] * 133), ["found"], counts="allegation", level=0.95)
    assert (rows.loc[0, "low"], rows.loc[0, "high"]) == pytest.approx(Proportion(15, 148).interval(0.95))


def test_a_known_later_outcome_does_not_make_up_for_a_missing_former_one():
    rows = conditional_chain(states(found=[None, True], penalised=[True, True]), ["found", "penalised"],
                             counts="allegation", level=0.95, minimum_n=1)  # fmt: skip
    assert rows[rows["link"] == "penalised"].iloc[0][["reached", "denominator"]].tolist() == [1, 1]


def cases(**columns: list) -> pd.DataFrame:
    table = pd.DataFrame({"case_id": ["1", "2", "3"], "unit": "A", "kind": ["disciplinair", "orienterend", "klacht"],
                          "opened_on": pd.to_datetime(["2020-01-01"] * 3),
                          "closed_on": pd.to_datetime(["2020-03-01", None, "2020-03-01"])})  # fmt: skip
    return table.assign(**columns)


@pytest.mark.parametrize(
    ("case", "triage", "investigated", "running"),
    [
        ("1", "orienterend", True, False),
        ("1", None, True, False),
        ("2", "orienterend", None, True),
        ("3", "klacht", False, False),
        (None, "onderzoek", True, False),
        (None, "orienterend", None, False),
        (None, "gesprek", False, False),
        (None, None, None, False),
    ],
)
def test_a_signal_is_investigated_when_its_case_or_its_triage_says_so(case, triage, investigated, running):
    signals = pd.DataFrame({"case_id": [case], "unit": ["A"], "received_on": pd.to_datetime(["2020-01-01"]),
                            "triage_outcome": [triage]})  # fmt: skip
    row = signal_states(signals, cases()).iloc[0]
    assert (None if pd.isna(row["investigated"]) else row["investigated"]) == investigated
    assert row["running"] == running


@pytest.mark.parametrize(
    ("finding", "first", "final", "conditional", "expected"),
    [
        ("plichtsverzuim_vastgesteld", "j", "j", False, [True, True, True, True, True]),
        ("plichtsverzuim_vastgesteld", "j", None, True, [True, True, True, False, False]),
        ("plichtsverzuim_vastgesteld", "j", "j", None, [True, True, True, None, None]),
        ("plichtsverzuim_vastgesteld", "a", "a", None, [True, True, True, None, None]),
        ("strafbaar_feit", "j", "ontslag_andere_grond", None, [True, True, False, None, True]),
        ("strafbaar_feit", "j", "geen", None, [True, True, False, None, False]),
        ("niet_vastgesteld", None, None, None, [True, False, None, None, None]),
        ("overgedragen", None, None, None, [False, None, None, None, None]),
        ("onbekend", None, None, None, [None, None, None, None, None]),
    ],
)
def test_an_allegation_goes_as_far_as_its_record_says(finding, first, final, conditional, expected):
    allegations = pd.DataFrame({"case_id": ["1"], "finding": [finding], "first_penalty": pd.array([first], dtype="str"),
                                "final_penalty": pd.array([final], dtype="str"),
                                "conditional": pd.array([conditional], dtype="boolean")})  # fmt: skip
    row = allegation_states(allegations, cases()).iloc[0]
    assert [None if pd.isna(row[link]) else bool(row[link]) for link in (*ALLEGATION_LINKS, LEFT_SERVICE)] == expected


def test_nothing_delivered_is_an_empty_chain_and_an_unknown_row_is_told():
    chain = outcome_chain(None, None, level=0.95)
    assert chain.table.empty
    with pytest.raises(KeyError):
        chain.at("found")
    with pytest.raises(WrongUse):
        conditional_chain(states(found=[True]), ["found"], counts="allegation", level=1.5)
