"""Pages and parts of pages that follow from data: cards, dictionary, policy, provenance.

Each function returns MyST text. It is written beside the chapters at every build, so it
cannot go stale.
"""

import hashlib
import re
from collections.abc import Iterator
from html import escape as html_escape
from typing import Any

import yaml

from book.chapters import card_label
from book.exhibit import Table
from book.ledger import Publication, count_text, manifest_text
from data_contracts.code_lists import load_code_lists
from data_contracts.contract import Column, Contract, load_contracts

# Files of a publication that stand beside the book, with how the page names them.
OPEN_DATA = {
    "ledger.csv": {"nl": "het grootboek (csv)", "en": "the ledger (csv)"},
    "datapackage.json": {
        "nl": "de beschrijving van de tabellen (Frictionless Data Package)",
        "en": "the description of the tables (Frictionless Data Package)",
    },
    "disclosure.csv": {
        "nl": "wat is afgeschermd en volgens welke regel (csv)",
        "en": "what was withheld and by which rule (csv)",
    },
    "policy.yaml": {"nl": "het beleid voor de afscherming (YAML)", "en": "the disclosure policy (YAML)"},
    "estimands.json": {"nl": "de kaarten (JSON)", "en": "the cards (JSON)"},
    "labels.json": {"nl": "de codelijsten (JSON)", "en": "the code lists (JSON)"},
}
_CARD = {
    "population": {"nl": "Over welke zaken", "en": "Over which cases"},
    "unit_of_count": {"nl": "Wat geteld is", "en": "Unit of count"},
    "cohort_basis": {"nl": "Hoe de zaken gekozen zijn", "en": "Cohort basis"},
    "clock": {"nl": "Klok", "en": "Clock"},
    "missing_and_exits": {"nl": "Ontbrekend en ander einde", "en": "Missing values and other exits"},
    "estimator": {"nl": "Schatter", "en": "Estimator"},
    "interval": {"nl": "Interval", "en": "Interval"},
}
# Families with a card a step or a rule: folded, or the page would be one long list of the same.
_MANY = ("completeness.step_", "completeness.order_")
_TYPES = {
    "string": {"nl": "tekst", "en": "text"},
    "date": {"nl": "datum", "en": "date"},
    "boolean": {"nl": "ja/nee", "en": "yes/no"},
    "integer": {"nl": "geheel getal", "en": "whole number"},
    "number": {"nl": "getal", "en": "number"},
}
_SEVERITY = {
    "error": {"nl": "fout", "en": "error"},
    "warning": {"nl": "waarschuwing", "en": "warning"},
    "info": {"nl": "opmerking", "en": "note"},
}


def cards(publication: Publication, *, language: str) -> str:
    """Return the estimand cards, one heading each, with the label the numbers link to.

    Cards of which there is one a step or an order rule are folded.
    """
    nl = language == "nl"
    used = set(publication.ledger["estimand"])
    lines: list[str] = []
    module = ""
    for card in publication.cards:
        if card["id"] not in used:
            continue
        if card["id"].split(".")[0] != module:
            module = card["id"].split(".")[0]
            lines += ["", f"### {_MODULES.get(module, {}).get(language, module)}", ""]
        rows = tuple((name[language], card[field][language]) for field, name in _CARD.items())
        scope = publication.ledger[publication.ledger["estimand"] == card["id"]]
        rows += ((("Getallen" if nl else "Numbers"), _decisions(scope, language)),)
        title = card["title"][language]
        table = Table(header=("Kaart" if nl else "Card", card["id"]), rows=rows, caption=title)
        lines += ["", f"({card_label(card['id'])})=", ""]
        if card["id"].startswith(_MANY):
            summary = f"<summary>{html_escape(title)}</summary>"
            lines += _html(f'<details class="tt-details">{summary}{table.html(language=language)}</details>')
        else:
            lines += [f"#### {escape(title)}", "", *_html(table.html(language=language))]
    return "\n".join(lines)


def dictionary(publication: Publication, *, language: str) -> str:
    """Return a section a table of the delivery: columns, then the rules that must hold."""
    del publication
    return "\n".join(line for contract in load_contracts().values() for line in _contract(contract, language))


def codes(publication: Publication, *, language: str) -> str:
    """Return the code lists that this publication uses, with their labels."""
    nl = language == "nl"
    known = load_code_lists()
    lines = []
    for name, labels in publication.labels.items():
        title = known[name].title[language] if name in known else name
        rows = tuple((code, label.get(language, "")) for code, label in labels.items())
        if rows:
            header = ("Code", "Betekenis" if nl else "Meaning")
            lines += [
                "",
                f"### {escape(title)}",
                "",
                *_html(Table(header=header, rows=rows, caption=title).html(language=language)),
            ]
    return "\n".join(lines)


def policy(publication: Publication, *, language: str) -> str:
    """Return the disclosure policy as it was applied: each value and why."""
    nl = language == "nl"
    document = yaml.safe_load((publication.folder / "policy.yaml").read_text(encoding="utf-8"))
    rows = tuple((entry[language], _plain(entry["value"], language)) for entry in document.get("values", {}).values())
    header = ("Regel", "Waarde") if nl else ("Rule", "Value")
    caption = document.get("title", {}).get(language, "Beleid" if nl else "Policy")
    version = ("Versie {v}, geldig vanaf {d}." if nl else "Version {v}, valid from {d}.").format(
        v=document.get("version", "–"), d=document.get("valid_from", "–")
    )
    declared = [
        f"- {escape(' '.join(entry[language].split()))}"
        for name, entry in document.items()
        if name != "title" and isinstance(entry, dict) and language in entry
    ]
    head = (
        ("Verder legt het beleid vast welke getallen met elkaar samenhangen. De patronen zelf staan in het bestand:")
        if nl
        else ("The policy further declares which numbers hang together. The patterns themselves are in the file:")
    )
    rest = ["", head, "", *declared] if declared else []
    return "\n".join(
        [version, "", *_html(Table(header=header, rows=rows, caption=caption).html(language=language)), *rest]
    )


def decisions(publication: Publication, *, language: str) -> str:
    """Return how many numbers each module shows, hides and refuses."""
    nl = language == "nl"
    rows = []
    by_module = dict(list(publication.ledger.groupby("module")))
    for module in [name for name in _MODULES if name in by_module]:
        rows_of = by_module[module]
        kinds = [rows_of["decision"].str.startswith(kind).sum() for kind in ("published", "suppressed", "refused")]
        cells = (count_text(int(kind), language=language) for kind in kinds)
        rows.append((_MODULES[module][language], *cells))
    header = (
        ("Onderdeel", "Getoond", "Afgeschermd", "Niet te zeggen")
        if nl
        else ("Part", "Shown", "Withheld", "Cannot be said")
    )
    caption = "Wat er met elk getal is gedaan" if nl else "What was done with each number"
    return "\n".join(_html(Table(header=header, rows=tuple(rows), caption=caption).html(language=language)))


def status(publication: Publication, *, language: str) -> str:
    """Return where everything comes from: dates, versions, and hashes of what was read."""
    nl = language == "nl"
    manifest = publication.manifest
    ledger_hash = hashlib.sha256((publication.folder / "ledger.csv").read_bytes()).hexdigest()
    rows = [
        ("Titel" if nl else "Title", manifest_text(publication, "title", language=language)),
        ("Peildatum" if nl else "Reference date", manifest_text(publication, "as_of", language=language)),
        ("Periode" if nl else "Period", manifest_text(publication, "period", language=language)),
        ("Versie van de programma's" if nl else "Version of the programs", str(manifest.get("code_version", "–"))),
        ("Versie van het contract" if nl else "Version of the contract", str(manifest.get("contract_version", "–"))),
        ("SHA-256 van het grootboek" if nl else "SHA-256 of the ledger", ledger_hash),
        ("Verzonnen gegevens" if nl else "Made-up data", _plain(bool(manifest.get("synthetic")), language)),
    ]
    caption = "Deze uitgave" if nl else "This edition"
    about = Table(header=("Wat", "Waarde") if nl else ("What", "Value"), rows=tuple(rows), caption=caption)
    sources = Table(
        header=("Bestand", "SHA-256") if nl else ("File", "SHA-256"),
        rows=tuple((str(source["name"]), str(source["sha256"])) for source in manifest.get("sources", ())),
        caption="Geleverde bestanden" if nl else "Delivered files",
    )
    heading = "## Geleverde bestanden" if nl else "## Delivered files"
    return "\n".join([*_html(about.html(language=language)), "", heading, "", *_html(sources.html(language=language))])


def open_data(publication: Publication, *, language: str) -> str:
    """Return the list of files to download: those of `OPEN_DATA` that the publication has."""
    return "\n".join(
        f'- <a href="../data/{file}" download>{name[language]}</a>'
        for file, name in OPEN_DATA.items()
        if (publication.folder / file).is_file()
    )


PARTS = {function.__name__: function for function in (cards, dictionary, codes, policy, decisions, status, open_data)}

_MODULES: dict[str, dict[str, str]] = {
    "register": {"nl": "De dossiers", "en": "The case files"},
    "duration": {"nl": "Duur", "en": "Duration"},
    "consistency": {"nl": "Uitkomsten", "en": "Outcomes"},
    "completeness": {"nl": "Volledigheid", "en": "Completeness"},
}


def escape(text: str) -> str:
    """Return text that MyST prints as it is."""
    return re.sub(r"([\\`*_{}\[\]<>#|$])", r"\\\1", text)


def _contract(contract: Contract, language: str) -> Iterator[str]:
    nl = language == "nl"
    columns = Table(
        header=("Kolom", "Betekenis", "Soort", "Bijzonderheden") if nl else ("Column", "Meaning", "Type", "Notes"),
        rows=tuple(
            (
                column.header if nl else f"{column.name} ({column.header})",
                column.description[language],
                _TYPES.get(column.logical_type, {}).get(language, column.logical_type),
                _notes(column, language),
            )
            for column in contract.columns
        ),
        caption=("Kolommen van {sheet}" if nl else "Columns of {sheet}").format(sheet=contract.sheet),
    )
    rules = Table(
        header=("Regel", "Ernst", "Wat te doen") if nl else ("Rule", "Severity", "What to do"),
        rows=tuple(
            (rule.title[language], _SEVERITY[rule.severity][language], rule.remedy[language]) for rule in contract.rules
        ),
        caption=("Regels voor {sheet}" if nl else "Rules for {sheet}").format(sheet=contract.sheet),
    )
    yield from ("", f"### {escape(contract.sheet)} ({escape(contract.name)})", "")
    yield from (escape(contract.description[language]), "", *_html(columns.html(language=language)), "")
    if rules.rows:
        summary = ("Regels ({n})" if nl else "Rules ({n})").format(n=len(rules.rows))
        hidden = f'<span class="tt-hidden"> {contract.sheet}</span>'
        folded = rules.html(language=language)
        yield from _html(f"<details class='tt-details'><summary>{summary}{hidden}</summary>{folded}</details>")


def _notes(column: Column, language: str) -> str:
    """Say what holds for a column: required, personal, bound to a code list."""
    nl = language == "nl"
    notes = []
    if column.required:
        notes.append("verplicht" if nl else "required")
    if column.personal:
        notes.append("persoonlijk" if nl else "personal")
    if column.code_list:
        known = load_code_lists()
        title = known[column.code_list].title[language] if column.code_list in known else column.code_list
        notes.append(f"codelijst: {title}" if nl else f"code list: {title}")
    return "; ".join(notes)


def _decisions(rows: Any, language: str) -> str:
    shown = int((rows["decision"] == "published").sum())
    words = {"nl": "{shown} van {all} getoond", "en": "{shown} of {all} shown"}[language]
    return words.format(shown=count_text(shown, language=language), all=count_text(len(rows), language=language))


def _plain(value: Any, language: str) -> str:
    if isinstance(value, bool):
        return {"nl": ("nee", "ja"), "en": ("no", "yes")}[language][value]
    return str(value)


def _html(text: str) -> list[str]:
    return ["```{raw} html", text, "```"]
