"""A small publication, written by hand from the ledger's own columns: no run, no case files."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from evaluation.publication.ledger import COLUMNS, INTEGERS, written

UNITS = ("nn", "ams", "rtd", "lo")
FOREIGN = ("first district", "k-9", "records", "academy")


def score(
    score_id: str,
    estimate: float | None,
    unit: str,
    *,
    low: float | None = None,
    high: float | None = None,
    n: int = 400,
    decision: str = "published",
    refusal: str = "",
) -> dict[str, Any]:
    """One ledger row; shares get their counts, hidden rows lose every number."""
    module, measure, statistic, group = score_id.split(".", 3)
    shown = decision == "published"
    count = n if unit == "share" else None
    hidden = {"refused": ("niet te zeggen", "cannot be said")}.get(decision, ("afgeschermd", "withheld"))
    texts = [
        written(estimate, unit=unit, count=count, language=language, statistic=statistic) if shown else words
        for language, words in zip(("nl", "en"), hidden, strict=True)
    ]
    return {
        "id": score_id, "module": module, "measure": measure, "statistic": statistic, "group": group,
        "estimate": estimate if shown else None, "low": low if shown else None, "high": high if shown else None,
        "level": 0.95 if shown and low is not None else None, "unit": unit, "text_nl": texts[0], "text_en": texts[1],
        "estimand": f"{module}.{measure}", "n": n if shown else None,
        "numerator": round((estimate or 0) * n) if shown and unit == "share" else None,
        "denominator": n if shown and unit == "share" else None,
        "period": "2018-01-01/2021-12-31", "as_of": "2021-12-31", "sources": "0a1b2c3d4e5f", "code_version": "0.1.0",
        "decision": decision, "refusal": refusal,
    }  # fmt: skip


def duration_rows(
    units: tuple[str, ...] = UNITS, *, clocks: tuple[str, ...] = ("gross", "net")
) -> list[dict[str, Any]]:
    """Everything about duration; with one clock, only what a delivery without steps and suspensions gives."""
    rows = [*total_rows(units, clocks=clocks), *closing_rows(units), *stock_rows()]
    if len(clocks) > 1:
        rows += [
            *stage_rows(),
            *exit_rows(),
            *norm_rows(),
            *change_rows(),
            *range_rows(),
            *other_range_rows(),
            *case_mix_rows(),
        ]
    return rows


def total_rows(units: tuple[str, ...] = UNITS, *, clocks: tuple[str, ...] = ("gross", "net")) -> list[dict[str, Any]]:
    rows = []
    for clock in clocks:
        base, shift = f"duration.total_{clock}", 0 if clock == "gross" else -25
        for statistic, days in (("median", 166), ("p25", 98), ("p75", 290)):
            rows.append(
                score(f"{base}.{statistic}.all", days + shift, "days", low=days + shift - 9, high=days + shift + 9)
            )
        rows.append(score(f"{base}.p90.all", None, "days", decision="refused", refusal="not_reached"))
        for day in (30, 60, 90, 180, 365, 540, 720):
            share = 1 - 0.5 ** (day / (166 + shift))
            rows.append(
                score(f"{base}.within_{day}_days.all", share, "share", low=share - 0.02, high=min(1, share + 0.02))
            )
            rows.append(score(f"{base}.at_risk_{day}_days.all", max(12, 400 - day // 2), "count"))
        for at, unit in enumerate(units):
            small = at == len(units) - 1
            rows.append(
                score(f"{base}.median.unit={unit}", 150.0 + 20 * at, "days", low=140.0 + 20 * at, high=162.0 + 20 * at,
                      n=90, decision="suppressed_primary" if small else "published")
            )  # fmt: skip
        for at, year in enumerate((2018, 2019, 2020, 2021)):
            rows.append(score(f"{base}.median.year={year}", 160.0 + at, "days", low=150.0, high=175.0, n=100))
    return rows


def stage_rows() -> list[dict[str, Any]]:
    """Six stages on four clocks; the last quarter of the assessment is not reached."""
    rows = []
    medians = {"intake": 20, "fact_finding": 71, "assessment": 33, "decision": 24, "uncertainty": 122, "complaint": 58}
    for stage, days in medians.items():
        for clock, factor in (("gross", 1.0), ("net", 0.9), ("working_gross", 0.7), ("working_net", 0.63)):
            base, median = f"duration.{stage}_{clock}", factor * days
            rows.append(score(f"{base}.cases.all", 360, "count"))
            rows.append(score(f"{base}.median.all", median, "days", low=0.9 * median, high=1.1 * median, n=360))
            rows.append(score(f"{base}.p25.all", 0.5 * median, "days", low=0.4 * median, high=0.6 * median, n=360))
            beyond = stage == "assessment"
            rows.append(
                score(f"{base}.p75.all", None if beyond else 1.9 * median, "days", n=360,
                      decision="refused" if beyond else "published", refusal="not_reached" if beyond else "")
            )  # fmt: skip
        rows.append(score(f"duration.{stage}_gross.left_out.all", 0.1, "share", low=0.07, high=0.13))
        for day in (30, 90, 180, 365):
            share = 1 - 0.5 ** (day / days)
            rows.append(score(f"duration.{stage}_gross.within_{day}_days.all", share, "share", n=360))
    for clock, days in (("working_gross", 114), ("working_net", 97)):
        base = f"duration.total_{clock}"
        rows.append(score(f"{base}.cases.all", 400, "count"))
        rows.append(score(f"{base}.median.all", days, "days", low=days - 7, high=days + 7))
        rows.append(score(f"{base}.p25.all", days - 50, "days"))
        rows.append(score(f"{base}.p75.all", days + 80, "days"))
    return rows


def exit_rows() -> list[dict[str, Any]]:
    rows = []
    ends = {"besluit": 0.46, "geen_vervolg": 0.38, "eigen_ontslag": 0.05, "overgedragen": 0.03, "ingetrokken": 0.02}
    for code, share in ends.items():
        for day in (90, 180, 270, 365, 540, 720, 900, 1080):
            part = share * (1 - 0.5 ** (day / 166))
            hidden = "suppressed_primary" if code == "ingetrokken" and day > 540 else "published"
            rows.append(
                score(f"duration.exit_{code}.within_{day}_days.all", part, "share", low=0.8 * part, high=1.2 * part,
                      decision=hidden)
            )  # fmt: skip
            rows.append(score(f"duration.exit_{code}.at_risk_{day}_days.all", max(12, 400 - day // 3), "count"))
    return rows


def norm_rows() -> list[dict[str, Any]]:
    rows = [
        score("duration.total_norm.within_norm.all", None, "share", n=400, decision="refused", refusal="no_norm"),
        score("duration.total_norm.cases.all", 0, "count", n=400),
        score("duration.total_norm.no_norm.all", 400, "count"),
        score("duration.complaint_norm.within_norm.all", 0.61, "share", low=0.55, high=0.67, n=240),
        score("duration.complaint_norm.cases.all", 240, "count", n=240),
        score("duration.complaint_norm.norm_unknown.all", 0, "count", n=240),
    ]
    for at, year in enumerate((2018, 2019, 2020, 2021)):
        share = 0.58 + 0.02 * at
        rows.append(
            score(f"duration.complaint_norm.within_norm.year={year}", share, "share", low=share - 0.1,
                  high=share + 0.1, n=60)
        )  # fmt: skip
    return rows


def stock_rows(*, clearance: float = 0.96) -> list[dict[str, Any]]:
    base, rows = "duration.backlog", []
    for at, year in enumerate((2018, 2019, 2020, 2021)):
        for quarter, statistic in enumerate(("stock_q1", "stock_q2", "stock_q3", "stock")):
            rows.append(score(f"{base}.{statistic}.year={year}", 120 + 12 * at + 3 * quarter, "count"))
        rows.append(score(f"{base}.inflow.year={year}", 210 + 5 * at, "count"))
        rows.append(score(f"{base}.outflow.year={year}", 198 + 5 * at, "count"))
        rows.append(score(f"{base}.clearance.year={year}", 0.94, "ratio", low=0.8, high=1.1, n=210))
        rows.append(score(f"{base}.stock_age_median.year={year}", 130.0 + 4 * at, "days", n=130))
        for days, share in ((180, 0.38), (365, 0.14)):
            rows.append(score(f"{base}.stock_older_than_{days}.year={year}", share, "share", n=130))
    rows.append(score(f"{base}.clearance.all", clearance, "ratio", low=clearance - 0.03, high=clearance + 0.03, n=840))
    rows.append(score(f"{base}.littles_law.all", 1.02, "ratio", low=0.95, high=1.09, n=840))
    rows.append(score(f"{base}.stock_now.all", 165, "count"))
    for at, months in enumerate((3, 6, 12)):
        rows.append(
            score(f"{base}.projected_stock_{months}_months.all", 168 + 3 * at, "count", low=148 - 4 * at,
                  high=188 + 9 * at, n=1900)
        )  # fmt: skip
    return rows


def closing_rows(
    units: tuple[str, ...] = UNITS, *, outside: int = 0, p: float = 0.21, median_odds_ratio: float = 1.12,
    low: float = 1.0,
) -> list[dict[str, Any]]:  # fmt: skip
    base, pace = "duration.closing", "duration.pace"
    rows = [
        score(f"{base}.share.all", 0.78, "share", low=0.74, high=0.82),
        score(f"{base}.outside_95.all", outside, "count"),
        score(f"{base}.outside_998.all", outside, "count"),
        score(f"{base}.overdispersion.all", 1.3, "ratio"),
        score(f"{pace}.log_rank_p.all", p, "share"),
        score(f"{pace}.sigma.all", 0.12, "logit", low=0.0, high=0.3),
        score(f"{pace}.median_odds_ratio.all", median_odds_ratio, "odds_ratio", low=low, high=1.31),
        score(f"{pace}.standard_share.all", 0.78, "share", low=0.73, high=0.82),
    ]
    for at, unit in enumerate(units):
        hidden = "suppressed_primary" if at == len(units) - 1 else "published"
        n, half, ratio = 120 - 20 * at, 0.07 + 0.015 * at, 1.1 - 0.08 * at
        for statistic, value in (
            ("adjusted_share", 0.8 - 0.03 * at), ("funnel_low_95", 0.78 - half), ("funnel_high_95", 0.78 + half),
            ("funnel_low_998", 0.78 - 1.5 * half), ("funnel_high_998", min(1.0, 0.78 + 1.5 * half)),
        ):  # fmt: skip
            rows.append(score(f"{base}.{statistic}.unit={unit}", value, "share", n=n, decision=hidden))
        rows.append(score(f"{base}.ratio.unit={unit}", ratio, "ratio", low=0.8, high=1.3, n=n, decision=hidden))
        rows.append(score(f"{base}.reliability.unit={unit}", 0.4, "ratio", n=n, decision=hidden))
        for statistic, value, kind, spread in (
            ("shrunken_odds_ratio", ratio, "odds_ratio", 0.15), ("standard_share", 0.78, "share", 0.04),
            ("reliability", 0.45, "ratio", None),
        ):  # fmt: skip
            ends = {} if spread is None else {"low": value - spread, "high": value + spread}
            rows.append(score(f"{pace}.{statistic}.unit={unit}", value, kind, n=n, decision=hidden, **ends))
    return rows


def change_rows(*, share: float = 0.032, low: float = -0.031, high: float = 0.095) -> list[dict[str, Any]]:
    rows = []
    for way in ("change_cohorts", "change_pace"):
        base = f"duration.{way}"
        for side, days, part in (("before", 196.0, 0.75), ("after", 187.0, 0.75 + share)):
            rows.append(score(f"{base}.mean_days_{side}.all", days, "days", low=days - 12, high=days + 12))
            rows.append(score(f"{base}.share_{side}.all", part, "share", low=part - 0.04, high=part + 0.04))
        rows.append(score(f"{base}.mean_days_change.all", -9.0, "days", low=-26.0, high=8.0))
        rows.append(score(f"{base}.share_change.all", share, "points", low=low, high=high))
    rows.append(score("duration.change_series.level_change.all", 0.02, "points", low=-0.06, high=0.1))
    rows.append(score("duration.change_series.slope_change.all", 0.05, "logit", low=-0.2, high=0.3))
    rows.append(score("duration.change_cohorts.placebo_dates.all", 14, "count"))
    rows.append(score("duration.change_cohorts.placebo_as_large.all", 5, "count", n=14))
    rows.append(score("duration.change_cohorts.placebo_share_as_large.all", 4, "count", n=14))
    return rows


def range_rows(*, low: float = 158.0, high: float = 170.0) -> list[dict[str, Any]]:
    """The range of the same question (`low`, `high`), that of all combinations, and one choice at a time."""
    rows = []
    changed = {
        "stage_opdr_besl": (141.0, 0.82), "suspension_net": (141.0, 0.83), "days_working": (114.0, None),
        "small_units_left_out": (167.0, 0.78), "kind_all": (187.0, 0.74),
    }  # fmt: skip
    for measure, statistic, at, ends in (
        ("total_gross_range", "median", 0, (low, high, 97.0, 190.0)),
        ("within_365_range", "share", 1, (0.76, 0.79, 0.73, 0.87)),
    ):
        base, kind = f"duration.{measure}", "days" if statistic == "median" else "share"
        for end, value in zip(("low", "high", "any_low", "any_high"), ends, strict=True):
            rows.append(score(f"{base}.{statistic}_{end}.all", value, kind))
        for choice, values in changed.items():
            value = values[at]
            if value is not None:
                spread = 9.0 if kind == "days" else 0.04
                name = f"{base}.{statistic}_{choice}.all"
                rows.append(score(name, value, kind, low=value - spread, high=value + spread))
        rows.append(
            score(f"{base}.{statistic}_basis_afgesloten.all", None, kind, decision="refused", refusal="misleading")
        )
        rows.append(score(f"{base}.universes.all", 96, "count"))
        rows.append(score(f"{base}.{statistic}_universes.all", 6, "count"))
        rows.append(score(f"{base}.refused_universes.all", 48, "count"))
    return rows


def other_range_rows() -> list[dict[str, Any]]:
    """The ranges of the other headline numbers: both ranges, and two choices by themselves of each."""
    rows = []
    for measure, statistic, kind, ends, alone in (
        ("total_net_range", "median", "days", (138.0, 144.0, 97.0, 170.0),
         {"suspension_gross": 166.0, "kind_all": 99.0}),
        ("fact_finding_range", "median", "days", (68.0, 74.0, 51.0, 74.0),
         {"unrecorded_until_closing": 74.0, "start_kenn": 51.0}),
        ("uncertainty_range", "median", "days", (118.0, 125.0, 118.0, 130.0),
         {"counted_case": 126.0, "start_kenn": 118.0}),
        ("change_range", "share_change", "points", (0.01, 0.05, -0.04, 0.06), {"way_pace": 0.032, "kind_all": -0.02}),
        ("stock_range", "stock", "count", (155.0, 175.0, 155.0, 245.0),
         {"small_units_left_out": 160.0, "kind_all": 240.0}),
        ("stock_age_range", "age_median", "days", (142.0, 142.0, 118.0, 145.0),
         {"small_units_left_out": 142.0, "counted_persons": 145.0}),
        ("spread_range", "median_odds_ratio", "odds_ratio", (1.08, 1.15, 1.05, 1.21),
         {"like_year": 1.21, "kind_all": 1.05}),
        ("outside_95_range", "units", "count", (0.0, 3.0, 0.0, 4.0), {"day_d365": 3.0, "kind_all": 0.0}),
        ("outside_998_range", "units", "count", (0.0, 1.0, 0.0, 1.0), {"day_d365": 1.0, "kind_all": 0.0}),
    ):  # fmt: skip
        base = f"duration.{measure}"
        for end, value in zip(("low", "high", "any_low", "any_high"), ends, strict=True):
            rows.append(score(f"{base}.{statistic}_{end}.all", value, kind))
        rows += [score(f"{base}.{statistic}_{choice}.all", value, kind) for choice, value in alone.items()]
        rows.append(score(f"{base}.universes.all", 12, "count"))
        rows.append(score(f"{base}.{statistic}_universes.all", 3, "count"))
        rows.append(score(f"{base}.refused_universes.all", 4, "count"))
    return [{**row, "period": "2021-12-31/2021-12-31"} if row["measure"].startswith("stock_") else row for row in rows]


def case_mix_rows() -> list[dict[str, Any]]:
    base = "duration.case_mix"
    return [
        score(f"{base}.hazard_ratio_complexity_middel.all", 0.85, "ratio", low=0.7, high=1.02),
        score(f"{base}.hazard_ratio_complexity_zwaar.all", 0.71, "ratio", low=0.58, high=0.87),
        score(f"{base}.ph_p.all", 0.31, "share"),
        score(f"{base}.concordance.all", 0.58, "ratio"),
    ]


def outcome_rows(units: tuple[str, ...] = UNITS, *, outside: int = 1) -> list[dict[str, Any]]:
    base = "consistency.misconduct_found"
    rows = [
        score(f"{base}.share.all", 0.545, "share", low=0.5, high=0.59, n=390),
        score(f"{base}.median_odds_ratio.all", 1.34, "odds_ratio", low=1.0, high=1.9, n=390),
        score(f"{base}.icc.all", 0.03, "ratio", low=0.0, high=0.1, n=390),
        score(f"{base}.outside_95.all", outside, "count", n=390),
        score(f"{base}.outside_998.all", outside, "count", n=390),
    ]
    for at, unit in enumerate(units):
        hidden = "suppressed_primary" if at == len(units) - 1 else "published"
        n, half = 120 - 20 * at, 0.08 + 0.02 * at
        for statistic, value in (
            ("share", 0.5 + 0.05 * at), ("adjusted_share", 0.52 + 0.04 * at), ("funnel_low_95", 0.545 - half),
            ("funnel_high_95", 0.545 + half), ("funnel_low_998", 0.545 - 1.5 * half),
            ("funnel_high_998", 0.545 + 1.5 * half),
        ):  # fmt: skip
            rows.append(score(f"{base}.{statistic}.unit={unit}", value, "share", n=n, decision=hidden))
        rows.append(score(f"consistency.registration.missing_finding.unit={unit}", 0.1, "share", n=n, decision=hidden))
    for year in (2018, 2019, 2020, 2021):
        rows.append(score(f"{base}.share.year={year}", 0.5, "share", low=0.4, high=0.6, n=97))
    return rows


def outcome_family_rows(units: tuple[str, ...] = UNITS) -> list[dict[str, Any]]:
    """The chain, the penalties, whether decisions held, the readers, and the choices behind the spread."""
    rows = [*chain_rows(units), *penalty_rows(units), *reader_rows()]
    for at, unit in enumerate(units):
        ratio = 0.8 + 0.15 * at
        rows.append(
            score(f"consistency.misconduct_found.shrunken_odds_ratio.unit={unit}", ratio, "odds_ratio",
                  low=0.8 * ratio, high=1.25 * ratio, n=90)
        )  # fmt: skip
    for measure, share in (("first_final", 0.042), ("advice_decision", 0.13)):
        base = f"consistency.{measure}"
        rows.append(score(f"{base}.changed_share.all", share, "share", low=share - 0.01, high=share + 0.01, n=1500))
        for statistic, count in (("milder", 40), ("heavier", 0), ("level_with", 0), ("unranked", 23)):
            rows.append(score(f"{base}_barp_77.{statistic}.all", count, "count"))
            rows.append(score(f"{base}_alle_uitkomsten.{statistic}.all", count + 5, "count"))
    rows.append(score("consistency.first_final.changed_after_objection_share.all", 0.24, "share", n=260))
    rows.append(score("consistency.first_final_barp_77.milder_share.all", 0.9, "share", n=40))
    for statistic, count in (("tested", 42), ("expected_false", 2), ("alone", 9), ("discovered", 7)):
        rows.append(score(f"consistency.discovery.{statistic}.all", count, "count"))
    base = "consistency.misconduct_found_range"
    for at, key in enumerate(("low", "high", "any_low", "any_high", "mix_none", "small_units_left_out")):
        rows.append(score(f"{base}.median_odds_ratio_{key}.all", 1.3 + 0.02 * at, "odds_ratio", n=390))
        rows.append(score(f"{base}.outside_95_{key}.all", 1 + at, "count", n=390))
    rows.append(score(f"{base}.share_small_units_left_out.all", 0.55, "share", n=370))
    return rows


def chain_rows(units: tuple[str, ...] = UNITS) -> list[dict[str, Any]]:
    rows = []
    for link, share, known in (
        ("investigated", 0.32, 1600), ("judged", 0.85, 460), ("found", 0.545, 390), ("penalised", 0.69, 210),
        ("dismissed", 0.4, 145), ("left_service", 0.41, 210),
    ):  # fmt: skip
        base = f"consistency.chain_{link}"
        rows.append(score(f"{base}.share.all", share, "share", low=share - 0.03, high=share + 0.03, n=known))
        for statistic, count in (("reached", known + 20), ("running", 15), ("missing", 5)):
            rows.append(score(f"{base}.{statistic}.all", count, "count"))
        for kind, groups in (("unit", units), ("year", (2018, 2019, 2020, 2021))):
            for group in groups:
                rows.append(score(f"{base}.share.{kind}={group}", share, "share", n=known // 4))
    return rows


def penalty_rows(units: tuple[str, ...] = UNITS) -> list[dict[str, Any]]:
    base, kinds = "consistency.penalty_given_finding", "consistency.penalty_kind"
    rows = [
        score(f"{base}.share.all", 0.69, "share", low=0.63, high=0.75, n=210),
        score(f"{base}.median_odds_ratio.all", 1.1, "odds_ratio", low=1.0, high=1.3, n=210),
    ]
    for kind, share in (("geen_straf", 0.25), ("berisping", 0.15), ("tijd_of_geld", 0.17),
                        ("voorwaardelijk_ontslag", 0.1), ("ontslag", 0.33)):  # fmt: skip
        rows.append(score(f"{kinds}.share_{kind}.all", share, "share", low=share - 0.05, high=share + 0.05, n=210))
    for at, unit in enumerate(units):
        n, half = 60 - 8 * at, 0.1 + 0.02 * at
        for statistic, value in (
            ("share", 0.66 + 0.02 * at), ("adjusted_share", 0.67 + 0.01 * at), ("funnel_low_95", 0.69 - half),
            ("funnel_high_95", 0.69 + half), ("funnel_low_998", 0.69 - 1.5 * half),
            ("funnel_high_998", 0.69 + 1.5 * half),
        ):  # fmt: skip
            rows.append(score(f"{base}.{statistic}.unit={unit}", value, "share", n=n))
        win = 0.46 + 0.03 * at
        rows.append(
            score(f"consistency.penalty_order_barp_77.win.unit={unit}", win, "share", low=win - 0.1, high=win + 0.1)
        )
    return rows


READ_ITEMS = ("besl", "opdr", "eigen_vraag")
COEFFICIENTS = {
    "percent": 0.79, "ac1": 0.61, "alpha": 0.53, "kappa_fleiss": 0.52, "kappa_conger": 0.54, "brennan_prediger": 0.58,
}  # fmt: skip


def reader_rows(*, items: tuple[str, ...] = READ_ITEMS, shift: float = 0.0) -> list[dict[str, Any]]:
    rows = []
    for place, measure in enumerate(("readers", *(f"readers_{item}" for item in items))):
        base = f"consistency.{measure}"
        for statistic in COEFFICIENTS:
            value, unit = COEFFICIENTS[statistic] - 0.05 * place - shift, "share" if statistic == "percent" else "ratio"
            rows.append(score(f"{base}.{statistic}.all", value, unit, low=value - 0.1, high=value + 0.1, n=110))
        rows += [score(f"{base}.dossiers.all", 120, "count"), score(f"{base}.double_read.all", 110, "count")]
        if place:
            for statistic, value in (("found_share", 0.7), ("true_share_low", 0.55), ("true_share_high", 0.82),
                                     ("true_share_equal", 0.76)):  # fmt: skip
                rows.append(score(f"{base}.{statistic}.all", value, "share", low=value - 0.1, high=value + 0.1, n=120))
    return rows


def completeness_rows(units: tuple[str, ...] = UNITS) -> list[dict[str, Any]]:
    rows = []
    for measure, share in (("opportunity", 0.9), ("item_average", 0.88), ("case_average", 0.89),
                           ("all_or_none", 0.124), ("critical", 0.7)):  # fmt: skip
        base = f"completeness.{measure}"
        rows.append(score(f"{base}.share.all", share, "share", low=share - 0.01, high=share + 0.01, n=2000))
        rows.append(score(f"{base}.share_low_bound.all", share, "share", n=2000))
        rows.append(score(f"{base}.share_high_bound.all", share + 0.04, "share", n=2000))
    for unit in units:
        rows.append(score(f"completeness.opportunity.share.unit={unit}", 0.9, "share", low=0.88, high=0.92, n=500))
    for code in ("meld", "opdr", "rapp", "besl"):
        base = f"completeness.step_{code}"
        rows.append(score(f"{base}.required.all", 400, "count"))
        rows.append(score(f"{base}.share.all", 0.85, "share", low=0.8, high=0.9))
        for statistic in ("done_undated", "not_done", "not_recorded"):
            rows.append(score(f"{base}.{statistic}.all", 0.05, "share"))
    return rows


def register_rows() -> list[dict[str, Any]]:
    rows = []
    for statistic, value in (("rows", 410), ("accepted", 400), ("rejected", 10)):
        rows.append(score(f"register.cases.{statistic}.all", value, "count", n=410))
    rows.append(score("register.cases.missing_complexity.all", 0.05, "share"))
    rows.append(score("register.rule_cases_closed_after_opened.breached.all", 0.02, "share"))
    return rows


def write_publication(
    folder: Path,
    rows: list[dict[str, Any]],
    *,
    units: tuple[str, ...] = UNITS,
    refusals: tuple[dict[str, Any], ...] = (),
    synthetic: bool = True,
    categories: tuple[str, ...] = ("vik_positie", "rm_prive"),
) -> Path:
    """Write the folder that the book and the letter read."""
    folder.mkdir(parents=True, exist_ok=True)
    ledger = pd.DataFrame(rows, columns=list(COLUMNS)).sort_values("id")
    for column in INTEGERS:
        ledger[column] = ledger[column].astype("Int64")
    ledger.to_csv(folder / "ledger.csv", index=False)
    fields = (
        "title",
        "population",
        "unit_of_count",
        "cohort_basis",
        "clock",
        "missing_and_exits",
        "estimator",
        "interval",
    )
    cards = [
        {"id": card, **{field: {"nl": f"{field} van de kaart", "en": f"{field} of the card"} for field in fields}}
        for card in sorted(ledger["estimand"].unique())
    ]
    labels = {
        "unit": {unit.upper(): {"nl": f"Eenheid {unit}", "en": f"Unit {unit}"} for unit in units},
        "category": {code: {"nl": code, "en": code} for code in categories},
        "step": {
            code: {"nl": f"Stap {code}", "en": f"Step {code}"} for code in ("MELD", "OPDR", "RAPP", "BESL")
        },
        "exit_kind": {
            "besluit": {"nl": "besluit", "en": "decision"},
            "geen_vervolg": {"nl": "geen vervolg", "en": "no follow-up"},
            "eigen_ontslag": {"nl": "ontslag op eigen verzoek", "en": "own resignation"},
            "overgedragen": {"nl": "overgedragen", "en": "handed over"},
            "ingetrokken": {"nl": "ingetrokken", "en": "withdrawn"},
        },
        "complexity": {"licht": {"nl": "licht", "en": "light"}, "zwaar": {"nl": "zwaar", "en": "heavy"}},
    }  # fmt: skip
    manifest = {
        "title": {"nl": "Proefuitgave", "en": "Trial edition"}, "as_of": "2021-12-31", "level": 0.95,
        "period": "2018-01-01/2021-12-31", "synthetic": synthetic, "code_version": "0.1.0", "contract_version": "1.0.0",
        "sources": [{"name": "levering.xlsx", "sha256": "0a1b2c3d4e5f" + 52 * "0"}],
    }  # fmt: skip
    for name, content in (
        ("estimands", cards),
        ("labels", labels),
        ("refusals", list(refusals)),
        ("manifest", manifest),
    ):
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    (folder / "policy.yaml").write_text(
        "version: '1.0.0'\nvalid_from: '2026-01-01'\ntitle: {nl: Beleid, en: Policy}\nvalues:\n"
        "  minimum_unit: {value: 10, nl: Drempel per eenheid., en: Threshold by unit.}\n",
        encoding="utf-8",
    )
    return folder


def national(folder: Path, **options: Any) -> Path:
    """A Dutch example with everything in it."""
    rows = [*register_rows(), *duration_rows(), *outcome_rows(), *outcome_family_rows(), *completeness_rows()]
    return write_publication(folder, rows, **options)


def foreign(folder: Path) -> Path:
    """Another agency: no step log, no net duration, no penalty, units with other names."""
    rows = [*register_rows(), *duration_rows(FOREIGN, clocks=("gross",)), *outcome_rows(FOREIGN)]
    refusals = (
        {"measure": "completeness", "needs": ["steps"], "misleading": False,
         "reason": {"nl": "De levering heeft geen stappen. Volledigheid is niet te zeggen.",
                    "en": "The delivery has no steps. Completeness cannot be said."}},
    )  # fmt: skip
    return write_publication(folder, rows, units=FOREIGN, refusals=refusals, synthetic=False, categories=("rule_4",))
