"""A publication is whole or absent, and nothing confidential gets into it."""

import json
from pathlib import Path

import pytest
import yaml

from data_contracts.errors import Refused, UnreadableInput, WrongUse
from evaluation.publication import disclosure, opendata
from evaluation.publication.ledger import read_ledger
from evaluation.publication.policy import POLICY_FILE
from evaluation.publication.publish import publish
from tests.scores_for_disclosure import shares, write_run

COUNTS = {"unit=a": (40, 90), "unit=b": (50, 110), "unit=c": (60, 120), "unit=z": (4, 9)}
FILES = {"ledger.csv", "disclosure.csv", "estimands.json", "labels.json", "refusals.json", "manifest.json",
         "policy.yaml", "datapackage.json", "tables"}  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return write_run(tmp_path / "run", shares("completeness.critical", COUNTS))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_publication_has_its_files_and_counts_its_decisions(run: Path, tmp_path: Path) -> None:
    made = publish(run, tmp_path / "out")
    assert {path.name for path in made.folder.iterdir()} == FILES
    assert (made.published, made.suppressed_primary, made.suppressed_secondary, made.refused) == (3, 1, 1, 0)
    assert made.rows == len(read_ledger(made.folder)) == 5
    assert (made.folder / "policy.yaml").read_bytes() == POLICY_FILE.read_bytes()


def test_no_canary_of_the_run_reaches_the_publication(run: Path, tmp_path: Path) -> None:
    planted = b"".join(contents(run).values())
    assert planted.count(b"CANARY") >= 8
    made = publish(run, tmp_path / "out")
    for name, data in contents(made.folder).items():
        assert b"CANARY" not in data, name
        assert b"CANARY" not in name.encode()


def test_no_withheld_number_stands_anywhere_in_the_publication(tmp_path: Path) -> None:
    counts = {"unit=a": (40, 90), "unit=b": (50, 110), "unit=c": (7123, 9871), "unit=z": (7, 9877)}
    made = publish(write_run(tmp_path / "run", shares("completeness.critical", counts)), tmp_path / "out")
    for name, data in contents(made.folder).items():
        assert b"9877" not in data, name
    hidden = read_ledger(made.folder).query("decision.str.startswith('suppressed')")
    assert len(hidden) >= 2
    assert hidden[["estimate", "low", "high", "n", "numerator", "denominator"]].isna().all(axis=None)


def test_the_manifest_loses_paths_and_unknown_keys(run: Path, tmp_path: Path) -> None:
    made = publish(run, tmp_path / "out")
    manifest = json.loads((made.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["sources"] == [{"name": "levering.xlsx", "sha256": "ab" * 32}]
    assert "steward" not in manifest


def test_the_same_run_gives_the_same_bytes(run: Path, tmp_path: Path) -> None:
    first, second = publish(run, tmp_path / "one"), publish(run, tmp_path / "two")
    assert contents(first.folder) == contents(second.folder)


@pytest.mark.parametrize("step", ["write_tables", "write_datapackage", "write_csv"])
def test_a_failure_midway_leaves_nothing_behind(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(opendata, step, fail)
    with pytest.raises(OSError, match="disk full"):
        publish(run, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_failure_midway_leaves_the_earlier_publication_whole(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = publish(run, tmp_path / "out")
    before = contents(made.folder)
    rename = Path.rename

    def fail(self: Path, target: Path) -> Path:
        if self.name == ".out.partial":
            raise OSError("disk full")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(OSError, match="disk full"):
        publish(run, tmp_path / "out")
    assert contents(tmp_path / "out") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "run"]


def test_a_refused_publication_writes_nothing(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disclosure, "_complement", lambda plan: plan.primary)
    with pytest.raises(Refused):
        publish(run, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_earlier_publication_is_replaced_and_another_folder_is_not(run: Path, tmp_path: Path) -> None:
    publish(run, tmp_path / "out")
    (tmp_path / "out" / "tables" / "stale.csv").write_text("x", encoding="utf-8")
    publish(run, tmp_path / "out")
    assert not (tmp_path / "out" / "tables" / "stale.csv").exists()
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.docx").write_text("x", encoding="utf-8")
    with pytest.raises(WrongUse, match="bevat iets anders"):
        publish(run, other)
    assert (other / "thesis.docx").exists()


@pytest.mark.parametrize("place", ["run", "run/out", "."])
def test_a_publication_does_not_overlap_its_run(run: Path, tmp_path: Path, place: str) -> None:
    with pytest.raises(WrongUse):
        publish(run, tmp_path / place)
    assert (run / "scores.csv").exists()


@pytest.mark.parametrize("name", ["scores.csv", "manifest.json", "labels.json", "estimands.json", "refusals.json"])
def test_a_missing_or_damaged_file_of_a_run_is_named(run: Path, tmp_path: Path, name: str) -> None:
    (run / name).write_text("{", encoding="utf-8")
    with pytest.raises(UnreadableInput, match=name):
        publish(run, tmp_path / "out")
    (run / name).unlink()
    with pytest.raises(UnreadableInput, match=name):
        publish(run, tmp_path / "out")


def test_a_run_that_does_not_exist_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput):
        publish(tmp_path / "nowhere", tmp_path / "out")


@pytest.mark.parametrize(
    ("old", "new"), [("completeness.critical.share.unit=a", "=cmd|' /C calc'!A0"), (",share,", ",bananas,")]
)
def test_a_score_with_a_wrong_id_or_unit_is_refused(run: Path, tmp_path: Path, old: str, new: str) -> None:
    text = (run / "scores.csv").read_text(encoding="utf-8")
    (run / "scores.csv").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises((WrongUse, UnreadableInput)):
        publish(run, tmp_path / "out")


def test_an_infinite_score_is_refused_not_printed(run: Path, tmp_path: Path) -> None:
    text = (run / "scores.csv").read_text(encoding="utf-8").splitlines()
    line = next(at for at, row in enumerate(text) if row.startswith("completeness.critical.share.unit=a,"))
    text[line] = text[line].replace(text[line].split(",")[1], "inf", 1)
    (run / "scores.csv").write_text("\n".join(text) + "\n", encoding="utf-8")
    row = read_ledger(publish(run, tmp_path / "out").folder).set_index("id").loc["completeness.critical.share.unit=a"]
    assert row["decision"] in ("refused", "suppressed_secondary")
    assert row["text_nl"] in ("niet te zeggen", "afgeschermd")


def test_a_stricter_policy_hides_more(run: Path, tmp_path: Path) -> None:
    document = yaml.safe_load(POLICY_FILE.read_text(encoding="utf-8"))
    document["values"]["minimum_unit"]["value"] = 55
    strict = tmp_path / "strict.yaml"
    strict.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    made = publish(run, tmp_path / "out", policy=strict)
    assert made.published < publish(run, tmp_path / "usual").published
