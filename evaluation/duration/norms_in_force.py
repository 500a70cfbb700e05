"""The share of cases that ended within the norm, each by the norm in force on its own date.

A norm is dated data (`data_contracts/procedure/norms.yaml`): a number of days or months,
calendar or working days, from a first to a last day of validity. That no norm was in
force is an answer too: those cases have no share within a norm, and are counted
(`n_no_norm`). Where the file does not say, that is counted apart (`n_unknown`).

**What is estimated.** Each case has its own limit L, set by the version of the norm
that was in force on its date. The number is the share of cases whose end T comes on or
before their own limit, P(T <= L), over the cases that had a norm, had all been followed
to their end. Cases still open before their limit are right-censored.

* Within one version, Kaplan-Meier on the clock T / L, read where it is 1. For a norm
  in days that is plain Kaplan-Meier read on day L. For a norm in months, or one moved by
  a weekend, L differs a day or two from case to case, and only the ratio puts every
  limit on one point.
* Over versions, the versions' shares are averaged with their numbers of cases as
  weights. *Not* one curve of T / L over all versions: the later version holds the newer,
  more often still open cases, so that censoring would depend on the version, and the
  curve would lean to whatever version had been followed longest.

The interval of the average has the sum of the versions' variances, weights taken as
given, on the log-log scale; with one version it is the interval of `survival.share_within`.
When one version cannot say its share (no case followed to the limit), the average over
versions is refused: leaving it out would change whom the number is about.

**Weekends.** By the *Algemene termijnenwet*, article 1 [1]_, a term set by law that ends
on a Saturday, Sunday or holiday runs to the end of the next working day; article 4
excepts terms of more than 90 days, twelve weeks or three months. `extension` says
whether to apply it; it is for statutory terms in calendar days only.

References
----------
.. [1] Algemene termijnenwet, BWBR0002448, articles 1 and 4.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm as normal

from data_contracts.errors import WrongUse
from data_contracts.language import _
from data_contracts.procedure import Norm, valid_on
from evaluation.duration.clock import Dates, dates
from evaluation.duration.dated_cases import dated_cases
from evaluation.duration.stage_table import STAGES, Stage
from evaluation.duration.stages import counted
from evaluation.duration.working_days import COUNTINGS, after_working_days, next_working_day
from evaluation.survival.kaplan_meier import CurveEstimate, kaplan_meier, share_within

Extension = Literal["none", "termijnenwet"]

NO_NORM = "no_norm"
"""Refusal: not one case had a norm in force."""

_LONGEST_EXTENDED_DAYS, _LONGEST_EXTENDED_MONTHS = 90, 3  # Algemene termijnenwet, article 4
_DAYS_A_MONTH = 365.25 / 12
_OVER = 1e-6  # just beyond the norm: less than a day, more than `in_view` takes for rounding


@dataclass(frozen=True, eq=False)
class NormShare:
    """The share that ended within the norm, with the counts behind it.

    Parameters
    ----------
    share : CurveEstimate
        The share over all versions; its `refusal` is `no_norm` when no case had one.
    versions : DataFrame
        One row a version: `valid_from`, `valid_to`, `days`, `months`, `counting`,
        `in_force`, `n` (cases with this version), `estimate`, `low`, `high`, `refusal`.
    n_in_force, n_no_norm, n_unknown : int
        Cases with a norm, cases of which it is known that there was none, and cases of
        which the norms file does not say (or whose own date is missing).
    n_left_out : int
        Cases with a norm that give no days: a missing date, an end before the start,
        or out of view.
    """

    share: CurveEstimate
    versions: pd.DataFrame
    n_in_force: int
    n_no_norm: int
    n_unknown: int
    n_left_out: int


def norm_share(
    start_on: Dates,
    until: Dates,
    ended: ArrayLike,
    *,
    norms: Sequence[Norm],
    code: str,
    level: float,
    extension: Extension,
    case_on: Dates | None = None,
    entered_on: Dates | None = None,
    weight: ArrayLike | None = None,
) -> NormShare:
    """Return the share of cases that ended within the norm in force on their date.

    *Estimand*: see the module.

    Parameters
    ----------
    start_on, until : array_like of dates
        Start of the clock; day of the end, or last day of view.
    ended : array_like of bool
        True: ended on `until`. False: still open then.
    norms : sequence of Norm
        As `data_contracts.procedure.norms()` gives them.
    code : str
        Which norm.
    level : float
    extension : {"none", "termijnenwet"}
        Whether a term that ends on a free day runs to the next working day.
    case_on : array_like of dates, optional
        The day on which a norm has to be valid for a case. Left out: `start_on`.
    entered_on : array_like of dates, optional
        Day after which each case was in view; missing, or left out: its start.
    weight : array_like of int, optional
        Number of identical cases a row stands for.

    Raises
    ------
    WrongUse
        If no norm has this code, or as `survival.kaplan_meier`.

    Examples
    --------
    Ten weeks from 2013 on: of three complaints one was decided in time, one late, and
    one is still open after twenty days, of which nobody knows:

    >>> from data_contracts.procedure import norms
    >>> found = norm_share(["2020-01-01"] * 3, ["2020-02-01", "2020-06-01", "2020-01-21"], [True, True, False],
    ...                    norms=norms(), code="klacht_besluit", level=0.95, extension="none")
    >>> found.share.estimate, found.n_in_force
    (0.5, 3)
    """
    versions = [norm for norm in norms if norm.code == code]
    if not versions:
        raise WrongUse(
            _(
                "Er is geen norm met code {code}. Bekend zijn: {known}.",
                code=code,
                known=", ".join(sorted({norm.code for norm in norms})),
            )
        )
    cases = dated_cases(start_on, until, ended, entered_on=entered_on, weight=weight)
    version = version_on(versions, start_on if case_on is None else case_on)
    if len(version) != len(cases):
        raise WrongUse(_("case_on moet even lang zijn als het begin."))
    found = [
        _of_version(norm, cases[version == n], level=level, extension=extension) for n, norm in enumerate(versions)
    ]
    table = pd.DataFrame(found)
    in_force = table["in_force"].to_numpy(bool)
    hidden = ["error", "ends", "left_out"]
    return NormShare(
        share=_averaged(table[in_force], level=level),
        versions=table.drop(columns=hidden),
        n_in_force=int(table.loc[in_force, "n"].sum()),
        n_no_norm=int(table.loc[~in_force, "n"].sum()),
        n_unknown=int(cases.loc[version < 0, "weight"].sum()),
        n_left_out=int(table["left_out"].sum()),
    )


def stage_norm_shares(
    rows: pd.DataFrame, *, norms: Sequence[Norm], level: float, extension: Extension, stages: Sequence[Stage] = STAGES
) -> dict[str, NormShare]:
    """Return the share within the norm of every stage for which the norms file has one.

    Any end counts as an end: a complaint that was withdrawn no longer waits. The norm is
    the one in force on the day on which the stage began.

    Parameters
    ----------
    rows : DataFrame
        As `stages.stage_durations` returns them: all, or those of one unit or year.
    norms, level, extension
        As in `norm_share`.

    Returns
    -------
    dict
        Code of the stage -> its share.
    """
    found = {}
    for stage in stages:
        if not stage.norm or stage.why_not is not None:
            continue
        mine = counted(rows, stage.code, "gross")
        entered = mine["start_on"] + pd.to_timedelta(mine["gross_entry"], unit="D")
        found[stage.code] = norm_share(
            mine["start_on"], mine["end_on"], mine["event"], norms=norms, code=stage.norm, level=level,
            extension=extension, entered_on=entered,
        )  # fmt: skip
    return found


def version_on(versions: Sequence[Norm], day: Dates) -> NDArray[np.intp]:
    """Return for each date the place of the version valid on it; -1: none is, or the date is missing.

    Examples
    --------
    >>> from data_contracts.procedure import norms
    >>> versions = [norm for norm in norms() if norm.code == "schorsing_verlenging"]
    >>> version_on(versions, ["2024-12-31", "2025-01-01", None]).tolist()
    [0, 1, -1]
    """
    days, place = np.unique(dates(day), return_inverse=True)
    found = [
        -1 if np.isnat(one) else next((n for n, norm in enumerate(versions) if valid_on(norm, one.astype(object))), -1)
        for one in days
    ]
    return np.array(found, dtype=np.intp)[place] if len(days) else np.empty(0, dtype=np.intp)


def limits(norm: Norm, start_on: Dates, *, extension: Extension) -> NDArray[np.datetime64]:
    """Return the last day within the norm of a clock that starts on each date; NaT: no start, or no norm.

    A month ends on the day with the same number, or on the last day of a shorter month.
    The day of the start does not count.

    Examples
    --------
    Ten weeks from Thursday 30 January 2020 end on Thursday 9 April; from the 31st on Good
    Friday, and so, by the Act, on the Tuesday after Easter:

    >>> from data_contracts.procedure import norm_on, norms
    >>> from datetime import date
    >>> ten_weeks = norm_on(norms(), "klacht_besluit", date(2020, 1, 31))
    >>> limits(ten_weeks, ["2020-01-30", "2020-01-31"], extension="termijnenwet").astype(str).tolist()
    ['2020-04-09', '2020-04-14']
    """
    if extension not in ("none", "termijnenwet"):
        raise WrongUse(_("Onbekende verlenging {extension}. Kies none of termijnenwet.", extension=extension))
    start = dates(start_on)
    if not norm.in_force:
        return np.full(len(start), np.datetime64("NaT", "D"))
    if norm.months is not None:
        last = dates(pd.Series(start.astype("datetime64[s]")) + pd.DateOffset(months=norm.months))
    elif norm.counting == "working":
        last = after_working_days(start, int(norm.days or 0))
    else:
        last = start + np.timedelta64(int(norm.days or 0), "D")
    short = (norm.days or 0) <= _LONGEST_EXTENDED_DAYS and (norm.months or 0) <= _LONGEST_EXTENDED_MONTHS
    return next_working_day(last) if extension == "termijnenwet" and short else last


def _of_version(norm: Norm, cases: pd.DataFrame, *, level: float, extension: Extension) -> dict[str, object]:
    row: dict[str, object] = {
        "valid_from": norm.valid_from, "valid_to": norm.valid_to, "days": norm.days, "months": norm.months,
        "counting": norm.counting, "in_force": norm.in_force, "n": int(cases["weight"].sum()), "left_out": 0,
        "estimate": None, "low": None, "high": None, "refusal": None, "error": 0.0, "ends": 0,
    }  # fmt: skip
    if not norm.in_force:
        return row
    counting = COUNTINGS[str(norm.counting)]
    start, end = dates(cases["start"]), dates(cases["until"])
    last, zero = limits(norm, start, extension=extension), counting(start)
    limit, time = counting(last) - zero, counting(end) - zero
    entry = counting(dates(cases["entered"])) - zero
    seen = (end >= start) & (time >= entry)  # NaT compares false
    count, ended = cases["weight"].to_numpy()[seen], cases["ended"].to_numpy()[seen]
    # Nominal days of the norm: every limit falls on one point, and half a day stays half a day.
    nominal = float(norm.days if norm.days is not None else round((norm.months or 0) * _DAYS_A_MONTH))
    scale = nominal / limit[seen]
    # The dates decide what is within. Rounding must not carry a case over its limit, and a
    # Saturday after the last working day is over it, though no working day has passed.
    within, clock = (end <= last)[seen], time[seen] * scale
    late = nominal + _OVER * clock.max(initial=nominal)
    clock = np.where(within, np.minimum(clock, nominal), np.maximum(clock, late))
    curve = kaplan_meier(clock, ended, entry=np.minimum(entry[seen] * scale, clock), weight=count)
    said = share_within(curve, nominal, level=level)
    place = int(np.searchsorted(curve.days, nominal, side="right")) - 1
    sure = said.estimate is None or place < 0 or not 0 < said.estimate < 1
    return row | {
        "estimate": said.estimate, "low": said.low, "high": said.high, "refusal": said.refusal, "ends": said.n_events,
        "error": 0.0 if sure else float(curve.survival[place] * np.sqrt(curve.log_variance[place])),
        "left_out": int(cases["weight"].sum() - count.sum()),
    }  # fmt: skip


def _averaged(versions: pd.DataFrame, *, level: float) -> CurveEstimate:
    present = versions[versions["n"] > 0]
    n, ends = int(present["n"].sum()), int(present["ends"].sum())
    method = "Kaplan-Meier on duration / norm, by version; log-log"
    refused = [NO_NORM] if not n else present["refusal"].dropna().tolist()
    if refused:
        return CurveEstimate(None, None, None, level, method, n, ends, refusal=refused[0])
    share = present["n"].to_numpy(float) / n
    estimate = float(share @ present["estimate"].to_numpy(float))
    error = float(np.sqrt(np.sum((share * present["error"].to_numpy(float)) ** 2)))
    still_open = 1 - estimate
    low = high = None
    if 0 < still_open < 1 and error > 0:
        reach = float(normal.ppf((1 + level) / 2)) * error / (still_open * np.log(still_open))
        low, high = sorted(float(1 - still_open ** np.exp(way * reach)) for way in (1, -1))
    return CurveEstimate(estimate, low, high, level, method, n, ends, standard_error=error)
