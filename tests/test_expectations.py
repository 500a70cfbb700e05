"""One pass over the rows finds what the stock expectations find; each declared rule is one expectation."""

import gc
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from data_contracts.contract import Rule, load_contracts
from data_contracts.delivery import read_delivery
from data_contracts.reading.tables import Table
from data_contracts.rules import expectations
from data_contracts.rules.coded import Coded
from data_contracts.rules.expectations import RuleResult, _argument, compile_rule, run_rules
from data_contracts.rules.one_table import together
from data_contracts.rules.row_masks import TESTS, Rows
from data_contracts.rules.rule_columns import conditions, rule_columns

WORDS = {"nl": "", "en": ""}
ALL_RULES = [rule for contract in load_contracts().values() for rule in contract.rules]


def _rule(expectation: str, *, name: str = "r", when: tuple = (), **kwargs: Any) -> Rule:
    return Rule(f"t.{name}", "t", "", WORDS, WORDS, "", "error", "row", f"expect_{expectation}", kwargs, when)


def _told(results: list[RuleResult]) -> dict[str, tuple[str, int, list[int]]]:
    return {result.rule.id: (result.outcome, result.checked, result.breached.tolist()) for result in results}


@pytest.fixture
def in_stock(monkeypatch: pytest.MonkeyPatch):
    """Run rules with the stock metrics of Great Expectations, each conditional one over its own rows."""

    def run(*arguments: Any) -> dict[str, tuple[str, int, list[int]]]:
        with monkeypatch.context() as patch:
            patch.setattr(expectations, "TESTS", {})
            return _told(run_rules(*arguments))

    return run


def _random_rows(rng: np.random.Generator, n: int) -> pd.DataFrame:
    def holes(values: Any, dtype: str) -> pd.Series:
        series = pd.Series(values).astype(dtype)
        return series.mask(pd.Series(rng.random(n) < 0.2, dtype=bool))

    days = np.datetime64("2020-01-01") + rng.integers(0, 40, (2, n)).astype("timedelta64[D]")
    return pd.DataFrame(
        {
            "start": holes(days[0], "datetime64[s]"),
            "end": holes(days[1], "datetime64[s]"),
            "nothing": pd.Series([pd.NaT] * n, dtype="datetime64[s]"),
            "code": holes(rng.choice(["a", "b", "c"], n), "str"),
            "other": holes(rng.choice(["a", "b", "c"], n), "str"),
            "number": holes(rng.integers(0, 9, n), "Int64"),
            "months": holes(rng.integers(0, 9, n), "Int64"),
            "yes": holes(rng.random(n) < 0.5, "boolean"),
            "flag": pd.Series(pd.Categorical(rng.choice(["", "unreadable"], n), categories=["", "unreadable"])),
            "none": pd.Series(pd.NA, index=range(n), dtype="str"),
        },
        index=range(n),
    )


KINDS = [
    _rule("column_values_to_be_null", column="start"),
    _rule("column_values_to_not_be_null", column="start"),
    _rule("column_values_to_not_be_null", column="none"),
    _rule("column_values_to_be_in_set", column="code", value_set=["a", "b"]),
    _rule("column_values_to_be_in_set", column="yes", value_set=[True]),
    _rule("column_values_to_be_in_set", column="number", value_set=[1, 2, 3]),
    _rule("column_values_to_not_be_in_set", column="code", value_set=["a"]),
    _rule("column_values_to_not_be_in_set", column="flag", value_set=["unreadable"]),
    _rule("column_values_to_not_be_in_set", column="none", value_set=["a", "b"]),
    _rule("column_values_to_not_be_in_set", column="start", value_set=["2020-01-03", "2020-01-04"]),
    _rule("column_values_to_be_between", column="number", min_value=2, max_value=6),
    _rule("column_values_to_be_between", column="number", min_value=2, strict_min=True),
    _rule("column_values_to_be_between", column="number", max_value=6, strict_max=True),
    _rule("column_values_to_be_between", column="start", min_value="2020-01-10", max_value="2020-01-31"),
    _rule("column_values_to_be_between", column="end", min_value="2020-01-10", strict_min=True),
    _rule("column_pair_values_a_to_be_greater_than_b", column_A="end", column_B="start", or_equal=True),
    _rule("column_pair_values_a_to_be_greater_than_b", column_A="end", column_B="start", or_equal=False),
    _rule("column_pair_values_a_to_be_greater_than_b", column_A="end", column_B="start"),
    _rule("column_pair_values_a_to_be_greater_than_b", column_A="end", column_B="nothing", or_equal=True),
    _rule("column_pair_values_a_to_be_greater_than_b", column_A="number", column_B="months", or_equal=True),
    _rule("column_pair_values_to_be_equal", column_A="code", column_B="other"),
    _rule("column_pair_values_to_be_equal", column_A="start", column_B="end"),
    _rule("column_pair_values_to_be_equal", column_A="number", column_B="months"),
    _rule("column_values_to_be_unique", column="start"),
    _rule("column_values_to_be_unique", column="code"),
    _rule("compound_columns_to_be_unique", column_list=["code", "number"]),
    _rule("compound_columns_to_be_unique", name="key_unique", column_list=["code", "number"]),
    _rule("compound_columns_to_be_unique", column_list=["none", "code", "start"]),
    _rule("column_values_to_match_regex", column="code", regex="[ab]"),
]


@pytest.mark.parametrize("n", [0, 1, 300])
@pytest.mark.parametrize("share", [None, 0.0, 0.4, 1.0], ids=["always", "no_row", "some_rows", "every_row"])
def test_every_kind_of_test_finds_what_the_stock_expectation_finds(in_stock, n: int, share: float | None):
    rng = np.random.default_rng(n)
    rows = _random_rows(rng, n)
    rules = [Rule(**{**vars(rule), "id": f"{rule.id}_{number}"}) for number, rule in enumerate(KINDS)]
    rules = [Rule(**{**vars(r), "id": f"t{n}.key_unique"}) if "key_unique" in r.id else r for n, r in enumerate(rules)]
    when = {} if share is None else {rule.id: rng.random(n) < share for rule in rules}
    found = _told(run_rules(rows, rules, when))
    assert found == in_stock(rows, rules, when)
    if n == 300 and share is None:
        assert {outcome for outcome, _checked, _places in found.values()} == {"failed", "not_applicable"}


def test_every_kind_of_test_is_tried_on_random_rows():
    assert {rule.expectation for rule in KINDS} >= set(TESTS)
    assert {rule.expectation for rule in ALL_RULES} <= set(TESTS)


def _spoiled(table: Table, rng: np.random.Generator) -> Table:
    """The table with one cell in twenty emptied, one in twenty swapped with another row, and flags raised."""
    frame, flags = table.frame.copy(), table.flags.copy()
    for column in frame.columns.drop("_delivery"):
        kinds = rng.choice(3, len(frame), p=[0.9, 0.05, 0.05])
        moved = frame[column].take(rng.permutation(len(frame))).set_axis(frame.index)
        frame[column] = frame[column].mask(kinds == 1).mask(kinds == 2, moved)
    for flag in flags:
        words = np.array(["", "unreadable", "personal", "unknown_code"], dtype=object)
        flags[flag] = pd.Categorical(rng.choice(words, len(flags), p=[0.94, 0.02, 0.02, 0.02]), categories=words)
    return Table(table.name, frame, flags, table.places, {}, {}, table.missing_columns)


def test_all_rules_of_all_contracts_find_on_a_spoiled_delivery_what_the_stock_expectations_find(
    in_stock, example_folder: Path
):
    deliveries = read_delivery(example_folder)[:3]
    rng = np.random.default_rng(1)
    tables = {name: _spoiled(table, rng) for name, table in together(deliveries).items()}
    coded = Coded({name: table.frame for name, table in tables.items()})
    outcomes = []
    for name, table in tables.items():
        rules = load_contracts()[name].rules
        columns = rule_columns(table, rules, coded, load_contracts(), deliveries[0].code_lists)
        when = conditions(rules, columns)
        found = _told(run_rules(columns, rules, when))
        assert found == in_stock(columns, rules, when)
        assert list(found) == [rule.id for rule in rules]
        outcomes += [outcome for outcome, _checked, _places in found.values()]
    assert len(outcomes) == len(ALL_RULES)
    assert outcomes.count("failed") > len(ALL_RULES) / 2


def test_each_rule_is_one_expectation_that_shows_what_was_declared():
    for rule in ALL_RULES:
        configuration = compile_rule(rule).configuration
        assert configuration.type == f"{rule.expectation}_in_one_pass"
        assert configuration.meta == {"id": rule.id}
        declared = {key: _argument(value) for key, value in rule.kwargs.items() if (key, value) != ("or_equal", False)}
        assert {
            key: configuration.kwargs[key] for key in declared
        } == declared  # a default (or_equal: false) is not told


def test_great_expectations_returns_as_many_results_as_rules_are_declared(monkeypatch: pytest.MonkeyPatch):
    rows, suites = _random_rows(np.random.default_rng(0), 50), []
    validate = expectations._validate

    def seen(*arguments: Any) -> dict[str, Any]:
        results = validate(*arguments)
        suites.append(dict(results))
        return results

    monkeypatch.setattr(expectations, "_validate", seen)
    rules = [Rule(**{**vars(rule), "id": f"t.{number}"}) for number, rule in enumerate(KINDS)]
    assert len(run_rules(rows, rules, {})) == len(rules)
    assert [len(suite) for suite in suites] == [len(rules) - 1, 1]  # the regular expression has its own batch
    assert {type(result).__name__ for suite in suites for result in suite.values()} == {"ExpectationValidationResult"}


def test_a_result_that_does_not_come_back_is_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(expectations, "_validate", lambda *_arguments: {})
    with pytest.raises(RuntimeError, match=r"t\.r: declared but not run"):
        run_rules(pd.DataFrame({"start": [1]}), KINDS[:1], {})


@pytest.mark.parametrize(
    "rule",
    [
        _rule("column_values_to_not_be_null", column="no_such_column"),
        _rule("column_values_to_be_between", column="number", min_value=3, max_value=2),
        _rule("column_values_to_be_between", column="code", min_value=3),
    ],
    ids=["no_such_column", "bounds_in_the_wrong_order", "text_against_a_number"],
)
def test_an_expectation_that_raises_is_an_error_and_no_silent_pass(rule: Rule):
    rows = pd.DataFrame({"number": [1], "code": ["a"]})
    with pytest.raises(RuntimeError, match=r"t\.r: "):
        run_rules(rows, [rule], {})


def test_an_unknown_expectation_and_a_refused_argument_are_errors():
    with pytest.raises(ValueError, match="unknown expectation expect_miracles"):
        compile_rule(_rule("miracles", column="start"))
    with pytest.raises(ValueError, match="colum"):
        compile_rule(_rule("column_values_to_be_null", colum="start"))


def test_the_context_keeps_no_case_files_after_a_check():
    rows = _random_rows(np.random.default_rng(0), 5)
    run_rules(rows, KINDS[:1], {})
    engine = expectations._frames().data_asset.datasource.get_execution_engine()
    assert engine.batch_manager.loaded_batch_ids == []
    gc.collect()
    assert not [thing for thing in gc.get_objects() if isinstance(thing, Rows)]
