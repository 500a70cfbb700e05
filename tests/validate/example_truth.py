"""The truth of the example delivery, from the generator itself: every case followed to its end.

The generator draws the whole history of a case before a delivery cuts it at the
extraction. Here the same plan is drawn with a hundred times as many cases a year, nothing
is cut, and days are counted: quantiles, shares and means are read from the counts. None
of the estimators under study takes part in a truth; where a *limit* is asked for (what a
method would give with practically unlimited data), its formula is written out on the
counts, except for Cox's regression.

A plan holds the effects of the units and their case mix; the seed of `example_tables`
draws one first. What is true of "all units" is different for every plan: the study fixes
one plan, and draws its cases anew in every repetition.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from data_contracts.example.history import draw_history, gross
from data_contracts.example.people import close_cases, draw_allegations, draw_penalties, draw_subjects
from data_contracts.example.plan import (
    CATEGORIES_BEFORE,
    CATEGORIES_FROM,
    COMPLEXITY,
    EXTRACTION_DAY,
    UNITS,
    YEAR_WEIGHT,
    Plan,
    day,
    draw_plan,
)
from data_contracts.example.registers import draw_order_measures
from data_contracts.example.steps import plan_steps
from evaluation.survival.cox import cox
from validate.performance import Effort

PLAN_SEED = 20
CASES_PER_YEAR = 250
CHUNK_PER_YEAR = 20_000  # disciplinary cases a year in one chunk of the truth
TRUTH_SEED = 7
DAYS = 6_000  # nothing in the example lasts longer; what would is counted on the last day

EARLIER_AS_OF, PERIOD_FROM, BREAK_ON = "2018-12-31", "2019-01-01", "2020-11-12"
WITHIN = 365
GROUPS = ("all", "2024", "2025", "until 2018", "from 2019")
STAGES = ("intake", "fact_finding", "assessment", "decision")
EXITS = ("besluit", "geen_vervolg", "eigen_ontslag", "overgedragen", "ingetrokken")
UNIT_CODES = tuple(unit.code for unit in UNITS)
CATEGORIES = (*CATEGORIES_BEFORE, *CATEGORIES_FROM)
LIKE = tuple(f"{category}/{complexity}" for category in CATEGORIES for complexity in COMPLEXITY)

Counts = dict[str, np.ndarray]


def fixed_plan() -> Plan:
    """Return the plan of the study."""
    return draw_plan(CASES_PER_YEAR, np.random.default_rng(PLAN_SEED))


def whole_course(plan: Plan, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return cases with their end, persons and acts, as the generator draws them before it cuts anything."""
    cases = draw_history(plan, rng)
    cases["inquiry"] = False
    subjects = draw_subjects(cases, rng)
    acts = draw_allegations(cases, subjects, plan, rng)
    subjects = draw_penalties(cases, subjects, acts, plan, rng)
    return close_cases(cases, subjects, acts, rng), subjects, acts


def chunk_counts(number: int) -> Counts:
    """Return numbers of cases by length in days, of one chunk of the truth."""
    rng = np.random.default_rng([PLAN_SEED, TRUTH_SEED, number])
    plan = replace(fixed_plan(), cases_per_year=CHUNK_PER_YEAR)
    everyone, subjects, acts = whole_course(plan, rng)
    cases = everyone[everyone["kind"] == "disciplinair"].reset_index(drop=True)
    lengths = _lengths(cases)
    counts: Counts = {}
    for group, members in _members(cases).items():
        for clock in ("gross", "net"):
            counts[f"{clock}, {group}"] = _by_day(lengths[clock][members])
    for exit_kind in EXITS:
        counts[f"exit {exit_kind}"] = _by_day(lengths["gross"][cases["exit_kind"].to_numpy() == exit_kind])
    for stage, days in _stages(cases).items():
        counts[f"stage {stage}"] = _by_day(days)
    complaints = everyone[everyone["kind"] == "klacht"]
    counts["complaint"] = _by_day((complaints["ends"] - complaints["opened"]).to_numpy())
    if number == 0:  # many steps to draw for one number
        counts["uncertainty"] = _by_day(_uncertainty(everyone, subjects, acts, rng))
    counts["seen at the extraction"] = _seen(cases, lengths["gross"])
    return counts | _standard_units(plan, rng)


@cache
def example_counts(effort: Effort) -> Counts:
    """Return the counts of all chunks together."""
    return added(effort.mapper(chunk_counts, range(effort.chunks)))


def added(parts: Iterable[Counts]) -> Counts:
    """Return the sum of counts."""
    total: Counts = {}
    for part in parts:
        for name, counts in part.items():
            total[name] = total[name] + counts if name in total else counts
    return total


def true_quantile(counts: np.ndarray, share: float) -> float:
    """Return the first day by which at least `share` has ended."""
    return float(np.searchsorted(np.cumsum(counts) / counts.sum(), share - 1e-12))


def true_share(counts: np.ndarray, within: int) -> float:
    """Return the share that ended within some days."""
    return float(counts[: within + 1].sum() / counts.sum())


def true_mean(counts: np.ndarray, until: int) -> float:
    """Return the mean of the smaller of length and `until`; a length of nought counts half a day, by the rule."""
    length = np.minimum(np.maximum(np.arange(len(counts)), 0.5), until)
    return float(length @ counts / counts.sum())


def share_error(counts: np.ndarray, within: int) -> float:
    """Return the Monte Carlo error of `true_share`."""
    share = true_share(counts, within)
    return float(np.sqrt(share * (1 - share) / counts.sum()))


def quantile_error(counts: np.ndarray, share: float) -> float:
    """Return the Monte Carlo error of `true_quantile`, with the density in the ten days around it."""
    place, n = int(true_quantile(counts, share)), counts.sum()
    density = counts[max(place - 5, 0) : place + 6].sum() / 11 / n
    return float(np.sqrt(share * (1 - share) / n) / density)


def mean_error(counts: np.ndarray, until: int) -> float:
    """Return the Monte Carlo error of `true_mean`."""
    length = np.minimum(np.arange(len(counts)), until)
    mean = length @ counts / counts.sum()
    return float(np.sqrt(((length - mean) ** 2) @ counts) / counts.sum())


def closing_limits(seen: np.ndarray, within: int) -> dict[str, float]:
    """Return, by unit, ends within some days over those expected at the pace of like cases, at the extraction.

    Per stratum and day: ends of all units, times the unit's share of the cases in view.
    """
    ended, left = seen
    gone = np.cumsum(ended + left, axis=-1)
    at_risk = gone[..., -1:] - np.concatenate([np.zeros_like(gone[..., :1]), gone[..., :-1]], axis=-1)
    total, everyone = ended.sum(axis=1, keepdims=True), at_risk.sum(axis=1, keepdims=True)
    share = np.divide(at_risk, everyone, out=np.zeros_like(at_risk), where=everyone > 0)
    inside = slice(0, within + 1)
    expected = (total * share)[..., inside].sum(axis=(0, 2))
    observed = ended[..., inside].sum(axis=(0, 2))
    return dict(zip(UNIT_CODES, (observed / expected).tolist(), strict=True))


def cox_limits(seen: np.ndarray) -> dict[str, float]:
    """Return the log hazard ratios of complexity to which the fit leads with unlimited data."""
    rows = []
    for event, table in zip((True, False), seen.sum(axis=2), strict=True):
        like, days = np.nonzero(table)
        rows.append(pd.DataFrame({"like": like, "days": days, "event": event, "n": table[like, days]}))
    table = pd.concat(rows, ignore_index=True)
    complexity = pd.Series(list(LIKE))[table["like"]].str.split("/").str[1].to_numpy()
    x = pd.DataFrame({"licht": complexity == "licht", "zwaar": complexity == "zwaar"})
    found = cox(x, table["days"], table["event"], weight=table["n"], level=0.95)
    return dict(zip(found.coefficients["covariate"], found.coefficients["coefficient"], strict=True))


def _members(cases: pd.DataFrame) -> Mapping[str, np.ndarray]:
    opened, year = cases["opened"].to_numpy(), cases["year"].to_numpy()
    return {
        "all": np.full(len(cases), True),
        "2024": year == 2024,
        "2025": year == 2025,
        "until 2018": opened <= day(EARLIER_AS_OF),
        "from 2019": opened >= day(PERIOD_FROM),
        "opened before the date": opened + WITHIN < day(BREAK_ON),
        "opened after the date": opened >= day(BREAK_ON),
    }


def _lengths(cases: pd.DataFrame) -> dict[str, np.ndarray]:
    length = (cases["ends"] - cases["opened"]).to_numpy()
    # A suspension that began before the end has wholly passed by then: it pushed the end back.
    stopped = (cases["suspended_at"] < cases["ends_net"]) & (cases["suspension_reason"] == "strafrechtelijk")
    return {"gross": length, "net": length - cases["suspended_days"].where(stopped, 0).to_numpy()}


def _stages(cases: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the days of each stage, to its own end or that of the case, of the cases that came into it."""
    ends = cases["ends"].to_numpy()
    steps = ("opdr", "rapp", "voorn", "besl")
    moments = [cases["opened"].to_numpy(), *(gross(cases, cases[step].to_numpy()) for step in steps)]
    began = [moment <= ends for moment in moments]
    began[3] = began[3] & cases["intended"].to_numpy()  # without it the case is decided at the end of the assessment
    pairs = zip(STAGES, moments[:-1], moments[1:], began[:-1], strict=True)
    return {stage: (np.minimum(until, ends) - start)[here] for stage, start, until, here in pairs}


def _uncertainty(
    cases: pd.DataFrame, subjects: pd.DataFrame, acts: pd.DataFrame, rng: np.random.Generator
) -> np.ndarray:
    """Return, of each person notified, the days from notification or order measure to the end of the case."""
    orders = draw_order_measures(cases, subjects, rng)
    person = subjects.rename(columns={"intended": "intended_person"})
    planned = {step.step: step for step in plan_steps(cases, person, acts, orders, rng) if step.step == "KENN"}["KENN"]
    ends = planned.rows["ends"].to_numpy()
    first = orders.groupby("subject")["start"].min().reindex(planned.rows["subject"]).to_numpy(float)
    start = np.fmin(planned.due, first)
    return (ends - start)[planned.due <= ends].astype(np.int64)


def _seen(cases: pd.DataFrame, length: np.ndarray) -> np.ndarray:
    """Return ends, and cases still open, by stratum of like cases, unit and day, as the extraction shows them."""
    opened = cases["opened"].to_numpy()
    closed = opened + length <= EXTRACTION_DAY
    shown = np.where(closed, length, EXTRACTION_DAY - opened)
    like = pd.Categorical(cases["category"] + "/" + cases["complexity"], categories=list(LIKE)).codes.astype(np.int64)
    size = EXTRACTION_DAY - day("2016-01-01") + 1
    cell = (like * len(UNITS) + cases["unit_index"].to_numpy()) * size + shown
    shape = (len(LIKE), len(UNITS), size)
    counted = [np.bincount(cell[rows], minlength=int(np.prod(shape))) for rows in (closed, ~closed)]
    return np.stack([part.reshape(shape) for part in counted]).astype(float)


def _standard_units(plan: Plan, rng: np.random.Generator) -> Counts:
    """Return the lengths of the cases of each unit, had it handled the case mix of all units together."""
    cases_of = np.zeros(len(UNITS))
    for year, weight in YEAR_WEIGHT.items():
        rate = np.array([u.headcount * u.case_rate * (u.first_year <= year <= u.last_year) for u in UNITS])
        cases_of += weight * rate / rate.sum()
    mix = (cases_of @ plan.complexity / cases_of.sum())[None, :].repeat(len(UNITS), axis=0)
    cases, _subjects, _acts = whole_course(replace(plan, complexity=mix, cases_per_year=CHUNK_PER_YEAR // 2), rng)
    cases = cases[cases["kind"] == "disciplinair"]
    length, unit = (cases["ends"] - cases["opened"]).to_numpy(), cases["unit"].to_numpy()
    return {f"unit {code}": _by_day(length[unit == code]) for code in UNIT_CODES}


def _by_day(days: np.ndarray) -> np.ndarray:
    return np.bincount(np.minimum(days, DAYS), minlength=DAYS + 1).astype(float)
