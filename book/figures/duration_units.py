"""Units compared on like cases: the funnel of closing in time, and shrunken effects."""

from book.exhibit import Exhibit
from book.figures.funnel import funnel_exhibit
from book.figures.unit_ratios import unit_ratios
from book.ledger import Publication

_PACE = "duration.pace"


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
    return unit_ratios(
        publication,
        f"{_PACE}.shrunken_odds_ratio",
        name="duration_shrunken",
        title="Tempo per eenheid bij gelijke zaken (gekrompen schatting)"
        if nl
        else "Pace by unit for like cases (shrunken estimate)",
        axis="oddsratio om op een dag te eindigen\n(streeplijn: de gemiddelde eenheid; rechts: eerder klaar)"
        if nl
        else "odds ratio of ending on a day\n(dashed: the average unit; to the right: sooner)",
        ratio="Oddsratio" if nl else "Odds ratio",
        counted="Zaken" if nl else "Cases",
        columns=(
            (f"{_PACE}.standard_share", "Aandeel binnen een jaar, gelijke zaken"),
            (f"{_PACE}.reliability", "Gewicht van de eigen zaken"),
        )
        if nl
        else (
            (f"{_PACE}.standard_share", "Share within a year, like cases"),
            (f"{_PACE}.reliability", "Weight of its own cases"),
        ),
        language=language,
    )
