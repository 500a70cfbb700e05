"""What the completeness scores say they estimate, and why they refuse."""

from collections.abc import Mapping, Sequence

from data_contracts.case_files import CaseFiles
from data_contracts.procedure import OrderRule, Step
from evaluation.refusals import MINIMUM_N
from evaluation.scores import EstimandCard, Refusal

_POPULATION = {
    "nl": "Disciplinaire onderzoeken die met een besluit eindigden. Lopende onderzoeken en onderzoeken die anders "
    "eindigden tellen niet mee: die bereikten niet alle stappen. Een stap telt alleen mee als de regel gold op de "
    "dag dat de zaak begon, en als vaststaat dat de stap in die zaak nodig was.",
    "en": "Disciplinary investigations that ended with a decision. Open investigations, and those that ended "
    "otherwise, are left out: they did not reach every step. A step counts only if the rule was valid on the day "
    "the case opened, and if it is certain that the case required it.",
}
_UNIT = {
    "case": {"nl": "Een stap in een onderzoek.", "en": "A step in an investigation."},
    "subject": {
        "nl": "Een stap voor een betrokkene in een onderzoek.",
        "en": "A step for a person concerned in an investigation.",
    },
}
_BOTH = {
    "nl": "Een nodige stap in een onderzoek, of bij stappen per persoon: voor een betrokkene.",
    "en": "A required step in an investigation or, for steps taken once a person, for a person concerned.",
}
_CASES = {"nl": "Een onderzoek waarin iets nodig was.", "en": "An investigation in which something was required."}
_COHORT = {
    "nl": "Onderzoeken die op de peildatum met een besluit waren afgesloten, naar het jaar waarin zij begonnen.",
    "en": "Investigations closed with a decision at the reference date, by the year in which they opened.",
}
_CLOCK = {
    "nl": "Geen klok. Een stap die na het besluit komt telt pas mee als de wachttijd van die stap op de peildatum "
    "voorbij is.",
    "en": "No clock. A step that follows the decision counts only once its waiting time has passed at the reference "
    "date.",
}
_MISSING = {
    "nl": "Gedaan is: volgens de stappenlijst gedaan, met of zonder datum. Een stap zonder regel of zonder stand is "
    "niet geregistreerd. Dat is iets anders dan niet gedaan, maar het toont de stap niet aan: in het aandeel telt "
    "zij als niet aangetoond. De ondergrens neemt aan dat wat niet is geregistreerd niet is gedaan, en is dus "
    "gelijk aan het aandeel; de bovengrens neemt aan dat het wel is gedaan. Noemt de lijst een nodige stap 'niet "
    "van toepassing', dan blijft de stap nodig en niet aangetoond, behalve de zienswijze, waarvan iemand mag "
    "afzien. Is niet vast te stellen of een stap nodig was, dan telt zij niet mee; dat deel staat er apart bij.",
    "en": "Done means: done according to the step log, with or without a date. A step without a row or without a "
    "state is not recorded. That is not the same as not done, but it does not show the step: in the share it counts "
    "as not shown. The low bound takes what is not recorded as not done, so it equals the share; the high bound "
    "takes it as done. When the log calls a required step 'not applicable', it stays required and not shown, except "
    "the written views, which a person may waive. Where it cannot be established whether a step was required, it "
    "does not count; that part is shown separately.",
}
_CLUSTERED = {
    "nl": "Interval van Wilson bij het effectieve aantal onderzoeken, dat er rekening mee houdt dat stappen in een "
    "onderzoek op elkaar lijken (gelineariseerde variantie per onderzoek). Onder {n} onderzoeken geen getal.",
    "en": "Wilson's interval at the effective number of investigations, which allows for steps of one investigation "
    "being alike (linearised variance by investigation). Fewer than {n} investigations: no number.",
}
_WILSON = {
    "nl": "Interval van Wilson. Onder {n} in de noemer geen getal.",
    "en": "Wilson's interval. Fewer than {n} in the denominator: no number.",
}
_COMPOSITES = {
    "opportunity": (
        {"nl": "Nodige stappen die zijn aangetoond, alle bij elkaar", "en": "Required steps shown as done, pooled"},
        _BOTH,
        {
            "nl": "Alle aangetoonde stappen gedeeld door alle nodige stappen, elk met het gewicht uit de lijst van "
            "stappen.",
            "en": "All steps shown as done, divided by all required steps, each with its weight from the list of "
            "steps.",
        },
        _CLUSTERED,
    ),
    "item_average": (
        {"nl": "Gemiddelde over de stappen", "en": "Average over steps"},
        _BOTH,
        {
            "nl": "Per stap het aangetoonde deel; daarvan het gemiddelde. Elke stap telt met haar gewicht, hoe vaak "
            "zij ook nodig was. Stappen die nergens nodig waren vallen weg, dus kan de lijst per eenheid "
            "verschillen.",
            "en": "The share shown for each step; of these the average. Each step counts with its weight, however "
            "often it was required. Steps required nowhere are left out, so the list may differ between units.",
        },
        _CLUSTERED,
    ),
    "case_average": (
        {"nl": "Gemiddelde over de onderzoeken", "en": "Average over investigations"},
        _CASES,
        {
            "nl": "Per onderzoek het aangetoonde deel van de nodige stappen; daarvan het gemiddelde.",
            "en": "For each investigation the share of required steps shown as done; of these the average.",
        },
        _CLUSTERED,
    ),
    "all_or_none": (
        {"nl": "Onderzoeken met alle nodige stappen", "en": "Investigations with every required step"},
        _CASES,
        {
            "nl": "Onderzoeken waarin alle nodige stappen zijn aangetoond, gedeeld door alle onderzoeken waarin "
            "iets nodig was.",
            "en": "Investigations in which every required step is shown, divided by all in which something was "
            "required.",
        },
        _WILSON,
    ),
    "critical": (
        {"nl": "Onderzoeken zonder ontbrekende kritieke stap", "en": "Investigations that lack no critical step"},
        _CASES,
        {
            "nl": "Onderzoeken waarin geen nodige kritieke stap ontbreekt, gedeeld door alle onderzoeken waarin een "
            "kritieke stap nodig was. Welke stappen kritiek zijn staat in de lijst van stappen.",
            "en": "Investigations in which no required critical step is missing, divided by all in which a critical "
            "step was required. The list of steps says which are critical.",
        },
        _WILSON,
    ),
}


def card(estimand: str, steps: Mapping[str, Step], rules: Mapping[str, OrderRule]) -> EstimandCard:
    """Return the estimand card of a measure.

    Parameters
    ----------
    estimand : str
        `completeness.opportunity`, `completeness.step_rapp`, `completeness.order_voorn_ziens`, ...
    steps : mapping
        Steps by code.
    rules : mapping
        Order rules by id.
    """
    measure = estimand.split(".")[1]
    if measure in _COMPOSITES:
        title, unit, estimator, interval = _COMPOSITES[measure]
        return _card(estimand, title, unit, estimator, interval, _MISSING)
    if measure.startswith("step_"):
        return _step_card(estimand, steps[measure.removeprefix("step_").upper()])
    return _order_card(estimand, rules[measure.removeprefix("order_")], steps)


def _step_card(estimand: str, step: Step) -> EstimandCard:
    estimator = {
        "nl": "Gedaan, gedaan zonder datum, niet gedaan en niet geregistreerd: gedeeld door de keren dat de stap "
        "nodig was. Niet van toepassing en onbekend of de stap nodig was: gedeeld door alle keren dat de stap aan "
        "de orde kon zijn. "
        f"Grondslag: {step.source['nl']}.",
        "en": "Done, done without a date, not done and not recorded: divided by the times the step was required. "
        "Not applicable and unknown whether required: divided by all times the step could arise. "
        f"Basis: {step.source['en']}.",
    }
    return _card(estimand, step.title, _UNIT[step.level], estimator, _WILSON, _MISSING)


def _order_card(estimand: str, rule: OrderRule, steps: Mapping[str, Step]) -> EstimandCard:
    first, then = steps[rule.first], steps[rule.then]
    same = ("; op dezelfde dag mag niet", "; not on the same day") if rule.strict else ("", "")
    title = {
        "nl": f"Volgorde niet gevolgd: eerst '{first.title['nl']}', dan '{then.title['nl']}'{same[0]}",
        "en": f"Order not followed: first '{first.title['en']}', then '{then.title['en']}'{same[1]}",
    }
    estimator = {
        "nl": "Keren dat de volgorde niet is gevolgd, gedeeld door de keren dat beide stappen een datum hebben. Van "
        "een stap die vaker is gezet telt de eerste dag.",
        "en": "Times the order was not followed, divided by the times both steps have a date. Of a step taken more "
        "than once the first day counts.",
    }
    missing = {
        "nl": "Heeft een van beide stappen geen datum, dan zegt de regel niets; dat telt niet als gevolgd.",
        "en": "When either step has no date the rule says nothing; that does not count as followed.",
    }
    level = "subject" if "subject" in (first.level, then.level) else "case"
    return _card(estimand, title, _UNIT[level], estimator, _WILSON, missing)


def _card(
    estimand: str,
    title: dict[str, str],
    unit_of_count: dict[str, str],
    estimator: dict[str, str],
    interval: dict[str, str],
    missing: dict[str, str],
) -> EstimandCard:
    return EstimandCard(
        id=estimand,
        title=dict(title),
        population=_POPULATION,
        unit_of_count=unit_of_count,
        cohort_basis=_COHORT,
        clock=_CLOCK,
        missing_and_exits=missing,
        estimator=estimator,
        interval={language: text.format(n=MINIMUM_N) for language, text in interval.items()},
    )


def absent(case_files: CaseFiles) -> Refusal | None:
    """Return why this export cannot speak about steps at all; None when it can."""
    if not case_files.has("steps") or case_files.steps is None or case_files.steps.empty:
        return _refusal(
            case_files,
            ("steps",),
            "Deze levering bevat geen stappen. Of een onderzoek volgens de procedure verliep, is er dus niet uit te "
            "zien.",
            "This delivery has no step log. It cannot show whether an investigation followed the procedure.",
        )
    if not case_files.has("steps.state"):
        return _refusal(
            case_files,
            ("steps.state",),
            "Deze levering zegt bij geen enkele stap of die gedaan is. Er valt dus niets te tellen.",
            "This delivery does not say of any step whether it was done. There is nothing to count.",
        )
    if missing := _cohort_columns_absent(case_files):
        return _refusal(
            case_files,
            missing,
            "Deze levering zegt niet welke disciplinaire onderzoeken met een besluit eindigden. "
            "Zonder dat is onbekend welke stappen nodig waren.",
            "This delivery does not say which disciplinary investigations ended with a decision. "
            "Without that it is unknown which steps were required.",
        )
    return None


def unrecorded_steps(steps: Sequence[Step]) -> tuple[Refusal, ...]:
    """Return which steps this register does not know, when there are any."""
    if not steps:
        return ()
    names = {tongue: ", ".join(step.title[tongue] for step in steps) for tongue in ("nl", "en")}
    reason = {
        "nl": "Deze stappen staan bij geen enkele zaak in de levering: het register legt ze niet vast. Zij tellen "
        f"nergens mee, ook niet in de samenvattingen: {names['nl']}.",
        "en": "These steps stand in no case of the delivery: the register does not record them. They count nowhere, "
        f"nor in the summaries: {names['en']}.",
    }
    return (Refusal("completeness.unrecorded_steps", tuple(step.code for step in steps), reason),)


def nothing_to_count(cases: int, required: int) -> tuple[Refusal, ...]:
    """Return why there is no share, when there is a step log but nothing was required."""
    if not cases:
        reason = {
            "nl": "Geen enkel disciplinair onderzoek in deze levering eindigde met een besluit. "
            "Alleen die onderzoeken doorliepen de hele procedure.",
            "en": "No disciplinary investigation in this delivery ended with a decision. "
            "Only those went through the whole procedure.",
        }
        return (Refusal("completeness", ("decided_cases",), reason),)
    if not required:
        reason = {
            "nl": "In geen enkel onderzoek van deze levering staat vast dat een stap nodig was. Er valt dus niets "
            "te tellen.",
            "en": "In no investigation of this delivery is it certain that a step was required. There is nothing to "
            "count.",
        }
        return (Refusal("completeness", ("required_steps",), reason),)
    return ()


def _cohort_columns_absent(case_files: CaseFiles) -> tuple[str, ...]:
    """Return the columns that say which cases were decided, and that are not there.

    While every case is open, no case has an end: an empty column is then an answer.
    """
    all_open = bool(case_files.cases["closed_on"].isna().all())
    maybe_empty = ("cases.exit_kind", "cases.closed_on") if all_open else ()
    needs = ("cases.kind", "cases.exit_kind", "cases.closed_on")
    return tuple(
        need for need in needs if need in case_files.absent or (need not in maybe_empty and not case_files.has(need))
    )


def _refusal(case_files: CaseFiles, needs: tuple[str, ...], dutch: str, english: str) -> Refusal:
    declared = [case_files.absent[need] for need in needs if need in case_files.absent]
    reason = {}
    for language, text, said in (("nl", dutch, "Opgegeven reden"), ("en", english, "Reason given")):
        given = [f"{said}: {why[language].rstrip('.')}." for why in declared if why.get(language)]
        reason[language] = " ".join([text, *given])
    return Refusal("completeness", needs, reason)
