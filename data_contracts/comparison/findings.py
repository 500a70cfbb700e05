"""What a comparison of two deliveries comes to: findings with their numbers, worst first.

Each says whether time alone explains it (new cases, closings) or somebody has to. The
words are in `comparison_texts`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from data_contracts.code_lists import load_code_lists
from data_contracts.comparison.movement import CODE_ROWS, RECODED_ROWS, RECODED_SHARE
from data_contracts.comparison.texts import SENTENCES, SHIFT
from data_contracts.contract import SEVERITIES, load_contracts
from data_contracts.language import language
from data_contracts.reporting.report import number, share

if TYPE_CHECKING:
    from data_contracts.comparison.compare import Changes

VANISHED_SHARE, VANISHED_CASES = 0.02, 5  # from here it is an error
LATE_SHARE, LATE_CASES = 0.05, 5  # from here a warning
LOST_SHARE, LOST_ROWS = 0.01, 10  # rows that went although their case stayed: from here a warning
EMPTIED_SHARE, EMPTIED_ROWS = 0.05, 10
REFERENCE_SHARE = 0.2  # of the numbers that recur: they now stand for something else
UNREADABLE_MORE, UNREADABLE_ROWS = 0.05, 10
NAMED = 6
MOVES_ON = {("cases", "status"), ("steps", "state")}  # a code that follows the work is not coded anew
EMPTIED_BY_REOPENING = {("cases", "closed_on"), ("cases", "exit_kind")}


@dataclass(frozen=True)
class Finding:
    """One sentence about two deliveries.

    Parameters
    ----------
    id : str
        Which of `comparison_texts.SENTENCES`.
    severity : {'error', 'warning', 'info'}
        An error: one of the two deliveries is very likely not what it should be.
    expected : bool
        True: what time brings (new cases, closings). False: needs an explanation.
    table : str
        '' when it is about the deliveries as a whole.
    count, of : int
        The numbers behind the sentence (0 when there are none).
    words : mapping
        What else the sentence names.
    """

    id: str
    severity: str
    expected: bool
    table: str
    count: int
    of: int
    words: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The sentence in the language of messages."""
        words = {"n": self.count, "of": self.of, "share": share(self.count, self.of)} | dict(self.words)
        said = {
            key: word[language()] if isinstance(word, dict) else number(word) if isinstance(word, int) else word
            for key, word in words.items()
        }
        return getattr(SENTENCES[self.id], language()).format(**said)


def findings(changes: "Changes") -> tuple[Finding, ...]:
    """Return what the changes come to: what needs an explanation first, worst first."""
    found = [*_moments(changes), *_scopes(changes), *_shape(changes), *_renewed(changes)]
    if not changes.cases_renewed:
        found += [*_cases(changes), *_rows(changes), *_columns(changes), *_codes(changes), *_moves(changes)]
    return tuple(sorted(found, key=lambda f: (f.expected, SEVERITIES.index(f.severity))))


def _found(
    name: str, table: str = "", count: int = 0, of: int = 0, *, words: Mapping[str, Any] | None = None,
    grave: bool = False, expected: bool = False,
) -> Finding:  # fmt: skip
    sentence = SENTENCES[name]
    severity = sentence.grave if grave else sentence.severity
    return Finding(name, severity, sentence.expected or expected, table, int(count), int(of), words or {})


def _names(names: list[str]) -> dict[str, str]:
    return {"names": ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")}


def _moments(changes: "Changes") -> Iterator[Finding]:
    """Say when these two deliveries cannot be what they are taken for."""
    if changes.same_files:
        yield _found("same_file", count=changes.same_files, of=len(changes.earlier))
    both = changes.records.dropna(subset=["earlier_extracted_at", "later_extracted_at"])
    swapped = both[both["later_extracted_at"] < both["earlier_extracted_at"]]
    same = both[both["later_extracted_at"] == both["earlier_extracted_at"]]
    if len(swapped):
        first = swapped.iloc[0]
        words = {"unit": first["unit"], "later": first["later_extracted_at"].date(),
                 "earlier": first["earlier_extracted_at"].date()}  # fmt: skip
        yield _found("moments_swapped", count=len(swapped), of=len(both), words=words)
    if len(same) and not changes.same_files:
        words = {"day": same.iloc[0]["later_extracted_at"].date()}
        yield _found("moments_same", count=len(same), of=len(both), words=words)


def _scopes(changes: "Changes") -> Iterator[Finding]:
    """What the two say they hold; that decides what can be compared at all."""
    records = changes.records
    for name, side in (("units_gone", "later"), ("units_came", "earlier")):
        if units := records.loc[records[f"{side}_extracted_at"].isna(), "unit"].tolist():
            yield _found(name, count=len(units), of=len(records), words=_names(units))
    both = records.dropna(subset=["earlier_extracted_at", "later_extracted_at"])
    columns = {"cohort_differs": "cohort_basis", "counting_unit_differs": "counting_unit",
               "period_differs": "period_start", "version_differs": "contract_version"}  # fmt: skip
    pairs = {name: (both[f"earlier_{column}"], both[f"later_{column}"]) for name, column in columns.items()}
    differ = {name: was.ne(now) & was.notna() & now.notna() for name, (was, now) in pairs.items()}
    differ["period_ends_earlier"] = both["later_period_end"] < both["earlier_period_end"]
    for name, units in differ.items():
        if units.any():
            yield _found(name, count=int(units.sum()), of=len(both), words=_names(both.loc[units, "unit"].tolist()))


def _shape(changes: "Changes") -> Iterator[Finding]:
    """Sheets and columns that came or went."""
    for row in changes.tables[changes.tables["status"].isin(["came", "went"])].to_dict("records"):
        yield _found(f"table_{row['status']}", row["table"], words={"sheet": row["sheet"]})
    for (table, sheet), columns in changes.columns.groupby(["table", "sheet"], sort=False):
        for status in ("went", "came"):
            if names := columns.loc[columns["status"] == status, "header"].tolist():
                yield _found(
                    f"column_{status}", table, len(names), len(columns), words={"sheet": sheet} | _names(names)
                )


def _renewed(changes: "Changes") -> Iterator[Finding]:
    """Numbers that do not recur, so that rows cannot be known again."""
    tables = changes.tables.set_index("table")
    if changes.cases_renewed:
        yield _found(
            "cases_respelled" if changes.respelled else "cases_renewed", "cases", 0, tables.at["cases", "earlier"]
        )
        return
    if changes.pseudonyms_renewed:
        yield _found("pseudonyms_renewed", "subjects", 0, tables.at["subjects", "earlier"])
    for name, row in tables[tables["status"] == "renewed"].iterrows():
        yield _found("numbers_renewed", str(name), 0, row["earlier"], words={"sheet": row["sheet"]})


def _cases(changes: "Changes") -> Iterator[Finding]:
    cases, counts, table = changes.cases, changes.cases.counts, "cases"
    matched = int(changes.tables.set_index("table").loc["cases", ["unchanged", "changed"]].sum())
    comparable = not any(f.id == "counting_unit_differs" for f in _scopes(changes))
    if (n := counts["vanished"]) and comparable:
        top = [f"{row['unit']} {row['year']}: {row['cases']}" for row in _by_unit_and_year(cases.vanished)]
        words = {"open": counts["vanished_open"], "closed": n - counts["vanished_open"], "top": "; ".join(top[:3])}
        grave = n >= VANISHED_CASES and n >= VANISHED_SHARE * counts["due"]
        yield _found("vanished", table, n, counts["due"], words=words, grave=grave)
    for column, shift in (("opened", cases.opened_shift), ("closed", cases.closed_shift)):
        if n := counts[f"{column}_moved"]:
            typical = (
                "" if pd.isna(shift) else {tongue: text.format(days=round(shift)) for tongue, text in SHIFT.items()}
            )
            header = load_contracts()["cases"].column(f"{column}_on").header
            yield _found(f"{column}_moved", table, n, matched, words={"header": header, "shift": typical})
    if n := counts["late"]:
        bands = "; ".join(f"{row['days']}: {row['cases']}" for row in cases.late.to_dict("records") if row["cases"])
        grave = n >= LATE_CASES and n >= LATE_SHARE * matched
        yield _found("late", table, n, matched, words={"bands": bands}, grave=grave)
    of = {"reopened": matched, "closed_since": matched, "closed_late": counts["closed_since"]}
    for name in ("reopened", "closed_late", "new", "closed_since", "widened", "not_due"):
        if counts[name]:
            yield _found(name, table, counts[name], of.get(name, 0))
    for name in ("outcome_changed", "outcome_by_objection"):
        if counts.get(name):
            yield _found(name, "allegations", counts[name], counts["decided"])


def _by_unit_and_year(vanished: pd.DataFrame) -> list[dict[str, Any]]:
    groups = vanished.groupby(["unit", "year"], dropna=False)["cases"].sum().sort_values(ascending=False, kind="stable")
    return groups.reset_index().to_dict("records")


def _rows(changes: "Changes") -> Iterator[Finding]:
    """Rows that cannot be compared, that went though their case stayed, and groups that halved."""
    tables = changes.tables[changes.tables["status"] == "compared"]
    for row in tables.to_dict("records"):
        unclear = row["unclear_earlier"] + row["unclear_later"]
        if unclear:
            words = {"sheet": row["sheet"], "earlier": row["unclear_earlier"], "later": row["unclear_later"]}
            yield _found("keys_unclear", row["table"], unclear, row["earlier"] + row["later"], words=words)
        if n := row["lost"]:
            grave = n >= LOST_ROWS and n >= LOST_SHARE * row["earlier"]
            yield _found("rows_lost", row["table"], n, row["earlier"], words={"sheet": row["sheet"]}, grave=grave)
    if not (tables[["changed", "added", "removed"]].to_numpy().any() or changes.same_files):
        yield _found("nothing_changed")
    halved = changes.numbers[changes.numbers["halved"]]
    of_cases = halved.loc[halved["table"] == "cases", "group"]
    for row in halved[(halved["table"] == "cases") | ~halved["group"].isin(of_cases)].to_dict("records"):
        words = {word: row[word] for word in ("sheet", "group", "earlier", "later")}
        yield _found(f"halved_{row['by']}", row["table"], row["earlier"] - row["later"], row["earlier"], words=words)


def _columns(changes: "Changes") -> Iterator[Finding]:
    """Columns that lost their values, became unreadable, or now point elsewhere."""
    contracts = load_contracts()
    for row in changes.columns[changes.columns["status"] == "compared"].to_dict("records"):
        at, of, words = (row["table"], row["column"]), row["matched"], {word: row[word] for word in ("sheet", "header")}
        n = row["emptied"]
        if n >= EMPTIED_ROWS and n >= EMPTIED_SHARE * of and at not in EMPTIED_BY_REOPENING:
            yield _found("emptied", row["table"], n, of, words=words)
        n = row["changed"]
        if contracts[row["table"]].column(row["column"]).refers_to and n >= RECODED_ROWS and n >= REFERENCE_SHARE * of:
            yield _found("reference_changed", row["table"], n, of, words=words)
    for row in changes.values.to_dict("records"):
        before, now = (row[f"{side}_unreadable"] / max(1, row[side]) for side in ("earlier", "later"))
        if row["later_unreadable"] >= UNREADABLE_ROWS and now - before >= UNREADABLE_MORE:
            words = {
                "sheet": row["sheet"],
                "header": row["header"],
                "was": row["earlier_unreadable"],
                "were": row["earlier"],
            }
            yield _found("unreadable", row["table"], row["later_unreadable"], row["later"], words=words)


def _codes(changes: "Changes") -> Iterator[Finding]:
    """Codes that stand otherwise in the same rows, and codes that came or went."""
    for (table, column), pairs in changes.recoded.groupby(["table", "column"], sort=False):
        n, first = int(pairs["rows"].sum()), pairs.iloc[0]
        if n >= RECODED_ROWS and n >= RECODED_SHARE * first["compared"] and (table, column) not in MOVES_ON:
            words = {word: first[word] for word in ("sheet", "header", "was", "now", "rows")}
            yield _found("recoded", table, n, first["compared"], words=words)
    moment = changes.records["earlier_extracted_at"].min()
    for row in changes.codes.to_dict("records"):
        words = {word: row[word] for word in ("sheet", "header", "code")}
        if row["earlier"] >= CODE_ROWS and row["later"] == 0:
            yield _found("code_gone", row["table"], row["earlier"], row["earlier"], words=words)
        if row["later"] >= CODE_ROWS and row["earlier"] == 0:
            young = _in_force_from(row) > moment  # had to be new
            yield _found("code_came", row["table"], row["later"], row["later"], words=words, expected=young)


def _in_force_from(row: Mapping[str, Any]) -> pd.Timestamp:
    name = load_contracts()[row["table"]].column(row["column"]).code_list
    entry = load_code_lists()[name].codes.get(row["code"]) if name else None
    return pd.Timestamp(entry.valid_from) if entry and entry.valid_from else pd.Timestamp.min


def _moves(changes: "Changes") -> Iterator[Finding]:
    """Distributions that moved between the newest rows of then and of now."""
    for row in changes.moves[changes.moves["moved"]].to_dict("records"):
        words = {"sheet": row["sheet"], "header": row["header"], "points": round(100 * row["distance"])}
        yield _found(f"{row['what']}_moved", row["table"], row["new"], row["reference"], words=words)
