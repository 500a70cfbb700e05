"""Rules that withhold a row for its own sake: points of curves, quantiles, models, near-copies of a headline."""

import math
from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate
from typing import Any

import pandas as pd

from evaluation.publication.policy import Policy, matches

STEP = "minimum_step"
_REACH = 1.96  # an interval of 95 %, in standard errors
_CURVE = ("at_risk_", "within_")
_DAYS = ("days", "working_days")


def row_rules(table: pd.DataFrame, policy: Policy) -> dict[int, str]:
    """Return the rows that a rule of their own withholds, with the name of the rule.

    Parameters
    ----------
    table : DataFrame
        Scores with their ids taken apart, and the `level` (unit or national) of each.
    policy : Policy
    """
    at_risk = {
        (row.module, row.measure, row.statistic.removeprefix("at_risk_"), row.group): row.estimate
        for row in table[table["statistic"].str.startswith("at_risk_")].itertuples()
    }
    spare = _degrees_of_freedom(table, policy)
    rules = {}
    for row in table[table["refusal"] != "absent"].itertuples():
        statistic = str(row.statistic)
        if row.refusal == "misleading" and not row.n:
            continue  # a number that nobody worked out: there is nothing to withhold
        if statistic.startswith(_CURVE):
            stays = statistic.removeprefix("at_risk_").removeprefix("within_")
            number = at_risk.get((row.module, row.measure, stays, row.group))
            if number is not None and not number >= policy.minimum_at_risk:
                rules[row.Index] = "minimum_at_risk"
        elif (below := _share_below(row, policy)) is not None:
            if row.n < policy.minimum_quantile:
                rules[row.Index] = "minimum_quantile"
            elif round(min(below, 1 - below) * row.n, 9) < policy.minimum_beyond_quantile:
                rules[row.Index] = "minimum_beyond_quantile"
        elif matches(str(row.id), policy.exempt):
            continue
        elif is_model(row.name, statistic, policy.ratios) and row.n < policy.minimum_model:
            rules[row.Index] = "minimum_model"
        elif is_model(row.name, statistic, policy.models):
            if row.n < policy.minimum_model:
                rules[row.Index] = "minimum_model"
            elif spare[row.module, row.measure] < policy.minimum_degrees_of_freedom:
                rules[row.Index] = "minimum_degrees_of_freedom"
    for row in _near_copies(table, policy):
        rules.setdefault(row, "minimum_difference")
    for row in _small_steps(table, policy, gone=rules.keys()):
        rules.setdefault(row, STEP)
    return rules


def lone_bounds(table: pd.DataFrame, policy: Policy) -> list[int]:
    """Return the quantiles whose interval ends on a day beyond which hardly any case ended.

    The ends of such an interval are durations of cases. How many ended beyond them follows
    from the normal approximation, which is why ten are asked for everywhere; ends, not
    cases, are counted: one that is still open may have gone out of view earlier.
    """
    found = []
    for row in table.itertuples():
        below, ends = _share_below(row, policy), row.n if pd.isna(row.events) else row.events
        if below is None:
            continue
        reach = _REACH * math.sqrt(below * (1 - below) / max(ends, 1))
        if ends * min(below - reach, 1 - below - reach) < policy.minimum_unit:
            found.append(row.Index)
    return found


def _share_below(row: Any, policy: Policy) -> float | None:
    """Return the share of cases below a quantile, or None when the row is none.

    A name with `*` stands for the same quantile of slightly other cases (`median_kind_all`).
    Those in a unit other than days, and those refused, are none.
    """
    if row.statistic in policy.quantiles:
        return policy.quantiles[row.statistic]
    if row.refused or row.unit not in _DAYS:
        return None
    return next((share for name, share in policy.quantiles.items() if matches(row.statistic, [name])), None)


def is_model(name: str, statistic: str, patterns: Sequence[str]) -> bool:
    """Tell whether a score (`module.measure.statistic`) is named by patterns of either length."""
    return matches(statistic, patterns) or matches(name, patterns)


def named(table: pd.DataFrame, pattern: str) -> pd.Series:
    """Tell for each row of a scores table whether its `module.measure.statistic` fits a pattern."""
    return pd.Series([matches(name, [pattern]) for name in table["name"]], index=table.index, dtype="bool")


def _degrees_of_freedom(table: pd.DataFrame, policy: Policy) -> dict[tuple[str, str], float]:
    spare = {}
    for measure, rows in table.groupby(["module", "measure"]):
        by_unit = rows[rows["group"].str.startswith("unit=")].groupby("group")["n"].max()
        total = rows.loc[rows["group"] == "all", "n"].max()
        cases = by_unit.sum() if by_unit.size or math.isnan(total) else total
        spare[measure] = float(cases) - len(by_unit) - policy.model_coefficients
    return spare


def _near_copies(table: pd.DataFrame, policy: Policy) -> Iterator[int]:
    """Yield shares over slightly other cases than a shown share, from which those few cases can be worked out.

    The cases that make the difference are judged as a unit where they may be one.
    """
    shares = table[(table["unit"] == "share") & ~table["refused"]]
    in_unit = table["group"].str.startswith("unit=")
    units = set(table.loc[in_unit, "n"])
    for declared in policy.without_counts:
        beside = shares[shares["name"] == declared["beside"]].set_index("group")[["n", "estimate"]]
        # Leaving out the small units tells the sum of those units.
        small = set(accumulate(sorted(table.loc[(table["name"] == declared["beside"]) & in_unit, "n"])))
        rows = shares[named(shares, declared["rows"]) & shares["group"].isin(beside.index)]
        for row in rows.itertuples():
            n, estimate = beside.loc[row.group]
            cases = abs(row.n - n)
            inside, outside = (round(abs(row.n * one - n * other)) for one, other in (
                (row.estimate, estimate), (1 - row.estimate, 1 - estimate)))  # fmt: skip
            least = policy.minimum_unit if cases in units else policy.minimum_national
            if (
                0 < cases < policy.minimum_difference
                or (cases and cases in small)
                or (cases and any(0 < count < least or (count == 0 and cases in units) for count in (inside, outside)))
            ):
                # The end of a range repeats one of its shares.
                yield from rows.index[(rows["group"] == row.group) & (rows["estimate"] == row.estimate)]


def _small_steps(table: pd.DataFrame, policy: Policy, *, gone: Collection[int]) -> Iterator[int]:
    """Yield the points of curves that differ from a point already kept by a few cases.

    Shares and numbers at risk each make a curve of counts. The start (nobody ended,
    everybody at risk) and the end (everybody ended) are points as well.
    """
    days = table["statistic"].str.extract(r"^(within|at_risk)_([0-9]+)_days$")
    points = table.assign(kind=days[0], day=pd.to_numeric(days[1])).dropna(subset=["day"])
    points = points[~points["refused"] & ~points.index.isin(list(gone))]
    importance = points[points["kind"] == "within"].groupby("day").size()
    at_risk_of = {
        curve: dict(zip(rows["day"], rows["estimate"], strict=True))
        for curve, rows in points[points["kind"] == "at_risk"].groupby(["module", "measure", "group"])
    }
    for (*curve, kind), rows in points.groupby(["module", "measure", "group", "kind"]):
        unit = rows["level"].iloc[0] == "unit"
        least = policy.minimum_step_unit if unit else policy.minimum_step_national
        nought = not (unit and policy.full_or_empty_disclosive)
        if kind == "within":
            scale = _ends_in_all(rows)
            counts, kept = rows["estimate"] * scale, {0.0: 0.0, math.inf: scale}
            open_ = {0.0: 1.0, **dict(zip(rows["day"], 1 - rows["estimate"], strict=True))}
            at_risk = at_risk_of.get(tuple(curve), {})
        else:
            counts, kept = rows["estimate"], {0.0: float(rows["n"].max())}
        for row, day in sorted(
            zip(rows.index, rows["day"], strict=True), key=lambda p: (-importance.get(p[1], 0), p[1])
        ):
            beside = [max(d for d in kept if d < day), *sorted(d for d in kept if d > day)[:1]]
            steps = [round(abs(float(counts[row]) - kept[other])) for other in beside]
            if kind == "within":
                # Under censoring a late end weighs more: count it among those still at risk, as a reader would.
                pairs = [sorted((day, other)) for other in beside if other < math.inf]
                steps += [
                    round(at_risk[first] * (1 - open_[then] / open_[first]))
                    for first, then in pairs
                    if first in at_risk and open_[first] > 0
                ]
            if any(step < least and not (step == 0 and nought) for step in steps):
                yield row
            else:
                kept[day] = float(counts[row])


def _ends_in_all(rows: pd.DataFrame) -> float:
    """Return how many ends a share closed of one stands for: n, or with censoring what the number of ends allows."""
    n, last = float(rows["n"].max()), rows["estimate"].max()
    events = pd.to_numeric(rows["events"]).max()
    return n if pd.isna(events) or not last > 0 else min(n, float(events) / last)
