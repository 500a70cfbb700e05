"""The example delivery: one plan, its cases drawn anew, scored by the public functions as a delivery would be."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from data_contracts.case_files import CaseFiles
from data_contracts.example.plan import EXTRACTED_AT, PERIOD_END
from data_contracts.example.tables import draw_tables
from data_contracts.procedure import norms
from evaluation.duration.change_at_date import change_in_cohorts
from evaluation.duration.norms_in_force import stage_norm_shares
from evaluation.duration.stages import counted, stage_durations
from evaluation.duration.total import case_durations, total_curve
from evaluation.refusals import MINIMUM_N
from evaluation.survival.cox import cox
from evaluation.survival.cumulative_incidence import cumulative_incidence, incidence_within
from evaluation.survival.kaplan_meier import SurvivalCurve, kaplan_meier, quantile, restricted_mean, share_within
from evaluation.units.closing_in_time import closing_in_time_by_unit
from evaluation.units.discrete_hazard import hazard_by_unit
from validate.example_truth import (
    BREAK_ON,
    EARLIER_AS_OF,
    EXITS,
    GROUPS,
    PERIOD_FROM,
    STAGES,
    UNIT_CODES,
    WITHIN,
    closing_limits,
    cox_limits,
    example_counts,
    fixed_plan,
    mean_error,
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


def curve_numbers(name: str, curve: SurvivalCurve, shares: Sequence[int], until: int) -> Items:
    """Return the same numbers as estimated."""
    for label, share in QUANTILES.items():
        yield f"{name}: {label} (days)", said(quantile(curve, share, level=LEVEL))
    for days in shares:
        yield f"{name}: share within {days} days", said(share_within(curve, days, level=LEVEL))
    yield f"{name}: mean days within {until}", said(restricted_mean(curve, until, level=LEVEL))


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
    clocks = {group: case_durations(files.at(moment), as_of=moment) for group, moment in moments.items()}
    clocks |= {year: clocks["all"][clocks["all"]["year"] == int(year)] for year in ("2024", "2025")}
    late = CaseFiles(**of_all_cases_from(tables, PERIOD_FROM)).at(EXTRACTED_ON)
    clocks["from 2019"] = case_durations(late, as_of=EXTRACTED_ON)
    for group in GROUPS:
        for clock in ("gross", "net"):
            curve, shares = total_curve(clocks[group], f"total_{clock}"), _shares(group)
            yield from curve_numbers(f"{group}, {clock}", curve, shares, shares[-1])
    yield from _exits(files, clocks["all"])
    yield from _change(files, clocks["all"])
    yield from _hazard_ratios(files, clocks["all"])


def _totals(effort: Effort) -> list[Quantity]:
    counts = example_counts(effort)
    ratios = cox_limits(counts["seen at the extraction"])
    everyone = counts["gross, all"].sum()
    before, after = (counts[f"gross, opened {side} the date"] for side in ("before", "after"))
    share_errors = np.hypot(share_error(before, WITHIN), share_error(after, WITHIN))
    exits = {name: counts[f"exit {name}"][: EXIT_SHARE + 1].sum() / everyone for name in EXITS}
    return [
        *(quantity for group in GROUPS for clock in ("gross", "net")
          for quantity in curve_quantities(SECTIONS[group], f"{group}, {clock}", counts[f"{clock}, {group}"],
                                           _shares(group), _shares(group)[-1])),
        *(Quantity("Example, ways to end (Aalen-Johansen)", f"ended by {name} within {EXIT_SHARE} days", float(share),
                   truth_error=float(np.sqrt(share * (1 - share) / everyone))) for name, share in exits.items()),
        Quantity("Example, opened after against before a date", "cohorts: change of mean days",
                 true_mean(after, WITHIN) - true_mean(before, WITHIN),
                 truth_error=float(np.hypot(mean_error(before, WITHIN), mean_error(after, WITHIN)))),
        Quantity("Example, opened after against before a date", "cohorts: change of share",
                 true_share(after, WITHIN) - true_share(before, WITHIN), truth_error=float(share_errors)),
        *(Quantity("Example, Cox (against its own limit: hazards are not proportional)", f"log hazard ratio, {name}",
                   ratios[name], truth_error=0.002) for name in COMPLEXITIES),
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


def _stage_once(rng: np.random.Generator, *, registered: bool) -> Items:
    plan = fixed_plan()
    if registered:
        nothing = np.zeros_like(plan.undated)
        plan = replace(plan, not_recorded=nothing - 50.0, undated=nothing, finding_unrecorded=nothing)
    files = CaseFiles(**draw_tables(plan, rng)).at(EXTRACTED_ON)
    rows = stage_durations(files, as_of=EXTRACTED_ON)
    suffix = ", all steps recorded" if registered else ""
    for stage in (*STAGES, "uncertainty", *(() if registered else ("complaint",))):
        mine = counted(rows, stage, "gross")
        curve = kaplan_meier(mine["gross"], mine["event"], entry=mine["gross_entry"])
        yield from curve_numbers(f"{stage}{suffix}", curve, (STAGE_SHARE,), STAGE_UNTIL)
    if not registered:
        found = stage_norm_shares(rows, norms=norms(), level=LEVEL, extension="none")["complaint"]
        yield "complaints decided within the norm of ten weeks", said(found.share)


def _stages_as_delivered_once(rng: np.random.Generator) -> Items:
    return _stage_once(rng, registered=False)


def _stages_registered_once(rng: np.random.Generator) -> Items:
    return _stage_once(rng, registered=True)


def _stages_as_delivered(effort: Effort) -> list[Quantity]:
    complaint = example_counts(effort)["complaint"]
    section = "Example, stages as delivered (steps not always recorded)"
    return [
        *_stage_quantities(effort, section, ""),
        *curve_quantities(section, "complaint", complaint, (STAGE_SHARE,), STAGE_UNTIL),
        Quantity(section, "complaints decided within the norm of ten weeks", true_share(complaint, 70),
                 truth_error=share_error(complaint, 70)),
    ]  # fmt: skip


def _stages_registered(effort: Effort) -> list[Quantity]:
    return _stage_quantities(effort, "Example, stages, all steps recorded and dated", ", all steps recorded")


def _stage_quantities(effort: Effort, section: str, suffix: str) -> list[Quantity]:
    counts = example_counts(effort)
    lengths = {stage: counts[f"stage {stage}"] for stage in STAGES} | {"uncertainty": counts["uncertainty"]}
    return [quantity for stage, days in lengths.items()
            for quantity in curve_quantities(section, f"{stage}{suffix}", days, (STAGE_SHARE,),
                                             STAGE_UNTIL)]  # fmt: skip


def _units_once(rng: np.random.Generator) -> Items:
    files = CaseFiles(**delivered(rng)).at(EXTRACTED_ON)
    clocks = case_durations(files, as_of=EXTRACTED_ON)
    clocks = clocks[clocks["left_out"] == ""]
    of_case = files.cases.set_index("case_id").reindex(clocks["case_id"])
    cases = pd.DataFrame(
        {
            "duration": clocks["gross"].to_numpy(),
            "event_observed": clocks["closed"].to_numpy(),
            "unit": of_case["unit"].to_numpy(dtype=object),
            **{name: of_case[name].to_numpy(dtype=object) for name in ("category", "complexity")},
        }
    )
    hazard = hazard_by_unit(cases, covariates=["complexity"], every=60, within=WITHIN, level=LEVEL,
                            minimum_n=MINIMUM_N, units=UNIT_CODES)  # fmt: skip
    for unit in hazard.units:
        size = _size(unit.unit)
        yield f"share within {WITHIN} days, {size}", Found(unit.share, unit.share_low, unit.share_high, of=unit.unit)
        yield (f"mean days within {WITHIN}, {size}",
               Found(unit.mean_days, unit.mean_days_low, unit.mean_days_high, of=unit.unit))  # fmt: skip
    closing = closing_in_time_by_unit(cases, like=["category", "complexity"], day=WITHIN, level=LEVEL,
                                      minimum_n=MINIMUM_N, units=UNIT_CODES)  # fmt: skip
    for code, ratio, ends in zip(UNIT_CODES, closing.funnel.ratio, closing.intervals(), strict=True):
        found = Found(None) if ends is None else Found(float(ratio), ends.low, ends.high, of=code)
        yield f"closing ratio, {_size(code)}", found._replace(of=code)


def _units(effort: Effort) -> list[Quantity]:
    counts = example_counts(effort)
    ratios = closing_limits(counts["seen at the extraction"], WITHIN)
    hazard = "Example, units: discrete-time hazard, standard case mix"
    closing = "Example, units: observed against expected ends (against its own limit)"
    found = []
    for size, codes in SIZES.items():
        of = {code: counts[f"unit {code}"] for code in codes}
        found += [
            Quantity(hazard, f"share within {WITHIN} days, {size}", {c: true_share(n, WITHIN) for c, n in of.items()},
                     truth_error=_pooled(share_error(n, WITHIN) for n in of.values())),
            Quantity(hazard, f"mean days within {WITHIN}, {size}", {c: true_mean(n, WITHIN) for c, n in of.items()},
                     truth_error=_pooled(mean_error(n, WITHIN) for n in of.values())),
            Quantity(closing, f"closing ratio, {size}", {code: ratios[code] for code in codes},
                     truth_error=_pooled(ratios[c] / np.sqrt(_ends(counts, c)) for c in codes)),
        ]  # fmt: skip
    return found


SIZES = {
    "3 small units": ("LX", "LO", "PDC"),
    "11 larger units": tuple(code for code in UNIT_CODES if code not in ("LX", "LO", "PDC")),
}


def _ends(counts: dict[str, np.ndarray], code: str) -> float:
    return float(counts["seen at the extraction"][0][:, UNIT_CODES.index(code), : WITHIN + 1].sum())


def _size(code: object) -> str:
    return next(size for size, codes in SIZES.items() if code in codes)


def _pooled(errors: Iterable[float]) -> float:
    """Return the error of the mean of independent truths."""
    given = list(errors)
    return float(np.sqrt(np.sum(np.square(given))) / len(given))


STUDIES = (
    Study("example: totals", _totals, _totals_once),
    Study("example: stages as delivered", _stages_as_delivered, _stages_as_delivered_once, share=0.3),
    Study("example: stages, all steps recorded", _stages_registered, _stages_registered_once, share=0.3),
    Study("example: units", _units, _units_once, share=0.3),
)
