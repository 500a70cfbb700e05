"""Several mappings in one run: which delivery is read by which."""

from collections.abc import Sequence
from pathlib import Path

from data_contracts.errors import WrongUse
from data_contracts.language import _
from data_contracts.mapping.format import Mapping, matches


def with_mappings(paths: Sequence[Path], mappings: Sequence[Mapping]) -> list[tuple[Path, Mapping | None]]:
    """Return each delivery with the mapping that reads it; None: by the contract.

    One mapping reads all deliveries. Of several, each reads the deliveries whose files
    its sources name (`file`); a mapping that names no file reads what no other one
    reads, and without such a mapping that is read by the contract. A delivery that two
    mappings could read is never chosen for.

    Parameters
    ----------
    paths : sequence of Path
        Files and folders, as given.
    mappings : sequence of Mapping
        In any order.

    Returns
    -------
    list of (Path, Mapping or None)
        In the order of `paths`.

    Raises
    ------
    WrongUse
        If two mappings fit one delivery, two name no file, or one fits no delivery at all.
    """
    if len(mappings) <= 1:
        return [(path, mappings[0] if mappings else None) for path in paths]
    general = [mapping for mapping in mappings if not _patterns(mapping)]
    if len(general) > 1:
        raise WrongUse(
            _(
                "Mappings {names} noemen geen bestanden, dus elk past op alles. Zet bij de bronnen file: met een "
                "patroon voor de bestandsnaam.",
                names=", ".join(mapping.path.name for mapping in general),
            )
        )
    chosen = [(path, _mapping_for(path, [m for m in mappings if m not in general], general)) for path in paths]
    idle = [mapping for mapping in mappings if all(mapping is not used for _path, used in chosen)]
    if idle:
        raise WrongUse(
            _(
                "Mapping {name} past op geen enkele levering: geen bestandsnaam past bij {patterns}. Geef de juiste "
                "levering of haal deze mapping weg.",
                name=idle[0].path.name,
                patterns=", ".join(_patterns(idle[0])) or "*",
            )
        )
    return chosen


def _mapping_for(path: Path, named: Sequence[Mapping], general: Sequence[Mapping]) -> Mapping | None:
    fitting = [mapping for mapping in named if _fits(mapping, path)]
    if len(fitting) > 1:
        raise WrongUse(
            _(
                "Bij {path} passen meer mappings: {names}. Maak de patronen bij file in die mappings preciezer.",
                path=path.name,
                names=", ".join(mapping.path.name for mapping in fitting),
            )
        )
    return (*fitting, *general, None)[0]


def _patterns(mapping: Mapping) -> list[str]:
    return [spec.file for spec in mapping.sources.values() if spec.file]


def _fits(mapping: Mapping, path: Path) -> bool:
    """Tell whether every file that a mapping names is there."""
    names = [entry.name for entry in path.iterdir()] if path.is_dir() else [path.name]
    return all(any(matches(pattern, name) for name in names) for pattern in _patterns(mapping))
