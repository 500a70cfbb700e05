"""Before and after a dated moment, as scores: how much durations changed, never why.

Three answers, because no single one is safe. *Cohorts* compares cases by their day of
opening and leaves out those exposed to both sides; *pace* compares days of the calendar
and leaves out nobody; the *series* asks whether the share closed in time moved away from
the line on which it already was. Beside them stand dates at which nothing is known to have
happened: how often does a difference of this size turn up there?
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

import pandas as pd

from data_contracts.case_files import CaseFiles
from data_contracts.code_lists import load_code_lists
from evaluation.duration.change_at_date import (
    Change,
    Difference,
    PlaceboBreaks,
    change_in_cohorts,
    change_in_pace,
    month_starts,
    placebo_breaks,
)
from evaluation.duration.interrupted_series import (
    MINIMUM_MONTHS,
    InterruptedSeries,
    interrupted_series,
    monthly_shares,
)
from evaluation.duration.moments import Moment, load_moments
from evaluation.duration.texts import EXITS_AS_ENDS, GROSS_CLOCK, all_cases, cohort_basis
from evaluation.duration.total import only_disciplinary
from evaluation.refusals import MINIMUM_N
from evaluation.score_rows import ScoreRows
from evaluation.scores import EstimandCard, Part, Refusal, Score

MOMENT = "contouren_stelsel"
MEASURE = "duration.change"
WITHIN_DAYS = 365
WINDOW_DAYS = 730
"""Days on either side: long enough for many cases, short enough to stay near the date."""

SERIES_DAYS = 180
"""Near the median, where a share says most; and only half a year of months is then left out around the date."""

MAX_LAG_MONTHS = 12
"""Months that share days of the calendar may resemble each other, and `SERIES_DAYS` is six months; twice that is long
enough for most of the resemblance to be counted (`make validate`)."""

PLACEBO_DAYS = 365
"""Days of opening that a placebo date must have on both sides."""


def change_scores(case_files: CaseFiles, cases: pd.DataFrame, *, as_of: date, level: float, span: str) -> Part:
    """Compare durations before and after 12 November 2020.

    *Estimand*: the difference, after minus before, in the mean days open within the first
    365 days and in the share closed within them: between cases opened on either side
    (cohorts) and between the calendar days on either side (pace); and the shift on the
    date of the line through the monthly shares closed within 180 days (series).

    Parameters
    ----------
    case_files : CaseFiles
        Already cut: `case_files.at(as_of)`.
    cases : DataFrame
        As `total.case_durations` returns them.
    as_of : date
    level : float
    span : str
        Period over which the cases were opened.

    Returns
    -------
    Part
        Scores of `duration.change_cohorts`, `duration.change_pace` and
        `duration.change_series` with their card, or the reason why there is no comparison:
        other units than those the moment is about, or too little on a side.
    """
    if not _all_dutch(cases):
        return Part(refusals=(Refusal(MEASURE, ("cases.unit",), _OTHER_UNITS),))
    moment = load_moments()[MOMENT]
    dated = dated_rows(case_files, cases)
    columns, entered = (dated["opened_on"], dated["until"], dated["closed"]), dated["entered_on"]
    cohorts, pace = (
        compare(*columns, break_on=moment.on, within_days=WITHIN_DAYS, window_days=WINDOW_DAYS, level=level,
                entered_on=entered)
        for compare in (change_in_cohorts, change_in_pace)
    )  # fmt: skip
    first, last = covered_from(case_files, span), covered_until(case_files, as_of, within_days=SERIES_DAYS)
    months = monthly_shares(*columns, within_days=SERIES_DAYS, first=first, last=last)
    series = interrupted_series(
        months, break_on=moment.on, within_days=SERIES_DAYS, level=level, max_lag=MAX_LAG_MONTHS
    )
    if all(_nothing(found) for found in (cohorts, pace)) and series.refusal:
        return Part(refusals=(Refusal(MEASURE, ("cases.opened_on",), _too_little(moment)),))
    dates = placebo_dates(moment.on, first=first, last=covered_until(case_files, as_of, within_days=WITHIN_DAYS))
    placebos = placebo_breaks(
        *columns, break_on=moment.on, at=dates, within_days=WITHIN_DAYS,
        window_days=WINDOW_DAYS, level=level, entered_on=entered,
    )  # fmt: skip
    rows = partial(ScoreRows, group="all", estimand=MEASURE, as_of=as_of, level=level)
    of_cohorts = rows("duration.change_cohorts", period=_days(moment.on, as_of, span, cohorts=True))
    of_pace = rows("duration.change_pace", period=_days(moment.on, as_of, span, cohorts=False))
    of_series = rows("duration.change_series", period=_opened(months, f"{first}/{last}"))
    return Part(
        scores=(
            *_changed(cohorts, of_cohorts),
            *_placebos(placebos, of_cohorts),
            *_changed(pace, of_pace),
            *_shifts(series, of_series),
        ),
        cards=(_card(case_files, moment, level=level),),
    )


def dated_rows(case_files: CaseFiles, cases: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `case_durations` that are in a curve, as days of the calendar.

    Columns `opened_on`, `until` (closing, or last day of view), `closed`, `entered_on`.
    """
    known = cases[cases["left_out"] == ""]
    opened = known["case_id"].map(case_files.cases.set_index("case_id")["opened_on"])
    return pd.DataFrame(
        {
            "opened_on": opened,
            "until": opened + pd.to_timedelta(known["gross"], unit="D"),
            "closed": known["closed"],
            "entered_on": opened + pd.to_timedelta(known["gross_entry"], unit="D"),
        }
    )


def covered_from(case_files: CaseFiles, span: str) -> date:
    """Return the first day from which every unit delivers: earlier months lack whole units.

    A unit that did not exist earlier (by its code list) delivers from its start.
    """
    codes = load_code_lists()["unit"].codes
    starts = [date.fromisoformat(span.split("/")[0])]
    for unit, start in case_files.delivery[["unit", "period_start"]].dropna().itertuples(index=False):
        born = codes[unit].valid_from if unit in codes else None
        if born is None or start.date() > born:
            starts.append(start.date())
    return max(starts)


def covered_until(case_files: CaseFiles, as_of: date, *, within_days: int) -> date:
    """Return the last day of view that counts: `within_days` after the last opening day that all units deliver."""
    end = case_files.delivery["period_end"].min()
    return as_of if pd.isna(end) else min(as_of, end.date() + timedelta(within_days))


def placebo_dates(break_on: date, *, first: date, last: date) -> list[date]:
    """Return the month starts with a year of opening days on both sides, of one side of the break only.

    Examples
    --------
    >>> placebo_dates(date(2020, 11, 12), first=date(2016, 11, 1), last=date(2021, 12, 31))
    [datetime.date(2018, 11, 1)]
    """
    before, year = timedelta(WITHIN_DAYS + PLACEBO_DAYS), timedelta(PLACEBO_DAYS)
    follow_up = timedelta(WITHIN_DAYS)
    return [
        *month_starts(first + before, break_on - year - follow_up),
        *month_starts(max(break_on, first) + before, last - year - follow_up),
    ]


def _all_dutch(cases: pd.DataFrame) -> bool:
    units = set(cases.loc[cases["left_out"] == "", "unit"].dropna())
    return bool(units) and units <= set(load_code_lists()["unit"].codes)


def _nothing(change: Change) -> bool:
    return change.mean_days.estimate is None and change.share_within.estimate is None


def _days(break_on: date, as_of: date, span: str, *, cohorts: bool) -> str:
    """Return the days compared: of opening (cohorts), or of the calendar (pace)."""
    first = break_on - timedelta(WINDOW_DAYS + (WITHIN_DAYS if cohorts else 0))
    last = break_on + timedelta(WINDOW_DAYS - 1)
    return f"{max(first, date.fromisoformat(span.split('/')[0]))}/{min(last, as_of)}"


def _opened(months: pd.DataFrame, otherwise: str) -> str:
    """Return the days of opening of the months of the series."""
    if not len(months):
        return otherwise
    end = months["month"].iloc[-1] + pd.offsets.MonthEnd()
    return f"{months['month'].iloc[0].date().isoformat()}/{end.date().isoformat()}"


def _changed(change: Change, rows: ScoreRows) -> Iterator[Score]:
    for name, unit, found in (("mean_days", "days", change.mean_days), ("share", "share", change.share_within)):
        for side, said in (("before", found.before), ("after", found.after)):
            few = "too_few" if said.n < MINIMUM_N else None
            yield rows.number(f"{name}_{side}", unit, said, n=said.n, events=said.n_events, refusal=few)
        yield _difference(found, f"{name}_change", "points" if unit == "share" else unit, rows)


def _difference(found: Difference, statistic: str, unit: str, rows: ScoreRows) -> Score:
    sides = found.before, found.after
    n, events = sum(side.n for side in sides), sum(side.n_events for side in sides)
    return rows.number(statistic, unit, found, n=n, events=events)


def _placebos(found: PlaceboBreaks, rows: ScoreRows) -> Iterator[Score]:
    yield rows.count("placebo_dates", found.dates)
    counts = {"placebo_as_large": found.mean_as_large, "placebo_share_as_large": found.share_as_large}
    for statistic, large in counts.items():
        yield rows.plain(statistic, "count", large if found.dates else None, n=found.dates)


def _shifts(series: InterruptedSeries, rows: ScoreRows) -> Iterator[Score]:
    shifts = ("level_change", "points", series.level_change), ("slope_change", "logit", series.slope_change)
    for statistic, unit, shift in shifts:
        yield rows.plain(
            statistic, unit, shift.estimate, low=shift.low, high=shift.high, n=series.n, refusal=series.refusal
        )


_OTHER_UNITS = {
    "nl": "Niet alle zaken zijn van een eenheid van de Nederlandse politie, of hun eenheid is niet vastgelegd. Het "
    "moment waarvoor en waarna wordt vergeleken gaat over die eenheden.",
    "en": "Not all cases are of a unit of the Dutch police, or their unit was not recorded. The moment before and "
    "after which is compared is about those units.",
}


def _too_little(moment: Moment) -> dict[str, str]:
    return {
        "nl": f"Voor of na {moment.on.isoformat()} zijn er te weinig zaken die lang genoeg gevolgd zijn om te "
        "vergelijken.",
        "en": f"Before or after {moment.on.isoformat()} there are too few cases that were followed long enough to "
        "compare.",
    }


def _card(case_files: CaseFiles, moment: Moment, *, level: float) -> EstimandCard:
    percent, day = f"{100 * level:g}", moment.on.isoformat()
    everyone = all_cases(only_disciplinary=only_disciplinary(case_files))
    return EstimandCard(
        id=MEASURE,
        title={
            "nl": f"Verandering van de duur rond de {moment.title['nl']}",
            "en": f"Change in durations around the {moment.title['en']}",
        },
        population={
            "nl": everyone["nl"] + f" Cohorten: zaken geopend in de {WINDOW_DAYS} dagen vanaf {day}, tegenover zaken "
            f"geopend in de {WINDOW_DAYS} dagen die eindigen {WITHIN_DAYS} dagen voor die dag. Tempo: zaken die liepen "
            f"op een van de {WINDOW_DAYS} dagen voor of na die dag. Reeks: zaken per hele maand van opening.",
            "en": everyone["en"] + f" Cohorts: cases opened in the {WINDOW_DAYS} days from {day} on, against cases "
            f"opened in the {WINDOW_DAYS} days that end {WITHIN_DAYS} days before it. Pace: cases open on one of the "
            f"{WINDOW_DAYS} days before or after it. Series: cases by whole month of opening.",
        },
        unit_of_count={
            "nl": "Onderzoek (zaak). Bij het tempo kan een zaak aan beide kanten tellen.",
            "en": "Investigation (case). In the pace a case may count on both sides.",
        },
        cohort_basis={
            "nl": cohort_basis(case_files)["nl"] + " De reeks begint bij de eerste dag waarop alle eenheden leveren.",
            "en": cohort_basis(case_files)["en"] + " The series begins on the first day from which all units deliver.",
        },
        clock={
            "nl": GROSS_CLOCK["nl"] + f" Cohorten en tempo: de eerste {WITHIN_DAYS} dagen. Reeks: afgesloten binnen "
            f"{SERIES_DAYS} dagen.",
            "en": GROSS_CLOCK["en"] + f" Cohorts and pace: the first {WITHIN_DAYS} days. Series: closed within "
            f"{SERIES_DAYS} days.",
        },
        missing_and_exits={
            "nl": EXITS_AS_ENDS["nl"] + f" Cohorten: zaken geopend in de {WITHIN_DAYS} dagen voor de datum doen niet "
            "mee; zij maakten beide tijden mee. Tempo: een zaak die al liep komt op de datum binnen met de leeftijd "
            f"die zij dan heeft. Reeks: maanden waarvan de zaken binnen {SERIES_DAYS} dagen over de datum heen lopen "
            "doen niet mee, en maanden die nog niet zo lang gevolgd zijn evenmin.",
            "en": EXITS_AS_ENDS["en"] + f" Cohorts: cases opened in the {WITHIN_DAYS} days before the date are left "
            "out; they lived through both times. Pace: a case already open enters on the date at the age it then has. "
            f"Series: months of which the cases cross the date within {SERIES_DAYS} days are left out, and so are "
            "months not yet followed for that long.",
        },
        estimator={
            "nl": "Dit zegt hoeveel er rond de datum veranderde, nooit waardoor. In dezelfde tijd veranderde er meer: "
            "de indeling in categorieën, het werk in coronatijd, de soort zaken. Er is niet gecorrigeerd voor de soort "
            "zaken. Verandering: na min voor. Cohorten en tempo: Kaplan-Meier met late intrede; gemiddelde dagen open "
            f"(mean_days) en deel afgesloten (share) binnen {WITHIN_DAYS} dagen. Reeks: een lijn door de maanden voor "
            "de datum wordt doorgetrokken (logit); level_change is het verschil daarmee op de datum, slope_change de "
            "verandering per jaar van de helling. Een verandering die al gaande was telt zo niet mee. Andere data: "
            "dezelfde vergelijking op het begin van maanden waarop voor zover bekend niets gebeurde, met zaken van één "
            f"kant (placebo_dates), met aan beide kanten ten minste {PLACEBO_DAYS} dagen van opening; "
            "placebo_as_large telt die met een even groot of groter verschil in gemiddelde dagen, in welke richting "
            "ook, placebo_share_as_large die in het aandeel. De maanden volgen op elkaar en delen zaken: het zijn er "
            "veel minder dan hun aantal, en soms is een kant korter dan die van de echte datum. "
            f"Minder dan {MINIMUM_N} zaken of {MINIMUM_MONTHS} maanden aan een kant: geen getal.",
            "en": "This says how much changed around the date, never why. More changed in the same time: the list of "
            "categories, work during the pandemic, the kind of cases. There is no adjustment for the kind of cases. "
            "Change: after minus before. Cohorts and pace: Kaplan-Meier with late entry; mean days open (mean_days) "
            f"and share closed (share) within {WITHIN_DAYS} days. Series: a line through the months before the date is "
            "continued (logit); level_change is the difference from it on the date, slope_change the change a year of "
            "the slope. A change already under way does not count. Other dates: the same comparison at the start of "
            "months in which nothing is known to have happened, with cases of one side only (placebo_dates), with at "
            f"least {PLACEBO_DAYS} days of opening on both sides; placebo_as_large counts those with a difference in "
            "mean days as large or larger, in either direction, placebo_share_as_large those in the share. The "
            "months follow on each other and share cases: they are worth far less than their number, and sometimes a "
            f"side is shorter than that of the real date. Fewer than {MINIMUM_N} cases or {MINIMUM_MONTHS} "
            "months on a side: no number.",
        },
        interval={
            "nl": f"{percent} %, normaal, som van de varianties van Greenwood; het deel voor en na zelf op de "
            f"log-log-schaal. Reeks: Newey en West (maanden tot {MAX_LAG_MONTHS} uit elkaar mogen op elkaar lijken), "
            "gecorrigeerd voor de getrokken lijn, met een t-verdeling; nooit smaller dan toeval in de aantallen. Het "
            "interval dekt toeval, niet andere veranderingen in dezelfde tijd. De andere data delen zaken met elkaar: "
            "hun aantal is geen kans.",
            "en": f"{percent} %, normal, sum of Greenwood's variances; the share before and after itself on the "
            f"log-log scale. Series: Newey and West (months up to {MAX_LAG_MONTHS} apart may resemble each other), "
            "corrected for the fitted line, with a t distribution; never narrower than chance in the counts. "
            "The interval covers chance, not other changes in the same time. The other dates share cases with each "
            "other: their count is no probability.",
        },
    )  # fmt: skip
