"""The report of a check: for a steward to read (HTML), to sort (csv), and one line for the screen."""

from pathlib import Path
from typing import Any

import pandas as pd

from data_contracts.checking import MISSING_COLUMN, TOO_FEW_LEFT, Report
from data_contracts.contract import SEVERITIES, load_contracts
from data_contracts.language import _, language
from data_contracts.writing import write_csv

FIRST_PLACES = 10


def findings(report: Report) -> list[dict[str, Any]]:
    """Return what was found, grouped by rule, worst first.

    Returns
    -------
    list of dict
        `rule, title, remedy, severity, scope, sheet, count, places`; `places` holds the
        first `FIRST_PLACES` breaches as text, never a value.
    """
    contracts, tongue = load_contracts(), language()
    rules = {count.rule.id: count.rule for count in report.rules}
    groups = []
    for rule_id, breaches in report.breaches.groupby("rule", sort=False):
        first = breaches.iloc[0]
        if rule_id in rules:
            title, remedy = rules[rule_id].title[tongue], rules[rule_id].remedy[tongue]
            if rules[rule_id].id.endswith("_known_code"):
                remedy += " " + _(
                    "Bekend zijn: {codes}.", codes=_codes(report, rules[rule_id].table, rules[rule_id].column)
                )
        elif rule_id.endswith(".too_few_left"):
            title, remedy = TOO_FEW_LEFT["title"][tongue], TOO_FEW_LEFT["remedy"][tongue]
        else:
            title = MISSING_COLUMN[tongue].format(header=first["header"])
            remedy = _("Voeg de kolom toe met precies deze kop.")
        groups.append(
            {
                "rule": rule_id,
                "title": title,
                "remedy": remedy,
                "severity": first["severity"],
                "scope": first["scope"],
                "sheet": contracts[first["table"]].sheet,
                "count": len(breaches),
                "places": [_place(breach) for breach in breaches.head(FIRST_PLACES).to_dict("records")],
            }
        )
    return sorted(groups, key=lambda g: (SEVERITIES.index(g["severity"]), g["scope"] != "delivery", -g["count"]))


def _codes(report: Report, table: str, column: str) -> str:
    name = load_contracts()[table].column(column).code_list or ""
    codes = list(report.deliveries[0].code_lists[name].codes)
    return ", ".join(codes[:40]) + (", …" if len(codes) > 40 else "")


def _place(breach: dict[str, Any]) -> str:
    cell = f"{breach['column']}{breach['row']}" if breach["column"] else ""
    header = ", " + _("kolom") + f" {breach['header']}" if breach["header"] else ""
    at = " (" + _("cel") + f" {cell})" if cell else ""
    sheet, row = _("blad"), _("rij")
    return f"{breach['file']}, {sheet} {breach['sheet']}, {row} {breach['row']}{header}{at}"


def verdict(report: Report) -> str:
    """Return the outcome in one sentence."""
    cases = report.rows.set_index("table").loc["cases"]
    if not report.accepted:
        whole = (report.breaches["scope"] == "delivery") & (report.breaches["severity"] == "error")
        if whole.any():
            return _("AFGEKEURD. Herstel eerst de fouten die de hele levering raken; controleer daarna opnieuw.")
        return _("AFGEKEURD. Geen enkele regel van een verplicht blad is bruikbaar; herstel de fouten hieronder.")
    if not report.rows["rejected"].any():
        return _("GOEDGEKEURD. Alle {n} onderzoeken doen mee.", n=int(cases["accepted"]))
    left_out = [
        _("{rejected} van de {rows} in {sheet}", rejected=row["rejected"], rows=row["rows"], sheet=row["sheet"])
        for row in report.rows.to_dict("records")
        if row["rejected"]
    ]
    return _("GOEDGEKEURD met uitzonderingen. Regels die niet meedoen: {left_out}.", left_out=", ".join(left_out))


def missingness(report: Report) -> pd.DataFrame:
    """Return per table and delivered column how many cells are empty."""
    rows = []
    for name, contract in load_contracts().items():
        tables = [d.tables[name] for d in report.deliveries if name in d.tables]
        for column in contract.columns:
            frames = [t.frame for t in tables if column.name not in t.missing_columns]
            if frames:
                rows.append(
                    {
                        "table": name,
                        "sheet": contract.sheet,
                        "column": column.name,
                        "header": column.header,
                        "rows": sum(map(len, frames)),
                        "missing": int(sum(frame[column.name].isna().sum() for frame in frames)),
                    }
                )
    return pd.DataFrame(rows)


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
    "date_to_text": {"nl": "datum gelezen als tekst", "en": "date read as text"},
    "time_dropped": {"nl": "tijdstip weggelaten", "en": "time of day dropped"},
    "excel_serial_to_date": {"nl": "Excel-getal gelezen als datum", "en": "Excel number read as a date"},
    "declared_date": {"nl": "datum in de notatie van de mapping", "en": "date in the format of the mapping"},
    "slashed_date": {"nl": "datum jaar/maand/dag", "en": "date year/month/day"},
    "dutch_date": {"nl": "datum dag-maand-jaar", "en": "date day-month-year"},
    "spelling_of_yes": {"nl": "andere schrijfwijze van ja", "en": "other spelling of yes"},
    "spelling_of_no": {"nl": "andere schrijfwijze van nee", "en": "other spelling of no"},
    "text_to_number": {"nl": "tekst gelezen als getal", "en": "text read as a number"},
}


def write_report(report: Report, folder: Path) -> None:
    """Write `report.html` and `breaches.csv` into a folder."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    missing = missingness(report)
    page = environment.get_template("report.html.j2").render(
        _=_,
        lang=language(),
        verdict=verdict(report),
        accepted=report.accepted,
        rows=report.rows.to_dict("records"),
        deliveries=report.deliveries,
        groups=findings(report),
        first=FIRST_PLACES,
        missing=missing[missing["missing"] > 0].to_dict("records"),
        conversions=conversions(report),
        extra=unread_headers(report),
        counts={o: sum(c.outcome == o for c in report.rules) for o in ("passed", "failed", "not_applicable")},
        absent=absences(report),
    )
    (folder / "report.html").write_text(page, encoding="utf-8")
    write_csv(report.breaches.drop(columns="label"), folder / "breaches.csv")


def unread_headers(report: Report) -> list[tuple[str, str, str]]:
    """Return delivery, table and header of columns that the contract does not know."""
    tables = [(delivery.name, table) for delivery in report.deliveries for table in delivery.tables.values()]
    return sorted({(name, table.name, header) for name, table in tables for header in table.extra_headers})


def absences(report: Report) -> list[tuple[str, str]]:
    """Return the sheets that no delivery has, with the reason in the language of messages."""
    contracts = load_contracts()
    absent = [key for key in report.deliveries[0].absent if all(key in d.absent for d in report.deliveries)]
    return [(contracts[key].sheet, report.deliveries[0].absent[key][language()]) for key in absent if key in contracts]
