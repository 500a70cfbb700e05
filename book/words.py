"""Sentences that follow from the numbers, for the book and the letter alike.

Each function takes the publication and a language and returns text with roles
(``{num}`id` ``). Which sentence is chosen depends on the ledger only; a sentence never
says more than the numbers behind it. Where nothing can be said, the text is empty.
"""

from collections.abc import Callable, Iterable

from book.chapters import MODULES, TITLES, present
from book.duration_chapter_words import (
    duration_change,
    duration_exits,
    duration_norms,
    duration_refusals,
    duration_sensitivity,
    duration_stages,
    duration_stock,
)
from book.duration_words import duration_answer, duration_spread, duration_units
from book.ledger import Publication

_GROSS, _NET, _FOUND = "duration.total_gross", "duration.total_net", "consistency.misconduct_found"


def outcome_answer(publication: Publication, *, language: str) -> str:
    """Say the share with misconduct found, and how many units fall outside the wide limits."""
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
    return " ".join(sentences)


def outcome_spread(publication: Publication, *, language: str) -> str:
    """Say what the median odds ratio means here, with its interval."""
    score_id, nl = f"{_FOUND}.median_odds_ratio.all", language == "nl"
    if not publication.published(score_id):
        return ""
    low = publication.number(score_id, "low")
    text = (
        f"Neem twee gelijke zaken in twee willekeurige eenheden. De mediane kansverhouding (*median odds ratio*) is "
        f"{{num}}`{score_id}` (95%-interval {{interval}}`{score_id}`): zoveel keer hoger is de kansverhouding op "
        "vastgesteld plichtsverzuim doorgaans in de ene eenheid dan in de andere. Bij 1 zou het niet uitmaken."
        if nl
        else f"Take two like cases in two units picked at random. The median odds ratio is {{num}}`{score_id}` "
        f"(95% interval {{interval}}`{score_id}`): that many times higher are the odds of misconduct found, typically, "
        "in the one unit than in the other. At 1 it would make no difference."
    )
    if low is not None and low <= 1.0:
        text += (
            " Het interval reikt tot 1: dat de eenheid er niet toe doet, is met deze gegevens niet uit te sluiten."
            if nl
            else " The interval reaches 1: these data do not rule out that the unit makes no difference."
        )
    return text


def completeness_answer(publication: Publication, *, language: str) -> str:
    """Say how many of the steps needed were done, with the bound for what is not recorded."""
    nl = language == "nl"
    share, high = "completeness.opportunity.share.all", "completeness.opportunity.share_high_bound.all"
    every = "completeness.all_or_none.share.all"
    sentences = []
    if publication.published(share):
        sentences.append(
            f"Van alle stappen die nodig waren, is {{num}}`{share}` aantoonbaar gedaan."
            if nl
            else f"Of all steps that were needed, {{num}}`{share}` were demonstrably done."
        )
    if publication.published(share) and publication.published(high):
        sentences.append(
            "Een stap die niet is opgeschreven, kan wel gedaan zijn. Tellen die stappen mee, dan is het "
            f"{{num}}`{high}`."
            if nl
            else f"A step that was not written down may still have been done. Counting those, it is {{num}}`{high}`."
        )
    if publication.published(every):
        sentences.append(
            f"In {{num}}`{every}` van de zaken zijn alle nodige stappen aantoonbaar gedaan."
            if nl
            else f"In {{num}}`{every}` of the cases every step needed was demonstrably done."
        )
    return " ".join(sentences)


def left_out(publication: Publication, *, language: str) -> str:
    """List the chapters that are not in this book, each with its reason."""
    nl = language == "nl"
    lines = []
    for module in MODULES:
        if module in present(publication):
            continue
        reasons = [
            f"{{reason}}`{at}`"
            for at, refusal in enumerate(publication.refusals)
            if refusal["measure"].split(".")[0] == module
        ]
        if not reasons:
            reasons = ["Er zijn te weinig zaken om te publiceren." if nl else "There are too few cases to publish."]
        title = TITLES[module][language]
        lines.append(f"- **{title}{'' if title.endswith('?') else '.'}** {' '.join(reasons)}")
    if not lines:
        return ""
    head = (
        "Over deze vragen zegt dit boek niets, omdat de gegevens ontbreken of te weinig zeggen:"
        if nl
        else "On these questions this book says nothing, because the data are absent or say too little:"
    )
    return "\n".join([head, "", *lines])


def refusals(publication: Publication, *, language: str) -> str:
    """List every measure that this delivery cannot give, with the reason."""
    lines = _reasons(publication, range(len(publication.refusals)))
    if lines:
        return "\n".join(lines)
    return {
        "nl": "Geen enkele maat is geweigerd: alle gegevens die de berekening nodig heeft, zijn geleverd.",
        "en": "No measure was refused: everything that the calculation needs was delivered.",
    }[language]


def other_refusals(publication: Publication, *, language: str) -> str:
    """List the refusals inside chapters that are in the book; empty when there are none."""
    chapters = present(publication)
    inside = [at for at, refusal in enumerate(publication.refusals) if refusal["measure"].split(".")[0] in chapters]
    lines = _reasons(publication, inside)
    if not lines:
        return ""
    head = {
        "nl": "Ook het volgende is niet gemeten of niet te geven:",
        "en": "The following was not measured either, or cannot be given:",
    }[language]
    return "\n".join([head, "", *lines])


def _reasons(publication: Publication, places: Iterable[int]) -> list[str]:
    """Return a list item a refusal; the same sentence once."""
    first = {publication.refusals[at]["reason"]["nl"]: at for at in reversed(list(places))}
    return [f"- {{reason}}`{at}`" for at in sorted(first.values())]


def norms(publication: Publication, *, language: str) -> str:
    """List what share of cases would end within each of a few possible norms."""
    nl = language == "nl"
    lines = []
    for day in (90, 180, 365, 540, 720):
        gross, net = f"{_GROSS}.within_{day}_days.all", f"{_NET}.within_{day}_days.all"
        if not publication.published(gross):
            continue
        line = (
            f"- Bij een norm van {day} dagen: {{num}}`{gross}` bruto (95%-interval {{interval}}`{gross}`)"
            if nl
            else f"- With a norm of {day} days: {{num}}`{gross}` gross (95% interval {{interval}}`{gross}`)"
        )
        if publication.published(net):
            line += f", {{num}}`{net}` netto" if nl else f", {{num}}`{net}` net"
        lines.append(line + ".")
    return "\n".join(lines)


WORDS: dict[str, Callable[..., str]] = {
    function.__name__: function
    for function in (
        duration_answer, duration_units, duration_spread, duration_exits, duration_stages, duration_norms,
        duration_change, duration_stock, duration_sensitivity, duration_refusals, outcome_answer, outcome_spread,
        completeness_answer, left_out, refusals, other_refusals, norms,
    )
}  # fmt: skip
