"""The privacy gate sees what identifies a person, and leaves ordinary numbers alone."""

import random

import numpy as np
import pandas as pd
import pytest

from data_contracts.privacy import is_bsn, personal


def found(values: list[str | None], column: str = "case_id") -> list[bool]:
    return [flag == "personal" for flag in personal(pd.Series(values, dtype="str"), column)]


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


@pytest.mark.parametrize("column", ["subject_id", "reviewer_id"])
def test_in_a_pseudonym_column_one_citizen_number_is_one_too_many(column: str):
    assert found(["B-7f3a91c2", "111222333", "111222334", None], column) == [False, True, False, False]


def test_case_numbers_of_nine_digits_pass_by_chance_and_are_left_alone():
    numbers = [f"{202_400_000 + place}" for place in range(200)]
    assert any(is_bsn(number) for number in numbers)
    assert not any(found(numbers))


def test_a_case_number_column_filled_with_citizen_numbers_is_found():
    assert all(found(valid_bsns(20)))


def test_a_few_case_numbers_among_many_citizen_numbers_do_not_hide_them():
    bsns = valid_bsns(20)
    assert found([*bsns, "100000001", "Z-1"]) == [True] * 20 + [False, False]


@pytest.mark.parametrize("value", ["111.222.333", "1112.22.333", "111 222 333", "BSN 111222333"])
def test_a_citizen_number_in_another_dress_is_no_pseudonym(value: str):
    assert found([value], "subject_id") == [True]


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
    ["Voornaam Achternaam", "Voornaam van Achternaam", "Achternaam, V.", "Voornaam de Achternaam", "Zoë Çelik",
     "V. Achternaam", "V.A. van Achternaam", "Anne-Marie Achternaam", "mevr. Achternaam"],
)  # fmt: skip
@pytest.mark.parametrize("column", ["subject_id", "case_id"])
def test_a_name_in_two_or_more_words_or_with_initials_is_found(value: str, column: str):
    assert found([value], column) == [True]


@pytest.mark.parametrize("value", ["Achternaam", "achternaam"])
def test_a_single_word_without_a_digit_is_no_pseudonym(value: str):
    assert found([value], "subject_id") == [True]


@pytest.mark.parametrize(
    "value",
    ["Z-0001", "00017-Z1", "2024-000123", "2021-1234567", "AMS2010-12345678", "VIK/2024/0017", "B-7f3a91c2", "L-01",
     "1.0.0", "AB-1234-CD", "20240612345678", "PL1300-2021061234567", "A1", "K.1"],
)  # fmt: skip
@pytest.mark.parametrize("column", ["subject_id", "case_id"])
def test_ordinary_identifiers_are_left_alone(value: str, column: str):
    assert found([value], column) == [False]


def test_a_word_in_a_column_that_is_no_pseudonym_is_left_alone():
    assert found(["motivering", "horen_betrokkene"], "item") == [False, False]


# The answer itself


def test_the_answer_is_one_flag_a_row_in_the_index_of_the_values_and_holds_no_value():
    values = pd.Series(["Z-1", "steekproef@voorbeeld.nl", None, "Z-1"], dtype="str", index=[4, 2, 9, 0])
    flags = personal(values, "case_id")
    assert flags.index.tolist() == [4, 2, 9, 0]
    assert flags.tolist() == ["", "personal", "", ""]


def test_no_values_give_no_flags():
    assert personal(pd.Series([], dtype="str"), "case_id").tolist() == []
    assert personal(pd.Series([None, None], dtype="str"), "subject_id").tolist() == ["", ""]


def test_no_pseudonym_of_the_advised_form_is_taken_for_a_name():
    rng = np.random.default_rng(11)
    keys = {f"B-{number:08x}" for number in rng.integers(0, 2**32, 100_000)} | {"B-deecffde", "OF-efeacf"}
    values = pd.Series(sorted(keys), dtype="str")
    assert (personal(values, "subject_id") == "").all()
