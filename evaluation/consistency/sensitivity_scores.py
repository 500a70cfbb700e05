"""What other choices change about the comparison of findings, and what it would take to explain a difference away.

Ranges over a multiverse (`finding_universes`); the spread between units without small
units, and with missing characteristics filled in (never the headline); and the E-value of
the median odds ratio, the one comparison that names no unit.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial

import numpy as np
import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.consistency.chained_equations import pooled_over_imputations
from evaluation.consistency.e_value import e_value
from evaluation.consistency.finding_scores import MEASURE as FINDING
from evaluation.consistency.finding_scores import finding_rows
from evaluation.consistency.finding_universes import SMALL_UNIT, finding_universes
from evaluation.consistency.like_for_like import compared, spread_sigma, unit_spread, used_covariates
from evaluation.consistency.sensitivity_card import sensitivity_card
from evaluation.consistency.small_units import in_large_unit
from evaluation.multiverse import Multiverse, same_question, single_choices
from evaluation.multiverse_grid import Grid
from evaluation.score_rows import ScoreRows
from evaluation.scores import Part, Score
from evaluation.units.random_intercept import RandomIntercept, median_odds_ratio

RANGE, MEASURE = "consistency.misconduct_found_range", "consistency.sensitivity"
UNITS = {"share": "share", "median_odds_ratio": "odds_ratio", "outside_95": "count"}
FILLED_IN = ("complexity", "rank_band", "prior_measures")
"""Characteristics with a handful of values. An unknown category or year stays a level of its own."""
IMPUTATIONS, CYCLES, SEED = 5, 3, 28844
COMMON = 0.15
"""An outcome in more cases than this is common: its odds ratio is larger than its ratio of chances."""


def sensitivity_scores(
    case_files: CaseFiles, judged: pd.DataFrame, headline: Mapping[str, Score], *, as_of: date, level: float, span: str
) -> Part:
    """Return the ranges of the headline numbers of misconduct found, and what stands beside them.

    *Estimand*: those of `consistency.misconduct_found`, under each choice; no probability
    attaches to a range, which holds choices and no chance.

    Parameters
    ----------
    judged : DataFrame
        As `judged_allegations` returns.
    headline : mapping
        Id -> score of `consistency.misconduct_found`, for the E-value.
    """
    ranges = partial(ScoreRows, RANGE, "all", MEASURE, span, as_of, level)()
    beside = partial(ScoreRows, MEASURE, "all", MEASURE, span, as_of, level)()
    found = finding_universes(case_files, judged, level=level)
    scores: list[Score] = []
    for statistic, (grid, universes) in found.items():
        scores += _range(ranges, statistic, grid, universes)
    scores.append(ranges.count("universes", sum(len(one.table) for _grid, one in found.values()), n=len(judged)))
    scores.append(ranges.count("refused_universes", sum(one.refused for _grid, one in found.values()), n=len(judged)))
    scores += _e_values(beside, headline)
    scores.append(_without_small_units(beside, case_files, judged))
    scores.append(_imputed(beside, case_files, judged))
    return Part(tuple(scores), (sensitivity_card({name: grid for name, (grid, _found) in found.items()}),))


def _range(rows: ScoreRows, statistic: str, grid: Grid, found: Multiverse) -> Iterator[Score]:
    table, unit = found.table, UNITS[statistic]
    chosen = table[table["headline"].astype(bool)].iloc[0]
    same = same_question(grid, table)
    n = int(chosen["n"])
    for name, universes in ((statistic, table[same]), (f"{statistic}_any", table)):
        said = universes["estimate"].dropna()
        for end, value in (("low", said.min()), ("high", said.max())):
            yield rows.plain(
                f"{name}_{end}", unit, None if np.isnan(value) else value, n=n, refusal=str(chosen["refusal"])
            )
    different = table.loc[table["refusal"].isna(), ["estimate", "n"]].drop_duplicates()
    yield rows.count(f"{statistic}_universes", len(different), n=n)
    for key, row in single_choices(grid, table):
        yield _alone(rows, f"{statistic}_{key}", unit, row)


def _alone(rows: ScoreRows, statistic: str, unit: str, row: Mapping[str, object]) -> Score:
    n = int(str(row["n"]))
    estimate, low, high = (None if pd.isna(row[name]) else float(str(row[name])) for name in _NUMBERS)
    counts = {"numerator": round(estimate * n), "denominator": n} if unit == "share" and estimate is not None else {}
    return rows.plain(statistic, unit, estimate, n=n, low=low, high=high, refusal=str(row["refusal"]), **counts)


_NUMBERS = ("estimate", "low", "high")


def _e_values(rows: ScoreRows, headline: Mapping[str, Score]) -> Iterator[Score]:
    ratio, share = (headline[f"{FINDING}.{name}.all"] for name in ("median_odds_ratio", "share"))
    if ratio.estimate is None or share.estimate is None:
        for name in ("e_value", "e_value_interval_end"):
            yield rows.refused(name, "ratio", str(ratio.refusal or share.refusal), n=ratio.n)
        return
    common = share.estimate > COMMON
    found = e_value(ratio.estimate, ratio.low, ratio.high, measure="odds_ratio", common=common)
    yield rows.plain("e_value", "ratio", found.estimate, n=ratio.n)
    yield rows.plain("e_value_interval_end", "ratio", found.interval_end, n=ratio.n)


def _without_small_units(rows: ScoreRows, case_files: CaseFiles, judged: pd.DataFrame) -> Score:
    large = judged[in_large_unit(judged["unit"].to_numpy(dtype=object), minimum_n=SMALL_UNIT)]
    fit = unit_spread(compared(finding_rows(large), used_covariates(case_files, judged)), level=rows.level)
    if not isinstance(fit, RandomIntercept):
        return rows.refused("mor_without_small_units", "odds_ratio", fit, n=len(large))
    low, high = fit.median_odds_ratio_interval
    return rows.plain("mor_without_small_units", "odds_ratio", fit.median_odds_ratio, n=fit.n, low=low, high=high)


def _imputed(rows: ScoreRows, case_files: CaseFiles, judged: pd.DataFrame) -> Score:
    known = finding_rows(judged[judged["unit"].notna()]).reset_index(drop=True)
    used = used_covariates(case_files, judged)
    gaps = [name for name in FILLED_IN if name in used and known[name].notna().any()]

    def spread(filled: pd.DataFrame) -> tuple[float, float] | str:
        sigma = spread_sigma(compared(known.assign(**{name: filled[name] for name in gaps}), used))
        # Only the pooled number is said, so its variance within a table is not asked for.
        return sigma if isinstance(sigma, str) else (float(np.log(median_odds_ratio(sigma))), 0.0)

    missing = known[gaps].isna().to_numpy().any() if len(known) else False
    if not missing:
        said = spread(known[gaps])
        refusal = said if isinstance(said, str) else None
        value = None if isinstance(said, str) else float(np.exp(said[0]))
        return rows.plain("mor_imputed", "odds_ratio", value, n=len(known), refusal=refusal)
    others = known[["hit", "unit", *(name for name in used if name not in gaps)]].astype("object").fillna("")
    pooled = pooled_over_imputations(
        known[gaps], others, spread, imputations=IMPUTATIONS, cycles=CYCLES, level=rows.level,
        rng=np.random.default_rng(SEED),
    )  # fmt: skip
    value = None if pooled.estimate is None else float(np.exp(pooled.estimate))
    return rows.plain("mor_imputed", "odds_ratio", value, n=len(known), refusal=pooled.refusal)
