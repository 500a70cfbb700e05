"""A stage in every universe: from another step, with other cases, with or without what was not recorded."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import partial
from itertools import product
from typing import Self

import numpy as np
import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.duration.clock import dates, entered_on, gross_days
from evaluation.duration.curve_refusal import followed_quantile
from evaluation.duration.sensitivity.case_facts import case_facts, common_facts, has
from evaluation.duration.sensitivity.headlines import STAGE_HEADLINES, Headline
from evaluation.duration.sensitivity.range_rows import Range
from evaluation.duration.sensitivity.universe_curves import said, treated
from evaluation.duration.stage_card import LARGEST_LOSS, OUT_OF_VIEW
from evaluation.duration.stage_curves import stage_curve
from evaluation.duration.stage_table import CHAIN, STAGES, Stage
from evaluation.duration.stage_table import longest_stage as longest_of
from evaluation.duration.stages import NOT_A_LOSS, stage_durations
from evaluation.duration.total import KIND
from evaluation.duration.working_days import COUNTINGS
from evaluation.multiverse import multiverse
from evaluation.multiverse_grid import Universe, kept
from evaluation.scores import Score
from evaluation.survival import CurveEstimate

STARTS = {"opdr": ("OPDR", ""), "kenn": ("KENN", ""), "kenn_orde": ("KENN", "ORDE")}
"""Option of `start` -> `start` and `start_or_earlier` of the stage."""

UNRECORDED_END = ("end_not_recorded", "end_undated", "exit_not_recorded")
"""Reasons of `stages.stage_durations` to leave a row out of which the start is known and the end is not."""


@dataclass(frozen=True)
class _Variant:
    """Options of the choices that make other rows of a stage; empty where its grid has no such choice."""

    start: str = ""
    counted: str = ""
    unrecorded: str = ""

    @classmethod
    def of(cls, universe: Universe) -> Self:
        return cls(*(universe.get(field.name, "") for field in fields(cls)))


def stage_ranges(
    case_files: CaseFiles, published: Mapping[str, Score], *, as_of: date, level: float, span: str
) -> Iterator[Range]:
    """Yield the median of the longest stage, and of the wait of the person concerned, in every universe.

    *Estimand*: that of the stage, under each universe.

    Parameters
    ----------
    published : mapping
        Id -> score of the other families of duration.
    """
    wait = STAGE_HEADLINES["uncertainty"]
    wanted = [code for code in (longest_stage(published), "uncertainty" if wait.of in published else None) if code]
    for code in wanted:
        yield _range(case_files, STAGE_HEADLINES[code], code, as_of=as_of, level=level, span=span)


def longest_stage(published: Mapping[str, Score]) -> str | None:
    """Return the stage of the chain with the largest median; None when one has none, or two tie."""
    scores = {code: published.get(STAGE_HEADLINES[code].of) for code in CHAIN}
    return longest_of({code: score.estimate for code, score in scores.items() if score})


def _range(case_files: CaseFiles, headline: Headline, code: str, *, as_of: date, level: float, span: str) -> Range:
    grid = headline.read_grid()
    options = {choice.key: [option.key for option in choice.options] for choice in grid.choices}
    variants = [_Variant(*keys) for keys in product(*(options.get(field.name, [""]) for field in fields(_Variant)))]
    rows = universe_rows(case_files, next(stage for stage in STAGES if stage.code == code), variants, as_of=as_of)

    def median(universe: Universe) -> CurveEstimate:
        clock = "working_gross" if universe["days"] == "working" else "gross"
        mine = kept(rows[_Variant.of(universe)], grid, universe)
        curve = stage_curve(treated(mine, universe, clock=clock), code, clock)
        return said(curve, followed_quantile(curve, 0.5, level=level), refusal=refuse_losses(mine))

    return Range(headline, grid, multiverse(grid, median, has=partial(has, case_files, _facts(rows))), span)


def refuse_losses(rows: pd.DataFrame) -> str | None:
    """Return `misleading` where registration lost most of what began, as `stage_scores` does."""
    began = rows["left_out"] != NOT_A_LOSS
    lost = began & ~rows["left_out"].isin(["", OUT_OF_VIEW])
    return "misleading" if lost.sum() > LARGEST_LOSS * began.sum() else None


def _facts(rows: Mapping[_Variant, pd.DataFrame]) -> dict[str, bool]:
    first = next(iter(rows.values()))
    counts = first[first["left_out"] == ""]
    return {
        **common_facts(first),
        "other_kinds": not counts["disciplinary"].all(),
        "same_day": bool((counts["gross"] == counts["gross_entry"]).any()),
        "unrecorded_end": bool(first["left_out"].isin(UNRECORDED_END).any()),
        "other_exits": bool((counts["cause"] != counts["end_step"])[counts["event"]].any()),
        "start_kenn": any(
            variant.start == "kenn" and (one["left_out"] == "").any() for variant, one in rows.items()
        ),
        "persons": bool(first["subject_id"].notna().any()),
    }  # fmt: skip


def universe_rows(
    case_files: CaseFiles, stage: Stage, variants: Iterable[_Variant], *, as_of: date
) -> dict[_Variant, pd.DataFrame]:
    """Return the rows of a stage as each variant has them, of cases of any kind.

    Returns
    -------
    dict
        Variant -> the columns of `stages.stage_durations` and of `case_facts`, and
        `end_step` (the step that ends the stage).
    """
    facts = case_facts(case_files)
    kinds = sorted(case_files.cases["kind"].dropna().unique()) if case_files.has("cases.kind") else [KIND]
    variants = list(variants)
    wanted = {
        (variant, kind): replace(_stage(stage, variant), kind=kind, code=f"{number}:{kind}")
        for number, variant in enumerate(variants)
        for kind in kinds
        if variant.unrecorded != "until_closing"
    }
    made = stage_durations(case_files, as_of=as_of, stages=list(wanted.values()))
    found = {}
    for variant in variants:
        plain = replace(variant, unrecorded=variant.unrecorded and "left_out")
        codes = [one.code for (other, _kind), one in wanted.items() if other == plain]
        rows = made[made["stage"].isin(codes)].assign(stage=stage.code, end_step=stage.end)
        rows = rows.merge(facts, on="case_id", how="left")
        found[variant] = rows if plain == variant else _until_closing(case_files, rows, as_of=as_of)
    return found


def _stage(stage: Stage, variant: _Variant) -> Stage:
    start, earlier = STARTS.get(variant.start, (stage.start, stage.start_or_earlier))
    level = {"case": "case", "person": "subject"}.get(variant.counted, stage.level)
    return replace(stage, start=start, start_or_earlier=earlier, level=level)


def _until_closing(case_files: CaseFiles, rows: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    """Let a stage of which only the end is not recorded last until its case ended, or `as_of`."""
    cases = case_files.cases.assign(entered=entered_on(case_files.cases, case_files.delivery)).set_index("case_id")
    cases = cases.loc[rows["case_id"]]
    start, closed_on, entered = dates(rows["start_on"]), dates(cases["closed_on"]), dates(cases["entered"])
    until = np.where(np.isnat(closed_on), np.datetime64(as_of, "D"), closed_on)
    undated = (cases["status"] == "afgesloten").to_numpy(bool) & np.isnat(closed_on)
    mine = rows["left_out"].isin(UNRECORDED_END).to_numpy() & ~undated & (until >= start)
    since = np.where(entered > start, entered, start)  # NaT compares false: in view from the start
    rows = rows.copy()
    for days, counting in COUNTINGS.items():
        for moment, suffix in ((until, ""), (since, "_entry")):
            clock = f"{'working_' if days == 'working' else ''}gross{suffix}"
            rows.loc[mine, clock] = gross_days(start, moment, counting=counting)[mine]
    rows.loc[mine, "event"] = ~np.isnat(closed_on)[mine]
    rows.loc[mine, "left_out"] = np.where(until <= entered, OUT_OF_VIEW, "")[mine]
    return rows
