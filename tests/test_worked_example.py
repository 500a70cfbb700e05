"""The worked example of the stewards' guide: an invented export, its mapping, and what comes out.

Run this file to write the piece of the draft in the guide anew: `python tests/test_worked_example.py`.
"""

import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from data_contracts import check, load_mapping, read_delivery
from data_contracts.language import use_language
from data_contracts.mapping.draft import draft_mapping
from evaluation import completeness, consistency, duration

HERE = Path(__file__).parent / "data" / "worked_example"
GUIDE = Path(__file__).parent.parent / "data_contracts" / "README.md"
AS_OF = date(2024, 6, 30)


@pytest.fixture(scope="module")
def checked():
    return check(read_delivery(HERE, load_mapping(HERE / "eilandpolitie.yaml")))


def test_the_guide_shows_the_very_files_that_these_tests_run():
    guide = GUIDE.read_text("utf-8")
    assert (HERE / "eilandpolitie.yaml").read_text("utf-8") in guide
    assert (HERE / "export_2024-06-30.csv").read_text("utf-8") in guide


def drafted_piece() -> str:
    """The delivery record and the cases of the draft of this export, as the guide shows them."""
    use_language("nl")
    piece = draft_mapping(HERE / "export_2024-06-30.csv").partition("tables:")[2].partition("\n  subjects:")[0]
    use_language(None)
    return f"```yaml\ntables:{piece}```"


def test_the_guide_shows_the_draft_that_the_command_makes():
    assert drafted_piece() in GUIDE.read_text("utf-8"), "stale: run python tests/test_worked_example.py"


def test_the_guide_says_what_was_changed_by_hand_after_the_draft(checked):
    """The table of changes names the open places, and each change it names is in the mapping shown."""
    piece, written = drafted_piece(), (HERE / "eilandpolitie.yaml").read_text("utf-8")
    assert "cohort_basis: {constant: VUL_IN}" in piece and "cohort_basis: {constant: geopend}" in written
    assert "# unit: Wijk bestaat uit nummers" in piece and "extract: '^0?(\\d{1,2})" in written
    assert "exit_kind: {column: Uitkomst" in written and "other: geen" in written
    assert "reason: {constant: strafrechtelijk}" in written


def test_the_findings_are_the_ones_the_guide_explains(checked):
    report, _files = checked
    errors = report.breaches[report.breaches["severity"] == "error"]
    assert set(zip(errors["rule"], errors["row"], errors["column"], strict=True)) == {
        ("cases.opened_on_form", 11, "D"),
        ("steps.done_on_form", 11, "D"),
        ("allegations.category_known_code", 13, "J"),
        ("cases.unit_form", 15, "B"),
    }
    assert report.accepted


def test_two_cases_and_the_allegation_with_an_unknown_category_do_not_take_part(checked):
    report, files = checked
    counts = report.rows.set_index("table")
    assert counts.loc["cases", ["rows", "accepted"]].tolist() == [11, 9]
    assert "E23-006" not in set(files.cases["case_id"]) and "E24-003" not in set(files.cases["case_id"])
    assert "E24-001/1" not in set(files.allegations["allegation_id"])


def test_the_delivery_record_comes_from_constants_and_the_file_name(checked):
    _report, files = checked
    record = files.delivery.iloc[0]
    assert len(files.delivery) == 1
    assert [record["unit"], record["cohort_basis"], record["counting_unit"]] == ["EP", "geopend", "gedraging"]
    assert record["extracted_at"] == record["period_end"] == pd.Timestamp(AS_OF)
    assert record["period_start"] == pd.Timestamp("2023-01-01")


def test_the_district_is_read_from_the_beat_however_it_is_written(checked):
    _report, files = checked
    units = files.cases.set_index("case_id")["unit"]
    assert units[["E23-001", "E23-002", "E23-004", "E23-005", "E23-007"]].tolist() == ["D2", "D8", "D12", "ONB", "D9"]


def test_a_case_with_two_allegations_is_one_case_and_an_open_one_has_no_end(checked):
    _report, files = checked
    cases = files.cases.set_index("case_id")
    assert files.cases["case_id"].is_unique
    assert (files.allegations["case_id"] == "E23-001").sum() == 2
    assert cases.loc["E24-002", "status"] == "lopend"
    assert pd.isna(cases.loc["E24-002", "closed_on"]) and pd.isna(cases.loc["E24-002", "exit_kind"])


def test_one_value_gives_a_finding_and_a_penalty(checked):
    _report, files = checked
    outcome = files.allegations.set_index("allegation_id")[["finding", "final_penalty"]]
    assert outcome.loc["E23-002/1"].tolist() == ["plichtsverzuim_vastgesteld", "j"]
    assert outcome.loc["E23-004/1"].tolist() == ["niet_vastgesteld", "geen"]
    assert outcome.loc["E24-002/1"].isna().all()


def test_a_column_per_step_becomes_a_row_per_step_with_its_state(checked):
    _report, files = checked
    steps = files.steps.set_index(["case_id", "step"])
    assert steps.loc[("E23-001", "RAPP"), "state"] == "gedaan"
    assert steps.loc[("E23-001", "RAPP"), "done_on"] == pd.Timestamp("2023-04-03")
    assert steps.loc[("E23-004", "ADV"), "state"] == "niet_gedaan"
    assert steps.loc[("E23-003", "ADV"), "state"] == "niet_van_toepassing"
    assert ("E23-004", "HOORB") not in steps.index  # `onbekend` is a word for empty: not recorded
    assert len(steps.loc[("E23-005", "OPDR")]) == 2  # two officers, one row each


def test_the_export_gives_a_duration_an_outcome_and_a_completeness(checked):
    _report, files = checked
    cut = files.at(AS_OF)
    for module in (duration, consistency, completeness):
        result = module.evaluate(cut, as_of=AS_OF, level=0.95)
        assert result.scores, result.refusals
    assert cut.absent["signals"] == {"nl": "het register bevat alleen zaken", "en": "the register holds cases only"}


if __name__ == "__main__":
    guide = GUIDE.read_text("utf-8")
    GUIDE.write_text(
        re.sub(
            r"```yaml\ntables:\n  delivery:\n    source: export\n.*?```", lambda _m: drafted_piece(), guide, flags=re.S
        )
    )
