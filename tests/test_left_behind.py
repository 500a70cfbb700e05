"""Replaced values that still stand elsewhere are found; numbers that are the same by chance are not."""

from typing import Any

import pytest

from data_contracts.privacy.left_behind import Remnant, left_behind, left_behind_in_names
from data_contracts.reading.raw_sheets import RawSheet


def found(original: str, *columns: list[Any]) -> list[tuple[int, str]]:
    rows = [list(row) for row in zip(*columns, strict=True)]
    return [(remnant.row, remnant.column) for remnant in left_behind([original], [RawSheet("f", "s", rows)])]


@pytest.mark.parametrize(
    ("original", "text"),
    [("P12345", "zie p12345"), ("P12345", "Z-P12345-1"), ("Jansen, P.", "bel P. Jansen"), ("de Vries", "heer De Vries"),
     ("0123456", "gesproken met 123456"), ("123456", "met 0123456 gebeld"), ("Çelik", "ÇELIK heeft gebeld"),
     ("sanne.bakker", "mail sanne.bakker@x"), ("123456", "2024-123456"), ("123456", "P123456"),
     ("123456", "nr.0123456"), ("123456", "123456.docx"), ("123456", "123456/2")],
)  # fmt: skip
def test_an_original_within_another_text_is_found(original: str, text: str):
    assert found(original, ["kop", "n.v.t.", text]) == [(3, "A")]


@pytest.mark.parametrize(
    ("original", "text"),
    [("Jansen", "Jansenius"), ("123456", "2024-1234567"), ("2024", "in 2024"), ("12", "12"),
     ("P", "P"), ("de Vries", "de zaak")],
)  # fmt: skip
def test_what_only_resembles_an_original_is_left_alone(original: str, text: str):
    assert found(original, ["kop", text]) == []


def test_a_copy_of_the_column_is_found_and_a_series_that_shares_a_number_is_not():
    numbers = [100_000 + 37 * n for n in range(50)]
    sheet = RawSheet("f", "s", [[number, 100_000 + n] for n, number in enumerate(numbers)])
    assert left_behind(map(str, numbers), [sheet]) == [Remnant("f", "s", 1, "A")]


def test_one_number_alone_in_a_column_of_remarks_is_found():
    assert found("123456", ["opmerking", "zie dossier", 123456]) == [(3, "A")]


def test_the_first_place_of_every_column_is_given():
    assert found("P12345", ["kop", "P12345", "P12345"], ["x", None, "P12345"]) == [(2, "A"), (3, "B")]


def test_names_of_sheets_and_files_are_looked_at():
    assert left_behind_in_names(["123456"], ["Blad1", "dossier 123456"])
    assert left_behind_in_names(["Jansen"], ["jansen.xlsx"])
    assert not left_behind_in_names(["Jansen", "123456"], ["Blad1", "export_2024.xlsx"])


def test_nothing_replaced_leaves_nothing_behind():
    assert left_behind([], [RawSheet("f", "s", [["a", 1], []])]) == []


def test_case_numbers_of_one_shape_share_a_number_by_chance_but_not_mostly():
    cases = [f"2024-{number}" for number in range(123_400, 123_500)]
    assert found("123456", ["kop", *cases]) == []
    assert found("123456", ["kop", "2024-123456"]) == [(2, "A")]
