"""The rules of the case contract written out for each other tool: every function finds row labels, or counts, by rule.

They get what the check gets: typed tables and the flags of reading. The list of columns
and codes comes from the contract; the rules themselves are spelled out, as one would.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from data_contracts.contract import load_contracts
from data_contracts.reading.tables import Delivery

COLUMNS = load_contracts()["cases"].columns
REQUIRED = [column.name for column in COLUMNS if column.required]
CODED = [column.name for column in COLUMNS if column.code_list]
SENTINEL = pd.Timestamp("1990-01-01")
FAULTY = ["unreadable", "unknown_code", "personal"]


def bounds(delivery: Delivery) -> dict[str, dict[str, pd.Timestamp]]:
    """Validity of units and categories: `unit_from`, `unit_to`, ... -> code -> day."""
    lists = {"unit": delivery.code_lists["unit"].codes, "category": delivery.code_lists["category"].codes}
    return {
        f"{name}_{bound}": {c: pd.Timestamp(day) for c, e in codes.items() if (day := getattr(e, f"valid_{bound}"))}
        for name, codes in lists.items()
        for bound in ("from", "to")
    }


def breaking(delivery: Delivery) -> dict[str, pd.Series]:
    """Hand-written pandas: rule -> truth a row that breaks it. One delivery, so its record is plain values."""
    cases, flags = delivery.tables["cases"].frame, delivery.tables["cases"].flags
    record = delivery.tables["delivery"].frame.iloc[0]
    valid = bounds(delivery)
    opened, closed, status, kind = cases["opened_on"], cases["closed_on"], cases["status"], cases["kind"]
    basis, exit_kind, case_id = record["cohort_basis"], cases["exit_kind"], cases["case_id"]
    never = pd.Series(False, index=cases.index)
    found = {}
    for column in COLUMNS:
        form = flags[f"{column.name}:form"]
        found[f"{column.name}_form"] = form == "unreadable"
        found[f"{column.name}_privacy"] = form == "personal"
    for name in CODED:
        found[f"{name}_known_code"] = flags[f"{name}:code"] == "unknown_code"
    for name in REQUIRED:
        found[f"{name}_required"] = cases[name].isna() & ~_faulty(flags, name)
    found["key_unique"] = case_id.notna() & case_id.duplicated(keep=False)
    found["closed_after_opened"] = closed < opened
    found["opened_on_not_after_extraction"] = opened > record["extracted_at"]
    found["closed_on_not_after_extraction"] = closed > record["extracted_at"]
    found["opened_on_not_sentinel"] = opened < SENTINEL
    found["closed_on_not_sentinel"] = closed < SENTINEL
    found["open_case_has_no_end"] = (status == "lopend") & closed.notna()
    found["closed_case_has_end"] = (status == "afgesloten") & closed.isna()
    found["closed_case_has_exit_kind"] = closed.notna() & exit_kind.isna()
    found["open_case_has_no_exit_kind"] = closed.isna() & exit_kind.notna()
    found["opened_in_period"] = opened < record["period_start"] if basis == "geopend" else never
    found["opened_before_period_end"] = opened > record["period_end"] if basis in ("geopend", "alle") else never
    found["closed_in_period"] = closed < record["period_start"] if basis == "afgesloten" else never
    found["closed_before_period_end"] = closed > record["period_end"] if basis == "afgesloten" else never
    for name, codes in (("unit", "unit"), ("investigating_unit", "unit"), ("category", "category")):
        found[f"{name}_valid_from"] = opened < pd.to_datetime(cases[name].map(valid[f"{codes}_from"]))
        found[f"{name}_valid_to"] = opened > pd.to_datetime(cases[name].map(valid[f"{codes}_to"]))
    found["category_present"] = cases["category"].isna() & ~_faulty(flags, "category")
    found["unit_has_staff"] = cases["unit"] == "RR"
    disciplinary = kind == "disciplinair"
    decided = disciplinary & (exit_kind == "besluit")
    stops = delivery.tables["suspensions"].frame
    criminal = stops["case_id"][stops["reason"] == "strafrechtelijk"]
    found["disciplinary_case_has_subject"] = disciplinary & ~case_id.isin(_numbers(delivery, "subjects"))
    found["decided_case_has_allegation"] = decided & ~case_id.isin(_numbers(delivery, "allegations"))
    found["decided_case_has_steps"] = decided & ~case_id.isin(_numbers(delivery, "steps"))
    found["criminal_step_has_suspension"] = cases["criminal_track"].fillna(False).astype(bool) & ~case_id.isin(
        criminal.dropna()
    )
    return {f"cases.{name}": truth for name, truth in found.items()}


def _faulty(flags: pd.DataFrame, name: str) -> pd.Series:
    """Cells that are filled, but could not be read."""
    faulty = flags[f"{name}:form"].isin(FAULTY)
    return faulty | flags[f"{name}:code"].isin(FAULTY) if name in CODED else faulty


def _numbers(delivery: Delivery, table: str) -> pd.Series:
    return delivery.tables[table].frame["case_id"].dropna()


def in_pandas(delivery: Delivery) -> Callable[[], dict[str, np.ndarray]]:
    """Places by rule in hand-written pandas."""
    return lambda: {rule: np.flatnonzero(truth) for rule, truth in breaking(delivery).items()}


def in_pandera(delivery: Delivery) -> Callable[[], dict[str, np.ndarray]]:
    """The same conditions as checks of one pandera schema, all failures gathered (lazy)."""
    import pandera.pandas as pa
    from pandera.errors import SchemaErrors

    def run() -> dict[str, np.ndarray]:
        broken = breaking(delivery)
        schema = pa.DataFrameSchema(
            checks=[pa.Check(lambda _rows, truth=truth: ~truth, name=rule) for rule, truth in broken.items()]
        )
        found = dict.fromkeys(broken, np.array([], dtype=int))
        try:
            schema.validate(delivery.tables["cases"].frame, lazy=True)
        except SchemaErrors as errors:
            cases = errors.failure_cases
            found |= {rule: np.unique(part["index"]).astype(int) for rule, part in cases.groupby("check")}
        return found

    return run


def in_pointblank(delivery: Delivery) -> Callable[[], dict[str, int]]:
    """The same conditions as steps of a pointblank validation of a polars frame; the frame is made beforehand."""
    import pointblank as pb
    import polars as pl

    wide = _wide(delivery)
    rows = pl.DataFrame({name: _for_polars(wide[name]) for name in wide})
    ids = {table: pl.Series(_numbers(delivery, table).tolist()) for table in ("subjects", "allegations", "steps")}
    stops = delivery.tables["suspensions"].frame
    ids["suspensions"] = pl.Series(stops["case_id"][stops["reason"] == "strafrechtelijk"].dropna().tolist())
    record = delivery.tables["delivery"].frame.iloc[0]
    rules = _polars_rules(pl, record, bounds(delivery), ids)

    def run() -> dict[str, int]:
        validation = pb.Validate(rows)
        for broken in rules.values():
            validation = validation.col_vals_expr(~broken.fill_null(False))
        validation = validation.interrogate(extract_limit=rows.height)
        failed = validation.n_failed()
        return {rule: failed[step] for step, rule in enumerate(rules, start=1)}

    return run


def _wide(delivery: Delivery) -> pd.DataFrame:
    table = delivery.tables["cases"]
    return pd.concat([table.frame, table.flags], axis=1)


def _for_polars(values: pd.Series) -> Any:
    if values.dtype.kind == "M":
        return values.to_numpy().astype("datetime64[ms]")
    return values.astype(object).where(values.notna(), None).tolist()


def _polars_rules(pl: Any, record: pd.Series, valid: dict, ids: dict) -> dict[str, Any]:
    col, basis = pl.col, record["cohort_basis"]
    found = {}
    for column in COLUMNS:
        found[f"{column.name}_form"] = col(f"{column.name}:form") == "unreadable"
        found[f"{column.name}_privacy"] = col(f"{column.name}:form") == "personal"
    for name in CODED:
        found[f"{name}_known_code"] = col(f"{name}:code") == "unknown_code"
    for name in REQUIRED:
        found[f"{name}_required"] = _unfilled(col, name)
    opened, closed, kind, exit_kind = col("opened_on"), col("closed_on"), col("kind"), col("exit_kind")
    found["key_unique"] = col("case_id").is_not_null() & col("case_id").is_duplicated()
    found["closed_after_opened"] = closed < opened
    found["opened_on_not_after_extraction"] = opened > record["extracted_at"]
    found["closed_on_not_after_extraction"] = closed > record["extracted_at"]
    found["opened_on_not_sentinel"] = opened < SENTINEL
    found["closed_on_not_sentinel"] = closed < SENTINEL
    found["open_case_has_no_end"] = (col("status") == "lopend") & closed.is_not_null()
    found["closed_case_has_end"] = (col("status") == "afgesloten") & closed.is_null()
    found["closed_case_has_exit_kind"] = closed.is_not_null() & exit_kind.is_null()
    found["open_case_has_no_exit_kind"] = closed.is_null() & exit_kind.is_not_null()
    found["opened_in_period"] = (opened < record["period_start"]) & (basis == "geopend")
    found["opened_before_period_end"] = (opened > record["period_end"]) & (basis in ("geopend", "alle"))
    found["closed_in_period"] = (closed < record["period_start"]) & (basis == "afgesloten")
    found["closed_before_period_end"] = (closed > record["period_end"]) & (basis == "afgesloten")
    for name, codes in (("unit", "unit"), ("investigating_unit", "unit"), ("category", "category")):
        for bound in ("from", "to"):
            days = valid[f"{codes}_{bound}"]
            day = col(name).replace_strict(days, default=None, return_dtype=pl.Datetime("ms"))
            found[f"{name}_valid_{bound}"] = opened < day if bound == "from" else opened > day
    found["category_present"] = _unfilled(col, "category")
    found["unit_has_staff"] = col("unit") == "RR"
    decided = (kind == "disciplinair") & (exit_kind == "besluit")
    found["disciplinary_case_has_subject"] = (kind == "disciplinair") & _lacks(pl, ids["subjects"])
    found["decided_case_has_allegation"] = decided & _lacks(pl, ids["allegations"])
    found["decided_case_has_steps"] = decided & _lacks(pl, ids["steps"])
    found["criminal_step_has_suspension"] = col("criminal_track") & _lacks(pl, ids["suspensions"])
    return {f"cases.{name}": broken for name, broken in found.items()}


def _unfilled(col: Any, name: str) -> Any:
    faulty = col(f"{name}:form").is_in(FAULTY)
    return col(name).is_null() & ~(faulty | col(f"{name}:code").is_in(FAULTY) if name in CODED else faulty)


def _lacks(pl: Any, numbers: Any) -> Any:
    return ~pl.col("case_id").is_in(numbers.implode()).fill_null(False)


def in_duckdb(delivery: Delivery) -> Callable[[], dict[str, np.ndarray]]:
    """The same conditions as SQL over tables that are loaded beforehand; one query, places of every rule."""
    import duckdb

    database = duckdb.connect()
    database.execute("SET threads = 1")
    wide = _wide(delivery).assign(row=np.arange(len(delivery.tables["cases"].frame)))
    for name in ("delivery", "subjects", "allegations", "steps", "suspensions"):
        _load(database, name, delivery.tables[name].frame)
    _load(database, "cases", wide)
    for name, days in bounds(delivery).items():
        _load(database, name, pd.DataFrame({"code": pd.Series(list(days), dtype="str"), "day": list(days.values())}))
    rules = _sql_rules()
    query = "\nUNION ALL ".join(
        f'SELECT {number} AS rule, "row" FROM cases c, delivery d WHERE {broken}'
        for number, broken in enumerate(rules.values())
    )

    def run() -> dict[str, np.ndarray]:
        places = database.execute(query).fetchnumpy()
        return {rule: np.sort(places["row"][places["rule"] == number]) for number, rule in enumerate(rules)}

    return run


def _load(database: Any, name: str, frame: pd.DataFrame) -> None:
    plain = pd.DataFrame({
        c: frame[c] if frame[c].dtype.kind in "Mi" else frame[c].astype(object).where(frame[c].notna(), None)
        for c in frame
    })  # fmt: skip
    database.register("incoming", plain)
    database.execute(f'CREATE TABLE "{name}" AS SELECT * FROM incoming')
    database.unregister("incoming")


def _sql_rules() -> dict[str, str]:
    found = {}
    for column in COLUMNS:
        found[f"{column.name}_form"] = f"\"{column.name}:form\" = 'unreadable'"
        found[f"{column.name}_privacy"] = f"\"{column.name}:form\" = 'personal'"
    for name in CODED:
        found[f"{name}_known_code"] = f"\"{name}:code\" = 'unknown_code'"
    found |= {f"{name}_required": _sql_unfilled(name) for name in REQUIRED}
    decided = "kind = 'disciplinair' AND exit_kind = 'besluit' AND"
    lacks = "(case_id IS NULL OR case_id NOT IN (SELECT case_id FROM {} WHERE case_id IS NOT NULL))"
    found |= {
        "key_unique": "case_id IN (SELECT case_id FROM cases GROUP BY case_id HAVING count(*) > 1)",
        "closed_after_opened": "closed_on < opened_on",
        "opened_on_not_after_extraction": "opened_on > extracted_at",
        "closed_on_not_after_extraction": "closed_on > extracted_at",
        "opened_on_not_sentinel": "opened_on < DATE '1990-01-01'",
        "closed_on_not_sentinel": "closed_on < DATE '1990-01-01'",
        "open_case_has_no_end": "status = 'lopend' AND closed_on IS NOT NULL",
        "closed_case_has_end": "status = 'afgesloten' AND closed_on IS NULL",
        "closed_case_has_exit_kind": "closed_on IS NOT NULL AND exit_kind IS NULL",
        "open_case_has_no_exit_kind": "closed_on IS NULL AND exit_kind IS NOT NULL",
        "opened_in_period": "cohort_basis = 'geopend' AND opened_on < period_start",
        "opened_before_period_end": "cohort_basis IN ('geopend', 'alle') AND opened_on > period_end",
        "closed_in_period": "cohort_basis = 'afgesloten' AND closed_on < period_start",
        "closed_before_period_end": "cohort_basis = 'afgesloten' AND closed_on > period_end",
        "category_present": _sql_unfilled("category"),
        "unit_has_staff": "c.unit = 'RR'",
        "disciplinary_case_has_subject": f"kind = 'disciplinair' AND {lacks.format('subjects')}",
        "decided_case_has_allegation": f"{decided} {lacks.format('allegations')}",
        "decided_case_has_steps": f"{decided} {lacks.format('steps')}",
        "criminal_step_has_suspension": "criminal_track AND "
        + lacks.format("(SELECT * FROM suspensions WHERE reason = 'strafrechtelijk')"),
    }
    for name, codes in (("unit", "unit"), ("investigating_unit", "unit"), ("category", "category")):
        for bound, sign in (("from", "<"), ("to", ">")):
            day = f"(SELECT day FROM {codes}_{bound} v WHERE v.code = c.{name})"
            found[f"{name}_valid_{bound}"] = f"opened_on {sign} {day}"
    return {f"cases.{name}": broken for name, broken in found.items()}


def _sql_unfilled(name: str) -> str:
    words = "('unreadable', 'unknown_code', 'personal')"
    code = f' AND "{name}:code" NOT IN {words}' if name in CODED else ""
    return f'c.{name} IS NULL AND "{name}:form" NOT IN {words}{code}'
