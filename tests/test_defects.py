"""The labelled defects of the example: the check finds each where it was planted, and nothing else."""

import hashlib
from collections import Counter
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from data_contracts import check, read_delivery
from data_contracts.checking import Report
from data_contracts.errors import WrongUse
from data_contracts.example import write_example
from data_contracts.example.defects import DEFECTS, KINDS, LABELS
from data_contracts.writing import neutral

PLACE = ["file", "sheet", "row", "column", "header", "rule"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gebreken")
    write_example(path, seed=11, cases_per_year=15, defects=tuple(KINDS))
    return path


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same example without defects: it has points to check of its own."""
    path = tmp_path_factory.mktemp("gaaf")
    write_example(path, seed=11, cases_per_year=15)
    return path


@pytest.fixture(scope="module")
def labels(folder: Path) -> pd.DataFrame:
    return pd.read_json(folder / DEFECTS)


@pytest.fixture(scope="module")
def report(folder: Path) -> Report:
    found, case_files = check(read_delivery(folder))
    assert case_files is None  # a name and an e-mail address reject the delivery
    return found


def places(found: pd.DataFrame) -> Counter[tuple]:
    return Counter(found[PLACE].astype({"row": int}).itertuples(index=False, name=None))


def test_every_kind_is_planted_once_and_labelled(labels: pd.DataFrame):
    assert list(labels.columns) == LABELS
    assert list(dict.fromkeys(labels["defect"])) == list(KINDS)
    assert labels["file"].nunique() > 4  # drawn: not all in one delivery
    assert not labels.duplicated(["file", "sheet", "row", "rule"]).any()


def test_the_check_finds_exactly_the_planted_defects(report: Report, labels: pd.DataFrame, clean: Path):
    before, _case_files = check(read_delivery(clean))
    with_defects, without = places(report.breaches), places(before.breaches)
    assert with_defects - without == places(labels[labels["rule"] != ""])
    assert without - with_defects == Counter()  # the defects hide nothing


def test_empty_rows_with_a_format_count_for_nothing(report: Report, labels: pd.DataFrame, folder: Path):
    (place,) = labels[labels["defect"] == "lege_opgemaakte_rijen"].to_dict("records")
    sheet = openpyxl.load_workbook(folder / place["file"])[place["sheet"]]
    assert sheet.max_row > place["row"]
    assert sheet.cell(place["row"], 1).has_style
    delivery = next(delivery for delivery in report.deliveries if delivery.name == place["file"])
    assert delivery.tables["cases"].places["row"].max() < place["row"]


def test_no_text_that_is_planted_is_a_formula_and_no_label_holds_it(folder: Path, labels: pd.DataFrame):
    (place,) = labels[labels["defect"] == "formule_als_tekst"].to_dict("records")
    cell = openpyxl.load_workbook(folder / place["file"])[place["sheet"]][f"{place['column']}{place['row']}"]
    assert cell.data_type == "s"
    assert neutral(cell.value) != cell.value
    assert cell.value not in (folder / DEFECTS).read_text("utf-8")


def test_the_same_seed_plants_the_same_defects(folder: Path, tmp_path: Path):
    write_example(tmp_path, seed=11, cases_per_year=15, defects=tuple(KINDS))
    assert hashes(tmp_path) == hashes(folder)


def test_a_workbook_without_a_defect_is_as_it_would_be_without_defects(folder: Path, clean: Path, labels: pd.DataFrame):
    assert not (clean / DEFECTS).exists()
    with_defects = hashes(folder)
    assert {name for name, sha256 in hashes(clean).items() if with_defects[name] != sha256} == set(labels["file"])


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_an_unknown_kind_is_refused_with_the_known_ones(tmp_path: Path):
    with pytest.raises(WrongUse, match=r"Gebrek inktvlek bestaat niet\. Kies uit: dubbel_zaaknummer, "):
        write_example(tmp_path, seed=1, cases_per_year=1, defects=("inktvlek",))
    assert list(tmp_path.iterdir()) == []
