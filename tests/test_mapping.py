"""Every word of the mapping format does what the guide says, and every fault in a mapping is told with its line."""

from pathlib import Path

import pandas as pd
import pytest

from data_contracts.delivery import read_delivery
from data_contracts.errors import UnreadableInput, WrongUse
from data_contracts.mapping import MAPPINGS, find_mapping, load_mapping
from data_contracts.yaml_file import load_yaml

HEAD = "mapping: 1\nname: proef\ntitle: Proef\n"
ONE_SOURCE = "sources: {zaken: {}}\n"
DELIVERY = """
  delivery:
    columns:
      unit: {constant: AMS}
      extracted_at: {constant: 2020-12-31}
      period_start: {constant: 2019-01-01}
      period_end: {constant: 2020-12-31}
      cohort_basis: {constant: geopend}
      contract_version: {constant: 1.0.0}
      counting_unit: {constant: onderzoek}
"""
CASES = """
  cases:
    columns: {case_id: nr, unit: eenheid, kind: {constant: klacht}, opened_on: begin}
"""
EXPORT = "nr,eenheid,begin\n1,AMS,2020-01-02\n2,RTD,2020-02-03\n"


def load(folder: Path, text: str):
    path = folder / "proef.yaml"
    path.write_text(text, encoding="utf-8")
    return load_mapping(path)


def read(folder: Path, text: str, **files: str):
    """Read an export of csv files (`zaken=` is `zaken.csv`) under a mapping."""
    export = folder / "export"
    export.mkdir()
    for name, content in files.items():
        (export / f"{name}.csv").write_text(content, encoding="utf-8")
    (delivery,) = read_delivery(export, load(folder, text))
    return delivery


def read_cases(folder: Path, columns: str, export: str, *, top: str = "", block: str = ""):
    """Read one csv with extra columns of `cases`, each a line `name: entry`."""
    lines = "\n".join(f"      {line}" for line in columns.strip().splitlines())
    fixed = "case_id: nr\nunit: {constant: AMS}\nkind: {constant: klacht}\nopened_on: {constant: 2020-01-01}"
    given = {line.partition(":")[0] for line in columns.splitlines()}
    kept = "\n".join(f"      {line}" for line in fixed.splitlines() if line.partition(":")[0] not in given)
    text = f"{HEAD}{ONE_SOURCE}{top}\ntables:{DELIVERY}\n  cases:\n{block}\n    columns:\n{kept}\n{lines}\n"
    return read(folder, text, zaken=export).tables["cases"]


def values(table, column: str) -> list:
    return [None if pd.isna(value) else value for value in table.frame[column]]


def days(table, column: str) -> list:
    return [None if pd.isna(value) else value.date().isoformat() for value in table.frame[column]]


# ---- what every word does


def test_a_bare_name_and_column_are_the_same(tmp_path):
    table = read_cases(tmp_path, "case_id: nr\nunit: {column: eenheid}", EXPORT)
    assert values(table, "case_id") == ["1", "2"]
    assert values(table, "unit") == ["AMS", "RTD"]
    assert table.headers["unit"] == ("eenheid", "B")


def test_a_header_is_found_in_any_case_and_below_a_banner(tmp_path):
    table = read_cases(tmp_path, "unit: Eenheid", "Uitdraai\n\nNR,EENHEID,begin\n007,AMS,x\n")
    assert values(table, "case_id") == ["007"]
    assert table.places["row"].tolist() == [4]


def test_header_row_settles_which_row_holds_the_headers(tmp_path):
    export = "nr,eenheid\nnr,eenheid\n1,AMS\n"
    text = f"{HEAD}sources: {{zaken: {{header_row: 2}}}}\ntables:{DELIVERY}{CASES}".replace("begin", "eenheid")
    assert values(read(tmp_path, text, zaken=export).tables["cases"], "case_id") == ["1"]


def test_columns_are_joined_and_empty_when_a_part_is_empty(tmp_path):
    table = read_cases(tmp_path, 'case_id: {columns: [a, b], join_with: "/"}', "a,b\n1,2\n1,\n")
    assert values(table, "case_id") == ["1/2", None]


def test_columns_are_joined_with_a_dash_if_nothing_is_said(tmp_path):
    assert values(read_cases(tmp_path, "case_id: {columns: [a, b]}", "a,b\n1,2\n"), "case_id") == ["1-2"]


def test_first_filled_passes_over_words_for_empty(tmp_path):
    export = "nr,a,b\n1,onbekend,2020-03-01\n2,n.v.t.,2020-03-02\n3,2020-03-03,2020-03-04\n4,,\n"
    table = read_cases(tmp_path, "closed_on: {first_filled: [a, b]}", export, top="missing: [onbekend]")
    assert days(table, "closed_on") == ["2020-03-01", "2020-03-02", "2020-03-03", None]


def test_a_constant_date_is_iso_whatever_the_export_writes(tmp_path):
    table = read_cases(tmp_path, "closed_on: eind", "nr,eind\n1,31/12/2020\n", top='dates: ["%d/%m/%Y"]')
    assert days(table, "opened_on") == ["2020-01-01"]
    assert days(table, "closed_on") == ["2020-12-31"]


def test_a_part_of_the_file_name_gives_a_date_in_its_own_notation(tmp_path):
    text = f"{HEAD}{ONE_SOURCE}tables:{DELIVERY}{CASES}"
    for name, entry in {
        "zaken_20201231": r"""{from_file_name: '_(\d{8})', dates: ["%Y%m%d"]}""",
        "zaken_2020-12-31": r"{from_file_name: '(\d{4}-\d{2}-\d{2})'}",
    }.items():
        folder = tmp_path / name
        folder.mkdir()
        given = text.replace("extracted_at: {constant: 2020-12-31}", f"extracted_at: {entry}")
        assert days(read(folder, given, **{name: EXPORT}).tables["delivery"], "extracted_at") == ["2020-12-31"]


def test_a_file_name_without_the_part_is_told(tmp_path):
    text = f"{HEAD}{ONE_SOURCE}tables:{DELIVERY}{CASES}".replace(
        "{constant: 2020-12-31}", r"{from_file_name: '_(\d+)'}"
    )
    with pytest.raises(WrongUse, match=r"zaken\.csv"):
        read(tmp_path, text, zaken=EXPORT)


def test_the_row_number_is_a_key_where_the_export_has_none(tmp_path):
    table = read_cases(tmp_path, "case_id: {row_number: true}", EXPORT)
    assert values(table, "case_id") == ["2", "3"]


def test_row_numbers_of_several_files_do_not_collide(tmp_path):
    text = f"{HEAD}sources: {{zaken: {{take: all}}}}\ntables:{DELIVERY}{CASES}"
    text = text.replace("case_id: nr", "case_id: {row_number: true}")
    delivery = read(tmp_path, text, a=EXPORT, b=EXPORT)
    assert values(delivery.tables["cases"], "case_id") == ["1-2", "1-3", "2-2", "2-3"]


def test_extract_takes_the_group_and_leaves_the_decimal_tail(tmp_path):
    table = read_cases(tmp_path, r"case_id: {column: nr, extract: '^(\d+)(?:\.0)?$'}", "nr\n832.0\n0211\n")
    assert values(table, "case_id") == ["832", "0211"]


def test_a_unit_is_read_out_of_a_number(tmp_path):
    columns = r"unit: {column: wijk, extract: '^0?(\d{1,2})\d\d(?:\.0)?$', codes: {2: AMS, 8: RTD, 12: DH}, empty: KS}"
    table = read_cases(tmp_path, columns, "nr,wijk\n1,0211\n2,832.0\n3,1212.0\n4,\n5,stad\n")
    assert values(table, "unit") == ["AMS", "RTD", "DH", "KS", None]
    assert table.flags["unit:form"].tolist() == ["", "", "", "", "unreadable"]


def test_other_also_catches_what_extract_does_not_fit(tmp_path):
    columns = r"unit: {column: wijk, extract: '^(\d)', codes: {2: AMS}, other: KS}"
    assert values(read_cases(tmp_path, columns, "nr,wijk\n1,2x\n2,stad\n3,9\n"), "unit") == ["AMS", "KS", "KS"]


def test_codes_are_matched_exactly_first_and_then_in_any_case(tmp_path):
    columns = "category: {column: c, codes: {a: rm_prive, A: rm_financieel, B: rm_overig}}"
    table = read_cases(tmp_path, columns, "nr,c\n1,a\n2,A\n3,b\n4,  B \n")
    assert values(table, "category") == ["rm_prive", "rm_financieel", "rm_overig", "rm_overig"]


def test_a_value_outside_codes_stays_and_is_reported_unless_it_is_a_code_itself(tmp_path):
    table = read_cases(tmp_path, "category: {column: c, codes: {x: rm_prive}}", "nr,c\n1,rm_overig\n2,y\n")
    assert values(table, "category") == ["rm_overig", None]
    assert table.flags["category:code"].tolist() == ["", "unknown_code"]


def test_other_and_empty_and_a_code_for_nothing(tmp_path):
    columns = 'category: {column: c, codes: {x: rm_prive, weg: ""}, other: rm_overig, empty: rm_financieel}'
    table = read_cases(tmp_path, columns, "nr,c\n1,x\n2,y\n3,\n4,weg\n5,?\n6,n.v.t.\n", top='missing: ["?"]')
    expected = ["rm_prive", "rm_overig", "rm_financieel", None, "rm_financieel", "rm_financieel"]
    assert values(table, "category") == expected


def test_truth_values_may_be_given_as_words_or_as_yaml_truth(tmp_path):
    columns = "criminal_track: {column: c, codes: {S: true, G: nee}}"
    assert values(read_cases(tmp_path, columns, "nr,c\n1,S\n2,G\n3,\n"), "criminal_track") == [True, False, None]


def test_declared_dates_are_the_only_notation_and_a_column_may_have_its_own(tmp_path):
    columns = 'opened_on: a\nclosed_on: {column: b, dates: ["%d-%b-%y", "%Y.%m.%d"]}'
    export = "nr,a,b\n1,03/04/2020,05-Mar-20\n2,2020-04-03,2020.03.05\n"
    table = read_cases(tmp_path, columns, export, top='dates: ["%d/%m/%Y"]')
    assert days(table, "opened_on") == ["2020-04-03", None]
    assert days(table, "closed_on") == ["2020-03-05", "2020-03-05"]
    assert table.flags["opened_on:form"].tolist() == ["", "unreadable"]


def test_without_a_declared_notation_a_slashed_date_is_not_guessed(tmp_path):
    table = read_cases(tmp_path, "opened_on: a", "nr,a\n1,03/04/2020\n2,03-04-2020\n3,2020/04/03\n")
    assert days(table, "opened_on") == [None, "2020-04-03", "2020-04-03"]


def test_missing_words_are_empty(tmp_path):
    table = read_cases(tmp_path, "closed_on: a", "nr,a\n1,1900-01-01\n2,2020-04-03\n", top="missing: [1900-01-01]")
    assert days(table, "closed_on") == [None, "2020-04-03"]


def test_where_keeps_the_rows_for_which_all_conditions_hold(tmp_path):
    block = "    where: [{column: s, in: [D, 1]}, {column: t, not_in: [x]}, {column: u, filled: true}]"
    export = "nr,s,t,u\n1,D,y,z\n2,K,y,z\n3,1,x,z\n4,D,y,\n5,D,y,onbekend\n6,1,,z\n"
    table = read_cases(tmp_path, "case_id: nr", export, block=block, top="missing: [onbekend]")
    assert values(table, "case_id") == ["1", "6"]


def test_where_can_ask_for_empty_cells(tmp_path):
    table = read_cases(
        tmp_path, "case_id: nr", "nr,u\n1,z\n2,\n3,nvt\n", block="    where: [{column: u, filled: false}]"
    )
    assert values(table, "case_id") == ["2", "3"]


def test_one_row_per_folds_equal_rows_and_leaves_different_ones(tmp_path):
    export = "nr,eenheid,begin\n1,AMS,2020-01-02\n1,AMS,2020-01-02\n2,AMS,2020-01-02\n2,RTD,2020-01-02\n"
    table = read_cases(tmp_path, "unit: eenheid", export, block="    one_row_per: [case_id]")
    assert values(table, "case_id") == ["1", "2", "2"]
    assert table.places["row"].tolist() == [2, 4, 5]


def test_the_delivery_record_is_one_row_however_long_the_export(tmp_path):
    delivery = read(tmp_path, f"{HEAD}{ONE_SOURCE}tables:{DELIVERY}{CASES}", zaken=EXPORT)
    assert len(delivery.tables["delivery"].frame) == 1


def test_a_list_of_blocks_makes_several_rows_of_a_wide_one_and_skips_empty_ones(tmp_path):
    steps = """
  steps:
    - skip_if_empty: [done_on]
      columns: {case_id: nr, step: {constant: OPDR}, state: {constant: gedaan}, done_on: opdracht}
    - skip_if_empty: [done_on]
      columns: {case_id: nr, step: {constant: RAPP}, state: {constant: gedaan}, done_on: rapport}
"""
    export = "nr,eenheid,begin,opdracht,rapport\n1,AMS,2020-01-02,2020-02-01,2020-03-01\n2,AMS,2020-01-02,?,\n"
    text = f'{HEAD}{ONE_SOURCE}missing: ["?"]\ntables:{DELIVERY}{CASES}{steps}'
    table = read(tmp_path, text, zaken=export).tables["steps"]
    assert list(zip(values(table, "case_id"), values(table, "step"), strict=True)) == [("1", "OPDR"), ("1", "RAPP")]
    assert table.headers["done_on"] == ("opdracht", "D")


def test_a_joined_source_adds_its_named_columns_and_nothing_where_no_row_fits(tmp_path):
    text = f"""{HEAD}
sources:
  feiten: {{file: "feiten*", join: {{source: personen, on: {{wie: nr, dienst: dienst}}, columns: [rang]}}}}
  zaken: {{file: "zaken*"}}
  personen: {{file: "personen*"}}
tables:{DELIVERY}{CASES.replace("  cases:", "  cases:" + chr(10) + "    source: zaken")}
  subjects:
    source: feiten
    columns: {{case_id: zaak, subject_id: wie, rank_band: {{column: rang, codes: {{IN: inspecteur}}}}}}
"""
    personen = "nr,dienst,rang\n7,a,IN\n8,a,brigadier\n7,b,hoger\n"
    feiten = "zaak,wie,dienst\n1,7,a\n1,8,a\n2,9,a\n2,7,b\n"
    delivery = read(tmp_path, text, zaken=EXPORT, feiten=feiten, personen=personen)
    assert values(delivery.tables["subjects"], "rank_band") == ["inspecteur", "brigadier", None, "hoger"]
    assert delivery.tables["subjects"].places["file"].unique().tolist() == ["feiten.csv"]


def test_a_join_without_columns_adds_what_the_other_source_is_read_for(tmp_path):
    text = f"""{HEAD}
sources:
  zaken: {{file: "zaken*"}}
  feiten: {{file: "feiten*", join: {{source: zaken, "on": {{zaak: nr}}}}}}
tables:{DELIVERY}{CASES}
  allegations:
    source: feiten
    columns: {{allegation_id: feit, case_id: zaak, decided_on: begin}}
    cannot_map: {{subject_id: niet in de export}}
"""
    delivery = read(tmp_path, text, zaken=EXPORT, feiten="feit,zaak\na,2\nb,1\n")
    assert days(delivery.tables["allegations"], "decided_on") == ["2020-02-03", "2020-01-02"]


def test_a_join_to_a_source_with_a_key_twice_is_told_with_its_row(tmp_path):
    text = f"""{HEAD}
sources:
  zaken: {{file: "zaken*"}}
  feiten: {{file: "feiten*", join: {{source: zaken, on: {{zaak: nr}}, columns: [begin]}}}}
tables:{DELIVERY}{CASES}
  subjects: {{source: feiten, columns: {{case_id: zaak, subject_id: wie}}}}
"""
    with pytest.raises(WrongUse, match=r"zaken\.csv rij 4"):
        read(tmp_path, text, zaken=EXPORT + "1,AMS,2020-01-02\n", feiten="zaak,wie\n1,B\n")


def test_a_sheet_of_a_workbook_is_named_and_an_only_sheet_need_not_be(tmp_path):
    frame = pd.DataFrame({"nr": ["01"], "eenheid": ["AMS"], "begin": [pd.Timestamp("2020-01-02")]})
    for name, sheets in {"een.xlsx": ["Blad1", "Leeg"], "twee.xlsx": ["Vorig", "Zaken 2020"]}.items():
        with pd.ExcelWriter(tmp_path / name, engine="openpyxl") as book:
            for sheet in sheets:
                (frame if sheet != "Leeg" else pd.DataFrame()).to_excel(book, sheet_name=sheet, index=False)
    plain = load(tmp_path, f"{HEAD}{ONE_SOURCE}tables:{DELIVERY}{CASES}")
    (delivery,) = read_delivery(tmp_path / "een.xlsx", plain)
    assert values(delivery.tables["cases"], "case_id") == ["01"]
    assert days(delivery.tables["cases"], "opened_on") == ["2020-01-02"]
    with pytest.raises(WrongUse, match=r"Vorig.*Zaken 2020"):
        read_delivery(tmp_path / "twee.xlsx", plain)
    named = load(tmp_path, f"{HEAD}sources: {{zaken: {{sheet: zaken 2020}}}}\ntables:{DELIVERY}{CASES}")
    (delivery,) = read_delivery(tmp_path / "twee.xlsx", named)
    assert delivery.tables["cases"].places["sheet"].tolist() == ["Zaken 2020"]
    wrong = load(tmp_path, f"{HEAD}sources: {{zaken: {{sheet: Zaken 2021}}}}\ntables:{DELIVERY}{CASES}")
    with pytest.raises(UnreadableInput, match=r"Zaken 2021.*Vorig, Zaken 2020"):
        read_delivery(tmp_path / "twee.xlsx", wrong)


def test_a_date_of_excel_joins_a_key_as_a_plain_date(tmp_path):
    with pd.ExcelWriter(tmp_path / "een.xlsx", engine="openpyxl") as book:
        pd.DataFrame({"nr": [12], "d": [pd.Timestamp("2020-01-02")]}).to_excel(book, index=False)
    text = f"{HEAD}{ONE_SOURCE}tables:{DELIVERY}{CASES}".replace("case_id: nr", "case_id: {columns: [nr, d]}")
    text = text.replace("unit: eenheid", "unit: {constant: AMS}").replace("opened_on: begin", "opened_on: d")
    (delivery,) = read_delivery(tmp_path / "een.xlsx", load(tmp_path, text))
    assert values(delivery.tables["cases"], "case_id") == ["12-2020-01-02"]


def test_of_several_editions_take_says_which(tmp_path):
    text = f'{HEAD}sources: {{zaken: {{file: "zaken_*"}}}}\ntables:{DELIVERY}{CASES}'
    later = "nr,eenheid,begin\n9,AMS,2020-05-05\n"
    editions = {"zaken_2020-06": EXPORT, "zaken_2020-12": later, "ander": "x\n1\n"}
    with pytest.raises(WrongUse, match=r"2 bestanden.*take"):
        read(tmp_path, text, **editions)
    for take, cases in {"last": ["9"], "all": ["1", "2", "9"]}.items():
        folder = tmp_path / take
        folder.mkdir()
        delivery = read(folder, text.replace('"zaken_*"', f'"zaken_*", take: {take}'), **editions)
        assert values(delivery.tables["cases"], "case_id") == cases
        assert [source.name for source in delivery.sources] == [
            f"{name}.csv" for name in list(editions)[take == "last" : 2]
        ]


def test_two_files_for_a_source_without_a_file_pattern_are_not_chosen_from(tmp_path):
    with pytest.raises(WrongUse, match=r"een.*twee"):
        read(tmp_path, f"{HEAD}{ONE_SOURCE}tables:{DELIVERY}{CASES}", een=EXPORT, twee=EXPORT)


def test_a_pattern_that_no_file_fits_is_told(tmp_path):
    text = f'{HEAD}sources: {{zaken: {{file: "zaken*"}}, meer: {{file: "feiten*"}}}}\ntables:{DELIVERY}{CASES}'
    with pytest.raises(UnreadableInput, match=r"feiten\*"):
        read(tmp_path, text, zaken=EXPORT)


def test_a_column_that_the_source_lacks_is_told_with_the_ones_it_has(tmp_path):
    text = f"{HEAD}{ONE_SOURCE}tables:{DELIVERY}{CASES}".replace("opened_on: begin", "opened_on: start")
    with pytest.raises(WrongUse, match=r"zaken\.csv.*start.*rij 1.*nr, eenheid, begin"):
        read(tmp_path, text, zaken=EXPORT)


def test_expect_marks_the_rows_whose_columns_have_shifted(tmp_path):
    text = f"{HEAD}sources: {{zaken: {{expect: {{s: [M, 1, '']}}}}}}\ntables:{DELIVERY}{CASES}"
    export = "nr,eenheid,begin,s\n1,AMS,2020-01-02,M\n2,AMS,2020-01-02,2020\n3,AMS,2020-01-02,\n4,AMS,2020-01-02,1\n"
    table = read(tmp_path, text, zaken=export).tables["cases"]
    assert table.flags["row:shifted"].tolist() == ["", "shifted", "", ""]


def test_an_own_code_list_replaces_ours_and_its_labels_travel(tmp_path):
    text = f"{HEAD}{ONE_SOURCE}code_lists: {{unit: {{codes: {{AMS: Post, NO: {{nl: noord, en: north}}}}}}}}\n"
    delivery = read(tmp_path, f"{text}tables:{DELIVERY}{CASES}", zaken=EXPORT.replace("RTD", "no"))
    assert values(delivery.tables["cases"], "unit") == ["AMS", "NO"]
    assert delivery.code_lists["unit"].codes["NO"].label == {"nl": "noord", "en": "north"}
    assert set(delivery.code_lists["unit"].codes) == {"AMS", "NO"}


def test_title_and_agency_travel_with_the_delivery(tmp_path):
    text = f"{HEAD}agency: {{nl: de dienst, en: the agency}}\n{ONE_SOURCE}tables:{DELIVERY}{CASES}"
    delivery = read(tmp_path, text, zaken=EXPORT)
    assert delivery.title == {"nl": "Proef", "en": "Proef"}
    assert delivery.agency == {"nl": "de dienst", "en": "the agency"}


def test_what_cannot_be_mapped_travels_with_its_reason(tmp_path):
    text = f"{HEAD}{ONE_SOURCE}tables:{DELIVERY}{CASES.replace(', opened_on: begin', '')}"
    text += "    cannot_map: {opened_on: {nl: niet vastgelegd, en: not recorded}}\nabsent: {steps: geen stappen}\n"
    absent = read(tmp_path, text, zaken=EXPORT).absent
    assert absent["cases.opened_on"] == {"nl": "niet vastgelegd", "en": "not recorded"}
    assert absent["steps"] == {"nl": "geen stappen", "en": "geen stappen"}
    assert absent["signals"]["nl"] == "niet in de mapping"
    assert absent["cases.category"]["nl"] == "niet in de mapping"


# ---- YAML as stewards write it


def test_on_no_dates_and_leading_zeros_stay_text(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("[ON, no, off, y, 2020-01-01, 0211, 1_000, 12:30, 1.10, 1.0.0, true, 12, 832.0]", encoding="utf-8")
    assert load_yaml(path) == [
        "ON", "no", "off", "y", "2020-01-01", "0211", "1_000", "12:30", "1.10", "1.0.0", True, 12, 832.0,
    ]  # fmt: skip


def test_unit_codes_on_and_no_and_numbers_with_zeros_work_without_quotes(tmp_path):
    columns = "unit: {column: e, codes: {ON: ON, no: NN, 01: AMS, 0211: RTD, 832.0: DH}}"
    table = read_cases(tmp_path, columns, "nr,e\n1,ON\n2,no\n3,01\n4,0211\n5,832.0\n6,832\n")
    assert values(table, "unit") == ["ON", "NN", "AMS", "RTD", "DH", None]


def test_a_piece_written_once_can_be_repeated(tmp_path):
    text = f"{HEAD}{ONE_SOURCE}tables:{DELIVERY}{CASES}".replace("unit: eenheid", "unit: &e {column: eenheid}")
    text = text.replace("opened_on: begin", "opened_on: begin, investigating_unit: *e")
    delivery = read(tmp_path, text, zaken=EXPORT)
    assert values(delivery.tables["cases"], "investigating_unit") == ["AMS", "RTD"]


# ---- faults, each with file and line

WHOLE = f"""{HEAD}
sources:
  zaken: {{file: "zaken*"}}
dates: ["%d/%m/%Y"]
code_lists:
  unit: {{codes: {{AMS: Post}}}}
tables:{DELIVERY}
  cases:
    one_row_per: [case_id]
    columns:
      case_id: nr
      unit: eenheid
      kind: {{constant: klacht}}
      opened_on: begin
      status: {{column: s, codes: {{o: lopend}}}}
absent: {{steps: geen}}
"""
FAULTS = {
    "an unknown word at the top": ("dates:", "datums:", "datums", "onbekend woord datums"),
    "an unknown word in a source": ("{file:", "{bestand:", "zaken:", "onbekend woord bestand"),
    "an unknown word in a block": ("    one_row_per", "    per_rij", "per_rij:", "onbekend woord per_rij"),
    "an unknown word in a column": ("{column: s, codes", "{column: s, code", "status:", "onbekend woord code"),
    "a word that is missing": ("title: Proef\n", "", "mapping: 1", "ontbreekt: title"),
    "another version of the format": ("mapping: 1", "mapping: 2", "mapping: 2", "2 kan hier niet; kies 1"),
    "a name that is not one": ("name: proef", "name: Mijn Proef", "name:", "Mijn Proef"),
    "an unknown table": ("  cases:", "  zaken2:\n    columns: {a: b}\n  cases:", "zaken2", "onbekende tabel"),
    "an unknown absent table": ("absent: {steps", "absent: {stappen", "absent", "onbekende tabel; bekend zijn .*steps"),
    "an unknown column": ("      status:", "      stand:", "stand:", "onbekende kolom; bekend zijn .*status"),
    "an unknown column under cannot_map": (
        "absent:", "    cannot_map: {eind: geen}\nabsent:", "cannot_map", "onbekende kolom"),
    "an unknown source": ("    one_row_per: [case_id]", "    source: feiten", "  cases:", "onbekende bron feiten"),
    "an unknown joined source": (
        '{file: "zaken*"}', '{file: "z*", join: {source: x, on: {a: b}}}', "zaken:", "onbekende bron x"),
    "a join to a joined source": (
        '{file: "zaken*"}', '{file: "z*", join: {source: zaken, on: {a: b}}}', "zaken:", "zelf gekoppeld"),
    "an unknown code": ("{o: lopend}", "{o: open}", "status:", "open staat niet in codelijst status"),
    "an unknown code for the rest": ("{o: lopend}}", "{o: lopend}, other: open}", "status:", "open staat niet"),
    "an unknown code list": ("  unit: {codes", "  eenheid: {codes", "eenheid: {codes", "onbekende codelijst"),
    "codes that differ only in case": ("{AMS: Post}", "{AMS: Post, ams: Past}", "unit: {codes", "hoofdletters"),
    "a code with a space": ("{AMS: Post}", "{A S: Post}", "unit: {codes", "A S"),
    "a date format that is none": ('["%d/%m/%Y"]', "[dd-mm-jjjj]", "dates:", "dd-mm-jjjj is geen datumnotatie"),
    "a date format without a year": ('["%d/%m/%Y"]', '["%d/%m"]', "dates:", "is geen datumnotatie"),
    "a column date format that is none": (
        "opened_on: begin", "opened_on: {column: b, dates: [x]}", "umn: b", "x is geen"),
    "a pattern without a group": ("case_id: nr", r"case_id: {column: n, extract: '\d'}", "id: {", "extract.*groep"),
    "a pattern that is broken": ("case_id: nr", "case_id: {from_file_name: '(x'}", "id: {", "from_file_name.*groep"),
    "a value from nowhere": ("case_id: nr", "case_id: {empty: x}", "case_id: {", "waar de waarde vandaan komt"),
    "a value from two places": ("case_id: nr", "case_id: {column: a, constant: b}", "case_id: {", "met één woord"),
    "one_row_per a column it does not make": ("[case_id]", "[nummer]", "  cases:", "nummer is geen kolom van dit blok"),
    "a condition that asks nothing": ("    one_row_per: [case_id]", "    where: [{column: s}]", "where:", "te weinig"),
    "a list that is no list": ("[case_id]", "case_id", "one_row_per:", "hier hoort een lijst"),
    "a number where a text belongs": ("opened_on: begin", "opened_on: 5", "on: 5", "hier hoort tekst"),
    "an edition that is not a choice": ('{file: "zaken*"}', "{take: first}", "zaken:", "kies last, all"),
    "a key that is not filled": ("      case_id: nr\n", "", "  cases:", "case_id|nummer"),
    "a required column without a word": ("      opened_on: begin\n", "", "  cases:", "opened_on.*cannot_map"),
    "no cases": ("  cases:", "  signals:", "tables:", "ontbreekt: cases"),
}  # fmt: skip


def test_the_whole_mapping_without_a_fault_is_accepted(tmp_path):
    assert load(tmp_path, WHOLE).name == "proef"


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_in_a_mapping_names_file_and_line(tmp_path, fault):
    old, new, at, words = FAULTS[fault]
    text = WHOLE.replace(old, new, 1)
    assert text != WHOLE
    line = next(number for number, content in enumerate(text.splitlines(), 1) if at in content)
    with pytest.raises(WrongUse, match=words) as refused:
        load(tmp_path, text)
    assert f"proef.yaml, regel {line} " in str(refused.value)
    assert "README.md" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("mapping: 1\nname: [a\ntitle: x\n", 3, "geen geldige YAML"),
        ("mapping: 1\nname: a\nname: b\n", 3, "key twice: name"),
        ("mapping: 1\n\tname: a\n", 2, "geen geldige YAML"),
    ],
)
def test_broken_yaml_names_file_and_line(tmp_path, text, line, words):
    with pytest.raises(WrongUse, match=f"proef.yaml, regel {line}: .*{words}"):
        load(tmp_path, text)


@pytest.mark.parametrize("text", ["", "- a\n", "tekst\n"])
def test_a_file_that_is_no_mapping_at_all_is_told(tmp_path, text):
    with pytest.raises(WrongUse, match=r"proef\.yaml"):
        load(tmp_path, text)


def test_a_mapping_that_does_not_exist_is_told_with_the_ones_that_do(tmp_path):
    with pytest.raises(WrongUse, match="canonical, new_orleans"):
        find_mapping("nergens")
    with pytest.raises(UnreadableInput, match=r"nergens\.yaml"):
        load_mapping(tmp_path / "nergens.yaml")


@pytest.mark.parametrize("name", ["canonical", "new_orleans"])
def test_the_shipped_mappings_are_sound(name):
    assert load_mapping(find_mapping(name)).name == name


def test_the_canonical_mapping_reads_a_workbook_as_the_contracts_do(tmp_path):
    head = "eenheid,uittrekmoment,periode_van,periode_tot,cohortbasis,contractversie,teleenheid"
    (tmp_path / "levering.csv").write_text(
        f"{head}\nAMS,2020-12-31,2020-01-01,2020-12-31,alle,1.0.0,onderzoek\n", "utf-8"
    )
    cases = "zaaknummer,eenheid,onderzoekende_eenheid,soort,geopend_op,afgesloten_op,stand,wijze_van_einde,categorie"
    (tmp_path / "onderzoeken.csv").write_text(
        f"{cases},zwaarte,strafrechtelijk_spoor\n1,ON,,klacht,2020-02-01,,lopend,,rm_overig,licht,nee\n", "utf-8"
    )
    (plain,) = read_delivery(tmp_path)
    (mapped,) = read_delivery(tmp_path, load_mapping(find_mapping("canonical")))
    for table in ("delivery", "cases"):
        pd.testing.assert_frame_equal(plain.tables[table].frame, mapped.tables[table].frame)


def test_every_word_of_the_format_is_used_in_these_tests():
    source = Path(__file__).read_text("utf-8")
    words = set()

    def collect(schema: dict) -> None:
        words.update(schema.get("properties", {}))
        for value in schema.values():
            for inner in value if isinstance(value, list) else [value]:
                if isinstance(inner, dict):
                    collect(inner)

    collect(load_yaml(MAPPINGS / "mapping.schema.yaml"))
    assert len(words) > 30
    assert [word for word in sorted(words) if f"{word}:" not in source and f'"{word}":' not in source] == []
