"""Disclosure control: which scores may be shown, by a dated policy (METHODS section 6).

All counts that the scores print form one linear system: units and years add up to their
totals, a numerator and its complement to the denominator, steps to opportunities, and
counts that are the same wherever they are printed are one cell. Small counts are
withheld, then the cheapest further counts so that nothing withheld can be worked out,
then linear programs audit the result.

A first edition only: differences with an earlier edition, and between measures whose
populations differ by a few cases (unless the policy names them `together`), are not
part of the system.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from scipy import sparse

from data_contracts.errors import Refused, UnreadableInput, WrongUse
from data_contracts.language import _
from evaluation.ledger import parts
from evaluation.suppression import Knowledge, System, protect, too_narrow

POLICY_FILE = Path(__file__).parent / "policy.yaml"
LOG_COLUMNS = ("id", "module", "measure", "statistic", "group", "field", "decision", "rule")

# Time limit of one mixed-integer program; most take milliseconds.
SECONDS_A_PROGRAM = 4.0
# Sums between national counts are looked for in measures with at most this many of them.
MOST_COUNTS_IN_SUMS = 14
# Other units look the same by chance in two columns of counts; three or more do not.
FEWEST_EQUAL_GROUPS = 3

# Withholding a national total costs this many times what a unit or year costs.
TOTAL_COSTS = 1000

Block = tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """The values of a policy file; why and where from stands in the file itself.

    Parameters
    ----------
    version, valid_from : str
        Of the policy file.
    minimum_unit, minimum_national : int
        Smallest count that may be shown, per unit and nationally.
    exempt, registration, together, separate, models : tuple of str
        Patterns of score ids, or names of statistics.
    """

    version: str
    valid_from: str
    minimum_unit: int
    minimum_national: int
    national_minimum_units: int
    full_or_empty_disclosive: bool
    minimum_quantile: int
    minimum_beyond_quantile: int
    minimum_at_risk: int
    minimum_model: int
    minimum_degrees_of_freedom: int
    model_coefficients: int
    minimum_hidden_parts: int
    protection_interval_unit: int
    protection_interval_national: int
    informed_interval_unit: int
    informed_interval_national: int
    decimals: Mapping[str, int]
    exempt: tuple[str, ...]
    registration: tuple[str, ...]
    together: tuple[str, ...]
    separate: tuple[str, ...]
    quantiles: Mapping[str, float]
    models: tuple[str, ...]
    margins: tuple[Mapping[str, str], ...]
    averages: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class Disclosure:
    """What may be shown.

    Parameters
    ----------
    decisions : Series
        For each row of the scores: `published`, `suppressed_primary`,
        `suppressed_secondary` or `refused`.
    blank : mapping
        Score id -> columns that are withheld although the row is shown.
    log : DataFrame
        What was withheld and by which rule, without values.
    """

    decisions: pd.Series
    blank: Mapping[str, tuple[str, ...]]
    log: pd.DataFrame


def read_policy(path: Path = POLICY_FILE) -> Policy:
    """Read a policy file.

    Raises
    ------
    UnreadableInput
        If it is not YAML.
    WrongUse
        If a value is missing, superfluous, without explanation or source, or of the wrong kind.
    """
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
        typed = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
        raise UnreadableInput(_("Het beleidsbestand {name} is niet te lezen als YAML.", name=path.name)) from fault
    if not isinstance(typed, dict) or not isinstance(typed.get("values"), dict):
        raise WrongUse(_("Het beleidsbestand {name} heeft geen lijst values.", name=path.name))
    entries = {name: item for name, item in typed.items() if isinstance(item, dict) and "value" in item}
    entries |= typed["values"]
    wanted = {field.name: field.type for field in fields(Policy) if field.name not in ("version", "valid_from")}
    if odd := sorted(wanted.keys() ^ entries.keys()):
        raise WrongUse(
            _("Het beleidsbestand {name} mist of kent niet: {odd}.", name=path.name, odd=", ".join(map(str, odd)))
        )
    values = {}
    for key, item in entries.items():
        if not isinstance(item, dict) or not all(item.get(text) for text in ("nl", "en", "source")):
            raise WrongUse(
                _("In {name} heeft {key} geen uitleg (nl, en) of geen bron (source).", name=path.name, key=key)
            )
        value = tuple(item["value"]) if isinstance(item["value"], list) else item["value"]
        number = wanted[key] is int
        if number and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise WrongUse(_("In {name} moet {key} een heel getal vanaf 1 zijn.", name=path.name, key=key))
        values[key] = value
    return Policy(version=str(document.get("version", "")), valid_from=str(document.get("valid_from", "")), **values)


def control(scores: pd.DataFrame, policy: Policy) -> Disclosure:
    """Decide for every score whether it may be shown.

    Parameters
    ----------
    scores : DataFrame
        As `evaluation.scores.scores_table` makes it.
    policy : Policy

    Raises
    ------
    Refused
        If a withheld count can still be worked out too closely from what is shown.
    """
    table = scores.reset_index(drop=True)
    table[["module", "measure", "statistic", "group"]] = [parts(name) for name in table["id"]]
    table["refused"] = ~np.isfinite(table["estimate"].astype("float64"))
    counts = _counts(table, policy)
    plan = _plan(table, counts, policy)
    hidden = _complement(plan)
    audit(plan.system, hidden)
    return _decide(table, plan, hidden, policy)


def audit(system: System, hidden: frozenset[int]) -> None:
    """Refuse when an attacker can pin down a withheld count too closely.

    Raises
    ------
    Refused
        Tells how many counts, never which value.
    """
    if weak := too_narrow(system, hidden):
        raise Refused(
            _(
                "Er wordt niets gepubliceerd: {count} afgeschermde aantallen zijn uit de getoonde getallen te "
                "nauwkeurig terug te rekenen. Scherm meer af in het beleidsbestand of laat een uitsplitsing weg.",
                count=len(weak),
            )
        )


@dataclass(frozen=True)
class _Plan:
    """The system, and how its blocks and cells belong to rows of the scores."""

    system: System
    primary: frozenset[int]
    block_of_row: Mapping[int, int]
    events_block_of_row: Mapping[int, int]
    row_rules: Mapping[int, str]
    blocks: Sequence[Block]
    level_of: Mapping[str, str]


def _complement(plan: _Plan) -> frozenset[int]:
    return protect(plan.system, plan.primary, seconds=SECONDS_A_PROGRAM)


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


# --- the counts that rows print


def _counts(table: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Return one row a printed count: row, vector, group, kind, value, attribute.

    `attribute` is false for numerators that say nothing about a person (registration).
    """
    found: list[tuple[int, tuple[str, str, str, str], str, str, int, bool]] = []
    for row in table.to_dict("index").items():
        index, score = row
        if _matches(score["id"], policy.exempt) or score["refusal"] == "absent":
            continue
        attribute = not _matches(score["id"], policy.registration)
        for kind, value in _printed(score).items():
            vector = (score["module"], score["measure"], score["statistic"], kind)
            person = attribute or kind not in ("numerator", "complement")
            found.append((index, vector, score["group"], kind, value, person))
    counts = pd.DataFrame(found, columns=["row", "vector", "group", "kind", "value", "attribute"])
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
    groups = {group: place for place, group in enumerate(sorted(counts["group"].unique(), key=lambda g: (g != "all", g)))}
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


# --- cells, blocks, relations


def _plan(table: pd.DataFrame, counts: pd.DataFrame, policy: Policy) -> _Plan:
    level_of = _levels(table, policy)
    cells = {
        key: place for place, key in enumerate(dict.fromkeys(zip(counts["cell_variable"], counts["group"], strict=True)))
    }
    counts = counts.assign(
        cell=[cells[key] for key in zip(counts["cell_variable"], counts["group"], strict=True)],
        level=counts["group"].map(level_of),
    )
    value = np.zeros(len(cells))
    value[counts["cell"]] = counts["value"]
    names: dict[Block, int] = {}
    main = {row: names.setdefault(_block(table.loc[row], policy), len(names)) for row in counts["row"].unique()}
    events = {
        row: names.setdefault(("events", _population(table.loc[row], policy), table.loc[row, "group"]), len(names))
        for row in counts.loc[counts["kind"] == "events", "row"]
    }
    of_events = counts["kind"].isin(["events", "nonevents"])
    counts["block"] = [
        events[row] if ev else main[row] for row, ev in zip(counts["row"], of_events, strict=True)
    ]
    sensitive = _sensitive(counts, cells, value, policy)
    row_rules = _row_rules(table, policy)
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
    return _Plan(system, primary, main, events, row_rules, tuple(names), level_of)


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
    table: pd.DataFrame, counts: pd.DataFrame, sensitive: np.ndarray, main: Mapping[int, int], row_rules: Mapping[int, str]
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
        cell = dict(zip(printed["kind"], printed["cell"], strict=True))
        if "complement" in cell:
            add(cell.get("denominator", cell["n"]), cell["numerator"], cell["complement"])
        if "nonevents" in cell:
            add(cell["n"], cell["events"], cell["nonevents"])
    named = counts.assign(name=[".".join(vector[:3]) for vector in counts["vector"]])
    for margin in policy.margins:
        for total, addends in _margin(named, margin):
            add(total, *addends)
    for total, addends in _national_sums(counts):
        add(total, *addends)
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
    informed = Knowledge(
        low=low.astype(float),
        high=np.where(sensitive, minimum - 1.0, np.inf),
        width=np.minimum(np.where(unit, policy.informed_interval_unit, policy.informed_interval_national), total),
    )
    return plain, informed


# --- rules for single rows, and the decisions


def _row_rules(table: pd.DataFrame, policy: Policy) -> dict[int, str]:
    """Return the rows that a rule of their own withholds: curve points, quantiles, models."""
    at_risk = {
        (row.module, row.measure, row.statistic.removeprefix("at_risk_"), row.group): row.estimate
        for row in table[table["statistic"].str.startswith("at_risk_")].itertuples()
    }
    spare = _degrees_of_freedom(table, policy)
    rules = {}
    for row in table[table["refusal"] != "absent"].itertuples():
        _word, _underscore, point = str(row.statistic).partition("_")
        stays = str(row.statistic).removeprefix("at_risk_").removeprefix("within_")
        if str(row.statistic).startswith(("at_risk_", "within_")):
            number = at_risk.get((row.module, row.measure, stays, row.group))
            if number is not None and not number >= policy.minimum_at_risk:
                rules[row.Index] = "minimum_at_risk"
        elif row.statistic in policy.quantiles:
            below = policy.quantiles[str(row.statistic)]
            if row.n < policy.minimum_quantile:
                rules[row.Index] = "minimum_quantile"
            elif round(min(below, 1 - below) * row.n, 9) < policy.minimum_beyond_quantile:
                rules[row.Index] = "minimum_beyond_quantile"
        elif _matches(str(row.statistic), policy.models) and not _matches(str(row.id), policy.exempt):
            if row.n < policy.minimum_model:
                rules[row.Index] = "minimum_model"
            elif spare[row.module, row.measure] < policy.minimum_degrees_of_freedom:
                rules[row.Index] = "minimum_degrees_of_freedom"
    return rules


def _degrees_of_freedom(table: pd.DataFrame, policy: Policy) -> dict[tuple[str, str], float]:
    spare = {}
    for measure, rows in table.groupby(["module", "measure"]):
        by_unit = rows[rows["group"].str.startswith("unit=")].groupby("group")["n"].max()
        total = rows.loc[rows["group"] == "all", "n"].max()
        cases = by_unit.sum() if by_unit.size or math.isnan(total) else total
        spare[measure] = float(cases) - len(by_unit) - policy.model_coefficients
    return spare


def _decide(table: pd.DataFrame, plan: _Plan, hidden: frozenset[int], policy: Policy) -> Disclosure:
    decisions, rules = {}, {}
    for row, refused, group in zip(table.index, table["refused"], table["group"], strict=True):
        block = plan.block_of_row.get(row)
        if row in plan.row_rules:
            decisions[row], rules[row] = "suppressed_primary", plan.row_rules[row]
        elif block in plan.primary:
            decisions[row], rules[row] = "suppressed_primary", f"minimum_{plan.level_of[group]}"
        elif block in hidden:
            decisions[row], rules[row] = "suppressed_secondary", "complementary"
        else:
            decisions[row] = "refused" if refused else "published"
    _withhold_averages(table, decisions, rules, policy)
    blank: dict[str, tuple[str, ...]] = {}
    log = []
    for row, score in table.to_dict("index").items():
        about = [score[name] for name in LOG_COLUMNS[:5]]
        if row in rules:
            log.append([*about, "row", decisions[row], rules[row]])
        elif score["refusal"] == "absent":
            blank[score["id"]] = ("n", "events", "numerator", "denominator")
        elif plan.events_block_of_row.get(row) in hidden:
            blank[score["id"]] = ("events",)
            first = plan.events_block_of_row[row] in plan.primary
            kind, rule = ("primary", f"minimum_{plan.level_of[score['group']]}") if first else ("secondary", "complementary")
            log.append([*about, "events", f"suppressed_{kind}", rule])
    series = pd.Series(decisions, index=table.index, dtype="str")
    return Disclosure(series, blank, pd.DataFrame(log, columns=list(LOG_COLUMNS)))


def _withhold_averages(table: pd.DataFrame, decisions: dict[int, str], rules: dict[int, str], policy: Policy) -> None:
    """Withhold an average when one or two of its parts are withheld: it would give them away."""
    name = table["module"] + "." + table["measure"]
    for pair in policy.averages:
        part = [fnmatchcase(measure, pair["parts"]) for measure in name]
        parts_ = table[pd.Series(part, index=table.index) & (table["statistic"] == "share")]
        gone = parts_["group"][[row in rules for row in parts_.index]].value_counts()
        for row, group in table.loc[name == pair["average"], "group"].items():
            if row not in rules and 0 < gone.get(group, 0) < policy.minimum_hidden_parts:
                decisions[row], rules[row] = "suppressed_secondary", "minimum_hidden_parts"
