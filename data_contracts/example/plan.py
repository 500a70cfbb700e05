"""What is planted in the synthetic delivery: units, shares, effects and rates, as data.

Every number here is invented. Volumes and shares are chosen so that the example looks
like a national delivery; nothing in it says anything about a real unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

NEVER = 10**6  # a day number beyond every calendar: the event does not happen


def day(iso: str) -> int:
    """Return the number of days from 1970-01-01 to an ISO date."""
    return int(np.datetime64(iso, "D").astype(int))


FIRST_YEAR, LAST_YEAR = 2016, 2025
YEARS = tuple(range(FIRST_YEAR, LAST_YEAR + 1))
PERIOD_START, PERIOD_END = "2016-01-01", "2025-12-31"
EXTRACTED_AT = "2026-01-31"
EXTRACTION_DAY = day(EXTRACTED_AT)
CATEGORY_BREAK = 2020
CONTRACT_VERSION = "1.1.0"


@dataclass(frozen=True)
class Unit:
    """A unit: its staff, its propensity to investigate, and how many signals it writes down."""

    code: str
    number: int
    headcount: int
    case_rate: float
    signal_registration: float
    first_year: int = FIRST_YEAR
    last_year: int = LAST_YEAR
    delivered_by: str = ""

    @property
    def delivery(self) -> str:
        """The unit in whose delivery the cases stand."""
        return self.delivered_by or self.code


UNITS = (
    Unit("NN", 1, 5000, 0.85, 0.9),
    Unit("ON", 2, 8000, 1.15, 1.2),
    Unit("MN", 3, 6000, 0.90, 1.0),
    Unit("NH", 4, 5000, 0.80, 0.8),
    Unit("AMS", 5, 6200, 1.45, 0.5),
    Unit("DH", 6, 7200, 1.00, 0.6),
    Unit("RTD", 7, 7000, 1.30, 2.4),
    Unit("ZWB", 8, 4500, 0.90, 1.1),
    Unit("OB", 9, 4000, 0.85, 0.7),
    Unit("LB", 10, 3300, 0.95, 1.0),
    Unit("LE", 11, 5200, 1.00, 0.9, last_year=2023, delivered_by="LX"),
    Unit("LX", 12, 2400, 0.95, 0.8, first_year=2024),
    Unit("LO", 13, 2800, 1.05, 1.0, first_year=2024),
    Unit("PDC", 14, 3600, 0.35, 0.6),
)
UNIT_BY_CODE = {unit.code: unit for unit in UNITS}
DELIVERING_UNITS = ("NN", "ON", "MN", "NH", "AMS", "DH", "RTD", "ZWB", "OB", "LB", "LX", "LO", "PDC")

KINDS = {"disciplinair": 1.0, "orienterend": 0.3, "klacht": 0.5}  # per disciplinary investigation
SIGNALS_PER_CASE = 3.2
SECOND_SIGNAL = 0.03
YEAR_WEIGHT = dict(zip(YEARS, (1.0, 1.08, 1.04, 1.05, 0.95, 0.85, 0.95, 1.0, 1.03, 1.05), strict=True))

COMPLEXITY = {"licht": 0.35, "middel": 0.45, "zwaar": 0.20}
CATEGORIES_BEFORE = {
    "vik_positie": 0.22,
    "vik_geweld_bejegening": 0.20,
    "vik_houding_gedrag": 0.30,
    "vik_rechtspositie": 0.13,
    "vik_overig": 0.15,
}
CATEGORIES_FROM = {
    "rm_informatie": 0.16,
    "rm_bedrijfsmiddelen": 0.13,
    "rm_prive": 0.22,
    "rm_financieel": 0.05,
    "rm_positie_belangen": 0.10,
    "rm_bevoegdheden": 0.12,
    "rm_omgangsvormen": 0.16,
    "rm_overig": 0.06,
}
MIX_CONCENTRATION = 40.0  # Dirichlet weight: units differ in case mix, mildly
SOURCES = {
    "burger": 0.25,
    "collega": 0.27,
    "leidinggevende": 0.27,
    "klokkenluider": 0.03,
    "extern": 0.10,
    "systeem": 0.08,
}
OTHER_TRIAGE = {"gesprek": 0.45, "terzijde": 0.40, "overgedragen": 0.15}

# Duration: every stage is log-normal around its median, times the factors of unit, year and complexity.
STAGES = {
    "intake": (26.0, 0.60, 3),
    "fact_finding": (82.0, 0.55, 6),
    "assessment": (39.0, 0.55, 5),
    "decision": (52.0, 0.45, 16),
}
OTHER_KINDS = {"klacht": {"intake": (9.0, 0.45, 3), "handling": (42.0, 0.55, 5)},
               "orienterend": {"intake": (9.0, 0.45, 3), "handling": (32.0, 0.60, 5)}}  # fmt: skip
UNIT_DURATION_SIGMA = 0.16
YEAR_FACTOR = dict(zip(YEARS, (0.95, 0.98, 1.02, 1.06, 1.14, 1.12, 1.06, 1.0, 0.96, 0.93), strict=True))
COMPLEXITY_FACTOR = {"licht": 0.78, "middel": 1.0, "zwaar": 1.38}

CRIMINAL_TRACK = {"licht": 0.08, "middel": 0.20, "zwaar": 0.42}
SUSPENDED_WHEN_CRIMINAL = 0.85
SUSPENDED_OTHERWISE = 0.02
SUSPENSION = (125.0, 0.60)  # median days, sigma of the logarithm
OVERLAPPING = 0.10
OTHER_REASONS = {"ziekte": 0.6, "rechtsgang": 0.2, "anders": 0.2}

# The way a disciplinary case goes; `full` ends in a decision or, without misconduct, sometimes in no follow-up.
ROUTES = {"full": 0.86, "early": 0.05, "eigen_ontslag": 0.05, "overgedragen": 0.02, "ingetrokken": 0.02}
NO_FOLLOW_UP_WITHOUT_MISCONDUCT = 0.30
OTHER_EXITS = {
    "klacht": {"besluit": 0.60, "geen_vervolg": 0.28, "ingetrokken": 0.10, "overgedragen": 0.02},
    "orienterend": {"geen_vervolg": 0.62, "overgedragen": 0.31, "ingetrokken": 0.07},
}

# Outcome: a logit for misconduct found, per allegation with a substantive finding.
MISCONDUCT = ("plichtsverzuim_vastgesteld", "strafbaar_feit")
NO_MISCONDUCT = {"geen_plichtsverzuim": 0.6, "niet_vastgesteld": 0.4}
INTERCEPT = 0.45
UNIT_OUTCOME_SIGMA = 0.35
CATEGORY_EFFECT = {
    "vik_positie": 0.2,
    "vik_geweld_bejegening": -0.6,
    "vik_houding_gedrag": 0.3,
    "vik_rechtspositie": 0.0,
    "vik_overig": -0.1,
    "rm_informatie": 0.3,
    "rm_bedrijfsmiddelen": 0.2,
    "rm_prive": 0.5,
    "rm_financieel": 0.1,
    "rm_positie_belangen": 0.0,
    "rm_bevoegdheden": -0.7,
    "rm_omgangsvormen": -0.2,
    "rm_overig": -0.3,
}
COMPLEXITY_EFFECT = {"licht": -0.35, "middel": 0.0, "zwaar": 0.40}
RANK_EFFECT = {
    "aspirant_surveillant": 0.30,
    "agent_hoofdagent": 0.0,
    "brigadier": -0.10,
    "inspecteur": -0.20,
    "hoger": -0.35,
    "ondersteunend": 0.10,
}
PRIOR_EFFECT = 0.30
CRIMINAL_OFFENCE = 0.35  # share of misconduct on the criminal track recorded as a criminal offence
FINDING_UNRECORDED = (0.03, 0.7)  # mean share, and standard deviation of its logit between units

RANKS = {
    "aspirant_surveillant": 0.08,
    "agent_hoofdagent": 0.42,
    "brigadier": 0.28,
    "inspecteur": 0.10,
    "hoger": 0.04,
    "ondersteunend": 0.08,
}
FUNCTIONS = {"noodhulp_basis": 0.52, "recherche": 0.20, "specialistisch": 0.12, "leiding": 0.06, "ondersteuning": 0.10}
TENURE = {"0-4": 0.18, "5-14": 0.34, "15-24": 0.28, "25+": 0.20}
PRIOR_MEAN = 0.35
MORE_SUBJECTS = (0.08, 0.02)
SECOND_ALLEGATION = 0.18
SUBJECT_KNOWN_WHEN_EXPLORATORY = 0.6
FLAGS = {"flag_discrimination": 0.06, "flag_drugs": 0.05, "flag_drink_driving": 0.05, "flag_expression": 0.03}
EXPRESSION_UNRECORDED = 0.04
PRIORS_UNRECORDED = 0.02
CRIMINAL_TRACK_UNRECORDED = 0.015

# Penalty of a subject with misconduct: an ordered scale (an assumption of this example, not of the law).
PENALTY_SCALE = (
    ("geen", False, 0.03),
    ("leertraject", False, 0.04),
    ("waarschuwing", False, 0.05),
    ("overplaatsing", False, 0.02),
    ("a", False, 0.16),
    ("b", False, 0.01),
    ("c", False, 0.04),
    ("d", False, 0.03),
    ("e", False, 0.03),
    ("f", False, 0.01),
    ("h", False, 0.02),
    ("i", False, 0.01),
    ("j", True, 0.10),
    ("ontslag_andere_grond", False, 0.11),
    ("j", False, 0.34),
)
PENALTY_LETTERS = tuple("abcdefghijk")
PENALTY_COMPLEXITY = {"licht": -0.6, "middel": 0.0, "zwaar": 0.8}
PENALTY_PRIOR = 0.25
UNIT_PENALTY_SIGMA = 0.20
DEVIATION = 0.12  # decision differs from advice
DEVIATION_MILDER = 0.75
DEVIATION_MOTIVATED = 0.85
PROBATION = {12: 0.2, 24: 0.6, 36: 0.2}
OBJECTION = {"dismissal": 0.30, "other": 0.12}
OBJECTION_RESULT = {
    "gehandhaafd": 0.68,
    "gewijzigd": 0.14,
    "herroepen": 0.06,
    "vervangen_rechter": 0.04,
    "ingetrokken": 0.08,
}

ORDER_MEASURE = {"licht": 0.02, "middel": 0.12, "zwaar": 0.45}
ORDER_KINDS = {"toegangsontzegging": 0.15, "buitenfunctiestelling": 0.60, "schorsing": 0.25}
ORDER_DAYS = 180  # one decision, just under six months
ORDER_OVERLONG = 0.05

# Steps: of the cases a step applies to, the share not recorded (average unit), and of the recorded the share not done.
STEPS = {
    "MELD": (0.005, 0.0),
    "ONTV": (0.15, 0.08),
    "REG": (0.01, 0.0),
    "TRI": (0.08, 0.05),
    "OO": (0.08, 0.02),
    "STRAF": (0.06, 0.01),
    "OPDR": (0.04, 0.02),
    "KENN": (0.10, 0.05),
    "ORDE": (0.05, 0.01),
    "MIDD": (0.12, 0.01),
    "HOORG": (0.08, 0.03),
    "HOORB": (0.05, 0.04),
    "WEDER": (0.18, 0.14),
    "RAPP": (0.03, 0.01),
    "ADV": (0.06, 0.04),
    "VBSL": (0.10, 0.05),
    "SMO": (0.15, 0.08),
    "VOORN": (0.04, 0.01),
    "ZIENS": (0.08, 0.03),
    "AGFA": (0.15, 0.15),
    "BESL": (0.01, 0.0),
    "BEKEND": (0.12, 0.02),
    "TUL": (0.15, 0.02),
    "BEZW": (0.05, 0.0),
    "BEROEP": (0.05, 0.0),
    "NAZ": (0.30, 0.30),
    "SLUIT": (0.10, 0.02),
}
UNIT_NOT_RECORDED_SIGMA = 0.60  # on the logit
NOT_RECORDED_FROM_2021 = -0.40  # on the logit: registration improved
UNDATED = (0.03, 0.5)  # mean share undated of the steps done, and deviation of its logit between units
EVIDENCE = {"dated": 0.94, "undated": 0.65}
NOT_APPLICABLE_WRITTEN = 0.80  # of the recorded: a step that does not apply is written down as such
EMPTY_STATE = 0.15  # of the steps not recorded: a row with an empty state instead of no row
ZIENS_WAIVED = 0.08  # recorded as not used, written as not applicable
APPLIES = {"OO": 0.15, "MIDD": 0.30, "HOORG": 0.75}
ORDER_FAULTS = {"TRI_before_OPDR": 0.02, "KENN_before_HOORB": 0.04, "RAPP_before_ADV": 0.015, "SMO_before_VOORN": 0.03}

INVESTIGATED_ELSEWHERE = 0.07
WHISTLE_BLOWER_DAY = day("2023-02-18")

REVIEW_DOSSIERS = 120  # all read twice
REVIEWERS = ("L-01", "L-02", "L-03", "L-04", "L-05", "L-06")
REVIEW_ITEMS = {
    "OPDR": 0.80,
    "KENN": 0.70,
    "HOORB": 0.85,
    "WEDER": 0.55,
    "RAPP": 0.75,
    "ADV": 0.80,
    "VBSL": 0.65,
    "BESL": 0.85,
}
READER_ACCURACY = 0.88
NOT_RATED = 0.04


def expit(logit: np.ndarray) -> np.ndarray:
    """Return the probability of a logit."""
    return 1.0 / (1.0 + np.exp(-logit))


def logit(share: float | np.ndarray) -> np.ndarray:
    """Return the logit of a probability."""
    return np.log(np.asarray(share) / (1.0 - np.asarray(share)))


@dataclass(frozen=True)
class Plan:
    """The part of the truth that is drawn: effects by unit, arrays in the order of `UNITS`.

    Parameters
    ----------
    cases_per_year : int
        Disciplinary investigations a year, on average.
    duration : ndarray
        Factor on every stage.
    outcome, penalty : ndarray
        Shift of the logit of misconduct, and of the severity of the penalty.
    not_recorded : ndarray
        Shift of the logit of not recording a step.
    undated, finding_unrecorded : ndarray
        Shares.
    complexity, categories_before, categories_from : ndarray
        Case mix: a row a unit.
    """

    cases_per_year: int
    duration: np.ndarray
    outcome: np.ndarray
    penalty: np.ndarray
    not_recorded: np.ndarray
    undated: np.ndarray
    finding_unrecorded: np.ndarray
    complexity: np.ndarray
    categories_before: np.ndarray
    categories_from: np.ndarray


def draw_plan(cases_per_year: int, rng: np.random.Generator) -> Plan:
    """Draw the effects of the units."""
    n = len(UNITS)

    def mix(shares: dict[str, float]) -> np.ndarray:
        return rng.dirichlet(np.array(list(shares.values())) * MIX_CONCENTRATION, size=n)

    return Plan(
        cases_per_year=cases_per_year,
        duration=np.exp(rng.normal(0, UNIT_DURATION_SIGMA, n)),
        outcome=rng.normal(0, UNIT_OUTCOME_SIGMA, n),
        penalty=rng.normal(0, UNIT_PENALTY_SIGMA, n),
        not_recorded=rng.normal(0, UNIT_NOT_RECORDED_SIGMA, n),
        undated=expit(logit(UNDATED[0]) + rng.normal(0, UNDATED[1], n)),
        finding_unrecorded=expit(logit(FINDING_UNRECORDED[0]) + rng.normal(0, FINDING_UNRECORDED[1], n)),
        complexity=mix(COMPLEXITY),
        categories_before=mix(CATEGORIES_BEFORE),
        categories_from=mix(CATEGORIES_FROM),
    )


def choose(shares: dict[str, float], size: int, rng: np.random.Generator) -> np.ndarray:
    """Draw codes with the given shares."""
    weights = np.array(list(shares.values()))
    return rng.choice(np.array(list(shares), dtype=object), size=size, p=weights / weights.sum())


def choose_by_row(codes: tuple[str, ...], weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw one code a row, each row with its own weights (rows sum to one)."""
    drawn = (weights.cumsum(axis=1) < rng.random(len(weights))[:, None]).sum(axis=1)
    return np.array(codes, dtype=object)[np.minimum(drawn, len(codes) - 1)]


def look_up(values: Mapping[str, float], codes: np.ndarray) -> np.ndarray:
    """Return the value of each code."""
    return pd.Series(codes, dtype=object).map(values).to_numpy(dtype=float)
