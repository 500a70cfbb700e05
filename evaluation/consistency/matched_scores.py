"""Each unit against the others among allegations that are alike, without a model of what makes them alike.

Two ways to count the same: Mantel and Haenszel's odds ratio, with an interval, and beside
it that of the conditional logit. Where both agree with the funnel, the comparison does not
hang on the form of the case-mix model.
"""

from datetime import date
from functools import partial

import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.consistency.cards import ALLEGATION, COHORT, COVARIATE_NAMES, NO_CLOCK, pool
from evaluation.consistency.judged import COVARIATES, only_disciplinary
from evaluation.consistency.matched import mantel_haenszel, strata
from evaluation.consistency.series_break import break_sentence
from evaluation.score_rows import ScoreRows
from evaluation.scores import EstimandCard, Part, Refusal

MEASURE = "consistency.matched"
LIKE = ("category", "year", "complexity")
"""Rank and prior measures too would leave most allegations without a like one in another unit."""


def matched_scores(
    case_files: CaseFiles, judged: pd.DataFrame, units: list[str], *, as_of: date, level: float, span: str
) -> Part:
    """Return the odds ratio of misconduct found of each unit against the others, within strata of like allegations.

    *Estimand*: on the card of `consistency.matched`.

    Parameters
    ----------
    judged : DataFrame
        As `judged_allegations` returns.
    units : list of str
        Units that get rows.
    """
    known = judged[judged["unit"].notna()]
    if known["unit"].nunique() < 2:
        return Part(refusals=(Refusal(MEASURE, ("cases.unit",), dict(_ONE_UNIT)),))
    like = tuple(name for name in LIKE if case_files.has(COVARIATES[name]))
    stratum = strata(known[list(like)])
    matched = mantel_haenszel(known["found"], known["unit"], stratum, level=level, cluster=known["case_id"])
    by_unit = {one.unit: one for one in matched}
    rows = partial(ScoreRows, MEASURE, estimand=MEASURE, period=span, as_of=as_of, level=level)
    scores = []
    for unit in units:
        make, found = rows(f"unit={unit.lower()}"), by_unit.get(unit)
        if found is None:
            scores += [make.refused(name, "odds_ratio", "too_few", n=0) for name in _BY_UNIT]
            continue
        scores.append(make.number("odds_ratio", "odds_ratio", found.odds_ratio, n=found.n))
        scores.append(
            make.plain(
                "conditional_odds_ratio", "odds_ratio", found.conditional, n=found.n, refusal=found.odds_ratio.refusal
            )
        )
    told = _told(known, stratum)
    scores.append(rows("all").count("strata", int(stratum[told].nunique()), n=len(known)))
    scores.append(rows("all").count("not_compared", int((~told).sum()), n=len(known)))
    return Part(tuple(scores), (_card(like, only_disciplinary(case_files)),))


_BY_UNIT = ("odds_ratio", "conditional_odds_ratio")


def _told(known: pd.DataFrame, stratum: pd.Series) -> pd.Series:
    """Tell which allegations have a like one in another unit, in a stratum with both outcomes."""
    of_stratum = known.groupby(stratum.to_numpy())
    both = (of_stratum["unit"].nunique() > 1) & (of_stratum["found"].nunique() > 1)
    return stratum.map(both).astype(bool)


_ONE_UNIT = {
    "nl": "De gedragingen met een bevinding zijn van één eenheid, of hun eenheid is niet vastgelegd. Er valt niets te "
    "vergelijken.",
    "en": "The allegations with a finding are of one unit, or their unit was not recorded. There is nothing to "
    "compare.",
}


def _card(like: tuple[str, ...], disciplinary: bool) -> EstimandCard:
    nl, en = (", ".join(COVARIATE_NAMES[name][language] for name in like) for language in ("nl", "en"))
    broken = break_sentence(MEASURE) if "category" in like else {"nl": "", "en": ""}
    return EstimandCard(
        id=MEASURE,
        title={
            "nl": "Plichtsverzuim vastgesteld, tegenover dezelfde soort gedragingen in andere eenheden",
            "en": "Misconduct found, against the same kind of allegations in other units",
        },
        population={
            "nl": "Gedragingen met een inhoudelijke bevinding en een eenheid. " + pool(disciplinary)["nl"],
            "en": "Allegations with a finding on the substance and a unit. " + pool(disciplinary)["en"],
        },
        unit_of_count=ALLEGATION,
        cohort_basis=COHORT,
        clock=NO_CLOCK,
        missing_and_exits={
            "nl": "Een onbekend kenmerk is een eigen groep. Een groep gelijke gedragingen met maar één eenheid, of met "
            "maar één uitkomst, zegt niets; hoeveel gedragingen daarin zitten staat in not_compared.",
            "en": "An unknown characteristic is a group of its own. A group of like allegations with one unit only, or "
            "one outcome only, says nothing; how many allegations are in such groups is not_compared.",
        },
        estimator={
            "nl": (f"Gelijke gedragingen hebben hetzelfde kenmerk: {nl}. " if like else "Er zijn geen kenmerken "
                   "geleverd: alle gedragingen gelden als gelijk. ")
            + "Binnen elke groep wordt de eenheid vergeleken met alle andere samen; de groepen zijn samengevoegd tot "
            "één oddsratio (Mantel-Haenszel). Die is 1 als er geen verschil is. Een tweede manier om hetzelfde te "
            "tellen staat ernaast (conditional_odds_ratio, de conditionele logit). Ligt die ver van de eerste, dan "
            "hangt het getal af van de manier van tellen. Een verschil kan komen door wat niet is vastgelegd. "
            + broken["nl"],
            "en": (f"Like allegations have the same characteristic: {en}. " if like else "No characteristics were "
                   "delivered: all allegations are taken as alike. ")
            + "Within each group the unit is compared with all others together; the groups are put together into one "
            "odds ratio (Mantel-Haenszel). It is 1 when there is no difference. A second way to count the same stands "
            "beside it (conditional_odds_ratio, the conditional logit). If it lies far from the first, the number "
            "depends on the way of counting. A difference may come from what was not recorded. " + broken["en"],
        },
        interval={
            "nl": "Oddsratio: normaal op de logaritme, met hele zaken als wat getrokken is. De tweede manier heeft "
            "geen interval: die laat alleen zien of de eerste ervan afwijkt.",
            "en": "Odds ratio: normal on the logarithm, with whole cases as what was drawn. The second way has no "
            "interval: it only shows whether the first differs from it.",
        },
    )  # fmt: skip
