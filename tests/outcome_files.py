"""Case files for the tests of outcomes: the example, spoilt in every way a delivery can be poor."""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import pandas as pd

from data_contracts.case_files import CaseFiles
from data_contracts.example import example_tables
from evaluation.consistency.judged import disciplinary_cases, judged_allegations
from evaluation.publication.ledger import parts
from evaluation.refusals import REASONS
from evaluation.scores import UNITS, Part, Score, scores_table

AS_OF = date(2026, 1, 31)
SPAN = "2016-01-01/2025-12-31"
ABOUT: dict[str, Any] = {"as_of": AS_OF, "level": 0.95, "span": SPAN}


@cache
def example(cases_per_year: int = 60) -> CaseFiles:
    """Return the example as it stood on `AS_OF`."""
    tables, _truth = example_tables(seed=5, cases_per_year=cases_per_year)
    return CaseFiles(**tables).at(AS_OF)


def judged_and_units(files: CaseFiles) -> tuple[pd.DataFrame, list[str]]:
    """Return what `evaluate` hands to a family of outcomes."""
    judged = judged_allegations(files) if files.allegations is not None else pd.DataFrame()
    return judged, sorted(disciplinary_cases(files)["unit"].dropna().unique())


def by_id(part: Part) -> dict[str, Score]:
    """Return the scores by id, without the module."""
    return {score.id.removeprefix("consistency."): score for score in part.scores}


def checked(part: Part) -> Part:
    """Look whether every score is a number or a reason, and every text is there in both languages."""
    table = scores_table(part.scores)
    assert set(table["estimand"]) <= {card.id for card in part.cards}
    for score in part.scores:
        assert parts(score.id)[0] == "consistency"
        assert score.unit in UNITS
        assert (score.estimate is None) == (score.refusal in REASONS), score
        numbers = [number for number in (score.estimate, score.low, score.high) if number is not None]
        assert all(math.isfinite(number) for number in numbers), score
        assert score.unit != "share" or all(0 <= number <= 1 for number in numbers), score
        if score.low is not None and score.high is not None:
            assert score.low <= score.estimate <= score.high, score
        if score.numerator is not None:
            assert score.denominator == score.n and score.estimate == score.numerator / score.n, score
    for card in part.cards:
        texts = [getattr(card, name) for name in card.__dataclass_fields__ if name != "id"]
        assert all(set(text) == {"nl", "en"} and all(text.values()) for text in texts)
        assert all("  " not in words for text in texts for words in text.values())
    for refusal in part.refusals:
        assert refusal.needs and all(refusal.reason[language].endswith(".") for language in ("nl", "en"))
    assert part.scores or part.refusals
    return part


def changed(files: CaseFiles, table: str, **columns: object) -> CaseFiles:
    """Return case files with whole columns of a table set to one value; None: missing."""
    frame = getattr(files, table).copy()
    for column, value in columns.items():
        frame[column] = pd.Series([value] * len(frame), dtype=frame[column].dtype)
    return replace(files, **{table: frame})


def _few(files: CaseFiles, n: int) -> CaseFiles:
    closed = files.cases[files.cases["closed_on"].notna() & (files.cases["kind"] == "disciplinair")]
    return replace(files, cases=closed.iloc[:: len(closed) // n].head(n).reset_index(drop=True))


_PENALTIES = {"first_penalty": None, "final_penalty": None, "advised_penalty": None}
POOR: dict[str, Callable[[CaseFiles], CaseFiles]] = {
    "as it is": lambda files: files,
    "cases only": lambda files: CaseFiles(delivery=files.delivery, cases=files.cases),
    "no allegations": lambda files: replace(files, allegations=None),
    "no allegation in the table": lambda files: replace(files, allegations=files.allegations.iloc[:0]),
    "no findings": lambda files: changed(files, "allegations", finding=None),
    "no signals": lambda files: replace(files, signals=None),
    "no subjects": lambda files: replace(files, subjects=None),
    "one unit": lambda files: changed(files, "cases", unit="AMS"),
    "no unit": lambda files: changed(files, "cases", unit=None),
    "no kind": lambda files: changed(files, "cases", kind=None),
    "complaints only": lambda files: changed(files, "cases", kind="klacht"),
    "no day of opening": lambda files: changed(files, "cases", opened_on=pd.NaT),
    "one category, no complexity": lambda files: changed(
        changed(files, "cases", category="rm_prive", complexity=None), "allegations", category="rm_prive"
    ),
    "no penalties": lambda files: changed(files, "allegations", **_PENALTIES),
    "first penalty only": lambda files: changed(files, "allegations", final_penalty=None, advised_penalty=None),
    "one penalty": lambda files: changed(files, "allegations", first_penalty="a", final_penalty="a",
                                         advised_penalty="a", conditional=False),
    "two penalties": lambda files: replace(files, allegations=files.allegations.assign(
        **dict.fromkeys(_PENALTIES, files.allegations["first_penalty"].where(
            files.allegations["first_penalty"].isin(["a", "j"]))))),
    "no condition": lambda files: changed(files, "allegations", conditional=None),
    "no objection": lambda files: changed(files, "allegations", objection=None, objection_result=None),
    "all pending": lambda files: changed(files, "allegations", objection=True, objection_result=None,
                                         final_penalty=None),
    "no day of decision": lambda files: changed(files, "allegations", decided_on=pd.NaT),
    "all found": lambda files: changed(files, "allegations", finding="plichtsverzuim_vastgesteld"),
    "none found": lambda files: changed(files, "allegations", finding="niet_vastgesteld"),
    "advice followed": lambda files: changed(files, "allegations", advice_followed=True),
    "all open": lambda files: changed(
        changed(files, "cases", closed_on=pd.NaT, exit_kind=None), "allegations", finding=None, **_PENALTIES
    ),
    "one case": lambda files: _few(files, 1),
    "twelve cases": lambda files: _few(files, 12),
    "thirty cases": lambda files: _few(files, 30),
}  # fmt: skip
"""Ways in which a delivery can be poor; every family answers each with numbers or reasons."""
