"""Total duration in working days, gross and net: the same clock as the total duration, another counting."""

from collections.abc import Iterator
from datetime import date

import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.duration.net_durations import NET_ESTIMATOR, NET_INTERVAL
from evaluation.duration.stage_curves import quantile_scores, stage_curve
from evaluation.duration.texts import cohort_basis, curve_interval, disciplinary_cases, refuse_without_disciplinary
from evaluation.duration.total import refuse_net
from evaluation.duration.working_days import CALENDAR
from evaluation.period import year_period
from evaluation.refusals import MINIMUM_N
from evaluation.score_rows import ScoreRows
from evaluation.scores import EstimandCard, Part, Refusal

_ESTIMAND = "duration.total_working"
_STAGE = "total"
_CLOCKS = ("working_gross", "working_net")


def working_total_scores(case_files: CaseFiles, rows: pd.DataFrame, *, as_of: date, level: float, span: str) -> Part:
    """Return the quantiles of the total duration in working days, for all cases and by year of opening.

    *Estimand*: the number of working days from opening to closing of a disciplinary case,
    had each been followed to its end; any way to end counts.

    Parameters
    ----------
    case_files : CaseFiles
        Already cut: `case_files.at(as_of)`.
    rows : DataFrame
        As `stages.stage_durations` returns them.
    as_of : date
    level : float
    span : str
        Period of the scores about all cases.

    Returns
    -------
    Part
        Scores of `duration.total_working_gross` and `total_working_net`, their card, and
        a refusal: of the net clock without suspensions, of both without disciplinary cases.
    """
    if refusal := refuse_without_disciplinary(case_files, _ESTIMAND):
        return Part(refusals=(refusal,))
    no_net = _refuse_net(case_files)
    clocks = _CLOCKS[:1] if no_net else _CLOCKS
    total = rows[rows["stage"] == _STAGE]
    return Part(
        scores=tuple(
            score
            for clock in clocks
            for group, members, period in _groups(total, as_of=as_of, span=span)
            for score in quantile_scores(
                ScoreRows(f"duration.total_{clock}", group, _ESTIMAND, period, as_of, level),
                stage_curve(members, _STAGE, clock, suspensions=case_files.suspensions),
                unit="working_days",
            )
        ),
        cards=(_card(case_files, net=no_net is None, level=level),),
        refusals=(no_net,) if no_net else (),
    )


def _groups(rows: pd.DataFrame, *, as_of: date, span: str) -> Iterator[tuple[str, pd.DataFrame, str]]:
    yield "all", rows, span
    for year, members in rows.groupby("year"):
        yield f"year={year}", members, year_period(int(year), as_of)


def _refuse_net(case_files: CaseFiles) -> Refusal | None:
    refusal = refuse_net(case_files)
    return refusal and Refusal("duration.total_working_net", refusal.needs, refusal.reason)


def _card(case_files: CaseFiles, *, net: bool, level: float) -> EstimandCard:
    return EstimandCard(
        id=_ESTIMAND,
        title={
            "nl": "Totale duur van een onderzoek in werkdagen" + (", bruto en netto" if net else ", bruto"),
            "en": "Total duration of an investigation in working days" + (", gross and net" if net else ", gross"),
        },
        population=disciplinary_cases(case_files),
        unit_of_count={"nl": "Onderzoek (zaak).", "en": "Investigation (case)."},
        cohort_basis=cohort_basis(case_files),
        clock={
            "nl": "Van de melding (MELD) tot het besluit (BESL) of, zonder besluit, het einde van het onderzoek; in "
            + CALENDAR["nl"] + ". De eerste dag telt niet mee, de laatste wel; ligt er geen werkdag tussen, dan telt "
            "de zaak als een halve dag. Bruto: opschortingen tellen gewoon door."
            + (" Netto: zonder de werkdagen van opschorting voor het strafrechtelijk spoor, overlappende "
               "opschortingen één keer." if net else ""),
            "en": "From the signal (MELD) to the decision (BESL) or, without one, the end of the investigation; in "
            + CALENDAR["en"] + ". The first day does not count, the last one does; without a working day in between "
            "the case counts as half a day. Gross: suspensions run on."
            + (" Net: without the working days of suspension for the criminal track, overlapping suspensions once."
               if net else ""),
        },
        missing_and_exits={
            "nl": "Een lopende zaak telt mee als 'langer dan tot de peildatum'. Elke wijze van einde telt als einde. "
            "Zaken zonder begindatum, met een einde voor het begin, of afgesloten zonder datum tellen niet mee"
            + ("; netto evenmin zaken met een opschorting zonder begin of reden." if net else "."),
            "en": "An open case counts as 'longer than up to the as-of date'. Every way to end counts as an end. Cases "
            "without a first day, with an end before it, or closed without a date are left out"
            + ("; net also cases with a suspension without start or reason." if net else "."),
        },
        estimator={
            "nl": ("Bruto: " if net else "") + "Kaplan-Meier met late intrede. "
            + (NET_ESTIMATOR["nl"] + " " if net else "") + "Kwantiel: de eerste werkdag waarop ten minste dat deel is "
            f"afgesloten. Minder dan {MINIMUM_N} zaken: geen getal.",
            "en": ("Gross: " if net else "") + "Kaplan-Meier with late entry. "
            + (NET_ESTIMATOR["en"] + " " if net else "") + "Quantile: the first working day on which at least that "
            f"share has closed. Fewer than {MINIMUM_N} cases: no number.",
        },
        interval={language: said + (NET_INTERVAL[language] if net else "")
                  for language, said in curve_interval(level).items()},
    )  # fmt: skip
