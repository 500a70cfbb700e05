"""Counts that hang together because the policy says so: sums, parts of a whole, and balances of a stock."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evaluation.publication.policy import Policy, bound

# A declared sum that is this many cases off (or more) is not known to hold, and is left out.
MOST_OFF = 5
_KINDS = ("numerator", "denominator", "complement")

Binding = tuple[tuple[str, str], ...]
Line = tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True)
class Difference:
    """What two printed counts of one group differ by: a count that is printed nowhere.

    Parameters
    ----------
    whole, part : int
        Variables.
    group : str
    value : int
    attribute : bool
        False when it tells of registration only.
    """

    whole: int
    part: int
    group: str
    value: int
    attribute: bool


def margins(counts: pd.DataFrame, policy: Policy) -> Iterator[Line]:
    """Yield (total, parts) as cells, for each declared sum and group in which it (nearly) holds."""
    named = _Named.of(counts)
    for margin in policy.margins:
        kinds = _kinds(margin["total"])
        for binding, totals in named.found([margin["total"]]).items():
            shared = dict(binding)
            sums: dict[Binding, set[tuple[str, str]]] = defaultdict(set)
            for pattern in margin["parts"]:
                for bound_, names in named.found([pattern]).items():
                    if all(shared.get(key, text) == text for key, text in bound_):
                        sums[bound_] |= {(name, pattern.partition(":")[2]) for name in names}
            for parts in sums.values():
                for kind in kinds:
                    yield from named.sums(totals, kind, {(name, own or kind) for name, own in parts})


def differences(counts: pd.DataFrame, policy: Policy) -> list[Difference]:
    """Return what declared wholes and parts differ by, group by group.

    Between measures that are withheld together (`together`), a difference by registration
    adds nothing for a unit or year: the counts go together.
    """
    named = _Named.of(counts)
    found: dict[tuple[int, int, str], Difference] = {}
    for pair in policy.nested:
        attribute = not pair.get("registration", False)
        wholes = named.found([pair["whole"]])
        for binding, parts in named.found([pair["part"]]).items():
            names = {
                name
                for other, these in wholes.items()
                if all(dict(binding).get(key, text) == text for key, text in other)
                for name in these
            }
            for whole, part in named.pairs(names, _kind(pair["whole"]), parts, _kind(pair["part"])):
                value = int(whole["value"]) - int(part["value"])
                key = (int(whole["cell_variable"]), int(part["cell_variable"]), str(part["group"]))
                together = part["group"] != "all" and whole["population"] == part["population"]
                if value < 0 or key[0] == key[1] or (together and not attribute):
                    continue
                known = found.get(key)
                found[key] = Difference(*key, value, attribute and (known is None or known.attribute))
    return list(found.values())


def balances(counts: pd.DataFrame, policy: Policy) -> Iterator[Line]:
    """Yield stock + outflow = earlier stock + inflow, for consecutive years in which it (nearly) holds."""
    cells = {
        (".".join(vector[:3]), vector[3], group): (int(cell), int(value))
        for vector, group, cell, value in zip(
            counts["vector"], counts["group"], counts["cell"], counts["value"], strict=True
        )
    }
    years = sorted(group for group in counts["group"].unique() if group.startswith("year="))
    for balance in policy.balances:
        for year in years:
            earlier = f"year={int(year.removeprefix('year=')) - 1}"
            wanted = [("stock", year), ("outflow", year), ("stock", earlier), ("inflow", year)]
            found = [cells.get((balance[name], "estimate", group)) for name, group in wanted]
            known = [one for one in found if one is not None]
            if len(known) == 4:
                (now, s), (out, o), (then, t), (in_, i) = known
                if abs(s + o - t - i) < MOST_OFF:
                    yield (now, out), (then, in_)


@dataclass(frozen=True)
class _Named:
    """Printed counts by name (`module.measure.statistic`) and kind."""

    rows: Mapping[tuple[str, str], pd.DataFrame]
    names: tuple[str, ...]

    @classmethod
    def of(cls, counts: pd.DataFrame) -> "_Named":
        named = counts.assign(name=[".".join(vector[:3]) for vector in counts["vector"]])
        rows = {(str(name), str(kind)): rows for (name, kind), rows in named.groupby(["name", "kind"])}
        return cls(rows, tuple(dict.fromkeys(name for name, _kind in rows)))

    def found(self, patterns: Sequence[str]) -> dict[Binding, set[str]]:
        """Return what the placeholders of the patterns can stand for, with the names that fit."""
        found: dict[Binding, set[str]] = defaultdict(set)
        for pattern in patterns:
            for name in self.names:
                if (placeholders := bound(name, pattern.partition(":")[0])) is not None:
                    found[tuple(sorted(placeholders.items()))].add(name)
        return found

    def of_kinds(self, names: set[tuple[str, str]]) -> pd.DataFrame | None:
        rows = [self.rows[name] for name in sorted(names) if name in self.rows]
        return pd.concat(rows) if rows else None

    def of_kind(self, names: set[str], kind: str) -> pd.DataFrame | None:
        return self.of_kinds({(name, kind) for name in names})

    def sums(self, totals: set[str], kind: str, parts: set[tuple[str, str]]) -> Iterator[Line]:
        """Yield (total, parts) for each group in which the parts, with their kinds, add up to the total."""
        whole, addends = self.of_kind(totals, kind), self.of_kinds(parts)
        if whole is None or addends is None:
            return
        by_group = dict(list(addends.groupby("group")))
        for total in whole.itertuples():
            these = by_group.get(total.group)
            # A share times n is rounded: half a case for each part.
            if these is not None and abs(these["value"].sum() - total.value) < MOST_OFF + len(these) / 2:
                yield (int(total.cell),), tuple(these["cell"].tolist())

    def pairs(
        self, wholes: set[str], whole_kind: str, parts: set[str], part_kind: str
    ) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        whole, part = self.of_kind(wholes, whole_kind), self.of_kind(parts, part_kind)
        if whole is None or part is None:
            return
        columns = ["group", "cell_variable", "value", "population"]
        of_group = {one["group"]: one for one in whole[columns].to_dict("records")}
        for one in part[columns].drop_duplicates().to_dict("records"):
            if one["group"] in of_group:
                yield of_group[one["group"]], one


def _kind(pattern: str) -> str:
    return pattern.partition(":")[2] or "n"


def _kinds(pattern: str) -> tuple[str, ...]:
    kind = pattern.partition(":")[2]
    return (kind,) if kind else _KINDS
