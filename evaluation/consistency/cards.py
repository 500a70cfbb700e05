"""The estimand cards of outcome consistency, and the sentences of what it cannot say."""

from evaluation.consistency.series_break import break_sentence
from evaluation.scores import EstimandCard

COVARIATE_NAMES = {
    "category": {"nl": "categorie", "en": "category"},
    "year": {"nl": "jaar van opening", "en": "year of opening"},
    "complexity": {"nl": "zwaarte", "en": "complexity"},
    "rank_band": {"nl": "rangband", "en": "rank band"},
    "prior_measures": {"nl": "eerdere maatregelen", "en": "prior measures"},
}

ABSENT = {
    "allegations": {
        "nl": "De levering heeft geen gedragingen. Zonder gedragingen en hun bevinding is niet te zeggen of gelijke "
        "zaken gelijk worden beoordeeld.",
        "en": "The delivery has no allegations. Without allegations and their findings it cannot be said whether like "
        "cases are judged alike.",
    },
    "allegations.finding": {
        "nl": "Bij geen enkele gedraging is een bevinding geleverd. Zonder bevinding is niet te zeggen of gelijke "
        "zaken gelijk worden beoordeeld.",
        "en": "No allegation comes with a finding. Without findings it cannot be said whether like cases are judged "
        "alike.",
    },
}

REGISTRATION_ABSENT = {
    ("staffing",): {
        "nl": "De formatie is niet geleverd. Zonder het aantal medewerkers is niet te zeggen of een eenheid veel of "
        "weinig registreert. Lees verschillen tussen eenheden met die beperking.",
        "en": "Staffing was not delivered. Without the number of staff it cannot be said whether a unit registers much "
        "or little. Read differences between units with that limit in mind.",
    },
    ("signals",): {
        "nl": "De meldingen zijn niet geleverd. Het aantal meldingen per 1.000 medewerkers is daarom niet te geven.",
        "en": "Signals were not delivered. The number of signals per 1,000 staff can therefore not be given.",
    },
    ("staffing", "signals"): {
        "nl": "De formatie en de meldingen zijn niet geleverd. Daarom is niet te zeggen of een eenheid veel of weinig "
        "registreert. Lees verschillen tussen eenheden met die beperking.",
        "en": "Staffing and signals were not delivered. It can therefore not be said whether a unit registers much or "
        "little. Read differences between units with that limit in mind.",
    },
}

PENALTY_ABSENT = {
    "nl": "De levering bevat geen straffen. Er is dus niets te zeggen over de straf die op een bevinding volgt.",
    "en": "The delivery contains no penalties. So nothing can be said about the penalty that follows a finding.",
}

COHORT = {
    "nl": "Alle geleverde zaken met een bevinding op de peildatum, ongeacht de cohortbasis van de levering.",
    "en": "All delivered cases with a finding on the as-of date, whatever the cohort basis of the delivery.",
}
NO_CLOCK = {"nl": "Geen: dit is een aandeel, geen duur.", "en": "None: this is a share, not a duration."}
ALLEGATION = {"nl": "gedraging", "en": "allegation"}


def misconduct_found(used: tuple[str, ...], left_out: tuple[str, ...], disciplinary: bool) -> EstimandCard:
    """Return the card of the finding, naming the characteristics that were and were not delivered."""
    return EstimandCard(
        id="consistency.misconduct_found",
        title={"nl": "Plichtsverzuim vastgesteld", "en": "Misconduct found"},
        population={
            "nl": "Gedragingen met een inhoudelijke bevinding: plichtsverzuim vastgesteld of strafbaar feit, tegenover "
            "geen plichtsverzuim of niet vastgesteld. " + pool(disciplinary)["nl"] + " Eenheid: die van de betrokkene.",
            "en": "Allegations with a finding on the substance: breach of duty established or criminal offence, "
            "against no breach or not established. " + pool(disciplinary)["en"] + " Unit: that of the person "
            "concerned.",
        },
        unit_of_count=ALLEGATION,
        cohort_basis=COHORT,
        clock=NO_CLOCK,
        missing_and_exits={
            "nl": "Gedragingen zonder bevinding, of afgedaan zonder onderzoek, overgedragen of beëindigd door eigen "
            "ontslag tellen niet mee. In de laatste jaren lopen nog zaken: daar tellen alleen de zaken die al klaar "
            "zijn. Een onbekend kenmerk is een eigen groep, niet 'nee'. Gedragingen zonder eenheid tellen alleen mee "
            "in het ruwe aandeel van alles samen en per jaar.",
            "en": "Allegations without a finding, or settled without investigation, handed over or ended by own "
            "resignation are left out. In the last years cases are still open: only those already finished count. An "
            "unknown characteristic is a group of its own, not a 'no'. Allegations without a unit count only in the "
            "crude share of all together and by year.",
        },
        estimator=_comparison(used, left_out),
        interval=_COMPARISON_INTERVAL,
    )


def registration() -> EstimandCard:
    """Return the card of the registration guard."""
    return EstimandCard(
        id="consistency.registration",
        title={"nl": "Registratie per eenheid", "en": "Registration by unit"},
        population={
            "nl": "Onderzoeken (disciplinair, waar de soort geleverd is) en meldingen van de eenheid, in de hele "
            "kalenderjaren van de periode waarvoor de bezetting bekend is. Zonder bevinding: gedragingen van "
            "afgesloten onderzoeken.",
            "en": "Investigations (disciplinary, where the kind was delivered) and signals of the unit, in the whole "
            "calendar years of the period with a known headcount. Without a finding: allegations of closed "
            "investigations.",
        },
        unit_of_count={"nl": "onderzoek, melding of gedraging", "en": "investigation, signal or allegation"},
        cohort_basis={"nl": "Geopend of ontvangen in de periode.", "en": "Opened or received in the period."},
        clock={"nl": "Kalenderjaar van opening of ontvangst.", "en": "Calendar year of opening or receipt."},
        missing_and_exits={
            "nl": "Zaken of meldingen zonder datum of eenheid tellen niet mee. De bevinding 'onbekend' telt als "
            "ontbrekend.",
            "en": "Cases or signals without a date or unit are left out. The finding 'unknown' counts as missing.",
        },
        estimator={
            "nl": "Aantal per 1.000 medewerkers per jaar; aandeel gedragingen zonder bevinding. Een verschil kan aan "
            "het registreren liggen en niet aan het gedrag.",
            "en": "Count per 1,000 staff a year; share of allegations without a finding. A difference may come from "
            "registration and not from conduct.",
        },
        interval={"nl": "Poisson (score) voor aantallen, Wilson voor het aandeel.",
                  "en": "Poisson (score) for counts, Wilson for the share."},
    )  # fmt: skip


def penalty_given_finding(used: tuple[str, ...], left_out: tuple[str, ...], disciplinary: bool) -> EstimandCard:
    """Return the card of the penalty that follows a finding of misconduct."""
    compared = _comparison(used, left_out)
    return EstimandCard(
        id="consistency.penalty_given_finding",
        title={"nl": "Straf na vastgesteld plichtsverzuim", "en": "Penalty after misconduct found"},
        population={
            "nl": "Gedragingen waarbij plichtsverzuim of een strafbaar feit is vastgesteld en de uitkomst bekend is. "
            + pool(disciplinary)["nl"]
            + " Eenheid: die van de betrokkene.",
            "en": "Allegations with misconduct or a criminal offence found and a known outcome. "
            + pool(disciplinary)["en"]
            + " Unit: that of the person concerned.",
        },
        unit_of_count=ALLEGATION,
        cohort_basis=COHORT,
        clock=NO_CLOCK,
        missing_and_exits={
            "nl": "Een ontbrekende uitkomst telt niet mee: ontbreken is niet hetzelfde als geen straf. Gedragingen "
            "zonder eenheid tellen alleen mee in het aandeel van alles samen en per jaar. Wie zelf ontslag nam of op "
            "een andere grond is ontslagen, heeft geen straf: een eenheid waar dat vaak gebeurt, lijkt milder dan zij "
            "is.",
            "en": "A missing outcome is left out: missing is not the same as no penalty. Allegations without a unit "
            "count only in the share of all together and by year. Who resigned or was dismissed on another ground has "
            "no penalty: a unit where that is common looks milder than it is.",
        },
        estimator={
            "nl": "Uitkomst: een straf (Barp a tot en met k, ook voorwaardelijk); de definitieve straf, en waar die "
            "ontbreekt de eerste. " + compared["nl"],
            "en": "Outcome: a penalty (Barp a to k, also conditional); the final penalty or, where that is missing, "
            "the first. " + compared["en"],
        },
        interval=_COMPARISON_INTERVAL,
    )


def _comparison(used: tuple[str, ...], left_out: tuple[str, ...]) -> dict[str, str]:
    """Return how units are compared on a yes/no outcome."""
    broken = break_sentence("consistency.misconduct_found")
    return {
        "nl": "Ruw aandeel. Verwacht aandeel: logistische regressie zonder eenheden"
        + characteristics(used, left_out, "nl")
        + " Kenmerken met minder dan 10 gedragingen, of met maar één uitkomst, zijn samengevoegd. "
        + broken["nl"]
        + " Gecorrigeerd aandeel: waargenomen gedeeld door verwacht, maal het landelijke aandeel "
        "(hoogstens 100 %). Spreiding: logistisch model met een toevallig effect per eenheid (Gauss-Hermite, 9 "
        "punten), vanaf 5 eenheden; sigma, ICC en mediane oddsratio. Vergeleken wordt vanaf 10 gedragingen per "
        "eenheid, en als landelijk beide uitkomsten minstens 10 keer voorkomen. Betrouwbaarheid: het deel van een "
        "verschil dat geen toeval is (tau² / (tau² + s²)). Overspreiding: het gemiddelde gekwadrateerde verschil met "
        "het verwachte; 1 is toeval (phi, overdispersion). Daarnaast de variantie tussen eenheden die overblijft, op "
        "de schaal van waargenomen gedeeld door verwacht (tau², overdispersion_tau2). De uiterste tiende delen van de "
        "eenheden zijn daarbij ingekort. Samenhang binnen zaken: gedragingen uit één zaak eindigen vaak hetzelfde. "
        "Hoe vaak, boven wat kenmerken en eenheid verklaren, staat in case_correlation (0: los van elkaar; 1: altijd "
        "hetzelfde); het is één getal voor alle eenheden. Trechter, overspreiding, betrouwbaarheid en spreiding "
        "rekenen ermee: in een zaak met m gedragingen telt elke gedraging voor 1 / (1 + (m - 1) × samenhang). Met "
        "hoeveel dat de toevalsvariantie vergroot, staat in design_effect. Zaken tellen in plaats van gedragingen kan "
        "niet: een zaak heeft soms verschillende uitkomsten.",
        "en": "Crude share. Expected share: logistic regression without units"
        + characteristics(used, left_out, "en")
        + " Levels with fewer than 10 allegations, or with one outcome only, are pooled. "
        + broken["en"]
        + " Adjusted share: "
        "observed over expected, times the overall share (at most 100%). Spread: logistic model with a random effect "
        "per unit (Gauss-Hermite, 9 points), from 5 units; sigma, ICC and median odds ratio. Units are compared from "
        "10 allegations, and when both outcomes occur at least 10 times in all. Reliability: the part of a difference "
        "that is not chance (tau² / (tau² + s²)). Overdispersion: the mean squared difference from what is expected; 1 "
        "is chance (phi, overdispersion). Beside it the variance between units that is left, on the scale of observed "
        "over expected (tau², overdispersion_tau2). The extreme tenths of the units are winsorised there. Correlation "
        "within cases: allegations of one case often end alike. How often, over what characteristics and unit explain, "
        "is case_correlation (0: independent; 1: always alike); it is one number for all units. Funnel, "
        "overdispersion, reliability and spread take it into account: in a case with m allegations each counts for "
        "1 / (1 + (m - 1) × correlation). By how much it widens the chance variance is design_effect. Cases cannot be "
        "counted instead of allegations: a case may have different outcomes.",
    }


_COMPARISON_INTERVAL = {
    "nl": "Aandelen: Wilson, met hele zaken als wat getrokken is (Korn-Graubard); heeft elke zaak één gedraging, dan "
    "gewoon Wilson. Waargenomen gedeeld door verwacht en gecorrigeerd aandeel: hetzelfde interval, met het verwachte "
    "aantal als vast getal. Sigma: profielaannemelijkheid; ICC en mediane oddsratio zijn daarvan omgerekend. Effect "
    "per eenheid: t-verdeling (eenheden min één vrijheidsgraden), waarin ook de gemiddelde eenheid en de correctie "
    "onzeker zijn; geen interval als sigma 0 is. Trechter: exacte grenzen van 95 en 99,8 % voor een som van ongelijke "
    "kansen (Spiegelhalter 2005), waarbij gedragingen uit één zaak samenhangen.",
    "en": "Shares: Wilson, with whole cases as what was drawn (Korn-Graubard); with one allegation a case, plain "
    "Wilson. Observed over expected and adjusted share: the same interval, taking the expected count as fixed. Sigma: "
    "profile likelihood; ICC and median odds ratio are transformed from it. Effect per unit: "
    "t-distribution (units less one degrees of freedom), in which the average unit and the adjustment are uncertain "
    "too; no interval when sigma is 0. Funnel: exact 95 and 99.8% limits for a sum of unequal chances (Spiegelhalter "
    "2005), with allegations of one case going together.",
}


def pool(disciplinary: bool) -> dict[str, str]:
    """Return which investigations take part."""
    if disciplinary:
        return {"nl": "Alleen disciplinaire onderzoeken.", "en": "Disciplinary investigations only."}
    return {
        "nl": "Alle onderzoeken: de soort is niet geleverd, of geen enkele zaak is disciplinair.",
        "en": "All investigations: the kind was not delivered, or no case is disciplinary.",
    }


def characteristics(used: tuple[str, ...], left_out: tuple[str, ...], language: str) -> str:
    """Return the end of the sentence that names what the model does and does not know."""
    listed = {"nl": " op ", "en": " on "}[language] + ", ".join(COVARIATE_NAMES[name][language] for name in used)
    text = (listed if used else {"nl": ", zonder kenmerken", "en": ", without characteristics"}[language]) + "."
    if left_out:
        text += {"nl": " Niet geleverd en dus niet meegenomen: ", "en": " Not delivered, so left out: "}[language]
        text += ", ".join(COVARIATE_NAMES[name][language] for name in left_out) + "."
    return text
