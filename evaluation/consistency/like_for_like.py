"""A yes/no outcome of allegations, unit by unit, beside what like allegations lead one to expect."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.consistency.judged import COVARIATES
from evaluation.refusals import MINIMUM_N
from evaluation.units.case_mix import CaseMix, case_mix
from evaluation.units.cluster_allowance import CaseCorrelation, case_correlation, case_weights
from evaluation.units.effect_uncertainty import effect_uncertainty
from evaluation.units.funnel import Funnel, clustered_funnel
from evaluation.units.random_intercept import RandomIntercept, between_unit_sigma, random_intercept
from evaluation.units.separation import SeparationError

NODES = 9
MINIMUM_UNITS = 5
"""Fewer units say nothing about the spread between units."""


@dataclass(frozen=True, eq=False)
class Compared:
    """Allegations of units with what like allegations lead one to expect, or why there is no such thing.

    *Estimand*: the chance of the outcome for each allegation, had all units together
    handled it.

    Parameters
    ----------
    rows : DataFrame
        The allegations with a unit: `hit`, `unit`, `case_id` and the rest.
    mix : CaseMix or None
    within : CaseCorrelation or None
        How alike allegations of one case are, over their characteristics and unit.
    refusal : str or None
        Key in `evaluation.refusals.REASONS`: `too_few` (allegations, or those with the
        rarer outcome), `no_variation`, `not_estimable` (one unit), `separation`.
    """

    rows: pd.DataFrame
    mix: CaseMix | None
    within: CaseCorrelation | None
    refusal: str | None = None


def used_covariates(case_files: CaseFiles, rows: pd.DataFrame) -> tuple[str, ...]:
    """Return the characteristics that were delivered."""
    return tuple(name for name, column in COVARIATES.items() if case_files.has(column) and name in rows)


def compared(rows: pd.DataFrame, covariates: tuple[str, ...]) -> Compared:
    """Fit what like allegations lead one to expect.

    Parameters
    ----------
    rows : DataFrame
        A row an allegation: `hit` (bool), `unit`, `case_id` and the covariates.
    covariates : tuple of str
        None: everybody has the overall chance.
    """
    known = rows[rows["unit"].notna()].reset_index(drop=True)
    hits = int(known["hit"].sum())
    if len(known) < MINIMUM_N:
        return Compared(known, None, None, "too_few")
    if hits in (0, len(known)):
        return Compared(known, None, None, "no_variation")
    if known["unit"].nunique() < 2:
        return Compared(known, None, None, "not_estimable")
    if min(hits, len(known) - hits) < MINIMUM_N:  # a model of a handful of outcomes describes that handful
        return Compared(known, None, None, "too_few")
    try:
        mix = case_mix(known["hit"], known["unit"], known[list(covariates)], minimum_n=MINIMUM_N)
    except SeparationError:
        return Compared(known, None, None, "separation")
    within = case_correlation(
        known["hit"].to_numpy(), mix.probability, known["unit"].to_numpy(str), known["case_id"].to_numpy(str)
    )
    return Compared(known, mix, within)


def unit_funnel(found: Compared, units: list[str]) -> Funnel:
    """Return the funnel of the observed against the expected counts of `units`.

    Raises
    ------
    ValueError
        If there is no case mix.
    """
    mix, within = _fitted(found)
    unit, case = found.rows["unit"].to_numpy(str), found.rows["case_id"].to_numpy(str)
    hit, chance = found.rows["hit"].to_numpy(bool), mix.probability
    of_unit = [unit == name for name in units]
    return clustered_funnel(
        [int(hit[here].sum()) for here in of_unit],
        [chance[here] for here in of_unit],
        [case[here] for here in of_unit],
        correlation=within.used,
        minimum_n=MINIMUM_N,
    )


def unit_spread(found: Compared, *, level: float) -> RandomIntercept | str:
    """Return the spread between units that is left after the case mix, or the key of the reason why there is none."""
    if refusal := _no_spread(found):
        return refusal
    try:
        fit = random_intercept(**_spread_rows(found), level=level)
    except SeparationError:
        return "separation"
    return replace(fit, n=len(found.rows)) if np.isfinite(fit.sigma_interval.high) else "not_estimable"


def effect_errors(found: Compared, fit: RandomIntercept) -> np.ndarray:
    """Return the standard error of each unit effect, with the average unit and the case mix uncertain too.

    The conditional one of the fit takes both as known: with 14 units its 95 % interval
    holds the effect in 81 to 88 % (`make validate`).
    """
    given = _spread_rows(found)
    uncertain = effect_uncertainty(fit, given["trials"], given["design"], given["units"])
    return np.array([uncertain.of_effect(at) for at in range(len(fit.units))])


def spread_sigma(found: Compared) -> float | str:
    """Return the sigma of `unit_spread` without its interval, or the key of a reason.

    It does not refuse a spread that the data do not bound: the interval shows that.
    """
    if refusal := _no_spread(found):
        return refusal
    try:
        return between_unit_sigma(**_spread_rows(found))
    except SeparationError:
        return "separation"


def _no_spread(found: Compared) -> str | None:
    if found.mix is None:
        return found.refusal
    return "not_estimable" if found.mix.cells["unit"][~found.mix.decided].nunique() < MINIMUM_UNITS else None


def _spread_rows(found: Compared) -> dict:
    """Return the arguments of the model; allegations of one case count for as much as they say."""
    mix, within = _fitted(found)
    cells = mix.cells
    successes, trials = cells["successes"].to_numpy(float), cells["trials"].to_numpy(float)
    if within.used > 0:
        unit, case = found.rows["unit"].to_numpy(str), found.rows["case_id"].to_numpy(str)
        weight = case_weights(unit, case, correlation=within.used)
        successes = np.bincount(mix.cell, weight * found.rows["hit"].to_numpy(float), len(cells))
        trials = np.bincount(mix.cell, weight, len(cells))
        successes = np.where(cells["successes"] == cells["trials"], trials, successes)  # free of rounding
    told = ~mix.decided
    return {
        "successes": successes[told], "trials": trials[told], "design": mix.design[told],
        "units": cells["unit"].to_numpy(str)[told], "nodes": NODES,
    }  # fmt: skip


def _fitted(found: Compared) -> tuple[CaseMix, CaseCorrelation]:
    if found.mix is None or found.within is None:
        raise ValueError(f"no case mix: {found.refusal}")
    return found.mix, found.within
