"""What the stock of open cases becomes if inflow and chances of closing stay what they were.

References
----------
.. [1] S. H. Preston, P. Heuveline, M. Guillot, *Demography* (2001), chapter 6: the
   cohort-component projection.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.duration.backlog import checked_cases, whole_months
from evaluation.duration.clock import Dates
from evaluation.refusals import MINIMUM_N
from evaluation.survival.columns import Floats
from evaluation.survival.pointwise import checked_level

RECENT_MONTHS = 12


@dataclass(frozen=True, eq=False)
class Projection:
    """What the stock becomes when nothing changes.

    Parameters
    ----------
    months : DataFrame
        One row a month ahead: `month`, `stock` (expected at its end), `low`, `high`
        (quantiles of the simulated stock), `inflow`, `outflow` (expected).
    chances : DataFrame
        One row a group of ages: `from_months` (ends of months passed since opening),
        `at_risk`, `closed`, `chance` to close within a month.
    inflow_per_month : float
    assumption : dict
        In `nl` and `en`, to be printed with the numbers.
    level : float
    simulations : int
    n : int
        Case-months behind the chances.
    refusal : str or None
        `absent`: fewer than twelve whole months known; `no_events`; `too_few`.
    """

    months: pd.DataFrame
    chances: pd.DataFrame
    inflow_per_month: float
    assumption: dict[str, str]
    level: float
    simulations: int
    n: int
    refusal: str | None = None


ASSUMPTION = {
    "nl": "Aanname: de komende maanden komen er per maand evenveel zaken bij als gemiddeld in de laatste twaalf "
    "maanden, en een zaak heeft bij elke ouderdom dezelfde kans om in een maand te eindigen als in die twaalf maanden. "
    "Het is een doorrekening, geen voorspelling.",
    "en": "Assumption: in the months to come as many cases come in each month as on average in the last twelve, and a "
    "case has at every age the same chance to end within a month as in those twelve. It is an extrapolation, not a "
    "forecast.",
}
_FEWEST_AT_RISK = 50
_PRIOR = 1.0  # case-months at the pace of all ages together
_OLDEST_MONTHS = 240


def projection(
    opened_on: Dates,
    closed_on: Dates,
    *,
    first: date,
    last: date,
    months_ahead: int,
    level: float,
    rng: np.random.Generator,
    simulations: int = 2000,
    weight: ArrayLike | None = None,
) -> Projection:
    """Return the stock of the coming months if inflow and chances of closing stay what they were.

    *Estimand*: the stock at the end of each coming month in a process whose monthly
    inflow and whose chances of closing by age are those behind the last twelve whole
    months. The stock is the expected one at the inflow and chances as counted, nothing
    added. The interval is simulated and holds the chance in the process (Poisson,
    binomial) and the uncertainty of the rates, not that they change. A chance gets a beta
    distribution, to which one case-month at the pace of all ages together is added: half
    an end for every group (Jeffreys) would close small groups too fast.

    Age is counted in ends of months passed since opening, the cohort-component way of
    projecting a population [1]_; the oldest ages are taken together until at least 50
    case-months stand behind a chance.

    Parameters
    ----------
    opened_on, closed_on, weight
        As in `stock_and_flow`.
    first, last : date
        First and last day on which the stock is known.
    months_ahead : int
    level : float
    rng : numpy.random.Generator
    simulations : int

    Examples
    --------
    Twenty cases every thirty days, each of which takes 45: on the last day of 2019 those
    of 6 December are open. In January they close and about twenty others come, a Poisson
    number (95 % of which lies within 12 and 29):

    >>> opened = np.repeat(np.datetime64("2018-01-15") + np.arange(24) * 30, 20)
    >>> found = projection(opened, opened + 45, first=date(2018, 6, 1), last=date(2019, 12, 31),
    ...                    months_ahead=1, level=0.95, rng=np.random.default_rng(1))
    >>> found.months[["low", "stock", "high"]].round().values.tolist()
    [[12.0, 20.0, 29.0]]
    """
    checked_level(level)
    if months_ahead < 1 or simulations < 1:
        raise WrongUse(_("months_ahead en simulations moeten ten minste 1 zijn."))
    opened, closed, count = checked_cases(opened_on, closed_on, weight)
    known = whole_months(first, last)
    recent = known[-RECENT_MONTHS:]
    empty = pd.DataFrame(columns=["month", "stock", "low", "high", "inflow", "outflow"])

    def refused(why: str, chances: pd.DataFrame | None = None, n: int = 0) -> Projection:
        return Projection(empty, pd.DataFrame() if chances is None else chances, 0.0, ASSUMPTION, level, 0, n, why)

    if len(recent) < RECENT_MONTHS:
        return refused("absent")
    open_month, close_month = opened.astype("datetime64[M]"), closed.astype("datetime64[M]")
    at_risk, ended = np.zeros(_OLDEST_MONTHS + 1), np.zeros(_OLDEST_MONTHS + 1)
    for month in recent:
        there = (open_month <= month) & ~(close_month < month)
        age = np.minimum((month - open_month[there]).astype(int), _OLDEST_MONTHS)
        at_risk += np.bincount(age, count[there], _OLDEST_MONTHS + 1)
        ended += np.bincount(age, count[there] * (close_month[there] == month), _OLDEST_MONTHS + 1)
    inflow = float(count[(open_month >= recent[0]) & (open_month <= recent[-1])].sum())
    starts = _age_groups(at_risk)
    group = np.searchsorted(starts, np.arange(_OLDEST_MONTHS + 1), side="right") - 1
    risk, ends = np.bincount(group, at_risk), np.bincount(group, ended)
    chances = pd.DataFrame({"from_months": starts, "at_risk": risk.astype(int), "closed": ends.astype(int),
                            "chance": np.divide(ends, risk, out=np.zeros(len(risk)), where=risk > 0)})  # fmt: skip
    n = int(risk.sum())
    if n < MINIMUM_N or not ended.sum():
        return refused("too_few" if n < MINIMUM_N else "no_events", chances, n)
    still = (open_month <= recent[-1]) & ~(close_month <= recent[-1])
    age = np.minimum((recent[-1] - open_month[still]).astype(int), _OLDEST_MONTHS)
    stock = np.bincount(age, count[still], _OLDEST_MONTHS + 1).astype(np.float64)
    rows = _expected(stock, chances["chance"].to_numpy()[group], inflow / RECENT_MONTHS, months_ahead)
    rows.insert(0, "month", (recent[-1] + np.arange(1, months_ahead + 1)).astype("datetime64[s]"))
    pooled = ends.sum() / risk.sum()
    chance = rng.beta(ends + _PRIOR * pooled, risk - ends + _PRIOR * (1 - pooled), (simulations, len(risk)))[:, group]
    rate = rng.gamma(inflow + 0.5, 1 / RECENT_MONTHS, simulations)
    tail = (1 - level) / 2
    totals = _simulated(stock, chance, rate, months_ahead, rng)
    rows["low"], rows["high"] = np.quantile(totals, [tail, 1 - tail], axis=0)
    return Projection(rows[list(empty)], chances, inflow / RECENT_MONTHS, ASSUMPTION, level, simulations, n)


def _expected(stock: Floats, chance: Floats, inflow: float, months_ahead: int) -> pd.DataFrame:
    """Return stock, inflow and outflow of each month ahead, in expectation and at rates taken as they were counted."""
    rows = []
    for _ahead in range(months_ahead):
        stock = _older(stock)
        stock[0] = inflow
        went = stock * chance
        stock = stock - went
        rows.append({"stock": float(stock.sum()), "inflow": inflow, "outflow": float(went.sum())})
    return pd.DataFrame(rows)


def _simulated(
    stock: Floats, chance: Floats, rate: Floats, months_ahead: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return the stock of each month ahead (columns) in each simulation (rows)."""
    open_now = np.tile(stock.astype(np.int64), (len(rate), 1))
    totals = np.empty((len(rate), months_ahead), dtype=np.int64)
    for ahead in range(months_ahead):
        open_now = _older(open_now)
        open_now[:, 0] = rng.poisson(rate)
        open_now -= rng.binomial(open_now, chance)
        totals[:, ahead] = open_now.sum(axis=1)
    return totals


def _older(stock: NDArray[Any]) -> NDArray[Any]:
    """Make everyone a month older; what comes in starts at age nought, and may close in the same month."""
    aged = np.roll(stock, 1, axis=-1)
    aged[..., -1] += aged[..., 0]
    aged[..., 0] = 0
    return aged


def _age_groups(at_risk: Floats) -> NDArray[np.intp]:
    """Return the first age of each group; old ages together until there are enough case-months."""
    starts, left = [0], float(at_risk.sum())
    for age in range(1, len(at_risk)):
        left_after = float(at_risk[age:].sum())
        if left - left_after >= _FEWEST_AT_RISK and left_after >= _FEWEST_AT_RISK:
            starts.append(age)
            left = left_after
    return np.array(starts, dtype=np.intp)
