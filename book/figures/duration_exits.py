"""How disciplinary cases end, as time goes by: exits that compete."""

from matplotlib.axes import Axes

from book.exhibit import BLUE, INK, MUTED, ORANGE, PALE, Exhibit, drawing
from book.figures.common import TICK_DAYS, at_risk_row, axis_format, exhibit, points_in_time
from book.ledger import Publication

# Colour and hatching of an area: told apart in grey print and without colours.
_LOOKS = {
    "besluit": (BLUE, ""),
    "geen_vervolg": (PALE, "///"),
    "eigen_ontslag": (ORANGE, ""),
    "overgedragen": ("#f2d3bf", "..."),
    "ingetrokken": ("#8a8a8a", ""),
    "onbekend": ("#e8e8e8", "xxx"),
}
_UNKNOWN = {"nl": "wijze van einde onbekend", "en": "way of ending unknown"}
_TABLE_DAYS = (90, 180, 365, 720)
_LEAST_GAP = 0.055  # of the height: below this two labels touch


def duration_exits(publication: Publication, *, language: str) -> Exhibit | None:
    """Areas on top of each other: the share of cases ended in each way, the share still open above them."""
    nl = language == "nl"
    codes = _codes(publication)
    found = {code: points_in_time(publication, f"duration.exit_{code}") for code in codes}
    drawn, days = _stackable(found)
    if len(days) < 2:
        return None
    figure, axes = drawing(7, 4.8)
    across, floor = [0, *days], [0.0] * (len(days) + 1)
    labels = []
    for code in drawn:
        shares = [0.0, *(publication.estimate(found[code][day]) or 0.0 for day in days)]
        top = [low + share for low, share in zip(floor, shares, strict=True)]
        colour, hatch = _LOOKS[code]
        axes.fill_between(across, floor, top, facecolor=colour, hatch=hatch, edgecolor=INK, linewidth=0.6)
        labels.append(((floor[-1] + top[-1]) / 2, _name(publication, code, language)))
        floor = top
    for day in days[:-1]:  # the days that are known: between them the areas only join the points
        axes.axvline(day, ymax=1, color=INK, linewidth=0.6, linestyle=(0, (1, 2)))
    rest = {"nl": "loopt nog", "en": "still open"} if len(drawn) == len(codes) else _REST
    labels.append(((1 + floor[-1]) / 2, rest[language]))
    axes.set_ylim(0, 1)
    axes.set_xlim(0, days[-1])
    _name_areas(axes, labels)
    axes.yaxis.set_major_formatter(axis_format("share", language))
    axes.set_xlabel("dagen sinds de melding" if nl else "days since the signal")
    axes.set_ylabel("aandeel van de zaken" if nl else "share of the cases")
    at_risk = f"duration.exit_{drawn[0]}.at_risk_{{day}}_days.all"
    start = publication.number(found[drawn[0]][days[0]], "n")
    at_risk_row(
        axes,
        {d: publication.estimate(at_risk.format(day=d)) if d else start for d in TICK_DAYS if d <= days[-1]},
        language=language,
    )
    table_days = [
        day
        for day in _TABLE_DAYS
        if any(publication.published(f"duration.exit_{c}.within_{day}_days.all") for c in codes)
    ]
    header = [{"nl": "Einde", "en": "Ending"}[language]]
    for day in table_days:
        header += [f"Na {day} dagen", f"95%-interval, {day}"] if nl else [f"After {day} days", f"95% interval, {day}"]
    rows = []
    for code in codes:
        ids = [f"duration.exit_{code}.within_{day}_days.all" for day in table_days]
        cells = [
            cell
            for i in ids
            for cell in (publication.cell(i, language=language), publication.interval_cell(i, language=language))
        ]
        rows.append((_name(publication, code, language), *cells))
    followed = [publication.cell(at_risk.format(day=day), language=language) for day in table_days]
    rows.append(
        (
            {"nl": "Nog gevolgd (aantal)", "en": "Still followed (count)"}[language],
            *(cell for count in followed for cell in (count, "–")),
        )
    )
    title = "Hoe zaken eindigen, naar tijd" if nl else "How cases end, by time"
    still = rest[language].replace("\n", " ")
    last = max((day for day in days if day <= 720), default=days[-1])
    said = "; ".join(
        f"{_name(publication, code, language)} {publication.cell(found[code][last], language=language)}"
        for code in drawn
    )
    alt = (
        f"Vlakken op elkaar: het deel van de zaken dat op elke manier is geëindigd, naar dagen sinds de melding. "
        f"Na {last} dagen: {said}. De rest bovenaan: {still}."
        if nl
        else f"Areas on top of each other: the share of cases ended in each way, by days since the signal. "
        f"After {last} days: {said}. The rest on top: {still}."
    )
    return exhibit("duration_exits", figure, title, alt, tuple(header), rows, publication, language=language)


_REST = {"nl": "loopt nog, of einde\nniet openbaar", "en": "still open, or ending\nnot public"}


def _codes(publication: Publication) -> list[str]:
    """Return the exits that the ledger knows, in the order of their code list, the unknown one last."""
    seen = {score_id.split(".")[1] for score_id in publication.ledger.index if score_id.startswith("duration.exit_")}
    return [code for code in _LOOKS if f"exit_{code}" in seen]


def _stackable(found: dict[str, dict[int, str]]) -> tuple[list[str], list[int]]:
    """Return the exits and the days with the most points, of those with every exit public on every day.

    Areas can be stacked only where each of them is public; the others fall in the rest on top.
    """
    often = sorted(found, key=lambda code: -len(found[code]))
    best: tuple[list[str], list[int]] = ([], [])
    for many in range(1, len(often) + 1):
        days = sorted(set.intersection(*(set(found[code]) for code in often[:many])))
        if many * len(days) >= len(best[0]) * len(best[1]):
            best = ([code for code in found if code in often[:many]], days)
    return best


def _name(publication: Publication, code: str, language: str) -> str:
    return _UNKNOWN[language] if code == "onbekend" else publication.label("exit_kind", code, language=language)


def _name_areas(axes: Axes, labels: list[tuple[float, str]]) -> None:
    """Name the areas beside their ends, moved apart where they are thin, each with a line to its own."""
    rooms = [_LEAST_GAP * (1 + text.count("\n")) for _middle, text in labels]
    places: list[float] = []
    for (middle, _text), room in zip(labels, rooms, strict=True):
        places.append(max(middle, places[-1] + room) if places else middle)
    ceiling = 1.0 - rooms[-1] / 2 + _LEAST_GAP / 2
    for at in reversed(range(len(places))):
        places[at] = min(places[at], ceiling)
        ceiling = places[at] - rooms[at]
    for (middle, text), place in zip(labels, places, strict=True):
        axes.plot(
            [1, 1.025], [middle, place], color=MUTED, linewidth=0.8, transform=axes.transAxes, clip_on=False,
        )  # fmt: skip
        axes.text(1.035, place, text, transform=axes.transAxes, va="center", fontsize=9.5, color=INK)
