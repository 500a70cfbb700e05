"""Sentences about outcomes: two for the summary and the letter, the others for the chapter.

Which sentence stands there is chosen by the numbers. No unit is named: a unit that stands
out is a reason to read files.
"""

from collections.abc import Callable

from book.ledger import Publication

_FOUND, _PENALTY = "consistency.misconduct_found", "consistency.penalty_given_finding"
_CHAIN = "consistency.chain_"
_FIRST, _ADVICE, _READERS = "consistency.first_final", "consistency.advice_decision", "consistency.readers"
_DISCOVERY, _RANGE = "consistency.discovery", "consistency.misconduct_found_range"


def outcome_answer(publication: Publication, *, language: str) -> str:
    """Say the share with misconduct found, how many units fall outside the wide limits, and what held."""
    nl = language == "nl"
    if not publication.has_any("consistency"):
        return ""
    sentences = []
    if publication.published(f"{_FOUND}.share.all"):
        sentences.append(
            f"Van de gedragingen met een oordeel is bij {{num}}`{_FOUND}.share.all` plichtsverzuim vastgesteld."
            if nl
            else f"Of the allegations that were judged, misconduct was found in {{num}}`{_FOUND}.share.all`."
        )
    outside = publication.estimate(f"{_FOUND}.outside_998.all")
    if outside is None:
        sentences.append(
            "Of eenheden gelijke zaken gelijk beoordelen, is met deze gegevens niet te zeggen."
            if nl
            else "Whether units judge like cases alike cannot be said from these data."
        )
    elif outside == 0:
        sentences.append(
            "Rekening houdend met het soort zaken valt geen enkele eenheid buiten de ruime grenzen van het toeval."
            if nl
            else "Taking the kind of cases into account, no unit falls outside the wide limits of chance."
        )
    else:
        sentences.append(
            "Rekening houdend met het soort zaken is het aantal eenheden buiten de ruime grenzen van het toeval: "
            f"{{num}}`{_FOUND}.outside_998.all`. Dat is een reden om dossiers te lezen, geen oordeel over een eenheid."
            if nl
            else "Taking the kind of cases into account, the number of units outside the wide limits of chance is "
            f"{{num}}`{_FOUND}.outside_998.all`. That is a reason to read files, not a judgement on a unit."
        )
    if publication.published(f"{_FIRST}.changed_share.all"):
        sentences.append(
            f"Bij {{num}}`{_FIRST}.changed_share.all` van de beslissingen is de uiteindelijke uitkomst een andere dan "
            "de eerste."
            if nl
            else f"In {{num}}`{_FIRST}.changed_share.all` of the decisions the final outcome is another than the first."
        )
    return " ".join(sentences)


def outcome_chain(publication: Publication, *, language: str) -> str:
    """Say what share went on at each link, in a list."""
    links = {
        "investigated": {
            "nl": "Van de meldingen leidde {share} tot een disciplinair onderzoek",
            "en": "Of the signals, {share} led to a disciplinary investigation",
        },
        "judged": {
            "nl": "Van de gedragingen in een onderzoek kreeg {share} een inhoudelijk oordeel",
            "en": "Of the allegations in an investigation, {share} got a finding on the substance",
        },
        "found": {
            "nl": "Van de gedragingen met een oordeel was bij {share} sprake van plichtsverzuim",
            "en": "Of the allegations with a finding, {share} were found to be misconduct",
        },
        "penalised": {
            "nl": "Van de gedragingen met plichtsverzuim kreeg {share} een straf",
            "en": "Of the allegations with misconduct found, {share} got a penalty",
        },
        "dismissed": {
            "nl": "Van de gedragingen met een straf was die straf bij {share} onvoorwaardelijk ontslag",
            "en": "Of the allegations with a penalty, {share} got unconditional dismissal",
        },
    }
    lines = []
    for link, words in links.items():
        score_id = f"{_CHAIN}{link}.share.all"
        if publication.published(score_id):
            share = f"{{num}}`{score_id}`"
            interval = {"nl": "95%-interval", "en": "95% interval"}[language]
            lines.append(f"- {words[language].format(share=share)} ({interval} {{interval}}`{score_id}`).")
    return "\n".join(lines)


def outcome_spread(publication: Publication, *, language: str) -> str:
    """Say what the median odds ratio means here, with its interval, for the finding and for the penalty."""
    found = _odds(
        publication, f"{_FOUND}.median_odds_ratio.all",
        {"nl": "vastgesteld plichtsverzuim", "en": "misconduct found"}, language,
    )  # fmt: skip
    score_id, nl = f"{_PENALTY}.median_odds_ratio.all", language == "nl"
    if not found or not publication.published(score_id):
        return found
    interval = publication.number(score_id, "low") is not None
    text = (
        f"Voor een straf, als plichtsverzuim eenmaal is vastgesteld, is dat getal {{num}}`{score_id}`"
        + (f" (95%-interval {{interval}}`{score_id}`)." if interval else ".")
        if nl
        else f"For a penalty, once misconduct has been found, that number is {{num}}`{score_id}`"
        + (f" (95% interval {{interval}}`{score_id}`)." if interval else ".")
    )
    return f"{found} {text}{_reaches_one(publication, score_id, language)}"


def _odds(publication: Publication, score_id: str, of: dict[str, str], language: str) -> str:
    if not publication.published(score_id):
        return ""
    interval = publication.number(score_id, "low") is not None
    text = {
        "nl": "Neem twee gelijke zaken in twee willekeurige eenheden. De mediane oddsratio (*median odds ratio*) is "
        f"{{num}}`{score_id}`"
        + (f" (95%-interval {{interval}}`{score_id}`)" if interval else "")
        + f": in de helft van zulke paren is de kansverhouding op {of['nl']} in de ene eenheid ten minste zoveel "
        "keer zo groot als in de andere. Bij 1 zou het niet uitmaken.",
        "en": f"Take two like cases in two units picked at random. The median odds ratio is {{num}}`{score_id}`"
        + (f" (95% interval {{interval}}`{score_id}`)" if interval else "")
        + f": in half of such pairs the odds of {of['en']} in the one unit are at least that many times those in the "
        "other. At 1 it would make no difference.",
    }[language]
    return text + _reaches_one(publication, score_id, language)


def _reaches_one(publication: Publication, score_id: str, language: str) -> str:
    low = publication.number(score_id, "low")
    if low is None or low > 1.0:
        return ""
    return {
        "nl": " Het interval reikt tot 1: dat de eenheid er niet toe doet, is met deze gegevens niet uit te sluiten.",
        "en": " The interval reaches 1: these data do not rule out that the unit makes no difference.",
    }[language]


def outcome_discovery(publication: Publication, *, language: str) -> str:
    """Say how many of all comparisons stand out, and how many would by chance alone."""
    tested, expected, alone, kept = (
        f"{_DISCOVERY}.{statistic}.all" for statistic in ("tested", "expected_false", "alone", "discovered")
    )
    if not all(publication.published(score_id) for score_id in (tested, expected, alone, kept)):
        return ""
    return {
        "nl": f"Voor drie uitkomsten (plichtsverzuim, een straf, ontslag als straf) zijn samen {{num}}`{tested}` "
        f"vergelijkingen van een eenheid met gelijke zaken gemaakt. Los bekeken springen er {{num}}`{alone}` uit; bij "
        f"zoveel vergelijkingen zou toeval alleen er ongeveer {{num}}`{expected}` geven. Rekening houdend met het "
        f"aantal vergelijkingen (Benjamini-Hochberg) blijven er {{num}}`{kept}` over.",
        "en": f"For three outcomes (misconduct, a penalty, dismissal as penalty) {{num}}`{tested}` comparisons of a "
        f"unit with like cases were made in all. Looked at one by one, {{num}}`{alone}` stand out; of so many "
        f"comparisons chance alone would give about {{num}}`{expected}`. Allowing for the number of comparisons "
        f"(Benjamini-Hochberg), {{num}}`{kept}` are left.",
    }[language]


def outcome_changes(publication: Publication, *, language: str) -> str:
    """Say how often the final outcome differs from the first, which way, and the decision from the advice."""
    nl = language == "nl"
    sentences = []
    changed, milder = f"{_FIRST}.changed_share.all", f"{_FIRST}_barp_77.milder_share.all"
    objected = f"{_FIRST}.changed_after_objection_share.all"
    if publication.published(changed):
        sentences.append(
            f"Bij {{num}}`{changed}` van de beslissingen (95%-interval {{interval}}`{changed}`) is de uiteindelijke "
            "uitkomst een andere dan de eerste."
            if nl
            else f"In {{num}}`{changed}` of the decisions (95% interval {{interval}}`{changed}`) the final outcome is "
            "another than the first."
        )
    if publication.published(objected):
        sentences.append(
            f"Na een afgeronde bezwaarprocedure is dat {{num}}`{objected}`."
            if nl
            else f"After an objection that was settled it is {{num}}`{objected}`."
        )
    if publication.published(milder):
        sentences.append(
            f"Van de wijzigingen waarvan de richting te zeggen is, was {{num}}`{milder}` lichter, in de volgorde "
            "waarin de wet de straffen noemt."
            if nl
            else f"Of the changes of which the direction can be said, {{num}}`{milder}` were to a milder penalty, in "
            "the order in which the law lists the penalties."
        )
    advice = f"{_ADVICE}.changed_share.all"
    if publication.published(advice):
        sentences.append(
            f"De beslissing week bij {{num}}`{advice}` (95%-interval {{interval}}`{advice}`) af van het advies."
            if nl
            else f"The decision departed from the advice in {{num}}`{advice}` (95% interval {{interval}}`{advice}`)."
        )
    if both := _both_orders(publication, language):
        sentences.append(both)
    if not sentences:
        return {
            "nl": "Of beslissingen standhouden, is met deze gegevens niet te zeggen.",
            "en": "Whether decisions hold cannot be said from these data.",
        }[language]
    return " ".join(sentences)


def _both_orders(publication: Publication, language: str) -> str:
    """Say which way decisions departed from the advice under both orders: they need not agree."""
    ids = [f"{_ADVICE}_{key}.{way}.all" for key in ("barp_77", "alle_uitkomsten") for way in ("milder", "heavier")]
    if not all(publication.published(score_id) for score_id in ids):
        return ""
    counts = [publication.estimate(score_id) or 0.0 for score_id in ids]
    apart = (counts[0] > counts[1]) != (counts[2] > counts[3])
    law_milder, law_heavier, all_milder, all_heavier = (f"{{num}}`{score_id}`" for score_id in ids)
    text = {
        "nl": f"In de volgorde van de wet zijn dan {law_milder} beslissingen lichter dan het advies en {law_heavier} "
        f"zwaarder; in een grovere volgorde, waarin alle uitkomsten een plaats hebben, {all_milder} lichter en "
        f"{all_heavier} zwaarder.",
        "en": f"In the order of the law {law_milder} decisions are then milder than the advice and {law_heavier} "
        f"heavier; in a coarser order, in which all outcomes have a place, {all_milder} milder and {all_heavier} "
        "heavier.",
    }[language]
    if not apart:
        return text
    return (
        text
        + {
            "nl": " De richting hangt dus af van de gekozen volgorde.",
            "en": " So the direction depends on the order chosen.",
        }[language]
    )


def outcome_readers(publication: Publication, *, language: str) -> str:
    """Say how well readers of the same files agree, over all items together."""
    percent, ac1, alpha = (f"{_READERS}.{statistic}.all" for statistic in ("percent", "ac1", "alpha"))
    if not publication.published(percent):
        return {
            "nl": "Hoe goed lezers van dossiers het eens zijn, is met deze gegevens niet te zeggen.",
            "en": "How well readers of files agree cannot be said from these data.",
        }[language]
    nl = language == "nl"
    sentences = [
        f"Twee lezers van hetzelfde dossier gaven bij gemiddeld {{num}}`{percent}` van de vragen hetzelfde antwoord "
        f"(95%-interval {{interval}}`{percent}`)."
        if nl
        else f"Two readers of the same file gave the same answer to {{num}}`{percent}` of the questions on average "
        f"(95% interval {{interval}}`{percent}`)."
    ]
    if publication.published(ac1) and publication.published(alpha):
        sentences.append(
            f"Een deel daarvan is toeval. Met aftrek van toeval is de overeenstemming {{num}}`{ac1}` (AC1 van Gwet) of "
            f"{{num}}`{alpha}` (alfa van Krippendorff); bij 1 zijn lezers het altijd eens, bij 0 niet vaker dan door "
            "toeval. De twee rekenen het toeval anders en worden daarom allebei gegeven."
            if nl
            else f"Part of that is chance. After allowing for chance, agreement is {{num}}`{ac1}` (Gwet's AC1) or "
            f"{{num}}`{alpha}` (Krippendorff's alpha); at 1 readers always agree, at 0 no more often than by chance. "
            "The two reckon chance differently, which is why both are given."
        )
    return " ".join(sentences)


def outcome_sensitivity(publication: Publication, *, language: str) -> str:
    """Say between which numbers the median odds ratio lies under other choices."""
    low, high = (f"{_RANGE}.median_odds_ratio_{end}.all" for end in ("low", "high"))
    if not (publication.published(low) and publication.published(high)):
        return ""
    share_low, share_high = (f"{_RANGE}.share_{end}.all" for end in ("low", "high"))
    without = f"{_RANGE}.share_not_established_left_out.all"
    sentences = [
        {
            "nl": f"Bij telkens één andere keuze ligt de mediane oddsratio tussen {{num}}`{low}` en {{num}}`{high}`. "
            "Toeval komt daar nog bij.",
            "en": f"With one choice changed at a time the median odds ratio lies between {{num}}`{low}` and "
            f"{{num}}`{high}`. Chance comes on top of that.",
        }[language]
    ]
    if publication.published(share_low) and publication.published(share_high):
        sentences.append(
            {
                "nl": f"Het aandeel met plichtsverzuim ligt bij andere keuzes tussen {{num}}`{share_low}` en "
                f"{{num}}`{share_high}`.",
                "en": f"The share with misconduct lies between {{num}}`{share_low}` and {{num}}`{share_high}` under "
                "other choices.",
            }[language]
        )
    if publication.published(without):
        sentences.append(
            {
                "nl": f"Zonder de gedragingen waarvan niets kon worden vastgesteld is het {{num}}`{without}`.",
                "en": f"Without the allegations of which nothing could be established it is {{num}}`{without}`.",
            }[language]
        )
    return " ".join(sentences)


WORDS: tuple[Callable[..., str], ...] = (
    outcome_answer, outcome_chain, outcome_spread, outcome_discovery, outcome_changes, outcome_readers,
    outcome_sensitivity,
)  # fmt: skip
