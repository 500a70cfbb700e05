"""What the figures share: rows of units, whiskers, axes in the language of the page."""

import re
import textwrap
from collections.abc import Mapping, Sequence
from datetime import date

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from book.exhibit import BLUE, INK, MUTED, Exhibit, Table, drawing, svg_text
from book.ledger import Publication, count_text, date_text
from evaluation.publication.ledger import written

INTERVAL = {"nl": "95%-interval", "en": "95% interval"}
_ROW_NAME = 34  # letters on a line
TICK_DAYS = (0, 180, 365, 540, 720, 900, 1080)


def by_unit(
    publication: Publication,
    measure: str,
    *,
    name: str,
    title: str,
    axis: str,
    headers: tuple[str, str],
    count: str = "n",
    reference: str | None = None,
    language: str,
) -> Exhibit | None:
    """Draw one published number a unit with its interval, in the order of the code list.

    The dashed line is the number `reference`, or 1 where a ratio has no other.
    """
    codes = list(publication.groups(measure, "unit"))
    shown = [code for code in codes if publication.published(f"{measure}.unit={code}")]
    if not shown:
        return None
    unit = str(publication.row(f"{measure}.unit={shown[0]}")["unit"])
    figure, axes = drawing(7, 0.38 * len(shown) + 1.4)
    unit_dots(axes, publication, measure, shown, language=language)
    overall = publication.estimate(reference) if reference else 1.0
    if overall is not None:
        axes.axvline(overall, color=INK, linewidth=1, linestyle=(0, (4, 2)))
    if unit == "share":
        axes.set_xlim(0, 1)
    else:
        axes.set_xlim(left=0)
    axes.xaxis.set_major_formatter(axis_format(unit, language))
    axes.xaxis.set_major_locator(MaxNLocator(7))
    dashed = {"nl": "(streeplijn: alle eenheden samen)", "en": "(dashed: all units together)"}[language]
    axes.set_xlabel(f"{axis}\n{dashed}")
    rows = [
        (
            unit_name(publication, code, language),
            publication.cell(f"{measure}.unit={code}", language=language),
            publication.interval_cell(f"{measure}.unit={code}", language=language),
            publication.count_cell(f"{measure}.unit={code}", count, language=language),
        )
        for code in codes
    ]
    header = ({"nl": "Eenheid", "en": "Unit"}[language], headers[0], INTERVAL[language], headers[1])
    alt = alt_of_units(len(shown), len(codes), language=language)
    return exhibit(name, figure, title, alt, header, rows, publication, language=language)


def unit_dots(axes: Axes, publication: Publication, measure: str, codes: Sequence[str], *, language: str) -> None:
    """Draw a dot with its interval for each unit of `codes`, the first on top."""
    for at, code in enumerate(reversed(codes)):
        span(axes, publication, f"{measure}.unit={code}", at=at, colour=BLUE, across=True)
        axes.plot([publication.estimate(f"{measure}.unit={code}") or 0.0], [at], "o", color=BLUE, markersize=7)
    name_rows(axes, [unit_name(publication, code, language) for code in codes])


def name_rows(axes: Axes, names: Sequence[str]) -> None:
    """Name the rows of a drawing with lying dots or bars, the first on top."""
    axes.set_yticks(range(len(names)), [textwrap.fill(name, _ROW_NAME) for name in reversed(names)])
    axes.set_ylim(-0.7, len(names) - 0.3)
    axes.grid(visible=False, axis="y")


def lines_of_rows(names: Sequence[str]) -> int:
    """Return how many lines the longest name of a row takes."""
    return max(len(textwrap.wrap(name, _ROW_NAME)) for name in names)


def alt_of_units(shown: int, known: int, *, language: str) -> str:
    """Say in words what a drawing of units shows, and of how many it cannot."""
    said = {
        "nl": "Punten met een interval, voor {shown} van {known} eenheden, in de vaste volgorde van de codelijst. "
        "{rest}De tabel onder de figuur geeft de getallen.",
        "en": "Points with an interval for {shown} of {known} units, in the fixed order of the code list. "
        "{rest}The table below the figure gives the numbers.",
    }[language]
    rest = {
        "nl": "Van de andere is het getal niet openbaar. ",
        "en": "For the others the number is not public. ",
    }[language]
    return said.format(shown=shown, known=known, rest=rest if shown < known else "")


def exhibit(
    name: str,
    figure: Figure | None,
    title: str,
    alt: str,
    header: tuple[str, ...],
    rows: Sequence[tuple[str, ...]],
    publication: Publication,
    *,
    note: str = "",
    narrow: bool = False,
    language: str,
) -> Exhibit:
    """Put a drawing, its words and its rows together; the caption carries the reference date and a `note`."""
    stand = {"nl": "Peildatum {day}.", "en": "Reference date {day}."}[language]
    as_of = date_text(publication.manifest["as_of"], language=language)
    made_up = {"nl": " Dit zijn verzonnen gegevens.", "en": " These data are made up."}[language]
    caption = f"{title}. {stand.format(day=as_of)}" + (f" {note}" if note else "")
    caption += made_up if publication.manifest.get("synthetic") else ""
    return Exhibit(
        name=name,
        alt=alt,
        caption=caption,
        table=Table(header=header, rows=tuple(rows), caption=title),
        svg=svg_text(figure) if figure is not None else None,
        language=language,
        narrow=narrow,
    )


def mark_breaks(publication: Publication, axes: Axes, years: set[int], text: str) -> None:
    """Mark the years in which codes of the category list change."""
    for year in publication.breaks():
        if year in years and year - 1 in years:
            axes.axvline(year - 0.5, color=MUTED, linewidth=1.2, linestyle=":")
            left = year - min(years) > 1  # the later side is where the day of change is marked
            axes.annotate(
                text, (year - 0.5, 0), xycoords=("data", "axes fraction"), xytext=(-5 if left else 5, 6),
                textcoords="offset points", fontsize=9, color=MUTED, ha="right" if left else "left",
            )  # fmt: skip


def mark_change(
    publication: Publication, axes: Axes, *, first: float, last: float, centred: bool = False, language: str
) -> None:
    """Mark the day of change on an axis of years that runs from `first` to `last`.

    1 January 2020 stands at 2020, or at 2019.5 where the dot of a year stands on its middle (`centred`).
    """
    day = publication.changed_on()
    if day is None or not first < year_place(day) < last:
        return
    place = year_place(day) - (0.5 if centred else 0.0)
    axes.axvline(place, color=INK, linewidth=1.2, linestyle=(0, (6, 2, 1, 2)))
    axes.annotate(
        date_text(day.isoformat(), language=language), (place, 1), xycoords=("data", "axes fraction"), xytext=(0, 4),
        textcoords="offset points", fontsize=9, color=INK, ha="center", va="bottom",
    )  # fmt: skip


def year_place(day: date) -> float:
    """Return a day as a number on an axis of years: 2 July 2019 is about 2019.5."""
    return day.year + (day.timetuple().tm_yday - 1) / 365.25


def at_risk_row(axes: Axes, counts: Mapping[int, float | None], *, language: str) -> None:
    """Write under each tick of an axis of days how many cases were still followed."""
    labels = [
        count_text(day, language=language) + "\n" + ("–" if count is None else count_text(count, language=language))
        for day, count in counts.items()
    ]
    axes.set_xticks(list(counts), labels, linespacing=1.35)
    word = {"nl": "dag\nnog gevolgd", "en": "day\nstill followed"}[language]
    axes.annotate(
        word, (0, 0), xycoords="axes fraction", xytext=(-26, -6), textcoords="offset points", fontsize=9,
        color=MUTED, ha="right", va="top", linespacing=1.6,
    )  # fmt: skip


def points_in_time(publication: Publication, measure: str, statistic: str = "within") -> dict[int, str]:
    """Return day -> id of the published `within_N_days` of a measure, in order of days."""
    found = {}
    for score_id in publication.ledger.index:
        match = re.fullmatch(rf"{re.escape(measure)}\.{statistic}_(\d+)_days\.all", score_id)
        if match and publication.published(score_id):
            found[int(match[1])] = score_id
    return dict(sorted(found.items()))


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
