"""The estimand card of the chain from signal to dismissal, and the sentences of what it cannot say."""

from evaluation.consistency import cards
from evaluation.consistency.series_break import break_sentence
from evaluation.refusals import MINIMUM_N
from evaluation.scores import EstimandCard

ABSENT = {
    "signals": {
        "nl": "De meldingen zijn niet geleverd. Welk deel van de meldingen tot een onderzoek leidde, is daarom niet te "
        "zeggen.",
        "en": "Signals were not delivered. It can therefore not be said which share of the signals led to an "
        "investigation.",
    },
    "allegations.finding": {
        "nl": "Er zijn geen gedragingen met een bevinding geleverd. Hoe onderzoeken verder gaan, van bevinding tot "
        "straf en ontslag, is daarom niet te zeggen.",
        "en": "No allegations with a finding were delivered. It can therefore not be said how investigations go on, "
        "from finding to penalty and dismissal.",
    },
}


def chain_card(disciplinary: bool, *, level: float) -> EstimandCard:
    """Return the card of the chain.

    Parameters
    ----------
    disciplinary : bool
        Whether disciplinary investigations can be told from others.
    level : float
    """
    percent = f"{100 * level:g}"
    pool, broken = cards.pool(disciplinary), break_sentence("consistency.chain")
    return EstimandCard(
        id="consistency.chain",
        title={"nl": "Van melding tot ontslag, stap voor stap", "en": "From signal to dismissal, link by link"},
        population={
            "nl": "Eerste schakel (investigated): meldingen, naar de eenheid en het jaar van ontvangst. Daarna: "
            "gedragingen in onderzoeken, naar de eenheid van de betrokkene en het jaar van opening. " + pool["nl"] + " "
            "Elke schakel telt alleen wat door de vorige kwam: inhoudelijk beoordeeld (judged), dan plichtsverzuim "
            "vastgesteld (found), dan een straf van Barp artikel 77 (penalised), dan onvoorwaardelijk ontslag als "
            "straf (dismissed). Ernaast, van alles met plichtsverzuim: uit dienst door straf of op een andere grond "
            "(left_service).",
            "en": "First link (investigated): signals, by unit and year of receipt. Then: allegations of "
            "investigations, by the unit of the person concerned and year of opening. " + pool["en"] + " Each link "
            "counts only what passed the one before: judged on the substance, then misconduct found, then a penalty of "
            "Barp article 77 (penalised), then unconditional dismissal as a penalty (dismissed). Beside it, of all "
            "with misconduct found: out of service by a penalty or on another ground (left_service).",
        },
        unit_of_count={
            "nl": "Melding bij de eerste schakel, gedraging bij de andere. De eerste schakel is dus niet met de andere "
            "te vermenigvuldigen.",
            "en": "Signal at the first link, allegation at the others. So the first link cannot be multiplied with "
            "the others.",
        },
        cohort_basis=cards.COHORT,
        clock=cards.NO_CLOCK,
        missing_and_exits={
            "nl": "Wat nog loopt (running) en wat niet is vastgelegd (missing) telt niet in het aandeel, maar staat er "
            "als aantal naast: samen met de noemer is dat alles wat de schakel bereikte (reached). In de laatste jaren "
            "zijn vooral snelle zaken klaar; het aandeel gaat dan over die zaken. De straf is de definitieve en, waar "
            "die ontbreekt, de eerste. Is niet bekend of een straf voorwaardelijk is, dan telt zij bij ontslag als "
            "ontbrekend. " + broken["nl"],
            "en": "What still runs (running) and what was not recorded (missing) does not count in the share, but "
            "stands beside it as a count: with the denominator that is all that reached the link (reached). In the "
            "last years mostly quick cases are finished; the share is then about those. The penalty is the final one "
            "and, where that is missing, the first. Where it is not known whether a penalty is conditional, it counts "
            "as missing for dismissal. " + broken["en"],
        },
        estimator={
            "nl": "Het aandeel dat verder ging, van wat deze schakel bereikte en waarvan de uitkomst bekend is. Niet "
            "gecorrigeerd voor verschillen tussen zaken. Een eenheid die weinig registreert, heeft gemiddeld zwaardere "
            "zaken en dus hogere aandelen: lees dit samen met de registratie per eenheid. Minder dan "
            f"{MINIMUM_N}: geen getal.",
            "en": "The share that went on, of what reached this link and whose outcome is known. Not adjusted for "
            "differences between cases. A unit that registers little has heavier cases on average and so higher "
            f"shares: read this together with the registration by unit. Fewer than {MINIMUM_N}: no number.",
        },
        interval={
            "nl": f"{percent} %: meldingen Wilson; gedragingen Wilson met het effectieve aantal, want gedragingen uit "
            "één zaak hangen samen.",
            "en": f"{percent} %: signals Wilson; allegations Wilson with the effective number, because allegations of "
            "one case go together.",
        },
    )
