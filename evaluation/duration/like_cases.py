"""How unusual the duration of one case is among like cases, open cases too: for choosing dossiers to read.

**Confidential.** Every row here is about one case. Nothing of it may be published, alone
or in a list; that a case is extreme says that it is worth reading, not that anything is
wrong with it.

*Like cases* are those that agree on as many characteristics as leave enough to compare
with: first on all (say category, complexity and kind), then on fewer, at last all cases
(back-off). A stratum is enough when at least `minimum_n` of its cases ended, and late
entry does not leave its first days nearly empty (`survival.thin_start`). No model stands
between the reader and the cases compared with: they can be counted and looked up.

*The percentile* of a closed case is the share of like cases that close sooner, plus half
of those that close on the same day of their clock. Of an open case it is the share of
like cases that would have been closed by now: its own percentile can only become higher.
Both come from the Kaplan-Meier curve of the like cases, in which open cases count as
"longer than so far"; a share of the closed like cases would be far too high.

*The surprise* is conditional: how unlikely it was, on the day the case came into view,
that it would take at least this long, in bits: 1 is one in two, 7 one in 128. For a case
that was in view from its first day it says the same as the percentile, on a scale on
which the far end does not crowd together. For a case that came into view late (already
open when the delivery starts) the percentile is high beforehand; the surprise is not.

References
----------
.. [1] D. R. Cox, E. J. Snell, "A general definition of residuals", JRSS B 30 (1968)
   248-275: the surprise, times ln 2, of like cases is a sample from the unit
   exponential, censored where the case is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.survival.columns import Floats
from evaluation.survival.in_view import InView, in_view
from evaluation.survival.kaplan_meier import SurvivalCurve, kaplan_meier, thin_start
from evaluation.units.case_mix import UNKNOWN

ALL = "all"


@dataclass(frozen=True, eq=False)
class LikeCases:
    """One row a case, in the order given. Confidential: for choosing dossiers, never published.

    *Estimand*: per case, the share of like cases with a shorter duration, had every like
    case been followed to its end.

    Parameters
    ----------
    scores : DataFrame
        Index as given. `percentile` (0 to 1), `surprise` (bits), `closed`, `duration`,
        `compared_with` (the level of back-off: `category=x; kind=y`, or `all`), `n` and
        `n_events` (like cases and their ends seen, the case itself included), `at_risk`
        (like cases still open and in view at this duration), `refusal`
        (`too_few`, `no_events`: not even all cases together are enough; `not_at_risk`:
        the case is never in view, or too few like cases were in view early on).
    minimum_n : int
        Ends that the like cases must have had.
    """

    scores: pd.DataFrame
    minimum_n: int


def like_cases(
    duration: ArrayLike,
    event_observed: ArrayLike,
    *,
    minimum_n: int,
    entry: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    characteristics: pd.DataFrame | None = None,
    back_off: Sequence[Sequence[str]] = (),
) -> LikeCases:
    """Return the percentile and the surprise of the duration of each case among like cases.

    *Estimand*: see `LikeCases`. Censoring and late entry independent of the duration
    among like cases.

    Parameters
    ----------
    duration, event_observed, entry, weight : array_like
        As in `evaluation.survival.kaplan_meier.kaplan_meier`. A row with a weight gets one score.
    minimum_n : int
        Ends that the like cases must have had.
    characteristics : DataFrame, optional
        A row a case. A missing value is a value of its own.
    back_off : sequence of sequence of str
        Columns of `characteristics` on which like cases agree, most alike first; after
        the last come all cases. Without it: all cases.

    Raises
    ------
    WrongUse
        As `kaplan_meier`; or when `back_off` names an unknown column.

    Examples
    --------
    Closed on days 2, 4 and 8, open on day 5. By day 5 half of the cases have closed;
    day 2 is sooner than all, and shared with half of a quarter:

    >>> found = like_cases([2, 4, 8, 5], [True, True, True, False], minimum_n=3)
    >>> found.scores["percentile"].round(4).tolist(), found.scores["surprise"].round(4).tolist()
    ([0.125, 0.375, 0.75, 0.5], [0.0, 0.415, 1.0, 1.0])
    """
    view = in_view(duration, event_observed, entry=entry, weight=weight)
    facts = pd.DataFrame(index=range(len(view.kept))) if characteristics is None else characteristics
    if len(facts) != len(view.kept):
        raise WrongUse(_("{name} moet één rij zijn, even lang als duration.", name="characteristics"))
    if unknown := sorted({name for level in back_off for name in level} - set(facts.columns)):
        raise WrongUse(_("back_off noemt onbekende kolommen: {names}.", names=", ".join(unknown)))
    known = facts[view.kept].astype("object").fillna(UNKNOWN).astype(str).reset_index(drop=True)
    scores = _empty(view)
    for level in (*back_off, ()):
        waiting = scores["compared_with"].isna().to_numpy()
        if not waiting.any():
            break
        for label, rows in _strata(known, list(level)):
            if waiting[rows].any():
                _score(scores, view, rows, rows[waiting[rows]], label, minimum_n)
    scores["refusal"] = scores["refusal"].where(scores["compared_with"].isna(), None)
    return LikeCases(_as_given(scores, view, np.asarray(duration, dtype=float), event_observed, facts.index), minimum_n)


def like_cases_of(cases: pd.DataFrame, *, back_off: Sequence[Sequence[str]], minimum_n: int) -> LikeCases:
    """Return `like_cases` of a table with columns `duration`, `event_observed`, those of `back_off`, `entry`, `weight`.

    `entry` and `weight` may be absent; the index of the table is that of the scores.
    """
    optional = {name: cases[name] for name in ("entry", "weight") if name in cases}
    return like_cases(
        cases["duration"], cases["event_observed"], minimum_n=minimum_n, characteristics=cases, back_off=back_off,
        **optional,
    )  # fmt: skip


def most_extreme(found: LikeCases, *, count: int) -> pd.DataFrame:
    """Return the dossiers whose duration is the most unusual. Confidential; never published.

    The `count` longest (open or closed, by surprise) and the `count` shortest (closed
    only, by percentile: that an open case is young says nothing), in a column `side`
    (`long`, `short`). A case is on one side only: long ones have a percentile above one
    half, short ones below. Equal cases keep the order of the table.

    Examples
    --------
    >>> found = like_cases([2, 4, 8, 5], [True, True, True, False], minimum_n=3)
    >>> most_extreme(found, count=1)[["side", "duration"]].to_numpy().tolist()
    [['long', 8.0], ['short', 2.0]]
    """
    known = found.scores[found.scores["refusal"].isna()]
    long = known[known["percentile"] > 0.5].sort_values("surprise", ascending=False, kind="stable").head(count)
    short = known[known["closed"] & (known["percentile"] < 0.5)].sort_values("percentile", kind="stable").head(count)
    return pd.concat([long.assign(side="long"), short.assign(side="short")])


def _empty(view: InView) -> pd.DataFrame:
    n = len(view.time)
    return pd.DataFrame(
        {
            "percentile": np.full(n, np.nan),
            "surprise": np.full(n, np.nan),
            "compared_with": pd.Series([None] * n, dtype="object"),
            "n": np.zeros(n, dtype=int),
            "n_events": np.zeros(n, dtype=int),
            "at_risk": np.zeros(n, dtype=int),
            "refusal": pd.Series([None] * n, dtype="object"),
        }
    )


def _strata(known: pd.DataFrame, level: list[str]) -> list[tuple[str, np.ndarray]]:
    if not level:
        return [(ALL, np.arange(len(known)))]
    groups = known.groupby(level, sort=True).indices
    return [
        ("; ".join(f"{name}={value}" for name, value in zip(level, np.atleast_1d(key), strict=True)), rows)
        for key, rows in groups.items()
    ]


def _score(scores: pd.DataFrame, view: InView, rows: np.ndarray, asked: np.ndarray, label: str, minimum_n: int) -> None:
    curve = kaplan_meier(view.time[rows], view.ended[rows], entry=view.start[rows], weight=view.count[rows])
    if curve.n_events < minimum_n or thin_start(curve, minimum=minimum_n):
        few = "too_few" if curve.n_events else "no_events"
        scores.loc[asked, "refusal"] = few if curve.n_events < minimum_n else "not_at_risk"
        return
    at_start = _open_after(curve, view.start[asked], "right")
    scores.loc[asked[at_start == 0], "refusal"] = "not_at_risk"  # all like cases had ended before it came into view
    asked, at_start = asked[at_start > 0], at_start[at_start > 0]
    time, ended = view.time[asked], view.ended[asked]
    before, after = _open_after(curve, time, "left"), _open_after(curve, time, "right")
    longer = np.where(ended, before, after)  # the chance of lasting at least as long as this case did, or has by now
    scores.loc[asked, "percentile"] = 1 - np.where(ended, (before + after) / 2, after)
    scores.loc[asked, "surprise"] = np.log2(at_start / longer)
    scores.loc[asked, "compared_with"] = label
    scores.loc[asked, "n"], scores.loc[asked, "n_events"] = curve.n, curve.n_events
    position = np.searchsorted(curve.watched_days, time, side="left")
    scores.loc[asked, "at_risk"] = curve.watched[position].astype(int)


def _open_after(curve: SurvivalCurve, day: Floats, side: Literal["left", "right"]) -> Floats:
    """Return the share still open after `day` (right), or just before it (left)."""
    steps = np.concatenate(([1.0], curve.survival))
    return np.asarray(steps[np.searchsorted(curve.days, day, side=side)])


def _as_given(
    scores: pd.DataFrame, view: InView, duration: Floats, event_observed: ArrayLike, index: pd.Index
) -> pd.DataFrame:
    """Put the rows that are never in view back in their places."""
    scores.index = pd.Index(np.flatnonzero(view.kept))
    whole = scores.reindex(range(len(view.kept)))
    for name in ("n", "n_events", "at_risk"):
        whole[name] = whole[name].fillna(0).astype(int)
    whole.loc[~view.kept, "refusal"] = "not_at_risk"
    whole.insert(2, "closed", np.asarray(event_observed, dtype=bool))
    whole.insert(3, "duration", duration)
    return whole.set_index(index)
