"""What a study is, how well it did over its repetitions, and the rule for a verdict.

Performance measures and their Monte Carlo errors are those of T. P. Morris, I. R. White,
M. J. Crowther, "Using simulation studies to evaluate statistical methods", Statistics in
Medicine 38 (2019) 2074-2102, table 6.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

import numpy as np
from statsmodels.stats.proportion import proportion_confint

LEVEL = 0.95
REACH = 1.959963984540054
COVERAGE_BAND = (0.93, 0.97)
BIAS_ERRORS = 3.0  # Monte Carlo errors; among a hundred right rows one of 3 is crossed by chance in one study of four
NEGLIGIBLE = 0.1  # of a standard error: takes 95 % coverage to 94.9 %
HALF_DAY = 0.5  # whole days: the quantile of a sample moves over a lattice, its mean does not
MOST_REFUSED = 0.05

Kind = Literal["interval", "lattice", "estimate", "prediction", "alarm"]
Handled = tuple[tuple[str, float, float], ...]
"""Cases of a complexity, at a pace: their share of all."""


class Found(NamedTuple):
    """One number of one repetition. No estimate: it was refused.

    `truth` where every repetition has its own; `of` where several with a truth each (units)
    are taken together; `at` what the truth is to be computed from.
    """

    estimate: float | None
    low: float | None = None
    high: float | None = None
    truth: float | None = None
    of: str = ""
    at: Handled = ()


class Said(Protocol):
    """What estimators return: an estimate with an interval."""

    @property
    def estimate(self) -> float | None: ...

    @property
    def low(self) -> float | None: ...

    @property
    def high(self) -> float | None: ...


@dataclass(frozen=True)
class Quantity:
    """What is to be found.

    Parameters
    ----------
    section, name : str
        `name` is also the key under which a repetition gives it; unique in a study.
    truth : float, mapping, callable or None
        A mapping: by `Found.of`. A callable: from `Found.at`. None: `Found.truth`. For an
        alarm, the nominal rate.
    kind : {"interval", "lattice", "estimate", "prediction", "alarm"}
        `interval`: bias and coverage. `lattice`: the same, of a number that can only be one
        of a few: its interval, with ends among the same few, cannot have a coverage that
        was chosen, and is asked to have enough. `estimate`: no interval, bias only.
        `prediction`: an interval for what will be seen, coverage and bias. `alarm`: a rate
        that should be at most the nominal one.
    truth_error : float
        Monte Carlo error of a truth that was itself drawn.
    tolerance : float
        So much bias is rounding, and comes on top.
    wrong : bool
        A method known to be wrong, which the study has to see fail.
    """

    section: str
    name: str
    truth: float | Mapping[str, float] | Callable[[Handled], float] | None = None
    kind: Kind = "interval"
    truth_error: float = 0.0
    tolerance: float = 0.0
    wrong: bool = False


class Effort(NamedTuple):
    """How much is drawn for the truth of the example, and how (`map`, or that of a pool of processes)."""

    mapper: Callable[..., Iterable] = map
    chunks: int = 1


Items = Iterable[tuple[str, Found]]


@dataclass(frozen=True)
class Study:
    """A process with a known truth, and the methods that look for it.

    Parameters
    ----------
    name : str
        Also seeds its draws, so that one study does not move another.
    quantities : callable
        From an `Effort` to what is to be found.
    once : callable
        Draws and scores one repetition; several items of one name are taken together.
    share : float
        Repetitions, as a share of those asked for: the slow ones get fewer.
    """

    name: str
    quantities: Callable[[Effort], Sequence[Quantity]]
    once: Callable[[np.random.Generator], Items]
    share: float = 1.0


@dataclass(frozen=True)
class Row:
    """Performance of one quantity; None where its kind has no such measure."""

    study: str
    section: str
    quantity: str
    truth: float | None
    mean: float | None
    bias: float | None
    bias_error: float | None
    empirical_error: float | None
    model_error: float | None
    coverage: float | None
    coverage_error: float | None
    repetitions: int
    refused: float
    verdict: str
    wrong: bool = False
    reason: str = ""
    twin: tuple[str, str] | None = None

    @property
    def name(self) -> tuple[str, str]:
        """Study and quantity."""
        return self.study, self.quantity


class Reason(NamedTuple):
    """Why a row may fall short, and the row of the same with the cause taken away, by study and quantity."""

    why: str
    twin: tuple[str, str]


def said(found: Said | None) -> Found:
    """Return what an estimator said as one number of a repetition."""
    if found is None or found.estimate is None:
        return Found(None)
    return Found(float(found.estimate), found.low, found.high)


def measured(
    study: str, quantity: Quantity, repetitions: Sequence[Sequence[Found]], *, reason: Reason | None = None
) -> Row:
    """Return the performance over the repetitions, each with its items of this name.

    Items of one repetition (the units of one delivery) are not independent: Monte Carlo
    errors are those of means by repetition.
    """
    items = [one for repetition in repetitions for one in repetition]
    given = [[one for one in repetition if one.estimate is not None] for repetition in repetitions]
    given = [repetition for repetition in given if repetition]
    refused = 1 - sum(map(len, given)) / len(items) if items else 1.0
    shared = quantity.truth if isinstance(quantity.truth, float) else None
    if len(given) < 2:
        return Row(study, quantity.section, quantity.name, shared, None, None, None, None, None, None, None,
                   len(repetitions), refused, "refused", quantity.wrong, *(reason or ()))  # fmt: skip
    errors = [np.array([float(one.estimate) - _truth(quantity, one) for one in many]) for many in given]  # type: ignore[arg-type]
    by_repetition = np.array([part.mean() for part in errors])
    flat = np.concatenate(errors)
    bias, bias_error = float(by_repetition.mean()), _mean_error(by_repetition, quantity.truth_error)
    spread = float(flat.std(ddof=1))
    coverage = coverage_error = model = None
    if quantity.kind in ("interval", "lattice", "prediction"):
        covers = np.array([np.mean([_holds(quantity, one) for one in many]) for many in given])
        coverage, coverage_error = float(covers.mean()), _mean_error(covers)
        widths = [one.high - one.low for many in given for one in many if one.low is not None and one.high is not None]
        model = float(np.sqrt(np.mean(np.square(widths)))) / (2 * REACH) if widths else None
    verdict = _verdict(quantity, bias, bias_error, spread, coverage, coverage_error, len(given), refused)
    why, twin = reason or ("", None)
    return Row(
        study=study, section=quantity.section, quantity=quantity.name, truth=shared,
        mean=float(np.mean([np.mean([float(one.estimate) for one in many]) for many in given])),  # type: ignore[arg-type]
        bias=bias, bias_error=bias_error, empirical_error=spread, model_error=model, coverage=coverage,
        coverage_error=coverage_error, repetitions=len(repetitions), refused=refused, verdict=verdict,
        wrong=quantity.wrong, reason=why, twin=twin,
    )  # fmt: skip


def _verdict(
    quantity: Quantity, bias: float, bias_error: float, spread: float, coverage: float | None,
    coverage_error: float | None, repetitions: int, refused: float,
) -> str:  # fmt: skip
    if quantity.kind == "alarm":
        return "too many alarms" if bias > BIAS_ERRORS * bias_error else "holds"
    faults = []
    if abs(bias) > max(BIAS_ERRORS * bias_error, NEGLIGIBLE * spread) + quantity.tolerance:
        faults.append("biased")
    if coverage is not None and coverage_error is not None:
        low, high = coverage_interval(coverage, coverage_error, repetitions)
        too_wide = low > COVERAGE_BAND[1] and quantity.kind != "lattice"
        faults += ["too narrow"] if high < COVERAGE_BAND[0] else ["too wide"] if too_wide else []
    if refused > MOST_REFUSED:
        faults.append("refused")
    return ", ".join(faults) or "holds"


def coverage_interval(coverage: float, error: float, repetitions: int) -> tuple[float, float]:
    """Return Wilson's interval of a coverage, from as many draws as give this Monte Carlo error."""
    draws = round(coverage * (1 - coverage) / error**2) if error > 0 else repetitions
    low, high = proportion_confint(coverage * max(draws, 1), max(draws, 1), alpha=1 - LEVEL, method="wilson")
    return float(low), float(high)


def _mean_error(values: np.ndarray, truth_error: float = 0.0) -> float:
    return float(np.hypot(values.std(ddof=1) / np.sqrt(len(values)), truth_error))


def _truth(quantity: Quantity, one: Found) -> float:
    if callable(quantity.truth):
        return quantity.truth(one.at)
    truth = quantity.truth[one.of] if isinstance(quantity.truth, Mapping) else quantity.truth
    truth = one.truth if truth is None else truth
    if truth is None:
        raise ValueError(f"no truth for {quantity.name}")
    return truth


def _holds(quantity: Quantity, one: Found) -> bool:
    """An end that the curve does not reach is open: it holds everything on its side."""
    truth = _truth(quantity, one)
    return (one.low is None or one.low <= truth) and (one.high is None or truth <= one.high)
