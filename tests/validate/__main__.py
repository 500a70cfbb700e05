"""make validate: repeat every study, write the table, and say what does not hold.

    PYTHONPATH=tests python -m validate [--repetitions 400] [--processes 2] [--out out/validate]
        [--only NAME ...] [--results tests/validate/RESULTS.md]

Writes `results.csv` and `results.md` to `--out` and prints the latter; `--results` writes a copy
to commit. Ends with 1 when a row fails whose reason is not shown (none in `reasons.py`, or
its twin fails too), or when a method that is wrong on purpose is not seen to fail.
"""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from validate.performance import Effort
from validate.running import table
from validate.studies import STUDIES
from validate.written import as_frame, as_markdown, unexpected

TRUTH_CHUNKS = 24


def main() -> int:
    """Run the studies asked for."""
    parser = argparse.ArgumentParser(prog="validate", description=__doc__.split("\n")[0])
    parser.add_argument("--repetitions", type=int, default=400, help="of a study with share 1 (400)")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--chunks", type=int, default=TRUTH_CHUNKS, help="of the truth of the example")
    parser.add_argument("--only", nargs="*", default=[], help="studies whose name contains one of these")
    parser.add_argument("--out", type=Path, default=Path("out/validate"))
    parser.add_argument("--results", type=Path, help="where to write the table that is committed")
    asked = parser.parse_args()
    chosen = [one for one in STUDIES if not asked.only or any(part in one.name for part in asked.only)]
    with ProcessPoolExecutor(asked.processes, mp_context=get_context("spawn")) as pool:
        effort = Effort(mapper=pool.map, chunks=asked.chunks)
        rows = table(chosen, repetitions=asked.repetitions, effort=effort, mapper=pool.map)
    asked.out.mkdir(parents=True, exist_ok=True)
    text = as_markdown(rows, repetitions=asked.repetitions, chunks=asked.chunks)
    as_frame(rows).to_csv(asked.out / "results.csv", index=False)
    for path in (asked.out / "results.md", *([asked.results] if asked.results else [])):
        path.write_text(text, encoding="utf-8")
    print(text)
    return 1 if unexpected(rows) else 0


if __name__ == "__main__":
    sys.exit(main())
