"""The simulation study of outcome consistency in short: planted effects come back, wrong methods are seen to fail."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

import numpy as np
import pandas as pd
import pytest
from validate import outcome_example, outcome_models, outcomes
from validate.example_truth import whole_course
from validate.performance import Effort, Row
from validate.reasons import REASONS
from validate.running import table
from validate.studies import STUDIES

from data_contracts.case_files import CaseFiles
from data_contracts.example import example_tables
from data_contracts.example.plan import MISCONDUCT, draw_plan
from evaluation.consistency.evaluate import evaluate
from evaluation.consistency.finding_scores import compared_findings, finding_scores
from evaluation.consistency.judged import disciplinary_cases, judged_allegations
from evaluation.period import period
from evaluation.scores import Part

MINE = (*outcomes.STUDIES, *outcome_models.STUDIES, *outcome_example.STUDIES)
REPETITIONS = {
    "outcome, spread 0.3": 6,
    "outcome, equal, several a case": 6,
    "outcome, shares": 8,
    "matched": 20,
    "ordered outcome": 2,
    "unordered outcome": 4,
    "pairs": 20,
    "discovery": 2,
    "missing characteristics": 2,
    "example: outcomes": 2,
}
"""The twins and the many units are left to the long version."""


@pytest.fixture(scope="module")
def rows() -> Mapping[tuple[str, str], Row]:
    short = [replace(study, share=REPETITIONS[study.name] / 100) for study in MINE if study.name in REPETITIONS]
    assert len(short) == len(REPETITIONS)
    return {row.name: row for row in table(short, repetitions=100, effort=Effort(chunks=1))}


def test_what_was_planted_comes_back(rows: Mapping[tuple[str, str], Row]) -> None:
    right = [row for row in rows.values() if not row.wrong and not row.reason]
    assert len(right) > 45
    for row in right:
        assert row.bias is not None and row.bias_error is not None and row.empirical_error is not None, row.name
        if row.truth is not None and row.quantity.endswith(("5 %", "limits", "interval", "named", "alarm")):
            assert row.mean is not None and row.mean <= row.truth + 0.35, row
            continue
        chance = 4 * (row.model_error or 0.0) / np.sqrt(row.repetitions)  # two repetitions hardly know their own spread
        assert abs(row.bias) <= max(6 * row.bias_error, 0.8 * row.empirical_error, chance), row
        if row.coverage is not None:
            assert row.coverage >= 0.6, row


def test_counting_allegations_of_one_case_as_independent_is_seen(rows: Mapping[tuple[str, str], Row]) -> None:
    def mean(study: str, quantity: str) -> float:
        return float(rows[study, quantity].mean or 0.0)

    study, what = "outcome, equal, several a case", "units beyond the 95 % limits"
    assert mean(study, f"counted as independent: {what}") > mean(study, what)
    for link in outcomes.WRONG_LINKS:
        right, wrong = (
            rows["outcome, shares", f"{how}{link}, all units"].model_error for how in ("", outcomes.INDEPENDENT)
        )
        assert wrong is not None and right is not None and wrong < 0.9 * right
    assert rows["unordered outcome", "counted as independent: score test, p under 5 %"].wrong


def test_leaving_rows_out_is_seen_where_filling_in_is_not(rows: Mapping[tuple[str, str], Row]) -> None:
    left, filled, whole = (
        rows["missing characteristics", f"{how}: log odds ratio of a unit"]
        for how in ("complete rows only", "filled in (MICE)", "nothing missing")
    )
    assert left.verdict != "holds" and (left.bias or 0) > 0.4
    assert abs((filled.mean or 0) - (whole.mean or 0)) < 0.25


def test_the_shares_of_a_plan_are_what_its_generator_draws() -> None:
    plan = draw_plan(6_000, np.random.default_rng(3))
    by_unit, by_year, everyone = outcome_example.true_shares(plan)
    cases, _subjects, acts = whole_course(plan, np.random.default_rng(4))
    of_case = cases.iloc[acts["case"]].reset_index(drop=True)
    judged = ((of_case["kind"] == "disciplinair") & (of_case["route"] == "full")).to_numpy()
    found = pd.Series(acts["would_find"].isin(MISCONDUCT).to_numpy())[judged]
    assert found.mean() == pytest.approx(everyone, abs=0.008)
    for truth, group in ((by_unit, of_case["unit"]), (by_year, of_case["year"])):
        drawn = found.groupby(group[judged].to_numpy()).agg(["mean", "size"])
        for name, share in truth.items():
            mean, size = drawn.loc[name]
            assert abs(mean - share) < 4 * np.sqrt(share * (1 - share) / size), name


def test_the_study_scores_misconduct_found_as_the_evaluation_does(monkeypatch: pytest.MonkeyPatch) -> None:
    assembly = sys.modules[evaluate.__module__]
    for family in dir(assembly):  # the others take long
        if family.endswith("_scores") and family not in ("finding_scores", "case_scores"):
            monkeypatch.setattr(assembly, family, lambda *_given, **_about: Part((), ()))
    tables, _truth = example_tables(seed=2, cases_per_year=60)
    as_of = outcome_example.EXTRACTED_ON
    files = CaseFiles(**tables).at(as_of)
    judged = judged_allegations(files)
    units = sorted(disciplinary_cases(files)["unit"].dropna().unique())
    mine = finding_scores(files, judged, units, compared_findings(files, judged), as_of=as_of, level=0.95,
                          span=period(files, as_of))  # fmt: skip
    whole = [one for one in evaluate(files, as_of=as_of, level=0.95).scores
             if one.id.startswith(f"{outcome_example.MEASURE}.")]  # fmt: skip
    assert list(mine.scores) == whole


def test_every_study_is_run_and_every_reason_has_its_rows_and_twins() -> None:
    assert {study.name for study in MINE} <= {study.name for study in STUDIES}
    names = {(study.name, one.name) for study in MINE for one in study.quantities(Effort())}
    about = [known for known in REASONS if any(known.study == study.name for study in MINE)]
    assert about
    for known in about:
        rows = [name for study, name in names if study == known.study and fnmatchcase(name, known.quantity)]
        assert rows, known
        for name in rows:
            assert (known.twin_study, known.twin_quantity or name) in names, known
