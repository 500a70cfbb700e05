"""Where the time goes: the stages of a case, and the norms that were in force."""

import textwrap

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from book.exhibit import BLUE, INK, MUTED, ORANGE, PALE, Exhibit, drawing
from book.figures.common import INTERVAL, axis_format, exhibit
from book.ledger import Publication, count_text
from evaluation.duration.stage_table import CHAIN, STAGES

_TITLES = {stage.code: stage.title for stage in STAGES if stage.code != "total"}
_CLOCKS = (("gross", PALE, BLUE, "", 0.19), ("net", "white", ORANGE, "////", -0.19))
_NAMES = {"gross": {"nl": "bruto", "en": "gross"}, "net": {"nl": "netto", "en": "net"}}
_THICK = 0.3


def duration_stages(publication: Publication, *, language: str) -> Exhibit | None:
    """One bar a stage from p25 to p75 with a line at the median, gross above net."""
    nl = language == "nl"
    codes = [code for code in _TITLES if publication.known(f"duration.{code}_gross.median.all")]
    shown = [code for code in codes if publication.published(f"duration.{code}_gross.median.all")]
    if not shown:
        return None
    figure, axes = drawing(7, 0.78 * len(shown) + 1.3)
    edge = 1.12 * max(_reach(publication, code) for code in shown)
    for at, code in enumerate(reversed(shown)):
        for clock, *look, shift in _CLOCKS:
            _bar(axes, publication, f"duration.{code}_{clock}", at + shift, look, edge=edge, language=language)
    axes.set_yticks(range(len(shown)), [_in_lines(_TITLES[code][language]) for code in reversed(shown)], fontsize=9.5)
    axes.set_ylim(-0.6, len(shown) - 0.4)
    axes.set_xlim(0, edge)
    axes.grid(visible=False, axis="y")
    chain = [code for code in shown if code in CHAIN]
    if chain and len(chain) < len(shown):
        axes.axhline(len(shown) - len(chain) - 0.5, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.xaxis.set_major_formatter(axis_format("count", language))
    axes.set_xlabel("dagen" if nl else "days")
    handles = [
        Rectangle((0, 0), 1, 1, facecolor=face, edgecolor=line, hatch=hatch, label=_NAMES[clock][language])
        for clock, face, line, hatch, _shift in _CLOCKS
        if any(publication.published(f"duration.{code}_{clock}.median.all") for code in shown)
    ]
    figure.legend(handles=handles, frameon=False, loc="outside upper left", ncols=2)
    header = (
        ("Fase", "Aantal", "Mediaan bruto", "95%-interval", "Een kwart binnen", "Drie kwart binnen", "Mediaan netto",
         "Weggelaten")
        if nl
        else ("Stage", "Count", "Median gross", "95% interval", "A quarter within", "Three quarters within",
              "Median net", "Left out")
    )  # fmt: skip
    rows = []
    for code in codes:
        gross, net = f"duration.{code}_gross", f"duration.{code}_net"
        rows.append(
            (
                _TITLES[code][language],
                publication.count_cell(f"{gross}.median.all", "n", language=language),
                publication.cell(f"{gross}.median.all", language=language),
                publication.interval_cell(f"{gross}.median.all", language=language),
                publication.cell(f"{gross}.p25.all", language=language),
                publication.cell(f"{gross}.p75.all", language=language),
                publication.cell(f"{net}.median.all", language=language),
                publication.cell(f"{gross}.left_out.all", language=language),
            )
        )
    title = "Duur per fase" if nl else "Duration of each stage"
    said = "; ".join(
        f"{_TITLES[c][language]}: {publication.cell(f'duration.{c}_gross.median.all', language=language)}"
        for c in shown
    )
    alt = (
        f"Liggende balken, een per fase in de volgorde van de procedure: van een kwart tot drie kwart van de zaken, "
        f"met een streep bij de mediaan. Mediaan bruto: {said}."
        if nl
        else f"Horizontal bars, one a stage in the order of the procedure: from a quarter to three quarters of the "
        f"cases, with a line at the median. Median gross: {said}."
    )
    return exhibit("duration_stages", figure, title, alt, header, rows, publication, language=language)


def duration_stages_working(publication: Publication, *, language: str) -> Exhibit | None:
    """The same stages, and the whole, in working days: a table."""
    measures = {
        **{code: title[language] for code, title in _TITLES.items()},
        "total": {"nl": "Geheel", "en": "Total"}[language],
    }
    known = [code for code in measures if publication.known(f"duration.{code}_working_gross.median.all")]
    if not any(publication.published(f"duration.{code}_working_gross.median.all") for code in known):
        return None
    header = {
        "nl": ("Fase", "Aantal", "Mediaan bruto (werkdagen)", INTERVAL["nl"], "Drie kwart binnen", "Mediaan netto"),
        "en": ("Stage", "Count", "Median gross (working days)", INTERVAL["en"], "Three quarters within", "Median net"),
    }[language]
    rows = []
    for code in known:
        gross, net = f"duration.{code}_working_gross", f"duration.{code}_working_net"
        rows.append(
            (
                measures[code],
                publication.count_cell(f"{gross}.median.all", "n", language=language),
                publication.cell(f"{gross}.median.all", language=language),
                publication.interval_cell(f"{gross}.median.all", language=language),
                publication.cell(f"{gross}.p75.all", language=language),
                publication.cell(f"{net}.median.all", language=language),
            )
        )
    title = {"nl": "Duur per fase in werkdagen", "en": "Duration of each stage in working days"}[language]
    return exhibit("duration_stages_working", None, title, title, header, rows, publication, language=language)


def duration_complaints(publication: Publication, *, language: str) -> Exhibit | None:
    """The share of complaints settled within the norm, by year: a table."""
    base = "duration.complaint_norm.within_norm"
    groups = [*(f"year={year}" for year in publication.groups(base, "year")), "all"]
    if not any(publication.published(f"{base}.{group}") for group in groups):
        return None
    header = {
        "nl": ("Jaar", "Binnen de norm", INTERVAL["nl"], "Klachten onder een norm"),
        "en": ("Year", "Within the norm", INTERVAL["en"], "Complaints under a norm"),
    }[language]
    rows = [
        (
            {"nl": "Alle jaren", "en": "All years"}[language] if group == "all" else group.removeprefix("year="),
            publication.cell(f"{base}.{group}", language=language),
            publication.interval_cell(f"{base}.{group}", language=language),
            publication.count_cell(f"{base}.{group}", "n", language=language),
        )
        for group in groups
    ]
    title = {"nl": "Klachten binnen de norm", "en": "Complaints within the norm"}[language]
    return exhibit("duration_complaints", None, title, title, header, rows, publication, language=language)


def _reach(publication: Publication, code: str) -> float:
    """Return the furthest day that the bars of a stage show."""
    ids = [f"duration.{code}_{clock}.{s}.all" for clock, *_look in _CLOCKS for s in ("p75", "median")]
    return max(publication.estimate(i) or 0.0 for i in ids)


def _bar(
    axes: Axes,
    publication: Publication,
    measure: str,
    at: float,
    look: list[str],
    *,
    edge: float,
    language: str,
) -> None:
    """Draw p25 to p75; without a p75 the bar is open to the edge, without a p25 there is the median only."""
    face, line, hatch = look
    median, low, high = (publication.estimate(f"{measure}.{s}.all") for s in ("median", "p25", "p75"))
    if median is None:
        return
    if low is not None:
        end = edge if high is None else high
        axes.add_patch(
            Rectangle(
                (low, at - _THICK / 2), end - low, _THICK, facecolor=face, edgecolor=line, hatch=hatch, linewidth=1
            )
        )
        if high is None:
            axes.plot([0.985 * edge], [at], ">", color=INK, markersize=7)
    axes.plot([median, median], [at - _THICK / 2, at + _THICK / 2], color=INK, linewidth=2.6, solid_capstyle="butt")
    axes.annotate(
        count_text(median, language=language), (median, at), xytext=(5, 0), textcoords="offset points", va="center",
        fontsize=9.5, fontweight="bold", color=INK,
        bbox={"boxstyle": "square,pad=0.12", "facecolor": "white", "edgecolor": "none", "alpha": 0.85},
    )  # fmt: skip


def _in_lines(title: str) -> str:
    name, _colon, rest = title.partition(": ")
    return "\n".join([name, *textwrap.wrap(rest, 26)])
