"""Mappings: any agency's export to the canonical tables, by a YAML file that holds no code.

The format is described, with a worked example, in `data_contracts/README.md`; the
schema is `mappings/mapping.schema.yaml`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from data_contracts.code_lists import Code, CodeList, load_code_lists
from data_contracts.contract import CONTRACT_VERSIONS, FORM_WORDS, TABLES, Column, load_contracts
from data_contracts.errors import WrongUse
from data_contracts.language import _, language
from data_contracts.schema_words import did_you_mean, schema_words
from data_contracts.yaml_file import line_of, load_yaml

MAPPINGS = Path(__file__).parents[1] / "mappings"
OPEN = {"nl": "VUL_IN", "en": "FILL_IN"}  # what a draft leaves open; a mapping that still holds one is refused
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
    keys: tuple[str | int, ...] = ()  # where it stands in the file
    one_row_per: tuple[str, ...] = ()
    keep: str = ""
    order_by: str = ""
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
    path: Path = Path()  # to name a line of it when an export does not fit

    def fault(self, keys: Sequence[str | int], words: str) -> WrongUse:
        """Return the fault at an element of the mapping file; its message names the line."""
        return _fault(self.path, list(keys), words)

    def line(self, keys: Sequence[str | int]) -> int:
        """Return the line of an element of the mapping file."""
        return line_of(self.path, list(keys))

    def keys_of_header(self, header: str) -> list[str | int]:
        """Return where the mapping first names a header of the export."""
        for name, spec in self.sources.items():
            if header in (spec.expect or ()):
                return ["sources", name, "expect", header]
            if header in (*spec.join_columns, *(word for pair in spec.join_on for word in pair)):
                return ["sources", name, "join"]
        for block in self.blocks:
            for name, entry in block.columns.items():
                if header in entry.sources:
                    return [*block.keys, "columns", name]
            if any(condition["column"] == header for condition in block.where):
                return [*block.keys, "where"]
        return ["tables"]

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


def fill_in() -> str:
    """Return the word for a place that a draft leaves open, in the language of messages."""
    return OPEN[language()]


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
        keys, words = schema_words(_meant(faults[0]))
        raise _fault(path, keys, words)
    _refuse_open_places(path, document)
    mapping = _mapping(document, path)
    _check_names(path, document, mapping)
    return mapping


def _meant(fault: Any) -> Any:
    """Of several allowed shapes, the fault in the one that was meant: the shape of what stands there."""
    while fault.validator == "oneOf" and fault.context:
        same_shape = [inner for inner in fault.context if inner.relative_path or inner.validator != "type"]
        fault = max(same_shape or fault.context, key=lambda inner: len(inner.absolute_path))
    return fault


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


def _refuse_open_places(path: Path, document: Any) -> None:
    """Name every place where a draft still says `VUL_IN`, all at once."""
    places: dict[int, list[Any]] = {}  # what is repeated (&x, *x) is filled in once
    for keys in _open_places(document, []):
        places.setdefault(line_of(path, keys), keys)
    if places:
        said = "; ".join(
            _("regel {line} ({place})", line=line, place=" › ".join(map(str, places[line])))
            for line in sorted(places)[:30]
        )
        raise WrongUse(
            _(
                "Mapping {file}: {n} keer staat er nog {word}: {places}. Vul in wat daar hoort; de opmerking erbij "
                "zegt wat u kunt kiezen.",
                file=path.name,
                n=len(places),
                word=fill_in(),
                places=said,
            )
        )


def _open_places(element: Any, keys: list[Any]) -> list[list[Any]]:
    inner = element.items() if isinstance(element, dict) else enumerate(element) if isinstance(element, list) else ()
    found = [place for key, value in inner for place in _open_places(value, [*keys, key])]
    return [keys] if isinstance(element, str) and element in OPEN.values() else found


def _mapping(document: dict[str, Any], path: Path) -> Mapping:
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
        for number, block in enumerate(value if isinstance(value, list) else [value]):
            blocks.append(
                Block(
                    table=table,
                    source=block.get("source", next(iter(sources))),
                    columns={name: _column_map(entry) for name, entry in block["columns"].items()},
                    keys=("tables", table, number) if isinstance(value, list) else ("tables", table),
                    one_row_per=tuple(block.get("one_row_per", ())),
                    keep=block.get("keep", ""),
                    order_by=block.get("order_by", ""),
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
        path=path,
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
    for block in mapping.blocks:
        written: Any = document
        for key in block.keys:
            written = written[key]
        _check_block(path, list(block.keys), block, mapping, written)


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
        _check_targets(path, here, contract.column(name), entry, mapping)
    for name in (*block.one_row_per, *block.skip_if_empty):
        if name not in block.columns:
            raise _fault(path, keys, _("{name} is geen kolom van dit blok", name=name))
    if block.keep and not block.one_row_per:
        raise _fault(path, [*keys, "keep"], _("keep hoort bij one_row_per: van welke regels wordt er één gehouden?"))
    if block.order_by and not block.keep:
        raise _fault(path, [*keys, "order_by"], _("order_by hoort bij keep: first of keep: last"))
    if block.order_by and (
        block.order_by not in block.columns or contract.column(block.order_by).logical_type not in ("date", "integer")
    ):
        words = _("{name} is geen datum of getal van dit blok; daarop is niet te ordenen", name=block.order_by)
        raise _fault(path, [*keys, "order_by"], words)
    for name in (column.name for column in contract.columns if column.required and column.name not in block.columns):
        if name in (*contract.primary_key, "case_id"):
            raise _fault(path, keys, _("kolom {name} ontbreekt; zonder haar is een regel niet te herkennen", name=name))
        if name not in written.get("cannot_map", {}):
            words = _("verplichte kolom {name} ontbreekt; vul haar of zet haar met reden onder cannot_map", name=name)
            raise _fault(path, keys, words)


def _check_targets(path: Path, here: list[Any], column: Column, entry: ColumnMap, mapping: Mapping) -> None:
    """What the mapping itself writes into a column must be readable there, or each row would be blamed for it."""
    dates = entry.dates or (mapping.dates if entry.sources else ())
    targets = [([*here, "codes", key], value) for key, value in (entry.codes or {}).items()]
    given = (("other", entry.other), ("empty", entry.empty), ("constant", entry.constant))
    targets += [([*here, word], value) for word, value in given]
    for keys, target in targets:
        if target in (None, ""):
            continue
        if column.code_list:
            codes = mapping.code_lists[column.code_list].codes
            if str(target) not in codes:
                words = _("{code} staat niet in codelijst {list}; bekend zijn {known}", code=target,
                          list=column.code_list, known=did_you_mean(str(target), codes))  # fmt: skip
                raise _fault(path, keys, words)
        elif not _readable(target, column, dates):
            form = FORM_WORDS[column.logical_type][0][language()]
            words = _("{value} is hier niet te lezen; {column} is {form}", value=target, column=column.name, form=form)
            raise _fault(path, keys, words)
        elif column.name == "contract_version" and str(target) not in CONTRACT_VERSIONS:
            words = _("contractversie {value} kent deze software niet; bekend zijn {known}", value=target,
                      known=", ".join(CONTRACT_VERSIONS))  # fmt: skip
            raise _fault(path, keys, words)


def _readable(value: Any, column: Column, dates: tuple[str, ...]) -> bool:
    import pandas as pd

    from data_contracts.reading.convert import Context, convert_column

    cells = pd.Series([value], dtype=object)
    return convert_column(cells, column, None, Context(date_formats=dates)).form.iloc[0] == ""


def _has_one_group(pattern: str) -> bool:
    try:
        return re.compile(pattern).groups == 1
    except re.error:
        return False


def matches(pattern: str, name: str) -> bool:
    """Tell whether a file name fits a pattern such as `snapshot_*.csv.gz`, in any case."""
    return fnmatch(name.lower(), pattern.lower())
