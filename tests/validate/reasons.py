"""Where a method is known not to reach the band, and why. A row that fails without a reason here is news."""

from fnmatch import fnmatchcase

_NET = (
    "On the net clock censoring is not independent of the length: a case that was suspended has run fewer net days "
    "when the view ends, and suspended cases are the complex, slow ones. The net curve therefore closes a little too "
    "fast, the more so the more cases are open: by a third of a standard error at one in five open "
    "and 780 cases. It would hold within levels of complexity and criminal track."
)
_POOLED = (
    "Over all years together censoring is not independent of the length: the example gives every year its own pace, "
    "and it is the cases of the last years, the quicker ones, that are still open. The bias is a fifth of a standard "
    "error, with rounding a third for a quantile; the rows of one year of opening do not have it."
)
_REGISTRATION = (
    "Steps that were never written down. A case whose step was done but not recorded is left out once a later step "
    "betrays it, and until then counts as still in the stage; and cases leave the stage unrecorded more in some units "
    "than in others. With every step recorded nearly all rows hold. The rows left out are counted beside the score."
)
_NOT_DONE = (
    "One to five in a hundred steps are recorded as not done. While such a case is open it cannot be told from one "
    "still in the stage."
)
_SMALL_UNITS = (
    "Shrinkage, for three given units. Of units drawn at random the interval holds the truth in 95 % (the planted "
    "spread, below), but these three stay the same in every repetition, are small, and do not lie in the middle: the "
    "estimate is drawn towards the average unit, by design."
)
_ACCELERATED = (
    "The model does not fit the example. A unit of the example slows the clock by a factor; the model says that a unit "
    "has the same odds ratio on every day. In slow units, mean days come out up to seven days too short, in fast "
    "units some four days too long; the share within the horizon, to which most ends contribute, hardly suffers."
)
_FEW_UNITS = (
    "Fourteen units. Sigma is estimated by maximum likelihood, which comes out 6 to 7 % low with few units, and the "
    "interval of a unit, and of the average unit, takes it as known."
)
_BOUNDARY = (
    "Sigma cannot be negative: when units do not differ its estimate is nought or a little above, and its interval "
    "(by profile likelihood) is on the safe side."
)
_WINSORISED = (
    "Pulling in a tenth of the units on either side makes the mean square smaller by construction. A factor under one "
    "is never used, so limits are not widened where units do not differ; without it the mean is one."
)
_RATIO = (
    "A ratio of a small unit is skewed: observed minus expected is nought on average, observed over expected a little "
    "more than one. Coverage does not suffer."
)
_TOGETHER = (
    "Persons in one case end on one day; the interval takes them as independent (one person in ten has company). "
    "A person whose notification is recorded as not done starts at an order measure where there is one; those with one "
    "wait longer, and the truth has no such persons. "
)
_CLUSTERS = (
    "Errors by cluster are too small with few clusters: thirteen. The documentation of `cox` says so, and compares "
    "units by other means."
)
_LIKELIHOOD = (
    "Maximum partial likelihood leans away from nought in small samples, by about two in a hundred at 400 cases, and "
    "no longer visibly at 1,600. statsmodels gives the same coefficients."
)
_SMALL_GROUPS = (
    "The chi-square distribution is an approximation, and a little too narrow with units of a dozen cases spread over "
    "three strata: 6 to 7 % at a nominal 5 % with 800 cases, 6 % with 3,200, and within 5 % with 12,800. statsmodels "
    "gives the same p-values."
)
_PRIOR = (
    "Half an end is added to every group of ages (Jeffreys' prior), which closes about one in a hundred of the stock "
    "too much where groups are small. With ten times as many cases, or without that half, the bias is gone. Coverage "
    "does not suffer."
)
_ALIKE = (
    "Months that resemble their neighbours by a half. Newey-West over three months takes in part of that. The module "
    "says so, and gives the same comparison at other dates beside it."
)
_LATTICE = (
    "Lengths in months: a quantile can only be one of few days, and its interval, made of such days, holds more than "
    "it says."
)
_FEW_CASES = (
    "Forty cases: the interval of the restricted mean is the normal one on its own scale, and the spread is estimated "
    "from few long cases."
)

REASONS: tuple[tuple[str, str, str], ...] = (
    ("example: totals", "202?, net: *", _NET),
    ("example: totals", "until 2018, net: *", _NET),
    ("example: totals", "until 2018, gross: *", _POOLED),
    ("example: totals", "all, *", _POOLED),
    ("example: totals", "from 2019, *", _POOLED),
    ("example: totals", "ended by *", _POOLED),
    ("example: totals", "cohorts: *", _POOLED),
    ("example: stages as delivered", "intake: *", _REGISTRATION),
    ("example: stages as delivered", "fact_finding: *", _REGISTRATION),
    ("example: stages as delivered", "assessment: *", _REGISTRATION),
    ("example: stages as delivered", "decision: *", _REGISTRATION),
    ("example: stages as delivered", "uncertainty: *", _TOGETHER + _REGISTRATION),
    ("example: stages, all steps recorded", "uncertainty*", _TOGETHER + _NOT_DONE),
    ("example: stages, all steps recorded", "*", _NOT_DONE),
    ("example: units", "share *3 small units", _SMALL_UNITS),
    ("example: units", "mean days *3 small units", _SMALL_UNITS),
    ("example: units", "share *11 larger units", _ACCELERATED),
    ("example: units", "mean days *11 larger units", _ACCELERATED),
    ("units, spread", "*", _FEW_UNITS),
    ("units, equal", "spread between units*", _BOUNDARY),
    ("units, equal", "*winsorised", _WINSORISED),
    ("units, equal", "ratio of equal units", _RATIO),
    ("cox, clusters", "*13 clusters*", _CLUSTERS),
    ("cox, days", "log hazard ratio, *", _LIKELIHOOD),
    ("nothing differs", "log-rank test, 13 units*", _SMALL_GROUPS),
    ("change, months alike", "*", _ALIKE),
    ("stock, in balance", "stock in *", _PRIOR),
    ("curve, months", "* (days)", _LATTICE),
    ("curve, 40 cases", "mean days *", _FEW_CASES),
)


def reason_for(study: str, quantity: str) -> str:
    """Return why a quantity may fall short, or nothing when it should not."""
    return next((why for one, name, why in REASONS if fnmatchcase(study, one) and fnmatchcase(quantity, name)), "")
