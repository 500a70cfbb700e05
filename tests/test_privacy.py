"""The privacy gate sees what identifies a person, and leaves ordinary numbers alone."""

import random
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data_contracts.privacy.gate import cell_text, is_bsn, is_iban, is_pseudonym, kind_of, personal


def found(values: list[str], kind: str = "identifier") -> list[bool]:
    return personal(values, kind).tolist()


def valid_bsns(n: int) -> list[str]:
    """The first n numbers from 100000000 that pass the eleven-test."""
    return [str(number) for number in range(100_000_000, 100_001_000) if is_bsn(str(number))][:n]


# The eleven-test: 9a + 8b + 7c + 6d + 5e + 4f + 3g + 2h - i is a multiple of 11


@pytest.mark.parametrize("number", ["111222333", "123456782", "999990019", "010464554"])
def test_known_test_numbers_of_the_government_pass_the_eleven_test(number: str):
    assert is_bsn(number)


@pytest.mark.parametrize("number", ["111222334", "123456789", "000000000", "12345678", "1234567820"])
def test_a_wrong_check_digit_a_wrong_length_or_only_zeros_does_not_pass(number: str):
    assert not is_bsn(number)


def test_changing_any_one_digit_of_a_citizen_number_is_noticed():
    # The weights are not multiples of 11, so no single change can keep the sum a multiple of 11.
    for place in range(9):
        for digit in "0123456789".replace("123456782"[place], ""):
            assert not is_bsn("123456782"[:place] + digit + "123456782"[place + 1 :])


def test_about_one_in_eleven_numbers_passes_by_chance():
    rng = random.Random(11)
    share = sum(is_bsn(f"{rng.randrange(10**9):09d}") for _draw in range(20_000)) / 20_000
    assert share == pytest.approx(1 / 11, abs=0.01)


# Citizen numbers in columns


def test_in_a_pseudonym_column_one_citizen_number_is_one_too_many():
    assert found(["B-7f3a91c2", "111222333", "L-01"], "pseudonym") == [False, True, False]


@pytest.mark.parametrize("kind", ["pseudonym", "code"])
def test_a_citizen_number_that_lost_its_leading_zero_in_excel_is_found(kind: str):
    assert is_bsn("010464554")
    assert found([cell_text(10464554.0)], kind) == [True]


@pytest.mark.parametrize("day", ["20240107", "06012024"])
def test_a_day_of_the_calendar_in_eight_digits_is_no_citizen_number(day: str):
    assert is_bsn(f"0{day}")  # only its form tells
    assert found([day], "code") == [False]


@pytest.mark.parametrize("value", ["111.222.333", "1112.22.333", "111 222 333", "BSN 111222333"])
def test_a_citizen_number_in_another_dress_is_found(value: str):
    assert [found([value], kind) for kind in ("pseudonym", "code")] == [[True], [True]]


def test_a_citizen_number_within_a_longer_identifier_counts_when_most_do():
    assert all(found([f"Z{number}-1" for number in valid_bsns(20)]))
    assert not any(found([f"Z{number}-1" for number in range(202_400_000, 202_400_200)]))


def test_a_single_case_number_of_nine_digits_that_starts_with_a_year_proves_nothing():
    assert is_bsn("202400013")
    assert found(["202400013"]) == [False]


def test_a_citizen_number_among_other_case_numbers_stands_out():
    assert found(["Z-0001", "Z-0002", "111222333"]) == [False, False, True]


# Patterns


@pytest.mark.parametrize(
    "value", ["steekproef@voorbeeld.nl", "Naam <a.b-c@dienst.voorbeeld.nl>", "a+b@voorbeeld.amsterdam"]
)
def test_an_e_mail_address_is_found(value: str):
    assert found([value]) == [True]


@pytest.mark.parametrize(
    "value",
    ["06 12345678", "06-12345678", "0612345678", "+31612345678", "+31 6 12345678", "0031 6 12345678", "020-1234567",
     "0113-123456", "088 1234567", "tel 06-12345678"],
)  # fmt: skip
def test_a_telephone_number_is_found(value: str):
    assert found([value]) == [True]


@pytest.mark.parametrize(
    "value",
    ["AB-12-34", "12-34-AB", "12-AB-34", "AB-12-CD", "AB-CD-12", "12-AB-CD", "12-ABC-3", "1-ABC-23", "AB-123-C",
     "A-123-BC", "ab-123-c"],
)  # fmt: skip
def test_a_licence_plate_of_every_series_is_found(value: str):
    assert found([value]) == [True]


@pytest.mark.parametrize(
    "value",
    ["GHJ-12-K", "G-12-HJK", "1-GH-234", "123-GH-4", "ab 123 c"],
)  # fmt: skip
def test_newer_licence_plates_and_plates_with_spaces_are_found(value: str):
    assert found([value]) == [True]


@pytest.mark.parametrize("value", ["AMS-24-1", "RTD-24-1", "NN-24-01", "VIK-24-1", "AB-12-345", "ABC-12-34", "A-12-B"])
def test_unit_year_and_number_are_no_licence_plate(value: str):
    assert [found([value], kind) for kind in ("identifier", "code", "extra")] == [[False]] * 3


@pytest.mark.parametrize(
    "value",
    ["+49 171 1234567", "+1 504-555-0199", "504-555-0199", "(504) 555-0199", "(020) 1234567", "020 123 45 67",
     "0113-123 456", "06-1234 5678", "0049 171 1234567", "bel 06 12 34 56 78"],
)  # fmt: skip
def test_telephone_numbers_in_other_dress_and_from_abroad_are_found(value: str):
    assert [found([value], kind) for kind in ("identifier", "pseudonym", "code", "extra")] == [[True]] * 4


@pytest.mark.parametrize("value", ["017-12345-67", "2024-0612345678", "0612-2024-1", "06123456789", "+5", "020-1234"])
def test_numbers_that_resemble_a_telephone_number_are_left_alone(value: str):
    assert found([value]) == [False]


# Bank accounts: ISO 13616, modulo 97; the Dutch example number of the banks


def test_a_bank_account_is_told_by_its_check_digits():
    assert is_iban("NL91ABNA0417164300")
    assert is_iban("GB82 WEST 1234 5698 7654 32")
    assert not is_iban("NL90ABNA0417164300")


@pytest.mark.parametrize("kind", ["identifier", "pseudonym", "code", "extra"])
def test_a_bank_account_is_found_and_a_number_of_that_form_is_left_alone(kind: str):
    assert found(["NL91 ABNA 0417 1643 00", "nl91abna0417164300"], kind) == [True, True]
    assert found(["NL90ABNA0417164300"], kind) == [False]


# Addresses, dates of birth, numbers behind a word


@pytest.mark.parametrize("value", ["1234 AB 12", "1234AB 12a", "12, 1234 AB"])
def test_a_postcode_with_house_number_is_found(value: str):
    assert found([value]) == [True]


@pytest.mark.parametrize("value", ["2024 AB 12", "1234AB12", "1234-AB", "1234"])
def test_a_case_number_that_resembles_an_address_is_left_alone(value: str):
    assert found([value]) == [False]


@pytest.mark.parametrize("value", ["12-03-1975", "1975-03-12", "12/3/1975", "12.03.1975"])
def test_a_date_of_birth_is_found_in_an_identifier_and_in_a_pseudonym_column(value: str):
    assert [found([value], kind) for kind in ("identifier", "pseudonym")] == [[True], [True]]


def test_a_case_number_written_as_a_later_date_is_left_alone_but_a_date_is_never_a_pseudonym():
    assert found(["2024-03-12", "12-03-2024"]) == [False, False]
    assert found(["2024-03-12", "12-03-2024"], "pseudonym") == [True, True]


@pytest.mark.parametrize(
    "value",
    ["personeelsnummer 4711", "Dienstnr. 123456", "pnr12345", "PNR-12345", "badge #1234", "stamnummer: 1234567",
     "BSN123456789", "paspoort NX1234567"],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["identifier", "pseudonym", "code", "extra"])
def test_a_number_behind_a_word_that_says_whose_it_is_is_found(value: str, kind: str):
    assert found([value], kind) == [True]


@pytest.mark.parametrize("value", ["badge", "VIK12345", "pnr", "AMS-12345", "spnr12345", "badge van de korpschef"])
def test_other_words_before_a_number_and_the_word_alone_are_left_alone(value: str):
    assert found([value], "code") == [False]


# What a pseudonym is


@pytest.mark.parametrize(
    "value",
    ["B-7f3a91c2", "B-12345678", "OF-efeacf", "0b5c1f2e9a7d", "A81BC81B-DEAD-4E5D-ABFF-90865D1E13B1", "L-01", "P001",
     "lezer 3", "subject_12", "1", "17", "999", "R12", "a3f0" * 16],
)  # fmt: skip
def test_pseudonyms_of_many_makes_pass(value: str):
    assert found([value], "pseudonym") == [False]


@pytest.mark.parametrize(
    "value", ["1234", "123456", "12345678", "1234567890", "123456.0", "123.456", "12 345 678", "0001234"]
)
def test_a_bare_number_of_four_digits_or_more_is_a_personnel_number(value: str):
    assert found([value, "B-7f3a91c2"], "pseudonym") == [True, False]


def test_numbers_that_follow_one_another_were_handed_out_for_the_delivery():
    assert not any(found([str(number) for number in range(1001, 1041)], "pseudonym"))
    assert not any(found([f"{number}.0" for number in range(100_006, 132_000, 2)], "pseudonym"))


def test_personnel_numbers_of_some_persons_do_not_follow_one_another():
    rng = random.Random(3)
    assert all(found([str(number) for number in rng.sample(range(100_000, 165_000), 400)], "pseudonym"))


@pytest.mark.parametrize("value", ["Achternaam", "achternaam", "JVD", "betrokkene", "jansen1", "sanne.bakker"])
def test_a_word_is_no_pseudonym(value: str):
    assert found([value], "pseudonym") == [True]


def test_a_word_before_nine_digits_or_the_word_bsn_makes_no_pseudonym():
    assert not is_pseudonym("B-111222333")
    assert not is_pseudonym("BSN-1112223")
    assert found(["B-111222333"], "pseudonym") == [True]


# Names


@pytest.mark.parametrize(
    "value",
    ["Voornaam Achternaam", "Voornaam van Achternaam", "Achternaam, V.", "Voornaam de Achternaam", "Zoë Çelik",
     "V. Achternaam", "V.A. van Achternaam", "Anne-Marie Achternaam", "mevr. Achternaam", "Achternaam",
     "2024-JANSEN-3", "M/Bakker/17"],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["identifier", "pseudonym"])
def test_a_name_in_an_identifier_is_found(value: str, kind: str):
    assert found([value], kind) == [True]


@pytest.mark.parametrize(
    "value",
    ["Z-0001", "00017-Z1", "2024-000123", "2021-1234567", "AMS2010-12345678", "VIK/2024/0017", "B-7f3a91c2", "L-01",
     "1.0.0", "AB-1234-CD", "20240612345678", "PL1300-2021061234567", "A1", "K.1"],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["pseudonym", "identifier", "code", "extra"])
def test_ordinary_identifiers_are_left_alone(value: str, kind: str):
    assert found([value], kind) == [False]


@pytest.mark.parametrize("value", ["ZAAK-2024-0001", "123456", "case-10011", "2016-0001-P", "NH2024001", "Onderzoek A"])
def test_ordinary_case_numbers_are_left_alone(value: str):
    assert found([value]) == [False]


# Where a code belongs


@pytest.mark.parametrize(
    "value",
    ["Voornaam van der Achternaam", "P. Achternaam", "steekproef@voorbeeld.nl", "111222333", "kenteken AB-12-34 gezien",
     "zie 111222333 in het dossier", "gesproken met dhr. Achternaam",
     "Betrokkene heeft verklaard dat hij die avond niet in dienst was.",
     "Dit is een verhaal in twee zinnen. Het hoort niet hier.", "woord " * 41],
)  # fmt: skip
def test_what_is_surely_personal_and_free_text_is_found_where_a_code_belongs(value: str):
    assert found([value], "code") == [True]


@pytest.mark.parametrize(
    "value",
    ["houding en gedrag", "Misbruik van Positie", "Rotterdam-Rijnmond", "Korps landelijke politiediensten", "0211",
     "832.0", "onbekend", "zie dossier", "03/04/20", "31-02-2020", "ergens in mei", "12 maanden", "123456789",
     "Overtreding van regels die gelden voor het gebruik van systemen en voertuigen",
     "DEF. PERF. OF DUTIES, BIASED BASED POL., SELF ID", "loopt nog, wacht op uitspraak van de rechter"],
)  # fmt: skip
def test_an_honest_code_that_is_not_known_is_left_alone(value: str):
    assert found([value], "code") == [False]


def test_every_code_and_label_of_every_code_list_is_left_alone():
    from data_contracts.code_lists import load_code_lists

    lists = load_code_lists().values()
    words = [text for codes in lists for key, code in codes.codes.items() for text in (key, *code.label.values())]
    assert len(words) > 300
    assert not any(found(sorted(set(words)), "code"))
    assert not any(found(sorted(set(words)), "extra"))


# The real exports beside the project: no false alarm where anything may stand


def test_nothing_in_the_real_export_is_taken_for_personal_data(new_orleans: Path):
    for file in sorted(new_orleans.glob("snapshot_*.csv.gz")):
        export = pd.read_csv(file, dtype=str)
        for header in export:
            values = export[header].dropna().unique().tolist()
            assert not any(found(values, "extra")), header
            assert not any(found(values, "code")), header


# The answer itself


def test_the_answer_is_one_truth_value_a_text_and_holds_no_value():
    assert found(["Z-1", "steekproef@voorbeeld.nl", "Z-1"]) == [False, True, False]


@pytest.mark.parametrize("kind", ["identifier", "pseudonym", "code", "extra"])
def test_no_texts_give_no_answers_and_strange_characters_do_no_harm(kind: str):
    assert found([], kind) == []
    assert (
        len(found(["", " ", "\x00", "a\x00b", "٣٤٥٦٧٨٩١٢", "²²²²²²²²²", "\ud800", "👮", "٣٤٥٦٧٨٩١٢ 0000-00000"], kind))
        == 9
    )


def test_no_pseudonym_of_the_advised_form_is_taken_for_anything_else():
    rng = np.random.default_rng(11)
    keys = {f"B-{number:08x}" for number in rng.integers(0, 2**32, 100_000)} | {"B-deecffde", "OF-efeacf"}
    for kind in ("pseudonym", "identifier", "code", "extra"):
        assert not personal(sorted(keys), kind).any()


def test_a_million_case_numbers_take_seconds():
    numbers = [f"ZAAK-2024-{number:07d}" for number in range(1_000_000)]
    start = time.process_time()
    assert not personal(numbers, "identifier").any()
    assert time.process_time() - start < 10


def test_columns_are_of_the_kind_that_the_contract_says():
    from data_contracts.contract import load_contracts

    contracts = load_contracts()
    kinds = {name: kind_of(contracts[table].column(name)) for table, name in
             [("subjects", "subject_id"), ("reviews", "reviewer_id"), ("cases", "case_id"), ("cases", "unit"),
              ("reviews", "item"), ("cases", "opened_on"), ("staffing", "headcount")]}  # fmt: skip
    assert kinds == {"subject_id": "pseudonym", "reviewer_id": "pseudonym", "case_id": "identifier", "unit": "code",
                     "item": "code", "opened_on": "code", "headcount": "code"}  # fmt: skip


@pytest.mark.parametrize("kind", ["identifier", "pseudonym", "code", "extra"])
def test_a_row_of_totals_and_a_day_with_a_month_in_words_name_nobody(kind: str) -> None:
    harmless = ["Totaal", "Subtotaal 2020", "Eindtotaal:", "Aantal zaken"] + (["1-MRT-20"] if kind == "code" else [])
    assert not personal(harmless, kind).any()
    assert personal(["Sommers, P.", "J. Totaals", "1-KLM-20"], kind).all()
