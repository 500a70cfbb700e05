"""Code lists: dated data beside the contracts, one file a list."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from data_contracts.yaml_file import load_yaml

CODES = Path(__file__).parent / "codes"


@dataclass(frozen=True)
class Code:
    """One code: its labels and the days on which it is in force (None: no bound)."""

    code: str
    label: dict[str, str]
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class CodeList:
    """A named list of codes with its source."""

    name: str
    title: dict[str, str]
    source: str
    codes: dict[str, Code]


@cache
def load_code_lists(folder: Path = CODES) -> dict[str, CodeList]:
    """Return all code lists by name; the list `step` follows from the procedure file."""
    from data_contracts.procedure import steps

    lists = {
        path.stem: _code_list(load_yaml(path))
        for path in sorted(folder.glob("*.yaml"))
        if not path.stem.startswith("crosswalk_")
    }
    lists["step"] = CodeList(
        name="step",
        title={"nl": "Stappen van de procedure", "en": "Steps of the procedure"},
        source="DOMAIN §3",
        codes={step.code: Code(step.code, dict(step.title)) for step in steps()},
    )
    return lists


def _code_list(document: dict) -> CodeList:
    codes = {
        str(code): Code(
            code=str(code),
            label={"nl": entry["nl"], "en": entry["en"]},
            valid_from=_day(entry.get("valid_from")),
            valid_to=_day(entry.get("valid_to")),
        )
        for code, entry in document["codes"].items()
    }
    return CodeList(document["name"], document["title"], document["source"], codes)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
