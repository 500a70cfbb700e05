"""A funnel: a share of every unit against its number of cases, inside the limits of chance."""

import textwrap

from matplotlib.axes import Axes

from book.exhibit import BLUE, INK, MUTED, Exhibit, drawing
from book.figures.common import axis_format, exhibit, unit_name
from book.ledger import Publication

_LEVELS = {"95": {"nl": "95%", "en": "95%"}, "998": {"nl": "99,8%", "en": "99.8%"}}
_LIMITS = tuple(f"funnel_{side}_{level}" for level in _LEVELS for side in ("low", "high"))


def funnel_exhibit(
    publication: Publication,
    base: str,
    *,
    name: str,
    title: str,
    axes_of: tuple[str, str],
    counted: tuple[str, str],
    columns: tuple[tuple[str, str], ...],
    beside: tuple[tuple[str, str], ...] = (),
    language: str,
) -> Exhibit | None:
    """Draw `base.adjusted_share` of each unit against its size, with its limits of 95 % and 99.8 %.

    Parameters
    ----------
    publication : Publication
    base : str
        The measure, e.g. `duration.closing`; its `share.all` is the line across.
    name, title : str
    axes_of : tuple of str
        What the horizontal and the vertical axis say.
    counted : tuple of str
        What is counted on the horizontal axis: in the sentence, and over its column.
    columns : tuple of (str, str)
        Statistic and header of what the table gives between the count and the limits.
    beside : tuple of (str, str)
        Measure and header of what it gives after the limits: how the unit registers.
    language : str
    """
    codes = list(publication.groups(f"{base}.adjusted_share", "unit"))
    points = [
        (code, _size(publication, f"{base}.adjusted_share.unit={code}"), _numbers(publication, base, code))
        for code in codes
        if all(publication.published(f"{base}.{s}.unit={code}") for s in ("adjusted_share", *_LIMITS))
    ]
    if not points:
        return None
    figure, axes = drawing(7, 4.8)
    ordered = sorted(points, key=lambda point: point[1])
    sizes = [point[1] for point in ordered]
    for level, style in (("95", (0, (4, 2))), ("998", "solid")):
        text = _LEVELS[level][language]
        for side in ("low", "high"):
            axes.plot(
                sizes, [point[2][f"funnel_{side}_{level}"] for point in ordered], color=MUTED, linewidth=1.3,
                linestyle=style, marker="_", markersize=4,
                label={"nl": f"grens {text}", "en": f"limit {text}"}[language] if side == "low" else None,
            )  # fmt: skip
    axes.plot(sizes, [p[2]["adjusted_share"] for p in ordered], "o", color=BLUE, markersize=7, linestyle="none")
    overall = publication.estimate(f"{base}.share.all")
    if overall is not None:
        axes.axhline(overall, color=INK, linewidth=1)
    axes.set_xlim(0, max(sizes) * 1.1)
    _name_points(axes, [(_short(publication, code, language), size, p["adjusted_share"]) for code, size, p in ordered])
    axes.yaxis.set_major_formatter(axis_format("share", language))
    axes.xaxis.set_major_formatter(axis_format("count", language))
    axes.set_xlabel(axes_of[0])
    axes.set_ylabel(axes_of[1])
    figure.legend(frameon=False, loc="outside upper right", ncols=2, fontsize=9)
    header = (
        {"nl": "Eenheid", "en": "Unit"}[language],
        counted[1],
        *(head for _statistic, head in columns),
        *({"nl": f"Grenzen {text[language]}", "en": f"Limits {text[language]}"}[language] for text in _LEVELS.values()),
        *(head for _measure, head in beside),
    )
    rows = [
        (
            unit_name(publication, code, language),
            publication.count_cell(f"{base}.adjusted_share.unit={code}", "n", language=language),
            *(publication.cell(f"{base}.{statistic}.unit={code}", language=language) for statistic, _head in columns),
            *(_limits(publication, base, code, level, language) for level in _LEVELS),
            *(publication.cell(f"{measure}.unit={code}", language=language) for measure, _head in beside),
        )
        for code in codes
    ]
    outside = sum(not p[2]["funnel_low_998"] <= p[2]["adjusted_share"] <= p[2]["funnel_high_998"] for p in points)
    alt = {
        "nl": f"Trechterfiguur met {len(points)} eenheden: het gecorrigeerde aandeel tegen het aantal {counted[0]}. "
        f"Buiten de grenzen van 99,8% liggen er {outside}. De volgorde zegt niets over de kwaliteit van een eenheid.",
        "en": f"Funnel plot of {len(points)} units: the adjusted share against the number of {counted[0]}. "
        f"Outside the 99.8% limits: {outside}. The order says nothing about the quality of a unit.",
    }[language]
    return exhibit(name, figure, title, alt, header, rows, publication, language=language)


def _size(publication: Publication, score_id: str) -> float:
    return publication.number(score_id, "denominator") or publication.number(score_id, "n") or 0.0


def _numbers(publication: Publication, base: str, code: str) -> dict[str, float]:
    return {s: publication.estimate(f"{base}.{s}.unit={code}") or 0.0 for s in ("adjusted_share", *_LIMITS)}


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
                bbox={"boxstyle": "square,pad=0", "facecolor": "white", "edgecolor": "none", "alpha": 0.7},
            )  # fmt: skip
            break


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _limits(publication: Publication, base: str, code: str, level: str, language: str) -> str:
    low, high = (f"{base}.funnel_{side}_{level}.unit={code}" for side in ("low", "high"))
    if not publication.published(low) or not publication.published(high):
        return "–"
    to = {"nl": "tot", "en": "to"}[language]
    return f"{publication.cell(low, language=language)} {to} {publication.cell(high, language=language)}"
