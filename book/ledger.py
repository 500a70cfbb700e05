"""The publication as the book and the letter read it: the ledger and what stands beside it.

Nothing here reads case files: a number that is not in the ledger cannot be printed.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from babel.dates import format_date

from data_contracts.code_lists import load_code_lists
from data_contracts.errors import UnreadableInput, WrongUse
from data_contracts.language import _
from evaluation.duration.change_scores import MOMENT
from evaluation.duration.moments import load_moments
from evaluation.publication.ledger import COLUMNS, read_ledger, written
from evaluation.refusals import REASONS

LANGUAGES = ("nl", "en")

_HIDDEN = {
    "nl": "niet gepubliceerd, zodat niemand herkenbaar is",
    "en": "not published, so that nobody can be recognised",
}
_TO = {"nl": "{low} tot {high}", "en": "{low} to {high}"}


@dataclass(frozen=True)
class Publication:
    """One publication folder, read whole.

    Parameters
    ----------
    folder : Path
        Where it stands.
    ledger : DataFrame
        The ledger, indexed by id, as text columns plus numbers (`estimate`, `low`,
        `high`, `level`, `n`, `events`, `numerator`, `denominator`).
    cards : tuple of dict
        Estimand cards, in the order of the file.
    labels : dict
        Code list -> code -> language -> label.
    refusals : tuple of dict
        Measures that the delivery cannot give, and why.
    manifest : dict
        Title, agency, dates, sources and versions.
    """

    folder: Path
    ledger: pd.DataFrame
    cards: tuple[dict[str, Any], ...]
    labels: dict[str, dict[str, dict[str, str]]]
    refusals: tuple[dict[str, Any], ...]
    manifest: dict[str, Any]

    def row(self, score_id: str) -> pd.Series:
        """Return the ledger row of `score_id`; raise `WrongUse` when there is none."""
        if score_id not in self.ledger.index:
            raise WrongUse(_("Het grootboek kent geen getal {id}.", id=score_id))
        return self.ledger.loc[score_id]

    def known(self, score_id: str) -> bool:
        """Tell whether the ledger has a row `score_id`, published or not."""
        return score_id in self.ledger.index

    def published(self, score_id: str) -> bool:
        """Tell whether the ledger prints a number under `score_id`."""
        return self.known(score_id) and _is_published(self.ledger.loc[score_id])

    def estimate(self, score_id: str) -> float | None:
        """Return the published number, or None when it is unknown, hidden or refused."""
        return self.number(score_id, "estimate")

    def number(self, score_id: str, column: str) -> float | None:
        """Return one number of a published row (`low`, `n`, ...), or None when it has none."""
        if not self.published(score_id) or pd.isna(self.ledger.at[score_id, column]):
            return None
        return float(self.ledger.at[score_id, column])

    def text(self, score_id: str, *, language: str) -> str:
        """Return how the number is written, or the plain reason why it is not."""
        row = self.row(score_id)
        return str(row[f"text_{language}"]) if _is_published(row) else why_absent(row, language=language)

    def interval(self, score_id: str, *, language: str) -> str:
        """Return the interval in words, e.g. `151 tot 180 dagen`, or the reason without one."""
        row = self.row(score_id)
        if not _is_published(row):
            return why_absent(row, language=language)
        if pd.isna(row["low"]) and pd.isna(row["high"]):
            return {"nl": "zonder interval", "en": "without interval"}[language]
        return _interval(row, language)

    def cell(self, score_id: str, *, language: str) -> str:
        """Return the text of a table cell: the ledger's own, or a dash for an unknown id."""
        return str(self.ledger.at[score_id, f"text_{language}"]) if self.known(score_id) else "–"

    def interval_cell(self, score_id: str, *, language: str) -> str:
        """Return the interval for a table cell, or a dash when there is none."""
        if not self.published(score_id) or pd.isna(self.ledger.at[score_id, "low"]):
            return "–"
        return _interval(self.ledger.loc[score_id], language)

    def count_cell(self, score_id: str, column: str, *, language: str) -> str:
        """Return a count for a table cell, or a dash when it is not shown."""
        count = self.number(score_id, column)
        return "–" if count is None else count_text(count, language=language)

    def count(self, score_id: str, column: str, *, language: str) -> str:
        """Return a count behind the number (`n`, `events`, `numerator`, `denominator`)."""
        row = self.row(score_id)
        if not _is_published(row) or pd.isna(row[column]):
            return why_absent(row, language=language)
        return count_text(float(row[column]), language=language)

    def label(self, code_list: str, code: str, *, language: str) -> str:
        """Return the label of a code; the code itself when the list does not have it."""
        for key, label in self.labels.get(code_list, {}).items():
            if key.lower() == code.lower():
                return label.get(language) or key
        return code.upper() if code_list == "unit" else code

    def codes(self, code_list: str) -> list[str]:
        """Return the codes of a list, lower case, in the order of the list."""
        return [code.lower() for code in self.labels.get(code_list, {})]

    def groups(self, measure: str, kind: str) -> Iterator[str]:
        """Yield the group keys `unit=...` of a measure, in the order of the code list.

        The order says nothing about the numbers: a list of units is never a ranking.
        """
        prefix = f"{measure}.{kind}="
        found = {score_id[len(prefix) :] for score_id in self.ledger.index if score_id.startswith(prefix)}
        listed = self.codes(kind)
        yield from (code for code in listed if code in found)
        yield from sorted(found - set(listed))

    def has_any(self, module: str) -> bool:
        """Tell whether a module has at least one published number."""
        rows = self.ledger[self.ledger.index.str.startswith(f"{module}.")]
        return bool(len(rows)) and bool(rows.apply(_is_published, axis=1).any())

    def national(self) -> bool:
        """Tell whether every unit is on the Dutch list of units.

        Only then does the book speak of Dutch law, letters and procedure.
        """
        units = {group[5:] for group in self.ledger["group"].unique() if group.startswith("unit=")}
        return bool(units) and units <= {code.lower() for code in load_code_lists()["unit"].codes}

    def breaks(self) -> tuple[int, ...]:
        """Return the years in which codes of the category list start, by the dated list.

        Empty when the categories of this publication are not on the list.
        """
        dated = load_code_lists()["category"].codes
        starts = {dated[code].valid_from for code in self.labels.get("category", {}) if code in dated}
        return tuple(sorted(start.year for start in starts if start is not None))

    def changed_on(self) -> date | None:
        """Return the day about which change is measured; None where no number of it is public."""
        measured = self.national() and self.any_published("duration.change_")
        return load_moments()[MOMENT].on if measured else None

    def any_published(self, start: str) -> bool:
        """Tell whether a number is published whose id begins with `start`."""
        return any(self.published(score_id) for score_id in self.ledger.index if score_id.startswith(start))


def read_publication(folder: Path | str) -> Publication:
    """Read a publication folder.

    Raises
    ------
    UnreadableInput
        When the folder, its ledger or one of its files is missing or damaged.
    """
    folder = Path(folder)
    try:
        ledger = read_ledger(folder)
    except (OSError, ValueError, KeyError) as fault:
        raise UnreadableInput(
            _("{folder} is geen publicatiemap: ledger.csv ontbreekt of is beschadigd.", folder=folder.name)
        ) from fault
    missing = [column for column in COLUMNS if column not in ledger.columns]
    if missing:
        raise UnreadableInput(_("ledger.csv mist de kolommen {columns}.", columns=", ".join(missing)))
    if ledger["id"].duplicated().any():
        raise UnreadableInput(_("ledger.csv heeft twee regels met hetzelfde id. Maak de publicatie opnieuw."))
    return Publication(
        folder=folder,
        ledger=ledger.set_index("id"),
        cards=tuple(_json(folder / "estimands.json")),
        labels=_json(folder / "labels.json"),
        refusals=tuple(_json(folder / "refusals.json")),
        manifest=_json(folder / "manifest.json"),
    )


def why_absent(row: pd.Series, *, language: str) -> str:
    """Return in plain words why a ledger row prints no number."""
    if str(row["decision"]).startswith("suppressed"):
        return _HIDDEN[language]
    prefix = {"nl": "geen getal", "en": "no number"}[language]
    reason = REASONS.get(str(row["refusal"]))
    return f"{prefix}: {reason[language]}" if reason else prefix


def count_text(value: float, *, language: str) -> str:
    """Write a count: `1.509` in Dutch, `1,509` in English."""
    return written(float(value), unit="count", count=None, language=language)


def _interval(row: pd.Series, language: str) -> str:
    count = row["denominator"] if not pd.isna(row["denominator"]) else row["n"]
    unknown = {"nl": "nog onbekend", "en": "not known yet"}[language]
    ends = [
        unknown
        if pd.isna(row[end])
        else written(
            float(row[end]),
            unit=str(row["unit"]),
            count=None if pd.isna(count) else float(count),
            language=language,
            statistic=str(row["statistic"]),
        )
        for end in ("low", "high")
    ]
    if row["unit"] in ("days", "working_days", "points") and unknown not in ends:
        ends[0] = ends[0].split(" ", 1)[0]  # the unit is said once: 151 tot 180 dagen
    return _TO[language].format(low=ends[0], high=ends[1])


def date_text(iso: str, *, language: str) -> str:
    """Write an ISO date in words: `5 november 2020`, `5 November 2020`."""
    return format_date(pd.Timestamp(iso).date(), format="d MMMM y", locale=language)


def period_text(iso: str, *, language: str) -> str:
    """Write an ISO interval in words: `1 januari 2016 tot en met 31 december 2025`."""
    start, _slash, end = iso.partition("/")
    words = {"nl": "{start} tot en met {end}", "en": "{start} to {end}"}[language]
    return words.format(start=date_text(start, language=language), end=date_text(end, language=language))


def manifest_text(publication: Publication, field: str, *, language: str) -> str:
    """Write a manifest field for a reader: a pair in the language, a date or period in words.

    A publication without an agency speaks of the organisation; `KeyError` for any other
    field that is not there.
    """
    fallback = {"agency": {"nl": "de onderzochte organisatie", "en": "the organisation concerned"}}
    value = publication.manifest.get(field) or fallback[field]
    if isinstance(value, dict):
        value = value[language]
    if field == "as_of":
        return date_text(str(value), language=language)
    return period_text(str(value), language=language) if field == "period" else str(value)


def _is_published(row: pd.Series) -> bool:
    return row["decision"] == "published" and not pd.isna(row["estimate"])


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise UnreadableInput(
            _("De publicatie mist {file}, of het bestand is beschadigd. Maak haar opnieuw.", file=path.name)
        ) from fault
