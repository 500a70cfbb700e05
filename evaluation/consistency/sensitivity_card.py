"""The estimand card of what other choices change about the comparison of findings."""

from collections.abc import Mapping

from evaluation.consistency.cards import ALLEGATION, COHORT, NO_CLOCK
from evaluation.consistency.finding_universes import SMALL_UNIT
from evaluation.multiverse_grid import Choice, Grid
from evaluation.scores import EstimandCard


def sensitivity_card(grids: Mapping[str, Grid]) -> EstimandCard:
    """Return the card; the choices on it are those of the grids.

    Parameters
    ----------
    grids : mapping
        Headline number -> its grid.
    """
    nl, en = (_choices(grids, language) for language in ("nl", "en"))
    together = next((grid.together for grid in grids.values() if grid.together), None)
    few_nl = few_en = ""
    if together is not None:
        few_nl = (
            " De mediane oddsratio en het aantal eenheden buiten de grenzen zijn modellen die rekentijd kosten: daar "
            f"is ten hoogste {together} keuze tegelijk anders. Het aandeel is voor alle combinaties gerekend."
        )
        few_en = (
            " The median odds ratio and the number of units outside the limits are models that take time: there at "
            f"most {together} choice differs at a time. The share was worked out for all combinations."
        )
    return EstimandCard(
        id="consistency.sensitivity",
        title={
            "nl": "Wat andere keuzes veranderen aan de vergelijking van bevindingen",
            "en": "What other choices change about the comparison of findings",
        },
        population={
            "nl": "Per combinatie van keuzes de gedragingen die daarbij horen; het hoofdgetal: zie de kaart van "
            f"plichtsverzuim vastgesteld. Kleine eenheden: minder dan {SMALL_UNIT} gedragingen met een bevinding.",
            "en": "For each combination of choices the allegations that belong to it; for the headline see the card of "
            f"misconduct found. Small units: fewer than {SMALL_UNIT} allegations with a finding.",
        },
        unit_of_count=ALLEGATION,
        cohort_basis={
            "nl": COHORT["nl"] + " De keuzes, de eerste telkens die van het hoofdgetal: " + nl + ". Wat de levering "
            "niet kan geven, of wat hier niets verandert, doet niet mee.",
            "en": COHORT["en"] + " The choices, the first each time that of the headline: " + en + ". What the "
            "delivery cannot give, or what changes nothing here, takes no part.",
        },
        clock=NO_CLOCK,
        missing_and_exits={
            "nl": "Als bij het hoofdgetal: een onbekend kenmerk is een eigen groep. Alleen bij mor_imputed zijn "
            "onbekende zwaarte, rangband en eerdere maatregelen vijf keer ingevuld met wat vergelijkbare gedragingen "
            "hebben (chained equations, met vaste startwaarde), en is het gemiddelde genomen. Dat neemt aan dat "
            "ontbreken zelf niets zegt. Het is nooit het hoofdgetal.",
            "en": "As for the headline: an unknown characteristic is a group of its own. Only for mor_imputed unknown "
            "complexity, rank band and prior measures were filled in five times with what like allegations have "
            "(chained equations, fixed seed), and averaged. That assumes that being missing says nothing. It is never "
            "the headline.",
        },
        estimator={
            "nl": "In elke combinatie dezelfde schatter als het hoofdgetal. Gegeven zijn het kleinste en het grootste "
            "getal van de combinaties met dezelfde vraag (low, high), van alle combinaties (any), en het getal als één "
            "keuze anders is en de rest niet. Een getal dat in één combinatie verdwijnt, is geen bevinding."
            + few_nl
            + " Andere vraag: "
            + _questions(grids, "nl")
            + ". mor_without_small_units: de mediane oddsratio zonder kleine eenheden. e_value: hoe sterk één kenmerk "
            "dat niet is vastgelegd moet samenhangen met de eenheid én met de bevinding, boven de kenmerken die wel "
            "meededen, om de mediane oddsratio geheel te verklaren (VanderWeele en Ding 2017). De sterkte is een "
            "verhouding van kansen: 2 is twee keer zo vaak. Een lage waarde betekent dat weinig genoeg is. "
            "e_value_interval_end: hetzelfde voor de ondergrens van het interval; 1 als geen verschil al in het "
            "interval ligt. De oddsratio telt daarbij als zijn wortel, omdat de bevinding vaak voorkomt.",
            "en": "In each combination the estimator of the headline. Given are the smallest and the largest number of "
            "the combinations that ask the same question (low, high), of all combinations (any), and the number when "
            "one choice is different and the rest is not. A number that vanishes in one combination is no finding."
            + few_en
            + " Another question: "
            + _questions(grids, "en")
            + ". mor_without_small_units: the median odds ratio without small units. e_value: how strongly one "
            "characteristic that was not recorded would have to go together with both the unit and the finding, beyond "
            "those taken into account, to explain the median odds ratio away (VanderWeele and Ding 2017). The strength "
            "is a ratio of chances: 2 is twice as often. A low value means that little is enough. "
            "e_value_interval_end: the same for the lower end of the interval; 1 when no difference lies within the "
            "interval. The odds ratio counts as its square root there, since the finding is common.",
        },
        interval={
            "nl": "Een spreiding over keuzes is geen interval: er zit geen toeval in. Bij één andere keuze heeft "
            "alleen het aandeel een interval. mor_without_small_units: profielaannemelijkheid.",
            "en": "A range over choices is no interval: there is no chance in it. With one other choice only the share "
            "has an interval. mor_without_small_units: profile likelihood.",
        },
    )


def _choices(grids: Mapping[str, Grid], language: str) -> str:
    return "; ".join(
        f"{choice.title[language]} ({', '.join(option.title[language] for option in choice.options)})"
        for choice in _different(grids)
    )


def _questions(grids: Mapping[str, Grid], language: str) -> str:
    return "; ".join(
        f"{choice.title[language]}: {option.title[language]}"
        for choice in _different(grids)
        for option in choice.options
        if option.question
    )


def _different(grids: Mapping[str, Grid]) -> list[Choice]:
    return list({choice.key: choice for grid in grids.values() for choice in grid.choices}.values())
