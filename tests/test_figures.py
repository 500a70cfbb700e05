import dataclasses
import re
from datetime import date
from pathlib import Path

import pytest
from small_publication import FOREIGN, UNITS, duration_rows, foreign, national, outcome_rows, score, write_publication

from book.figures import (
    FIGURES,
    duration_by_unit,
    duration_by_year,
    duration_change,
    duration_curve,
    duration_exits,
    duration_projection,
    duration_ranges,
    duration_sensitivity,
    duration_shrunken,
    duration_stages,
    duration_stock,
    funnel,
    steps,
)
from book.figures.duration_exits import _stackable
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
        "duration_curve", "duration_by_year", "duration_by_unit", "duration_stock", "duration_stock_age",
        "duration_projection", "duration_funnel", "duration_shrunken", "funnel", "outcome_by_year",
        "registration_guard", "register", "findings", "missing",
    }  # fmt: skip
    assert len(funnel(read, language="en").table.rows) == len(FOREIGN)
    assert "Share ended, net" not in duration_curve(read, language="en").table.header
    assert steps(read, language="en") is None


def changed(publication: Publication, **numbers: float | None) -> Publication:
    """The same publication with other estimates; None hides the row."""
    ledger = publication.ledger.copy()
    for score_id, value in numbers.items():
        ledger.loc[score_id.replace("__", "."), "estimate"] = value
        if value is None:
            ledger.loc[score_id.replace("__", "."), "decision"] = "suppressed_primary"
    return dataclasses.replace(publication, ledger=ledger)


def hidden(publication: Publication, *starts: str) -> Publication:
    """The same publication with every row hidden whose id begins with one of `starts`."""
    ledger = publication.ledger.copy()
    chosen = ledger.index.str.startswith(starts)
    ledger.loc[chosen, "decision"] = "suppressed_primary"
    return dataclasses.replace(publication, ledger=ledger)


def test_an_exit_that_is_withheld_on_later_days_falls_in_the_rest_and_the_days_stay(publication):
    exhibit = duration_exits(publication, language="nl")
    assert "ingetrokken" not in exhibit.alt and "Na 720 dagen: besluit" in exhibit.alt
    assert "loopt nog, of einde niet openbaar" in exhibit.alt
    row = next(row for row in exhibit.table.rows if row[0] == "ingetrokken")
    assert row[-2:] == ("afgeschermd", "–")
    whole = hidden(publication, "duration.exit_ingetrokken.")
    assert duration_exits(whole, language="nl").svg == exhibit.svg


def test_exits_that_are_all_public_leave_only_what_is_still_open(publication):
    rows = publication.ledger
    rows = rows[~rows.index.str.startswith("duration.exit_ingetrokken.")]
    exhibit = duration_exits(dataclasses.replace(publication, ledger=rows), language="en")
    assert "The rest on top: still open." in exhibit.alt


def test_areas_are_stacked_only_where_every_one_of_them_is_public():
    points = {90: "a", 180: "b", 365: "c"}
    assert _stackable({"x": points, "y": points}) == (["x", "y"], [90, 180, 365])
    assert _stackable({"x": points, "y": {90: "d"}}) == (["x"], [90, 180, 365])
    assert _stackable({"x": {90: "d"}, "y": points, "z": {90: "e", 180: "f"}}) == (["y", "z"], [90, 180])
    assert _stackable({}) == ([], [])


def test_a_stage_without_its_last_quarter_is_drawn_open_and_said_so_in_the_table(publication):
    exhibit = duration_stages(publication, language="nl")
    rows = {row[0].split(":")[0]: row for row in exhibit.table.rows}
    assert list(rows) == ["Intake", "Feitenonderzoek", "Beoordeling", "Besluitvorming", "Onzekerheid", "Klacht"]
    assert rows["Beoordeling"][5] == "niet te zeggen"
    assert exhibit.svg != duration_stages(hidden(publication, "duration.intake_net."), language="nl").svg


def test_stages_without_a_net_clock_are_drawn_gross_only(publication):
    gross = hidden(publication, *(f"duration.{s}_net." for s in ("intake", "fact_finding", "assessment", "decision")))
    gross = hidden(gross, "duration.uncertainty_net.", "duration.complaint_net.")
    assert {row[6] for row in duration_stages(gross, language="nl").table.rows} == {
        row[6] for row in duration_stages(publication, language="nl").table.rows
    }  # the ledger's own text stands in the table; the drawing has no bar for it
    assert duration_stages(gross, language="nl").svg != duration_stages(publication, language="nl").svg


def test_the_day_of_change_is_marked_only_where_change_is_measured_and_units_are_dutch(publication, tmp_path: Path):
    without = hidden(publication, "duration.change_")
    assert publication.changed_on() == date(2020, 11, 12) and without.changed_on() is None
    for figure in (duration_by_year, duration_stock):
        assert figure(publication, language="nl").svg != figure(without, language="nl").svg
    assert duration_change(without, language="nl") is None
    assert read_publication(foreign(tmp_path / "publication")).changed_on() is None


def test_a_day_outside_the_years_shown_is_not_marked(publication):
    early = publication.ledger[~publication.ledger.index.str.contains("year=202")]
    cut = dataclasses.replace(publication, ledger=early)
    without = hidden(cut, "duration.change_")
    assert duration_by_year(cut, language="nl").svg == duration_by_year(without, language="nl").svg


def test_the_extrapolated_stock_comes_with_its_interval_and_its_assumption(publication):
    exhibit = duration_stock(publication, language="nl")
    assert "Aanname: de komende maanden" in exhibit.caption and "op 31 december 2022 174" in exhibit.alt
    bare = duration_stock(hidden(publication, "duration.backlog.projected_"), language="nl")
    assert "Aanname" not in bare.caption and "Gestreept" not in bare.alt
    assert duration_projection(hidden(publication, "duration.backlog.projected_"), language="nl") is None


def test_differences_show_their_sign_in_the_table_of_the_change(publication):
    rows = duration_change(publication, language="en").table.rows
    assert rows[0][3:] == ("+3.2 percentage points", "−3.1 to +9.5 percentage points")
    assert rows[1][3:] == ("−9 days", "−26 to +8 days")
    assert rows[-1][1:3] == ("–", "–")


def test_a_choice_that_misleads_stands_in_the_table_without_a_number_and_not_in_the_drawing(publication):
    exhibit = duration_sensitivity(publication, language="nl")
    rows = {row[0]: row[1:] for row in exhibit.table.rows}
    assert rows["welke zaken: alleen afgesloten zaken"] == ("niet te zeggen", "–", "niet te zeggen", "–")
    assert "afgesloten" not in exhibit.alt
    assert next(iter(rows)) == "zoals in dit boek"
    rest = hidden(publication, "duration.total_gross_range.")
    assert duration_sensitivity(rest, language="nl") is None


def test_every_headline_number_has_a_panel_of_its_own_as_wide_as_a_phone(publication):
    exhibit = duration_ranges(publication, language="nl")
    drawn = exhibit._repr_html_().split("<details")[0]
    assert "tt-narrow" in drawn and "tt-hint" not in drawn
    assert "tt-hint" in duration_sensitivity(publication, language="nl")._repr_html_().split("<details")[0]
    assert float(re.search(r'width="([\d.]+)pt"', exhibit.svg)[1]) < 320
    for title in ("mediane duur, netto 141 dagen, 138 dagen tot 144 dagen", "aantal lopende zaken 165, 155 tot 175",
                  "mediane ouderdom van de lopende zaken 142 dagen, 142 dagen"):  # fmt: skip
        assert title in exhibit.alt
    rows = {row[0]: row[1:] for row in exhibit.table.rows}
    assert rows["mediane duur, netto"][2:] == ("138 dagen tot 144 dagen", "97 dagen tot 170 dagen")
    wait = "mediane duur van: onzekerheid (van kennisgeving of ordemaatregel tot besluit, per betrokkene)"
    assert rows[f"{wait}, geteld per: zaak"][0] == "126 dagen"
    # What stands in the figure of the gross median is not told twice.
    assert not [name for name in rows if name.startswith("mediane duur, bruto, ")]


def test_a_headline_number_that_is_withheld_has_no_panel_and_stays_in_the_table(publication):
    rest = hidden(
        publication, "duration.stock_range.", "duration.total_net.median.all", "duration.within_365_range.share_l"
    )
    exhibit = duration_ranges(rest, language="nl")
    assert "lopende zaken 165" not in exhibit.alt and "netto" not in exhibit.alt
    assert "deel dat binnen een jaar klaar is 78\xa0%, –" in exhibit.alt, "a panel without the box of its range"
    rows = {row[0]: row[1:] for row in exhibit.table.rows}
    assert rows["aantal lopende zaken"] == ("165", "–", "–", "–")
    assert duration_ranges(hidden(publication, "duration."), language="nl") is None
    without = publication.ledger[~publication.ledger.index.str.contains("_any_")]
    assert "–" in {row[4] for row in duration_ranges(dataclasses.replace(publication, ledger=without),
                                                      language="nl").table.rows}  # fmt: skip


def test_shrunken_effects_stand_in_code_list_order_with_their_reliability(publication):
    table = duration_shrunken(publication, language="nl").table
    assert [row[0] for row in table.rows] == [f"Eenheid {unit} ({unit.upper()})" for unit in UNITS]
    assert table.rows[0][4] == "0,45" and table.rows[-1][1] == "afgeschermd"
    spread = changed(publication, **{"duration__pace__shrunken_odds_ratio__unit=ams": 3.0})
    assert duration_shrunken(spread, language="nl").svg != duration_shrunken(publication, language="nl").svg


def test_the_break_in_the_categories_is_marked_only_where_the_dated_list_has_it(tmp_path: Path):
    rows = outcome_rows()
    dutch = read_publication(write_publication(tmp_path / "dutch", rows))
    other = read_publication(write_publication(tmp_path / "other", rows, categories=("rule_4",)))
    assert dutch.breaks() == (2020,) and other.breaks() == ()


def test_a_csv_cell_that_a_spreadsheet_would_run_is_made_inert():
    from book.exhibit import Table

    table = Table(header=("name", "value"), rows=(("=1+1", "2"),), caption="x")
    assert table.csv() == "name,value\n'=1+1,2\n"


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("+1,4", '"+1,4"'),
        ("-3", "-3"),
        ("+1,4 procentpunt", '" +1,4 procentpunt"'),
        ("+1-cmd()", "'+1-cmd()"),
        ("-x", "'-x"),
    ],
)
def test_a_signed_number_in_a_csv_is_no_formula_and_carries_no_apostrophe(cell: str, written: str):
    from book.exhibit import Table

    assert Table(header=("value",), rows=((cell,),), caption="x").csv() == f"value\n{written}\n"
