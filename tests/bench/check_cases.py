"""Checking cases against the full case contract: our check beside the same rules in other tools.

    python tests/bench/check_cases.py [--rows 100000 1000000] [--repeat 5]

Each run is a process of its own (peak memory is that of the process, data included), runs
of the tools alternate, and the median counts. Only ratios to hand-written pandas mean
anything; on a busy machine, those of processor time. Findings are compared by rule, and
by place where a tool gives places, before a time is printed. A tool that is not installed
is named as such. Every tool starts from the typed tables of reading; pointblank and DuckDB
from their own copy of them, which is made beforehand and not counted.
"""

import argparse
import gc
import importlib.util
import json
import pickle
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import cases_by_hand
import numpy as np
from large_delivery import large_delivery

from data_contracts import check
from data_contracts.contract import load_contracts
from data_contracts.reading.tables import Delivery
from data_contracts.rules import expectations
from data_contracts.rules.coded import Coded
from data_contracts.rules.one_table import together
from data_contracts.rules.rule_columns import conditions, rule_columns


def engine(delivery: Delivery) -> Callable[[], dict[str, np.ndarray]]:
    """The rules of the case contract, as `check` runs them."""

    def run() -> dict[str, np.ndarray]:
        contracts = load_contracts()
        tables = together([delivery])
        coded = Coded({name: table.frame for name, table in tables.items()})
        rules = contracts["cases"].rules
        columns = rule_columns(tables["cases"], rules, coded, contracts, delivery.code_lists)
        results = expectations.run_rules(columns, rules, conditions(rules, columns))
        return {result.rule.id: result.breached for result in results}

    return run


def stock(delivery: Delivery) -> Callable[[], dict[str, np.ndarray]]:
    """The same, but with the metrics, the engine and the data source of Great Expectations as they come."""
    expectations.TESTS.clear()
    source = expectations._context().data_sources.add_or_update_pandas("stock")
    frames = source.add_dataframe_asset("rows").add_batch_definition_whole_dataframe("all")
    expectations._frames = lambda: frames
    return engine(delivery)


def whole(delivery: Delivery) -> Callable[[], dict[str, np.ndarray]]:
    """`check`: all tables, the report, and the case files."""

    def run() -> dict[str, np.ndarray]:
        found = check([delivery])[0].breaches
        found = found[(found["table"] == "cases") & found["rule"].isin([r.id for r in load_contracts()["cases"].rules])]
        return {rule: part["label"].to_numpy() for rule, part in found.groupby("rule")}

    return run


TOOLS: dict[str, tuple[Callable[[Delivery], Callable[[], dict[str, Any]]], str]] = {
    "hand-written pandas": (cases_by_hand.in_pandas, "pandas"),
    "toetssteen: rules of cases": (engine, "great_expectations"),
    "toetssteen: check(), all tables": (whole, "great_expectations"),
    "pandera on pandas": (cases_by_hand.in_pandera, "pandera"),
    "pointblank on polars": (cases_by_hand.in_pointblank, "pointblank"),
    "DuckDB SQL, one thread": (cases_by_hand.in_duckdb, "duckdb"),
    "Great Expectations as it comes": (stock, "great_expectations"),
}
SLOW = {"Great Expectations as it comes"}  # run once above this number of rows:
MANY = 200_000


def one(tool: str, data: Path, result: Path) -> None:
    """Run one tool once, after a small run that pays for imports."""
    warnings.simplefilter("ignore")
    make, _package = TOOLS[tool]
    make(large_delivery(500))()
    with data.open("rb") as file:
        run = make(pickle.load(file))
    gc.collect()
    before = _peak(anew=True)
    start, cpu = time.perf_counter(), time.process_time()
    found = run()
    times = {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu}
    after = _peak()
    result.write_bytes(pickle.dumps(found))
    print(json.dumps(times | {"peak": after, "more": after - before}))


def _peak(*, anew: bool = False) -> float:
    """Peak memory of this process in MB; where the system can (Linux), counted anew from now."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024


def compare(rows: int, repeat: int, folder: Path) -> None:
    """Print one table: the tools on so many cases."""
    data = folder / f"{rows}.pickle"
    data.write_bytes(pickle.dumps(large_delivery(rows)))
    tools = [tool for tool, (_run, package) in TOOLS.items() if importlib.util.find_spec(package)]
    runs: dict[str, list[dict[str, float]]] = {tool: [] for tool in tools}
    findings: dict[str, dict[str, Any]] = {}
    for number in range(repeat):
        for tool in tools:
            if number and rows > MANY and tool in SLOW:
                continue
            result = folder / "result.pickle"
            command = [sys.executable, __file__, "--one", tool, "--data", str(data), "--result", str(result)]
            runs[tool].append(
                json.loads(subprocess.run(command, check=True, capture_output=True).stdout.splitlines()[-1])
            )
            findings[tool] = pickle.loads(result.read_bytes())
    reference = findings["hand-written pandas"]
    assert set(reference) == {rule.id for rule in load_contracts()["cases"].rules}
    for tool, found in findings.items():
        differing = [rule for rule, places in reference.items() if not _same(places, found.get(rule, ()))]
        if differing:
            raise SystemExit(f"{tool} finds something else than hand-written pandas: {differing}")
    seconds = {tool: median(run["seconds"] for run in some) for tool, some in runs.items()}
    broken, places = sum(len(p) > 0 for p in reference.values()), sum(map(len, reference.values()))
    print(f"\n{rows:,} cases, {len(reference)} rules ({broken} broken, {places:,} findings); all tools find the same")
    print(f"{'tool':34}{'seconds':>9}{'ratio':>7}{'cpu s':>9}{'ratio':>7}{'peak MB':>9}{'in the run':>12}{'runs':>6}")
    cpu = {tool: median(run["cpu"] for run in some) for tool, some in runs.items()}
    for tool in TOOLS:
        if tool not in runs:
            print(f"{tool:34}{'not installed':>14}")
            continue
        beside = [times[tool] / times["hand-written pandas"] for times in (seconds, cpu)]
        peak, more = (median(run[key] for run in runs[tool]) for key in ("peak", "more"))
        print(f"{tool:34}{seconds[tool]:9.3f}{beside[0]:7.2f}{cpu[tool]:9.3f}{beside[1]:7.2f}{peak:9.0f}{more:12.0f}"
              f"{len(runs[tool]):6}")  # fmt: skip


def _same(places: np.ndarray, found: Any) -> bool:
    return len(places) == found if isinstance(found, int) else np.array_equal(places, np.sort(np.asarray(found)))


def example(repeat: int, folder: Path) -> None:
    """Print what `check` of the example national delivery costs, with stock metrics and with ours."""
    from data_contracts import read_delivery
    from data_contracts.example import write_example

    write_example(folder / "example", seed=7, cases_per_year=500)
    deliveries = read_delivery(folder / "example")
    tests = dict(expectations.TESTS)
    seconds: dict[str, list[float]] = {"Great Expectations as it comes": [], "toetssteen: check()": []}
    counts = {}
    check(deliveries)
    for _number in range(repeat):
        for tool, times in seconds.items():
            expectations.TESTS.clear()
            expectations.TESTS.update(tests if tool.startswith("toetssteen") else {})
            start = time.perf_counter()
            report = check(deliveries)[0]
            times.append(time.perf_counter() - start)
            counts[tool] = [(count.rule.id, count.outcome, count.checked, count.breached) for count in report.rules]
    if len(set(map(tuple, counts.values()))) > 1:
        raise SystemExit("the example is not found the same by both")
    print(f"\nexample national delivery, {report.rows['rows'].sum():,} rows in {len(report.rows)} tables, "
          f"{len(report.rules)} rules; both find the same")  # fmt: skip
    for tool, times in seconds.items():
        print(f"{tool:34}{median(times):9.3f}{median(times) / median(seconds['toetssteen: check()']):8.2f}")


def main() -> None:
    """Run the comparison, or one tool when asked by it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--repeat", type=int, default=5)
    for name in ("--one", "--data", "--result"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        one(given.one, Path(given.data), Path(given.result))
        return
    with tempfile.TemporaryDirectory() as folder:
        for rows in given.rows:
            compare(rows, given.repeat, Path(folder))
        example(min(given.repeat, 3), Path(folder))


if __name__ == "__main__":
    main()
