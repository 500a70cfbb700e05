"""Tables of the chapter on the case files: what was delivered, and what is empty."""

import re

from book.exhibit import Exhibit
from book.figures.common import exhibit
from book.ledger import Publication


def register(publication: Publication, *, language: str) -> Exhibit | None:
    """What was delivered, table by table: rows read, accepted and rejected."""
    tables = [
        i.split(".")[1] for i in publication.ledger.index if i.startswith("register.") and i.endswith(".rows.all")
    ]  # fmt: skip
    if not tables:
        return None
    header = {
        "nl": ("Tabel", "Regels gelezen", "Aanvaard", "Geweigerd"),
        "en": ("Table", "Rows read", "Accepted", "Rejected"),
    }[language]
    rows = [
        (
            publication.label("table", table, language=language),
            *(
                publication.cell(f"register.{table}.{s}.all", language=language)
                for s in ("rows", "accepted", "rejected")
            ),
        )
        for table in tables
    ]
    title = {"nl": "Wat er is geleverd", "en": "What was delivered"}[language]
    return exhibit("register", None, title, title, header, rows, publication, language=language)


def missing(publication: Publication, *, language: str) -> Exhibit | None:
    """How often each column of the cases is empty."""
    ids = [i for i in publication.ledger.index if re.fullmatch(r"register\.\w+\.missing_\w+\.all", i)]
    if not any(publication.published(i) for i in ids):
        return None
    header = {"nl": ("Kolom", "Leeg", "Regels"), "en": ("Column", "Empty", "Rows")}[language]
    rows = [
        (
            f"{i.split('.')[1]}.{i.split('.')[2].removeprefix('missing_')}",
            publication.cell(i, language=language),
            publication.count_cell(i, "n", language=language),
        )
        for i in ids
    ]
    title = {"nl": "Lege velden in de aanvaarde regels", "en": "Empty fields in the accepted rows"}[language]
    return exhibit("missing", None, title, title, header, rows, publication, language=language)
