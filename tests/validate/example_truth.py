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

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from unittest.mock import patch

import numpy as np
import pandas as pd

from data_contracts.example import history, people
from data_contracts.example.history import draw_history, gross
from data_contracts.example.people import close_cases, draw_allegations, draw_penalties, draw_subjects
from data_contracts.example.plan import (
    CATEGORIES_BEFORE,
    CATEGORIES_FROM,
    COMPLEXITY,
    EXTRACTION_DAY,
    NEVER,
    STEPS,
    UNITS,
    YEAR_FACTOR,
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
UNCERTAINTY_CHUNKS = 4  # many steps to draw for one number
DAYS = 6_000  # nothing in the example lasts longer; what would is counted on the last day

EARLIER_AS_OF, PERIOD_FROM, BREAK_ON = "2018-12-31", "2019-01-01", "2020-11-12"
WITHIN = 365
GROUPS = ("all", "2024", "2025", "until 2018", "from 2019")
STAGES = ("intake", "fact_finding", "assessment", "decision")
EXITS = ("besluit", "geen_vervolg", "eigen_ontslag", "overgedragen", "ingetrokken")
UNIT_CODES = tuple(unit.code for unit in UNITS)
CATEGORIES = (*CATEGORIES_BEFORE, *CATEGORIES_FROM)
PACES = tuple(np.exp(np.linspace(-0.65, 0.65, len(UNITS))).tolist())  # of units and years: four standard deviations
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
    length, counts = _lengths(cases)["gross"], _totals(cases)
    for exit_kind in EXITS:
        counts[f"exit {exit_kind}"] = _by_day(length[cases["exit_kind"].to_numpy() == exit_kind])
    for stage, days in _stages(cases).items():
        counts[f"stage {stage}"] = _by_day(days)
    complaints = everyone[everyone["kind"] == "klacht"]
    counts["complaint"] = _by_day((complaints["ends"] - complaints["opened"]).to_numpy())
    if number < UNCERTAINTY_CHUNKS:
        counts |= _uncertainty(everyone, subjects, acts, rng)
    counts["seen at the extraction"] = _seen(cases, length)
    return counts | _paced(number, rng)


def one_pace_counts_of(number: int) -> Counts:
    """Return numbers of cases by length in days, of one chunk in which every year has the same pace."""
    rng = np.random.default_rng([PLAN_SEED, TRUTH_SEED, 1000 + number])
    with one_pace():
        everyone, _subjects, _acts = whole_course(replace(fixed_plan(), cases_per_year=CHUNK_PER_YEAR), rng)
    return _totals(everyone[everyone["kind"] == "disciplinair"].reset_index(drop=True))


@cache
def example_counts(effort: Effort) -> Counts:
    """Return the counts of all chunks together."""
    return added(effort.mapper(chunk_counts, range(effort.chunks)))


@cache
def one_pace_counts(effort: Effort) -> Counts:
    """Return the counts of all chunks together where every year has the same pace."""
    return added(effort.mapper(one_pace_counts_of, range((effort.chunks + 1) // 2)))


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


def _totals(cases: pd.DataFrame) -> Counts:
    lengths = _lengths(cases)
    return {f"{clock}, {group}": _by_day(lengths[clock][members])
            for group, members in _members(cases).items() for clock in ("gross", "net")}  # fmt: skip


def _lengths(cases: pd.DataFrame) -> dict[str, np.ndarray]:
    length = (cases["ends"] - cases["opened"]).to_numpy()
    # A suspension that began before the end has wholly passed by then: it pushed the end back.
    stopped = (cases["suspended_at"] < cases["ends_net"]) & (cases["suspension_reason"] == "strafrechtelijk")
    return {"gross": length, "net": length - cases["suspended_days"].where(stopped, 0).to_numpy()}


def _stages(cases: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the days of each stage, to its own end or that of the case, of the cases that had come into it.

    By the extraction, that is: of the last years those that have not are the slow ones, and a stage is about the cases
    that came into it.
    """
    ends = cases["ends"].to_numpy()
    steps = ("opdr", "rapp", "voorn", "besl")
    moments = [cases["opened"].to_numpy(), *(gross(cases, cases[step].to_numpy()) for step in steps)]
    # Where no penalty is meant there is no intended decision: the assessment ends with the case, and nothing follows.
    moments[3] = np.where(cases["intended"], moments[3], NEVER)
    began = [moment <= np.minimum(ends, EXTRACTION_DAY) for moment in moments]
    pairs = zip(STAGES, moments[:-1], moments[1:], began[:-1], strict=True)
    return {stage: (np.minimum(until, ends) - start)[here] for stage, start, until, here in pairs}


def _uncertainty(cases: pd.DataFrame, subjects: pd.DataFrame, acts: pd.DataFrame, rng: np.random.Generator) -> Counts:
    """Return the days from notification or order measure to the end of the case, of persons notified by the extraction.

    The clock starts at whichever is first. Of some persons the register says that the
    notification was not done: theirs starts at the order measure, and without one they
    have no such clock.
    """
    orders = draw_order_measures(cases, subjects, rng)
    person = subjects.rename(columns={"intended": "intended_person"})
    planned = next(step for step in plan_steps(cases, person, acts, orders, rng) if step.step == "KENN")
    ends = planned.rows["ends"].to_numpy()
    ordered = orders.groupby("subject")["start"].min().reindex(planned.rows["subject"]).to_numpy(float)
    ordered = np.where(ordered <= ends, ordered, np.nan)
    notified = rng.random(len(ends)) >= STEPS["KENN"][1]
    came = planned.due <= np.minimum(ends, EXTRACTION_DAY)
    days = {"every step done": ends - np.fmin(planned.due, ordered),
            "as done": ends - np.where(notified, np.fmin(planned.due, ordered), ordered)}  # fmt: skip
    return {f"uncertainty, {name}": _by_day(of[came & ~np.isnan(of)].astype(np.int64)) for name, of in days.items()}


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


def _paced(number: int, rng: np.random.Generator) -> Counts:
    """Return the lengths of cases by complexity and pace: what a unit of that pace would need for them.

    Paces are dealt to the units of a plan, to other ones in every chunk; years have one pace, and nothing else that
    shortens a case differs between units (`pace_alone`).
    """
    pace = np.roll(np.array(PACES), number)
    mix = np.full((len(UNITS), len(COMPLEXITY)), 1 / len(COMPLEXITY))
    plan = replace(without_outcomes(fixed_plan()), complexity=mix, duration=pace, cases_per_year=CHUNK_PER_YEAR // 2)
    with one_pace(), pace_alone():
        cases, _subjects, _acts = whole_course(plan, rng)
    cases = cases[cases["kind"] == "disciplinair"]
    length = (cases["ends"] - cases["opened"]).to_numpy()
    code, of_case = cases["complexity"].to_numpy(), pace[cases["unit_index"].to_numpy()]
    return {
        f"pace {one:.4f}, {complexity}": _by_day(length[(of_case == one) & (code == complexity)])
        for one in PACES
        for complexity in COMPLEXITY
    }


def without_outcomes(plan: Plan) -> Plan:
    """Let no unit find or punish misconduct more often than another: a case without a penalty is shorter."""
    return replace(plan, outcome=np.zeros_like(plan.outcome), penalty=np.zeros_like(plan.penalty))


@contextmanager
def pace_alone() -> Iterator[None]:
    """Let misconduct be found in all categories alike."""
    with patch.dict(people.CATEGORY_EFFECT, dict.fromkeys(people.CATEGORY_EFFECT, 0.0)):
        yield


@contextmanager
def one_pace() -> Iterator[None]:
    """Let every year have the same pace."""
    with patch.object(history, "YEAR_FACTOR", dict.fromkeys(YEAR_FACTOR, 1.0)):
        yield


def _by_day(days: np.ndarray) -> np.ndarray:
    return np.bincount(np.minimum(days, DAYS), minlength=DAYS + 1).astype(float)
