"""Outcome consistency: whether like cases are judged alike, whichever unit they come from.

The outcome is the finding: misconduct found or not, among allegations with a finding on
the substance. Units are compared with what their own mix of cases leads one to expect,
inside a funnel of chance; they are never ranked.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from statsmodels.stats.rates import confint_poisson

from data_contracts.case_files import CaseFiles
from evaluation.consistency import cards
from evaluation.period import period
from evaluation.proportion import Interval, Proportion
from evaluation.refusals import MINIMUM_N
from evaluation.scores import ModuleResult, Refusal, Score
from evaluation.units.case_mix import CaseMix, case_mix
from evaluation.units.funnel import Funnel, adjusted_funnel
from evaluation.units.random_intercept import RandomIntercept, random_intercept
from evaluation.units.separation import SeparationError

FOUND = ("plichtsverzuim_vastgesteld", "strafbaar_feit")
NOT_FOUND = ("geen_plichtsverzuim", "niet_vastgesteld")
UNKNOWN_FINDING = "onbekend"
PENALTIES = tuple("abcdefghijk")
COVARIATES = {
    "category": "allegations.category",
    "year": "cases.opened_on",
    "complexity": "cases.complexity",
    "rank_band": "subjects.rank_band",
    "prior_measures": "subjects.prior_measures",
}
FUNNEL_LEVELS = {"95": 0.95, "998": 0.998}
MINIMUM_UNITS = 5
NODES = 9
ALIKE = 5

MEASURE = "consistency.misconduct_found"
REGISTRATION = "consistency.registration"
PENALTY = "consistency.penalty_given_finding"
MODEL_BY_UNIT = {
    "observed_expected": "ratio",
    "adjusted_share": "share",
    "expected_share": "share",
    "funnel_low_95": "share",
    "funnel_high_95": "share",
    "funnel_low_998": "share",
    "funnel_high_998": "share",
    "reliability": "ratio",
}
SPREAD = {"sigma": "logit", "icc": "ratio", "median_odds_ratio": "odds_ratio"}


@dataclass(frozen=True)
class _About:
    """What every score of one evaluation has in common."""

    period: str
    as_of: date
    level: float

    def score(self, measure: str, statistic: str, group: str, estimate: float | None, unit: str, n: int,
              interval: Interval | None = None, numerator: int | None = None, denominator: int | None = None,
              refusal: str | None = None) -> Score:  # fmt: skip
        low, high = interval or (None, None)
        return Score(f"{measure}.{statistic}.{group}", estimate, unit, n, measure, self.period, self.as_of, low, high,
                     self.level if interval else None, None, numerator, denominator, refusal)  # fmt: skip

    def refuse(self, measure: str, statistic: str, group: str, unit: str, n: int, refusal: str) -> Score:
        return self.score(measure, statistic, group, None, unit, n, refusal=refusal)

    def share(self, measure: str, statistic: str, group: str, hits: int, n: int) -> Score:
        if n < MINIMUM_N:
            return self.refuse(measure, statistic, group, "share", n, "too_few")
        share = Proportion(hits, n)
        return self.score(measure, statistic, group, share.estimate, "share", n, share.interval(self.level), hits, n)


def evaluate(case_files: CaseFiles, *, as_of: date, level: float) -> ModuleResult:
    """Score how far the outcome of an investigation depends on the unit.

    *Estimand*: among allegations with a finding on the substance, the share with
    misconduct found; per unit that share against the one expected from category, year,
    complexity, rank band and prior measures (those that were delivered); over all units
    the spread that remains.

    Parameters
    ----------
    case_files : CaseFiles
        Cut at `as_of` (`case_files.at(as_of)`).
    as_of : date
        Reference date.
    level : float
        Confidence level of the intervals; the funnel is always 95 and 99.8 %.
    """
    about = _About(period(case_files, as_of), as_of, level)
    registration, refusals = _registration(case_files, about)
    for needed in ("allegations", "allegations.finding"):
        if not case_files.has(needed):
            return ModuleResult(
                module="consistency",
                scores=(about.refuse(MEASURE, "share", "all", "share", 0, "absent"), *registration),
                cards=(cards.misconduct_found((), tuple(COVARIATES), _disciplinary_only(case_files)),
                       *([cards.registration()] if registration else [])),
                refusals=(Refusal("consistency.misconduct_found", (needed,), cards.ABSENT[needed]), *refusals),
                case_scores=None,
            )  # fmt: skip

    judged = judged_allegations(case_files)
    units = sorted(_pool(case_files)["unit"].dropna().unique())
    used = tuple(name for name, column in COVARIATES.items() if case_files.has(column) and name in judged)
    scores = [*_crude(judged, units, about), *registration]
    mix, why_not = _expected(judged, used)
    scores += _by_unit(judged, units, mix, why_not, about)
    scores += _spread(judged, units, mix, why_not, about)
    penalty_scores, penalty_refusals = _penalty(case_files, judged, units, about)
    shown = [cards.misconduct_found(used, tuple(name for name in COVARIATES if name not in used),
                                    _disciplinary_only(case_files))]  # fmt: skip
    shown += [cards.registration()] if registration else []
    shown += [cards.penalty_given_finding(_disciplinary_only(case_files))] if penalty_scores else []
    return ModuleResult(
        module="consistency",
        scores=(*scores, *penalty_scores),
        cards=tuple(shown),
        refusals=(*refusals, *penalty_refusals),
        case_scores=case_scores(judged, mix) if mix else None,
    )


def judged_allegations(case_files: CaseFiles) -> pd.DataFrame:
    """Return the allegations with a finding on the substance, with their case's facts.

    Columns: `allegation_id, case_id, subject_id, unit, finding, found, penalty` and the
    covariates of `COVARIATES` as text (missing where not delivered).
    """
    allegations = case_files.allegations
    if allegations is None:
        raise ValueError("no allegations")
    rows = allegations[allegations["finding"].isin(FOUND + NOT_FOUND)]
    rows = rows.drop(columns="category").assign(category=_category(case_files, rows))
    facts = _pool(case_files)[["case_id", "unit", "opened_on", "complexity"]].drop_duplicates("case_id")
    frame = rows.merge(facts, on="case_id", how="inner", validate="many_to_one")
    frame = frame.merge(_subject_facts(case_files), on=["case_id", "subject_id"], how="left", validate="many_to_one")
    frame["found"] = frame["finding"].isin(FOUND)
    frame["year"] = frame["opened_on"].dt.year.astype("Int64").astype("string")
    final, first = (frame.get(name, pd.Series(pd.NA, index=frame.index)) for name in ("final_penalty", "first_penalty"))
    frame["penalty"] = final.where(final.notna(), first)
    kept = ["allegation_id", "case_id", "subject_id", "unit", "finding", "found", "penalty", *COVARIATES]
    return frame[kept].sort_values(["case_id", "allegation_id"], ignore_index=True)


def _category(case_files: CaseFiles, rows: pd.DataFrame) -> pd.Series:
    """Return the category of the allegation; where it has none, that of its case."""
    of_case = case_files.cases.drop_duplicates("case_id").set_index("case_id")["category"]
    return rows["category"].where(rows["category"].notna(), rows["case_id"].map(of_case))


def _subject_facts(case_files: CaseFiles) -> pd.DataFrame:
    subjects = case_files.subjects
    if subjects is None:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in
                             ("case_id", "subject_id", "rank_band", "prior_measures")})  # fmt: skip
    facts = subjects[["case_id", "subject_id", "rank_band"]].copy()
    prior = subjects["prior_measures"].astype("Int64")
    facts["prior_measures"] = prior.clip(upper=2).astype("string").replace("2", "2+")
    return facts.dropna(subset=["case_id", "subject_id"]).drop_duplicates(["case_id", "subject_id"])


def _disciplinary_only(case_files: CaseFiles) -> bool:
    return bool((case_files.cases["kind"] == "disciplinair").any()) and case_files.has("cases.kind")


def _pool(case_files: CaseFiles) -> pd.DataFrame:
    """Return the investigations that count: disciplinary ones, where the kind was delivered."""
    cases = case_files.cases
    return cases[cases["kind"] == "disciplinair"] if _disciplinary_only(case_files) else cases


def _crude(judged: pd.DataFrame, units: list[str], about: _About) -> list[Score]:
    groups = [("all", judged)]
    groups += [(f"unit={unit.lower()}", judged[judged["unit"] == unit]) for unit in units]
    groups += [(f"year={year}", judged[judged["year"] == year]) for year in sorted(judged["year"].dropna().unique())]
    return [about.share(MEASURE, "share", group, int(rows["found"].sum()), len(rows)) for group, rows in groups]


def _expected(judged: pd.DataFrame, used: tuple[str, ...]) -> tuple[CaseMix | None, str | None]:
    """Return the case-mix model, or the key of the reason why there is none."""
    rows = judged[judged["unit"].notna()]
    if len(rows) < MINIMUM_N:
        return None, "too_few"
    if rows["found"].nunique() < 2:
        return None, "no_variation"
    if rows["unit"].nunique() < 2:
        return None, "not_estimable"
    try:
        return case_mix(rows["found"], rows["unit"], rows[list(used)], minimum_n=MINIMUM_N), None
    except SeparationError:
        return None, "separation"


def unit_funnel(mix: CaseMix, units: list[str]) -> Funnel:
    """Return the funnel of the observed against the expected counts of `units`."""
    parts = [mix.cells[mix.cells["unit"] == unit] for unit in units]
    return adjusted_funnel(
        [int(part["successes"].sum()) for part in parts],
        [part["probability"].to_numpy() for part in parts],
        [part["trials"].to_numpy() for part in parts],
        minimum_n=MINIMUM_N,
    )


def _by_unit(
    judged: pd.DataFrame, units: list[str], mix: CaseMix | None, why_not: str | None, about: _About
) -> list[Score]:
    sizes = {unit: int((judged["unit"] == unit).sum()) for unit in units}
    if mix is None:
        n = len(judged)
        refused = [
            about.refuse(MEASURE, statistic, f"unit={unit.lower()}", kind, sizes[unit],
                         "too_few" if sizes[unit] < MINIMUM_N else str(why_not))
            for unit in units for statistic, kind in MODEL_BY_UNIT.items()
        ]  # fmt: skip
        return refused + [about.refuse(MEASURE, f"outside_{key}", "all", "count", n, str(why_not))
                          for key in FUNNEL_LEVELS]  # fmt: skip

    funnel = unit_funnel(mix, units)
    limits = {key: funnel.limits(level) for key, level in FUNNEL_LEVELS.items()}
    tau2 = funnel.dispersion().tau2
    scores = []
    for at, unit in enumerate(units):
        group, n = f"unit={unit.lower()}", sizes[unit]
        if not funnel.judged[at]:
            scores += [about.refuse(MEASURE, s, group, kind, n, "too_few" if n < MINIMUM_N else "no_variation")
                       for s, kind in MODEL_BY_UNIT.items()]  # fmt: skip
            continue
        share = Proportion(int(funnel.observed[at]), n)
        per_share = n / float(funnel.expected[at])
        ratio = Interval(*(end * per_share for end in share.interval(about.level)))
        estimate = float(funnel.ratio[at])
        scores += [
            about.score(MEASURE, "observed_expected", group, estimate, "ratio", n, ratio),
            about.score(MEASURE, "adjusted_share", group, _as_share(estimate, funnel), "share", n,
                        Interval(*(_as_share(end, funnel) for end in ratio))),
            about.score(MEASURE, "expected_share", group, float(funnel.expected[at]) / n, "share", n),
            about.refuse(MEASURE, "reliability", group, "ratio", n, "not_estimable") if tau2 is None else
            about.score(MEASURE, "reliability", group, float(funnel.reliability(tau2)[at]), "ratio", n),
        ]  # fmt: skip
        for key, (low, high) in limits.items():
            scores.append(about.score(MEASURE, f"funnel_low_{key}", group, _as_share(low[at], funnel), "share", n))
            scores.append(about.score(MEASURE, f"funnel_high_{key}", group, _as_share(high[at], funnel), "share", n))
    n = int(funnel.size[funnel.judged].sum())
    for key, level in FUNNEL_LEVELS.items():
        outside = int(funnel.outside(level).sum())
        scores.append(
            about.score(MEASURE, f"outside_{key}", "all", outside, "count", n)
            if funnel.judged.sum() >= 2
            else about.refuse(MEASURE, f"outside_{key}", "all", "count", n, "too_few")
        )
    return scores


def _as_share(ratio: float, funnel: Funnel) -> float:
    """Turn observed / expected into an adjusted share; an indirect rate can pass 1, a share cannot."""
    return min(1.0, float(ratio) * funnel.target)


def unit_spread(mix: CaseMix, *, level: float) -> RandomIntercept:
    """Return the spread between units that is left after the case mix."""
    cells = mix.cells
    return random_intercept(
        cells["successes"].to_numpy(), cells["trials"].to_numpy(), mix.design, cells["unit"].to_numpy(str),
        nodes=NODES, level=level,
    )  # fmt: skip


def _spread(
    judged: pd.DataFrame, units: list[str], mix: CaseMix | None, why_not: str | None, about: _About
) -> list[Score]:
    sizes = {unit: int((judged["unit"] == unit).sum()) for unit in units}
    fit, refusal = None, why_not
    if mix is not None:
        try:
            fit = unit_spread(mix, level=about.level) if mix.cells["unit"].nunique() >= MINIMUM_UNITS else None
            refusal = None if fit else "not_estimable"
        except SeparationError:
            refusal = "separation"
    if fit is not None and not np.isfinite(fit.sigma_interval.high):
        fit, refusal = None, "not_estimable"
    n = len(judged)
    effects = "shrunken_odds_ratio"
    if fit is None:
        return [about.refuse(MEASURE, s, "all", kind, n, str(refusal)) for s, kind in SPREAD.items()] + [
            about.refuse(MEASURE, effects, f"unit={unit.lower()}", "odds_ratio", sizes[unit],
                         "too_few" if sizes[unit] < MINIMUM_N else str(refusal)) for unit in units
        ]  # fmt: skip

    values = {
        "sigma": (fit.sigma, fit.sigma_interval),
        "icc": (fit.icc, fit.icc_interval),
        "median_odds_ratio": (fit.median_odds_ratio, fit.median_odds_ratio_interval),
    }
    scores = [about.score(MEASURE, s, "all", values[s][0], SPREAD[s], fit.n, values[s][1]) for s in SPREAD]
    odds_ratios = _odds_ratios(fit)
    for unit in units:
        group, size = f"unit={unit.lower()}", sizes[unit]
        if size < MINIMUM_N:
            scores.append(about.refuse(MEASURE, effects, group, "odds_ratio", size, "too_few"))
        else:
            estimate, interval = odds_ratios[unit]
            scores.append(about.score(MEASURE, effects, group, estimate, "odds_ratio", size, interval))
    return scores


def _odds_ratios(fit: RandomIntercept) -> dict[str, tuple[float, Interval | None]]:
    lows, highs = fit.effects_interval
    if fit.sigma == 0:
        return dict.fromkeys(fit.units, (1.0, None))
    rows = zip(fit.units, np.exp(fit.effects), np.exp(lows), np.exp(highs), strict=True)
    return {unit: (float(effect), Interval(float(low), float(high))) for unit, effect, low, high in rows}


def _registration(case_files: CaseFiles, about: _About) -> tuple[list[Score], list[Refusal]]:
    """Return the registration guard: what a unit writes down at all, beside every comparison."""
    cases = _pool(case_files)
    units = sorted(cases["unit"].dropna().unique())
    scores, refusals = [], []
    staffing, signals = case_files.staffing, case_files.signals
    if staffing is not None and case_files.has("staffing.headcount"):
        if case_files.has("cases.opened_on"):
            scores += _per_1000("investigations_per_1000", cases, "opened_on", units, staffing, about)
        if signals is not None and case_files.has("signals.received_on"):
            scores += _per_1000("signals_per_1000", signals, "received_on", units, staffing, about)
    missing = tuple(t for t in ("staffing", "signals") if not case_files.has(t))
    if missing:
        refusals.append(Refusal(REGISTRATION, missing, cards.REGISTRATION_ABSENT[missing]))
    if case_files.allegations is not None and case_files.has("allegations.finding"):
        closed = cases[cases["closed_on"].notna()] if case_files.has("cases.closed_on") else cases
        scores += _missing_finding(case_files.allegations, closed, units, about)
    return scores, refusals


def _per_1000(
    statistic: str, events: pd.DataFrame, day: str, units: list[str], staffing: pd.DataFrame, about: _About
) -> list[Score]:
    """Return events per 1,000 staff-years, over the whole calendar years of the period with a headcount."""
    first, last = (date.fromisoformat(end) for end in about.period.split("/"))
    whole = [y for y in staffing["year"].dropna().unique() if date(y, 1, 1) >= first and date(y, 12, 31) <= last]
    staffed = staffing[staffing["year"].isin(whole) & (staffing["headcount"] > 0)]
    heads = staffed.groupby(["unit", "year"])["headcount"].sum()
    counted = events.assign(year=events[day].dt.year).groupby(["unit", "year"]).size()
    counted = counted[counted.index.isin(heads.index)].groupby("unit").sum()
    heads = heads.groupby("unit").sum()
    scores = []
    for unit in units:
        group, count, exposure = f"unit={unit.lower()}", int(counted.get(unit, 0)), int(heads.get(unit, 0))
        if not exposure or count < MINIMUM_N:
            reason = "too_few" if exposure else "absent"
            scores.append(about.refuse(REGISTRATION, statistic, group, "ratio", count, reason))
            continue
        low, high = confint_poisson(count, exposure, method="score", alpha=1 - about.level)
        interval = Interval(1000 * float(low), 1000 * float(high))
        scores.append(about.score(REGISTRATION, statistic, group, 1000 * count / exposure, "ratio", count, interval,
                                  count, exposure))  # fmt: skip
    return scores


def _missing_finding(allegations: pd.DataFrame, closed: pd.DataFrame, units: list[str], about: _About) -> list[Score]:
    """Return the share of allegations of closed investigations without a finding: missing, or registered as unknown."""
    rows = allegations.merge(closed[["case_id", "unit"]].drop_duplicates("case_id"), on="case_id")
    missing = rows["finding"].isna() | (rows["finding"] == UNKNOWN_FINDING)
    counts = missing.groupby(rows["unit"]).agg(["sum", "size"])
    return [
        about.share(REGISTRATION, "missing_finding", f"unit={unit.lower()}",
                    *(map(int, counts.loc[unit]) if unit in counts.index else (0, 0)))
        for unit in units
    ]  # fmt: skip


def _penalty(
    case_files: CaseFiles, judged: pd.DataFrame, units: list[str], about: _About
) -> tuple[list[Score], list[Refusal]]:
    if not (case_files.has("allegations.final_penalty") or case_files.has("allegations.first_penalty")):
        needs = ("allegations.final_penalty", "allegations.first_penalty")
        return [], [Refusal("consistency.penalty", needs, cards.PENALTY_ABSENT)]
    known = judged[judged["found"] & judged["penalty"].notna()]
    groups = [("all", known), *((f"unit={unit.lower()}", known[known["unit"] == unit]) for unit in units)]
    return [
        about.share(PENALTY, "share", group, int(rows["penalty"].isin(PENALTIES).sum()), len(rows))
        for group, rows in groups
    ], []


def case_scores(judged: pd.DataFrame, mix: CaseMix) -> pd.DataFrame:
    """Return, per allegation, how usual its finding was. Confidential; for choosing dossiers.

    `value` is the model probability of the outcome that was given, `reference` the share
    of the most alike allegations (same category, nearest model probability, another
    case) with that outcome, `note` those allegations with their findings.
    """
    rows = judged[judged["unit"].notna()].reset_index(drop=True)
    given = np.where(rows["found"], mix.probability, 1 - mix.probability)
    alike = most_alike(rows["category"], mix.probability, rows["case_id"])
    exists = alike >= 0
    same = (rows["found"].to_numpy()[alike] == rows["found"].to_numpy()[:, None]) & exists
    names = (rows["allegation_id"].astype(str) + ":" + rows["finding"].astype(str)).to_numpy(str)
    return pd.DataFrame(
        {
            "module": "consistency",
            "measure": "misconduct_found",
            "case_id": rows["case_id"],
            "subject_id": rows["subject_id"],
            "allegation_id": rows["allegation_id"],
            "value": given,
            "reference": np.where(exists.any(axis=1), same.sum(axis=1) / np.maximum(exists.sum(axis=1), 1), np.nan),
            "note": [" ".join(names[line[line >= 0]]) for line in alike],
        }
    )


def most_alike(category: pd.Series, probability: np.ndarray, case_id: pd.Series) -> np.ndarray:
    """Return the row numbers of the `ALIKE` nearest rows of each row; -1 where there are fewer.

    Nearest in model probability, within the category, never of the same case. Looked for
    among the neighbours in sorted order, so the cost grows with n log n.

    Returns
    -------
    array of int, shape (rows, ALIKE)
    """
    kind, case = pd.factorize(category)[0], pd.factorize(case_id)[0]
    order = np.lexsort((np.arange(len(kind)), probability, kind))
    shifts = np.array([step for step in range(-2 * ALIKE, 2 * ALIKE + 1) if step])
    place = np.arange(len(order))[:, None] + shifts
    inside = (place >= 0) & (place < len(order))
    neighbour = order[np.where(inside, place, 0)]
    own = order[:, None]
    allowed = inside & (kind[neighbour] == kind[own]) & (case[neighbour] != case[own])
    distance = np.where(allowed, np.abs(probability[neighbour] - probability[own]), np.inf)
    nearest = np.argsort(distance, axis=1, kind="stable")[:, :ALIKE]
    found = np.where(np.take_along_axis(allowed, nearest, axis=1), np.take_along_axis(neighbour, nearest, axis=1), -1)
    result = np.empty_like(found)
    result[order] = found
    return result
