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
    rows = [*register_rows(), *duration_rows(), *outcome_rows(), *completeness_rows()]
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
