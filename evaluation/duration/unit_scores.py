"""Units among like cases, as scores: who closes in time against what chance allows, and shrunken.

Two answers to one question, each with what the other lacks. *Closing in time* counts:
ends within half a year against those expected from like cases, with exact limits of chance,
and nothing assumed about the units. *Pace* models: the effect of a unit on the chance of
closing on a day, drawn in towards the average unit as far as its own cases say too
little, and the share closed within a year to which that comes for one and the same case mix.

Units stand in the order of their codes. Faster is not better; nothing here ranks.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial

import numpy as np
import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.duration.texts import EXITS_AS_ENDS, GROSS_CLOCK, all_cases, cohort_basis
from evaluation.duration.total import only_disciplinary
from evaluation.proportion import Interval
from evaluation.refusals import MINIMUM_N
from evaluation.score_rows import ScoreRows
from evaluation.scores import EstimandCard, Part, Refusal, Score
from evaluation.survival.equality_test import EqualityTest
from evaluation.survival.log_rank import log_rank
from evaluation.units.case_mix import UNKNOWN
from evaluation.units.closing_in_time import ClosingInTime, closing_in_time_by_unit
from evaluation.units.discrete_hazard import MINIMUM_UNITS, UnitEffect, UnitHazard, hazard_by_unit

CLOSING, PACE = "duration.closing", "duration.pace"
LIKE = ("category", "complexity", "year")
"""What makes cases like cases, as far as delivered. The year of opening, because units come and go: a unit that
exists from 2024 on would else be compared with the pace of years in which it had no cases."""
CASE_MIX = LIKE[:2]
VARYING = "complexity"
"""What slows a case down does so on some days more than on others; taken as the same on all days, the share closed
within a year comes out half a point high (`make validate`)."""
CLOSING_DAYS = 180
"""About half of the cases close within half a year, so that both sides of the count are large: most is known then,
and least can be worked out about the few cases that are left."""
PACE_DAYS = 365
"""Days of the standardised share of the model, which looks at the whole clock."""
FUNNEL_LEVELS = {"95": 0.95, "998": 0.998}
BAND_DAYS = 30
"""Width of the bands of the baseline: wide enough to be quick, narrow beside durations of half a year."""


def unit_scores(case_files: CaseFiles, cases: pd.DataFrame, *, as_of: date, level: float, span: str) -> Part:
    """Compare the units on the time to closing of like cases.

    *Estimand*: per unit, its ends within 180 days over those expected had its cases ended
    at the daily pace of like cases of all units; and, shrunken, what the unit adds to the
    log odds of closing on a day. Like cases agree in year of opening, category and complexity,
    the last two as far as delivered.

    Parameters
    ----------
    case_files : CaseFiles
        Already cut: `case_files.at(as_of)`.
    cases : DataFrame
        As `total.case_durations` returns them.
    as_of : date
    level : float
        Of the intervals; the funnel is always 95 and 99.8 %.
    span : str
        Period over which the cases were opened.

    Returns
    -------
    Part
        Scores of `duration.closing` and `duration.pace` with their cards, or the reason
        why there is nothing to compare.
    """
    known = compared_cases(cases)
    units = sorted(known["unit"].unique())
    if len(units) < 2:
        return Part(refusals=tuple(Refusal(measure, ("cases.unit",), dict(_ONE_UNIT)) for measure in (CLOSING, PACE)))
    like = [name for name in LIKE if name not in CASE_MIX or case_files.has(f"cases.{name}")]
    closing = closing_in_time_by_unit(known, like=like, day=CLOSING_DAYS, level=level, minimum_n=MINIMUM_N, units=units)
    hazard = pace_by_unit(known, like, level=level, units=units)
    rows = partial(ScoreRows, period=span, as_of=as_of, level=level)
    return Part(
        scores=(
            *_closing(closing, len(known), int(known["event_observed"].sum()), rows),
            *_pace(hazard, log_rank_of(known, like), rows),
        ),
        cards=(_closing_card(case_files, like, level=level), _pace_card(case_files, like, level=level)),
    )


def compared_cases(cases: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `case_durations` that are in a curve and have a unit, with the estimators' names."""
    known = cases[(cases["left_out"] == "") & cases["unit"].notna()]
    named = known.rename(columns={"gross": "duration", "closed": "event_observed", "gross_entry": "entry"})
    # Codes that differ in capitals only are one group, in the ids of scores too.
    return named.assign(unit=named["unit"].str.lower())


def pace_by_unit(known: pd.DataFrame, like: Sequence[str], *, level: float, units: Sequence[str]) -> UnitHazard:
    """Fit the model of the pace of units, in which complexity may count for more on some days than on others."""
    return hazard_by_unit(
        known, covariates=like, every=BAND_DAYS, within=PACE_DAYS, level=level, minimum_n=MINIMUM_N, units=units,
        varying=[name for name in like if name == VARYING],
    )  # fmt: skip


def log_rank_of(known: pd.DataFrame, like: list[str]) -> EqualityTest:
    """Test whether the units differ in the time to closing, within strata of like cases."""
    stratum = known[like].astype("object").fillna(UNKNOWN).astype(str).agg(" / ".join, axis=1)
    return log_rank(known["duration"], known["event_observed"], known["unit"], entry=known["entry"], stratum=stratum)


def _closing(found: ClosingInTime, n: int, events: int, rows: "partial[ScoreRows]") -> Iterator[Score]:
    everyone = rows(CLOSING, "all", CLOSING)
    overall = partial(everyone.plain, n=n, events=events)
    yield everyone.number("share", "share", found.overall, n=n, events=events, refusal=_refuse_few(n))
    for name, level in FUNNEL_LEVELS.items():
        outside = None if found.refusal else int(found.funnel.outside(level).sum())
        yield overall(f"outside_{name}", "count", outside, refusal=found.refusal)
    phi = None if found.refusal else found.funnel.dispersion().phi
    yield overall("overdispersion", "ratio", phi, refusal=found.refusal)
    tau2 = found.funnel.dispersion().tau2
    reliability = np.full(len(found.units), np.nan) if tau2 is None else found.funnel.reliability(tau2)
    limits = {name: found.as_share(found.funnel.limits(level)) for name, level in FUNNEL_LEVELS.items()}
    for at, unit in enumerate(found.units):
        of_unit = partial(
            rows(CLOSING, f"unit={unit}", CLOSING).plain,
            n=int(found.n[at]), events=int(found.funnel.observed[at]), refusal=found.refusals[at],
        )  # fmt: skip
        yield from _closing_of_unit(found, at, of_unit)
        for name, (low, high) in limits.items():
            for end, limit in (("low", low[at]), ("high", high[at])):
                yield _share(found, at, f"funnel_{end}_{name}", limit, of_unit)
        yield of_unit("reliability", "ratio", _said(found, at, reliability[at]))


def _refuse_few(n: int) -> str | None:
    return "too_few" if n < MINIMUM_N else None


def _closing_of_unit(found: ClosingInTime, at: int, of_unit: "partial[Score]") -> Iterator[Score]:
    low, high = found.intervals()[at] or Interval(np.nan, np.nan)
    ratio = _said(found, at, found.funnel.ratio[at])
    if ratio is None:
        yield of_unit("ratio", "ratio", None)
        yield _share(found, at, "adjusted_share", np.nan, of_unit)
        return
    yield of_unit("ratio", "ratio", ratio, low=low, high=high)
    share, *ends = found.as_share([ratio, low, high]).tolist()
    yield _share(found, at, "adjusted_share", share, of_unit, *ends)


def _share(
    found: ClosingInTime, at: int, statistic: str, share: float, of_unit: "partial[Score]", *ends: float
) -> Score:
    """Return a number on the share scale; without the share of all units together there is no such scale."""
    estimate = _said(found, at, share)
    low, high = ends if ends and estimate is not None else (None, None)
    refusal = found.refusals[at] or found.overall.refusal
    return of_unit(statistic, "share", estimate, low=low, high=high, refusal=refusal)


def _said(found: ClosingInTime, at: int, value: float) -> float | None:
    return None if found.refusals[at] or np.isnan(value) else float(value)


def _pace(found: UnitHazard, test: EqualityTest, rows: "partial[ScoreRows]") -> Iterator[Score]:
    whole = partial(rows(PACE, "all", PACE).plain, n=found.n, events=found.n_events)
    refusal, no_share = found.refusal, found.share_refusal
    yield whole("sigma", "logit", found.sigma, low=found.sigma_low, high=found.sigma_high, refusal=refusal)
    yield whole("median_odds_ratio", "odds_ratio", found.median_odds_ratio, low=found.median_odds_ratio_low,
                high=found.median_odds_ratio_high, refusal=refusal)  # fmt: skip
    yield whole("standard_share", "share", found.standard_share, low=found.standard_share_low,
                high=found.standard_share_high, refusal=no_share)  # fmt: skip
    few = _refuse_few(found.n)
    yield whole("log_rank_p", "p_value", None if few else test.p_value, refusal=few or test.refusal)
    for unit in found.units:
        yield from _pace_of_unit(unit, rows(PACE, f"unit={unit.unit}", PACE))


def _pace_of_unit(found: UnitEffect, rows: ScoreRows) -> Iterator[Score]:
    said = partial(rows.plain, n=found.n, events=found.n_events)
    why, no_share = found.refusal, found.share_refusal
    yield said("shrunken_odds_ratio", "odds_ratio", found.odds_ratio, low=found.low, high=found.high, refusal=why)
    yield said("standard_share", "share", found.share, low=found.share_low, high=found.share_high, refusal=no_share)
    # Not the mean days: they hold only where a unit has the same odds ratio on every day (`discrete_hazard`).
    yield said("reliability", "ratio", found.reliability, refusal=why)


_ONE_UNIT = {
    "nl": "De zaken zijn van één eenheid, of hun eenheid is niet vastgelegd. Er valt niets te vergelijken.",
    "en": "The cases are of one unit, or their unit was not recorded. There is nothing to compare.",
}


def _like_words(like: list[str]) -> dict[str, str]:
    """Return what makes cases like cases, and that of the case mix nothing does where nothing was delivered."""
    missing = [name for name in CASE_MIX if name not in like]
    if len(missing) == len(CASE_MIX):
        return {
            "nl": "Categorie en zwaarte zijn niet geleverd. De vergelijking is daarom niet gecorrigeerd voor de soort "
            "zaken: een eenheid met andere zaken kan alleen daardoor afwijken. Vergelijkbare zaken zijn hier zaken uit "
            "hetzelfde jaar.",
            "en": "Category and complexity were not delivered. The comparison is therefore not adjusted for the kind "
            "of case: a unit with other cases may differ for that reason alone. Like cases here are cases of the same "
            "year.",
        }
    nl, en = (", ".join(words[name] for name in like) for words in (_LIKE_NL, _LIKE_EN))
    return {
        "nl": f"Vergelijkbare zaken hebben dezelfde waarde van: {nl}. Een onbekende waarde is een waarde op zich."
        + "".join(f" De {_LIKE_NL[name]} is niet geleverd; daarvoor is niet gecorrigeerd." for name in missing),
        "en": f"Like cases have the same value of: {en}. An unknown value is a value of its own."
        + "".join(f" The {_LIKE_EN[name]} was not delivered and not adjusted for." for name in missing),
    }


_LIKE_NL = {"category": "categorie", "complexity": "zwaarte", "year": "jaar van opening"}
_LIKE_EN = {"category": "category", "complexity": "complexity", "year": "year of opening"}

_NOT_BETTER = {
    "nl": " Sneller is niet beter, langzamer niet slechter: dat hangt af van de zaken, ook van wat niet is vastgelegd. "
    "Eenheden staan op volgorde van hun code.",
    "en": " Faster is not better, slower not worse: that depends on the cases, also on what was not recorded. Units "
    "stand in the order of their codes.",
}

_NO_UNIT = {
    "nl": " Zaken waarvan de eenheid niet vaststaat doen niet mee.",
    "en": " Cases of which the unit is not known are left out.",
}


def _joined(*texts: dict[str, str]) -> dict[str, str]:
    return {language: "".join(text[language] for text in texts) for language in ("nl", "en")}


def _closing_card(case_files: CaseFiles, like: list[str], *, level: float) -> EstimandCard:
    percent = f"{100 * level:g}"
    return EstimandCard(
        id=CLOSING,
        title={
            "nl": f"Afgesloten binnen {CLOSING_DAYS} dagen, per eenheid, vergeleken met vergelijkbare zaken",
            "en": f"Closed within {CLOSING_DAYS} days, by unit, compared with like cases",
        },
        population=_joined(all_cases(only_disciplinary=only_disciplinary(case_files)), _NO_UNIT),
        unit_of_count={"nl": "Onderzoek (zaak).", "en": "Investigation (case)."},
        cohort_basis=cohort_basis(case_files),
        clock=_joined(
            GROSS_CLOCK,
            {
                "nl": f" Alleen de eerste {CLOSING_DAYS} dagen van elke zaak tellen. Een eenheid met veel "
                "opschortingen voor het strafrechtelijk spoor lijkt hier trager dan zij zelf werkt.",
                "en": f" Only the first {CLOSING_DAYS} days of each case count. A unit with many suspensions for the "
                "criminal track looks slower here than it works itself.",
            },
        ),
        missing_and_exits=EXITS_AS_ENDS,
        estimator=_joined(
            _like_words(like),
            {
                "nl": " Op elke dag waarop een zaak eindigt, had elke vergelijkbare zaak die dan even lang loopt, van "
                "welke eenheid ook, evenveel kans om die te zijn. De som van die kansen is het verwachte aantal; de "
                "verhouding (ratio) is het waargenomen aantal gedeeld door het verwachte. Het gecorrigeerde deel "
                "(adjusted_share) is het deel dat zou zijn afgesloten als alle zaken van alle eenheden in dat tempo "
                "liepen. Spreiding boven toeval (overdispersion): 1 of minder is toeval; de uiterste 10 % van de "
                "eenheden aan elke kant telt gematigd mee. Betrouwbaarheid (reliability): het deel van een verschil "
                "dat geen toeval is. Een einde waarbij geen vergelijkbare zaak van een andere eenheid liep zegt niets "
                f"en trekt de verhouding naar 1. Minder dan {MINIMUM_N} zaken: geen getal.",
                "en": " On every day on which a case ends, each like case open for as long, of whatever unit, was "
                "equally likely to be the one. The sum of those chances is the expected count; the ratio is the "
                "observed count over the expected. The adjusted share (adjusted_share) is the share that would have "
                "closed had all cases of all units gone at that pace. Spread beyond chance (overdispersion): 1 or less "
                "is chance; the extreme 10 % of the units on either side count moderated. Reliability: the share of a "
                "difference that is no chance. An end with no like case of another unit open says nothing and draws "
                f"the ratio towards 1. Fewer than {MINIMUM_N} cases: no number.",
            },
            _NOT_BETTER,
        ),
        interval={
            "nl": f"Verhouding en gecorrigeerd deel: {percent} %, exact (Poisson), iets ruimer dan nodig. Grenzen van "
            "de trechter: exact, waarbinnen 95 % en 99,8 % van de aantallen valt als eenheden niet verschillen. Van "
            "twintig eenheden die niet verschillen valt er gemiddeld één buiten de 95 %. De grenzen zijn niet verruimd "
            "voor spreiding boven toeval.",
            "en": f"Ratio and adjusted share: {percent} %, exact (Poisson), somewhat wider than needed. Limits of the "
            "funnel: exact; 95 % and 99.8 % of the counts fall within them if units do not differ. Of twenty units "
            "that do not differ, one on average falls outside the 95 %. The limits are not widened for spread beyond "
            "chance.",
        },
    )


def _pace_card(case_files: CaseFiles, like: list[str], *, level: float) -> EstimandCard:
    percent = f"{100 * level:g}"
    return EstimandCard(
        id=PACE,
        title={
            "nl": "Tempo van afsluiten per eenheid, naar het gemiddelde toe getrokken",
            "en": "Pace of closing by unit, drawn in towards the average",
        },
        population=_joined(all_cases(only_disciplinary=only_disciplinary(case_files)), _NO_UNIT),
        unit_of_count={"nl": "Onderzoek (zaak).", "en": "Investigation (case)."},
        cohort_basis=cohort_basis(case_files),
        clock=GROSS_CLOCK,
        missing_and_exits=EXITS_AS_ENDS,
        estimator=_joined(
            _like_words(like),
            {
                "nl": " Een model voor de kans om op een dag te eindigen, met één toevallig effect per eenheid "
                f"(logit per dag, banden van ten minste {BAND_DAYS} dagen). De verhouding van kansen "
                "(shrunken_odds_ratio) vergelijkt een eenheid met de gemiddelde eenheid; boven 1 sluit zij eerder af. "
                "Hoe minder een eenheid over zichzelf zegt, hoe dichter zij bij het gemiddelde komt te staan. Het deel "
                f"binnen {PACE_DAYS} dagen (standard_share) geldt voor dezelfde zaken: die van alle eenheden samen. "
                "Spreiding (sigma) en mediane verhouding van kansen (median_odds_ratio): hoeveel twee willekeurige "
                "eenheden verschillen; 0 en 1 betekenen: niet. Het model neemt aan dat de verhouding van een eenheid "
                "op elke dag dezelfde is; die van de zwaarte mag in elk van zes perioden een andere zijn. Vertraagt "
                f"een eenheid de hele klok, dan klopt dat niet; voor het deel binnen {PACE_DAYS} dagen maakt dat "
                "weinig uit, voor een aantal dagen te veel. Dagen per eenheid staan er daarom niet. "
                f"Minder dan {MINIMUM_UNITS} eenheden: geen model. De toets (log_rank_p) is de "
                "log-ranktoets binnen groepen vergelijkbare zaken: de kans op zulke verschillen, of grotere, als "
                "eenheden niet verschillen; bij veel zaken is ook een klein verschil geen toeval.",
                "en": " A model of the chance of ending on a day, with one random effect a unit (logit by day, bands "
                f"of at least {BAND_DAYS} days). The odds ratio (shrunken_odds_ratio) compares a unit with the average "
                "unit; above 1 it closes sooner. The less a unit says about itself, the closer it comes to the "
                f"average. The share within {PACE_DAYS} days (standard_share) is for the same cases: those of all "
                "units together. Spread (sigma) and median odds ratio (median_odds_ratio): how much two units drawn at "
                "random differ; 0 and 1 mean: not at all. The model takes the ratio of a unit to be the same on every "
                "day; that of complexity may differ between six periods. Where a unit slows the whole clock, that is "
                f"not so; for the share within {PACE_DAYS} days it matters little, for a number of days too much. Days "
                "by unit are therefore not given. "
                f"Fewer than {MINIMUM_UNITS} units: no model. The test (log_rank_p) is the log-rank test within groups "
                "of like cases: the chance of such differences, or larger ones, if units do not differ; with many "
                "cases a small difference, too, is no chance.",
            },
            _NOT_BETTER,
        ),
        interval={
            "nl": f"{percent} %. Van een eenheid: met de onzekerheid van de zaken en het gemiddelde, zonder die van de "
            "spreiding. Een deel van die onzekerheid hebben alle eenheden gemeen: vergelijk daarom de intervallen van "
            "twee eenheden niet met elkaar. Van de spreiding: volgens het profiel van de aannemelijkheid; zij komt met "
            "weinig eenheden wat te laag uit.",
            "en": f"{percent} %. Of a unit: with the uncertainty of case mix and average, without that of the spread. "
            "Part of that uncertainty is common to all units: do not compare the intervals of two units. "
            "Of the spread: by profile likelihood; with few units it comes out somewhat low.",
        },
    )
