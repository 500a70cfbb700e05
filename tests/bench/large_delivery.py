"""A delivery of any number of cases, typed, with every rule of the case contract broken at known rows."""

import numpy as np
import pandas as pd

from data_contracts.code_lists import load_code_lists
from data_contracts.contract import load_contracts
from data_contracts.reading.convert import DTYPES
from data_contracts.reading.tables import Delivery, Table

EXTRACTED = "2025-06-30"
CATEGORY_FROM = np.datetime64("2020-01-01")
ONE_IN = 200  # of so many cases one is faulty, each fault in its turn


def large_delivery(cases: int, seed: int = 1) -> Delivery:
    """Return one delivery with so many cases, and the rows of other tables that rules about cases look up."""
    rng = np.random.default_rng(seed)
    frame = _cases(cases, rng)
    frames = {"delivery": _record(), "cases": frame} | _others(frame, rng)
    flags = {name: _flags(name, len(rows)) for name, rows in frames.items()}
    for number, fault in enumerate(FAULTS):
        at = np.arange(ONE_IN // 2, cases, ONE_IN)[number :: len(FAULTS)]
        fault(frames, flags["cases"], at)
    tables = {name: _table(name, rows.reset_index(drop=True), flags[name]) for name, rows in frames.items()}
    return Delivery("groot", tables, (), {}, load_code_lists())


def _cases(n: int, rng: np.random.Generator) -> pd.DataFrame:
    opened = np.datetime64("2014-01-01", "s") + rng.integers(0, 4100, n).astype("timedelta64[D]")
    closed = opened + rng.integers(20, 90, n).astype("timedelta64[D]")
    is_open = rng.random(n) < 0.15
    units = np.array(["NN", "ON", "MN", "NH", "AMS", "DH", "RTD", "ZWB", "OB", "LB", "PDC"], dtype=object)
    old, new = (np.array(words, dtype=object) for words in _categories())
    unit = rng.choice(units, n)
    decided = rng.random(n) < 0.4
    return _typed("cases", {
        "case_id": [f"2019-{number:08d}" for number in range(n)],
        "unit": unit,
        "investigating_unit": unit,
        "kind": rng.choice(np.array(["disciplinair", "orienterend", "klacht"], dtype=object), n, p=[0.5, 0.3, 0.2]),
        "opened_on": opened,
        "closed_on": np.where(is_open, np.datetime64("NaT"), closed),
        "status": np.where(is_open, "lopend", "afgesloten"),
        "exit_kind": np.where(is_open, None, np.where(decided, "besluit", _code("exit_kind", 1))),
        "category": np.where(opened < CATEGORY_FROM, rng.choice(old, n), rng.choice(new, n)),
        "complexity": rng.choice(np.array(list(load_code_lists()["complexity"].codes), dtype=object), n),
        "criminal_track": rng.random(n) < 0.1,
    })  # fmt: skip


def _categories() -> tuple[list[str], list[str]]:
    codes = load_code_lists()["category"].codes.items()
    return [c for c, entry in codes if entry.valid_to], [
        c for c, entry in codes if entry.valid_from and not entry.valid_to
    ]


def _code(name: str, other_than: int) -> str:
    return [code for code in load_code_lists()[name].codes if code != "besluit"][other_than]


def _record() -> pd.DataFrame:
    return _typed("delivery", {
        "unit": ["AMS"], "extracted_at": [EXTRACTED], "period_start": ["2014-01-01"], "period_end": [EXTRACTED],
        "cohort_basis": ["alle"], "contract_version": ["1.0.0"], "counting_unit": ["onderzoek"],
    })  # fmt: skip


def _others(cases: pd.DataFrame, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Persons, acts, steps and suspensions of cases that need them: one or two a case, in no order."""
    disciplinary = cases["case_id"][cases["kind"] == "disciplinair"]
    decided = cases["case_id"][(cases["kind"] == "disciplinair") & (cases["exit_kind"] == "besluit")]
    criminal = cases["case_id"][cases["criminal_track"].astype(bool)]

    def of(needed: pd.Series, second: float) -> np.ndarray:
        ids = needed.to_numpy(dtype=object)
        return rng.permutation(np.concatenate([ids, rng.choice(ids, int(second * len(ids)))]))

    subjects, acts, steps, stops = of(disciplinary, 0.2), of(decided, 0.5), of(decided, 1.0), of(criminal, 0.1)
    return {
        "subjects": _typed("subjects", {"case_id": subjects, "subject_id": _numbered("B", len(subjects))}),
        "allegations": _typed("allegations", {"case_id": acts, "allegation_id": _numbered("G", len(acts))}),
        "steps": _typed("steps", {"case_id": steps, "step": ["OPDR"] * len(steps), "state": ["gedaan"] * len(steps)}),
        "suspensions": _typed("suspensions", {"case_id": stops, "reason": ["strafrechtelijk"] * len(stops)}),
    }


def _numbered(letter: str, n: int) -> list[str]:
    return [f"{letter}-{number:08x}" for number in range(n)]


def _typed(name: str, values: dict) -> pd.DataFrame:
    n = len(next(iter(values.values())))
    return pd.DataFrame({
        column.name: pd.Series(values.get(column.name, [None] * n)).astype(DTYPES[column.logical_type])
        for column in load_contracts()[name].columns
    })  # fmt: skip


def _flags(name: str, n: int) -> pd.DataFrame:
    columns = load_contracts()[name].columns
    names = [f"{c.name}:form" for c in columns] + [f"{c.name}:code" for c in columns if c.code_list]
    return pd.DataFrame({flag: pd.Series([""] * n, dtype="str") for flag in names})


def _table(name: str, frame: pd.DataFrame, flags: pd.DataFrame) -> Table:
    contract = load_contracts()[name]
    places = pd.DataFrame({"file": "groot.xlsx", "sheet": contract.sheet, "row": np.arange(2, len(frame) + 2)})
    headers = {column.name: (column.header, "A") for column in contract.columns}
    return Table(name, frame, flags, places, headers, {})


def _set(column: str, value: object):
    def fault(frames: dict, flags: pd.DataFrame, at: np.ndarray) -> None:
        frames["cases"].loc[at, column] = value

    return fault


def _flag(column: str, flag: str, word: str):
    def fault(frames: dict, flags: pd.DataFrame, at: np.ndarray) -> None:
        frames["cases"].loc[at, column] = pd.NA
        flags.loc[at, f"{column}:{flag}"] = word

    return fault


def _without(table: str):
    def fault(frames: dict, flags: pd.DataFrame, at: np.ndarray) -> None:
        gone = frames[table]["case_id"].isin(frames["cases"]["case_id"].iloc[at])
        frames[table] = frames[table][~gone]

    return fault


def _open_with_end(frames: dict, flags: pd.DataFrame, at: np.ndarray) -> None:
    frames["cases"].loc[at, "status"] = "lopend"


def _after_its_end(column: str):
    """Give cases of after 2023 the unit that ended then."""

    def fault(frames: dict, flags: pd.DataFrame, at: np.ndarray) -> None:
        late = ["LE", DAY("2024-06-01"), DAY("2024-07-01"), _categories()[1][0]]
        frames["cases"].loc[at, [column, "opened_on", "closed_on", "category"]] = late

    return fault


def _same_number(frames: dict, flags: pd.DataFrame, at: np.ndarray) -> None:
    pairs = at[: len(at) // 2 * 2]
    frames["cases"].loc[pairs[::2], "case_id"] = frames["cases"]["case_id"].to_numpy(dtype=object)[pairs[1::2]]


DAY = pd.Timestamp
FAULTS = (
    *[_flag(c.name, "form", word) for c in load_contracts()["cases"].columns for word in ("unreadable", "personal")],
    *[_flag(c.name, "code", "unknown_code") for c in load_contracts()["cases"].columns if c.code_list],
    *[_set(name, pd.NA) for name in ("case_id", "unit", "kind", "opened_on", "category", "exit_kind", "closed_on")],
    _set("closed_on", DAY("2013-01-01")), _set("opened_on", DAY("2025-12-01")), _set("closed_on", DAY("2026-01-01")),
    _set("opened_on", DAY("1900-01-01")), _set("closed_on", DAY("1900-01-01")), _set("unit", "LX"), _set("unit", "RR"),
    _after_its_end("unit"), _after_its_end("investigating_unit"), _set("investigating_unit", "LX"),
    _set("category", _categories()[0][0]),
    _set("category", _categories()[1][0]), _set("exit_kind", "besluit"), _open_with_end, _same_number,
    _without("subjects"), _without("allegations"), _without("steps"), _without("suspensions"),
)  # fmt: skip
