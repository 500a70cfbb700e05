"""What a pattern finds, the gate finds: its quick look at the shape of a text leaves nothing out."""

import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts.privacy.gate import personal
from data_contracts.privacy.patterns import (
    DATE,
    EMAIL,
    IBAN,
    PHONE,
    PLATE,
    POSTCODE_AND_HOUSE,
    is_address,
    is_birth_date,
    is_iban,
    is_plate,
    somebodys_number,
)

ASCII = st.characters(codec="ascii", categories=("L", "N", "P", "S", "Zs"))


@pytest.mark.parametrize("pattern", [EMAIL, PHONE, somebodys_number()], ids=["email", "phone", "number"])
@given(data=st.data())
@settings(max_examples=100, deadline=None, derandomize=True)
def test_whatever_fits_the_pattern_is_found_in_every_kind_of_place(pattern: re.Pattern[str], data: st.DataObject):
    text = data.draw(st.from_regex(pattern, fullmatch=True, alphabet=ASCII))
    for kind in ("identifier", "pseudonym", "code", "extra"):
        assert personal([text], kind).tolist() == [True]


@given(data=st.data())
@settings(max_examples=100, deadline=None, derandomize=True)
def test_whatever_fits_a_plate_an_address_or_a_date_of_birth_is_found(data: st.DataObject):
    for pattern, test in (
        (PLATE, lambda text: is_plate(text, inside=False)),
        (POSTCODE_AND_HOUSE, lambda text: is_address(text, inside=False)),
        (DATE, lambda text: is_birth_date(text, any_year=False)),
    ):
        text = data.draw(st.from_regex(pattern, fullmatch=True, alphabet=ASCII))
        if test(text):
            assert personal([text], "identifier").tolist() == [True]


@given(
    country=st.sampled_from(["NL", "BE", "DE", "NO", "MT"]),
    body=st.text(string.digits + "ABEX", min_size=11, max_size=27),
    spaces=st.booleans(),
)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_every_bank_account_with_sound_check_digits_is_found(country: str, body: str, spaces: bool):
    rest = int("".join(str(int(character, 36)) for character in f"{body}{country}00")) % 97
    account = f"{country}{98 - rest:02d}{body}"
    if spaces:
        account = " ".join(account[n : n + 4] for n in range(0, len(account), 4))
    assert is_iban(account)
    assert IBAN.fullmatch(account)
    assert personal([account], "identifier").tolist() == [True]
