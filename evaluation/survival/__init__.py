"""Estimators of the time to an end that not everyone has reached: columns in, small results out.

Every function takes plain columns of the same names: `duration` (days), `event_observed`
(true: ended; false: still open, right-censored), `entry` (day on which the case came into
view), `weight` (number of identical cases), `group`, `stratum`, `cause`. A column is a
list, an array or a pandas column; rows are taken by place, never by index. A column that
cannot be read, or misses a value, is refused with `WrongUse`. Every result has `.table()`
and shows itself in a notebook. Nothing here knows what a case file is.
"""

from evaluation.survival.by_group import CurvesByGroup, kaplan_meier_by_group
from evaluation.survival.concordance import Concordance, concordance
from evaluation.survival.cox import cox
from evaluation.survival.cox_curves import baseline_hazard, predicted_survival
from evaluation.survival.cox_residuals import (
    deviance_residuals,
    dfbeta,
    martingale_residuals,
    schoenfeld_residuals,
    score_residuals,
)
from evaluation.survival.cox_result import Cox
from evaluation.survival.cumulative_incidence import CumulativeIncidence, cumulative_incidence, incidence_within
from evaluation.survival.equality_test import EqualityTest
from evaluation.survival.gray import gray_test
from evaluation.survival.kaplan_meier import (
    CurveEstimate,
    SurvivalCurve,
    at_risk_on,
    kaplan_meier,
    quantile,
    restricted_mean,
    share_within,
    survival_on,
)
from evaluation.survival.log_rank import log_rank
from evaluation.survival.net_curve import NetCurve, net_curve, net_restricted_mean
from evaluation.survival.proportional_hazards import ProportionalHazards, proportional_hazards

__all__ = [
    "Concordance", "Cox", "CumulativeIncidence", "CurveEstimate", "CurvesByGroup", "EqualityTest", "NetCurve",
    "ProportionalHazards", "SurvivalCurve", "at_risk_on", "baseline_hazard", "concordance", "cox",
    "cumulative_incidence", "deviance_residuals", "dfbeta", "gray_test", "incidence_within", "kaplan_meier",
    "kaplan_meier_by_group", "log_rank", "martingale_residuals", "net_curve", "net_restricted_mean",
    "predicted_survival", "proportional_hazards", "quantile", "restricted_mean", "schoenfeld_residuals",
    "score_residuals", "share_within", "survival_on",
]  # fmt: skip
