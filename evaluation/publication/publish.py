"""A publication: the protected copy of a run, and the only thing the book may read."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from data_contracts.errors import UnreadableInput, WrongUse
from data_contracts.language import _
from data_contracts.writing import whole_folder, write_json
from evaluation.publication import disclosure, opendata
from evaluation.publication.ledger import DECISIONS, ledger
from evaluation.publication.policy import POLICY_FILE, read_policy
from evaluation.scores import UNITS, Score

# Everything else in a manifest stays in the run.
MANIFEST_KEYS = (
    "title", "agency", "as_of", "level", "period", "language", "sources", "code_version", "contract_version",
    "cohort_basis", "counting_unit", "synthetic", "seed", "software",
)  # fmt: skip
# Length of the part of a source's SHA-256 that each ledger row carries; the manifest has the whole.
MARKS = ("ledger.csv", "policy.yaml", "datapackage.json")
HASH_LENGTH = 12


@dataclass(frozen=True)
class Publication:
    """What a publication holds.

    Parameters
    ----------
    folder : Path
    published, suppressed_primary, suppressed_secondary, refused : int
        Rows of the ledger by decision.
    fields_withheld : int
        Rows that are shown with one count withheld.
    policy_version : str
    """

    folder: Path
    published: int
    suppressed_primary: int
    suppressed_secondary: int
    refused: int
    fields_withheld: int
    policy_version: str

    @property
    def rows(self) -> int:
        """Rows of the ledger."""
        return self.published + self.suppressed_primary + self.suppressed_secondary + self.refused


def publish(run: Path, out: Path, *, policy: Path = POLICY_FILE) -> Publication:
    """Apply disclosure control to a run and write the publication folder.

    The folder appears whole or not at all: it is made beside its place and renamed.
    An earlier publication in the same place is replaced. Case-level scores, the contract
    report and the breaches are never read.

    Raises
    ------
    UnreadableInput
        If a file of the run is missing or damaged.
    WrongUse
        If `out` exists and is not a publication, or overlaps the run.
    Refused
        If the audit finds that withheld counts can be worked out.
    """
    run, out = run.resolve(), out.resolve()
    _check_place(run, out)
    rules = read_policy(policy)
    scores = _read_scores(run / "scores.csv")
    manifest = _public_manifest(_read_json(run / "manifest.json", dict))
    labels = _public_labels(_read_json(run / "labels.json", dict))
    estimands = _read_json(run / "estimands.json", list)
    refusals = _read_json(run / "refusals.json", list)
    decided = disclosure.control(scores, rules)
    table = ledger(
        scores,
        decided.decisions,
        blank=decided.blank,
        decimals=rules.decimals,
        sources=" ".join(str(source["sha256"])[:HASH_LENGTH] for source in manifest["sources"]),
        code_version=str(manifest["code_version"]),
    )
    with whole_folder(out, marks=MARKS) as partial:
        opendata.write_csv(table, partial / "ledger.csv")
        opendata.write_csv(decided.log, partial / "disclosure.csv")
        for name, content in (("manifest", manifest), ("labels", labels), ("estimands", estimands),
                              ("refusals", refusals)):  # fmt: skip
            write_json(content, partial / f"{name}.json")
        shutil.copyfile(policy, partial / "policy.yaml")
        opendata.write_tables(partial, table, labels)
        opendata.write_datapackage(partial, manifest, rules.version)
    number = table["decision"].value_counts()
    return Publication(
        folder=out,
        **{decision: int(number.get(decision, 0)) for decision in DECISIONS},
        fields_withheld=int((decided.log["field"] != "row").sum()),
        policy_version=rules.version,
    )


def _check_place(run: Path, out: Path) -> None:
    if not run.is_dir():
        raise UnreadableInput(_("De map {name} bestaat niet. Maak hem met toetssteen score.", name=run.name))
    if out == run or out in run.parents or run in out.parents:
        raise WrongUse(_("De publicatie mag niet in of om de map met scores staan. Kies een andere map."))


def _read_scores(path: Path) -> pd.DataFrame:
    columns = [field.name for field in fields(Score)]
    try:
        table = pd.read_csv(path, keep_default_na=False, na_values=[""], dtype={"id": "str", "refusal": "str"})
    except (OSError, ValueError) as fault:
        raise UnreadableInput(_("Het bestand {name} van deze run is niet te lezen.", name=path.name)) from fault
    if missing := sorted(set(columns) - set(table.columns)):
        raise UnreadableInput(_("{name} mist de kolommen {columns}.", name=path.name, columns=", ".join(missing)))
    numbers = ["estimate", "low", "high", "level", "n", "events", "numerator", "denominator"]
    for column in numbers:
        number = pd.to_numeric(table[column], errors="coerce").astype("float64")
        if (number.isna() & table[column].notna()).any():
            raise UnreadableInput(
                _("{name} heeft in kolom {column} een waarde die geen getal is.", name=path.name, column=column)
            )
        table[column] = number.where(number.abs() != float("inf"))
    table["n"] = table["n"].fillna(0)
    if table["id"].duplicated().any() or not table["unit"].isin(UNITS).all():
        raise UnreadableInput(_("{name} noemt een score twee keer of kent een onbekende eenheid.", name=path.name))
    table["refusal"] = table["refusal"].astype("object").where(table["refusal"].notna(), None)
    unsaid = table["estimate"].isna() & table["refusal"].isna()
    table.loc[unsaid, "refusal"] = "not_estimable"
    return table[columns]


def _read_json(path: Path, kind: type) -> Any:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise UnreadableInput(_("Het bestand {name} van deze run is niet te lezen.", name=path.name)) from fault
    if not isinstance(content, kind):
        raise UnreadableInput(_("Het bestand {name} van deze run is niet te lezen.", name=path.name))
    return content


def _public_manifest(manifest: Mapping[str, Any]) -> dict[str, Any]:
    if missing := sorted({"as_of", "sources", "code_version"} - manifest.keys()):
        raise UnreadableInput(_("{name} mist {columns}.", name="manifest.json", columns=", ".join(missing)))
    public = {key: manifest[key] for key in MANIFEST_KEYS if key in manifest}
    public["sources"] = [
        {"name": Path(str(source["name"])).name, "sha256": str(source["sha256"])} for source in manifest["sources"]
    ]
    return public


def _public_labels(labels: Mapping[str, Any]) -> dict[str, dict[str, dict[str, str]]]:
    """Keep only what has the shape of a code list: list -> code -> language -> text."""
    return {
        str(name): {
            str(code): {language: str(texts[language]) for language in ("nl", "en") if language in texts}
            for code, texts in codes.items()
            if isinstance(texts, dict)
        }
        for name, codes in labels.items()
        if isinstance(codes, dict)
    }
