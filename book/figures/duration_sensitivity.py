"""How much a headline number hangs on the choices behind it, and how duration goes with the kind of case."""

from matplotlib.patches import Rectangle

from book.exhibit import BLUE, INK, MUTED, ORANGE, PALE, Exhibit, drawing
from book.figures.common import INTERVAL, axis_format, exhibit, name_rows, span
from book.ledger import Publication
from evaluation.duration.sensitivity.headlines import TOTAL_GROSS, WITHIN

_CHOSEN = {"nl": "zoals in dit boek", "en": "as in this book"}


def duration_sensitivity(publication: Publication, *, language: str) -> Exhibit | None:
    """The median as published, and with one choice changed at a time, within the range of all combinations."""
    nl = language == "nl"
    changed = _changed(publication)
    shown = [key for key in changed if publication.published(TOTAL_GROSS.score_id(key))]
    low, high, *outer = (
        publication.estimate(TOTAL_GROSS.score_id(end)) for end in ("low", "high", "any_low", "any_high")
    )
    headline = publication.estimate(TOTAL_GROSS.of)
    if headline is None or not (shown or (low is not None and high is not None)):
        return None
    figure, axes = drawing(7, 0.42 * (len(shown) + 1) + 1.6)
    if low is not None and high is not None:
        axes.add_patch(
            Rectangle(
                (low, -0.7), high - low, len(shown) + 1.4, facecolor=PALE, edgecolor="none",
                label="dezelfde vraag, andere keuzes" if nl else "same question, other choices",
            )
        )  # fmt: skip
    for at, end in enumerate(outer):
        if end is not None:
            either = "uitersten van alle combinaties" if nl else "extremes of all combinations"
            axes.axvline(end, color=MUTED, linewidth=1.4, linestyle=":", label=None if at else either)
    axes.axvline(headline, color=INK, linewidth=1, linestyle=(0, (4, 2)))
    span(axes, publication, TOTAL_GROSS.of, at=len(shown), colour=ORANGE, across=True)
    axes.plot([headline], [len(shown)], "D", color=ORANGE, markersize=8, linestyle="none", label=_CHOSEN[language])
    values = [publication.estimate(TOTAL_GROSS.score_id(key)) or 0.0 for key in reversed(shown)]
    for at, key in enumerate(reversed(shown)):
        span(axes, publication, TOTAL_GROSS.score_id(key), at=at, colour=BLUE, across=True)
    if values:
        one = "één keuze anders" if nl else "one choice changed"
        axes.plot(values, range(len(shown)), "o", color=BLUE, markersize=7, linestyle="none", label=one)
    name_rows(axes, [_CHOSEN[language], *(changed[key][language] for key in shown)])
    axes.set_xlim(0, 1.1 * max([headline, *values, *(end or 0.0 for end in (high, *outer))]))
    axes.xaxis.set_major_formatter(axis_format("count", language))
    axes.set_xlabel("mediane duur in dagen" if nl else "median duration in days")
    figure.legend(frameon=False, loc="outside upper left", ncols=2, fontsize=9.5)
    header = (
        ("Keuze", "Mediane duur", INTERVAL["nl"], "Klaar binnen een jaar", INTERVAL["nl"])
        if nl
        else ("Choice", "Median duration", INTERVAL["en"], "Ended within a year", INTERVAL["en"])
    )
    rows = [(_CHOSEN[language], *_cells(publication, TOTAL_GROSS.of, WITHIN.of, language=language))]
    rows += [
        (texts[language], *_cells(publication, TOTAL_GROSS.score_id(k), WITHIN.score_id(k), language=language))
        for k, texts in (*changed.items(), *_ENDS.items())
    ]
    title = "Als één keuze anders was gemaakt" if nl else "If one choice had been made differently"
    said = "; ".join(
        f"{changed[key][language]} {publication.cell(TOTAL_GROSS.score_id(key), language=language)}" for key in shown
    )
    chosen = publication.cell(TOTAL_GROSS.of, language=language)
    alt = (
        f"Punten, een per keuze: de mediane duur zoals in dit boek ({chosen}), en met telkens één keuze anders. {said}."
        if nl
        else f"Dots, one a choice: the median duration as in this book ({chosen}), and with one choice changed at a "
        f"time. {said}."
    )
    return exhibit("duration_sensitivity", figure, title, alt, header, rows, publication, language=language)


def duration_case_mix(publication: Publication, *, language: str) -> Exhibit | None:
    """How much sooner or later heavier cases end than the lightest of the same category: a table."""
    base = "duration.case_mix"
    prefix = f"{base}.hazard_ratio_complexity_"
    found = {i.removeprefix(prefix).removesuffix(".all"): i for i in publication.ledger.index if i.startswith(prefix)}
    listed = [code for code in publication.codes("complexity") if code in found]
    levels = [*listed, *sorted(set(found) - set(listed))]
    if not any(publication.published(i) for i in found.values()):
        return None
    header = {
        "nl": ("Zwaarte", "Tempo tegenover de lichtste zaken", INTERVAL["nl"], "Zaken"),
        "en": ("Complexity", "Pace against the lightest cases", INTERVAL["en"], "Cases"),
    }[language]
    rows = [
        (
            publication.label("complexity", level, language=language),
            publication.cell(found[level], language=language),
            publication.interval_cell(found[level], language=language),
            publication.count_cell(found[level], "n", language=language),
        )
        for level in levels
    ]
    title = {"nl": "Duur en zwaarte van de zaak", "en": "Duration and complexity of the case"}[language]
    return exhibit("duration_case_mix", None, title, title, header, rows, publication, language=language)


def _changed(publication: Publication) -> dict[str, dict[str, str]]:
    """Return `<choice>_<option>` -> its title, in the order of the declaration, for those that the ledger has."""
    return {
        f"{choice.key}_{option.key}": {
            language: f"{choice.title[language]}: {option.title[language]}" for language in ("nl", "en")
        }
        for choice in TOTAL_GROSS.read_grid().choices
        for option in choice.options
        if any(publication.known(number.score_id(f"{choice.key}_{option.key}")) for number in (TOTAL_GROSS, WITHIN))
    }


def _cells(publication: Publication, *ids: str, language: str) -> list[str]:
    return [
        cell
        for i in ids
        for cell in (publication.cell(i, language=language), publication.interval_cell(i, language=language))
    ]


_ENDS = {
    "low": {"nl": "laagste bij dezelfde vraag", "en": "lowest for the same question"},
    "high": {"nl": "hoogste bij dezelfde vraag", "en": "highest for the same question"},
    "any_low": {"nl": "laagste van alle combinaties", "en": "lowest of all combinations"},
    "any_high": {"nl": "hoogste van alle combinaties", "en": "highest of all combinations"},
}
