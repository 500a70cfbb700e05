"""Mappings: any agency's export to the canonical tables, by a YAML file that holds no code.

The format is described, with a worked example, in `data_contracts/README.md`; the
schema is `mappings/mapping.schema.yaml`.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from data_contracts.code_lists import Code, CodeList, load_code_lists
from data_contracts.contract import TABLES, load_contracts
from data_contracts.errors import WrongUse
from data_contracts.language import _, language
from data_contracts.yaml_file import line_of, load_yaml

MAPPINGS = Path(__file__).parent / "mappings"
ORIGINS = {"column", "columns", "first_filled", "constant", "from_file_name", "row_number"}


@dataclass(frozen=True)
class ColumnMap:
    """How one canonical column is filled: from source columns, a constant or the file name."""

    sources: tuple[str, ...] = ()
    join_with: str = "-"
    first_filled: bool = False
    constant: Any = None
    from_file_name: str = ""
    row_number: bool = False
    extract: str = ""
    codes: dict[str, Any] | None = None
    other: str | None = None
    empty: str | None = None
    dates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Block:
    """One way to make rows of a canonical table out of the rows of a source."""

    table: str
    source: str
    columns: dict[str, ColumnMap]
    one_row_per: tuple[str, ...] = ()
    where: tuple[dict[str, Any], ...] = ()
    skip_if_empty: tuple[str, ...] = ()


@dataclass(frozen=True)
class SourceSpec:
    """Where the rows of one source stand."""

    name: str
    file: str = ""
    sheet: str = ""
    header_row: int | None = None
    take: str = ""
    expect: dict[str, list[Any]] | None = None
    join_source: str = ""
    join_on: tuple[tuple[str, str], ...] = ()
    join_columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mapping:
    """A mapping file, checked."""

    name: str
    title: dict[str, str]
    agency: dict[str, str]
    sources: dict[str, SourceSpec]
    blocks: tuple[Block, ...]
    dates: tuple[str, ...]
    missing: frozenset[str]
    code_lists: dict[str, CodeList]
    absent: dict[str, dict[str, str]]

    def source_columns(self, source: str) -> set[str]:
        """Return the headers that this mapping reads from a source (joined columns left out)."""
        spec = self.sources[source]
        named = {left for left, _right in spec.join_on} | set(spec.expect or ())
        joined = set(spec.join_columns)
        if spec.join_source and not joined:
            joined = self.source_columns(spec.join_source)
        for block in self.blocks:
            if block.source == source:
                named |= {column for entry in block.columns.values() for column in entry.sources}
                named |= {condition["column"] for condition in block.where}
        for other in self.sources.values():
            if other.join_source == source:
                named |= {right for _left, right in other.join_on} | set(other.join_columns)
        return named - (joined - {left for left, _right in spec.join_on})


def find_mapping(name: str) -> Path:
    """Return the file of a shipped mapping by name, or the path given.

    Raises
    ------
    WrongUse
        If there is neither; the message lists the shipped ones.
    """
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        return path
    shipped = {file.stem: file for file in MAPPINGS.glob("*.yaml") if not file.stem.endswith(".schema")}
    if name not in shipped:
        raise WrongUse(
            _(
                "Mapping {name} bestaat niet. Geef een YAML-bestand of een van: {known}.",
                name=name,
                known=", ".join(sorted(shipped)),
            )
        )
    return shipped[name]


def load_mapping(path: Path) -> Mapping:
    """Read and check a mapping file.

    Raises
    ------
    WrongUse
        If something in it is wrong; the message names file, line, element and fault.
    """
    import jsonschema

    document = load_yaml(path)
    schema = load_yaml(MAPPINGS / "mapping.schema.yaml")
    faults = sorted(jsonschema.Draft201909Validator(schema).iter_errors(document), key=lambda f: len(f.absolute_path))
    if faults:
        keys, words = _schema_words(_meant(faults[0]))
        raise _fault(path, keys, words)
    mapping = _mapping(document)
    _check_names(path, document, mapping)
    return mapping


def _meant(fault: Any) -> Any:
    """Of several allowed shapes, the fault in the one that was meant: the shape of what stands there."""
    while fault.validator == "oneOf" and fault.context:
        same_shape = [inner for inner in fault.context if inner.relative_path or inner.validator != "type"]
        fault = max(same_shape or fault.context, key=lambda inner: len(inner.absolute_path))
    return fault


SHAPES = {
    "string": {"nl": "tekst", "en": "text"},
    "object": {"nl": "een blok met woorden", "en": "a block of words"},
    "array": {"nl": "een lijst [ ]", "en": "a list [ ]"},
    "integer": {"nl": "een heel getal", "en": "a whole number"},
    "number": {"nl": "een getal", "en": "a number"},
    "boolean": {"nl": "true of false", "en": "true or false"},
}


def _schema_words(fault: Any) -> tuple[list[Any], str]:
    """Where a fault stands and what it is."""
    keys, wanted = list(fault.absolute_path), fault.validator_value
    if fault.validator == "additionalProperties":
        allowed = fault.schema.get("properties", {})
        extra = [str(word) for word in fault.instance if word not in allowed]
        words = _("onbekend woord {extra}; hier kan staan: {allowed}", extra=extra[0], allowed=", ".join(allowed))
        return [*keys, extra[0]], words
    if fault.validator == "required":
        return keys, _("ontbreekt: {missing}", missing=", ".join(name for name in wanted if name not in fault.instance))
    if fault.validator == "type":
        shapes = [SHAPES[shape][language()] for shape in ([wanted] if isinstance(wanted, str) else wanted)]
        return keys, _("hier hoort {shape}", shape=" / ".join(shapes))
    if fault.validator in ("enum", "const"):
        known = ", ".join(map(str, wanted if fault.validator == "enum" else [wanted]))
        return keys, _("{value} kan hier niet; kies {known}", value=str(fault.instance)[:40], known=known)
    if fault.validator == "pattern":
        return keys, _("{value} past niet bij {pattern}", value=str(fault.instance)[:40], pattern=wanted)
    return keys, _("hier ontbreekt iets, of staat te weinig")


def _fault(path: Path, keys: list[Any], words: str) -> WrongUse:
    return WrongUse(
        _(
            "Mapping {file}, regel {line} ({place}): {fault}. Zie data_contracts/README.md.",
            file=path.name,
            line=line_of(path, keys),
            place=" › ".join(map(str, keys)) or _("hele bestand"),
            fault=words,
        )
    )


def _text(value: Any) -> dict[str, str]:
    return dict(value) if isinstance(value, dict) else {"nl": str(value or ""), "en": str(value or "")}


def _column_map(value: Any) -> ColumnMap:
    if isinstance(value, str):
        return ColumnMap(sources=(value,))
    sources = value.get("first_filled") or value.get("columns") or ([value["column"]] if "column" in value else [])
    return ColumnMap(
        sources=tuple(sources),
        join_with=value.get("join_with", "-"),
        first_filled="first_filled" in value,
        constant=value.get("constant"),
        from_file_name=value.get("from_file_name", ""),
        row_number="row_number" in value,
        extract=value.get("extract", ""),
        codes={str(k): v for k, v in value["codes"].items()} if "codes" in value else None,
        other=value.get("other"),
        empty=value.get("empty"),
        dates=tuple(value.get("dates", ())),
    )


def _mapping(document: dict[str, Any]) -> Mapping:
    sources = {
        name: SourceSpec(
            name=name,
            file=spec.get("file", ""),
            sheet=spec.get("sheet", ""),
            header_row=spec.get("header_row"),
            take=spec.get("take", ""),
            expect=spec.get("expect"),
            join_source=spec.get("join", {}).get("source", ""),
            join_on=tuple(spec.get("join", {}).get("on", {}).items()),
            join_columns=tuple(spec.get("join", {}).get("columns", ())),
        )
        for name, spec in ((n, s or {}) for n, s in document["sources"].items())
    }
    blocks, absent = [], {table: _text(reason) for table, reason in document.get("absent", {}).items()}
    for table, value in document["tables"].items():
        for block in value if isinstance(value, list) else [value]:
            blocks.append(
                Block(
                    table=table,
                    source=block.get("source", next(iter(sources))),
                    columns={name: _column_map(entry) for name, entry in block["columns"].items()},
                    one_row_per=tuple(block.get("one_row_per", ())),
                    where=tuple(block.get("where", ())),
                    skip_if_empty=tuple(block.get("skip_if_empty", ())),
                )
            )
            absent |= {f"{table}.{column}": _text(why) for column, why in block.get("cannot_map", {}).items()}
    own = {
        name: CodeList(
            name,
            _text(entry.get("title", name)),
            document["name"],
            {str(code): Code(str(code), _text(label)) for code, label in entry["codes"].items()},
        )
        for name, entry in document.get("code_lists", {}).items()
    }
    title = _text(document["title"])
    return Mapping(
        name=document["name"],
        title=title,
        agency=_text(document.get("agency", title)),
        sources=sources,
        blocks=tuple(blocks),
        dates=tuple(document.get("dates", ())),
        missing=frozenset(document.get("missing", ())),
        code_lists=load_code_lists() | own,
        absent=absent,
    )


def _check_names(path: Path, document: dict[str, Any], mapping: Mapping) -> None:
    """Names that the schema cannot know: tables, columns, sources, codes, patterns."""
    for table in [*document["tables"], *(name for name in document.get("absent", {}))]:
        if table not in TABLES:
            group = "tables" if table in document["tables"] else "absent"
            raise _fault(path, [group, table], _("onbekende tabel; bekend zijn {known}", known=", ".join(TABLES)))
    for table in ("delivery", "cases"):
        if table not in document["tables"]:
            raise _fault(path, ["tables"], _("ontbreekt: {missing}", missing=table))
    for name in document.get("code_lists", {}):
        if name not in load_code_lists():
            known = ", ".join(load_code_lists())
            raise _fault(path, ["code_lists", name], _("onbekende codelijst; bekend zijn {known}", known=known))
        codes = [code.casefold() for code in mapping.code_lists[name].codes]
        if len(set(codes)) < len(codes):  # `a` and `A` would be one group of the scores
            raise _fault(path, ["code_lists", name], _("twee codes verschillen alleen in hoofdletters"))
    for spec in mapping.sources.values():
        if spec.join_source and spec.join_source not in mapping.sources:
            raise _fault(path, ["sources", spec.name, "join"], _("onbekende bron {name}", name=spec.join_source))
        if spec.join_source and mapping.sources[spec.join_source].join_source:
            words = _("bron {name} is zelf gekoppeld; koppel aan een bron zonder join", name=spec.join_source)
            raise _fault(path, ["sources", spec.name, "join"], words)
    _check_dates(path, ["dates"], mapping.dates)
    positions = dict.fromkeys(document["tables"], 0)
    for block in mapping.blocks:
        keys: list[Any] = ["tables", block.table]
        written = document["tables"][block.table]
        if isinstance(written, list):
            keys.append(positions[block.table])
            written = written[positions[block.table]]
            positions[block.table] += 1
        _check_block(path, keys, block, mapping, written)


def _check_dates(path: Path, keys: list[Any], formats: tuple[str, ...]) -> None:
    """A format must give back the day it wrote, or nothing would ever fit it."""
    for declared in formats:
        try:
            written = datetime(2020, 1, 31).strftime(declared)
            if "20" in written and datetime.strptime(written, declared).date().isoformat() == "2020-01-31":
                continue
        except ValueError:
            pass
        words = _("{format} is geen datumnotatie met dag, maand en jaar; bijvoorbeeld %d-%m-%Y", format=declared)
        raise _fault(path, keys, words)


def _check_block(path: Path, keys: list[Any], block: Block, mapping: Mapping, written: dict[str, Any]) -> None:
    contract = load_contracts()[block.table]
    known = [column.name for column in contract.columns]
    if block.source not in mapping.sources:
        raise _fault(path, keys, _("onbekende bron {name}", name=block.source))
    for group in ("columns", "cannot_map"):
        for name in written.get(group, {}):
            if name not in known:
                words = _("onbekende kolom; bekend zijn {known}", known=", ".join(known))
                raise _fault(path, [*keys, group, name], words)
    for name, entry in block.columns.items():
        here = [*keys, "columns", name]
        if not isinstance(written["columns"][name], str) and len(ORIGINS & set(written["columns"][name])) != 1:
            words = _(
                "zeg met één woord waar de waarde vandaan komt: column, columns, first_filled, constant, "
                "from_file_name of row_number"
            )
            raise _fault(path, here, words)
        _check_dates(path, here, entry.dates)
        for word, pattern in (("from_file_name", entry.from_file_name), ("extract", entry.extract)):
            if pattern and not _has_one_group(pattern):
                raise _fault(path, here, _("{word} moet een patroon met één groep (…) zijn", word=word))
        code_list = contract.column(name).code_list
        if code_list:
            codes = mapping.code_lists[code_list].codes
            targets = [*(entry.codes or {}).values(), entry.other, entry.empty, entry.constant]
            for target in targets:
                if target not in (None, "") and str(target) not in codes:
                    words = _("{code} staat niet in codelijst {list}; bekend zijn {known}", code=target, list=code_list,
                              known=", ".join(codes))  # fmt: skip
                    raise _fault(path, here, words)
    for name in (*block.one_row_per, *block.skip_if_empty):
        if name not in block.columns:
            raise _fault(path, keys, _("{name} is geen kolom van dit blok", name=name))
    for name in (column.name for column in contract.columns if column.required and column.name not in block.columns):
        if name in (*contract.primary_key, "case_id"):
            raise _fault(path, keys, _("kolom {name} ontbreekt; zonder haar is een regel niet te herkennen", name=name))
        if name not in written.get("cannot_map", {}):
            words = _("verplichte kolom {name} ontbreekt; vul haar of zet haar met reden onder cannot_map", name=name)
            raise _fault(path, keys, words)


def _has_one_group(pattern: str) -> bool:
    try:
        return re.compile(pattern).groups == 1
    except re.error:
        return False


def matches(pattern: str, name: str) -> bool:
    """Tell whether a file name fits a pattern such as `snapshot_*.csv.gz`, in any case."""
    return fnmatch(name.lower(), pattern.lower())
