"""The two paragraphs about duration of the summary and the letter, chosen by the numbers.

They hold no digit of their own but those of a date. The sentences of the chapter are in
`book.duration_chapter_words`.
"""

from book.ledger import Publication, date_text
from evaluation.duration.stage_table import CHAIN, STAGES
from evaluation.duration.stage_table import longest_stage as longest_of

_GROSS, _NET = "duration.total_gross", "duration.total_net"
_CLOSING, _PACE, _STOCK = "duration.closing", "duration.pace", "duration.backlog"
CHANGES = tuple(
    f"duration.{name}.all"
    for name in ("change_cohorts.share_change", "change_pace.share_change", "change_series.level_change")
)
CHANGES_IN_DAYS = tuple(f"duration.{name}.mean_days_change.all" for name in ("change_cohorts", "change_pace"))
_CHANCE = 0.05  # a test that comes out below this is said to be more than chance
_HARDLY_EVER = 0.001


def duration_answer(publication: Publication, *, language: str) -> str:
    """Say how long half of the cases take, where the time goes, what changed, and what is still open."""
    if not publication.has_any("duration"):
        return ""
    sentences = [
        *_total(publication, language),
        longest_stage_sentence(publication, language),
        _change(publication, language),
        open_cases(publication, language),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _total(publication: Publication, language: str) -> list[str]:
    nl = language == "nl"
    median = f"{_GROSS}.median.all"
    if publication.published(median):
        sentences = [
            f"De helft van de onderzoeken is klaar binnen {{num}}`{median}`, geteld vanaf de melding. "
            f"Het 95%-interval is {{interval}}`{median}`."
            if nl
            else f"Half of the investigations end within {{num}}`{median}`, counted from the signal. "
            f"The 95% interval is {{interval}}`{median}`."
        ]
    else:
        sentences = [
            "Voor de helft van de onderzoeken is de duur nog niet bekend, zodat de mediaan niet te geven is."
            if nl
            else "For half of the investigations the duration is not known yet, so that no median can be given."
        ]
    year = f"{_GROSS}.within_365_days.all"
    if publication.published(year):
        sentences.append(
            f"Binnen een jaar is {{num}}`{year}` klaar, met een besluit of op een andere manier."
            if nl
            else f"Within a year, {{num}}`{year}` have ended, with a decision or in another way."
        )
    if publication.published(f"{_NET}.median.all"):
        sentences.append(
            f"Zonder de tijd waarin een onderzoek stillag voor de strafzaak is de helft klaar binnen "
            f"{{num}}`{_NET}.median.all`."
            if nl
            else "Leaving out the time during which an investigation waited for the criminal case, half end within "
            f"{{num}}`{_NET}.median.all`."
        )
    return sentences


def longest_stage(publication: Publication) -> str | None:
    """Return the stage of the chain with the largest median; None when one of them is not public, or two tie."""
    return longest_of({code: publication.estimate(f"duration.{code}_gross.median.all") for code in CHAIN})


def longest_stage_sentence(publication: Publication, language: str) -> str:
    """Name the stage with the largest median, or say nothing."""
    stage = longest_stage(publication)
    if stage is None:
        return ""
    title = next(one.title for one in STAGES if one.code == stage)[language]
    name, _colon, between = title.partition(": ")
    median = f"duration.{stage}_gross.median.all"
    return {
        "nl": f"Van de fasen duurt *{name.lower()}* ({between}) het langst: de mediaan is {{num}}`{median}`.",
        "en": f"Of the stages *{name.lower()}* ({between}) takes longest: the median is {{num}}`{median}`.",
    }[language]


def _change(publication: Publication, language: str) -> str:
    """Say whether the ways of comparing before and after the date agree; without a number, and without a cause."""
    day = publication.changed_on()
    directions = {direction(publication, score_id) for score_id in (*CHANGES, *CHANGES_IN_DAYS)} - {None}
    if day is None or not directions:
        return ""
    on = date_text(day.isoformat(), language=language)
    if directions == {0}:
        return {
            "nl": f"Rond {on} is geen verandering in de duur te zien die groter is dan toeval gewoonlijk geeft.",
            "en": f"About {on} no change in duration can be seen that is larger than chance usually gives.",
        }[language]
    if directions in ({1}, {-1}):
        sooner = directions == {1}
        return {
            "nl": f"Vanaf {on} zijn zaken {'eerder' if sooner else 'later'} klaar dan daarvoor, hoe het ook wordt "
            "vergeleken, en meer dan toeval gewoonlijk geeft. Waardoor dat komt, zeggen de getallen niet.",
            "en": f"From {on} on cases end {'sooner' if sooner else 'later'} than before, however it is compared, and "
            "by more than chance usually gives. The numbers do not say why.",
        }[language]
    return {
        "nl": f"Of de duur rond {on} is veranderd, is uit deze cijfers niet op te maken: de manieren van vergelijken "
        "zijn het niet eens.",
        "en": f"Whether durations changed about {on} cannot be told from these numbers: the ways of comparing do not "
        "agree.",
    }[language]


def direction(publication: Publication, score_id: str) -> int | None:
    """Return 1 where a difference says sooner, -1 later, 0 where it may be chance; None without an interval."""
    beyond = apart(publication, score_id, 0.0)
    if beyond is None:
        return None
    up = (publication.estimate(score_id) or 0.0) > 0
    return 0 if not beyond else 1 if up is (score_id in CHANGES) else -1


def apart(publication: Publication, score_id: str, value: float) -> bool | None:
    """Tell whether the interval of a number leaves `value` out; None without an interval."""
    low, high = publication.number(score_id, "low"), publication.number(score_id, "high")
    return None if low is None or high is None else not low <= value <= high


def open_cases(publication: Publication, language: str) -> str:
    """Say how many cases were open on the last day of which the stock is known."""
    score_id = f"{_STOCK}.stock_now.all"
    if not publication.published(score_id):
        return ""
    day = date_text(str(publication.row(score_id)["period"]).split("/")[-1], language=language)
    return {
        "nl": f"Op {day} liepen er nog {{num}}`{score_id}` onderzoeken.",
        "en": f"On {day}, {{num}}`{score_id}` investigations were still open.",
    }[language]


def duration_units(publication: Publication, *, language: str) -> str:
    """Say whether units differ in duration by more than chance, for like cases, without naming one."""
    nl = language == "nl"
    units = {group for group in publication.ledger["group"] if str(group).startswith("unit=")}
    if len(units) < 2:
        return (
            "Deze levering gaat over één eenheid: er is niets te vergelijken."
            if nl
            else "This delivery is about one unit: there is nothing to compare."
        )
    outside = publication.estimate(f"{_CLOSING}.outside_998.all")
    sentences = [
        _outside(None if outside is None else int(outside), language),
        _test_of_units(publication, language),
    ]
    if outside is None and not any(sentences[1:]):
        return (
            "Of eenheden bij gelijke zaken in duur verschillen, is met deze gegevens niet te zeggen."
            if nl
            else "Whether units differ in duration for like cases cannot be said from these data."
        )
    return " ".join(sentence for sentence in sentences if sentence)


def _outside(outside: int | None, language: str) -> str:
    score_id = f"{_CLOSING}.outside_998.all"
    if outside is None:
        return ""
    if outside == 0:
        return {
            "nl": "Rekening houdend met het soort zaken valt in duur geen enkele eenheid buiten de ruime grenzen van "
            "het toeval.",
            "en": "Taking the kind of cases into account, no unit falls outside the wide limits of chance in duration.",
        }[language]
    return {
        "nl": "Rekening houdend met het soort zaken is het aantal eenheden dat in duur buiten de ruime grenzen van het "
        f"toeval valt: {{num}}`{score_id}`. Dat is een reden om dossiers te lezen, geen oordeel over een eenheid.",
        "en": "Taking the kind of cases into account, the number of units that fall outside the wide limits of chance "
        f"in duration is {{num}}`{score_id}`. That is a reason to read files, not a judgement on a unit.",
    }[language]


def _test_of_units(publication: Publication, language: str) -> str:
    score_id = f"{_PACE}.log_rank_p.all"
    p = publication.estimate(score_id)
    if p is None:
        return ""
    verdict = {
        True: {"nl": "groter dan toeval gewoonlijk geeft", "en": "larger than chance usually gives"},
        False: {"nl": "niet groter dan toeval kan geven", "en": "no larger than chance may give"},
    }[p < _CHANCE][language]
    if p < _HARDLY_EVER:  # too small for a percentage
        return {
            "nl": f"Alle eenheden samen bekeken zijn de verschillen {verdict}: als er geen echt verschil was, "
            "kwamen zulke grote vrijwel nooit voor.",
            "en": f"Taking all units together, the differences are {verdict}: without any real difference, ones as "
            "large would hardly ever come up.",
        }[language]
    return {
        "nl": f"Alle eenheden samen bekeken zijn de verschillen {verdict}: als er geen echt verschil was, kwamen zulke "
        f"grote in {{num}}`{score_id}` van de gevallen toch voor.",
        "en": f"Taking all units together, the differences are {verdict}: without any real difference, ones as large "
        f"would still come up in {{num}}`{score_id}` of the cases.",
    }[language]


def duration_spread(publication: Publication, *, language: str) -> str:
    """Say what the median odds ratio of the units means here, with its interval; for the chapter, not the summary."""
    score_id = f"{_PACE}.median_odds_ratio.all"
    if not publication.published(score_id):
        return ""
    interval = publication.number(score_id, "low") is not None
    text = {
        "nl": "Neem twee gelijke zaken in twee willekeurige eenheden: de kansverhouding om op een dag klaar te zijn "
        f"scheelt doorgaans een factor {{num}}`{score_id}`"
        + (f" (95%-interval {{interval}}`{score_id}`)." if interval else "."),
        "en": "Take two like cases in two units picked at random: the odds of ending on a day typically differ by a "
        f"factor {{num}}`{score_id}`" + (f" (95% interval {{interval}}`{score_id}`)." if interval else "."),
    }[language]
    if interval and (publication.number(score_id, "low") or 0.0) <= 1.0:
        text += {
            "nl": " Het interval begint bij één: dat de eenheid er niet toe doet, is niet uit te sluiten.",
            "en": " The interval begins at one: that the unit makes no difference is not ruled out.",
        }[language]
    return text
