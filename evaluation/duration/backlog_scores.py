"""The stock of open cases as scores: stock, flow, age, clearance, balance, and what it becomes if nothing changes.

For all units together only: by unit nearly every number is small, and successive ones
differ by a few cases. An evaluator has the units from `backlog.backlog`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import numpy as np
import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.duration.backlog import WHY_NO_STOCK, age_of_stock, backlog, days_until_rare
from evaluation.duration.stock_balance import clearance, littles_law
from evaluation.duration.stock_projection import ASSUMPTION, projection
from evaluation.duration.total import KIND, only_disciplinary, total_curve
from evaluation.score_rows import ScoreRows
from evaluation.scores import EstimandCard, Part, Refusal, Score

RARE_SHARE = 0.01
"""A delivery of cases opened in its period shows the stock from when on at most this share is still open."""

BALANCE_DAYS = 1080
PROJECTED_MONTHS = (3, 6, 12)
OLDER_THAN = (180, 365)
_MEASURE = "duration.backlog"
_QUARTERS = {3: "stock_q1", 6: "stock_q2", 9: "stock_q3", 12: "stock"}
_MONTHS_A_YEAR, _DAYS_A_QUARTER = 12, 90


def backlog_scores(
    case_files: CaseFiles, cases: pd.DataFrame, *, as_of: date, level: float, rng: np.random.Generator
) -> Part:
    """Return the stock of open disciplinary cases, its age and its flow.

    *Estimand*: the number of cases open at the end of a quarter, and what came in and
    went out in a year; counts of the cases delivered. Clearance and Little's ratio are
    those of the process behind these days; the projection is an extrapolation.

    Parameters
    ----------
    case_files : CaseFiles
        Already cut: `case_files.at(as_of)`.
    cases : DataFrame
        As `total.case_durations` returns them.
    as_of : date
    level : float
    rng : numpy.random.Generator
        For the projection.

    Returns
    -------
    Part
        Scores of `duration.backlog`, its card, or the reason why there is no stock.
    """
    reached = days_until_rare(total_curve(cases, "total_gross"), share=RARE_SHARE)
    # In whole quarters: the day itself is that of one case.
    rare = None if reached is None else _DAYS_A_QUARTER * int(np.ceil(reached / _DAYS_A_QUARTER))
    only = only_disciplinary(case_files)
    months, views = backlog(case_files, as_of=as_of, kind=KIND if only else None, days_until_rare=rare)
    view = views.set_index("group").loc["all"]
    if view["refusal"] is not None:
        return Part(refusals=(Refusal(_MEASURE, ("cohort_basis",), dict(WHY_NO_STOCK[view["refusal"]])),))
    given = case_files.cases[case_files.cases["kind"] == KIND] if only else case_files.cases
    undated = (given["status"] == "afgesloten") & given["closed_on"].isna()
    known = given[~undated & given["opened_on"].notna()]
    stock = _Stock(known["opened_on"], known["closed_on"], months[months["group"] == "all"])
    rows = partial(ScoreRows, _MEASURE, estimand=_MEASURE, as_of=as_of, level=level)
    lost = int(view["no_opening"] + view["no_closing"])
    span = f"{stock.first.isoformat()}/{stock.last.isoformat()}"
    now = rows(group="all", period=span)
    opened_only = bool((case_files.delivery["cohort_basis"] == "geopend").any())
    return Part(
        scores=(
            *_by_year(stock, rows),
            *_now(stock, now, rng=rng),
            now.counted_share("left_out", lost, int(view["n"])),
        ),
        cards=(_card(stock, only=only, opened_only=opened_only),),
    )


@dataclass(frozen=True, eq=False)
class _Stock:
    """The dated cases, and the table of the whole months of which the stock is known."""

    opened: pd.Series
    closed: pd.Series
    months: pd.DataFrame

    @property
    def first(self) -> date:
        """First day of the first month."""
        return self.months["month"].iloc[0].date()

    @property
    def last(self) -> date:
        """Last day of the last month."""
        return (self.months["month"].iloc[-1] + pd.offsets.MonthEnd()).date()

    @property
    def recent(self) -> tuple[date, date] | None:
        """First and last day of the last twelve whole months; None when fewer are known."""
        if len(self.months) < _MONTHS_A_YEAR:
            return None
        return self.months["month"].iloc[-_MONTHS_A_YEAR].date(), self.last


def _by_year(stock: _Stock, rows: "partial[ScoreRows]") -> Iterator[Score]:
    for year, months in stock.months.groupby(stock.months["month"].dt.year):
        of_year = rows(group=f"year={year}", period=f"{year}-01-01/{year}-12-31")
        for month in months.itertuples():
            if month.month.month in _QUARTERS:
                yield of_year.count(_QUARTERS[month.month.month], month.stock)
        last = months.iloc[-1]
        if last["month"].month == _MONTHS_A_YEAR:
            yield from _ages(of_year, int(last["stock"]), last["age_median"], last)
        if len(months) == _MONTHS_A_YEAR:
            yield of_year.count("inflow", int(months["inflow"].sum()))
            yield of_year.count("outflow", int(months["outflow"].sum()))
            found = clearance(stock.opened, stock.closed, first=date(int(year), 1, 1), last=date(int(year), 12, 31),
                              level=of_year.level)  # fmt: skip
            yield of_year.number("clearance", "ratio", found, n=found.inflow)


def _ages(rows: ScoreRows, stock: int, median: float, counts: "pd.Series | dict[str, float | int]") -> Iterator[Score]:
    yield rows.plain("stock_age_median", "days", None if np.isnan(median) else median, n=stock, refusal="too_few")
    for age in OLDER_THAN:
        yield rows.counted_share(f"stock_older_than_{age}", int(counts[f"older_than_{age}"]), stock)


def _now(stock: _Stock, now: ScoreRows, *, rng: np.random.Generator) -> Iterator[Score]:
    ages = age_of_stock(stock.opened, stock.closed, on=stock.last)
    last_day = replace(now, period=f"{stock.last.isoformat()}/{stock.last.isoformat()}")
    yield last_day.count("stock_now", int(ages["stock"]))
    yield from _ages(last_day, int(ages["stock"]), float(ages["age_median"]), ages)
    if stock.recent is None:
        for statistic in ("clearance", "littles_law"):
            yield now.plain(statistic, "ratio", None, n=0, refusal="absent")
        for month in PROJECTED_MONTHS:
            yield now.plain(f"projected_stock_{month}_months", "count", None, n=0, refusal="absent")
        return
    first, last = stock.recent
    now = replace(now, period=f"{first.isoformat()}/{last.isoformat()}")
    closed_over_opened = clearance(stock.opened, stock.closed, first=first, last=last, level=now.level)
    yield now.number("clearance", "ratio", closed_over_opened, n=closed_over_opened.inflow)
    balance = littles_law(stock.opened, stock.closed, first=first, last=last, within_days=BALANCE_DAYS, level=now.level)
    yield now.plain("littles_law", "ratio", balance.ratio, n=balance.n, refusal=balance.refusal)
    ahead = projection(stock.opened, stock.closed, first=stock.first, last=last, months_ahead=max(PROJECTED_MONTHS),
                       level=now.level, rng=rng)  # fmt: skip
    for month in PROJECTED_MONTHS:
        said = ahead.months.iloc[month - 1] if not ahead.refusal else None
        yield now.plain(
            f"projected_stock_{month}_months", "count", None if said is None else round(said["stock"]), n=ahead.n,
            low=None if said is None else said["low"], high=None if said is None else said["high"],
            refusal=ahead.refusal,
        )  # fmt: skip


def _card(stock: _Stock, *, only: bool, opened_only: bool) -> EstimandCard:
    since, until = stock.first.isoformat(), stock.last.isoformat()
    wait = {"nl": "", "en": ""}
    if opened_only:
        wait = {
            "nl": " De levering bevat alleen zaken die in de periode zijn geopend. De voorraad wordt daarom pas "
            "gegeven als er, naar de duur van deze zaken, hooguit 1 op de 100 zaken van voor de periode nog loopt.",
            "en": " The delivery holds only cases opened in the period. The stock is therefore given from when on, by "
            "the duration of these cases, at most 1 in 100 cases from before the period is still open.",
        }
    return EstimandCard(
        id=_MEASURE,
        title={"nl": "Voorraad: zaken die nog lopen", "en": "Stock: cases still open"},
        population={
            "nl": ("Alle disciplinaire onderzoeken" if only else "Alle zaken") + " in de leveringen die op de genoemde "
            "dag geopend en niet geëindigd waren. Zaken zonder begindatum, of afgesloten zonder datum, tellen niet "
            "mee; hun aandeel staat erbij.",
            "en": ("All disciplinary investigations" if only else "All cases") + " in the deliveries that were opened "
            "and had not ended on the day concerned. Cases without a first day, or closed without a date, are left "
            "out; their share is given.",
        },
        unit_of_count={"nl": "Onderzoek (zaak).", "en": "Investigation (case)."},
        cohort_basis={
            "nl": f"De voorraad is bekend van {since} tot en met {until}." + wait["nl"],
            "en": f"The stock is known from {since} to {until}." + wait["en"],
        },
        clock={
            "nl": "Een zaak hoort bij de voorraad aan het eind van een dag als zij op of voor die dag is geopend en "
            "niet op of voor die dag is geëindigd. De leeftijd van de voorraad telt kalenderdagen sinds de melding. "
            "Een leeftijd is geen duur: lange zaken staan langer in de voorraad.",
            "en": "A case is in the stock at the end of a day when it was opened on or before that day and had not "
            "ended on or before it. The age of the stock counts calendar days since the signal. An age is no duration: "
            "long cases stay longer in the stock.",
        },
        missing_and_exits={
            "nl": "Elke wijze van einde telt als uitstroom.",
            "en": "Every way to end counts as outflow.",
        },
        estimator={
            "nl": "Voorraad, instroom en uitstroom zijn geteld. Doorstroom (clearance): uitstroom gedeeld door "
            "instroom, boven 1 werd de voorraad kleiner; zonder jaartal over de laatste twaalf hele maanden. "
            "Verhouding van Little: de gemiddelde voorraad van die twaalf maanden gedeeld door de voorraad waartoe "
            f"instroom en tempo van die maanden leiden (gemiddelde duur tot {BALANCE_DAYS} dagen). Doorrekening: "
            + ASSUMPTION["nl"],
            "en": "Stock, inflow and outflow are counted. Clearance: outflow over inflow, above 1 the stock became "
            "smaller; without a year over the last twelve whole months. Little's ratio: the mean stock of those twelve "
            "months over the stock to which the inflow and pace of those months lead (mean duration up to "
            f"{BALANCE_DAYS} days). Projection: " + ASSUMPTION["en"],
        },
        interval={
            "nl": "Tellingen, en aandelen en leeftijden van een getelde voorraad, hebben geen interval. Doorstroom: "
            "normaal op de logaritme, met de zaken die in beide tellen. Doorrekening: 2.000 simulaties, met de "
            "onzekerheid van instroom en tempo, niet die van een verandering. De verhouding van Little heeft geen "
            "interval.",
            "en": "Counts, and shares and ages of a stock that was counted, have no interval. Clearance: normal on the "
            "logarithm, with the cases in both counts. Projection: 2,000 simulations, with the uncertainty of inflow "
            "and pace, not that of a change. Little's ratio has no interval.",
        },
    )  # fmt: skip
