"""The accepted, typed case files: the one thing the evaluation reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pandas as pd

from data_contracts.errors import Refused, WrongUse
from data_contracts.language import _


@dataclass(frozen=True)
class Source:
    """One delivered file: its bare name and the SHA-256 of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True)
class CaseFiles:
    """Typed tables of one evaluation, accepted rows only.

    Each table is a data frame with the canonical columns of its contract (all of them,
    in contract order; a column that was not delivered is wholly missing), or None when
    the table was not delivered. Dates are `datetime64[s]` (NaT: missing), codes and
    identifiers `str` (NaN: missing), truth values `boolean`, counts `Int64`.

    Parameters
    ----------
    delivery : DataFrame
        One row a delivery.
    labels : mapping
        Code list -> code -> language -> label, e.g. `labels["unit"]["AMS"]["nl"]`.
    absent : mapping
        Table (`steps`) or column (`cases.opened_on`) that this delivery cannot give,
        with the reason in `nl` and `en`.
    sources : tuple of Source
        The delivered files.
    """

    delivery: pd.DataFrame
    cases: pd.DataFrame
    signals: pd.DataFrame | None = None
    subjects: pd.DataFrame | None = None
    allegations: pd.DataFrame | None = None
    steps: pd.DataFrame | None = None
    suspensions: pd.DataFrame | None = None
    order_measures: pd.DataFrame | None = None
    reviews: pd.DataFrame | None = None
    staffing: pd.DataFrame | None = None
    labels: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    absent: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()

    def has(self, needed: str) -> bool:
        """Tell whether a table (`steps`) or column (`cases.opened_on`) was delivered."""
        table, _dot, column = needed.partition(".")
        frame = getattr(self, table)
        if frame is None or table in self.absent or needed in self.absent:
            return False
        return not column or bool(frame[column].notna().any())

    @property
    def extracted_on(self) -> date:
        """The earliest extraction moment of the deliveries."""
        return self.delivery["extracted_at"].min().date()

    def at(self, as_of: date) -> "CaseFiles":
        """Return the case files as they stood at the end of `as_of`.

        Cases opened later are left out; a closing after `as_of` is not yet known, so
        the case is open: `closed_on` and `exit_kind` become missing and `status`
        becomes `lopend`. Later steps, findings, decisions and readings are unknown.

        Raises
        ------
        Refused
            If `as_of` lies after the extraction moment: nobody knows what happened
            between the two.
        """
        if as_of > self.extracted_on:
            raise Refused(
                _(
                    "De peildatum {as_of} ligt na het uittrekmoment {extracted}. Wat er tussen die dagen "
                    "gebeurde staat niet in de levering. Kies {extracted} of een eerdere dag.",
                    as_of=as_of.isoformat(),
                    extracted=self.extracted_on.isoformat(),
                )
            )
        return _cut(self, pd.Timestamp(as_of))


def _cut(files: CaseFiles, moment: pd.Timestamp) -> CaseFiles:
    cases = files.cases[~(files.cases["opened_on"] > moment)].copy()
    later = cases["closed_on"] > moment
    cases.loc[later, ["closed_on", "exit_kind"]] = pd.NA
    cases.loc[later, "status"] = "lopend"
    if cases.empty:
        raise WrongUse(_("Op de peildatum {as_of} was nog geen zaak geopend.", as_of=moment.date().isoformat()))
    known = set(cases["case_id"])
    cut: dict[str, Any] = {"cases": cases.reset_index(drop=True)}
    started = {"steps": "done_on", "subjects": None, "allegations": None, "suspensions": "start_on",
               "order_measures": "start_on", "reviews": "read_on"}  # fmt: skip
    for table, start in started.items():
        frame = getattr(files, table)
        if frame is None:
            continue
        frame = frame[frame["case_id"].isin(known)]
        cut[table] = (frame[~(frame[start] > moment)] if start else frame).reset_index(drop=True)
    if files.signals is not None:
        cut["signals"] = files.signals[~(files.signals["received_on"] > moment)].reset_index(drop=True)
    for table in ("suspensions", "order_measures"):
        if (spells := cut.get(table)) is not None:
            spells = spells.copy()
            spells.loc[spells["end_on"] > moment, "end_on"] = pd.NaT
            cut[table] = spells
    if (allegations := cut.get("allegations")) is not None:
        allegations = allegations.copy()
        decided = ["finding", "advised_penalty", "first_penalty", "final_penalty", "conditional",
                   "probation_months", "decided_on", "objection", "objection_result", "deviation_reasons",
                   "advice_followed", "conduct_unchanged", "execution_ordered"]  # fmt: skip
        unknown = allegations["decided_on"] > moment
        if moment.date() < files.extracted_on:  # undated, in a case that was still open then: nobody knows when
            still_open = set(cases.loc[cases["closed_on"].isna(), "case_id"])
            unknown |= allegations["decided_on"].isna() & allegations["case_id"].isin(still_open)
        allegations.loc[unknown, decided] = pd.NA
        cut["allegations"] = allegations
    return replace(files, **cut)
