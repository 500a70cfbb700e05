"""Units with a planted spread, and units that do not differ."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evaluation.refusals import MINIMUM_N
from evaluation.units.closing_in_time import closing_in_time_by_unit
from evaluation.units.discrete_hazard import UnitEffect, UnitHazard, hazard_by_unit
from evaluation.units.funnel import WINSORISED_SHARE
from validate.performance import LEVEL, Effort, Found, Items, Quantity, Study

UNITS = 14
UNIT_SHARES = np.array([10, 11, 9, 8, 12, 10, 11, 7, 6, 6, 4, 3, 2, 1]) / 100
SMALL = 0.06
CASES = 1500
WITHIN = 365
EDGES = (0, 60, 120, 180, 360, 3000)  # days; the chance to close on a day is constant between two
LOGITS = (-5.6, -5.1, -4.9, -4.8, -5.0)
COMPLEX = -0.4
SPREAD = 0.3
FOLLOWED = 1500
LATE = 0.2
MANY = 60
WINSORISED = {"all units": 0.0, "winsorised": WINSORISED_SHARE}
_OF_UNITS = tuple(
    f"{who}: {what}" for who in ("units", "small units") for what in ("log odds ratio", f"share within {WITHIN} days")
)
LIMITS = {"95 %": 0.95, "99.8 %": 0.998}


def daily_chances(effect: float | np.ndarray) -> np.ndarray:
    """Return the chance to close on a day in each band; a row a case when `effect` is an array."""
    return np.asarray(1 / (1 + np.exp(-(np.array(LOGITS) + np.asarray(effect)[..., None]))))


def draw_length(effect: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw the day on which each case closes, from its chance on every day."""
    rate = -np.log1p(-daily_chances(effect))
    reached = np.cumsum(rate * np.diff(EDGES), axis=1)
    wait = rng.exponential(size=len(effect))
    band = np.minimum((reached < wait[:, None]).sum(axis=1), len(LOGITS) - 1)
    rows = np.arange(len(effect))
    before = np.where(band > 0, reached[rows, band - 1], 0.0)
    return np.asarray(np.array(EDGES)[band] + np.ceil((wait - before) / rate[rows, band]))


def true_outcome(effect: float, complex_share: float) -> tuple[float, float]:
    """Return share closed within, and mean days open within, `WITHIN` days for a mix of cases."""
    day = np.arange(1, WITHIN + 1)
    band = np.searchsorted(EDGES, day, side="left") - 1
    share = mean = 0.0
    for weight, shift in ((1 - complex_share, 0.0), (complex_share, COMPLEX)):
        still_open = np.cumprod(1 - daily_chances(effect + shift)[band])
        share += weight * (1 - still_open[-1])
        mean += weight * (1 + still_open[:-1].sum())
    return share, mean


def draw_cases(
    spread: float, rng: np.random.Generator, *, units: int = UNITS, size: int = CASES
) -> tuple[pd.DataFrame, np.ndarray]:
    """Draw cases of units whose effects are normal with this spread; some come into view late."""
    effects = rng.normal(0, spread, units) if spread else np.zeros(units)
    shares = np.resize(UNIT_SHARES, units)
    unit, heavy = rng.choice(units, size, p=shares / shares.sum()), rng.random(size) < 0.4
    length = draw_length(effects[unit] + np.where(heavy, COMPLEX, 0.0), rng)
    seen = rng.integers(1, FOLLOWED + 1, size)
    entry = np.where(rng.random(size) < LATE, rng.integers(1, 300, size), 0)
    cases = pd.DataFrame(
        {
            "duration": np.minimum(length, seen),
            "event_observed": length <= seen,
            "unit": unit,
            "complexity": np.where(heavy, "zwaar", "licht"),
            "entry": entry,
        }
    )
    return cases[cases["duration"] > cases["entry"]], effects


def _spread_once(rng: np.random.Generator) -> Items:
    cases, effects = draw_cases(SPREAD, rng)
    found = _hazard(cases)
    mix = float((cases["complexity"] == "zwaar").mean())
    yield "spread between units (sigma)", Found(found.sigma, found.sigma_low, found.sigma_high)
    share, days = true_outcome(0.0, mix)
    of_share = found.standard_share, found.standard_share_low, found.standard_share_high
    of_days = found.standard_mean_days, found.standard_mean_days_low, found.standard_mean_days_high
    yield f"average unit: share within {WITHIN} days", Found(*of_share, truth=share)
    yield f"average unit: mean days within {WITHIN}", Found(*of_days, truth=days)
    for unit, effect, size in zip(found.units, effects, UNIT_SHARES, strict=True):
        share, days = true_outcome(float(effect), mix)
        yield from _effect_of(unit, float(effect), small=size < SMALL)
        for who in ("units", "small units") if size < SMALL else ("units",):
            yield f"{who}: share within {WITHIN} days", Found(unit.share, unit.share_low, unit.share_high, truth=share)
        yield (f"units: mean days within {WITHIN}",
               Found(unit.mean_days, unit.mean_days_low, unit.mean_days_high, truth=days))  # fmt: skip


def _effect_of(unit: UnitEffect, effect: float, *, small: bool) -> Items:
    ratio = _logs(unit.odds_ratio, unit.low, unit.high)
    for who in ("units", "small units") if small else ("units",):
        yield f"{who}: log odds ratio", Found(*ratio, truth=effect)


def _spread(effort: Effort) -> list[Quantity]:
    section = f"14 units with a planted spread of {SPREAD}: discrete-time hazard"
    names = (
        f"average unit: share within {WITHIN} days",
        f"average unit: mean days within {WITHIN}",
        *_OF_UNITS,
        f"units: mean days within {WITHIN}",
    )
    return [Quantity(section, "spread between units (sigma)", SPREAD), *(Quantity(section, name) for name in names)]


def _many_once(rng: np.random.Generator) -> Items:
    cases, effects = draw_cases(SPREAD, rng, units=MANY, size=round(CASES * MANY / UNITS))
    found = _hazard(cases, MANY)
    yield "spread between units (sigma)", Found(found.sigma, found.sigma_low, found.sigma_high)
    mix = float((cases["complexity"] == "zwaar").mean())
    of_share = found.standard_share, found.standard_share_low, found.standard_share_high
    yield f"average unit: share within {WITHIN} days", Found(*of_share, truth=true_outcome(0.0, mix)[0])
    for unit, effect, size in zip(found.units, effects, np.resize(UNIT_SHARES, MANY), strict=True):
        yield from _effect_of(unit, float(effect), small=size < SMALL)


def _many(effort: Effort) -> list[Quantity]:
    section = f"Twin: {MANY} units with a planted spread of {SPREAD}"
    return [Quantity(section, "spread between units (sigma)", SPREAD),
            Quantity(section, f"average unit: share within {WITHIN} days"),
            *(Quantity(section, f"{who}: log odds ratio") for who in ("units", "small units"))]  # fmt: skip


def _equal_once(rng: np.random.Generator) -> Items:
    cases, _effects = draw_cases(0.0, rng)
    found = _hazard(cases)
    low = found.sigma_low
    yield "sigma above nought by its interval", Found(None if low is None else float(low > 0))
    closing = closing_in_time_by_unit(cases, like=["complexity"], day=WITHIN, level=LEVEL, minimum_n=MINIMUM_N,
                                      units=range(UNITS))  # fmt: skip
    judged = closing.funnel.judged
    for name, level in LIMITS.items():
        outside = closing.funnel.outside(level)
        for unit in np.flatnonzero(judged):
            yield f"units beyond the {name} limits", Found(float(outside[unit]))
    for ratio, ends in zip(closing.funnel.ratio, closing.intervals(), strict=True):
        yield "ratio of equal units", Found(None) if ends is None else Found(float(ratio), ends.low, ends.high)
    apart = closing.funnel.observed - closing.funnel.expected
    for unit in np.flatnonzero(judged & (UNIT_SHARES < SMALL)):  # over all units the differences cancel
        yield "ends minus those expected, small equal units", Found(float(apart[unit]))
    for name, winsorised in WINSORISED.items():
        yield f"overdispersion (phi), {name}", Found(closing.funnel.dispersion(winsorised=winsorised).phi)


def _equal(effort: Effort) -> list[Quantity]:
    hazard, closing = "14 units that do not differ: discrete-time hazard", "14 units that do not differ: closing funnel"
    return [
        Quantity(hazard, "sigma above nought by its interval", 0.05, "alarm"),
        *(Quantity(closing, f"units beyond the {name} limits", 1 - level, "alarm") for name, level in LIMITS.items()),
        Quantity(closing, "ratio of equal units", 1.0),
        Quantity(closing, "ends minus those expected, small equal units", 0.0, "estimate"),
        *(
            Quantity(closing, f"overdispersion (phi), {name}", chance_phi(share), "estimate")
            for name, share in WINSORISED.items()
        ),
    ]


def chance_phi(winsorised: float, *, units: int = UNITS, draws: int = 200_000) -> float:
    """Return what phi is on average when all is chance: of so many independent normal numbers, the outer pulled in.

    Written out anew: the bound is so far into the sorted numbers, between two of them as the
    case may be; what lies outside is put on it.
    """
    z = np.sort(np.random.default_rng(1).normal(0, 1, (draws, units)), axis=1)
    if winsorised:
        into = winsorised * (units - 1)
        before, part = int(into), into - int(into)
        low = (1 - part) * z[:, before] + part * z[:, before + 1]
        high = (1 - part) * z[:, -1 - before] + part * z[:, -2 - before]
        z = np.minimum(np.maximum(z, low[:, None]), high[:, None])
    return float((z**2).mean())


def _hazard(cases: pd.DataFrame, units: int = UNITS) -> UnitHazard:
    return hazard_by_unit(cases, covariates=["complexity"], every=60, within=WITHIN, level=LEVEL, minimum_n=MINIMUM_N,
                          units=range(units))  # fmt: skip


def _logs(*values: float | None) -> Sequence[float | None]:
    return [None if value is None else float(np.log(value)) for value in values]


STUDIES = (
    Study("units, spread", _spread, _spread_once, share=0.6),
    Study("units, many", _many, _many_once, share=0.2),
    Study("units, equal", _equal, _equal_once, share=0.6),
)
