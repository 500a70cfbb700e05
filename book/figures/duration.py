"""Figures of the chapter on duration."""

from matplotlib.axes import Axes

from book.exhibit import BLUE, ORANGE, PALE, Exhibit, drawing
from book.figures.common import (
    TICK_DAYS,
    at_risk_row,
    axis_format,
    by_unit,
    exhibit,
    mark_breaks,
    mark_change,
    points_in_time,
    span,
    without_column,
)
from book.ledger import Publication, count_text

_GROSS, _NET = "total_gross", "total_net"
_CLOCKS = {
    _GROSS: {"nl": "bruto", "en": "gross"},
    _NET: {"nl": "netto", "en": "net"},
}


def duration_curve(publication: Publication, *, language: str) -> Exhibit | None:
    """Share of cases ended against days since opening, with its band and the numbers at risk."""
    nl = language == "nl"
    gross, net = (points_in_time(publication, f"duration.{clock}") for clock in (_GROSS, _NET))
    net = {day: score_id for day, score_id in net.items() if day in gross}
    if len(gross) < 2:
        return None
    figure, axes = drawing(7, 4.3)
    days = [0, *gross]
    shares, lows, highs = (
        [0.0, *(publication.number(i, column) or 0.0 for i in gross.values())] for column in ("estimate", "low", "high")
    )
    axes.fill_between(days, lows, highs, color=PALE, linewidth=0)
    axes.plot(days, shares, color=BLUE, linewidth=2)
    _end_label(axes, days[-1], shares[-1], _CLOCKS[_GROSS][language], BLUE, above=False)
    if len(net) > 1:
        net_shares, *ends = (
            [0.0, *(publication.number(i, column) or 0.0 for i in net.values())]
            for column in ("estimate", "low", "high")
        )
        for end in ends:
            axes.plot([0, *net], end, color=ORANGE, linewidth=0.8, linestyle=(0, (1, 2)))
        axes.plot([0, *net], net_shares, color=ORANGE, linewidth=2, linestyle=(0, (4, 2)))
        _end_label(axes, max(net), net_shares[-1], _CLOCKS[_NET][language], ORANGE, above=True)
    axes.set_ylim(0, 1)
    axes.set_xlim(0, max(days) * 1.1)
    axes.yaxis.set_major_formatter(axis_format("share", language))
    axes.set_xlabel("dagen sinds de melding" if nl else "days since the signal")
    axes.set_ylabel("aandeel afgerond" if nl else "share ended")
    at_risk_row(axes, _followed(publication, max(days)), language=language)
    header: tuple[str, ...] = (
        (
            "Dagen",
            "Aandeel afgerond, bruto",
            "95%-interval, bruto",
            "Aandeel afgerond, netto",
            "95%-interval, netto",
            "Nog gevolgd",
        )
        if nl
        else (
            "Days",
            "Share ended, gross",
            "95% interval, gross",
            "Share ended, net",
            "95% interval, net",
            "Still followed",
        )
    )
    rows: list[tuple[str, ...]] = []
    for day, score_id in gross.items():
        risk = f"duration.{_GROSS}.at_risk_{day}_days.all"
        rows.append(
            (
                count_text(day, language=language),
                publication.cell(score_id, language=language),
                publication.interval_cell(score_id, language=language),
                publication.cell(net.get(day, ""), language=language),
                publication.interval_cell(net.get(day, ""), language=language),
                publication.cell(risk, language=language),
            )
        )
    if not net:
        for _column in range(2):
            header, rows = without_column(header, rows, 3)
    title = "Aandeel afgeronde zaken naar tijd" if nl else "Share of cases ended by time"
    said = [(day, i) for day, i in gross.items() if day in (90, 180, 365, 720)]
    points = "; ".join(
        (
            f"na {day} dagen {publication.cell(i, language=language)}"
            if nl
            else f"after {day} days {publication.cell(i, language=language)}"
        )
        for day, i in said
    )
    alt = (
        f"Stijgende lijn: het aandeel zaken dat is afgerond, naar dagen sinds de melding. Bruto: {points}."
        if nl
        else f"A rising line: the share of cases ended, by days since the signal. Gross: {points}."
    )
    return exhibit("duration_curve", figure, title, alt, header, rows, publication, language=language)


def duration_by_year(publication: Publication, *, language: str) -> Exhibit | None:
    """Median total duration by year of opening, gross and net, with intervals."""
    nl = language == "nl"
    years = sorted(publication.groups(f"duration.{_GROSS}.median", "year"))
    ids = {year: f"duration.{_GROSS}.median.year={year}" for year in years}
    shown = [year for year in ids if publication.published(ids[year])]
    if not shown:
        return None
    figure, axes = drawing(7, 3.7)
    for clock, colour, marker, shift in (("total_gross", BLUE, "o", -0.12), ("total_net", ORANGE, "D", 0.12)):
        points = [y for y in ids if publication.published(f"duration.{clock}.median.year={y}")]
        for year in points:
            span(axes, publication, f"duration.{clock}.median.year={year}", at=int(year) + shift, colour=colour)
        if points:
            values = [publication.estimate(f"duration.{clock}.median.year={y}") or 0.0 for y in points]
            axes.plot(
                [int(y) + shift for y in points], values, marker, color=colour, markersize=7, linestyle="none",
                label=_CLOCKS[clock][language],
            )  # fmt: skip
    axes.set_xticks([int(year) for year in ids])
    axes.set_ylim(0, 1.1 * axes.get_ylim()[1])
    axes.set_xlim(min(map(int, ids)) - 0.6, max(map(int, ids)) + 0.6)
    mark_breaks(publication, axes, {int(y) for y in ids}, "andere categorieën" if nl else "other categories")
    mark_change(
        publication, axes, first=min(map(int, ids)), last=max(map(int, ids)) + 1, centred=True, language=language
    )
    axes.set_xlabel("jaar van opening" if nl else "year of opening")
    axes.set_ylabel("mediane duur in dagen" if nl else "median duration in days")
    figure.legend(frameon=False, loc="outside upper left", ncols=2)
    header: tuple[str, ...] = (
        ("Jaar van opening", "Mediaan bruto", "95%-interval", "Mediaan netto", "Zaken")
        if nl
        else ("Year of opening", "Median gross", "95% interval", "Median net", "Cases")
    )
    rows: list[tuple[str, ...]] = []
    for year, i in ids.items():
        net = f"duration.total_net.median.year={year}"
        rows.append(
            (
                year,
                publication.cell(i, language=language),
                publication.interval_cell(i, language=language),
                publication.cell(net, language=language),
                publication.count_cell(i, "n", language=language),
            )
        )
    if all(row[3] == "–" for row in rows):
        for _column in range(2):
            header, rows = without_column(header, rows, 3)
    title = "Mediane duur per jaar van opening" if nl else "Median duration by year of opening"
    said = "; ".join(f"{y}: {publication.cell(ids[y], language=language)}" for y in shown)
    alt = (
        f"Punten met een interval, een per jaar: de mediane duur. Bruto: {said}."
        if nl
        else f"Points with an interval, one a year: the median duration. Gross: {said}."
    )
    return exhibit("duration_by_year", figure, title, alt, header, rows, publication, language=language)


def duration_by_unit(publication: Publication, *, language: str) -> Exhibit | None:
    """Median total duration by unit, in code-list order, with intervals."""
    nl = language == "nl"
    return by_unit(
        publication,
        f"duration.{_GROSS}.median",
        name="duration_by_unit",
        title="Mediane duur per eenheid (bruto)" if nl else "Median duration by unit (gross)",
        axis="mediane duur in dagen" if nl else "median duration in days",
        headers=("Mediaan", "Zaken") if nl else ("Median", "Cases"),
        reference=f"duration.{_GROSS}.median.all",
        language=language,
    )


def _followed(publication: Publication, until: int) -> dict[int, float | None]:
    """Return how many cases were still followed on each day of the axis, from those at the start."""
    at_risk = f"duration.{_GROSS}.at_risk_{{day}}_days.all"
    start = publication.number(f"duration.{_GROSS}.median.all", "n")
    return {day: publication.estimate(at_risk.format(day=day)) if day else start for day in TICK_DAYS if day <= until}


def _end_label(axes: Axes, day: int, share: float, text: str, colour: str, *, above: bool) -> None:
    axes.annotate(
        text, (day, share), xytext=(5, 8 if above else -8), textcoords="offset points", color=colour, va="center",
        fontweight="bold",
    )  # fmt: skip
