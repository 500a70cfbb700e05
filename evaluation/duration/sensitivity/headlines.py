"""The headline numbers of duration, of which the range over other choices is told."""

from dataclasses import dataclass
from pathlib import Path

from evaluation.duration.stage_table import CHAIN, STAGES
from evaluation.multiverse_grid import Grid, read_grid

GRIDS = Path(__file__).parents[1] / "multiverse.yaml"
"""The grids of duration."""

WITHIN_DAYS = 365


@dataclass(frozen=True, eq=False)
class Headline:
    """A number that the book names, and where its range stands.

    Parameters
    ----------
    measure : str
        Of the range: `duration.total_gross_range`.
    statistic : str
        What the names of its numbers begin with: `median_low`, `median_kind_all`.
    unit : str
    of : str
        Id of the score itself; `{year}` stands for the year it is about.
    grid : str
        Name in `GRIDS`.
    title : dict
        In `nl` and `en`, to stand in a sentence.
    whole : int
        Numbers of the range are given in whole multiples of this: a count over slightly
        other cases must not tell, subtracted, how many those cases are.
    """

    measure: str
    statistic: str
    unit: str
    of: str
    grid: str
    title: dict[str, str]
    whole: int = 0

    def score_id(self, rest: str) -> str:
        """Return the id of a number of the range.

        Examples
        --------
        >>> TOTAL_GROSS.score_id("low")
        'duration.total_gross_range.median_low.all'
        """
        return f"{self.measure}.{self.statistic}_{rest}.all"

    def read_grid(self) -> Grid:
        """Return the choices behind this number."""
        return read_grid(self.grid, GRIDS)


def _stage(code: str) -> Headline:
    title = next(stage.title for stage in STAGES if stage.code == code)
    name, between = ({language: text.split(": ")[part] for language, text in title.items()} for part in (0, 1))
    return Headline(
        f"duration.{code}_range", "median", "days", f"duration.{code}_gross.median.all", code,
        {
            "nl": f"mediane duur van: {name['nl'].lower()} ({between['nl']})",
            "en": f"median duration of: {name['en'].lower()} ({between['en']})",
        },
    )  # fmt: skip


TOTAL_GROSS = Headline(
    "duration.total_gross_range", "median", "days", "duration.total_gross.median.all", "total",
    {"nl": "mediane duur, bruto", "en": "median duration, gross"},
)  # fmt: skip
TOTAL_NET = Headline(
    "duration.total_net_range", "median", "days", "duration.total_net.median.all", "total",
    {"nl": "mediane duur, netto", "en": "median duration, net"},
)  # fmt: skip
WITHIN = Headline(
    f"duration.within_{WITHIN_DAYS}_range", "share", "share", f"duration.total_gross.within_{WITHIN_DAYS}_days.all",
    "within", {"nl": "deel dat binnen een jaar klaar is", "en": "share ended within a year"},
)  # fmt: skip
STAGE_HEADLINES = {code: _stage(code) for code in (*CHAIN, "uncertainty")}
CHANGE = Headline(
    "duration.change_range", "share_change", "points", "duration.change_cohorts.share_change.all", "change",
    {"nl": "verandering in het deel dat binnen een jaar klaar is", "en": "change in the share ended within a year"},
)  # fmt: skip
STOCK = Headline(
    "duration.stock_range", "stock", "count", "duration.backlog.stock_now.all", "stock",
    {"nl": "aantal lopende zaken", "en": "number of open cases"}, whole=10,
)  # fmt: skip
STOCK_AGE = Headline(
    "duration.stock_age_range", "age_median", "days", "duration.backlog.stock_age_median.year={year}", "stock_age",
    {"nl": "mediane ouderdom van de lopende zaken", "en": "median age of the open cases"},
)  # fmt: skip
SPREAD = Headline(
    "duration.spread_range", "median_odds_ratio", "odds_ratio", "duration.pace.median_odds_ratio.all", "spread",
    {"nl": "verschil tussen eenheden (mediane oddsratio)", "en": "difference between units (median odds ratio)"},
)  # fmt: skip
OUTSIDE = {
    name: Headline(
        f"duration.outside_{name}_range", "units", "count", f"duration.closing.outside_{name}.all", "outside",
        {
            "nl": f"aantal eenheden buiten de grenzen van {words['nl']}",
            "en": f"number of units outside the limits of {words['en']}",
        },
    )
    for name, words in (("95", {"nl": "95%", "en": "95%"}), ("998", {"nl": "99,8%", "en": "99.8%"}))
}  # fmt: skip
HEADLINES = (
    TOTAL_GROSS, TOTAL_NET, WITHIN, *STAGE_HEADLINES.values(), CHANGE, STOCK, STOCK_AGE, SPREAD, *OUTSIDE.values(),
)  # fmt: skip
"""All headline numbers, in the order of the chapter."""
