"""Rules over several deliveries checked together: each broken once in real files, at its place, and nothing else."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from rules.sound import Rows, sound, write_folder, write_workbook

from data_contracts import read_delivery
from data_contracts.checking import BREACH_COLUMNS, UNDECLARED, check
from data_contracts.code_lists import load_code_lists
from data_contracts.language import use_language
from data_contracts.reading.tables import Delivery
from data_contracts.reporting.findings import findings
from data_contracts.rules.across import ACROSS, DAYS_APART, RULES

UNITS = sorted(set(load_code_lists()["unit"].codes) - {"LE", "RR"})  # those that exist at extraction
FEW, UNITS_MISSING = ("AMS", "DH", "NH"), "every_unit_delivers"
Spoil = Callable[[dict[str, Rows]], None]


def deliveries_of(units: Sequence[str]) -> dict[str, Rows]:
    """A sound delivery of each unit, all of one moment, period and kind."""
    everywhere = {}
    for number, unit in enumerate(units):
        rows = sound(number)
        rows["levering"][0] |= {"eenheid": unit, "periode_van": date(2021, 1, 1)}
        everywhere[unit] = rows
    return everywhere


def read(everywhere: dict[str, Rows], folder: Path) -> list[Delivery]:
    """Write The Hague's as csv files, all others as a workbook, and read them."""
    for unit, rows in everywhere.items():
        if unit.startswith("DH"):
            write_folder(rows, folder / unit)
        else:
            write_workbook(rows, folder / f"{unit}.xlsx")
    return read_delivery(folder)


def record(unit: str, **values: object) -> Spoil:
    return lambda everywhere: everywhere[unit]["levering"][0].update(values)


def deliver_twice(everywhere: dict[str, Rows]) -> None:
    everywhere["DH_weer"] = everywhere["DH"]


def extract_again(everywhere: dict[str, Rows]) -> None:
    rows = sound(50)
    rows["levering"][0] |= {"eenheid": "NH", "uittrekmoment": date(2024, 6, 24), "periode_van": date(2021, 1, 1)}
    everywhere["NH_eerder"] = rows


def transfer(everywhere: dict[str, Rows]) -> None:
    row = everywhere["NH"]["onderzoeken"][3]
    everywhere["AMS"]["onderzoeken"].append(dict(row, eenheid="AMS"))


def share_pseudonym(everywhere: dict[str, Rows]) -> None:
    for sheet in ("betrokkenen", "gedragingen", "stappen", "ordemaatregelen"):
        for row in everywhere["NH"][sheet]:
            if row.get("betrokkene_nummer") == everywhere["NH"]["betrokkenen"][3]["betrokkene_nummer"]:
                row["betrokkene_nummer"] = everywhere["AMS"]["betrokkenen"][3]["betrokkene_nummer"]


def leave_out(everywhere: dict[str, Rows]) -> None:
    for unit in ("PA", "ZWB"):
        del everywhere[unit]


EARLY = date(2024, 6, 30) - timedelta(days=DAYS_APART + 1)
# rule -> how to break it; where: (file or delivery, row, header with what it adds)
BROKEN: dict[str, tuple[Spoil, list[tuple[str, int, str]]]] = {
    "file_once": (deliver_twice, [("DH", 0, ""), ("DH_weer", 0, "")]),
    "one_extraction_per_unit": (
        extract_again,
        [("NH.xlsx", 2, "uittrekmoment (de nieuwste)"),
         ("NH_eerder.xlsx", 2, "uittrekmoment (6 dagen voor de nieuwste)")],
    ),
    "case_in_one_delivery": (
        transfer,
        [("AMS.xlsx", 8, "zaaknummer (ook in NH.xlsx, rij 5)"), ("NH.xlsx", 5, "zaaknummer (ook in AMS.xlsx, rij 8)")],
    ),
    "every_unit_delivers": (leave_out, [("AMS.xlsx", 2, "eenheid (geen levering van ZWB, PA)")]),
    "one_contract_version": (record("NH", contractversie="0.9.0"),
                             [("NH.xlsx", 2, "contractversie (0.9.0; de meeste 1.0.0)")]),
    "extractions_together": (record("NH", uittrekmoment=EARLY),
                             [("NH.xlsx", 2, "uittrekmoment (32 dagen voor de laatste)")]),
    "one_period": (record("NH", periode_van=date(2020, 1, 1)),
                   [("NH.xlsx", 2, "periode_van (366 dagen eerder dan de meeste)")]),
    "one_cohort_basis": (record("NH", cohortbasis="alle"),
                         [("NH.xlsx", 2, "cohortbasis (alle; de meeste geopend)")]),
    "one_counting_unit": (record("NH", teleenheid="betrokkene"),
                          [("NH.xlsx", 2, "teleenheid (betrokkene; de meeste onderzoek)")]),
    "pseudonym_in_one_unit": (
        share_pseudonym,
        [("AMS.xlsx", 5, "betrokkene_nummer (1 ook bij NH)"), ("NH.xlsx", 5, "betrokkene_nummer (1 ook bij AMS)")],
    ),
}  # fmt: skip


def test_sound_deliveries_of_all_units_break_no_rule(tmp_path: Path) -> None:
    deliveries = read(deliveries_of(UNITS), tmp_path)
    assert len(deliveries) == len(UNITS)
    report, case_files = check(deliveries)
    assert report.breaches["rule"].tolist() == []
    assert case_files is not None


def test_every_rule_is_broken_once() -> None:
    assert list(BROKEN) == list(RULES)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_told_at_its_places_and_no_other_of_these_rules_is(name: str, tmp_path: Path) -> None:
    spoil, places = BROKEN[name]
    everywhere = deliveries_of(UNITS if name == UNITS_MISSING else FEW)
    spoil(everywhere)
    report, case_files = check(read(everywhere, tmp_path))
    others = set(RULES) - ({UNITS_MISSING} if name != UNITS_MISSING else set())  # few units deliver: that is told too
    found = report.breaches[report.breaches["rule"].isin([f"delivery.{rule}" for rule in others])]
    assert set(found["rule"]) == {f"delivery.{name}"}
    assert set(found["severity"]) == {RULES[name].severity}
    assert set(found["scope"]) == {RULES[name].scope}
    assert sorted(zip(found["delivery"], found["row"], found["header"], strict=True)) == sorted(places)
    if RULES[name].severity == "error":
        assert case_files is None
    groups = [group for group in findings(report) if group["rule"] == f"delivery.{name}"]
    assert [group["title"] for group in groups] == [RULES[name].title["nl"]]


def test_words_of_these_rules_are_those_of_the_report_in_both_languages() -> None:
    assert set(ACROSS) == set(RULES)
    for name, words in ACROSS.items():
        assert UNDECLARED[name] == words
        assert set(words["title"]) == set(words["remedy"]) == {"nl", "en"}


def test_breaches_have_the_columns_of_all_breaches(tmp_path: Path) -> None:
    write_workbook(sound(0), tmp_path / "een.xlsx")
    report, _case_files = check(read_delivery(tmp_path))
    assert list(report.breaches.columns) == BREACH_COLUMNS
    assert report.breaches.empty  # one delivery alone breaks none of these rules


def test_parts_of_one_units_delivery_may_each_have_a_period_of_their_own(tmp_path: Path) -> None:
    for number, years in enumerate(((2021, 2021), (2022, 2023))):
        rows = sound(number)
        rows["levering"][0] |= {"periode_van": date(years[0], 1, 1), "periode_tot": date(years[1], 12, 31),
                                "uittrekmoment": date(2024, 6, 30 - number)}  # fmt: skip
        sheet = [row for row in rows["onderzoeken"] if years[0] <= row["geopend_op"].year <= years[1]]
        kept = {row["zaaknummer"] for row in sheet}
        rows["onderzoeken"] = sheet
        for name in (
            "betrokkenen",
            "gedragingen",
            "stappen",
            "opschortingen",
            "ordemaatregelen",
            "dossierbeoordelingen",
        ):
            rows[name] = [row for row in rows[name] if row["zaaknummer"] in kept]
        for row in rows["meldingen"]:
            row["zaaknummer"] = row["zaaknummer"] if row["zaaknummer"] in kept else None
        write_workbook(rows, tmp_path / f"deel{number}.xlsx")
    report, _case_files = check(read_delivery(tmp_path))
    assert not report.breaches["rule"].isin([f"delivery.{name}" for name in RULES]).any()


def test_two_units_that_number_their_cases_alike_are_told_which_place_is_the_other(tmp_path: Path) -> None:
    for unit in ("AMS", "RTD"):
        rows = sound(1)
        rows["levering"][0] |= {"eenheid": unit}
        write_workbook(rows, tmp_path / f"{unit}.xlsx")
    report, _case_files = check(read_delivery(tmp_path))
    found = report.breaches[report.breaches["rule"] == "delivery.case_in_one_delivery"]
    assert found["row"].tolist() == [2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7]
    assert found["delivery"].tolist() == ["AMS.xlsx", "RTD.xlsx"] * 6
    assert found["header"].iloc[:2].tolist() == [
        "zaaknummer (ook in RTD.xlsx, rij 2)",
        "zaaknummer (ook in AMS.xlsx, rij 2)",
    ]
    assert not found["header"].str.contains("00001-Z").any()


def test_places_are_told_in_english_when_asked(tmp_path: Path) -> None:
    everywhere = deliveries_of(UNITS)
    leave_out(everywhere)
    deliveries = read(everywhere, tmp_path)
    use_language("en")
    try:
        report, _case_files = check(deliveries)
        (group,) = findings(report)
    finally:
        use_language(None)
    assert group["title"] == "Every unit of the list delivers"
