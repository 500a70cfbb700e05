"""Units compared on like cases: the funnel of closing in time, and shrunken effects."""

from matplotlib.ticker import FixedLocator, NullLocator

from book.exhibit import INK, Exhibit, drawing
from book.figures.common import INTERVAL, alt_of_units, exhibit, unit_dots, unit_name
from book.figures.funnel import funnel_exhibit
from book.ledger import Publication
from evaluation.publication.ledger import written

_PACE = "duration.pace"
_TICKS = {
    2.0: (0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.4),
    5.0: (0.4, 0.5, 0.6, 0.8, 1.0, 1.25, 1.6, 2.0, 2.5),
    float("inf"): (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0),
}
"""Ticks of an axis of ratios whose ends differ by at most so many times."""


def duration_funnel(publication: Publication, *, language: str) -> Exhibit | None:
    """Share closed within half a year of every unit, adjusted for the kind of cases, inside the limits of chance."""
    nl = language == "nl"
    return funnel_exhibit(
        publication,
        "duration.closing",
        name="duration_funnel",
        title="Klaar binnen een half jaar, per eenheid, bij gelijke zaken"
        if nl
        else "Ended within half a year, by unit, for like cases",
        axes_of=("aantal zaken", "gecorrigeerd aandeel\nklaar binnen een half jaar")
        if nl
        else ("number of cases", "adjusted share\nended within half a year"),
        counted=("zaken", "Zaken") if nl else ("cases", "Cases"),
        columns=(
            ("adjusted_share", "Gecorrigeerd aandeel"), ("ratio", "Waargenomen gedeeld door verwacht"),
            ("reliability", "Betrouwbaarheid"),
        )
        if nl
        else (
            ("adjusted_share", "Adjusted share"), ("ratio", "Observed over expected"), ("reliability", "Reliability"),
        ),
        language=language,
    )  # fmt: skip


def duration_shrunken(publication: Publication, *, language: str) -> Exhibit | None:
    """How much faster or slower the cases of a unit end than like cases, drawn to the average unit."""
    nl = language == "nl"
    measure = f"{_PACE}.shrunken_odds_ratio"
    codes = list(publication.groups(measure, "unit"))
    shown = [code for code in codes if publication.published(f"{measure}.unit={code}")]
    if not shown:
        return None
    figure, axes = drawing(7, 0.38 * len(shown) + 1.4)
    unit_dots(axes, publication, measure, shown, language=language)
    axes.axvline(1.0, color=INK, linewidth=1, linestyle=(0, (4, 2)))
    axes.set_xscale("log")
    ends = [publication.number(f"{measure}.unit={code}", column) or 1.0 for code in shown for column in ("low", "high")]
    low, high = min(0.79, *ends), max(1.26, *ends)
    axes.set_xlim(0.97 * low, 1.03 * high)
    ticks = [
        tick
        for tick in next(t for most, t in _TICKS.items() if high <= most * low)
        if 0.97 * low <= tick <= 1.03 * high
    ]
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticklabels([written(tick, unit="ratio", count=None, language=language) for tick in ticks])
    axes.set_xlabel(
        "kansverhouding om op een dag te eindigen\n(streeplijn: de gemiddelde eenheid; rechts: eerder klaar)"
        if nl
        else "odds ratio of ending on a day\n(dashed: the average unit; to the right: sooner)"
    )
    header = (
        ("Eenheid", "Kansverhouding", INTERVAL["nl"], "Aandeel binnen een jaar, gelijke zaken", "Betrouwbaarheid",
         "Zaken")
        if nl
        else ("Unit", "Odds ratio", INTERVAL["en"], "Share within a year, like cases", "Reliability", "Cases")
    )  # fmt: skip
    rows = [
        (
            unit_name(publication, code, language),
            publication.cell(f"{measure}.unit={code}", language=language),
            publication.interval_cell(f"{measure}.unit={code}", language=language),
            publication.cell(f"{_PACE}.standard_share.unit={code}", language=language),
            publication.cell(f"{_PACE}.reliability.unit={code}", language=language),
            publication.count_cell(f"{measure}.unit={code}", "n", language=language),
        )
        for code in codes
    ]
    title = (
        "Tempo per eenheid bij gelijke zaken (gekrompen schatting)"
        if nl
        else "Pace by unit for like cases (shrunken estimate)"
    )
    alt = alt_of_units(len(shown), len(codes), language=language)
    return exhibit("duration_shrunken", figure, title, alt, header, rows, publication, language=language)
