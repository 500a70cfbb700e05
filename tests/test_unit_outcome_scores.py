"""A yes/no outcome by unit: clusters, overdispersion, and every reason why there is no comparison."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from judged_case_files import AS_OF, case_files
from scipy import stats

from data_contracts.case_files import CaseFiles
from data_contracts.example import example_tables
from evaluation.clustered_share import clustered_share
from evaluation.consistency.finding_scores import compared_findings, finding_scores
from evaluation.consistency.judged import judged_allegations
from evaluation.consistency.like_for_like import compared, spread_sigma, unit_funnel, unit_spread
from evaluation.consistency.penalty_scores import compared_penalties, penalty_scores
from evaluation.consistency.unit_outcome_scores import MODEL_BY_UNIT, OVERALL, SPREAD, unit_outcome_scores
from evaluation.refusals import REASONS
from evaluation.scores import Score

UNITS = list("ABCDEFG")


def table(hit, unit, case=None, **covariates) -> pd.DataFrame:
    rows = pd.DataFrame({"hit": hit, "unit": pd.array(unit, dtype="str"), "year": "2020"} | covariates)
    return rows.assign(case_id=np.arange(len(rows)) if case is None else case)


def scored(rows: pd.DataFrame, covariates: tuple[str, ...] = ()) -> dict[str, Score]:
    scores = unit_outcome_scores(rows, compared(rows, covariates), UNITS, measure="consistency.x", as_of=AS_OF,
                                 level=0.95, span="2018-01-01/2022-12-31")  # fmt: skip
    for score in scores:
        numbers = [value for value in (score.estimate, score.low, score.high) if value is not None]
        assert np.isfinite(numbers).all()
        assert (score.estimate is None) == (score.refusal in REASONS)
    return {score.id.removeprefix("consistency.x."): score for score in scores}


def twins(seed: int, correlation: float) -> pd.DataFrame:
    """Two allegations a case, alike with this chance; units do not differ."""
    rng = np.random.default_rng(seed)
    one = rng.random(700) < 0.5
    other = np.where(rng.random(700) < correlation, one, rng.random(700) < 0.5)
    return table(np.concatenate([one, other]), np.tile(np.repeat(UNITS, 100), 2), np.tile(np.arange(700), 2))


def test_with_one_allegation_a_case_limits_are_exact_and_intervals_are_wilsons():
    rng = np.random.default_rng(1)
    rows = table(rng.random(700) < 0.3, np.repeat(UNITS, 100))
    scores = scored(rows)
    share = scores["share.all"].estimate
    low = stats.binom.ppf(0.025, 100, share)
    assert low - 1 <= 100 * scores["funnel_low_95.unit=a"].estimate <= low
    assert (scores["design_effect.all"].estimate, scores["case_correlation.all"].estimate) == (1.0, 0.0)
    unit = scores["share.unit=a"]
    plain = clustered_share([unit.numerator], [100], [1], level=0.95)
    assert plain.estimate == unit.estimate
    # R: prop.test(hits, 100, correct = FALSE)$conf.int is Wilson's: the roots of (p - share)^2 = z^2 p (1 - p) / n
    z = stats.norm.isf(0.025)
    for end in (unit.low, unit.high):
        assert (unit.estimate - end) ** 2 == pytest.approx(z**2 * end * (1 - end) / 100)


def test_allegations_that_are_always_alike_are_counted_as_cases():
    rows = twins(4, correlation=1.0)
    scores, cases = scored(rows), scored(rows.drop_duplicates("case_id"))
    assert scores["case_correlation.all"].estimate == pytest.approx(1.0, abs=0.01)
    assert scores["design_effect.all"].estimate == pytest.approx(2.0, abs=0.01)
    for name in ("sigma.all", "median_odds_ratio.all", "overdispersion.all", "shrunken_odds_ratio.unit=c",
                 "reliability.unit=c", "funnel_high_95.unit=b", "funnel_low_998.unit=b"):  # fmt: skip
        one, other = scores[name], cases[name]
        assert one.estimate == pytest.approx(other.estimate, abs=0.02), name
        assert (one.high or 0) == pytest.approx(other.high or 0, rel=0.05), name
    share, of_cases = scores["share.unit=a"], cases["share.unit=a"]
    assert share.denominator == 2 * of_cases.denominator
    assert share.high - share.low == pytest.approx(of_cases.high - of_cases.low, rel=0.03)
    assert scores["sigma.all"].n == 1400


def test_clusters_widen_what_is_said_of_every_unit_and_leave_the_share():
    rows = twins(5, correlation=0.8)
    clustered, independent = scored(rows), scored(rows.assign(case_id=np.arange(len(rows))))
    assert clustered["share.unit=a"].estimate == independent["share.unit=a"].estimate
    for unit in "abcdefg":
        for name in ("observed_expected", "adjusted_share"):
            one, other = clustered[f"{name}.unit={unit}"], independent[f"{name}.unit={unit}"]
            assert one.estimate == other.estimate
            assert one.high - one.low > 1.15 * (other.high - other.low)
        high, narrow = (found[f"funnel_high_95.unit={unit}"].estimate for found in (clustered, independent))
        assert high > narrow
    assert clustered["overdispersion.all"].estimate < independent["overdispersion.all"].estimate
    assert clustered["outside_95.all"].estimate <= independent["outside_95.all"].estimate


def test_false_alarms_of_the_funnel_stay_at_the_promise_when_allegations_of_a_case_are_alike():
    outside, spread = np.zeros(2), np.zeros(2)
    for seed in range(40):
        rows = twins(seed, correlation=0.9)
        for at, one in enumerate((rows, rows.assign(case_id=np.arange(len(rows))))):
            found = compared(one, ())
            outside[at] += unit_funnel(found, UNITS).outside(0.95).sum()
            spread[at] += spread_sigma(found) > 0.15 if seed < 15 else 0
    assert outside[0] <= stats.binom.ppf(0.99, 280, 0.05)
    assert outside[1] > stats.binom.ppf(0.99, 280, 0.05)
    assert spread[0] < spread[1]


def test_overdispersion_is_the_mean_squared_difference_in_standard_deviations():
    rng = np.random.default_rng(6)
    rows = table(rng.random(700) < np.repeat([0.2, 0.3, 0.4, 0.5, 0.5, 0.6, 0.7], 100), np.repeat(UNITS, 100))
    scores = scored(rows)
    p = rows["hit"].mean()
    z = (rows.groupby("unit")["hit"].sum() - 100 * p) / np.sqrt(100 * p * (1 - p))
    phi = np.mean(np.clip(z, *np.quantile(z, [0.1, 0.9])) ** 2)
    assert scores["overdispersion.all"].estimate == pytest.approx(phi)
    s2 = (1 - p) / (100 * p)
    # DerSimonian-Laird with equal weights: (sum of z^2 - (k - 1)) s^2 / (k - 1)
    assert scores["overdispersion_tau2.all"].estimate == pytest.approx((7 * phi - 6) * s2 / 6)


def empty_cell():
    """A characteristic that never goes with the outcome: it is pooled, and the comparison stays."""
    rng = np.random.default_rng(2)
    category = np.where(np.arange(350) % 5 == 0, "never", rng.choice(["x", "y"], 350))
    return table((rng.random(350) < 0.5) & (category != "never"), np.repeat(UNITS, 50), category=category)


def test_an_empty_cell_is_no_obstacle():
    rows = empty_cell()
    found = compared(rows, ("category",))
    assert found.mix.pooled["category"] == ("never",)
    assert scored(rows, ("category",))["observed_expected.unit=a"].estimate is not None


def separated():
    """Two characteristics that together, but neither alone, decide the outcome at both ends."""
    category, weight = np.repeat(["x", "x", "y", "y"], 70), np.repeat(["licht", "zwaar", "licht", "zwaar"], 70)
    hit = np.concatenate([np.zeros(70), np.tile([1, 0], 70), np.ones(70)]).astype(bool)
    return table(hit, np.tile(UNITS, 40), category=category, complexity=weight)


def rare():
    return table(np.arange(350) < 9, np.tile(UNITS, 50))


REFUSED = {
    "one unit": (table(np.tile([True, False], 50), np.repeat("A", 100)), "not_estimable"),
    "all yes": (table(np.ones(350, dtype=bool), np.tile(UNITS, 50)), "no_variation"),
    "all no": (table(np.zeros(350, dtype=bool), np.tile(UNITS, 50)), "no_variation"),
    "a rare outcome": (rare(), "too_few"),
    "a common outcome": (rare().assign(hit=~rare()["hit"]), "too_few"),
    "hardly a row": (table([True, False] * 4, ["A"] * 4 + ["B"] * 4), "too_few"),
    "nobody has a unit": (table([True, False] * 50, [None] * 100), "too_few"),
    "separation": (separated(), "separation"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_compared_keeps_its_rows_with_the_reason(name):
    rows, reason = REFUSED[name]
    covariates = tuple(column for column in ("category", "complexity") if column in rows)
    found = compared(rows, covariates)
    assert (found.mix, found.within, found.refusal) == (None, None, reason)
    assert unit_spread(found, level=0.95) == spread_sigma(found) == reason
    scores = scored(rows, covariates)
    assert {scores[f"{statistic}.all"].refusal for statistic in (*OVERALL, *SPREAD)} == {reason}
    size = int((rows["unit"] == "A").sum())
    of_unit = {scores[f"{statistic}.unit=a"].refusal for statistic in (*MODEL_BY_UNIT, "shrunken_odds_ratio")}
    assert of_unit == {"too_few" if size < 10 else reason}
    assert (scores["share.all"].estimate is None) == (len(rows) < 10)


def test_a_funnel_without_a_case_mix_is_an_error_and_not_a_number():
    with pytest.raises(ValueError, match="no_variation"):
        unit_funnel(compared(REFUSED["all yes"][0], ()), UNITS)


@pytest.fixture(scope="module")
def example() -> tuple[dict[str, Score], dict[str, Score], dict]:
    tables, truth = example_tables(seed=1, cases_per_year=500)
    files = CaseFiles(**tables).at(date(2026, 1, 31))
    judged = judged_allegations(files)
    units = sorted(files.cases["unit"].dropna().unique())
    about = {"as_of": date(2026, 1, 31), "level": 0.95, "span": "2016-01-01/2025-12-31"}
    found = finding_scores(files, judged, units, compared_findings(files, judged), **about)
    penalty = penalty_scores(files, judged, units, compared_penalties(files, judged), **about)
    named = [{score.id.split(".", 2)[2]: score for score in part.scores} for part in (found, penalty)]
    return *named, truth


def test_findings_of_the_example_are_drawn_one_by_one_and_penalties_by_person(example):
    finding, penalty, _truth = example
    assert finding["case_correlation.all"].estimate < 0.1
    assert penalty["case_correlation.all"].estimate > 0.4
    assert penalty["design_effect.all"].estimate > 1.1


def test_the_planted_spread_of_penalties_lies_in_its_interval(example):
    _finding, penalty, truth = example
    planted = np.std(list(truth["penalty"]["unit_effect"].values()))
    sigma = penalty["sigma.all"]
    # planted on the scale of severity, of which a penalty or none is one cut
    assert sigma.low <= planted <= sigma.high
    assert penalty["outside_998.all"].estimate <= 1


def test_the_planted_spread_of_findings_lies_in_its_interval(example):
    finding, _penalty, truth = example
    planted = np.std(list(truth["outcome"]["unit_effect"].values()))
    assert finding["sigma.all"].low <= planted <= finding["sigma.all"].high
    assert finding["overdispersion.all"].estimate > 2


def test_a_penalty_is_compared_as_a_finding_is(example):
    finding, penalty, _truth = example
    assert {name.split(".")[0] for name in finding} == {name.split(".")[0] for name in penalty}
    units = [penalty[f"expected_share.unit={unit}"] for unit in ("nn", "on", "mn", "nh", "ams", "dh", "rtd", "zwb",
                                                                 "ob", "lb", "le", "lo", "lx", "pdc")]  # fmt: skip
    said = [score for score in units if score.estimate is not None]
    overall = penalty["share.all"]
    small = overall.denominator - sum(score.n for score in said)
    assert sum(score.estimate * score.n for score in said) == pytest.approx(overall.numerator, abs=small + 1e-6)


@pytest.mark.parametrize(("final", "reason"), [(None, None), ("a", "no_variation"), ("geen", "no_variation")])
def test_penalties_that_are_absent_or_all_the_same_are_told(final, reason):
    rng = np.random.default_rng(3)
    files = case_files(rng.random(400) < 0.5, rng.choice(UNITS, 400), final_penalty=final).at(AS_OF)
    judged = judged_allegations(files)
    part = penalty_scores(files, judged, UNITS, compared_penalties(files, judged), as_of=AS_OF, level=0.95, span="x/y")
    if reason is None:
        assert [refusal.measure for refusal in part.refusals] == ["consistency.penalty"]
        assert part.scores == ()
    else:
        assert {score.refusal for score in part.scores if "sigma" in score.id or "outside" in score.id} == {reason}
