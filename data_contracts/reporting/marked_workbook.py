"""The delivered workbooks back, with what was found marked, noted and listed; everything else as it was.

An .xlsx is marked in place: its parts are changed, it is not loaded and saved, so
formulas, formats, drop-downs, pictures, charts and pivot tables stay, and size costs
little. Csv files, .ods and .xlsb become a plain workbook first: the same cells at the
same rows, text as text.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from data_contracts.checking import Report
from data_contracts.language import _
from data_contracts.reading.files import RawSheet, column_letter, column_number, read_file
from data_contracts.reporting.acceptance import unchanged
from data_contracts.reporting.findings import severity_words
from data_contracts.reporting.marking.findings_sheet import Line, Listing
from data_contracts.reporting.marking.marks import DeliveryMarks, contract_sheet, marks_by_delivery, sheet_marks
from data_contracts.reporting.marking.package import mark_workbook
from data_contracts.reporting.marking.plain_copy import CopiedSheet, sheet_name, too_large, write_plain_copy
from data_contracts.reporting.marking.rows import SheetMarks
from data_contracts.reporting.marking.styles import UnmarkableError
from data_contracts.writing import whole_file

FOLDER = "marked"
MAX_LISTED = 20_000  # Excel takes 65,530 links a sheet; nobody reads so many
_ENDING = re.compile(r"(?i)(\.csv)?\.(xlsx|xlsm|xlsb|xls|ods|csv|tsv|txt|gz)$")


def write_marked(report: Report, folder: Path) -> list[Path]:
    """Write a marked copy of every delivered file in which something was found.

    Parameters
    ----------
    report : Report
        Outcome of the check; the files must still be where they were.
    folder : Path
        The copies come in `marked` below it.

    Returns
    -------
    list of Path
        The copies: one a workbook, and one for the csv files of a delivery together.

    Raises
    ------
    UnreadableInput
        If a file changed since it was read.
    """
    written: list[Path] = []
    for delivery, marks in zip(report.deliveries, marks_by_delivery(report), strict=True):
        if marks.breaches.empty and marks.left_out.empty:
            continue
        books = [n for n, path in enumerate(delivery.paths) if path.name.lower().endswith((".xlsx", ".xlsm"))]
        texts = [n for n in range(len(delivery.paths)) if n not in books]
        for n in books:
            data = unchanged(delivery.paths[n], delivery.sources[n])
            out = _free(folder / FOLDER, delivery.paths[n].name, written)
            with whole_file(out) as work:
                try:
                    _mark_in_place(data, work, marks, delivery.paths[n])
                except UnmarkableError:
                    _mark_copy([delivery.paths[n]], work, marks)
            written.append(out)
        if texts:
            for n in texts:
                unchanged(delivery.paths[n], delivery.sources[n])
            out = _free(folder / FOLDER, delivery.name, written)
            with whole_file(out) as work:
                _mark_copy([delivery.paths[n] for n in texts], work, marks)
            written.append(out)
    return written


def _free(folder: Path, name: str, taken: Sequence[Path]) -> Path:
    stem, used = f"{_ENDING.sub('', name)}-gemarkeerd", {path.name.casefold() for path in taken}
    names = [f"{stem}.xlsx", *(f"{stem}-{number}.xlsx" for number in range(2, len(taken) + 3))]
    return folder / next(name for name in names if name.casefold() not in used)


def _mark_in_place(data: bytes, work: Path, marks: DeliveryMarks, path: Path) -> None:
    sheets = _sheet_names(data)
    found, bare = sheet_marks(marks, path.name)
    listing = _listing(marks, [path.name], sheets, lambda file, sheet, row, letter: (sheet, f"{letter}{row}"),
                       bare=bare, plain="")  # fmt: skip
    mark_workbook(data, work, found, listing)


def _sheet_names(data: bytes) -> list[str]:
    import io

    import python_calamine

    return list(python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).sheet_names)


def _mark_copy(paths: Sequence[Path], work: Path, marks: DeliveryMarks) -> None:
    """Mark a plain copy: of csv files, and of workbooks that cannot be marked in place."""
    raw = [(path, sheet) for path in paths for sheet in read_file(path)[1]]
    sheets = [sheet for _path, sheet in raw]
    found = {path.name: sheet_marks(marks, path.name) for path in paths}
    per_sheet = [found[path.name][0].get(sheet.name, SheetMarks()) for path, sheet in raw]
    whole = not too_large(sheets)
    only = None if whole else [_rows_to_show(sheet, one, marks, path) for (path, sheet), one in
                               zip(raw, per_sheet, strict=True)]  # fmt: skip
    plain = work.with_name(f"{work.name}.plain")
    try:
        copied = write_plain_copy(sheets, plain, only=only, row_word=_("rij in het bestand"))
        places = {(path.name, sheet.name): one for (path, sheet), one in zip(raw, copied, strict=True)}

        def place(file: str, sheet: str, row: int, letter: str) -> tuple[str, str]:
            one = places.get((file, sheet))
            if one is None or (one.rows is not None and row not in one.rows):
                return "", ""
            at = one.rows[row] if one.rows is not None else row
            return one.name, f"{letter if one.rows is None else column_letter(column_number(letter) + 1)}{at}"

        listing = _listing(
            marks, [path.name for path in paths], [one.name for one in copied], place,
            bare=sum(bare for _marks, bare in found.values()), plain="whole" if whole else "rows",
        )  # fmt: skip
        mark_workbook(
            plain.read_bytes(), work, {c.name: _moved(m, c) for c, m in zip(copied, per_sheet, strict=True)}, listing
        )
    finally:
        plain.unlink(missing_ok=True)


def _rows_to_show(sheet: RawSheet, marks: SheetMarks, delivery: DeliveryMarks, path: Path) -> set[int]:
    """Rows with something to say, and the few above the first of the data, among which the header."""
    rows = {*marks.looks, *marks.left_out, *(row for row, _column in marks.notes)}
    return set(sorted(rows)[:MAX_LISTED]) | set(range(1, min(min(rows, default=2), 4)))


def _moved(marks: SheetMarks, copied: CopiedSheet) -> SheetMarks:
    """The marks where the rows went."""
    rows = copied.rows
    if rows is None:
        return marks
    return SheetMarks(
        {rows[row]: {c + 1: look for c, look in cells.items()} for row, cells in marks.looks.items() if row in rows},
        {(rows[row], column + 1): note for (row, column), note in marks.notes.items() if row in rows},
        {rows[row]: (first + 1, last + 1) for row, (first, last) in marks.left_out.items() if row in rows},
    )


Place = Callable[[str, str, int, str], tuple[str, str]]


def _listing(
    marks: DeliveryMarks, files: Sequence[str], sheets: Sequence[str], place: Place, *, bare: int, plain: str
) -> Listing:
    names = {file: number for number, file in enumerate(files)}
    known = {sheet.casefold() for sheet in sheets}
    words = severity_words()
    here = marks.breaches[marks.breaches["file"].isin(names) | (marks.breaches["label"] < 0)]
    lines = [_line(breach, marks, place, known, words) for breach in here.head(MAX_LISTED).to_dict("records")]
    sentences = [
        _("Dit is een kopie van uw bestand om fouten in op te zoeken. Verbeter in uw eigen bestand en controleer dat "
          "opnieuw. Dit blad wordt bij een controle niet gelezen."),
        _("In deze kopie staan uw eigen gegevens. Houd haar bij u en lever haar niet mee. In dit blad en in de "
          "opmerkingen staat alleen wat er niet klopt en waar, nooit de inhoud van een cel."),
    ]  # fmt: skip
    sentences += _sentences_about_form(plain, len(here), bare, already=_name().casefold() in known)
    return Listing(
        name=sheet_name(_name(), sheets),
        title=_("Bevindingen, ergste eerst"),
        sentences=tuple(sentences),
        legend=(
            ("error", words["error"], _("deze regel doet niet mee, of de hele levering is afgekeurd (dikke rand)")),
            ("warning", words["warning"], _("de regel doet mee; ga na of het klopt (streepjesrand)")),
            ("info", words["info"], _("de regel doet mee; u hoeft niets te doen (stippelrand)")),
            ("left_out", _("doet niet mee"), _("hele regel gearceerd, eerste cel doorgestreept: de regel valt uit")),
        ),
        heading=(_("ernst"), _("blad"), _("rij"), _("kolom"), _("cel"), _("wat er moet kloppen"), _("wat te doen"),
                 _("nummer van de afspraak")),
        lines=lines,
    )  # fmt: skip


def _name() -> str:
    return _("bevindingen")


def _sentences_about_form(plain: str, found: int, bare: int, *, already: bool) -> list[str]:
    said = []
    if plain:
        said.append(_("Uw bestand had een andere vorm dan .xlsx: hier staan dezelfde cellen op dezelfde rijen, zonder "
                      "opmaak en formules."))  # fmt: skip
    if plain == "rows":
        said.append(_("Uw bestand is te groot om geheel te kopiëren. Hier staan alleen de regels waarover iets te "
                      "zeggen is; de eerste kolom noemt hun rij in uw bestand."))  # fmt: skip
    if already:
        said.append(_("Uw bestand had al een blad bevindingen: was dit een eerdere kopie, dan staan de kleuren en "
                      "opmerkingen van toen er ook nog in."))  # fmt: skip
    if found > MAX_LISTED:
        said.append(_("Hier staan de eerste {n} van {found} bevindingen; alle staan in breaches.csv.", n=MAX_LISTED,
                      found=found))  # fmt: skip
    if bare:
        said.append(_("{n} cellen hebben een kleur maar geen opmerking, omdat het er te veel zijn; zij staan in de "
                      "lijst hieronder of in breaches.csv.", n=bare))  # fmt: skip
    return said


def _line(
    breach: Mapping[str, object], marks: DeliveryMarks, place: Place, known: set[str], words: Mapping[str, str]
) -> Line:
    severity, sheet, row = str(breach["severity"]), str(breach["sheet"]), int(str(breach["row"]))
    whole = breach["severity"] == "error" and breach["scope"] == "delivery"
    in_cell = bool(breach["in_cell"])
    first, _last = marks.columns.get((str(breach["file"]), sheet), (1, 1))
    letter = str(breach["column"]) or column_letter(first)
    target, reference = place(str(breach["file"]), sheet, max(row, 1), letter) if sheet else ("", "")
    linked = target.casefold() in known
    return Line(
        look=severity,
        cells=(
            words[severity] + (_(", hele levering") if whole else ""),
            contract_sheet(str(breach["table"]), sheet),
            row if in_cell else "",
            str(breach["header"]),
            (f"{letter}{row}" if in_cell else _("naar het blad")) if linked else "",
            str(breach["title"]),
            str(breach["remedy"]),
            str(breach["rule"]),
        ),
        sheet=target if linked else "",
        reference=reference if linked else "",
    )
