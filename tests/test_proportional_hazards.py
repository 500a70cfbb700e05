"""The test of proportional hazards: R's cox.zph, a slow second way, and what it refuses."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data_contracts.errors import WrongUse
from evaluation.survival.cox import cox
from evaluation.survival.cox_residuals import schoenfeld_residuals
from evaluation.survival.cox_result import Cox
from evaluation.survival.proportional_hazards import TimeTransform, proportional_hazards

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def veteran() -> pd.DataFrame:
    # R: veteran$celltype <- as.character(veteran$celltype); write.csv(veteran, "veteran.csv", row.names = FALSE)
    return pd.read_csv(DATA / "veteran.csv")


def _statistics(found: Cox, transform: TimeTransform) -> list[float]:
    return proportional_hazards(found, transform=transform).tests["statistic"].tolist()


@pytest.mark.parametrize(
    ("transform", "expected"),
    [
        ("km", [0.2884019905, 2.1683958815, 12.1381501083, 18.0731560290]),
        ("identity", [1.112464816, 1.528346993, 4.763784595, 11.439281907]),
        ("rank", [0.2831010981, 2.2270154944, 12.7714185317, 18.8057989262]),
        ("log", [0.1651626269, 2.7989236719, 9.6982322301, 14.9605399392]),
    ],
)
def test_veteran_is_what_r_says(veteran: pd.DataFrame, transform: TimeTransform, expected: list[float]) -> None:
    # R: cox.zph(coxph(Surv(time, status) ~ trt + prior + karno, veteran), "km")   # "identity", "rank", "log"
    found = cox(veteran[["trt", "prior", "karno"]], veteran["time"], veteran["status"], level=0.95)
    assert _statistics(found, transform) == pytest.approx(expected, rel=1e-6)
    # R: $table[, "p"] for "km": 0.5912463967 0.1408731136 0.0004940075 0.0004248298
    if transform == "km":
        p = proportional_hazards(found, transform="km").tests["p_value"].tolist()
        assert p == pytest.approx([0.5912463967, 0.1408731136, 0.0004940075, 0.0004248298], rel=1e-5)


@pytest.mark.parametrize(
    ("ties", "expected"),
    [
        ("efron", [0.2063074121, 12.8133255911, 14.5317103965, 22.8596852750]),
        ("breslow", [0.1938352285, 12.5910783095, 14.3579284622, 22.5338120783]),
    ],
)
def test_the_columns_of_one_category_are_tested_together(
    veteran: pd.DataFrame, ties: str, expected: list[float]
) -> None:
    # R: cox.zph(coxph(Surv(time, status) ~ trt + karno + celltype, veteran, ties = "efron"))   # "breslow"
    columns = pd.get_dummies(veteran[["trt", "karno", "celltype"]], drop_first=True)
    found = cox(columns, veteran["time"], veteran["status"], ties=ties, level=0.95)  # type: ignore[arg-type]
    cells = [name for name in columns if name.startswith("celltype")]
    tests = proportional_hazards(found, transform="km", terms={"celltype": cells}).tests
    assert tests["term"].tolist() == ["trt", "karno", "celltype", "GLOBAL"]
    assert tests["degrees_of_freedom"].tolist() == [1, 1, 3, 5]
    assert tests["statistic"].tolist() == pytest.approx(expected, rel=1e-6)


def test_strata_late_entry_and_rows_by_time_are_what_r_says(veteran: pd.DataFrame) -> None:
    # R: cox.zph(coxph(Surv(time, status) ~ trt + karno + age + strata(celltype), veteran))
    within = cox(veteran[["trt", "karno", "age"]], veteran["time"], veteran["status"], stratum=veteran["celltype"],
                 level=0.95)  # fmt: skip
    assert _statistics(within, "km") == pytest.approx(
        [0.004655497454, 6.720464544477, 2.523323336691, 12.184030891107], rel=1e-6
    )
    # R: f <- coxph(Surv(start, stop, event) ~ age + surgery + transplant, heart); cox.zph(f, "rank"); cox.zph(f, "km")
    heart = pd.read_csv(DATA / "heart.csv")
    rows = cox(heart[["age", "surgery", "transplant"]], heart["stop"], heart["event"], entry=heart["start"], level=0.95)
    assert _statistics(rows, "rank") == pytest.approx(
        [0.865835847335, 0.004814338565, 0.165356253423, 1.226727723528], rel=1e-5
    )
    assert _statistics(rows, "km") == pytest.approx(
        [0.89537708353, 0.09683511197, 0.12826652601, 1.37925280134], rel=1e-5
    )


def test_scaled_residuals_are_what_r_says() -> None:
    # R: z <- cox.zph(coxph(Surv(time, status) ~ age + sex + ph.ecog, l)); head(z$y, 3)     # l: lung with ph.ecog
    lung = pd.read_csv(DATA / "lung.csv").dropna(subset="ph.ecog")
    names = ["age", "sex", "ph.ecog"]
    found = cox(lung[names], lung["time"], lung["status"] == 2, level=0.95)
    residuals = schoenfeld_residuals(found, scaled=True)
    assert residuals.loc[:2, names].to_numpy().ravel() == pytest.approx(
        [0.05965525154, 3.005895004, -2.229264572, 0.12684908764, -1.908142917, 1.879953588,
         0.28519769776, -1.598126226, -2.560314], abs=1e-6
    )  # fmt: skip
    assert residuals["day"].is_monotonic_increasing and len(residuals) == found.n_events
    assert residuals[names].mean().tolist() == pytest.approx(found.coefficients["coefficient"].tolist(), abs=1e-6)


def test_the_test_is_the_score_test_of_rows_cut_at_every_day() -> None:
    """Slow second way: cut every case at every day, add x * g(day), and take the score test at no change."""
    rng = np.random.default_rng(4)
    n = 40
    cases = pd.DataFrame({"x": rng.normal(size=n), "z": rng.integers(0, 2, n), "time": rng.integers(1, 12, n),
                          "ended": rng.random(n) < 0.8})  # fmt: skip
    found = cox(cases[["x", "z"]], cases["time"], cases["ended"], level=0.95)
    rows = pd.DataFrame(
        [{**case, "entry": day - 1, "time": day, "ended": case["ended"] and day == case["time"]}
         for case in cases.to_dict("records") for day in range(1, case["time"] + 1)]
    )  # fmt: skip
    beta = np.array([*found.coefficients["coefficient"], 0.0, 0.0])
    columns = np.column_stack((rows[["x", "z"]], rows[["x", "z"]].mul(rows["time"], axis=0)))
    slope, curvature = np.zeros(4), np.zeros((4, 4))
    for day in sorted(rows.loc[rows["ended"], "time"].unique()):
        there = (rows["time"] == day).to_numpy()
        x, died = columns[there], columns[there & rows["ended"].to_numpy()]
        risk, tied = np.exp(x @ beta), np.exp(died @ beta)
        for number in range(len(died)):
            f = number / len(died)
            s0, s1 = risk.sum() - f * tied.sum(), risk @ x - f * (tied @ died)
            slope += died[number] - s1 / s0
            curvature += ((x.T * risk) @ x - f * (died.T * tied) @ died) / s0 - np.outer(s1, s1) / s0**2
    tests = proportional_hazards(found, transform="identity").tests["statistic"].tolist()
    assert tests[-1] == pytest.approx(slope @ np.linalg.solve(curvature, slope), rel=1e-8)
    for place in (0, 1):
        chosen = [0, 1, 2 + place]
        one = slope[chosen] @ np.linalg.solve(curvature[np.ix_(chosen, chosen)], slope[chosen])
        assert tests[place] == pytest.approx(one, rel=1e-8)


@pytest.mark.parametrize("transform", ["km", "identity", "rank", "log"])
def test_a_grouped_table_gives_the_answer_of_its_rows(veteran: pd.DataFrame, transform: TimeTransform) -> None:
    weight = np.arange(len(veteran)) % 4
    rows = veteran.loc[veteran.index.repeat(weight)]
    grouped = cox(veteran[["trt", "karno"]], veteran["time"], veteran["status"], weight=weight, level=0.95)
    apart = cox(rows[["trt", "karno"]], rows["time"], rows["status"], level=0.95)
    assert _statistics(grouped, transform) == pytest.approx(_statistics(apart, transform), rel=1e-8)


def test_a_planted_change_is_found_and_none_is_not_found_too_often() -> None:
    rng = np.random.default_rng(8)
    p_values = []
    for _copy in range(200):
        x = rng.integers(0, 2, 150)
        time = np.ceil(rng.exponential(100 / np.exp(0.5 * x)))
        found = cox({"x": x}, np.minimum(time, 200), time <= 200, level=0.95)
        p_values.append(proportional_hazards(found, transform="km").tests["p_value"].iloc[0])
    assert 0.01 < np.mean(np.array(p_values) < 0.05) < 0.10
    early = np.where(x == 1, rng.integers(1, 40, 150), rng.integers(1, 200, 150))
    changed = np.where((x == 1) & (rng.random(150) < 0.5), 200 + rng.integers(1, 400, 150), early)
    found = cox({"x": x}, changed, np.full(150, True), level=0.95)
    assert proportional_hazards(found, transform="km").tests["p_value"].iloc[0] < 1e-4


def test_what_cannot_be_tested_is_refused() -> None:
    none = proportional_hazards(cox({"a": [1, 2]}, [1, 2], [False, False], level=0.95), transform="km")
    assert (none.refusal, len(none.tests), none.n_events) == ("no_events", 0, 0)
    one_day = cox({"a": [1, 0, 1, 0, 1]}, [5, 5, 9, 9, 9], [True, True, False, False, False], level=0.95)
    found = proportional_hazards(one_day, transform="identity")
    assert (found.refusal, found.tests["statistic"].tolist()) == ("not_estimable", [None, None])
    fitted = cox({"a": [1, 1, 0, 0]}, [1, 3, 2, 4], [True] * 4, level=0.95)
    for given in ({"transform": "sqrt"}, {"transform": "km", "terms": {"t": ["b"]}},
                  {"transform": "km", "terms": {"t": ["a"], "u": ["a"]}}):  # fmt: skip
        with pytest.raises(WrongUse):
            proportional_hazards(fitted, **given)  # type: ignore[arg-type]
