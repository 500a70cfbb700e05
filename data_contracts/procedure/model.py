"""What a step, a condition, an order rule and a norm are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

STATUSES = ("M", "C", "R", "U")
LEVELS = ("case", "subject")
MARKS = ("R", "I", "B")
COUNTINGS = ("calendar", "working")
TABLES = ("cases", "subjects", "allegations", "signals", "suspensions", "order_measures")
COLUMN_OPS = ("equals", "in", "not_in", "present", "is_true", "is_false")
NO_ROWS = ("unknown", "false")


@dataclass(frozen=True)
class Condition:
    """When a step is required, as data; evaluated by `evaluation.step_states`.

    Parameters
    ----------
    op : str
        One of `COLUMN_OPS`, or `has_rows`, `unrecorded`, `all`, `any`, `some_row`.
    table, column : str
        Where the answer stands; empty where the operation needs none.
    value : tuple of str
        The values that answer yes (`not_in`: no).
    parts : tuple of Condition
        The conditions that `all`, `any` and `some_row` combine.
    no_rows : str
        What a delivered table without a row for the case means: `unknown` or `false`.
    """

    op: str
    table: str = ""
    column: str = ""
    value: tuple[str, ...] = ()
    parts: tuple["Condition", ...] = ()
    no_rows: str = "unknown"


@dataclass(frozen=True)
class OrderRule:
    """Step `then` does not come before step `first`; `strict`: nor on the same day.

    Parameters
    ----------
    valid_from, valid_to : date or None
        The rule counts for a case opened within these days.
    """

    first: str
    then: str
    strict: bool
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def id(self) -> str:
        """Both codes in lower case, e.g. `voorn_ziens`."""
        return f"{self.first}_{self.then}".lower()


@dataclass(frozen=True)
class Deadline:
    """The norm that a step has to meet, and the step from which its days run."""

    norm: str
    since: str


@dataclass(frozen=True)
class Step:
    """One step of the procedure in one period of validity.

    Parameters
    ----------
    code : str
        The step in the delivery (`stap`).
    title, evidence, source : dict
        In Dutch (`nl`) and English (`en`).
    status : str
        M mandatory, C conditional, R recommended policy, U unknown.
    level : str
        `case`: once a case; `subject`: once for every person concerned.
    valid_from, valid_to : date or None
        The step counts for a case opened on or between these days; None: not bounded.
    applies_if : Condition or None
        Required only where the condition holds; None: always.
    deadline : Deadline or None
        The term, where one is known.
    rules : tuple of OrderRule
        Order rules that this step declares.
    weight : float
        Weight in the weighted composites.
    critical : bool
        A case that lacks the step fails the critical composite.
    waivable : bool
        `niet_van_toepassing` in the step log means waived: the step drops out.
    expected_within_days : int
        The step counts from this many days after the decision.
    mark : str
        R read in the source, I inferred, B background.
    """

    code: str
    title: dict[str, str]
    status: str
    level: str
    valid_from: date | None
    valid_to: date | None
    applies_if: Condition | None
    evidence: dict[str, str]
    deadline: Deadline | None
    rules: tuple[OrderRule, ...]
    weight: float
    critical: bool
    waivable: bool
    expected_within_days: int
    source: dict[str, str]
    mark: str


@dataclass(frozen=True)
class Norm:
    """How long something may take, in one period of validity.

    Parameters
    ----------
    days, months : int or None
        The term; both None: no norm was in force, which is an answer.
    counting : str or None
        `calendar` or `working`; None where no norm was in force.
    """

    code: str
    title: dict[str, str]
    days: int | None
    months: int | None
    counting: str | None
    valid_from: date | None
    valid_to: date | None
    source: dict[str, str]
    mark: str

    @property
    def in_force(self) -> bool:
        """False when it is known that there was no norm."""
        return self.days is not None or self.months is not None


def valid_on(dated: Step | Norm | OrderRule, day: date) -> bool:
    """Tell whether a step, norm or rule was valid on `day`, first and last day included."""
    return (dated.valid_from is None or dated.valid_from <= day) and (dated.valid_to is None or day <= dated.valid_to)


def order_rules(steps: Sequence[Step]) -> tuple[OrderRule, ...]:
    """Return the order rules between the given steps, each once, in the order of the steps that declare them."""
    given = {step.code for step in steps}
    return tuple(dict.fromkeys(r for step in steps for r in step.rules if {r.first, r.then} <= given))
