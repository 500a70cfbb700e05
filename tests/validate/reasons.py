"""Where a method is known not to reach the band, why, and which row shows it: the same with that cause taken away.

A row that fails without a reason here is news, and so is one whose twin fails as well.
"""

from fnmatch import fnmatchcase
from typing import NamedTuple

from validate.performance import Reason

_POOLED = (
    "Over all years together censoring is not independent of the length: the example gives every year its own pace, "
    "and it is the cases of the last years, the quicker ones, that are still open. The rows of one year of opening do "
    "not have it, nor has the same delivery when every year has the same pace."
)
_REGISTRATION = (
    "Steps that were never written down, or written down as not done or without a day. A case whose step was not "
    "recorded is left out once a later step betrays it, and until then counts as still in the stage; units differ in "
    "how often that is. The rows left out are counted beside the score."
)
_FEW_UNITS = (
    "Fourteen units. Sigma is estimated by maximum likelihood, which comes out some 6 % low with few units; its "
    "interval, by profile likelihood, holds. The card says so."
)
_CLUSTERS = (
    "Errors by cluster are too small with few clusters: thirteen. The documentation of `cox` says so; no published "
    "number rests on them."
)
_LIKELIHOOD = (
    "Maximum partial likelihood leans away from nought in small samples, by two in a hundred at 400 cases; the bias is "
    "of the order of one over the number of cases. statsmodels and R give the same coefficients. Coverage does not "
    "suffer."
)
_SMALL_GROUPS = (
    "The chi-square distribution is an approximation, and a little too narrow with units of a dozen cases spread over "
    "three strata: 6 to 7 % at a nominal 5 % with 800 cases. statsmodels gives the same p-values."
)

_FEW_DOSSIERS = (
    "Kappa and alpha lean to low values when dossiers are few: what chance would give is estimated from the same "
    "dossiers. At 60 dossiers it is 0.01 to 0.03, up to a fifth of a standard error. Coverage does not suffer; the "
    "card says so."
)

_CUT = (
    "Sigma cannot be negative: when units do not differ its estimate is nought or a little above, and so is all that "
    "is made of it. An estimate that may fall below nought is nought on average. Its interval holds: the row above."
)
_FEW_UNITS_OUTCOME = (
    "Fourteen units. Sigma is estimated by maximum likelihood, which comes out low with few units, and with it the "
    "median odds ratio and the intraclass correlation; their intervals, by profile likelihood, hold."
)
_QUICK = (
    "Cases still open at the extraction. Those with misconduct found go on to a decision and take longer, so of recent "
    "years the quick cases are known, with less misconduct. The chain shows how many are still running beside it."
)
_SIGMA_KNOWN = (
    "The interval of a unit, and of the average unit, takes the spread between units as known. With fourteen units it "
    "is not, and comes out some 6 % low; a small unit, drawn far in, has to rely on it most."
)
_CURVED = (
    "A share near one rises less with the effect of a unit than it falls, and the estimate of a unit is drawn towards "
    "the average: the share of a small unit comes out half a point high. The effect itself, which is what is drawn in, "
    "does not lean."
)
_ALL_DAYS = (
    "A unit of the example slows the clock by a factor; the model gives it the same odds ratio on every day. Of the "
    "share within a year that takes a tenth of a standard error, and nothing of the effect where the model holds."
)


class _Known(NamedTuple):
    """Patterns of study and quantity; of the twin an empty quantity: the same."""

    study: str
    quantity: str
    why: str
    twin_study: str
    twin_quantity: str = ""


REASONS = (
    _Known("example: totals", "all, *", _POOLED, "example: one pace"),
    _Known("example: totals", "until 2018, *", _POOLED, "example: one pace"),
    _Known("example: totals", "from 2019, *", _POOLED, "example: one pace"),
    _Known("example: totals", "cohorts: *", _POOLED, "example: one pace"),
    _Known("example: stages as delivered", "[!c]*", _REGISTRATION, "example: stages, every step recorded"),
    _Known("example: units drawn anew", "share *, 3 small units", _CURVED, "units, many",
           "small units: log odds ratio"),
    _Known("example: units drawn anew", "share *, 11 larger units", _ALL_DAYS, "units, many", "units: log odds ratio"),
    _Known("units, spread", "average unit: share *", _SIGMA_KNOWN, "units, many"),
    _Known("units, spread", "small units: log odds ratio", _SIGMA_KNOWN, "units, many"),
    _Known("units, spread", "small units: share *", _CURVED, "units, many", "small units: log odds ratio"),
    _Known("units, spread", "units: share *", _CURVED, "units, many", "units: log odds ratio"),
    _Known("units, spread", "spread between units (sigma)", _FEW_UNITS, "units, many"),
    _Known("cox, clusters", "log hazard ratio, complex, 13 clusters, by cluster", _CLUSTERS, "cox, clusters",
           "log hazard ratio, complex, 80 clusters, by cluster"),
    _Known("cox, days", "log hazard ratio, *", _LIKELIHOOD, "cox, 1,600 cases"),
    _Known("readers, 60 dossiers", "alpha*", _FEW_DOSSIERS, "readers, 500 dossiers"),
    _Known("readers, 60 dossiers", "kappa*", _FEW_DOSSIERS, "readers, 500 dossiers"),
    _Known("readers, nearly all alike, 60 dossiers", "alpha*", _FEW_DOSSIERS,
           "readers, nearly all alike, 500 dossiers"),
    _Known("readers, nearly all alike, 60 dossiers", "kappa*", _FEW_DOSSIERS,
           "readers, nearly all alike, 500 dossiers"),
    _Known("outcome, equal", "*, equal units", _CUT, "outcome, equal",
           "variance between equal units by moments, not cut at nought"),
    _Known("outcome, spread 0.3", "[!u]*", _FEW_UNITS_OUTCOME, "outcome, spread 0.3, many units"),
    _Known("outcome, spread 0.6", "[!u]*", _FEW_UNITS_OUTCOME, "outcome, spread 0.6, many units"),
    _Known("outcome, spread, several a case", "[!u]*", _FEW_UNITS_OUTCOME,
           "outcome, spread, several a case, many units"),
    _Known("example: outcomes", "share found, *", _QUICK, "example: outcomes, every case closed"),
    _Known("nothing differs", "log-rank test, *", _SMALL_GROUPS, "nothing differs, many cases"),
)  # fmt: skip


def reason_for(study: str, quantity: str) -> Reason | None:
    """Return why a quantity may fall short, with its twin, or nothing when it should not."""
    for known in REASONS:
        if fnmatchcase(study, known.study) and fnmatchcase(quantity, known.quantity):
            return Reason(known.why, (known.twin_study, known.twin_quantity or quantity))
    return None
