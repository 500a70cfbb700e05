"""The disclosure policy: a dated data file, read once (METHODS section 6)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from data_contracts.errors import UnreadableInput, WrongUse
from data_contracts.language import _

POLICY_FILE = Path(__file__).parent / "policy.yaml"


@dataclass(frozen=True)
class Policy:
    """The values of a policy file; why and where from stands in the file itself.

    Parameters
    ----------
    version, valid_from : str
        Of the policy file.
    minimum_unit, minimum_national : int
        Smallest count that may be shown, per unit and nationally.
    exempt, registration, snapshots, without_events, models, ratios : tuple of str
        Patterns of score ids, or names of statistics.
    together, separate : tuple of tuple of str
        Patterns that belong together, each tuple apart.
    without_counts, margins, nested, balances, averages : tuple of mapping
        Declarations about counts, each with patterns by name.
    """

    version: str
    valid_from: str
    minimum_unit: int
    minimum_national: int
    national_minimum_units: int
    full_or_empty_disclosive: bool
    minimum_quantile: int
    minimum_beyond_quantile: int
    minimum_at_risk: int
    minimum_step_unit: int
    minimum_step_national: int
    minimum_difference: int
    minimum_model: int
    minimum_degrees_of_freedom: int
    model_coefficients: int
    minimum_hidden_parts: int
    protection_interval_unit: int
    protection_interval_national: int
    informed_interval_unit: int
    informed_interval_national: int
    decimals: Mapping[str, int]
    exempt: tuple[str, ...]
    registration: tuple[str, ...]
    together: tuple[tuple[str, ...], ...]
    separate: tuple[tuple[str, ...], ...]
    without_counts: tuple[Mapping[str, str], ...]
    snapshots: tuple[str, ...]
    without_events: tuple[str, ...]
    quantiles: Mapping[str, float]
    models: tuple[str, ...]
    ratios: tuple[str, ...]
    margins: tuple[Mapping[str, Any], ...]
    nested: tuple[Mapping[str, Any], ...]
    balances: tuple[Mapping[str, str], ...]
    averages: tuple[Mapping[str, str], ...]


def read_policy(path: Path = POLICY_FILE) -> Policy:
    """Read a policy file.

    Raises
    ------
    UnreadableInput
        If it is not YAML.
    WrongUse
        If a value is missing, superfluous, without explanation or source, or of the wrong kind.
    """
    try:
        typed = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
        raise UnreadableInput(_("Het beleidsbestand {name} is niet te lezen als YAML.", name=path.name)) from fault
    if not isinstance(typed, dict) or not isinstance(typed.get("values"), dict):
        raise WrongUse(_("Het beleidsbestand {name} heeft geen lijst values.", name=path.name))
    entries = {name: item for name, item in typed.items() if isinstance(item, dict) and "value" in item}
    entries |= typed["values"]
    wanted = {field.name: field.type for field in fields(Policy) if field.name not in ("version", "valid_from")}
    if odd := sorted(wanted.keys() ^ entries.keys()):
        raise WrongUse(
            _("Het beleidsbestand {name} mist of kent niet: {odd}.", name=path.name, odd=", ".join(map(str, odd)))
        )
    values: dict[str, Any] = {}
    for key, item in entries.items():
        if not isinstance(item, dict) or not all(item.get(text) for text in ("nl", "en", "source")):
            raise WrongUse(
                _("In {name} heeft {key} geen uitleg (nl, en) of geen bron (source).", name=path.name, key=key)
            )
        value = _frozen(item["value"])
        number = wanted[key] is int
        if number and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise WrongUse(_("In {name} moet {key} een heel getal vanaf 1 zijn.", name=path.name, key=key))
        values[key] = value
    return Policy(version=str(typed.get("version", "")), valid_from=str(typed.get("valid_from", "")), **values)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(one) for one in value) if isinstance(value, list) else value


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Tell whether a name fits one of the patterns (`*` matches anything)."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def bound(name: str, pattern: str) -> dict[str, str] | None:
    """Return what the placeholders of a pattern stand for in a name; None when it does not fit.

    `*` matches anything, `{stage}` anything within one part of the name.

    Examples
    --------
    >>> bound("duration.exit_besluit.within_90_days", "duration.exit_*.within_{day}_days")
    {'day': '90'}
    """
    match = _regex(pattern).fullmatch(name)
    return None if match is None else match.groupdict()


@cache
def _regex(pattern: str) -> re.Pattern[str]:
    pieces = re.split(r"(\{\w+\}|\*)", pattern)
    return re.compile(
        "".join(
            ".*" if piece == "*" else f"(?P<{piece[1:-1]}>[^.]+)" if piece.startswith("{") else re.escape(piece)
            for piece in pieces
        )
    )
