"""How disciplinary cases end, and when: ways to end that compete, by Aalen-Johansen."""

from collections.abc import Iterator
from datetime import date

import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.duration.curve_refusal import refusal_of
from evaluation.duration.stage_curves import stage_curve
from evaluation.duration.stages import counted
from evaluation.duration.texts import cohort_basis, disciplinary_cases, refuse_without_disciplinary
from evaluation.refusals import MINIMUM_N
from evaluation.score_rows import ScoreRows
from evaluation.scores import EstimandCard, Part, Refusal, Score
from evaluation.survival.cumulative_incidence import cumulative_incidence, incidence_within
from evaluation.survival.kaplan_meier import at_risk_on

EXIT_DAYS = (90, 180, 270, 365, 540, 720, 900, 1080)
UNKNOWN = "onbekend"
"""The way a case ended that nobody wrote down."""

_ESTIMAND = "duration.exits"
_STAGE, _CLOCK = "total", "gross"
_DECISION = {"BESL": "besluit"}  # the stage ends by its step, the case by the way that the step stands for


def exit_scores(case_files: CaseFiles, rows: pd.DataFrame, *, as_of: date, level: float, span: str) -> Part:
    """Return, for every way to end that was seen, the share of cases that ended so within N days.

    *Estimand*: the share of disciplinary cases that has ended in this way by a day of the
    gross clock, had each been followed to its end. The shares of all ways to end and the
    share still open (`1 - duration.total_gross.within_N_days`) add up to one.

    Parameters
    ----------
    case_files : CaseFiles
        Already cut: `case_files.at(as_of)`.
    rows : DataFrame
        As `stages.stage_durations` returns them.
    as_of : date
    level : float
    span : str
        Period of the scores.

    Returns
    -------
    Part
        Scores of `duration.exit_<way to end>` and their card, or the reason why there are none.
    """
    if refusal := refuse_without_disciplinary(case_files, _ESTIMAND):
        return Part(refusals=(refusal,))
    cases = counted(rows, _STAGE, _CLOCK)
    ended = cases["cause"].replace(_DECISION).astype(object).where(cases["event"], None)
    if set(ended.dropna()) <= {UNKNOWN}:
        return Part(refusals=(_NO_WAY_TO_END,))
    return Part(
        scores=tuple(_scores(cases, ended, as_of=as_of, level=level, span=span)),
        cards=(_card(case_files, level=level),),
    )


def _scores(cases: pd.DataFrame, ended: pd.Series, *, as_of: date, level: float, span: str) -> Iterator[Score]:
    curve = stage_curve(cases, _STAGE, _CLOCK)
    found = cumulative_incidence(cases[_CLOCK], ended, entry=cases[f"{_CLOCK}_entry"])
    for cause in found.causes:
        rows = ScoreRows(f"duration.exit_{cause}", "all", _ESTIMAND, span, as_of, level)
        events = int(found.events[cause].sum())
        for day in EXIT_DAYS:
            said = incidence_within(found, cause, day, level=level)
            yield rows.number(f"within_{day}_days", "share", said, n=curve.n, events=events, refusal=refusal_of(curve))
            yield rows.count(f"at_risk_{day}_days", at_risk_on(curve, day), n=curve.n, events=events)


_NO_WAY_TO_END = Refusal(
    _ESTIMAND,
    ("cases.exit_kind",),
    {
        "nl": "Van geen enkel afgesloten disciplinair onderzoek is vastgelegd hoe het eindigde. De wijzen van einde "
        "zijn daarom niet uit elkaar te houden.",
        "en": "Of not one closed disciplinary investigation was it recorded how it ended. The ways to end can "
        "therefore not be told apart.",
    },
)


def _card(case_files: CaseFiles, *, level: float) -> EstimandCard:
    percent = f"{100 * level:g}"
    return EstimandCard(
        id=_ESTIMAND,
        title={"nl": "Hoe onderzoeken eindigen, en wanneer", "en": "How investigations end, and when"},
        population=disciplinary_cases(case_files),
        unit_of_count={"nl": "Onderzoek (zaak).", "en": "Investigation (case)."},
        cohort_basis=cohort_basis(case_files),
        clock={
            "nl": "Van de melding (MELD) tot het einde van het onderzoek, hoe het ook eindigde; bruto (opschortingen "
            "tellen door), in kalenderdagen. Begin en einde op één dag telt als een halve dag.",
            "en": "From the signal (MELD) to the end of the investigation, however it ended; gross (suspensions run "
            "on), in calendar days. Beginning and end on one day counts as half a day.",
        },
        missing_and_exits={
            "nl": "Een zaak eindigt op één manier: met een besluit (besluit), zonder vervolg (geen_vervolg), door "
            "eigen ontslag (eigen_ontslag), overgedragen (overgedragen) of ingetrokken (ingetrokken). Is een zaak "
            "afgesloten en staat niet vast hoe, dan telt dat als een eigen soort einde (onbekend): zulke zaken horen "
            "in werkelijkheid bij een van de andere. Een lopende zaak telt mee als 'nog niet geëindigd op de "
            "peildatum'. Zaken zonder begindatum, met een einde voor het begin, of afgesloten zonder datum tellen "
            "niet mee.",
            "en": "A case ends in one way: by a decision (besluit), without further action (geen_vervolg), by own "
            "resignation (eigen_ontslag), handed over (overgedragen) or withdrawn (ingetrokken). Where a case was "
            "closed and it is not known how, that counts as an end of its own kind (onbekend): in truth such cases "
            "belong to one of the others. An open case counts as 'not yet ended on the as-of date'. Cases without a "
            "first day, with an end before it, or closed without a date are left out.",
        },
        estimator={
            "nl": "Aalen-Johansen met late intrede: het deel van alle zaken dat binnen zoveel dagen op deze manier "
            "eindigde. De delen van alle manieren en het deel dat nog loopt zijn samen één. Niet één min "
            f"Kaplan-Meier per manier: dat zou te hoog zijn. Minder dan {MINIMUM_N} zaken: geen getal.",
            "en": "Aalen-Johansen with late entry: the share of all cases that ended in this way within so many days. "
            "The shares of all ways and the share still open add up to one. Not one minus Kaplan-Meier for each way: "
            f"that would be too high. Fewer than {MINIMUM_N} cases: no number.",
        },
        interval={
            "nl": f"{percent} %, puntsgewijs, variantie volgens de deltamethode, op de log-log-schaal. Is een deel nul "
            "of één, dan is er geen interval.",
            "en": f"{percent} %, pointwise, variance by the delta method, on the log-log scale. Where a share is "
            "nought or one, there is no interval.",
        },
    )  # fmt: skip
