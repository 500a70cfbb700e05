"""Of all units and indicators together: how many comparisons stand out, and how many would by chance alone.

Only counts. Which unit stood out on which indicator is not said: a list of such units
would be a ranking, and some of them stand there by chance.
"""

from collections.abc import Hashable, Mapping
from datetime import date
from functools import partial

import numpy as np
import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.consistency.cards import COHORT, NO_CLOCK
from evaluation.consistency.false_discovery import FalseDiscovery, false_discovery
from evaluation.consistency.like_for_like import Compared, compared, unit_funnel, used_covariates
from evaluation.consistency.misconduct_outcomes import misconduct_outcomes
from evaluation.consistency.penalty_scores import PENALTIES, has_penalties
from evaluation.score_rows import ScoreRows
from evaluation.scores import EstimandCard, Part

MEASURE = "consistency.discovery"
RATE = 0.05
DISMISSAL = ("j", "k")
STATISTICS = ("tested", "expected_false", "alone", "discovered")


def discovery_scores(
    case_files: CaseFiles, judged: pd.DataFrame, units: list[str], indicators: Mapping[str, Compared],
    *, as_of: date, level: float, span: str,
) -> Part:  # fmt: skip
    """Return of how many comparisons of a unit with what like allegations lead one to expect the outcome stands out.

    *Estimand*: on the card of `consistency.discovery`.

    Parameters
    ----------
    judged : DataFrame
        As `judged_allegations` returns.
    units : list of str
        Units that are compared.
    indicators : mapping
        Outcome -> its `Compared`; dismissal given a penalty is added where it can be.
    """
    every = dict(indicators)
    if has_penalties(case_files) and case_files.has("allegations.conditional"):
        every["dismissed"] = compared(dismissal_rows(case_files, judged), used_covariates(case_files, judged))
    found = unit_p_values(every, units)
    rows = partial(ScoreRows, MEASURE, "all", MEASURE, span, as_of, level)()
    n = len(judged[judged["unit"].notna()])
    if not found.comparisons:
        return Part(tuple(rows.refused(name, "count", "too_few", n=n) for name in STATISTICS), (_card(),))
    counts = (found.comparisons, round(found.expected_by_chance), found.alone, found.stand_out["benjamini_hochberg"])
    return Part(tuple(rows.count(name, count, n=n) for name, count in zip(STATISTICS, counts, strict=True)), (_card(),))


def dismissal_rows(case_files: CaseFiles, judged: pd.DataFrame) -> pd.DataFrame:
    """Return the allegations with a penalty of which it is known whether it is conditional, with `hit`: dismissal."""
    rows = misconduct_outcomes(case_files, judged)
    rows = rows[rows["penalty"].isin(PENALTIES) & rows["conditional"].notna()]
    return rows.assign(hit=rows["penalty"].isin(DISMISSAL) & ~rows["conditional"].astype(bool))


def unit_p_values(indicators: Mapping[str, Compared], units: list[str]) -> FalseDiscovery:
    """Test every unit on every indicator, with the exact distribution of its count.

    An indicator without a case mix, and a unit that is too small on it, is no comparison.
    """
    p_values: dict[Hashable, float | None] = {}
    for name, one in indicators.items():
        values = unit_funnel(one, units).p_values() if one.mix is not None else np.full(len(units), np.nan)
        p_values |= {(unit, name): None if np.isnan(p) else float(p) for unit, p in zip(units, values, strict=True)}
    return false_discovery(p_values, rate=RATE)


def _card() -> EstimandCard:
    percent = f"{100 * RATE:g}"
    return EstimandCard(
        id=MEASURE,
        title={
            "nl": "Hoeveel vergelijkingen opvallen, en hoeveel door toeval zouden opvallen",
            "en": "How many comparisons stand out, and how many would by chance",
        },
        population={
            "nl": "Elke eenheid op elke uitkomst: plichtsverzuim vastgesteld, een straf als dat is vastgesteld, en "
            "onvoorwaardelijk ontslag als er een straf is. Vanaf 10 gedragingen.",
            "en": "Every unit on every outcome: misconduct found, a penalty once it is found, and unconditional "
            "dismissal once there is a penalty. From 10 allegations.",
        },
        unit_of_count={"nl": "Vergelijking van een eenheid op een uitkomst.",
                       "en": "Comparison of a unit on an outcome."},
        cohort_basis=COHORT,
        clock=NO_CLOCK,
        missing_and_exits={
            "nl": "Een vergelijking die niet kan (te weinig gedragingen, allemaal dezelfde uitkomst) is er geen.",
            "en": "A comparison that cannot be made (too few allegations, all with one outcome) is none.",
        },
        estimator={
            "nl": "Per vergelijking de kans op een aantal dat minstens zo ver van het verwachte ligt (twee keer de "
            f"kleinste staart van de verdeling achter de trechter). Bij {percent} % vallen er door toeval alleen al "
            "zoveel op als bij expected_false staat, ook als geen eenheid verschilt. Een voor een bekeken vallen er "
            "zoveel op als bij alone. De regel van Benjamini en Hochberg houdt over (discovered): daarvan is naar "
            f"verwachting hoogstens {percent} % toeval. Welke eenheden dat zijn, staat hier niet: dat zou een "
            "ranglijst zijn. Opvallen is geen oordeel: het kan komen door wat niet is vastgelegd.",
            "en": "For each comparison the chance of a count at least as far from what is expected (twice the smaller "
            f"tail of the distribution behind the funnel). At {percent}% as many as expected_false stand out by chance "
            "alone, even when no unit differs. Looked at one by one, as many as alone stand out. The rule of Benjamini "
            f"and Hochberg leaves discovered: of those at most {percent}% are expected to be chance. Which units they "
            "are is not said here: that would be a ranking. To stand out is no verdict: it may come from what was not "
            "recorded.",
        },
        interval={"nl": "Geen: dit zijn aantallen.", "en": "None: these are counts."},
    )  # fmt: skip
