"""Sentences of the chapter on duration, chosen by the numbers, one function a question."""

from book.duration_words import CHANGES, apart, longest_stage, longest_stage_sentence, open_cases
from book.ledger import Publication
from evaluation.duration.stage_table import STAGES

_STOCK = "duration.backlog"
NOTHING = {
    "nl": "Hierover is geen getal openbaar. Wat er niet is, en waarom, staat onderaan dit hoofdstuk.",
    "en": "No number on this is public. What is not there, and why, stands at the end of this chapter.",
}


def duration_exits(publication: Publication, *, language: str) -> str:
    """Say how cases ended within a year."""
    ids = {
        code: f"duration.exit_{code}.within_365_days.all"
        for code in ("besluit", "geen_vervolg", "eigen_ontslag", "overgedragen", "ingetrokken", "onbekend")
    }
    said = [
        f"{_exit_name(publication, code, language)} {{num}}`{score_id}`"
        for code, score_id in ids.items()
        if publication.published(score_id)
    ]
    if not said:
        return "" if publication.any_published("duration.exit_") else NOTHING[language]
    first = next(score_id for score_id in ids.values() if publication.published(score_id))
    rest = {
        True: {"nl": "De rest liep dan nog.", "en": "The rest were still open then."},
        False: {
            "nl": "De rest liep dan nog, of eindigde op een manier waarvan het getal niet openbaar is.",
            "en": "The rest were still open then, or ended in a way of which the number is not public.",
        },
    }[all(publication.published(score_id) for score_id in ids.values() if publication.known(score_id))]
    return {
        "nl": f"Geschat over {{n}}`{first}` zaken, met de lopende erbij, is een jaar na de melding geëindigd met: "
        f"{'; '.join(said)}. {rest['nl']}",
        "en": f"Estimated over {{n}}`{first}` cases, those still open included, a year after the signal have ended "
        f"with: {'; '.join(said)}. {rest['en']}",
    }[language]


def _exit_name(publication: Publication, code: str, language: str) -> str:
    if code == "onbekend":
        return {"nl": "wijze van einde onbekend", "en": "way of ending unknown"}[language]
    return publication.label("exit_kind", code, language=language)


def duration_stages(publication: Publication, *, language: str) -> str:
    """Say which stage takes longest, what is left out of it, and how long the person concerned waits."""
    if not any(publication.any_published(f"duration.{stage.code}_gross.") for stage in STAGES if stage.code != "total"):
        return NOTHING[language]
    sentences = [longest_stage_sentence(publication, language)]
    stage = longest_stage(publication)
    if stage is None:
        sentences.append(
            {
                "nl": "Welke fase het langst duurt, is niet te zeggen: niet van elke fase is de mediaan bekend.",
                "en": "Which stage takes longest cannot be said: the median is not known for every stage.",
            }[language]
        )
    else:
        left_out = f"duration.{stage}_gross.left_out.all"
        if publication.published(left_out):
            sentences.append(
                {
                    "nl": f"Bij {{num}}`{left_out}` van de zaken is de duur van die fase niet te berekenen, omdat een "
                    "datum niet is vastgelegd.",
                    "en": f"For {{num}}`{left_out}` of the cases the duration of that stage cannot be computed, "
                    "because a date was not recorded.",
                }[language]
            )
    waits = "duration.uncertainty_gross.median.all"
    if publication.published(waits):
        sentences.append(
            {
                "nl": "Voor de helft van de betrokkenen duurt de onzekerheid, van de kennisgeving of een ordemaatregel "
                f"tot het besluit, langer dan {{num}}`{waits}` (95%-interval {{interval}}`{waits}`).",
                "en": "For half of the persons concerned the uncertainty, from the notification or an order measure to "
                f"the decision, lasts longer than {{num}}`{waits}` (95% interval {{interval}}`{waits}`).",
            }[language]
        )
    return " ".join(sentence for sentence in sentences if sentence)


def duration_norms(publication: Publication, *, language: str) -> str:
    """Say whether a norm was in force, and what share of cases stayed within it."""
    total, complaint = "duration.total_norm.within_norm.all", "duration.complaint_norm.within_norm.all"
    sentences = []
    if publication.published(total):
        sentences.append(
            {
                "nl": "Van de onderzoeken waarvoor een norm gold, is "
                f"{{num}}`{total}` daarbinnen klaar (95%-interval {{interval}}`{total}`, {{n}}`{total}` zaken).",
                "en": f"Of the investigations for which a norm was in force, {{num}}`{total}` ended within it "
                f"(95% interval {{interval}}`{total}`, {{n}}`{total}` cases).",
            }[language]
        )
    elif publication.known(total) and publication.row(total)["refusal"] == "no_norm":
        sentences.append(
            {
                "nl": "Voor de duur van een disciplinair onderzoek gold geen norm. Er is dus ook geen deel dat "
                "daarbinnen bleef.",
                "en": "No norm was in force for the duration of a disciplinary investigation. So there is no share "
                "that stayed within it either.",
            }[language]
        )
    if publication.published(complaint):
        sentences.append(
            {
                "nl": f"Van de klachten waarvoor een norm gold, is {{num}}`{complaint}` daarbinnen afgehandeld "
                f"(95%-interval {{interval}}`{complaint}`, {{n}}`{complaint}` klachten).",
                "en": f"Of the complaints for which a norm was in force, {{num}}`{complaint}` were settled within it "
                f"(95% interval {{interval}}`{complaint}`, {{n}}`{complaint}` complaints).",
            }[language]
        )
    unknown = "duration.complaint_norm.norm_unknown.all"
    if publication.estimate(unknown):
        sentences.append(
            {
                "nl": f"Van {{num}}`{unknown}` klachten is niet bekend of er een norm gold.",
                "en": f"For {{num}}`{unknown}` complaints it is not known whether a norm was in force.",
            }[language]
        )
    return " ".join(sentences) or NOTHING[language]


def duration_change(publication: Publication, *, language: str) -> str:
    """Say what the ways of comparing before and after find, whether they agree, and nothing of a cause."""
    shown = [score_id for score_id in CHANGES if publication.published(score_id)]
    if publication.changed_on() is None or not shown:
        return NOTHING[language]
    ways = {
        CHANGES[0]: {"nl": "naar dag van opening", "en": "by day of opening"},
        CHANGES[1]: {"nl": "naar kalenderdag", "en": "by day of the calendar"},
        CHANGES[2]: {
            "nl": "in de reeks van maanden, binnen een half jaar",
            "en": "in the series of months, within half a year",
        },
    }
    level = {"nl": "95%-interval", "en": "95% interval"}[language]
    said = "; ".join(f"{ways[i][language]} {{num}}`{i}` ({level} {{interval}}`{i}`)" for i in shown)
    sentences = [
        {
            "nl": f"Het verschil in het deel dat binnen een jaar klaar is, vanaf die dag tegenover daarvoor: {said}.",
            "en": f"The difference in the share ended within a year, from that day against before: {said}.",
        }[language]
    ]
    sentences.append(_agreement(publication, shown)[language])
    if slope := _bend(publication, language):
        sentences.append(slope)
    dates, large = (f"duration.change_cohorts.placebo_{name}.all" for name in ("dates", "share_as_large"))
    if publication.published(dates) and publication.published(large):
        sentences.append(
            {
                "nl": f"Ter vergelijking is op {{num}}`{dates}` andere dagen gekeken, waarop voor zover "
                "bekend niets gebeurde. Zo vaak was het verschil in het deel binnen een jaar (naar dag van opening) "
                "daar minstens zo groot: "
                f"{{num}}`{large}`. Die dagen liggen dicht bij elkaar; zij zijn geen even groot aantal losse proeven.",
                "en": f"For comparison: {{num}}`{dates}` other days were tried, on which nothing is known to have "
                "happened. The difference in the share within a year by day of opening was at least as large this many "
                f"times: {{num}}`{large}`. Those days lie close together; they are not as many separate trials.",
            }[language]
        )
    return " ".join(sentences)


def _bend(publication: Publication, language: str) -> str:
    """Say that the line of months began to run otherwise, where its interval leaves nought out."""
    score_id = "duration.change_series.slope_change.all"
    if not apart(publication, score_id, 0.0):
        return ""
    up = (publication.estimate(score_id) or 0.0) > 0
    return {
        "nl": f"Wel loopt de lijn van de maanden vanaf die dag {'meer' if up else 'minder'} omhoog dan daarvoor, meer "
        "dan toeval gewoonlijk geeft. Het getal staat in de tabel.",
        "en": f"The line of months does run {'more' if up else 'less'} upwards from that day than before, by more than "
        "chance usually gives. The number is in the table.",
    }[language]


def _agreement(publication: Publication, shown: list[str]) -> dict[str, str]:
    clear = [apart(publication, score_id, 0.0) for score_id in shown]
    signs = {(publication.estimate(score_id) or 0.0) > 0 for score_id in shown}
    if None in clear:
        return {"nl": "Hoe zeker dat is, is niet te zeggen.", "en": "How certain that is cannot be said."}
    if not any(clear):
        return {
            "nl": "Elk verschil kan toeval zijn: alle intervallen bevatten nul.",
            "en": "Each difference may be chance: every interval holds nought.",
        }
    if all(clear) and len(signs) == 1:
        return {
            "nl": "Elke vergelijking vindt een verschil dezelfde kant op, groter dan toeval gewoonlijk geeft.",
            "en": "Every comparison finds a difference in the same direction, larger than chance usually gives.",
        }
    return {
        "nl": "De vergelijkingen zijn het niet eens: noem geen verschil zonder te zeggen hoe is vergeleken.",
        "en": "The comparisons do not agree: name no difference without saying how it was compared.",
    }


def duration_stock(publication: Publication, *, language: str) -> str:
    """Say what is open, whether that grows, how old it is, and what it becomes if nothing changes."""
    if not publication.any_published(f"{_STOCK}."):
        return NOTHING[language]
    sentences = [
        open_cases(publication, language),
        _flow(publication, language),
        _age(publication, language),
        _ahead(publication, language),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _flow(publication: Publication, language: str) -> str:
    score_id = f"{_STOCK}.clearance.all"
    clear = apart(publication, score_id, 1.0)
    if clear is None:
        return ""
    grows = (publication.estimate(score_id) or 0.0) < 1
    verdict = {
        (True, True): {"nl": "kwamen er meer zaken binnen dan er klaar kwamen", "en": "more cases came in than ended"},
        (True, False): {"nl": "kwamen er meer zaken klaar dan er binnenkwamen", "en": "more cases ended than came in"},
    }.get(
        (clear, grows),
        {"nl": "hielden instroom en uitstroom elkaar ongeveer in evenwicht",
         "en": "what came in and what went out were about in balance"},
    )[language]  # fmt: skip
    return {
        "nl": f"In de laatste twaalf hele maanden {verdict}: op elke zaak die binnenkwam, kwamen er "
        f"{{num}}`{score_id}` klaar (95%-interval {{interval}}`{score_id}`).",
        "en": f"In the last twelve whole months {verdict}: for each case that came in, {{num}}`{score_id}` ended "
        f"(95% interval {{interval}}`{score_id}`).",
    }[language]


def _age(publication: Publication, language: str) -> str:
    years = [
        year
        for year in publication.groups(f"{_STOCK}.stock_age_median", "year")
        if publication.published(f"{_STOCK}.stock_age_median.year={year}")
    ]
    if not years:
        return ""
    median, old = (f"{_STOCK}.{name}.year={max(years)}" for name in ("stock_age_median", "stock_older_than_365"))
    text = {
        "nl": f"Eind {max(years)} was de helft van de lopende zaken ouder dan {{num}}`{median}`",
        "en": f"At the end of {max(years)} half of the open cases were older than {{num}}`{median}`",
    }[language]
    if publication.published(old):
        text += {
            "nl": f", en was {{num}}`{old}` ouder dan een jaar",
            "en": f", and {{num}}`{old}` were older than a year",
        }[language]
    return text + "."


def _ahead(publication: Publication, language: str) -> str:
    score_id = f"{_STOCK}.projected_stock_12_months.all"
    now = publication.estimate(f"{_STOCK}.stock_now.all")
    if not publication.published(score_id) or now is None:
        return ""
    verdict = {
        None: {"nl": "", "en": ""},
        False: {"nl": " Dat kan evenveel zijn als nu.", "en": " That may be as many as now."},
        True: {
            True: {"nl": " Dat zijn er meer dan nu.", "en": " That is more than now."},
            False: {"nl": " Dat zijn er minder dan nu.", "en": " That is fewer than now."},
        }[(publication.estimate(score_id) or 0.0) > now],
    }[apart(publication, score_id, now)]
    return {
        "nl": "Blijven instroom en tempo zoals in die maanden, dan lopen er een jaar later naar schatting "
        f"{{num}}`{score_id}` (95%-interval {{interval}}`{score_id}`).",
        "en": "If inflow and pace stay as they were in those months, an estimated "
        f"{{num}}`{score_id}` are open a year later (95% interval {{interval}}`{score_id}`).",
    }[language] + verdict[language]


def duration_refusals(publication: Publication, *, language: str) -> str:
    """List what about duration this delivery cannot give, each with its reason, the same reason once."""
    first: dict[str, int] = {}
    for at, refusal in enumerate(publication.refusals):
        if refusal["measure"].split(".")[0] == "duration":
            first.setdefault(refusal["reason"]["nl"], at)
    return "\n".join(f"- {{reason}}`{at}`" for at in first.values())
