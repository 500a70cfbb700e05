"""The partial likelihood of Cox, on a grid of days: value, slope and curvature.

The sums over the cases at risk on a day are running sums over the grid (`day_grid`). The
second moments are never made per day: the sum over days of sums over the cases at risk is
turned round into one weighted cross product of all cases, where the weight of a case is
the hazard it has lived through. A step costs O(cases x covariates^2) in matrix products.

Tied ends follow Efron [1]_ or Breslow [2]_. With D ends on a day (counted with weights)
Efron's likelihood has D terms, in which those who end count for 1, 1 - 1/D, 1 - 2/D, ...
of their own. Up to `_MANY` ends the terms are added one by one; above, their sums are
differences of the gamma function's logarithm and its derivatives, so that a table grouped
by counts costs no more than its rows. Memory: one copy of the covariates, some ten
columns, and a handful of arrays of days x covariates.

References
----------
.. [1] B. Efron, "The efficiency of Cox's likelihood function for censored data", JASA 72
   (1977) 557-565.
.. [2] N. Breslow, "Covariance analysis of censored survival data", Biometrics 30 (1974)
   89-99.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, gammaln, polygamma

from evaluation.survival.columns import Floats
from evaluation.survival.day_grid import DayGrid, Places

Ties = Literal["efron", "breslow"]

_MANY = 32
# Cases taken at once: their weighted covariates stay in the processor's cache, and products of few
# columns stay below the size from which OpenBLAS uses threads, which on a busy machine cost six times what they save.
_AT_ONCE = 4096


@dataclass(frozen=True, eq=False)
class Rows:
    """Cases at risk on some day of the grid, ready for the likelihood.

    Parameters
    ----------
    X : ndarray, shape (covariates, cases)
        Centred and scaled.
    count : ndarray
        Frequency weights.
    ended : ndarray of bool
    grid : DayGrid
    cell, code : ndarray of int
        Each case's last day at risk on the grid, and twice that plus whether it ended.
    gone : ndarray
        `count` of the cases that ended, 0 of the others.
    total : ndarray
        Sum of each covariate over those that ended.
    span : ndarray
        Largest minus smallest value of each covariate.
    ends : ndarray
        Ends on each day, counted with weights.
    ties : str
    few : ndarray of int
        Days with few enough ends to add up the terms one by one.
    share : ndarray
        Of each of those terms, the share of those who end that it leaves out.
    """

    X: Floats
    count: Floats
    ended: NDArray[np.bool_]
    grid: DayGrid
    cell: Places
    code: Places
    gone: Floats
    total: Floats
    span: Floats
    ends: Floats
    ties: Ties
    few: Places
    share: Floats


def rows_of(X: Floats, count: Floats, ended: NDArray[np.bool_], grid: DayGrid, *, ties: Ties) -> Rows:
    """Return the rows with what stays the same in every step."""
    cell = grid.until - 1
    ends = np.bincount(cell[ended], count[ended], len(grid.days)).astype(float)
    few = np.flatnonzero(ends <= _MANY)
    times = ends[few].astype(np.intp)
    share = np.arange(int(times.sum())) - np.repeat(np.cumsum(times) - times, times)
    gone = count * ended
    return Rows(
        X=X,
        count=count,
        ended=ended,
        grid=grid,
        cell=cell,
        code=2 * cell + ended,
        gone=gone,
        total=np.einsum("ij,j->i", X, gone),
        span=np.ptp(X, axis=1),
        ends=ends,
        ties=ties,
        few=few,
        share=share / np.repeat(times, times),
    )


@dataclass(frozen=True, eq=False)
class Moments:
    """What the likelihood needs at one value of the coefficients, a column a day.

    Parameters
    ----------
    loglik : float
    risk : ndarray, shape (cases,)
        Relative hazard of one case, up to the common factor `exp(-shift)`.
    shift : float
    first, tied : ndarray, shape (covariates, days)
        Sum of risk times covariates over those at risk, and over those who end.
    a0, a1 : ndarray, shape (days,)
        Sum over the terms of a day of 1 / (at risk), and of f / (at risk), where f is the
        share of those who end that a term leaves out.
    b0, b1, b2 : ndarray, shape (days,)
        Sum of 1, f, f^2 over the square of (at risk).
    """

    loglik: float
    risk: Floats
    shift: float
    first: Floats
    tied: Floats
    a0: Floats
    a1: Floats
    b0: Floats
    b1: Floats
    b2: Floats


def moments(rows: Rows, beta: Floats) -> Moments:
    """Return likelihood and sums a day at `beta`."""
    eta = along(rows.X, beta)
    shift = float(eta.max())
    eta -= shift
    died = float(beta @ rows.total) - shift * float(rows.ends.sum())
    risk = np.exp(eta, out=eta)
    mass = risk * rows.count
    size = len(rows.ends)
    first, tied = np.empty((len(beta) + 1, size)), np.empty((len(beta) + 1, size))
    product = np.empty_like(mass)
    for number in range(len(beta) + 1):
        value = np.multiply(mass, rows.X[number - 1], out=product) if number else mass
        both = np.bincount(rows.code, value, 2 * size).reshape(size, 2)
        tied[number], first[number] = both[:, 1], both.sum(axis=1)
        if rows.grid.late is not None:
            first[number] -= _entries(rows.grid, value, size)
    first = rows.grid.down(first)
    s0, d0 = np.maximum(first[0], tied[0]), tied[0]  # those who end are at risk, whatever rounding says
    logs, a0, a1, b0, b1, b2 = _terms(s0, d0, rows)
    return Moments(died - logs, risk, shift, first[1:], tied[1:], a0, a1, b0, b1, b2)


def _entries(grid: DayGrid, value: Floats, size: int) -> Floats:
    """Those who come into view after a cell are taken off on the cell before, so on all before it."""
    return np.bincount(grid.since[grid.late] - 1, value[grid.late], size).astype(float)


def _terms(s0: Floats, d0: Floats, rows: Rows) -> tuple[float, Floats, Floats, Floats, Floats, Floats]:
    ends, few, share = rows.ends, rows.few, rows.share
    if rows.ties == "breslow":
        none = np.zeros(len(s0))
        return float(ends @ np.log(s0)), ends / s0, none, ends / s0**2, none, none
    logs, sums = 0.0, np.zeros((5, len(s0)))
    if len(few):
        times = ends[few].astype(np.intp)
        at_risk = np.repeat(s0[few], times) - share * np.repeat(d0[few], times)
        logs += float(np.log(at_risk).sum())
        once = 1 / at_risk
        twice = once * once
        begin = np.cumsum(times) - times
        for place, value in enumerate((once, once * share, twice, twice * share, twice * share**2)):
            sums[place, few] = np.add.reduceat(value, begin)
    if len(few) < len(ends):
        many = ends > _MANY
        log_sum, sums[:, many] = _many_terms(s0[many], d0[many], ends[many])
        logs += log_sum
    return logs, *sums


def _many_terms(s0: Floats, d0: Floats, ends: Floats) -> tuple[float, Floats]:
    """Sums over l = 0 .. D-1 of functions of s0 - (l/D) d0 = (d0/D) (top - l)."""
    unit = d0 / ends
    top = s0 / unit
    bottom = top - ends + 1
    logs = float((ends * np.log(unit) + gammaln(top + 1) - gammaln(bottom)).sum())
    a0 = (digamma(top + 1) - digamma(bottom)) / unit
    a1 = (s0 * a0 - ends) / d0  # because the sum of (s0 - f d0) / (s0 - f d0) is D
    b0 = (polygamma(1, bottom) - polygamma(1, top + 1)) / unit**2
    b1 = (s0 * b0 - a0) / d0
    b2 = (s0 * b1 - a1) / d0
    return logs, np.stack((a0, a1, b0, b1, b2))


def expected_a_day(here: Moments) -> Floats:
    """Return, for each day, the covariates that those who end would have by chance, summed over the ends."""
    return here.a0 * here.first - here.a1 * here.tied


def ended_a_day(rows: Rows) -> Floats:
    """Return, for each day, the covariates of those who end, summed."""
    return np.stack([np.bincount(rows.cell, rows.gone * x, len(rows.ends)) for x in rows.X])


def information(rows: Rows, here: Moments, *, times: Floats | None = None) -> Floats:
    """Return minus the second derivative; `times` multiplies the part of each day."""
    a0, a1, b0, b1, b2 = ((here.a0, here.a1, here.b0, here.b1, here.b2) if times is None else
                          (times * part for part in (here.a0, here.a1, here.b0, here.b1, here.b2)))  # fmt: skip
    lived = lived_through(rows.grid, a0)
    lived -= rows.ended * a1[rows.cell]
    lived *= here.risk
    lived *= rows.count
    mixed = _cross(here.first, b1, here.tied)
    second = _cross(here.first, b0, here.first) - mixed - mixed.T + _cross(here.tied, b2, here.tied)
    found = _cross(rows.X, lived, rows.X) - second
    return np.asarray((found + found.T) / 2)


def along(X: Floats, direction: Floats) -> Floats:
    """Return the combination of covariates of each case."""
    value = np.empty(X.shape[1])
    for begin in range(0, len(value), _AT_ONCE):
        np.matmul(direction, X[:, begin : begin + _AT_ONCE], out=value[begin : begin + _AT_ONCE])
    return value


def _cross(left: Floats, weight: Floats, right: Floats) -> Floats:
    found = np.zeros((len(left), len(right)))
    for begin in range(0, len(weight), _AT_ONCE):
        some = slice(begin, begin + _AT_ONCE)
        found += (left[:, some] * weight[some]) @ right[:, some].T
    return found


def lived_through(grid: DayGrid, a_day: Floats) -> Floats:
    """Return for each case the sum of `a_day` over the days it was at risk."""
    running = np.moveaxis(grid.up(a_day), -1, 0)
    total = running[grid.until - 1]
    if grid.late is not None:
        total[grid.late] -= running[grid.since[grid.late] - 1]
    return total
