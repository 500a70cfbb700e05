"""Code lists, crosswalks, steps and norms as dated data: complete, and refused with file, line and fault when wrong."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from data_contracts.code_lists import CODES, MARKS, load_code_lists, load_crosswalks
from data_contracts.errors import WrongUse
from data_contracts.procedure import norms, steps

UNITS = "NN ON MN NH AMS DH RTD ZWB OB LB LE LX LO PDC KS PA RR"
FINDINGS = (
    "geen_plichtsverzuim niet_vastgesteld plichtsverzuim_vastgesteld strafbaar_feit geen_onderzoek overgedragen "
    "beeindigd_eigen_ontslag onbekend"
)


def test_every_list_has_a_source_and_every_code_a_label_in_two_languages_a_mark_and_a_period_in_order():
    for name, codes in load_code_lists().items():
        assert codes.source and codes.title["nl"] and codes.title["en"], name
        for code in codes.codes.values():
            assert code.label["nl"] and code.label["en"], (name, code.code)
            assert code.mark in MARKS, (name, code.code)
            assert not (code.valid_from and code.valid_to) or code.valid_from <= code.valid_to, (name, code.code)


def test_every_step_and_norm_has_a_source_a_mark_and_a_period_in_order():
    for dated in (*steps(), *norms()):
        assert dated.source["nl"] and dated.source["en"] and dated.mark in MARKS, dated.code
        assert not (dated.valid_from and dated.valid_to) or dated.valid_from <= dated.valid_to, dated.code


def test_no_two_versions_of_one_norm_or_step_hold_on_the_same_day():
    for dated in (steps(), norms()):
        for number, one in enumerate(dated):
            for other in dated[:number]:
                if other.code == one.code:
                    assert (one.valid_from or date.min) > (other.valid_to or date.max), one.code


def test_the_lists_are_those_of_the_domain():
    lists = load_code_lists()
    assert list(lists["unit"].codes) == UNITS.split()
    assert list(lists["finding"].codes) == FINDINGS.split()
    assert list(lists["penalty"].codes)[:11] == list("abcdefghijk")
    assert set(lists["cohort_basis"].codes) == {"geopend", "afgesloten", "openstaand", "alle"}
    assert [code.mark for code in lists["unit"].codes.values()] == ["B"] * 17


def test_the_national_unit_ended_the_day_before_its_successors_began():
    units = load_code_lists()["unit"].codes
    assert units["LE"].valid_to == date(2023, 12, 31)
    assert units["LX"].valid_from == units["LO"].valid_from == date(2024, 1, 1)
    regional = [units[code] for code in UNITS.split()[:10]]
    assert {(unit.valid_from, unit.valid_to) for unit in regional} == {(date(2013, 1, 1), None)}


def test_the_national_unit_was_split_and_is_not_recoded_to_one_successor():
    walk = load_crosswalks()["unit"]
    assert walk.to == {"LE": ("LX", "LO")}
    assert walk.recoded("LE") is None


def test_every_category_up_to_2019_is_in_the_crosswalk_and_leads_to_one_of_2020_or_is_not_mappable():
    walk, categories = load_crosswalks()["category"], load_code_lists()["category"].codes
    assert set(walk.to) == {code for code in categories if code.startswith("vik_")}
    for old, new in walk.to.items():
        assert categories[old].valid_to == date(2019, 12, 31)
        assert all(categories[code].valid_from == date(2020, 1, 1) for code in new)
        assert walk.reason[old]["nl"] and walk.reason[old]["en"]
    assert [old for old, new in walk.to.items() if not new] == ["vik_houding_gedrag", "vik_rechtspositie", "vik_overig"]
    assert walk.recoded("vik_positie") == "rm_positie_belangen"
    assert walk.recoded("vik_geweld_bejegening") is None


def test_no_maximum_for_the_disciplinary_track_is_a_norm_that_says_so():
    (norm,) = [norm for norm in norms() if norm.code == "disciplinair_totaal"]
    assert (norm.in_force, norm.mark) == (False, "R")


# file, text to replace, its replacement, what the message says
FAULTS = {
    "a misspelt word": ("unit", "title:", "titel:", "onbekend woord titel; hier kan staan: title"),
    "no source": ("unit", "source: 'Codes are our own; names and validity: DOMAIN §5 [B]'\n", "", "ontbreekt: source"),
    "an unknown mark": ("unit", "mark: B", "mark: Z", "Z kan hier niet; kies R, I, B"),
    "another name than its file": ("unit", "name: unit", "name: eenheid", "de naam is niet die van het bestand"),
    "a label without English": ("kind", "klacht: {nl: klacht, en: complaint}", "klacht: {nl: klacht}", "nl en in en"),
    "a label that YAML takes for a truth value": ("kind", "en: complaint", "en: true", "tussen aanhalingstekens"),
    "an unknown word in a code": ("kind", "en: complaint", "en: complaint, geldig: ja", "onbekend woord geldig"),
    "a date that does not exist": ("unit", "'2023-12-31'", "'2023-13-31'", "2023-13-31 is geen datum"),
    "a period backwards": ("unit", "valid_to: '2023-12-31'", "valid_to: '2012-12-31'", "valid_from ligt na valid_to"),
    "the same code twice": ("kind", "  disciplinair: {", "  klacht: {", "geen geldige YAML"),
    "a code without labels": ("kind", "klacht: {nl: klacht, en: complaint}", "klacht:", "hier hoort een blok"),
    "a crosswalk of no list": ("crosswalk_unit", "list: unit", "list: units", "units kan hier niet; kies unit"),
    "a crosswalk from no code": ("crosswalk_unit", "  LE: {", "  LEX: {", "LEX kan hier niet"),
    "a crosswalk to no code": ("crosswalk_unit", "[LX, LO]", "[LX, LP]", "LP kan hier niet"),
    "a crosswalk to nothing": ("crosswalk_unit", "[LX, LO]", "[]", "to is een lijst codes, of not_mappable"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_file_is_refused_with_file_line_and_fault(tmp_path: Path, fault: str):
    name, old, new, said = FAULTS[fault]
    shutil.copytree(CODES, tmp_path / "codes")
    path = tmp_path / "codes" / f"{name}.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(WrongUse) as refused:
        load_crosswalks(tmp_path / "codes")
    assert str(refused.value).startswith(f"{name}.yaml, regel ")
    assert said in str(refused.value)


def test_a_code_with_a_validity_is_added_in_one_file(tmp_path: Path):
    shutil.copytree(CODES, tmp_path / "codes")
    with (tmp_path / "codes" / "unit.yaml").open("a", encoding="utf-8") as file:
        file.write("  NU: {nl: Nieuwe eenheid, en: New unit, valid_from: '2027-01-01'}\n")
    added = load_code_lists(tmp_path / "codes")["unit"].codes["NU"]
    assert (added.label["en"], added.valid_from, added.valid_to, added.mark) == (
        "New unit",
        date(2027, 1, 1),
        None,
        "B",
    )
