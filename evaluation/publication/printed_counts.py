"""All counts that the scores print, as one linear system of cells and blocks.

Cells that hold the same counts are one cell, wherever they are printed: hidden in one
table, a count must not stand in another.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from evaluation.publication.declared import Difference, balances, differences, margins
from evaluation.publication.policy import Policy, matches
from evaluation.publication.row_rules import STEP, is_model, named
from evaluation.publication.suppression import Knowledge, System

# Sums of national numerators are looked for in measures with at most this many of them.
MOST_COUNTS_IN_SUMS = 10
# Two columns of counts that agree in three groups, with this much information in the counts, do so by design.
FEWEST_EQUAL_GROUPS = 3
FEWEST_EQUAL_BITS = 15.0
# Kinds of counts that are a whole, not a part of one.
WHOLES = frozenset({"n", "denominator"})

ALL_COUNTS = ("n", "events", "numerator", "denominator")
# The group `all` of a count on a day, of which the years are no parts.
MOMENT = "moment"

# Withholding a national total costs this many times what a unit or year costs.
TOTAL_COSTS = 1000

Block = tuple[str, ...]
# Number of a variable, and its group.
Cell = tuple[int, str]


@dataclass(frozen=True)
class Plan:
    """The system, and how its blocks and cells belong to rows of the scores."""

    system: System
    primary: frozenset[int]
    block_of_row: Mapping[int, int]
    events_block_of_row: Mapping[int, int]
    row_rules: Mapping[int, str]
    blocks: Sequence[Block]


def plan_of(
    table: pd.DataFrame, policy: Policy, *, row_rules: Mapping[int, str], uncounted: Mapping[int, tuple[str, ...]]
) -> Plan:
    """Make the system of all counts that a scores table prints.

    Parameters
    ----------
    table : DataFrame
        Scores with their ids taken apart, whether they were refused, and their level.
    policy : Policy
    row_rules : mapping
        Rows that a rule of their own withholds.
    uncounted : mapping
        Rows of which (some) counts are not printed, as `without_counts` returns them.
    """
    counts = _counts(table, policy, uncounted)
    cells = {
        key: place
        for place, key in enumerate(dict.fromkeys(zip(counts["cell_variable"], counts["group"], strict=True)))
    }
    counts = counts.assign(
        cell=[cells[key] for key in zip(counts["cell_variable"], counts["group"], strict=True)],
        level=counts["row"].map(table["level"]),
    )
    counts["cell"] = counts["cell"].astype("int64")
    rests = _rests(counts, cells, dict(zip(counts["cell"], counts["value"], strict=True)))
    between = _between(counts, policy)
    rests |= {cell: one.value for cell, one in between.items()}
    cells |= {key: len(cells) + place for place, key in enumerate(rests)}
    value = np.zeros(len(cells))
    value[counts["cell"]] = counts["value"]
    value[len(cells) - len(rests) :] = list(rests.values())
    names: dict[Block, int] = {}
    rows = sorted({*counts["row"], *uncounted})
    main = {row: names.setdefault(_block(table.loc[row], policy), len(names)) for row in rows}
    events = {
        row: names.setdefault(("events", _population(table.loc[row], policy), table.loc[row, "group"]), len(names))
        for row in counts.loc[counts["kind"] == "events", "row"]
    }
    of_events = counts["kind"].isin(["events", "nonevents"])
    counts["block"] = [events[row] if ev else main[row] for row, ev in zip(counts["row"], of_events, strict=True)]
    level_of = levels(table, policy)
    sensitive = _sensitive(counts, cells, value, policy) | _sensitive_between(between, cells, value, level_of, policy)
    primary = _primary(table, counts, sensitive, main, row_rules)
    printed: list[set[int]] = [set() for _cell in cells]
    for cell, block in zip(counts["cell"], counts["block"], strict=True):
        printed[cell].add(block)
    system = System(
        value=value,
        relations=_relations(table, counts, cells, between, policy),
        printed=tuple(tuple(sorted(blocks)) for blocks in printed),
        cost=_costs(table, main, len(names)),
        dear=float(TOTAL_COSTS),
        implies=_implies(table, main, events, printed, tuple(names)),
        attackers=_attackers(counts, cells, value, sensitive, primary, between, level_of, policy),
    )
    return Plan(system, primary, main, events, row_rules, tuple(names))


def without_counts(table: pd.DataFrame, policy: Policy) -> dict[int, tuple[str, ...]]:
    """Return the rows of which the policy leaves counts out, and which.

    The number of cases stays where it is that of the other number in every group.
    """
    found: dict[int, tuple[str, ...]] = {}
    for declared in policy.without_counts:
        rows = table[named(table, declared["rows"]) & (table["refusal"] != "absent")]
        beside = table[table["name"] == declared["beside"]].set_index("group")["n"]
        same = bool((rows["group"].map(beside) == rows["n"]).all())
        found |= dict.fromkeys(rows.index, ALL_COUNTS[1:] if same else ALL_COUNTS)
    return found


def levels(table: pd.DataFrame, policy: Policy) -> dict[str, str]:
    """Return the level, unit or national, of each group of a scores table."""
    groups = [*table["group"].unique(), MOMENT]
    units = [group for group in groups if group.startswith("unit=")]
    rest = "national" if len(units) >= policy.national_minimum_units else "unit"
    return {group: "unit" if group in units else rest for group in groups}


def _counts(table: pd.DataFrame, policy: Policy, uncounted: Mapping[int, tuple[str, ...]]) -> pd.DataFrame:
    """Return one row a printed count: row, vector, group, kind, value, attribute, population.

    `attribute` is false for counts that say nothing about a person (registration).
    """
    found: list[tuple[int, tuple[str, str, str, str], str, str, int, bool, str]] = []
    for index, score in table.to_dict("index").items():
        if matches(score["id"], policy.exempt) or score["refusal"] == "absent":
            continue
        attribute = not matches(score["id"], policy.registration)
        group = MOMENT if score["group"] == "all" and matches(score["name"], policy.snapshots) else score["group"]
        population = _population(score, policy)
        for kind, value in _printed(score, policy).items():
            if index in uncounted and (kind != "n" or "n" in uncounted[index]):
                continue
            vector = (score["module"], score["measure"], score["statistic"], kind)
            person = attribute or (kind not in ("numerator", "complement") and score["unit"] != "count")
            found.append((index, vector, group, kind, value, person, population))
    counts = pd.DataFrame(found, columns=["row", "vector", "group", "kind", "value", "attribute", "population"])
    counts = counts.astype({"row": "int64", "value": "int64", "attribute": "bool"})
    counts["cell_variable"] = counts["vector"].map(_variables(counts))
    return counts


def _printed(score: Mapping[Any, Any], policy: Policy) -> dict[str, int]:
    number = {name: round(float(score[name])) for name in ALL_COUNTS if not pd.isna(score[name])}
    if score["unit"] == "share" and {"numerator", "denominator"} <= number.keys():
        if number["numerator"] <= number["denominator"]:
            number["complement"] = number["denominator"] - number["numerator"]
    elif score["statistic"].startswith("within_") and not score["refused"] and 0 <= score["estimate"] <= 1:
        # Not an exact count when cases are censored, but close enough to work backwards from.
        number["numerator"] = round(float(score["estimate"]) * number["n"])
        number["complement"] = number["n"] - number["numerator"]
    if {"n", "events"} <= number.keys() and 0 <= number["events"] <= number["n"]:
        number["nonevents"] = number["n"] - number["events"]
    if score["unit"] == "count" and not score["refused"] and not is_model(
        score["name"], score["statistic"], (*policy.models, *policy.ratios)
    ):  # fmt: skip
        number["estimate"] = round(float(score["estimate"]))
    if not score["refused"] and any(score["name"] == balance["ratio"] for balance in policy.balances):
        number["estimate"] = round(float(score["estimate"]) * number["n"])
    return number


def _variables(counts: pd.DataFrame) -> dict[tuple[str, ...], int]:
    """Give vectors of counts that are the same counts one number.

    Two vectors are the same when they agree in every group they share, and this is no
    chance: three groups with different and large enough counts (in any module), or the
    same kind of count in the same measure. A whole and a part of one measure are never
    the same: where they are equal, that says something about everyone. Nor, by chance, are
    a count of persons and one of registration.
    """
    groups = {
        group: place for place, group in enumerate(sorted(counts["group"].unique(), key=lambda g: (g != "all", g)))
    }
    first = 1 if "all" in groups else 0  # columns from here on are units and years
    judged = dict(counts.groupby("vector")["attribute"].any())
    vectors = sorted(counts.groupby("vector", sort=False), key=lambda pair: (-len(pair[1]), pair[0]))
    known = np.full((len(vectors), len(groups)), np.nan)
    members: list[list[tuple[str, ...]]] = []
    numbers: dict[tuple[str, ...], int] = {}
    for vector, rows in vectors:
        line = np.full(len(groups), np.nan)
        line[[groups[group] for group in rows["group"]]] = rows["value"]
        so_far, filled = known[: len(members)], ~np.isnan(line)
        differs = (so_far[:, filled] != line[filled]) & ~np.isnan(so_far[:, filled])
        alike = ~differs.any(axis=1) & (so_far[:, filled] > 0).any(axis=1)
        same = [
            place
            for place in np.flatnonzero(alike)
            if _may_be_same(vector, members[place], judged, telling=_telling(so_far[place, first:][filled[first:]]))
        ]
        if same:
            place = int(same[0])
            known[place] = np.where(np.isnan(known[place]), line, known[place])
            members[place].append(vector)
        else:
            place = len(members)
            known[place] = line
            members.append([vector])
        numbers[vector] = place
    return numbers


def _telling(shared: np.ndarray) -> bool:
    """Tell whether counts that agree in these units and years (NaN where only one has them) do so by design."""
    counted = shared[~np.isnan(shared)]
    return bool(
        len(counted) >= FEWEST_EQUAL_GROUPS
        and counted.max() > counted.min()
        and np.log2(1 + counted).sum() >= FEWEST_EQUAL_BITS
    )


def _may_be_same(
    vector: tuple[str, ...],
    members: Sequence[tuple[str, ...]],
    judged: Mapping[tuple[str, ...], bool],
    *,
    telling: bool,
) -> bool:
    """Tell whether the names of equal vectors allow them to be the same counts."""
    kind = vector[3]
    own = [member for member in members if member[:2] == vector[:2]]
    if kind != "estimate" and any(
        member[3] != kind and member[3] != "estimate" and not {kind, member[3]} <= WHOLES for member in own
    ):
        return False
    alike = [member for member in own if kind == member[3] or "estimate" in (kind, member[3]) or kind in WHOLES]
    return telling or (bool(alike) and judged[vector] == judged[members[0]])


def _rests(counts: pd.DataFrame, cells: Mapping[Cell, int], value: Mapping[int, int]) -> dict[Cell, int]:
    """Return what the units (or years) lack of a total: groups without that count, or cases without a group.

    A group whose share was refused prints no numerator, so nobody knows the rest.
    """
    sums: dict[Cell, int] = defaultdict(int)
    for (variable, group), cell in cells.items():
        if group != "all" and (variable, "all") in cells:
            sums[variable, group.partition("=")[0]] += value[cell]
    unsaid = {(part, dimension) for _whole, parts_, dimension, _groups in _unsaid(counts, cells) for part in parts_}
    rests = {}
    for (variable, dimension), total in sums.items():
        rest = value[cells[variable, "all"]] - total
        if rest > 0 or (rest == 0 and (variable, dimension) in unsaid):
            rests[variable, f"rest:{dimension}"] = rest
    return rests


def _unsaid(counts: pd.DataFrame, cells: Mapping[Cell, int]) -> list[tuple[int, tuple[int, int], str, tuple[str, ...]]]:
    """Return (whole, (part, part), dimension, groups) where groups print the whole and not its parts."""
    groups: dict[Cell, set[str]] = defaultdict(set)
    for variable, group in cells:
        groups[variable, group.partition("=")[0]].add(group)
    found = []
    for triple in sorted(set(_triples(counts, "cell_variable"))):
        for dimension in ("unit", "year"):
            lacking = groups[triple[0], dimension] - groups[triple[1], dimension]
            if lacking and groups[triple[1], dimension]:
                found.append((triple[0], triple[1:], dimension, tuple(sorted(lacking))))
    return found


def _triples(counts: pd.DataFrame, column: str) -> list[tuple[int, int, int]]:
    """Return (whole, part, other part) for each row that prints a share or events."""
    of_row: dict[int, dict[str, int]] = defaultdict(dict)
    for row, kind, number in zip(counts["row"], counts["kind"], counts[column], strict=True):
        of_row[row][kind] = number
    found = []
    for of_kind in of_row.values():
        if "complement" in of_kind:
            whole = of_kind["denominator" if "denominator" in of_kind else "n"]
            found.append((whole, of_kind["numerator"], of_kind["complement"]))
        if "nonevents" in of_kind:
            found.append((of_kind["n"], of_kind["events"], of_kind["nonevents"]))
    return found


def _population(score: Mapping[Any, Any], policy: Policy) -> str:
    name = f"{score['module']}.{score['measure']}"
    return next((patterns[0] for patterns in policy.together if matches(name, patterns)), name)


def _block(score: pd.Series, policy: Policy) -> Block:
    population = _population(score, policy)
    if score["group"] == "all":
        return ("row", score["id"])
    for patterns in policy.separate:
        if matches(score["name"], patterns):
            return ("separate", population, patterns[0] if len(patterns) > 1 else score["statistic"], score["group"])
    if score["statistic"].startswith(("at_risk_", "within_")):
        return ("separate", population, score["statistic"], score["group"])
    return ("group", population, score["group"])


def _implies(
    table: pd.DataFrame,
    main: Mapping[int, int],
    events: Mapping[int, int],
    printed: Sequence[set[int]],
    blocks: Sequence[Block],
) -> tuple[tuple[int, int], ...]:
    """Return which blocks take others along: those of its events, and a group whatever else prints a count of it."""
    found = {(main[row], block) for row, block in events.items() if table.loc[row, "group"] != "all"}
    for together in printed:
        groups = [block for block in together if blocks[block][0] == "group"]
        for one in groups:
            about = (blocks[one][1], blocks[one][2])
            found |= {(one, other) for other in together
                      if blocks[other][0] == "separate" and (blocks[other][1], blocks[other][3]) == about}  # fmt: skip
    return tuple(sorted(found))


def _between(counts: pd.DataFrame, policy: Policy) -> dict[Cell, Difference]:
    """Return a cell for each declared difference between two counts; its variable belongs to no printed count."""
    found = differences(counts, policy)
    first = int(counts["cell_variable"].max()) + 1 if len(counts) else 0
    place = {pair: first + at for at, pair in enumerate(dict.fromkeys((one.whole, one.part) for one in found))}
    return {(place[one.whole, one.part], one.group): one for one in found}


def _sensitive(counts: pd.DataFrame, cells: Mapping[Cell, int], value: np.ndarray, policy: Policy) -> np.ndarray:
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


def _sensitive_between(
    between: Mapping[Cell, Difference],
    cells: Mapping[Cell, int],
    value: np.ndarray,
    level_of: Mapping[str, str],
    policy: Policy,
) -> np.ndarray:
    """Tell which differences are disclosive: as counts are, and nought in a unit unless it is nought everywhere."""
    sensitive = np.zeros(len(value), dtype=bool)
    for (variable, group), one in between.items():
        unit = level_of[group] == "unit"
        total = cells.get((variable, "all"))
        everywhere = group != "all" and total is not None and value[total] == 0
        harmless = one.value == 0 and (not unit or (everywhere and "national" in level_of.values()))
        small = one.value < (policy.minimum_unit if unit else policy.minimum_national)
        sensitive[cells[variable, group]] = one.attribute and small and not harmless
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
    blocks |= {
        main[row]
        for row, rule in row_rules.items()
        if row in main and (table.loc[row, "group"] == "all" or rule == STEP)
    }
    return frozenset(int(block) for block in blocks)


def _costs(table: pd.DataFrame, main: Mapping[int, int], blocks: int) -> np.ndarray:
    cost = np.full(blocks, 0.5)
    for row, block in main.items():
        # Of the ways to end, the rare ones are given up first.
        ends = table.loc[row, "events"] if str(table.loc[row, "statistic"]).startswith("within_") else None
        size = float(table.loc[row, "n"] if ends is None or pd.isna(ends) else ends)
        dearness = (TOTAL_COSTS if table.loc[row, "group"] == "all" else 1) * (
            2 if table.loc[row, "statistic"] == "share" else 1
        )
        cost[block] += (1 + math.log1p(max(size, 0))) * dearness
    return cost


def _relations(
    table: pd.DataFrame,
    counts: pd.DataFrame,
    cells: Mapping[Cell, int],
    between: Mapping[Cell, Difference],
    policy: Policy,
) -> sparse.csr_array:
    rows: set[tuple[tuple[int, int], ...]] = set()

    def add(totals: Iterable[int], addends: Iterable[int]) -> None:
        # A cell on both sides cancels out.
        signs: dict[int, int] = defaultdict(int)
        for total in totals:
            signs[total] -= 1
        for addend in addends:
            signs[addend] += 1
        if line := tuple(sorted((cell, sign) for cell, sign in signs.items() if sign)):
            rows.add(line)

    of_variable: dict[Cell, list[int]] = defaultdict(list)
    for (variable, group), cell in cells.items():
        if (variable, group) not in between:  # their sums follow from those of what they are between
            of_variable[variable, group.removeprefix("rest:").partition("=")[0]].append(cell)
    for (variable, dimension), parts_ in of_variable.items():
        if dimension != "all" and (variable, "all") in cells:
            add([cells[variable, "all"]], parts_)
    for whole, *pair in _triples(counts, "cell"):
        add([whole], pair)
    for whole, pair_, dimension, groups in _unsaid(counts, cells):
        rest = f"rest:{dimension}"
        if (whole, rest) not in cells and all((part, rest) in cells for part in pair_):
            add([cells[whole, group] for group in groups], [cells[part, rest] for part in pair_])
    for totals, addends in (*margins(counts, policy), *balances(counts, policy), *_last_days(table, counts)):
        add(totals, addends)
    for key, one in between.items():
        add([cells[one.whole, one.group]], [cells[one.part, one.group], cells[key]])
    for total, addends in _national_sums(counts):
        add([total], addends)
    ordered = sorted(rows)
    entries = [(place, cell, sign) for place, line in enumerate(ordered) for cell, sign in line]
    if not entries:
        return sparse.csr_array((0, len(cells)))
    where, column, sign = (np.array(values) for values in zip(*entries, strict=True))
    return sparse.csr_array((sign.astype(float), (where, column)), shape=(len(ordered), len(cells)))


def _last_days(table: pd.DataFrame, counts: pd.DataFrame) -> list[tuple[list[int], list[int]]]:
    """Return the counts on the last day that are those of the end of a year as well."""
    ends = counts.assign(day=[str(table.loc[row, "period"]).rpartition("/")[2] for row in counts["row"]])
    moments = ends[ends["group"] == MOMENT].drop_duplicates("cell")
    years = ends[ends["group"].str.startswith("year=")].drop_duplicates("cell")
    both = moments.merge(years, on=["cell_variable", "day", "value"], suffixes=("", "_year"))
    return [([one.cell], [one.cell_year]) for one in both.itertuples()]


def _national_sums(counts: pd.DataFrame) -> list[tuple[int, tuple[int, ...]]]:
    """Return the sums of national numerators that make a whole of the same measure.

    Found by looking at the numbers: states of a step add up to the times it was required,
    whatever the module calls them. A sum that holds by chance does no harm but some hiding.
    """
    # Shares within N days are parts of each other, never of a whole.
    curve = [vector[2].startswith("within_") for vector in counts["vector"]]
    national = counts[(counts["group"] == "all") & (counts["value"] > 0) & ~np.array(curve, dtype=bool)]
    found = []
    measures = pd.Series([".".join(vector[:2]) for vector in national["vector"]], index=national.index)
    for _measure, rows in national.groupby(measures):
        numerators = rows[rows["kind"] == "numerator"]
        values = dict(zip(numerators["cell"], numerators["value"], strict=True))
        wholes = rows[rows["kind"].isin(WHOLES)].drop_duplicates("cell")
        if not 2 <= len(values) <= MOST_COUNTS_IN_SUMS:
            continue
        for size in range(2, 6):
            for addends in combinations(sorted(values), size):
                total = sum(values[cell] for cell in addends)
                found += [(cell, addends) for cell in wholes.loc[wholes["value"] == total, "cell"]]
    return found


def _attackers(
    counts: pd.DataFrame,
    cells: Mapping[Cell, int],
    value: np.ndarray,
    sensitive: np.ndarray,
    primary: frozenset[int],
    between: Mapping[Cell, Difference],
    level_of: Mapping[str, str],
    policy: Policy,
) -> tuple[Knowledge, Knowledge]:
    """Return an attacker who has only the numbers, and one who also has the log and the policy.

    The second knows that a count withheld for being small is below the threshold, and that
    every count in a group withheld only to protect others is not.
    """
    unit = np.array([level_of.get(group) == "unit" for _variable, group in cells], dtype=bool)
    minimum = np.where(unit, policy.minimum_unit, policy.minimum_national)
    # A published total already bounds its parts; nobody can ask for a wider range.
    total = np.array([value[cells.get((variable, "all"), place)] if group != "all" else np.inf
                      for place, (variable, group) in enumerate(cells)])  # fmt: skip
    # A national nought may be shown, so it needs no protection.
    total = np.where(~unit & (value == 0), 0, total)
    # What has no group, and what counts differ by for want of registration, needs none either.
    free = [group.startswith("rest:") or (cell in between and not sensitive[place])
            for place, cell in enumerate(cells) for group in cell[1:]]  # fmt: skip
    total = np.where(free, 0, total)
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
    # A small numerator beside a small complement: their sum, which may be known, leaves less than the threshold does.
    for whole, *parts in set(_triples(counts, "cell")):
        if sensitive[parts].all():
            left = max(2 * (minimum[parts[0]] - 1) - value[whole], 0)
            informed_width[parts] = np.minimum(informed_width[parts], left)
    informed = Knowledge(
        low=low.astype(float),
        high=np.where(sensitive, np.maximum(minimum - 1.0, value), np.inf),
        width=np.minimum(informed_width, total),
    )
    return plain, informed
