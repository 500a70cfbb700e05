"""Tables of the chapter on the case files: what was delivered, and what is empty."""

import re

from book.exhibit import Exhibit
from book.figures.common import exhibit
from book.ledger import Publication
from data_contracts.contract import load_contracts


def register(publication: Publication, *, language: str) -> Exhibit | None:
    """What was delivered, table by table: rows read, accepted and rejected."""
    tables = [name for name in load_contracts() if publication.known(f"register.{name}.rows.all")]
    if not any(publication.published(f"register.{name}.rows.all") for name in tables):
        return None
    header = {
        "nl": ("Tabel", "Regels gelezen", "Aanvaard", "Geweigerd"),
        "en": ("Table", "Rows read", "Accepted", "Rejected"),
    }[language]
    rows = [
        (
            _table_name(name, language),
            *(
                publication.cell(f"register.{name}.{statistic}.all", language=language)
                for statistic in ("rows", "accepted", "rejected")
            ),
        )
        for name in tables
    ]
    title = {"nl": "Wat er is geleverd", "en": "What was delivered"}[language]
    return exhibit("register", None, title, title, header, rows, publication, language=language)


def missing(publication: Publication, *, language: str) -> Exhibit | None:
    """How often each column is empty, with the number of rows it was counted over."""
    found = [
        (match[1], match[2], score_id)
        for score_id in publication.ledger.index
        if (match := re.fullmatch(r"register\.(\w+)\.missing_(\w+)\.all", score_id))
    ]
    if not any(publication.published(score_id) for _table, _column, score_id in found):
        return None
    header = {"nl": ("Kolom", "Leeg", "Regels"), "en": ("Column", "Empty", "Rows")}[language]
    rows = [
        (
            f"{_table_name(table, language)}: {_column_name(table, column, language)}",
            publication.cell(score_id, language=language),
            publication.count_cell(score_id, "n", language=language),
        )
        for table, column, score_id in found
    ]
    title = {"nl": "Lege velden", "en": "Empty fields"}[language]
    return exhibit("missing", None, title, title, header, rows, publication, language=language)


def findings(publication: Publication, *, language: str) -> Exhibit | None:
    """Which rules of the contract were broken, in which share of the rows to which each applies."""
    rules = {
        f"register.rule_{rule.id.replace('.', '_')}.breached.all": rule
        for contract in load_contracts().values()
        for rule in contract.rules
    }
    known = [score_id for score_id in rules if publication.known(score_id)]
    if not any(publication.published(score_id) for score_id in known):
        return None
    header = {
        "nl": ("Afspraak", "Tabel", "Wat het gevolg is", "Niet gevolgd", "Regels waarvoor zij geldt"),
        "en": ("Rule", "Table", "What follows", "Not followed", "Rows to which it applies"),
    }[language]
    rows = [
        (
            rules[score_id].title[language],
            _table_name(rules[score_id].table, language),
            _CONSEQUENCES[rules[score_id].severity][language],
            publication.cell(score_id, language=language),
            publication.count_cell(score_id, "denominator", language=language),
        )
        for score_id in known
    ]
    title = {"nl": "Afspraken die niet overal zijn gevolgd", "en": "Rules that were not followed everywhere"}[language]
    return exhibit("findings", None, title, title, header, rows, publication, language=language)


_CONSEQUENCES = {
    "error": {"nl": "regel telt niet mee", "en": "row does not count"},
    "warning": {"nl": "punt om na te gaan", "en": "point to check"},
    "info": {"nl": "ter informatie", "en": "for information"},
}


def _table_name(name: str, language: str) -> str:
    return load_contracts()[name].sheet if language == "nl" and name in load_contracts() else name


def _column_name(table: str, name: str, language: str) -> str:
    columns = {column.name: column.header for column in load_contracts()[table].columns}
    return columns.get(name, name) if language == "nl" else name
