"""Empty cells by column and unit."""

from datetime import date
from pathlib import Path

from rules.sound import Rows, sound, write_workbook

from data_contracts import check, read_delivery
from data_contracts.checking import Report
from data_contracts.reporting.missingness import missingness, missingness_by_unit, unit_tables


def _two_units(folder: Path) -> Report:
    """AMS: 30 subjects, all with a rank; NN: 24 subjects, of whom 12 have none, and 4 signals."""
    folder.mkdir()
    for number, (unit, count, empty) in enumerate((("AMS", 30, 0), ("NN", 24, 12)), start=1):
        rows: Rows = sound(number)
        case, subject = rows["onderzoeken"][5], rows["betrokkenen"][3]
        rows["onderzoeken"] = [
            dict(case, zaaknummer=f"{number}-{n:03}", geopend_op=date(2023, 1, 2)) for n in range(count)
        ]
        rows["betrokkenen"] = [
            dict(subject, zaaknummer=f"{number}-{n:03}", betrokkene_nummer=f"B-{number:04x}{n:04x}",
                 rangband=None if n < empty else "inspecteur")
            for n in range(count)
        ]  # fmt: skip
        for table in rows.values():
            for row in table:
                if "eenheid" in row:
                    row["eenheid"] = unit
        rows["formatie"] = []
        for gone in ("gedragingen", "stappen", "opschortingen", "ordemaatregelen", "dossierbeoordelingen"):
            rows[gone] = []
        for row in rows["meldingen"]:
            row["zaaknummer"] = None
        write_workbook(rows, folder / f"{unit}.xlsx")
    return check(read_delivery(folder))[0]


def test_the_counts_by_unit_follow_the_unit_of_the_case_and_add_up_to_the_column(tmp_path: Path) -> None:
    report = _two_units(tmp_path / "d")
    by_unit = missingness_by_unit(report).set_index(["column", "unit"])
    assert tuple(by_unit.loc[("rank_band", "AMS"), ["rows", "missing"]]) == (30, 0)
    assert tuple(by_unit.loc[("rank_band", "NN"), ["rows", "missing"]]) == (24, 12)
    whole = missingness(report).set_index(["table", "column"])
    assert tuple(whole.loc[("subjects", "rank_band"), ["rows", "missing"]]) == (54, 12)


def test_only_columns_that_differ_between_units_are_shown_by_unit(tmp_path: Path) -> None:
    tables = {table.sheet: table for table in unit_tables(_two_units(tmp_path / "d"))}
    assert tables["betrokkenen"].headers == ("rangband",)
    assert tables["betrokkenen"].lines == (("AMS", 30, (0,)), ("NN", 24, (12,)))
    assert "meldingen" not in tables  # five rows a unit are too few for a share


def test_one_unit_has_no_table_by_unit(tmp_path: Path) -> None:
    write_workbook(sound(1), tmp_path / "a.xlsx")
    assert unit_tables(check(read_delivery(tmp_path / "a.xlsx"))[0]) == []
