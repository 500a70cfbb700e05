"""The estimand card of the penalty in groups without an order."""

from evaluation.consistency import cards
from evaluation.consistency.penalty_ranking import load_groups
from evaluation.consistency.penalty_texts import WHICH_PENALTY, population
from evaluation.consistency.series_break import break_sentence
from evaluation.refusals import MINIMUM_N
from evaluation.scores import EstimandCard


def penalty_kind_card(
    used: tuple[str, ...], left_out: tuple[str, ...], given_up: tuple[str, ...], disciplinary: bool, *, level: float
) -> EstimandCard:
    """Return the card, naming the groups, what was and was not delivered, and what was given up.

    Parameters
    ----------
    used, left_out, given_up : tuple of str
        Characteristics in the case mix, those that were not delivered, and those without
        which alone the model has a finite answer.
    disciplinary : bool
        Whether disciplinary investigations can be told from others.
    level : float
    """
    percent, broken = f"{100 * level:g}", break_sentence("consistency.penalty_kind")
    return EstimandCard(
        id="consistency.penalty_kind",
        title={"nl": "Soort straf, zonder volgorde", "en": "Kind of penalty, without a ranking"},
        population=population(disciplinary),
        unit_of_count=cards.ALLEGATION,
        cohort_basis=cards.COHORT,
        clock=cards.NO_CLOCK,
        missing_and_exits={
            "nl": WHICH_PENALTY["nl"] + " Is van een ontslag niet bekend of het voorwaardelijk is, dan is de groep "
            "onbekend (unknown) en telt de gedraging niet mee. " + broken["nl"],
            "en": WHICH_PENALTY["en"] + " Where it is not known whether a dismissal is conditional, its group is "
            "unknown and the allegation is left out. " + broken["en"],
        },
        estimator={
            "nl": f"share: ruw aandeel van elke groep ({_groups('nl')}). De groepen hebben geen volgorde; hun aandelen "
            "zijn samen één. expected: het aandeel dat de eenheid zou geven als alle eenheden samen haar zaken hadden "
            "behandeld; multinomiale logistische regressie zonder eenheden"
            + cards.characteristics(used, left_out, "nl")
            + _given_up(given_up, "nl") + " Kenmerken met te weinig gedragingen, of waarbij een groep nooit voorkomt, "
            "zijn samengevoegd. units_p: toets (score) of de eenheden meer verschillen dan hun zaken verklaren. Een "
            "ander aandeel is geen "
            f"beter of slechter aandeel. Per eenheid en per jaar vanaf {MINIMUM_N} gedragingen.",
            "en": f"share: crude share of each group ({_groups('en')}). The groups have no order; their shares add up "
            "to one. expected: the share that the unit would give if all units together had handled its cases; "
            "multinomial logistic regression without units" + cards.characteristics(used, left_out, "en")
            + _given_up(given_up, "en") + " Characteristics with too few allegations, or in which some group never "
            "occurs, are pooled. units_p: (score) test of whether units differ by more than their cases explain. "
            "Another share is no better or "
            f"worse share. By unit and by year from {MINIMUM_N} allegations.",
        },
        interval={
            "nl": f"{percent} %: Wilson met het effectieve aantal, want gedragingen uit één zaak hangen samen. Het "
            "verwachte aandeel heeft geen interval.",
            "en": f"{percent} %: Wilson with the effective number, because allegations of one case go together. The "
            "expected share has no interval.",
        },
    )  # fmt: skip


def _given_up(names: tuple[str, ...], language: str) -> str:
    if not names:
        return ""
    begin = {
        "nl": " Weggelaten, omdat het model anders geen eindig antwoord heeft: ",
        "en": " Left out, because the model has no finite answer otherwise: ",
    }
    return begin[language] + ", ".join(cards.COVARIATE_NAMES[name][language] for name in names) + "."


def _groups(language: str) -> str:
    return "; ".join(f"{key}: {title[language]}" for key, title in load_groups().titles.items())
