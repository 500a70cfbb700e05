"""The moments at which durations are compared: the file itself, and one broken file per fault."""

from datetime import date
from pathlib import Path

import pytest

from data_contracts.errors import UnreadableInput, WrongUse
from evaluation.duration.change_scores import MOMENT
from evaluation.duration.moments import Moment, load_moments

GOOD = """moments:
  - code: brief
    on: 2020-11-12
    title: {nl: de brief, en: the letter}
    source: Kamerstuk 1
    mark: R
"""


def _written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "moments.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_letter_on_the_renewed_system_is_the_one_moment() -> None:
    moments = load_moments()
    assert list(moments) == [MOMENT]
    letter = moments[MOMENT]
    assert (letter.on, letter.mark) == (date(2020, 11, 12), "R")
    assert "28 844, nr. 220" in letter.source
    assert "contouren" in letter.title["nl"]


def test_a_file_is_read_in_its_order(tmp_path: Path) -> None:
    second = GOOD.removeprefix("moments:\n").replace("brief", "aaa").replace("mark: R", "mark: B")
    moments = load_moments(_written(tmp_path, GOOD + second))
    assert list(moments) == ["brief", "aaa"]
    assert moments["aaa"] == Moment("aaa", date(2020, 11, 12), {"nl": "de aaa", "en": "the letter"}, "Kamerstuk 1", "B")


@pytest.mark.parametrize(
    ("text", "line", "fault"),
    [
        ("moments: []\n", 1, "lijst momenten"),
        ("- iets\n", 1, "lijst momenten"),
        ("moments:\n  - brief\n", 2, "code, on, title, source, mark"),
        (GOOD.replace("source:", "bron:"), 5, "bron"),
        (GOOD.replace("    mark: R\n", ""), 2, "ontbreekt: mark"),
        (GOOD.replace("on: 2020-11-12", "on: 12-11-2020"), 3, "12-11-2020"),
        (GOOD.replace(", en: the letter", ""), 4, "nl en in en"),
        (GOOD.replace("mark: R", "mark: X"), 6, "R, I, B"),
        (GOOD + GOOD.removeprefix("moments:\n"), 7, "brief staat er twee keer"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_file_and_line(tmp_path: Path, text: str, line: int, fault: str) -> None:
    with pytest.raises(WrongUse) as told:
        load_moments(_written(tmp_path, text))
    assert f"moments.yaml, regel {line} " in str(told.value)
    assert fault in str(told.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match=r"moments\.yaml"):
        load_moments(tmp_path / "moments.yaml")
