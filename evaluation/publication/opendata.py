"""Open data of a publication: one csv table a measure, and a Frictionless datapackage."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from data_contracts.writing import write_csv
from evaluation.publication import ledger as ledgers

TABLE_COLUMNS = (
    "id", "statistic", "group", "dimension", "group_nl", "group_en", "estimate", "low", "high", "level", "unit",
    "text_nl", "text_en", "n", "events", "numerator", "denominator", "period", "as_of", "decision", "refusal",
)  # fmt: skip

# Column -> type, description in Dutch and in English.
_FIELDS = {
    "id": ("string", "Naam van het getal: module.maat.statistiek.groep", "Name: module.measure.statistic.group"),
    "module": ("string", "Onderdeel van de evaluatie", "Part of the evaluation"),
    "measure": ("string", "Maat", "Measure"),
    "statistic": ("string", "Statistiek", "Statistic"),
    "group": ("string", "Groep: all, unit=code of year=jaar", "Group: all, unit=code or year=year"),
    "dimension": ("string", "Soort groep: all, unit of year", "Kind of group: all, unit or year"),
    "group_nl": ("string", "Groep in het Nederlands", "Group in Dutch"),
    "group_en": ("string", "Groep in het Engels", "Group in English"),
    "estimate": ("number", "Het getal; aandelen als deel van één", "The number; shares as a fraction of one"),
    "low": ("number", "Ondergrens van het interval", "Lower end of the interval"),
    "high": ("number", "Bovengrens van het interval", "Upper end of the interval"),
    "level": ("number", "Betrouwbaarheid van het interval", "Confidence level of the interval"),
    "unit": ("string", "Eenheid van het getal", "Unit of the number"),
    "text_nl": ("string", "Zoals het in het Nederlands wordt geschreven", "As written in Dutch"),
    "text_en": ("string", "Zoals het in het Engels wordt geschreven", "As written in English"),
    "estimand": ("string", "Naam van de kaart die zegt wat er geschat is", "Name of the estimand card"),
    "n": ("integer", "Aantal gevallen achter het getal", "Cases behind the number"),
    "events": ("integer", "Waargenomen gebeurtenissen", "Observed events"),
    "numerator": ("integer", "Teller", "Numerator"),
    "denominator": ("integer", "Noemer", "Denominator"),
    "period": ("string", "Periode, begin/einde", "Period, start/end"),
    "as_of": ("date", "Peildatum", "Reference date"),
    "sources": ("string", "Begin van de SHA-256 van elk bronbestand", "Start of the SHA-256 of each source file"),
    "code_version": ("string", "Versie van het programma", "Version of the program"),
    "decision": ("string", "Besluit van de afscherming", "Decision of disclosure control"),
    "refusal": ("string", "Waarom het getal niet te zeggen is", "Why the number cannot be said"),
    "field": ("string", "Wat is afgeschermd: de hele rij of één kolom", "What is withheld: the row or one column"),
    "rule": ("string", "Regel van het beleid", "Rule of the policy"),
}


def measure_tables(ledger: pd.DataFrame, labels: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """Return one table a measure, by file name without ending (`duration_total_gross`)."""
    tables = {}
    for (module, measure), rows in ledger.groupby(["module", "measure"], sort=True):
        table = rows.copy()
        table["dimension"] = [group.partition("=")[0] for group in table["group"]]
        for language in ("nl", "en"):
            table[f"group_{language}"] = [group_label(group, labels, language) for group in table["group"]]
        tables[f"{module}_{measure}"] = table[list(TABLE_COLUMNS)].reset_index(drop=True)
    return tables


def group_label(group: str, labels: Mapping[str, Any], language: str) -> str:
    """Return the name of a group: all units together, a year, or the label of a unit."""
    dimension, _equals, code = group.partition("=")
    if dimension == "all":
        return {"nl": "alle eenheden samen", "en": "all units together"}[language]
    by_code = {str(known).lower(): texts for known, texts in labels.get(dimension, {}).items()}
    return str(by_code.get(code, {}).get(language) or code.upper() if dimension == "unit" else code)


def write_tables(folder: Path, ledger: pd.DataFrame, labels: Mapping[str, Any]) -> None:
    """Write `tables/*.csv` of a publication."""
    (folder / "tables").mkdir()
    for name, table in measure_tables(ledger, labels).items():
        write_csv(table, folder / "tables" / f"{name}.csv")


def write_datapackage(folder: Path, manifest: Mapping[str, Any], policy_version: str) -> None:
    """Write `datapackage.json` over every csv in a publication folder.

    References
    ----------
    .. [1] Frictionless Data, Data Package v1, https://specs.frictionlessdata.io/data-package/
    """
    paths = ["ledger.csv", "disclosure.csv", *sorted(f"tables/{path.name}" for path in folder.glob("tables/*.csv"))]
    title = manifest.get("title")
    package = {
        "profile": "tabular-data-package",
        "name": "toetssteen-publication",
        "title": title.get("nl") if isinstance(title, dict) else title or "Toetssteen",
        "version": f"{manifest.get('as_of', '')}+{manifest.get('code_version', '')}",
        "description": (
            "Gepubliceerde getallen van een evaluatie van intern onderzoek, na afscherming volgens policy.yaml "
            f"(versie {policy_version}). / Published numbers of an evaluation of internal investigations, after "
            f"disclosure control by policy.yaml (version {policy_version})."
        ),
        "resources": [_resource(folder, path) for path in paths],
    }
    text = json.dumps(package, ensure_ascii=False, indent=1) + "\n"
    (folder / "datapackage.json").write_text(text, encoding="utf-8")


def _resource(folder: Path, path: str) -> dict[str, Any]:
    columns = (folder / path).read_text(encoding="utf-8").partition("\n")[0].split(",")
    schema: dict[str, Any] = {"fields": [_field(column) for column in columns], "missingValues": [""]}
    if path != "disclosure.csv":
        schema["primaryKey"] = "id"
    return {
        "profile": "tabular-data-resource",
        "name": re.sub(r"[^a-z0-9_-]", "-", path.removesuffix(".csv").replace("/", "-")),
        "path": path,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    }


def _field(column: str) -> dict[str, Any]:
    kind, dutch, english = _FIELDS[column]
    field: dict[str, Any] = {"name": column, "type": kind, "description": f"{dutch} / {english}"}
    if column == "decision":
        field["constraints"] = {"required": True, "enum": list(ledgers.DECISIONS)}
    elif column == "id":
        field["constraints"] = {"required": True}
    return field
