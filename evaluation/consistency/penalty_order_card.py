"""The estimand card of the penalty as an ordered outcome."""

from evaluation.consistency import cards
from evaluation.consistency.penalty_ranking import load_rankings
from evaluation.consistency.penalty_texts import WHICH_PENALTY, population
from evaluation.consistency.series_break import break_sentence
from evaluation.refusals import MINIMUM_N
from evaluation.scores import EstimandCard


def penalty_order_card(
    used: tuple[str, ...], left_out: tuple[str, ...], disciplinary: bool, *, level: float
) -> EstimandCard:
    """Return the card, naming every ranking and its source, and what was and was not delivered.

    Parameters
    ----------
    used, left_out : tuple of str
        Characteristics in the case mix, and those that were not delivered.
    disciplinary : bool
        Whether disciplinary investigations can be told from others.
    level : float
    """
    percent, broken = f"{100 * level:g}", break_sentence("consistency.penalty_order")
    return EstimandCard(
        id="consistency.penalty_order",
        title={"nl": "Zwaarte van de straf, onder een vastgelegde volgorde",
               "en": "Weight of the penalty, under a published ranking"},
        population=population(disciplinary),
        unit_of_count=cards.ALLEGATION,
        cohort_basis=cards.COHORT,
        clock=cards.NO_CLOCK,
        missing_and_exits={
            "nl": WHICH_PENALTY["nl"]
            + " Uitkomsten zonder plaats in de volgorde doen niet mee (unranked): de volgorde noemt ze niet, of het "
            "hangt ervan af of de straf voorwaardelijk is en dat is niet bekend. "
            + broken["nl"],
            "en": WHICH_PENALTY["en"] + " Outcomes without a place in the ranking take no part (unranked): the ranking "
            "does not name them, or it depends on whether the penalty is conditional and that is not known. "
            + broken["en"],
        },
        estimator={
            "nl": "De wet noemt straffen op een rij, maar zegt niet dat elke straf zwaarder is dan de vorige. Daarom "
            "is er een maat voor elke vastgelegde volgorde, en ernaast een vergelijking zonder volgorde "
            "(penalty_kind). "
            + _rankings("nl") + " Verwacht: geordende logistische regressie zonder eenheden"
            + cards.characteristics(used, left_out, "nl") + " Kenmerken met te weinig gedragingen zijn samengevoegd. "
            "win: kans dat de straf van een gedraging uit de eenheid zwaarder is dan die van een gelijke zaak uit alle "
            "eenheden samen (gelijk telt half; 50 % is zoals verwacht). odds_ratio: oddsratio van een zwaardere "
            "straf, tegenover het gemiddelde van de eenheden; zij gaat ervan uit dat één verhouding geldt voor elke "
            "knip in de volgorde. proportional_odds_p toetst dat, met elke gedraging als los geval; bij weinig "
            "gedragingen is de toets te streng. Is de p-waarde klein, lees dan alleen win. units_p: toets of de "
            "eenheden meer verschillen dan hun zaken verklaren. Geen rangorde van eenheden. Per eenheid "
            f"vanaf {MINIMUM_N} gedragingen.",
            "en": "The law lists penalties, but does not say that each is heavier than the one before. So there is one "
            "measure for each published ranking, and beside it a comparison without one (penalty_kind). "
            + _rankings("en") + " Expected: ordered logistic regression without units"
            + cards.characteristics(used, left_out, "en") + " Characteristics with too few allegations are pooled. "
            "win: chance that the penalty of an allegation of the unit is heavier than that of a like case of all "
            "units together (equal counts half; 50% is as expected). odds_ratio: odds of a heavier penalty against the "
            "average of the units; it assumes that one ratio holds wherever the order is cut. proportional_odds_p "
            "tests that, taking each allegation as independent; with few allegations the test is too strict. Where its "
            "p-value is small, read win only. units_p: test of whether units differ by more than "
            f"their cases explain. No ranking of units. Per unit from {MINIMUM_N} allegations.",
        },
        interval={
            "nl": f"{percent} %, met hele zaken als eenheid van toeval: gedragingen uit één zaak hangen samen. win: "
            "t-verdeling op de logit-schaal, met de onzekerheid van het verwachte. odds_ratio: normaal op de "
            "log-schaal.",
            "en": f"{percent} %, with whole cases as what chance draws: allegations of one case go together. win: t "
            "distribution on the logit scale, with the uncertainty of what is expected. odds_ratio: normal on the log "
            "scale.",
        },
    )  # fmt: skip


_MARKS = {
    "nl": {"R": "gelezen in de bron", "B": "achtergrond, nog te bevestigen", "I": "eigen keuze"},
    "en": {"R": "read in the source", "B": "background, to be confirmed", "I": "our own choice"},
}


def _rankings(language: str) -> str:
    """Return every ranking with its title and how sure it is."""
    named = "; ".join(
        f"{key} ({_MARKS[language][ranking.mark]}): {ranking.title[language]}"
        for key, ranking in load_rankings().items()
    )
    return {"nl": f"De volgordes: {named}.", "en": f"The rankings: {named}."}[language]
