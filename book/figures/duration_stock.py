"""The stock of open cases: over time, its age, and what it becomes if nothing changes."""

from datetime import date, timedelta

import pandas as pd
from matplotlib.axes import Axes

from book.exhibit import BLUE, ORANGE, PALE, Exhibit, stacked_drawing
from book.figures.common import INTERVAL, axis_format, exhibit, mark_change, year_place
from book.ledger import Publication, date_text
from evaluation.duration.stock_projection import ASSUMPTION

_BASE = "duration.backlog"
_QUARTERS = ("stock_q1", "stock_q2", "stock_q3", "stock")
_MONTHS = (3, 6, 12)


def duration_stock(publication: Publication, *, language: str) -> Exhibit | None:
    """Stock at the end of each quarter, what came in and went out each year, and the stock extrapolated."""
    nl = language == "nl"
    points = _points(publication)
    if len(points) < 2:
        return None
    years = sorted({year for statistic in _QUARTERS for year in publication.groups(f"{_BASE}.{statistic}", "year")})
    figure, upper, lower = stacked_drawing(7, 5.2, heights=(2.2, 1.0))
    upper.plot(list(points), list(points.values()), color=BLUE, linewidth=2, marker="o", markersize=3.5)
    projected = _draw_projection(publication, upper, language=language)
    upper.set_ylim(0, 1.12 * max([*points.values(), *(high for _place, _stock, high in projected)]))
    first, last = min(min(points), int(years[0])), max([*points, *(place for place, _stock, _high in projected)])
    upper.set_xlim(first - 0.1, last + 0.15)
    mark_change(publication, upper, first=first, last=last, language=language)
    _draw_flow(publication, lower, years, language=language)
    for axes in (upper, lower):
        axes.yaxis.set_major_formatter(axis_format("count", language))
    upper.set_ylabel("lopende zaken" if nl else "open cases")
    lower.set_ylabel("per jaar" if nl else "a year")
    places = range(int(first), int(last) + 1)
    lower.set_xticks([place + 0.5 for place in places if place + 0.5 < last + 0.15])
    lower.set_xticklabels([str(place) for place in places if place + 0.5 < last + 0.15])
    lower.set_xlabel("jaar" if nl else "year")
    figure.legend(frameon=False, loc="outside upper left", ncols=3, fontsize=9.5)
    header = (
        ("Jaar", "Eind maart", "Eind juni", "Eind september", "Eind december", "Instroom", "Uitstroom",
         "Uitstroom gedeeld door instroom", INTERVAL["nl"])
        if nl
        else ("Year", "End of March", "End of June", "End of September", "End of December", "Inflow", "Outflow",
              "Outflow over inflow", INTERVAL["en"])
    )  # fmt: skip
    rows = [
        (
            year,
            *(
                publication.cell(f"{_BASE}.{statistic}.year={year}", language=language)
                for statistic in (*_QUARTERS, "inflow", "outflow", "clearance")
            ),
            publication.interval_cell(f"{_BASE}.clearance.year={year}", language=language),
        )
        for year in years
    ]
    title = "Lopende zaken door de tijd" if nl else "Open cases over time"
    ends = [year for year in years if publication.published(f"{_BASE}.stock.year={year}")]
    said = "; ".join(f"{y}: {publication.cell(f'{_BASE}.stock.year={y}', language=language)}" for y in ends)
    alt = (
        "Lijn vanaf nul: het aantal lopende zaken aan het eind van elk kwartaal, met daaronder staven voor instroom en "
        f"uitstroom per jaar. Eind van het jaar: {said}."
        if nl
        else "A line from nought: the number of open cases at the end of each quarter, with bars below for inflow and "
        f"outflow by year. End of the year: {said}."
    )
    note = ""
    if projected:
        at = f"{_BASE}.projected_stock_{_last_months(publication)}_months.all"
        number, interval = publication.cell(at, language=language), publication.interval_cell(at, language=language)
        alt += (
            f" Gestreept de doorrekening: op {_day_of(publication, language)} {number} ({INTERVAL['nl']} {interval})."
            if nl
            else f" Dashed, the extrapolation: on {_day_of(publication, language)} {number} "
            f"({INTERVAL['en']} {interval})."
        )
        note = ASSUMPTION[language]
    return exhibit("duration_stock", figure, title, alt, header, rows, publication, note=note, language=language)


def duration_stock_age(publication: Publication, *, language: str) -> Exhibit | None:
    """How old the stock was at the end of each year: a table."""
    statistics = ("stock_age_median", "stock_older_than_180", "stock_older_than_365")
    years = sorted({year for s in statistics for year in publication.groups(f"{_BASE}.{s}", "year")})
    if not any(publication.published(f"{_BASE}.{s}.year={year}") for s in statistics for year in years):
        return None
    header = {
        "nl": ("Eind van", "Lopende zaken", "Mediane ouderdom", "Ouder dan een half jaar", "Ouder dan een jaar"),
        "en": ("End of", "Open cases", "Median age", "Older than half a year", "Older than a year"),
    }[language]
    rows = [
        (year, *(publication.cell(f"{_BASE}.{s}.year={year}", language=language) for s in ("stock", *statistics)))
        for year in years
    ]
    title = {"nl": "Hoe oud de lopende zaken zijn", "en": "How old the open cases are"}[language]
    return exhibit("duration_stock_age", None, title, title, header, rows, publication, language=language)


def duration_projection(publication: Publication, *, language: str) -> Exhibit | None:
    """What the stock becomes if inflow and chances of closing stay what they were: a table."""
    ids = {months: f"{_BASE}.projected_stock_{months}_months.all" for months in _MONTHS}
    if not any(publication.published(score_id) for score_id in ids.values()):
        return None
    header = {
        "nl": ("Als er niets verandert", "Lopende zaken", INTERVAL["nl"]),
        "en": ("If nothing changes", "Open cases", INTERVAL["en"]),
    }[language]
    ahead = {"nl": "over {months} maanden", "en": "in {months} months"}[language]
    rows = [
        (
            ahead.format(months=months),
            publication.cell(score_id, language=language),
            publication.interval_cell(score_id, language=language),
        )
        for months, score_id in ids.items()
    ]
    title = {"nl": "De voorraad doorgerekend", "en": "The stock extrapolated"}[language]
    return exhibit("duration_projection", None, title, title, header, rows, publication, language=language)


def _points(publication: Publication) -> dict[float, float]:
    """Return place on the axis of years -> stock, at the end of each quarter."""
    found = {}
    for at, statistic in enumerate(_QUARTERS):
        for year in publication.groups(f"{_BASE}.{statistic}", "year"):
            stock = publication.estimate(f"{_BASE}.{statistic}.year={year}")
            if stock is not None:
                found[int(year) + (at + 1) / 4] = stock
    return dict(sorted(found.items()))


def _draw_projection(publication: Publication, axes: Axes, *, language: str) -> list[tuple[float, float, float]]:
    """Draw the extrapolated stock, dashed, from the stock of the reference date; return its points."""
    stock = publication.estimate(f"{_BASE}.stock_now.all")
    if stock is None:
        return []
    now = _last_known(publication) + timedelta(days=1)  # at the end of that day, as the ends of quarters
    places, stocks, lows, highs = [year_place(now)], [stock], [stock], [stock]
    for months in _MONTHS:
        score_id = f"{_BASE}.projected_stock_{months}_months.all"
        if publication.published(score_id):
            places.append(places[0] + months / 12)
            value = publication.estimate(score_id) or 0.0
            stocks.append(value)
            for ends, column in ((lows, "low"), (highs, "high")):
                end = publication.number(score_id, column)
                ends.append(value if end is None else end)
    if len(places) == 1:
        return []
    axes.fill_between(places, lows, highs, facecolor=PALE, hatch="///", edgecolor="white", linewidth=0)
    axes.plot(
        places, stocks, color=BLUE, linewidth=2, linestyle=(0, (3, 2)), marker="D", markersize=3.5,
        label={"nl": "als er niets verandert (met interval)", "en": "if nothing changes (with interval)"}[language],
    )  # fmt: skip
    return list(zip(places, stocks, highs, strict=True))


def _draw_flow(publication: Publication, axes: Axes, years: list[str], *, language: str) -> None:
    looks = (
        ("inflow", {"nl": "instroom", "en": "inflow"}, BLUE, BLUE, "", -0.2),
        ("outflow", {"nl": "uitstroom", "en": "outflow"}, "white", ORANGE, "////", 0.2),
    )
    for statistic, names, face, line, hatch, shift in looks:
        counts = {year: publication.estimate(f"{_BASE}.{statistic}.year={year}") for year in years}
        known = {int(year) + 0.5 + shift: count for year, count in counts.items() if count is not None}
        axes.bar(
            list(known), list(known.values()), width=0.36, facecolor=face, edgecolor=line, hatch=hatch, linewidth=0.9,
            label=names[language] if known else None,
        )  # fmt: skip


def _last_months(publication: Publication) -> int:
    return max(m for m in _MONTHS if publication.published(f"{_BASE}.projected_stock_{m}_months.all"))


def _day_of(publication: Publication, language: str) -> str:
    ahead = pd.Timestamp(_last_known(publication)) + pd.DateOffset(months=_last_months(publication))
    return date_text(ahead.date().isoformat(), language=language)


def _last_known(publication: Publication) -> date:
    """Return the last day of which the stock is known: that of the last whole month."""
    return date.fromisoformat(str(publication.row(f"{_BASE}.stock_now.all")["period"]).split("/")[1])
