"""The example delivery: one plan, its cases drawn anew, scored by the public functions as a delivery would be."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from unittest.mock import patch

import numpy as np
import pandas as pd

from data_contracts.case_files import CaseFiles
from data_contracts.example.plan import EXTRACTED_AT, PERIOD_END, STEPS
from data_contracts.example.tables import draw_tables
from data_contracts.procedure import norms
from evaluation.duration.change_at_date import change_in_cohorts
from evaluation.duration.norms_in_force import stage_norm_shares
from evaluation.duration.stages import counted, stage_durations
from evaluation.duration.total import case_durations, total_curve, total_net_curve
from evaluation.survival.cox import cox
from evaluation.survival.cumulative_incidence import cumulative_incidence, incidence_within
from evaluation.survival.kaplan_meier import SurvivalCurve, kaplan_meier, quantile, restricted_mean, share_within
from evaluation.survival.net_curve import NetCurve, net_restricted_mean
from validate.example_truth import (
    BREAK_ON,
    EARLIER_AS_OF,
    EXITS,
    GROUPS,
    PERIOD_FROM,
    STAGES,
    WITHIN,
    Counts,
    cox_limits,
    example_counts,
    fixed_plan,
    mean_error,
    one_pace,
    one_pace_counts,
    quantile_error,
    share_error,
    true_mean,
    true_quantile,
    true_share,
)
from validate.performance import HALF_DAY, LEVEL, Effort, Found, Items, Quantity, Study, said

QUANTILES = {"p25": 0.25, "median": 0.5, "p75": 0.75}
SHARES = {"2025": (180, 270)}  # the net clock of a case opened in 2025 may have run no longer
OTHER_SHARES = (180, 365)
STAGE_SHARE, STAGE_UNTIL = 90, 180
EXIT_SHARE = 365
COMPLEXITIES = ("licht", "zwaar")
ONE_PACE_GROUPS = ("all", "until 2018", "from 2019")
EXTRACTED_ON = date.fromisoformat(EXTRACTED_AT)
SECTIONS = {
    "all": "Example, at the extraction (5 % open)",
    "2024": "Example, cases opened in 2024 (3 % open)",
    "2025": "Example, cases opened in 2025 (45 % open)",
    "until 2018": "Example, as of the end of 2018 (20 % open)",
    "from 2019": "Example, all cases from 2019 on: late entry",
}


def curve_quantities(section: str, name: str, counts: np.ndarray, shares: Sequence[int], until: int) -> list[Quantity]:
    """Return what is read from one curve, with its truth from the lengths of all cases."""
    return [
        *(Quantity(section, f"{name}: {label} (days)", true_quantile(counts, share),
                   truth_error=quantile_error(counts, share), tolerance=HALF_DAY)
          for label, share in QUANTILES.items()),
        *(Quantity(section, f"{name}: share within {days} days", true_share(counts, days),
                   truth_error=share_error(counts, days)) for days in shares),
        Quantity(section, f"{name}: mean days within {until}", true_mean(counts, until),
                 truth_error=mean_error(counts, until)),
    ]  # fmt: skip


def curve_numbers(name: str, found: SurvivalCurve | NetCurve, shares: Sequence[int], until: int) -> Items:
    """Return the same numbers as estimated."""
    curve = found.curve if isinstance(found, NetCurve) else found
    for label, share in QUANTILES.items():
        yield f"{name}: {label} (days)", said(quantile(curve, share, level=LEVEL))
    for days in shares:
        yield f"{name}: share within {days} days", said(share_within(curve, days, level=LEVEL))
    mean = net_restricted_mean if isinstance(found, NetCurve) else restricted_mean
    yield f"{name}: mean days within {until}", said(mean(found, until, level=LEVEL))


def delivered(rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Return the tables of one delivery of the fixed plan."""
    return draw_tables(fixed_plan(), rng)


def of_all_cases_from(tables: dict[str, pd.DataFrame], first: str) -> dict[str, pd.DataFrame]:
    """Return what a register of all cases from a day on would hold: those closed before it are gone."""
    cases, start = tables["cases"], pd.Timestamp(first)
    kept = cases[~(cases["closed_on"] < start)].reset_index(drop=True)
    delivery = tables["delivery"].assign(cohort_basis="alle", period_start=start, period_end=pd.Timestamp(PERIOD_END))
    delivery["cohort_basis"] = delivery["cohort_basis"].astype("str")
    return tables | {"cases": kept, "delivery": delivery}


def _totals_once(rng: np.random.Generator) -> Items:
    tables = delivered(rng)
    files, moments = CaseFiles(**tables), {"all": EXTRACTED_ON, "until 2018": date.fromisoformat(EARLIER_AS_OF)}
    seen = {group: files.at(moment) for group, moment in moments.items()}
    clocks = {group: case_durations(seen[group], as_of=moment) for group, moment in moments.items()}
    clocks |= {year: clocks["all"][clocks["all"]["year"] == int(year)] for year in ("2024", "2025")}
    seen["from 2019"] = CaseFiles(**of_all_cases_from(tables, PERIOD_FROM)).at(EXTRACTED_ON)
    clocks["from 2019"] = case_durations(seen["from 2019"], as_of=EXTRACTED_ON)
    for group in GROUPS:
        yield from _group_numbers(group, clocks[group], seen.get(group, seen["all"]))
    yield from _exits(files, clocks["all"])
    yield from _change(files, clocks["all"])
    yield from _hazard_ratios(files, clocks["all"])


def _group_numbers(group: str, clocks: pd.DataFrame, files: CaseFiles) -> Items:
    shares = _shares(group)
    yield from curve_numbers(f"{group}, gross", total_curve(clocks, "total_gross"), shares, shares[-1])
    yield from curve_numbers(f"{group}, net", total_net_curve(clocks, files.suspensions), shares, shares[-1])


def _one_pace_once(rng: np.random.Generator) -> Items:
    with one_pace():
        tables = delivered(rng)
    everyone = CaseFiles(**tables)
    late = CaseFiles(**of_all_cases_from(tables, PERIOD_FROM))
    moments = EXTRACTED_ON, date.fromisoformat(EARLIER_AS_OF), EXTRACTED_ON
    for group, files, moment in zip(ONE_PACE_GROUPS, (everyone, everyone, late), moments, strict=True):
        seen = files.at(moment)
        yield from _group_numbers(group, case_durations(seen, as_of=moment), seen)
    now = everyone.at(EXTRACTED_ON)
    yield from _change(now, case_durations(now, as_of=EXTRACTED_ON))


def _one_pace(effort: Effort) -> list[Quantity]:
    counts, section = one_pace_counts(effort), "Example, twin: every year has the same pace"
    return [*_group_quantities(counts, dict.fromkeys(ONE_PACE_GROUPS, section)), *_change_quantities(counts, section)]


def _totals(effort: Effort) -> list[Quantity]:
    counts = example_counts(effort)
    ratios = cox_limits(counts["seen at the extraction"])
    everyone = counts["gross, all"].sum()
    exits = {name: counts[f"exit {name}"][: EXIT_SHARE + 1].sum() / everyone for name in EXITS}
    return [
        *_group_quantities(counts, SECTIONS),
        *(Quantity("Example, ways to end (Aalen-Johansen)", f"ended by {name} within {EXIT_SHARE} days", float(share),
                   truth_error=float(np.sqrt(share * (1 - share) / everyone))) for name, share in exits.items()),
        *_change_quantities(counts, "Example, opened after against before a date"),
        *(Quantity("Example, Cox (against its own limit: hazards are not proportional)", f"log hazard ratio, {name}",
                   ratios[name], truth_error=0.002) for name in COMPLEXITIES),
    ]  # fmt: skip


def _group_quantities(counts: Counts, sections: Mapping[str, str]) -> list[Quantity]:
    return [quantity for group, section in sections.items() for clock in ("gross", "net")
            for quantity in curve_quantities(section, f"{group}, {clock}", counts[f"{clock}, {group}"], _shares(group),
                                             _shares(group)[-1])]  # fmt: skip


def _change_quantities(counts: Counts, section: str) -> list[Quantity]:
    before, after = (counts[f"gross, opened {side} the date"] for side in ("before", "after"))
    share_errors = np.hypot(share_error(before, WITHIN), share_error(after, WITHIN))
    return [
        Quantity(section, "cohorts: change of mean days", true_mean(after, WITHIN) - true_mean(before, WITHIN),
                 truth_error=float(np.hypot(mean_error(before, WITHIN), mean_error(after, WITHIN)))),
        Quantity(section, "cohorts: change of share", true_share(after, WITHIN) - true_share(before, WITHIN),
                 truth_error=float(share_errors)),
    ]  # fmt: skip


def _shares(group: str) -> tuple[int, ...]:
    return SHARES.get(group, OTHER_SHARES)


def _exits(files: CaseFiles, clocks: pd.DataFrame) -> Items:
    known = clocks[clocks["left_out"] == ""]
    exits = files.cases.set_index("case_id")["exit_kind"].reindex(known["case_id"]).to_numpy(dtype=object)
    found = cumulative_incidence(known["gross"], np.where(known["closed"], exits, None))
    for name in EXITS:
        yield f"ended by {name} within {EXIT_SHARE} days", said(incidence_within(found, name, EXIT_SHARE, level=LEVEL))


def _change(files: CaseFiles, clocks: pd.DataFrame) -> Items:
    known = clocks[clocks["left_out"] == ""]
    opened = files.cases.set_index("case_id")["opened_on"].reindex(known["case_id"])
    until = opened.to_numpy() + pd.to_timedelta(known["gross"].to_numpy(), unit="D")
    found = change_in_cohorts(opened, until, known["closed"], break_on=date.fromisoformat(BREAK_ON),
                              within_days=WITHIN, level=LEVEL)  # fmt: skip
    yield "cohorts: change of mean days", said(found.mean_days)
    yield "cohorts: change of share", said(found.share_within)


def _hazard_ratios(files: CaseFiles, clocks: pd.DataFrame) -> Items:
    known = clocks[clocks["left_out"] == ""]
    cases = files.cases.set_index("case_id").reindex(known["case_id"])
    x = pd.DataFrame({name: (cases["complexity"] == name).to_numpy() for name in COMPLEXITIES})
    # Not by category: in small strata the last risk sets hold one level only, and where hazards are not
    # proportional the limit leans on those days.
    found = cox(x, known["gross"], known["closed"], level=LEVEL)
    for one in found.coefficients.itertuples():
        yield f"log hazard ratio, {one.covariate}", Found(one.coefficient, np.log(one.low), np.log(one.high))


def _stages_once(rng: np.random.Generator) -> Items:
    rows = stage_durations(CaseFiles(**delivered(rng)).at(EXTRACTED_ON), as_of=EXTRACTED_ON)
    for stage in (*STAGES, "uncertainty", "complaint"):
        yield from _stage_numbers(rows, stage)
    found = stage_norm_shares(rows, norms=norms(), level=LEVEL, extension="none")["complaint"]
    yield "complaints decided within the norm of ten weeks", said(found.share)


def _stages_registered_once(rng: np.random.Generator) -> Items:
    plan = fixed_plan()
    nothing = np.zeros_like(plan.undated)
    with patch.dict(STEPS, {step: (lost, 0.0) for step, (lost, _not_done) in STEPS.items()}):
        tables = draw_tables(
            replace(plan, not_recorded=nothing - 50.0, undated=nothing, finding_unrecorded=nothing), rng
        )
    rows = stage_durations(CaseFiles(**tables).at(EXTRACTED_ON), as_of=EXTRACTED_ON)
    for stage in (*STAGES, "uncertainty"):
        yield from _stage_numbers(rows, stage)


def _stage_numbers(rows: pd.DataFrame, stage: str) -> Items:
    mine = counted(rows, stage, "gross")
    curve = kaplan_meier(mine["gross"], mine["event"], entry=mine["gross_entry"])
    yield from curve_numbers(stage, curve, (STAGE_SHARE,), STAGE_UNTIL)


def _stages(effort: Effort) -> list[Quantity]:
    complaint = example_counts(effort)["complaint"]
    section = "Example, stages as delivered (steps not always done, recorded and dated)"
    return [
        *_stage_quantities(effort, section, "uncertainty, as done"),
        *curve_quantities(section, "complaint", complaint, (STAGE_SHARE,), STAGE_UNTIL),
        Quantity(section, "complaints decided within the norm of ten weeks", true_share(complaint, 70),
                 truth_error=share_error(complaint, 70)),
    ]  # fmt: skip


def _stages_registered(effort: Effort) -> list[Quantity]:
    section = "Example, stages, twin: every step done, recorded and dated"
    return _stage_quantities(effort, section, "uncertainty, every step done")


def _stage_quantities(effort: Effort, section: str, uncertainty: str) -> list[Quantity]:
    counts = example_counts(effort)
    lengths = {stage: counts[f"stage {stage}"] for stage in STAGES} | {"uncertainty": counts[uncertainty]}
    return [quantity for stage, days in lengths.items()
            for quantity in curve_quantities(section, stage, days, (STAGE_SHARE,), STAGE_UNTIL)]  # fmt: skip


STUDIES = (
    Study("example: totals", _totals, _totals_once),
    Study("example: one pace", _one_pace, _one_pace_once, share=0.5),
    Study("example: stages as delivered", _stages, _stages_once, share=0.3),
    Study("example: stages, every step recorded", _stages_registered, _stages_registered_once, share=0.3),
)
