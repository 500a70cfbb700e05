"""From signal to dismissal, link by link: of those that came this far, which share went on.

A share of all signals that ends in dismissal hides where units differ. So every link has
its own denominator: what passed the former link and whose outcome at this one is known.
What is not known is counted apart: still running, or not recorded. Every number is there
by unit and by year; the total never stands alone.

The unit of count changes on the way: the first link counts signals, the others count
allegations of disciplinary investigations. They are joined by no share.

A case that ran its course early is known early: in recent years, with many cases still
running, a share is that of the quick cases. The number still running stands beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.clustered_share import clustered_share
from evaluation.complete_rows import check_level
from evaluation.proportion import Proportion
from evaluation.refusals import MINIMUM_N

SIGNAL_LINKS = ("investigated",)
ALLEGATION_LINKS = ("judged", "found", "penalised", "dismissed")
LEFT_SERVICE = "left_service"
"""Beside the chain: of misconduct found, the share dismissed, as a penalty or on another ground."""

ALL = "all"


@dataclass(frozen=True, eq=False)
class OutcomeChain:
    """The links, by unit and year.

    Parameters
    ----------
    table : DataFrame
        A row for each link, unit and year, with `all` for all units and all years:
        `link`, `counts` (what is counted), `unit`, `year`, `reached` (passed every former
        link), `running`, `missing`, `denominator` (known), `numerator` (went on),
        `share`, `low`, `high`, `design_effect`, `refusal`. Counts add up: reached =
        running + missing + denominator. A refused share keeps its counts.
    level : float
    """

    table: pd.DataFrame
    level: float

    def at(self, link: str, *, unit: str = ALL, year: str = ALL) -> pd.Series:
        """Return the row of one link.

        Raises
        ------
        KeyError
            If there is no such row.
        """
        rows = self.table
        found = rows[(rows["link"] == link) & (rows["unit"] == unit) & (rows["year"] == str(year))]
        if found.empty:
            raise KeyError((link, unit, year))
        return found.iloc[0]


def outcome_chain(
    signals: pd.DataFrame | None,
    allegations: pd.DataFrame | None,
    *,
    level: float,
    minimum_n: int = MINIMUM_N,
    crossed: bool = True,
) -> OutcomeChain:
    """Return the chain from signal to dismissal.

    *Estimand*: at each link, the chance that what came this far goes on, among those
    whose outcome there is known.

    Parameters
    ----------
    signals : DataFrame or None
        As `outcome_states.signal_states` returns: `unit`, `year`, `investigated`, `running`.
    allegations : DataFrame or None
        As `outcome_states.allegation_states` returns: `case_id`, `unit`, `year`, `running` and a column
        a link. Intervals take whole cases as drawn (`clustered_share`).
    level : float
    minimum_n : int
        Links with a smaller denominator are refused (`too_few`).
    crossed : bool
        Also the years of each unit; left out, units and years each have rows of their own only.
    """
    parts = []
    if signals is not None:
        parts.append(conditional_chain(
            signals, SIGNAL_LINKS, counts="signal", level=level, minimum_n=minimum_n, crossed=crossed,
        ))  # fmt: skip
    if allegations is not None:
        main = conditional_chain(
            allegations, ALLEGATION_LINKS, counts="allegation", level=level, minimum_n=minimum_n, cluster="case_id",
            crossed=crossed,
        )  # fmt: skip
        beside = conditional_chain(
            allegations, ("judged", "found", LEFT_SERVICE), counts="allegation", level=level, minimum_n=minimum_n,
            cluster="case_id", crossed=crossed,
        )  # fmt: skip
        parts += [main, beside[beside["link"] == LEFT_SERVICE]]
    table = pd.concat(parts, ignore_index=True) if parts else _table([])
    return OutcomeChain(table, level)


def conditional_chain(
    states: pd.DataFrame,
    links: Sequence[str],
    *,
    counts: str,
    level: float,
    minimum_n: int = MINIMUM_N,
    cluster: str | None = None,
    crossed: bool = True,
) -> pd.DataFrame:
    """Return the rows of `OutcomeChain.table` for any chain.

    Parameters
    ----------
    states : DataFrame
        A row a unit of count: `unit`, `year`, `running` (its outcome may still come) and
        a nullable boolean column for each link. A row without a unit or year counts in
        the totals only.
    links : sequence of str
        In their order.
    counts : str
        Name of the unit of count.
    level : float
    minimum_n : int
    cluster : str, optional
        Column of the cluster; left out, rows are independent and the interval is Wilson's.
    crossed : bool
        Also the years of each unit; otherwise units and years each on their own.

    Examples
    --------
    Four signals, of which one is still being weighed:

    >>> states = pd.DataFrame({"unit": list("AABB"), "year": 2020, "running": [False, False, False, True],
    ...                        "investigated": pd.array([True, False, True, pd.NA], dtype="boolean")})
    >>> rows = conditional_chain(states, ["investigated"], counts="signal", level=0.95, minimum_n=1)
    >>> rows.loc[rows["year"] == "all", ["unit", "reached", "running", "denominator", "numerator"]].values.tolist()
    [['all', 4, 1, 3, 2], ['A', 2, 0, 2, 1], ['B', 2, 1, 1, 1]]
    """
    check_level(level)
    unit, year = (states[name].astype("string") for name in ("unit", "year"))
    running = states["running"].astype("boolean").fillna(False).to_numpy(bool)
    reached = np.ones(len(states), dtype=bool)
    case = None if cluster is None else pd.factorize(states[cluster])[0]
    groups = _groups(unit, year, crossed=crossed)
    rows = []
    for link in links:
        state = states[link].astype("boolean")
        known, passed = state.notna().to_numpy(bool), state.fillna(False).to_numpy(bool)
        for one_unit, one_year, group in groups:
            here = reached & group
            counted = here & known
            numbers = {
                "reached": int(here.sum()),
                "running": int((here & ~known & running).sum()),
                "missing": int((here & ~known & ~running).sum()),
                "denominator": int(counted.sum()),
                "numerator": int((counted & passed).sum()),
            }
            labels = None if case is None else case[counted]
            said = _share(numbers, passed[counted], labels, level, minimum_n)
            rows.append({"link": link, "counts": counts, "unit": one_unit, "year": one_year, **numbers, **said})
        reached = reached & passed
    return _table(rows)


def _groups(unit: pd.Series, year: pd.Series, *, crossed: bool) -> list[tuple[str, str, np.ndarray]]:
    """Return unit, year and the rows of each group, with those of all units and all years."""
    groups = []
    for one_unit in (ALL, *sorted(unit.dropna().unique())):
        in_unit = np.full(len(unit), True) if one_unit == ALL else (unit == one_unit).fillna(False).to_numpy(bool)
        groups.append((one_unit, ALL, in_unit))
        groups += [
            (one_unit, one_year, in_unit & (year == one_year).fillna(False).to_numpy(bool))
            for one_year in sorted(year[in_unit].dropna().unique())
            if crossed or one_unit == ALL
        ]
    return groups


def _share(
    numbers: dict[str, int], passed: np.ndarray, labels: np.ndarray | None, level: float, minimum_n: int
) -> dict[str, float | str | None]:
    if numbers["denominator"] < max(1, minimum_n):
        return {"share": None, "low": None, "high": None, "design_effect": None, "refusal": "too_few"}
    if labels is None:
        share = Proportion(numbers["numerator"], numbers["denominator"])
        low, high = share.interval(level)
        return {"share": share.estimate, "low": low, "high": high, "design_effect": None, "refusal": None}
    found = clustered_share(passed.astype(int), np.ones(len(passed), dtype=int), labels, level=level)
    low, high = found.interval
    return {"share": found.estimate, "low": low, "high": high, "design_effect": found.design_effect, "refusal": None}


def _table(rows: list[dict]) -> pd.DataFrame:
    types = {
        **dict.fromkeys(("link", "counts", "unit", "year"), "str"),
        **dict.fromkeys(("reached", "running", "missing", "denominator", "numerator"), "int64"),
        **dict.fromkeys(("share", "low", "high", "design_effect"), "Float64"),
        "refusal": "string",
    }
    return pd.DataFrame(rows, columns=list(types)).astype(types)
