"""The estimand cards of first against final penalty and of advice against decision."""

from data_contracts.procedure import norms
from evaluation.consistency import cards
from evaluation.consistency.decisions import OBJECTION_TERM
from evaluation.consistency.penalty_ranking import load_rankings
from evaluation.consistency.series_break import break_sentence
from evaluation.refusals import MINIMUM_N
from evaluation.scores import EstimandCard

ABSENT = {
    "consistency.first_final": {
        "nl": "De eerste straf, de definitieve straf of beide zijn niet geleverd. Hoe vaak een besluit later "
        "verandert, is daarom niet te zeggen.",
        "en": "The first penalty, the final penalty or both were not delivered. It can therefore not be said how often "
        "a decision is changed later.",
    },
    "consistency.advice_decision": {
        "nl": "De geadviseerde straf, de eerste straf of beide zijn niet geleverd. Hoe vaak een besluit van het advies "
        "afwijkt, is daarom niet te zeggen.",
        "en": "The advised penalty, the first penalty or both were not delivered. It can therefore not be said how "
        "often a decision deviates from the advice.",
    },
}
_DECISION = {
    "nl": "Besluit over één betrokkene. Een levering herhaalt een besluit bij elke gedraging; dezelfde uitkomst van "
    "één betrokkene in één zaak telt één keer.",
    "en": "Decision on one person concerned. A delivery repeats a decision at each allegation; the same outcome of one "
    "person in one case counts once.",
}


def first_final_card(disciplinary: bool, *, objections: bool, level: float) -> EstimandCard:
    """Return the card of first against final penalty.

    Parameters
    ----------
    disciplinary : bool
        Whether disciplinary investigations can be told from others.
    objections : bool
        Whether objections were delivered.
    level : float
    """
    days = _term_days()
    pool, broken = cards.pool(disciplinary), break_sentence("consistency.first_final")
    return EstimandCard(
        id="consistency.first_final",
        title={"nl": "Eerste en definitieve straf", "en": "First and final penalty"},
        population={
            "nl": "Besluiten na vastgesteld plichtsverzuim of een strafbaar feit, met een eerste straf die vaststaat: "
            "het bezwaar is afgehandeld, of er was geen bezwaar en de bezwaartermijn" + days["nl"] + " is om. "
            + pool["nl"],
            "en": "Decisions after misconduct or a criminal offence was found, with a first penalty that stands: the "
            "objection was settled, or there was none and the term to object" + days["en"] + " is over. " + pool["en"],
        },
        unit_of_count=_DECISION,
        cohort_basis=cards.COHORT,
        clock=cards.NO_CLOCK,
        missing_and_exits={
            "nl": "Een bezwaar zonder uitkomst, of een besluit waartegen nog bezwaar kan komen, telt als lopend "
            "(pending): het is niet 'ongewijzigd'. Is er geen definitieve straf ingevuld, dan is dat de eerste als "
            "het bezwaar is afgewezen of ingetrokken, of als er geen bezwaar was. Anders ontbreekt zij (missing). "
            + ("" if objections else "Bezwaren zijn niet geleverd: een lopend bezwaar is daarom niet te herkennen. ")
            + "Van bezwaar is geen dag bekend: de stand is die van het uittrekken van de gegevens. Een beroep dat "
            "nog loopt is niet te zien. " + broken["nl"],
            "en": "An objection without a result, or a decision to which an objection may still come, counts as "
            "pending: it is not 'unchanged'. Where no final penalty was filled in, it is the first one if the "
            "objection was dismissed or withdrawn, or if there was none. Otherwise it is missing. "
            + ("" if objections else "Objections were not delivered, so a pending one cannot be recognised. ")
            + "No day is known of an objection: its state is that of the extraction of the data. An appeal that is "
            "still pending cannot be seen. " + broken["en"],
        },
        estimator={
            "nl": "changed_share: aandeel waarvan de definitieve straf een andere code heeft dan de eerste. "
            "changed_after_objection_share: hetzelfde, van besluiten met een afgehandeld bezwaar. Een andere duur, "
            "een ander bedrag of een voorwaarde binnen dezelfde code is niet te zien (within_letter: de uitkomst van "
            "het bezwaar zegt gewijzigd, de code is gelijk). " + _TESTS["nl"] + _ranked("nl"),
            "en": "changed_share: share of which the final penalty has another code than the first. "
            "changed_after_objection_share: the same, of decisions with a settled objection. Another duration, amount "
            "or condition within one code cannot be seen (within_letter: the result of the objection says changed, "
            "the code is the same). " + _TESTS["en"] + _ranked("en"),
        },
        interval=_interval(level),
    )  # fmt: skip


def advice_decision_card(disciplinary: bool, *, level: float) -> EstimandCard:
    """Return the card of advice against decision.

    Parameters
    ----------
    disciplinary : bool
        Whether disciplinary investigations can be told from others.
    level : float
    """
    pool, broken = cards.pool(disciplinary), break_sentence("consistency.advice_decision")
    return EstimandCard(
        id="consistency.advice_decision",
        title={"nl": "Advies en besluit", "en": "Advice and decision"},
        population={
            "nl": "Eerste besluiten na vastgesteld plichtsverzuim of een strafbaar feit, waarvan de geadviseerde straf "
            "is vastgelegd. " + pool["nl"],
            "en": "First decisions after misconduct or a criminal offence was found, of which the advised penalty was "
            "recorded. " + pool["en"],
        },
        unit_of_count=_DECISION,
        cohort_basis=cards.COHORT,
        clock=cards.NO_CLOCK,
        missing_and_exits={
            "nl": "Is er geen geadviseerde straf vastgelegd, dan telt het besluit niet mee (missing): er kan ook geen "
            "advies zijn geweest. Bezwaar doet hier niet ter zake: het gaat om het eerste besluit. " + broken["nl"],
            "en": "Where no advised penalty was recorded, the decision is left out (missing): there may have been no "
            "advice. Objection does not matter here: this is about the first decision. " + broken["en"],
        },
        estimator={
            "nl": "changed_share: aandeel waarvan de straf in het eerste besluit een andere code heeft dan de "
            "geadviseerde. Afwijken mag, met redenen. followed_share is iets anders: het aandeel besluiten waarbij de "
            "eenheid zelf vastlegde dat alle adviezen zijn gevolgd (strafmaatoverleg, Agfa, bezwaarcommissie). "
            + _TESTS["nl"] + _ranked("nl"),
            "en": "changed_share: share of which the penalty of the first decision has another code than the advised "
            "one. Deviating is allowed, with reasons. followed_share is another thing: the share of decisions of which "
            "the unit itself recorded that all advice was followed (penalty board, Agfa, objections committee). "
            + _TESTS["en"] + _ranked("en"),
        },
        interval=_interval(level),
    )  # fmt: skip


_TESTS = {
    "nl": "symmetry_p (Bowker): gaan veranderingen van de ene straf naar de andere even vaak als terug? "
    "homogeneity_p (Stuart-Maxwell): komt elke straf na afloop even vaak voor als ervoor? Een kleine p-waarde zegt dat "
    "toeval dat slecht verklaart; zij zegt niet hoe groot het verschil is. De toetsen rusten alleen op de paren die "
    f"verschillen (bij minder dan {MINIMUM_N}: geen toets) en zien elk besluit als los van de andere. ",
    "en": "symmetry_p (Bowker): are changes from one penalty to another as frequent as back? homogeneity_p "
    "(Stuart-Maxwell): is every penalty as frequent afterwards as before? A small p-value says that chance explains "
    "that badly; it does not say how large the difference is. The tests rest on the pairs that differ only (fewer than "
    f"{MINIMUM_N}: no test) and take each decision as independent of the others. ",
}


def _ranked(language: str) -> str:
    """Return what the direction is, and every ranking under which it is given."""
    titles = "; ".join(f"{key}: {ranking.title[language]}" for key, ranking in load_rankings().items())
    return {
        "nl": "Milder (milder) of zwaarder (heavier) bestaat alleen onder een volgorde die is vastgelegd. Er zijn er "
        f"meer, en zij staan naast elkaar ({titles}). level_with: andere code, zelfde plaats. unranked: geen plaats, "
        "of het hangt ervan af of de straf voorwaardelijk was en dat is niet bekend. milder_share: van milder en "
        "zwaarder "
        "samen. sign_p: tekentoets (mid-p) of die twee even vaak voorkomen.",
        "en": "Milder or heavier exists only under a published ranking. There are several, side by side "
        f"({titles}). level_with: another code, the same place. unranked: no place, or it depends on whether the "
        "penalty was conditional and that is not known. milder_share: of milder and heavier together. sign_p: sign "
        "test (mid-p) of whether the two are equally frequent.",
    }[language]


def _interval(level: float) -> dict[str, str]:
    percent = f"{100 * level:g}"
    return {
        "nl": f"{percent} %. Aandelen: Wilson met het effectieve aantal, want besluiten uit één zaak hangen samen. "
        "milder_share: Wilson.",
        "en": f"{percent} %. Shares: Wilson with the effective number, because decisions of one case go together. "
        "milder_share: Wilson.",
    }


def _term_days() -> dict[str, str]:
    """Return the length of the term to object, where the norms give one in days."""
    days = [norm.days for norm in norms() if norm.code == OBJECTION_TERM and norm.in_force and norm.days]
    if not days:
        return {"nl": "", "en": ""}
    return {"nl": f" ({days[-1]} dagen)", "en": f" ({days[-1]} days)"}
