"""How much a headline number hangs on the choices behind it, and how duration goes with the kind of case."""

from book.exhibit import Exhibit
from book.figures.choices import ALL_COMBINATIONS, changed_choices, choices_exhibit
from book.figures.common import INTERVAL, exhibit
from book.ledger import Publication
from evaluation.duration.sensitivity.headlines import TOTAL_GROSS, WITHIN


def duration_sensitivity(publication: Publication, *, language: str) -> Exhibit | None:
    """The median as published, and with one choice changed at a time, within the range of all combinations."""
    nl = language == "nl"
    numbers = (
        (TOTAL_GROSS.of, TOTAL_GROSS.score_id, {"nl": "Mediane duur", "en": "Median duration"}),
        (WITHIN.of, WITHIN.score_id, {"nl": "Klaar binnen een jaar", "en": "Ended within a year"}),
    )
    return choices_exhibit(
        publication,
        numbers,
        changed_choices(publication, TOTAL_GROSS.read_grid(), numbers),
        name="duration_sensitivity",
        title="Als één keuze anders was gemaakt" if nl else "If one choice had been made differently",
        axis="mediane duur in dagen" if nl else "median duration in days",
        called="de mediane duur" if nl else "the median duration",
        every=ALL_COMBINATIONS,
        origin=0.0,
        written_as="count",
        language=language,
    )


def duration_case_mix(publication: Publication, *, language: str) -> Exhibit | None:
    """How much sooner or later heavier cases end than the lightest of the same category: a table."""
    base = "duration.case_mix"
    prefix = f"{base}.hazard_ratio_complexity_"
    found = {i.removeprefix(prefix).removesuffix(".all"): i for i in publication.ledger.index if i.startswith(prefix)}
    listed = [code for code in publication.codes("complexity") if code in found]
    levels = [*listed, *sorted(set(found) - set(listed))]
    if not any(publication.published(i) for i in found.values()):
        return None
    header = {
        "nl": ("Zwaarte", "Tempo tegenover de lichtste zaken", INTERVAL["nl"], "Zaken"),
        "en": ("Complexity", "Pace against the lightest cases", INTERVAL["en"], "Cases"),
    }[language]
    rows = [
        (
            publication.label("complexity", level, language=language),
            publication.cell(found[level], language=language),
            publication.interval_cell(found[level], language=language),
            publication.count_cell(found[level], "n", language=language),
        )
        for level in levels
    ]
    title = {"nl": "Duur en zwaarte van de zaak", "en": "Duration and complexity of the case"}[language]
    return exhibit("duration_case_mix", None, title, title, header, rows, publication, language=language)
