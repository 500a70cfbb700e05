"""The counts of many rules as one table: a row a rule."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from evaluation.completeness.declare.verdicts import RuleCounts


def rule_table(counts: Sequence[RuleCounts], *, level: float) -> pd.DataFrame:
    """Return one row a rule: what became of it, and the shares with their intervals.

    Parameters
    ----------
    counts : sequence of RuleCounts
        As `check_rules` returns them.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    DataFrame
        `rule, template, critical`; of cases `cases_activated`, `cases_satisfied` and so on,
        `cases_share` with `cases_low`, `cases_high` (Wilson), and `bounds_low`,
        `bounds_high` (all that is undetermined violated, and satisfied); of activations the
        same with `activations_`, their interval clustered by case. Missing where nothing
        was satisfied or violated. Every share is satisfied over satisfied and violated.

    Examples
    --------
    >>> from evaluation.completeness.declare import Rule, check_rules, step_log
    >>> log = step_log(pd.DataFrame({"case": [1, 2], "step": ["A", "B"], "time": [0, 0]}), as_of=None)
    >>> table = rule_table(check_rules(log, [Rule("a", "existence", ("A",))]), level=0.95)
    >>> table[["rule", "cases_satisfied", "cases_violated", "cases_share"]].values.tolist()
    [['a', 1, 1, 0.5]]
    """
    return pd.DataFrame([_row(found, level) for found in counts])


def _row(found: RuleCounts, level: float) -> dict[str, Any]:
    of_cases, of_activations = found.case_share(), found.activation_share(level=level)
    row: dict[str, Any] = {"rule": found.rule.id, "template": found.rule.template, "critical": found.rule.critical}
    for name, tally, share, interval in (
        ("cases", found.cases, of_cases, of_cases.interval(level)),
        ("activations", found.activations, of_activations, of_activations.interval),
    ):
        row |= {f"{name}_activated": tally.activated} | {f"{name}_{key}": n for key, n in asdict(tally).items()}
        known = share.estimate is not None
        row[f"{name}_share"] = share.estimate
        row[f"{name}_low"], row[f"{name}_high"] = interval if known else (None, None)
    row["bounds_low"], row["bounds_high"] = found.case_bounds() or (None, None)
    return row
