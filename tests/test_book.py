import re
import shutil
from pathlib import Path

import pytest
from docutils import nodes
from small_publication import foreign, national, outcome_rows, score, write_publication

import book.build
from book.build import build
from book.chapters import TITLES, present
from book.ledger import read_publication
from book.ledger_numbers import bare_numbers, condition
from book.words import WORDS
from data_contracts.errors import UnreadableInput, WrongUse

CHROMIUM = Path("/usr/bin/chromium")
HERE = Path(book.build.__file__).parent


@pytest.fixture(scope="module")
def publication(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return national(tmp_path_factory.mktemp("book") / "publication")


@pytest.fixture(scope="module")
def site(publication: Path) -> Path:
    out = publication.parent / "site"
    build(publication, out)
    return out


@pytest.fixture(scope="module")
def foreign_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("foreign")
    build(foreign(folder / "publication"), folder / "site")
    return folder / "site"


@pytest.fixture
def own_chapters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the book's sources that a test may spoil."""
    copy = tmp_path / "book"
    for part in ("nl", "en", "assets"):
        shutil.copytree(HERE / part, copy / part)
    monkeypatch.setattr(book.build, "HERE", copy)
    monkeypatch.setenv("PYTHONPATH", str(HERE.parent))
    return copy


def pages(site: Path, language: str) -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in (site / language).glob("*.html")}


def test_both_languages_have_every_chapter_in_the_order_of_the_product(site: Path):
    for language in ("nl", "en"):
        found = pages(site, language)
        assert set(found) >= set(TITLES)
        menu = re.findall(r'<li class="toctree-l1[^"]*"><a class="[^"]*" href="([a-z_#]+)(?:\.html)?"', found["index"])
        assert menu == [name for name in TITLES if name != "index"]
        assert f'<html lang="{language}"' in found["index"]


def test_every_page_links_to_its_twin_in_the_other_language(site: Path):
    for language, other in (("nl", "en"), ("en", "nl")):
        for name, page in pages(site, language).items():
            assert f'href="../{other}/{name}.html" hreflang="{other}"' in page
            assert (site / other / f"{name}.html").is_file()


def test_a_made_up_example_says_so_on_every_page(site: Path):
    for page in pages(site, "nl").values():
        assert "Dit zijn verzonnen gegevens" in page
    for page in pages(site, "en").values():
        assert "These data are made up" in page


def test_numbers_in_the_text_are_the_ledgers_and_link_to_their_card(publication: Path, site: Path):
    read = read_publication(publication)
    page = pages(site, "nl")["index"]
    number = r'href="method\.html#([\w-]+)" title="([^"]+)"><span class="tt-number">([^<]+)</span>'
    links = re.findall(number, page)
    assert len(links) >= 6
    method = pages(site, "nl")["method"]
    for anchor, score_id, text in links:
        assert text == read.text(score_id, language="nl")
        assert f'id="{anchor}"' in method


def test_a_chapter_that_was_refused_is_left_out_and_the_summary_says_why(foreign_site: Path):
    for language, reason in (("nl", "De levering heeft geen stappen."), ("en", "The delivery has no steps.")):
        found = pages(foreign_site, language)
        assert "completeness" not in found
        assert reason in found["index"] and reason in found["together"]
        assert "completeness.html" not in "".join(found.values())


def test_a_book_about_another_agency_claims_nothing_about_the_dutch_police(foreign_site: Path):
    for name in ("index", "why", "case_files", "duration", "consistency", "together", "measures"):
        text = re.sub(r"<[^>]+>", " ", pages(foreign_site, "nl")[name].split('<article class="bd-article">')[1])
        for claim in ("minister", "Kamer", "28 844", "verzonnen"):
            assert claim not in text, (name, claim)


def test_no_page_names_another_host(site: Path):
    for path in [*site.rglob("*.html"), *site.rglob("*.css")]:
        text = path.read_text(encoding="utf-8")
        loaded = re.findall(r'(?:src|href)="((?:https?:)?//[^"]+)"|url\((https?:[^)]+)\)', text)
        assert not loaded, (path.name, loaded)


def test_every_image_has_alternative_text_and_every_table_head_a_scope(site: Path):
    for language in ("nl", "en"):
        for name, page in pages(site, language).items():
            for image in re.findall(r"<img [^>]*>", page):
                assert re.search(r'alt="[^"]{20,}"', image), (name, image)
            for head in re.findall(r"<th[ >][^>]*", page):
                assert "scope=" in head, (name, head)


def test_no_source_code_is_shown_and_no_temporary_place_is_named(site: Path):
    for page in pages(site, "nl").values():
        assert "read_publication" not in page and "tt-book-" not in page
    assert not list(site.rglob("*.ipynb")) and not list(site.rglob("_sources"))


def test_downloads_on_a_page_are_there(site: Path):
    for language in ("nl", "en"):
        for page in pages(site, language).values():
            for link in re.findall(r'href="([^"#:]+)" download', page):
                assert (site / language / link).is_file(), link


def test_an_unknown_ledger_id_fails_the_build_and_leaves_the_earlier_site(publication, site, own_chapters):
    before = (site / "nl" / "index.html").read_bytes()
    with (own_chapters / "nl" / "duration.md").open("a", encoding="utf-8") as chapter:
        chapter.write("\nEen getal: {num}`duration.total_gross.median.unit=atlantis`.\n")
    with pytest.raises(WrongUse, match="atlantis"):
        build(publication, site)
    assert (site / "nl" / "index.html").read_bytes() == before
    assert not [path for path in site.parent.iterdir() if path.name.startswith(".")]


def test_a_bare_number_in_the_summary_fails_the_build(publication: Path, own_chapters: Path, tmp_path: Path):
    with (own_chapters / "en" / "index.md").open("a", encoding="utf-8") as chapter:
        chapter.write("\nHalf of the cases take 166 days.\n")
    with pytest.raises(WrongUse, match=r"bare number in the summary: .*166 days"):
        build(publication, tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_a_cell_that_raises_fails_the_build(publication: Path, own_chapters: Path, tmp_path: Path):
    chapter = own_chapters / "nl" / "duration.md"
    text = chapter.read_text(encoding="utf-8")
    chapter.write_text(text.replace('("publication")', '("elsewhere")'), encoding="utf-8")
    with pytest.raises(WrongUse, match="elsewhere"):
        build(publication, tmp_path / "site")


def test_a_folder_that_is_not_a_book_is_not_overwritten(publication: Path, tmp_path: Path):
    (tmp_path / "holiday.txt").write_text("photos")
    with pytest.raises(WrongUse):
        build(publication, tmp_path)
    assert (tmp_path / "holiday.txt").read_text() == "photos"


def test_a_publication_without_a_ledger_is_refused_in_one_sentence(tmp_path: Path):
    with pytest.raises(UnreadableInput, match=r"ledger\.csv"):
        build(tmp_path, tmp_path.parent / "site-of-nothing")


def test_digits_from_the_ledger_and_from_the_list_are_allowed_and_others_are_found():
    paragraph = nodes.paragraph()
    paragraph += nodes.Text("Op 5 november 2020 (28 844, nr. 220) was ")
    paragraph += nodes.inline("", "166 dagen", ledger="duration.total_gross.median.all")
    paragraph += nodes.Text(" de mediaan, het 95%-interval loopt tot 175.")
    document = nodes.document(None, None)  # type: ignore[arg-type]
    document += paragraph
    assert len(found := bare_numbers(document)) == 1
    assert "175" in found[0]


def test_a_hidden_number_is_written_as_a_plain_phrase(publication: Path):
    read = read_publication(publication)
    hidden = read.text("duration.total_gross.median.unit=lo", language="nl")
    assert hidden == "niet gepubliceerd, zodat niemand herkenbaar is"
    refused = read.text("duration.total_gross.p90.all", language="nl")
    assert refused == "geen getal: dit deel van de zaken is nog niet geëindigd"
    assert read.interval("duration.total_gross.median.all", language="nl") == "157 tot 175 dagen"


def test_a_module_with_hidden_numbers_only_has_no_chapter(tmp_path: Path):
    rows = [score("duration.total_gross.median.all", None, "days", decision="suppressed_primary"), *outcome_rows()]
    read = read_publication(write_publication(tmp_path / "publication", rows))
    assert "duration" not in present(read) and "consistency" in present(read)
    assert "te weinig zaken" in WORDS["left_out"](read, language="nl")


def test_sentences_follow_the_numbers(tmp_path: Path):
    def words_of(name: str, rows: list) -> str:
        read = read_publication(write_publication(tmp_path / name, rows))
        return WORDS["outcome_answer"](read, language="nl")

    assert "outside_998" in words_of("apart", outcome_rows(outside=2))
    assert "geen enkele eenheid buiten" in words_of("together", outcome_rows(outside=0))


def test_conditions_are_understood_or_refused(publication: Path):
    read = read_publication(publication)
    assert condition("published duration.total_gross.median.all", read)
    assert condition("hidden duration.total_gross.median.unit=lo", read)
    assert not condition("not synthetic", read)
    assert condition("national", read) and condition("chapter duration", read)
    with pytest.raises(ValueError, match="when"):
        condition("perhaps", read)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_chapters_are_the_same_in_both_languages_and_nothing_waits_to_be_written(language: str):
    assert {path.stem for path in (HERE / language).glob("*.md")} == set(TITLES)
    for path in (HERE / language).glob("*.md"):
        assert not re.search("TODO|lorem", path.read_text(encoding="utf-8"), re.IGNORECASE)


def test_a_reader_s_browser_asks_no_other_host_and_reports_no_error(site: Path):
    if not CHROMIUM.exists():
        pytest.skip("chromium is not on this machine: the site was not opened in a browser")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no browser check")
    asked, faults = [], []
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 390, "height": 800})
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        for name in ("nl/index", "nl/duration", "en/completeness", "nl/method", "en/dictionary"):
            page.goto((site / f"{name}.html").as_uri())
            page.wait_for_load_state("load")
            wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wider <= 0, f"{name} is {wider} pixels wider than a phone"
        page.goto((site / "nl" / "search.html").as_uri() + "?q=mediaan")
        page.wait_for_selector("#search-results li", timeout=20_000)
        browser.close()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert faults == []
