"""Every word of the mapping format does what the guide says, and every fault in a mapping is told with its line."""

from pathlib import Path

import pandas as pd
import pytest

from data_contracts.delivery import read_delivery
from data_contracts.errors import UnreadableInput, WrongUse
from data_contracts.mapping.format import MAPPINGS, find_mapping, load_mapping
from data_contracts.reading.tables import TOLERANCE_WORDS
from data_contracts.reporting.report import CONVERSION_WORDS
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


# ---- one of several rows, declared and counted

TWICE = "nr,eind\n1,2020-03-01\n1,2020-05-01\n1,\n2,2020-01-01\n2,2020-01-01\n,2020-01-01\n,2020-02-02\n"
FIRST, LAST = ("keep: first\n    order_by: closed_on", "keep: last\n    order_by: closed_on")


@pytest.mark.parametrize(
    ("how", "ends", "left_out"),
    [
        ("keep: first", ["2020-03-01", "2020-01-01", "2020-01-01", "2020-02-02"], {"rows_kept_first": 2}),
        ("keep: last", [None, "2020-01-01", "2020-01-01", "2020-02-02"], {"rows_kept_last": 2}),
        (FIRST, ["2020-03-01", "2020-01-01", "2020-01-01", "2020-02-02"], {"rows_kept_first": 2}),
        (LAST, ["2020-05-01", "2020-01-01", "2020-01-01", "2020-02-02"], {"rows_kept_last": 2}),
    ],
)  # fmt: skip
def test_keep_takes_one_of_the_rows_with_a_key_and_counts_the_others(tmp_path, how, ends, left_out):
    block = f"    one_row_per: [case_id]\n    {how}"
    table = read_cases(tmp_path, "closed_on: eind", TWICE, block=block)
    assert values(table, "case_id") == ["1", "2", None, None], "a row without its key is nobody's double"
    assert days(table, "closed_on") == ends
    assert table.conversions["case_id"] == {"rows_folded_equal": 1, **left_out}


def test_without_keep_rows_that_differ_stay_for_the_key_rule(tmp_path):
    table = read_cases(tmp_path, "closed_on: eind", TWICE, block="    one_row_per: [case_id]")
    assert values(table, "case_id") == ["1", "1", "1", "2", None, None]


def test_keep_prefers_a_row_that_has_not_shifted(tmp_path):
    text = f"{HEAD}sources: {{zaken: {{expect: {{s: [M]}}}}}}\ntables:{DELIVERY}"
    text += CASES.replace("  cases:", "  cases:\n    one_row_per: [case_id]\n    keep: first")
    table = read(tmp_path, text, zaken="nr,eenheid,begin,s\n1,RTD,2020-01-02,x\n1,AMS,2020-01-02,M\n").tables["cases"]
    assert values(table, "unit") == ["AMS"]


# ---- what a mapping does is counted


def test_every_conversion_that_a_mapping_makes_is_counted_per_column_and_has_words(tmp_path):
    columns = r"""case_id: {row_number: true}
unit: {column: e, codes: {a: AMS}, other: KS, empty: PDC}
investigating_unit: {column: x, extract: '^(\w+)-'}
closed_on: {first_filled: [d1, d2]}
status: {column: s, codes: {o: lopend, weg: ""}}
category: {columns: [c1, c2]}"""
    export = (
        "nr,e,x,d1,d2,s,c1,c2,w\n1,a,AMS-1,2020-02-01,,o,rm,prive,j\n2,z,RTD-2,,2020-03-01,weg,rm,prive,j\n"
        "3,q,DH-1,,,lopend,,prive,j\n4,,,,,,,,j\n5,a,,,,,,,n\n"
    )
    block = "    where: [{column: w, in: [j]}]"
    table = read_cases(
        tmp_path, columns.replace("columns: [c1, c2]", 'columns: [c1, c2], join_with: "_"'), export, block=block
    )
    counted = {
        column: {kind: n for kind, n in kinds.items() if kind.startswith(("mapped", "rows"))}
        for column, kinds in table.conversions.items()
    }
    assert counted["case_id"] == {"mapped_row_number": 4, "rows_by_where": 1}
    assert counted["unit"] == {"mapped_code": 1, "mapped_other": 2, "mapped_empty": 1}
    assert counted["investigating_unit"] == {"mapped_extract": 3}
    assert counted["closed_on"] == {"mapped_first_filled": 1}
    assert counted["status"] == {"mapped_code": 1, "mapped_code_to_empty": 1}
    assert counted["category"] == {"mapped_columns": 2}
    assert counted["kind"] == {"mapped_constant": 4}
    kinds = {kind for column in table.conversions.values() for kind in column}
    assert kinds <= set(CONVERSION_WORDS)


def test_rows_that_are_not_made_are_counted(tmp_path):
    block = "    skip_if_empty: [closed_on]"
    table = read_cases(tmp_path, "closed_on: eind", "nr,eind\n1,2020-01-01\n2,\n3,nvt\n", block=block)
    assert table.conversions["case_id"]["rows_skipped_empty"] == 2


# ---- an export that does not fit names the line of the mapping


def line_at(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)


def test_a_header_that_is_nearly_right_is_suggested_with_the_line(tmp_path):
    text = f"{HEAD}{ONE_SOURCE}tables:{DELIVERY}{CASES}".replace("unit: eenheid", "unit: eenheit")
    line = line_at(text, "eenheit")
    with pytest.raises(
        WrongUse, match=rf"proef.yaml, regel {line} .*kolom eenheit staat niet in rij 1. Bedoelt u eenheid\?"
    ):
        read(tmp_path, text, zaken=EXPORT)


def test_a_header_cut_off_at_a_hash_says_that_it_must_be_quoted(tmp_path):
    text = f"{HEAD}{ONE_SOURCE}tables:{DELIVERY}{CASES.replace('case_id: nr, unit', 'case_id: nr, kind: k, unit')}"
    text = text.replace(
        "    columns: {case_id: nr, kind: k,",
        "    columns:\n      case_id: CONTROL #\n      kind: {constant: klacht}\n#",
    )
    text += "      unit: eenheid\n      opened_on: begin\n"
    words = r'kolom CONTROL staat niet.*Bedoelt u CONTROL #\?.*tussen aanhalingstekens.*"CONTROL #"'
    with pytest.raises(WrongUse, match=words) as refused:
        read(tmp_path, text, zaken=EXPORT.replace("nr,", "CONTROL #,"))
    assert f"regel {line_at(text, 'CONTROL')} " in str(refused.value)


def test_a_pattern_that_no_cell_fits_is_a_fault_of_the_mapping(tmp_path):
    with pytest.raises(
        WrongUse, match=r"unit › extract\): geen van de 2 gevulde cellen van kolom eenheid past .*\^\(x\)"
    ):
        read_cases(tmp_path, "unit: {column: eenheid, extract: '^(x)'}", EXPORT)


def test_dates_of_which_none_is_read_are_told_with_the_notations_that_fit(tmp_path):
    with pytest.raises(
        WrongUse, match=r"opened_on\): geen van de 2 datums in kolom a .*past %d/%m/%Y of %m/%d/%Y\. Zet"
    ) as told:
        read_cases(tmp_path, "opened_on: a", "nr,a\n1,03/04/2020\n2,01/02/2020\n")
    assert "03/04" not in str(told.value)
    folder = tmp_path / "us"
    folder.mkdir()
    with pytest.raises(WrongUse, match=r"te lezen als %d/%m/%Y. Bij alle cellen past %m/%d/%Y\. Zet"):
        read_cases(folder, "opened_on: a", "nr,a\n1,03/14/2020\n2,01/22/2020\n", top='dates: ["%d/%m/%Y"]')


def test_some_unread_dates_and_cells_that_fit_no_pattern_are_noted_with_line_and_without_values(tmp_path):
    columns = "opened_on: a\nunit: {column: e, extract: '^(AMS|RTD)$'}"
    fixed = "case_id: nr\nkind: {constant: klacht}\n" + columns
    body = "".join(f"      {line}\n" for line in fixed.splitlines())
    text = f"{HEAD}{ONE_SOURCE}tables:{DELIVERY}  cases:\n    columns:\n{body}"
    delivery = read(tmp_path, text, zaken="nr,a,e\n1,2020-01-02,AMS\n2,14-Mar-20,x\n3,15-Apr-20,RTD\n")
    said = [
        TOLERANCE_WORDS[t.kind]["nl"].format(detail=t.detail) for t in delivery.tolerances if t.file == "proef.yaml"
    ]
    dates, pattern = line_at(text, "opened_on: a"), line_at(text, "extract:")
    assert said[0].startswith(f"a (proef.yaml:{dates}): 2 × %d-%b-%y: niet gelezen datums")
    assert said[1].startswith(f"e (proef.yaml:{pattern}): 1 × ^(AMS|RTD)$: waarden die niet")
    assert delivery.tables["cases"].conversions["unit"]["mapped_extract_unfit"] == 1
    assert "Mar" not in " ".join(said)


def test_a_sheet_may_be_a_pattern(tmp_path):
    frame = pd.DataFrame({"nr": ["1"], "eenheid": ["AMS"], "begin": [pd.Timestamp("2020-01-02")]})
    with pd.ExcelWriter(tmp_path / "een.xlsx", engine="openpyxl") as book:
        for sheet in ("Zaken 2019", "Uitleg", "Zaken 2020"):
            frame.to_excel(book, sheet_name=sheet, index=False)
    text = f'{HEAD}sources: {{zaken: {{sheet: "zaken *", take: all}}}}\ntables:{DELIVERY}{CASES}'
    (delivery,) = read_delivery(tmp_path / "een.xlsx", load(tmp_path, text))
    assert delivery.tables["cases"].places["sheet"].tolist() == ["Zaken 2019", "Zaken 2020"]


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
    "a constant that is no date": (

        "opened_on: begin", "opened_on: {constant: 31-31-2020}", "31-31", "31-31-2020 is hier niet te lezen"),
    "a contract version that nobody knows": (
        "{constant: 1.0.0}", "{constant: 9}", "constant: 9", "contractversie 9"),
    "keep without one_row_per": (
        "    one_row_per: [case_id]", "    keep: first", "keep:", "keep hoort bij one_row_per"),
    "keep that is no choice": ("[case_id]", "[case_id]\n    keep: newest", "keep:", "kies first, last"),
    "an order without keep": (
        "[case_id]", "[case_id]\n    order_by: opened_on", "order_by:", "order_by hoort bij keep"),
    "an order by a text": (
        "[case_id]", "[case_id]\n    keep: last\n    order_by: unit", "order_by:", "geen datum of getal"),
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


BROKEN = {
    "a bracket that is not closed": ("name: [a\ntitle: x\n", 1, "accolade of blokhaak"),
    "a word that stands twice": ("name: a\nname: b\n", 2, "het woord name staat twee keer"),
    "a tab": ("\tname: a\n", 1, "hier staat een tab"),
    "a tab further down": ("tables:\n\tcases: a\n", 2, "hier staat een tab"),
    "a quotation mark that is not closed": ('name: "a\ntitle: x\ndates: y\n', 1, "aanhalingsteken wordt geopend"),
    "a pattern between double marks": ('name: "\\d"\n', 1, r"zet een patroon tussen enkele \('.d'\)"),
    "a line that stands too far": ("tables:\n  cases: a\n    steps: b\n", 3, "springt anders in"),
    "a line that stands too near": ("tables:\n    cases: a\n  steps: b\n", 3, "springt anders in"),
    "a colon inside a text": ("title: Zaken: alle\n", 1, "een dubbele punt te veel"),
    "a word without its colon": ("name\ntitle: x\n", 1, "ontbreekt de dubbele punt"),
    "a colon without its space": ("name:a\ntitle: x\n", 1, "ontbreekt de dubbele punt"),
    "a text that begins with a star": ("title: *Zaken\n", 1, r"begint met \* of &"),
    "a text that begins with a per cent sign": ("dates: [%d-%m-%Y]\n", 1, "een teken dat in YAML iets anders betekent"),
    "an invisible character": ("title: a\x07b\n", 1, "een onzichtbaar teken"),
    "a list as a word": ("? [a]\n: b\n", 1, "springt anders in"),
}


@pytest.mark.parametrize("fault", BROKEN, ids=str)
def test_broken_yaml_names_file_and_line_and_what_to_do(tmp_path, fault):
    text, line, words = BROKEN[fault]
    with pytest.raises(WrongUse, match=f"proef.yaml, regel {line + 1}: geen geldige YAML: .*{words}"):
        load(tmp_path, f"mapping: 1\n{text}")


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
