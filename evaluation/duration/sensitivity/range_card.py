"""The estimand card of a range: which choices were made otherwise, and which of them ask another question."""

from evaluation.duration.sensitivity.case_facts import SMALL_UNIT
from evaluation.duration.sensitivity.headlines import Headline
from evaluation.duration.sensitivity.range_rows import Range
from evaluation.multiverse_grid import Choice, Grid
from evaluation.scores import EstimandCard


def range_card(one: Range) -> EstimandCard:
    """Return the card of the range of one headline number."""
    headline, grid = one.headline, one.grid
    few = {"nl": "", "en": ""}
    if grid.together is not None:
        few = {
            "nl": " Omdat elk model rekentijd kost, is het aantal keuzes dat tegelijk anders is hooguit "
            f"{grid.together}.",
            "en": f" Since each model takes time, the number of choices made differently at a time is {grid.together} "
            "at most.",
        }
    return EstimandCard(
        id=headline.measure,
        title={
            "nl": f"Wat andere keuzes veranderen aan: {headline.title['nl']}",
            "en": f"What other choices change about: {headline.title['en']}",
        },
        population={
            "nl": "Per combinatie van keuzes de zaken die daarbij horen. Kleine eenheden: minder dan "
            f"{SMALL_UNIT} disciplinaire zaken. Het hoofdgetal: zie de kaart daarvan.",
            "en": "For each combination of choices the cases that belong to it. Small units: fewer than "
            f"{SMALL_UNIT} disciplinary cases. For the headline see its own card.",
        },
        unit_of_count={
            "nl": "Als het hoofdgetal, tenzij een keuze anders zegt.",
            "en": "That of the headline, unless a choice says otherwise.",
        },
        cohort_basis={
            "nl": "De keuzes: " + _choices(grid, "nl") + ". Wat de levering niet kan geven, doet niet mee.",
            "en": "The choices: " + _choices(grid, "en") + ". What the delivery cannot give takes no part.",
        },
        clock=_questions(grid),
        missing_and_exits={
            "nl": "Als het hoofdgetal, tenzij een keuze anders zegt. Combinaties die misleiden krijgen geen getal"
            + "".join(f"; {rule.reason['nl']}" for rule in grid.misleading),
            "en": "Those of the headline, unless a choice says otherwise. Combinations that mislead get no number"
            + "".join(f"; {rule.reason['en']}" for rule in grid.misleading),
        },
        estimator={
            "nl": "In elke combinatie dezelfde schatter als het hoofdgetal. Gegeven zijn het kleinste en het grootste "
            "getal van de combinaties met dezelfde vraag, van alle combinaties, en het getal als één keuze anders is "
            "en de rest niet. Erbij staat uit hoeveel verschillende combinaties elk bereik bestaat; bij weinig "
            "combinaties zegt een smal bereik weinig." + few["nl"] + _whole(headline, "nl"),
            "en": "In each combination the estimator of the headline. Given are the smallest and the largest number of "
            "the combinations that ask the same question, of all combinations, and the number when one choice is "
            "different and the rest is not. Beside each range stands how many different combinations it holds; of few "
            "a narrow range says little." + few["en"] + _whole(headline, "en"),
        },
        interval={
            "nl": "Een spreiding over keuzes is geen interval: er zit geen toeval in. Bij één andere keuze: het "
            "interval van de schatter, waar die er een heeft.",
            "en": "A range over choices is no interval: there is no chance in it. With one other choice: the interval "
            "of the estimator, where it has one.",
        },
    )


def _choices(grid: Grid, language: str) -> str:
    return "; ".join(
        f"{choice.title[language]} ({', '.join(option.title[language] for option in choice.options)})"
        for choice in grid.choices
    )


def _questions(grid: Grid) -> dict[str, str]:
    asked = {language: ", ".join(_question(choice, language) for choice in grid.choices if _asks(choice))
             for language in ("nl", "en")}  # fmt: skip
    return {
        "nl": f"Wie een van deze keuzes anders maakt, stelt een andere vraag: {asked['nl']}. De andere keuzes "
        "behandelen dezelfde vraag anders. Getallen in een andere eenheid (werkdagen) staan apart, in geen bereik.",
        "en": f"Whoever makes one of these choices differently asks another question: {asked['en']}. The other choices "
        "treat the same question differently. Numbers in another unit (working days) stand apart, in neither range.",
    }


def _asks(choice: Choice) -> bool:
    return any(option.question for option in choice.options)


def _question(choice: Choice, language: str) -> str:
    """Name a choice, and its option where only some of them ask another question."""
    others = [option.title[language] for option in choice.options if option.question]
    whole = len(others) == len(choice.options)
    return choice.title[language] if whole else f"{choice.title[language]} ({', '.join(others)})"


def _whole(headline: Headline, language: str) -> str:
    if not headline.whole:
        return ""
    return {
        "nl": f" Aantallen zijn afgerond op een veelvoud van {headline.whole}, en een bereik loopt van de helft "
        "daarvan eronder tot de helft erboven: wat een keuze aan zaken scheelt, zijn er soms maar een paar.",
        "en": f" Counts are rounded to a multiple of {headline.whole}, and a range runs from half of that below to "
        "half of that above: a choice sometimes makes a difference of a few cases only.",
    }[language]
