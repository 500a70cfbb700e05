"""The workbook that a steward gets back, opened by openpyxl and LibreOffice."""

import io
import re
import shutil
import subprocess
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.comments import Comment
from rules.sound import Rows, headers, sound, write_folder, write_workbook

from data_contracts import check, load_mapping, read_delivery
from data_contracts.checking import Report
from data_contracts.errors import UnreadableInput
from data_contracts.reporting.marked_workbook import write_marked
from data_contracts.reporting.marking import plain_copy

ERROR, WARNING = "FFFFC7CE", "FFFFEB9C"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cfc0f01f000500"
    "01ff56c72f0d0000000049454e44ae426082"
)
UNKNOWN = "rm_verzonnen_code"


def faulty(number: int = 1) -> Rows:
    """Case 4 (row 5) ends before it begins; row 7 has an unknown code and no unit; a step lies before its case."""
    rows = sound(number)
    rows["onderzoeken"][3]["afgesloten_op"] = date(2020, 1, 1)
    rows["onderzoeken"][5] |= {"categorie": UNKNOWN, "eenheid": None}
    rows["stappen"][-1]["gedaan_op"] = date(2021, 1, 1)
    return rows


def checked(*paths: Path, mapping: Path | None = None) -> Report:
    known = load_mapping(mapping) if mapping else None
    return check([delivery for path in paths for delivery in read_delivery(path, known)])[0]


def marked(report: Report, folder: Path) -> Path:
    (path,) = write_marked(report, folder)
    return path


def places(report: Report) -> list[tuple]:
    columns = ["rule", "severity", "sheet", "row", "column", "header"]
    return sorted(report.breaches[columns].itertuples(index=False, name=None))


def test_a_breached_cell_is_coloured_edged_and_noted_and_a_sound_one_is_not(tmp_path: Path) -> None:
    path = write_workbook(faulty(), tmp_path / "levering.xlsx")
    sheet = openpyxl.load_workbook(marked(checked(path), tmp_path))["onderzoeken"]
    cell = sheet["F5"]
    assert (cell.fill.fgColor.rgb, cell.border.left.style, cell.number_format) == (ERROR, "medium", "dd-mm-yyyy")
    assert cell.value.date() == date(2020, 1, 1)
    assert cell.comment.text.startswith("FOUT: ") and cell.comment.author == "Toetssteen"
    assert sheet["I7"].comment.text.startswith("FOUT: categorie is een bekende code. Gebruik")
    assert sheet["B7"].value is None and sheet["B7"].fill.fgColor.rgb == ERROR  # a cell that was not there
    assert sheet["F2"].comment is None and sheet["F2"].fill.patternType is None


def test_a_row_that_takes_no_part_is_shaded_and_its_first_cell_struck_with_the_reason(tmp_path: Path) -> None:
    rows = faulty()
    rows["onderzoeken"][0]["afgesloten_op"] = date(2020, 1, 1)
    book = openpyxl.load_workbook(marked(checked(write_workbook(rows, tmp_path / "a.xlsx")), tmp_path))
    for sheet, row, reason in (
        ("onderzoeken", 5, "er staat een fout in"),
        ("stappen", 2, "het onderzoek waar hij bij"),
    ):
        cells = [cell for cell in book[sheet][row] if cell.fill.patternType == "lightUp"]
        assert len(cells) >= len(headers(sheet)) - 2
        assert book[sheet].cell(row, 1).font.strike
        assert not book[sheet].cell(row, 2).font.strike
        assert book[sheet].cell(row, 1).comment.text.startswith(f"DEZE REGEL DOET NIET MEE: {reason}")
    assert not book["onderzoeken"]["A3"].font.strike


def test_the_findings_come_first_worst_first_and_each_links_to_its_cell(tmp_path: Path) -> None:
    report = checked(write_workbook(faulty(), tmp_path / "a.xlsx"))
    book = openpyxl.load_workbook(marked(report, tmp_path))
    assert book.sheetnames[0] == "bevindingen" and book.active.title == "bevindingen"
    assert [sheet.title for sheet in book if sheet.sheet_view.tabSelected] == ["bevindingen"]
    sheet = book["bevindingen"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    heading = next(n for n, row in enumerate(rows) if row[0] == "ernst")
    listed = rows[heading + 1 :]
    assert len(listed) == len(report.breaches)
    ranks = [("fout", "waarschuwing", "ter informatie").index(row[0].partition(",")[0]) for row in listed]
    assert ranks == sorted(ranks) and len(set(ranks)) > 1
    assert all(row[5] and row[6] and row[7] for row in listed)
    for number, row in enumerate(listed, heading + 2):
        link = sheet.cell(number, 5).hyperlink
        assert link.location == f"'{row[1]}'!{row[4]}"
        assert book[row[1]][row[4]].comment is not None
    text = " ".join(str(value) for row in rows for value in row if value)
    assert "Houd haar bij u" in text and "doorgestreept" in text


def test_notes_and_list_hold_no_value_of_a_cell(tmp_path: Path) -> None:
    path = marked(checked(write_workbook(faulty(), tmp_path / "a.xlsx")), tmp_path)
    with zipfile.ZipFile(path) as book:
        own = {name: book.read(name).decode() for name in book.namelist() if "toetssteen" in name}
    assert len(own) >= 3
    assert all(UNKNOWN not in text and "00001-Z" not in text for text in own.values())


def test_a_marked_copy_checked_again_gives_the_same_findings(tmp_path: Path) -> None:
    report = checked(write_workbook(faulty(), tmp_path / "levering.xlsx"))
    again = checked(marked(report, tmp_path))
    assert places(again) == places(report)
    twice = marked(again, tmp_path / "twee")  # and marked again: the first list stays, under its name
    book = openpyxl.load_workbook(twice)
    assert book.sheetnames[:2] == ["bevindingen 2", "bevindingen"]
    assert "eerdere kopie" in " ".join(str(cell.value) for row in book["bevindingen 2"].iter_rows() for cell in row)
    assert places(checked(twice)) == places(report)


def test_what_two_rules_say_of_one_cell_stands_together_below_the_stewards_own_comment(tmp_path: Path) -> None:
    rows = faulty()
    rows["stappen"][27]["gedaan_op"] = date(2021, 1, 1)  # the report of case 2: not its opening day, and before it
    path = write_workbook(rows, tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(path)
    book["onderzoeken"]["F5"].comment = Comment("Gebeld op maandag.", "Jo")
    book["onderzoeken"]["B2"].comment = Comment("Klopt zo.", "Jo")
    book.save(path)
    book = openpyxl.load_workbook(marked(checked(path), tmp_path))
    sheet = book["onderzoeken"]
    assert sheet["F5"].comment.text.startswith("Gebeld op maandag.\n\nFOUT: ")
    assert (sheet["F5"].comment.author, sheet["B2"].comment.text) == ("Jo", "Klopt zo.")
    assert sheet["I7"].comment.author == "Toetssteen"
    notes = book["stappen"]["E29"].comment.text.split("\n\n")
    assert len(notes) == 2 and all(note.startswith("WAARSCHUWING: ") for note in notes)
    assert book["stappen"]["E29"].fill.fgColor.rgb == WARNING


def rich_workbook(path: Path) -> Path:
    """A delivery as a steward decorates one: everything that a load-and-save would lose or change."""
    rows = faulty()
    with xlsxwriter.Workbook(str(path)) as book:
        day = book.add_format({"num_format": "dd-mm-yyyy", "italic": True, "font_color": "#00008B"})
        for sheet in ("toelichting", *rows):
            page = book.add_worksheet(sheet)
            if sheet == "toelichting":
                page.write_string(0, 0, "=geen formule")
                page.write_formula(1, 0, "=SUM(B1:B9)", None, 3)
                page.insert_image("C3", "p.png", {"image_data": io.BytesIO(PIXEL)})
                chart = book.add_chart({"type": "column"})
                chart.add_series({"values": "=formatie!$C$2:$C$2"})
                page.insert_chart("E3", chart)
                page.activate()
                continue
            page.set_column(0, 0, 23)
            page.freeze_panes(1, 0)
            page.write_row(0, 0, headers(sheet))
            for number, row in enumerate(rows[sheet], start=1):
                for place, header in enumerate(headers(sheet)):
                    value = row.get(header)
                    if isinstance(value, date):
                        page.write_datetime(number, place, value, day)
                    elif value is not None:
                        page.write(number, place, value)
            if sheet == "onderzoeken":
                page.data_validation("D2:D99", {"validate": "list", "source": ["klacht", "disciplinair"]})
                page.conditional_format("E2:E99", {"type": "cell", "criteria": ">", "value": 5, "format": day})
                page.insert_button("N2", {"caption": "knop"})
                page.write_comment("A2", "van mij")
                page.write_formula("M2", '=IF(B2="AMS",1,2)', None, 1)
                page.repeat_rows(0)
                page.autofilter("A1:K7")
                page.add_sparkline("L2", {"range": "formatie!C2:C2"})
        book.define_name("Eigen", "=onderzoeken!$A$1")
        book.define_name("formatie!Lokaal", "=formatie!$A$1")
    return path


@pytest.mark.filterwarnings("ignore:Sparkline")  # one of the things that openpyxl itself would lose
def test_nothing_of_the_stewards_own_changes(tmp_path: Path) -> None:
    path = rich_workbook(tmp_path / "rijk.xlsx")
    out = marked(checked(path), tmp_path)
    before, after = (openpyxl.load_workbook(book) for book in (path, out))
    assert after.sheetnames == ["bevindingen", *before.sheetnames]
    for sheet in before:
        twin = after[sheet.title]
        for row in sheet.iter_rows():
            for cell in row:
                other = twin[cell.coordinate]
                assert (other.value, other.data_type, other.number_format) == (
                    cell.value, cell.data_type, cell.number_format,
                )  # fmt: skip
                assert (other.font.i, other.font.color == cell.font.color) == (cell.font.i, True)
        assert twin.freeze_panes == sheet.freeze_panes
        assert twin.column_dimensions["A"].width == sheet.column_dimensions["A"].width
        assert twin.auto_filter.ref == sheet.auto_filter.ref
        assert twin.print_title_rows == sheet.print_title_rows
        assert len(twin._charts) == len(sheet._charts)
        assert len(twin._images) == len(sheet._images)
        assert [v.formula1 for v in twin.data_validations.dataValidation] == [
            v.formula1 for v in sheet.data_validations.dataValidation
        ]
        assert [str(c.sqref) for c in twin.conditional_formatting] == [
            str(c.sqref) for c in sheet.conditional_formatting
        ]
        assert twin.defined_names.keys() == sheet.defined_names.keys()
    assert after.defined_names["Eigen"].attr_text == "onderzoeken!$A$1"
    assert after["onderzoeken"]["A2"].comment.text == "van mij"


def test_every_part_that_holds_no_mark_is_the_same_byte_for_byte(tmp_path: Path) -> None:
    path = rich_workbook(tmp_path / "rijk.xlsx")
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(marked(checked(path), tmp_path)) as after:
        assert after.testzip() is None
        assert len(after.namelist()) == len(set(after.namelist()))
        changed = {name for name in before.namelist() if before.read(name) != after.read(name)}
        vml = [name for name in before.namelist() if name.endswith(".vml")]
        old = after.read(vml[0]).decode()
        marked_sheet = after.read("xl/worksheets/sheet4.xml")
    assert any("chart" in name for name in after.namelist()) and "knop" in old and b"sparkline" in marked_sheet
    assert old.count("ObjectType") > 2
    allowed = (
        r"xl/(workbook|styles|comments\d)\.xml|xl/worksheets/sheet\d+\.xml|.*\.rels|\[Content_Types\]\.xml|.*\.vml"
    )
    assert all(re.fullmatch(allowed, name) for name in changed)


def _convert(path: Path, ending: str, folder: Path) -> Path:
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice is not on this machine: the workbook was not opened in it")
    subprocess.run(
        [soffice, "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--convert-to", ending,
         "--outdir", str(folder), str(path)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return folder / f"{path.stem}.{ending}"


@pytest.mark.filterwarnings("ignore:Sparkline")
def test_libreoffice_opens_it_and_saves_the_notes_the_colours_and_the_links(tmp_path: Path) -> None:
    out = marked(checked(rich_workbook(tmp_path / "rijk.xlsx")), tmp_path)
    (tmp_path / "lo").mkdir()
    book = openpyxl.load_workbook(_convert(out, "xlsx", tmp_path / "lo"))
    sheet = book["onderzoeken"]
    assert book.sheetnames[0] == "bevindingen"
    assert sheet["F5"].fill.fgColor.rgb == ERROR and sheet["F5"].comment.text.startswith("FOUT: ")
    assert sheet["A5"].font.strike and sheet["M2"].value == '=IF(B2="AMS",1,2)'
    links = [cell.hyperlink for row in book["bevindingen"].iter_rows() for cell in row if cell.hyperlink]
    assert len(links) >= 3
    assert sheet["A2"].comment.text == "van mij"


def test_csv_files_come_back_as_one_workbook_with_text_as_text_at_the_same_rows(tmp_path: Path) -> None:
    rows = faulty()
    rows["onderzoeken"][5]["categorie"] = "=cmd|' /C calc'!A0"
    rows["onderzoeken"][4]["onderzoekende_eenheid"] = "@SUM(1+1)"
    folder = write_folder(rows, tmp_path / "map")
    report = checked(folder)
    out = marked(report, tmp_path)
    assert out.name == "map-gemarkeerd.xlsx"
    book = openpyxl.load_workbook(out)
    assert set(book.sheetnames) == {"bevindingen", *rows}
    sheet = book["onderzoeken"]
    for at, value in (("I7", "=cmd|' /C calc'!A0"), ("C6", "@SUM(1+1)")):
        assert (sheet[at].data_type, sheet[at].value, bool(sheet[at].quotePrefix)) == ("s", value, True)
    assert (sheet["A5"].value, sheet["F5"].value) == ("00001-Z4", "01-01-2020")
    assert sheet["F5"].comment.text.startswith("FOUT: ") and sheet["F5"].fill.fgColor.rgb == ERROR
    with zipfile.ZipFile(out) as parts:
        assert not any(re.search(rb"<f[ >]", parts.read(name)) for name in parts.namelist() if "sheets/" in name)
    assert "zonder opmaak" in str([c.value for c in book["bevindingen"]["A"]])
    assert places(checked(out)) == places(report)


def test_an_ods_comes_back_as_a_plain_workbook_with_the_same_marks(tmp_path: Path) -> None:
    path = write_workbook(faulty(), tmp_path / "levering.xlsx")
    (tmp_path / "ods").mkdir()
    report = checked(_convert(path, "ods", tmp_path / "ods"))
    out = marked(report, tmp_path)
    assert out.name == "levering-gemarkeerd.xlsx"
    assert openpyxl.load_workbook(out)["onderzoeken"]["F5"].comment.text.startswith("FOUT: ")
    assert places(checked(out)) == places(report)


def test_a_file_too_large_to_copy_comes_back_as_only_its_rows_with_findings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain_copy, "MAX_CELLS", 10)
    book = openpyxl.load_workbook(marked(checked(write_folder(faulty(), tmp_path / "map")), tmp_path))
    sheet = book["onderzoeken"]
    assert [cell.value for cell in sheet["A"]] == ["rij in het bestand", 1, 2, 3, 5, 7]
    assert sheet["B2"].value == "zaaknummer"
    assert sheet["G5"].comment.text.startswith("FOUT: ") and sheet["B5"].font.strike
    listed = {cell.value: cell.hyperlink.location for cell in book["bevindingen"]["E"] if cell.hyperlink}
    assert listed["F5"] == "'onderzoeken'!G5"
    assert "alleen de regels" in str([cell.value for cell in book["bevindingen"]["A"]])


def _rewritten(path: Path, out: Path, change: Any) -> Path:
    """A workbook with parts written otherwise; `change` gets a name and bytes and gives bytes, or None to drop it."""
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            text = change(name, before.read(name))
            if text is not None:
                after.writestr(name, text)
    return out


def _prefixed(name: str, text: bytes) -> bytes:
    if not re.match(r"xl/(worksheets/sheet\d+|workbook|styles)\.xml", name):
        return text
    text = re.sub(rb"<(/?)(?=[a-zA-Z])(?!xml)(?![a-z0-9]+:)", rb"<\1x:", text)
    return text.replace(b'xmlns="', b'xmlns:x="', 1)


def test_elements_with_a_prefix_are_marked_as_well(tmp_path: Path) -> None:
    path = _rewritten(write_workbook(faulty(), tmp_path / "a.xlsx"), tmp_path / "b.xlsx", _prefixed)
    assert b"<x:sheetData>" in zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml")
    report = checked(path)
    sheet = openpyxl.load_workbook(marked(report, tmp_path))["onderzoeken"]
    assert sheet["F5"].fill.fgColor.rgb == ERROR and sheet["F5"].comment.text.startswith("FOUT: ")
    assert sheet["B7"].fill.fgColor.rgb == ERROR


def test_cells_that_do_not_name_their_place_are_counted(tmp_path: Path) -> None:
    from data_contracts.reporting.marking.rows import SheetMarks, marked_sheet

    xml = (
        b'<worksheet><sheetData><row><c t="n"><v>1</v></c><c/></row><row/><row r="9"><c r="C9"/></row>'
        b"</sheetData></worksheet>"
    )
    marks = SheetMarks({1: {2: "error"}, 2: {1: "error"}, 9: {2: "error"}}, {}, {9: (2, 3)})
    text = b"".join(
        marked_sheet(io.BytesIO(xml), marks, lambda base, look, struck: 40 + (look == "error") + 2 * struck)
    )
    assert text == (
        b'<worksheet><sheetData><row><c t="n"><v>1</v></c><c s="41"/></row><row><c r="A2" s="41"/></row>'
        b'<row r="9"><c r="B9" s="43"/><c r="C9" s="40"/></row></sheetData></worksheet>'
    )


def test_a_workbook_without_styles_comes_back_as_a_plain_copy(tmp_path: Path) -> None:
    def bare(name: str, text: bytes) -> bytes | None:
        if name == "xl/styles.xml":
            return None
        return (
            re.sub(rb"<(Override|Relationship)[^>]*styles[^>]*/>", b"", text)
            if "rels" in name or "Types" in name
            else text
        )

    rows = faulty()
    rows["onderzoeken"] = [
        {h: str(v) if isinstance(v, date) else v for h, v in row.items()} for row in rows["onderzoeken"]
    ]
    path = _rewritten(write_workbook(rows, tmp_path / "a.xlsx"), tmp_path / "b.xlsx", bare)
    book = openpyxl.load_workbook(marked(checked(path), tmp_path))
    assert book["onderzoeken"]["F5"].comment.text.startswith("FOUT: ")
    assert "zonder opmaak" in str([cell.value for cell in book["bevindingen"]["A"]])


def test_two_deliveries_of_one_name_get_a_copy_each_with_their_own_marks(tmp_path: Path) -> None:
    paths = []
    for number, unit in enumerate(("een", "twee"), start=1):
        (tmp_path / unit).mkdir()
        rows = faulty(number) if number == 1 else sound(2)
        rows["onderzoeken"][1]["kleur"] = None
        if number == 2:
            rows["onderzoeken"][0]["afgesloten_op"] = date(2020, 1, 1)
        paths.append(write_workbook(rows, tmp_path / unit / "levering.xlsx"))
    out = write_marked(checked(*paths), tmp_path)
    assert [path.name for path in out] == ["levering-gemarkeerd.xlsx", "levering-gemarkeerd-2.xlsx"]
    first, second = (openpyxl.load_workbook(path)["onderzoeken"] for path in out)
    assert (first["F5"].comment is None, second["F5"].comment is None) == (False, True)
    assert (first["F2"].comment is None, second["F2"].comment is None) == (True, False)


def test_a_delivery_without_findings_gets_no_copy(tmp_path: Path) -> None:
    assert write_marked(checked(write_workbook(sound(1), tmp_path / "a.xlsx")), tmp_path) == []
    assert not (tmp_path / "marked").exists()


def test_a_file_that_changed_since_is_refused_and_nothing_half_written_stays(tmp_path: Path) -> None:
    path = write_workbook(faulty(), tmp_path / "a.xlsx")
    report = checked(path)
    write_workbook(sound(1), path)
    with pytest.raises(UnreadableInput, match="veranderd"):
        write_marked(report, tmp_path)
    assert not (tmp_path / "marked").exists() or not list((tmp_path / "marked").iterdir())


def test_a_missing_column_is_listed_and_links_to_its_sheet(tmp_path: Path) -> None:
    folder = write_folder(sound(1), tmp_path / "map")
    lines = (folder / "onderzoeken.csv").read_text("utf-8-sig").splitlines()
    (folder / "onderzoeken.csv").write_text("\n".join([lines[0].replace(";eenheid;", ";iets;"), *lines[1:]]), "utf-8")
    book = openpyxl.load_workbook(marked(checked(folder), tmp_path))
    listed = [[cell.value for cell in row] for row in book["bevindingen"].iter_rows()]
    (line,) = [row for row in listed if row[7] == "cases.missing_column"]
    assert line[:6] == ["fout, hele levering", "onderzoeken", None, "eenheid", "naar het blad",
                        "Verplichte kolom eenheid staat in het blad"]  # fmt: skip


def test_under_a_mapping_the_cells_of_the_export_are_marked(tmp_path: Path) -> None:
    example = Path(__file__).parent / "data" / "worked_example"
    export = tmp_path / "export_2024-06-30.csv"
    lines = (example / export.name).read_text("utf-8-sig").splitlines()
    export.write_text("\n".join(lines) + "\n", encoding="utf-8")
    report = checked(export, mapping=example / "eilandpolitie.yaml")
    told = report.breaches[report.breaches["column"] != ""]
    assert len(told)
    (path,) = write_marked(report, tmp_path)
    book = openpyxl.load_workbook(path)
    sheet = book[book.sheetnames[1]]
    for breach in told.to_dict("records"):
        assert sheet[f"{breach['column']}{breach['row']}"].comment is not None
    row = int(told["row"].iloc[0])
    assert sheet.cell(row, 1).value == lines[row - 1].split(";")[0]


def test_sheet_names_are_ones_that_excel_takes_and_differ() -> None:
    assert plain_copy.sheet_name("a/b:c", []) == "a_b_c"
    assert plain_copy.sheet_name("Blad", ["blad"]) == "Blad 2"
    long = plain_copy.sheet_name("x" * 40, ["x" * 31])
    assert (len(long), long[-2:]) == (31, " 2")


def test_a_column_that_is_not_read_but_holds_persons_is_marked_where_it_stands(tmp_path: Path) -> None:
    path = write_workbook(sound(1), tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book["onderzoeken"]
    sheet["P1"], sheet["P2"] = "contact", "j.jansen@politie.nl"
    book.save(path)
    report = checked(path)
    (leak,) = report.breaches.to_dict("records")
    assert leak["rule"].endswith("extra_column_privacy")
    out = marked(report, tmp_path)
    book = openpyxl.load_workbook(out)
    place = f"{leak['column']}{leak['row']}"
    assert book[leak["sheet"]][place].comment.text.startswith("FOUT: ")
    assert "j.jansen" not in str([cell.value for row in book["bevindingen"].iter_rows() for cell in row])


def test_a_comment_of_plain_text_becomes_a_run_because_text_and_runs_do_not_mix() -> None:
    from data_contracts.reporting.marking.notes import with_comments

    xml = (
        b'<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><authors><author>Jo</author>'
        b'</authors><commentList><comment ref="B2" authorId="0"><text><t>Ja</t></text></comment></commentList>'
        b"</comments>"
    )
    changed, new = with_comments(xml, {(2, 2): "Nee"})
    assert new == []
    assert b'<text><r><t>Ja</t></r><r><t xml:space="preserve">\n\nNee</t></r></text>' in changed
