"""An exhibit: a figure with its text alternative, its table and their downloads.

No figure of the book stands alone: whoever cannot see it reads the same numbers in the
sentence (`alt`) and in the table, and can take both along as SVG and csv.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

INK, MUTED, GRID = "#1b1b1b", "#555555", "#d9d9d9"
BLUE, ORANGE, PALE = "#0a4f8f", "#b34700", "#bcd3e8"

_STYLE: Any = {
    "svg.fonttype": "path",
    "svg.hashsalt": "toetssteen",
    "font.size": 11,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
}
_SIGNED = re.compile(r"[+-]\d[\d.,]*%?((?: [a-z]+)*)")
_WIDE = 4  # from five columns on, a phone scrolls the table instead of squeezing it
_NO_METADATA = {"Creator": None, "Date": None, "Format": None, "Type": None}
_WORDS = {
    "nl": {"table": "Cijfers in een tabel", "figure": "figuur (SVG)", "csv": "tabel (csv)", "download": "Download",
           "scroll": "Schuif opzij om alles te zien."},
    "en": {"table": "Figures in a table", "figure": "figure (SVG)", "csv": "table (csv)", "download": "Download",
           "scroll": "Scroll sideways to see all of it."},
}  # fmt: skip


@dataclass(frozen=True)
class Table:
    """A small table of text: a header per column, the first column names the row."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str

    def html(self, *, language: str) -> str:
        """Return the table with a caption and scopes, inside a region that can scroll."""
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in self.header)
        body = "".join(
            f'<tr><th scope="row">{escape(row[0])}</th>'
            + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
            + "</tr>"
            for row in self.rows
        )
        wide = " tt-wide" if len(self.header) > _WIDE else ""
        return (
            f"{_hint(language) if wide else ''}"
            f'<div class="tt-scroll" role="region" tabindex="0" aria-label="{escape(self.caption, quote=True)}">'
            f'<table class="tt-table{wide}"><caption>{escape(self.caption)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        )

    def csv(self) -> str:
        """Return the table as csv; text that a spreadsheet would run as a formula is quoted off."""
        lines = io.StringIO()
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(self.header)
        writer.writerows([_inert(cell) for cell in row] for row in self.rows)
        return lines.getvalue()


@dataclass(frozen=True)
class Exhibit:
    """A figure or, without `svg`, only a table.

    Parameters
    ----------
    name : str
        File name of the downloads.
    alt : str
        What the figure shows, in words and numbers.
    caption : str
        The line under the figure: what, over which cases, as of when.
    table : Table
        The same numbers.
    svg : str or None
        The drawing.
    language : str
        `nl` or `en`.
    folder : str
        Where `save` has put the downloads, as the page links to them.
    narrow : bool
        Whether the drawing was made for the width of a phone: it then never scrolls.
    """

    name: str
    alt: str
    caption: str
    table: Table
    svg: str | None
    language: str
    folder: str = "_static/exhibits"
    narrow: bool = False

    def save(self, root: Path | str = ".") -> "Exhibit":
        """Write the SVG and the csv under `root`/`folder`; return the exhibit itself."""
        target = Path(root) / self.folder
        target.mkdir(parents=True, exist_ok=True)
        if self.svg:
            (target / f"{self.name}.svg").write_text(self.svg, encoding="utf-8")
        (target / f"{self.name}.csv").write_text("\ufeff" + self.table.csv(), encoding="utf-8")
        return self

    def _repr_html_(self) -> str:
        words = _WORDS[self.language]
        name = f"{self.folder}/{self.name}"
        what = escape(self.table.caption, quote=True)
        csv_link = f'<a href="{name}.csv" download>{words["csv"]}<span class="tt-hidden">: {what}</span></a>'
        if not self.svg:
            downloads = f'<p class="tt-downloads">{words["download"]}: {csv_link}</p>'
            return f'<div class="tt-exhibit">{self.table.html(language=self.language)}{downloads}</div>'
        svg_link = f'<a href="{name}.svg" download>{words["figure"]}<span class="tt-hidden">: {what}</span></a>'
        hint, shape = ("", " tt-narrow") if self.narrow else (_hint(self.language), "")
        return (
            f'{hint}<figure class="tt-exhibit{shape}">'
            f'<div class="tt-scroll" role="region" tabindex="0" aria-label="{what}">'
            f'<img src="{name}.svg" alt="{escape(self.alt, quote=True)}"></div>'
            f"<figcaption>{escape(self.caption)}</figcaption></figure>"
            f'<details class="tt-details"><summary>{words["table"]}<span class="tt-hidden">: {what}</span></summary>'
            f"{self.table.html(language=self.language)}</details>"
            f'<p class="tt-downloads">{words["download"]}: {svg_link} · {csv_link}</p>'
        )


def show(exhibit: Exhibit | None) -> Exhibit | None:
    """Save the downloads of an exhibit beside the page and return it, so that a cell shows it."""
    return exhibit.save() if exhibit else None


def drawing(width: float, height: float) -> tuple[Figure, Axes]:
    """Return an empty figure on a white card with one pair of axes, in the book's style."""
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
        axes = figure.add_subplot()
        axes.tick_params(length=0)
    return figure, axes


def stacked_drawing(width: float, height: float, *, heights: tuple[float, float]) -> tuple[Figure, Axes, Axes]:
    """Return an empty figure with two pairs of axes, one above the other, on the same horizontal axis."""
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=heights)
        for axes in (upper, lower):
            axes.tick_params(length=0)
    return figure, upper, lower


def panels(width: float, heights: Sequence[float], *, above: float) -> tuple[Figure, list[Axes]]:
    """Return an empty figure with pairs of axes under one another, each on a horizontal axis of its own.

    `above` is the height of what stands over the first, such as a legend.
    """
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(width, above + sum(heights)), layout="constrained", facecolor="white")
        found = figure.subplots(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
        for axes in found:
            axes.tick_params(length=0)
    return figure, list(found)


def svg_text(figure: Figure) -> str:
    """Return the drawing as SVG text: letters as paths, no date, the same bytes each time."""
    with matplotlib.rc_context(_STYLE):
        out = io.StringIO()
        FigureCanvasSVG(figure).print_svg(out, metadata=_NO_METADATA)
    text = out.getvalue()
    return text[text.index("<svg") :]


def _hint(language: str) -> str:
    """Return the line that a phone shows over what is wider than its screen."""
    return f'<p class="tt-hint">{_WORDS[language]["scroll"]}</p>'


def _inert(cell: str) -> str:
    if signed := _SIGNED.fullmatch(cell):  # a number, or `+1,4 procentpunt`: text, once a space stands before it
        return f" {cell}" if signed[1] else cell
    return f"'{cell}" if cell[:1] in tuple("=+-@\t\r") else cell
