"""The share of cases that ended within the norm that was in force, as scores."""

from collections.abc import Iterator, Sequence
from datetime import date

import pandas as pd

from data_contracts.case_files import CaseFiles
from data_contracts.procedure import Norm, norms
from evaluation.duration.curve_refusal import refusal_of
from evaluation.duration.norms_in_force import NO_NORM, NormShare, stage_norm_shares
from evaluation.duration.stage_curves import stage_curve
from evaluation.duration.stage_table import STAGES
from evaluation.duration.texts import cohort_basis, refuse_without_complaints, refuse_without_disciplinary
from evaluation.period import year_period
from evaluation.refusals import MINIMUM_N
from evaluation.score_rows import ScoreRows
from evaluation.scores import EstimandCard, Part, Score

_ESTIMAND = "duration.norms"
_TOTAL, _COMPLAINT = (stage for code in ("total", "complaint") for stage in STAGES if stage.code == code)


def norm_scores(
    case_files: CaseFiles,
    rows: pd.DataFrame,
    *,
    as_of: date,
    level: float,
    span: str,
    in_force: Sequence[Norm] | None = None,
) -> Part:
    """Return the share within the norm, of disciplinary cases and of complaints, with the counts behind it.

    *Estimand*: the share of cases whose end comes on or before the last day that the norm
    in force on their opening day allowed, had each been followed to its end.

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
    in_force : sequence of Norm, optional
        The norms; left out: those that come with the program.

    Returns
    -------
    Part
        Scores of `duration.total_norm` and `duration.complaint_norm`, their card, and a
        refusal for whichever kind of case the delivery does not have.
    """
    given = norms() if in_force is None else tuple(in_force)
    refused = {
        _TOTAL.code: refuse_without_disciplinary(case_files, "duration.total_norm"),
        _COMPLAINT.code: refuse_without_complaints(case_files, "duration.complaint_norm"),
    }
    groups = [(_TOTAL.code, "all", rows, span), (_COMPLAINT.code, "all", rows, span)]
    complaints = rows[rows["stage"] == _COMPLAINT.code]
    for year, members in complaints.groupby("year"):
        groups.append((_COMPLAINT.code, f"year={year}", members, year_period(int(year), as_of)))
    scores = tuple(
        score
        for stage, group, members, period in groups
        if refused[stage] is None
        for score in _scores(
            ScoreRows(f"duration.{stage}_norm", group, _ESTIMAND, period, as_of, level), stage, members, given
        )
    )
    return Part(
        scores=scores,
        cards=(_card(case_files, given, level=level),) if scores else (),
        refusals=tuple(refusal for refusal in refused.values() if refusal),
    )


def _scores(rows: ScoreRows, stage: str, members: pd.DataFrame, given: Sequence[Norm]) -> Iterator[Score]:
    stages = [one for one in STAGES if one.code == stage]
    found = stage_norm_shares(members, norms=given, level=rows.level, extension="termijnenwet", stages=stages)[stage]
    why = _refusal_of(found, members, stage)
    yield rows.number("within_norm", "share", found.share, n=found.n_in_force, events=found.share.n_events, refusal=why)
    yield rows.count("cases", found.n_in_force, events=found.share.n_events)
    yield rows.count("no_norm", found.n_no_norm)
    yield rows.count("norm_unknown", found.n_unknown)


def _refusal_of(found: NormShare, members: pd.DataFrame, stage: str) -> str | None:
    """Return why a share cannot be said; that nobody knows the norm is not that there was none."""
    if not found.n_in_force and found.n_unknown:
        return "not_estimable"
    if not found.n_in_force and found.n_no_norm:
        return NO_NORM
    if found.n_in_force < MINIMUM_N:
        return "too_few"
    return refusal_of(stage_curve(members, stage, "gross"))


def _card(case_files: CaseFiles, given: Sequence[Norm], *, level: float) -> EstimandCard:
    percent = f"{100 * level:g}"
    return EstimandCard(
        id=_ESTIMAND,
        title={"nl": "Geëindigd binnen de norm", "en": "Ended within the norm"},
        population={
            "nl": "Disciplinaire onderzoeken (total_norm; is de soort van een zaak niet geleverd, dan alle zaken) en "
            "klachten (complaint_norm) die op de peildatum geopend waren. Het aandeel gaat over de zaken waarvoor op "
            "de dag van opening een norm gold (cases). Zaken waarvoor geen norm gold (no_norm), of waarvan niet bekend "
            "is welke (norm_unknown), zijn apart geteld.",
            "en": "Disciplinary investigations (total_norm; where the kind of a case was not delivered, all cases) and "
            "complaints (complaint_norm) that were opened by the as-of date. The share is about the cases for which a "
            "norm was in force on the opening day (cases). Cases for which there was none (no_norm), or of which it is "
            "not known (norm_unknown), are counted apart.",
        },
        unit_of_count={"nl": "Onderzoek of klacht.", "en": "Investigation or complaint."},
        cohort_basis=cohort_basis(case_files),
        clock={
            "nl": "Van de melding of de ontvangst tot het besluit of, zonder besluit, het einde van de zaak; bruto "
            "(opschortingen tellen door), tot de laatste dag van de norm. " + _versions(given, "nl") + " Voor een "
            "klacht met advies van een commissie geldt een langere termijn. Of er een commissie was, is in de levering "
            "niet te zien; daarom geldt hier voor elke klacht de kortere termijn, en is het aandeel eerder te laag "
            "dan te hoog. Een wettelijke termijn van ten hoogste negentig dagen of drie maanden die eindigt op een "
            "zaterdag, zondag of feestdag, loopt door tot en met de volgende werkdag (Algemene termijnenwet, artikel 1 "
            "en 4). Verdaging staat niet in de levering en telt dus niet.",
            "en": "From the signal or the receipt to the decision or, without one, the end of the case; gross "
            "(suspensions run on), up to the last day of the norm. " + _versions(given, "en") + " A complaint with a "
            "committee's advice has a longer term. Whether there was a committee cannot be seen in the delivery; every "
            "complaint is therefore held to the shorter term, and the share is too low rather than too high. A "
            "statutory term of at most ninety days or three months that ends on a Saturday, Sunday or "
            "holiday runs to the end of the next working day (General Extension of Time Limits Act, articles 1 and 4). "
            "Adjournment is not in the delivery and so does not count.",
        },
        missing_and_exits={
            "nl": "Elke wijze van einde telt: een ingetrokken klacht wacht niet meer. Een zaak die nog loopt en korter "
            "duurt dan de norm, telt mee als 'nog niet bekend'. Zaken zonder begindatum, met een einde voor het begin, "
            "of afgesloten zonder datum tellen niet mee.",
            "en": "Every way to end counts: a withdrawn complaint no longer waits. A case that is still open, for "
            "shorter than the norm, counts as 'not yet known'. Cases without a first day, with an end before it, or "
            "closed without a date are left out.",
        },
        estimator={
            "nl": "Kaplan-Meier met late intrede, afgelezen op de laatste dag van de norm van elke zaak; over "
            f"verschillende normen heen gewogen naar het aantal zaken. Minder dan {MINIMUM_N} zaken met een norm: geen "
            "getal. Gold er geen norm, dan is er geen aandeel.",
            "en": "Kaplan-Meier with late entry, read on the last day that the norm of each case allows; over several "
            f"norms weighted by their numbers of cases. Fewer than {MINIMUM_N} cases with a norm: no number. Where no "
            "norm was in force there is no share.",
        },
        interval={
            "nl": f"{percent} %, puntsgewijs, variantie van Greenwood, op de log-log-schaal. Is het aandeel nul of "
            "één, dan is er geen interval. De aantallen zijn geteld.",
            "en": f"{percent} %, pointwise, Greenwood's variance, on the log-log scale. Where the share is nought or "
            "one there is no interval. The numbers of cases are counted.",
        },
    )  # fmt: skip


def _versions(given: Sequence[Norm], language: str) -> str:
    """Return the norms of both kinds of case, as the norms file has them, a sentence each."""
    wanted = (_TOTAL.norm, _COMPLAINT.norm)
    said = [f"{norm.title[language]}: {_term(norm, language)}." for norm in given if norm.code in wanted]
    return " ".join(said)


def _term(norm: Norm, language: str) -> str:
    dutch = language == "nl"
    if not norm.in_force:
        term = "geen norm" if dutch else "no norm"
    elif norm.months is not None:
        term = f"{norm.months} maanden" if dutch else f"{norm.months} months"
    else:
        working, calendar = ("werkdagen", "dagen") if dutch else ("working days", "days")
        term = f"{norm.days} {working if norm.counting == 'working' else calendar}"
    if norm.valid_from:
        term += (" vanaf " if dutch else " from ") + norm.valid_from.isoformat()
    if norm.valid_to:
        term += (" tot en met " if dutch else " up to and including ") + norm.valid_to.isoformat()
    return f"{term} ({norm.source[language]})"
