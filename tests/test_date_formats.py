"""Notations of dates: declared only when the texts decide, a choice when they do not, never a guess."""

from datetime import date, timedelta

import pytest

from data_contracts.mapping.date_formats import Notation, fitting, notation, read_without_declaring

YEAR = [date(2023, 1, 1) + timedelta(days=n) for n in range(365)]
SURE = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%Y%m%d",
    "%d-%m-%y",
    "%m/%d/%y",
    "%d %B %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%B %d, %Y",
    "%d/%m/%Y %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%m/%d/%Y %I:%M %p",
]


@pytest.mark.parametrize("form", SURE)
def test_a_year_of_days_has_one_notation(form):
    texts = [day.strftime(form) for day in YEAR]
    assert notation(texts) == Notation((form,), (), len(set(texts)), 0)
    assert fitting(texts) == (form,)


@pytest.mark.parametrize("mark", ["/", "-", "."])
def test_days_up_to_the_twelfth_leave_a_choice(mark):
    texts = [day.strftime(f"%d{mark}%m{mark}%Y") for day in YEAR if day.day <= 12]
    assert notation(texts).choices == (f"%d{mark}%m{mark}%Y", f"%m{mark}%d{mark}%Y")
    assert notation(texts).formats == ()


def test_a_few_texts_that_do_not_decide_are_not_read_rather_than_asked_about():
    texts = [day.strftime("%d/%m/%Y") for day in YEAR]
    assert notation([*texts, "3-7-23"]) == Notation(("%d/%m/%Y",), (), 365, 1)


def test_two_notations_in_one_column_are_both_declared():
    texts = [day.strftime("%d/%m/%Y") if day.month < 7 else day.isoformat() for day in YEAR]
    assert set(notation(texts).formats) == {"%d/%m/%Y", "%Y-%m-%d"}


def test_numbers_and_words_are_no_dates():
    for texts in (
        ["C123456", "9012345"],
        ["12", "2023"],
        ["nee", "nvt"],
        ["99/99/9999"],
        ["20231345"],
        ["12345678"] * 2,
        [],
    ):
        assert notation(texts) == Notation((), (), 0, len(set(texts)))
        assert fitting(texts) == ()


def test_what_is_read_without_declaring_is_what_the_reader_reads():
    assert read_without_declaring("%Y-%m-%d") and read_without_declaring("%d-%m-%Y")
    assert read_without_declaring("%Y-%m-%dT%H:%M:%S")
    assert not read_without_declaring("%m-%d-%Y") and not read_without_declaring("%d-%m-%Y %H:%M")
