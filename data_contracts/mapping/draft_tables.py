"""The blocks of a draft: one canonical table each, or one step each of a wide register."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from data_contracts.contract import Contract, load_contracts
from data_contracts.language import _
from data_contracts.mapping.draft_text import comment, flow, lines
from data_contracts.mapping.entries import (
    AGENCY,
    Entry,
    column_entry,
    date_entry,
    differing,
    guess_words,
    identifier,
    key_entry,
)  # fmt: skip
from data_contracts.mapping.export_profile import tokens
from data_contracts.mapping.format import fill_in
from data_contracts.mapping.guesses import Guess, TableGuess, guess_code, step_columns

NOT_FOUND = {"nl": "niet in deze export gevonden", "en": "not found in this export"}
OWN_KEYS = {"signals": "signal_id", "allegations": "allegation_id", "order_measures": "order_measure_id"}
KEPT_THOUGH_DIFFERENT = ("unit", "kind", "opened_on", "closed_on")  # a case without these is no case
ONE_ROW_PER = {
    "cases": ["case_id"],
    "subjects": ["case_id", "subject_id"],
    "suspensions": ["case_id", "start_on"],
    "order_measures": ["case_id", "start_on"],
    "staffing": ["unit", "year"],
}


@dataclass(frozen=True)
class Written:
    """The lines of a block; `used`: columns of the export that it reads (file, sheet, letter)."""

    lines: tuple[str, ...]
    own_codes: dict[str, dict[str, str]] = field(default_factory=dict)
    used: frozenset[tuple[str, str, str]] = frozenset()


def table_block(guess: TableGuess, source: str, *, ours: bool) -> Written:
    """Return the block of one table."""
    contract = load_contracts()[guess.table]
    entries, refused = _entries(contract, guess, ours=ours)
    wide = "case_id" in guess.columns and not guess.columns["case_id"].field.unique
    found = [f"  {guess.table}:"] if guess.table != "steps" else []
    pad = 4
    if guess.table == "steps":
        found.append(f"    - source: {source}")
        pad = 6
    else:
        found.append(f"    source: {source}")
    if wide and guess.table in ONE_ROW_PER:
        kept = [name for name in ONE_ROW_PER[guess.table] if name in entries]
        why = _("de export heeft meer regels per zaak")
        found.append(f"{' ' * pad}one_row_per: {flow(kept)} # {why}")
    if guess.table == "cases" and wide:
        found += _differences(guess, entries, refused)
    if guess.table in ("suspensions", "order_measures"):
        found.append(f"{' ' * pad}skip_if_empty: [start_on]")
    found.append(f"{' ' * pad}columns:")
    for name, entry in entries.items():
        found += lines(
            name, entry.value, indent=pad + 2, note=entry.comment, above=entry.notes, beside=entry.code_comments
        )
    for name, why in refused.items():
        header = comment(guess.columns[name].field.header)
        found.append(f"{' ' * (pad + 2)}# {name}: {header} {why}")
    if guess.table == "cases" and "exit_kind" not in entries:
        found.append(f"{' ' * (pad + 2)}# exit_kind: " + _("hoe eindigde een zaak? zie data_contracts/README.md, §6"))
    lacking = {
        column.name: NOT_FOUND
        for column in contract.columns
        if column.required and column.name not in entries and column.name not in contract.primary_key
    }
    if lacking:
        found.append(
            f"{' ' * pad}cannot_map: # " + _("verplicht, maar niet gevonden; staat zij er wel, noem haar bij columns")
        )
        found += [line for name, why in lacking.items() for line in lines(name, why, indent=pad + 2)]
    not_found = [
        c.name for c in contract.columns if c.name not in entries and c.name not in lacking and c.name not in refused
    ]
    if not_found:
        found.append(f"{' ' * pad}# " + _("niet gevonden, niet verplicht: {names}", names=", ".join(not_found)))
    lists = {
        contract.column(name).code_list or "": entry.own_codes for name, entry in entries.items() if entry.own_codes
    }
    used = _used(guess, entries)
    return Written(tuple(found), lists, used)


def _used(guess: TableGuess, entries: Mapping[str, Entry]) -> frozenset[tuple[str, str, str]]:
    used = set()
    for name in entries:
        if name in guess.columns:
            sheet = guess.other if guess.other and name in guess.joined else guess.sheet
            used.add((*sheet.key, guess.columns[name].field.letter))
    return frozenset(used)


def _entries(contract: Contract, guess: TableGuess, *, ours: bool) -> tuple[dict[str, Entry], dict[str, str]]:
    """The entries of a table in the order of the contract, and why some guessed columns are left out."""
    entries: dict[str, Entry] = {}
    refused: dict[str, str] = {}
    own_key = OWN_KEYS.get(contract.name)
    for column in contract.columns:
        found = guess.columns.get(column.name)
        if column.name == own_key and "case_id" in guess.columns:
            entries[column.name] = key_entry(guess.sheet, guess.columns["case_id"], found)
        elif column.name == "case_id" and found is None and contract.name == "cases":
            entries["case_id"] = key_entry(guess.sheet, Guess(guess.sheet.fields[0], "unsure", "unique"), None)
        elif found is not None:
            entry = column_entry(column, found, ours=ours)
            if isinstance(entry, Entry):
                entries[column.name] = entry
            else:
                refused[column.name] = entry
    if contract.name == "cases":
        entries |= {name: entry for name, entry in _cases_constants(guess, ours=ours).items() if name not in entries}
    if contract.name == "suspensions" and "reason" not in entries:
        entries["reason"] = Entry({"constant": fill_in()}, _("VUL IN: waarom de klok stilstond"))
    if contract.name == "order_measures" and "kind" not in entries:
        entries["kind"] = Entry({"constant": fill_in()}, _("VUL IN: welke ordemaatregel"))
    order = [column.name for column in contract.columns]
    return {name: entries[name] for name in order if name in entries}, refused


def _cases_constants(guess: TableGuess, *, ours: bool) -> dict[str, Entry]:
    """Unit and kind of a case where no column says them."""
    found = tokens(" ".join([guess.sheet.file, guess.sheet.name, *(f.header for f in guess.sheet.fields)]))
    kind = Entry({"constant": fill_in()}, _("VUL IN: disciplinair, klacht of orienterend"))
    for code, named in (
        ("klacht", {"klacht", "klachten", "complaint", "complaints"}),
        ("disciplinair", {"disciplinair"}),
    ):
        if found & named:
            kind = Entry({"constant": code}, _("GOK: een kop of naam noemt dit woord"))
            break
    unit = fill_in() if ours else AGENCY
    return {"unit": Entry({"constant": unit}, _("geen kolom met de eenheid herkend: alle zaken op één")), "kind": kind}


def _differences(guess: TableGuess, entries: dict[str, Entry], refused: dict[str, str]) -> list[str]:
    """Columns that are not the same in every row of a case: left out of `cases`, or kept and named."""
    here = {n: g.field for n, g in guess.columns.items() if n in entries and n != "case_id" and n not in guess.joined}
    counts = differing(guess.sheet, guess.columns["case_id"], list(here.values()))
    kept = []
    for name, source in here.items():
        few = counts[source.header] * 100 <= len(guess.columns["case_id"].field.counts)
        if counts[source.header] and not few and name not in KEPT_THOUGH_DIFFERENT:
            del entries[name]
            refused[name] = _(
                "verschilt binnen {n} zaken; zij hoort bij gedragingen of betrokkenen", n=counts[source.header]
            )
        elif counts[source.header]:
            kept.append(
                _("{header} verschilt binnen {n} zaken", header=comment(source.header), n=counts[source.header])
            )
    if not kept:
        return []
    return [
        "    # " + _("LET OP: {what}.", what="; ".join(kept)),
        "    # " + _("Zulke zaken worden gemeld en doen niet mee. Of kies welke regel geldt (wordt geteld):"),
        "    # keep: first    # " + _("de eerste regel van de zaak; last is de laatste"),
        "    # order_by: opened_on    # " + _("eerste of laatste naar deze datum; zonder: volgorde van het bestand"),
    ]  # fmt: skip


def step_blocks(guesses: Mapping[str, TableGuess], names: Mapping[tuple[str, str], str]) -> list[Written]:
    """Return a block for each date column of a wide register that is a step."""
    cases = guesses["cases"]
    if "case_id" not in cases.columns:
        return []
    sheet, case = cases.sheet, cases.columns["case_id"]
    subject = guesses["subjects"].columns["subject_id"] if "subjects" in guesses else None
    person = subject if subject and guesses["subjects"].sheet is sheet else None
    found = step_columns(sheet)
    varying = differing(sheet, case, [guess.field for guess in found.values()])
    blocks = []
    for step, guess in found.items():
        by_person = person is not None and varying[guess.field.header] > 0
        key = ["case_id", "subject_id", "step"] if by_person else ["case_id", "step"]
        date = date_entry(guess.field, "")
        words_there = {
            text: code
            for text in guess.field.state_words
            if (code := guess_code(text, "step_state"))
        }  # fmt: skip
        state: object = {"constant": "gedaan"}
        done: object = date.value
        if words_there:
            state = {"column": guess.field.header, "codes": words_there, "other": "gedaan"}
            done = {**(done if isinstance(done, dict) else {"column": done}), "codes": dict.fromkeys(words_there, "")}
        columns: dict[str, object] = {"case_id": identifier(case.field)}
        if by_person and person is not None:
            columns["subject_id"] = identifier(person.field)
        columns |= {"step": {"constant": step}, "state": state, "done_on": done}
        text = [
            f"    - source: {names[sheet.key]} # {guess_words(guess)}",
            f"      one_row_per: {flow(key)}",
            f"      skip_if_empty: [{'state' if words_there else 'done_on'}]",
            "      columns:",
        ]
        for name, value in columns.items():
            text += lines(name, value, indent=8, above=date.notes if name == "done_on" else ())
        used = {(*sheet.key, source.letter) for source in (guess.field, case.field)}
        blocks.append(Written(tuple(text), {}, frozenset(used)))
    return blocks
