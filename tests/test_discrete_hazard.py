"""The hazard with a unit effect: lme4's glmer, Kaplan-Meier, planted truth, and its refusals."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.special import expit

from data_contracts.errors import WrongUse
from evaluation.survival.kaplan_meier import kaplan_meier, restricted_mean, share_within
from evaluation.units.discrete_hazard import UnitHazard, hazard_by_unit, unit_hazard

# R: write.csv(with(survival::kidney, data.frame(id, time, status, sex, age)), "kidney.csv", row.names = FALSE)
KIDNEY = pd.read_csv(Path(__file__).parent / "data" / "kidney.csv")
EDGES = (0, 15, 30, 60, 120, 240, 600)
# R, for all numbers of glmer below:
#   k <- transform(survival::kidney, status = status == 1, entry = 0); edges <- c(0, 15, 30, 60, 120, 240, 600)
#   p <- do.call(rbind, lapply(1:6, function(b) transform(k, band = b - 1,
#     days = pmax(pmin(time, edges[b + 1]) - pmax(entry, edges[b]), 0),
#     ended = as.integer(status & time > edges[b] & time <= edges[b + 1]))))
#   g <- glmer(cbind(ended, days - ended) ~ factor(band) + factor(sex) + (1 | id), subset(p, days > 0), binomial,
#     nAGQ = 9, control = glmerControl(tolPwrss = 1e-13, optimizer = "bobyqa",
#                                      optCtrl = list(rhobeg = 2e-4, rhoend = 1e-10)))


def kidney(**options: object) -> UnitHazard:
    given = {"edges": EDGES, "within": 120, "level": 0.95, "minimum_n": 2, "levels": KIDNEY[["sex"]]}
    return unit_hazard(KIDNEY["time"], KIDNEY["status"], KIDNEY["id"], **{**given, **options})


@pytest.fixture(scope="module")
def fitted() -> UnitHazard:
    return kidney()


def test_the_fit_is_that_of_glmer_on_the_days_at_risk(fitted: UnitHazard) -> None:
    # fixef(g); sqrt(diag(vcov(g))); VarCorr(g); confint(g, parm = "theta_")
    assert fitted.coefficients["term"].tolist() == ["constant", *(f"band={k}" for k in range(1, 6)), "sex=2"]
    assert fitted.coefficients["estimate"].tolist() == pytest.approx(
        [-3.842021771, 0.671070361, -0.122345865, -0.599320474, 0.223835127, 0.191406554, -1.300362691], abs=2e-6
    )
    assert fitted.coefficients["standard_error"].tolist() == pytest.approx(
        [0.388753944, 0.429004413, 0.527497947, 0.573332651, 0.541425854, 0.668544586, 0.435122576], abs=1e-5
    )
    assert fitted.sigma == pytest.approx(0.568037574, abs=1e-6)
    assert fitted.sigma_low == 0
    assert fitted.sigma_high == pytest.approx(1.08172634, abs=1e-5)
    assert fitted.median_odds_ratio == pytest.approx(np.exp(0.568037574 * np.sqrt(2) * stats.norm.ppf(0.75)), abs=1e-5)
    assert (fitted.n, fitted.n_events, fitted.refusal) == (76, 58, None)


def test_the_unit_effects_and_their_reliability_are_those_of_glmer(fitted: UnitHazard) -> None:
    # r <- ranef(g, condVar = TRUE)$id; r[c(1, 21, 38), 1]; sqrt(attr(r, "postVar")[1, 1, c(1, 21, 38)])
    effects, spreads = [0.396941115, -1.119600162, -0.147184155], [0.510074651, 0.342517381, 0.470292923]
    for at, effect, spread in zip((0, 20, 37), effects, spreads, strict=True):
        unit = fitted.units[at]
        assert np.log(unit.odds_ratio) == pytest.approx(effect, abs=5e-6)
        assert unit.reliability == pytest.approx(1 - spread**2 / 0.568037574**2, abs=2e-5)
        # wider than the conditional interval of lme4: the case mix is not known either
        assert (np.log(unit.high) - np.log(unit.low)) / 2 > 1.959963985 * spread
        assert np.log(unit.high) + np.log(unit.low) == pytest.approx(2 * np.log(unit.odds_ratio))


def test_the_standardised_share_and_days_are_the_predictions_of_glmer_averaged(fitted: UnitHazard) -> None:
    # S <- function(sex, b) cumprod(1 - plogis(predict(g, data.frame(band = findInterval(0:119, edges) - 1,
    #                                                                  sex = sex), re.form = NA) + b))
    # for (b in c(0, ranef(g)$id[21, 1])) { s <- (sum(k$sex == 1) * S(1, b) + sum(k$sex == 2) * S(2, b)) / 76
    #                                       print(c(1 - s[120], sum(c(1, s[1:119])))) }
    assert fitted.standard_share == pytest.approx(0.568474031, abs=1e-6)
    assert fitted.standard_mean_days == pytest.approx(73.051639126, abs=1e-4)
    assert fitted.units[20].share == pytest.approx(0.267889552, abs=2e-6)
    assert fitted.units[20].mean_days == pytest.approx(99.585595334, abs=2e-4)


def test_a_characteristic_that_varies_has_a_coefficient_in_every_period_with_enough_ends() -> None:
    found = kidney(varying=["sex"])
    # R: each band of `edges` is a period here. p2 <- transform(subset(p, days > 0), s1p2 = sex == 1 & band == 1,
    #      s1p5 = sex == 1 & band == 4, s2p3 = sex == 2 & band == 2, s2p4 = sex == 2 & band == 3,
    #      s2p6 = sex == 2 & band == 5)  # of sex 1 a single end in bands 2, 3 and 5; two sexes make one contrast
    #    fixef(g <- glmer(cbind(ended, days - ended) ~ factor(band) + factor(sex) + s1p2 + s1p5 + s2p3 + s2p4 + s2p6 +
    #      (1 | id), p2, binomial, nAGQ = 9, control = ...)); VarCorr(g)
    assert found.coefficients["term"].tolist()[7:] == [
        f"sex by period={of}" for of in ("1, 2", "1, 5", "2, 3", "2, 4", "2, 6")
    ]
    assert found.coefficients["estimate"].tolist() == pytest.approx(
        [-3.537898125971, 0.755247810385, -1.213074834105, -1.506164590393, 0.349766614729, -1.990214734408,
         -1.773086926406, -0.160899555309, -1.135021991665, 1.427345054992, 1.120268102662, 2.435070689619],
        abs=1e-5,
    )  # fmt: skip
    assert found.sigma == pytest.approx(0.281194332101, abs=1e-4)


def test_where_a_characteristic_slows_the_clock_the_share_is_right_only_when_it_may_vary() -> None:
    rng = np.random.default_rng(8)
    heavy = rng.random(6000) < 0.5
    days = np.ceil(90 * np.exp(rng.normal(0, 0.5, 6000)) * np.where(heavy, 2.5, 1.0))
    cases = pd.DataFrame({"duration": days, "event_observed": True, "unit": rng.integers(0, 8, 6000),
                          "complexity": np.where(heavy, "zwaar", "licht")})  # fmt: skip
    asked = {"covariates": ["complexity"], "every": 20, "within": 200, "level": 0.95, "minimum_n": 10}
    plain, varying = hazard_by_unit(cases, **asked), hazard_by_unit(cases, varying=["complexity"], **asked)
    true = (days <= 200).mean()
    assert plain.standard_share is not None and plain.standard_share - true > 0.012
    assert varying.standard_share == pytest.approx(true, abs=0.006)


def test_with_late_entry_and_no_spread_the_fit_is_the_plain_logit() -> None:
    # R: the same with k$entry <- k$time %/% 3: sigma 0; coef(glm(cbind(ended, days - ended) ~ ..., binomial, p))
    #    confint(g, parm = "theta_")
    late = kidney(entry=KIDNEY["time"] // 3)
    assert late.sigma == 0
    assert late.sigma_high == pytest.approx(0.391375538, abs=1e-4)
    assert late.coefficients["estimate"].tolist() == pytest.approx(
        [-2.7352913989, 0.0374622824, -0.9472177070, -2.0185392169, -1.5019246971, -1.9150170968, -0.6205810112],
        abs=1e-6,
    )
    unit = late.units[0]
    assert (unit.odds_ratio, unit.low, unit.high, unit.reliability) == (1.0, None, None, 0.0)
    assert late.median_odds_ratio == 1


def test_without_differences_between_units_the_share_and_the_days_are_those_of_kaplan_meier() -> None:
    rng = np.random.default_rng(4)
    time, cut = np.ceil(rng.exponential(60, 300)).astype(int), rng.integers(20, 200, 300)
    duration, closed = np.minimum(time, cut), time <= cut
    copies = np.tile(np.arange(6), 300)  # every case once in every unit: no spread at all
    days = np.unique(duration[closed & (duration <= 40)])
    edges = np.unique([0, *(days - 1), *days, duration.max()])
    edges = edges[(edges <= 40) | (edges == duration.max())]
    ends = np.histogram(duration[closed] - 0.5, edges)[0]
    edges = np.append(edges[:-1][ends > 0], edges[-1])
    edges[0] = 0
    found = unit_hazard(np.repeat(duration, 6), np.repeat(closed, 6), copies, edges=edges, within=40, level=0.95,
                        minimum_n=10)  # fmt: skip
    curve = kaplan_meier(duration, closed)
    assert found.sigma == 0
    # A band of several days ends in its one day with ends, or holds one chance for all its days: within a thousandth.
    assert found.standard_share == pytest.approx(share_within(curve, 40, level=0.95).estimate, abs=1e-3)
    assert found.standard_mean_days == pytest.approx(restricted_mean(curve, 40, level=0.95).estimate, rel=0.01)


def _planted(seed: int, *, units: int = 14, n: int = 1500, sigma: float = 0.45) -> tuple[pd.DataFrame, np.ndarray]:
    """Cases closing day by day with a unit effect, case mix, late entry and censoring; some units small."""
    rng = np.random.default_rng(seed)
    effect = rng.normal(0, sigma, units)
    unit = rng.choice(units, n, p=rng.dirichlet(np.full(units, 3.0)))
    category, track = rng.choice(list("abc"), n), rng.choice(["ja", "nee"], n)
    slope = pd.Series({"a": 0.0, "b": -0.5, "c": 0.4})[category].to_numpy() + np.where(track == "ja", -0.6, 0.0)
    grid = np.repeat([0.002, 0.006, 0.008, 0.004], [60, 120, 180, 1700])
    chance = expit(np.log(grid / (1 - grid))[None, :] + (slope + effect[unit])[:, None])
    closes = rng.random((n, len(grid))) < chance
    time = np.where(closes.any(axis=1), 1 + closes.argmax(axis=1), len(grid) + 1)
    entry = np.where(rng.random(n) < 0.2, rng.integers(1, 300, n), 0)
    cut = entry + rng.integers(60, 1500, n)
    cases = pd.DataFrame(
        {"duration": np.minimum(time, cut), "event_observed": time <= cut, "entry": entry, "unit": unit,
         "category": category, "track": track}
    )  # fmt: skip
    return cases[time > entry].reset_index(drop=True), effect


def _fit(cases: pd.DataFrame, **options: object) -> UnitHazard:
    given = {"covariates": ("category", "track"), "every": 60, "within": 365, "level": 0.95, "minimum_n": 10}
    return hazard_by_unit(cases, **{**given, **options})


def test_a_planted_spread_and_the_planted_effects_lie_in_their_intervals() -> None:
    covered = inside = seen = 0
    sigmas, slopes = [], []
    for seed in range(10):
        cases, effect = _planted(seed)
        found = _fit(cases)
        covered += found.sigma_low <= 0.45 <= found.sigma_high
        sigmas.append(found.sigma)
        slopes.append(found.coefficients.set_index("term")["estimate"]["track=nee"])
        for unit in found.units:
            if unit.refusal is None and unit.low is not None:
                seen += 1
                inside += unit.low <= np.exp(effect[unit.unit]) <= unit.high
    assert covered >= stats.binom.ppf(0.01, 10, 0.95)
    # Maximum likelihood of 14 units: sigma a little low, about sigma / (4 * 14) under.
    assert np.mean(sigmas) == pytest.approx(0.45, abs=3 * 0.09 / np.sqrt(10))
    assert np.mean(slopes) == pytest.approx(0.6, abs=0.05)
    # 94.2 % in 300 deliveries of this kind; with the conditional spread alone, as in lme4, 89 %.
    assert inside / seen > 0.92


def test_effects_are_shrunk_towards_the_average_unit_and_those_of_small_units_most() -> None:
    rng = np.random.default_rng(3)
    unit = np.repeat(np.arange(9), [12, 15, 20, 60, 80, 120, 200, 300, 400])
    time = rng.geometric(expit(-5 + np.tile([-0.5, 0.0, 0.5], 3))[unit])
    found = unit_hazard(np.minimum(time, 800), time <= 800, unit, edges=(0, 800), within=365, level=0.95, minimum_n=10)
    known = found.table()
    chance = known["n_events"] / known["days_at_risk"]
    crude = np.log(chance / (1 - chance)) - found.coefficients["estimate"][0]
    kept = np.log(known["odds_ratio"]) / crude
    assert kept.between(0, 1).all()
    assert kept[:3].mean() < kept[-3:].mean()
    assert known["reliability"].is_monotonic_increasing  # units from small to large
    assert known["reliability"].between(0, 1).all()


def test_the_case_mix_of_a_unit_is_not_its_effect() -> None:
    rng = np.random.default_rng(11)
    unit = np.repeat(np.arange(8), 200)
    hard = rng.random(1600) < np.where(unit < 4, 0.9, 0.1)
    time = rng.geometric(np.where(hard, 0.003, 0.012))
    cases = pd.DataFrame({"duration": np.minimum(time, 900), "event_observed": time <= 900, "unit": unit, "hard": hard})
    alike, crude = _fit(cases, covariates=("hard",)), _fit(cases, covariates=())
    assert crude.sigma > 0.3
    assert crude.sigma_low > 0
    assert alike.sigma < 0.1
    shares = [unit.share for unit in alike.units]
    assert max(shares) - min(shares) < 0.1


def test_a_track_acquired_during_the_case_gets_two_rows_or_looks_like_immortality() -> None:
    rng = np.random.default_rng(6)
    n = 3000
    time, begins = rng.geometric(0.005, n), rng.geometric(0.004, n)  # the track changes nothing
    ever = begins < time
    units = rng.integers(0, 6, n)
    naive = pd.DataFrame(
        {"duration": time, "event_observed": True, "unit": units, "track": np.where(ever, "ja", "nee")}
    )
    before = naive.assign(
        duration=np.minimum(time, begins), event_observed=~ever, track="nee", case=np.arange(n), entry=0
    )
    after = naive[ever].assign(entry=begins[ever], track="ja", case=np.flatnonzero(ever))
    split = pd.concat([before, after], ignore_index=True)
    slope = {name: -_fit(rows, covariates=("track",)).coefficients.set_index("term").loc["track=nee", "estimate"]
             for name, rows in (("naive", naive), ("split", split))}  # fmt: skip
    assert slope["naive"] < -0.7
    assert slope["split"] == pytest.approx(0, abs=0.12)
    found = _fit(split, covariates=("track",))
    assert found.n == n
    assert sum(unit.n for unit in found.units) == n


def test_a_grouped_table_gives_the_answer_of_its_rows_and_the_order_of_rows_is_nothing() -> None:
    cases, _effect = _planted(2, n=500)
    cases["duration"], cases["entry"] = cases["duration"] // 50 * 50 + 50, cases["entry"] // 50 * 50
    grouped = cases.groupby(list(cases), as_index=False).size().rename(columns={"size": "weight"})
    one, other = _fit(cases.sample(frac=1, random_state=1), every=100), _fit(grouped, every=100)
    assert other.n == one.n == len(cases)
    assert other.sigma == pytest.approx(one.sigma, abs=1e-6)
    assert other.standard_share == pytest.approx(one.standard_share, abs=1e-6)
    pd.testing.assert_frame_equal(one.table(), other.table(), rtol=1e-4)


def test_units_keep_the_order_asked_for_and_an_unknown_one_is_too_few() -> None:
    cases, _effect = _planted(1)
    found = _fit(cases, units=[5, "nergens", 0])
    assert [unit.unit for unit in found.units] == [5, "nergens", 0]
    assert [unit.refusal for unit in found.units] == [None, "too_few", None]


def test_a_small_unit_takes_part_without_an_effect_of_its_own() -> None:
    cases, _effect = _planted(1)
    small = pd.concat([cases, cases[cases["unit"] == 0].head(9).assign(unit=99)], ignore_index=True)
    found = _fit(small)
    assert (found.units[-1].n, found.units[-1].refusal, found.units[-1].odds_ratio) == (9, "too_few", None)
    assert found.n == len(small)


def test_sparse_levels_are_put_together_and_a_missing_level_is_one_of_its_own() -> None:
    cases, _effect = _planted(1)
    cases["category"] = cases["category"].astype(object)
    cases.loc[:3, "category"] = ["z1", "z2", "z3", "z1"]
    cases.loc[cases.index[-300:], "category"] = None
    found = _fit(cases)
    assert found.pooled == {"category": ("z1", "z2", "z3"), "track": ()}
    named = [term for term in found.coefficients["term"] if term.startswith("category")]
    assert named == ["category=a", "category=b", "category=c"]  # compared with the first level, "(onbekend)"


def test_what_cannot_be_said_is_refused_with_its_reason() -> None:
    cases, _effect = _planted(1)
    assert _fit(cases.assign(event_observed=False)).refusal == "no_events"
    assert _fit(cases.assign(event_observed=np.arange(len(cases)) < 3)).refusal == "too_few"
    assert _fit(cases.assign(unit="één")).refusal == "not_estimable"
    assert _fit(cases[cases["unit"] < 4]).refusal == "not_estimable"  # a spread of four units
    assert _fit(cases[:0]).refusal == "no_events"
    once = pd.DataFrame({"duration": 1, "event_observed": True, "unit": np.arange(60) % 6})
    assert _fit(once, covariates=()).refusal == "no_variation"
    for found in (_fit(cases.assign(unit="één")), _fit(cases[:0])):
        assert found.sigma is None
        assert found.standard_share is None
        assert all(unit.odds_ratio is None and unit.refusal for unit in found.units)


def test_a_band_without_ends_is_separation_said_and_not_a_wild_number() -> None:
    cases, _effect = _planted(1)
    cases = cases[~(cases["event_observed"] & cases["duration"].between(101, 200))]
    levels = cases[["category"]]
    found = unit_hazard(cases["duration"], cases["event_observed"], cases["unit"], entry=cases["entry"], levels=levels,
                        edges=(0, 100, 200, 2000), within=365, level=0.95, minimum_n=10)  # fmt: skip
    assert found.refusal == "separation"
    assert _fit(cases).refusal is None  # band_edges joins the empty band to the next


def test_beyond_the_last_day_of_view_or_with_nobody_in_view_early_there_is_an_effect_but_no_share() -> None:
    cases, _effect = _planted(1)
    far = _fit(cases, within=5000)
    late = _fit(cases[cases["duration"] > 200].assign(entry=lambda rows: np.maximum(rows["entry"], 200)))
    for found in (far, late):
        assert (found.refusal, found.share_refusal) == (None, "not_at_risk")
        assert found.standard_share is None
        assert found.units[0].odds_ratio is not None
        assert found.units[0].share is None


def test_the_share_rises_and_the_days_fall_with_the_effect_and_lie_in_their_intervals() -> None:
    cases, _effect = _planted(1)
    found = _fit(cases)
    known = found.table().dropna(subset="share").sort_values("odds_ratio")
    assert known["share"].is_monotonic_increasing
    assert known["mean_days"].is_monotonic_decreasing
    assert (known["share_low"] < known["share"]).all()
    assert (known["share"] < known["share_high"]).all()
    assert known["mean_days"].between(known["mean_days_low"], known["mean_days_high"]).all()
    assert known["share"].between(0, 1).all()


def test_wrong_use_is_told_in_one_sentence() -> None:
    with pytest.raises(WrongUse, match="unit mist 1"):
        unit_hazard([2, 3], [True, True], ["a", None], edges=(0, 5), within=3, level=0.95, minimum_n=1)
    with pytest.raises(WrongUse, match="betrouwbaarheidsniveau"):
        kidney(level=95)
    with pytest.raises(WrongUse, match="varying noemt age"):
        kidney(varying=["age"])
    with pytest.raises(WrongUse, match="duration mist 1"):
        unit_hazard([2, np.nan], [True, True], ["a", "b"], edges=(0, 5), within=3, level=0.95, minimum_n=1)
