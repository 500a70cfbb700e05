"""The synthetic delivery: reproducible, consistent with itself, and true to what was planted."""

import json
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from data_contracts.code_lists import load_code_lists
from data_contracts.contract import load_contracts
from data_contracts.errors import WrongUse
from data_contracts.example import example_tables, write_example
from data_contracts.example.workbooks import write_workbook

SEED = 2020
EXTRACTED = pd.Timestamp("2026-01-31")
MISCONDUCT = ["plichtsverzuim_vastgesteld", "strafbaar_feit"]
SUBSTANTIVE = [*MISCONDUCT, "geen_plichtsverzuim", "niet_vastgesteld"]
LETTERS = list("abcdefghijk")
UNITS = ["NN", "ON", "MN", "NH", "AMS", "DH", "RTD", "ZWB", "OB", "LB", "LX", "LO", "PDC"]
AFTER_DECISION = ["BEKEND", "TUL", "BEZW", "BEROEP", "NAZ", "SLUIT"]

Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def example() -> tuple[Tables, dict]:
    return example_tables(seed=SEED, cases_per_year=500)


@pytest.fixture(scope="module")
def tables(example: tuple[Tables, dict]) -> Tables:
    return example[0]


@pytest.fixture(scope="module")
def truth(example: tuple[Tables, dict]) -> dict:
    return example[1]


@pytest.fixture(scope="module")
def disciplinary(tables: Tables) -> pd.DataFrame:
    cases = tables["cases"]
    return cases[cases["kind"] == "disciplinair"].set_index("case_id")


@pytest.fixture(scope="module")
def dated(tables: Tables) -> pd.DataFrame:
    """The dated steps, with the opening and closing of their case."""
    steps = tables["steps"].dropna(subset="done_on")
    return steps.merge(tables["cases"][["case_id", "kind", "opened_on", "closed_on", "exit_kind"]], on="case_id")


def days(span: pd.Series) -> pd.Series:
    return span.dt.total_seconds() / 86_400


# Reproducible


def test_the_same_seed_gives_identical_tables(example: tuple[Tables, dict]) -> None:
    again, truth = example_tables(seed=SEED, cases_per_year=500)
    assert truth == example[1]
    assert list(again) == list(example[0])
    for name, frame in again.items():
        pd.testing.assert_frame_equal(frame, example[0][name])


def test_another_seed_gives_other_cases_and_another_truth() -> None:
    first, first_truth = example_tables(seed=1, cases_per_year=10)
    other, other_truth = example_tables(seed=2, cases_per_year=10)
    assert not first["cases"].equals(other["cases"])
    assert first_truth["outcome"]["unit_effect"] != other_truth["outcome"]["unit_effect"]


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    one = write_example(tmp_path / "one", seed=3, cases_per_year=10)
    two = write_example(tmp_path / "two", seed=3, cases_per_year=10)
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    assert (tmp_path / "one/waarheid.json").read_bytes() == (tmp_path / "two/waarheid.json").read_bytes()


@pytest.mark.parametrize(("seed", "cases"), [(-1, 500), (0, 0)])
def test_a_negative_seed_or_no_cases_at_all_is_wrong_use(seed: int, cases: int) -> None:
    with pytest.raises(WrongUse):
        example_tables(seed=seed, cases_per_year=cases)


@pytest.mark.parametrize("cases_per_year", [1, 30, 80])
def test_however_small_every_unit_delivers_cases_of_which_one_is_open(cases_per_year: int) -> None:
    tables, truth = example_tables(seed=5, cases_per_year=cases_per_year)
    cases = tables["cases"]
    delivery = cases["unit"].map(truth["delivered_by"])
    assert set(delivery) == set(tables["delivery"]["unit"])
    assert set(delivery[cases["closed_on"].isna()]) == set(tables["delivery"]["unit"])


# Form and volume


def test_every_table_has_the_columns_and_types_of_its_contract(tables: Tables) -> None:
    types = {"date": "datetime64[s]", "boolean": "boolean", "integer": "Int64", "string": "str"}
    for name, contract in load_contracts().items():
        wanted = {column.name: types[column.logical_type] for column in contract.columns}
        assert {column: str(dtype) for column, dtype in tables[name].dtypes.items()} == wanted


def test_required_columns_are_filled_and_primary_keys_unique(tables: Tables) -> None:
    for name, contract in load_contracts().items():
        for column in contract.columns:
            assert not column.required or tables[name][column.name].notna().all(), f"{name}.{column.name}"
        if contract.primary_key:
            assert not tables[name].duplicated(list(contract.primary_key)).any(), name


def test_every_code_is_on_its_list_and_units_and_categories_are_valid_on_the_day(tables: Tables) -> None:
    lists = load_code_lists()
    for name, contract in load_contracts().items():
        for column in contract.columns:
            if column.code_list:
                assert set(tables[name][column.name].dropna()) <= set(lists[column.code_list].codes), column.name
    for name, day in (("cases", "opened_on"), ("signals", "received_on")):
        for dated in ("unit", "category"):
            codes = lists[dated].codes
            low = tables[name][dated].map({c: code.valid_from for c, code in codes.items()})
            high = tables[name][dated].map({c: code.valid_to for c, code in codes.items()})
            on = tables[name][day]
            assert not ((pd.to_datetime(low) > on) | (pd.to_datetime(high) < on)).any(), f"{name}.{dated}"


def test_volumes_are_those_of_a_national_delivery(tables: Tables, disciplinary: pd.DataFrame) -> None:
    cases, allegations = tables["cases"], tables["allegations"]
    kinds = cases["kind"].value_counts() / 10
    assert 490 <= kinds["disciplinair"] <= 510
    assert 140 <= kinds["orienterend"] <= 160
    assert 240 <= kinds["klacht"] <= 260
    assert 1550 <= len(tables["signals"]) / 10 <= 1650
    persons = tables["subjects"]["case_id"].isin(disciplinary.index).sum() / len(disciplinary)
    assert 1.05 <= persons <= 1.15
    decided = allegations.dropna(subset="first_penalty").drop_duplicates("subject_id")
    measures = decided[decided["first_penalty"] != "geen"]
    assert 240 <= len(measures) / 10 <= 330
    dismissed = measures["first_penalty"].isin(["j", "k", "ontslag_andere_grond"])
    assert 105 <= (dismissed & ~measures["conditional"].fillna(False)).sum() / 10 <= 160
    assert 0.55 <= allegations.loc[allegations["finding"].isin(SUBSTANTIVE), "finding"].isin(MISCONDUCT).mean() <= 0.68
    staff = tables["staffing"].groupby("year")["headcount"].sum()
    assert staff.between(63_000, 68_000).all()
    assert tables["reviews"]["case_id"].nunique() == 120


def test_there_is_one_delivery_record_for_each_of_the_thirteen_units(tables: Tables) -> None:
    delivery = tables["delivery"]
    assert delivery["unit"].tolist() == UNITS
    assert set(delivery["cohort_basis"]) == {"geopend"}
    assert set(delivery["extracted_at"]) == {EXTRACTED}


def test_the_large_units_are_large_and_the_smallest_is_small(disciplinary: pd.DataFrame) -> None:
    sizes = disciplinary["unit"].value_counts()
    assert set(sizes.index[:3]) == {"AMS", "ON", "RTD"}
    whole_period = sizes.drop(["LE", "LX", "LO"])
    assert whole_period.idxmin() == "PDC"


def test_the_national_unit_stops_in_2023_and_its_successors_start_in_2024(tables: Tables) -> None:
    years = tables["cases"].groupby("unit")["opened_on"].agg(lambda days: (days.dt.year.min(), days.dt.year.max()))
    assert years["LE"] == (2016, 2023)
    assert years["LX"] == years["LO"] == (2024, 2025)


# Consistent with itself


def test_case_numbers_tell_year_unit_and_order(tables: Tables) -> None:
    cases = tables["cases"]
    assert cases["case_id"].str.fullmatch(r"\d{4}-[A-Z]{2,3}-\d{4}").all()
    assert (cases["case_id"].str[:4].astype(int) == cases["opened_on"].dt.year).all()
    assert (cases["case_id"].str.split("-").str[1] == cases["unit"]).all()
    in_order = cases.sort_values("case_id").groupby("unit")["opened_on"].is_monotonic_increasing
    assert in_order.all()


def test_pseudonyms_are_b_and_eight_hexadecimals_never_all_digits(tables: Tables) -> None:
    pseudonyms = tables["subjects"]["subject_id"]
    assert pseudonyms.str.fullmatch(r"B-[0-9a-f]{8}").all()
    assert not pseudonyms.str.fullmatch(r"B-[0-9]{8}").any()


def test_foreign_keys_hold(tables: Tables) -> None:
    cases = set(tables["cases"]["case_id"])
    for name in ("signals", "subjects", "allegations", "steps", "suspensions", "order_measures", "reviews"):
        assert set(tables[name]["case_id"].dropna()) <= cases, name
    persons = set(zip(tables["subjects"]["case_id"], tables["subjects"]["subject_id"], strict=True))
    for name in ("allegations", "steps", "order_measures"):
        rows = tables[name].dropna(subset="subject_id")
        assert set(zip(rows["case_id"], rows["subject_id"], strict=True)) <= persons, name
    orders = tables["order_measures"]
    assert set(orders["extension_of"].dropna()) <= set(orders["order_measure_id"])


def test_every_case_opened_in_the_period_and_closed_between_opening_and_extraction(tables: Tables) -> None:
    cases = tables["cases"]
    assert cases["opened_on"].between("2016-01-01", "2025-12-31").all()
    closed = cases.dropna(subset="closed_on")
    assert (closed["closed_on"] >= closed["opened_on"]).all()
    assert (closed["closed_on"] <= EXTRACTED).all()


def test_a_case_is_open_in_every_column_or_in_none(tables: Tables) -> None:
    cases = tables["cases"]
    is_open = cases["closed_on"].isna()
    assert 0 < is_open.sum() < len(cases)
    assert (is_open == (cases["status"] == "lopend")).all()
    assert (is_open == cases["exit_kind"].isna()).all()
    opened = tables["allegations"]["case_id"].isin(cases.loc[is_open, "case_id"])
    outcome = ["finding", "advised_penalty", "first_penalty", "final_penalty", "conditional", "probation_months"]
    after = ["decided_on", "objection", "objection_result", "deviation_reasons"]
    assert tables["allegations"].loc[opened, [*outcome, *after]].isna().all(axis=None)
    assert tables["allegations"].loc[~opened, "finding"].notna().all()
    steps = tables["steps"][tables["steps"]["case_id"].isin(cases.loc[is_open, "case_id"])]
    assert not steps["step"].isin(["BESL", *AFTER_DECISION]).any()


def test_no_date_lies_after_the_extraction_moment(tables: Tables) -> None:
    for name, frame in tables.items():
        for column in frame.select_dtypes("datetime"):
            assert not (frame[column] > EXTRACTED).any(), f"{name}.{column}"


def test_steps_lie_within_the_case_and_only_the_aftermath_lies_after_it(dated: pd.DataFrame) -> None:
    assert (dated["done_on"] >= dated["opened_on"]).all()
    aftermath = dated["step"].isin(AFTER_DECISION)
    assert not (dated.loc[~aftermath, "done_on"] > dated.loc[~aftermath, "closed_on"]).any()
    # The acknowledgement of a complaint has its own clock; everything else in the aftermath follows the closing.
    assert (dated.loc[aftermath, "done_on"] >= dated.loc[aftermath, "closed_on"]).all()


def test_the_signal_is_the_opening_and_the_decision_the_closing(dated: pd.DataFrame, tables: Tables) -> None:
    signal = dated[dated["step"] == "MELD"]
    assert (signal["done_on"] == signal["opened_on"]).all()
    decision = dated[dated["step"] == "BESL"]
    assert (decision["done_on"] == decision["closed_on"]).all()
    assert set(decision["exit_kind"]) == {"besluit"}
    linked = tables["signals"].merge(tables["cases"], on="case_id")
    assert (linked["received_on"] == linked["opened_on"]).all()
    assert set(linked["case_id"]) == set(tables["cases"]["case_id"])


def test_a_step_that_was_not_done_has_no_date_and_a_step_is_written_once(tables: Tables) -> None:
    steps = tables["steps"]
    assert steps.loc[steps["state"] != "gedaan", "done_on"].isna().all()
    assert not steps.duplicated(["case_id", "subject_id", "step"]).any()
    assert steps["state"].isna().any()
    undated = (steps["state"] == "gedaan") & steps["done_on"].isna()
    assert undated.any()


def test_conduct_ends_before_the_signal(tables: Tables) -> None:
    acts = tables["allegations"].merge(tables["cases"][["case_id", "opened_on"]], on="case_id")
    assert not (acts["conduct_to"] > acts["opened_on"]).any()
    assert not (acts["conduct_from"] > acts["conduct_to"]).any()


def test_a_penalty_follows_misconduct_and_a_conditional_penalty_has_a_term(tables: Tables) -> None:
    acts = tables["allegations"]
    assert acts.loc[acts["first_penalty"].notna(), "finding"].isin(MISCONDUCT).all()
    assert acts.loc[acts["first_penalty"].notna(), "decided_on"].notna().all()
    conditional = acts["conditional"].fillna(False)
    assert conditional.any()
    assert (conditional == acts["probation_months"].notna()).all()
    assert acts.loc[acts["final_penalty"].isin(LETTERS), "conditional"].notna().all()


def test_objections_that_change_something_change_the_final_penalty(tables: Tables) -> None:
    acts = tables["allegations"].dropna(subset="objection_result")
    assert acts["objection"].all()
    changed = acts["first_penalty"] != acts["final_penalty"]
    upheld = acts["objection_result"].isin(["gehandhaafd", "ingetrokken"])
    assert (changed == ~upheld).all()
    assert set(acts["objection_result"]) == {
        "gehandhaafd",
        "gewijzigd",
        "herroepen",
        "vervangen_rechter",
        "ingetrokken",
    }
    pending = tables["allegations"]["first_penalty"].notna() & tables["allegations"]["final_penalty"].isna()
    assert tables["allegations"].loc[pending, "objection"].all()


def test_reasons_are_asked_exactly_where_the_decision_deviates_from_the_advice(tables: Tables) -> None:
    acts = tables["allegations"].dropna(subset="first_penalty")
    assert ((acts["first_penalty"] != acts["advised_penalty"]) == acts["deviation_reasons"].notna()).all()


def test_nearly_every_penalty_has_its_five_steps_in_the_log(tables: Tables) -> None:
    punished = tables["allegations"].loc[tables["allegations"]["first_penalty"].isin(LETTERS), "case_id"].unique()
    steps = tables["steps"].dropna(subset="state")
    for step in ("OPDR", "RAPP", "ADV", "VOORN", "BESL"):
        present = pd.Series(punished).isin(steps.loc[steps["step"] == step, "case_id"]).mean()
        assert 0.85 < present < 1.0, step


def test_suspensions_and_order_measures_lie_within_the_case(tables: Tables) -> None:
    for name in ("suspensions", "order_measures"):
        spells = tables[name].merge(tables["cases"], on="case_id")
        assert (spells["start_on"] >= spells["opened_on"]).all()
        assert not (spells["end_on"] < spells["start_on"]).any()
        assert not (spells["end_on"] > spells["closed_on"]).any()
        assert spells.loc[spells["end_on"].isna(), "closed_on"].isna().all()
        assert spells["end_on"].isna().any()


def test_about_a_fifth_is_on_the_criminal_track_and_a_few_suspensions_overlap(
    tables: Tables, disciplinary: pd.DataFrame
) -> None:
    assert 0.15 < disciplinary["criminal_track"].mean() < 0.25
    spells = tables["suspensions"].sort_values(["case_id", "start_on"])
    again = spells["case_id"] == spells["case_id"].shift()
    earlier_end = spells["end_on"].shift()
    assert 0.02 < (again & (spells["start_on"] < earlier_end)).mean() < 0.2


def test_an_extension_follows_the_day_after_the_measure_it_extends(tables: Tables) -> None:
    orders = tables["order_measures"]
    extended = orders.dropna(subset="extension_of").merge(
        orders[["order_measure_id", "end_on", "subject_id"]],
        left_on="extension_of",
        right_on="order_measure_id",
        suffixes=("", "_before"),
    )
    assert len(extended) > 50
    assert (days(extended["start_on"] - extended["end_on_before"]) == 1).all()
    assert (extended["subject_id"] == extended["subject_id_before"]).all()


def test_a_dossier_is_read_by_two_different_readers_after_its_decision(tables: Tables) -> None:
    reviews = tables["reviews"]
    assert (reviews.groupby(["case_id", "item"])["reviewer_id"].nunique() == 2).all()
    read = reviews.merge(tables["cases"], on="case_id")
    assert (read["read_on"] >= read["closed_on"]).all()
    assert set(read["exit_kind"]) == {"besluit"}


def test_the_log_follows_the_conditions_of_the_procedure(tables: Tables) -> None:
    done = tables["steps"][tables["steps"]["state"] == "gedaan"]
    cases = tables["cases"].set_index("case_id")

    def with_step(step: str) -> set[str]:
        return set(done.loc[done["step"] == step, "case_id"])

    criminal = cases["criminal_track"]
    assert not criminal.reindex(sorted(with_step("STRAF"))).eq(False).any()
    assert with_step("ORDE") <= set(tables["order_measures"]["case_id"])
    signals = tables["signals"]
    asked = set(signals.loc[signals["triage_outcome"] == "orienterend", "case_id"])
    assert with_step("OO") <= asked
    informants = set(signals.loc[signals["source"] == "klokkenluider", "case_id"])
    acknowledged = cases.loc[sorted(with_step("ONTV"))]
    of_informant = acknowledged[acknowledged["kind"] != "klacht"]
    assert len(of_informant) > 5
    assert set(of_informant.index) <= informants
    assert (of_informant["opened_on"] >= "2023-02-18").all()
    acts = tables["allegations"]
    recorded = acts[acts["finding"].notna() & (acts["finding"] != "onbekend")]
    executed = set(recorded["case_id"]) & with_step("TUL")
    final = acts[acts["final_penalty"].isin(LETTERS) & ~acts["conditional"].fillna(False)]
    assert executed <= set(final["case_id"])
    objected = set(acts.loc[acts["objection_result"].notna(), "case_id"])
    assert set(recorded["case_id"]) & with_step("BEROEP") <= objected


# True to what was planted


def observed_in_order(dated: pd.DataFrame, first: str, then: str, keys: list[str]) -> tuple[int, int]:
    pair = dated[dated["step"] == first].merge(dated[dated["step"] == then], on=keys, suffixes=("", "_then"))
    return int((pair["done_on"] > pair["done_on_then"]).sum()), len(pair)


@pytest.mark.parametrize(
    ("fault", "keys"),
    [
        ("TRI_before_OPDR", ["case_id"]),
        ("KENN_before_HOORB", ["case_id", "subject_id"]),
        ("RAPP_before_ADV", ["case_id"]),
        ("SMO_before_VOORN", ["case_id", "subject_id"]),
    ],
)
def test_steps_are_out_of_order_at_the_planted_rate(
    dated: pd.DataFrame, truth: dict, fault: str, keys: list[str]
) -> None:
    rate = truth["steps"]["order_faults"][fault]
    first, then = fault.split("_before_")
    # A complaint has a hearing but no notice: only disciplinary cases have the pair.
    violated, pairs = observed_in_order(dated[dated["kind"] == "disciplinair"], first, then, keys)
    assert abs(violated / pairs - rate) < 4 * np.sqrt(rate * (1 - rate) / pairs)


@pytest.mark.parametrize(
    ("first", "then", "keys"),
    [
        ("MELD", "REG", ["case_id"]),
        ("REG", "TRI", ["case_id"]),
        ("OO", "OPDR", ["case_id"]),
        ("OPDR", "HOORG", ["case_id"]),
        ("OPDR", "RAPP", ["case_id"]),
        ("MIDD", "RAPP", ["case_id"]),
        ("HOORB", "WEDER", ["case_id", "subject_id"]),
        ("WEDER", "RAPP", ["case_id"]),
        ("ADV", "VBSL", ["case_id"]),
        ("VBSL", "SMO", ["case_id"]),
        ("VOORN", "ZIENS", ["case_id", "subject_id"]),
        ("ZIENS", "BESL", ["case_id", "subject_id"]),
        ("AGFA", "BESL", ["case_id", "subject_id"]),
        ("BESL", "BEKEND", ["case_id", "subject_id"]),
        ("BESL", "TUL", ["case_id", "subject_id"]),
        ("BEZW", "BEROEP", ["case_id", "subject_id"]),
        ("NAZ", "SLUIT", ["case_id"]),
        ("TUL", "SLUIT", ["case_id"]),
    ],
)
def test_all_other_steps_are_in_order(dated: pd.DataFrame, first: str, then: str, keys: list[str]) -> None:
    violated, pairs = observed_in_order(dated[dated["kind"] == "disciplinair"], first, then, keys)
    assert pairs > 0
    assert violated == 0


def planted_factor(cases: pd.DataFrame, duration: dict) -> pd.Series:
    return (
        cases["unit"].map(duration["unit_factor"])
        * cases["opened_on"].dt.year.astype(str).map(duration["year_factor"])
        * cases["complexity"].map(duration["complexity_factor"])
    )


@pytest.mark.parametrize(
    ("stage", "start", "stop"),
    [
        ("intake", "MELD", "OPDR"),
        ("fact_finding", "OPDR", "RAPP"),
        ("assessment", "RAPP", "VOORN"),
        ("decision", "VOORN", "BESL"),
    ],
)
def test_stage_durations_come_back_as_planted(
    tables: Tables, disciplinary: pd.DataFrame, dated: pd.DataFrame, truth: dict, stage: str, start: str, stop: str
) -> None:
    # Cases of up to 2022 without suspension: nearly all have ended, so no censoring to reckon with.
    cases = disciplinary[disciplinary["opened_on"] < "2023-01-01"]
    cases = cases[~cases.index.isin(tables["suspensions"]["case_id"])]
    moment = dated.groupby(["step", "case_id"])["done_on"].first()
    took = days((moment[stop] - moment[start]).reindex(cases.index).dropna())
    relative = took / planted_factor(cases, truth["duration"]).reindex(took.index)
    planted = truth["duration"]["stages"][stage]
    assert relative.median() == pytest.approx(planted["median_days"], rel=0.05)
    assert np.log(relative).std() == pytest.approx(planted["sigma_log"], rel=0.08)


def test_a_unit_that_was_planted_slower_is_slower(
    tables: Tables, disciplinary: pd.DataFrame, dated: pd.DataFrame, truth: dict
) -> None:
    cases = disciplinary[(disciplinary["opened_on"] < "2023-01-01")]
    cases = cases[~cases.index.isin(tables["suspensions"]["case_id"])]
    moment = dated.groupby(["step", "case_id"])["done_on"].first()
    took = days((moment["RAPP"] - moment["MELD"]).reindex(cases.index).dropna())
    planted = truth["duration"]
    others = planted_factor(cases, planted) / cases["unit"].map(planted["unit_factor"])
    seen = np.log(took / others.reindex(took.index)).groupby(cases["unit"]).mean()
    effect = np.log(pd.Series(planted["unit_factor"])).reindex(seen.index)
    assert np.corrcoef(seen, effect)[0, 1] > 0.9


def test_total_duration_has_a_median_of_some_two_hundred_days(disciplinary: pd.DataFrame) -> None:
    old = disciplinary[disciplinary["opened_on"] < "2023-01-01"]
    took = days(old["closed_on"].fillna(EXTRACTED) - old["opened_on"])
    assert 170 < took.median() < 235


def test_the_share_found_by_unit_is_what_the_planted_logit_expects(
    tables: Tables, disciplinary: pd.DataFrame, truth: dict
) -> None:
    acts = tables["allegations"].merge(tables["subjects"], on=["case_id", "subject_id"])
    acts = acts.merge(disciplinary[["unit", "complexity", "opened_on"]], left_on="case_id", right_index=True)
    # Cases with misconduct take longer; those of before 2024 have nearly all ended either way.
    acts = acts[acts["finding"].isin(SUBSTANTIVE) & (acts["opened_on"] < "2024-01-01")].dropna(subset="prior_measures")
    outcome = truth["outcome"]
    logit = (
        outcome["intercept"]
        + acts["unit"].map(outcome["unit_effect"])
        + acts["category"].map(outcome["category_effect"])
        + acts["complexity"].map(outcome["complexity_effect"])
        + acts["rank_band"].map(outcome["rank_effect"])
        + outcome["prior_effect"] * acts["prior_measures"].astype(float)
    )
    chance = 1 / (1 + np.exp(-logit))
    found = acts["finding"].isin(MISCONDUCT)
    excess = (found - chance).groupby(acts["unit"]).sum()
    spread = np.sqrt((chance * (1 - chance)).groupby(acts["unit"]).sum())
    assert len(excess) == 12
    assert ((excess / spread).abs() < 3.5).all()
    assert abs(found.sum() - chance.sum()) < 4 * np.sqrt((chance * (1 - chance)).sum())
    # Without the unit effects the units would differ more than chance allows: the effect is really there.
    flat = 1 / (1 + np.exp(-(logit - acts["unit"].map(outcome["unit_effect"]))))
    ignoring = ((found - flat).groupby(acts["unit"]).sum() / spread).pow(2).sum()
    assert ignoring > 2 * (excess / spread).pow(2).sum()


@pytest.mark.parametrize("step", ["OPDR", "KENN", "RAPP", "WEDER", "ADV", "VBSL"])
def test_steps_go_unrecorded_in_each_unit_as_planted(
    tables: Tables, disciplinary: pd.DataFrame, truth: dict, step: str
) -> None:
    decided = disciplinary[disciplinary["exit_kind"] == "besluit"]
    of_person = step in ("KENN", "WEDER")
    keys = ["case_id", "subject_id"] if of_person else ["case_id"]
    asked = tables["subjects"] if of_person else decided.reset_index()[["case_id"]]
    asked = asked[asked["case_id"].isin(decided.index)][keys]
    log = tables["steps"][tables["steps"]["step"] == step]
    states = asked.merge(log, on=keys, how="left")
    unit = states["case_id"].map(decided["unit"])
    late = states["case_id"].map(decided["opened_on"]).dt.year >= 2021
    planted = truth["steps"]
    base = planted["probability"][step]
    logit = np.log(base["not_recorded"] / (1 - base["not_recorded"])) + unit.map(planted["unit_not_recorded_shift"])
    chance = 1 / (1 + np.exp(-(logit + planted["not_recorded_shift_from_2021"] * late)))
    missing = states["state"].isna()
    excess = (missing - chance).groupby(unit).sum() / np.sqrt((chance * (1 - chance)).groupby(unit).sum())
    assert (excess.abs() < 4).all()
    not_done = (states.loc[~missing, "state"] == "niet_gedaan").mean()
    spread = np.sqrt(base["not_done"] * (1 - base["not_done"]) / (~missing).sum())
    assert not_done == pytest.approx(base["not_done"], abs=4 * spread)


def test_units_differ_in_registering_signals_and_steps(tables: Tables) -> None:
    staff = tables["staffing"].groupby("unit")["headcount"].sum()
    loose = tables["signals"][tables["signals"]["case_id"].isna()]
    per_thousand = 1000 * loose["unit"].value_counts() / staff
    assert per_thousand["RTD"] > 3 * per_thousand["AMS"]


def test_readers_agree_as_often_as_their_planted_accuracy_implies(tables: Tables, truth: dict) -> None:
    reviews = tables["reviews"]
    reviews = reviews[reviews["rating"] != "niet_te_beoordelen"]
    pairs = reviews.groupby(["case_id", "item"])["rating"].agg(["size", "nunique"])
    both = pairs[pairs["size"] == 2]
    agreed = (both["nunique"] == 1).mean()
    expected = truth["reviews"]["agreement_when_both_rated"]
    assert agreed == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / len(both)))


def test_decisions_deviate_from_advice_at_the_planted_rate(tables: Tables, truth: dict) -> None:
    persons = tables["allegations"].dropna(subset="first_penalty").drop_duplicates("subject_id")
    deviates = (persons["first_penalty"] != persons["advised_penalty"]).mean()
    assert deviates == pytest.approx(truth["penalty"]["deviation_from_advice"], abs=0.03)
    motivated = persons["deviation_reasons"].mean()
    assert motivated == pytest.approx(truth["penalty"]["deviation_motivated"], abs=0.08)


# As a steward would deliver it


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_example(tmp_path_factory.mktemp("levering"), seed=7, cases_per_year=12)


def test_there_is_a_workbook_for_each_unit_and_the_truth_stands_beside_them(written: list[Path]) -> None:
    assert [path.name for path in written] == [f"levering_{unit}.xlsx" for unit in UNITS]
    truth = json.loads((written[0].parent / "waarheid.json").read_text(encoding="utf-8"))
    assert truth == example_tables(seed=7, cases_per_year=12)[1]


def test_the_workbooks_read_back_to_the_same_tables(written: list[Path]) -> None:
    tables, _truth = example_tables(seed=7, cases_per_year=12)
    for name, contract in load_contracts().items():
        sheets = [pd.read_excel(path, sheet_name=contract.sheet, dtype=object, engine="openpyxl") for path in written]
        together = pd.concat([sheet for sheet in sheets if len(sheet)])
        assert list(together) == [column.header for column in contract.columns]
        together.columns = [column.name for column in contract.columns]
        for column in contract.columns:
            if column.logical_type == "boolean":
                together[column.name] = together[column.name].map({"ja": True, "nee": False}).astype("boolean")
        order = list(contract.primary_key) or list(together)
        expected = tables[name].sort_values(order, ignore_index=True)
        read = together.astype(expected.dtypes.to_dict()).sort_values(order, ignore_index=True)
        pd.testing.assert_frame_equal(read, expected)


def test_identifiers_keep_their_leading_zeros_and_dates_are_excel_dates(written: list[Path]) -> None:
    book = openpyxl.load_workbook(written[0])
    signal = book["meldingen"][2]
    assert (signal[0].value, signal[0].data_type) == ("0100001", "s")
    opened = book["onderzoeken"]["E2"]
    assert opened.is_date
    assert opened.number_format == "dd-mm-yyyy"
    assert book["onderzoeken"]["K2"].value in ("ja", "nee")


def test_cases_of_the_former_national_unit_stand_in_the_delivery_of_lx(written: list[Path]) -> None:
    units = {
        path.stem[9:]: set(pd.read_excel(path, sheet_name="onderzoeken", engine="openpyxl")["eenheid"])
        for path in written
    }
    assert units.pop("LX") == {"LE", "LX"}
    assert all(delivered == {unit} for unit, delivered in units.items())


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    tables, _truth = example_tables(seed=7, cases_per_year=1)
    tables["signals"] = tables["signals"].head(1).assign(signal_id='=HYPERLINK("http://example.org")')
    write_workbook(tmp_path / "levering.xlsx", tables)
    cell = openpyxl.load_workbook(tmp_path / "levering.xlsx")["meldingen"]["A2"]
    assert (cell.value, cell.data_type) == ('=HYPERLINK("http://example.org")', "s")
