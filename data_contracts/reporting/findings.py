"""What was found, in words: by rule, worst first, with the one cause behind many findings when there is one."""

from collections.abc import Callable
from functools import cache
from typing import Any

from data_contracts.checking import UNDECLARED, Report
from data_contracts.contract import SEVERITIES, Rule, Text, load_contracts
from data_contracts.language import _, language

FIRST_PLACES = 10
WHOLE_COLUMN, FROM_CELLS = 0.9, 5  # one finding in nine of ten filled cells has one cause, from five cells on


def findings(report: Report) -> list[dict[str, Any]]:
    """Return what was found, grouped by rule, worst first.

    Returns
    -------
    list of dict
        `rule, title, remedy, severity, scope, sheet, count, of, places, deliveries`;
        `of` is the number of rows to which the rule applied (0: not a rule about rows),
        `places` holds the first `FIRST_PLACES` breaches as text, never a value, and
        `deliveries` the count by delivery.
    """
    words, checked = rule_words(report), {count.rule.id: count.checked for count in report.rules}
    groups = []
    for rule_id, breaches in report.breaches.groupby("rule", sort=False):
        first = breaches.iloc[0]
        title, remedy = words(str(rule_id), first["header"])
        groups.append(
            {
                "rule": str(rule_id),
                "title": title[language()],
                "remedy": remedy[language()],
                "severity": first["severity"],
                "scope": first["scope"],
                "sheet": sheet_of(first["table"], first["sheet"]),
                "count": len(breaches),
                "of": checked.get(str(rule_id), 0),
                "places": [place(breach) for breach in breaches.head(FIRST_PLACES).to_dict("records")],
                "deliveries": breaches["delivery"].value_counts(sort=False).to_dict(),
            }
        )
    return sorted(groups, key=lambda g: (SEVERITIES.index(g["severity"]), g["scope"] != "delivery", -g["count"]))


def number(count: float) -> str:
    """Return a count as the language of messages writes it: 1.509 in Dutch."""
    from babel.numbers import format_decimal

    return format_decimal(int(count), locale=language())


def severity_words() -> dict[str, str]:
    """Return the words for the severities, worst first."""
    return {"error": _("fout"), "warning": _("waarschuwing"), "info": _("ter informatie")}


def rule_words(report: Report) -> Callable[[str, str], tuple[Text, Text]]:
    """Return a function from rule id and header to the rule's title and remedy, in both languages."""
    rules = {count.rule.id: count.rule for count in report.rules}

    @cache
    def words(rule_id: str, header: str) -> tuple[Text, Text]:
        if rule_id in rules:
            return rules[rule_id].title, _with_codes(report, rules[rule_id])
        undeclared = UNDECLARED[rule_id.partition(".")[2]]
        titles = {tongue: text.format(header=header) for tongue, text in undeclared["title"].items()}
        return titles, undeclared["remedy"]

    return words


def _with_codes(report: Report, rule: Rule) -> Text:
    if not rule.id.endswith("_known_code"):
        return rule.remedy
    name = load_contracts()[rule.table].column(rule.column).code_list or ""
    codes = list(report.deliveries[0].code_lists[name].codes)
    known = ", ".join(codes[:40]) + (", …" if len(codes) > 40 else "")
    return {"nl": f"{rule.remedy['nl']} Bekend zijn: {known}.", "en": f"{rule.remedy['en']} Known are: {known}."}


def sheet_of(table: str, sheet: str) -> str:
    """Return the sheet name of the contract; for what is no table of a contract, the name it was delivered under."""
    contracts = load_contracts()
    return contracts[table].sheet if table in contracts else sheet


def place(breach: dict[str, Any]) -> str:
    """Return where a breach is, in words; one without a row or a cell is about the whole sheet or delivery."""
    row = breach["row"] if breach["label"] >= 0 or breach["column"] else 0
    words = [breach["file"]]
    words += [_("blad") + f" {breach['sheet']}"] if breach["sheet"] else []
    words += [_("rij") + f" {row}"] if row else []
    words += [_("kolom") + f" {breach['header']}"] if breach["header"] else []
    cell = " (" + _("cel") + f" {breach['column']}{row})" if breach["column"] and row else ""
    return ", ".join(words) + cell


def causes(report: Report) -> list[dict[str, Any]]:
    """Return whole columns that break one rule: one cause behind many findings, most findings first.

    Returns
    -------
    list of dict
        `delivery, file, sheet, header, column, title, remedy, count, filled, empty, rejects`: of
        `filled` cells `count` break the rule; `empty` when the rule asks to fill the cell,
        and `filled` is then the number of rows; `rejects` when too few rows are left by it.
    """
    words = rule_words(report)
    columns = {count.rule.id: count.rule.column for count in report.rules}
    rows = report.breaches
    rows = rows[(rows["header"] != "") & (rows["label"] >= 0) & (rows["severity"] != "info")]
    found = []
    groups = rows.groupby(["rule", "table", "delivery", "file", "sheet", "column", "header"], sort=False)
    for (rule_id, table, delivery, file, sheet, letter, header), cells in groups:
        if len(cells) < FROM_CELLS or not columns.get(rule_id):
            continue
        empty = rule_id.endswith("_required")
        too_few = report.breaches["rule"].eq(f"{table}.too_few_left") & report.breaches["delivery"].eq(delivery)
        filled = _filled(report, table, columns[rule_id], delivery, file, sheet, whole=empty)
        if len(cells) < WHOLE_COLUMN * filled:
            continue
        title, remedy = words(rule_id, header)
        found.append(
            {"delivery": delivery, "file": file, "sheet": sheet, "header": header, "column": letter,
             "title": title[language()], "remedy": remedy[language()], "count": len(cells), "filled": filled,
             "empty": empty, "rejects": bool(too_few.any()) and cells["severity"].iloc[0] == "error"}
        )  # fmt: skip
    return sorted(found, key=lambda cause: -cause["count"])


def _filled(report: Report, table: str, column: str, delivery: str, file: str, sheet: str, *, whole: bool) -> int:
    """How many cells of a column hold something, readable or not; `whole`: how many rows there are."""
    count = 0
    for one in report.deliveries:
        if one.name != delivery or table not in one.tables:
            continue
        part = one.tables[table]
        here = (part.places["file"] == file) & (part.places["sheet"] == sheet)
        flags = part.flags[part.flags.columns.intersection([f"{column}:form", f"{column}:code"])]
        filled = part.frame[column].notna() | flags.isin(["unreadable", "unknown_code"]).any(axis=1)
        count += int((here if whole else here & filled).sum())
    return count


def verdict(report: Report) -> str:
    """Return the outcome and why, in one or two sentences."""
    if not report.accepted:
        whole = [g for g in findings(report) if g["severity"] == "error" and g["scope"] == "delivery"]
        if whole:
            sheet, title = whole[0]["sheet"], whole[0]["title"]
            more = " " + _("Daarnaast: {n} andere.", n=len(whole) - 1) if len(whole) > 1 else ""
            return _("AFGEKEURD, omdat dit niet klopt in {sheet}: “{title}”.", sheet=sheet, title=title) + more
        return _("AFGEKEURD. Geen enkele regel van een verplicht blad is bruikbaar; herstel de fouten hieronder.")
    if not report.rows["rejected"].any():
        cases = report.rows.set_index("table").loc["cases"]
        return _("GOEDGEKEURD. Alle {n} onderzoeken doen mee.", n=number(cases["accepted"]))
    left_out = [
        _(
            "{rejected} van de {rows} in {sheet}",
            rejected=number(row["rejected"]),
            rows=number(row["rows"]),
            sheet=row["sheet"],
        )
        for row in report.rows.to_dict("records")
        if row["rejected"]
    ]
    return _("GOEDGEKEURD met uitzonderingen. Regels die niet meedoen: {left_out}.", left_out=", ".join(left_out))
