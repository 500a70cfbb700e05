"""Concordance: R, pair by pair on random data, and what it refuses."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data_contracts.errors import WrongUse
from evaluation.survival.concordance import concordance


def test_lung_by_age_is_what_r_says() -> None:
    # R: concordance(Surv(time, status) ~ age, lung, reverse = TRUE)
    lung = pd.read_csv(Path(__file__).parent / "data" / "lung.csv")
    found = concordance(lung["age"], lung["time"], lung["status"] == 2)
    assert (found.concordant, found.discordant, found.tied) == (10717, 8706, 591)
    assert found.estimate == pytest.approx(0.5502398, abs=1e-7)
    # R: concordance(Surv(time, status) ~ age + strata(sex), lung, reverse = TRUE)
    within = concordance(lung["age"], lung["time"], lung["status"] == 2, stratum=lung["sex"])
    assert (within.concordant, within.discordant, within.tied) == (4382 + 1249, 3502 + 1156, 239 + 72)


def _slow(cases: pd.DataFrame) -> tuple[int, int, int]:
    """Pair by pair."""
    concordant = discordant = tied = 0
    time = cases["time"].where(cases["time"] > cases["entry"], cases["time"] + 0.5).to_numpy()
    others = (cases[name] for name in ("ended", "score", "stratum", "weight"))
    rows = list(zip(cases["entry"], time, *others, strict=True))
    for _entry, end, ended, score, stratum, weight in rows:
        for entry, other_end, other_ended, other, other_stratum, other_weight in rows:
            later = other_end > end or (other_end == end and not other_ended)
            if ended and stratum == other_stratum and entry < end and later:
                concordant += weight * other_weight * (score > other)
                discordant += weight * other_weight * (score < other)
                tied += weight * other_weight * (score == other)
    return concordant, discordant, tied


@pytest.mark.parametrize("seed", range(8))
def test_pair_by_pair_agrees_with_ties_late_entry_strata_and_weights(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 90
    entry = rng.integers(0, 9, n) * rng.integers(0, 2, n)
    cases = pd.DataFrame(
        {"entry": entry, "time": entry + rng.integers(0, 14, n), "ended": rng.random(n) < 0.6,
         "score": rng.integers(0, 12, n) / 4, "stratum": rng.choice(list("abc"), n), "weight": rng.integers(0, 4, n)}
    )  # fmt: skip
    given = {name: cases[name] for name in ("entry", "stratum", "weight")}
    found = concordance(cases["score"], cases["time"], cases["ended"], **given)
    assert (found.concordant, found.discordant, found.tied) == _slow(cases)
    assert found.n == cases["weight"].sum()


def test_without_an_end_or_a_pair_it_says_so() -> None:
    assert concordance([1, 2], [1, 2], [False, False]).refusal == "no_events"
    assert concordance([], [], []).refusal == "no_events"
    assert concordance([1, 2], [3, 3], [True, True]).estimate is None
    assert concordance([1, 2], [1, 2], [True, True], stratum=["a", "b"]).refusal == "no_events"
    with pytest.raises(WrongUse):
        concordance([1, np.nan], [1, 2], [True, True])


def test_a_score_that_says_nothing_gives_a_half_and_a_perfect_one_gives_one() -> None:
    time = np.arange(1, 50)
    assert concordance(np.zeros(49), time, np.full(49, True)).estimate == 0.5
    assert concordance(-time, time, np.full(49, True)).estimate == 1.0
    assert concordance(time, time, np.full(49, True)).estimate == 0.0


def test_the_standard_error_is_that_of_r_with_strata_late_entry_and_repeated_rows() -> None:
    data = Path(__file__).parent / "data"
    veteran, heart, lung = (pd.read_csv(data / f"{name}.csv") for name in ("veteran", "heart", "lung"))
    # R: concordance(Surv(time, status) ~ karno, veteran, reverse = TRUE)
    found = concordance(veteran["karno"], veteran["time"], veteran["status"])
    assert (found.estimate, found.standard_error) == pytest.approx((0.2907201272149, 0.0225587171917), rel=1e-10)
    # R: concordance(Surv(start, stop, event) ~ age, heart, reverse = TRUE)
    late = concordance(heart["age"], heart["stop"], heart["event"], entry=heart["start"])
    assert (late.estimate, late.standard_error) == pytest.approx((0.575459172383, 0.0377558490937), rel=1e-10)
    # R: l <- lung[rep(seq_len(228), rep(1:3, length.out = 228)), ]
    # R: concordance(Surv(time, status) ~ age, l, reverse = TRUE)
    times, repeated = np.resize([1, 2, 3], 228), (0.5551819149602, 0.0172673889745)
    grouped = concordance(lung["age"], lung["time"], lung["status"] == 2, weight=times)
    assert (grouped.estimate, grouped.standard_error) == pytest.approx(repeated, rel=1e-10)
    rows = lung.loc[lung.index.repeat(times)]
    assert concordance(rows["age"], rows["time"], rows["status"] == 2).standard_error == pytest.approx(repeated[1])


def test_the_interval_is_cut_at_one_and_absent_where_there_is_no_estimate() -> None:
    found = concordance([4, 3, 2, 1, 5], [1, 2, 3, 4, 3], [True] * 5)
    interval = found.interval(0.95)
    assert interval is not None and found.estimate is not None and interval.low < found.estimate < interval.high <= 1
    assert concordance([1], [1], [True]).interval(0.95) is None
    assert found.table()["n"].tolist() == [5]
    assert "Harrell" in found._repr_html_()
