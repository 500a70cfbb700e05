"""The change at a date in every universe: compared otherwise, over more or less time, within half a year or a year."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial

from data_contracts.case_files import CaseFiles
from evaluation.duration.change_at_date import change_in_cohorts, change_in_pace
from evaluation.duration.change_scores import MOMENT, WINDOW_DAYS, dated_rows
from evaluation.duration.moments import load_moments
from evaluation.duration.sensitivity.case_facts import case_facts, common_facts, has, of_any_kind
from evaluation.duration.sensitivity.headlines import CHANGE
from evaluation.duration.sensitivity.range_rows import Range
from evaluation.duration.sensitivity.told import Told
from evaluation.duration.total import case_durations
from evaluation.multiverse import multiverse
from evaluation.multiverse_grid import Universe, kept
from evaluation.scores import Score

WAYS = {"cohorts": change_in_cohorts, "pace": change_in_pace}
WINDOWS = {"two_years": WINDOW_DAYS, "one_year": 365, "all": None}
DAYS = {"d365": 365, "d180": 180}
"""Options of `way`, `window` and `within` -> what the estimator is given."""


def change_ranges(
    case_files: CaseFiles, published: Mapping[str, Score], *, as_of: date, level: float, span: str
) -> Iterator[Range]:
    """Yield the difference in the share ended within a year, after minus before the date, in every universe.

    *Estimand*: that of `duration.change_cohorts`, under each universe.

    Parameters
    ----------
    published : mapping
        Id -> score of the other families of duration.
    """
    if CHANGE.of not in published:
        return
    grid, moment = CHANGE.read_grid(), load_moments()[MOMENT]
    durations = case_durations(of_any_kind(case_files), as_of=as_of)
    facts = case_facts(case_files).drop(columns=["closed", "open"])
    cases = dated_rows(case_files, durations).join(durations["case_id"]).merge(facts, on="case_id", how="left")

    def difference(universe: Universe) -> Told:
        mine = kept(cases, grid, universe)
        found = WAYS[universe["way"]](
            mine["opened_on"], mine["until"], mine["closed"], break_on=moment.on, within_days=DAYS[universe["within"]],
            window_days=WINDOWS[universe["window"]], level=level, entered_on=mine["entered_on"],
        ).share_within  # fmt: skip
        sides = found.before, found.after
        n, events = sum(side.n for side in sides), sum(side.n_events for side in sides)
        return Told(found.estimate, n, events, found.low, found.high, found.refusal)

    yield Range(CHANGE, grid, multiverse(grid, difference, has=partial(has, case_files, common_facts(cases))), span)
