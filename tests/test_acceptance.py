"""The acceptance record: what it vouches for, how it is written, and that it notices another file."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rules.sound import sound, write_folder, write_workbook

from data_contracts import check, read_delivery
from data_contracts.checking import Report
from data_contracts.errors import UnreadableInput, WrongUse
from data_contracts.language import use_language
from data_contracts.reporting.acceptance import acceptance_record, moment_words, verify_acceptance, write_acceptance

MOMENT = datetime(2026, 7, 1, 12, 5, tzinfo=UTC)


def _checked(*paths: Path) -> Report:
    return check([delivery for path in paths for delivery in read_delivery(path)])[0]


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    rows = sound(1)
    rows["onderzoeken"][5]["afgesloten_op"] = rows["levering"][0]["periode_van"]  # before its opening: left out
    return write_workbook(rows, tmp_path / "levering.xlsx")


def test_the_record_counts_what_was_left_out_and_why_and_names_the_exact_files(workbook: Path) -> None:
    record = acceptance_record(_checked(workbook), by=" gegevensbeheerder  AMS ", checked_at=MOMENT)
    assert (record.outcome, record.accepted, record.by) == ("accepted_with_exceptions", True, "gegevensbeheerder AMS")
    (seal,) = record.files
    assert (seal.name, seal.bytes, len(seal.sha256)) == ("levering.xlsx", workbook.stat().st_size, 64)
    rows = {row.table: row for row in record.rows}
    assert (rows["cases"].delivered, rows["cases"].accepted, rows["cases"].left_out_own) == (6, 5, 1)
    assert (rows["subjects"].left_out_own, rows["subjects"].left_out_with_case) == (0, 1)
    assert ("cases.closed_after_opened", "error", 1) in {(f.rule, f.severity, f.count) for f in record.findings}
    assert record.units == ("AMS",)


def test_a_sound_delivery_is_accepted_and_a_rejected_one_says_so(tmp_path: Path) -> None:
    well = write_folder(sound(2), tmp_path / "goed")
    record = acceptance_record(_checked(well), by="", checked_at=MOMENT)
    assert (record.outcome, record.by, len(record.files)) == ("accepted", "", 10)
    rows = sound(3)
    rows["betrokkenen"][0]["betrokkene_nummer"] = "111222333"
    bad = acceptance_record(
        _checked(write_workbook(rows, tmp_path / "fout.xlsx")), by="", checked_at=MOMENT
    )  # fmt: skip
    assert (bad.outcome, bad.accepted) == ("rejected", False)
    assert "111222333" not in write_acceptance(bad, tmp_path).read_text("utf-8")


def test_the_same_check_writes_the_same_bytes_with_keys_in_a_fixed_order(workbook: Path, tmp_path: Path) -> None:
    record = acceptance_record(_checked(workbook), by="x", checked_at=MOMENT)
    first = write_acceptance(record, tmp_path).read_bytes()
    assert write_acceptance(record, tmp_path).read_bytes() == first
    assert list(json.loads(first)) == [
        "format", "outcome", "by", "checked_at", "software_version", "contract_versions", "units",
        "declared_versions", "files", "rows", "findings", "fingerprint",
    ]  # fmt: skip


def test_the_record_matches_the_files_also_renamed_and_no_other_files(workbook: Path, tmp_path: Path) -> None:
    path = write_acceptance(acceptance_record(_checked(workbook), by="", checked_at=MOMENT), tmp_path)
    assert verify_acceptance(path, [workbook]).matches
    renamed = workbook.rename(tmp_path / "anders.xlsx")
    assert verify_acceptance(path, [renamed]).matches
    gone = verify_acceptance(path, [])
    assert (gone.matches, gone.missing) == (False, ("levering.xlsx",))
    changed = write_workbook(sound(1), tmp_path / "levering.xlsx")
    found = verify_acceptance(path, [changed])
    assert (found.matches, found.changed, found.unknown) == (False, ("levering.xlsx",), ())
    extra = verify_acceptance(path, [tmp_path])  # a folder: both
    assert (extra.same, extra.unknown, extra.matches) == (("anders.xlsx",), ("levering.xlsx",), False)


def test_a_record_that_was_edited_is_noticed(workbook: Path, tmp_path: Path) -> None:
    path = write_acceptance(acceptance_record(_checked(workbook), by="", checked_at=MOMENT), tmp_path)
    path.write_text(path.read_text("utf-8").replace("accepted_with_exceptions", "accepted"), encoding="utf-8")
    found = verify_acceptance(path, [workbook])
    assert (found.intact, found.matches, found.same) == (False, False, ("levering.xlsx",))


@pytest.mark.parametrize("content", ["", "{}", '{"files": [1]}', '{"files": [{"name": "x"}]}', "[]"])
def test_what_is_no_record_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "acceptance.json").write_text(content, encoding="utf-8")
    with pytest.raises(UnreadableInput, match=r"acceptance\.json"):
        verify_acceptance(tmp_path / "acceptance.json", [])


def test_a_file_that_changed_during_the_check_gets_no_record(workbook: Path) -> None:
    report = _checked(workbook)
    workbook.write_bytes(workbook.read_bytes() + b" ")
    with pytest.raises(UnreadableInput, match="veranderd"):
        acceptance_record(report, by="", checked_at=MOMENT)
    workbook.unlink()
    with pytest.raises(UnreadableInput, match="verplaatst"):
        acceptance_record(report, by="", checked_at=MOMENT)


def test_a_moment_without_a_time_zone_is_refused_and_one_with_is_said_in_dutch_time(workbook: Path) -> None:
    with pytest.raises(WrongUse, match="tijdzone"):
        acceptance_record(_checked(workbook), by="", checked_at=datetime(2026, 7, 1))
    assert moment_words(MOMENT) == "1 juli 2026, 14.05 uur (Nederlandse tijd)"
    assert moment_words(datetime(2026, 12, 1, 23, 30, tzinfo=UTC)) == "2 december 2026, 00.30 uur (Nederlandse tijd)"
    use_language("en")
    try:
        assert moment_words(MOMENT).startswith("1 July 2026, 14.05")
    finally:
        use_language(None)
