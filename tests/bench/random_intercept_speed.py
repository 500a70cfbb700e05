"""The logit with one random intercept a unit: ours beside R's lme4::glmer, from rows to result.

    python tests/bench/random_intercept_speed.py [--rows 5000 100000] [--units 13 200] [--repeat 2]

Allegations are synthetic: three characteristics of eight, ten and three levels, for the second
task a number too (with four decimals: no two rows alike), units of very unequal size with a
spread of 0.35. All tools read the same file, outside the timing, and time inside themselves from
the rows on: the making of the design and of cells of like rows counts. The likelihood is the same
(nine nodes); standard errors are part of every fit. Ours gives the profile interval of sigma and the
effects of the units too; of glmer that is not asked (`confint` would take many fits more).

R stands there twice. `R` is what a user writes: glmer on the rows, with its default optimiser. `R, tuned`
is the fastest we found that ends at the optimum: rows put together in cells by `aggregate` where they are
alike, the optimisers `nloptwrap` and `bobyqa`, no derivatives afterwards (`nloptwrap` alone takes half that
time or more, and stops up to 0.0015 away). Above 20,000 rows only the tuned one runs (the other takes
many minutes); `--full` runs both.

Each tool stays alive and is asked in turn for one run of one task, so that runs of the tools alternate;
after a first run that does not count, the median does. A first run of more than 20 seconds is the only one;
the whole takes ten minutes and more, nearly all of it R's. Ratios are to `R, tuned` (below 1: ours is faster).
Sigma and all coefficients are compared with ours: a difference of more than 0.001 ends the comparison with an
error.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from side_by_side import fails, in_turn, started

TASKS = ("levels only", "levels and a number")
LEVELS = ["category", "year", "complexity"]
NODES = 9
LONG = 20.0  # seconds
PLAIN_R_UNTIL = 20_000
CLOSE = 1e-3
OURS, PLAIN, TUNED = "toetssteen", "R", "R, tuned"

R_SIDE = r"""
suppressMessages(library(lme4)); options(warn = -1)
given <- commandArgs(TRUE); tuned <- given[2] == "tuned"
d <- read.csv(given[1], colClasses = c(category = "character", year = "character", complexity = "character"))
control <- if (tuned) glmerControl(optimizer = c("nloptwrap", "bobyqa"), calc.derivs = FALSE) else glmerControl()
like <- y ~ category + year + complexity + (1 | unit)
tasks <- list(
  function() {
    if (!tuned) return(glmer(like, d, binomial, nAGQ = 9, control = control))
    cells <- aggregate(cbind(y, n) ~ unit + category + year + complexity, transform(d, n = 1), sum)
    glmer(update(like, cbind(y, n - y) ~ .), cells, binomial, nAGQ = 9, control = control)
  },
  function() glmer(y ~ category + year + complexity + x + (1 | unit), d, binomial, nAGQ = 9, control = control))
input <- file("stdin"); open(input)
while (length(line <- readLines(input, 1)) > 0 && line != "") {
  start <- proc.time()[["elapsed"]]
  fit <- tasks[[as.integer(line) + 1]](); errors <- sqrt(diag(as.matrix(vcov(fit))))
  seconds <- proc.time()[["elapsed"]] - start
  values <- c(getME(fit, "theta"), fixef(fit))
  cat(sprintf('{"seconds": %.4f, "values": [%s]}\n', seconds, paste(sprintf("%.10g", values), collapse = ", ")))
}
"""


def write_allegations(rows: int, units: int, file: Path) -> None:
    """Write the allegations, for all tools alike."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng([rows, units])
    size = rng.gamma(2, 1, units)
    unit = rng.choice(units, rows, p=size / size.sum())
    category, year, x = rng.integers(0, 8, rows), rng.integers(2016, 2026, rows), rng.normal(size=rows).round(4)
    complexity = rng.choice(3, rows, p=[0.35, 0.45, 0.20])
    eta = 0.45 + rng.normal(0, 0.35, units)[unit] + rng.normal(0, 0.4, 8)[category] + 0.02 * (year - 2020) + 0.3 * x
    eta += np.array([-0.35, 0.0, 0.40])[complexity]
    pd.DataFrame(
        {
            "y": (rng.random(rows) < 1 / (1 + np.exp(-eta))).astype(int),
            "unit": [f"u{one:03d}" for one in unit],
            "category": [f"c{one}" for one in category],
            "year": year.astype(str),
            "complexity": np.array(["licht", "middel", "zwaar"])[complexity],
            "x": x,
        }
    ).to_csv(file, index=False)


def ours(rows: Any) -> list[Callable[[], list[float]]]:
    """The tasks as this project does them."""
    import numpy as np

    from evaluation.units.case_mix import case_mix, dummies
    from evaluation.units.random_intercept import RandomIntercept, random_intercept

    def values(fit: RandomIntercept) -> list[float]:
        return [fit.sigma, *fit.fixed.tolist()]

    def cells() -> list[float]:
        mix = case_mix(rows["y"], rows["unit"], rows[LEVELS], minimum_n=10)
        table = mix.cells
        return values(
            random_intercept(table["successes"].to_numpy(), table["trials"].to_numpy(), mix.design,
                             table["unit"].to_numpy(str), nodes=NODES, level=0.95)
        )  # fmt: skip

    def every_row() -> list[float]:
        design = np.column_stack([dummies(rows[LEVELS]), rows["x"]])
        return values(
            random_intercept(rows["y"].to_numpy(), np.ones(len(rows)), design, rows["unit"].to_numpy(str),
                             nodes=NODES, level=0.95)
        )  # fmt: skip

    return [cells, every_row]


def serve(file: Path) -> None:
    """Stay alive, and answer each task number with seconds and values."""
    import pandas as pd

    tasks = ours(pd.read_csv(file, dtype=dict.fromkeys((*LEVELS, "unit"), str)))
    for line in sys.stdin:
        start = time.perf_counter()
        found = tasks[int(line)]()
        print(json.dumps({"seconds": time.perf_counter() - start, "values": found}), flush=True)


def compare(rows: int, units: int, repeat: int, folder: Path, commands: dict[str, list[str]]) -> None:
    """Print one table: the tools on so many rows and units."""
    file = folder / "allegations.csv"
    write_allegations(rows, units, file)
    tools = started({name: [part.replace("FILE", str(file)) for part in line] for name, line in commands.items()})
    print(f"\n{rows:,} rows, {units} units\n{'task':22}{'tool':13}{'seconds':>9}{'ratio':>8}{'differs':>10}{'runs':>6}")
    for number, task in enumerate(TASKS):
        runs = in_turn(tools, number, repeat=repeat, long=LONG)
        _print(task, runs)
    for tool in tools.values():
        tool.kill()


def _print(task: str, runs: dict[str, list[dict[str, Any]]]) -> None:
    base = median(run["seconds"] for run in runs[TUNED]) if runs.get(TUNED) else None
    own = runs[OURS][0]["values"]
    for name, some in runs.items():
        if not some:
            print(f"{task:22}{name:13}{'none':>9}")
            continue
        seconds = median(run["seconds"] for run in some)
        ratio = f"{seconds / base:8.2f}" if base else f"{'':8}"
        apart = max(abs(one - other) for one, other in zip(own, some[0]["values"], strict=True))
        print(f"{task:22}{name:13}{seconds:9.2f}{ratio}{apart:10.1e}{len(some):6}", flush=True)
        if apart > CLOSE:
            raise SystemExit(f"{name} says something else than {OURS}")


def main() -> None:
    """Run the comparison, or one tool when asked by it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[5_000, 100_000])
    parser.add_argument("--units", type=int, nargs="+", default=[13, 200])
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--full", action="store_true", help="glmer with its defaults on many rows too: many minutes")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve)
        return
    commands = {OURS: [sys.executable, __file__, "--serve", "FILE"]}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        side = folder / "side.R"
        side.write_text(R_SIDE)
        if shutil.which("Rscript") and not fails(["Rscript", "-e", "library(lme4)"]):
            commands[PLAIN] = ["Rscript", str(side), "FILE", "plain"]
            commands[TUNED] = ["Rscript", str(side), "FILE", "tuned"]
        else:
            print("R with lme4: not installed, left out; no ratios")
        for rows in given.rows:
            for units in given.units:
                run = {n: c for n, c in commands.items() if n != PLAIN or given.full or rows <= PLAIN_R_UNTIL}
                compare(rows, units, given.repeat, folder, run)


if __name__ == "__main__":
    main()
