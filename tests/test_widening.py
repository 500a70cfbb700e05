"""Looked-up columns agree with a slow, obvious second implementation on random tables of two deliveries."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from data_contracts.code_lists import load_code_lists
from data_contracts.contract import load_contracts
from data_contracts.reading.convert import DTYPES
from data_contracts.reading.tables import Table
from data_contracts.rules.coded import Coded, keys_of
from data_contracts.rules.rule_columns import rule_columns
from data_contracts.rules.widening import widen

STEPS = ["OPDR", "RAPP", "BESL"]


def _table(name: str, n: int, rng: np.random.Generator, **values: Any) -> pd.DataFrame:
    frame = pd.DataFrame({
        column.name: pd.Series(values.get(column.name, [None] * n), dtype=object).astype(DTYPES[column.logical_type])
        for column in load_contracts()[name].columns
    })  # fmt: skip
    return frame.assign(_delivery=rng.integers(0, 2, n))


def _some(rng: np.random.Generator, words: list, n: int) -> list:
    """Words with one in six missing."""
    return [None if hole else word for word, hole in zip(rng.choice(words, n), rng.random(n) < 1 / 6, strict=True)]


def _frames(seed: int, rows: int = 60) -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    cases, people = [f"Z{n}" for n in range(8)], [f"B-{n:06x}" for n in range(3)]
    days = [f"2020-01-{day:02}" for day in range(1, 29)]

    def at(n: int) -> dict[str, list]:
        return {"case_id": _some(rng, cases, n), "subject_id": _some(rng, people, n)}

    record = _table("delivery", 2, rng, extracted_at=["2021-01-01", "2022-01-01"], cohort_basis=["alle", "geopend"])
    return {
        "delivery": record.assign(_delivery=[1, 0]),
        "cases": _table("cases", 12, rng, case_id=_some(rng, cases, 12), opened_on=_some(rng, days, 12),
                        closed_on=_some(rng, days, 12), exit_kind=_some(rng, ["besluit", "sepot"], 12),
                        unit=_some(rng, ["LE", "AMS", "LX"], 12)),
        "steps": _table("steps", rows, rng, **at(rows), step=_some(rng, STEPS, rows), done_on=_some(rng, days, rows)),
        "allegations": _table("allegations", rows, rng, **at(rows)),
        "subjects": _table("subjects", 9, rng, **at(9)),
        "order_measures": _table("order_measures", 9, rng, **at(9), order_measure_id=_some(rng, cases, 9),
                                 extension_of=_some(rng, cases, 9)),
    }  # fmt: skip


def _is(value: Any) -> bool:
    return not pd.isna(value)


def _slowly(name: str, table: str, frames: dict[str, pd.DataFrame], row: pd.Series) -> Any:
    """Walk through the other table for one row."""
    place, _dot, column = name.rpartition(".")
    other, _bracket, condition = place.removesuffix("]").partition("[")
    by_case = other != "delivery" and table != "delivery"
    near = [r for _label, r in frames[other].iterrows() if r["_delivery"] == row["_delivery"]]
    near = [r for r in near if not by_case or (_is(r["case_id"]) and r["case_id"] == row["case_id"])]
    if condition:
        field, _equals, wanted = condition.partition("=")
        present = {"": False, "present": True}
        near = [r for r in near if (_is(r[field]) == present[wanted] if wanted in present else r[field] == wanted)]
    of_persons = "subject_id" in frames[table] and "subject_id" in frames[other]
    if not (condition and of_persons and _is(row["subject_id"])):
        values = near
    else:
        own = [r for r in near if _is(r["subject_id"]) and r["subject_id"] == row["subject_id"]]
        shared = [r for r in near if not _is(r["subject_id"])]
        filled = column == "count" or any(_is(r[column]) for r in own)
        values = [*own, *shared] if column == "count" else own if filled else shared
    if column == "count":
        return len(values)
    found = [r[column] for r in values if _is(r[column])]
    return (min(found) if condition else found[0]) if found else None


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("cases", "delivery.extracted_at"), ("cases", "delivery.cohort_basis"), ("cases", "steps.count"),
        ("cases", "steps[step=RAPP].count"), ("cases", "steps[step=RAPP].done_on"), ("steps", "cases.opened_on"),
        ("steps", "cases.exit_kind"), ("steps", "steps[step=OPDR].done_on"), ("steps", "steps[step=OPDR].count"),
        ("allegations", "steps[step=BESL].done_on"), ("allegations", "steps[step=BESL].count"),
        ("allegations", "steps[step=].done_on"), ("allegations", "steps[step=NOOIT].count"),
        ("allegations", "steps[step=BESL].subject_id"), ("delivery", "cases.count"),
        ("delivery", "cases[closed_on=].count"), ("delivery", "cases[closed_on=present].count"),
        ("steps", "delivery.extracted_at"),
    ],
)  # fmt: skip
def test_a_lookup_finds_what_walking_through_the_other_table_finds(table: str, name: str, seed: int):
    frames = _frames(seed)
    found = widen(name, table, Coded(frames), load_contracts(), load_code_lists())
    slowly = [_slowly(name, table, frames, row) for _label, row in frames[table].iterrows()]
    assert [value if _is(value) else None for value in found] == slowly
    assert found.index.equals(frames[table].index)


def test_a_lookup_in_a_table_that_was_not_delivered_is_missing():
    frames = {name: frame for name, frame in _frames(0).items() if name != "steps"}
    for name, dtype in {
        "steps.count": "Int64",
        "steps[step=RAPP].done_on": "datetime64[s]",
        "steps.state": "str",
    }.items():
        found = widen(name, "cases", Coded(frames), load_contracts(), load_code_lists())
        assert found.isna().all()
        assert found.dtype == dtype


def test_a_lookup_in_a_table_without_rows_counts_nothing():
    frames = _frames(0, rows=0)
    found = widen("steps[step=RAPP].count", "cases", Coded(frames), load_contracts(), load_code_lists())
    assert found.tolist() == [0] * 12
    assert widen("steps.done_on", "cases", Coded(frames), load_contracts(), load_code_lists()).isna().all()


def test_a_code_has_the_validity_of_the_code_list():
    frames = _frames(1)
    for bound in ("valid_from", "valid_to"):
        found = widen(f"unit.{bound}", "cases", Coded(frames), load_contracts(), load_code_lists())
        codes = load_code_lists()["unit"].codes
        expected = [getattr(codes[unit], bound) if _is(unit) else None for unit in frames["cases"]["unit"]]
        assert [day.date().isoformat() if _is(day) else None for day in found] == [
            str(day) if day else None for day in expected
        ]


def _references(frames: dict[str, pd.DataFrame], table: str, column: str) -> list[str | None]:
    rules = [rule for rule in load_contracts()[table].rules if rule.kwargs.get("column") == f"{column}:parent"]
    flags = pd.DataFrame(index=frames[table].index)
    found = rule_columns(
        Table(table, frames[table], flags, flags, {}, {}), rules, Coded(frames), load_contracts(), load_code_lists()
    )[f"{column}:parent"]
    return [value if _is(value) else None for value in found]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("table", "column", "parent", "keys"),
    [
        ("steps", "case_id", "cases", ["case_id"]),
        ("steps", "subject_id", "subjects", ["case_id", "subject_id"]),
        ("order_measures", "extension_of", "order_measures", ["order_measure_id"]),
    ],
)
def test_a_reference_without_a_row_to_refer_to_is_an_orphan(
    table: str, column: str, parent: str, keys: list[str], seed: int
):
    frames = _frames(seed)
    known = {tuple(map(str, row)) for row in frames[parent][["_delivery", *keys]].itertuples(index=False)}
    own = frames[table][["_delivery", *keys[:-1], column]]
    expected = [
        "no_parent" if _is(row[-1]) and tuple(map(str, row)) not in known else "" for row in own.itertuples(index=False)
    ]
    assert _references(frames, table, column) == expected
    assert {"", "no_parent"} == set(expected)


def test_a_reference_to_a_table_that_was_not_delivered_cannot_be_judged():
    frames = {name: frame for name, frame in _frames(0).items() if name != "subjects"}
    assert set(_references(frames, "steps", "subject_id")) == {None}


def test_equal_keys_get_equal_numbers_in_all_tables_and_other_keys_other_numbers():
    rng = np.random.default_rng(0)
    frames = [pd.DataFrame({"a": rng.integers(0, 2, n), "b": _some(rng, ["x", "y"], n)}) for n in (30, 0, 20)]
    keys = keys_of(frames)
    rows = [tuple(map(str, row)) for frame in frames for row in frame.itertuples(index=False)]
    numbers = [int(number) for key in keys for number in key.numbers]
    assert len(set(zip(rows, numbers, strict=True))) == len(set(rows)) == len(set(numbers)) == keys[0].size
    assert max(numbers) < keys[0].size
    assert [key.missing.tolist() for key in keys] == [frame["b"].isna().tolist() for frame in frames]
