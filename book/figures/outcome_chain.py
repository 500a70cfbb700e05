"""From signal to dismissal: what went on at each link, and what did not or is not known."""

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from book.exhibit import BLUE, INK, MUTED, PALE, Exhibit, drawing
from book.figures.common import axis_format, exhibit, unit_name
from book.figures.outcomes import registration
from book.ledger import Publication, count_text

_CHAIN = "consistency.chain_"
_LINKS = {
    "investigated": {
        "nl": ("Meldingen", "met een disciplinair onderzoek"),
        "en": ("Signals", "with a disciplinary investigation"),
    },
    "judged": {
        "nl": ("Gedragingen in een onderzoek", "met een inhoudelijk oordeel"),
        "en": ("Allegations in an investigation", "with a finding on the substance"),
    },
    "found": {
        "nl": ("Gedragingen met een oordeel", "met plichtsverzuim vastgesteld"),
        "en": ("Allegations with a finding", "with misconduct found"),
    },
    "penalised": {
        "nl": ("Plichtsverzuim vastgesteld", "met een straf"),
        "en": ("Misconduct found", "with a penalty"),
    },
    "dismissed": {
        "nl": ("Gedragingen met een straf", "met onvoorwaardelijk ontslag als straf"),
        "en": ("Allegations with a penalty", "with unconditional dismissal as the penalty"),
    },
    "left_service": {
        "nl": ("Plichtsverzuim vastgesteld", "met ontslag, als straf of op een andere grond"),
        "en": ("Misconduct found", "with dismissal, as a penalty or on another ground"),
    },
}  # fmt: skip
_PARTS = {
    "on": (BLUE, "", {"nl": "ging verder", "en": "went on"}),
    "off": (PALE, "///", {"nl": "ging niet verder", "en": "did not go on"}),
    "running": ("white", "...", {"nl": "loopt nog", "en": "still running"}),
    "missing": ("#e8e8e8", "xxx", {"nl": "niet bekend", "en": "not known"}),
}


@dataclass(frozen=True)
class _Link:
    """One link of the chain as it can be drawn; a count that is not public is None."""

    key: str
    parts: dict[str, float]


def outcome_chain(publication: Publication, *, language: str) -> Exhibit | None:
    """Bars as long as what came this far, split into what went on, what did not, and what is not known."""
    links = [link for key in _LINKS if (link := _link(publication, key))]
    if not links:
        return None
    figure, axes = drawing(7, 0.85 * len(links) + 1.5)
    for at, link in enumerate(reversed(links)):
        _bar(axes, link, at, publication, language)
    axes.set_yticks(
        range(len(links)), ["\n".join(_LINKS[link.key][language]) for link in reversed(links)], linespacing=1.25,
    )  # fmt: skip
    axes.set_ylim(-0.6, len(links) - 0.2)
    axes.grid(visible=False, axis="y")
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.xaxis.set_major_formatter(axis_format("count", language))
    axes.set_xlabel({"nl": "aantal dat tot hier kwam", "en": "number that came this far"}[language])
    for colour, hatch, words in (_PARTS[part] for part in _PARTS if any(part in link.parts for link in links)):
        axes.barh([0], [0], facecolor=colour, hatch=hatch, edgecolor=INK, linewidth=0.6, label=words[language])
    figure.legend(frameon=False, loc="outside upper center", ncols=4, fontsize=9, handlelength=1.6)
    title = {"nl": "Van melding tot ontslag, stap voor stap", "en": "From signal to dismissal, step by step"}[language]
    said = "; ".join(
        f"{_LINKS[link.key][language][0].lower()} {_LINKS[link.key][language][1]}: "
        f"{publication.cell(_id(link.key, 'share'), language=language)}"
        for link in links
    )
    alt = {
        "nl": f"Liggende balken, een per schakel. Van wat tot hier kwam en bekend is, ging verder: {said}.",
        "en": f"Lying bars, one a link. Of what came this far and is known, went on: {said}.",
    }[language]
    header = {
        "nl": ("Van", "Ging verder", "Aandeel", "95%-interval", "Bekend", "Loopt nog", "Niet bekend"),
        "en": ("Of", "Went on", "Share", "95% interval", "Known", "Still running", "Not known"),
    }[language]
    rows = [
        (
            *_LINKS[key][language],
            publication.cell(_id(key, "share"), language=language),
            publication.interval_cell(_id(key, "share"), language=language),
            publication.count_cell(_id(key, "share"), "denominator", language=language),
            publication.cell(_id(key, "running"), language=language),
            publication.cell(_id(key, "missing"), language=language),
        )
        for key in _LINKS
        if publication.known(_id(key, "share"))
    ]
    return exhibit("outcome_chain", figure, title, alt, header, rows, publication, language=language)


def outcome_chain_by_unit(publication: Publication, *, language: str) -> Exhibit | None:
    """Give the share that went on at each link by unit, with the registration of that unit beside it."""
    title = {
        "nl": "Van melding tot straf, per eenheid, met hoe de eenheid registreert",
        "en": "From signal to penalty, by unit, with how the unit registers",
    }[language]
    return _by_group(publication, "unit", title, registration(publication, language), language=language)


def outcome_chain_by_year(publication: Publication, *, language: str) -> Exhibit | None:
    """Give the share that went on at each link by year of receipt (signals) or opening."""
    title = {
        "nl": "Van melding tot straf, per jaar van melding of opening",
        "en": "From signal to penalty, by year of receipt or opening",
    }[language]
    return _by_group(publication, "year", title, (), language=language)


def _by_group(
    publication: Publication, kind: str, title: str, beside: tuple[tuple[str, str], ...], *, language: str
) -> Exhibit | None:
    links = [
        key
        for key in _LINKS
        if any(
            publication.published(f"{_CHAIN}{key}.share.{kind}={code}")
            for code in publication.groups(f"{_CHAIN}{key}.share", kind)
        )
    ]
    if not links:
        return None
    codes = list(dict.fromkeys(code for key in links for code in publication.groups(f"{_CHAIN}{key}.share", kind)))
    codes = sorted(codes) if kind == "year" else codes
    first = {"unit": {"nl": "Eenheid", "en": "Unit"}, "year": {"nl": "Jaar", "en": "Year"}}[kind][language]
    header = (
        first,
        *(f"{_LINKS[key][language][0]} {_LINKS[key][language][1]}" for key in links),
        *(head for _measure, head in beside),
    )
    rows = [
        (
            unit_name(publication, code, language) if kind == "unit" else code,
            *(publication.cell(f"{_CHAIN}{key}.share.{kind}={code}", language=language) for key in links),
            *(publication.cell(f"{measure}.{kind}={code}", language=language) for measure, _head in beside),
        )
        for code in codes
    ]
    return exhibit(f"outcome_chain_by_{kind}", None, title, title, header, rows, publication, language=language)


def _id(key: str, statistic: str) -> str:
    return f"{_CHAIN}{key}.{statistic}.all"


def _link(publication: Publication, key: str) -> _Link | None:
    share = _id(key, "share")
    known, on = (publication.number(share, count) for count in ("denominator", "numerator"))
    if known is None or on is None:
        return None
    parts = {"on": on, "off": known - on}
    for part in ("running", "missing"):
        count = publication.estimate(_id(key, part))
        if count:
            parts[part] = count
    return _Link(key, parts)


def _bar(axes: Axes, link: _Link, at: int, publication: Publication, language: str) -> None:
    left = 0.0
    for part, (colour, hatch, _words) in _PARTS.items():
        if count := link.parts.get(part):
            axes.barh([at], [count], left=left, height=0.5, facecolor=colour, hatch=hatch, edgecolor=INK, linewidth=0.6)
            left += count
    known = count_text(link.parts["on"] + link.parts["off"], language=language)
    share = publication.cell(_id(link.key, "share"), language=language)
    of = {"nl": f"{share} van {known}", "en": f"{share} of {known}"}[language]
    axes.annotate(
        of, (0, at + 0.25), xytext=(0, 3), textcoords="offset points", fontsize=9, color=MUTED, va="bottom",
    )  # fmt: skip
