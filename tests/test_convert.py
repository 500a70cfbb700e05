"""Cells are read tolerantly in form and strictly in meaning, and every conversion is counted."""

from datetime import date, datetime, time
from typing import Any

import pandas as pd
import pytest

from data_contracts.code_lists import Code, CodeList
from data_contracts.contract import Column
from data_contracts.reading.convert import Context, TypedColumn, convert_column, merged
from data_contracts.reading.files import UNREADABLE
from data_contracts.reporting.report import CONVERSION_WORDS

EXCEL = Context(excel=True)
EXCEL_1904 = Context(excel=True, date_1904=True)
CSV = Context()
UNITS = CodeList(
    "unit",
    {"nl": "", "en": ""},
    "",
    {
        "ON": Code("ON", {"nl": "Oost-Nederland", "en": "East"}),
        "AMS": Code("AMS", {"nl": "Amsterdam", "en": "Amsterdam"}),
        "0-4": Code("0-4", {"nl": "0 tot en met 4 jaar", "en": "0 to 4 years"}),
        "-": Code("-", {"nl": "geen", "en": "none"}),
    },
)


def column(logical_type: str, *, codes: bool = False) -> Column:
    return Column(
        name="x",
        header="x",
        logical_type=logical_type,
        description={"nl": "", "en": ""},
        required=False,
        personal=False,
        code_list="unit" if codes else None,
        refers_to=None,
    )


def convert(cells: list[Any], logical_type: str, context: Context = CSV, *, codes: bool = False) -> TypedColumn:
    raw = pd.Series(cells, dtype=object, index=range(7, 7 + len(cells)))
    return convert_column(raw, column(logical_type, codes=codes), UNITS if codes else None, context)


def one(cell: Any, logical_type: str, context: Context = CSV) -> tuple[Any, str, str]:
    """Value (None when missing), flag and kind of conversion of a single cell."""
    typed = convert([cell], logical_type, context)
    value = typed.values.iloc[0]
    return None if pd.isna(value) else value, typed.form.iloc[0], "".join(typed.conversions)


def unreadable(cell: Any, logical_type: str, context: Context = CSV) -> bool:
    return one(cell, logical_type, context) == (None, "unreadable", "")


# Truth values


@pytest.mark.parametrize(
    "cell",
    ["ja", "Ja", "JA", "j", "J", "waar", "WAAR", "true", "True", "yes", "y", "1", 1, 1.0, True, " ja ", "ja\xa0"],
)
def test_every_spelling_of_yes_is_true(cell: Any):
    value, flag, _kind = one(cell, "boolean")
    assert value is True or bool(value) is True
    assert flag == ""


@pytest.mark.parametrize(
    "cell", ["nee", "Nee", "N", "n", "onwaar", "ONWAAR", "false", "no", "0", 0, 0.0, False, "nee "]
)
def test_every_spelling_of_no_is_false(cell: Any):
    value, flag, _kind = one(cell, "boolean")
    assert value is not None
    assert not value
    assert flag == ""


@pytest.mark.parametrize("cell", ["misschien", "x", "jaa", "2", 2, 0.5, -1, date(2024, 1, 1), "ja/nee"])
def test_what_is_neither_yes_nor_no_is_not_guessed(cell: Any):
    assert unreadable(cell, "boolean")


def test_only_another_spelling_of_yes_or_no_counts_as_a_conversion():
    assert convert(["ja", "nee", True, "J", "waar", "N"], "boolean").conversions == {
        "spelling_of_yes": 2,
        "spelling_of_no": 1,
    }


# Dates


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("2024-12-31", ""), ("2024-12-31T00:00:00", ""), ("2024-12-31 00:00:00", ""), ("2024/12/31", "slashed_date"),
        ("31-12-2024", "dutch_date"), ("31-12-2024 00:00", "dutch_date"), ("31-12-2024 0:00:00", "dutch_date"),
        (" 31-12-2024 ", "dutch_date"), (date(2024, 12, 31), ""), (datetime(2024, 12, 31), ""),
        (datetime(2024, 12, 31, 13, 45), "time_dropped"),
    ],
)  # fmt: skip
def test_a_date_is_read_from_every_unambiguous_notation(cell: Any, kind: str):
    assert one(cell, "date") == (pd.Timestamp(2024, 12, 31), "", kind)


def test_a_single_digit_day_and_month_need_no_zero_in_front():
    assert one("1-2-2024", "date")[0] == pd.Timestamp(2024, 2, 1)
    assert one("2024-2-1", "date")[0] == pd.Timestamp(2024, 2, 1)


def test_a_time_of_day_that_is_dropped_from_text_is_counted_too():
    assert one("2024-12-31T13:45:00", "date") == (pd.Timestamp(2024, 12, 31), "", "time_dropped")


@pytest.mark.parametrize(
    "cell",
    [
        "03/04/2020", "3/4/2020", "31/12/2024", "12-31-2024", "31-12-24", "24-12-31", "1-1-24", "20241231",
        "december 2024", "2024", "31-02-2024", "2024-02-30", "2023-13-01", "00-00-0000", "0000-00-00", "gisteren",
        "31.12.2024", True, time(9, 30),
    ],
)  # fmt: skip
def test_a_date_that_can_be_read_in_two_ways_or_in_none_is_refused(cell: Any):
    assert unreadable(cell, "date")


@pytest.mark.parametrize(
    "cell",
    ["2024-12-31T23:30:00Z", "2024-12-31 23:30:00+00:00", "2024-12-31T23:30:00-05:00", "2024-12-31T12:00:00 garbage",
     "1900-02-29", "29-02-1900", "31-04-2020", "2020-13-01", "2024-12-31T", "2024-12-31T25"],
)  # fmt: skip
def test_a_moment_elsewhere_and_a_day_that_never_was_are_not_guessed(cell: str):
    assert unreadable(cell, "date")


@pytest.mark.parametrize(
    ("cell", "kind"),
    [("2024-12-31T23:30:00+01:00", "time_dropped"), ("2024-06-30T23:30:00.123+0200", "time_dropped"),
     ("2024-12-31T00:00:00Z", ""), ("2024-12-31 08:15:30,5", "time_dropped")],
)  # fmt: skip
def test_a_moment_in_dutch_time_and_a_bare_midnight_keep_their_day(cell: str, kind: str):
    value, flag, found = one(cell, "date")
    assert (str(value.date()), flag, found) == (cell[:10], "", kind)


@pytest.mark.parametrize(
    ("context", "day"), [(EXCEL, pd.Timestamp(2024, 12, 31)), (EXCEL_1904, pd.Timestamp(2029, 1, 1))]
)
def test_a_bare_excel_number_is_a_date_in_the_epoch_of_its_workbook(context: Context, day: pd.Timestamp):
    # 45657 is DATE(2024;12;31) in the 1900 system; the 1904 system lies 1462 days later.
    assert one(45657, "date", context) == (day, "", "excel_serial_to_date")
    assert one(45657.75, "date", context) == (day, "", "excel_serial_to_date")


def test_a_bare_number_is_no_date_in_csv_nor_far_outside_the_range_of_excel_days():
    assert unreadable("45657", "date", CSV)
    assert unreadable(45657, "date", CSV)
    assert unreadable("45657", "date", EXCEL)
    assert unreadable(2024, "date", EXCEL)
    assert unreadable(20241231, "date", EXCEL)


@pytest.mark.parametrize(
    ("declared", "cell", "day"),
    [
        (("%d/%m/%Y",), "03/04/2020", pd.Timestamp(2020, 4, 3)),
        (("%m/%d/%Y",), "03/04/2020", pd.Timestamp(2020, 3, 4)),
        (("%d-%m-%y",), "31-12-19", pd.Timestamp(2019, 12, 31)),
        (("%Y%m%d", "%m/%d/%Y %H:%M"), "03/04/2020 08:15", pd.Timestamp(2020, 3, 4)),
    ],
)
def test_a_declared_notation_settles_how_a_date_is_read(declared: tuple[str, ...], cell: str, day: pd.Timestamp):
    assert one(cell, "date", Context(date_formats=declared)) == (day, "", "declared_date")


def test_a_declared_notation_is_the_only_notation_for_text():
    context = Context(date_formats=("%m/%d/%Y",), excel=True)
    assert unreadable("31-12-2024", "date", context)
    assert unreadable("2024-12-31", "date", context)
    assert one(date(2024, 12, 31), "date", context)[0] == pd.Timestamp(2024, 12, 31)


# Whole numbers


@pytest.mark.parametrize(
    ("cell", "number", "kind"),
    [
        (3, 3, ""), (3.0, 3, ""), (0, 0, ""), ("3", 3, "text_to_number"), ("-3", -3, "text_to_number"),
        ("003", 3, "text_to_number"),
        ("3,0", 3, "text_to_number"), ("3.0", 3, "text_to_number"), (" 3 ", 3, "text_to_number"),
    ],
)  # fmt: skip
def test_a_whole_number_is_read_with_or_without_an_empty_decimal(cell: Any, number: int, kind: str):
    assert one(cell, "integer") == (number, "", kind)


@pytest.mark.parametrize("cell", [3.5, "3,5", "twee", "3 stuks", "1e3", True, date(2024, 1, 1), "--3"])
def test_what_is_no_whole_number_is_not_rounded(cell: Any):
    assert unreadable(cell, "integer")


@pytest.mark.parametrize("cell", ["4.000", "4,000", "1.000.000", "12.000"])
def test_a_point_or_comma_that_may_mark_thousands_is_not_taken_for_a_decimal(cell: str):
    # A Dutch export writes four thousand as 4.000: reading 4 would be a silent factor thousand.
    assert unreadable(cell, "integer")


@pytest.mark.parametrize("cell", ["9" * 25, 1e300, -1e300])
def test_a_number_too_large_to_hold_is_unreadable_and_does_not_stop_the_reading(cell: Any):
    assert unreadable(cell, "integer")


# Text and identifiers


def test_an_identifier_keeps_the_zeros_in_front():
    typed = convert(["00123", "0", "007-A"], "string")
    assert typed.values.tolist() == ["00123", "0", "007-A"]
    assert typed.conversions == {}


def test_a_number_in_an_identifier_column_becomes_text_without_a_decimal_point():
    assert one(20240017, "string") == ("20240017", "", "number_to_text")
    assert one(20240017.0, "string") == ("20240017", "", "number_to_text")
    assert one(1.5, "string") == ("1.5", "", "number_to_text")


def test_an_identifier_that_excel_made_a_date_of_is_unreadable():
    # 2020-1 becomes January 2020: what was typed is lost
    for cell in (datetime(2024, 5, 14), date(2024, 5, 14), time(9, 30)):
        assert unreadable(cell, "string")


def test_a_truth_value_in_a_text_column_is_counted_as_a_conversion():
    assert one(True, "string") == ("ja", "", "truth_value_to_text")


@pytest.mark.parametrize("cell", ["ab\x00c", "\x07", "a\x1bb", "a\x7f"])
def test_text_with_a_control_character_is_unreadable(cell: str):
    assert unreadable(cell, "string")


def test_blanks_around_a_value_do_not_count_and_inside_it_stay():
    assert one("  Z-1 \n", "string") == ("Z-1", "", "")
    assert one("Z  1", "string") == ("Z  1", "", "")


@pytest.mark.parametrize("cell", [1234567890123456.0, 10**15, -(10**15), float("inf"), "1,23457E+15", "1.2E+20"])
def test_a_number_of_which_excel_lost_digits_is_no_identifier(cell: Any):
    assert unreadable(cell, "string")


def test_a_number_of_fifteen_digits_and_a_long_one_written_as_text_are_whole():
    assert one(999_999_999_999_999.0, "string")[0] == "999999999999999"
    assert one("12345678901234567890", "string") == ("12345678901234567890", "", "")


@pytest.mark.parametrize("cell", ["Z\xa01", "\ufeffZ 1", "Z\u200b 1", "Z\u2009\u00ad1", "\u200eZ 1"])
def test_what_cannot_be_seen_does_not_make_two_identifiers_of_one(cell: str):
    assert one(cell, "string") == ("Z 1", "", "invisible_characters")


def test_a_letter_and_its_loose_accent_are_one_letter():
    assert one("Frysla\u0302n", "string") == ("Fryslân", "", "invisible_characters")
    assert convert(["A\u200bMS", "amster\u00addam"], "string", codes=True).values.tolist() == ["AMS", "AMS"]


@pytest.mark.parametrize("cell", ["Ren\ufffd", "a\x9d", "a\x85b"])
def test_a_letter_that_was_lost_in_decoding_is_unreadable(cell: str):
    assert unreadable(cell, "string")


# Empty, not applicable, error


@pytest.mark.parametrize("logical_type", ["string", "date", "boolean", "integer"])
@pytest.mark.parametrize(
    "cell",
    ["#REF!", "#N/A", "#N/B", "#WAARDE!", "#VERW!", "#DEEL/0!", "#DIV/0!", "#NAAM?", "#GETAL!", "####", "#######"],
)
def test_an_error_that_a_csv_export_wrote_as_text_is_unreadable(cell: str, logical_type: str):
    assert unreadable(cell, logical_type)


@pytest.mark.parametrize("logical_type", ["string", "date", "boolean", "integer"])
def test_an_empty_cell_is_missing_and_no_fault(logical_type: str):
    for cell in (None, float("nan")):
        assert one(cell, logical_type) == (None, "", "")
    for cell in ("", "   ", "\t", "\xa0"):
        assert one(cell, logical_type) == (None, "", "blank_to_missing")


@pytest.mark.parametrize("logical_type", ["string", "date", "boolean", "integer"])
@pytest.mark.parametrize("cell", ["n.v.t.", "N.V.T.", "nvt", "n.v.t", " n/a ", "N/A", "-"])
def test_not_applicable_is_missing_and_is_counted(cell: str, logical_type: str):
    assert one(cell, logical_type) == (None, "", "not_applicable_to_missing")


@pytest.mark.parametrize("logical_type", ["string", "date", "boolean", "integer"])
def test_a_word_for_missing_counts_only_when_the_mapping_declares_it(logical_type: str):
    declared = Context(missing=frozenset({"Onbekend"}))
    assert one("Onbekend", logical_type, declared) == (None, "", "declared_missing")
    assert one("Onbekend", logical_type, CSV)[2] == ""
    if logical_type != "string":
        assert unreadable("Onbekend", logical_type, CSV)


@pytest.mark.parametrize("logical_type", ["string", "date", "boolean", "integer"])
def test_a_cell_that_the_reader_could_not_read_is_flagged_and_never_taken_for_empty(logical_type: str):
    assert unreadable(UNREADABLE, logical_type)


# Codes


def test_a_code_is_known_by_itself_and_by_its_labels_in_any_case():
    typed = convert(["AMS", "ams", " Ams ", "Amsterdam", "oost-nederland", "East", "ON"], "string", codes=True)
    assert typed.values.tolist() == ["AMS", "AMS", "AMS", "AMS", "ON", "ON", "ON"]
    assert typed.code is not None
    assert set(typed.code) == {""}
    assert typed.conversions == {"spelling_of_code": 4 + 1}


@pytest.mark.parametrize("cell", ["AMSTERDAM-OOST", "A", "onbekend", 7, datetime(2024, 5, 14)])
def test_an_unknown_code_is_flagged_and_not_guessed(cell: Any):
    # 14 May is what Excel makes of the band of years 5-14.
    typed = convert([cell], "string", codes=True)
    assert typed.values.isna().all()
    assert typed.code is not None
    assert typed.code.tolist() == ["unknown_code"]
    assert typed.form.tolist() == [""]
    assert typed.conversions == {}


def test_a_dash_that_is_a_code_is_not_read_as_not_applicable():
    assert convert(["-"], "string", codes=True).values.tolist() == ["-"]


def test_a_column_without_a_code_list_has_no_flag_for_codes():
    assert convert(["AMS"], "string").code is None


# The whole column


@pytest.mark.parametrize(
    ("logical_type", "dtype"),
    [("date", "datetime64[s]"), ("string", "str"), ("boolean", "boolean"), ("integer", "Int64")],
)
def test_the_type_does_not_depend_on_what_the_cells_hold(logical_type: str, dtype: str):
    for cells in ([], [None], ["n.v.t.", None], [UNREADABLE], ["1"]):
        typed = convert(cells, logical_type)
        assert str(typed.values.dtype) == dtype
        assert len(typed.values) == len(typed.form) == len(cells)


def test_values_and_flags_stay_in_the_order_and_index_of_the_cells():
    typed = convert(["2024-01-01", "x", "2024-01-02", "2024-01-01", None], "date")
    assert typed.values.index.tolist() == typed.form.index.tolist() == [7, 8, 9, 10, 11]
    assert typed.form.tolist() == ["", "unreadable", "", "", ""]
    assert typed.values.dt.day.tolist()[2:4] == [2, 1]


def test_cells_that_are_equal_but_of_another_type_are_read_each_in_its_own_way():
    assert convert([1, True, 1.0, "1"], "string").values.tolist() == ["1", "ja", "1", "1"]


def test_conversions_are_counted_per_cell_also_when_the_value_repeats():
    typed = convert(["31-12-2024"] * 3 + ["2024-12-31", "n.v.t.", " "], "date")
    assert typed.conversions == {"dutch_date": 3, "not_applicable_to_missing": 1, "blank_to_missing": 1}


def test_counts_of_several_columns_add_up():
    assert merged([{"a": 1, "b": 2}, {}, {"b": 3}]) == {"a": 1, "b": 5}


def test_every_kind_of_conversion_has_words_for_the_report():
    kinds = set()
    cells = [
        "J",
        "N",
        "n.v.t.",
        " ",
        "31-12-2024",
        "2024/12/31",
        45657,
        datetime(2024, 1, 1, 9),
        "3",
        3,
        True,
        "oost-nederland",
        "Z\u200b1",
    ]
    for logical_type in ("string", "date", "boolean", "integer"):
        kinds |= set(
            convert([*cells, "weg"], logical_type, Context(missing=frozenset({"weg"}), excel=True)).conversions
        )
    kinds |= set(convert(cells, "string", codes=True).conversions)
    kinds |= set(convert(["31-12-24"], "date", Context(date_formats=("%d-%m-%y",))).conversions)
    assert kinds == {kind for kind in CONVERSION_WORDS if not kind.startswith(("mapped_", "rows_"))}
