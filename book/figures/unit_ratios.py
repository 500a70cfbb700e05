"""Ratios of units among like cases, on an axis on which twice and half lie equally far from one."""

from matplotlib.ticker import FixedLocator, NullLocator

from book.exhibit import INK, Exhibit, drawing
from book.figures.common import INTERVAL, alt_of_units, exhibit, unit_dots, unit_name
from book.ledger import Publication
from evaluation.publication.ledger import written

_TICKS = {
    2.0: (0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.4),
    5.0: (0.4, 0.5, 0.6, 0.8, 1.0, 1.25, 1.6, 2.0, 2.5),
    float("inf"): (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0),
}
"""Ticks of an axis of ratios whose ends differ by at most so many times."""


def unit_ratios(
    publication: Publication,
    measure: str,
    *,
    name: str,
    title: str,
    axis: str,
    ratio: str,
    counted: str,
    columns: tuple[tuple[str, str], ...] = (),
    language: str,
) -> Exhibit | None:
    """Draw one published ratio a unit with its interval, in the order of the code list; the dashed line is 1.

    Parameters
    ----------
    publication : Publication
    measure : str
        `duration.pace.shrunken_odds_ratio`.
    name, title, axis : str
    ratio, counted : str
        Headers of the ratio and of the count behind it.
    columns : tuple of (str, str)
        Measure and header of what the table gives between the interval and the count.
    language : str
    """
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
    axes.set_xlabel(axis)
    first = {"nl": "Eenheid", "en": "Unit"}[language]
    header = (first, ratio, INTERVAL[language], *(head for _measure, head in columns), counted)
    rows = [
        (
            unit_name(publication, code, language),
            publication.cell(f"{measure}.unit={code}", language=language),
            publication.interval_cell(f"{measure}.unit={code}", language=language),
            *(publication.cell(f"{other}.unit={code}", language=language) for other, _head in columns),
            publication.count_cell(f"{measure}.unit={code}", "n", language=language),
        )
        for code in codes
    ]
    alt = alt_of_units(len(shown), len(codes), language=language)
    return exhibit(name, figure, title, alt, header, rows, publication, language=language)
