"""What kind of case takes longer: the pace of closing by complexity, as scores.

Cox's regression, in strata of category: cases are compared with cases of the same
category that have been open for as long. Errors allow for likeness within a unit.

**Nothing acquired during the case.** A suspension, a criminal track or an order measure
comes in the course of a case; only a case that lasts can get one. "Ever suspended" would
compare cases that lived to be suspended with all others and call the suspended ones slow
whatever a suspension does (immortal time). They are left out here.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import partial

import pandas as pd

from data_contracts.case_files import CaseFiles
from data_contracts.code_lists import load_code_lists
from evaluation.duration.texts import EXITS_AS_ENDS, GROSS_CLOCK, all_cases, cohort_basis
from evaluation.duration.total import only_disciplinary
from evaluation.refusals import MINIMUM_N
from evaluation.score_rows import ScoreRows
from evaluation.scores import EstimandCard, Part, Refusal, Score
from evaluation.survival.cox import cox
from evaluation.survival.cox_result import Cox
from evaluation.survival.proportional_hazards import TimeTransform, proportional_hazards
from evaluation.units.case_mix import UNKNOWN

MEASURE = "duration.case_mix"
COLUMN = "complexity"
STRATUM = "category"
TRANSFORM: TimeTransform = "km"


def case_mix_scores(case_files: CaseFiles, cases: pd.DataFrame, *, as_of: date, level: float, span: str) -> Part:
    """Return the hazard ratios of closing by complexity, within category.

    *Estimand*: for each complexity, the ratio of the rates at which open cases close,
    against the lightest, among cases of the same category equally long open; an average
    over the days where the ratio changes with them.

    Parameters
    ----------
    case_files : CaseFiles
        Already cut: `case_files.at(as_of)`.
    cases : DataFrame
        As `total.case_durations` returns them.
    as_of : date
    level : float
    span : str
        Period over which the cases were opened.

    Returns
    -------
    Part
        Scores of `duration.case_mix` and its card, or the reason why there are none: no
        complexity delivered, or one only.
    """
    if not case_files.has(f"cases.{COLUMN}"):
        return Part(refusals=(Refusal(MEASURE, (f"cases.{COLUMN}",), _NOT_DELIVERED),))
    known = cases[(cases["left_out"] == "") & cases[COLUMN].notna()]
    known = known.assign(**{COLUMN: known[COLUMN].map(_in_id)})
    levels = in_order(known[COLUMN])
    if len(levels) < 2:
        return Part(refusals=(Refusal(MEASURE, (f"cases.{COLUMN}",), _ONE_LEVEL),))
    ended = known.loc[known["closed"], COLUMN].value_counts()
    enough = [one for one in levels if ended.get(one, 0) >= MINIMUM_N]
    fitted = known[known[COLUMN].isin(enough)]
    found = case_mix_model(fitted, enough, stratified=case_files.has(f"cases.{STRATUM}"), level=level)
    rows = ScoreRows(MEASURE, "all", MEASURE, span, as_of, level)
    return Part(
        scores=tuple(_scores(found, levels, enough, len(fitted), int(fitted["closed"].sum()), rows)),
        cards=(_card(case_files, levels, enough, clustered=bool(found and found.n_clusters), level=level),),
    )


def in_order(values: pd.Series) -> list[str]:
    """Return the different values, in the order of the code list; those not on it after them, sorted.

    Examples
    --------
    >>> in_order(pd.Series(["zwaar", "licht", "xx", None]))
    ['licht', 'zwaar', 'xx']
    """
    seen = set(values.dropna())
    listed = [code for code in load_code_lists()[COLUMN].codes if code in seen]
    return [*listed, *sorted(seen.difference(listed))]


def case_mix_model(known: pd.DataFrame, levels: list[str], *, stratified: bool, level: float) -> Cox | None:
    """Fit the regression on rows of `case_durations`; `levels[0]` is the reference. None with one level."""
    if len(levels) < 2:
        return None
    columns = pd.DataFrame({one: known[COLUMN] == one for one in levels[1:]})
    units = known["unit"].fillna(UNKNOWN)
    return cox(
        columns, known["gross"], known["closed"], entry=known["gross_entry"],
        stratum=known[STRATUM].fillna(UNKNOWN) if stratified else None,
        cluster=units if units.nunique() > 1 else None, ties="efron", level=level,
    )  # fmt: skip


def _scores(
    found: Cox | None, levels: list[str], enough: list[str], n: int, events: int, rows: ScoreRows
) -> Iterator[Score]:
    said = partial(rows.plain, n=n, events=events)
    lines = {} if found is None else found.coefficients.set_index("covariate").to_dict("index")
    reference = (enough or levels)[0]
    for one in levels:
        if one == reference:
            continue
        line = lines.get(one)
        why = "too_few" if line is None or found is None else line["refusal"] or found.refusal
        estimate, low, high = (None, None, None) if line is None or why else (
            line["hazard_ratio"], line["low"], line["high"]
        )  # fmt: skip
        yield said(f"hazard_ratio_{COLUMN}_{one}", "ratio", estimate, low=low, high=high, refusal=why)
    why = "too_few" if found is None else found.refusal
    yield said("ph_p", "p_value", None if why or found is None else _ph_p(found), refusal=why)
    order = None if why or found is None else found.concordance
    if order is not None:
        why = order.refusal
    yield said("concordance", "ratio", None if order is None else order.estimate, refusal=why)


def _ph_p(found: Cox) -> float | None:
    p = proportional_hazards(found, transform=TRANSFORM).tests["p_value"].tolist()[-1]
    return None if p is None else float(p)


def _in_id(code: str) -> str:
    """Return a code as part of the id of a score: what differs in capitals or signs only is one level."""
    return re.sub(r"[^a-z0-9]+", "_", code.lower()).strip("_") or "_"


_NOT_DELIVERED = {
    "nl": "De zwaarte van de zaken is niet geleverd. Welke soort zaak langer duurt is niet te zeggen.",
    "en": "The complexity of the cases was not delivered. What kind of case takes longer cannot be said.",
}
_ONE_LEVEL = {
    "nl": "Alle zaken hebben dezelfde zwaarte. Er valt niets te vergelijken.",
    "en": "All cases have the same complexity. There is nothing to compare.",
}


def _card(
    case_files: CaseFiles, levels: list[str], enough: list[str], *, clustered: bool, level: float
) -> EstimandCard:
    percent = f"{100 * level:g}"
    everyone = all_cases(only_disciplinary=only_disciplinary(case_files))
    strata = case_files.has(f"cases.{STRATUM}")
    codes = load_code_lists()[COLUMN].codes
    reference = (enough or levels)[0]
    lightest = codes[reference].label if reference in codes else {"nl": reference, "en": reference}
    return EstimandCard(
        id=MEASURE,
        title={"nl": "Welke soort zaak langer duurt", "en": "What kind of case takes longer"},
        population={
            "nl": everyone["nl"] + " Zaken waarvan de zwaarte niet vaststaat doen niet mee, en die van een zwaarte "
            f"waarvan minder dan {MINIMUM_N} zaken eindigden evenmin.",
            "en": everyone["en"] + " Cases of which the complexity is not known are left out, and so are those of a "
            f"complexity of which fewer than {MINIMUM_N} cases ended.",
        },
        unit_of_count={"nl": "Onderzoek (zaak).", "en": "Investigation (case)."},
        cohort_basis=cohort_basis(case_files),
        clock={
            "nl": GROSS_CLOCK["nl"] + " Zwaardere zaken worden vaker opgeschort; dat zit in de verhouding.",
            "en": GROSS_CLOCK["en"] + " Heavier cases are suspended more often; that is in the ratio.",
        },
        missing_and_exits={
            "nl": EXITS_AS_ENDS["nl"] + " Wat een zaak pas onderweg krijgt (opschorting, strafrechtelijk spoor, "
            "ordemaatregel) doet niet mee: alleen een zaak die lang genoeg duurt kan dat krijgen, en telde zo ten "
            "onrechte als traag. De zwaarte telt zoals zij is vastgelegd; is zij onderweg bijgesteld, dan geldt "
            "hetzelfde bezwaar.",
            "en": EXITS_AS_ENDS["en"] + " What a case gets only on its way (suspension, criminal track, order measure) "
            "takes no part: only a case that lasts long enough can get it, and would wrongly count as slow. Complexity "
            "counts as it was recorded; where it was adjusted on the way, the same objection holds.",
        },
        estimator={
            "nl": f"Regressie van Cox, gelijktijdige eindes volgens Efron, vergeleken met zwaarte '{lightest['nl']}'"
            + (", binnen dezelfde categorie (onbekend is een categorie op zich)" if strata else
               "; de categorie is niet geleverd, daarvoor is niet gecorrigeerd")
            + ". Een verhouding (hazard_ratio) van 0,5: van de zaken die even lang lopen eindigt elke dag half zo "
            "groot een deel. Onder 1 duurt langer. Verandert de verhouding met de dagen, dan is dit een gemiddelde; "
            "ph_p toetst dat (Grambsch en Therneau, alle zwaarten samen, zonder de gelijkenis binnen een eenheid): een "
            "kleine waarde zegt dat zij verandert. Concordantie: hoe vaak van twee zaken van een categorie de zaak die "
            "volgens het model eerder eindigt dat ook doet (gelijke zwaarte telt half); 0,5 is toeval.",
            "en": f"Cox's regression, ties by Efron, against complexity '{lightest['en']}'"
            + (", within the same category (unknown is a category of its own)" if strata else
               "; the category was not delivered and not adjusted for")
            + ". A ratio (hazard_ratio) of 0.5: of the cases open for as long, half as large a share ends each day. "
            "Below 1 takes longer. Where the ratio changes with the days, this is an average; ph_p tests that "
            "(Grambsch and Therneau, all complexities together, without the likeness within a unit): a small value "
            "says that it changes. Concordance: of two cases of a category, how often the one predicted to end sooner "
            "does (equal complexity counts for a half); 0.5 is chance.",
        },
        interval={
            "nl": f"{percent} %, op de logaritme, "
            + ("met ruimte voor gelijkenis binnen een eenheid; met weinig eenheden iets te smal." if clustered else
               "zonder ruimte voor gelijkenis binnen een eenheid: er is één eenheid, of geen model.")
            + " Toets en concordantie hebben geen interval.",
            "en": f"{percent} %, on the logarithm, "
            + ("allowing for likeness within a unit; with few units somewhat too narrow." if clustered else
               "not allowing for likeness within a unit: there is one unit, or no model.")
            + " The test and the concordance have no interval.",
        },
    )  # fmt: skip
