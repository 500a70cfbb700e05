"""A key is random, for its owner only, never overwritten, and refused when it is unfit or lies with the data."""

import os
import stat
from pathlib import Path

import pytest

from data_contracts.errors import Refused, UnreadableInput, WrongUse
from data_contracts.privacy.pseudonym_key import make_key, read_key

SOUND = "9f3c1a77e0d24b586ac8135df7902e4b61d8a5c30f1e7294bb46e9d2580c73fa"


def key_file(folder: Path, text: str = SOUND, mode: int = 0o600) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "sleutel.txt"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_a_new_key_has_256_bits_for_its_owner_only_and_is_another_each_time(tmp_path: Path):
    make_key(tmp_path / "a")
    make_key(tmp_path / "b")
    keys = [read_key(tmp_path / name, apart_from=[]) for name in "ab"]
    assert [len(key) for key in keys] == [32, 32]
    assert keys[0] != keys[1]
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


def test_an_earlier_key_is_never_overwritten(tmp_path: Path):
    path = key_file(tmp_path / "kluis")
    with pytest.raises(WrongUse, match="nooit overschreven"):
        make_key(path)
    assert path.read_text() == SOUND


def test_a_folder_that_is_not_there_is_said(tmp_path: Path):
    with pytest.raises(WrongUse, match="kan niet worden gemaakt"):
        make_key(tmp_path / "geen" / "sleutel.txt")


@pytest.mark.parametrize("where", [".", "onder/dieper"])
def test_a_key_in_the_folder_of_the_data_or_below_it_is_refused(tmp_path: Path, where: str):
    folder = tmp_path / "data" / where
    folder.mkdir(parents=True)
    with pytest.raises(Refused, match="ligt bij de gegevens"):
        read_key(key_file(folder), apart_from=[tmp_path / "data"])
    assert read_key(key_file(tmp_path / "data2"), apart_from=[tmp_path / "data"])


def test_a_key_that_a_link_hides_in_the_folder_of_the_data_is_refused(tmp_path: Path):
    path = key_file(tmp_path / "data")
    (tmp_path / "elders").mkdir()
    link = tmp_path / "elders" / "link"
    link.symlink_to(path)
    with pytest.raises(Refused, match="ligt bij de gegevens"):
        read_key(link, apart_from=[tmp_path / "data"])


@pytest.mark.skipif(os.name != "posix", reason="file modes say who can read only on POSIX")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int):
    with pytest.raises(Refused, match="Anderen kunnen"):
        read_key(key_file(tmp_path / "kluis", mode=mode), apart_from=[])


@pytest.mark.parametrize(
    "text",
    [
        SOUND[:62],
        SOUND[:8],
        "00" * 32,
        "ab" * 64,
        "0123456789abcdef" * 4,
        bytes(range(32)).hex(),
        bytes(n * n % 13 * n % 12 for n in range(32)).hex(),
    ],
)
def test_a_key_that_is_short_or_can_be_guessed_is_refused(tmp_path: Path, text: str):
    with pytest.raises(Refused, match="te kort of te raden"):
        read_key(key_file(tmp_path / "kluis", text), apart_from=[])


@pytest.mark.parametrize("text", ["", "wachtwoord", "geheim 123", "é" * 64, SOUND + "0", SOUND.upper()])
def test_a_file_that_holds_no_key_is_said_to_be_none(tmp_path: Path, text: str):
    with pytest.raises(UnreadableInput, match="geen sleutelbestand"):
        read_key(key_file(tmp_path / "kluis", text), apart_from=[])


def test_a_key_that_is_not_there_or_is_a_folder_is_said(tmp_path: Path):
    for path in (tmp_path / "geen", tmp_path):
        with pytest.raises(UnreadableInput, match="niet gevonden of niet te lezen"):
            read_key(path, apart_from=[])


def test_no_message_says_anything_of_the_key(tmp_path: Path):
    for text in (SOUND[:40], SOUND + "zz"):
        with pytest.raises((Refused, UnreadableInput)) as raised:
            read_key(key_file(tmp_path / "kluis", text), apart_from=[])
        assert text[:6] not in str(raised.value)
