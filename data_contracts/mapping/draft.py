"""A first mapping, drafted from an export: what could be recognised, what is a guess, what is left to fill in.

The text is a mapping that `load_mapping` reads. What nobody can know from the file
(which cases are in it, when it was extracted) is left open with the word `VUL_IN`, which
the check names line by line. Values of cells are written only as `export_profile.shown`
allows.
"""

import re
from collections import Counter
from datetime import datetime
from pathlib import Path

from data_contracts.contract import CONTRACT_VERSIONS, TABLES
from data_contracts.errors import UnreadableInput, WrongUse
from data_contracts.language import _, language
from data_contracts.mapping.date_formats import fitting
from data_contracts.mapping.draft_sources import DraftSource, draft_sources
from data_contracts.mapping.draft_tables import NOT_FOUND, step_blocks, table_block
from data_contracts.mapping.draft_text import comment, flow, lines, quoted
from data_contracts.mapping.entries import AGENCY, NOT_STATED, code_of
from data_contracts.mapping.export_profile import Field, personal_header
from data_contracts.mapping.format import fill_in
from data_contracts.mapping.guesses import TableGuess, columns_in, guess_code, tables_in
from data_contracts.reading.files import TEXTS, WORKBOOKS, read_file
from data_contracts.writing import whole_file

KINDS = {
    "date": {"nl": "datum", "en": "date"},
    "number": {"nl": "getal", "en": "number"},
    "truth": {"nl": "ja/nee", "en": "yes/no"},
    "text": {"nl": "tekst", "en": "text"},
    "empty": {"nl": "leeg", "en": "empty"},
}
Guesses = dict[str, TableGuess]


def _both(nl: str, en: str) -> dict[str, str]:
    return {"nl": nl, "en": en}


AGENCY_CODES = {
    AGENCY: _both("naam van uw dienst", "name of your agency"),
    NOT_STATED: _both("eenheid niet vermeld", "unit not stated"),
}


def write_draft(path: Path, out: Path) -> None:
    """Draft a mapping from an export and write it to a new file.

    Raises
    ------
    WrongUse
        If `out` exists: it may hold work of the steward.
    """
    if out.exists():
        raise WrongUse(
            _("{file} bestaat al en wordt niet overschreven. Kies een andere naam met --out.", file=out.name)
        )
    text = draft_mapping(path)
    with whole_file(out) as work:
        work.write_text(text, encoding="utf-8")


def draft_mapping(path: Path) -> str:
    """Return a draft of a mapping from an export: a workbook, a csv file, or a folder of them.

    Parameters
    ----------
    path : Path
        The export. Nothing of it is changed.

    Returns
    -------
    str
        YAML with comments in the language of messages.

    Raises
    ------
    UnreadableInput
        If it cannot be read, or no row of it is recognised as a header row.
    """
    raw = [sheet for file in _files(path) for sheet in read_file(file)[1]]
    sources = draft_sources(raw)
    if not sources:
        raise UnreadableInput(
            _(
                "{file}: geen rij herkend als rij met kolomkoppen. Zet boven elke kolom een kop die zegt wat er in "
                "staat (zoals zaaknummer, eenheid, ontvangen op) en probeer het opnieuw.",
                file=path.name,
            )
        )
    guesses = {guess.table: guess for guess in tables_in([source.profile for source in sources])}
    name = {source.profile.key: source.name for source in sources}
    ours = _units_are_ours(guesses)
    written = {
        table: table_block(guess, name[guess.sheet.key], ours=ours)
        for table, guess in guesses.items()
        if table != "steps"
    }
    steps = step_blocks(guesses, name) if "steps" not in guesses else []
    if "steps" in guesses:
        steps = [table_block(guesses["steps"], name[guesses["steps"].sheet.key], ours=ours)]
    own: dict[str, dict[str, dict[str, str]]] = {} if ours else {"unit": {}}
    for block in written.values():
        for listed, codes in block.own_codes.items():
            own[listed] = {**own.get(listed, {}), **{code: _both(label, label) for code, label in codes.items()}}
    if not ours:
        own["unit"] |= AGENCY_CODES
    used = {letter for block in [*written.values(), *steps] for letter in block.used}
    parts = [
        _top(path, guesses),
        _source_lines(sources, guesses, name),
        _missing(sources, used),
        _code_lists(own),
        ["tables:", *_delivery(sources, guesses, name, ours=ours)],
        *([*written[table].lines] for table in TABLES if table in written),
        ["  steps:", *(line for block in steps for line in block.lines)] if steps else [],
        _absent([*written, *(["steps"] if steps else [])]),
        _unused(sources, used, [s.name for s in raw if all(s.name not in source.sheets for source in sources)]),
    ]
    return "\n".join(line for part in parts for line in ([*part, ""] if part else [])).rstrip() + "\n"


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    known = TEXTS + WORKBOOKS
    found = sorted(f for f in path.iterdir() if f.name.lower().endswith(known) and not f.name.startswith(("~$", ".")))
    if not found:
        raise UnreadableInput(_("Map {folder} bevat geen werkmappen of csv-bestanden.", folder=path.name))
    return found


def _units_are_ours(guesses: Guesses) -> bool:
    """Tell whether at least half of the units in the export are units of our list."""
    if "unit" not in guesses["cases"].columns:
        return False
    counts = guesses["cases"].columns["unit"].field.counts
    return 2 * sum(guess_code(value, "unit") is not None for value in counts) >= len(counts) > 0


def _top(path: Path, guesses: Guesses) -> list[str]:
    name = code_of(re.sub(r"(\.\w+)+$", "", path.name), upper=False)
    return [
        "# " + _("Concept van een mapping, gemaakt uit {file}.", file=comment(path.name)),
        "# " + _("Dit is een begin, geen uitkomst. Loop elke regel na:"),
        "# " + _("  GOK     zo lijkt het; klopt het niet, verander de regel. Zeker, waarschijnlijk of onzeker."),
        "# "
        + _(
            "  {word}  dit staat niet in de export; zonder antwoord weigert de controle, met het regelnummer.",
            word=fill_in(),
        ),
        "# " + _("  KIES    meer antwoorden passen; de export beslist niet, u wel."),
        "# " + _("Alle woorden staan in data_contracts/README.md, §5. Waarden van personen staan hier niet in."),
        "mapping: 1",
        f"name: {name}",
        f"title: {flow(_both('Interne onderzoeken', 'Internal investigations'))} # " + _("de titel boven het boek"),
    ]


def _source_lines(sources: list[DraftSource], guesses: Guesses, names: dict[tuple[str, str], str]) -> list[str]:
    joins = {guess.sheet.key: guess for guess in guesses.values() if guess.other is not None}
    read = {guess.sheet.key for guess in guesses.values()} | {g.other.key for g in joins.values() if g.other}
    found = ["sources:"]
    for source in sources:
        if source.profile.key not in read:
            continue
        spec = dict(source.spec)
        note = _("{n} regels", n=source.profile.rows)
        if source.profile.key in joins:
            guess = joins[source.profile.key]
            other = next(s for s in sources if guess.other and s.profile.key == guess.other.key)
            left = guess.columns["case_id"].field.header
            right = columns_in(other.profile, guess.table)["case_id"].field.header
            spec["join"] = {
                "source": names[other.profile.key],
                "on": {left: right},
                "columns": [guess.columns[name].field.header for name in guess.joined],
            }
            note += "; " + _("GOK (waarschijnlijk): de andere bron heeft één regel per zaak")
        if "take" in spec:
            note += "; " + _("GOK: take last is de nieuwste editie, take all is alles onder elkaar")
        found += lines(source.name, spec, indent=2, note=note)
    return found


def _missing(sources: list[DraftSource], used: set[tuple[str, str, str]]) -> list[str]:
    found = dict.fromkeys(
        word
        for source in sources
        for field in source.profile.fields
        if (*source.profile.key, field.letter) in used
        for word in field.missing
    )
    return [f"missing: {flow(list(found))} # " + _("GOK: woorden die leeg betekenen")] if found else []


def _code_lists(own: dict[str, dict[str, dict[str, str]]]) -> list[str]:
    said = _("GOK: eigen lijsten van deze export, in plaats van de onze; schrijf achter elke code wat zij betekent")
    found = [f"code_lists: # {said}"] if own else []
    for name, codes in own.items():
        found += [f"  {name}:", "    codes:"]
        found += [f"      {quoted(code)}: {flow(label)}" for code, label in codes.items()]
    return found


def _delivery(
    sources: list[DraftSource], guesses: Guesses, names: dict[tuple[str, str], str], *, ours: bool
) -> list[str]:
    cases = guesses["cases"]
    source = next(source for source in sources if source.profile.key == cases.sheet.key)
    moment, why = _extracted_at(source)
    found = ["  delivery:", f"    source: {names[cases.sheet.key]}", "    columns:"]
    units = {guess_code(value, "unit") for value in cases.columns["unit"].field.counts} - {None} if ours else set()
    unit = fill_in() if ours and len(units) != 1 else units.pop() if ours else AGENCY
    opened = cases.columns.get("opened_on") or cases.columns.get("closed_on")
    year = _first_year(opened.field) if opened else None
    closed = cases.columns.get("closed_on")
    open_cases = 0 if closed is None else sum(not text for text in closed.field.texts)
    basis = _("VUL IN: geopend, alle, afgesloten of openstaand; zie §6.") + " "
    if closed is not None:
        basis += _("Regels zonder einddatum: {n} van {rows}.", n=open_cases, rows=cases.sheet.rows)
    wide = "case_id" in cases.columns and not cases.columns["case_id"].field.unique
    counting = "gedraging" if wide and "allegations" in guesses else "betrokkene" if wide else "onderzoek"
    entries: list[tuple[str, object, str]] = [
        ("unit", {"constant": unit}, _("de code van de dienst die levert")),
        ("extracted_at", moment, why),
        ("period_start", {"constant": f"{year}-01-01" if year else fill_in()},
         _("GOK: 1 januari van het eerste jaar in de export") if year
         else _("VUL IN: jjjj-mm-dd, waarover gaat de export?")),
        ("period_end", "*moment", _("GOK: hetzelfde als het uittrekmoment")),
        ("cohort_basis", {"constant": fill_in()}, basis),
        ("contract_version", {"constant": CONTRACT_VERSIONS[-1]}, ""),
        ("counting_unit", {"constant": counting}, _("GOK: wat één regel van de export is")),
    ]  # fmt: skip
    for name, value, note in entries:
        found += lines(name, value, indent=6, note=note)
    # one day, filled in once: the second place repeats the first
    return [
        line.replace("extracted_at: ", "extracted_at: &moment ", 1).replace('"*moment"', "*moment") for line in found
    ]


def _extracted_at(source: DraftSource) -> tuple[dict[str, object], str]:
    """The day of the export, if its file name or the rows above the headers say it without doubt."""
    single = len(source.files) == 1 or source.spec.get("take") == "last"
    if single and re.search(r"\d{4}-\d{2}-\d{2}", source.files[-1]):
        return {"from_file_name": r"(\d{4}-\d{2}-\d{2})"}, _("GOK: de datum in de bestandsnaam")
    if single and (day := re.search(r"(?<!\d)\d{8}(?!\d)", source.files[-1])) and fitting([day[0]]) == ("%Y%m%d",):
        return {"from_file_name": r"(?<!\d)(\d{8})(?!\d)", "dates": ["%Y%m%d"]}, _("GOK: de datum in de bestandsnaam")
    days = {match for text in source.profile.above for match in re.findall(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}", text)}
    if len(days) == 1 and len(forms := fitting(days)) == 1:
        written = datetime.strptime(days.pop(), forms[0]).date().isoformat()
        return {"constant": written}, _("GOK: de datum boven de koppen")
    return {"constant": fill_in()}, _("VUL IN: jjjj-mm-dd, de dag waarop de export gemaakt is")


def _first_year(source: Field) -> int | None:
    """The first year that holds at least one date in a hundred: a lone 1900 is a filler."""
    counts = Counter(source.years)
    likely = [year for year, n in counts.items() if n * 100 >= len(source.years)]
    return min(likely, default=None)


def _absent(written: list[str]) -> list[str]:
    lacking = [table for table in TABLES if table not in (*written, "delivery")]
    return ["absent:", *(f"  {table}: {flow(NOT_FOUND)}" for table in lacking)] if lacking else []


def _unused(sources: list[DraftSource], used: set[tuple[str, str, str]], unread: list[str]) -> list[str]:
    """What the draft does not read: by header, form and variety, never by value."""
    found = []
    for source in sources:
        fields = [field for field in source.profile.fields if (*source.profile.key, field.letter) not in used]
        if fields:
            found.append("# " + _("Niet gebruikte kolommen van {source}:", source=source.name))
        for field in fields:
            about = _("{kind}, {share} % gevuld, {n} verschillende waarden", kind=KINDS[field.kind][language()],
                      share=round(100 * field.filled), n=len(field.counts))  # fmt: skip
            person = "; " + _("lijkt persoonlijk of vrije tekst") if personal_header(field.header) else ""
            found.append(f"#   {field.letter} {comment(field.header)}: {about}{person}")
        if source.profile.twice:
            twice = ", ".join(comment(header) for header in source.profile.twice)
            found.append("#   " + _("staat er twee keer en is daarom niet gebruikt: {headers}", headers=twice))
    if unread:
        names = ", ".join(comment(name) for name in unread)
        found.append("# " + _("Bladen zonder herkende kopregel: {names}", names=names))
    return found
