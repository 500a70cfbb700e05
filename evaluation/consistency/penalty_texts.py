"""What the cards and refusals of the families about penalties say alike."""

from data_contracts.case_files import CaseFiles
from evaluation.consistency import cards
from evaluation.scores import Refusal

PENALTY_COLUMNS = ("allegations.final_penalty", "allegations.first_penalty")


def refuse_without_penalty(case_files: CaseFiles, measure: str) -> Refusal | None:
    """Say that the delivery has no penalties, or None when it has some."""
    if any(case_files.has(column) for column in PENALTY_COLUMNS):
        return None
    return Refusal(measure, PENALTY_COLUMNS, cards.PENALTY_ABSENT)


def population(disciplinary: bool) -> dict[str, str]:
    """Return the allegations whose penalties are compared."""
    pool = cards.pool(disciplinary)
    return {
        "nl": "Gedragingen waarbij plichtsverzuim of een strafbaar feit is vastgesteld en de uitkomst bekend is. "
        + pool["nl"] + " Eenheid: die van de betrokkene.",
        "en": "Allegations with misconduct or a criminal offence found and a known outcome. "
        + pool["en"] + " Unit: that of the person concerned.",
    }  # fmt: skip


WHICH_PENALTY = {
    "nl": "De straf is de definitieve en, waar die ontbreekt, de eerste. Een ontbrekende uitkomst telt niet mee: "
    "ontbreken is niet hetzelfde als geen straf. Een onbekend kenmerk van een zaak is een eigen groep.",
    "en": "The penalty is the final one and, where that is missing, the first. A missing outcome is left out: missing "
    "is not the same as no penalty. An unknown characteristic of a case is a group of its own.",
}
