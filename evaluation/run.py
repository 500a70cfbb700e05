"""From accepted case files to a run: all scores, all refusals, and what they rest on."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from importlib import metadata
from pathlib import Path

from data_contracts.case_files import CaseFiles
from data_contracts.checking import Report
from data_contracts.contract import CONTRACT_VERSIONS
from data_contracts.reporting.report import write_report
from data_contracts.writing import whole_folder, write_csv, write_json
from evaluation import completeness, consistency, duration, register
from evaluation.period import period as period_of
from evaluation.scores import ModuleResult, scores_table

TITLE = {"nl": "Interne onderzoeken bij de politie", "en": "Internal investigations at the police"}
AGENCY = {"nl": "de politie", "en": "the police"}
MARKS = ("scores.csv", "manifest.json")
MODULES = (duration.evaluate, consistency.evaluate, completeness.evaluate)


def score(case_files: CaseFiles, report: Report, *, as_of: date, level: float) -> tuple[ModuleResult, ...]:
    """Return what every module has to say about the case files as they stood on `as_of`.

    Raises
    ------
    Refused
        If `as_of` lies after the extraction moment.
    """
    files = case_files.at(as_of)
    results = [register.evaluate(files, report, as_of=as_of)]
    results += [evaluate(files, as_of=as_of, level=level) for evaluate in MODULES]
    return tuple(results)


def write_run(
    results: Sequence[ModuleResult],
    case_files: CaseFiles,
    report: Report,
    out: Path,
    *,
    as_of: date,
    level: float,
    synthetic: bool,
) -> None:
    """Write a run folder, whole or not at all.

    `scores.csv`, `estimands.json`, `refusals.json`, `labels.json`, `manifest.json`, the
    contract report, and `case_scores.csv`, which is confidential and never published.
    """
    import pandas as pd

    first = report.deliveries[0]
    period = period_of(case_files, as_of)
    manifest = {
        "title": first.title or TITLE,
        "agency": first.agency or AGENCY,
        "synthetic": synthetic,
        "as_of": as_of.isoformat(),
        "level": level,
        "period": period,
        "contract_version": CONTRACT_VERSIONS[-1],
        "code_version": code_version(),
        "sources": [asdict(source) for source in case_files.sources],
    }
    with whole_folder(out, marks=MARKS) as work:
        write_csv(scores_table(tuple(s for result in results for s in result.scores)), work / "scores.csv")
        write_json([asdict(card) for result in results for card in result.cards], work / "estimands.json")
        write_json([asdict(refusal) for result in results for refusal in result.refusals], work / "refusals.json")
        write_json(case_files.labels, work / "labels.json")
        write_json(manifest, work / "manifest.json")
        cases = [result.case_scores for result in results if result.case_scores is not None]
        if cases:
            write_csv(pd.concat(cases, ignore_index=True), work / "case_scores.csv")
        write_report(report, work)


def code_version() -> str:
    """Return the version with a digest of the code and data files that make the numbers."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for package in ("data_contracts", "evaluation"):
        for path in sorted((root / package).rglob("*")):
            if path.suffix in (".py", ".yaml"):
                digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{metadata.version('toetssteen')}+{digest.hexdigest()[:12]}"
