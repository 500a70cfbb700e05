"""Small synthetic scores tables and runs for the tests of disclosure control."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from evaluation.scores import EstimandCard, Refusal, Score, scores_table

PERIOD, AS_OF = "2016-01-01/2025-12-31", date(2025, 12, 31)
TEXTS = ("title", "population", "unit_of_count", "cohort_basis", "clock", "missing_and_exits", "estimator", "interval")


def score(name: str, estimate: float | None, unit: str, n: int, **more: object) -> Score:
    return Score(
        id=name, estimate=estimate, unit=unit, n=n, estimand=".".join(name.split(".")[:2]), period=PERIOD, as_of=AS_OF,
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def share(name: str, numerator: int, denominator: int) -> Score:
    if denominator == 0:
        return score(name, None, "share", 0, numerator=0, denominator=0, refusal="too_few")
    return score(
        name, numerator / denominator, "share", denominator, numerator=numerator, denominator=denominator,
        low=0.9 * numerator / denominator, high=min(1.0, 1.1 * numerator / denominator), level=0.95,
    )  # fmt: skip


def shares(measure: str, counts: Mapping[str, tuple[int, int]], *, total: bool = True) -> list[Score]:
    """A share for each group, and for `all` the sum of the units (or of the years)."""
    made = [share(f"{measure}.share.{group}", *pair) for group, pair in counts.items()]
    if total:
        dimension = next(iter(counts)).partition("=")[0]
        parts = np.array([pair for group, pair in counts.items() if group.startswith(dimension)])
        made.append(share(f"{measure}.share.all", *(int(number) for number in parts.sum(axis=0))))
    return made


def durations(groups: Mapping[str, tuple[int, int]], *, measure: str = "duration.total_gross") -> list[Score]:
    """Median, P90, cases and open cases for (n, events) of each group."""
    made = []
    for group, (n, events) in groups.items():
        for statistic in ("median", "p90"):
            made.append(score(f"{measure}.{statistic}.{group}", 166.0, "days", n, events=events))
        made.append(score(f"{measure}.cases.{group}", float(n), "count", n))
        made.append(score(f"{measure}.open.{group}", float(n - events), "count", n))
    return made


def random_steps(rng: np.random.Generator, *, units: int, steps: int, cases: int) -> list[Score]:
    """Shares of steps by unit, and the pooled share over all steps."""
    size = np.maximum(1, (cases * rng.dirichlet(np.full(units, 0.7))).astype(int))
    required = rng.binomial(size, rng.uniform(0.1, 1, (steps, 1)))
    done = rng.binomial(required, rng.uniform(0.6, 1, (steps, 1)))
    names = [f"unit=u{number}" for number in range(units)]
    made = []
    for step in range(steps):
        made += shares(
            f"completeness.step_s{step}",
            {name: (int(done[step, at]), int(required[step, at])) for at, name in enumerate(names)},
        )
    pooled = {name: (int(done[:, at].sum()), int(required[:, at].sum())) for at, name in enumerate(names)}
    return made + shares("completeness.opportunity", pooled)


def table(scores: Sequence[Score]) -> pd.DataFrame:
    return scores_table(tuple(scores))


def write_run(folder: Path, scores: Sequence[Score], *, title: str = "Proef") -> Path:
    """Write the files of a run, the confidential ones with a canary."""
    folder.mkdir(parents=True)
    scores_table(tuple(scores)).to_csv(folder / "scores.csv", index=False)
    pair = {"nl": "tekst", "en": "text"}
    cards = [EstimandCard(name, *(pair for _text in TEXTS)) for name in sorted({s.estimand for s in scores})]
    refusal = Refusal("duration.stages", ("steps",), {"nl": "Er zijn geen stappen.", "en": "There are no steps."})
    contents = {
        "estimands": [asdict(card) for card in cards],
        "refusals": [asdict(refusal)],
        "labels": {"unit": {"U0": {"nl": "=Eenheid nul", "en": "Unit nought"}}, "loose": "CANARY-LABEL"},
        "manifest": {
            "title": title, "as_of": AS_OF.isoformat(), "level": 0.95, "period": PERIOD, "code_version": "0.1.0",
            "contract_version": "1.0.0", "sources": [{"name": "/home/CANARY-PATH/levering.xlsx", "sha256": "ab" * 32}],
            "steward": "CANARY-STEWARD",
        },
    }  # fmt: skip
    for name, content in contents.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    for name in ("case_scores.csv", "report.html", "breaches.csv"):
        (folder / name).write_text(f"case_id,note\nCANARY-{name},CANARY-NOTE\n", encoding="utf-8")
    return folder


def curve(measure: str, days: Mapping[int, tuple[int, int]], *, n: int, events: int, group: str = "all") -> list[Score]:
    """Points of a curve: for each day the cases ended by then and those still at risk."""
    made = []
    for day, (ended, at_risk) in days.items():
        made.append(score(f"{measure}.within_{day}_days.{group}", ended / n, "share", n, events=events))
        made.append(score(f"{measure}.at_risk_{day}_days.{group}", float(at_risk), "count", n, events=events))
    return made


def exits(events: Mapping[str, Mapping[int, int]], *, n: int) -> list[Score]:
    """Ways to end that compete: for each the cases ended so by each day; and the curve of any end."""
    days = sorted(next(iter(events.values())))
    ended = {day: sum(by[day] for by in events.values()) for day in days}
    all_ = ended[days[-1]]
    made = [score("duration.total_gross.cases.all", float(n), "count", n, events=all_)]
    made += curve("duration.total_gross", {day: (ended[day], n - ended[day]) for day in days}, n=n, events=all_)
    for cause, by in events.items():
        points = {day: (by[day], n - ended[day]) for day in days}
        made += curve(f"duration.exit_{cause}", points, n=n, events=by[days[-1]])
    return made


def stock(start: int, flows: Mapping[int, tuple[int, int]]) -> list[Score]:
    """Stock at the end of each year, what came in and went out, and the ratio of the two."""
    made, now = [], start
    for year, (came, went) in flows.items():
        now += came - went
        counts = {"stock": now, "inflow": came, "outflow": went}
        for name, count in counts.items():
            made.append(score(f"duration.backlog.{name}.year={year}", float(count), "count", count))
        made.append(score(f"duration.backlog.clearance.year={year}", went / came, "ratio", came))
    return made
