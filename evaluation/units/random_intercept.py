"""How much an outcome depends on the unit: a logit with one random intercept a unit.

statsmodels has no estimator for this that can be trusted (its MAP fit collapses the
spread to 0, its variational fit inflates it), so this is our own: adaptive
Gauss-Hermite quadrature, as in R's `lme4::glmer`, against which it is tested.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, special, stats

from evaluation.proportion import Interval
from evaluation.units.logit import logit_coefficients
from evaluation.units.separation import SeparationError, is_separated

LARGEST_SIGMA = 12.0


@dataclass(frozen=True, eq=False)
class RandomIntercept:
    """A fitted random-intercept logit.

    *Estimand*: `sigma`, the standard deviation on the logit scale of what the units add
    to the log odds of the outcome, among cases alike in the columns of the design.

    Parameters
    ----------
    fixed, fixed_se : array, shape (columns,)
        Coefficients of the design and their standard errors (inverse Hessian).
    sigma : float
        0 when the units differ no more than chance allows.
    sigma_interval : Interval
        By profile likelihood. The lower end is 0 when no spread at all fits the data
        within the interval's cut; the upper end is infinite when none is too large.
    level : float
        Of all intervals of this result.
    loglik, loglik_without : float
        Log-likelihood (with binomial constants), at `sigma` and without the units.
    units : tuple
        Labels of the units, sorted; the order of `effects` and `effects_sd`.
    effects, effects_sd : array, shape (units,)
        Shrunken effect of each unit on the log odds (conditional mode) and its
        conditional standard deviation.
    nodes : int
        Quadrature nodes; 1 is the Laplace approximation.
    n : int
        Cases behind the fit.
    """

    fixed: np.ndarray
    fixed_se: np.ndarray
    sigma: float
    sigma_interval: Interval
    level: float
    loglik: float
    loglik_without: float
    units: tuple[Any, ...]
    effects: np.ndarray
    effects_sd: np.ndarray
    nodes: int
    n: int

    @property
    def effects_interval(self) -> tuple[np.ndarray, np.ndarray]:
        """Effects minus and plus the normal quantile times their standard deviation."""
        reach = stats.norm.isf((1 - self.level) / 2) * self.effects_sd
        return self.effects - reach, self.effects + reach

    @property
    def icc(self) -> float:
        """Share of the variation on the logit scale that lies between units."""
        return intraclass_correlation(self.sigma)

    @property
    def icc_interval(self) -> Interval:
        """The interval of sigma, transformed."""
        return Interval(*(intraclass_correlation(end) for end in self.sigma_interval))

    @property
    def median_odds_ratio(self) -> float:
        """Median odds ratio between two like cases in two units drawn at random, the higher over the lower."""
        return median_odds_ratio(self.sigma)

    @property
    def median_odds_ratio_interval(self) -> Interval:
        """The interval of sigma, transformed."""
        return Interval(*(median_odds_ratio(end) for end in self.sigma_interval))


def intraclass_correlation(sigma: float) -> float:
    """Return sigma2 / (sigma2 + pi2 / 3), the latent-scale intraclass correlation."""
    return 1.0 if np.isinf(sigma) else float(sigma**2 / (sigma**2 + np.pi**2 / 3))


def median_odds_ratio(sigma: float) -> float:
    """Return exp(sigma * sqrt(2) * z75) [1]_; 1 when the units do not differ.

    References
    ----------
    .. [1] K. Larsen, J. Merlo, "Appropriate assessment of neighborhood effects on
       individual health", American Journal of Epidemiology 161 (2005) 81-88.

    Examples
    --------
    >>> round(median_odds_ratio(0.6420699), 3)
    1.845
    """
    return float(np.exp(sigma * np.sqrt(2) * stats.norm.ppf(0.75)))


def random_intercept(
    successes: np.ndarray,
    trials: np.ndarray,
    design: np.ndarray,
    units: np.ndarray,
    *,
    nodes: int,
    level: float,
    weights: np.ndarray | None = None,
) -> RandomIntercept:
    """Fit a logit with one normal random intercept a unit by maximum likelihood.

    Parameters
    ----------
    successes, trials : array, shape (rows,)
        A row is one case (`trials` 1) or any group of cases of one unit with equal
        columns; the answer is the same.
    design : array, shape (rows, columns)
        Of full column rank, with the constant.
    units : array, shape (rows,)
    nodes : int
        Quadrature nodes (`nAGQ` of glmer); odd, 9 is plenty for a random intercept.
    level : float
        Confidence level of the intervals.
    weights : array, shape (rows,), optional
        How many such rows there were (frequency weights).

    Raises
    ------
    SeparationError
        If the design separates the outcomes, every unit is all successes or all
        failures, or the spread runs off beyond `LARGEST_SIGMA`.
    ValueError
        If values are missing, there are fewer than two units, or the columns of the
        design depend on one another.

    References
    ----------
    .. [1] J. C. Pinheiro, E. C. Chao, "Efficient Laplacian and adaptive Gaussian
       quadrature algorithms for multilevel generalized linear mixed models", Journal
       of Computational and Graphical Statistics 15 (2006) 58-81.
    """
    data = _data(successes, trials, design, units, nodes, weights)
    theta, without, scale = _optimum(data)
    best = _loglik(data, theta)[0]
    modes, widths = _modes(data, data.offset(theta[:-1]), theta[-1])
    return RandomIntercept(
        fixed=theta[:-1],
        fixed_se=_standard_errors(data, theta),
        sigma=float(theta[-1]),
        sigma_interval=_profile_interval(data, theta, best, scale, level),
        level=level,
        loglik=best + data.constant,
        loglik_without=without + data.constant,
        units=data.labels,
        effects=theta[-1] * modes,
        effects_sd=theta[-1] * widths,
        nodes=nodes,
        n=int(data.trials.sum()),
    )


def between_unit_sigma(
    successes: np.ndarray,
    trials: np.ndarray,
    design: np.ndarray,
    units: np.ndarray,
    *,
    nodes: int,
    weights: np.ndarray | None = None,
) -> float:
    """Return the `sigma` of `random_intercept`, the very same number, without its intervals and in less time.

    Parameters and errors as `random_intercept`.
    """
    return float(_optimum(_data(successes, trials, design, units, nodes, weights))[0][-1])


@dataclass(frozen=True, eq=False)
class _Data:
    """Rows sorted by unit; `starts` is the first row of each, `unit` the unit of a row.

    Rows of different units share few different rows of the design (`kinds`): products
    with the design are taken over those. `kind` is the kind of a row.
    """

    successes: np.ndarray
    trials: np.ndarray
    kinds: np.ndarray
    kind: np.ndarray
    unit: np.ndarray
    starts: np.ndarray
    labels: tuple[Any, ...]
    constant: float
    nodes: np.ndarray
    log_weights: np.ndarray

    def by_unit(self, rows: np.ndarray) -> np.ndarray:
        return np.add.reduceat(rows, self.starts, axis=0)

    def by_kind(self, rows: np.ndarray) -> np.ndarray:
        return np.bincount(self.kind, rows, len(self.kinds))

    def offset(self, beta: np.ndarray) -> np.ndarray:
        """Return design @ beta, a number a row."""
        return np.asarray((self.kinds @ beta)[self.kind])


def _data(
    successes: np.ndarray,
    trials: np.ndarray,
    design: np.ndarray,
    units: np.ndarray,
    nodes: int,
    weights: np.ndarray | None,
) -> _Data:
    count = np.ones(len(design)) if weights is None else np.asarray(weights, dtype=float)
    y, m, x = (np.asarray(values, dtype=float) for values in (successes, trials, design))
    if not (np.isfinite(y).all() and np.isfinite(m).all() and np.isfinite(x).all() and np.isfinite(count).all()):
        raise ValueError("missing values: leave those rows out first, and count them")
    if (y < 0).any() or (y > m).any() or (count < 0).any():
        raise ValueError("successes must lie between 0 and trials, weights must not be negative")
    kept = (m > 0) & (count > 0)
    constant = float((count * _log_choose(m, y))[kept].sum())
    y, m, x = (y * count)[kept], (m * count)[kept], x[kept]
    labels, unit = np.unique(np.asarray(units)[kept], return_inverse=True)
    if len(labels) < 2:
        raise ValueError("a spread between units needs at least two units")
    kind, kinds = _kinds(x)
    if _dependent(kinds):
        raise ValueError("the columns of the design depend on one another")
    order = np.argsort(unit, kind="stable")
    y, m, kind, unit = y[order], m[order], kind[order], unit[order]
    starts = np.flatnonzero(np.diff(unit, prepend=-1))
    hits, cases = np.add.reduceat(y, starts), np.add.reduceat(m, starts)
    if is_separated(kinds, np.bincount(kind, y), np.bincount(kind, m)) or ((hits == 0) | (hits == cases)).all():
        raise SeparationError("some coefficient or the spread between units has no finite estimate")
    points, mass = special.roots_hermite(nodes)
    log_weights = np.log(mass) + points**2 - np.log(np.pi) / 2
    return _Data(y, m, kinds, kind, unit, starts, tuple(labels.tolist()), constant, np.sqrt(2) * points, log_weights)


def _dependent(design: np.ndarray) -> bool:
    """Tell whether some column follows from the others; on products of columns, far cheaper than on the rows."""
    length = np.linalg.norm(design, axis=0)
    if (length == 0).any():
        return True
    return bool(np.linalg.eigvalsh((design / length).T @ (design / length))[0] < 1e-12 * design.shape[1])


def _kinds(design: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which different row of the design each row is, and those rows."""
    kind = pd.DataFrame(design).groupby(list(range(design.shape[1])), sort=False).ngroup().to_numpy()
    first = np.unique(kind, return_index=True)[1]
    return kind, design[first]


def _log_choose(m: np.ndarray, y: np.ndarray) -> np.ndarray:
    choose: np.ndarray = special.gammaln(m + 1) - special.gammaln(y + 1) - special.gammaln(m - y + 1)
    return choose


def _information(data: _Data, beta: np.ndarray) -> np.ndarray:
    p = special.expit(data.offset(beta))
    weight = data.by_kind(data.trials * p * (1 - p))
    information: np.ndarray = data.kinds.T @ (data.kinds * weight[:, None])
    return information


def _optimum(data: _Data) -> tuple[np.ndarray, float, np.ndarray]:
    """Return coefficients and sigma, the log-likelihood without units, and the scale of the coefficients."""
    start = logit_coefficients(data.kinds, data.by_kind(data.successes), data.by_kind(data.trials))
    scale = np.linalg.cholesky(np.linalg.inv(_information(data, start)))
    fitted = [_climb(data, np.append(start, sigma), _with_sigma(scale)) for sigma in (0.5, 0.1)]
    theta = max(fitted, key=lambda end: _loglik(data, end)[0])
    theta = _polish(data, theta)
    theta[-1] = abs(theta[-1])  # the likelihood is symmetric in sigma
    without = _loglik(data, np.append(start, 0.0))[0]
    if theta[-1] < 1e-3 or _loglik(data, theta)[0] < without + 1e-8:
        theta = np.append(start, 0.0)
    if theta[-1] > LARGEST_SIGMA:
        raise SeparationError("the spread between units has no finite estimate")
    return theta, without, scale


def _modes(data: _Data, offset: np.ndarray, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    """Return per unit the mode and width of the standardised effect, given the data.

    Newton's method inside a shrinking bracket: the slope falls steadily, so its root
    cannot be missed however extreme the unit.
    """
    reach = abs(sigma) * data.by_unit(data.trials) + 1.0
    low, high = -reach, reach.copy()
    u = np.zeros(len(reach))
    for _step in range(100):
        p = special.expit(offset + sigma * u[data.unit])
        slope = sigma * data.by_unit(data.successes - data.trials * p) - u
        curve = 1 + sigma**2 * data.by_unit(data.trials * p * (1 - p))
        low, high = np.where(slope >= 0, u, low), np.where(slope <= 0, u, high)
        step = u + slope / curve
        step = np.where((step < low) | (step > high), (low + high) / 2, step)
        done = np.abs(step - u).max() < 1e-12
        u = step
        if done:
            break
    p = special.expit(offset + sigma * u[data.unit])
    return u, (1 + sigma**2 * data.by_unit(data.trials * p * (1 - p))) ** -0.5


def _loglik(data: _Data, theta: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the log-likelihood and its exact slope in the coefficients and sigma.

    The nodes move with the coefficients (they are placed around each unit's mode), and
    the slope follows them: without that, one node would not give Laplace's optimum.
    """
    sigma = theta[-1]
    offset = data.offset(theta[:-1])
    mode, width = _modes(data, offset, sigma)
    unit = data.unit

    u = mode[:, None] + width[:, None] * data.nodes
    p, softplus = _logistic(offset[:, None] + (sigma * u)[unit])
    hits = data.by_unit(data.successes)[:, None]
    height = data.by_unit(data.successes * offset)[:, None] + hits * (sigma * u) - u**2 / 2
    terms = height - data.by_unit(data.trials[:, None] * softplus) + data.log_weights
    logs = special.logsumexp(terms, axis=1)
    share = np.exp(terms - logs[:, None])

    total = hits - data.by_unit(data.trials[:, None] * p)
    slope_u = sigma * total - u
    along_mode = (share * slope_u).sum(axis=1)
    along_width = (share * slope_u * data.nodes).sum(axis=1) + 1 / width

    q = special.expit(offset + sigma * mode[unit])
    v = data.trials * q * (1 - q)
    c = v * (1 - 2 * q)
    sum_v, sum_c = data.by_unit(v), data.by_unit(c)
    # d mode = width^2 d(slope at the mode); d width = width^3 / 2 d(curvature at the mode)
    bend = along_width * width**3 / 2
    on_mode = width**2 * (along_mode - bend * sigma**3 * sum_c)
    residual = data.successes - data.trials * np.einsum("ij,ij->i", share[unit], p)  # shares sum to one
    rows = residual - sigma * on_mode[unit] * v - sigma**2 * bend[unit] * c
    d_sigma = (
        (share * u * total).sum(axis=1)
        + on_mode * (data.by_unit(data.successes - data.trials * q) - sigma * mode * sum_v)
        + bend * (-2 * sigma * sum_v - sigma**2 * mode * sum_c)
    )
    return float((logs + np.log(width)).sum()), np.append(data.kinds.T @ data.by_kind(rows), d_sigma.sum())


def _logistic(eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return expit(eta) and log(1 + exp(eta)), with one exponential for both."""
    small = np.exp(-np.abs(eta))
    return np.where(eta >= 0, 1.0, small) / (1 + small), np.maximum(eta, 0) + np.log1p(small)


def _with_sigma(scale: np.ndarray) -> np.ndarray:
    size = len(scale)
    full = np.eye(size + 1) * 0.1
    full[:size, :size] = scale
    return full


def _climb(data: _Data, start: np.ndarray, scale: np.ndarray, *, hold_sigma: bool = False) -> np.ndarray:
    """Climb to the optimum in coordinates in which the surface is about round."""
    size = len(start) - hold_sigma

    def surface(step: np.ndarray) -> tuple[float, np.ndarray]:
        theta = start.copy()
        theta[:size] += scale @ step
        value, slope = _loglik(data, theta)
        return -value, -(scale.T @ slope[:size])

    found = optimize.minimize(surface, np.zeros(size), jac=True, method="BFGS", options={"gtol": 1e-5})
    end = start.copy()
    end[:size] += scale @ found.x
    return end


def _hessian(data: _Data, theta: np.ndarray) -> np.ndarray:
    rows = []
    for column in range(len(theta)):
        shift = np.zeros(len(theta))
        shift[column] = 1e-5 * max(1.0, abs(theta[column]))
        difference = _loglik(data, theta + shift)[1] - _loglik(data, theta - shift)[1]
        rows.append(difference / (2 * shift[column]))
    hessian = np.array(rows)
    return (hessian + hessian.T) / 2


def _polish(data: _Data, theta: np.ndarray) -> np.ndarray:
    """Take one Newton step, kept unless it falls."""
    value, slope = _loglik(data, theta)
    hessian = _hessian(data, theta)
    if np.linalg.eigvalsh(hessian).max() > -1e-10:
        return theta
    better = theta - np.linalg.solve(hessian, slope)
    # At the optimum the value no longer tells: it moves by less than its own rounding.
    return better if _loglik(data, better)[0] >= value - 1e-13 * abs(value) else theta


def _standard_errors(data: _Data, theta: np.ndarray) -> np.ndarray:
    if theta[-1] == 0:
        return np.sqrt(np.diag(np.linalg.inv(_information(data, theta[:-1]))))
    return np.sqrt(np.diag(np.linalg.pinv(-_hessian(data, theta))))[:-1]


def _profile_interval(data: _Data, theta: np.ndarray, best: float, scale: np.ndarray, level: float) -> Interval:
    """Return the sigmas whose best log-likelihood lies within the chi-square cut."""
    allowed = stats.chi2.ppf(level, 1) / 2
    excess = _profile(data, theta, best - allowed, scale)
    sigma = float(theta[-1])
    low = 0.0 if sigma == 0 or excess(0.0) <= 0 else float(optimize.brentq(excess, 0.0, sigma, xtol=1e-6))
    high = max(2 * sigma, 0.25)
    while excess(high) <= 0:
        if high >= LARGEST_SIGMA:
            return Interval(low, np.inf)
        high *= 1.5
    return Interval(low, float(optimize.brentq(excess, sigma, high, xtol=1e-6)))


def _profile(data: _Data, theta: np.ndarray, cut: float, scale: np.ndarray) -> Callable[[float], float]:
    """Return by how much the best log-likelihood at a given sigma falls short of `cut`."""
    warm = theta.copy()

    def excess(sigma: float) -> float:
        start = np.append(warm[:-1], sigma)
        end = _climb(data, start, scale, hold_sigma=True)
        warm[:] = end
        return cut - _loglik(data, end)[0]

    return excess
