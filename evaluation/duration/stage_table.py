"""The stages of a case as data: between which steps each clock runs, and for whom."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """One stage as data.

    Parameters
    ----------
    code : str
        Name in results.
    title : dict
        In Dutch (`nl`) and English (`en`).
    kind : str
        The kind of case that has the stage.
    level : str
        `case`: one clock a case; `subject`: one for every person concerned.
    start, end : str
        Steps between which the clock runs; both empty when the delivery cannot give it.
    start_or_earlier : str
        Another step that starts the clock where it comes first.
    norm : str
        Code of the norm in `norms.yaml`, where one speaks of this stage.
    why_not : dict
        Why the stage cannot be computed, in `nl` and `en`; empty when it can.
    """

    code: str
    title: dict[str, str]
    kind: str
    level: str
    start: str = ""
    end: str = ""
    start_or_earlier: str = ""
    norm: str = ""
    why_not: dict[str, str] | None = None


STAGES = (
    Stage("intake", {"nl": "Intake: van melding tot opdracht", "en": "Intake: from signal to assignment"},
          "disciplinair", "case", "MELD", "OPDR"),
    Stage("fact_finding", {"nl": "Feitenonderzoek: van opdracht tot rapport",
                           "en": "Fact-finding: from assignment to report"}, "disciplinair", "case", "OPDR", "RAPP"),
    Stage("assessment", {"nl": "Beoordeling: van rapport tot voornemen",
                         "en": "Assessment: from report to intended decision"},
          "disciplinair", "case", "RAPP", "VOORN"),
    Stage("decision", {"nl": "Besluitvorming: van voornemen tot besluit",
                       "en": "Decision: from intended decision to decision"}, "disciplinair", "case", "VOORN", "BESL"),
    Stage("total", {"nl": "Geheel: van melding tot besluit", "en": "Total: from signal to decision"},
          "disciplinair", "case", "MELD", "BESL", norm="disciplinair_totaal"),
    Stage("uncertainty", {"nl": "Onzekerheid: van kennisgeving of ordemaatregel tot besluit, per betrokkene",
                          "en": "Uncertainty: from notification or order measure to decision, for each person"},
          "disciplinair", "subject", "KENN", "BESL", start_or_earlier="ORDE"),
    Stage("complaint", {"nl": "Klacht: van ontvangst tot beslissing", "en": "Complaint: from receipt to decision"},
          "klacht", "case", "MELD", "BESL", norm="klacht_besluit"),
    Stage("objection", {"nl": "Bezwaar: van bezwaar tot beslissing op bezwaar",
                        "en": "Objection: from objection to decision on it"},
          "disciplinair", "subject", norm="bezwaar_beslissing",
          why_not={"nl": "Van bezwaar staat in de levering één datum (stap BEZW): of dat de dag van het bezwaarschrift "
                         "is of die van de beslissing erop, is niet te zien. De duur van bezwaar is daarom niet te "
                         "berekenen.",
                   "en": "The delivery has one date for an objection (step BEZW): whether it is the day of the "
                         "objection or of the decision on it cannot be seen. The duration of an objection can "
                         "therefore not be computed."}),
)  # fmt: skip

CHAIN = ("intake", "fact_finding", "assessment", "decision")
"""The stages that follow each other from signal to decision."""


def longest_stage(medians: Mapping[str, float | None]) -> str | None:
    """Return the stage of the chain with the largest median; None when one has none, or two tie.

    Examples
    --------
    >>> longest_stage({"intake": 10, "fact_finding": 80, "assessment": 20, "decision": 30})
    'fact_finding'
    """
    known = sorted((days, code) for code in CHAIN if (days := medians.get(code)) is not None)
    if len(known) < len(CHAIN) or known[-1][0] == known[-2][0]:
        return None
    return known[-1][1]
