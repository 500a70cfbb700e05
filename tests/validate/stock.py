"""The stock of a process in balance, and of one whose inflow grew: clearance, Little's law, projection."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from evaluation.duration.stock_balance import clearance, littles_law
from evaluation.duration.stock_projection import projection
from validate.curves import LONGEST, draw_days, ended_by
from validate.performance import LEVEL, Effort, Found, Items, Quantity, Study, said

START = date(2014, 1, 1)
FIRST, LAST = date(2022, 1, 1), date(2023, 12, 31)
KNOWN_FROM = date(2021, 1, 1)
A_DAY, GROWTH = 0.9, 1.3
LITTLE_WITHIN = 1080
MONTHS_AHEAD = (3, 6, 12)


def draw_cases(rng: np.random.Generator, *, growth: float) -> tuple[np.ndarray, np.ndarray]:
    """Return opening and closing days from eight years before the window to a year after it."""
    days = (LAST - START).days + 366
    rate = np.where(np.arange(days) >= (FIRST - START).days, A_DAY * growth, A_DAY)
    opened = np.repeat(np.arange(days), rng.poisson(rate))
    return opened, opened + draw_days(len(opened), rng).astype(np.int64)


def true_clearance(growth: float) -> float:
    """Return expected outflow over expected inflow of the window."""
    first, last = ((day - START).days for day in (FIRST, LAST))
    opened = np.arange(last + 1)
    rate = np.where(opened >= first, A_DAY * growth, A_DAY)
    left = ended_by(np.maximum(last - opened, 0)) - ended_by(np.maximum(first - 1 - opened, 0))
    return float(rate @ left / rate[first:].sum())


def true_balance() -> float:
    """Return the ratio of Little's law in balance: just above one, for the days beyond the restricted mean."""
    still_open = 1 - ended_by(np.arange(LONGEST))
    return float(still_open.sum() / still_open[:LITTLE_WITHIN].sum())


def _once(growth: float) -> Callable[[np.random.Generator], Items]:
    def once(rng: np.random.Generator) -> Items:
        opened, closed = draw_cases(rng, growth=growth)
        start, now = np.datetime64(START, "D"), (LAST - START).days
        seen = opened <= now
        known = start + opened[seen], np.where(closed[seen] <= now, start + closed[seen], np.datetime64("NaT", "D"))
        name = "inflow grew" if growth != 1 else "in balance"
        yield f"clearance, {name}", said(clearance(*known, first=FIRST, last=LAST, level=LEVEL))
        if growth != 1:
            return
        little = littles_law(*known, first=FIRST, last=LAST, within_days=LITTLE_WITHIN, level=LEVEL)
        yield "ratio of Little's law", Found(little.ratio)
        found = projection(*known, first=KNOWN_FROM, last=LAST, months_ahead=max(MONTHS_AHEAD), level=LEVEL, rng=rng,
                           simulations=1000)  # fmt: skip
        for ahead in MONTHS_AHEAD:
            row = found.months.iloc[ahead - 1]
            end = (row["month"].date() + timedelta(days=32)).replace(day=1) - timedelta(days=1)
            then = (end - START).days
            stock = float(((opened <= then) & (closed > then)).sum())
            yield f"stock in {ahead} months", Found(row["stock"], row["low"], row["high"], truth=stock)

    return once


def _balance(effort: Effort) -> list[Quantity]:
    section = "Stock of a process in balance (330 cases a year)"
    return [
        Quantity(section, "clearance, in balance", true_clearance(1.0)),
        Quantity(section, "ratio of Little's law", true_balance(), "estimate"),
        *(Quantity(section, f"stock in {ahead} months", None, "prediction") for ahead in MONTHS_AHEAD),
    ]


def _grew(effort: Effort) -> list[Quantity]:
    return [Quantity("Stock after the inflow grew by 30 %", "clearance, inflow grew", true_clearance(GROWTH))]


STUDIES = (
    Study("stock, in balance", _balance, _once(1.0)),
    Study("stock, inflow grew", _grew, _once(GROWTH), share=5),
)
