"""Which penalty followed, and whether decisions held."""

from book.exhibit import BLUE, INK, Exhibit, drawing
from book.figures.common import (
    INTERVAL,
    alt_of_units,
    axis_format,
    exhibit,
    name_rows,
    span,
    unit_dots,
    unit_name,
)
from book.ledger import Publication
from evaluation.consistency.penalty_ranking import load_groups, load_rankings

_KIND, _ORDER, _RANKING = "consistency.penalty_kind", "consistency.penalty_order", "barp_77"
_ORDERS = {
    "barp_77": {"nl": "volgorde van de wet", "en": "order of the law"},
    "alle_uitkomsten": {"nl": "grove volgorde van alle uitkomsten", "en": "coarse order of all outcomes"},
}
_FIRST, _ADVICE = "consistency.first_final", "consistency.advice_decision"


def penalty_kinds(publication: Publication, *, language: str) -> Exhibit | None:
    """Share of each group of outcomes after misconduct was found, without an order between them."""
    titles = load_groups().titles
    ids = {kind: f"{_KIND}.share_{kind}.all" for kind in titles}
    shown = [kind for kind in ids if publication.published(ids[kind])]
    if not shown:
        return None
    figure, axes = drawing(7, 0.45 * len(shown) + 1.2)
    for at, kind in enumerate(reversed(shown)):
        span(axes, publication, ids[kind], at=at, colour=BLUE, across=True)
        axes.plot([publication.estimate(ids[kind]) or 0.0], [at], "o", color=BLUE, markersize=7)
    name_rows(axes, [titles[kind][language] for kind in shown])
    axes.set_xlim(left=0)
    axes.xaxis.set_major_formatter(axis_format("share", language))
    axes.set_xlabel(
        {"nl": "aandeel van de gedragingen met plichtsverzuim", "en": "share of the allegations with misconduct found"}[
            language
        ]
    )
    header = (
        ("Uitkomst", "Aandeel", INTERVAL["nl"], "Gedragingen")
        if language == "nl"
        else ("Outcome", "Share", INTERVAL["en"], "Allegations")
    )
    rows = [
        (
            titles[kind][language],
            publication.cell(ids[kind], language=language),
            publication.interval_cell(ids[kind], language=language),
            publication.count_cell(ids[kind], "denominator", language=language),
        )
        for kind in ids
        if publication.known(ids[kind])
    ]
    said = "; ".join(f"{titles[kind][language]} {publication.cell(ids[kind], language=language)}" for kind in shown)
    title = {"nl": "Uitkomst na vastgesteld plichtsverzuim", "en": "Outcome after misconduct was found"}[language]
    alt = {
        "nl": f"Punten met een interval, een per soort uitkomst, zonder volgorde van zwaarte: {said}.",
        "en": f"Points with an interval, one a kind of outcome, in no order of severity: {said}.",
    }[language]
    return exhibit("penalty_kinds", figure, title, alt, header, rows, publication, language=language)


def penalty_order(publication: Publication, *, language: str) -> Exhibit | None:
    """Chance that a penalty of a unit is heavier than that of a like case, under the order of the law."""
    measure = f"{_ORDER}_{_RANKING}.win"
    codes = list(publication.groups(measure, "unit"))
    shown = [code for code in codes if publication.published(f"{measure}.unit={code}")]
    if not shown:
        return None
    figure, axes = drawing(7, 0.38 * len(shown) + 1.4)
    unit_dots(axes, publication, measure, shown, language=language)
    axes.axvline(0.5, color=INK, linewidth=1, linestyle=(0, (4, 2)))
    ends = [publication.number(f"{measure}.unit={code}", column) or 0.5 for code in shown for column in ("low", "high")]
    axes.set_xlim(min(0.3, *ends) - 0.02, max(0.7, *ends) + 0.02)
    axes.xaxis.set_major_formatter(axis_format("share", language))
    axes.set_xlabel(
        {
            "nl": "kans op een zwaardere straf dan bij een gelijke zaak\n(streeplijn: zoals te verwachten)",
            "en": "chance of a heavier penalty than in a like case\n(dashed: as is to be expected)",
        }[language]
    )
    header = (
        ("Eenheid", "Kans op zwaarder", INTERVAL["nl"])
        if language == "nl"
        else ("Unit", "Chance of heavier", INTERVAL["en"])
    )
    rows = [
        (
            unit_name(publication, code, language),
            publication.cell(f"{measure}.unit={code}", language=language),
            publication.interval_cell(f"{measure}.unit={code}", language=language),
        )
        for code in codes
    ]
    title = {"nl": "Zwaarte van de straf bij gelijke zaken", "en": "Severity of the penalty for like cases"}[language]
    ranking = load_rankings()[_RANKING].title[language]
    note = {"nl": f"Volgorde: {ranking}.", "en": f"Order: {ranking}."}[language]
    alt = alt_of_units(len(shown), len(codes), language=language)
    return exhibit("penalty_order", figure, title, alt, header, rows, publication, note=note, language=language)


def decisions_held(publication: Publication, *, language: str) -> Exhibit | None:
    """Give how often the final outcome differs from the first and the decision from the advice, and which way."""
    kinds = {
        _FIRST: {"nl": "Uiteindelijke uitkomst tegenover de eerste", "en": "Final outcome against the first"},
        _ADVICE: {"nl": "Beslissing tegenover het advies", "en": "Decision against the advice"},
    }
    ways = {
        "milder": {"nl": "Lichter", "en": "Milder"},
        "heavier": {"nl": "Zwaarder", "en": "Heavier"},
        "level_with": {"nl": "Even zwaar", "en": "Equally heavy"},
        "unranked": {"nl": "Richting niet te zeggen", "en": "Direction cannot be said"},
    }
    known = [measure for measure in kinds if publication.published(f"{measure}.changed_share.all")]
    if not known:
        return None
    header = (
        {"nl": "Vergelijking", "en": "Comparison"}[language],
        {"nl": "Anders", "en": "Different"}[language],
        INTERVAL[language],
        {"nl": "Beslissingen", "en": "Decisions"}[language],
        *(words[language] for words in ways.values()),
    )
    rows = [
        (
            f"{kinds[measure][language]} ({order[language]})",
            publication.cell(f"{measure}.changed_share.all", language=language),
            publication.interval_cell(f"{measure}.changed_share.all", language=language),
            publication.count_cell(f"{measure}.changed_share.all", "denominator", language=language),
            *(publication.cell(f"{measure}_{ranking}.{way}.all", language=language) for way in ways),
        )
        for measure in known
        for ranking, order in _ORDERS.items()
        if any(publication.known(f"{measure}_{ranking}.{way}.all") for way in ways)
    ]
    title = {
        "nl": "Beslissingen die anders uitvielen dan het advies of de eerste beslissing",
        "en": "Decisions that differed from the advice or from the first decision",
    }[language]
    return exhibit("decisions_held", None, title, title, header, rows, publication, language=language)
