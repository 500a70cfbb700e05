"""Figures of the chapter on outcome consistency."""

import textwrap

from matplotlib.axes import Axes

from book.exhibit import BLUE, INK, MUTED, Exhibit, drawing
from book.figures.common import axis_format, exhibit, mark_breaks, span, unit_name
from book.ledger import Publication

_BASE = "consistency.misconduct_found"


def funnel(publication: Publication, *, language: str) -> Exhibit | None:
    """Observed share of every unit against its number of cases, inside the funnel's limits."""
    nl = language == "nl"
    points = []
    for code in publication.groups(f"{_BASE}.adjusted_share", "unit"):
        ids = {s: f"{_BASE}.{s}.unit={code}" for s in ("adjusted_share", "funnel_low_95", "funnel_high_95",
                                                       "funnel_low_998", "funnel_high_998")}  # fmt: skip
        if all(publication.published(i) for i in ids.values()):
            size = publication.number(ids["adjusted_share"], "denominator")
            size = size if size is not None else publication.number(ids["adjusted_share"], "n")
            points.append((code, size or 0.0, {s: publication.estimate(i) or 0.0 for s, i in ids.items()}))
    if not points:
        return None
    figure, axes = drawing(7, 4.8)
    ordered = sorted(points, key=lambda point: point[1])
    sizes = [point[1] for point in ordered]
    for level, style, text in (("95", (0, (4, 2)), "95%"), ("998", "solid", "99,8%" if nl else "99.8%")):
        for side in ("low", "high"):
            values = [point[2][f"funnel_{side}_{level}"] for point in ordered]
            axes.plot(
                sizes, values, color=MUTED, linewidth=1.3, linestyle=style, marker="_", markersize=4,
                label=(f"grens {text}" if nl else f"limit {text}") if side == "low" else None,
            )  # fmt: skip
    axes.plot(sizes, [p[2]["adjusted_share"] for p in ordered], "o", color=BLUE, markersize=7, linestyle="none")
    overall = publication.estimate(f"{_BASE}.share.all")
    if overall is not None:
        axes.axhline(overall, color=INK, linewidth=1)
    axes.set_xlim(0, max(sizes) * 1.1)
    named = [(_short(publication, code, language), size, p["adjusted_share"]) for code, size, p in ordered]
    _name_points(axes, named)
    axes.yaxis.set_major_formatter(axis_format("share", language))
    axes.xaxis.set_major_formatter(axis_format("count", language))
    axes.set_xlabel("aantal beoordeelde gedragingen" if nl else "number of allegations with a finding")
    axes.set_ylabel("gecorrigeerd aandeel\nplichtsverzuim vastgesteld" if nl else "adjusted share\nmisconduct found")
    axes.legend(frameon=False, loc="upper right", ncols=2, fontsize=9)
    header = (
        ("Eenheid", "Beoordeeld", "Gemeten aandeel", "Gecorrigeerd aandeel", "Grenzen 95%", "Grenzen 99,8%")
        if nl
        else ("Unit", "With a finding", "Crude share", "Adjusted share", "Limits 95%", "Limits 99.8%")
    )
    rows = []
    for code in publication.groups(f"{_BASE}.adjusted_share", "unit"):
        adjusted, crude = f"{_BASE}.adjusted_share.unit={code}", f"{_BASE}.share.unit={code}"
        rows.append(
            (
                unit_name(publication, code, language),
                publication.count_cell(adjusted, "n", language=language),
                publication.cell(crude, language=language),
                publication.cell(adjusted, language=language),
                *(_limits(publication, code, level, language) for level in ("95", "998")),
            )
        )
    title = "Plichtsverzuim vastgesteld, per eenheid" if nl else "Misconduct found, by unit"
    outside = sum(not p[2]["funnel_low_998"] <= p[2]["adjusted_share"] <= p[2]["funnel_high_998"] for p in points)
    alt = (
        f"Trechterfiguur met {len(points)} eenheden: het gecorrigeerde aandeel tegen het aantal gedragingen. "
        f"Buiten de grenzen van 99,8% liggen er {outside}. De volgorde zegt niets over de kwaliteit van een eenheid."
        if nl
        else f"Funnel plot of {len(points)} units: the adjusted share against the number of allegations. "
        f"Outside the 99.8% limits: {outside}. The order says nothing about the quality of a unit."
    )
    return exhibit("funnel", figure, title, alt, header, rows, publication, language=language)


def _short(publication: Publication, code: str, language: str) -> str:
    return code.upper() if len(code) <= 4 else textwrap.shorten(publication.label("unit", code, language=language), 26)


def _name_points(axes: Axes, points: list[tuple[str, float, float]]) -> None:
    """Write names beside points where there is room; the table below names every one."""
    spots = [axes.transData.transform((x, y)) for _name, x, y in points]
    taken = [(x - 4, y - 4, x + 4, y + 4) for x, y in spots]
    for (name, *place), (x, y) in zip(points, spots, strict=True):
        width = 7 * len(name)
        for right, up in ((True, True), (True, False), (False, True), (False, False)):
            left, foot = (x + 5 if right else x - 5 - width), (y + 3 if up else y - 13)
            box = (left, foot, left + width, foot + 10)
            if box[2] > axes.bbox.x1 or any(_overlap(box, other) for other in taken):
                continue
            taken.append(box)
            axes.annotate(
                name, (place[0], place[1]), xytext=(5 if right else -5, 3 if up else -3), textcoords="offset points",
                ha="left" if right else "right", va="bottom" if up else "top", fontsize=9, color=INK,
            )  # fmt: skip
            break


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


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


def _limits(publication: Publication, code: str, level: str, language: str) -> str:
    low, high = (f"{_BASE}.funnel_{side}_{level}.unit={code}" for side in ("low", "high"))
    if not publication.published(low) or not publication.published(high):
        return "–"
    to = {"nl": "tot", "en": "to"}[language]
    return f"{publication.cell(low, language=language)} {to} {publication.cell(high, language=language)}"
