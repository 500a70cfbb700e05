"""Classic published data through the public functions of outcome consistency, as a stranger would, against R.

R 4.2 with survival, MASS, lme4, nnet, sandwich and vcd. Grouped tables go in as they are, with a column of
counts. Where glmer stops early its log-likelihood is the lower one, and the test says so.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.consistency.agreement import cohen_kappa
from evaluation.consistency.agreement_ratings import cross_table
from evaluation.consistency.conditional_logit import conditional_logit
from evaluation.consistency.false_discovery import false_discovery
from evaluation.consistency.matched import MatchedUnit, mantel_haenszel, strata
from evaluation.consistency.multinomial import multinomial
from evaluation.consistency.ordered_outcome import ordered_by_unit
from evaluation.consistency.paired_outcomes import bowker, paired_binary, stuart_maxwell
from evaluation.consistency.proportional_odds import proportional_odds
from evaluation.consistency.unordered_outcome import unordered_by_unit
from evaluation.units.case_mix import case_mix, dummies
from evaluation.units.random_intercept import RandomIntercept, random_intercept

DATA = Path(__file__).parent / "data"
TITANIC = pd.read_csv(DATA / "titanic_passengers.csv", dtype={"group": object}, keep_default_na=False)
TITANIC["group"] = TITANIC["group"].where(TITANIC["group"] != "NA", None)
# R: write.csv(as.data.frame(table(district, urban, livch, use)), ...), of mlmRev::Contraception; empty cells left out
CONTRACEPTION = pd.read_csv(DATA / "contraception_counts.csv", dtype={"livch": str})
# R: v <- lme4::VerbAgg[as.integer(VerbAgg$id) <= 40, ]; table(id, gender, btype, situ, resp)
AGGRESSION = pd.read_csv(DATA / "verbagg_40_persons.csv")
RESPONSE = AGGRESSION["resp"].map({"no": 0, "perhaps": 1, "yes": 2}).to_numpy()
PERSON = AGGRESSION["id"].to_numpy()
ITEM = np.column_stack(
    [AGGRESSION["gender"] == "M", AGGRESSION["btype"] == "scold", AGGRESSION["btype"] == "shout",
     AGGRESSION["situ"] == "self"]
).astype(float)  # fmt: skip


def with_constant(*columns: object) -> np.ndarray:
    x = np.column_stack([np.asarray(column, dtype=float) for column in columns])
    return np.column_stack([np.ones(len(x)), x])


def repeated(table: pd.DataFrame, counts: str = "n") -> pd.DataFrame:
    return table.loc[table.index.repeat(table[counts])].reset_index(drop=True)


def test_abortions_and_infertility_in_matched_sets() -> None:
    # R: f <- clogit(case ~ spontaneous + induced + strata(stratum), infert); coef(f); sqrt(diag(vcov(f))); f$loglik
    infert = pd.read_csv(DATA / "infert.csv").sample(frac=1, random_state=1)
    fit = conditional_logit(infert["case"], infert[["spontaneous", "induced"]].to_numpy(), infert["stratum"])
    assert fit.coefficients == pytest.approx([1.98587551668, 1.40901163188], abs=1e-8)
    assert fit.standard_errors == pytest.approx([0.352443539807, 0.360712436249], abs=1e-8)
    assert (fit.loglik_without, fit.loglik) == pytest.approx((-90.7793548513, -64.2022369244), abs=1e-8)
    assert (fit.n, fit.sets, fit.not_compared) == (248, 83, 0)


def bacteria(nodes: int) -> RandomIntercept:
    rows = pd.read_csv(DATA / "bacteria.csv")
    design = with_constant(rows["trt"] == "drug", rows["trt"] == "drug+", rows["week"] > 2)
    return random_intercept(rows["y"], np.ones(len(rows)), design, rows["ID"], nodes=nodes, level=0.95)


def test_bacteria_in_children() -> None:
    # R: glmer(y ~ trt + I(week > 2) + (1 | ID), MASS::bacteria, binomial, nAGQ = 9,
    #          control = glmerControl(optimizer = c("nloptwrap", "bobyqa"), tolPwrss = 1e-10))
    fit = bacteria(9)
    assert fit.fixed == pytest.approx([3.579217598598, -1.368981516561, -0.789109047771, -1.626944039586], abs=1e-6)
    assert fit.sigma == pytest.approx(1.30453707206, abs=1e-6)
    assert fit.fixed_se == pytest.approx([0.701188390987, 0.693659071751, 0.699856758459, 0.481588572968], abs=2e-6)
    assert fit.loglik == pytest.approx(-95.896890976, abs=1e-7)


def test_laplace_of_bacteria_ends_higher_than_glmer() -> None:
    # R: the same with nAGQ = 1
    fit = bacteria(1)
    assert fit.fixed == pytest.approx([3.547946986450, -1.366652598829, -0.782650442908, -1.598487931197], abs=2e-4)
    assert fit.sigma == pytest.approx(1.24232130057, abs=2e-4)
    assert -96.1307213636 < fit.loglik < -96.13068


def test_contraception_in_sixty_districts_from_a_table_of_counts() -> None:
    # R: g <- glmer(use ~ urban + livch + (1 | district), mlmRev::Contraception, binomial, nAGQ = 9, control as above)
    #    fixef(g); getME(g, "theta"); logLik(g); ranef(g, condVar = TRUE); confint(g, parm = "theta_")
    table = CONTRACEPTION
    children = [table["livch"] == name for name in ("1", "2", "3+")]
    fit = random_intercept(table["use"] == "Y", np.ones(len(table)), with_constant(table["urban"] == "Y", *children),
                           table["district"], nodes=9, level=0.95, weights=table["n"])  # fmt: skip
    expected = [-1.476298610203, 0.718482137485, 1.001526198495, 1.158497178875, 0.942403507090]
    assert fit.fixed == pytest.approx(expected, abs=1e-6)
    assert fit.sigma == pytest.approx(0.458570100669, abs=1e-6)
    assert fit.loglik == pytest.approx(-1212.49652176, abs=1e-7)
    assert (fit.n, len(fit.units)) == (1934, 60)
    assert fit.effects[:3] == pytest.approx([-0.6907836425894, -0.0107095090975, 0.2171928239203], abs=1e-6)
    assert fit.effects_sd[:3] == pytest.approx([0.191185045032, 0.330235415580, 0.437345590249], abs=1e-6)
    assert fit.sigma_interval == pytest.approx((0.320248652698, 0.634920586471), abs=1e-6)


def test_verbal_aggression_of_forty_persons_yes_or_no() -> None:
    # R: glmer(r2 ~ Gender + btype + situ + (1 | id), v, binomial, nAGQ = 9, control as above)
    fit = random_intercept(RESPONSE > 0, np.ones(len(PERSON)), with_constant(*ITEM.T), PERSON, nodes=9, level=0.95,
                           weights=AGGRESSION["n"])  # fmt: skip
    expected = [1.66188296508, -0.45799592078, -1.39984912071, -1.49307173895, -1.44908239527]
    assert fit.fixed == pytest.approx(expected, abs=1e-5)
    assert fit.sigma == pytest.approx(1.39045529861, abs=1e-5)
    assert fit.loglik == pytest.approx(-519.994597673, abs=1e-7)


def test_verbal_aggression_in_three_answers_with_persons_as_clusters() -> None:
    # R: p <- polr(resp ~ Gender + btype + situ, v, Hess = TRUE); coef(p); p$zeta; sqrt(diag(vcov(p)))
    #    sqrt(diag(sandwich::vcovCL(p, cluster = v$id, type = "HC0", cadjust = TRUE)))
    fit = proportional_odds(RESPONSE, ITEM, weights=AGGRESSION["n"])
    expected = [-0.137878582044, -0.794419684181, -0.909258686495, -1.057723579454]
    assert fit.coefficients == pytest.approx(expected, abs=1e-6)
    assert fit.thresholds == pytest.approx([-1.028704483615, 0.453491039905], abs=1e-6)
    assert fit.standard_errors == pytest.approx(
        [0.156276448627, 0.154050605943, 0.154413830552, 0.129036626492], abs=1e-6
    )
    clustered = np.sqrt(np.diag(fit.clustered_covariance(PERSON)))
    assert clustered[2:] == pytest.approx([0.434509991475, 0.173904882220, 0.187789544452, 0.194893172396], abs=1e-5)
    assert clustered[:2] == pytest.approx([0.190112297551, 0.187122776116], abs=1e-5)


def test_verbal_aggression_in_three_answers_without_an_order() -> None:
    # R: m <- nnet::multinom(resp ~ Gender + btype, v); coef(m); logLik(m)
    fit = multinomial(RESPONSE, 3, with_constant(*ITEM[:, :3].T), weights=AGGRESSION["n"].to_numpy())
    assert fit.coefficients.T[1] == pytest.approx(
        [0.240964341050, -0.5507719508904, -1.130622587642, -1.06027813209], abs=1e-5
    )
    assert fit.coefficients.T[2] == pytest.approx(
        [-0.395843975327, 0.0131349380162, -0.760050857262, -1.00919806579], abs=1e-5
    )
    assert fit.loglik == pytest.approx(-943.139317487, abs=1e-8)


def test_arthritis_treatment_with_age_as_a_number() -> None:
    # R: p <- polr(Improved ~ Sex + Treatment + Age, vcd::Arthritis, Hess = TRUE); coef(p); p$zeta; logLik(p)
    rows = pd.read_csv(DATA / "arthritis.csv", keep_default_na=False)
    x = np.column_stack([rows["Sex"] == "Male", rows["Treatment"] == "Treated", rows["Age"]]).astype(float)
    fit = proportional_odds(rows["Improved"].map({"None": 0, "Some": 1, "Marked": 2}), x)
    assert fit.coefficients == pytest.approx([-1.2516796869911, 1.7452894907679, 0.0381619873276], abs=2e-5)
    assert fit.thresholds == pytest.approx([2.53193206709, 3.43094195001], abs=5e-5)
    assert fit.standard_errors == pytest.approx([0.5463595170394, 0.4758915087147, 0.0184161940078], abs=5e-6)
    assert fit.loglik == pytest.approx(-72.7289577255, abs=1e-8)


def by_unit(found: tuple[MatchedUnit, ...]) -> dict[str, MatchedUnit]:
    return {one.unit: one for one in found}


def test_coal_miners_in_nine_age_groups() -> None:
    # R: mantelhaen.test(vcd::CoalMiners, correct = FALSE)
    counts = np.array([
        [9, 7, 95, 1841], [23, 9, 105, 1654], [54, 19, 177, 1863], [121, 48, 257, 2357], [169, 54, 273, 1778],
        [269, 88, 324, 1712], [404, 117, 245, 1324], [406, 152, 225, 967], [372, 106, 132, 526],
    ])  # fmt: skip
    found = by_unit(
        mantel_haenszel(np.tile([True, False, True, False], 9), np.tile(["B", "B", "NoB", "NoB"], 9),
                        np.repeat(np.arange(9), 4), weights=counts.ravel(), level=0.95)
    )["B"]  # fmt: skip
    assert found.odds_ratio.estimate == pytest.approx(16.3257274911)
    assert found.odds_ratio.interval == pytest.approx((14.6125531647, 18.2397542106))
    assert found.test.statistic == pytest.approx(3309.55204706)
    # The ratio falls with age. R: vcd::woolf_test(CoalMiners) is another test of the same, 26.2033567, df = 8
    assert found.homogeneity.df == 8
    assert found.homogeneity.statistic == pytest.approx(26.2033567, rel=0.01)


def test_classes_on_the_titanic_among_passengers_alike_with_many_ages_missing() -> None:
    # R: t <- carData::TitanicSurvival; g <- addNA(cut(t$age, c(0, 18, 99), right = FALSE))
    #    mantelhaen.test(table(t$passengerClass == k, t$survived, interaction(t$sex, g)), correct = FALSE)
    alike = strata(TITANIC[["sex", "group"]])
    assert (TITANIC.loc[TITANIC["group"].isna(), "n"].sum(), TITANIC["n"].sum()) == (263, 1309)
    found = by_unit(
        mantel_haenszel(TITANIC["survived"] == "yes", TITANIC["class"], alike, weights=TITANIC["n"], level=0.95)
    )
    expected = {
        "1st": (5.25698576801, 3.71041218263, 7.44820197994, 93.60048664630),
        "2nd": (1.211089050399, 0.861113569953, 1.703302257884, 1.123621826039),
        "3rd": (0.270236157772, 0.202178536085, 0.361203431291, 90.007698948140),
    }
    for name, (ratio, low, high, statistic) in expected.items():
        assert found[name].odds_ratio.estimate == pytest.approx(ratio)
        assert found[name].odds_ratio.interval == pytest.approx((low, high))
        assert found[name].test.statistic == pytest.approx(statistic)


def test_expected_survivors_by_class_with_a_missing_age_as_a_level() -> None:
    # R: tapply(fitted(glm(survived == "yes" ~ sex + g, binomial, t)), t$passengerClass, sum)
    mix = case_mix(TITANIC["survived"] == "yes", TITANIC["class"], TITANIC[["sex", "group"]], minimum_n=10,
                   counts=TITANIC["n"])  # fmt: skip
    expected = (mix.cells["trials"] * mix.cells["probability"]).groupby(mix.cells["unit"]).sum()
    assert expected.to_dict() == pytest.approx({"1st": 139.210134910, "2nd": 113.008873499, "3rd": 247.780991592})
    rows = repeated(TITANIC)
    again = case_mix(rows["survived"] == "yes", rows["class"], rows[["sex", "group"]], minimum_n=10)
    assert again.probability == pytest.approx(np.repeat(mix.probability, TITANIC["n"]), abs=1e-12)


def esoph() -> pd.DataFrame:
    # R: write.csv(esoph, ...); a row a group, with cases and controls
    wide = pd.read_csv(DATA / "esoph.csv")
    return pd.concat([wide.assign(hit=hit, n=wide[name]) for hit, name in ((True, "ncases"), (False, "ncontrols"))],
                     ignore_index=True)  # fmt: skip


def test_drinking_and_oesophagus_cancer_in_sparse_strata_of_age_and_smoking() -> None:
    # R: a <- aperm(xtabs(cbind(ncases, ncontrols) ~ I(alcgp == k) + interaction(agegp, tobgp), esoph), c(1, 3, 2))
    #    keep <- apply(a, 3, function(m) all(rowSums(m) > 0) && all(colSums(m) > 0))
    #    mantelhaen.test(a[, , keep], correct = FALSE)     # of the others against k: inverted below
    table = esoph()
    found = by_unit(
        mantel_haenszel(table["hit"], table["alcgp"], strata(table[["agegp", "tobgp"]]), weights=table["n"], level=0.95)
    )
    expected = {
        "0-39g/day": (19, 6.44488371461, 4.05048613679, 10.25470145855, 74.99856281831),
        "40-79": (18, 0.828288077186, 0.582754491024, 1.177273018698, 1.112598109699),
        "80-119": (18, 0.430383714890, 0.279394110538, 0.662970818126, 14.835008335681),
        "120+": (18, 0.1079923795953, 0.0570965693582, 0.2042566511745, 67.4941820854485),
    }
    for name, (told, ratio, low, high, statistic) in expected.items():
        one = found[name]
        assert one.strata == told
        assert one.odds_ratio.estimate == pytest.approx(1 / ratio)
        assert one.odds_ratio.interval == pytest.approx((1 / high, 1 / low))
        assert one.test.statistic == pytest.approx(statistic)
        hits, cases = (table.loc[table["alcgp"] == name, "n"][table["hit"] | whole].sum() for whole in (False, True))
        assert one.hits <= hits and one.n + one.not_compared == cases


def test_expected_cases_of_oesophagus_cancer_by_drinking() -> None:
    # R: f <- glm(cbind(ncases, ncontrols) ~ agegp + tobgp, binomial, esoph)
    #    tapply(fitted(f) * (esoph$ncases + esoph$ncontrols), esoph$alcgp, sum)
    # The youngest group has one case and no level is pooled: minimum_n 1.
    table = esoph()
    mix = case_mix(table["hit"], table["alcgp"], table[["agegp", "tobgp"]], minimum_n=1, counts=table["n"])
    assert mix.pooled == {"agegp": (), "tobgp": ()}
    expected = (mix.cells["trials"] * mix.cells["probability"]).groupby(mix.cells["unit"]).sum()
    assert expected.to_dict() == pytest.approx(
        {"0-39g/day": 77.7709844158, "40-79": 69.3738760635, "80-119": 34.7880132063, "120+": 18.0671263145}
    )


def test_eyes_by_hair_for_men_and_women() -> None:
    # R: chisq.test(margin.table(HairEyeColor, 1:2))$statistic
    #    2 * (logLik(multinom(Eye ~ Sex + Hair, d)) - logLik(multinom(Eye ~ Sex, d)))
    both = np.array([
        [[32, 11, 10, 3], [53, 50, 25, 15], [10, 10, 7, 7], [3, 30, 5, 8]],
        [[36, 9, 5, 2], [66, 34, 29, 14], [16, 7, 7, 7], [4, 64, 5, 8]],
    ])  # fmt: skip
    sex, hair, eye = (np.repeat(part.ravel(), both.ravel()) for part in np.indices(both.shape))
    eyes = np.array(["Brown", "Blue", "Hazel", "Green"])[eye]
    alone = unordered_by_unit(eyes, hair.astype(str), level=0.95)
    assert (alone.score.statistic, alone.score.df) == (pytest.approx(138.289841626), 9)
    found = unordered_by_unit(eyes, hair.astype(str), pd.DataFrame({"sex": sex.astype(str)}), level=0.95)
    assert (found.likelihood_ratio.statistic, found.likelihood_ratio.df) == (pytest.approx(149.91663949, abs=1e-6), 9)
    assert (found.n, found.missing) == (592, 0)


def test_approval_of_the_prime_minister_twice() -> None:
    # Agresti, Categorical Data Analysis, 2nd ed., section 10.1: z squared 17.36; change -4.0 points (-5.9, -2.1; Wald)
    # R: mcnemar.test(matrix(c(794, 86, 150, 570), 2), correct = FALSE)$statistic; binom.test(86, 236)$p.value
    table = np.array([[794.0, 150], [86, 570]])
    assert bowker(table).statistic == pytest.approx(17.3559322034)
    assert stuart_maxwell(table).statistic == pytest.approx(17.3559322034)
    first, second = (np.repeat(answers, table.ravel().astype(int)) for answers in ([1, 1, 0, 0], [1, 0, 1, 0]))
    found = paired_binary(first == 1, second == 1, level=0.95)
    assert found.exact.p_value == pytest.approx(3.71593613957e-05)
    assert found.difference == pytest.approx(-0.04)
    assert found.interval == pytest.approx((-0.0589, -0.0211), abs=5e-4)


SEXUAL_FUN = [[7, 7, 2, 3], [2, 8, 3, 7], [1, 5, 4, 9], [2, 8, 9, 14]]
NEUROLOGISTS = [[38, 5, 0, 1], [33, 11, 3, 0], [10, 14, 5, 6], [3, 7, 3, 10]]


@pytest.mark.parametrize(
    ("table", "weights", "value", "error"),
    [
        # R: vcd::Kappa(SexualFun); Kappa(SexualFun, weights = "Fleiss-Cohen"); Kappa(MSPatients[, , 1])
        (SEXUAL_FUN, "nominal", 0.1293302540416, 0.0685985324807),
        (SEXUAL_FUN, "linear", 0.2373806275580, 0.0783163347784),
        (SEXUAL_FUN, "quadratic", 0.3320455862469, 0.0972975219586),
        (NEUROLOGISTS, "nominal", 0.2079424640400, 0.0504553652409),
    ],
)
def test_couples_and_neurologists_agree_as_vcd_says(table: list, weights: str, value: float, error: float) -> None:
    found = cohen_kappa(cross_table(table), level=0.95, weights=weights)
    assert (found.estimate, found.standard_error) == pytest.approx((value, error), abs=1e-10)


def test_a_table_of_counts_says_what_its_rows_say_of_every_comparison() -> None:
    rows = repeated(AGGRESSION)
    design = np.repeat(ITEM, AGGRESSION["n"], axis=0)
    answer = np.repeat(RESPONSE, AGGRESSION["n"])
    one, two = proportional_odds(RESPONSE, ITEM, weights=AGGRESSION["n"]), proportional_odds(answer, design)
    assert one.coefficients == pytest.approx(two.coefficients, abs=1e-9)
    assert one.clustered_covariance(PERSON) == pytest.approx(two.clustered_covariance(rows["id"].to_numpy()), rel=1e-6)
    spread = [
        random_intercept(*given, nodes=9, level=0.95, weights=counts).sigma_interval
        for *given, counts in (
            (RESPONSE > 0, np.ones(len(PERSON)), with_constant(*ITEM.T), PERSON, AGGRESSION["n"]),
            (answer > 0, np.ones(len(rows)), with_constant(*design.T), rows["id"], None),
        )
    ]
    assert spread[0] == pytest.approx(spread[1], abs=1e-6)


def test_the_order_of_rows_their_labels_and_their_types_do_not_matter() -> None:
    rows = repeated(CONTRACEPTION)
    mixed = rows.sample(frac=1, random_state=3)
    plain, typed = (
        case_mix(table["use"] == "Y", table["urban"].astype(kind), table[["livch"]].astype(kind), minimum_n=10)
        for table, kind in ((rows, str), (mixed, "category"))
    )
    assert typed.probability == pytest.approx(plain.probability[mixed.index])
    one, two = (
        mantel_haenszel(table["use"] == "Y", table["urban"].astype(kind), table["livch"].astype(kind), level=0.95)
        for table, kind in ((rows, str), (mixed, "string"))
    )
    for mine, other in zip(one, two, strict=True):
        assert (mine.unit, mine.n, mine.hits) == (other.unit, other.n, other.hits)
        assert mine.odds_ratio.interval == pytest.approx(other.odds_ratio.interval)
    ranks = {"0": 0, "1": 1, "2": 2, "3+": 3}
    first, second = (
        ordered_by_unit(table["livch"].map(ranks), table["urban"].astype(kind), table[["use"]], level=0.95)
        for table, kind in ((rows, str), (mixed, "category"))
    )
    assert [unit.win.estimate for unit in first.units] == pytest.approx([unit.win.estimate for unit in second.units])


def test_p_values_of_sixty_districts_adjust_as_r_does() -> None:
    # R: p.adjust(p, "BH"), "BY", "holm", "bonferroni": statsmodels and R say the same of any; the rule by hand
    table = repeated(CONTRACEPTION)
    found = mantel_haenszel(table["use"] == "Y", table["district"], strata(table[["urban", "livch"]]), level=0.95)
    p = {one.unit: one.test.p_value for one in found}
    tested = sorted(value for value in p.values() if value is not None)
    named = false_discovery(p, rate=0.05)
    passing = [rank for rank, value in enumerate(tested, start=1) if value <= 0.05 * rank / len(tested)]
    assert named.stand_out["benjamini_hochberg"] == max(passing, default=0) > 0
    assert named.comparisons + named.refused == 60


def test_dummies_leave_r_treatment_contrasts() -> None:
    # R: model.matrix(~ urban + livch, Contraception)
    design = dummies(CONTRACEPTION[["urban", "livch"]])
    children = [CONTRACEPTION["livch"] == name for name in ("1", "2", "3+")]
    assert np.array_equal(design, with_constant(CONTRACEPTION["urban"] == "Y", *children))
