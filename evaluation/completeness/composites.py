"""Five ways to say in one number how complete the steps of many cases are."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from statsmodels.stats.proportion import proportion_confint

from evaluation.proportion import Interval


@dataclass(frozen=True)
class StepCounts:
    """Counted opportunities of a group of cases.

    Parameters
    ----------
    required, done, not_recorded : ndarray of int, shape (cases, steps)
        Opportunities where the step was required; of these, shown as done; of these,
        not recorded. More than one when a step is taken once for every person.
    weight : ndarray of float, shape (steps,)
        Weight of each step.
    critical : ndarray of bool, shape (steps,)
        Steps that a case may not lack.
    """

    required: np.ndarray
    done: np.ndarray
    not_recorded: np.ndarray
    weight: np.ndarray
    critical: np.ndarray

    def among(self, cases: np.ndarray) -> "StepCounts":
        """Return the counts of some of the cases (positions, or one truth value a case)."""
        return replace(
            self, required=self.required[cases], done=self.done[cases], not_recorded=self.not_recorded[cases]
        )

    def not_recorded_as_done(self) -> "StepCounts":
        """Return the counts as they would be if everything that is not recorded had been done."""
        return replace(self, done=self.done + self.not_recorded, not_recorded=np.zeros_like(self.not_recorded))


@dataclass(frozen=True)
class Composite:
    """A composite share, with the number of cases behind it.

    Parameters
    ----------
    estimate : float or None
        Between 0 and 1; None when no case had anything required.
    cases : int
        Cases that count.
    effective_cases : float
        Number of independent yes-or-no answers that would be known as precisely. It
        accounts for steps of one case being alike, so it is what the interval rests on.
    numerator, denominator : int or None
        The two counts, where the composite is a share of counted things.
    """

    estimate: float | None
    cases: int
    effective_cases: float
    numerator: int | None = None
    denominator: int | None = None

    def interval(self, level: float) -> Interval:
        """Wilson's interval at the effective number of cases; 0 to 1 when nothing was required.

        For all-or-none and critical this is the ordinary Wilson interval.

        References
        ----------
        .. [1] N. Dean and M. Pagano, "Evaluating confidence interval methods for binomial
           proportions in clustered surveys", J. Survey Stat. Methodol. 3 (2015) 484-503.
        """
        if self.estimate is None:
            return Interval(0.0, 1.0)
        count, of = self.estimate * self.effective_cases, self.effective_cases
        low, high = proportion_confint(count, of, alpha=1 - level, method="wilson")
        return Interval(max(0.0, float(low)), min(1.0, float(high)))


def opportunity(counts: StepCounts) -> Composite:
    """Return the share of all required opportunities that is shown as done.

    Examples
    --------
    Two cases, two steps, one of the four opportunities not done:

    >>> both = np.ones((2, 2), dtype=int)
    >>> done = np.array([[1, 1], [1, 0]])
    >>> opportunity(StepCounts(both, done, 0 * both, np.ones(2), np.ones(2, bool))).estimate
    0.75
    """
    done, required = counts.done @ counts.weight, counts.required @ counts.weight
    some = required > 0
    done, required = done[some], required[some]
    if not len(required):
        return _NOTHING
    share = done.sum() / required.sum()
    unweighted = bool((counts.weight == 1).all())
    return Composite(
        float(share),
        len(required),
        _effective(share, (done - share * required) / required.sum()),
        int(counts.done.sum()) if unweighted else None,
        int(counts.required.sum()) if unweighted else None,
    )


def item_average(counts: StepCounts) -> Composite:
    """Return the average over steps of the share of their required opportunities that is done.

    Each step weighs by its weight, however often it was required; steps that no case
    required are left out.
    """
    times = counts.required.sum(axis=0)
    used = times > 0
    if not used.any():
        return _NOTHING
    done, required, times = counts.done[:, used], counts.required[:, used], times[used]
    weight = counts.weight[used] / counts.weight[used].sum()
    shares = done.sum(axis=0) / times
    estimate = float(weight @ shares)
    some = required.sum(axis=1) > 0
    influence = ((done - shares * required) / times) @ weight
    return Composite(estimate, int(some.sum()), _effective(estimate, influence[some]))


def case_average(counts: StepCounts) -> Composite:
    """Return the average over cases of the share of their required opportunities that is done."""
    scores = case_shares(counts)
    scores = scores[~np.isnan(scores)]
    if not len(scores):
        return _NOTHING
    mean = float(scores.mean())
    return Composite(mean, len(scores), _effective(mean, (scores - mean) / len(scores)))


def all_or_none(counts: StepCounts) -> Composite:
    """Return the share of cases in which every required opportunity is done."""
    return _complete_cases(counts.required, counts.done)


def critical(counts: StepCounts) -> Composite:
    """Return the share of cases in which no critical step is missing."""
    return _complete_cases(counts.required[:, counts.critical], counts.done[:, counts.critical])


def case_shares(counts: StepCounts) -> np.ndarray:
    """Return for each case the weighted share of its required opportunities that is done (NaN: none required)."""
    done, required = counts.done @ counts.weight, counts.required @ counts.weight
    return np.divide(done, required, out=np.full(len(required), np.nan), where=required > 0)


COMPOSITES: tuple[tuple[str, Callable[[StepCounts], Composite]], ...] = (
    ("opportunity", opportunity),
    ("item_average", item_average),
    ("case_average", case_average),
    ("all_or_none", all_or_none),
    ("critical", critical),
)
_NOTHING = Composite(None, 0, 0.0)


def _complete_cases(required: np.ndarray, done: np.ndarray) -> Composite:
    times = required.sum(axis=1)
    counted = times > 0
    whole = done.sum(axis=1)[counted] == times[counted]
    if not len(whole):
        return _NOTHING
    return Composite(float(whole.mean()), len(whole), float(len(whole)), int(whole.sum()), len(whole))


def _effective(share: float, influence: np.ndarray) -> float:
    """Return the effective number of cases from the influence of each case on the share.

    The variance is that of a sum over independent cases (linearised, with the m/(m-1)
    of a sample of m cases). Without any variance (all done, nothing done, one case)
    each case counts once.
    """
    cases = len(influence)
    variance = cases / (cases - 1) * float(influence @ influence) if cases > 1 else 0.0
    # Rounding leaves about 1e-34 where the variance is zero.
    return float(share * (1 - share)) / variance if variance > 1e-20 else float(cases)
