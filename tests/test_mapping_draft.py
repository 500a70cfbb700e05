"""A draft of a mapping: recognises what it can, leaves open what nobody can know, prints nothing about a person."""

import re
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest

from data_contracts import check, load_mapping, read_delivery
from data_contracts.errors import UnreadableInput, WrongUse
from data_contracts.language import use_language
from data_contracts.mapping.draft import draft_mapping, write_draft

WORKED = Path(__file__).parent / "data" / "worked_example" / "export_2024-06-30.csv"
NAMES = ["Jan de Vries", "Fatima el Amrani", "P. Jansen", "Bakker, K.", "Anna Smit"]


def book(path: Path, **sheets: list[list]) -> Path:
    """Write a workbook with the rows given for each sheet."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name.replace("_", " "))
        for row in rows:
            sheet.append(row)
    workbook.save(path)
    return path


def wide_rows(n: int = 60) -> list[list]:
    """A Dutch register: one row a person, dates per step, two banner rows, columns about persons."""
    rows = [
        ["Register integriteit eenheid Noordkust"],
        ["Stand op 30-06-2024"],
        ["Zaaknr.", "Eenheid", "Soort onderzoek", "Datum ontvangst", "Datum afsluiting", "Stand", "Betrokkene", "Rang",
         "Bevinding", "Opgelegde straf", "Opdracht", "Horen betrokkene", "Rapport",
         "Behandelaar", "BSN", "Toelichting"],
    ]  # fmt: skip
    for i in range(n):
        case, first = i // 2, i % 2 == 0  # two persons a case
        opened = date(2023, 1, 2) + timedelta(days=14 * case)
        closed = opened + timedelta(days=90) if case % 4 else None
        rows.append(
            [f"OZ-{case:04d}", ["Noord", "Zuid", "Amsterdam"][case % 3], ["disciplinair", "klacht"][case % 2], opened,
             closed, "dicht" if closed else "open", f"B-{i:06x}a1", ["agent", "brigadier", "hoofdagent"][i % 3],
             ["Gegrond", "Ongegrond", "Loopt nog", "Anders"][i % 4], ["berisping", "geen", None][i % 3],
             opened + timedelta(days=9), opened + timedelta(days=30 + i % 2),
             "nvt" if first else opened + timedelta(days=60),
             NAMES[i % 5], "111222333", "De heer Pietersen meldde zich op maandag."]
        )  # fmt: skip
    return rows


def filled(text: str, **answers: str) -> str:
    """Fill in the open places of a draft: `cohort_basis="geopend"`; the number of answers is that of the places."""
    for name, answer in answers.items():
        text, places = re.subn(rf"( {name}: (?:&moment )?\{{constant: )VUL_IN", rf"\g<1>{answer}", text)
        assert places == 1, f"{name} is not open"
    return re.sub(r"(: (?:&\w+ )?)VUL_IN(?= # KIES|$|[,}])", r'\g<1>""', text, flags=re.M)  # codes left empty


def accepted(path: Path, text: str, folder: Path):
    """Check the export under the draft."""
    mapping = folder / "concept.yaml"
    mapping.write_text(text, "utf-8")
    report, files = check(read_delivery(path, load_mapping(mapping)))
    assert report.accepted, report.breaches
    return report, files


def test_a_wide_dutch_register_needs_one_answer(tmp_path):
    export = book(tmp_path / "register.xlsx", Register=wide_rows())
    text = draft_mapping(export)
    at = next(n for n, line in enumerate(text.splitlines(), 1) if "{constant: VUL_IN}" in line)
    with pytest.raises(
        WrongUse, match=rf"VUL_IN: regel {at} \(tables › .* › cohort_basis › constant\).*codes › Anders"
    ):
        accepted(export, text, tmp_path)  # what decides a finding is never emptied for the steward
    report, files = accepted(export, filled(text, cohort_basis="geopend"), tmp_path)
    assert report.rows.set_index("table")["rejected"].eq(0).all()
    assert files.extracted_on == date(2024, 6, 30), "the day stands above the headers"
    assert len(files.cases) == 30 and len(files.subjects) == len(files.allegations) == 60
    assert files.cases["status"].value_counts().to_dict() == {"afgesloten": 22, "lopend": 8}
    assert set(files.steps["step"]) == {"OPDR", "HOORB", "RAPP"}
    reports = files.steps[files.steps["step"] == "RAPP"].groupby("state").size()
    assert reports.to_dict() == {"gedaan": 30, "niet_van_toepassing": 30}
    assert files.allegations["finding"].value_counts().to_dict() == {
        "plichtsverzuim_vastgesteld": 15, "geen_plichtsverzuim": 15,
    }  # fmt: skip
    assert "Anders: VUL_IN # KIES een code; 15 keer" in text


def test_no_value_of_a_person_stands_in_a_draft(tmp_path):
    rows = wide_rows()
    for row, name in zip(rows[3:], NAMES * 12, strict=True):
        row[1], row[8] = name, name  # names under the headers of columns for codes, the worst that can happen
    export = book(tmp_path / "register.xlsx", Register=rows)
    for tongue in ("nl", "en"):
        use_language(tongue)
        text = draft_mapping(export)
        for secret in (*NAMES, "Vries", "Amrani", "111222333", "Pietersen", "OZ-0001", "B-000001a1"):
            assert secret not in text, secret
    use_language(None)


def test_a_file_without_headers_is_refused_and_nothing_of_it_is_said(tmp_path):
    export = tmp_path / "namen.csv"
    export.write_text("Jan Jansen;Amsterdam;031234567\nPiet Pietersen;Rotterdam;031234568\n", "utf-8")
    with pytest.raises(UnreadableInput, match=r"namen\.csv: geen rij herkend als rij met kolomkoppen") as refused:
        draft_mapping(export)
    assert "Jansen" not in str(refused.value)


def test_several_sheets_become_several_sources_and_one_adds_its_dates_to_the_cases(tmp_path):
    zaken = [["Zaaknummer", "Eenheid", "Soort zaak"]]
    data = [["Zaaknummer", "Ontvangen op", "Afgesloten op"]]
    feiten = [["Zaaknummer", "Feit", "Oordeel"]]
    for i in range(12):
        zaken.append([f"{i:04d}", "RTD", "klacht"])
        data.append([f"{i:04d}", f"{i + 1:02d}-03-2023", f"{i + 1:02d}-09-2023"])
        feiten += [[f"{i:04d}", number, "ongegrond"] for number in (1, 2)]
    export = book(tmp_path / "uitdraai_2024-01-31.xlsx", Zaken=zaken, Data=data, Feiten=feiten, Leeg=[])
    text = draft_mapping(export)
    _report, files = accepted(export, filled(text, cohort_basis="afgesloten"), tmp_path)
    assert files.cases["opened_on"].notna().all() and files.cases["unit"].eq("RTD").all()
    assert sorted(files.allegations["allegation_id"])[:2] == ["0000/1", "0000/2"]
    assert "code_lists:" not in text, "the units are ours"
    assert "Bladen zonder herkende kopregel: Leeg" in text


def test_sheets_of_one_kind_are_read_below_each_other(tmp_path):
    def rows(year: int) -> list[list]:
        head = [["Dossiernr", "Eenheid", "Geopend", "Gesloten"]]
        return head + [[f"{year}-{i}", "LB", date(year, 1, i), date(year, 6, i)] for i in range(1, 9)]

    export = book(tmp_path / "klachten.xlsx", Zaken_2022=rows(2022), Zaken_2023=rows(2023), Uitleg=[["Lees mij"]])
    text = draft_mapping(export)
    assert 'sheet: "Zaken *", take: all' in text
    answers = {"cohort_basis": "afgesloten", "extracted_at": "2024-01-31"}
    _report, files = accepted(export, filled(text, **answers), tmp_path)
    assert len(files.cases) == 16 and files.cases["kind"].eq("klacht").all()


def test_dates_that_fit_two_notations_are_left_for_the_steward(tmp_path):
    export = tmp_path / "export_20240131.csv"
    lines = [f"{i};AMS;{i:02d}/{i:02d}/2023;{i + 12}/06/2023" for i in range(1, 13)]
    export.write_text("zaaknr;eenheid;geopend;gesloten\n" + "\n".join(lines) + "\n", "utf-8")
    text = draft_mapping(export)
    assert 'closed_on: {column: gesloten, dates: ["%d/%m/%Y"]}' in text
    assert "opened_on: {column: geopend, dates: [VUL_IN]}" in text
    for form, words in (("%d/%m/%Y", "dag - maand - jaar"), ("%m/%d/%Y", "maand - dag - jaar")):
        assert f'#   dates: ["{form}"]   # {words}' in text
    answers = filled(text, cohort_basis="afgesloten", kind="klacht")
    with pytest.raises(WrongUse, match="opened_on › dates"):
        accepted(export, answers, tmp_path)
    _report, files = accepted(export, answers.replace("VUL_IN]", '"%d/%m/%Y"]'), tmp_path)
    assert files.extracted_on == date(2024, 1, 31), "the day stands in the file name"


def test_a_folder_of_csv_files_takes_the_newest_edition(tmp_path):
    folder = tmp_path / "export"
    folder.mkdir()
    for day in ("2023-06-30", "2023-12-31"):
        (folder / f"zaken_{day}.csv").write_text(
            f"Case number,District,Complaint date,Date closed\n{day},NORTH,2023-01-02,2023-02-03\nx,EAST,2023-01-05,\n",
            "utf-8",
        )
    text = draft_mapping(folder)
    assert 'file: "zaken_*.csv", take: last' in text
    _report, files = accepted(folder, filled(text, cohort_basis="alle"), tmp_path)
    assert files.extracted_on == date(2023, 12, 31) and set(files.cases["unit"]) == {"NORTH", "EAST"}


def test_the_worked_example_needs_two_answers_and_then_gives_the_same_steps(tmp_path):
    text = filled(draft_mapping(WORKED), cohort_basis="geopend", reason="strafrechtelijk")
    _report, files = accepted(WORKED, text, tmp_path)
    by_hand = check(read_delivery(WORKED, load_mapping(WORKED.parent / "eilandpolitie.yaml")))[1]
    columns = ["case_id", "step", "state"]
    both = set(files.cases["case_id"]) & set(by_hand.cases["case_id"])
    drafted, written = (
        set(steps.loc[steps["case_id"].isin(both), columns].astype(str).itertuples(index=False, name=None))
        for steps in (files.steps, by_hand.steps)
    )
    assert drafted == written


def test_the_real_exports_are_read_after_few_answers(new_orleans, tmp_path):
    text = draft_mapping(new_orleans)
    report, _files = accepted(new_orleans, filled(text, cohort_basis="geopend"), tmp_path)
    counts = report.rows.set_index("table").loc["cases"]
    assert counts["accepted"] > 0.95 * counts["rows"]
    nashville = new_orleans.parent / "nashville" / "discipline_2010-2020.xlsx"
    answers = {"cohort_basis": "afgesloten", "extracted_at": "2021-01-01", "kind": "disciplinair"}
    text = filled(draft_mapping(nashville), **answers)
    assert 'case_id: "CONTROL #"' in text and "cannot_map" in text
    accepted(nashville, text, tmp_path)


def test_a_draft_never_overwrites(tmp_path):
    out = tmp_path / "mijn.yaml"
    write_draft(WORKED, out)
    assert out.read_text("utf-8") == draft_mapping(WORKED)
    out.write_text("werk van een middag", "utf-8")
    with pytest.raises(WrongUse, match=r"mijn\.yaml bestaat al"):
        write_draft(WORKED, out)
    assert out.read_text("utf-8") == "werk van een middag"


def test_headers_with_marks_of_yaml_are_quoted_and_read_back(tmp_path):
    headers = ["CONTROL #", "Eenheid: kort", "Ontvangen\n(datum)", "*Datum gesloten", "%soort zaak", "- x", "yes: no"]
    rows = [[f"a{i}", "DH", date(2023, 1, i), date(2023, 2, i), "klacht", "=1+1", "#"] for i in range(1, 9)]
    export = book(tmp_path / "raar 2024-05-05.xlsx", Blad1=[headers, *rows])
    text = draft_mapping(export)
    _report, files = accepted(export, filled(text, cohort_basis="afgesloten"), tmp_path)
    assert files.cases["opened_on"].notna().all() and files.cases["unit"].eq("DH").all()
    assert files.cases["closed_on"].notna().all() and files.cases["kind"].eq("klacht").all()
