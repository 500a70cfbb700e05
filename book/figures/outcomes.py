"""Figures of the chapter on outcome consistency."""

from book.exhibit import BLUE, Exhibit, drawing
from book.figures.common import axis_format, exhibit, mark_breaks, span, unit_name
from book.figures.funnel import funnel_exhibit
from book.ledger import Publication

_BASE = "consistency.misconduct_found"


def funnel(publication: Publication, *, language: str) -> Exhibit | None:
    """Observed share of every unit against its number of cases, inside the funnel's limits."""
    nl = language == "nl"
    return funnel_exhibit(
        publication,
        _BASE,
        name="funnel",
        title="Plichtsverzuim vastgesteld, per eenheid" if nl else "Misconduct found, by unit",
        axes_of=("aantal beoordeelde gedragingen", "gecorrigeerd aandeel\nplichtsverzuim vastgesteld")
        if nl
        else ("number of allegations with a finding", "adjusted share\nmisconduct found"),
        counted=("gedragingen", "Beoordeeld") if nl else ("allegations", "With a finding"),
        columns=(("share", "Gemeten aandeel"), ("adjusted_share", "Gecorrigeerd aandeel"))
        if nl
        else (("share", "Crude share"), ("adjusted_share", "Adjusted share")),
        language=language,
    )


def outcome_by_year(publication: Publication, *, language: str) -> Exhibit | None:
    """Share with misconduct found by year of opening."""
    nl = language == "nl"
    ids = {year: f"{_BASE}.share.year={year}" for year in sorted(publication.groups(f"{_BASE}.share", "year"))}
    shown = [year for year in ids if publication.published(ids[year])]
    if not shown:
        return None
    figure, axes = drawing(7, 3.5)
    for year in shown:
        span(axes, publication, ids[year], at=int(year), colour=BLUE)
    values = [publication.estimate(ids[y]) or 0.0 for y in shown]
    axes.plot([int(y) for y in shown], values, "o", color=BLUE, markersize=7, linestyle="none")
    axes.set_ylim(0, 1)
    axes.set_xticks([int(y) for y in ids])
    axes.yaxis.set_major_formatter(axis_format("share", language))
    mark_breaks(publication, axes, {int(y) for y in ids}, "andere categorieën" if nl else "other categories")
    axes.set_xlabel("jaar van opening" if nl else "year of opening")
    axes.set_ylabel("plichtsverzuim vastgesteld" if nl else "misconduct found")
    header = (
        ("Jaar van opening", "Aandeel", "95%-interval", "Beoordeeld")
        if nl
        else ("Year of opening", "Share", "95% interval", "With a finding")
    )
    rows = [
        (
            year,
            publication.cell(i, language=language),
            publication.interval_cell(i, language=language),
            publication.count_cell(i, "n", language=language),
        )
        for year, i in ids.items()
    ]
    title = "Plichtsverzuim vastgesteld, per jaar van opening" if nl else "Misconduct found, by year of opening"
    said = "; ".join(f"{y}: {publication.cell(ids[y], language=language)}" for y in shown)
    alt = (
        f"Punten met een interval, een per jaar: het aandeel gedragingen met vastgesteld plichtsverzuim. {said}."
        if nl
        else f"Points with an interval, one a year: the share of allegations with misconduct found. {said}."
    )
    return exhibit("outcome_by_year", figure, title, alt, header, rows, publication, language=language)


def registration_guard(publication: Publication, *, language: str) -> Exhibit | None:
    """How each unit registers: the table to read before any comparison of outcomes."""
    base = "consistency.registration"
    statistics = {
        "signals_per_1000": {"nl": "Meldingen per 1.000 medewerkers", "en": "Signals per 1,000 staff"},
        "investigations_per_1000": {"nl": "Onderzoeken per 1.000 medewerkers", "en": "Investigations per 1,000 staff"},
        "missing_finding": {"nl": "Zonder bevinding", "en": "Without a finding"},
    }
    used = [
        s
        for s in statistics
        if any(publication.published(f"{base}.{s}.unit={c}") for c in publication.groups(f"{base}.{s}", "unit"))
    ]
    if not used:
        return None
    codes: list[str] = []
    for statistic in used:
        codes += [code for code in publication.groups(f"{base}.{statistic}", "unit") if code not in codes]
    rows = [
        (
            unit_name(publication, code, language),
            *(publication.cell(f"{base}.{s}.unit={code}", language=language) for s in used),
        )
        for code in codes
    ]
    header = ({"nl": "Eenheid", "en": "Unit"}[language], *(statistics[s][language] for s in used))
    title = {"nl": "Hoe eenheden registreren", "en": "How units register"}[language]
    return exhibit("registration_guard", None, title, title, header, rows, publication, language=language)
