"""How results show themselves in a notebook: a table under one line of text, and steps over the days."""

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from evaluation.survival.columns import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_ROWS = 20


def shown(table: pd.DataFrame, caption: str) -> str:
    """Return the table as HTML under its caption; of a long one the first and the last rows.

    Examples
    --------
    >>> shown(pd.DataFrame({"n": [3]}), "a < b")[:15]
    '<p>a &lt; b</p>'
    """
    html = table.to_html(
        index=False, na_rep="", border=0, max_rows=_MOST_ROWS, float_format=lambda value: f"{value:.6g}"
    )
    return f"<p>{escape(caption)}</p>\n{html}"


def steps(lines: Mapping[str, tuple[Floats, Floats]], *, first: float, until: float, axes: "Axes | None") -> "Axes":
    """Draw shares that jump on their days, one line a label; `first` is the share before the first day."""
    from matplotlib import pyplot  # takes half a second

    axes = pyplot.subplots()[1] if axes is None else axes
    for label, (days, share) in lines.items():
        heights = np.concatenate(([first], share))
        axes.step(np.concatenate(([0.0], days, [until])), np.append(heights, heights[-1]), where="post", label=label)
    axes.set_ylim(0, 1.02)
    axes.set_xlim(left=0)
    if len(lines) > 1:
        axes.legend()
    return axes
