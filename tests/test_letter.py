import zipfile
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn
from small_publication import foreign, national

from book.ledger import read_publication
from book.letter import Letter, _blank, stray_numbers, write_letter
from data_contracts.errors import UnreadableInput, WrongUse


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return national(tmp_path_factory.mktemp("letter") / "publication")


@pytest.fixture(scope="module")
def letter(folder: Path) -> Path:
    out = folder.parent / "brief.docx"
    write_letter(folder, out)
    return out


def controls(path: Path) -> list[tuple[str, str]]:
    found = []
    for control in Document(str(path)).element.body.iter(qn("w:sdt")):
        tag = control.find(qn("w:sdtPr")).find(qn("w:tag")).get(qn("w:val"))
        found.append((tag, "".join(text.text for text in control.iter(qn("w:t")))))
    return found


def words(path: Path) -> str:
    body = Document(str(path)).element.body
    return "\n".join("".join(t.text for t in paragraph.iter(qn("w:t"))) for paragraph in body.iter(qn("w:p")))


def test_every_content_control_carries_a_ledger_id_and_the_text_of_the_ledger(folder: Path, letter: Path):
    read = read_publication(folder)
    numbers = [(tag, text) for tag, text in controls(letter) if "#" not in tag]
    assert len(numbers) > 20
    for tag, text in numbers:
        assert text == read.text(tag, language="nl")
    for tag, text in controls(letter):
        score_id, _sign, part = tag.partition("#")
        if part == "interval":
            assert text == read.interval(score_id, language="nl")
        elif part == "n":
            assert text == read.count(score_id, "n", language="nl")


def test_no_digit_stands_outside_a_content_control_but_for_the_explicit_list(letter: Path):
    assert stray_numbers(Document(str(letter))) == []


def test_a_bare_number_in_the_letter_is_found(folder: Path):
    draft = Letter(read_publication(folder), _blank("Proef"))
    draft.paragraph("De helft is klaar binnen 166 dagen, zie de brief van 5 november 2020.")
    assert len(found := stray_numbers(draft.document)) == 1
    assert "binnen 166 dagen" in found[0] and "2020" not in found[0]


def test_the_letter_has_the_three_parts_the_minister_promised_and_the_annexes(letter: Path):
    headings = [p.text for p in Document(str(letter)).paragraphs if p.style.name == "Heading 1"]
    assert headings == [
        "1. Uitkomsten", "2. Inzichten", "3. Maatregelen",
        "Bijlage 1 Kerncijfers", "Bijlage 2 Toezeggingen", "Bijlage 3 Herkomst",
    ]  # fmt: skip


def test_a_made_up_example_says_so_in_its_first_line(letter: Path):
    assert words(letter).startswith("Dit zijn verzonnen gegevens.")


def test_a_letter_about_another_agency_claims_nothing_about_the_dutch_police(tmp_path: Path):
    out = tmp_path / "brief.docx"
    write_letter(foreign(tmp_path / "publication"), out)
    text = words(out)
    for claim in ("politie", "Kamer", "minister", "28 844", "verzonnen"):
        assert claim not in text, claim
    assert "De levering heeft geen stappen." in text
    assert "completeness" not in "".join(tag for tag, _text in controls(out))


def test_a_letter_is_written_whole_or_not_at_all(tmp_path: Path):
    out = tmp_path / "brief.docx"
    out.write_bytes(b"the earlier letter")
    with pytest.raises(UnreadableInput):
        write_letter(tmp_path / "nowhere", out)
    assert out.read_bytes() == b"the earlier letter"
    assert [path.name for path in tmp_path.iterdir()] == ["brief.docx"]


def test_a_letter_needs_a_docx_name(folder: Path, tmp_path: Path):
    with pytest.raises(WrongUse, match="docx"):
        write_letter(folder, tmp_path / "brief.pdf")


def test_the_letter_is_a_sound_archive_without_an_author(letter: Path):
    with zipfile.ZipFile(letter) as archive:
        assert archive.testzip() is None
        assert "python-docx" not in archive.read("docProps/core.xml").decode()
