"""Subjects and allegations: who, which act, what was found, what followed."""

import numpy as np
import pandas as pd

from data_contracts.example.history import draw_categories, gross
from data_contracts.example.plan import (
    CATEGORY_EFFECT,
    COMPLEXITY_EFFECT,
    CRIMINAL_OFFENCE,
    DEVIATION,
    DEVIATION_MILDER,
    DEVIATION_MOTIVATED,
    EXPRESSION_UNRECORDED,
    EXTRACTION_DAY,
    FLAGS,
    FUNCTIONS,
    INTERCEPT,
    MISCONDUCT,
    MORE_SUBJECTS,
    NEVER,
    NO_FOLLOW_UP_WITHOUT_MISCONDUCT,
    NO_MISCONDUCT,
    OBJECTION,
    OBJECTION_RESULT,
    PENALTY_COMPLEXITY,
    PENALTY_LETTERS,
    PENALTY_PRIOR,
    PENALTY_SCALE,
    PRIOR_EFFECT,
    PRIOR_MEAN,
    PRIORS_UNRECORDED,
    PROBATION,
    RANK_EFFECT,
    RANKS,
    SECOND_ALLEGATION,
    SUBJECT_KNOWN_WHEN_EXPLORATORY,
    TENURE,
    UNITS,
    Plan,
    choose,
    expit,
    logit,
    look_up,
)

SCALE_CODES = np.array([code for code, _conditional, _share in PENALTY_SCALE], dtype=object)
SCALE_CONDITIONAL = np.array([conditional for _code, conditional, _share in PENALTY_SCALE])
SCALE_CUTS = logit(np.cumsum([share for _code, _conditional, share in PENALTY_SCALE])[:-1])
WITHDRAWN_AFTER = 14  # days from objection to its withdrawal
DISMISSALS = ("j", "k", "ontslag_andere_grond")


def draw_subjects(cases: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Draw the persons of each case; `case` is the row of the case in the history."""
    n, kind = len(cases), cases["kind"].to_numpy()
    disciplinary = kind == "disciplinair"
    more = sum((disciplinary & (rng.random(n) < share)).astype(np.int64) for share in MORE_SUBJECTS)
    known = (kind != "orienterend") | (rng.random(n) < SUBJECT_KNOWN_WHEN_EXPLORATORY)
    case = np.repeat(np.arange(n), np.where(known, 1 + more, 0))
    subjects = pd.DataFrame({"case": case, "case_id": cases["case_id"].to_numpy()[case]})
    size = len(subjects)
    subjects["subject_id"] = _pseudonyms(size, rng)
    subjects["rank_band"] = choose(RANKS, size, rng)
    subjects["function_group"] = choose(FUNCTIONS, size, rng)
    subjects["tenure_band"] = choose(TENURE, size, rng)
    subjects["priors"] = rng.poisson(PRIOR_MEAN, size)
    unrecorded = rng.random(size) < PRIORS_UNRECORDED
    subjects["prior_measures"] = subjects["priors"].astype("Int64").mask(unrecorded)
    return subjects


def _pseudonyms(size: int, rng: np.random.Generator) -> np.ndarray:
    numbers = np.unique(rng.integers(0, 2**32, size=2 * size + 100, dtype=np.uint64))
    rng.shuffle(numbers)
    texts = pd.Series([f"{number:08x}" for number in numbers.tolist()], dtype="str")
    # Eight digits without a letter could pass for a citizen service number.
    return ("B-" + texts[~texts.str.fullmatch(r"[0-9]+")]).to_numpy()[:size]


def draw_allegations(cases: pd.DataFrame, subjects: pd.DataFrame, plan: Plan, rng: np.random.Generator) -> pd.DataFrame:
    """Draw the acts of each person and what an investigation would find; `subject` is a row of `subjects`."""
    case = subjects["case"].to_numpy()
    second = (cases["kind"].to_numpy()[case] == "disciplinair") & (rng.random(len(subjects)) < SECOND_ALLEGATION)
    subject = np.repeat(np.arange(len(subjects)), 1 + second)
    acts = pd.DataFrame({"subject": subject, "case": case[subject]})
    of_case = cases.iloc[acts["case"]].reset_index(drop=True)
    first = ~acts.duplicated("subject").to_numpy()
    acts["case_id"] = of_case["case_id"]
    acts["subject_id"] = subjects["subject_id"].to_numpy()[subject]
    number = (acts.groupby("case").cumcount() + 1).astype(str).str.zfill(2)
    acts["allegation_id"] = acts["case_id"] + "-" + number
    acts["category"] = np.where(first, of_case["category"], draw_categories(of_case, plan, rng))
    acts = _conduct(acts, of_case, rng)
    acts = _flags(acts, of_case, rng)
    person = subjects.iloc[subject].reset_index(drop=True)
    chance = expit(
        INTERCEPT
        + plan.outcome[of_case["unit_index"].to_numpy()]
        + look_up(CATEGORY_EFFECT, acts["category"].to_numpy())
        + look_up(COMPLEXITY_EFFECT, of_case["complexity"].to_numpy())
        + look_up(RANK_EFFECT, person["rank_band"].to_numpy())
        + PRIOR_EFFECT * person["priors"].to_numpy()
    )
    acts["misconduct"] = rng.random(len(acts)) < chance
    offence = of_case["criminal"].to_numpy() & (rng.random(len(acts)) < CRIMINAL_OFFENCE)
    found = np.where(offence, MISCONDUCT[1], MISCONDUCT[0])
    acts["would_find"] = np.where(acts["misconduct"], found, choose(NO_MISCONDUCT, len(acts), rng))
    return acts


def _conduct(acts: pd.DataFrame, of_case: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    n = len(acts)
    until = of_case["opened"].to_numpy() - np.floor(np.exp(rng.normal(2.3, 1.2, n))).astype(np.int64)
    lasted = np.where(rng.random(n) < 0.6, 0, np.floor(np.exp(rng.normal(3.5, 1.3, n)))).astype(np.int64)
    unknown = rng.random(n) < 0.04
    acts["conduct_to"] = np.where(unknown, NEVER, until)
    acts["conduct_from"] = np.where(unknown, NEVER, until - lasted)
    return acts


def _flags(acts: pd.DataFrame, of_case: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    n, disciplinary = len(acts), (of_case["kind"] == "disciplinair").to_numpy()
    for flag, share in FLAGS.items():
        acts[flag] = pd.array(rng.random(n) < share, dtype="boolean")
    acts["expression"] = acts["flag_expression"].to_numpy(dtype=bool) & disciplinary
    unrecorded = disciplinary & (rng.random(n) < EXPRESSION_UNRECORDED)
    acts["flag_expression"] = acts["expression"].astype("boolean")
    acts.loc[unrecorded, "flag_expression"] = pd.NA
    return acts


def draw_penalties(
    cases: pd.DataFrame, subjects: pd.DataFrame, acts: pd.DataFrame, plan: Plan, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the subjects with the penalty that follows when misconduct is found, and their objection."""
    n = len(subjects)
    of_case = cases.iloc[subjects["case"]].reset_index(drop=True)
    guilty = np.zeros(n, dtype=bool)
    guilty[acts.loc[acts["misconduct"], "subject"].to_numpy()] = True
    guilty &= (of_case["route"] == "full").to_numpy()
    severity = (
        look_up(PENALTY_COMPLEXITY, of_case["complexity"].to_numpy())
        + PENALTY_PRIOR * (subjects["priors"].to_numpy() - PRIOR_MEAN)
        + plan.penalty[of_case["unit_index"].to_numpy()]
        + rng.logistic(size=n)
    )
    advised = np.searchsorted(SCALE_CUTS, severity)
    milder = (rng.random(n) < DEVIATION_MILDER) | (advised == len(PENALTY_SCALE) - 1)
    shift = np.where(milder & (advised > 0), -1, 1) * (rng.random(n) < DEVIATION)
    first = advised + shift
    trainee = (subjects["rank_band"] == "aspirant_surveillant").to_numpy() & (rng.random(n) < 0.5)
    out = subjects.copy()
    out["guilty"] = guilty
    out["advised_penalty"] = _letters(advised, trainee)
    out["first_penalty"] = _letters(first, trainee)
    out["conditional"] = SCALE_CONDITIONAL[first]
    out["probation_months"] = np.where(
        out["conditional"], choose({str(k): v for k, v in PROBATION.items()}, n, rng), "0"
    ).astype(np.int64)
    letter = np.isin(out["first_penalty"], PENALTY_LETTERS)
    out["penalised"] = guilty & letter
    intended = letter | np.isin(out["advised_penalty"], PENALTY_LETTERS) | np.isin(out["first_penalty"], DISMISSALS)
    out["intended"] = guilty & intended
    out["motivated"] = rng.random(n) < DEVIATION_MOTIVATED
    return _objections(out, first, trainee, rng)


def _letters(place: np.ndarray, trainee: np.ndarray) -> np.ndarray:
    """Return the penalty at a place on the scale; a trainee is removed (k) instead of dismissed (j)."""
    dismissed = (SCALE_CODES[place] == "j") & ~SCALE_CONDITIONAL[place]
    return np.where(dismissed & trainee, "k", SCALE_CODES[place])


def _objections(
    subjects: pd.DataFrame, first: np.ndarray, trainee: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    n = len(subjects)
    dismissed = np.isin(subjects["first_penalty"], DISMISSALS) & ~subjects["conditional"].to_numpy()
    chance = np.where(dismissed, OBJECTION["dismissal"], OBJECTION["other"])
    subjects["objects"] = subjects["intended"].to_numpy() & (rng.random(n) < chance)
    result = choose(OBJECTION_RESULT, n, rng)
    subjects["objection_result"] = result
    # Two to four places milder on the scale; a conditional dismissal is passed over, so the letter always changes.
    milder = np.maximum(first - 2 - np.floor(rng.random(n) * 3).astype(np.int64), 0)
    milder = np.where(SCALE_CONDITIONAL[milder], milder - 1, milder)
    reduced = np.isin(result, ("gewijzigd", "vervangen_rechter"))
    final = np.where(reduced, _letters(milder, trainee), subjects["first_penalty"])
    final = np.where(result == "herroepen", "geen", final)
    subjects["final_penalty"] = np.where(subjects["objects"], final, subjects["first_penalty"])
    subjects["final_conditional"] = subjects["conditional"] & (subjects["final_penalty"] == subjects["first_penalty"])
    subjects["objected_after"] = 10 + np.floor(rng.random(n) * 32).astype(np.int64)
    answered = np.floor(np.exp(rng.normal(np.log(95), 0.35, n))).astype(np.int64)
    subjects["answered_after"] = np.where(result == "ingetrokken", WITHDRAWN_AFTER, answered)
    court = 150 + np.floor(np.exp(rng.normal(np.log(200), 0.4, n))).astype(np.int64)
    subjects["court_after"] = np.where(result == "vervangen_rechter", court, 0)
    return subjects


def close_cases(
    cases: pd.DataFrame, subjects: pd.DataFrame, acts: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the cases with the calendar day and manner of their end.

    A case in which no penalty is intended for anyone ends with its assessment: with a
    decision, or without misconduct sometimes without follow-up.
    """
    n = len(cases)
    misconduct, intended = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    misconduct[acts.loc[acts["misconduct"], "case"].to_numpy()] = True
    intended[subjects.loc[subjects["intended"], "case"].to_numpy()] = True
    route = cases["route"].to_numpy()
    full = route == "full"
    no_follow_up = full & ~misconduct & (rng.random(n) < NO_FOLLOW_UP_WITHOUT_MISCONDUCT)
    decided_at = np.where(intended, cases["besl"], cases["voorn"])
    ends = np.where(full, decided_at, cases["leaves"])
    exit_kind = np.where(full, "besluit", np.where(route == "early", "geen_vervolg", route))
    out = cases.copy()
    out["intended"] = intended
    out["ends_net"] = ends
    out["ends"] = _one_open_case_a_delivery(out, gross(cases, ends))
    out["exit_kind"] = np.where(no_follow_up, "geen_vervolg", exit_kind)
    out["closed"] = out["ends"] <= EXTRACTION_DAY
    return out


def _one_open_case_a_delivery(cases: pd.DataFrame, ends: np.ndarray) -> np.ndarray:
    """Leave the latest case of a delivery open when, by chance in a small example, none would be.

    A delivery without any open case looks like one of closed cases only.
    """
    ends = ends.copy()
    deliveries = np.array([unit.delivery for unit in UNITS], dtype=object)[cases["unit_index"].to_numpy()]
    latest_first = cases["opened"].sort_values(ascending=False, kind="stable").index
    for delivery in np.unique(deliveries):
        here = deliveries == delivery
        if (ends[here] <= EXTRACTION_DAY).all():
            ends[next(row for row in latest_first if here[row])] = NEVER
    return ends


def findings(cases: pd.DataFrame, acts: pd.DataFrame, plan: Plan, rng: np.random.Generator) -> pd.DataFrame:
    """Return the acts with the finding as recorded at the extraction moment (missing: case still open)."""
    of_case = cases.iloc[acts["case"]].reset_index(drop=True)
    exits, kind = of_case["exit_kind"].to_numpy(), of_case["kind"].to_numpy()
    full = (of_case["route"] == "full").to_numpy()
    otherwise = np.select(
        [exits == "eigen_ontslag", exits == "overgedragen"],
        ["beeindigd_eigen_ontslag", "overgedragen"],
        "geen_onderzoek",
    )
    finding = np.where(full & (kind == "disciplinair"), acts["would_find"], otherwise)
    unit = of_case["unit_index"].to_numpy()
    unrecorded = rng.random(len(cases))[acts["case"].to_numpy()] < plan.finding_unrecorded[unit]
    out = acts.copy()
    out["unrecorded"] = unrecorded & full
    finding = np.where(out["unrecorded"], "onbekend", finding)
    out["finding"] = pd.Series(finding, dtype="str").where(of_case["closed"].to_numpy())
    return out
