"""What changed about a date, in three ways that answer different questions."""

from book.exhibit import BLUE, INK, ORANGE, Exhibit, drawing
from book.figures.common import INTERVAL, axis_format, exhibit, name_rows, span
from book.ledger import Publication, date_text

_WAYS = {
    "change_cohorts": {"nl": "naar dag van opening", "en": "by day of opening"},
    "change_pace": {"nl": "naar kalenderdag", "en": "by day of the calendar"},
}
_SERIES = {
    "level_change": {"nl": "Deel binnen een half jaar, reeks van maanden: sprong",
                     "en": "Share within half a year, series of months: jump"},
    "slope_change": {"nl": "Deel binnen een half jaar, reeks van maanden: knik (logit per jaar)",
                     "en": "Share within half a year, series of months: bend (logit a year)"},
}  # fmt: skip
_SIDES = (("before", "o", "white", 0.13), ("after", "D", ORANGE, -0.13))


def duration_change(publication: Publication, *, language: str) -> Exhibit | None:
    """Share ended within a year before and after the date, in both ways of comparing, with the differences."""
    nl = language == "nl"
    day = publication.changed_on()
    shown = [
        way for way in _WAYS if any(publication.published(f"duration.{way}.share_{s}.all") for s in ("before", "after"))
    ]
    if day is None or not shown:
        return None
    on = date_text(day.isoformat(), language=language)
    figure, axes = drawing(7, 0.75 * len(shown) + 1.4)
    words = {"nl": {"before": "voor", "after": "vanaf"}, "en": {"before": "before", "after": "from"}}[language]
    for side, marker, face, shift in _SIDES:
        colour = BLUE if side == "before" else ORANGE
        for at, way in enumerate(reversed(shown)):
            score_id = f"duration.{way}.share_{side}.all"
            share = publication.estimate(score_id)
            if share is None:
                continue
            span(axes, publication, score_id, at=at + shift, colour=colour, across=True)
            axes.plot(
                [share], [at + shift], marker, markerfacecolor=face, markeredgecolor=colour, markersize=8,
                markeredgewidth=1.6, linestyle="none", label=f"{words[side]} {on}",
            )  # fmt: skip
            axes.annotate(
                publication.cell(score_id, language=language), (share, at + shift), xytext=(0, 7 if shift > 0 else -7),
                textcoords="offset points", ha="center", va="bottom" if shift > 0 else "top", fontsize=9.5, color=INK,
            )  # fmt: skip
    name_rows(axes, [_WAYS[way][language] for way in shown])
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(axis_format("share", language))
    axes.set_xlabel("aandeel klaar binnen een jaar" if nl else "share ended within a year")
    handles, labels = axes.get_legend_handles_labels()
    kept = dict(zip(labels, handles, strict=True))
    figure.legend(kept.values(), kept.keys(), frameon=False, loc="outside upper left", ncols=2)
    header = (
        ("Wat is vergeleken", "Voor", "Vanaf", "Verschil", INTERVAL["nl"])
        if nl
        else ("What was compared", "Before", "From", "Difference", INTERVAL["en"])
    )
    title = f"Voor en vanaf {on}" if nl else f"Before and from {on}"
    said = "; ".join(
        f"{_WAYS[way][language]}: {publication.cell(f'duration.{way}.share_before.all', language=language)} "
        f"{'en' if nl else 'and'} {publication.cell(f'duration.{way}.share_after.all', language=language)}"
        for way in shown
    )
    alt = (
        f"Per manier van vergelijken twee punten met een interval: het deel klaar binnen een jaar, voor en vanaf {on}. "
        f"{said}."
        if nl
        else f"For each way of comparing two points with an interval: the share ended within a year, before and from "
        f"{on}. {said}."
    )
    rows = _rows(publication, language)
    return exhibit("duration_change", figure, title, alt, header, rows, publication, language=language)


def _rows(publication: Publication, language: str) -> list[tuple[str, ...]]:
    names = {
        "share": {"nl": "Deel binnen een jaar", "en": "Share within a year"},
        "mean_days": {"nl": "Gemiddeld aantal dagen in het eerste jaar", "en": "Mean days in the first year"},
    }
    rows = [
        (
            f"{names[quantity][language]}, {_WAYS[way][language]}",
            *(
                publication.cell(f"duration.{way}.{quantity}_{part}.all", language=language)
                for part in ("before", "after", "change")
            ),
            publication.interval_cell(f"duration.{way}.{quantity}_change.all", language=language),
        )
        for way in _WAYS
        for quantity in names
        if publication.known(f"duration.{way}.{quantity}_change.all")
    ]
    for statistic, name in _SERIES.items():
        score_id = f"duration.change_series.{statistic}.all"
        if publication.known(score_id):
            number = publication.cell(score_id, language=language)
            rows.append((name[language], "–", "–", number, publication.interval_cell(score_id, language=language)))
    return rows
