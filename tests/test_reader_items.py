"""The items that readers rate: dated data, with every fault of the file seen once."""

from datetime import date
from pathlib import Path

import pytest

from data_contracts.code_lists import load_code_lists
from data_contracts.errors import WrongUse
from data_contracts.example.plan import REVIEW_ITEMS
from evaluation.consistency.reader_items import READER_ITEMS, item_key, item_keys, load_reader_items

ITEM = "- {code: REDEN, title: {nl: Reden, en: Reason}, scale: vijf, valid_from: '2020-01-01', source: test, mark: I}"
FILE = f"""version: "1.0.0"
scales:
  twee:
    title: {{nl: nee of ja, en: no or yes}}
    kind: nominal
    ratings: [nee, ja]
    satisfied: ja
  vijf:
    title: {{nl: van 1 tot 3, en: from 1 to 3}}
    kind: ordinal
    ratings: [laag, midden, hoog]
    satisfied: hoog
items:
{ITEM}
"""


def _file(folder: Path, text: str = FILE) -> Path:
    path = folder / "reader_items.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_item_of_the_example_is_declared_with_ratings_of_the_code_list() -> None:
    declared = load_reader_items()
    assert {item_key(code) for code in REVIEW_ITEMS} <= set(declared.titles())
    known = set(load_code_lists()["rating"].codes)
    for item in declared.items:
        assert set(item.scale.ratings) <= known and not item.scale.ordered
    # the title of an item that is a step is that of the step: written once
    assert declared.titles()["besl"] == {"nl": "Besluit", "en": "Decision"}


def test_the_scale_of_an_item_is_that_of_the_reference_date(tmp_path: Path) -> None:
    later = ITEM.replace("vijf", "twee").replace("2020-01-01", "2025-01-01")
    ended = ITEM.replace("'2020-01-01'", "'2020-01-01', valid_to: '2024-12-31'")
    declared = load_reader_items(_file(tmp_path, FILE.replace(ITEM, f"{ended}\n{later}")))
    scales = [declared.scale_on(code, day).key for code, day in (
        ("reden", date(2019, 12, 31)), ("REDEN", date(2020, 1, 1)), ("Reden", date(2024, 12, 31)),
        ("REDEN", date(2025, 1, 1)), ("ander", date(2024, 1, 1)))]  # fmt: skip
    assert scales == ["twee", "vijf", "vijf", "twee", "twee"]  # not in force, or not declared: the first scale
    assert declared.items[0].scale.ordered and not declared.usual.ordered


def test_items_are_written_in_ids_with_letters_digits_and_underscores() -> None:
    long = "Is het onderzoek onpartijdig en zonder vooringenomenheid gedaan"
    keys = item_keys(["OPDR", "opdr ", f"{long}?", f"{long}, en op tijd", "?", "!"])
    assert keys["OPDR"] == keys["opdr "] == "opdr"
    assert len({keys[f"{long}?"], keys[f"{long}, en op tijd"]}) == 2
    assert sorted((keys["?"], keys["!"])) == ["item", "item_2"]
    assert all(key.replace("_", "a").isalnum() and key.isascii() and key == key.lower() for key in keys.values())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("scales:", "schalen:", "onbekend woord schalen"),
        ('version: "1.0.0"\n', "", "ontbreekt: version"),
        ("kind: ordinal", "kind: ratio", "ratio kan hier niet; kies nominal, ordinal, interval"),
        ("[laag, midden, hoog]", "[hoog]", "twee of meer verschillende oordelen"),
        ("[laag, midden, hoog]", "[hoog, laag, hoog]", "twee of meer verschillende oordelen"),
        ("[laag, midden, hoog]", "hoog", "twee of meer verschillende oordelen"),
        ("satisfied: hoog", "satisfied: goed", "goed kan hier niet; kies laag, midden, hoog"),
        ("{nl: van 1 tot 3, en: from 1 to 3}", "{nl: van 1 tot 3}", "ontbreekt: en"),
        ("scale: vijf", "scale: zes", "zes kan hier niet; kies twee, vijf"),
        ("mark: I", "mark: Z", "Z kan hier niet"),
        ("'2020-01-01'", "gisteren", "gisteren is geen dag"),
        (", title: {nl: Reden, en: Reason}", "", "ontbreekt: title"),
        (ITEM, f"{ITEM}\n{ITEM.replace('REDEN', 'reden')}", "het item reden staat er twee keer"),
        (ITEM, "- REDEN", "hier hoort een blok met code"),
        (f"items:\n{ITEM}", "items: geen", "hier hoort een lijst"),
        (FILE[FILE.index("scales:") : FILE.index("items:")], "scales: []\n", "ontbreekt|blok met schalen"),
    ],
)
def test_a_fault_in_the_file_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in FILE
    with pytest.raises(WrongUse, match=says):
        load_reader_items(_file(tmp_path, FILE.replace(old, new, 1)))


def test_the_file_that_comes_with_the_program_is_read() -> None:
    assert load_reader_items(READER_ITEMS) is load_reader_items(READER_ITEMS)
