"""How a guess becomes an entry of a mapping: code maps, date notations, identifiers, each with its comment."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from data_contracts.code_lists import load_code_lists
from data_contracts.contract import Column
from data_contracts.language import _, language
from data_contracts.mapping.date_formats import read_without_declaring
from data_contracts.mapping.export_profile import Field, Sheet, personal_header, shown
from data_contracts.mapping.format import fill_in
from data_contracts.mapping.guesses import LIKELY, SURE, Guess, guess_code
from data_contracts.privacy.gate import kind_of, personal

OWN_LISTS = ("unit", "category")  # these differ from agency to agency; the others have a fixed meaning
OPEN_AT_MOST = 40
AGENCY, NOT_STATED = "DIENST", "ONB"
HOW = {
    SURE: {"nl": "zeker", "en": "sure"},
    LIKELY: {"nl": "waarschijnlijk", "en": "likely"},
    "unsure": {"nl": "onzeker", "en": "unsure"},
}


@dataclass(frozen=True)
class Entry:
    """What is written for one column; `notes` are whole lines of comment above it."""

    value: str | dict[str, object]
    comment: str = ""
    notes: tuple[str, ...] = ()
    code_comments: dict[str, str] = field(default_factory=dict)
    own_codes: dict[str, str] = field(default_factory=dict)  # code -> label, for a code list of the export's own


def guess_words(guess: Guess) -> str:
    """Say that something is a guess, how sure it is, and why."""
    why = {
        "header": _("door de kop"),
        "values": _("door de waarden"),
        "unique": _("elke regel heeft hier een eigen waarde"),
    }[guess.by]
    return _("GOK ({how}): {why}", how=HOW[guess.how][language()], why=why)


def column_entry(column: Column, guess: Guess, *, ours: bool) -> Entry | str:
    """Return the entry of a guessed column, or why it cannot be used.

    Parameters
    ----------
    column : Column
        What the contract says.
    guess : Guess
        Where it seems to stand.
    ours : bool
        For units: whether the units of the export are those of our list.
    """
    if column.code_list:
        return code_entry(column, guess, ours=ours)
    if column.logical_type == "date":
        return date_entry(guess.field, guess_words(guess))
    if column.name == "subject_id" and _any_personal(guess.field, column):
        return _(
            "ziet eruit als namen of nummers van personen; maak er eerst pseudoniemen van (toetssteen pseudonymise)"
        )
    comment = guess_words(guess)
    if column.personal and _any_personal(guess.field, column):
        comment += "; " + _("LET OP: hier staan misschien gegevens van personen")
    return Entry(identifier(guess.field) if column.personal else guess.field.header, comment)


def _any_personal(source: Field, column: Column) -> bool:
    return bool(personal(list(source.counts), kind_of(column)).any())


def identifier(source: Field) -> str | dict[str, object]:
    """Return the entry of an identifier; a decimal tail (`832.0`) is taken off, the same in every table."""
    if any(text.endswith(".0") for text in source.counts) and all(re.fullmatch(r"\d+(\.0)?", t) for t in source.counts):
        return {"column": source.header, "extract": r"^(\d+)(?:\.0)?$"}
    return source.header


def date_entry(source: Field, comment: str) -> Entry:
    """Return the entry of a date; a notation is declared only if it is the only one that fits."""
    written = source.notation
    if "%d-%m-%Y" in written.choices:  # read as day-month-year in every delivery, so it needs no choice here
        written = replace(written, formats=(*written.formats, "%d-%m-%Y"), choices=())
    if written.choices:
        notes: tuple[str, ...] = (
            _("KIES de notatie van {header}: alle datums passen bij elk van deze. Vul er één in en haal de rest weg:",
              header=source.header),
            *(f'  dates: ["{form}"]   ' + _in_words(form) for form in written.choices),
        )  # fmt: skip
        return Entry({"column": source.header, "dates": [*written.formats, fill_in()]}, comment, notes)
    notes = ()
    if any("%y" in form for form in written.formats):
        notes = (_("Jaar in twee cijfers: 69 tot en met 99 wordt 1969 tot en met 1999, de rest 2000 tot en met 2068."),)
    if written.other:
        more = _("{n} verschillende waarden van {header} passen niet bij de notatie; de controle meldt hun plaats.",
                 n=written.other, header=source.header)  # fmt: skip
        notes = (*notes, more)
    if all(read_without_declaring(form) for form in written.formats):
        return Entry(source.header, comment, notes)
    return Entry({"column": source.header, "dates": list(written.formats)}, comment, notes)


def _in_words(form: str) -> str:
    parts = {"%d": _("dag"), "%m": _("maand"), "%Y": _("jaar"), "%y": _("jaar in twee cijfers"), "%b": _("maandnaam")}
    parts["%B"] = parts["%b"]
    return "# " + " - ".join(parts[part] for part in re.findall("%[dmYybB]", form))


def code_entry(column: Column, guess: Guess, *, ours: bool) -> Entry | str:
    """Return the entry of a column of codes: known values mapped, others left open, the rest under `other`."""
    name, source = column.code_list or "", guess.field
    printable, counts = shown(source), source.counts
    own = name in OWN_LISTS and not ours
    if own:
        numbers = sum(re.fullmatch(r"\d+(\.0)?", text) is not None for text in counts)
        if printable is None and numbers > 0.8 * len(counts):
            return _("bestaat uit nummers; staat de code daarin, neem haar dan met extract en codes (§6)")
        if printable is None:
            return _("heeft {n} verschillende waarden, te veel of niet geschikt om hier op te schrijven", n=len(counts))
        return _own_entry(column, guess, printable)
    # a value that names a code is a word of ours, and may be written down whatever else the column holds
    known = (
        {} if personal_header(source.header) else {v: code for v in counts if (code := guess_code(v, name)) is not None}
    )
    open_values = [value for value in printable or {} if value not in known][:OPEN_AT_MOST]
    if guess.by == "values":  # a column that mostly says something else: the rest is no penalty or status
        open_values = []
    rest = len(counts) - len(known) - len(open_values)
    if not known and (column.required or guess.how != SURE):
        return _("geen waarde hiervan is een bekende code van de lijst {list}", list=name)
    # what decides a finding or a penalty is never emptied for the steward
    todo = fill_in() if column.required or name in ("finding", "penalty") else ""
    codes = {value: known.get(value, todo) for value in counts if value in known or value in open_values}
    comments = {value: _("KIES een code; {n} keer", n=counts[value]) for value in open_values}
    comments |= {value: _("GOK") for value in known if value.casefold() != known[value].casefold()}
    value: dict[str, object] = {"column": source.header}
    if codes:
        value["codes"] = codes
    notes: tuple[str, ...] = ()
    if rest:
        value["other"] = "onbekend" if "onbekend" in load_code_lists()[name].codes else todo
        cells = sum(counts.values()) - sum(counts[v] for v in codes)
        notes = (_("{n} andere waarden van {header} ({cells} cellen) staan hier niet: other zegt wat zij worden.",
                   n=rest, header=source.header, cells=cells),)  # fmt: skip
    if all(value == code for value, code in codes.items()) and not rest:
        return Entry(source.header, guess_words(guess), notes)
    return Entry(value, guess_words(guess), notes, comments)


def _own_entry(column: Column, guess: Guess, printable: dict[str, int]) -> Entry:
    """A code list of the export's own: every value found becomes a code."""
    source = guess.field
    labels: dict[str, str] = {}
    codes: dict[str, str] = {}
    for text in sorted(printable):
        code = code_of(text, upper=column.code_list == "unit")
        labels.setdefault(code, text)
        codes[text] = code
    value: dict[str, object] = {"column": source.header}
    value["codes"] = codes
    rest = len(source.counts) - len(printable)
    notes: tuple[str, ...] = ()
    if rest:
        value["other"] = NOT_STATED if column.required else ""
        notes = (_("{n} andere waarden van {header} staan hier niet: te zeldzaam, of misschien gegevens van personen.",
                   n=rest, header=source.header),)  # fmt: skip
    if column.required:
        value["empty"] = NOT_STATED
    if all(text == code for text, code in codes.items()):
        del value["codes"]
    short = source.header if set(value) == {"column"} else value
    return Entry(short, guess_words(guess), notes, {}, labels)


def code_of(text: str, *, upper: bool) -> str:
    """Return a code for a value: letters, digits and `_`.

    Examples
    --------
    >>> code_of("8th District", upper=True), code_of("Privé, overig", upper=False)
    ('8TH_DISTRICT', 'prive_overig')
    """
    bare = unicodedata.normalize("NFKD", text.replace("+", " plus ")).encode("ascii", "ignore").decode()
    code = "_".join(re.findall(r"[A-Za-z0-9]+", bare))[:40].strip("_") or "X"
    return code.upper() if upper else code.lower()


def key_entry(sheet: Sheet, case: Guess, guess: Guess | None) -> Entry:
    """Return the entry of a row's own number: a unique column, two columns together, or the row number."""
    if guess is None:
        return Entry({"row_number": True}, _("GOK: geen kolom met een eigen nummer gevonden, daarom het rijnummer"))
    if guess.field.unique:
        return Entry(identifier(guess.field), guess_words(guess))
    pairs = set(zip(case.field.texts, guess.field.texts, strict=True))
    if len(pairs) == sheet.rows and all(all(pair) for pair in pairs):
        value: dict[str, object] = {"columns": [case.field.header, guess.field.header], "join_with": "/"}
        return Entry(value, _("GOK: samen in elke regel anders"))
    return Entry({"row_number": True}, _("GOK: {header} is niet in elke regel anders, daarom het rijnummer",
                                         header=guess.field.header))  # fmt: skip


def differing(sheet: Sheet, case: Guess, sources: Sequence[Field]) -> dict[str, int]:
    """Return, per header, in how many cases its value is not the same in every row."""
    found = {}
    for source in sources:
        first: dict[str, str] = {}
        other = set()
        for number, text in zip(case.field.texts, source.texts, strict=True):
            if first.setdefault(number, text) != text:
                other.add(number)
        found[source.header] = len(other)
    return found
