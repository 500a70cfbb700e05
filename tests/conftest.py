"""What many tests share: the real data when it is there, and one small example delivery."""

import os
from pathlib import Path

import pytest

from data_contracts.case_files import CaseFiles
from data_contracts.checking import Report

os.environ["LANG"] = "nl_NL.UTF-8"  # messages are Dutch, whatever the machine speaks
SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def new_orleans() -> Path:
    """The folder with the real New Orleans export, which is never part of the project."""
    folder = SHARED_DATA / "new_orleans_nopd"
    if not folder.exists():
        pytest.skip("the real New Orleans export is not on this machine (../shared/data)")
    return folder


@pytest.fixture(scope="session")
def example_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small synthetic national delivery: 120 disciplinary investigations a year."""
    from data_contracts.example import write_example

    folder = tmp_path_factory.mktemp("example")
    write_example(folder, seed=7, cases_per_year=120)
    return folder


@pytest.fixture(scope="session")
def checked_example(example_folder: Path) -> tuple[Report, CaseFiles]:
    """The small example, read from its workbooks and checked."""
    from data_contracts import check, read_delivery

    report, case_files = check(read_delivery(example_folder))
    if case_files is None:
        pytest.fail(f"the example is rejected: {report.breaches['rule'].unique()}")
    return report, case_files
