"""What happened to the cases between two deliveries: gone, reopened, moved, registered late, decided otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from data_contracts.comparison.rows import BY, UNIT, Match, Side, of_unit

LATE_BANDS = ((0, 30), (31, 90), (91, 365), (366, None))  # days between opening and the extraction that missed it
OUTCOMES = ("finding", "advised_penalty", "first_penalty", "decided_on")
BY_OBJECTION = ("final_penalty", "conditional", "probation_months")  # may change when an objection is decided
MEDIAN_FROM = 10

Differences = Mapping[str, Mapping[str, np.ndarray]]


@dataclass(frozen=True)
class CaseChanges:
    """How the cases fared.

    Parameters
    ----------
    counts : dict of int
        `due` earlier cases that should be in the later delivery; `vanished` of those, and
        `vanished_open`; `not_due` earlier cases that are not there and need not be; `new`
        opened after the earlier extraction; `late` registered too late for it; `widened`
        older, but outside what the earlier delivery was to hold; `closed_since`,
        `closed_late` (of those: closed on or before the earlier extraction), `reopened`,
        `closed_moved`, `opened_moved`; of allegations `outcome_changed`,
        `outcome_by_objection` and `decided` (that were decided in the earlier delivery).
    vanished : DataFrame
        `unit, year, open, cases`.
    late : DataFrame
        `days, cases`; days between opening (closed cohort: closing) and the earlier extraction.
    late_median, closed_shift, opened_shift : float
        Median days; NaN when it would rest on fewer than `MEDIAN_FROM` cases.
    """

    counts: dict[str, int]
    vanished: pd.DataFrame
    late: pd.DataFrame
    late_median: float
    closed_shift: float
    opened_shift: float


def known_cases(side: Side) -> pd.DataFrame:
    """Return the cases that have a number, one row each."""
    return side.frames["cases"].dropna(subset="case_id").drop_duplicates("case_id")


def due(cases: pd.DataFrame, records: pd.DataFrame, *, again: bool) -> pd.Series:
    """Tell which cases a delivery with these records should hold.

    Parameters
    ----------
    cases : DataFrame
        Rows of `cases` with the delivering unit.
    records : DataFrame
        By unit: extraction moment, period and cohort basis. A unit that is not there delivers nothing.
    again : bool
        True: the cases were known earlier. With only open cases due, one that is gone may
        have been closed since, so none can be claimed.
    """
    of = of_unit(cases, records)
    opened, closed, basis = cases["opened_on"], cases["closed_on"], of["cohort_basis"]
    not_after = ~(opened > of["period_end"]) & ~(opened > of["extracted_at"])
    due = not_after & ~(basis.eq("geopend") & (opened < of["period_start"]))
    ended = closed.between(of["period_start"], of["period_end"].combine(of["extracted_at"], min))
    still_open = not_after & ~(closed <= of["extracted_at"]) & (not again)
    due = due.mask(basis.eq("afgesloten"), ended).mask(basis.eq("openstaand"), still_open)
    return due & cases[BY].isin(records.index)


def comparable(earlier: Side, later: Side) -> tuple[Side, Side]:
    """Leave out what is on one side only because units, period or cohort differ, so that numbers may be compared."""
    before, after = known_cases(earlier), known_cases(later)
    again = due(before, later.records, again=True)
    older = ~after["case_id"].isin(before["case_id"]) & (_missed_by(after, earlier.records) >= 0)
    added = older & ~due(after, earlier.records, again=False)
    units = earlier.records.index.intersection(later.records.index)
    return _leaving_out(earlier, before.loc[~again, "case_id"], units), _leaving_out(
        later, after.loc[added, "case_id"], units
    )


def _leaving_out(side: Side, cases: pd.Series, units: pd.Index) -> Side:
    kept = {name: frame[BY].isin(units) for name, frame in side.frames.items()}
    kept = {name: rows & ~side.frames[name]["case_id"].isin(set(cases)) if "case_id" in side.frames[name] else rows
            for name, rows in kept.items()}  # fmt: skip
    return replace(side, frames={name: frame[kept[name]] for name, frame in side.frames.items()},
                   flags={name: flags[kept[name]] for name, flags in side.flags.items()})  # fmt: skip


def case_changes(earlier: Side, later: Side, found: Match, differ: Differences) -> CaseChanges:
    """Compare the cases of two deliveries.

    Parameters
    ----------
    earlier, later : Side
    found : Match
        Matched rows of `cases`.
    differ : mapping
        Of `cases`, as `comparison_rows.differences` gives it.
    """
    before, after = (known_cases(side) for side in (earlier, later))
    expected = due(before, later.records, again=True)
    gone = ~before["case_id"].isin(after["case_id"])
    lost = before[gone & expected]
    fresh = after[~after["case_id"].isin(before["case_id"])]
    missed = _missed_by(fresh, earlier.records)
    late = missed[due(fresh, earlier.records, again=False) & (missed >= 0)]
    old, new = earlier.frames["cases"].iloc[found.earlier], later.frames["cases"].iloc[found.later]
    was_open, is_open = (_is_open(part).to_numpy() for part in (old, new))
    then = of_unit(new, earlier.records["extracted_at"])
    none = {"changed": np.zeros(len(old), bool)}
    closed_moved, opened_moved = (differ.get(column, none)["changed"] for column in ("closed_on", "opened_on"))
    counts = {
        "due": int(expected.sum()),
        "vanished": len(lost),
        "vanished_open": int(_is_open(lost).sum()),
        "not_due": int((gone & ~expected).sum()),
        "new": int((missed < 0).sum()),
        "late": len(late),
        "widened": len(fresh) - int((missed < 0).sum()) - len(late),
        "closed_since": int((was_open & ~is_open).sum()),
        "closed_late": int((was_open & ~is_open & (new["closed_on"] <= then).to_numpy()).sum()),
        "reopened": int((~was_open & is_open).sum()),
        "closed_moved": int(closed_moved.sum()),
        "opened_moved": int(opened_moved.sum()),
    }
    return CaseChanges(
        counts=counts,
        vanished=_vanished(lost),
        late=pd.DataFrame(
            [[f"{low}–{high}" if high else f"> {low - 1}", int(late.between(low, high or np.inf).sum())]
             for low, high in LATE_BANDS], columns=["days", "cases"],
        ),
        late_median=_median(late),
        closed_shift=_shift(old, new, "closed_on", closed_moved),
        opened_shift=_shift(old, new, "opened_on", opened_moved),
    )  # fmt: skip


def _missed_by(cases: pd.DataFrame, records: pd.DataFrame) -> pd.Series:
    """Days by which the extraction came after what put a case in; negative: it could not have been in."""
    of = of_unit(cases, records)
    start = cases["opened_on"].mask(of["cohort_basis"].eq("afgesloten"), cases["closed_on"])
    return (of["extracted_at"] - start).dt.days


def _is_open(cases: pd.DataFrame) -> pd.Series:
    return cases["closed_on"].isna() & cases["status"].ne("afgesloten")


def _vanished(lost: pd.DataFrame) -> pd.DataFrame:
    table = pd.DataFrame({"unit": lost[UNIT].fillna(""), "year": lost["opened_on"].dt.year.astype("Int64"),
                          "open": _is_open(lost)})  # fmt: skip
    return table.value_counts(dropna=False).rename("cases").reset_index().sort_values(
        ["cases", "unit", "year"], ascending=[False, True, True], ignore_index=True)  # fmt: skip


def _shift(old: pd.DataFrame, new: pd.DataFrame, column: str, moved: np.ndarray) -> float:
    days = (new[column].to_numpy()[moved] - old[column].to_numpy()[moved]) / np.timedelta64(1, "D")
    return _median(pd.Series(np.abs(days)))


def _median(days: pd.Series) -> float:
    return float(days.median()) if len(days) >= MEDIAN_FROM else np.nan


def outcome_changes(old: pd.DataFrame, new: pd.DataFrame, differ: Differences) -> dict[str, int]:
    """Count matched allegations whose outcome changed after the decision that the earlier delivery gave.

    A final penalty that changes while the result of an objection comes in is to be
    expected and counted apart.
    """
    decided = old["decided_on"].notna().to_numpy()
    none = np.zeros(len(old), bool)

    def otherwise(column: str) -> np.ndarray:
        return differ[column]["changed"] | differ[column]["emptied"] if column in differ else none

    first = np.logical_or.reduce([otherwise(column) for column in OUTCOMES])
    final = np.logical_or.reduce([otherwise(column) for column in BY_OBJECTION])
    answered = differ["objection_result"]["filled"] | differ["objection_result"]["changed"] \
        if "objection_result" in differ else none  # fmt: skip
    return {
        "decided": int(decided.sum()),
        "outcome_changed": int((decided & (first | (final & ~answered))).sum()),
        "outcome_by_objection": int((decided & ~first & final & answered).sum()),
    }
