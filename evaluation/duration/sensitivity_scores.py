"""The headline durations under every defensible choice: the multiverse of METHODS section 5.

The grids are data (`multiverse.yaml`), one a headline number (`sensitivity.headlines`). Two
ranges are given of each number: of all universes that ask the same question and only treat
the cases otherwise, and of all universes, whatever they ask. Beside them stands each choice
on its own: the number when that choice is made otherwise and all others as in the headline.
"""

from collections.abc import Iterable
from datetime import date

from data_contracts.case_files import CaseFiles
from evaluation.duration.sensitivity.change_universes import change_ranges
from evaluation.duration.sensitivity.range_card import range_card
from evaluation.duration.sensitivity.range_rows import range_scores
from evaluation.duration.sensitivity.stage_universes import stage_ranges
from evaluation.duration.sensitivity.stock_universes import stock_ranges
from evaluation.duration.sensitivity.total_universes import total_ranges
from evaluation.duration.sensitivity.unit_universes import unit_ranges
from evaluation.score_rows import ScoreRows
from evaluation.scores import Part, Score


def sensitivity_scores(
    case_files: CaseFiles, headlines: Iterable[Score], *, as_of: date, level: float, span: str
) -> Part:
    """Return the range of every headline number of duration over all universes.

    *Estimand*: that of the headline number, under each universe; no probability attaches
    to the range, which holds choices and no chance.

    Parameters
    ----------
    case_files : CaseFiles
        Already cut: `case_files.at(as_of)`.
    headlines : iterable of Score
        The scores of the other families of duration: which headline numbers there are,
        which stage is the longest, and on which day the stock was counted.
    as_of : date
    level : float
    span : str
        Period over which the cases were opened.

    Returns
    -------
    Part
        Scores of `duration.<number>_range` and a card each, for every number of
        `sensitivity.headlines.HEADLINES` that `headlines` has.
    """
    published = {score.id: score for score in headlines}
    ranges = (
        *total_ranges(case_files, as_of=as_of, level=level, span=span),
        *stage_ranges(case_files, published, as_of=as_of, level=level, span=span),
        *change_ranges(case_files, published, as_of=as_of, level=level, span=span),
        *stock_ranges(case_files, published, as_of=as_of),
        *unit_ranges(case_files, published, as_of=as_of, level=level, span=span),
    )
    return Part(
        scores=tuple(
            score
            for one in ranges
            for score in range_scores(
                one, ScoreRows(one.headline.measure, "all", one.headline.measure, one.period, as_of, level)
            )
        ),
        cards=tuple(range_card(one) for one in ranges),
    )
