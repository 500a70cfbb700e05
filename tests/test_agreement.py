"""Agreement of readers: published examples, other programs, and a slow second implementation by pairs."""

from itertools import combinations, permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import SHARED_DATA
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.inter_rater import fleiss_kappa as statsmodels_fleiss

from data_contracts.errors import WrongUse
from evaluation.consistency.agreement import (
    brennan_prediger,
    cohen_kappa,
    conger_kappa,
    fleiss_kappa,
    fleiss_null_error,
    gwet_ac,
    krippendorff_alpha,
    mean_over_items,
    percent_agreement,
)
from evaluation.consistency.agreement_estimate import Agreement
from evaluation.consistency.agreement_ratings import cross_table, rating_counts, ratings_long, ratings_table
from evaluation.consistency.agreement_weights import from_disagreement
from evaluation.refusals import REASONS

# Gwet (2014), distrib.6raters of irrCAC: the first 15 patients of Fleiss (1971); below all 30
PATIENTS = [
    [0, 0, 0, 6, 0], [0, 3, 0, 0, 3], [0, 1, 4, 0, 1], [0, 0, 0, 0, 6], [0, 3, 0, 3, 0], [2, 0, 4, 0, 0],
    [0, 0, 4, 0, 2], [2, 0, 3, 1, 0], [2, 0, 0, 4, 0], [0, 0, 0, 0, 6], [1, 0, 0, 5, 0], [1, 1, 0, 4, 0],
    [0, 3, 3, 0, 0], [1, 0, 0, 5, 0], [0, 2, 0, 3, 1],
]  # fmt: skip
MORE_PATIENTS = [
    [0, 0, 5, 0, 1], [3, 0, 0, 1, 2], [5, 1, 0, 0, 0], [0, 2, 0, 4, 0], [1, 0, 2, 0, 3], [0, 0, 0, 0, 6],
    [0, 1, 0, 5, 0], [0, 2, 0, 1, 3], [2, 0, 0, 4, 0], [1, 0, 0, 4, 1], [0, 5, 0, 1, 0], [4, 0, 0, 0, 2],
    [0, 2, 0, 4, 0], [1, 0, 5, 0, 0], [0, 0, 0, 0, 6],
]  # fmt: skip
ABSTRACTORS = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]
DIAGNOSES = [[40, 4, 4, 17], [6, 25, 2, 13], [4, 1, 21, 12], [15, 5, 9, 45]]
NAN = np.nan
# Krippendorff (2011): 4 observers, 12 units
OBSERVERS = np.array(
    [[1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN], [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
     [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN], [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN]]
).T  # fmt: skip
# cac.raw4raters of irrCAC: the same with other gaps
FOUR_RATERS = np.array(
    [[1, 1, NAN, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4], [4, 4, 4, 4], [1, 1, 2, 1],
     [2, 2, 2, 2], [NAN, 5, 5, 5], [NAN, NAN, 1, 1], [NAN, NAN, 3, NAN]]
)  # fmt: skip
CHANCE_CORRECTED = (conger_kappa, fleiss_kappa, gwet_ac, brennan_prediger)


def _is(found: Agreement, estimate: float, error: float, *, within: float = 5e-6) -> bool:
    assert found.estimate == pytest.approx(estimate, abs=within)
    assert found.standard_error == pytest.approx(error, abs=within)
    return True


def test_six_raters_of_gwet_are_what_irrcac_says() -> None:
    table = rating_counts(PATIENTS)
    # gwet.ac1.dist(distrib.6raters); fleiss.kappa.dist; krippen.alpha.dist; bp.coeff.dist
    assert _is(gwet_ac(table, level=0.95), 0.4448007, 0.08418757)
    assert _is(fleiss_kappa(table, level=0.95), 0.4139265, 0.08119291)
    assert _is(krippendorff_alpha(table, level=0.95), 0.4204384, 0.08243228)
    assert _is(brennan_prediger(table, level=0.95), 0.4388889, 0.08312142)
    found = gwet_ac(table, level=0.95)
    assert found.interval == pytest.approx((0.26424, 0.62537), abs=5e-6)
    assert (found.dossiers, found.dossiers_twice, found.ratings, found.readers) == (15, 15, 90, 6)
    # irrCAC for Python, by rater: CAC(raw).krippendorff(); with N=50
    assert _is(krippendorff_alpha(table, level=0.95, error="linear"), 0.42043843, 0.08119291)
    for coefficient, error in ((gwet_ac, 0.07043637), (fleiss_kappa, 0.06793086), (brennan_prediger, 0.06954437)):
        assert coefficient(table, level=0.95, population=50).standard_error == pytest.approx(error, abs=1e-8)


def test_two_abstractors_of_gwet_are_what_irrcac_says() -> None:
    table = cross_table(ABSTRACTORS)
    # kappa2.table, gwet.ac1.table, scott2.table, bp2.table, krippen2.table, pa2.table of cont3x3abstractors
    assert _is(cohen_kappa(table, level=0.95), 0.7964094, 0.05891072)
    assert _is(gwet_ac(table, level=0.95), 0.8493305, 0.04321747)
    assert _is(fleiss_kappa(table, level=0.95), 0.7962397, 0.05905473)
    assert _is(brennan_prediger(table, level=0.95), 0.835, 0.04693346)
    assert _is(krippendorff_alpha(table, level=0.95), 0.7972585, 0.05905473)
    assert _is(percent_agreement(table, level=0.95), 0.89, 0.03128898)
    assert cohen_kappa(table, level=0.95).interval == pytest.approx((0.67952, 0.91330), abs=5e-6)


def test_kappa_of_two_readers_is_the_same_from_rows_and_from_a_cross_table() -> None:
    rows = [[r, c] for r in range(3) for c in range(3) for _ in range(ABSTRACTORS[r][c])]
    by_row, crossed = cohen_kappa(rows, level=0.95), cohen_kappa(cross_table(ABSTRACTORS), level=0.95)
    assert by_row.standard_error == pytest.approx(crossed.standard_error or 0, abs=1e-12)
    assert (by_row.estimate, by_row.dossiers) == (pytest.approx(crossed.estimate), 100)


@pytest.mark.parametrize(("weights", "wt"), [("nominal", None), ("linear", "linear"), ("quadratic", "quadratic")])
def test_weighted_kappa_is_what_statsmodels_and_r_say(weights: str, wt: str | None) -> None:
    theirs = cohens_kappa(np.array(DIAGNOSES), wt=wt)
    assert _is(cohen_kappa(cross_table(DIAGNOSES), level=0.95, weights=weights), theirs.kappa, theirs.std_kappa,
               within=1e-10)  # fmt: skip
    # vcd::Kappa(as.table(d)); weights = "Equal-Spacing"; weights = "Fleiss-Cohen"
    said = {"nominal": (0.4315008, 0.04596918), "linear": (0.4068109, 0.05338805), "quadratic": (0.3831859, 0.0657947)}
    assert _is(cohen_kappa(cross_table(DIAGNOSES), level=0.95, weights=weights), *said[weights], within=1e-7)


def test_cohens_own_example_of_weighted_kappa() -> None:
    # Cohen (1968) p. 217, n = 200: kappa 0.492, weighted kappa 0.348; psych::cohen.kappa says 0.4915254, 0.3478261
    table = cross_table([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    assert cohen_kappa(table, level=0.95).estimate == pytest.approx(0.4915254, abs=1e-7)
    assert cohen_kappa(table, level=0.95).standard_error == pytest.approx(0.05100182, abs=1e-8)
    own = from_disagreement([[0, 1, 3], [1, 0, 6], [3, 6, 0]])
    assert cohen_kappa(table, level=0.95, weights=own).estimate == pytest.approx(0.3478261, abs=1e-7)


def test_psychiatrists_of_fleiss() -> None:
    table = rating_counts(PATIENTS + MORE_PATIENTS)
    found, error = fleiss_kappa(table, level=0.95), fleiss_null_error(table)
    assert found.estimate == pytest.approx(0.430, abs=5e-4)  # Fleiss (1971)
    assert found.estimate == pytest.approx(statsmodels_fleiss(np.array(PATIENTS + MORE_PATIENTS)), abs=1e-12)
    assert error is not None and found.estimate is not None
    assert found.estimate / error == pytest.approx(17.7, abs=0.05)  # irr::kappam.fleiss(diagnoses): z = 17.7
    assert fleiss_null_error([["a", "a"], ["b", None]]) is None  # dossiers differ in their number of ratings
    assert fleiss_null_error([["a", "a"], ["a", "a"]]) is None


def test_observers_of_krippendorff() -> None:
    # Krippendorff (2011), sections C to E: 0.743, 0.815, 0.849; errors: jackknife below
    said = {"nominal": 0.743, "ordinal": 0.815, "interval": 0.849}
    for scale, alpha in said.items():
        assert krippendorff_alpha(OBSERVERS, level=0.95, scale=scale).estimate == pytest.approx(alpha, abs=5e-4)
    found = krippendorff_alpha(OBSERVERS, level=0.95)
    assert (found.dossiers, found.dossiers_twice, found.ratings, found.readers) == (12, 11, 40, 4)
    # krippen.alpha.raw(cac.raw4raters)
    assert _is(krippendorff_alpha(FOUR_RATERS, level=0.95), 0.74342, 0.14548)


def test_missing_ratings_are_what_irrcac_says() -> None:
    # pa.coeff.raw(cac.raw4raters), gwet.ac1.raw, fleiss.kappa.raw, conger.kappa.raw, bp.coeff.raw
    said = {percent_agreement: (0.81818, 0.12561), gwet_ac: (0.77544, 0.14295), fleiss_kappa: (0.76117, 0.15302),
            conger_kappa: (0.76282, 0.14917), brennan_prediger: (0.77273, 0.14472)}  # fmt: skip
    for coefficient, values in said.items():
        assert _is(coefficient(FOUR_RATERS, level=0.95), *values)
    # irrCAC for Python, CAC(raw_4raters(), weights="quadratic")
    said = {gwet_ac: (0.914, 0.10396), fleiss_kappa: (0.86494, 0.14603), conger_kappa: (0.85771, 0.14367),
            brennan_prediger: (0.90152, 0.11089)}  # fmt: skip
    for coefficient, values in said.items():
        assert _is(coefficient(FOUR_RATERS, level=0.95, weights="quadratic"), *values)


def test_codings_of_court_cases_have_the_published_alpha() -> None:
    file: Path = SHARED_DATA / "court_cases" / "double_coded_500.csv"
    if not file.exists():
        pytest.skip("the double-coded court cases are not on this machine (../shared/data)")
    cases = pd.read_csv(file, dtype=str, keep_default_na=False)
    for kind, alpha in (("PLT", 0.9401), ("DEF", 0.9382)):
        both = cases[[f"{kind}_typ", f"{kind}_typ_human"]].apply(lambda column: column.str.lower())
        found = krippendorff_alpha(both, level=0.95)
        assert (found.estimate, found.dossiers) == (pytest.approx(alpha, abs=5e-5), 500)


def _random_table(rng: np.random.Generator, *, missing: float = 0.25) -> tuple[np.ndarray, np.ndarray]:
    dossiers, readers, categories = rng.integers(8, 25), rng.integers(2, 6), rng.integers(2, 5)
    true = rng.integers(0, categories, dossiers)[:, None]
    table = np.where(rng.random((dossiers, readers)) < 0.6, true, rng.integers(0, categories, (dossiers, readers)))
    table = np.where(rng.random(table.shape) < missing, NAN, table.astype(float))
    table[0, :], table[1, :2] = np.arange(readers) % categories, [0, 1]
    return table, rng.integers(1, 4, dossiers)


def _slow(name: str, table: np.ndarray, w: np.ndarray) -> float:
    """Each coefficient from its definition, pair by pair, dossier by dossier."""
    size = len(w)
    rows = [[int(value) for value in row if not np.isnan(value)] for row in table]
    rated, twice = [row for row in rows if row], [row for row in rows if len(row) > 1]
    if name == "krippendorff_alpha":
        seen = sum(1 / (len(row) - 1) * (1 - w[a, b]) for row in twice for a, b in permutations(row, 2))
        values = [value for row in twice for value in row]
        drawn = sum(1 - w[a, b] for a, b in permutations(values, 2)) / (len(values) - 1)
        return 1 - seen / drawn
    observed = np.mean([np.mean([w[a, b] for a, b in combinations(row, 2)]) for row in twice])
    share = np.mean([[row.count(k) / len(row) for k in range(size)] for row in rated], axis=0)
    chance = {
        "percent_agreement": 0.0,
        "fleiss_kappa": sum(w[k, m] * share[k] * share[m] for k in range(size) for m in range(size)),
        "gwet_ac": w.sum() / (size * (size - 1)) * sum(p * (1 - p) for p in share),
        "brennan_prediger": w.sum() / size**2,
    }
    if name == "conger_kappa":
        own = [[np.mean(column[~np.isnan(column)] == k) for k in range(size)] for column in table.T]
        by_pair = [sum(w[k, m] * a[k] * b[m] for k in range(size) for m in range(size))
                   for a, b in combinations(own, 2)]  # fmt: skip
        chance[name] = np.mean(by_pair)
    return float((observed - chance[name]) / (1 - chance[name]))


@pytest.mark.parametrize("seed", range(12))
def test_a_slow_second_implementation_says_the_same_of_random_tables(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table, number = _random_table(rng)
    categories = list(range(int(np.nanmax(table)) + 1))
    size = len(categories)
    distance = np.abs(np.subtract.outer(categories, categories)) / (size - 1)
    given = ratings_table(table, categories=categories, weight=number)
    rows = np.repeat(table, number, axis=0)
    for scale, w in (("nominal", np.eye(size)), ("linear", 1 - distance), ("quadratic", 1 - distance**2)):
        for coefficient in (percent_agreement, *CHANCE_CORRECTED):
            found = coefficient(given, level=0.95, weights=scale)
            assert found.estimate == pytest.approx(_slow(coefficient.__name__, rows, w), abs=1e-10)
        alpha = krippendorff_alpha(given, level=0.95, scale=w)
        assert alpha.estimate == pytest.approx(_slow("krippendorff_alpha", rows, w), abs=1e-10)
    values = np.array([value for row in rows if np.isfinite(row).sum() > 1 for value in row[np.isfinite(row)]])
    number = np.array([(values == k).sum() for k in categories])
    ranks = number.cumsum() - number / 2
    w = 1 - np.subtract.outer(ranks, ranks) ** 2 / len(values) ** 2
    found = krippendorff_alpha(given, level=0.95, scale="ordinal")
    assert found.estimate == pytest.approx(_slow("krippendorff_alpha", rows, w), abs=1e-10)


@pytest.mark.parametrize("seed", range(4))
def test_a_table_grouped_beforehand_says_the_same_as_its_rows(seed: int) -> None:
    table, number = _random_table(np.random.default_rng(100 + seed))
    grouped, rows = ratings_table(table, weight=number), ratings_table(np.repeat(table, number, axis=0))
    for coefficient in (percent_agreement, krippendorff_alpha, *CHANCE_CORRECTED):
        one, other = coefficient(grouped, level=0.9), coefficient(rows, level=0.9)
        for name in ("estimate", "standard_error", "low", "high", "observed", "chance"):
            assert getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-10), (coefficient, name)
        for name in ("dossiers", "dossiers_twice", "ratings", "readers"):
            assert getattr(one, name) == getattr(other, name)


@pytest.mark.parametrize("coefficient", [percent_agreement, krippendorff_alpha, *CHANCE_CORRECTED])
def test_the_standard_error_is_that_of_the_jackknife_in_a_large_sample(coefficient) -> None:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(3)
    true = rng.integers(0, 3, 200)[:, None]
    table = np.where(rng.random((200, 4)) < 0.7, true, rng.integers(0, 3, (200, 4))).astype(float)
    table[rng.random(table.shape) < 0.4] = NAN
    table = table[np.isfinite(table).any(axis=1)]
    given: list[dict[str, str]] = [{"single_reads": "ratio"}]
    if coefficient is krippendorff_alpha:
        given = [{"scale": "ordinal"}, {"scale": "interval"}]
    for options in given:
        found = coefficient(table, level=0.95, **options)
        without = [
            coefficient(np.delete(table, row, axis=0), level=0.95, **options).estimate for row in range(len(table))
        ]
        jackknife = np.sqrt((len(table) - 1) * np.var(without))
        assert found.standard_error == pytest.approx(jackknife, rel=0.02)


def test_irrcac_and_ours_say_the_same_of_letters_and_of_five_observers() -> None:
    # irrCAC for Python, raw_ben_gerry() with letters and one gap
    letters = ["ab", "aa", "bb", "bb", "db", "cc", "cc", "cc", "ee", "d ", "dd", "ad"]
    table = ratings_table([list(pair) for pair in letters], categories=list("abcde"))
    said = {gwet_ac: (0.66144201, 0.18396215), fleiss_kappa: (0.64935065, 0.19129554),
            conger_kappa: (0.65714286, 0.17943035), brennan_prediger: (0.65909091, 0.18527195)}  # fmt: skip
    for coefficient, values in said.items():
        assert _is(coefficient(table, level=0.95), *values, within=1e-8)
    assert _is(krippendorff_alpha(table, level=0.95), 0.66489362, 0.18007143, within=1e-8)


def _reviews() -> pd.DataFrame:
    rng = np.random.default_rng(9)
    rows = [
        (f"Z{case:03}", reader, item, "voldoende" if rng.random() < (0.9 if good else 0.2) else "onvoldoende")
        for case in range(60)
        for item, share in (("KENN", 0.7), ("BESL", 0.9))
        for good in [rng.random() < share]
        for reader in rng.choice(["L-1", "L-2", "L-3"], 2, replace=False)
    ]
    return pd.DataFrame(rows, columns=["case_id", "reviewer_id", "item", "rating"])


def test_items_pooled_have_the_dossier_as_the_unit_of_sampling() -> None:
    reviews = _reviews()
    pooled = fleiss_kappa(ratings_long(reviews), level=0.95)
    assert (pooled.dossiers, pooled.dossiers_twice, pooled.ratings, pooled.readers) == (60, 60, 240, 3)
    # each dossier's two items copied: as many ratings again, and nothing new is known
    copy = reviews.assign(item=reviews["item"] + " again")
    twice = fleiss_kappa(ratings_long(pd.concat([reviews, copy])), level=0.95)
    assert twice.estimate == pytest.approx(pooled.estimate)
    assert twice.standard_error == pytest.approx(pooled.standard_error)


def test_the_mean_over_items_judges_chance_per_item() -> None:
    reviews = _reviews()
    items = {item: gwet_ac(ratings_long(reviews, item=item), level=0.95) for item in ("KENN", "BESL")}
    found = mean_over_items(items, level=0.95)
    assert found.estimate == pytest.approx(np.mean([one.estimate for one in items.values()]))
    assert (found.dossiers, found.ratings) == (60, 240)
    # the same item twice: nothing new is known, so the error stays
    same = mean_over_items({"a": items["KENN"], "b": items["KENN"]}, level=0.95)
    assert same.standard_error == pytest.approx(items["KENN"].standard_error)
    with pytest.raises(WrongUse, match="dezelfde coëfficiënt"):
        mean_over_items({"a": items["KENN"], "b": fleiss_kappa(ratings_long(reviews), level=0.95)}, level=0.95)
    refused = mean_over_items({"a": items["KENN"], "b": gwet_ac([["x", "x"]], level=0.95)}, level=0.95)
    assert refused.refusal == "no_variation"


ALL = [percent_agreement, krippendorff_alpha, *CHANCE_CORRECTED]


@pytest.mark.parametrize("coefficient", [*ALL, cohen_kappa])
@pytest.mark.parametrize(
    ("table", "refusal"),
    [
        ([[None, None], [NAN, ""]], "absent"),
        (np.empty((0, 2)), "absent"),
        ([["a"], ["b"]], "not_estimable"),  # one reader
        ([["a", None], [None, "b"]], "not_estimable"),  # no dossier read twice
        ([["a", "b"], ["a", None]], "too_few"),  # one dossier read twice
    ],
)
def test_what_cannot_be_said_is_refused(coefficient, table, refusal: str) -> None:  # type: ignore[no-untyped-def]
    found = coefficient(np.array(table, dtype=object), level=0.95)
    assert (found.refusal, found.estimate, found.standard_error, found.interval) == (refusal, None, None, None)
    assert refusal in REASONS


@pytest.mark.parametrize("coefficient", [krippendorff_alpha, cohen_kappa, *CHANCE_CORRECTED])
def test_one_rating_for_all_says_the_percentage_and_refuses_the_rest(coefficient) -> None:  # type: ignore[no-untyped-def]
    found = coefficient([["a", "a"]] * 20, level=0.95)
    assert (found.refusal, found.estimate, found.observed) == ("no_variation", None, 1.0)
    percent = percent_agreement([["a", "a"]] * 20, level=0.95)
    assert (percent.estimate, percent.high, percent.refusal) == (1.0, 1.0, None)
    assert percent.low == pytest.approx(0.8389, abs=5e-5)  # Wilson 20/20: Newcombe's 0/20 mirrored


def test_ac1_knows_of_categories_that_nobody_used() -> None:
    declared = ratings_table([["a", "a"]] * 20, categories=["a", "b"])
    for coefficient in (gwet_ac, brennan_prediger):
        found = coefficient(declared, level=0.95)
        assert (found.estimate, found.standard_error, found.high) == (1.0, 0.0, 1.0)
        assert found.low is not None and found.low < 0.84 and found.method.startswith("Wilson")
    assert fleiss_kappa(declared, level=0.95).refusal == "no_variation"


def test_agreement_in_full_has_an_interval_with_width() -> None:
    found = cohen_kappa([["a", "a"], ["b", "b"]] * 10, level=0.95)
    assert (found.estimate, found.standard_error, found.high) == (1.0, 0.0, 1.0)
    assert found.low == pytest.approx((0.8389 - 0.5) / 0.5, abs=5e-4)


def test_a_reader_who_never_varies_leaves_no_interval() -> None:
    found = cohen_kappa([["a", "a"], ["a", "b"]] * 10, level=0.95)
    assert (found.estimate, found.standard_error, found.interval, found.refusal) == (0.0, None, None, None)


def test_a_census_leaves_no_error() -> None:
    found = fleiss_kappa(rating_counts(PATIENTS), level=0.95, population=15)
    assert (found.standard_error, found.low, found.high) == (0.0, found.estimate, found.estimate)
    with pytest.raises(WrongUse, match="kleiner dan de steekproef"):
        fleiss_kappa(rating_counts(PATIENTS), level=0.95, population=14)


def test_dossiers_read_once_widen_the_published_error_and_not_that_of_the_ratio() -> None:
    rng = np.random.default_rng(4)
    table = _readings(rng, 60, 2, 0.95)
    single = _readings(rng, 240, 2, 0.95)
    single[:, 1] = NAN
    both = np.concatenate([table, single])
    for coefficient in (percent_agreement, *CHANCE_CORRECTED):
        of = {way: coefficient(both, level=0.95, single_reads=way).standard_error or 0 for way in ("gwet", "ratio")}
        alone = {way: coefficient(table, level=0.95, single_reads=way).standard_error for way in of}
        assert alone["gwet"] == pytest.approx(alone["ratio"], abs=1e-12)  # nothing read once: one formula
        assert coefficient(both, level=0.95).standard_error == of["gwet"] > 1.2 * of["ratio"]
        assert of["ratio"] == pytest.approx(alone["ratio"], rel=0.3)


def _readings(rng: np.random.Generator, dossiers: int, readers: int, accuracy: float, share: float = 0.7) -> np.ndarray:
    true = rng.random((dossiers, 1)) < share
    return (true == (rng.random((dossiers, readers)) < accuracy)).astype(float)


@pytest.mark.parametrize("once", [0.0, 0.6])
def test_intervals_hold_the_truth_about_as_often_as_they_say(once: float) -> None:
    rng = np.random.default_rng(12)
    accuracy, share = 0.88, 0.7
    agree, yes = accuracy**2 + (1 - accuracy) ** 2, share * accuracy + (1 - share) * (1 - accuracy)
    chances = {percent_agreement: 0.0, gwet_ac: 2 * yes * (1 - yes), fleiss_kappa: yes**2 + (1 - yes) ** 2,
               krippendorff_alpha: yes**2 + (1 - yes) ** 2, conger_kappa: yes**2 + (1 - yes) ** 2,
               brennan_prediger: 0.5}  # fmt: skip
    runs, held, published = 400, dict.fromkeys(chances, 0), dict.fromkeys(chances, 0)
    for _run in range(runs):
        table = _readings(rng, 150, 2, accuracy, share)
        table[rng.random(150) < once, 1] = NAN
        for coefficient, chance in chances.items():
            truth = (agree - chance) / (1 - chance)
            ratio = {} if coefficient is krippendorff_alpha else {"single_reads": "ratio"}
            for counts, found in (
                (held, coefficient(table, level=0.95, **ratio)),
                (published, coefficient(table, level=0.95)),
            ):
                assert found.low is not None and found.high is not None
                counts[coefficient] += found.low <= truth <= found.high
    for coefficient in chances:
        assert 0.92 <= held[coefficient] / runs <= 0.98, coefficient.__name__
        assert published[coefficient] >= held[coefficient], coefficient.__name__  # too wide, never too narrow
    if once:
        assert published[percent_agreement] / runs > 0.98 > held[percent_agreement] / runs
