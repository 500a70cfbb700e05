"""The sheets of the template: how they look, and what a steward may do in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from pathlib import Path
from textwrap import wrap

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from data_contracts.code_lists import CodeList
from data_contracts.contract import REQUIRED_TABLES, Column, Contract
from data_contracts.language import _, language
from data_contracts.reading.files import column_letter
from data_contracts.template.cells import CONTRACT_VERSION, example, form, note, own_sheet, range_name, validation
from data_contracts.template.guide import guide
from data_contracts.writing import neutral

LAST_ROW = 50_000  # of the drop-downs; what stands below is read all the same
LAST_COLUMN = 16_383  # of Excel
A4, PAGE_WIDTH = 9, 200  # a wider table is printed on pages side by side
GUIDE_WIDTH = 100
HEIGHTS = {"title": 30, "head": 28}
DARK, LIGHT = "#1F3864", "#DCE6F1"
ALLOWED = ("insert_rows", "delete_rows", "format_cells", "format_columns", "format_rows", "sort", "autofilter")


@dataclass(frozen=True)
class _Book:
    """The workbook in the making: its formats, and what it is made from."""

    book: xlsxwriter.Workbook
    formats: Mapping[str, Format]
    contracts: Mapping[str, Contract]
    code_lists: Mapping[str, CodeList]

    def sheet(self, name: str) -> Worksheet:
        """Return a new sheet that prints on as few pages as it can."""
        sheet = self.book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&A&R&P / &N")
        return sheet


def write_sheets(
    path: Path, contracts: Mapping[str, Contract], code_lists: Mapping[str, CodeList], made_on: date | None
) -> None:
    """Write the whole workbook."""
    with xlsxwriter.Workbook(str(path)) as book:
        created = datetime(made_on.year, made_on.month, made_on.day) if made_on else datetime(1980, 1, 1)
        book.set_properties({"title": _("Levering interne onderzoeken: leeg sjabloon"), "created": created})
        made = _Book(book, _formats(book), contracts, code_lists)
        _guide_sheet(made, made_on)
        for contract in contracts.values():
            _data_sheet(made, contract)
        _example_sheet(made)
        _code_sheet(made)


def _formats(book: xlsxwriter.Workbook) -> dict[str, Format]:
    header = {"valign": "vcenter", "border_color": DARK, "num_format": "@"}
    looks = {
        "required": header | {"bold": True, "font_color": "#FFFFFF", "bg_color": DARK, "bottom": 1},
        "optional": header | {"italic": True, "font_color": DARK, "bg_color": LIGHT, "bottom": 1},
        "header": header | {"bold": True, "font_color": "#FFFFFF", "bg_color": DARK},
        "locked": {},
        "free": {"locked": False},
        "string": {"locked": False, "num_format": "@"},  # numbers keep their zeros, 5-14 becomes no date
        "boolean": {"locked": False, "num_format": "@"},
        "date": {"locked": False, "num_format": "dd-mm-yyyy", "align": "left"},  # shown as dd-mm-jjjj in a Dutch Excel
        "integer": {"locked": False, "num_format": "0"},
        "title": {"bold": True, "font_size": 16, "font_color": DARK},
        "head": {"bold": True, "font_size": 13, "font_color": DARK, "valign": "vcenter"},
        "word": {"bold": True, "text_wrap": True, "valign": "top"},
        "text": {"text_wrap": True, "valign": "top", "num_format": "@"},
        "link": {"font_color": "#0563C1", "underline": 1, "valign": "top"},
    }
    return {name: book.add_format(look) for name, look in looks.items()}


# ---- to fill


def _data_sheet(made: _Book, contract: Contract) -> None:
    sheet, formats = made.sheet(contract.sheet), made.formats
    sheet.set_tab_color(DARK if contract.name in REQUIRED_TABLES else LIGHT)
    sheet.set_column(0, LAST_COLUMN, None, formats["free"])  # a row with one locked cell cannot be deleted
    sheet.set_row(0, 24, formats["locked"])
    total = 0
    for place, column in enumerate(contract.columns):
        codes = made.code_lists[column.code_list] if column.code_list else None
        width = _width(column, codes)
        total += width
        sheet.set_column(place, place, width, formats[column.logical_type])
        sheet.write_string(0, place, column.header, formats["required" if column.required else "optional"])
        words = note(contract, column, codes, made.contracts)
        sheet.write_comment(0, place, words, {"width": 340, "height": 15 + 1.3 * _height(words, 52), "font_size": 9})
        sheet.data_validation(1, place, LAST_ROW, place, validation(contract, column, codes))
        if column.name == CONTRACT_VERSION:
            sheet.write_string(1, place, contract.version, formats["string"])
    sheet.ignore_errors({"number_stored_as_text": f"A2:{column_letter(len(contract.columns))}{LAST_ROW + 1}"})
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, LAST_ROW, len(contract.columns) - 1)
    sheet.repeat_rows(0)
    sheet.repeat_columns(0)
    sheet.fit_to_pages(ceil(total / PAGE_WIDTH), 0)
    sheet.protect("", dict.fromkeys(ALLOWED, True))


def _width(column: Column, codes: CodeList | None) -> int:
    """Room for the header with its filter button, for a date, and for the longest code."""
    longest = max(map(len, codes.codes)) if codes else 0
    return max(14, len(column.header) + 5, longest + 3)


def _height(text: str, width: int) -> int:
    """Return the height in points of wrapped text: not every program works it out when it opens a file."""
    return 15 * sum(len(wrap(line, int(1.08 * width))) or 1 for line in text.split("\n"))


# ---- to read


def _guide_sheet(made: _Book, made_on: date | None) -> None:
    sheet, formats = made.sheet(own_sheet("instructions")), made.formats
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, GUIDE_WIDTH)
    for row, line in enumerate(guide(made.contracts, made_on)):
        sheet.set_row(row, HEIGHTS.get(line.look) or _height(line.text, GUIDE_WIDTH) + 3)
        if line.look in HEIGHTS:
            sheet.write_string(row, 0, neutral(line.word), formats[line.look])
        elif line.sheet:
            sheet.write_url(row, 0, f"internal:'{line.sheet}'!A1", formats["link"], neutral(line.word))
        else:
            sheet.write_string(row, 0, neutral(line.word), formats["word"])
        if line.text:
            sheet.write_string(row, 1, neutral(line.text), formats["text"])
    sheet.protect("", {"format_columns": True})


def _example_sheet(made: _Book) -> None:
    """A row for every column of every table: what it is, and what it holds in one whole example."""
    headers = [_("blad"), _("kolom"), _("voorbeeld"), _("verplicht"), _("in de cel"), _("betekenis")]
    rows = [
        [
            contract.sheet, column.header, example(contract, column),
            _("verplicht") if column.required else _("mag leeg"), form(column), column.description[language()],
        ]
        for contract in made.contracts.values() for column in contract.columns
    ]  # fmt: skip
    _list_sheet(made, own_sheet("example"), headers, rows, (20, 24, 28, 12, 40, 70))


def _code_sheet(made: _Book) -> None:
    """All lists below one another; the codes of each under a name, for the drop-downs."""
    used = {column.code_list for contract in made.contracts.values() for column in contract.columns}
    lists = [codes for name, codes in made.code_lists.items() if name in used]
    tongue = language()
    headers = [_("lijst"), _("waarvoor"), _("code"), _("Nederlands"), _("Engels"), _("geldig van"),
               _("geldig tot en met"), _("bron")]  # fmt: skip
    rows: list[list[str]] = []
    for codes in lists:
        first = len(rows) + 2
        for code in codes.codes.values():
            days = [f"{day:%d-%m-%Y}" if day else "" for day in (code.valid_from, code.valid_to)]
            source = codes.source if len(rows) + 2 == first else ""  # once a list
            rows.append([codes.name, codes.title[tongue], code.code, code.label["nl"], code.label["en"], *days, source])
        made.book.define_name(range_name(codes), f"='{own_sheet('codes')}'!$C${first}:$C${len(rows) + 1}")
    _list_sheet(made, own_sheet("codes"), headers, rows, (20, 30, 27, 44, 44, 14, 20, 44))


def _list_sheet(made: _Book, name: str, headers: list[str], rows: list[list[str]], widths: tuple[int, ...]) -> None:
    sheet, formats = made.sheet(name), made.formats
    for place, (header, width) in enumerate(zip(headers, widths, strict=True)):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, header, formats["header"])
    for row, values in enumerate(rows, start=1):
        sheet.set_row(row, max(map(_height, values, widths)))
        for place, value in enumerate(values):
            sheet.write_string(row, place, neutral(value), formats["text"])
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(rows), len(headers) - 1)
    sheet.repeat_rows(0)
    sheet.protect("", {"format_columns": True, "autofilter": True})
