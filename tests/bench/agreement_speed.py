"""Agreement of readers: ours beside the packages on the index, on 500 dossiers x 6 readers with gaps.

    python tests/bench/agreement_speed.py [--dossiers 500] [--readers 6] [--replicates 1000]
        [--repeat 5] [--other PYTHON ...]

Ratings are synthetic: four categories, one in ten missing. All tools read the same file,
outside the timing, and time inside themselves. Each tool stays alive and is asked in turn for
one run of one task, so that runs of the tools alternate; after a first run that does not count,
the median does. Ratios are to ours (above 1: ours is faster). Answers are compared before a time
is printed. `--other` names the Pythons of environments that have krippendorff, irrCAC, rater-agreement
(imported as `raters`) or simpledorff (they ask for other versions of numpy and pandas); what is
not installed in any of them is named as such.

No package has a bootstrap of AC1 or a vectorised one of alpha. Theirs here is the loop a user
would write: resample the dossiers, call the package. For krippendorff, that loop gets the table of
counts made beforehand, which is the fastest way into it; without bootstrap it gives alpha alone. A
package that needs many seconds runs a twentieth of the resamples, and its time is multiplied
(marked x20).
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from side_by_side import ask, fails, started

TASKS = (
    "alpha, interval by formula",
    "alpha + bootstrap",
    "AC1, interval by formula",
    "AC1 + bootstrap",
    "alpha, ordinal + bootstrap",
)
TOOLS = ("krippendorff", "irrCAC", "raters", "simpledorff")
SLOW = {"irrCAC": 20, "raters": 20, "simpledorff": 20}
Task = Callable[[], tuple[float, float]]


def write_ratings(dossiers: int, readers: int, file: Path) -> None:
    """Write the ratings, for all tools alike."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(dossiers)
    true = rng.integers(1, 5, (dossiers, 1))
    table = np.where(rng.random((dossiers, readers)) < 0.7, true, rng.integers(1, 5, (dossiers, readers))).astype(float)
    table[rng.random(table.shape) < 0.1] = np.nan
    pd.DataFrame(table).to_csv(file, index=False)


def ours(table: Any, replicates: int) -> list[Task]:
    """The tasks as this project does them; the value and the width of the interval."""
    import numpy as np

    from evaluation.consistency.agreement import gwet_ac, krippendorff_alpha
    from evaluation.consistency.agreement_bootstrap import bootstrap

    def run(found: Any, *, resampled: bool) -> tuple[float, float]:
        drawn = (
            bootstrap(found, level=0.95, rng=np.random.default_rng(1), replicates=replicates) if resampled else found
        )
        return found.estimate, drawn.high - drawn.low

    return [
        lambda: run(krippendorff_alpha(table, level=0.95), resampled=False),
        lambda: run(krippendorff_alpha(table, level=0.95), resampled=True),
        lambda: run(gwet_ac(table, level=0.95), resampled=False),
        lambda: run(gwet_ac(table, level=0.95), resampled=True),
        lambda: run(krippendorff_alpha(table, level=0.95, scale="ordinal"), resampled=True),
    ]


def theirs(tool: str, table: Any, replicates: int) -> list[Task | None]:
    """The tasks as a package does them, in a loop over resamples; None: it has none."""
    import numpy as np

    rows, rng = table.to_numpy(), np.random.default_rng(1)
    number = max(replicates // SLOW.get(tool, 1), 1)

    def resampled(alpha: Callable[[Any], float], given: Any) -> Task:
        def run() -> tuple[float, float]:
            drawn = [alpha(given[rng.integers(0, len(given), len(given))]) for _ in range(number)]
            low, high = np.quantile(drawn, [0.025, 0.975])
            return float(alpha(given)), float(high - low)

        return run

    if tool == "krippendorff":
        from krippendorff import alpha

        counts = (rows[:, :, None] == np.arange(1, 5)).sum(axis=1)

        def one(given: Any, level: str = "nominal") -> float:
            return float(alpha(value_counts=given, value_domain=[1, 2, 3, 4], level_of_measurement=level))

        return [lambda: (float(alpha(reliability_data=rows.T, level_of_measurement="nominal")), 0.0),
                resampled(one, counts), None, None, resampled(lambda given: one(given, "ordinal"), counts)]  # fmt: skip
    if tool == "irrCAC":
        import pandas as pd
        from irrCAC.raw import CAC

        def value(given: Any, name: str) -> tuple[float, float]:
            found = getattr(CAC(pd.DataFrame(given), categories=[1.0, 2.0, 3.0, 4.0]), name)()["est"]
            return float(found["coefficient_value"]), float(np.ptp(found["confidence_interval"]))

        return [lambda: value(rows, "krippendorff"), resampled(lambda given: value(given, "krippendorff")[0], rows),
                lambda: value(rows, "gwet"), resampled(lambda given: value(given, "gwet")[0], rows), None]  # fmt: skip
    if tool == "raters":
        from raters import krippendorff_alpha

        def pairs(given: Any) -> float:
            return float(krippendorff_alpha([[None if v != v else int(v) for v in row] for row in given.T]))

        return [lambda: (pairs(rows), 0.0), resampled(pairs, rows), None, None, None]
    import pandas as pd
    from simpledorff import calculate_krippendorffs_alpha_for_df

    def long(given: Any) -> float:
        frame = pd.DataFrame(given).rename_axis("dossier").reset_index()
        frame = frame.melt("dossier", var_name="reader", value_name="rating").dropna()
        return float(calculate_krippendorffs_alpha_for_df(frame, "dossier", "reader", "rating"))

    return [lambda: (long(rows), 0.0), resampled(long, rows), None, None, None]


def serve(tool: str, file: Path, replicates: int) -> None:
    """Stay alive, and answer each task number with seconds, value and width."""
    import warnings

    import pandas as pd

    warnings.simplefilter("ignore")
    table = pd.read_csv(file)
    tasks: list[Any] = ours(table, replicates) if tool == "toetssteen" else theirs(tool, table, replicates)
    for line in sys.stdin:
        number = int(line)
        if tasks[number] is None:
            print("null", flush=True)
            continue
        start = time.perf_counter()
        value, width = tasks[number]()
        times = SLOW.get(tool, 1) if "bootstrap" in TASKS[number] else 1
        seconds = (time.perf_counter() - start) * times
        print(json.dumps({"seconds": seconds, "value": value, "width": width, "times": times}), flush=True)


def compare(repeat: int, commands: dict[str, list[str]]) -> None:
    """Print the table."""
    tools = started(commands)
    print(f"{'task':28}{'tool':14}{'seconds':>10}{'ratio to ours':>15}{'width':>9}{'runs':>6}")
    for number, task in enumerate(TASKS):
        runs: dict[str, list[dict[str, float]]] = {name: [] for name in tools}
        for turn in range(repeat + 1):
            for name, tool in tools.items():
                if found := ask(tool, number):
                    runs[name] = (runs[name] if turn > 1 else []) + [found]
        _print(task, runs)
    for tool in tools.values():
        tool.kill()


def _print(task: str, runs: dict[str, list[dict[str, float]]]) -> None:
    own = runs["toetssteen"]
    base = median(run["seconds"] for run in own)
    for name, some in runs.items():
        if not some:
            continue
        seconds, last = median(run["seconds"] for run in some), some[-1]
        differs = "" if abs(last["value"] - own[0]["value"]) < 1e-4 else f"  says {last['value']:.6g}"
        many = f"  x{int(last['times'])}" if last["times"] > 1 else ""
        width = f"{last['width']:9.4f}" if last["width"] else f"{'none':>9}"
        print(f"{task:28}{name:14}{seconds:10.4f}{seconds / base:15.1f}{width}{len(some):6}{differs}{many}", flush=True)


def main() -> None:
    """Run the comparison, or one tool when asked by it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dossiers", type=int, default=500)
    parser.add_argument("--readers", type=int, default=6)
    parser.add_argument("--replicates", type=int, default=1000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--other", nargs="+", default=[sys.executable])
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("file", nargs="?", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve, given.file, given.replicates)
        return
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "ratings.csv"
        write_ratings(given.dossiers, given.readers, file)
        own = [__file__, "--replicates", str(given.replicates), "--serve"]
        commands = {"toetssteen": [sys.executable, *own, "toetssteen", str(file)]}
        for tool in TOOLS:
            having = (p for p in given.other if not fails([p, "-c", f"import {tool}"]))
            if python := next(having, None):
                commands[tool] = [python, *own, tool, str(file)]
            else:
                print(f"{tool}: not installed")
        compare(given.repeat, commands)


if __name__ == "__main__":
    main()
