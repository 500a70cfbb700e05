"""How a result shows itself."""

import pandas as pd

from evaluation.survival.shown import shown


def test_text_is_escaped_gaps_are_blank_and_a_long_table_is_cut() -> None:
    html = shown(pd.DataFrame({"day": range(100), "share": [None] * 99 + [0.123456789]}), "a < b")
    assert html.startswith("<p>a &lt; b</p>")
    assert "nan" not in html.lower() and "0.123457" in html
    assert html.count("<tr") < 30
