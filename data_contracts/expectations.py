"""The one module that knows Great Expectations: rules in, places out.

Each rule compiles to exactly one expectation; results are joined to rules by an id in
`meta`, because they come back in another order. The context is ephemeral, and nothing
is sent anywhere (tested). The rows to which a conditional rule applies are picked
beforehand, so the engine sees plain columns only.
"""

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import pandas as pd

from data_contracts.contract import Rule

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import great_expectations as gx
    from great_expectations import expectations as gxe
    from great_expectations.core.expectation_suite import ExpectationSuite
    from great_expectations.data_context.types.base import ProgressBarsConfig

RESULT_FORMAT = {
    "result_format": "COMPLETE",
    "exclude_unexpected_values": True,
    "return_unexpected_index_query": False,
}


@dataclass(frozen=True)
class RuleResult:
    """What one rule found.

    `checked` is the number of rows to which the rule applied (0: not applicable);
    `breached` holds the index labels of the rows that break it.
    """

    rule: Rule
    checked: int
    breached: tuple[int, ...]

    @property
    def outcome(self) -> str:
        """One of `passed`, `failed`, `not_applicable`."""
        if self.breached:
            return "failed"
        return "passed" if self.checked else "not_applicable"


def compile_rule(rule: Rule) -> Any:
    """Return the expectation of a rule; its condition is applied to the rows beforehand.

    Raises
    ------
    ValueError
        If Great Expectations has no such expectation, or refuses its arguments.
    """
    name = "".join(word.capitalize() for word in rule.expectation.split("_"))
    expectation = getattr(gxe, name, None)
    if expectation is None:
        raise ValueError(f"{rule.id}: unknown expectation {rule.expectation}")
    kwargs = {key: _argument(value) for key, value in rule.kwargs.items()}
    if "column_A" in kwargs:
        kwargs["ignore_row_if"] = "either_value_is_missing"
    if rule.id.endswith(".key_unique") and "column_list" in kwargs:
        kwargs["ignore_row_if"] = "any_value_is_missing"
    return expectation(meta={"id": rule.id}, **kwargs)


def _argument(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return datetime.fromisoformat(value)  # date bounds must be datetime
    return value


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
    source = _context().data_sources.add_or_update_pandas("case_files")
    return source.add_dataframe_asset("rows").add_batch_definition_whole_dataframe("all")


def run_rules(frame: pd.DataFrame, rules: Sequence[Rule], when: Mapping[str, pd.Series]) -> list[RuleResult]:
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
    # The engine copies the whole frame for every condition: give each conditional rule its own rows and columns.
    always = [rule for rule in rules if rule.id not in when]
    batches = [(always, frame[sorted({c for rule in always for c in _columns(rule)})])] if always else []
    batches += [([rule], frame.loc[when[rule.id].astype(bool), _columns(rule)]) for rule in rules if rule.id in when]
    found: dict[str, Any] = {}
    for some, rows in batches:
        found |= _validate(rows, [compile_rule(rule) for rule in some])
    return [_result(rule, found, frame, when.get(rule.id)) for rule in rules]


def _columns(rule: Rule) -> list[str]:
    """The columns that the expectation reads."""
    named = [rule.kwargs[key] for key in ("column", "column_A", "column_B") if key in rule.kwargs]
    return named + list(rule.kwargs.get("column_list", ()))


def _validate(rows: pd.DataFrame, expectations: list[Any]) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outcome = (
            _frames()
            .get_batch({"dataframe": rows})
            .validate(ExpectationSuite(name="contract", expectations=expectations), result_format=RESULT_FORMAT)
        )
    return {result.expectation_config.meta["id"]: result for result in outcome.results}


def _result(rule: Rule, found: dict[str, Any], frame: pd.DataFrame, truth: pd.Series | None) -> RuleResult:
    result = found.get(rule.id)
    if result is None:
        raise RuntimeError(f"{rule.id}: declared but not run")
    raised = result.exception_info
    if raised.get("raised_exception") or any(
        isinstance(v, dict) and v.get("raised_exception") for v in raised.values()
    ):
        raise RuntimeError(f"{rule.id}: {str(raised)[:500]}")
    columns = _columns(rule)
    applies = truth if truth is not None else pd.Series(True, index=frame.index)
    if not rule.expectation.endswith("_null") and "column_list" not in rule.kwargs:
        applies = applies & frame[columns].notna().all(axis=1)
    breached = result.result.get("unexpected_index_list") or []
    return RuleResult(rule, int(applies.sum()), tuple(sorted(int(label) for label in breached)))
