"""Missing characteristics filled in many times."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from scipy.special import expit

from data_contracts.errors import WrongUse
from evaluation.consistency.chained_equations import imputed, pooled, pooled_over_imputations


def log_odds_ratio(outcome: np.ndarray, unit: np.ndarray):
    """The effect of the unit, given the rank."""

    def estimator(levels: pd.DataFrame) -> tuple[float, float]:
        design = np.column_stack([np.ones(len(unit)), unit, levels["rank"] == "hoog"]).astype(float)
        fit = sm.Logit(outcome, design).fit(disp=0)
        return float(fit.params[1]), float(fit.bse[1] ** 2)

    return estimator


def planted(seed: int, n: int = 400) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, pd.DataFrame]:
    """A rank that confounds unit and outcome, missing more often in the unit and when the outcome was given."""
    rng = np.random.default_rng(seed)
    high = rng.random(n) < 0.5
    unit = rng.random(n) < np.where(high, 0.7, 0.3)
    outcome = rng.random(n) < expit(-0.8 + 1.6 * high + 0.5 * unit)
    whole = pd.DataFrame({"rank": np.where(high, "hoog", "laag"), "extra": rng.choice(list("xyz"), n)})
    gone = rng.random(n) < 0.15 + 0.3 * unit * outcome
    return whole, unit, outcome, whole.assign(rank=whole["rank"].where(~gone))


def test_rubins_rules_by_hand():
    answer = pooled([0.2, 0.4, 0.6, 0.4], [0.04, 0.05, 0.03, 0.04], level=0.95, complete_df=50)
    within, between = 0.04, 0.08 / 3
    total = within + 1.25 * between
    share = 1.25 * between / total
    old, observed = 3 / share**2, 51 / 53 * 50 * (1 - share)
    df = old * observed / (old + observed)
    assert (answer.estimate, answer.standard_error) == pytest.approx((0.4, total**0.5))
    assert (answer.fraction_missing, answer.df) == pytest.approx((share, df))
    assert answer.interval.high == pytest.approx(0.4 + stats.t.isf(0.025, df) * total**0.5)


def test_tables_that_agree_give_the_answer_of_one():
    answer = pooled([0.3] * 5, [0.01] * 5, level=0.95)
    assert (answer.df, answer.fraction_missing) == (np.inf, 0)
    assert answer.interval == pytest.approx((0.3 - 1.959964 * 0.1, 0.3 + 1.959964 * 0.1))
    with pytest.raises(WrongUse):
        pooled([0.3], [0.01], level=0.95)


def test_what_is_recorded_stays_and_what_is_not_is_drawn_from_what_is_seen():
    _whole, unit, outcome, holes = planted(1)
    holes = holes.set_axis(range(100, 500))
    filled = imputed(holes, pd.DataFrame({"y": outcome, "u": unit}), cycles=3, rng=np.random.default_rng(0))
    assert filled.index.equals(holes.index)
    kept = holes["rank"].notna()
    assert (filled.loc[kept, "rank"] == holes.loc[kept, "rank"]).all()
    assert set(filled["rank"]) == {"hoog", "laag"}
    assert (filled["extra"] == holes["extra"]).all()
    again = imputed(holes, pd.DataFrame({"y": outcome, "u": unit}), cycles=3, rng=np.random.default_rng(0))
    assert filled.equals(again)


def test_draws_follow_the_relation_with_the_outcome():
    rng = np.random.default_rng(2)
    outcome = rng.random(2000) < 0.5
    rank = np.where(rng.random(2000) < np.where(outcome, 0.9, 0.1), "hoog", "laag").astype(object)
    gone = rng.random(2000) < 0.4
    holes = pd.DataFrame({"rank": pd.Series(rank).mask(gone)})
    filled = imputed(holes, pd.DataFrame({"y": outcome}), cycles=1, rng=rng)
    assert (filled["rank"] == "hoog")[gone & outcome].mean() == pytest.approx(0.9, abs=0.05)
    assert (filled["rank"] == "hoog")[gone & ~outcome].mean() == pytest.approx(0.1, abs=0.05)


def test_a_planted_effect_is_recovered_where_leaving_rows_out_is_biased():
    errors, held = [], 0
    for seed in range(30):
        _whole, unit, outcome, holes = planted(seed + 10)
        answer = pooled_over_imputations(
            holes, pd.DataFrame({"y": outcome, "u": unit}), log_odds_ratio(outcome, unit),
            imputations=5, cycles=2, level=0.95, rng=np.random.default_rng(seed),
        )  # fmt: skip
        kept = holes["rank"].notna().to_numpy()
        left_out = log_odds_ratio(outcome[kept], unit[kept])(holes[kept])[0]
        errors.append((answer.estimate - 0.5, left_out - 0.5))
        held += answer.interval.low <= 0.5 <= answer.interval.high
        assert 0 < answer.fraction_missing < 0.6
    bias, biased = np.mean(errors, axis=0)
    assert abs(bias) < 0.12
    assert biased < -0.25
    assert held >= 26


def test_nothing_missing_changes_nothing():
    whole, unit, outcome, _holes = planted(3)
    estimator = log_odds_ratio(outcome, unit)
    answer = pooled_over_imputations(
        whole, pd.DataFrame({"y": outcome}), estimator,
        imputations=3, cycles=2, level=0.95, rng=np.random.default_rng(0),
    )  # fmt: skip
    assert answer.estimate == pytest.approx(estimator(whole)[0])
    assert (answer.fraction_missing, answer.missing) == (0, {"rank": 0, "extra": 0})


def test_what_cannot_be_filled_in_is_refused():
    rng = np.random.default_rng(0)
    options = {"imputations": 3, "cycles": 2, "level": 0.95, "rng": rng}
    nowhere = pd.DataFrame({"rank": [None] * 20})
    outcome = pd.DataFrame({"y": [0, 1] * 10})
    assert pooled_over_imputations(nowhere, outcome, lambda _levels: (0.0, 1.0), **options).refusal == "absent"
    few = pd.DataFrame({"rank": ["a", None]})
    assert pooled_over_imputations(few, outcome[:2], lambda _levels: (0.0, 1.0), **options).refusal == "too_few"
    some = pd.DataFrame({"rank": ["a", None, "b", "b"] * 5})
    assert pooled_over_imputations(some, outcome, lambda _levels: "separation", **options).refusal == "separation"
    with pytest.raises(WrongUse):
        imputed(nowhere, outcome, cycles=1, rng=rng)
    with pytest.raises(WrongUse):
        imputed(some, outcome[:3], cycles=1, rng=rng)


def test_one_level_only_is_filled_in_with_that_level():
    levels = pd.DataFrame({"rank": ["a", None] * 10})
    filled = imputed(levels, pd.DataFrame({"y": [0, 1] * 10}), cycles=2, rng=np.random.default_rng(0))
    assert set(filled["rank"]) == {"a"}
