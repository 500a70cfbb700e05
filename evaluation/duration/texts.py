"""What the cards and refusals of several families about time say alike."""

from data_contracts.case_files import CaseFiles
from evaluation.scores import Refusal

_BASIS = {
    "geopend": ("geopend in de periode", "opened in the period"),
    "alle": ("alle zaken", "all cases"),
}


GROSS_CLOCK = {
    "nl": "Van de melding (MELD) tot het besluit (BESL) of, zonder besluit, het einde van het onderzoek; bruto "
    "(opschortingen tellen door), in kalenderdagen. Begin en einde op één dag telt als een halve dag.",
    "en": "From the signal (MELD) to the decision (BESL) or, without one, the end of the investigation; gross "
    "(suspensions run on), in calendar days. Beginning and end on one day counts as half a day.",
}
"""The clock of the total duration, where it is given gross only."""

EXITS_AS_ENDS = {
    "nl": "Een lopende zaak telt mee als 'langer dan tot de peildatum'. Elke wijze van einde (besluit, geen vervolg, "
    "eigen ontslag, overgedragen, ingetrokken) telt als einde. Zaken zonder begindatum, met een einde voor het begin, "
    "of afgesloten zonder datum tellen niet mee.",
    "en": "An open case counts as 'longer than up to the as-of date'. Every way to end (decision, no further action, "
    "own resignation, handed over, withdrawn) counts as an end. Cases without a first day, with an end before it, or "
    "closed without a date are left out.",
}
"""What becomes of open cases, of ways to end, and of cases without dates, where all ends count as closing."""


def all_cases(*, only_disciplinary: bool) -> dict[str, str]:
    """Return the population of `total.case_durations`."""
    nl, en = "Alle disciplinaire onderzoeken", "All disciplinary investigations"
    if not only_disciplinary:
        nl, en = (
            "Alle zaken (de soort van een zaak is niet geleverd, of geen enkele zaak is disciplinair)",
            "All cases (the kind of a case was not delivered, or no case is disciplinary)",
        )
    return {
        "nl": nl + " in de leveringen die op de peildatum geopend waren.",
        "en": en + " in the deliveries that were opened by the as-of date.",
    }


def disciplinary_cases(case_files: CaseFiles) -> dict[str, str]:
    """Return the population of the stages of a disciplinary case."""
    if case_files.has("cases.kind"):
        nl, en = "Alle disciplinaire onderzoeken", "All disciplinary investigations"
    else:
        nl, en = (
            "Alle zaken (de soort van een zaak is niet geleverd)",
            "All cases (the kind of a case was not delivered)",
        )
    return {
        "nl": nl + " in de leveringen die op de peildatum geopend waren.",
        "en": en + " in the deliveries that were opened by the as-of date.",
    }


def cohort_basis(case_files: CaseFiles) -> dict[str, str]:
    """Return on what basis the cases were delivered, and what late entry is."""
    bases = sorted(case_files.delivery["cohort_basis"].dropna().unique())
    return {
        "nl": "Zoals geleverd: " + ", ".join(_BASIS.get(b, (b, b))[0] for b in bases) + ". Van een levering met alle "
        "zaken komt een zaak van voor het begin van de periode pas op die dag in beeld (late intrede).",
        "en": "As delivered: " + ", ".join(_BASIS.get(b, (b, b))[1] for b in bases) + ". In a delivery of all cases, a "
        "case from before the period comes into view on the first day of the period (late entry).",
    }


def curve_interval(level: float) -> dict[str, str]:
    """Return what the interval around a number read from a Kaplan-Meier curve is."""
    percent = f"{100 * level:g}"
    return {
        "nl": f"{percent} %, puntsgewijs, variantie van Greenwood, op de log-log-schaal. Ligt een grens voorbij de "
        "curve, of is een deel nul of één, dan is er geen grens.",
        "en": f"{percent} %, pointwise, Greenwood's variance, on the log-log scale. Where a limit lies beyond the "
        "curve, or a share is nought or one, there is no limit.",
    }


def refuse_without_disciplinary(case_files: CaseFiles, measure: str) -> Refusal | None:
    """Say that the delivery has no disciplinary case, or None when it has; without their kind, all cases are."""
    if not case_files.has("cases.kind") or (case_files.cases["kind"] == "disciplinair").any():
        return None
    return Refusal(
        measure,
        ("cases.kind",),
        {
            "nl": "Geen enkele zaak in de levering is een disciplinair onderzoek.",
            "en": "Not one case in the delivery is a disciplinary investigation.",
        },
    )


def refuse_without_complaints(case_files: CaseFiles, measure: str) -> Refusal | None:
    """Say why nothing can be told of complaints, or None when the delivery has some."""
    if case_files.has("cases.kind") and (case_files.cases["kind"] == "klacht").any():
        return None
    return Refusal(
        measure,
        ("cases.kind",),
        {
            "nl": "Geen enkele zaak in de levering staat vast als klacht.",
            "en": "Not one case in the delivery is known to be a complaint.",
        },
    )
