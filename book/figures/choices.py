"""A headline number under other choices: as published, and with one choice changed at a time."""

from collections.abc import Callable, Mapping, Sequence

from matplotlib.patches import Rectangle

from book.exhibit import BLUE, INK, MUTED, ORANGE, PALE, Exhibit, drawing
from book.figures.common import INTERVAL, exhibit, lines_of_rows, name_rows, span
from book.ledger import Publication
from evaluation.multiverse_grid import Grid
from evaluation.publication.ledger import written

CHOSEN = {"nl": "zoals in dit boek", "en": "as in this book"}
ALL_CHOICES = {"nl": "alle keuzes", "en": "all choices"}
ALL_COMBINATIONS = {"nl": "alle combinaties", "en": "all combinations"}
_ENDS = ("low", "high", "any_low", "any_high")
Number = tuple[str, Callable[[str], str], Mapping[str, str]]
"""Id of the headline, from a key (`small_units_left_out`, `low`) to an id, and a header in both languages."""


def choices_exhibit(
    publication: Publication,
    numbers: Sequence[Number],
    changed: Mapping[str, Mapping[str, str]],
    *,
    name: str,
    title: str,
    axis: str,
    called: str,
    every: Mapping[str, str],
    origin: float,
    written_as: str,
    language: str,
) -> Exhibit | None:
    """Draw the first of `numbers` under each choice; the table gives all of them.

    Parameters
    ----------
    publication : Publication
    numbers : sequence of Number
    changed : mapping
        As `changed_choices` returns.
    name, title, axis : str
    called : str
        What the number is called in the alternative text.
    every : mapping
        What the outer ends are the ends of: `ALL_CHOICES` where one is changed at a time, or `ALL_COMBINATIONS`.
    origin : float
        Where the axis begins.
    written_as : str
        Unit by which ticks are written.
    language : str
    """
    headline_id, id_of, _header = numbers[0]
    shown = [key for key in changed if publication.published(id_of(key))]
    low, high, *outer = (publication.estimate(id_of(end)) for end in _ENDS)
    headline = publication.estimate(headline_id)
    if headline is None or not (shown or (low is not None and high is not None)):
        return None
    nl = language == "nl"
    names = [CHOSEN[language], *(changed[key][language] for key in shown)]
    figure, axes = drawing(7, (0.52 if lines_of_rows(names) > 2 else 0.42) * len(names) + 1.6)
    if low is not None and high is not None:
        axes.add_patch(
            Rectangle(
                (low, -0.7), high - low, len(shown) + 1.4, facecolor=PALE, edgecolor="none",
                label="dezelfde vraag, andere keuzes" if nl else "same question, other choices",
            )
        )  # fmt: skip
    for at, end in enumerate(outer):
        if end is not None:
            either = f"uitersten van {every[language]}" if nl else f"extremes of {every[language]}"
            axes.axvline(end, color=MUTED, linewidth=1.4, linestyle=":", label=None if at else either)
    axes.axvline(headline, color=INK, linewidth=1, linestyle=(0, (4, 2)))
    span(axes, publication, headline_id, at=len(shown), colour=ORANGE, across=True)
    axes.plot([headline], [len(shown)], "D", color=ORANGE, markersize=8, linestyle="none", label=CHOSEN[language])
    values = [publication.estimate(id_of(key)) or 0.0 for key in reversed(shown)]
    for at, key in enumerate(reversed(shown)):
        span(axes, publication, id_of(key), at=at, colour=BLUE, across=True)
    if values:
        one = "één keuze anders" if nl else "one choice changed"
        axes.plot(values, range(len(shown)), "o", color=BLUE, markersize=7, linestyle="none", label=one)
    name_rows(axes, names)
    ends = [headline, *values, *(end or origin for end in (high, *outer))]
    ends += [publication.number(i, "high") or origin for i in (headline_id, *map(id_of, shown))]
    axes.set_xlim(origin, origin + 1.1 * (max(ends) - origin))
    axes.xaxis.set_major_formatter(
        lambda value, _at: written(float(value), unit=written_as, count=None, language=language)
    )
    axes.set_xlabel(axis)
    figure.legend(frameon=False, loc="outside upper left", ncols=2, fontsize=9.5)
    header = [{"nl": "Keuze", "en": "Choice"}[language]]
    for *_ids, words in numbers:
        header += [words[language], INTERVAL[language]]
    rows = [(CHOSEN[language], *_cells(publication, [of for of, *_rest in numbers], language))]
    rows += [
        (texts[language], *_cells(publication, [one(key) for _of, one, _words in numbers], language))
        for key, texts in (*changed.items(), *_ends(every).items())
    ]
    said = "; ".join(f"{changed[key][language]} {publication.cell(id_of(key), language=language)}" for key in shown)
    chosen = publication.cell(headline_id, language=language)
    alt = {
        "nl": f"Punten, een per keuze: {called} zoals in dit boek ({chosen}), en met telkens één keuze anders. {said}.",
        "en": f"Dots, one a choice: {called} as in this book ({chosen}), and with one choice changed at a time. "
        f"{said}.",
    }[language]
    return exhibit(name, figure, title, alt, tuple(header), rows, publication, language=language)


def changed_choices(publication: Publication, grid: Grid, numbers: Sequence[Number]) -> dict[str, dict[str, str]]:
    """Return `<choice>_<option>` -> its title, in the order of the declaration, for those that the ledger has."""
    return {
        key: {language: f"{choice.title[language]}: {option.title[language]}" for language in ("nl", "en")}
        for choice in grid.choices
        for option in choice.options
        if any(publication.known(id_of(key := f"{choice.key}_{option.key}")) for _of, id_of, _words in numbers)
    }


def _ends(every: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {
        "low": {"nl": "laagste bij dezelfde vraag", "en": "lowest for the same question"},
        "high": {"nl": "hoogste bij dezelfde vraag", "en": "highest for the same question"},
        "any_low": {"nl": f"laagste van {every['nl']}", "en": f"lowest of {every['en']}"},
        "any_high": {"nl": f"hoogste van {every['nl']}", "en": f"highest of {every['en']}"},
    }


def _cells(publication: Publication, ids: Sequence[str], language: str) -> list[str]:
    return [
        cell
        for i in ids
        for cell in (publication.cell(i, language=language), publication.interval_cell(i, language=language))
    ]
