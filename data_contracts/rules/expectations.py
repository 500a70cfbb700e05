"""The one module that knows Great Expectations: rules in, places out.

Each rule compiles to exactly one expectation; results are joined to rules by an id in
`meta`, because they come back in another order. The context is ephemeral, and nothing
is sent anywhere (tested).

All rules of a table are one suite over one batch. Stock metrics cost some twelve
milliseconds a rule before they look at a row, and eight passes over the rows after
that. So an expectation asks for one metric that all rules of the table share, the rows
(`data_contracts.rules.row_masks`), and reads its own counts and places from it. Great
Expectations validates the arguments, resolves the metric, catches what raises, judges
(the `_validate` of the stock class) and makes the result that findings come from. A
rule that `row_masks` has no test for runs with the stock metrics.
"""

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from data_contracts.contract import Rule
from data_contracts.rules.row_masks import TESTS, Rows, judge

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import great_expectations as gx
    from great_expectations import expectations as gxe
    from great_expectations.core.batch import BatchMarkers
    from great_expectations.core.expectation_suite import ExpectationSuite
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.datasource.fluent.pandas_datasource import PandasDatasource
    from great_expectations.execution_engine import PandasExecutionEngine
    from great_expectations.execution_engine.pandas_batch_data import PandasBatchData
    from great_expectations.expectations.expectation_configuration import parse_result_format
    from great_expectations.expectations.metrics.metric_provider import MetricProvider, metric_value
    from great_expectations.expectations.row_conditions import Column
    from great_expectations.validator.metric_configuration import MetricConfiguration
    from great_expectations.validator.validator import ValidationDependencies

RESULT_FORMAT = {
    "result_format": "COMPLETE",
    "exclude_unexpected_values": True,
    "return_unexpected_index_query": False,
}


@dataclass(frozen=True)
class RuleResult:
    """What one rule found.

    `checked` is the number of rows to which the rule applied (0: not applicable);
    `breached` holds the index labels of the rows that break it, in order.
    """

    rule: Rule
    checked: int
    breached: np.ndarray

    @property
    def outcome(self) -> str:
        """One of `passed`, `failed`, `not_applicable`."""
        if len(self.breached):
            return "failed"
        return "passed" if self.checked else "not_applicable"


def compile_rule(rule: Rule, *, applies: str | None = None) -> Any:
    """Return the expectation of a rule.

    Parameters
    ----------
    rule : Rule
    applies : str or None
        Name of a column of truth values: the rows to which the rule applies.

    Raises
    ------
    ValueError
        If Great Expectations has no such expectation, or refuses its arguments.
    """
    stock = getattr(gxe, "".join(word.capitalize() for word in rule.expectation.split("_")), None)
    if stock is None:
        raise ValueError(f"{rule.id}: unknown expectation {rule.expectation}")
    kwargs = {key: _argument(value) for key, value in rule.kwargs.items()}
    if "column_A" in kwargs:
        kwargs["ignore_row_if"] = "either_value_is_missing"
    if rule.id.endswith(".key_unique") and "column_list" in kwargs:
        kwargs["ignore_row_if"] = "any_value_is_missing"
    if applies:
        kwargs["row_condition"] = Column(applies) == True  # noqa: E712
    expectation = _in_one_pass(stock, rule.expectation) if _is_in_one_pass(rule) else stock
    return expectation(meta={"id": rule.id}, **kwargs)


def _argument(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return datetime.fromisoformat(value)  # date bounds must be datetime
    return value


def _is_in_one_pass(rule: Rule) -> bool:
    return rule.expectation in TESTS and set(rule.kwargs) <= set(TESTS[rule.expectation][1])


class _SharedRows(MetricProvider):
    """The metric that all rules of a table share."""

    metric_name = "case_files.rows"
    domain_keys = ("batch_id",)

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(cls, execution_engine: Any, metric_domain_kwargs: dict, **_rest: Any) -> Rows:  # noqa: N805
        return Rows(execution_engine.get_domain_records(domain_kwargs=metric_domain_kwargs))


@cache
def _in_one_pass(stock: Any, name: str) -> Any:
    """Return the stock expectation with the shared rows as its only metric; arguments and verdict are its own."""
    test, arguments = TESTS[name]

    def get_validation_dependencies(self: Any, *_args: Any, **_kwargs: Any) -> ValidationDependencies:
        shared = MetricConfiguration(_SharedRows.metric_name, {"batch_id": self.batch_id}, {})
        return ValidationDependencies({"rows": shared}, result_format=parse_result_format(RESULT_FORMAT))

    def _validate(self: Any, metrics: dict, *args: Any, **kwargs: Any) -> Any:
        applies = self.row_condition.column.name if self.row_condition else None
        found = judge(metrics["rows"], test, {key: getattr(self, key) for key in arguments}, applies)
        counts = {
            "table.row_count": found.selected,
            "column_values.nonnull.unexpected_count": found.selected - found.filled,
            f"{self.map_metric}.filtered_row_count": found.filled,
            f"{self.map_metric}.unexpected_count": len(found.breached),
            f"{self.map_metric}.unexpected_index_list": found.breached,
        }
        return stock._validate(self, counts, *args, **kwargs)

    methods = {"get_validation_dependencies": get_validation_dependencies, "_validate": _validate}
    return type(stock)(f"{stock.__name__}InOnePass", (stock,), {"__module__": __name__, **methods})


class _Engine(PandasExecutionEngine):
    """The pandas engine, without the fingerprint of all cells (seconds a table), the clock and a cache of metrics."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, caching=False)

    def get_batch_data_and_markers(self, batch_spec: Any) -> tuple[PandasBatchData, BatchMarkers]:
        frame, batch_spec.batch_data = batch_spec.batch_data, "PandasDataFrame"
        return PandasBatchData(self, frame), BatchMarkers({"ge_load_time": ""})


class CaseFilesDatasource(PandasDatasource):
    """Data frames on that engine; the name has no underscore, or Great Expectations leaves it out."""

    type: Literal["case_files"] = "case_files"  # type: ignore[assignment]
    execution_engine_override: ClassVar[Any] = _Engine


@cache
def _context() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    return context


@cache
def _frames() -> Any:
    """The one data frame asset; making it anew for every batch writes the whole project config each time."""
    source = _context().data_sources.add_or_update_case_files(CaseFilesDatasource(name="case_files"))
    return source.add_dataframe_asset("rows").add_batch_definition_whole_dataframe("all")


def run_rules(frame: pd.DataFrame, rules: Sequence[Rule], when: Mapping[str, Any]) -> list[RuleResult]:
    """Run rules over one table with Great Expectations.

    Parameters
    ----------
    frame : DataFrame
        The table with all columns that the rules name, integer index.
    rules : sequence of Rule
        Each becomes one expectation.
    when : mapping
        Rule id -> truth per row: the rows to which the rule applies.

    Returns
    -------
    list of RuleResult
        In the order of `rules`.

    Raises
    ------
    RuntimeError
        If an expectation raised, or a result is missing: never a silent pass.
    """
    together = [rule for rule in rules if _is_in_one_pass(rule)]
    applies = {rule.id: f"when:{rule.id}" for rule in together if rule.id in when}
    truths = pd.DataFrame({name: when[id_] for id_, name in applies.items()}, index=frame.index)
    found = _validate(
        pd.concat([frame, truths], axis=1), [compile_rule(rule, applies=applies.get(rule.id)) for rule in together]
    )
    for rule in rules:
        if not _is_in_one_pass(rule):  # the stock engine copies all it is given for a condition: give it what it needs
            rows = frame.loc[when[rule.id], _columns(rule)] if rule.id in when else frame[_columns(rule)]
            found |= _validate(rows, [compile_rule(rule)])
    return [_result(rule, found) for rule in rules]


def _columns(rule: Rule) -> list[str]:
    """The columns that the expectation reads."""
    named = [rule.kwargs[key] for key in ("column", "column_A", "column_B") if key in rule.kwargs]
    return named + list(rule.kwargs.get("column_list", ()))


def _validate(rows: pd.DataFrame, expectations: list[Any]) -> dict[str, Any]:
    if not expectations:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outcome = (
            _frames()
            .get_batch({"dataframe": rows})
            .validate(ExpectationSuite(name="contract", expectations=expectations), result_format=RESULT_FORMAT)
        )
    engine = _frames().data_asset.datasource.get_execution_engine()
    engine.batch_manager.reset_batch_cache()
    engine.batch_manager.batch_data_cache.clear()  # the context outlives the check; the case files must not
    return {result.expectation_config.meta["id"]: result for result in outcome.results}


def _result(rule: Rule, found: dict[str, Any]) -> RuleResult:
    result = found.get(rule.id)
    if result is None:
        raise RuntimeError(f"{rule.id}: declared but not run")
    raised = result.exception_info
    if raised.get("raised_exception") or any(
        isinstance(v, dict) and v.get("raised_exception") for v in raised.values()
    ):
        raise RuntimeError(f"{rule.id}: {str(raised)[:500]}")
    checked = result.result["element_count"]
    if "column_list" not in rule.kwargs:  # a row is checked for uniqueness also when part of its key is missing
        checked -= result.result.get("missing_count", 0)
    breached = result.result.get("unexpected_index_list")
    return RuleResult(rule, checked, np.sort(np.asarray(breached if breached is not None else (), dtype=np.int64)))
