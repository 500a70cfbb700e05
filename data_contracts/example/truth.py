"""The planted truth, as plain data that JSON can hold."""

from typing import Any

import numpy as np

from data_contracts.example import plan as planted
from data_contracts.example.plan import Plan


def planted_truth(plan: Plan, *, seed: int) -> dict[str, Any]:
    """Return everything that was planted; effects by unit as drawn, the rest as declared."""
    return {
        "about": "Synthetic. Every number is invented; units are those of the code list and mean nothing here.",
        "seed": seed,
        "cases_per_year": plan.cases_per_year,
        "extracted_at": planted.EXTRACTED_AT,
        "period": [planted.PERIOD_START, planted.PERIOD_END],
        "delivering_units": list(planted.DELIVERING_UNITS),
        "delivered_by": {unit.code: unit.delivery for unit in planted.UNITS},
        "duration": _duration(plan),
        "exits": {
            "disciplinair": planted.ROUTES,
            "no_follow_up_without_misconduct": planted.NO_FOLLOW_UP_WITHOUT_MISCONDUCT,
            **planted.OTHER_EXITS,
        },
        "outcome": _outcome(plan),
        "penalty": _penalty(plan),
        "steps": _steps(plan),
        "order_measures": {
            "share_by_complexity": planted.ORDER_MEASURE,
            "kinds": planted.ORDER_KINDS,
            "overlong": planted.ORDER_OVERLONG,
            "days_by_decision": planted.ORDER_DAYS,
        },
        "reviews": _reviews(),
        "registration": _registration(plan),
    }


def _by_unit(values: np.ndarray) -> dict[str, float]:
    return {unit.code: round(float(value), 6) for unit, value in zip(planted.UNITS, values, strict=True)}


def _mix_by_unit(codes: dict[str, float], rows: np.ndarray) -> dict[str, dict[str, float]]:
    return {
        unit.code: {code: round(float(share), 6) for code, share in zip(codes, row, strict=True)}
        for unit, row in zip(planted.UNITS, rows, strict=True)
    }


def _parameters(stages: dict[str, tuple[float, float, int]]) -> dict[str, dict[str, float]]:
    return {stage: {"median_days": m, "sigma_log": s, "least_days": least} for stage, (m, s, least) in stages.items()}


def _duration(plan: Plan) -> dict[str, Any]:
    median, sigma = planted.SUSPENSION
    return {
        "model": "days = round(unit_factor * year_factor * complexity_factor * median_days * exp(sigma_log * z)), "
        "at least least_days; net of every suspension, whatever its reason; stages intake, fact_finding, assessment "
        "and, if a penalty is intended, decision",
        "stages": _parameters(planted.STAGES),
        "other_kinds": {kind: _parameters(stages) for kind, stages in planted.OTHER_KINDS.items()},
        "unit_sigma_log": planted.UNIT_DURATION_SIGMA,
        "unit_factor": _by_unit(plan.duration),
        "year_factor": {str(year): factor for year, factor in planted.YEAR_FACTOR.items()},
        "complexity_factor": planted.COMPLEXITY_FACTOR,
        "suspension": {
            "median_days": median,
            "sigma_log": sigma,
            "criminal_track_by_complexity": planted.CRIMINAL_TRACK,
            "when_criminal": planted.SUSPENDED_WHEN_CRIMINAL,
            "otherwise": planted.SUSPENDED_OTHERWISE,
            "overlapping": planted.OVERLAPPING,
        },
    }


def _outcome(plan: Plan) -> dict[str, Any]:
    return {
        "model": "logit P(misconduct) per allegation of a disciplinary investigation that runs its course = "
        "intercept + unit_effect + category_effect + complexity_effect + rank_effect + prior_effect * prior_measures",
        "misconduct": list(planted.MISCONDUCT),
        "no_misconduct": planted.NO_MISCONDUCT,
        "intercept": planted.INTERCEPT,
        "unit_sigma": planted.UNIT_OUTCOME_SIGMA,
        "unit_effect": _by_unit(plan.outcome),
        "category_effect": planted.CATEGORY_EFFECT,
        "complexity_effect": planted.COMPLEXITY_EFFECT,
        "rank_effect": planted.RANK_EFFECT,
        "prior_effect": planted.PRIOR_EFFECT,
        "criminal_offence_when_misconduct_on_criminal_track": planted.CRIMINAL_OFFENCE,
    }


def _penalty(plan: Plan) -> dict[str, Any]:
    return {
        "model": "ordered logit on scale: severity = unit_effect + complexity_effect "
        "+ prior_effect * (prior_measures - prior_mean)",
        "scale": [{"code": c, "conditional": cond, "share": share} for c, cond, share in planted.PENALTY_SCALE],
        "unit_sigma": planted.UNIT_PENALTY_SIGMA,
        "unit_effect": _by_unit(plan.penalty),
        "complexity_effect": planted.PENALTY_COMPLEXITY,
        "prior_effect": planted.PENALTY_PRIOR,
        "prior_mean": planted.PRIOR_MEAN,
        "deviation_from_advice": planted.DEVIATION,
        "deviation_milder": planted.DEVIATION_MILDER,
        "deviation_motivated": planted.DEVIATION_MOTIVATED,
        "objection": planted.OBJECTION,
        "objection_result": planted.OBJECTION_RESULT,
    }


def _steps(plan: Plan) -> dict[str, Any]:
    return {
        "model": "a step that applies is not recorded with expit(logit(not_recorded) + unit shift + shift from 2021); "
        "of the recorded, not_done; of the done, undated by unit",
        "probability": {step: {"not_recorded": nr, "not_done": nd} for step, (nr, nd) in planted.STEPS.items()},
        "unit_not_recorded_sigma": planted.UNIT_NOT_RECORDED_SIGMA,
        "unit_not_recorded_shift": _by_unit(plan.not_recorded),
        "not_recorded_shift_from_2021": planted.NOT_RECORDED_FROM_2021,
        "unit_undated": _by_unit(plan.undated),
        "applies": planted.APPLIES,
        "written_when_not_applicable": planted.NOT_APPLICABLE_WRITTEN,
        "zienswijze_waived": planted.ZIENS_WAIVED,
        "evidence": planted.EVIDENCE,
        "order_faults": planted.ORDER_FAULTS,
    }


def _reviews() -> dict[str, Any]:
    return {
        "dossiers": planted.REVIEW_DOSSIERS,
        "readings_by_dossier": 2,
        "readers": list(planted.REVIEWERS),
        "share_truly_sufficient": planted.REVIEW_ITEMS,
        "reader_accuracy": planted.READER_ACCURACY,
        "not_rated": planted.NOT_RATED,
        "agreement_when_both_rated": planted.READER_ACCURACY**2 + (1 - planted.READER_ACCURACY) ** 2,
    }


def _registration(plan: Plan) -> dict[str, Any]:
    return {
        "headcount": {unit.code: unit.headcount for unit in planted.UNITS},
        "case_rate": {unit.code: unit.case_rate for unit in planted.UNITS},
        "signal_registration": {unit.code: unit.signal_registration for unit in planted.UNITS},
        "signals_by_case": planted.SIGNALS_PER_CASE,
        "year_weight": {str(year): weight for year, weight in planted.YEAR_WEIGHT.items()},
        "finding_unrecorded": _by_unit(plan.finding_unrecorded),
        "expression_unrecorded": planted.EXPRESSION_UNRECORDED,
        "priors_unrecorded": planted.PRIORS_UNRECORDED,
        "criminal_track_unrecorded": planted.CRIMINAL_TRACK_UNRECORDED,
        "complexity_mix": _mix_by_unit(planted.COMPLEXITY, plan.complexity),
        "category_mix_before": _mix_by_unit(planted.CATEGORIES_BEFORE, plan.categories_before),
        "category_mix_from": _mix_by_unit(planted.CATEGORIES_FROM, plan.categories_from),
    }
