"""Writing whole or not at all, seen with real kills; and never a formula in a file we write."""

import csv
import signal
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from book.command import run_command
from data_contracts.writing import neutral, whole_folder, write_csv

KILLED = """
import os, signal, sys
from pathlib import Path
from data_contracts.writing import whole_file, whole_folder

def die(*_arguments):
    os.kill(os.getpid(), signal.SIGKILL)

out, when = Path(sys.argv[1]), sys.argv[2]
if when == "between the renames":
    rename = Path.rename
    def rename_once(self, target):
        rename(self, target)
        die()
    Path.rename = rename_once
if when == "in a file":
    with whole_file(out / "mark.txt") as work:
        work.write_text("half")
        die()
with whole_folder(out, marks=("mark.txt",)) as work:
    (work / "mark.txt").write_text("later")
    if when == "in a folder":
        die()
"""


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    out = tmp_path / "uit"
    out.mkdir()
    (out / "mark.txt").write_text("earlier")
    return out


@pytest.mark.parametrize("when", ["in a file", "in a folder", "between the renames"])
def test_a_kill_in_the_middle_leaves_the_earlier_state_and_the_next_run_goes_on(earlier: Path, when: str) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, earlier, when], check=False)
    assert done.returncode == -signal.SIGKILL
    if when != "between the renames":  # there it stands aside for a moment; the next run puts it back first
        assert (earlier / "mark.txt").read_text() == "earlier"
    with pytest.raises(KeyError), whole_folder(earlier, marks=("mark.txt",)):
        raise KeyError
    assert (earlier / "mark.txt").read_text() == "earlier"
    with whole_folder(earlier, marks=("mark.txt",)) as work:
        (work / "mark.txt").write_text("later")
    assert (earlier / "mark.txt").read_text() == "later"
    assert [path.name for path in earlier.parent.iterdir() if path.suffix in (".partial", ".earlier")] == []


def test_a_check_killed_at_any_moment_leaves_the_earlier_report(example_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "controle"
    delivery = example_folder / "levering_AMS.xlsx"
    assert run_command(["check", str(delivery), "--out", str(out)]) == 0
    before = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}
    words = [sys.executable, "-m", "book.command", "check", str(delivery), "--out", str(out)]
    for seconds in (1.0, 2.5, 4.0):
        job = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        time.sleep(seconds)
        ended = job.poll()
        job.kill()
        job.wait()
        if ended is None and not out.exists():
            pytest.fail("the earlier report is gone")
        if ended is None:
            assert {path.name for path in out.iterdir() if path.is_file()} == set(before)
            assert (out / "breaches.csv").read_bytes() == before["breaches.csv"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1"])
def test_text_that_a_spreadsheet_would_run_is_made_harmless(text: str, tmp_path: Path) -> None:
    assert neutral(text).startswith("'")
    write_csv(pd.DataFrame({"text": [text], "number": [-1]}), tmp_path / "uit.csv")
    with (tmp_path / "uit.csv").open(encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file))
    assert (row["text"][0], row["number"]) == ("'", "-1")  # a number stays a number


def test_formulas_in_an_export_run_in_no_file_that_a_check_writes(tmp_path: Path) -> None:
    folder, attack = tmp_path / "levering", "=HYPERLINK(0)"
    folder.mkdir()
    header = "eenheid;uittrekmoment;periode_van;periode_tot;cohortbasis;contractversie;teleenheid"
    (folder / "levering.csv").write_text(f"{header}\nAMS;2021-12-31;2019-01-01;2021-12-31;alle;1.1.0;onderzoek\n")
    rows = [f"Z{n:03};AMS;disciplinair;2020-02-03;2020-08-03;{attack if n < 5 else ''}" for n in range(60)]
    columns = f"zaaknummer;eenheid;soort;geopend_op;afgesloten_op;categorie;{attack}"
    (folder / "onderzoeken.csv").write_text("\n".join([columns, *(row + ";" + attack for row in rows)]))
    run_command(["check", str(folder), "--against", str(folder), "--out", str(tmp_path / "c")])
    books = list((tmp_path / "c" / "marked").glob("*.xlsx"))
    assert books
    for book in books:
        for sheet in openpyxl.load_workbook(book):
            assert [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []
    for name in ("breaches.csv", "changes.csv"):
        with (tmp_path / "c" / name).open(encoding="utf-8-sig", newline="") as file:
            assert [cell for row in csv.reader(file, delimiter=";") for cell in row if cell.startswith("=")] == []
