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
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np
import pandas as pd

from data_contracts.errors import Refused
from data_contracts.language import _
from evaluation.publication.ledger import parts
from evaluation.publication.policy import Policy, matches
from evaluation.publication.printed_counts import Plan, plan_of
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
    table["refused"] = ~np.isfinite(table["estimate"].astype("float64"))
    plan = plan_of(table, policy, row_rules=_row_rules(table, policy))
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
                "nauwkeurig terug te rekenen. Bij weinig zaken is publiceren soms niet mogelijk; de scores staan wel "
                "in de map van de run. Scherm anders meer af in het beleidsbestand of laat een uitsplitsing weg.",
                count=len(weak),
            )
        )


def _complement(plan: Plan) -> frozenset[int]:
    return protect(plan.system, plan.primary, seconds=SECONDS_A_PROGRAM)


def _row_rules(table: pd.DataFrame, policy: Policy) -> dict[int, str]:
    """Return the rows that a rule of their own withholds: curve points, quantiles, models."""
    at_risk = {
        (row.module, row.measure, row.statistic.removeprefix("at_risk_"), row.group): row.estimate
        for row in table[table["statistic"].str.startswith("at_risk_")].itertuples()
    }
    spare = _degrees_of_freedom(table, policy)
    rules = {}
    for row in table[table["refusal"] != "absent"].itertuples():
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
        elif matches(str(row.statistic), policy.models) and not matches(str(row.id), policy.exempt):
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


def _decide(table: pd.DataFrame, plan: Plan, hidden: frozenset[int], policy: Policy) -> Disclosure:
    decisions, rules = {}, {}
    for row, refused, group in zip(table.index, table["refused"], table["group"], strict=True):
        block = plan.block_of_row.get(row)
        # The rule of the whole group comes first: that of a single row would tell which count is small.
        if block in plan.primary and not (group == "all" and row in plan.row_rules):
            decisions[row], rules[row] = "suppressed_primary", f"minimum_{plan.level_of[group]}"
        elif block in hidden and block not in plan.primary:
            decisions[row], rules[row] = "suppressed_secondary", "complementary"
        elif row in plan.row_rules:
            decisions[row], rules[row] = "suppressed_primary", plan.row_rules[row]
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
            kind, rule = (
                ("primary", f"minimum_{plan.level_of[score['group']]}") if first else ("secondary", "complementary")
            )
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
