"""Kaplan-Meier, log-rank, cumulative incidence and Cox: ours beside lifelines and R's survival package.

    python tests/bench/survival_speed.py [--rows 1000 10000 100000 1000000] [--repeat 5]
        [--lifelines PYTHON]

Cases are synthetic: whole days up to 1,500, six covariates, thirteen strata, three ways
to end. All tools read the same file, outside the timing, and time inside themselves.
Each tool stays alive and is asked in turn for one run of one task, so that runs of the
tools alternate; after a first run that does not count, the median does. Ratios are
to R (below 1: ours is faster); peak MB is what the tool's process grew by until then.
Answers are compared before a time is printed. lifelines asks for an older pandas, so it
has an environment of its own, which `make bench` makes from `lifelines.lock`;
`--lifelines` names another Python that has it. A tool that is not installed is named as
such, and left out. R's `coxph` counts concordance as part of the fit: it stands beside
ours with concordance; beside ours without stands its bare routine, `coxph.fit`, on a
matrix made beforehand. lifelines has no stratified log-rank test.

At the end stands how our memory grows with the cases; growing half as fast again as the
cases, from 100,000 on, is an error.
"""

import argparse
import json
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from side_by_side import check_memory, fails, in_turn, started

TASKS = ("kaplan-meier", "log-rank, 13 groups", "log-rank, strata", "cumulative incidence", "cox (coxph.fit)",
         "cox, strata (coxph.fit)", "cox + concordance", "cox + conc., strata")  # fmt: skip
X = ["x1", "x2", "x3", "x4", "x5", "x6"]
LIFELINES = Path(sys.prefix) / "lifelines" / "bin" / "python"
LEAST_ROWS, STEEPEST = 100_000, 1.5  # below so many cases what Python itself takes hides the rest

R_SIDE = r"""
suppressMessages(library(survival))
d <- read.csv(commandArgs(TRUE)[1]); d$cause <- factor(d$cause)
x <- ~ x1 + x2 + x3 + x4 + x5 + x6
y <- Surv(d$time, d$event); m <- model.matrix(x, d)[, -1]
tasks <- list(
  function() { s <- survfit(Surv(time, event) ~ 1, d); summary(s, times = 365)$surv },
  function() survdiff(Surv(time, event) ~ stratum, d)$chisq,
  function() survdiff(Surv(time, event) ~ x1 + strata(stratum), d)$chisq,
  function() { s <- survfit(Surv(time, cause) ~ 1, d); s$pstate[nrow(s$pstate), 2] },
  function() coxph.fit(m, y, NULL, NULL, NULL, coxph.control(), NULL, "efron", NULL)$coefficients[[3]],
  function() coxph.fit(m, y, d$stratum, NULL, NULL, coxph.control(), NULL, "efron", NULL)$coefficients[[3]],
  function() coxph(update(x, Surv(time, event) ~ .), d)$coefficients[[3]],
  function() coxph(update(x, Surv(time, event) ~ . + strata(stratum)), d)$coefficients[[3]])
input <- file("stdin"); open(input)
while (length(line <- readLines(input, 1)) > 0 && line != "") {
  gc(reset = TRUE); before <- sum(gc()[, 2])
  start <- proc.time()[["elapsed"]]; value <- tasks[[as.integer(line) + 1]]()
  seconds <- proc.time()[["elapsed"]] - start
  cat(sprintf('{"seconds": %.4f, "value": %.10g, "peak": %.1f}\n', seconds, value, sum(gc()[, 6]) - before))
}
"""


def write_cases(rows: int, file: Path) -> None:
    """Write the cases, for all tools alike."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(rows)
    cases = pd.DataFrame(
        {"x1": rng.integers(0, 2, rows), "x2": rng.integers(0, 2, rows), "x3": rng.normal(size=rows).round(4),
         "x4": rng.normal(size=rows).round(1), "x5": rng.random(rows) < 0.1, "x6": rng.integers(1, 6, rows)}
    ).astype(float)  # fmt: skip
    stratum = rng.integers(0, 13, rows)
    hazard = np.exp(cases[X].to_numpy() @ [0.3, -0.5, 0.2, 0.1, 0.4, -0.1] + 0.05 * stratum) / 300
    ended, seen = np.ceil(rng.exponential(1 / hazard)).clip(1), rng.integers(1, 1501, rows)
    cases = cases.assign(time=np.minimum(ended, seen).astype(int), event=(ended <= seen).astype(int), stratum=stratum)
    cases["cause"] = np.where(cases["event"] == 1, rng.choice([1, 2, 3], rows, p=[0.6, 0.3, 0.1]), 0)
    cases.to_csv(file, index=False)


def ours(cases: Any) -> list[Callable[[], float]]:
    """The tasks as this project does them."""
    from evaluation.survival.cox import cox
    from evaluation.survival.cumulative_incidence import cumulative_incidence
    from evaluation.survival.kaplan_meier import kaplan_meier, survival_on
    from evaluation.survival.log_rank import log_rank

    covariates, day, ended, stratum = cases[X], cases["time"], cases["event"], cases["stratum"]
    cause = cases["cause"].where(cases["cause"] > 0)

    def fit(*, concordant: bool = False, **given: Any) -> float:
        found = cox(covariates, day, ended, level=0.95, **given)
        if concordant and found.concordance is None:
            raise SystemExit("no concordance")
        return float(found.coefficients["coefficient"].iloc[2])

    return [
        lambda: float(survival_on(kaplan_meier(day, ended), 365)),
        lambda: log_rank(day, ended, stratum).statistic or 0.0,
        lambda: log_rank(day, ended, cases["x1"], stratum=stratum).statistic or 0.0,
        lambda: float(cumulative_incidence(day, cause).incidence[1.0][-1]),
        fit,
        lambda: fit(stratum=stratum),
        lambda: fit(concordant=True),
        lambda: fit(stratum=stratum, concordant=True),
    ]


def lifelines(cases: Any) -> list[Callable[[], float] | None]:
    """The tasks as lifelines does them; None: it has none."""
    from lifelines import AalenJohansenFitter, CoxPHFitter, KaplanMeierFitter
    from lifelines.statistics import multivariate_logrank_test

    day, ended = cases["time"], cases["event"]
    model = cases[[*X, "time", "event", "stratum"]]

    def fit(strata: list[str] | None) -> float:
        columns = model if strata else model.drop(columns="stratum")
        return float(CoxPHFitter().fit(columns, "time", "event", strata=strata).params_.iloc[2])

    def incidence() -> float:
        found = AalenJohansenFitter(seed=1)  # ties are jittered: it has no other way
        return float(found.fit(day, cases["cause"], event_of_interest=1).cumulative_density_.iloc[-1, 0])

    def survival() -> float:
        found = KaplanMeierFitter().fit(day, ended)
        return float(found.survival_function_at_times(365).iloc[0])

    return [survival, lambda: float(multivariate_logrank_test(day, cases["stratum"], ended).test_statistic), None,
            incidence, None, None, lambda: fit(None), lambda: fit(["stratum"])]  # fmt: skip


def serve(tool: str, file: Path) -> None:
    """Stay alive, and answer each task number with seconds, value and peak."""
    import warnings

    import pandas as pd

    warnings.simplefilter("ignore")
    cases = pd.read_csv(file)
    tasks = ours(cases) if tool == "toetssteen" else lifelines(cases)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for line in sys.stdin:
        task = tasks[int(line)]
        if task is None:
            print("null", flush=True)
            continue
        start = time.perf_counter()
        value = task()
        seconds = time.perf_counter() - start
        peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        print(json.dumps({"seconds": seconds, "value": value, "peak": peak}), flush=True)


def compare(rows: int, repeat: int, folder: Path, commands: dict[str, list[str]]) -> float:
    """Print one table: the tools on so many cases; return our peak in MB."""
    file = folder / "cases.csv"
    write_cases(rows, file)
    tools = started({name: [*command, str(file)] for name, command in commands.items()})
    ours_at_most = 0.0
    print(f"\n{rows:,} cases\n{'task':27}{'tool':13}{'seconds':>9}{'ratio to R':>12}{'peak MB':>9}{'runs':>6}")
    for number, task in enumerate(TASKS):
        runs = in_turn(tools, number, repeat=repeat)
        values = {name: some[0]["value"] for name, some in runs.items() if some}
        _print(task, runs, values)
        ours_at_most = max(ours_at_most, *(run["peak"] for run in runs["toetssteen"]))
    for tool in tools.values():
        tool.kill()
    return ours_at_most


def _print(task: str, runs: dict[str, list[dict[str, float]]], values: dict[str, float]) -> None:
    reference = values.get("R", values.get("toetssteen"))
    base = median(run["seconds"] for run in runs["R"]) if runs.get("R") else None
    for name, some in runs.items():
        if not some:
            print(f"{task:27}{name:13}{'none':>9}")
            continue
        assert reference is not None
        differs = (
            "" if abs(values[name] - reference) <= 1e-4 * max(abs(reference), 1e-2) else f"  says {values[name]:.6g}"
        )
        seconds = median(run["seconds"] for run in some)
        ratio = f"{seconds / base:12.2f}" if base else f"{'':12}"
        print(f"{task:27}{name:13}{seconds:9.3f}{ratio}{max(run['peak'] for run in some):9.0f}{len(some):6}{differs}",
              flush=True)  # fmt: skip


def main() -> None:
    """Run the comparison, or one tool when asked by it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--lifelines", default=str(LIFELINES))
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("file", nargs="?", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve, given.file)
        return
    commands = {"toetssteen": [sys.executable, __file__, "--serve", "toetssteen"]}
    if not shutil.which(given.lifelines) or fails([given.lifelines, "-c", "import lifelines"]):
        print("lifelines: not installed, left out")
    else:
        commands["lifelines"] = [given.lifelines, __file__, "--serve", "lifelines"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "side.R").write_text(R_SIDE)
        if shutil.which("Rscript") and not fails(["Rscript", "-e", "library(survival)"]):
            commands["R"] = ["Rscript", str(folder / "side.R")]
        else:
            print("R with survival: not installed, left out; no ratios")
        peaks = {rows: compare(rows, given.repeat, folder, commands) for rows in given.rows}
        check_memory(peaks, what="cases", least=LEAST_ROWS, steepest=STEEPEST)


if __name__ == "__main__":
    main()
