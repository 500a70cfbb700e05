"""Order, time and conditional rules over any step log (Declare), each activation counted.

A rule (`rule`) is checked against a log (`log_table`, `log`) by selecting the events of
its two steps (`occurrences`), asking of each whether another answers it (`pairing`,
`following`) or of each case what stands in it (`presence`), and giving each activation and
each case a verdict (`check`, `verdicts`). A procedure with its rules and its log is a file
(`procedure_file`).
"""

from evaluation.completeness.declare.check import check_rule, check_rules
from evaluation.completeness.declare.log import StepLog
from evaluation.completeness.declare.log_table import step_log
from evaluation.completeness.declare.procedure_file import Procedure, read_procedure, step_order
from evaluation.completeness.declare.rule import TEMPLATES, Rule
from evaluation.completeness.declare.rule_table import rule_table
from evaluation.completeness.declare.verdicts import VERDICTS, RuleCounts, Tally, Verdicts

__all__ = [
    "TEMPLATES",
    "VERDICTS",
    "Procedure",
    "Rule",
    "RuleCounts",
    "StepLog",
    "Tally",
    "Verdicts",
    "check_rule",
    "check_rules",
    "read_procedure",
    "rule_table",
    "step_log",
    "step_order",
]
