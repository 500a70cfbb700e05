"""A rule about the steps of a case, as data: which template, which steps, which conditions.

The templates are those of Declare [1]_, with conditions and time windows as in its
multi-perspective form [2]_. *a* and *b* are the two steps in the order in which the
template names them: `precedence(a, b)` says that every b has an a before it.

========================  ==========================================  ======================
template                  says                                        speaks of (activation)
========================  ==========================================  ======================
existence                 a occurs at least `times` times             the case
absence                   a occurs fewer than `times` times           the case
exactly                   a occurs exactly `times` times              the case
init, end                 the first, the last step is a               the case
choice                    a or b occurs                               the case
exclusive_choice          a or b occurs, not both                     the case
responded_existence       where a occurs, b occurs                    each a
co_existence              a and b occur both or neither               each a, each b
not_co_existence          a and b do not both occur                   each a, each b
response                  after a comes b                             each a
precedence                before b comes a                            each b
succession                both of these                               each a, each b
alternate_response        after a comes b, before the next a          each a
alternate_precedence      before b comes a, after the previous b      each b
alternate_succession      both of these                               each a, each b
chain_response            the step right after a is b                 each a
chain_precedence          the step right before b is a                each b
chain_succession          both of these                               each a, each b
not_succession            after a comes no b                          each a
not_chain_succession      the step right after a is not b             each a
ordered                   the first a comes before the first b        a case with both
========================  ==========================================  ======================

`ordered` is not of Declare: it is the order rule of `steps.yaml`, which does not ask
that either step was taken. Some programs call `not_succession` what is merely the
denial of `succession`; here it is the rule that no b follows an a.

References
----------
.. [1] M. Pesic, Constraint-based workflow management systems, Eindhoven 2008, section 5.
.. [2] A. Burattini, F. M. Maggi, A. Sperduti, "Conformance checking based on multi-perspective
   declarative process models", Expert Systems with Applications 65 (2016) 194-211.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from data_contracts.errors import WrongUse
from data_contracts.language import _
from data_contracts.procedure.model import COUNTINGS, Condition

COUNTED = ("existence", "absence", "exactly")
PLACED = ("init", "end")
CHOSEN = ("choice", "exclusive_choice")
TOGETHER = ("responded_existence", "co_existence", "not_co_existence")
FOLLOWING = (
    "response", "precedence", "succession", "alternate_response", "alternate_precedence", "alternate_succession",
    "chain_response", "chain_precedence", "chain_succession", "not_succession", "not_chain_succession",
)  # fmt: skip
ORDERED = "ordered"
ONE_STEP = (*COUNTED, *PLACED)
TEMPLATES = (*ONE_STEP, *CHOSEN, *TOGETHER, *FOLLOWING, ORDERED)
SAME_TIMES = ("undetermined", "satisfies", "violates")


@dataclass(frozen=True)
class Rule:
    """One rule; a wrong one is refused when it is made.

    Parameters
    ----------
    id : str
    template : str
        One of `TEMPLATES`.
    a, b : tuple of str
        The steps; several mean any of these. `b` is empty where the template has one step.
    times : int
        How often, for `existence`, `absence` (fewer than) and `exactly`.
    within_days, not_before_days : float or None
        At most and at least so many days between the two steps. Not for templates of one
        step and choices; `not_before_days` neither where the order does not matter.
    counting : str
        `calendar` or `working`.
    by : str
        Column with the last day, one a case, on which a step counts for `existence`.
    if_case, if_a, if_b : Condition or None
        The rule speaks only of cases, steps a and steps b of which this holds; the table
        of a condition is not read. Where an answer is missing, it may or may not hold.
    same, different : str
        Column of the log in which the two steps must agree, or differ (a person, a unit).
    same_time : str
        What it means that two steps have the same time: `undetermined` (nobody can tell
        which came first), or read in favour of the rule (`satisfies`) or against it.
    valid_from, valid_to : date or None
        The rule counts for a case that opened within these days.
    critical : bool
        For the reader of the results; it changes no count.
    title, source : dict
        In Dutch (`nl`) and English (`en`).
    mark : str
        R read in the source, I inferred, B background.

    Raises
    ------
    WrongUse
        If the template is unknown, or something is given that it has no use for.
    """

    id: str
    template: str
    a: tuple[str, ...]
    b: tuple[str, ...] = ()
    times: int = 1
    within_days: float | None = None
    not_before_days: float | None = None
    counting: str = "calendar"
    by: str = ""
    if_case: Condition | None = None
    if_a: Condition | None = None
    if_b: Condition | None = None
    same: str = ""
    different: str = ""
    same_time: str = "undetermined"
    valid_from: date | None = None
    valid_to: date | None = None
    critical: bool = False
    title: Mapping[str, str] = field(default_factory=dict, hash=False)
    source: Mapping[str, str] = field(default_factory=dict, hash=False)
    mark: str = ""

    def __post_init__(self) -> None:
        if fault := _fault(self):
            raise WrongUse(_("Regel {id}: {fault}.", id=self.id, fault=fault))

    @property
    def timed(self) -> bool:
        """True when days are counted."""
        return self.within_days is not None or self.not_before_days is not None


def _fault(rule: Rule) -> str | None:
    """Say what is wrong with a rule, in words that follow its name."""
    if rule.template not in TEMPLATES:
        return _("sjabloon {template} is niet een van {known}", template=rule.template, known=", ".join(TEMPLATES))
    for name, value, known in (("same_time", rule.same_time, SAME_TIMES), ("counting", rule.counting, COUNTINGS)):
        if value not in known:
            return _("veld {field} is niet een van {known}", field=name, known=", ".join(known))
    return _fault_in_steps(rule) or _fault_in_days(rule) or _fault_in_extras(rule)


def _fault_in_steps(rule: Rule) -> str | None:
    if not rule.a or not all(rule.a + rule.b):
        return _("stap a ontbreekt")
    if (rule.template in ONE_STEP) != (not rule.b):
        if rule.b:
            return _("bij {template} hoort geen stap b", template=rule.template)
        return _("stap b ontbreekt")
    if both := set(rule.a) & set(rule.b):
        return _("stap {step} staat in a en in b", step=min(both))
    if rule.times < 1:
        return _("times is geen geheel getal groter dan nul")
    return None


def _fault_in_days(rule: Rule) -> str | None:
    fewest, most = rule.not_before_days, rule.within_days
    if (fewest is not None and fewest < 0) or (most is not None and most < 0):
        return _("een aantal dagen is kleiner dan nul")
    if fewest is not None and most is not None and fewest > most:
        return _("not_before_days is meer dan within_days")
    if rule.timed and rule.template in (*ONE_STEP, *CHOSEN):
        return _("bij {template} horen geen dagen", template=rule.template)
    if fewest is not None and rule.template in TOGETHER:
        return _("bij {template} hoort geen not_before_days", template=rule.template)
    return None


def _fault_in_extras(rule: Rule) -> str | None:
    paired = rule.template in (*TOGETHER, *FOLLOWING)
    uses = {
        "times": (rule.times != 1, rule.template in COUNTED),
        "by": (bool(rule.by), rule.template == "existence"),
        "if_b": (rule.if_b is not None, rule.template not in ONE_STEP),
        "same": (bool(rule.same), paired),
        "different": (bool(rule.different), paired),
    }
    for name, (given, useful) in uses.items():
        if given and not useful:
            return _("veld {field} heeft bij {template} geen betekenis", field=name, template=rule.template)
    if rule.same and rule.different:
        return _("same en different gaan niet samen")
    if rule.valid_from and rule.valid_to and rule.valid_from > rule.valid_to:
        return _("valid_from ligt na valid_to")
    return None
