"""The estimand cards of the agreement of readers, and the sentences of what cannot be said of it."""

from collections.abc import Iterable

from evaluation.consistency.reader_agreement import REPLICATES
from evaluation.consistency.reader_items import RatingScale
from evaluation.refusals import MINIMUM_N
from evaluation.scores import EstimandCard

NOT_DELIVERED = {
    "nl": "De levering heeft geen dossierbeoordelingen. Zonder dossiers die door twee lezers zijn gelezen is niet "
    "te zeggen of lezers hetzelfde oordelen.",
    "en": "The delivery has no readings of dossiers. Without dossiers read by two readers it cannot be said "
    "whether readers judge alike.",
}
NO_COLUMN = {
    "reviews.reviewer_id": {
        "nl": "Bij geen enkele dossierbeoordeling staat welke lezer haar gaf. Of lezers hetzelfde oordelen is dus "
        "niet te zeggen.",
        "en": "Not one reading says which reader made it. So it cannot be said whether readers judge alike.",
    },
    "reviews.item": {
        "nl": "Bij geen enkele dossierbeoordeling staat wat beoordeeld is. Of lezers hetzelfde oordelen is dus "
        "niet te zeggen.",
        "en": "Not one reading says what was rated. So it cannot be said whether readers judge alike.",
    },
    "reviews.rating": {
        "nl": "Bij geen enkele dossierbeoordeling staat een oordeel. Of lezers hetzelfde oordelen is dus niet te "
        "zeggen.",
        "en": "Not one reading comes with a rating. So it cannot be said whether readers judge alike.",
    },
}
READ_NOTHING = {
    "nl": "Op de peildatum was nog geen dossier gelezen. Of lezers hetzelfde oordelen is dus niet te zeggen.",
    "en": "On the as-of date no dossier had been read yet. So it cannot be said whether readers judge alike.",
}
NOTHING_TWICE = {
    "nl": "Van geen enkel dossier is hetzelfde item door twee lezers beoordeeld. Of lezers hetzelfde oordelen is "
    "alleen te zien aan dossiers die door twee lezers zijn gelezen.",
    "en": "Of not one dossier did two readers rate the same item. Whether readers judge alike can only be seen "
    "from dossiers read by two readers.",
}

_POPULATION = {
    "nl": "Dossiers die op de peildatum door een of meer lezers zijn gelezen, van welke soort zaak ook. Gaat een "
    "getal over overeenstemming, dan tellen de dossiers waarvan twee of meer lezers hetzelfde item beoordeelden.",
    "en": "Dossiers read by one or more readers on the as-of date, of whatever kind of case. Where a number is "
    "about agreement, those count of which two or more readers rated the same item.",
}
_COHORT = {
    "nl": "De dossiers die zijn uitgekozen om te lezen. Zijn zij niet door het lot gekozen, dan zeggen de getallen "
    "alleen iets over deze dossiers.",
    "en": "The dossiers chosen for reading. Where they were not chosen by lot, the numbers tell of these dossiers "
    "only.",
}
_NO_CLOCK = {
    "nl": "Geen: dit gaat over oordelen, niet over tijd. Alleen wat op de peildatum gelezen was telt.",
    "en": "None: this is about ratings, not about time. Only what had been read on the as-of date counts.",
}


def readers_card(scales: Iterable[RatingScale], *, level: float) -> EstimandCard:
    """Return the card of the agreement of readers, naming the scales that were used."""
    named = {
        language: "; ".join(
            f"{scale.title[language]} ({_KINDS[scale.kind][language]})"
            for scale in sorted({scale.key: scale for scale in scales}.values(), key=lambda scale: scale.key)
        )
        for language in ("nl", "en")
    }
    percent = f"{100 * level:g}"
    return EstimandCard(
        id="consistency.readers",
        title={"nl": "Oordelen lezers van dossiers hetzelfde?", "en": "Do readers of dossiers judge alike?"},
        population=_POPULATION,
        unit_of_count={
            "nl": "Dossier. Een dossier telt één keer, hoeveel lezers het ook lazen. Over alle items samen: het "
            "gewone gemiddelde van de items, met het dossier als eenheid, want de items van één dossier lijken op "
            f"elkaar. Hoe veel lezers er waren staat er alleen bij vanaf {MINIMUM_N}: het zijn mensen.",
            "en": "Dossier. A dossier counts once, however many readers read it. Over all items together: the "
            "plain mean of the items, with the dossier as the unit, because the items of one dossier resemble each "
            f"other. The number of readers is given from {MINIMUM_N} on only: they are people.",
        },
        cohort_basis=_COHORT,
        clock=_NO_CLOCK,
        missing_and_exits={
            "nl": "Een leeg oordeel en 'niet te beoordelen' tellen als ontbrekend; hun aandeel in alle lezingen "
            "staat erbij. Ook een lezer die hetzelfde item van hetzelfde dossier tweemaal verschillend beoordeelde "
            "telt daar als ontbrekend. Een dossier dat één keer gelezen is telt mee voor hoe vaak elk oordeel "
            "gegeven wordt, niet voor de overeenstemming. Items waarbij alle oordelen gelijk zijn hebben geen "
            "kappa of alfa en ontbreken in het gemiddelde daarvan; hoeveel dat er zijn staat erbij.",
            "en": "An empty rating and 'cannot be judged' count as missing; their share of all readings stands "
            "beside. A reader who rated the same item of the same dossier twice, and differently, counts as "
            "missing there too. A dossier read once counts for how often each rating is given, not for agreement. "
            "Items of which all ratings are the same have no kappa or alpha and are not in the mean of these; how "
            "many stands beside.",
        },
        estimator={
            "nl": f"Schaal van de oordelen: {named['nl']}. Percentage: hoe vaak twee lezers van een dossier "
            "hetzelfde oordelen. De andere maten trekken daar af wat toeval zou geven: 1 is altijd hetzelfde, 0 "
            "niet meer dan toeval. Zij verschillen in wat zij toeval noemen. Kappa van Fleiss en alfa van "
            "Krippendorff: ieder oordeel even vaak als alle lezers samen. Kappa van Conger, bij twee lezers die "
            "van Cohen: even vaak als die lezer zelf. Brennan-Prediger: elk oordeel even vaak. AC1 van Gwet: "
            "alleen bij dossiers die lastig zijn. Krijgen bijna alle dossiers hetzelfde oordeel, dan vallen kappa "
            "en alfa laag uit, hoe zelden lezers ook verschillen; AC1 en Brennan-Prediger niet. Bij weinig "
            "dossiers komen kappa en alfa ook door de rekenwijze iets te laag uit: bij 60 dossiers 0,01 tot 0,03. "
            f"Geen van alle is de beste: lees ze samen, naast het percentage. Minder dan {MINIMUM_N} dossiers die "
            "twee keer gelezen zijn: geen getal.",
            "en": f"Scale of the ratings: {named['en']}. Percentage: how often two readers of a dossier rate it the "
            "same. The other measures take off what chance would give: 1 is always the same, 0 no more than "
            "chance. They differ in what they call chance. Fleiss' kappa and Krippendorff's alpha: each rating as "
            "often as all readers together give it. Conger's kappa, with two readers that of Cohen: as often as "
            "that reader does. Brennan-Prediger: each rating as often. Gwet's AC1: only with dossiers that are "
            "hard to rate. Where nearly all dossiers get the same rating, kappa and alpha are low, however rarely "
            "readers differ; AC1 and Brennan-Prediger are not. With few dossiers kappa and alpha come out a little "
            "low by the way they are reckoned, too: with 60 dossiers by 0.01 to 0.03. None is the best: read them "
            f"together, beside the percentage. Fewer than {MINIMUM_N} dossiers read twice: no number.",
        },
        interval={
            "nl": f"{percent} %, met de dossiers als steekproef; de lezers zijn deze lezers. Percentage: Wilson, "
            f"bij het effectieve aantal dossiers. De andere: {REPLICATES} keer opnieuw dossiers trekken (bootstrap, "
            "BCa). Dat is gekozen na proeven met nagebootste lezers: bij 60 dossiers die bijna allemaal hetzelfde "
            "oordeel verdienen bevatte het interval volgens de formule de waarheid in 90 tot 93 van de 100 "
            "proeven, dit in 95 tot 99. Zegt meer dan een op de twintig trekkingen niets, dan is er te weinig "
            "verschil in oordelen voor een getal. Verschillen lezers nergens, dan volgt de ondergrens uit die van "
            "het percentage.",
            "en": f"{percent} %, with the dossiers as the sample; the readers are these readers. Percentage: "
            f"Wilson, at the effective number of dossiers. The others: drawing dossiers again {REPLICATES} times "
            "(bootstrap, BCa). That was chosen after trials with imitated readers: with 60 dossiers that nearly "
            "all deserve the same rating, the interval by formula held the truth in 90 to 93 of 100 trials, this "
            "one in 95 to 99. Where more than one draw in twenty says nothing, ratings differ too little for a "
            "number. Where readers differ nowhere, the lower end follows from that of the percentage.",
        },
    )  # fmt: skip


def error_card(*, level: float) -> EstimandCard:
    """Return the card of what disagreement does to a share."""
    percent = f"{100 * level:g}"
    return EstimandCard(
        id="consistency.reader_error",
        title={
            "nl": "Wat verschil tussen lezers doet met een aandeel",
            "en": "What disagreement of readers does to a share",
        },
        population=_POPULATION,
        unit_of_count={
            "nl": "Dossier. Het aandeel dat lezers vonden telt oordelen: een dossier met twee oordelen telt "
            "tweemaal.",
            "en": "Dossier. The share that readers found counts ratings: a dossier with two ratings counts twice.",
        },
        cohort_basis=_COHORT,
        clock=_NO_CLOCK,
        missing_and_exits={
            "nl": "Dossiers zonder oordeel over het item tellen niet mee. Ontbreekt een oordeel juist vaak als een "
            "item niet in orde is, dan klopt het bereik niet.",
            "en": "Dossiers without a rating of the item are left out. Where a rating is missing more often when "
            "an item is not in order, the range is not right.",
        },
        estimator={
            "nl": "Het aandeel dossiers dat lezers in orde vinden is niet het aandeel dat in orde is: lezers "
            "vergissen zich. Hoe vaak twee lezers van één dossier hetzelfde zeggen laat zien hoe ver het ernaast "
            "kan zitten. Gegeven is het bereik waarin het werkelijke aandeel ligt. Aan het ene eind keuren lezers "
            "nooit ten onrechte af, aan het andere nooit ten onrechte goed; daarbinnen is uit deze gegevens niets "
            "te kiezen. Dit is aangenomen: een item is in orde of niet; alle lezers vergissen zich even vaak, bij "
            "elk dossier; zij vergissen zich los van elkaar; de dossiers die twee keer gelezen zijn zijn een "
            "willekeurig deel; lezers hebben vaker gelijk dan niet. Struikelen lezers over dezelfde dossiers, dan "
            "zijn zij het vaker eens dan zij gelijk hebben en kan het werkelijke aandeel buiten het bereik liggen. "
            "Wie ook aanneemt dat lezers even vaak gelijk hebben bij wat in orde is als bij wat het niet is, "
            "krijgt één antwoord (Rogan en Gladen), en hoe vaak lezers dan gelijk hebben. Een aandeel volledigheid "
            "uit het lezen van dossiers leest men dus met dit bereik erbij; aandelen uit de stappen in de levering "
            "gaan niet over lezers en veranderen niet.",
            "en": "The share of dossiers that readers find in order is not the share that is: readers err. How "
            "often two readers of one dossier say the same shows how far it can be off. Given is the range in "
            "which the true share lies. At one end readers never reject wrongly, at the other they never approve "
            "wrongly; within it nothing can be chosen from these data. Assumed is: an item is in order or it is "
            "not; all readers err as often, with every dossier; they err independently of each other; the dossiers "
            "read twice are a random part; readers are right more often than wrong. If readers stumble over the "
            "same dossiers, they agree more often than they are right, and the true share can lie outside the "
            "range. Who also assumes that readers are as often right about what is in order as about what is not, "
            "gets one answer (Rogan and Gladen), and how often readers are then right. So a share of completeness "
            "from reading dossiers is to be read with this range beside it; shares from the steps in the delivery "
            "are not about readers and do not change.",
        },
        interval={
            "nl": f"{percent} %, door dossiers opnieuw te trekken, om elk eind apart. Van de onderkant van het "
            "interval om het lage eind tot de bovenkant van dat om het hoge eind: daarin ligt het werkelijke "
            f"aandeel, als de aannamen kloppen, in ten minste {percent} % van zulke steekproeven. Het aandeel dat "
            "lezers vonden: Wilson, rekening houdend met oordelen over hetzelfde dossier.",
            "en": f"{percent} %, by drawing dossiers again, around each end for itself. From the lower end of the "
            "interval around the low end to the upper end of that around the high end: in there lies the true "
            f"share, if the assumptions hold, in at least {percent} % of such samples. The share that readers "
            "found: Wilson, allowing for ratings of the same dossier.",
        },
    )  # fmt: skip


_KINDS = {
    "nominal": {"nl": "zonder volgorde", "en": "without order"},
    "ordinal": {"nl": "met volgorde", "en": "in order"},
    "interval": {"nl": "met volgorde en gelijke stappen", "en": "in order, with equal steps"},
}
