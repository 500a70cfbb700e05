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
    duration_stages,
    duration_stock,
)
from book.duration_range_words import duration_ranges, duration_sensitivity
from book.duration_words import duration_answer, duration_spread, duration_units
from book.ledger import Publication
from book.outcome_words import WORDS as OUTCOME_WORDS

_GROSS, _NET = "duration.total_gross", "duration.total_net"


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
        duration_change, duration_stock, duration_sensitivity, duration_ranges, duration_refusals, *OUTCOME_WORDS,
        completeness_answer, left_out, refusals, other_refusals, norms,
    )
}  # fmt: skip
