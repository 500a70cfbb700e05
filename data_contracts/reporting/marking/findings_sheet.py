"""The sheet in front of a marked workbook: what was found, worst first, each with a link to its cell."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from data_contracts.reading.files import column_letter
from data_contracts.reporting.marking.styles import MAIN
from data_contracts.writing import neutral

WIDTHS = (20, 18, 8, 22, 14, 48, 64, 36)
LINE_HEIGHT = 14
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@dataclass(frozen=True)
class Line:
    """One row of the list: a look and words for every cell, and the place that the fifth cell links to."""

    look: str
    cells: tuple[str | int, ...]
    sheet: str = ""
    reference: str = ""


@dataclass(frozen=True)
class Listing:
    """What the sheet says: its name, a title, sentences, a legend of (look, words), a heading and the list."""

    name: str
    title: str
    sentences: tuple[str, ...]
    legend: tuple[tuple[str, str, str], ...]
    heading: tuple[str, ...]
    lines: Sequence[Line]


def sheet_xml(listing: Listing, style: Callable[[int, str, bool], int]) -> bytes:
    """Return the sheet as XML."""
    rows: list[str] = []
    links: list[str] = []
    merged: list[str] = []
    last = column_letter(len(listing.heading))
    plain = style(0, "text", False)

    def add(cells: Sequence[tuple[str | int, str, bool]], lines: int = 1) -> int:
        number = len(rows) + 1
        written = [_cell(column_letter(n), number, value, style(plain, look, struck))
                   for n, (value, look, struck) in enumerate(cells, 1)]  # fmt: skip
        rows.append(f'<row r="{number}" ht="{LINE_HEIGHT * lines + 2}" customHeight="1">{"".join(written)}</row>')
        return number

    add([(listing.title, "title", False)], lines=2)
    for sentence in listing.sentences:
        number = add([(sentence, "text", False)], lines=1 + len(sentence) // sum(WIDTHS))
        merged.append(f"A{number}:{last}{number}")
    add([])
    for look, sample, words in listing.legend:
        add([(sample, look, look == "left_out"), (words, "plain", False)])
    add([])
    heading = add([(words, "heading", False) for words in listing.heading])
    for line in listing.lines:
        looks = [line.look] + ["text"] * (len(line.cells) - 1)
        if line.reference:
            looks[4] = "link"
        tall = max(-(-len(str(value)) // (width - 2)) for value, width in zip(line.cells, WIDTHS, strict=True))
        number = add([(value, look, False) for value, look in zip(line.cells, looks, strict=True)], lines=max(tall, 1))
        if line.reference:
            location = "'" + line.sheet.replace("'", "''") + "'!" + line.reference
            links.append(f'<hyperlink ref="E{number}" location={quoteattr(location)} '
                         f"display={quoteattr(line.reference)}/>")  # fmt: skip
    columns = "".join(f'<col min="{n}" max="{n}" width="{w}" customWidth="1"/>' for n, w in enumerate(WIDTHS, 1))
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><worksheet xmlns="{MAIN}" xmlns:r="{RELATIONS}">'
        '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><sheetViews><sheetView showGridLines="0" tabSelected="1" '
        'workbookViewId="0"/></sheetViews><sheetFormatPr defaultRowHeight="15"/>'
        f"<cols>{columns}</cols><sheetData>{''.join(rows)}</sheetData>"
        + (f'<autoFilter ref="A{heading}:{last}{len(rows)}"/>' if listing.lines else "")
        + (f'<mergeCells count="{len(merged)}">' + "".join(f'<mergeCell ref="{m}"/>' for m in merged) + "</mergeCells>")
        + (f"<hyperlinks>{''.join(links)}</hyperlinks>" if links else "")
        + '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
    ).encode()


def _cell(letter: str, row: int, value: str | int, style: int) -> str:
    if isinstance(value, int):
        return f'<c r="{letter}{row}" s="{style}"><v>{value}</v></c>'
    if not value:
        return f'<c r="{letter}{row}" s="{style}"/>'
    text = escape(neutral(value))
    return f'<c r="{letter}{row}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
