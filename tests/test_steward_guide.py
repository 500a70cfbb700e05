"""The stewards' guide: its tables follow from the contracts, its format from the schema.

Run this file to write the generated annexes anew: `python tests/test_steward_guide.py`.
"""

import re
from pathlib import Path

from data_contracts.code_lists import load_code_lists
from data_contracts.contract import REQUIRED_TABLES, load_contracts
from data_contracts.mapping.format import MAPPINGS
from data_contracts.yaml_file import load_yaml

GUIDE = Path(__file__).parent.parent / "data_contracts" / "README.md"
BEGIN, END = "<!-- gemaakt uit de contracten: begin -->", "<!-- gemaakt uit de contracten: einde -->"


def annexes() -> str:
    """The column tables and code lists, as Markdown."""
    parts = ["### A. Kolommen / Columns\n"]
    for contract in load_contracts().values():
        needed = " · verplicht / required" if contract.name in REQUIRED_TABLES else ""
        key = ", ".join(contract.primary_key) or "geen / none"
        parts.append(f"#### `{contract.name}` (blad / sheet `{contract.sheet}`){needed}\n")
        parts.append(f"{contract.description['nl']} / {contract.description['en']} Sleutel / key: {key}.\n")
        parts.append("| kolom / column | kop / header | vorm / type | codelijst / code list | betekenis | meaning |")
        parts.append("|---|---|---|---|---|---|")
        for column in contract.columns:
            name = f"**{column.name}** (verplicht / required)" if column.required else column.name
            kind = {
                "string": "tekst / text",
                "date": "datum / date",
                "boolean": "ja/nee",
                "integer": "heel getal / integer",
            }
            codes = f"`{column.code_list}`" if column.code_list else ""
            words = [column.description[tongue].replace("|", "\\|") for tongue in ("nl", "en")]
            row = [name, f"`{column.header}`", kind[column.logical_type], codes, *words]
            parts.append(f"| {' | '.join(row)} |")
        parts.append("")
    parts.append("### B. Codelijsten / Code lists\n")
    parts.append("| lijst / list | codes |\n|---|---|")
    for name, codes in load_code_lists().items():
        listed = "; ".join(f"`{c.code}` {c.label['nl']} / {c.label['en']}" for c in codes.codes.values())
        parts.append(f"| `{name}` | {listed} |")
    return "\n".join(parts)


def _keys(schema: dict) -> set[str]:
    """Every word that a mapping file may hold."""
    found = set(schema.get("properties", {}))
    for value in schema.values():
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                found |= _keys(inner)
    return found


def test_the_columns_and_codes_in_the_guide_are_those_of_the_contracts():
    found = GUIDE.read_text("utf-8").partition(BEGIN)[2].partition(END)[0].strip()
    assert found == annexes(), "stale: run python tests/test_steward_guide.py"


def test_every_word_of_the_mapping_format_is_explained_in_both_languages():
    words = _keys(load_yaml(MAPPINGS / "mapping.schema.yaml")) - {"nl", "en"}
    assert {"extract", "row_number", "skip_if_empty", "not_in", "columns"} <= words
    dutch, _mark, english = GUIDE.read_text("utf-8").partition("# Guide for data stewards")
    english = english.partition(BEGIN)[0]
    for tongue, text in (("nl", dutch), ("en", english)):
        explained = set(re.findall(r"^\| `([a-z_]+)`", text, flags=re.MULTILINE))
        assert words <= explained, (tongue, sorted(words - explained))


def test_both_languages_have_the_same_chapters():
    dutch, _mark, english = GUIDE.read_text("utf-8").partition("# Guide for data stewards")
    english = english.partition("# Bijlagen")[0]
    assert len(re.findall(r"^##+ ", dutch, flags=re.M)) == len(re.findall(r"^##+ ", english, flags=re.M))


if __name__ == "__main__":
    before, _old, rest = GUIDE.read_text("utf-8").partition(BEGIN)
    GUIDE.write_text(f"{before}{BEGIN}\n\n{annexes()}\n\n{END}{rest.partition(END)[2]}", "utf-8")
