"""The allegations with a finding, under every choice that could have been made otherwise (`multiverse.yaml`)."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.clustered_share import clustered_share
from evaluation.consistency.effect import Effect, refused
from evaluation.consistency.finding_scores import finding_rows
from evaluation.consistency.like_for_like import Compared, compared, spread_sigma, unit_funnel, used_covariates
from evaluation.consistency.series_break import break_within, crosswalked_category
from evaluation.consistency.small_units import in_large_unit
from evaluation.multiverse import Multiverse, multiverse
from evaluation.multiverse_grid import Grid, Universe, kept, read_grid
from evaluation.refusals import MINIMUM_N
from evaluation.units.random_intercept import median_odds_ratio

GRIDS = Path(__file__).parent / "multiverse.yaml"
"""The grids of consistency."""

SMALL_UNIT = 50
"""Units with fewer allegations with a finding are left out in the universes without small units."""

OFFENCE, NOT_ESTABLISHED = "strafbaar_feit", "niet_vastgesteld"
HEAVIEST_FIRST = (OFFENCE, "plichtsverzuim_vastgesteld", NOT_ESTABLISHED, "geen_plichtsverzuim")
PERSON = ("rank_band", "prior_measures")


def finding_universes(
    case_files: CaseFiles, judged: pd.DataFrame, *, level: float
) -> dict[str, tuple[Grid, Multiverse]]:
    """Return the headline numbers of misconduct found in every universe of their grid.

    *Estimand*: those of `consistency.misconduct_found`, under each universe.

    Parameters
    ----------
    judged : DataFrame
        As `judged_allegations` returns.
    level : float

    Returns
    -------
    dict
        `share`, `median_odds_ratio` and `outside_95`: the grid and what came of it.
    """
    facts = allegation_facts(judged)
    used = used_covariates(case_files, judged)
    has = _has(facts, used)
    grids = {name: read_grid(name, GRIDS) for name in ("share", "spread")}

    @cache
    def of_universe(chosen: tuple[tuple[str, str], ...]) -> Compared:
        universe = dict(chosen)
        return compared(universe_rows(facts, grids["spread"], universe), _covariates(used, universe["mix"]))

    def comparing(read: Callable[[Compared], Effect]) -> Callable[[Universe], Effect]:
        return lambda universe: read(of_universe(tuple(universe.items())))

    def share(universe: Universe) -> Effect:
        return _share(universe_rows(facts, grids["share"], universe), level)

    return {
        "share": (grids["share"], multiverse(grids["share"], share, has=has)),
        "median_odds_ratio": (grids["spread"], multiverse(grids["spread"], comparing(_spread), has=has)),
        "outside_95": (grids["spread"], multiverse(grids["spread"], comparing(_outside), has=has)),
    }


def allegation_facts(judged: pd.DataFrame) -> pd.DataFrame:
    """Return the allegations with `hit` and the truth columns that the grids name.

    Returns
    -------
    DataFrame
        The rows of `judged`, with `in_large_unit`, `no_offence`, `established`,
        `since_break` (opened in a year of the new list of categories; all true without a
        break in these allegations) and `crosswalked`, the category on one list.
    """
    found = break_within(judged["category"])
    years = judged["year"].astype("Int64")
    return finding_rows(judged).assign(
        in_large_unit=in_large_unit(judged["unit"].to_numpy(dtype=object), minimum_n=SMALL_UNIT),
        no_offence=judged["finding"] != OFFENCE,
        established=judged["finding"] != NOT_ESTABLISHED,
        since_break=True if found is None else (years >= found.first_day.year).fillna(False).astype(bool),
        crosswalked=crosswalked_category(judged, split="apart"),
    )


def universe_rows(facts: pd.DataFrame, grid: Grid, universe: Universe) -> pd.DataFrame:
    """Return the allegations of one universe: one a case where that is chosen, the category on one list."""
    rows = kept(facts, grid, universe)
    if universe["per_case"] == "heaviest":
        place = {finding: at for at, finding in enumerate(HEAVIEST_FIRST)}
        rows = rows.iloc[rows["finding"].map(place).argsort(kind="stable")]
    if universe["per_case"] != "all":
        rows = rows.drop_duplicates("case_id").sort_index()
    return rows.assign(category=rows["crosswalked"]) if universe.get("categories") == "crosswalked" else rows


def _covariates(used: tuple[str, ...], mix: str) -> tuple[str, ...]:
    if mix == "none":
        return ()
    return used if mix == "full" else tuple(name for name in used if name not in PERSON)


def _has(facts: pd.DataFrame, used: tuple[str, ...]) -> Callable[[str], bool]:
    """Return whether these allegations can tell an option from the headline."""
    moved = (facts["crosswalked"] != facts["category"]) & facts["category"].notna()
    told = {
        "small_units": not facts.loc[facts["unit"].notna(), "in_large_unit"].all(),
        "offence": not facts["no_offence"].all(),
        "not_established": not facts["established"].all(),
        "years_before_break": not facts["since_break"].all(),
        "several_per_case": bool(facts["case_id"].duplicated().any()),
        "person": any(name in used for name in PERSON),
        "characteristics": bool(used),
        "crosswalk": "category" in used and bool(moved.any()),
    }
    return lambda needed: bool(told[needed])


def _share(rows: pd.DataFrame, level: float) -> Effect:
    if len(rows) < MINIMUM_N:
        return refused("too_few", len(rows))
    said = clustered_share(rows["hit"].astype(int), [1] * len(rows), rows["case_id"], level=level)
    return Effect(said.estimate, said.interval, len(rows))


def _spread(found: Compared) -> Effect:
    sigma = spread_sigma(found)
    n = len(found.rows)
    return refused(sigma, n) if isinstance(sigma, str) else Effect(median_odds_ratio(sigma), None, n)


def _outside(found: Compared) -> Effect:
    if found.mix is None:
        return refused(str(found.refusal), len(found.rows))
    funnel = unit_funnel(found, sorted(found.rows["unit"].unique()))
    n = int(funnel.size[funnel.judged].sum())
    return refused("too_few", n) if funnel.judged.sum() < 2 else Effect(float(funnel.outside(0.95).sum()), None, n)
