"""Curves on made-up processes of which the distribution is known outright: ties, late entry, weights, exits."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.stats import norm

from evaluation.survival.cumulative_incidence import cumulative_incidence, incidence_within
from evaluation.survival.kaplan_meier import (
    SurvivalCurve,
    kaplan_meier,
    quantile,
    restricted_mean,
    share_within,
)
from validate.performance import HALF_DAY, LEVEL, Effort, Found, Items, Kind, Quantity, Study, said

MEDIAN, SIGMA = 150.5, 0.8  # of the length of a case, log-normal, in days rounded up
LONGEST = 20_000
FOLLOWED = 900  # cases opened over so many days before the extraction
SHARES = (90, 180, 365)
QUANTILES = {"p25": 0.25, "median": 0.5, "p75": 0.75}
MONTH = 31
VIEW_FROM, VIEW_TO = 1500, 2400  # late entry: what is delivered of cases opened on days 0 to 2400
EXIT_CHANCE = {"decision": 0.7, "withdrawn": 0.3}
EXIT_LENGTH = {"decision": (150.0, 0.8), "withdrawn": (80.0, 0.6)}


def draw_days(size: int, rng: np.random.Generator, median: float = MEDIAN, sigma: float = SIGMA) -> np.ndarray:
    """Draw lengths in whole days, rounded up."""
    return np.ceil(median * np.exp(rng.normal(0, sigma, size)))


def ended_by(day: np.ndarray | float, median: float = MEDIAN, sigma: float = SIGMA) -> np.ndarray:
    """Return the share that has ended by the end of each whole day."""
    with np.errstate(divide="ignore"):
        return np.asarray(norm.cdf(np.log(np.asarray(day, dtype=float) / median) / sigma))


def curve_truths(section: str, *, grain: int = 1, kind: str = "", until: int = 365) -> list[Quantity]:
    """Return quantiles, shares and restricted mean of the lengths, counted in steps of `grain` days."""
    days = np.arange(LONGEST)
    ended = ended_by(days // grain * grain)
    prefix = f"{kind}: " if kind else ""
    of_quantile: Kind = "interval" if grain == 1 else "lattice"
    return [
        *(Quantity(section, f"{prefix}{name} (days)", float(np.argmax(ended >= share)), of_quantile,
                   tolerance=HALF_DAY * grain)
          for name, share in QUANTILES.items()),
        *(Quantity(section, f"{prefix}share within {day} days", float(ended[day])) for day in SHARES),
        Quantity(section, f"{prefix}mean days within {until}", float((1 - ended[:until]).sum())),
    ]  # fmt: skip


def curve_numbers(curve: SurvivalCurve, *, kind: str = "", until: int = 365) -> Items:
    """Return what is read from a curve."""
    prefix = f"{kind}: " if kind else ""
    for name, share in QUANTILES.items():
        yield f"{prefix}{name} (days)", said(quantile(curve, share, level=LEVEL))
    for day in SHARES:
        yield f"{prefix}share within {day} days", said(share_within(curve, day, level=LEVEL))
    yield f"{prefix}mean days within {until}", said(restricted_mean(curve, until, level=LEVEL))


def _followed(length: np.ndarray, rng: np.random.Generator, grain: int = 1) -> tuple[np.ndarray, np.ndarray]:
    seen = rng.integers(1, FOLLOWED // grain + 1, len(length)) * grain
    return np.minimum(length, seen), length <= seen


def _plain(size: int) -> Callable[[np.random.Generator], Items]:
    def once(rng: np.random.Generator) -> Items:
        yield from curve_numbers(kaplan_meier(*_followed(draw_days(size, rng), rng)))

    return once


def _months_once(rng: np.random.Generator) -> Items:
    days, ended = _followed(np.ceil(draw_days(200, rng) / MONTH) * MONTH, rng, MONTH)
    yield from curve_numbers(kaplan_meier(days, ended))


def _grouped_once(rng: np.random.Generator) -> Items:
    days, ended = _followed(draw_days(2000, rng), rng)
    table = pd.DataFrame({"days": days, "ended": ended}).value_counts().rename("n").reset_index()
    yield from curve_numbers(kaplan_meier(table["days"], table["ended"], weight=table["n"]))


def in_the_view(rng: np.random.Generator, size: int = 800) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return duration, end seen and day of entry of the cases that were open on some day of the view."""
    opened, length = rng.integers(0, VIEW_TO, size), draw_days(size, rng)
    there = opened + length > VIEW_FROM
    opened, length = opened[there], length[there]
    ended = opened + length <= VIEW_TO
    return np.where(ended, length, VIEW_TO - opened), ended, np.maximum(VIEW_FROM - opened, 0)


def _late_once(rng: np.random.Generator) -> Items:
    days, ended, entry = in_the_view(rng)
    yield from curve_numbers(kaplan_meier(days, ended, entry=entry))


def _exits_once(rng: np.random.Generator) -> Items:
    kind = rng.random(300) < EXIT_CHANCE["decision"]
    length = np.where(kind, draw_days(300, rng), draw_days(300, rng, *EXIT_LENGTH["withdrawn"]))
    days, ended = _followed(length, rng)
    found = cumulative_incidence(days, np.where(ended, np.where(kind, "decision", "withdrawn"), None))
    for name in EXIT_CHANCE:
        for day in SHARES:
            yield f"{name} within {day} days", said(incidence_within(found, name, day, level=LEVEL))


def _exits(effort: Effort) -> list[Quantity]:
    section = "Two ways to end, 300 cases (Aalen-Johansen)"
    return [Quantity(section, f"{name} within {day} days",
                     EXIT_CHANCE[name] * float(ended_by(day, *EXIT_LENGTH[name])))
            for name in EXIT_CHANCE for day in SHARES]  # fmt: skip


def _wrong_once(rng: np.random.Generator) -> Items:
    days, ended = _followed(draw_days(200, rng), rng)
    closed = np.sort(days[ended])
    # Order statistics, as for any median of complete data: a correct interval about the wrong cases.
    reach = norm.ppf((1 + LEVEL) / 2) * np.sqrt(len(closed)) / 2
    ends = [closed[int(np.clip(len(closed) / 2 + step, 0, len(closed) - 1))] for step in (0.0, -reach, reach)]
    yield "median of closed cases only", Found(*map(float, ends))

    days, ended, _entry = in_the_view(rng)
    yield "median, late entry ignored", said(quantile(kaplan_meier(days, ended), 0.5, level=LEVEL))

    kind = rng.random(300) < EXIT_CHANCE["decision"]
    length = np.where(kind, draw_days(300, rng), draw_days(300, rng, *EXIT_LENGTH["withdrawn"]))
    days, ended = _followed(length, rng)
    alone = kaplan_meier(days, ended & kind)
    yield "one minus Kaplan-Meier with two ways to end", said(share_within(alone, 365, level=LEVEL))


def _wrong(effort: Effort) -> list[Quantity]:
    section = "Wrong on purpose: the study has to see these fail"
    median = float(np.argmax(ended_by(np.arange(LONGEST)) >= 0.5))
    decided = EXIT_CHANCE["decision"] * float(ended_by(365, *EXIT_LENGTH["decision"]))
    return [
        Quantity(section, "median of closed cases only", median, wrong=True),
        Quantity(section, "median, late entry ignored", median, wrong=True),
        Quantity(section, "one minus Kaplan-Meier with two ways to end", decided, wrong=True),
    ]


STUDIES = (
    Study("curve, 200 cases", lambda effort: curve_truths("Kaplan-Meier, 200 cases, whole days"), _plain(200), share=5),
    Study("curve, 40 cases", lambda effort: curve_truths("Kaplan-Meier, 40 cases, whole days"), _plain(40), share=5),
    Study("curve, months", lambda effort: curve_truths("Kaplan-Meier, 200 cases, counted in months of 31 days (ties)",
                                                       grain=MONTH), _months_once, share=5),
    Study("curve, weights", lambda effort: curve_truths("Kaplan-Meier, 2,000 cases as a table with counts"),
          _grouped_once, share=2),
    Study("curve, late entry", lambda effort: curve_truths("Kaplan-Meier, late entry (some 350 cases in view)"),
          _late_once, share=5),
    Study("exits", _exits, _exits_once, share=5),
    Study("wrong", _wrong, _wrong_once),
)  # fmt: skip
