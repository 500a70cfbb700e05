"""The figures of readers: drawn from the ledger alone, in the order of the items, without a verdict."""

import re
from pathlib import Path
from typing import Any

import pytest
from small_publication import reader_rows, score, write_publication

from book.figures.agreement import reader_agreement, reader_true_share
from book.ledger import Publication, read_publication

LANGUAGES = ("nl", "en")
FIGURES = (reader_agreement, reader_true_share)


def _hide(rows: list[dict[str, Any]], part: str, *, decision: str = "refused") -> list[dict[str, Any]]:
    return [
        score(row["id"], None, row["unit"], n=row["n"], decision=decision, refusal="too_few")
        if part in row["id"] else row for row in rows
    ]  # fmt: skip


def _read(folder: Path, rows: list[dict[str, Any]]) -> Publication:
    return read_publication(write_publication(folder / "publication", rows))


@pytest.fixture(scope="module")
def publication(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    return _read(tmp_path_factory.mktemp("readers"), reader_rows())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("figure", FIGURES, ids=lambda function: function.__name__)
def test_a_figure_has_alt_text_a_table_with_scopes_and_downloads(figure, language, publication, tmp_path: Path):
    exhibit = figure(publication, language=language)
    page = exhibit.save(tmp_path)._repr_html_()
    alt = re.search(r'<img [^>]*alt="([^"]+)"', page)
    assert alt and len(alt[1]) > 40
    assert '<th scope="col">' in page and '<th scope="row">' in page and "<caption>" in page
    rows = (tmp_path / exhibit.folder / f"{exhibit.name}.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == len(exhibit.table.rows) + 1
    assert {len(row) for row in exhibit.table.rows} == {len(exhibit.table.header)}
    assert figure(publication, language=language).svg == exhibit.svg


@pytest.mark.parametrize("figure", FIGURES, ids=lambda function: function.__name__)
def test_every_number_in_a_table_is_the_text_of_the_ledger(figure, publication):
    known = set(publication.ledger["text_nl"]) | {"–"}
    known |= {publication.interval_cell(score_id, language="nl") for score_id in publication.ledger.index}
    cells = [cell for row in figure(publication, language="nl").table.rows for cell in row[1:]]
    assert cells and set(cells) <= known


def test_all_items_come_first_then_items_in_the_order_of_their_list_and_never_by_value(publication, tmp_path: Path):
    names = [row[0] for row in reader_agreement(publication, language="nl").table.rows]
    assert names == [
        "Alle items samen", "Schriftelijke opdracht en akkoord op het onderzoeksplan", "Besluit", "eigen vraag",
    ]  # fmt: skip
    other = _read(tmp_path, reader_rows(items=("opdr", "besl", "eigen_vraag")))
    assert [row[0] for row in reader_agreement(other, language="nl").table.rows] == names
    assert [row[0] for row in reader_true_share(publication, language="en").table.rows][1:] == [
        "Decision",
        "eigen vraag",
    ]


def test_the_alternative_text_says_the_numbers_and_the_caption_gives_no_verdict(publication):
    exhibit = reader_agreement(publication, language="nl")
    assert "Besluit: deel hetzelfde" in exhibit.alt and "AC1 van Gwet 0,56" in exhibit.alt
    assert "zeggen niet of de overeenstemming genoeg is" in exhibit.caption
    words = " ".join((exhibit.alt, exhibit.caption, *exhibit.table.header)).lower()
    assert not re.search(r"\b(goed|slecht|matig|redelijk|voldoende|zwak|sterk)\b", words)
    assert "70\N{NO-BREAK SPACE}% gevonden, werkelijk 55" in reader_true_share(publication, language="nl").alt
    assert "Aanname: lezers vergissen zich los van elkaar" in reader_true_share(publication, language="nl").caption


def test_a_coefficient_that_is_refused_stands_in_the_table_and_not_in_the_drawing(publication, tmp_path: Path):
    some = _read(tmp_path, _hide(reader_rows(), "readers_opdr.alpha"))
    exhibit = reader_agreement(some, language="nl")
    assert exhibit.table.rows[1][6:8] == ("niet te zeggen", "–")
    assert exhibit.svg != reader_agreement(publication, language="nl").svg


def test_an_item_of_which_nothing_is_public_is_in_the_table_alone(tmp_path: Path):
    some = _read(tmp_path, _hide(reader_rows(), "readers_besl.", decision="suppressed_primary"))
    for figure in FIGURES:
        exhibit = figure(some, language="nl")
        row = next(row for row in exhibit.table.rows if row[0] == "Besluit")
        assert set(row[1:]) == {"afgeschermd", "–"} and "Besluit" not in exhibit.alt


def test_a_legend_names_every_mark_whatever_the_last_item_lacks(tmp_path: Path):
    whole = _read(tmp_path / "whole", reader_rows())
    for part in ("eigen_vraag.ac1", "eigen_vraag.found_share", "eigen_vraag.true_share_equal"):
        less = _read(tmp_path / part, _hide(reader_rows(), part))
        figure = reader_agreement if part.endswith("ac1") else reader_true_share
        # one mark fewer in the drawing, the legend as before: so exactly one marker less
        marks = [figure(one, language="nl").svg.count("<use ") for one in (whole, less)]
        assert 0 < marks[0] - marks[1] <= 2


def test_negative_agreement_stays_inside_the_drawing(tmp_path: Path):
    low = _read(tmp_path, reader_rows(shift=0.9))
    exhibit = reader_agreement(low, language="en")
    assert exhibit is not None and "−0." in exhibit.alt


def test_without_readers_there_is_no_figure(tmp_path: Path):
    none = _read(tmp_path / "none", [score("duration.total_gross.median.all", 160.0, "days")])
    hidden = _read(tmp_path / "hidden", _hide(reader_rows(), "readers"))
    pooled = _read(tmp_path / "pooled", reader_rows(items=()))
    for figure in FIGURES:
        assert figure(none, language="nl") is None and figure(hidden, language="nl") is None
    assert reader_true_share(pooled, language="nl") is None
    assert reader_agreement(pooled, language="nl").table.rows[0][0] == "Alle items samen"
