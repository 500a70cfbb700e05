"""All families of duration together: every number has its card, and any case files get a defined answer."""

import math
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from data_contracts.case_files import CaseFiles
from data_contracts.example import example_tables
from evaluation import duration
from evaluation.publication.ledger import parts
from evaluation.refusals import REASONS
from evaluation.scores import ModuleResult, scores_table

AS_OF = date(2026, 1, 31)
FAMILIES = (
    "total_gross", "total_net", "total_working_gross", "intake_gross", "exit_besluit", "total_norm", "closing", "pace",
    "case_mix", "change_cohorts", "change_series", "backlog", "total_gross_range",
)  # fmt: skip


@pytest.fixture(scope="module")
def files() -> CaseFiles:
    tables, _truth = example_tables(seed=5, cases_per_year=60)
    return CaseFiles(**tables).at(AS_OF)


def _checked(files: CaseFiles) -> ModuleResult:
    result = duration.evaluate(files, as_of=AS_OF, level=0.95)
    table = scores_table(result.scores)
    assert set(table["estimand"]) == {card.id for card in result.cards}
    for score in result.scores:
        assert parts(score.id)[0] == "duration"
        assert (score.estimate is None) == (score.refusal in REASONS)
        numbers = [number for number in (score.estimate, score.low, score.high) if number is not None]
        assert all(math.isfinite(number) for number in numbers)
    for card in result.cards:
        texts = [getattr(card, name) for name in card.__dataclass_fields__ if name != "id"]
        assert all(set(text) == {"nl", "en"} and all(text.values()) for text in texts)
    for refusal in result.refusals:
        assert refusal.needs and all(refusal.reason[language].endswith(".") for language in ("nl", "en"))
    return result


def test_the_example_has_every_family_and_only_objection_is_refused(files: CaseFiles) -> None:
    result = _checked(files)
    measures = {parts(score.id)[1] for score in result.scores}
    assert set(FAMILIES) <= measures
    assert [refusal.measure for refusal in result.refusals] == ["duration.objection"]
    assert result.case_scores is not None
    assert len(result.case_scores) == 2 * (files.cases["kind"] == "disciplinair").sum()


def test_the_same_case_files_give_the_same_numbers(files: CaseFiles) -> None:
    one, two = (duration.evaluate(files, as_of=AS_OF, level=0.95).scores for _time in range(2))
    assert one == two


def _without(files: CaseFiles, **columns: object) -> CaseFiles:
    cases = files.cases.copy()
    for column, value in columns.items():
        cases[column] = pd.Series([value] * len(cases), dtype=cases[column].dtype)
    return replace(files, cases=cases)


def _few(files: CaseFiles, n: int) -> CaseFiles:
    return replace(files, cases=files.cases.iloc[:n].reset_index(drop=True))


def _open(files: CaseFiles) -> CaseFiles:
    return _without(files, closed_on=pd.NaT, exit_kind=None, status="lopend")


SPARE = {
    "cases only": lambda files: CaseFiles(delivery=files.delivery, cases=files.cases),
    "all cases open": _open,
    "one unit": lambda files: replace(
        _without(files, unit="AMS"), delivery=files.delivery[files.delivery["unit"] == "AMS"]
    ),
    "no unit": lambda files: _without(files, unit=None),
    "one category and no complexity": lambda files: _without(files, category="rm_prive", complexity=None),
    "no kind": lambda files: _without(files, kind=None),
    "complaints only": lambda files: _without(files, kind="klacht"),
    "no exit kind": lambda files: _without(files, exit_kind=None),
    "one case": lambda files: _few(files, 1),
    "thirty cases": lambda files: _few(files, 30),
    "units of elsewhere": lambda files: _without(files, unit="1st district"),
    "late entry": lambda files: replace(
        files, delivery=files.delivery.assign(cohort_basis="alle", period_start=pd.Timestamp("2019-01-01"))
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SPARE)
def test_any_case_files_get_numbers_or_reasons_and_never_an_exception_or_nan(name: str, files: CaseFiles) -> None:
    result = _checked(SPARE[name](files))
    assert result.scores or result.refusals


def test_elsewhere_the_moment_of_2020_means_nothing_and_is_refused(files: CaseFiles) -> None:
    result = _checked(SPARE["units of elsewhere"](files))
    assert "duration.change" in {refusal.measure for refusal in result.refusals}
    assert not any("change_" in score.id for score in result.scores)
