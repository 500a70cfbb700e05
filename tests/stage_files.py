"""Case files of cases that end after a given number of days, for the scores made of stages."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from small_case_files import DELIVERED, case_files

from data_contracts.case_files import CaseFiles
from evaluation.scores import Part, Score, scores_table


def lasting(days: Sequence[int | None], *, opened_on: str = "2021-03-01", **more: Any) -> list[dict[str, Any]]:
    """Return cases that closed after so many days; None: still open."""
    opened = pd.Timestamp(opened_on)
    return [
        {
            "case_id": f"{opened_on}-{more.get('kind', 'd')}-{n:03d}",
            "opened_on": opened,
            "closed_on": None if day is None else opened + pd.Timedelta(days=day),
            "status": "lopend" if day is None else "afgesloten",
        }
        | ({"exit_kind": None} if day is None else {})
        | more
        for n, day in enumerate(days)
    ]


def files(cases: list[dict[str, Any]], *, basis: str = "geopend", start: str | None = None, **more: Any) -> CaseFiles:
    """Return case files with these cases, delivered on this basis from this day on."""
    return case_files(cases=cases, delivery=[DELIVERED | {"cohort_basis": basis, "period_start": start}], **more)


def by_id(part: Part) -> dict[str, Score]:
    """Return the scores by id, after checking what goes for every family."""
    scores_table(part.scores)
    cards = {card.id for card in part.cards}
    for card in part.cards:
        texts = [getattr(card, name) for name in card.__dataclass_fields__ if name != "id"]
        assert all(set(text) == {"nl", "en"} and all(text.values()) for text in texts)
    for score in part.scores:
        assert score.estimand in cards
        assert (score.estimate is None) == (score.refusal is not None)
    for refusal in part.refusals:
        assert set(refusal.reason) == {"nl", "en"} and refusal.needs
    return {score.id: score for score in part.scores}
