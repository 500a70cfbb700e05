"""Disclosure control: which scores may be shown, by a dated policy (METHODS section 6).

All counts that the scores print form one linear system: units and years add up to their
totals, a numerator and its complement to the denominator, steps to opportunities, and
counts that are the same wherever they are printed are one cell. Small counts are
withheld, then the cheapest further counts so that nothing withheld can be worked out,
then linear programs audit the result.

What two counts differ by is a count too, where the policy says that the one is a part of
the other (`nested`). A first edition only: differences with an earlier edition are not
part of the system, nor are those between measures of which the policy says nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np
import pandas as pd

from data_contracts.errors import Refused
from data_contracts.language import _
from evaluation.publication.ledger import parts
from evaluation.publication.policy import Policy, matches
from evaluation.publication.printed_counts import ALL_COUNTS, Plan, levels, plan_of, without_counts
from evaluation.publication.row_rules import lone_bounds, row_rules
from evaluation.publication.suppression import System, protect, too_narrow

LOG_COLUMNS = ("id", "module", "measure", "statistic", "group", "field", "decision", "rule")

# Time limit of one mixed-integer program; most take milliseconds.
SECONDS_A_PROGRAM = 4.0


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
    for place, name in enumerate(("module", "measure", "statistic", "group")):
        table[name] = pd.Series([parts(one)[place] for one in table["id"]], dtype="str")
    table["name"] = (table["module"] + "." + table["measure"] + "." + table["statistic"]).astype("str")
    table["refused"] = ~np.isfinite(table["estimate"].astype("float64"))
    table["level"] = table["group"].map(levels(table, policy)).astype("str")
    uncounted = without_counts(table, policy)
    plan = plan_of(table, policy, row_rules=row_rules(table, policy), uncounted=uncounted)
    hidden = _complement(plan)
    audit(plan.system, hidden)
    return _decide(table, plan, hidden, policy, uncounted=uncounted)


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
                "nauwkeurig terug te rekenen. Bij weinig zaken is publiceren soms niet mogelijk; de scores staan wel "
                "in de map van de run. Scherm anders meer af in het beleidsbestand of laat een uitsplitsing weg.",
                count=len(weak),
            )
        )


def _complement(plan: Plan) -> frozenset[int]:
    return protect(plan.system, plan.primary, seconds=SECONDS_A_PROGRAM)


def _decide(
    table: pd.DataFrame,
    plan: Plan,
    hidden: frozenset[int],
    policy: Policy,
    *,
    uncounted: Mapping[int, tuple[str, ...]],
) -> Disclosure:
    decisions, rules = {}, {}
    for row, refused, group in zip(table.index, table["refused"], table["group"], strict=True):
        block = plan.block_of_row.get(row)
        # The rule of the whole group comes first: that of a single row would tell which count is small.
        if block in plan.primary and not (group == "all" and row in plan.row_rules):
            decisions[row], rules[row] = "suppressed_primary", f"minimum_{table.loc[row, 'level']}"
        elif block in hidden and block not in plan.primary:
            decisions[row], rules[row] = "suppressed_secondary", "complementary"
        elif row in plan.row_rules:
            decisions[row], rules[row] = "suppressed_primary", plan.row_rules[row]
        else:
            decisions[row] = "refused" if refused else "published"
    _withhold_averages(table, decisions, rules, policy)
    blank: dict[str, tuple[str, ...]] = {}
    log = []
    lone = frozenset(lone_bounds(table, policy))
    for row, score in table.to_dict("index").items():
        about = [score[name] for name in LOG_COLUMNS[:5]]
        if row in rules:
            log.append([*about, "row", decisions[row], rules[row]])
        elif score["refusal"] == "absent":
            blank[score["id"]] = ALL_COUNTS
        elif row in uncounted:
            blank[score["id"]] = uncounted[row]
        elif plan.events_block_of_row.get(row) in hidden:
            blank[score["id"]] = ("events",)
            first = plan.events_block_of_row[row] in plan.primary
            kind, rule = ("primary", f"minimum_{score['level']}") if first else ("secondary", "complementary")
            log.append([*about, "events", f"suppressed_{kind}", rule])
        if decisions[row] != "published":
            continue
        if row in lone and not (pd.isna(score["low"]) and pd.isna(score["high"])):
            blank[score["id"]] = (*blank.get(score["id"], ()), "low", "high", "level")
            log.append([*about, "interval", "suppressed_primary", "minimum_beyond_quantile"])
        if matches(score["name"], policy.without_events):
            blank[score["id"]] = (*blank.get(score["id"], ()), "events")
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
