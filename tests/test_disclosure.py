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
from evaluation.publication.policy import POLICY_FILE, Policy, read_policy
from evaluation.scores import Score
from tests.scores_for_disclosure import durations, random_steps, score, share, shares, table

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
