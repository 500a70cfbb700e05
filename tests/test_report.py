"""The report of a check: what it says, and how it behaves in a real browser."""

import csv
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from rules.sound import Rows, sound, write_folder, write_workbook

from data_contracts import check, read_delivery
from data_contracts.checking import Report
from data_contracts.language import use_language
from data_contracts.reporting.acceptance import acceptance_record, record_json
from data_contracts.reporting.findings import causes, findings, verdict
from data_contracts.reporting.marked_workbook import write_marked
from data_contracts.reporting.report import share, write_report

CHROMIUM = Path("/usr/bin/chromium")
MOMENT = datetime(2026, 7, 1, 12, 5, tzinfo=UTC)
UNKNOWN = "rm_verzonnen_code"


def _unit(number: int, unit: str) -> Rows:
    """Sixty complaints more than the sound delivery, each with a person."""
    rows = sound(number)
    case, subject = rows["onderzoeken"][5], rows["betrokkenen"][3]
    rows["onderzoeken"] += [dict(case, zaaknummer=f"{number}-X{n:03}") for n in range(60)]
    rows["betrokkenen"] += [
        dict(subject, zaaknummer=f"{number}-X{n:03}", betrokkene_nummer=f"B-{number:04x}{n:04x}",
             dienstjaren=None if n % number == 0 else "5-14")
        for n in range(60)
    ]  # fmt: skip
    for table in rows.values():
        for row in table:
            row |= {"eenheid": unit} if "eenheid" in row else {}
    rows["formatie"] = []
    return rows


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Two deliveries: in one a whole column of codes is wrong and one investigation, in the other nothing."""
    folder = tmp_path_factory.mktemp("report")
    first = _unit(1, "AMS")
    for row in first["betrokkenen"]:
        row["rangband"] = UNKNOWN
    first["onderzoeken"][0]["afgesloten_op"] = date(2020, 1, 1)
    write_workbook(first, folder / "levering <b>AMS & co.xlsx")
    write_folder(_unit(3, "NN"), folder / "map NN")
    return check(read_delivery(folder))[0]


@pytest.fixture(scope="module")
def pages(faulty: Report, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """The report of the faulty deliveries in both languages, with a record and marked workbooks."""
    written = {}
    record = acceptance_record(faulty, by="gegevensbeheerder", checked_at=MOMENT)
    for tongue in ("nl", "en"):
        use_language(tongue)
        folder = tmp_path_factory.mktemp(tongue)
        write_report(faulty, folder, record=record, marked=write_marked(faulty, folder))
        written[tongue] = folder / "report.html"
    use_language(None)
    yield written
    for path in written.values():
        shutil.rmtree(path.parent)


def test_the_answer_comes_first_with_the_reason_and_what_to_do(pages: dict[str, Path], faulty: Report) -> None:
    page = pages["nl"].read_text("utf-8")
    assert verdict(faulty).startswith("AFGEKEURD, omdat dit niet klopt in betrokkenen: “Ten minste driekwart")
    assert page.index("AFGEKEURD, omdat") < page.index("Wat u nu doet") < page.index("Bevindingen, ergste eerst")
    assert 'href="marked/levering%20%3Cb%3EAMS%20%26%20co-gemarkeerd.xlsx"' in page
    assert "<b>AMS" not in page


def test_one_cause_behind_many_findings_is_said_first(pages: dict[str, Path], faulty: Report) -> None:
    (cause,) = causes(faulty)
    assert (cause["header"], cause["count"], cause["filled"], cause["rejects"]) == ("rangband", 64, 64, True)
    page = pages["nl"].read_text("utf-8")
    said = "kolom rangband (C): alle 64 gevulde cellen voldoen niet aan"
    assert page.index("Eén oorzaak") < page.index(said) < page.index("<details")
    total = len(faulty.breaches)
    assert f"Dit is 64 van de {total} bevindingen." in page


def test_a_column_that_is_empty_throughout_is_one_cause(tmp_path: Path) -> None:
    rows = _unit(1, "AMS")
    for row in rows["onderzoeken"]:
        row["soort"] = None
    report, _files = check(read_delivery(write_workbook(rows, tmp_path / "a.xlsx")))
    (cause,) = [cause for cause in causes(report) if cause["header"] == "soort"]
    assert (cause["empty"], cause["count"], cause["filled"]) == (True, 66, 66)
    write_report(report, tmp_path)
    assert "kolom soort (D) is leeg in 66 van de 66 regels" in (tmp_path / "report.html").read_text("utf-8")


def test_few_wrong_cells_of_many_are_no_single_cause(tmp_path: Path) -> None:
    rows = _unit(1, "AMS")
    for row in rows["onderzoeken"][:12]:
        row["categorie"] = UNKNOWN
    report, _files = check(read_delivery(write_workbook(rows, tmp_path / "a.xlsx")))
    assert causes(report) == []


def test_every_group_of_findings_says_how_many_of_how_many_and_where_the_rest_is(
    pages: dict[str, Path], faulty: Report
) -> None:
    groups = {group["rule"]: group for group in findings(faulty)}
    ranks = groups["subjects.rank_band_known_code"]
    assert (ranks["count"], ranks["of"], len(ranks["places"])) == (64, 128, 10)
    page = pages["nl"].read_text("utf-8")
    assert "64 van 128" in page
    assert "en 54 andere; alle plaatsen staan in breaches.csv" in page


def test_rows_that_fall_out_with_their_case_are_counted_apart(pages: dict[str, Path]) -> None:
    tables = {tuple(table.columns): table for table in _tables(pages["nl"])}
    rows = next(table for columns, table in tables.items() if "vallen uit met hun onderzoek" in columns).set_index(
        "blad"
    )
    counts = rows[["vallen uit door een eigen fout", "vallen uit met hun onderzoek"]]
    assert counts.loc["onderzoeken"].tolist() == [1, 0]
    assert counts.loc["stappen"].tolist() == [0, 27]


def _tables(page: Path) -> list[pd.DataFrame]:
    """The tables of a page as data, read by their header cells."""
    from lxml import html

    tables = []
    for table in html.fromstring(page.read_text("utf-8")).iter("table"):
        heads = [cell.text_content().strip() for cell in table.find("thead")[0]]
        rows = [[cell.text_content().strip() for cell in row] for row in table.find("tbody")]
        frame = pd.DataFrame(rows, columns=heads)
        tables.append(frame.apply(lambda one: pd.to_numeric(one) if one.str.fullmatch(r"\d+").all() else one))
    return tables


def test_columns_that_are_emptier_in_one_unit_are_shown_by_unit(pages: dict[str, Path]) -> None:
    table = next(table for table in _tables(pages["nl"]) if "dienstjaren" in table.columns).set_index("eenheid")
    assert table["dienstjaren"].tolist() == ["60 (94 %)", "20 (31 %)"]
    assert table["regels"].tolist() == [64, 64]


def test_no_value_of_a_cell_is_in_the_report_or_the_list(pages: dict[str, Path]) -> None:
    for page in pages.values():
        written = page.read_text("utf-8") + (page.parent / "breaches.csv").read_text("utf-8-sig")
        for value in (UNKNOWN, "00001-Z1", "B-00001001", "1-X000"):
            assert value not in written


def test_the_list_of_places_opens_in_a_dutch_excel_and_in_pandas(pages: dict[str, Path], faulty: Report) -> None:
    path = pages["nl"].parent / "breaches.csv"
    assert path.read_bytes().startswith(
        b"\xef\xbb\xbfrule;title;severity;scope;table;delivery;file;sheet;row;column;header\n"
    )
    rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert len(rows) == len(faulty.breaches)
    frame = pd.read_csv(path, sep=";", encoding="utf-8-sig")
    assert frame["rule"].tolist() == faulty.breaches["rule"].tolist()
    assert "rangband is een bekende code" in set(frame["title"])


def test_the_list_of_places_holds_no_formula(tmp_path: Path) -> None:
    write_folder(_unit(1, "AMS"), tmp_path / "=map")
    lines = (tmp_path / "=map" / "betrokkenen.csv").read_text("utf-8-sig").replace("inspecteur", "iets")
    (tmp_path / "=map" / "betrokkenen.csv").write_text(lines, encoding="utf-8")
    report, _files = check(read_delivery(tmp_path / "=map"))
    write_report(report, tmp_path)
    frame = pd.read_csv(tmp_path / "breaches.csv", sep=";", encoding="utf-8-sig", dtype=str)
    assert set(frame["delivery"]) == {"'=map"}
    assert not frame.stack().str.match(r"^[=+\-@]").any()


def test_the_record_is_printed_with_its_mark_and_room_to_sign(pages: dict[str, Path], faulty: Report) -> None:
    page = pages["nl"].read_text("utf-8")
    record = acceptance_record(faulty, by="gegevensbeheerder", checked_at=MOMENT)
    section = page[page.index('<section id="record"') :]
    assert record_json(record)["fingerprint"] in section
    for words in ("1 juli 2026, 14.05 uur", "Handtekening", record.files[0].sha256, "Afgekeurd", "gegevensbeheerder"):
        assert words in section


def test_a_report_without_record_or_changes_says_neither(tmp_path: Path) -> None:
    report, _files = check(read_delivery(write_workbook(sound(1), tmp_path / "a.xlsx")))
    write_report(report, tmp_path)
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "GOEDGEKEURD. Alle 6 onderzoeken doen mee." in page
    for absent in ("Bewijs van controle", "Veranderd sinds", "gemarkeerde kopie"):
        assert absent not in page


def test_a_share_is_not_nought_when_there_is_something_and_not_all_when_something_lacks() -> None:
    assert [share(0, 900), share(1, 900), share(450, 900), share(899, 900), share(900, 900)] == [
        "0 %", "< 1 %", "50 %", "> 99 %", "100 %",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real browser."""
    if not CHROMIUM.exists():
        pytest.skip("chromium is not on this machine: the report was not opened in a browser")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no browser check")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield running
        running.close()


@pytest.mark.parametrize("tongue", ["nl", "en"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_asks_nothing_of_any_host_and_fits_the_screen(
    pages: dict[str, Path], browser: Any, tongue: str, width: int
) -> None:
    asked: list[str] = []
    faults: list[str] = []
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.goto(pages[tongue].as_uri())
    page.wait_for_load_state("load")
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert asked == [pages[tongue].as_uri()]
    assert faults == []
    assert page.evaluate("document.documentElement.lang") == tongue
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    page.close()


def test_the_keyboard_reaches_the_contents_every_finding_and_every_wide_table(
    pages: dict[str, Path], browser: Any
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(pages["nl"].as_uri())
    there = "el => el.tagName + (el.getAttribute('href') || '')"
    page.keyboard.press("Tab")
    assert page.evaluate(f"({there})(document.activeElement)") == "A#main"
    reached = set()
    for _press in range(200):
        page.keyboard.press("Tab")
        seen = page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)")
        reached.add(seen)
    wanted = page.evaluate(
        "[...document.querySelectorAll('a, summary, .scroll')].filter(el => el.offsetParent && !el.closest("
        "'details:not([open]) > :not(summary)')).map(el => [...document.querySelectorAll('*')].indexOf(el))"
    )
    assert len(wanted) > 15
    assert [place for place in wanted if place not in reached] == []
    page.locator("summary").last.focus()
    before = page.locator("details[open]").count()
    page.keyboard.press("Enter")
    assert page.locator("details[open]").count() == before + 1
    page.close()


def test_the_printed_page_opens_what_is_closed_and_starts_the_record_on_a_new_sheet(
    pages: dict[str, Path], browser: Any
) -> None:
    page = browser.new_page()
    page.goto(pages["nl"].as_uri())
    closed = page.locator("details:not([open])").count()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert closed and page.locator("details:not([open])").count() == 0
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("details:not([open])").count() == closed
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.getElementById('record')).breakBefore") == "page"
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("tongue", ["nl", "en"])
def test_axe_finds_nothing_against_the_accessibility_guidelines(
    pages: dict[str, Path], browser: Any, tongue: str, scheme: str
) -> None:
    package = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    page = browser.new_page(color_scheme=scheme, viewport={"width": 390, "height": 800})
    page.goto(pages[tongue].as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    found = package.Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    page.close()


def test_axe_does_find_a_picture_without_words(pages: dict[str, Path], browser: Any) -> None:
    package = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    page = browser.new_page()
    page.set_content('<html lang="nl"><title>x</title><main><h1>x</h1><img src="data:,"></main>')
    assert "image-alt" in {one["id"] for one in package.Axe().run(page).response["violations"]}
    page.close()


def test_what_changed_since_the_earlier_delivery_is_a_part_of_the_page(tmp_path: Path) -> None:
    from data_contracts.comparison.compare import compare

    earlier = read_delivery(write_workbook(_unit(1, "AMS"), tmp_path / "eerder.xlsx"))
    rows = _unit(1, "AMS")
    del rows["onderzoeken"][-1], rows["betrokkenen"][-1]
    later = read_delivery(write_workbook(rows, tmp_path / "later.xlsx"))
    write_report(check(later)[0], tmp_path, changes=compare(earlier, later))
    page = (tmp_path / "report.html").read_text("utf-8")
    assert page.index('href="#changes"') < page.index('id="changes"') < page.index("eerder.xlsx")
