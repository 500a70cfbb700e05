"""Disclosure control: every rule seen to fire, and an attacker who must not get through."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy.optimize import linprog

from data_contracts.errors import Refused, UnreadableInput, WrongUse
from evaluation.publication import disclosure
from evaluation.publication.disclosure import Disclosure, control
from evaluation.publication.policy import POLICY_FILE, Policy, bound, read_policy
from evaluation.scores import Score
from tests.scores_for_disclosure import (
    curve,
    durations,
    exits,
    random_steps,
    score,
    share,
    shares,
    stock,
    table,
)

POLICY = read_policy()
LARGE = {"unit=a": (40, 90), "unit=b": (50, 110), "unit=c": (60, 120), "unit=d": (70, 150)}


def decide(scores: list[Score], policy: Policy = POLICY) -> tuple[dict[str, str], Disclosure]:
    frame = table(scores)
    decided = control(frame, policy)
    return dict(zip(frame["id"], decided.decisions, strict=True)), decided


def rule(decided: Disclosure, name: str) -> str:
    rows = decided.log.set_index("id")
    return str(rows.loc[name, "rule"])


# --- the policy


def test_every_policy_value_says_why_in_two_languages_and_where_it_comes_from() -> None:
    document = yaml.safe_load(POLICY_FILE.read_text(encoding="utf-8"))
    entries = [*document["values"].values(), *(item for item in document.values() if "value" in item)]
    assert len(entries) >= 20
    assert all(entry[text] for entry in entries for text in ("nl", "en", "source"))
    assert (POLICY.minimum_unit, POLICY.minimum_national, POLICY.valid_from) == (10, 5, "2026-01-01")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda d: d["values"].pop("minimum_unit"), WrongUse),
        (lambda d: d["values"].update(surprise={"value": 1, "nl": "x", "en": "x", "source": "x"}), WrongUse),
        (lambda d: d["values"]["minimum_unit"].pop("source"), WrongUse),
        (lambda d: d["values"]["minimum_unit"].update(value=0), WrongUse),
        (lambda d: d["values"]["minimum_unit"].update(value="ten"), WrongUse),
        (lambda d: d.pop("values"), WrongUse),
    ],
)
def test_a_policy_that_misses_or_misspells_a_value_is_not_used(tmp_path: Path, change, fault) -> None:  # type: ignore[no-untyped-def]
    document = yaml.safe_load(POLICY_FILE.read_text(encoding="utf-8"))
    change(document)
    path = tmp_path / "policy.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(fault):
        read_policy(path)


def test_a_policy_that_is_not_yaml_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("values: [", encoding="utf-8")
    with pytest.raises(UnreadableInput):
        read_policy(path)


def test_a_placeholder_stands_for_one_part_of_a_name() -> None:
    assert bound("duration.exit_besluit.within_90_days", "duration.exit_{cause}.within_{day}_days") == {
        "cause": "besluit", "day": "90"}  # fmt: skip
    assert bound("duration.exit_besluit.at_risk_90_days", "duration.exit_*") == {}
    assert bound("duration.a.b", "duration.{one}") is None


# --- primary rules


def test_large_counts_are_all_published() -> None:
    decisions, decided = decide(shares("consistency.misconduct_found", LARGE))
    assert set(decisions.values()) == {"published"}
    assert decided.log.empty


@pytest.mark.parametrize(
    ("numerator", "denominator"), [(4, 9), (9, 60), (51, 60), (0, 60), (60, 60)],
    ids=["few cases", "small numerator", "small complement", "nought per cent", "hundred per cent"],
)  # fmt: skip
def test_a_small_count_of_a_unit_is_withheld(numerator: int, denominator: int) -> None:
    decisions, decided = decide(shares("consistency.misconduct_found", {**LARGE, "unit=z": (numerator, denominator)}))
    assert decisions["consistency.misconduct_found.share.unit=z"] == "suppressed_primary"
    assert rule(decided, "consistency.misconduct_found.share.unit=z") == "minimum_unit"


def test_ten_of_twenty_in_a_unit_is_published() -> None:
    decisions, _decided = decide(shares("consistency.misconduct_found", {**LARGE, "unit=z": (10, 20)}))
    assert decisions["consistency.misconduct_found.share.unit=z"] == "published"


def test_nought_per_cent_is_disclosive_even_without_a_threshold() -> None:
    scores = shares("consistency.misconduct_found", {**LARGE, "unit=z": (0, 60)})
    bare = replace(POLICY, minimum_unit=1)
    assert decide(scores, bare)[0]["consistency.misconduct_found.share.unit=z"] == "suppressed_primary"
    lenient = replace(bare, full_or_empty_disclosive=False, minimum_unit=0)
    assert decide(scores, lenient)[0]["consistency.misconduct_found.share.unit=z"] == "published"


def test_a_national_count_is_withheld_below_five_and_a_national_nought_is_not() -> None:
    few = [*shares("consistency.misconduct_found", LARGE), *(
        share(f"completeness.order_{name}.violated.all", count, 400) for name, count in
        {"a": 0, "b": 1, "c": 4, "d": 5, "e": 396}.items())]  # fmt: skip
    decisions, _decided = decide(few)
    found = [decisions[f"completeness.order_{name}.violated.all"] for name in "abcde"]
    assert found == ["published", "suppressed_primary", "suppressed_primary", "published", "suppressed_primary"]


def test_a_year_has_the_national_threshold_and_two_small_years_protect_each_other() -> None:
    years = {"year=2019": (40, 90), "year=2020": (7, 60), "year=2021": (3, 50), "year=2022": (30, 80)}
    scores = [*shares("completeness.critical", years), *(
        share(f"completeness.critical.share.{unit}", *pair) for unit, pair in LARGE.items())]  # fmt: skip
    decisions, _decided = decide(scores)
    assert decisions["completeness.critical.share.year=2021"] == "suppressed_primary"
    assert [decisions[f"completeness.critical.share.year={year}"] for year in (2019, 2020, 2022)].count(
        "suppressed_secondary"
    ) >= 1


def test_with_a_single_unit_totals_and_years_have_the_threshold_of_a_unit() -> None:
    decisions, _decided = decide(shares("completeness.critical", {"unit=a": (7, 60)}))
    assert set(decisions.values()) == {"suppressed_primary"}


def test_everything_derived_from_a_withheld_group_is_withheld_with_it() -> None:
    scores = shares("consistency.misconduct_found", {**LARGE, "unit=z": (3, 60)})
    derived = ("observed_expected", "adjusted_share", "funnel_low_95", "funnel_high_998", "shrunken_odds_ratio")
    scores += [
        score(f"consistency.misconduct_found.{name}.{unit}", 1.1, "ratio", 60)
        for name in derived
        for unit in ("unit=a", "unit=z")
    ]
    decisions, _decided = decide(scores)
    assert {decisions[f"consistency.misconduct_found.{name}.unit=z"] for name in derived} == {"suppressed_primary"}


def test_a_group_withheld_in_one_duration_is_withheld_in_the_other() -> None:
    groups = {"unit=a": (90, 60), "unit=b": (95, 60), "unit=c": (99, 60)}
    scores = durations({**groups, "unit=z": (40, 9), "all": (324, 189)})
    scores += durations({**groups, "unit=z": (41, 11), "all": (325, 191)}, measure="duration.total_net")
    decisions, _decided = decide(scores)
    assert decisions["duration.total_gross.median.unit=z"] == "suppressed_primary"
    assert decisions["duration.total_net.median.unit=z"] == "suppressed_primary"


def test_few_open_cases_withhold_their_number_and_that_of_closed_cases_but_not_the_median() -> None:
    groups = {"unit=a": (90, 60), "unit=b": (95, 60), "unit=c": (99, 96), "all": (284, 216)}
    decisions, decided = decide(durations(groups))
    assert decisions["duration.total_gross.median.unit=c"] == "published"
    assert decided.blank["duration.total_gross.median.unit=c"] == ("events",)
    assert decisions["duration.total_gross.open.unit=c"] == "suppressed_primary"
    others = [decisions[f"duration.total_gross.open.unit={unit}"] for unit in "ab"]
    assert "suppressed_secondary" in others, "else the total minus the others gives it away"
    hidden = "a" if others[0] == "suppressed_secondary" else "b"
    assert decided.blank[f"duration.total_gross.median.unit={hidden}"] == ("events",)


def test_no_quantile_over_few_cases_and_no_p90_that_is_the_longest_case() -> None:
    groups = {"unit=a": (90, 60), "unit=b": (95, 60), "unit=c": (40, 20), "unit=e": (300, 200)}
    decisions, decided = decide(durations({**groups, "all": (525, 340)}))
    assert decisions["duration.total_gross.median.unit=c"] == "published"
    assert rule(decided, "duration.total_gross.p90.unit=c") == "minimum_beyond_quantile"
    assert decisions["duration.total_gross.p90.unit=a"] == "published"


def test_a_national_median_over_fewer_than_ten_is_withheld() -> None:
    groups = {"unit=a": (4, 4), "unit=b": (4, 4), "all": (8, 8)}
    _decisions, decided = decide(durations(groups))
    assert rule(decided, "duration.total_gross.median.all") == "minimum_quantile"


def test_a_curve_stops_where_fewer_than_ten_are_at_risk() -> None:
    scores = shares("consistency.misconduct_found", LARGE)
    for day, at_risk in ((30, 200), (60, 10), (90, 9)):
        scores.append(score(f"duration.total_gross.within_{day}_days.all", 0.5, "share", 400, events=300))
        scores.append(score(f"duration.total_gross.at_risk_{day}_days.all", float(at_risk), "count", 400))
    decisions, decided = decide(scores)
    assert [decisions[f"duration.total_gross.within_{day}_days.all"] for day in (30, 60, 90)] == [
        "published", "published", "suppressed_primary"]  # fmt: skip
    assert rule(decided, "duration.total_gross.at_risk_90_days.all") == "minimum_at_risk"


def test_all_cases_of_a_unit_closed_within_a_norm_is_withheld() -> None:
    scores = durations({**{f"unit={unit}": (90, 60) for unit in "abcd"}, "all": (360, 240)})
    scores += [
        score(f"duration.total_gross.within_365_days.unit={unit}", estimate, "share", 90, events=60)
        for unit, estimate in zip("abcd", (0.6, 0.7, 0.65, 1.0), strict=True)
    ]
    decisions, _decided = decide(scores)
    assert decisions["duration.total_gross.within_365_days.unit=d"] == "suppressed_primary"
    assert decisions["duration.total_gross.median.unit=d"] == "published"


def test_a_model_needs_cases_and_degrees_of_freedom() -> None:
    small = dict.fromkeys(("unit=a", "unit=b"), (10, 20))
    scores = [*shares("consistency.misconduct_found", small),
              score("consistency.misconduct_found.sigma.all", 0.3, "logit", 40)]  # fmt: skip
    decisions, decided = decide(scores)
    assert rule(decided, "consistency.misconduct_found.sigma.all") == "minimum_degrees_of_freedom"
    assert decisions["consistency.misconduct_found.share.unit=a"] == "published"
    _decisions, few = decide([*shares("consistency.misconduct_found", LARGE),
                              score("consistency.penalty.sigma.all", 0.3, "logit", 8)])  # fmt: skip
    assert rule(few, "consistency.penalty.sigma.all") == "minimum_model"


def test_counts_of_units_and_of_rows_are_not_counts_of_people() -> None:
    scores = [*shares("consistency.misconduct_found", LARGE),
              score("consistency.misconduct_found.outside_998.all", 1.0, "count", 4),
              score("register.cases.rejected.all", 2.0, "count", 500)]  # fmt: skip
    decisions, _decided = decide(scores)
    assert decisions["consistency.misconduct_found.outside_998.all"] == "published"
    assert decisions["register.cases.rejected.all"] == "published"


def test_full_registration_is_not_an_attribute_of_a_person_but_few_cases_are() -> None:
    scores = [share(f"consistency.registration.missing_finding.unit={unit}", missing, cases)
              for unit, missing, cases in (("a", 0, 90), ("b", 3, 80), ("c", 2, 9))]  # fmt: skip
    decisions, _decided = decide(scores)
    assert list(decisions.values()) == ["published", "published", "suppressed_primary"]


def test_a_refused_score_keeps_its_reason_unless_its_group_is_too_small() -> None:
    scores = [*shares("consistency.misconduct_found", {**LARGE, "unit=z": (3, 8)}),
              score("consistency.misconduct_found.adjusted_share.unit=a", None, "share", 90, refusal="separation"),
              score("consistency.misconduct_found.adjusted_share.unit=z", None, "share", 8, refusal="too_few"),
              score("completeness.opportunity.share.all", None, "share", 0, refusal="absent")]  # fmt: skip
    decisions, decided = decide(scores)
    assert decisions["consistency.misconduct_found.adjusted_share.unit=a"] == "refused"
    assert decisions["consistency.misconduct_found.adjusted_share.unit=z"] == "suppressed_primary"
    assert decisions["completeness.opportunity.share.all"] == "refused"
    assert "numerator" in decided.blank["completeness.opportunity.share.all"]


# --- complementary suppression


def test_one_small_unit_takes_the_cheapest_other_with_it() -> None:
    counts = {"unit=a": (400, 900), "unit=b": (50, 110), "unit=c": (600, 1200), "unit=z": (3, 8)}
    decisions, decided = decide(shares("consistency.misconduct_found", counts))
    gone = [name for name, decision in decisions.items() if decision == "suppressed_secondary"]
    assert gone == ["consistency.misconduct_found.share.unit=b"]
    assert rule(decided, gone[0]) == "complementary"


def test_a_count_hidden_in_one_module_is_not_shown_by_another() -> None:
    cases = {"unit=a": 90, "unit=b": 110, "unit=c": 120, "unit=z": 7}
    scores = durations({**{unit: (n, n // 2) for unit, n in cases.items()}, "all": (327, 163)})
    scores += [share(f"consistency.registration.missing_finding.{unit}", n // 2, n) for unit, n in cases.items()]
    scores += [score("consistency.registration.investigations_per_1000.unit=z", 7.0, "ratio", 7,
                     numerator=7, denominator=1000)]  # fmt: skip
    decisions, _decided = decide(scores)
    assert decisions["consistency.registration.missing_finding.unit=z"] == "suppressed_primary"
    other = [unit for unit in cases if decisions[f"duration.total_gross.cases.{unit}"] == "suppressed_secondary"]
    assert other
    assert all(decisions[f"consistency.registration.missing_finding.{unit}"].startswith("suppressed") for unit in other)


def test_an_average_over_steps_goes_when_one_or_two_steps_are_withheld() -> None:
    steps = {f"completeness.step_{name}": dict(LARGE) for name in "abcdef"}
    steps["completeness.step_a"] = {**LARGE, "unit=a": (3, 90)}
    scores = [one for measure, counts in steps.items() for one in shares(measure, counts)]
    scores += [score(f"completeness.item_average.share.{unit}", 0.5, "share", 90) for unit in (*LARGE, "all")]
    decisions, decided = decide(scores)
    assert decisions["completeness.item_average.share.unit=a"] == "suppressed_secondary"
    assert rule(decided, "completeness.item_average.share.unit=a") == "minimum_hidden_parts"
    assert decisions["completeness.item_average.share.all"] == "published"


def test_the_audit_refuses_a_pattern_without_complementary_suppression(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = table(shares("consistency.misconduct_found", {**LARGE, "unit=z": (3, 8)}))
    monkeypatch.setattr(disclosure, "_complement", lambda plan: plan.primary)
    with pytest.raises(Refused, match="terug te rekenen") as refusal:
        control(scores, POLICY)
    assert refusal.value.exit_code == 4


def test_the_log_names_rules_and_no_values() -> None:
    _decisions, decided = decide(shares("consistency.misconduct_found", {**LARGE, "unit=z": (3, 8)}))
    assert list(decided.log.columns) == ["id", "module", "measure", "statistic", "group", "field", "decision", "rule"]
    assert set(decided.log["rule"]) == {"minimum_unit", "complementary"}


@pytest.mark.parametrize("empty", [True, False])
def test_no_scores_and_one_score_are_no_problem(empty: bool) -> None:
    decisions, _decided = decide([] if empty else [score("register.cases.rows.all", 3.0, "count", 3)])
    assert list(decisions.values()) == ([] if empty else ["published"])


def test_a_unit_whose_share_was_refused_does_not_drag_the_rest_along() -> None:
    scores = shares("completeness.critical", {**LARGE, "unit=e": (80, 160), "unit=z": (3, 7)})
    name = "completeness.critical.share.unit=z"
    scores = [one for one in scores if one.id != name] + [score(name, None, "share", 7, refusal="too_few")]
    decisions, _decided = decide(scores)
    assert decisions[name] == "suppressed_primary"
    assert decisions["completeness.critical.share.all"] == "published"
    assert list(decisions.values()).count("suppressed_secondary") == 1


def test_a_national_hundred_per_cent_is_published_with_its_large_units() -> None:
    counts = {"unit=a": (90, 90), "unit=b": (110, 110), "unit=c": (120, 120)}
    decisions, _decided = decide(shares("completeness.step_meld", counts))
    assert set(decisions.values()) == {"published"}


def test_states_of_a_step_that_add_up_do_not_give_a_small_one_away() -> None:
    done = {"share": 33, "not_recorded": 7, "not_done": 6, "done_undated": 1}
    scores = [share(f"completeness.step_ontv.{name}.all", count, 47) for name, count in done.items()]
    scores += [*shares("consistency.misconduct_found", LARGE), score("completeness.step_ontv.required.all", 47.0,
                                                                     "count", 47)]  # fmt: skip
    decisions, _decided = decide(scores)
    assert decisions["completeness.step_ontv.done_undated.all"] == "suppressed_primary"
    states = [decisions[f"completeness.step_ontv.{name}.all"] for name in done]
    assert states.count("suppressed_secondary") >= 1 or (
        decisions["completeness.step_ontv.required.all"] == "suppressed_secondary"
    )


# --- the attacker


def attack(scores: pd.DataFrame, decided: Disclosure) -> list[tuple[str, str, float, float]]:
    """Solve for the range of every withheld count, from what is shown and the plain sums.

    Written apart from the program: one variable for each numerator and complement of each
    row, units add up to `all`, steps to opportunities; a shown row fixes its variables.
    """
    name = {(row, kind): 2 * row + at for row in range(len(scores)) for at, kind in enumerate(("in", "out"))}
    fixed, value = {}, {}
    for row, one in enumerate(scores.itertuples()):
        value[name[row, "in"]], value[name[row, "out"]] = one.numerator, one.denominator - one.numerator
        if decided.decisions[row] in ("published", "refused"):
            fixed[name[row, "in"]], fixed[name[row, "out"]] = one.numerator, one.denominator - one.numerator
    measure = scores["id"].str.rsplit(".", n=1).str[0].tolist()
    group = scores["id"].str.rsplit(".", n=1).str[1].tolist()
    place = {pair: row for row, pair in enumerate(zip(measure, group, strict=True))}
    sums = []
    for one in set(measure):
        for dimension in ("unit=", "year="):
            parts = [row for row in range(len(scores)) if measure[row] == one and group[row].startswith(dimension)]
            if parts and (one, "all") in place:
                sums.append((place[one, "all"], parts))
    for one in set(group):
        total = place.get(("completeness.opportunity.share", one))
        parts = [row for row in range(len(scores)) if group[row] == one and "step_" in measure[row]]
        if total is not None and parts:
            sums.append((total, parts))
    matrix, right = [], []
    for total, parts in sums:
        for kind in ("in", "out"):
            line = np.zeros(2 * len(scores))
            line[[name[part, kind] for part in parts]] = 1
            line[name[total, kind]] -= 1
            matrix.append(line)
            right.append(0.0)
    bounds = [(fixed[at], fixed[at]) if at in fixed else (0, None) for at in range(2 * len(scores))]
    found = []
    for at in sorted(set(value) - set(fixed)):
        aim = np.zeros(2 * len(scores))
        aim[at] = 1
        extremes = []
        for sign in (1, -1):
            result = linprog(sign * aim, A_eq=np.array(matrix), b_eq=right, bounds=bounds, method="highs")
            extremes.append(sign * result.fun if result.status == 0 else np.inf)
        row, kind = divmod(at, 2)
        found.append((scores["id"][row], ("in", "out")[kind], *extremes))
    return found


def protection(scores: pd.DataFrame, name: str, kind: str) -> float:
    """The width the policy asks: ten, or the whole published total when that is smaller."""
    total = scores.set_index("id").loc[name.rsplit(".", 1)[0] + ".all"]
    whole = total["numerator"] if kind == "in" else total["denominator"] - total["numerator"]
    return min(10.0, float(whole)) if not name.endswith(".all") else 5.0


@pytest.mark.parametrize("seed", range(6))
def test_an_attacker_who_subtracts_everything_recovers_no_withheld_count(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = table(random_steps(rng, units=7, steps=5, cases=900))
    decided = control(scores, POLICY)
    ranges = attack(scores, decided)
    assert ranges, "nothing withheld: the test would test nothing"
    assert (decided.decisions == "published").any()
    for name, kind, low, high in ranges:
        assert high - low >= protection(scores, name, kind) - 1e-6, (name, kind)


def test_the_attacker_of_these_tests_does_recover_a_count_that_is_only_blanked() -> None:
    scores = table(shares("completeness.critical", {**LARGE, "unit=z": (3, 8)}))
    decisions = pd.Series(["suppressed_primary" if "unit=z" in name else "published" for name in scores["id"]])
    ranges = attack(scores, Disclosure(decisions, {}, pd.DataFrame()))
    assert [(round(low), round(high)) for _name, _kind, low, high in ranges] == [(3, 3), (5, 5)]


def test_seventy_six_mostly_tiny_units_are_done_and_safe() -> None:
    rng = np.random.default_rng(76)
    size = np.minimum(600, np.maximum(1, rng.pareto(0.7, 76) * 6)).astype(int)
    counts = {f"unit=u{number}": (int(rng.binomial(n, 0.4)), int(n)) for number, n in enumerate(size)}
    scores = table(shares("consistency.misconduct_found", counts))
    decided = control(scores, POLICY)
    number = decided.decisions.value_counts()
    assert number["published"] >= 5
    assert number["suppressed_primary"] >= 40
    for name, kind, low, high in attack(scores, decided):
        assert high - low >= protection(scores, name, kind) - 1e-6, (name, kind)


# --- parts of a whole

UNITS = {"unit=a": 412, "unit=b": 380, "unit=c": 350, "unit=d": 300}


def stage(name: str, lost: dict[str, int], *, cases: dict[str, int] = UNITS) -> list[Score]:
    """All cases, and those of a stage, of which each unit lacks a few; and the totals."""
    made = []
    for measure, counts in (
        ("duration.total_gross", cases),
        (f"duration.{name}_gross", {unit: n - lost.get(unit, 0) for unit, n in cases.items()}),
    ):
        for group, n in {**counts, "all": sum(counts.values())}.items():
            made.append(score(f"{measure}.cases.{group}", float(n), "count", n))
            made.append(score(f"{measure}.median.{group}", 100.0, "days", n))
    return made


MANY = {"unit=b": 80, "unit=c": 70, "unit=d": 60}


def attack_sums(
    value: dict[str, float], hidden: set[str], sums: list[tuple[list[str], list[str]]]
) -> dict[str, tuple[float, float]]:
    """Solve for the range of every hidden count: the left side of each sum equals the right side.

    Written apart from the program: counts by name, nothing below nought.
    """
    names = list(value)
    matrix = np.array([[float(left.count(name) - right.count(name)) for name in names] for left, right in sums])
    bounds = [(0, None) if name in hidden else (value[name], value[name]) for name in names]
    found = {}
    for name in hidden:
        aim = np.array([float(name == one) for one in names])
        ends = [
            linprog(sign * aim, A_eq=matrix, b_eq=np.zeros(len(sums)), bounds=bounds, method="highs")
            for sign in (1, -1)
        ]
        found[name] = (ends[0].fun, -ends[1].fun if ends[1].status == 0 else np.inf)
    return found


def attack_stage(decisions: dict[str, str], lost: dict[str, int]) -> dict[str, tuple[float, float]]:
    """Range of what the total and the stage of each unit differ by."""
    groups = [*UNITS, "all"]
    missing = {**lost, "all": sum(lost.values())}
    whole = {**UNITS, "all": sum(UNITS.values())}
    value: dict[str, float] = {}
    hidden = set()
    for group in groups:
        for measure, n in (("total", whole[group]), ("fact_finding", whole[group] - missing.get(group, 0))):
            value[f"{measure} {group}"] = n
            shown = [decisions[f"duration.{measure}_gross.{name}.{group}"] for name in ("cases", "median")]
            if not any(one == "published" for one in shown):
                hidden.add(f"{measure} {group}")
        value[f"rest {group}"] = missing.get(group, 0)
        hidden.add(f"rest {group}")
    sums = [([f"total {group}"], [f"fact_finding {group}", f"rest {group}"]) for group in groups]
    sums += [([f"{name} all"], [f"{name} {unit}" for unit in UNITS]) for name in ("total", "fact_finding", "rest")]
    return {name: ends for name, ends in attack_sums(value, hidden, sums).items() if name.startswith("rest")}


def test_a_stage_that_nearly_all_cases_of_a_unit_reach_is_withheld_with_a_second_unit() -> None:
    lost = {"unit=a": 2, **MANY}
    scores = stage("fact_finding", lost)
    bare = decide(scores, replace(POLICY, nested=()))[0]
    assert set(bare.values()) == {"published"}
    assert attack_stage(bare, lost)["rest unit=a"] == pytest.approx((2, 2))
    decisions, _decided = decide(scores)
    low, high = attack_stage(decisions, lost)["rest unit=a"]
    assert high - low >= POLICY.protection_interval_unit
    assert decisions["duration.fact_finding_gross.cases.all"] == "published"
    assert list(decisions.values()).count("suppressed_secondary") == 4, "two groups of two rows"


def test_a_unit_of_which_all_cases_reach_a_stage_is_told_no_more_than_one_that_lacks_a_few() -> None:
    lost = {"unit=a": 0, **MANY}
    decisions, _decided = decide(stage("fact_finding", lost))
    low, high = attack_stage(decisions, lost)["rest unit=a"]
    assert high - low >= POLICY.protection_interval_unit


@pytest.mark.parametrize("seed", range(3))
def test_an_attacker_who_subtracts_stages_from_totals_finds_no_small_difference(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lost = {unit: int(rng.choice([0, 4, 9, 60, 90, 120])) for unit in UNITS}
    national = sum(lost.values())
    ranges = attack_stage(decide(stage("fact_finding", lost))[0], lost)
    for unit, count in lost.items():
        low, high = ranges[f"rest {unit}"]
        assert high - low >= min(10, national) - 1e-6 or count >= 10 or national == 0


@pytest.mark.parametrize("seed", range(3))
def test_an_attacker_who_adds_up_the_ways_to_end_finds_no_rare_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    days, causes = (90, 180, 365), ("besluit", "geen_vervolg", "overgedragen", "ingetrokken", "eigen_ontslag")
    steps = rng.poisson(rng.choice([1, 5, 60], size=(len(causes), 1)), size=(len(causes), len(days)))
    steps[0] += 100
    ends = steps.cumsum(axis=1)
    events = {cause: dict(zip(days, map(int, by), strict=True)) for cause, by in zip(causes, ends, strict=True)}
    scores = exits(events, n=int(ends[:, -1].sum()) + 60)
    decisions, _decided = decide([*scores, *shares("consistency.misconduct_found", LARGE)])
    for day in days:
        rows = {cause: f"duration.exit_{cause}.within_{day}_days.all" for cause in causes}
        rows["all"] = f"duration.total_gross.within_{day}_days.all"
        value = {cause: float(events[cause][day]) for cause in causes}
        value["all"] = sum(value.values())
        hidden = {cause for cause, row in rows.items() if decisions[row] != "published"}
        for low, high in attack_sums(value, hidden, [(["all"], list(causes))]).values():
            assert high - low >= POLICY.protection_interval_national - 1e-6


@pytest.mark.parametrize(("missing", "shown"), [(0, True), (3, False), (5, True)])
def test_nationally_a_difference_of_one_to_four_withholds_and_nought_does_not(missing: int, shown: bool) -> None:
    scores = [score(f"duration.{measure}.{name}.all", value, unit, n)
              for measure, n in (("total_gross", 900), ("fact_finding_gross", 900 - missing))
              for name, value, unit in (("cases", float(n), "count"), ("median", 90.0, "days"))]  # fmt: skip
    scores += shares("consistency.misconduct_found", LARGE)
    decisions, _decided = decide(scores)
    assert all(
        (decisions[f"duration.fact_finding_gross.{name}.all"] == "published") is shown for name in ("cases", "median")
    )


def test_a_difference_by_registration_withholds_nothing() -> None:
    decisions, _decided = decide(stage("intake", {"unit=a": 2, **MANY}))
    assert set(decisions.values()) == {"published"}


def test_a_stage_is_judged_apart_from_the_total() -> None:
    cases = dict.fromkeys(UNITS, 90)
    lost = {"unit=a": 85, "unit=b": 40, "unit=c": 40, "unit=d": 40}
    decisions, _decided = decide(stage("fact_finding", lost, cases=cases))
    assert decisions["duration.fact_finding_gross.median.unit=a"] == "suppressed_primary"
    assert decisions["duration.total_gross.median.unit=a"] == "published"


def test_left_out_shares_are_registration_but_few_cases_are_not_shown() -> None:
    scores = [*shares("consistency.misconduct_found", LARGE),
              share("duration.intake_gross.left_out.all", 2, 900),
              share("duration.intake_gross.left_out_no_opening.all", 0, 900),
              share("duration.complaint_gross.left_out.all", 1, 3),
              score("duration.complaint_norm.norm_unknown.all", 2.0, "count", 2)]  # fmt: skip
    decisions, _decided = decide(scores)
    hidden = [name for name, decision in decisions.items() if decision != "published"]
    assert hidden == ["duration.complaint_gross.left_out.all"]


# --- curves


def test_a_point_that_differs_by_one_to_four_ends_from_a_shown_point_is_withheld() -> None:
    scores = shares("consistency.misconduct_found", LARGE)
    ended = {30: 40, 60: 44, 90: 49, 120: 49, 150: 60, 180: 396}
    scores += curve(
        "duration.total_gross", {day: (n, 400 - n) for day, n in ended.items() if n < 390}, n=400, events=400
    )
    decisions, decided = decide(scores)
    shown = [day for day in ended if decisions.get(f"duration.total_gross.within_{day}_days.all") == "published"]
    assert shown == [30, 90, 120, 150], "nought is no step"
    assert rule(decided, "duration.total_gross.within_60_days.all") == "minimum_step"
    assert rule(decided, "duration.total_gross.at_risk_60_days.all") == "minimum_step"


def test_days_that_units_have_too_are_kept_before_others() -> None:
    scores = durations({**{f"unit={unit}": (90, 60) for unit in "abcd"}, "all": (360, 240)})
    scores += [
        score(f"duration.total_gross.within_365_days.unit={unit}", 0.6, "share", 90, events=60) for unit in "abcd"
    ]
    scores += curve("duration.total_gross", {360: (213, 100), 365: (216, 90)}, n=360, events=240)
    decisions, _decided = decide(scores)
    assert decisions["duration.total_gross.within_360_days.all"] == "suppressed_primary"
    assert decisions["duration.total_gross.within_365_days.all"] == "published"


def test_between_two_points_of_a_unit_lie_ten_ends_and_the_other_units_do_not_give_the_point_away() -> None:
    scores = durations({**{f"unit={unit}": (200, 150) for unit in "abcd"}, "all": (800, 600)})
    for day, ends in ((90, (50, 50, 50, 50)), (180, (58, 90, 95, 99)), (365, (120, 130, 125, 140))):
        name = f"duration.total_gross.within_{day}_days"
        scores += [
            score(f"{name}.unit={unit}", count / 200, "share", 200, events=150)
            for unit, count in zip("abcd", ends, strict=True)
        ]
        scores.append(score(f"{name}.all", sum(ends) / 800, "share", 800, events=600))
    decisions, _decided = decide(scores)
    assert decisions["duration.total_gross.within_180_days.unit=a"] == "suppressed_primary"
    others = [
        decisions[f"duration.total_gross.within_180_days.{group}"] for group in ("unit=b", "unit=c", "unit=d", "all")
    ]
    assert "suppressed_secondary" in others
    assert decisions["duration.total_gross.within_365_days.unit=a"] == "published"


# --- ways to end


def test_a_rare_way_to_end_does_not_follow_from_the_others() -> None:
    days = (90, 180, 365)
    events = {
        "besluit": (100, 300, 500),
        "geen_vervolg": (40, 60, 80),
        "overgedragen": (10, 20, 40),
        "ingetrokken": (1, 2, 3),
    }
    scores = exits({cause: dict(zip(days, by, strict=True)) for cause, by in events.items()}, n=700)
    scores += shares("consistency.misconduct_found", LARGE)
    decisions, decided = decide(scores)
    assert all(decision == "suppressed_primary" for name, decision in decisions.items() if "exit_ingetrokken" in name)
    for place, day in enumerate(days):
        value = {
            **{cause: float(by[place]) for cause, by in events.items()},
            "all": float(sum(by[place] for by in events.values())),
        }
        rows = {cause: f"duration.exit_{cause}.within_{day}_days.all" for cause in events}
        rows["all"] = f"duration.total_gross.within_{day}_days.all"
        hidden = {cause for cause, row in rows.items() if decisions[row] != "published"}
        low, high = attack_sums(value, hidden, [(["all"], list(events))])["ingetrokken"]
        assert high - low >= POLICY.protection_interval_national, day
    # The number of ends stands on every row; on rows that are shown it is blanked where it would tell.
    value = {**{cause: float(by[-1]) for cause, by in events.items()}, "all": 623.0}
    names = {cause: [one for one in decisions if f"exit_{cause}." in one] for cause in events}
    names["all"] = [one for one in decisions if "total_gross" in one]
    hidden = {
        cause
        for cause, rows in names.items()
        if all(decisions[row] != "published" or "events" in decided.blank.get(row, ()) for row in rows)
    }
    low, high = attack_sums(value, hidden, [(["all"], list(events))])["ingetrokken"]
    assert high - low >= POLICY.protection_interval_national


def test_without_the_declared_sum_a_rare_way_to_end_is_the_rest() -> None:
    days = (90, 180, 365)
    events = {"besluit": (100, 300, 500), "ingetrokken": (1, 2, 3)}
    scores = exits({cause: dict(zip(days, by, strict=True)) for cause, by in events.items()}, n=700)
    scores += shares("consistency.misconduct_found", LARGE)
    decisions, _decided = decide(scores, replace(POLICY, margins=()))
    assert decisions["duration.exit_besluit.within_365_days.all"] == "published"
    assert decisions["duration.total_gross.within_365_days.all"] == "published"
    decisions, _decided = decide(scores)
    pair = [decisions[f"duration.{one}.within_365_days.all"] for one in ("exit_besluit", "total_gross")]
    assert "suppressed_secondary" in pair


def test_a_way_to_end_needs_cases_at_risk() -> None:
    scores = exits({"besluit": {90: 300, 365: 600}, "geen_vervolg": {90: 40, 365: 95}}, n=700)
    decisions, decided = decide([*scores, *shares("consistency.misconduct_found", LARGE)])
    for cause in ("besluit", "geen_vervolg"):
        assert rule(decided, f"duration.exit_{cause}.within_365_days.all") == "minimum_at_risk"
        assert decisions[f"duration.exit_{cause}.within_90_days.all"] == "published"


# --- stock

FLOWS = {2018: (50, 40), 2019: (60, 67), 2020: (50, 45), 2021: (70, 30)}


def attack_stock(decisions: dict[str, str], start: int) -> dict[str, tuple[float, float]]:
    value: dict[str, float] = {}
    hidden, now = set(), start
    for year, (came, went) in FLOWS.items():
        now += came - went
        for name, count in (("stock", now), ("inflow", came), ("outflow", went)):
            value[f"{name} {year}"] = count
            if decisions[f"duration.backlog.{name}.year={year}"] != "published":
                hidden.add(f"{name} {year}")
        for one, other in (("inflow", "outflow"), ("outflow", "inflow")):
            known = (
                f"{other} {year}" not in hidden and decisions[f"duration.backlog.clearance.year={year}"] == "published"
            )
            hidden -= {f"{one} {year}"} if known else set()
    sums = [
        ([f"stock {year}", f"outflow {year}"], [f"stock {year - 1}", f"inflow {year}"]) for year in (2019, 2020, 2021)
    ]
    return attack_sums(value, hidden, sums)


def test_a_small_stock_does_not_follow_from_what_came_in_and_went_out() -> None:
    scores = [*stock(0, FLOWS), *shares("consistency.misconduct_found", LARGE)]  # stock: 10, 3, 8, 48
    bare = decide(scores, replace(POLICY, balances=()))[0]
    assert attack_stock(bare, 0)["stock 2019"] == pytest.approx((3, 3))
    decisions, _decided = decide(scores)
    assert decisions["duration.backlog.stock.year=2019"] == "suppressed_primary"
    low, high = attack_stock(decisions, 0)["stock 2019"]
    assert high - low >= POLICY.protection_interval_national
    assert decisions["duration.backlog.stock.year=2021"] == "published"


def test_the_ratio_of_two_flows_goes_with_them() -> None:
    scores = [
        *stock(100, {2018: (50, 45), 2019: (60, 3), 2020: (50, 45)}),
        *shares("consistency.misconduct_found", LARGE),
    ]
    decisions, _decided = decide(scores)
    assert decisions["duration.backlog.outflow.year=2019"] == "suppressed_primary"
    assert decisions["duration.backlog.clearance.year=2019"] != "published"
    assert decisions["duration.backlog.clearance.year=2018"] == "published"


def test_the_stock_of_the_last_day_is_that_of_the_year_which_ends_then() -> None:
    scores = [*stock(100, {2023: (50, 45), 2024: (60, 62), 2025: (50, 149)}),  # stock: 105, 103, 4
              score("duration.backlog.stock_now.all", 4.0, "count", 4),
              score("duration.backlog.projected_stock_3_months.all", 3.0, "count", 400, low=1.0, high=9.0),
              *shares("consistency.misconduct_found", LARGE)]  # fmt: skip
    decisions, _decided = decide(scores)
    assert decisions["duration.backlog.stock_now.all"] == "suppressed_primary"
    assert decisions["duration.backlog.stock.year=2025"] == "suppressed_primary"
    assert decisions["duration.backlog.projected_stock_3_months.all"] == "published", "a projection counts nobody"


def test_stocks_of_years_do_not_add_up_to_the_stock_of_today() -> None:
    years = {"year=2023": (30, 70), "year=2024": (2, 60), "year=2025": (40, 80)}
    scores = shares("duration.backlog", years)
    scores = [replace(one, id=one.id.replace(".share.", ".stock_older_than_365.")) for one in scores]
    scores += shares("consistency.misconduct_found", LARGE)
    decisions, _decided = decide(scores)
    hidden = [name for name, decision in decisions.items() if decision != "published"]
    assert hidden == ["duration.backlog.stock_older_than_365.year=2024"]
    as_parts, _decided = decide(scores, replace(POLICY, snapshots=()))
    assert "suppressed_secondary" in as_parts.values()


def test_ratios_and_the_age_of_a_stock_need_cases() -> None:
    scores = [*shares("consistency.misconduct_found", LARGE),
              score("duration.backlog.littles_law.all", 1.1, "ratio", 9),
              score("duration.backlog.clearance.year=2020", 1.1, "ratio", 40),
              score("duration.backlog.stock_age_median.year=2020", 90.0, "days", 9),
              score("duration.backlog.projected_stock_6_months.all", 30.0, "count", 9)]  # fmt: skip
    decisions, decided = decide(scores)
    assert rule(decided, "duration.backlog.littles_law.all") == "minimum_model"
    assert rule(decided, "duration.backlog.stock_age_median.year=2020") == "minimum_quantile"
    assert rule(decided, "duration.backlog.projected_stock_6_months.all") == "minimum_model"
    assert decisions["duration.backlog.clearance.year=2020"] == "published", "no degrees of freedom asked"


# --- models and near-copies


def test_each_side_of_a_comparison_in_time_needs_cases() -> None:
    scores = shares("consistency.misconduct_found", LARGE)
    for name, n in (("before", 7), ("after", 200), ("change", 207)):
        scores.append(score(f"duration.change_cohorts.mean_days_{name}.all", 100.0, "days", n))
    decisions, decided = decide(scores)
    assert rule(decided, "duration.change_cohorts.mean_days_before.all") == "minimum_model"
    rest = [decisions[f"duration.change_cohorts.mean_days_{name}.all"] for name in ("after", "change")]
    assert "suppressed_secondary" in rest, "else the whole minus the other side gives the seven"


@pytest.mark.parametrize("name", ["closing.ratio", "pace.sigma", "change_series.level_change", "case_mix.ph_p"])
def test_the_models_of_duration_keep_degrees_of_freedom(name: str) -> None:
    scores = [*shares("consistency.misconduct_found", LARGE), score(f"duration.{name}.all", 0.3, "ratio", 35)]
    _decisions, decided = decide(scores)
    assert rule(decided, f"duration.{name}.all") == "minimum_degrees_of_freedom"


def compared(other: dict[str, int]) -> list[Score]:
    cases = {"unit=a": (200, 150), "unit=b": (210, 160), "unit=c": (220, 170)}
    scores = durations({**cases, "all": (630, 480)})
    for unit, (n, events) in cases.items():
        ended = 195 if unit == "unit=a" else 140
        scores.append(score(f"duration.total_gross.within_180_days.{unit}", ended / n, "share", n, events=events))
        scores.append(score(f"duration.closing.ratio.{unit}", 1.1, "ratio", other.get(unit, n), events=ended))
        scores.append(score(f"duration.pace.shrunken_odds_ratio.{unit}", 1.1, "odds_ratio", n, events=events))
    scores.append(score("duration.closing.outside_95.all", 1.0, "count", 630, events=480))
    return scores


def test_units_are_compared_without_counts_and_not_where_the_share_within_a_year_is_withheld() -> None:
    decisions, decided = decide(compared({}))
    assert decisions["duration.total_gross.within_180_days.unit=a"] == "suppressed_primary"
    assert decisions["duration.closing.ratio.unit=a"] == "suppressed_primary"
    assert decisions["duration.pace.shrunken_odds_ratio.unit=a"] == "published"
    assert decisions["duration.closing.outside_95.all"] == "published"
    assert decided.blank["duration.closing.outside_95.all"] == ("events", "numerator", "denominator")
    assert decided.blank["duration.pace.shrunken_odds_ratio.unit=a"] == ("events", "numerator", "denominator")
    _decisions, other = decide(compared({"unit=b": 207}))
    assert "n" in other.blank["duration.closing.outside_95.all"], "three cases fewer in one unit"


def test_a_unit_withheld_in_the_total_is_not_compared() -> None:
    cases = {"unit=a": (90, 60), "unit=b": (95, 60), "unit=c": (99, 60), "unit=z": (9, 9)}
    scores = durations({**cases, "all": (293, 189)})
    scores += [score(f"duration.{name}.{unit}", 1.1, "ratio", n - 1) for unit, (n, _events) in cases.items()
               for name in ("closing.ratio", "pace.shrunken_odds_ratio")]  # fmt: skip
    decisions, _decided = decide(scores)
    gone = [unit for unit in cases if decisions[f"duration.total_gross.cases.{unit}"] != "published"]
    assert "unit=z" in gone
    assert len(gone) > 1
    for unit in gone:
        assert decisions[f"duration.pace.shrunken_odds_ratio.{unit}"] != "published"


def test_a_range_shows_no_counts_and_no_share_that_sets_a_few_cases_apart() -> None:
    name = "duration.within_365_range"
    scores = [*shares("consistency.misconduct_found", LARGE),
              score("duration.total_gross.within_365_days.all", 800 / 1000, "share", 1000),
              score(f"{name}.share_basis_opened.all", 700 / 900, "share", 900),
              score(f"{name}.share_same_day_left_out.all", 797 / 997, "share", 997),
              score(f"{name}.share_small_units_left_out.all", 777 / 960, "share", 960),
              score(f"{name}.share_low.all", 700 / 900, "share", 1000),
              score(f"{name}.share_high.all", 777 / 960, "share", 1000),
              score(f"{name}.universes.all", 3.0, "count", 1000)]  # fmt: skip
    decisions, decided = decide(scores)
    assert decisions[f"{name}.share_basis_opened.all"] == "published"
    assert rule(decided, f"{name}.share_same_day_left_out.all") == "minimum_difference"
    assert decisions[f"{name}.share_small_units_left_out.all"] == "published", "23 and 17 of 40 cases"
    assert decided.blank[f"{name}.share_basis_opened.all"] == ("n", "events", "numerator", "denominator")
    assert decisions[f"{name}.universes.all"] == "published"
    one_unit = [*scores, score("duration.total_gross.cases.unit=z", 40.0, "count", 40)]
    one_unit = [replace(one, estimate=767 / 960) if "small_units" in one.id or "share_high" in one.id else one
                for one in one_unit]  # fmt: skip
    decisions, decided = decide(one_unit)
    assert rule(decided, f"{name}.share_small_units_left_out.all") == "minimum_difference", "33 and 7 of one unit"
    assert rule(decided, f"{name}.share_high.all") == "minimum_difference", "the end of the range is that share"


def test_a_stock_under_other_choices_shows_no_counts_and_is_in_no_sum() -> None:
    scores = [*shares("consistency.misconduct_found", LARGE),
              score("duration.backlog.stock_now.all", 183.0, "count", 183),
              score("duration.stock_range.stock_low.all", 175.0, "count", 183),
              score("duration.stock_range.stock_small_units_left_out.all", 180.0, "count", 179),
              score("duration.stock_range.stock_kind_all.all", 0.0, "count", 3),
              score("duration.stock_age_range.age_median_counted_persons.all", 119.0, "days", 204)]  # fmt: skip
    decisions, decided = decide(scores)
    for one in scores[-4:]:
        assert decisions[one.id] == "published"
        assert decided.blank[one.id] == ("n", "events", "numerator", "denominator")


def test_a_median_of_slightly_other_cases_is_held_to_the_rules_of_a_median() -> None:
    name = "duration.fact_finding_range.median"
    scores = [*shares("consistency.misconduct_found", LARGE),
              score("duration.fact_finding_gross.cases.all", 300.0, "count", 300, events=290),
              score(f"{name}_start_kenn.all", 60.0, "days", 24, low=40, high=90, level=0.95, events=20),
              score(f"{name}_kind_all.all", 60.0, "days", 400, low=55, high=66, level=0.95, events=390),
              score(f"{name}_small_units_left_out.all", 61.0, "days", 9, events=9),
              score(f"{name}_universes.all", 3.0, "count", 300),
              score(f"{name}_basis_afgesloten.all", None, "days", 0, refusal="misleading")]  # fmt: skip
    decisions, decided = decide(scores)
    assert {"low", "high", "level"} <= set(decided.blank[f"{name}_start_kenn.all"]), "ten ends beyond each bound"
    assert "low" not in decided.blank[f"{name}_kind_all.all"]
    assert rule(decided, f"{name}_small_units_left_out.all") == "minimum_quantile"
    assert decisions[f"{name}_universes.all"] == "published", "a count is no median"
    assert decisions[f"{name}_basis_afgesloten.all"] == "refused", "what misleads is said to, not withheld"


def test_the_spread_of_the_units_over_other_choices_is_held_to_the_rules_of_a_model() -> None:
    name = "duration.spread_range.median_odds_ratio"
    scores = [*shares("consistency.misconduct_found", LARGE),
              score("duration.total_gross.cases.all", 35.0, "count", 35, events=33),
              score(f"{name}_like_year.all", 1.2, "odds_ratio", 35, events=33),
              score(f"{name}_basis_afgesloten.all", None, "odds_ratio", 0, refusal="misleading"),
              score("duration.outside_95_range.units_like_year.all", 1.0, "count", 35, events=33)]  # fmt: skip
    decisions, decided = decide(scores)
    assert rule(decided, f"{name}_like_year.all") == "minimum_degrees_of_freedom"
    assert decisions["duration.outside_95_range.units_like_year.all"] == "published", "a number of units"
    assert decisions[f"{name}_basis_afgesloten.all"] == "refused", "what misleads is said to, not withheld"


def test_an_interval_that_ends_on_the_day_of_a_single_case_is_not_shown() -> None:
    def median(unit: str, n: int) -> Score:
        return score(f"duration.total_gross.p25.unit={unit}", 90, "days", n, low=56, high=120, level=0.95, events=n)

    scores = [median("a", 42), median("b", 400), median("c", 410)]
    decisions, decided = decide(scores)
    assert decisions["duration.total_gross.p25.unit=a"] == "published"
    assert {"low", "high", "level"} <= set(decided.blank["duration.total_gross.p25.unit=a"])
    assert "low" not in decided.blank.get("duration.total_gross.p25.unit=b", ())
    assert decided.log.loc[decided.log["field"] == "interval", "id"].tolist() == ["duration.total_gross.p25.unit=a"]


def test_a_late_step_is_counted_among_the_cases_still_at_risk() -> None:
    # Of 20 at risk four end: a fifth of what is open, though only a thousandth of all cases.
    points = {180: (0.5, 600), 780: (0.9948, 20), 810: (0.99584, 16)}
    scores = [score(f"duration.total_gross.within_{day}_days.all", share, "share", 5000, events=4970)
              for day, (share, _risk) in points.items()]  # fmt: skip
    scores += [score(f"duration.total_gross.at_risk_{day}_days.all", risk, "count", 5000, events=4970)
               for day, (_share, risk) in points.items()]  # fmt: skip
    decisions, _decided = decide(scores)
    assert decisions["duration.total_gross.within_780_days.all"] == "published"
    assert decisions["duration.total_gross.within_810_days.all"] == "suppressed_primary"


def test_the_number_of_ends_of_one_way_to_end_is_not_shown_beside_its_curve() -> None:
    _decisions, decided = decide(exits({"besluit": {90: 300, 365: 600}, "geen_vervolg": {90: 40, 365: 95}}, n=700))
    assert "events" in decided.blank["duration.exit_besluit.within_90_days.all"]
