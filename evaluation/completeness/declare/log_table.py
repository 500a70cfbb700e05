"""Makes a step log from a table as it was delivered.

A row without a case or a step says nothing; it is left out and counted.
"""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.completeness.declare.log import CALENDAR, Counting, Flags, Floats, Ints, StepLog, case_column
from evaluation.completeness.declare.times import Times, read_times


def step_log(
    events: pd.DataFrame,
    *,
    as_of: date | float | None,
    case: str = "case",
    step: str = "step",
    time: str = "time",
    order: str | None = None,
    cases: pd.DataFrame | None = None,
    open: str | None = None,
    count: str | None = None,
    opened_on: str | None = None,
    by_day: bool = False,
    countings: Mapping[str, Counting] = CALENDAR,
) -> StepLog:
    """Put a step log in the form in which rules are checked.

    Parameters
    ----------
    events : DataFrame
        One row an event, in any order. Three arrays will do: `DataFrame({"case": .., "step": .., "time": ..})`.
    as_of : date, float or None
        The last day of view; a number when the log counts in days. None only where no case is open.
    case, step, time : str
        Its columns. Times are dates, moments, texts as in ISO 8601, or numbers of days.
        Of moments with a time zone, the moment gives the order and the zone's own clock the day.
    order : str, optional
        Column that says which came first among events of one case and time (lower is earlier).
    cases : DataFrame, optional
        One row a case, with the column `case`. A case without events is a case.
    open, count, opened_on : str, optional
        Columns, of `cases` or of `events`: whether the case may have more steps (default: no
        case may); how many identical cases it stands for (default: one); the day on which
        it opened, for rules with a period of validity (default: the first dated event).
    by_day : bool
        Steps on one day are tied, whatever the time of day.
    countings : mapping
        How days are counted, by name; pass that of `evaluation.duration.working_days` for working days.

    Raises
    ------
    WrongUse
        If a column is absent or cannot be read, a case stands twice in `cases` or not at
        all, an event lies after `as_of`, or there are open cases and `as_of` is missing.

    Examples
    --------
    >>> log = step_log(pd.DataFrame({"case": [1, 1], "step": ["A", "B"], "time": [0, 3]}), as_of=None)
    >>> log.group.tolist(), log.steps.tolist()
    ([0, 1], ['A', 'B'])
    """
    for name in (case, step, time, *([order] if order else [])):
        if name not in events:
            raise WrongUse(_("Het logboek heeft geen kolom {column}.", column=name))
    said = (events[case].notna() & events[step].notna()).to_numpy(bool)
    row = np.arange(len(events)) if said.all() else np.flatnonzero(said)
    kept = events if said.all() else events.iloc[row]
    case_code, case_ids = _cases(kept[case], cases, case)
    step_code, steps = pd.factorize(kept[step])
    times = read_times(kept[time], by_day=by_day)
    positions = _positions(kept[order]) if order else None
    sorted_by = _order(case_code, times.moment, times.undated, positions)
    if sorted_by is not None:
        case_code, step_code, row, times = case_code[sorted_by], step_code[sorted_by], row[sorted_by], times[sorted_by]
        positions = None if positions is None else positions[sorted_by]
    table = pd.DataFrame({case: case_ids}) if cases is None else cases.reset_index(drop=True)

    def one_a_case(name: str) -> pd.Series:
        return case_column(name, events, table, row, case_code)

    is_open = _open(one_a_case(open)) if open else np.zeros(len(case_ids), dtype=bool)
    _check_view(times, is_open, as_of)
    return StepLog(
        pd.Index(case_ids),
        pd.Index(steps),
        case_code,
        step_code,
        _groups(case_code, times, positions),
        times.day,
        row,
        events,
        table,
        is_open,
        _count(one_a_case(count)) if count else np.ones(len(case_ids), dtype=np.int64),
        _opened(one_a_case(opened_on) if opened_on else None, times, case_code, len(case_ids)),
        as_of,
        countings,
        int(len(events) - said.sum()),
    )


def _cases(given: pd.Series, cases: pd.DataFrame | None, name: str) -> tuple[Ints, pd.Index]:
    if cases is None:
        code, ids = pd.factorize(given)
        return code.astype(np.int64, copy=False), pd.Index(ids)
    if name not in cases:
        raise WrongUse(_("De tabel met zaken heeft geen kolom {column}.", column=name))
    known = pd.Index(cases[name])
    if known.hasnans or not known.is_unique:
        raise WrongUse(_("De tabel met zaken noemt een zaak twee keer, of heeft een rij zonder zaak."))
    code = known.get_indexer(pd.Index(given)).astype(np.int64, copy=False)
    if absent := int((code < 0).sum()):
        raise WrongUse(_("{n} regels van het logboek horen bij een zaak die niet in de tabel staat.", n=absent))
    return code, known


def _positions(values: pd.Series) -> Floats:
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(np.float64)
    if np.isnan(numbers).any():
        raise WrongUse(_("De kolom met de volgorde heeft een waarde die geen getal is."))
    return numbers


def _order(case: Ints, moment: NDArray, undated: Flags, positions: Floats | None) -> Ints | None:
    """Return how to sort by case, dated before undated, time and position; None where that is done already."""
    if len(case) < 2:
        return None
    same = case[1:] == case[:-1]
    sorted_already = (
        not undated.any()
        and positions is None
        and bool(((case[1:] > case[:-1]) | same & (moment[1:] >= moment[:-1])).all())
    )
    if sorted_already:
        return None
    keys = [moment, undated, case] if positions is None else [positions, moment, undated, case]
    return np.lexsort(keys)


def _groups(case: Ints, times: Times, positions: Floats | None) -> Ints:
    if not len(case):
        return np.zeros(0, dtype=np.int64)
    new = np.ones(len(case), dtype=bool)
    new[1:] = (case[1:] != case[:-1]) | (times.moment[1:] != times.moment[:-1])
    if positions is not None:
        new[1:] |= positions[1:] != positions[:-1]
    new &= ~times.undated
    return np.where(times.undated, -1, np.cumsum(new) - 1)


def _open(values: pd.Series) -> Flags:
    if values.isna().any() or not values.isin([True, False]).all():
        raise WrongUse(_("Of een zaak open is, moet bij elke zaak ja of nee zijn (true of false)."))
    return values.to_numpy(bool)


def _count(values: pd.Series) -> Ints:
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(np.float64)
    if not (numbers >= 1).all() or (numbers != np.floor(numbers)).any():
        raise WrongUse(_("Het aantal gelijke zaken is een geheel getal groter dan nul."))
    return numbers.astype(np.int64)


def _opened(given: pd.Series | None, times: Times, case: Ints, cases: int) -> NDArray[np.datetime64] | None:
    if given is not None:
        opened = read_times(given, by_day=True)
        return opened.day if opened.day.dtype.kind == "M" else None
    if times.day.dtype.kind != "M":
        return None
    first = np.full(cases, np.datetime64("NaT"), dtype="datetime64[D]")
    dated = np.flatnonzero(~times.undated)[::-1]
    first[case[dated]] = times.day[dated]
    return first


def _check_view(times: Times, is_open: Flags, as_of: date | float | None) -> None:
    if as_of is None:
        if is_open.any():
            raise WrongUse(_("Er zijn open zaken: geef de dag waarop het logboek is getrokken (as_of)."))
        return
    dated = ~times.undated
    if not dated.any():
        return
    numbers = times.day.dtype.kind == "f"
    if numbers == isinstance(as_of, date):
        raise WrongUse(_("as_of is een datum als het logboek datums heeft, en een getal als het in dagen telt."))
    last = np.datetime64(as_of, "D") if isinstance(as_of, date) else as_of
    if late := int((times.day[dated] > last).sum()):
        raise WrongUse(_("{n} stappen liggen na de peildatum; knip het logboek eerst af.", n=late))
