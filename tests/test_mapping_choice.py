"""Several mappings in one run: each reads the deliveries whose files it names; nothing is chosen for the steward."""

from pathlib import Path

import pytest

from data_contracts.delivery import read_delivery
from data_contracts.errors import WrongUse
from data_contracts.mapping.choice import with_mappings
from data_contracts.mapping.format import Mapping, load_mapping

DELIVERY = """
  delivery:
    columns:
      unit: {constant: AMS}
      extracted_at: {constant: 2020-12-31}
      period_start: {constant: 2019-01-01}
      period_end: {constant: 2020-12-31}
      cohort_basis: {constant: geopend}
      contract_version: {constant: 1.0.0}
      counting_unit: {constant: onderzoek}
"""


def mapping(folder: Path, name: str, *patterns: str, case: str = "nr") -> Mapping:
    sources = ", ".join(f'bron{i}: {{file: "{pattern}"}}' for i, pattern in enumerate(patterns)) or "bron0: {}"
    text = f"mapping: 1\nname: {name}\ntitle: x\nsources: {{{sources}}}\ntables:{DELIVERY}"
    text += f"  cases:\n    columns: {{case_id: {case}, unit: e, kind: {{constant: klacht}}, opened_on: d}}\n"
    path = folder / f"{name}.yaml"
    path.write_text(text, "utf-8")
    return load_mapping(path)


def export(folder: Path, name: str, case: str = "nr") -> Path:
    path = folder / name
    path.write_text(f"{case},e,d\n1,AMS,2020-01-02\n", "utf-8")
    return path


def test_none_and_one_mapping_read_everything(tmp_path):
    paths = [export(tmp_path, "a.csv"), export(tmp_path, "b.csv")]
    assert with_mappings(paths, []) == [(paths[0], None), (paths[1], None)]
    only = mapping(tmp_path, "een", "a*")
    assert with_mappings(paths, [only]) == [(paths[0], only), (paths[1], only)]


def test_each_delivery_gets_the_mapping_that_names_its_file_and_is_read_by_it(tmp_path):
    noord, zuid = export(tmp_path, "noord_2024.csv"), export(tmp_path, "zuid_2024.csv", case="dossier")
    folder = tmp_path / "oost"
    folder.mkdir()
    for name in ("zaken.csv", "feiten.csv"):
        export(folder, name, case="id")
    mappings = [
        mapping(tmp_path, "n", "noord_*"),
        mapping(tmp_path, "z", "ZUID_*", case="dossier"),
        mapping(tmp_path, "o", "zaken*", "feiten*", case="id"),
    ]
    chosen = with_mappings([zuid, noord, folder], mappings)
    assert [(path.name, found.name) for path, found in chosen if found] == [
        ("zuid_2024.csv", "z"), ("noord_2024.csv", "n"), ("oost", "o"),
    ]  # fmt: skip
    cases = [
        d.tables["cases"].frame["case_id"].tolist() for path, found in chosen[:2] for d in read_delivery(path, found)
    ]
    assert cases == [["1"], ["1"]]


def test_what_no_mapping_names_goes_to_the_general_one_or_else_to_the_contract(tmp_path):
    noord, other = export(tmp_path, "noord.csv"), tmp_path / "levering.xlsx"
    n, z, general = mapping(tmp_path, "n", "noord*"), mapping(tmp_path, "z", "levering*"), mapping(tmp_path, "g")
    assert with_mappings([noord, other], [n, general])[1] == (other, general)
    third = tmp_path / "derde.xlsx"
    assert with_mappings([noord, other, third], [n, z])[2] == (third, None)


def test_a_delivery_that_two_mappings_fit_is_not_chosen_for(tmp_path):
    paths = [export(tmp_path, "noord_zaken.csv")]
    with pytest.raises(WrongUse, match=r"Bij noord_zaken.csv passen meer mappings: n.yaml, z.yaml"):
        with_mappings(paths, [mapping(tmp_path, "n", "noord*"), mapping(tmp_path, "z", "*zaken*")])


def test_a_mapping_that_reads_nothing_is_told(tmp_path):
    with pytest.raises(WrongUse, match=r"Mapping z.yaml past op geen enkele levering.*zuid\*"):
        with_mappings(
            [export(tmp_path, "noord.csv")], [mapping(tmp_path, "n", "noord*"), mapping(tmp_path, "z", "zuid*")]
        )


def test_two_mappings_that_name_no_file_are_told(tmp_path):
    with pytest.raises(WrongUse, match=r"Mappings a.yaml, b.yaml noemen geen bestanden"):
        with_mappings([export(tmp_path, "x.csv")], [mapping(tmp_path, "a"), mapping(tmp_path, "b")])
