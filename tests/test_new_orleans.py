"""The real export: its known defects are found, and its durations match an independent computation."""

import csv
import gzip
from datetime import date
from pathlib import Path

import pytest

from data_contracts import check, load_mapping, read_delivery
from data_contracts.case_files import CaseFiles
from data_contracts.checking import Report
from data_contracts.mapping.format import find_mapping
from evaluation.run import score

AS_OF = date(2023, 7, 27)
NEWEST, EARLIER = "snapshot_2023-07-27.csv.gz", "snapshot_2023-02-16.csv.gz"


def _checked(path: Path) -> tuple[Report, CaseFiles]:
    report, files = check(read_delivery(path, load_mapping(find_mapping("new_orleans"))))
    if files is None:
        pytest.fail("rejected")
    return report, files


@pytest.fixture(scope="module")
def newest(new_orleans: Path) -> tuple[Report, CaseFiles]:
    return _checked(new_orleans)  # the folder: the newest edition is taken


def _raw(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


def _day(text: str) -> date | None:
    return date(*map(int, text.replace("/", "-").split("-"))) if text else None


@pytest.mark.parametrize("name", [NEWEST, EARLIER])
def test_the_known_defects_are_counted_as_an_independent_reading_counts_them(new_orleans: Path, name: str) -> None:
    report, _files = _checked(new_orleans / name)
    found = report.breaches["rule"].value_counts()
    raw = _raw(new_orleans / name)
    export_day = date.fromisoformat(name[9:19])
    spans = [
        (_day(r["Date Complaint Received by NOPD (PIB)"]), _day(r["Date Complaint Investigation Complete"]))
        for r in raw
    ]
    ids = [r["Unique Officer Allegation ID"] for r in raw if r["Unique Officer Allegation ID"]]
    assert found["allegations.decided_after_opened"] == sum(1 for a, b in spans if a and b and b < a)
    assert found["allegations.decided_on_not_after_extraction"] == sum(1 for _a, b in spans if b and b > export_day)
    assert found["allegations.decided_on_not_sentinel"] == sum(1 for _a, b in spans if b and b.year == 1900)
    assert found["allegations.key_unique"] == sum(ids.count(i) > 1 for i in ids)
    assert found["allegations.case_id_required"] == sum(1 for r in raw if not r["Complaint Tracking Number"])
    shifted = [r for r in raw if r["Officer years of service"] or r["Officer Gender"] in ("Black", "White")]
    assert found["allegations.row_not_shifted"] == len(shifted) == 8
    active = {
        r["Complaint Tracking Number"]
        for r in raw
        if r["Investigation status"] in ("Active", "Initial") and r["Date Complaint Investigation Complete"]
    }
    assert found["cases.open_case_has_no_end"] == len(active)


def test_a_breach_names_the_row_and_column_of_the_export(new_orleans: Path, newest: tuple[Report, CaseFiles]) -> None:
    breaches = newest[0].breaches
    first = breaches[breaches["rule"] == "allegations.decided_after_opened"].iloc[0]
    row = _raw(new_orleans / NEWEST)[first["row"] - 2]  # row 1 is the header
    received, complete = row["Date Complaint Received by NOPD (PIB)"], row["Date Complaint Investigation Complete"]
    assert _day(complete) < _day(received)
    assert (first["header"], first["column"]) == ("Date Complaint Investigation Complete", "E")


def _obvious_median(new_orleans: Path) -> tuple[int, int]:
    """Kaplan-Meier by hand, from the raw rows: one spell a case, in plain Python."""
    spells = {}
    conflicting = set()
    for row in _raw(new_orleans / NEWEST):
        case = row["Complaint Tracking Number"]
        facts = (
            _day(row["Date Complaint Received by NOPD (PIB)"]),
            _day(row["Date Complaint Investigation Complete"]),
            row["Investigation status"],
        )
        shifted = row["Officer years of service"] or row["Officer Gender"] in ("Black", "White")
        if not case or shifted or row["Rule Violation"] == "Unknown Shift Hours":
            continue
        if spells.setdefault(case, facts) != facts:
            conflicting.add(case)
    days = []
    for case, (received, complete, status) in spells.items():
        wrong = complete and (complete < received or complete > AS_OF or complete.year == 1900)
        contradiction = (status in ("Active", "Initial") and complete) or (status == "Completed" and not complete)
        if case in conflicting or wrong or contradiction:
            continue
        days.append((((complete or AS_OF) - received).days, bool(complete)))
    surviving = 1.0
    for day in sorted({d for d, closed in days if closed}):
        at_risk = sum(d >= day for d, _closed in days)
        surviving *= 1 - sum(d == day and closed for d, closed in days) / at_risk
        if surviving <= 0.5:
            return day, len(days)
    return -1, len(days)


def test_the_median_duration_matches_an_independent_computation(
    new_orleans: Path, newest: tuple[Report, CaseFiles]
) -> None:
    results = score(newest[1], newest[0], as_of=AS_OF, level=0.95)
    scores = {s.id: s for result in results for s in result.scores}
    median, cases = _obvious_median(new_orleans)
    assert scores["duration.total_gross.median.all"].estimate == median
    assert abs(scores["duration.total_gross.median.all"].n - cases) <= 2


def test_scores_by_division_come_with_plain_reasons_for_what_is_missing(newest: tuple[Report, CaseFiles]) -> None:
    results = score(newest[1], newest[0], as_of=AS_OF, level=0.95)
    ids = {s.id for result in results for s in result.scores if s.estimate is not None}
    assert {"duration.total_gross.median.unit=d1", "consistency.misconduct_found.observed_expected.unit=d1"} <= ids
    reasons = {refusal.measure: refusal.reason["nl"] for result in results for refusal in result.refusals}
    assert "stappen" in reasons["completeness"]
    assert "straf" in reasons["consistency.penalty"]
    assert "opschorting" in reasons["duration.total_net"]
