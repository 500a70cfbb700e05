"""The report of a check: for a steward to read (HTML) and to sort (csv)."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data_contracts.checking import Report
from data_contracts.contract import SEVERITIES, load_contracts
from data_contracts.language import _, language
from data_contracts.reading.tables import TOLERANCE_WORDS
from data_contracts.reporting.acceptance import AcceptanceRecord, moment_words, record_json
from data_contracts.reporting.findings import (
    FIRST_PLACES,
    causes,
    findings,
    number,
    rule_words,
    severity_words,
    verdict,
)
from data_contracts.reporting.missingness import SMALL, missingness, unit_tables
from data_contracts.rules.left_out import shares_left_out
from data_contracts.writing import write_csv

if TYPE_CHECKING:
    from data_contracts.comparison.compare import Changes

BREACHES = "breaches.csv"
FIRST_CAUSES = 5


def write_report(
    report: Report,
    folder: Path,
    *,
    record: AcceptanceRecord | None = None,
    changes: "Changes | None" = None,
    marked: Sequence[Path] = (),
) -> None:
    """Write `report.html` and `breaches.csv` into a folder.

    `breaches.csv` is what a Dutch Excel opens with a double click: UTF-8 with a byte
    order mark, semicolons. `pandas.read_csv(path, sep=";", encoding="utf-8-sig")` reads it.

    Parameters
    ----------
    report : Report
        Outcome of the check.
    folder : Path
        An existing folder.
    record : AcceptanceRecord, optional
        Printed as the last section, to be signed.
    changes : Changes, optional
        What changed since an earlier delivery.
    marked : sequence of Path
        Marked workbooks in this folder or below it, to be linked to.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "share": share}
    missing = missingness(report)
    groups = findings(report)
    page = environment.get_template("report.html.j2").render(
        _=_,
        lang=language(),
        report=report,
        verdict=verdict(report),
        causes=causes(report)[:FIRST_CAUSES],
        total=sum(group["count"] for group in groups),
        totals={key: sum(group["count"] for group in groups if group["severity"] == key) for key in SEVERITIES},
        severities=severity_words(),
        groups=groups,
        first=FIRST_PLACES,
        rows=report.rows.to_dict("records"),
        left_out=shares_left_out(report),
        absent=absences(report),
        unread=[(d.name, sheet) for d in report.deliveries for sheet in d.unread_sheets],
        counts={o: sum(c.outcome == o for c in report.rules) for o in ("passed", "failed", "not_applicable")},
        missing=missing[missing["missing"] > 0].to_dict("records"),
        unit_tables=unit_tables(report),
        small=SMALL,
        tolerances=tolerances(report),
        conversions=conversions(report),
        extra=unread_headers(report),
        changes=changes,
        record=record,
        fingerprint=record_json(record)["fingerprint"] if record else "",
        moment=moment_words(record.checked_at) if record else "",
        marked=[path.relative_to(folder).as_posix() for path in marked],
        breaches_file=BREACHES,
    )
    (folder / "report.html").write_text(page, encoding="utf-8")
    words = rule_words(report)
    table = report.breaches.drop(columns="label")
    titles = [words(rule, header)[0][language()] for rule, header in zip(table["rule"], table["header"], strict=True)]
    table.insert(1, "title", titles)
    write_csv(table, folder / BREACHES, delimiter=";", encoding="utf-8-sig")


def share(part: float, whole: float) -> str:
    """Return a share as a whole percentage; few of many is not 0, nearly all is not 100."""
    percentage = 100 * part / whole if whole else 0
    if 0 < percentage < 1:
        return "< 1 %"
    return "> 99 %" if 99 < percentage < 100 else f"{percentage:.0f} %"


def tolerances(report: Report) -> list[tuple[str, list[str]]]:
    """Return what was done to read each file and sheet as it came: the place, and what in words."""
    said: dict[str, list[str]] = {}
    for one in (one for delivery in report.deliveries for one in delivery.tolerances):
        where = f"{one.file} › {one.sheet}" if one.sheet else one.file
        said.setdefault(where, []).append(TOLERANCE_WORDS[one.kind][language()].format(detail=one.detail))
    return list(said.items())


def conversions(report: Report) -> list[dict[str, Any]]:
    """Return every conversion made in reading, counted by column and kind."""
    counts: dict[tuple[str, str, str], int] = {}
    for delivery in report.deliveries:
        for name, table in delivery.tables.items():
            for column, kinds in table.conversions.items():
                for kind, count in kinds.items():
                    key = (load_contracts()[name].sheet, load_contracts()[name].column(column).header, kind)
                    counts[key] = counts.get(key, 0) + count
    return [
        {"sheet": s, "header": h, "kind": CONVERSION_WORDS[kind][language()], "count": n}
        for (s, h, kind), n in sorted(counts.items())
    ]


CONVERSION_WORDS = {
    "blank_to_missing": {"nl": "cel met alleen spaties gelezen als leeg", "en": "cell with only blanks read as empty"},
    "declared_missing": {"nl": "woord voor leeg (uit de mapping)", "en": "word for empty (from the mapping)"},
    "not_applicable_to_missing": {"nl": "n.v.t. gelezen als leeg", "en": "n/a read as empty"},
    "spelling_of_code": {"nl": "andere schrijfwijze van een code", "en": "other spelling of a code"},
    "number_to_text": {"nl": "getal gelezen als tekst", "en": "number read as text"},
    "truth_value_to_text": {"nl": "waar/onwaar gelezen als tekst", "en": "true/false read as text"},
    "invisible_characters": {"nl": "onzichtbare tekens weggelaten", "en": "invisible characters left out"},
    "time_dropped": {"nl": "tijdstip weggelaten", "en": "time of day dropped"},
    "excel_serial_to_date": {"nl": "Excel-getal gelezen als datum", "en": "Excel number read as a date"},
    "declared_date": {"nl": "datum in de notatie van de mapping", "en": "date in the format of the mapping"},
    "slashed_date": {"nl": "datum jaar/maand/dag", "en": "date year/month/day"},
    "dutch_date": {"nl": "datum dag-maand-jaar", "en": "date day-month-year"},
    "spelling_of_yes": {"nl": "andere schrijfwijze van ja", "en": "other spelling of yes"},
    "spelling_of_no": {"nl": "andere schrijfwijze van nee", "en": "other spelling of no"},
    "text_to_number": {"nl": "tekst gelezen als getal", "en": "text read as a number"},
    "mapped_code": {
        "nl": "vertaald naar een code (codes in de mapping)",
        "en": "translated to a code (codes in the mapping)",
    },
    "mapped_code_to_empty": {
        "nl": "waarde die de mapping leeg maakt (codes)",
        "en": "value that the mapping makes empty (codes)",
    },
    "mapped_other": {
        "nl": "waarde die de mapping niet noemt: naar de rest (other)",
        "en": "value that the mapping does not name: to the rest (other)",
    },
    "mapped_empty": {"nl": "lege cel gevuld (empty in de mapping)", "en": "empty cell filled (empty in the mapping)"},
    "mapped_extract": {"nl": "deel van de cel genomen (extract)", "en": "part of the cell taken (extract)"},
    "mapped_extract_unfit": {
        "nl": "waarde past niet bij het patroon (extract)",
        "en": "value does not fit the pattern (extract)",
    },
    "mapped_constant": {"nl": "vaste waarde uit de mapping", "en": "constant from the mapping"},
    "mapped_file_name": {"nl": "uit de bestandsnaam", "en": "from the file name"},
    "mapped_row_number": {"nl": "rijnummer als nummer", "en": "row number as the number"},
    "mapped_columns": {"nl": "kolommen aan elkaar geschreven", "en": "columns written together"},
    "mapped_first_filled": {
        "nl": "uit een latere kolom, de eerste was leeg (first_filled)",
        "en": "from a later column, the first was empty (first_filled)",
    },
    "rows_by_where": {"nl": "regels weggelaten door where", "en": "rows left out by where"},
    "rows_skipped_empty": {
        "nl": "regels niet gemaakt door skip_if_empty",
        "en": "rows not made because of skip_if_empty",
    },
    "rows_folded_equal": {"nl": "gelijke regels samengevoegd (one_row_per)", "en": "equal rows made one (one_row_per)"},
    "rows_kept_first": {
        "nl": "afwijkende regels weggelaten, de eerste gehouden (keep: first)",
        "en": "differing rows left out, the first kept (keep: first)",
    },
    "rows_kept_last": {
        "nl": "afwijkende regels weggelaten, de laatste gehouden (keep: last)",
        "en": "differing rows left out, the last kept (keep: last)",
    },
}


def unread_headers(report: Report) -> list[tuple[str, str, str]]:
    """Return delivery, sheet and header of columns that the contract does not know."""
    tables = [(delivery.name, table) for delivery in report.deliveries for table in delivery.tables.values()]
    contracts = load_contracts()
    return sorted({(name, contracts[table.name].sheet, h) for name, table in tables for h in table.extra_headers})


def absences(report: Report) -> list[tuple[str, str]]:
    """Return the sheets that no delivery has, with the reason in the language of messages."""
    contracts = load_contracts()
    absent = [key for key in report.deliveries[0].absent if all(key in d.absent for d in report.deliveries)]
    return [(contracts[key].sheet, report.deliveries[0].absent[key][language()]) for key in absent if key in contracts]
