"""The duration of investigations: every family of numbers, in the order of the chapter.

For evaluators
--------------
*What it says.* How long a case takes from the signal (MELD) to the decision (BESL) or
the end of the investigation, and what is behind that:

| family                 | says                                                  | needs                             |
|------------------------|-------------------------------------------------------|-----------------------------------|
| `total_scores`         | quantiles, share within N days, mean days in a year   | opening, closing; net: suspensions|
| `working_total_scores` | the quantiles in working days                         | the same                          |
| `stage_scores`         | each stage of the procedure                           | `steps`; complaints: `cases.kind` |
| `exit_scores`          | how cases end, where exits compete                    | `cases.exit_kind`                 |
| `norm_scores`          | share within the norm that was in force               | the norms file                    |
| `unit_scores`          | units among like cases: funnel, shrunken, reliability | `cases.unit`; better: case mix    |
| `case_mix_scores`      | what kind of case takes longer                        | `cases.complexity`                |
| `change_scores`        | before and after 12 November 2020                     | Dutch units, enough on both sides |
| `backlog_scores`       | open stock, flow, age, balance, projection            | a basis that shows the stock      |
| `sensitivity_scores`   | the headline numbers under every defensible choice    | the grids                         |
| `case_scores`          | days and percentile of each case; confidential        | better: category, complexity      |

*What it refuses.* A delivery with closed cases only, or open cases only, gives no duration
whatever: among the closed ones the long cases are missing, among the open ones the short
ones. A group under `MINIMUM_N` cases, without a single ending, or (with late entry) with
hardly anyone in view in the first days, keeps its rows with a refusal. So does a quantile
that the curve does not reach, and a share beyond the last day of view.

*What it does not say.* Longer is not worse; units are never ranked; a difference at a date
says nothing about why.
"""

from datetime import date

import numpy as np
import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.duration.backlog_scores import backlog_scores
from evaluation.duration.case_mix_scores import case_mix_scores
from evaluation.duration.case_scores import case_scores
from evaluation.duration.change_scores import change_scores
from evaluation.duration.exit_scores import exit_scores
from evaluation.duration.norm_scores import norm_scores
from evaluation.duration.sensitivity_scores import sensitivity_scores
from evaluation.duration.stage_scores import stage_scores
from evaluation.duration.stages import stage_durations
from evaluation.duration.total import case_durations, refuse_net, total_scores
from evaluation.duration.unit_scores import unit_scores
from evaluation.duration.working_total_scores import working_total_scores
from evaluation.period import period
from evaluation.scores import ModuleResult, Part, Refusal

PROJECTION_SEED = 20201112
"""The projection of the stock is drawn; the same case files give the same numbers."""


def evaluate(case_files: CaseFiles, *, as_of: date, level: float) -> ModuleResult:
    """Return the durations of the case files as they stood on `as_of`.

    *Estimand*: on the card of each measure.

    Parameters
    ----------
    case_files : CaseFiles
        Already cut: `case_files.at(as_of)`.
    as_of : date
        Open cases are right-censored on this day.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    ModuleResult
        Scores `duration.<measure>.<statistic>.<group>`, their cards, refusals, and
        confidential rows a case (`case_scores`).
    """
    if refusal := _refuse_all(case_files):
        return ModuleResult("duration", (), (), (refusal,), None)
    cases = case_durations(case_files, as_of=as_of)
    stages = stage_durations(case_files, as_of=as_of)
    span = period(case_files, as_of)
    parts: tuple[Part, ...] = (
        total_scores(case_files, cases, as_of=as_of, level=level, span=span),
        working_total_scores(case_files, stages, as_of=as_of, level=level, span=span),
        stage_scores(case_files, stages, as_of=as_of, level=level, span=span),
        exit_scores(case_files, stages, as_of=as_of, level=level, span=span),
        norm_scores(case_files, stages, as_of=as_of, level=level, span=span),
        unit_scores(case_files, cases, as_of=as_of, level=level, span=span),
        case_mix_scores(case_files, cases, as_of=as_of, level=level, span=span),
        change_scores(case_files, cases, as_of=as_of, level=level, span=span),
        backlog_scores(case_files, cases, as_of=as_of, level=level, rng=np.random.default_rng(PROJECTION_SEED)),
    )
    headlines = [score for part in parts for score in part.scores]
    parts = (*parts, sensitivity_scores(case_files, headlines, as_of=as_of, level=level, span=span))
    clocks = {"total_gross": "gross"} if refuse_net(case_files) else {"total_gross": "gross", "total_net": "net"}
    of_cases = [case_scores(cases, measure, clock=clock) for measure, clock in clocks.items()]
    return ModuleResult.of("duration", parts, pd.concat(of_cases, ignore_index=True))


def _refuse_all(case_files: CaseFiles) -> Refusal | None:
    basis = case_files.delivery["cohort_basis"]
    if (basis == "afgesloten").any():
        return Refusal(
            "duration",
            ("cohort_basis",),
            {
                "nl": "Een levering bevat alleen afgesloten zaken. De zaken die nog lopen, en dus vaak lang duren, "
                "ontbreken: elke mediaan zou te kort zijn. Lever ook de lopende zaken.",
                "en": "A delivery holds closed cases only. The cases still open, which are often the long ones, "
                "are missing: any median would be too short. Deliver the open cases too.",
            },
            misleading=True,
        )
    if (basis == "openstaand").any():
        return Refusal(
            "duration",
            ("cohort_basis",),
            {
                "nl": "Een levering bevat alleen zaken die nog lopen. Geen enkele zaak is daarin afgelopen: elke duur "
                "zou te lang zijn. Lever ook de afgesloten zaken.",
                "en": "A delivery holds open cases only. Not one case has ended in it: any duration would be too "
                "long. Deliver the closed cases too.",
            },
            misleading=True,
        )
    cases = case_files.cases
    all_open = not (cases["status"] == "afgesloten").any() and "cases.closed_on" not in case_files.absent
    needed = ["cases.opened_on"] + ([] if all_open else ["cases.closed_on"])
    missing = tuple(column for column in needed if not case_files.has(column))
    if missing:
        return Refusal(
            "duration",
            missing,
            {
                "nl": "Zonder de dag waarop een zaak begon en de dag waarop zij eindigde is er geen duur. "
                f"In de levering ontbreekt: {', '.join(missing)}.",
                "en": "Without the day on which a case began and the day on which it ended there is no duration. "
                f"Absent from the delivery: {', '.join(missing)}.",
            },
        )
    return None
