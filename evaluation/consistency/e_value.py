"""How strong something unmeasured would have to be to explain a difference away: the E-value.

A difference between units for like cases may come from what was not written down: how
grave a case was, what else was known of the person. The E-value is the smallest strength,
as a ratio of chances, with which one such thing would have to go together with both the
unit and the outcome, beyond what was taken into account, to leave no difference.
"""

from dataclasses import dataclass

import numpy as np

from data_contracts.errors import WrongUse
from data_contracts.language import _


@dataclass(frozen=True)
class EValue:
    """An E-value for an estimate and for its interval.

    Parameters
    ----------
    estimate : float
        At least 1; 1: nothing unmeasured is needed.
    interval_end : float or None
        For the end of the interval nearest to no difference; 1 when the interval holds
        no difference; None without an interval.
    risk_ratio : float
        The ratio of chances that the estimate was taken as.
    """

    estimate: float
    interval_end: float | None
    risk_ratio: float


def e_value(
    ratio: float, low: float | None = None, high: float | None = None, *, measure: str, common: bool = True
) -> EValue:
    """Return the E-value of a ratio.

    Parameters
    ----------
    ratio : float
        Positive.
    low, high : float, optional
        Its interval.
    measure : {"risk_ratio", "odds_ratio", "hazard_ratio"}
        A ratio of observed to expected counts is a risk ratio.
    common : bool
        Whether the outcome is common (over 15 %): an odds ratio then counts as its square
        root, a hazard ratio as (1 - 0.5 ** sqrt(HR)) / (1 - 0.5 ** sqrt(1 / HR)). Of a rare
        outcome they count as risk ratios. Has no say for a risk ratio.

    Raises
    ------
    WrongUse
        If a ratio is not positive or the interval does not hold the estimate.

    References
    ----------
    .. [1] T. J. VanderWeele, P. Ding, "Sensitivity analysis in observational research:
       introducing the E-value", Annals of Internal Medicine 167 (2017) 268-274.

    Examples
    --------
    The risk ratio 3.9 (1.8-8.7) of [1]_:

    >>> found = e_value(3.9, 1.8, 8.7, measure="risk_ratio")
    >>> round(found.estimate, 2), round(found.interval_end, 1)
    (7.26, 3.0)
    """
    ends = [end for end in (low, high) if end is not None]
    if not np.isfinite(ratio) or ratio <= 0 or any(np.isnan(end) or end < 0 for end in ends):
        raise WrongUse(_("Een E-waarde bestaat alleen van een verhouding boven nul, niet van {ratio}.", ratio=ratio))
    if (low is not None and low > ratio) or (high is not None and high < ratio):
        raise WrongUse(_("De schatting {ratio} ligt niet binnen haar interval.", ratio=ratio))
    point = _as_risk_ratio(ratio, measure, common)
    near = low if ratio >= 1 else high
    if near is None:
        at_end = None
    elif (near <= 1) == (ratio >= 1):
        at_end = 1.0
    else:
        at_end = _strength(_as_risk_ratio(near, measure, common))
    return EValue(_strength(point), at_end, point)


def _as_risk_ratio(ratio: float, measure: str, common: bool) -> float:
    if measure not in ("risk_ratio", "odds_ratio", "hazard_ratio"):
        raise WrongUse(_("{value} kan hier niet; kies {known}", value=measure,
                         known="risk_ratio, odds_ratio, hazard_ratio"))  # fmt: skip
    if measure == "risk_ratio" or not common:
        return float(ratio)
    root = float(np.sqrt(ratio))
    return root if measure == "odds_ratio" else float((1 - 0.5**root) / (1 - 0.5 ** (1 / root)))


def _strength(risk_ratio: float) -> float:
    away = max(risk_ratio, 1 / risk_ratio)
    return float(away + np.sqrt(away * (away - 1)))
