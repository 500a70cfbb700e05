"""All counts that the scores print, as one linear system of cells and blocks.

Cells that hold the same counts are one cell, wherever they are printed: hidden in one
table, a count must not stand in another.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from evaluation.policy import Policy, matches
from evaluation.suppression import Knowledge, System

# Sums between national counts are looked for in measures with at most this many of them.
MOST_COUNTS_IN_SUMS = 14
# Other units look the same by chance in two columns of counts; three or more do not.
FEWEST_EQUAL_GROUPS = 3

# Withholding a national total costs this many times what a unit or year costs.
TOTAL_COSTS = 1000

Block = tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """The system, and how its blocks and cells belong to rows of the scores."""

    system: System
    primary: frozenset[int]
    block_of_row: Mapping[int, int]
    events_block_of_row: Mapping[int, int]
    row_rules: Mapping[int, str]
    blocks: Sequence[Block]
    level_of: Mapping[str, str]


def plan_of(table: pd.DataFrame, policy: Policy, *, row_rules: Mapping[int, str]) -> Plan:
    """Make the system of all counts that a scores table prints.

    Parameters
    ----------
    table : DataFrame
        Scores with their ids taken apart, and whether they were refused.
    policy : Policy
    row_rules : mapping
        Rows that a rule of their own withholds.
    """
    counts = _counts(table, policy)
    level_of = _levels(table, policy)
    cells = {
        key: place
        for place, key in enumerate(dict.fromkeys(zip(counts["cell_variable"], counts["group"], strict=True)))
    }
    counts = counts.assign(
        cell=[cells[key] for key in zip(counts["cell_variable"], counts["group"], strict=True)],
        level=counts["group"].map(level_of),
    )
    counts["cell"] = counts["cell"].astype("int64")
    value = np.zeros(len(cells))
    value[counts["cell"]] = counts["value"]
    names: dict[Block, int] = {}
    main = {row: names.setdefault(_block(table.loc[row], policy), len(names)) for row in counts["row"].unique()}
    events = {
        row: names.setdefault(("events", _population(table.loc[row], policy), table.loc[row, "group"]), len(names))
        for row in counts.loc[counts["kind"] == "events", "row"]
    }
    of_events = counts["kind"].isin(["events", "nonevents"])
    counts["block"] = [events[row] if ev else main[row] for row, ev in zip(counts["row"], of_events, strict=True)]
    sensitive = _sensitive(counts, cells, value, policy)
    primary = _primary(table, counts, sensitive, main, row_rules)
    printed = counts.groupby("cell")["block"].agg(lambda blocks: tuple(sorted(set(blocks))))
    system = System(
        value=value,
        relations=_relations(table, counts, cells, policy),
        printed=tuple(printed.reindex(range(len(cells)))),
        cost=_costs(table, main, len(names)),
        dear=float(TOTAL_COSTS),
        implies=tuple(
            sorted({(main[row], block) for row, block in events.items() if table.loc[row, "group"] != "all"})
        ),
        attackers=_attackers(counts, cells, value, sensitive, primary, policy),
    )
    return Plan(system, primary, main, events, row_rules, tuple(names), level_of)


def _counts(table: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Return one row a printed count: row, vector, group, kind, value, attribute.

    `attribute` is false for numerators that say nothing about a person (registration).
    """
    found: list[tuple[int, tuple[str, str, str, str], str, str, int, bool]] = []
    for index, score in table.to_dict("index").items():
        if matches(score["id"], policy.exempt) or score["refusal"] == "absent":
            continue
        attribute = not matches(score["id"], policy.registration)
        for kind, value in _printed(score).items():
            vector = (score["module"], score["measure"], score["statistic"], kind)
            person = attribute or kind not in ("numerator", "complement")
            found.append((index, vector, score["group"], kind, value, person))
    counts = pd.DataFrame(found, columns=["row", "vector", "group", "kind", "value", "attribute"])
    counts = counts.astype({"row": "int64", "value": "int64", "attribute": "bool"})
    counts["cell_variable"] = counts["vector"].map(_variables(counts))
    return counts


def _printed(score: Mapping[Any, Any]) -> dict[str, int]:
    number = {
        name: round(float(score[name]))
        for name in ("n", "events", "numerator", "denominator")
        if not pd.isna(score[name])
    }
    if score["unit"] == "share" and {"numerator", "denominator"} <= number.keys():
        if number["numerator"] <= number["denominator"]:
            number["complement"] = number["denominator"] - number["numerator"]
    elif score["statistic"].startswith("within_") and not score["refused"] and 0 <= score["estimate"] <= 1:
        # Not an exact count when cases are censored, but close enough to work backwards from.
        number["numerator"] = round(float(score["estimate"]) * number["n"])
        number["complement"] = number["n"] - number["numerator"]
    if {"n", "events"} <= number.keys() and 0 <= number["events"] <= number["n"]:
        number["nonevents"] = number["n"] - number["events"]
    if score["unit"] == "count" and not score["refused"]:
        number["estimate"] = round(float(score["estimate"]))
    return number


def _variables(counts: pd.DataFrame) -> dict[tuple[str, ...], int]:
    """Give vectors of counts that are the same counts one number.

    Two vectors are the same when they agree in every group they share, and share three
    groups besides the total with different counts (any module), or any group at all
    (same measure). Calling chance equality the same only makes the attacker stronger.
    """
    groups = {
        group: place for place, group in enumerate(sorted(counts["group"].unique(), key=lambda g: (g != "all", g)))
    }
    measures: dict[tuple[str, str], int] = {}
    known = np.empty((0, len(groups)))
    owners: list[set[int]] = []
    numbers: dict[tuple[str, ...], int] = {}
    seen: dict[tuple[int, bytes], int] = {}
    vectors = sorted(counts.groupby("vector", sort=False), key=lambda pair: (-len(pair[1]), pair[0]))
    broken = 1 if "all" in groups else 0  # columns from here on are units and years
    for vector, rows in vectors:
        line = np.full(len(groups), np.nan)
        line[[groups[group] for group in rows["group"]]] = rows["value"]
        measure = measures.setdefault(vector[:2], len(measures))
        mark = (measure, line.tobytes())
        if mark not in seen:
            shared = ~np.isnan(known) & ~np.isnan(line)
            agrees = (~shared | (known == line)).all(axis=1) & shared.any(axis=1)
            split = shared[:, broken:]
            high = np.where(split, known[:, broken:], -np.inf).max(axis=1, initial=-np.inf)
            low = np.where(split, known[:, broken:], np.inf).min(axis=1, initial=np.inf)
            telling = (split.sum(axis=1) >= FEWEST_EQUAL_GROUPS) & (high > low)
            own = np.array([measure in owner for owner in owners], dtype=bool)
            same = np.flatnonzero(agrees & (telling | own))
            if len(same):
                place = int(same[0])
                known[place] = np.where(np.isnan(known[place]), line, known[place])
                owners[place].add(measure)
            else:
                place = len(known)
                known = np.vstack([known, line])
                owners.append({measure})
            seen[mark] = place
        numbers[vector] = seen[mark]
    return numbers


def _levels(table: pd.DataFrame, policy: Policy) -> dict[str, str]:
    groups = table["group"].unique()
    units = [group for group in groups if group.startswith("unit=")]
    rest = "national" if len(units) >= policy.national_minimum_units else "unit"
    return {group: "unit" if group in units else rest for group in groups}


def _population(score: pd.Series, policy: Policy) -> str:
    name = f"{score['module']}.{score['measure']}"
    return next((pattern for pattern in policy.together if fnmatchcase(name, pattern)), name)


def _block(score: pd.Series, policy: Policy) -> Block:
    population = _population(score, policy)
    if score["group"] == "all":
        return ("row", score["id"])
    if score["statistic"] in policy.separate or score["statistic"].startswith(("at_risk_", "within_")):
        return ("separate", population, score["statistic"], score["group"])
    return ("group", population, score["group"])


def _sensitive(counts: pd.DataFrame, cells: Mapping, value: np.ndarray, policy: Policy) -> np.ndarray:
    """Tell for each cell whether the policy calls it disclosive."""
    minimum = counts["level"].map({"unit": policy.minimum_unit, "national": policy.minimum_national})
    small = counts["value"] < minimum
    if policy.full_or_empty_disclosive:
        small |= (counts["value"] == 0) & counts["kind"].isin(["numerator", "complement", "nonevents"])
    total = np.array([value[cells[variable, "all"]] if (variable, "all") in cells else np.nan
                      for variable in counts["cell_variable"]])  # fmt: skip
    national_exists = (counts["level"] == "national").any()
    implied = (counts["level"] == "unit") & (counts["group"] != "all") & (total == 0) & national_exists
    allowed_zero = (counts["value"] == 0) & ((counts["level"] == "national") | implied)
    sensitive = np.zeros(len(value), dtype=bool)
    sensitive[counts.loc[small & ~allowed_zero & counts["attribute"], "cell"].unique()] = True
    return sensitive


def _primary(
    table: pd.DataFrame,
    counts: pd.DataFrame,
    sensitive: np.ndarray,
    main: Mapping[int, int],
    row_rules: Mapping[int, str],
) -> frozenset[int]:
    small = counts[sensitive[counts["cell"]]]
    # Few open cases: the numbers of open and of closed cases go. Few events: the statistic goes too.
    whole = small.loc[small["kind"] != "nonevents", "row"]
    blocks = set(small["block"]) | {main[row] for row in whole}
    blocks |= {main[row] for row in row_rules if row in main and table.loc[row, "group"] == "all"}
    return frozenset(int(block) for block in blocks)


def _costs(table: pd.DataFrame, main: Mapping[int, int], blocks: int) -> np.ndarray:
    cost = np.full(blocks, 0.5)
    for row, block in main.items():
        size = float(table.loc[row, "n"])
        cost[block] += (1 + math.log1p(max(size, 0))) * (TOTAL_COSTS if table.loc[row, "group"] == "all" else 1)
    return cost


def _relations(table: pd.DataFrame, counts: pd.DataFrame, cells: Mapping, policy: Policy) -> sparse.csr_array:
    rows: set[tuple[tuple[int, int], ...]] = set()

    def add(total: int, *addends: int) -> None:
        # A cell on both sides cancels out.
        signs: dict[int, int] = defaultdict(int)
        signs[total] -= 1
        for addend in addends:
            signs[addend] += 1
        if line := tuple(sorted((cell, sign) for cell, sign in signs.items() if sign)):
            rows.add(line)

    of_variable: dict[tuple[int, str], list[int]] = defaultdict(list)
    for (variable, group), cell in cells.items():
        of_variable[variable, group.partition("=")[0]].append(cell)
    for (variable, dimension), parts_ in of_variable.items():
        if dimension != "all" and (variable, "all") in cells:
            add(cells[variable, "all"], *parts_)
    for _row, printed in counts.groupby("row"):
        of_kind = dict(zip(printed["kind"], printed["cell"], strict=True))
        if "complement" in of_kind:
            add(
                of_kind["denominator" if "denominator" in of_kind else "n"], of_kind["numerator"], of_kind["complement"]
            )
        if "nonevents" in of_kind:
            add(of_kind["n"], of_kind["events"], of_kind["nonevents"])
    named = counts.assign(name=[".".join(vector[:3]) for vector in counts["vector"]])
    for margin in policy.margins:
        for total, these in _margin(named, margin):
            add(total, *these)
    for total, pair in _national_sums(counts):
        add(total, *pair)
    ordered = sorted(rows)
    entries = [(place, cell, sign) for place, line in enumerate(ordered) for cell, sign in line]
    if not entries:
        return sparse.csr_array((0, len(cells)))
    where, column, sign = (np.array(values) for values in zip(*entries, strict=True))
    return sparse.csr_array((sign.astype(float), (where, column)), shape=(len(ordered), len(cells)))


def _margin(named: pd.DataFrame, margin: Mapping[str, str]) -> list[tuple[int, list[int]]]:
    """Return (total, parts) for each group and kind in which the declared sum holds."""
    totals = named[named["name"] == margin["total"]]
    addends = named[[fnmatchcase(name, margin["parts"]) for name in named["name"]]]
    found = []
    for total in totals[totals["kind"].isin(["numerator", "denominator", "complement"])].itertuples():
        these = addends[(addends["group"] == total.group) & (addends["kind"] == total.kind)]
        if len(these) and these["value"].sum() == total.value:
            found.append((total.cell, these["cell"].tolist()))
    return found


def _national_sums(counts: pd.DataFrame) -> list[tuple[int, tuple[int, ...]]]:
    """Return the sums of two or three national counts that make a third of the same measure.

    Found by looking at the numbers: states of a step add up to the times it was required,
    whatever the module calls them. A sum that holds by chance does no harm but some hiding.
    """
    national = counts[(counts["group"] == "all") & (counts["value"] > 0)]
    found = []
    measures = pd.Series([".".join(vector[:2]) for vector in national["vector"]], index=national.index)
    for _measure, rows in national.groupby(measures):
        values = dict(zip(rows["cell"], rows["value"], strict=True))
        if len(values) > MOST_COUNTS_IN_SUMS:
            continue
        by_value: dict[int, list[int]] = defaultdict(list)
        for cell, number in values.items():
            by_value[number].append(cell)
        for size in (2, 3):
            for addends in combinations(sorted(values), size):
                found += [
                    (total, addends)
                    for total in by_value.get(sum(values[cell] for cell in addends), [])
                    if total not in addends
                ]
    return found


def _attackers(
    counts: pd.DataFrame,
    cells: Mapping,
    value: np.ndarray,
    sensitive: np.ndarray,
    primary: frozenset[int],
    policy: Policy,
) -> tuple[Knowledge, Knowledge]:
    """Return an attacker who has only the numbers, and one who also has the log and the policy.

    The second knows that a count withheld for being small is below the threshold, and that
    every count in a group withheld only to protect others is not.
    """
    first = counts.drop_duplicates("cell").set_index("cell").reindex(range(len(value)))
    unit = (first["level"] == "unit").to_numpy()
    minimum = np.where(unit, policy.minimum_unit, policy.minimum_national)
    # A published total already bounds its parts; nobody can ask for a wider range.
    total = np.array([value[cells.get((variable, "all"), place)] if group != "all" else np.inf
                      for place, (variable, group) in enumerate(cells)])  # fmt: skip
    plain = Knowledge(
        low=np.zeros(len(value)),
        high=np.full(len(value), np.inf),
        width=np.minimum(np.where(unit, policy.protection_interval_unit, policy.protection_interval_national), total),
    )
    judged = np.zeros(len(value), dtype=bool)
    judged[counts.loc[counts["attribute"], "cell"].unique()] = True
    touched = np.zeros(len(value), dtype=bool)
    touched[counts.loc[counts["block"].isin(primary), "cell"].unique()] = True
    low = np.where(judged & ~touched, np.minimum(minimum, value), 0)
    low = np.where(sensitive & ~unit, 1, low)
    # Nor can it be wider than the threshold itself leaves.
    informed_width = np.where(
        unit,
        min(policy.informed_interval_unit, policy.minimum_unit - 1),
        min(policy.informed_interval_national, policy.minimum_national - 2),
    )
    informed = Knowledge(
        low=low.astype(float),
        high=np.where(sensitive, np.maximum(minimum - 1.0, value), np.inf),
        width=np.minimum(informed_width, total),
    )
    return plain, informed
