"""A draft letter to parliament: outcomes, insights, measures, and an annex with the figures.

The letter is Dutch. Every number in it stands in a content control whose tag is the
ledger id, so that an editor can change the words around it and a program can still say
whether the number is the ledger's. Text comes from `book.words` and from this module;
the same strict rule as in the summary of the book holds: a digit outside a content
control that is not on the list `ALLOWED` stops the letter.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from book.chapters import MODULES, present
from book.ledger import Publication, date_text, manifest_text, read_publication
from book.words import WORDS
from data_contracts.errors import WrongUse
from data_contracts.language import _
from data_contracts.writing import whole_file

_LANGUAGE = "nl"
_LONGEST_TAG = 64  # a word processor drops longer tags
_ROLE = re.compile(r"\{(?P<role>\w+)\}`(?P<text>[^`]*)`|\*\*(?P<bold>[^*]+)\*\*|\*(?P<slanted>[^*]+)\*")
_COUNTS = ("n", "events", "numerator", "denominator")

# Digits that the letter may carry without a ledger id, beyond dates in words.
ALLOWED = (
    r"\b\d{1,2} (?:januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december) \d{4}\b",
    r"\b3072810\b",  # reference of the letter of 5 November 2020
    r"\b28 844, nr\. 220\b",  # Kamerstuk of the follow-up letter
    r"\bin 2019\b",  # the year in which the study began
    r"95%-interval",  # the level of the intervals
    r"norm van \d+ dagen",  # a norm to think about, not a finding
    r"^Bijlage \d+\b",
    r"^\d\. (?:Uitkomsten|Inzichten|Maatregelen)$",
    r"Bij 1 zou|tot 1:",  # an odds ratio of one: no difference
)

_KEY_FIGURES = (
    ("Mediane duur, bruto", "duration.total_gross.median.all"),
    ("Mediane duur, netto", "duration.total_net.median.all"),
    ("Drie kwart klaar binnen", "duration.total_gross.p75.all"),
    ("Klaar binnen een half jaar", "duration.total_gross.within_180_days.all"),
    ("Klaar binnen een jaar", "duration.total_gross.within_365_days.all"),
    ("Feitenonderzoek, mediane duur", "duration.fact_finding_gross.median.all"),
    ("Onzekerheid voor de betrokkene, mediaan", "duration.uncertainty_gross.median.all"),
    ("Klachten binnen de norm", "duration.complaint_norm.within_norm.all"),
    ("Lopende zaken, laatste stand", "duration.backlog.stock_now.all"),
    ("Eenheden buiten de ruime grenzen, duur", "duration.closing.outside_998.all"),
    ("Plichtsverzuim vastgesteld", "consistency.misconduct_found.share.all"),
    ("Mediane oddsratio tussen eenheden", "consistency.misconduct_found.median_odds_ratio.all"),
    ("Eenheden buiten de ruime grenzen, uitkomsten", "consistency.misconduct_found.outside_998.all"),
    ("Nodige stappen aantoonbaar gedaan", "completeness.opportunity.share.all"),
    ("Zaken met alle nodige stappen", "completeness.all_or_none.share.all"),
    ("Zaken met alle kritieke stappen", "completeness.critical.share.all"),
)


def write_letter(publication: Path, out: Path) -> None:
    """Write the draft letter as a .docx file; the file appears whole or not at all.

    Parameters
    ----------
    publication : Path
        A publication folder.
    out : Path
        The .docx file. An earlier one in the same place is replaced.

    Raises
    ------
    UnreadableInput
        When the publication is missing or damaged.
    WrongUse
        When `out` is not a .docx file name, or the text holds a number that is not the
        ledger's.
    """
    if out.suffix.lower() != ".docx" or out.is_dir():
        raise WrongUse(_("{out} is geen naam voor een brief. Kies een naam die eindigt op .docx.", out=out.name))
    read = read_publication(publication)
    letter = Letter(read, _blank(manifest_text(read, "title", language=_LANGUAGE)))
    compose(letter)
    if stray := stray_numbers(letter.document):
        raise WrongUse(
            _("De brief is niet gemaakt: er staan getallen in die niet uit het grootboek komen: {found}",
              found="; ".join(stray))
        )  # fmt: skip
    with whole_file(out) as work:
        letter.document.save(str(work))


@dataclass(frozen=True)
class Letter:
    """The document being written, and the publication its numbers come from."""

    publication: Publication
    document: Any

    def heading(self, text: str, level: int) -> None:
        """Add a heading."""
        self.document.add_heading(text, level)

    def paragraph(self, text: str, *, style: str | None = None) -> None:
        """Add a paragraph; roles in the text become content controls."""
        self._write(self.document.add_paragraph(style=style), text)

    def words(self, name: str) -> None:
        """Add the sentences of `book.words.<name>`; lines that start with `- ` become a list."""
        for block in WORDS[name](self.publication, language=_LANGUAGE).split("\n"):
            if block.startswith("- "):
                self.paragraph(block[2:], style="List Bullet")
            elif block.strip():
                self.paragraph(block)

    def table(self, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
        """Add a table with a header row that repeats; roles in cells become content controls."""
        table = self.document.add_table(rows=1, cols=len(header), style="Table Grid")
        for cell, text in zip(table.rows[0].cells, header, strict=True):
            cell.paragraphs[0].add_run(text).bold = True
        mark = OxmlElement("w:tblHeader")
        mark.set(qn("w:val"), "true")
        table.rows[0]._tr.get_or_add_trPr().append(mark)
        for row in rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                self._write(cell.paragraphs[0], text)
        for cell in table._cells:
            cell.paragraphs[0].paragraph_format.space_after = Pt(2)

    def _write(self, paragraph: Any, text: str) -> None:
        at = 0
        for match in _ROLE.finditer(text):
            if match.start() > at:
                paragraph.add_run(text[at : match.start()])
            if match["bold"]:
                paragraph.add_run(match["bold"]).bold = True
            elif match["slanted"]:
                paragraph.add_run(match["slanted"]).italic = True
            else:
                self._role(paragraph, match["role"], match["text"])
            at = match.end()
        if at < len(text):
            paragraph.add_run(text[at:])

    def _role(self, paragraph: Any, role: str, text: str) -> None:
        read = self.publication
        if role == "num":
            self._control(paragraph, text, read.text(text, language=_LANGUAGE))
        elif role == "interval":
            self._control(paragraph, f"{text}#interval", read.interval(text, language=_LANGUAGE))
        elif role in _COUNTS:
            self._control(paragraph, f"{text}#{role}", read.count(text, role, language=_LANGUAGE))
        elif role == "manifest":
            self._control(paragraph, f"manifest#{text}", manifest_text(read, text, language=_LANGUAGE))
        elif role == "reason":
            self._control(paragraph, f"refusals#{text}", str(read.refusals[int(text)]["reason"][_LANGUAGE]))
        else:
            raise ValueError(f"no such role in a letter: {role}")

    def _control(self, paragraph: Any, tag: str, text: str) -> None:
        """Add a content control: its tag is the ledger id, its text the ledger's."""
        if len(tag) > _LONGEST_TAG:
            raise ValueError(f"ledger id too long for a letter: {tag}")
        number = len(self.document.element.body.findall(f".//{qn('w:sdt')}")) + 1
        control, settings, content = (OxmlElement(f"w:{name}") for name in ("sdt", "sdtPr", "sdtContent"))
        for name, value in (("alias", tag), ("tag", tag), ("id", str(number))):
            element = OxmlElement(f"w:{name}")
            element.set(qn("w:val"), value)
            settings.append(element)
        settings.append(OxmlElement("w:text"))
        run, words = OxmlElement("w:r"), OxmlElement("w:t")
        words.text = text
        words.set(qn("xml:space"), "preserve")
        run.append(words)
        content.append(run)
        control.append(settings)
        control.append(content)
        paragraph._p.append(control)


def compose(letter: Letter) -> None:
    """Write the letter: opening, the three parts, and the annexes."""
    publication = letter.publication
    if publication.manifest.get("synthetic"):
        letter.paragraph("**Dit zijn verzonnen gegevens. Dit is een voorbeeld en geen brief over echte zaken.**")
    letter.paragraph("**CONCEPT**")
    national = publication.national()
    recipient = "de Voorzitter van de Tweede Kamer der Staten-Generaal" if national else "de geadresseerde"
    letter.paragraph(f"Aan {recipient}")
    letter.paragraph("Datum: [in te vullen]")
    letter.paragraph("Betreft: {manifest}`title`")
    if national:
        letter.paragraph("Geachte voorzitter,")
        letter.paragraph(
            "In het Halfjaarbericht politie van 5 november 2020 (kenmerk 3072810) is gemeld dat in 2019 een onderzoek "
            "is begonnen naar de kwaliteit van interne onderzoeken bij de politie. Toegezegd is uw Kamer te informeren "
            "over de uitkomsten van deze evaluatie, de inzichten die zij geeft, en de maatregelen die de politie neemt "
            "om de integriteit te blijven bewaken. De contouren van het vernieuwde stelsel staan in Kamerstuk "
            "28 844, nr. 220. Met deze brief volgt wat de evaluatie oplevert."
        )
    else:
        letter.paragraph("Geachte lezer,")
        letter.paragraph(
            "Deze brief geeft de uitkomsten van de evaluatie van interne onderzoeken van {manifest}`agency`, de "
            "inzichten die zij geeft, en wat er met de uitkomsten kan gebeuren."
        )
    letter.paragraph(
        "De evaluatie gaat over de periode {manifest}`period`, naar de stand van {manifest}`as_of`. Elk getal in deze "
        "brief komt uit het gepubliceerde boek en is daar met zijn verantwoording terug te vinden."
    )
    _outcomes(letter)
    _insights(letter)
    _measures(letter)
    letter.paragraph("[Ondertekening]")
    _annexes(letter)


def _outcomes(letter: Letter) -> None:
    letter.heading("1. Uitkomsten", 1)
    chapters = present(letter.publication)
    for module, title, names in (
        ("duration", "Duur", ("duration_answer", "duration_units")),
        ("consistency", "Gelijke uitkomsten", ("outcome_answer",)),
        ("completeness", "Volledigheid", ("completeness_answer",)),
    ):
        if module in chapters:
            letter.heading(title, 2)
            for name in names:
                letter.words(name)
    if any(module not in chapters for module in MODULES):
        letter.heading("Wat niet te zeggen is", 2)
        letter.words("left_out")


def _insights(letter: Letter) -> None:
    letter.heading("2. Inzichten", 1)
    letter.words("outcome_spread")
    for text in (
        "Een langer onderzoek is geen slechter onderzoek. Gelijke uitkomsten zijn nog geen juiste uitkomsten. Wat niet "
        "is geregistreerd, kan wel gedaan zijn.",
        "Eenheden verschillen in de zaken die zij hebben en in wat zij registreren. De evaluatie geeft daarom geen "
        "ranglijst en geen oordeel over een eenheid of een persoon. Waar een uitkomst opvalt, is dat een reden om "
        "dossiers te lezen.",
        "Getallen over weinig zaken zijn niet openbaar gemaakt, zodat niemand herkenbaar is.",
    ):
        letter.paragraph(text)


def _measures(letter: Letter) -> None:
    letter.heading("3. Maatregelen", 1)
    letter.paragraph("[Hier beschrijft de opsteller de maatregelen. De evaluatie zelf neemt geen maatregelen.]")
    if "duration" in present(letter.publication) and WORDS["norms"](letter.publication, language=_LANGUAGE):
        letter.paragraph("Wie een norm voor de duur overweegt, kan zien welk deel van de zaken daaraan had voldaan:")
        letter.words("norms")
        letter.paragraph("Een norm verandert ook het gedrag. Volg daarom bij elke norm ook de volledigheid.")
    letter.paragraph(
        "De evaluatie kan elk jaar worden herhaald met dezelfde gegevens en dezelfde berekening. Dan is te zien of "
        "maatregelen doen wat zij moeten doen."
    )


def _annexes(letter: Letter) -> None:
    letter.document.add_page_break()
    letter.heading("Bijlage 1 Kerncijfers", 1)
    known = [(name, score_id) for name, score_id in _KEY_FIGURES if letter.publication.known(score_id)]
    letter.table(
        ("Kerncijfer", "Waarde", "95%-interval", "Aantal achter het getal"),
        [(name, f"{{num}}`{i}`", *_behind(letter.publication, i)) for name, i in known],
    )
    letter.heading("Bijlage 2 Toezeggingen", 1)
    letter.table(("Toezegging", "Waar in deze brief"), list(_commitments(letter.publication)))
    letter.heading("Bijlage 3 Herkomst", 1)
    letter.paragraph(
        "Uitgave: {manifest}`title`. Peildatum: {manifest}`as_of`. Versie van de programma's: {manifest}`code_version`."
    )


def _behind(publication: Publication, score_id: str) -> tuple[str, str]:
    """Return the cells with interval and count, or dashes where there is none."""
    interval = publication.number(score_id, "low") is not None
    count = publication.number(score_id, "n") is not None
    return (f"{{interval}}`{score_id}`" if interval else "–", f"{{n}}`{score_id}`" if count else "–")


def _commitments(publication: Publication) -> Iterator[tuple[str, str]]:
    day = date_text("2020-11-05", language=_LANGUAGE)
    source = f" (brief van {day})" if publication.national() else ""
    yield (f"De uitkomsten van de evaluatie{source}", "deel Uitkomsten en bijlage Kerncijfers")
    yield (f"De inzichten die zij geeft{source}", "deel Inzichten")
    yield (f"De maatregelen om de integriteit te blijven bewaken{source}", "deel Maatregelen")


def stray_numbers(document: Any) -> list[str]:
    """Return the pieces of text with a digit outside a content control and not on the list."""
    allowed = re.compile("|".join(ALLOWED))
    found = []
    for paragraph in document.element.body.iter(qn("w:p")):
        own = "".join(text.text or "" for run in paragraph.findall(qn("w:r")) for text in run.findall(qn("w:t")))
        found += [piece.strip() for piece in re.findall(r".{0,25}\d.{0,25}", allowed.sub("", own))]
    return found


def _blank(title: str) -> Any:
    """Return an empty document: A4, Dutch, plain headings, tables without wide gaps."""
    document: Any = Document()
    properties = document.core_properties
    properties.title, properties.language, properties.author, properties.comments = title, "nl-NL", "", ""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Verdana", Pt(10)
    normal.paragraph_format.space_after = Pt(8)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "nl-NL")
    normal.element.get_or_add_rPr().append(language)
    for level, size in ((1, 13), (2, 11)):
        heading = document.styles[f"Heading {level}"]
        heading.font.name, heading.font.size, heading.font.color.rgb = "Verdana", Pt(size), RGBColor(0, 0, 0)
        heading.paragraph_format.space_after = Pt(4)
    return document
