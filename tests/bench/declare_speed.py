"""Order rules over a step log: ours beside pm4py's Declare conformance, where a developer has it.

    python tests/bench/declare_speed.py [--events 10000 100000 1000000] [--repeat 3] [--pm4py PYTHON]

The log is synthetic: cases of one to fifteen steps out of twelve, roughly in order, some
repeated, some skipped, no two at one time (of ties pm4py takes the order of the file for
the truth). Both tools read the same file, sorted by case and time, outside the timing,
and time inside themselves, from the table to how many cases violate each rule: for ours
that includes making the log of whole numbers, for pm4py making its lists of steps. Rules
are of the templates that both give one meaning. pm4py's `nonsuccession` is the denial of
succession, so it is not among them; days and conditions it does not have here, so that
task is ours alone. Ours counts activations too, and pending and undetermined cases apart;
pm4py lists the deviations of each case.

Each tool stays alive and is asked in turn for one run of one task, so that runs of the
tools alternate; after a first run that does not count, the median does (a run of more
than a minute is its only one). The numbers of violations must be equal. Peak MB is what
the tool's process grew by during the task.

pm4py (AGPL) is no dependency of this project and is never installed by it. `--pm4py` or
the variable PM4PY_PYTHON names the Python of an environment of your own that has it;
without it ours runs alone. From 1,000,000 events on, fewer than five times faster is an
error; so is memory that grows half as fast again as the events, from 100,000 on.
"""

import argparse
import json
import os
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from side_by_side import check_memory, fails, in_turn, started

TASKS = ("16 rules, one a template", "192 rules, twelve a template", "22 rules, days and conditions")
CASE, STEP, TIME = "case:concept:name", "concept:name", "time:timestamp"
STEPS = [f"S{number:02d}" for number in range(12)]
PAIRS = [(STEPS[number], STEPS[(number + 2) % 12]) for number in range(12)]
ONE_STEP = {"existence": "existence", "absence": "absence", "exactly": "exactly_one", "init": "init"}
TWO_STEPS = {
    "responded_existence": "responded_existence", "co_existence": "coexistence", "not_co_existence": "noncoexistence",
    "response": "response", "precedence": "precedence", "succession": "succession",
    "alternate_response": "altresponse", "alternate_precedence": "altprecedence",
    "alternate_succession": "altsuccession", "chain_response": "chainresponse",
    "chain_precedence": "chainprecedence", "chain_succession": "chainsuccession",
}  # fmt: skip
LEAST_EVENTS, STEEPEST = 100_000, 1.5  # below so many events what Python itself takes hides the rest
BIG, LEAST_RATIO = 1_000_000, 5.0


def write_log(events: int, file: Path) -> None:
    """Write the log, for both tools alike."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(events)
    length = rng.integers(1, 16, events)
    length = length[: int(np.searchsorted(np.cumsum(length), events)) + 1]
    case = np.repeat(np.arange(len(length)), length)[:events]
    place = np.arange(len(case)) - np.concatenate([[0], np.cumsum(length)[:-1]])[case]
    step = np.clip(place + rng.integers(-2, 3, len(case)), 0, 11)
    opened = rng.integers(0, 3_000, len(length)) * 86_400
    second = opened[case] + (place + 1) * 90_000 + rng.integers(0, 80_000, len(case))
    table = pd.DataFrame(
        {CASE: [f"Z{number:07d}" for number in case], STEP: np.array(STEPS)[step],
         TIME: pd.Timestamp("2015-01-01", tz="UTC") + pd.to_timedelta(second, unit="s"),
         "who": rng.integers(0, 40, len(case)).astype(str)}
    )  # fmt: skip
    table.to_csv(file, index=False)


def ours(table: Any) -> list[Callable[[], list[int]] | None]:
    """The tasks as this project does them."""
    from data_contracts.procedure import Condition
    from evaluation.completeness.declare import TEMPLATES, Rule, check_rules, step_log
    from evaluation.completeness.declare.rule import CHOSEN, COUNTED, PLACED, TOGETHER

    def plain(pairs: list[tuple[str, str]]) -> list[Rule]:
        one = [Rule(f"{name} {a}", name, (a,)) for name in ONE_STEP for a, _b in pairs]
        return one + [Rule(f"{name} {a} {b}", name, (a,), (b,)) for name in TWO_STEPS for a, b in pairs]

    def rich() -> list[Rule]:
        rules = []
        for number, name in enumerate(TEMPLATES):
            a, b = PAIRS[number % 12]
            given: dict[str, Any] = {"if_a": Condition("not_in", column="who", value=("1", "2"))}
            if name not in (*COUNTED, *PLACED, *CHOSEN):
                given["within_days"] = 10
            if name not in (*COUNTED, *PLACED, *CHOSEN, *TOGETHER, "ordered"):
                given |= {"not_before_days": 1, "different": "who"}
            rules.append(Rule(name, name, (a,), () if name in (*COUNTED, *PLACED) else (b,), **given))
        return rules

    def run(rules: list[Rule]) -> list[int]:
        log = step_log(table, as_of=None, case=CASE, step=STEP, time=TIME)
        return [found.cases.violated for found in check_rules(log, rules)]

    return [lambda: run(plain(PAIRS[3:4])), lambda: run(plain(PAIRS)), lambda: run(rich())]


def pm4py(table: Any) -> list[Callable[[], list[int]] | None]:
    """The tasks as pm4py does them; None: it has none."""
    import pm4py as tool

    def run(pairs: list[tuple[str, str]]) -> list[int]:
        model: dict[str, dict[Any, dict[str, int]]] = {name: {a: {} for a, _b in pairs} for name in ONE_STEP.values()}
        model |= {name: {pair: {} for pair in pairs} for name in TWO_STEPS.values()}
        found = tool.conformance_declare(table, model)
        deviations = Counter((name, rule) for case in found for name, rule in case["deviations"])
        return [deviations[name, rule] for name in model for rule in model[name]]

    return [lambda: run(PAIRS[3:4]), lambda: run(PAIRS), None]


def serve(tool: str, file: Path) -> None:
    """Stay alive, and answer each task number with seconds, values and peak."""
    import warnings

    import pandas as pd

    warnings.simplefilter("ignore")
    table = pd.read_csv(file, dtype={"who": str})
    table[TIME] = pd.to_datetime(table[TIME], utc=True)
    tasks = ours(table) if tool == "toetssteen" else pm4py(table)
    for line in sys.stdin:
        task = tasks[int(line)]
        if task is None:
            print("null", flush=True)
            continue
        before = _peak(reset=True)
        start = time.perf_counter()
        values = task()
        seconds = time.perf_counter() - start
        peak = _peak(reset=False) - before
        print(json.dumps({"seconds": seconds, "values": values, "peak": peak}), flush=True)


def _peak(*, reset: bool) -> float:
    """The most memory of this process in MB, since the last reset where the system can forget (Linux)."""
    try:
        if reset:  # reading the file took more than the task will
            Path("/proc/self/clear_refs").write_text("5")
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def compare(events: int, repeat: int, folder: Path, commands: dict[str, list[str]]) -> float:
    """Print one table: the tools on so many events; return our peak in MB."""
    file = folder / "log.csv"
    write_log(events, file)
    tools = started({name: [*command, str(file)] for name, command in commands.items()})
    ours_at_most = 0.0
    print(f"\n{events:,} events\n{'task':32}{'tool':13}{'seconds':>9}{'times ours':>12}{'peak MB':>9}{'runs':>6}")
    for number, task in enumerate(TASKS):
        runs = in_turn(tools, number, repeat=repeat)
        if any(tool.poll() is not None for tool in tools.values()):
            raise SystemExit("a tool stopped; run it alone with --serve to see why")
        ours_at_most = max(ours_at_most, *(run["peak"] for run in runs["toetssteen"]))
        ratio = _print(task, runs)
        if events >= BIG and ratio is not None and ratio < LEAST_RATIO:
            raise SystemExit(f"less than {LEAST_RATIO:g} times faster")
    for tool in tools.values():
        tool.kill()
    return ours_at_most


def _print(task: str, runs: dict[str, list[dict[str, Any]]]) -> float | None:
    base, ratio = median(run["seconds"] for run in runs["toetssteen"]), None
    for name, some in runs.items():
        if not some:
            print(f"{task:32}{name:13}{'none':>9}")
            continue
        if some[0]["values"] != runs["toetssteen"][0]["values"]:
            raise SystemExit(f"{task}: {name} counts other violations")
        seconds = median(run["seconds"] for run in some)
        ratio = seconds / base if name != "toetssteen" else ratio
        peak = max(run["peak"] for run in some)
        print(f"{task:32}{name:13}{seconds:9.3f}{seconds / base:12.1f}{peak:9.0f}{len(some):6}", flush=True)
    return ratio


def main() -> None:
    """Run the comparison, or one tool when asked by it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--pm4py", default=os.environ.get("PM4PY_PYTHON", ""))
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("file", nargs="?", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve, given.file)
        return
    commands = {"toetssteen": [sys.executable, __file__, "--serve", "toetssteen"]}
    if not given.pm4py:
        print("pm4py: not asked for (--pm4py PYTHON or PM4PY_PYTHON), left out; no ratios")
    elif not shutil.which(given.pm4py) or fails([given.pm4py, "-c", "import pm4py"]):
        print("pm4py: not installed there, left out; no ratios")
    else:
        commands["pm4py"] = [given.pm4py, __file__, "--serve", "pm4py"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        peaks = {events: compare(events, given.repeat, folder, commands) for events in given.events}
        check_memory(peaks, what="events", least=LEAST_EVENTS, steepest=STEEPEST)


if __name__ == "__main__":
    main()
