"""The record of a check: who delivered what, which files, what was accepted, when and by which contract."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data_contracts.case_files import Source
from data_contracts.contract import load_contracts
from data_contracts.errors import UnreadableInput, WrongUse
from data_contracts.language import _, language
from data_contracts.writing import whole_file, write_json

if TYPE_CHECKING:
    from data_contracts.checking import Report

RECORD = "acceptance.json"
OUTCOMES = ("accepted", "accepted_with_exceptions", "rejected")
ZONE = "Europe/Amsterdam"


@dataclass(frozen=True)
class FileSeal:
    """One file as it was checked."""

    delivery: str
    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class SheetCount:
    """Rows of one table: delivered, accepted, left out for an error of their own or with their case."""

    table: str
    sheet: str
    delivered: int
    accepted: int
    left_out_own: int
    left_out_with_case: int


@dataclass(frozen=True)
class FindingCount:
    """How often one rule was broken; `title` in both languages."""

    rule: str
    severity: str
    scope: str
    count: int
    title: dict[str, str]


@dataclass(frozen=True)
class AcceptanceRecord:
    """What a steward hands over with a delivery.

    Parameters
    ----------
    outcome : {'accepted', 'accepted_with_exceptions', 'rejected'}
    by : str
        Who checked, preferably a function; empty when it is signed by hand.
    checked_at : datetime
        Aware.
    software_version : str
    contract_versions : tuple of str
        Versions of the contracts that were checked.
    units : tuple of str
        Codes of the delivering units, as the deliveries say.
    declared_versions : tuple of str
        The contract versions that the deliveries say they follow.
    files, rows, findings : tuple
        `FileSeal`, `SheetCount` and `FindingCount`.
    """

    outcome: str
    by: str
    checked_at: datetime
    software_version: str
    contract_versions: tuple[str, ...]
    units: tuple[str, ...]
    declared_versions: tuple[str, ...]
    files: tuple[FileSeal, ...]
    rows: tuple[SheetCount, ...]
    findings: tuple[FindingCount, ...]

    @property
    def accepted(self) -> bool:
        """Tell whether the delivery was accepted, with or without exceptions."""
        return self.outcome != "rejected"


def acceptance_record(report: "Report", *, by: str, checked_at: datetime) -> AcceptanceRecord:
    """Return the record of a check.

    Parameters
    ----------
    report : Report
        Outcome of the check.
    by : str
        Who checked, preferably a function ("gegevensbeheerder eenheid Amsterdam") rather
        than a name; empty leaves a line to sign.
    checked_at : datetime
        The moment, with its time zone.

    Raises
    ------
    WrongUse
        If the moment has no time zone.
    UnreadableInput
        If a file changed after it was read: the record would vouch for another file.
    """
    from importlib.metadata import version

    from data_contracts.reporting.findings import findings, rule_words
    from data_contracts.rules.left_out import shares_left_out

    if checked_at.tzinfo is None:
        raise WrongUse(_("Het moment van controle heeft geen tijdzone."))
    gone, words = shares_left_out(report), rule_words(report)
    header = report.breaches.drop_duplicates("rule").set_index("rule")["header"]
    exceptions = bool(report.rows["rejected"].any())
    records = [d.tables["delivery"].frame for d in report.deliveries if "delivery" in d.tables]
    return AcceptanceRecord(
        outcome=OUTCOMES[exceptions] if report.accepted else "rejected",
        by=" ".join(by.split()),
        checked_at=checked_at,
        software_version=version("toetssteen"),
        contract_versions=tuple(sorted({contract.version for contract in load_contracts().values()})),
        units=_distinct(records, "unit"),
        declared_versions=_distinct(records, "contract_version"),
        files=tuple(seal for delivery in report.deliveries for seal in _seals(delivery)),
        rows=tuple(
            SheetCount(row["table"], row["sheet"], int(row["rows"]), int(row["accepted"]),
                       gone[row["table"]]["own"], gone[row["table"]]["case"])
            for row in report.rows.to_dict("records")
        ),
        findings=tuple(
            FindingCount(g["rule"], g["severity"], g["scope"], g["count"], words(g["rule"], header[g["rule"]])[0])
            for g in findings(report)
        ),
    )  # fmt: skip


def _distinct(frames: Sequence[Any], column: str) -> tuple[str, ...]:
    return tuple(sorted({str(value) for frame in frames for value in frame[column].dropna()}))


def _seals(delivery: Any) -> list[FileSeal]:
    return [
        FileSeal(delivery.name, source.name, source.sha256, len(unchanged(path, source)))
        for source, path in zip(delivery.sources, delivery.paths, strict=True)
    ]


def unchanged(path: Path, source: Source) -> bytes:
    """Return the bytes of a file that was read earlier.

    Raises
    ------
    UnreadableInput
        If the file is gone or is no longer what was read.
    """
    try:
        data = path.read_bytes()
    except OSError:
        data = b""
    if hashlib.sha256(data).hexdigest() != source.sha256:
        raise UnreadableInput(
            _("{file} is veranderd of verplaatst terwijl het werd gecontroleerd. Controleer opnieuw.", file=path.name)
        )
    return data


def record_json(record: AcceptanceRecord) -> dict[str, Any]:
    """Return the record as plain data in a fixed order, with its own fingerprint last."""
    content = {"format": "toetssteen acceptance record 1", **asdict(record)}
    content["checked_at"] = record.checked_at.isoformat(timespec="seconds")
    content = json.loads(json.dumps(content))  # tuples to lists: what is written is what is fingerprinted
    return {**content, "fingerprint": _fingerprint(content)}


def _fingerprint(content: dict[str, Any]) -> str:
    """A short mark of all that the record says; on the signed page it ties the paper to the file."""
    text = json.dumps({key: value for key, value in content.items() if key != "fingerprint"}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def write_acceptance(record: AcceptanceRecord, folder: Path) -> Path:
    """Write `acceptance.json` into a folder, whole or not at all, and return its path."""
    out = folder / RECORD
    with whole_file(out) as work:
        write_json(record_json(record), work)
    return out


def moment_words(moment: datetime) -> str:
    """Return a moment in words, in Dutch time: 23 november 2026, 14.05 uur (Nederlandse tijd)."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from babel.dates import format_datetime

    zone = " " + _("(Nederlandse tijd)")
    try:
        local = moment.astimezone(ZoneInfo(ZONE))
    except ZoneInfoNotFoundError:  # a machine without time zone data
        local, zone = moment, f" (UTC{moment:%z})"
    day = format_datetime(local, "d MMMM y", tzinfo=local.tzinfo, locale=language())
    return _("{day}, {hour} uur", day=day, hour=local.strftime("%H.%M")) + zone


@dataclass(frozen=True)
class Verification:
    """How files at hand compare with a record: names by what is the matter with them."""

    intact: bool
    same: tuple[str, ...]
    changed: tuple[str, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    outcome: str = ""

    @property
    def matches(self) -> bool:
        """Tell whether the record is intact and the files are exactly those it names."""
        return self.intact and not (self.changed or self.missing or self.unknown)


def verify_acceptance(path: Path, files: Sequence[Path]) -> Verification:
    """Compare files at hand with an acceptance record, by their bytes.

    Parameters
    ----------
    path : Path
        `acceptance.json`.
    files : sequence of Path
        Files, or folders of which every delivered kind of file counts.

    Returns
    -------
    Verification
        `changed`: a file with that name has other bytes; `missing`: no file has those
        bytes or that name; `unknown`: a file that the record does not name. A renamed
        file is the same file.

    Raises
    ------
    UnreadableInput
        If the record or a file cannot be read.
    """
    record = _read_record(path)
    hashes = [(file.name, hashlib.sha256(_bytes(file)).hexdigest()) for file in _all_files(files)]
    sealed = {(seal["name"], seal["sha256"]) for seal in record["files"]}
    known = {sha for _name, sha in sealed}
    strange = [name for name, sha in hashes if sha not in known]
    lost = sorted(name for name, sha in sealed if sha not in {found for _n, found in hashes})
    return Verification(
        intact=record.get("fingerprint") == _fingerprint(record),
        same=tuple(sorted(name for name, sha in hashes if sha in known)),
        changed=tuple(name for name in lost if name in strange),
        missing=tuple(name for name in lost if name not in strange),
        unknown=tuple(sorted(name for name in strange if name not in lost)),
        outcome=str(record.get("outcome", "")),
    )


def _read_record(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if [set(seal) >= {"name", "sha256"} for seal in record["files"]].count(False):
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError):
        raise UnreadableInput(
            _("{file} is geen bewijs van controle (acceptance.json) of is beschadigd.", file=path.name)
        ) from None
    return record


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise UnreadableInput(_("Bestand niet gevonden: {file}. Controleer de naam en de map.", file=path)) from None


def _all_files(paths: Sequence[Path]) -> list[Path]:
    from data_contracts.reading.files import TEXTS, WORKBOOKS

    found: list[Path] = []
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        found += [p for p in inside if p == path or (p.is_file() and p.name.lower().endswith(TEXTS + WORKBOOKS))]
    return found
