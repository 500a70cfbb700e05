"""The chapters of the book, in their order, and which of them a publication fills."""

from book.ledger import Publication

TITLES: dict[str, dict[str, str]] = {
    "index": {"nl": "Samenvatting", "en": "Summary"},
    "why": {"nl": "Waarom dit boek, en welke vragen", "en": "Why this book, and which questions"},
    "case_files": {"nl": "De dossiers en de controle", "en": "The case files and the checks"},
    "duration": {"nl": "Duur", "en": "Duration"},
    "consistency": {"nl": "Gelijke zaken, gelijke uitkomsten?", "en": "Like cases, like outcomes?"},
    "completeness": {"nl": "Zijn de stappen gezet?", "en": "Were the steps taken?"},
    "together": {"nl": "Alles samen, en wat niet te zeggen is", "en": "Taken together, and what cannot be said"},
    "measures": {"nl": "Maatregelen, en hoe te blijven kijken", "en": "Measures, and how to keep watching"},
    "method": {"nl": "Verantwoording van de methode", "en": "Account of the method"},
    "dictionary": {"nl": "Gegevens en afspraken", "en": "Data and contracts"},
    "glossary": {"nl": "Woordenlijst", "en": "Glossary"},
    "status": {"nl": "Herkomst en versies", "en": "Provenance and versions"},
    "accessibility": {"nl": "Toegankelijkheid", "en": "Accessibility"},
}
MODULES = ("duration", "consistency", "completeness")


def present(publication: Publication) -> tuple[str, ...]:
    """Return the chapters that this publication can fill, in order.

    A module's chapter is there only when at least one of its numbers is published; the
    summary and the chapter on what cannot be said then tell why it is not.
    """
    return tuple(name for name in TITLES if name not in MODULES or publication.has_any(name))


def card_label(card_id: str) -> str:
    """Return the label of an estimand card in the method chapter."""
    return f"card-{card_id.replace('.', '-')}".lower()
