"""How far the headline numbers of duration hang on the choices behind them, in sentences."""

from book.duration_chapter_words import NOTHING
from book.ledger import Publication
from evaluation.duration.sensitivity.headlines import HEADLINES, TOTAL_GROSS, Headline

_MUCH = 1.25  # a range whose ends differ by more than a quarter hangs on the choices
_FEW = 4  # combinations; of fewer a narrow range says nothing


def duration_sensitivity(publication: Publication, *, language: str) -> str:
    """Say how much the median hangs on the choices behind it, and on which of them most."""
    low, high, any_low, any_high = (TOTAL_GROSS.score_id(end) for end in ("low", "high", "any_low", "any_high"))
    different = TOTAL_GROSS.score_id("universes")
    ends = publication.estimate(low), publication.estimate(high)
    if ends[0] is None or ends[1] is None:
        return NOTHING[language]
    if publication.text(low, language=language) == publication.text(high, language=language):
        sentences = [
            {
                "nl": f"Bij dezelfde vraag, maar met andere keuzes in de berekening, blijft de mediaan {{num}}`{low}`.",
                "en": "For the same question, but with other choices in the calculation, the median stays "
                f"{{num}}`{low}`.",
            }[language]
        ]
    else:
        sentences = [
            {
                "nl": "Bij dezelfde vraag, maar met andere keuzes in de berekening, ligt de mediaan tussen "
                f"{{num}}`{low}` en {{num}}`{high}`.",
                "en": "For the same question, but with other choices in the calculation, the median lies between "
                f"{{num}}`{low}` and {{num}}`{high}`.",
            }[language],
            {
                True: {
                    "nl": "Dat is een groot verschil: noem de mediaan niet zonder te zeggen wat is geteld.",
                    "en": "That is a large difference: do not name the median without saying what was counted.",
                },
                False: {
                    "nl": "Die keuzes veranderen de uitkomst weinig.",
                    "en": "Those choices change the outcome little.",
                },
            }[ends[1] > _MUCH * ends[0]][language],
        ]
    if (publication.estimate(different) or _FEW) < _FEW:
        sentences = [
            {
                "nl": "Bij dezelfde vraag viel in deze levering weinig anders te kiezen: "
                f"{{num}}`{different}` combinaties verschillen van elkaar, met een mediaan van "
                f"{{num}}`{low}` tot {{num}}`{high}`.",
                "en": "For the same question there was little else to choose in this delivery: "
                f"{{num}}`{different}` combinations differ from each other, with a median from "
                f"{{num}}`{low}` to {{num}}`{high}`.",
            }[language]
        ]
    if publication.published(any_low) and publication.published(any_high):
        sentences.append(
            {
                "nl": "Wie ook een andere vraag stelt (een ander begin, netto, ook klachten), komt uit "
                f"tussen {{num}}`{any_low}` en {{num}}`{any_high}`.",
                "en": "Asking another question as well (another start, net, complaints too) gives "
                f"between {{num}}`{any_low}` and {{num}}`{any_high}`.",
            }[language]
        )
    return " ".join([*sentences, *_most(publication, language), *_refused(publication, language)])


def _most(publication: Publication, language: str) -> list[str]:
    """Name the single choice that moves the median furthest."""
    headline = publication.estimate(TOTAL_GROSS.of)
    known = [
        (abs(days - headline), choice, option)
        for choice in TOTAL_GROSS.read_grid().choices
        for option in choice.options
        if headline is not None
        and (days := publication.estimate(TOTAL_GROSS.score_id(f"{choice.key}_{option.key}"))) is not None
    ]
    if not known:
        return []
    _moved, choice, option = max(known, key=lambda found: found[0])
    score_id = TOTAL_GROSS.score_id(f"{choice.key}_{option.key}")
    return [
        {
            "nl": f"Van de keuzes apart scheelt deze het meest: *{choice.title['nl']}: {option.title['nl']}*. De "
            f"mediaan is dan {{num}}`{score_id}`.",
            "en": f"Of the choices by themselves this one matters most: *{choice.title['en']}: {option.title['en']}*. "
            f"The median is then {{num}}`{score_id}`.",
        }[language]
    ]


def _refused(publication: Publication, language: str) -> list[str]:
    ran, refused = (f"{TOTAL_GROSS.measure}.{name}.all" for name in ("universes", "refused_universes"))
    if not publication.published(ran) or not publication.estimate(refused):
        return []
    return [
        {
            "nl": f"Doorgerekend zijn {{num}}`{ran}` verschillende combinaties van keuzes. Nog {{num}}`{refused}` "
            "kregen geen getal, omdat het zou misleiden of niet te schatten is.",
            "en": f"The different combinations of choices worked out number {{num}}`{ran}`. Another "
            f"{{num}}`{refused}` got no number, because it would mislead or cannot be estimated.",
        }[language]
    ]


def duration_ranges(publication: Publication, *, language: str) -> str:
    """Say in one sentence, of every other headline number, between what it lies when other choices are made."""
    said = [
        sentence
        for headline in HEADLINES
        if headline is not TOTAL_GROSS and (sentence := _range(publication, headline, language))
    ]
    return "\n".join(f"- {sentence}" for sentence in said)


def headline_id(publication: Publication, headline: Headline) -> str | None:
    """Return the id of a headline number of which the ledger has a range; None without one."""
    low = headline.score_id("low")
    return headline.of.format(year=str(publication.row(low)["period"])[:4]) if publication.known(low) else None


def _range(publication: Publication, headline: Headline, language: str) -> str:
    of = headline_id(publication, headline)
    any_low, any_high = (headline.score_id(f"any_{end}") for end in ("low", "high"))
    if of is None or not publication.published(of):
        return ""
    title = headline.title[language]
    said = [f"*{title[:1].upper()}{title[1:]}*: {{num}}`{of}`", _same_question(publication, headline, language)]
    if publication.published(any_low) and publication.published(any_high) and not _no_wider(publication, headline):
        said.append(
            {
                "nl": f"wie ook een andere vraag stelt, komt uit tussen {{num}}`{any_low}` en {{num}}`{any_high}`",
                "en": f"asking another question as well gives between {{num}}`{any_low}` and {{num}}`{any_high}`",
            }[language]
        )
    return "; ".join(said) + "."


def _same_question(publication: Publication, headline: Headline, language: str) -> str:
    """Say between what the number lies for the same question, and how many combinations of choices that holds."""
    low, high, different = (headline.score_id(name) for name in ("low", "high", "universes"))
    if not publication.published(low) or not publication.published(high):
        return {
            "nl": "tussen welke waarden dit bij dezelfde vraag ligt, is niet openbaar",
            "en": "between which values this lies for the same question is not public",
        }[language]
    if (publication.estimate(different) or _FEW) <= 1:
        return {
            "nl": "bij dezelfde vraag viel in deze levering niets anders te kiezen",
            "en": "for the same question there was nothing else to choose in this delivery",
        }[language]
    combinations = {"nl": "combinaties", "en": "combinations"}[language]
    counted = f" ({{num}}`{different}` {combinations})" if publication.published(different) else ""
    if publication.text(low, language=language) == publication.text(high, language=language):
        return {
            "nl": f"bij dezelfde vraag en andere keuzes{counted} blijft dit {{num}}`{low}`",
            "en": f"for the same question and other choices{counted} this stays {{num}}`{low}`",
        }[language]
    return {
        "nl": f"bij dezelfde vraag en andere keuzes{counted} ligt dit tussen {{num}}`{low}` en {{num}}`{high}`",
        "en": f"for the same question and other choices{counted} this lies between {{num}}`{low}` and {{num}}`{high}`",
    }[language]


def _no_wider(publication: Publication, headline: Headline) -> bool:
    """Tell whether other questions stretch the range no further."""
    return all(
        publication.estimate(headline.score_id(end)) == publication.estimate(headline.score_id(f"any_{end}"))
        for end in ("low", "high")
    )
