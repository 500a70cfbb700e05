"""What the figures share: rows of units, whiskers, axes in the language of the page."""

import textwrap
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from book.exhibit import BLUE, INK, MUTED, Exhibit, Table, drawing, svg_text
from book.ledger import Publication, date_text
from evaluation.publication.ledger import written

INTERVAL = {"nl": "95%-interval", "en": "95% interval"}


def by_unit(
    publication: Publication,
    measure: str,
    *,
    name: str,
    title: str,
    axis: str,
    headers: tuple[str, str],
    count: str = "n",
    reference: str,
    language: str,
) -> Exhibit | None:
    """Draw one published number a unit with its interval, in the order of the code list."""
    nl = language == "nl"
    codes = list(publication.groups(measure, "unit"))
    shown = [code for code in codes if publication.published(f"{measure}.unit={code}")]
    if not shown:
        return None
    unit = str(publication.row(f"{measure}.unit={shown[0]}")["unit"])
    figure, axes = drawing(7, 0.38 * len(shown) + 1.4)
    for at, code in enumerate(reversed(shown)):
        span(axes, publication, f"{measure}.unit={code}", at=at, colour=BLUE, across=True)
        axes.plot([publication.estimate(f"{measure}.unit={code}") or 0.0], [at], "o", color=BLUE, markersize=7)
    overall = publication.estimate(reference)
    if overall is not None:
        axes.axvline(overall, color=INK, linewidth=1, linestyle=(0, (4, 2)))
    axes.set_yticks(
        range(len(shown)), [textwrap.fill(unit_name(publication, code, language), 34) for code in reversed(shown)]
    )
    axes.set_ylim(-0.7, len(shown) - 0.3)
    axes.grid(visible=False, axis="y")
    if unit == "share":
        axes.set_xlim(0, 1)
    else:
        axes.set_xlim(left=0)
    axes.xaxis.set_major_formatter(axis_format(unit, language))
    axes.xaxis.set_major_locator(MaxNLocator(7))
    axes.set_xlabel(f"{axis}\n(streeplijn: alle eenheden samen)" if nl else f"{axis}\n(dashed: all units together)")
    rows = [
        (
            unit_name(publication, code, language),
            publication.cell(f"{measure}.unit={code}", language=language),
            publication.interval_cell(f"{measure}.unit={code}", language=language),
            publication.count_cell(f"{measure}.unit={code}", count, language=language),
        )
        for code in codes
    ]
    header = ("Eenheid" if nl else "Unit", headers[0], INTERVAL[language], headers[1])
    alt = (
        f"Punten met een interval, voor {len(shown)} van {len(codes)} eenheden, in de vaste volgorde van de codelijst. "
        "Van de andere is het getal niet openbaar. De tabel onder de figuur geeft de getallen."
        if nl
        else f"Points with an interval for {len(shown)} of {len(codes)} units, in the fixed order of the code list. "
        "For the others the number is not public. The table below the figure gives the numbers."
    )
    if len(shown) == len(codes):
        alt = alt.replace("Van de andere is het getal niet openbaar. ", "").replace(
            "For the others the number is not public. ", ""
        )
    return exhibit(name, figure, title, alt, header, rows, publication, language=language)


def exhibit(
    name: str,
    figure: Figure | None,
    title: str,
    alt: str,
    header: tuple[str, ...],
    rows: Sequence[tuple[str, ...]],
    publication: Publication,
    *,
    language: str,
) -> Exhibit:
    """Put a drawing, its words and its rows together; the caption carries the reference date."""
    stand = {"nl": "Peildatum {day}.", "en": "Reference date {day}."}[language]
    as_of = date_text(publication.manifest["as_of"], language=language)
    made_up = {"nl": " Dit zijn verzonnen gegevens.", "en": " These data are made up."}[language]
    caption = f"{title}. {stand.format(day=as_of)}" + (made_up if publication.manifest.get("synthetic") else "")
    return Exhibit(
        name=name,
        alt=alt,
        caption=caption,
        table=Table(header=header, rows=tuple(rows), caption=title),
        svg=svg_text(figure) if figure is not None else None,
        language=language,
    )


def mark_breaks(publication: Publication, axes: Axes, years: set[int], text: str) -> None:
    """Mark the years in which codes of the category list change."""
    for year in publication.breaks():
        if year in years and year - 1 in years:
            axes.axvline(year - 0.5, color=MUTED, linewidth=1.2, linestyle=":")
            axes.annotate(
                text, (year - 0.5, 0), xycoords=("data", "axes fraction"), xytext=(5, 6), textcoords="offset points",
                fontsize=9, color=MUTED,
            )  # fmt: skip


def span(axes: Axes, publication: Publication, score_id: str, *, at: float, colour: str, across: bool = False) -> None:
    """Draw the interval of a number as a line, upright or (`across`) lying."""
    low, high = publication.number(score_id, "low"), publication.number(score_id, "high")
    if low is not None:
        ends = [low, high if high is not None else publication.estimate(score_id)]
        axes.plot(*((ends, [at, at]) if across else ([at, at], ends)), color=colour, linewidth=1.8)


def axis_format(unit: str, language: str) -> FuncFormatter:
    """Write the ticks of an axis: whole percentages, or whole numbers."""
    shown = "share" if unit == "share" else "count"
    return FuncFormatter(lambda value, _at: written(float(value), unit=shown, count=None, language=language))


def unit_name(publication: Publication, code: str, language: str) -> str:
    """Name of a unit with its code, or the name alone when the code is long."""
    label = publication.label("unit", code, language=language)
    return label if label.lower() == code else f"{label} ({code.upper()})" if len(code) <= 4 else label


def without_column(
    header: tuple[str, ...], rows: list[tuple[str, ...]], column: int
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Leave one column out of a header and its rows."""
    return header[:column] + header[column + 1 :], [row[:column] + row[column + 1 :] for row in rows]
