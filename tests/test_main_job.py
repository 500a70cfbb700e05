"""The whole job as a user runs it: from workbooks to ledger, site and letter, without a network.

`example_ledger.txt` is what the small example publishes for all units together. When a
change of the code changes a number there, `python tests/test_main_job.py FOLDER` (the
publication) renews it, and CHANGELOG says which number changed and why.
"""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest

GOLDEN = Path(__file__).parent / "data" / "example_ledger.txt"
OFFLINE = ["unshare", "--map-root-user", "--net"]


def published(folder: Path) -> str:
    """Return id, text and decision of every ledger row about all units together."""
    ledger = pd.read_csv(folder / "ledger.csv", dtype=str, keep_default_na=False)
    rows = ledger[(ledger["group"] == "all") & ~ledger["statistic"].str.startswith(("at_risk_", "within_"))]
    return "\n".join(rows["id"] + " | " + rows["text_nl"] + " | " + rows["decision"]) + "\n"


@pytest.fixture(scope="module")
def job(example_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess, Path]:
    out = tmp_path_factory.mktemp("job") / "out"
    words = [sys.executable, "-m", "book.command", "run", "--delivery", str(example_folder), "--out", str(out)]
    offline = (
        OFFLINE if shutil.which("unshare") and subprocess.run([*OFFLINE, "true"], check=False).returncode == 0 else []
    )
    done = subprocess.run([*offline, *words], capture_output=True, text=True, check=False)
    return done, out


def test_the_job_ends_well_and_says_where_everything_is(job: tuple[subprocess.CompletedProcess, Path]) -> None:
    done, out = job
    assert (done.returncode, done.stderr) == (0, "")
    for name in ("run/report.html", "run/scores.csv", "publication/ledger.csv", "site/nl/index.html",
                 "site/en/index.html", "brief.docx"):  # fmt: skip
        assert (out / name).is_file()
        assert str(out / name) in done.stdout


def test_what_the_example_publishes_for_all_units_together_is_unchanged(
    job: tuple[subprocess.CompletedProcess, Path],
) -> None:
    assert published(job[1] / "publication") == GOLDEN.read_text(encoding="utf-8")


def test_every_number_of_a_run_has_an_estimand_card(job: tuple[subprocess.CompletedProcess, Path]) -> None:
    scores = pd.read_csv(job[1] / "run" / "scores.csv")
    cards = {card["id"] for card in json.loads((job[1] / "run" / "estimands.json").read_text("utf-8"))}
    assert set(scores["estimand"]) <= cards


def test_no_identifier_of_a_case_or_person_reaches_publication_site_or_letter(
    job: tuple[subprocess.CompletedProcess, Path], example_folder: Path
) -> None:
    from data_contracts import read_delivery

    tables = [delivery.tables for delivery in read_delivery(example_folder)]
    numbers = {value for t in tables for value in t["cases"].frame["case_id"]}
    numbers |= {value for t in tables for value in t["subjects"].frame["subject_id"]}
    assert len(numbers) > 1000
    texts = {
        path: path.read_bytes()
        for folder in ("publication", "site")
        for path in (job[1] / folder).rglob("*")
        if path.is_file()
    }
    with zipfile.ZipFile(job[1] / "brief.docx") as letter:
        texts |= {Path(name): letter.read(name) for name in letter.namelist()}
    everything = b"\n".join(texts.values()).decode("utf-8", errors="replace")
    assert not [number for number in numbers if number in everything]
    assert sorted(numbers)[0] in (job[1] / "run" / "case_scores.csv").read_text("utf-8")  # the search can find one


def test_the_example_says_on_every_page_that_it_is_made_up(job: tuple[subprocess.CompletedProcess, Path]) -> None:
    pages = [p for p in (job[1] / "site" / "nl").glob("*.html") if p.name not in ("search.html", "genindex.html")]
    assert len(pages) > 8
    for page in pages:
        assert "Dit zijn verzonnen gegevens" in page.read_text("utf-8"), page.name


if __name__ == "__main__":
    GOLDEN.write_text(published(Path(sys.argv[1])), encoding="utf-8")
