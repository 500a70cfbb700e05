import re
from pathlib import Path

import pytest
from small_publication import FOREIGN, UNITS, duration_rows, foreign, national, outcome_rows, score, write_publication

from book.figures import FIGURES, duration_by_unit, duration_curve, funnel, steps
from book.ledger import Publication, read_publication

LANGUAGES = ("nl", "en")


@pytest.fixture(scope="module")
def publication(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    return read_publication(national(tmp_path_factory.mktemp("figures") / "publication"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("figure", FIGURES, ids=lambda function: function.__name__)
def test_every_figure_has_alt_text_a_table_with_scopes_and_downloads(figure, language, publication, tmp_path: Path):
    exhibit = figure(publication, language=language)
    page = exhibit.save(tmp_path)._repr_html_()
    if exhibit.svg:
        alt = re.search(r'<img [^>]*alt="([^"]+)"', page)
        assert alt and len(alt[1]) > 40
        assert (tmp_path / exhibit.folder / f"{exhibit.name}.svg").read_text(encoding="utf-8").startswith("<svg")
    assert '<th scope="col">' in page and '<th scope="row">' in page and "<caption>" in page
    rows = (tmp_path / exhibit.folder / f"{exhibit.name}.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == len(exhibit.table.rows) + 1


@pytest.mark.parametrize("figure", FIGURES, ids=lambda function: function.__name__)
def test_every_number_in_a_table_is_the_text_of_the_ledger(figure, publication):
    table = figure(publication, language="nl").table
    known = set(publication.ledger["text_nl"]) | {"–"}
    known |= {publication.interval_cell(score_id, language="nl") for score_id in publication.ledger.index}
    known |= {
        publication.count_cell(score_id, column, language="nl")
        for score_id in publication.ledger.index
        for column in ("n", "denominator")
    }
    cells = [cell for row in table.rows for cell in row[1:] if any(sign.isdigit() for sign in cell) or cell == "–"]
    assert cells
    for cell in cells:
        assert set(cell.split(" tot ")) <= known or cell in known, cell


def test_the_curve_says_its_points_in_its_alternative_text(publication):
    exhibit = duration_curve(publication, language="nl")
    assert f"na 180 dagen {publication.cell('duration.total_gross.within_180_days.all', language='nl')}" in exhibit.alt
    assert [row[0] for row in exhibit.table.rows] == ["30", "60", "90", "180", "365", "540", "720"]


def test_the_same_publication_gives_the_same_drawing_byte_for_byte(publication):
    assert funnel(publication, language="en").svg == funnel(publication, language="en").svg


def test_a_drawing_carries_no_date_and_no_address_but_the_names_of_its_own_format(publication):
    for figure in FIGURES:
        svg = figure(publication, language="nl").svg or ""
        assert "<dc:date>" not in svg
        assert set(re.findall(r"https?://[^\"<> ]+", svg)) <= {
            "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink", "http://creativecommons.org/ns#",
            "http://purl.org/dc/elements/1.1/", "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        }  # fmt: skip


def test_units_stand_in_the_order_of_their_code_list_and_never_by_value(tmp_path: Path):
    rows = duration_rows(UNITS)
    for row in rows:
        if row["group"].startswith("unit=") and row["estimate"]:
            row["estimate"] = 500 - row["estimate"]
    folder = write_publication(tmp_path / "publication", rows)
    table = duration_by_unit(read_publication(folder), language="nl").table
    assert [row[0] for row in table.rows] == [f"Eenheid {unit} ({unit.upper()})" for unit in UNITS]


def test_a_withheld_unit_is_in_the_table_without_a_number_and_not_in_the_drawing(publication):
    exhibit = duration_by_unit(publication, language="nl")
    assert exhibit.table.rows[-1] == ("Eenheid lo (LO)", "afgeschermd", "–", "–")
    assert "voor 3 van 4 eenheden" in exhibit.alt


def test_a_figure_with_nothing_published_behind_it_is_no_figure(tmp_path: Path):
    hidden = [score("duration.total_gross.median.unit=ams", None, "days", decision="suppressed_primary")]
    read = read_publication(write_publication(tmp_path / "publication", hidden))
    for figure in FIGURES:
        assert figure(read, language="nl") is None, figure.__name__


def test_another_agency_with_other_units_and_no_net_duration_gets_the_figures_it_has(tmp_path: Path):
    read = read_publication(foreign(tmp_path / "publication"))
    made = {figure.__name__ for figure in FIGURES if figure(read, language="en")}
    assert made == {
        "duration_curve", "duration_by_year", "duration_by_unit", "funnel", "outcome_by_year", "registration_guard",
        "register", "findings", "missing",
    }  # fmt: skip
    assert len(funnel(read, language="en").table.rows) == len(FOREIGN)
    assert "Share ended, net" not in duration_curve(read, language="en").table.header
    assert steps(read, language="en") is None


def test_the_break_in_the_categories_is_marked_only_where_the_dated_list_has_it(tmp_path: Path):
    rows = outcome_rows()
    dutch = read_publication(write_publication(tmp_path / "dutch", rows))
    other = read_publication(write_publication(tmp_path / "other", rows, categories=("rule_4",)))
    assert dutch.breaks() == (2020,) and other.breaks() == ()


def test_a_csv_cell_that_a_spreadsheet_would_run_is_made_inert():
    from book.exhibit import Table

    table = Table(header=("name", "value"), rows=(("=1+1", "2"),), caption="x")
    assert table.csv() == "name,value\n'=1+1,2\n"
