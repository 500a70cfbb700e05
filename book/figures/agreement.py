"""How far readers of dossiers agree, and what their disagreement does to the shares that they found."""

import textwrap

import numpy as np
from matplotlib.axes import Axes

from book.exhibit import BLUE, INK, MUTED, ORANGE, PALE, Exhibit, drawing
from book.figures.common import INTERVAL, axis_format, exhibit, span
from book.ledger import Publication
from evaluation.consistency.reader_items import load_reader_items

_POOLED = "consistency.readers"
_ITEM = f"{_POOLED}_"
# Shape, filling and colour: told apart without colours.
_LOOKS = {
    "percent": ("D", "white", INK, {"nl": "deel hetzelfde", "en": "share the same"}),
    "ac1": ("o", BLUE, BLUE, {"nl": "AC1 van Gwet", "en": "Gwet's AC1"}),
    "alpha": ("s", ORANGE, ORANGE, {"nl": "alfa van Krippendorff", "en": "Krippendorff's alpha"}),
}
_TABLE_ONLY = {
    "kappa_fleiss": {"nl": "Kappa van Fleiss", "en": "Fleiss' kappa"},
    "kappa_conger": {"nl": "Kappa van Conger", "en": "Conger's kappa"},
    "brennan_prediger": {"nl": "Brennan-Prediger", "en": "Brennan-Prediger"},
}
_SHARES = {
    "found_share": {"nl": "Lezers vonden", "en": "Readers found"},
    "true_share_low": {"nl": "Werkelijk ten minste", "en": "Truly at least"},
    "true_share_high": {"nl": "Werkelijk ten hoogste", "en": "Truly at most"},
    "true_share_equal": {"nl": "Bij even vaak vergissen", "en": "If they err as often"},
}
_RANGE_MARKS = {
    "found_share": ("o", BLUE, BLUE, 0.1),
    "true_share_equal": ("D", "white", ORANGE, -0.1),
}
_RANGE_WORDS = {
    "found_share": {"nl": "wat lezers vonden", "en": "what readers found"},
    "range": {"nl": "hier ligt het werkelijke deel", "en": "here lies the true share"},
    "sample": {"nl": "zo ver kan de steekproef ernaast zitten", "en": "how far the sample can be off"},
    "true_share_equal": {
        "nl": "als lezers zich naar beide\nkanten even vaak vergissen",
        "en": "if readers err as often\neither way",
    },
}
_ITEM_HEADER = {"nl": "Item", "en": "Item"}
_ALL_ITEMS = {"nl": "Alle items samen", "en": "All items together"}
_FIFTHS = (0.2, 0.4, 0.6, 0.8)
_APART = 0.25  # of a row: between the marks of one item
_WIDTH = 24  # letters of an item's name on a line


def reader_agreement(publication: Publication, *, language: str) -> Exhibit | None:
    """Marks by item, the mean over items on top: three coefficients of agreement, each with its interval."""
    nl = language == "nl"
    measures = _measures(publication)
    shown = [measure for measure in measures if any(publication.published(f"{measure}.{s}.all") for s in _LOOKS)]
    if not shown:
        return None
    figure, axes = drawing(7, 0.66 * len(shown) + 1.9)
    least = _agreement_marks(axes, publication, shown, language)
    _name_rows(axes, publication, shown, language)
    axes.grid(visible=False)
    axes.set_xlim(least - 0.05, 1.05)
    _agreement_guides(axes, language)
    axes.set_xlabel("overeenstemming van lezers" if nl else "agreement of readers")
    figure.legend(frameon=False, loc="outside upper left", ncols=3, fontsize=9.5, handletextpad=0.3, columnspacing=1.2)
    header = [_ITEM_HEADER[language], "Dossiers tweemaal gelezen" if nl else "Dossiers read twice"]
    for *_look, words in _LOOKS.values():
        header += [words[language][0].upper() + words[language][1:], INTERVAL[language]]
    header += [words[language] for words in _TABLE_ONLY.values()]
    rows = [
        (
            _name(publication, measure, language),
            publication.cell(f"{measure}.double_read.all", language=language),
            *_cells(publication, measure, tuple(_LOOKS), language),
            *(publication.cell(f"{measure}.{statistic}.all", language=language) for statistic in _TABLE_ONLY),
        )
        for measure in measures
    ]
    title = "Overeenstemming van lezers van dossiers" if nl else "Agreement of readers of dossiers"
    note = {
        "nl": "Bij AC1 en alfa is afgetrokken wat toeval zou geven; bij het deel hetzelfde niet. De stippellijnen "
        "delen de schaal in vijven, zoals vaak gebeurt; zij zeggen niet of de overeenstemming genoeg is.",
        "en": "From AC1 and alpha is taken off what chance would give; from the share the same it is not. The dotted "
        "lines divide the scale in fifths, as is often done; they do not say whether agreement is enough.",
    }[language]
    said = "; ".join(f"{_name(publication, one, language)}: {_said(publication, one, language)}" for one in shown)
    alt = {
        "nl": f"Punten met een interval, drie per item, op een schaal van 0 (toeval) tot 1 (altijd hetzelfde). {said}.",
        "en": f"Marks with an interval, three an item, on a scale from 0 (chance) to 1 (always the same). {said}.",
    }[language]
    return exhibit("reader_agreement", figure, title, alt, tuple(header), rows, publication, note=note,
                   language=language)  # fmt: skip


def reader_true_share(publication: Publication, *, language: str) -> Exhibit | None:
    """Bars by item: the range in which the true share lies; a mark for what readers found."""
    nl = language == "nl"
    measures = [measure for measure in _measures(publication) if measure != _POOLED]
    shown = [m for m in measures if all(publication.published(f"{m}.true_share_{end}.all") for end in ("low", "high"))]
    if not shown:
        return None
    figure, axes = drawing(7, 0.6 * len(shown) + 1.7)
    _share_bars(axes, publication, shown, language)
    _name_rows(axes, publication, shown, language)
    axes.grid(visible=False, axis="y")
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(axis_format("share", language))
    axes.set_xlabel("deel van de dossiers met het item in orde" if nl else "share of dossiers with the item in order")
    handles, labels = axes.get_legend_handles_labels()
    places = [[words[language] for words in _RANGE_WORDS.values()].index(label) for label in labels]
    figure.legend(
        [handles[at] for at in np.argsort(places)], [labels[at] for at in np.argsort(places)], frameon=False,
        loc="outside upper left", ncols=2, fontsize=9.5, columnspacing=1.2,
    )  # fmt: skip
    header = [_ITEM_HEADER[language]]
    for words in _SHARES.values():
        header += [words[language], INTERVAL[language]]
    rows = [
        (_name(publication, one, language), *_cells(publication, one, tuple(_SHARES), language)) for one in measures
    ]
    title = "Wat lezers vonden, en wat werkelijk zo kan zijn" if nl else "What readers found, and what may truly be so"
    note = {
        "nl": "Aanname: lezers vergissen zich los van elkaar, en allemaal even vaak.",
        "en": "Assumption: readers err independently of each other, and all as often.",
    }[language]
    said = "; ".join(_said_range(publication, one, language) for one in shown)
    alt = {
        "nl": "Balken, een per item: het bereik van het deel dat werkelijk in orde is, met een punt voor wat lezers "
        f"vonden. {said}.",
        "en": f"Bars, one an item: the range of the share truly in order, with a mark for what readers found. {said}.",
    }[language]
    return exhibit("reader_true_share", figure, title, alt, tuple(header), rows, publication, note=note,
                   language=language)  # fmt: skip


def _measures(publication: Publication) -> list[str]:
    """Return the measures that the ledger has, the mean over items first, then items in the order of their list."""
    seen = {".".join(score_id.split(".")[:2]) for score_id in publication.ledger.index}
    listed = [f"{_ITEM}{key}" for key in load_reader_items().titles()]
    items = {measure for measure in seen if measure.startswith(_ITEM)}
    pooled = [_POOLED] if _POOLED in seen else []
    return [*pooled, *(measure for measure in listed if measure in items), *sorted(items - set(listed))]


def _name(publication: Publication, measure: str, language: str) -> str:
    if measure == _POOLED:
        return _ALL_ITEMS[language]
    key = measure.removeprefix(_ITEM)
    declared = load_reader_items().titles().get(key)
    return declared[language] if declared else publication.label("step", key, language=language).replace("_", " ")


def _name_rows(axes: Axes, publication: Publication, shown: list[str], language: str) -> None:
    names = [textwrap.fill(_name(publication, measure, language), _WIDTH) for measure in reversed(shown)]
    axes.set_yticks(range(len(shown)), names)
    axes.set_ylim(-0.5, len(shown) - 0.5)


def _agreement_marks(axes: Axes, publication: Publication, shown: list[str], language: str) -> float:
    """Draw the marks, and return where the leftmost of them or of their intervals lies, at most nought."""
    least, named = 0.0, set()
    for row, measure in enumerate(reversed(shown)):
        for place, (statistic, (shape, filling, colour, words)) in enumerate(_LOOKS.items()):
            score_id = f"{measure}.{statistic}.all"
            value, at = publication.estimate(score_id), row + _APART * (1 - place)
            if value is None:
                continue
            span(axes, publication, score_id, at=at, colour=colour, across=True)
            axes.plot(
                [value], [at], shape, color=colour, markerfacecolor=filling, markersize=7, linestyle="none",
                label=None if statistic in named else words[language],
            )  # fmt: skip
            named.add(statistic)
            least = min(least, value, publication.number(score_id, "low") or 0.0)
        if row:
            axes.axhline(row - 0.5, color=MUTED, linewidth=0.4)
    return least


def _agreement_guides(axes: Axes, language: str) -> None:
    """Draw lines at fifths of the scale and at its two ends; only the ends have words."""
    for fifth in _FIFTHS:
        axes.axvline(fifth, color=MUTED, linewidth=0.9, linestyle=(0, (1, 2)))
    for end in (0.0, 1.0):
        axes.axvline(end, color=INK, linewidth=0.9)
    chance, always = {"nl": ("toeval", "altijd\nhetzelfde"), "en": ("chance", "always\nthe same")}[language]
    point = {"nl": ",", "en": "."}[language]
    between = [f"{fifth:.1f}".replace(".", point) for fifth in _FIFTHS]
    axes.set_xticks([0, *_FIFTHS, 1], [f"0\n{chance}", *between, f"1\n{always}"])


def _share_bars(axes: Axes, publication: Publication, shown: list[str], language: str) -> None:
    """Draw the range of each item, the line of its uncertainty, and two marks, moved apart so that neither hides."""
    named: set[str] = set()

    def label(key: str) -> str | None:
        if key in named:
            return None
        named.add(key)
        return _RANGE_WORDS[key][language]

    for at, measure in enumerate(reversed(shown)):
        low, high = (publication.estimate(f"{measure}.true_share_{end}.all") or 0.0 for end in ("low", "high"))
        axes.barh([at], [high - low], left=low, height=0.5, facecolor=PALE, edgecolor=INK, linewidth=0.7,
                  label=label("range"))  # fmt: skip
        for end, edge in (("low", low), ("high", high)):
            outer = publication.number(f"{measure}.true_share_{end}.all", end)
            if outer is not None:
                axes.plot([outer, edge], [at, at], color=INK, linewidth=1.2, linestyle=(0, (2, 1.5)),
                          label=label("sample"))  # fmt: skip
        for statistic, (shape, filling, colour, up) in _RANGE_MARKS.items():
            value = publication.estimate(f"{measure}.{statistic}.all")
            if value is not None:
                axes.plot([value], [at + up], shape, color=colour, markerfacecolor=filling, markersize=7,
                          linestyle="none", label=label(statistic))  # fmt: skip


def _cells(publication: Publication, measure: str, statistics: tuple[str, ...], language: str) -> list[str]:
    return [
        cell
        for score_id in (f"{measure}.{statistic}.all" for statistic in statistics)
        for cell in (
            publication.cell(score_id, language=language),
            publication.interval_cell(score_id, language=language),
        )
    ]


def _said(publication: Publication, measure: str, language: str) -> str:
    return ", ".join(
        f"{words[language]} {publication.cell(f'{measure}.{statistic}.all', language=language)}"
        for statistic, (*_look, words) in _LOOKS.items()
    )


def _said_range(publication: Publication, measure: str, language: str) -> str:
    found, low, high = (
        publication.cell(f"{measure}.{statistic}.all", language=language)
        for statistic in ("found_share", "true_share_low", "true_share_high")
    )
    name = _name(publication, measure, language)
    return {
        "nl": f"{name}: {found} gevonden, werkelijk {low} tot {high}",
        "en": f"{name}: {found} found, truly {low} to {high}",
    }[language]
