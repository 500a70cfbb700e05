"""Reading a file of cases up to its typed cells: ours, guard included, beside the reading library alone.

    python tests/bench/read_workbook.py [--rows 10000 100000] [--repeat 5]

Each run is a process of its own, runs of the tools alternate, and the median counts.
Only the ratio means anything: to python-calamine's own `to_python` for a workbook, to
`csv.reader` for a csv file. `read_delivery` goes on to typed tables and shows how the
whole grows with the rows.
"""

import argparse
import csv
import datetime as dt
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import xlsxwriter

from data_contracts.contract import load_contracts

COLUMNS = 25
TOOLS = {
    "xlsx": ("python-calamine", "read_file", "read_delivery"),
    "csv": ("csv.reader", "read_file"),
}


def rows(count: int) -> Iterator[list[Any]]:
    """Headers and so many cases: numbers, units, dates, truth values, and columns of other kinds up to 25."""
    headers = [column.header for column in load_contracts()["cases"].columns]
    yield headers + [f"overig_{n}" for n in range(COLUMNS - len(headers))]
    rng, day = random.Random(1), dt.date(2015, 1, 1)
    for number in range(count):
        opened = day + dt.timedelta(days=rng.randrange(3000))
        yield [
            f"2020-{number:07d}",
            rng.choice(["AMS", "ON", "MN", "DH", "LB"]),
            None,
            "disciplinair",
            opened,
            opened + dt.timedelta(days=rng.randrange(400)),
            *rng.choices([None, "ja", "nee", opened, number % 1000, f"tekst {number % 5000}"], k=COLUMNS - 6),
        ]


def write_workbook(path: Path, count: int) -> None:
    """The cases as a delivery of one workbook."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": False, "default_date_format": "dd-mm-yyyy"}) as book:
        delivery = book.add_worksheet("levering")
        delivery.write_row(0, 0, [column.header for column in load_contracts()["delivery"].columns])
        delivery.write_row(1, 0, ["AMS"])
        sheet = book.add_worksheet("onderzoeken")
        for number, row in enumerate(rows(count)):
            sheet.write_row(number, 0, row)


def write_csv(path: Path, count: int) -> None:
    """The same cases as text."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows(count))


def read(tool: str, path: Path) -> float:
    """Seconds that one reading takes in this process."""
    from data_contracts.delivery import read_delivery
    from data_contracts.reading.files import read_file

    start = time.perf_counter()
    if tool == "python-calamine":
        import python_calamine

        book = python_calamine.CalamineWorkbook.from_path(str(path))
        _kept: Any = [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names]
    elif tool == "csv.reader":
        with path.open(encoding="utf-8", newline="") as file:
            _kept = list(csv.reader(file, delimiter=";"))
    elif tool == "read_file":
        _kept = read_file(path)
    else:
        _kept = read_delivery(path)
    return time.perf_counter() - start


def apart(tool: str, path: Path, count: int) -> tuple[float, int]:
    """Seconds and peak megabytes of a process of its own."""
    line = [sys.executable, __file__, "--tool", tool, "--file", str(path), "--rows", str(count)]
    seconds, megabytes = subprocess.run(line, capture_output=True, text=True, check=True).stdout.split() or (0, 0)
    return float(seconds), int(megabytes)


def main() -> None:
    """Print one table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    options.add_argument("--repeat", type=int, default=5)
    options.add_argument("--tool", help=argparse.SUPPRESS)
    options.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.tool == "write":
        (write_workbook if chosen.file.suffix == ".xlsx" else write_csv)(chosen.file, chosen.rows[0])
        return
    if chosen.tool:
        seconds = read(chosen.tool, chosen.file)
        used = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        print(seconds, used // 1024)
        return
    print(f"{'rows':>9}  {'file':<5} {'tool':<16} {'seconds':>8} {'peak MB':>8} {'ratio':>6}")
    with tempfile.TemporaryDirectory() as folder:
        for count in chosen.rows:
            for kind, tools in TOOLS.items():
                path = Path(folder) / f"{count}.{kind}"
                apart("write", path, count)  # by another process: a process starts with the peak of its parent
                runs = [{tool: apart(tool, path, count) for tool in tools} for _time in range(chosen.repeat)]
                base = median(run[tools[0]][0] for run in runs)
                for tool in tools:
                    seconds = median(run[tool][0] for run in runs)
                    megabytes = max(run[tool][1] for run in runs)
                    line = f"{count:>9}  {kind:<5} {tool:<16} {seconds:>8.2f} {megabytes:>8} {seconds / base:>6.2f}"
                    print(line, flush=True)


if __name__ == "__main__":
    main()
