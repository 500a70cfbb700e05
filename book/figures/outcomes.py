"""Figures of the chapter on outcome consistency."""

from book.exhibit import BLUE, Exhibit, drawing
from book.figures.choices import ALL_CHOICES, changed_choices, choices_exhibit
from book.figures.common import axis_format, exhibit, mark_breaks, span, unit_name
from book.figures.funnel import funnel_exhibit
from book.figures.unit_ratios import unit_ratios
from book.ledger import Publication
from evaluation.consistency.finding_universes import GRIDS
from evaluation.multiverse_grid import read_grid

_BASE, _GUARD = "consistency.misconduct_found", "consistency.registration"
_RANGE = "consistency.misconduct_found_range"
_HEADLINES = {
    "median_odds_ratio": {"nl": "Mediane oddsratio", "en": "Median odds ratio"},
    "share": {"nl": "Plichtsverzuim vastgesteld", "en": "Misconduct found"},
    "outside_95": {"nl": "Eenheden buiten 95%", "en": "Units outside 95%"},
}
_SHARES = {
    "nl": (("share", "Gemeten aandeel"), ("adjusted_share", "Gecorrigeerd aandeel")),
    "en": (("share", "Crude share"), ("adjusted_share", "Adjusted share")),
}
GUARD = {
    "signals_per_1000": {"nl": "Meldingen per 1.000 medewerkers", "en": "Signals per 1,000 staff"},
    "investigations_per_1000": {"nl": "Onderzoeken per 1.000 medewerkers", "en": "Investigations per 1,000 staff"},
    "missing_finding": {"nl": "Zonder bevinding", "en": "Without a finding"},
}
"""What a unit writes down at all: to be read beside every comparison of units."""


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
        columns=_SHARES[language],
        beside=registration(publication, language),
        language=language,
    )


def penalty_funnel(publication: Publication, *, language: str) -> Exhibit | None:
    """Share with a penalty once misconduct was found, of every unit, inside the limits of chance."""
    nl = language == "nl"
    return funnel_exhibit(
        publication,
        "consistency.penalty_given_finding",
        name="penalty_funnel",
        title="Een straf na vastgesteld plichtsverzuim, per eenheid"
        if nl
        else "A penalty once misconduct was found, by unit",
        axes_of=("aantal gedragingen met plichtsverzuim", "gecorrigeerd aandeel\nmet een straf")
        if nl
        else ("number of allegations with misconduct found", "adjusted share\nwith a penalty"),
        counted=("gedragingen", "Plichtsverzuim") if nl else ("allegations", "Misconduct found"),
        columns=_SHARES[language],
        beside=registration(publication, language),
        language=language,
    )


def registration(publication: Publication, language: str) -> tuple[tuple[str, str], ...]:
    """Return what of the registration guard is public, to stand beside a comparison of units."""
    return tuple(
        (f"{_GUARD}.{statistic}", words[language])
        for statistic, words in GUARD.items()
        if publication.any_published(f"{_GUARD}.{statistic}.unit=")
    )


def outcome_shrunken(publication: Publication, *, language: str) -> Exhibit | None:
    """Odds of misconduct found in every unit against like allegations elsewhere, drawn to the average unit."""
    nl = language == "nl"
    return unit_ratios(
        publication,
        f"{_BASE}.shrunken_odds_ratio",
        name="outcome_shrunken",
        title="Plichtsverzuim vastgesteld bij gelijke zaken (gekrompen schatting)"
        if nl
        else "Misconduct found for like cases (shrunken estimate)",
        axis="oddsratio van plichtsverzuim vastgesteld\n(streeplijn: de gemiddelde eenheid; rechts: vaker)"
        if nl
        else "odds ratio of misconduct found\n(dashed: the average unit; to the right: more often)",
        ratio="Oddsratio" if nl else "Odds ratio",
        counted="Beoordeeld" if nl else "With a finding",
        language=language,
    )


def outcome_sensitivity(publication: Publication, *, language: str) -> Exhibit | None:
    """The median odds ratio as published, and with one choice changed at a time."""
    nl = language == "nl"
    numbers = tuple(
        (f"{_BASE}.{statistic}.all", lambda key, of=statistic: f"{_RANGE}.{of}_{key}.all", words)
        for statistic, words in _HEADLINES.items()
    )
    return choices_exhibit(
        publication,
        numbers,
        changed_choices(publication, read_grid("spread", GRIDS), numbers),
        name="outcome_sensitivity",
        title="Als één keuze anders was gemaakt" if nl else "If one choice had been made differently",
        axis="mediane oddsratio tussen eenheden\n(bij 1 maakt de eenheid niet uit)"
        if nl
        else "median odds ratio between units\n(at 1 the unit makes no difference)",
        called="het getal" if nl else "the number",
        every=ALL_CHOICES,
        origin=1.0,
        written_as="ratio",
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
    used = registration(publication, language)
    if not used:
        return None
    codes: list[str] = []
    for measure, _head in used:
        codes += [code for code in publication.groups(measure, "unit") if code not in codes]
    rows = [
        (
            unit_name(publication, code, language),
            *(publication.cell(f"{measure}.unit={code}", language=language) for measure, _head in used),
        )
        for code in codes
    ]
    header = ({"nl": "Eenheid", "en": "Unit"}[language], *(head for _measure, head in used))
    title = {"nl": "Hoe eenheden registreren", "en": "How units register"}[language]
    return exhibit("registration_guard", None, title, title, header, rows, publication, language=language)
