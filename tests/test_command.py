"""The command as a user meets it: one clear message, the right exit code, nothing half-written."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from book.command import run_command


def _run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    code = run_command([str(word) for word in words])
    said = capsys.readouterr()
    return code, said.out, said.err


def _workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


DELIVERY = [
    ["eenheid", "uittrekmoment", "periode_van", "periode_tot", "cohortbasis", "contractversie", "teleenheid"],
    ["AMS", "2021-12-31", "2019-01-01", "2021-12-31", "alle", "1.0.0", "onderzoek"],
]
CASES_HEADER = ["zaaknummer", "eenheid", "soort", "geopend_op", "afgesloten_op", "stand", "categorie"]


def _cases(count: int, **changed: object) -> list[list[object]]:
    rows = [CASES_HEADER]
    for n in range(count):
        row = {"zaaknummer": f"{n:04}", "eenheid": "AMS", "soort": "disciplinair", "geopend_op": "2020-02-03",
               "afgesloten_op": "2020-08-03" if n % 2 else None, "stand": "afgesloten" if n % 2 else "lopend",
               "categorie": "rm_prive"} | changed  # fmt: skip
        rows.append([row[header] for header in CASES_HEADER])
    return rows


@pytest.mark.parametrize(
    ("make", "code", "words"),
    [
        (lambda p: p, 3, "niet gevonden"),
        (lambda p: (p.write_bytes(b"") and p) or p, 3, "leeg"),
        (lambda p: p.write_text("geen werkmap") and p, 3, "geen Excel-werkmap"),
        (lambda p: p.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600) and p, 3, "wachtwoord"),
        (
            lambda p: _workbook(p, {"Blad1": [["a", "b"], [1, 2]]}),
            3,
            "wat ontbreekt is blad levering en blad onderzoeken",
        ),
        (lambda p: _workbook(p, {"levering": [], "onderzoeken": []}), 3, "alleen lege bladen"),
        (lambda p: _workbook(p, {"levering": DELIVERY, "onderzoeken": [CASES_HEADER]}), 1, "AFGEKEURD"),
    ],
    ids=["missing", "zero bytes", "not a workbook", "encrypted", "wrong sheets", "empty sheets", "no cases"],
)
def test_bad_input_gets_one_clear_message_the_right_code_and_no_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], make, code: int, words: str
) -> None:  # fmt: skip
    path = make(tmp_path / "levering.xlsx")
    got, out, err = _run(capsys, "score", path, "--as-of", "2021-12-31", "--out", tmp_path / "run")
    assert got == code
    assert words in out + err
    assert "Traceback" not in out + err
    assert not (tmp_path / "run").exists()


def test_a_truncated_workbook_is_called_damaged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _workbook(tmp_path / "levering.xlsx", {"levering": DELIVERY, "onderzoeken": _cases(60)})
    path.write_bytes(path.read_bytes()[:-400])
    got, _out, err = _run(capsys, "check", path, "--out", tmp_path / "c")
    assert (got, "beschadigd" in err, (tmp_path / "c").exists()) == (3, True, False)


def test_a_macro_workbook_is_refused_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _workbook(tmp_path / "levering.xlsx", {"levering": DELIVERY, "onderzoeken": _cases(60)})
    with zipfile.ZipFile(path, "a") as book:
        book.writestr("xl/vbaProject.bin", b"x")
    got, _out, err = _run(capsys, "check", path)
    assert (got, "macro" in err) == (3, True)


@pytest.mark.parametrize(
    ("code", "rule"), [("rm_privé_oud", "categorie is een bekende code"), ("Jansen van Dijk", "geen persoonsgegeven")]
)
def test_a_wrong_code_and_a_name_are_told_apart_by_place_and_never_by_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], code: str, rule: str
) -> None:
    path = _workbook(tmp_path / "l.xlsx", {"levering": DELIVERY, "onderzoeken": _cases(60, categorie=code)})
    got, out, err = _run(capsys, "check", path, "--out", tmp_path / "c")
    report = (tmp_path / "c" / "report.html").read_text("utf-8")
    assert got == 1  # not one row is left
    assert rule in out
    assert "blad onderzoeken, rij 2, kolom categorie (cel G2)" in out
    assert ("rm_prive" in report) == (code != "Jansen van Dijk")  # the known codes help with a code, not with a name
    said = out + err + report + (tmp_path / "c" / "breaches.csv").read_text("utf-8-sig")
    assert code not in said and "Jansen" not in said


def test_closed_cases_only_end_with_exit_code_4_and_no_median(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    delivery = [DELIVERY[0], [*DELIVERY[1][:4], "afgesloten", *DELIVERY[1][5:]]]
    cases = _cases(60, afgesloten_op="2020-08-03", stand="afgesloten")
    path = _workbook(tmp_path / "l.xlsx", {"levering": delivery, "onderzoeken": cases})
    got, out, _err = _run(capsys, "score", path, "--as-of", "2021-12-31", "--out", tmp_path / "run")
    assert got == 4
    assert "afgesloten" in out
    scores = (tmp_path / "run" / "scores.csv").read_text("utf-8")
    assert "register.cases.rows.all" in scores
    assert "\nduration." not in scores


def test_a_reference_date_after_the_extraction_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _workbook(tmp_path / "l.xlsx", {"levering": DELIVERY, "onderzoeken": _cases(60)})
    got, _out, err = _run(capsys, "score", path, "--as-of", "2022-01-01", "--out", tmp_path / "run")
    assert (got, "2021-12-31" in err, (tmp_path / "run").exists()) == (4, True, False)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["score", "x"], "--as-of"),
        (["check", "x", "--bar"], "--bar"),
        (["frobnicate"], "commando"),
        (["check", "x", "--mapping", "nowhere"], "canonical, new_orleans"),
        (["score", "x", "--as-of", "3 mei", "--out", "o"], "jjjj-mm-dd"),
        (["check", "x", "--lang", "fr"], "nl en en"),
    ],
)
def test_wrong_use_is_exit_code_2_and_says_what(
    capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    got, _out, err = _run(capsys, *words)
    assert (got, said in err, err.count("\n")) == (2, True, 1)


def test_lang_en_speaks_english_wherever_it_stands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--lang", "en", "check", tmp_path / "no.xlsx"], ["check", tmp_path / "no.xlsx", "--lang=en"]):
        got, _out, err = _run(capsys, *words)
        assert (got, "not found" in err) == (3, True)
    assert "niet gevonden" in _run(capsys, "check", tmp_path / "no.xlsx")[2]


def test_a_fault_of_the_software_shows_its_place_and_never_its_text(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise RuntimeError("B-00000001 Jansen")

    monkeypatch.delenv("TOETSSTEEN_DEBUG", raising=False)
    monkeypatch.setattr("book.command.steward.checked", fail)
    got, out, err = _run(capsys, "check", "x")
    assert (got, "RuntimeError" in err, "Jansen" in out + err) == (70, True, False)


def test_an_earlier_report_stays_when_a_later_check_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _workbook(tmp_path / "l.xlsx", {"levering": DELIVERY, "onderzoeken": _cases(60)})
    assert _run(capsys, "check", path, "--out", tmp_path / "c")[0] == 0
    before = (tmp_path / "c" / "report.html").read_bytes()
    path.write_bytes(b"PK\x03\x04 broken")
    assert _run(capsys, "check", path, "--out", tmp_path / "c")[0] == 3
    assert (tmp_path / "c" / "report.html").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_help_imports_neither_pandas_nor_the_contract_engine() -> None:
    code = (
        "import sys; from book.command import run_command; run_command(['--help']);"
        "print(sorted(set(sys.modules) & {'pandas', 'great_expectations', 'matplotlib', 'statsmodels', 'numpy'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "check" in done.stdout


def test_a_folder_with_somebodys_own_files_is_never_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _workbook(tmp_path / "l.xlsx", {"levering": DELIVERY, "onderzoeken": _cases(60)})
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    for words in (["check", path], ["score", path, "--as-of", "2021-12-31"], ["example", tmp_path / "mine"]):
        extra = [] if words[0] == "example" else ["--out", tmp_path / "mine"]
        got, _out, err = _run(capsys, *words, *extra)
        assert (got, "bestaat al" in err) == (2, True)
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["thesis.txt"]
