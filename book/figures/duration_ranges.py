"""Every headline number of duration under other choices: one small panel a number, each on its own scale."""

import textwrap

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from book.duration_range_words import headline_id
from book.exhibit import BLUE, INK, MUTED, ORANGE, PALE, Exhibit, panels
from book.figures.common import INTERVAL, exhibit
from book.ledger import Publication
from evaluation.duration.sensitivity.headlines import HEADLINES, TOTAL_GROSS, WITHIN, Headline
from evaluation.publication.ledger import written

_WIDTH, _HEIGHT, _LINE_HEIGHT, _LEGEND = 4.2, 0.85, 0.2, 0.55  # inches: as wide as a phone
_LETTERS = 50  # of a title on one line
_NEUTRAL = {"odds_ratio": 1.0, "points": 0.0}  # where there is no difference
_ELSEWHERE = (TOTAL_GROSS, WITHIN)  # their single choices stand in the figure `duration_sensitivity`


def duration_ranges(publication: Publication, *, language: str) -> Exhibit | None:
    """Each headline number within the range of the same question and that of all combinations of choices."""
    shown = [headline for headline in HEADLINES if _drawn(publication, headline)]
    if not shown:
        return None
    names = {headline: _name(publication, headline, language) for headline in shown}
    heights = [_HEIGHT + _LINE_HEIGHT * names[headline].count("\n") for headline in shown]
    figure, places = panels(_WIDTH, heights, above=_LEGEND)
    for axes, headline in zip(places, shown, strict=True):
        _panel(axes, publication, headline, names[headline], language=language)
    handles = {name: handle for axes in places for handle, name in zip(*axes.get_legend_handles_labels(), strict=True)}
    figure.legend(handles.values(), handles.keys(), frameon=False, loc="outside upper left", ncols=2, fontsize=9)
    header = {
        "nl": ("Getal, en keuze", "Waarde", INTERVAL["nl"], "Bij dezelfde vraag", "Van alle combinaties"),
        "en": ("Number, and choice", "Value", INTERVAL["en"], "For the same question", "Of all combinations"),
    }[language]
    known = [headline for headline in HEADLINES if headline_id(publication, headline) is not None]
    rows = [row for headline in known for row in _rows(publication, headline, language)]
    title = {
        "nl": "Elk getal, en waartussen het bij andere keuzes ligt",
        "en": "Each number, and between what it lies when other choices are made",
    }[language]
    said = "; ".join(
        f"{headline.title[language]} {publication.cell(str(headline_id(publication, headline)), language=language)}, "
        f"{_between(publication, headline, '', language)}"
        for headline in shown
    )
    alt = {
        "nl": f"Per getal een vlak met het getal zoals in dit boek en het bereik bij dezelfde vraag: {said}.",
        "en": f"For each number a panel with the number as in this book and its range for the same question: {said}.",
    }[language]
    return exhibit("duration_ranges", figure, title, alt, header, rows, publication, narrow=True, language=language)


def _drawn(publication: Publication, headline: Headline) -> bool:
    """Tell whether a number is public, and something beside it."""
    of = headline_id(publication, headline)
    return of is not None and publication.published(of) and bool(_beside(publication, headline))


def _beside(publication: Publication, headline: Headline) -> list[float]:
    """Return the public numbers of a range: its ends and the single choices."""
    ends = [publication.estimate(headline.score_id(end)) for end in ("low", "high", "any_low", "any_high")]
    singles = [value for value, _id, _text in _singles(publication, headline, "nl")]
    return [value for value in (*ends, *singles) if value is not None]


def _panel(axes: Axes, publication: Publication, headline: Headline, name: str, *, language: str) -> None:
    nl = language == "nl"
    low, high, any_low, any_high = (
        publication.estimate(headline.score_id(end)) for end in ("low", "high", "any_low", "any_high")
    )
    number = publication.estimate(str(headline_id(publication, headline))) or 0.0
    reach = [number, _NEUTRAL.get(headline.unit, 0.0), *_beside(publication, headline)]
    width = (max(reach) - min(reach)) or 1.0
    if any_low is not None and any_high is not None:
        axes.plot([any_low, any_high], [0, 0], color=MUTED, linewidth=1.6, linestyle=":", marker="|", markersize=15,
                  label="van alle combinaties" if nl else "of all combinations")  # fmt: skip
    if low is not None and high is not None:
        least = 0.006 * width  # a range without width is seen all the same
        axes.add_patch(
            Rectangle((low - least, -0.32), high - low + 2 * least, 0.64, facecolor=PALE, edgecolor=BLUE,
                      linewidth=0.8, label="bij dezelfde vraag" if nl else "for the same question")
        )  # fmt: skip
    singles = [value for value, _id, _text in _singles(publication, headline, language) if value is not None]
    if singles:
        axes.plot(singles, [0] * len(singles), "o", color="white", markeredgecolor=BLUE, markersize=6.5,
                  linestyle="none", label="één keuze anders" if nl else "one choice changed")  # fmt: skip
    axes.plot([number], [0], "D", color=ORANGE, markersize=8, linestyle="none",
              label="zoals in dit boek" if nl else "as in this book")  # fmt: skip
    if headline.unit in _NEUTRAL:
        axes.axvline(_NEUTRAL[headline.unit], color=INK, linewidth=1)
    axes.set_xlim(min(reach) - 0.03 * width, max(reach) + 0.05 * width)
    axes.set_ylim(-0.75, 0.75)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_title(name, loc="left", fontsize=10, pad=3)
    axes.tick_params(labelsize=9)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=headline.unit in ("days", "count")))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _at: _tick(value, headline, language)))


def _tick(value: float, headline: Headline, language: str) -> str:
    """Write a tick without its unit, which stands in the title of the panel."""
    if headline.unit == "points":
        return written(value, unit="points", count=None, language=language).split(" ")[0]
    return written(value, unit="count" if headline.unit == "days" else headline.unit, count=None, language=language)


def _name(publication: Publication, headline: Headline, language: str) -> str:
    text = publication.cell(str(headline_id(publication, headline)), language=language)
    title = headline.title[language]
    return textwrap.fill(f"{title[:1].upper()}{title[1:]}: {text}", _LETTERS)


def _rows(publication: Publication, headline: Headline, language: str) -> list[tuple[str, ...]]:
    """Return the number with its ranges, and under it every single choice."""
    of = str(headline_id(publication, headline))
    rows: list[tuple[str, ...]] = [
        (
            headline.title[language],
            publication.cell(of, language=language),
            publication.interval_cell(of, language=language),
            _between(publication, headline, "", language),
            _between(publication, headline, "any_", language),
        )
    ]
    singles = [] if headline in _ELSEWHERE else _singles(publication, headline, language)
    return rows + [
        (
            f"{headline.title[language]}, {text}",
            publication.cell(score_id, language=language),
            publication.interval_cell(score_id, language=language),
            "",
            "",
        )
        for _value, score_id, text in singles
    ]


def _singles(publication: Publication, headline: Headline, language: str) -> list[tuple[float | None, str, str]]:
    """Return number, id and words of each choice made otherwise by itself, in the order of the declaration.

    The number is None where it is not public, or in another unit than that of the headline.
    """
    found = []
    for choice in headline.read_grid().choices:
        for option in choice.options:
            score_id = headline.score_id(f"{choice.key}_{option.key}")
            if publication.known(score_id):
                same_unit = publication.row(score_id)["unit"] == headline.unit
                value = publication.estimate(score_id) if same_unit else None
                found.append((value, score_id, f"{choice.title[language]}: {option.title[language]}"))
    return found


def _between(publication: Publication, headline: Headline, which: str, language: str) -> str:
    """Say between what a number lies; a dash where one of the ends is not public."""
    ends = [headline.score_id(f"{which}{end}") for end in ("low", "high")]
    if not all(map(publication.published, ends)):
        return "–"
    low, high = (publication.text(end, language=language) for end in ends)
    if low == high:
        return low
    return {"nl": f"{low} tot {high}", "en": f"{low} to {high}"}[language]
