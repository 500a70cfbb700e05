"""Rows that do not take part, told apart by why: the counts are those of the check itself."""

from datetime import date
from pathlib import Path

from rules.sound import sound, write_folder, write_workbook

from data_contracts import check, read_delivery
from data_contracts.rules.left_out import left_out, shares_left_out


def test_rows_that_fall_with_their_case_are_told_apart_and_add_up_to_what_the_check_rejects(tmp_path: Path) -> None:
    rows = sound(1)
    rows["onderzoeken"][0]["afgesloten_op"] = date(2020, 1, 1)  # case 1 is left out, with all that hangs on it
    rows["stappen"][3]["stand"] = "bestaat_niet"  # an own error in a row that would fall anyway
    rows["stappen"][-1]["stand"] = "bestaat_niet"  # an own error elsewhere
    rows["betrokkenen"] += [dict(rows["betrokkenen"][1]), dict(rows["betrokkenen"][1], rangband="hoger")]
    rows["onderzoeken"].append(dict(rows["onderzoeken"][2]))  # wholly the same: the first stays
    report, _files = check(
        read_delivery(write_folder(sound(2), tmp_path / "goed"))
        + read_delivery(write_workbook(rows, tmp_path / "a.xlsx"))
    )
    counts = shares_left_out(report)
    assert counts["cases"] == {"own": 2, "case": 0}
    assert counts["subjects"] == {"own": 3, "case": 1}  # two alike and one different: none stays
    assert counts["steps"] == {"own": 2, "case": 26}
    for row in report.rows.to_dict("records"):
        assert sum(counts[row["table"]].values()) == row["rejected"], row["table"]
    gone = left_out(report)
    assert set(gone["delivery"]) == {1}
    assert set(gone.loc[gone["table"] == "cases", "row"]) == {2, 8}


def test_a_sound_delivery_leaves_nothing_out(tmp_path: Path) -> None:
    report, _files = check(read_delivery(write_folder(sound(1), tmp_path / "goed")))
    assert left_out(report).empty
    assert set(shares_left_out(report)["cases"].values()) == {0}
