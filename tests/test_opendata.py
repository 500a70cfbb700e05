"""Open data: valid for its own validator, harmless in a spreadsheet."""

import json
from pathlib import Path

import pandas as pd
import pytest

from data_contracts.writing import neutral
from evaluation.publication.ledger import read_ledger
from evaluation.publication.opendata import group_label, measure_tables, write_csv
from evaluation.publication.publish import publish
from tests.scores_for_disclosure import durations, shares, write_run

LARGE = {"unit=u0": (40, 90), "unit=b": (50, 110), "unit=c": (60, 120), "unit=d": (3, 9)}


@pytest.fixture(scope="module")
def publication(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("open")
    groups = {"unit=u0": (90, 60), "unit=b": (95, 60), "all": (185, 120)}
    run = write_run(folder / "run", [*shares("completeness.critical", LARGE), *durations(groups)])
    return publish(run, folder / "publication").folder


def test_the_datapackage_is_valid_for_frictionless(publication: Path) -> None:
    frictionless = pytest.importorskip("frictionless")
    report = frictionless.validate(str(publication / "datapackage.json"))
    assert report.valid, report.flatten(["resourceName", "fieldName", "type", "message"])
    assert report.stats["tasks"] == 4  # ledger, disclosure, two tables


def test_frictionless_does_find_a_fault_when_there_is_one(publication: Path, tmp_path: Path) -> None:
    frictionless = pytest.importorskip("frictionless")
    package = json.loads((publication / "datapackage.json").read_text(encoding="utf-8"))
    (tmp_path / "ledger.csv").write_text(
        (publication / "ledger.csv").read_text(encoding="utf-8").replace("published", "perhaps", 1), encoding="utf-8"
    )
    package["resources"] = package["resources"][:1]
    (tmp_path / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    assert not frictionless.validate(str(tmp_path / "datapackage.json")).valid


def test_every_csv_is_a_resource_and_every_column_is_described(publication: Path) -> None:
    package = json.loads((publication / "datapackage.json").read_text(encoding="utf-8"))
    listed = {resource["path"] for resource in package["resources"]}
    assert listed == {str(path.relative_to(publication)) for path in publication.rglob("*.csv")}
    assert all(field["description"] for resource in package["resources"] for field in resource["schema"]["fields"])


def test_each_measure_has_a_table_with_the_rows_of_the_ledger(publication: Path) -> None:
    rows = read_ledger(publication)
    tables = measure_tables(rows, {})
    assert sorted(tables) == ["completeness_critical", "duration_total_gross"]
    assert sum(len(table) for table in tables.values()) == len(rows)


@pytest.mark.parametrize(
    ("text", "safe"),
    [("=1+1", "'=1+1"), ("+31 6", "'+31 6"), ("-naam", "'-naam"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "' =1"),
     (" =1", "' =1"), ("\r=1", "' =1"), ("Den Haag", "Den Haag"), ("a\x00b\nc", "a b c"), ("", "")],
)  # fmt: skip
def test_text_that_a_spreadsheet_takes_for_a_formula_is_neutralised(text: str, safe: str) -> None:
    assert neutral(text) == safe


def test_a_label_with_a_formula_is_harmless_in_the_published_table(publication: Path) -> None:
    text = (publication / "tables" / "completeness_critical.csv").read_text(encoding="utf-8")
    assert "'=Eenheid nul" in text
    assert ",=Eenheid nul" not in text


def test_negative_numbers_stay_numbers(tmp_path: Path) -> None:
    write_csv(pd.DataFrame({"number": [-0.5, None], "text": ["-a", None]}), tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_text(encoding="utf-8") == "number,text\n-0.5,'-a\n,\n"


def test_groups_are_named_by_their_labels() -> None:
    labels = {"unit": {"AMS": {"nl": "Amsterdam", "en": "Amsterdam"}}}
    assert group_label("unit=ams", labels, "nl") == "Amsterdam"
    assert group_label("unit=div 3", labels, "en") == "DIV 3"
    assert group_label("year=2019", labels, "nl") == "2019"
    assert group_label("all", labels, "nl") == "alle eenheden samen"
