"""The estimand card of a stage: what its numbers say, and the words for what was left out."""

from collections.abc import Collection

from data_contracts.case_files import CaseFiles
from data_contracts.procedure import steps
from evaluation.duration.net_durations import NET_ESTIMATOR, NET_INTERVAL
from evaluation.duration.stage_table import Stage
from evaluation.duration.texts import cohort_basis, curve_interval, disciplinary_cases
from evaluation.duration.working_days import CALENDAR
from evaluation.refusals import MINIMUM_N
from evaluation.scores import EstimandCard

CONTRACT_STEPS = ("MELD", "BESL")
"""Opening and closing of the case itself: they need no step log."""

LARGEST_LOSS = 0.5
"""A stage of which registration lost more than this share gives no durations: they would be about the others."""

OUT_OF_VIEW = "before_period"
"""The reason to leave a row out that is no lack of registration."""

LEFT_OUT = {
    "no_opening": {"nl": "dag van de melding ontbreekt", "en": "day of the signal missing"},
    "start_not_recorded": {"nl": "begin niet vastgelegd", "en": "start not recorded"},
    "start_undated": {"nl": "begin zonder datum", "en": "start without a date"},
    "end_not_recorded": {"nl": "einde niet vastgelegd", "en": "end not recorded"},
    "end_undated": {"nl": "einde zonder datum", "en": "end without a date"},
    "exit_not_recorded": {"nl": "afgesloten, onbekend hoe", "en": "closed, not known how"},
    "no_closing": {"nl": "afgesloten zonder datum", "en": "closed without a date"},
    "negative": {"nl": "einde voor het begin", "en": "end before the start"},
    OUT_OF_VIEW: {"nl": "geëindigd voor de periode van de levering", "en": "ended before the period delivered"},
}
"""Reasons of `stages.stage_durations` to leave a row out, as a reader sees them."""


def stage_card(
    stage: Stage, reasons: Collection[str], case_files: CaseFiles, *, net: bool, level: float
) -> EstimandCard:
    """Return the card of a stage; `reasons` are those of `LEFT_OUT` for which rows of it give no days."""
    persons = stage.level == "subject" and case_files.subjects is not None
    complaint = stage.kind == "klacht"
    return EstimandCard(
        id=f"duration.{stage.code}",
        title=stage.title,
        population=_COMPLAINTS if complaint else _with_stage(disciplinary_cases(case_files)),
        unit_of_count=_PERSON if persons else _COMPLAINT if complaint else _CASE,
        cohort_basis=cohort_basis(case_files),
        clock=_clock(stage, net=net),
        missing_and_exits=_missing(stage, reasons),
        estimator={
            "nl": ("Bruto: " if net else "")
            + "Kaplan-Meier met late intrede. "
            + (NET_ESTIMATOR["nl"] + " " if net else "")
            + "Kwantiel: de eerste dag waarop van ten minste dat deel de fase is "
            f"geëindigd. Minder dan {MINIMUM_N}: geen getal. Ook geen getal als van meer dan "
            f"{100 * LARGEST_LOSS:g} % van wat begon de dagen niet vaststaan: het getal zou dan over de rest gaan.",
            "en": ("Gross: " if net else "")
            + "Kaplan-Meier with late entry. "
            + (NET_ESTIMATOR["en"] + " " if net else "")
            + "Quantile: the first day on which the stage has ended for at least "
            f"that share. Fewer than {MINIMUM_N}: no number. No number either where for more than "
            f"{100 * LARGEST_LOSS:g} % of what began the days are not known: it would be about the others.",
        },
        interval=_interval(level, persons=persons, net=net),
    )


_CASE = {"nl": "Onderzoek (zaak).", "en": "Investigation (case)."}
_PERSON = {"nl": "Betrokkene in een onderzoek.", "en": "Person concerned in an investigation."}
_COMPLAINT = {"nl": "Klacht.", "en": "Complaint."}
_COMPLAINTS = {
    "nl": "Alle klachten in de leveringen die op de peildatum ontvangen waren.",
    "en": "All complaints in the deliveries that had been received by the as-of date.",
}


def _with_stage(population: dict[str, str]) -> dict[str, str]:
    return {
        "nl": population["nl"] + " Alleen die waarin deze fase begon.",
        "en": population["en"] + " Only those in which this stage began.",
    }


def _clock(stage: Stage, *, net: bool) -> dict[str, str]:
    own = stage.level == "subject"
    said = {}
    for language in ("nl", "en"):
        words = _CLOCK_WORDS[language]
        start, end, earlier = (
            code and f"{code} ({step_title(code, language)})"
            for code in (stage.start, stage.end, stage.start_or_earlier)
        )
        used = {
            "MELD": stage.start == "MELD",
            "BESL": stage.end == "BESL" and not own,
            "own": stage.end == "BESL" and own,
            "other": stage.start not in CONTRACT_STEPS or stage.end not in CONTRACT_STEPS,
            "gross": True,
            "net": net,
        }
        between = words["earlier" if earlier else "between"].format(start=start, end=end, earlier=earlier)
        days = words["days"].format(calendar=CALENDAR[language])
        said[language] = " ".join([between, *(words[key] for key, said_here in used.items() if said_here), days])
    return said


_CLOCK_WORDS = {
    "nl": {
        "between": "Van {start} tot {end}.",
        "earlier": "Van {start}, of {earlier} als die eerder was of als de eerste stap niet is gezet, tot {end}.",
        "MELD": "MELD is de opening van de zaak.",
        "BESL": "BESL is het einde van de zaak door een besluit.",
        "own": "BESL is het eigen besluit van de betrokkene; staat dat er niet, dan het einde van de zaak door een "
        "besluit.",
        "other": "Van andere stappen telt de eerste dag waarop zij gedaan zijn.",
        "gross": "Bruto: opschortingen tellen door.",
        "net": "Netto: zonder de dagen van opschorting voor het strafrechtelijk spoor.",
        "days": "Steeds in kalenderdagen en in {calendar}. Begin en einde op één dag telt als een halve dag.",
    },
    "en": {
        "between": "From {start} to {end}.",
        "earlier": "From {start}, or {earlier} where that came first or where the first step was not taken, to {end}.",
        "MELD": "MELD is the opening of the case.",
        "BESL": "BESL is the end of the case by a decision.",
        "own": "BESL is the person's own decision; where it is not there, the end of the case by a decision.",
        "other": "Of other steps the first day on which they were done counts.",
        "gross": "Gross: suspensions run on.",
        "net": "Net: without the days of suspension for the criminal track.",
        "days": "Both in calendar days and in {calendar}. Start and end on one day counts as half a day.",
    },
}


def _missing(stage: Stage, reasons: Collection[str]) -> dict[str, str]:
    by_step = stage.end != "BESL"
    found = {language: ", ".join(LEFT_OUT[reason][language] for reason in reasons) for language in ("nl", "en")}
    return {
        "nl": "Loopt de fase nog, dan telt zij als 'langer dan tot de peildatum'. Elk einde telt: eindigt de zaak in "
        "deze fase op een andere manier (geen vervolg, eigen ontslag, overgedragen, ingetrokken"
        + (", of een besluit terwijl deze stap niet van toepassing was" if by_step else "") + "), dan eindigt de fase "
        "op die dag. Ontbreekt het begin of het einde in de registratie, dan zijn er geen dagen; 'niet vastgelegd' "
        "is iets anders dan 'niet gedaan'. Dat aandeel van wat begon staat erbij (left_out), ook per reden"
        + (f". Hier: {found['nl']}" if reasons else "; hier is er geen")
        + ". Wat eindigde voor de periode van de levering (left_out_before_period) telt in left_out niet mee. De "
        "getallen nemen aan dat de rijen zonder dagen op de andere lijken. Van een lopende zaak waarvan het begin of "
        "einde wel gebeurde maar nog nergens blijkt, is dat niet te zien.",
        "en": "A stage that still runs counts as 'longer than up to the as-of date'. Every end counts: where the case "
        "ends in this stage in another way (no further action, own resignation, handed over, withdrawn"
        + (", or a decision while this step did not apply" if by_step else "") + "), the stage ends on that day. Where "
        "the start or the end is missing from the records there are no days; not recorded is not the same as not done. "
        "That share of what began is given (left_out), by reason too"
        + (f". Here: {found['en']}" if reasons else "; here there is none")
        + ". What ended before the period delivered (left_out_before_period) is not part of left_out. The numbers "
        "assume that the rows without days are like the others. Where in an open case the start or the end took place "
        "but nothing shows it yet, it cannot be seen.",
    }  # fmt: skip


def _interval(level: float, *, persons: bool, net: bool) -> dict[str, str]:
    said = {
        language: text + (NET_INTERVAL[language] if net else "") for language, text in curve_interval(level).items()
    }
    more = {"nl": "", "en": ""}
    if persons:
        more = {
            "nl": " Betrokkenen in één zaak tellen als los van elkaar; het interval is daardoor iets te smal.",
            "en": " Persons in one case count as independent; the interval is therefore a little too narrow.",
        }
    return {
        "nl": said["nl"] + more["nl"] + " De aandelen zonder dagen zijn geteld en hebben geen interval.",
        "en": said["en"] + more["en"] + " The shares without days are counted and have no interval.",
    }


def step_title(code: str, language: str) -> str:
    """Return the name of a step in one language."""
    return next(step.title[language] for step in steps() if step.code == code)
